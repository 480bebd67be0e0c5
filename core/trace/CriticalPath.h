// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

// A stretch of time that one step decided: nothing else could have made the run end sooner then.
struct PathSegment {
    int step = -1; // index into steps(); -1: time before the first and after the last step that belongs to no step
    qint64 fromUs = 0;
    qint64 toUs = 0;
};

// The chain of steps that decided when the run ended. Segments follow each other without gaps from the start of the first step to the end
// of the run, so their lengths sum to the run's duration minus the idle time before the first step.
struct CriticalPath {
    std::vector<PathSegment> segments; // in order of time
    std::vector<qint64> pathUs;        // per step: its own time on the path (0: not on it)
    std::vector<bool> onPath;          // per step: it or a descendant of it has time on the path
    qint64 idleBeforeUs = 0;           // from the start of the run to its first step
    qint64 totalUs = 0;                // sum over the segments
    QString longest;                   // path of the step with most own time on it, empty: none
};

// Times of steps, made sound: steps that still run end at the last thing known, negative durations are empty, a step lasts at least as
// long as what is inside it (clocks of other machines differ). Microseconds.
struct TraceTimes {
    std::vector<qint64> startUs, endUs; // per step, itself with all below it
    std::vector<qint64> selfUs;         // per step: time in which it ran and none of its children did
    qint64 firstUs = 0, lastUs = 0;     // of the run: its start or that of the first step; the last thing known
};

TraceTimes traceTimes(const Trace &trace);
// Under 50 ms for 100,000 steps.
CriticalPath criticalPath(const Trace &trace);
CriticalPath criticalPath(const Trace &trace, const TraceTimes &times);

} // namespace lathe
