// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/AgentSpec.h"

#include <QTest>

using namespace lathe;

class TestJobLint : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void goodJobsAreLeftAlone_data()
    {
        QTest::addColumn<QString>("job");
        int number = 0;
        for (const char *job :
             {"Classify each customer message by product area and urgency.",
              "Answer questions about our refund policy from the help-center articles.",
              "Summarize the week's customer feedback into five bullet points with counts.",
              "Draft a polite reply to each complaint, quoting the relevant policy.",
              "Find duplicate bug reports in the tracker and link them to the oldest one.",
              "Translate product descriptions from English into German and keep the brand names.",
              "Extract invoice number, date and total from supplier e-mails as JSON.",
              "Query the feedback database to tell which product area gets the most complaints.",
              "Check pull requests for missing tests and name the functions that lack them.",
              "Route billing questions to billing and all other requests to support.",
              "Flag anything in customer e-mails that mentions a lawsuit or a refund.",
              "List the three things customers praise most in this month's reviews.",
              "Help customers find the right shoe size by asking for their measurements.",
              "Assist support staff by drafting refund replies in the customer's language.",
              "Given a support ticket, predict its priority from P1 to P4.",
              "Rewrite release notes, e.g. from commit messages, for readers who are no engineers.",
              "Compare two supplier quotes and recommend the cheaper one at equal delivery time.",
              "Monitor the error log of version 2.5 and report new kinds of failures each hour.",
              "Turns meeting transcripts into action items with an owner and a due date.",
              "Redact names, addresses and card numbers from chat transcripts.",
              "Explain SQL query plans to junior developers in plain language",
              "Plan a week of dinners for four from what is in season.",
              "Write unit tests for the Python function it is given, with edge cases.",
              "Fact-check claims in a draft article against the linked sources.",
              "Triage incoming security reports, incl. duplicates, by severity.",
              "Quickly sort photos of meter readings into legible and not legible.",
              "Manage the meeting-room calendar by booking, moving and cancelling rooms on "
              "request.",
              "Score each essay from 1 to 6 on the school's rubric, with reasons.",
              "Answer employees' questions about parental leave.",
              "Act as a tutor for algebra and check each step of the pupil's solution.",
              "Prepare a briefing on each company before a sales call.",
              "When a build fails, find the commit that broke it.",
              "Fasse Kundenfeedback nach Produktbereich zusammen und nenne die Anzahl.",
              "R\u00e9sume les avis des clients par produit en trois phrases.",
              "\u5c06\u5ba2\u6237\u53cd\u9988\u6309\u4ea7\u54c1\u9886\u57df\u5206\u7c7b\u3002"})
            QTest::addRow("%d", ++number) << QString::fromUtf8(job);
    }
    void goodJobsAreLeftAlone()
    {
        QFETCH(QString, job);
        const auto problems = lintJob(job);
        QStringList said;
        for (const Problem &problem : problems)
            said << problem.code + QLatin1Char(' ') + problem.message;
        QVERIFY2(problems.empty(),
                 qPrintable(job + QLatin1Char('\n') + said.join(QLatin1Char('\n'))));
    }

    void badJobsAreNamed_data()
    {
        QTest::addColumn<QString>("job");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("range"); // what the problem points at, empty: not looked at
        const auto row = [](const char *job, const char *code, const char *range = "") {
            QTest::newRow(QByteArray(job).left(50).constData())
                << QString::fromUtf8(job) << QString::fromLatin1(code) << QString::fromUtf8(range);
        };
        row("", "job.missing");
        row("   \n ", "job.missing");
        row("Be helpful to everyone who writes in.", "job.vague", "Be helpful");
        row("You are a helpful assistant for our customers.", "job.vague", "helpful assistant");
        row("You are a helpful assistant for our customers.", "job.verb", "You are");
        row("Help users with their everyday problems.", "job.vague", "Help users");
        row("Assist the sales team with their work.", "job.vague", "Assist");
        row("Do stuff with the spreadsheet every morning.", "job.vague", "Do stuff");
        row("Perform various tasks for the marketing department.", "job.vague", "various tasks");
        row("Search the feedback table as needed by the team.", "job.vague", "as needed");
        row("Handle things around the customer database.", "job.vague", "Handle things");
        row("Answer anything users want to know about the city.", "job.vague", "anything users");
        row("Manage the customers and their orders somehow.", "job.vague", "Manage");
        row("Deal with incoming e-mail from our suppliers.", "job.vague", "Deal");
        row("A general-purpose agent for the whole company.", "job.vague", "general-purpose");
        row("Make things better for our support agents.", "job.vague", "Make things better");
        row("Classify messages as billing, shipping, returns, etc.", "job.vague", "etc");
        row("Review contracts and do your best to please legal.", "job.vague", "do your best");
        row("Summarize feedback", "job.short");
        row("SQL", "job.short");
        row("!!!", "job.short");
        row("Answer the questions of our users accurately.", "job.object");
        row("Process the data and generate useful output.", "job.object");
        row("Classify each message by area. Then write a reply to it.", "job.sentences",
            "Then write a reply to it.");
        row("Classify each message by area\nthen write a reply to it", "job.sentences",
            "then write a reply to it");
        row("The customer feedback database of the product team.", "job.verb", "The");
        row("Customer feedback from all channels with sentiment.", "job.verb", "Customer");
        row("Classify each customer message by product area and urgency, look up the order in the "
            "database, check whether the customer "
            "has written before, decide whether a refund is due under the policy, draft a reply in "
            "the customer's own language, and "
            "then store the result in the tracker together with a short reason.",
            "job.long", "reason.");
    }
    void badJobsAreNamed()
    {
        QFETCH(QString, job);
        QFETCH(QString, code);
        QFETCH(QString, range);
        const auto problems = lintJob(job);
        QStringList said;
        const Problem *found = nullptr;
        for (const Problem &problem : problems) {
            said << problem.code + QLatin1Char(' ') + problem.message;
            QCOMPARE(problem.pointer, QStringLiteral("/job"));
            QVERIFY(!problem.message.isEmpty() && !problem.fix.isEmpty());
            if (problem.from >= 0)
                QVERIFY(problem.from + problem.length <= job.size());
            if (problem.code == code && !found)
                found = &problem;
        }
        QVERIFY2(found, qPrintable(job + QLatin1Char('\n') + said.join(QLatin1Char('\n'))));
        if (code == QLatin1String("job.long"))
            QVERIFY(job.mid(found->from, found->length).endsWith(range));
        else if (!range.isEmpty())
            QCOMPARE(job.mid(found->from, found->length), range);
        QVERIFY2(problems.size() <= 3,
                 qPrintable(said.join(QLatin1Char('\n')))); // names the thing, does not scold
    }

    void longTextsAreQuick()
    {
        const QString job =
            QStringLiteral("help do the various things etc. a.b.c. ").repeated(20'000);
        QBENCHMARK_ONCE
        {
            QVERIFY(!lintJob(job).empty());
        }
    }
};

QTEST_GUILESS_MAIN(TestJobLint)
#include "tst_JobLint.moc"
