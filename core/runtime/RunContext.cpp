// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/RunContext.h"

#include "core/base/Assert.h"
#include "core/base/JsonWriter.h"

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;
const QString operationName = QStringLiteral("gen_ai.operation.name");

// "the time limit of 300 s", for messages.
QString limitMessage(const QString &what, const QString &bound)
{
    return QStringLiteral("The run reached its limit of %1 %2. Raise it in the settings, or make the task smaller.")
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
    const auto worked = co_await workedFor(QString(), ms, stop);
    if (!worked)
        co_return; // the run is over; `this` may be gone
    m_deadlineHit = true;
    m_cancel.cancel();
}

Task<Result<void>> RunContext::workedFor(QString step, qint64 ms, CancelToken cancel)
{
    const auto isBeneath = [&step](const QString &path) { return step.isEmpty() || isStepOrBelow(path, step); };
    while (ms > 0) {
        const qint64 sliceMs = std::min<qint64>(ms, 1000);
        const auto slept = co_await m_options.clock->sleep(sliceMs, cancel);
        if (!slept)
            co_return slept.error();
        if (std::none_of(m_asking.cbegin(), m_asking.cend(), isBeneath))
            ms -= sliceMs;
    }
    co_return Result<void>();
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

QString RunContext::nextStep(const QString &parent) const
{
    const QString number = QString::number(m_children.value(parent) + 1);
    return parent.isEmpty() ? number : parent + QLatin1Char('.') + number;
}

std::optional<bool> RunContext::nextBegan(const QString &parent) const
{
    if (m_options.mode != RunMode::Replay || !m_options.journal->times(QStringLiteral("1")))
        return std::nullopt;
    return m_options.journal->times(nextStep(parent)).has_value();
}

Result<void> RunContext::mayAct(const QString &parent) const
{
    if (m_options.mode == RunMode::Fork || m_cancel.isCancelled())
        return checkLimits();
    const JournalEntry *entry = m_options.journal->find(nextStep(parent));
    if (entry && entry->done)
        return {};
    if (nextBegan(parent).value_or(false))
        return {}; // a call that was refused is not in the journal, but it began
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
        const auto times = m_options.journal->times(step);
        const bool own = times && !(times->inherited && m_wentLive); // not those of a parent that went another way
        if (own && !m_parted.contains(step)) {
            const qint64 time = end ? times->endUs : times->startUs;
            if (time > 0)
                return time;
        }
    }
    return m_options.mode == RunMode::Replay ? m_logicalUs : m_options.clock->nowUs();
}

