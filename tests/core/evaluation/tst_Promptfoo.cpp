// SPDX-License-Identifier: GPL-3.0-or-later
// Files in tests/data/promptfoo, written as people write them, against what promptfoo documents.
#include "core/base/Json.h"
#include "core/evaluation/Check.h"
#include "core/evaluation/Promptfoo.h"
#include "core/evaluation/PromptfooNode.h"
#include "tests/core/evaluation/PromptfooTesting.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QString pathOf(const QString &name)
{
    return QStringLiteral(LATHE_TEST_DATA "/promptfoo/") + name;
}


QStringList shownChecks(const PromptfooTest &test)
{
    QStringList list;
    for (const CheckSpec &check : test.checks)
        list << shown(check);
    return list;
}

QString varOf(const PromptfooTest &test, const QString &name)
{
    for (const auto &[key, value] : test.vars) {
        if (key == name)
            return value.isString() ? value.toString() : json::compactString(value);
    }
    return QStringLiteral("-");
}
} // namespace

class TestPromptfoo : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void gettingStarted()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("getting-started.yaml")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QCOMPARE(suite->description, QStringLiteral("My first eval"));
        QCOMPARE(suite->prompts.size(), size_t(2));
        QCOMPARE(suite->prompts[0].text,
                 QStringLiteral("Convert this English to {{language}}: {{input}}"));
        QCOMPARE(suite->prompts[1].line, 5);
        QCOMPARE(suite->providers.size(), size_t(2));
        QCOMPARE(suite->providers[0].kind + QLatin1Char(' ') + suite->providers[0].model,
                 QStringLiteral("openai gpt-4.1"));
        QCOMPARE(suite->providers[1].kind + QLatin1Char(' ') + suite->providers[1].model,
                 QStringLiteral("anthropic claude-sonnet-4-20250514"));
        QCOMPARE(suite->providers[1].label, QStringLiteral("Claude"));
        QCOMPARE(suite->providers[1].parameters,
                 (QJsonObject{{QStringLiteral("temperature"), 0},
                              {QStringLiteral("max_output_tokens"), 200}}));
        QCOMPARE(suite->tests.size(), size_t(2));
        QCOMPARE(shownChecks(suite->tests[1]).join(QLatin1Char('|')),
                 QStringLiteral("icontains Dónde está la biblioteca|cost @0.002|latency @3000"));
        QCOMPARE(suite->tests[1].description, QStringLiteral("Spanish, cheaply"));
        QCOMPARE(suite->report.size(), size_t(0));
        const auto cases = promptfooCases(*suite);
        QVERIFY(cases);
        QCOMPARE(cases->size(), size_t(8));
        QCOMPARE((*cases)[3].row, 0);
        QCOMPARE((*cases)[4].row, 1);
        const auto request = promptfooRequest(*suite, (*cases)[0]);
        QCOMPARE(request->text, QStringLiteral("Convert this English to French: Hello world"));
        QCOMPARE(json::compactString(request->messages),
                 QStringLiteral("[{\"content\":\"Convert this English to French: Hello "
                                "world\",\"role\":\"user\"}]"));
    }

    void chats()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("chat.yaml")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QStringList labels;
        for (const PromptfooPrompt &prompt : suite->prompts)
            labels << prompt.label;
        QCOMPARE(labels.join(QLatin1Char('|')),
                 QStringLiteral("chat.json|summary 1|summary 2|two.txt 1|two.txt 2|listed"));
        QCOMPARE(suite->prompts[2].text, QStringLiteral("Summarise in one sentence:\n{{text}}"));
        QCOMPARE(suite->prompts[2].line, 3);
        const auto cases = promptfooCases(*suite);
        QCOMPARE(cases->size(), size_t(6));
        const auto chat = promptfooRequest(*suite, (*cases)[0]);
        QVERIFY(chat);
        QCOMPARE(chat->messages.size(), 2);
        QCOMPARE(chat->messages[0][QLatin1String("content")].toString(),
                 QStringLiteral("You answer in German."));
        QCOMPARE(chat->messages[1][QLatin1String("content")].toString(),
                 QStringLiteral("Say: He said \"no\" \\ and left"));
        QVERIFY(json::parse(chat->text.toUtf8()));
        QCOMPARE(
            promptfooRequest(*suite, (*cases)[5])->messages[0][QLatin1String("content")].toString(),
            QStringLiteral("He said \"no\" \\ and left"));
    }

    void scenarios()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("scenarios.yaml")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QCOMPARE(suite->providers[0].kind + QLatin1Char(' ') + suite->providers[0].model,
                 QStringLiteral("ollama llama3.2"));
        QCOMPARE(suite->tests.size(), size_t(6));
        QCOMPARE(varOf(suite->tests[2], QStringLiteral("language")), QStringLiteral("French"));
        QCOMPARE(varOf(suite->tests[2], QStringLiteral("tone")), QStringLiteral("polite"));
        QCOMPARE(varOf(suite->tests[3], QStringLiteral("tone")), QStringLiteral("rude"));
        QCOMPARE(varOf(suite->tests[3], QStringLiteral("input")), QStringLiteral("Good morning"));
        QCOMPARE(
            shownChecks(suite->tests[4]).join(QLatin1Char('|')),
            QStringLiteral("not-contains AI language model|similar {{expectedHelloWorld}} @0.9"));
        QCOMPARE(promptfooCases(*suite)->size(), size_t(6));
        QCOMPARE(promptfooRequest(*suite, (*promptfooCases(*suite))[5])->text,
                 QStringLiteral("You translate. German: Good morning"));
    }

    void csvTests()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("csv.yaml")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QCOMPARE(suite->tests.size(), size_t(8));
        const QStringList expected{
            QStringLiteral("equals 4"),
            QStringLiteral("contains Paris #geography|not-icontains london #geography"),
            QStringLiteral("similar hello @0.7|javascript output.length > 3"),
            QStringLiteral("is-json|contains-any [\"a\",\"b\",\"c\"]"),
            QStringLiteral("llm-rubric is polite|llm-rubric is short"),
            QStringLiteral("latency @500|rouge-n a b c @0.4"),
            QStringLiteral("python python: len(output) > 3 !|javascript file://check.js !"),
            QStringLiteral("equals note: this is no assertion|starts-with Yes")};
        for (size_t i = 0; i < 8; ++i)
            QCOMPARE(shownChecks(suite->tests[i]).join(QLatin1Char('|')), expected[qsizetype(i)]);
        QCOMPARE(suite->tests[0].description, QStringLiteral("Row #1"));
        QCOMPARE(suite->tests[1].description, QStringLiteral("France"));
        QCOMPARE(suite->tests[1].prefix, QStringLiteral("Q: "));
        QCOMPARE(suite->tests[1].threshold, 0.5);
        QCOMPARE(suite->tests[3].vars[1].second, QJsonValue(QStringLiteral("007")));
        QCOMPARE(suite->tests[0].vars[1].second,
                 QJsonValue(QStringLiteral("1"))); // values of a CSV are texts
        QCOMPARE(promptfooRequest(*suite, (*promptfooCases(*suite))[1])->text,
                 QStringLiteral("Q: Capital of France?"));
        const QStringList said = errors(*suite);
        QCOMPARE(said.size(), 2);
        QVERIFY2(said[0].startsWith(QLatin1String("rows.csv: row 7, column __expected:")),
                 qPrintable(said[0]));
    }

    void brokenRowsAreNamed()
    {
        const auto suite =
            fromText("prompts: ['{{question}}']\nproviders: echo\ntests: broken.csv\n");
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QCOMPARE(suite->tests.size(), size_t(2));
        const QString all = errors(*suite).join(QLatin1Char('\n'));
        QVERIFY2(all.contains(QLatin1String("broken.csv:2: row: Line 2 opens a quote")),
                 qPrintable(all));
        QVERIFY2(all.contains(QLatin1String("broken.csv:4: row: Line 4 has 3 values")),
                 qPrintable(all));
    }

    void defaults()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("defaults.yaml")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        const PromptfooProvider &small = suite->providers[0];
        QCOMPARE(small.label, QStringLiteral("small"));
        QCOMPARE(json::compactString(small.parameters),
                 QStringLiteral(
                     "{\"max_output_tokens\":100,\"seed\":7,\"temperature\":0.2,\"top_p\":0.9}"));
        QCOMPARE(small.baseUrl, QStringLiteral("http://localhost:8080/v1"));
        QCOMPARE(small.keyVariable, QStringLiteral("MY_KEY"));
        QCOMPARE(small.apiKey, QString());
        QVERIFY(!json::compactString(small.config).contains(QLatin1String("secret")));
        QCOMPARE(small.tools[0][QLatin1String("function")][QLatin1String("name")].toString(),
                 QStringLiteral("weather"));
        QCOMPARE(small.transform, QStringLiteral("output.trim()"));
        QCOMPARE(small.delayMs, 50);
        QCOMPARE(suite->providers[1].kind + QLatin1Char(' ') + suite->providers[1].model,
                 QStringLiteral("openai-responses gpt-5"));
        QCOMPARE(suite->maxConcurrency, 2);
        QCOMPARE(suite->repeat, 3);
        QCOMPARE(suite->delayMs, 10);
        QCOMPARE(suite->grader, QStringLiteral("anthropic:messages:claude-3-5-haiku-latest"));
        QCOMPARE(suite->derivedMetrics.size(), size_t(1));
        QCOMPARE(errors(*suite), QStringList());

        const PromptfooTest &first = suite->tests[0];
        QCOMPARE(
            shownChecks(first).join(QLatin1Char('|')),
            QStringLiteral("latency @5000|javascript output[0] === "
                           "output[0].toUpperCase()|llm-rubric is polite|llm-rubric is polite"));
        QCOMPARE(first.checks[3].weight, 3.0);
        QCOMPARE(first.checks[3].options.value(QLatin1String("model")).toString(),
                 QStringLiteral("openai:gpt-4.1"));
        QCOMPARE(first.checks[2].options.value(QLatin1String("model")).toString(), suite->grader);
        QVERIFY(first.checks[1].options.isEmpty());
        QCOMPARE(first.threshold, 0.8);
        QCOMPARE(first.transform, QStringLiteral("output.trim()"));
        QCOMPARE(json::compactString(first.metadata),
                 QStringLiteral("{\"kind\":\"small\",\"source\":\"default\"}"));

        const PromptfooTest &second = suite->tests[1];
        QCOMPARE(shownChecks(second).join(QLatin1Char('|')),
                 QStringLiteral("assert-set @0.5 #tone|equals 3"));
        QCOMPARE(shown(second.checks[0].members[1]),
                 QStringLiteral("not-contains BYE #{{greeting}}"));
        QCOMPARE(second.checks[0].weight, 2.0);
        QCOMPARE(second.checks[1].transform, QStringLiteral("output.length"));
        QCOMPARE(second.threshold, 0.5);
        QCOMPARE(second.transform, QStringLiteral("output.toUpperCase()"));
        QCOMPARE(json::compactString(second.metadata),
                 QStringLiteral("{\"kind\":\"small\",\"source\":\"ticket\"}"));
        QCOMPARE(varOf(second, QStringLiteral("hint")), QStringLiteral("none"));

        // 2 x 3 sets of values x (1 + 2 + 2 prompts) x 3 repetitions; 1 x 5 x 3; echo with the short prompt, 3 times.
        const auto cases = promptfooCases(*suite);
        QCOMPARE(cases->size(), size_t(6 * 5 * 3 + 5 * 3 + 3));
        for (const PromptfooCase &one : *cases) {
            if (one.test == 1 && one.provider == 2 && one.prompt == 1) {
                QCOMPARE(promptfooRequest(*suite, one)->text,
                         QStringLiteral(
                             "Dear model. Question (formal): hello, formal Hint: NONE Thanks."));
            }
            QVERIFY(one.provider != 0 || one.prompt == 0);
            QVERIFY(one.test != 2 || (one.provider == 2 && one.prompt == 0));
            if (one.test == 2)
                QCOMPARE(json::compactString(one.vars.value(QLatin1String("values"))),
                         QStringLiteral("[1,2,3]"));
        }
        QCOMPARE(json::compactString((*cases)[0].vars),
                 QStringLiteral("{\"hint\":\"x\",\"q\":\"one\",\"source\":\"default\"}"));
        // Names of the default test come first, the last name runs fastest.
        QCOMPARE(json::compactString((*cases)[5].vars),
                 QStringLiteral("{\"hint\":\"x\",\"q\":\"two\",\"source\":\"default\"}"));
    }

    void everyAssertionTypeRuns()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("assertions.yaml")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QCOMPARE(errors(*suite), QStringList());
        QSet<QString> seen;
        for (const CheckSpec &check : suite->tests[0].checks) {
            QVERIFY2(check.problem.isEmpty(), qPrintable(check.type + check.problem));
            seen.insert(check.type);
        }
        for (const CheckTypeInfo &info : checkTypes())
            QVERIFY2(seen.contains(info.type) || info.type == QLatin1String("assert-set"),
                     qPrintable(info.type));
        const auto &checks = suite->tests[0].checks;
        QCOMPARE(shown(checks[10]),
                 QStringLiteral("is-json {\"required\":[\"name\"],\"type\":\"object\"}"));
        QCOMPARE(shown(checks[11]),
                 QStringLiteral("contains-json {\"required\":[\"name\"],\"type\":\"object\"}"));
        QCOMPARE(shown(checks[12]), QStringLiteral("levenshtein A reference text. @3"));
        QCOMPARE(shown(checks[14]), QStringLiteral("similar [\"hello\",\"hi\"]"));
        QCOMPARE(checks.back().weight, 0.0);
    }

    void whatIsNotRunIsNamed()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("unsupported.yaml")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QVERIFY(suite->hasErrors());
        const QString all = errors(*suite).join(QLatin1Char('\n'));
        for (const char *part :
             {"unsupported.yaml:4: prompt \"prompt.py\"",
              "unsupported.yaml:5: prompt",
              "unsupported.yaml:8: provider \"exec:./run.sh\"",
              "unsupported.yaml:9: provider \"azureopenai:chat:gpt\"",
              "unsupported.yaml:10: provider",
              "unsupported.yaml:11: provider \"file://custom.js\"",
              "unsupported.yaml:13: extensions",
              "unsupported.yaml:15: nunjucksFilters",
              "unsupported.yaml:20: assertion python",
              "unsupported.yaml:22: assertion javascript",
              "unsupported.yaml:24: assertion perplexity",
              "unsupported.yaml:26: assertion is-nice: There is no assertion type",
              "unsupported.yaml:27: assertion not-webhook",
              "unsupported.yaml:29: assertion contains: It has no \"value\"",
              "unsupported.yaml:30: assertion latency: It needs a threshold",
              "unsupported.yaml:31: assertion equals",
              "unsupported.yaml:34: assertion $ref",
              "unsupported.yaml:35: assertion contains",
              "unsupported.yaml:40: test: A value is made by the program",
              "unsupported.yaml:41: test: Its scoring function",
              "unsupported.yaml:43: test:",
              "unsupported.yaml:45: tests: Tests made by a program",
              "unsupported.yaml:46: tests: Tests are not read from"})
            QVERIFY2(all.contains(QLatin1String(part)),
                     qPrintable(QLatin1String(part) + QLatin1String(" not in\n") + all));
        QStringList hints;
        for (const PromptfooNote &note : suite->report) {
            if (note.severity == PromptfooNote::Severity::Hint)
                hints << note.toString();
        }
        QVERIFY(hints.join(QLatin1Char('\n'))
                    .contains(QLatin1String("unsupported.yaml:16: file: surprise")));
        QVERIFY(hints.join(QLatin1Char('\n'))
                    .contains(QLatin1String("unsupported.yaml:39: assertion contains: colour")));
        // It is there all the same, and cannot pass.
        QCOMPARE(suite->tests.size(), size_t(6));
        QCOMPARE(suite->tests[0].checks.size(), size_t(11));
        const CheckWorld nothing;
        int lost = 0;
        for (const CheckSpec &check : suite->tests[0].checks) {
            CheckInput input;
            input.output = QStringLiteral("Ada");
            const CheckResult result = runPureCheck(check, input, &nothing);
            lost += !result.ran;
            QVERIFY(result.ran || !result.passed);
        }
        QCOMPARE(lost, 10);
        const auto cases = promptfooCases(*suite);
        QCOMPARE(cases->size(), size_t(6 * 5 * 3));
        int runnable = 0;
        for (const PromptfooCase &one : *cases)
            runnable += one.problem.isEmpty();
        QCOMPARE(runnable, 1); // the plain prompt to echo, of the first test
    }

    void filesOfTests()
    {
        const auto suite = readPromptfoo(pathOf(QStringLiteral("files.json")), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QStringList values;
        for (const PromptfooTest &test : suite->tests)
            values << varOf(test, QStringLiteral("q"));
        QCOMPARE(values.join(QLatin1Char('|')),
                 QStringLiteral("one|two|three|four|five|A reference text."));
        QCOMPARE(suite->tests[0].line, 1);
        QCOMPARE(suite->tests[1].line, 3);
        QCOMPARE(shownChecks(suite->tests[2]), QStringList{QStringLiteral("contains three")});
        QCOMPARE(suite->tests[4].description, QStringLiteral("from JSON"));
        QCOMPARE(suite->providers[0].kind, QStringLiteral("echo"));
    }

    void brokenOnDisk()
    {
        const auto broken = readPromptfoo(pathOf(QStringLiteral("broken.yaml")), options());
        QVERIFY(!broken
                && broken.error().message.startsWith(
                    QLatin1String("broken.yaml cannot be read: line ")));
        const auto none = readPromptfoo(pathOf(QStringLiteral("none.yaml")), options());
        QVERIFY(!none && none.error().kind == ErrorKind::NotFound);
        QVERIFY(!readPromptfoo(QStringLiteral(LATHE_TEST_DATA), options()));
        QElapsedTimer timer;
        timer.start();
        const auto laughs = readPromptfoo(pathOf(QStringLiteral("laughs.yaml")), options());
        QVERIFY(!laughs);
        QVERIFY2(laughs.error().message.contains(QLatin1String("grows too large")),
                 qPrintable(laughs.error().message));
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void hostileTexts()
    {
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!fromText(QByteArray(100'000, '[')));
        QVERIFY(!fromText(QByteArray("a: ") + QByteArray("{a: ").repeated(100'000)));
        QVERIFY(!fromText(QByteArray("- ").repeated(50'000)));
        // References that multiply.
        QByteArray multiplying("prompts: a\nproviders: echo\ndefinitions:\n");
        for (int i = 0; i < 12; ++i) {
            multiplying += "  d" + QByteArray::number(i) + ":\n";
            for (int k = 0; k < 10; ++k)
                multiplying += "    - $ref: '#/definitions/d" + QByteArray::number(i + 1) + "'\n";
        }
        QVERIFY(fromText(multiplying));
        // Lists that multiply.
        QByteArray product("prompts: a\nproviders: echo\ntests:\n  - vars:\n");
        for (int i = 0; i < 12; ++i)
            product += "      v" + QByteArray::number(i) + ": [a, b, c, d, e, f, g, h, i, j]\n";
        const auto suite = fromText(product);
        QVERIFY(suite);
        const auto cases = promptfooCases(*suite);
        QVERIFY(!cases && cases.error().message.contains(QLatin1String("multiply")));
        QRandomGenerator random(3);
        QFile file(pathOf(QStringLiteral("defaults.yaml")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray good = file.readAll();
        for (int round = 0; round < 400; ++round) {
            QByteArray text = good;
            for (int i = 0; i < 4; ++i)
                text[random.bounded(int(text.size()))] = char(random.bounded(256));
            if (const auto read = fromText(text))
                (void)promptfooCases(*read, 10'000);
        }
        qInfo("%lld ms", timer.elapsed());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void manyRowsAreQuick()
    {
        QTemporaryDir folder;
        QFile csv(folder.filePath(QStringLiteral("many.csv")));
        QVERIFY(csv.open(QIODevice::WriteOnly));
        csv.write("question,area,__expected\n");
        for (int i = 0; i < 50'000; ++i)
            csv.write("What is " + QByteArray::number(i)
                      + "?,billing,\"contains: " + QByteArray::number(i) + "\"\n");
        csv.close();
        QElapsedTimer timer;
        timer.start();
        const auto suite = readPromptfooText(
            "prompts: ['{{question}}', 'x {{question}}']\nproviders: echo\ntests: many.csv\n",
            QStringLiteral("c.yaml"), folder.path(), options());
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        const qint64 readMs = timer.restart();
        const auto cases = promptfooCases(*suite);
        QCOMPARE(cases->size(), size_t(100'000));
        const qint64 caseMs = timer.restart();
        for (size_t i = 0; i < 1000; ++i)
            QVERIFY(promptfooRequest(*suite, (*cases)[i]));
        qInfo("50 000 rows read in %lld ms, 100 000 cases in %lld ms, a request in %lld us", readMs,
              caseMs, timer.elapsed());
        QVERIFY2(readMs < 120'000, qPrintable(QString::number(readMs)));
        QCOMPARE(promptfooRequest(*suite, (*cases)[99'999])->text,
                 QStringLiteral("x What is 49999?"));
    }
};

QTEST_GUILESS_MAIN(TestPromptfoo)
#include "tst_Promptfoo.moc"
