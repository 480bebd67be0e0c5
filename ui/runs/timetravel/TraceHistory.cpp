// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/TraceHistory.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/StepStyle.h"

#include <QCoreApplication>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t mostKept = 24;
constexpr size_t mostKeptSteps = 250'000; // in all kept states together; a step is some 300 bytes
constexpr int nearDistance = 256;

QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::TraceHistory", text);
}

// A stored step knows its attributes as they were in the end. What only its end can have told must not be seen before it.
bool isKnownAtEnd(const QString &key)
{
    static const char *const prefixes[] = {"gen_ai.usage.", "gen_ai.response.", "gen_ai.output.", "gen_ai.tool.call.result",
                                           "lathe.cost_usd", "lathe.tool_calls", "lathe.result", "lathe.output", "output", "approved"};
    return std::any_of(std::begin(prefixes), std::end(prefixes), [&key](const char *prefix) { return key.startsWith(QLatin1String(prefix)); });
}

bool isStop(const RunEvent &event)
{
    return event.kind != RunEventKind::StepDelta;
}
}

TraceHistory::TraceHistory(const Trace &trace) : m_events(trace.toEvents())
{
    QHash<QString, QJsonObject> late;
    for (RunEvent &event : m_events) {
        if (event.kind == RunEventKind::StepStarted) {
            const int index = trace.indexOf(event.step);
            if (index < 0 || !stepstyle::isOver(trace.steps()[size_t(index)].status))
                continue;
            QJsonObject then, later;
            for (auto it = event.attributes.begin(); it != event.attributes.end(); ++it)
                (isKnownAtEnd(it.key()) ? later : then).insert(it.key(), it.value());
            if (later.isEmpty())
                continue;
            event.attributes = then;
            late.insert(event.step, later);
        } else if (event.kind == RunEventKind::StepEnded) {
            const QJsonObject more = late.take(event.step);
            for (auto it = more.begin(); it != more.end(); ++it)
                event.attributes.insert(it.key(), it.value());
        }
    }
    // What is kept is bounded by steps, not by states: long runs keep few.
    const size_t steps = trace.steps().size();
    const size_t states = std::clamp<size_t>(steps == 0 ? mostKept : 2 * mostKeptSteps / (steps + 1), 2, mostKept);
    const int apart = std::max(64, int(m_events.size() / (states + 1)));
    m_kept.push_back({0, Trace(), true});
    for (int at = apart; at + apart / 2 < count(); at += apart)
        m_kept.push_back({at, Trace(), false});
}

const Trace &TraceHistory::at(int position) const
{
    if (m_kept.empty()) // nothing was given
        return m_now.trace;
    position = std::clamp(position, 0, count());
    // The newest state at or before it that was reached already; states are filled in passing.
    const Kept *from = m_now.position <= position ? &m_now : &m_kept.front();
    for (const Kept &kept : m_kept) {
        if (kept.filled && kept.position <= position && kept.position > from->position)
            from = &kept;
    }
    if (m_near.filled && m_near.position <= position && m_near.position > from->position)
        from = &m_near;
    if (from != &m_now)
        m_now = *from;
    while (m_now.position < position) {
        m_now.trace.apply(m_events[size_t(m_now.position++)]);
        const auto kept = std::lower_bound(m_kept.begin(), m_kept.end(), m_now.position,
                                           [](const Kept &state, int place) { return state.position < place; });
        if (kept != m_kept.end() && kept->position == m_now.position && !kept->filled) {
            kept->trace = m_now.trace;
            kept->filled = true;
        }
        if (position - m_now.position == nearDistance) { // going back event by event starts here
            m_near = m_now;
            m_near.filled = true;
        }
    }
    return m_now.trace;
}

std::vector<RunEvent> TraceHistory::between(int from, int to) const
{
    from = std::clamp(from, 0, count());
    to = std::clamp(to, from, count());
    return {m_events.begin() + from, m_events.begin() + to};
}

qint64 TraceHistory::timeAt(int position) const
{
    if (m_events.empty())
        return 0;
    const qint64 start = m_events.front().timeUs;
    return position <= 0 ? 0 : std::max<qint64>(0, m_events[size_t(std::min(position, count()) - 1)].timeUs - start);
}

qint64 TraceHistory::durationUs() const
{
    return timeAt(count());
}

int TraceHistory::positionAtTime(qint64 us) const
{
    if (m_events.empty() || us < 0)
        return 0;
    const qint64 until = m_events.front().timeUs + us;
    const auto after = std::upper_bound(m_events.begin(), m_events.end(), until, [](qint64 time, const RunEvent &event) { return time < event.timeUs; });
    return int(after - m_events.begin());
}

int TraceHistory::positionOf(const QString &step, bool ended) const
{
    const RunEventKind kind = ended ? RunEventKind::StepEnded : RunEventKind::StepStarted;
    const auto found = std::find_if(m_events.begin(), m_events.end(), [&](const RunEvent &event) { return event.kind == kind && event.step == step; });
    return found == m_events.end() ? -1 : int(found - m_events.begin()) + 1;
}

int TraceHistory::nextStop(int position) const
{
    for (int at = std::max(0, position); at < count(); ++at) {
        if (isStop(m_events[size_t(at)]))
            return at + 1;
    }
    return count();
}

int TraceHistory::previousStop(int position) const
{
    for (int at = std::min(position, count()) - 1; at > 0; --at) {
        if (isStop(m_events[size_t(at - 1)]))
            return at;
    }
    return 0;
}

QString TraceHistory::sentence(int position) const
{
    if (position <= 0 || m_events.empty())
        return tr("Before the run");
    const RunEvent &event = eventBefore(std::min(position, count()));
    const Trace &trace = at(position);
    const int index = trace.indexOf(event.step);
    const QString name = index >= 0 ? stepstyle::title(trace.steps()[size_t(index)]).left(120) : event.step;
    switch (event.kind) {
    case RunEventKind::RunStarted:
        return tr("The run begins");
    case RunEventKind::StepStarted:
        return tr("%1 begins").arg(name);
    case RunEventKind::StepDelta:
        switch (event.channel) {
        case DeltaChannel::Reasoning:
            return tr("%1 thinks").arg(name);
        case DeltaChannel::ToolArguments:
            return tr("%1 writes a tool call").arg(name);
        case DeltaChannel::ToolOutput:
            return tr("%1 answers").arg(name);
        case DeltaChannel::Text:
            break;
        }
        return tr("%1 writes").arg(name);
    case RunEventKind::StepNote: {
        const QString said = stepstyle::note({event.timeUs, event.name, event.attributes}).text;
        return said.isEmpty() ? tr("%1: %2").arg(name, event.name) : tr("%1: %2").arg(name, said);
    }
    case RunEventKind::StepEnded:
        return event.stepStatus == StepStatus::Ok ? tr("%1 is done").arg(name) : tr("%1: %2").arg(name, format::statusText(event.stepStatus).toLower());
    case RunEventKind::RunEnded:
        return tr("The run ends: %1").arg(format::statusText(event.runStatus).toLower());
    }
    return {};
}

} // namespace lathe
