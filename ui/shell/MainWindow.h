// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SecretStore.h"
#include "core/session/Session.h"

#include <QMainWindow>

namespace lathe {

class Theme;
class WelcomePage;
class Workspace;

// The window: one open project, or the welcome page when it is shown without one.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    explicit MainWindow(Theme *theme, QWidget *parent = nullptr);
    ~MainWindow() override;
    void openProject(const QString &path);
    void openSample(const QString &id);
    void newProject();
    void closeProject();
    Workspace *workspace() const { return m_workspace; }
    Session *session() const { return m_session.get(); }
    WelcomePage *welcome() const { return m_welcome; }
    // Where samples and the recent list live; tests use their own.
    void setDataFolder(const QString &folder) { m_dataFolder = folder; }

Q_SIGNALS:
    void completed(); // the content of the window is built, not only its frame

protected:
    void showEvent(QShowEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragLeaveEvent(QDragLeaveEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void showWelcome();
    void sayError(const Error &error); // where the person looks
    void workspaceCompleted();
    void showWorkspace(std::unique_ptr<Session> session);
    void fillProjectMenu();
    void askOpen();
    void remember(const QString &path);
    void toggleTheme();
    // Stops runs, waits until all is in the file, then destroys the session and goes on.
    void leaveProject(std::function<void()> then);
    Theme *m_theme;
    SystemSecrets m_secrets;
    std::unique_ptr<Session> m_session;
    WelcomePage *m_welcome = nullptr;
    Workspace *m_workspace = nullptr;
    QWidget *m_dropHint = nullptr; // while files are dragged over the window
    QString m_dataFolder;
    bool m_leaving = false;
};

} // namespace lathe
