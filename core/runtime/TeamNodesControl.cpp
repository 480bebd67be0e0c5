// SPDX-License-Identifier: GPL-3.0-or-later
// join and check.
#include "core/prompt/PromptSpec.h"
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"
#include "core/tool/SchemaCheck.h"

namespace lathe {

namespace {
// The commonest, small differences of writing apart; of several the one that comes first.
QJsonValue majorityOf(const QJsonArray &values)
{
    QHash<QString, int> votes;
    QStringList keys;
    for (const QJsonValue &value : values) {
        keys.append(value.isString() ? QStringLiteral("s") + value.toString().simplified().toCaseFolded()
                                     : QStringLiteral("j") + json::compactString(value));
        ++votes[keys.last()];
    }
    qsizetype best = 0;
    for (qsizetype i = 1; i < keys.size(); ++i) {
        if (votes.value(keys[i]) > votes.value(keys[best]))
            best = i;
    }
    return values.at(best);
}

// What came in the lowest superstep, ties by the order of the sources.
QJsonValue firstOf(const NodeCall &call)
{
    size_t best = 0;
    for (size_t i = 1; i < call.arrivals.size(); ++i) {
        if (call.arrivals[i] < call.arrivals[best])
            best = i;
    }
    return call.values.at(qsizetype(best));
}

Task<Result<QJsonValue>> bestOf(Call call)
{
    const QString scorer = call->setting("scorer");
    if (scorer.isEmpty())
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("The join has no score to choose by; write one in its settings."));
    qsizetype best = -1;
    double most = 0;
    for (qsizetype i = 0; i < call->values.size(); ++i) {
        const QJsonObject extra{{QStringLiteral("item"), call->values.at(i)}, {QStringLiteral("index"), i}};
        const auto score = co_await evaluate(call, scorer, extra);
        if (!score)
            co_return score.error();
        if (!score->isDouble() && !score->isBool()) {
            co_return Error(ErrorKind::InvalidInput,
                            QStringLiteral("The score of value %1 is %2; it must be a number.")
                                .arg(i + 1)
                                .arg(json::compactString(*score).left(60)));
        }
        const double points = score->isBool() ? double(score->toBool()) : score->toDouble();
        if (best < 0 || points > most) {
            best = i;
            most = points;
        }
    }
    co_return call->values.at(best);
}

Task<Result<QJsonValue>> judged(Call call)
{
    const auto agent = agentOf(*call);
    if (!agent)
        co_return agent.error();
    QJsonArray candidates;
    for (qsizetype i = 0; i < call->values.size(); ++i)
        candidates.append(QJsonObject{{QStringLiteral("number"), i + 1},
                                      {QStringLiteral("text"), textOf(call->values.at(i))}});
    RunInput input;
    input.text = promptText(QStringLiteral("patterns/team_judge"),
                            QJsonObject{{QStringLiteral("candidates"), candidates}});
    input.variables = call->run->input.variables;
    auto answer = co_await askAgent(call, *agent, input, call->step);
    if (!answer)
        co_return answer.error();
    if ((*agent)->prompt.outputFormat == QLatin1String("json_schema"))
        co_return valueOfText(*answer);
    co_return QJsonValue(*answer);
}
} // namespace

