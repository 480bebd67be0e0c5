// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluation/Judge.h"
#include "tests/support/Await.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
// Answers in order, and what was asked.
struct Bench {
    CheckWorld world;
    std::vector<Result<QString>> replies;
    std::vector<JudgeCall> calls;
    bool hangs = false; // the judge answers only when it is cancelled
    Bench()
    {
        world.judge = [this](JudgeCall call, CancelToken cancel) {
            return judge(std::move(call), cancel);
        };
        world.text = [](const QString &name, const QJsonObject &values) {
            return name + QLatin1Char('|') + values.value(QLatin1String("first")).toString()
                   + QLatin1Char('|') + values.value(QLatin1String("second")).toString()
                   + QLatin1Char('|') + values.value(QLatin1String("rubric")).toString();
        };
    }
    Task<Result<QString>> judge(JudgeCall call, CancelToken cancel)
    {
        calls.push_back(call);
        const size_t number = calls.size() - 1;
        if (hangs) {
            const Completion<Result<QString>> later;
            const auto registration =
                cancel.onCancelled([later] { later.complete(Error::cancelled()); });
            Result<QString> answer = co_await later;
            co_return answer;
        }
        co_return number < replies.size() ? replies[number] : Result<QString>(QString());
    }
};

PairQuestion question()
{
    PairQuestion pair;
    pair.task = QStringLiteral("task");
    pair.rubric = QStringLiteral("short");
    pair.left = QStringLiteral("L");
    pair.right = QStringLiteral("R");
    return pair;
}

PairVerdict verdict(int winner, bool valid = true)
{
    PairVerdict made;
    made.valid = valid;
    made.winner = winner;
    made.reason = QStringLiteral("because");
    return made;
}
} // namespace

