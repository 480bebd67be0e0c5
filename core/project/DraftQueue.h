// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ArtifactRepository.h"
#include "core/project/ArtifactRows.h"

namespace lathe {

// Drafts on their way to the file: seen at once by reads of this program; of the saves that wait while one is being written
// only the last is. Main thread. Coroutines keep it alive beyond the repository; `repository` is then null.
struct ArtifactRepository::Drafts : std::enable_shared_from_this<ArtifactRepository::Drafts> {
    Drafts(ArtifactRepository *owner, SqliteStore *sqlite, Clock *time)
        : repository(owner), store(sqlite), clock(time)
    {
    }

    // The draft as this program knows it, none when there is only a revision.
    Result<std::optional<StoredDraft>> current(ArtifactId id) const;
    void overlay(ArtifactInfo *info) const;
    // Ends when this or a later draft of the artifact is in the file.
    Task<Result<void>> save(ArtifactId id, QJsonObject body, EditHistory history, int newestNumber);
    Task<Result<void>> discard(ArtifactId id);
    void close(); // the repository goes

    ArtifactRepository *repository;
    SqliteStore *store;
    Clock *clock;

private:
    struct Pending {
        StoredDraft stored;
        qint64 savedUs = 0;
    };
    struct Slot {
        bool writing = false;
        std::vector<Completion<Result<void>>> waiting; // for the next write
    };
    Task<> writeLoop(ArtifactId id);
    Task<> finish(Pending saved, std::vector<Completion<Result<void>>> served);

    QHash<ArtifactId, Pending> m_pending;
    QHash<ArtifactId, Slot> m_slots;
    QHash<ArtifactId, int> m_discarding;
};

} // namespace lathe
