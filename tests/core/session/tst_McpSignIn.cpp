// SPDX-License-Identifier: GPL-3.0-or-later
// Signing in at a remote MCP server, from the hub's question to the token in the keychain.
#include "core/session/McpHub.h"
#include "core/session/McpSecrets.h"
#include "core/session/Session.h"
#include "tests/core/mcp/OauthTesting.h"
#include "tests/support/Await.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
// A keychain; or none.
class Keychain : public SecretStore
{
public:
    QHash<QString, QString> values;
    bool refuses = false;
    Task<Result<QString>> read(QString name) override
    {
        if (values.value(name).isEmpty())
            co_return Error(ErrorKind::NotFound, QStringLiteral("no secret"));
        co_return values.value(name);
    }
    Task<Result<void>> write(QString name, QString value) override
    {
        if (refuses)
            co_return Error(ErrorKind::Denied, QStringLiteral("no keychain"));
        values.insert(name, value);
        co_return Result<void>();
    }
};

// An MCP server that wants the token.
HttpReply guarded(const HttpSeen &request)
{
    if (!request.header("authorization").startsWith("Bearer token-"))
        return HttpReply::text(401, "sign in").withHeader("WWW-Authenticate", "Bearer");
    const QJsonObject message = json::parseObject(request.body).valueOr(QJsonObject());
    const QString method = message.value(QLatin1String("method")).toString();
    if (!message.contains(QLatin1String("id")))
        return HttpReply::text(202, "");
    QJsonObject answer{{QStringLiteral("jsonrpc"), QStringLiteral("2.0")}, {QStringLiteral("id"), message.value(QLatin1String("id"))}};
    if (method == QLatin1String("initialize")) {
        const QJsonObject tools{{QStringLiteral("tools"), QJsonObject()}};
        answer.insert(QStringLiteral("result"), QJsonObject{{QStringLiteral("protocolVersion"), QStringLiteral("2025-11-25")},
                                                            {QStringLiteral("capabilities"), tools},
                                                            {QStringLiteral("serverInfo"), QJsonObject{{QStringLiteral("name"), QStringLiteral("t")}, {QStringLiteral("version"), QStringLiteral("1")}}}});
    } else if (method == QLatin1String("tools/list")) {
        const QJsonObject schema{{QStringLiteral("type"), QStringLiteral("object")}};
        answer.insert(QStringLiteral("result"), QJsonObject{{QStringLiteral("tools"), QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("only")}, {QStringLiteral("inputSchema"), schema}}}}});
    } else {
        answer.insert(QStringLiteral("error"), QJsonObject{{QStringLiteral("code"), -32601}, {QStringLiteral("message"), QStringLiteral("Method not found")}});
        return HttpReply::json(json::compact(answer), method == QLatin1String("server/discover") ? 400 : 200);
    }
    return HttpReply::json(json::compact(answer));
}

Task<Result<bool>> browse(HttpClient *http, QString url, bool pasted, QString *back)
{
    HttpRequest request;
    request.url = url;
    const auto page = co_await http->fetch(std::move(request), CancelToken());
    if (!page)
        co_return page.error();
    *back = QString::fromLatin1(headerValue(page->headers, "location"));
    if (pasted)
        co_return true;
    HttpRequest home;
    home.url = *back;
    const auto done = co_await http->fetch(std::move(home), CancelToken());
    if (!done)
        co_return done.error();
    co_return true;
}
}

