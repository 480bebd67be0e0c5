// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpWire.h"

#include "core/base/Json.h"
#include "tests/core/mcp/McpTesting.h"

using namespace lathe;
using namespace lathe::mcpwire;
using lathe::test::object;

class TestMcpWire : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void headerTexts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QByteArray>("header");
        QTest::newRow("plain") << "us-east 1" << QByteArray("us-east 1");
        QTest::newRow("empty") << "" << QByteArray("=?base64?" "?=");
        QTest::newRow("space before") << " a" << QByteArray("=?base64?IGE=?=");
        QTest::newRow("space behind") << "a " << QByteArray("=?base64?YSA=?=");
        QTest::newRow("tab inside") << "a\tb" << QByteArray("a\tb");
        QTest::newRow("line end") << "a\r\nX: 1" << QByteArray("=?base64?YQ0KWDogMQ==?=");
        QTest::newRow("not ASCII") << QStringLiteral("é") << QByteArray("=?base64?w6k=?=");
        QTest::newRow("looks encoded") << "=?base64?YQ==?=" << QByteArray("=?base64?PT9iYXNlNjQ/WVE9PT89?=");
    }
    void headerTexts()
    {
        QFETCH(QString, text);
        QFETCH(QByteArray, header);
        QCOMPARE(headerText(text), header);
    }

    void paramHeaderRules_data()
    {
        QTest::addColumn<QByteArray>("properties");
        QTest::addColumn<QString>("expected"); // names; or ! and a word of the problem
        const auto row = [](const char *name, const char *properties, const char *expected) {
            QTest::newRow(name) << QByteArray(properties) << QString::fromLatin1(expected);
        };
        row("none", "{'a':{'type':'string'}}", "");
        row("simple", "{'a':{'type':'string','x-mcp-header':'A'},'b':{'type':'integer','x-mcp-header':'B'}}", "A,B");
        row("nested", "{'a':{'type':'object','properties':{'b':{'type':'boolean','x-mcp-header':'B'}}}}", "B");
        row("number", "{'a':{'type':'number','x-mcp-header':'A'}}", "!neither");
        row("object", "{'a':{'type':'object','x-mcp-header':'A'}}", "!neither");
        row("empty", "{'a':{'type':'string','x-mcp-header':''}}", "!name");
        row("space", "{'a':{'type':'string','x-mcp-header':'A B'}}", "!name");
        row("colon", "{'a':{'type':'string','x-mcp-header':'A:B'}}", "!name");
        row("not ASCII", "{'a':{'type':'string','x-mcp-header':'R\xC3\xA9'}}", "!name");
        row("no text", "{'a':{'type':'string','x-mcp-header':3}}", "!name");
        row("twice", "{'a':{'type':'string','x-mcp-header':'A'},'b':{'type':'string','x-mcp-header':'a'}}", "!twice");
        row("in items", "{'a':{'type':'array','items':{'type':'string','x-mcp-header':'A'}}}", "!plain argument");
        row("in oneOf", "{'a':{'oneOf':[{'type':'string','x-mcp-header':'A'}]}}", "!plain argument");
        row("below items", "{'a':{'items':{'type':'object','properties':{'b':{'type':'string','x-mcp-header':'B'}}}}}", "!plain argument");
    }
    void paramHeaderRules()
    {
        QFETCH(QByteArray, properties);
        QFETCH(QString, expected);
        const QJsonObject schema{{"type", "object"}, {"properties", object(properties.constData())}};
        const ParamHeaders found = paramHeaders(schema);
        if (expected.startsWith(u'!')) {
            QVERIFY2(found.problem.contains(expected.mid(1)), qPrintable(found.problem));
            return;
        }
        QCOMPARE(found.problem, QString());
        QStringList names;
        for (const auto &param : found.params)
            names.append(QString::fromLatin1(param.name));
        QCOMPARE(names.join(u','), expected);
    }

    void paramHeaderValues()
    {
        const QJsonObject schema = object("{'type':'object','properties':{'s':{'type':'string','x-mcp-header':'S'},'i':{'type':'integer','x-mcp-header':'I'},'b':{'type':'boolean','x-mcp-header':'B'},'n':{'type':'string','x-mcp-header':'N'},'big':{'type':'integer','x-mcp-header':'Big'},'o':{'type':'object','properties':{'deep':{'type':'string','x-mcp-header':'Deep'}}}}}");
        const auto lines = paramHeaderLines(paramHeaders(schema), object("{'s':'x','i':42,'b':false,'n':null,'big':1e300,'o':{'deep':'y'}}"));
        QStringList shown;
        for (const auto &[name, value] : lines)
            shown.append(QString::fromLatin1(name + '=' + value));
        shown.sort();
        QCOMPARE(shown.join(u' '), QStringLiteral("Mcp-Param-B=false Mcp-Param-Deep=y Mcp-Param-I=42 Mcp-Param-S=x"));
    }

    void standard()
    {
        const auto shown = [](const char *method, const char *params) {
            QStringList lines;
            for (const auto &[name, value] : standardHeaders(JsonRpcMessage::request(1, QLatin1String(method), object(params))))
                lines.append(QString::fromLatin1(name + '=' + value));
            return lines.join(u' ');
        };
        QCOMPARE(shown("tools/call", "{'name':'echo'}"), QStringLiteral("Mcp-Method=tools/call Mcp-Name=echo"));
        QCOMPARE(shown("resources/read", "{'uri':'a:b'}"), QStringLiteral("Mcp-Method=resources/read Mcp-Name=a:b"));
        QCOMPARE(shown("tools/list", "{}"), QStringLiteral("Mcp-Method=tools/list"));
    }

    void defaults()
    {
        const QJsonObject schema = object("{'type':'object','properties':{'a':{'type':'string','default':'x'},'b':{'type':'boolean','default':false},'c':{'type':'integer'},'d':{'type':'array','default':['p']}}}");
        QCOMPARE(withDefaults(schema, object("{'a':'given','z':1}")), object("{'a':'given','b':false,'d':['p'],'z':1}"));
    }

    void errors_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("kind");
        QTest::newRow("params") << -32602 << int(ErrorKind::InvalidInput);
        QTest::newRow("method") << -32601 << int(ErrorKind::Provider);
        QTest::newRow("not found") << -32002 << int(ErrorKind::NotFound);
        QTest::newRow("header") << -32020 << int(ErrorKind::Protocol);
        QTest::newRow("capability") << -32021 << int(ErrorKind::Denied);
        QTest::newRow("version") << -32022 << int(ErrorKind::Protocol);
        QTest::newRow("any") << -32000 << int(ErrorKind::Provider);
    }
    void errors()
    {
        QFETCH(int, code);
        QFETCH(int, kind);
        const Error error = errorOf(JsonRpcError(code, QStringLiteral("bad\nthing\x1b[1m"), QJsonObject{{"supported", QJsonArray{"2030-01-01"}}}),
                                    QStringLiteral("Files"), QStringLiteral("the tool \"x\""));
        QCOMPARE(int(error.kind), kind);
        QVERIFY(error.message.contains(QStringLiteral("Files")));
        QVERIFY(!error.message.contains(u'\n') && !error.message.contains(QChar(0x1b)));
        QVERIFY(error.message.contains(code == -32022 ? QStringLiteral("2030-01-01") : QStringLiteral("bad thing")));
    }

    void configurations_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QString>("problem"); // empty: good
        const auto row = [](const char *name, const char *config, const char *problem) {
            QTest::newRow(name) << QByteArray(config) << QString::fromLatin1(problem);
        };
        row("stdio", "{'transport':'stdio','command':'npx','args':['-y','x'],'env':{'A':'{{secret:K}}'},'roots':['/tmp']}", "");
        row("http", "{'transport':'http','url':'https://example.com/mcp','headers':{'X':'1'},'auth':{'client_id':'c'},'connect_seconds':5}", "");
        row("url alone", "{'url':'http://127.0.0.1:1/mcp'}", "");
        row("secret in the url", "{'url':'https://example.com/{{secret:KEY}}/mcp'}", "");
        row("nothing", "{}", "command");
        row("no url", "{'transport':'http'}", "http://");
        row("file url", "{'transport':'http','url':'file:///etc/passwd'}", "http://");
        row("no host", "{'transport':'http','url':'http:///x'}", "http://");
        row("unknown transport", "{'transport':'sse','url':'http://a/'}", "sse");
        row("env no text", "{'command':'x','env':{'A':1}}", "\"A\"");
        row("env name", "{'command':'x','env':{'A=B':'1'}}", "A=B");
    }
    void configurations()
    {
        QFETCH(QByteArray, config);
        QFETCH(QString, problem);
        const auto server = McpServerConfig::fromJson(QStringLiteral("S"), object(config.constData()));
        QCOMPARE(server.ok(), problem.isEmpty());
        if (!server) {
            QVERIFY2(server.error().message.contains(problem), qPrintable(server.error().message));
            return;
        }
        const auto again = McpServerConfig::fromJson(QStringLiteral("S"), server->toJson());
        QVERIFY(again);
        QCOMPARE(*again, *server);
        McpServerConfig other = *server;
        other.name = QStringLiteral("Other");
        QCOMPARE(other.key(), server->key());
        other.connectSeconds += 1;
        QVERIFY(other.key() != server->key());
    }

    void textOfResults()
    {
        const auto result = toolResultOf(object("{'content':[{'type':'text','text':'a\\nb'},{'type':'image','mimeType':'image/png','data':'AAAAAAAA'},{'type':'resource_link','name':'r','uri':'x:y'},{'type':'resource','resource':{'uri':'x:z','text':'inner'}},{'type':'odd'}],'structuredContent':7}"));
        QVERIFY(result);
        QCOMPARE(result->text(), QStringLiteral("a\nb\n[image: image/png, 6 bytes]\n[link to the resource r: x:y]\n[resource x:z]\ninner\n"
                                                "[content of the unknown type \"odd\"]"));
        QCOMPARE(result->structured, QJsonValue(7));
        QVERIFY(!toolResultOf(object("{}")));
        QVERIFY(!toolResultOf(object("{'content':'text'}")));
        QVERIFY(!toolResultOf(object("{'content':['text']}")));
        const auto only = toolResultOf(object("{'structuredContent':{'a':1}}"));
        QVERIFY(only);
        QCOMPARE(only->text(), QStringLiteral("{\"a\":1}"));
    }
};

QTEST_GUILESS_MAIN(TestMcpWire)
#include "tst_McpWire.moc"
