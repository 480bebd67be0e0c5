// SPDX-License-Identifier: GPL-3.0-or-later
// Tool calls that may run: the live call, what it may use meanwhile, and tools that are agents.
#include "core/runtime/RunContext.h"

#include "core/base/Assert.h"
#include "core/runtime/DelegateTool.h"

#include <QUrl>

namespace lathe {

namespace {
using L = QLatin1String;
constexpr int mostNotes = 200;      // of one call; what a tool says beyond them is dropped
constexpr int mostProgress = 60;    // likewise
constexpr qint64 progressUs = 1'000'000; // at most one in that time
constexpr int mostQuestions = 20;   // of one call to a person
constexpr qsizetype longestNote = 16 * 1024, longestMessage = 10'000, largestSchema = 100'000;
}

// The context forgets it when the call is over.
struct RunContext::CallScope {
    RunContext *context = nullptr; // null: the call is over
    QString step;
    std::vector<ChatNotice> *notices = nullptr;
    int notes = 0, progress = 0, questions = 0;
    qint64 toldUs = 0;
    AsyncSemaphore asking{1}; // one question at a time
};

void RunContext::keepNote(const QString &step, const QString &name, QJsonObject attributes, std::vector<ChatNotice> *notices)
{
    attributes.insert(QStringLiteral("time_us"), m_options.clock->nowUs());
    note(step, name, attributes);
    notices->push_back(ChatNotice{name, std::move(attributes)});
}

// As core/trace/TraceOtlp.cpp names spans, so that what a tool's server traces joins the run's export.
QString RunContext::traceparent(const QString &step)
{
    if (m_traceId.isEmpty()) {
        m_traceId = m_options.traceId;
        if (m_traceId.size() != 32) {
            const QByteArray seed = QByteArray::number(m_options.run.value) + ':' + QByteArray::number(m_options.startUs);
            m_traceId = QString::fromLatin1(json::sha256(seed).left(32));
        }
    }
    const QByteArray span = json::sha256((m_traceId + QLatin1Char('/') + step).toUtf8()).left(16);
    return QStringLiteral("00-%1-%2-01").arg(m_traceId, QString::fromLatin1(span));
}

ToolCallScope RunContext::scopeFor(const std::shared_ptr<CallScope> &scope)
{
    ToolCallScope given;
    given.traceparent = traceparent(scope->step);
    given.progress = [scope](double progress, std::optional<double> total, const QString &message) {
        if (!scope->context || scope->progress >= mostProgress)
            return;
        const qint64 now = scope->context->m_options.clock->nowUs();
        if (scope->progress > 0 && now < scope->toldUs + progressUs)
            return;
        scope->toldUs = now;
        ++scope->progress;
        QJsonObject attributes{{QStringLiteral("progress"), progress}};
        if (total)
            attributes.insert(QStringLiteral("total"), *total);
        if (!message.isEmpty())
            attributes.insert(QStringLiteral("message"), message.left(500));
        scope->context->keepNote(scope->step, QStringLiteral("progress"), attributes, scope->notices);
    };
    given.note = [scope](const QString &name, const QJsonObject &attributes) {
        if (!scope->context || scope->notes >= mostNotes)
            return;
        ++scope->notes;
        const bool large = json::compact(attributes).size() > longestNote;
        scope->context->keepNote(scope->step, name.left(100), large ? QJsonObject{{QStringLiteral("cut"), true}} : attributes, scope->notices);
    };
    given.used = [scope](const ModelUse &use) {
        if (scope->context)
            scope->context->keepSampled(*scope, use);
    };
    if (m_options.human) {
        given.ask = [scope](PersonRequest request, CancelToken cancel) -> Task<Result<PersonReply>> {
            if (!scope->context)
                return [](PersonReply reply) -> Task<Result<PersonReply>> { co_return reply; }(PersonReply());
            return scope->context->askForTool(scope, std::move(request), std::move(cancel));
        };
    }
    return given;
}

void RunContext::keepSampled(const CallScope &scope, const ModelUse &use)
{
    Usage usage = use.usage;
    if (m_options.prices)
        m_options.prices->price(use.provider, use.model, usage);
    QJsonObject attributes{{QStringLiteral("answer"), use.answer},         {QStringLiteral("connection"), use.connection},
                           {QStringLiteral("end_us"), use.endUs},          {QStringLiteral("input"), use.input},
                           {QStringLiteral("model"), use.model},           {QStringLiteral("provider"), use.provider},
                           {QStringLiteral("start_us"), use.startUs},      {QStringLiteral("usage"), usage.toJson()}};
    attributes = redacted(attributes); // as a replay will see it
    scope.notices->push_back(ChatNotice{QStringLiteral("sampled"), attributes});
    tellSampled(scope.step, attributes);
}

void RunContext::tellSampled(const QString &parent, const QJsonObject &attributes)
{
    const auto text = [&attributes](const char *key) { return attributes.value(L(key)).toString(); };
    const Usage usage = Usage::fromJson(attributes.value(L("usage")).toObject());
    m_usage += usage;
    RunEvent began;
    began.kind = RunEventKind::StepStarted;
    began.step = nextStep(parent);
    ++m_children[parent];
    began.stepKind = StepKind::Model;
    began.name = QStringLiteral("chat ") + text("model");
    began.attributes = QJsonObject{{QStringLiteral("gen_ai.operation.name"), QStringLiteral("chat")},
                                   {QStringLiteral("gen_ai.provider.name"), text("provider")},
                                   {QStringLiteral("gen_ai.request.model"), text("model")}};
    if (const QJsonArray input = attributes.value(L("input")).toArray(); !input.isEmpty())
        began.attributes.insert(QStringLiteral("gen_ai.input.messages"), input);
    began.timeUs = attributes.value(L("start_us")).toInteger();
    const QString step = began.step;
    emitEvent(std::move(began));
    QJsonObject ended{{QStringLiteral("gen_ai.provider.name"), text("provider")},
                      {QStringLiteral("gen_ai.usage.input_tokens"), usage.inputTokens},
                      {QStringLiteral("gen_ai.usage.output_tokens"), usage.outputTokens},
                      {QStringLiteral("lathe.connection"), text("connection")},
                      {QStringLiteral("lathe.model"), text("model")}};
    const auto add = [&ended](const char *key, qint64 tokens) {
        if (tokens > 0)
            ended.insert(L(key), tokens);
    };
    add("gen_ai.usage.cache_read.input_tokens", usage.cacheReadTokens);
    add("gen_ai.usage.cache_creation.input_tokens", usage.cacheWriteTokens);
    add("gen_ai.usage.reasoning.output_tokens", usage.reasoningTokens);
    if (usage.costKnown)
        ended.insert(QStringLiteral("lathe.cost_usd"), usage.costUsd);
    emitEnd(step, StepStatus::Ok, ended, std::nullopt, text("answer"), attributes.value(L("end_us")).toInteger());
}

Task<Result<PersonReply>> RunContext::askForTool(std::shared_ptr<CallScope> scope, PersonRequest request, CancelToken cancel)
{
    const AsyncSemaphore asking = scope->asking;
    const auto alone = co_await asking.acquire();
    PersonReply reply;
    if (!scope->context || !m_options.human || cancel.isCancelled() || ++scope->questions > mostQuestions)
        co_return reply;
    // What the run may spend is spent: no model for anybody.
    if (const auto allowed = request.type == PersonRequest::Type::Sampling ? checkLimits() : Result<void>(); !allowed) {
        keepNote(scope->step, QStringLiteral("sampling_refused"), QJsonObject{{QStringLiteral("reason"), allowed.error().message}}, scope->notices);
        reply.action = PersonReply::Action::Decline;
        co_return reply;
    }
    HumanQuestion question;
    question.type = request.type == PersonRequest::Type::Form  ? HumanQuestion::Type::Elicitation
                    : request.type == PersonRequest::Type::Url ? HumanQuestion::Type::OpenUrl
                                                               : HumanQuestion::Type::Sampling;
    question.step = scope->step;
    question.who = request.who.left(200);
    question.text = request.message.left(longestMessage);
    if (json::compact(request.schema).size() > largestSchema)
        co_return reply;
    question.schema = request.schema;
    question.url = request.url.left(longestMessage);
    question.arguments = request.params;
    QJsonObject noted = question.toJson();
    noted.remove(L("arguments")); // of a sampling request: all of a conversation
    if (!question.url.isEmpty()) // what follows the path is often a key
        noted.insert(QStringLiteral("url"), QUrl(question.url).adjusted(QUrl::RemoveQuery | QUrl::RemoveFragment | QUrl::RemoveUserInfo).toString());
    keepNote(scope->step, QStringLiteral("question_asked"), noted, scope->notices);
    m_asking.insert(scope->step);
    auto answer = co_await m_options.human->ask(question, cancel);
    if (!scope->context) // which ends with the run: `this` may be gone
        co_return reply;
    m_asking.remove(scope->step);
    if (!answer && answer.error().kind != ErrorKind::Denied && answer.error().kind != ErrorKind::Cancelled)
        co_return answer.error();
    if (answer && answer->approved) {
        reply.action = PersonReply::Action::Accept;
        reply.content = answer->arguments.value_or(QJsonObject());
    } else if (answer && answer->text != L("cancel")) {
        reply.action = PersonReply::Action::Decline;
    }
    QJsonObject answered{{QStringLiteral("action"), personActionName(reply.action)}};
    if (reply.action == PersonReply::Action::Accept && !reply.content.isEmpty())
        answered.insert(QStringLiteral("content"), reply.content);
    keepNote(scope->step, QStringLiteral("question_answered"), answered, scope->notices);
    co_return reply;
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
        if (!m_options.human)
            co_return ToolOutcome::failure(QStringLiteral("Nobody is attending this run, so nobody can be asked."));
        HumanQuestion question;
        question.type = HumanQuestion::Type::Question;
        question.step = step;
        question.text = arguments.value(QStringLiteral("question")).toString();
        question.choices = json::toStringList(arguments.value(QStringLiteral("choices")));
        question.tool = gate->tool().name();
        keepNote(step, QStringLiteral("question_asked"), question.identity(), notices);
        m_asking.insert(step);
        auto answer = co_await m_options.human->ask(question, cancel);
        m_asking.remove(step);
        if (!answer && answer.error().kind == ErrorKind::Denied)
            co_return ToolOutcome::failure(answer.error().message);
        if (!answer)
            co_return answer.error();
        keepNote(step, QStringLiteral("question_answered"), answer->toJson(), notices);
        ToolOutcome outcome;
        outcome.text = answer->text;
        co_return outcome;
    }
    const auto scope = std::make_shared<CallScope>();
    scope->context = this;
    scope->step = step;
    scope->notices = notices;
    ToolCallScope given = scopeFor(scope);
    auto outcome = co_await gate->run(std::move(arguments), std::move(given), m_options.clock, cancel);
    scope->context = nullptr;
    m_asking.remove(step); // a question that nobody answered in time
    if (outcome && !outcome->code.isEmpty() && outcome->code != errorKindName(ErrorKind::Timeout)) // which is the error's kind
        keepNote(step, outcome->code, QJsonObject{{QStringLiteral("reason"), outcome->text.left(500)}}, notices);
    co_return outcome;
}

