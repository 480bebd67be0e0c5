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
    // For a fork at `step`: the finished effects of another run. Those before the step are recorded for this run, moved in time, none
    // past `untilUs`; ends when they are. Those behind it answer where they are asked for, and are recorded then; with `forget` those of
    // the step and of what is below it are left out.
    Task<Result<void>> inherit(const StoredRun *parent, QString step, bool forget, qint64 shiftUs, qint64 untilUs);
    // The second part alone, for a fork that is resumed; what load() brought stays.
    void addLate(const StoredRun &parent, const QString &step, bool forget);
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
