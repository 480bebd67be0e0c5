// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpServerPanel.h"

#include "core/base/Json.h"
#include "core/session/McpHub.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/McpLogView.h"
#include "ui/tools/McpPromptsPage.h"
#include "ui/tools/McpResourcesPage.h"
#include "ui/tools/McpToolsPage.h"
#include "ui/tools/McpWords.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/JsonTree.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/StatusDot.h"

#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QPainter>
#include <QStackedWidget>
#include <QTabBar>
#include <QTimer>
#include <QVBoxLayout>

namespace lathe {

class McpServerPanel::Parts : public QObject
{
public:
    Parts(McpServerPanel *owner, Session *of, Theme *look, ArtifactId id) : panel(owner), session(of), theme(look), tool(id) {}
    void build();
    QWidget *buildServerPage();
    void reload();
    void showInstructions(const QString &text); // empty: none       // the draft
    void showState();    // the hub
    void showTools();
    void showTabs();
    bool eventFilter(QObject *watched, QEvent *event) override;
    int tabsWidth = -1; // for which the titles are
    void showCapabilities(const QJsonValue &value);
    void refresh();
    void stop();
    void approveAll();
    void approveOne(const QString &function);
    void switchFunctions(const QStringList &names, bool on);
    void write(const QJsonArray &functions, const QString &what);
    void changePage(int index);
    bool isReady() const { return state.state == McpClient::State::Ready; }
    QJsonObject config() const { return body.value(QStringLiteral("config")).toObject(); }

