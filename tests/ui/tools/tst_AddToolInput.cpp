// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/AddToolInput.h"

#include "core/base/Json.h"
#include "ui/tools/AddToolRequest.h"
#include "ui/tools/McpAttach.h"
#include "ui/tools/McpFunctionDiff.h"

#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using Kind = AddToolInput::Kind;

// What the add sheet makes of texts, and the values that its steps and the server panel work out.
class TestAddToolInput : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const char *name, const QByteArray &content)
    {
        const QString path = m_folder.filePath(QLatin1String(name));
        QFile out(path);
        if (!out.open(QIODevice::WriteOnly))
            qFatal("no file");
        out.write(content);
        return path;
    }

private Q_SLOTS:
    void recognises_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<Kind>("kind");
        const auto row = [](const char *name, const QString &text, Kind kind) { QTest::newRow(name) << text << kind; };
        row("nothing", QStringLiteral("  \n "), Kind::Nothing);
        row("words", QStringLiteral("sql"), Kind::Search);
        row("words that are programs", QStringLiteral("sort file"), Kind::Search);
        row("npx", QStringLiteral("npx -y @modelcontextprotocol/server-github"), Kind::McpServers);
        row("with a prompt sign", QStringLiteral("$ uvx mcp-server-git --repository /tmp"), Kind::McpServers);
        row("with an environment", QStringLiteral("API_KEY=x node server.js"), Kind::McpServers);
        row("found in the path", QStringLiteral("cat -n"), Kind::McpServers);
        row("absolute", QStringLiteral("/bin/cat"), Kind::McpServers);
        row("a program that is not there", QStringLiteral("nosuchserver --stdio"), Kind::McpServers);
        row("a path that is not there", QStringLiteral("/nonexistent/server stdio"), Kind::McpServers);
        row("a document that is not there", QStringLiteral("/nonexistent/api.yaml"), Kind::OpenApiFile);
        row("words with a dash", QStringLiteral("files - read"), Kind::Search);
        row("launcher alone is a word", QStringLiteral("docker"), Kind::Search);
        row("mcpServers", QStringLiteral("{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}"), Kind::McpServers);
        row("inner object", QStringLiteral("{\"command\": \"npx\", \"args\": []}"), Kind::McpServers);
        row("servers with a comment", QStringLiteral("// mine\n{\"servers\": {\"a\": {\"url\": \"https://x.example/mcp\"}}}"), Kind::McpServers);
        row("mcp url", QStringLiteral("https://mcp.example.com/v1"), Kind::McpUrl);
        row("mcp path", QStringLiteral("http://127.0.0.1:3000/mcp"), Kind::McpUrl);
        row("document url", QStringLiteral("https://petstore3.swagger.io/api/v3/openapi.json"), Kind::OpenApiUrl);
        row("yaml url", QStringLiteral("https://example.com/spec/api.yaml"), Kind::OpenApiUrl);
        row("openapi json", QStringLiteral("{\"openapi\": \"3.0.3\", \"paths\": {}}"), Kind::OpenApiText);
        row("openapi yaml", QStringLiteral("openapi: 3.1.0\ninfo:\n  title: x\n"), Kind::OpenApiText);
        row("curl", QStringLiteral("curl -X POST https://example.com -d a=1"), Kind::Curl);
        row("curl over lines", QStringLiteral("curl 'https://example.com' \\\n  -H 'Accept: x'"), Kind::Curl);
        row("openapi file", file("api.yml", "openapi: 3.0.0\ninfo: {title: x}\npaths: {}\n"), Kind::OpenApiFile);
        row("servers file", file("claude.json", "{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}"), Kind::McpServers);
        row("file url", QUrl::fromLocalFile(file("other.json", "{\"swagger\": \"2.0\"}")).toString(), Kind::OpenApiFile);
    }
    void recognises()
    {
        QFETCH(QString, text);
        QFETCH(Kind, kind);
        QCOMPARE(int(recogniseTool(text).kind), int(kind));
    }

    void aUrlHasOtherReadings()
    {
        const AddToolInput input = recogniseTool(QStringLiteral("https://example.com/things"));
        QVERIFY(input.also.contains(Kind::Request) && input.also.contains(Kind::OpenApiUrl));
        const AddToolInput other = readAs(input, Kind::Request);
        QCOMPARE(int(other.kind), int(Kind::Request));
        QCOMPARE(other.text, input.text);
        QCOMPARE(int(readAs(other, Kind::McpUrl).kind), int(Kind::McpUrl));
        QVERIFY(other.also.contains(Kind::McpUrl));
        QVERIFY(!other.also.contains(Kind::Request));
    }

    // Each value found stands where its offsets say, and a parameter over it leaves everything else as it was.
    void valuesOfARequest()
    {
        const QJsonObject config{{QStringLiteral("method"), QStringLiteral("POST")},
                                 {QStringLiteral("url"), QStringLiteral("https://api.example.com/users/42/notes?limit=10&q=a%20b&key={{secret:K}}#x")},
                                 {QStringLiteral("body_type"), QStringLiteral("json")},
                                 {QStringLiteral("body"), QStringLiteral("{\"title\": \"He said \\\"hi\\\"\", \"n\": 12.5, \"deep\": {\"on\": true, \"list\": [\"x\", null]}, \"{{already}}\": \"{{already}}\"}")}};
        const std::vector<RequestValue> values = requestValues(config);
        QStringList found;
        for (const RequestValue &value : values)
            found.append(QStringLiteral("%1=%2/%3/%4").arg(value.name, value.value, value.type, value.place));
        QCOMPARE(found, (QStringList{QStringLiteral("user_id=42/string/path"), QStringLiteral("limit=10/string/query"), QStringLiteral("q=a b/string/query"),
                                     QStringLiteral("title=He said \"hi\"/string/JSON body"), QStringLiteral("n=12.5/number/JSON body"),
                                     QStringLiteral("on=true/boolean/JSON body"), QStringLiteral("list=x/string/JSON body")}));
        const QJsonObject after = withParameters(config, values, {{0, {QStringLiteral("user"), QString()}}, {2, {QStringLiteral("query"), QStringLiteral("What to look for")}},
                                                                  {3, {QStringLiteral("title"), QString()}}, {4, {QStringLiteral("count"), QString()}}});
        QCOMPARE(after.value(QStringLiteral("url")).toString(), QStringLiteral("https://api.example.com/users/{{user}}/notes?limit=10&q={{query}}&key={{secret:K}}#x"));
        QCOMPARE(after.value(QStringLiteral("body")).toString(),
                 QStringLiteral("{\"title\": \"{{title}}\", \"n\": {{count}}, \"deep\": {\"on\": true, \"list\": [\"x\", null]}, \"{{already}}\": \"{{already}}\"}"));
        const QJsonArray parameters = after.value(QStringLiteral("parameters")).toArray();
        QCOMPARE(parameters.size(), 4);
        QCOMPARE(parameters.at(1)[QLatin1String("description")].toString(), QStringLiteral("What to look for"));
        QCOMPARE(parameters.at(3)[QLatin1String("default")].toDouble(), 12.5);
        QCOMPARE(parameters.at(3)[QLatin1String("type")].toString(), QStringLiteral("number"));
    }

    void hostileBodiesOfRequests()
    {
        QString deep = QStringLiteral("[").repeated(5000) + QStringLiteral("]").repeated(5000);
        for (const QString &body : {deep, QStringLiteral("{\"a"), QStringLiteral("\"\\"), QString(300'000, QLatin1Char('{'))}) {
            const QJsonObject config{{QStringLiteral("url"), QStringLiteral("not a url ? & = / {{")}, {QStringLiteral("body_type"), QStringLiteral("json")}, {QStringLiteral("body"), body}};
            QVERIFY(requestValues(config).size() <= 40);
        }
    }

    void schemaDifferences()
    {
        const QJsonObject before = json::parseObject("{\"properties\":{\"city\":{\"type\":\"string\"},\"unit\":{\"enum\":[\"c\",\"f\"]},\"old\":{}},\"required\":[\"city\",\"old\"]}").valueOr({});
        const QJsonObject after = json::parseObject("{\"properties\":{\"city\":{\"type\":\"string\"},\"unit\":{\"enum\":[\"c\",\"k\"]},\"email\":{}},\"required\":[\"email\",\"unit\"]}").valueOr({});
        const QStringList lines = mcp::schemaDiff(before, after);
        for (const char *line : {"city: no longer required", "email: new, required", "unit: now required", "unit: enum was c, f, now c, k", "old: gone"})
            QVERIFY2(lines.contains(QLatin1String(line)), qPrintable(lines.join(QStringLiteral("; "))));
        QCOMPARE(lines.size(), 5);
        QVERIFY(mcp::schemaDiff(before, before).isEmpty());
        // What a server writes is never markup.
        ToolFunction evil, was;
        evil.description = QStringLiteral("<img src=x> & more");
        QVERIFY(!mcp::functionDiff(was, evil, Tokens::forLight()).contains(QStringLiteral("<img")));
    }

    void resourcesBecomeVariables()
    {
        McpResource resource;
        resource.uri = QStringLiteral("file:///docs/{{evil}}\".md");
        resource.name = QStringLiteral("Read me");
        PromptSpec spec;
        spec.text = QStringLiteral("Answer from the rules.");
        McpResourceContent content;
        content.text = QStringLiteral("Rule {{one}} {{>two}}");
        const auto changes = mcp::attachResource(spec.toJson(), QStringLiteral("Docs"), resource, {content});
        QVERIFY(changes);
        QJsonValue body = spec.toJson();
        for (const BodyChange &change : *changes)
            body = json::with(body, change.pointer, change.after);
        const auto attached = PromptSpec::fromJson(body.toObject());
        QVERIFY(attached);
        QCOMPARE(templateVariables(*attached), QStringList{QStringLiteral("docs_read_me")}); // nothing of the server's is a template
        const auto rendered = renderPrompt(*attached, {});
        QVERIFY(rendered);
        QVERIFY(rendered->system.contains(QStringLiteral("Rule {{one}} {{>two}}")));
        // Again: the text is replaced, the place stays one.
        McpResourceContent newer;
        newer.text = QStringLiteral("Rule two");
        const auto again = mcp::attachResource(body.toObject(), QStringLiteral("Docs"), resource, {newer});
        QVERIFY(again);
        for (const BodyChange &change : *again)
            body = json::with(body, change.pointer, change.after);
        QCOMPARE(body[QLatin1String("text")].toString().count(QStringLiteral("{{docs_read_me}}")), 1);
        QCOMPARE(body[QLatin1String("variables")].toArray().size(), 1);
        // Not text, too long.
        McpResourceContent picture;
        picture.blob = "\x89PNG";
        QVERIFY(!mcp::attachResource(spec.toJson(), QStringLiteral("Docs"), resource, {picture}));
        McpResourceContent huge;
        huge.text = QString(mcp::longestAttachment + 1, QLatin1Char('x'));
        QVERIFY(!mcp::attachResource(spec.toJson(), QStringLiteral("Docs"), resource, {huge}));
    }

    void promptsBecomePrompts()
    {
        McpPrompt prompt;
        prompt.name = QStringLiteral("plan");
        prompt.arguments = {{QStringLiteral("city"), QString(), QStringLiteral("Where to"), true}, {QStringLiteral("days"), QString(), QString(), false}};
        const auto message = [](const char *role, const QJsonObject &content) { return McpPromptMessage{QLatin1String(role), content}; };
        const QJsonObject text{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("text"), QStringLiteral("Plan 3 days in {{city}}.")}};
        const QJsonObject image{{QStringLiteral("type"), QStringLiteral("image")}, {QStringLiteral("data"), QStringLiteral("AAAA")}};
        const PromptSpec spec = mcp::promptFrom(prompt, {message("user", text), message("user", image), message("assistant", text)}, {QStringLiteral("city")});
        QVERIFY(spec.text.startsWith(QStringLiteral("Plan 3 days in {{city}}.")));
        QVERIFY(spec.text.contains(QStringLiteral("image left out")));
        QCOMPARE(spec.messages.size(), size_t(1));
        QCOMPARE(spec.messages.front().role, QStringLiteral("assistant"));
        QCOMPARE(spec.variables.size(), size_t(1)); // days was given
        QCOMPARE(spec.variables.front().description, QStringLiteral("Where to"));
        QVERIFY(spec.variables.front().required);
    }

    void uriTemplates()
    {
        const QString uri = QStringLiteral("x://{station}/{+path}{?from,to}");
        QCOMPARE(mcp::uriVariables(uri), (QStringList{QStringLiteral("station"), QStringLiteral("path"), QStringLiteral("from"), QStringLiteral("to")}));
        QCOMPARE(mcp::expandUri(uri, {{QStringLiteral("station"), QStringLiteral("a b/c")}, {QStringLiteral("path"), QStringLiteral("d/e")}, {QStringLiteral("to"), QStringLiteral("1")}}),
                 QStringLiteral("x://a%20b%2Fc/d/e?to=1"));
    }
};

QTEST_GUILESS_MAIN(TestAddToolInput)
#include "tst_AddToolInput.moc"
