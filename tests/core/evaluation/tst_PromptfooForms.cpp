// SPDX-License-Identifier: GPL-3.0-or-later
// The ways in which promptfoo's files can be written, and in which they can be wrong.
#include "core/base/Json.h"
#include "core/evaluation/Check.h"
#include "core/evaluation/Promptfoo.h"
#include "core/evaluation/PromptfooNode.h"
#include "tests/core/evaluation/PromptfooTesting.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestPromptfooForms : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void forms_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QString>("prompts");   // texts, "|" between
        QTest::addColumn<QString>("providers"); // kind:model@label
        const auto row = [](const char *name, const char *config, const char *prompts,
                            const char *providers) {
            QTest::newRow(name) << QByteArray(config) << QString::fromUtf8(prompts)
                                << QString::fromUtf8(providers);
        };
        row("single", "prompts: hello\nproviders: echo\n", "hello", "echo:@echo");
        row("targets", "prompts: hello\ntargets: [echo]\n", "hello", "echo:@echo");
        row("files without a scheme", "prompts: [two.txt]\nproviders: echo\n",
            "Summarise: {{text}}|Summarise in one sentence:\n{{text}}", "echo:@echo");
        row("files with labels", "prompts: {chat.json: c}\nproviders: echo\n",
            "[\n  {\"role\": \"system\", \"content\": \"You answer in {{language}}.\"},\n  "
            "{\"role\": \"user\", \"content\": \"Say: {{message}}\"}\n]",
            "echo:@echo");
        row("slashes are no file",
            "prompts: ['Is it yes/no? {{q}}', 'either/or *']\nproviders: echo\n",
            "Is it yes/no? {{q}}|either/or *", "echo:@echo");
        row("map of a provider",
            "prompts: hi\nproviders: [{'openai:gpt-4': {config: {temperature: 0.5}}}]\n", "hi",
            "openai:gpt-4@openai:gpt-4");
        row("model with colons",
            "prompts: hi\nproviders: ['ollama:llama3:8b', 'openai:chat:ft:gpt-4:org::x', "
            "'google:gemini-2.0-flash']\n",
            "hi",
            "ollama:llama3:8b@ollama:llama3:8b|openai:ft:gpt-4:org::x@openai:chat:ft:gpt-4:org::x|"
            "gemini:gemini-2.0-flash@google:gemini-2.0-flash");
        row("anthropic, short", "prompts: hi\nproviders: ['anthropic:claude-3-5-sonnet-latest']\n",
            "hi", "anthropic:claude-3-5-sonnet-latest@anthropic:claude-3-5-sonnet-latest");
        row("block", "prompts:\n  - |\n    line one\n    {{x}}\nproviders: echo\n",
            "line one\n{{x}}\n", "echo:@echo");
        row("environment",
            "prompts: ['{{env.WHO}} {{ env[\"WHO\"] }} {{ env.NONE | default(\"x\") "
            "}}']\nproviders: echo\n",
            "Ada Ada x", "echo:@echo");
        row("messages in place",
            "prompts: [[{role: user, content: 'hi {{x}}'}]]\nproviders: echo\n",
            "[{\"content\":\"hi {{x}}\",\"role\":\"user\"}]", "echo:@echo");
        row("merge keys",
            "base: &b {id: 'openai:gpt-4', label: one}\nprompts: hi\nproviders:\n  - <<: *b\n    "
            "label: two\n",
            "hi", "openai:gpt-4@two");
    }
    void forms()
    {
        QFETCH(QByteArray, config);
        QFETCH(QString, prompts);
        QFETCH(QString, providers);
        const auto suite = fromText(config);
        QVERIFY2(suite, suite ? "" : qPrintable(suite.error().message));
        QStringList texts, kinds;
        for (const PromptfooPrompt &prompt : suite->prompts)
            texts << prompt.text;
        for (const PromptfooProvider &provider : suite->providers)
            kinds << provider.kind + QLatin1Char(':') + provider.model + QLatin1Char('@')
                         + provider.label;
        QCOMPARE(texts.join(QLatin1Char('|')), prompts);
        QCOMPARE(kinds.join(QLatin1Char('|')), providers);
        QCOMPARE(errors(*suite), QStringList());
        QCOMPARE(promptfooCases(*suite)->size(),
                 suite->prompts.size()
                     * suite->providers.size()); // without tests: the bare prompts
    }

    void brokenFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QString>("said");
        const auto row = [](const char *name, const char *config, const char *said) {
            QTest::newRow(name) << QByteArray(config) << QString::fromUtf8(said);
        };
        row("empty", "", "is no promptfoo configuration");
        row("a list", "- a\n", "is no promptfoo configuration");
        row("no prompts", "providers: echo\n", "There are no prompts");
        row("no providers", "prompts: a\n", "There are no providers");
        row("broken YAML", "prompts: [a\nproviders: echo\n", "config.yaml cannot be read: line ");
        row("tab", "prompts:\n\t- a\n", "config.yaml cannot be read: line ");
        row("two documents", "prompts: a\n---\nprompts: b\n", "several documents");
        row("key twice", "prompts: a\nprompts: b\n", "line 2: \"prompts\" is given twice");
        row("unknown alias", "prompts: *x\n", "an alias names nothing");
        row("alias of itself", "prompts: &a [*a]\n", "line 1: an alias stands inside");
        row("map as key", "prompts: a\nproviders: echo\ntests:\n  - vars:\n      x: {{name}}\n",
            "put braces in quotes");
        row("missing prompt file", "prompts: [file://none.txt]\nproviders: echo\n",
            "config.yaml, line 1: There is no file \"none.txt\"");
        row("missing prompt file by its look", "prompts:\n  - prompts/none.txt\nproviders: echo\n",
            "config.yaml, line 2: ");
        row("no match", "prompts: [file://none/*.txt]\nproviders: echo\n", "No file matches");
        row("prompt without text", "prompts: [{label: x}]\nproviders: echo\n",
            "neither \"raw\" nor \"id\"");
        row("provider without id", "prompts: a\nproviders: [{label: x, config: {}}]\n",
            "This provider has no \"id\"");
        row("tests of a wrong type", "prompts: a\nproviders: echo\ntests: 3\n",
            "line 3: \"tests\" must be a list");
        row("test of a wrong type", "prompts: a\nproviders: echo\ntests: [3]\n", "line 3: ");
        row("vars of a wrong type", "prompts: a\nproviders: echo\ntests:\n  - vars: 3\n",
            "line 4: \"vars\" must be a map");
        row("assert of a wrong type",
            "prompts: a\nproviders: echo\ntests:\n  - assert: {type: equals}\n",
            "line 4: \"assert\" must be a list");
        row("assertion of a wrong type",
            "prompts: a\nproviders: echo\ntests:\n  - assert: [equals]\n",
            "line 4: An assertion is written");
        row("assertion without type",
            "prompts: a\nproviders: echo\ntests:\n  - assert:\n    - value: x\n",
            "line 5: This assertion has no \"type\"");
        row("missing tests", "prompts: a\nproviders: echo\ntests: none.csv\n", "line 3: ");
        row("missing schema",
            "prompts: a\nproviders: echo\ntests:\n  - assert: [{type: is-json, value: "
            "file://none.json}]\n",
            "line 4: There is no file \"none.json\"");
        row("missing default test", "prompts: a\nproviders: echo\ndefaultTest: file://none.yaml\n",
            "line 3: There is no file");
        row("missing var", "prompts: a\nproviders: echo\ntests:\n  - vars: {x: file://none.txt}\n",
            "line 4: There is no file");
        row("threshold", "prompts: a\nproviders: echo\ntests:\n  - threshold: high\n",
            "line 4: \"threshold\" must be a number");
        row("scenario", "prompts: a\nproviders: echo\nscenarios: [{tests: []}]\n",
            "line 3: A scenario is written");
        row("a folder", "prompts: a\nproviders: echo\ntests: file://../promptfoo\n", "line 3: ");
    }
    void brokenFilesAreRefused()
    {
        QFETCH(QByteArray, config);
        QFETCH(QString, said);
        const auto suite = fromText(config);
        QVERIFY(!suite);
        QVERIFY2(suite.error().message.contains(said), qPrintable(suite.error().message));
    }

    void expectedCells_data()
    {
        QTest::addColumn<QString>("cell");
        QTest::addColumn<QString>("check");
        const auto row = [](const char *cell, const char *check) {
            QTest::newRow(cell) << QString::fromUtf8(cell) << QString::fromUtf8(check);
        };
        row("Paris", "equals Paris");
        row("equals: Paris", "equals Paris");
        row("contains:Paris", "contains Paris");
        row("not-contains: Paris", "not-contains Paris");
        row("contains-all: a, b", "contains-all [\"a\",\"b\"]");
        row("icontains-any: \"a, b\", c", "icontains-any [\"a, b\",\"c\"]");
        row("javascript: output.length > 2", "javascript output.length > 2");
        row("fn:output", "javascript output");
        row("eval: output", "javascript output");
        row("grade: polite", "llm-rubric polite");
        row("llm-rubric:polite", "llm-rubric polite");
        row("similar: hi", "similar hi @0.8");
        row("similar(0.95): hi", "similar hi @0.95");
        row("levenshtein(3): hi", "levenshtein hi @3");
        row("is-json", "is-json");
        row("not-is-json", "not-is-json");
        row("is-json:{\"type\": \"object\"}", "is-json {\"type\": \"object\"}");
        row("regex: ^\\d+$", "regex ^\\d+$");
        row("starts-with: Yes: no", "starts-with Yes: no");
        row("latency(200)", "latency @200");
        row("cost: 0.5", "cost @0.5");
        row("latency", "latency !");
        row("contains:", "contains !");
        row("python: x", "python python: x !");
        row("file://a.py", "python file://a.py !");
        row("file://a.js:fn", "javascript file://a.js:fn !");
        row("perplexity(3)", "perplexity !");
        row("Answer: 42", "equals Answer: 42");
        row("note(1): x", "equals note(1): x");
        row("{\"a\": 1}", "equals {\"a\": 1}");
    }
    void expectedCells()
    {
        QFETCH(QString, cell);
        QFETCH(QString, check);
        QCOMPARE(shown(promptfooExpected(cell)), check);
    }

    void scalars_data()
    {
        QTest::addColumn<QByteArray>("yaml");
        QTest::addColumn<QString>("value");
        const auto row = [](const char *yaml, const char *value) {
            QTest::newRow(yaml) << QByteArray(yaml) << QString::fromUtf8(value);
        };
        row("a: 1", "{\"a\":1}");
        row("a: '1'", "{\"a\":\"1\"}");
        row("a: 0x1F", "{\"a\":31}");
        row("a: 0o17", "{\"a\":15}");
        row("a: -1.5e3", "{\"a\":-1500}");
        row("a: .5", "{\"a\":0.5}");
        row("a: 1.2.3", "{\"a\":\"1.2.3\"}");
        row("a: yes", "{\"a\":\"yes\"}");
        row("a: True", "{\"a\":true}");
        row("a: ~", "{\"a\":null}");
        row("a:", "{\"a\":null}");
        row("a: 2024-01-01", "{\"a\":\"2024-01-01\"}");
        row("a:\n  -", "{\"a\":[null]}");
        row("a: !!str 5", "{\"a\":\"5\"}");
        row("1: x", "{\"1\":\"x\"}");
        row("{\"a\": [1, \"b\", {\"c\": null}]}", "{\"a\":[1,\"b\",{\"c\":null}]}");
        row("a: &x [1]\nb: *x", "{\"a\":[1],\"b\":[1]}");
        row("a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}",
            "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"k\":1,\"l\":3}}");
        row("a: >\n  folded\n  text\n", "{\"a\":\"folded text\\n\"}");
        row("ключ: знач", "{\"ключ\":\"знач\"}");
    }
    void scalars()
    {
        QFETCH(QByteArray, yaml);
        QFETCH(QString, value);
        const auto node = PromptfooNode::fromYaml(yaml, QStringLiteral("t.yaml"));
        QVERIFY2(node, node ? "" : qPrintable(node.error().message));
        QCOMPARE(json::compactString(node->toJson()), value);
    }
};

QTEST_GUILESS_MAIN(TestPromptfooForms)
#include "tst_PromptfooForms.moc"
