// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/RevisionListModel.h"

namespace lathe {

bool RevisionListModel::Row::operator==(const Row &other) const
{
    return draft == other.draft && info.number == other.info.number && info.labels == other.info.labels
        && info.runCount == other.info.runCount && info.note == other.info.note;
}

RevisionListModel::RevisionListModel(Session *session, ArtifactId artifact, QObject *parent)
    : QAbstractListModel(parent), m_session(session), m_artifact(artifact), m_rows(load())
{
    const auto follow = [this](ArtifactId id) {
        if (id == m_artifact)
            refresh();
    };
    connect(&session->project().artifacts(), &ArtifactRepository::changed, this, follow);
    connect(&session->project().artifacts(), &ArtifactRepository::draftChanged, this, follow);
    connect(session, &Session::runEnded, this, [this] { refresh(); });
}

std::vector<RevisionListModel::Row> RevisionListModel::load() const
{
    std::vector<Row> rows;
    const auto info = m_session->project().artifacts().info(m_artifact);
    if (info && (info->hasDraft || info->latestNumber == 0)) {
        Row row;
        row.draft = true;
        rows.push_back(row);
    }
    for (RevisionInfo &revision : m_session->project().artifacts().revisions(m_artifact)) {
        Row row;
        row.info = std::move(revision);
        rows.push_back(std::move(row));
    }
    return rows;
}

// Revisions only ever appear at the top and the draft row comes and goes, so the common end stays.
void RevisionListModel::refresh()
{
    std::vector<Row> fresh = load();
    size_t same = 0;
    while (same < m_rows.size() && same < fresh.size()) {
        const Row &a = m_rows[m_rows.size() - 1 - same];
        const Row &b = fresh[fresh.size() - 1 - same];
        if (a.draft != b.draft || a.info.number != b.info.number)
            break;
        ++same;
    }
    const int removed = int(m_rows.size() - same);
    const int inserted = int(fresh.size() - same);
    if (removed > 0) {
        beginRemoveRows({}, 0, removed - 1);
        m_rows.erase(m_rows.begin(), m_rows.begin() + removed);
        endRemoveRows();
    }
    if (inserted > 0) {
        beginInsertRows({}, 0, inserted - 1);
        m_rows.insert(m_rows.begin(), fresh.begin(), fresh.begin() + inserted);
        endInsertRows();
    }
    for (size_t i = size_t(inserted); i < fresh.size(); ++i) {
        if (m_rows[i] == fresh[i])
            continue;
        m_rows[i] = fresh[i];
        Q_EMIT dataChanged(index(int(i)), index(int(i)));
    }
}

int RevisionListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

QVariant RevisionListModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Row &row = m_rows[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return row.draft ? tr("Draft") : QStringLiteral("@%1").arg(row.info.number);
    case NumberRole:
        return row.draft ? 0 : row.info.number;
    case NoteRole:
        return row.draft ? tr("Uncommitted edit") : row.info.note;
    case TimeRole:
        return row.info.createdUs;
    case LabelsRole:
        return row.info.labels;
    case RunCountRole:
        return row.info.runCount;
    case IsDraftRole:
        return row.draft;
    case AuthorRole:
        return row.draft ? QString() : row.info.author;
    default:
        return {};
    }
}

int RevisionListModel::rowOf(int number) const
{
    for (size_t i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].draft ? number == 0 : m_rows[i].info.number == number)
            return int(i);
    }
    return -1;
}

} // namespace lathe
