// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QAbstractListModel>

namespace lathe {

// The revisions of one artifact, newest first; row 0 is the draft while there is one that differs.
class RevisionListModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role { NumberRole = Qt::UserRole, NoteRole, TimeRole, LabelsRole, RunCountRole, IsDraftRole, AuthorRole };
    RevisionListModel(Session *session, ArtifactId artifact, QObject *parent = nullptr);
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    int rowOf(int number) const; // 0: the draft; -1 when absent
    ArtifactId artifact() const { return m_artifact; }

private:
    struct Row {
        bool draft = false;
        RevisionInfo info;
        bool operator==(const Row &other) const;
    };
    std::vector<Row> load() const;
    void refresh();
    Session *m_session;
    ArtifactId m_artifact;
    std::vector<Row> m_rows;
};

} // namespace lathe