    McpServerPanel *panel;
    Session *session;
    Theme *theme;
    ArtifactId tool;
    QString name;
    QJsonObject body;
    McpServerState state;
    std::optional<QJsonObject> fresh; // config as the server has it now
    QByteArray reached;               // the part of the config that says how to reach it: fresh belongs to it
    CancelSource cancel;
    bool refreshing = false;
    bool again = false; // the lists changed while it was asked
    int number = 0;
    QElapsedTimer since;
    QTimer tick;
    StatusDot *dot = nullptr;
    Label *word = nullptr;
    ElidedLabel *about = nullptr;
    Button *connectButton = nullptr;
    Button *disconnectButton = nullptr;
    BusyBar *busy = nullptr;
    InlineMessage *error = nullptr;
    InlineMessage *changes = nullptr;
    QTabBar *tabs = nullptr;
    QStackedWidget *pages = nullptr;
    McpToolsPage *tools = nullptr;
    McpPromptsPage *prompts = nullptr;
    McpResourcesPage *resources = nullptr;
    McpLogView *log = nullptr;
    Label *facts = nullptr;
    Button *signOut = nullptr; // of a remote server
    Label *instructionsTitle = nullptr;
    CodeEditor *instructions = nullptr;
    JsonTree *capabilities = nullptr;
    bool logFilled = false;
    QJsonValue shownApproved, shownNow; // what the tools page was filled with
    QJsonValue shownCapabilities;
    bool filled = false;
};

McpServerPanel::McpServerPanel(Session *session, Theme *theme, ArtifactId tool, QWidget *parent)
    : QWidget(parent), d(std::make_unique<Parts>(this, session, theme, tool))
{
    setObjectName(QStringLiteral("mcp-server"));
    d->build();
}

McpServerPanel::~McpServerPanel()
{
    ++d->number; // nothing that still comes is shown
    d->cancel.cancel();
}

void McpServerPanel::Parts::build()
{
    auto *layout = new QVBoxLayout(panel);
    layout->setContentsMargins(metrics::GapLarge, metrics::Margin, metrics::GapLarge, metrics::Margin);
    layout->setSpacing(metrics::Gap);
    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    dot = new StatusDot(theme, Status::Idle, panel);
    dot->setObjectName(QStringLiteral("mcp-dot"));
    word = new Label(theme, QString(), Label::Style::Strong, panel);
    word->setObjectName(QStringLiteral("mcp-state"));
    about = new ElidedLabel(theme, QString(), Qt::ElideRight, panel);
    about->setObjectName(QStringLiteral("mcp-about"));
    about->setColor(ColorToken::Text2);
    connectButton = new Button(QString(), ButtonRole::Secondary, panel);
    connectButton->setObjectName(QStringLiteral("mcp-connect"));
    disconnectButton = new Button(McpServerPanel::tr("Disconnect"), ButtonRole::Secondary, panel);
    disconnectButton->setObjectName(QStringLiteral("mcp-disconnect"));
    top->addWidget(dot);
    top->addWidget(word);
    top->addWidget(about, 1);
    top->addWidget(connectButton);
    top->addWidget(disconnectButton);
    layout->addLayout(top);
    busy = new BusyBar(theme, panel);
    layout->addWidget(busy);
    error = new InlineMessage(theme, Severity::Error, QString(), panel);
    error->setObjectName(QStringLiteral("mcp-error"));
    error->setAction(McpServerPanel::tr("Show log"));
    error->hide();
    layout->addWidget(error);
    changes = new InlineMessage(theme, Severity::Warning, QString(), panel);
    changes->setObjectName(QStringLiteral("mcp-changes"));
    changes->hide();
    layout->addWidget(changes);
    tabs = new QTabBar(panel);
    tabs->setObjectName(QStringLiteral("mcp-tabs"));
    tabs->setDrawBase(false);
    tabs->setExpanding(false);
    tabs->setElideMode(Qt::ElideNone);
    tabs->setUsesScrollButtons(true);
    for (int i = 0; i < 5; ++i)
        tabs->addTab(QString());
    layout->addWidget(tabs);
    tabs->installEventFilter(this);
    pages = new QStackedWidget(panel);
    tools = new McpToolsPage(theme, pages);
    prompts = new McpPromptsPage(session, theme, pages);
    resources = new McpResourcesPage(session, theme, pages);
    log = new McpLogView(theme, pages);
    for (QWidget *page : std::initializer_list<QWidget *>{tools, prompts, resources, log})
        pages->addWidget(page);
    pages->addWidget(buildServerPage());
    layout->addWidget(pages, 1);
    panel->setFocusProxy(tools);
    tools->setReadOnly(session->project().isReadOnly());
    tick.setInterval(1000);

    QObject::connect(tabs, &QTabBar::currentChanged, this, [this](int index) { changePage(index); });
    QObject::connect(connectButton, &Button::clicked, this, [this] { refreshing ? stop() : refresh(); });
    QObject::connect(disconnectButton, &Button::clicked, this, [this] {
        fresh.reset();
        (void)session->mcp().disconnect(name, body);
        showState();
    });
    QObject::connect(error, &InlineMessage::actionTriggered, this, [this] { tabs->setCurrentIndex(int(Part::Log)); });
    QObject::connect(changes, &InlineMessage::actionTriggered, this, [this] { approveAll(); });
    QObject::connect(tools, &McpToolsPage::switched, this, [this](const QStringList &names, bool on) { switchFunctions(names, on); });
    QObject::connect(tools, &McpToolsPage::approved, this, [this](const QString &function) { approveOne(function); });
    QObject::connect(tools, &McpToolsPage::tryRequested, panel, &McpServerPanel::tryRequested);
    QObject::connect(prompts, &McpPromptsPage::connectRequested, this, [this] { refresh(); });
    QObject::connect(resources, &McpResourcesPage::connectRequested, this, [this] { refresh(); });
    QObject::connect(prompts, &McpPromptsPage::countChanged, this, [this] { showTabs(); });
    QObject::connect(resources, &McpResourcesPage::countChanged, this, [this] { showTabs(); });
    QObject::connect(prompts, &McpPromptsPage::openRequested, panel, &McpServerPanel::openRequested);
    QObject::connect(resources, &McpResourcesPage::openRequested, panel, &McpServerPanel::openRequested);
    QObject::connect(prompts, &McpPromptsPage::statusMessage, panel, &McpServerPanel::statusMessage);
    QObject::connect(resources, &McpResourcesPage::statusMessage, panel, &McpServerPanel::statusMessage);
    QObject::connect(log, &McpLogView::statusMessage, panel, &McpServerPanel::statusMessage);
    QObject::connect(&tick, &QTimer::timeout, this, [this] { showState(); });
    McpHub *hub = &session->mcp();
    QObject::connect(hub, &McpHub::serverChanged, this, [this](const QString &changed) {
        if (changed == name)
            showState();
    });
    QObject::connect(hub, &McpHub::serverLogged, this, [this](const QString &from, const McpLogLine &line) {
        if (from == name && logFilled)
            log->append(line);
    });
    auto *artifacts = &session->project().artifacts();
    QObject::connect(artifacts, &ArtifactRepository::draftChanged, this, [this](ArtifactId id) {
        if (id == tool)
            reload();
    });
    QObject::connect(artifacts, &ArtifactRepository::changed, this, [this](ArtifactId id) {
        if (id == tool)
            reload();
    });
    QObject::connect(theme, &Theme::changed, this, [this] {
        filled = false;
        showTools(); // the diff has colours
        panel->update();
    });
    reload();
}

QWidget *McpServerPanel::Parts::buildServerPage()
{
    auto *page = new QWidget(pages);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::Gap);
    facts = new Label(theme, QString(), Label::Style::Body, page);
    facts->setObjectName(QStringLiteral("mcp-facts"));
    facts->setTextFormat(Qt::PlainText);
    facts->setWordWrap(true);
    facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *row = new QHBoxLayout;
    row->addWidget(facts, 1);
    signOut = new Button(McpServerPanel::tr("Sign out"), ButtonRole::Secondary, page);
    signOut->setObjectName(QStringLiteral("mcp-sign-out"));
    signOut->setToolTip(McpServerPanel::tr("Forget the sign-in at this server; the next connection asks again"));
    row->addWidget(signOut, 0, Qt::AlignTop);
    layout->addLayout(row);
    QObject::connect(signOut, &Button::clicked, this, [this] {
        runTask(panel, session->mcp().signOut(name, body), [this] {
            facts->setText(McpServerPanel::tr("Signed out. Connect signs in again."));
            Q_EMIT panel->statusMessage(McpServerPanel::tr("Signed out of %1").arg(name));
        },
                [this](const Error &failure) { Q_EMIT panel->errorRaised(failure); });
    });
    instructionsTitle = new Label(theme, McpServerPanel::tr("Instructions of the server, written by a stranger"), Label::Style::Caption, page);
    layout->addWidget(instructionsTitle);
    instructions = new CodeEditor(theme, page);
    instructions->setObjectName(QStringLiteral("mcp-instructions"));
    instructions->setAccessibleName(McpServerPanel::tr("Instructions of the server"));
    instructions->setReadOnly(true);
    instructions->setLineNumbersVisible(false);
    layout->addWidget(instructions, 1);
    layout->addWidget(new Label(theme, McpServerPanel::tr("Capabilities"), Label::Style::Caption, page));
    capabilities = new JsonTree(theme, page);
    capabilities->setFilterVisible(false);
    layout->addWidget(capabilities, 1);
    return page;
}

