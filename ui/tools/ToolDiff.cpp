// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolDiff.h"

#include "core/base/Json.h"
#include "core/design/ToolSpec.h"
#include "ui/itemmodels/Format.h"
#include "ui/tools/SchemaFacts.h"
#include "ui/tools/ToolWords.h"

#include <QCoreApplication>
#include <QSet>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t MostChanges = 2000;
constexpr int MostDepth = 6;
using Kind = ToolChange::Kind;
using Area = ToolChange::Area;

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::ToolDiff", text);
}

QString words(const QJsonValue &value)
{
    if (value.isUndefined())
        return QString();
    if (value.isBool())
        return value.toBool() ? tr("yes") : tr("no");
    if (value.isArray()) {
        QStringList parts;
        for (const QJsonValue &one : value.toArray())
            parts.append(one.isString() ? one.toString() : json::compactString(one));
        return parts.isEmpty() ? tr("none") : format::oneLine(parts.join(QStringLiteral(", ")), 400);
    }
    return value.isString() ? (value.toString().isEmpty() ? tr("empty") : value.toString()) : format::oneLine(json::compactString(value), 400);
}

QStringList keysOf(const QJsonObject &a, const QJsonObject &b)
{
    QStringList keys = a.keys();
    for (const QString &key : b.keys()) {
        if (!a.contains(key))
            keys.append(key);
    }
    return keys;
}

class Comparison
{
public:
    std::vector<ToolChange> list;
    bool full() const { return list.size() >= MostChanges; }
    void add(ToolChange change)
    {
        if (!full())
            list.push_back(std::move(change));
    }
    void value(Area area, const QString &what, const QJsonValue &before, const QJsonValue &after, const QString &function = QString())
    {
        if (before == after)
            return;
        ToolChange change;
        change.area = area;
        change.kind = before.isUndefined() ? Kind::Added : after.isUndefined() ? Kind::Removed : Kind::Changed;
        change.function = function;
        change.what = what;
        change.before = words(before);
        change.after = words(after);
        const auto isLong = [](const QJsonValue &one) { return one.isString() && (one.toString().size() > 60 || one.toString().contains(QLatin1Char('\n'))); };
        change.isText = change.kind == Kind::Changed && (isLong(before) || isLong(after));
        add(std::move(change));
    }
    // A member of a policy, as words; `looser` when the new one lets more through.
    void policy(const QString &what, const QString &before, const QString &after, bool looser, const QString &function)
    {
        if (before == after)
            return;
        ToolChange change;
        change.area = function.isEmpty() ? Area::Policy : Area::Functions;
        change.function = function;
        change.what = what;
        change.before = before;
        change.after = after;
        change.looser = looser;
        add(std::move(change));
    }
};

int strictness(Approval approval)
{
    switch (approval) {
    case Approval::Always:
        return 0;
    case Approval::AskWhen:
        return 1;
    case Approval::AskFirst:
        return 2;
    case Approval::Ask:
        return 3;
    case Approval::Never:
        return 4;
    }
    return 0;
}

// A list that allows: empty allows all.
bool isWider(const QStringList &before, const QStringList &after)
{
    if (before.isEmpty())
        return false;
    return after.isEmpty() || std::any_of(after.begin(), after.end(), [&](const QString &one) { return !before.contains(one); });
}

QString listed(const QStringList &list, const QString &none)
{
    return list.isEmpty() ? none : list.join(QStringLiteral(", "));
}

QString bound(double value, const QString &unit, const QString &none)
{
    return value <= 0 ? none : unit.arg(QString::number(value, 'g', 8));
}

QString yesNo(const std::optional<bool> &value)
{
    return !value ? tr("as the type says") : *value ? tr("yes") : tr("no");
}

QStringList ruleWords(const std::vector<ArgumentRule> &rules)
{
    QStringList list;
    for (const ArgumentRule &rule : rules)
        list.append(toolwords::rule(rule));
    return list;
}

