// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/project/TrialTypes.h"
#include "core/sqlite/SqliteStore.h"

namespace lathe {

// Verdicts of judges and the log of concluded experiments. Main thread.
class ExperimentRepository
{
public:
    ExperimentRepository(SqliteStore *store, Clock *clock);

    // All that nobody took back, oldest first; on the reader thread.
    Task<Result<std::vector<Verdict>>> verdicts(ArtifactId experiment, CancelToken cancel) const;
    // Fills in author (the user of this computer) and time when they are missing. Ends when it is in the file.
    Task<Result<VerdictId>> add(Verdict verdict);
    Task<Result<void>> remove(VerdictId id); // taken back; history is kept

    Task<Result<LogEntryId>> conclude(ExperimentLogEntry entry);
    Task<Result<void>> setConclusion(LogEntryId entry, QString conclusion); // what a person makes of it may change; the result may not
    // Entries that hold all the words in question, name, sentence or conclusion (any case), newest first; empty: all.
    Task<Result<std::vector<ExperimentLogEntry>>> log(QString words, CancelToken cancel) const;
    static QString author(); // the user of this computer

private:
    SqliteStore *m_store;
    Clock *m_clock;
};

} // namespace lathe
