// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineTools.h"

#include "core/base/Json.h"
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineResults.h"
#include "core/llm/OfflineSql.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

namespace {

constexpr int maxParts = 6;
constexpr size_t maxTools = 64;
constexpr double goodEnough = 3.0;

QRegularExpression words(const char *alternatives)
{
    return expression(QStringLiteral("\\b(?:%1)\\b").arg(QLatin1String(alternatives)));
}

QSet<QString> spokenStems(QString name)
{
    return stemsOf(name.replace(u'_', u' ').replace(u'-', u' '));
}

QString propertyNames(const ToolDescription &tool)
{
    return tool.schema.value(QLatin1String("properties"))
        .toObject()
        .keys()
        .mid(0, 60)
        .join(u' ')
        .replace(u'_', u' ');
}

bool asksForData(const QString &text)
{
    static const auto data =
        words("how many|how much|how often|how (?:did|do|does|has|have|is|are)|over "
              "time|develop\\w*|count|number of|average|mean|which|what "
              "(?:is|are|was|were|do|does|did|share|percentage|percent)|list|show|most|least|top|lowest|"
              "highest|find|per|total|share|percent|percentage|compare|trend|latest|why|search|look "
              "up|breakdown|distribution|query|check|get|examples?");
    return data.match(text).hasMatch();
}

// The signs in a request that point to a kind of tool.
double kindSignal(ToolKind kind, const ToolDescription &tool, const QString &part, const Reading &reading)
{
    static const auto time =
        words("what time|what(?:'s| is) the (?:time|date|day)|current (?:date|time|day)|today'?s date|what "
              "day|time is it|time now|day of the week|weekday|which day is it|date today|what date");
    static const auto human =
        words("ask (?:the |a |your |our "
              ")?(?:human|person|user|customer|manager|team|someone|me|colleague|operator)|(?:confirm|"
              "check|clarify|verify) with|approval (?:of|from)|ask whether|get approval|human decision");
    static const auto files = words("files?|folder|directory");
    static const auto arithmetic = words("calculate|compute|percent|percentage|sum|difference|divide|"
                                         "multiply|times|average|ratio|plus|minus|add up|square root");
    switch (kind) {
    case ToolKind::Sql: {
        double fits = 0;
        SqlQuestion question;
        question.text = part;
        sqlFor(question, tablesIn(tool.description, reading.system), &fits);
        if (!findUrls(part).isEmpty() || !findPaths(part).isEmpty())
            return 0;
        return fits >= 0.15 && (asksForData(part) || reading.work == Work::PlanStep) ? 2.2 + 4 * fits
                                                                                     : fits;
    }
    case ToolKind::Calculator: {
        if (!findExpression(part).isEmpty())
            return asksForData(part) && !arithmetic.match(part).hasMatch()
                           && findExpression(part).size() < 3
                       ? 0
                       : 6;
        const bool follows =
            arithmetic.match(part).hasMatch()
            && resultFigures(reading.exchanges).size() + qsizetype(findNumbers(part).size()) >= 2;
        return follows ? 3.5 : 0;
    }
    case ToolKind::Time:
        return time.match(part).hasMatch() ? 6 : 0;
    case ToolKind::Http:
        return findUrls(part).isEmpty() ? 0 : 6;
    case ToolKind::Human:
        return human.match(part).hasMatch() ? 7 : 0;
    case ToolKind::Files:
        return !findPaths(part).isEmpty() && findUrls(part).isEmpty() ? 5
               : files.match(part).hasMatch()                         ? 3
                                                                      : 0;
    case ToolKind::Other:
        break;
    }
    return 0;
}

// Did this call run before, and how did it end?
const Exchange *madeBefore(const Reading &reading, const Call &call)
{
    const Exchange *found = nullptr;
    for (const Exchange &exchange : reading.exchanges) {
        if (exchange.tool != call.tool)
            continue;
        const auto arguments = json::parseObject(exchange.argumentsText.toUtf8());
        if (arguments && *arguments == call.arguments)
            found = &exchange;
    }
    return found;
}

int failures(const Reading &reading, const QString &tool)
{
    return int(std::count_if(reading.exchanges.begin(), reading.exchanges.end(),
                             [&](const Exchange &e) { return e.tool == tool && e.isError; }));
}

const ToolDescription *bestTool(const Reading &reading, const QString &part, double *score)
{
    const ToolDescription *best = nullptr;
    *score = 0;
    for (size_t i = 0; i < std::min(reading.tools.size(), maxTools); ++i) {
        const double candidate = toolScore(reading.tools[i], part, reading);
        if (candidate > *score) {
            *score = candidate;
            best = &reading.tools[i];
        }
    }
    return best;
}

// "Why did ratings fall" needs the messages behind the figures: those of the group that came out worst.
QString followUp(const Reading &reading, const QString &part)
{
    static const auto why = words("why|reasons? for|causes? of|what explains|what is behind|behind");
    if (!why.match(part).hasMatch())
        return {};
    for (const Exchange &exchange : reading.exchanges) {
        const ResultTable table = tableOf(exchange.result);
        if (exchange.isError || table.rows.isEmpty() || table.columns.size() < 2
            || table.columns.size() > 4)
            continue;
        return QStringLiteral("Show the 5 worst of those messages: %1").arg(table.rows.first().first());
    }
    return {};
}

} // namespace

