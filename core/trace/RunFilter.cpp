// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RunFilter.h"

#include "core/trace/RunEvent.h"
#include "core/trace/RunFilterText.h"

#include <cmath>

namespace lathe {

using namespace filter;

namespace {
RunFilter conditionFilter(RunCondition condition)
{
    RunFilter filter;
    filter.kind = RunFilter::Kind::Condition;
    filter.condition = std::move(condition);
    return filter;
}

// No run has this number.
RunFilter never()
{
    return conditionFilter({RunField::Id, RunComparison::Is, QString(), 0, 0});
}

// "triage@3" in its parts.
void splitReference(RunCondition *condition)
{
    if (condition->revision != 0)
        return;
    const qsizetype at = condition->text.lastIndexOf(QLatin1Char('@'));
    if (at < 0)
        return;
    const QString which = condition->text.mid(at + 1);
    const bool digits = !which.isEmpty() && std::all_of(which.begin(), which.end(), [](QChar c) {
        return c >= QLatin1Char('0') && c <= QLatin1Char('9');
    });
    bool ok = false;
    int number = digits ? which.toInt(&ok) : 0;
    if (which.compare(QLatin1String("draft"), Qt::CaseInsensitive) == 0 || (ok && number == 0)) {
        number = -1;
        ok = true;
    }
    if (!ok)
        return;
    condition->text.truncate(at);
    condition->revision = number;
}

RunFilter normalCondition(RunCondition condition)
{
    const FieldInfo &info = fieldInfo(condition.field);
    const bool any = condition.text == QLatin1String("*") && condition.revision == 0;
    if (info.type == FieldType::Flag && any)
        return conditionFilter({condition.field, RunComparison::Is, QString(), 1, 0});
    if (any)
        return conditionFilter({condition.field, RunComparison::Is, QStringLiteral("*"), 0, 0});
    if (isNumber(info.type)) {
        if (!std::isfinite(condition.number))
            return never();
        condition.text.clear();
        condition.revision = 0;
        if (info.type == FieldType::Flag) {
            condition.comparison = RunComparison::Is;
            condition.number = condition.number != 0 ? 1 : 0;
        }
        return conditionFilter(std::move(condition));
    }
    condition.number = 0;
    condition.comparison = RunComparison::Is;
    if (condition.text.isNull())
        condition.text = QLatin1String("");
    if (info.type == FieldType::Status) {
        condition.text = condition.text.toLower();
        if (runStatusName(runStatusFromName(condition.text)) != condition.text)
            return never();
    }
    if (info.type == FieldType::Reference) {
        splitReference(&condition);
        condition.revision = std::max(condition.revision, -1);
    } else {
        condition.revision = 0;
    }
    return conditionFilter(std::move(condition));
}

const char *signOf(RunComparison comparison)
{
    switch (comparison) {
    case RunComparison::Less:
        return "<";
    case RunComparison::LessOrEqual:
        return "<=";
    case RunComparison::Greater:
        return ">";
    case RunComparison::GreaterOrEqual:
        return ">=";
    case RunComparison::Is:
        break;
    }
    return ":";
}

QString conditionValue(const RunCondition &condition, FieldType type)
{
    switch (type) {
    case FieldType::Duration:
        return durationText(condition.number);
    case FieldType::Flag:
        return condition.number != 0 ? QStringLiteral("yes") : QStringLiteral("no");
    case FieldType::Time:
        return timeText(condition.number);
    case FieldType::Reference: {
        QString text = condition.text;
        if (condition.revision != 0)
            text += condition.revision < 0 ? QStringLiteral("@draft") : QStringLiteral("@%1").arg(condition.revision);
        return valueText(text);
    }
    default:
        return isNumber(type) ? numberText(condition.number) : valueText(condition.text);
    }
}

// A word that can stand without a field.
QString wordText(const QString &text)
{
    const bool sign = std::any_of(text.begin(), text.end(), [](QChar c) { return QStringLiteral(":<>=").contains(c); });
    const QString lower = text.toLower();
    if (sign || text.startsWith(QLatin1Char('-')) || lower == QLatin1String("or") || lower == QLatin1String("and")
        || lower == QLatin1String("not"))
        return quoted(text);
    return valueText(text);
}

QString conditionText(const RunCondition &condition)
{
    const FieldInfo &info = fieldInfo(condition.field);
    const QString name = QLatin1String(info.name);
    if (condition.field == RunField::Text)
        return wordText(condition.text);
    if (condition.text == QLatin1String("*") && condition.revision == 0)
        return QStringLiteral("has:") + name;
    if (condition.field == RunField::Pinned && condition.number != 0)
        return QStringLiteral("is:pinned");
    const QString value = conditionValue(condition, info.type);
    if (condition.field != RunField::Started)
        return name + QLatin1String(signOf(condition.comparison)) + value;
    // A date names a whole day, so that only "since" and "before" are the instant itself.
    const bool date = value.size() == 10 && !value.startsWith(QLatin1Char('@'));
    if (condition.comparison == RunComparison::GreaterOrEqual)
        return QStringLiteral("since:") + value;
    if (condition.comparison == RunComparison::Less || !date)
        return name + QLatin1String(signOf(condition.comparison)) + value;
    return name + QLatin1String(signOf(condition.comparison)) + QLatin1Char('@') + numberText(condition.number);
}

// agent:a,b
QString listText(const std::vector<RunFilter> &parts)
{
    QStringList values;
    const RunField field = parts.front().condition.field;
    for (const RunFilter &part : parts) {
        const RunCondition &condition = part.condition;
        const bool plain = part.kind == RunFilter::Kind::Condition && condition.field == field
                           && condition.comparison == RunComparison::Is && condition.text != QLatin1String("*");
        if (!plain || field == RunField::Text || field == RunField::Started || field == RunField::Pinned)
            return {};
        values.append(conditionValue(condition, fieldInfo(field).type));
    }
    return runFieldName(field) + QLatin1Char(':') + values.join(QLatin1Char(','));
}

QString textOf(const RunFilter &filter, bool inner)
{
    switch (filter.kind) {
    case RunFilter::Kind::Condition:
        return conditionText(filter.condition);
    case RunFilter::Kind::Not:
        return QLatin1Char('-') + textOf(filter.parts.front(), true);
    case RunFilter::Kind::All:
    case RunFilter::Kind::Any:
        break;
    }
    const bool any = filter.kind == RunFilter::Kind::Any;
    if (any) {
        if (const QString list = listText(filter.parts); !list.isEmpty())
            return list;
    }
    QStringList parts;
    for (const RunFilter &part : filter.parts)
        parts.append(textOf(part, true));
    const QString text = parts.join(any ? QStringLiteral(" or ") : QStringLiteral(" "));
    return inner ? QLatin1Char('(') + text + QLatin1Char(')') : text;
}
} // namespace

RunFilter RunFilter::of(RunField field, const QString &text)
{
    return normalCondition({field, RunComparison::Is, text, 0, 0});
}

RunFilter RunFilter::of(RunField field, RunComparison comparison, double number)
{
    return normalCondition({field, comparison, QString(), number, 0});
}

RunFilter RunFilter::ofWords(const QString &words)
{
    std::vector<RunFilter> parts;
    const QStringList typed = words.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString &word : typed)
        parts.push_back(of(RunField::Text, word));
    return ofAll(std::move(parts));
}

