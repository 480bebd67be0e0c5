// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/OpenApiStyle.h"
#include "core/tool/SchemaCheck.h"
#include "tests/core/tool/OpenApiSamples.h"
#include "tests/core/tool/WebToolTesting.h"

#include <QUrl>

using namespace lathe;
using namespace lathe::test;

namespace {
constexpr auto apiKey = "k3y/with+odd chars";
}

class TestOpenApiTool : public WebToolFixture
{
    Q_OBJECT

    QJsonObject m_more; // of the config
    OpenApiAuth m_auth;

    QString base(const char *path = "/v1") const { return url(q(path)); }
    std::vector<std::shared_ptr<Tool>> make(const OpenApiDocument &document)
    {
        QJsonObject config = openApiConfig(document, {}, base(), m_auth);
        for (auto it = m_more.begin(); it != m_more.end(); ++it)
            config.insert(it.key(), it.value());
        QJsonArray tools;
        for (const QJsonValue &item : config.value(q("tools")).toArray()) {
            QJsonObject function = item.toObject();
            function.insert(q("enabled"), true);
            tools.append(function);
        }
        config.insert(q("tools"), tools);
        auto made = makeTools(q("Pets"), toolSpec("openapi", config), environment());
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        return *made;
    }
    std::shared_ptr<Tool> pets(const char *function)
    {
        for (const auto &tool : make(*parseOpenApi(openApiSample("petstore-3.0.json")))) {
            if (tool->function() == q(function))
                return tool;
        }
        qFatal("no tool %s", function);
    }
    // The tool of a document with one operation.
    std::shared_ptr<Tool> one(const char *method, const char *path, const QJsonObject &operation)
    {
        return make(*parseOpenApi(oneOperation(q(method), q(path), operation))).front();
    }

private Q_SLOTS:
    void init()
    {
        startServer({{q("api"), q(apiKey)}});
        answerAlways(HttpReply::json("{\"ok\":true}"));
        m_auth = OpenApiAuth();
        m_more = QJsonObject();
    }
    void cleanup() { m_http.reset(); }

    void names()
    {
        const auto tool = pets("listPets");
        QCOMPARE(tool->name(), q("pets__listPets"));
        QCOMPARE(tool->description(), q("List pets"));
        QCOMPARE(tool->sideEffect({}), SideEffect::Read);
        QVERIFY(tool->idempotent({}));
        QCOMPARE(pets("createPet")->sideEffect({}), SideEffect::External);
        QVERIFY(!pets("createPet")->idempotent({}));
    }

    void parametersAndAnswer()
    {
        m_server->enqueue(HttpReply::json("[{\"id\":1}]").withHeader("Link", "<x>; rel=next"));
        const auto outcome = callTool(
            *pets("listPets"),
            object("{\"limit\":5,\"tags\":[\"a b\",\"c|d\"],\"filter\":{\"kind\":\"cat\"},\"X-Request-Id\":\"r1\",\"session\":\"s;1\"}"));
        QVERIFY2(!outcome.isError, qPrintable(outcome.text));
        const auto seen = m_server->requests().at(0);
        QCOMPARE(seen.path, QByteArray("/v1/pets?limit=5&tags=a%20b%7Cc%7Cd&filter%5Bkind%5D=cat"));
        QCOMPARE(seen.header("x-request-id"), QByteArray("r1"));
        QCOMPARE(seen.header("cookie"), QByteArray("session=s%3B1"));
        QCOMPARE(seen.header("accept"), QByteArray("application/json"));
        QCOMPARE(outcome.structured, QJsonValue(QJsonArray{object("{\"id\":1}")}));
        QCOMPARE(outcome.text, q("HTTP 200\nContent-Type: application/json\nLink: <x>; rel=next\n\n[{\"id\":1}]"));
    }

