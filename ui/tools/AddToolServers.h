// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/McpHub.h"
#include "ui/tools/AddToolStep.h"

#include <QElapsedTimer>
#include <QTimer>

class QLineEdit;
class QListView;
class QStandardItemModel;
class QVBoxLayout;

namespace lathe {

class AddToolChoices;
class AddToolSecrets;
class BusyBar;
class Button;
class CodeEditor;
class InlineMessage;
class Label;
class LinkLabel;

// MCP servers on their way into the project: shows what would be started or reached, does it when the person says so, shows progress and
// log (a first start may take minutes), and lets the person choose among the tools found. One tool artifact for each server.
class AddToolServers : public AddToolStep
{
    Q_OBJECT
public:
    AddToolServers(Session *session, Theme *theme, McpServersImport import, QWidget *parent = nullptr);
    ~AddToolServers() override; // cancels the starts; a server that only this sheet began is ended
    QString title() const override;
    QString primaryText() const override;
    bool canGoOn() const override;
    void goOn() override;

private:
    struct Server {
        QString name;
        QJsonObject body;
        QList<std::pair<QString, QString>> secrets;
        enum class State { Idle, Starting, Ready, Failed } state = State::Idle;
        Error error;
        QJsonObject config;  // of Ready: with the tools as the server has them
        QStringList off;     // tools that are switched off
        QStringList log;     // newest last
        std::optional<CancelSource> cancel;
        QElapsedTimer since;
        int mostSeconds = 0; // that a start may take
        int attempt = 0;
        bool own = false; // this sheet began the connection
        AddToolSecrets *form = nullptr; // its secrets; made when first shown
    };
    void build();
    void showList();
    void show(int index);
    void showCurrent();
    void start(int index);
    void begin(int index);
    void stopCurrent();
    void fail(int index, const Error &error);
    void tick();
    void add(bool withoutTools);
    size_t countIn(Server::State state) const;
    Server &current() { return m_servers[size_t(m_current)]; }
    Session *m_session;
    Theme *m_theme;
    std::vector<Server> m_servers;
    QStringList m_notes;
    int m_current = 0;
    bool m_adding = false;
    QListView *m_list = nullptr;
    QStandardItemModel *m_model = nullptr;
    QLineEdit *m_name = nullptr;
    Label *m_what = nullptr;
    CodeEditor *m_command = nullptr;
    QVBoxLayout *m_secrets = nullptr; // holds the forms of the servers
    InlineMessage *m_message = nullptr;
    Label *m_progress = nullptr;
    Button *m_stop = nullptr;
    BusyBar *m_busy = nullptr;
    CodeEditor *m_log = nullptr;
    LinkLabel *m_showLog = nullptr;
    LinkLabel *m_addOnly = nullptr;
    Label *m_found = nullptr;
    AddToolChoices *m_tools = nullptr;
    Label *m_trust = nullptr;
    QTimer m_tick;
};

} // namespace lathe
