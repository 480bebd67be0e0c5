// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/RevisionListModel.h"
#include "ui/theme/Theme.h"

#include <QListView>

class QMenu;

namespace lathe {

class RevisionDelegate;

// The revisions of a prompt, the draft on top. Labels move by drag (painted and tracked here: QDrag would run a loop of its own),
// by menu, or by key; Ctrl+Z takes the last move back. Number 0 stands for the draft.
class RevisionList : public QListView
{
    Q_OBJECT
public:
    RevisionList(Session *session, Theme *theme, ArtifactId artifact, QWidget *parent = nullptr);
    RevisionListModel *revisions() const { return m_model; }
    // Marks the row without telling anybody. When there is no draft, 0 is the newest revision.
    void setShown(int number);
    int currentNumber() const; // -1: none
    void openLabelEditor(int number);
    void setUse(const std::vector<PromptUse> &use);
    void setScore(std::function<QString(int number)> score);
    // Whether Ctrl+Z here takes a label's move back; else it is the draft's.
    void setLabelUndo(bool can) { m_labelUndo = can; }

Q_SIGNALS:
    void revisionChosen(int number);
    void restoreRequested(int number);
    void compareRequested(int older, int newer);
    void copyRequested(int number);
    void labelRequested(const QString &label, int number); // number 0 removes it
    void labelUndoRequested();
    void labelHistoryRequested();
    void branchRequested(int number);

protected:
    bool event(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    QMenu *makeMenu(int number);
    int numberAt(const QPoint &pos) const; // -1: none
    int previousOf(int number) const;      // the revision below it, 0: none
    void endDrag();
    Session *m_session;
    Theme *m_theme;
    RevisionListModel *m_model;
    RevisionDelegate *m_delegate;
    int m_shown = 0;
    QString m_dragged; // the label under the mouse
    QPoint m_pressed;
    QPoint m_at;
    bool m_dragging = false;
    bool m_labelUndo = false;
};

} // namespace lathe
