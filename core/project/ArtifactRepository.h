// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/project/ProjectTypes.h"
#include "core/sqlite/SqliteStore.h"

#include <QObject>

namespace lathe {

// Artifacts, revisions, drafts, labels. Main thread; reads are keyed look-ups. A draft is seen by this program's reads as soon as
// saveDraft() is called, and is in the file when its task ends (autosave).
class ArtifactRepository : public QObject
{
    Q_OBJECT
public:
    ArtifactRepository(SqliteStore *store, Clock *clock);
    ~ArtifactRepository() override; // drafts on their way are still written

    std::vector<ArtifactInfo> list(std::optional<ArtifactKind> kind, bool withBin = false) const;
    Result<ArtifactInfo> info(ArtifactId id) const;
    std::optional<ArtifactId> find(ArtifactKind kind, const QString &name) const;
    // By reference: NotFound with the names that exist. A reference without number and label gives the newest revision,
    // or the draft when none was ever committed; "@draft" gives the draft when there is one, else the newest revision.
    Result<ResolvedArtifact> resolve(ArtifactKind kind, const QString &reference) const;
    Result<ResolvedArtifact> revision(ArtifactId id, int number) const;
    std::vector<RevisionInfo> revisions(ArtifactId id) const; // newest first
    // Prompts with a revision that holds all the words (or words that begin so), the last changed first.
    std::vector<ArtifactId> searchPrompts(const QString &words, int limit) const;

    // A new artifact with a draft of the given body. InvalidInput when the name is bad or taken (in the same kind).
    Task<Result<ArtifactId>> create(ArtifactKind kind, QString name, QJsonObject body);
    Task<Result<void>> rename(ArtifactId id, QString name);
    Task<Result<void>> moveToBin(ArtifactId id, bool inBin);

    // The draft, or the newest revision's body as an unchanged draft.
    Result<Draft> draft(ArtifactId id) const;
    Task<Result<void>> saveDraft(ArtifactId id, QJsonObject body, EditHistory history);
    // Makes a revision of the draft. When nothing differs from the newest revision, gives that one. Ends after it is safe.
    Task<Result<RevisionInfo>> commit(ArtifactId id, QString note);
    // Puts a former revision's body into the draft (as one edit that can be undone).
    Task<Result<void>> restore(ArtifactId id, int number);
    Task<Result<void>> discardDraft(ArtifactId id);
    // Moves a label (lower-case letters, digits, - and _; not "draft" or "latest"); number 0 removes it.
    Task<Result<void>> setLabel(ArtifactId id, QString label, int number);

    // How the artifact's labels moved, newest first.
    std::vector<LabelMove> labelHistory(ArtifactId id, int limit) const;
    // The runs that used a prompt (under its present name), by its revisions, newest revision first; 0 is the draft. On the reader
    // thread: all runs are looked through.
    Task<Result<std::vector<PromptUse>>> promptUse(ArtifactId prompt, CancelToken cancel) const;

Q_SIGNALS:
    void added(lathe::ArtifactId id);
    void changed(lathe::ArtifactId id);      // name, labels, revisions, bin
    void draftChanged(lathe::ArtifactId id);

private:
    struct Drafts; // saved by this program, maybe not yet in the file
    Result<ResolvedArtifact> load(ArtifactId id, int number) const;
    Result<ResolvedArtifact> resolveDraft(const ArtifactInfo &info) const;
    Error noSuch(ArtifactKind kind, const QString &name) const;
    Result<void> checkNew(ArtifactKind kind, const QString &name, ArtifactId except) const;
    Result<void> checkWritable() const;
    SqliteStore *m_store;
    Clock *m_clock;
    std::shared_ptr<Drafts> m_drafts;
};

} // namespace lathe
