// SPDX-License-Identifier: GPL-3.0-or-later
// Plans, critiques and revisions of the offline model, asked for by the texts in prompts/patterns.
#include "tests/core/llm/OfflineTesting.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestOfflinePatterns : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void plansSplitTheTask_data()
    {
        QTest::addColumn<QString>("task");
        QTest::addColumn<QStringList>("steps");
        QTest::newRow("then") << QStringLiteral(
            "Count the messages per area, then find the worst area and write a note.")
                              << QStringList{QStringLiteral("1. Count the messages per area"),
                                             QStringLiteral("2. Find the worst area"),
                                             QStringLiteral("3. Write a note")};
        QTest::newRow("sentences")
            << QStringLiteral("What is the average rating? After that compare free and team.")
            << QStringList{QStringLiteral("1. Find out: What is the average rating?"),
                           QStringLiteral("2. Compare free and team")};
        QTest::newRow("numbered") << QStringLiteral("1. List the areas\n2) Rank the areas")
                                  << QStringList{QStringLiteral("1. List the areas"),
                                                 QStringLiteral("2. Rank the areas")};
        QTest::newRow("one") << QStringLiteral("Summarise the report")
                             << QStringList{QStringLiteral("1. Summarise the report")};
        QTest::newRow("nouns stay together")
            << QStringLiteral("Compare Billing, Export and Search")
            << QStringList{QStringLiteral("1. Compare Billing, Export and Search")};
    }
    void plansSplitTheTask()
    {
        QFETCH(QString, task);
        QFETCH(QStringList, steps);
        const QString prompt = promptFile(
            QStringLiteral("patterns/plan"),
            {{QStringLiteral("task"), task}, {QStringLiteral("max_steps"), QStringLiteral("6")}});
        QCOMPARE(answerText(QString(), prompt), steps.join(u'\n'));
    }
    void plansKeepToTheLimit()
    {
        QString task;
        for (int i = 0; i < 30; ++i)
            task += QStringLiteral("Count the rows of table %1. ").arg(i);
        const QString prompt = promptFile(
            QStringLiteral("patterns/plan"),
            {{QStringLiteral("task"), task}, {QStringLiteral("max_steps"), QStringLiteral("4")}});
        QCOMPARE(answerText(QString(), prompt).count(u'\n'), 3);
    }
    void replanningGivesWhatIsLeft()
    {
        const auto prompt = [](const char *plan) {
            return promptFile(
                QStringLiteral("patterns/replan"),
                {{QStringLiteral("task"), QStringLiteral("Count, rank, report")},
                 {QStringLiteral("plan"), QString::fromLatin1(plan)},
                 {QStringLiteral("done"), QStringLiteral("1. Count the rows\nResult: 12 rows")},
                 {QStringLiteral("max_steps"), QStringLiteral("6")}});
        };
        QCOMPARE(answerText(QString(), prompt("1. Rank them\n2. Report it")),
                 QStringLiteral("1. Rank them\n2. Report it"));
        QCOMPARE(answerText(QString(), prompt("")), QStringLiteral("DONE"));
        QCOMPARE(answerText(QString(), prompt("1. Count the rows")), QStringLiteral("DONE"));
    }
    void planAnswersComeFromResults()
    {
        const QString prompt =
            promptFile(QStringLiteral("patterns/plan_answer"),
                       {{QStringLiteral("task"), QStringLiteral("Count and rank.")},
                        {QStringLiteral("done"),
                         QStringLiteral("1. Count\nResult: There are 12 rows.\n2. Rank\nResult: Export "
                                        "comes first.\n3. Ask\nResult: I could not find this out.")}});
        const QString text = answerText(QString(), prompt);
        QVERIFY2(text.contains(QLatin1String("There are 12 rows."))
                     && text.contains(QLatin1String("Export comes first.")),
                 qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("Still open: Ask")), qPrintable(text));
    }
    void critiquesCheckRules_data()
    {
        QTest::addColumn<QString>("criteria");
        QTest::addColumn<QString>("draft");
        QTest::addColumn<QString>("expected"); // empty: pass
        QTest::newRow("good") << QStringLiteral("At most 40 words.")
                              << QStringLiteral(
                                     "The council approved a tram line from the station to the university, "
                                     "the construction takes two years; trees on Mill Street.")
                              << QString();
        QTest::newRow("too long") << QStringLiteral("At most 5 words.")
                                  << QStringLiteral("The council approved the tram line to the university "
                                                    "after years; construction, trees, Mill Street.")
                                  << QStringLiteral("at most 5 words");
        QTest::newRow("no bullets")
            << QStringLiteral("Three bullets.")
            << QStringLiteral("The council approved the tram line; trees on Mill Street; the university.")
            << QStringLiteral("3 bullets");
        QTest::newRow("heading missing")
            << QStringLiteral("It has the sections \"Decision\", \"Costs\".")
            << QStringLiteral(
                   "## Decision\nThe council approved the tram line; trees on Mill Street; university.")
            << QStringLiteral("“Costs”");
        QTest::newRow("off the point")
            << QStringLiteral("Complete.") << QStringLiteral("Bananas are yellow.")
            << QStringLiteral("Nothing is said about");
        QTest::newRow("invented figure")
            << QStringLiteral("Every figure stands in the text.")
            << QStringLiteral(
                   "The council approved the tram line on Mill Street with 77 trees for the university.")
            << QStringLiteral("77");
        QTest::newRow("empty") << QStringLiteral("Good.") << QString() << QStringLiteral("empty");
    }
    void critiquesCheckRules()
    {
        QFETCH(QString, criteria);
        QFETCH(QString, draft);
        QFETCH(QString, expected);
        const QString prompt =
            promptFile(QStringLiteral("patterns/critique"),
                       {{QStringLiteral("task"), QStringLiteral("Summarise:\n") + article},
                        {QStringLiteral("criteria"), criteria},
                        {QStringLiteral("draft"), draft}});
        const QString verdict = answerText(QString(), prompt);
        if (expected.isEmpty()) {
            QCOMPARE(verdict, QStringLiteral("VERDICT: pass"));
        } else {
            QVERIFY2(verdict.startsWith(QLatin1String("VERDICT: revise\n- ")), qPrintable(verdict));
            QVERIFY2(verdict.contains(expected), qPrintable(verdict));
        }
    }
    void revisionsBringWhatWasMissing()
    {
        const QString system = QStringLiteral("Summarise the text in two bullets.");
        const auto revise = [&](const char *critique) {
            return answerText(
                system, promptFile(QStringLiteral("patterns/revise"),
                                   {{QStringLiteral("task"), article},
                                    {QStringLiteral("draft"),
                                     QStringLiteral("- A tram line was approved.\n- It costs money.")},
                                    {QStringLiteral("critique"), QString::fromUtf8(critique)}}));
        };
        const QString signatures =
            revise("VERDICT: revise\n- Nothing is said about: signatures, action group.");
        const QString shops = revise("VERDICT: revise\n- Nothing is said about: shop owners, customers.");
        QVERIFY2(signatures.contains(QLatin1String("3,400 signatures")), qPrintable(signatures));
        QVERIFY2(shops.contains(QLatin1String("Shop owners")), qPrintable(shops));
        QCOMPARE(bullets(signatures), 2);
        QVERIFY(words(revise("VERDICT: revise\n- Shorten it to at most 12 words; it has 40.")) <= 14);
    }
};

QTEST_GUILESS_MAIN(TestOfflinePatterns)
#include "tst_OfflinePatterns.moc"