void McpServerPanel::Parts::showInstructions(const QString &text)
{
    const QString shown = text.left(50'000);
    if (instructions->text() != shown)
        instructions->setText(shown);
    instructions->setVisible(!shown.isEmpty());
    instructionsTitle->setVisible(!shown.isEmpty());
}

void McpServerPanel::Parts::reload()
{
    const auto info = session->project().artifacts().info(tool);
    const auto draft = session->draft(tool);
    if (!info || !draft)
        return;
    name = info->name;
    body = draft->body;
    QJsonObject way = config();
    for (const char *key : {"tools", "server"})
        way.remove(QLatin1String(key));
    if (const QByteArray now = json::hash(way); now != reached) {
        if (!reached.isEmpty()) { // what is known is of another server
            fresh.reset();
            prompts->clear();
            resources->clear();
            logFilled = false;
        }
        reached = now;
    }
    prompts->setServer(name, body);
    resources->setServer(name, body);
    showState();
}

void McpServerPanel::Parts::showState()
{
    const McpClient::State before = state.state;
    state = session->mcp().stateOf(tool, name, body);
    const bool connecting = refreshing && !isReady();
    dot->setStatus(connecting ? Status::Running : mcp::status(state.state));
    QString text = mcp::stateWord(connecting ? McpClient::State::Connecting : state.state);
    if (refreshing && since.isValid() && since.elapsed() >= 1000)
        text += McpServerPanel::tr(", %1 s").arg(since.elapsed() / 1000);
    if (refreshing && mcp::waitsForPerson(session->mcp(), name))
        text = McpServerPanel::tr("waiting for you to answer");
    word->setText(text.left(1).toUpper() + text.mid(1));
    QString line;
    const QJsonObject seen = config().value(QStringLiteral("server")).toObject();
    if (isReady()) {
        QStringList parts;
        const QString title = state.info.title.isEmpty() ? state.info.name : state.info.title;
        parts.append((title + QLatin1Char(' ') + state.info.version).trimmed().left(80));
        parts.append(McpServerPanel::tr("MCP %1").arg(mcp::eraText(state.info)));
        line = parts.join(QStringLiteral("  -  "));
    } else if (connecting) {
        const bool starts = config().value(QStringLiteral("transport")).toString() != QLatin1String("http");
        line = starts && since.elapsed() > 5000 ? McpServerPanel::tr("A first start may fetch packages and take minutes.") : QString();
    } else if (!seen.isEmpty()) {
        line = McpServerPanel::tr("last seen: %1 %2").arg(seen.value(QStringLiteral("name")).toString().left(60), seen.value(QStringLiteral("version")).toString().left(30));
    }
    about->setText(line);
    busy->setBusy(refreshing);
    if (refreshing)
        tick.start();
    else
        tick.stop();
    connectButton->setText(refreshing ? McpServerPanel::tr("Stop") : isReady() ? McpServerPanel::tr("Refresh") : McpServerPanel::tr("Connect"));
    connectButton->setToolTip(refreshing ? QString() : isReady() ? McpServerPanel::tr("Ask the server for its lists again") : McpServerPanel::tr("Start or reach the server and list what it offers"));
    disconnectButton->setVisible(isReady() && !refreshing);
    signOut->setVisible(config().value(QStringLiteral("transport")).toString() == QLatin1String("http"));
    const bool failed = !refreshing && state.state == McpClient::State::Failed && state.error;
    error->setVisible(failed);
    if (failed)
        error->setMessage(Severity::Error, state.error->message);
    if (!isReady() && !refreshing)
        fresh.reset();
    if (isReady()) {
        facts->setText(McpServerPanel::tr("%1 %2\nMCP %3\nOffers: %4").arg(state.info.name.left(100), state.info.version.left(40), mcp::eraText(state.info), mcp::capabilitiesText(state.info)));
        showInstructions(state.info.instructions);
        showCapabilities(state.info.capabilities);
    } else {
        facts->setText(seen.isEmpty() ? McpServerPanel::tr("Not known yet. Connect to see.") : McpServerPanel::tr("As last seen: %1 %2").arg(seen.value(QStringLiteral("name")).toString().left(100), seen.value(QStringLiteral("version")).toString().left(40)));
        showInstructions(seen.value(QStringLiteral("instructions")).toString());
        showCapabilities(seen.value(QStringLiteral("capabilities")));
    }
    showTools();
    changePage(tabs->currentIndex());
    // The server announced other lists than those that were read: read them again.
    const bool stale = isReady() && !refreshing && fresh && (!state.added.isEmpty() || !state.changed.isEmpty() || !state.removed.isEmpty()) && tools->changeCount() == 0;
    const bool arrived = isReady() && before != McpClient::State::Ready && !refreshing && !fresh;
    if (stale || arrived)
        QTimer::singleShot(0, this, [this] {
            if (!refreshing)
                refresh();
        });
}

void McpServerPanel::Parts::showTools()
{
    std::optional<std::vector<ToolFunction>> now;
    if (fresh)
        now = toolFunctions(*fresh);
    const std::vector<ToolFunction> approved = toolFunctions(config());
    const QJsonValue approvedJson = config().value(QStringLiteral("tools")), nowJson = fresh ? fresh->value(QStringLiteral("tools")) : QJsonValue();
    if (!filled || approvedJson != shownApproved || nowJson != shownNow)
        tools->setFunctions(approved, now);
    filled = true;
    shownApproved = approvedJson;
    shownNow = nowJson;
    const bool any = tools->changeCount() > 0;
    changes->setVisible(any);
    if (any) {
        const bool first = approved.empty();
        changes->setMessage(first ? Severity::Info : Severity::Warning,
                            first ? McpServerPanel::tr("The server offers %1. None of them is approved yet.").arg(format::count(tools->changeCount(), McpServerPanel::tr("tool"), McpServerPanel::tr("tools")))
                                  : McpServerPanel::tr("Since you approved this server's tools: %1. What is not approved cannot be called.").arg(tools->changeText()));
        changes->setAction(session->project().isReadOnly() ? QString() : first ? McpServerPanel::tr("Approve all") : McpServerPanel::tr("Approve changes"));
    }
    showTabs();
}

void McpServerPanel::Parts::showTabs()
{
    const std::pair<QString, int> titles[] = {
        {McpServerPanel::tr("Tools"), int(toolFunctions(fresh ? *fresh : config()).size())},
        {McpServerPanel::tr("Prompts"), prompts->isLoaded() ? prompts->count() : state.prompts},
        {McpServerPanel::tr("Resources"), resources->isLoaded() ? resources->count() : state.resources},
        {McpServerPanel::tr("Log"), 0},
        {McpServerPanel::tr("Server"), 0}};
    // Narrow: less room between them and no counts (they stand in the tooltips), before they must be scrolled.
    for (const bool dense : {false, true}) {
        tabs->setProperty("dense", dense);
        for (int i = 0; i < tabs->count(); ++i) {
            const auto &[title, count] = titles[i];
            const QString counted = count > 0 ? QStringLiteral("%1 %2").arg(title).arg(count) : title;
            tabs->setTabText(i, dense ? title : counted);
            tabs->setTabToolTip(i, dense && count > 0 ? counted : QString());
        }
        if (tabs->sizeHint().width() <= tabs->width())
            break;
    }
}

bool McpServerPanel::Parts::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == tabs && event->type() == QEvent::Resize && tabs->width() != tabsWidth) {
        tabsWidth = tabs->width();
        showTabs();
    }
    return QObject::eventFilter(watched, event);
}

