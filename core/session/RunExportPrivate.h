// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/WorkerThread.h"
#include "core/session/RunExportFormats.h"

#include <QElapsedTimer>

namespace lathe::runexport {

// Reads the runs of a selection one after the other. Main thread.
class RunSource
{
public:
    RunSource(Session *session, ExportSelection selection) : m_session(session), m_selection(std::move(selection)) {}
    // Finds out which runs; errors as exportRuns().
    Task<Result<void>> open(CancelToken cancel);
    // The next that is there; nothing: that was the last. Without steps and journal when they are not wanted.
    Task<Result<std::optional<FoundRun>>> next(bool steps, CancelToken cancel);
    int total() const { return int(m_runs.size()); }
    int taken() const { return m_next; }
    int missing() const { return m_missing; }
    const ExportSelection &selection() const { return m_selection; }

private:
    Session *m_session;
    ExportSelection m_selection;
    std::vector<RunId> m_runs;
    int m_next = 0;
    int m_missing = 0;
};

// Tells of progress, but not too often.
class ProgressTeller
{
public:
    explicit ProgressTeller(ExportProgressHandler handler) : m_handler(std::move(handler)) {}
    void tell(int done, int total, qint64 bytes, bool always = false);

private:
    ExportProgressHandler m_handler;
    QElapsedTimer m_since;
};

void addCounts(const Redaction &redaction, ExportReport *report);

} // namespace lathe::runexport
