// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/Workspace.h"

#include "core/session/TeamPatterns.h"
#include "ui/experiments/ExperimentsPage.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/prompts/TemplatePicker.h"
#include "ui/shell/CommitPopover.h"
#include "ui/shell/EmptyDesk.h"
#include "ui/shell/Explorer.h"
#include "ui/shell/NewArtifact.h"
#include "ui/shell/Rail.h"
#include "ui/shell/StatusStrip.h"
#include "ui/shell/TopBar.h"
#include "ui/sources/SourcesPage.h"
#include "ui/tools/ConsentHost.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/HeaderedSplitter.h"
#include "ui/widgets/Silence.h"
#include "ui/widgets/Toast.h"
#include "ui/widgets/ToastHost.h"

#include <QMenu>
#include <QAction>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QTimer>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int hiddenMs = 500;
constexpr int saveLayoutMs = 1000;
}

Workspace::Workspace(Session *session, Theme *theme, QWidget *parent) : QWidget(parent), m_session(session), m_theme(theme)
{
    setObjectName(QStringLiteral("workspace"));
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    m_sources = new SourceHub(session, this);
    m_topBar = new TopBar(theme, this);
    m_topBar->setProject(session->project().title(), session->project().path());
    outer->addWidget(m_topBar);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    m_rail = new Rail(theme, this);
    middle->addWidget(m_rail);
    m_splitter = new HeaderedSplitter(theme, Qt::Horizontal, this);
    m_explorer = new Explorer(session, theme, m_splitter);
    m_documents = new DocumentArea(PageFactory(session, theme, m_sources), theme, m_splitter);
    m_splitter->addPanel(QStringLiteral("explorer"), m_explorer, 232, 0);
    m_splitter->addPanel(QStringLiteral("documents"), m_documents, 1000, 1);
    middle->addWidget(m_splitter, 1);
    outer->addLayout(middle, 1);
    m_status = new StatusStrip(session, theme, this);
    outer->addWidget(m_status);
    m_toasts = new ToastHost(theme, this);

    connect(m_rail, &Rail::chosen, this, [this](Location::Kind kind) { go(Location::page(kind)); });
    connect(m_explorer, &Explorer::openRequested, this, &Workspace::go);
    connect(m_explorer, &Explorer::createRequested, this, &Workspace::create);
    connect(m_explorer, &Explorer::errorRaised, this, &Workspace::notify);
    connect(m_explorer, &Explorer::binned, this, &Workspace::tellBinned);
    connect(m_topBar, &TopBar::backRequested, this, [this] { step(m_history.back()); });
    connect(m_topBar, &TopBar::forwardRequested, this, [this] { step(m_history.forward()); });
    connect(m_topBar, &TopBar::paletteRequested, this, [this] { openPalette(); });
    connect(m_topBar, &TopBar::themeToggled, this, &Workspace::themeToggled);
    connect(m_documents, &DocumentArea::pageMade, this, &Workspace::connectPage);
    connect(m_documents, &DocumentArea::currentChanged, this, &Workspace::currentPageChanged);
    m_documents->desk()->setReadOnly(session->project().isReadOnly());
    connect(m_documents->desk(), &EmptyDesk::newAgentRequested, this, [this] { create(ArtifactKind::Agent); });
    connect(m_documents->desk(), &EmptyDesk::searchRequested, this, &Workspace::openPalette);
    connect(m_documents->desk(), &EmptyDesk::openRequested, this, &Workspace::go);
    connect(session, &Session::failed, this, &Workspace::notify);
    connect(&session->project().artifacts(), &ArtifactRepository::changed, this, [this](ArtifactId id) {
        if (const auto info = m_session->project().artifacts().info(id))
            m_documents->setTitle(PageFactory::key(Location::ofArtifact(id)), info->name);
    });
    buildCommands();
    buildRunCommands();
    buildToolCommands();
    connectSources();

    HeaderedSplitter::Sizes sizes;
    const QJsonObject stored = session->project().setting(QStringLiteral("ui/shell/splitter")).toObject();
    for (auto it = stored.begin(); it != stored.end(); ++it)
        sizes.insert(it.key(), it.value().toInt());
    if (!sizes.isEmpty())
        m_splitter->restore(sizes);
    const QJsonArray tabs = session->project().setting(QStringLiteral("ui/shell/tabs")).toArray();
    m_documents->hold();
    if (!tabs.isEmpty()) {
        m_documents->restore(tabs, session->project().setting(QStringLiteral("ui/shell/current")).toString());
    } else {
        const auto agents = session->project().artifacts().list(ArtifactKind::Agent);
        m_documents->open(agents.empty() ? Location::page(Location::Kind::Design) : Location::ofArtifact(agents.front().id));
    }
    m_steps = {[this] { m_explorer->build(); }, [this] { m_documents->buildCurrent(); }, [this] { watchConsents(); },
               [this] { tellInterrupted(); }};
    m_saveSoon.setSingleShot(true);
    m_saveSoon.setInterval(saveLayoutMs);
    connect(&m_saveSoon, &QTimer::timeout, this, [this] {
        if (isComplete())
            saveLayout();
    });
    // A window that is not painted (minimised, or never shown) is completed too.
    QTimer::singleShot(hiddenMs, this, &Workspace::complete);
    if (!session->project().readOnlyReason().isEmpty())
        m_toasts->show(Severity::Warning, session->project().readOnlyReason(), QString(), {}, 0);
}

