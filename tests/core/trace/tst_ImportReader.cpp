// SPDX-License-Identifier: GPL-3.0-or-later
// Files of recorded runs: formats are found by content, read in pieces of any size, and damage spoils only itself.
#include "core/base/Json.h"
#include "core/trace/import/ImportReader.h"
#include "core/trace/import/JsonChunks.h"
#include "tests/core/trace/TraceFiles.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
struct Imported {
    std::optional<Error> error;
    ImportReport report;
    QString source;
    std::map<QString, Trace> traces;
    std::map<QString, TraceFacts> facts;
    std::vector<ImportedRating> ratings;
    const Trace &only() const { return traces.begin()->second; }
    const TraceFacts &onlyFacts() const { return facts.begin()->second; }
};

Imported import(const QByteArray &bytes, qsizetype piece = 1 << 20)
{
    ImportReaderOptions options;
    options.nowUs = 1'700'000'000'000'000;
    ImportReader reader(options);
    Imported made;
    const auto take = [&] {
        for (ImportedTrace &of : reader.take()) {
            made.facts[of.update.traceId] = of.update.facts;
            for (const RunEvent &event : of.update.events)
                made.traces[of.update.traceId].apply(event);
            made.ratings.insert(made.ratings.end(), of.ratings.begin(), of.ratings.end());
        }
    };
    for (qsizetype at = 0; at < bytes.size() && !made.error; at += piece) {
        if (auto done = reader.add(QByteArrayView(bytes).sliced(at, std::min(piece, bytes.size() - at))); !done)
            made.error = done.error();
        take();
    }
    if (!made.error) {
        if (auto done = reader.finish(); !done)
            made.error = done.error();
        take();
    }
    made.report = reader.report();
    made.source = reader.source();
    return made;
}

QString outline(const Trace &trace)
{
    QStringList lines;
    for (const Step &step : trace.steps())
        lines.append(step.path + u' ' + stepKindName(step.kind) + u' ' + step.name
                     + (step.status == StepStatus::Ok ? QString() : u' ' + stepStatusName(step.status)));
    return lines.join(QStringLiteral("; "));
}
const Step &at(const Trace &trace, const char *path)
{
    return trace.steps()[size_t(trace.indexOf(QString::fromLatin1(path)))];
}
QString firstText(const Step &step, const char *key, int message = 0)
{
    return step.attributes.value(QLatin1String(key))[message][QLatin1String("parts")][0][QLatin1String("content")].toString();
}
} // namespace