void comparePolicies(Comparison *all, const ToolPolicy &a, const ToolPolicy &b, const QString &function)
{
    const QString none = tr("no bound");
    all->policy(tr("Approval"), toolwords::approval(a), toolwords::approval(b), strictness(b.approval) < strictness(a.approval), function);
    if (ruleWords(a.askWhen) != ruleWords(b.askWhen))
        all->policy(tr("Ask when"), listed(ruleWords(a.askWhen), tr("no rule")), listed(ruleWords(b.askWhen), tr("no rule")), b.askWhen.size() < a.askWhen.size(), function);
    all->policy(tr("Nobody there"), unattendedName(a.unattended), unattendedName(b.unattended), b.unattended == Unattended::Allow, function);
    const auto effect = [](const ToolPolicy &p) { return p.sideEffect ? toolwords::effect(*p.sideEffect) : tr("as the type says"); };
    all->policy(tr("Side effect"), effect(a), effect(b), false, function);
    all->policy(tr("Repeatable"), yesNo(a.idempotent), yesNo(b.idempotent), b.idempotent.value_or(false) && !a.idempotent.value_or(false), function);
    all->policy(tr("Calls of a run"), QString::number(a.limits.callsPerRun), QString::number(b.limits.callsPerRun), b.limits.callsPerRun > a.limits.callsPerRun, function);
    all->policy(tr("Calls a minute"), bound(a.limits.callsPerMinute, QStringLiteral("%1"), none), bound(b.limits.callsPerMinute, QStringLiteral("%1"), none),
                a.limits.callsPerMinute > 0 && (b.limits.callsPerMinute == 0 || b.limits.callsPerMinute > a.limits.callsPerMinute), function);
    all->policy(tr("Time of a call"), toolwords::seconds(a.limits.seconds), toolwords::seconds(b.limits.seconds), b.limits.seconds > a.limits.seconds, function);
    all->policy(tr("Answer at most"), format::bytes(a.limits.maxBytes), format::bytes(b.limits.maxBytes), b.limits.maxBytes > a.limits.maxBytes, function);
    all->policy(tr("Price of a call"), bound(a.costPerCallUsd, QStringLiteral("$%1"), tr("free")), bound(b.costPerCallUsd, QStringLiteral("$%1"), tr("free")), false, function);
    all->policy(tr("Spend at most"), bound(a.limits.costUsd, QStringLiteral("$%1"), none), bound(b.limits.costUsd, QStringLiteral("$%1"), none),
                a.limits.costUsd > 0 && (b.limits.costUsd <= 0 || b.limits.costUsd > a.limits.costUsd), function);
    all->policy(tr("Only these hosts"), listed(a.allowedHosts, tr("as the settings say")), listed(b.allowedHosts, tr("as the settings say")), isWider(a.allowedHosts, b.allowedHosts), function);
    all->policy(tr("Only beneath"), listed(a.allowedPaths, tr("as the settings say")), listed(b.allowedPaths, tr("as the settings say")), isWider(a.allowedPaths, b.allowedPaths), function);
    all->policy(tr("Try again"), QString::number(a.retries), QString::number(b.retries), false, function);
    all->policy(tr("Remember answers"), bound(a.cacheSeconds, tr("%1 s"), tr("never")), bound(b.cacheSeconds, tr("%1 s"), tr("never")), false, function);
    all->policy(tr("The model gets"), resultHandlingName(a.results), resultHandlingName(b.results), int(b.results) < int(a.results), function);
    all->policy(tr("Hidden"), listed(a.redact, tr("nothing")), listed(b.redact, tr("nothing")),
                std::any_of(a.redact.begin(), a.redact.end(), [&](const QString &one) { return !b.redact.contains(one); }), function);
}