RunFilter RunFilter::ofAll(std::vector<RunFilter> filters)
{
    RunFilter all;
    all.parts = std::move(filters);
    return all.normalized();
}

RunFilter RunFilter::normalized() const
{
    if (kind == Kind::Condition)
        return normalCondition(condition);
    if (kind == Kind::Not) {
        if (parts.size() != 1)
            return never();
        RunFilter inner = parts.front().normalized();
        if (inner.kind == Kind::Not)
            return std::move(inner.parts.front());
        if (inner.isEmpty())
            return never();
        RunFilter denied;
        denied.kind = Kind::Not;
        denied.parts.push_back(std::move(inner));
        return denied;
    }
    RunFilter joined;
    joined.kind = kind;
    for (const RunFilter &part : parts) {
        RunFilter normal = part.normalized();
        if (kind == Kind::Any && normal.isEmpty())
            return RunFilter();
        if (normal.kind != kind)
            joined.parts.push_back(std::move(normal));
        else
            std::move(normal.parts.begin(), normal.parts.end(), std::back_inserter(joined.parts));
    }
    if (joined.parts.size() == 1)
        return RunFilter(joined.parts.front());
    return joined.parts.empty() && kind == Kind::Any ? never() : joined;
}

QString RunFilter::toText() const
{
    return textOf(normalized(), false);
}

QString runFieldName(RunField field)
{
    return QLatin1String(fieldInfo(field).name);
}

QString runFieldExample(RunField field)
{
    return QLatin1String(fieldInfo(field).example);
}

} // namespace lathe
