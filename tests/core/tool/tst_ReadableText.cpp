// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HtmlTree.h"
#include "core/tool/HttpText.h"
#include "core/tool/ReadableText.h"
#include "tests/core/tool/PageSamples.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

namespace {
QString q(const char *text) { return QString::fromUtf8(text); }
ReadablePage page(const QString &html) { return readablePage(html, QUrl(q("https://clay.example/wiki/kiln"))); }
}

class TestReadableText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void article()
    {
        const ReadablePage read = page(q(test::articlePage));
        QCOMPARE(read.title, q("How kilns work \xe2\x80\x94 Clay & Co"));
        QCOMPARE(read.language, q("en-GB"));
        QCOMPARE(read.text.split(u'\n'), q(test::articleText).split(u'\n'));
        QVERIFY(!read.wholePage);
        const std::vector<ReadablePage::Link> links{{q("clay"), q("https://clay.example/wiki/Clay?x=1")},
                                                    {q("more about drying"), q("https://other.example/drying")}};
        QCOMPARE(read.links, links);
    }

    void fragments_data()
    {
        QTest::addColumn<QString>("html");
        QTest::addColumn<QString>("text");
        const auto row = [](const char *html, const char *text) { QTest::newRow(html) << q(html) << q(text); };
        row("just text", "just text");
        row("<p>a<p>b<br>c", "a\n\nb\nc");
        row("a <b>b</b>c <i> d </i>e", "a bc d e");
        row("&lt;p&gt; &amp;amp; &#x41;&#65;&euro;&nope;", "<p> &amp; AA\xe2\x82\xac&nope;");
        row("a < b and 3<4", "a < b and 3<4");
        row("<ol><li>x<li>y</ol>z", "- x\n- y\n\nz");
        row("<dl><dt>a<dd>b</dl>", "a\nb");
        row("<img alt='A kiln' src=x>", "[image: A kiln]");
        row("<title>T</title><h3>Head</h3>text", "### Head\n\ntext");
        row("<a href='#x'>here</a> <a href='mailto:a@b'>mail</a> <a href='data:text/html,x'>d</a>", "here mail d");
        row("<a href='//b.example/?a=1&amp;b=2'>b</a>", "b [1]");
        row("<div>a</span></div>b</p>c", "a\nbc");
        row("<table><tr><td><p>a</p><p>b</p><td>c</table>", "a b | c");
        row("<script>x</script><style>y</style><template>z</template><noscript>n</noscript><svg><text>s</text></svg>ok", "ok");
        row("<script>if (a </b) x", "");
        row("<!-- a > b -->ok<!-- open", "ok");
        row("<p hidden>x</p><p style='DISPLAY : none'>y</p><div style='font-size:0'>z</div>ok", "ok");
        row("ig\xe2\x80\x8bnore\xe2\x80\xae \xf3\xa0\x81\xa1\xf3\xa0\x81\xa2seen", "ignore seen");
        row("<nav>only this</nav>", "only this");
        row("<p>a</p\n><p class=\"x\" class='y' =z>b</p>", "a\n\nb");
        row("<P>A</P><Script>x</sCRIPT>B", "A\n\nB");
        row("", "");
    }
    void fragments()
    {
        QFETCH(QString, html);
        QFETCH(QString, text);
        QCOMPARE(page(html).text, text);
    }

    void baseOfLinks()
    {
        const ReadablePage read = page(q("<base href='/other/'><a href='x'>x</a> <a href='x'>again</a> <a href='http://[bad'>bad</a>"));
        QCOMPARE(read.links.size(), size_t(1));
        QCOMPARE(read.links.at(0).url, q("https://clay.example/other/x"));
        QCOMPARE(read.text, q("x [1] again [1] bad"));
    }

    void mainElement()
    {
        const QString filler = q("Words, and more words, of which there are many here, all of them plain. ").repeated(6);
        const ReadablePage read = page(q("<div><p>%1</p><p>%1</p></div><main><p>Main: %1</p></main>").arg(filler));
        QVERIFY(read.text.startsWith(q("Main:")));
        QVERIFY(!read.wholePage);
    }

    // Time grows with the size and no more; the depth of the tree is bounded.
    void hostile()
    {
        QElapsedTimer timer;
        timer.start();
        for (const char *piece : {"<div>",
                                  "<p>",
                                  "<li>",
                                  "<a href=x>",
                                  "<table><tr><td>",
                                  "</div>",
                                  "<",
                                  "</",
                                  "<!",
                                  "<!--",
                                  "<a ",
                                  "<a b=\"",
                                  "&",
                                  "&#x",
                                  "<script>",
                                  "<script",
                                  "<b><i></b>",
                                  "<ul><li>",
                                  "<td>",
                                  "<!-->",
                                  "<a href='x'>y</a>",
                                  "<title>",
                                  "<base href=x>",
                                  "<p style='display:none'>"}) {
            const ReadablePage read = page(q(piece).repeated(1'000'000 / int(qstrlen(piece))));
            QVERIFY(read.links.size() <= 300);
        }
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        const HtmlTree tree = HtmlTree::parse(q("<div>").repeated(100'000));
        int depth = 0;
        for (int at = int(tree.nodes.size()) - 1; at > 0; at = tree.nodes[size_t(at)].parent)
            ++depth;
        QVERIFY(depth <= HtmlTree::maxDepth);
        QVERIFY(int(HtmlTree::parse(q("<br>").repeated(1'000'000)).nodes.size()) <= HtmlTree::maxNodes + 1);
    }

    void encodings_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QString>("text");
        QTest::newRow("utf-8") << QByteArray("\xc3\xa4") << QByteArray("text/html") << q("\xc3\xa4");
        QTest::newRow("latin 1 with quotes of Windows")
            << QByteArray("\x93\xe4\x94") << QByteArray("text/html; charset=iso-8859-1") << q("\xe2\x80\x9c\xc3\xa4\xe2\x80\x9d");
        QTest::newRow("russian") << QByteArray("\xcc\xe8\xf0") << QByteArray("text/html; charset=\"windows-1251\"") << q("\xd0\x9c\xd0\xb8\xd1\x80");
        QTest::newRow("japanese") << QByteArray("\x93\xfa\x96\x7b") << QByteArray("text/html; charset=Shift_JIS") << q("\xe6\x97\xa5\xe6\x9c\xac");
        QTest::newRow("broken japanese") << QByteArray("a\x81") << QByteArray("text/html; charset=Shift_JIS") << q("a\xef\xbf\xbd");
        QTest::newRow("mark") << QByteArray("\xff\xfe" "a\0", 4) << QByteArray("text/html; charset=utf-8") << q("a");
        QTest::newRow("unknown") << QByteArray("abc") << QByteArray("text/html; charset=klingon") << q("abc");
        QTest::newRow("grows") << QByteArray(3000, '\xff') << QByteArray("text/html; charset=euc-jp")
                               << QString(3000, QChar(QChar::ReplacementCharacter));
    }
    void encodings()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, type);
        QFETCH(QString, text);
        QCOMPARE(decodedBody(bytes, type), text);
    }
};

QTEST_GUILESS_MAIN(TestReadableText)
#include "tst_ReadableText.moc"
