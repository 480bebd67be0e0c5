// SPDX-License-Identifier: GPL-3.0-or-later
// Checks as a table: check + output -> passed, score, ran. Expectations are what promptfoo documents of each assertion type.
#include "tests/core/evaluation/CheckBench.h"

#include <QElapsedTimer>

using namespace lathe;
using namespace lathe::test;

namespace {
using Bench = CheckBench;
}

class TestChecks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyTypeIsDescribed()
    {
        QSet<QString> seen;
        for (const CheckTypeInfo &info : checkTypes()) {
            QVERIFY(!info.title.isEmpty() && info.help.endsWith(QLatin1Char('.')));
            QVERIFY2(!seen.contains(info.type), qPrintable(info.type));
            seen.insert(info.type);
            QCOMPARE(checkType(info.type), &info);
        }
        for (const char *named : {"equals",
                                  "contains",
                                  "icontains",
                                  "contains-all",
                                  "contains-any",
                                  "icontains-all",
                                  "icontains-any",
                                  "starts-with",
                                  "regex",
                                  "is-json",
                                  "contains-json",
                                  "levenshtein",
                                  "similar",
                                  "rouge-n",
                                  "bleu",
                                  "javascript",
                                  "cost",
                                  "latency",
                                  "is-valid-openai-tools-call",
                                  "llm-rubric",
                                  "select-best",
                                  "factuality",
                                  "assert-set"})
            QVERIFY2(seen.contains(QString::fromLatin1(named)), named);
        QVERIFY(!checkType(QStringLiteral("not-equals")));
    }

    void pure_data()
    {
        QTest::addColumn<QByteArray>("check");
        QTest::addColumn<QString>("output");
        QTest::addColumn<QString>("result");
        QTest::addColumn<QString>("negated");
        const auto row = [](const char *name, const char *check, const char *output,
                            const char *result, const char *negated) {
            QTest::newRow(name) << QByteArray(check) << QString::fromUtf8(output)
                                << QString::fromLatin1(result) << QString::fromLatin1(negated);
        };
        row("equals", "{\"type\": \"equals\", \"value\": \"Paris\"}", "Paris", "pass 1", "fail 0");
        row("equals, spaces", "{\"type\": \"equals\", \"value\": \"Paris\"}", "Paris ", "fail 0",
            "pass 1");
        row("equals the expected", "{\"type\": \"equals\"}", "Paris", "pass 1", "fail 0");
        row("equals a var", "{\"type\": \"equals\", \"value\": \"Hello {{name}}\"}", "Hello Ada",
            "pass 1", "fail 0");
        row("equals a number", "{\"type\": \"equals\", \"value\": 42}", "42", "pass 1", "fail 0");
        row("equals a var that is a number", "{\"type\": \"equals\", \"value\": \"{{n}}\"}", "42",
            "pass 1", "fail 0");
        row("equals JSON", "{\"type\": \"equals\", \"value\": {\"a\": 1, \"b\": [2]}}",
            "{\"b\": [2.0], \"a\": 1}", "pass 1", "fail 0");
        row("equals JSON in a var", "{\"type\": \"equals\", \"value\": \"{{object}}\"}",
            "{ \"a\": 1 }", "pass 1", "fail 0");
        row("equals other JSON", "{\"type\": \"equals\", \"value\": {\"a\": 1}}", "{\"a\": 2}",
            "fail 0", "pass 1");
        row("equals JSON, no JSON", "{\"type\": \"equals\", \"value\": {\"a\": 1}}", "a is 1",
            "fail 0", "pass 1");
        row("contains", "{\"type\": \"contains\", \"value\": \"ar\"}", "Paris", "pass 1", "fail 0");
        row("contains, case", "{\"type\": \"contains\", \"value\": \"paris\"}", "Paris", "fail 0",
            "pass 1");
        row("contains a number", "{\"type\": \"contains\", \"value\": 42}", "It is 42.", "pass 1",
            "fail 0");
        row("contains nothing", "{\"type\": \"contains\", \"value\": \"\"}", "Paris", "not run",
            "not run");
        row("icontains", "{\"type\": \"icontains\", \"value\": \"pARIS\"}", "in Paris", "pass 1",
            "fail 0");
        row("contains-all", "{\"type\": \"contains-all\", \"value\": [\"red\", \"green\"]}",
            "green and red", "pass 1", "fail 0");
        row("contains-all, one missing",
            "{\"type\": \"contains-all\", \"value\": [\"red\", \"blue\"]}", "green and red",
            "fail 0", "pass 1");
        row("contains-all of a text", "{\"type\": \"contains-all\", \"value\": \"red, green\"}",
            "green and red", "pass 1", "fail 0");
        row("contains-all of a var", "{\"type\": \"contains-all\", \"value\": \"{{words}}\"}",
            "green and red", "pass 1", "fail 0");
        row("contains-all, case", "{\"type\": \"contains-all\", \"value\": [\"Red\"]}", "red",
            "fail 0", "pass 1");
        row("icontains-all", "{\"type\": \"icontains-all\", \"value\": [\"Red\", \"GREEN\"]}",
            "green and red", "pass 1", "fail 0");
        row("contains-any", "{\"type\": \"contains-any\", \"value\": [\"blue\", \"red\"]}", "red",
            "pass 1", "fail 0");
        row("contains-any, none", "{\"type\": \"contains-any\", \"value\": [\"blue\", \"pink\"]}",
            "red", "fail 0", "pass 1");
        row("contains-any, quoted comma",
            "{\"type\": \"contains-any\", \"value\": \"\\\"a, b\\\", c\"}", "x a, b x", "pass 1",
            "fail 0");
        row("contains-any, quote not closed",
            "{\"type\": \"contains-any\", \"value\": \"\\\"a, b\"}", "a", "not run", "not run");
        row("contains-any, nothing", "{\"type\": \"contains-any\", \"value\": []}", "a", "not run",
            "not run");
        row("icontains-any", "{\"type\": \"icontains-any\", \"value\": [\"BLUE\", \"RED\"]}", "red",
            "pass 1", "fail 0");
        row("starts-with", "{\"type\": \"starts-with\", \"value\": \"Yes\"}", "Yes, sir", "pass 1",
            "fail 0");
        row("starts-with, case", "{\"type\": \"starts-with\", \"value\": \"yes\"}", "Yes, sir",
            "fail 0", "pass 1");
        row("regex", "{\"type\": \"regex\", \"value\": \"\\\\d{4}\"}", "in 1999", "pass 1",
            "fail 0");
        row("regex, none", "{\"type\": \"regex\", \"value\": \"^\\\\d+$\"}", "in 1999", "fail 0",
            "pass 1");
        row("regex, JavaScript's escapes",
            "{\"type\": \"regex\", \"value\": \"^[^]\\\\u00e9\\\\u{1F600}$\"}",
            "\n\u00e9\U0001F600", "pass 1", "fail 0");
        row("regex, broken", "{\"type\": \"regex\", \"value\": \"(a\"}", "a", "not run", "not run");
        row("is-json", "{\"type\": \"is-json\"}", "{\"a\": 1}", "pass 1", "fail 0");
        row("is-json, list", "{\"type\": \"is-json\"}", " [1] ", "pass 1", "fail 0");
        row("is-json, number", "{\"type\": \"is-json\"}", "1", "pass 1", "fail 0");
        row("is-json, prose", "{\"type\": \"is-json\"}", "Here: {\"a\": 1}", "fail 0", "pass 1");
        row("is-json, schema",
            "{\"type\": \"is-json\", \"value\": {\"type\": \"object\", \"required\": [\"a\"]}}",
            "{\"a\": 1}", "pass 1", "fail 0");
        row("is-json, schema missed", "{\"type\": \"is-json\", \"value\": {\"required\": [\"b\"]}}",
            "{\"a\": 1}", "fail 0", "pass 1");
        row("is-json, schema as text",
            "{\"type\": \"is-json\", \"value\": \"{\\\"required\\\": [\\\"b\\\"]}\"}", "{\"a\": 1}",
            "fail 0", "pass 1");
        row("is-json, no schema", "{\"type\": \"is-json\", \"value\": \"hello\"}", "{\"a\": 1}",
            "not run", "not run");
        row("is-json, bad schema", "{\"type\": \"is-json\", \"value\": {\"type\": \"nonsense\"}}",
            "{\"a\": 1}", "not run", "not run");
        row("contains-json", "{\"type\": \"contains-json\"}", "Here: {\"a\": 1}!", "pass 1",
            "fail 0");
        row("contains-json, fence", "{\"type\": \"contains-json\"}", "```json\n{\"a\": 1}\n```",
            "pass 1", "fail 0");
        row("contains-json, none", "{\"type\": \"contains-json\"}", "Here: {a!}", "fail 0",
            "pass 1");
        row("contains-json, second fits",
            "{\"type\": \"contains-json\", \"value\": {\"required\": [\"b\"]}}",
            "{\"a\": 1} {\"b\": 2}", "pass 1", "fail 0");
        row("contains-json, none fits",
            "{\"type\": \"contains-json\", \"value\": {\"required\": [\"c\"]}}",
            "{\"a\": 1} {\"b\": 2}", "fail 0", "pass 1");
        row("levenshtein", "{\"type\": \"levenshtein\", \"value\": \"kitten\"}", "sitting",
            "pass 1", "fail 0");
        row("levenshtein, far",
            "{\"type\": \"levenshtein\", \"value\": \"kitten\", \"threshold\": 2}", "sitting",
            "fail 0", "pass 1");
        row("levenshtein, default is 5", "{\"type\": \"levenshtein\", \"value\": \"abcdef\"}",
            "ghijkl", "fail 0", "pass 1");
        row("rouge-n", "{\"type\": \"rouge-n\", \"value\": \"police killed the gunman\"}",
            "police kill the gunman", "pass 0.75", "fail 0.25");
        row("rouge-n, low",
            "{\"type\": \"rouge-n\", \"value\": \"police killed the gunman\", \"threshold\": 0.8}",
            "police kill the gunman", "fail 0.75", "pass 0.25");
        row("bleu", "{\"type\": \"bleu\", \"value\": [\"the cat sat on the mat\", \"x\"]}",
            "the cat sat on the mat", "pass 1", "fail 0");
        row("latency", "{\"type\": \"latency\", \"threshold\": 500}", "x", "pass 1", "fail 0");
        row("latency, slow", "{\"type\": \"latency\", \"threshold\": 499}", "x", "fail 0",
            "pass 1");
        row("latency, no threshold", "{\"type\": \"latency\"}", "x", "not run", "not run");
        row("cost", "{\"type\": \"cost\", \"threshold\": 0.002}", "x", "pass 1", "fail 0");
        row("cost, dear", "{\"type\": \"cost\", \"threshold\": 0.001}", "x", "fail 0", "pass 1");
        row("unknown", "{\"type\": \"is-nice\", \"value\": \"x\"}", "x", "not run", "not run");
        row("a problem",
            "{\"type\": \"equals\", \"value\": \"x\", \"problem\": \"Python is not run here.\"}",
            "x", "not run", "not run");
        row("a template that is not understood",
            "{\"type\": \"equals\", \"value\": \"{{ x | shout }}\"}", "x", "not run", "not run");
        row("select-best alone", "{\"type\": \"select-best\", \"value\": \"x\"}", "x", "not run",
            "not run");
    }
    void pure()
    {
        QFETCH(QByteArray, check);
        QFETCH(QString, output);
        QFETCH(QString, result);
        QFETCH(QString, negated);
        Bench bench;
        CheckSpec spec = checkOf(check);
        const CheckResult plain =
            await(runCheck(spec, inputOf(output), &bench.world, CancelToken()));
        QVERIFY2(shown(plain) == result,
                 qPrintable(shown(plain) + QLatin1Char(' ') + plain.reason));
        QVERIFY(plain.ran || (!plain.passed && !plain.reason.isEmpty()));
        QVERIFY2(plain.passed || !plain.reason.isEmpty(), "a failure gives its reason");
        spec.negated = true;
        const CheckResult other =
            await(runCheck(spec, inputOf(output), &bench.world, CancelToken()));
        QVERIFY2(shown(other) == negated,
                 qPrintable(shown(other) + QLatin1Char(' ') + other.reason));
    }

    void unknownCostAndLatencyAreNotPassed()
    {
        Bench bench;
        const CheckResult cost = await(runCheck(checkOf("{\"type\": \"cost\", \"threshold\": 1}"),
                                                CheckInput(), &bench.world, CancelToken()));
        QVERIFY(!cost.ran && !cost.passed);
        const CheckResult latency =
            await(runCheck(checkOf("{\"type\": \"latency\", \"threshold\": 1}"), CheckInput(),
                           &bench.world, CancelToken()));
        QVERIFY(!latency.ran && !latency.passed);
    }

    void withoutAWorldNothingPasses()
    {
        const CheckWorld nothing;
        for (const CheckTypeInfo &info : checkTypes()) {
            if (info.needs == CheckTypeInfo::Needs::Nothing)
                continue;
            CheckSpec spec;
            spec.type = info.type;
            spec.value = QStringLiteral("{\"type\": \"object\"}");
            CheckInput input = inputOf(QStringLiteral("{}"));
            input.toolCalls =
                json::parse("[{\"function\": {\"name\": \"a\", \"arguments\": \"{}\"}}]")
                    ->toArray();
            const CheckResult result = await(runCheck(spec, input, &nothing, CancelToken()));
            QVERIFY2(!result.ran && !result.passed && !result.reason.isEmpty(),
                     qPrintable(info.type));
        }
    }

    void catastrophicPatternsEnd()
    {
        Bench bench;
        QElapsedTimer timer;
        timer.start();
        for (const char *pattern :
             {"(a+)+$", "^(a|a)*$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"}) {
            CheckSpec spec = checkOf("{\"type\": \"regex\", \"value\": \"\"}");
            spec.value = QString::fromLatin1(pattern);
            const CheckInput input = inputOf(QString(60, QLatin1Char('a'))
                                             + QString(40, QLatin1Char('x')) + QLatin1Char('!'));
            const CheckResult result = await(runCheck(spec, input, &bench.world, CancelToken()));
            // PCRE sees through some of them; what it cannot decide has not run, and never passes.
            QVERIFY2(!result.passed, pattern);
            spec.negated = true;
            const CheckResult negated = await(runCheck(spec, input, &bench.world, CancelToken()));
            QVERIFY2(result.ran == negated.ran && (result.ran || !negated.passed), pattern);
        }
        CheckSpec hard =
            checkOf("{\"type\": \"regex\", \"value\": \"^(([a-z])+.)+[A-Z]([a-z])+$\"}");
        QVERIFY(!runPureCheck(hard, inputOf(QString(60, QLatin1Char('a'))), &bench.world).ran);
        qInfo("%lld ms", timer.elapsed());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        // An ordinary one over a long text is no catastrophe.
        CheckSpec plain = checkOf("{\"type\": \"regex\", \"value\": \"needle\\\\s+\\\\w+\"}");
        const QString hay = QString(2'000'000, QLatin1Char('h')) + QStringLiteral(" needle found");
        QCOMPARE(shown(await(runCheck(plain, inputOf(hay), &bench.world, CancelToken()))),
                 QStringLiteral("pass 1"));
    }

    void longTextsAreComparedAside()
    {
        Bench bench;
        CheckSpec spec =
            checkOf("{\"type\": \"levenshtein\", \"value\": \"x\", \"threshold\": 10}");
        const QString text = QString(50'000, QLatin1Char('a'));
        spec.value = text + QStringLiteral("bcd");
        QCOMPARE(shown(await(runCheck(spec, inputOf(text), &bench.world, CancelToken()))),
                 QStringLiteral("pass 1"));
        const CheckResult tooLong = await(runCheck(
            spec, inputOf(QString(300'000, QLatin1Char('a'))), &bench.world, CancelToken()));
        QVERIFY(!tooLong.ran);
        CancelSource cancel;
        auto task = runCheck(spec, inputOf(text), &bench.world, cancel.token());
        cancel.cancel();
        QVERIFY(!await(std::move(task)).ran);
        QVERIFY(!await(runCheck(spec, inputOf(text), &bench.world, cancel.token())).ran);
    }

    void javascript_data()
    {
        QTest::addColumn<QByteArray>("value"); // what the expression gives
        QTest::addColumn<double>("threshold");
        QTest::addColumn<QString>("result");
        QTest::addColumn<QString>("negated");
        const auto row = [](const char *name, const char *value, double threshold,
                            const char *result, const char *negated) {
            QTest::newRow(name) << QByteArray(value) << threshold << QString::fromLatin1(result)
                                << QString::fromLatin1(negated);
        };
        row("true", "true", -1, "pass 1", "fail 0");
        row("false", "false", -1, "fail 0", "pass 1");
        row("number", "0.5", -1, "pass 0.5", "fail 0.5");
        row("zero", "0", -1, "fail 0", "pass 0");
        row("number over the threshold", "0.5", 0.5, "pass 0.5", "fail 0.5");
        row("number below the threshold", "0.4", 0.5, "fail 0.4", "pass 0.4");
        row("object", "{\"pass\": true, \"score\": 0.8, \"reason\": \"good\"}", -1, "pass 0.8",
            "fail 0.8");
        row("object that failed", "{\"pass\": false, \"score\": 0.2, \"reason\": \"bad\"}", -1,
            "fail 0.2", "pass 0.2");
        row("object below the threshold", "{\"pass\": true, \"score\": 0.2, \"reason\": \"bad\"}",
            0.5, "fail 0.2", "pass 0.2");
        row("nothing", "null", -1, "fail 0", "fail 0");
        row("text", "\"yes\"", -1, "fail 0", "fail 0");
        row("another object", "{\"a\": 1}", -1, "fail 0", "fail 0");
        row("thrown",
            "{\"lathe_thrown\": \"SyntaxError: JSON.parse\", \"lathe_name\": \"SyntaxError\"}", -1,
            "fail 0", "fail 0");
        row("thrown by a wrong name",
            "{\"lathe_thrown\": \"ReferenceError: foo\", \"lathe_name\": \"ReferenceError\"}", -1,
            "not run", "not run");
    }
    void javascript()
    {
        QFETCH(QByteArray, value);
        QFETCH(double, threshold);
        QFETCH(QString, result);
        QFETCH(QString, negated);
        Bench bench;
        bench.value = *json::parse(value);
        CheckSpec spec =
            checkOf("{\"type\": \"javascript\", \"value\": \"output.length > {{n}}\"}");
        spec.threshold = threshold;
        QCOMPARE(
            shown(await(runCheck(spec, inputOf(QStringLiteral("x")), &bench.world, CancelToken()))),
            result);
        spec.negated = true;
        QCOMPARE(
            shown(await(runCheck(spec, inputOf(QStringLiteral("x")), &bench.world, CancelToken()))),
            negated);
        QVERIFY(bench.scripts.first().contains(QLatin1String("output.length > 42")));
        const QJsonObject given = bench.names.value(QLatin1String("input")).toObject();
        QCOMPARE(given.value(QLatin1String("output")).toString(), QStringLiteral("x"));
        QCOMPARE(given[QLatin1String("context")][QLatin1String("vars")][QLatin1String("name")]
                     .toString(),
                 QStringLiteral("Ada"));
    }

    void scriptsBecomeFunctions_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("body"); // behind the names
        QTest::newRow("expression") << QStringLiteral("output === 'a';b'; ")
                                    << QStringLiteral("return (output === 'a';b'\n);");
        QTest::newRow("declaration")
            << QStringLiteral("const s = JSON.parse(output).score; s > 0.5;")
            << QStringLiteral("const s = JSON.parse(output).score; return ( s > 0.5\n);");
        QTest::newRow("semicolon in a text")
            << QStringLiteral("let s = output; s === 'a;b'")
            << QStringLiteral("let s = output; return ( s === 'a;b'\n);");
        QTest::newRow("return") << QStringLiteral("return output.length")
                                << QStringLiteral("return output.length");
        QTest::newRow("lines") << QStringLiteral("if (output) {\n  return 1;\n}\nreturn 0;\n")
                               << QStringLiteral("if (output) {\n  return 1;\n}\nreturn 0");
        QTest::newRow("lines of one expression")
            << QStringLiteral("output\n  .length > 3\n")
            << QStringLiteral("return (output\n  .length > 3\n);");
    }
    void scriptsBecomeFunctions()
    {
        QFETCH(QString, code);
        QFETCH(QString, body);
        Bench bench;
        CheckSpec spec = checkOf("{\"type\": \"javascript\"}");
        spec.value = code;
        await(runCheck(spec, inputOf(QStringLiteral("x")), &bench.world, CancelToken()));
        QCOMPARE(
            bench.scripts.value(0),
            QStringLiteral(
                "var output = input.output, vars = input.vars, context = input.context; try { ")
                + body
                + QStringLiteral("\n} catch (thrown) { return {lathe_thrown: String(thrown), "
                                 "lathe_name: String(thrown && thrown.name)}; }"));
    }

    void scriptsThatFailHaveNotRun()
    {
        Bench bench;
        bench.value = Error(ErrorKind::Timeout, QStringLiteral("The expression does not end."));
        const CheckSpec spec =
            checkOf("{\"type\": \"javascript\", \"value\": \"while (true);\", \"negated\": true}");
        const CheckResult result =
            await(runCheck(spec, inputOf(QStringLiteral("x")), &bench.world, CancelToken()));
        QVERIFY(!result.ran && !result.passed);
        QCOMPARE(result.reason, QStringLiteral("The expression does not end."));
    }

    void transformsComeFirst()
    {
        Bench bench;
        bench.value = QJsonValue(QStringLiteral("Paris"));
        const CheckSpec spec = checkOf("{\"type\": \"equals\", \"value\": \"Paris\", "
                                       "\"transform\": \"JSON.parse(output).city\"}");
        QCOMPARE(shown(await(
                     runCheck(spec, inputOf(QStringLiteral("{}")), &bench.world, CancelToken()))),
                 QStringLiteral("pass 1"));
        bench.value = QJsonValue(); // no city in this output
        QCOMPARE(shown(await(
                     runCheck(spec, inputOf(QStringLiteral("{}")), &bench.world, CancelToken()))),
                 QStringLiteral("fail 0"));
        bench.value = Error(ErrorKind::InvalidInput, QStringLiteral("does not parse"));
        QCOMPARE(shown(await(
                     runCheck(spec, inputOf(QStringLiteral("{}")), &bench.world, CancelToken()))),
                 QStringLiteral("not run"));
        bench.value = *json::parse("{\"a\": [1]}");
        QCOMPARE(*await(transformOutput(QStringLiteral("x"), inputOf(QString()), &bench.world,
                                        CancelToken())),
                 QStringLiteral("{\"a\":[1]}"));
    }

    void toolCalls_data()
    {
        QTest::addColumn<QString>("calls");
        QTest::addColumn<QString>("result");
        const auto row = [](const char *name, const char *calls, const char *result) {
            QTest::newRow(name) << QString::fromLatin1(calls) << QString::fromLatin1(result);
        };
        row("valid",
            "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"arguments\": "
            "\"{\\\"city\\\": \\\"Rome\\\"}\"}}]",
            "pass 1");
        row("in a message",
            "{\"tool_calls\": [{\"function\": {\"name\": \"weather\", \"arguments\": "
            "\"{\\\"city\\\": \\\"Rome\\\"}\"}}]}",
            "pass 1");
        row("missing argument", "[{\"function\": {\"name\": \"weather\", \"arguments\": \"{}\"}}]",
            "fail 0");
        row("arguments are no JSON",
            "[{\"function\": {\"name\": \"weather\", \"arguments\": \"{city\"}}]", "fail 0");
        row("arguments are no text",
            "[{\"function\": {\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}}]",
            "fail 0");
        row("another tool", "[{\"function\": {\"name\": \"shell\", \"arguments\": \"{}\"}}]",
            "fail 0");
        row("second is wrong",
            "[{\"function\": {\"name\": \"now\", \"arguments\": \"{}\"}}, {\"function\": "
            "{\"name\": \"now\", \"arguments\": \"{\\\"a\\\": 1}\"}}]",
            "fail 0");
        row("no arguments", "[{\"function\": {\"name\": \"now\", \"arguments\": \"\"}}]", "pass 1");
        row("no calls", "The weather is fine.", "fail 0");
        row("empty list", "[]", "fail 0");
    }
    void toolCalls()
    {
        QFETCH(QString, calls);
        QFETCH(QString, result);
        Bench bench;
        CheckInput input = inputOf(calls);
        input.tools =
            json::parse("[{\"type\": \"function\", \"function\": {\"name\": \"weather\", "
                        "\"parameters\": {\"type\": \"object\", \"required\": [\"city\"]}}},"
                        "{\"type\": \"function\", \"function\": {\"name\": \"now\"}}]")
                ->toArray();
        const CheckSpec spec = checkOf("{\"type\": \"is-valid-openai-tools-call\"}");
        QCOMPARE(shown(await(runCheck(spec, input, &bench.world, CancelToken()))), result);
        input.tools = {};
        QVERIFY(!await(runCheck(spec, input, &bench.world, CancelToken())).passed);
    }

    void sets_data()
    {
        QTest::addColumn<QByteArray>("members");
        QTest::addColumn<double>("threshold");
        QTest::addColumn<QString>("result");
        const auto row = [](const char *name, const char *members, double threshold,
                            const char *result) {
            QTest::newRow(name) << QByteArray(members) << threshold << QString::fromLatin1(result);
        };
        const char *const yes = "{\"type\": \"contains\", \"value\": \"Paris\"}",
                          *const no = "{\"type\": \"contains\", \"value\": \"Rome\"}";
        const char *const lost = "{\"type\": \"python\", \"problem\": \"Not run here.\"}";
        const auto of = [](std::initializer_list<const char *> list) {
            QByteArrayList texts;
            for (const char *text : list)
                texts << text;
            return QByteArray('[' + texts.join(',') + ']');
        };
        row("all pass", of({yes, yes}).constData(), -1, "pass 1");
        row("one fails", of({yes, no}).constData(), -1, "fail 0.5");
        row("threshold reached", of({yes, no}).constData(), 0.5, "pass 0.5");
        row("threshold missed", of({yes, no, no}).constData(), 0.5, "fail 0.333333");
        row("weights",
            of({"{\"type\": \"contains\", \"value\": \"Paris\", \"weight\": 3}", no}).constData(),
            0.75, "pass 0.75");
        row("weight 0 only measures",
            of({yes, "{\"type\": \"contains\", \"value\": \"Rome\", \"weight\": 0}"}).constData(),
            -1, "pass 1");
        row("one not run", of({yes, lost}).constData(), -1, "not run");
        row("one not run, one failed", of({no, lost}).constData(), -1, "fail 0");
        row("reached without it", of({yes, lost}).constData(), 0.5, "pass 0.5");
        row("it decides", of({yes, no, lost}).constData(), 0.5, "not run");
        row("lost anyway", of({no, no, lost}).constData(), 0.5, "fail 0");
        row("sets in sets",
            "[{\"type\": \"assert-set\", \"threshold\": 0.5, \"members\": [{\"type\": "
            "\"contains\", \"value\": \"Paris\"}, {\"type\": \"contains\", \"value\": \"Rome\"}]}]",
            -1, "pass 0.5");
    }
    void sets()
    {
        QFETCH(QByteArray, members);
        QFETCH(double, threshold);
        QFETCH(QString, result);
        Bench bench;
        CheckSpec spec = checkOf("{\"type\": \"assert-set\", \"members\": " + members + '}');
        spec.threshold = threshold;
        const CheckResult got =
            await(runCheck(spec, inputOf(QStringLiteral("Paris")), &bench.world, CancelToken()));
        QCOMPARE(shown(got), result);
        QCOMPARE(got.members.size(), spec.members.size());
        QVERIFY(got.passed || !got.reason.isEmpty());
    }

    void noChecksPass()
    {
        const CheckResult result = combineChecks({}, {}, 0);
        QVERIFY(result.passed && result.ran && result.score == 1);
    }

    void titles_data()
    {
        QTest::addColumn<QByteArray>("check");
        QTest::addColumn<QString>("title");
        QTest::newRow("value") << QByteArray(
            "{\"type\": \"contains\", \"value\": \"Paris\", \"negated\": true}")
                               << QStringLiteral("not-contains \"Paris\"");
        QTest::newRow("name") << QByteArray("{\"type\": \"contains\", \"name\": \"city\"}")
                              << QStringLiteral("city");
        QTest::newRow("list") << QByteArray(
            "{\"type\": \"contains-any\", \"value\": [\"a\", \"b\"]}")
                              << QStringLiteral("contains-any \"a,b\"");
        QTest::newRow("number") << QByteArray("{\"type\": \"latency\", \"threshold\": 500}")
                                << QStringLiteral("latency \u2264 500 ms");
        QTest::newRow("set") << QByteArray(
            "{\"type\": \"assert-set\", \"members\": [{\"type\": \"is-json\"}]}")
                             << QStringLiteral("assert-set (1)");
    }
    void titles()
    {
        QFETCH(QByteArray, check);
        QFETCH(QString, title);
        QCOMPARE(checkTitle(checkOf(check)), title);
    }
};

QTEST_GUILESS_MAIN(TestChecks)
#include "tst_Checks.moc"
