// SPDX-License-Identifier: GPL-3.0-or-later
// What servers may say on the way to a sign-in, and how Lathe introduces itself.
#include "tests/core/mcp/OauthTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestOauthServers : public OauthFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    // Whatever is wrong with the way to the sign-in ends it before anything is sent.
    void hostileWays_data()
    {
        QTest::addColumn<QJsonObject>("ofServer");   // over the authorization server's metadata
        QTest::addColumn<QJsonObject>("ofResource"); // over the resource's metadata
        QTest::addColumn<QString>("answer");         // what the redirect gets: iss=..., state=..., or text appended
        QTest::addColumn<int>("authorizations");     // requests at the authorization endpoint
        QTest::addColumn<QString>("problem");
        const auto object = [](const char *name, const QJsonValue &value) { return QJsonObject{{QString::fromLatin1(name), value}}; };
        const QJsonObject none;
        const QString evil = QStringLiteral("https://evil.example");
        QTest::newRow("resource of another") << none << object("resource", evil + QStringLiteral("/mcp")) << QString() << 0 << QStringLiteral("another server");
        QTest::newRow("resource of nobody") << none << object("resource", QJsonValue(QJsonValue::Null)) << QString() << 0 << QStringLiteral("another server");
        QTest::newRow("issuer over http") << none << object("authorization_servers", QJsonArray{QStringLiteral("http://evil.example")}) << QString() << 0
                                          << QStringLiteral("not https");
        QTest::newRow("issuer is a file") << none << object("authorization_servers", QJsonArray{QStringLiteral("file:///etc")}) << QString() << 0
                                          << QStringLiteral("not a web address");
        QTest::newRow("metadata of another") << object("issuer", evil) << none << QString() << 0 << QStringLiteral("calls itself");
        QTest::newRow("no PKCE") << object("code_challenge_methods_supported", QJsonValue(QJsonValue::Null)) << none << QString() << 0 << QStringLiteral("PKCE");
        QTest::newRow("token over http") << object("token_endpoint", QStringLiteral("http://evil.example/t")) << none << QString() << 0
                                         << QStringLiteral("not https");
        QTest::newRow("no registration") << object("registration_endpoint", QJsonValue(QJsonValue::Null)) << none << QString() << 0
                                         << QStringLiteral("cannot register itself");
        QTest::newRow("wrong iss") << none << none << QStringLiteral("iss=") + evil << 1 << QStringLiteral("comes from https://evil.example");
        QTest::newRow("missing iss") << object("authorization_response_iss_parameter_supported", true) << none << QString() << 1
                                     << QStringLiteral("does not say where it comes from");
        QTest::newRow("iss with slash") << none << none << QStringLiteral("iss=AS/") << 1 << QStringLiteral("comes from");
        QTest::newRow("second iss") << none << none << QStringLiteral("&iss=AS&iss=AS") << 1 << QStringLiteral("ambiguous");
        QTest::newRow("second code") << none << none << QStringLiteral("&code=x") << 1 << QStringLiteral("ambiguous");
        QTest::newRow("refused") << none << none << QStringLiteral("error=access_denied") << 1 << QStringLiteral("access_denied");
    }
    void hostileWays()
    {
        QFETCH(QJsonObject, ofServer);
        QFETCH(QJsonObject, ofResource);
        QFETCH(QString, answer);
        QFETCH(int, authorizations);
        QFETCH(QString, problem);
        as->metadata = ofServer;
        for (auto it = ofResource.begin(); it != ofResource.end(); ++it)
            server->metadata.insert(it.key(), it.value());
        answer.replace(QLatin1String("AS"), as->issuer());
        if (answer.startsWith(QLatin1String("iss=")))
            as->issInAnswer = answer.mid(4);
        else if (answer.startsWith(QLatin1String("error=")))
            as->answerError = answer.mid(6);
        else
            as->extraInAnswer = answer;
        const auto done = challenge(401, plain);
        QVERIFY(!done);
        QVERIFY2(done.error().message.contains(problem), qPrintable(done.error().message));
        QCOMPARE(as->count("/authorize"), authorizations);
        QCOMPARE(as->count("/token"), 0);
        QCOMPARE(header(), QByteArray());
    }
    void goodIss()
    {
        as->metadata.insert(QStringLiteral("authorization_response_iss_parameter_supported"), true);
        as->issInAnswer = as->issuer();
        QVERIFY(*challenge(401, plain));
    }
    void wrongStateIsNotTaken()
    {
        as->stateInAnswer = QStringLiteral("other");
        auto task = authorizer->challenged(config, FakeGuardedServer::refusal(401, plain), CancelToken());
        QTRY_VERIFY_WITH_TIMEOUT(browserDone, 20'000);
        clock->advance(301'000);
        const auto done = test::await(std::move(task));
        QVERIFY(!done);
        QCOMPARE(done.error().kind, ErrorKind::Timeout);
        QCOMPARE(as->count("/token"), 0);
    }
    void pastedAddressIsCheckedToo()
    {
        mode = Browser::Pastes;
        as->stateInAnswer = QStringLiteral("other");
        const auto wrong = challenge(401, plain);
        QVERIFY(!wrong);
        QVERIFY(wrong.error().message.contains(QLatin1String("does not belong")));
        as->stateInAnswer.clear();
        QVERIFY(*challenge(401, plain));
    }

    void metadataPlaces()
    {
        // Named in the challenge, and nowhere else.
        const QJsonObject document = server->metadata;
        server->http().setHandler([document](const HttpSeen &request) {
            return request.path == "/custom/prm.json" ? HttpReply::json(json::compact(document)) : HttpReply::text(404, "");
        });
        const QByteArray place = server->url().replace(QLatin1String("/mcp"), QLatin1String("/custom/prm.json")).toUtf8();
        QVERIFY(*challenge(401, "Bearer resource_metadata=\"" + place + "\""));
        QCOMPARE(server->http().requestCount(), 1);
    }
    void namedMetadataMissing()
    {
        const auto done = challenge(401, "Bearer resource_metadata=\"" + server->url().toUtf8() + "/none\"");
        QVERIFY(!done);
        QVERIFY(done.error().message.contains(QLatin1String("cannot be read")));
    }
    void hugeMetadata()
    {
        server->http().setHandler([](const HttpSeen &) { return HttpReply::huge(50 * 1024 * 1024); });
        const auto done = challenge(401, plain);
        QVERIFY(!done);
        QCOMPARE(done.error().kind, ErrorKind::LimitReached);
    }
    void serverIsItsOwnSignInServer() // revision 2025-03-26
    {
        config.url = as->issuer() + QStringLiteral("/mcp");
        QVERIFY(*challenge(401, plain));
        QCOMPARE(as->asked("resource"), config.url);
    }

    void clientAuthentication_data()
    {
        QTest::addColumn<QString>("secret");
        QTest::addColumn<QString>("assigned");
        QTest::addColumn<QJsonValue>("supported");
        QTest::addColumn<QString>("used");
        const QString basic = QStringLiteral("client_secret_basic"), post = QStringLiteral("client_secret_post"), none = QStringLiteral("none");
        const QString secret = QStringLiteral("s3cret:/ä");
        QTest::newRow("none") << QString() << none << QJsonValue(QJsonArray{none}) << none;
        QTest::newRow("basic") << secret << basic << QJsonValue(QJsonArray{basic}) << basic;
        QTest::newRow("post") << secret << post << QJsonValue(QJsonArray{post}) << post;
        QTest::newRow("assigned") << secret << post << QJsonValue(QJsonArray{basic, post}) << post;
        QTest::newRow("not said") << secret << QString() << QJsonValue(QJsonValue::Null) << basic;
        QTest::newRow("secret not wanted") << secret << none << QJsonValue(QJsonArray{none, basic}) << none;
    }
    void clientAuthentication()
    {
        QFETCH(QString, secret);
        QFETCH(QString, assigned);
        QFETCH(QJsonValue, supported);
        QFETCH(QString, used);
        as->metadata.insert(QStringLiteral("token_endpoint_auth_methods_supported"), supported);
        as->registeredSecret = secret;
        as->registeredMethod = assigned;
        QVERIFY(*challenge(401, plain));
        const auto request = as->last("/token");
        const QByteArray expected = "Basic " + QByteArray("client-1:s3cret%3A%2F%C3%A4").toBase64();
        QCOMPARE(request.header("authorization"), used == QLatin1String("client_secret_basic") ? expected : QByteArray());
        QCOMPARE(as->tokenField("client_secret"), used == QLatin1String("client_secret_post") ? secret : QString());
        QCOMPARE(as->tokenField("client_id").isEmpty(), used == QLatin1String("client_secret_basic"));
    }

    void configuredClient()
    {
        as->metadata.insert(QStringLiteral("registration_endpoint"), QJsonValue(QJsonValue::Null));
        config = server->config({{QStringLiteral("client_id"), QStringLiteral("mine")}, {QStringLiteral("client_secret"), QStringLiteral("{{secret:KEY}}")}});
        const auto missing = challenge(401, plain);
        QVERIFY(!missing);
        QVERIFY2(missing.error().message.contains(QLatin1String("KEY")), qPrintable(missing.error().message));
        secrets[QStringLiteral("KEY")] = QStringLiteral("s3cret");
        QVERIFY(*challenge(401, plain));
        QCOMPARE(as->last("/token").header("authorization"), "Basic " + QByteArray("mine:s3cret").toBase64());
        QVERIFY(!store->values.begin()->second.contains(QLatin1String("s3cret"))); // it is kept where the person put it
        header();
        clock->advance(120'000);
        QVERIFY(*challenge(401, plain));
        QCOMPARE(as->tokenField("grant_type"), QStringLiteral("refresh_token"));
        QCOMPARE(as->last("/token").header("authorization"), "Basic " + QByteArray("mine:s3cret").toBase64());
    }
    void configuredClientIsNotShownToAnotherIssuer()
    {
        secrets[QStringLiteral("KEY")] = QStringLiteral("s3cret");
        config = server->config({{QStringLiteral("client_id"), QStringLiteral("mine")}, {QStringLiteral("client_secret"), QStringLiteral("{{secret:KEY}}")}});
        QVERIFY(*challenge(401, plain));
        header();
        FakeAuthorizationServer other;
        server->guardedBy({other.issuer()});
        clock->advance(120'000);
        const auto moved = challenge(401, plain);
        QVERIFY(!moved);
        QVERIFY2(moved.error().message.contains(QLatin1String("was given for")), qPrintable(moved.error().message));
        QCOMPARE(other.count("/authorize") + other.count("/token"), 0);
        // Named from the start.
        config.auth.insert(QStringLiteral("issuer"), as->issuer());
        QVERIFY(!challenge(401, plain));
        config.auth.insert(QStringLiteral("issuer"), other.issuer());
        QVERIFY(*challenge(401, plain));
    }
    void ownAccount()
    {
        secrets[QStringLiteral("KEY")] = QStringLiteral("s3cret");
        mode = Browser::None;
        make();
        config = server->config({{QStringLiteral("grant"), QStringLiteral("client_credentials")}, {QStringLiteral("client_id"), QStringLiteral("mine")},
                                 {QStringLiteral("client_secret"), QStringLiteral("{{secret:KEY}}")}});
        as->knowsOwnAccount = true;
        const auto done = challenge(401, withScope);
        QVERIFY2(done && *done, done ? "" : qPrintable(done.error().message));
        QCOMPARE(as->tokenField("scope"), QStringLiteral("a"));
        QCOMPARE(as->tokenField("resource"), server->url());
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        clock->advance(120'000);
        QVERIFY(*challenge(401, withScope)); // no refresh token: a new one
        QCOMPARE(header(), QByteArray("Bearer token-2"));
        QCOMPARE(as->count("/authorize"), 0);
        config.auth.remove(QStringLiteral("client_secret"));
        QVERIFY(!challenge(401, withScope));
    }
    void metadataDocument()
    {
        as->metadata.insert(QStringLiteral("client_id_metadata_document_supported"), true);
        config = server->config({{QStringLiteral("client_metadata_url"), QStringLiteral("https://lathe.example/client.json")}});
        QVERIFY(*challenge(401, plain));
        QCOMPARE(as->asked("client_id"), QStringLiteral("https://lathe.example/client.json"));
        QCOMPARE(as->count("/register"), 0);
    }
    void migration()
    {
        QVERIFY(*challenge(401, withScope));
        header();
        FakeAuthorizationServer other;
        server->guardedBy({other.issuer()});
        QVERIFY(*challenge(401, withScope)); // at once, although the token is fresh
        QCOMPARE(other.count("/register"), 1);
        QCOMPARE(other.asked("client_id"), QStringLiteral("client-1"));
        QCOMPARE(signIns.size(), 2u);
        for (const auto &request : other.http().requests())
            QVERIFY(!request.body.contains("refresh-1") && !request.body.contains("token-1"));
        QCOMPARE(header(), QByteArray("Bearer token-1")); // the other's first
    }
    void severalIssuersTheKnownOneStays()
    {
        QVERIFY(*challenge(401, plain));
        header();
        server->guardedBy({QStringLiteral("https://first.example"), as->issuer()});
        clock->advance(120'000);
        QVERIFY(*challenge(401, plain));
        QCOMPARE(as->tokenField("grant_type"), QStringLiteral("refresh_token"));
    }
};

QTEST_GUILESS_MAIN(TestOauthServers)
#include "tst_OauthServers.moc"
