// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/SseParser.h"

#include <QTest>

using namespace lathe;

namespace {
// "event|data|id" for each event, so that a failure is readable.
QByteArrayList shown(const std::vector<SseEvent> &events)
{
    QByteArrayList list;
    for (const auto &event : events)
        list.append(event.event + '|' + event.data + '|' + event.id);
    return list;
}

QByteArrayList parsed(const QByteArray &text)
{
    SseParser parser;
    std::vector<SseEvent> events;
    return parser.feed(text, events) ? shown(events) : QByteArrayList{"failed"};
}

const QByteArray sample = "\xEF\xBB\xBF: hello\n"
                          "data: one\n\n"
                          "event: delta\r\ndata: {\"t\":\"\xC3\xA4\"}\r\nid: 7\r\n\r\n"
                          "data: a\rdata: b\r\r"
                          "data\n\n"
                          "event: lost\n\n"
                          "data:  two spaces\nretry: 10\nunknown: x\n\n"
                          "data: last\r\n\n";
const QByteArrayList sampleEvents{
    "|one|", "delta|{\"t\":\"\xC3\xA4\"}|7", "|a\nb|7", "||7", "| two spaces|7", "|last|7"};
} // namespace

class TestSseParser : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void table_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArrayList>("events");
        const auto row = [](const char *name, const QByteArray &text,
                            const QByteArrayList &events) {
            QTest::newRow(name) << text << events;
        };
        row("nothing", "", {});
        row("LF", "data: x\n\n", {"|x|"});
        row("CRLF", "data: x\r\n\r\n", {"|x|"});
        row("CR", "data: x\r\r", {"|x|"});
        row("mixed", "data: x\r\n\ndata: y\n\r\n", {"|x|", "|y|"});
        row("no space", "data:x\n\n", {"|x|"});
        row("one space only is cut", "data:   x \n\n", {"|  x |"});
        row("lines joined", "data: a\ndata:\ndata: b\n\n", {"|a\n\nb|"});
        row("field without colon", "data\n\n", {"||"});
        row("two fields without colon", "data\ndata\n\n", {"|\n|"});
        row("comment", ": ping\n\n:\n\ndata: x\n: in between\n\n", {"|x|"});
        row("event without data is dropped", "event: a\n\ndata: x\n\n", {"|x|"});
        row("event name", "event: a\ndata: x\n\ndata: y\n\n", {"a|x|", "|y|"});
        row("message is left empty", "event: message\ndata: x\n\n", {"|x|"});
        row("id stays", "id: 1\ndata: x\n\ndata: y\n\nid\ndata: z\n\n", {"|x|1", "|y|1", "|z|"});
        row("id with NUL is ignored", QByteArray("id: a\0b\ndata: x\n\n", 17), {"|x|"});
        row("BOM",
            "\xEF\xBB\xBF"
            "data: x\n\n",
            {"|x|"});
        row("BOM only at the start",
            "data: a\n\n\xEF\xBB\xBF"
            "data: x\n\n",
            {"|a|"});
        row("unfinished event", "data: x\n\ndata: y\n", {"|x|"});
        row("colon in value", "data: a: b\n\n", {"|a: b|"});
        row("field names are case-sensitive", "Data: x\n\n", {});
        row("invalid UTF-8 passes through", "data: \xFF\xC3(\n\n", {"|\xFF\xC3(|"});
        row("NUL in data", QByteArray("data: a\0b\n\n", 11), {QByteArray("|a\0b|", 5)});
        row("blank lines", "\n\n\r\n\r\rdata: x\n\n\n\n", {"|x|"});
        row("sample", sample, sampleEvents);
    }
    void table()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArrayList, events);
        QCOMPARE(parsed(text), events);
    }
    void everyCutGivesTheSame()
    {
        for (qsizetype first = 0; first <= sample.size(); ++first) {
            for (qsizetype second = first; second <= sample.size(); ++second) {
                SseParser parser;
                std::vector<SseEvent> events;
                QVERIFY(parser.feed(QByteArrayView(sample).first(first), events));
                QVERIFY(parser.feed(QByteArrayView(sample).sliced(first, second - first), events));
                QVERIFY(parser.feed(QByteArrayView(sample).sliced(second), events));
                QCOMPARE(shown(events), sampleEvents);
                QVERIFY(!parser.hasPartialEvent());
            }
        }
    }
    void byteByByte()
    {
        SseParser parser;
        std::vector<SseEvent> events;
        for (const char c : sample)
            QVERIFY(parser.feed(QByteArrayView(&c, 1), events));
        QCOMPARE(shown(events), sampleEvents);
    }
    void partialEventIsReported_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("partial");
        QTest::newRow("nothing") << QByteArray() << false;
        QTest::newRow("whole") << QByteArray("data: x\n\n") << false;
        QTest::newRow("no blank line") << QByteArray("data: x\n") << true;
        QTest::newRow("within a line") << QByteArray("data: x\n\nda") << true;
        QTest::newRow("name only") << QByteArray("event: x\n") << false;
    }
    void partialEventIsReported()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, partial);
        SseParser parser;
        std::vector<SseEvent> events;
        QVERIFY(parser.feed(text, events));
        QCOMPARE(parser.hasPartialEvent(), partial);
    }
    void hugeEventIsWhole()
    {
        const QByteArray big(15 * 1024 * 1024, 'x');
        SseParser parser;
        std::vector<SseEvent> events;
        const QByteArray text = "data: " + big + "\n\n";
        for (qsizetype at = 0; at < text.size(); at += 16384)
            QVERIFY(parser.feed(
                QByteArrayView(text).sliced(at, std::min<qsizetype>(16384, text.size() - at)),
                events));
        QCOMPARE(events.size(), size_t(1));
        QCOMPARE(events[0].data, big);
    }
    void tooLongFailsAndStaysFailed_data()
    {
        QTest::addColumn<QByteArray>("piece");
        QTest::newRow("one line") << QByteArray("xxxxxxxxxx");
        QTest::newRow("comment") << QByteArray(":xxxxxxxxx");
        QTest::newRow("many data lines") << QByteArray("data: xxx\n");
        QTest::newRow("empty data lines") << QByteArray("data\ndata\n");
    }
    void tooLongFailsAndStaysFailed()
    {
        QFETCH(QByteArray, piece);
        SseParser parser(1000);
        std::vector<SseEvent> events;
        int fed = 0;
        Result<void> result;
        while (result && fed < 10'000) {
            result = parser.feed(piece, events);
            ++fed;
        }
        QVERIFY2(!result, "an endless event was accepted");
        QCOMPARE(result.error().kind, ErrorKind::Protocol);
        QVERIFY(fed >= 100);
        QVERIFY(events.empty());
        QVERIFY(!parser.feed("\n\ndata: x\n\n", events));
        QVERIFY(events.empty());
    }
    void manyDataLinesAreLinear()
    {
        SseParser parser;
        std::vector<SseEvent> events;
        QByteArray text;
        for (int i = 0; i < 1'000'000; ++i)
            text += "data: x\n";
        QElapsedTimer timer;
        timer.start();
        QVERIFY(parser.feed(text + '\n', events));
        QCOMPARE(events.at(0).data.size(), 1'999'999);
        QVERIFY2(timer.elapsed() < 120'000, "time grows with the square of the lines");
    }

    // The time to wait belongs to the next event; what is no number is left out.
    void retry_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QList<qint64>>("retries");
        QTest::newRow("none") << QByteArray("data: x\n\n") << QList<qint64>{-1};
        QTest::newRow("with the event") << QByteArray("id: 1\nretry: 500\ndata: \n\ndata: y\n\n") << QList<qint64>{500, -1};
        QTest::newRow("before it, alone") << QByteArray("retry: 7\n\ndata: x\n\n") << QList<qint64>{7};
        QTest::newRow("the last one") << QByteArray("retry: 7\nretry: 8\ndata: x\n\n") << QList<qint64>{8};
        QTest::newRow("no number") << QByteArray("retry: soon\ndata: x\n\n") << QList<qint64>{-1};
        QTest::newRow("negative") << QByteArray("retry: -5\ndata: x\n\n") << QList<qint64>{-1};
        QTest::newRow("empty") << QByteArray("retry\ndata: x\n\n") << QList<qint64>{-1};
        QTest::newRow("too many digits") << QByteArray("retry: 99999999999999999999\ndata: x\n\n") << QList<qint64>{-1};
    }
    void retry()
    {
        QFETCH(QByteArray, text);
        QFETCH(QList<qint64>, retries);
        SseParser parser;
        std::vector<SseEvent> events;
        QVERIFY(parser.feed(text, events));
        QList<qint64> found;
        for (const SseEvent &event : events)
            found.append(event.retryMs);
        QCOMPARE(found, retries);
    }
};

QTEST_GUILESS_MAIN(TestSseParser)
#include "tst_SseParser.moc"
