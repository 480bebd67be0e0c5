// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ProjectJournal.h"

#include "core/runtime/ForkLayer.h"

namespace lathe {

namespace {
JournalEntry journalEntry(const StoredEntry &from)
{
    JournalEntry entry;
    entry.step = from.step;
    entry.kind = from.kind;
    entry.requestHash = from.requestHash;
    entry.request = from.request;
    entry.done = from.done;
    entry.outcome = from.outcome;
    entry.startedUs = from.startedUs;
    entry.endedUs = from.endedUs;
    return entry;
}

void fill(MemoryJournal *journal, const StoredRun &stored)
{
    for (const StoredEntry &from : stored.journal)
        journal->add(journalEntry(from));
    for (const Step &step : stored.trace.steps()) {
        // A container step that was still open has no end yet.
        const bool ended = step.status == StepStatus::Ok || step.status == StepStatus::Failed;
        journal->addTimes(step.path, StepTimes{step.startUs, ended ? step.endUs : 0});
    }
}

Task<Result<void>> write(RunRepository *runs, RunId run, JournalEntry from)
{
    StoredEntry entry;
    entry.step = std::move(from.step);
    entry.kind = std::move(from.kind);
    entry.requestHash = std::move(from.requestHash);
    entry.request = std::move(from.request);
    entry.done = from.done;
    entry.outcome = std::move(from.outcome);
    entry.outcomeText = std::move(from.outcomeText);
    entry.startedUs = from.startedUs;
    entry.endedUs = from.endedUs;
    return runs->writeEntry(run, std::move(entry));
}
}

void ProjectJournal::load(const StoredRun &stored)
{
    fill(&m_recorded, stored);
}

void ProjectJournal::addLate(const StoredRun &parent, const QString &from, bool forget)
{
    for (const StoredEntry &stored : parent.journal) {
        if (!stored.done || (forget && isStepOrBelow(stored.step, from)) || m_recorded.find(stored.step))
            continue;
        JournalEntry entry = journalEntry(stored);
        entry.late = true;
        if (!isStopped(entry))
            m_recorded.add(std::move(entry));
    }
}

Task<Result<void>> ProjectJournal::inherit(const StoredRun *parent, QString from, bool forget, qint64 shiftUs, qint64 untilUs)
{
    const int at = parent->trace.indexOf(from);
    const qint64 partsUs = at < 0 ? parent->info.startUs : parent->trace.steps()[size_t(at)].startUs;
    for (const Step &step : parent->trace.steps()) {
        if (isStepOrBelow(step.path, from) || (!stepPathLess(step.path, from) && step.startUs >= partsUs))
            continue; // what comes after begins when it begins
        const bool ended = step.status == StepStatus::Ok || step.status == StepStatus::Failed;
        m_recorded.addTimes(step.path, StepTimes{std::min(step.startUs + shiftUs, untilUs),
                                                 ended ? std::min(step.endUs + shiftUs, untilUs) : 0, true});
    }
    std::vector<Task<Result<void>>> writes;
    for (const StoredEntry &stored : parent->journal) {
        const bool before = stepPathLess(stored.step, from) && !isStepOrBelow(from, stored.step);
        JournalEntry entry = journalEntry(stored);
        if (!before || !stored.done || isStopped(entry))
            continue;
        const qint64 tookUs = entry.endedUs - entry.startedUs;
        entry.endedUs = std::min(entry.endedUs + shiftUs, untilUs);
        entry.startedUs = entry.endedUs - tookUs;
        m_recorded.addTimes(entry.step, StepTimes{entry.startedUs, entry.endedUs});
        writes.push_back(write(m_runs, m_run, entry));
        m_recorded.add(std::move(entry));
    }
    addLate(*parent, from, forget);
    const auto results = co_await whenAll(std::move(writes));
    for (const Result<void> &written : results) {
        if (!written)
            co_return written.error();
    }
    co_return Result<void>();
}

const JournalEntry *ProjectJournal::find(const QString &step) const
{
    return m_recorded.find(step);
}

std::optional<StepTimes> ProjectJournal::times(const QString &step) const
{
    return m_recorded.times(step);
}

Task<Result<void>> ProjectJournal::begin(JournalEntry entry)
{
    return write(m_runs, m_run, std::move(entry));
}

Task<Result<void>> ProjectJournal::finish(JournalEntry entry)
{
    return write(m_runs, m_run, std::move(entry));
}

std::unique_ptr<MemoryJournal> replayJournal(const StoredRun &stored)
{
    auto journal = std::make_unique<MemoryJournal>();
    fill(journal.get(), stored);
    return journal;
}

} // namespace lathe
