// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/CodecSupport.h"
#include "core/llm/RequestFallback.h"
#include "tests/core/llm/CodecTesting.h"

#include <QRegularExpression>

using namespace lathe;
using namespace lathe::test;

namespace {
const QString written = QStringLiteral(
    "{\n  \"type\": \"object\",\n  \"properties\": {\n    \"reason\": {\"type\": \"string\", \"maxLength\": 80},\n"
    "    \"area\": {\"enum\": [\"b\", \"a\"]}\n  },\n  \"required\": [\"reason\", \"area\"]\n}");
const QByteArray wanted = "{\"type\":\"object\",\"properties\":{\"reason\":{\"type\":\"string\",\"maxLength\":80},\"area\":"
                          "{\"enum\":[\"b\",\"a\"]}},\"required\":[\"reason\",\"area\"]";

ChatRequest withSchema(const char *model)
{
    ChatRequest request;
    request.model = QString::fromLatin1(model);
    request.messages.push_back(Message(Role::User, QStringLiteral("Sort it.")));
    request.outputSchema = *OrderedObject::fromText(written);
    request.outputName = QStringLiteral("answer");
    return request;
}
}

// A model fills the fields of a schema in the order in which it reads them, so it must read them as they were written.
class TestSchemaOrder : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void providersGetTheWrittenOrder_data()
    {
        QTest::addColumn<QString>("api");
        QTest::addColumn<QByteArray>("model");
        QTest::addColumn<QByteArray>("expected"); // in the body
        const auto row = [](const char *name, const char *api, const char *model, const QByteArray &expected) {
            QTest::newRow(name) << QString::fromLatin1(api) << QByteArray(model) << expected;
        };
        const QByteArray quoted = QByteArray(wanted).replace('"', "\\\""); // in a text
        row("chat", "openai_chat", "gpt-5", "\"schema\":" + wanted + '}');
        row("responses", "openai_responses", "gpt-5", "\"schema\":" + wanted + '}');
        row("gemini", "gemini", "gemini-3.1-pro", "\"responseJsonSchema\":" + wanted + '}');
        row("gemini in words", "gemini", "gemini-1.5-pro", quoted);
        row("anthropic", "anthropic", "claude-opus-5-5",
            QByteArray("\"schema\":") + QByteArray(wanted).replace(",\"maxLength\":80", "") + ",\"additionalProperties\":false}");
        row("anthropic in words", "anthropic", "claude-3-haiku-20240307", quoted);
    }
    void providersGetTheWrittenOrder()
    {
        QFETCH(QString, api);
        QFETCH(QByteArray, model);
        QFETCH(QByteArray, expected);
        const auto codec = makeProviderCodec(api);
        ConnectionSpec connection;
        connection.api = api;
        ChatRequest request = withSchema(model.constData());
        const QByteArray body = codec->encode(request, connection, QStringLiteral("k")).body;
        QVERIFY2(body.contains(expected), body.constData());
        // All else is as with a schema without an order.
        request.outputSchema = OrderedObject(request.outputSchema->object());
        const QByteArray sorted = codec->encode(request, connection, QStringLiteral("k")).body;
        if (!body.contains("\\\"properties"))
            QCOMPARE(*json::parseObject(body), *json::parseObject(sorted));
        QVERIFY(body != sorted);
    }

    void theJournalKnowsNoOrder()
    {
        ChatRequest request = withSchema("gpt-5");
        const QByteArray text = request.toCanonicalText();
        QCOMPARE(text, json::compact(request.toJson()));
        request.outputSchema = OrderedObject(request.outputSchema->object());
        QCOMPARE(request.toCanonicalText(), text);
    }

    // A refused schema is said in words, in its order.
    void saidInWords()
    {
        ChatRequest request = withSchema("gpt-5");
        Error refusal(ErrorKind::InvalidInput, QStringLiteral("response_format is not supported"));
        refusal.httpStatus = 400;
        QVERIFY(adaptRequest(request, refusal));
        QVERIFY(!request.outputSchema);
        QCOMPARE(request.messages.front().role, Role::System);
        QVERIFY(request.messages.front().text().endsWith(QString::fromUtf8(wanted) + u'}'));
    }

    // The words are those of prompts/, not of the program.
    void theWordsAreData()
    {
        QFile file(QStringLiteral(LATHE_SOURCE_DIR "/prompts/parts/output_schema.md"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll()).trimmed();
        QVERIFY(text.contains(QLatin1String("{{schema}}")) && text.size() > 60);
        QCOMPARE(codec::schemaInstruction(QJsonObject{{QStringLiteral("b"), QStringLiteral("{{schema}}")}}),
                 QString(text).replace(QLatin1String("{{schema}}"), QLatin1String("{\"b\":\"{{schema}}\"}")));
    }

    void textInABody()
    {
        const QJsonObject body = *json::parseObject("{\"b\":{\"c\":1,\"d\":{\"e\":2}},\"a\":\"x\",\"f\":[{\"e\":1}]}");
        using L = QLatin1String;
        QCOMPARE(codec::withText(body, {L("b"), L("d"), L("e")}, "[9]"), QByteArray("{\"a\":\"x\",\"b\":{\"c\":1,\"d\":{\"e\":[9]}},\"f\":[{\"e\":1}]}"));
        QCOMPARE(codec::withText(body, {L("a")}, "{}"), QByteArray("{\"a\":{},\"b\":{\"c\":1,\"d\":{\"e\":2}},\"f\":[{\"e\":1}]}"));
        QCOMPARE(codec::withText(body, {L("x"), L("y")}, "9"), json::compact(body));
        QCOMPARE(codec::withText(body, {L("b"), L("d"), L("e")}, QByteArray()), json::compact(body));
    }
};

QTEST_GUILESS_MAIN(TestSchemaOrder)
#include "tst_SchemaOrder.moc"
