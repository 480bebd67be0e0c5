// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ProjectTypes.h"
#include "core/sqlite/Database.h"

namespace lathe {

// Rows of artifacts, revisions, drafts and labels.

// --- Any connection.
// One kind or all; `id` invalid: all.
Result<std::vector<ArtifactInfo>> readArtifacts(Database &db, std::optional<ArtifactKind> kind,
                                                ArtifactId id, bool withBin);
struct Newest {
    int number = 0; // 0: never committed
    RevisionId id;
    QByteArray hash;
};
Result<Newest> newestRevision(Database &db, ArtifactId id);
Result<std::vector<RevisionInfo>> readRevisions(Database &db, ArtifactId id); // newest first
struct StoredDraft {
    Draft draft; // `differs` is not set
    QByteArray hash;
};
Result<std::optional<StoredDraft>> readDraft(Database &db, ArtifactId id);

// --- For works on the writer.
Result<ArtifactId> insertArtifact(Database &db, ArtifactKind kind, const QString &name,
                                  qint64 timeUs);
// The base is only set with the first save.
Result<void> putDraft(Database &db, const StoredDraft &draft, qint64 timeUs);
// A new revision, or the newest one's number when nothing differs.
Result<int> insertRevision(Database &db, ArtifactKind kind, const StoredDraft &draft,
                           const QString &note, qint64 timeUs);
Result<void> moveLabel(Database &db, ArtifactId id, const QString &label, int number,
                       qint64 timeUs);

// What prompt_search knows of a prompt: all texts in its body.
QString searchText(const QJsonObject &body);
// Words for messages: "agent", "an agent".
QString withArticle(ArtifactKind kind);
// Who makes the changes: the name of the user of this computer.
QString currentAuthor();
// "a, b, c": at most ten of `names`, those most like `wanted` first.
QString closeNames(const QString &wanted, QStringList names);

} // namespace lathe
