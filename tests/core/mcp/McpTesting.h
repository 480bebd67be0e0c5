// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// What the tests of the MCP client share: real servers from npm, and a client for each.

#include "core/http/HttpClient.h"
#include "core/mcp/McpClient.h"
#include "tests/support/Await.h"
#include "tests/support/JsonText.h"
#include "tests/support/NodePrograms.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// The scripts and packages of tests/support/mcp in a folder of their own.
class McpServers
{
public:
    bool prepare()
    {
        m_place = NodePrograms::prepare(QStringLiteral("mcp"), m_folder.path());
        return !m_place.isEmpty();
    }
    QString folder() const { return m_folder.path(); }
    QString script(const QString &name) const { return m_place + u'/' + name; }
    QString module(const QString &path) const { return m_place + QStringLiteral("/node_modules/") + path; }
    QString everything() const { return module(QStringLiteral("@modelcontextprotocol/server-everything/dist/index.js")); }
    McpServerConfig stdio(const QStringList &args, const QString &name = QStringLiteral("Test")) const
    {
        McpServerConfig config;
        config.name = name;
        config.command = nodeProgram();
        config.args = args;
        return config;
    }

private:
    QTemporaryDir m_folder;
    QString m_place;
};

inline McpServerConfig httpConfig(const QString &url)
{
    McpServerConfig config;
    config.name = QStringLiteral("Test");
    config.transport = McpServerConfig::Transport::Http;
    config.url = url;
    return config;
}

// A server program that prints its URL, or any line, when it is ready.
class NodeServer
{
public:
    ~NodeServer()
    {
        m_process.kill();
        m_process.waitForFinished(10'000);
    }
    // The first line of its output; empty when it did not come.
    QString start(const QStringList &args, const QStringList &environment = {})
    {
        QStringList all = QProcess::systemEnvironment() + environment;
        m_process.setEnvironment(all);
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(nodeProgram(), args);
        QByteArray line;
        while (!line.contains('\n') && m_process.waitForReadyRead(30'000))
            line += m_process.readLine();
        return QString::fromUtf8(line).trimmed();
    }

private:
    QProcess m_process;
};

// A client with all it needs, and what it was asked.
struct TestClient {
    explicit TestClient(McpServerConfig config, const std::function<void(McpClientOptions &)> &change = {})
    {
        McpClientOptions options;
        options.http = &http;
        options.clock = &clock;
        options.clientVersion = QStringLiteral("1.0");
        if (change)
            change(options);
        client = std::make_unique<McpClient>(std::move(config), std::move(options));
    }
    Result<McpToolResult> call(const QString &tool, const QJsonObject &arguments = {}, McpCallOptions options = McpCallOptions())
    {
        return await(client->callTool(tool, arguments, std::move(options), CancelToken()));
    }
    // The text of a call, or "error: ...".
    QString text(const QString &tool, const QJsonObject &arguments = {}, McpCallOptions options = McpCallOptions())
    {
        const auto result = call(tool, arguments, std::move(options));
        return result ? result->text() : QStringLiteral("error: ") + result.error().message;
    }
    bool logHolds(const QString &words) const
    {
        const auto lines = client->log();
        return std::any_of(lines.begin(), lines.end(), [&](const McpLogLine &line) { return line.text.contains(words); });
    }
    HttpClient http;
    SystemClock clock;
    std::unique_ptr<McpClient> client; // the first to go
};

// An answer of a person: what it was asked is kept in `seen`.
inline McpClientHandlers answering(const QJsonObject &reply, std::shared_ptr<QList<QJsonObject>> seen = nullptr)
{
    McpClientHandlers handlers;
    handlers.elicit = [reply, seen](QJsonObject request, CancelToken) -> Task<Result<QJsonObject>> {
        if (seen)
            seen->append(request);
        QJsonObject result = reply;
        co_return result;
    };
    return handlers;
}

// A server that is spoken to over stdio, where each client starts its own, and over HTTP: by the column "http" of a test's data.
class BothTransports : public QObject
{
protected:
    McpServers m_servers;
    NodeServer m_http;
    QString m_url;
    QStringList m_stdioArgs;

    void prepare() { QVERIFY2(m_servers.prepare(), "the packages of tests/support/mcp are missing; run packaging/install"); }
    static void transports()
    {
        QTest::addColumn<bool>("http");
        QTest::newRow("stdio") << false;
        QTest::newRow("http") << true;
    }
    McpServerConfig config() const
    {
        QFETCH(bool, http);
        return http ? httpConfig(m_url) : m_servers.stdio(m_stdioArgs);
    }
};

inline QStringList namesOf(const std::vector<McpTool> &tools)
{
    QStringList names;
    for (const McpTool &tool : tools)
        names.append(tool.name);
    return names;
}

} // namespace lathe::test
