// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/runtime/Journal.h"

namespace lathe {

// The journal of a run in the project file. For a resume it starts with what was recorded.
class ProjectJournal : public Journal
{
public:
    ProjectJournal(RunRepository *runs, RunId run) : m_runs(runs), m_run(run) {}
    void load(const StoredRun &stored);
    // For a fork: the finished effects of another run but those `forget` says, moved in time. Ends when they are recorded for this run.
    Task<Result<void>> inherit(const StoredRun *parent, qint64 shiftUs, std::function<bool(const QString &step)> forget);
    const JournalEntry *find(const QString &step) const override;
    std::optional<StepTimes> times(const QString &step) const override;
    Task<Result<void>> begin(JournalEntry entry) override;
    Task<Result<void>> finish(JournalEntry entry) override;

private:
    RunRepository *m_runs;
    RunId m_run;
    MemoryJournal m_recorded;
};

// A journal in memory holding a recorded run, for a replay.
std::unique_ptr<MemoryJournal> replayJournal(const StoredRun &stored);

} // namespace lathe
