// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/canvas/CanvasTypes.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

#include <memory>

class QAction;

namespace lathe {

class CanvasActions;
class CanvasArea;
class CanvasEditing;
class CanvasScene;
class CanvasSearch;
class CanvasLayoutRunner;
class EmptyState;
class Minimap;
class ZoomBar;

// The drawing of a team: nodes, edges, frames and notes of a body, with minimap, search and zoom
// controls over it.
//
// It mirrors a body and never changes one: each gesture ends in ONE changesRequested(). The owner
// applies the changes as one undoable edit and hands the new body back with setBody(), best within
// the signal; a body that stays the same puts everything back where it was. Undo and redo are the
// owner's too (setBody() with the older body). Main thread. Node and edge texts may be of any
// length and script; the body may be broken in any way (unknown kinds are drawn as such).
class CanvasView : public QWidget
{
    Q_OBJECT
public:
    explicit CanvasView(Theme *theme, QWidget *parent = nullptr);
    ~CanvasView() override;

    // Shows the body; only what differs from the one before is touched. The first body with nodes
    // is fitted into the view. The selection keeps what is still there.
    void setBody(const QJsonObject &body);
    const QJsonObject &body() const;

    // Problems whose pointer begins with /nodes/ID or /edges/ID become a badge there, the rest is
    // not shown.
    void setProblems(const std::vector<Problem> &problems);
    // Both replace what was shown. Only what differs is repainted, so they may be called for every
    // batch of events. Empty: no run.
    void setRunState(const QHash<QString, NodeRunState> &states);
    void setEdgeFlow(const QHash<QString, EdgeFlow> &flows);
    void setBreakpoints(const QSet<QString> &nodes);
    // Draws the body as a difference; empty: as usual. For removed items show a body that has both
    // (diff page), read only.
    void setDifference(const QHash<QString, DiffMark> &marks);
    // Nothing can be changed; selecting, walking, copying, search and breakpoints still work.
    void setReadOnly(bool readOnly);
    bool isReadOnly() const;

    // Nodes, edges, frames and notes; the current one (keyboard focus) last.
    QStringList selection() const;
    // Ids that there are not are left out. Emits selectionChanged() when it changes something.
    void setSelection(const QStringList &ids);
    // Selects it, and scrolls it into view if needed; what is not there is ignored.
    void reveal(const QString &id);

    // Adds a node as the palette does: where the last one was put or in the middle of the view,
    // connected to nothing.
    void addNodeOfKind(NodeKind kind, const QJsonObject &settings = QJsonObject());
    void fit();
    double zoom() const; // 1: 100 %
    void setZoom(double zoom);
    // Of the card in scene units; empty when there is none
    QSizeF nodeSize(const QString &id) const;
    // What the mouse over it says; empty when there is no such item
    QString toolTipOf(const QString &id) const;

    // Every command with its text, key and icon, in the order of menus; they belong to this widget
    // and work while it has the focus.
    QList<QAction *> commands() const;
    // By id: "add", "rename", "delete", "cut", "copy", "paste", "duplicate", "select-all", "frame",
    // "note", "breakpoint", "search", "fit", "zoom-in", "zoom-out", "zoom-reset", "align-left",
    // ..., "distribute-h", "distribute-v", "auto-layout", "minimap".
    QAction *command(const QString &id) const;
    void setGraphvizProgram(const QString &program); // "dot" of the PATH unless said otherwise

Q_SIGNALS:
    // `what` is for the undo menu: "Move 3 items", "Connect Research to Writer".
    void changesRequested(const lathe::BodyChanges &changes, const QString &what);
    void selectionChanged(const QStringList &ids);
    // Enter or double click on a node: open its inspector or its agent
    void activated(const QString &id);
    void edgeClicked(const QString &id); // a single click or Enter on an edge: show what flowed
    // F9; the owner answers with setBreakpoints()
    void breakpointToggled(const QString &node, bool on);
    // Why something was refused or could not be done; empty: what was said no longer holds
    void message(const QString &sentence);
    // A right click (or the menu key) on an item, by then selected; empty: on the canvas. The owner
    // shows a menu, of commands() and its own.
    void contextMenuRequested(const QString &id, const QPoint &globalPos);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void addCommands();
    void place();
    void placeMinimap();
    void updateBeat();
    void tellSelection();

    Theme *m_theme;
    std::unique_ptr<CanvasScene> m_scene;
    CanvasArea *m_area;
    CanvasEditing *m_editing;
    CanvasActions *m_actions;
    CanvasSearch *m_search;
    CanvasLayoutRunner *m_layout;
    Minimap *m_minimap;
    EmptyState *m_empty;
    ZoomBar *m_zoomBar = nullptr;
    QTimer m_beat; // runs only while something glows or moves
    int m_phase = 0;
    bool m_fitted = false, m_fitPending = false;
};

} // namespace lathe
