// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/mcp/OauthTesting.h"

using namespace lathe;
using namespace lathe::test;

namespace {
QByteArray moreScope(const QByteArray &scope)
{
    return "Bearer error=\"insufficient_scope\", scope=\"" + scope + "\"";
}
} // namespace

class TestOauthAuthorizer : public OauthFixture
{
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void firstSignIn()
    {
        QCOMPARE(header(), QByteArray());
        const auto done = challenge(401, plain);
        QVERIFY2(done && *done, done ? "" : qPrintable(done.error().message));
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        QCOMPARE(as->count("/register"), 1);
        const auto body = json::parseObject(as->last("/register").body);
        QCOMPARE(json::toStringList(body->value(QLatin1String("redirect_uris"))).value(0), signIns.at(0).redirectUri.toString());
        QCOMPARE(body->value(QLatin1String("application_type")).toString(), QStringLiteral("native"));
        QCOMPARE(body->value(QLatin1String("token_endpoint_auth_method")).toString(), QStringLiteral("none"));
        QVERIFY(json::toStringList(body->value(QLatin1String("grant_types"))).contains(QStringLiteral("refresh_token")));
        QCOMPARE(as->asked("response_type"), QStringLiteral("code"));
        QCOMPARE(as->asked("code_challenge_method"), QStringLiteral("S256"));
        QCOMPARE(as->asked("resource"), server->url());
        QVERIFY(as->asked("state").size() >= 40);
        QVERIFY(!as->last("/authorize").path.contains("scope="));
        QCOMPARE(as->tokenField("resource"), server->url());
        QCOMPARE(as->tokenField("client_id"), QStringLiteral("client-1"));
        QCOMPARE(signIns.at(0).issuer, as->issuer());
        const auto status = test::await(authorizer->status(config));
        QVERIFY(status->signedIn && status->issuer == as->issuer());
    }

    void keptOverARestart()
    {
        QVERIFY(*challenge(401, withScope));
        QCOMPARE(store->values.size(), 1u);
        QVERIFY(store->values.begin()->first.startsWith(QLatin1String("mcp-oauth-127.0.0.1-")));
        make();
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        QVERIFY(test::await(authorizer->forget(config)));
        QCOMPARE(header(), QByteArray());
        QCOMPARE(store->values.begin()->second, QString());
        make();
        QCOMPARE(header(), QByteArray());
    }
    // Who signs out also voids the tokens there, where that can be done; here it is over in any case.
    void signsOutThere_data()
    {
        QTest::addColumn<QString>("endpoint"); // ISSUER stands for the server
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("secret"); // of a client that is known by one
        QTest::addColumn<int>("revoked");
        QTest::addColumn<QString>("log");
        QTest::newRow("both tokens") << "ISSUER/revoke" << 200 << "" << 2 << "Signed out at";
        QTest::newRow("with a secret") << "ISSUER/revoke" << 200 << "s3cret" << 2 << "Signed out at";
        QTest::newRow("refused") << "ISSUER/revoke" << 503 << "" << 2 << "may live on there";
        QTest::newRow("never answers") << "ISSUER/revoke" << 0 << "" << 2 << "may live on there";
        QTest::newRow("not named") << "" << 200 << "" << 0 << "";
        QTest::newRow("not encrypted") << "http://revoke.example/" << 200 << "" << 0 << "";
    }
    void signsOutThere()
    {
        QFETCH(QString, endpoint);
        QFETCH(int, status);
        QFETCH(QString, secret);
        QFETCH(QString, log);
        if (!endpoint.isEmpty())
            as->metadata.insert(QStringLiteral("revocation_endpoint"), endpoint.replace(QLatin1String("ISSUER"), as->issuer()));
        as->revokeStatus = status;
        as->registeredSecret = secret;
        QVERIFY(*challenge(401, plain));
        make(); // after a restart, too
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        QVERIFY(test::await(authorizer->forget(config)));
        QCOMPARE(header(), QByteArray());
        QCOMPARE(store->values.begin()->second, QString());
        QTEST(as->count("/revoke"), "revoked");
        if (as->count("/revoke") > 0) {
            const HttpSeen access = as->last("/revoke"); // the refresh token goes first
            QCOMPARE(FakeAuthorizationServer::field(access.body, "token"), QStringLiteral("token-1"));
            QCOMPARE(FakeAuthorizationServer::field(access.body, "token_type_hint"), QStringLiteral("access_token"));
            QCOMPARE(access.header("Authorization").startsWith("Basic "), !secret.isEmpty());
        }
        QVERIFY2(lines.join(QLatin1Char('\n')).contains(log), qPrintable(lines.join(QLatin1Char('\n'))));
    }

