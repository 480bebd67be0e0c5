// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/ToolSpec.h"

#include <QTest>

using namespace lathe;

// Settings of the tools that work on this computer: sql, email, script, mock.
class TestToolTypesLocal : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void defaults();
    void checks_data();
    void checks();
};

void TestToolTypesLocal::defaults()
{
    for (const char *name : {"sql", "email", "script", "mock"}) {
        const ToolTypeInfo *type = toolType(QString::fromLatin1(name));
        QVERIFY2(type, name);
        QVERIFY(!type->group.isEmpty());
        const auto spec = ToolSpec::fromJson(type->defaultBody);
        QVERIFY2(spec.ok(), name);
        QCOMPARE(spec->toJson(), type->defaultBody);
        for (const SettingField &field : type->fields) {
            QVERIFY2(!field.label.isEmpty() && !field.help.isEmpty(), qPrintable(field.pointer));
            QCOMPARE(json::at(type->defaultBody, field.pointer), field.defaultValue);
        }
    }
    // A new tool tells a model nothing of what is in the tables.
    QCOMPARE(json::at(toolType(QStringLiteral("sql"))->defaultBody, QStringLiteral("/config/example_values")), QJsonValue(false));
    QCOMPARE(toolType(QStringLiteral("email"))->sideEffect, SideEffect::External);
    QCOMPARE(ToolSpec::fromJson(toolType(QStringLiteral("email"))->defaultBody)->approval, Approval::Ask);
    // A script as it comes and a mock can be used at once.
    for (const char *name : {"script", "mock"}) {
        for (const Problem &problem : validateTool(toolType(QString::fromLatin1(name))->defaultBody, DesignLookup()))
            QVERIFY2(problem.severity != Problem::Severity::Error, qPrintable(problem.message));
    }
}

void TestToolTypesLocal::checks_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QByteArray>("config");
    QTest::addColumn<QString>("code"); // of the problem that must be there; empty: none of this family's
    const auto add = [](const char *name, const char *type, const char *config, const char *code) {
        QTest::addRow("%s %s", type, name) << QString::fromLatin1(type) << QByteArray(config).replace('\'', '"') << QString::fromLatin1(code);
    };
    add("good", "sql", "{'source':'postgres','host':'h','database':'d','password':'{{secret:PG}}'}", "");
    add("no host", "sql", "{'source':'postgres','host':'','database':'d'}", "sql.no_host");
    add("no database", "sql", "{'source':'postgres','host':'h'}", "sql.no_database");
    add("plain password", "sql", "{'source':'postgres','host':'h','database':'d','password':'hunter2'}", "tool.plain_secret");
    add("half a secret", "sql", "{'source':'postgres','host':'h','database':'d','password':'x{{secret:PG}}'}", "tool.plain_secret");
    add("sslmode", "sql", "{'source':'postgres','host':'h','database':'d','sslmode':'yes'}", "sql.sslmode");
    add("mode", "sql", "{'path':'a.db','mode':'all'}", "sql.mode");
    add("write to csv", "sql", "{'path':'a.CSV','mode':'write'}", "sql.write_source");
    add("values by a word", "sql", "{'path':'a.db','example_values':'true'}", "body.type");
    add("write unasked", "sql", "{'path':'a.db','mode':'write'}", "tool.write_unasked");
    add("good", "email", "{'host':'h','from':'Ada <a@b.example>','allowed_recipients':['@b.example'],'password':'{{secret:S}}'}", "tool.external_unasked");
    add("no host", "email", "{'from':'a@b.example','allowed_recipients':['a@b.example']}", "email.no_host");
    add("from", "email", "{'host':'h','from':'Ada','allowed_recipients':['a@b.example']}", "email.from");
    add("nobody", "email", "{'host':'h','from':'a@b.example','allowed_recipients':[]}", "email.no_recipients");
    add("everybody", "email", "{'host':'h','from':'a@b.example','allowed_recipients':['*']}", "email.anybody");
    add("no address", "email", "{'host':'h','from':'a@b.example','allowed_recipients':['b.example']}", "email.recipient");
    add("plain password", "email", "{'host':'h','from':'a@b.example','allowed_recipients':['@b.c'],'password':'p'}", "tool.plain_secret");
    add("in the clear", "email", "{'host':'h','from':'a@b.example','allowed_recipients':['@b.c'],'password':'{{secret:S}}','security':'none'}", "email.plain_login");
    add("good", "script", "{'code':'print(1)'}", "");
    add("language", "script", "{'code':'x','language':'perl'}", "script.language");
    add("no code", "script", "{'code':' '}", "script.no_code");
    add("schema", "script", "{'code':'x','parameters':{'type':'array'}}", "tool.schema");
    add("root folder", "script", "{'code':'x','folder':'/'}", "script.wide_folder");
    add("network", "script", "{'code':'x','network':true}", "tool.external_unasked");
    add("no memory", "script", "{'code':'x','memory_mb':0}", "script.limit");
    add("wrong kind", "script", "{'code':5}", "body.type");
    add("good", "mock", "{'answers':[{'result':1}]}", "");
    add("no answers", "mock", "{'answers':[]}", "mock.no_answers");
    add("empty answer", "mock", "{'answers':[{'arguments':{}}]}", "mock.empty_answer");
    add("delay", "mock", "{'answers':[{'result':1,'delay_ms':-1}]}", "mock.delay");
    add("no object", "mock", "{'answers':[3]}", "body.type");
}

void TestToolTypesLocal::checks()
{
    QFETCH(QString, type);
    QFETCH(QByteArray, config);
    QFETCH(QString, code);
    const auto parsed = json::parseObject(config);
    QVERIFY(parsed.ok());
    const auto problems = validateTool({{QStringLiteral("type"), type}, {QStringLiteral("purpose"), QStringLiteral("p")}, {QStringLiteral("config"), *parsed}},
                                       DesignLookup());
    QStringList codes;
    for (const Problem &problem : problems) {
        codes += problem.code;
        QVERIFY(!problem.message.contains(QStringLiteral("hunter2")));
    }
    if (code.isEmpty())
        QVERIFY2(codes.isEmpty(), qPrintable(codes.join(QStringLiteral(", "))));
    else
        QVERIFY2(codes.contains(code), qPrintable(codes.join(QStringLiteral(", "))));
}

QTEST_GUILESS_MAIN(TestToolTypesLocal)
#include "tst_ToolTypesLocal.moc"