class TestJudge : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsVerdicts_data()
    {
        QTest::addColumn<QString>("answer");
        QTest::addColumn<QString>(
            "shown"); // what was said of the outputs in the order shown: 1, 2, tie, none
        const auto row = [](const char *answer, const char *shown) {
            QTest::newRow(answer) << QString::fromUtf8(answer) << QString::fromLatin1(shown);
        };
        row(R"({"reason": "r", "winner": "1"})", "1");
        row(R"({"reason": "r", "winner": 2})", "2");
        row(R"({"reason": "r", "winner": "tie"})", "tie");
        row(R"({"winner": "Output 2"})", "2");
        row(R"({"winner": "output_1"})", "1");
        row(R"({"Winner": "A"})", "1");
        row(R"({"verdict": "B"})", "2");
        row(R"({"winner": "neither"})", "tie");
        row("Thinking...\n```json\n{\"reason\": \"x {y}\", \"winner\": \"2\",}\n```\nDone.", "2");
        row("First A seems good. [[B]]", "2");
        row("[[C]]", "tie");
        row("Winner: 1", "1");
        row("The winner is output 2.", "2");
        row("2", "2");
        row("Tie", "tie");
        row(R"({"winner": "both are bad"})", "none");
        row(R"({"winner": 3})", "none");
        row(R"({"score": 1})", "none");
        row("I cannot decide that.", "none");
        row("", "none");
        row("{\"winner\":", "none");
    }
    void readsVerdicts()
    {
        QFETCH(QString, answer);
        QFETCH(QString, shown);
        for (const bool swapped : {false, true}) {
            const PairVerdict got = parsePairVerdict(answer, swapped);
            const int first = swapped ? 1 : 0;
            QCOMPARE(got.valid, shown != QLatin1String("none"));
            QCOMPARE(got.winner, shown == QLatin1String("1")   ? first
                                 : shown == QLatin1String("2") ? 1 - first
                                                               : -1);
            QVERIFY(got.valid || !got.reason.isEmpty());
        }
    }

    void combinesOrders_data()
    {
        QTest::addColumn<int>("forward"); // -2: invalid
        QTest::addColumn<int>("backward");
        QTest::addColumn<int>("winner");
        QTest::addColumn<bool>("inconsistent");
        QTest::addColumn<bool>("valid");
        QTest::newRow("left") << 0 << 0 << 0 << false << true;
        QTest::newRow("right") << 1 << 1 << 1 << false << true;
        QTest::newRow("tie") << -1 << -1 << -1 << false << true;
        QTest::newRow("always the first shown") << 0 << 1 << -1 << true << true;
        QTest::newRow("tie and left") << -1 << 0 << -1 << true << true;
        QTest::newRow("one order only") << 0 << -2 << -1 << true << true;
        QTest::newRow("one order, tie") << -2 << -1 << -1 << false << true;
        QTest::newRow("none") << -2 << -2 << -1 << false << false;
    }
    void combinesOrders()
    {
        QFETCH(int, forward);
        QFETCH(int, backward);
        QFETCH(int, winner);
        QFETCH(bool, inconsistent);
        QFETCH(bool, valid);
        const PairJudgement got =
            combinePairVerdicts(verdict(forward == -2 ? -1 : forward, forward != -2),
                                verdict(backward == -2 ? -1 : backward, backward != -2));
        QCOMPARE(got.winner, winner);
        QCOMPARE(got.inconsistent, inconsistent);
        QCOMPARE(got.valid, valid);
        QVERIFY(got.reason.contains(QLatin1String("because")));
    }

    void asksInBothOrders()
    {
        Bench bench;
        bench.replies = {QStringLiteral(R"({"reason": "L is shorter", "winner": "1"})"),
                         QStringLiteral(R"({"reason": "still L", "winner": "2"})")};
        const auto got =
            await(judgePair(question(), QStringLiteral("o/judge"), &bench.world, CancelToken()));
        QVERIFY(got && got->valid && got->winner == 0 && !got->inconsistent);
        QCOMPARE(got->reason, QStringLiteral("L is shorter"));
        QCOMPARE(got->backward.reason, QStringLiteral("still L"));
        QCOMPARE(bench.calls.size(), size_t(2));
        QCOMPARE(bench.calls[0].user, QStringLiteral("judges/pairwise|L|R|short"));
        QCOMPARE(bench.calls[1].user, QStringLiteral("judges/pairwise|R|L|short"));
        QCOMPARE(bench.calls[1].model, QStringLiteral("o/judge"));
    }

    void aGeneralRubricStandsIn()
    {
        Bench bench;
        PairQuestion pair = question();
        pair.rubric.clear();
        (void)await(judgePair(pair, QString(), &bench.world, CancelToken()));
        QVERIFY(bench.calls[0].user.contains(QLatin1String("judges/pairwise_rubric")));
    }

    void sameOutputsCostNothing()
    {
        Bench bench;
        PairQuestion pair = question();
        pair.right = pair.left;
        const auto got = await(judgePair(pair, QString(), &bench.world, CancelToken()));
        QVERIFY(got && got->valid && got->winner == -1 && bench.calls.empty());
    }

    void nonsenseFailureAndCancel()
    {
        Bench bench;
        bench.replies = {QStringLiteral("Hm."), QStringLiteral("Well.")};
        const auto nonsense = await(judgePair(question(), QString(), &bench.world, CancelToken()));
        QVERIFY(nonsense && !nonsense->valid && nonsense->reason.contains(QLatin1String("Hm.")));

        Bench half;
        half.replies = {Error(ErrorKind::Timeout, QStringLiteral("Too slow.")),
                        QStringLiteral(R"({"winner": "1"})")};
        const auto one = await(judgePair(question(), QString(), &half.world, CancelToken()));
        QVERIFY(one && one->valid && one->winner == -1 && one->inconsistent);

        Bench dead;
        dead.replies = {Error(ErrorKind::Unreachable, QStringLiteral("Nobody there.")),
                        Error(ErrorKind::Unreachable, QStringLiteral("Nobody there."))};
        const auto none = await(judgePair(question(), QString(), &dead.world, CancelToken()));
        QVERIFY(!none && none.error().kind == ErrorKind::Unreachable);

        Bench slow;
        slow.hangs = true;
        CancelSource cancel;
        auto task = judgePair(question(), QString(), &slow.world, cancel.token());
        cancel.cancel();
        const auto stopped = await(std::move(task));
        QVERIFY(!stopped && stopped.error().kind == ErrorKind::Cancelled);

        const CheckWorld nothing;
        QVERIFY(!await(judgePair(question(), QString(), &nothing, CancelToken())));
    }
};

QTEST_GUILESS_MAIN(TestJudge)
#include "tst_Judge.moc"
