// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QTabBar;

namespace lathe {

class ColumnDiffView;
class CompareModel;
class ColumnTitles;
class ElidedLabel;

// Below the aligned steps: what the chosen step got and gave in each run, as a word diff against the first.
class CompareDetail : public QWidget
{
    Q_OBJECT
public:
    CompareDetail(Session *session, Theme *theme, const CompareModel *model, QWidget *parent = nullptr);
    void showRow(int row); // of the model; -1: the runs themselves (input and output)
    ColumnDiffView *texts() const { return m_texts; }
    QTabBar *tabs() const { return m_tabs; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    enum Tab { Output, Input, Attributes };
    void refresh();
    QString textOf(int run, Tab tab) const;
    Session *m_session;
    const CompareModel *m_model;
    QTabBar *m_tabs;
    ElidedLabel *m_what;
    ColumnTitles *m_titles;
    ColumnDiffView *m_texts;
    int m_row = -1;
    bool m_chosen = false; // a tab was chosen by the person: it stays
};

} // namespace lathe
