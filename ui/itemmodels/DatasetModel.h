// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/DatasetSpec.h"

#include <QAbstractTableModel>

namespace lathe {

// The rows of a dataset as a table; constant.
class DatasetModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit DatasetModel(Dataset dataset, QObject *parent = nullptr) : QAbstractTableModel(parent), m_dataset(std::move(dataset)) {}
    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_dataset.rows.size()); }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_dataset.columns.size()); }
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    const Dataset &dataset() const { return m_dataset; }

private:
    Dataset m_dataset;
};

} // namespace lathe
