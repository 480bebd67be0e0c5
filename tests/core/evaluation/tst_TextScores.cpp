// SPDX-License-Identifier: GPL-3.0-or-later
// Scores against published examples and a plain computation; the templates of promptfoo's files as a table.
#include "core/base/Json.h"
#include "core/evaluation/TextJson.h"
#include "core/evaluation/TextScores.h"
#include "core/evaluation/TextTemplate.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

namespace {
// The table as the textbook has it.
qsizetype plainDistance(const QString &a, const QString &b)
{
    std::vector<qsizetype> row(size_t(b.size()) + 1);
    for (size_t j = 0; j < row.size(); ++j)
        row[j] = qsizetype(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        qsizetype corner = row[0]++;
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const qsizetype up = row[size_t(j)];
            row[size_t(j)] =
                std::min({up + 1, row[size_t(j) - 1] + 1, corner + (a[i - 1] != b[j - 1])});
            corner = up;
        }
    }
    return row.back();
}

QString randomText(QRandomGenerator *random, int length, int letters)
{
    QString text;
    for (int i = 0; i < length; ++i)
        text += QChar(u'a' + random->bounded(letters));
    return text;
}
} // namespace

class TestTextScores : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void levenshtein_data()
    {
        QTest::addColumn<QString>("a");
        QTest::addColumn<QString>("b");
        QTest::addColumn<int>("distance");
        const auto row = [](const char *a, const char *b, int distance) {
            QTest::addRow("%s/%s", a, b)
                << QString::fromUtf8(a) << QString::fromUtf8(b) << distance;
        };
        row("kitten", "sitting", 3); // Wagner and Fischer's and everybody's examples
        row("saturday", "sunday", 3);
        row("intention", "execution", 5);
        row("flaw", "lawn", 2);
        row("gumbo", "gambol", 2);
        row("rosettacode", "raisethysword", 8);
        row("", "", 0);
        row("", "abc", 3);
        row("abc", "", 3);
        row("same", "same", 0);
        row("Hello, World", "Hello, world", 1);
        row("café", "cafe", 1);
        row("book", "back", 2);
    }
    void levenshtein()
    {
        QFETCH(QString, a);
        QFETCH(QString, b);
        QFETCH(int, distance);
        QCOMPARE(levenshteinDistance(a, b), distance);
        QCOMPARE(levenshteinDistance(b, a), distance);
    }

    void levenshteinAgreesWithTheTable()
    {
        QRandomGenerator random(7);
        for (int round = 0; round < 600; ++round) {
            const QString a = randomText(&random, random.bounded(300), 2 + random.bounded(6));
            const QString b =
                round % 3 ? randomText(&random, random.bounded(300), 2 + random.bounded(6))
                          : QString(a)
                                .insert(random.bounded(int(a.size()) + 1), QStringLiteral("xy"))
                                .remove(3, 2);
            QCOMPARE(levenshteinDistance(a, b), plainDistance(a, b));
        }
        for (const int length : {63, 64, 65, 127, 128, 129}) { // edges of the blocks
            const QString a = randomText(&random, length, 3),
                          b = randomText(&random, length + 1, 3);
            QCOMPARE(levenshteinDistance(a, b), plainDistance(a, b));
        }
    }

    void longTextsAreQuick()
    {
        QRandomGenerator random(9);
        const QString a = randomText(&random, 100'000, 20), b = randomText(&random, 100'000, 20);
        QElapsedTimer timer;
        timer.start();
        const qsizetype distance = levenshteinDistance(a, b);
        qInfo("100 000 against 100 000 characters: %lld ms", timer.elapsed());
        QVERIFY(distance > 50'000 && distance < 100'000);
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void words_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("words");
        QTest::newRow("plain") << QStringLiteral("police killed the gunman")
                               << QStringLiteral("police|killed|the|gunman");
        QTest::newRow("punctuation") << QStringLiteral("Good muffins cost $3.88, in New York.")
                                     << QStringLiteral("Good|muffins|cost|$|3.88|,|in|New|York|.");
        QTest::newRow("contractions") << QStringLiteral("They don't; it's we'll")
                                      << QStringLiteral("They|do|n't|;|it|'s|we|'ll");
        QTest::newRow("hyphen") << QStringLiteral("a state-of-the-art (thing)")
                                << QStringLiteral("a|state-of-the-art|(|thing|)");
        QTest::newRow("accents") << QStringLiteral("Größe \u00e9t\u00e9!")
                                 << QStringLiteral("Größe|\u00e9t\u00e9|!");
        QTest::newRow("nothing") << QString() << QString();
    }
    void words()
    {
        QFETCH(QString, text);
        QFETCH(QString, words);
        QCOMPARE(treebankWords(text).join(QLatin1Char('|')), words);
    }

    void rouge_data()
    {
        QTest::addColumn<QString>("candidate");
        QTest::addColumn<QString>("reference");
        QTest::addColumn<int>("n");
        QTest::addColumn<double>("score");
        const QString reference =
            QStringLiteral("police killed the gunman"); // Lin 2004, section 3.1
        QTest::newRow("Lin S2, ROUGE-1")
            << QStringLiteral("police kill the gunman") << reference << 1 << 0.75;
        QTest::newRow("Lin S2, ROUGE-2")
            << QStringLiteral("police kill the gunman") << reference << 2 << 1.0 / 3;
        QTest::newRow("Lin S3, ROUGE-2")
            << QStringLiteral("the gunman kill police") << reference << 2 << 1.0 / 3;
        QTest::newRow("Lin S3, ROUGE-1")
            << QStringLiteral("the gunman kill police") << reference << 1 << 0.75;
        QTest::newRow("the same") << reference << reference << 1 << 1.0;
        QTest::newRow("nothing") << QStringLiteral("a cat") << reference << 1 << 0.0;
        QTest::newRow("clipped") << QStringLiteral("the the the the")
                                 << QStringLiteral("the cat saw the dog") << 1 << 0.4;
        QTest::newRow("repeated words count")
            << QStringLiteral("the cat the dog") << QStringLiteral("the cat the dog") << 1 << 1.0;
        QTest::newRow("case matters")
            << QStringLiteral("Police") << QStringLiteral("police") << 1 << 0.0;
        QTest::newRow("empty candidate") << QString() << reference << 1 << 0.0;
        QTest::newRow("empty reference") << reference << QString() << 1 << 0.0;
    }
    void rouge()
    {
        QFETCH(QString, candidate);
        QFETCH(QString, reference);
        QFETCH(int, n);
        QFETCH(double, score);
        QVERIFY2(std::abs(rougeN(candidate, reference, n) - score) < 1e-12,
                 qPrintable(QString::number(rougeN(candidate, reference, n))));
    }

    void bleu_data()
    {
        QTest::addColumn<QString>("candidate");
        QTest::addColumn<QStringList>("references");
        QTest::addColumn<double>("least");
        QTest::addColumn<double>("most");
        const auto near = [](const char *name, const QString &candidate,
                             const QStringList &references, double score) {
            QTest::newRow(name) << candidate << references << score - 5e-5 << score + 5e-5;
        };
        const QStringList party{
            QStringLiteral("It is a guide to action that ensures that the military will forever "
                           "heed Party commands"),
            QStringLiteral("It is the guiding principle which guarantees the military forces "
                           "always being under the command of the Party"),
            QStringLiteral("It is the practical guide for the army always to heed the directions "
                           "of the party")};
        // Papineni's first example; the figure is the one in NLTK's documentation.
        near("guide to action",
             QStringLiteral("It is a guide to action which ensures that the military always obeys "
                            "the commands of the party"),
             party, 0.5046);
        near("brevity", QStringLiteral("the cat sat on the"),
             {QStringLiteral("the cat sat on the mat")}, std::exp(1 - 6.0 / 5));
        near("the same", QStringLiteral("The cat sat on the mat."),
             {QStringLiteral("the cat sat on the mat.")}, 1);
        near("longer is not punished twice", QStringLiteral("a b c d e"),
             {QStringLiteral("a b c d")},
             std::pow((4.0 / 5) * (3.0 / 4) * (2.0 / 3) * (1.0 / 2), 0.25));
        near("one word off", QStringLiteral("the dog sat on the mat"),
             {QStringLiteral("the cat sat on the mat")},
             std::pow((5.0 / 6) * (3.0 / 5) * (2.0 / 4) * (1.0 / 3), 0.25));
        // What promptfoo documents of its own.
        QTest::newRow("different")
            << QStringLiteral("Dogs run in the park.")
            << QStringList{QStringLiteral("The cat sat on the mat.")} << 1e-9 << 0.001;
        QTest::newRow("two references") << QStringLiteral("The small cat sat.")
                                        << QStringList{QStringLiteral("The small cat sat."),
                                                       QStringLiteral("The cat is on the mat.")}
                                        << 0.999 << 1.0001;
        QTest::newRow("several") << QStringLiteral("The cat was sitting on the mat.")
                                 << QStringList{QStringLiteral("The cat sat on the mat."),
                                                QStringLiteral("There is a cat on the mat."),
                                                QStringLiteral("A cat is sitting on the mat.")}
                                 << 0.25 << 1.0;
        QTest::newRow("empty") << QString() << QStringList{QStringLiteral("x")} << 0.0 << 0.0;
        QTest::newRow("no reference") << QStringLiteral("x") << QStringList() << 0.0 << 0.0;
    }
    void bleu()
    {
        QFETCH(QString, candidate);
        QFETCH(QStringList, references);
        QFETCH(double, least);
        QFETCH(double, most);
        const double score = bleuScore(candidate, references);
        QVERIFY2(score >= least && score <= most, qPrintable(QString::number(score, 'g', 10)));
    }

    void templates_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("result");
        const auto row = [](const char *text, const char *result) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(result);
        };
        row("plain { text } %", "plain { text } %");
        row("Hello {{name}}!", "Hello Ada!");
        row("{{ name }}{{missing}}.", "Ada.");
        row("{{ user.city }} {{ user.tags[1] }} {{ user['city'] }}", "Paris b Paris");
        row("{{ missing.deep.er }}|", "|");
        row("{{ count }} {{ count + 1 }} {{ count * 2 - 1 }}", "3 4 5");
        row("{{ list }}", "x,y,z");
        row("{{ user }}", "{\"city\":\"Paris\",\"tags\":[\"a\",\"b\"]}");
        row("{{ name | upper }} {{ name | lower }} {{ ' x ' | trim }}", "ADA ada x");
        row("{{ missing | default('none') }} {{ name | default('none') }}", "none Ada");
        row("{{ list | length }} {{ list | join('-') }} {{ list | first }} {{ list | last }}",
            "3 x-y-z x z");
        row("{{ name | replace('A', 'E') }}", "Eda");
        row("{{ user.tags | dump }}", "[\"a\",\"b\"]");
        row("{{ 'b' in user.tags }} {{ 'q' not in list }}", "true true");
        row("{% if count > 2 %}many{% elif count == 2 %}two{% else %}few{% endif %}", "many");
        row("{% if missing %}a{% else %}b{% endif %}", "b");
        row("{% if name == 'Ada' and not missing %}yes{% endif %}", "yes");
        row("{% for x in list %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor "
            "%}",
            "1x,2y,3z");
        row("{% for k, v in user %}{{ k }};{% endfor %}", "city;tags;");
        row("{% for x in missing %}a{% else %}none{% endfor %}", "none");
        row("{% set n = count + 1 %}{{ n }}", "4");
        row("{% raw %}{{ name }}{% endraw %}", "{{ name }}");
        row("a{# comment {{ name }} #}b", "ab");
        row("a \n {{- name -}} \n b", "aAdab");
        row("{{ 'yes' if count == 3 else 'no' }} {{ 'x' ~ count }}", "yes x3");
        row("{{ \"}}\" }}", "}}");
        row("{{ \"a\\\"b\" }}", "a\"b");
        row("{\"a\": \"{{name}}\"}", "{\"a\": \"Ada\"}");
        row("<b>{{ html }}</b>", "<b><i>&</i></b>");
        row("{{ env.HOME }}", "/home/ada");
    }
    void templates()
    {
        QFETCH(QString, text);
        QFETCH(QString, result);
        const QJsonObject values =
            *json::parseObject("{\"name\": \"Ada\", \"count\": 3, \"list\": [\"x\", \"y\", \"z\"], "
                               "\"html\": \"<i>&</i>\","
                               " \"user\": {\"city\": \"Paris\", \"tags\": [\"a\", \"b\"]}, "
                               "\"env\": {\"HOME\": \"/home/ada\"}}");
        const auto filled = fillText(text, values);
        QVERIFY2(filled, filled ? "" : qPrintable(filled.error().message));
        QCOMPARE(*filled, result);
    }

    void whatIsNotUnderstoodIsNamed_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<QString>("what");
        const auto row = [](const char *text, int line, const char *what) {
            QTest::newRow(text) << QString::fromUtf8(text) << line << QString::fromUtf8(what);
        };
        row("a\n{{ name | shout }}", 2, "the filter \"shout\" is not supported");
        row("{{ name.upper() }}", 1, "calls are not supported");
        row("{% macro x() %}{% endmacro %}", 1, "the tag \"macro\" is not supported");
        row("{% include 'x' %}", 1, "the tag \"include\" is not supported");
        row("x\n\n{% if a %}b", 3, "\"if\" is not closed");
        row("{% for a in b %}c", 1, "\"for\" is not closed");
        row("{{ name", 1, "is not closed");
        row("{{ }}", 1, "it is empty or ends too early");
        row("{{ a b }}", 1, "\"b\" was not expected");
        row("a{% endif %}b", 1, "closes nothing");
        row("{{ (a }}", 1, "a bracket is not closed");
        row("{% if a is defined %}x{% endif %}", 1, "tests with \"is\" are not supported");
    }
    void whatIsNotUnderstoodIsNamed()
    {
        QFETCH(QString, text);
        QFETCH(int, line);
        QFETCH(QString, what);
        const TextTemplate parsed(text);
        QVERIFY(!parsed.defects().empty());
        QCOMPARE(parsed.defects().front().line, line);
        QVERIFY2(parsed.defects().front().what.contains(what),
                 qPrintable(parsed.defects().front().what));
        QVERIFY(!parsed.render({}));
    }

    void variablesAreNamed()
    {
        const TextTemplate parsed(
            QStringLiteral("{{a.b}} {% for x in list %}{{x}}{{loop.index}}{{c}}{% endfor %}{% if d "
                           "%}{{env.X}}{% endif %}{{ a }}"));
        QCOMPARE(parsed.variables().join(QLatin1Char(' ')), QStringLiteral("a list c d env"));
    }

    void hostileTemplatesEnd()
    {
        QElapsedTimer timer;
        timer.start();
        QString nested;
        for (int i = 0; i < 30; ++i)
            nested += QStringLiteral("{% for x in list %}");
        nested += QStringLiteral("boom");
        for (int i = 0; i < 30; ++i)
            nested += QStringLiteral("{% endfor %}");
        QJsonArray list;
        for (int i = 0; i < 20; ++i)
            list.append(i);
        QVERIFY(!fillText(nested, {{QStringLiteral("list"), list}}));
        QVERIFY(!fillText(
            QStringLiteral("{{") + QString(100'000, QLatin1Char('(')) + QStringLiteral("}}"), {}));
        QVERIFY(!fillText(
            QStringLiteral("{{") + QString(100'000, QLatin1Char('-')) + QStringLiteral("1}}"), {}));
        QVERIFY(!fillText(QStringLiteral("{% if a %}").repeated(10'000), {}));
        QVERIFY(!fillText(QStringLiteral("{% for x in [1,2,3,4,5,6,7,8,9,0] %}").repeated(8)
                              + QString(100'000, QLatin1Char('x'))
                              + QStringLiteral("{% endfor %}").repeated(8),
                          {}));
        QRandomGenerator random(11);
        const QString pieces = QStringLiteral("{}%#'\"ab1.|()[]~ -\nifforendsetraw");
        for (int round = 0; round < 20'000; ++round) {
            QString text = QStringLiteral("{{a{%");
            for (int i = random.bounded(40); i > 0; --i)
                text += pieces[random.bounded(int(pieces.size()))];
            (void)fillText(text, {{QStringLiteral("a"), list}});
        }
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }

    void jsonInProse_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("values");
        const auto row = [](const char *text, const char *values) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(values);
        };
        row("{\"a\":1}", "{\"a\":1}");
        row("[1,2]", "[1,2]");
        row("Sure! {\"a\": {\"b\": \"}\"}} and {\"c\":2}.", "{\"a\":{\"b\":\"}\"}} {\"c\":2}");
        row("```json\n{\"pass\": true}\n```", "{\"pass\":true}");
        row("```\n[1, 2]\n```", "[1,2]");
        row("{ not json } {\"a\":1,}", "{\"a\":1}");
        row("{ {\"a\":1}", "{\"a\":1}");
        row("nothing [1] here", "");
        row("", "");
        row("42", "");
    }
    void jsonInProse()
    {
        QFETCH(QString, text);
        QFETCH(QString, values);
        QStringList found;
        for (const QJsonValue &value : jsonValuesIn(text))
            found.append(json::compactString(value));
        QCOMPARE(found.join(QLatin1Char(' ')), values);
    }

    void openBracketsTakeNoQuadraticTime()
    {
        QElapsedTimer timer;
        timer.start();
        QVERIFY(jsonValuesIn(QString(200'000, QLatin1Char('{'))).empty());
        QVERIFY(jsonValuesIn(QStringLiteral("{\"").repeated(100'000)).empty());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestTextScores)
#include "tst_TextScores.moc"