    void styles_data()
    {
        QTest::addColumn<QString>("how"); // place, style, explode
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *how, const char *value, const char *expected) {
            QTest::addRow("%s %s", how, value) << q(how) << q(value) << q(expected);
        };
        // The table of the specification, 3.1.0, "Style Examples".
        row("path matrix false", "\"blue\"", ";color=blue");
        row("path matrix false", "[\"blue\",\"black\"]", ";color=blue,black");
        row("path matrix true", "[\"blue\",\"black\"]", ";color=blue;color=black");
        row("path matrix false", "{\"R\":100,\"G\":200}", ";color=G,200,R,100");
        row("path matrix true", "{\"R\":100,\"G\":200}", ";G=200;R=100");
        row("path label false", "\"blue\"", ".blue");
        row("path label true", "[\"blue\",\"black\"]", ".blue.black");
        row("path label true", "{\"R\":100,\"G\":200}", ".G=200.R=100");
        row("path simple false", "[\"blue\",\"black\"]", "blue,black");
        row("path simple false", "{\"R\":100,\"G\":200}", "G,200,R,100");
        row("path simple true", "{\"R\":100,\"G\":200}", "G=200,R=100");
        row("query form true", "[\"blue\",\"black\"]", "color=blue&color=black");
        row("query form false", "[\"blue\",\"black\"]", "color=blue,black");
        row("query form true", "{\"R\":100,\"G\":200}", "G=200&R=100");
        row("query form false", "{\"R\":100,\"G\":200}", "color=G,200,R,100");
        row("query spaceDelimited false", "[\"blue\",\"black\"]", "color=blue%20black");
        row("query pipeDelimited false", "[\"blue\",\"black\"]", "color=blue%7Cblack");
        row("query deepObject true", "{\"R\":100,\"G\":{\"a\":[1,2]}}", "color%5BG%5D%5Ba%5D%5B0%5D=1&color%5BG%5D%5Ba%5D%5B1%5D=2&color%5BR%5D=100");
        row("query form true", "[]", "");
        row("query form true", "\"\"", "color=");
        row("query form true", "\"a&b=c\"", "color=a%26b%3Dc");
        row("query json true", "{\"a\":[1]}", "color=%7B%22a%22%3A%5B1%5D%7D");
        row("query reserved true", "\"a/b:c&d=e#f+g\"", "color=a/b:c%26d%3De%23f%2Bg");
        row("header simple true", "{\"R\":100,\"G\":200}", "G=200,R=100");
    }
    void styles()
    {
        QFETCH(QString, how);
        QFETCH(QString, value);
        QFETCH(QString, expected);
        const QStringList parts = how.split(u' ');
        OpenApiStyle style;
        style.name = q("color");
        style.json = parts[1] == q("json");
        style.reserved = parts[1] == q("reserved");
        style.style = style.json || style.reserved ? QString() : parts[1];
        style.explode = parts[2] == q("true");
        const QJsonValue given = *json::parse(value.toUtf8());
        const QString text = parts[0] == q("path")    ? pathText(style, given)
                             : parts[0] == q("query") ? queryPairs(style, given).join(u'&')
                                                      : headerText(style, given);
        QCOMPARE(text, expected);
    }

    void pathsCannotBeLeft_data()
    {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("sent"); // empty: refused
        const auto row = [](const char *id, const char *sent) { QTest::newRow(id) << q(id) << q(sent); };
        row("7", "/v1/items/7/x");
        row("../admin", "/v1/items/..%2Fadmin/x");
        row("..", "");
        row(".", "");
        row("", "");
        row("%2e%2e", "/v1/items/%252e%252e/x");
        row("a?b=c#d", "/v1/items/a%3Fb%3Dc%23d/x");
        row("//evil.example/", "/v1/items/%2F%2Fevil.example%2F/x");
        row("@evil.example", "/v1/items/%40evil.example/x");
        row("a\\..\\b", "/v1/items/a%5C..%5Cb/x");
        row("a\r\nHost: b", "/v1/items/a%0D%0AHost%3A%20b/x");
    }
    void pathsCannotBeLeft()
    {
        QFETCH(QString, id);
        QFETCH(QString, sent);
        const auto outcome = callTool(*one("get", "/items/{id}/x", {}), {{q("id"), id}});
        QCOMPARE(outcome.isError, sent.isEmpty());
        QCOMPARE(m_server->requestCount(), sent.isEmpty() ? 0 : 1);
        if (!sent.isEmpty())
            QCOMPARE(QString::fromLatin1(m_server->requests().at(0).path), sent);
    }

    // A document edited by hand, or made by somebody else: the call still goes to the base URL's server only.
    void documentsCannotChooseTheServer()
    {
        m_http.reset();
        for (const char *path : {"@evil.example/x", "//evil.example/x", "/../../x", "/{a}", "/x?y=1#z", "/\\evil"}) {
            m_http = std::make_unique<HttpClient>();
            const QJsonObject function{{q("name"), q("f")}, {q("input_schema"), object("{\"type\":\"object\"}")},
                                       {q("request"), QJsonObject{{q("method"), q("GET")}, {q("path"), q(path)}, {q("server"), q("@evil.example")}}}};
            QJsonObject config{{q("base_url"), base()}, {q("allow_private_network"), true}, {q("tools"), QJsonArray{function}}};
            const auto tools = makeTools(q("x"), toolSpec("openapi", config), environment());
            if (!tools)
                continue; // refused at once is fine too
            const auto outcome = callTool(*tools->front(), {});
            QVERIFY2(outcome.isError || m_server->requestCount() > 0, path);
            for (const auto &seen : m_server->requests())
                QVERIFY(seen.header("host").startsWith("localhost:"));
        }
    }

    void serverNamesCannotGrow()
    {
        const QJsonObject function{{q("name"), q("f")}, {q("input_schema"), object("{\"type\":\"object\"}")},
                                   {q("request"), object("{\"method\":\"GET\",\"path\":\"/x\",\"server\":\".evil.example\"}")}};
        const QJsonObject config{{q("base_url"), q("https://api.example")}, {q("tools"), QJsonArray{function}}};
        const auto tools = makeTools(q("x"), toolSpec("openapi", config), environment());
        QVERIFY(tools.ok());
        const auto outcome = callTool(*tools->front(), {});
        QVERIFY2(outcome.text.contains(q("would go to api.example.evil.example instead of api.example")), qPrintable(outcome.text));
    }

    void headersCannotBeInjected()
    {
        const auto tool =
            one("get", "/x",
                {{q("parameters"), QJsonArray{object("{\"name\":\"X-A\",\"in\":\"header\",\"schema\":{\"type\":\"string\"}}"),
                                              object("{\"name\":\"c\",\"in\":\"cookie\",\"schema\":{\"type\":\"string\"}}")}}});
        QVERIFY(callTool(*tool, {{q("X-A"), q("a\r\nX-Evil: 1")}}).isError);
        QVERIFY(callTool(*tool, {{q("X-A"), q("a\nb")}}).isError);
        QVERIFY(callTool(*tool, {{q("X-A"), q("a\x01")}}).isError);
        QCOMPARE(m_server->requestCount(), 0);
        QVERIFY(!callTool(*tool, {{q("c"), q("1\r\nX-Evil: 1; admin=1")}}).isError);
        QCOMPARE(m_server->requests().at(0).header("cookie"), QByteArray("c=1%0D%0AX-Evil%3A%201%3B%20admin%3D1"));
        QCOMPARE(m_server->requests().at(0).header("x-evil"), QByteArray());
    }

    void jsonBody()
    {
        QVERIFY(!callTool(*pets("createPet"), object("{\"name\":\"Rex\",\"kind\":null}")).isError);
        QVERIFY(!callTool(*pets("replace_pet"), object("{\"id\":\"a\",\"query_id\":5,\"body_id\":\"b\"}")).isError);
        QVERIFY(!callTool(*pets("batch"), object("{\"body\":[{\"name\":\"x\"}]}")).isError);
        const auto seen = m_server->requests();
        QCOMPARE(seen.at(0).body, QByteArray("{\"kind\":null,\"name\":\"Rex\"}"));
        QCOMPARE(seen.at(0).header("content-type"), QByteArray("application/json"));
        QCOMPARE(seen.at(1).path, QByteArray("/v1/pets/a?id=5"));
        QCOMPARE(seen.at(1).body, QByteArray("{\"id\":\"b\"}"));
        QCOMPARE(seen.at(2).body, QByteArray("[{\"name\":\"x\"}]"));
    }

    void formBody()
    {
        QVERIFY(!callTool(*pets("token"), object("{\"grant_type\":\"code\",\"scope\":[\"a b\",\"c&d\"],\"extra\":{\"x\":1}}")).isError);
        QCOMPARE(m_server->requests().at(0).body, QByteArray("extra=%7B%22x%22%3A1%7D&grant_type=code&scope=a%20b&scope=c%26d"));
        QCOMPARE(m_server->requests().at(0).header("content-type"), QByteArray("application/x-www-form-urlencoded"));
    }

    void multipartBody()
    {
        QVERIFY(!callTool(*pets("addPhoto"), object("{\"id\":\"1\",\"caption\":\"a\\r\\n--x\",\"photo\":\"bytes\",\"meta\":{\"a\":1}}")).isError);
        const QByteArray body = m_server->requests().at(0).body;
        QVERIFY2(body.contains("name=\"photo\"; filename=\"photo\"\r\nContent-Type: image/png\r\n\r\nbytes\r\n"), body.constData());
        QVERIFY(body.contains("name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n"));
    }

    void serverOverride()
    {
        QVERIFY(!callTool(*pets("old"), {}).isError);
        QCOMPARE(m_server->requests().at(0).path, QByteArray("/v0/old"));
    }

    void auth_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("place"); // header name, or "path"
        QTest::addColumn<QString>("sent");
        QTest::newRow("bearer") << q("bearer") << QString() << q("{{secret:api}}") << q("authorization") << q("Bearer ") + q(apiKey);
        QTest::newRow("basic") << q("basic") << QString() << q("ann:{{secret:api}}") << q("authorization")
                               << q("Basic ") + QString::fromLatin1(QByteArray("ann:").append(apiKey).toBase64());
        QTest::newRow("header") << q("header") << q("X-API-Key") << q("{{secret:api}}") << q("x-api-key") << q(apiKey);
        QTest::newRow("query") << q("query") << q("api key") << q("{{secret:api}}") << q("path") << q("/v1/x?api%20key=k3y%2Fwith%2Bodd%20chars");
        QTest::newRow("cookie") << q("cookie") << q("sid") << q("{{secret:api}}") << q("cookie") << q("sid=k3y%2Fwith%2Bodd%20chars");
    }
    void auth()
    {
        QFETCH(QString, kind);
        QFETCH(QString, name);
        QFETCH(QString, value);
        QFETCH(QString, place);
        QFETCH(QString, sent);
        m_auth = OpenApiAuth{kind, name, value};
        // The server sends everything back and then on to somebody else.
        m_server->setHandler([](const HttpSeen &seen) {
            QByteArray all = seen.path;
            for (const auto &[header, text] : seen.headers)
                all += "\n" + header + ": " + text;
            return HttpReply::text(400, all);
        });
        const auto tool = one("get", "/x", {});
        const auto outcome = callTool(*tool, {});
        const auto seen = m_server->requests().at(0);
        QCOMPARE(place == q("path") ? QString::fromLatin1(seen.path) : QString::fromLatin1(seen.header(place.toLatin1())), sent);
        const QByteArray told = json::compact(outcome.toJson());
        QVERIFY(outcome.isError);
        for (const QByteArray &form : {QByteArray(apiKey), QByteArray(apiKey).toPercentEncoding(), QByteArray("ann:").append(apiKey).toBase64()})
            QVERIFY2(!told.contains(form), told.constData());

        ScriptedHttpServer other;
        QVERIFY(other.start());
        other.setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        const QByteArray elsewhere = "http://localhost:" + QByteArray::number(other.port()) + "/";
        answerAlways(HttpReply::redirect(elsewhere, 307));
        QVERIFY(!callTool(*tool, {}).isError);
        QByteArray all = other.requests().at(0).path;
        const auto onward = other.requests();
        for (const auto &[header, text] : onward.at(0).headers)
            all += text;
        QVERIFY2(!all.contains("k3y"), all.constData()); // another port is another server
        QVERIFY(!all.contains(QByteArray("ann:").append(apiKey).toBase64()));
        // Another host is not even asked.
        m_server->setHandler(
            [&other](const HttpSeen &) { return HttpReply::redirect("http://127.0.0.1:" + QByteArray::number(other.port()) + "/"); });
        QVERIFY(callTool(*tool, {}).text.contains(q("not allowed")));
        QCOMPARE(other.requestCount(), 1);
    }

    void missingSecret()
    {
        m_auth = OpenApiAuth{q("bearer"), QString(), q("{{secret:other}}")};
        const auto outcome = callTool(*one("get", "/x", {}), {});
        QVERIFY2(outcome.isError && outcome.text.contains(q("\"other\", which is not stored")), qPrintable(outcome.text));
        QCOMPARE(m_server->requestCount(), 0);
    }

    // Secrets that a document, a base URL or an argument names are not filled in.
    void onlyTheConfigNamesSecrets()
    {
        const QJsonObject operation{
            {q("parameters"),
             QJsonArray{object("{\"name\":\"q\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"default\":\"{{secret:api}}\"}}")}}};
        QVERIFY(!callTool(*one("get", "/{{secret:api}}/x", operation), {{q("q"), q("{{secret:api}}")}, {q("secret_api"), q("v")}}).isError);
        QVERIFY2(!m_server->requests().at(0).path.contains("k3y"), m_server->requests().at(0).path.constData());
    }

    void errorsOfTheApi()
    {
        m_server->enqueue(HttpReply::json("{\"message\":\"name is too long\"}", 422));
        auto outcome = callTool(*pets("createPet"), object("{\"name\":\"x\"}"));
        QVERIFY(outcome.isError && !outcome.transient);
        QVERIFY(outcome.text.contains(q("name is too long")));
        QCOMPARE(outcome.structured.toObject().value(q("message")).toString(), q("name is too long"));
        m_server->enqueue(HttpReply::json("{}", 503).withHeader("Retry-After", "3"));
        outcome = callTool(*pets("createPet"), object("{\"name\":\"x\"}"));
        QVERIFY(outcome.isError && outcome.transient);
        QCOMPARE(outcome.retryAfterMs, 3000);
        m_server->enqueue(HttpReply::text(200, QByteArray("\x89PNG\0", 5), "image/png"));
        outcome = callTool(*pets("listPets"), {});
        QVERIFY(!outcome.isError && outcome.structured.isNull() && outcome.text.contains(q("binary content, 5 bytes")));
    }

    void checkedAnswers()
    {
        QVERIFY(pets("createPet")->outputSchema().isEmpty());
        m_more.insert(q("check_answers"), true);
        QVERIFY(!checkSchema(pets("createPet")->outputSchema(), object("{\"id\":\"no number\"}"))->empty());
        QVERIFY(checkSchema(pets("createPet")->outputSchema(), object("{\"id\":1,\"parent\":{\"id\":2}}"))->empty());
    }

    void cancelledAndLimits()
    {
        CancelSource cancel;
        m_server->enqueue(HttpReply::never());
        LaterOutcome later;
        later.start(pets("listPets")->call({}, cancel.token()));
        QVERIFY(m_server->waitForRequests(1));
        cancel.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000);
        QCOMPARE(later->error().kind, ErrorKind::Cancelled);
        m_more.insert(q("max_body_bytes"), 1000);
        m_server->enqueue(HttpReply::huge(1001));
        QVERIFY(callTool(*pets("listPets"), {}).text.contains(q("larger than the limit")));
        m_server->enqueue(HttpReply::closeBeforeAnswer());
        m_server->enqueue(HttpReply::closeBeforeAnswer());
        const auto closed = callTool(*pets("createPet"), object("{\"name\":\"x\"}"));
        QVERIFY(closed.isError && closed.transient);
    }

    void badConfigurations()
    {
        const auto error = [this](const QJsonObject &config) {
            const auto tools = makeTools(q("x"), toolSpec("openapi", config), environment());
            return tools ? q("made") : tools.error().message;
        };
        QVERIFY(error({}).contains(q("no base URL")));
        QVERIFY(error({{q("base_url"), q("ftp://a.example")}}).contains(q("http")));
        QVERIFY(error({{q("base_url"), q("https://u:p@a.example")}}).contains(q("passwords in URLs")));
        QVERIFY(error({{q("base_url"), q("https://a.example/?x=1")}}).contains(q("before the \"?\"")));
        QVERIFY(error({{q("base_url"), q("https://a.example")}, {q("auth"), q("magic")}}).contains(q("magic")));
        QVERIFY(error({{q("base_url"), q("https://a.example")}, {q("auth"), q("header")}}).contains(q("name of the header")));
        QVERIFY(error({{q("base_url"), q("https://a.example")}, {q("headers"), QJsonObject{{q("Host"), q("b")}}}}).contains(q("\"Host\"")));
        QVERIFY(error({{q("base_url"), q("https://a.example")}, {q("tools"), QJsonArray{object("{\"name\":\"f\"}")}}}).contains(q("how it is sent")));
    }
};

QTEST_GUILESS_MAIN(TestOpenApiTool)
#include "tst_OpenApiTool.moc"
