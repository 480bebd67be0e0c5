// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolServers.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Metrics.h"
#include "ui/tools/AddToolChoices.h"
#include "ui/tools/McpWords.h"
#include "ui/widgets/BusyBar.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/RowDelegate.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {
constexpr int mostLogLines = 400;

QJsonObject configOf(const QJsonObject &body)
{
    return body.value(QStringLiteral("config")).toObject();
}

bool isRemote(const QJsonObject &body)
{
    return configOf(body).value(QStringLiteral("transport")).toString() == QLatin1String("http");
}

// As one would type it into a shell; for reading.
QString commandLine(const QJsonObject &config)
{
    QStringList parts;
    const QJsonObject env = config.value(QStringLiteral("env")).toObject();
    for (auto it = env.begin(); it != env.end(); ++it)
        parts.append(it.key() + QLatin1Char('=') + it.value().toString());
    QStringList words{config.value(QStringLiteral("command")).toString()};
    words += json::toStringList(config.value(QStringLiteral("args")));
    for (QString &word : words) {
        if (word.isEmpty() || word.contains(QLatin1Char(' ')) || word.contains(QLatin1Char('\n')))
            word = QLatin1Char('\'') + word + QLatin1Char('\'');
    }
    return (parts + words).join(QLatin1Char(' '));
}
}

AddToolServers::AddToolServers(Session *session, Theme *theme, McpServersImport import, QWidget *parent)
    : AddToolStep(parent), m_session(session), m_theme(theme), m_notes(import.notes)
{
    setObjectName(QStringLiteral("add-servers"));
    for (McpServersImport::Server &found : import.servers) {
        Server server;
        server.name = found.name;
        server.body = found.body;
        server.secrets = found.secrets;
        m_servers.push_back(std::move(server));
    }
    build();
    m_tick.setInterval(500);
    connect(&m_tick, &QTimer::timeout, this, &AddToolServers::tick);
    connect(&session->mcp(), &McpHub::serverLogged, this, [this](const QString &name, const McpLogLine &line) {
        for (size_t i = 0; i < m_servers.size(); ++i) {
            Server &server = m_servers[i];
            if (server.name != name || server.state != Server::State::Starting)
                continue;
            if (line.source == McpLogLine::Source::Sent || line.source == McpLogLine::Source::Received)
                continue;
            server.log.append(line.text.left(2000).trimmed());
            if (server.log.size() > mostLogLines)
                server.log.removeFirst();
            if (int(i) == m_current)
                m_log->appendPlainText(server.log.last().left(500));
        }
    });
    showList();
    show(0);
}

AddToolServers::~AddToolServers()
{
    for (Server &server : m_servers) {
        ++server.attempt; // what still comes is too late
        if (server.cancel)
            server.cancel->cancel();
        if (server.own)
            (void)m_session->mcp().disconnect(server.name, server.body);
    }
}

