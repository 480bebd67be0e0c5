// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/CopyAs.h"
#include "core/trace/TraceHtml.h"
#include "tests/core/trace/TraceRandom.h"

#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>
#include <QXmlStreamReader>

using namespace lathe;
using namespace lathe::test;

namespace {
// What hostile models and tools write.
const char *const attacks[] = {"</script><script>alert(1)</script>",
                               "<img src=x onerror=alert(1)>",
                               "\" onmouseover=\"alert(1)",
                               "' autofocus onfocus='alert(1)",
                               "<!-- --> <![CDATA[ ]]> &lt;b&gt; &#60;",
                               "</pre></details></style><style>*{display:none}",
                               "javascript:alert(1)",
                               "\xE2\x80\xAE evil \xE2\x81\xA6"};

// The page as a tree, when it is well-formed after its void elements are closed: what a browser does with it is then plain.
QString wellFormed(QByteArray page, QStringList *elements, QString *text)
{
    page.replace("<!DOCTYPE html>", "");
    QString html = QString::fromUtf8(page);
    static const QRegularExpression voids(QStringLiteral("<(meta|input|img)\\b([^>]*)>"));
    html.replace(voids, QStringLiteral("<\\1\\2/>"));
    static const QRegularExpression open(QStringLiteral(" open>"));
    html.replace(open, QStringLiteral(" open=\"\">"));
    static const QRegularExpression script(QStringLiteral("<script>(.*?)</script>"), QRegularExpression::DotMatchesEverythingOption);
    html.replace(script, QStringLiteral("<script/>"));
    QXmlStreamReader reader(html);
    while (!reader.atEnd()) {
        reader.readNext();
        if (reader.isStartElement()) {
            elements->append(reader.name().toString());
            for (const auto &attribute : reader.attributes()) {
                if (attribute.name().startsWith(QStringLiteral("on")))
                    return QStringLiteral("attribute ") + attribute.name().toString();
            }
        } else if (reader.isCharacters()) {
            *text += reader.text();
        }
    }
    return reader.hasError() ? reader.errorString() + QStringLiteral(" at line %1").arg(reader.lineNumber()) : QString();
}
} // namespace

