// SPDX-License-Identifier: GPL-3.0-or-later
// reflexion: draft (with tools), critique against the success criteria, revise; at most two revisions.
#include "core/runtime/AgentTurn.h"

namespace lathe {

namespace {
constexpr int maxRevisions = 2;

bool passes(const QString &critique)
{
    const qsizetype at = critique.indexOf(QLatin1String("VERDICT:"), 0, Qt::CaseInsensitive);
    if (at < 0)
        return false;
    return critique.mid(at + 8, 40).trimmed().startsWith(QLatin1String("pass"), Qt::CaseInsensitive);
}

Task<Result<QString>> stepChat(const AgentTurn *turn, QString name, QString text, bool finalAnswer)
{
    const QString step = turn->context().beginStep(turn->step(), StepKind::Control, name,
                                                   QJsonObject{{QStringLiteral("gen_ai.operation.name"), QStringLiteral("plan")}});
    ChatRequest request = turn->request(turn->opening(text), false);
    if (finalAnswer)
        turn->wantOutput(request);
    auto response = co_await turn->chat(step, std::move(request));
    if (!response) {
        turn->context().endStep(step, StepStatus::Failed, QJsonObject(), response.error());
        co_return response.error();
    }
    turn->context().endStep(step, StepStatus::Ok, QJsonObject(), std::nullopt);
    co_return response->message.text();
}
}

Task<Result<QString>> patternReflexion(const AgentTurn *turn)
{
    const QString draftStep = turn->context().beginStep(turn->step(), StepKind::Control, QStringLiteral("draft"), QJsonObject());
    std::vector<Message> messages = turn->opening(turn->input());
    auto draft = co_await turn->toolLoop(draftStep, &messages, true);
    if (!draft) {
        turn->context().endStep(draftStep, StepStatus::Failed, QJsonObject(), draft.error());
        co_return draft.error();
    }
    turn->context().endStep(draftStep, StepStatus::Ok, QJsonObject(), std::nullopt);
    QString text = *draft;
    for (int revision = 1; revision <= maxRevisions; ++revision) {
        QJsonObject values{{QStringLiteral("task"), turn->input()},
                           {QStringLiteral("criteria"), turn->agent().prompt.successCriteria.join(QLatin1Char('\n'))},
                           {QStringLiteral("draft"), text}};
        auto critique = co_await stepChat(turn, QStringLiteral("critique %1").arg(revision),
                                          promptText(QStringLiteral("patterns/critique"), values), false);
        if (!critique)
            co_return critique.error();
        if (passes(*critique))
            break;
        values.insert(QStringLiteral("critique"), *critique);
        auto revised = co_await stepChat(turn, QStringLiteral("revise %1").arg(revision),
                                         promptText(QStringLiteral("patterns/revise"), values), true);
        if (!revised)
            co_return revised.error();
        text = *revised;
    }
    auto answer = co_await turn->accept(turn->step(), std::move(messages), std::move(text));
    co_return answer;
}

} // namespace lathe