void McpServerPanel::Parts::showCapabilities(const QJsonValue &value)
{
    if (value == shownCapabilities) // what is unfolded stays so
        return;
    shownCapabilities = value;
    capabilities->setValue(value);
}

void McpServerPanel::Parts::changePage(int index)
{
    pages->setCurrentIndex(index);
    switch (Part(index)) {
    case Part::Prompts:
        if (isReady() && !prompts->isLoaded())
            prompts->load();
        else if (!isReady() && prompts->isLoaded())
            prompts->clear();
        break;
    case Part::Resources:
        if (isReady() && !resources->isLoaded())
            resources->load();
        else if (!isReady() && resources->isLoaded())
            resources->clear();
        break;
    case Part::Log:
        if (!logFilled) {
            log->setLines(session->mcp().log(name, body));
            logFilled = true;
        }
        break;
    case Part::Tools:
    case Part::Server:
        break;
    }
}

void McpServerPanel::Parts::refresh()
{
    if (refreshing)
        return;
    refreshing = true;
    cancel = CancelSource();
    since.start();
    const int mine = ++number;
    const auto ended = [this, mine] {
        if (mine != number)
            return false;
        refreshing = false;
        return true;
    };
    runTask(panel, session->mcp().refreshed(name, body, cancel.token()), [this, ended](const QJsonObject &now) {
        if (!ended())
            return;
        fresh = now;
        if (prompts->isLoaded())
            prompts->load();
        if (resources->isLoaded())
            resources->load();
        showState();
    }, [this, ended](const Error &failure) {
        if (!ended())
            return;
        showState();
        if (failure.kind != ErrorKind::Cancelled && error->isHidden()) { // not of the connection itself: a secret, the configuration
            error->setMessage(Severity::Error, failure.message);
            error->show();
        }
    });
    if (refreshing)
        showState();
}

