// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/base/Task.h"

#include <QHash>

namespace lathe {

// The recorded outcome of one effect of a run on the world. A step has at most one effect, so the step's path names it.
struct JournalEntry {
    QString step;
    QString kind;           // "chat", "execute_tool", "human"
    QByteArray requestHash; // SHA-256 (hex) of the canonical request
    QByteArray request;     // canonical JSON
    bool done = false;      // false: begun, and the outcome is not known
    QJsonObject outcome;    // {"response"|"outcome"|"answer": ..., "notices": [...]} or {"error": {...}}
    QByteArray outcomeText; // of an entry to be written: the outcome as canonical text, and `outcome` is empty
    qint64 startedUs = 0;
    qint64 endedUs = 0;
    bool late = false; // of a fork: taken over from behind the step where it parts, so it happens when it is asked for
    JournalEntry() = default;
};

// Whether the outcome only says that the run was stopped or at a limit there: a fork need not end so, and does not inherit it.
bool isStopped(const JournalEntry &entry);

// When a recorded step began and ended, so that a replay shows the same times.
struct StepTimes {
    qint64 startUs = 0;
    qint64 endUs = 0;
    bool inherited = false; // of a fork's parent: they hold until the fork goes its own way
};

// The journal of one run. Main thread. The writing tasks end when the entry is safe in the project file.
class Journal
{
public:
    virtual ~Journal() = default;
    // What was recorded for a step before this execution began; null when nothing was.
    virtual const JournalEntry *find(const QString &step) const = 0;
    virtual std::optional<StepTimes> times(const QString &step) const = 0;
    // Before an effect that must not be repeated blindly.
    virtual Task<Result<void>> begin(JournalEntry entry) = 0;
    virtual Task<Result<void>> finish(JournalEntry entry) = 0;
};

// Keeps entries in memory: for tests, for replays (which write nothing) and for trying things out.
class MemoryJournal : public Journal
{
public:
    MemoryJournal() = default;
    void add(JournalEntry entry);
    void addTimes(const QString &step, StepTimes times);
    const JournalEntry *find(const QString &step) const override;
    std::optional<StepTimes> times(const QString &step) const override;
    Task<Result<void>> begin(JournalEntry entry) override;
    Task<Result<void>> finish(JournalEntry entry) override;
    // What this execution wrote, in order; outcomes as objects.
    const std::vector<JournalEntry> &written() const { return m_written; }

private:
    QHash<QString, JournalEntry> m_entries;
    QHash<QString, StepTimes> m_times;
    std::vector<JournalEntry> m_written;
};

} // namespace lathe
