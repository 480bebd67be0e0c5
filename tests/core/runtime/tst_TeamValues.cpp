// SPDX-License-Identifier: GPL-3.0-or-later
// Templates, values as text, and the reducers of the state.
#include "core/runtime/TeamState.h"
#include "core/runtime/TeamValues.h"

#include <QTest>

using namespace lathe;

namespace {
const QJsonObject names = json::parseObject(R"({"input": {"a": 1, "list": ["x", "y"]}, "state": {"note": "n {{input}}", "none": null},
    "variables": {"topic": "tea"}, "item": 7})").valueOr(QJsonObject());
QString show(const Result<QString> &result)
{
    return result ? *result : QStringLiteral("error: ") + result.error().message;
}
}

class TestTeamValues : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void templates_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *text, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(expected);
        };
        row("plain", "no names", "no names");
        row("text", "About {{variables.topic}}: {{ item }}", "About tea: 7");
        row("JSON", "{{input}}", "{\"a\":1,\"list\":[\"x\",\"y\"]}");
        row("inner values", "{{input.a}} {{input.list}} {{input.list.1}}", "1 [\"x\",\"y\"] y");
        row("nothing", "[{{state.none}}][{{state.missing.deep}}]", "[][]");
        row("values are not templates", "{{state.note}}", "n {{input}}");
        row("values are not templates beside sections", "{{state.note}}{{#item}}!{{/item}}", "n {{input}}!");
        row("sections", "{{#input.list}}<{{.}}>{{/input.list}}{{^state.none}}-{{/state.none}}", "<x><y>-");
        row("comments", "a{{! not said }}b", "ab");
        row("unknown", "{{other}}", "error: The template uses {{other}}, which there is not here; it may use: input, item, state, variables.");
        row("unknown section", "{{#other}}x{{/other}}", "error: The template uses {{other}}, which there is not here; it may use: input, item, state, variables.");
    }
    void templates()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(show(fillTemplate(text, names)), expected);
    }

    void brokenTemplate()
    {
        const auto broken = fillTemplate(QStringLiteral("{{#input}} never closed"), names);
        QVERIFY(!broken);
        QVERIFY2(broken.error().message.contains(QStringLiteral("line 1")), qPrintable(broken.error().message));
    }

    void valuesKeepTheirType()
    {
        const QJsonObject asked = json::parseObject(R"({"n": "{{item}}", "t": "no {{item}}", "l": ["{{input.list}}", true],
            "gone": "{{state.missing}}", "o": {"x": "{{input}}"}})").valueOr(QJsonObject());
        const auto filled = fillValue(asked, names);
        QVERIFY(filled.ok());
        QCOMPARE(json::compactString(*filled),
                 QStringLiteral(R"({"gone":null,"l":[["x","y"],true],"n":7,"o":{"x":{"a":1,"list":["x","y"]}},"t":"no 7"})"));
        QVERIFY(!fillValue(QJsonArray{QStringLiteral("{{other}}")}, names));
    }

    void textHoldsJson()
    {
        QCOMPARE(valueOfText(QStringLiteral(" {\"a\": 1} ")).toObject().value(QStringLiteral("a")).toInt(), 1);
        QCOMPARE(valueOfText(QStringLiteral("42")), QJsonValue(42));
        QCOMPARE(valueOfText(QStringLiteral("true")), QJsonValue(true));
        QCOMPARE(valueOfText(QStringLiteral("12345678901234567890")), QJsonValue(QStringLiteral("12345678901234567890")));
        QCOMPARE(valueOfText(QStringLiteral("0042")), QJsonValue(QStringLiteral("0042")));
        QCOMPARE(valueOfText(QStringLiteral("nothing much")), QJsonValue(QStringLiteral("nothing much")));
        QCOMPARE(valueOfText(QString()), QJsonValue(QString()));
        QCOMPARE(forLog(QString(100'000, QLatin1Char('x'))).toString().size(), 65536 + 28);
        QCOMPARE(forLog(QJsonValue(QJsonArray{1})).toArray().size(), 1);
    }

    void reducers_data()
    {
        QTest::addColumn<QString>("reducer");
        QTest::addColumn<QJsonArray>("writes");
        QTest::addColumn<QString>("expected"); // JSON, or the error
        const auto row = [](const char *reducer, const char *writes, const char *expected) {
            QTest::newRow(qPrintable(QStringLiteral("%1 %2").arg(QLatin1String(reducer), QLatin1String(writes))))
                << QString::fromUtf8(reducer) << json::parse(QByteArray(writes)).valueOr(QJsonValue()).toArray() << QString::fromUtf8(expected);
        };
        row("replace", "[1, \"b\"]", "\"b\"");
        row("append", "[1, [2], null]", "[1,[2],null]");
        row("add", "[1, 2.5]", "3.5");
        row("add", "[1, \"2\"]", "Node \"W\": text cannot be written to \"k\", which holds a number and merges by \"add\".");
        row("merge", "[{\"a\": 1, \"b\": 1}, {\"b\": 2}]", "{\"a\":1,\"b\":2}");
        row("merge", "[[]]", "Node \"W\": a list cannot be written to \"k\", which holds nothing and merges by \"merge\".");
        row("max", "[3, 7, 5]", "7");
        row("min", "[3, 7, 2]", "2");
        row("min", "[true]", "Node \"W\": true or false cannot be written to \"k\", which holds nothing and merges by \"min\".");
    }
    void reducers()
    {
        QFETCH(QString, reducer);
        QFETCH(QJsonArray, writes);
        QFETCH(QString, expected);
        TeamSpec spec;
        StateKey key;
        key.name = QStringLiteral("k");
        key.reducer = reducer;
        spec.state.push_back(key);
        std::vector<StateWrite> list;
        for (const QJsonValue &value : std::as_const(writes))
            list.push_back({QStringLiteral("k"), value, QStringLiteral("W"), false});
        QJsonObject state = initialState(spec);
        QCOMPARE(state.value(QStringLiteral("k")), QJsonValue(QJsonValue::Null));
        const auto merged = applyWrites(spec, list, &state);
        QCOMPARE(merged ? json::compactString(state.value(QStringLiteral("k"))) : merged.error().message, expected);
        list = {{QStringLiteral("nope"), 1, QStringLiteral("W"), false}};
        QVERIFY(!applyWrites(spec, list, &state));
        list = {{QStringLiteral("k"), QStringLiteral("edited"), QStringLiteral("W"), true}};
        QVERIFY(applyWrites(spec, list, &state).ok());
        QCOMPARE(state.value(QStringLiteral("k")), QJsonValue(QStringLiteral("edited")));
    }
};

QTEST_GUILESS_MAIN(TestTeamValues)
#include "tst_TeamValues.moc"
