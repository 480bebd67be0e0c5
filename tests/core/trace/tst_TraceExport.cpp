// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/trace/Trace.h"
#include "tests/core/trace/TraceScript.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonValue attribute(const QJsonObject &span, const char *key)
{
    const QJsonArray list = span.value(QStringLiteral("attributes")).toArray();
    for (const QJsonValue &item : list) {
        if (item[QStringLiteral("key")] == QString::fromLatin1(key))
            return item[QStringLiteral("value")];
    }
    return QJsonValue(QJsonValue::Undefined);
}
} // namespace

class TestTraceExport : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void otlpHasTheShapeOfTheProtocol()
    {
        const QString traceId = QStringLiteral("0123456789abcdef0123456789abcdef");
        const Trace trace = traceOf(toolLoop().events);
        const QJsonObject otlp = trace.toOtlp(traceId);
        const QJsonValue resource = otlp[QStringLiteral("resourceSpans")][0];
        QCOMPARE(attribute(resource[QStringLiteral("resource")].toObject(),
                           "service.name")[QStringLiteral("stringValue")]
                     .toString(),
                 QStringLiteral("lathe"));
        const QJsonValue scope = resource[QStringLiteral("scopeSpans")][0];
        QCOMPARE(scope[QStringLiteral("scope")][QStringLiteral("name")].toString(),
                 QStringLiteral("lathe"));
        QVERIFY(scope[QStringLiteral("schemaUrl")].toString().startsWith(
            QStringLiteral("https://opentelemetry.io/schemas/")));
        const QJsonArray spans = scope[QStringLiteral("spans")].toArray();
        QCOMPARE(spans.size(), 5);
        const QRegularExpression hex16(QStringLiteral("^[0-9a-f]{16}$"));
        QSet<QString> ids;
        for (const QJsonValue &span : spans) {
            QCOMPARE(span[QStringLiteral("traceId")].toString(), traceId);
            QVERIFY(hex16.match(span[QStringLiteral("spanId")].toString()).hasMatch());
            ids.insert(span[QStringLiteral("spanId")].toString());
        }
        QCOMPARE(ids.size(), 5);
        const QJsonObject root = spans[0].toObject(), model = spans[1].toObject(),
                          failed = spans[2].toObject(), tool = spans[3].toObject();
        QVERIFY(!root.contains(QStringLiteral("parentSpanId")));
        QCOMPARE(root[QStringLiteral("kind")].toInt(), 1);
        QCOMPARE(attribute(root, "lathe.run.input")[QStringLiteral("stringValue")].toString(),
                 QStringLiteral("Which area has the most complaints?"));
        QCOMPARE(attribute(root, "lathe.run.status")[QStringLiteral("stringValue")].toString(),
                 QStringLiteral("done"));
        QCOMPARE(model[QStringLiteral("parentSpanId")], root[QStringLiteral("spanId")]);
        QCOMPARE(model[QStringLiteral("kind")].toInt(), 3);
        QCOMPARE(model[QStringLiteral("name")].toString(), QStringLiteral("chat extractive"));
        QCOMPARE(model[QStringLiteral("startTimeUnixNano")].toString(),
                 QStringLiteral("1700000000000020000"));
        QCOMPARE(model[QStringLiteral("endTimeUnixNano")].toString(),
                 QStringLiteral("1700000000500000000"));
        QCOMPARE(model[QStringLiteral("status")], QJsonValue(object(R"({"code":1})")));
        QCOMPARE(attribute(model, "gen_ai.usage.input_tokens"),
                 QJsonValue(object(R"({"intValue":"812"})")));
        QCOMPARE(attribute(model, "gen_ai.request.temperature"),
                 QJsonValue(object(R"({"doubleValue":1})")));
        QCOMPARE(attribute(model, "lathe.cost_usd"),
                 QJsonValue(object(R"({"doubleValue":0.0012})")));
        QCOMPARE(attribute(model, "gen_ai.response.finish_reasons"),
                 QJsonValue(object(R"({"arrayValue":{"values":[{"stringValue":"tool_calls"}]}})")));
        QCOMPARE(
            attribute(model, "gen_ai.response.time_to_first_chunk")[QStringLiteral("doubleValue")]
                .toDouble(),
            0.39998);
        const QJsonValue note = model[QStringLiteral("events")][0];
        QCOMPARE(note[QStringLiteral("name")].toString(), QStringLiteral("retry"));
        QCOMPARE(note[QStringLiteral("timeUnixNano")].toString(),
                 QStringLiteral("1700000000100000000"));
        QCOMPARE(attribute(note.toObject(), "status"), QJsonValue(object(R"({"intValue":"503"})")));
        QCOMPARE(failed[QStringLiteral("status")][QStringLiteral("code")].toInt(), 2);
        QVERIFY(failed[QStringLiteral("status")][QStringLiteral("message")].toString().startsWith(
            QStringLiteral("The query took")));
        QCOMPARE(attribute(failed, "error.type")[QStringLiteral("stringValue")].toString(),
                 QStringLiteral("timeout"));
        QCOMPARE(
            attribute(tool, "gen_ai.tool.call.result")[QStringLiteral("stringValue")].toString(),
            QStringLiteral("billing | 41"));
        QVERIFY(json::compact(attribute(spans[4].toObject(), "gen_ai.output.messages"))
                    .contains("Billing, with 41."));

        QCOMPARE(trace.toOtlp(traceId), otlp); // the same each time
        const QJsonValue other = trace.toOtlp(
            QStringLiteral("fffffffffffffffffffffffffffffff0"))[QStringLiteral("resourceSpans")][0]
                                                               [QStringLiteral("scopeSpans")][0];
        QVERIFY(other[QStringLiteral("spans")][0][QStringLiteral("spanId")]
                != root[QStringLiteral("spanId")]);
    }

    void otlpTypesItsValues()
    {
        Script s;
        s.started(
            "1", 0, StepKind::Control, "c",
            R"({"b":true,"i":9007199254740993,"d":0.5,"n":null,"o":{"x":[1,"y"]},"gen_ai.input.messages":[{"role":"user","parts":[]}]})");
        const QJsonObject span =
            traceOf(s.events)
                .toOtlp(QStringLiteral(
                    "nonsense"))[QStringLiteral("resourceSpans")][0][QStringLiteral("scopeSpans")]
                                [0][QStringLiteral("spans")][0]
                .toObject();
        QCOMPARE(span[QStringLiteral("traceId")].toString().size(), 32);
        QCOMPARE(attribute(span, "b"), QJsonValue(object(R"({"boolValue":true})")));
        QCOMPARE(attribute(span, "i"), QJsonValue(object(R"({"intValue":"9007199254740993"})")));
        QCOMPARE(attribute(span, "d"), QJsonValue(object(R"({"doubleValue":0.5})")));
        QCOMPARE(attribute(span, "n"), QJsonValue(QJsonObject()));
        QCOMPARE(
            attribute(span, "o"),
            QJsonValue(object(
                R"({"kvlistValue":{"values":[{"key":"x","value":{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"y"}]}}}]}})")));
        QVERIFY(attribute(span, "gen_ai.input.messages")
                    .toObject()
                    .contains(QStringLiteral("arrayValue")));
        QCOMPARE(span[QStringLiteral("status")], QJsonValue(QJsonObject())); // still running
        QVERIFY(span.contains(QStringLiteral("endTimeUnixNano")));
    }

    void textForATerminal()
    {
        Script s = toolLoop();
        const QString expected =
            QStringLiteral("run 7  done  900 ms  1712 + 50 tokens  $0.002\n"
                           "  1 invoke_agent triage  900 ms\n"
                           "    1.1 chat extractive  499 ms  812 + 40 tokens  $0.0012\n"
                           "      ~ Let me look.\n"
                           "      > {\"query\":\"SELECT 1\"}\n"
                           "      * retry {\"attempt\":1,\"status\":503}\n"
                           "    1.2 execute_tool sql  12 ms  failed\n"
                           "      > {\"query\":\"SELECT 1\"}\n"
                           "      ! timeout: The query took over 30 s; ask for less.\n"
                           "    1.3 execute_tool sql  1.0 ms\n"
                           "      = billing | 41\n"
                           "    1.4 chat extractive  386 ms  900 + 10 tokens  $0.0008\n"
                           "      = Billing, with 41.\n"
                           "output: Billing, with 41.\n");
        QCOMPARE(traceOf(s.events).toText(), expected);
    }

    void textForATerminalIsSafeAndShort()
    {
        Script s;
        s.started("1.10", 5, StepKind::Model, "chat \x1b[31mred");
        s.started("1.2", 0, StepKind::Model, "chat m");
        s.delta("1.2", 1,
                "a\n\n\tb\x1b]0;title\x07 \xc2\x9b"
                "2J \xe2\x80\xae"
                "x\r");
        s.delta("1.10", 6, QByteArray(5000, 'z').constData());
        const QString text = traceOf(s.events).toText();
        for (const QChar c : text)
            QVERIFY2(c == QLatin1Char('\n')
                         || (c.category() != QChar::Other_Control && c != QChar(0x202E)),
                     qPrintable(text));
        const QStringList lines = text.split(QLatin1Char('\n'));
        for (const QString &line : lines)
            QVERIFY(line.size() <= 112);
        QVERIFY(text.contains(QChar(0x2026)));
        QVERIFY2(text.indexOf(QStringLiteral("1.2 ")) < text.indexOf(QStringLiteral("1.10 ")),
                 qPrintable(text));
        QVERIFY(text.contains(QStringLiteral("cost unknown")) == false);
        QVERIFY(text.contains(QStringLiteral("running")));
    }

    void unknownCostIsNotShownAsFree()
    {
        Script s;
        s.started("1", 0, StepKind::Model, "chat m", R"({"gen_ai.usage.input_tokens":5})");
        s.ended("1", 125'000'000);
        const QString text = traceOf(s.events).toText();
        QVERIFY2(text.contains(QStringLiteral("5 + 0 tokens  cost unknown")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("2 min 5 s")), qPrintable(text));
    }
};

QTEST_GUILESS_MAIN(TestTraceExport)
#include "tst_TraceExport.moc"
