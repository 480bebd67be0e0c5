// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/MainWindow.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/shell/TopBar.h"
#include "ui/shell/WelcomePage.h"
#include "ui/shell/Workspace.h"
#include "ui/sources/SourceHub.h"
#include "ui/theme/Paint.h"
#include "ui/theme/Theme.h"

#include <QCloseEvent>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QPainter>
#include <QSettings>
#include <QStandardPaths>

namespace lathe {

namespace {
constexpr int offlinePace = 90; // tokens a second in the window, so that one sees the offline model stream

// What a drop would do, over the whole window.
class DropHint : public QWidget
{
public:
    DropHint(Theme *theme, const QString &text, QWidget *parent) : QWidget(parent), m_theme(theme), m_text(text)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setGeometry(parent->rect());
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Tokens &t = m_theme->tokens();
        QPainter painter(this);
        painter.fillRect(rect(), t.scrim);
        painter.setRenderHint(QPainter::Antialiasing);
        QRectF box(0, 0, 420, 120);
        box.moveCenter(QRectF(rect()).center());
        paint::roundedBox(painter, box, 10, t.raised, t.accent, 2);
        m_theme->paintIcon(painter, QRectF(box.left(), box.top() + 22, box.width(), 28), QStringLiteral("import"), t.accent, 28);
        painter.setFont(m_theme->headingFont());
        painter.setPen(t.text);
        painter.drawText(box.adjusted(16, 54, -16, -16), Qt::AlignCenter, m_text);
    }

private:
    Theme *m_theme;
    QString m_text;
};

// Local files of a drag; a single project is opened, others are recorded runs.
QStringList droppedFiles(const QMimeData *data)
{
    QStringList files;
    const auto urls = data->urls();
    for (const QUrl &url : urls) {
        if (url.isLocalFile() && files.size() < 1000)
            files.append(url.toLocalFile());
    }
    return files;
}

bool isProject(const QStringList &files)
{
    return files.size() == 1 && files.first().endsWith(QLatin1String(".lathe"), Qt::CaseInsensitive);
}

QStringList recentProjects()
{
    return QSettings().value(QStringLiteral("recent")).toStringList();
}
}

MainWindow::MainWindow(Theme *theme, QWidget *parent) : QMainWindow(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("main-window"));
    setAcceptDrops(true);
    resize(1440, 900);
    const QByteArray geometry = QSettings().value(QStringLiteral("geometry")).toByteArray();
    if (!geometry.isEmpty())
        restoreGeometry(geometry);
    m_dataFolder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
}

void MainWindow::showEvent(QShowEvent *event)
{
    if (!m_workspace && !m_welcome)
        showWelcome();
    QMainWindow::showEvent(event);
}

MainWindow::~MainWindow()
{
    delete m_workspace; // uses the session
}

void MainWindow::showWelcome()
{
    m_workspace = nullptr;
    m_theme->awaitFonts();
    m_welcome = new WelcomePage(m_theme, this);
    m_welcome->setRecent(recentProjects());
    connect(m_welcome, &WelcomePage::newRequested, this, &MainWindow::newProject);
    connect(m_welcome, &WelcomePage::openRequested, this, &MainWindow::askOpen);
    connect(m_welcome, &WelcomePage::openPathRequested, this, &MainWindow::openProject);
    connect(m_welcome, &WelcomePage::sampleRequested, this, &MainWindow::openSample);
    setCentralWidget(m_welcome); // deletes the old one
    setWindowTitle(QStringLiteral("Lathe"));
    setWindowIcon(QIcon(QStringLiteral(":/lathe.svg")));
    QMetaObject::invokeMethod(this, &MainWindow::completed, Qt::QueuedConnection);
}

void MainWindow::sayError(const Error &error)
{
    if (m_workspace)
        return m_workspace->notify(error);
    if (!m_welcome)
        showWelcome();
    m_welcome->showError(error.message);
}

void MainWindow::showWorkspace(std::unique_ptr<Session> session)
{
    m_session = std::move(session);
    m_theme->awaitFonts();
    m_workspace = new Workspace(m_session.get(), m_theme, this);
    m_welcome = nullptr;
    setCentralWidget(m_workspace);
    connect(m_workspace, &Workspace::themeToggled, this, &MainWindow::toggleTheme);
    m_workspace->addCommand(QStringLiteral("new-project"), tr("New project..."), tr("Project"), QKeySequence::New, QStringLiteral("plus"),
                            [this] { newProject(); });
    m_workspace->addCommand(QStringLiteral("open-project"), tr("Open project..."), tr("Project"), QKeySequence::Open,
                            QStringLiteral("folder"), [this] { askOpen(); });
    m_workspace->addCommand(QStringLiteral("close-project"), tr("Close project"), tr("Project"),
                            QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_W), QStringLiteral("close"), [this] { closeProject(); });
    m_workspace->addCommand(QStringLiteral("quit"), tr("Quit"), tr("Project"), QKeySequence::Quit, QStringLiteral("close"), [this] { close(); });
    setWindowTitle(tr("%1 - Lathe").arg(m_session->project().title()));
    connect(m_workspace, &Workspace::completed, this, &MainWindow::workspaceCompleted);
}

