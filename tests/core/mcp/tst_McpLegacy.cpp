// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/mcp/McpTesting.h"

#include <QSignalSpy>
#include <QTcpServer>

using namespace lathe;
using namespace lathe::test;

// The client against the reference servers of the era 2025-11-25: everything (stdio and HTTP), filesystem and memory.
class TestMcpLegacy : public BothTransports
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        prepare();
        m_stdioArgs = QStringList{m_servers.everything(), "stdio"};
        // It listens on all interfaces and cannot be told to choose its port: one that was free a moment ago.
        quint16 port = 0;
        {
            QTcpServer server;
            QVERIFY(server.listen(QHostAddress::LocalHost));
            port = server.serverPort();
        }
        const QString line = m_http.start({m_servers.everything(), "streamableHttp"}, {QStringLiteral("PORT=%1").arg(port)});
        QVERIFY2(!line.isEmpty(), "server-everything did not start");
        m_url = QStringLiteral("http://127.0.0.1:%1/mcp").arg(port);
        TestClient probe(httpConfig(m_url));
        for (int i = 0; i < 100 && !await(probe.client->connectNow(CancelToken())); ++i)
            QTest::qWait(100);
        QCOMPARE(probe.client->state(), McpClient::State::Ready);
    }

    void connects_data() { transports(); }
    void connects()
    {
        TestClient test(config());
        const auto info = await(test.client->connectNow(CancelToken()));
        QVERIFY2(info, info ? "" : qPrintable(info.error().message));
        QCOMPARE(info->era, McpEra::Legacy);
        QCOMPARE(info->protocolVersion, QStringLiteral("2025-11-25"));
        QVERIFY(info->capabilities.contains("tools"));
        // A former verdict spares the question.
        TestClient known(config(), [](McpClientOptions &options) { options.knownEra = McpEra::Legacy; });
        QVERIFY(await(known.client->connectNow(CancelToken())));
        QVERIFY(!known.logHolds("server/discover"));
        // A wrong one does no harm.
        TestClient wrong(config(), [](McpClientOptions &options) { options.knownEra = McpEra::Modern; });
        QVERIFY(await(wrong.client->connectNow(CancelToken())));
        QCOMPARE(wrong.client->server().era, McpEra::Legacy);
    }

    void everything_data() { transports(); }
    void everything()
    {
        TestClient test(config());
        const auto tools = await(test.client->listTools(CancelToken()));
        QVERIFY2(tools, tools ? "" : qPrintable(tools.error().message));
        const QStringList names = namesOf(*tools);
        for (const char *name : {"echo", "get-sum", "get-structured-content", "get-tiny-image", "trigger-long-running-operation"})
            QVERIFY2(names.contains(QLatin1String(name)), name);
        QVERIFY(!names.contains("trigger-elicitation-request")); // nobody can be asked
        QCOMPARE(test.text("echo", {{"message", "hi"}}), QStringLiteral("Echo: hi"));
        QVERIFY(test.text("get-sum", {{"a", 2}, {"b", 40}}).contains("42"));
        QVERIFY(test.text("get-tiny-image").contains("[image: image/png"));
        const auto structured = test.call("get-structured-content", {{"location", "New York"}});
        QVERIFY2(structured, structured ? "" : qPrintable(structured.error().message));
        QVERIFY(structured->structured.toObject().contains("temperature"));
        QVERIFY(test.text("get-resource-reference", {{"resourceType", "Text"}, {"resourceId", 1}}).contains("[resource "));
        QVERIFY(test.text("get-resource-links", {{"count", 2}}).contains("[link to the resource "));
        // Only as a task: refused in words.
        const auto task = test.call("simulate-research-query", {{"topic", "x"}});
        QVERIFY(!task);
        QVERIFY2(task.error().message.contains("background task"), qPrintable(task.error().message));
        const auto bad = test.call("get-sum", {{"a", "x"}});
        QVERIFY(!bad || bad->isError);

        const auto resources = await(test.client->listResources(CancelToken()));
        QVERIFY(resources);
        QVERIFY(resources->size() >= 7);
        QVERIFY(resources->back().isTemplate);
        const auto contents = await(test.client->readResource(resources->front().uri, CancelToken()));
        QVERIFY(contents);
        QVERIFY(!contents->front().text.isEmpty() || !contents->front().blob.isEmpty());
        QVERIFY(!await(test.client->readResource("nothing://here", CancelToken())));
        const auto prompts = await(test.client->listPrompts(CancelToken()));
        QVERIFY(prompts);
        QCOMPARE(prompts->size(), size_t(4));
        const auto messages = await(test.client->getPrompt("args-prompt", {{"city", "Berlin"}}, CancelToken()));
        QVERIFY2(messages, messages ? "" : qPrintable(messages.error().message));
        QVERIFY(messages->front().content.value("text").toString().contains("Berlin"));
        const auto values = await(test.client->complete({{"type", "ref/prompt"}, {"name", "completable-prompt"}}, "department", "E", CancelToken()));
        QVERIFY2(values, values ? "" : qPrintable(values.error().message));
        QCOMPARE(*values, QStringList{"Engineering"});
    }

    void progress_data() { transports(); }
    void progress()
    {
        TestClient test(config());
        QList<double> seen;
        McpCallOptions options;
        options.progress = [&seen](double at, std::optional<double>, const QString &) { seen.append(at); };
        const QString text = test.text("trigger-long-running-operation", {{"duration", 0.4}, {"steps", 4}}, options);
        QVERIFY2(text.contains("completed"), qPrintable(text));
        QCOMPARE(seen, QList<double>({1, 2, 3, 4}));
    }

    // Over time, but not while there are signs of life.
    void progressKeepsAlive()
    {
        TestClient test(m_servers.stdio(m_stdioArgs));
        McpCallOptions options;
        options.seconds = 3;
        const QString text = test.text("trigger-long-running-operation", {{"duration", 5}, {"steps", 5}}, options);
        QVERIFY2(text.contains("completed"), qPrintable(text));
        const auto silent = test.call("trigger-long-running-operation", {{"duration", 30}, {"steps", 1}}, options);
        QVERIFY(!silent);
        QCOMPARE(silent.error().kind, ErrorKind::Timeout);
    }

    void asksThePerson_data() { transports(); }
    void asksThePerson()
    {
        const auto seen = std::make_shared<QList<QJsonObject>>();
        McpServerConfig server = config();
        server.samplingModel = QStringLiteral("x/y");
        server.roots = QStringList{m_servers.folder()};
        TestClient test(server, [&](McpClientOptions &options) {
            options.handlers = answering(object("{'action':'accept','content':{'name':'Ada'}}"), seen);
            options.handlers.sample = [](QJsonObject request, CancelToken) -> Task<Result<QJsonObject>> {
                QJsonObject result{{"role", "assistant"}, {"model", "y"}, {"content", QJsonObject{{"type", "text"}, {"text", "sampled " + QString::number(request.value("maxTokens").toInt())}}}};
                co_return result;
            };
        });
        const auto tools = await(test.client->listTools(CancelToken()));
        QVERIFY2(tools, tools ? "" : qPrintable(tools.error().message));
        for (const char *name : {"get-roots-list", "trigger-elicitation-request", "trigger-url-elicitation", "trigger-sampling-request"})
            QVERIFY2(namesOf(*tools).contains(QLatin1String(name)), name);
        const QString form = test.text("trigger-elicitation-request");
        QVERIFY2(form.contains("Ada"), qPrintable(form));
        QCOMPARE(seen->size(), 1);
        QVERIFY(seen->at(0).value("requestedSchema").toObject().contains("properties"));
        // What has a default and was left out was given it.
        QVERIFY2(form.contains("dark and stormy night"), qPrintable(form));
        QVERIFY(test.text("trigger-sampling-request", {{"prompt", "say"}, {"maxTokens", 12}}).contains("sampled 12"));
        QVERIFY(test.text("get-roots-list").contains(m_servers.folder()));
        // The call's own person comes first.
        McpCallOptions options;
        options.handlers = answering(object("{'action':'decline'}"));
        const QString declined = test.text("trigger-elicitation-request", {}, options);
        QVERIFY2(declined.contains("declined", Qt::CaseInsensitive), qPrintable(declined));
        const QString page = test.text("trigger-url-elicitation", {{"url", "https://example.com/sign"}});
        QVERIFY2(!page.startsWith("error"), qPrintable(page));
        QCOMPARE(seen->back().value("mode").toString(), QStringLiteral("url"));
    }

    void cancels_data() { transports(); }
    void cancels()
    {
        TestClient test(config());
        QVERIFY(await(test.client->connectNow(CancelToken())));
        CancelSource source;
        const QJsonObject arguments{{"duration", 60}, {"steps", 600}};
        bool isUnderWay = false;
        McpCallOptions options;
        options.progress = [&isUnderWay](double, std::optional<double>, const QString &) { isUnderWay = true; };
        Later<Result<McpToolResult>> call(test.client->callTool("trigger-long-running-operation", arguments, options, source.token()));
        QTRY_VERIFY_WITH_TIMEOUT(isUnderWay, 30'000);
        source.cancel();
        QVERIFY(call.isDone());
        QCOMPARE((*call).error().kind, ErrorKind::Cancelled);
        QVERIFY(test.logHolds("notifications/cancelled"));
        QCOMPARE(test.text("echo", {{"message", "after"}}), QStringLiteral("Echo: after"));
    }

    // Who cancels a call while its server asks something is not left with the question.
    void cancelsTheQuestionToo_data() { transports(); }
    void cancelsTheQuestionToo()
    {
        const auto isOpen = std::make_shared<bool>(false);
        TestClient test(config(), [&](McpClientOptions &options) {
            options.handlers.elicit = [isOpen](QJsonObject, CancelToken cancel) -> Task<Result<QJsonObject>> {
                *isOpen = true;
                co_await untilCancelled(cancel);
                *isOpen = false;
                co_return Error::cancelled();
            };
        });
        CancelSource source;
        Later<Result<McpToolResult>> call(test.client->callTool("trigger-elicitation-request", {}, McpCallOptions(), source.token()));
        QTRY_VERIFY_WITH_TIMEOUT(*isOpen, 20'000);
        source.cancel();
        QVERIFY(call.isDone());
        QVERIFY(!*isOpen);
        QCOMPARE(test.text("echo", {{"message", "after"}}), QStringLiteral("Echo: after"));
    }

    void logging_data() { transports(); }
    void logging()
    {
        TestClient test(config());
        QSignalSpy logged(test.client.get(), &McpClient::logged);
        test.text("toggle-simulated-logging");
        const auto hasServerLine = [&] {
            const auto lines = test.client->log();
            return std::any_of(lines.begin(), lines.end(), [](const McpLogLine &line) { return line.source == McpLogLine::Source::Server && !line.level.isEmpty(); });
        };
        QTRY_VERIFY_WITH_TIMEOUT(hasServerLine(), 20'000);
        QVERIFY(logged.count() > 0);
    }

    void resourceUpdates_data() { transports(); }
    void resourceUpdates()
    {
        TestClient test(config());
        const auto resources = await(test.client->listResources(CancelToken()));
        QVERIFY(resources);
        const QString uri = resources->front().uri;
        const auto subscribed = await(test.client->subscribeResource(uri, true, CancelToken()));
        QVERIFY2(subscribed, subscribed ? "" : qPrintable(subscribed.error().message));
        QSignalSpy changed(test.client.get(), &McpClient::resourceChanged);
        test.text("toggle-subscriber-updates");
        QVERIFY(changed.count() > 0 || changed.wait(20'000));
        QCOMPARE(changed.at(0).at(0).toString(), uri);
        QVERIFY(await(test.client->subscribeResource(uri, false, CancelToken())));
    }

    void filesystem()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath("hello.txt"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("content");
        file.close();
        TestClient test(m_servers.stdio({m_servers.module("@modelcontextprotocol/server-filesystem/dist/index.js"), folder.path()}));
        const auto tools = await(test.client->listTools(CancelToken()));
        QVERIFY(tools);
        QCOMPARE(tools->size(), size_t(14));
        QVERIFY(std::all_of(tools->begin(), tools->end(), [](const McpTool &tool) { return !tool.outputSchema.isEmpty(); }));
        const auto read = test.call("read_text_file", {{"path", folder.filePath("hello.txt")}});
        QVERIFY(read);
        QCOMPARE(read->text(), QStringLiteral("content"));
        QCOMPARE(read->structured.toObject().value("content").toString(), QStringLiteral("content"));
        const auto outside = test.call("read_text_file", {{"path", "/etc/passwd"}});
        QVERIFY(outside && outside->isError);
    }

    void rootsOfTheClient()
    {
        QTemporaryDir one, two;
        McpServerConfig server = m_servers.stdio({m_servers.module("@modelcontextprotocol/server-filesystem/dist/index.js")});
        server.roots = QStringList{one.path()};
        TestClient test(server);
        QVERIFY(await(test.client->connectNow(CancelToken())));
        QTRY_VERIFY_WITH_TIMEOUT(test.text("list_allowed_directories").contains(one.path()), 30'000);
        test.client->setRoots({two.path()});
        QTRY_VERIFY_WITH_TIMEOUT(test.text("list_allowed_directories").contains(two.path()), 30'000);
        QVERIFY(!test.text("list_allowed_directories").contains(one.path()));
    }

    void memory()
    {
        McpServerConfig server = m_servers.stdio({m_servers.module("@modelcontextprotocol/server-memory/dist/index.js")});
        server.env = QJsonObject{{"MEMORY_FILE_PATH", m_servers.folder() + "/{{secret:FILE}}.jsonl"}};
        TestClient test(server, [](McpClientOptions &options) {
            options.secret = [](const QString &name) { return name == QLatin1String("FILE") ? QStringLiteral("hidden-name") : QString(); };
        });
        QCOMPARE(await(test.client->listTools(CancelToken()))->size(), size_t(9));
        test.text("create_entities", object("{'entities':[{'name':'Ada','entityType':'person','observations':['wrote the first program']}]}"));
        QVERIFY(QFile::exists(m_servers.folder() + "/hidden-name.jsonl")); // the environment holds the secret's value
        QVERIFY(test.text("search_nodes", {{"query", "Ada"}}).contains("first program"));
        QVERIFY(!test.logHolds("hidden-name"));
        // Without the secret it is not even started.
        TestClient without(server);
        const auto refused = without.call("read_graph");
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Auth);
        QVERIFY(refused.error().message.contains("FILE"));
    }

    // Nothing of our environment reaches the program but what every program needs.
    void environment()
    {
        qputenv("LATHE_TEST_KEY", "very-secret-value");
        TestClient test(m_servers.stdio(m_stdioArgs));
        const QString text = test.text("get-env");
        QVERIFY(text.contains("PATH"));
        QVERIFY(!text.contains("very-secret-value"));
    }

    void parallelCalls_data() { transports(); }
    void parallelCalls()
    {
        TestClient test(config());
        QVERIFY(await(test.client->connectNow(CancelToken())));
        std::vector<Task<Result<McpToolResult>>> calls;
        for (int i = 0; i < 20; ++i)
            calls.push_back(test.client->callTool("echo", {{"message", QString::number(i)}}, McpCallOptions(), CancelToken()));
        const auto results = await(whenAll(std::move(calls)));
        for (int i = 0; i < 20; ++i)
            QCOMPARE(results[size_t(i)]->text(), QStringLiteral("Echo: %1").arg(i));
    }
};

QTEST_GUILESS_MAIN(TestMcpLegacy)
#include "tst_McpLegacy.moc"