void compareSchemas(std::vector<ToolChange> *list, const QJsonValue &before, const QJsonObject &oldRoot, const QJsonValue &after, const QJsonObject &newRoot,
                    const QString &path, const QString &noun, int depth)
{
    if (depth > MostDepth || list->size() >= 300)
        return;
    const SchemaFacts a = readSchema(before, oldRoot), b = readSchema(after, newRoot);
    const auto add = [&](Kind kind, const QString &what, const QString &from, const QString &to, bool isText = false) {
        ToolChange change;
        change.area = Area::Functions;
        change.kind = kind;
        change.what = what;
        change.before = from;
        change.after = to;
        change.isText = isText;
        if (list->size() < 300)
            list->push_back(std::move(change));
    };
    const QString subject = path.isEmpty() ? noun : QStringLiteral("%1 %2").arg(noun, path);
    const QString was = schemaWords(before, oldRoot), is = schemaWords(after, newRoot);
    if (was != is && !path.isEmpty())
        add(Kind::Changed, subject, was, is);
    else if (a.kind == SchemaFacts::Kind::Choice && b.kind == SchemaFacts::Kind::Choice) {
        QStringList lost, won;
        const auto has = [](const SchemaFacts &facts, const QJsonValue &value) {
            return std::any_of(facts.choices.begin(), facts.choices.end(), [&](const SchemaFacts::Choice &one) { return one.value == value; });
        };
        for (const SchemaFacts::Choice &one : a.choices) {
            if (!has(b, one.value))
                lost.append(one.title);
        }
        for (const SchemaFacts::Choice &one : b.choices) {
            if (!has(a, one.value))
                won.append(one.title);
        }
        if (!lost.isEmpty() || !won.isEmpty())
            add(Kind::Changed, tr("%1: choices").arg(subject), lost.join(QStringLiteral(", ")).left(300), won.join(QStringLiteral(", ")).left(300));
    }
    if (!path.isEmpty() && a.description() != b.description())
        add(Kind::Changed, tr("%1: description").arg(subject), a.description(), b.description(), true);
    static const char *const bounds[] = {"minimum",  "maximum",   "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
                                         "minItems", "maxItems", "uniqueItems",      "format",           "default",    "additionalProperties"};
    for (const char *key : bounds) {
        const QJsonValue from = a.schema.value(QLatin1String(key)), to = b.schema.value(QLatin1String(key));
        if (from != to && !(from.isObject() || to.isObject()))
            add(from.isUndefined() ? Kind::Added : to.isUndefined() ? Kind::Removed : Kind::Changed, QStringLiteral("%1: %2").arg(subject, QLatin1String(key)), words(from), words(to));
    }
    const QJsonObject oldMembers = a.schema.value(QStringLiteral("properties")).toObject(), newMembers = b.schema.value(QStringLiteral("properties")).toObject();
    const QStringList oldRequired = json::toStringList(a.schema.value(QStringLiteral("required"))), newRequired = json::toStringList(b.schema.value(QStringLiteral("required")));
    for (const QString &name : keysOf(oldMembers, newMembers)) {
        const QString member = path.isEmpty() ? name : path + QLatin1Char('.') + name;
        const QString of = QStringLiteral("%1 %2").arg(noun, member);
        const bool needed = newRequired.contains(name);
        if (!oldMembers.contains(name))
            add(Kind::Added, of, QString(), schemaWords(newMembers.value(name), newRoot) + (needed ? tr(", required") : QString()));
        else if (!newMembers.contains(name))
            add(Kind::Removed, of, schemaWords(oldMembers.value(name), oldRoot), QString());
        else {
            if (oldRequired.contains(name) != needed)
                add(Kind::Changed, of, needed ? tr("may be left out") : tr("required"), needed ? tr("required") : tr("may be left out"));
            compareSchemas(list, oldMembers.value(name), oldRoot, newMembers.value(name), newRoot, member, noun, depth + 1);
        }
    }
    if (a.kind == SchemaFacts::Kind::List && b.kind == SchemaFacts::Kind::List && was == is)
        compareSchemas(list, a.schema.value(QStringLiteral("items")), oldRoot, b.schema.value(QStringLiteral("items")), newRoot, path + QStringLiteral("[]"), noun, depth + 1);
}

// `policy`: of the whole tool as it is now, which an override stands on.
void compareFunctions(Comparison *all, const std::vector<ToolFunction> &before, const std::vector<ToolFunction> &after, const ToolPolicy &policy)
{
    QHash<QString, const ToolFunction *> old;
    QSet<QString> names;
    for (const ToolFunction &one : before)
        old.insert(one.name, &one);
    const auto whole = [&](Kind kind, const ToolFunction &one) {
        ToolChange change;
        change.area = Area::Functions;
        change.kind = kind;
        change.function = one.name;
        (kind == Kind::Added ? change.after : change.before) = format::oneLine(one.description, 200);
        all->add(std::move(change));
    };
    for (const ToolFunction &one : after) {
        names.insert(one.name);
        const ToolFunction *was = old.value(one.name);
        if (!was) {
            whole(Kind::Added, one);
            continue;
        }
        if (*was == one)
            continue;
        if (was->enabled != one.enabled)
            all->policy(tr("Switched"), was->enabled ? tr("on") : tr("off"), one.enabled ? tr("on") : tr("off"), one.enabled, one.name);
        all->value(Area::Functions, tr("title"), was->title, one.title, one.name);
        if (was->description != one.description) {
            ToolChange change;
            change.area = Area::Functions;
            change.function = one.name;
            change.what = tr("description");
            change.before = was->description;
            change.after = one.description;
            change.isText = true;
            all->add(std::move(change));
        }
        for (const auto &[from, to, noun] : {std::tuple(was->inputSchema, one.inputSchema, tr("argument")), std::tuple(was->outputSchema, one.outputSchema, tr("result"))}) {
            if (from == to)
                continue;
            auto changes = schemaChanges(from, to, noun);
            if (changes.empty()) {
                ToolChange change;
                change.area = Area::Functions;
                change.what = noun == tr("result") ? tr("schema of the result") : tr("schema of the arguments");
                change.before = tr("other details");
                changes.push_back(change);
            }
            for (ToolChange &change : changes) {
                change.function = one.name;
                all->add(std::move(change));
            }
        }
        for (const QString &key : keysOf(was->annotations, one.annotations))
            all->value(Area::Functions, tr("hint %1").arg(key), was->annotations.value(key), one.annotations.value(key), one.name);
        if (was->request != one.request)
            all->value(Area::Functions, tr("request"), was->request, one.request, one.name);
        if (was->policy != one.policy)
            comparePolicies(all, policy.overriddenBy(was->policy), policy.overriddenBy(one.policy), one.name);
    }
    for (const ToolFunction &one : before) {
        if (!names.contains(one.name))
            whole(Kind::Removed, one);
    }
}
}

