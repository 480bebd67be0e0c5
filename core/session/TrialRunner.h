// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/RunService.h"
#include "core/session/Variants.h"

namespace lathe {

// What experiments and the playground work with; all outlive them.
struct ExperimentServices {
    Project *project = nullptr;
    Clock *clock = nullptr;
    AgentResolver *resolver = nullptr;
    RunService *runs = nullptr;
};

struct TrialJob {
    std::shared_ptr<const RunBlueprint> blueprint;
    RunInput input;
    QByteArray key;
    ArtifactId experiment;
    QString variant;
    bool watched = false; // a person reads the answer while it comes
    std::function<void(RunId)> begun;
    std::function<void(const RunEvent &)> sink;
    TrialJob() = default;
};

struct TrialOutcome {
    TrialId trial;
    RunResult run;
    bool answered = false; // it counts, be it as a failure; false: the provider failed or it was stopped, and it may be tried again
    bool shared = false;   // somebody else's; nothing was paid for it
};

// Executes trials: what was executed before is taken over, what was interrupted is resumed, the rest is run. Main thread.
class TrialRunner
{
public:
    explicit TrialRunner(const ExperimentServices &services);
    // Claims the trial and executes it. Waits while another program does.
    Task<Result<TrialOutcome>> run(TrialJob job, CancelToken cancel);
    // The same for a trial that was claimed before.
    Task<Result<TrialOutcome>> run(TrialJob job, FoundTrial claimed, CancelToken cancel);
    // Whether an outcome counts: an answer, or a failure of what was tried and not of the provider.
    static bool isAnswer(RunStatus status, const std::optional<Error> &error);

private:
    Task<Result<RunResult>> execute(TrialJob job, FoundTrial claimed, CancelToken cancel);
    ExperimentServices m_services;
    QHash<QByteArray, std::vector<Completion<int>>> m_underWay; // by key: who waits for it
    QSet<QByteArray> m_answered; // keys that this program executed: what was claimed before may be out of date
};

} // namespace lathe