class TestTraceHtml : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsTheRun()
    {
        TraceHtmlHeader header;
        header.title = QStringLiteral("triage@3, run 7");
        header.input = QStringLiteral("Which area?");
        const QByteArray page = traceHtml(traceOf(toolLoop().events), header);
        QStringList elements;
        QString text;
        QCOMPARE(wellFormed(page, &elements, &text), QString());
        QCOMPARE(elements.count(QStringLiteral("script")), 1);
        QCOMPARE(page.count("<details class=\"step "), 5);
        for (const char *words : {"triage@3, run 7", "Which area?", "chat extractive", "execute_tool sql", "The query took over 30 s", "812 + 40", "$0.0012",
                                  "Let me look.", "Billing, with 41.", "\"query\": \"SELECT 1\"", "retry"})
            QVERIFY2(text.contains(QLatin1String(words)), words);
        // Self-contained: no address that a browser would fetch.
        static const QRegularExpression fetches(QStringLiteral("(src|href|url\\(|@import|action)\\s*=?\\s*[\"'(]?https?:"));
        QVERIFY(!fetches.match(QString::fromUtf8(page)).hasMatch());
        QVERIFY(page.contains("default-src 'none'"));
        QVERIFY(page.contains("prefers-color-scheme:dark"));
    }

    void hostileTexts()
    {
        for (const char *attack : attacks) {
            const QString bad = QString::fromUtf8(attack);
            QJsonObject attributes{{bad, bad},
                                   {QStringLiteral("gen_ai.input.messages"),
                                    QJsonArray{QJsonObject{{QStringLiteral("role"), bad},
                                                           {QStringLiteral("parts"), QJsonArray{QJsonObject{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("content"), bad}},
                                                                                                QJsonObject{{QStringLiteral("type"), bad}, {QStringLiteral("content"), bad}},
                                                                                                QJsonObject{{QStringLiteral("type"), QStringLiteral("blob")},
                                                                                                            {QStringLiteral("mime_type"), QStringLiteral("image/png")},
                                                                                                            {QStringLiteral("content"), bad}},
                                                                                                QJsonObject{{QStringLiteral("type"), QStringLiteral("tool_call")},
                                                                                                            {QStringLiteral("name"), bad},
                                                                                                            {QStringLiteral("arguments"), bad}}}}}}}};
            Script s;
            s.runStarted();
            s.events.back().attributes.insert(QStringLiteral("agent"), bad);
            s.started("1", 0, StepKind::Model, attack);
            s.events.back().attributes = attributes;
            s.delta("1", 1, attack, DeltaChannel::Reasoning);
            s.delta("1", 1, attack);
            s.note("1", 2, attack);
            s.events.back().attributes = attributes;
            s.ended("1", 3, StepStatus::Failed);
            s.events.back().error = Error(ErrorKind::Provider, bad);
            s.started("1.<b>", 3, StepKind::Tool, attack);
            s.runEnded(4, RunStatus::Failed, attack);
            TraceHtmlHeader header;
            header.title = header.agent = header.input = header.tags = header.rating = header.note = bad;
            const QByteArray page = traceHtml(traceOf(s.events), header);
            QStringList elements;
            QString text;
            const QString problem = wellFormed(page, &elements, &text);
            QVERIFY2(problem.isEmpty(), qPrintable(problem + QStringLiteral(" with ") + bad));
            QCOMPARE(elements.count(QStringLiteral("script")), 1);
            QCOMPARE(elements.count(QStringLiteral("style")), 1);
            QCOMPARE(elements.count(QStringLiteral("img")), 0);
            QVERIFY(!text.contains(QChar(0x202e)));
            if (!bad.contains(QChar(0x202e)))
                QVERIFY2(text.count(bad) >= 10, attack); // shown as what it is
        }
        // Control characters and broken text.
        Script s;
        s.started("1", 0, StepKind::Model, "chat");
        s.events.back().name = QString(QChar(0xd800)) + QChar(0) + QChar(7) + QStringLiteral("x");
        s.delta("1", 1, "a");
        s.events.back().text = QString(100'000, QChar(0xd83d)) + QString::fromUcs4(U"\U0001F600").repeated(40'000);
        QStringList elements;
        QString text;
        const QByteArray page = traceHtml(traceOf(s.events), {});
        QCOMPARE(wellFormed(page, &elements, &text), QString());
        QCOMPARE(text.count(QString::fromUcs4(U"\U0001F600")), 40'000); // no character was cut in two
    }

    void images()
    {
        Script s;
        s.started("1", 0, StepKind::Model, "chat",
                  "{\"gen_ai.input.messages\":\"[{\\\"role\\\":\\\"user\\\",\\\"parts\\\":[{\\\"type\\\":\\\"blob\\\",\\\"mime_type\\\":\\\"image/png\\\",\\\"content\\\":\\\"iVBORw0=\\\"},{\\\"type\\\":\\\"blob\\\",\\\"mime_type\\\":\\\"image/svg+xml\\\",\\\"content\\\":\\\"PHN2Zz4=\\\"}]}]\"}");
        const QByteArray page = traceHtml(traceOf(s.events), {});
        QVERIFY(page.contains("<img alt=\"\" src=\"data:image/png;base64,iVBORw0=\">"));
        QCOMPARE(page.count("<img"), 1); // SVG can hold script
    }

    void comesInPiecesAndStops()
    {
        const Trace trace = largeTrace(20'000, 3);
        int pieces = 0;
        qsizetype largest = 0;
        QVERIFY(writeTraceHtml(trace, {}, [&](const QByteArray &piece) {
            ++pieces;
            largest = std::max(largest, piece.size());
            return true;
        }));
        QVERIFY(pieces > 50);
        QVERIFY(largest < 512 * 1024);
        int taken = 0;
        QVERIFY(!writeTraceHtml(trace, {}, [&taken](const QByteArray &) { return ++taken < 3; }));
        QCOMPARE(taken, 3);
        QStringList elements;
        QString text;
        QCOMPARE(wellFormed(traceHtml(trace, {}), &elements, &text), QString());
        QVERIFY(wellFormed(traceHtml(Trace(), {}), &elements, &text).isEmpty());
    }

    void curl_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QString>("url");
        QTest::addColumn<QByteArray>("header"); // "name: value"
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("expected");
        QTest::newRow("get") << QByteArray("GET") << "https://api.example.com/v1/models" << QByteArray() << QByteArray() << "curl https://api.example.com/v1/models";
        QTest::newRow("secret") << QByteArray("POST") << "https://api.openai.com/v1/chat/completions" << QByteArray("Authorization: Bearer sk-123") << QByteArray("{\"a\":\"it's\"}")
                                << "curl \\\n  https://api.openai.com/v1/chat/completions \\\n  -H \"Authorization: Bearer $OPENAI_API_KEY\" \\\n  --data-raw '{\n    \"a\": \"it'\\''s\"\n}'";
        QTest::newRow("another key") << QByteArray("DELETE") << "http://localhost:8080/x" << QByteArray("X-Api-Key: abc") << QByteArray()
                                     << "curl \\\n  -X DELETE \\\n  http://localhost:8080/x \\\n  -H \"X-Api-Key: $API_KEY\"";
        QTest::newRow("key of a gateway") << QByteArray("GET") << "http://localhost/x?signature=abc&max_tokens=5" << QByteArray("Ocp-Apim-Subscription-Key: abc") << QByteArray()
                                          << "curl \\\n  \"http://localhost/x?signature=${API_KEY}&max_tokens=5\" \\\n  -H \"Ocp-Apim-Subscription-Key: $API_KEY\"";
        QTest::newRow("no key") << QByteArray("GET") << "http://localhost/x" << QByteArray("Idempotency-Key: 7") << QByteArray()
                                << "curl \\\n  http://localhost/x \\\n  -H 'Idempotency-Key: 7'";
        QTest::newRow("query") << QByteArray("GET") << "https://generativelanguage.googleapis.com/v1?alt=sse&key=AIza123&x=$(id)" << QByteArray() << QByteArray()
                               << "curl \\\n  \"https://generativelanguage.googleapis.com/v1?alt=sse&key=${GEMINI_API_KEY}&x=\\$(id)\"";
        QTest::newRow("password in the address") << QByteArray("GET") << "https://user:secret@example.com/" << QByteArray() << QByteArray() << "curl \\\n  https://example.com/";
        QTest::newRow("precise numbers") << QByteArray("POST") << "http://h/" << QByteArray() << QByteArray("{\"n\": 12345678901234567890123}")
                                         << "curl \\\n  http://h/ \\\n  --data-raw '{\"n\": 12345678901234567890123}'";
    }
    void curl()
    {
        QFETCH(QByteArray, method);
        QFETCH(QString, url);
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, body);
        QFETCH(QString, expected);
        CopyHeaders headers;
        if (!header.isEmpty())
            headers.emplace_back(header.left(header.indexOf(':')), header.mid(header.indexOf(':') + 2));
        QString made = toCurl(method, url, headers, body);
        if (!expected.contains(u'\n'))
            made.replace(QStringLiteral(" \\\n  "), QStringLiteral(" "));
        QCOMPARE(made, expected);
    }

    // A real shell reads the words back as they were.
    void shellReadsItBack()
    {
        const QString shell = QStandardPaths::findExecutable(QStringLiteral("sh"));
        if (shell.isEmpty())
            QSKIP("no shell");
        const QByteArray large = "{\"text\":\"" + QByteArray(200'000, 'x') + "LATHE_BODY' $(id) `id` \\\\\"}";
        const QByteArray bodies[] = {"{\"a\":\"it's $HOME `id` \\\\ \\\" !\"}", "plain 'text'\nwith lines\n\n", large};
        for (const QByteArray &body : bodies) {
            const QString command = toCurl("POST", QStringLiteral("http://h/?a=b&token=t&c=`id`"), {{"X-Note", "it's \"$HOME\""}, {"api-key", "k"}}, body, QStringLiteral("MY_KEY"));
            QProcess process;
            // In place of curl: its arguments, and what comes on its input.
            process.start(shell, {QStringLiteral("-s")});
            process.write("MY_KEY=the-key\ncurl() { for a in \"$@\"; do printf '%s\\001' \"$a\"; case \"$a\" in @-) cat;; esac; done; }\n" + command.toUtf8() + "\n");
            process.closeWriteChannel();
            QVERIFY(process.waitForFinished());
            const QByteArrayList words = process.readAllStandardOutput().split('\1');
            QCOMPARE(process.readAllStandardError(), QByteArray());
            QVERIFY(words.contains("http://h/?a=b&token=the-key&c=`id`"));
            QVERIFY(words.contains("X-Note: it's \"$HOME\""));
            QVERIFY(words.contains("api-key: the-key"));
            const QByteArray last = words.contains("@-") ? words.last() : words[words.size() - 2];
            const auto sent = json::parse(last);
            if (const auto given = json::parse(body))
                QVERIFY2(sent && *sent == *given, last.left(200).constData());
            else
                QCOMPARE(last, body);
        }
    }

    void exampleAndPin()
    {
        QCOMPARE(toExampleLine(QStringLiteral("a\nb"), QJsonObject{{QStringLiteral("lang"), QStringLiteral("de")}, {QStringLiteral("input"), 3}}, QStringLiteral("c")),
                 QByteArray("{\"expected\":\"c\",\"input\":\"a\\nb\",\"lang\":\"de\"}\n"));
        Script later = toolLoop();
        for (RunEvent &event : later.events) {
            event.timeUs += event.timeUs % 1000 + 77;
            event.run = RunId{99};
            event.attributes.remove(QStringLiteral("lathe.cost_usd"));
        }
        const QString pinned = toPinnedText(traceOf(toolLoop().events));
        QCOMPARE(toPinnedText(traceOf(later.events)), pinned);
        QVERIFY(pinned.contains(QStringLiteral("1.2 tool \"execute_tool sql\" failed")));
        QVERIFY(pinned.endsWith(QStringLiteral("output: \"Billing, with 41.\"\n")));
        later.events[11].text += QLatin1Char('!');
        later.events.back().text = QString(1000, u'x');
        QVERIFY(toPinnedText(traceOf(later.events)) != pinned);
        QVERIFY(toPinnedText(traceOf(later.events)).contains(QStringLiteral("output: 1000 characters, sha256 ")));
    }
};

QTEST_GUILESS_MAIN(TestTraceHtml)
#include "tst_TraceHtml.moc"
