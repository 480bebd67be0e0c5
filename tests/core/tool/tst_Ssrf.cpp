// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpToolCall.h"
#include "tests/core/tool/WebToolTesting.h"

using namespace lathe;
using namespace lathe::test;

// No tool that speaks HTTP can be talked into reaching what it must not, or into taking more than it should. Each row would reach the
// server of the test if its guard were gone.
class TestSsrf : public WebToolFixture
{
    Q_OBJECT


    // A call of each kind of tool that ends up at `url`.
    struct Attempt {
        const char *type;
        QJsonObject config;
        QJsonObject arguments;
    };
    static std::vector<Attempt> attempts(const QString &url, bool privateNetwork, qint64 maxBytes = 4 * 1024 * 1024)
    {
        const QJsonObject shared{{q("allow_private_network"), privateNetwork}, {q("max_body_bytes"), maxBytes}};
        const auto with = [&shared](QJsonObject more) {
            for (auto it = shared.begin(); it != shared.end(); ++it)
                more.insert(it.key(), it.value());
            return more;
        };
        const QJsonObject function{{q("name"), q("f")}, {q("input_schema"), object("{\"type\":\"object\"}")},
                                   {q("request"), object("{\"method\":\"GET\",\"path\":\"/x\"}")}};
        return {{"http", with({{q("allowed_hosts"), QJsonArray{q("*")}}}), {{q("url"), url}}},
                {"web_page", with({{q("allowed_hosts"), QJsonArray{q("*")}}}), {{q("url"), url}}},
                {"request", with({{q("url"), url}}), {}},
                {"openapi", with({{q("base_url"), url}, {q("tools"), QJsonArray{function}}}), {}},
                {"webhook", with({{q("url"), q("{{secret:%1}}").arg(url)}, {q("body"), q("{}")}}), {}}};
    }
    // The secret of any name that is a URL is that URL.
    ToolEnvironment fakedSecrets()
    {
        ToolEnvironment out = environment();
        out.secret = [](const QString &name) { return name.startsWith(q("http")) ? name : QString(); };
        return out;
    }
    // The outcome; a tool that cannot even be made is a refusal too.
    ToolOutcome outcomeOf(const Attempt &attempt)
    {
        const auto tool = makeTool(q("t"), toolSpec(attempt.type, attempt.config), fakedSecrets());
        return tool ? callTool(**tool, attempt.arguments) : ToolOutcome::failure(tool.error().message);
    }

private Q_SLOTS:
    void init()
    {
        startServer();
        answerAlways(HttpReply::text(200, "inside"));
    }
    void cleanup() { m_http.reset(); }

    void addresses_data()
    {
        QTest::addColumn<QString>("host");
        for (const char *host : {"localhost",
                                 "127.0.0.1",
                                 "127.1",
                                 "127.0.1",
                                 "2130706433",
                                 "0x7f000001",
                                 "0x7f.0.0.1",
                                 "0177.0.0.1",
                                 "017700000001",
                                 "0.0.0.0",
                                 "0",
                                 "[::1]",
                                 "[::]",
                                 "[::ffff:127.0.0.1]",
                                 "[::ffff:7f00:1]",
                                 "[::127.0.0.1]",
                                 "[0:0:0:0:0:ffff:127.0.0.1]",
                                 "[64:ff9b::127.0.0.1]",
                                 "[2002:7f00:1::]",
                                 "localhost.",
                                 "127.0.0.1.",
                                 "LOCALHOST",
                                 "127.000.000.001",
                                 "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1",
                                 "127\xe3\x80\x82"
                                 "0\xe3\x80\x82"
                                 "0\xe3\x80\x82"
                                 "1",
                                 "169.254.169.254",
                                 "10.0.0.1",
                                 "192.168.1.1",
                                 "[fe80::1]",
                                 "[fd00::1]"})
            QTest::newRow(host) << q(host);
    }
    void addresses()
    {
        QFETCH(QString, host);
        for (const Attempt &attempt : attempts(q("http://%1:%2/").arg(host).arg(m_server->port()), false)) {
            const auto outcome = outcomeOf(attempt);
            QVERIFY2(outcome.isError, attempt.type);
            QVERIFY2(!outcome.text.contains(q("inside")), attempt.type);
        }
        QCOMPARE(m_server->connections(), 0);
    }

