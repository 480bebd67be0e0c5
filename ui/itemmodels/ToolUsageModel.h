// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/ToolStats.h"

#include <QAbstractTableModel>

namespace lathe {

// How a tool was used, a row for each function and revision.
class ToolUsageModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Function, Revision, Calls, Failed, Refused, Invalid, Middle, Slow, Last, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;
    // Rows that are still there keep their places' widgets (selection) where the order is the same. `nowUs` for ages.
    void setUsage(std::vector<ToolUsage> usage, qint64 nowUs);
    const std::vector<ToolUsage> &usage() const { return m_usage; }
    // The query of the run log that finds the runs behind a cell; empty: none.
    QString query(const QModelIndex &index) const;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<ToolUsage> m_usage;
    qint64 m_nowUs = 0;
};

// Several rows as one: counts added; the percentiles are the highest of the rows, as an upper bound.
ToolUsage sumOf(const std::vector<ToolUsage> &usage);
// "timeout" -> "time-out", "invalid_arguments" -> "arguments that do not fit".
QString usageWord(const QString &code);

} // namespace lathe
