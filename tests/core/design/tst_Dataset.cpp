// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/DatasetSpec.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QRegularExpression>
#include <QStringEncoder>
#include <QTest>

using namespace lathe;

namespace {
QByteArray rowsOf(const Dataset &dataset)
{
    return dataset.rowsToJsonLines().trimmed().replace('\n', ' ');
}

QStringList messages(const std::vector<Problem> &problems)
{
    QStringList list;
    for (const Problem &problem : problems)
        list << problem.message;
    return list;
}
} // namespace

class TestDataset : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsCsv_data()
    {
        QTest::addColumn<QByteArray>("csv");
        QTest::addColumn<QStringList>("columns");
        QTest::addColumn<QByteArray>("rows"); // JSON Lines, one blank between
        const auto row = [](const char *name, const QByteArray &csv, const char *columns,
                            const char *rows) {
            QTest::newRow(name) << csv << QString::fromUtf8(columns).split(QLatin1Char('|'))
                                << QByteArray(rows);
        };
        row("plain", "a,b\nx,y\nz,w\n", "a|b", "[\"x\",\"y\"] [\"z\",\"w\"]");
        row("no last line end", "a,b\nx,y", "a|b", "[\"x\",\"y\"]");
        row("windows line ends", "a,b\r\nx,y\r\n", "a|b", "[\"x\",\"y\"]");
        row("old mac line ends", "a,b\rx,y\r", "a|b", "[\"x\",\"y\"]");
        row("quotes", "a,b\n\"x,1\",\"say \"\"hi\"\"\"\n", "a|b", "[\"x,1\",\"say \\\"hi\\\"\"]");
        row("line end in quotes", "a,b\n\"x\ny\",z\nu,v\n", "a|b",
            "[\"x\\ny\",\"z\"] [\"u\",\"v\"]");
        row("windows line end in quotes", "a,b\r\n\"x\r\ny\",z\r\n", "a|b", "[\"x\\r\\ny\",\"z\"]");
        row("empty quotes", "a,b\n\"\",\"\"\n", "a|b", "[\"\",\"\"]");
        row("only doubled quotes", "a,b\n\"\"\"\",x\n", "a|b", "[\"\\\"\",\"x\"]");
        row("quote inside a bare value", "a,b\n5\" pipe,x\n", "a|b", "[\"5\\\" pipe\",\"x\"]");
        row("blank after a quote", "a,b\n\"x\" ,y\n", "a|b", "[\"x\",\"y\"]");
        row("blanks are kept", "a,b\n x , y\n", "a|b", "[\" x \",\" y\"]");
        row("empty values", "a,b,c\n,,\n", "a|b|c", "[\"\",\"\",\"\"]");
        row("blank lines", "\n\na,b\n\nx,y\n\n\n", "a|b", "[\"x\",\"y\"]");
        row("one column", "a\nx\n\ny\n", "a", "[\"x\"] [\"y\"]");
        row("quoted blank in one column", "a\n\"\"\nx\n", "a", "[\"\"] [\"x\"]");
        row("semicolon", "a;b\n1,5;x\n", "a|b", "[\"1,5\",\"x\"]");
        row("tab", "a\tb\nx, y\tz; w\n", "a|b", "[\"x, y\",\"z; w\"]");
        row("comma beats rarer semicolon", "a,b,c\nx;y,z,w\n", "a|b|c", "[\"x;y\",\"z\",\"w\"]");
        row("delimiter inside quotes does not count", "\"a;b;c;d\",e\nx,y\n", "a;b;c;d|e",
            "[\"x\",\"y\"]");
        row("header only", "a,b\n", "a|b", "");
        row("mark of utf-8",
            "\xEF\xBB\xBF"
            "a,b\nx,y\n",
            "a|b", "[\"x\",\"y\"]");
        row("mark before a quoted header", "\xEF\xBB\xBF\"a\",b\nx,y\n", "a|b", "[\"x\",\"y\"]");
        row("utf-8", "n\xC3\xA4me,b\n\xE6\xBC\xA2,\xF0\x9F\x94\x91\n", "n\xC3\xA4me|b",
            "[\"\xE6\xBC\xA2\",\"\xF0\x9F\x94\x91\"]");
        row("header blanks", " a , b \nx,y\n", "a|b", "[\"x\",\"y\"]");
        QStringEncoder little(QStringConverter::Utf16LE, QStringConverter::Flag::WriteBom),
            big(QStringConverter::Utf16BE, QStringConverter::Flag::WriteBom);
        const QString text = QStringLiteral("a\tb\n\u00e4\t2\n");
        row("utf-16 little", little.encode(text), "a|b", "[\"\xC3\xA4\",2]");
        row("utf-16 big", big.encode(text), "a|b", "[\"\xC3\xA4\",2]");
    }
    void readsCsv()
    {
        QFETCH(QByteArray, csv);
        QFETCH(QStringList, columns);
        QFETCH(QByteArray, rows);
        std::vector<Problem> problems;
        const auto dataset = Dataset::importCsv(csv, &problems);
        QVERIFY2(dataset.ok(), dataset ? "" : qPrintable(dataset.error().message));
        QCOMPARE(dataset->columns, columns);
        QCOMPARE(rowsOf(*dataset), rows);
        QVERIFY2(problems.empty(), qPrintable(messages(problems).join(QLatin1Char('\n'))));
        QVERIFY(Dataset::importCsv(csv, nullptr).ok());
    }

    void typesNumbers_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("number");
        for (const char *text : {"0", "12", "-3", "3.5", "-0.25", "0.1", "1000000",
                                 "123456789012345", "0.123456", "99999.99"})
            QTest::newRow(text) << QByteArray(text) << true;
        for (const char *text : {"007",
                                 "00",
                                 "-0",
                                 "+5",
                                 "1.50",
                                 "1.0",
                                 "5.",
                                 ".5",
                                 "1e5",
                                 "1,5",
                                 "0x10",
                                 "1_000",
                                 "12345678901234567890",
                                 "1234567890123456",
                                 "1.2345678901234567",
                                 "-",
                                 "--1",
                                 "1-2",
                                 "1.2.3",
                                 " 1",
                                 "1 ",
                                 "12a",
                                 "NaN",
                                 "inf",
                                 "-inf",
                                 "true",
                                 "\xD9\xA1"})
            QTest::newRow(text) << QByteArray(text) << false;
    }
    void typesNumbers()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, number);
        const auto dataset = Dataset::importCsv("v;x\n" + text + ";y\n", nullptr);
        QVERIFY(dataset.ok());
        const QJsonValue value = dataset->rows.at(0).at(0);
        QCOMPARE(value.isDouble(), number);
        if (number)
            QCOMPARE(json::compact(value), text); // nothing of how it was written is lost
        else
            QCOMPARE(value.toString().toUtf8(), text);
    }

    void badRowsAreNamedAndLeftOut_data()
    {
        QTest::addColumn<QByteArray>("csv");
        QTest::addColumn<QByteArray>("rows");
        QTest::addColumn<QStringList>("said"); // parts of the messages, in order
        const auto row = [](const char *name, const QByteArray &csv, const char *rows,
                            const QStringList &said) {
            QTest::newRow(name) << csv << QByteArray(rows) << said;
        };
        row("too few", "a,b\nx\nu,v\n", "[\"u\",\"v\"]",
            {QStringLiteral("Line 2 has 1 values where the header has 2")});
        row("too many", "a,b\nx,y,z\nu,v\n", "[\"u\",\"v\"]",
            {QStringLiteral("Line 2 has 3 values")});
        row("lines in quotes count", "a,b\n\"x\n\n\",y\nu\n", "[\"x\\n\\n\",\"y\"]",
            {QStringLiteral("Line 5 has 1 values")});
        row("windows lines count", "a,b\r\nx,y\r\n\r\nu\r\n", "[\"x\",\"y\"]",
            {QStringLiteral("Line 4 has 1 values")});
        row("text after a quote", "a,b\n\"x\"y,z\nu,v\n", "[\"u\",\"v\"]",
            {QStringLiteral("Line 2 has text after a closing quote")});
        row("quote never closed", "a,b\n\"x,y\nu,v\nw,x\n", "[\"u\",\"v\"] [\"w\",\"x\"]",
            {QStringLiteral("Line 2 opens a quote that is never closed")});
        row("two never closed", "a,b\n\"x,y\nu,\"v\nw,x\n", "[\"w\",\"x\"]",
            {QStringLiteral(
                "Line 3 has text after a closing quote (of the row that begins at line 2)")});
        row("never closed at the end", "a,b\nu,v\nx,\"y", "[\"u\",\"v\"]",
            {QStringLiteral("Line 3 opens a quote")});
        row("invalid utf-8", "a,b\nx\xFFy,\xC3\xA9\nu,v\n", "[\"x\xEF\xBF\xBDy\",\"\xC3\xA9\"] [\"u\",\"v\"]",
            {QStringLiteral("Line 2 is not valid UTF-8")});
        row("invalid header", "a\xFF,b\nu,\xC3\xA9\n", "[\"u\",\"\xC3\xA9\"]",
            {QStringLiteral("Line 1 is not valid UTF-8")});
        row("nameless column", "a,,c\nx,y,z\n", "[\"x\",\"y\",\"z\"]",
            {QStringLiteral("Column 2 has no name")});
        row("same name", "a,a,a\nx,y,z\n", "[\"x\",\"y\",\"z\"]",
            {QStringLiteral("column 2 is called \"a 2\""),
             QStringLiteral("column 3 is called \"a 3\"")});
    }
    void badRowsAreNamedAndLeftOut()
    {
        QFETCH(QByteArray, csv);
        QFETCH(QByteArray, rows);
        QFETCH(QStringList, said);
        std::vector<Problem> problems;
        const auto dataset = Dataset::importCsv(csv, &problems);
        QVERIFY(dataset.ok());
        const QStringList list = messages(problems);
        QCOMPARE(rowsOf(*dataset), rows);
        QVERIFY2(list.size() == said.size(), qPrintable(list.join(QLatin1Char('\n'))));
        for (qsizetype i = 0; i < said.size(); ++i)
            QVERIFY2(list[i].contains(said[i]), qPrintable(list[i]));
        QCOMPARE(QSet<QString>(dataset->columns.begin(), dataset->columns.end()).size(),
                 dataset->columns.size());
    }

    void whatIsNoTableIsRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("blank") << QByteArray(" \n\t\n");
        QTest::newRow("only a mark") << QByteArray("\xEF\xBB\xBF");
        QTest::newRow("picture") << QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
        QTest::newRow("zeros") << QByteArray(1000, '\0');
        QTest::newRow("header with an open quote") << QByteArray("a,\"b\nx,y\n");
        QTest::newRow("a million columns") << QByteArray(1'000'000, ',');
    }
    void whatIsNoTableIsRefused()
    {
        QFETCH(QByteArray, bytes);
        const auto dataset = Dataset::importCsv(bytes, nullptr);
        QVERIFY(!dataset.ok());
        QCOMPARE(dataset.error().kind, ErrorKind::InvalidInput);
        QVERIFY(dataset.error().message.endsWith(QLatin1Char('.')));
    }

    void otherEncodingsAreRead_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QStringList>("said");
        const QString csv = QStringLiteral("name;city\r\nM\u00fcller;K\u00f6ln\r\n\"Zo\u00eb \u20ac\u201c\";\u0160\r\n");
        const auto encoded = [&](QStringConverter::Encoding encoding, bool mark) {
            QStringEncoder encoder(encoding, mark ? QStringConverter::Flag::WriteBom : QStringConverter::Flag::Default);
            const QByteArray bytes = encoder(csv);
            return bytes;
        };
        QTest::newRow("utf-8") << csv.toUtf8() << QStringList();
        QTest::newRow("utf-8 with a mark") << encoded(QStringConverter::Utf8, true) << QStringList();
        QTest::newRow("utf-16, little end first") << encoded(QStringConverter::Utf16LE, true) << QStringList();
        QTest::newRow("utf-16, big end first") << encoded(QStringConverter::Utf16BE, true) << QStringList();
        QTest::newRow("utf-16 without a mark") << encoded(QStringConverter::Utf16LE, false) << QStringList();
        QTest::newRow("utf-16, big end first, without a mark") << encoded(QStringConverter::Utf16BE, false) << QStringList();
        QTest::newRow("windows-1252") << QByteArray("name;city\r\nM\xFCller;K\xF6ln\r\n\"Zo\xEB \x80\x93\";\x8A\r\n")
                                      << QStringList{QStringLiteral("The file is not UTF-8, as line 2 shows; it was read as Windows-1252.")};
    }
    void otherEncodingsAreRead()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QStringList, said);
        std::vector<Problem> problems;
        const auto dataset = Dataset::importCsv(bytes, &problems);
        QVERIFY2(dataset, dataset ? "" : qPrintable(dataset.error().message));
        QCOMPARE(messages(problems), said);
        QCOMPARE(rowsOf(*dataset), QByteArray("[\"M\xC3\xBCller\",\"K\xC3\xB6ln\"] [\"Zo\xC3\xAB \xE2\x82\xAC\xE2\x80\x9C\",\"\xC5\xA0\"]"));
        // The same as JSON Lines.
        const QString json = QStringLiteral("{\"name\":\"M\u00fcller\"}\n{\"name\":\"Zo\u00eb\"}\n");
        problems.clear();
        const QByteArray name = QTest::currentDataTag();
        QByteArray lines = json.toUtf8();
        if (name.startsWith("utf-16"))
            lines = QStringEncoder(name.contains("big") ? QStringConverter::Utf16BE : QStringConverter::Utf16LE,
                                   name.contains("without") ? QStringConverter::Flag::Default : QStringConverter::Flag::WriteBom)(json);
        else if (name.startsWith("windows"))
            lines = json.toLatin1();
        const auto fromJson = Dataset::importJson(lines, &problems);
        QVERIFY(fromJson);
        QCOMPARE(rowsOf(*fromJson), QByteArray("[\"M\xC3\xBCller\"] [\"Zo\xC3\xAB\"]"));
        QCOMPARE(problems.size(), size_t(name.startsWith("windows") ? 1 : 0));
    }

    void manyProblemsAreCounted()
    {
        std::vector<Problem> problems;
        const auto dataset =
            Dataset::importCsv("a,b\n" + QByteArray("x\n").repeated(5000), &problems);
        QVERIFY(dataset.ok());
        QCOMPARE(problems.size(), size_t(101));
        QVERIFY(problems.back().message.startsWith(QStringLiteral("4900 more")));
    }

    void hostileFilesTakeLinearTime()
    {
        QElapsedTimer timer;
        timer.start();
        const qsizetype count = 300'000;
        QVERIFY(
            Dataset::importCsv("a,b\n" + QByteArray("\"x,y\n").repeated(count) + "u,v\n", nullptr)
                .ok());
        QVERIFY(
            Dataset::importCsv("a,b\n" + QByteArray("x,\"y\n").repeated(count + 1), nullptr).ok());
        QVERIFY(
            Dataset::importCsv("a,b\n\"" + QByteArray("\"\"").repeated(count) + "\",v\n", nullptr)
                .ok());
        QVERIFY(Dataset::importCsv("a,b\n" + QByteArray(4 * count, ',') + "\n", nullptr).ok());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void randomBytesNeverHurt()
    {
        QRandomGenerator random(2);
        const QByteArray alphabet("\"\",;\t\r\nab1.{}[]:\\ \xC3\xA4\xFF");
        for (int i = 0; i < 3000; ++i) {
            QByteArray bytes("a,b\n");
            for (quint32 n = random.bounded(60u); n > 0; --n)
                bytes += alphabet[qsizetype(random.bounded(quint32(alphabet.size())))];
            std::vector<Problem> problems;
            const auto dataset = Dataset::importCsv(bytes, &problems);
            if (dataset) {
                for (const auto &row : dataset->rows)
                    QCOMPARE(qsizetype(row.size()), dataset->columns.size());
            }
            const auto other = Dataset::importJson(bytes.mid(4), &problems);
            if (other) {
                for (const auto &row : other->rows)
                    QCOMPARE(qsizetype(row.size()), other->columns.size());
            }
        }
    }

    // What is written by the rules comes back, whatever is in it.
    void randomTablesComeBack()
    {
        QRandomGenerator random(9);
        const QString alphabet = QStringLiteral("ab,;\t\"\n\r 'x\u00e4\u6f22");
        for (int round = 0; round < 300; ++round) {
            const int columns = 2 + int(random.bounded(4u));
            QByteArray csv;
            for (int c = 0; c < columns; ++c)
                csv += (c ? ",c" : "c") + QByteArray::number(c);
            csv += '\n';
            std::vector<QStringList> expected;
            for (int r = 0; r < 8; ++r) {
                QStringList row;
                QByteArray line;
                for (int c = 0; c < columns; ++c) {
                    QString value;
                    for (quint32 n = random.bounded(8u); n > 0; --n)
                        value += alphabet[int(random.bounded(quint32(alphabet.size())))];
                    row << value;
                    line +=
                        (c ? "," : "") + QByteArray("\"")
                        + QString(value).replace(QLatin1Char('"'), QLatin1String("\"\"")).toUtf8()
                        + "\"";
                }
                csv += line + (random.bounded(2u) ? "\r\n" : "\n");
                expected.push_back(row);
            }
            std::vector<Problem> problems;
            const auto dataset = Dataset::importCsv(csv, &problems);
            QVERIFY(dataset.ok() && problems.empty());
            QCOMPARE(dataset->rows.size(), expected.size());
            for (size_t r = 0; r < expected.size(); ++r) {
                for (int c = 0; c < columns; ++c)
                    QCOMPARE(dataset->rows[r][size_t(c)].toString(), expected[r][c]);
            }
        }
    }

    void aHundredThousandRowsAreQuick()
    {
        QByteArray csv("id,area,tier,score,text\n");
        for (int i = 0; i < 100'000; ++i)
            csv += QByteArray::number(i) + ",billing,gold," + QByteArray::number(i % 7)
                   + ".5,\"The invoice is wrong, again\"\n";
        QElapsedTimer timer;
        timer.start();
        const auto dataset = Dataset::importCsv(csv, nullptr);
        const qint64 importMs = timer.restart();
        QCOMPARE(dataset->rows.size(), size_t(100'000));
        const QByteArray lines = dataset->rowsToJsonLines();
        const qint64 writeMs = timer.restart();
        const auto back = Dataset::fromJsonLines(dataset->columns, lines);
        const qint64 readMs = timer.elapsed();
        qInfo("100 000 rows of 5: import %lld ms, to JSON Lines %lld ms, back %lld ms", importMs,
              writeMs, readMs);
        QCOMPARE(back->rows.size(), size_t(100'000));
        QCOMPARE(back->rows[99'999], dataset->rows[99'999]);
        QVERIFY2(importMs < 120'000, qPrintable(QString::number(importMs)));
    }

    void jsonLinesComeBack()
    {
        Dataset dataset;
        dataset.columns = {QStringLiteral("a"), QStringLiteral("b")};
        dataset.rows = {{1, QStringLiteral("x\ny")},
                        {QJsonValue(), QJsonArray{1, QJsonObject{{QStringLiteral("k"), true}}}}};
        const QByteArray lines = dataset.rowsToJsonLines();
        QCOMPARE(lines, QByteArray("[1,\"x\\ny\"]\n[null,[1,{\"k\":true}]]\n"));
        const auto back = Dataset::fromJsonLines(dataset.columns, lines);
        QVERIFY(back.ok());
        QCOMPARE(back->rows, dataset.rows);
        QCOMPARE(back->rowObject(0), *json::parseObject("{\"a\":1,\"b\":\"x\\ny\"}"));
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(QStringLiteral("row >= 0")));
        QCOMPARE(back->rowObject(7), QJsonObject());
        QCOMPARE(Dataset::fromJsonLines({}, {})->rows.size(), size_t(0));
        for (const char *bad : {"[1,2]\n[3]\n", "[1,2]\n{\"a\":1}\n", "[1,2]\n[1,\n"}) {
            const auto broken = Dataset::fromJsonLines(dataset.columns, bad);
            QVERIFY(!broken.ok());
            QVERIFY2(broken.error().message.contains(QStringLiteral("Row 2")),
                     qPrintable(broken.error().message));
        }
    }

    void readsJson_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QStringList>("columns");
        QTest::addColumn<QByteArray>("rows");
        QTest::addColumn<QStringList>("said");
        const auto row = [](const char *name, const QByteArray &bytes, const char *columns,
                            const char *rows, const QStringList &said = {}) {
            QTest::newRow(name) << bytes << QString::fromUtf8(columns).split(QLatin1Char('|'))
                                << QByteArray(rows) << said;
        };
        row("lines", "{\"b\":1,\"a\":\"x\"}\n{\"b\":2,\"a\":\"y\"}\n", "b|a",
            "[1,\"x\"] [2,\"y\"]");
        row("lines without the last end", "{\"b\":1}\r\n\r\n{\"b\":2}", "b", "[1] [2]");
        row("list", "[{\"b\":1,\"a\":\"x\"},\n {\"b\":2,\"a\":\"y\"}]\n", "b|a",
            "[1,\"x\"] [2,\"y\"]");
        row("list with a mark", "\xEF\xBB\xBF [ {\"b\":1} ] ", "b", "[1]");
        row("keys that come later", "{\"a\":1}\n{\"z\":3,\"b\":2}\n", "a|z|b",
            "[1,null,null] [null,3,2]");
        row("nested values", "[{\"a\":{\"y\":[1,\"]\"],\"x\":null},\"b\":[{}]}]", "a|b",
            "[{\"x\":null,\"y\":[1,\"]\"]},[{}]]");
        row("signs in texts", "[{\"a\":\"}],{\\\"\"},{\"a\":2}]", "a", "[\"}],{\\\"\"] [2]");
        row("escaped key", "{\"a\\u0062\":1}\n", "ab", "[1]");
        row("same key twice", "{\"a\":1,\"a\":2}\n", "a", "[2]");
        row("one object over lines", "{\n \"a\": 1,\n \"b\": 2\n}\n", "a|b", "[1,2]");
        row("broken line", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n", "a", "[1] [3]",
            {QStringLiteral("line 2 is broken JSON")});
        row("line that is no object", "{\"a\":1}\n17\n[1]\n", "a", "[1]",
            {QStringLiteral("line 2 is no JSON object"),
             QStringLiteral("line 3 is no JSON object")});
        row("broken item", "[{\"a\":1},\n{\"a\" 2},\n{\"a\":3}]", "a", "[1] [3]",
            {QStringLiteral("line 2 is broken JSON")});
        row("list cut off", "[{\"a\":1},\n{\"a\":2},\n{\"a\":", "a", "[1] [2]",
            {QStringLiteral("line 3 is broken JSON"), QStringLiteral("cut off at line 3")});
        row("text after the list", "[{\"a\":1}]\nx", "a", "[1]",
            {QStringLiteral("Line 2 has text after")});
        row("invalid utf-8", "{\"a\":\"x\xFF\xC3\xA9\"}\n", "a", "[\"x\xEF\xBF\xBD\xC3\xA9\"]",
            {QStringLiteral("Line 1 is not valid UTF-8")});
    }
    void readsJson()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QStringList, columns);
        QFETCH(QByteArray, rows);
        QFETCH(QStringList, said);
        std::vector<Problem> problems;
        const auto dataset = Dataset::importJson(bytes, &problems);
        QVERIFY2(dataset.ok(), dataset ? "" : qPrintable(dataset.error().message));
        QCOMPARE(dataset->columns, columns);
        QCOMPARE(rowsOf(*dataset), rows);
        const QStringList list = messages(problems);
        QVERIFY2(list.size() == said.size(), qPrintable(list.join(QLatin1Char('\n'))));
        for (qsizetype i = 0; i < said.size(); ++i)
            QVERIFY2(list[i].contains(said[i]), qPrintable(list[i]));
    }

    void refusesJsonThatIsNoTable()
    {
        for (const QByteArray &bytes :
             {QByteArray(), QByteArray("  \n"), QByteArray("17"), QByteArray("[]"),
              QByteArray("[1,2]"), QByteArray("{}"), QByteArray("a,b\n1,2\n"),
              QByteArray(200'000, '['), QByteArray("{\"a\":") + QByteArray(200'000, '[')}) {
            const auto dataset = Dataset::importJson(bytes, nullptr);
            QVERIFY2(!dataset.ok(), bytes.left(20).constData());
            QCOMPARE(dataset.error().kind, ErrorKind::InvalidInput);
        }
    }

    void rowsWithNoKeyInCommonAreRefused()
    {
        QByteArray wide, sparse;
        for (int i = 0; i < 2000; ++i)
            wide += "{\"k" + QByteArray::number(i) + "\":1}\n";
        QVERIFY(!Dataset::importJson(wide, nullptr).ok());
        for (int i = 0; i < 60'000; ++i)
            sparse += "{\"k" + QByteArray::number(i % 990) + "\":1}\n";
        const auto dataset = Dataset::importJson(sparse, nullptr);
        QVERIFY(!dataset.ok());
        QVERIFY2(dataset.error().message.contains(QStringLiteral("in common")),
                 qPrintable(dataset.error().message));
    }
};

QTEST_GUILESS_MAIN(TestDataset)
#include "tst_Dataset.moc"
