// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/TrialTable.h"

#include <QAbstractTableModel>
#include <QStringList>

namespace lathe {

// Examples down, variants across. Filters and sorts by an order of its own, so that 100,000 rows take milliseconds and a cell that
// arrives costs one look-up.
class TrialMatrixModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum class Show { All, Failed, Differs, Missing };
    static constexpr int NumberColumn = 0, InputColumn = 1, FirstVariant = 2; // the last column is the difference
    explicit TrialMatrixModel(QObject *parent = nullptr) : QAbstractTableModel(parent) {}

    void setTable(const QStringList &variants, std::vector<TrialRow> rows);
    // Position in the table as it was set, not the row shown.
    void setCell(int position, int variant, TrialCell cell);
    // Rows that were only numbers so far, from this position on; cells are set with them.
    void setRows(int position, std::vector<TrialRow> rows);
    void setFilter(const QString &text, Show show);
    // Filters and sorts again, after much has changed.
    void refresh();
    Show shown() const { return m_show; }

    const QStringList &variants() const { return m_variants; }
    int total() const { return int(m_rows.size()); }
    int differenceColumn() const { return FirstVariant + int(m_variants.size()); }
    bool isVariant(int column) const { return column >= FirstVariant && column < differenceColumn(); }
    const TrialRow *rowAt(int row) const;
    const TrialCell *cellAt(const QModelIndex &index) const; // null: no cell of a variant
    int positionOf(int row) const { return row >= 0 && size_t(row) < m_order.size() ? m_order[size_t(row)] : -1; }
    int rowOfPosition(int position) const; // -1: filtered out

    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : int(m_order.size()); }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : differenceColumn() + 1; }
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

    static QString scoreText(const TrialCell &cell);   // "0.84", "2 of 3", empty
    static QString verdictWord(const TrialCell &cell); // "passed", "failed", "running", ...
    // The difference as the last column says it: second minus first of two, the spread of more.
    double difference(const TrialRow &row) const;

private:
    bool accepts(const TrialRow &row) const;
    void rebuild();
    void arrange(std::vector<int> *order) const;
    QStringList m_variants;
    std::vector<TrialRow> m_rows;
    std::vector<int> m_order; // shown rows, as positions in m_rows
    std::vector<int> m_place; // of a position in m_order, -1: not shown
    QString m_text;
    Show m_show = Show::All;
    int m_sortColumn = NumberColumn;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace lathe
