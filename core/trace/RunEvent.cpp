// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/RunEvent.h"

#include "core/base/Json.h"
#include "core/base/JsonWriter.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lathe {

namespace {
template<typename E, size_t N>
using Names = std::array<std::pair<E, const char *>, N>;

constexpr Names<StepKind, 6> stepKinds{{{StepKind::Agent, "agent"},
                                        {StepKind::Model, "model"},
                                        {StepKind::Tool, "tool"},
                                        {StepKind::Memory, "memory"},
                                        {StepKind::Control, "control"},
                                        {StepKind::Human, "human"}}};
constexpr Names<StepStatus, 6> stepStatuses{{{StepStatus::Running, "running"},
                                             {StepStatus::Waiting, "waiting"},
                                             {StepStatus::Ok, "ok"},
                                             {StepStatus::Failed, "failed"},
                                             {StepStatus::Cancelled, "cancelled"},
                                             {StepStatus::Interrupted, "interrupted"}}};
constexpr Names<RunStatus, 6> runStatuses{{{RunStatus::Running, "running"},
                                           {RunStatus::Waiting, "waiting"},
                                           {RunStatus::Done, "done"},
                                           {RunStatus::Failed, "failed"},
                                           {RunStatus::Cancelled, "cancelled"},
                                           {RunStatus::Interrupted, "interrupted"}}};
constexpr Names<RunEventKind, 6> eventKinds{{{RunEventKind::RunStarted, "run_started"},
                                             {RunEventKind::StepStarted, "step_started"},
                                             {RunEventKind::StepDelta, "step_delta"},
                                             {RunEventKind::StepNote, "step_note"},
                                             {RunEventKind::StepEnded, "step_ended"},
                                             {RunEventKind::RunEnded, "run_ended"}}};
constexpr Names<DeltaChannel, 4> channels{{{DeltaChannel::Text, "text"},
                                           {DeltaChannel::Reasoning, "reasoning"},
                                           {DeltaChannel::ToolArguments, "tool_arguments"},
                                           {DeltaChannel::ToolOutput, "tool_output"}}};

template<typename E, size_t N>
QString nameOf(const Names<E, N> &names, E value)
{
    for (const auto &[v, name] : names) {
        if (v == value)
            return QString::fromLatin1(name);
    }
    return QString::fromLatin1(names[0].second);
}

template<typename E, size_t N>
std::optional<E> valueOf(const Names<E, N> &names, const QString &name)
{
    for (const auto &[value, n] : names) {
        if (name == QLatin1String(n))
            return value;
    }
    return std::nullopt;
}

QJsonObject errorToJson(const Error &error)
{
    QJsonObject json{{QStringLiteral("kind"), errorKindName(error.kind)},
                     {QStringLiteral("message"), error.message}};
    if (!error.cause.isEmpty())
        json.insert(QStringLiteral("cause"), error.cause);
    if (error.retryAfterMs != -1)
        json.insert(QStringLiteral("retry_after_ms"), error.retryAfterMs);
    if (error.httpStatus != 0)
        json.insert(QStringLiteral("http_status"), error.httpStatus);
    return json;
}

// Reads the members of an event; remembers the first that has the wrong type.
class EventReader
{
public:
    explicit EventReader(const QJsonObject &json) : m_json(json) {}

    QString string(QLatin1String key)
    {
        const QJsonValue value = m_json.value(key);
        if (!value.isUndefined() && !value.isString())
            fail(key, QStringLiteral("text"));
        return value.toString();
    }
    qint64 integer(QLatin1String key, qint64 absent = 0)
    {
        const QJsonValue value = m_json.value(key);
        if (value.isUndefined())
            return absent;
        // Two defaults tell "not a whole number" from a number that equals one of them.
        if (!value.isDouble() || value.toInteger(0) != value.toInteger(1))
            fail(key, QStringLiteral("a whole number"));
        return value.toInteger(absent);
    }
    QJsonObject object(QLatin1String key)
    {
        const QJsonValue value = m_json.value(key);
        if (!value.isUndefined() && !value.isObject())
            fail(key, QStringLiteral("an object"));
        return value.toObject();
    }
    template<typename E, size_t N>
    E choice(QLatin1String key, const Names<E, N> &names, E absent)
    {
        if (!m_json.contains(key))
            return absent;
        const auto value = valueOf(names, string(key));
        if (!value)
            fail(key, QStringLiteral("a name this version of Lathe knows"));
        return value.value_or(absent);
    }
    std::optional<Error> error(QLatin1String key)
    {
        if (!m_json.contains(key))
            return std::nullopt;
        EventReader reader(object(key));
        Error error;
        error.kind = errorKindFromName(reader.string(QLatin1String("kind")));
        error.message = reader.string(QLatin1String("message"));
        error.cause = reader.string(QLatin1String("cause"));
        error.retryAfterMs = reader.integer(QLatin1String("retry_after_ms"), -1);
        error.httpStatus = int(reader.integer(QLatin1String("http_status")));
        if (!m_failure && reader.m_failure)
            m_failure = reader.m_failure;
        return error;
    }
    void fail(QLatin1String key, const QString &wanted)
    {
        if (!m_failure) {
            m_failure = Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The run event cannot be read: \"%1\" must be %2.").arg(key, wanted),
                json::compactString(m_json).left(500));
        }
    }
    const std::optional<Error> &failure() const { return m_failure; }

