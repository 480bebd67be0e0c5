// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ChatModel.h"
#include "tests/support/Await.h"
#include "tests/support/FakeClock.h"
#include "tests/support/ScriptedHttpServer.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QTimer>

#include <cmath>

using namespace lathe;
using namespace lathe::test;

namespace {
double cosine(const Embedding &a, const Embedding &b)
{
    double dot = 0, left = 0, right = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        dot += double(a[i]) * double(b[i]);
        left += double(a[i]) * double(a[i]);
        right += double(b[i]) * double(b[i]);
    }
    return dot / std::sqrt(left * right);
}
}

class TestEmbeddings : public QObject
{
    Q_OBJECT

    ConnectionSpec connection(const ScriptedHttpServer &server, const char *api = "openai_chat")
    {
        ConnectionSpec spec;
        spec.name = QStringLiteral("test");
        spec.api = QLatin1String(api);
        spec.baseUrl = server.url(QStringLiteral("/v1"));
        spec.retry.baseDelayMs = 1;
        return spec;
    }

private Q_SLOTS:
    void theOrderIsThatOfTheIndices()
    {
        const auto read = embeddings::read(R"({"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0.5]}]})", 2);
        QVERIFY(read.ok());
        QCOMPARE((*read)[0], (Embedding{1.0f, 0.5f}));
        QCOMPARE((*read)[1], (Embedding{0.0f, 1.0f}));
    }

    void nonsenseIsAnError_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("no JSON") << QByteArray("<html>");
        QTest::newRow("too few") << QByteArray(R"({"data":[{"embedding":[1]}]})");
        QTest::newRow("twice the same") << QByteArray(R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})");
        QTest::newRow("index outside") << QByteArray(R"({"data":[{"index":0,"embedding":[1]},{"index":7,"embedding":[1]}]})");
        QTest::newRow("empty") << QByteArray(R"({"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]})");
        QTest::newRow("no numbers") << QByteArray(R"({"data":[{"index":0,"embedding":["a"]},{"index":1,"embedding":["b"]}]})");
        QTest::newRow("lengths differ") << QByteArray(R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]})");
    }
    void nonsenseIsAnError()
    {
        QFETCH(QByteArray, body);
        const auto read = embeddings::read(body, 2);
        QVERIFY(!read.ok());
        QCOMPARE(read.error().kind, ErrorKind::Protocol);
    }

    void offlineVectorsTellLikeFromUnlike()
    {
        const Embedding asked = embeddings::offline(QStringLiteral("The invoice was charged twice this month"));
        const Embedding close = embeddings::offline(QStringLiteral("We were charged two times; see the invoices of this month"));
        const Embedding far = embeddings::offline(QStringLiteral("Search does not find my notes since Monday"));
        QVERIFY(cosine(asked, close) > cosine(asked, far) + 0.2);
        QCOMPARE(embeddings::offline(QStringLiteral("ANN'S report")), embeddings::offline(QStringLiteral("ann's REPORT")));
        QVERIFY(qAbs(cosine(asked, asked) - 1) < 1e-5);
    }

    void anOpenAiServerIsAskedAndAskedAgain()
    {
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        server.enqueue(HttpReply::json(R"({"error":{"message":"busy, key sk-verysecret"}})", 503));
        server.enqueue(HttpReply::json(R"({"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}]})"));
        HttpClient http;
        SystemClock clock;
        const auto model = makeChatModel(connection(server), QStringLiteral("sk-verysecret"), &http, &clock);
        QVERIFY(model.ok());
        const auto vectors = await((*model)->embed(QString(), {QStringLiteral("a"), QStringLiteral("b")}, CancelToken()));
        QVERIFY2(vectors.ok(), vectors.ok() ? "" : qPrintable(vectors.error().message));
        QCOMPARE(vectors->size(), size_t(2));
        QCOMPARE(server.requests().size(), size_t(2));
        const std::vector<HttpSeen> all = server.requests();
        const HttpSeen &seen = all.back();
        QCOMPARE(seen.path, QByteArray("/v1/embeddings"));
        QCOMPARE(seen.header("authorization"), QByteArray("Bearer sk-verysecret"));
        const QJsonObject body = QJsonDocument::fromJson(seen.body).object();
        QCOMPARE(body.value(QStringLiteral("input")).toArray().size(), 2);
        QCOMPARE(body.value(QStringLiteral("model")).toString(), QStringLiteral("nomic-embed-text")); // a server of one's own
    }

    void aRefusalSaysWhyWithoutTheKey()
    {
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        server.enqueue(HttpReply::json(R"({"error":{"message":"bad key sk-verysecret"}})", 401));
        HttpClient http;
        SystemClock clock;
        const auto model = makeChatModel(connection(server), QStringLiteral("sk-verysecret"), &http, &clock);
        QVERIFY(model.ok());
        const auto vectors = await((*model)->embed(QStringLiteral("m"), {QStringLiteral("a")}, CancelToken()));
        QVERIFY(!vectors.ok());
        QCOMPARE(vectors.error().kind, ErrorKind::Auth);
        QVERIFY(!vectors.error().message.contains(QStringLiteral("verysecret")));
        QVERIFY(!vectors.error().cause.contains(QStringLiteral("verysecret")));
    }

    void cancelEndsIt()
    {
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        server.enqueue(HttpReply::never());
        HttpClient http;
        SystemClock clock;
        const auto model = makeChatModel(connection(server), QString(), &http, &clock);
        QVERIFY(model.ok());
        CancelSource stop;
        QTimer::singleShot(30, [&stop] { stop.cancel(); });
        const auto vectors = await((*model)->embed(QString(), {QStringLiteral("a")}, stop.token()));
        QVERIFY(!vectors.ok());
        QCOMPARE(vectors.error().kind, ErrorKind::Cancelled);
    }

    void anotherApiSaysThatItHasNone()
    {
        ScriptedHttpServer server;
        QVERIFY(server.start() > 0);
        HttpClient http;
        SystemClock clock;
        const auto model = makeChatModel(connection(server, "anthropic"), QStringLiteral("key"), &http, &clock);
        QVERIFY(model.ok());
        const auto vectors = await((*model)->embed(QString(), {QStringLiteral("a")}, CancelToken()));
        QVERIFY(!vectors.ok());
        QCOMPARE(vectors.error().kind, ErrorKind::NotFound);
        QVERIFY(server.requests().empty());
    }
};

QTEST_GUILESS_MAIN(TestEmbeddings)
#include "tst_Embeddings.moc"