class TestMcpSignIn : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_number = 0;
    Keychain m_keychain;
    std::unique_ptr<FakeAuthorizationServer> m_as;
    std::unique_ptr<FakeGuardedServer> m_server;
    std::unique_ptr<Session> m_session;
    HttpClient m_http;
    const QString name = QStringLiteral("tracker");

    QJsonObject body() const
    {
        return QJsonObject{{QStringLiteral("type"), QStringLiteral("mcp")},
                           {QStringLiteral("config"), QJsonObject{{QStringLiteral("transport"), QStringLiteral("http")}, {QStringLiteral("url"), m_server->url()}}}};
    }
    void open()
    {
        SessionOptions options;
        options.secrets = &m_keychain;
        auto session = Session::open(m_folder.filePath(QStringLiteral("p%1.lathe").arg(m_number)), options);
        QVERIFY(session.ok());
        m_session = std::move(*session);
    }
    // Leads one sign-in to its end.
    void signIn(bool pasted)
    {
        QSignalSpy spy(&m_session->mcp(), &McpHub::questionsChanged);
        auto refreshing = m_session->mcp().refreshed(name, body(), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(int(m_session->mcp().questions().size()), 1, 20'000);
        const McpQuestion question = m_session->mcp().questions().front();
        QVERIFY(question.request.type == PersonRequest::Type::Url);
        QVERIFY(question.request.params.value(QStringLiteral("sign_in")).toBool());
        QVERIFY(question.request.message.contains(name));
        QString back;
        const auto browsed = await(browse(&m_http, question.request.url, pasted, &back));
        QVERIFY2(browsed.ok(), browsed ? "" : qPrintable(browsed.error().message));
        if (pasted) {
            PersonReply reply;
            reply.action = PersonReply::Action::Accept;
            reply.content = QJsonObject{{QStringLiteral("redirect"), back}};
            m_session->mcp().answer(question.id, reply);
        }
        const auto config = await(std::move(refreshing));
        QVERIFY2(config.ok(), config ? "" : qPrintable(config.error().message));
        QCOMPARE(int(toolFunctions(*config).size()), 1);
        QVERIFY(m_session->mcp().questions().empty()); // closed by the redirect, nobody had to say that it is done
        QString log;
        for (const McpLogLine &line : m_session->mcp().log(name, body()))
            log += line.text + QLatin1Char('\n');
        QVERIFY2(!log.contains(QLatin1String("token-")), qPrintable(log));
        for (const char *step : {"How to sign in", "Registered Lathe", "Signed in at"}) // the window shows how it went
            QVERIFY2(log.contains(QLatin1String(step)), qPrintable(log));
    }

private Q_SLOTS:
    void init()
    {
        m_keychain = Keychain();
        m_as = std::make_unique<FakeAuthorizationServer>();
        m_server = std::make_unique<FakeGuardedServer>();
        m_server->guardedBy({m_as->issuer()});
        const QByteArray metadata = json::compact(m_server->metadata);
        m_server->http().setHandler([metadata](const HttpSeen &request) {
            if (request.path.startsWith("/.well-known/oauth-protected-resource"))
                return HttpReply::json(metadata);
            return request.path == "/mcp" ? guarded(request) : HttpReply::text(404, "nothing here");
        });
        QVERIFY(await(Session::createProject(m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_number)), QString())).ok());
        open();
    }
    void cleanup()
    {
        m_session.reset();
        QTRY_VERIFY_WITH_TIMEOUT(m_http.active() == 0, 20'000);
    }

    void signsInOnceAndRemembers()
    {
        signIn(false);
        const QStringList names = m_keychain.values.keys();
        QCOMPARE(int(names.size()), 1);
        QVERIFY(m_keychain.values.value(names.front()).contains(QLatin1String("token-")));
        QFile project(m_folder.filePath(QStringLiteral("p%1.lathe").arg(m_number)));
        m_session.reset();
        QVERIFY(project.open(QIODevice::ReadOnly));
        QVERIFY(!project.readAll().contains("token-"));
        // The next session has the token from the keychain and asks nobody.
        open();
        QVERIFY(await(m_session->mcp().refreshed(name, body(), CancelToken())).ok());
        QCOMPARE(m_as->count("/register"), 1);
        QVERIFY(await(m_session->mcp().signOut(name, body())).ok());
        QVERIFY(m_keychain.values.value(names.front()).isEmpty() || !m_keychain.values.value(names.front()).contains(QLatin1String("token-")));
    }

    void aPastedAddressWillDo() { signIn(true); }

    void withoutAKeychainItLastsForTheSession()
    {
        m_keychain.refuses = true;
        signIn(false);
        QVERIFY(m_keychain.values.isEmpty());
        await(m_session->mcp().disconnect(name, body()));
        QVERIFY(await(m_session->mcp().refreshed(name, body(), CancelToken())).ok()); // nobody asked
    }

    void whoDeclinesGetsASentence()
    {
        QSignalSpy spy(&m_session->mcp(), &McpHub::questionsChanged);
        auto refreshing = m_session->mcp().refreshed(name, body(), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(int(m_session->mcp().questions().size()), 1, 20'000);
        PersonReply reply;
        reply.action = PersonReply::Action::Decline;
        m_session->mcp().answer(m_session->mcp().questions().front().id, reply);
        const auto declined = await(std::move(refreshing));
        QVERIFY(!declined.ok());
        QVERIFY2(declined.error().message.contains(QStringLiteral("did not sign in")), qPrintable(declined.error().message));
    }

    void nobodyThereIsNoHang()
    {
        const auto alone = await(m_session->mcp().refreshed(name, body(), CancelToken()));
        QVERIFY(!alone.ok());
        QVERIFY2(alone.error().message.contains(QStringLiteral("nobody is here")), qPrintable(alone.error().message));
    }

    void aSessionThatEndsTakesItsSignInAlong()
    {
        QSignalSpy spy(&m_session->mcp(), &McpHub::questionsChanged);
        auto refreshing = m_session->mcp().refreshed(name, body(), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(int(m_session->mcp().questions().size()), 1, 20'000);
        m_session.reset();
        QVERIFY(!await(std::move(refreshing)).ok());
    }
};

QTEST_GUILESS_MAIN(TestMcpSignIn)
#include "tst_McpSignIn.moc"