private:
    QJsonObject m_json;
    std::optional<Error> m_failure;
};

qint64 tokenCount(const QJsonObject &json, QLatin1String key)
{
    return std::max<qint64>(0, json.value(key).toInteger());
}
} // namespace

QString stepKindName(StepKind kind)
{
    return nameOf(stepKinds, kind);
}

StepKind stepKindFromName(const QString &name)
{
    return valueOf(stepKinds, name).value_or(StepKind::Control);
}

QString stepStatusName(StepStatus status)
{
    return nameOf(stepStatuses, status);
}

StepStatus stepStatusFromName(const QString &name)
{
    return valueOf(stepStatuses, name).value_or(StepStatus::Interrupted);
}

QString runStatusName(RunStatus status)
{
    return nameOf(runStatuses, status);
}

RunStatus runStatusFromName(const QString &name)
{
    return valueOf(runStatuses, name).value_or(RunStatus::Interrupted);
}

QString runEventKindName(RunEventKind kind)
{
    return nameOf(eventKinds, kind);
}

QString deltaChannelName(DeltaChannel channel)
{
    return nameOf(channels, channel);
}

Usage &Usage::operator+=(const Usage &other)
{
    inputTokens += other.inputTokens;
    outputTokens += other.outputTokens;
    cacheReadTokens += other.cacheReadTokens;
    cacheWriteTokens += other.cacheWriteTokens;
    reasoningTokens += other.reasoningTokens;
    costUsd += other.costUsd;
    costKnown = costKnown && other.costKnown;
    return *this;
}

QJsonObject Usage::toJson() const
{
    using L = QLatin1String;
    json::Writer out;
    out.beginObject().key(L("cache_read_tokens")).number(cacheReadTokens).key(L("cache_write_tokens")).number(cacheWriteTokens);
    if (costKnown)
        out.key(L("cost_usd")).value(costUsd);
    out.key(L("input_tokens")).number(inputTokens).key(L("output_tokens")).number(outputTokens);
    return out.key(L("reasoning_tokens")).number(reasoningTokens).endObject().takeObject();
}

Usage Usage::fromJson(const QJsonObject &json)
{
    Usage usage;
    usage.inputTokens = tokenCount(json, QLatin1String("input_tokens"));
    usage.outputTokens = tokenCount(json, QLatin1String("output_tokens"));
    usage.cacheReadTokens = tokenCount(json, QLatin1String("cache_read_tokens"));
    usage.cacheWriteTokens = tokenCount(json, QLatin1String("cache_write_tokens"));
    usage.reasoningTokens = tokenCount(json, QLatin1String("reasoning_tokens"));
    const double cost = json.value(QLatin1String("cost_usd")).toDouble(-1);
    // Nothing at all was used for nothing; tokens without a price are of unknown cost.
    usage.costKnown = json.isEmpty() || (std::isfinite(cost) && cost >= 0);
    usage.costUsd = usage.costKnown && !json.isEmpty() ? cost : 0;
    return usage;
}

