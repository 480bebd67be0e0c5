// SPDX-License-Identifier: GPL-3.0-or-later
// Forks of team runs as a property, for each design of TeamStories.h.
#include "tests/core/runtime/TeamStories.h"

#include <QDir>
#include <QFile>
#include <QSet>

#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
// Nothing that runs will ever end by itself: all wait for a model, tool or person who hangs, and no expression is evaluated.
bool onlyHangs(const Trace &trace)
{
    const auto isUnderWay = [](const Step &step) { return step.status == StepStatus::Running || step.status == StepStatus::Waiting; };
    QSet<QString> within;
    for (const Step &step : trace.steps()) {
        if (isUnderWay(step))
            within.insert(parentStep(step.path));
    }
    return std::all_of(trace.steps().begin(), trace.steps().end(), [&](const Step &step) {
        return !isUnderWay(step) || within.contains(step.path) || step.kind == StepKind::Model || step.kind == StepKind::Tool || step.kind == StepKind::Human;
    });
}

// No other thread computes anything: what they have to tell is told. By the clock a thread that gets no processor could not be told
// from one that waits.
bool othersSleep()
{
    const QString self = QString::number(::gettid());
    const auto threads = QDir(QStringLiteral("/proc/self/task")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    return std::all_of(threads.begin(), threads.end(), [&](const QString &thread) {
        QFile stat(QStringLiteral("/proc/self/task/%1/stat").arg(thread));
        if (thread == self || !stat.open(QIODevice::ReadOnly))
            return true;
        const QByteArray words = stat.readAll();
        return words.mid(words.lastIndexOf(')') + 2, 1) == "S";
    });
}

// One fork of a team run. Nothing when it waits for what never comes: some designs hang until a branch beside them fails.
std::optional<TeamOutcome> executeFork(TeamBench &bench, Journal *journal, RunMode mode, const std::vector<ForkLayer> &layers,
                                       std::optional<Error> recordedEnd)
{
    TeamOutcome outcome;
    RunOptions options = optionsOf(bench, journal, &outcome.trace, mode);
    options.recordedEnd = std::move(recordedEnd);
    options.elapsedUs = mode == RunMode::Fork ? 1 : 0;
    options.forks = layers;
    CancelSource stop;
    RunContext context(std::move(options), stop.token());
    auto task = runTeam(&context, bench.prepare(), bench.input, QString(), bench.teamOptions);
    for (int idle = 0; !task.isReady();) {
        if (bench.turns->underWay() > 0) {
            idle = 0;
            bench.clock.advance(1);
            bench.turns->next();
        } else if (++idle < (onlyHangs(outcome.trace) ? 3 : 60'000)) { // an expression
            for (int busy = 0; busy < 60'000 && !othersSleep(); ++busy)
                QTest::qWait(1);
            QTest::qWait(1);
        } else {
            stop.cancel();
        }
    }
    outcome.answer = lathe::test::await(std::move(task));
    return stop.token().isCancelled() ? std::nullopt : std::optional<TeamOutcome>(std::move(outcome));
}

std::vector<ForkChanges> changesAt(const Step &step)
{
    std::vector<ForkChanges> list(2);
    list[0].again = true;
    list[1].instructions = QStringLiteral("Rhyme.");
    list[1].scope = ForkScope::Run;
    if (step.kind == StepKind::Model) {
        list.emplace_back().answer = Message(Role::Assistant, QStringLiteral("7"));
        list.emplace_back().parameters = QJsonObject{{QStringLiteral("seed"), 7}};
    } else if (step.kind == StepKind::Tool && step.attributes.contains(QStringLiteral("gen_ai.tool.name"))) {
        list.emplace_back().result = QStringLiteral("edited");
        list.emplace_back().argumentsText = QStringLiteral("{\"edited\":true}");
    } else if (step.kind == StepKind::Human && !step.attributes.contains(QStringLiteral("lathe.node"))) {
        list.emplace_back().humanAnswer = HumanAnswer().toJson();
    }
    return list;
}
}

class TestTeamForks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void forks_data() { teamStories(); }
    // At every step of every design: what stands before the step is not asked again, and the fork replays.
    void forks()
    {
        QFETCH(Setup, setup);
        if (QByteArray(QTest::currentDataTag()).contains("is not asked"))
            QSKIP("its models refuse to be asked, which a fork may do");
        const auto whole = build(setup, Turns::First);
        MemoryJournal journal;
        const TeamOutcome parent = execute(*whole, &journal, RunMode::Live);
        if (parent.trace.steps().size() > 60)
            QSKIP("too long to be forked at every step");
        const auto &written = journal.written();
        int forked = 0;
        for (const Step &at : parent.trace.steps()) {
            for (const ForkChanges &changes : changesAt(at)) {
                const QByteArray where = QStringLiteral("%1 at %2 %3").arg(changes.summary(), at.path, at.name).toUtf8();
                ForkLayer layer;
                layer.step = at.path;
                layer.changes = changes;
                const bool forget = changes.again || changes.replacesOutcome();
                const auto inherit = [&](MemoryJournal *to) {
                    for (const JournalEntry &entry : written) {
                        if (entry.done && !isStopped(entry) && !(forget && isStepOrBelow(entry.step, layer.step)))
                            to->add(entry);
                    }
                };
                const auto bench = build(setup, Turns::First);
                MemoryJournal forkJournal;
                inherit(&forkJournal);
                const auto fork = executeFork(*bench, &forkJournal, RunMode::Fork, {layer}, std::nullopt);
                if (!fork)
                    continue;
                ++forked;
                const int index = fork->trace.indexOf(at.path);
                if (index >= 0) { // else a branch beside it failed before it began
                    const Step &there = fork->trace.steps()[size_t(index)];
                    if (changes.answer)
                        QCOMPARE(there.text, changes.answer->text());
                    if (changes.result)
                        QCOMPARE(there.text, *changes.result);
                }
                MemoryJournal inherited, complete;
                inherit(&inherited);
                load(&inherited, forkJournal.written(), forkJournal.written().size());
                for (const Step &step : fork->trace.steps()) { // what it did not come to is no part of it
                    if (const JournalEntry *entry = inherited.find(step.path))
                        complete.add(*entry);
                    complete.addTimes(step.path, StepTimes{step.startUs, step.endUs});
                }
                const auto quiet = build(setup, Turns::First);
                quiet->human.answers.clear();
                const std::optional<Error> end = fork->answer ? std::nullopt : std::optional<Error>(fork->answer.error());
                const auto replay = executeFork(*quiet, &complete, RunMode::Replay, {layer}, end);
                QVERIFY2(replay, where.constData());
                const QString difference = firstDifference(fork->trace, replay->trace, true);
                QVERIFY2(difference.isEmpty(), (where + ": " + difference.toUtf8()).constData());
                QCOMPARE(replay->text(), fork->text());
                QCOMPARE(quiet->chats(), 0);
            }
        }
        QVERIFY(forked > 0);
    }
};

QTEST_GUILESS_MAIN(TestTeamForks)
#include "tst_TeamForks.moc"