Workspace::~Workspace()
{
    saveLayout();
    delete m_consents; // stands beside this in the window
    silence(this);
}

void Workspace::paintEvent(QPaintEvent *event)
{
    QWidget::paintEvent(event);
    if (!std::exchange(m_painted, true))
        QTimer::singleShot(0, this, &Workspace::buildNext);
}

void Workspace::buildNext()
{
    if (m_steps.empty())
        return;
    const auto step = std::move(m_steps.front());
    m_steps.pop_front();
    step();
    if (m_steps.empty())
        Q_EMIT completed();
    else
        QTimer::singleShot(0, this, &Workspace::buildNext); // the event loop has its turn in between
}

void Workspace::complete()
{
    while (!m_steps.empty())
        buildNext();
}

Page *Workspace::currentPage()
{
    complete();
    return m_documents->current();
}

void Workspace::saveLayout()
{
    Project &project = m_session->project();
    if (project.isReadOnly())
        return;
    QJsonObject sizes;
    const auto now = m_splitter->panelSizes();
    for (auto it = now.begin(); it != now.end(); ++it)
        sizes.insert(it.key(), it.value());
    project.setSetting(QStringLiteral("ui/shell/splitter"), sizes);
    project.setSetting(QStringLiteral("ui/shell/tabs"), m_documents->remembered());
    project.setSetting(QStringLiteral("ui/shell/current"), m_documents->currentKey());
}

void Workspace::tellInterrupted()
{
    Project &project = m_session->project();
    if (project.isReadOnly())
        return;
    const QString told = QStringLiteral("ui/shell/interrupted");
    const RunQuery query(RunFilter::of(RunField::Status, runStatusName(RunStatus::Interrupted)), 100);
    runTask(this, project.runs().query(query, CancelToken()), [this, told](const std::vector<RunInfo> &runs) {
        const qint64 before = m_session->project().setting(told).toInteger();
        std::vector<RunId> fresh;
        qint64 newest = before;
        for (const RunInfo &run : runs) {
            if (run.id.value > before && run.source.isEmpty())
                fresh.push_back(run.id);
            newest = std::max<qint64>(newest, run.id.value);
        }
        if (fresh.empty())
            return;
        m_session->project().setSetting(told, newest);
        const bool one = fresh.size() == 1;
        const QString text = one ? tr("Run %1 was interrupted when Lathe ended. It can go on where it stopped.").arg(fresh.front().value)
                                 : tr("%1 runs were interrupted when Lathe ended. They can go on where they stopped.").arg(fresh.size());
        Toast *toast = m_toasts->show(Severity::Warning, text, tr("Show"), [this, one, run = fresh.front()] {
            go(one ? Location::ofRun(run) : Location::ofRuns(QStringLiteral("status:interrupted")));
        }, 0);
        // Whoever works with runs has seen it, and it would lie over the cards of the run.
        connect(m_session, &Session::runStarted, toast, [this, toast] { m_toasts->dismiss(toast); });
    }, [](const Error &) {});
}

