// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpGuard.h"
#include "core/tool/HttpText.h"
#include "core/tool/HttpTool.h"
#include "tests/core/tool/WebToolTesting.h"

#include <QElapsedTimer>

using namespace lathe;
using namespace lathe::test;

namespace {
constexpr auto apiKey = "s3cret-value-42";
}

class TestHttpTool : public WebToolFixture
{
    Q_OBJECT

    std::unique_ptr<ScriptedHttpServer> m_other; // "127.0.0.1", another host
    ToolSpec m_spec;

    static QString at(const ScriptedHttpServer &server, const char *host,
                      const char *path = "/")
    {
        return QStringLiteral("http://%1:%2%3")
            .arg(QLatin1String(host))
            .arg(server.port())
            .arg(QLatin1String(path));
    }
    QString local(const char *path = "/") const { return url(QLatin1String(path)); }

    Result<std::shared_ptr<Tool>> tryMake(const QJsonObject &config)
    {
        m_spec.type = QStringLiteral("http");
        m_spec.purpose = QStringLiteral("Call the API");
        m_spec.config = config;
        return makeTool(QStringLiteral("API"), m_spec, environment());
    }
    std::shared_ptr<Tool> make(QJsonObject config = {})
    {
        if (!config.contains(QStringLiteral("allowed_hosts")))
            config.insert(QStringLiteral("allowed_hosts"), QJsonArray{QStringLiteral("localhost")});
        if (!config.contains(QStringLiteral("allow_private_network")))
            config.insert(QStringLiteral("allow_private_network"), true);
        auto tool = tryMake(config);
        if (!tool)
            qFatal("%s", qPrintable(tool.error().message));
        return *tool;
    }
    static QJsonObject get(const QString &url) { return QJsonObject{{QStringLiteral("url"), url}}; }

private Q_SLOTS:
    void init()
    {
        startServer({{QStringLiteral("api"), QLatin1String(apiKey)}});
        m_other = std::make_unique<ScriptedHttpServer>();
        QVERIFY(m_other->start());
        m_spec = ToolSpec();
    }
    void cleanup() { m_http.reset(); }

    void getsText()
    {
        m_server->enqueue(HttpReply::text(200, "hello", "text/plain; charset=utf-8")
                              .withHeader("ETag", "\"7\"")
                              .withHeader("X-Other", "hidden"));
        const auto tool = make();
        const auto outcome = callTool(*tool, get(local("/a b?x=1#frag")));
        QVERIFY2(!outcome.isError, qPrintable(outcome.text));
        QCOMPARE(
            outcome.text,
            QStringLiteral(
                "HTTP 200 from %1\nContent-Type: text/plain; charset=utf-8\nETag: \"7\"\n\nhello")
                .arg(local("/a%20b?x=1")));
        QCOMPARE(outcome.structured.toObject().value(QLatin1String("status")).toInt(), 200);
        QCOMPARE(m_server->requests().at(0).method, QByteArray("GET"));
        QCOMPARE(m_server->requests().at(0).path, QByteArray("/a%20b?x=1"));
        QCOMPARE(tool->sideEffect(get(local())), SideEffect::External);
        QVERIFY(tool->idempotent(get(local())));
    }

