// SPDX-License-Identifier: GPL-3.0-or-later
// The project as an MCP server, message by message, in both eras.
#include "core/base/Json.h"
#include "core/server/McpServerPeer.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"

#include <QPointer>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject parsed(const char *text)
{
    const auto object = json::parseObject(text);
    if (!object)
        qFatal("bad JSON in a test: %s", qPrintable(object.error().message));
    return *object;
}

// A client that keeps what it is sent.
struct Client {
    Client(McpServerOffer *offer, McpServerRuns *runs, McpServerPeer::Kind kind = McpServerPeer::Kind::Stream)
        : peer(offer, runs, kind, [this](const QJsonObject &message, int) { sent.push_back(message); })
    {
    }
    std::vector<QJsonObject> sent;
    std::vector<int> statuses;
    int lastId = 0;
    McpServerPeer peer;

    int ask(const QString &method, QJsonObject params = {})
    {
        const int id = ++lastId;
        give(QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("id"), id}, {QStringLiteral("method"), method}, {QStringLiteral("params"), params}});
        return id;
    }
    void give(const QJsonValue &message)
    {
        peer.receive(message, [this](const QJsonObject &answer, int status) {
            sent.push_back(answer);
            statuses.push_back(status);
        });
    }
    void notify(const QString &method, const QJsonObject &params)
    {
        give(QJsonObject{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("method"), method}, {QStringLiteral("params"), params}});
    }
    const QJsonObject *answerTo(int id) const
    {
        for (const QJsonObject &message : sent) {
            if (!message.contains(QLatin1String("method")) && message.value(QLatin1String("id")) == QJsonValue(id))
                return &message;
        }
        return nullptr;
    }
    std::vector<QJsonObject> of(const char *method) const
    {
        std::vector<QJsonObject> found;
        for (const QJsonObject &message : sent) {
            if (message.value(QLatin1String("method")).toString() == QLatin1String(method))
                found.push_back(message);
        }
        return found;
    }
    QJsonObject result(int id)
    {
        if (!QTest::qWaitFor([&] { return answerTo(id) != nullptr; }, 30'000))
            qFatal("no answer to %d", id);
        return answerTo(id)->value(QLatin1String("result")).toObject();
    }
    QJsonObject error(int id)
    {
        result(id);
        return answerTo(id)->value(QLatin1String("error")).toObject();
    }
    QJsonObject call(const QString &method, const QJsonObject &params = {}) { return result(ask(method, params)); }
    void initialize(const QJsonObject &capabilities = {}, const char *version = "2025-11-25")
    {
        call(QStringLiteral("initialize"), QJsonObject{{QStringLiteral("protocolVersion"), QLatin1String(version)},
                                                       {QStringLiteral("capabilities"), capabilities},
                                                       {QStringLiteral("clientInfo"), QJsonObject{{QStringLiteral("name"), QStringLiteral("test")}, {QStringLiteral("version"), QStringLiteral("1")}}}});
        notify(QStringLiteral("notifications/initialized"), {});
    }
};

// Params of the modern era.
QJsonObject modern(QJsonObject params = {}, const QJsonObject &capabilities = {})
{
    QJsonObject meta = params.value(QLatin1String("_meta")).toObject();
    meta.insert(QStringLiteral("io.modelcontextprotocol/protocolVersion"), QStringLiteral("2026-07-28"));
    meta.insert(QStringLiteral("io.modelcontextprotocol/clientCapabilities"), capabilities);
    params.insert(QStringLiteral("_meta"), meta);
    return params;
}

QJsonObject toolCall(const char *name, const QJsonObject &arguments)
{
    return QJsonObject{{QStringLiteral("name"), QLatin1String(name)}, {QStringLiteral("arguments"), arguments}};
}
}

