// SPDX-License-Identifier: GPL-3.0-or-later
// Tool calls: from what a model asked for to what may run. What runs is RunContextPerform.cpp.
#include "core/runtime/RunContext.h"

#include "core/base/JsonWriter.h"
#include "core/design/ToolPolicyRules.h"
#include "core/runtime/DelegateTool.h"

namespace lathe {

namespace {
using L = QLatin1String;

constexpr qsizetype longestPreview = 200'000; // characters

// Of a fork: what is recorded behind the place where it parts was asked with hidden arguments that nobody knows any more. Those at hand now
// come from a model that was asked anew, so it is another call, however alike the two look.
bool isOtherCall(const JournalEntry *known, const ToolGate &gate, const QJsonObject &arguments)
{
    return known && known->late && gate.hidesArguments() && gate.shown(arguments) != arguments;
}

QJsonObject reasonOf(const ToolOutcome &refusal)
{
    return QJsonObject{{QStringLiteral("reason"), refusal.text}};
}
}

void RunContext::setRequest(JournalEntry *entry, const QString &tool, const QJsonValue &arguments)
{
    json::Writer request;
    request.beginObject().key(L("arguments")).value(arguments).key(L("tool")).string(tool).endObject();
    entry->request = request.take();
    entry->requestHash = json::sha256(entry->request);
}

Task<Result<ToolOutcome>> RunContext::callTool(QString parent, ToolGate *gate, MessagePart call, QString unknownHint, QString reason)
{
    if (auto allowed = mayAct(parent); !allowed)
        co_return allowed.error();
    ++m_effects;
    ToolCall now;
    now.gate = gate;
    now.reason = std::move(reason);
    JournalEntry &entry = now.entry;
    entry.step = nextStep(parent);
    entry.kind = QStringLiteral("execute_tool");
    if (const ForkChanges *changes = edit(entry.step, &ForkChanges::argumentsText)) {
        call.argumentsText = *changes->argumentsText;
        now.edited = true;
    }
    ToolGate::Checked checked;
    if (gate)
        checked = gate->read(call.argumentsText);
    const QString shownText = gate ? gate->shownText(call.argumentsText) : call.argumentsText;
    const ForkChanges *given = edit(entry.step, &ForkChanges::result);
    const JournalEntry *known = m_options.journal->find(entry.step);
    const bool hides = gate && gate->hidesArguments();
    const bool other = hides && known && known->late && isOtherCall(known, *gate, json::parseObject(call.argumentsText.toUtf8()).valueOr(QJsonObject()));
    if (other) {
        m_parted.insert(entry.step);
        known = nullptr;
    }
    const bool knownRefusal = hides && known && known->done && known->outcome.value(L("refused")).toBool();
    if (hides && checked.refusal && known && known->done && !knownRefusal) {
        // What is hidden in the recording is what was checked then.
        checked = ToolGate::Checked();
        checked.arguments = json::parseObject(call.argumentsText.toUtf8()).valueOr(QJsonObject());
    }
    if (gate && !checked.refusal && !knownRefusal) {
        QJsonObject arguments = gate->shown(checked.arguments);
        if (gate->approval() != Approval::Always && !given) // the person may have changed them
            arguments = approvedArguments(entry.step, arguments);
        setRequest(&entry, call.name, arguments);
        foresee(entry);
    } else {
        setRequest(&entry, call.name, shownText);
    }
    if (gate && !given)
        checked = admission(entry, gate, std::move(checked));
    json::Writer attributes;
    attributes.beginObject().key(L("gen_ai.operation.name")).string(L("execute_tool"));
    attributes.key(L("gen_ai.tool.call.arguments")).string(shownText);
    attributes.key(L("gen_ai.tool.call.id")).string(call.id).key(L("gen_ai.tool.name")).string(call.name);
    if (gate)
        attributes.key(L("lathe.side_effect")).string(sideEffectName(gate->sideEffect(QJsonObject())));
    attributes.endObject();
    const QString step = beginStep(parent, StepKind::Tool, QStringLiteral("execute_tool ") + call.name, attributes.takeObject());
    now.step = step;
    now.call = std::move(call);
    if (given) {
        auto outcome = co_await giveResult(std::move(entry), gate, *given->result, given->resultIsError);
        co_return outcome;
    }
    if (!gate) {
        note(step, QStringLiteral("unknown_tool"), QJsonObject{{QStringLiteral("tool"), now.call.name}});
        const ToolOutcome outcome =
            ToolOutcome::failure(QStringLiteral("There is no tool named \"%1\". %2").arg(now.call.name.left(80), unknownHint));
        co_return endTool(step, outcome, eventTime(step, true));
    }
    if (knownRefusal && answers(known, entry)) {
        auto refusal = co_await tellKnownTool(*known, gate);
        co_return refusal;
    }
    if (checked.refusal && hides && m_options.mode != RunMode::Replay) {
        auto outcome = co_await recordRefusal(std::move(entry), std::move(checked));
        co_return outcome;
    }
    if (checked.refusal)
        co_return refused(step, checked);
    gate->admit(); // before anything that waits
    now.arguments = std::move(checked.arguments);
    const auto refusal = co_await approve(&now);
    if (!refusal)
        co_return refusal.error();
    if (*refusal)
        co_return ToolOutcome(**refusal);

    setRequest(&entry, now.call.name, gate->shown(now.arguments));
    if (gate->tool().delegates()) {
        auto outcome = co_await runDelegate(&now);
        co_return outcome;
    }
    if (other) {
        m_wentLive = true;
        auto outcome = co_await runLive(&now, false);
        co_return outcome;
    }
    const auto found = recorded(entry);
    if (!found) {
        endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    if (*found && (*found)->done) {
        auto outcome = co_await tellKnownTool(**found, gate);
        co_return outcome;
    }
    auto outcome = co_await runLive(&now, *found != nullptr);
    co_return outcome;
}

// What is beyond a bound, though its arguments may be well. What is recorded was let in, whatever was counted then.
ToolGate::Checked RunContext::admission(const JournalEntry &entry, ToolGate *gate, ToolGate::Checked checked) const
{
    if (checked.refusal && checked.refusalCode == L("denied"))
        return checked;
    if (gate->tool().delegates() && delegateDepth(entry.step) >= DelegateTool::maxDepth) {
        checked.refusal = ToolOutcome::failure(QStringLiteral("Agents already call each other %1 deep here, so %2 cannot be called. Do it yourself, "
                                                              "or answer with what you have.")
                                                   .arg(DelegateTool::maxDepth)
                                                   .arg(gate->tool().name()));
        checked.refusalCode = QStringLiteral("limit");
        return checked;
    }
    ToolGate::Checked full = gate->mayCall();
    if (!full.refusal)
        return checked;
    const JournalEntry *done = m_options.journal->find(entry.step);
    if (done && done->done && answers(done, entry) && !isOtherCall(done, *gate, checked.arguments))
        return checked;
    const JournalEntry *asked = m_options.journal->find(entry.step + L(".1"));
    if (m_options.mode != RunMode::Fork && asked && asked->done && asked->kind == L("human"))
        return checked;
    return full;
}

ToolOutcome RunContext::refused(const QString &step, const ToolGate::Checked &checked)
{
    note(step, checked.refusalCode, reasonOf(*checked.refusal));
    return endTool(step, *checked.refusal, eventTime(step, true));
}

Task<Result<ToolOutcome>> RunContext::recordRefusal(JournalEntry entry, ToolGate::Checked checked)
{
    entry.startedUs = m_options.clock->nowUs();
    entry.endedUs = entry.startedUs;
    entry.done = true;
    const std::vector<ChatNotice> notices{ChatNotice{checked.refusalCode, reasonOf(*checked.refusal)}};
    entry.outcome = redacted(QJsonObject{{QStringLiteral("notices"), noticesToJson(notices)},
                                         {QStringLiteral("outcome"), checked.refusal->toJson()},
                                         {QStringLiteral("refused"), true}});
    const auto told = co_await recordToTell(std::move(entry));
    if (!told)
        co_return told.error();
    co_return tellTool(*told);
}

Task<Result<std::optional<ToolOutcome>>> RunContext::approve(ToolCall *now)
{
    using Decision = std::optional<ToolOutcome>;
    using Grant = ToolBudget::Grant;
    ToolGate *const gate = now->gate;
    const QString step = now->step;
    if (gate->approval() == Approval::Always) {
        now->policy = QStringLiteral("always");
        co_return Decision();
    }
    std::optional<AsyncSemaphore::Permit> alone; // until the person has answered
    if (gate->approval() == Approval::AskFirst && gate->budget().granted(false) == Grant::None) {
        const AsyncSemaphore asking = gate->budget().asking();
        auto permit = co_await asking.acquire();
        alone.emplace(std::move(permit));
        if (m_cancel.isCancelled()) {
            endStep(step, StepStatus::Cancelled, {}, stopReason());
            co_return stopReason();
        }
    }
    // What was asked when this was recorded is asked now; else the policy says, and what a person granted in this run (in a fork: not
    // what was granted in the run it comes from, and not for arguments that the fork changed).
    const JournalEntry *done = m_options.journal->find(step);
    const JournalEntry *answered = m_options.journal->find(step + L(".1"));
    if (isOtherCall(done, *gate, now->arguments))
        done = nullptr;
    const bool wasDone = done && done->done && answers(done, now->entry);
    const bool wasAsked = answered && answered->kind == L("human");
    const Grant granted = now->edited ? Grant::None : gate->budget().granted(wasDone || m_options.mode != RunMode::Fork);
    const QJsonObject shown = gate->shown(now->arguments);
    QString why, unused;
    bool asks = gate->asks(now->arguments, granted, &why);
    const bool stateful = granted != Grant::None || gate->approval() != Approval::Ask;
    if (stateful && (m_options.mode != RunMode::Fork || wasDone)) {
        if (!asks && wasAsked) {
            gate->asks(now->arguments, Grant::None, &why);
            asks = true;
        } else if (asks && wasDone && !wasAsked) {
            asks = false;
        }
    }
    if (!asks) {
        now->policy = granted == Grant::ForRun                       ? QStringLiteral("approved for this run")
                      : gate->asks(now->arguments, Grant::None, &unused) ? QStringLiteral("approved before")
                                                                       : QStringLiteral("no rule matched");
        co_return Decision();
    }
    HumanQuestion question;
    question.type = HumanQuestion::Type::Approval;
    question.tool = now->call.name;
    question.arguments = now->arguments;
    question.sideEffect = gate->sideEffect(shown);
    question.text = QStringLiteral("May the agent call %1?").arg(now->call.name);
    // Of a server's function its own words: those of the whole server say little.
    question.purpose = isToolSet(gate->spec().type) ? gate->interface().description : gate->spec().purpose;
    question.reason = now->reason;
    question.why = why;
    question.schema = gate->interface().schema;
    question.preview = gate->tool().preview(now->arguments).left(longestPreview);
    if (!question.preview.isEmpty())
        question.previewOf = [tool = gate->sharedTool()](const QJsonObject &arguments) { return tool->preview(arguments).left(longestPreview); };
    const QString name = QStringLiteral("approve ") + now->call.name;
    bool fromParent = false;
    const auto answer = co_await askHuman(step, question, name, gate, &fromParent);
    if (!answer && answer.error().kind != ErrorKind::Denied) {
        endStep(step, StepStatus::Cancelled, {}, answer.error());
        co_return answer.error();
    }
    if (answer && answer->unattended == L("stop")) {
        const Error nobody(ErrorKind::Denied, answer->text);
        endStep(step, StepStatus::Failed, {}, nobody);
        co_return nobody;
    }
    if (!answer || !answer->approved) {
        const QString reason = answer ? answer->text : answer.error().message;
        note(step, QStringLiteral("denied"), QJsonObject{{QStringLiteral("reason"), reason}});
        const ToolOutcome outcome = ToolOutcome::failure(
            QStringLiteral("The call was not approved.%1").arg(reason.isEmpty() ? QString() : QLatin1Char(' ') + reason));
        co_return Decision(endTool(step, outcome, eventTime(step, true)));
    }
    now->policy = !answer->unattended.isEmpty() ? QStringLiteral("unattended: allowed")
                  : answer->forRun              ? QStringLiteral("approved for this run")
                                                : QStringLiteral("approved");
    if (answer->unattended.isEmpty())
        gate->budget().grant(answer->forRun ? Grant::ForRun : Grant::First, fromParent);
    if (answer->arguments) {
        now->arguments = *answer->arguments;
        note(step, QStringLiteral("arguments_edited"), QJsonObject{{QStringLiteral("arguments"), gate->shown(now->arguments)}});
        // A slip of the person's is no way around schema and policy. (What was done was done; a replay tells it.)
        setRequest(&now->entry, now->call.name, gate->shown(now->arguments));
        const auto edited = gate->readEdited(now->arguments);
        if (edited.refusal && !(done && done->done && answers(done, now->entry)))
            co_return Decision(refused(step, edited));
    }
    co_return Decision();
}

Task<Result<ToolOutcome>> RunContext::runLive(ToolCall *now, bool unfinished)
{
    ToolGate *const gate = now->gate;
    const QString step = now->step;
    JournalEntry &entry = now->entry;
    entry.startedUs = m_options.clock->nowUs();
    if (!gate->idempotent(now->arguments) && !unfinished) {
        const auto begun = co_await m_options.journal->begin(entry);
        if (!begun) {
            endStep(step, StepStatus::Failed, {}, begun.error());
            co_return begun.error();
        }
    }
    std::vector<ChatNotice> notices;
    auto outcome = co_await performTool(step, gate, now->arguments, unfinished, &notices);
    entry.endedUs = m_options.clock->nowUs();
    entry.done = true;
    QJsonObject attributes = toolAttributes(*now, retriesIn(notices));
    if (outcome) {
        if (outcome->isError && outcome->code == errorKindName(ErrorKind::Timeout))
            attributes.insert(QStringLiteral("error.type"), outcome->code);
        if (outcome->isError && outcome->code == L("changed")) // our own words: nothing was called
            attributes.remove(L("lathe.untrusted"));
        outcome = keepOutcome(&entry, std::move(*outcome), notices, attributes);
        outcome->ran = true;
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
    co_return endTool(step, *outcome, endUs, attributes);
}

QJsonObject RunContext::toolAttributes(const ToolCall &now, int retries) const
{
    const ToolGate &gate = *now.gate;
    QJsonObject attributes{{QStringLiteral("gen_ai.tool.type"), gate.otelType()}, {QStringLiteral("lathe.policy"), now.policy}};
    const SideEffect effect = gate.sideEffect(gate.shown(now.arguments));
    if (effect != gate.sideEffect(QJsonObject()))
        attributes.insert(QStringLiteral("lathe.side_effect"), sideEffectName(effect));
    if (gate.policy().costPerCallUsd > 0)
        attributes.insert(QStringLiteral("lathe.cost_usd"), gate.policy().costPerCallUsd * (1 + retries));
    if (!gate.revision().isEmpty())
        attributes.insert(QStringLiteral("lathe.tool.revision"), gate.revision());
    if (gate.isUntrusted())
        attributes.insert(QStringLiteral("lathe.untrusted"), true);
    if (gate.policy().results != ResultHandling::AsIs)
        attributes.insert(QStringLiteral("lathe.results"), resultHandlingName(gate.policy().results));
    return attributes;
}

QJsonObject RunContext::approvedArguments(const QString &step, const QJsonObject &arguments) const
{
    const JournalEntry *answered = m_options.journal->find(step + QLatin1String(".1"));
    if (!answered || !answered->done)
        return arguments;
    const auto answer = HumanAnswer::fromJson(answered->outcome.value(L("answer")).toObject());
    return answer.arguments.value_or(arguments);
}

ToolOutcome RunContext::keepOutcome(JournalEntry *entry, ToolOutcome outcome, const std::vector<ChatNotice> &notices,
                                    const QJsonObject &attributes) const
{
    json::Writer kept;
    kept.beginObject();
    if (!attributes.isEmpty())
        kept.key(L("attributes")).value(attributes);
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

} // namespace lathe
