// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/ToolWords.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/tools/SchemaFacts.h"

#include <QCoreApplication>
#include <QHash>
#include <QRegularExpression>

namespace lathe::toolwords {

namespace {
constexpr int MostPointers = 200;

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::ToolWords", text);
}

QString money(double usd)
{
    return QLatin1Char('$') + QString::number(usd, 'f', usd < 0.1 ? 4 : 2).remove(QRegularExpression(QStringLiteral("(?<=\\.\\d\\d)0+\\z")));
}

void collect(const QJsonValue &schema, const QJsonObject &root, const QString &at, int depth, QStringList *list)
{
    if (depth > 4 || list->size() >= MostPointers)
        return;
    const SchemaFacts facts = readSchema(schema, root);
    if (facts.kind == SchemaFacts::Kind::List) {
        collect(facts.schema.value(QStringLiteral("items")), root, at + QStringLiteral("/*"), depth + 1, list);
        return;
    }
    const QJsonObject properties = facts.schema.value(QStringLiteral("properties")).toObject();
    for (auto it = properties.begin(); it != properties.end() && list->size() < MostPointers; ++it) {
        const QString pointer = at + QLatin1Char('/')
            + QString(it.key()).replace(QLatin1Char('~'), QLatin1String("~0")).replace(QLatin1Char('/'), QLatin1String("~1"));
        list->append(pointer);
        collect(it.value(), root, pointer, depth + 1, list);
    }
}
}

QString icon(const QString &type)
{
    static const QHash<QString, QString> icons{
        {QStringLiteral("sql"), QStringLiteral("database")},       {QStringLiteral("http"), QStringLiteral("globe")},
        {QStringLiteral("files"), QStringLiteral("folder")},       {QStringLiteral("calculator"), QStringLiteral("calculator")},
        {QStringLiteral("current_time"), QStringLiteral("clock")}, {QStringLiteral("ask_human"), QStringLiteral("human")},
        {QStringLiteral("mcp"), QStringLiteral("connection")},     {QStringLiteral("openapi"), QStringLiteral("map")},
        {QStringLiteral("request"), QStringLiteral("link")},       {QStringLiteral("webhook"), QStringLiteral("bolt")},
        {QStringLiteral("web_page"), QStringLiteral("eye")},       {QStringLiteral("email"), QStringLiteral("output")},
        {QStringLiteral("script"), QStringLiteral("transform")},   {QStringLiteral("mock"), QStringLiteral("replay")},
        {QStringLiteral("agent"), QStringLiteral("agent")},        {QStringLiteral("team"), QStringLiteral("team")}};
    return icons.value(type, QStringLiteral("tool"));
}

ColorToken color(const QString &type)
{
    if (type == QLatin1String("agent") || type == QLatin1String("team"))
        return ColorToken::Agent;
    return type == QLatin1String("ask_human") ? ColorToken::Human : ColorToken::Tool;
}

QString effect(SideEffect effect)
{
    switch (effect) {
    case SideEffect::Read:
        return tr("only reads");
    case SideEffect::Write:
        return tr("changes things");
    case SideEffect::External:
        break;
    }
    return tr("acts outside");
}

ColorToken effectColor(SideEffect effect)
{
    return effect == SideEffect::Read ? ColorToken::Ok : ColorToken::Warning;
}

QString approval(const ToolPolicy &policy)
{
    switch (policy.approval) {
    case Approval::Always:
        return tr("runs at once");
    case Approval::Ask:
        return tr("asks each time");
    case Approval::AskFirst:
        return tr("asks the first time of a run");
    case Approval::AskWhen:
        return policy.askWhen.empty()       ? tr("asks when a rule matches")
             : policy.askWhen.size() == 1 ? tr("asks when %1").arg(rule(policy.askWhen.front()))
                                          : tr("asks when one of %1 rules matches").arg(policy.askWhen.size());
    case Approval::Never:
        break;
    }
    return tr("is always refused");
}

QString approvalChoice(Approval approval)
{
    switch (approval) {
    case Approval::Always:
        return tr("Run at once: nobody is asked");
    case Approval::Ask:
        return tr("Ask each time: a person decides about every call");
    case Approval::AskFirst:
        return tr("Ask the first time: then it may go on in that run");
    case Approval::AskWhen:
        return tr("Ask when the arguments match a rule");
    case Approval::Never:
        break;
    }
    return tr("Never: every call is refused");
}

Severity severity(Problem::Severity severity)
{
    return severity == Problem::Severity::Error ? Severity::Error : severity == Problem::Severity::Warning ? Severity::Warning : Severity::Info;
}

SideEffect sideEffectOf(const QJsonObject &body)
{
    const QString own = body.value(QStringLiteral("side_effect")).toString();
    for (const SideEffect effect : {SideEffect::Read, SideEffect::Write, SideEffect::External}) {
        if (own == sideEffectName(effect))
            return effect;
    }
    const ToolTypeInfo *type = toolType(body.value(QStringLiteral("type")).toString());
    return type ? type->sideEffectOf(body.value(QStringLiteral("config")).toObject()) : SideEffect::External;
}

bool idempotentOf(const QJsonObject &body)
{
    const QJsonValue own = body.value(QStringLiteral("idempotent"));
    const ToolTypeInfo *type = toolType(body.value(QStringLiteral("type")).toString());
    return own.isBool() ? own.toBool() : type && type->idempotent;
}

ToolPolicy policyOf(const QJsonObject &body)
{
    return ToolPolicy().overriddenBy(body);
}

