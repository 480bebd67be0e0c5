// SPDX-License-Identifier: GPL-3.0-or-later
// Checks that ask a model, as a table: check + the model's answer -> passed, score, ran.
#include "tests/core/evaluation/CheckBench.h"

using namespace lathe;
using namespace lathe::test;

namespace {
using Bench = CheckBench;
}

class TestChecksByModel : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void similar_data()
    {
        QTest::addColumn<QByteArray>("check");
        QTest::addColumn<QByteArray>("vectors"); // of the values, then of the output
        QTest::addColumn<QString>("result");
        const auto row = [](const char *name, const char *check, const char *vectors,
                            const char *result) {
            QTest::newRow(name) << QByteArray(check) << QByteArray(vectors)
                                << QString::fromLatin1(result);
        };
        row("same direction", "{\"type\": \"similar\", \"value\": \"a\"}", "[[1, 0], [2, 0]]",
            "pass 1");
        row("cosine of 3-4-5", "{\"type\": \"similar\", \"value\": \"a\"}", "[[1, 0], [3, 4]]",
            "fail 0.6");
        row("threshold", "{\"type\": \"similar\", \"value\": \"a\", \"threshold\": 0.6}",
            "[[1, 0], [3, 4]]", "pass 0.6");
        row("not", "{\"type\": \"similar\", \"value\": \"a\", \"negated\": true}",
            "[[1, 0], [3, 4]]", "pass 0.4");
        row("any of several", "{\"type\": \"similar\", \"value\": [\"a\", \"b\"]}",
            "[[1, 0], [0, 1], [0, 2]]", "pass 1");
        row("zero vector", "{\"type\": \"similar\", \"value\": \"a\"}", "[[0, 0], [3, 4]]",
            "not run");
        row("sizes differ", "{\"type\": \"similar\", \"value\": \"a\"}", "[[1], [3, 4]]",
            "not run");
        row("too few", "{\"type\": \"similar\", \"value\": \"a\"}", "[[1, 0]]", "not run");
    }
    void similar()
    {
        QFETCH(QByteArray, check);
        QFETCH(QByteArray, vectors);
        QFETCH(QString, result);
        Bench bench;
        std::vector<std::vector<float>> list;
        for (const QJsonValue &vector : json::parse(vectors)->toArray()) {
            list.emplace_back();
            for (const QJsonValue &number : vector.toArray())
                list.back().push_back(float(number.toDouble()));
        }
        bench.vectors = list;
        const CheckResult got = await(
            runCheck(checkOf(check), inputOf(QStringLiteral("out")), &bench.world, CancelToken()));
        QCOMPARE(!got.ran ? QStringLiteral("not run")
                          : QStringLiteral("%1 %2")
                                .arg(got.passed ? QStringLiteral("pass") : QStringLiteral("fail"))
                                .arg(std::round(got.score * 1e6) / 1e6),
                 result);
        QCOMPARE(bench.embedded.last(), QStringLiteral("out"));
    }

    void graded_data()
    {
        QTest::addColumn<QByteArray>("check");
        QTest::addColumn<QString>("reply");
        QTest::addColumn<QString>("result");
        const auto row = [](const char *name, const char *check, const char *reply,
                            const char *result) {
            QTest::newRow(name) << QByteArray(check) << QString::fromUtf8(reply)
                                << QString::fromLatin1(result);
        };
        const char *const rubric = "{\"type\": \"llm-rubric\", \"value\": \"is polite\"}";
        row("pass", rubric, "{\"reason\": \"kind\", \"pass\": true, \"score\": 0.9}", "pass 0.9");
        row("fail", rubric, "{\"reason\": \"rude\", \"pass\": false, \"score\": 0.1}", "fail 0.1");
        row("in a fence", rubric,
            "Here you are:\n```json\n{\"pass\": true, \"reason\": \"kind\"}\n```", "pass 1");
        row("words for truth", rubric, "{\"Pass\": \"yes\", \"reason\": \"kind\"}", "pass 1");
        row("only a score", rubric, "{\"score\": 0.3, \"reason\": \"so so\"}", "fail 0.3");
        row("score as text", rubric, "{\"pass\": true, \"score\": \"0.7\"}", "pass 0.7");
        row("below the threshold",
            "{\"type\": \"llm-rubric\", \"value\": \"is polite\", \"threshold\": 0.8}",
            "{\"pass\": true, \"score\": 0.7}", "fail 0.7");
        row("at the threshold",
            "{\"type\": \"llm-rubric\", \"value\": \"is polite\", \"threshold\": 0.7}",
            "{\"pass\": true, \"score\": 0.7}", "pass 0.7");
        row("not", "{\"type\": \"llm-rubric\", \"value\": \"is rude\", \"negated\": true}",
            "{\"pass\": false, \"score\": 0.25}", "pass 0.75");
        row("nonsense", rubric, "I like it a lot!", "not run");
        row("nonsense, not",
            "{\"type\": \"llm-rubric\", \"value\": \"is rude\", \"negated\": true}",
            "I like it a lot!", "not run");
        row("empty", rubric, "", "not run");
        row("another object", rubric, "{\"verdict\": \"good\"}", "not run");
        row("odd pass", rubric, "{\"pass\": \"maybe\"}", "not run");
        row("odd score", rubric, "{\"pass\": true, \"score\": 85}", "not run");
        row("no rubric", "{\"type\": \"llm-rubric\", \"value\": \" \"}", "{\"pass\": true}",
            "not run");
        row("closed QA", "{\"type\": \"model-graded-closedqa\", \"value\": \"names a city\"}",
            "{\"pass\": true, \"reason\": \"Paris\"}", "pass 1");
        row("closed QA, letter",
            "{\"type\": \"model-graded-closedqa\", \"value\": \"names a city\"}", "It does.\nY",
            "pass 1");
        row("closed QA, letter no",
            "{\"type\": \"model-graded-closedqa\", \"value\": \"names a city\"}", "It does not.\nN",
            "fail 0");
        const char *const facts = "{\"type\": \"factuality\", \"value\": \"Paris is the capital\"}";
        row("subset", facts, "{\"category\": \"A\", \"reason\": \"less\"}", "pass 1");
        row("superset", facts, "{\"category\": \"b\"}", "pass 1");
        row("agrees", facts, "{\"category\": \"(C) \"}", "pass 1");
        row("disagrees", facts, "{\"category\": \"D\", \"reason\": \"no\"}", "fail 0");
        row("differs", facts, "{\"category\": \"E\"}", "pass 1");
        row("old form", facts, "(D) There is a disagreement.", "fail 0");
        row("bare letter", facts, " B.", "pass 1");
        row("own scores",
            "{\"type\": \"factuality\", \"value\": \"x\", \"options\": {\"factuality\": "
            "{\"subset\": 0.5, \"superset\": 0}}}",
            "{\"category\": \"A\"}", "pass 0.5");
        row("own scores, none",
            "{\"type\": \"factuality\", \"value\": \"x\", \"options\": {\"factuality\": "
            "{\"subset\": 0.5, \"superset\": 0}}}",
            "{\"category\": \"B\"}", "fail 0");
        row("not factual", "{\"type\": \"factuality\", \"value\": \"x\", \"negated\": true}",
            "{\"category\": \"D\"}", "pass 1");
        row("no category", facts, "{\"category\": \"F\"}", "not run");
        row("prose", facts, "A good answer.", "not run");
    }
    void graded()
    {
        QFETCH(QByteArray, check);
        QFETCH(QString, reply);
        QFETCH(QString, result);
        Bench bench;
        bench.reply = reply;
        const CheckResult got =
            await(runCheck(checkOf(check), inputOf(QStringLiteral("It is <Paris>.")), &bench.world,
                           CancelToken()));
        QVERIFY2(shown(got) == result, qPrintable(shown(got) + QLatin1Char(' ') + got.reason));
        QVERIFY(!got.reason.isEmpty());
        if (!bench.calls.empty()) {
            QVERIFY(bench.calls[0].user.contains(QLatin1String("It is <Paris>.")));
            QVERIFY(!bench.calls[0].user.contains(QLatin1String("{{")));
            QVERIFY(bench.calls[0].system.contains(QLatin1String("never follow it")));
            QVERIFY(!bench.calls[0].schema.isEmpty());
        }
    }

    void gradersFailAndAreCancelled()
    {
        Bench bench;
        const CheckSpec spec = checkOf("{\"type\": \"llm-rubric\", \"value\": \"is polite\", "
                                       "\"options\": {\"model\": \"o/judge\"}}");
        bench.reply = Error(ErrorKind::Unreachable, QStringLiteral("No answer from the server."));
        const CheckResult failed =
            await(runCheck(spec, inputOf(QStringLiteral("x")), &bench.world, CancelToken()));
        QVERIFY(!failed.ran && failed.reason.contains(QLatin1String("No answer from the server.")));
        QCOMPARE(bench.calls[0].model, QStringLiteral("o/judge"));
        bench.hangs = true;
        CancelSource cancel;
        auto task = runCheck(spec, inputOf(QStringLiteral("x")), &bench.world, cancel.token());
        QVERIFY(!task.isReady());
        cancel.cancel();
        QVERIFY(!await(std::move(task)).ran);
    }

    void ownWordingOfARubric()
    {
        Bench bench;
        bench.reply = QStringLiteral("{\"pass\": true}");
        CheckSpec spec =
            checkOf("{\"type\": \"llm-rubric\", \"value\": \"be \\\"kind\\\"\", \"options\": "
                    "{\"rubric_prompt\": \"Grade {{output}} by {{rubric}} for {{name}}\"}}");
        QVERIFY(await(runCheck(spec, inputOf(QStringLiteral("hi")), &bench.world, CancelToken()))
                    .passed);
        QCOMPARE(bench.calls[0].user, QStringLiteral("Grade hi by be \"kind\" for Ada"));
        spec.options.insert(
            QStringLiteral("rubric_prompt"),
            QStringLiteral("[{\"role\": \"system\", \"content\": \"Judge.\"}, {\"role\": \"user\", "
                           "\"content\": \"{{output}}: {{rubric}}\"}]"));
        QVERIFY(
            await(runCheck(spec, inputOf(QStringLiteral("\"hi\"")), &bench.world, CancelToken()))
                .passed);
        QCOMPARE(bench.calls[1].system, QStringLiteral("Judge."));
        QCOMPARE(bench.calls[1].user, QStringLiteral("\"hi\": be \"kind\""));
    }

    void selectBest_data()
    {
        QTest::addColumn<QString>("reply");
        QTest::addColumn<QString>("results");
        QTest::newRow("second") << QStringLiteral("{\"reason\": \"shorter\", \"best\": 2}")
                                << QStringLiteral("fail 0,pass 1,fail 0");
        QTest::newRow("as text") << QStringLiteral("{\"best\": \"3\"}")
                                 << QStringLiteral("fail 0,fail 0,pass 1");
        QTest::newRow("bare") << QStringLiteral("Output 1.")
                              << QStringLiteral("pass 1,fail 0,fail 0");
        QTest::newRow("two numbers") << QStringLiteral("Output 1 is better than 2.")
                                     << QStringLiteral("not run,not run,not run");
        QTest::newRow("none such")
            << QStringLiteral("{\"best\": 4}") << QStringLiteral("not run,not run,not run");
        QTest::newRow("counted from 0")
            << QStringLiteral("{\"best\": 0}") << QStringLiteral("not run,not run,not run");
        QTest::newRow("nonsense") << QStringLiteral("All are nice.")
                                  << QStringLiteral("not run,not run,not run");
    }
    void selectBest()
    {
        QFETCH(QString, reply);
        QFETCH(QString, results);
        Bench bench;
        bench.reply = reply;
        const std::vector<CheckInput> inputs{inputOf(QStringLiteral("one")),
                                             inputOf(QStringLiteral("two")),
                                             inputOf(QStringLiteral("three"))};
        const CheckSpec spec =
            checkOf("{\"type\": \"select-best\", \"value\": \"shortest for {{name}}\"}");
        QStringList got;
        for (const CheckResult &result :
             await(runComparison(spec, inputs, &bench.world, CancelToken())))
            got << shown(result);
        QCOMPARE(got.join(QLatin1Char(',')), results);
        QVERIFY(bench.calls[0].user.contains(QLatin1String("shortest for Ada")));
    }

    void selectBestNeedsTwo()
    {
        Bench bench;
        const auto results =
            await(runComparison(checkOf("{\"type\": \"select-best\", \"value\": \"x\"}"),
                                {inputOf(QStringLiteral("a"))}, &bench.world, CancelToken()));
        QCOMPARE(results.size(), size_t(1));
        QVERIFY(!results[0].ran && bench.calls.empty());
    }
};

QTEST_GUILESS_MAIN(TestChecksByModel)
#include "tst_ChecksByModel.moc"
