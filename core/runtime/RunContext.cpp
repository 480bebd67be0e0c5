// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/RunContext.h"

#include "core/base/Assert.h"
#include "core/base/JsonWriter.h"

namespace lathe {

namespace {
using L = QLatin1String;
const QString operationName = QStringLiteral("gen_ai.operation.name");

// "the time limit of 300 s", for messages.
QString limitMessage(const QString &what, const QString &bound)
{
    return QStringLiteral("The run reached its limit of %1 %2. Raise the limit in the agent's settings, or make the task smaller.")
        .arg(bound, what);
}

// Notes after which a step waits for a person.
bool waits(const QString &name, const QJsonObject &attributes)
{
    return name == L("question_asked") || name == L("approval_requested")
           || (name == L("unfinished_call") && attributes.value(L("asked")).toBool());
}
}

RunContext::RunContext(RunOptions options, CancelToken cancel) : m_options(std::move(options)), m_cancel(cancel)
{
    if (m_options.startUs == 0)
        m_options.startUs = m_options.clock->nowUs();
    m_logicalUs = m_options.startUs;
    if (m_options.mode != RunMode::Replay && m_options.limits.seconds > 0) {
        const qint64 left = qint64(m_options.limits.seconds * 1000) - m_options.elapsedUs / 1000;
        watchDeadline(std::max<qint64>(left, 0));
    }
}

RunContext::~RunContext()
{
    m_deadlineStop.cancel();
}

Task<> RunContext::watchDeadline(qint64 ms)
{
    const CancelToken stop = m_deadlineStop.token();
    const auto slept = co_await m_options.clock->sleep(ms, stop);
    if (!slept)
        co_return; // the run is over; `this` may be gone
    m_deadlineHit = true;
    m_cancel.cancel();
}

Error RunContext::stopReason() const
{
    if (!m_deadlineHit)
        return Error::cancelled();
    return Error(ErrorKind::LimitReached,
                 limitMessage(QStringLiteral("seconds"), QString::number(m_options.limits.seconds)));
}

bool RunContext::stopped(const Error &error) const
{
    return error.kind == ErrorKind::Cancelled && m_cancel.isCancelled();
}

Result<void> RunContext::checkLimits() const
{
    const Limits &limits = m_options.limits;
    if (m_cancel.isCancelled())
        return stopReason();
    if (limits.steps > 0 && m_effects >= limits.steps)
        return Error(ErrorKind::LimitReached, limitMessage(QStringLiteral("steps"), QString::number(limits.steps)));
    if (limits.tokens > 0 && m_usage.totalTokens() >= limits.tokens)
        return Error(ErrorKind::LimitReached, limitMessage(QStringLiteral("tokens"), QString::number(limits.tokens)));
    if (limits.costUsd > 0 && m_usage.costUsd >= limits.costUsd)
        return Error(ErrorKind::LimitReached, limitMessage(QStringLiteral("US dollars"), QString::number(limits.costUsd)));
    return {};
}

QString RunContext::nextPath(const QString &parent) const
{
    const QString number = QString::number(m_children.value(parent) + 1);
    return parent.isEmpty() ? number : parent + QLatin1Char('.') + number;
}

std::optional<bool> RunContext::nextBegan(const QString &parent) const
{
    if (m_options.mode != RunMode::Replay || !m_options.journal->times(QStringLiteral("1")))
        return std::nullopt;
    return m_options.journal->times(nextPath(parent)).has_value();
}

Result<void> RunContext::mayAct(const QString &parent) const
{
    if (m_options.mode == RunMode::Fork || m_cancel.isCancelled())
        return checkLimits();
    const JournalEntry *entry = m_options.journal->find(nextPath(parent));
    if (entry && entry->done)
        return {};
    if (m_options.recordedEnd && !entry && !nextBegan(parent).value_or(true))
        return *m_options.recordedEnd; // it was refused in the recorded run, too
    return checkLimits();
}

RunContext::Branch RunContext::openBranch(const QString &step, CancelToken token)
{
    m_branches.insert(step, std::move(token));
    return Branch(this, step);
}

CancelToken RunContext::tokenFor(const QString &step) const
{
    for (QString path = step; !m_branches.isEmpty() && !path.isEmpty(); path = parentStep(path)) {
        const auto branch = m_branches.constFind(path);
        if (branch != m_branches.constEnd())
            return *branch;
    }
    return m_cancel.token();
}

qint64 RunContext::eventTime(const QString &step, bool end) const
{
    if (m_options.mode == RunMode::Replay || m_options.elapsedUs > 0) {
        if (const auto times = m_options.journal->times(step); times && !m_parted.contains(step)) {
            const qint64 time = end ? times->endUs : times->startUs;
            if (time > 0)
                return time;
        }
    }
    return m_options.mode == RunMode::Replay ? m_logicalUs : m_options.clock->nowUs();
}

void RunContext::emitEvent(RunEvent event)
{
    event.run = m_options.run;
    if (event.timeUs == 0)
        event.timeUs = m_options.mode == RunMode::Replay ? m_logicalUs : m_options.clock->nowUs();
    if (redacts()) {
        event.text = m_options.redactor->redact(event.text);
        event.attributes = m_options.redactor->redact(QJsonValue(event.attributes)).toObject();
        if (event.error) {
            event.error->message = m_options.redactor->redact(event.error->message);
            event.error->cause = m_options.redactor->redact(event.error->cause);
        }
    }
    if (m_options.sink)
        m_options.sink(event);
}

QJsonObject RunContext::redacted(const QJsonObject &value) const
{
    return redacts() ? m_options.redactor->redact(QJsonValue(value)).toObject() : value;
}

QString RunContext::beginStep(const QString &parent, StepKind kind, const QString &name, const QJsonObject &attributes)
{
    const int number = ++m_children[parent];
    RunEvent event;
    event.kind = RunEventKind::StepStarted;
    event.step = parent.isEmpty() ? QString::number(number) : parent + QLatin1Char('.') + QString::number(number);
    event.stepKind = kind;
    event.name = name;
    event.attributes = attributes;
    event.timeUs = eventTime(event.step, false);
    const QString path = event.step;
    emitEvent(std::move(event));
    return path;
}

void RunContext::endStep(const QString &step, StepStatus status, const QJsonObject &attributes, std::optional<Error> error)
{
    emitEnd(step, status, attributes, std::move(error), QString(), eventTime(step, true));
}

void RunContext::emitEnd(const QString &step, StepStatus status, QJsonObject attributes, std::optional<Error> error,
                         QString text, qint64 timeUs)
{
    // What was stopped has not failed, whatever it was about to say.
    if (status == StepStatus::Failed && error && error->kind == ErrorKind::Cancelled)
        status = StepStatus::Cancelled;
    RunEvent event;
    event.kind = RunEventKind::StepEnded;
    event.step = step;
    event.stepStatus = status;
    event.attributes = std::move(attributes);
    if (error)
        event.attributes.insert(QStringLiteral("error.type"), errorKindName(error->kind));
    event.error = std::move(error);
    event.text = std::move(text);
    event.timeUs = timeUs;
    emitEvent(std::move(event));
}

void RunContext::note(const QString &step, const QString &name, const QJsonObject &attributes)
{
    RunEvent event;
    event.kind = RunEventKind::StepNote;
    event.step = step;
    event.name = name;
    if (waits(name, attributes))
        event.stepStatus = StepStatus::Waiting;
    event.attributes = attributes;
    event.timeUs = qint64(attributes.value(QStringLiteral("time_us")).toDouble());
    emitEvent(std::move(event));
}

void RunContext::delta(const QString &step, DeltaChannel channel, const QString &text)
{
    if (text.isEmpty())
        return;
    RunEvent event;
    event.kind = RunEventKind::StepDelta;
    event.step = step;
    event.channel = channel;
    event.text = text;
    emitEvent(std::move(event));
}

Result<const JournalEntry *> RunContext::recorded(const QString &step, const QString &kind, const QByteArray &hash) const
{
    const JournalEntry *entry = m_options.journal->find(step);
    const auto outOfPlace = [&] { // what stopped the original need not stop a fork
        const auto type = errorKindFromName(entry->outcome.value(L("error")).toObject().value(L("type")).toString());
        return m_options.mode == RunMode::Fork && entry->outcome.contains(L("error"))
               && (type == ErrorKind::Cancelled || type == ErrorKind::LimitReached);
    };
    if (entry && (entry->kind != kind || entry->requestHash != hash || outOfPlace())) {
        if (m_options.mode == RunMode::Fork) {
            static const JournalEntry *const none = nullptr; // what was asked before is not asked here: go live
            m_parted.insert(step);
            return none;
        }
        return Error(ErrorKind::Diverged,
                     QStringLiteral("The replay diverged at step %1: the recording holds another request there. "
                                    "The agent, its prompt or its tools are not those of the recorded run.")
                         .arg(step),
                     QStringLiteral("recorded %1 %2, asked %3 %4")
                         .arg(entry->kind, QString::fromLatin1(entry->requestHash), kind, QString::fromLatin1(hash)));
    }
    if (m_options.mode == RunMode::Replay && (!entry || !entry->done)) {
        if (m_options.recordedEnd)
            return *m_options.recordedEnd;
        return Error(ErrorKind::Diverged,
                     QStringLiteral("The replay diverged at step %1: the recording holds no %2 there.").arg(step, kind));
    }
    return entry;
}

Task<Result<void>> RunContext::record(JournalEntry entry)
{
    m_logicalUs = std::max(m_logicalUs, entry.endedUs);
    return m_options.journal->finish(std::move(entry));
}

Task<Result<ChatResponse>> RunContext::chat(QString parent, std::vector<ModelBinding> chain, ChatRequest request)
{
    if (auto allowed = mayAct(parent); !allowed)
        co_return allowed.error();
    ++m_effects;
    if (!chain.empty())
        request.model = chain.front().choice.model;
    json::Writer attributes;
    attributes.beginObject().key(L("gen_ai.operation.name")).string(L("chat"));
    if (!chain.empty())
        attributes.key(L("gen_ai.provider.name")).string(chain.front().provider);
    if (request.maxTokens)
        attributes.key(L("gen_ai.request.max_tokens")).number(*request.maxTokens);
    attributes.key(L("gen_ai.request.model")).string(request.model);
    if (request.temperature)
        attributes.key(L("gen_ai.request.temperature")).value(*request.temperature);
    attributes.endObject();
    const QString step = beginStep(parent, StepKind::Model, QStringLiteral("chat ") + request.model, attributes.takeObject());

    JournalEntry entry;
    entry.step = step;
    entry.kind = QStringLiteral("chat");
    entry.request = request.toCanonicalText();
    entry.requestHash = json::sha256(entry.request);
    const auto found = recorded(step, entry.kind, entry.requestHash);
    if (!found) {
        endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    if (*found && (*found)->done) {
        const ChainAnswer answer = ChainAnswer::fromJson((*found)->outcome);
        for (const ChatNotice &notice : answer.notices)
            note(step, notice.name, notice.attributes);
        if (answer.response) {
            for (const MessagePart &part : answer.response->message.parts) {
                if (part.type == MessagePart::Type::Reasoning)
                    delta(step, DeltaChannel::Reasoning, part.text);
                else if (part.type == MessagePart::Type::ToolCall)
                    delta(step, DeltaChannel::ToolArguments, part.argumentsText);
            }
            delta(step, DeltaChannel::Text, answer.response->message.text());
        }
        m_logicalUs = std::max(m_logicalUs, (*found)->endedUs);
        co_return endChat(step, answer, (*found)->endedUs);
    }

    ChatSinks sinks;
    QString partial;
    sinks.delta = [this, step, &partial](const ChatDelta &piece) {
        if (piece.channel == DeltaChannel::Text)
            partial += piece.text;
        delta(step, piece.channel, piece.text);
    };
    std::vector<ChatNotice> notices;
    sinks.restart = [this, step, &partial, &notices] {
        partial.clear();
        keepNote(step, QStringLiteral("restart"), QJsonObject(), &notices);
    };
    sinks.notice = [this, step, &notices](const ChatNotice &notice) {
        keepNote(step, notice.name, notice.attributes, &notices);
    };
    entry.startedUs = m_options.clock->nowUs();
    const CancelToken cancel = tokenFor(parent);
    ChainAnswer answer;
    if (cancel.isCancelled())
        answer.error = Error::cancelled();
    else
        answer = co_await chatOverChain(std::move(chain), std::move(request), sinks, cancel);
    answer.notices = std::move(notices);
    entry.endedUs = m_options.clock->nowUs();
    if (answer.error && stopped(*answer.error)) {
        answer.error = stopReason();
        if (!m_deadlineHit) { // a person's stop is no outcome: a resume asks again
            emitEnd(step, StepStatus::Cancelled, {}, answer.error, partial, entry.endedUs);
            co_return *answer.error;
        }
    }
    if (answer.response && m_options.prices)
        m_options.prices->price(answer.provider, answer.response->model.isEmpty() ? answer.used.model : answer.response->model,
                                answer.response->usage);
    entry.done = true;
    if (answer.error)
        answer.partialText = partial; // what had streamed before it failed is part of what happened
    if (redacts()) {
        entry.outcome = redacted(answer.toJson());
        answer = ChainAnswer::fromJson(entry.outcome); // what is handed on is what a replay will see
    } else {
        entry.outcomeText = answer.toText();
    }
    const qint64 endUs = entry.endedUs;
    const auto written = co_await record(std::move(entry));
    if (!written) {
        emitEnd(step, StepStatus::Failed, {}, written.error(), partial, endUs);
        co_return written.error();
    }
    co_return endChat(step, answer, endUs);
}

Result<ChatResponse> RunContext::endChat(const QString &step, const ChainAnswer &answer, qint64 endUs)
{
    json::Writer attributes;
    attributes.beginObject().key(L("gen_ai.provider.name")).string(answer.provider);
    attributes.key(L("lathe.connection")).string(answer.used.connection).key(L("lathe.model")).string(answer.used.model);
    if (!answer.response) {
        const Error error = answer.error.value_or(Error());
        attributes.endObject();
        emitEnd(step, StepStatus::Failed, attributes.takeObject(), error, answer.partialText, endUs);
        return error;
    }
    const ChatResponse &response = *answer.response;
    const Usage &usage = response.usage;
    m_usage += usage;
    attributes.key(L("gen_ai.response.model")).string(response.model);
    if (!response.id.isEmpty())
        attributes.key(L("gen_ai.response.id")).string(response.id);
    attributes.key(L("gen_ai.response.finish_reasons")).beginArray().string(finishReasonName(response.finishReason)).endArray();
    attributes.key(L("gen_ai.usage.input_tokens")).number(usage.inputTokens);
    attributes.key(L("gen_ai.usage.output_tokens")).number(usage.outputTokens);
    if (usage.cacheReadTokens)
        attributes.key(L("gen_ai.usage.cache_read.input_tokens")).number(usage.cacheReadTokens);
    if (usage.cacheWriteTokens)
        attributes.key(L("gen_ai.usage.cache_creation.input_tokens")).number(usage.cacheWriteTokens);
    if (usage.reasoningTokens)
        attributes.key(L("gen_ai.usage.reasoning.output_tokens")).number(usage.reasoningTokens);
    if (usage.costKnown)
        attributes.key(L("lathe.cost_usd")).value(usage.costUsd);
    if (response.timeToFirstTokenUs)
        attributes.key(L("gen_ai.response.time_to_first_chunk")).value(double(response.timeToFirstTokenUs) / 1e6);
    bool calls = false;
    for (const MessagePart &part : response.message.parts) {
        if (part.type != MessagePart::Type::ToolCall)
            continue;
        if (!std::exchange(calls, true))
            attributes.key(L("lathe.tool_calls")).beginArray();
        attributes.string(part.name);
    }
    if (calls)
        attributes.endArray();
    attributes.endObject();
    emitEnd(step, StepStatus::Ok, attributes.takeObject(), std::nullopt, response.message.text(), endUs);
    return response;
}

ToolOutcome RunContext::endTool(const QString &step, const ToolOutcome &outcome, qint64 endUs)
{
    QJsonObject attributes;
    if (outcome.truncated)
        attributes.insert(QStringLiteral("lathe.truncated"), true);
    std::optional<Error> error;
    if (outcome.isError)
        error = Error(ErrorKind::Provider, outcome.text.left(500));
    emitEnd(step, outcome.isError ? StepStatus::Failed : StepStatus::Ok, attributes, error, outcome.text, endUs);
    return outcome;
}

Task<Result<ToolOutcome>> RunContext::callTool(QString parent, ToolGate *gate, MessagePart call, QString unknownHint)
{
    if (auto allowed = mayAct(parent); !allowed)
        co_return allowed.error();
    ++m_effects;
    json::Writer attributes;
    attributes.beginObject().key(L("gen_ai.operation.name")).string(L("execute_tool"));
    attributes.key(L("gen_ai.tool.call.arguments")).string(call.argumentsText);
    attributes.key(L("gen_ai.tool.call.id")).string(call.id).key(L("gen_ai.tool.name")).string(call.name);
    if (gate)
        attributes.key(L("lathe.side_effect")).string(sideEffectName(gate->tool().sideEffect(QJsonObject())));
    attributes.endObject();
    const QString step = beginStep(parent, StepKind::Tool, QStringLiteral("execute_tool ") + call.name, attributes.takeObject());
    if (!gate) {
        note(step, QStringLiteral("unknown_tool"), QJsonObject{{QStringLiteral("tool"), call.name}});
        const ToolOutcome outcome =
            ToolOutcome::failure(QStringLiteral("There is no tool named \"%1\". %2").arg(call.name.left(80), unknownHint));
        co_return endTool(step, outcome, eventTime(step, true));
    }
    ToolGate::Checked checked = gate->check(call.argumentsText);
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

    json::Writer request;
    request.beginObject().key(L("arguments")).value(checked.arguments).key(L("tool")).string(call.name).endObject();
    JournalEntry entry;
    entry.step = step;
    entry.kind = QStringLiteral("execute_tool");
    entry.request = request.take();
    entry.requestHash = json::sha256(entry.request);
    const auto found = recorded(step, entry.kind, entry.requestHash);
    if (!found) {
        endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    if (*found && (*found)->done) {
        gate->countRecorded();
        m_logicalUs = std::max(m_logicalUs, (*found)->endedUs);
        for (const ChatNotice &notice : noticesFromJson((*found)->outcome.value(QStringLiteral("notices")).toArray()))
            note(step, notice.name, notice.attributes);
        const QJsonObject recordedOutcome = (*found)->outcome.value(QStringLiteral("outcome")).toObject();
        if ((*found)->outcome.contains(QStringLiteral("error"))) {
            const Error error = errorFromJson((*found)->outcome.value(QStringLiteral("error")).toObject());
            emitEnd(step, StepStatus::Failed, {}, error, QString(), (*found)->endedUs);
            co_return error;
        }
        co_return endTool(step, ToolOutcome::fromJson(recordedOutcome), (*found)->endedUs);
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
    const QString step = beginStep(parent, StepKind::Human, name, QJsonObject{{operationName, QStringLiteral("human")}});
    question.step = step;
    JournalEntry entry;
    entry.step = step;
    entry.kind = QStringLiteral("human");
    QJsonObject asked = question.toJson();
    entry.request = json::compact(asked);
    entry.requestHash = json::sha256(entry.request);
    const auto found = recorded(step, entry.kind, entry.requestHash);
    if (!found) {
        endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    note(step, QStringLiteral("approval_requested"), asked);
    if (*found && (*found)->done) {
        m_logicalUs = std::max(m_logicalUs, (*found)->endedUs);
        if ((*found)->outcome.contains(QStringLiteral("error"))) { // its branch was stopped
            const Error error = errorFromJson((*found)->outcome.value(QStringLiteral("error")).toObject());
            emitEnd(step, StepStatus::Failed, {}, error, QString(), (*found)->endedUs);
            co_return error;
        }
        const HumanAnswer answer = HumanAnswer::fromJson((*found)->outcome.value(QStringLiteral("answer")).toObject());
        emitEnd(step, StepStatus::Ok, answer.toJson(), std::nullopt, answer.text, (*found)->endedUs);
        co_return answer;
    }
    HumanAnswer answer;
    entry.startedUs = m_options.clock->nowUs();
    const CancelToken cancel = tokenFor(parent);
    std::optional<Error> branchStopped;
    if (m_options.human && !cancel.isCancelled()) {
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

Task<Result<HumanAnswer>> RunContext::askPerson(QString parent, HumanQuestion question, QString name)
{
    if (m_cancel.isCancelled())
        co_return stopReason();
    auto answer = co_await askHuman(std::move(parent), std::move(question), std::move(name));
    co_return answer;
}

} // namespace lathe
