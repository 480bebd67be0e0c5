// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpAuthorizer.h"
#include "tests/core/mcp/McpTesting.h"
#include "tests/support/FakeClock.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QElapsedTimer>
#include <QSignalSpy>

#include <atomic>
#include <mutex>

using namespace lathe;
using namespace lathe::test;

namespace {
QByteArray answerText(const QJsonValue &id, const QJsonObject &result)
{
    return json::compact(QJsonObject{{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

QByteArray errorText(const QJsonValue &id, int code, const QString &message, const QJsonValue &data = {})
{
    QJsonObject error{{"code", code}, {"message", message}};
    if (!data.isNull())
        error.insert("data", data);
    return json::compact(QJsonObject{{"jsonrpc", "2.0"}, {"id", id}, {"error", error}});
}

QJsonObject textResult(const QString &text)
{
    return {{"resultType", "complete"}, {"content", QJsonArray{QJsonObject{{"type", "text"}, {"text", text}}}}};
}

// An MCP server that does as it is told, by method. What is not said: a polite server of the era.
class Script
{
public:
    using Step = std::function<HttpReply(const HttpSeen &seen, const QJsonObject &message)>;
    explicit Script(McpEra serverEra) : era(serverEra)
    {
        server.setHandler([this](const HttpSeen &seen) { return answer(seen); });
        server.start();
    }
    void on(const QString &method, Step step)
    {
        const std::scoped_lock lock(mutex);
        steps[method] = std::move(step);
    }
    QString url() const { return server.url("/mcp"); }
    // The messages of a method that came, with their headers.
    std::vector<HttpSeen> seen(const QByteArray &method) const
    {
        std::vector<HttpSeen> found;
        for (const HttpSeen &one : server.requests()) {
            if (one.method == method || one.body.contains("\"method\":\"" + method + '"'))
                found.push_back(one);
        }
        return found;
    }
    static HttpReply json(const QJsonObject &message, const QJsonObject &result) { return HttpReply::json(answerText(message.value("id"), result)); }

    ScriptedHttpServer server;
    const McpEra era;
    std::mutex mutex;
    std::map<QString, Step> steps;

private:
    HttpReply answer(const HttpSeen &seen)
    {
        const auto parsed = lathe::json::parseObject(seen.body);
        const QJsonObject message = parsed ? *parsed : QJsonObject();
        const QString method = seen.method == "POST" ? message.value("method").toString() : QString::fromLatin1(seen.method);
        Step step;
        {
            const std::scoped_lock lock(mutex);
            if (const auto it = steps.find(method); it != steps.end())
                step = it->second;
        }
        if (step)
            return step(seen, message);
        if (seen.method != "POST")
            return HttpReply::text(405, "");
        if (!message.contains("id"))
            return HttpReply::text(202, "");
        if (method == QLatin1String("server/discover") && era == McpEra::Modern)
            return json(message, object("{'supportedVersions':['2026-07-28'],'capabilities':{'tools':{}},'resultType':'complete','ttlMs':0,'cacheScope':'private'}"));
        if (method == QLatin1String("initialize") && era == McpEra::Legacy)
            return json(message, object("{'protocolVersion':'2025-11-25','capabilities':{'tools':{}},'serverInfo':{'name':'s','version':'1'}}"));
        if (method == QLatin1String("tools/list"))
            return json(message, object("{'resultType':'complete','tools':[{'name':'t','inputSchema':{'type':'object'}}]}"));
        if (method == QLatin1String("tools/call"))
            return json(message, textResult("ok"));
        return HttpReply::json(errorText(message.value("id"), -32601, "Method not found"));
    }
};
}

class TestMcpHttp : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fallsBack_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body"); // ID stands for the id
        QTest::addColumn<QByteArray>("type");
        QTest::newRow("method not found") << 200 << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":ID,\"error\":{\"code\":-32601,\"message\":\"no\"}}") << QByteArray("application/json");
        QTest::newRow("400 and a legacy error")
            << 400 << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"Server not initialized\"}}") << QByteArray("application/json");
        QTest::newRow("400 and nothing") << 400 << QByteArray() << QByteArray();
        QTest::newRow("400 and words") << 400 << QByteArray("Bad Request") << QByteArray("text/plain");
        QTest::newRow("404") << 404 << QByteArray("not here") << QByteArray("text/plain");
        QTest::newRow("500") << 500 << QByteArray("oops") << QByteArray("text/plain");
        QTest::newRow("a page") << 200 << QByteArray("<html>") << QByteArray("text/html");
        QTest::newRow("only legacy versions") << 400
            << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":ID,\"error\":{\"code\":-32022,\"message\":\"v\",\"data\":{\"supported\":[\"2025-11-25\"]}}}") << QByteArray("application/json");
        QTest::newRow("a result without versions") << 200 << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{}}") << QByteArray("application/json");
    }
    void fallsBack()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, type);
        Script script(McpEra::Legacy);
        script.on("server/discover", [=](const HttpSeen &, const QJsonObject &message) {
            return HttpReply::text(status, QByteArray(body).replace("ID", json::compact(message.value("id"))), type);
        });
        TestClient test(httpConfig(script.url()));
        const auto info = await(test.client->connectNow(CancelToken()));
        QVERIFY2(info, info ? "" : qPrintable(info.error().message));
        QCOMPARE(info->era, McpEra::Legacy);
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QCOMPARE(script.seen("tools/call").at(0).header("MCP-Protocol-Version"), QByteArray("2025-11-25"));
        QVERIFY(script.seen("tools/call").at(0).header("Mcp-Method").isEmpty());
    }

    // A server that takes server/discover and says nothing is sent initialize as well, long before the time to connect is up.
    void fallsBackFromSilence()
    {
        FakeClock clock;
        Script script(McpEra::Legacy);
        script.on("server/discover", [](const HttpSeen &, const QJsonObject &) { return HttpReply::never(); });
        TestClient test(httpConfig(script.url()), [&](McpClientOptions &options) { options.clock = &clock; });
        Later<Result<McpServerInfo>> connecting(test.client->connectNow(CancelToken()));
        QTRY_COMPARE_WITH_TIMEOUT(script.seen("server/discover").size(), size_t(1), 30'000);
        clock.advance(9'999);
        QTest::qWait(50);
        QCOMPARE(script.seen("initialize").size(), size_t(0));
        clock.advance(1);
        QTRY_VERIFY_WITH_TIMEOUT(connecting.isDone(), 30'000);
        QVERIFY2(*connecting, *connecting ? "" : qPrintable(connecting->error().message));
        QCOMPARE((*connecting)->era, McpEra::Legacy);
        QVERIFY(script.server.waitForDisconnects(1, 10'000)); // the question is withdrawn
    }

    void doesNotFallBack_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("kind");
        QTest::newRow("unknown versions") << 400 << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":ID,\"error\":{\"code\":-32022,\"message\":\"v\",\"data\":{\"supported\":[\"2031-01-01\"]}}}") << int(ErrorKind::Protocol);
        QTest::newRow("header") << 400 << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":ID,\"error\":{\"code\":-32020,\"message\":\"h\"}}") << int(ErrorKind::Protocol);
        QTest::newRow("sign-in") << 401 << QByteArray() << int(ErrorKind::Denied);
        QTest::newRow("forbidden") << 403 << QByteArray() << int(ErrorKind::Denied);
        QTest::newRow("busy") << 429 << QByteArray() << int(ErrorKind::RateLimited);
        QTest::newRow("down") << 503 << QByteArray() << int(ErrorKind::Provider);
    }
    void doesNotFallBack()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(int, kind);
        Script script(McpEra::Legacy);
        script.on("server/discover", [=](const HttpSeen &, const QJsonObject &message) {
            return HttpReply::json(QByteArray(body).replace("ID", json::compact(message.value("id"))), status);
        });
        TestClient test(httpConfig(script.url()));
        const auto info = await(test.client->connectNow(CancelToken()));
        QVERIFY(!info);
        QCOMPARE(int(info.error().kind), kind);
        QCOMPARE(script.seen("initialize").size(), size_t(0));
        QCOMPARE(test.client->state(), McpClient::State::Failed);
        QCOMPARE(test.client->error()->message, info.error().message);
    }

    void asksAgainWithASupportedVersion()
    {
        Script script(McpEra::Modern);
        std::atomic<int> asked = 0;
        script.on("server/discover", [&](const HttpSeen &, const QJsonObject &message) {
            if (asked++ == 0)
                return HttpReply::json(errorText(message.value("id"), -32022, "no", QJsonObject{{"supported", QJsonArray{"2026-07-28"}}}), 400);
            return Script::json(message, object("{'supportedVersions':['2026-07-28'],'capabilities':{}}"));
        });
        TestClient test(httpConfig(script.url()));
        const auto info = await(test.client->connectNow(CancelToken()));
        QVERIFY(info);
        QCOMPARE(info->era, McpEra::Modern);
        QCOMPARE(asked.load(), 2);
        script.on("server/discover", [](const HttpSeen &, const QJsonObject &message) {
            return HttpReply::json(errorText(message.value("id"), -32022, "no", QJsonObject{{"supported", QJsonArray{"2026-07-28"}}}), 400);
        });
        TestClient never(httpConfig(script.url())); // but not for ever
        QVERIFY(!await(never.client->connectNow(CancelToken())));
    }

    void headersOfTheModernEra()
    {
        Script script(McpEra::Modern);
        McpServerConfig config = httpConfig(script.url());
        config.headers = QJsonObject{{"X-Key", "Bearer {{secret:KEY}}"}};
        TestClient test(config, [](McpClientOptions &options) { options.secret = [](const QString &) { return QStringLiteral("top-secret-value"); }; });
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        const HttpSeen call = script.seen("tools/call").at(0);
        QCOMPARE(call.header("MCP-Protocol-Version"), QByteArray("2026-07-28"));
        QCOMPARE(call.header("Mcp-Method"), QByteArray("tools/call"));
        QCOMPARE(call.header("Mcp-Name"), QByteArray("t"));
        QCOMPARE(call.header("X-Key"), QByteArray("Bearer top-secret-value"));
        QVERIFY(call.header("Accept").contains("application/json") && call.header("Accept").contains("text/event-stream"));
        QVERIFY(call.header("Mcp-Session-Id").isEmpty());
        QVERIFY(!test.logHolds("top-secret-value"));
        // A server that says the secret back says it in vain.
        script.on("tools/call", [](const HttpSeen &seen, const QJsonObject &message) { return HttpReply::json(errorText(message.value("id"), -32000, seen.header("X-Key"))); });
        QVERIFY2(test.text("t").contains("[secret KEY]"), qPrintable(test.text("t")));
        QVERIFY(!test.logHolds("top-secret-value"));
    }

    void sessions()
    {
        Script script(McpEra::Legacy);
        std::atomic<int> begun = 0;
        script.on("initialize", [&](const HttpSeen &, const QJsonObject &message) {
            return Script::json(message, object("{'protocolVersion':'2025-06-18','capabilities':{},'serverInfo':{'name':'s','version':'1'}}"))
                .withHeader("Mcp-Session-Id", "session-" + QByteArray::number(++begun));
        });
        script.on("tools/call", [&](const HttpSeen &seen, const QJsonObject &message) {
            if (seen.header("Mcp-Session-Id") != "session-2")
                return HttpReply::json(errorText(QJsonValue(), -32001, "Session not found"), 404);
            return Script::json(message, textResult("ok"));
        });
        script.on("DELETE", [](const HttpSeen &, const QJsonObject &) { return HttpReply::text(200, ""); });
        {
            TestClient test(httpConfig(script.url()), [](McpClientOptions &options) { options.knownEra = McpEra::Legacy; });
            QCOMPARE(test.text("t"), QStringLiteral("ok")); // over the second session
            QCOMPARE(begun.load(), 2);
            QCOMPARE(script.seen("notifications/initialized").at(0).header("Mcp-Session-Id"), QByteArray("session-1"));
            QCOMPARE(script.seen("tools/call").at(1).header("MCP-Protocol-Version"), QByteArray("2025-06-18"));
            await(test.client->close());
        }
        QCOMPARE(script.seen("DELETE").back().header("Mcp-Session-Id"), QByteArray("session-2"));
        // A server that forgets every session is not asked for ever.
        script.on("tools/call", [&](const HttpSeen &, const QJsonObject &) { return HttpReply::text(404, ""); });
        TestClient test(httpConfig(script.url()), [](McpClientOptions &options) { options.knownEra = McpEra::Legacy; });
        const auto lost = test.call("t");
        QVERIFY(!lost);
        QCOMPARE(lost.error().kind, ErrorKind::Unreachable);
        QCOMPARE(begun.load(), 4);
    }

    // The answer comes on another stream than the one that was asked on, after the time the server says.
    void takesACutStreamUpAgain()
    {
        Script script(McpEra::Legacy);
        std::atomic<int> id = 0;
        QElapsedTimer time;
        std::atomic<qint64> cut = 0, back = 0;
        script.on("tools/call", [&](const HttpSeen &, const QJsonObject &message) {
            id = message.value("id").toInt();
            cut = time.elapsed();
            return HttpReply::sse({"id: e1\nretry: 400\ndata: \n\n"}).thenClose();
        });
        script.on("GET", [&](const HttpSeen &seen, const QJsonObject &) {
            if (seen.header("Last-Event-ID") != "e1")
                return HttpReply::text(405, "");
            back = time.elapsed();
            return HttpReply::sse({"id: e2\ndata: \n\n", "id: e3\ndata: " + answerText(id.load(), textResult("late")) + "\n\n"}).thenClose();
        });
        time.start();
        TestClient test(httpConfig(script.url()));
        QCOMPARE(test.text("t"), QStringLiteral("late"));
        QVERIFY2(back - cut >= 380, qPrintable(QString::number(back - cut)));
        // Without an id of an event there is nothing to take up.
        script.on("tools/call", [](const HttpSeen &, const QJsonObject &) { return HttpReply::sse({"data: \n\n"}).thenClose(); });
        const auto lost = test.call("t");
        QVERIFY(!lost);
        QCOMPARE(lost.error().kind, ErrorKind::Unreachable);
        // A server that refuses to go on.
        script.on("tools/call", [](const HttpSeen &, const QJsonObject &) { return HttpReply::sse({"id: gone\nretry: 1\ndata: \n\n"}).thenClose(); });
        const auto refused = test.call("t");
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Unreachable);
        // And one that greets again and again.
        script.on("GET", [](const HttpSeen &, const QJsonObject &) { return HttpReply::sse({"id: e2\nretry: 1\ndata: \n\n"}).thenClose(); });
        const auto never = test.call("t");
        QVERIFY(!never);
        QCOMPARE(never.error().kind, ErrorKind::Unreachable);
    }

    void messagesOnTheServersStream()
    {
        Script script(McpEra::Legacy);
        std::atomic<bool> told = false;
        script.on("GET", [&](const HttpSeen &, const QJsonObject &) {
            if (told.exchange(true))
                return HttpReply::sse({": nothing\n\n"}, 0).cutAfterPieces(1, HttpReply::Ending::Stall);
            return HttpReply::sse({"id: 1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n",
                                   "data: {\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}\n\n"}, 50)
                .cutAfterPieces(2, HttpReply::Ending::Stall);
        });
        TestClient test(httpConfig(script.url()));
        QSignalSpy changed(test.client.get(), &McpClient::toolsChanged);
        QVERIFY(await(test.client->connectNow(CancelToken())));
        QVERIFY(changed.count() > 0 || changed.wait(30'000));
        QTRY_VERIFY_WITH_TIMEOUT(test.logHolds("\"id\":\"p\",\"jsonrpc\":\"2.0\",\"result\":{}"), 30'000);
    }

    void badAnswers_data()
    {
        QTest::addColumn<QByteArray>("how");
        for (const char *how : {"nothing", "page", "wrong id", "broken", "number", "no content", "unknown type", "wants nothing", "broken event", "event of an array"})
            QTest::newRow(how) << QByteArray(how);
    }
    // Each is an error at once, none a hang.
    void badAnswers()
    {
        QFETCH(QByteArray, how);
        Script script(McpEra::Modern);
        script.on("tools/call", [=](const HttpSeen &, const QJsonObject &message) {
            const QJsonValue id = message.value("id");
            const QByteArray idText = json::compact(id);
            if (how == "nothing")
                return HttpReply::text(202, "");
            if (how == "page")
                return HttpReply::text(200, "<html>", "text/html");
            if (how == "wrong id")
                return HttpReply::json(answerText(id.toInt() + 1000, textResult("x")));
            if (how == "broken")
                return HttpReply::json("{\"jsonrpc\":\"2.0\",\"id\":");
            if (how == "number")
                return HttpReply::json("{\"jsonrpc\":\"2.0\",\"id\":" + idText + ",\"result\":7}");
            if (how == "no content")
                return Script::json(message, {});
            if (how == "unknown type")
                return Script::json(message, object("{'resultType':'maybe','content':[]}"));
            if (how == "wants nothing")
                return Script::json(message, object("{'resultType':'input_required'}"));
            if (how == "broken event")
                return HttpReply::sse({"data: {\"jsonrpc\":\n\n"});
            return HttpReply::sse({"data: [{\"jsonrpc\":\"2.0\",\"id\":" + idText + ",\"result\":{}}]\n\n"});
        });
        TestClient test(httpConfig(script.url()));
        const auto result = test.call("t");
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Protocol);
        script.on("tools/call", {});
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
    }

    void neverAnswers()
    {
        Script script(McpEra::Modern);
        TestClient test(httpConfig(script.url()));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        script.on("tools/call", [](const HttpSeen &, const QJsonObject &) { return HttpReply::never(); });
        McpCallOptions options;
        options.seconds = 1;
        const int before = script.server.disconnects();
        const auto late = test.call("t", {}, options);
        QVERIFY(!late);
        QCOMPARE(late.error().kind, ErrorKind::Timeout);
        QVERIFY(script.server.waitForDisconnects(before + 1, 10'000)); // which is how the server hears of it
        QCOMPARE(script.seen("notifications/cancelled").size(), size_t(0));
    }

    void roundsEnd()
    {
        Script script(McpEra::Modern);
        script.on("tools/call", [](const HttpSeen &, const QJsonObject &message) {
            return Script::json(message, object("{'resultType':'input_required','inputRequests':{'a':{'method':'elicitation/create','params':"
                                                "{'message':'?','requestedSchema':{'type':'object','properties':{}}}}}}"));
        });
        TestClient test(httpConfig(script.url()));
        const auto seen = std::make_shared<QList<QJsonObject>>();
        McpCallOptions options;
        options.handlers = answering(object("{'action':'accept','content':{}}"), seen);
        const auto result = test.call("t", {}, options);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Protocol);
        QCOMPARE(seen->size(), 10);
        // Each round is a request of its own id.
        QSet<QString> ids;
        const auto calls = script.seen("tools/call");
        for (const HttpSeen &call : calls)
            ids.insert(json::compactString(json::parseObject(call.body)->value("id")));
        QCOMPARE(ids.size(), qsizetype(calls.size()));
    }

    void pagesThatGoInCircles()
    {
        Script script(McpEra::Modern);
        script.on("tools/list", [](const HttpSeen &, const QJsonObject &message) { return Script::json(message, object("{'tools':[],'nextCursor':'again'}")); });
        TestClient test(httpConfig(script.url()));
        const auto tools = await(test.client->listTools(CancelToken()));
        QVERIFY(!tools);
        QCOMPARE(tools.error().kind, ErrorKind::Protocol);
        QCOMPARE(script.seen("tools/list").size(), size_t(2));
    }

    void signsIn()
    {
        struct Authorizer : McpAuthorizer {
            QByteArray token;
            int challenges = 0;
            bool gives = true;
            Task<Result<QByteArray>> authorization(McpServerConfig, CancelToken) override
            {
                QByteArray value = token;
                co_return value;
            }
            Task<Result<bool>> challenged(McpServerConfig, HttpResponse answer, CancelToken) override
            {
                ++challenges;
                if (headerValue(answer.headers, "WWW-Authenticate") != "Bearer realm=\"x\"")
                    co_return Error(ErrorKind::Internal, "the challenge did not come through");
                token = gives ? "Bearer good" : "Bearer bad";
                co_return true;
            }
        } authorizer;
        Script script(McpEra::Modern);
        script.on("server/discover", [](const HttpSeen &seen, const QJsonObject &message) {
            if (seen.header("Authorization") != "Bearer good")
                return HttpReply::text(401, "").withHeader("WWW-Authenticate", "Bearer realm=\"x\"");
            return Script::json(message, object("{'supportedVersions':['2026-07-28'],'capabilities':{}}"));
        });
        TestClient test(httpConfig(script.url()), [&](McpClientOptions &options) { options.authorizer = &authorizer; });
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QCOMPARE(authorizer.challenges, 1);
        // What a server says back of the token is shown nowhere.
        authorizer.token = "Bearer t0ken-of-the-sign-in";
        script.on("tools/call", [](const HttpSeen &seen, const QJsonObject &) { return HttpReply::text(500, "broken: " + seen.header("Authorization")); });
        const QString said = test.text("t");
        QVERIFY2(said.contains(QLatin1String("broken: Bearer [")) && !said.contains(QLatin1String("t0ken")), qPrintable(said));
        QVERIFY(!test.logHolds(QStringLiteral("t0ken")));
        authorizer.gives = false;
        authorizer.token.clear();
        TestClient never(httpConfig(script.url()), [&](McpClientOptions &options) { options.authorizer = &authorizer; });
        const auto refused = await(never.client->connectNow(CancelToken()));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Denied);
    }

    void redirects()
    {
        Script script(McpEra::Modern), other(McpEra::Modern);
        script.server.setHandler([&](const HttpSeen &) { return HttpReply::redirect(other.url().toLatin1(), 307); });
        McpServerConfig config = httpConfig(script.url());
        config.headers = QJsonObject{{"X-Key", "k"}};
        TestClient test(config);
        const auto away = await(test.client->connectNow(CancelToken()));
        QVERIFY(!away);
        QCOMPARE(away.error().kind, ErrorKind::Denied);
        QCOMPARE(other.server.requestCount(), 0);
        // Within the server they are followed, as what they are.
        Script moved(McpEra::Modern);
        const QString place = moved.url();
        moved.on("server/discover", [](const HttpSeen &seen, const QJsonObject &message) {
            if (seen.path == "/mcp")
                return HttpReply::redirect("/mcp/", 307);
            return Script::json(message, object("{'supportedVersions':['2026-07-28'],'capabilities':{}}"));
        });
        TestClient follows(httpConfig(place));
        QCOMPARE(follows.text("t"), QStringLiteral("ok"));
        QCOMPARE(moved.seen("tools/call").at(0).path, QByteArray("/mcp/"));
        moved.server.setHandler([](const HttpSeen &seen) { return HttpReply::redirect(seen.path + "x", 307); });
        TestClient circles(httpConfig(place));
        QVERIFY(!await(circles.client->connectNow(CancelToken())));
    }

    void reconnectsWithPatience()
    {
        FakeClock clock;
        quint16 port = 0;
        {
            ScriptedHttpServer gone;
            port = gone.start();
        }
        TestClient test(httpConfig(QStringLiteral("http://127.0.0.1:%1/mcp").arg(port)), [&](McpClientOptions &options) { options.clock = &clock; });
        QVERIFY(!test.call("t"));
        for (const int waitMs : {500, 1000, 2000}) { // longer after each failure
            Later<Result<McpToolResult>> call(test.client->callTool("t", {}, McpCallOptions(), CancelToken()));
            clock.advance(waitMs - 1);
            QTest::qWait(20);
            QCOMPARE(test.client->state(), McpClient::State::Failed);
            clock.advance(1);
            QCOMPARE(test.client->state(), McpClient::State::Connecting);
            QTRY_VERIFY_WITH_TIMEOUT(call.isDone(), 30'000);
            QVERIFY(!*call);
        }
        // Who asks for it does not wait.
        QVERIFY(!await(test.client->connectNow(CancelToken())));
    }

    void unreachable()
    {
        quint16 port = 0;
        {
            ScriptedHttpServer gone;
            port = gone.start();
        }
        TestClient test(httpConfig(QStringLiteral("http://user:pw@127.0.0.1:%1/mcp?key=secret").arg(port)));
        const auto failed = test.call("t");
        QVERIFY(!failed);
        QCOMPARE(failed.error().kind, ErrorKind::Unreachable);
        QVERIFY(!failed.error().message.contains("secret") && !failed.error().message.contains("pw"));
        QVERIFY(!test.logHolds("key=secret") && !test.logHolds("pw@"));
    }

private:
};

QTEST_GUILESS_MAIN(TestMcpHttp)
#include "tst_McpHttp.moc"
