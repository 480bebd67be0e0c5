// SPDX-License-Identifier: GPL-3.0-or-later
// What is judged of texts: where arguments may lead, and what is left of a stripped result.
#include "core/tool/ToolResult.h"
#include "core/tool/UrlScope.h"
#include "tests/core/tool/ToolTesting.h"

#include <QRandomGenerator>

using namespace lathe;

class TestToolGateScope : public QObject
{
    Q_OBJECT

    static QString verdict(const UrlScope &scope, const QString &key, const QString &value)
    {
        const auto refusal = scope.check(QJsonObject{{key, value}});
        return refusal ? refusal->code : QString();
    }

private Q_SLOTS:
    void hosts_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("allowed");
        const auto row = [](const char *key, const char *text, bool allowed) { QTest::addRow("%s=%s", key, text) << key << QString::fromUtf8(text) << allowed; };
        for (const char *good : {"https://api.example.com/x?y=1", "http://API.example.com", "https://a.b.sub.example.org/", "see https://api.example.com. Then",
                                 "(https://api.example.com/a)", "no address at all", "mail me@evil.example", "12:30", "C++: a://b", "https://api.example.com:8443/"})
            row("text", good, QLatin1String(good) != QLatin1String("C++: a://b"));
        for (const char *bad : {"https://evil.example/", "http://api.example.com.evil.example/", "https://api.example.com@evil.example/",
                                "https://evil.example\\@api.example.com/", "https://api.example.com\\@evil.example/", "look at https://evil.example/?q=secret now",
                                "https:/evil.example", "https:evil.example", "HTTP:\\\\evil.example", "ftp://evil.example/x", "ws://evil.example",
                                "gopher://evil.example", "https://sub.example.org/", "http://[::1]/", "http://0x7f000001/",
                                "//evil.example/x", "file:///etc/passwd", "https://xn--pi-example.com/"})
            row("text", bad, false);
        // The host is right, and what else stands there is read in other ways elsewhere.
        for (const char *bad : {"https://me@api.example.com/", "https://me:word@api.example.com/", "https://api.example.com/\\@evil.example/", "https://evil.example\\@api.example.com/"})
            row("text", bad, false);
        // Two parsers, two hosts: what one takes for the end of a URL another takes for a user name, or does not see at all.
        for (const char *bad : {"https://api.example.com^@evil.example/", "https://api.example.com\"@evil.example", "https://api.example.com @evil.example/",
                                "https://api.example.com\t.evil.example/", "https://api.example.com\n@evil.example/", "http:\n//evil.example/x",
                                "\x01http:\t//evil.example/x", "ws:evil.example/x", "https://api.example.com\".evil.example/"})
            row("text", bad, false);
        for (const char *good : {"https://api.example.com/a b@c", "https://api.example.com, then write", "https://api.example.com/x\nand more", "\"https://api.example.com\"",
                                 "https://api.example.com/?q=a@b", "// a comment", "note: a@b.example"})
            row("text", good, true);
        row("url", "evil\n.example", false);
        row("url", "/\t/evil.example", false);
        row("url", "api.example\n.com", true);
        row("url", "api.example.com/x", true);
        row("url", "evil.example/x", false);
        row("baseUrl", "evil.example", false);
        row("host", "evil.example", false);
        row("host", "api.example.com", true);
        row("hostname", "evil.example:80", false);
        row("url", "/orders/1", true); // on a server that is not chosen here
        row("url", "//evil.example", false);
        row("comment", "evil.example", true); // a word
    }
    void hosts()
    {
        QFETCH(QString, key);
        QFETCH(QString, text);
        QFETCH(bool, allowed);
        const UrlScope scope({QStringLiteral("api.example.com"), QStringLiteral("*.sub.example.org")}, {});
        QCOMPARE(verdict(scope, key, text), allowed ? QString() : QStringLiteral("host"));
        // However deep it lies, and as a name.
        const auto deep = scope.check(QJsonObject{{QStringLiteral("a"), QJsonArray{1, QJsonObject{{key, QJsonArray{QStringLiteral("x"), text}}}}}});
        if (key == QLatin1String("text"))
            QCOMPARE(deep.has_value(), !allowed);
        if (key == QLatin1String("text") && !allowed)
            QVERIFY(scope.check(QJsonObject{{text, 1}}).has_value());
    }

    void paths_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("allowed");
        const auto row = [](const char *key, const char *text, bool allowed) { QTest::addRow("%s=%s", key, text) << key << QString::fromUtf8(text) << allowed; };
        for (const char *good : {"/srv/data", "/srv/data/a/b.txt", "/srv/data/./x", "/srv/data/a/../b", "reports/x.md", "./reports/x.md", "reports"})
            row("path", good, true);
        for (const char *bad : {"/etc/passwd", "/srv/database", "/srv/data/../x", "/srv/data/a/../../x", "..", "../x", "~/x", "~root/x", "other/x", "/",
                                "/srv/data/%2e%2e/%2e%2e/etc/passwd", "/srv/data\\..\\..\\etc", "reports/../../x", "C:\\Windows", "%2fetc%2fpasswd", "."})
            row("path", bad, false);
        for (const char *key : {"file", "filePath", "FILE_NAME", "directory", "cwd", "paths", "output-dir"})
            row(key, "/etc/passwd", false);
        row("source", "/etc/passwd", false);
        row("source", "web", true); // no path
        row("title", "/etc/passwd", true); // a word
        row("title", "file:///etc/passwd", false);
        row("title", "file:///srv/data/x", true);
        row("uri", "file:///srv/data/../../etc/passwd", false);
    }
    void paths()
    {
        QFETCH(QString, key);
        QFETCH(QString, text);
        QFETCH(bool, allowed);
        const UrlScope scope({}, {QStringLiteral("/srv/data/"), QStringLiteral("reports")});
        QCOMPARE(verdict(scope, key, text), allowed ? QString() : QStringLiteral("path"));
        const auto listed = scope.check(QJsonObject{{key, QJsonArray{text}}});
        QCOMPARE(listed.has_value(), !allowed);
    }

    void emptyScopeAllows()
    {
        QVERIFY(!UrlScope().check(QJsonObject{{QStringLiteral("url"), QStringLiteral("https://evil.example")}}));
        // A list of nothing usable allows nothing.
        QVERIFY(UrlScope({QStringLiteral("")}, {}).check(QJsonObject{{QStringLiteral("url"), QStringLiteral("https://evil.example")}}).has_value());
        QVERIFY(UrlScope({}, {QStringLiteral("../x")}).check(QJsonObject{{QStringLiteral("path"), QStringLiteral("x")}}).has_value());
    }

    // All of the tool's own folder: not what lies above it or elsewhere.
    void wholeFolder_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("allowed");
        for (const char *good : {"x", "a/b", ".", "./x", "a/../b", "..x", "a~"})
            QTest::newRow(good) << QString::fromUtf8(good) << true;
        for (const char *bad : {"..", "../x", "a/../../x", "~", "~/x", "~root/x", "%2e%2e/x", "a\\..\\..\\x", "/x", "/"})
            QTest::newRow(bad) << QString::fromUtf8(bad) << false;
        QTest::newRow("NUL") << QString(QStringLiteral("x") + QChar(0)) << false;
    }
    void wholeFolder()
    {
        QFETCH(QString, path);
        QFETCH(bool, allowed);
        const UrlScope scope({}, {QStringLiteral(".")});
        QCOMPARE(verdict(scope, QStringLiteral("path"), path), allowed ? QString() : QStringLiteral("path"));
    }

    // What cannot be looked through to its end is not let through.
    void nestedTooDeep()
    {
        for (const auto &[hosts, code] : {std::pair(QStringList{QStringLiteral("a.example")}, QStringLiteral("host")), std::pair(QStringList(), QStringLiteral("path"))}) {
            const UrlScope scope(hosts, hosts.isEmpty() ? QStringList{QStringLiteral("/srv")} : QStringList());
            QJsonValue value = QStringLiteral("harmless");
            for (int i = 0; i < 150; ++i)
                value = QJsonArray{value};
            QCOMPARE(verdict(scope, QStringLiteral("x"), QString()), QString());
            QVERIFY(!scope.check(QJsonObject{{QStringLiteral("x"), value}}));
            for (int i = 0; i < 150; ++i)
                value = QJsonArray{value};
            const auto refusal = scope.check(QJsonObject{{QStringLiteral("x"), value}});
            QVERIFY(refusal.has_value());
            QCOMPARE(refusal->code, code);
        }
    }

    void nul()
    {
        const UrlScope scope({}, {QStringLiteral("/srv/data")});
        QCOMPARE(verdict(scope, QStringLiteral("path"), QStringLiteral("/srv/data/x") + QChar(0) + QStringLiteral("/../../etc")), QStringLiteral("path"));
    }

    void stripped_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("left");
        const auto row = [](const char *text, const char *left) { QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(left); };
        row("plain words, 1 < 2 and 3 > 2.", "plain words, 1 < 2 and 3 > 2.");
        row("a<!-- hidden -->b", "ab");
        row("a<!-- never ends", "a");
        row("<p>One</p><script>steal()</script><style>x{}</style>Two", "OneTwo");
        row("a <img src=x onerror=steal()> b", "a  b");
        row("[words](http://evil.example/?q=1)", "words");
        row("[words](http://evil.example/a_(b))", "words");
        row("![alt](http://evil.example/x.png) end", " end");
        row("[words][ref] and\n[ref]: http://evil.example\n", "words and\n\n");
        row("see https://evil.example/?data=1 now", "see [link] now");
        row("[![alt](http://evil.example/i.png)](http://evil.example)", "");
        row("x\u200b\u202e\U000E0041y", "xy");
        row("\u00e9 \u4e2d \U0001F600", "\u00e9 \u4e2d \U0001F600");
        row("<scr<script>x</script>ipt>boo</script>", "boo");
        row("www.evil.example/x", "[link]");
    }
    void stripped()
    {
        QFETCH(QString, text);
        QTEST(strippedText(text), "left");
    }

    // Whatever it is made of: nothing that acts is left, and stripping again changes nothing that acts.
    void strippedOfAnything()
    {
        const QStringList parts{QStringLiteral("<"), QStringLiteral(">"), QStringLiteral("!--"), QStringLiteral("-->"), QStringLiteral("<!--"), QStringLiteral("["),
                                QStringLiteral("]("), QStringLiteral(")"), QStringLiteral("!["), QStringLiteral("http://e.x/"), QStringLiteral("img src=x"),
                                QStringLiteral("</"), QStringLiteral("script"), QStringLiteral("word "), QStringLiteral("\n"), QString(QChar(0x200b))};
        QRandomGenerator random(42);
        for (int round = 0; round < 3000; ++round) {
            QString text;
            for (int i = random.bounded(30); i >= 0; --i)
                text += parts[random.bounded(parts.size())];
            const QString left = strippedText(text);
            static const QRegularExpression acts(QStringLiteral("<!--|<[a-zA-Z/][^>]*>|\\[[^\\]\\[]*\\]\\([^()]*\\)|http://|\\x{200b}"));
            QVERIFY2(!left.contains(acts), qPrintable(text + QStringLiteral("  ->  ") + left));
        }
    }

    // Texts made to be slow are not.
    void strippingIsLinear()
    {
        for (const char *piece : {"[", "![", "<", "<!--", "[a](", "((((", "[a][", "http://"}) {
            const QString text = QString::fromLatin1(piece).repeated(1'000'000 / int(qstrlen(piece)));
            QElapsedTimer timer;
            timer.start();
            strippedText(text);
            QVERIFY2(timer.elapsed() < 120'000, piece); // a hang guard
        }
    }
};

QTEST_GUILESS_MAIN(TestToolGateScope)
#include "tst_ToolGateScope.moc"