    // Each step can be followed in the server's log; tearDown() looks for secrets in it.
    void saysWhatItDoes()
    {
        QVERIFY(*challenge(401, withScope));
        const QString all = lines.join(QLatin1Char('\n'));
        for (const char *step : {"Who guards it", "How to sign in", "is needed", "Registered Lathe", "asked to sign in", "came back", "gave a token", "Signed in"})
            QVERIFY2(all.contains(QLatin1String(step)), qPrintable(QLatin1String(step) + QStringLiteral(" in: ") + all));
    }

    void withoutKeychain()
    {
        store->refuses = true;
        QVERIFY(*challenge(401, plain));
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        QVERIFY(lines.join(QLatin1Char('\n')).contains(QLatin1String("only until Lathe ends")));
    }
    void brokenStore()
    {
        QVERIFY(*challenge(401, plain));
        for (const char *text : {"", "[]", "{\"issuer\":1}", "{\"issuer\":\"x\",\"token_endpoint\":\"http://evil.example/\",\"access_token\":\"a\"}"}) {
            store->values.begin()->second = QString::fromLatin1(text);
            make();
            QCOMPARE(header(), QByteArray());
        }
    }

    void renewsBeforeTheEnd()
    {
        QVERIFY(*challenge(401, plain));
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        clock->advance(3'500'000);
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        clock->advance(80'000); // less than 30 s are left
        QCOMPARE(header(), QByteArray("Bearer token-2"));
        QCOMPARE(as->tokenField("refresh_token"), QStringLiteral("refresh-1"));
        QCOMPARE(as->tokenField("resource"), server->url());
        make(); // the rotated one was kept
        clock->advance(3'600'000);
        QCOMPARE(header(), QByteArray("Bearer token-3"));
        QCOMPARE(as->tokenField("refresh_token"), QStringLiteral("refresh-2"));
        QCOMPARE(signIns.size(), 1u);
    }
    void renewsAfterA401()
    {
        as->rotatesRefresh = false;
        QVERIFY(*challenge(401, plain));
        header();
        clock->advance(120'000);
        QVERIFY(*challenge(401, "Bearer error=\"invalid_token\""));
        QCOMPARE(header(), QByteArray("Bearer token-2"));
        QCOMPARE(signIns.size(), 1u);
        clock->advance(120'000);
        QVERIFY(*challenge(401, plain));
        QCOMPARE(as->tokenField("refresh_token"), QStringLiteral("refresh-1"));
    }
    void endedSignInAsksAgain()
    {
        QVERIFY(*challenge(401, withScope));
        header();
        clock->advance(120'000);
        as->knowsRefresh = false;
        QVERIFY(*challenge(401, plain));
        QCOMPARE(signIns.size(), 2u);
        QCOMPARE(as->count("/register"), 1);                 // the registration is still good
        QCOMPARE(as->asked("scope"), QStringLiteral("a"));   // and what was needed is asked for again
        QCOMPARE(signIns[1].redirectUri, signIns[0].redirectUri);
    }
    void renewalWithoutAnswerIsNoEnd()
    {
        QVERIFY(*challenge(401, plain));
        header();
        clock->advance(120'000);
        as->tokenStatus = 503;
        const auto done = challenge(401, plain);
        QVERIFY(!done);
        QCOMPARE(done.error().kind, ErrorKind::Provider);
        QCOMPARE(signIns.size(), 1u);
        as->tokenStatus = 0;
        QVERIFY(*challenge(401, plain));
        QCOMPARE(header(), QByteArray("Bearer token-2"));
        QCOMPARE(signIns.size(), 1u);
    }
    void forgottenClientIsRegisteredAnew()
    {
        QVERIFY(*challenge(401, plain));
        header();
        clock->advance(120'000);
        as->knowsClient = false;
        QVERIFY(!challenge(401, plain)); // renewal and exchange both fail
        as->knowsClient = true;
        clock->advance(120'000);
        QVERIFY(*challenge(401, plain));
        QVERIFY(as->count("/register") >= 2);
    }

    void scopes_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QStringList>("ofResource");
        QTest::addColumn<QStringList>("ofServer");
        QTest::addColumn<QJsonObject>("auth");
        QTest::addColumn<QString>("asked");
        const QStringList none;
        const QStringList xy{QStringLiteral("x"), QStringLiteral("y")};
        const QStringList offline{QStringLiteral("x"), QStringLiteral("offline_access")};
        const QJsonObject configured{{QStringLiteral("scopes"), QStringLiteral("c d")}};
        QTest::newRow("from the challenge") << withScope << xy << none << QJsonObject() << QStringLiteral("a");
        QTest::newRow("from the resource") << plain << xy << none << QJsonObject() << QStringLiteral("x y");
        QTest::newRow("none") << plain << none << xy << QJsonObject() << QString();
        QTest::newRow("as configured") << withScope << xy << none << configured << QStringLiteral("c d");
        QTest::newRow("offline") << withScope << xy << offline << QJsonObject() << QStringLiteral("a offline_access");
        QTest::newRow("offline alone") << plain << none << offline << QJsonObject() << QStringLiteral("offline_access");
    }
    void scopes()
    {
        QFETCH(QByteArray, header);
        QFETCH(QStringList, ofResource);
        QFETCH(QStringList, ofServer);
        QFETCH(QJsonObject, auth);
        server->guardedBy({as->issuer()}, ofResource);
        if (!ofServer.isEmpty())
            as->metadata.insert(QStringLiteral("scopes_supported"), json::fromStringList(ofServer));
        config = server->config(auth);
        QVERIFY(*challenge(401, header));
        QTEST(as->asked("scope"), "asked");
        QCOMPARE(as->asked("prompt"), as->asked("scope").contains(QLatin1String("offline_access")) ? QStringLiteral("consent") : QString());
    }

    void moreScopes()
    {
        QVERIFY(*challenge(401, withScope));
        header();
        clock->advance(120'000);
        QVERIFY(*challenge(403, moreScope("b")));
        QCOMPARE(as->asked("scope"), QStringLiteral("a b"));
        QCOMPARE(header(), QByteArray("Bearer token-2"));
        QCOMPARE(signIns.size(), 2u);
        // Asked for and still refused: no loop. The first answer may be one to a request before the new token.
        QVERIFY(*challenge(403, moreScope("b")));
        const auto again = challenge(403, moreScope("b"));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Denied);
        QVERIFY2(again.error().message.contains(QLatin1String("(b)")), qPrintable(again.error().message));
        QCOMPARE(signIns.size(), 2u);
    }
    void everMoreScopesEnd()
    {
        QVERIFY(*challenge(401, plain));
        std::optional<Error> error;
        for (int i = 0; i < 20 && !error; ++i) {
            header();
            const auto done = challenge(403, moreScope("s" + QByteArray::number(i)));
            if (!done)
                error = done.error();
        }
        QVERIFY(error && error->kind == ErrorKind::Denied);
        QCOMPARE(signIns.size(), 3u);
    }
    void otherRefusals()
    {
        QCOMPARE(*challenge(403, "Bearer error=\"invalid_request\""), false);
        QCOMPARE(*challenge(403, "Basic realm=\"x\""), false);
        QCOMPARE(*challenge(404, plain), false);
        QCOMPARE(signIns.size(), 0u);
    }
    void freshTokenRefused()
    {
        QVERIFY(*challenge(401, plain));
        header();
        QVERIFY(*challenge(401, plain)); // may be late
        QCOMPARE(header(), QByteArray("Bearer token-1"));
        const auto again = challenge(401, plain);
        QVERIFY(!again);
        QVERIFY2(again.error().message.contains(QLatin1String("just issued")), qPrintable(again.error().message));
        QCOMPARE(signIns.size(), 1u);
    }
    void twoAtOnceAreOneSignIn()
    {
        auto first = authorizer->challenged(config, FakeGuardedServer::refusal(401, plain), CancelToken());
        CancelSource gone;
        auto second = authorizer->challenged(config, FakeGuardedServer::refusal(401, plain), gone.token());
        auto third = authorizer->challenged(config, FakeGuardedServer::refusal(401, plain), CancelToken());
        gone.cancel();
        const auto cancelled = test::await(std::move(second));
        QVERIFY(!cancelled && cancelled.error().kind == ErrorKind::Cancelled);
        QVERIFY(*test::await(std::move(first)));
        QVERIFY(*test::await(std::move(third)));
        QCOMPARE(signIns.size(), 1u);
        QCOMPARE(as->tokens(), 1);
    }

    void refusedWhileRenewing() // the renewal that is joined fails, the sign-in does not
    {
        QVERIFY(*challenge(401, plain));
        clock->advance(3'600'000);
        as->knowsRefresh = false;
        auto value = authorizer->authorization(config, CancelToken());
        QVERIFY(*challenge(401, plain));
        [[maybe_unused]] const auto old = test::await(std::move(value));
        QCOMPARE(header(), QByteArray("Bearer token-2"));
        QCOMPARE(signIns.size(), 2u);
    }

    void nobodyThere()
    {
        mode = Browser::None;
        make();
        const auto done = challenge(401, plain);
        QVERIFY(!done);
        QCOMPARE(done.error().kind, ErrorKind::Denied);
        QVERIFY(done.error().message.contains(QLatin1String("nobody")));
        QCOMPARE(as->count("/register"), 0);
    }
    void personRefuses()
    {
        mode = Browser::Refuses;
        const auto done = challenge(401, plain);
        QVERIFY(!done);
        QCOMPARE(done.error().message, QStringLiteral("not now"));
    }
    void personIsSlow()
    {
        mode = Browser::Waits;
        auto task = authorizer->challenged(config, FakeGuardedServer::refusal(401, plain), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(signIns.size(), 1u, 20'000);
        clock->advance(301'000);
        const auto done = test::await(std::move(task));
        QVERIFY(!done);
        QCOMPARE(done.error().kind, ErrorKind::Timeout);
        QVERIFY(questionClosed);
    }
    void cancelled()
    {
        mode = Browser::Waits;
        CancelSource source;
        auto task = authorizer->challenged(config, FakeGuardedServer::refusal(401, plain), source.token());
        QTRY_COMPARE_WITH_TIMEOUT(signIns.size(), 1u, 20'000);
        source.cancel();
        const auto done = test::await(std::move(task));
        QVERIFY(!done && done.error().kind == ErrorKind::Cancelled);
        QVERIFY(questionClosed);
        mode = Browser::Follows; // and it still works
        QVERIFY(*challenge(401, plain));
    }
    void deletedMeanwhile()
    {
        mode = Browser::Waits;
        auto task = authorizer->challenged(config, FakeGuardedServer::refusal(401, plain), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(signIns.size(), 1u, 20'000);
        authorizer.reset();
        const auto done = test::await(std::move(task));
        QVERIFY(!done && done.error().kind == ErrorKind::Cancelled);
        QVERIFY(questionClosed);
    }
    void plainHttpServerElsewhere()
    {
        config.url = QStringLiteral("http://tracker.example/mcp");
        const auto done = challenge(401, plain);
        QVERIFY(!done);
        QVERIFY(done.error().message.contains(QLatin1String("not https")));
    }
};

QTEST_GUILESS_MAIN(TestOauthAuthorizer)
#include "tst_OauthAuthorizer.moc"