void AddToolServers::build()
{
    auto *outer = new QHBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(metrics::GapLarge);
    m_list = new QListView(this);
    m_list->setObjectName(QStringLiteral("add-server-list"));
    m_list->setAccessibleName(tr("Servers"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setFixedWidth(190);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setItemDelegate(new RowDelegate(m_theme, m_list));
    m_model = new QStandardItemModel(0, 1, this);
    m_list->setModel(m_model);
    m_list->setVisible(m_servers.size() > 1);
    outer->addWidget(m_list);
    auto *side = new QVBoxLayout;
    side->setSpacing(metrics::Gap);
    outer->addLayout(side, 1);

    auto *top = new QHBoxLayout;
    top->setSpacing(metrics::Gap);
    top->addWidget(new Label(m_theme, tr("Name"), Label::Style::Secondary, this));
    m_name = new QLineEdit(this);
    m_name->setObjectName(QStringLiteral("add-server-name"));
    m_name->setAccessibleName(tr("Name of the tool"));
    m_name->setToolTip(tr("Its tools are called NAME__tool by the model"));
    m_name->setMaximumWidth(260);
    top->addWidget(m_name, 1);
    top->addStretch(1);
    side->addLayout(top);
    m_what = new Label(m_theme, QString(), Label::Style::Caption, this);
    side->addWidget(m_what);
    m_command = new CodeEditor(m_theme, this);
    m_command->setObjectName(QStringLiteral("add-server-command"));
    m_command->setAccessibleName(tr("What is started"));
    m_command->setReadOnly(true);
    m_command->setLineNumbersVisible(false);
    m_command->setTabChangesFocus(true);
    m_command->setAutoHeight(1, 4);
    side->addWidget(m_command);
    auto *secrets = new QWidget(this);
    m_secrets = new QVBoxLayout(secrets);
    m_secrets->setContentsMargins(0, 0, 0, 0);
    m_secrets->setSpacing(0);
    side->addWidget(secrets);
    m_message = new InlineMessage(m_theme, Severity::Info, QString(), this);
    m_message->setObjectName(QStringLiteral("add-server-message"));
    side->addWidget(m_message);
    auto *line = new QHBoxLayout;
    m_progress = new Label(m_theme, QString(), Label::Style::Secondary, this);
    m_progress->setObjectName(QStringLiteral("add-server-progress"));
    m_stop = new Button(tr("Stop"), ButtonRole::Secondary, this);
    m_stop->setObjectName(QStringLiteral("add-server-stop"));
    line->addWidget(m_progress, 1);
    line->addWidget(m_stop);
    side->addLayout(line);
    m_busy = new BusyBar(m_theme, this);
    side->addWidget(m_busy);
    m_log = new CodeEditor(m_theme, this);
    m_log->setObjectName(QStringLiteral("add-server-log"));
    m_log->setAccessibleName(tr("Log of the server"));
    m_log->setReadOnly(true);
    m_log->setLineNumbersVisible(false);
    m_log->setMaximumBlockCount(mostLogLines);
    side->addWidget(m_log, 1);
    auto *head = new QHBoxLayout;
    m_found = new Label(m_theme, QString(), Label::Style::Strong, this);
    m_found->setObjectName(QStringLiteral("add-server-found"));
    m_showLog = new LinkLabel(m_theme, tr("Show log"), this);
    head->addWidget(m_found, 1);
    head->addWidget(m_showLog);
    side->addLayout(head);
    m_tools = new AddToolChoices(m_theme, tr("Search tools"), this);
    side->addWidget(m_tools, 1);
    m_trust = new Label(m_theme, tr("What a tool does is the server's word; Lathe cannot check it. Calls ask first unless you change that in the policy."), Label::Style::Hint, this);
    m_trust->setWordWrap(true);
    side->addWidget(m_trust);
    m_addOnly = new LinkLabel(m_theme, QString(), this);
    m_addOnly->setObjectName(QStringLiteral("add-server-unseen"));
    auto *foot = new QHBoxLayout;
    foot->addWidget(m_addOnly);
    foot->addStretch(1);
    side->addLayout(foot);
    side->addStretch(0);

    connect(m_list, &QListView::clicked, this, [this](const QModelIndex &index) { show(index.row()); });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &index) {
        if (index.isValid() && index.row() != m_current)
            show(index.row());
    });
    connect(m_name, &QLineEdit::textEdited, this, [this](const QString &text) {
        if (current().state == Server::State::Starting)
            return;
        current().name = text.trimmed();
        showList();
        Q_EMIT stateChanged();
    });
    connect(m_stop, &Button::clicked, this, [this] { current().state == Server::State::Starting ? stopCurrent() : start(m_current); });
    connect(m_showLog, &LinkLabel::clicked, this, [this] {
        const bool on = m_log->isHidden();
        m_log->setVisible(on);
        m_tools->setVisible(!on);
        m_showLog->setText(on ? tr("Show tools") : tr("Show log"));
    });
    connect(m_addOnly, &LinkLabel::clicked, this, [this] { add(true); });
    connect(m_tools, &AddToolChoices::toggled, this, [this](const QStringList &keys, bool on) {
        for (const QString &key : keys) {
            current().off.removeAll(key);
            if (!on)
                current().off.append(key);
        }
        Q_EMIT stateChanged();
    });
}

QString AddToolServers::title() const
{
    return m_servers.size() == 1 ? tr("Add an MCP server") : tr("Add %1 MCP servers").arg(m_servers.size());
}

size_t AddToolServers::countIn(Server::State state) const
{
    return size_t(std::count_if(m_servers.begin(), m_servers.end(), [state](const Server &server) { return server.state == state; }));
}

