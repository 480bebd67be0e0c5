// SPDX-License-Identifier: GPL-3.0-or-later
// The live part of a call. The only place that calls a tool.
#include "core/tool/ToolGate.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/ToolResult.h"
#include "core/trace/Redactor.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr qint64 firstPauseMs = 500, longestPauseMs = 8000, longestAskedPauseMs = 60'000;

using Note = std::function<void(const QString &name, const QJsonObject &attributes)>;

// Hidden arguments wherever a tool repeats them. The short ones, which stand in other words too, as words of their own.
class Echoes
{
public:
    void add(const QString &text, int leastChars)
    {
        m_long.addSecret(text);
        const QString word = text.trimmed();
        if (word.size() >= leastChars && word.size() < 8 && !m_words.contains(word))
            m_words.append(word);
    }
    QString redact(const QString &text) const
    {
        QString out = m_long.redact(text);
        for (const QString &word : m_words) {
            for (qsizetype at = out.indexOf(word); at >= 0; at = out.indexOf(word, at)) {
                const qsizetype end = at + word.size();
                const bool alone = (at == 0 || !out[at - 1].isLetterOrNumber()) && (end == out.size() || !out[end].isLetterOrNumber());
                if (alone)
                    out.replace(at, word.size(), redactedMark());
                at += alone ? redactedMark().size() : 1;
            }
        }
        return out;
    }
    QJsonValue redact(const QJsonValue &value) const { return withoutWords(m_long.redact(value)); }

private:
    QJsonValue withoutWords(const QJsonValue &value) const
    {
        if (m_words.isEmpty())
            return value;
        if (value.isString())
            return redact(value.toString());
        if (value.isDouble())
            return m_words.contains(json::compactString(value)) ? QJsonValue(redactedMark()) : value;
        if (value.isArray()) {
            QJsonArray items = value.toArray();
            for (qsizetype i = 0; i < items.size(); ++i)
                items[i] = withoutWords(items.at(i));
            return items;
        }
        if (value.isObject()) {
            QJsonObject members = value.toObject();
            for (auto member = members.begin(); member != members.end(); ++member)
                *member = withoutWords(*member);
            return members;
        }
        return value;
    }
    Redactor m_long;
    QStringList m_words;
};

// What is done with what a tool gave.
struct OutcomeRules {
    QString tool;
    std::shared_ptr<const CompiledSchema> schema;
    QStringList hidden;
    std::shared_ptr<const Echoes> echoes; // of hidden arguments, which a tool may repeat; null: none
    ResultHandling results = ResultHandling::AsIs;
    qint64 maxBytes = ToolLimits().maxBytes;

    ToolOutcome apply(ToolOutcome outcome, const Note &note) const
    {
        if (schema && !outcome.isError)
            checkOutput(&outcome, note);
        if (!hidden.isEmpty())
            outcome = redactedOutcome(std::move(outcome), hidden);
        if (echoes) {
            outcome.text = echoes->redact(outcome.text);
            outcome.structured = echoes->redact(outcome.structured);
        }
        if (results == ResultHandling::Stripped)
            outcome.text = strippedText(boundedOutcome(std::move(outcome.text), 4 * maxBytes));
        return boundedOutcome(std::move(outcome), maxBytes);
    }

private:
    static QString boundedOutcome(QString text, qint64 bytes)
    {
        ToolOutcome outcome;
        outcome.text = std::move(text);
        return lathe::boundedOutcome(std::move(outcome), bytes).text;
    }
    static ToolOutcome boundedOutcome(ToolOutcome outcome, qint64 bytes) { return lathe::boundedOutcome(std::move(outcome), bytes); }

    void checkOutput(ToolOutcome *outcome, const Note &note) const
    {
        QString problem, told;
        if (outcome->structured.isNull() || outcome->structured.isUndefined()) {
            problem = told = QStringLiteral("It holds no data.");
        } else {
            auto violations = checkCompiled(*schema, outcome->structured);
            for (SchemaViolation &violation : violations) { // which may tell the value
                for (const QString &pointer : hidden) {
                    if (pointersMeet(pointer, violation.pointer))
                        violation.message = QStringLiteral("the value does not fit");
                }
            }
            if (!violations.empty()) {
                problem = violationsText(violations);
                // To the model only where: what stands there is the tool's word, and this is ours.
                const QString place = violations.front().pointer.left(100);
                told = place.isEmpty() ? QStringLiteral("It is not of the promised form.") : QStringLiteral("At %1 it is not of the promised form.").arg(place);
            }
        }
        if (problem.isEmpty())
            return;
        if (note)
            note(QStringLiteral("output_schema"), QJsonObject{{QStringLiteral("reason"), problem}});
        *outcome = ToolOutcome::failure(QStringLiteral("The result of %1 is not what the tool promises, so it was dropped. %2").arg(tool, told));
    }
};

