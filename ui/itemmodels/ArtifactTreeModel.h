// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QAbstractItemModel>

namespace lathe {

// The explorer: kinds, and under each its artifacts by name. Kinds are always there; the bin is left out. Follows the project.
class ArtifactTreeModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Role { IdRole = Qt::UserRole, KindRole, DraftRole, LabelsRole, NumberRole, IsKindRole, CountRole };
    ArtifactTreeModel(Session *session, std::vector<ArtifactKind> kinds, QObject *parent = nullptr);

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QModelIndex indexOf(ArtifactId id) const;
    QModelIndex kindIndex(ArtifactKind kind) const;
    ArtifactId artifactAt(const QModelIndex &index) const;

    static QString kindTitle(ArtifactKind kind); // "Agents"

private:
    struct Group {
        ArtifactKind kind;
        std::vector<ArtifactInfo> items;
    };
    void refresh(ArtifactId id);
    Session *m_session;
    std::vector<Group> m_groups;
};

} // namespace lathe
