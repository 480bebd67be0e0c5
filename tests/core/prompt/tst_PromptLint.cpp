// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/prompt/PromptLint.h"
#include "tests/support/JsonText.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {

PromptSpec goodPrompt()
{
    PromptSpec spec;
    spec.text = QStringLiteral("Summarise the text the user sends in three bullets.");
    spec.successCriteria = {QStringLiteral("Three bullets")};
    spec.fallback = QStringLiteral("There is nothing to summarise.");
    return spec;
}

// The good prompt with another text, unless it is empty, and other members.
QJsonObject changed(const QString &text, const QByteArray &members)
{
    QJsonObject body = goodPrompt().toJson();
    if (!text.isEmpty())
        body.insert(QStringLiteral("text"), text);
    const QJsonObject other = object(members);
    for (auto it = other.begin(); it != other.end(); ++it)
        body.insert(it.key(), it.value());
    return body;
}

QStringList codes(const PromptSpec &spec)
{
    QStringList list;
    for (const PromptProblem &problem : lintPrompt(spec))
        list.append(problem.code);
    return list;
}

} // namespace

class TestPromptLint : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aGoodPromptHasNoProblem() { QCOMPARE(codes(goodPrompt()), QStringList()); }
    void emptyTextIsTheOnlyProblem()
    {
        PromptSpec spec;
        spec.text = QStringLiteral("  \n ");
        const auto problems = lintPrompt(spec);
        QCOMPARE(problems.size(), size_t(1));
        QCOMPARE(problems[0].code, QStringLiteral("text.empty"));
        QCOMPARE(problems[0].severity, 2);
    }
    void eachProblemIsFoundWithItsPlace_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>(
            "changes"); // members of the body that replace those of the good prompt
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("marked"); // the text the range covers
        const auto row = [](const char *name, const char *text, const char *changes, const char *code,
                            const char *marked) {
            QTest::newRow(name) << QString::fromUtf8(text) << QByteArray(changes)
                                << QString::fromLatin1(code) << QString::fromUtf8(marked);
        };
        row("no format", "Handle the customer's wishes.", "{}", "output.unsaid", "");
        row("no criteria", "", R"({"success_criteria":[]})", "criteria.none", "");
        row("no fallback", "", R"({"fallback":""})", "fallback.none", "");
        row("no schema", "Sort it.", R"({"output":{"format":"json_schema"}})", "output.no_schema", "");
        row("undefined", "In one sentence: {{topic}}", "{}", "variable.undefined", "{{topic}}");
        row("unused", "", R"({"variables":[{"name":"colour"}]})", "variable.unused", "");
        row("twice", "One line about {{a}}.", R"({"variables":[{"name":"a"},{"name":"a"}]})",
            "variable.duplicate", "");
        row("unclosed section", "In one line. {{#a}} x", R"({"variables":[{"name":"a"}]})",
            "template.unclosed", "{{#a}}");
        row("broken tag", "In one line. {{a", "{}", "template.broken", "{{a");
        row("bullets against schema", "Answer in bullets.",
            R"({"output":{"format":"json_schema","schema":{"type":"object"}}})", "contradiction.format",
            "in bullets");
        row("markdown against text", "Use Markdown headings.", "{}", "contradiction.format",
            "Use Markdown");
        row("no markdown against markdown", "Three bullets. Do not use Markdown.",
            R"({"output":{"format":"markdown"}})", "contradiction.format", "not use Markdown");
        row("json without schema", "Answer in JSON.", "{}", "contradiction.format", "in JSON");
        row("brief and exhaustive", "Be brief, in bullets. Be exhaustive.", "{}", "contradiction.length",
            "Be exhaustive");
        row("words", "At most 50 words. At least 100 words.", "{}", "contradiction.length",
            "At least 100 words");
        row("brief and detailed", "Answer briefly, in bullets. Write a detailed explanation.", "{}", "contradiction.length", "detailed explanation");
        row("words and paragraphs", "At most 50 words. Write three paragraphs.", "{}", "contradiction.length", "three paragraphs");
        row("sentence and paragraphs", "Answer in one sentence. Write three paragraphs.", "{}",
            "contradiction.length", "three paragraphs");
        row("languages", "Answer always in English, one line. Reply in German.", "{}",
            "contradiction.language", "Reply in German");
        row("misspelt", "In one sentence: {{toipc}}", R"({"variables":[{"name":"topic"}]})", "variable.misspelt", "{{toipc}}");
        row("misspelt section", "One line. {{#custmer}}x{{/custmer}} {{customer}}", R"({"variables":[{"name":"customer"}]})",
            "variable.misspelt", "{{#custmer}}");
        row("stray close", "In one line. x {{/a}}", R"({"variables":[]})", "template.unclosed", "{{/a}}");
        row("misnested", "In one line. {{#a}}{{#b}}x{{/a}}{{/b}}", R"({"variables":[{"name":"a"},{"name":"b"}]})", "template.unclosed", "{{#b}}");
        row("helpful", "You are a helpful assistant. Please be polite and helpful.", "{}", "job.vague", "");
        row("helps with anything", "You're a friendly AI assistant! Help users with their questions.", "{}", "job.vague", "");
        row("two words", "Do it.", "{}", "job.vague", "");
        row("placeholder", "Summarise for ‹whom› in one line.", "{}", "text.placeholder", "‹whom›");
        row("untrusted", "Summarise {{message}} in one sentence.", R"({"variables":[{"name":"message"}]})",
            "variable.untrusted", "{{message}}");
        row("untrusted by description", "Summarise {{x}} in one sentence.",
            R"({"variables":[{"name":"x","description":"pasted from the web"}]})", "variable.untrusted",
            "{{x}}");
    }
    void eachProblemIsFoundWithItsPlace()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, changes);
        QFETCH(QString, code);
        QFETCH(QString, marked);
        const QJsonObject body = changed(text, changes);
        const auto spec = PromptSpec::fromJson(body);
        QVERIFY(spec);
        const auto problems = lintPrompt(*spec);
        const auto found = std::find_if(problems.begin(), problems.end(),
                                        [&](const PromptProblem &p) { return p.code == code; });
        QVERIFY2(found != problems.end(), qPrintable(codes(*spec).join(u' ')));
        QVERIFY(!found->message.isEmpty());
        QVERIFY(!found->fix.isEmpty());
        QVERIFY(found->pointer.startsWith(u'/'));
        if (marked.isEmpty())
            QCOMPARE(found->from, qsizetype(-1));
        else
            QCOMPARE(spec->text.mid(found->from, found->length), marked);
    }
    void whatIsFineIsNotComplainedAbout_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("variables");
        const auto row = [](const char *name, const char *text, const char *variables) {
            QTest::newRow(name) << QString::fromUtf8(text) << QByteArray(variables);
        };
        row("delimited by tags", "One sentence about:\n<message>\n{{message}}\n</message>",
            R"([{"name":"message"}])");
        row("delimited by fences", "One sentence about:\n```\n{{document}}\n```",
            R"([{"name":"document"}])");
        row("no more than", "Write no more than 50 words. Keep each bullet at most 60 words.", "[]");
        row("words that fill paragraphs", "At most 400 words in three paragraphs.", "[]");
        row("limits that agree", "At least 20 words, at most 50 words.", "[]");
        row("one language twice", "Answer in English, one line. Always write in English.", "[]");
        row("a job after politeness", "You are a helpful assistant. Summarise mails in three bullets. Be friendly.", "[]");
        row("short in chinese", "用一句话总结 sentence", "[]");
        row("input is always there", "One sentence about:\n<input>\n{{input}}\n</input>", "[]");
        row("different names", "One line: {{name}} {{same}} {{a}} {{b}}", R"([{"name":"name"},{"name":"same"},{"name":"a"},{"name":"b"}])");
        row("no markdown in plain text", "Three bullets. Do not use Markdown.", "[]");
        row("item members", "One line for {{#items}}{{items.name}}{{/items}}", R"([{"name":"items"}])");
    }
    void whatIsFineIsNotComplainedAbout()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, variables);
        QJsonObject body = goodPrompt().toJson();
        body.insert(QStringLiteral("text"), text);
        body.insert(QStringLiteral("variables"), json::parse(variables)->toArray());
        QCOMPARE(codes(*PromptSpec::fromJson(body)), QStringList());
    }
    // Applying the fix that is offered takes the problem away and leaves a prompt that can be read.
    void fixesMend_data() { eachProblemIsFoundWithItsPlace_data(); }
    void fixesMend()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, changes);
        QFETCH(QString, code);
        const QJsonObject body = changed(text, changes);
        const auto problems = lintPrompt(*PromptSpec::fromJson(body));
        const auto found = std::find_if(problems.begin(), problems.end(), [&](const PromptProblem &p) { return p.code == code; });
        QVERIFY(found != problems.end());
        QVERIFY2(!found->fixes.empty(), "no quick fix");
        for (const PromptFix &fix : found->fixes) {
            QVERIFY(!fix.title.isEmpty());
            QJsonObject mended = body;
            mended.insert(QStringLiteral("text"), fix.applyTo(body.value(QStringLiteral("text")).toString()));
            for (const PromptFix::Change &change : fix.changes)
                mended = json::with(mended, change.pointer, change.value).toObject();
            QVERIFY2(mended != body, qPrintable(fix.title));
            const auto spec = PromptSpec::fromJson(mended);
            QVERIFY(spec);
            const auto count = [&](const std::vector<PromptProblem> &list) {
                return std::count_if(list.begin(), list.end(), [&](const PromptProblem &p) { return p.code == code; });
            };
            QVERIFY2(count(lintPrompt(*spec)) < count(problems),
                     qPrintable(fix.title + QStringLiteral(" gives: ") + spec->text + codes(*spec).join(u' ')));
        }
    }
    void contradictionsLoseOneSentence()
    {
        PromptSpec spec = goodPrompt();
        spec.text = QStringLiteral("Answer in three bullets. Be brief.\nQuote the text. Be exhaustive in it. Sign.");
        const auto problems = lintPrompt(spec);
        QCOMPARE(problems.size(), size_t(1));
        QCOMPARE(problems[0].fixes[0].title, QStringLiteral("Remove “Be exhaustive in it.”"));
        QCOMPARE(problems[0].fixes[0].applyTo(spec.text), QStringLiteral("Answer in three bullets. Be brief.\nQuote the text. Sign."));
        QCOMPARE(problems[0].fixes[1].applyTo(spec.text), QStringLiteral("Answer in three bullets.\nQuote the text. Be exhaustive in it. Sign."));
    }

    void toolsThatAgentsLack_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("marked"); // empty: no problem
        const auto row = [](const char *name, const char *text, const char *marked) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(marked);
        };
        row("in backticks", "Look it up with `web_search` in one line.", "web_search");
        row("quoted with tool", "Use the “crm” tool, one line.", "crm");
        row("snake case", "Call get_weather first. One line.", "get_weather");
        row("known tool in words", "Use the calculator for sums, one line.", "calculator");
        row("misspelt", "Call orders_sgl and answer in one line.", "orders_sgl");
        row("one it has", "Use the orders_sql tool and answer in one line.", "");
        row("quoted but no tool", "Answer “crm” or “sales” in one line.", "");
        row("snake case that is no call", "The field customer_name holds one line.", "");
        row("a plain word", "Give one line a calculator could check.", "");
        row("a variable", "Answer with `product` in one line: {{product}}", "");
    }
    void toolsThatAgentsLack()
    {
        QFETCH(QString, text);
        QFETCH(QString, marked);
        PromptSpec spec = goodPrompt();
        spec.text = text;
        if (text.contains(QLatin1String("{{product}}")))
            spec.variables = {{QStringLiteral("product"), {}, {}, true}};
        PromptLintContext context;
        context.knownTools = {QStringLiteral("calculator"), QStringLiteral("orders_sql")};
        QCOMPARE(lintPrompt(spec, context).size(), size_t(0)); // nobody uses it yet
        context.users = {{QStringLiteral("clerk"), {QStringLiteral("orders_sql")}}};
        const auto problems = lintPrompt(spec, context);
        QCOMPARE(problems.size(), size_t(marked.isEmpty() ? 0 : 1));
        if (marked.isEmpty())
            return;
        QCOMPARE(problems[0].code, QStringLiteral("tool.missing"));
        QCOMPARE(text.mid(problems[0].from, problems[0].length), marked);
        QVERIFY(problems[0].message.contains(QLatin1String("clerk")));
        if (marked == QLatin1String("orders_sgl"))
            QCOMPARE(problems[0].fixes[0].applyTo(text), QStringLiteral("Call orders_sql and answer in one line."));
    }

    void examplesThatBreakTheSchema_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("answer"); // of an example turn
        QTest::addColumn<bool>("breaks");
        const auto row = [](const char *name, const char *text, const char *answer, bool breaks) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(answer) << breaks;
        };
        row("a good block", "Sort the mail.\nExample output:\n```json\n{\"area\": \"billing\"}\n```", "", false);
        row("a member too many", "Sort the mail.\nExample:\n```json\n{\"area\": \"billing\", \"x\": 1}\n```", "", true);
        row("a member missing", "Sort the mail.\nFor instance, the answer is\n{\"areas\": \"billing\"}", "", true);
        row("no json", "Sort the mail.\nExample:\n```json\n{area: billing}\n```", "", true);
        row("an input", "Sort the mail.\nExample input:\n```json\n{\"x\": 1}\n```", "", false);
        row("filled later", "Sort the mail.\nExample:\n```json\n{\"area\": \"{{area}}\"}\n```", "", false);
        row("a good turn", "Sort the mail.", "{\"area\": \"export\"}", false);
        row("a bad turn", "Sort the mail.", "{\"area\": 7}", true);
        row("prose", "Sort the mail.", "It is about billing.", true);
    }
    void examplesThatBreakTheSchema()
    {
        QFETCH(QString, text);
        QFETCH(QString, answer);
        QFETCH(bool, breaks);
        PromptSpec spec = goodPrompt();
        spec.text = text;
        spec.variables = {};
        spec.outputFormat = QStringLiteral("json_schema");
        spec.outputSchema = *json::parseObject(R"({"type":"object","properties":{"area":{"enum":["billing","export"]}},"required":["area"],"additionalProperties":false})");
        if (!answer.isEmpty())
            spec.messages = {{QStringLiteral("user"), QStringLiteral("x")}, {QStringLiteral("assistant"), answer}};
        PromptLintContext context;
        context.violations = [](const QJsonValue &, const QJsonValue &value) { // what the schema above says
            const QJsonObject object = value.toObject();
            const QString area = object.value(QLatin1String("area")).toString();
            const bool fits = object.size() == 1 && (area == QLatin1String("billing") || area == QLatin1String("export"));
            return fits ? QStringList() : QStringList(QStringLiteral("it does not fit"));
        };
        const auto examples = [&](const PromptSpec &of) {
            std::vector<PromptProblem> found;
            for (const PromptProblem &problem : lintPrompt(of, context)) {
                if (problem.code == QLatin1String("example.breaks"))
                    found.push_back(problem);
            }
            return found;
        };
        const auto problems = examples(spec);
        QCOMPARE(problems.size(), size_t(breaks ? 1 : 0));
        if (!breaks)
            return;
        QVERIFY(!problems[0].fixes.empty());
        QJsonObject body = spec.toJson();
        body.insert(QStringLiteral("text"), problems[0].fixes[0].applyTo(spec.text));
        for (const PromptFix::Change &change : problems[0].fixes[0].changes)
            body = json::with(body, change.pointer, change.value).toObject();
        QVERIFY(examples(*PromptSpec::fromJson(body)).empty());
    }

    void partialsAreLookedUp()
    {
        PromptSpec spec = goodPrompt();
        spec.text = QStringLiteral("Sort the mails by the rules. {{> ruels}}");
        PromptLintContext context;
        QCOMPARE(codes(spec), QStringList{QStringLiteral("output.unsaid")}); // nothing is known, nothing is wrong
        context.name = QStringLiteral("mine");
        context.promptNames = {QStringLiteral("rules"), QStringLiteral("other")};
        context.partials = [](const QString &reference) -> Result<PromptPartial> {
            if (reference == QLatin1String("mine"))
                return PromptPartial{reference, QStringLiteral("{{> mine}}"), {}};
            if (reference != QLatin1String("rules"))
                return Error(ErrorKind::NotFound, QStringLiteral("There is no prompt named %1.").arg(reference));
            return PromptPartial{reference, QStringLiteral("Answer in one line about {{product}}."), {{QStringLiteral("product"), {}, {}, true}}};
        };
        auto problems = lintPrompt(spec, context);
        QCOMPARE(problems[0].code, QStringLiteral("partial.unknown"));
        spec.text = problems[0].fixes[0].applyTo(spec.text);
        QCOMPARE(spec.text, QStringLiteral("Sort the mails by the rules. {{> rules}}"));
        QVERIFY(lintPrompt(spec, context).empty()); // the rules say the form
        spec.text += QStringLiteral(" About {{product}}.");
        QVERIFY(lintPrompt(spec, context).empty()); // declared there
        spec.text += QStringLiteral(" {{> mine}}");
        problems = lintPrompt(spec, context);
        QCOMPARE(problems.size(), size_t(1));
        QVERIFY2(problems[0].message.contains(QLatin1String("mine uses mine")), qPrintable(problems[0].message));
    }
    void markdownInAPlainTextExample()
    {
        PromptSpec spec = goodPrompt();
        spec.messages = {{QStringLiteral("user"), QStringLiteral("x")}, {QStringLiteral("assistant"), QStringLiteral("**Bold** claim")}};
        QCOMPARE(codes(spec), QStringList{QStringLiteral("example.breaks")});
        spec.outputFormat = QStringLiteral("markdown");
        QCOMPARE(codes(spec), QStringList());
    }
    void variablesOfMessagesCount()
    {
        PromptSpec spec = goodPrompt();
        spec.variables = {{QStringLiteral("who"), {}, {}, true}};
        spec.messages = {{QStringLiteral("user"), QStringLiteral("I am {{who}} {{whom_else}}")}};
        QCOMPARE(codes(spec), QStringList{QStringLiteral("variable.undefined")});
        QCOMPARE(lintPrompt(spec)[0].pointer, QStringLiteral("/messages/0/text"));
    }
    void nearestNames()
    {
        const QStringList names{QStringLiteral("customer"), QStringLiteral("product"), QStringLiteral("id"), QStringLiteral("max_words")};
        QCOMPARE(nearestName(QStringLiteral("custmer"), names), QStringLiteral("customer"));
        QCOMPARE(nearestName(QStringLiteral("prodcut"), names), QStringLiteral("product"));
        QCOMPARE(nearestName(QStringLiteral("maxWords"), names), QStringLiteral("max_words"));
        QCOMPARE(nearestName(QStringLiteral("is"), names), QString());
        QCOMPARE(nearestName(QStringLiteral("colour"), names), QString());
        QCOMPARE(nearestName(QString(5000, u'x'), names), QString());
    }
    void aFallbackInTheTextCounts()
    {
        PromptSpec spec = goodPrompt();
        spec.fallback.clear();
        spec.text += QStringLiteral(" If you do not know, say so.");
        QCOMPARE(codes(spec), QStringList());
    }
    void hostileTextIsLintedQuickly()
    {
        PromptSpec spec = goodPrompt();
        QElapsedTimer timer;
        timer.start();
        for (const QString &piece :
             {QStringLiteral("in a "), QStringLiteral("{{message}} "), QStringLiteral("answer in in in "),
              QStringLiteral("at most 5 "), QStringLiteral("{{#a}}")}) {
            spec.text = piece.repeated(1'000'000 / int(piece.size()));
            lintPrompt(spec);
        }
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestPromptLint)
#include "tst_PromptLint.moc"
