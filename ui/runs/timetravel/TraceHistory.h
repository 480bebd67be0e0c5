// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

// A run's events in order, and the trace as it was after any number of them. A value without signals; for the main thread.
// Positions count events applied: 0 is before the run, count() its end.
class TraceHistory
{
public:
    TraceHistory() = default;
    explicit TraceHistory(const Trace &trace);

    int count() const { return int(m_events.size()); }
    bool isEmpty() const { return m_events.empty(); }
    // The trace after `position` events. Going forwards applies what lies between; going backwards starts at the nearest kept state.
    const Trace &at(int position) const;
    // What lies between two positions, from < to: a model that stands at `from` can apply it instead of being reset.
    std::vector<RunEvent> between(int from, int to) const;
    // The event that leads to a position (1..count()).
    const RunEvent &eventBefore(int position) const { return m_events[size_t(position - 1)]; }
    // Microseconds since the run began at a position.
    qint64 timeAt(int position) const;
    qint64 durationUs() const;
    // The last position at or before a time, microseconds since the run began.
    int positionAtTime(qint64 us) const;
    // After the step began (and after it ended); -1 when it is not there.
    int positionOf(const QString &step, bool ended) const;
    // The next or previous begin or end of a step, so that one key press moves by something that is seen.
    int nextStop(int position) const;
    int previousStop(int position) const;
    // "sql: called", "gpt-5: answers", what happened last at a position, for the line beside the slider.
    QString sentence(int position) const;

private:
    std::vector<RunEvent> m_events;
    struct Kept {
        int position = 0;
        Trace trace;
        bool filled = false; // reached already
    };
    mutable std::vector<Kept> m_kept; // ascending; at most 24, fewer for long runs
    mutable Kept m_now;
    mutable Kept m_near; // a little before where one stood last
};

} // namespace lathe