void RunContext::orphan()
{
    m_deadlineStop.cancel(); // the clock goes, too
    m_options.sink = {};
    m_options.redactor = nullptr;
    m_options.prices = nullptr;
    m_options.human = nullptr;
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
    for (const ForkLayer &layer : m_options.forks) {
        if (layer.step == path)
            note(path, QStringLiteral("forked"), QJsonObject{{QStringLiteral("parent"), layer.parent.value},
                                                             {QStringLiteral("changes"), layer.changes.summary()}});
    }
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
    // Nor has what a resume cannot go on with: it stays as it is.
    if (status == StepStatus::Failed && error && error->kind == ErrorKind::Diverged && m_options.mode == RunMode::Live)
        status = StepStatus::Interrupted;
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

bool RunContext::answers(const JournalEntry *found, const JournalEntry &asked) const
{
    const bool same = found->kind == asked.kind && found->requestHash == asked.requestHash;
    return same && !(m_options.mode == RunMode::Fork && isStopped(*found)); // what stopped the original need not stop a fork
}

void RunContext::foresee(const JournalEntry &asked)
{
    if (m_options.mode != RunMode::Fork)
        return;
    if (const JournalEntry *entry = m_options.journal->find(asked.step); entry && !answers(entry, asked))
        m_parted.insert(asked.step);
}

Result<const JournalEntry *> RunContext::recorded(const JournalEntry &asked)
{
    const QString &step = asked.step;
    const QString &kind = asked.kind;
    const JournalEntry *entry = m_options.journal->find(step);
    const auto diverged = [&] {
        if (!m_divergence)
            m_divergence = Divergence{step, kind, entry ? entry->request : QByteArray(), entry ? entry->kind : QString(), asked.request};
    };
    if (entry && !answers(entry, asked)) {
        if (m_options.mode == RunMode::Fork) {
            static const JournalEntry *const none = nullptr; // what was asked before is not asked here: go live
            m_parted.insert(step);
            m_wentLive = true;
            return none;
        }
        diverged();
        return Error(ErrorKind::Diverged,
                     QStringLiteral("The replay diverged at step %1: the recording holds another request there. "
                                    "The agent, its prompt or its tools are not those of the recorded run.")
                         .arg(step),
                     QStringLiteral("recorded %1 %2, asked %3 %4")
                         .arg(entry->kind, QString::fromLatin1(entry->requestHash), kind, QString::fromLatin1(asked.requestHash)));
    }
    if (m_options.mode == RunMode::Replay && (!entry || !entry->done)) {
        if (m_options.recordedEnd)
            return *m_options.recordedEnd;
        diverged();
        return Error(ErrorKind::Diverged,
                     QStringLiteral("The replay diverged at step %1: the recording holds no %2 there.").arg(step, kind));
    }
    m_wentLive = m_wentLive || !entry || !entry->done;
    return entry;
}

Task<Result<void>> RunContext::record(JournalEntry entry)
{
    m_logicalUs = std::max(m_logicalUs, entry.endedUs);
    return m_options.journal->finish(std::move(entry));
}

Task<Result<ChatResponse>> RunContext::chat(QString parent, std::vector<ModelBinding> chain, ChatRequest request,
                                            std::shared_ptr<CallHiding> hiding)
{
    request.unpaced = m_options.unpaced;
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
    if (request.seed)
        attributes.key(L("gen_ai.request.seed")).number(*request.seed);
    if (request.temperature)
        attributes.key(L("gen_ai.request.temperature")).value(*request.temperature);
    if (request.topP)
        attributes.key(L("gen_ai.request.top_p")).value(*request.topP);
    attributes.endObject();

    JournalEntry entry;
    entry.step = nextStep(parent);
    entry.kind = QStringLiteral("chat");
    entry.request = request.toCanonicalText();
    entry.requestHash = json::sha256(entry.request);
    // A database that has changed since makes no other request of what was answered: what is recorded was asked.
    if (const JournalEntry *known = m_options.journal->find(entry.step); known && known->done && known->kind == entry.kind
        && known->requestHash != entry.requestHash && sameButForLive(known->request, entry.request, request.live)) {
        entry.request = known->request;
        entry.requestHash = known->requestHash;
    }
    const auto found = recorded(entry); // before the step begins: it says when that was
    const QString step = beginStep(parent, StepKind::Model, QStringLiteral("chat ") + request.model, attributes.takeObject());
    if (!found) {
        const JournalEntry *known = m_options.journal->find(step);
        if (m_options.mode == RunMode::Live && known && known->done && known->kind == L("chat"))
            (void)tellChat(*known); // what was answered, and paid for, stays in the trace
        else
            endStep(step, StepStatus::Failed, {}, found.error());
        co_return found.error();
    }
    if (*found && (*found)->done && (*found)->late) {
        const auto taken = co_await takeOver(**found);
        if (!taken)
            co_return taken.error();
        co_return tellChat(*taken);
    }
    if (*found && (*found)->done)
        co_return tellChat(**found);
    if (const ForkChanges *changes = edit(step, &ForkChanges::answer)) {
        const ModelBinding model = chain.empty() ? ModelBinding() : chain.front();
        const Message message = *changes->answer;
        auto said = co_await answerChat(std::move(entry), model, message);
        co_return said;
    }

    ChatSinks sinks;
    QString partial;
    sinks.delta = [this, step, &partial, hides = bool(hiding)](const ChatDelta &piece) {
        if (hides && piece.channel == DeltaChannel::ToolArguments)
            return; // only as a whole it is known what is to be hidden
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
    if (hiding && answer.response) {
        if (redacts())
            answer = ChainAnswer::fromJson(redacted(answer.toJson()));
        for (MessagePart &part : answer.response->message.parts) {
            if (part.type != MessagePart::Type::ToolCall)
                continue;
            hiding->real.push_back(part);
            part.argumentsText = hiding->hide(part.name, part.argumentsText);
            delta(step, DeltaChannel::ToolArguments, part.argumentsText);
        }
    }
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

Result<ChatResponse> RunContext::tellChat(const JournalEntry &entry)
{
    const ChainAnswer answer = ChainAnswer::fromJson(entry.outcome);
    for (const ChatNotice &notice : answer.notices)
        note(entry.step, notice.name, notice.attributes);
    if (answer.response) {
        for (const MessagePart &part : answer.response->message.parts) {
            if (part.type == MessagePart::Type::Reasoning)
                delta(entry.step, DeltaChannel::Reasoning, part.text);
            else if (part.type == MessagePart::Type::ToolCall)
                delta(entry.step, DeltaChannel::ToolArguments, part.argumentsText);
        }
        delta(entry.step, DeltaChannel::Text, answer.response->message.text());
    }
    m_logicalUs = std::max(m_logicalUs, entry.endedUs);
    return endChat(entry.step, answer, entry.endedUs);
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

ToolOutcome RunContext::endTool(const QString &step, const ToolOutcome &outcome, qint64 endUs, const QJsonObject &more)
{
    QJsonObject attributes = more;
    if (outcome.truncated)
        attributes.insert(QStringLiteral("lathe.truncated"), true);
    m_usage.costUsd += std::max(more.value(L("lathe.cost_usd")).toDouble(), 0.0);
    std::optional<Error> error;
    if (outcome.isError) {
        const QString kind = more.value(L("error.type")).toString();
        error = Error(kind.isEmpty() ? ErrorKind::Provider : errorKindFromName(kind), outcome.text.left(500));
    }
    emitEnd(step, outcome.isError ? StepStatus::Failed : StepStatus::Ok, attributes, error, outcome.text, endUs);
    return outcome;
}

} // namespace lathe