void Workspace::go(const Location &location)
{
    complete();
    if (!m_documents->open(location)) {
        notify(Error(ErrorKind::NotFound, tr("That is not in this project any more.")));
        return;
    }
    if (!m_moving)
        m_history.visit(location);
    m_topBar->setHistory(m_history.canGoBack(), m_history.canGoForward());
}

void Workspace::step(std::optional<Location> to)
{
    if (!to)
        return;
    m_moving = true;
    go(*to);
    m_moving = false;
}

void Workspace::connectPage(Page *page)
{
    connect(page, &Page::openRequested, this, &Workspace::go);
    connect(page, &Page::createRequested, this, &Workspace::create);
    connect(page, &Page::statusMessage, m_status, &StatusStrip::showMessage);
    connect(page, &Page::errorRaised, this, &Workspace::notify);
    connect(page, &Page::binned, this, &Workspace::tellBinned);
}

void Workspace::currentPageChanged()
{
    m_saveSoon.start();
    const Location location = m_documents->currentLocation();
    if (m_documents->count() == 0) {
        m_explorer->setCurrent(ArtifactId());
        return m_rail->setCurrent(Location::Kind::Welcome); // none of them
    }
    m_explorer->setCurrent(currentArtifact());
    Location::Kind kind = location.kind;
    if (kind == Location::Kind::Run || kind == Location::Kind::Compare || kind == Location::Kind::Sources)
        kind = Location::Kind::Runs;
    if (kind == Location::Kind::Connections)
        kind = Location::Kind::Settings;
    if (kind == Location::Kind::Artifact) {
        const auto info = m_session->project().artifacts().info(location.artifact);
        const ArtifactKind of = info ? info->kind : ArtifactKind::Agent;
        kind = of == ArtifactKind::Prompt ? Location::Kind::Prompts : of == ArtifactKind::Tool ? Location::Kind::Tools
               : of == ArtifactKind::Experiment || of == ArtifactKind::Dataset                ? Location::Kind::Experiments
                                                                                              : Location::Kind::Design;
    }
    m_rail->setCurrent(kind);
    if (!m_moving)
        m_history.visit(location);
    m_topBar->setHistory(m_history.canGoBack(), m_history.canGoForward());
}

ArtifactId Workspace::currentArtifact() const
{
    return m_documents->currentArtifact();
}

void Workspace::notify(const Error &error)
{
    if (error.kind == ErrorKind::Cancelled)
        return;
    m_toasts->show(Severity::Error, error.message, QString(), {}, 12'000);
}

QAction *Workspace::addCommand(const QString &id, const QString &title, const QString &section, const QKeySequence &key,
                               const QString &icon, std::function<void()> run, std::function<bool()> enabled)
{
    auto *action = new QAction(title, this);
    action->setObjectName(id);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WindowShortcut);
    connect(action, &QAction::triggered, this, [this, run] {
        complete();
        run();
    });
    addAction(action);
    m_commands.push_back({section, icon, action, std::move(enabled), QString()});
    return action;
}

