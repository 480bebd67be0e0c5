// SPDX-License-Identifier: GPL-3.0-or-later
// JSON by schema: always valid, and read off the input.
#include "tests/core/llm/OfflineTesting.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {

const QString complaint =
    QStringLiteral("Hello, my name is Ann Lee. On 2026-10-03 we were charged twice, 240.50 EUR each, for "
                   "order INV-20418. Nobody has answered my two mails. "
                   "Please refund one of them. Write to ann.lee@example.org or call +49 30 1234567. See "
                   "https://example.org/invoice/20418.");
const QString praise = QStringLiteral("I love the new search, it is fast and simple. Thank you!");

QJsonValue filled(const QJsonObject &schema, const QString &input,
                  const QString &system = QStringLiteral("Fill the fields from the text."))
{
    ChatRequest request = chatRequest(system, input);
    request.outputSchema = schema;
    const auto value = json::parse(answerText(request).toUtf8());
    return value ? *value : QJsonValue(QJsonValue::Undefined);
}

QJsonObject oneField(const char *name, const char *schema)
{
    return {{QStringLiteral("type"), QStringLiteral("object")},
            {QStringLiteral("properties"), QJsonObject{{QString::fromLatin1(name), object(schema)}}},
            {QStringLiteral("required"), QJsonArray{QString::fromLatin1(name)}}};
}

} // namespace

