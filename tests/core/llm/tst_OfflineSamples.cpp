// SPDX-License-Identifier: GPL-3.0-or-later
// The sample project "Feedback desk": its file is whole, and each of its agents gets a sensible answer from the offline model
// when it is sent what core/runtime sends.
#include "tests/core/llm/OfflineTesting.h"

#include <QSet>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {

QJsonObject manifest()
{
    QFile file(QStringLiteral(":/data/samples/feedback-desk/manifest.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("the sample is not compiled in");
    const auto parsed = json::parseObject(file.readAll());
    if (!parsed)
        qFatal("%s", qPrintable(parsed.error().message));
    return *parsed;
}

// The newest body of an artifact.
QJsonObject body(const QString &kind, const QString &name)
{
    for (const QJsonValue &item : manifest().value(QLatin1String("artifacts")).toArray()) {
        if (item[QLatin1String("kind")].toString() != kind
            || item[QLatin1String("name")].toString() != name)
            continue;
        const QJsonArray revisions = item[QLatin1String("revisions")].toArray();
        return revisions.isEmpty() ? item[QLatin1String("body")].toObject()
                                   : revisions.last()[QLatin1String("body")].toObject();
    }
    return {};
}

// As core/prompt renders it: instructions, then the parts.
QString systemText(const QJsonObject &prompt)
{
    QHash<QString, QString> values;
    for (const QJsonValue &variable : prompt.value(QLatin1String("variables")).toArray())
        values.insert(variable[QLatin1String("name")].toString(),
                      variable[QLatin1String("default")].toString());
    QStringList parts{filledPrompt(prompt.value(QLatin1String("text")).toString(), values)};
    const QJsonObject output = prompt.value(QLatin1String("output")).toObject();
    const QString format = output.value(QLatin1String("format")).toString();
    if (format == QLatin1String("json_schema"))
        parts << promptFile(QStringLiteral("parts/output_json"),
                            {{QStringLiteral("schema"),
                              QString::fromUtf8(json::pretty(output.value(QLatin1String("schema"))))}});
    else
        parts << promptFile(format == QLatin1String("markdown") ? QStringLiteral("parts/output_markdown")
                                                                : QStringLiteral("parts/output_text"),
                            {});
    parts << promptFile(QStringLiteral("parts/tone"),
                        {{QStringLiteral("tone"), prompt.value(QLatin1String("tone")).toString()}});
    parts << promptFile(
        QStringLiteral("parts/success_criteria"),
        {{QStringLiteral("criteria"), json::toStringList(prompt.value(QLatin1String("success_criteria")))
                                          .join(QLatin1String("\n- "))}});
    parts << promptFile(QStringLiteral("parts/fallback"),
                        {{QStringLiteral("fallback"), prompt.value(QLatin1String("fallback")).toString()}});
    return parts.join(QLatin1String("\n\n"));
}

ChatRequest agentRequest(const QString &agent, const QString &input)
{
    const QJsonObject spec = body(QStringLiteral("agent"), agent);
    const QJsonObject prompt =
        body(QStringLiteral("prompt"), spec.value(QLatin1String("prompt")).toString());
    ChatRequest request = chatRequest(systemText(prompt), input);
    request.model = spec.value(QLatin1String("model")).toObject().value(QLatin1String("model")).toString();
    const QJsonObject output = prompt.value(QLatin1String("output")).toObject();
    if (output.contains(QLatin1String("schema")))
        request.outputSchema = output.value(QLatin1String("schema")).toObject();
    return request;
}

std::vector<ToolDescription> toolsOf(const QString &agent)
{
    std::vector<ToolDescription> tools;
    const QHash<QString, ToolDescription> all{{QStringLiteral("feedback_sql"), feedbackSql()},
                                              {QStringLiteral("calculator"), calculator()},
                                              {QStringLiteral("clock"), clockTool()},
                                              {QStringLiteral("ask_human"), askHuman()}};
    for (const QJsonValue &attached :
         body(QStringLiteral("agent"), agent).value(QLatin1String("tools")).toArray())
        tools.push_back(all.value(attached[QLatin1String("tool")].toString()));
    return tools;
}

// RFC 4180, enough for the sample.
QList<QStringList> csvRows()
{
    QFile file(QStringLiteral(":/data/samples/feedback-desk/feedback.csv"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no feedback.csv");
    QList<QStringList> rows{{}};
    QString cell;
    bool quoted = false;
    const QString text = QString::fromUtf8(file.readAll());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (quoted && c == u'"' && i + 1 < text.size() && text[i + 1] == u'"') {
            cell += u'"';
            ++i;
        } else if (c == u'"') {
            quoted = !quoted;
        } else if (!quoted && (c == u',' || c == u'\n')) {
            rows.last().append(cell);
            cell.clear();
            if (c == u'\n' && i + 1 < text.size())
                rows.append(QStringList());
        } else {
            cell += c;
        }
    }
    return rows;
}

} // namespace

class TestOfflineSamples : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFeedbackIsVariedAndConsistent()
    {
        const auto rows = csvRows();
        QCOMPARE(rows.size(), 301);
        QCOMPARE(rows[0], QStringList({QStringLiteral("id"), QStringLiteral("date"),
                                       QStringLiteral("product_area"), QStringLiteral("tier"),
                                       QStringLiteral("rating"), QStringLiteral("message")}));
        QSet<QString> messages, areas, tiers, ratings;
        for (int i = 1; i < rows.size(); ++i) {
            const QStringList &row = rows[i];
            QCOMPARE(row.size(), 6);
            QCOMPARE(row[0].toInt(), i);
            QVERIFY2(row[1] >= QLatin1String("2026-06-01") && row[1] <= QLatin1String("2026-11-30"),
                     qPrintable(row[1]));
            areas.insert(row[2]);
            tiers.insert(row[3]);
            ratings.insert(row[4]);
            QVERIFY2(!messages.contains(row[5]), qPrintable(row[5]));
            messages.insert(row[5]);
        }
        QCOMPARE(areas.size(), 8);
        QCOMPARE(tiers.size(), 4);
        QCOMPARE(ratings.size(), 5);
    }
    void everyReferenceOfTheManifestExists()
    {
        const QJsonObject sample = manifest();
        QSet<QString> names;
        for (const QJsonValue &item : sample.value(QLatin1String("artifacts")).toArray()) {
            const QString name =
                item[QLatin1String("kind")].toString() + u'/' + item[QLatin1String("name")].toString();
            QVERIFY2(!names.contains(name), qPrintable(name));
            names.insert(name);
        }
        QVERIFY(names.contains(QStringLiteral("dataset/feedback")));
        int agents = 0;
        for (const QJsonValue &item : sample.value(QLatin1String("artifacts")).toArray()) {
            if (item[QLatin1String("kind")].toString() != QLatin1String("agent"))
                continue;
            ++agents;
            const QJsonObject agent = item[QLatin1String("body")].toObject();
            QVERIFY(names.contains(QStringLiteral("prompt/")
                                   + agent.value(QLatin1String("prompt")).toString()));
            QVERIFY(names.contains(
                QStringLiteral("connection/")
                + agent.value(QLatin1String("model"))[QLatin1String("connection")].toString()));
            for (const QJsonValue &tool : agent.value(QLatin1String("tools")).toArray())
                QVERIFY(names.contains(QStringLiteral("tool/") + tool[QLatin1String("tool")].toString()));
            QVERIFY(sample.value(QLatin1String("examples"))
                        .toObject()
                        .contains(item[QLatin1String("name")].toString()));
        }
        QCOMPARE(agents, 6);
    }

    void triage_data()
    {
        QTest::addColumn<QString>("input");
        QTest::addColumn<QString>("area");
        QTest::addColumn<QString>("sentiment");
        QTest::addColumn<QString>("priority");
        const QJsonArray examples =
            manifest().value(QLatin1String("examples"))[QLatin1String("triage")].toArray();
        QTest::newRow("export") << examples[0].toString() << QStringLiteral("Export")
                                << QStringLiteral("negative") << QStringLiteral("normal");
        QTest::newRow("billing") << examples[1].toString() << QStringLiteral("Billing")
                                 << QStringLiteral("negative") << QStringLiteral("urgent");
        QTest::newRow("praise") << examples[2].toString() << QStringLiteral("Billing")
                                << QStringLiteral("positive") << QStringLiteral("low");
        QTest::newRow("german") << examples[3].toString() << QStringLiteral("Export")
                                << QStringLiteral("negative") << QStringLiteral("urgent");
        QTest::newRow("question") << QStringLiteral("Is there a native integration with Linear planned?")
                                  << QStringLiteral("Integrations") << QStringLiteral("neutral")
                                  << QStringLiteral("normal");
    }
    void triage()
    {
        QFETCH(QString, input);
        const ChatRequest request = agentRequest(QStringLiteral("triage"), input);
        const auto value = json::parseObject(answerText(request).toUtf8());
        QVERIFY(value);
        QVERIFY(violations(*value, *request.outputSchema, *request.outputSchema).isEmpty());
        QTEST(value->value(QLatin1String("area")).toString(), "area");
        QTEST(value->value(QLatin1String("sentiment")).toString(), "sentiment");
        QTEST(value->value(QLatin1String("priority")).toString(), "priority");
        QVERIFY(input.contains(value->value(QLatin1String("summary")).toString().left(20)));
    }
    void triageAgreesWithTheRatings()
    {
        // Word lists are no model, but on its own sample the direction must mostly be right.
        const auto rows = csvRows();
        int sentiment = 0, area = 0, clear = 0;
        for (int i = 1; i < rows.size(); ++i) {
            const auto value =
                json::parseObject(answerText(agentRequest(QStringLiteral("triage"), rows[i][5])).toUtf8());
            QVERIFY(value);
            area += value->value(QLatin1String("area")).toString() == rows[i][2] ? 1 : 0;
            const int rating = rows[i][4].toInt();
            if (rating == 3)
                continue;
            ++clear;
            sentiment += value->value(QLatin1String("sentiment")).toString()
                                 == (rating < 3 ? QLatin1String("negative") : QLatin1String("positive"))
                             ? 1
                             : 0;
        }
        QVERIFY2(sentiment >= clear * 80 / 100,
                 qPrintable(QStringLiteral("%1 of %2").arg(sentiment).arg(clear)));
        QVERIFY2(area >= 300 * 70 / 100, qPrintable(QStringLiteral("%1 of 300").arg(area)));
    }
    void analystQueriesAndCalculates()
    {
        ChatRequest request =
            agentRequest(QStringLiteral("analyst"),
                         QStringLiteral("What is the average rating by tier, and what is 15% of 300?"));
        request.tools = toolsOf(QStringLiteral("analyst"));
        const ChatResponse first = OfflineModel::answer(request);
        const auto calls = first.message.toolCalls();
        QCOMPARE(calls.size(), size_t(2));
        QVERIFY(calls[0].argumentsText.contains(QLatin1String("avg(rating)")));
        QCOMPARE(calls[1].name, QStringLiteral("calculator"));
        addTurn(request, first,
                {QStringLiteral("| tier | average_rating | number |\n| --- | --- | --- |\n| free | 2.94 | "
                                "70 |\n| team | 2.82 | 109 |\n(2 rows)"),
                 QStringLiteral("45")});
        const QString text = answerText(request);
        for (const auto part : {QLatin1String("2.94"), QLatin1String("2.82"), QLatin1String("45"),
                                QLatin1String("Query: `SELECT tier")})
            QVERIFY2(text.contains(part), qPrintable(text));
    }
    void digestHasItsSectionsAndPassesReview()
    {
        const QString input =
            manifest().value(QLatin1String("examples"))[QLatin1String("digest")][0].toString();
        const ChatRequest request = agentRequest(QStringLiteral("digest"), input);
        const QString draft = answerText(request);
        QVERIFY2(draft.startsWith(QLatin1String("# ")), qPrintable(draft));
        for (const auto heading :
             {QLatin1String("## Overview"), QLatin1String("## Themes"), QLatin1String("## Complaints"),
              QLatin1String("## Praise"), QLatin1String("## Next steps")})
            QVERIFY2(draft.contains(heading), qPrintable(draft));
        const QString complaints =
            draft.section(QStringLiteral("## Complaints"), 1).section(QStringLiteral("## "), 0, 0);
        QVERIFY2(complaints.contains(QLatin1String("charged twice"))
                     && !complaints.contains(QLatin1String("column picker")),
                 qPrintable(complaints));
        QVERIFY(draft.section(QStringLiteral("## Praise"), 1).contains(QLatin1String("column picker")));
        QVERIFY(draft.simplified().split(u' ').size() <= 200);
        const QJsonObject prompt = body(QStringLiteral("prompt"), QStringLiteral("digest-prompt"));
        const QHash<QString, QString> values{
            {QStringLiteral("task"), input},
            {QStringLiteral("draft"), draft},
            {QStringLiteral("criteria"),
             json::toStringList(prompt.value(QLatin1String("success_criteria"))).join(u'\n')}};
        ChatRequest review = request;
        review.messages.back() =
            Message(Role::User, promptFile(QStringLiteral("patterns/critique"), values));
        QCOMPARE(answerText(review), QStringLiteral("VERDICT: pass"));
        // A draft without sections fails, and the revision mends it.
        QHash<QString, QString> poor = values;
        poor.insert(QStringLiteral("draft"), QStringLiteral("Customers say this and that."));
        review.messages.back() = Message(Role::User, promptFile(QStringLiteral("patterns/critique"), poor));
        const QString verdict = answerText(review);
        QVERIFY2(verdict.startsWith(QLatin1String("VERDICT: revise")), qPrintable(verdict));
        poor.insert(QStringLiteral("critique"), verdict);
        review.messages.back() = Message(Role::User, promptFile(QStringLiteral("patterns/revise"), poor));
        const QString revised = answerText(review);
        QVERIFY2(revised.contains(QLatin1String("## Next steps")), qPrintable(revised));
        // The first revision of the prompt asks for something else, and gets it.
        ChatRequest older = request;
        for (const QJsonValue &item : manifest().value(QLatin1String("artifacts")).toArray()) {
            if (item[QLatin1String("name")].toString() == QLatin1String("digest-prompt"))
                older.messages.front() = Message(
                    Role::System,
                    systemText(item[QLatin1String("revisions")][0][QLatin1String("body")].toObject()));
        }
        const QString bullets = answerText(older);
        QVERIFY2(!bullets.contains(u'#') && bullets.startsWith(QLatin1String("- ")), qPrintable(bullets));
    }
    void plannerPlansAndCarriesOut()
    {
        const QString task =
            manifest().value(QLatin1String("examples"))[QLatin1String("planner")][0].toString();
        ChatRequest request =
            agentRequest(QStringLiteral("planner"),
                         promptFile(QStringLiteral("patterns/plan"),
                                    {{QStringLiteral("task"), task},
                                     {QStringLiteral("max_steps"), QStringLiteral("6")},
                                     {QStringLiteral("tools"), QStringLiteral("- feedback_sql: query")}}));
        const QString plan = answerText(request);
        QCOMPARE(plan, QStringLiteral("1. Find the product area with the most complaints\n2. Compare its "
                                      "complaints by tier\n3. List three of its worst messages"));
        const auto step = [&](const char *text, const char *done) {
            ChatRequest ask =
                agentRequest(QStringLiteral("planner"),
                             promptFile(QStringLiteral("patterns/plan_step"),
                                        {{QStringLiteral("task"), task},
                                         {QStringLiteral("plan"), plan},
                                         {QStringLiteral("done"), QString::fromLatin1(done)},
                                         {QStringLiteral("step"), QString::fromLatin1(text)}}));
            ask.tools = toolsOf(QStringLiteral("planner"));
            return ask;
        };
        ChatRequest first = step("Find the product area with the most complaints", "");
        const ChatResponse call = OfflineModel::answer(first);
        QCOMPARE(call.message.toolCalls().size(), size_t(1));
        QVERIFY(call.message.toolCalls()[0].argumentsText.contains(QLatin1String("GROUP BY product_area")));
        addTurn(first, call,
                {QStringLiteral("| product_area | number |\n| --- | --- |\n| Performance | 21 |\n| Export "
                                "| 19 |\n(2 rows)")});
        const QString result = answerText(first);
        QVERIFY2(result.contains(QLatin1String("Performance comes first with 21")), qPrintable(result));
        // "its" is the area that the first step found.
        const auto second =
            OfflineModel::answer(
                step("Compare its complaints by tier",
                     qPrintable(QStringLiteral("1. Find the product area\nResult: ") + result)))
                .message.toolCalls();
        QCOMPARE(second.size(), size_t(1));
        QVERIFY2(second[0].argumentsText.contains(QLatin1String("product_area = 'Performance'"))
                     && second[0].argumentsText.contains(QLatin1String("GROUP BY tier")),
                 qPrintable(second[0].argumentsText));
    }
    void detectiveLooksTwice()
    {
        QStringList lines;
        for (const ToolDescription &tool : toolsOf(QStringLiteral("detective")))
            lines.append(QStringLiteral("- %1: %2 Arguments (JSON Schema): %3")
                             .arg(tool.name, tool.description, json::compactString(tool.schema)));
        ChatRequest request =
            agentRequest(QStringLiteral("detective"), QStringLiteral("Why did ratings fall in October?"));
        request.messages.front() =
            Message(Role::System, request.messages.front().text() + QStringLiteral("\n\n")
                                      + promptFile(QStringLiteral("patterns/react"),
                                                   {{QStringLiteral("tools"), lines.join(u'\n')}}));
        const auto observe = [&](const char *observation) {
            request.messages.push_back(OfflineModel::answer(request).message);
            request.messages.push_back(Message(
                Role::User, promptFile(QStringLiteral("patterns/react_observation"),
                                       {{QStringLiteral("observation"), QString::fromUtf8(observation)}})));
        };
        QVERIFY2(answerText(request).contains(QLatin1String("GROUP BY product_area")),
                 qPrintable(answerText(request)));
        observe("| product_area | average_rating | number |\n| --- | --- | --- |\n| Performance | 1.57 | "
                "14 |\n| Search | 2.44 | 9 |\n(2 rows)");
        const QString second = answerText(request);
        QVERIFY2(second.contains(QLatin1String("product_area = 'Performance'"))
                     && second.contains(QLatin1String("substr(date, 6, 2) = '10'"))
                     && second.contains(QLatin1String("LIMIT 5")),
                 qPrintable(second));
        observe("| id | date | product_area | tier | rating | message |\n| --- | --- | --- | --- | --- | "
                "--- |\n| 253 | 2026-10-28 | Performance | free | 1 | Pages take 12 seconds to load since "
                "the October release. |\n(1 row)");
        const QString last = answerText(request);
        for (const auto part : {QLatin1String("Final Answer: "), QLatin1String("1.57"),
                                QLatin1String("Pages take 12 seconds")})
            QVERIFY2(last.contains(part), qPrintable(last));
    }
    void replyGreetsAnswersAndSigns_data()
    {
        QTest::addColumn<int>("example");
        QTest::addColumn<QString>("greeting");
        QTest::addColumn<QString>("contains");
        QTest::newRow("slow") << 0 << QStringLiteral("Hello Katrin,") << QStringLiteral("release 4.8");
        QTest::newRow("spanish") << 1 << QStringLiteral("Hola, Lucía:") << QStringLiteral("disculpe");
        QTest::newRow("praise") << 2 << QStringLiteral("Hello,") << QStringLiteral("kind words");
    }
    void replyGreetsAnswersAndSigns()
    {
        QFETCH(int, example);
        QFETCH(QString, greeting);
        QFETCH(QString, contains);
        const QString input =
            manifest().value(QLatin1String("examples"))[QLatin1String("reply")][example].toString();
        const QString text = answerText(agentRequest(QStringLiteral("reply"), input));
        QVERIFY2(text.startsWith(greeting), qPrintable(text));
        QVERIFY2(text.contains(contains), qPrintable(text));
        QVERIFY2(text.endsWith(QLatin1String("The Corkboard support team")), qPrintable(text));
        QVERIFY(text.simplified().split(u' ').size() <= 150);
    }
};

QTEST_GUILESS_MAIN(TestOfflineSamples)
#include "tst_OfflineSamples.moc"
