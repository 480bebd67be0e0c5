// SPDX-License-Identifier: GPL-3.0-or-later
// Spans of every dialect become steps in Lathe's words. Bodies of real exporters stand in tests/data/traces; the rest is written by hand in
// the shapes those and other versions send.
#include "core/base/Json.h"
#include "core/trace/import/OtlpDecode.h"
#include "core/trace/import/TraceAssembler.h"
#include "tests/core/trace/TraceFiles.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
ForeignStep map(const char *name, const char *attributes, std::vector<OtlpEvent> events = {},
                OtlpSpan::Status status = OtlpSpan::Status::Unset, MappingNotes *notes = nullptr)
{
    OtlpSpan span;
    span.traceId = QString(32, '1');
    span.spanId = QString(16, '2');
    span.name = QString::fromUtf8(name);
    span.startNs = 1'700'000'000'000'000'000;
    span.endNs = span.startNs + 1'000'000'000;
    span.attributes = *json::parseObject(attributes);
    span.events = std::move(events);
    span.status = status;
    return stepFromSpan(span, {}, notes);
}

QJsonValue expected(const QJsonObject &attributes, const QJsonObject &wanted)
{
    for (auto it = wanted.begin(); it != wanted.end(); ++it) {
        if (attributes.value(it.key()) != it.value())
            return QString(it.key() + " is " + json::compactString(attributes.value(it.key())) + ", not "
                           + json::compactString(it.value()));
    }
    return QJsonValue();
}
} // namespace