class TestImportReader : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void chunks_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("values"); // "line:bytes", cut ones begin with !
        QTest::newRow("empty") << QByteArray(" \n ") << QStringList();
        QTest::newRow("lines") << QByteArray("{\"a\":1}\n\n{\"b\":\n{\"c\":3}\n") << QStringList{"1:{\"a\":1}", "3:{\"b\":", "4:{\"c\":3}"};
        QTest::newRow("broken first line") << QByteArray("{\"a\":[1 \n{\"b\":2}\n{\"c\":3}")
                                           << QStringList{"1:{\"a\":[1", "2:{\"b\":2}", "3:{\"c\":3}"};
        QTest::newRow("pretty") << QByteArray("{\n  \"a\": \"}\\\"\"\n}\n{\n\"b\":2}")
                                << QStringList{"1:{\n  \"a\": \"}\\\"\"\n}", "4:{\n\"b\":2}"};
        QTest::newRow("array") << QByteArray("[\n {\"a\":[1,2]},\n {\"b\":{}} , 5,\"x\" ]")
                               << QStringList{"2:{\"a\":[1,2]}", "3:{\"b\":{}}", "3:5", "3:\"x\""};
        QTest::newRow("cut array") << QByteArray("[{\"a\":1},{\"b\":") << QStringList{"1:{\"a\":1}", "!1:{\"b\":"};
        QTest::newRow("one value without end") << QByteArray("{\"a\":1") << QStringList{"!1:{\"a\":1"};
        QTest::newRow("byte order mark") << QByteArray("\xef\xbb\xbf{\"a\":1}\r\n{\"b\":2}\r\n")
                                         << QStringList{"1:{\"a\":1}", "2:{\"b\":2}"};
    }
    void chunks()
    {
        QFETCH(QByteArray, text);
        QFETCH(QStringList, values);
        for (qsizetype piece = 1; piece <= text.size(); ++piece) {
            JsonChunks chunks;
            QStringList got;
            const auto drain = [&] {
                while (const auto chunk = chunks.next())
                    got.append((chunk->cut ? "!" : "") + QString::number(chunk->line) + ':' + QString::fromUtf8(chunk->bytes));
            };
            for (qsizetype from = 0; from < text.size(); from += piece) {
                chunks.add(QByteArrayView(text).sliced(from, std::min(piece, text.size() - from)));
                drain();
            }
            chunks.finish();
            drain();
            QCOMPARE(got, values);
        }
    }
    void chunksThatAreTooLong()
    {
        JsonChunks lines(100);
        QStringList got;
        const QByteArray text = "{\"a\":1}\n{\"b\":\"" + QByteArray(5000, 'x') + "\"}\n{\"c\":1}\n";
        for (const char c : text) {
            lines.add(QByteArrayView(&c, 1));
            while (const auto chunk = lines.next())
                got.append((chunk->cut ? "!" : "") + QString::fromUtf8(chunk->bytes).left(8));
        }
        QCOMPARE(got, QStringList({"{\"a\":1}", "!{\"b\":\"xx", "{\"c\":1}"}));
    }

    void langfuseTrace()
    {
        const Imported got = import(fileBytes("langfuse-trace.json"));
        QVERIFY(!got.error);
        QCOMPARE(got.report.format, QString("langfuse"));
        QCOMPARE(got.source, QString("langfuse"));
        QCOMPARE(
            outline(got.only()),
            QString("1 agent support-chat; 1.1 model chat gpt-4o-mini; 1.2 tool execute_tool find_order failed; 1.3 control second try; "
                    "1.3.1 model chat claude-sonnet-4-5; 1.4 control answer shown"));
        QCOMPARE(got.onlyFacts().agent, QString("support-chat"));
        QCOMPARE(got.onlyFacts().input, QString("Where is my order 4711?"));
        QCOMPARE(got.onlyFacts().output, QString("It arrives on Friday."));
        QCOMPARE(got.onlyFacts().tags, QStringList({"beta", "prod"}));
        QCOMPARE(got.onlyFacts().session, QString("session-77"));
        QCOMPARE(got.onlyFacts().models, QString("gpt-4o-mini, claude-sonnet-4-5"));
        const Step &plan = at(got.only(), "1.1");
        QCOMPARE(plan.usage().inputTokens, 120);
        QCOMPARE(plan.usage().cacheReadTokens, 64);
        QCOMPARE(plan.usage().costUsd, 0.0000288);
        QCOMPARE(plan.firstDeltaUs - plan.startUs, 400'123);
        QCOMPARE(plan.toolArguments, QString("{\"id\":4711}"));
        QCOMPARE(firstText(plan, "gen_ai.input.messages"), QString("You help customers."));
        QCOMPARE(plan.attributes.value("gen_ai.request.max_tokens").toInt(), 300);
        QCOMPARE(plan.attributes.value("lathe.foreign.name").toString(), QString("plan"));
        QCOMPARE(at(got.only(), "1.2").error->message, QString("order service answered 503"));
        const Step &answer = at(got.only(), "1.3.1");
        QCOMPARE(answer.text, QString("It arrives on Friday."));
        QCOMPARE(answer.attributes.value("gen_ai.input.messages")[2]["parts"][0]["type"].toString(), QString("tool_call_response"));
        QCOMPARE(answer.usage().outputTokens, 9);
        QVERIFY(got.only().status() == RunStatus::Done);
        QCOMPARE(got.ratings.size(), size_t(2));
        QCOMPARE(got.ratings[0].kind, QString("stars"));
        QCOMPARE(got.ratings[0].value, 4.0);
        QCOMPARE(got.ratings[0].note, QString("helpfulness 0.75: short and right"));
        QCOMPARE(got.ratings[1].kind, QString("thumbs"));
        QCOMPARE(got.ratings[1].step, QString("1.3.1"));
        QCOMPARE(got.report.refused.count("score of an unknown scale"), 1);
        QCOMPARE(got.report.unknownKeys.count("langfuse.promptName"), 1);
        QCOMPARE(got.report.unknownKeys.count("langfuse.observations"), 0);
    }

    void langfuseVersion3()
    {
        const Imported got = import(fileBytes("langfuse-v3.json"));
        QVERIFY(!got.error);
        QCOMPARE(outline(got.only()), QString("1 agent answer-question; 1.1 memory lookup; 1.2 model chat gpt-4.1"));
        QCOMPARE(got.onlyFacts().input, QString("What is 6 x 7?"));
        QCOMPARE(at(got.only(), "1.2").usage().reasoningTokens, 1);
        QCOMPARE(at(got.only(), "1.2").attributes.value("gen_ai.tool.definitions")[0]["name"].toString(), QString("calc"));
        QCOMPARE(got.ratings.size(), size_t(1));
        QCOMPARE(got.ratings[0].value, 4.0);
    }

    void langfuseBatch()
    {
        const Imported got = import(R"({"batch":[{"type":"trace-create","body":{"id":"t","name":"x","input":"a"}},
            {"type":"generation-create","body":{"id":"g","traceId":"t","name":"x","startTime":"2025-01-01T00:00:00Z","model":"m","input":"a"}},
            {"type":"generation-update","body":{"id":"g","traceId":"t","endTime":"2025-01-01T00:00:01Z","output":"b","usage":{"input":1,"output":2}}},
            {"type":"sdk-log","body":{"id":"l"}},{"type":"score-create","body":{"traceId":"t","name":"n","value":0}}]})");
        QVERIFY(!got.error);
        QCOMPARE(outline(got.only()), QString("1 model chat m"));
        QCOMPARE(at(got.only(), "1").text, QString("b"));
        QCOMPARE(at(got.only(), "1").usage().outputTokens, 2);
        QCOMPARE(got.ratings.front().value, 1.0);
        QCOMPARE(got.report.refused.count("event of an unknown kind"), 1);
    }

    void langSmithTree()
    {
        const Imported got = import(fileBytes("langsmith-tree.json"));
        QVERIFY(!got.error);
        QCOMPARE(got.report.format, QString("langsmith"));
        QCOMPARE(
            outline(got.only()),
            QString("1 agent agent; 1.1 model chat gpt-4o; 1.2 tool execute_tool get_weather failed; 1.3 memory VectorStoreRetriever"));
        QCOMPARE(got.onlyFacts().input, QString("How is the weather in Paris?"));
        QCOMPARE(got.onlyFacts().output, QString("Sunny."));
        QCOMPARE(got.onlyFacts().session, QString("t-9"));
        QCOMPARE(got.onlyFacts().tags, QStringList{"demo"});
        const Step &model = at(got.only(), "1.1");
        QCOMPARE(model.startUs, 1'740'823'200'100'000);
        QCOMPARE(model.firstDeltaUs - model.startUs, 300'000);
        QCOMPARE(model.usage().cacheReadTokens, 32);
        QCOMPARE(model.usage().costUsd, 0.0002);
        QCOMPARE(model.toolArguments, QString("{\"city\":\"Paris\"}"));
        QCOMPARE(model.attributes.value("gen_ai.input.messages").toArray().size(), 2);
        QCOMPARE(model.attributes.value("gen_ai.output.messages")[0]["parts"].toArray().size(), 1); // the call stands twice in the file
        QCOMPARE(model.attributes.value("gen_ai.tool.definitions")[0]["name"].toString(), QString("get_weather"));
        QCOMPARE(model.attributes.value("gen_ai.response.model").toString(), QString("gpt-4o-2024-08-06"));
        QCOMPARE(at(got.only(), "1.2").error->message, QString("TimeoutError('no answer')"));
        QCOMPARE(at(got.only(), "1.3").attributes.value("gen_ai.retrieval.documents")[0]["content"].toString(), QString("Paris is sunny."));
        QCOMPARE(got.ratings.size(), size_t(1));
        QCOMPARE(got.ratings[0].step, QString());
        QCOMPARE(got.ratings[0].value, 5.0);
        QCOMPARE(got.report.refused.count("feedback without a number"), 1);
    }

    void langSmithLines()
    {
        for (const qsizetype piece : {1, 7, 100'000}) {
            const Imported got = import(fileBytes("langsmith-flat.jsonl"), piece);
            QVERIFY(!got.error);
            QCOMPARE(outline(got.only()), QString("1 agent greet; 1.1 control lost; 1.2 model chat gpt-4o"));
            QCOMPARE(got.report.problems.size(), size_t(1));
            QCOMPARE(got.report.problems.front().line, 3);
            QVERIFY(!got.report.problems.front().message.contains("line"));
            QCOMPARE(got.report.unknownKeys.count("langsmith.new_field"), 1);
            QCOMPARE(at(got.only(), "1.2").usage().outputTokens, 2);
        }
    }

    void openAiChat()
    {
        const Imported got = import(fileBytes("openai-chat.jsonl"));
        QVERIFY(!got.error);
        QCOMPARE(got.report.format, QString("openai-chat"));
        QCOMPARE(got.source, QString("openai"));
        QCOMPARE(got.traces.size(), size_t(3));
        QStringList outputs;
        for (const auto &[id, facts] : got.facts)
            outputs.append(facts.output);
        outputs.sort();
        QCOMPARE(outputs, QStringList({"A cat.", "Sunny.", "bug"}));
        QCOMPARE(got.report.problems.size(), size_t(2));
        QCOMPARE(got.report.problems[0].line, 4);
        QCOMPARE(got.report.problems[1].line, 5);
        // Reading it again gives the same ids: that is how nothing is taken twice.
        QCOMPARE(import(fileBytes("openai-chat.jsonl"), 13).facts.begin()->first, got.facts.begin()->first);
    }

    void openAiBatch()
    {
        const Imported got = import(fileBytes("openai-batch.jsonl"));
        QVERIFY(!got.error);
        QCOMPARE(got.report.format, QString("openai-batch"));
        QCOMPARE(got.traces.size(), size_t(2));
        int good = 0, limited = 0;
        for (const auto &[id, trace] : got.traces) {
            const Step &step = trace.steps().front();
            if (step.status == StepStatus::Ok) {
                ++good;
                QCOMPARE(step.text, QString("4"));
                QCOMPARE(firstText(step, "gen_ai.input.messages", 1), QString("2+2?"));
                QCOMPARE(step.usage().cacheReadTokens, 16);
                QCOMPARE(step.attributes.value("gen_ai.request.max_tokens").toInt(), 10);
                QCOMPARE(step.startUs, 1'711'652'795'000'000);
            } else {
                ++limited;
                QVERIFY(step.error->kind == ErrorKind::RateLimited);
                QVERIFY(trace.status() == RunStatus::Failed);
                QCOMPARE(got.facts.at(id).input, QString("again"));
            }
        }
        QCOMPARE(good, 1);
        QCOMPARE(limited, 1);
    }

    void otlpFile_data()
    {
        QTest::addColumn<int>("shape"); // 0 one object, 1 lines, 2 an array, 3 pretty
        for (int shape = 0; shape < 4; ++shape)
            QTest::addRow("%d", shape) << shape;
    }
    void otlpFile()
    {
        QFETCH(int, shape);
        const QByteArray one = json::compact(*json::parseObject(fileBytes("ai6.json")));
        const QByteArray two = json::compact(*json::parseObject(fileBytes("openinference.json")));
        const QByteArray bytes = shape == 0   ? fileBytes("ai6.json")
                                 : shape == 1 ? one + '\n' + two + '\n'
                                 : shape == 2 ? '[' + one + ",\n" + two + ']'
                                              : json::pretty(*json::parseObject(one)) + json::pretty(*json::parseObject(two));
        const Imported got = import(bytes, 999);
        QVERIFY(!got.error);
        QCOMPARE(got.report.format, QString("otlp"));
        QCOMPARE(got.traces.size(), shape == 0 ? size_t(2) : size_t(3));
        QVERIFY(got.report.clean());
    }

    void notAFileOfRuns_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QTest::newRow("empty") << QByteArray() << "empty";
        QTest::newRow("text") << QByteArray("Dear reader,\nhello") << "no JSON";
        QTest::newRow("other json") << QByteArray("{\"name\":\"x\",\"version\":1}") << "members name, version";
        QTest::newRow("binary") << QByteArray("\x00\x01\x02\xff", 4) << "no JSON";
        QTest::newRow("numbers") << QByteArray("[1,2,3]") << "";
    }
    void notAFileOfRuns()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const Imported got = import(bytes);
        QVERIFY(got.traces.empty());
        if (says.isEmpty()) {
            QVERIFY(got.error || !got.report.problems.empty());
            return;
        }
        QVERIFY(got.error && got.error->kind == ErrorKind::InvalidInput);
        QVERIFY2(got.error->message.contains(says), qPrintable(got.error->message));
    }

    // Cut anywhere, a file gives an error or a report; never a crash, and never a trace that claims more than was there.
    void everyFileCutAnywhere()
    {
        for (const char *name : {"langfuse-trace.json", "langsmith-tree.json", "langsmith-flat.jsonl", "openai-batch.jsonl", "ai7.json"}) {
            const QByteArray whole = fileBytes(name);
            const size_t all = import(whole).traces.size();
            for (qsizetype size = 0; size < whole.size(); size += 97) {
                const Imported got = import(whole.first(size));
                QVERIFY(got.traces.size() <= all);
                QVERIFY(got.error || !got.traces.empty() || !got.report.problems.empty());
            }
        }
    }

    void damagedBytesNeverCrash()
    {
        quint32 seed = 99;
        const auto next = [&seed] { return seed = seed * 1664525u + 1013904223u; };
        for (const char *name : {"langfuse-trace.json", "langfuse-v3.json", "langsmith-tree.json", "openai-chat.jsonl"}) {
            const QByteArray whole = fileBytes(name);
            for (int round = 0; round < 150; ++round) {
                QByteArray bytes = whole;
                for (int i = 0; i < 1 + round % 5; ++i)
                    bytes[qsizetype(next() % quint32(bytes.size()))] = "{}[]\",:0x"[next() % 9];
                import(bytes);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestImportReader)
#include "tst_ImportReader.moc"