class TestMcpServerPeer : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_number = 0;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<McpServerOffer> m_offer;
    std::unique_ptr<McpServerRuns> m_runs;

    const QJsonObject input{{QStringLiteral("input"), QStringLiteral("The app crashes when I export a report.")}};

    void setApproval(const char *approval)
    {
        for (const ArtifactInfo &info : m_session->project().artifacts().list(ArtifactKind::Tool)) {
            QVERIFY(m_session->edit(info.id, QStringLiteral("/approval"), QLatin1String(approval), QStringLiteral("t")).ok());
            QVERIFY(await(m_session->commit(info.id, QStringLiteral("t"))).ok());
        }
    }

private Q_SLOTS:
    void init()
    {
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_number));
        const auto made = await(Session::createProject(path, QStringLiteral("feedback-desk")));
        QVERIFY2(made.ok(), made ? "" : qPrintable(made.error().message));
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        m_session = std::move(*session);
        m_offer = std::make_unique<McpServerOffer>(m_session.get());
        m_runs = std::make_unique<McpServerRuns>(m_offer.get());
    }
    void cleanup()
    {
        m_runs.reset();
        m_offer.reset();
        m_session.reset();
    }

    void opensInTheLegacyEra()
    {
        Client client(m_offer.get(), m_runs.get());
        QCOMPARE(client.error(client.ask(QStringLiteral("tools/list"))).value(QStringLiteral("code")).toInt(), -32600);
        QVERIFY(client.answerTo(client.ask(QStringLiteral("ping")))->contains(QStringLiteral("result")));
        const QJsonObject opened = client.call(QStringLiteral("initialize"), parsed("{\"protocolVersion\":\"1999-01-01\",\"capabilities\":{}}"));
        QCOMPARE(opened.value(QStringLiteral("protocolVersion")).toString(), QStringLiteral("2025-11-25"));
        QCOMPARE(opened.value(QStringLiteral("serverInfo")).toObject().value(QStringLiteral("name")).toString(), QStringLiteral("lathe"));
        QVERIFY(opened.value(QStringLiteral("capabilities")).toObject().contains(QStringLiteral("tools")));
        QVERIFY(!opened.contains(QStringLiteral("resultType")));
        QCOMPARE(client.error(client.ask(QStringLiteral("initialize"), parsed("{\"protocolVersion\":\"2025-11-25\"}"))).value(QStringLiteral("code")).toInt(), -32600);
        QCOMPARE(client.error(client.ask(QStringLiteral("no/such"))).value(QStringLiteral("code")).toInt(), -32601);
        Client older(m_offer.get(), m_runs.get());
        QCOMPARE(older.call(QStringLiteral("initialize"), parsed("{\"protocolVersion\":\"2024-11-05\"}")).value(QStringLiteral("protocolVersion")).toString(), QStringLiteral("2024-11-05"));
    }

    void refusesWhatIsNoModernRequest_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QJsonObject>("params");
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("status");
        const QString discover = QStringLiteral("server/discover");
        QTest::newRow("no _meta") << discover << QJsonObject() << -32602 << 400;
        QTest::newRow("no capabilities") << discover << parsed("{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}") << -32602 << 400;
        QTest::newRow("unknown version") << discover
                                         << parsed("{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"v9\",\"io.modelcontextprotocol/clientCapabilities\":{}}}") << -32022 << 400;
        for (const char *removed : {"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "unknown/method"})
            QTest::newRow(removed) << QString::fromLatin1(removed) << modern() << -32601 << 404;
        QTest::newRow("no filter") << QStringLiteral("subscriptions/listen") << modern() << -32602 << 400;
        QTest::newRow("a cursor of nobody") << QStringLiteral("tools/list") << modern(parsed("{\"cursor\":\"abc\"}")) << -32602 << 200;
        QTest::newRow("no such resource") << QStringLiteral("resources/read") << modern(parsed("{\"uri\":\"lathe://runs/999999\"}")) << -32602 << 200;
        QTest::newRow("no such prompt") << QStringLiteral("prompts/get") << modern(parsed("{\"name\":\"none\"}")) << -32602 << 200;
        QTest::newRow("no such tool") << QStringLiteral("tools/call") << modern(parsed("{\"name\":\"none\"}")) << -32602 << 200;
        QTest::newRow("a state of nobody") << QStringLiteral("tools/call") << modern(parsed("{\"name\":\"triage\",\"arguments\":{},\"requestState\":\"abc\"}")) << -32602 << 200;
    }
    void refusesWhatIsNoModernRequest()
    {
        QFETCH(QString, method);
        QFETCH(QJsonObject, params);
        QFETCH(int, code);
        QFETCH(int, status);
        Client client(m_offer.get(), m_runs.get(), McpServerPeer::Kind::Stateless);
        const QJsonObject error = client.error(client.ask(method, params));
        QCOMPARE(error.value(QStringLiteral("code")).toInt(), code);
        QCOMPARE(client.statuses.back(), status);
        if (code == -32022)
            QCOMPARE(error.value(QStringLiteral("data")).toObject().value(QStringLiteral("requested")).toString(), QStringLiteral("v9"));
    }

    void noMessageBreaksIt_data()
    {
        QTest::addColumn<QJsonValue>("message");
        QTest::newRow("text") << QJsonValue(QStringLiteral("hello"));
        QTest::newRow("list") << QJsonValue(QJsonArray{1, 2});
        QTest::newRow("no version") << QJsonValue(parsed("{\"id\":1,\"method\":\"ping\"}"));
        QTest::newRow("method is a number") << QJsonValue(parsed("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}"));
        QTest::newRow("id is null") << QJsonValue(parsed("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}"));
        QTest::newRow("id is a list") << QJsonValue(parsed("{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"ping\"}"));
    }
    void noMessageBreaksIt()
    {
        QFETCH(QJsonValue, message);
        Client client(m_offer.get(), m_runs.get());
        client.give(message);
        QCOMPARE(int(client.sent.size()), 1);
        QCOMPARE(client.sent.front().value(QStringLiteral("error")).toObject().value(QStringLiteral("code")).toInt(), -32600);
        // Answers to nothing and unknown notifications are passed over.
        client.give(parsed("{\"jsonrpc\":\"2.0\",\"id\":\"lathe-1\",\"result\":{}}"));
        client.give(parsed("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/nonsense\"}"));
        client.give(parsed("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":77}}"));
        QCOMPARE(int(client.sent.size()), 1);
    }

    void offersAgentsAndWaysToLookAtRuns()
    {
        Client client(m_offer.get(), m_runs.get(), McpServerPeer::Kind::Stateless);
        const QJsonObject found = client.call(QStringLiteral("server/discover"), modern());
        QCOMPARE(found.value(QStringLiteral("resultType")).toString(), QStringLiteral("complete"));
        QCOMPARE(found.value(QStringLiteral("supportedVersions")).toArray(), QJsonArray{QStringLiteral("2026-07-28")});
        const QJsonObject list = client.call(QStringLiteral("tools/list"), modern());
        QVERIFY(list.value(QStringLiteral("ttlMs")).isDouble() && list.value(QStringLiteral("cacheScope")).isString());
        QSet<QString> names;
        for (const QJsonValue &value : list.value(QStringLiteral("tools")).toArray()) {
            const QJsonObject tool = value.toObject();
            names.insert(tool.value(QStringLiteral("name")).toString());
            QCOMPARE(tool.value(QStringLiteral("inputSchema")).toObject().value(QStringLiteral("type")).toString(), QStringLiteral("object"));
            QVERIFY(!tool.value(QStringLiteral("description")).toString().isEmpty());
        }
        QVERIFY(names.contains(QStringLiteral("triage")));
        for (const char *name : {"list_runs", "get_run", "replay_run"})
            QVERIFY(names.contains(QLatin1String(name)));
        QCOMPARE(names.size(), list.value(QStringLiteral("tools")).toArray().size()); // no name twice
    }

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
        Client client(m_offer.get(), m_runs.get());
        if (!isModern)
            client.initialize();
        const auto params = [&](QJsonObject plain) { return isModern ? modern(std::move(plain)) : plain; };
        QJsonObject call = toolCall("triage", input);
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

        const QJsonObject listed = client.call(QStringLiteral("tools/call"), params(toolCall("list_runs", parsed("{\"query\":\"agent:triage\"}"))));
        QCOMPARE(listed.value(QStringLiteral("structuredContent")).toObject().value(QStringLiteral("runs")).toArray().first().toObject().value(QStringLiteral("run")).toInteger(), run);
        const QJsonObject wrong = client.call(QStringLiteral("tools/call"), params(toolCall("list_runs", parsed("{\"query\":\"cost>abc\"}"))));
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
            QCOMPARE(client.error(client.ask(QStringLiteral("resources/read"), QJsonObject{{QStringLiteral("uri"), QStringLiteral("lathe://runs/424242")}})).value(QStringLiteral("code")).toInt(), -32002);
    }

    void missingArgumentsAreToldToTheModel()
    {
        Client client(m_offer.get(), m_runs.get(), McpServerPeer::Kind::Stateless);
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
        const QJsonObject yes = parsed("{\"action\":\"accept\",\"content\":{\"decision\":\"approve_for_this_run\"}}");
        const QJsonObject no = parsed("{\"action\":\"accept\",\"content\":{\"decision\":\"deny\",\"reason\":\"not today\"}}");
        for (const bool isModern : {false, true}) {
            const char *era = isModern ? "modern" : "legacy";
            QTest::addRow("%s, nobody to ask", era) << isModern << false << QJsonObject() << false;
            QTest::addRow("%s, approved", era) << isModern << true << yes << true;
            QTest::addRow("%s, denied", era) << isModern << true << no << false;
            QTest::addRow("%s, card closed", era) << isModern << true << parsed("{\"action\":\"cancel\"}") << false;
            QTest::addRow("%s, accepted without a word", era) << isModern << true << parsed("{\"action\":\"accept\"}") << false;
            QTest::addRow("%s, nonsense", era) << isModern << true << parsed("{\"action\":\"accept\",\"content\":{\"decision\":true}}") << false;
        }
    }
    void approvalsGoToTheClient()
    {
        QFETCH(bool, isModern);
        QFETCH(bool, canAsk);
        QFETCH(QJsonObject, answer);
        QFETCH(bool, approved);
        setApproval("ask");
        Client client(m_offer.get(), m_runs.get());
        const QJsonObject capabilities = canAsk ? QJsonObject{{QStringLiteral("elicitation"), QJsonObject()}} : QJsonObject();
        if (!isModern)
            client.initialize(capabilities);
        const QString agent = QStringLiteral("analyst");
        QJsonObject call = toolCall("analyst", parsed("{\"input\":\"How many feedback entries are there?\"}"));
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
                QCOMPARE(client.error(client.ask(QStringLiteral("tools/call"), modern(tampered, capabilities))).value(QStringLiteral("code")).toInt(), -32602);
                tampered.insert(QStringLiteral("requestState"), state);
                tampered.insert(QStringLiteral("arguments"), parsed("{\"input\":\"something else\"}"));
                QCOMPARE(client.error(client.ask(QStringLiteral("tools/call"), modern(tampered, capabilities))).value(QStringLiteral("code")).toInt(), -32602);
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
        Q_UNUSED(agent)
    }

    void cancellingStopsTheRun()
    {
        setApproval("ask");
        for (const bool isModern : {false, true}) {
            Client client(m_offer.get(), m_runs.get());
            const QJsonObject capabilities{{QStringLiteral("elicitation"), QJsonObject()}};
            if (isModern)
                continue; // a waiting run of the modern era has no request: the next test
            client.initialize(capabilities);
            const int id = client.ask(QStringLiteral("tools/call"), toolCall("analyst", parsed("{\"input\":\"How many feedback entries are there?\"}")));
            QTRY_VERIFY_WITH_TIMEOUT(!client.of("elicitation/create").empty(), 30'000);
            QVERIFY(!m_session->running().empty());
            client.notify(QStringLiteral("notifications/cancelled"), QJsonObject{{QStringLiteral("requestId"), id}});
            QTRY_VERIFY_WITH_TIMEOUT(m_session->running().empty(), 30'000);
            QVERIFY(!client.answerTo(id)); // a cancelled request is not answered
            QCOMPARE(client.peer.underWay(), 0);
        }
    }

    void aRunThatNobodyComesBackForIsStopped()
    {
        setApproval("ask");
        m_runs->setPatience(1);
        Client client(m_offer.get(), m_runs.get(), McpServerPeer::Kind::Stateless);
        const QJsonObject asked = client.call(QStringLiteral("tools/call"), modern(toolCall("analyst", parsed("{\"input\":\"How many feedback entries are there?\"}")),
                                                                                   QJsonObject{{QStringLiteral("elicitation"), QJsonObject()}}));
        QCOMPARE(asked.value(QStringLiteral("resultType")).toString(), QStringLiteral("input_required"));
        QVERIFY(!m_session->running().empty());
        QTRY_VERIFY_WITH_TIMEOUT(m_session->running().empty(), 30'000);
    }

    void aPeerMayGoInTheMiddle()
    {
        setApproval("ask");
        auto client = std::make_unique<Client>(m_offer.get(), m_runs.get());
        client->initialize(QJsonObject{{QStringLiteral("elicitation"), QJsonObject()}});
        client->ask(QStringLiteral("tools/call"), toolCall("analyst", parsed("{\"input\":\"How many feedback entries are there?\"}")));
        QTRY_VERIFY_WITH_TIMEOUT(!client->of("elicitation/create").empty(), 30'000);
        client.reset();
        QTRY_VERIFY_WITH_TIMEOUT(m_session->running().empty(), 30'000);
    }

    void promptsAreFilledIn()
    {
        const QJsonObject body = parsed("{\"text\":\"Hello {{name}}, you are {{mood}}.\",\"variables\":[{\"name\":\"name\",\"description\":\"Who\",\"required\":true},"
                                        "{\"name\":\"mood\",\"default\":\"well\",\"required\":false}]}");
        const auto made = await(m_session->createArtifact(ArtifactKind::Prompt, QStringLiteral("greeting"), body));
        QVERIFY(made.ok());
        QVERIFY(await(m_session->commit(*made, QStringLiteral("t"))).ok());
        Client client(m_offer.get(), m_runs.get());
        client.initialize();
        QJsonObject entry;
        for (const QJsonValue &prompt : client.call(QStringLiteral("prompts/list")).value(QStringLiteral("prompts")).toArray()) {
            if (prompt.toObject().value(QStringLiteral("name")).toString() == QLatin1String("greeting"))
                entry = prompt.toObject();
        }
        const QJsonArray arguments = entry.value(QStringLiteral("arguments")).toArray();
        QCOMPARE(int(arguments.size()), 2);
        QCOMPARE(arguments[0].toObject().value(QStringLiteral("required")).toBool(), true);
        QCOMPARE(arguments[1].toObject().value(QStringLiteral("required")).toBool(), false);
        const QJsonObject got = client.call(QStringLiteral("prompts/get"), parsed("{\"name\":\"greeting\",\"arguments\":{\"name\":\"Ann\"}}"));
        const QString text = got.value(QStringLiteral("messages")).toArray().first().toObject().value(QStringLiteral("content")).toObject().value(QStringLiteral("text")).toString();
        QVERIFY2(text.contains(QStringLiteral("Hello Ann, you are well.")), qPrintable(text));
        QCOMPARE(client.error(client.ask(QStringLiteral("prompts/get"), parsed("{\"name\":\"greeting\"}"))).value(QStringLiteral("code")).toInt(), -32602);
        const QJsonObject completed = client.call(QStringLiteral("completion/complete"),
                                                  parsed("{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"greeting\"},\"argument\":{\"name\":\"mood\",\"value\":\"w\"}}"));
        QCOMPARE(completed.value(QStringLiteral("completion")).toObject().value(QStringLiteral("values")).toArray(), QJsonArray{QStringLiteral("well")});
        const QJsonObject revisions = client.call(QStringLiteral("completion/complete"),
                                                  parsed("{\"ref\":{\"type\":\"ref/resource\",\"uri\":\"lathe://prompts/{name}@{revision}\"},\"argument\":{\"name\":\"revision\",\"value\":\"\"},"
                                                         "\"context\":{\"arguments\":{\"name\":\"greeting\"}}}"));
        QCOMPARE(revisions.value(QStringLiteral("completion")).toObject().value(QStringLiteral("values")).toArray(), QJsonArray{QStringLiteral("1")});
        const QJsonObject read = client.call(QStringLiteral("resources/read"), parsed("{\"uri\":\"lathe://prompts/greeting@1\"}"));
        QVERIFY(read.value(QStringLiteral("contents")).toArray().first().toObject().value(QStringLiteral("text")).toString().contains(QStringLiteral("Hello {{name}}")));
    }

    void listsComeInPages()
    {
        for (int i = 0; i < 230; ++i) {
            const auto made = await(m_session->createArtifact(ArtifactKind::Prompt, QStringLiteral("prompt %1").arg(i), parsed("{\"text\":\"x\"}")));
            QVERIFY(made.ok());
        }
        Client client(m_offer.get(), m_runs.get());
        client.initialize();
        QSet<QString> names;
        QString cursor;
        int pages = 0;
        do {
            QJsonObject params;
            if (!cursor.isEmpty())
                params.insert(QStringLiteral("cursor"), cursor);
            const QJsonObject page = client.call(QStringLiteral("prompts/list"), params);
            for (const QJsonValue &prompt : page.value(QStringLiteral("prompts")).toArray()) {
                QVERIFY(!names.contains(prompt.toObject().value(QStringLiteral("name")).toString()));
                names.insert(prompt.toObject().value(QStringLiteral("name")).toString());
            }
            cursor = page.value(QStringLiteral("nextCursor")).toString();
            ++pages;
        } while (!cursor.isEmpty() && pages < 10);
        QCOMPARE(int(names.size()), int(m_session->project().artifacts().list(ArtifactKind::Prompt).size()));
        QVERIFY(pages >= 3);
    }

    void runsComeInPages()
    {
        for (int i = 0; i < 205; ++i) {
            RunInfo info;
            info.agentName = QStringLiteral("a");
            info.startUs = 1'000'000 + i / 3; // several at once
            info.status = RunStatus::Done;
            const auto made = await(m_session->project().runs().create(info));
            QVERIFY(made.ok());
        }
        Client client(m_offer.get(), m_runs.get());
        client.initialize();
        QSet<QString> uris;
        QJsonObject params;
        for (int pages = 0; pages < 10; ++pages) {
            const QJsonObject page = client.call(QStringLiteral("resources/list"), params);
            for (const QJsonValue &resource : page.value(QStringLiteral("resources")).toArray()) {
                const QString uri = resource.toObject().value(QStringLiteral("uri")).toString();
                QVERIFY2(!uris.contains(uri), qPrintable(uri));
                if (uri.startsWith(QLatin1String("lathe://runs/")))
                    uris.insert(uri);
            }
            if (!page.contains(QStringLiteral("nextCursor")))
                break;
            params.insert(QStringLiteral("cursor"), page.value(QStringLiteral("nextCursor")));
        }
        QCOMPARE(int(uris.size()), 205);
    }

    void changesAreTold()
    {
        setApproval("always");
        Client legacy(m_offer.get(), m_runs.get());
        legacy.initialize();
        Client streams(m_offer.get(), m_runs.get());
        const int listening = streams.ask(QStringLiteral("subscriptions/listen"), modern(parsed("{\"notifications\":{\"promptsListChanged\":true,\"resourceSubscriptions\":[\"lathe://runs/99\"]}}")));
        QCOMPARE(streams.of("notifications/subscriptions/acknowledged").size(), size_t(1));
        const QJsonObject honoured = streams.of("notifications/subscriptions/acknowledged").front().value(QStringLiteral("params")).toObject();
        QCOMPARE(honoured.value(QStringLiteral("notifications")).toObject(), parsed("{\"promptsListChanged\":true}")); // there is no run 99

        QVERIFY(await(m_session->createArtifact(ArtifactKind::Prompt, QStringLiteral("fresh"), parsed("{\"text\":\"x\"}"))).ok());
        QTRY_VERIFY_WITH_TIMEOUT(!legacy.of("notifications/prompts/list_changed").empty(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!streams.of("notifications/prompts/list_changed").empty(), 30'000);
        QCOMPARE(streams.of("notifications/prompts/list_changed").front().value(QStringLiteral("params")).toObject().value(QStringLiteral("_meta")).toObject().value(QStringLiteral("io.modelcontextprotocol/subscriptionId")),
                 QJsonValue(listening));
        QVERIFY(streams.of("notifications/tools/list_changed").empty()); // was not asked for

        // A run that is watched.
        const auto run = await(m_session->startRun([] {
            RunRequest request;
            request.agent = QStringLiteral("triage");
            request.input.text = QStringLiteral("x");
            return request;
        }()));
        QVERIFY(run.ok());
        const QString uri = QStringLiteral("lathe://runs/%1").arg(run->value);
        legacy.call(QStringLiteral("resources/subscribe"), QJsonObject{{QStringLiteral("uri"), uri}});
        QVERIFY(await(m_session->finished(*run)).ok());
        QTRY_VERIFY_WITH_TIMEOUT(!legacy.of("notifications/resources/updated").empty(), 30'000);
        QCOMPARE(legacy.of("notifications/resources/updated").front().value(QStringLiteral("params")).toObject().value(QStringLiteral("uri")).toString(), uri);
        QTRY_VERIFY_WITH_TIMEOUT(!legacy.of("notifications/resources/list_changed").empty(), 30'000);
        QCOMPARE(legacy.error(legacy.ask(QStringLiteral("resources/subscribe"), parsed("{\"uri\":\"lathe://runs/98765\"}"))).value(QStringLiteral("code")).toInt(), -32002);

        streams.notify(QStringLiteral("notifications/cancelled"), QJsonObject{{QStringLiteral("requestId"), listening}});
        const size_t before = streams.sent.size();
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Prompt, QStringLiteral("fresher"), parsed("{\"text\":\"x\"}"))).ok());
        const size_t told = legacy.of("notifications/prompts/list_changed").size();
        QTRY_VERIFY_WITH_TIMEOUT(legacy.of("notifications/prompts/list_changed").size() > told, 30'000);
        QCOMPARE(streams.sent.size(), before);
    }

    void endsSubscriptionsInOrder()
    {
        Client client(m_offer.get(), m_runs.get());
        const int id = client.ask(QStringLiteral("subscriptions/listen"), modern(parsed("{\"notifications\":{\"toolsListChanged\":true}}")));
        QVERIFY(!client.answerTo(id));
        client.peer.finish();
        QCOMPARE(client.result(id).value(QStringLiteral("resultType")).toString(), QStringLiteral("complete"));
        const int nothing = client.ask(QStringLiteral("subscriptions/listen"), modern(parsed("{\"notifications\":{}}")));
        QVERIFY(client.answerTo(nothing));
    }
};

QTEST_GUILESS_MAIN(TestMcpServerPeer)
#include "tst_McpServerPeer.moc"