    // With the guard off the same calls go through, so that the rows above do not pass for another reason.
    void theseCallsWork()
    {
        for (const Attempt &attempt : attempts(q("http://127.0.0.1:%1/").arg(m_server->port()), true)) {
            const auto outcome = outcomeOf(attempt);
            QVERIFY2(!outcome.isError && outcome.text.contains(q("inside")), qPrintable(q(attempt.type) + outcome.text));
        }
        QCOMPARE(m_server->requestCount(), 5);
    }

    void userInfoAndOddUrls_data()
    {
        QTest::addColumn<QString>("url");
        for (const char *url :
             {"http://example.com@127.0.0.1:%1/", "http://example.com:80@127.0.0.1:%1/", "http://example.com%40127.0.0.1:%1/",
              "http://127.0.0.1:%1\\@example.com/", "http://127.0.0.1:%1\t/", "http://127.0.0.1:%1\r\nHost: x/", "gopher://127.0.0.1:%1/",
              "file:///etc/passwd", "http:///127.0.0.1:%1/", "//127.0.0.1:%1/"})
            QTest::newRow(url) << q(url);
    }
    void userInfoAndOddUrls()
    {
        QFETCH(QString, url);
        const QString whole = url.replace(q("%1"), QString::number(m_server->port()));
        for (const Attempt &attempt : attempts(whole, false)) {
            const auto outcome = outcomeOf(attempt);
            QVERIFY2(outcome.isError, attempt.type);
            QVERIFY(!outcome.text.contains(q("root:")));
        }
        QCOMPARE(m_server->connections(), 0);
    }

    // The guard is asked for every hop, with the host that was judged and the address that is connected to.
    void everyHopIsJudged()
    {
        HttpToolCall call;
        call.hosts = HostAllowList({q("*")});
        for (const char *url : {"https://first.example/", "https://second.example/x"}) {
            call.aim(*parseHttpUrl(q(url)));
            const QString host = call.url.host();
            QVERIFY(call.request.allowAddress(host, q("93.184.216.34")));
            // DNS that gives another address the second time gains nothing.
            for (const char *ip :
                 {"127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "::1", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0", "", "nonsense"})
                QVERIFY2(!call.request.allowAddress(host, q(ip)), ip);
            QVERIFY(!call.request.allowAddress(q("other.example"), q("93.184.216.34"))); // two parsers that disagree
            QCOMPARE(call.request.maxRedirects, 0); // none is followed without being judged
        }
    }

    void redirectsNotFollowed_data()
    {
        QTest::addColumn<QByteArray>("location");
        QTest::addColumn<QString>("says"); // empty: it is followed
        QTest::addColumn<bool>("keepsSecrets");
        const auto row = [](const char *location, const char *says, bool keepsSecrets) { QTest::newRow(location) << QByteArray(location) << q(says) << keepsSecrets; };
        row("/next", "", true);
        row("https://first.example:443/next", "", true);
        row("https://second.example/", "", false);
        row("https://first.example:8443/", "", false);
        row("http://first.example/", "from https to http", false);
        row("http://second.example/", "from https to http", false);
        row("//second.example/", "", false);
        row("https://evil.example/", "not allowed", false);
        row("https://second.example@evil.example/", "not allowed", false);
        row("ftp://second.example/", "not an http", false);
        row("javascript:alert(1)", "no valid URL", false);
    }
    void redirectsNotFollowed()
    {
        QFETCH(QByteArray, location);
        QFETCH(QString, says);
        QFETCH(bool, keepsSecrets);
        HttpToolCall call;
        call.hosts = HostAllowList({q("*")});
        call.policyHosts = HostAllowList({q("first.example"), q("second.example")});
        call.secretHeaders = {"x-key"};
        call.request.headers = {{"X-Key", "secret"}, {"Authorization", "secret"}, {"Cookie", "secret"}, {"Accept", "text/plain"}};
        call.aim(*parseHttpUrl(q("https://first.example/")));
        HttpResponse response;
        response.status = 307;
        response.headers = {{"Location", location}};
        const auto followed = call.follow(response);
        if (!says.isEmpty()) {
            QVERIFY(!followed);
            QVERIFY2(followed.error().message.contains(says), qPrintable(followed.error().message));
            QCOMPARE(call.url, QUrl(q("https://first.example/")));
            return;
        }
        QVERIFY2(followed.ok(), followed.ok() ? "" : qPrintable(followed.error().message));
        QCOMPARE(call.request.headers.size(), size_t(keepsSecrets ? 4 : 1));
        QCOMPARE(call.request.headers.back().first, QByteArray("Accept"));
        QVERIFY(!call.request.allowAddress(call.url.host(), q("127.0.0.1")));
    }

