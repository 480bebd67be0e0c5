// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SchemaCheck.h"
#include "tests/support/JsonText.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QString check(const QByteArray &schema, const QByteArray &value)
{
    const auto violations = checkSchema(jsonValue(schema), jsonValue(value));
    return violations ? violationsText(*violations)
                      : QStringLiteral("unusable: ") + violations.error().message;
}

// Single quotes for double ones; moc loses its way in raw strings.
QByteArray js(QByteArray text)
{
    return text.replace('\'', '"');
}

QByteArray quoted(const QByteArray &text)
{
    return "\"" + text + "\"";
}

QJsonValue nested(int depth, const char *key)
{
    QJsonValue value(true);
    for (int i = 0; i < depth; ++i)
        value = QJsonObject{{QLatin1String(key), value}};
    return value;
}
} // namespace

class TestSchemaCheck : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void table_data()
    {
        QTest::addColumn<QByteArray>("schema");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("expected"); // empty: fits
        QFile file(QStringLiteral(LATHE_SOURCE_DIR "/tests/core/tool/schema-cases.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonArray cases = jsonValue(file.readAll()).toArray();
        QVERIFY(cases.size() > 50);
        for (const QJsonValue &item : cases) {
            const QJsonObject row = item.toObject();
            QTest::newRow(qPrintable(row.value(QLatin1String("name")).toString()))
                << json::compact(row.value(QLatin1String("schema")))
                << json::compact(row.value(QLatin1String("value")))
                << row.value(QLatin1String("expected")).toString();
        }
    }

    void table()
    {
        QFETCH(QByteArray, schema);
        QFETCH(QByteArray, value);
        QFETCH(QString, expected);
        QCOMPARE(check(schema, value), expected);
        QCOMPARE(check(schema, value), expected); // now from the cache
    }

    void anyOfExplainsEachForm()
    {
        const QString text = check(js("{'anyOf':[{'type':'string'},{'required':['id']}]}"), "{}");
        QVERIFY2(text.contains(QLatin1String("expected string")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("\"id\" is missing")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("none of the allowed forms fits")), qPrintable(text));
    }

    void atMostTwentyViolations()
    {
        QJsonArray many;
        for (int i = 0; i < 5000; ++i)
            many.append(i);
        const auto violations = checkSchema(jsonValue(js("{'items':{'type':'string'}}")), many);
        QVERIFY(violations.ok());
        QCOMPARE(violations->size(), size_t(20));
        QCOMPARE(violations->front().pointer, QStringLiteral("/0"));
    }

    void deepValuesAreRefused()
    {
        const QJsonValue schema = jsonValue(js("{'properties':{'a':{'$ref':'#'}}}"));
        QVERIFY(checkSchema(schema, nested(60, "a"))->empty());
        const auto deep = checkSchema(schema, nested(3000, "a"));
        QVERIFY(deep.ok());
        QCOMPARE(deep->size(), size_t(1));
        QVERIFY(deep->front().message.contains(QLatin1String("64 levels")));
    }

    void deepSchemasAreRefused()
    {
        const auto deep = checkSchema(nested(3000, "not"), 1);
        QVERIFY(!deep.ok());
        QCOMPARE(deep.error().kind, ErrorKind::InvalidInput);
        // Not deep as text, but through references.
        QJsonObject definitions;
        for (int i = 0; i < 900; ++i) {
            definitions.insert(
                QStringLiteral("d%1").arg(i),
                QJsonObject{{QStringLiteral("items"),
                             QJsonObject{{QStringLiteral("$ref"),
                                          QStringLiteral("#/$defs/d%1").arg(i + 1)}}}});
        }
        definitions.insert(QStringLiteral("d900"), QJsonObject());
        const auto chained =
            checkSchema(QJsonObject{{QStringLiteral("$defs"), definitions},
                                    {QStringLiteral("$ref"), QStringLiteral("#/$defs/d0")}},
                        1);
        QVERIFY(!chained.ok());
        QVERIFY2(chained.error().message.contains(QLatin1String("nested too deeply")),
                 qPrintable(chained.error().message));
    }

    void entangledSchemasEnd()
    {
        // 2^40 ways to check one value.
        QJsonObject definitions;
        for (int i = 0; i < 40; ++i) {
            const QJsonObject next{
                {QStringLiteral("$ref"), QStringLiteral("#/$defs/d%1").arg(i + 1)}};
            definitions.insert(QStringLiteral("d%1").arg(i),
                               QJsonObject{{QStringLiteral("allOf"), QJsonArray{next, next}}});
        }
        definitions.insert(QStringLiteral("d40"),
                           QJsonObject{{QStringLiteral("type"), QStringLiteral("integer")}});
        QElapsedTimer timer;
        timer.start();
        const auto result =
            checkSchema(QJsonObject{{QStringLiteral("$defs"), definitions},
                                    {QStringLiteral("$ref"), QStringLiteral("#/$defs/d0")}},
                        1);
        QVERIFY(result.ok());
        QVERIFY(!result->empty());
        QVERIFY2(result->front().message.contains(QLatin1String("too large or too entangled")),
                 qPrintable(violationsText(*result)));
        QVERIFY2(timer.elapsed() < 120000, "a step budget is missing");
    }

    void stackIsGuarded()
    {
        // 60 levels of value times 60 schemas that each look at the same value: some 10 MB of
        // stack.
        QJsonObject definitions;
        for (int i = 0; i < 60; ++i) {
            const QJsonObject next{
                {QStringLiteral("$ref"), QStringLiteral("#/$defs/d%1").arg(i + 1)}};
            definitions.insert(QStringLiteral("d%1").arg(i),
                               QJsonObject{{QStringLiteral("allOf"), QJsonArray{next}}});
        }
        definitions.insert(QStringLiteral("d60"),
                           jsonValue(js("{'properties':{'a':{'$ref':'#/$defs/d0'}}}")));
        const QJsonObject schema{{QStringLiteral("$defs"), definitions},
                                 {QStringLiteral("$ref"), QStringLiteral("#/$defs/d0")}};
        const auto flat = checkSchema(schema, nested(1, "a"));
        QVERIFY2(flat.ok(), qPrintable(flat ? QString() : flat.error().message));
        QVERIFY2(flat->empty(), qPrintable(violationsText(*flat)));
        const auto deep = checkSchema(schema, nested(60, "a"));
        QVERIFY(deep.ok());
        QCOMPARE(deep->size(), size_t(1));
        QVERIFY2(deep->front().message.contains(QLatin1String("too large or too entangled")),
                 qPrintable(violationsText(*deep)));
    }

    void hostilePatternsEnd()
    {
        QElapsedTimer timer;
        timer.start();
        // Backtracks 2^40 times in a naive engine.
        const QString text = check(js("{'pattern':'^(a+)+$'}"), quoted(QByteArray(40, 'a') + '!'));
        QVERIFY2(!text.isEmpty(), qPrintable(text));
        // std::regex recurses once a character and would overflow the stack.
        QCOMPARE(check(js("{'pattern':'^(a|b)*$'}"), quoted(QByteArray(500000, 'a')))
                     .contains(QLatin1String("matched with")),
                 true);
        QCOMPARE(check(js("{'pattern':'^[ab]*$'}"), quoted(QByteArray(500000, 'a'))), QString());
        QVERIFY2(timer.elapsed() < 120'000, "the match limit is missing");
    }

    void cacheForgetsOldSchemas()
    {
        // More schemas than it holds, twice round: each must keep its own meaning.
        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 100; ++i) {
                const QByteArray schema = "{\"const\":" + QByteArray::number(i) + '}';
                QCOMPARE(check(schema, QByteArray::number(i)), QString());
                QVERIFY(!check(schema, QByteArray::number(i + 1)).isEmpty());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestSchemaCheck)
#include "tst_SchemaCheck.moc"
