// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/OtherPrograms.h"

#include "core/project/Sql.h"

#include <QPointer>

namespace lathe {

namespace {
constexpr int mostRuns = 1000; // of one look; a list that is told of so many loads anew anyway

bool isSameButForDraft(const ArtifactInfo &a, const ArtifactInfo &b)
{
    return a.name == b.name && a.inBin == b.inBin && a.latestNumber == b.latestNumber && a.labels == b.labels;
}
}

OtherPrograms::OtherPrograms(SqliteStore *store, ArtifactRepository *artifacts, RunRepository *runs)
    : m_store(store), m_artifacts(artifacts), m_runs(runs), m_seen(runs->newest())
{
    for (const ArtifactInfo &info : artifacts->list(std::nullopt, true))
        m_known.insert(info.id, info);
    for (const auto signal : {&ArtifactRepository::added, &ArtifactRepository::changed, &ArtifactRepository::draftChanged})
        connect(artifacts, signal, this, &OtherPrograms::note);
    connect(runs, &RunRepository::added, this, [this](RunId run) { m_own.insert(run); });
}

void OtherPrograms::note(ArtifactId id)
{
    if (const auto info = m_artifacts->info(id))
        m_known.insert(id, *info);
}

void OtherPrograms::look()
{
    const QPointer<OtherPrograms> alive(this); // whoever hears of it may close the project
    lookAtArtifacts();
    if (alive)
        lookAtRuns();
}

void OtherPrograms::lookAtArtifacts()
{
    const QPointer<OtherPrograms> alive(this);
    for (const ArtifactInfo &now : m_artifacts->list(std::nullopt, true)) {
        const auto before = m_known.constFind(now.id);
        const bool isNew = before == m_known.constEnd();
        const bool changed = !isNew && !isSameButForDraft(*before, now);
        const bool edited = !isNew && (before->hasDraft != now.hasDraft || before->changedUs != now.changedUs);
        if (isNew)
            Q_EMIT m_artifacts->added(now.id);
        else if (changed)
            Q_EMIT m_artifacts->changed(now.id);
        if (alive && (edited || changed))
            Q_EMIT m_artifacts->draftChanged(now.id);
        if (!alive)
            return;
        m_known.insert(now.id, now);
    }
}

void OtherPrograms::lookAtRuns()
{
    std::vector<std::pair<RunId, bool>> found; // and whether it goes on
    const auto read = eachRow(m_store->reader(), QByteArrayLiteral("SELECT id, status IN ('running','waiting') FROM runs WHERE id>? ORDER BY id DESC LIMIT ?"),
                              [&found](Statement &row) { found.emplace_back(RunId{row.int64(0)}, row.int64(1) != 0); }, m_seen, mostRuns);
    if (!read) {
        qWarning("Looking for runs of other programs failed: %s", qPrintable(read.error().message));
        return;
    }
    const QSet<RunId> own = std::exchange(m_own, {});
    const QSet<RunId> before = m_underWay;
    if (!found.empty())
        m_seen = found.front().first;
    for (const auto &[run, goesOn] : found) {
        if (goesOn && !own.contains(run))
            m_underWay.insert(run);
    }
    const QPointer<OtherPrograms> alive(this);
    for (auto it = found.rbegin(); it != found.rend() && alive; ++it) {
        if (!own.contains(it->first))
            Q_EMIT m_runs->added(it->first);
    }
    for (const RunId run : before) {
        if (!alive)
            return;
        const auto info = m_runs->run(run);
        if (!info || (info->status != RunStatus::Running && info->status != RunStatus::Waiting))
            m_underWay.remove(run);
        Q_EMIT m_runs->changed(run);
    }
}

} // namespace lathe