class TestImportDialects : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // Both encodings of what each real program sent: the same steps, with texts, tokens and calls.
    void realPrograms_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("outline"); // of the trace with the tool call
        QTest::addColumn<QString>("agent");
        QTest::addColumn<bool>("content");
        QTest::newRow("ai6") << "ai6"
                             << "agent ai.generateText|model chat small|tool execute_tool get_weather|model chat small"
                             << "weather" << true;
        QTest::newRow("ai7")
            << "ai7"
            << "agent invoke_agent small|control step 1|model chat small|tool execute_tool get_weather|control step 2|model chat small"
            << "weather" << true;
        QTest::newRow("openinference") << "openinference"
                                       << "control weather report|model chat small-2026-01-01|model chat small-2026-01-01|model chat small"
                                       << "openinference" << true;
        QTest::newRow("old") << "oldDialect"
                             << "control weather report|model chat small|model chat small|model chat small|model chat broken failed"
                             << "old-dialect" << false;
        QTest::newRow("otel")
            << "otel"
            << "agent invoke_agent weather|model chat gpt-5 failed|model chat gpt-5|tool execute_tool get_weather|model chat gpt-5"
            << "weather" << true;
        QTest::newRow("traceloop") << "traceloop"
                                   << "control weather report|model chat small|model chat small|model chat small"
                                   << "traceloop" << true;
    }
    void realPrograms()
    {
        QFETCH(QString, name);
        QFETCH(QString, outline);
        QFETCH(QString, agent);
        QFETCH(bool, content);
        for (const bool proto : {false, true}) {
            const QByteArray bytes = fileBytes(name + (proto ? ".pb" : ".json"));
            auto batch = proto ? decodeOtlpProtobuf(bytes, false) : decodeOtlpJson(bytes);
            QVERIFY(batch.ok());
            TraceAssembler assembler;
            auto updates = assembler.add(std::move(*batch), 1);
            const auto rest = assembler.finish(2);
            updates.insert(updates.end(), rest.begin(), rest.end());
            QHash<QString, Trace> traces;
            QHash<QString, TraceFacts> facts;
            for (const TraceUpdate &update : updates) {
                facts[update.traceId] = update.facts;
                for (const RunEvent &event : update.events)
                    traces[update.traceId].apply(event);
            }
            QString found;
            for (auto it = traces.cbegin(); it != traces.cend(); ++it) {
                QStringList steps;
                for (const Step &step : it->steps())
                    steps.append(stepKindName(step.kind) + ' ' + step.name
                                 + (step.status == StepStatus::Ok ? QString() : ' ' + stepStatusName(step.status)));
                if (steps.join('|') != outline) {
                    found += steps.join('|') + '\n';
                    continue;
                }
                found = outline;
                const TraceFacts &of = facts[it.key()];
                QCOMPARE(of.agent, agent);
                QVERIFY(!of.models.isEmpty());
                QCOMPARE(it->usage().inputTokens % 41, 0);
                QVERIFY(it->usage().inputTokens >= 82 && it->usage().outputTokens >= 18);
                if (!content)
                    break;
                QVERIFY2(of.input.startsWith("How is the weather in Paris?"), qPrintable(of.input));
                QCOMPARE(of.output, QString("It is 21 degrees and sunny in Paris."));
                bool called = false;
                for (const Step &step : it->steps()) {
                    if (step.kind == StepKind::Tool) {
                        QCOMPARE(*json::parseObject(step.attributes.value("gen_ai.tool.call.arguments").toString().toUtf8()),
                                 *json::parseObject("{\"city\":\"Paris\"}"));
                        QVERIFY(step.text.contains("21"));
                        QVERIFY(!step.attributes.value("gen_ai.tool.call.id").toString().isEmpty());
                    }
                    if (step.kind != StepKind::Model || step.status != StepStatus::Ok)
                        continue;
                    QVERIFY(step.attributes.value("gen_ai.input.messages").isArray());
                    const QJsonArray parts = step.attributes.value("gen_ai.output.messages")[0]["parts"].toArray();
                    QVERIFY(!parts.isEmpty());
                    for (const QJsonValue &part : parts) {
                        if (part["type"].toString() != "tool_call")
                            continue;
                        called = true;
                        QVERIFY(part["arguments"].isString());
                        QCOMPARE(part["name"].toString(), QString("get_weather"));
                        QCOMPARE(step.attributes.value("lathe.tool_calls")[0].toString(), QString("get_weather"));
                    }
                    QVERIFY(!step.attributes.value("lathe.model").toString().isEmpty());
                    QVERIFY(!step.attributes.contains("gen_ai.system"));
                }
                QVERIFY(called);
                break;
            }
            QCOMPARE(found, outline);
        }
    }

    void handwritten_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("attributes");
        QTest::addColumn<QString>("step"); // dialect, kind, name
        QTest::addColumn<QByteArray>("wanted");
        QTest::addColumn<QString>("text");
        const QList<QByteArray> lines = fileBytes("dialects.jsonl").trimmed().split('\n');
        for (const QByteArray &line : lines) {
            const QJsonObject row = *json::parseObject(line);
            QTest::newRow(qPrintable(row.value("name").toString()))
                << row.value("span").toString().toUtf8() << json::compact(row.value("attributes").toObject())
                << row.value("step").toString() << json::compact(row.value("wanted").toObject()) << row.value("text").toString();
        }
    }
    void handwritten()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, attributes);
        QFETCH(QString, step);
        QFETCH(QByteArray, wanted);
        QFETCH(QString, text);
        const ForeignStep got = map(name.constData(), attributes.constData());
        QCOMPARE(got.dialect + ' ' + stepKindName(got.kind) + ' ' + got.name, step);
        const QJsonValue wrong = expected(got.attributes, *json::parseObject(wanted));
        QVERIFY2(wrong.isNull(), qPrintable(wrong.toString()));
        QCOMPARE(got.text, text);
    }

    void messageEvents()
    {
        const std::vector<OtlpEvent> events{
            {10, "gen_ai.system.message", {{"content", "be brief"}}},
            {20, "gen_ai.user.message", {{"gen_ai.event.content", "{\"content\":\"hi\"}"}}},
            {30, "gen_ai.tool.message", {{"id", "c"}, {"content", "21"}}},
            {40, "gen_ai.choice", {{"index", 0}, {"finish_reason", "stop"}, {"message", "{\"role\":\"assistant\",\"content\":\"yo\"}"}}},
            {50, "my.event", {{"a", 1}}}};
        const ForeignStep got =
            map("chat m", "{\"gen_ai.system\":\"openai\",\"gen_ai.operation.name\":\"chat\",\"gen_ai.request.model\":\"m\"}", events);
        QCOMPARE(got.text, QString("yo"));
        QCOMPARE(got.input, QString("hi"));
        const QJsonArray input = got.attributes.value("gen_ai.input.messages").toArray();
        QCOMPARE(input.size(), 3);
        QCOMPARE(input[0]["role"].toString(), QString("system"));
        QCOMPARE(input[2]["parts"][0]["type"].toString(), QString("tool_call_response"));
        QCOMPARE(input[2]["parts"][0]["id"].toString(), QString("c"));
        QCOMPARE(got.notes.size(), size_t(1)); // the others are messages now
        QCOMPARE(got.notes.front().name, QString("my.event"));
    }

    // The older instrumentation tells messages in log records of another request; the recordings are of one run.
    void logRecordsOfARealProgram()
    {
        for (const bool logsFirst : {false, true}) {
            auto spans = decodeOtlpProtobuf(fileBytes("oldDialect.pb"), false);
            auto logs = decodeOtlpJson(fileBytes("oldDialect-logs.json"));
            QVERIFY(spans.ok() && logs.ok());
            TraceAssembler assembler;
            Trace trace;
            std::optional<TraceFacts> facts;
            const auto take = [&](const std::vector<TraceUpdate> &updates) {
                for (const TraceUpdate &update : updates) {
                    facts = update.facts;
                    for (const RunEvent &event : update.events)
                        trace.apply(event);
                }
            };
            take(assembler.add(logsFirst ? *logs : *spans, 1));
            take(assembler.add(logsFirst ? *spans : *logs, 2));
            take(assembler.finish(3));
            QCOMPARE(trace.steps().size(), size_t(5));
            QCOMPARE(facts->input, QString("How is the weather in Paris?"));
            QCOMPARE(facts->output, QString("It is 21 degrees and sunny in Paris."));
            int answered = 0, asked = 0;
            for (const Step &step : trace.steps()) {
                asked += step.attributes.value("gen_ai.input.messages").toArray().isEmpty() ? 0 : 1;
                answered += step.text == "It is 21 degrees and sunny in Paris." ? 1 : 0;
                QVERIFY(step.name != "log records");
            }
            QCOMPARE(asked, 4);
            QCOMPARE(answered, 2);
        }
    }

    void errors_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("message");
        QTest::addColumn<int>("kind");
        QTest::newRow("429") << "429"
                             << "" << int(ErrorKind::RateLimited);
        QTest::newRow("timeout") << "TimeoutError"
                                 << "no answer" << int(ErrorKind::Timeout);
        QTest::newRow("own name") << "limit_reached"
                                  << "" << int(ErrorKind::LimitReached);
        QTest::newRow("auth") << "Error"
                              << "Incorrect API key provided" << int(ErrorKind::Auth);
        QTest::newRow("other") << "ValueError"
                               << "bad" << int(ErrorKind::Provider);
    }
    void errors()
    {
        QFETCH(QString, type);
        QFETCH(QString, message);
        QFETCH(int, kind);
        const std::vector<OtlpEvent> events{{10, "exception", {{"exception.type", type}, {"exception.message", message}}}};
        const ForeignStep got = map("chat m", "{\"gen_ai.operation.name\":\"chat\"}", events, OtlpSpan::Status::Error);
        QVERIFY(got.status == StepStatus::Failed);
        QCOMPARE(int(got.error->kind), kind);
        QVERIFY(!got.error->message.isEmpty());
        QCOMPARE(got.notes.size(), size_t(1));
        QCOMPARE(got.attributes.value("error.type").toString(), type);
    }

    void whatIsNotUnderstoodIsCounted()
    {
        MappingNotes notes;
        map("a", "{\"my.key\":1,\"http.route\":\"/\",\"gen_ai.future\":2}", {}, OtlpSpan::Status::Unset, &notes);
        map("b", "{\"my.key\":2}", {}, OtlpSpan::Status::Unset, &notes);
        QCOMPARE(notes.unknownKeys.sorted().size(), size_t(1));
        QCOMPARE(notes.unknownKeys.count("my.key"), 2);
        QCOMPARE(notes.dialects.count("other instrumentation"), 2);
    }

    // No shape of JSON in any of the attributes that are read may do harm.
    void anyJsonAnywhere()
    {
        const QStringList values{"null",
                                 "true",
                                 "-1",
                                 "1e308",
                                 "\"\"",
                                 "\"[\"",
                                 "\"{\\\"messages\\\":[[[{}]]]}\"",
                                 "[]",
                                 "{}",
                                 "[[[[[[[[[[[[\"x\"]]]]]]]]]]]]",
                                 "{\"role\":{\"a\":[]},\"content\":{\"b\":null}}",
                                 "[null,1,\"x\",{\"type\":\"tool_call\"},{\"type\":\"image\"},{\"type\":\"reasoning\",\"summary\":[1]},{"
                                 "\"lc\":1,\"kwargs\":{}}]"};
        const QStringList keys{"gen_ai.input.messages",
                               "gen_ai.output.messages",
                               "gen_ai.system_instructions",
                               "gen_ai.tool.definitions",
                               "gen_ai.prompt",
                               "gen_ai.prompt.0.content",
                               "gen_ai.prompt.99999999999.x",
                               "gen_ai.completion.0",
                               "gen_ai.operation.name",
                               "gen_ai.usage.input_tokens",
                               "gen_ai.response.finish_reasons",
                               "ai.operationId",
                               "ai.prompt",
                               "ai.prompt.messages",
                               "ai.prompt.tools",
                               "ai.response.toolCalls",
                               "ai.settings.a",
                               "ai.usage.inputTokens",
                               "openinference.span.kind",
                               "llm.input_messages.0.message",
                               "llm.input_messages.0.message.tool_calls.0",
                               "llm.invocation_parameters",
                               "llm.tools.0.tool.json_schema",
                               "retrieval.documents.0.document",
                               "embedding.embeddings.0",
                               "input.value",
                               "metadata",
                               "tag.tags",
                               "traceloop.entity.input",
                               "traceloop.span.kind",
                               "mcp.method.name",
                               "langfuse.observation.input",
                               "langfuse.observation.usage_details",
                               "langfuse.trace.tags",
                               "lathe.step.kind",
                               "lathe.step.status"};
        for (const QString &key : keys) {
            for (const QString &value : values) {
                for (const char *base :
                     {"{}", "{\"gen_ai.operation.name\":\"chat\"}", "{\"openinference.span.kind\":\"LLM\"}",
                      "{\"ai.operationId\":\"ai.generateText.doGenerate\"}", "{\"langfuse.observation.type\":\"generation\"}"}) {
                    QJsonObject attributes = *json::parseObject(base);
                    attributes.insert(key, *json::parse(value.toUtf8()));
                    const ForeignStep got = map("n", json::compact(attributes).constData());
                    QVERIFY(!got.dialect.isEmpty());
                    QVERIFY(got.bytes() > 0);
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestImportDialects)
#include "tst_ImportDialects.moc"
