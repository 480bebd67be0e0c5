// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes that bring values in and out, ask tools and people, keep state, or hand over to another team.
#include "core/runtime/TeamExecution.h"
#include "core/runtime/TeamValues.h"

namespace lathe {

Task<Result<NodeOutcome>> runEndNode(Call call)
{
    if (call->node().kind == NodeKind::Input)
        co_return NodeOutcome(QJsonValue(call->run->input.text));
    if (call->node().kind == NodeKind::Parallel)
        co_return NodeOutcome(call->input());
    const QString text = call->setting("template");
    if (text.isEmpty())
        co_return NodeOutcome(QString(), call->input());
    const auto filled = fillValue(text, call->scopeNames());
    if (!filled)
        co_return filled.error();
    co_return NodeOutcome(QString(), *filled);
}

Task<Result<NodeOutcome>> runTransformNode(Call call)
{
    const auto value =
        co_await evaluate(call, call->setting("expression", QStringLiteral("input")), QJsonObject());
    if (!value)
        co_return value.error();
    co_return NodeOutcome(*value);
}

Task<Result<NodeOutcome>> runMemoryNode(Call call)
{
    const QString key = call->setting("key").trimmed();
    if (key.isEmpty())
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("No key of the state is chosen; choose one in its settings."));
    if (call->node().kind == NodeKind::MemoryRead) {
        const QJsonValue value = call->state.value(key);
        const bool nothing = value.isUndefined() || value.isNull();
        const QJsonValue absent = call->settings().value(QStringLiteral("absent"));
        co_return NodeOutcome(nothing ? (absent.isUndefined() ? QJsonValue(QJsonValue::Null) : absent)
                                      : value);
    }
    QJsonValue value = call->input();
    const QString expression = call->setting("value");
    if (!expression.isEmpty()) {
        const auto given = co_await evaluate(call, expression, QJsonObject());
        if (!given)
            co_return given.error();
        value = *given;
    }
    // Tried at once, so that what does not fit is this node's failure; merged at the barrier.
    NodeOutcome outcome(call->input());
    outcome.writes.push_back({key, value, call->node().name, false});
    QJsonObject state = call->state;
    if (const auto fits = applyWrites(call->run->spec(), outcome.writes, &state); !fits)
        co_return fits.error();
    co_return outcome;
}

Task<Result<NodeOutcome>> runToolNode(Call call)
{
    const auto gate = call->run->team->tools.value(call->node().id);
    if (!gate)
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("The node has no tool; choose one in its settings."));
    const auto arguments =
        fillValue(call->settings().value(QStringLiteral("arguments")).toObject(), call->scopeNames());
    if (!arguments)
        co_return arguments.error();
    const QString text = json::compactString(*arguments);
    const MessagePart asked = MessagePart::toolCall(QStringLiteral("call_1"), gate->tool().name(), text);
    const QString none;
    auto outcome = co_await call->context().callTool(call->step, gate.get(), asked, none);
    if (!outcome)
        co_return outcome.error();
    if (outcome->isError)
        co_return Error(ErrorKind::Provider, QStringLiteral("The tool \"%1\" failed: %2")
                                                 .arg(gate->tool().name(), outcome->text.left(2000)));
    const bool structured = !outcome->structured.isUndefined() && !outcome->structured.isNull();
    co_return NodeOutcome(structured ? outcome->structured : valueOfText(outcome->text));
}

Task<Result<NodeOutcome>> runHumanNode(Call call)
{
    const bool form = call->setting("mode", QStringLiteral("approval")) == QLatin1String("form");
    const auto text =
        fillTemplate(call->setting("question", QStringLiteral("{{input}}")), call->scopeNames());
    if (!text)
        co_return text.error();
    HumanQuestion question;
    question.type = form ? HumanQuestion::Type::Form : HumanQuestion::Type::Approval;
    question.text = *text;
    if (form)
        question.fields = call->settings().value(QStringLiteral("fields")).toArray();
    const QString name = QStringLiteral("ask ") + call->node().name;
    const auto answer = co_await call->context().askPerson(call->step, question, name);
    if (!answer)
        co_return answer.error();
    if (!form) {
        if (answer->approved)
            co_return NodeOutcome(QStringLiteral("approved"), call->input());
        co_return NodeOutcome(QStringLiteral("denied"),
                              QJsonObject{{QStringLiteral("value"), call->input()},
                                          {QStringLiteral("reason"), answer->text}});
    }
    QJsonObject filled;
    const QJsonObject given = answer->arguments.value_or(QJsonObject());
    for (const QJsonValue &field : std::as_const(question.fields)) {
        const QString key = field.toObject().value(QStringLiteral("name")).toString();
        if (given.contains(key))
            filled.insert(key, given.value(key));
        else if (question.fields.size() == 1 && !answer->text.isEmpty() && answer->approved)
            filled.insert(key, answer->text);
    }
    if (filled.isEmpty() && !question.fields.isEmpty()) {
        co_return Error(ErrorKind::InvalidInput,
                        answer->text.isEmpty()
                            ? QStringLiteral("The form was not filled in.")
                            : QStringLiteral("The form was not filled in: %1").arg(answer->text));
    }
    co_return NodeOutcome(QJsonValue(filled));
}

Task<Result<NodeOutcome>> runTeamNode(Call call)
{
    const auto team = call->run->team->teams.value(call->node().id);
    if (!team)
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("The node has no team; choose one in its settings."));
    const QJsonObject names = call->scopeNames();
    const auto text = fillTemplate(call->setting("input", QStringLiteral("{{input}}")), names);
    if (!text)
        co_return text.error();
    const auto variables = fillValue(call->settings().value(QStringLiteral("variables")).toObject(), names);
    if (!variables)
        co_return variables.error();
    RunInput input;
    input.text = *text;
    input.variables = variables->toObject();
    const auto answer = co_await runTeamUnder(call->run->context, team, call->run->shared, input,
                                              call->step, call->stop, call->run->depth + 1);
    if (!answer)
        co_return answer.error();
    co_return NodeOutcome(*answer);
}

} // namespace lathe
