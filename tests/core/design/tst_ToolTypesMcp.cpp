// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/ToolSpec.h"

#include <QTest>

using namespace lathe;

class TestToolTypesMcp : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theTypeIsWhatAFormNeeds()
    {
        const ToolTypeInfo *type = toolType(QStringLiteral("mcp"));
        QVERIFY(type);
        QCOMPARE(type->group, QStringLiteral("Servers"));
        QCOMPARE(type->defaultBody.value(QStringLiteral("approval")).toString(), QStringLiteral("ask"));
        QCOMPARE(type->defaultBody.value(QStringLiteral("results")).toString(), QStringLiteral("delimited"));
        int shown = 0;
        for (const SettingField &field : type->fields)
            shown += field.shownWhen == QLatin1String("/config/transport") ? 1 : 0;
        QCOMPARE(shown, 7);
    }

    void findsProblems_data()
    {
        QTest::addColumn<QString>("config");
        QTest::addColumn<QString>("code"); // the first of those that begin with "mcp.", but for hints; empty: none
        QTest::addColumn<QString>("pointer");
        const auto row = [](const char *name, const char *config, const char *code, const char *pointer) {
            QTest::newRow(name) << QString::fromUtf8(config) << QString::fromLatin1(code) << QString::fromLatin1(pointer);
        };
        row("good program", "{'command':'npx','args':['-y','x'],'env':{'A':'{{secret:A_TOKEN}}'}}", "", "");
        row("good address", "{'transport':'http','url':'https://e.com/mcp','headers':{'X-A':'b'}}", "", "");
        row("this computer", "{'transport':'http','url':'http://127.0.0.1:3000/mcp'}", "", "");
        row("an address in a secret", "{'transport':'http','url':'https://e.com/{{secret:K}}/mcp'}", "", "");
        row("no program", "{}", "mcp.no_command", "/config/command");
        row("a whole line", "{'command':'npx -y x'}", "mcp.command_line", "/config/command");
        row("no address", "{'transport':'http'}", "mcp.no_url", "/config/url");
        row("no web address", "{'transport':'http','url':'ws://e.com'}", "mcp.url", "/config/url");
        row("not encrypted", "{'transport':'http','url':'http://e.com/mcp'}", "mcp.not_encrypted", "/config/url");
        row("unknown transport", "{'transport':'pigeon'}", "mcp.transport", "/config/transport");
        row("key in the environment", "{'command':'x','env':{'API_KEY':'abcd1234'}}", "mcp.plain_secret", "/config/env/API_KEY");
        row("key in a header", "{'transport':'http','url':'https://e.com','headers':{'Authorization':'Bearer abc'}}", "mcp.plain_secret", "/config/headers/Authorization");
        row("key among the arguments", "{'command':'x','args':['--api-key','abcd1234']}", "mcp.plain_secret", "/config/args/1");
        row("key of a variable among them", "{'command':'docker','args':['run','-e','API_KEY=abcd1234']}", "mcp.plain_secret", "/config/args/2");
        row("key in a header among them", "{'command':'x','args':['--header','Authorization: Bearer abcd1234']}", "mcp.plain_secret", "/config/args/1");
        row("client secret", "{'transport':'http','url':'https://e.com','auth':{'client_secret':'abc'}}", "mcp.plain_secret", "/config/auth/client_secret");
        row("half a secret", "{'command':'x','env':{'A':'{{secret:B'}}", "mcp.secret", "/config/env/A");
        row("a header of two lines", "{'transport':'http','url':'https://e.com','headers':{'A':'b\\nC: d'}}", "mcp.value", "/config/headers/A");
        row("no name of a variable", "{'command':'x','env':{'A B':'c'}}", "mcp.value_name", "/config/env/A B");
        row("no time to start", "{'command':'x','connect_seconds':0}", "mcp.connect_seconds", "/config/connect_seconds");
        row("no model", "{'command':'x','sampling_model':'gpt'}", "mcp.sampling_model", "/config/sampling_model");
        row("everything as a root", "{'command':'x','roots':['/']}", "mcp.wide_root", "/config/roots/0");
        row("a function twice", "{'command':'x','tools':[{'name':'a'},{'name':'a'}]}", "mcp.function", "/config/tools/1");
        row("all off", "{'command':'x','tools':[{'name':'a','enabled':false}]}", "mcp.all_off", "/config/tools");
    }
    void findsProblems()
    {
        QFETCH(QString, config);
        QFETCH(QString, code);
        QFETCH(QString, pointer);
        const auto parsed = json::parseObject(config.replace(u'\'', u'"').toUtf8());
        QVERIFY2(parsed.ok(), parsed ? "" : qPrintable(parsed.error().message));
        const QJsonObject body{{QStringLiteral("type"), QStringLiteral("mcp")}, {QStringLiteral("purpose"), QStringLiteral("Test it.")}, {QStringLiteral("approval"), QStringLiteral("ask")}, {QStringLiteral("config"), *parsed}};
        QString first, where;
        for (const Problem &problem : validateTool(body, DesignLookup())) {
            if (!first.isEmpty() || !problem.code.startsWith(QLatin1String("mcp.")) || problem.severity == Problem::Severity::Hint)
                continue;
            first = problem.code;
            where = problem.pointer;
            QVERIFY(!problem.message.isEmpty());
        }
        QCOMPARE(first, code);
        QCOMPARE(where, pointer);
    }
};

QTEST_GUILESS_MAIN(TestToolTypesMcp)
#include "tst_ToolTypesMcp.moc"