ToolKind kindOf(const ToolDescription &tool)
{
    const QString name = tool.name.toLower();
    const QString description = tool.description.left(4000).toLower();
    const QJsonObject properties = tool.schema.value(QLatin1String("properties")).toObject();
    const auto has = [&](const char *property) { return properties.contains(QLatin1String(property)); };
    const QSet<QString> names = spokenStems(name);
    const bool database = description.contains(QLatin1String("sql"))
                          || description.contains(QLatin1String("select "))
                          || description.contains(QLatin1String("table"));
    if (has("sql")
        || ((has("query") || has("statement"))
            && (names.contains(QStringLiteral("sql"))
                || (database && description.contains(QLatin1String("sql"))))))
        return ToolKind::Sql;
    if (has("expression") || has("formula") || name.contains(QLatin1String("calc"))
        || names.contains(QStringLiteral("math")))
        return ToolKind::Calculator;
    if (has("url") || has("uri"))
        return ToolKind::Http;
    if (has("question") || names.contains(QStringLiteral("human")) || name.contains(QLatin1String("ask_")))
        return ToolKind::Human;
    if ((names.contains(QStringLiteral("tim")) || names.contains(QStringLiteral("clock"))
         || names.contains(QStringLiteral("dat")) || description.contains(QLatin1String("current date"))
         || description.contains(QLatin1String("current time")))
        && properties.size() <= 3)
        return ToolKind::Time;
    if (has("path") || names.contains(QStringLiteral("fil")) || has("filename"))
        return ToolKind::Files;
    return ToolKind::Other;
}

QStringList requestParts(const QString &ask)
{
    static const QRegularExpression joint = expression(
        QStringLiteral("(?:\\s*[,;]\\s*|\\s+)(?:and then|then|and also|and|also|afterwards|after "
                       "that|finally)\\s+(?=(?:please |also |then |finally )*([\\p{L}']+))"));
    QStringList parts;
    for (const QString &sentence : sentencesOf(capped(ask, 6000), 12)) {
        qsizetype from = 0;
        for (auto matches = joint.globalMatch(sentence); matches.hasNext();) {
            const auto match = matches.next();
            const QString next = match.captured(1).toLower();
            static const QSet<QString> questions{QStringLiteral("what"),  QStringLiteral("how"),
                                                 QStringLiteral("which"), QStringLiteral("who"),
                                                 QStringLiteral("when"),  QStringLiteral("where"),
                                                 QStringLiteral("why")};
            const QString left = sentence.mid(from, match.capturedStart() - from);
            const bool starts =
                questions.contains(next) || (isRequestVerb(next) && next != QLatin1String("search"));
            if (!starts || countWords(left) < 2)
                continue;
            parts.append(left.trimmed());
            from = match.capturedEnd();
        }
        parts.append(sentence.mid(from).trimmed());
    }
    parts.removeAll(QString());
    return parts.mid(0, maxParts);
}

double toolScore(const ToolDescription &tool, const QString &part, const Reading &reading)
{
    const QSet<QString> name = spokenStems(tool.name);
    const ToolKind kind = kindOf(tool);
    double score = kindSignal(kind, tool, part, reading);
    // Words that several tools share tell nothing about this one.
    const auto shared = [&](const QString &stem) {
        int uses = 0;
        for (size_t i = 0; i < std::min(reading.tools.size(), maxTools); ++i)
            uses += spokenStems(reading.tools[i].name).contains(stem) ? 1 : 0;
        return uses > 1;
    };
    if (containsPhrase(part, tool.name)) // "use feedback_sql"
        score += 4;
    const QStringList inOrder = stemList(part.left(4000)); // sums of doubles depend on the order
    for (const QString &stem : inOrder) {
        if (name.contains(stem))
            score += shared(stem) ? 0.7 : 2.0;
    }
    if (kind == ToolKind::Sql || kind == ToolKind::Human)
        return score; // their descriptions are full of everyday words
    double words = 0;
    const QSet<QString> described = stemsOf(tool.description.left(1500) + u' ' + propertyNames(tool));
    for (const QString &stem : inOrder)
        words += described.contains(stem) && !isRequestVerb(stem) ? 0.6 : 0;
    score += std::min(words, 2.4);
    // That its arguments stand in the request speaks for a tool that is named in it.
    if (score >= 2 && score < goodEnough && argumentsFor(tool, part, reading, false))
        score += 0.8;
    return score;
}

std::vector<Call> callsFor(const Reading &reading, bool required)
{
    std::vector<Call> calls;
    if (reading.tools.empty())
        return calls;
    QStringList parts = requestParts(reading.ask);
    if (parts.isEmpty())
        parts.append(reading.ask.left(2000));
    const auto add = [&](const ToolDescription &tool, const QString &part, bool force) {
        if (failures(reading, tool.name) >= 2)
            return;
        const auto arguments = argumentsFor(tool, part, reading, force);
        if (!arguments)
            return;
        Call call{tool.name, *arguments, part};
        const bool chosen = std::any_of(calls.begin(), calls.end(), [&](const Call &other) {
            return other.tool == call.tool && other.arguments == call.arguments;
        });
        if (!chosen && !madeBefore(reading, call))
            calls.push_back(std::move(call));
    };
    for (const QString &part : parts) {
        double score = 0;
        const ToolDescription *tool = bestTool(reading, part, &score);
        if (!tool || score < goodEnough)
            continue;
        const size_t before = calls.size();
        add(*tool, part, false);
        if (calls.size() == before && kindOf(*tool) == ToolKind::Sql
            && failures(reading, tool->name) == 0) {
            if (const QString more = followUp(reading, part); !more.isEmpty())
                add(*tool, more, false);
        }
    }
    if (calls.empty() && required && reading.exchanges.empty()) {
        double score = 0;
        const ToolDescription *tool = bestTool(reading, reading.ask.left(2000), &score);
        add(tool ? *tool : reading.tools.front(), reading.ask.left(2000), true);
    }
    return calls;
}

} // namespace lathe::offline
