// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"
#include "core/runtime/ForkChanges.h"
#include "core/runtime/TeamRunner.h"
#include "core/session/ReplayProof.h"
#include "core/trace/Trace.h"

namespace lathe {

struct RunBlueprint;

struct RunRequest {
    QString agent; // reference to an agent or team; "triage@draft" runs the uncommitted edit
    std::shared_ptr<const RunBlueprint> blueprint; // instead of `agent`: what is executed, resolved before (experiments)
    std::optional<ArtifactKind> kind; // Agent or Team; without it an agent is looked for first
    RunInput input;
    std::optional<ModelChoice> model; // instead of the agent's own, without fallbacks
    bool attended = false; // a person can be asked; else policy decides
    bool unpaced = false;  // nobody watches the stream: the offline model answers at once
    std::function<void(const RunEvent &)> sink; // every event at once, besides the session's batched signal
    std::function<void(RunId)> begun; // called when the run has its id, before anything of it happens
    RunRequest() = default;
};

// A run that begins as another one did and goes on differently. The other is never changed.
struct ForkRequest {
    RunId run;
    QString step;            // where it parts: path of a step
    bool again = false;      // the outcomes of that step, and of what is below it, are forgotten: "run from here"
    ForkChanges changes;     // what is different there; forkOptions() says what can be
    TeamOverrides overrides; // of teams
    bool attended = false;
    std::function<void(const RunEvent &)> sink;
    ForkRequest() = default;
};

struct RunResult {
    RunId run;
    RunStatus status = RunStatus::Failed;
    QString output;
    std::optional<Error> error;
    Usage usage;
    qint64 durationUs = 0;
};

struct ReplayReport {
    bool same = false;
    QString firstDifference; // a sentence, empty when the same
    ReplayProof proof;
    Trace trace;             // what the replay produced
    QString output;
};

// A question a run is waiting with.
struct PendingQuestion {
    RunId run;
    QString agent;
    HumanQuestion question;
};

struct ToolTrial {
    // What the tool told on the way (requests and answers, questions and their answers), as a step's events would have it. Secrets are
    // hidden.
    struct Note {
        QString name;
        QJsonObject attributes;
    };
    ToolOutcome outcome;
    qint64 durationUs = 0;
    QJsonObject arguments;
    qint64 timeUs = 0;
    std::vector<Note> notes;
    // Of what tools send and get as text, from the notes: empty when the tool did not say.
    QString request, response;
};
struct ToolTrialOptions {
    QString function; // of a set: the server's or the model's name; empty: the first that is switched on
    std::function<void(double progress, std::optional<double> total, const QString &message)> progress;
    ToolTrialOptions() = default;
};

} // namespace lathe