QString rule(const ArgumentRule &rule)
{
    const QString value = rule.value.isUndefined() ? QString() : json::compactString(rule.value).left(60);
    const QString op = rule.op == QLatin1String("exists")       ? tr("is given")
                     : rule.op == QLatin1String("equals")       ? tr("is %1").arg(value)
                     : rule.op == QLatin1String("not_equals")   ? tr("is not %1").arg(value)
                     : rule.op == QLatin1String("contains")     ? tr("contains %1").arg(value)
                     : rule.op == QLatin1String("matches")      ? tr("matches %1").arg(value)
                     : rule.op == QLatin1String("greater")      ? tr("is over %1").arg(value)
                     : rule.op == QLatin1String("less")         ? tr("is under %1").arg(value)
                                                                : rule.op;
    return QStringLiteral("%1 %2").arg(rule.pointer.left(80), op);
}

QString seconds(double seconds)
{
    if (seconds >= 120 && seconds == double(int(seconds)) && int(seconds) % 60 == 0)
        return tr("%1 min").arg(int(seconds) / 60);
    return tr("%1 s").arg(QString::number(seconds, 'g', 6));
}

QString limits(const ToolPolicy &policy)
{
    QStringList parts{tr("%1 a run").arg(format::count(policy.limits.callsPerRun, tr("call"), tr("calls")))};
    if (policy.limits.callsPerMinute > 0)
        parts.append(tr("%1 a minute").arg(policy.limits.callsPerMinute));
    parts.append(seconds(policy.limits.seconds));
    const qint64 most = policy.limits.maxBytes;
    parts.append(most % 1024 == 0 ? tr("%1 KiB").arg(format::number(most / 1024)) : tr("%1 bytes").arg(format::number(most)));
    if (policy.limits.costUsd > 0)
        parts.append(money(policy.limits.costUsd));
    return parts.join(QStringLiteral(", "));
}

QString standardPurpose(const QJsonObject &body)
{
    const ToolTypeInfo *type = toolType(body.value(QStringLiteral("type")).toString());
    if (!type)
        return QString();
    const bool writes = type->type == QLatin1String("sql") && body.value(QStringLiteral("config"))[QLatin1String("mode")].toString() == QLatin1String("write");
    // The model reads it: not translated.
    return writes ? QStringLiteral("Query or change the data with one SQL statement; a SELECT gives its rows back.")
                  : type->defaultBody.value(QStringLiteral("purpose")).toString();
}

QString sentence(const QJsonObject &body)
{
    const ToolPolicy policy = policyOf(body);
    QStringList parts;
    QString first = approval(policy);
    first[0] = first[0].toUpper();
    parts.append(first);
    if (policy.approval == Approval::Never)
        return first + QLatin1Char('.');
    const bool asks = policy.approval != Approval::Always;
    if (asks && policy.unattended == Unattended::Allow)
        parts.append(tr("runs unasked when nobody is there"));
    else if (asks && policy.unattended == Unattended::Stop)
        parts.append(tr("stops the run when nobody is there"));
    parts.append(effect(sideEffectOf(body)));
    QString bounds = tr("at most %1, %2 each").arg(tr("%1 a run").arg(format::count(policy.limits.callsPerRun, tr("call"), tr("calls"))),
                                                   seconds(policy.limits.seconds));
    if (policy.limits.callsPerMinute > 0)
        bounds += tr(", %1 a minute").arg(policy.limits.callsPerMinute);
    if (policy.limits.costUsd > 0)
        bounds += tr(", %1 a run").arg(money(policy.limits.costUsd));
    parts.append(bounds);
    if (!policy.allowedHosts.isEmpty())
        parts.append(tr("reaches only %1").arg(policy.allowedHosts.mid(0, 2).join(QStringLiteral(", "))
                                               + (policy.allowedHosts.size() > 2 ? tr(" and %1 more").arg(policy.allowedHosts.size() - 2) : QString())));
    if (!policy.allowedPaths.isEmpty())
        parts.append(tr("stays beneath %1").arg(policy.allowedPaths.mid(0, 2).join(QStringLiteral(", "))
                                                + (policy.allowedPaths.size() > 2 ? tr(" and %1 more").arg(policy.allowedPaths.size() - 2) : QString())));
    if (policy.retries > 0 && idempotentOf(body))
        parts.append(tr("tries again %1").arg(format::count(policy.retries, tr("time"), tr("times"))));
    if (policy.cacheSeconds > 0)
        parts.append(tr("remembers answers for %1").arg(seconds(policy.cacheSeconds)));
    if (policy.results == ResultHandling::Delimited)
        parts.append(tr("results are marked as data"));
    else if (policy.results == ResultHandling::Stripped)
        parts.append(tr("results are stripped to text"));
    if (!policy.redact.isEmpty())
        parts.append(tr("hides %1").arg(format::count(policy.redact.size(), tr("field"), tr("fields"))));
    return parts.join(QStringLiteral("; ")) + QLatin1Char('.');
}

QJsonObject overridden(const QJsonObject &body, const QJsonObject &override)
{
    QJsonObject result = body;
    for (auto it = override.begin(); it != override.end(); ++it) {
        if (it.key() != QLatin1String("limits")) {
            result.insert(it.key(), it.value());
            continue;
        }
        QJsonObject limits = result.value(it.key()).toObject();
        const QJsonObject own = it.value().toObject();
        for (auto one = own.begin(); one != own.end(); ++one)
            limits.insert(one.key(), one.value());
        result.insert(it.key(), limits);
    }
    return result;
}

QStringList pointers(const QJsonObject &schema)
{
    QStringList list;
    collect(schema, schema, QString(), 0, &list);
    return list;
}

} // namespace lathe::toolwords