QJsonObject RunEvent::toJson() const
{
    const bool ofRun = kind == RunEventKind::RunStarted || kind == RunEventKind::RunEnded;
    const bool ends = kind == RunEventKind::StepEnded || kind == RunEventKind::RunEnded;
    QJsonObject json{{QStringLiteral("event"), runEventKindName(kind)},
                     {QStringLiteral("time_us"), timeUs}};
    if (run.value != 0)
        json.insert(QStringLiteral("run"), run.value);
    if (!step.isEmpty())
        json.insert(QStringLiteral("step"), step);
    // What a kind does not need is written only when somebody set it, so that every event comes back as it was.
    if (kind == RunEventKind::StepStarted || stepKind != StepKind::Control)
        json.insert(QStringLiteral("kind"), stepKindName(stepKind));
    if ((ends && !ofRun) || stepStatus != StepStatus::Running)
        json.insert(ofRun ? QStringLiteral("step_status") : QStringLiteral("status"),
                    stepStatusName(stepStatus));
    if ((ends && ofRun) || runStatus != RunStatus::Running)
        json.insert(ofRun ? QStringLiteral("status") : QStringLiteral("run_status"),
                    runStatusName(runStatus));
    if (kind == RunEventKind::StepDelta || channel != DeltaChannel::Text)
        json.insert(QStringLiteral("channel"), deltaChannelName(channel));
    if (!name.isEmpty())
        json.insert(QStringLiteral("name"), name);
    if (!text.isEmpty())
        json.insert(QStringLiteral("text"), text);
    if (!attributes.isEmpty())
        json.insert(QStringLiteral("attributes"), attributes);
    if (error)
        json.insert(QStringLiteral("error"), errorToJson(*error));
    return json;
}

Result<RunEvent> RunEvent::fromJson(const QJsonObject &json)
{
    EventReader reader(json);
    RunEvent event;
    const auto eventKind = valueOf(eventKinds, reader.string(QLatin1String("event")));
    if (!eventKind)
        reader.fail(QLatin1String("event"),
                    QStringLiteral("a kind of event this version of Lathe knows"));
    event.kind = eventKind.value_or(RunEventKind::StepNote);
    const bool ofRun =
        event.kind == RunEventKind::RunStarted || event.kind == RunEventKind::RunEnded;
    event.timeUs = reader.integer(QLatin1String("time_us"));
    event.run.value = reader.integer(QLatin1String("run"));
    event.step = reader.string(QLatin1String("step"));
    if (!ofRun && event.step.isEmpty())
        reader.fail(QLatin1String("step"), QStringLiteral("the path of a step"));
    event.stepKind = reader.choice(QLatin1String("kind"), stepKinds, StepKind::Control);
    event.stepStatus = reader.choice(QLatin1String(ofRun ? "step_status" : "status"), stepStatuses,
                                     StepStatus::Running);
    event.runStatus = reader.choice(QLatin1String(ofRun ? "status" : "run_status"), runStatuses,
                                    RunStatus::Running);
    event.channel = reader.choice(QLatin1String("channel"), channels, DeltaChannel::Text);
    event.name = reader.string(QLatin1String("name"));
    event.text = reader.string(QLatin1String("text"));
    event.attributes = reader.object(QLatin1String("attributes"));
    event.error = reader.error(QLatin1String("error"));
    if (reader.failure())
        return *reader.failure();
    return event;
}

QString parentStep(const QString &path)
{
    const qsizetype dot = path.lastIndexOf(QLatin1Char('.'));
    return dot < 0 ? QString() : path.left(dot);
}

namespace {
bool isNumber(QStringView part)
{
    return !part.isEmpty()
           && std::all_of(part.begin(), part.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
}

// Numbers of any length by value, before other words; ends in the order of the plain text, so the order is total.
int comparePart(QStringView a, QStringView b)
{
    const bool numberA = isNumber(a);
    const bool numberB = isNumber(b);
    if (numberA != numberB)
        return numberA ? -1 : 1;
    if (numberA) {
        QStringView x = a, y = b;
        while (x.size() > 1 && x.front() == u'0')
            x = x.mid(1);
        while (y.size() > 1 && y.front() == u'0')
            y = y.mid(1);
        if (x.size() != y.size())
            return x.size() < y.size() ? -1 : 1;
        if (const int order = x.compare(y))
            return order;
    }
    return a.compare(b);
}
} // namespace

bool stepPathLess(const QString &a, const QString &b)
{
    QStringView x = a, y = b;
    while (!x.isEmpty() && !y.isEmpty()) {
        const qsizetype dotX = x.indexOf(u'.');
        const qsizetype dotY = y.indexOf(u'.');
        if (const int order = comparePart(dotX < 0 ? x : x.left(dotX), dotY < 0 ? y : y.left(dotY)))
            return order < 0;
        x = dotX < 0 ? QStringView() : x.mid(dotX + 1);
        y = dotY < 0 ? QStringView() : y.mid(dotY + 1);
    }
    if (x.isEmpty() != y.isEmpty())
        return x.isEmpty();
    return a.size() < b.size(); // differ in a dot at the end at most
}

} // namespace lathe
