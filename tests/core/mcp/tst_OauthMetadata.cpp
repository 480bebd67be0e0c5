// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/OauthMetadata.h"

#include "core/base/Json.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

using namespace lathe;
using namespace lathe::oauth;

namespace {
QJsonObject goodServer()
{
    return {
        {QStringLiteral("issuer"), QStringLiteral("https://as.example.com/t1")},
        {QStringLiteral("authorization_endpoint"), QStringLiteral("https://as.example.com/t1/authorize?x=1")},
        {QStringLiteral("token_endpoint"), QStringLiteral("https://as.example.com/t1/token")},
        {QStringLiteral("registration_endpoint"), QStringLiteral("https://as.example.com/t1/register")},
        {QStringLiteral("code_challenge_methods_supported"), QJsonArray{QStringLiteral("plain"), QStringLiteral("S256")}},
        {QStringLiteral("scopes_supported"), QJsonArray{QStringLiteral("a"), QStringLiteral("offline_access")}},
        {QStringLiteral("authorization_response_iss_parameter_supported"), true},
        {QStringLiteral("grant_types_supported"), QJsonArray{QStringLiteral("authorization_code")}},
    };
}
} // namespace

class TestOauthMetadata : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void challenges_data()
    {
        QTest::addColumn<QList<QByteArray>>("headers");
        QTest::addColumn<bool>("present");
        QTest::addColumn<QString>("error");
        QTest::addColumn<QStringList>("scopes");
        QTest::addColumn<QString>("metadata");
        const QString at = QStringLiteral("https://a.example/.well-known/x");
        QTest::newRow("none") << QList<QByteArray>{} << false << QString() << QStringList() << QString();
        QTest::newRow("other scheme") << QList<QByteArray>{"Basic realm=\"bearer\", scope=\"a\""} << false << QString() << QStringList() << QString();
        QTest::newRow("bare") << QList<QByteArray>{"Bearer"} << true << QString() << QStringList() << QString();
        QTest::newRow("full") << QList<QByteArray>{"Bearer error=\"insufficient_scope\", scope=\"a b a\", resource_metadata=\"https://a.example/.well-known/x\""}
                              << true << QStringLiteral("insufficient_scope") << QStringList{QStringLiteral("a"), QStringLiteral("b")} << at;
        QTest::newRow("case, tokens, spaces") << QList<QByteArray>{"bEARER ERROR = invalid_token ,SCOPE=x"} << true << QStringLiteral("invalid_token")
                                              << QStringList{QStringLiteral("x")} << QString();
        QTest::newRow("several in one line") << QList<QByteArray>{"Basic realm=\"x, Bearer error=\\\"no\\\"\", Bearer scope=\"a\", DPoP error=\"other\""}
                                             << true << QString() << QStringList{QStringLiteral("a")} << QString();
        QTest::newRow("several lines") << QList<QByteArray>{"Negotiate abc==", "Bearer scope=\"a\""} << true << QString()
                                       << QStringList{QStringLiteral("a")} << QString();
        QTest::newRow("escaped quote") << QList<QByteArray>{"Bearer error=\"in\\\"valid\", scope=\"a\""} << true << QStringLiteral("in\"valid")
                                       << QStringList{QStringLiteral("a")} << QString();
        QTest::newRow("unterminated") << QList<QByteArray>{"Bearer scope=\"a b"} << true << QString()
                                      << QStringList{QStringLiteral("a"), QStringLiteral("b")} << QString();
        QTest::newRow("junk") << QList<QByteArray>{QByteArray("\0\xff=,=\"\"\",,Bearer ==,\\", 20)} << false << QString() << QStringList() << QString();
        QTest::newRow("bad scope characters") << QList<QByteArray>{"Bearer scope=\"ok \\\"quoted\\\" b\\\\c \xc3\xa4\""} << true << QString()
                                              << QStringList{QStringLiteral("ok")} << QString();
        QTest::newRow("huge") << QList<QByteArray>{"Bearer scope=\"" + QByteArray(100'000, 'a') + "\""} << false << QString() << QStringList() << QString();
    }
    void challenges()
    {
        QFETCH(QList<QByteArray>, headers);
        HttpHeaders all{{"Content-Type", "text/plain"}};
        for (const QByteArray &value : headers)
            all.push_back({"www-Authenticate", value});
        const Challenge challenge = parseChallenge(all);
        QTEST(challenge.present, "present");
        QTEST(challenge.error, "error");
        QTEST(challenge.scopes, "scopes");
        QTEST(challenge.resourceMetadata, "metadata");
    }

    void wellKnownUrls_data()
    {
        QTest::addColumn<QString>("of");
        QTest::addColumn<bool>("resource");
        QTest::addColumn<QStringList>("urls");
        const auto list = [](std::initializer_list<const char *> texts) {
            QStringList out;
            for (const char *text : texts)
                out.append(QString::fromLatin1(text));
            return out;
        };
        QTest::newRow("server with path") << QStringLiteral("https://a.example:8443/x/mcp?k=1#f") << true
                                          << list({"https://a.example:8443/.well-known/oauth-protected-resource/x/mcp",
                                                   "https://a.example:8443/.well-known/oauth-protected-resource"});
        QTest::newRow("server at root") << QStringLiteral("https://a.example/") << true << list({"https://a.example/.well-known/oauth-protected-resource"});
        QTest::newRow("issuer at root") << QStringLiteral("https://as.example") << false
                                        << list({"https://as.example/.well-known/oauth-authorization-server",
                                                 "https://as.example/.well-known/openid-configuration"});
        QTest::newRow("issuer with path") << QStringLiteral("https://as.example/t1/") << false
                                          << list({"https://as.example/.well-known/oauth-authorization-server/t1",
                                                   "https://as.example/.well-known/openid-configuration/t1",
                                                   "https://as.example/t1/.well-known/openid-configuration"});
        QTest::newRow("escapes stay") << QStringLiteral("https://as.example/a%2Fb") << false
                                      << list({"https://as.example/.well-known/oauth-authorization-server/a%2Fb",
                                               "https://as.example/.well-known/openid-configuration/a%2Fb",
                                               "https://as.example/a%2Fb/.well-known/openid-configuration"});
    }
    void wellKnownUrls()
    {
        QFETCH(QString, of);
        QFETCH(bool, resource);
        QTEST(resource ? resourceMetadataUrls(of) : serverMetadataUrls(of), "urls");
    }

    void serverMetadata_data()
    {
        QTest::addColumn<QString>("pointer");
        QTest::addColumn<QJsonValue>("value");
        QTest::addColumn<QString>("problem"); // part of the sentence; empty: accepted
        const auto row = [](const char *name, const char *pointer, const QJsonValue &value, const char *problem) {
            QTest::newRow(name) << QString::fromLatin1(pointer) << value << QString::fromLatin1(problem);
        };
        row("good", "", QJsonValue(QJsonValue::Undefined), "");
        row("no registration", "/registration_endpoint", QJsonValue(QJsonValue::Undefined), "");
        row("loopback over http", "/token_endpoint", QStringLiteral("http://127.0.0.1:9/token"), "");
        row("other issuer", "/issuer", QStringLiteral("https://evil.example"), "calls itself https://evil.example");
        row("issuer with slash", "/issuer", QStringLiteral("https://as.example.com/t1/"), "calls itself");
        row("issuer in capitals", "/issuer", QStringLiteral("https://AS.example.com/t1"), "calls itself");
        row("issuer no text", "/issuer", 7, "calls itself nothing");
        row("no PKCE", "/code_challenge_methods_supported", QJsonValue(QJsonValue::Undefined), "PKCE");
        row("plain PKCE", "/code_challenge_methods_supported", QJsonArray{QStringLiteral("plain")}, "PKCE");
        row("token over http", "/token_endpoint", QStringLiteral("http://as.example.com/token"), "not https");
        row("authorization is a script", "/authorization_endpoint", QStringLiteral("javascript:alert(1)"), "not a web address");
        row("authorization is a file", "/authorization_endpoint", QStringLiteral("file:///etc/passwd"), "not a web address");
        row("authorization with user", "/authorization_endpoint", QStringLiteral("https://as.example.com@evil.example/"), "user name");
        row("registration over http", "/registration_endpoint", QStringLiteral("http://as.example.com/r"), "not https");
        row("no token endpoint", "/token_endpoint", QJsonValue(QJsonValue::Undefined), "missing");
        row("localhost lookalike", "/token_endpoint", QStringLiteral("http://localhost.evil.example/token"), "not https");
        row("127 lookalike", "/token_endpoint", QStringLiteral("http://127.0.0.1.evil.example/token"), "not https");
    }
    void serverMetadata()
    {
        QFETCH(QString, pointer);
        QFETCH(QJsonValue, value);
        QFETCH(QString, problem);
        QJsonValue document = goodServer();
        if (!pointer.isEmpty())
            document = json::with(document, pointer, value);
        const auto metadata = parseServerMetadata(json::compact(document), QStringLiteral("x"), QStringLiteral("https://as.example.com/t1"));
        if (!problem.isEmpty()) {
            QVERIFY(!metadata);
            QVERIFY2(metadata.error().message.contains(problem), qPrintable(metadata.error().message));
            return;
        }
        QVERIFY2(metadata, metadata ? "" : qPrintable(metadata.error().message));
        QVERIFY(metadata->issInAnswer);
        QVERIFY(!metadata->refreshTokens);
        QVERIFY(!metadata->metadataDocuments);
    }
    void slashAfterTheHostIsTheSameIssuer()
    {
        QJsonObject document = goodServer();
        document.insert(QStringLiteral("issuer"), QStringLiteral("https://as.example.com/"));
        const auto metadata = parseServerMetadata(json::compact(document), QString(), QStringLiteral("https://as.example.com"));
        QVERIFY(metadata);
        QCOMPARE(metadata->issuer, QStringLiteral("https://as.example.com/")); // `iss` is compared with this one
    }
    void noMetadata()
    {
        for (const QByteArray &body : {QByteArray(), QByteArray("[]"), QByteArray("<html>"), QByteArray("{\"issuer\":"), QByteArray(200'000, '[')}) {
            QVERIFY(!parseServerMetadata(body, QString(), QString()));
            QVERIFY(!parseResourceMetadata(body, QString()));
        }
    }

    void resources_data()
    {
        QTest::addColumn<QString>("resource");
        QTest::addColumn<bool>("covers");
        const auto row = [](const char *resource, bool covers) { QTest::newRow(resource) << QString::fromLatin1(resource) << covers; };
        row("https://a.example/x/mcp", true);
        row("https://a.example/x/mcp/", true);
        row("https://A.example:443/x", true);
        row("https://a.example", true);
        row("https://a.example/", true);
        row("https://a.example/x/mc", false);
        row("https://a.example/x/mcp/deeper", false);
        row("https://a.example/X", false);
        row("http://a.example/x/mcp", false);
        row("https://a.example:444/x/mcp", false);
        row("https://a.example.evil.example/x/mcp", false);
        row("https://evil.example/x/mcp", false);
        row("https://a.example/x?y", false);
        row("", false);
        row("nonsense", false);
    }
    void resources()
    {
        QFETCH(QString, resource);
        QTEST(resourceCovers(resource, QStringLiteral("https://a.example/x/mcp")), "covers");
    }

    void tokens_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("problem");
        const auto row = [](const char *name, int status, QByteArray body, const char *problem) {
            QTest::newRow(name) << status << body << QString::fromLatin1(problem);
        };
        row("good", 200, "{\"access_token\":\"t\",\"token_type\":\"bEarer\",\"expires_in\":60,\"refresh_token\":\"r\",\"scope\":\"a b\"}", "");
        row("text for a number", 200, "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":\"60\",\"refresh_token\":\"r\",\"scope\":\"a b\"}", "");
        row("status 200 with error", 200, "{\"error\":\"invalid_grant\"}", "invalid_grant");
        row("refused", 400, "{\"error\":\"invalid_grant\",\"error_description\":\"gone\\nfor good\"}", "\"gone for good\"");
        row("down", 503, "<html>", "status 503");
        row("no object", 200, "7", "no JSON object");
        row("no token", 200, "{\"token_type\":\"Bearer\"}", "without a usable token");
        row("header injection", 200, "{\"access_token\":\"t\\r\\nX: y\"}", "without a usable token");
        row("other type", 200, "{\"access_token\":\"t\",\"token_type\":\"DPoP\"}", "type DPoP");
    }
    void tokens()
    {
        QFETCH(int, status);
        QFETCH(QByteArray, body);
        QFETCH(QString, problem);
        HttpResponse answer;
        answer.status = status;
        answer.body = body;
        const auto tokens = parseTokens(answer, QStringLiteral("https://as.example"));
        if (!problem.isEmpty()) {
            QVERIFY(!tokens);
            QVERIFY2(tokens.error().message.contains(problem), qPrintable(tokens.error().message));
            QCOMPARE(tokens.error().kind == ErrorKind::Denied, problem.contains(QLatin1String("invalid_grant")) || status == 400);
            return;
        }
        QVERIFY(tokens);
        QCOMPARE(tokens->access, QStringLiteral("t"));
        QCOMPARE(tokens->refresh, QStringLiteral("r"));
        QCOMPARE(tokens->expiresInSeconds, 60);
        QCOMPARE(tokens->scopes->size(), 2);
    }

    void proofKey() // RFC 7636, appendix B
    {
        QCOMPARE(codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), QByteArray("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        QVERIFY(randomText().size() == 43 && randomText() != randomText());
    }
    void loopback()
    {
        for (const char *host : {"localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1"})
            QVERIFY2(isLoopbackHost(QString::fromLatin1(host)), host);
        for (const char *host : {"", "localhost.example", "128.0.0.1", "0.0.0.0", "127.1.evil", "::2", "example.com"})
            QVERIFY2(!isLoopbackHost(QString::fromLatin1(host)), host);
    }
};

QTEST_GUILESS_MAIN(TestOauthMetadata)
#include "tst_OauthMetadata.moc"