QString AddToolServers::primaryText() const
{
    const size_t ready = countIn(Server::State::Ready);
    if (ready > 0 && m_servers.size() == 1) {
        const Server &server = m_servers.front();
        return tr("Add %1").arg(format::count(qint64(toolFunctions(server.config).size()) - server.off.size(), tr("tool"), tr("tools")));
    }
    if (ready == m_servers.size())
        return tr("Add %1").arg(format::count(qint64(ready), tr("server"), tr("servers")));
    if (ready > 0)
        return ready == 1 ? tr("Add the one that is ready") : tr("Add the %1 that are ready").arg(ready);
    if (countIn(Server::State::Starting) > 0)
        return tr("Connecting ...");
    if (countIn(Server::State::Failed) > 0)
        return tr("Try again");
    return m_servers.size() > 1 ? tr("Start all and look") : isRemote(m_servers.front().body) ? tr("Connect and look") : tr("Start and look");
}

bool AddToolServers::canGoOn() const
{
    const bool named = std::all_of(m_servers.begin(), m_servers.end(), [](const Server &server) { return !server.name.isEmpty(); });
    const bool canAdd = countIn(Server::State::Ready) > 0; // what is still starting need not be waited for
    return named && !m_adding && !m_servers.empty() && (canAdd || countIn(Server::State::Starting) == 0);
}

void AddToolServers::goOn()
{
    if (!canGoOn())
        return;
    if (countIn(Server::State::Ready) > 0)
        return add(false);
    for (size_t i = 0; i < m_servers.size(); ++i)
        start(int(i));
}

void AddToolServers::showList()
{
    m_model->setRowCount(int(m_servers.size()));
    for (size_t i = 0; i < m_servers.size(); ++i) {
        const Server &server = m_servers[i];
        const QModelIndex index = m_model->index(int(i), 0);
        m_model->setData(index, server.name);
        m_model->setData(index, int(server.state == Server::State::Ready      ? Status::Ok
                                    : server.state == Server::State::Failed   ? Status::Error
                                    : server.state == Server::State::Starting ? Status::Running
                                                                              : Status::Idle),
                         rowrole::Status);
        const bool ready = server.state == Server::State::Ready, failed = server.state == Server::State::Failed;
        const bool starting = server.state == Server::State::Starting;
        m_model->setData(index, ready      ? format::count(qint64(toolFunctions(server.config).size()), tr("tool"), tr("tools"))
                                : starting ? tr("%1 s").arg(server.since.elapsed() / 1000)
                                : failed   ? tr("failed")
                                           : QString(),
                         rowrole::Trailing);
        m_model->setData(index, failed ? format::oneLine(server.error.message, 300) : server.name, Qt::ToolTipRole);
    }
    const size_t total = m_servers.size();
    m_addOnly->setVisible(total > 1 ? countIn(Server::State::Ready) < total : countIn(Server::State::Idle) + countIn(Server::State::Failed) > 0);
    m_addOnly->setText(total > 1 ? tr("Add all %1").arg(total) : tr("Add without connecting"));
    m_addOnly->setToolTip(total > 1 ? tr("The tools of those that are not connected are looked up later, in the tool's own page")
                                    : tr("Its tools are looked up later, in the tool's own page"));
}

void AddToolServers::show(int index)
{
    if (index < 0 || index >= int(m_servers.size()))
        return;
    m_current = index;
    if (m_list->currentIndex().row() != index)
        m_list->setCurrentIndex(m_model->index(index, 0));
    Server &server = current();
    m_name->setText(server.name);
    const QJsonObject config = configOf(server.body);
    const bool remote = isRemote(server.body);
    m_what->setText(remote ? tr("Reached at") : tr("Started on this computer, with your rights"));
    m_command->setText(remote ? config.value(QStringLiteral("url")).toString() : commandLine(config));
    for (Server &other : m_servers) {
        if (other.form && &other != &server)
            other.form->hide();
    }
    if (!server.form) {
        server.form = new AddToolSecrets(m_session, m_theme, this);
        server.form->setSecrets(server.body, server.secrets);
        m_secrets->addWidget(server.form);
    }
    server.form->setVisible(!server.form->isEmpty());
    m_log->setPlainText(server.log.join(QLatin1Char('\n')));
    std::vector<AddToolChoices::Row> rows;
    for (const ToolFunction &function : toolFunctions(server.config)) {
        AddToolChoices::Row row;
        row.key = function.name;
        row.title = function.name;
        row.detail = format::oneLine(function.description, 300);
        row.trailing = mcp::hints(function.annotations).join(QStringLiteral(", "));
        row.tip = QStringLiteral("<p>%1</p>").arg(function.description.left(2000).toHtmlEscaped());
        row.on = !server.off.contains(function.name);
        rows.push_back(std::move(row));
    }
    m_tools->setRows(rows);
    m_tools->hide();
    m_log->hide();
    m_showLog->setText(tr("Show log"));
    showCurrent();
}

