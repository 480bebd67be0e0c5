// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FuzzyMatch.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

class TestFuzzyMatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matches_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("matches");
        QTest::addColumn<QList<int>>("positions");
        const auto row = [](const char *pattern, const char *text, bool matches,
                            const QList<int> &positions) {
            QTest::addRow("%s in %s", pattern, text)
                << QString::fromUtf8(pattern) << QString::fromUtf8(text) << matches << positions;
        };
        row("", "anything", true, {});
        row("   ", "anything", true, {});
        row("run", "Run agent", true, {0, 1, 2});
        row("RUN", "run agent", true, {0, 1, 2});
        row("ra", "Run agent", true, {0, 4});  // starts of words beat neighbours
        row("r a", "Run agent", true, {0, 4}); // a space in the pattern is no character
        row("nx", "Next", true, {0, 2});
        row("cmd", "CommandMenuDelegate", true, {0, 7, 11}); // capitals start words
        row("agent", "an agreement of agents", true,
            {16, 17, 18, 19, 20}); // the run wins over scattered letters
        row("xyz", "Run agent", false, {});
        row("aa", "a", false, {});
        row("nur", "run", false, {}); // order counts
        row("\xc3\xa9", "caf\xc3\x89", true, {3});
    }

    void matches()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, text);
        QFETCH(bool, matches);
        QFETCH(QList<int>, positions);
        const auto match = fuzzyMatch(pattern, text);
        QCOMPARE(match.has_value(), matches);
        if (match)
            QCOMPARE(match->positions, positions);
    }

    void ranks_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("better");
        QTest::addColumn<QString>("worse");
        const auto row = [](const char *pattern, const char *better, const char *worse) {
            QTest::addRow("%s: %s", pattern, better)
                << QString::fromLatin1(pattern) << QString::fromLatin1(better)
                << QString::fromLatin1(worse);
        };
        row("run", "Run", "Return"); // a run of letters
        row("run", "Run agent", "Show all runs");
        row("exp", "Export", "Open Experiment");
        row("np", "New project", "Unpin"); // word starts
        row("log", "Log", "Log of everything that ever happened in this project");
        row("set", "Settings", "Reset layout");
    }

    void ranks()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, better);
        QFETCH(QString, worse);
        const auto first = fuzzyMatch(pattern, better);
        const auto second = fuzzyMatch(pattern, worse);
        QVERIFY(first && second);
        QVERIFY2(first->score > second->score,
                 qPrintable(QStringLiteral("%1 and %2").arg(first->score).arg(second->score)));
    }

    void positionsSpellThePattern()
    {
        const QString text = QStringLiteral("aabbaabbccaabbcc The quick brown fox");
        for (const char *pattern : {"abc", "aabbcc", "tqbf", "bbaacc", "fox", "ac"}) {
            const auto match = fuzzyMatch(QString::fromLatin1(pattern), text);
            QVERIFY2(match, pattern);
            QString spelt;
            int before = -1;
            for (const int at : match->positions) {
                QVERIFY(at > before);
                before = at;
                spelt += text.at(at).toLower();
            }
            QCOMPARE(spelt, QString::fromLatin1(pattern));
        }
    }

    void hugeInputIsCut()
    {
        QElapsedTimer clock;
        clock.start();
        for (int i = 0; i < 100; ++i)
            fuzzyMatch(QString(100'000, QLatin1Char('a')), QString(1'000'000, QLatin1Char('a')));
        QVERIFY2(clock.elapsed() < 120'000, qPrintable(QString::number(clock.elapsed())));
        QVERIFY(!fuzzyMatch(QStringLiteral("b"),
                            QString(1'000'000, QLatin1Char('a')) + QLatin1Char('b')));
    }
};

QTEST_APPLESS_MAIN(TestFuzzyMatch)
#include "tst_FuzzyMatch.moc"
