// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/ForkChanges.h"
#include "core/runtime/ModelChain.h"

namespace lathe {

// One fork in a run's descent: a fork of a fork has two. What is executed is the design of the first parent, and over it the changes
// of each fork at its step, oldest first. So what stands before a step asks what was asked there, and its recorded outcome fits.
struct ForkLayer {
    RunId parent;
    QString step;
    QString agent; // name of the agent the step belongs to; empty: of none
    ForkChanges changes;
    std::optional<ModelBinding> model; // of changes.model
    // Whether what it says of model calls holds for one at `path` by the agent of this name.
    bool reaches(const QString &path, const QString &agentName) const;
};

// Whether `path` is `step` or below it.
bool isStepOrBelow(const QString &path, const QString &step);

} // namespace lathe