void Workspace::buildCommands()
{
    const auto hasArtifact = [this] { return currentArtifact().isValid(); };
    const QString edit = tr("Edit"), navigate = tr("Go"), view = tr("View"), run = tr("Run"), create = tr("New");
    addCommand(QStringLiteral("palette"), tr("Search or command"), navigate, QKeySequence(Qt::CTRL | Qt::Key_K), QStringLiteral("search"),
               [this] { openPalette(); });
    addCommand(QStringLiteral("run"), tr("Run"), run, QKeySequence(Qt::Key_F5), QStringLiteral("run"), [this] {
        if (Page *page = m_documents->current(); page && page->run)
            page->run();
    }, [this] { const Page *page = m_documents->current(); return page && page->run; });
    const auto showWaiting = [this] {
        for (const PendingQuestion &pending : m_session->questions()) {
            if (pending.run.isValid())
                return go(Location::ofRun(pending.run, pending.question.step));
        }
    };
    addCommand(QStringLiteral("show-waiting"), tr("Go to what waits for you"), run, QKeySequence(), QStringLiteral("human"), showWaiting,
               [this] { return !m_session->questions().empty(); });
    connect(m_status, &StatusStrip::waitingRequested, this, showWaiting);
    addCommand(QStringLiteral("stop"), tr("Stop the run"), run, QKeySequence(Qt::SHIFT | Qt::Key_F5), QStringLiteral("stop"), [this] {
        if (Page *page = m_documents->current(); page && page->stop)
            page->stop();
    }, [this] { return !m_session->running().empty(); });
    addCommand(QStringLiteral("commit"), tr("Commit a revision"), edit, QKeySequence(Qt::CTRL | Qt::Key_S), QStringLiteral("commit"),
               [this] { commitCurrent(); }, hasArtifact);
    addCommand(QStringLiteral("undo"), tr("Undo"), edit, QKeySequence(Qt::CTRL | Qt::Key_Z), QStringLiteral("undo"), [this] {
        if (const auto done = m_session->undo(currentArtifact()); !done)
            notify(done.error());
    }, [this] { return m_session->canUndo(currentArtifact()); });
    addCommand(QStringLiteral("redo"), tr("Redo"), edit, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QStringLiteral("redo"), [this] {
        if (const auto done = m_session->redo(currentArtifact()); !done)
            notify(done.error());
    }, [this] { return m_session->canRedo(currentArtifact()); });
    addCommand(QStringLiteral("back"), tr("Back"), navigate, QKeySequence(Qt::ALT | Qt::Key_Left), QStringLiteral("back"),
               [this] { step(m_history.back()); }, [this] { return m_history.canGoBack(); });
    addCommand(QStringLiteral("forward"), tr("Forward"), navigate, QKeySequence(Qt::ALT | Qt::Key_Right), QStringLiteral("forward"),
               [this] { step(m_history.forward()); }, [this] { return m_history.canGoForward(); });
    const struct { Location::Kind kind; const char *id; QString title; QKeySequence key; } pages[] = {
        {Location::Kind::Design, "go-design", tr("Agents and teams"), QKeySequence(Qt::CTRL | Qt::Key_1)},
        {Location::Kind::Prompts, "go-prompts", tr("Prompts"), QKeySequence(Qt::CTRL | Qt::Key_2)},
        {Location::Kind::Tools, "go-tools", tr("Tools"), QKeySequence(Qt::CTRL | Qt::Key_5)},
        {Location::Kind::Runs, "go-runs", tr("Runs"), QKeySequence(Qt::CTRL | Qt::Key_6)},
        {Location::Kind::Playground, "go-playground", tr("Playground"), QKeySequence(Qt::CTRL | Qt::Key_3)},
        {Location::Kind::Experiments, "go-experiments", tr("Experiments"), QKeySequence(Qt::CTRL | Qt::Key_4)},
        {Location::Kind::Connections, "go-connections", tr("Connections"), QKeySequence(Qt::CTRL | Qt::Key_7)},
        {Location::Kind::Sources, "go-sources", tr("Sources"), QKeySequence(Qt::CTRL | Qt::Key_8)},
        {Location::Kind::Settings, "go-settings", tr("Settings"), QKeySequence(Qt::CTRL | Qt::Key_Comma)},
    };
    for (const auto &place : pages)
        addCommand(QString::fromLatin1(place.id), place.title, navigate, place.key, QStringLiteral("chevron-right"),
                   [this, kind = place.kind] { go(Location::page(kind)); });
    for (const ArtifactKind kind : {ArtifactKind::Agent, ArtifactKind::Team, ArtifactKind::Prompt, ArtifactKind::Tool, ArtifactKind::Connection, ArtifactKind::Experiment}) {
        addCommand(QStringLiteral("new-") + artifactKindName(kind), tr("New %1").arg(artifactKindName(kind)), create, QKeySequence(),
                   artifactKindName(kind), [this, kind] { this->create(kind); }, [this] { return !m_session->project().isReadOnly(); });
        const bool an = kind == ArtifactKind::Agent || kind == ArtifactKind::Experiment;
        m_commands.back().words = (an ? tr("Add an %1") : tr("Add a %1")).arg(artifactKindName(kind));
    }
    addCommand(QStringLiteral("new-prompt-plain"), tr("New prompt: plain"), create, QKeySequence(), QStringLiteral("prompt"), [this] {
        runTask(this, m_session->createArtifact(ArtifactKind::Prompt, m_session->freeName(ArtifactKind::Prompt, QStringLiteral("my-prompt")), newPromptBody()),
                [this](ArtifactId id) { go(Location::ofArtifact(id)); }, [this](const Error &error) { notify(error); });
    }, [this] { return !m_session->project().isReadOnly(); });
    for (const TeamPattern &pattern : teamPatterns())
        addCommand(QStringLiteral("new-team-") + pattern.id, tr("New team: %1").arg(pattern.title), create, QKeySequence(), QStringLiteral("team"),
                   [this, &pattern] { createTeam(&pattern); }, [this] { return !m_session->project().isReadOnly(); });
    addCommand(QStringLiteral("import-dataset"), tr("Import a dataset (CSV or JSON Lines)"), create, QKeySequence(), QStringLiteral("import"),
               [this] { importDataset(); }, [this] { return !m_session->project().isReadOnly(); });
    addCommand(QStringLiteral("close-tab"), tr("Close the tab"), view, QKeySequence(Qt::CTRL | Qt::Key_W), QStringLiteral("close"),
               [this] { m_documents->closePage(m_documents->currentKey()); });
    addCommand(QStringLiteral("focus-mode"), tr("Only the document"), view, QKeySequence(Qt::Key_F11), QStringLiteral("eye"),
               [this] { setFocusMode(!m_focusMode); });
    addCommand(QStringLiteral("filter-explorer"), tr("Filter the explorer"), view, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E),
               QStringLiteral("filter"), [this] { m_explorer->focusFilter(); });
    addCommand(QStringLiteral("toggle-theme"), tr("Switch between light and dark"), view, QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_L),
               QStringLiteral("moon"), [this] { Q_EMIT themeToggled(); });
}

