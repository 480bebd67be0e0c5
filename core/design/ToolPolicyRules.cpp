// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/ToolPolicyRules.h"

#include "core/base/Json.h"

#include <QRegularExpression>

#include <algorithm>

namespace lathe {

const QStringList argumentRuleOps{QStringLiteral("exists"),  QStringLiteral("equals"),  QStringLiteral("not_equals"), QStringLiteral("contains"),
                                  QStringLiteral("matches"), QStringLiteral("greater"), QStringLiteral("less")};

namespace {
constexpr size_t mostValues = 10'000;
constexpr qsizetype longestSubject = 100'000; // characters that an expression is tried on

QStringList stepsOf(const QString &pointer)
{
    QStringList steps = pointer.split(QLatin1Char('/'));
    steps.removeFirst(); // what stands before the first slash
    for (QString &step : steps)
        step.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
    return steps;
}

void collect(const QJsonValue &value, const QStringList &steps, qsizetype at, std::vector<QJsonValue> *found)
{
    if (found->size() >= mostValues)
        return;
    if (at == steps.size()) {
        if (!value.isUndefined())
            found->push_back(value);
        return;
    }
    const QString &step = steps[at];
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        if (step == QLatin1String("*")) {
            for (const QJsonValue &member : object)
                collect(member, steps, at + 1, found);
        } else if (const auto member = object.constFind(step); member != object.constEnd()) {
            collect(member.value(), steps, at + 1, found);
        }
    } else if (value.isArray()) {
        const QJsonArray array = value.toArray();
        if (step == QLatin1String("*")) {
            for (const QJsonValue &item : array)
                collect(item, steps, at + 1, found);
        } else {
            bool number = false;
            const qlonglong index = step.toLongLong(&number);
            if (number && index >= 0 && index < array.size())
                collect(array.at(index), steps, at + 1, found);
        }
    }
}

QJsonValue replaced(const QJsonValue &value, const QStringList &steps, qsizetype at, const QJsonValue &with)
{
    if (at == steps.size())
        return value.isUndefined() ? value : with;
    const QString &step = steps[at];
    const bool all = step == QLatin1String("*");
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        for (auto member = object.begin(); member != object.end(); ++member) {
            if (all || member.key() == step)
                *member = replaced(*member, steps, at + 1, with);
        }
        return object;
    }
    if (value.isArray()) {
        QJsonArray array = value.toArray();
        bool number = false;
        const qlonglong index = step.toLongLong(&number);
        for (qsizetype i = 0; i < array.size(); ++i) {
            if (all || (number && i == index))
                array[i] = replaced(array.at(i), steps, at + 1, with);
        }
        return array;
    }
    return value;
}

bool containsValue(const QJsonValue &value, const QJsonValue &wanted)
{
    if (value.isArray()) {
        const QJsonArray items = value.toArray();
        return std::any_of(items.begin(), items.end(), [&wanted](const QJsonValue &item) {
            return item == wanted || (item.isString() && wanted.isString() && item.toString().contains(wanted.toString(), Qt::CaseInsensitive));
        });
    }
    if (value.isObject())
        return value.toObject().contains(wanted.toString());
    return (value.isString() ? value.toString() : json::compactString(value)).contains(wanted.toString(), Qt::CaseInsensitive);
}

bool matchesExpression(const QJsonValue &value, const QString &pattern)
{
    const QString text = value.isString() ? value.toString() : json::compactString(value);
    const QRegularExpression expression(pattern);
    if (!expression.isValid() || text.size() > longestSubject)
        return true;
    const auto match = expression.match(text);
    return !match.isValid() || match.hasMatch(); // invalid: it would have taken too long
}

// Nothing when it is no number.
std::optional<double> numberOf(const QJsonValue &value)
{
    if (value.isDouble())
        return value.toDouble();
    bool number = false;
    const double parsed = value.toString().trimmed().toDouble(&number);
    return number ? std::optional<double>(parsed) : std::nullopt;
}

