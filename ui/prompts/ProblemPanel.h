// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/Artifact.h"
#include "core/prompt/PromptSpec.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QListView;
class QMenu;
class QStandardItemModel;

namespace lathe {

class FixDelegate;
class Label;
class SectionHeader;

// What is wrong with the prompt, the worst first, each with its quick fix at the right. A click or Enter goes to the place; a click on the
// fix, or Ctrl+. mends it; the menu of a row has the other ways.
class ProblemPanel : public QWidget
{
    Q_OBJECT
public:
    explicit ProblemPanel(Theme *theme, QWidget *parent = nullptr);
    void setProblems(const std::vector<PromptProblem> &problems);
    void setFixable(bool fixable); // what is read-only can not be mended
    const std::vector<PromptProblem> &problems() const { return m_problems; }
    QRect fixRect(int row) const; // of the fix, in the list's viewport; for tests
    // A menu of the fixes; null when there is none.
    QMenu *makeMenu(const PromptProblem &problem, QWidget *parent);

Q_SIGNALS:
    void chosen(const lathe::Problem &problem);
    void fixRequested(const lathe::PromptFix &fix);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void fix(int row);
    SectionHeader *m_header;
    Label *m_none;
    QListView *m_list;
    QStandardItemModel *m_model;
    FixDelegate *m_delegate;
    std::vector<PromptProblem> m_problems;
    bool m_fixable = true;
    bool m_fixed = false; // the click that is under way was for a fix
};

} // namespace lathe