// All that a call needs, for the gate may be gone before it ends.
struct CallPlan {
    std::shared_ptr<Tool> tool;
    OutcomeRules rules;
    ToolLimits limits;
    double costPerCallUsd = 0;
    std::shared_ptr<ToolBudget> budget;
    int retries = 0;
    std::shared_ptr<ToolCache> cache; // null: not kept
    QByteArray cacheKey;
    qint64 cacheUs = 0;
    CallPlan() = default;
};

// Time that a call has, not counting how long persons are asked meanwhile.
struct Stopwatch {
    Clock *clock;
    int asking = 0;
    qint64 sinceUs = 0, pausedUs = 0;
    void pause()
    {
        if (asking++ == 0)
            sinceUs = clock->nowUs();
    }
    void go()
    {
        if (--asking == 0)
            pausedUs += clock->nowUs() - sinceUs;
    }
    qint64 paused() const { return pausedUs + (asking > 0 ? clock->nowUs() - sinceUs : 0); }
};

Task<Result<PersonReply>> askPaused(std::function<Task<Result<PersonReply>>(PersonRequest, CancelToken)> ask, std::shared_ptr<Stopwatch> watch,
                                    PersonRequest request, CancelToken cancel)
{
    watch->pause();
    auto reply = co_await ask(std::move(request), std::move(cancel));
    watch->go();
    co_return reply;
}

// Owns the tool until its call has ended, however late that is.
Task<> drive(std::shared_ptr<Tool> tool, QJsonObject arguments, ToolCallScope scope, CancelToken cancel,
             Completion<Result<ToolOutcome>> done)
{
    std::optional<Result<ToolOutcome>> result;
    try {
        auto given = co_await tool->callWithin(std::move(arguments), std::move(scope), cancel);
        result.emplace(std::move(given));
    } catch (const std::exception &e) {
        result.emplace(Error(ErrorKind::Internal,
                             QStringLiteral("The tool %1 failed unexpectedly.").arg(tool->name()),
                             QString::fromUtf8(e.what())));
    }
    done.complete(std::move(*result));
}

Task<> completeAtTimeout(std::shared_ptr<Stopwatch> watch, Clock *clock, double seconds, CancelToken cancel, QString toolName,
                         Completion<Result<ToolOutcome>> done)
{
    qint64 leftMs = qint64(seconds * 1000), countedUs = 0;
    while (leftMs > 0) {
        const auto slept = co_await clock->sleep(leftMs, cancel);
        if (!slept)
            co_return;
        const qint64 pausedUs = watch->paused();
        leftMs = (pausedUs - countedUs + 999) / 1000;
        countedUs = pausedUs;
        if (leftMs <= 0 && watch->asking > 0)
            leftMs = 1000;
    }
    ToolOutcome late = ToolOutcome::failure(QStringLiteral("The tool %1 did not answer within %2 s and was "
                                                           "stopped. Ask for less, or try another way.")
                                                .arg(toolName)
                                                .arg(seconds));
    late.transient = true;
    late.code = errorKindName(ErrorKind::Timeout);
    done.complete(Result<ToolOutcome>(std::move(late)));
}

Task<Result<ToolOutcome>> callOnce(std::shared_ptr<Tool> tool, double seconds, QJsonObject arguments, ToolCallScope scope, Clock *clock,
                                   CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    Completion<Result<ToolOutcome>> first;
    CancelSource stop(cancel);
    CancelSource timer;
    const auto watch = clock ? std::make_shared<Stopwatch>(Stopwatch{clock}) : nullptr;
    if (watch && scope.ask) {
        scope.ask = [ask = std::move(scope.ask), watch](PersonRequest request, CancelToken until) {
            return askPaused(ask, watch, std::move(request), std::move(until));
        };
    }
    drive(tool, std::move(arguments), std::move(scope), stop.token(), first);
    // A tool that does not heed its token must not hold up a cancelled run.
    const auto registration = cancel.onCancelled([first] { first.complete(Error::cancelled()); });
    if (!first.isDone() && clock && seconds > 0)
        completeAtTimeout(watch, clock, seconds, timer.token(), tool->name(), first);
    Result<ToolOutcome> result = co_await first;
    timer.cancel();
    stop.cancel(); // after a time-out the tool is still at work
    co_return result;
}

