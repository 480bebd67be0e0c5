// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that MCP clients start: their results, the questions they ask, and how they end.
#include "tests/core/server/McpServerTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
const QJsonObject canElicit = object("{'elicitation':{}}");
const QJsonObject question = object("{'input':'How many feedback entries are there?'}");
}

class TestMcpServerRuns : public McpServerFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init() { openProject(); }
    void cleanup() { closeProject(); }

    void runsAnAgentAndShowsTheRun_data()
    {
        QTest::addColumn<bool>("isModern");
        QTest::newRow("legacy") << false;
        QTest::newRow("modern") << true;
    }
    void runsAnAgentAndShowsTheRun()
    {
        QFETCH(bool, isModern);
        setApproval("always");
        auto client = newClient();
        if (!isModern)
            client.initialize();
        const auto params = [&](QJsonObject plain) { return isModern ? modern(std::move(plain)) : plain; };
        QJsonObject call = toolCall("triage", object("{'input':'The app crashes when I export a report.'}"));
        call.insert(QStringLiteral("_meta"), QJsonObject{{QStringLiteral("progressToken"), QStringLiteral("p1")}});
        const QJsonObject done = client.call(QStringLiteral("tools/call"), params(call));
        QVERIFY2(!done.value(QStringLiteral("isError")).toBool(), json::compact(done).constData());
        const QJsonObject structured = done.value(QStringLiteral("structuredContent")).toObject();
        QCOMPARE(structured.value(QStringLiteral("status")).toString(), QStringLiteral("done"));
        QVERIFY(!structured.value(QStringLiteral("output")).toString().isEmpty());
        QCOMPARE(done.value(QStringLiteral("content")).toArray().first().toObject().value(QStringLiteral("text")), structured.value(QStringLiteral("output")));
        const qint64 run = structured.value(QStringLiteral("run")).toInteger();
        const QString uri = QStringLiteral("lathe://runs/%1").arg(run);
        QCOMPARE(done.value(QStringLiteral("content")).toArray().last().toObject().value(QStringLiteral("uri")).toString(), uri);
        double last = -1;
        const auto progress = client.of("notifications/progress");
        QVERIFY(!progress.empty());
        for (const QJsonObject &message : progress) {
            QCOMPARE(message.value(QStringLiteral("params")).toObject().value(QStringLiteral("progressToken")).toString(), QStringLiteral("p1"));
            const double now = message.value(QStringLiteral("params")).toObject().value(QStringLiteral("progress")).toDouble();
            QVERIFY(now > last);
            last = now;
        }

        const QJsonObject listed = client.call(QStringLiteral("tools/call"), params(toolCall("list_runs", object("{\"query\":\"agent:triage\"}"))));
        QCOMPARE(listed.value(QStringLiteral("structuredContent")).toObject().value(QStringLiteral("runs")).toArray().first().toObject().value(QStringLiteral("run")).toInteger(), run);
        const QJsonObject wrong = client.call(QStringLiteral("tools/call"), params(toolCall("list_runs", object("{\"query\":\"cost>abc\"}"))));
        QVERIFY(wrong.value(QStringLiteral("isError")).toBool());
        for (const char *format : {"outline", "markdown", "json"}) {
            const QJsonObject got = client.call(QStringLiteral("tools/call"), params(toolCall("get_run", QJsonObject{{QStringLiteral("run"), run}, {QStringLiteral("format"), QLatin1String(format)}})));
            QVERIFY(got.value(QStringLiteral("content")).toArray().first().toObject().value(QStringLiteral("text")).toString().contains(QStringLiteral("chat")));
        }
        const QJsonObject replayed = client.call(QStringLiteral("tools/call"), params(toolCall("replay_run", QJsonObject{{QStringLiteral("run"), run}})));
        QVERIFY2(replayed.value(QStringLiteral("structuredContent")).toObject().value(QStringLiteral("same")).toBool(), json::compact(replayed).constData());

        const QJsonObject read = client.call(QStringLiteral("resources/read"), params(QJsonObject{{QStringLiteral("uri"), uri}}));
        const auto whole = json::parseObject(read.value(QStringLiteral("contents")).toArray().first().toObject().value(QStringLiteral("text")).toString().toUtf8());
        QVERIFY(whole.ok());
        QCOMPARE(whole->value(QStringLiteral("run")).toInteger(), run);
        QVERIFY(!whole->value(QStringLiteral("trace")).toArray().isEmpty());
        const QJsonObject text = client.call(QStringLiteral("resources/read"), params(QJsonObject{{QStringLiteral("uri"), uri + QStringLiteral(".md")}}));
        QVERIFY(text.value(QStringLiteral("contents")).toArray().first().toObject().value(QStringLiteral("text")).toString().startsWith(QStringLiteral("# Run ")));
        if (!isModern)
            QCOMPARE(client.refusal(QStringLiteral("resources/read"), QJsonObject{{QStringLiteral("uri"), QStringLiteral("lathe://runs/424242")}}), -32002);
    }

    void missingArgumentsAreToldToTheModel()
    {
        auto client = newClient(McpServerPeer::Kind::Stateless);
        const QJsonObject done = client.call(QStringLiteral("tools/call"), modern(toolCall("triage", {})));
        QVERIFY(done.value(QStringLiteral("isError")).toBool());
        QVERIFY(done.value(QStringLiteral("content")).toArray().first().toObject().value(QStringLiteral("text")).toString().contains(QStringLiteral("missing")));
        QCOMPARE(m_session->project().runs().count(), 0);
    }

    // What each approval comes to: without somebody to ask the policy decides (deny), with somebody the answer does.
    void approvalsGoToTheClient_data()
    {
        QTest::addColumn<bool>("isModern");
        QTest::addColumn<bool>("canAsk");
        QTest::addColumn<QJsonObject>("answer");
        QTest::addColumn<bool>("approved");
        const QJsonObject yes = object("{\"action\":\"accept\",\"content\":{\"decision\":\"approve_for_this_run\"}}");
        const QJsonObject no = object("{\"action\":\"accept\",\"content\":{\"decision\":\"deny\",\"reason\":\"not today\"}}");
        for (const bool isModern : {false, true}) {
            const char *era = isModern ? "modern" : "legacy";
            QTest::addRow("%s, nobody to ask", era) << isModern << false << QJsonObject() << false;
            QTest::addRow("%s, approved", era) << isModern << true << yes << true;
            QTest::addRow("%s, denied", era) << isModern << true << no << false;
            QTest::addRow("%s, card closed", era) << isModern << true << object("{\"action\":\"cancel\"}") << false;
            QTest::addRow("%s, accepted without a word", era) << isModern << true << object("{\"action\":\"accept\"}") << false;
            QTest::addRow("%s, nonsense", era) << isModern << true << object("{\"action\":\"accept\",\"content\":{\"decision\":true}}") << false;
        }
    }
    void approvalsGoToTheClient()
    {
        QFETCH(bool, isModern);
        QFETCH(bool, canAsk);
        QFETCH(QJsonObject, answer);
        QFETCH(bool, approved);
        setApproval("ask");
        auto client = newClient();
        const QJsonObject capabilities = canAsk ? canElicit : QJsonObject();
        if (!isModern)
            client.initialize(capabilities);
        QJsonObject call = toolCall("analyst", question);
        int id = client.ask(QStringLiteral("tools/call"), isModern ? modern(call, capabilities) : call);
        int questions = 0;
        size_t read = 0;
        for (;;) {
            if (isModern) {
                const QJsonObject result = client.result(id);
                if (result.value(QStringLiteral("resultType")).toString() != QLatin1String("input_required"))
                    break;
                const QJsonObject requests = result.value(QStringLiteral("inputRequests")).toObject();
                QVERIFY(!requests.isEmpty());
                QJsonObject responses;
                for (auto it = requests.begin(); it != requests.end(); ++it) {
                    QCOMPARE(it.value().toObject().value(QStringLiteral("method")).toString(), QStringLiteral("elicitation/create"));
                    QVERIFY(it.value().toObject().value(QStringLiteral("params")).toObject().value(QStringLiteral("message")).toString().contains(QStringLiteral("wants to use")));
                    responses.insert(it.key(), answer);
                    ++questions;
                }
                const QJsonValue state = result.value(QStringLiteral("requestState"));
                // Changed in any way it is nobody's.
                QJsonObject tampered = call;
                tampered.insert(QStringLiteral("inputResponses"), responses);
                tampered.insert(QStringLiteral("requestState"), state.toString() + QLatin1Char('x'));
                QCOMPARE(client.refusal(QStringLiteral("tools/call"), modern(tampered, capabilities)), -32602);
                tampered.insert(QStringLiteral("requestState"), state);
                tampered.insert(QStringLiteral("arguments"), object("{\"input\":\"something else\"}"));
                QCOMPARE(client.refusal(QStringLiteral("tools/call"), modern(tampered, capabilities)), -32602);
                QJsonObject retry = call;
                retry.insert(QStringLiteral("inputResponses"), responses);
                retry.insert(QStringLiteral("requestState"), state);
                id = client.ask(QStringLiteral("tools/call"), modern(retry, capabilities));
            } else {
                QVERIFY(QTest::qWaitFor([&] { return client.answerTo(id) || client.of("elicitation/create").size() > read; }, 30'000));
                if (client.answerTo(id))
                    break;
                const QJsonObject asked = client.of("elicitation/create")[read++];
                ++questions;
                client.give(QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("id"), asked.value(QStringLiteral("id"))}, {QStringLiteral("result"), answer}});
            }
        }
        const QJsonObject done = client.result(id);
        QVERIFY2((questions > 0) == canAsk, qPrintable(QString::number(questions)));
        const qint64 run = done.value(QStringLiteral("structuredContent")).toObject().value(QStringLiteral("run")).toInteger();
        const auto trace = await(m_session->trace(RunId{run}, CancelToken()));
        QVERIFY(trace.ok());
        int refused = 0, called = 0;
        for (const Step &step : trace->steps()) {
            if (step.kind != StepKind::Tool)
                continue;
            ++called;
            bool denied = step.status == StepStatus::Failed;
            for (const StepNote &note : step.notes)
                denied = denied || note.name.contains(QLatin1String("denied"));
            refused += denied ? 1 : 0;
        }
        QVERIFY(called > 0);
        QVERIFY2((refused == 0) == approved, json::compact(done).constData());
    }

    // (A waiting run of the modern era has no request: the next test.)
    void cancellingStopsTheRun()
    {
        setApproval("ask");
        auto client = newClient();
        client.initialize(canElicit);
        const int id = client.ask(QStringLiteral("tools/call"), toolCall("analyst", question));
        QTRY_VERIFY_WITH_TIMEOUT(!client.of("elicitation/create").empty(), 30'000);
        QVERIFY(!m_session->running().empty());
        client.notify(QStringLiteral("notifications/cancelled"), QJsonObject{{QStringLiteral("requestId"), id}});
        QTRY_VERIFY_WITH_TIMEOUT(m_session->running().empty(), 30'000);
        QVERIFY(!client.answerTo(id)); // a cancelled request is not answered
        QCOMPARE(client.peer.underWay(), 0);
    }

    void aRunThatNobodyComesBackForIsStopped()
    {
        setApproval("ask");
        m_runs->setPatience(1);
        auto client = newClient(McpServerPeer::Kind::Stateless);
        const QJsonObject asked = client.call(QStringLiteral("tools/call"), modern(toolCall("analyst", question), canElicit));
        QCOMPARE(asked.value(QStringLiteral("resultType")).toString(), QStringLiteral("input_required"));
        QVERIFY(!m_session->running().empty());
        QTRY_VERIFY_WITH_TIMEOUT(m_session->running().empty(), 30'000);
    }

    void aPeerMayGoInTheMiddle()
    {
        setApproval("ask");
        auto client = std::make_unique<McpServerClient>(m_offer.get(), m_runs.get(), McpServerPeer::Kind::Stream);
        client->initialize(canElicit);
        client->ask(QStringLiteral("tools/call"), toolCall("analyst", question));
        QTRY_VERIFY_WITH_TIMEOUT(!client->of("elicitation/create").empty(), 30'000);
        client.reset();
        QTRY_VERIFY_WITH_TIMEOUT(m_session->running().empty(), 30'000);
    }
};

QTEST_GUILESS_MAIN(TestMcpServerRuns)
#include "tst_McpServerRuns.moc"
