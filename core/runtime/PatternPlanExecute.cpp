// SPDX-License-Identifier: GPL-3.0-or-later
// plan_execute: plan, do one step with the tools, re-plan with what was learnt, answer.
#include "core/runtime/AgentTurn.h"

namespace lathe {

namespace {
constexpr int maxPlanSteps = 6;

// "1. do this" or "- do this" lines; other lines are commentary.
QStringList parsePlan(const QString &text)
{
    QStringList steps;
    const QStringList lines = text.split(QLatin1Char('\n'));
    for (const QString &raw : lines) {
        const QString line = raw.trimmed();
        qsizetype from = 0;
        while (from < line.size() && line[from].isDigit())
            ++from;
        const bool numbered = from > 0 && from < line.size() && (line[from] == QLatin1Char('.') || line[from] == QLatin1Char(')'));
        const bool bullet = line.startsWith(QLatin1String("- ")) || line.startsWith(QLatin1String("* "));
        if (!numbered && !bullet)
            continue;
        const QString step = line.mid(numbered ? from + 1 : 2).trimmed();
        if (!step.isEmpty() && steps.size() < maxPlanSteps)
            steps.append(step);
    }
    return steps;
}

QString numbered(const QStringList &steps)
{
    QStringList lines;
    for (int i = 0; i < steps.size(); ++i)
        lines.append(QStringLiteral("%1. %2").arg(i + 1).arg(steps[i]));
    return lines.join(QLatin1Char('\n'));
}

// One model call whose answer is a thought: a control step of its own.
Task<Result<QString>> think(const AgentTurn *turn, QString name, QString text)
{
    const QString step = turn->context().beginStep(turn->step(), StepKind::Control, name,
                                                   QJsonObject{{QStringLiteral("gen_ai.operation.name"), QStringLiteral("plan")}});
    ChatRequest request = turn->request(turn->opening(text), false);
    auto response = co_await turn->chat(step, std::move(request));
    if (!response) {
        turn->context().endStep(step, StepStatus::Failed, QJsonObject(), response.error());
        co_return response.error();
    }
    const QString thought = response->message.text();
    turn->context().delta(step, DeltaChannel::Text, thought);
    turn->context().endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
    co_return thought;
}
}

Task<Result<QString>> patternPlanExecute(const AgentTurn *turn)
{
    QJsonObject values{{QStringLiteral("task"), turn->input()},
                       {QStringLiteral("max_steps"), maxPlanSteps},
                       {QStringLiteral("tools"), turn->toolList()}};
    auto planned = co_await think(turn, QStringLiteral("plan"), promptText(QStringLiteral("patterns/plan"), values));
    if (!planned)
        co_return planned.error();
    QStringList plan = parsePlan(*planned);
    if (plan.isEmpty())
        plan.append(turn->input());

    QString done;
    for (int number = 1; !plan.isEmpty() && number <= 2 * maxPlanSteps; ++number) {
        const QString task = plan.takeFirst();
        const QString step = turn->context().beginStep(
            turn->step(), StepKind::Control, QStringLiteral("step %1").arg(number),
            QJsonObject{{QStringLiteral("lathe.task"), task}});
        values.insert(QStringLiteral("plan"), numbered(plan));
        values.insert(QStringLiteral("done"), done);
        values.insert(QStringLiteral("step"), task);
        std::vector<Message> messages = turn->opening(promptText(QStringLiteral("patterns/plan_step"), values));
        auto result = co_await turn->toolLoop(step, &messages, false);
        if (!result) {
            turn->context().endStep(step, StepStatus::Failed, QJsonObject(), result.error());
            co_return result.error();
        }
        turn->context().delta(step, DeltaChannel::Text, *result);
        turn->context().endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
        done += QStringLiteral("%1. %2\nResult: %3\n").arg(number).arg(task, result->trimmed());
        if (plan.isEmpty())
            break;
        values.insert(QStringLiteral("plan"), numbered(plan));
        values.insert(QStringLiteral("done"), done);
        auto again = co_await think(turn, QStringLiteral("re-plan %1").arg(number),
                                    promptText(QStringLiteral("patterns/replan"), values));
        if (!again)
            co_return again.error();
        if (again->contains(QLatin1String("DONE")))
            break;
        const QStringList revised = parsePlan(*again);
        if (!revised.isEmpty())
            plan = revised;
    }

    values.insert(QStringLiteral("done"), done);
    std::vector<Message> messages = turn->opening(promptText(QStringLiteral("patterns/plan_answer"), values));
    ChatRequest request = turn->request(messages, false);
    turn->wantOutput(request);
    auto response = co_await turn->chat(turn->step(), std::move(request));
    if (!response)
        co_return response.error();
    messages.push_back(response->message);
    auto answer = co_await turn->accept(turn->step(), std::move(messages), response->message.text());
    co_return answer;
}

} // namespace lathe