bool mayPass(const Result<ToolOutcome> &result)
{
    if (result)
        return result->isError && result->transient;
    const ErrorKind kind = result.error().kind;
    return kind == ErrorKind::Unreachable || kind == ErrorKind::Timeout || kind == ErrorKind::RateLimited;
}

qint64 pauseBefore(int attempt, const Result<ToolOutcome> &result)
{
    const qint64 asked = result ? result->retryAfterMs : result.error().retryAfterMs;
    if (asked >= 0)
        return std::clamp<qint64>(asked, 1, longestAskedPauseMs);
    return std::min(firstPauseMs << std::min(attempt, 10), longestPauseMs);
}

// Waits for the turn of the minute; says so when it took time.
Task<Result<void>> takeTurn(std::shared_ptr<ToolBudget> budget, int callsPerMinute, Note note, Clock *clock, CancelToken cancel)
{
    const qint64 beganUs = clock->nowUs();
    auto turn = co_await budget->turn(callsPerMinute, clock, cancel);
    if (!turn)
        co_return turn;
    if (const qint64 waitedMs = (clock->nowUs() - beganUs) / 1000; waitedMs > 0 && note)
        note(QStringLiteral("waited_for_turn"), QJsonObject{{QStringLiteral("ms"), waitedMs}});
    co_return turn;
}

Task<Result<ToolOutcome>> runPlan(CallPlan plan, QJsonObject arguments, ToolCallScope scope, Clock *clock, CancelToken cancel)
{
    const Note note = scope.note;
    Result<ToolOutcome> result = Error();
    for (int attempt = 0;; ++attempt) {
        if (plan.limits.callsPerMinute > 0 && clock) {
            const auto turn = co_await takeTurn(plan.budget, plan.limits.callsPerMinute, note, clock, cancel);
            if (!turn)
                co_return turn.error();
        }
        result = co_await callOnce(plan.tool, plan.limits.seconds, arguments, scope, clock, cancel);
        if (attempt >= plan.retries || !clock || !mayPass(result) || cancel.isCancelled())
            break;
        if (!plan.budget->mayRetry(plan.limits, plan.costPerCallUsd)) {
            if (note)
                note(QStringLiteral("no_retry"), QJsonObject{{QStringLiteral("reason"), QStringLiteral("Another try would exceed the limit of cost.")}});
            break;
        }
        plan.budget->countRetries(1); // before the wait, so that calls at once cannot slip past together
        const qint64 pauseMs = pauseBefore(attempt, result);
        if (note)
            note(QStringLiteral("retry"), QJsonObject{{QStringLiteral("attempt"), attempt + 1},
                                                      {QStringLiteral("wait_ms"), pauseMs},
                                                      {QStringLiteral("reason"), result ? result->text.left(300) : result.error().message}});
        const auto slept = co_await clock->sleep(pauseMs, cancel);
        if (!slept)
            co_return slept.error();
    }
    if (!result) {
        Error error = result.error();
        if (plan.rules.echoes) {
            error.message = plan.rules.echoes->redact(error.message);
            error.cause = plan.rules.echoes->redact(error.cause);
        }
        co_return error;
    }
    ToolOutcome outcome = plan.rules.apply(*std::move(result), note);
    if (plan.cache && !outcome.isError && clock) {
        const qint64 now = clock->nowUs();
        plan.cache->insert(plan.cacheKey, outcome, now, now + plan.cacheUs);
    }
    co_return outcome;
}

// What the cache knows of the call; nothing when it must be made.
std::optional<ToolOutcome> cached(const CallPlan &plan, const Note &note, Clock *clock)
{
    qint64 ageUs = 0;
    auto known = plan.cache && clock ? plan.cache->find(plan.cacheKey, clock->nowUs(), &ageUs) : std::nullopt;
    if (known && note)
        note(QStringLiteral("cache_hit"), QJsonObject{{QStringLiteral("age_s"), double(ageUs / 1000) / 1000}});
    return known;
}

void addTexts(const QJsonValue &value, Echoes *to)
{
    if (value.isString()) {
        to->add(value.toString(), 3);
    } else if (value.isDouble()) {
        to->add(json::compactString(value), 4);
    } else if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            addTexts(item, to);
    } else if (value.isObject()) {
        const QJsonObject members = value.toObject();
        for (const QJsonValue &member : members)
            addTexts(member, to);
    }
}

