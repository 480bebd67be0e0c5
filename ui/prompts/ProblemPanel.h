// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QListView;
class QStandardItemModel;

namespace lathe {

class Label;
class SectionHeader;

// What is wrong with the prompt, the worst first. A click or Enter goes to the place.
class ProblemPanel : public QWidget
{
    Q_OBJECT
public:
    explicit ProblemPanel(Theme *theme, QWidget *parent = nullptr);
    void setProblems(const std::vector<Problem> &problems);

Q_SIGNALS:
    void chosen(const lathe::Problem &problem);

private:
    SectionHeader *m_header;
    Label *m_none;
    QListView *m_list;
    QStandardItemModel *m_model;
    std::vector<Problem> m_problems;
};

} // namespace lathe
