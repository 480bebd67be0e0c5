// SPDX-License-Identifier: GPL-3.0-or-later
// Each row of TeamStories.h runs with its branches ending in several orders; each run replays to the same trace with the same
// times, and asks nobody; and cut after any entry of its journal it resumes to the same answer without repeating a call.
#include "tests/core/runtime/TeamStories.h"

using namespace lathe;
using namespace lathe::test;

class TestTeamRunner : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void stories_data() { teamStories(); }
    void stories()
    {
        QFETCH(Setup, setup);
        QFETCH(QString, answer);
        QFETCH(QString, expected);
        QFETCH(bool, anyOrder);
        QString told;
        const std::vector<std::pair<Turns::Order, quint32>> orders{{Turns::First, 0}, {Turns::Last, 0}, {Turns::Random, 7}, {Turns::Random, 8}};
        for (const auto &[order, seed] : orders) {
            const auto bench = build(setup, order, seed);
            MemoryJournal journal;
            const TeamOutcome live = execute(*bench, &journal, RunMode::Live);
            QCOMPARE(live.text(), answer);
            for (const Step &step : live.trace.steps())
                QVERIFY2(step.status != StepStatus::Running && step.begun, qPrintable(step.path + QLatin1Char(' ') + step.name));
            if (!expected.isEmpty())
                QCOMPARE(story(live.trace), expected);
            if (told.isEmpty())
                told = story(live.trace);
            else if (anyOrder)
                QCOMPARE(story(live.trace), told);

            const auto again = build(setup, Turns::First);
            again->human.answers.clear();
            again->clock.advance(1'000'000);
            MemoryJournal recorded;
            load(&recorded, journal.written(), journal.written().size(), &live.trace);
            std::optional<Error> end;
            if (!live.answer)
                end = live.answer.error();
            const TeamOutcome replayed = execute(*again, &recorded, RunMode::Replay, end);
            QCOMPARE(firstDifference(live.trace, replayed.trace, true), QString());
            QCOMPARE(replayed.text(), answer);
            QVERIFY(recorded.written().empty());
            QCOMPARE(again->chats(), 0);
        }
    }

    void resumes_data() { teamStories(); }
    // Cut after every entry, as a crash would: what is recorded is not asked again, and the run ends the same.
    void resumes()
    {
        QFETCH(Setup, setup);
        QFETCH(QString, answer);
        QFETCH(bool, anyOrder);
        const auto whole = build(setup, Turns::Random, 3);
        MemoryJournal journal;
        const TeamOutcome full = execute(*whole, &journal, RunMode::Live);
        const auto &written = journal.written();
        for (size_t cut = 0; cut <= written.size(); ++cut) {
            const auto bench = build(setup, Turns::Random, quint32(cut + 20));
            MemoryJournal partial;
            load(&partial, written, cut);
            // A resume is begun only after a replay of what is recorded: that ends where the recording does, and asks nothing else.
            for (const Trace *times : {static_cast<const Trace *>(nullptr), &full.trace}) {
                const auto checked = build(setup, Turns::Random, quint32(cut + 20));
                MemoryJournal recorded;
                load(&recorded, written, cut, times);
                const TeamOutcome sofar = execute(*checked, &recorded, RunMode::Replay, Error::cancelled());
                QVERIFY2(sofar.text() == answer || (!sofar.answer && sofar.answer.error().kind == ErrorKind::Cancelled), qPrintable(sofar.text()));
                QCOMPARE(checked->chats(), 0);
            }
            // Replies that are used up one after the other begin where the recording ends.
            QHash<QString, int> used;
            for (const JournalEntry &entry : written) {
                const int step = full.trace.indexOf(parentStep(entry.step));
                if (entry.done && entry.kind == QLatin1String("chat") && partial.find(entry.step) && partial.find(entry.step)->done && step >= 0)
                    ++used[full.trace.steps()[size_t(step)].attributes.value(QStringLiteral("gen_ai.agent.name")).toString()];
            }
            for (auto it = bench->agents.begin(); it != bench->agents.end(); ++it)
                bench->models[it.key()]->calls = used.value(it.value()->name);
            for (const JournalEntry &entry : written) {
                if (entry.kind == QLatin1String("human") && partial.find(entry.step))
                    ++bench->human.next;
            }
            RunOptions options;
            Trace trace;
            options = optionsOf(*bench, &partial, &trace, RunMode::Live);
            options.unfinished = UnfinishedPolicy::Repeat;
            RunContext context(std::move(options), CancelToken());
            TeamOutcome resumed;
            resumed.answer = drive(runTeam(&context, bench->prepare(), bench->input, QString(), bench->teamOptions), *bench);
            QCOMPARE(resumed.text(), answer);
            for (const JournalEntry &entry : partial.written()) {
                const JournalEntry *before = partial.find(entry.step);
                QVERIFY2(!before || !before->done, qPrintable(QStringLiteral("step %1 was asked again").arg(entry.step)));
            }
            if (anyOrder)
                QCOMPARE(story(trace).remove(QStringLiteral(" !unfinished_call")), story(full.trace));
        }
    }
};

QTEST_GUILESS_MAIN(TestTeamRunner)
#include "tst_TeamRunner.moc"