CommandPalette::Results Workspace::paletteCommands() const
{
    CommandPalette::Results list;
    for (const Command &command : m_commands) {
        if (command.action->objectName() == QLatin1String("palette"))
            continue;
        PaletteCommand entry;
        entry.id = command.action->objectName();
        entry.title = command.action->text();
        entry.section = command.section;
        entry.shortcut = command.action->shortcut();
        entry.enabled = !command.enabled || command.enabled();
        entry.icon = command.icon;
        entry.words = command.words;
        list.append(entry);
    }
    const Page *page = m_documents->current();
    const auto own = page && page->commands ? page->commands() : QList<QAction *>();
    for (QAction *action : own) {
        PaletteCommand entry;
        entry.id = QStringLiteral("page/") + action->objectName();
        entry.title = action->text().remove(QLatin1Char('&'));
        entry.section = page->title;
        entry.shortcut = action->shortcut();
        entry.enabled = action->isEnabled();
        entry.icon = page->icon;
        list.append(entry);
    }
    const auto artifacts = m_session->project().artifacts().list(std::nullopt);
    for (const ArtifactInfo &info : artifacts) {
        PaletteCommand entry;
        entry.id = QStringLiteral("open/%1").arg(info.id.value);
        entry.title = info.name;
        entry.section = artifactKindName(info.kind);
        entry.icon = artifactKindName(info.kind);
        entry.data = QVariant::fromValue(Location::ofArtifact(info.id));
        list.append(entry);
    }
    return list;
}