void McpServerPanel::Parts::stop()
{
    ++number;
    refreshing = false;
    cancel.cancel();
    if (state.state != McpClient::State::Ready)
        (void)session->mcp().disconnect(name, body);
    showState();
}

void McpServerPanel::Parts::write(const QJsonArray &functions, const QString &what)
{
    BodyChanges edits{{QStringLiteral("/config/tools"), functions}};
    if (fresh && fresh->contains(QStringLiteral("server")))
        edits.push_back({QStringLiteral("/config/server"), fresh->value(QStringLiteral("server"))});
    if (const auto done = session->edit(tool, edits, what); !done)
        Q_EMIT panel->errorRaised(done.error());
    reload();
}

void McpServerPanel::Parts::approveAll()
{
    if (!fresh)
        return;
    const std::vector<ToolFunction> before = toolFunctions(config());
    QJsonArray after;
    for (ToolFunction function : toolFunctions(*fresh)) {
        for (const ToolFunction &known : before) { // switched or given a policy since the server was asked
            if (known.name == function.name) {
                function.enabled = known.enabled;
                function.policy = known.policy;
            }
        }
        after.append(function.toJson());
    }
    write(after, McpServerPanel::tr("Approve the server's tools as they are now"));
    Q_EMIT panel->statusMessage(McpServerPanel::tr("Approved in the draft. Ctrl+S makes it a revision."));
}