// What may wait until the window stands.
void MainWindow::workspaceCompleted()
{
    setWindowIcon(QIcon(QStringLiteral(":/lathe.svg")));
    fillProjectMenu();
    remember(QFileInfo(m_session->project().path()).absoluteFilePath());
    Q_EMIT completed();
}

void MainWindow::fillProjectMenu()
{
    QMenu *menu = m_workspace->topBar()->projectMenu();
    menu->addAction(m_theme->icon(QStringLiteral("plus")), tr("New project..."), this, &MainWindow::newProject);
    menu->addAction(m_theme->icon(QStringLiteral("folder")), tr("Open..."), this, &MainWindow::askOpen);
    const QStringList recent = recentProjects();
    if (!recent.isEmpty())
        menu->addSection(tr("Recent"));
    for (const QString &path : recent.mid(0, 6)) {
        if (QFileInfo(path) != QFileInfo(m_session->project().path()))
            menu->addAction(QFileInfo(path).completeBaseName(), this, [this, path] { openProject(path); });
    }
    menu->addSeparator();
    menu->addAction(tr("Close project"), this, &MainWindow::closeProject);
}

void MainWindow::openProject(const QString &path)
{
    SessionOptions options;
    options.secrets = &m_secrets;
    options.offlineTokensPerSecond = offlinePace;
    auto session = Session::open(path, options);
    if (!session) {
        sayError(session.error());
        return;
    }
    auto opened = std::make_shared<std::unique_ptr<Session>>(std::move(*session));
    leaveProject([this, opened] { showWorkspace(std::move(*opened)); });
}

void MainWindow::openSample(const QString &id)
{
    const QString path = QDir(m_dataFolder).filePath(Session::sampleTitle(id) + QStringLiteral(".lathe"));
    if (QFileInfo::exists(path))
        return openProject(path);
    QDir().mkpath(m_dataFolder);
    runTask(this, Session::createProject(path, id), [this, path] { openProject(path); },
            [this](const Error &error) { sayError(error); });
}

void MainWindow::newProject()
{
    auto *dialog = new QFileDialog(this, tr("New project"), QDir::homePath(), tr("Lathe project (*.lathe)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("lathe"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        runTask(this, Session::createProject(path, QString()), [this, path] { openProject(path); },
                [this](const Error &error) { sayError(error); });
    });
    dialog->open();
}

void MainWindow::askOpen()
{
    auto *dialog = new QFileDialog(this, tr("Open a project"), QDir::homePath(), tr("Lathe project (*.lathe);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openProject);
    dialog->open();
}

void MainWindow::remember(const QString &path)
{
    QSettings settings;
    QStringList recent = recentProjects();
    recent.removeAll(path);
    recent.prepend(path);
    settings.setValue(QStringLiteral("recent"), QStringList(recent.mid(0, 12)));
}

void MainWindow::toggleTheme()
{
    m_theme->setMode(m_theme->isDark() ? Theme::Mode::Light : Theme::Mode::Dark);
    QSettings().setValue(QStringLiteral("theme"), m_theme->isDark() ? QStringLiteral("dark") : QStringLiteral("light"));
}

namespace {
Task<Result<void>> closeSession(Session *session, SourceHub *sources)
{
    if (sources)
        (void)co_await sources->close(); // what was received is recorded while there is a session
    co_await session->close();
    co_return Result<void>();
}
}

void MainWindow::leaveProject(std::function<void()> then)
{
    if (!m_session)
        return then();
    if (m_workspace)
        m_workspace->saveLayout();
    const auto leave = [this, then] {
        if (m_workspace) {
            takeCentralWidget();
            delete m_workspace; // views go before the session they look at
            m_workspace = nullptr;
        }
        m_session.reset();
        then();
    };
    runTask(this, closeSession(m_session.get(), m_workspace ? m_workspace->sources() : nullptr), leave, [leave](const Error &) { leave(); });
}

void MainWindow::closeProject()
{
    leaveProject([this] { showWelcome(); });
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    QSettings().setValue(QStringLiteral("geometry"), saveGeometry());
    if (!m_session || m_leaving)
        return event->accept();
    // Runs end as stopped and everything is in the file before the window goes.
    event->ignore();
    m_leaving = true;
    // Not from within this event: a session with nothing to write is left at once, and a window that is closing does not close.
    leaveProject([this] { QMetaObject::invokeMethod(this, &QWidget::close, Qt::QueuedConnection); });
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    const QStringList files = droppedFiles(event->mimeData());
    if (files.isEmpty() || (!isProject(files) && !m_workspace))
        return;
    event->acceptProposedAction();
    delete m_dropHint;
    m_dropHint = new DropHint(m_theme, isProject(files)    ? tr("Open the project")
                                       : files.size() == 1 ? tr("Import %1").arg(QFileInfo(files.first()).fileName())
                                                           : tr("Import %1 files as recorded runs").arg(files.size()), this);
    m_dropHint->show();
    m_dropHint->raise();
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent *event)
{
    delete std::exchange(m_dropHint, nullptr);
    QMainWindow::dragLeaveEvent(event);
}

void MainWindow::dropEvent(QDropEvent *event)
{
    delete std::exchange(m_dropHint, nullptr);
    const QStringList files = droppedFiles(event->mimeData());
    if (isProject(files))
        openProject(files.first());
    else if (m_workspace && !files.isEmpty())
        m_workspace->importFiles(files);
    event->acceptProposedAction();
}

} // namespace lathe