Task<Result<bool>> RunContext::mayRepeatUnfinished(QString step, ToolGate *gate, QJsonObject arguments,
                                                   std::vector<ChatNotice> *notices)
{
    const QJsonObject shown = gate->shown(arguments);
    QJsonObject noted{{QStringLiteral("arguments"), shown}};
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
    question.sideEffect = gate->sideEffect(shown);
    question.choices = QStringList{QStringLiteral("repeat"), QStringLiteral("skip"), QStringLiteral("stop")};
    const CancelToken cancel = tokenFor(step);
    m_asking.insert(step);
    const auto answer = co_await m_options.human->ask(question, cancel);
    m_asking.remove(step);
    if (!answer)
        co_return answer.error().kind == ErrorKind::Denied ? undecided : answer.error();
    if (answer->text == QLatin1String("stop"))
        co_return undecided;
    keepNote(step, QStringLiteral("unfinished_decided"), QJsonObject{{QStringLiteral("choice"), answer->text}}, notices);
    co_return answer->text == QLatin1String("repeat");
}

int RunContext::delegateDepth(const QString &step) const
{
    int depth = 0;
    for (QString path = parentStep(step); !path.isEmpty(); path = parentStep(path))
        depth += m_delegates.contains(path);
    return depth;
}

Task<> RunContext::stopDelegate(QString step, double seconds, CancelSource stop, CancelToken cancel)
{
    const auto worked = co_await workedFor(step, qint64(seconds * 1000), cancel);
    if (worked)
        stop.cancel();
}