// What depends on how the current server stands.
void AddToolServers::showCurrent()
{
    const Server &server = current();
    const bool starting = server.state == Server::State::Starting;
    const bool ready = server.state == Server::State::Ready;
    const bool failed = server.state == Server::State::Failed;
    m_name->setEnabled(!starting);
    if (server.form)
        server.form->setEnabled(!starting && !ready);
    m_busy->setBusy(starting);
    m_progress->setVisible(starting);
    const bool again = failed && m_servers.size() > 1; // the sheet's own button adds those that are ready
    m_stop->setVisible(starting || again);
    m_stop->setText(again ? tr("Try again") : tr("Stop"));
    m_found->setVisible(ready);
    m_showLog->setVisible(ready && !server.log.isEmpty());
    m_tools->setVisible(ready && m_log->isHidden());
    if (!ready)
        m_log->setVisible((starting || failed) && !(failed && server.log.isEmpty()));
    m_trust->setVisible(ready);
    if (failed) {
        m_message->setMessage(server.error.kind == ErrorKind::Cancelled ? Severity::Info : Severity::Error,
                              server.error.kind == ErrorKind::Cancelled ? tr("Stopped.") : server.error.message);
    } else if (!m_notes.isEmpty()) {
        m_message->setMessage(Severity::Info, m_notes.mid(0, 3).join(QLatin1Char(' ')));
    } else if (!isRemote(server.body)) {
        m_message->setMessage(Severity::Warning, tr("Starting it runs this program. Start only what you trust."));
    }
    m_message->setVisible(failed || (!starting && !ready && (!m_notes.isEmpty() || !isRemote(server.body))));
    if (ready) {
        const QJsonObject seen = server.config.value(QStringLiteral("server")).toObject();
        QString name = seen.value(QStringLiteral("title")).toString();
        if (name.isEmpty())
            name = seen.value(QStringLiteral("name")).toString();
        const QString version = seen.value(QStringLiteral("version")).toString();
        m_found->setText(tr("%1 offers %2").arg((name.isEmpty() ? server.name : name).left(60) + (version.isEmpty() ? QString() : QLatin1Char(' ') + version.left(20)),
                                                format::count(qint64(toolFunctions(server.config).size()), tr("tool"), tr("tools"))));
    }
    tick();
}

void AddToolServers::tick()
{
    if (countIn(Server::State::Starting) == 0) {
        m_tick.stop();
        return;
    }
    showList(); // how long each has been at it
    const Server &server = current();
    if (server.state != Server::State::Starting)
        return;
    const qint64 seconds = server.since.elapsed() / 1000;
    QString text = isRemote(server.body) ? tr("Connecting, %1 s").arg(seconds) : tr("Starting, %1 s").arg(seconds);
    if (seconds >= 5 && !isRemote(server.body))
        text = tr("Starting, %1 s of at most %2 - a first start may fetch packages").arg(seconds).arg(server.mostSeconds);
    if (mcp::waitsForPerson(m_session->mcp(), server.name))
        text = tr("Waiting for you: answer the question at the lower right");
    m_progress->setText(text);
}

