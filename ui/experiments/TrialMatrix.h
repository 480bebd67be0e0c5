// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/TrialMatrixModel.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QButtonGroup;
class QTableView;

namespace lathe {

class Button;
class EmptyState;
class Label;
class SearchField;

// Examples down, variants across. Typing filters; arrows walk over the cells; Enter opens the cell's detail; Ctrl+F finds, F8 goes to
// the next row that differs.
class TrialMatrix : public QWidget
{
    Q_OBJECT
public:
    explicit TrialMatrix(Theme *theme, QWidget *parent = nullptr);
    ~TrialMatrix() override;
    TrialMatrixModel *model() const { return m_model; }
    QTableView *view() const { return m_view; }
    void setTable(const QStringList &variants, std::vector<TrialRow> rows);
    void setShow(TrialMatrixModel::Show show);
    void sortByDifference();
    void goToDifference(int direction); // next or previous row that differs
    // Selects a cell by its place in the table as it was set.
    void select(int position, int variant);
    void setEmptyText(const QString &sentence);

Q_SIGNALS:
    void currentChanged(int position, int variant); // variant -1: the row; position -1: none
    void opened(int position, int variant);         // Enter or double click

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void showCount();
    void spreadColumns();
    Theme *m_theme;
    TrialMatrixModel *m_model;
    SearchField *m_field;
    QButtonGroup *m_shows;
    Button *m_sort;
    Label *m_count;
    QTableView *m_view;
    EmptyState *m_empty;
    QString m_emptyText;
};

} // namespace lathe
