// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/JsonTokenizer.h"

#include "WidgetTest.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

class TestJsonTokenizer : public QObject
{
    Q_OBJECT

    // One sign for each character: name, text, number, word or nothing.
    static QString drawn(const QString &line)
    {
        const Tokens &t = testTheme()->tokens();
        QString signs(line.size(), u'.');
        for (const Span &span : jsonTokenizer(testTheme())(line)) {
            const QColor color = span.format.foreground().color();
            const QChar sign = color == t.text2 ? u'n' : color == t.ok ? u't' : color == t.model ? u'1' : color == t.control ? u'w' : u'?';
            for (int i = span.from; i < span.from + span.length; ++i)
                signs[i] = sign; // asserts that it is within the line
        }
        return signs;
    }

private Q_SLOTS:
    void colours_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("signs");
        const auto row = [](const char *line, const char *signs) { QTest::newRow(*line ? line : "empty") << QString::fromUtf8(line) << QString::fromLatin1(signs); };
        row("", "");
        row("{}", "..");
        row("{\"a\": 1}", ".nnn..1.");
        row("{\"a\" :\"b\"}", ".nnn..ttt.");
        row("[true,false,null]", ".wwww.wwwww.wwww.");
        row("nullify true_", ".............");
        row("[-1.5e+3, 0]", ".1111111..1.");
        row("\"a\\\"b\": \"c\\\\\"", "nnnnnn..ttttt"); // an escaped quote ends nothing, an escaped backslash escapes nothing
        row("\"true\": \"12: null\"", "nnnnnn..tttttttttt");
        row("\"no end", ".......");
        row("\"a\" \"no end 12", "ttt.........11");
        row("\"ab\\", "....");
    }
    void colours()
    {
        QFETCH(QString, line);
        QFETCH(QString, signs);
        QCOMPARE(drawn(line), signs);
    }

    void followsTheTheme()
    {
        const auto tokenizer = jsonTokenizer(testTheme());
        testTheme()->setMode(Theme::Mode::Dark);
        const QColor dark = tokenizer(QStringLiteral("\"text\"")).front().format.foreground().color();
        testTheme()->setMode(Theme::Mode::Light);
        const QColor light = tokenizer(QStringLiteral("\"text\"")).front().format.foreground().color();
        QCOMPARE(light, testTheme()->tokens().ok);
        testTheme()->setMode(Theme::Mode::Dark);
        QCOMPARE(dark, testTheme()->tokens().ok);
        QVERIFY(light != dark);
    }

    // In order, apart, and within the line, whatever it is.
    void spansAreSound()
    {
        QRandomGenerator random(20261123);
        const QString signs = QStringLiteral("\"\"\"\\\\:,[]{}-+.eE0159 tru\tfalsenull\u00fc") + QChar(0) + QChar(0xd83d);
        for (int round = 0; round < 5000; ++round) {
            QString line;
            for (int i = int(random.bounded(40)); i > 0; --i)
                line += signs.at(random.bounded(int(signs.size())));
            int end = 0;
            for (const Span &span : jsonTokenizer(testTheme())(line)) {
                QVERIFY2(span.from >= end && span.length > 0, qPrintable(line));
                end = span.from + span.length;
            }
            QVERIFY2(end <= line.size(), qPrintable(line));
        }
    }

    void hostileLines_data()
    {
        QTest::addColumn<QString>("line");
        QTest::newRow("one text") << u'"' + QString(1'000'000, u'x') + u'"';
        QTest::newRow("no end") << u'"' + QString(1'000'000, u'x');
        QTest::newRow("escapes without end") << u'"' + QStringLiteral("\\\"").repeated(50'000);
        QTest::newRow("backslashes") << u'"' + QString(1'000'001, u'\\');
        QTest::newRow("name without colon") << u'"' + QString(1000, u'x') + u'"' + QString(500'000, u' ');
        QTest::newRow("many numbers") << QStringLiteral("1,").repeated(300'000);
        QTest::newRow("one number") << QString(1'000'000, u'1');
    }
    void hostileLines()
    {
        QFETCH(QString, line);
        QElapsedTimer timer;
        timer.start();
        for (const Span &span : jsonTokenizer(testTheme())(line))
            QVERIFY(span.from >= 0 && span.from + span.length <= line.size());
        qInfo("%lld ms", timer.elapsed());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_MAIN(TestJsonTokenizer)
#include "tst_JsonTokenizer.moc"
