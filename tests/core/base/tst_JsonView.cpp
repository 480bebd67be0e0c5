// SPDX-License-Identifier: GPL-3.0-or-later
// json::View and json::Writer against QJsonDocument, which they must agree with.
#include "core/base/Json.h"
#include "core/base/JsonView.h"
#include "core/base/JsonWriter.h"

#include <QJsonDocument>
#include <QRandomGenerator>
#include <QTest>

#include <cmath>
#include <limits>

using namespace lathe;

namespace {
QString randomText(QRandomGenerator &random)
{
    static const QList<QString> pieces = {QStringLiteral("a"), QStringLiteral("\""), QStringLiteral("\\"), QStringLiteral("\n\t\b\f\r"),
                                          QString(QChar(0x1)), QString(QChar(0x1f)), QString(QChar(0x7f)), QStringLiteral("ä€"),
                                          QStringLiteral("\U0001F600"), QStringLiteral("/"), QString(QChar(0)), QString(QChar(0xfffd))};
    QString text;
    for (quint32 i = random.bounded(8U); i > 0; --i)
        text += pieces[random.bounded(int(pieces.size()))];
    return text;
}

QJsonValue randomValue(QRandomGenerator &random, int depth, bool asciiKeys = false)
{
    switch (random.bounded(depth > 4 ? 5 : 7)) {
    case 0: return QJsonValue(QJsonValue::Null);
    case 1: return random.bounded(2) == 0;
    case 2: return qint64(random.generate64() >> random.bounded(64)) - 5;
    case 3: return random.generateDouble() * 1e6 - 3e5;
    case 4: return randomText(random);
    case 5: {
        QJsonArray array;
        for (int i = random.bounded(5); i > 0; --i)
            array.append(randomValue(random, depth + 1, asciiKeys));
        return array;
    }
    default: {
        QJsonObject object;
        for (int i = random.bounded(5); i > 0; --i)
            object.insert(asciiKeys ? QStringLiteral("k%1").arg(i) : randomText(random), randomValue(random, depth + 1, asciiKeys));
        return object;
    }
    }
}
}

