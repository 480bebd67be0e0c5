// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/TeamEdits.h"
#include "core/session/Session.h"
#include "ui/canvas/TeamRunControl.h"
#include "ui/itemmodels/Location.h"

#include <QPointer>
#include <QSet>
#include <QTimer>
#include <QWidget>

class QLineEdit;
class QMenu;
class QStackedWidget;

namespace lathe {

class Button;
class CanvasView;
class Chip;
class DocumentHeader;
class IconButton;
class Label;
class NodeInspector;
class PrimaryButton;
class TeamDiffPage;
class TeamPausePanel;
class TeamProblems;
class TeamRunBar;
class Theme;

// A team: palette at the left, canvas in the middle, inspector at the right, runs and problems below. Every gesture and every key goes
// to the draft as one undoable edit; Commit makes a revision. Old revisions are shown read-only and can be compared.
class TeamEditor : public QWidget
{
    Q_OBJECT
public:
    TeamEditor(Session *session, Theme *theme, ArtifactId team, QWidget *parent = nullptr);
    ~TeamEditor() override;
    // Breakpoints, going on and forks; without one those are not offered. Not owned.
    void setRunControl(TeamRunControl *control);
    // 0, or the newest revision when there is no draft: what is edited.
    void showRevision(int number);
    void compare(int older, int newer); // number 0: the draft
    void showRun(RunId run);            // over the canvas
    CanvasView *canvas() const { return m_canvas; }
    NodeInspector *inspector() const { return m_inspector; }
    TeamRunBar *runBar() const { return m_runBar; }
    QSet<QString> breakpoints() const { return m_breakpoints; }

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *buildHeader();
    QWidget *buildTools();
    QWidget *buildMiddle();
    QWidget *buildBanner();
    QWidget *buildRight();
    void connectCanvas();
    void connectInspector();
    void connectRuns();
    bool isEditable() const;
    const QHash<QString, QString> &names();
    const std::vector<TeamEdge> &edges();
    QJsonObject body(int number) const;
    void apply(const BodyChanges &changes, const QString &what, const QString &note = QString());
    void reload();
    void check();
    void showRunState();
    void showPause();
    void commit();
    void restore();
    void undo(bool redo);
    void addStarter();
    void align(Alignment how);
    void toggleBreakpoint(const QString &node, bool on);
    void open(const QString &node);
    void fork(TeamForkRequest request);
    bool passes(RunId run); // a fork on its way to where it parts: went on
    void showMenu(const QString &id, const QPoint &at);
    QString stepOf(const QString &node) const; // its newest step in the run that is shown
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_team;
    QPointer<TeamRunControl> m_control;
    int m_shown = 0;
    QJsonObject m_body;
    QHash<QString, QString> m_names; // of nodes and edges; see names()
    std::vector<TeamEdge> m_edges;   // see edges()
    bool m_namesKnown = false, m_edgesKnown = false; // worked out when asked for: a key press needs neither
    QSet<QString> m_breakpoints;
    QList<RunId> m_paused;
    QHash<RunId, QString> m_forks; // begun here, and the step where each parts: until there they stop at no breakpoint
    DocumentHeader *m_header = nullptr;
    QLineEdit *m_note = nullptr;
    PrimaryButton *m_commit = nullptr;
    IconButton *m_undo = nullptr;
    IconButton *m_redo = nullptr;
    std::vector<QWidget *> m_editTools; // of no use while nothing can be edited
    Label *m_clean = nullptr; // said when there are no problems: their list is gone then
    QWidget *m_banner = nullptr;
    Label *m_bannerText = nullptr;
    Button *m_restore = nullptr;
    QStackedWidget *m_middle = nullptr;
    QWidget *m_palette = nullptr;
    CanvasView *m_canvas = nullptr;
    TeamDiffPage *m_diff = nullptr; // made when first asked for
    NodeInspector *m_inspector = nullptr;
    TeamPausePanel *m_pause = nullptr;
    TeamRunBar *m_runBar = nullptr;
    TeamProblems *m_problems = nullptr;
    QTimer m_check;
};

} // namespace lathe