    void postsJsonWithQueryAndHeaders()
    {
        m_server->enqueue(HttpReply::json("{\"ok\":true}", 201));
        const auto tool = make({{QStringLiteral("allowed_methods"),
                                 QJsonArray{QStringLiteral("get"), QStringLiteral("POST")}},
                                {QStringLiteral("headers"),
                                 QJsonObject{{QStringLiteral("X-App"), QStringLiteral("lathe")}}}});
        const QJsonObject arguments{
            {QStringLiteral("url"), local("/items?a=1")},
            {QStringLiteral("method"), QStringLiteral("POST")},
            {QStringLiteral("query"),
             QJsonObject{{QStringLiteral("q"), QStringLiteral("a+b & c=d")},
                         {QStringLiteral("n"), 5}}},
            {QStringLiteral("headers"),
             QJsonObject{{QStringLiteral("Accept"), QStringLiteral("application/json")}}},
            {QStringLiteral("body"), QStringLiteral("{\"name\":\"x\"}")}};
        const auto outcome = callTool(*tool, arguments);
        QVERIFY2(!outcome.isError, qPrintable(outcome.text));
        QCOMPARE(outcome.structured.toObject().value(QLatin1String("json")).toObject(),
                 object("{\"ok\":true}"));
        const auto seen = m_server->requests().at(0);
        QCOMPARE(seen.path, QByteArray("/items?a=1&n=5&q=a%2Bb%20%26%20c%3Dd"));
        QCOMPARE(seen.body, QByteArray("{\"name\":\"x\"}"));
        QCOMPARE(seen.header("content-type"), QByteArray("application/json"));
        QCOMPARE(seen.header("accept"), QByteArray("application/json"));
        QCOMPARE(seen.header("x-app"), QByteArray("lathe"));
        QVERIFY(!tool->idempotent(arguments));
    }