    // A kept connection is judged again, as by DNS that changed meanwhile.
    void keptConnectionsAreJudged()
    {
        HttpRequest request;
        request.url = q("http://127.0.0.1:%1/").arg(m_server->port());
        int asked = 0;
        request.allowAddress = [&asked](const QString &, const QString &) { return ++asked > 0; };
        QVERIFY(await(m_http->fetch(request, CancelToken())).ok());
        QVERIFY(asked > 0);
        request.allowAddress = [](const QString &, const QString &) { return false; };
        const auto denied = await(m_http->fetch(request, CancelToken()));
        QVERIFY(!denied.ok());
        QCOMPARE(denied.error().kind, ErrorKind::Denied);
        QCOMPARE(m_server->requestCount(), 1);
    }

    void redirects_data()
    {
        QTest::addColumn<QByteArray>("location");
        QTest::newRow("other name") << QByteArray("http://127.0.0.1:%1/");
        QTest::newRow("decimal") << QByteArray("http://2130706433:%1/");
        QTest::newRow("user") << QByteArray("http://localhost@127.0.0.1:%1/");
        QTest::newRow("file") << QByteArray("file:///etc/passwd");
        QTest::newRow("gopher") << QByteArray("gopher://localhost:%1/");
        QTest::newRow("schemeless") << QByteArray("//127.0.0.1:%1/");
    }
    void redirects()
    {
        QFETCH(QByteArray, location);
        ScriptedHttpServer inside;
        QVERIFY(inside.start());
        inside.setHandler([](const HttpSeen &) { return HttpReply::text(200, "inside"); });
        location.replace("%1", QByteArray::number(inside.port()));
        for (const int status : {301, 302, 303, 307, 308}) {
            m_server->setHandler([&](const HttpSeen &) { return HttpReply::redirect(location, status); });
            for (Attempt attempt : attempts(q("http://localhost:%1/").arg(m_server->port()), true)) {
                if (attempt.config.contains(q("allowed_hosts")))
                    attempt.config.insert(q("allowed_hosts"), QJsonArray{q("localhost")});
                const auto outcome = outcomeOf(attempt);
                QVERIFY2(outcome.isError && !outcome.text.contains(q("inside")) && !outcome.text.contains(q("root:")), attempt.type);
            }
        }
        QCOMPARE(inside.connections(), 0);
    }

    void otherPorts()
    {
        ScriptedHttpServer inside;
        QVERIFY(inside.start());
        const QJsonObject config{{q("allowed_hosts"), QJsonArray{q("localhost:%1").arg(m_server->port())}}, {q("allow_private_network"), true}};
        for (const char *type : {"http", "web_page"}) {
            const auto outcome = outcomeOf({type, config, {{q("url"), q("http://localhost:%1/").arg(inside.port())}}});
            QVERIFY2(outcome.isError && outcome.text.contains(q("not allowed")), type);
            QVERIFY(!outcomeOf({type, config, {{q("url"), q("http://localhost:%1/").arg(m_server->port())}}}).isError);
        }
        QCOMPARE(inside.connections(), 0);
    }

    // 64 MB of nothing in 64 KB, once and twice compressed.
    void decompressionBombs()
    {
        const QByteArray once = qCompress(QByteArray(64 * 1024 * 1024, '0'), 9).mid(4);
        const QByteArray twice = qCompress(once, 9).mid(4);
        for (const auto &[body, encoding] : {std::pair<QByteArray, QByteArray>{once, "deflate"}, {twice, "deflate, deflate"}}) {
            m_server->setHandler([&body = body, &encoding = encoding](const HttpSeen &) {
                return HttpReply::text(200, body).withHeader("Content-Encoding", encoding);
            });
            for (const Attempt &attempt : attempts(q("http://localhost:%1/").arg(m_server->port()), true, 1024 * 1024)) {
                const auto outcome = outcomeOf(attempt);
                QVERIFY2(outcome.isError, attempt.type);
                QVERIFY2(outcome.text.contains(q("larger than the limit")), qPrintable(outcome.text.left(200)));
            }
        }
        // One that fits is read, so the rows above are not refused for being compressed.
        m_server->setHandler([](const HttpSeen &) {
            return HttpReply::text(200, qCompress(QByteArray("small")).mid(4)).withHeader("Content-Encoding", "deflate");
        });
        for (const Attempt &attempt : attempts(q("http://localhost:%1/").arg(m_server->port()), true))
            QVERIFY2(outcomeOf(attempt).text.contains(q("small")), attempt.type);
    }
};

QTEST_GUILESS_MAIN(TestSsrf)
#include "tst_Ssrf.moc"
