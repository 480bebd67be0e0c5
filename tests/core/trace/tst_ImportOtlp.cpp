// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding OTLP: bodies of real exporters (tests/data/traces, recorded by tests/support/otlp/*.mjs), and damaged ones.
#include "core/base/Json.h"
#include "core/trace/import/OtlpDecode.h"
#include "core/trace/import/TraceAssembler.h"
#include "tests/core/trace/TraceFiles.h"
#include "tests/support/ProtoWire.h"

#include <QDir>
#include <QtEndian>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
// Writes protocol buffers for the tests.
struct Proto {
    QByteArray bytes;
    Proto &varint(quint64 value)
    {
        bytes += test::varint(value);
        return *this;
    }
    Proto &tag(int field, int type) { return varint(quint64(field) << 3 | quint64(type)); }
    Proto &put(int field, const QByteArray &value)
    {
        tag(field, 2).varint(quint64(value.size()));
        bytes += value;
        return *this;
    }
    Proto &number(int field, quint64 value) { return tag(field, 0).varint(value); }
    Proto &fixed(int field, quint64 value)
    {
        tag(field, 1);
        const quint64 little = qToLittleEndian(value);
        bytes.append(reinterpret_cast<const char *>(&little), 8);
        return *this;
    }
};
QByteArray keyValue(const char *key, const QByteArray &any)
{
    return Proto().put(1, key).put(2, any).bytes;
}
Proto span(char id)
{
    Proto made;
    made.put(1, QByteArray(16, 'T')).put(2, QByteArray(7, 'S') + id).put(5, QByteArray("span ") + id);
    made.fixed(7, 1'000'000'000).fixed(8, 2'000'000'000);
    return made;
}
QByteArray request(const QList<QByteArray> &spans)
{
    Proto scope;
    scope.put(1, Proto().put(1, "lib").put(2, "1.0").bytes);
    for (const QByteArray &of : spans)
        scope.put(2, of);
    Proto resource;
    resource.put(1, Proto().put(1, keyValue("service.name", Proto().put(1, "shop").bytes)).bytes).put(2, scope.bytes);
    return Proto().put(1, resource.bytes).bytes;
}
QJsonObject jsonSpan(const char *extra = "{}")
{
    QJsonObject made = *json::parseObject(
        R"({"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0102030405060708","name":"n","startTimeUnixNano":"1000","endTimeUnixNano":"2000"})");
    const QJsonObject more = *json::parseObject(extra);
    for (auto it = more.begin(); it != more.end(); ++it)
        made.insert(it.key(), it.value());
    return made;
}
QByteArray jsonRequest(const QJsonArray &spans)
{
    return json::compact(
        QJsonObject{{"resourceSpans", QJsonArray{QJsonObject{{"scopeSpans", QJsonArray{QJsonObject{{"spans", spans}}}}}}}});
}
} // namespace

class TestImportOtlp : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bothEncodingsOfRealExportersTellTheSame_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name : {"ai6", "ai7", "oldDialect", "openinference", "otel", "traceloop"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    // The recordings are two runs of the same program: ids and times differ, the rest is equal.
    void bothEncodingsOfRealExportersTellTheSame()
    {
        QFETCH(QString, name);
        auto fromJson = decodeOtlpJson(fileBytes(name + ".json"));
        auto fromProto = decodeOtlpProtobuf(fileBytes(name + ".pb"), false);
        QVERIFY2(fromJson.ok() && fromProto.ok(), "not read");
        QVERIFY(fromJson->refused.isEmpty());
        QVERIFY(fromProto->refused.isEmpty());
        QVERIFY(!fromJson->spans.empty());
        QCOMPARE(fromProto->spans.size(), fromJson->spans.size());
        const auto shape = [](const OtlpBatch &batch) {
            QStringList lines;
            for (const OtlpSpan &of : batch.spans)
                lines.append(of.name + ' ' + QString::number(of.kind) + ' ' + of.scope + ' ' + of.attributes.keys().join(',')
                             + QString::number(of.events.size()) + (of.parentId.isEmpty() ? "root" : ""));
            lines.sort();
            return lines;
        };
        QCOMPARE(shape(*fromProto), shape(*fromJson));
        for (const OtlpSpan &of : fromProto->spans) {
            QCOMPARE(of.traceId.size(), 32);
            QCOMPARE(of.spanId.size(), 16);
            QVERIFY(of.startNs > 1'500'000'000'000'000'000 && of.endNs >= of.startNs);
        }
    }