Task<Result<NodeOutcome>> runJoinNode(Call call)
{
    if (call->values.isEmpty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Nothing came to be joined."));
    const QString mode = call->setting("mode", QStringLiteral("all"));
    if (mode == QLatin1String("first"))
        co_return NodeOutcome(firstOf(*call));
    if (mode == QLatin1String("majority"))
        co_return NodeOutcome(majorityOf(call->values));
    if (mode == QLatin1String("all"))
        co_return NodeOutcome(QJsonValue(call->values));
    Result<QJsonValue> value = Error();
    if (mode == QLatin1String("best"))
        value = co_await bestOf(call);
    else if (mode == QLatin1String("agent"))
        value = co_await judged(call);
    else
        value = co_await evaluate(call, call->setting("expression"), QJsonObject());
    if (!value)
        co_return value.error();
    co_return NodeOutcome(*value);
}

namespace {
// What is wrong with the value; empty: nothing.
Task<Result<QString>> problemByModel(Call call)
{
    const auto agent = agentOf(*call);
    if (!agent)
        co_return agent.error();
    const QJsonObject text{{QStringLiteral("type"), QStringLiteral("string")}};
    const QJsonObject flag{{QStringLiteral("type"), QStringLiteral("boolean")}};
    const QJsonObject properties{{QStringLiteral("pass"), flag}, {QStringLiteral("problem"), text}};
    const QJsonObject schema{{QStringLiteral("type"), QStringLiteral("object")},
                             {QStringLiteral("properties"), properties},
                             {QStringLiteral("required"), QJsonArray{QStringLiteral("pass")}},
                             {QStringLiteral("additionalProperties"), false}};
    RunInput input;
    input.text = promptText(QStringLiteral("patterns/team_guard"),
                            QJsonObject{{QStringLiteral("rule"), call->setting("rule")},
                                        {QStringLiteral("value"), textOf(call->input())}});
    input.variables = call->run->input.variables;
    const auto answer = co_await askAgent(call, answering(*agent, schema), input, call->step);
    if (!answer)
        co_return answer.error();
    const QJsonObject verdict = valueOfText(*answer).toObject();
    if (verdict.value(QStringLiteral("pass")).toBool())
        co_return QString();
    const QString problem = verdict.value(QStringLiteral("problem")).toString().trimmed();
    co_return problem.isEmpty() ? QStringLiteral("It does not keep the rule: %1").arg(call->setting("rule"))
                                : problem;
}

Task<Result<QString>> problemByExpression(Call call)
{
    const auto value = co_await evaluate(call, call->setting("expression"), QJsonObject());
    if (!value)
        co_return value.error();
    if (value->isString() && !value->toString().isEmpty()) // it says itself what is wrong
        co_return value->toString();
    co_return isTrue(*value) ? QString()
                             : QStringLiteral("The check \"%1\" does not hold.")
                                   .arg(call->setting("expression").simplified().left(200));
}

Result<QString> problemBySchema(const NodeCall &call)
{
    QJsonValue schema = call.settings().value(QStringLiteral("schema"));
    if (schema.isString()) // as it was written
        schema = valueOfText(schema.toString());
    QJsonValue value = call.input();
    auto violations = checkSchema(schema, value);
    if (violations && !violations->empty() && value.isString()) // JSON as a model wrote it
        violations = checkSchema(schema, valueOfText(value.toString()));
    if (!violations)
        return violations.error();
    return violationsText(*violations);
}

bool leads(const NodeCall &call, const QString &port)
{
    const TeamGraph &graph = *call.run->team->graph;
    const auto uses = [&](int edge) {
        const TeamEdge &out = graph.spec().edges[size_t(edge)];
        return out.from == call.node().id && out.fromPort == port;
    };
    const auto &flow = graph.outEdges(call.index);
    const auto back =
        graph.scopeOf(call.index) < 0 ? std::vector<int>() : graph.bodyReturns(graph.scopeOf(call.index));
    return std::any_of(flow.begin(), flow.end(), uses) || std::any_of(back.begin(), back.end(), uses);
}
} // namespace

Task<Result<NodeOutcome>> runCheckNode(Call call)
{
    const QString mode = call->setting("mode", QStringLiteral("expression"));
    Result<QString> problem = Error();
    if (mode == QLatin1String("schema"))
        problem = problemBySchema(*call);
    else if (mode == QLatin1String("model"))
        problem = co_await problemByModel(call);
    else
        problem = co_await problemByExpression(call);
    if (!problem)
        co_return problem.error();
    if (problem->isEmpty())
        co_return NodeOutcome(QStringLiteral("pass"), call->input());
    if (!leads(*call, QStringLiteral("fail")))
        co_return Error(ErrorKind::InvalidInput, *problem);
    co_return NodeOutcome(QStringLiteral("fail"), QJsonObject{{QStringLiteral("value"), call->input()},
                                                              {QStringLiteral("problem"), *problem}});
}

} // namespace lathe
