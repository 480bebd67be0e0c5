// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/RunRepository.h"
#include "core/session/RunExport.h"

#include <QFileDevice>

namespace lathe::runexport {

// A run as the project has it.
struct FoundRun {
    StoredRun stored;
    std::vector<Rating> ratings; // of the run and of steps, newest first
};

// A run as it is given away: without what the redaction takes out.
struct GivenRun {
    RunInfo info;
    Trace trace;
    std::vector<Rating> ratings; // without their authors
};
// CPU work: on a worker.
GivenRun givenRun(FoundRun run, bool messages, Redaction *redaction);
// The trace with ratings as gen_ai.evaluation.result on the steps they are of (those of the run: on its first step).
Trace traceWithRatings(const GivenRun &run);

// Takes bytes; an error ends the export.
using ByteSink = std::function<Result<void>(const QByteArray &bytes)>;

// What stands before the first run (may be nothing).
Result<void> writeBegin(ExportFormat format, const ByteSink &sink);
Result<void> writeRun(ExportFormat format, const GivenRun &run, bool redacted, const ByteSink &sink);

QByteArray csvCell(const QString &text); // quoted when it must be, guarded against formulas
// One run without its steps; QJsonObject for JSON Lines.
QJsonObject runToJson(const RunInfo &info);
QJsonObject stepToJson(const Step &step);

// A file that replaces what is at `path` only when it is whole; written straight when there is no regular file (a pipe, /dev/stdout).
// Used on one thread.
class ExportFile
{
public:
    explicit ExportFile(const QString &path);
    ~ExportFile(); // what was not committed is gone
    Q_DISABLE_COPY_MOVE(ExportFile)
    Result<void> open();
    Result<void> write(const QByteArray &bytes);
    Result<void> flush(); // so that a full disk is noticed now
    Result<void> commit();
    qint64 bytes() const { return m_bytes; }

private:
    Error failure(const QString &doing) const;
    QString m_path;
    std::unique_ptr<QFileDevice> m_file;
    bool m_isSaveFile = false;
    qint64 m_bytes = 0;
};

} // namespace lathe::runexport