bool valueMatches(const ArgumentRule &rule, const QJsonValue &value)
{
    if (rule.op == QLatin1String("exists"))
        return true;
    if (rule.op == QLatin1String("equals"))
        return value == rule.value;
    if (rule.op == QLatin1String("not_equals"))
        return value != rule.value;
    if (rule.op == QLatin1String("contains"))
        return containsValue(value, rule.value);
    if (rule.op == QLatin1String("matches"))
        return matchesExpression(value, rule.value.toString());
    const auto number = numberOf(value);
    const auto bound = numberOf(rule.value);
    if (!number || !bound)
        return true;
    if (rule.op == QLatin1String("greater"))
        return *number > *bound;
    return rule.op != QLatin1String("less") || *number < *bound;
}
} // namespace

ToolLimits keptLimits(ToolLimits limits)
{
    const ToolLimits usual;
    limits.callsPerRun = limits.callsPerRun < 1 ? usual.callsPerRun : limits.callsPerRun;
    limits.seconds = limits.seconds > 0 ? std::min(limits.seconds, 7 * 24 * 3600.0) : usual.seconds; // also of what is no number
    limits.maxBytes = limits.maxBytes < 1 ? usual.maxBytes : std::min<qint64>(limits.maxBytes, 1024 * 1024 * 1024);
    limits.callsPerMinute = std::max(limits.callsPerMinute, 0);
    limits.costUsd = limits.costUsd > 0 ? limits.costUsd : 0;
    return limits;
}

std::vector<QJsonValue> valuesAt(const QJsonValue &root, const QString &pointer)
{
    std::vector<QJsonValue> found;
    collect(root, pointer.isEmpty() ? QStringList() : stepsOf(pointer), 0, &found);
    return found;
}

QJsonValue replacedAt(const QJsonValue &root, const QString &pointer, const QJsonValue &value)
{
    return replaced(root, pointer.isEmpty() ? QStringList() : stepsOf(pointer), 0, value);
}

bool pointersMeet(const QString &a, const QString &b)
{
    const QStringList one = a.isEmpty() ? QStringList() : stepsOf(a), other = b.isEmpty() ? QStringList() : stepsOf(b);
    const QString any = QStringLiteral("*");
    for (qsizetype i = 0; i < std::min(one.size(), other.size()); ++i) {
        if (one[i] != other[i] && one[i] != any && other[i] != any)
            return false;
    }
    return true;
}

bool ruleMatches(const ArgumentRule &rule, const QJsonObject &arguments)
{
    const std::vector<QJsonValue> values = valuesAt(arguments, rule.pointer);
    if (values.empty())
        return rule.op == QLatin1String("not_equals");
    if (values.size() >= mostValues)
        return true;
    return std::any_of(values.begin(), values.end(), [&rule](const QJsonValue &value) { return valueMatches(rule, value); });
}

QString ruleText(const ArgumentRule &rule)
{
    const QString what = rule.pointer.isEmpty() ? QStringLiteral("The call") : rule.pointer;
    const QString value = json::compactString(rule.value).left(200);
    const auto say = [&](const char *verb) { return QStringLiteral("%1 %2 %3.").arg(what, QString::fromLatin1(verb), value); };
    if (rule.op == QLatin1String("equals"))
        return say("is");
    if (rule.op == QLatin1String("not_equals"))
        return say("is not");
    if (rule.op == QLatin1String("contains"))
        return say("contains");
    if (rule.op == QLatin1String("matches"))
        return say("matches");
    if (rule.op == QLatin1String("greater"))
        return say("is greater than");
    if (rule.op == QLatin1String("less"))
        return say("is less than");
    return QStringLiteral("%1 is given.").arg(what);
}

QString redactedMark()
{
    return QStringLiteral("[redacted]");
}

QStringList redactedPointers(const ToolPolicy &policy, const QString &part)
{
    QStringList pointers;
    const QString start = QLatin1Char('/') + part;
    for (const QString &pointer : policy.redact) {
        if (pointer == start || pointer.startsWith(start + QLatin1Char('/')))
            pointers.append(pointer.mid(start.size()));
    }
    return pointers;
}

QJsonValue redactedCopy(const QJsonValue &value, const QStringList &pointers)
{
    QJsonValue copy = value;
    for (const QString &pointer : pointers)
        copy = replacedAt(copy, pointer, redactedMark());
    return copy;
}

bool hasRedacted(const QJsonValue &value, const QStringList &pointers)
{
    for (const QString &pointer : pointers) {
        for (const QJsonValue &found : valuesAt(value, pointer)) {
            if (found.isString() && found.toString() == redactedMark())
                return true;
        }
    }
    return false;
}

} // namespace lathe
