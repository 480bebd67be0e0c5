// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"

#include <QCryptographicHash>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

class TestJson : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parsesScalarsAndContainers()
    {
        QCOMPARE(json::parse("3")->toInt(), 3);
        QCOMPARE(json::parse(" \"a\" ")->toString(), QStringLiteral("a"));
        QVERIFY(json::parse("[1,2]")->isArray());
        QVERIFY(json::parse("{\"a\":1}")->isObject());
    }
    void errorNamesThePlace()
    {
        const auto result = json::parse("{\"a\": 1,\n \"b\" 2}");
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(QStringLiteral("line 2")), qPrintable(result.error().message));
        QVERIFY(!json::parse("1 2"));
        QVERIFY(!json::parse("1,2"));
        QVERIFY(!json::parse(""));
    }
    void deepNestingIsRefused()
    {
        QVERIFY(!json::parse(QByteArray(100'000, '[')));
    }
    void canonicalTextIsIndependentOfOrder()
    {
        QCOMPARE(json::hash(*json::parse("{\"b\":1,\"a\":[true,null]}")), json::hash(*json::parse("{\"a\":[true,null],\"b\":1}")));
        QVERIFY(json::hash(*json::parse("{\"a\":1}")) != json::hash(*json::parse("{\"a\":2}")));
    }
    void hashesAreThoseOfQt()
    {
        QRandomGenerator random(1);
        QByteArray bytes;
        for (int size = 0; size < 700; ++size) {
            QCOMPARE(json::sha256(bytes), QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
            bytes.append(char(random.bounded(256)));
        }
        bytes = bytes.repeated(1000);
        QCOMPARE(json::sha256(bytes), QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex());
        QCOMPARE(json::sha256(QByteArrayView()), QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }
    void pointersReadAndWrite()
    {
        const QJsonValue root = *json::parse("{\"a\":{\"b\":[1,2,3]},\"x/y\":4}");
        QCOMPARE(json::at(root, QStringLiteral("/a/b/1")).toInt(), 2);
        QCOMPARE(json::at(root, QStringLiteral("/x~1y")).toInt(), 4);
        QVERIFY(json::at(root, QStringLiteral("/a/none")).isUndefined());
        const QJsonValue changed = json::with(root, QStringLiteral("/a/c/d"), 5);
        QCOMPARE(json::at(changed, QStringLiteral("/a/c/d")).toInt(), 5);
        QCOMPARE(json::at(changed, QStringLiteral("/a/b/0")).toInt(), 1);
        const QJsonValue removed = json::with(changed, QStringLiteral("/a/b/0"), QJsonValue(QJsonValue::Undefined));
        QCOMPARE(json::at(removed, QStringLiteral("/a/b/0")).toInt(), 2);
        QCOMPARE(json::at(json::with(root, QStringLiteral("/a/b/-"), 9), QStringLiteral("/a/b/3")).toInt(), 9);
        QCOMPARE(json::with(root, QString(), 7).toInt(), 7);
    }
    void badUtf8BecomesReplacementCharacters()
    {
        QCOMPARE(json::fromUtf8Lossy("a\xff" "b"), QStringLiteral("a\uFFFDb"));
    }
};

QTEST_GUILESS_MAIN(TestJson)
#include "tst_Json.moc"
