// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/McpTool.h"

#include "core/mcp/McpConnector.h"
#include "tests/core/mcp/McpTesting.h"

#include <map>

using namespace lathe;
using namespace lathe::test;

namespace {
// One connection for each server, and its list whenever it is asked for.
class Connector : public McpConnector
{
public:
    std::shared_ptr<McpClient> client(const McpServerConfig &config) override
    {
        auto &client = clients[config.key()];
        if (!client) {
            McpClientOptions options;
            options.http = &http;
            options.clock = &clock;
            options.handlers = answering(object("{'action':'cancel'}")); // so that servers know that a person can be asked
            options.handlers.sample = [](QJsonObject, CancelToken) -> Task<Result<QJsonObject>> { co_return Error(ErrorKind::Denied, "not outside of a call"); };
            client = std::make_shared<McpClient>(config, std::move(options));
        }
        return client;
    }
    Task<Result<std::vector<McpTool>>> currentTools(std::shared_ptr<McpClient> client, CancelToken cancel) override
    {
        return client->listTools(std::move(cancel));
    }
    Task<Result<McpSampled>> sampled(McpServerConfig config, QJsonObject request, CancelToken) override
    {
        ++samples;
        McpSampled sampled;
        sampled.result = QJsonObject{{"role", "assistant"}, {"model", config.samplingModel}, {"content", QJsonObject{{"type", "text"}, {"text", "from the model"}}}};
        sampled.model = config.samplingModel;
        sampled.usage = object("{'input_tokens':7,'output_tokens':5}");
        Q_UNUSED(request);
        co_return sampled;
    }
    HttpClient http;
    SystemClock clock;
    std::map<QByteArray, std::shared_ptr<McpClient>> clients;
    int samples = 0;
};

struct Note {
    QString name;
    QJsonObject attributes;
};
}