QString schemaWords(const QJsonValue &schema, const QJsonObject &root)
{
    using K = SchemaFacts::Kind;
    const SchemaFacts facts = readSchema(schema, root);
    QString text;
    switch (facts.kind) {
    case K::Text:
    case K::LongText:
        text = tr("text");
        break;
    case K::Number:
        text = tr("number");
        break;
    case K::Integer:
        text = tr("whole number");
        break;
    case K::Boolean:
        text = tr("true or false");
        break;
    case K::Choice:
        text = facts.choices.size() == 1 ? tr("only %1").arg(facts.choices.front().title.left(60)) : tr("one of %1").arg(facts.choices.size());
        break;
    case K::Checks:
        text = tr("any of %1").arg(facts.choices.size());
        break;
    case K::List: {
        const SchemaFacts items = readSchema(facts.schema.value(QStringLiteral("items")), root);
        text = items.kind == K::Text || items.kind == K::LongText ? tr("list of texts")
             : items.kind == K::Number || items.kind == K::Integer ? tr("list of numbers")
             : items.kind == K::Object ? tr("list of objects") : tr("list");
        break;
    }
    case K::Object:
        text = tr("object");
        break;
    case K::Variants:
        text = tr("one of %1 forms").arg(facts.variants.size());
        break;
    case K::Any: {
        const QString type = facts.schema.value(QStringLiteral("type")).toString();
        text = type == QLatin1String("object") ? tr("object") : type == QLatin1String("array") ? tr("list") : tr("anything");
        break;
    }
    }
    return facts.nullable ? tr("%1 or null").arg(text) : text;
}

std::vector<ToolChange> schemaChanges(const QJsonObject &before, const QJsonObject &after, const QString &noun)
{
    std::vector<ToolChange> list;
    compareSchemas(&list, before, before, after, after, QString(), noun, 0);
    return list;
}

std::vector<ToolChange> toolChanges(const QJsonObject &before, const QJsonObject &after)
{
    Comparison all;
    all.value(Area::Purpose, tr("Type"), before.value(QStringLiteral("type")), after.value(QStringLiteral("type")));
    all.value(Area::Purpose, tr("Purpose"), before.value(QStringLiteral("purpose")), after.value(QStringLiteral("purpose")));
    // Settings by their labels; what no form shows by its key.
    const ToolTypeInfo *type = toolType(after.value(QStringLiteral("type")).toString());
    QHash<QString, QString> labels;
    if (type) {
        for (const SettingField &field : type->fields)
            labels.insert(field.pointer.section(QLatin1Char('/'), 2), field.label);
    }
    const QJsonObject oldConfig = before.value(QStringLiteral("config")).toObject(), newConfig = after.value(QStringLiteral("config")).toObject();
    for (const QString &key : keysOf(oldConfig, newConfig)) {
        const QJsonValue from = oldConfig.value(key), to = newConfig.value(key);
        // What changed in shared definitions shows in the functions that use them.
        if (key == QLatin1String("tools") || key == QLatin1String("schemas") || from == to)
            continue;
        const QString label = labels.value(key, key);
        if (from.isObject() && to.isObject() && (key == QLatin1String("parameters") || key == QLatin1String("output_schema"))) {
            for (ToolChange change : schemaChanges(from.toObject(), to.toObject(), key == QLatin1String("parameters") ? tr("argument") : tr("result"))) {
                change.area = Area::Settings;
                all.add(std::move(change));
            }
        } else if (from.isObject() && to.isObject()) {
            for (const QString &member : keysOf(from.toObject(), to.toObject()))
                all.value(Area::Settings, QStringLiteral("%1: %2").arg(label, member), from.toObject().value(member), to.toObject().value(member));
        } else {
            all.value(Area::Settings, label, from, to);
        }
    }
    const ToolPolicy oldPolicy = toolwords::policyOf(before), newPolicy = toolwords::policyOf(after);
    compareFunctions(&all, toolFunctions(oldConfig), toolFunctions(newConfig), newPolicy);
    comparePolicies(&all, oldPolicy, newPolicy, QString());
    const qsizetype had = before.value(QStringLiteral("examples")).toArray().size(), has = after.value(QStringLiteral("examples")).toArray().size();
    if (before.value(QStringLiteral("examples")) != after.value(QStringLiteral("examples"))) {
        ToolChange change;
        change.area = Area::Examples;
        change.what = tr("Examples");
        change.before = QString::number(had);
        change.after = had == has ? tr("%1, others").arg(has) : QString::number(has);
        all.add(std::move(change));
    }
    std::stable_sort(all.list.begin(), all.list.end(), [](const ToolChange &a, const ToolChange &b) { return a.area < b.area; });
    return std::move(all.list);
}

} // namespace lathe
