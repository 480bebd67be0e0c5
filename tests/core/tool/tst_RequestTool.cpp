// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/RequestTemplate.h"
#include "tests/core/tool/WebToolTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
constexpr auto apiKey = "s3cret/va+lue 42";
}

class TestRequestTool : public WebToolFixture
{
    Q_OBJECT


    std::shared_ptr<Tool> make(QJsonObject config)
    {
        config.insert(q("url"), url() + config.value(q("url")).toString());
        config.insert(q("allow_private_network"), true);
        return madeTool(q("req"), toolSpec("request", config));
    }
    static SecretSource source()
    {
        SecretSource out;
        out.tool = q("req");
        out.secret = [](const QString &name) { return name == QLatin1String("api") ? QLatin1String(apiKey) : QString(); };
        return out;
    }

private Q_SLOTS:
    void init()
    {
        startServer({{q("api"), q(apiKey)}});
    }
    void cleanup() { m_http.reset(); }

    // What goes where, and that it stays a value there.
    void urls_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QJsonObject>("arguments");
        QTest::addColumn<QString>("sent"); // empty: refused
        const auto row = [](const char *url, const char *arguments, const char *sent) {
            QTest::addRow("%s %s", url, arguments) << q(url) << object(arguments) << q(sent);
        };
        row("/a/{{id}}", "{\"id\":\"7\"}", "/a/7");
        row("/a/{{id}}/b", "{\"id\":\"x/../../admin?y#z\"}", "/a/x%2F..%2F..%2Fadmin%3Fy%23z/b");
        row("/a/{{id}}", "{\"id\":\"../admin\"}", "/a/..%2Fadmin");
        row("/a/{{id}}", "{\"id\":\"..\"}", "");
        row("/a/{{id}}", "{\"id\":\".\"}", "");
        row("/a/{{id}}", "{\"id\":\"\"}", "");
        row("/a/.{{id}}", "{\"id\":\".\"}", "");
        row("/a/{{id}}", "{\"id\":\"%2e%2e\"}", "/a/%252e%252e");
        row("/a/{{id}}.json", "{\"id\":\".\"}", "/a/..json");
        row("/a/{{id}}", "{\"id\":\"\xc3\xa4\"}", "/a/%C3%A4");
        row("/a?q={{q}}", "{\"q\":\"a&b=c+d #\"}", "/a?q=a%26b%3Dc%2Bd%20%23");
        row("/a?q={{q}}&n={{n}}", "{\"q\":\"x\",\"n\":5}", "/a?q=x&n=5");
        row("/a?x=1&q={{o}}", "{}", "/a?x=1");
        row("/a?q={{o}}", "{}", "/a");
        row("/a?q=pre-{{o}}", "{}", "/a?q=pre-");
        row("/a?id={{list}}", "{\"list\":[\"a\",\"b c\",3]}", "/a?id=a&id=b%20c&id=3");
        row("/a?o={{obj}}", "{\"obj\":{\"b\":[1]}}", "/a?o=%7B%22b%22%3A%5B1%5D%7D");
        row("/a?lang={{lang}}", "{}", "/a?lang=en");
        row("/a?key={{secret:api}}", "{}", "/a?key=s3cret%2Fva%2Blue%2042");
        row("/a?q={{q}}", "{\"q\":\"{{secret:api}}\"}", "/a?q=%7B%7Bsecret%3Aapi%7D%7D");
    }
    void urls()
    {
        QFETCH(QString, url);
        QFETCH(QJsonObject, arguments);
        QFETCH(QString, sent);
        answerAlways(HttpReply::text(200, "ok"));
        const QJsonArray parameters{object("{\"name\":\"o\",\"required\":false}"), object("{\"name\":\"lang\",\"default\":\"en\"}")};
        const auto outcome = callTool(*make({{q("url"), url}, {q("parameters"), parameters}}), arguments);
        QCOMPARE(outcome.isError, sent.isEmpty());
        QCOMPARE(m_server->requestCount(), sent.isEmpty() ? 0 : 1);
        if (!sent.isEmpty())
            QCOMPARE(QString::fromLatin1(m_server->requests().at(0).path), sent);
    }

    void bodies_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("body");
        QTest::addColumn<QJsonObject>("arguments");
        QTest::addColumn<QString>("sent");
        const auto row = [](const char *type, const char *body, const char *arguments, const char *sent) {
            QTest::addRow("%s %s", type, body) << q(type) << q(body) << object(arguments) << q(sent);
        };
        row("json", "{\"t\":\"hi {{a}}!\"}", "{\"a\":\"\\\"},{\\\"x\\\":\\\"\\n\"}", "{\"t\":\"hi \\\"},{\\\"x\\\":\\\"\\n!\"}");
        row("json", "{\"n\":{{a}},\"s\":\"{{a}}\"}", "{\"a\":5}", "{\"n\":5,\"s\":\"5\"}");
        row("json", "{\"o\":{{a}}, \"l\":[1,{{a}}]}", "{\"a\":{\"b\":[true]}}", "{\"l\":[1,{\"b\":[true]}],\"o\":{\"b\":[true]}}");
        row("json", "{\"a\":{{o}},\"b\":[{{o}},2],\"c\":\"{{o}}\"}", "{}", "{\"b\":[2],\"c\":\"\"}");
        row("json", "{\"k\":\"{{secret:api}}\"}", "{}", "{\"k\":\"s3cret/va+lue 42\"}");
        row("json", "{\"k\":\"{{a}}\"}", "{\"a\":\"{{secret:api}}\"}", "{\"k\":\"{{secret:api}}\"}");
        row("form", "a={{a}}&b=x y", "{\"a\":\"1&c=2\"}", "a=1%26c%3D2&b=x y");
        row("xml", "<a b=\"{{a}}\">{{a}}</a>", "{\"a\":\"\\\"><!-- & '\"}",
            "<a b=\"&quot;&gt;&lt;!-- &amp; &#39;\">&quot;&gt;&lt;!-- &amp; &#39;</a>");
        row("text", "hello {{a}}", "{\"a\":\"w\\n\"}", "hello w\n");
    }
    void bodies()
    {
        QFETCH(QString, type);
        QFETCH(QString, body);
        QFETCH(QJsonObject, arguments);
        QFETCH(QString, sent);
        m_server->enqueue(HttpReply::text(200, "ok"));
        const QJsonArray parameters{object("{\"name\":\"o\",\"required\":false}")};
        const auto outcome = callTool(
            *make({{q("method"), q("POST")}, {q("body_type"), type}, {q("body"), body}, {q("parameters"), parameters}}), arguments);
        QVERIFY2(!outcome.isError, qPrintable(outcome.text));
        QCOMPARE(QString::fromUtf8(m_server->requests().at(0).body), sent);
    }

    void multipart()
    {
        m_server->enqueue(HttpReply::text(200, "ok"));
        const auto tool = make({{q("method"), q("POST")},
                                {q("body_type"), q("multipart")},
                                {q("body"), q("title={{a}}&file@r%22.txt={{b}}&none={{o}}")},
                                {q("parameters"), QJsonArray{object("{\"name\":\"o\",\"required\":false}")}}});
        QVERIFY(!callTool(
                     *tool,
                     object(
                         "{\"a\":\"x\\r\\n--lathe\\r\\nContent-Disposition: form-data; name=\\\"admin\\\"\\r\\n\\r\\n1\",\"b\":\"bytes\"}"))
                     .isError);
        const auto seen = m_server->requests().at(0);
        const QByteArray type = seen.header("content-type");
        QVERIFY(type.startsWith("multipart/form-data; boundary="));
        const QByteArray boundary = "--" + type.mid(type.indexOf('=') + 1);
        QCOMPARE(seen.body.count(boundary), 3); // two parts and the end, whatever a value holds
        QVERIFY(seen.body.contains("name=\"file\"; filename=\"r%22.txt\""));
        QVERIFY(seen.body.contains("\r\n\r\nbytes\r\n"));
    }

    void headersCannotBeInjected()
    {
        answerAlways(HttpReply::text(200, "ok"));
        const auto tool = make({{q("url"), q("/x")}, {q("headers"), object("{\"X-A\":\"v-{{a}}\",\"X-O\":\"{{o}}\"}")},
                                {q("parameters"), QJsonArray{object("{\"name\":\"o\",\"required\":false}")}}});
        for (const char *bad : {"x\r\nX-Evil: 1", "x\ny", "x\ry", "x\x01y"}) {
            const auto outcome = callTool(*tool, {{q("a"), q(bad)}});
            QVERIFY(outcome.isError && outcome.text.contains(q("X-A")));
        }
        QCOMPARE(m_server->requestCount(), 0);
        QVERIFY(!callTool(*tool, {{q("a"), q("ok")}}).isError);
        QCOMPARE(m_server->requests().at(0).header("x-a"), QByteArray("v-ok"));
        QCOMPARE(m_server->requests().at(0).header("x-o"), QByteArray());
    }

    void secretsStay()
    {
        // The server echoes what it got, in every form.
        m_server->setHandler([](const HttpSeen &seen) {
            QByteArray escaped = seen.body;
            return HttpReply::json("{\"path\":\"" + seen.path + "\",\"auth\":\"" + seen.header("authorization") + "\",\"key\":\""
                                       + seen.header("x-key") + "\",\"body\":" + escaped + "}",
                                   200);
        });
        const auto tool = make({{q("method"), q("POST")},
                                {q("url"), q("/x/{{secret:api}}?k={{secret:api}}")},
                                {q("basic_auth"), q("ann:{{secret:api}}")},
                                {q("headers"), object("{\"X-Key\":\"{{secret:api}}\"}")},
                                {q("body_type"), q("json")},
                                {q("body"), q("{\"k\":\"{{secret:api}}\"}")}});
        const auto outcome = callTool(*tool, {});
        const auto seen = m_server->requests().at(0);
        QCOMPARE(seen.header("authorization"), "Basic " + QByteArray("ann:s3cret/va+lue 42").toBase64());
        const QByteArray all = json::compact(outcome.toJson());
        for (const QByteArray &form : {QByteArray(apiKey), QByteArray(apiKey).toPercentEncoding(), QByteArray("ann:s3cret/va+lue 42").toBase64()})
            QVERIFY2(!all.contains(form), all.constData());
        QVERIFY(all.contains("[secret api]"));
        // Nor when the connection fails.
        m_server->stop();
        const auto failed = callTool(*tool, {});
        QVERIFY(failed.isError && failed.transient);
        QVERIFY2(!failed.text.contains(q("s3cret")), qPrintable(failed.text));
    }

    void longSecretIsNotCutInHalf()
    {
        ToolEnvironment e = environment();
        const QString secret = QString(700, u's') + q("-end");
        e.secret = [&secret](const QString &) { return secret; };
        m_server->enqueue(HttpReply::text(200, "ok").withHeader("ETag", secret.toLatin1() + secret.toLatin1()));
        const auto tool = makeTool(q("req"), toolSpec("request", {{q("url"), q("http://localhost:%1/?k={{secret:x}}").arg(m_server->port())},
                                                                        {q("allow_private_network"), true}}), e);
        QVERIFY(tool.ok());
        const auto outcome = callTool(**tool, {});
        QVERIFY2(!json::compact(outcome.toJson()).contains("sssssss"), qPrintable(outcome.text));
    }

    // In whatever form a server gives it back.
    void secretsInEveryForm_data()
    {
        QTest::addColumn<QString>("secret");
        for (const char *secret : {"plain-secret-9", "a b+c/d=e&f", "quo\"te\\back", "\xc3\xa4\xc3\xb6 \xe4\xb8\xad%41", "line<tag>'x'", "12345678"})
            QTest::newRow(secret) << q(secret);
    }
    void secretsInEveryForm()
    {
        QFETCH(QString, secret);
        UsedSecrets used;
        used.add(q("k"), secret);
        const QByteArray bytes = secret.toUtf8();
        const QString percent = QString::fromLatin1(bytes.toPercentEncoding());
        QString lower;
        for (const char c : bytes.toPercentEncoding())
            lower += QLatin1Char(c);
        static const QRegularExpression hex(q("%[0-9A-F]{2}"));
        for (auto found = hex.globalMatch(percent); found.hasNext();) {
            const auto match = found.next();
            lower.replace(match.capturedStart(), 3, match.captured().toLower());
        }
        const QString quoted = json::compactString(secret);
        for (const QString &form : {secret, percent, QString(percent).replace(q("%20"), q("+")), lower, quoted.mid(1, quoted.size() - 2),
                                    QString::fromLatin1(bytes.toBase64()), QString::fromLatin1(bytes.toBase64(QByteArray::OmitTrailingEquals))}) {
            const QString told = used.redacted(QString(q("before ") + form + q(" after")));
            QVERIFY2(!told.contains(form) && told.startsWith(q("before [secret k]")) && told.endsWith(q(" after")), qPrintable(form + q(" -> ") + told));
            const QJsonValue data = used.redacted(QJsonValue(QJsonObject{{form, QJsonArray{form}}}));
            QVERIFY2(!json::compactString(data).contains(json::compactString(form).mid(1).chopped(1)), qPrintable(json::compactString(data)));
        }
    }

    // Of a host that is not there, and of a redirect that is not followed.
    void secretsInErrors()
    {
        HttpToolCall call;
        call.hosts = HostAllowList({q("*")});
        call.allowPrivateNetwork = true;
        call.secrets.add(q("k"), q("topsecretname"));
        call.aim(*parseHttpUrl(q("http://topsecretname.invalid/")));
        const auto unknown = await(sendToolCall(m_http.get(), call, CancelToken()));
        QVERIFY(!unknown);
        const QString all = unknown.error().message + u'|' + unknown.error().cause;
        QVERIFY2(unknown.error().message.contains(q("[secret k]")) && !all.contains(q("topsecretname")), qPrintable(all));
        m_server->enqueue(HttpReply::redirect("ftp://elsewhere.example/topsecretname"));
        call.aim(*parseHttpUrl(q("http://localhost:%1/").arg(m_server->port())));
        const auto refused = await(sendToolCall(m_http.get(), call, CancelToken()));
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(q("[secret k]")) && !refused.error().message.contains(q("topsecretname")), qPrintable(refused.error().message));
    }

    void secretBodyStaysWithItsServer()
    {
        ScriptedHttpServer other;
        QVERIFY(other.start());
        other.setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/";
        m_server->enqueue(HttpReply::redirect(elsewhere, 307));
        m_server->enqueue(HttpReply::redirect(elsewhere, 307));
        QJsonObject config{{q("method"), q("POST")}, {q("headers"), object("{\"X-Key\":\"{{secret:api}}\"}")}, {q("body_type"), q("json")},
                           {q("body"), q("{\"k\":\"{{secret:api}}\"}")}};
        const auto outcome = callTool(*make(config), {});
        QVERIFY2(outcome.isError && outcome.text.contains(q("must not get the secret")), qPrintable(outcome.text));
        QCOMPARE(other.requestCount(), 0);
        config.insert(q("body"), q("{\"k\":1}")); // without one it goes on, but for the header
        QVERIFY(!callTool(*make(config), {}).isError);
        QCOMPARE(other.requests().at(0).body, QByteArray("{\"k\":1}"));
        QCOMPARE(other.requests().at(0).header("x-key"), QByteArray());
    }

    void statusAndRetry()
    {
        const auto tool = make({{q("url"), q("/")}});
        m_server->enqueue(HttpReply::text(429, "slow down").withHeader("Retry-After", "7"));
        auto outcome = callTool(*tool, {});
        QVERIFY(outcome.isError && outcome.transient && outcome.text.contains(q("slow down")));
        QCOMPARE(outcome.retryAfterMs, 7000);
        m_server->enqueue(HttpReply::json("{\"error\":\"no such item\"}", 404));
        outcome = callTool(*tool, {});
        QVERIFY(outcome.isError && !outcome.transient && outcome.text.contains(q("no such item")));
        for (const int status : {500, 502, 503, 504, 408, 425})
            QVERIFY(mayPass(status));
        for (const int status : {200, 301, 400, 401, 403, 404, 409, 422, 501, 505})
            QVERIFY(!mayPass(status));
    }

    void preview()
    {
        const auto tool = make({{q("method"), q("POST")},
                                {q("url"), q("/x/{{id}}?k={{secret:api}}")},
                                {q("headers"), object("{\"X-Key\":\"{{secret:other}}\"}")},
                                {q("basic_auth"), q("ann:{{secret:api}}")},
                                {q("body_type"), q("json")},
                                {q("body"), q("{\"t\":{{text}}}")}});
        const QJsonObject arguments = object("{\"id\":\"a/b\",\"text\":\"hi\"}");
        QCOMPARE(tool->preview(arguments),
                 q("POST http://localhost:%1/x/a%2Fb?k=[secret api]\nX-Key: [secret other]\nAuthorization: Basic [secret basic]\n"
                   "Content-Type: application/json\n\n{\"t\":\"hi\"}")
                     .replace(q("%1"), QString::number(m_server->port())));
        QVERIFY(tool->preview(object("{\"id\":\"..\",\"text\":\"hi\"}")).contains(q("cannot be a part of the path")));
        QCOMPARE(m_server->requestCount(), 0);
        const auto form = make({{q("method"), q("POST")}, {q("body_type"), q("multipart")}, {q("body"), q("a={{a}}")}});
        QCOMPARE(form->preview({{q("a"), q("1")}}), form->preview({{q("a"), q("1")}})); // what is recorded must be the same in a replay
    }

    void schemaAndKinds()
    {
        const auto tool =
            make({{q("url"), q("/{{id}}?q={{q}}")},
                  {q("parameters"),
                   QJsonArray{object(
                       "{\"name\":\"q\",\"type\":\"integer\",\"description\":\"How many\",\"required\":false,\"enum\":[1,2]}")}}});
        QCOMPARE(json::compactString(tool->schema()),
                 q("{\"additionalProperties\":false,\"properties\":{\"id\":{\"type\":\"string\"},\"q\":{\"description\":\"How "
                   "many\",\"enum\":[1,2],\"type\":\"integer\"}},\"required\":[\"id\"],\"type\":\"object\"}"));
        QCOMPARE(tool->sideEffect({}), SideEffect::Read);
        QVERIFY(tool->idempotent({}));
        const auto posting = make({{q("method"), q("post")}});
        QCOMPARE(posting->sideEffect({}), SideEffect::External);
        QVERIFY(!posting->idempotent({}));
    }

    void badConfigurations_data()
    {
        QTest::addColumn<QString>("config");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *config, const char *says) { QTest::newRow(says) << q(config) << q(says); };
        row("{}", "has no URL");
        row("{\"url\":\"https://{{host}}/x\"}", "fixed server");
        row("{\"url\":\"{{secret:url}}\"}", "fixed server");
        row("{\"url\":\"https://a.example{{x}}/\"}", "does not begin with a fixed");
        row("{\"url\":\"https://u:p@a.example/\"}", "passwords in URLs");
        row("{\"url\":\"ftp://a.example/\"}", "begin with a fixed server such");
        row("{\"url\":\"https://a.example/\",\"method\":\"BREW\"}", "BREW");
        row("{\"url\":\"https://a.example/\",\"body_type\":\"json\",\"body\":\"{}\"}", "carries no body");
        row("{\"url\":\"https://a.example/\",\"method\":\"POST\",\"body_type\":\"json\",\"body\":\"{\\\"a\\\":\"}", "no JSON");
        row("{\"url\":\"https://a.example/\",\"method\":\"POST\",\"body_type\":\"yaml\"}", "yaml");
        row("{\"url\":\"https://a.example/\",\"headers\":{\"Host\":\"b\"}}", "\"Host\"");
        row("{\"url\":\"https://a.example/\",\"headers\":{\"X\":\"a\\nb\"}}", "\"X\"");
        row("{\"url\":\"https://a.example/\",\"parameters\":[{\"name\":\"a b\"}]}", "\"a b\"");
    }
    void badConfigurations()
    {
        QFETCH(QString, config);
        QFETCH(QString, says);
        const auto tool = makeTool(q("req"), toolSpec("request", object(config.toUtf8().constData())), environment());
        QVERIFY(!tool.ok());
        QVERIFY2(tool.error().message.contains(says), qPrintable(tool.error().message));
    }

    void cancelled()
    {
        m_server->enqueue(HttpReply::never());
        CancelSource cancel;
        LaterOutcome later;
        later.start(make({{q("url"), q("/")}})->call({}, cancel.token()));
        QVERIFY(m_server->waitForRequests(1));
        cancel.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000);
        QCOMPARE(later->error().kind, ErrorKind::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestRequestTool)
#include "tst_RequestTool.moc"
