// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/session/ExperimentBench.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestPlayground : public QObject
{
    Q_OBJECT

    static VariantSpec variant(const char *prompt)
    {
        VariantSpec spec;
        spec.prompt = QString::fromLatin1(prompt);
        spec.model = QStringLiteral("local/test-model");
        return spec;
    }
    // Two columns: as it is, and doubled.
    static Playground &prepared(ExperimentBench &bench, const char *input = "21")
    {
        Playground &playground = bench.session->playground();
        while (!playground.columns().empty())
            playground.removeColumn(0);
        need(playground.addColumn(variant("plain")));
        need(playground.addColumn(variant("double")));
        PlaygroundRow row;
        row.input = QString::fromLatin1(input);
        row.variables = {{QStringLiteral("kind"), QStringLiteral("number")}};
        playground.setRow(0, row);
        return playground;
    }

private Q_SLOTS:
    void columnsRunAtOnceAndStream()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        bench.server.setResponder([](const SeenChat &chat) {
            return ScriptedAnswer::say(chat.system.contains(QLatin1String("double")) ? QStringLiteral("it is 42") : QStringLiteral("it is 21")).usage(12, 7).paced(20);
        });
        QStringList seen;
        connect(&playground, &Playground::answersChanged, this, [&](const std::vector<CellId> &cells) {
            for (const CellId cell : cells) {
                if (cell.variant == 1 && !playground.answers(1, 0).empty())
                    seen.append(playground.answers(1, 0).back().output);
            }
        });
        playground.start();
        QVERIFY(playground.running());
        need(done(playground.finished()));
        QVERIFY(!playground.running());
        QCOMPARE(playground.answers(0, 0).back().output, QStringLiteral("it is 21"));
        const PlaygroundAnswer &answer = playground.answers(1, 0).back();
        QCOMPARE(answer.output, QStringLiteral("it is 42"));
        QCOMPARE(answer.status, RunStatus::Done);
        QVERIFY(answer.run.isValid());
        QVERIFY(answer.firstTokenUs >= 0 && answer.firstTokenUs < answer.totalUs);
        QCOMPARE(answer.usage.totalTokens(), qint64(19));
        QVERIFY2(seen.contains(QStringLiteral("it")) || seen.contains(QStringLiteral("it is")) || seen.contains(QStringLiteral("it ")), qPrintable(seen.join(QLatin1Char('|'))));
        QVERIFY(answer.prompt.contains(QStringLiteral("double@1")));
    }

    void missingVariablesAreNamed()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        QVERIFY(playground.missingVariables(0).isEmpty());
        playground.setRow(0, PlaygroundRow());
        QCOMPARE(playground.missingVariables(0), QStringList{QStringLiteral("kind")});
    }

    void repeatsShowTheSpread()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        for (int i = 0; i < 5; ++i)
            bench.server.enqueue(ScriptedAnswer::say(i < 3 ? QStringLiteral("42") : QStringLiteral("about %1").arg(i)).usage(12, 7));
        bench.server.enqueue(ScriptedAnswer::serverError(500));
        playground.repeat(1, 0, 6);
        need(done(playground.finished()));
        QCOMPARE(int(playground.answers(1, 0).size()), 6);
        const PlaygroundSpread spread = playground.spread(1, 0);
        QCOMPARE(spread.answers, 5);
        QCOMPARE(spread.failed, 1);
        QCOMPARE(spread.latency.count, 5);
        QVERIFY(spread.latency.low <= spread.latency.mean && spread.latency.mean <= spread.latency.high);
        QCOMPARE(spread.tokens.mean, 19.0);
        QCOMPARE(spread.tokens.deviation, 0.0);
        QCOMPARE(int(spread.outputs.size()), 3);
        QCOMPARE(spread.outputs.front(), std::make_pair(QStringLiteral("42"), 3));
        int done0 = 0; // whichever of the six was refused
        while (playground.answers(1, 0)[size_t(done0)].status != RunStatus::Done)
            ++done0;
        need(await(playground.rate(1, 0, done0, 4)));
        QVERIFY(!await(playground.rate(1, 0, done0, 9)));
        QCOMPARE(playground.spread(1, 0).stars.mean, 4.0);
    }

    void regeneratingReplacesTheNewest()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        playground.start();
        need(done(playground.finished()));
        const RunId first = playground.answers(1, 0).back().run;
        bench.server.enqueue(ScriptedAnswer::say(QStringLiteral("forty-two")));
        playground.regenerate(1, 0);
        need(done(playground.finished()));
        QCOMPARE(int(playground.answers(1, 0).size()), 1);
        QCOMPARE(playground.answers(1, 0).back().output, QStringLiteral("forty-two"));
        QVERIFY(playground.answers(1, 0).back().run != first);
        QVERIFY(bench.session->project().runs().run(first).ok()); // still a run
    }

    void aConversationHearsWhatWasSaid()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        playground.setConversation(true);
        playground.start();
        need(done(playground.finished()));
        bench.server.setResponder([](const SeenChat &chat) { return ScriptedAnswer::say(QStringLiteral("%1 messages").arg(chat.messages)); });
        playground.say(QStringLiteral("And now?"));
        need(done(playground.finished()));
        QCOMPARE(int(playground.answers(0, 0).size()), 2);
        const PlaygroundAnswer second = playground.answers(0, 0).back();
        QCOMPARE(second.turn, 1);
        QCOMPARE(second.said, QStringLiteral("And now?"));
        QCOMPARE(second.output, QStringLiteral("4 messages")); // instructions, input, answer, turn
        const QJsonArray messages = bench.server.chats().back().body.value(QStringLiteral("messages")).toArray();
        QCOMPARE(messages.at(1).toObject().value(QStringLiteral("content")).toString(), QStringLiteral("21"));
        QCOMPARE(messages.at(2).toObject().value(QStringLiteral("role")).toString(), QStringLiteral("assistant"));
        // The turn is a run that replays.
        const auto replay = await(bench.session->replay(second.run, CancelToken()));
        QVERIFY(replay.ok());
        QVERIFY2(replay->same, qPrintable(replay->firstDifference));
        playground.restartConversation();
        QVERIFY(playground.answers(0, 0).empty());
    }

    void rowsOfADatasetGoToAllColumns()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        QVERIFY(!playground.setRows(QStringLiteral("nosuch"), QString(), QString()));
        QVERIFY(!playground.setRows(QStringLiteral("numbers"), QStringLiteral("3-99"), QString()));
        need(playground.setRows(QStringLiteral("numbers"), QStringLiteral("2-3, 6"), QString()));
        QCOMPARE(int(playground.rows().size()), 3);
        playground.start();
        need(done(playground.finished()));
        QCOMPARE(bench.requests(), 6);
        QCOMPARE(playground.answers(0, 2).back().output, QStringLiteral("6"));
        QCOMPARE(playground.answers(1, 2).back().output, QStringLiteral("12"));
        // Blind: shuffled in each row, chosen by position, tallied by column.
        playground.setBlind(true);
        for (int row = 0; row < 3; ++row) {
            const auto order = playground.order(row);
            QCOMPARE(int(order.size()), 2);
            playground.choose(row, row == 2 ? -1 : order[0] == 1 ? 0 : 1);
        }
        const auto tally = playground.tally();
        QCOMPARE(tally[1].wins, 2);
        QCOMPARE(tally[0].losses, 2);
        QCOMPARE(tally[0].ties, 1);
        // It all comes back.
        bench.close();
        bench.open();
        Playground &again = bench.session->playground();
        QCOMPARE(int(again.columns().size()), 2);
        QCOMPARE(int(again.rows().size()), 3);
        QCOMPARE(again.answers(1, 2).back().output, QStringLiteral("12"));
        QVERIFY(again.blind());
        QCOMPARE(again.tally()[1].wins, 2);
        QCOMPARE(again.dataset(), QStringLiteral("numbers"));
        again.moveColumn(1, 0);
        QCOMPARE(again.answers(0, 2).back().output, QStringLiteral("12"));
        again.clearRows();
        QCOMPARE(int(again.rows().size()), 1);
    }

    void stoppingAndWhatCannotRun()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        bench.server.setResponder([](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("late")).slowHead(600'000); });
        playground.start();
        QTRY_COMPARE_WITH_TIMEOUT(bench.requests(), 2, 30'000);
        QElapsedTimer timer;
        timer.start();
        playground.stop();
        need(done(playground.finished()));
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(playground.answers(0, 0).back().status, RunStatus::Cancelled);
        VariantSpec broken = variant("gone");
        need(playground.setColumn(0, broken));
        bench.server.setResponder(ExperimentBench::respond);
        playground.start();
        need(done(playground.finished()));
        QCOMPARE(playground.answers(0, 0).back().status, RunStatus::Failed);
        QVERIFY(playground.answers(0, 0).back().error->message.contains(QStringLiteral("gone")));
        QCOMPARE(playground.answers(1, 0).back().output, QStringLiteral("42"));
        need(playground.addColumn(variant("square")));
        need(playground.addColumn(variant("square")));
        QVERIFY(!playground.addColumn(variant("square")));
    }

    void whatIsGoodIsPromoted()
    {
        ExperimentBench bench;
        Playground &playground = prepared(bench);
        playground.start();
        need(done(playground.finished()));
        const auto kept = await(playground.promoteExample(1, 0, 0, QStringLiteral("numbers"), QString()));
        QVERIFY2(kept.ok(), kept ? "" : qPrintable(kept.error().message));
        QCOMPARE(kept->number, 2);
        const auto data = need(bench.session->dataset(QStringLiteral("numbers")));
        QCOMPARE(int(data.rows.size()), 7);
        QCOMPARE(data.rowObject(6), (QJsonObject{{QStringLiteral("input"), QStringLiteral("21")},
                                                 {QStringLiteral("kind"), QStringLiteral("number")},
                                                 {QStringLiteral("expected"), QStringLiteral("42")}}));
        need(await(playground.promoteExample(0, 0, 0, QStringLiteral("fresh"), QStringLiteral("bad"))));
        QCOMPARE(need(bench.session->dataset(QStringLiteral("fresh"))).columns,
                 (QStringList{QStringLiteral("input"), QStringLiteral("kind"), QStringLiteral("bad")}));

        const ArtifactId prompt = bench.find(ArtifactKind::Prompt, "plain");
        need(bench.session->edit(prompt, QStringLiteral("/text"), QStringLiteral("Say the double, please."), QStringLiteral("test")));
        need(playground.setColumn(0, variant("plain@draft")));
        const auto revision = await(playground.promoteVariant(0, QStringLiteral("doubles now")));
        QVERIFY2(revision.ok(), revision ? "" : qPrintable(revision.error().message));
        QCOMPARE(revision->number, 2);
        QCOMPARE(revision->note, QStringLiteral("doubles now"));
        // Into an agent.
        bench.add(ArtifactKind::Agent, "counter",
                  {{QStringLiteral("job"), QStringLiteral("Counts.")},
                   {QStringLiteral("prompt"), QStringLiteral("square")},
                   {QStringLiteral("pattern"), QStringLiteral("direct")},
                   {QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), QStringLiteral("local")}, {QStringLiteral("model"), QStringLiteral("m1")}}}});
        VariantSpec changed = variant("double");
        changed.agent = QStringLiteral("counter");
        changed.parameters = {{QStringLiteral("temperature"), 0.5}, {QStringLiteral("top_p"), 0.9}, {QStringLiteral("seed"), 7}};
        need(playground.setColumn(1, changed));
        playground.startColumn(1);
        need(done(playground.finished()));
        QCOMPARE(playground.answers(1, 0).back().output, QStringLiteral("42"));
        const QJsonObject body = bench.server.chats().back().body;
        QCOMPARE(body.value(QStringLiteral("temperature")).toDouble(), 0.5);
        QCOMPARE(body.value(QStringLiteral("top_p")).toDouble(), 0.9);
        QCOMPARE(body.value(QStringLiteral("seed")).toInt(), 7);
        QCOMPARE(body.value(QStringLiteral("model")).toString(), QStringLiteral("test-model"));
        const auto agent = await(playground.promoteVariant(1, QStringLiteral("from the playground")));
        QVERIFY2(agent.ok(), agent ? "" : qPrintable(agent.error().message));
        const auto now = need(bench.session->project().artifacts().resolve(ArtifactKind::Agent, QStringLiteral("counter")));
        QCOMPARE(now.number, 2);
        QCOMPARE(now.body.value(QStringLiteral("prompt")).toString(), QStringLiteral("double"));
        QCOMPARE(now.body.value(QStringLiteral("temperature")).toDouble(), 0.5);
        QCOMPARE(now.body.value(QStringLiteral("model")).toObject().value(QStringLiteral("model")).toString(), QStringLiteral("test-model"));
    }
};

QTEST_GUILESS_MAIN(TestPlayground)
#include "tst_Playground.moc"
