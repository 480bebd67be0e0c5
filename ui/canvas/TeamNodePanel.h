// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"
#include "ui/itemmodels/Location.h"

#include <QPointer>
#include <QWidget>

class QComboBox;
class QVBoxLayout;

namespace lathe {

class Button;
class ElidedLabel;
class Label;
class LinkLabel;
class StatusDot;
class TeamRunView;
class TeamValueView;
class Theme;

// What the run that is shown over the canvas did with one node, or what it sent along one edge. Part of the inspector.
class TeamNodePanel : public QWidget
{
    Q_OBJECT
public:
    TeamNodePanel(Theme *theme, QWidget *parent = nullptr);
    void setRun(const TeamRunView *run, RunId id); // null: none is shown
    void showNode(const QString &node);
    void showEdge(const QString &edge);
    void refresh(); // the run went on, or another moment is looked at

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void runFromRequested(const QString &step); // path of a step of the node

private:
    void refreshNode();
    void refreshEdge();
    void choose(const QStringList &titles, const QStringList &steps);
    TeamValueView *value(int index, const QString &caption);
    void showValues(int count);
    QPointer<const TeamRunView> m_run;
    RunId m_id;
    QString m_node, m_edge;
    Theme *m_theme;
    QWidget *m_content; // folded away by the header
    StatusDot *m_dot;
    ElidedLabel *m_line;
    QComboBox *m_steps;
    Label *m_error;
    QVBoxLayout *m_valueLayout;
    std::vector<TeamValueView *> m_values;
    LinkLabel *m_trace;
    Button *m_again;
    bool m_pinned = false; // the person chose one of several; else the newest is shown
};

} // namespace lathe
