// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/runs/RunQueryField.h"

#include <QTimer>
#include <QWidget>

class QHBoxLayout;

namespace lathe {

class IconButton;
class ProblemLine;

// The query of the run log: the line with its completion, what is wrong with it said below, the fields one can ask for behind a
// question mark, recent queries. What was understood counts even when a part is wrong.
class RunQueryBar : public QWidget
{
    Q_OBJECT
public:
    RunQueryBar(Session *session, Theme *theme, QWidget *parent);
    ~RunQueryBar() override;
    RunQueryField *field() const { return m_field; }
    QString query() const { return m_query; }
    void setQuery(const QString &query); // at once, without queryChanged()
    // Adds `field:value`, or takes it out when it is there. queryChanged() follows.
    void toggleTerm(RunField field, const QString &value);
    void remember(const QString &query); // as used, so that it is offered again
    void setTrouble(const QString &sentence); // of the search itself; shown when the query reads well
    void addLeading(QWidget *widget);  // in the line, left of the field
    void addTrailing(QWidget *widget); // right of it

public Q_SLOTS:
    void showHelp();

Q_SIGNALS:
    void queryChanged(const QString &query);
    void accepted(); // Enter
    void moveDown(); // into the table

private:
    void apply(const QString &query);
    void showProblems();
    Session *m_session;
    Theme *m_theme;
    QHBoxLayout *m_line;
    RunQueryField *m_field;
    IconButton *m_help;
    ProblemLine *m_problem;
    QString m_query;
    QString m_trouble;
    QTimer m_settle; // what is being typed is not called wrong before typing rests
    CancelSource m_valuesCancel;
};

} // namespace lathe
