// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/tool/PageSamples.h"
#include "tests/core/tool/WebToolTesting.h"

using namespace lathe;
using namespace lathe::test;

class TestWebPageTool : public WebToolFixture
{
    Q_OBJECT

    ToolLimits m_limits;

    Result<std::shared_ptr<Tool>> tryMake(const QJsonObject &config)
    {
        ToolSpec spec = toolSpec("web_page", config);
        spec.limits = m_limits;
        return makeTool(q("read"), spec, environment());
    }
    std::shared_ptr<Tool> make(QJsonObject config = {})
    {
        if (!config.contains(q("allowed_hosts")))
            config.insert(q("allowed_hosts"), QJsonArray{q("*")});
        config.insert(q("allow_private_network"), true);
        return *tryMake(config);
    }
    QJsonObject at(const char *path, int start = 0) const
    {
        QJsonObject arguments{{q("url"), url(q(path))}};
        if (start > 0)
            arguments.insert(q("start"), start);
        return arguments;
    }

private Q_SLOTS:
    void init()
    {
        startServer();
        m_limits = ToolLimits();
    }
    void cleanup() { m_http.reset(); }

    void reads()
    {
        m_server->enqueue(HttpReply::redirect("/wiki/kiln"));
        m_server->enqueue(HttpReply::text(200, articlePage, "text/html; charset=utf-8"));
        const auto outcome = callTool(*make(), at("/kiln"));
        QVERIFY2(!outcome.isError, qPrintable(outcome.text));
        const QString base = url();
        QCOMPARE(outcome.text, q("Title: How kilns work \xe2\x80\x94 Clay & Co\nURL: %1/wiki/kiln\n\n%2\n\nLinks:\n[1] "
                                 "%1/wiki/Clay?x=1\n[2] https://other.example/drying")
                                   .arg(base, q(articleText)));
        QCOMPARE(outcome.structured.toObject().value(q("url")).toString(), base + q("/wiki/kiln"));
        QCOMPARE(outcome.structured.toObject().value(q("links")).toArray().size(), 2);
        const auto tool = make();
        QCOMPARE(tool->sideEffect({}), SideEffect::Read);
        QVERIFY(tool->idempotent({}));
    }

    void withoutLinks()
    {
        m_server->enqueue(HttpReply::text(200, articlePage, "text/html"));
        QVERIFY(!callTool(*make({{q("list_links"), false}}), at("/")).text.contains(q("Links:")));
    }

    void inPieces()
    {
        m_limits.maxBytes = 4000; // 1,000 characters at once
        const QByteArray body = "<p>" + QByteArray("0123456789").repeated(250) + "</p>";
        answerAlways(HttpReply::text(200, body, "text/html"));
        QString text;
        int start = 0;
        for (int n = 0; n < 3; ++n) {
            const auto outcome = callTool(*make(), at("/", start));
            QVERIFY(!outcome.isError);
            text += outcome.text.section(q("\n\n"), 1, 1);
            start += 1000;
            const QString note = n < 2 ? q("[characters %1 to %2 of 2500; call again with start %2 for more]").arg(start - 1000).arg(start)
                                       : q("[characters 2000 to 2500 of 2500]");
            QVERIFY2(outcome.text.endsWith(note), qPrintable(outcome.text.right(100)));
        }
        QCOMPARE(text, QString::fromLatin1("0123456789").repeated(250));
        QVERIFY(callTool(*make(), at("/", 2501)).text.contains(q("only 2500 characters")));
    }

    void otherTypes_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QString>("says"); // of a refusal after "!"
        QTest::newRow("pdf") << QByteArray("%PDF-1.7 ...") << QByteArray("application/pdf") << q("!a PDF document");
        QTest::newRow("pdf in disguise") << QByteArray("%PDF-1.7 ...") << QByteArray("text/html") << q("!a PDF document");
        QTest::newRow("image") << QByteArray("\x89PNG\0", 5) << QByteArray("image/png") << q("!of the type image/png");
        QTest::newRow("zip as html") << QByteArray("PK\3\4\0\0\0\0", 8) << QByteArray("text/html") << q("!of the type text/html");
        QTest::newRow("text") << QByteArray("plain <b>text</b>") << QByteArray("text/plain") << q("plain <b>text</b>");
        QTest::newRow("json") << QByteArray("{\"a\":1}") << QByteArray("application/json") << q("{\"a\":1}");
        QTest::newRow("no type") << QByteArray("<html><p>x<p>y") << QByteArray() << q("x\n\ny");
        QTest::newRow("charset in the page") << QByteArray("<meta charset='windows-1251'><p>\xcc\xe8\xf0") << QByteArray("text/html")
                                             << q("\xd0\x9c\xd0\xb8\xd1\x80");
        QTest::newRow("charset of HTTP first") << QByteArray("<meta charset='windows-1251'><p>\xc3\xa4")
                                               << QByteArray("text/html; charset=utf-8") << q("\xc3\xa4");
        QTest::newRow("made by a script") << QByteArray("<div id=app></div><script>go()</script>") << QByteArray("text/html")
                                          << q("made by a script");
    }
    void otherTypes()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, type);
        QFETCH(QString, says);
        const bool refused = says.startsWith(u'!');
        m_server->enqueue(HttpReply::text(200, body, type));
        const auto outcome = callTool(*make(), at("/"));
        QCOMPARE(outcome.isError, refused);
        QVERIFY2(outcome.text.contains(refused ? says.mid(1) : says), qPrintable(outcome.text));
    }

    void statusAndFailures()
    {
        m_server->enqueue(HttpReply::text(404, "<h1>Gone</h1>", "text/html"));
        auto outcome = callTool(*make(), at("/"));
        QVERIFY(outcome.isError && !outcome.transient && outcome.text.contains(q("HTTP 404")) && outcome.text.contains(q("Gone")));
        m_server->enqueue(HttpReply::text(503, "busy"));
        QVERIFY(callTool(*make(), at("/")).transient);
        outcome = callTool(*make({{q("allowed_hosts"), QJsonArray{q("en.wikipedia.org")}}}), at("/"));
        QVERIFY(outcome.isError && outcome.text.contains(q("not allowed")));
        QCOMPARE(m_server->requestCount(), 2);
        CancelSource cancel;
        m_server->enqueue(HttpReply::never());
        LaterOutcome later;
        later.start(make()->call(at("/"), cancel.token()));
        QVERIFY(m_server->waitForRequests(3));
        cancel.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(later.isDone(), 30'000);
        QCOMPARE(later->error().kind, ErrorKind::Cancelled);
        QVERIFY(!tryMake({}).ok());
        QVERIFY(!tryMake({{q("allowed_hosts"), QJsonArray{q("a b")}}}).ok());
    }
};

QTEST_GUILESS_MAIN(TestWebPageTool)
#include "tst_WebPageTool.moc"
