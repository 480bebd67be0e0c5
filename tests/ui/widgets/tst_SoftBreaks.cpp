// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/SoftBreaks.h"

#include <QTest>

using namespace lathe;

class TestSoftBreaks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void comesBackUnchanged_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("empty") << QString();
        QTest::newRow("short") << QStringLiteral("one\ntwo\n");
        QTest::newRow("one long") << QString(1'000'000, QLatin1Char('x'));
        QTest::newRow("words") << QStringLiteral("word ").repeated(50'000);
        QTest::newRow("between") << QStringLiteral("a\n") + QString(9000, QLatin1Char('y'))
                                        + QStringLiteral("\n\nb");
        QTest::newRow("ends long") << QString(4001, QLatin1Char('z'));
        QTest::newRow("emoji") << QStringLiteral("\U0001F600").repeated(5000);
    }

    void comesBackUnchanged()
    {
        QFETCH(QString, text);
        const QString shown = softbreaks::wrap(text);
        QCOMPARE(softbreaks::unwrap(shown), text);
        const auto lines = shown.split(QLatin1Char('\n'));
        for (const QString &line : lines) {
            QVERIFY(line.size() <= softbreaks::LongLine);
            QVERIFY(line.isEmpty() || !line.at(0).isLowSurrogate());
        }
    }

    void shortTextIsLeftAlone()
    {
        const QString text = QString(softbreaks::LongLine, QLatin1Char('x'));
        QCOMPARE(softbreaks::wrap(text), text);
        QVERIFY(softbreaks::wrap(text + QLatin1Char('x')).size() > text.size() + 1);
    }

    void cutsAtSpaces()
    {
        const QString text = QStringLiteral("eleven char ").repeated(1000);
        const auto lines = softbreaks::wrap(text).split(QLatin1Char('\n'));
        for (int i = 0; i + 1 < lines.size(); ++i)
            QVERIFY(lines[i].chopped(1).endsWith(QLatin1Char(' ')));
    }

    void strayMarkersGo()
    {
        const QString text = QStringLiteral("a") + softbreaks::Marker + QStringLiteral("\nb");
        QCOMPARE(softbreaks::wrap(text), QStringLiteral("a\nb"));
        QCOMPARE(softbreaks::unwrap(QStringLiteral("a") + softbreaks::Marker + QStringLiteral("b")),
                 QStringLiteral("ab"));
    }
};

QTEST_APPLESS_MAIN(TestSoftBreaks)
#include "tst_SoftBreaks.moc"
