// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/prompt/OwnTemplates.h"
#include "core/prompt/PromptLint.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;

namespace {

QJsonObject plausibleValues(const PromptSpec &spec)
{
    QJsonObject values;
    for (const PromptVariable &variable : spec.variables) {
        if (variable.defaultValue.isEmpty())
            values.insert(variable.name, QStringLiteral("a value for ") + variable.name);
    }
    return values;
}

} // namespace

class TestPromptTemplates : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFileIsShipped()
    {
        const QStringList files = QDir(QStringLiteral(LATHE_SOURCE_DIR "/prompts/templates"))
                                      .entryList({QStringLiteral("*.md")}, QDir::Files);
        QVERIFY(files.size() >= 25);
        QStringList ids, titles;
        for (const PromptTemplate &shipped : shippedTemplates()) {
            ids.append(shipped.id + QStringLiteral(".md"));
            titles.append(shipped.title);
        }
        QStringList sorted = titles;
        sorted.sort();
        QCOMPARE(titles, sorted);
        ids.sort();
        QCOMPARE(ids, files); // a file that can not be read would be missing
    }
    void shippedOnesAreExemplary_data()
    {
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < shippedTemplates().size(); ++i)
            QTest::newRow(qPrintable(shippedTemplates()[i].id)) << int(i);
    }
    void shippedOnesAreExemplary()
    {
        QFETCH(int, index);
        const PromptTemplate &shipped = shippedTemplates()[size_t(index)];
        QVERIFY(!shipped.use.isEmpty());
        QVERIFY(!shipped.notes.isEmpty());
        QCOMPARE(shipped.spec.templateName, shipped.id);
        QVERIFY(shipped.spec.successCriteria.size() >= 1);
        QVERIFY(!shipped.spec.fallback.isEmpty());
        QVERIFY(!shipped.spec.tone.isEmpty());
        for (const PromptVariable &variable : shipped.spec.variables)
            QVERIFY2(!variable.description.isEmpty(), qPrintable(variable.name));
        QStringList found;
        for (const PromptProblem &problem : lintPrompt(shipped.spec))
            found.append(problem.code + QStringLiteral(": ") + problem.message);
        QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
        const auto rendered = renderPrompt(shipped.spec, plausibleValues(shipped.spec));
        QVERIFY(rendered);
        QVERIFY(rendered->missing.isEmpty());
        QVERIFY(rendered->undefined.isEmpty());
        QVERIFY(!rendered->system.contains(QLatin1String("{{")));
        QCOMPARE(*PromptSpec::fromJson(shipped.spec.toJson()), shipped.spec);
        const auto again = parseTemplateFile(shipped.id, writeTemplateFile(shipped));
        QVERIFY2(again.ok(), again ? "" : qPrintable(again.error().message));
        QCOMPARE(again->spec, shipped.spec);
        QCOMPARE(again->title, shipped.title);
        QCOMPARE(again->use, shipped.use);
        QCOMPARE(again->notes, shipped.notes);
        // Instructions that say what to do with text from outside: everything a user sends.
        if (shipped.spec.text.contains(QLatin1String("the user sends")))
            QVERIFY2(shipped.spec.text.size() > 150, "too short to be an example to others");
    }

    void frontMatterIsRead()
    {
        const QByteArray file =
            "---\ntitle: \"My title\"\nuse: To test: this.\n# a comment\nformat: json_schema\nschema: |\n  "
            "{\n    \"type\": \"object\"\n  }\n"
            "success_criteria:\n  - One: with a colon\n  - Two goes\n    on here\nvariables:\n  - name: "
            "a\n    description: The first\n    default: x\n"
            "  - name: b\n    required: false\nretry: 4\n---\n\nText {{a}}\n\nMore\n";
        const auto parsed = parseTemplateFile(QStringLiteral("id"), file);
        QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().message));
        QCOMPARE(parsed->title, QStringLiteral("My title"));
        QCOMPARE(parsed->use, QStringLiteral("To test: this."));
        QCOMPARE(parsed->spec.text, QStringLiteral("Text {{a}}\n\nMore"));
        QCOMPARE(parsed->spec.successCriteria,
                 QStringList({QStringLiteral("One: with a colon"), QStringLiteral("Two goes on here")}));
        QCOMPARE(parsed->spec.variables.size(), size_t(2));
        QCOMPARE(parsed->spec.variables[0].defaultValue, QStringLiteral("x"));
        QVERIFY(!parsed->spec.variables[1].required);
        QCOMPARE(parsed->spec.retryAttempts, 4);
        QCOMPARE(parsed->spec.outputSchema.object().value(QLatin1String("type")).toString(),
                 QStringLiteral("object"));
    }
    void messagesAndBlocksAreRead()
    {
        const QByteArray file = "---\ntitle: T\nnotes: |\n  one\n\n    two\nvariables:\n  - name: rules\n    default: |\n      first\n      "
                                "second\n    required: false\n---\nLabel it.\n<!-- user -->\nHello\n\nthere\n <!-- assistant --> \ngreeting\n";
        const auto parsed = parseTemplateFile(QStringLiteral("id"), file);
        QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().message));
        QCOMPARE(parsed->notes, QStringLiteral("one\n\n  two"));
        QCOMPARE(parsed->spec.text, QStringLiteral("Label it."));
        QCOMPARE(parsed->spec.variables.front().defaultValue, QStringLiteral("first\nsecond"));
        QVERIFY(!parsed->spec.variables.front().required);
        QCOMPARE(parsed->spec.messages, (std::vector<PromptMessage>{{QStringLiteral("user"), QStringLiteral("Hello\n\nthere")},
                                                                    {QStringLiteral("assistant"), QStringLiteral("greeting")}}));
    }
    void strangeValuesSurviveTheFile()
    {
        PromptTemplate strange;
        strange.id = QStringLiteral("strange");
        strange.title = QStringLiteral("\"quoted\"");
        strange.use = QStringLiteral("# not a comment: really");
        strange.notes = QStringLiteral("a\n---\nb");
        strange.spec.text = QStringLiteral("---\nText: {{a}}\n\n  indented");
        strange.spec.tone = QStringLiteral("|");
        strange.spec.fallback = QStringLiteral("First.\n\n- second");
        strange.spec.successCriteria = {QStringLiteral("- dash"), QStringLiteral("'quoted'")};
        strange.spec.variables = {{QStringLiteral("a"), QStringLiteral("what: it is"), QStringLiteral(" spaced "), true}};
        strange.spec.templateName = strange.id;
        const auto back = parseTemplateFile(strange.id, writeTemplateFile(strange));
        QVERIFY2(back.ok(), back ? "" : qPrintable(back.error().message));
        QCOMPARE(back->spec, strange.spec);
        QCOMPARE(back->title, strange.title);
        QCOMPARE(back->use, strange.use);
        QCOMPARE(back->notes, strange.notes);
    }
    void ownTemplatesAreSavedListedAndDeleted()
    {
        QTemporaryDir root;
        const QString folder = root.filePath(QStringLiteral("deep/templates"));
        QVERIFY(readOwnTemplates(folder).templates.empty());
        PromptTemplate mine;
        mine.title = QStringLiteral("My: reply / to Ärger");
        mine.spec.text = QStringLiteral("Answer {{x}} in one line.");
        const auto saved = saveOwnTemplate(folder, mine);
        QVERIFY2(saved.ok(), saved ? "" : qPrintable(saved.error().message));
        const auto second = saveOwnTemplate(folder, mine);
        QVERIFY(second && second->id != saved->id);
        PromptTemplate changed = *saved;
        changed.use = QStringLiteral("Changed");
        QCOMPARE(saveOwnTemplate(folder, changed)->id, saved->id);
        for (const QByteArray &bytes : {QByteArray("no front matter"), QByteArray(2'000'000, 'x')}) {
            QFile bad(folder + QStringLiteral("/bad%1.md").arg(bytes.size()));
            QVERIFY(bad.open(QIODevice::WriteOnly) && bad.write(bytes) == bytes.size());
        }
        OwnTemplates own = readOwnTemplates(folder);
        QCOMPARE(own.templates.size(), size_t(2));
        QCOMPARE(own.bad.size(), size_t(2));
        for (const auto &bad : own.bad)
            QVERIFY2(bad.message.contains(QLatin1String("bad")), qPrintable(bad.message));
        QVERIFY(std::any_of(own.templates.begin(), own.templates.end(), [](const PromptTemplate &t) { return t.use == QLatin1String("Changed"); }));
        QVERIFY(deleteOwnTemplate(folder, saved->id));
        QVERIFY(!deleteOwnTemplate(folder, saved->id));
        QVERIFY(!deleteOwnTemplate(folder, QStringLiteral("../templates/") + second->id));
        QCOMPARE(readOwnTemplates(folder).templates.size(), size_t(1));
        mine.title.clear();
        QVERIFY(!saveOwnTemplate(folder, mine));
        QVERIFY(!saveOwnTemplate(QStringLiteral("/proc/nowhere"), changed));
    }
    void brokenFilesNameTheLine_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QString>("says");
        QTest::newRow("empty") << QByteArray() << QStringLiteral("line 1");
        QTest::newRow("no front matter") << QByteArray("Text") << QStringLiteral("line 1");
        QTest::newRow("no end") << QByteArray("---\ntitle: x\n") << QStringLiteral("missing");
        QTest::newRow("no title") << QByteArray("---\nuse: x\n---\nText") << QStringLiteral("title");
        QTest::newRow("no text") << QByteArray("---\ntitle: x\n---\n") << QStringLiteral("text is empty");
        QTest::newRow("unknown key") << QByteArray("---\ntitle: x\ncolour: red\n---\nText")
                                     << QStringLiteral("line 3");
        QTest::newRow("bad format") << QByteArray("---\ntitle: x\nformat: xml\n---\nText")
                                    << QStringLiteral("line 3");
        QTest::newRow("bad schema") << QByteArray("---\ntitle: x\nschema: |\n  {\n---\nText")
                                    << QStringLiteral("line 3");
        QTest::newRow("bad variable")
            << QByteArray("---\ntitle: x\nvariables:\n  name: a\n---\nText") << QStringLiteral("line 4");
        QTest::newRow("stray indent")
            << QByteArray("---\n  title: x\n---\nText") << QStringLiteral("line 2");
        QTest::newRow("invalid utf-8")
            << QByteArray("---\ntitle: \xff\xfe\n---\n") << QStringLiteral("text is empty");
        QTest::newRow("too large") << QByteArray(2'000'000, 'x') << QStringLiteral("1 MB");
    }
    void brokenFilesNameTheLine()
    {
        QFETCH(QByteArray, file);
        QFETCH(QString, says);
        const auto parsed = parseTemplateFile(QStringLiteral("mine"), file);
        QVERIFY(!parsed);
        QVERIFY(parsed.error().message.contains(QLatin1String("mine")));
        QVERIFY2(parsed.error().message.contains(says), qPrintable(parsed.error().message));
    }

    // Each pattern with the values that core/runtime gives: everything arrives, nothing is left over.
    void patternsTakeTheirValues_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QStringList>("variables");
        const auto row = [](const char *name, const QStringList &variables) {
            QTest::newRow(name) << QString::fromLatin1(name) << variables;
        };
        row("react", {QStringLiteral("tools")});
        row("react_observation", {QStringLiteral("observation")});
        row("plan", {QStringLiteral("task"), QStringLiteral("max_steps"), QStringLiteral("tools")});
        row("plan_step", {QStringLiteral("task"), QStringLiteral("plan"), QStringLiteral("done"),
                          QStringLiteral("step")});
        row("replan", {QStringLiteral("task"), QStringLiteral("plan"), QStringLiteral("done"),
                       QStringLiteral("max_steps"), QStringLiteral("problem")});
        row("plan_answer", {QStringLiteral("task"), QStringLiteral("done")});
        row("critique", {QStringLiteral("task"), QStringLiteral("criteria"), QStringLiteral("draft")});
        row("revise", {QStringLiteral("task"), QStringLiteral("draft"), QStringLiteral("critique")});
        row("mend_output", {QStringLiteral("problem")});
        row("team_plan", {QStringLiteral("request"), QStringLiteral("max_tasks")});
        row("team_worker", {QStringLiteral("task"), QStringLiteral("request")});
        row("team_merge", {QStringLiteral("request")});
        row("team_route", {QStringLiteral("input")});
        row("team_guard", {QStringLiteral("rule"), QStringLiteral("value")});
        row("team_judge", {});
        row("team_handoff", {});
        row("team_transfer", {QStringLiteral("name"), QStringLiteral("job")});
        row("team_transferred", {QStringLiteral("name")});
        row("team_not_transferred", {QStringLiteral("name")});
    }
    void patternsTakeTheirValues()
    {
        QFETCH(QString, name);
        QFETCH(QStringList, variables);
        QJsonObject values;
        for (const QString &variable : variables)
            values.insert(variable, QStringLiteral("value-of-") + variable);
        const QString text = promptText(QStringLiteral("patterns/") + name, values);
        for (const QString &variable : variables)
            QVERIFY2(text.contains(QStringLiteral("value-of-") + variable), qPrintable(text));
        QVERIFY(!text.contains(QLatin1String("{{")));
        // With nothing given it still is a text without holes.
        QVERIFY(!promptText(QStringLiteral("patterns/") + name, {}).isEmpty());
    }
    void everyPatternFileIsTested()
    {
        const QStringList files = QDir(QStringLiteral(LATHE_SOURCE_DIR "/prompts/patterns"))
                                      .entryList({QStringLiteral("*.md")}, QDir::Files);
        QCOMPARE(files.size(), 19);
    }
    void toolsMayBeObjects()
    {
        const QJsonArray tools{
            QJsonObject{{QStringLiteral("name"), QStringLiteral("sql")},
                        {QStringLiteral("description"), QStringLiteral("Query.")},
                        {QStringLiteral("schema"), QStringLiteral("{\"type\":\"object\"}")}}};
        const QString text =
            promptText(QStringLiteral("patterns/react"), {{QStringLiteral("tools"), tools}});
        QVERIFY2(
            text.contains(QLatin1String("- sql: Query.\n  Arguments (JSON Schema): {\"type\":\"object\"}")),
            qPrintable(text));
        QVERIFY(!text.contains(QLatin1String("There are no tools")));
        QVERIFY(promptText(QStringLiteral("patterns/react"), {{QStringLiteral("tools"), QString()}})
                    .contains(QLatin1String("There are no tools")));
    }
    void aMissingTextIsLoggedAndEmpty()
    {
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(QStringLiteral("not compiled in")));
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(QStringLiteral(".*opened.*")));
        QCOMPARE(promptText(QStringLiteral("patterns/nothing"), {}), QString());
    }
};

QTEST_GUILESS_MAIN(TestPromptTemplates)
#include "tst_PromptTemplates.moc"
