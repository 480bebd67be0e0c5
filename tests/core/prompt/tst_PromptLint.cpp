// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/prompt/PromptSpec.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

namespace {

PromptSpec goodPrompt()
{
    PromptSpec spec;
    spec.text = QStringLiteral("Summarise the text the user sends in three bullets.");
    spec.successCriteria = {QStringLiteral("Three bullets")};
    spec.fallback = QStringLiteral("There is nothing to summarise.");
    return spec;
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
        row("sentence and paragraphs", "Answer in one sentence. Write three paragraphs.", "{}",
            "contradiction.length", "three paragraphs");
        row("languages", "Answer always in English, one line. Reply in German.", "{}",
            "contradiction.language", "Reply in German");
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
        QJsonObject body = goodPrompt().toJson();
        if (!text.isEmpty())
            body.insert(QStringLiteral("text"), text);
        const QJsonObject other = *json::parseObject(changes);
        for (auto it = other.begin(); it != other.end(); ++it)
            body.insert(it.key(), it.value());
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
        row("limits that agree", "At least 20 words, at most 50 words.", "[]");
        row("one language twice", "Answer in English, one line. Always write in English.", "[]");
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
        QVERIFY2(timer.elapsed() < 60000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestPromptLint)
#include "tst_PromptLint.moc"
