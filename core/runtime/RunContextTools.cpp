// SPDX-License-Identifier: GPL-3.0-or-later
// Tool calls and questions to people: the effects of RunContext that a person may decide on.
#include "core/runtime/RunContext.h"

#include "core/base/Assert.h"
#include "core/base/JsonWriter.h"

namespace lathe {

namespace {
using L = QLatin1String;
const QString operationName = QStringLiteral("gen_ai.operation.name");
}

Task<Result<ToolOutcome>> RunContext::callTool(QString parent, ToolGate *gate, MessagePart call, QString unknownHint)
{
    if (auto allowed = mayAct(parent); !allowed)
        co_return allowed.error();
    ++m_effects;
    JournalEntry entry;
    entry.step = nextStep(parent);
    entry.kind = QStringLiteral("execute_tool");
    if (const ForkChanges *changes = edit(entry.step, &ForkChanges::argumentsText))
        call.argumentsText = *changes->argumentsText;
    ToolGate::Checked checked;
    if (gate)
        checked = gate->check(call.argumentsText);
    const ForkChanges *given = edit(entry.step, &ForkChanges::result);
    const auto asks = [&entry, &call](const QJsonValue &arguments) {
        json::Writer request;
        request.beginObject().key(L("arguments")).value(arguments).key(L("tool")).string(call.name).endObject();
        entry.request = request.take();
        entry.requestHash = json::sha256(entry.request);
    };
    if (gate && !checked.refusal) {
        QJsonObject arguments = checked.arguments;
        if (gate->approval() == Approval::Ask && !given) // the person may have changed them
            arguments = approvedArguments(entry.step, arguments);
        asks(arguments);
        foresee(entry);
    } else {
        asks(call.argumentsText);
    }
    json::Writer attributes;
    attributes.beginObject().key(L("gen_ai.operation.name")).string(L("execute_tool"));
    attributes.key(L("gen_ai.tool.call.arguments")).string(call.argumentsText);
    attributes.key(L("gen_ai.tool.call.id")).string(call.id).key(L("gen_ai.tool.name")).string(call.name);
    if (gate)
        attributes.key(L("lathe.side_effect")).string(sideEffectName(gate->tool().sideEffect(QJsonObject())));
    attributes.endObject();
    const QString step = beginStep(parent, StepKind::Tool, QStringLiteral("execute_tool ") + call.name, attributes.takeObject());
    if (given) {
        auto outcome = co_await giveResult(std::move(entry), gate, *given->result, given->resultIsError);
        co_return outcome;
    }
    if (!gate) {
        note(step, QStringLiteral("unknown_tool"), QJsonObject{{QStringLiteral("tool"), call.name}});
        const ToolOutcome outcome =
            ToolOutcome::failure(QStringLiteral("There is no tool named \"%1\". %2").arg(call.name.left(80), unknownHint));
        co_return endTool(step, outcome, eventTime(step, true));
    }
    if (checked.refusal) {
        note(step, checked.refusalCode, QJsonObject{{QStringLiteral("reason"), checked.refusal->text}});
        co_return endTool(step, *checked.refusal, eventTime(step, true));
    }
    if (gate->approval() == Approval::Ask) {
        HumanQuestion question;
        question.type = HumanQuestion::Type::Approval;
        question.tool = call.name;
        question.arguments = checked.arguments;
        question.sideEffect = gate->tool().sideEffect(checked.arguments);
        question.text = QStringLiteral("May the agent call %1?").arg(call.name);
        const QString name = QStringLiteral("approve ") + call.name;
        const auto answer = co_await askHuman(step, question, name);
        if (!answer && answer.error().kind != ErrorKind::Denied) {
            endStep(step, StepStatus::Cancelled, {}, answer.error());
            co_return answer.error();
        }
        if (!answer || !answer->approved) {
            const QString reason = answer ? answer->text : answer.error().message;
            note(step, QStringLiteral("denied"), QJsonObject{{QStringLiteral("reason"), reason}});
            const ToolOutcome outcome = ToolOutcome::failure(
                QStringLiteral("The call was not approved.%1").arg(reason.isEmpty() ? QString() : QLatin1Char(' ') + reason));
            co_return endTool(step, outcome, eventTime(step, true));
        }
        if (answer->arguments) {
            checked.arguments = *answer->arguments;
            note(step, QStringLiteral("arguments_edited"), QJsonObject{{QStringLiteral("arguments"), checked.arguments}});
        }
    }

    asks(checked.arguments);
    const auto found = recorded(entry);
    if (!found) {
        endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    if (*found && (*found)->done) {
        gate->countRecorded();
        if (!(*found)->late)
            co_return tellTool(**found);
        const auto taken = co_await takeOver(**found);
        if (!taken)
            co_return taken.error();
        co_return tellTool(*taken);
    }
    const bool unfinished = *found != nullptr;
    entry.startedUs = m_options.clock->nowUs();
    if (!gate->tool().idempotent(checked.arguments) && !unfinished) {
        const auto begun = co_await m_options.journal->begin(entry);
        if (!begun) {
            endStep(step, StepStatus::Failed, {}, begun.error());
            co_return begun.error();
        }
    }
    std::vector<ChatNotice> notices;
    auto outcome = co_await performTool(step, gate, checked.arguments, unfinished, &notices);
    entry.endedUs = m_options.clock->nowUs();
    entry.done = true;
    if (outcome) {
        outcome = keepOutcome(&entry, std::move(*outcome), notices);
    } else {
        const bool deadline = stopped(outcome.error()) && m_deadlineHit;
        const bool branch = outcome.error().kind == ErrorKind::Cancelled && !m_cancel.isCancelled() && tokenFor(step).isCancelled();
        if (deadline)
            outcome = stopReason();
        if (!deadline && !branch) { // stopped by a person, or a question nobody answered: no outcome to keep
            emitEnd(step, StepStatus::Cancelled, {}, outcome.error(), QString(), entry.endedUs);
            co_return outcome.error();
        }
        QJsonObject failed{{QStringLiteral("error"), errorToJson(outcome.error())}};
        if (!notices.empty())
            failed.insert(QStringLiteral("notices"), noticesToJson(notices));
        entry.outcome = redacted(failed);
    }
    const qint64 endUs = entry.endedUs;
    const auto written = co_await record(std::move(entry));
    if (!written) {
        endStep(step, StepStatus::Failed, {}, written.error());
        co_return written.error();
    }
    if (!outcome) {
        emitEnd(step, StepStatus::Failed, {}, outcome.error(), QString(), endUs);
        co_return outcome.error();
    }
    co_return endTool(step, *outcome, endUs);
}

QJsonObject RunContext::approvedArguments(const QString &step, const QJsonObject &arguments) const
{
    const JournalEntry *answered = m_options.journal->find(step + QLatin1String(".1"));
    if (!answered || !answered->done)
        return arguments;
    const auto answer = HumanAnswer::fromJson(answered->outcome.value(L("answer")).toObject());
    return answer.arguments.value_or(arguments);
}

ToolOutcome RunContext::keepOutcome(JournalEntry *entry, ToolOutcome outcome, const std::vector<ChatNotice> &notices) const
{
    json::Writer kept;
    kept.beginObject();
    if (!notices.empty())
        kept.key(L("notices")).value(noticesToJson(notices));
    kept.key(L("outcome")).value(outcome.toJson()).endObject();
    if (!redacts()) {
        entry->outcomeText = kept.take();
        return outcome;
    }
    entry->outcome = redacted(kept.takeObject());
    return ToolOutcome::fromJson(entry->outcome.value(L("outcome")).toObject());
}

void RunContext::keepNote(const QString &step, const QString &name, QJsonObject attributes, std::vector<ChatNotice> *notices)
{
    attributes.insert(QStringLiteral("time_us"), m_options.clock->nowUs());
    note(step, name, attributes);
    notices->push_back(ChatNotice{name, std::move(attributes)});
}

Task<Result<ToolOutcome>> RunContext::performTool(QString step, ToolGate *gate, QJsonObject arguments, bool unfinished,
                                                  std::vector<ChatNotice> *notices)
{
    if (unfinished) {
        const auto repeat = co_await mayRepeatUnfinished(step, gate, arguments, notices);
        if (!repeat)
            co_return repeat.error();
        if (!*repeat)
            co_return ToolOutcome::failure(QStringLiteral("The call had begun when the program stopped, and it is not known "
                                                          "whether it took effect. It was not repeated."));
    }
    const CancelToken cancel = tokenFor(step);
    if (cancel.isCancelled())
        co_return Error::cancelled();
    if (gate->tool().asksHuman()) {
        gate->countRecorded();
        if (!m_options.human)
            co_return ToolOutcome::failure(QStringLiteral("Nobody is attending this run, so nobody can be asked."));
        HumanQuestion question;
        question.type = HumanQuestion::Type::Question;
        question.step = step;
        question.text = arguments.value(QStringLiteral("question")).toString();
        question.choices = json::toStringList(arguments.value(QStringLiteral("choices")));
        question.tool = gate->tool().name();
        keepNote(step, QStringLiteral("question_asked"), question.toJson(), notices);
        auto answer = co_await m_options.human->ask(question, cancel);
        if (!answer && answer.error().kind == ErrorKind::Denied)
            co_return ToolOutcome::failure(answer.error().message);
        if (!answer)
            co_return answer.error();
        keepNote(step, QStringLiteral("question_answered"), answer->toJson(), notices);
        ToolOutcome outcome;
        outcome.text = answer->text;
        co_return outcome;
    }
    auto outcome = co_await gate->run(std::move(arguments), m_options.clock, cancel);
    co_return outcome;
}

Task<Result<bool>> RunContext::mayRepeatUnfinished(QString step, ToolGate *gate, QJsonObject arguments,
                                                   std::vector<ChatNotice> *notices)
{
    QJsonObject noted{{QStringLiteral("arguments"), arguments}};
    const bool asks = m_options.unfinished == UnfinishedPolicy::Ask && m_options.human;
    if (asks)
        noted.insert(QStringLiteral("asked"), true);
    keepNote(step, QStringLiteral("unfinished_call"), noted, notices);
    if (m_options.unfinished == UnfinishedPolicy::Repeat)
        co_return true;
    if (m_options.unfinished == UnfinishedPolicy::Skip)
        co_return false;
    const Error undecided(ErrorKind::Denied,
                          QStringLiteral("The call of %1 at step %2 had begun when the program stopped, and it is not known whether "
                                         "it took effect. Say whether to repeat or to skip it.")
                              .arg(gate->tool().name(), step));
    if (!asks)
        co_return undecided;
    HumanQuestion question;
    question.type = HumanQuestion::Type::Unfinished;
    question.step = step;
    question.text = undecided.message;
    question.tool = gate->tool().name();
    question.arguments = arguments;
    question.sideEffect = gate->tool().sideEffect(arguments);
    question.choices = QStringList{QStringLiteral("repeat"), QStringLiteral("skip"), QStringLiteral("stop")};
    const CancelToken cancel = tokenFor(step);
    const auto answer = co_await m_options.human->ask(question, cancel);
    if (!answer)
        co_return answer.error().kind == ErrorKind::Denied ? undecided : answer.error();
    if (answer->text == QLatin1String("stop"))
        co_return undecided;
    keepNote(step, QStringLiteral("unfinished_decided"), QJsonObject{{QStringLiteral("choice"), answer->text}}, notices);
    co_return answer->text == QLatin1String("repeat");
}

Task<Result<HumanAnswer>> RunContext::askHuman(QString parent, HumanQuestion question, QString name)
{
    JournalEntry entry;
    entry.step = nextStep(parent);
    entry.kind = QStringLiteral("human");
    QJsonObject asked = question.toJson();
    entry.request = json::compact(asked);
    entry.requestHash = json::sha256(entry.request);
    const auto found = recorded(entry);
    const QString step = beginStep(parent, StepKind::Human, name, QJsonObject{{operationName, QStringLiteral("human")}});
    question.step = step;
    if (!found) {
        endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    note(step, QStringLiteral("approval_requested"), asked);
    if (*found && (*found)->done && (*found)->late) {
        const auto taken = co_await takeOver(**found);
        if (!taken)
            co_return taken.error();
        co_return tellHuman(*taken);
    }
    if (*found && (*found)->done)
        co_return tellHuman(**found);
    HumanAnswer answer;
    entry.startedUs = m_options.clock->nowUs();
    const CancelToken cancel = tokenFor(parent);
    std::optional<Error> branchStopped;
    std::vector<ChatNotice> notices;
    if (const ForkChanges *changes = edit(step, &ForkChanges::humanAnswer)) {
        answer = HumanAnswer::fromJson(*changes->humanAnswer);
        notices.push_back(editedNotice("human_answer"));
        note(step, notices.back().name, notices.back().attributes);
    } else if (m_options.human && !cancel.isCancelled()) {
        auto given = co_await m_options.human->ask(question, cancel);
        if (!given && given.error().kind == ErrorKind::Cancelled && !m_cancel.isCancelled() && cancel.isCancelled()) {
            branchStopped = given.error();
        } else if (!given && given.error().kind != ErrorKind::Denied) {
            const Error error = stopped(given.error()) ? stopReason() : given.error();
            endStep(step, StepStatus::Cancelled, {}, error);
            co_return error;
        }
        if (given)
            answer = *given;
        else
            answer.text = given.error().message;
    } else if (cancel.isCancelled()) {
        branchStopped = Error::cancelled();
    } else {
        answer.text = QStringLiteral("Nobody is attending this run to approve it.");
    }
    entry.endedUs = m_options.clock->nowUs();
    entry.done = true;
    if (branchStopped)
        entry.outcome = QJsonObject{{QStringLiteral("error"), errorToJson(*branchStopped)}};
    else
        entry.outcome = QJsonObject{{QStringLiteral("answer"), answer.toJson()}};
    if (!notices.empty())
        entry.outcome.insert(QStringLiteral("notices"), noticesToJson(notices));
    const qint64 endUs = entry.endedUs;
    const auto written = co_await record(std::move(entry));
    if (!written) {
        endStep(step, StepStatus::Failed, {}, written.error());
        co_return written.error();
    }
    if (branchStopped) {
        emitEnd(step, StepStatus::Cancelled, {}, branchStopped, QString(), endUs);
        co_return *branchStopped;
    }
    emitEnd(step, StepStatus::Ok, answer.toJson(), std::nullopt, answer.text, endUs);
    co_return answer;
}

Result<HumanAnswer> RunContext::tellHuman(const JournalEntry &entry)
{
    m_logicalUs = std::max(m_logicalUs, entry.endedUs);
    for (const ChatNotice &notice : noticesFromJson(entry.outcome.value(QStringLiteral("notices")).toArray()))
        note(entry.step, notice.name, notice.attributes);
    if (entry.outcome.contains(QStringLiteral("error"))) { // its branch was stopped
        const Error error = errorFromJson(entry.outcome.value(QStringLiteral("error")).toObject());
        emitEnd(entry.step, StepStatus::Failed, {}, error, QString(), entry.endedUs);
        return error;
    }
    const HumanAnswer answer = HumanAnswer::fromJson(entry.outcome.value(QStringLiteral("answer")).toObject());
    emitEnd(entry.step, StepStatus::Ok, answer.toJson(), std::nullopt, answer.text, entry.endedUs);
    return answer;
}

Task<Result<HumanAnswer>> RunContext::askPerson(QString parent, HumanQuestion question, QString name)
{
    if (m_cancel.isCancelled())
        co_return stopReason();
    auto answer = co_await askHuman(std::move(parent), std::move(question), std::move(name));
    co_return answer;
}

} // namespace lathe