std::shared_ptr<const Echoes> echoesOf(const QJsonObject &arguments, const QStringList &hidden)
{
    if (hidden.isEmpty())
        return nullptr;
    auto echoes = std::make_shared<Echoes>();
    for (const QString &pointer : hidden) {
        for (const QJsonValue &value : valuesAt(arguments, pointer))
            addTexts(value, echoes.get());
    }
    return echoes;
}

// What a tool says and asks while it is called may repeat a hidden argument, too.
ToolCallScope withoutEchoes(ToolCallScope scope, std::shared_ptr<const Echoes> echoes)
{
    if (!echoes)
        return scope;
    if (scope.note) {
        scope.note = [note = std::move(scope.note), echoes](const QString &name, const QJsonObject &attributes) {
            note(name, echoes->redact(QJsonValue(attributes)).toObject());
        };
    }
    if (scope.progress) {
        scope.progress = [tell = std::move(scope.progress), echoes](double progress, std::optional<double> total, const QString &message) {
            tell(progress, total, echoes->redact(message));
        };
    }
    if (scope.used) {
        scope.used = [used = std::move(scope.used), echoes](const ModelUse &use) {
            ModelUse told = use;
            told.input = echoes->redact(QJsonValue(use.input)).toArray();
            told.answer = echoes->redact(use.answer);
            used(told);
        };
    }
    if (scope.ask) {
        scope.ask = [ask = std::move(scope.ask), echoes](PersonRequest request, CancelToken cancel) {
            request.message = echoes->redact(request.message);
            request.schema = echoes->redact(QJsonValue(request.schema)).toObject();
            return ask(std::move(request), std::move(cancel));
        };
    }
    return scope;
}

Task<Result<ToolOutcome>> ready(ToolOutcome outcome)
{
    co_return outcome;
}
} // namespace

ToolOutcome ToolGate::finish(ToolOutcome outcome, const Note &note) const
{
    const OutcomeRules rules{m_tool->name(), interface().output, m_hiddenResult, nullptr, m_spec.results,
                             m_spec.limits.maxBytes};
    return rules.apply(std::move(outcome), note);
}

Task<Result<ToolOutcome>> ToolGate::run(QJsonObject arguments, ToolCallScope scope, Clock *clock, CancelToken cancel) const
{
    if (hasRedacted(arguments, m_hidden)) {
        return ready(ToolOutcome::failure(QStringLiteral("A hidden argument of %1 was not kept, so this call cannot be made. Call the tool again "
                                                         "with all arguments written out.")
                                              .arg(m_tool->name())));
    }
    CallPlan plan;
    plan.tool = m_tool;
    plan.rules = OutcomeRules{m_tool->name(), interface().output, m_hiddenResult, echoesOf(arguments, m_hidden), m_spec.results,
                              m_spec.limits.maxBytes};
    scope = withoutEchoes(std::move(scope), plan.rules.echoes);
    plan.limits = m_spec.limits;
    plan.costPerCallUsd = m_spec.costPerCallUsd;
    plan.budget = m_budget;
    const bool harmless = (m_spec.retries > 0 || m_spec.cacheSeconds > 0) && idempotent(arguments);
    if (harmless)
        plan.retries = m_spec.retries;
    if (m_cache && m_spec.cacheSeconds > 0 && harmless && sideEffect(arguments) == SideEffect::Read) {
        plan.cache = m_cache;
        plan.cacheUs = qint64(m_spec.cacheSeconds) * 1'000'000;
        plan.cacheKey = json::hash(QJsonObject{{QStringLiteral("arguments"), arguments},
                                               {QStringLiteral("function"), m_tool->function()},
                                               {QStringLiteral("spec"), m_spec.toJson()},
                                               {QStringLiteral("tool"), m_tool->name()}});
    }
    if (auto known = cached(plan, scope.note, clock))
        return ready(*std::move(known));
    // No coroutine of the gate's: it may be gone before the call ends.
    return runPlan(std::move(plan), std::move(arguments), std::move(scope), clock, std::move(cancel));
}

Task<Result<ToolOutcome>> ToolGate::run(QJsonObject arguments, Clock *clock, CancelToken cancel)
{
    admit();
    return static_cast<const ToolGate *>(this)->run(std::move(arguments), ToolCallScope(), clock, std::move(cancel));
}

} // namespace lathe
