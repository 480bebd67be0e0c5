// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ArtifactTreeModel.h"

namespace lathe {

namespace {
constexpr quintptr kindMark = ~quintptr(0); // internal id of a kind row; artifacts carry their group's row

bool nameLess(const ArtifactInfo &a, const ArtifactInfo &b)
{
    int order = QString::localeAwareCompare(a.name.toCaseFolded(), b.name.toCaseFolded());
    if (order == 0)
        order = QString::localeAwareCompare(a.name, b.name);
    return order != 0 ? order < 0 : a.id < b.id;
}
}

ArtifactTreeModel::ArtifactTreeModel(Session *session, std::vector<ArtifactKind> kinds, QObject *parent)
    : QAbstractItemModel(parent), m_session(session)
{
    for (const ArtifactKind kind : kinds) {
        Group group{kind, session->project().artifacts().list(kind)};
        std::sort(group.items.begin(), group.items.end(), nameLess);
        m_groups.push_back(std::move(group));
    }
    auto *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &ArtifactTreeModel::refresh);
    connect(artifacts, &ArtifactRepository::changed, this, &ArtifactTreeModel::refresh);
    connect(artifacts, &ArtifactRepository::draftChanged, this, &ArtifactTreeModel::refresh);
}

QString ArtifactTreeModel::kindTitle(ArtifactKind kind)
{
    switch (kind) {
    case ArtifactKind::Agent:
        return tr("Agents");
    case ArtifactKind::Team:
        return tr("Teams");
    case ArtifactKind::Prompt:
        return tr("Prompts");
    case ArtifactKind::Tool:
        return tr("Tools");
    case ArtifactKind::Connection:
        return tr("Connections");
    case ArtifactKind::Dataset:
        return tr("Datasets");
    case ArtifactKind::Scorer:
        return tr("Scorers");
    case ArtifactKind::Experiment:
        return tr("Experiments");
    }
    return {};
}

QModelIndex ArtifactTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (column != 0 || row < 0)
        return {};
    if (!parent.isValid())
        return row < int(m_groups.size()) ? createIndex(row, 0, kindMark) : QModelIndex();
    if (parent.internalId() != kindMark || row >= int(m_groups[size_t(parent.row())].items.size()))
        return {};
    return createIndex(row, 0, quintptr(parent.row()));
}

QModelIndex ArtifactTreeModel::parent(const QModelIndex &child) const
{
    if (!child.isValid() || child.internalId() == kindMark)
        return {};
    return createIndex(int(child.internalId()), 0, kindMark);
}

int ArtifactTreeModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(m_groups.size());
    if (parent.internalId() != kindMark || parent.column() > 0)
        return 0;
    return int(m_groups[size_t(parent.row())].items.size());
}

int ArtifactTreeModel::columnCount(const QModelIndex &) const
{
    return 1;
}

QVariant ArtifactTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    if (index.internalId() == kindMark) {
        const Group &group = m_groups[size_t(index.row())];
        switch (role) {
        case Qt::DisplayRole:
            return kindTitle(group.kind);
        case KindRole:
            return int(group.kind);
        case IsKindRole:
            return true;
        case CountRole:
            return int(group.items.size());
        default:
            return {};
        }
    }
    const Group &group = m_groups[index.internalId()];
    const ArtifactInfo &item = group.items[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return item.name;
    case Qt::ToolTipRole:
        return item.hasDraft ? tr("%1: draft on revision %2").arg(item.name).arg(item.latestNumber)
                             : tr("%1: revision %2").arg(item.name).arg(item.latestNumber);
    case IdRole:
        return QVariant::fromValue(item.id);
    case KindRole:
        return int(group.kind);
    case DraftRole:
        return item.hasDraft;
    case NumberRole:
        return item.latestNumber;
    case LabelsRole: {
        QStringList labels;
        for (const auto &[label, number] : item.labels)
            labels.append(label);
        return labels;
    }
    case IsKindRole:
        return false;
    default:
        return {};
    }
}

QModelIndex ArtifactTreeModel::kindIndex(ArtifactKind kind) const
{
    for (size_t g = 0; g < m_groups.size(); ++g) {
        if (m_groups[g].kind == kind)
            return index(int(g), 0);
    }
    return {};
}

QModelIndex ArtifactTreeModel::indexOf(ArtifactId id) const
{
    for (size_t g = 0; g < m_groups.size(); ++g) {
        const auto &items = m_groups[g].items;
        for (size_t i = 0; i < items.size(); ++i) {
            if (items[i].id == id)
                return createIndex(int(i), 0, quintptr(g));
        }
    }
    return {};
}

ArtifactId ArtifactTreeModel::artifactAt(const QModelIndex &index) const
{
    return data(index, IdRole).value<ArtifactId>();
}

void ArtifactTreeModel::refresh(ArtifactId id)
{
    const auto info = m_session->project().artifacts().info(id);
    const QModelIndex old = indexOf(id);
    const bool keep = info && !info->inBin;
    if (old.isValid()) {
        Group &group = m_groups[old.internalId()];
        if (keep && group.items[size_t(old.row())].name == info->name) {
            group.items[size_t(old.row())] = *info;
            Q_EMIT dataChanged(old, old);
            return;
        }
        beginRemoveRows(old.parent(), old.row(), old.row());
        group.items.erase(group.items.begin() + old.row());
        endRemoveRows();
        const QModelIndex kind = old.parent();
        Q_EMIT dataChanged(kind, kind, {CountRole});
    }
    if (!keep)
        return;
    for (size_t g = 0; g < m_groups.size(); ++g) {
        Group &group = m_groups[g];
        if (group.kind != info->kind)
            continue;
        const auto at = std::lower_bound(group.items.begin(), group.items.end(), *info, nameLess);
        const int row = int(at - group.items.begin());
        const QModelIndex kind = index(int(g), 0);
        beginInsertRows(kind, row, row);
        group.items.insert(at, *info);
        endInsertRows();
        Q_EMIT dataChanged(kind, kind, {CountRole});
    }
}

} // namespace lathe