class TestJsonView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsWhatQtWrites()
    {
        QRandomGenerator random(7);
        for (int i = 0; i < 3000; ++i) {
            const QJsonObject object{{QStringLiteral("v"), randomValue(random, 0)}};
            for (const auto format : {QJsonDocument::Compact, QJsonDocument::Indented}) {
                const QByteArray text = QJsonDocument(object).toJson(format);
                const auto document = json::Document::parse(text);
                QVERIFY2(document.has_value(), text.constData());
                QCOMPARE(document->root().toJson().toObject(), object);
                QCOMPARE(document->root().value(QLatin1String("v")).toString(), object.value(QStringLiteral("v")).toString());
            }
        }
    }

    void conversions()
    {
        const auto document = json::Document::parse(
            R"({"i":42,"n":-7,"d":1.5,"e":2e3,"big":9007199254740993,"huge":1e300,"s":"a\u00e4\ud83d\ude00\/","t":true,"z":null,)"
            R"("l":[1,[2],{"x":3}],"twice":1,"twice":2,"k\u0065y":5})");
        QVERIFY(document.has_value());
        const json::View root = document->root();
        const auto at = [&root](const char *key) { return root.value(QLatin1String(key)); };
        QCOMPARE(at("i").toInt(), 42);
        QCOMPARE(at("n").toInteger(), -7);
        QCOMPARE(at("d").toDouble(), 1.5);
        QCOMPARE(at("d").toInt(9), 9); // as QJsonValue: no whole number
        QCOMPARE(at("e").toInt(), 2000);
        QCOMPARE(at("big").toInteger(), 9007199254740993);
        QCOMPARE(at("big").toInt(9), 9);
        QCOMPARE(at("huge").toInteger(3), 3);
        QCOMPARE(at("s").toString(), QStringLiteral("aä\U0001F600/"));
        QVERIFY(at("s") == QLatin1String("a\xe4") || !(at("s") == QLatin1String("x")));
        QVERIFY(at("t").toBool());
        QVERIFY(at("z").isNull() && !at("z").isUndefined());
        QVERIFY(at("nothing").isUndefined());
        QCOMPARE(at("twice").toInt(), 2);
        QCOMPARE(at("key").toInt(), 5);
        QCOMPARE(at("i").toString(), QString());
        QCOMPARE(at("s").toInt(4), 4);
        QVERIFY(at("s").value(QLatin1String("x")).isUndefined());
        int sum = 0, count = 0;
        for (const json::View element : at("l")) {
            sum += element.toInt();
            ++count;
        }
        QCOMPARE(count, 3);
        QCOMPARE(sum, 1);
        for (const json::View element : at("s"))
            QVERIFY2(element.isUndefined(), "a string has no elements");
        QVERIFY(json::View().value(QLatin1String("x")).isUndefined());
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        int number = 0;
        for (const char *bad : {"", " ", "1", "\"a\"", "{", "}", "{}x", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
                                "[01]", "[1.]", "[.5]", "[-]", "[1e]", "[+1]", "[tru]", "[nul", "[\"\\x\"]", "[\"\\u12g4\"]", "[\"\\u12",
                                "[\"abc", "[\"a\nb\"]", "[\"\\", "[\"\xff\"]", "[\"\xed\xa0\x80\"]", "[\"\xc3\"]", "{\"a\" 1}", "[1 2]", "[1e400]", "[1e99999]"})
            QTest::newRow(qPrintable(QString::number(number++))) << QByteArray(bad);
        QTest::newRow("too deep") << QByteArray(100'000, '[');
        QTest::newRow("too deep, closed") << QByteArray(600, '[') + QByteArray(600, ']');
        QTest::newRow("NUL") << QByteArray("{\"a\":\"\0\"}", 9);
    }
    void refuses()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!json::Document::parse(text).has_value());
    }

    void damagedTextsNeverRunOver()
    {
        // ASCII keys: QJsonObject sorts others in two ways, by how they came into it.
        QRandomGenerator random(11);
        for (int i = 0; i < 20'000; ++i) {
            QByteArray text = QJsonDocument(QJsonObject{{QStringLiteral("v"), randomValue(random, 1, true)}}).toJson(QJsonDocument::Compact);
            if (random.bounded(2) == 0)
                text.truncate(random.bounded(int(text.size()) + 1));
            else
                text[random.bounded(int(text.size()))] = char(random.bounded(256));
            text.squeeze();
            if (const auto document = json::Document::parse(text))
                QVERIFY2(QJsonDocument::fromJson(text).object() == document->root().toJson().toObject(), text.constData());
        }
    }

    void writesWhatQtWrites()
    {
        QRandomGenerator random(3);
        for (int i = 0; i < 3000; ++i) {
            QString text = randomText(random);
            if (i % 10 == 0)
                text += QChar(0xd83d); // half a character
            if (i % 100 == 0)
                text = text.repeated(3000);
            if (i % 7 == 0) // specials between and across blocks of 16
                text = QString(random.bounded(40), QLatin1Char('p')) + text + QString(random.bounded(40), QLatin1Char('q')) + text;
            const QJsonValue other = randomValue(random, 2);
            const QJsonObject object{{QStringLiteral("a"), text},
                                     {QStringLiteral("b"), QJsonArray{qint64(i) - 5, true, QJsonValue(QJsonValue::Null), QStringLiteral("x"), other}},
                                     {QStringLiteral("c"), QJsonObject()}, {QStringLiteral("d"), QJsonArray()}};
            using L = QLatin1String;
            json::Writer out;
            out.beginObject().key(L("a")).string(text).key(L("b")).beginArray().number(i - 5).boolean(true).null().string(L("x")).value(other);
            out.endArray().key(L("c")).beginObject().endObject().key(L("d")).beginArray().endArray().endObject();
            const QByteArray expected = QJsonDocument(object).toJson(QJsonDocument::Compact);
            QCOMPARE(out.take(), expected);
            QCOMPARE(json::compact(object), expected);
        }
    }

    void numbersAreWrittenAsQtWritesThem()
    {
        QRandomGenerator random(5);
        QJsonArray numbers{0, -0.0, 1, -1, 0.1, 1e15, 1e16, 1e17, -1e15, 123456789.0, 1e6, 1e300, 5e-324, qint64(9007199254740991), qint64(9007199254740992),
                           qint64(9007199254740993), qint64(-9007199254740993), std::numeric_limits<qint64>::max(), std::numeric_limits<qint64>::min(),
                           qInf(), -qInf(), qQNaN(), 1.7e15, 4.5e15 + 0.5};
        for (int i = 0; i < 3000; ++i) {
            const double any = std::ldexp(random.generateDouble() - 0.5, int(random.bounded(200)) - 60);
            numbers.append(any);
            numbers.append(std::round(any));
            numbers.append(qint64(random.generate64() >> random.bounded(64)) - 3);
        }
        // As a file might hold them.
        for (const char *text : {"1e15", "1e3", "1.0", "-0", "-0.0", "100000000000000000000", "12345678901234567", "1E+2", "0.000001"})
            numbers.append(QJsonDocument::fromJson(QByteArray("[") + text + ']').array().first());
        for (const QJsonValue &number : qAsConst(numbers)) {
            const QByteArray expected = QJsonDocument(QJsonArray{number}).toJson(QJsonDocument::Compact);
            QCOMPARE('[' + json::compact(number) + ']', expected);
        }
        QCOMPARE(json::compact(QJsonValue(QJsonValue::Undefined)), QByteArray("null"));
    }
};

QTEST_GUILESS_MAIN(TestJsonView)
#include "tst_JsonView.moc"
