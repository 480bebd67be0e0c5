// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/Format.h"

#include "ui/itemmodels/Location.h"

#include <QTest>

using namespace lathe;

class TestFormat : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void numbers()
    {
        const QChar thin(0x2009);
        QCOMPARE(format::number(0), QStringLiteral("0"));
        QCOMPARE(format::number(999), QStringLiteral("999"));
        QCOMPARE(format::number(12480), QStringLiteral("12") + thin + QStringLiteral("480"));
        QCOMPARE(format::number(-1234), QStringLiteral("-1") + thin + QStringLiteral("234"));
        QCOMPARE(format::number(-123), QStringLiteral("-123"));
    }

    void durations_data()
    {
        QTest::addColumn<qint64>("us");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << qint64(-1) << "";
        QTest::newRow("0") << qint64(0) << "0 µs";
        QTest::newRow("us") << qint64(840) << "840 µs";
        QTest::newRow("ms") << qint64(1500) << "1.5 ms";
        QTest::newRow("many ms") << qint64(840'400) << "840 ms";
        QTest::newRow("nearly a second") << qint64(999'900) << "1.00 s";
        QTest::newRow("s") << qint64(3'420'000) << "3.42 s";
        QTest::newRow("nearly a minute") << qint64(59'999'000) << "1 m 00 s";
        QTest::newRow("m") << qint64(125'000'000) << "2 m 05 s";
        QTest::newRow("h") << qint64(3'720'000'000) << "1 h 02 m";
    }
    void durations()
    {
        QFETCH(qint64, us);
        QTEST(format::duration(us), "text");
    }

    void costs()
    {
        Usage usage;
        QCOMPARE(format::cost(usage), QString());
        usage.inputTokens = 10;
        QCOMPARE(format::cost(usage), QStringLiteral("free"));
        usage.costUsd = 0.0031;
        QCOMPARE(format::cost(usage), QStringLiteral("$0.00310"));
        usage.costUsd = 0.5;
        QCOMPARE(format::cost(usage), QStringLiteral("$0.5000"));
        usage.costUsd = 12.345;
        QCOMPARE(format::cost(usage), QStringLiteral("$12.35"));
        usage.costKnown = false;
        QCOMPARE(format::cost(usage), QStringLiteral("?"));
    }

    void agoAndRatings()
    {
        const qint64 now = 1'800'000'000'000'000;
        QCOMPARE(format::ago(0, now), QString());
        QCOMPARE(format::ago(now - 10'000'000, now), QStringLiteral("just now"));
        QCOMPARE(format::ago(now - 300'000'000, now), QStringLiteral("5 min ago"));
        QCOMPARE(format::rating(-1), QString());
        QCOMPARE(format::rating(0), QStringLiteral("down"));
        QCOMPARE(format::rating(6), QStringLiteral("up"));
        QCOMPARE(format::rating(4), QStringLiteral("4 of 5"));
    }

    void oneLines()
    {
        QCOMPARE(format::oneLine(QStringLiteral(" a\n\n b\t c "), 20), QStringLiteral("a b c"));
        QCOMPARE(format::oneLine(QString(5'000'000, QLatin1Char('x')), 10).size(), 10);
        QCOMPARE(format::bytes(5'000'000), QStringLiteral("4.8 MB"));
    }

    void locationsRoundTrip()
    {
        const Location artifact = Location::ofArtifact(ArtifactId{4}, 2);
        QCOMPARE(Location::fromJson(artifact.toJson()), artifact);
        const Location run = Location::ofRun(RunId{9}, QStringLiteral("1.2"));
        QCOMPARE(Location::fromJson(run.toJson()), run);
        Location runs = Location::page(Location::Kind::Runs);
        runs.query = QStringLiteral("agent:a");
        QCOMPARE(Location::fromJson(runs.toJson()), runs);
    }
};

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_Format.moc"
