// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/runtime/ForkChanges.h"
#include "core/runtime/TeamRunner.h"

namespace lathe {

// What a run that is a fork changes, as RunFork::changes keeps it: its own changes, and those of the forks it descends from that
// still hold for it. JSON: ForkChanges' and TeamOverrides' members, "agent", "connection", and "earlier": [{step, parent, ...}].
struct ForkRecord {
    struct Layer {
        RunId parent;
        QString step;
        QString agent;          // that the step belongs to
        ForkChanges changes;
        TeamOverrides overrides;
        bool noted = true;      // false: of a file written before forks left a note in their trace
        QJsonObject connection; // of changes.model: {name, reference, body}, so that it executes after any change of the project
        QJsonObject toJson() const;
    };
    std::vector<Layer> layers; // oldest first; the last is the run's own
    TeamOverrides overrides() const; // of all
    QJsonObject toJson() const;
    static Result<ForkRecord> fromFork(const RunFork &fork);
    // The record of a fork of a run with this record (empty: of a run that is none) at layer.step. What earlier forks changed at that
    // step or behind it goes, unless it holds for all that follows: the journal still answers where the same is asked.
    ForkRecord forkedBy(Layer layer) const;
};

// The name of the agent that a step belongs to; empty: none.
QString agentOfStep(const Trace &trace, const QString &step);

} // namespace lathe
