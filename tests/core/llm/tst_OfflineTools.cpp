// SPDX-License-Identifier: GPL-3.0-or-later
// How the offline model picks tools, fills arguments, writes SQL and answers from results, natively and in the ReAct format.
#include "tests/core/llm/OfflineTesting.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {

std::vector<ToolDescription> toolbox()
{
    return {feedbackSql(),
            calculator(),
            clockTool(),
            askHuman(),
            toolOf("fetch_page", "Fetches a web page by HTTP GET.",
                   "{\"url\":{\"type\":\"string\",\"format\":\"uri\"}}", {QStringLiteral("url")}),
            toolOf("files", "Reads files of a folder.",
                   "{\"action\":{\"enum\":[\"list\",\"read\",\"search\"]},\"path\":{\"type\":\"string\"},"
                   "\"query\":{\"type\":\"string\",\"description\":\"search: the text to find\"}}",
                   {QStringLiteral("action")}),
            toolOf("get_weather", "Weather forecast for a city.",
                   "{\"city\":{\"type\":\"string\"},\"unit\":{\"enum\":[\"celsius\",\"fahrenheit\"]},"
                   "\"days\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":7}}",
                   {QStringLiteral("city")}),
            toolOf("send_email", "Sends an e-mail.",
                   "{\"to\":{\"type\":\"string\",\"format\":\"email\"},\"subject\":{\"type\":\"string\"},"
                   "\"body\":{\"type\":\"string\"}}",
                   {QStringLiteral("to"), QStringLiteral("body")}),
            toolOf("create_ticket", "Creates a support ticket.",
                   "{\"title\":{\"type\":\"string\"},\"priority\":{\"enum\":[\"low\",\"high\"]}}",
                   {QStringLiteral("title")}),
            toolOf("search_docs", "Searches the help pages.",
                   "{\"query\":{\"type\":\"string\"},\"limit\":{\"type\":\"integer\",\"default\":5}}",
                   {QStringLiteral("query")})};
}

std::vector<MessagePart> callsOf(const QString &user, const std::vector<ToolDescription> &tools,
                                 const QString &system = QString())
{
    ChatRequest request = chatRequest(system, user);
    request.tools = tools;
    return OfflineModel::answer(request).message.toolCalls();
}

QString shown(const std::vector<MessagePart> &calls)
{
    QStringList list;
    for (const MessagePart &call : calls)
        list.append(call.name + u' ' + call.argumentsText);
    return list.join(QLatin1String(" | "));
}

QString sqlOf(const QString &question, const QString &system = QString())
{
    const auto calls = callsOf(question, {feedbackSql()}, system);
    return calls.empty()
               ? QString()
               : json::parseObject(calls[0].argumentsText.toUtf8())->value(QLatin1String("sql")).toString();
}

} // namespace