class TestMcpTool : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY2(m_servers.prepare(), "the packages of tests/support/mcp are missing; run packaging/install"); }

    void tools()
    {
        Connector connector;
        ToolSpec spec = approved(connector);
        QJsonArray functions = spec.config.value("tools").toArray();
        for (qsizetype i = 0; i < functions.size(); ++i) {
            QJsonObject function = functions[i].toObject();
            if (function.value("name") == "wait")
                function.insert("enabled", false);
            if (function.value("name") == "echo")
                function.insert("policy", object("{'side_effect':'read','idempotent':true}"));
            function.insert("annotations", object("{'readOnlyHint':true}")); // what a server says of itself does not count
            functions[i] = function;
        }
        spec.config.insert("tools", functions);
        const auto tools = makeMcpTools("My Server", spec, environment(connector));
        QVERIFY2(tools, tools ? "" : qPrintable(tools.error().message));
        QCOMPARE(qsizetype(tools->size()), functions.size() - 1);
        const auto echo = find(*tools, "echo"), sum = find(*tools, "sum");
        QVERIFY(echo && sum && !find(*tools, "wait"));
        QCOMPARE(echo->name(), functionNameForModel("My Server", "echo"));
        QCOMPARE(echo->description(), QStringLiteral("Gives the text back."));
        QCOMPARE(echo->schema().value("type").toString(), QStringLiteral("object"));
        QCOMPARE(echo->sideEffect({}), SideEffect::Read);
        QVERIFY(echo->idempotent({}));
        QCOMPARE(sum->sideEffect({}), SideEffect::External);
        QVERIFY(!sum->idempotent({}));
        QVERIFY(sum->outputSchema().contains("properties"));
    }

    void namesDoNotClash()
    {
        Connector connector;
        ToolSpec spec;
        spec.type = "mcp";
        spec.config = object("{'command':'x','tools':[{'name':'a_b'},{'name':'a.b'},{'name':'a b'},{'name':'a.b'},{'name':''}]}");
        const auto tools = makeMcpTools("S", spec, environment(connector));
        QVERIFY(tools);
        QSet<QString> names;
        for (const auto &tool : *tools)
            names.insert(tool->name());
        QCOMPARE(tools->size(), size_t(3));
        QCOMPARE(names.size(), 3);
        QVERIFY(names.contains("s__a_b"));
    }

    void reachesNobodyUntilCalled()
    {
        Connector connector;
        ToolSpec spec;
        spec.type = "mcp";
        spec.config = object("{'transport':'stdio','command':'lathe-no-such-program','tools':[{'name':'x','description':'d','input_schema':{'type':'object'}}]}");
        const auto tools = makeMcpTools("Gone", spec, environment(connector));
        QVERIFY(tools);
        QCOMPARE(connector.clients.size(), size_t(0));
        const auto outcome = await(tools->front()->call({}, CancelToken()));
        QVERIFY(outcome);
        QVERIFY(outcome->isError && outcome->transient);
        QVERIFY(outcome->text.contains("lathe-no-such-program"));
        QCOMPARE(makeMcpTools("Gone", spec, ToolEnvironment()).error().kind, ErrorKind::InvalidInput);
        spec.config.remove("command");
        QCOMPARE(makeMcpTools("Gone", spec, environment(connector)).error().kind, ErrorKind::InvalidInput);
    }

    void calls()
    {
        Connector connector;
        const auto tools = makeMcpTools("Server", approved(connector), environment(connector));
        QVERIFY(tools);
        QCOMPARE(call(*tools, "echo", {{"text", "hi"}}).text, QStringLiteral("hi"));
        const ToolOutcome sum = call(*tools, "sum", {{"a", 1}, {"b", 2}});
        QCOMPARE(sum.structured.toObject().value("sum").toInt(), 3);
        const ToolOutcome fails = call(*tools, "fails");
        QVERIFY(fails.isError && !fails.transient);
        QCOMPARE(fails.text, QStringLiteral("it went wrong"));
        ToolCallScope scope;
        scope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        QVERIFY(call(*tools, "meta", {}, scope).text.contains(scope.traceparent));
        QStringList progress;
        scope.progress = [&progress](double at, std::optional<double>, const QString &message) { progress.append(QString::number(at) + message); };
        call(*tools, "slow", {{"steps", 2}}, scope);
        QCOMPARE(progress, QStringList({"1step 1", "2step 2"}));
        CancelSource source;
        bool isUnderWay = false;
        scope.progress = [&isUnderWay](double, std::optional<double>, const QString &) { isUnderWay = true; };
        Later<Result<ToolOutcome>> wait(find(*tools, "wait")->callWithin({}, scope, source.token()));
        QTRY_VERIFY_WITH_TIMEOUT(isUnderWay, 30'000);
        source.cancel();
        QVERIFY(wait.isDone() && !*wait);
        QCOMPARE((*wait).error().kind, ErrorKind::Cancelled);
    }

    // What is not what was approved is not called.
    void changedTools_data()
    {
        QTest::addColumn<QString>("member");
        QTest::addColumn<QJsonValue>("value");
        QTest::addColumn<bool>("changed");
        QTest::newRow("as approved") << "enabled" << QJsonValue(true) << false;
        QTest::newRow("description") << "description" << QJsonValue("Gives the text back!") << true;
        QTest::newRow("schema") << "input_schema" << QJsonValue(object("{'type':'object','properties':{'text':{'type':'string','description':'all your secrets'}}}")) << true;
        QTest::newRow("output schema") << "output_schema" << QJsonValue(object("{'type':'object'}")) << true;
        QTest::newRow("annotations") << "annotations" << QJsonValue(object("{'readOnlyHint':true}")) << true;
        QTest::newRow("title") << "title" << QJsonValue("Echo") << true;
        QTest::newRow("gone") << "name" << QJsonValue("echo2") << true;
    }
    void changedTools()
    {
        QFETCH(QString, member);
        QFETCH(QJsonValue, value);
        QFETCH(bool, changed);
        Connector connector;
        ToolSpec spec = approved(connector);
        QJsonArray functions = spec.config.value("tools").toArray();
        QJsonObject echo = functions[0].toObject();
        QCOMPARE(echo.value("name").toString(), QStringLiteral("echo"));
        echo.insert(member, value);
        spec.config.insert("tools", QJsonArray{echo});
        const auto tools = makeMcpTools("Server", spec, environment(connector));
        QVERIFY(tools);
        std::vector<Note> notes;
        ToolCallScope scope;
        scope.note = [&notes](const QString &name, const QJsonObject &attributes) { notes.push_back({name, attributes}); };
        const ToolOutcome outcome = call(*tools, echo.value("name").toString(), {{"text", "hi"}}, scope);
        QCOMPARE(outcome.isError, changed);
        bool sent = false;
        for (const McpLogLine &line : connector.clients.begin()->second->log())
            sent |= line.source == McpLogLine::Source::Sent && line.text.contains("tools/call");
        QCOMPARE(sent, !changed);
        QCOMPARE(notes.size(), size_t(changed));
        if (changed) {
            QCOMPARE(outcome.code, QStringLiteral("changed"));
            QCOMPARE(notes[0].name, QStringLiteral("changed"));
            QVERIFY2(outcome.text.contains("commit"), qPrintable(outcome.text));
        }
    }

    void asksThePerson()
    {
        Connector connector;
        const auto tools = makeMcpTools("Server", approved(connector), environment(connector));
        QVERIFY(tools);
        QList<PersonRequest> seen;
        PersonReply reply;
        reply.action = PersonReply::Action::Accept;
        reply.content = object("{'sure':true}");
        ToolCallScope scope;
        scope.ask = [&](PersonRequest request, CancelToken) -> Task<Result<PersonReply>> {
            seen.append(request);
            PersonReply answer = reply;
            co_return answer;
        };
        const ToolOutcome accepted = call(*tools, "deploy", {{"env", "prod"}}, scope);
        QVERIFY2(accepted.text.contains("\"action\":\"accept\"") && accepted.text.contains("because"), qPrintable(accepted.text));
        QCOMPARE(seen.size(), 1);
        QCOMPARE(seen[0].type, PersonRequest::Type::Form);
        QCOMPARE(seen[0].who, QStringLiteral("Server"));
        QCOMPARE(seen[0].message, QStringLiteral("Deploy to prod?"));
        QVERIFY(seen[0].schema.contains("properties"));
        reply.action = PersonReply::Action::Decline;
        QVERIFY(call(*tools, "deploy", {{"env", "prod"}}, scope).text.contains("\"action\":\"decline\""));
        // Nobody is there: declined, never a wait.
        QVERIFY(call(*tools, "deploy", {{"env", "prod"}}).text.contains("\"action\":\"decline\""));
        QCOMPARE(seen.size(), 2);
    }

    void samplingIsAskedFor()
    {
        Connector connector;
        McpServerConfig server = m_servers.stdio({m_servers.everything(), "stdio"});
        server.samplingModel = "local/model";
        const auto tools = makeMcpTools("Server", approved(connector, server), environment(connector));
        QVERIFY(tools);
        PersonReply reply;
        reply.action = PersonReply::Action::Decline;
        PersonRequest seen;
        ToolCallScope scope;
        scope.ask = [&](PersonRequest request, CancelToken) -> Task<Result<PersonReply>> {
            seen = request;
            PersonReply answer = reply;
            co_return answer;
        };
        const QJsonObject arguments{{"prompt", "say"}, {"maxTokens", 5}};
        QVERIFY(call(*tools, "trigger-sampling-request", arguments, scope).isError);
        QCOMPARE(connector.samples, 0); // not without consent
        QCOMPARE(seen.type, PersonRequest::Type::Sampling);
        QCOMPARE(seen.params.value("maxTokens").toInt(), 5);
        reply.action = PersonReply::Action::Accept;
        std::vector<ModelUse> used;
        scope.used = [&used](const ModelUse &use) { used.push_back(use); };
        QVERIFY(call(*tools, "trigger-sampling-request", arguments, scope).text.contains("from the model"));
        QCOMPARE(connector.samples, 1);
        QCOMPARE(used.size(), size_t(1)); // whoever calls pays
        QCOMPARE(used[0].usage.totalTokens(), 12);
        QCOMPARE(used[0].answer, QStringLiteral("from the model"));
        QVERIFY2(json::compactString(used[0].input).contains("say"), qPrintable(json::compactString(used[0].input)));
        QVERIFY(call(*tools, "trigger-sampling-request", arguments).isError); // nobody is there
        QCOMPARE(connector.samples, 1);
        QVERIFY(call(*tools, "get-tiny-image").text.contains("[image: image/png"));
        QVERIFY(!call(*tools, "get-tiny-image").text.contains("iVBOR"));
    }

private:
    // The body a person would commit after looking at the server's list.
    ToolSpec approved(Connector &connector) { return approved(connector, m_servers.stdio({m_servers.script("modern.mjs"), "stdio"})); }
    ToolSpec approved(Connector &connector, const McpServerConfig &server)
    {
        McpServerConfig reached = server;
        reached.folder = m_servers.folder();
        const auto listed = await(connector.client(reached)->listTools(CancelToken()));
        QJsonArray functions;
        for (const McpTool &tool : *listed)
            functions.append(toolFunctionOf(tool).toJson());
        ToolSpec spec;
        spec.type = "mcp";
        spec.config = server.toJson();
        spec.config.insert("tools", functions);
        return spec;
    }
    ToolEnvironment environment(Connector &connector)
    {
        ToolEnvironment environment;
        environment.mcp = &connector;
        environment.projectFolder = m_servers.folder();
        return environment;
    }
    static std::shared_ptr<Tool> find(const std::vector<std::shared_ptr<Tool>> &tools, const QString &function)
    {
        for (const auto &tool : tools) {
            if (tool->function() == function)
                return tool;
        }
        return nullptr;
    }
    static ToolOutcome call(const std::vector<std::shared_ptr<Tool>> &tools, const QString &function, const QJsonObject &arguments = {},
                            ToolCallScope scope = ToolCallScope())
    {
        const auto outcome = await(find(tools, function)->callWithin(arguments, std::move(scope), CancelToken()));
        return outcome ? *outcome : ToolOutcome::failure("error: " + outcome.error().message);
    }
    McpServers m_servers;
};

QTEST_GUILESS_MAIN(TestMcpTool)
#include "tst_McpTool.moc"
