// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/OrderedObject.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

class TestOrderedObject : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsTheOrderOfTheText_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("compact");
        const auto row = [](const char *name, const char *text, const char *compact) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(compact);
        };
        row("empty", " { } ", "{}");
        row("flat", "{\"b\": 1,\n \"a\" : 2 }", "{\"b\":1,\"a\":2}");
        row("nested", "{\"z\": {\"y\": [ {\"d\": null, \"c\": true} , 3.5e2, \"x\" ], \"x\": {}}, \"a\": []}",
            "{\"z\":{\"y\":[{\"d\":null,\"c\":true},350,\"x\"],\"x\":{}},\"a\":[]}");
        row("signs in texts", "{\"b\": \"}, \\\"a\\\": [\", \"a\": \"\\\\\"}", "{\"b\":\"}, \\\"a\\\": [\",\"a\":\"\\\\\"}");
        row("escaped names", "{\"\\u0062\": 1, \"a\\\"\": 2, \"a b\": 3}", "{\"b\":1,\"a\\\"\":2,\"a b\":3}");
        row("same name twice", "{\"b\": {\"x\": 1, \"a\": 2}, \"a\": 1, \"b\": {\"y\": 1, \"c\": 2}}", "{\"b\":{\"y\":1,\"c\":2},\"a\":1}");
        row("same name twice, another kind", "{\"b\": [{\"x\": 1}], \"a\": 1, \"b\": {\"y\": 1, \"c\": 2}}", "{\"b\":{\"y\":1,\"c\":2},\"a\":1}");
        row("other scripts", "{\"\xc3\xbc\": 1, \"\xe4\xb8\xad\": {\"b\": 1, \"a\": 2}}", "{\"\xc3\xbc\":1,\"\xe4\xb8\xad\":{\"b\":1,\"a\":2}}");
    }
    void keepsTheOrderOfTheText()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, compact);
        const auto read = OrderedObject::fromText(QString::fromUtf8(text));
        QVERIFY(read.ok());
        QCOMPARE(read->compact(), compact);
        QCOMPARE(read->text(), QString::fromUtf8(text));
        QCOMPARE(read->toValue(), QJsonValue(QString::fromUtf8(text)));
        // Only the order is another: what it is, and so what is hashed, is as without it.
        QCOMPARE(read->object(), *json::parseObject(text));
        QCOMPARE(*json::parseObject(read->compact()), read->object());
        QCOMPARE(*OrderedObject::fromValue(read->toValue()), *read);
    }

    void anObjectHasNoTextOfItsOwn()
    {
        const QJsonObject object = *json::parseObject("{\"b\":1,\"a\":2}");
        const OrderedObject ordered(object);
        QCOMPARE(ordered.compact(), json::compact(object));
        QCOMPARE(ordered.text(), QStringLiteral("{\n    \"a\": 2,\n    \"b\": 1\n}"));
        QCOMPARE(ordered.toValue(), QJsonValue(object));
        QCOMPARE(*OrderedObject::fromValue(object), ordered);
        QVERIFY(OrderedObject().isEmpty());
        QCOMPARE(OrderedObject().compact(), QByteArray("{}"));
    }

    // What is changed on its way keeps the order where it still has it.
    void ordersOtherValues()
    {
        const auto order = *OrderedObject::fromText(QStringLiteral("{\"z\": {\"y\": 1, \"b\": 2}, \"k\": [{\"d\": 1, \"c\": 1}], \"a\": 0}"));
        const auto like = [&](const char *value) { return order.compact(*json::parse(value)); };
        QCOMPARE(like("{\"a\":5,\"new\":{\"b\":1,\"a\":1},\"z\":{\"b\":2,\"extra\":false,\"y\":9}}"),
                 QByteArray("{\"z\":{\"y\":9,\"b\":2,\"extra\":false},\"a\":5,\"new\":{\"a\":1,\"b\":1}}"));
        QCOMPARE(like("{\"k\":[{\"c\":1,\"d\":1},{\"c\":1,\"d\":1}],\"z\":[]}"),
                 QByteArray("{\"z\":[],\"k\":[{\"d\":1,\"c\":1},{\"c\":1,\"d\":1}]}"));
        QCOMPARE(like("7"), QByteArray("7"));
        QCOMPARE(like("\"z\""), QByteArray("\"z\""));
    }

    void refusesWhatIsNoObject()
    {
        for (const char *bad : {"", "[]", "3", "{", "{\"a\":}", "{'a':1}", "{\"a\":1}}"})
            QVERIFY2(!OrderedObject::fromText(QString::fromLatin1(bad)).ok(), bad);
        for (const QJsonValue &bad : {QJsonValue(3), QJsonValue(QJsonArray()), QJsonValue(), QJsonValue(QStringLiteral("x"))})
            QVERIFY(!OrderedObject::fromValue(bad).ok());
        QVERIFY(OrderedObject::fromText(QStringLiteral("{\"a\":")).error().message.contains(QLatin1String("line 1")));
    }

    void hostileTextsAreQuick()
    {
        QElapsedTimer timer;
        timer.start();
        QString wide = QStringLiteral("{");
        for (int i = 0; i < 100'000; ++i)
            wide += QStringLiteral("\"k%1\":%1,").arg(99'999 - i);
        wide += QStringLiteral("\"end\":0}");
        const auto ordered = OrderedObject::fromText(wide);
        QVERIFY(ordered.ok());
        QCOMPARE(ordered->compact(), wide.toUtf8());
        QString deep = QStringLiteral("1");
        for (int i = 0; i < 400; ++i)
            deep = QStringLiteral("{\"b\":%1,\"a\":[]}").arg(deep);
        QCOMPARE(OrderedObject::fromText(deep)->compact(), deep.toUtf8());
        const QString tooDeep = QString(100'000, u'[');
        QVERIFY(!OrderedObject::fromText(QStringLiteral("{\"a\":") + tooDeep).ok());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestOrderedObject)
#include "tst_OrderedObject.moc"
