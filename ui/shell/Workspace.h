// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/DocumentArea.h"
#include "ui/shell/NavigationHistory.h"
#include "ui/widgets/CommandPalette.h"

#include <QHash>

#include <deque>

class QAction;

namespace lathe {

struct TeamPattern;

class ConsentHost;
class Explorer;
class HeaderedSplitter;
class Rail;
class SourceHub;
class SourcesPage;
class StatusStrip;
class ToastHost;
class TopBar;

// One open project in the window: rail, top bar, explorer, documents, status. Owns no session.
// It is made as a frame of panels with the tabs' names; explorer and page follow in steps of the event loop once the frame has been
// painted, so that the window stands at once. What needs them sooner calls complete(); all public functions here do.
class Workspace : public QWidget
{
    Q_OBJECT
public:
    Workspace(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~Workspace() override;
    void go(const Location &location); // and remembers it for Back
    Page *currentPage();
    void complete(); // all steps now
    bool isComplete() const { return m_steps.empty(); }
    TopBar *topBar() const { return m_topBar; }
    SourceHub *sources() const { return m_sources; }
    // Files that other programs recorded: they become runs, and a notice says what came of it.
    void importFiles(const QStringList &paths);
    CommandPalette *palette(); // made when first asked for
    void notify(const Error &error);
    // Adds an action with a shortcut to the window and to the command palette.
    QAction *addCommand(const QString &id, const QString &title, const QString &section, const QKeySequence &key, const QString &icon,
                        std::function<void()> run, std::function<bool()> enabled = {});
    void create(ArtifactKind kind);
    void commitCurrent();
    void saveLayout();
    void tellInterrupted(); // runs that were under way when Lathe ended, once

Q_SIGNALS:
    void themeToggled();
    void completed();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void buildNext();
    void buildCommands();
    void buildRunCommands(); // comparing, exporting, sources
    void buildToolCommands(); // WorkspaceTools.cpp
    void addTool(const QString &input); // what was pasted; empty: nothing yet
    void watchConsents();
    void tellBinned(ArtifactId id, const QString &name); // a notice with Undo
    void connectSources();
    SourcesPage *showSources();
    void openPalette();
    CommandPalette::Results paletteCommands() const;
    void connectPage(Page *page);
    void currentPageChanged();
    void step(std::optional<Location> to);
    void choosePrompt(); // from the templates
    void chooseTeam(); // from a menu of patterns
    void createTeam(const TeamPattern *pattern); // null: an empty one
    void importDataset();
    void setFocusMode(bool on);
    ArtifactId currentArtifact() const;
    Session *m_session;
    Theme *m_theme;
    Rail *m_rail;
    TopBar *m_topBar;
    Explorer *m_explorer;
    DocumentArea *m_documents;
    StatusStrip *m_status;
    SourceHub *m_sources;
    HeaderedSplitter *m_splitter;
    CommandPalette *m_palette = nullptr; // null until palette()
    ToastHost *m_toasts;
    QPointer<ConsentHost> m_consents; // null until the window is complete; the window owns it
    NavigationHistory m_history;
    std::deque<std::function<void()>> m_steps; // still to be built
    QTimer m_saveSoon;                         // the layout; a program that is killed saves none at its end
    bool m_painted = false;
    bool m_moving = false; // going back or forward
    bool m_focusMode = false;
    struct Command {
        QString section;
        QString icon;
        QAction *action;
        std::function<bool()> enabled;
        QString words; // other names, for the palette
    };
    std::vector<Command> m_commands;
};

} // namespace lathe
