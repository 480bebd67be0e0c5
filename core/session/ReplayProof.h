// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

#include <QSet>

namespace lathe {

// Proof that a replay gave what was recorded: both as canonical events, one by one and hashed. An event's canonical text is its compact
// JSON without time and run id. They stand in the order of the steps' paths, each step around those below it: so the first difference
// is what came first, whichever branch was quicker.
struct ReplayProof {
    struct Difference {
        int event = 0;     // index in the recording's events, from 0; its number of events when the replay has more
        QString step;      // path; empty: of the run itself
        QString stepName;
        QString eventName; // "step_ended"
        QString field;     // "text", "attributes/gen_ai.request.model", "name", ... "missing", "more" or "request"
        QString recorded, replayed; // the field's values as text
        bool operator==(const Difference &) const = default;
    };
    int events = 0;        // compared, both sides alike
    int recordedEvents = 0;
    int replayedEvents = 0;
    QByteArray recordedHash, replayedHash; // SHA-256, hex
    // A run that did not end by itself (stopped, interrupted) is compared as far as steps had ended.
    bool partial = false;
    std::optional<Difference> first; // nothing: the same
    bool same() const { return !first && recordedHash == replayedHash; }
    QJsonObject toJson() const;
};

// The events as the proof reads them. `only`: of these steps, empty: all with the run's own.
std::vector<QJsonObject> canonicalEvents(const Trace &trace, const QSet<QString> *only);
ReplayProof proveReplay(const Trace &recorded, const Trace &replayed, const QSet<QString> *only);
// "Event 12 of 40 (step 1.3 chat gpt-5, step_ended) differs in text: recorded "...", replayed "..."."
QString differenceSentence(const ReplayProof &proof);

} // namespace lathe
