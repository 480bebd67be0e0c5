// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/project/ArtifactRepository.h"
#include "core/project/ExperimentRepository.h"
#include "core/project/RatingRepository.h"
#include "core/project/RunRepository.h"
#include "core/project/TrialRepository.h"
#include "core/project/ViewRepository.h"
#include "core/sqlite/SqliteStore.h"

namespace lathe {

// One open project file. Main thread. Errors of open(): NotFound, ProjectFile (no database, damaged, read-only folder, full
// disk...), NewerFile never: a newer file opens read-only, and newerMessage() says so.
class Project
{
public:
    static constexpr int schemaVersion = 4;
    static constexpr qint32 applicationId = 0x4C415448; // "LATH"

    enum class Mode { ReadWrite, ReadOnly, Create };
    static Result<std::unique_ptr<Project>> open(const QString &path, Mode mode, Clock *clock);
    ~Project();
    Q_DISABLE_COPY_MOVE(Project)

    QString path() const;
    QString title() const; // file name without suffix
    bool isReadOnly() const;
    QString readOnlyReason() const; // a sentence, empty when writable
    ArtifactRepository &artifacts();
    RunRepository &runs();
    RatingRepository &ratings();
    TrialRepository &trials();
    ExperimentRepository &experiments();
    ViewRepository &views();

    // Per-project settings of the window (layout, last opened): small JSON values by key.
    QJsonValue setting(const QString &key) const;
    void setSetting(const QString &key, const QJsonValue &value);

    // Content-addressed bytes, zstd-compressed in the file. Returns the SHA-256 (hex).
    Task<Result<QByteArray>> putBlob(QByteArray bytes);
    Result<QByteArray> blob(const QByteArray &hash) const;

    // Changes when another program wrote to the file (PRAGMA data_version). Looked at twice a second: what others did to artifacts
    // and runs is told by the signals of their repositories (OtherPrograms.h).
    qint64 dataVersion() const;
    Task<Result<void>> flush();
    // Called on the main thread when a write that nobody waits for failed.
    void setErrorHandler(std::function<void(const Error &)> handler);
    // Checks integrity, foreign keys, missing blobs, full-text index; with `repair` mends what can be mended and compacts.
    Task<Result<DoctorReport>> doctor(bool repair);

private:
    Project();
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
