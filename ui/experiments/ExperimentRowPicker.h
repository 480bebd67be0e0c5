// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/DatasetSpec.h"
#include "ui/widgets/Sheet.h"

class QTableView;

namespace lathe {

class DatasetTableModel;
class Label;
class SearchField;

// Rows of a dataset picked from its table; gives them as "1-40, 55". Deletes itself when closed.
class ExperimentRowPicker : public Sheet
{
    Q_OBJECT
public:
    ExperimentRowPicker(Theme *theme, QWidget *anchor, Dataset dataset, const QString &rows);
    // "1-3, 7" from indices in any order.
    static QString ranges(std::vector<int> rows);

Q_SIGNALS:
    void picked(const QString &rows); // empty: all

private:
    void showCount();
    std::vector<int> selected() const;
    DatasetTableModel *m_model;
    QTableView *m_view;
    SearchField *m_filter;
    Label *m_count;
};

} // namespace lathe
