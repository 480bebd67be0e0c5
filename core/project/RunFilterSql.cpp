// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunFilterSql.h"

#include "core/project/RunReader.h"
#include "core/project/SearchExpression.h"

#include <cmath>

namespace lathe {

namespace {
constexpr int forkFormat = 2, trialFormat = 3;

const char *signOf(RunComparison comparison)
{
    switch (comparison) {
    case RunComparison::Less:
        return " < ";
    case RunComparison::LessOrEqual:
        return " <= ";
    case RunComparison::Greater:
        return " > ";
    case RunComparison::GreaterOrEqual:
        return " >= ";
    case RunComparison::Is:
        break;
    }
    return " = ";
}

BoundSql sql(const char *text)
{
    BoundSql made;
    made += text;
    return made;
}

QString likePattern(QString text)
{
    return text.replace(QLatin1Char('\\'), QLatin1String("\\\\"))
        .replace(QLatin1Char('%'), QLatin1String("\\%"))
        .replace(QLatin1Char('_'), QLatin1String("\\_"));
}

// Without regard to the case of ASCII letters, as SQLite compares.
BoundSql textIs(const char *column, const QString &text)
{
    BoundSql made = sql(column);
    if (text.endsWith(QLatin1Char('*'))) {
        made += " LIKE ";
        made.bind(QString(likePattern(text.chopped(1)) + QLatin1Char('%')));
        made += " ESCAPE '\\'";
    } else {
        made += " = ";
        made.bind(text);
        made += " COLLATE NOCASE";
    }
    return made;
}

BoundSql numberIs(const char *expression, const RunCondition &condition)
{
    BoundSql made = sql(expression);
    made += signOf(condition.comparison);
    const double number = condition.number;
    if (number == std::floor(number) && std::abs(number) < 9e15)
        made.bind(qint64(number));
    else
        made.bind(number);
    return made;
}

BoundSql inside(const char *before, const BoundSql &condition)
{
    BoundSql made = sql(before);
    made += condition;
    made += ")";
    return made;
}

// One of "connection/model, connection/model".
BoundSql modelIs(const QString &text)
{
    const bool prefix = text.endsWith(QLatin1Char('*'));
    const QString name = likePattern(prefix ? text.chopped(1) : text) + (prefix ? QString() : QStringLiteral(","));
    BoundSql made = sql("((', ' || r.models || ',') LIKE ");
    made.bind(QString(QLatin1String("%, ") + name + QLatin1Char('%')));
    made += " ESCAPE '\\' OR (r.models || ',') LIKE ";
    made.bind(QString(QLatin1String("%/") + name + QLatin1Char('%')));
    made += " ESCAPE '\\')";
    return made;
}

BoundSql revisionIs(const char *column, int revision)
{
    BoundSql made = sql(column);
    made += " = ";
    made.bind(qint64(std::max(revision, 0)));
    return made;
}

BoundSql both(const BoundSql &a, const BoundSql &b)
{
    BoundSql made = sql("(");
    made += a;
    made += " AND ";
    made += b;
    made += ")";
    return made;
}

BoundSql agentIs(const RunCondition &condition)
{
    BoundSql name = sql("(");
    name += textIs("r.agent", condition.text);
    if (!condition.text.endsWith(QLatin1Char('*'))) { // its runs from before it was renamed
        name += " OR r.artifact IN (SELECT id FROM artifacts WHERE kind IN ('agent', 'team') AND name = ";
        name.bind(condition.text);
        name += " COLLATE NOCASE)";
    }
    name += ")";
    if (condition.revision == 0)
        return name;
    const BoundSql revision = revisionIs("r.revision", condition.revision);
    return condition.text.isEmpty() ? revision : both(name, revision);
}

BoundSql promptIs(const RunCondition &condition)
{
    const BoundSql name = textIs("prompt", condition.text);
    const BoundSql revision = revisionIs("revision", condition.revision);
    return inside("r.id IN (SELECT run FROM run_prompts WHERE ", condition.revision == 0     ? name
                                                                 : condition.text.isEmpty() ? revision
                                                                                            : both(name, revision));
}

BoundSql errorIs(const QString &text)
{
    BoundSql made = sql("(r.error_kind <> '' AND (");
    made += textIs("r.error_kind", text);
    made += " OR iif(json_valid(r.error), r.error ->> '$.message', '') LIKE ";
    made.bind(QString(QLatin1Char('%') + likePattern(text.endsWith(QLatin1Char('*')) ? text.chopped(1) : text) + QLatin1Char('%')));
    made += " ESCAPE '\\'))";
    return made;
}

QString wordsExpression(const RunCondition &condition)
{
    QString text = condition.text.trimmed();
    while (text.endsWith(QLatin1Char('*')))
        text.chop(1);
    const QString phrase = phraseExpression(text);
    if (phrase.isEmpty() || condition.field == RunField::Text)
        return phrase;
    return QLatin1Char('(') + runFieldName(condition.field) + QLatin1String(" : ") + phrase + QLatin1Char(')');
}

BoundSql wordsAre(const RunCondition &condition)
{
    if (condition.field == RunField::Text && condition.text.trimmed().isEmpty())
        return sql("1");
    const QString expression = wordsExpression(condition);
    if (expression.isEmpty())
        return sql("0"); // signs only: they are in no index
    BoundSql made = sql("r.id IN (SELECT rowid FROM run_search WHERE run_search MATCH ");
    made.bind(expression);
    made += ")";
    return made;
}

BoundSql hasAny(RunField field, int format)
{
    const bool log = format >= runLogFormat;
    switch (field) {
    case RunField::Input:
        return sql("r.input <> ''");
    case RunField::Output:
        return sql("r.output <> ''");
    case RunField::Error:
        return sql("r.error_kind <> ''");
    case RunField::Latency:
        return sql("r.end_us IS NOT NULL");
    case RunField::Revision:
        return sql("r.revision > 0");
    case RunField::Tokens:
        return sql("r.input_tokens + r.output_tokens > 0");
    case RunField::InputTokens:
        return sql("r.input_tokens > 0");
    case RunField::OutputTokens:
        return sql("r.output_tokens > 0");
    case RunField::Cost:
        return sql("r.cost_usd IS NOT NULL");
    case RunField::Steps:
        return sql("r.step_count > 0");
    case RunField::Rating:
        return sql("r.rating IS NOT NULL");
    case RunField::Tool:
        return sql(log ? "r.id IN (SELECT run FROM run_tools)" : "r.id IN (SELECT run FROM steps WHERE kind = 'tool')");
    case RunField::Model:
        return sql("r.models <> ''");
    case RunField::Tag:
        return sql(log ? "r.id IN (SELECT run FROM run_tags)" : "0");
    case RunField::Experiment:
        return sql(format >= trialFormat ? "r.id IN (SELECT run FROM trials WHERE experiment IS NOT NULL)" : "0");
    case RunField::Source:
        return sql("r.source <> ''");
    case RunField::Fork:
        return sql(format >= forkFormat ? "r.id IN (SELECT run FROM forks)" : "0");
    case RunField::Prompt:
        return sql(log ? "r.id IN (SELECT run FROM run_prompts)" : "r.revisions LIKE '%\"prompt\"%'");
    default:
        return sql("1");
    }
}

BoundSql conditionSql(const RunCondition &condition, int format)
{
    const bool log = format >= runLogFormat;
    if (condition.text == QLatin1String("*") && condition.revision == 0)
        return hasAny(condition.field, format);
    switch (condition.field) {
    case RunField::Text:
    case RunField::Input:
    case RunField::Output:
        return wordsAre(condition);
    case RunField::Id:
        return numberIs("r.id", condition);
    case RunField::Agent:
        return agentIs(condition);
    case RunField::Revision:
        return numberIs("r.revision", condition);
    case RunField::Status:
        return textIs("r.status", condition.text);
    case RunField::Error:
        return errorIs(condition.text);
    case RunField::Latency:
        return numberIs("(r.end_us - r.start_us)", condition);
    case RunField::Tokens:
        return numberIs("(r.input_tokens + r.output_tokens)", condition);
    case RunField::InputTokens:
        return numberIs("r.input_tokens", condition);
    case RunField::OutputTokens:
        return numberIs("r.output_tokens", condition);
    case RunField::Cost:
        return numberIs("r.cost_usd", condition);
    case RunField::Steps:
        return numberIs("r.step_count", condition);
    case RunField::Rating:
        return numberIs("r.rating", condition);
    case RunField::Started:
        return numberIs("r.start_us", condition);
    case RunField::Model:
        return modelIs(condition.text);
    case RunField::Source: {
        const bool own = condition.text.compare(QLatin1String("lathe"), Qt::CaseInsensitive) == 0;
        return textIs("r.source", own ? QStringLiteral("") : condition.text);
    }
    case RunField::Tool:
        if (log)
            return inside("r.id IN (SELECT run FROM run_tools WHERE ", textIs("tool", condition.text));
        return inside("r.id IN (SELECT run FROM steps WHERE kind = 'tool' AND ", textIs("replace(name, 'execute_tool ', '')", condition.text));
    case RunField::Tag:
        return log ? inside("r.id IN (SELECT run FROM run_tags WHERE ", textIs("tag", condition.text)) : sql("0");
    case RunField::Experiment:
        if (format < trialFormat)
            return sql("0");
        return inside("r.id IN (SELECT t.run FROM artifacts a JOIN trials t ON t.experiment = a.id WHERE a.kind = 'experiment' AND ",
                      textIs("a.name", condition.text));
    case RunField::Fork:
        return format >= forkFormat ? inside("r.id IN (SELECT run FROM forks WHERE ", numberIs("parent", condition)) : sql("0");
    case RunField::Pinned:
        if (!log)
            return sql(condition.number != 0 ? "0" : "1");
        return sql(condition.number != 0 ? "r.id IN (SELECT run FROM pins)" : "r.id NOT IN (SELECT run FROM pins)");
    case RunField::Prompt:
        if (log)
            return promptIs(condition);
        BoundSql made = sql("r.revisions LIKE ");
        made.bind(QString(QLatin1String("%\"") + likePattern(condition.text) + QLatin1String("@%")));
        made += " ESCAPE '\\'";
        return made;
    }
    return sql("0");
}
} // namespace

BoundSql &BoundSql::operator+=(const BoundSql &other)
{
    text += other.text;
    values.insert(values.end(), other.values.begin(), other.values.end());
    return *this;
}

BoundSql &BoundSql::operator+=(const char *added)
{
    text += added;
    return *this;
}

void BoundSql::bind(const QVariant &value)
{
    text += '?';
    values.push_back(value);
}

Result<Statement> BoundSql::prepare(Database &db) const
{
    auto statement = db.prepare(text);
    if (!statement)
        return statement;
    int index = 0;
    for (const QVariant &value : values) {
        ++index;
        switch (value.metaType().id()) {
        case QMetaType::QString:
            statement->bindText(index, value.toString().toUtf8());
            break;
        case QMetaType::LongLong:
            statement->bind(index, value.toLongLong());
            break;
        case QMetaType::Double:
            statement->bind(index, value.toDouble());
            break;
        default:
            statement->bindNull(index);
        }
    }
    return statement;
}

BoundSql filterSql(const RunFilter &filter, int format)
{
    if (filter.kind == RunFilter::Kind::Condition)
        return conditionSql(filter.condition, format);
    if (filter.kind == RunFilter::Kind::Not) {
        BoundSql made = sql("(");
        if (filter.parts.empty())
            made += "1";
        else
            made += filterSql(filter.parts.front(), format);
        made += ") IS NOT TRUE"; // NULL (no rating, not ended) is not true either
        return made;
    }
    const bool any = filter.kind == RunFilter::Kind::Any;
    if (filter.parts.empty())
        return sql(any ? "0" : "1");
    BoundSql made = sql("(");
    for (size_t i = 0; i < filter.parts.size(); ++i) {
        if (i > 0)
            made += any ? " OR " : " AND ";
        made += filterSql(filter.parts[i], format);
    }
    made += ")";
    return made;
}

QString demandedWords(const RunFilter &filter, RunFilter *rest)
{
    *rest = RunFilter();
    QStringList expressions;
    const auto take = [&](const RunFilter &part) {
        const RunField field = part.condition.field;
        const bool words = part.kind == RunFilter::Kind::Condition
                           && (field == RunField::Text || field == RunField::Input || field == RunField::Output)
                           && part.condition.text != QLatin1String("*");
        const QString expression = words ? wordsExpression(part.condition) : QString();
        if (expression.isEmpty())
            rest->parts.push_back(part);
        else
            expressions.append(expression);
    };
    if (filter.kind == RunFilter::Kind::All) {
        for (const RunFilter &part : filter.parts)
            take(part);
    } else {
        take(filter);
    }
    return expressions.join(QLatin1String(" AND "));
}

QByteArray runSource(int format, bool covered)
{
    if (format >= runLogFormat)
        return covered ? QByteArrayLiteral("runs r INDEXED BY runs_log") : QByteArrayLiteral("runs r");
    return QByteArrayLiteral(
        "(SELECT *, '' AS source, 0 AS in_bin, iif(error IS NOT NULL AND json_valid(error), coalesce(error ->> '$.kind', ''), '') AS error_kind,"
        " (SELECT iif(kind='thumbs', iif(value>0, 5, 1), value) FROM ratings WHERE run=runs.id AND step='' AND removed_us IS NULL"
        " AND kind IN ('thumbs', 'stars') ORDER BY id DESC LIMIT 1) AS rating FROM runs) r");
}

QByteArray sortKey(RunSort sort)
{
    switch (sort) {
    case RunSort::Started:
        break;
    case RunSort::Status:
        return QByteArrayLiteral("r.status");
    case RunSort::Agent:
        return QByteArrayLiteral("r.agent COLLATE NOCASE");
    case RunSort::Input:
        return QByteArrayLiteral("substr(r.input, 1, 100) COLLATE NOCASE");
    case RunSort::Output:
        return QByteArrayLiteral("substr(r.output, 1, 100) COLLATE NOCASE");
    case RunSort::Latency:
        return QByteArrayLiteral("(r.end_us - r.start_us)");
    case RunSort::Tokens:
        return QByteArrayLiteral("(r.input_tokens + r.output_tokens)");
    case RunSort::Cost:
        return QByteArrayLiteral("r.cost_usd");
    case RunSort::Rating:
        return QByteArrayLiteral("r.rating");
    case RunSort::Steps:
        return QByteArrayLiteral("r.step_count");
    }
    return QByteArrayLiteral("r.id");
}

BoundSql oneOf(const char *column, const std::vector<RunId> &runs)
{
    QByteArrayList numbers;
    for (const RunId run : runs)
        numbers.append(QByteArray::number(run.value));
    BoundSql made = sql(column);
    made += " IN (SELECT value FROM json_each(";
    made.bind(QString::fromLatin1('[' + numbers.join(',') + ']'));
    made += "))";
    return made;
}

} // namespace lathe
