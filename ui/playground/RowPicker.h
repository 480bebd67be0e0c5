// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

class QSortFilterProxyModel;
class QTreeView;

namespace lathe {

class Button;
class InlineMessage;
class Label;
class PickerButton;
class RowPickModel;
class SearchField;

// Rows of a dataset to send: choose the dataset, filter, pick by click or Space; Ctrl+A picks all that are shown.
class RowPicker : public QWidget
{
    Q_OBJECT
public:
    RowPicker(Session *session, Theme *theme, int most, QWidget *parent = nullptr);
    ~RowPicker() override;
    QString dataset() const { return m_dataset; }
    QString rows() const; // "1-5, 9"
    QString inputColumn() const { return m_inputColumn; }
    void show(const QString &dataset, const QString &rows);
    int pickedCount() const;
    void focusFilter();

Q_SIGNALS:
    void changed(); // dataset, rows or the input column
    void importRequested();

private:
    void chooseDataset();
    void chooseColumn();
    void load(const QString &dataset);
    void togglePicked();
    void pickShown();
    void showCount();
    void showColumns();
    Session *m_session;
    Theme *m_theme;
    int m_most;
    QString m_dataset;
    QString m_inputColumn;
    PickerButton *m_choose;
    PickerButton *m_column;
    SearchField *m_filter;
    QTreeView *m_view;
    QSortFilterProxyModel *m_proxy;
    RowPickModel *m_model = nullptr;
    Label *m_count;
    Button *m_clear;
    Button *m_all;
    InlineMessage *m_error;
    QTimer m_tell;
    bool m_showing = false;
};

} // namespace lathe