void AddToolServers::start(int index)
{
    Server &server = m_servers[size_t(index)];
    if (server.state == Server::State::Starting || server.state == Server::State::Ready)
        return;
    server.state = Server::State::Starting;
    server.log.clear();
    server.since.start();
    server.cancel = CancelSource();
    if (const auto config = McpServerConfig::fromJson(server.name, configOf(server.body)))
        server.mostSeconds = config->connectSeconds;
    const int attempt = ++server.attempt;
    m_tick.start();
    showList();
    if (index == m_current)
        show(index);
    Q_EMIT stateChanged();
    const auto valid = [this, index, attempt] { return m_servers[size_t(index)].attempt == attempt && m_servers[size_t(index)].state == Server::State::Starting; };
    if (!server.form) { // never shown: the values that were pasted
        server.form = new AddToolSecrets(m_session, m_theme, this);
        server.form->setSecrets(server.body, server.secrets);
        m_secrets->addWidget(server.form);
        server.form->hide();
    }
    runTask(this, server.form->store(), [this, index, valid] {
        if (valid())
            begin(index);
    }, [this, index, valid](const Error &error) {
        if (valid())
            fail(index, error);
    });
}

void AddToolServers::begin(int index)
{
    Server &server = m_servers[size_t(index)];
    const int attempt = server.attempt;
    const McpServerState before = m_session->mcp().stateOf(ArtifactId(), server.name, server.body);
    server.own = server.own || before.state == McpClient::State::Idle || before.state == McpClient::State::Failed || before.state == McpClient::State::Closed;
    const auto valid = [this, index, attempt] { return m_servers[size_t(index)].attempt == attempt && m_servers[size_t(index)].state == Server::State::Starting; };
    runTask(this, m_session->mcp().refreshed(server.name, server.body, server.cancel->token()), [this, index, valid](const QJsonObject &config) {
        if (!valid())
            return;
        Server &done = m_servers[size_t(index)];
        done.state = Server::State::Ready;
        done.config = config;
        for (const ToolFunction &function : toolFunctions(config)) {
            if (!function.enabled)
                done.off.append(function.name);
        }
        showList();
        if (index == m_current)
            show(index);
        Q_EMIT stateChanged();
    }, [this, index, valid](const Error &error) {
        if (valid())
            fail(index, error);
    });
}

void AddToolServers::fail(int index, const Error &error)
{
    Server &server = m_servers[size_t(index)];
    server.state = Server::State::Failed;
    server.error = error;
    server.cancel.reset();
    showList();
    if (index == m_current)
        show(index);
    Q_EMIT stateChanged();
}

void AddToolServers::stopCurrent()
{
    Server &server = current();
    if (server.state != Server::State::Starting)
        return;
    ++server.attempt; // what still comes is too late
    if (server.cancel)
        server.cancel->cancel();
    if (server.own)
        (void)m_session->mcp().disconnect(server.name, server.body);
    fail(m_current, Error::cancelled());
}

void AddToolServers::add(bool withoutTools)
{
    std::vector<std::pair<QString, QJsonObject>> tools;
    QStringList left; // not added
    for (const Server &server : m_servers) {
        QJsonObject body = server.body;
        if (server.state == Server::State::Ready) {
            QJsonObject config = server.config;
            QJsonArray functions;
            for (ToolFunction function : toolFunctions(config)) {
                function.enabled = !server.off.contains(function.name);
                functions.append(function.toJson());
            }
            config.insert(QStringLiteral("tools"), functions);
            body.insert(QStringLiteral("config"), config);
        } else if (!withoutTools) {
            left.append(server.name);
            continue;
        }
        tools.emplace_back(server.name, body);
    }
    m_adding = true;
    Q_EMIT stateChanged();
    runTask(this, createTools(m_session, std::move(tools)), [this, left](const QList<ArtifactId> &ids) {
        for (Server &server : m_servers) {
            if (!left.contains(server.name))
                server.own = false; // it is the project's now
        }
        const auto info = m_session->project().artifacts().info(ids.first());
        QString message = ids.size() == 1 ? tr("Added %1").arg(info ? info->name : QString()) : tr("Added %1 servers").arg(ids.size());
        if (!left.isEmpty())
            message = tr("%1; not connected and not added: %2").arg(message, left.join(QStringLiteral(", ")).left(200));
        Q_EMIT created(ids, message);
    }, [this](const Error &error) {
        m_adding = false;
        m_message->setMessage(Severity::Error, error.message);
        m_message->show();
        Q_EMIT stateChanged();
    });
}

} // namespace lathe
