// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/prompt/PromptSpec.h"
#include "tests/support/JsonText.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;
using namespace lathe::test;
using Type = TemplateToken::Type;

namespace {

PromptSpec withText(const QString &text)
{
    PromptSpec spec;
    spec.text = text;
    return spec;
}

QString rendered(const QString &text, const QJsonObject &values)
{
    const auto result = renderPrompt(withText(text), values);
    return result ? result->system.section(QLatin1String("\n\n## Output"), 0, 0)
                  : QStringLiteral("ERROR ") + result.error().message;
}

} // namespace

class TestPromptSpec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bodyRoundTrips()
    {
        const QJsonObject body =
            object("{\"text\":\"Hi "
                   "{{name}}\",\"variables\":[{\"name\":\"name\",\"description\":\"Who\",\"default\":"
                   "\"you\",\"required\":false}],"
                   "\"output\":{\"format\":\"json_schema\",\"schema\":{\"type\":\"object\"}},\"tone\":"
                   "\"calm\",\"success_criteria\":[\"a\",\"b\"],"
                   "\"fallback\":\"No.\",\"retry\":{\"attempts\":3},\"template\":\"triage\"}");
        const auto spec = PromptSpec::fromJson(body);
        QVERIFY(spec);
        QCOMPARE(spec->variables.size(), size_t(1));
        QCOMPARE(spec->variables[0].defaultValue, QStringLiteral("you"));
        QVERIFY(!spec->variables[0].required);
        QCOMPARE(spec->retryAttempts, 3);
        QCOMPARE(spec->toJson(), body);
        QCOMPARE(*PromptSpec::fromJson(spec->toJson()), *spec);
    }
    // A schema that a person wrote is kept, and shown to the model, as written.
    void aWrittenSchemaKeepsItsOrder()
    {
        const QString text = QStringLiteral("{\"type\": \"object\",\n \"properties\": {\"z\": {}, \"a\": {}}}");
        QJsonObject body = object("{\"text\":\"Sort.\",\"output\":{\"format\":\"json_schema\"}}");
        body.insert(QStringLiteral("output"), QJsonObject{{QStringLiteral("format"), QStringLiteral("json_schema")},
                                                          {QStringLiteral("schema"), text}});
        const auto spec = PromptSpec::fromJson(body);
        QVERIFY(spec);
        QCOMPARE(spec->outputSchema.object(), *json::parseObject(text.toUtf8()));
        QCOMPARE(spec->toJson().value(QStringLiteral("output")), body.value(QStringLiteral("output")));
        QCOMPARE(*PromptSpec::fromJson(spec->toJson()), *spec);
        const auto rendered = renderPrompt(*spec, {});
        QVERIFY(rendered);
        QVERIFY2(rendered->system.contains(text), qPrintable(rendered->system));
    }
    void anEmptyBodyIsUsable()
    {
        const auto spec = PromptSpec::fromJson({});
        QVERIFY(spec);
        QCOMPARE(spec->outputFormat, QStringLiteral("text"));
        QCOMPARE(spec->retryAttempts, 1);
    }
    void badBodiesAreRefusedWithTheReason_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("says");
        QTest::newRow("text is a number")
            << QByteArray(R"({"text":1})") << QStringLiteral("“text” must be a text");
        QTest::newRow("variables no list")
            << QByteArray(R"({"variables":{}})") << QStringLiteral("“variables” must be a list");
        QTest::newRow("variable without name")
            << QByteArray(R"({"variables":[{}]})") << QStringLiteral("variable 1 has no name");
        QTest::newRow("unknown format")
            << QByteArray(R"({"output":{"format":"xml"}})") << QStringLiteral("xml");
        QTest::newRow("schema is a text")
            << QByteArray(R"({"output":{"format":"json_schema","schema":"x"}})")
            << QStringLiteral("schema");
        QTest::newRow("criteria no list")
            << QByteArray(R"({"success_criteria":"x"})") << QStringLiteral("success_criteria");
    }
    void badBodiesAreRefusedWithTheReason()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, says);
        const auto spec = PromptSpec::fromJson(*json::parseObject(body));
        QVERIFY(!spec);
        QCOMPARE(spec.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(spec.error().message.contains(says), qPrintable(spec.error().message));
    }

    void tokensCoverTheTextExactly_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << QStringLiteral("no tags");
        QTest::newRow("mixed") << QStringLiteral(
            "a {{b}} {{#c}}x{{/c}}{{^d}}y{{/d}} {{! note }} {{{e}}} {{&f}} {{> g}}");
        QTest::newRow("broken") << QStringLiteral("{{ {{a {{}} }} {{/x}} {{#y}} {{=<% %>=}}");
        QTest::newRow("braces") << QStringLiteral("{\"a\": {\"b\": 1}} {{\"a\": 1}}");
        QTest::newRow("emoji") << QStringLiteral("👍{{größe}}👍");
        QTest::newRow("open comment") << QStringLiteral("x {{! never closed {{a}");
        QTest::newRow("end") << QStringLiteral("x{{");
    }
    void tokensCoverTheTextExactly()
    {
        QFETCH(QString, text);
        qsizetype at = 0;
        for (const TemplateToken &token : tokenizeTemplate(text)) {
            QCOMPARE(token.from, at);
            QVERIFY(token.length > 0);
            at += token.length;
        }
        QCOMPARE(at, text.size());
    }
    void tokensKnowTheirKindAndPlace()
    {
        const auto tokens = tokenizeTemplate(QStringLiteral("Hi {{ name }}{{#a.b}}{{.}}{{/a.b}}{{!c}}"));
        QCOMPARE(tokens.size(), size_t(6));
        QCOMPARE(tokens[1].type, Type::Variable);
        QCOMPARE(tokens[1].name, QStringLiteral("name"));
        QCOMPARE(tokens[1].from, qsizetype(3));
        QCOMPARE(tokens[1].length, qsizetype(10));
        QCOMPARE(tokens[2].type, Type::SectionOpen);
        QCOMPARE(tokens[2].name, QStringLiteral("a.b"));
        QCOMPARE(tokens[3].name, QStringLiteral("."));
        QCOMPARE(tokens[4].type, Type::SectionClose);
        QCOMPARE(tokens[5].type, Type::Comment);
    }
    void crossedSectionsAreBroken()
    {
        const auto tokens = tokenizeTemplate(QStringLiteral("{{#a}}{{#b}}{{/a}}{{/b}}"));
        QCOMPARE(tokens[0].type, Type::SectionOpen);
        QCOMPARE(tokens[1].type, Type::Broken); // never closed inside a
        QCOMPARE(tokens[2].type, Type::SectionClose);
        QCOMPARE(tokens[3].type, Type::Broken);
    }
    void variablesInOrderOfFirstUse()
    {
        QCOMPARE(templateVariables(QStringLiteral("{{b}}{{#a}}{{.}}{{c.d}}{{b}}{{/a}}{{^e}}{{/e}}{{!x}}")),
                 QStringList(
                     {QStringLiteral("b"), QStringLiteral("a"), QStringLiteral("c"), QStringLiteral("e")}));
    }

    void rendering_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("values");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *text, const char *values, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(text) << QByteArray(values)
                                << QString::fromUtf8(expected);
        };
        row("value", "Hi {{name}}.", R"({"name":"Ada"})", "Hi Ada.");
        row("verbatim", "{{x}}{{{x}}}{{&x}}", "{\"x\":\"<b>&\\\"'\"}", "<b>&\"'<b>&\"'<b>&\"'");
        row("values are no templates", "{{x}}", R"({"x":"{{y}}","y":"secret"})", "{{y}}");
        row("number and truth", "{{n}} {{t}}{{f}}", R"({"n":1.5,"t":true,"f":false})", "1.5 true");
        row("section", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", R"({"a":"x"})", "yes");
        row("empty text is no", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", R"({"a":""})", "no");
        row("missing is no", "{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{}", "no");
        row("list", "{{#l}}[{{.}}]{{/l}}", R"({"l":["a","b"]})", "[a][b]");
        row("list of objects", "{{#l}}{{n}}={{v}};{{/l}}", R"({"l":[{"n":"a","v":1},{"n":"b","v":2}]})",
            "a=1;b=2;");
        row("dotted", "{{a.b}}", R"({"a":{"b":"deep"}})", "deep");
        row("standalone lines go", "a\n{{#x}}\nb\n{{/x}}\nc", R"({"x":"1"})", "a\nb\nc");
        row("comments go", "a\n  {{! note\n over lines }}\nb {{! in line }}c", "{}", "a\nb c");
        row("unicode", "{{größe}} 👍", R"({"größe":"ü 🎉"})", "ü 🎉 👍");
        row("json stays", "Like {\"a\": {\"b\": 1} }", "{}", "Like {\"a\": {\"b\": 1} }");
    }
    void rendering()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, values);
        QFETCH(QString, expected);
        QCOMPARE(rendered(text, *json::parseObject(values)), expected);
    }

    void brokenTemplatesNameThePlace_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("unclosed section")
            << QStringLiteral("a\n  {{#items}} x") << QStringLiteral("line 2, column 3");
        QTest::newRow("stray close") << QStringLiteral("{{/x}}") << QStringLiteral("line 1, column 1");
        QTest::newRow("unclosed tag")
            << QStringLiteral("a\nb {{name") << QStringLiteral("line 2, column 3");
        QTest::newRow("json in braces") << QStringLiteral("{{\"a\": 1}}") << QStringLiteral("is no name");
        QTest::newRow("partial") << QStringLiteral("{{> other}}") << QStringLiteral("was not put in");
        QTest::newRow("no reference") << QStringLiteral("{{> a/b}}") << QStringLiteral("is no reference");
        QTest::newRow("delimiters") << QStringLiteral("{{=<% %>=}}") << QStringLiteral("delimiters");
        QTest::newRow("empty name") << QStringLiteral("x {{ }}") << QStringLiteral("a name is missing");
        QTest::newRow("comment") << QStringLiteral("x {{! y") << QStringLiteral("comment");
    }
    void brokenTemplatesNameThePlace()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto result = renderPrompt(withText(text), {});
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(result.error().message.contains(says), qPrintable(result.error().message));
    }

    void missingAndUndefinedAreTold()
    {
        PromptSpec spec =
            withText(QStringLiteral("{{a}} {{b}} {{c}} {{typo}} {{#list}}{{member}}{{/list}}"));
        spec.variables = {{QStringLiteral("a"), {}, {}, true},
                          {QStringLiteral("b"), {}, QStringLiteral("B"), true},
                          {QStringLiteral("c"), {}, {}, false},
                          {QStringLiteral("list"), {}, {}, false}};
        const auto result = renderPrompt(spec, {});
        QVERIFY(result);
        QCOMPARE(result->missing, QStringList{QStringLiteral("a")});
        QCOMPARE(result->undefined, QStringList{QStringLiteral("typo")});
        QVERIFY(result->system.startsWith(QLatin1String(" B"))
                || result->system.startsWith(QLatin1String("B")));
        const auto given = renderPrompt(
            spec, {{QStringLiteral("a"), QStringLiteral("A")}, {QStringLiteral("b"), QString()}});
        QVERIFY(given->missing.isEmpty());
        QVERIFY2(given->system.startsWith(QLatin1String("A B")),
                 "an empty value falls back to the default");
    }
    void partsFollowTheInstructions()
    {
        PromptSpec spec = withText(QStringLiteral("Do it."));
        spec.outputFormat = QStringLiteral("json_schema");
        spec.outputSchema = object(R"({"type":"object","properties":{"x":{"type":"integer"}}})");
        spec.tone = QStringLiteral("Calm <quiet>.");
        spec.successCriteria = {QStringLiteral("First rule"), QStringLiteral("Second & last")};
        spec.fallback = QStringLiteral("Say {{nothing}}.");
        const auto result = renderPrompt(spec, {});
        QVERIFY(result);
        const QString &system = result->system;
        QVERIFY(system.startsWith(QLatin1String("Do it.\n\n## Output")));
        for (const auto part : {QLatin1String("\"properties\""), QLatin1String("Calm <quiet>."),
                                QLatin1String("- First rule\n- Second & last"),
                                QLatin1String("<fallback>\nSay {{nothing}}.\n</fallback>")})
            QVERIFY2(system.contains(part), qPrintable(system));
        QVERIFY(system.indexOf(QLatin1String("## Output")) < system.indexOf(QLatin1String("## Tone")));
        QVERIFY(system.indexOf(QLatin1String("## Tone"))
                < system.indexOf(QLatin1String("## Success criteria")));
        QVERIFY(system.indexOf(QLatin1String("## Success criteria"))
                < system.indexOf(QLatin1String("<fallback>")));
        // Nothing said, nothing added but the format.
        const auto bare = renderPrompt(withText(QStringLiteral("Do it.")), {});
        QCOMPARE(bare->system.count(QLatin1String("## ")), 1);
    }

    void messagesAreRenderedAsTurns()
    {
        PromptSpec written = withText(QStringLiteral("One of: {{labels}}"));
        written.variables = {{QStringLiteral("labels"), {}, QStringLiteral("a, b"), true}, {QStringLiteral("who"), {}, {}, true}};
        written.messages = {{QStringLiteral("system"), QStringLiteral("Never as {{who}} says.")},
                            {QStringLiteral("user"), QStringLiteral("  I am {{who}}. ")},
                            {QStringLiteral("assistant"), QStringLiteral("a")},
                            {QStringLiteral("user"), QStringLiteral("{{#none}}x{{/none}}")}};
        const auto spec = PromptSpec::fromJson(written.toJson());
        QVERIFY(spec);
        QCOMPARE(*PromptSpec::fromJson(spec->toJson()), *spec);
        QCOMPARE(templateVariables(*spec), (QStringList{QStringLiteral("labels"), QStringLiteral("who"), QStringLiteral("none")}));
        const auto rendered = renderPrompt(*spec, {{QStringLiteral("who"), QStringLiteral("Ada")}});
        QVERIFY(rendered);
        QVERIFY(rendered->system.startsWith(QLatin1String("One of: a, b\n\nNever as Ada says.\n\n## Output")));
        QCOMPARE(rendered->messages, (std::vector<PromptMessage>{{QStringLiteral("user"), QStringLiteral("I am Ada.")},
                                                                 {QStringLiteral("assistant"), QStringLiteral("a")}}));
        QCOMPARE(rendered->undefined, QStringList{QStringLiteral("none")});
        QVERIFY(!withText(QStringLiteral("x")).toJson().contains(QLatin1String("messages")));
    }
    void brokenMessagesAreNamed()
    {
        const auto role = PromptSpec::fromJson(object(R"({"text":"x","messages":[{"role":"user"},{"role":"robot"}]})"));
        QVERIFY(!role);
        QVERIFY2(role.error().message.contains(QLatin1String("message 2")), qPrintable(role.error().message));
        QVERIFY(!PromptSpec::fromJson(object(R"({"text":"x","messages":"no"})")));
        QJsonArray many;
        for (int i = 0; i < 201; ++i)
            many.append(QJsonObject{{QStringLiteral("role"), QStringLiteral("user")}});
        QVERIFY(!PromptSpec::fromJson({{QStringLiteral("messages"), many}}));
        PromptSpec broken = withText(QStringLiteral("x"));
        broken.messages.push_back({QStringLiteral("user"), QStringLiteral("{{a")});
        const auto rendered = renderPrompt(broken, {});
        QVERIFY(!rendered);
        QVERIFY2(rendered.error().message.startsWith(QLatin1String("In message 1:")), qPrintable(rendered.error().message));
    }

    void growthIsBounded()
    {
        // Lists within lists would give 10^12 characters.
        QJsonArray many;
        for (int i = 0; i < 10'000; ++i)
            many.append(i);
        const QString nested = QStringLiteral("{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}{{/l}}");
        QElapsedTimer timer;
        timer.start();
        const auto result = renderPrompt(withText(nested), {{QStringLiteral("l"), many}});
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::InvalidInput);
        QVERIFY(timer.elapsed() < 120'000);
        QVERIFY(!renderPrompt(withText(QString(2'000'000, u'x')), {}));
        // A value of 10 MB is a value like any other.
        const auto large = renderPrompt(withText(QStringLiteral("{{x}}")),
                                        {{QStringLiteral("x"), QString(10'000'000, u'y')}});
        QVERIFY(large);
        QVERIFY(large->system.size() > 10'000'000);
    }
    void hostileTemplatesAreReadInLinearTime()
    {
        QElapsedTimer timer;
        timer.start();
        QVERIFY(!tokenizeTemplate(QString(1'000'000, u'{')).empty());
        QVERIFY(!tokenizeTemplate(QStringLiteral("{{! ").repeated(200'000)).empty());
        QVERIFY(!tokenizeTemplate(QStringLiteral("{{#a}}").repeated(100'000)).empty());
        QVERIFY(!tokenizeTemplate(QStringLiteral("{{/a}}").repeated(100'000)).empty());
        const auto deep = renderPrompt(
            withText(QStringLiteral("{{#a}}").repeated(100) + QStringLiteral("{{/a}}").repeated(100)), {});
        QVERIFY(!deep);
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestPromptSpec)
#include "tst_PromptSpec.moc"
