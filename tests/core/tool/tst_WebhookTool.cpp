// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SchemaCheck.h"
#include "tests/core/tool/WebToolTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
constexpr auto path = "/services/T000/B000/abcdefghijkl";
}

class TestWebhookTool : public WebToolFixture
{
    Q_OBJECT


    Result<std::shared_ptr<Tool>> tryMake(QJsonObject config)
    {
        if (!config.contains(q("url")))
            config.insert(q("url"), q("{{secret:hook}}"));
        config.insert(q("allow_private_network"), true);
        return makeTool(q("post"), toolSpec("webhook", config), environment());
    }
    std::shared_ptr<Tool> make(const char *kind, QJsonObject config = {})
    {
        config.insert(q("kind"), q(kind));
        auto tool = tryMake(config);
        if (!tool)
            qFatal("%s", qPrintable(tool.error().message));
        return *tool;
    }
    QJsonObject sent(qsizetype index = 0) const { return *json::parseObject(m_server->requests().at(size_t(index)).body); }

private Q_SLOTS:
    void init()
    {
        startServer();
        answerAlways(HttpReply::text(200, "ok"));
        m_secrets[q("hook")] = url(q(path));
    }
    void cleanup() { m_http.reset(); }

    void slack()
    {
        const auto outcome = callTool(*make("slack"), object("{\"text\":\"Build <!channel> & *done*\"}"));
        QVERIFY2(!outcome.isError && outcome.text.startsWith(q("The message was sent.")), qPrintable(outcome.text));
        QCOMPARE(json::compact(sent()), QByteArray("{\"text\":\"Build &lt;!channel&gt; &amp; *done*\"}")); // nobody is called
        QCOMPARE(m_server->requests().at(0).path, QByteArray(path));
        QCOMPARE(m_server->requests().at(0).method, QByteArray("POST"));
        QCOMPARE(m_server->requests().at(0).header("content-type"), QByteArray("application/json"));
    }

    void discord()
    {
        answerAlways(HttpReply::text(204, ""));
        const auto tool = make("discord");
        QVERIFY(!callTool(*tool, object("{\"text\":\"@everyone hi\"}")).isError);
        QCOMPARE(json::compact(sent()), QByteArray("{\"allowed_mentions\":{\"parse\":[]},\"content\":\"@everyone hi\"}"));
        QVERIFY(!checkSchema(tool->schema(), QJsonObject{{q("text"), QString(2001, u'x')}})->empty());
        QVERIFY(checkSchema(tool->schema(), QJsonObject{{q("text"), QString(2000, u'x')}})->empty());
    }

    void teams()
    {
        QVERIFY(!callTool(*make("teams"), object("{\"title\":\"T\",\"text\":\"a \\\"b\\\"\"}")).isError);
        const QJsonValue card = json::at(sent(), q("/attachments/0/content"));
        QCOMPARE(json::at(card, q("/type")).toString(), q("AdaptiveCard"));
        QCOMPARE(json::at(card, q("/body/0/text")).toString(), q("T"));
        QCOMPARE(json::at(card, q("/body/1/text")).toString(), q("a \"b\""));
    }

    void generic()
    {
        const auto tool = make("generic", {{q("body"), q("{\"event\":\"note\",\"level\":{{level}},\"msg\":\"[{{who}}] {{text}}\"}")},
                                           {q("parameters"), QJsonArray{object("{\"name\":\"level\",\"type\":\"integer\"}")}},
                                           {q("headers"), object("{\"X-Token\":\"{{secret:hook}}\"}")}});
        QVERIFY(!callTool(*tool, object("{\"level\":3,\"who\":\"a\\\"}\",\"text\":\"t\"}")).isError);
        QCOMPARE(json::compact(sent()), QByteArray("{\"event\":\"note\",\"level\":3,\"msg\":\"[a\\\"}] t\"}"));
        QCOMPARE(tool->schema().value(q("required")).toArray().size(), 3);
        QCOMPARE(tool->sideEffect({}), SideEffect::External);
        QVERIFY(!tool->idempotent({}));
    }

    // Whoever knows the URL can post.
    void theUrlIsToldNobody()
    {
        m_server->setHandler([](const HttpSeen &seen) { return HttpReply::text(404, "no such hook: " + seen.path); });
        auto outcome = callTool(*make("slack"), object("{\"text\":\"x\"}"));
        QVERIFY(outcome.isError && outcome.text.startsWith(q("The message was not taken.")));
        QVERIFY2(!json::compact(outcome.toJson()).contains("abcdefghijkl"), qPrintable(outcome.text));
        m_server->stop();
        outcome = callTool(*make("slack"), object("{\"text\":\"x\"}"));
        QVERIFY(outcome.isError && outcome.transient);
        QVERIFY2(!outcome.text.contains(q("abcdefghijkl")), qPrintable(outcome.text));
        for (const QString &bad : {q("not a url abcdefghijkl"), q("ftp://abcdefghijkl/x"), q("https://abcdefghijkl:x@a.example/"),
                                   QString(9000, u'a') + q("abcdefghijkl")}) {
            m_secrets[q("hook")] = bad;
            outcome = callTool(*make("slack"), object("{\"text\":\"x\"}"));
            QVERIFY2(outcome.isError && !outcome.text.contains(q("abcdefghijkl")) && !outcome.text.contains(q("aaaaaaaa")), qPrintable(outcome.text));
        }
        m_secrets.clear();
        QVERIFY(callTool(*make("slack"), object("{\"text\":\"x\"}")).text.contains(q("not stored")));
    }

    void messagesStayWithTheirService()
    {
        ScriptedHttpServer other;
        QVERIFY(other.start());
        other.setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        for (const char *host : {"localhost", "127.0.0.1"}) {
            const QByteArray elsewhere = "http://" + QByteArray(host) + ":" + QByteArray::number(other.port()) + "/";
            for (const int status : {301, 303, 307, 308}) {
                m_server->setHandler([&](const HttpSeen &) { return HttpReply::redirect(elsewhere, status); });
                QVERIFY(callTool(*make("slack"), object("{\"text\":\"x\"}")).isError);
            }
        }
        QCOMPARE(other.requestCount(), 0);
    }

    void rateLimits()
    {
        m_server->enqueue(HttpReply::json("{\"retry_after\":1.5}", 429).withHeader("Retry-After", "2"));
        const auto outcome = callTool(*make("discord"), object("{\"text\":\"x\"}"));
        QVERIFY(outcome.isError && outcome.transient);
        QCOMPARE(outcome.retryAfterMs, 2000);
    }

    void badConfigurations()
    {
        const auto error = [this](const QJsonObject &config) {
            const auto tool = tryMake(config);
            return tool ? q("made") : tool.error().message;
        };
        QVERIFY(error({{q("kind"), q("pigeon")}}).contains(q("pigeon")));
        QVERIFY(error({{q("kind"), q("slack")}, {q("url"), QString()}}).contains(q("no webhook")));
        QVERIFY(error({{q("kind"), q("generic")}, {q("body"), q("{\"a\":")}}).contains(q("no JSON")));
    }
};

QTEST_GUILESS_MAIN(TestWebhookTool)
#include "tst_WebhookTool.moc"
