// SPDX-License-Identifier: GPL-3.0-or-later
// How long calls of tools took: the calls, not the people who were asked about them.
#include "core/project/Project.h"
#include "tests/core/project/RunPlayer.h"

using namespace lathe;
using namespace lathe::test;

class TestToolCalls : public QObject
{
    Q_OBJECT

    static constexpr qint64 start = 1'790'000'000'000'000, second = 1'000'000;
    static RunEvent event(RunEventKind kind, const QString &step, qint64 atSeconds)
    {
        RunEvent made;
        made.kind = kind;
        made.step = step;
        made.timeUs = start + atSeconds * second;
        return made;
    }
    static void begin(Player &p, const QString &step, StepKind kind, const QString &name, qint64 at)
    {
        RunEvent made = event(RunEventKind::StepStarted, step, at);
        made.stepKind = kind;
        made.name = name;
        if (kind == StepKind::Tool)
            made.attributes = QJsonObject{{QStringLiteral("gen_ai.tool.name"), name.section(QLatin1Char(' '), 1)}};
        p.emitEvent(made);
    }
    static void note(Player &p, const QString &step, const QString &name, qint64 at)
    {
        RunEvent made = event(RunEventKind::StepNote, step, at);
        made.name = name;
        p.emitEvent(made);
    }
    static void end(Player &p, const QString &step, qint64 at)
    {
        RunEvent made = event(RunEventKind::StepEnded, step, at);
        made.stepStatus = StepStatus::Ok;
        p.emitEvent(made);
    }

private Q_SLOTS:
    void latency_data()
    {
        QTest::addColumn<bool>("approved"); // for 100 s
        QTest::addColumn<bool>("journal");  // the call is in it: an agent's, or another program's, is not
        QTest::addColumn<bool>("question"); // asked while it is under way, for 30 s
        QTest::addColumn<int>("seconds");
        QTest::newRow("at once") << false << true << false << 40;
        QTest::newRow("approved") << true << true << false << 40;
        QTest::newRow("approved and asked") << true << true << true << 10;
        QTest::newRow("without a journal") << false << false << false << 40;
        QTest::newRow("approved, without a journal") << true << false << false << 40;
        QTest::newRow("asked, without a journal") << false << false << true << 10;
    }
    void latency()
    {
        QFETCH(bool, approved);
        QFETCH(bool, journal);
        QFETCH(bool, question);
        QTemporaryDir folder;
        SystemClock clock;
        auto project = Project::open(folder.filePath(QStringLiteral("p.lathe")), Project::Mode::Create, &clock);
        QVERIFY2(project, project ? "" : qPrintable(project.error().message));
        RunInfo info;
        info.agentName = QStringLiteral("a");
        info.startUs = start;
        Player p(**project, info);
        begin(p, QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent a"), 0);
        begin(p, QStringLiteral("1.1"), StepKind::Tool, QStringLiteral("execute_tool mail"), 0);
        qint64 at = 0;
        if (approved) {
            begin(p, QStringLiteral("1.1.1"), StepKind::Human, QStringLiteral("approve mail"), 0);
            end(p, QStringLiteral("1.1.1"), at = 100);
        }
        if (question) {
            note(p, QStringLiteral("1.1"), QStringLiteral("question_asked"), at + 5);
            note(p, QStringLiteral("1.1"), QStringLiteral("question_answered"), at + 35);
        }
        if (journal) {
            StoredEntry entry;
            entry.step = QStringLiteral("1.1");
            entry.kind = QStringLiteral("execute_tool");
            entry.request = "{}";
            entry.requestHash = json::sha256(entry.request);
            entry.done = true;
            entry.outcome = toolOutcome(QStringLiteral("sent"));
            entry.startedUs = start + at * second;
            entry.endedUs = start + (at + 40) * second;
            QVERIFY(await((*project)->runs().writeEntry(p.run, entry)));
        }
        end(p, QStringLiteral("1.1"), at + 40);
        end(p, QStringLiteral("1"), at + 40);
        p.ended(RunStatus::Done, QStringLiteral("ok"));
        QVERIFY(await((*project)->flush()));
        const auto calls = await((*project)->runs().toolCalls({}, 0, CancelToken()));
        QVERIFY2(calls, calls ? "" : qPrintable(calls.error().message));
        QCOMPARE(calls->size(), size_t(1));
        QCOMPARE(calls->front().durationsUs.size(), size_t(1));
        QTEST(int(calls->front().durationsUs.front() / second), "seconds");
    }
};

QTEST_GUILESS_MAIN(TestToolCalls)
#include "tst_ToolCalls.moc"
