// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/DatasetSpec.h"

#include <QAbstractTableModel>

namespace lathe {

// The rows of a dataset, filtered by words and edited cell by cell. The filter keeps an order of its own, so that 100,000 rows stay
// quick. Column 0 is the row's number.
class DatasetTableModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit DatasetTableModel(QObject *parent = nullptr) : QAbstractTableModel(parent) {}
    void setDataset(Dataset dataset);
    const Dataset &dataset() const { return m_dataset; }
    void setEditable(bool editable) { m_editable = editable; }
    void setFilter(const QString &text);
    bool isFiltered() const { return !m_filter.isEmpty(); }
    int total() const { return int(m_dataset.rows.size()); }
    // Row of the dataset, from 0; -1: none.
    int rowOf(int shown) const { return shown >= 0 && size_t(shown) < m_order.size() ? m_order[size_t(shown)] : -1; }
    // Rows are matched to the columns there are by name; columns that are new are added. Gives how many rows there are more.
    int append(const Dataset &more);
    void appendEmpty();
    void remove(std::vector<int> rows); // of the dataset

    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_order.size()); }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() || m_dataset.columns.isEmpty() ? 0 : 1 + int(m_dataset.columns.size()); }
    QVariant data(const QModelIndex &index, int role) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;

    static QString text(const QJsonValue &value);
    // A number stays a number while its text can be read as one; everything else is text.
    static QJsonValue parsed(const QString &text, const QJsonValue &before);

Q_SIGNALS:
    void edited(int row, int column); // by a person, of the dataset

private:
    bool matches(const std::vector<QJsonValue> &row) const;
    std::vector<int> found() const;
    void show(std::vector<int> order);
    Dataset m_dataset;
    std::vector<int> m_order;
    QString m_filter;
    bool m_editable = false;
};

} // namespace lathe
