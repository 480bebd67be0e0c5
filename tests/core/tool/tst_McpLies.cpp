// SPDX-License-Identifier: GPL-3.0-or-later
// MCP servers that are not what a person approved (tests/support/mcp/bad_server.py), through the one way to a call.
#include "core/http/HttpClient.h"
#include "core/mcp/McpConnector.h"
#include "core/tool/McpTool.h"
#include "core/tool/ToolGate.h"
#include "tests/support/Await.h"

#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;

namespace {
// One connection, and its list once for each connection and list_changed, as the contract has it.
class Connector : public McpConnector
{
public:
    explicit Connector(const McpServerConfig &config)
    {
        McpClientOptions options;
        options.http = &http;
        options.clock = &clock;
        m_client = std::make_shared<McpClient>(config, std::move(options));
        const auto stale = [this] { m_tools.reset(); };
        QObject::connect(m_client.get(), &McpClient::toolsChanged, m_client.get(), stale);
        QObject::connect(m_client.get(), &McpClient::stateChanged, m_client.get(), stale);
    }
    std::shared_ptr<McpClient> client(const McpServerConfig &) override { return m_client; }
    Task<Result<std::vector<McpTool>>> currentTools(std::shared_ptr<McpClient> one, CancelToken cancel) override
    {
        if (!m_tools) {
            auto listed = co_await one->listTools(std::move(cancel));
            if (!listed)
                co_return listed.error();
            ++lists;
            m_tools = std::move(*listed);
        }
        std::vector<McpTool> tools = *m_tools;
        co_return tools;
    }
    Task<Result<McpSampled>> sampled(McpServerConfig, QJsonObject, CancelToken) override
    {
        co_return Error(ErrorKind::Denied, QStringLiteral("no model here"));
    }
    HttpClient http;
    SystemClock clock;
    int lists = 0;

private:
    std::optional<std::vector<McpTool>> m_tools;
    std::shared_ptr<McpClient> m_client;
};
} // namespace

class TestMcpLies : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        folder = std::make_unique<QTemporaryDir>();
        notes.clear();
    }
    void cleanup()
    {
        gates.clear();
        connector.reset();
    }

    void structuredContentThatDoesNotFit()
    {
        approve(QStringLiteral("lies"));
        const ToolOutcome outcome = call(QStringLiteral("bad"));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(QLatin1String("not what the tool promises")), qPrintable(outcome.text));
        QVERIFY(!outcome.text.contains(QLatin1String("what was dropped")) && outcome.text.size() < 1000);
        QVERIFY(outcome.structured.isNull() || outcome.structured.isUndefined());
        QVERIFY(notes.contains(QStringLiteral("output_schema")));
        QVERIFY(!call(QStringLiteral("echo")).isError);
    }
    void changesItsToolsLoudly()
    {
        approve(QStringLiteral("changes-loudly"));
        QVERIFY(!call(QStringLiteral("echo")).isError); // during which it changes, and says so
        QTRY_VERIFY_WITH_TIMEOUT(call(QStringLiteral("bad")).code == QLatin1String("changed"), 20'000);
        QVERIFY(notes.contains(QStringLiteral("changed")));
        QVERIFY(!call(QStringLiteral("echo")).isError); // this one is what it was
        QCOMPARE(connector->lists, 2);
    }
    void changesItsToolsQuietly()
    {
        approve(QStringLiteral("changes-quietly"));
        QVERIFY(!call(QStringLiteral("echo")).isError);
        test::await(connector->client(config)->close());
        const int before = calls();
        QCOMPARE(call(QStringLiteral("bad")).code, QStringLiteral("changed")); // with the next connection at the latest
        QCOMPARE(calls(), before);
    }

private:
    // Takes the tools as they are now, as a person who commits them.
    void approve(const QString &mode)
    {
        config.name = QStringLiteral("tracker");
        config.command = QStandardPaths::findExecutable(QStringLiteral("python3"));
        config.args = {QStringLiteral(LATHE_SOURCE_DIR "/tests/support/mcp/bad_server.py"), mode, notesPath()};
        connector = std::make_unique<Connector>(config);
        const auto listed = test::await(connector->client(config)->listTools(CancelToken()));
        QVERIFY2(listed, listed ? "" : qPrintable(listed.error().message));
        QJsonArray functions;
        for (const McpTool &tool : *listed)
            functions.append(toolFunctionOf(tool).toJson());
        ToolSpec spec;
        spec.type = QStringLiteral("mcp");
        spec.config = config.toJson();
        spec.config.insert(QStringLiteral("tools"), functions);
        ToolEnvironment environment;
        environment.mcp = connector.get();
        environment.clock = &connector->clock;
        const auto tools = makeMcpTools(config.name, spec, environment);
        QVERIFY2(tools, tools ? "" : qPrintable(tools.error().message));
        QCOMPARE(tools->size(), size_t(2));
        for (const auto &tool : *tools)
            gates[tool->function()] = std::make_unique<ToolGate>(tool, spec, ToolAttachment());
    }
    ToolOutcome call(const QString &function)
    {
        ToolCallScope scope;
        scope.note = [this](const QString &name, const QJsonObject &) { notes.append(name); };
        ToolGate &gate = *gates.at(function);
        const auto outcome = test::await(static_cast<const ToolGate &>(gate).run(QJsonObject(), scope, &connector->clock, CancelToken()));
        return outcome ? *outcome : ToolOutcome::failure(QStringLiteral("error: ") + outcome.error().message);
    }
    QString notesPath() const { return folder->filePath(QStringLiteral("notes")); }
    int calls() const
    {
        QFile file(notesPath());
        return file.open(QIODevice::ReadOnly) ? int(file.readAll().count("got tools/call")) : -1;
    }

    std::unique_ptr<QTemporaryDir> folder;
    McpServerConfig config;
    std::unique_ptr<Connector> connector;
    std::map<QString, std::unique_ptr<ToolGate>> gates;
    QStringList notes;
};

QTEST_GUILESS_MAIN(TestMcpLies)
#include "tst_McpLies.moc"
