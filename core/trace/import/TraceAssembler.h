// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/import/ForeignStep.h"

#include <functional>
#include <memory>

namespace lathe {

// What is known of a run from the outside; becomes a RunInfo (core/session/TraceImport.h: foreignRunInfo()).
struct TraceFacts {
    QString traceId;
    QString agent;  // of the root; else of what came first; else the service; never empty
    QString input, output;
    QString models; // "gpt-5, text-embedding-3"
    qint64 startUs = 0;
    QStringList tags; // sorted
    QString session, user;
    bool operator==(const TraceFacts &) const = default;
};

// News of one trace, in order. Events have no run id; the first of a new trace is RunStarted, the last of an ended one RunEnded.
struct TraceUpdate {
    QString traceId;
    bool isNew = false;     // begin a run with `facts`, then record `events`
    bool factsChanged = false; // what became better known since (the root came): the run's row may be put right
    bool reopens = false;   // late steps of a trace that was told as ended: open its run again, then record `events`
    bool hasEnded = false;  // `events` ends with RunEnded
    TraceFacts facts;
    std::vector<RunEvent> events;
};

struct AssemblerOptions {
    qint64 parentWaitUs = 10'000'000;   // so long a step waits for its parent before it is shown without
    qint64 quietUs = 5'000'000;         // after the root ended: nothing for so long ends the trace
    qint64 rootlessUs = 60'000'000;     // nothing for so long ends a trace whose root never came while all that came has ended
    qint64 idleUs = 600'000'000;        // nothing for so long ends any trace
    bool placeAtEnd = false;            // hold all until the trace ends, so that children are numbered by start (files)
    qint64 heldBytes = 256ll << 20;     // waiting steps of all traces; beyond it the longest waiting are placed as they are
    int openTraces = 10'000;            // beyond it those quiet for longest are ended
    int remembered = 2'000;             // ended traces that can be opened again for late steps (and 500,000 steps of them)
    // Fills in lathe.cost_usd where the recorder told none; may be empty.
    std::function<void(ForeignStep *)> price;
    AssemblerOptions() = default;
};

// Turns steps that come in any order, of many traces at once, into the events of one run per trace.
//
// Steps are exported when they END, so children come before their parents. A step whose parent is not there yet waits `parentWaitUs`; then
// a placeholder stands in for the missing ancestor, at the top, and the step is shown under it; when the ancestor comes it fills the
// placeholder. So paths never change once given. (An ancestor that itself turns out to have a parent elsewhere stays where it was shown,
// with a note.) Children are numbered by start among those that become ready together, else as they come. Nesting beyond 200 is flattened.
//
// Never throws away a step it was given, except an exact repetition (counted; see odd()). A step of a trace that was told as ended opens it
// again while it is remembered; later it makes a new run of the same trace id, for whoever records it to join or refuse.
// Memory: waiting steps are bounded by `heldBytes`; a placed step costs about 200 bytes until its trace is forgotten. One thread at a time.
class TraceAssembler
{
public:
    explicit TraceAssembler(AssemblerOptions options = AssemblerOptions());
    ~TraceAssembler();
    TraceAssembler(TraceAssembler &&) noexcept;

    // `nowUs`: any clock that does not go backwards. Updates of a trace come at most once per call.
    std::vector<TraceUpdate> add(OtlpBatch batch, qint64 nowUs);
    std::vector<TraceUpdate> add(std::vector<ForeignStep> steps, qint64 nowUs);
    // Places steps that waited long enough and ends quiet traces; call it about once a second.
    std::vector<TraceUpdate> expire(qint64 nowUs);
    // Places and ends all, as nothing more will come (end of a file, the receiver stops).
    std::vector<TraceUpdate> finish(qint64 nowUs);
    // Ends one trace (a file told that it is complete).
    std::vector<TraceUpdate> finishTrace(const QString &traceId, qint64 nowUs);

    int openTraces() const;
    qint64 heldBytes() const;
    // Since it was made: what was left out and why; what was odd; what was not understood.
    const ImportTallies &refused() const;
    const ImportTallies &odd() const;
    const MappingNotes &mapping() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
