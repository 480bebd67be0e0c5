// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ExampleCollection.h"
#include "tests/core/session/ExperimentBench.h"
#include "tests/support/Leaks.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include <atomic>

using namespace lathe;
using namespace lathe::test;

class TestExperiments : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTrialRunsOnceAndIsChecked()
    {
        ExperimentBench bench;
        QSignalSpy ended(&bench.experiments(), &Experiments::ended);
        bench.run();
        QCOMPARE(ended.count(), 1);
        QCOMPARE(bench.requests(), 12);
        QCOMPARE(bench.state().progress.done, 12);
        QCOMPARE(bench.state().progress.total, 12);
        QVERIFY(!bench.state().running);
        for (int i = 0; i < 6; ++i) {
            QCOMPARE(bench.trial(0, i).output, QString::number(i + 1));
            QVERIFY(!bench.trial(0, i).passed);
            QVERIFY(bench.trial(0, i).checked);
            QVERIFY(!bench.trial(0, i).checks.front().reason.isEmpty());
            QCOMPARE(bench.trial(1, i).output, QString::number(2 * (i + 1)));
            QVERIFY(bench.trial(1, i).passed);
        }
        const auto result = await(bench.experiments().result(bench.experiment));
        QVERIFY(result.ok());
        QVERIFY(!result->sentence.isEmpty());
        QCOMPARE(result->metrics.front().id, QStringLiteral("checks"));
        QCOMPARE(result->metrics.front().variants[0].mean, 0.0);
        QCOMPARE(result->metrics.front().variants[1].mean, 1.0);
        QCOMPARE(result->metrics.front().pairs[0].wins, 6);
    }

    // What a trial ran is in its run: it replays, and only the columns the prompt wants are in its input.
    void aTrialIsARunThatReplays()
    {
        ExperimentBench bench;
        bench.run();
        const RunId run = bench.trial(1, 2).run;
        const auto info = bench.session->project().runs().run(run);
        QVERIFY(info.ok());
        QCOMPARE(info->inputJson.value(QStringLiteral("variables")).toObject(), (QJsonObject{{QStringLiteral("kind"), QStringLiteral("number")}}));
        QCOMPARE(info->revisions.value(QStringLiteral("prompt")).toString(), QStringLiteral("double@1"));
        QCOMPARE(bench.session->project().artifacts().revisions(bench.find(ArtifactKind::Prompt, "double")).front().runCount, 6);
        const ArtifactId prompt = bench.find(ArtifactKind::Prompt, "double");
        need(bench.session->edit(prompt, QStringLiteral("/text"), QStringLiteral("Something else."), QStringLiteral("test")));
        need(await(bench.session->commit(prompt, QString())));
        const auto replay = await(bench.session->replay(run, CancelToken()));
        QVERIFY(replay.ok());
        QVERIFY2(replay->same, qPrintable(replay->firstDifference));
        QCOMPARE(replay->output, QStringLiteral("6"));
    }

    void whatIsKnownIsNotPaidAgain()
    {
        ExperimentBench bench;
        bench.run();
        bench.run();
        QCOMPARE(bench.requests(), 12);
        // A variant more costs one variant.
        bench.set("/variants/-", ExperimentBench::variant("c", "square"));
        bench.run();
        QCOMPARE(bench.requests(), 18);
        // The same under another name costs nothing.
        QJsonObject same = ExperimentBench::variant("d", "square@1");
        same.insert(QStringLiteral("name"), QStringLiteral("Squares again"));
        bench.set("/variants/-", same);
        bench.run();
        QCOMPARE(bench.requests(), 18);
        QVERIFY(bench.trial(3, 1).shared);
        QVERIFY(!bench.trial(2, 1).shared);
        QCOMPARE(bench.trial(3, 1).run, bench.trial(2, 1).run);
        QCOMPARE(bench.state().progress.shared, 6);
        // So does another experiment, and a repetition only what is new.
        bench.set("/repetitions", 2);
        bench.run();
        QCOMPARE(bench.requests(), 36);
        bench.close();
        bench.open();
        need(await(bench.experiments().load(bench.experiment, ExperimentOptions())));
        QCOMPARE(bench.state().progress.done, 48);
        QCOMPARE(bench.trial(1, 5).output, QStringLiteral("12"));
        QVERIFY(bench.trial(1, 5).passed);
        QCOMPARE(bench.requests(), 36);
    }

    // Labels and checks may be mended afterwards: answers are kept, only what is said of them changes.
    void checksFollowEditsWithoutRunning()
    {
        ExperimentBench bench;
        bench.run();
        QSignalSpy reloaded(&bench.experiments(), &Experiments::reloaded);
        QVERIFY(!bench.trial(0, 0).passed);
        bench.set("/checks/0", QJsonObject{{QStringLiteral("id"), QStringLiteral("short")},
                                           {QStringLiteral("type"), QStringLiteral("javascript")},
                                           {QStringLiteral("value"), QStringLiteral("output.length < 2 && vars.kind == 'number'")}});
        QVERIFY(reloaded.wait(30'000));
        QTRY_VERIFY_WITH_TIMEOUT(bench.trial(0, 0).passed, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(bench.trial(1, 5).checked && !bench.trial(1, 5).passed, 30'000);
        QCOMPARE(bench.requests(), 12);
    }

    void aDraftIsAnotherDesign()
    {
        ExperimentBench bench;
        bench.set("/variants/0/prompt", QStringLiteral("plain@draft"));
        bench.run();
        QCOMPARE(bench.requests(), 12);
        const ArtifactId prompt = bench.find(ArtifactKind::Prompt, "plain");
        need(bench.session->edit(prompt, QStringLiteral("/text"), QStringLiteral("Say the double."), QStringLiteral("test")));
        QTRY_COMPARE_WITH_TIMEOUT(bench.trial(0, 0).status, TrialStatus::Pending, 30'000);
        QCOMPARE(bench.trial(1, 0).status, TrialStatus::Done);
        bench.run();
        QCOMPARE(bench.requests(), 18);
        QVERIFY(bench.trial(0, 0).passed);
        // Committing it makes no new design.
        need(await(bench.session->commit(prompt, QString())));
        bench.run();
        QCOMPARE(bench.requests(), 18);
    }

    void problemsAreSaidBeforeAnythingRuns()
    {
        ExperimentBench bench;
        bench.set("/variants/0/prompt", QStringLiteral("nosuch"));
        const auto started = await(bench.experiments().start(bench.experiment, ExperimentOptions()));
        QVERIFY(!started);
        QVERIFY2(started.error().message.contains(QStringLiteral("nosuch")), qPrintable(started.error().message));
        bench.set("/variants/0/prompt", QStringLiteral("plain"));
        bench.set("/dataset", QStringLiteral("gone"));
        QVERIFY(!await(bench.experiments().start(bench.experiment, ExperimentOptions())));
        const auto problems = bench.session->problems(ArtifactKind::Experiment, bench.session->draft(bench.experiment)->body);
        QVERIFY(std::any_of(problems.begin(), problems.end(), [](const Problem &problem) { return problem.pointer == QLatin1String("/dataset"); }));
        bench.set("/dataset", QStringLiteral("numbers"));
        bench.set("/rows", QStringLiteral("7-9"));
        QVERIFY(!await(bench.experiments().start(bench.experiment, ExperimentOptions())));
        QCOMPARE(bench.requests(), 0);
        QVERIFY(!await(bench.experiments().load(ArtifactId{9999}, ExperimentOptions())));
    }

    void aProviderThatDiesHalfwayLosesNothing()
    {
        ExperimentBench bench(20);
        const auto answered = std::make_shared<std::atomic<int>>(0);
        bench.server.setResponder([answered](const SeenChat &chat) {
            return answered->fetch_add(1) < 15 ? ExperimentBench::respond(chat) : ScriptedAnswer::serverError(503);
        });
        bench.run();
        QVERIFY(!bench.state().running);
        QVERIFY2(bench.state().notice.contains(QStringLiteral("15 of 40")), qPrintable(bench.state().notice));
        QCOMPARE(bench.state().progress.done, 15);
        QVERIFY(bench.requests() < 30); // it did not go on asking a dead provider
        const int before = bench.requests();
        bench.server.setResponder(ExperimentBench::respond);
        bench.run();
        QVERIFY2(bench.state().notice.isEmpty(), qPrintable(bench.state().notice));
        QCOMPARE(bench.state().progress.done, 40);
        QCOMPARE(bench.requests(), before + 25);
    }

    // A window that closes without waiting.
    void theSessionMayGoWhileItRuns()
    {
        LATHE_LEAKS_HERE_ARE_MEANT; // coroutines that nobody will resume are left behind
        ExperimentBench bench(20);
        bench.server.setResponder([](const SeenChat &chat) { return ExperimentBench::respond(chat).slowHead(50); });
        need(await(bench.experiments().start(bench.experiment, ExperimentOptions())));
        QTRY_VERIFY_WITH_TIMEOUT(bench.requests() > 4, 30'000);
        bench.session.reset();
        QTest::qWait(100);
        bench.open();
        bench.server.setResponder(ExperimentBench::respond);
        bench.run();
        QCOMPARE(bench.state().progress.done, 40);
    }

    void teamsAreComparedAsTheyAre()
    {
        ExperimentBench bench(2);
        bench.add(ArtifactKind::Agent, "counter",
                  {{QStringLiteral("job"), QStringLiteral("Counts.")},
                   {QStringLiteral("prompt"), QStringLiteral("plain")},
                   {QStringLiteral("pattern"), QStringLiteral("direct")},
                   {QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), QStringLiteral("local")}, {QStringLiteral("model"), QStringLiteral("m")}}}});
        const auto body = json::parseObject(R"({"job":"Passes numbers on.","nodes":{
            "n1":{"kind":"input","name":"In"},
            "n2":{"kind":"agent","name":"Counter","settings":{"agent":"counter"}},
            "n3":{"kind":"output","name":"Out"}},
            "edges":{"e1":{"from":"n1","from_port":"out","to":"n2","to_port":"in"},"e2":{"from":"n2","from_port":"out","to":"n3","to_port":"in"}}})");
        QVERIFY(body.ok());
        bench.add(ArtifactKind::Team, "crew", *body);
        bench.set("/variants/0", QJsonObject{{QStringLiteral("id"), QStringLiteral("a")}, {QStringLiteral("agent"), QStringLiteral("crew")}});
        bench.run();
        QCOMPARE(bench.state().progress.done, 4);
        QCOMPARE(bench.trial(0, 1).output, QStringLiteral("2"));
        bench.set("/variants/0/prompt", QStringLiteral("double"));
        const auto started = await(bench.experiments().start(bench.experiment, ExperimentOptions()));
        QVERIFY(!started);
        QVERIFY2(started.error().message.contains(QStringLiteral("is a team")), qPrintable(started.error().message));
    }

    void stoppingTakesNoTime()
    {
        ExperimentBench bench(20);
        bench.server.setResponder([](const SeenChat &chat) { return ExperimentBench::respond(chat).slowHead(600'000); });
        need(await(bench.experiments().start(bench.experiment, ExperimentOptions())));
        QTRY_COMPARE_WITH_TIMEOUT(bench.requests(), 3, 30'000);
        QElapsedTimer timer;
        timer.start();
        bench.experiments().stop(bench.experiment);
        need(done(bench.experiments().finished(bench.experiment)));
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(bench.state().progress.running, 0);
        QCOMPARE(bench.trial(0, 0).status, TrialStatus::Pending);
        bench.server.setResponder(ExperimentBench::respond);
        bench.run();
        QCOMPARE(bench.state().progress.done, 40);
        QCOMPARE(bench.requests(), 43);
    }

    // What an interrupted run had paid for is not paid again: it is resumed.
    void aStoppedRunIsResumed()
    {
        ExperimentBench bench(1);
        bench.add(ArtifactKind::Tool, "calculator",
                  {{QStringLiteral("type"), QStringLiteral("calculator")}, {QStringLiteral("purpose"), QStringLiteral("Calculates.")}, {QStringLiteral("approval"), QStringLiteral("always")}});
        bench.add(ArtifactKind::Agent, "counter",
                  {{QStringLiteral("job"), QStringLiteral("Counts.")},
                   {QStringLiteral("prompt"), QStringLiteral("plain")},
                   {QStringLiteral("pattern"), QStringLiteral("tool_loop")},
                   {QStringLiteral("tools"), QJsonArray{QJsonObject{{QStringLiteral("tool"), QStringLiteral("calculator")}}}},
                   {QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), QStringLiteral("local")}, {QStringLiteral("model"), QStringLiteral("m")}}}});
        bench.set("/variants", QJsonArray{QJsonObject{{QStringLiteral("id"), QStringLiteral("a")}, {QStringLiteral("agent"), QStringLiteral("counter")}}});
        const auto slow = std::make_shared<std::atomic<bool>>(true);
        bench.server.setResponder([slow](const SeenChat &chat) {
            if (chat.toolResults.isEmpty())
                return ScriptedAnswer::call(QStringLiteral("calculator"), QStringLiteral("{\"expression\":\"1+1\"}"));
            return *slow ? ScriptedAnswer::say(QStringLiteral("2")).slowHead(600'000) : ScriptedAnswer::say(QStringLiteral("2"));
        });
        need(await(bench.experiments().start(bench.experiment, ExperimentOptions())));
        QTRY_COMPARE_WITH_TIMEOUT(bench.requests(), 2, 30'000);
        bench.experiments().stop(bench.experiment);
        need(done(bench.experiments().finished(bench.experiment)));
        bench.close();
        *slow = false;
        bench.open();
        bench.run();
        QCOMPARE(bench.requests(), 3); // only the second question again
        QVERIFY(bench.trial(0, 0).passed);
        QCOMPARE(bench.session->project().runs().count(), 1);
        const auto replay = await(bench.session->replay(bench.trial(0, 0).run, CancelToken()));
        QVERIFY(replay.ok() && replay->same);
    }

    void manyRowsAreNoProblem()
    {
        ExperimentBench bench(1);
        Dataset data;
        data.columns = QStringList{QStringLiteral("input")};
        for (int i = 0; i < 100'000; ++i)
            data.rows.push_back({QStringLiteral("row %1").arg(i)});
        need(await(bench.session->importDataset(QStringLiteral("many"), data)));
        bench.set("/dataset", QStringLiteral("many"));
        QElapsedTimer timer;
        timer.start();
        need(await(bench.experiments().load(bench.experiment, ExperimentOptions())));
        qInfo("loading 2 x 100,000 trials took %lld ms", timer.elapsed());
        QCOMPARE(bench.state().progress.total, 200'000);
        QVERIFY(timer.elapsed() < 200'000);
        need(await(bench.experiments().start(bench.experiment, ExperimentOptions())));
        QTRY_VERIFY_WITH_TIMEOUT(bench.state().progress.done > 20, 20'000);
        timer.restart();
        bench.experiments().stop(bench.experiment);
        need(done(bench.experiments().finished(bench.experiment)));
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void peopleJudgeBlind()
    {
        ExperimentBench bench(8);
        bench.set("/judges", QJsonArray{QJsonObject{{QStringLiteral("id"), QStringLiteral("me")}, {QStringLiteral("kind"), QStringLiteral("human")}}});
        bench.run();
        int firstShownFirst = 0;
        QSet<int> seen;
        for (int i = 0; i < 8; ++i) {
            auto card = bench.experiments().nextCard(bench.experiment, QStringLiteral("me"));
            QVERIFY(card.ok() && *card);
            QCOMPARE((*card)->judged, i);
            QCOMPARE((*card)->left, 8 - i);
            QCOMPARE((*card)->outputs.size(), 2);
            const int n = (*card)->input.toInt();
            const int doubled = (*card)->outputs.indexOf(QString::number(2 * n));
            QVERIFY(doubled >= 0);
            firstShownFirst += doubled == 1;
            seen.insert((*card)->example);
            // Prefers the double, but for one tie.
            need(await(bench.experiments().judge(bench.experiment, (*card)->id, i == 7 ? -1 : doubled, QStringLiteral("clear"))));
            QVERIFY(!await(bench.experiments().judge(bench.experiment, (*card)->id, 0, QString()))); // a card counts once
        }
        QCOMPARE(seen.size(), 8);
        QVERIFY(firstShownFirst > 0 && firstShownFirst < 8); // shuffled
        QVERIFY(!need(bench.experiments().nextCard(bench.experiment, QStringLiteral("me"))).has_value());
        auto tally = bench.experiments().reveal(bench.experiment, QStringLiteral("me"));
        QCOMPARE(tally[1].wins, 7);
        QCOMPARE(tally[0].losses, 7);
        QCOMPARE(tally[0].ties, 1);
        need(await(bench.experiments().undoLast(bench.experiment, QStringLiteral("me"))));
        const auto again = need(bench.experiments().nextCard(bench.experiment, QStringLiteral("me")));
        QVERIFY(again.has_value());
        need(await(bench.experiments().judge(bench.experiment, again->id, -1, QString())));
        const auto verdicts = bench.experiments().verdicts(bench.experiment, CellId{0, 3});
        QCOMPARE(int(verdicts.size()), 1);
        QVERIFY(verdicts.front().seed > 0);
        QVERIFY(!verdicts.front().author.isEmpty());
        bench.close();
        bench.open();
        need(await(bench.experiments().load(bench.experiment, ExperimentOptions())));
        tally = bench.experiments().reveal(bench.experiment, QStringLiteral("me"));
        QCOMPARE(tally[1].wins, 7);
        QCOMPARE(tally[1].ties, 1);
        const auto result = need(await(bench.experiments().result(bench.experiment)));
        const auto metric = std::find_if(result.metrics.begin(), result.metrics.end(), [](const auto &m) { return m.id == QLatin1String("me"); });
        QVERIFY(metric != result.metrics.end());
        QCOMPARE(metric->pairs[0].wins, 7);
        // Another person's cards are all there.
        QCOMPARE(need(bench.experiments().nextCard(bench.experiment, QStringLiteral("me"), QStringLiteral("ann")))->left, 8);
    }

    void starsAreGivenOneByOne()
    {
        ExperimentBench bench(3);
        bench.set("/judges", QJsonArray{QJsonObject{{QStringLiteral("id"), QStringLiteral("s")}, {QStringLiteral("kind"), QStringLiteral("stars")}}});
        bench.run();
        for (int i = 0; i < 6; ++i) {
            const auto card = need(bench.experiments().nextCard(bench.experiment, QStringLiteral("s")));
            QVERIFY(card);
            QCOMPARE(card->outputs.size(), 1);
            const bool doubled = card->outputs[0].toInt() == 2 * card->input.toInt();
            QVERIFY(!await(bench.experiments().judgeStars(bench.experiment, card->id, 6, QString())));
            need(await(bench.experiments().judgeStars(bench.experiment, card->id, doubled ? 5 : 2, QString())));
        }
        const auto tally = bench.experiments().reveal(bench.experiment, QStringLiteral("s"));
        QCOMPARE(tally[0].stars, 2.0);
        QCOMPARE(tally[1].stars, 5.0);
    }

    void aModelJudgesInBothOrders_data()
    {
        QTest::addColumn<QString>("manner");
        QTest::newRow("prefers the larger number") << QStringLiteral("fair");
        QTest::newRow("prefers what it sees first") << QStringLiteral("first");
        QTest::newRow("talks nonsense") << QStringLiteral("nonsense");
    }
    void aModelJudgesInBothOrders()
    {
        QFETCH(QString, manner);
        ExperimentBench bench(4);
        bench.server.setResponder([manner](const SeenChat &chat) {
            const QString text = chat.lastUserText;
            if (!text.contains(QLatin1String("<output_1>")))
                return ExperimentBench::respond(chat);
            if (manner == QLatin1String("nonsense"))
                return ScriptedAnswer::say(QStringLiteral("Bananas are yellow."));
            const int one = text.section(QStringLiteral("<output_1>"), 1).section(QStringLiteral("</output_1>"), 0, 0).trimmed().toInt();
            const int two = text.section(QStringLiteral("<output_2>"), 1).section(QStringLiteral("</output_2>"), 0, 0).trimmed().toInt();
            const bool first = manner == QLatin1String("first") || one > two;
            return ScriptedAnswer::say(QStringLiteral("{\"reason\":\"because\",\"winner\":\"%1\"}").arg(first ? 1 : 2));
        });
        bench.set("/judges", QJsonArray{QJsonObject{{QStringLiteral("id"), QStringLiteral("m")},
                                                    {QStringLiteral("kind"), QStringLiteral("model")},
                                                    {QStringLiteral("model"), QStringLiteral("local/test-model")},
                                                    {QStringLiteral("rubric"), QStringLiteral("Larger is better.")}}});
        bench.run();
        const auto tally = bench.experiments().reveal(bench.experiment, QStringLiteral("m"));
        const int asked = bench.requests();
        if (manner == QLatin1String("fair")) {
            QCOMPARE(asked, 8 + 8);
            QCOMPARE(tally[1].wins, 4);
            const auto verdicts = bench.experiments().verdicts(bench.experiment, CellId{0, 0});
            QCOMPARE(int(verdicts.size()), 1);
            QCOMPARE(int(verdicts.front().runs.size()), 2); // the judge's calls are runs one can open
            QCOMPARE(verdicts.front().author, QStringLiteral("local/test-model"));
            QVERIFY(verdicts.front().reasons.contains(QStringLiteral("because")));
        } else if (manner == QLatin1String("first")) {
            QCOMPARE(tally[1].ties, 4);
            QCOMPARE(tally[1].wins, 0);
        } else {
            QCOMPARE(tally[1].ties + tally[1].wins + tally[1].losses, 0);
            QVERIFY2(bench.state().notice.contains(QStringLiteral("no verdict")), qPrintable(bench.state().notice));
        }
        bench.run();
        QCOMPARE(bench.requests(), asked); // nonsense is not paid twice either
    }

    void conclusionsAreLogged()
    {
        ExperimentBench bench;
        QVERIFY(!await(bench.experiments().conclude(bench.experiment, QStringLiteral("too early"))));
        bench.run();
        const auto kept = await(bench.experiments().conclude(bench.experiment, QStringLiteral("Take the doubling prompt.")));
        QVERIFY2(kept.ok(), kept ? "" : qPrintable(kept.error().message));
        bench.close();
        bench.open();
        auto log = need(await(bench.experiments().log(QStringLiteral("doubling TAKE"))));
        QCOMPARE(int(log.size()), 1);
        QCOMPARE(log[0].question, QStringLiteral("Does the second prompt double?"));
        QCOMPARE(log[0].revision, 2);
        QVERIFY(!log[0].sentence.isEmpty());
        QCOMPARE(log[0].setup.value(QStringLiteral("runs")).toArray().size(), 12);
        QCOMPARE(log[0].setup.value(QStringLiteral("dataset")).toString(), QStringLiteral("numbers@1"));
        QCOMPARE(log[0].result.value(QStringLiteral("metrics")).toArray().first().toObject().value(QStringLiteral("id")).toString(), QStringLiteral("checks"));
        QVERIFY(need(await(bench.experiments().log(QStringLiteral("bananas")))).empty());
    }

    void stoppingEarlyIsOffered()
    {
        ExperimentBench bench(150);
        bench.server.setResponder([](const SeenChat &chat) { return ExperimentBench::respond(chat).slowHead(15); });
        bench.set("/stop_early", true);
        bench.run();
        QVERIFY2(bench.state().stoppedEarly, qPrintable(bench.state().notice));
        QVERIFY(bench.state().mayStop);
        QVERIFY(bench.state().progress.done < 300);
        QVERIFY(bench.state().notice.contains(QStringLiteral("early")));
    }

    void aStoppedExperimentIsJudgedByWhatHoldsAtEveryLook()
    {
        // Half of the planned examples, all won by one: an ordinary test would be sure long before the always-valid one.
        ExperimentBench bench(10);
        bench.set("/rows", QStringLiteral("1-7"));
        bench.run();
        const auto whole = need(await(bench.experiments().result(bench.experiment)));
        bench.set("/stop_early", true);
        bench.run(); // everything is known; the setup is read anew
        const auto peeked = need(await(bench.experiments().result(bench.experiment)));
        QVERIFY(whole.decidedBy >= 0 && peeked.decidedBy >= 0);
        QCOMPARE(int(whole.metrics[size_t(whole.decidedBy)].pairs[0].verdict), int(PairResult::Verdict::SecondBetter));
        QVERIFY(peeked.metrics[size_t(peeked.decidedBy)].pairs[0].pAnytime > 0.01);
        if (peeked.metrics[size_t(peeked.decidedBy)].pairs[0].pAnytimeAdjusted > 0.05)
            QCOMPARE(int(peeked.metrics[size_t(peeked.decidedBy)].pairs[0].verdict), int(PairResult::Verdict::Unknown));
    }

    void aSkippedCardComesAgainLast()
    {
        ExperimentBench bench(4);
        bench.set("/judges", QJsonArray{QJsonObject{{QStringLiteral("id"), QStringLiteral("me")}, {QStringLiteral("kind"), QStringLiteral("human")}}});
        bench.run();
        const auto first = need(bench.experiments().nextCard(bench.experiment, QStringLiteral("me")));
        QVERIFY(bench.experiments().skip(bench.experiment, first->id).ok());
        QVERIFY(!bench.experiments().skip(bench.experiment, first->id).ok());
        QList<int> examples;
        for (int i = 0; i < 4; ++i) {
            const auto card = need(bench.experiments().nextCard(bench.experiment, QStringLiteral("me")));
            examples.append(card->example);
            need(await(bench.experiments().judge(bench.experiment, card->id, 0, QString())));
        }
        QCOMPARE(examples.last(), first->example);
        QCOMPARE(examples.count(first->example), 1);
    }

    void conclusionsMayChange()
    {
        ExperimentBench bench;
        bench.run();
        const LogEntryId id = need(await(bench.experiments().conclude(bench.experiment, QStringLiteral("Take it."))));
        need(await(bench.experiments().setConclusion(id, QStringLiteral("Wait for more rows."))));
        const auto log = need(await(bench.experiments().log(QStringLiteral("wait"))));
        QCOMPARE(int(log.size()), 1);
        QCOMPARE(log[0].conclusion, QStringLiteral("Wait for more rows."));
        QVERIFY(!await(bench.experiments().setConclusion(LogEntryId{999}, QStringLiteral("x"))));
    }

    void promptsAreScoredByRevision()
    {
        ExperimentBench bench(5);
        bench.run();
        const auto right = need(await(bench.experiments().promptScores(QStringLiteral("double"))));
        QCOMPARE(int(right.size()), 1);
        QCOMPARE(right.value(1).passed, 5);
        QCOMPARE(right.value(1).total, 5);
        const auto wrong = need(await(bench.experiments().promptScores(QStringLiteral("plain"))));
        QCOMPARE(wrong.value(1).passed, 0);
        QCOMPARE(wrong.value(1).total, 5);
        QVERIFY(need(await(bench.experiments().promptScores(QStringLiteral("dou")))).isEmpty());
    }

    void runsBecomeExamples()
    {
        ExperimentBench bench(3);
        bench.run();
        RunQuery all;
        const auto runs = need(await(bench.session->project().runs().query(all, CancelToken())));
        QCOMPARE(int(runs.size()), 6);
        const auto first = need(await(collectRuns(bench.session.get(), QStringLiteral("kept"), {runs[5].id, runs[4].id})));
        QCOMPARE(first.number, 1);
        const auto second = need(await(collectRuns(bench.session.get(), QStringLiteral("kept"), {runs[0].id})));
        QCOMPARE(second.number, 2);
        const Dataset kept = need(bench.session->dataset(QStringLiteral("kept")));
        QCOMPARE(int(kept.rows.size()), 3);
        QCOMPARE(kept.rowObject(2).value(QStringLiteral("input")).toString(), runs[0].input);
        QCOMPARE(kept.rowObject(2).value(QStringLiteral("expected")).toString(), runs[0].output);
        QVERIFY(!await(collectRuns(bench.session.get(), QStringLiteral("kept"), {RunId{9999}})));
    }
};

QTEST_GUILESS_MAIN(TestExperiments)
#include "tst_Experiments.moc"
