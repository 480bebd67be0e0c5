// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/mcp/McpTesting.h"

#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

// The client against a real server of the era 2026-07-28 (tests/support/mcp/modern.mjs, SDK v2), over stdio and over HTTP.
class TestMcpModern : public BothTransports
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        prepare();
        m_stdioArgs = QStringList{m_servers.script("modern.mjs"), "stdio"};
        m_url = m_http.start({m_servers.script("modern.mjs"), "http"});
        QVERIFY2(m_url.startsWith("http://"), qPrintable(m_url));
    }

    void connects_data() { transports(); }
    void connects()
    {
        TestClient test(config());
        QCOMPARE(test.client->state(), McpClient::State::Idle);
        const auto info = await(test.client->connectNow(CancelToken()));
        QVERIFY2(info, info ? "" : qPrintable(info.error().message));
        QCOMPARE(info->era, McpEra::Modern);
        QCOMPARE(info->protocolVersion, QStringLiteral("2026-07-28"));
        QCOMPARE(info->name, QStringLiteral("modern"));
        QCOMPARE(info->title, QStringLiteral("A modern server"));
        QCOMPARE(info->instructions, QStringLiteral("Be kind."));
        QCOMPARE(test.client->state(), McpClient::State::Ready);
        await(test.client->close());
        QCOMPARE(test.client->state(), McpClient::State::Closed);
        QCOMPARE(test.text("echo", {{"text", "again"}}), QStringLiteral("again")); // connects with the next use
    }

    void lists_data() { transports(); }
    void lists()
    {
        QFETCH(bool, http);
        TestClient test(config());
        const auto tools = await(test.client->listTools(CancelToken()));
        QVERIFY2(tools, tools ? "" : qPrintable(tools.error().message));
        QStringList expected{"echo", "meta", "sum", "number", "slow", "wait", "cancelled", "deploy", "toggle", "region", "broken-header", "fails"};
        if (http) {
            expected.removeOne("broken-header");
            QVERIFY(test.logHolds("broken-header"));
        }
        QCOMPARE(namesOf(*tools), expected); // three pages
        QCOMPARE(tools->at(2).outputSchema.value("type").toString(), QStringLiteral("object"));
        const auto resources = await(test.client->listResources(CancelToken()));
        QVERIFY(resources);
        QCOMPARE(resources->size(), size_t(2));
        QVERIFY(!resources->at(0).isTemplate && resources->at(1).isTemplate);
        const auto prompts = await(test.client->listPrompts(CancelToken()));
        QVERIFY(prompts);
        QCOMPARE(prompts->at(0).arguments.at(0).name, QStringLiteral("who"));
        QVERIFY(prompts->at(0).arguments.at(0).required);
        const auto contents = await(test.client->readResource("test://one", CancelToken()));
        QVERIFY(contents);
        QCOMPARE(contents->at(0).text, QStringLiteral("one"));
        const auto messages = await(test.client->getPrompt("greet", {{"who", "Ada"}}, CancelToken()));
        QVERIFY(messages);
        QCOMPARE(messages->at(0).content.value("text").toString(), QStringLiteral("Hello Ada"));
    }

    void calls_data() { transports(); }
    void calls()
    {
        TestClient test(config());
        QCOMPARE(test.text("echo", {{"text", QStringLiteral("ä\nb")}}), QStringLiteral("ä\nb"));
        const auto sum = test.call("sum", {{"a", 2}, {"b", 3}});
        QVERIFY(sum);
        QCOMPARE(sum->structured.toObject().value("sum").toInt(), 5);
        const auto number = test.call("number");
        QVERIFY(number);
        QCOMPARE(number->structured.toInt(), 7); // any JSON value
        const auto fails = test.call("fails");
        QVERIFY(fails);
        QVERIFY(fails->isError);
        QCOMPARE(fails->text(), QStringLiteral("it went wrong"));
        const auto unknown = test.call("nothing");
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().kind, ErrorKind::InvalidInput);
        QCOMPARE(test.text("region", {{"region", QStringLiteral("Köln")}, {"note", "x"}}), QStringLiteral("Köln")); // the server compares the header
    }

    void metaOfRequests_data() { transports(); }
    void metaOfRequests()
    {
        TestClient test(config());
        McpCallOptions options;
        options.traceparent = QStringLiteral("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        const auto meta = json::parseObject(test.text("meta", {}, options).toUtf8());
        QVERIFY(meta);
        QCOMPARE(meta->value("traceparent").toString(), options.traceparent);
        QVERIFY(meta->contains("progressToken"));
        QCOMPARE(meta->value("io.modelcontextprotocol/protocolVersion").toString(), QStringLiteral("2026-07-28"));
        QCOMPARE(meta->value("io.modelcontextprotocol/clientInfo").toObject().value("name").toString(), QStringLiteral("lathe"));
        // Nobody can be asked: nothing is declared.
        QCOMPARE(meta->value("io.modelcontextprotocol/clientCapabilities").toObject(), QJsonObject());
        options.handlers = answering({});
        const auto more = json::parseObject(test.text("meta", {}, options).toUtf8());
        QVERIFY(more->value("io.modelcontextprotocol/clientCapabilities").toObject().contains("elicitation"));
    }

    void progress_data() { transports(); }
    void progress()
    {
        TestClient test(config());
        QStringList seen;
        McpCallOptions options;
        options.progress = [&seen](double at, std::optional<double> total, const QString &message) {
            seen.append(QStringLiteral("%1/%2 %3").arg(at).arg(total.value_or(-1)).arg(message));
        };
        QCOMPARE(test.text("slow", {{"steps", 3}}, options), QStringLiteral("done"));
        QCOMPARE(seen, QStringList({"1/3 step 1", "2/3 step 2", "3/3 step 3"}));
    }

    void asksBack_data() { transports(); }
    void asksBack()
    {
        TestClient test(config());
        const auto seen = std::make_shared<QList<QJsonObject>>();
        McpCallOptions options;
        options.handlers = answering(object("{'action':'accept','content':{'sure':true}}"), seen);
        const auto answer = json::parseObject(test.text("deploy", {{"env", "prod"}}, options).toUtf8());
        QVERIFY(answer);
        QVERIFY2(answer->value("state").toBool(), "the state came back changed");
        QCOMPARE(answer->value("reply").toObject(), object("{'action':'accept','content':{'reason':'because','sure':true}}"));
        QCOMPARE(seen->size(), 1);
        QCOMPARE(seen->at(0).value("message").toString(), QStringLiteral("Deploy to prod?"));
        // Nobody is there: the server does not offer it, or the call says so.
        QVERIFY(test.text("deploy", {{"env", "prod"}}).startsWith("error: "));
    }

    void cancelling_data() { transports(); }
    void cancelling()
    {
        TestClient test(config());
        const int before = test.text("cancelled").toInt();
        CancelSource source;
        Later<Result<McpToolResult>> call(test.client->callTool("wait", {}, McpCallOptions(), source.token()));
        QTRY_VERIFY_WITH_TIMEOUT(test.logHolds("notifications/progress"), 30'000);
        QVERIFY(!call.isDone());
        source.cancel();
        QVERIFY(call.isDone());
        QCOMPARE((*call).error().kind, ErrorKind::Cancelled);
        QTRY_COMPARE_WITH_TIMEOUT(test.text("cancelled").toInt(), before + 1, 30'000); // the server knows
        CancelSource gone;
        gone.cancel();
        const auto never = await(test.client->callTool("echo", {{"text", "x"}}, McpCallOptions(), gone.token()));
        QCOMPARE(never.error().kind, ErrorKind::Cancelled);
    }

    void timesOut_data() { transports(); }
    void timesOut()
    {
        TestClient test(config());
        McpCallOptions options;
        options.seconds = 1;
        const auto result = test.call("wait", {}, options);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Timeout);
        QVERIFY(result.error().message.contains("wait"));
        QCOMPARE(test.text("echo", {{"text", "still there"}}), QStringLiteral("still there"));
    }

    void listChanges_data() { transports(); }
    void listChanges()
    {
        TestClient test(config());
        QSignalSpy changed(test.client.get(), &McpClient::toolsChanged);
        QVERIFY(await(test.client->listTools(CancelToken())));
        QTRY_VERIFY_WITH_TIMEOUT(test.logHolds("subscriptions/acknowledged"), 30'000);
        QCOMPARE(test.text("toggle"), QStringLiteral("toggled"));
        QVERIFY(changed.count() > 0 || changed.wait(30'000));
        const auto tools = await(test.client->listTools(CancelToken()));
        QVERIFY(namesOf(*tools).contains("extra"));
        test.text("toggle");
    }

    void parallelCalls_data() { transports(); }
    void parallelCalls()
    {
        TestClient test(config());
        std::vector<Task<Result<McpToolResult>>> calls;
        for (int i = 0; i < 40; ++i)
            calls.push_back(test.client->callTool("echo", {{"text", QString::number(i)}}, McpCallOptions(), CancelToken()));
        const auto results = await(whenAll(std::move(calls)));
        for (int i = 0; i < 40; ++i)
            QCOMPARE(results[size_t(i)]->text(), QString::number(i));
    }

    void destroyedUnderway_data() { transports(); }
    void destroyedUnderway()
    {
        auto test = std::make_unique<TestClient>(config());
        Later<Result<McpToolResult>> early(test->client->callTool("wait", {}, McpCallOptions(), CancelToken()));
        test->client.reset(); // while it connects
        QVERIFY(early.isDone());
        QCOMPARE((*early).error().kind, ErrorKind::Cancelled);
        test = std::make_unique<TestClient>(config());
        QVERIFY(await(test->client->connectNow(CancelToken())));
        Later<Result<McpToolResult>> call(test->client->callTool("wait", {}, McpCallOptions(), CancelToken()));
        QTRY_VERIFY_WITH_TIMEOUT(test->logHolds("notifications/progress"), 30'000);
        test->client.reset();
        QVERIFY(call.isDone());
        QCOMPARE((*call).error().kind, ErrorKind::Cancelled);
        QTest::qWait(50);
    }
};

QTEST_GUILESS_MAIN(TestMcpModern)
#include "tst_McpModern.moc"