    void protobufValues()
    {
        const QByteArray list =
            Proto().put(5, Proto().put(1, Proto().number(3, quint64(-7)).bytes).put(1, Proto().number(2, 1).bytes).bytes).bytes;
        const QByteArray map = Proto().put(6, Proto().put(1, keyValue("in", Proto().put(7, "\x01\x02").bytes)).bytes).bytes;
        quint64 half = 0;
        const double value = 0.5;
        memcpy(&half, &value, 8);
        Proto of = span('a');
        of.put(4, QByteArray(8, 'P'))
            .number(6, 3)
            .put(9, keyValue("list", list))
            .put(9, keyValue("map", map))
            .put(9, keyValue("none", QByteArray()));
        of.put(9, keyValue("half", Proto().fixed(4, half).bytes)).put(9, keyValue("big", Proto().number(3, 9'007'199'254'740'993).bytes));
        of.put(11, Proto().fixed(1, 1'500'000'000).put(2, "exception").put(3, keyValue("exception.type", Proto().put(1, "E").bytes)).bytes);
        of.put(15, Proto().put(2, "broke").number(3, 2).bytes).number(99, 5); // and a field to come
        const auto batch = decodeOtlpProtobuf(request({of.bytes}), false);
        QVERIFY(batch.ok());
        QCOMPARE(batch->spans.size(), size_t(1));
        const OtlpSpan &got = batch->spans.front();
        QCOMPARE(got.attributes,
                 *json::parseObject(R"({"list":[-7,true],"map":{"in":"AQI="},"none":null,"half":0.5,"big":9007199254740993})"));
        QCOMPARE(got.attributes.value("big").toInteger(), 9'007'199'254'740'993);
        QCOMPARE(got.parentId, QString("5050505050505050"));
        QCOMPARE(got.kind, 3);
        QCOMPARE(got.scope, QString("lib"));
        QCOMPARE(got.resource.value("service.name").toString(), QString("shop"));
        QVERIFY(got.status == OtlpSpan::Status::Error);
        QCOMPARE(got.statusMessage, QString("broke"));
        QCOMPARE(got.events.front().attributes.value("exception.type").toString(), QString("E"));
        QVERIFY(batch->refused.isEmpty());
    }

    // Whatever is cut off, what stood whole before is kept, and nothing worse happens than an error.
    void everyTruncationIsSurvived()
    {
        const QByteArray whole = request({span('a').bytes, span('b').bytes, span('c').bytes});
        size_t least = 3;
        for (qsizetype size = whole.size() - 1; size >= 0; --size) {
            const auto batch = decodeOtlpProtobuf(whole.first(size), false);
            const size_t kept = batch ? batch->spans.size() : 0;
            QVERIFY(kept <= least);
            if (batch && size > 0)
                QVERIFY2(!batch->refused.isEmpty(), "a loss was not counted");
            least = kept;
        }
        QCOMPARE(least, size_t(0));
        const auto cut = decodeOtlpProtobuf(whole.chopped(3), false);
        QCOMPARE(cut->spans.size(), size_t(2));
        QCOMPARE(cut->refusedSpans, 1);
    }

    void randomBytesNeverCrash()
    {
        quint32 seed = 12345;
        const auto next = [&seed] { return seed = seed * 1664525u + 1013904223u; };
        const QByteArray good = fileBytes("ai7.pb");
        for (int round = 0; round < 3000; ++round) {
            QByteArray bytes = good;
            for (int i = 0; i < 1 + round % 9; ++i)
                bytes[qsizetype(next() % quint32(bytes.size()))] = char(next() >> 24);
            const auto batch = decodeOtlpProtobuf(bytes, round % 2);
            if (batch) { // what came through can be assembled
                TraceAssembler assembler;
                assembler.add(*batch, 1);
                assembler.finish(2);
                QCOMPARE(assembler.heldBytes(), 0);
            }
        }
    }

    void hostileProtobuf_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("spans"); // -1: an error
        QTest::addColumn<QString>("refused");
        QByteArray deep = Proto().put(1, "x").bytes;
        for (int i = 0; i < 5000; ++i)
            deep = Proto().put(5, Proto().put(1, deep).bytes).bytes;
        QTest::newRow("nothing") << QByteArray() << 0 << "";
        QTest::newRow("text") << QByteArray("{\"resourceSpans\":[]}") << -1 << "";
        QTest::newRow("huge length") << QByteArray("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f") << -1 << "";
        QTest::newRow("endless varint") << QByteArray(64, '\xff') << -1 << "";
        QTest::newRow("wrong wire type") << Proto().number(1, 5).bytes << 0 << "";
        QTest::newRow("deep value") << request({span('a').put(9, keyValue("k", deep)).bytes}) << 1 << "value nested deeper than 32";
        QTest::newRow("zero id") << request({Proto().put(1, QByteArray(16, '\0')).put(2, QByteArray(8, 'S')).bytes, span('b').bytes}) << 1
                                 << "span without a valid id";
        QTest::newRow("short id") << request({Proto().put(1, QByteArray(16, 'T')).put(2, QByteArray(4, 'S')).bytes, span('b').bytes}) << 1
                                  << "span without a valid id";
        QTest::newRow("id of wrong type") << request({Proto().number(1, 1).bytes, span('b').bytes}) << 1 << "span without a valid id";
        QTest::newRow("damaged value") << request({span('a').put(9, QByteArray("\x0a\x7f")).bytes}) << 1 << "damaged value of a span";
        QTest::newRow("damaged span") << request({QByteArray("\x0a\x7f"), span('b').bytes}) << 1 << "damaged span";
    }
    void hostileProtobuf()
    {
        QFETCH(QByteArray, body);
        QFETCH(int, spans);
        QFETCH(QString, refused);
        const auto batch = decodeOtlpProtobuf(body, false);
        QCOMPARE(batch ? int(batch->spans.size()) : -1, spans);
        if (!refused.isEmpty())
            QVERIFY2(batch->refused.count(refused) > 0, qPrintable(json::compactString(batch->refused.total())));
    }

    void limitsCutAndCount()
    {
        OtlpLimits limits;
        limits.spans = 2;
        limits.valueBytes = 10;
        limits.attributes = 3;
        limits.events = 1;
        Proto big = span('a');
        for (int i = 0; i < 5; ++i)
            big.put(9, keyValue(QByteArray(1, char('a' + i)).constData(), Proto().put(1, QByteArray(1000, 'x')).bytes));
        big.put(11, Proto().put(2, "one").bytes).put(11, Proto().put(2, "two").bytes);
        const auto batch = decodeOtlpProtobuf(request({big.bytes, span('b').bytes, span('c').bytes}), false, limits);
        QVERIFY(batch.ok());
        QCOMPARE(batch->spans.size(), size_t(2));
        QCOMPARE(batch->refusedSpans, 1);
        QCOMPARE(batch->spans.front().attributes.size(), 3);
        QCOMPARE(batch->spans.front().attributes.value("a").toString(), QString(10, 'x'));
        QCOMPARE(batch->spans.front().events.size(), size_t(1));
        QCOMPARE(batch->refused.count("attribute beyond the limit of 3"), 2);
        // and the sender hears of it
        const QJsonObject answer = *json::parseObject(otlpAnswer(*batch, false, true));
        QCOMPARE(answer.value("partialSuccess")["rejectedSpans"].toString(), QString("1"));
        QVERIFY(otlpAnswer(*batch, false, false).startsWith('\x0a'));
        QCOMPARE(otlpAnswer(OtlpBatch(), false, false), QByteArray());
        QCOMPARE(otlpAnswer(OtlpBatch(), false, true), QByteArray("{}"));
    }

    // Inserting them one by one into an object would be quadratic.
    void manyAttributes()
    {
        Proto many = span('a');
        for (int i = 0; i < 20'000; ++i)
            many.put(9, keyValue(("k" + QByteArray::number(i * 7919 % 20'000)).constData(), Proto().number(3, quint64(i)).bytes));
        const auto batch = decodeOtlpProtobuf(request({many.bytes}), false);
        QCOMPARE(batch->spans.front().attributes.size(), 20'000);
    }

    void jsonShapes_data()
    {
        QTest::addColumn<QByteArray>("span");
        QTest::addColumn<QByteArray>("attributes"); // expected; empty: refused
        QTest::newRow("numbers") << QByteArray(
            R"({"attributes":[{"key":"a","value":{"intValue":7}},{"key":"b","value":{"intValue":"8"}},{"key":"c","value":{"doubleValue":"NaN"}},{"key":"d","value":{"boolValue":true}}]})")
                                 << QByteArray(R"({"a":7,"b":8,"c":"NaN","d":true})");
        QTest::newRow("snake") << QByteArray(
            R"({"attributes":[{"key":"a","value":{"string_value":"x"}},{"key":"b","value":{"array_value":{"values":[{"int_value":1}]}}},{"key":"m","value":{"kvlist_value":{"values":[{"key":"z","value":{"string_value":"y"}}]}}}]})")
                               << QByteArray(R"({"a":"x","b":[1],"m":{"z":"y"}})");
        QTest::newRow("plain map") << QByteArray(R"({"attributes":{"a":1}})") << QByteArray(R"({"a":1})");
        QTest::newRow("empty value") << QByteArray(R"({"attributes":[{"key":"a","value":{}}]})") << QByteArray(R"({"a":null})");
        QTest::newRow("base64 ids") << QByteArray(R"({"traceId":"AQIDBAUGBwgJCgsMDQ4PEA==","spanId":"AQIDBAUGBwg="})") << QByteArray("{}");
        QTest::newRow("upper hex") << QByteArray(R"({"traceId":"0102030405060708090A0B0C0D0E0F10"})") << QByteArray("{}");
        QTest::newRow("no id") << QByteArray(R"({"spanId":""})") << QByteArray();
        QTest::newRow("zero id") << QByteArray(R"({"spanId":"0000000000000000"})") << QByteArray();
        QTest::newRow("id as number") << QByteArray(R"({"traceId":5})") << QByteArray();
    }
    void jsonShapes()
    {
        QFETCH(QByteArray, span);
        QFETCH(QByteArray, attributes);
        const auto batch = decodeOtlpJson(jsonRequest({jsonSpan(span.constData())}));
        QVERIFY(batch.ok());
        if (attributes.isEmpty()) {
            QCOMPARE(batch->refusedSpans, 1);
            return;
        }
        QCOMPARE(batch->spans.size(), size_t(1));
        QCOMPARE(batch->spans.front().attributes, *json::parseObject(attributes));
        QCOMPARE(batch->spans.front().traceId, QString("0102030405060708090a0b0c0d0e0f10"));
        QCOMPARE(batch->spans.front().spanId, QString("0102030405060708"));
    }

    void jsonThatIsNoExport()
    {
        QVERIFY(!decodeOtlpJson(QByteArray("[1,2]")).ok());
        QVERIFY(!decodeOtlpJson(QByteArray("{\"resourceSpans\":")).ok());
        const auto other = decodeOtlpJson(QByteArray("{\"observations\":[]}"));
        QVERIFY(!other.ok());
        QVERIFY(other.error().message.contains("observations"));
        QVERIFY(decodeOtlpJson(QByteArray("{}")).ok());
        const auto odd = decodeOtlpJson(jsonRequest(
            {5,
             jsonSpan(
                 R"({"startTimeUnixNano":-5,"endTimeUnixNano":1e30,"kind":"SPAN_KIND_CLIENT","status":{"code":"STATUS_CODE_ERROR"},"events":{"a":1},"links":"x"})")}));
        QCOMPARE(odd->refusedSpans, 1);
        QCOMPARE(odd->spans.front().kind, 3);
        QCOMPARE(odd->spans.front().startNs, 0);
        QVERIFY(odd->spans.front().status == OtlpSpan::Status::Error);
    }

    void logRecords()
    {
        const auto batch = decodeOtlpJson(fileBytes("oldDialect-logs.json"));
        QVERIFY(batch.ok());
        QVERIFY(!batch->logs.empty());
        bool found = false;
        for (const OtlpLogRecord &record : batch->logs)
            found = found || (record.eventName == "gen_ai.choice" && !record.spanId.isEmpty() && record.body.isObject());
        QVERIFY(found);
        Proto record;
        record.fixed(11, 5000)
            .put(5, Proto().put(1, "hello").bytes)
            .put(9, QByteArray(16, 'T'))
            .put(10, QByteArray(8, 'S'))
            .put(12, "gen_ai.user.message");
        const QByteArray body = Proto().put(1, Proto().put(2, Proto().put(2, record.bytes).bytes).bytes).bytes;
        const auto proto = decodeOtlpProtobuf(body, true);
        QCOMPARE(proto->logs.size(), size_t(1));
        QCOMPARE(proto->logs.front().body.toString(), QString("hello"));
        QCOMPARE(proto->logs.front().timeNs, 5000);
        QCOMPARE(proto->logs.front().eventName, QString("gen_ai.user.message"));
    }

    void metricsAreCounted()
    {
        const QByteArray point = Proto().put(5, Proto().put(1, "p").put(1, "q").bytes).bytes;
        const QByteArray body = Proto().put(1, Proto().put(2, Proto().put(2, point).bytes).bytes).bytes;
        QCOMPARE(countOtlpMetrics(body, false), 2);
        QCOMPARE(countOtlpMetrics("{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"sum\":{\"dataPoints\":[1,2,3]}}]}]}]}", true),
                 3);
        QCOMPARE(countOtlpMetrics("{", true), -1);
    }
};

QTEST_GUILESS_MAIN(TestImportOtlp)
#include "tst_ImportOtlp.moc"
