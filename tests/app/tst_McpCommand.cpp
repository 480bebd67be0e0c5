// SPDX-License-Identifier: GPL-3.0-or-later
// lathe-cli mcp, tools, tool and mcp-add, with the real SDKs as clients and real servers.
#include "tests/app/AppTesting.h"
#include "tests/support/NodePrograms.h"

#include <QRegularExpression>

using namespace lathe;
using namespace lathe::test;

class TestMcpCommand : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    QString m_clients;
    int m_number = 0;

    // A sample project whose tools ask.
    QString project(const char *approval = "ask")
    {
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_number));
        const auto made = await(Session::createProject(path, QStringLiteral("feedback-desk")));
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        auto session = Session::open(path, SessionOptions());
        for (const ArtifactInfo &info : (*session)->project().artifacts().list(ArtifactKind::Tool)) {
            const auto edited = (*session)->edit(info.id, QStringLiteral("/approval"), QLatin1String(approval), QStringLiteral("t"));
            const auto committed = await((*session)->commit(info.id, QStringLiteral("t")));
            if (!edited || !committed)
                qFatal("could not prepare the project");
        }
        await((*session)->close());
        return path;
    }
    QJsonObject client(const QStringList &arguments)
    {
        QProcess node;
        node.start(nodeProgram(), QStringList{m_clients + QStringLiteral("/lathe_client.mjs")} + arguments);
        if (!node.waitForFinished(90'000))
            qFatal("the client did not end: %s", node.readAllStandardError().constData());
        const QByteArray err = node.readAllStandardError();
        const auto seen = json::parseObject(node.readAllStandardOutput().trimmed());
        if (!seen)
            qFatal("the client failed: %s", err.constData());
        return *seen;
    }
    struct Http {
        QString url;
        std::shared_ptr<QProcess> process; // asked to end with the last copy
    };
    Http serve(const QString &file)
    {
        Cli cli;
        Http http;
        http.process = std::shared_ptr<QProcess>(cli.start({QStringLiteral("mcp"), file, QStringLiteral("--http"), QStringLiteral("127.0.0.1:0"), QStringLiteral("--json")}).release(), [](QProcess *process) {
            process->terminate();
            process->waitForFinished(20'000);
            delete process;
        });
        if (!http.process->waitForReadyRead(30'000))
            qFatal("no address: %s", http.process->readAllStandardError().constData());
        const auto said = json::parseObject(http.process->readLine());
        http.url = said ? said->value(QStringLiteral("url")).toString() : QString();
        return http;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_clients = NodePrograms::prepare(QStringLiteral("mcp"), m_folder.path());
        if (m_clients.isEmpty())
            QSKIP("The npm packages are missing; packaging/install fetches them.");
    }

    void realClientsRunAndInspect_data()
    {
        QTest::addColumn<QString>("sdk");
        QTest::addColumn<bool>("http");
        for (const char *sdk : {"v1", "v2", "modern"}) {
            QTest::addRow("%s stdio", sdk) << QString::fromLatin1(sdk) << false;
            QTest::addRow("%s http", sdk) << QString::fromLatin1(sdk) << true;
        }
    }
    void realClientsRunAndInspect()
    {
        QFETCH(QString, sdk);
        QFETCH(bool, http);
        const QString file = project();
        Http server;
        if (http)
            server = serve(file);
        const QJsonObject seen = http ? client({sdk, QStringLiteral("http"), server.url}) : client({sdk, QStringLiteral("stdio"), Cli::program(), file});
        const QByteArray all = json::pretty(seen);
        const auto list = [&](const char *name) { return json::toStringList(seen.value(QLatin1String(name))); };
        QVERIFY2(list("tools").contains(QStringLiteral("triage")) && list("tools").contains(QStringLiteral("replay_run")), all.constData());
        QVERIFY2(!list("prompts").isEmpty() && list("templates").size() == 3, all.constData());
        const QJsonObject triage = seen.value(QStringLiteral("triage")).toObject();
        QCOMPARE(triage.value(QStringLiteral("status")).toString(), QStringLiteral("done"));
        QCOMPARE(triage.value(QStringLiteral("output")), seen.value(QStringLiteral("text")));
        QVERIFY2(!seen.value(QStringLiteral("progress")).toArray().isEmpty(), all.constData());
        QVERIFY2(seen.value(QStringLiteral("read")).toInt() > 0, all.constData());
        QVERIFY2(list("resources").contains(QStringLiteral("lathe://runs/%1").arg(triage.value(QStringLiteral("run")).toInteger())), all.constData());
        QCOMPARE(seen.value(QStringLiteral("runs")).toInt(), 1);
        QVERIFY2(seen.value(QStringLiteral("replay")).toBool(), all.constData());
        QVERIFY2(!list("completion").isEmpty(), all.constData());
        QCOMPARE(seen.value(QStringLiteral("approved")).toObject().value(QStringLiteral("status")).toString(), QStringLiteral("done"));
        QVERIFY2(seen.value(QStringLiteral("approved")).toObject().value(QStringLiteral("asked")).toInt() > 0, all.constData());
        QVERIFY2(seen.value(QStringLiteral("cancelled")).toString() != QLatin1String("answered"), all.constData());
        QVERIFY2(seen.value(QStringLiteral("stillRunning")).toInt(1) == 0 || sdk == QLatin1String("modern"), all.constData());
        QVERIFY2(!seen.value(QStringLiteral("changes")).toArray().isEmpty(), all.constData());
        QCOMPARE(seen.value(QStringLiteral("unknown")).toInt(), -32602);
    }

    // The harness's scenarios for servers. Most call tools, prompts and resources of a fixture that a project cannot have (test_image_content, ...);
    // those named here are about the server itself and must pass.
    void conformance_data()
    {
        QTest::addColumn<QStringList>("scenarios");
        const auto names = [](const char *text) { return QString::fromLatin1(text).split(u' '); };
        QTest::newRow("2025-11-25") << names("server-initialize ping completion-complete tools-list server-sse-multiple-streams resources-list prompts-list prompts-get-simple "
                                             "prompts-get-with-args dns-rebinding-protection server-session-lifecycle");
        QTest::newRow("2026-07-28") << names("completion-complete tools-list server-sse-multiple-streams resources-list sep-2164-resource-not-found prompts-list prompts-get-simple "
                                             "prompts-get-with-args dns-rebinding-protection caching "
                                             "input-required-result-unsupported-methods "
                                             "http-header-validation");
    }
    void conformance()
    {
        QFETCH(QStringList, scenarios);
        const QString file = project("always");
        {
            // The prompts that the harness asks for.
            auto session = Session::open(file, SessionOptions());
            QVERIFY(session.ok());
            const QJsonObject simple{{QStringLiteral("text"), QStringLiteral("This is a simple prompt for testing.")}};
            const QJsonObject filled = object("{\"text\":\"Prompt with arguments: arg1='{{arg1}}', arg2='{{arg2}}'\",\"variables\":[{\"name\":\"arg1\"},{\"name\":\"arg2\"}]}");
            QVERIFY(await((*session)->createArtifact(ArtifactKind::Prompt, QStringLiteral("test_simple_prompt"), simple)).ok());
            QVERIFY(await((*session)->createArtifact(ArtifactKind::Prompt, QStringLiteral("test_prompt_with_arguments"), filled)).ok());
            await((*session)->close());
        }
        const Http server = serve(file);
        QProcess harness;
        harness.setWorkingDirectory(m_folder.path());
        harness.setProcessChannelMode(QProcess::MergedChannels);
        harness.start(nodeProgram(), {NodePrograms::module(QStringLiteral("mcp"), QStringLiteral("@modelcontextprotocol/conformance/dist/index.js")), QStringLiteral("server"),
                                      QStringLiteral("--url"), server.url, QStringLiteral("--requirements"), QString::fromLatin1(QTest::currentDataTag())});
        QVERIFY(harness.waitForFinished(120'000));
        const QString said = QString::fromUtf8(harness.readAllStandardOutput());
        for (const QString &scenario : scenarios) {
            const QRegularExpression passed(QStringLiteral("\u2713 %1: [1-9]\\d* passed, 0 failed").arg(scenario));
            const QRegularExpression line(QStringLiteral("^.*[\u2713\u2717] %1.*$").arg(scenario), QRegularExpression::MultilineOption);
            QVERIFY2(passed.match(said).hasMatch(), qPrintable(scenario + QStringLiteral(": ") + line.match(said).captured()));
        }
        // Of these only the checks that call the fixture's tools fail.
        if (QLatin1String(QTest::currentDataTag()) == QLatin1String("2026-07-28"))
            QVERIFY2(said.contains(QStringLiteral("server-stateless: 24 passed, 4 failed")), qPrintable(said.right(4000)));
    }

    void stdoutCarriesOnlyTheProtocol()
    {
        const CliResult done = Cli().run({QStringLiteral("mcp"), project()},
                                         "not json\n"
                                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}\n"
                                         "\n"
                                         "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"
                                         "{\"jsonrpc\":\"2.0\",\"id\":\"two\",\"method\":\"tools/call\",\"params\":{\"name\":\"triage\",\"arguments\":{\"input\":\"It crashes.\"}}}\n");
        QCOMPARE(done.exitCode, 0);
        const auto lines = done.out.trimmed().split('\n');
        for (const QByteArray &line : lines)
            QVERIFY2(json::parseObject(line).ok(), line.constData());
        const auto objects = done.lines();
        QCOMPARE(objects.front().value(QStringLiteral("error")).toObject().value(QStringLiteral("code")).toInt(), -32700);
        bool answered = false;
        for (const QJsonObject &message : objects)
            answered = answered || (message.value(QStringLiteral("id")).toString() == QLatin1String("two") && message.contains(QStringLiteral("result")));
        QVERIFY(answered); // though the input was closed meanwhile
    }

    void aReadOnlyProjectOffersNoAgents()
    {
        const QString file = project();
        // Written by a Lathe of tomorrow.
        QProcess sqlite;
        sqlite.start(QStringLiteral("sqlite3"), {file, QStringLiteral("pragma user_version=9999")});
        QVERIFY(sqlite.waitForFinished(30'000) && sqlite.exitCode() == 0);
        const CliResult done = Cli().run({QStringLiteral("mcp"), file},
                                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                                         "\"io.modelcontextprotocol/clientCapabilities\":{}}}}\n");
        QVERIFY2(done.exitCode == 0, done.err.constData());
        QCOMPARE(int(done.lines().front().value(QStringLiteral("result")).toObject().value(QStringLiteral("tools")).toArray().size()), 3);
    }

    void refusesToBeOpenToTheNetworkWithoutAToken()
    {
        const CliResult done = Cli().run({QStringLiteral("mcp"), project(), QStringLiteral("--http"), QStringLiteral("0.0.0.0:0")});
        QCOMPARE(done.exitCode, 2);
        QVERIFY(done.err.contains("--token"));
    }

    // mcp-add, tools and tool with a real server.
    void addsAServerAndCallsIt()
    {
        const QString file = project();
        const QString everything = NodePrograms::module(QStringLiteral("mcp"), QStringLiteral("@modelcontextprotocol/server-everything/dist/index.js"));
        const CliResult added = Cli().run({QStringLiteral("mcp-add"), file, QStringLiteral("--name"), QStringLiteral("every"), QStringLiteral("--json"), QStringLiteral("--"), nodeProgram(), everything,
                                           QStringLiteral("stdio")});
        QVERIFY2(added.exitCode == 0, added.err.constData());
        QVERIFY2(json::toStringList(added.lines().front().value(QStringLiteral("functions"))).contains(QStringLiteral("get-sum")), added.out.constData());
        const CliResult tools = Cli().run({QStringLiteral("tools"), file, QStringLiteral("--json")});
        QVERIFY(tools.exitCode == 0 && tools.out.contains("every__get-sum"));
        const QByteArray table = Cli().run({QStringLiteral("tools"), file}).out;
        QVERIFY(table.contains("every__echo"));
        QVERIFY2(table.contains("  asks each time  "), table.constData());
        const CliResult sum = Cli().run({QStringLiteral("tool"), file, QStringLiteral("every"), QStringLiteral("get-sum"), QStringLiteral("--args"), QStringLiteral("{\"a\":20,\"b\":22}"), QStringLiteral("--json")});
        QVERIFY2(sum.exitCode == 0, (sum.err + sum.out).constData());
        QVERIFY2(sum.lines().front().value(QStringLiteral("outcome")).toObject().value(QStringLiteral("text")).toString().contains(QStringLiteral("42")), sum.out.constData());
        const CliResult wrong = Cli().run({QStringLiteral("tool"), file, QStringLiteral("every"), QStringLiteral("get-sum"), QStringLiteral("--args"), QStringLiteral("{\"a\":\"x\"}")});
        QCOMPARE(wrong.exitCode, 1);
        QCOMPARE(Cli().run({QStringLiteral("tool"), file, QStringLiteral("every"), QStringLiteral("nothing")}).exitCode, 2);

        // Without a server there is no tool, and nothing is kept.
        const CliResult none = Cli().run({QStringLiteral("mcp-add"), file, QStringLiteral("no-such-program-lathe --x")});
        QVERIFY(none.exitCode != 0);
        QVERIFY(none.err.contains("no-such-program-lathe"));
        const CliResult offline = Cli().run({QStringLiteral("mcp-add"), file, QStringLiteral("{\"mcpServers\":{\"later\":{\"url\":\"https://example.invalid/mcp\"}}}"), QStringLiteral("--offline")});
        QVERIFY2(offline.exitCode == 0, offline.err.constData());
        const CliResult list = Cli().run({QStringLiteral("ls"), file, QStringLiteral("tool")});
        QVERIFY(list.out.contains("later") && !list.out.contains("no-such"));
    }
};

QTEST_GUILESS_MAIN(TestMcpCommand)
#include "tst_McpCommand.moc"
