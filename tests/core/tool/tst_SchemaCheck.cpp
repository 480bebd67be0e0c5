// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SchemaCheck.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;

namespace {
QJsonValue parsed(const QByteArray &text)
{
    const auto value = json::parse(text);
    if (!value)
        qFatal("bad JSON in the test: %s", text.constData());
    return *value;
}

QString check(const QByteArray &schema, const QByteArray &value)
{
    const auto violations = checkSchema(parsed(schema), parsed(value));
    return violations ? violationsText(*violations) : QStringLiteral("unusable: ") + violations.error().message;
}

QJsonValue nested(int depth, const char *key)
{
    QJsonValue value(true);
    for (int i = 0; i < depth; ++i)
        value = QJsonObject{{QLatin1String(key), value}};
    return value;
}
}

class TestSchemaCheck : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void table_data()
    {
        QTest::addColumn<QByteArray>("schema");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("expected"); // empty: fits
        const auto row = [](const char *name, const char *schema, const char *value, const char *expected) {
            QTest::newRow(name) << QByteArray(schema) << QByteArray(value) << QString::fromUtf8(expected);
        };
        row("maximum", R"({"type":"object","properties":{"limit":{"type":"integer","maximum":100}}})", R"({"limit":500})",
            "At /limit: 500 is greater than the maximum 100.");
        row("maximum fits", R"({"properties":{"limit":{"maximum":100}}})", R"({"limit":100})", "");
        row("exclusive", R"({"exclusiveMaximum":3})", "3", "At the top level: 3 is not less than 3.");
        row("draft 4 exclusive", R"({"maximum":3,"exclusiveMaximum":true})", "3", "At the top level: 3 is not less than 3.");
        row("minimum", R"({"minimum":-1.5})", "-2", "At the top level: -2 is less than the minimum -1.5.");
        row("type", R"({"properties":{"n":{"type":["integer","null"]}}})", R"({"n":"7"})", "At /n: expected null or integer, got string (\"7\").");
        row("integer as 3.0", R"({"type":"integer"})", "3.0", "");
        row("no integer", R"({"type":"integer"})", "3.5", "At the top level: expected integer, got number (3.5).");
        row("milliseconds", R"({"type":"integer","minimum":0})", "1790000000000", "");
        row("multiple of", R"({"multipleOf":0.1})", "0.3", "");
        row("not multiple of", R"({"multipleOf":3})", "1790000000000", "At the top level: 1790000000000 is not a multiple of 3.");
        row("required", R"({"required":["a","b"]})", R"({"a":1})", "At the top level: the required property \"b\" is missing.");
        row("unknown property", R"({"properties":{"a":{},"b":{}},"additionalProperties":false})", R"({"c":1})",
            "At the top level: the property \"c\" is not allowed; known are: a, b.");
        row("additional schema", R"({"additionalProperties":{"type":"string"}})", R"({"x":1})", "At /x: expected string, got number (1).");
        row("pattern properties", R"({"patternProperties":{"^n_":{"type":"number"}},"additionalProperties":false})", R"({"n_a":1,"n_b":"x"})",
            "At /n_b: expected number, got string (\"x\").");
        row("pattern properties closed", R"({"patternProperties":{"^n_":{}},"additionalProperties":false})", R"({"m":1})",
            "At the top level: the property \"m\" is not allowed.");
        row("property names", R"({"propertyNames":{"pattern":"^[a-z]+$"}})", R"({"A":1})", "At the top level: it does not fit the schema.");
        row("enum", R"({"enum":["free","pro",3]})", R"("gold")", "At the top level: \"gold\" is not one of \"free\", \"pro\", 3.");
        row("const", R"({"const":{"a":[1]}})", R"({"a":[1]})", "");
        row("const not", R"({"const":1})", "2", "At the top level: 2 is not the only allowed value 1.");
        row("length in characters", R"({"maxLength":2})", "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"", "");
        row("too short", R"({"minLength":3})", R"("ab")", "At the top level: has 2 characters, fewer than the minimum 3.");
        row("pattern", R"({"pattern":"^[a-z]+$"})", R"("ab\n")", "At the top level: \"ab\\n\" does not match the pattern ^[a-z]+$.");
        row("pattern class with dollar", R"({"pattern":"^[$]$"})", R"("$")", "");
        row("items", R"({"items":{"type":"string"}})", R"(["a",1])", "At /1: expected string, got number (1).");
        row("tuple", R"({"items":[{"type":"string"}],"additionalItems":false})", R"(["a",1])", "At /1: nothing is allowed here.");
        row("tuple open", R"({"items":[{"type":"string"}]})", R"(["a",1])", "");
        row("2020-12 tuple", R"({"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{"type":"string"}],"items":{"type":"number"}})",
            R"(["a","b"])", "At /1: expected number, got string (\"b\").");
        row("min items", R"({"minItems":2})", "[1]", "At the top level: Array should contain no fewer than 2 elements.");
        row("unique", R"({"uniqueItems":true})", R"([{"a":1},2,{"a":1}])",
            "At the top level: the elements are not unique: element 2 repeats an earlier one.");
        row("contains", R"({"contains":{"const":1}})", "[2]", "At the top level: no element has the required form (contains).");
        row("not", R"({"not":{"type":"string"}})", R"("x")", "At the top level: it has a form that is forbidden (not).");
        row("one of two", R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "3", "At the top level: more than one of the allowed forms fits, exactly one must.");
        row("if then", R"({"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]},"else":{"required":["c"]}})", R"({"a":1})",
            "At the top level: the required property \"b\" is missing. At the top level: Failed to validate against a conditional schema set by if-then-else constraints.");
        row("dependent required", R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})", "At the top level: Missing dependency 'b'.");
        row("false property", R"({"properties":{"a":false}})", R"({"a":1})", "At /a: nothing is allowed here.");
        row("definitions", R"({"definitions":{"t":{"type":"string"}},"properties":{"a":{"$ref":"#/definitions/t"}}})", R"({"a":1})",
            "At /a: expected string, got number (1).");
        row("$defs", R"({"$defs":{"a/b":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/a~1b"}}})", R"({"a":1})",
            "At /a: expected string, got number (1).");
        row("own $id", R"({"$id":"https://x.org/s","$defs":{"t":{"type":"string"}},"items":{"$ref":"https://x.org/s#/$defs/t"}})", "[1]",
            "At /0: expected string, got number (1).");
        row("ref with siblings", R"({"$defs":{"t":{"type":"string"}},"$ref":"#/$defs/t","maxLength":1})", R"("ab")",
            "At the top level: has 2 characters, more than the maximum 1.");
        row("draft 7 ref hides siblings", R"({"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"t":{"type":"string"}},"$ref":"#/definitions/t","maxLength":1})",
            R"("ab")", "");
        row("recursive tree", R"({"properties":{"child":{"$ref":"#"},"n":{"type":"number"}}})", R"({"child":{"child":{"n":"x"}}})",
            "At /child/child/n: expected number, got string (\"x\").");
        row("escaped pointer", R"({"additionalProperties":{"type":"string"}})", R"({"a/b~c":1})", "At /a~1b~0c: expected string, got number (1).");
        row("format", R"({"format":"date-time"})", R"("2026-02-30T10:00:00Z")",
            "At the top level: \"2026-02-30T10:00:00Z\" is not a date and time with zone such as 2026-01-31T16:52:45Z.");
        row("format fits", R"({"format":"date-time"})", R"("2024-02-29T10:00:00.5+02:00")", "");
        row("format of a number", R"({"format":"date"})", "7", "");
        row("unknown format and keyword", R"({"format":"x-foo","x-bar":{"$ref":7}})", R"("a")", "");
        row("nullable", R"({"type":"string","nullable":true})", "null", "");
        row("empty schema", "{}", "[1,{}]", "");
        row("true", "true", "1", "");
        row("false", "false", "1", "At the top level: nothing is allowed here.");
        // The schema itself is at fault.
        row("remote ref", R"({"properties":{"a":{"$ref":"https://evil.org/s.json"}}})", R"({"a":1})",
            "unusable: The JSON Schema cannot be used: at /properties/a: $ref \"https://evil.org/s.json\" leads out of the schema; Lathe never "
            "fetches schemas, copy the definition into $defs.");
        row("file ref", R"({"$ref":"file:///etc/passwd"})", "1",
            "unusable: The JSON Schema cannot be used: at the top: $ref \"file:///etc/passwd\" leads out of the schema; Lathe never fetches "
            "schemas, copy the definition into $defs.");
        row("dangling ref", R"({"$ref":"#/$defs/none"})", "1", "unusable: The JSON Schema cannot be used: at the top: $ref \"#/$defs/none\" leads nowhere.");
        row("anchor", R"({"$ref":"#foo"})", "1",
            "unusable: The JSON Schema cannot be used: at the top: $ref \"#foo\" names an anchor; write a path such as #/$defs/name.");
        row("ref to itself", R"({"$ref":"#"})", "1", "unusable: The JSON Schema cannot be used: at the top: the definition refers to itself without end.");
        row("ref circle", R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}},"$ref":"#/$defs/a"})", "1",
            "unusable: The JSON Schema cannot be used: at /$defs/a: the definition refers to itself without end.");
        row("bad type", R"({"type":"int"})", "1",
            "unusable: The JSON Schema cannot be used: at the top: the type \"int\" is unknown; types are null, boolean, integer, number, string, "
            "array and object.");
        row("bad pattern", R"({"pattern":"("})", R"("x")",
            "unusable: The JSON Schema cannot be used: at the top: \"pattern\" must be a regular expression (missing closing parenthesis).");
        row("division by zero", R"({"multipleOf":0})", "1", "unusable: The JSON Schema cannot be used: at the top: \"multipleOf\" must be greater than 0.");
        row("no schema", R"({"properties":{"a":7}})", "{}",
            "unusable: The JSON Schema cannot be used: at /properties/a: expected a schema (an object), got 7.");
        row("required is text", R"({"required":"a"})", "{}", "unusable: The JSON Schema cannot be used: at the top: \"required\" must be a list of property names.");
        row("hostile pattern property", R"({"patternProperties":{"(a+)+$":{}}})", R"({"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!":1})",
            "unusable: The JSON Schema cannot be used: at /patternProperties: the pattern is too complex for property names.");
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
        const QString text = check(R"({"anyOf":[{"type":"string"},{"required":["id"]}]})", "{}");
        QVERIFY2(text.contains(QLatin1String("expected string")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("\"id\" is missing")), qPrintable(text));
        QVERIFY2(text.contains(QLatin1String("none of the allowed forms fits")), qPrintable(text));
    }

    void atMostTwentyViolations()
    {
        QJsonArray many;
        for (int i = 0; i < 5000; ++i)
            many.append(i);
        const auto violations = checkSchema(parsed(R"({"items":{"type":"string"}})"), many);
        QVERIFY(violations.ok());
        QCOMPARE(violations->size(), size_t(20));
        QCOMPARE(violations->front().pointer, QStringLiteral("/0"));
    }

    void deepValuesAreRefused()
    {
        const QJsonValue schema = parsed(R"({"properties":{"a":{"$ref":"#"}}})");
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
            definitions.insert(QStringLiteral("d%1").arg(i),
                               QJsonObject{{QStringLiteral("items"), QJsonObject{{QStringLiteral("$ref"), QStringLiteral("#/$defs/d%1").arg(i + 1)}}}});
        }
        definitions.insert(QStringLiteral("d900"), QJsonObject());
        const auto chained = checkSchema(QJsonObject{{QStringLiteral("$defs"), definitions}, {QStringLiteral("$ref"), QStringLiteral("#/$defs/d0")}}, 1);
        QVERIFY(!chained.ok());
        QVERIFY2(chained.error().message.contains(QLatin1String("nested too deeply")), qPrintable(chained.error().message));
    }

    void entangledSchemasEnd()
    {
        // 2^40 ways to check one value.
        QJsonObject definitions;
        for (int i = 0; i < 40; ++i) {
            const QJsonObject next{{QStringLiteral("$ref"), QStringLiteral("#/$defs/d%1").arg(i + 1)}};
            definitions.insert(QStringLiteral("d%1").arg(i), QJsonObject{{QStringLiteral("allOf"), QJsonArray{next, next}}});
        }
        definitions.insert(QStringLiteral("d40"), QJsonObject{{QStringLiteral("type"), QStringLiteral("integer")}});
        QElapsedTimer timer;
        timer.start();
        const auto result = checkSchema(QJsonObject{{QStringLiteral("$defs"), definitions}, {QStringLiteral("$ref"), QStringLiteral("#/$defs/d0")}}, 1);
        QVERIFY(result.ok());
        QVERIFY(!result->empty());
        QVERIFY2(result->front().message.contains(QLatin1String("too large or too entangled")), qPrintable(violationsText(*result)));
        QVERIFY2(timer.elapsed() < 20000, "a step budget is missing");
    }

    void hostilePatternsEnd()
    {
        QElapsedTimer timer;
        timer.start();
        // Backtracks 2^40 times in a naive engine.
        const QString text = check(R"({"pattern":"^(a+)+$"})", '"' + QByteArray(40, 'a') + "!\"");
        QVERIFY2(!text.isEmpty(), qPrintable(text));
        // std::regex recurses once a character and would overflow the stack.
        QCOMPARE(check(R"({"pattern":"^(a|b)*$"})", '"' + QByteArray(500000, 'a') + '"').contains(QLatin1String("matched with")), true);
        QCOMPARE(check(R"({"pattern":"^[ab]*$"})", '"' + QByteArray(500000, 'a') + '"'), QString());
        QVERIFY2(timer.elapsed() < 10000, "the match limit is missing");
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