    void errorStatusIsAnErrorOutcome()
    {
        m_server->enqueue(HttpReply::text(404, "no such thing"));
        const auto outcome = callTool(*make(), get(local()));
        QVERIFY(outcome.isError);
        QVERIFY(outcome.text.contains(QLatin1String("HTTP 404"))
                && outcome.text.contains(QLatin1String("no such thing")));
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *url, const char *expected) {
            QTest::newRow(url) << QString::fromUtf8(url) << QString::fromUtf8(expected);
        };
        row("http://evil.org/", "evil.org is not allowed for this tool; allowed are: localhost, "
                                "*.ok.example, api.example:8443");
        row("http://localhost.evil.org/", "not allowed");
        row("http://evil.org/localhost", "not allowed");
        row("http://evil.org#localhost", "not allowed");
        row("http://evil.org?localhost", "not allowed");
        row("http://localhost@evil.org/", "User names and passwords");
        row("http://evil.org@localhost/", "User names and passwords");
        row("http://localhost:80@evil.org/", "User names and passwords");
        row("http://evil.org\\@localhost/", "no valid URL");
        row("http://localhost\\.evil.org/", "no valid URL");
        row("http://ok.example/", "not allowed"); // the wildcard is for what is below
        row("http://xok.example/", "not allowed");
        row("http://api.example/", "not allowed"); // another port
        row("https://api.example:8444/", "not allowed");
        row("file:///etc/passwd", "no valid URL");
        row("ftp://localhost/", "not an http or https URL");
        row("gopher://localhost/", "not an http or https URL");
        row("javascript:alert(1)", "no valid URL");
        row("//localhost/", "not an http or https URL");
        row("localhost", "no valid URL");
        row("", "no valid URL");
        row("http://", "no valid URL");
        row("http:///path", "no valid URL");
        row("http://127.0.0.1/", "not allowed");
        row("http://2130706433/", "not allowed");
        row("http://[::1]/", "not allowed");
        row("http://loc\nalhost/", "no valid URL");
    }
    void refusals()
    {
        QFETCH(QString, url);
        QFETCH(QString, expected);
        const auto outcome =
            callTool(*make({{QStringLiteral("allowed_hosts"),
                             QJsonArray{QStringLiteral("localhost"), QStringLiteral("*.ok.example"),
                                        QStringLiteral("api.example:8443")}}}),
                     get(url));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(expected), qPrintable(outcome.text));
        QCOMPARE(m_server->requestCount(), 0);
    }

    void methodsAreLimited()
    {
        QJsonObject arguments = get(local());
        arguments.insert(QStringLiteral("method"), QStringLiteral("DELETE"));
        const auto outcome = callTool(*make(), arguments);
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(
                     QLatin1String("DELETE is not allowed for this tool; allowed are: GET")),
                 qPrintable(outcome.text));
        QJsonObject withBody = get(local());
        withBody.insert(QStringLiteral("body"), QStringLiteral("x"));
        QVERIFY(callTool(*make(), withBody).isError);
        QCOMPARE(m_server->requestCount(), 0);
    }

    void privateAddressesAreRefused()
    {
        // The name is allowed, what it resolves to is not: this is what DNS rebinding runs into.
        for (const char *host :
             {"localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"}) {
            const auto tool =
                make({{QStringLiteral("allowed_hosts"), QJsonArray{QLatin1String(host)}},
                      {QStringLiteral("allow_private_network"), false}});
            const auto outcome = callTool(*tool, get(at(*m_server, host)));
            QVERIFY2(outcome.isError, host);
            QVERIFY2(outcome.text.contains(QLatin1String("not allowed")), qPrintable(outcome.text));
        }
        QCOMPARE(m_server->requestCount(), 0);
        QCOMPARE(m_server->connections(), 0);
        // The same with the private network allowed reaches the server, so the guard was the
        // reason.
        m_server->enqueue(HttpReply::text(200, "here"));
        QVERIFY(!callTool(*make(), get(local())).isError);
    }

    void addressesAreClassified()
    {
        for (const char *ip : {"93.184.216.34", "8.8.8.8", "172.15.0.1", "172.32.0.1",
                               "192.169.0.1", "100.63.255.255", "100.128.0.0", "198.17.0.1",
                               "223.255.255.255", "2606:2800:220:1:248:1893:25c8:1946",
                               "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"})
            QVERIFY2(isPublicAddress(QLatin1String(ip)), ip);
        for (const char *ip : {"127.0.0.1",
                               "127.255.255.255",
                               "10.0.0.1",
                               "172.16.0.1",
                               "172.31.255.255",
                               "192.168.1.1",
                               "169.254.169.254",
                               "100.64.0.1",
                               "0.0.0.0",
                               "0.1.2.3",
                               "192.0.0.1",
                               "192.0.2.1",
                               "198.18.0.1",
                               "198.19.255.255",
                               "198.51.100.7",
                               "203.0.113.9",
                               "224.0.0.1",
                               "240.0.0.1",
                               "255.255.255.255",
                               "::",
                               "::1",
                               "fc00::1",
                               "fdff::1",
                               "fe80::1",
                               "fe80::1%eth0",
                               "ff02::1",
                               "::ffff:127.0.0.1",
                               "::ffff:10.0.0.1",
                               "::127.0.0.1",
                               "64:ff9b::7f00:1",
                               "64:ff9b:1::1",
                               "2002:7f00:1::",
                               "2002:c0a8:101::1",
                               "2001::1",
                               "2001:db8::1",
                               "fec0::1",
                               "",
                               "localhost",
                               "1.2.3",
                               "0x7f.1",
                               "127.1"})
            QVERIFY2(!isPublicAddress(QLatin1String(ip)), ip);
    }

    void redirectWithinTheHost()
    {
        m_server->enqueue(HttpReply::redirect("/next?x=1"));
        m_server->enqueue(HttpReply::text(200, "arrived"));
        const auto outcome =
            callTool(*make({{QStringLiteral("headers"),
                             QJsonObject{{QStringLiteral("Authorization"),
                                          QStringLiteral("Bearer {{secret:api}}")}}}}),
                     get(local("/first")));
        QVERIFY(outcome.text.contains(QLatin1String("arrived")));
        QCOMPARE(m_server->requests().at(1).path, QByteArray("/next?x=1"));
        QCOMPARE(m_server->requests().at(1).header("authorization"),
                 QByteArray("Bearer ") + apiKey);
    }

    void redirectToAnotherHostIsRefused()
    {
        m_server->enqueue(HttpReply::redirect(at(*m_other, "127.0.0.1", "/steal").toLatin1()));
        const auto outcome = callTool(*make(), get(local()));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(
                     QLatin1String("sends the request on. The host 127.0.0.1 is not allowed")),
                 qPrintable(outcome.text));
        QCOMPARE(m_other->requestCount(), 0);
    }

    // The policy's hosts bind redirects beside the tool's own: no gate sees them.
    void redirectBeyondThePolicyIsRefused()
    {
        m_spec.allowedHosts = QStringList{QStringLiteral("localhost")};
        const auto tool = make({{QStringLiteral("allowed_hosts"), QJsonArray{QStringLiteral("localhost"), QStringLiteral("127.0.0.1")}}});
        m_spec.allowedHosts.clear();
        m_server->enqueue(HttpReply::redirect(at(*m_other, "127.0.0.1", "/steal").toLatin1()));
        const auto outcome = callTool(*tool, get(local()));
        QVERIFY2(outcome.isError && outcome.text.contains(QLatin1String("127.0.0.1 is not allowed")), qPrintable(outcome.text));
        QCOMPARE(m_other->requestCount(), 0);
    }

    void redirectToAFileIsRefused()
    {
        m_server->enqueue(HttpReply::redirect("file:///etc/passwd"));
        const auto outcome = callTool(*make(), get(local()));
        QVERIFY(outcome.isError);
        QVERIFY(!outcome.text.contains(QLatin1String("root:")));
    }

    void redirectsEnd()
    {
        answerAlways(HttpReply::redirect("/again"));
        const auto outcome = callTool(*make(), get(local()));
        QVERIFY(outcome.isError);
        QVERIFY(outcome.text.contains(QLatin1String("again and again")));
        QCOMPARE(m_server->requestCount(), 6);
    }

    void secretsStayWithTheirHost()
    {
        // Both hosts are allowed, the secret is for the first. Its header has a name that tells
        // nothing.
        const QJsonObject config{
            {QStringLiteral("allowed_hosts"),
             QJsonArray{QStringLiteral("localhost"), QStringLiteral("127.0.0.1")}},
            {QStringLiteral("headers"),
             QJsonObject{{QStringLiteral("X-Plain"), QStringLiteral("p")},
                         {QStringLiteral("X-Thing"), QStringLiteral("{{secret:api}}")}}}};
        const auto tool = make(config);
        m_server->enqueue(
            HttpReply::redirect(at(*m_other, "127.0.0.1", "/elsewhere").toLatin1(), 307));
        m_other->setHandler([](const HttpSeen &) { return HttpReply::text(200, "ok"); });
        QVERIFY(!callTool(*tool, get(local())).isError);
        QCOMPARE(m_server->requests().at(0).header("x-thing"), QByteArray(apiKey));
        QCOMPARE(m_other->requests().at(0).header("x-thing"), QByteArray());
        QCOMPARE(m_other->requests().at(0).header("x-plain"), QByteArray("p"));
        // Nor when the model asks the other host itself.
        QVERIFY(!callTool(*tool, get(at(*m_other, "127.0.0.1"))).isError);
        QCOMPARE(m_other->requests().at(1).header("x-thing"), QByteArray());
        // Nor on another port of the same host, after a redirect.
        m_server->enqueue(HttpReply::redirect(at(*m_other, "localhost", "/port").toLatin1()));
        QVERIFY(!callTool(*tool, get(local())).isError);
        QCOMPARE(m_other->requests().at(2).path, QByteArray("/port"));
        QCOMPARE(m_other->requests().at(2).header("x-thing"), QByteArray());
    }

    void secretHostsCanBeNamed()
    {
        const auto tool =
            make({{QStringLiteral("allowed_hosts"),
                   QJsonArray{QStringLiteral("localhost"), QStringLiteral("127.0.0.1")}},
                  {QStringLiteral("secret_hosts"), QJsonArray{QStringLiteral("127.0.0.1")}},
                  {QStringLiteral("headers"),
                   QJsonObject{{QStringLiteral("X-Thing"), QStringLiteral("{{ secret:api }}")}}}});
        m_server->enqueue(HttpReply::text(200, "ok"));
        m_other->enqueue(HttpReply::text(200, "ok"));
        QVERIFY(!callTool(*tool, get(local())).isError);
        QVERIFY(!callTool(*tool, get(at(*m_other, "127.0.0.1"))).isError);
        QCOMPARE(m_server->requests().at(0).header("x-thing"), QByteArray());
        QCOMPARE(m_other->requests().at(0).header("x-thing"), QByteArray(apiKey));
    }

    void secretsDoNotComeBack()
    {
        // A server that echoes what it got.
        m_server->setHandler([](const HttpSeen &seen) {
            return HttpReply::json("{\"you_sent\":\"" + seen.header("x-key") + "\"}");
        });
        const auto tool =
            make({{QStringLiteral("headers"),
                   QJsonObject{{QStringLiteral("X-Key"), QStringLiteral("{{secret:api}}")}}}});
        const auto outcome = callTool(*tool, get(local()));
        QCOMPARE(m_server->requests().at(0).header("x-key"), QByteArray(apiKey));
        QVERIFY2(!json::compact(outcome.toJson()).contains(apiKey), qPrintable(outcome.text));
        QVERIFY(outcome.text.contains(QLatin1String("[secret api]")));
        QVERIFY(!tool->description().contains(QLatin1String(apiKey))
                && !json::compactString(tool->schema()).contains(QLatin1String(apiKey)));
    }

    void modelCannotUseSecretsOrConfiguredHeaders()
    {
        answerAlways(HttpReply::text(200, "ok"));
        const auto tool = make({{QStringLiteral("headers"),
                                 QJsonObject{{QStringLiteral("X-Key"), QStringLiteral("mine")}}}});
        const auto with = [this](const char *name, const QString &value) {
            QJsonObject arguments = get(local());
            arguments.insert(QStringLiteral("headers"), QJsonObject{{QLatin1String(name), value}});
            return arguments;
        };
        QVERIFY(callTool(*tool, with("x-KEY", QStringLiteral("theirs")))
                    .text.contains(QLatin1String("set by the tool itself")));
        for (const char *name : {"Host", "content-length", "Transfer-Encoding", "Connection",
                                 "Proxy-Authorization", "Bad Name", "", "X:Y"})
            QVERIFY2(callTool(*tool, with(name, QStringLiteral("x"))).isError, name);
        QVERIFY(callTool(*tool, with("X-A", QStringLiteral("a\r\nX-B: b")))
                    .text.contains(QLatin1String("that HTTP does not allow")));
        QCOMPARE(m_server->requestCount(), 0);
        QVERIFY(!callTool(*tool, with("X-A", QStringLiteral("{{secret:api}}"))).isError);
        QCOMPARE(m_server->requests().at(0).header("x-a"), QByteArray("{{secret:api}}"));
        QVERIFY(m_secretsAsked.isEmpty());
        QCOMPARE(m_server->requests().at(0).header("x-key"), QByteArray("mine"));
    }

    void missingSecret()
    {
        const auto outcome = callTool(
            *make({{QStringLiteral("headers"),
                    QJsonObject{{QStringLiteral("X-Key"), QStringLiteral("{{secret:none}}")}}}}),
            get(local()));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(QLatin1String("\"none\", which is not stored")),
                 qPrintable(outcome.text));
        QCOMPARE(m_server->requestCount(), 0);
    }

    void sizeCap()
    {
        const auto tool = make({{QStringLiteral("max_body_bytes"), 100000}});
        m_server->enqueue(HttpReply::huge(100001));
        const auto outcome = callTool(*tool, get(local()));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(QLatin1String("larger than the limit")),
                 qPrintable(outcome.text.left(300)));
        m_server->enqueue(HttpReply::text(200, QByteArray(100000, 'x')));
        QVERIFY(!callTool(*tool, get(local())).isError);
    }

    void totalTimeOut()
    {
        m_spec.limits.seconds = 0.3;
        m_server->enqueue(
            HttpReply::chunks(QList<QByteArray>(60, "drip"), 100)); // never idle for long
        QElapsedTimer timer;
        timer.start();
        const auto outcome = callTool(*make(), get(local()));
        QVERIFY(outcome.isError);
        QVERIFY2(timer.elapsed() < 120'000, "the request has no time limit of its own");
    }

    void peerCloses()
    {
        m_server->enqueue(HttpReply::closeBeforeAnswer());
        m_server->enqueue(HttpReply::closeBeforeAnswer());
        const auto outcome = callTool(*make(), get(local()));
        QVERIFY(outcome.isError);
        QVERIFY(!outcome.text.startsWith(QLatin1String("error: ")));
    }

    void nobodyListens()
    {
        const QString url = local();
        m_server->stop();
        const auto outcome = callTool(*make(), get(url));
        QVERIFY(outcome.isError);
        QVERIFY2(outcome.text.contains(QLatin1String("localhost")), qPrintable(outcome.text));
    }

    void cancelled()
    {
        m_server->enqueue(HttpReply::never());
        CancelSource source;
        LaterOutcome later;
        later.start(make()->call(get(local()), source.token())); // the tool itself goes at once
        QVERIFY(m_server->waitForRequests(1));
        QVERIFY(!later);
        source.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000);
        QVERIFY(!later->ok());
        QCOMPARE(later->error().kind, ErrorKind::Cancelled);
        QCOMPARE(await(make()->call(get(local()), source.token())).error().kind,
                 ErrorKind::Cancelled);
    }

    void bodies_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QString>("expected"); // null: binary
        QTest::newRow("utf-8") << QByteArray("\xc3\xa4") << QByteArray("text/plain")
                               << QString(QChar(0xe4));
        QTest::newRow("latin 1") << QByteArray("\xe4")
                                 << QByteArray("text/plain; charset=ISO-8859-1")
                                 << QString(QChar(0xe4));
        QTest::newRow("unknown charset")
            << QByteArray("abc") << QByteArray("text/plain; charset=klingon")
            << QStringLiteral("abc");
        QTest::newRow("broken utf-8") << QByteArray("a\xff") << QByteArray("text/plain")
                                      << QStringLiteral("a") + QChar(QChar::ReplacementCharacter);
        QTest::newRow("json") << QByteArray("{}") << QByteArray("application/vnd.x+json")
                              << QStringLiteral("{}");
        QTest::newRow("no type, text")
            << QByteArray("abc") << QByteArray() << QStringLiteral("abc");
        QTest::newRow("no type, binary") << QByteArray("a\0b", 3) << QByteArray() << QString();
        QTest::newRow("image") << QByteArray("abc") << QByteArray("image/png") << QString();
        QTest::newRow("text that lies")
            << QByteArray("\0\1\2\3", 4) << QByteArray("text/plain") << QString();
        QTest::newRow("html") << QByteArray(
            "<html><head><title>T &amp; U</title><style>p{}</style></head><body><!-- no "
            "--><p>One\n  <b>two</b></p><script>if (a<b) x()</script><ul><li>a&nbsp;b"
            "<li>&#8364;&#x41;&bogus; &lt;x></ul></body></html>")
                              << QByteArray("text/html")
                              << QStringLiteral("T & U\n\nOne two\n\na b\n") + QChar(0x20ac)
                                     + QStringLiteral("A&bogus; <x>");
        QTest::newRow("open script")
            << QByteArray("a<script>b") << QByteArray("text/html") << QStringLiteral("a");
        QTest::newRow("open comment")
            << QByteArray("a<!-- b") << QByteArray("text/html") << QStringLiteral("a");
        QTest::newRow("open tag") << QByteArray("a<p") << QByteArray("text/html")
                                  << QStringLiteral("a");
    }
    void bodies()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, type);
        QFETCH(QString, expected);
        const auto text = bodyText(body, type);
        QCOMPARE(text.has_value(), !expected.isNull());
        if (text)
            QCOMPARE(*text, expected);
    }

    void hostileHtmlIsLinear()
    {
        QElapsedTimer timer;
        timer.start();
        for (const char *piece :
             {"&", "<", "<p>", "<!--", "<script></script", "&#9999999999;", "<a \"", "</"})
            htmlToText(QString::fromLatin1(piece).repeated(1000000));
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void binaryBodyIsNamed()
    {
        m_server->enqueue(HttpReply::text(200, QByteArray("\x89PNG\0\0", 6), "image/png"));
        const auto outcome = callTool(*make(), get(local()));
        QVERIFY2(outcome.text.endsWith(QLatin1String("[binary content, 6 bytes, not shown]")),
                 qPrintable(outcome.text));
        QVERIFY(!outcome.isError);
    }

    void badConfigurations()
    {
        const auto error = [this](const QJsonObject &config) {
            const auto tool = tryMake(config);
            return tool ? QStringLiteral("made")
                        : errorKindName(tool.error().kind) + QStringLiteral(": ")
                              + tool.error().message;
        };
        const QJsonArray hosts{QStringLiteral("a.example")};
        QVERIFY(error({}).contains(QLatin1String("no host is allowed")));
        QVERIFY(error({{QStringLiteral("allowed_hosts"), QJsonArray{QStringLiteral("a b")}}})
                != QLatin1String("made"));
        QVERIFY(error({{QStringLiteral("allowed_hosts"), hosts},
                       {QStringLiteral("allowed_methods"), QJsonArray{QStringLiteral("BREW")}}})
                    .contains(QLatin1String("BREW")));
        QVERIFY(error({{QStringLiteral("allowed_hosts"), hosts},
                       {QStringLiteral("headers"),
                        QJsonObject{{QStringLiteral("X"), QStringLiteral("a\nb")}}}})
                    .contains(QLatin1String("\"X\"")));
        QVERIFY(error({{QStringLiteral("allowed_hosts"), QJsonArray{QStringLiteral("*")}},
                       {QStringLiteral("headers"),
                        QJsonObject{{QStringLiteral("X"), QStringLiteral("{{secret:api}}")}}}})
                    .contains(QLatin1String("every host is allowed")));
        QCOMPARE(
            error({{QStringLiteral("allowed_hosts"),
                    QJsonArray{QStringLiteral("*"), QStringLiteral("https://b.example:8443/x")}}}),
            QStringLiteral("made"));
    }

    void allowListEntries()
    {
        const HostAllowList list({QStringLiteral("Api.Example"), QStringLiteral("*.Sub.example"),
                                  QStringLiteral("https://pasted.example/x"),
                                  QString::fromUtf8("m\xc3\xbcnchen.example"),
                                  QStringLiteral("[2606::1]:8080")});
        const auto allows = [&list](const char *url) {
            return list.allows(QUrl(QString::fromUtf8(url)));
        };
        QVERIFY(allows("http://api.example/") && allows("https://API.EXAMPLE:99/")
                && allows("http://api.example./"));
        QVERIFY(allows("http://x.sub.example/") && allows("http://y.x.sub.example/")
                && !allows("http://sub.example/"));
        QVERIFY(allows("https://pasted.example/") && allows("http://xn--mnchen-3ya.example/"));
        QVERIFY(allows("http://[2606::1]:8080/") && !allows("http://[2606::1]/"));
        QVERIFY(!allows("http://evilapi.example/") && !allows("http://api.example.evil.org/"));
    }
};

QTEST_GUILESS_MAIN(TestHttpTool)
#include "tst_HttpTool.moc"