void Workspace::openPalette()
{
    palette()->open();
}

CommandPalette *Workspace::palette()
{
    if (m_palette)
        return m_palette;
    m_palette = new CommandPalette(m_theme, this);
    m_palette->setCommands([this] { return paletteCommands(); });
    m_palette->addProvider([this](const QString &query, std::function<void(CommandPalette::Results)> answer) {
        // By its number ("run 22", "22"), or by the words of its input.
        const QStringList words = query.simplified().toLower().split(QLatin1Char(' '));
        std::optional<RunInfo> numbered;
        if (words.size() == 1 || (words.size() == 2 && words.first() == tr("run"))) {
            if (const auto run = m_session->project().runs().run(RunId{words.last().toLongLong()}))
                numbered = *run;
        }
        if (query.size() < 3 && !numbered)
            return;
        const RunQuery search(RunFilter::ofWords(query), 5);
        runTask(this, m_session->project().runs().query(search, CancelToken()), [answer, numbered](std::vector<RunInfo> runs) {
            if (numbered)
                runs.insert(runs.begin(), *numbered);
            CommandPalette::Results list;
            for (const RunInfo &info : runs) {
                PaletteCommand entry;
                entry.id = QStringLiteral("run/%1").arg(info.id.value);
                entry.title = tr("Run %1: %2").arg(info.id.value).arg(format::oneLine(info.input, 70));
                entry.section = tr("run");
                entry.icon = QStringLiteral("runs");
                entry.data = QVariant::fromValue(Location::ofRun(info.id));
                list.append(entry);
            }
            answer(list);
        }, [](const Error &) {});
    });
    m_palette->setRecent(m_session->project().setting(QStringLiteral("ui/palette/recent")).toVariant().toStringList());
    connect(m_palette, &CommandPalette::recentChanged, this, [this](const QStringList &ids) {
        m_session->project().setSetting(QStringLiteral("ui/palette/recent"), QJsonArray::fromStringList(ids));
    });
    connect(m_palette, &CommandPalette::triggered, this, [this](const PaletteCommand &command) {
        if (command.data.canConvert<Location>())
            return go(command.data.value<Location>());
        for (const Command &known : m_commands) {
            if (known.action->objectName() == command.id)
                return known.action->trigger();
        }
        const Page *page = m_documents->current();
        const auto own = page && page->commands ? page->commands() : QList<QAction *>();
        for (QAction *action : own) {
            if (QStringLiteral("page/") + action->objectName() == command.id)
                return action->trigger();
        }
    });
    return m_palette;
}

void Workspace::setFocusMode(bool on)
{
    m_focusMode = on;
    m_rail->setVisible(!on);
    m_topBar->setVisible(!on);
    m_status->setVisible(!on);
    m_splitter->setPanelVisible(QStringLiteral("explorer"), !on);
}

void Workspace::create(ArtifactKind kind)
{
    if (kind == ArtifactKind::Dataset)
        return importDataset();
    if (kind == ArtifactKind::Team)
        return chooseTeam();
    if (kind == ArtifactKind::Tool)
        return addTool(QString());
    if (kind == ArtifactKind::Prompt)
        return choosePrompt();
    const QString name = m_session->freeName(kind, QStringLiteral("my-") + artifactKindName(kind));
    if (kind == ArtifactKind::Agent) {
        // An agent brings its own prompt, so that it can be run at once.
        const QString promptName = m_session->freeName(ArtifactKind::Prompt, name + QStringLiteral("-prompt"));
        runTask(this, m_session->createArtifact(ArtifactKind::Prompt, promptName, newPromptBody()), [this, name, promptName](ArtifactId) {
            runTask(this, m_session->createArtifact(ArtifactKind::Agent, name, newAgentBody(*m_session, promptName)),
                    [this](ArtifactId id) { go(Location::ofArtifact(id)); }, [this](const Error &error) { notify(error); });
        }, [this](const Error &error) { notify(error); });
        return;
    }
    const QJsonObject body = kind == ArtifactKind::Experiment ? ExperimentsPage::newBody(m_session) : newBody(kind);
    runTask(this, m_session->createArtifact(kind, name, body), [this](ArtifactId id) { go(Location::ofArtifact(id)); },
            [this](const Error &error) { notify(error); });
}

