// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineResults.h"

#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineSql.h"
#include "core/llm/OfflineSummary.h"
#include "core/llm/OfflineText.h"
#include "core/llm/OfflineTools.h"

namespace lathe::offline {

namespace {

constexpr int maxRows = 200;

bool isNumberText(const QString &text)
{
    bool ok = false;
    QString(text).remove(u',').remove(u'%').trimmed().toDouble(&ok);
    return ok;
}

ResultTable markdownTable(const QString &text)
{
    ResultTable table;
    bool ruled = false;
    for (const QString &line : text.split(u'\n')) {
        const QString row = line.trimmed();
        if (!row.startsWith(u'|') || row.size() < 3) {
            if (ruled)
                break;
            table.columns.clear();
            continue;
        }
        QString inner = row.mid(1, row.endsWith(u'|') ? row.size() - 2 : -1);
        inner.replace(QLatin1String("\\|"), QString(QChar(1)));
        QStringList cells = inner.split(u'|');
        for (QString &cell : cells)
            cell = cell.replace(QChar(1), u'|').trimmed();
        if (table.columns.isEmpty()) {
            table.columns = cells;
        } else if (!ruled) {
            ruled = cells.first().startsWith(QLatin1String("--"))
                    || cells.first().startsWith(QLatin1String(":-"));
            if (!ruled)
                return {};
        } else if (table.rows.size() < maxRows) {
            while (cells.size() < table.columns.size())
                cells.append(QString());
            table.rows.append(cells.mid(0, table.columns.size()));
        }
    }
    return ruled ? table : ResultTable();
}

QString cellOf(const QJsonValue &value)
{
    return value.isString() ? value.toString()
           : value.isNull() ? QStringLiteral("NULL")
                            : json::compactString(value);
}

ResultTable jsonTable(const QJsonValue &value)
{
    ResultTable table;
    const QJsonObject object = value.toObject();
    const QJsonArray rows =
        value.isArray() ? value.toArray() : object.value(QLatin1String("rows")).toArray();
    if (rows.isEmpty())
        return table;
    if (rows.first().isObject()) {
        table.columns = rows.first().toObject().keys();
        for (const QJsonValue &row : rows) {
            QStringList cells;
            for (const QString &column : table.columns)
                cells.append(cellOf(row.toObject().value(column)));
            if (table.rows.size() < maxRows)
                table.rows.append(cells);
        }
    } else if (rows.first().isArray()) {
        table.columns = json::toStringList(object.value(QLatin1String("columns")));
        for (const QJsonValue &row : rows) {
            QStringList cells;
            for (const QJsonValue &cell : row.toArray())
                cells.append(cellOf(cell));
            if (cells.size() == table.columns.size() && table.rows.size() < maxRows)
                table.rows.append(cells);
        }
    }
    return table.rows.isEmpty() ? ResultTable() : table;
}

QString spoken(const QString &column)
{
    return QString(column).replace(u'_', u' ');
}

// "How many Export complaints came from enterprise customers?" -> "14 Export complaints came from enterprise customers."
QString figureSentence(const QString &question, const QString &column, const QString &value)
{
    static const QRegularExpression howMany =
        expression(QStringLiteral("\\bhow many (.{2,300}?)\\s*[?.!]*$"));
    static const QRegularExpression countOf = expression(
        QStringLiteral("\\b(?:count|number of|total of)(?: all| the| of)*\\s+(.{2,300}?)\\s*[?.!]*$"));
    static const QRegularExpression whatIs =
        expression(QStringLiteral("\\bwhat(?:'s| is| was| are| were) (the .{2,300}?)\\s*[?.!]*$"));
    static const QRegularExpression average = expression(QStringLiteral(
        "\\b((?:the )?(?:average|mean|lowest|highest|total|sum|maximum|minimum)\\b.{0,300}?)\\s*[?.!]*$"));
    if (const auto match = howMany.match(question); match.hasMatch()) {
        QString rest = match.captured(1);
        static const QRegularExpression thereAre =
            expression(QStringLiteral("\\s*\\b(?:are|were|is) there\\b"));
        static const QRegularExpression doWe = expression(QStringLiteral(
            "^(.{2,80}?) (?:do|did|does) (we|they|you|I|people) (have|get|see|receive|count|got)\\b"));
        if (rest.contains(thereAre))
            return QStringLiteral("There are %1 %2.").arg(value, oneLine(rest.remove(thereAre)));
        if (const auto have = doWe.match(rest); have.hasMatch())
            return QStringLiteral("There are %1 %2.")
                .arg(value, oneLine(have.captured(1) + rest.mid(have.capturedLength())));
        return QStringLiteral("%1 %2.").arg(value, rest);
    }
    if (const auto match = whatIs.match(question); match.hasMatch())
        return capitalised(QStringLiteral("%1 is %2.").arg(match.captured(1), value));
    if (const auto match = countOf.match(question); match.hasMatch() && column == QLatin1String("number"))
        return QStringLiteral("There are %1: %2.").arg(value, match.captured(1));
    if (const auto match = average.match(question); match.hasMatch())
        return capitalised(QStringLiteral("%1 is %2.").arg(match.captured(1), value));
    return QStringLiteral("%1: %2.").arg(capitalised(spoken(column)), value);
}

QString rowText(const ResultTable &table, const QStringList &row)
{
    // A long text is quoted, the rest stands behind it.
    int longest = -1;
    for (int i = 0; i < row.size(); ++i) {
        if (!isNumberText(row[i]) && row[i].size() > 24
            && (longest < 0 || row[i].size() > row[longest].size()))
            longest = i;
    }
    QStringList rest;
    for (int i = 0; i < row.size(); ++i) {
        if (i == longest)
            continue;
        // Words and dates speak for themselves, figures need their name.
        rest.append(isNumberText(row[i]) ? QStringLiteral("%1 %2").arg(spoken(table.columns[i]), row[i])
                                         : row[i]);
    }
    if (longest < 0)
        return rest.join(QLatin1String(", "));
    return QStringLiteral("“%1” (%2)")
        .arg(firstCharacters(oneLine(row[longest]), 180), rest.join(QLatin1String(", ")));
}

void tablePoints(const ResultTable &table, const QString &question, int most, QStringList &points)
{
    if (table.rows.isEmpty()) {
        points.append(QStringLiteral("Nothing in the data matches: %1").arg(asSentence(question)));
        return;
    }
    const QStringList &first = table.rows.first();
    if (table.rows.size() == 1 && table.columns.size() == 1) {
        const QString value = first.first() == QLatin1String("NULL")
                                  ? QStringLiteral("not known (no row matches)")
                                  : first.first();
        points.append(figureSentence(question, table.columns.first(), value));
        return;
    }
    if (table.rows.size() == 1 && table.columns.contains(QLatin1String("percent"))
        && table.columns.size() == 3) {
        static const QRegularExpression share = expression(QStringLiteral(
            "\\b(?:share|percentage|percent|proportion|fraction|part) of (.{2,300}?)\\s*[?.!]*$"));
        const auto match = share.match(question);
        points.append(QStringLiteral("%1 percent%2 (%3 of %4).")
                          .arg(first[0],
                               match.hasMatch() ? QStringLiteral(" of ") + match.captured(1) : QString(),
                               first[1], first[2]));
        return;
    }
    const bool pairs = table.columns.size() >= 2 && table.columns.size() <= 4
                       && !isNumberText(first.first())
                       && std::all_of(first.begin() + 1, first.end(), isNumberText);
    if (!pairs) {
        points.append(
            QStringLiteral("%1 %2 found.")
                .arg(table.rows.size())
                .arg(table.rows.size() == 1 ? QStringLiteral("row was") : QStringLiteral("rows were")));
        for (const QStringList &row : table.rows.mid(0, 12))
            points.append(rowText(table, row));
        return;
    }
    const auto figures = [&](const QStringList &row) {
        if (row.size() == 2)
            return row[1];
        QStringList parts;
        for (int i = 1; i < row.size(); ++i)
            parts.append(table.columns[i] == QLatin1String("number")
                             ? QStringLiteral("(%1)").arg(row[i])
                             : QStringLiteral("%1 %2").arg(spoken(table.columns[i]), row[i]));
        return parts.join(u' ').replace(QLatin1String(" (0)"), QString());
    };
    static const QRegularExpression superlative = expression(QStringLiteral(
        "\\b(?:most|least|fewest|highest|lowest|worst|best|top|largest|smallest|biggest|why)\\b"));
    if (table.rows.size() > 1 && superlative.match(question).hasMatch())
        points.append(table.columns[1] == QLatin1String("number")
                          ? QStringLiteral("%1 comes first with %2.").arg(first[0], first[1])
                          : QStringLiteral("%1 comes first: %2 %3.")
                                .arg(first[0], spoken(table.columns[1]), first[1]));
    for (const QStringList &row : table.rows.mid(0, most))
        points.append(QStringLiteral("%1: %2").arg(row[0], figures(row)));
}

QStringList unusedIn(const QString &question, const QString &query, const QString &toolName,
                     const Reading &reading)
{
    for (const ToolDescription &tool : reading.tools) {
        if (tool.name == toolName && kindOf(tool) == ToolKind::Sql)
            return unusedWords(question, query, tablesIn(tool.description, reading.system));
    }
    return {};
}

} // namespace

ResultTable tableOf(const QString &text)
{
    const QString trimmed = text.trimmed();
    if (trimmed.startsWith(u'{') || trimmed.startsWith(u'[')) {
        if (const auto value = json::parse(trimmed.toUtf8()))
            return jsonTable(*value);
    }
    return trimmed.contains(u'|') ? markdownTable(trimmed) : ResultTable();
}

QStringList resultFigures(const std::vector<Exchange> &exchanges)
{
    QStringList figures;
    for (const Exchange &exchange : exchanges) {
        if (!exchange.answered || exchange.isError)
            continue;
        const ResultTable table = tableOf(exchange.result);
        const bool single = table.rows.size() == 1 && table.columns.size() == 1;
        const QString text = single ? table.rows.first().first() : exchange.result.trimmed();
        if ((single || table.isEmpty()) && text.size() < 40 && isNumberText(text))
            figures.append(QString(text).remove(u','));
    }
    return figures;
}

Findings findingsOf(const Reading &reading)
{
    Findings findings;
    const QStringList parts = requestParts(reading.ask);
    for (size_t i = 0; i < reading.exchanges.size(); ++i) {
        const Exchange &exchange = reading.exchanges[i];
        if (!exchange.answered)
            continue;
        const auto arguments = json::parseObject(exchange.argumentsText.toUtf8());
        QString query;
        if (arguments) {
            for (const auto key :
                 {QLatin1String("sql"), QLatin1String("query"), QLatin1String("expression")}) {
                if (query.isEmpty())
                    query = arguments->value(key).toString();
            }
        }
        if (exchange.isError) {
            const bool mended =
                std::any_of(reading.exchanges.begin() + long(i) + 1, reading.exchanges.end(),
                            [&](const Exchange &later) {
                                return later.tool == exchange.tool && later.answered && !later.isError;
                            });
            if (!mended)
                findings.failures.append(
                    QStringLiteral("%1 failed: %2")
                        .arg(exchange.tool, asSentence(firstCharacters(oneLine(exchange.result), 200))));
            continue;
        }
        if (!query.isEmpty())
            findings.queries.append(query);
        // Which part of the request this call answers: the one whose arguments would be these.
        QString question = parts.isEmpty() ? reading.ask : parts.first();
        for (const ToolDescription &tool : reading.tools) {
            if (tool.name != exchange.tool || !arguments)
                continue;
            for (const QString &part : parts) {
                if (argumentsFor(tool, part, reading, false) == *arguments)
                    question = part;
            }
        }
        const ResultTable table = tableOf(exchange.result);
        if (!table.isEmpty()) {
            // Where words are few, the first groups must do.
            const int words = reading.wishes.words;
            const QStringList unused = unusedIn(question, query, exchange.tool, reading);
            // A figure that leaves a part of the question out must not be put as its answer.
            const bool single = table.rows.size() == 1 && table.columns.size() == 1;
            tablePoints(table, single && !unused.isEmpty() ? QString() : question,
                        words > 0 && words <= 160 ? 6 : 20, findings.points);
            if (!unused.isEmpty())
                findings.points.append(QStringLiteral("The query does not take into account: %1.")
                                           .arg(unused.join(QLatin1String(", "))));
            continue;
        }
        const QString result = exchange.result.trimmed();
        if (result.isEmpty())
            findings.points.append(QStringLiteral("%1 returned nothing.").arg(exchange.tool));
        else if (arguments && arguments->contains(QLatin1String("expression")))
            findings.points.append(QStringLiteral("%1 = %2.").arg(query, result));
        else if (countWords(result) <= 40)
            findings.points.append(asSentence(oneLine(result)));
        else {
            QStringList best = answeringSentences(question, result, 3);
            if (best.isEmpty())
                best = bestSentences(result, 3);
            findings.points.append(best);
        }
    }
    return findings;
}

} // namespace lathe::offline
