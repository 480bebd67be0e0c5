// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QAbstractTableModel>

namespace lathe {

// The experiments of the project, the last changed first, filtered by words of name and question.
class ExperimentListModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Question, Variants, Dataset, Changed, ColumnCount };
    static constexpr int DetailRole = 0x1200; // as widgets' rowrole::Detail: second line
    explicit ExperimentListModel(Session *session, QObject *parent = nullptr);
    void setFilter(const QString &words);
    ArtifactId idAt(int row) const { return row >= 0 && size_t(row) < m_rows.size() ? m_rows[size_t(row)].id : ArtifactId(); }
    int total() const { return m_total; }

    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_rows.size()); }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(ColumnCount); }
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        ArtifactId id;
        QString name, question, variants, dataset, conclusion;
        qint64 changedUs = 0;
        bool operator==(const Row &) const = default;
    };
    void reload();
    Session *m_session;
    QStringList m_words;
    std::vector<Row> m_rows;
    int m_total = 0;
};

} // namespace lathe