class TestOfflineTools : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFittingToolIsPicked_data()
    {
        QTest::addColumn<QString>("request");
        QTest::addColumn<QString>("tools");    // names, in order; empty: none
        QTest::addColumn<QString>("argument"); // text that the first call's arguments contain
        const auto row = [](const char *request, const char *tools, const char *argument = "") {
            QTest::newRow(request) << QString::fromUtf8(request) << QString::fromLatin1(tools)
                                   << QString::fromUtf8(argument);
        };
        row("How many complaints about Export are there?", "feedback_sql", "count(*)");
        row("Which product area has the lowest rating?", "feedback_sql", "GROUP BY product_area");
        row("List the latest feedback from enterprise customers.", "feedback_sql", "tier = 'enterprise'");
        row("What is the average rating for Search?", "feedback_sql", "avg(rating)");
        row("Show me feedback that mentions \"crash\".", "feedback_sql", "%crash%");
        row("What is 17 * 23?", "calculator", "17 * 23");
        row("Calculate (12 + 8) / 4.", "calculator", "(12 + 8) / 4");
        row("What is 15% of 240?", "calculator", "15 / 100 * 240");
        row("What is the average of 4, 8 and 15?", "calculator", "(4 + 8 + 15) / 3");
        row("Compute the square root of 144.", "calculator", "sqrt(144)");
        row("What time is it?", "clock");
        row("What time is it in Tokyo?", "clock", "Asia/Tokyo");
        row("What is today's date?", "clock");
        row("Which day of the week is it in Europe/Madrid?", "clock", "Europe/Madrid");
        row("Ask the user whether we may refund the order.", "ask_human", "refund the order?");
        row("Please confirm with the manager: is the price 20 euros?", "ask_human", "price 20 euros");
        row("Fetch https://example.org/news.html and summarise it.", "fetch_page",
            "https://example.org/news.html");
        row("What does https://example.org say?", "fetch_page", "https://example.org\"");
        row("Read notes/today.md", "files", "notes/today.md");
        row("Read the file report.csv please.", "files", "report.csv");
        row("Which files are in the folder?", "files", "\"list\"");
        row("What will the weather be in Paris?", "get_weather", "Paris");
        row("Weather forecast for New York in fahrenheit for 3 days", "get_weather",
            "\"unit\":\"fahrenheit\"");
        row("Give me the weather in Oslo for 12 days.", "get_weather", "\"days\":7");
        row("Send an e-mail to ann@example.org: the report is ready.", "send_email", "ann@example.org");
        row("Create a ticket \"Login broken\" with high priority.", "create_ticket",
            "\"priority\":\"high\"");
        row("Search the help pages for webhook signatures.", "search_docs", "webhook signatures");
        row("How many complaints are about Billing and what time is it?", "feedback_sql clock",
            "product_area = 'Billing'");
        row("What is 3 * 4, and what is today's date?", "calculator clock", "3 * 4");
        row("How many messages are there per tier? Then calculate 300 / 8.", "feedback_sql calculator",
            "GROUP BY tier");
        row("How many Export and Billing complaints are there?", "feedback_sql",
            "IN ('Billing', 'Export')");
        row("Hello!", "");
        row("Thank you, that was helpful.", "");
        row("Write a poem about the sea.", "");
        row("The app is slow and I am unhappy with it.", "");
    }
    void theFittingToolIsPicked()
    {
        QFETCH(QString, request);
        QFETCH(QString, tools);
        QFETCH(QString, argument);
        const auto calls = callsOf(request, toolbox());
        QStringList names;
        for (const MessagePart &call : calls) {
            names.append(call.name);
            const auto box = toolbox();
            const auto tool = std::find_if(box.begin(), box.end(),
                                           [&](const ToolDescription &t) { return t.name == call.name; });
            const auto arguments = json::parse(call.argumentsText.toUtf8());
            QVERIFY(arguments);
            const QStringList found = violations(*arguments, tool->schema, tool->schema);
            QVERIFY2(found.isEmpty(), qPrintable(call.argumentsText + u' ' + found.join(u' ')));
        }
        QVERIFY2(names.join(u' ') == tools, qPrintable(shown(calls)));
        if (!argument.isEmpty())
            QVERIFY2(calls[0].argumentsText.contains(argument), qPrintable(shown(calls)));
    }
    // As the e-mail tool describes itself: lists of addresses, copies only where the text asks for them, what stands in quotes in its field.
    void mailIsFilled_data()
    {
        QTest::addColumn<QString>("request");
        QTest::addColumn<QByteArray>("arguments");
        QTest::newRow("quotes") << QStringLiteral("Send an e-mail to ada@example.com with the subject \"Refund\" and the body \"Your refund is on the way.\".")
                                << QByteArray("{'to':['ada@example.com'],'subject':'Refund','body':'Your refund is on the way.'}");
        QTest::newRow("copies") << QStringLiteral("Send an e-mail to ada@example.com and bob@example.com, cc carl@example.com, bcc dan@example.com, "
                                                  "subject \"Hi\", body \"All.\"")
                                << QByteArray("{'to':['ada@example.com','bob@example.com'],'cc':['carl@example.com'],'bcc':['dan@example.com'],"
                                              "'subject':'Hi','body':'All.'}");
    }
    void mailIsFilled()
    {
        QFETCH(QString, request);
        QFETCH(QByteArray, arguments);
        const ToolDescription mail = toolOf("email", "Sends a plain-text e-mail from shop@example.com.",
                                            "{\"to\":{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"string\"}},"
                                            "\"cc\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                                            "\"bcc\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                                            "\"subject\":{\"type\":\"string\"},\"body\":{\"type\":\"string\"}}",
                                            {QStringLiteral("to"), QStringLiteral("subject"), QStringLiteral("body")});
        const auto calls = callsOf(request, {mail});
        QCOMPARE(calls.size(), size_t(1));
        const auto given = json::parseObject(calls[0].argumentsText.toUtf8());
        QVERIFY(given);
        QCOMPARE(*given, *json::parseObject(arguments.replace('\'', '"')));
    }

    void choiceNoneAndRequired()
    {
        ChatRequest request = chatRequest(QString(), QStringLiteral("What is 17 * 23?"));
        request.tools = toolbox();
        request.toolChoice = ChatRequest::ToolChoice::None;
        QVERIFY(OfflineModel::answer(request).message.toolCalls().empty());
        request = chatRequest(QString(), QStringLiteral("Something about ducks."));
        request.tools = {toolbox()[9]};
        QVERIFY(OfflineModel::answer(request).message.toolCalls().empty());
        request.toolChoice = ChatRequest::ToolChoice::Required;
        QCOMPARE(OfflineModel::answer(request).message.toolCalls().size(), size_t(1));
    }

    void sqlIsWritten_data()
    {
        QTest::addColumn<QString>("question");
        QTest::addColumn<QString>("sql");
        const auto row = [](const char *question, const char *sql) {
            QTest::newRow(question) << QString::fromUtf8(question) << QString::fromLatin1(sql);
        };
        row("How many messages are there?", "SELECT count(*) AS number FROM feedback");
        row("How many complaints about Export came from enterprise customers?",
            "SELECT count(*) AS number FROM feedback WHERE product_area = 'Export' AND tier = 'enterprise' "
            "AND rating <= 2");
        row("Count the feedback by product area.", "SELECT product_area, count(*) AS number FROM feedback "
                                                   "GROUP BY product_area ORDER BY number DESC LIMIT 20");
        row("Which product area has the most complaints?",
            "SELECT product_area, count(*) AS number FROM feedback WHERE rating <= 2 GROUP BY product_area "
            "ORDER BY number DESC LIMIT 20");
        row("Which tier has the lowest average rating?",
            "SELECT tier, round(avg(rating), 2) AS average_rating, count(*) AS number FROM feedback GROUP "
            "BY tier ORDER BY average_rating ASC LIMIT 20");
        row("What is the average rating for Mobile app?",
            "SELECT round(avg(rating), 2) AS average_rating FROM feedback WHERE product_area = 'Mobile "
            "app'");
        row("How many messages mention \"crash\"?",
            "SELECT count(*) AS number FROM feedback WHERE message LIKE '%crash%'");
        row("How many customers complained about invoices in October 2026?",
            "SELECT count(*) AS number FROM feedback WHERE rating <= 2 AND date LIKE '2026-10-%' AND "
            "message LIKE '%invoices%'");
        row("How many messages have a rating below 3?",
            "SELECT count(*) AS number FROM feedback WHERE rating < 3");
        row("How many 5-star messages came from the free tier?",
            "SELECT count(*) AS number FROM feedback WHERE tier = 'free' AND rating = 5");
        row("How many messages came in since 2026-09-01?",
            "SELECT count(*) AS number FROM feedback WHERE date >= '2026-09-01'");
        row("How many messages came between June and August?",
            "SELECT count(*) AS number FROM feedback WHERE substr(date, 6, 2) BETWEEN '06' AND '08'");
        row("Show the 3 latest messages about Search.",
            "SELECT id, date, product_area, tier, rating, message FROM feedback WHERE product_area = "
            "'Search' ORDER BY date DESC LIMIT 3");
        row("List the 5 worst messages from business customers.",
            "SELECT id, date, product_area, tier, rating, message FROM feedback WHERE tier = 'business' "
            "ORDER BY rating ASC, date DESC LIMIT 5");
        row("How many complaints per month?",
            "SELECT substr(date, 1, 7) AS month, count(*) AS number FROM feedback WHERE rating <= 2 GROUP "
            "BY substr(date, 1, 7) ORDER BY 1 LIMIT 20");
        row("Compare free and enterprise by average rating.",
            "SELECT tier, round(avg(rating), 2) AS average_rating, count(*) AS number FROM feedback WHERE "
            "tier IN ('free', 'enterprise') GROUP BY tier ORDER BY average_rating DESC LIMIT 20");
        row("What share of the enterprise feedback is negative?",
            "SELECT round(100.0 * sum(CASE WHEN rating <= 2 THEN 1 ELSE 0 END) / count(*), 1) AS percent, "
            "sum(CASE WHEN rating <= 2 THEN 1 ELSE 0 END) AS matching, "
            "count(*) AS total FROM feedback WHERE tier = 'enterprise'");
        row("How many different tiers are there?", "SELECT count(DISTINCT tier) AS number FROM feedback");
        row("What is the lowest rating for Billing?",
            "SELECT min(rating) AS lowest_rating FROM feedback WHERE product_area = 'Billing'");
        row("How did the ratings develop over time?",
            "SELECT substr(date, 1, 7) AS month, round(avg(rating), 2) AS average_rating, count(*) AS "
            "number FROM feedback GROUP BY substr(date, 1, 7) ORDER BY 1 LIMIT 20");
        row("Show message number 17.", "SELECT id, date, product_area, tier, rating, message FROM feedback "
                                       "WHERE id = 17 ORDER BY date DESC LIMIT 10");
        row("How many messages mention \"it's\"?",
            "SELECT count(*) AS number FROM feedback WHERE message LIKE '%it''s%'");
    }
    void sqlIsWritten()
    {
        QFETCH(QString, question);
        QFETCH(QString, sql);
        QCOMPARE(sqlOf(question), sql);
    }
    void quotesInValuesStayText()
    {
        const QString sql =
            sqlOf(QStringLiteral("How many messages mention \"x'; DROP TABLE feedback; --\"?"));
        QVERIFY2(sql.contains(QLatin1String("'%x''; DROP TABLE feedback; --%'")), qPrintable(sql));
    }
    void otherWaysToTellTables_data()
    {
        QTest::addColumn<QString>("description");
        QTest::newRow("create") << QStringLiteral(
            "Query. CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, total REAL); status is one "
            "of open, paid, cancelled.");
        QTest::newRow("call") << QStringLiteral("SQL over the table orders(id INTEGER, status TEXT, total "
                                                "REAL). status is one of open, paid, cancelled.");
        QTest::newRow("colon") << QStringLiteral(
            "Runs SQL.\nTable orders: id, status (open, paid, cancelled), total");
        QTest::newRow("columns") << QStringLiteral(
            "Runs SQL. Table orders with columns id, status, total. status: open, paid, cancelled.");
    }
    void otherWaysToTellTables()
    {
        QFETCH(QString, description);
        ToolDescription tool = feedbackSql();
        tool.name = QStringLiteral("shop");
        tool.description = description;
        ChatRequest request = chatRequest(QString(), QStringLiteral("How many orders are paid?"));
        request.tools = {tool};
        const auto calls = OfflineModel::answer(request).message.toolCalls();
        QCOMPARE(shown(calls),
                 QStringLiteral(
                     "shop {\"sql\":\"SELECT count(*) AS number FROM orders WHERE status = 'paid'\"}"));
    }

    // --- After the results.
    void answersComeFromResults_data()
    {
        QTest::addColumn<QString>("question");
        QTest::addColumn<QString>("result");
        QTest::addColumn<QString>("answer");
        QTest::newRow("count")
            << QStringLiteral("How many complaints about Export came from enterprise customers?")
            << QStringLiteral("| number |\n| --- |\n| 14 |\n(1 row)")
            << QStringLiteral("14 complaints about Export came from enterprise customers.");
        QTest::newRow("are there") << QStringLiteral("How many complaints are there about Export?")
                                   << QStringLiteral("| number |\n| --- |\n| 9 |\n(1 row)")
                                   << QStringLiteral("There are 9 complaints about Export.");
        QTest::newRow("average") << QStringLiteral("What is the average rating for Search?")
                                 << QStringLiteral("| average_rating |\n| --- |\n| 2.41 |\n(1 row)")
                                 << QStringLiteral("The average rating for Search is 2.41.");
        QTest::newRow("ranking")
            << QStringLiteral("Which product area has the most complaints?")
            << QStringLiteral(
                   "| product_area | number |\n| --- | --- |\n| Billing | 41 |\n| Export | 33 |\n(2 rows)")
            << QStringLiteral("Billing comes first with 41.\n- Billing: 41\n- Export: 33");
        QTest::newRow("nothing")
            << QStringLiteral("Show the latest messages about Search.")
            << QStringLiteral("| id | message |\n| --- | --- |\n(0 rows)")
            << QStringLiteral("Nothing in the data matches: Show the latest messages about Search.");
        QTest::newRow("left out") << QStringLiteral("How many messages are in German?")
                                  << QStringLiteral("| number |\n| --- |\n| 300 |\n(1 row)")
                                  << QStringLiteral(
                                         "Number: 300. The query does not take into account: German.");
        QTest::newRow("json") << QStringLiteral("How many complaints are there about Export?")
                              << QStringLiteral("[{\"number\": 3}]")
                              << QStringLiteral("There are 3 complaints about Export.");
    }
    void answersComeFromResults()
    {
        QFETCH(QString, question);
        QFETCH(QString, result);
        QFETCH(QString, answer);
        ChatRequest request = chatRequest(QString(), question);
        request.tools = {feedbackSql()};
        const ChatResponse first = OfflineModel::answer(request);
        QCOMPARE(first.message.toolCalls().size(), size_t(1));
        addTurn(request, first, {result});
        QCOMPARE(answerText(request), answer);
    }
    void severalResultsAreJoined()
    {
        ChatRequest request = chatRequest(
            QString(), QStringLiteral("How many complaints about Export are there, and what is 12 * 7?"));
        request.tools = {feedbackSql(), calculator()};
        const ChatResponse first = OfflineModel::answer(request);
        QCOMPARE(first.message.toolCalls().size(), size_t(2));
        addTurn(request, first, {QStringLiteral("| number |\n| --- |\n| 19 |"), QStringLiteral("84")});
        const ChatResponse second = OfflineModel::answer(request);
        QVERIFY(second.message.toolCalls().empty());
        QVERIFY2(second.message.text().contains(QLatin1String("19"))
                     && second.message.text().contains(QLatin1String("12 * 7 = 84")),
                 qPrintable(second.message.text()));
    }
    void figuresOfResultsAreCalculatedWith()
    {
        ChatRequest request = chatRequest(
            QString(), QStringLiteral("How many complaints about Export are there? How many complaints "
                                      "about Billing are there? Then calculate their difference."));
        request.tools = {feedbackSql(), calculator()};
        const ChatResponse first = OfflineModel::answer(request);
        QCOMPARE(first.message.toolCalls().size(), size_t(2));
        addTurn(
            request, first,
            {QStringLiteral("| number |\n| --- |\n| 19 |"), QStringLiteral("| number |\n| --- |\n| 12 |")});
        const auto next = OfflineModel::answer(request).message.toolCalls();
        QCOMPARE(shown(next), QStringLiteral("calculator {\"expression\":\"19 - 12\"}"));
    }
    void theFormIsKeptAndTheQueryShown()
    {
        ChatRequest request =
            chatRequest(QStringLiteral("Answer in Markdown, in two bullets. Then name the query you used."),
                        QStringLiteral("Which product area has the most complaints?"));
        request.tools = {feedbackSql()};
        addTurn(request, OfflineModel::answer(request),
                {QStringLiteral("| product_area | number |\n| --- | --- |\n| Billing | 41 |\n| Export | 33 "
                                "|\n| Search | 3 |")});
        const QString text = answerText(request);
        QCOMPARE(text.count(QLatin1String("- ")), 2);
        QVERIFY2(text.contains(QLatin1String("Query: `SELECT product_area")), qPrintable(text));
    }
    void aCallIsNeverRepeated()
    {
        ChatRequest request =
            chatRequest(QString(), QStringLiteral("How many complaints about Export are there?"));
        request.tools = toolbox();
        QStringList seen;
        for (int round = 0; round < 10; ++round) {
            const ChatResponse response = OfflineModel::answer(request);
            const auto calls = response.message.toolCalls();
            if (calls.empty())
                return;
            for (const MessagePart &call : calls) {
                QVERIFY2(!seen.contains(call.name + call.argumentsText), qPrintable(shown(calls)));
                seen.append(call.name + call.argumentsText);
            }
            addTurn(request, response, QStringList(int(calls.size()), QStringLiteral("It failed.")),
                    round % 2 == 0);
        }
        QFAIL("it went on calling");
    }
    void anUnknownColumnIsMendedOnce()
    {
        ChatRequest request =
            chatRequest(QString(), QStringLiteral("How many complaints came from enterprise customers?"));
        request.tools = {feedbackSql()};
        addTurn(request, OfflineModel::answer(request),
                {QStringLiteral("no such column: rating The columns are: feedback (id, date, product_area, "
                                "tier, message).")},
                true);
        const ChatResponse second = OfflineModel::answer(request);
        QCOMPARE(shown(second.message.toolCalls()),
                 QStringLiteral("feedback_sql {\"sql\":\"SELECT count(*) AS number FROM feedback WHERE "
                                "tier = 'enterprise'\"}"));
        addTurn(request, second, {QStringLiteral("no such column: tier")}, true);
        const ChatResponse third = OfflineModel::answer(request);
        QVERIFY(third.message.toolCalls().empty());
        QVERIFY2(third.message.text().contains(QLatin1String("feedback_sql failed")),
                 qPrintable(third.message.text()));
    }
    void failuresAreReportedWithTheFallback()
    {
        ChatRequest request = chatRequest(QStringLiteral("<fallback>I could not look it up.</fallback>"),
                                          QStringLiteral("Fetch https://example.org/x"));
        request.tools = toolbox();
        addTurn(request, OfflineModel::answer(request),
                {QStringLiteral("The host example.org is not allowed.")}, true);
        const QString text = answerText(request);
        QVERIFY2(text.startsWith(QLatin1String("I could not look it up.")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("not allowed")), qPrintable(text));
    }
    void longResultsAreReadForTheAnswer()
    {
        ChatRequest request =
            chatRequest(QString(), QStringLiteral("How high is the tower? See https://example.org/tower"));
        request.tools = toolbox();
        QString page = QStringLiteral("Welcome to our site. ");
        for (int i = 0; i < 40; ++i)
            page += QStringLiteral("Paragraph %1 talks about gardens and paths. ").arg(i);
        page += QStringLiteral("The tower is 87 metres high.");
        addTurn(request, OfflineModel::answer(request), {page});
        QVERIFY2(answerText(request).contains(QLatin1String("87 metres")), qPrintable(answerText(request)));
    }
    void answersFillASchemaToo()
    {
        ChatRequest request =
            chatRequest(QString(), QStringLiteral("How many complaints are there about Export?"));
        request.tools = {feedbackSql()};
        request.outputSchema = object("{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":"
                                          "\"string\"}},\"required\":[\"answer\"]}");
        addTurn(request, OfflineModel::answer(request),
                {QStringLiteral("| number |\n| --- |\n| 9 |\n(1 row)")});
        const auto value = json::parseObject(answerText(request).toUtf8());
        QVERIFY(value);
        QVERIFY2(value->value(QLatin1String("answer"))
                     .toString()
                     .contains(QLatin1String("There are 9 complaints")),
                 qPrintable(answerText(request)));
    }

    // --- ReAct.
    void reactTurns()
    {
        const auto tools = {feedbackSql(), calculator()};
        QStringList lines;
        for (const ToolDescription &tool : tools)
            lines.append(QStringLiteral("- %1: %2 Arguments (JSON Schema): %3")
                             .arg(tool.name, tool.description, json::compactString(tool.schema)));
        const QString system =
            QStringLiteral("Answer from the data.\n\n")
            + promptFile(QStringLiteral("patterns/react"), {{QStringLiteral("tools"), lines.join(u'\n')}});
        ChatRequest request = chatRequest(
            system, QStringLiteral("How many complaints about Export are there, and what is 12 * 7?"));
        request.stop = {QStringLiteral("\nObservation:")};
        QString text = answerText(request);
        QVERIFY2(text.startsWith(QLatin1String("Thought: ")), qPrintable(text));
        QVERIFY2(text.contains(
                     QLatin1String("\nAction: feedback_sql\nAction Input: {\"sql\":\"SELECT count(*)")),
                 qPrintable(text));
        const auto goOn = [&](const char *observation) {
            request.messages.push_back(Message(Role::Assistant, text));
            request.messages.push_back(Message(
                Role::User, promptFile(QStringLiteral("patterns/react_observation"),
                                       {{QStringLiteral("observation"), QString::fromUtf8(observation)}})));
            text = answerText(request);
        };
        goOn("| number |\n| --- |\n| 19 |\n(1 row)");
        QVERIFY2(
            text.contains(QLatin1String("\nAction: calculator\nAction Input: {\"expression\":\"12 * 7\"}")),
            qPrintable(text));
        goOn("84");
        QVERIFY2(text.contains(QLatin1String("\nFinal Answer: ")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("19")) && text.contains(QLatin1String("84")),
                 qPrintable(text));
        QVERIFY(!text.contains(QLatin1String("Action:")));
    }
    void reactWithoutAFittingToolEnds()
    {
        const QString system =
            promptFile(QStringLiteral("patterns/react"), {{QStringLiteral("tools"), QString()}})
            + QStringLiteral("\n<fallback>I can not know.</fallback>");
        const QString text = answerText(system, QStringLiteral("Who won the match?"));
        QVERIFY2(text.contains(QLatin1String("Final Answer: I can not know.")), qPrintable(text));
    }
};

QTEST_GUILESS_MAIN(TestOfflineTools)
#include "tst_OfflineTools.moc"
