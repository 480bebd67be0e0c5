// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"
#include "core/runtime/TeamRunner.h"

namespace lathe {

// What a run executes: an agent or a team with every reference resolved. Immutable and shared by runs.
struct RunBlueprint {
    virtual ~RunBlueprint() = default;
    ResolvedArtifact artifact;
    Limits limits;         // of the whole run
    QString models;        // for the run list: "offline/extractive"
    QJsonObject revisions; // what was used: {"agent":"triage@3","prompt":...,"tools":[...],"connections":[...]}
    QJsonObject snapshot;  // the bodies, so that the run replays after any change
    // One run's own copy (its tools count their calls), as the function that executes it under "".
    using Execution = std::function<Task<Result<QString>>(RunContext *, RunInput, TeamRunOptions)>;
    virtual Execution prepare() const = 0;
};

} // namespace lathe