void McpServerPanel::Parts::approveOne(const QString &function)
{
    if (!fresh)
        return;
    QJsonArray after;
    std::optional<ToolFunction> now;
    for (const ToolFunction &one : toolFunctions(*fresh)) {
        if (one.name == function)
            now = one;
    }
    bool known = false;
    for (const ToolFunction &one : toolFunctions(config())) {
        if (one.name != function) {
            after.append(one.toJson());
            continue;
        }
        known = true;
        if (!now)
            continue;
        ToolFunction approved = *now;
        approved.enabled = one.enabled;
        approved.policy = one.policy;
        after.append(approved.toJson());
    }
    if (!known && now)
        after.append(now->toJson());
    write(after, now ? McpServerPanel::tr("Approve %1").arg(function.left(80)) : McpServerPanel::tr("Remove %1").arg(function.left(80)));
}

void McpServerPanel::Parts::switchFunctions(const QStringList &names, bool on)
{
    QJsonArray after;
    for (ToolFunction one : toolFunctions(config())) {
        if (names.contains(one.name))
            one.enabled = on;
        after.append(one.toJson());
    }
    if (const auto done = session->edit(tool, QStringLiteral("/config/tools"), after, on ? McpServerPanel::tr("Switch on tools") : McpServerPanel::tr("Switch off tools")); !done)
        Q_EMIT panel->errorRaised(done.error());
}

void McpServerPanel::showPart(Part part)
{
    d->tabs->setCurrentIndex(int(part));
}

McpServerPanel::Part McpServerPanel::part() const
{
    return Part(d->tabs->currentIndex());
}

void McpServerPanel::connectOrRefresh()
{
    d->refresh();
}

void McpServerPanel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), d->theme->tokens().base);
}

} // namespace lathe
