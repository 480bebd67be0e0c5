// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/http/HttpClient.h"
#include "core/session/ToolImports.h"
#include "tests/support/Await.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

using namespace lathe;
using test::HttpReply;

namespace {
QString q(const char *text) { return QString::fromUtf8(text); }

QByteArray sample(const char *name)
{
    QFile file(q(LATHE_TEST_DATA "/openapi/") + q(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}
}

class TestToolImports : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void yaml()
    {
        const auto import = importOpenApi(sample("notes-3.1.yaml"), q("https://notes.example/docs/openapi.yaml"));
        QVERIFY2(import.ok(), import ? "" : qPrintable(import.error().message));
        QCOMPARE(import->name, q("Notes"));
        QCOMPARE(import->document.version, q("2"));
        QCOMPARE(import->document.servers.at(0).url, q("https://notes.example/api"));
        QCOMPARE(import->auth.kind, q("bearer"));
        QCOMPARE(import->auth.value, q("{{secret:NOTES_TOKEN}}"));
        const OpenApiOperation &update = import->document.operations.at(0);
        QCOMPARE(update.function.name, q("notes_update"));
        // The body through an alias of YAML, closed by additionalProperties: false; 3.1's types as they are.
        QCOMPARE(json::compactString(update.function.inputSchema),
                 q("{\"additionalProperties\":false,\"properties\":{\"at\":{\"format\":\"date-time\",\"type\":\"string\"},\"id\":{"
                   "\"pattern\":\"^[a-z]+$\",\"type\":\"string\"},"
                   "\"kind\":{\"const\":\"note\"},\"text\":{\"examples\":[\"hello\"],\"type\":[\"string\",\"null\"]}},\"required\":[\"id\","
                   "\"text\"],\"type\":\"object\"}"));
        QCOMPARE(update.function.request.value(q("body")).toObject().value(q("type")).toString(), q("application/merge-patch+json"));
        QVERIFY(!update.function.outputSchema.isEmpty());
        const QJsonObject body = import->toolBody({}, QString(), import->auth);
        for (const Problem &problem : validateTool(body, {}))
            QVERIFY2(problem.severity != Problem::Severity::Error, qPrintable(problem.message));
    }

    void sameInBothFormats()
    {
        const QByteArray json = sample("petstore-3.0.json");
        const auto fromJson = importOpenApi(json);
        const auto fromYaml = importOpenApi("# JSON is YAML\n" + json);
        QVERIFY(fromJson.ok() && fromYaml.ok());
        QVERIFY(fromJson->document == fromYaml->document);
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("empty") << QByteArray("  ") << q("empty");
        QTest::newRow("list") << QByteArray("- a\n- b") << q("neither a JSON object nor a YAML mapping");
        QTest::newRow("text") << QByteArray("hello") << q("neither a JSON object nor a YAML mapping");
        QTest::newRow("broken") << QByteArray("openapi: [") << q("cannot be read");
        QTest::newRow("tabs") << QByteArray("a:\n\t- b: [") << q("cannot be read");
        QTest::newRow("swagger") << QByteArray("swagger: \"1.2\"\npaths: {}") << q("Swagger 1.2");
        QTest::newRow("page") << QByteArray("\n<html>") << q("web page");
        QByteArray bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (int n = 1; n < 12; ++n) {
            const QByteArray alias = "*a" + QByteArray::number(n - 1);
            bomb += "a" + QByteArray::number(n) + ": &a" + QByteArray::number(n) + " [" + QByteArrayList(10, alias).join(", ") + "]\n";
        }
        QTest::newRow("bomb") << bomb << q("too large by its aliases");
        QTest::newRow("deep") << QByteArray(100'000, '[') << q("cannot be read");
        QTest::newRow("huge") << QByteArray(maxOpenApiBytes + 1, ' ') << q("32 MB");
    }
    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        QElapsedTimer timer;
        timer.start();
        const auto import = importOpenApi(bytes);
        QVERIFY(!import.ok());
        QCOMPARE(import.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(import.error().message.contains(says), qPrintable(import.error().message));
        QVERIFY2(timer.elapsed() < 120'000, "not bounded");
    }

    void recognised()
    {
        QVERIFY(looksLikeOpenApi(QString::fromUtf8(sample("notes-3.1.yaml"))));
        QVERIFY(looksLikeOpenApi(QString::fromUtf8(sample("petstore-3.0.json"))));
        QVERIFY(looksLikeOpenApi(q("{\"a\":{},\"openapi\":\"3.0.0\"}")));
        QVERIFY(!looksLikeOpenApi(q("curl https://a.example/openapi: 3")));
        QVERIFY(!looksLikeOpenApi(q("{\"mcpServers\":{}}")));
    }

    void curl()
    {
        const auto import = importCurl(
            q("curl -X POST https://api.shop.example/v1/orders/{id} -H 'Authorization: Bearer abcdef123456' --json '{\"n\": 1}'"));
        QVERIFY(import.ok());
        QCOMPARE(import->name, q("post_orders"));
        QCOMPARE(import->secrets.size(), size_t(1));
        QVERIFY(!json::compactString(import->body).contains(q("abcdef123456")));
        for (const Problem &problem : validateTool(import->body, {}))
            QVERIFY2(problem.severity != Problem::Severity::Error, qPrintable(problem.message));
        QVERIFY(!importCurl(q("wget x")).ok());
    }

    void fetching()
    {
        HttpClient http;
        test::ScriptedHttpServer server, other;
        QVERIFY(server.start() && other.start());
        other.setHandler([](const test::HttpSeen &) { return HttpReply::text(200, "inside"); });
        const QString url = q("http://localhost:%1/openapi.json").arg(server.port());
        const auto fetch = [&http](const QString &from) { return test::await(fetchDocument(&http, from, CancelToken())); };
        server.enqueue(HttpReply::redirect("/v2/openapi.json"));
        server.enqueue(HttpReply::json("{}"));
        auto bytes = fetch(url); // what a person types may lie in this network
        QVERIFY2(bytes.ok(), bytes ? "" : qPrintable(bytes.error().message));
        QCOMPARE(*bytes, QByteArray("{}"));
        // What a server sends on to may not.
        server.enqueue(HttpReply::redirect("http://127.0.0.1:" + QByteArray::number(other.port()) + "/"));
        bytes = fetch(url);
        QVERIFY(!bytes.ok());
        QCOMPARE(bytes.error().kind, ErrorKind::Denied);
        QCOMPARE(other.connections(), 0);
        server.enqueue(HttpReply::text(404, "no"));
        bytes = fetch(url);
        QVERIFY(!bytes.ok() && bytes.error().kind == ErrorKind::Provider && bytes.error().httpStatus == 404);
        server.enqueue(HttpReply::huge(maxOpenApiBytes + 1));
        QVERIFY(fetch(url).error().kind == ErrorKind::LimitReached);
        QVERIFY(!fetch(q("file:///etc/passwd")).ok());
        CancelSource cancel;
        cancel.cancel();
        QCOMPARE(test::await(fetchDocument(&http, url, cancel.token())).error().kind, ErrorKind::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestToolImports)
#include "tst_ToolImports.moc"
