// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/ArtifactRepository.h"
#include "core/project/RunRepository.h"

#include <QSet>

namespace lathe {

// What other programs on the same file (a second window, lathe-cli) did to artifacts and runs, told by the signals of the repositories as
// if it had been done here, so that whoever shows something follows, and nobody writes over what he did not see. Main thread.
class OtherPrograms : public QObject
{
    Q_OBJECT
public:
    OtherPrograms(SqliteStore *store, ArtifactRepository *artifacts, RunRepository *runs);
    void look(); // the file was changed by another program: compares with what is known, and tells of each difference

private:
    void note(ArtifactId id); // this program did something to it, or we told of it
    void lookAtArtifacts();
    void lookAtRuns();
    SqliteStore *m_store;
    ArtifactRepository *m_artifacts;
    RunRepository *m_runs;
    QHash<ArtifactId, ArtifactInfo> m_known;
    QSet<RunId> m_own;      // added by this program since the last look
    QSet<RunId> m_underWay; // of other programs
    RunId m_seen;           // the newest at the last look
};

} // namespace lathe
