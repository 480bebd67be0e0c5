// SPDX-License-Identifier: GPL-3.0-or-later
// react: thought, action, observation as text, for models without tool calling.
#include "core/runtime/AgentTurn.h"

namespace lathe {

namespace {
// What a model wrote in the ReAct format. The last of each counts; what follows an invented observation is ignored.
struct ReactMove {
    QString thought;
    QString action;
    QString actionInput;
    std::optional<QString> finalAnswer;
};

qsizetype labelAt(const QString &line, QLatin1String label)
{
    qsizetype from = 0;
    while (from < line.size() && (line[from].isSpace() || line[from] == QLatin1Char('*') || line[from] == QLatin1Char('#')))
        ++from;
    if (!QStringView(line).sliced(from).startsWith(label, Qt::CaseInsensitive))
        return -1;
    qsizetype end = from + label.size();
    while (end < line.size() && (line[end] == QLatin1Char('*') || line[end] == QLatin1Char(' ')))
        ++end;
    return end < line.size() && line[end] == QLatin1Char(':') ? end + 1 : -1;
}

ReactMove parseReact(const QString &text)
{
    ReactMove move;
    QString *target = &move.thought;
    QString final;
    const QStringList lines = text.split(QLatin1Char('\n'));
    for (const QString &line : lines) {
        qsizetype at = -1;
        if (labelAt(line, QLatin1String("Observation")) >= 0)
            break;
        if ((at = labelAt(line, QLatin1String("Final Answer"))) >= 0) {
            move.finalAnswer = QString();
            target = &final;
        } else if ((at = labelAt(line, QLatin1String("Action Input"))) >= 0) {
            target = &move.actionInput;
        } else if ((at = labelAt(line, QLatin1String("Action"))) >= 0) {
            target = &move.action;
        } else if ((at = labelAt(line, QLatin1String("Thought"))) >= 0) {
            target = &move.thought;
        }
        if (at >= 0)
            *target = line.mid(at).trimmed();
        else
            *target += QLatin1Char('\n') + line;
    }
    if (move.finalAnswer)
        move.finalAnswer = final.trimmed();
    move.action = move.action.section(QLatin1Char('\n'), 0, 0).trimmed();
    move.action.remove(QLatin1Char('`'));
    return move;
}
}

Task<Result<QString>> patternReact(const AgentTurn *turn)
{
    const QString protocol = promptText(QStringLiteral("patterns/react"),
                                        QJsonObject{{QStringLiteral("tools"), turn->toolList()},
                                                    {QStringLiteral("tool_names"), turn->toolNames()}});
    std::vector<Message> messages;
    messages.push_back(Message(Role::System, turn->systemText() + QStringLiteral("\n\n") + protocol));
    messages.insert(messages.end(), turn->history().begin(), turn->history().end());
    messages.push_back(Message(Role::User, turn->input()));
    for (int round = 1;; ++round) {
        const QString step = turn->context().beginStep(turn->step(), StepKind::Control, QStringLiteral("think %1").arg(round),
                                                       QJsonObject{{QStringLiteral("gen_ai.operation.name"), QStringLiteral("plan")}});
        ChatRequest request = turn->request(messages, false);
        request.stop = QStringList{QStringLiteral("\nObservation:")};
        auto response = co_await turn->chat(step, std::move(request));
        if (!response) {
            turn->context().endStep(step, StepStatus::Failed, QJsonObject(), response.error());
            co_return response.error();
        }
        messages.push_back(response->message);
        const ReactMove move = parseReact(response->message.text());
        turn->context().delta(step, DeltaChannel::Reasoning, move.thought.trimmed());
        if (move.finalAnswer || move.action.isEmpty()) {
            turn->context().endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
            const QString text = move.finalAnswer ? *move.finalAnswer : response->message.text().trimmed();
            auto answer = co_await turn->accept(turn->step(), std::move(messages), text);
            co_return answer;
        }
        const auto arguments = findJson(move.actionInput);
        const QString argumentsText = arguments ? json::compactString(*arguments) : move.actionInput.trimmed();
        const MessagePart call = MessagePart::toolCall(QStringLiteral("react_%1").arg(round), move.action, argumentsText);
        std::vector<MessagePart> calls;
        calls.push_back(call);
        auto results = co_await turn->callTools(step, std::move(calls));
        if (!results) {
            turn->context().endStep(step, StepStatus::Failed, QJsonObject(), results.error());
            co_return results.error();
        }
        turn->context().endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
        messages.push_back(Message(Role::User, promptText(QStringLiteral("patterns/react_observation"),
                                                          QJsonObject{{QStringLiteral("observation"),
                                                                       results->front().parts.front().text}})));
    }
}

} // namespace lathe
