// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/DatasetSpec.h"

#include <QAbstractTableModel>

#include <vector>

namespace lathe {

// The rows of a dataset as a table whose first column says which are picked. Rows are numbered from 1, as people count.
class RowPickModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Role {
        PickedRole = Qt::UserRole,
        SearchRole
    }; // SearchRole of the first column: the text of the whole row
    RowPickModel(Dataset dataset, int most, QObject *parent = nullptr);
    const Dataset &dataset() const { return m_dataset; }

    bool isPicked(int row) const { return m_picked[size_t(row)]; }
    int pickedCount() const { return m_count; }
    int most() const { return m_most; }
    // False when so many are picked already that no more may be.
    bool setPicked(int row, bool picked);
    void clear();
    // "1-5, 9"
    QString text() const;
    void setText(const QString &rows);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void pickedChanged();

private:
    Dataset m_dataset;
    std::vector<bool> m_picked;
    int m_count = 0;
    int m_most;
};

} // namespace lathe