void Workspace::choosePrompt()
{
    auto *picker = new TemplatePicker(m_theme, m_explorer);
    picker->setObjectName(QStringLiteral("new-prompt-picker"));
    connect(picker, &TemplatePicker::chosen, this, [this](const PromptTemplate &prompt) {
        const QString name = m_session->freeName(ArtifactKind::Prompt, QStringLiteral("my-") + (prompt.id.isEmpty() ? QStringLiteral("prompt") : prompt.id));
        runTask(this, m_session->createArtifact(ArtifactKind::Prompt, name, prompt.spec.toJson()),
                [this](ArtifactId id) { go(Location::ofArtifact(id)); }, [this](const Error &error) { notify(error); });
    });
    picker->open();
}

void Workspace::chooseTeam()
{
    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("new-team-menu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setToolTipsVisible(true);
    menu->addAction(tr("Empty team"), this, [this] { createTeam(nullptr); })->setToolTip(tr("An input and an output; the rest is yours."));
    menu->addSection(tr("Start from a pattern"));
    for (const TeamPattern &pattern : teamPatterns())
        menu->addAction(pattern.title, this, [this, &pattern] { createTeam(&pattern); })->setToolTip(pattern.about);
    menu->popup(QCursor::pos());
}

void Workspace::createTeam(const TeamPattern *pattern)
{
    const QString name = m_session->freeName(ArtifactKind::Team, pattern ? QStringLiteral("my-") + pattern->id : QStringLiteral("my-team"));
    const ModelChoice model = firstModel(*m_session);
    runTask(this, m_session->createArtifact(ArtifactKind::Team, name, pattern ? pattern->bodyFor(model.connection, model.model) : newTeamBody()),
            [this](ArtifactId id) { go(Location::ofArtifact(id)); }, [this](const Error &error) { notify(error); });
}

void Workspace::importDataset()
{
    auto *dialog = new QFileDialog(this, tr("Import a dataset"), QString(), tr("Data (*.csv *.jsonl *.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            return notify(Error(ErrorKind::InvalidInput, tr("Could not read %1: %2.").arg(path, file.errorString())));
        const QByteArray bytes = file.readAll();
        std::vector<Problem> problems;
        auto dataset = path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive) ? Dataset::importCsv(bytes, &problems)
                                                                                 : Dataset::importJson(bytes, &problems);
        if (!dataset)
            return notify(dataset.error());
        if (!problems.empty())
            m_toasts->show(Severity::Warning, tr("%1 (%2 in all)").arg(problems.front().message, format::count(qint64(problems.size()), tr("problem"), tr("problems"))));
        const QString name = m_session->freeName(ArtifactKind::Dataset, QFileInfo(path).completeBaseName());
        runTask(this, m_session->importDataset(name, std::move(*dataset)), [this](ArtifactId id) { go(Location::ofArtifact(id)); },
                [this](const Error &error) { notify(error); });
    });
    dialog->open();
}

void Workspace::commitCurrent()
{
    const ArtifactId id = currentArtifact();
    if (!id.isValid())
        return;
    auto *popover = new CommitPopover(m_session, m_theme, id, this);
    popover->setDeleteOnClose(true);
    connect(popover, &CommitPopover::committed, this, [this](const QString &name, int number) {
        m_status->showMessage(tr("Committed %1@%2.").arg(name).arg(number));
    });
    connect(popover, &CommitPopover::errorRaised, this, &Workspace::notify);
    popover->open();
}

} // namespace lathe
