// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QHash>
#include <QWidget>

class QListView;
class QStandardItemModel;

namespace lathe {

class SectionHeader;

// What is wrong with the team, the worst first, each with the node it concerns. A click or Enter goes there.
class TeamProblems : public QWidget
{
    Q_OBJECT
public:
    explicit TeamProblems(Theme *theme, QWidget *parent = nullptr);
    void setProblems(const std::vector<Problem> &problems, const QHash<QString, QString> &names); // of nodes and edges by id
    void next(); // goes to the next one (F8)
    int count() const { return int(m_problems.size()); }
    // Id of the node or edge a pointer names; empty: the team.
    static QString idOf(const QString &pointer);

Q_SIGNALS:
    void chosen(const lathe::Problem &problem);

private:
    void choose(int row);
    void showList();
    Theme *m_theme;
    SectionHeader *m_header;
    QListView *m_list;
    QStandardItemModel *m_model;
    std::vector<Problem> m_problems;
    QHash<QString, QString> m_names;
    int m_current = -1;
};

} // namespace lathe