class TestOfflineJson : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void alwaysValid_data()
    {
        QTest::addColumn<QByteArray>("schema");
        const auto row = [](const char *name, const char *schema) {
            QTest::newRow(name) << QByteArray(schema);
        };
        row("triage", "{\"type\":\"object\",\"properties\":{\"area\":{\"enum\":[\"Billing\",\"Export\","
                      "\"Other\"]},\"sentiment\":{\"enum\":[\"negative\",\"neutral\",\"positive\"]},"
                      "\"priority\":{\"enum\":[\"low\",\"normal\",\"high\",\"urgent\"]},\"summary\":{"
                      "\"type\":\"string\",\"minLength\":1,\"maxLength\":60}},"
                      "\"required\":[\"area\",\"sentiment\",\"priority\",\"summary\"],"
                      "\"additionalProperties\":false}");
        row("bounds", "{\"type\":\"object\",\"properties\":{\"score\":{\"type\":\"integer\",\"minimum\":3,"
                      "\"maximum\":4},\"ratio\":{\"type\":\"number\",\"exclusiveMinimum\":0,"
                      "\"exclusiveMaximum\":1},\"step\":{\"type\":\"integer\",\"multipleOf\":5,\"minimum\":"
                      "7}},\"required\":[\"score\",\"ratio\",\"step\"]}");
        row("lengths", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"minLength\":40,"
                       "\"maxLength\":45},\"b\":{\"type\":\"string\",\"maxLength\":3},"
                       "\"c\":{\"type\":\"string\",\"minLength\":5}},\"required\":[\"a\",\"b\",\"c\"]}");
        row("arrays",
            "{\"type\":\"object\",\"properties\":{\"tags\":{\"type\":\"array\",\"items\":{\"type\":"
            "\"string\",\"maxLength\":8},\"minItems\":3,\"maxItems\":4,\"uniqueItems\":true},"
            "\"kinds\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\",\"y\",\"z\"]},\"minItems\":3,"
            "\"uniqueItems\":true},\"numbers\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},"
            "\"minItems\":2,\"maxItems\":2}},\"required\":[\"tags\",\"kinds\",\"numbers\"]}");
        row("nested",
            "{\"type\":\"object\",\"properties\":{\"customer\":{\"type\":\"object\",\"properties\":{"
            "\"name\":{\"type\":\"string\"},\"email\":{\"type\":[\"string\",\"null\"]}},"
            "\"required\":[\"name\",\"email\"],\"additionalProperties\":false},\"items\":{\"type\":"
            "\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"},"
            "\"mood\":{\"enum\":[\"positive\",\"negative\"]}},\"required\":[\"text\",\"mood\"]},"
            "\"minItems\":1}},\"required\":[\"customer\",\"items\"]}");
        row("references",
            "{\"type\":\"object\",\"properties\":{\"who\":{\"$ref\":\"#/$defs/"
            "person\"}},\"required\":[\"who\"],\"$defs\":{\"person\":{\"type\":\"object\",\"properties\":"
            "{\"name\":{\"type\":\"string\"},\"age\":{\"type\":\"integer\",\"minimum\":0}},\"required\":["
            "\"name\",\"age\"]}}}");
        row("any of",
            "{\"type\":\"object\",\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"integer\"},{\"type\":"
            "\"null\"}]},\"b\":{\"oneOf\":[{\"type\":\"string\",\"maxLength\":4},{\"type\":\"boolean\"}]},"
            "\"c\":{\"allOf\":[{\"type\":\"number\"},{\"minimum\":10},{\"maximum\":11}]}},\"required\":["
            "\"a\",\"b\",\"c\"]}");
        row("constants", "{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"report\"},\"version\":"
                         "{\"const\":2},\"level\":{\"enum\":[1,2,3]},\"mixed\":{\"enum\":[null,\"a\"]}},"
                         "\"required\":[\"kind\",\"version\",\"level\",\"mixed\"]}");
        row("patterns", "{\"type\":\"object\",\"properties\":{\"code\":{\"type\":\"string\",\"pattern\":\"^"
                        "[A-Z]{3}-\\\\d+$\",\"examples\":[\"ABC-1\"]},\"day\":{\"type\":\"string\","
                        "\"pattern\":\"^\\\\d{4}-\\\\d{2}-\\\\d{2}$\",\"default\":\"2000-01-01\"}},"
                        "\"required\":[\"code\",\"day\"]}");
        row("everything optional",
            "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\",\"minLength\":3},\"y\":{"
            "\"type\":\"integer\",\"minimum\":5},\"z\":{\"type\":\"array\",\"minItems\":2,"
            "\"items\":{\"type\":\"string\"}}}}");
        row("an array", "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"line\":{"
                        "\"type\":\"string\"}},\"required\":[\"line\"]},\"maxItems\":3}");
        row("a text", "{\"type\":\"string\",\"maxLength\":20}");
        row("a truth", "{\"type\":\"boolean\"}");
        row("required but not described", "{\"type\":\"object\",\"required\":[\"mystery\",\"other\"]}");
        row("anything", "{}");
        row("types at once", "{\"type\":\"object\",\"properties\":{\"v\":{\"type\":[\"integer\",\"null\"],"
                             "\"minimum\":1}},\"required\":[\"v\"]}");
    }
    void alwaysValid()
    {
        QFETCH(QByteArray, schema);
        const QJsonObject parsed = *json::parseObject(schema);
        for (const QString &input :
             {complaint, praise, QString(), QStringLiteral("???"), QStringLiteral("1"),
              QStringLiteral("日本語のテキストです。"), complaint.repeated(50)}) {
            const QJsonValue value = filled(parsed, input);
            QVERIFY2(!value.isUndefined(), qPrintable(input));
            const QStringList found = violations(value, parsed, parsed);
            QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n') + u'\n' + json::compactString(value)));
        }
    }
    void fieldsAreReadOffTheText_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("schema");
        QTest::addColumn<QString>("input");
        QTest::addColumn<QJsonValue>("expected");
        const auto row = [](const char *field, const char *schema, const QString &input,
                            const QJsonValue &expected) {
            QTest::newRow(qPrintable(QString::fromLatin1(field) + u' ' + input.left(12)))
                << QByteArray(field) << QByteArray(schema) << input << expected;
        };
        const char *text = "{\"type\":\"string\"}";
        const char *maybe = "{\"type\":[\"string\",\"null\"]}";
        row("email", text, complaint, QStringLiteral("ann.lee@example.org"));
        row("email", maybe, praise, QJsonValue::Null);
        row("order_number", text, complaint, QStringLiteral("INV-20418"));
        row("date", text, complaint, QStringLiteral("2026-10-03"));
        row("date", text, QStringLiteral("The meeting is on March 5th, 2027."),
            QStringLiteral("2027-03-05"));
        row("date", text, QStringLiteral("Termin: 24.12.2026"), QStringLiteral("2026-12-24"));
        row("customerName", text, complaint, QStringLiteral("Ann Lee"));
        row("website", text, complaint, QStringLiteral("https://example.org/invoice/20418"));
        row("currency", text, complaint, QStringLiteral("EUR"));
        row("amount", "{\"type\":\"number\"}", complaint, 240.5);
        row("language", text, complaint, QStringLiteral("en"));
        row("language", text, QStringLiteral("Wir haben das Problem seit dem Update und es ist nicht gut."),
            QStringLiteral("de"));
        row("sentiment", "{\"enum\":[\"positive\",\"neutral\",\"negative\"]}", complaint,
            QStringLiteral("negative"));
        row("sentiment", "{\"enum\":[\"positive\",\"neutral\",\"negative\"]}", praise,
            QStringLiteral("positive"));
        row("sentiment", "{\"enum\":[\"positive\",\"neutral\",\"negative\"]}",
            QStringLiteral("The form has five fields."), QStringLiteral("neutral"));
        row("priority", "{\"enum\":[\"low\",\"normal\",\"high\",\"urgent\"]}", complaint,
            QStringLiteral("urgent"));
        row("priority", "{\"enum\":[\"low\",\"normal\",\"high\",\"urgent\"]}", praise,
            QStringLiteral("low"));
        row("priority", "{\"enum\":[\"low\",\"normal\",\"high\",\"urgent\"]}",
            QStringLiteral("The app crashes when I open it."), QStringLiteral("high"));
        row("area", "{\"enum\":[\"Billing\",\"Export\",\"Search\",\"Other\"]}", complaint,
            QStringLiteral("Billing"));
        row("area", "{\"enum\":[\"Billing\",\"Export\",\"Search\",\"Other\"]}", praise,
            QStringLiteral("Search"));
        row("area", "{\"enum\":[\"Billing\",\"Export\",\"Search\",\"Other\"]}",
            QStringLiteral("What a nice day."), QStringLiteral("Other"));
        row("is_complaint", "{\"type\":\"boolean\"}", complaint, true);
        row("is_complaint", "{\"type\":\"boolean\"}", praise, false);
        row("mentions_refund", "{\"type\":\"boolean\"}", complaint, true);
        row("mentions_refund", "{\"type\":\"boolean\"}", praise, false);
        row("seats", "{\"type\":\"integer\"}", QStringLiteral("We have 45 seats in 3 offices."), 45);
        row("emails", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
            QStringLiteral("Ask a@b.org or c@d.org."),
            QJsonArray{QStringLiteral("a@b.org"), QStringLiteral("c@d.org")});
        row("company", text, QStringLiteral("Name: x\nCompany: Acme Ltd\nCity: Oslo"),
            QStringLiteral("Acme Ltd"));
    }
    void fieldsAreReadOffTheText()
    {
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, schema);
        QFETCH(QString, input);
        QFETCH(QJsonValue, expected);
        const QJsonObject object = oneField(field.constData(), schema.constData());
        QCOMPARE(filled(object, input).toObject().value(QString::fromLatin1(field)), expected);
    }
    void summariesComeFromTheText()
    {
        const QString summary = filled(oneField("summary", "{\"type\":\"string\",\"maxLength\":80}"),
                                       complaint)[QLatin1String("summary")]
                                    .toString();
        QVERIFY(!summary.isEmpty() && summary.size() <= 80);
        for (const QString &sentence : summary.split(QStringLiteral(". ")))
            QVERIFY2(complaint.contains(sentence.chopped(1)), qPrintable(summary));
        QVERIFY2(!summary.contains(QLatin1String("my name")), qPrintable(summary));
    }
    void theInstructionsTellWhatBelongsToALabel()
    {
        const QJsonObject schema = oneField("queue", "{\"enum\":[\"north\",\"south\",\"other\"]}");
        const QString system = QStringLiteral(
            "Choose the queue:\n- north: bears, snow, ice\n- south: palms, beaches\n- other: the rest");
        QCOMPARE(filled(schema, QStringLiteral("A bear stood in the snow."), system)[QLatin1String("queue")]
                     .toString(),
                 QStringLiteral("north"));
        QCOMPARE(
            filled(schema, QStringLiteral("The beach was full of palms."), system)[QLatin1String("queue")]
                .toString(),
            QStringLiteral("south"));
        QCOMPARE(
            filled(schema, QStringLiteral("A car on a road."), system)[QLatin1String("queue")].toString(),
            QStringLiteral("other"));
    }
    void judgesScoreByOverlap()
    {
        const QJsonObject schema = object(
            "{\"type\":\"object\",\"properties\":{\"reasons\":{\"type\":\"string\",\"maxLength\":400},"
            "\"score\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":5},"
            "\"passed\":{\"type\":\"boolean\"}},\"required\":[\"reasons\",\"score\",\"passed\"]}");
        const QString rubric = QStringLiteral("Rubric:\n<rubric>\nNames the price, the delivery time and "
                                              "the warranty of the lamp.\n</rubric>");
        const auto score = [&](const char *answer) {
            return filled(schema,
                          QStringLiteral("<question>What about the lamp?</question>\n<answer>%1</answer>")
                              .arg(QLatin1String(answer)),
                          rubric)[QLatin1String("score")]
                .toInt();
        };
        const int good = score("The price of the lamp is 40 euros. Its delivery time is two days and the "
                               "warranty of the lamp is three years. Names are on the label.");
        const int bad = score("I like trains.");
        QVERIFY2(good > bad, qPrintable(QStringLiteral("%1 %2").arg(good).arg(bad)));
        QVERIFY(good >= 4);
        QCOMPARE(bad, 1);
    }
    void schemasAreFoundInTheInstructions_data()
    {
        QTest::addColumn<QString>("system");
        QTest::addColumn<QStringList>("keys");
        QTest::newRow("part") << promptFile(
            QStringLiteral("parts/output_json"),
            {{QStringLiteral("schema"), QStringLiteral("{\"type\":\"object\",\"properties\":{\"title\":{"
                                                       "\"type\":\"string\"}},\"required\":[\"title\"]}")}})
                              << QStringList{QStringLiteral("title")};
        QTest::newRow("example") << QStringLiteral("Answer in JSON like {\"topic\": \"what it is about\", "
                                                   "\"mood\": \"positive|negative\", \"count\": 1}")
                                 << QStringList{QStringLiteral("count"), QStringLiteral("mood"),
                                                QStringLiteral("topic")};
        QTest::newRow("keys") << QStringLiteral(
            "Answer as JSON with the keys topic, mood (positive/negative) and summary.")
                              << QStringList{QStringLiteral("mood"), QStringLiteral("summary"),
                                             QStringLiteral("topic")};
    }
    void schemasAreFoundInTheInstructions()
    {
        QFETCH(QString, system);
        QFETCH(QStringList, keys);
        const auto value = json::parseObject(answerText(system, complaint).toUtf8());
        QVERIFY(value);
        QCOMPARE(value->keys(), keys);
        if (keys.contains(QStringLiteral("mood")))
            QCOMPARE(value->value(QLatin1String("mood")).toString(), QStringLiteral("negative"));
    }
    void mendingAnswersTheSameTaskAgain()
    {
        const QJsonObject schema = oneField("email", "{\"type\":\"string\"}");
        ChatRequest request = chatRequest(QStringLiteral("Fill the fields."), complaint);
        request.outputSchema = schema;
        request.messages.push_back(Message(Role::Assistant, QStringLiteral("no json")));
        request.messages.push_back(
            Message(Role::User,
                    promptFile(QStringLiteral("patterns/mend_output"),
                               {{QStringLiteral("problem"), QStringLiteral("The answer is not JSON.")}})));
        QCOMPARE(json::parseObject(answerText(request).toUtf8())->value(QLatin1String("email")).toString(),
                 QStringLiteral("ann.lee@example.org"));
    }
    void hostileSchemasAreBounded_data()
    {
        QTest::addColumn<QJsonObject>("schema");
        QTest::newRow("self reference") << object("{\"$ref\":\"#\"}");
        QTest::newRow("endless object")
            << object("{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"},\"b\":{\"$ref\":\"#"
                          "\"},\"c\":{\"$ref\":\"#\"}},\"required\":[\"a\",\"b\",\"c\"]}");
        QTest::newRow("endless allOf") << object(
            "{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"},{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}");
        QTest::newRow("a billion items") << object(
            "{\"type\":\"array\",\"minItems\":1000000000,\"items\":{\"type\":\"array\",\"minItems\":"
            "1000000000,\"items\":{\"type\":\"string\",\"minLength\":1000000000}}}");
        QTest::newRow("bad pattern") << oneField("x", "{\"type\":\"string\",\"pattern\":\"(a+)+(b+)+$[\"}");
        QTest::newRow("slow pattern")
            << oneField("x", "{\"type\":\"string\",\"pattern\":\"^(([a-z])+.)+[A-Z]([a-z])+$\"}");
        QTest::newRow("nonsense") << object("{\"type\":5,\"properties\":[],\"required\":\"x\",\"enum\":"
                                                "{},\"minimum\":\"a\",\"maxLength\":-5,\"items\":3}");
        QJsonObject many;
        for (int i = 0; i < 5000; ++i)
            many.insert(QStringLiteral("field%1").arg(i), object("{\"type\":\"string\"}"));
        QTest::newRow("many fields") << QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                                                    {QStringLiteral("properties"), many}};
    }
    void hostileSchemasAreBounded()
    {
        QFETCH(QJsonObject, schema);
        QElapsedTimer timer;
        timer.start();
        for (const QString &input : {complaint, QString(20'000, u'a')})
            filled(schema, input);
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestOfflineJson)
#include "tst_OfflineJson.moc"
