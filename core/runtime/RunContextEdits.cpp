// SPDX-License-Identifier: GPL-3.0-or-later
// Forks: outcomes that a person put in the place of what a model or tool would have given.
#include "core/runtime/RunContext.h"

namespace lathe {

ChatNotice RunContext::editedNotice(const char *what) const
{
    return ChatNotice{QStringLiteral("edited"), QJsonObject{{QStringLiteral("what"), QString::fromLatin1(what)},
                                                            {QStringLiteral("time_us"), m_options.clock->nowUs()}}};
}

Task<Result<JournalEntry>> RunContext::takeOver(JournalEntry entry)
{
    entry.late = false;
    entry.startedUs = entry.endedUs = m_options.clock->nowUs();
    auto told = co_await recordToTell(std::move(entry));
    co_return told;
}

Task<Result<JournalEntry>> RunContext::recordToTell(JournalEntry entry)
{
    JournalEntry told = entry;
    const auto written = co_await record(std::move(entry));
    if (!written) {
        endStep(told.step, StepStatus::Failed, {}, written.error());
        co_return written.error();
    }
    co_return told;
}

Task<Result<ChatResponse>> RunContext::answerChat(JournalEntry entry, ModelBinding model, Message message)
{
    ChainAnswer answer;
    answer.used = model.choice;
    answer.provider = model.provider;
    answer.notices.push_back(editedNotice("answer"));
    ChatResponse response;
    response.finishReason = message.toolCalls().empty() ? FinishReason::Stop : FinishReason::ToolCalls;
    response.message = std::move(message);
    response.model = model.choice.model;
    answer.response = std::move(response);
    entry.startedUs = m_options.clock->nowUs();
    entry.endedUs = entry.startedUs;
    entry.done = true;
    entry.outcome = redacted(answer.toJson());
    const auto told = co_await recordToTell(std::move(entry));
    if (!told)
        co_return told.error();
    co_return tellChat(*told);
}

Task<Result<ToolOutcome>> RunContext::giveResult(JournalEntry entry, ToolGate *gate, QString text, bool isError)
{
    const auto found = recorded(entry);
    if (!found) {
        endStep(entry.step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    if (gate)
        gate->admit();
    if (*found && (*found)->done) {
        auto known = co_await tellKnownTool(**found, gate);
        co_return known;
    }
    ToolOutcome outcome;
    outcome.text = std::move(text);
    outcome.isError = isError;
    entry.startedUs = m_options.clock->nowUs();
    entry.endedUs = entry.startedUs;
    entry.done = true;
    entry.outcome = redacted(QJsonObject{{QStringLiteral("notices"), noticesToJson({editedNotice("result")})},
                                         {QStringLiteral("outcome"), outcome.toJson()}});
    const auto told = co_await recordToTell(std::move(entry));
    if (!told)
        co_return told.error();
    co_return tellTool(*told);
}

Task<Result<ToolOutcome>> RunContext::tellKnownTool(JournalEntry entry, ToolGate *gate)
{
    if (entry.late) {
        auto taken = co_await takeOver(std::move(entry));
        if (!taken)
            co_return taken.error();
        entry = std::move(*taken);
    }
    if (gate)
        gate->budget().countRetries(retriesIn(noticesFromJson(entry.outcome.value(QStringLiteral("notices")).toArray())));
    co_return tellTool(entry);
}

Result<ToolOutcome> RunContext::tellTool(const JournalEntry &entry)
{
    m_logicalUs = std::max(m_logicalUs, entry.endedUs);
    for (const ChatNotice &notice : noticesFromJson(entry.outcome.value(QStringLiteral("notices")).toArray())) {
        if (notice.name == QLatin1String("sampled"))
            tellSampled(entry.step, notice.attributes);
        else
            note(entry.step, notice.name, notice.attributes);
    }
    if (entry.outcome.contains(QStringLiteral("error"))) {
        const Error error = errorFromJson(entry.outcome.value(QStringLiteral("error")).toObject());
        emitEnd(entry.step, StepStatus::Failed, {}, error, QString(), entry.endedUs);
        return error;
    }
    ToolOutcome outcome = ToolOutcome::fromJson(entry.outcome.value(QStringLiteral("outcome")).toObject());
    outcome.ran = !entry.outcome.value(QStringLiteral("refused")).toBool();
    return endTool(entry.step, outcome, entry.endedUs, entry.outcome.value(QStringLiteral("attributes")).toObject());
}

} // namespace lathe