Task<Result<ToolOutcome>> RunContext::runDelegate(ToolCall *now)
{
    ToolGate *const gate = now->gate;
    const QString step = now->step;
    const auto *constTool = dynamic_cast<const DelegateTool *>(&gate->tool());
    LATHE_ASSERT(constTool, co_return Error(ErrorKind::Internal, QStringLiteral("The tool %1 cannot be run.").arg(gate->tool().name())));
    auto *tool = const_cast<DelegateTool *>(constTool);
    const JournalEntry *known = m_options.journal->find(step);
    const bool begunBefore = m_options.journal->times(step).has_value();
    const bool answered = known && known->done && answers(known, now->entry);
    const bool timedOut = answered && known->outcome.value(L("timed_out")).toBool();
    if (answered && !timedOut) { // a fork put it there
        auto given = co_await tellKnownTool(*known, gate);
        co_return given;
    }
    // Its turn of the minute; of what has begun already, no second one.
    const int callsPerMinute = gate->policy().limits.callsPerMinute;
    if (callsPerMinute > 0 && m_options.mode != RunMode::Replay && !begunBefore) {
        const CancelToken waits = tokenFor(step);
        const auto turn = co_await gate->budget().turn(callsPerMinute, m_options.clock, waits);
        if (!turn) {
            const Error error = stopped(turn.error()) ? stopReason() : turn.error();
            endStep(step, StepStatus::Cancelled, {}, error);
            co_return error;
        }
    }
    CancelSource stop(tokenFor(step)), timer(m_deadlineStop.token());
    std::optional<Result<ToolOutcome>> ended;
    {
        const Branch branch = openBranch(step, stop.token());
        m_delegates.insert(step);
        const double seconds = gate->policy().limits.seconds;
        if (m_options.mode != RunMode::Replay && seconds > 0)
            stopDelegate(step, seconds, stop, timer.token());
        auto given = co_await tool->run(this, now->arguments, step, stop.token());
        ended.emplace(std::move(given));
        timer.cancel();
        m_delegates.remove(step);
    }
    Result<ToolOutcome> &outcome = *ended;
    // Its own time was over, rather than the run's or that of a branch around it.
    const bool cancelled = !outcome && outcome.error().kind == ErrorKind::Cancelled && !m_cancel.isCancelled();
    if (cancelled && timedOut) {
        auto late = co_await tellKnownTool(*known, gate);
        co_return late;
    }
    if (cancelled && m_options.mode != RunMode::Replay && !tokenFor(step).isCancelled()) {
        const ToolOutcome late = ToolOutcome::failure(QStringLiteral("The tool %1 did not finish within %2 s and was stopped. Ask for less, or try another way.")
                                                          .arg(gate->tool().name())
                                                          .arg(gate->policy().limits.seconds));
        JournalEntry entry = now->entry;
        entry.startedUs = entry.endedUs = m_options.clock->nowUs();
        entry.done = true;
        entry.outcome = QJsonObject{{QStringLiteral("attributes"), toolAttributes(*now)},
                                    {QStringLiteral("outcome"), late.toJson()},
                                    {QStringLiteral("timed_out"), true}};
        const auto told = co_await recordToTell(std::move(entry));
        if (!told)
            co_return told.error();
        co_return tellTool(*told);
    }
    if (!outcome) {
        endStep(step, outcome.error().kind == ErrorKind::Cancelled ? StepStatus::Cancelled : StepStatus::Failed, {}, outcome.error());
        co_return outcome.error();
    }
    const auto tell = [this, step](const QString &name, const QJsonObject &attributes) { note(step, name, attributes); };
    ToolOutcome finished = gate->finish(*std::move(outcome), tell);
    finished.ran = true;
    co_return endTool(step, finished, eventTime(step, true), toolAttributes(*now));
}

} // namespace lathe
