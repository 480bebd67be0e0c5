// SPDX-License-Identifier: GPL-3.0-or-later
// The hub with a real program as server (tests/support/mcp/hub_server.py).
#include "core/session/McpHub.h"

#include "core/base/Json.h"
#include "core/session/SecretStore.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace lathe;
using namespace lathe::test;

namespace {
class MemorySecrets : public SecretStore
{
public:
    QHash<QString, QString> values;
    Task<Result<QString>> read(QString name) override
    {
        if (!values.contains(name))
            co_return Error(ErrorKind::NotFound, QStringLiteral("no secret"));
        co_return values.value(name);
    }
    Task<Result<void>> write(QString name, QString value) override
    {
        values.insert(name, value);
        co_return Result<void>();
    }
};

QJsonObject tool(const QString &name, const QString &description)
{
    return QJsonObject{{QStringLiteral("name"), name},
                       {QStringLiteral("description"), description},
                       {QStringLiteral("inputSchema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}}}};
}

bool isRunning(qint64 pid)
{
    if (::kill(pid_t(pid), 0) != 0)
        return false;
    QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
    return stat.open(QIODevice::ReadOnly) && !stat.readAll().contains(") Z ");
}
}

class TestMcpHub : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    MemorySecrets m_secrets;
    std::unique_ptr<Session> m_session;
    QString m_tools, m_pids;
    int m_number = 0;

    void offer(const QJsonArray &tools) const
    {
        QFile file(m_tools);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(json::compact(QJsonValue(tools)));
    }
    QList<qint64> pids() const
    {
        QList<qint64> all;
        QFile file(m_pids);
        if (file.open(QIODevice::ReadOnly)) {
            for (const QByteArray &line : file.readAll().split('\n')) {
                if (!line.isEmpty())
                    all.append(line.toLongLong());
            }
        }
        return all;
    }
    QJsonObject body(const QJsonObject &more = {}) const
    {
        QJsonObject config{{QStringLiteral("transport"), QStringLiteral("stdio")},
                           {QStringLiteral("command"), QStringLiteral("python3")},
                           {QStringLiteral("args"), QJsonArray{QStringLiteral(LATHE_SOURCE_DIR "/tests/support/mcp/hub_server.py"), m_tools, m_pids}}};
        for (auto it = more.begin(); it != more.end(); ++it)
            config.insert(it.key(), it.value());
        return QJsonObject{{QStringLiteral("type"), QStringLiteral("mcp")},
                           {QStringLiteral("purpose"), QStringLiteral("Test.")},
                           {QStringLiteral("approval"), QStringLiteral("always")},
                           {QStringLiteral("config"), config}};
    }
    QJsonObject approved(const QJsonObject &more = {})
    {
        QJsonObject made = body(more);
        const auto config = await(m_session->mcp().refreshed(QStringLiteral("srv"), made, CancelToken()));
        if (!config)
            qFatal("%s", qPrintable(config.error().message));
        made.insert(QStringLiteral("config"), *config);
        return made;
    }
    QString called(const QJsonObject &made, const char *function)
    {
        const auto trial = await(m_session->tryTool(QStringLiteral("srv"), made, QString::fromLatin1(function), QStringLiteral("{}"), CancelToken()));
        return trial ? trial->outcome.text : QStringLiteral("ERROR ") + trial.error().message;
    }

private Q_SLOTS:
    void init()
    {
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_number));
        m_tools = m_folder.filePath(QStringLiteral("tools%1.json").arg(m_number));
        m_pids = m_folder.filePath(QStringLiteral("pids%1.txt").arg(m_number));
        QVERIFY(await(Session::createProject(path, QString())).ok());
        SessionOptions options;
        options.secrets = &m_secrets;
        auto session = Session::open(path, options);
        QVERIFY(session.ok());
        m_session = std::move(*session);
        offer({tool(QStringLiteral("one"), QStringLiteral("First.")), tool(QStringLiteral("two"), QStringLiteral("Second."))});
    }
    void cleanup()
    {
        m_session.reset();
        for (const qint64 pid : pids())
            QTRY_VERIFY_WITH_TIMEOUT(!isRunning(pid), 20'000);
    }

    void startsNothingUntilNeeded()
    {
        const QJsonObject made = body();
        QCOMPARE(m_session->mcp().stateOf(ArtifactId(), QStringLiteral("srv"), made).state, McpClient::State::Idle);
        QVERIFY(m_session->mcp().log(QStringLiteral("srv"), made).empty());
        QVERIFY(pids().isEmpty());
        QVERIFY(m_session->describeTools(QStringLiteral("srv"), made).ok()); // from what the body holds
        QVERIFY(pids().isEmpty());
    }

    void readsWhatAServerHasAndKeepsWhatAPersonSet()
    {
        QSignalSpy changed(&m_session->mcp(), &McpHub::serverChanged);
        QJsonObject made = approved();
        QVERIFY(changed.size() > 0);
        QCOMPARE(changed.front().front().toString(), QStringLiteral("srv"));
        QJsonObject config = made.value(QStringLiteral("config")).toObject();
        QCOMPARE(config.value(QStringLiteral("server")).toObject().value(QStringLiteral("name")).toString(), QStringLiteral("hub-test"));
        QCOMPARE(config.value(QStringLiteral("server")).toObject().value(QStringLiteral("instructions")).toString(), QStringLiteral("Be kind."));
        const McpServerState state = m_session->mcp().stateOf(ArtifactId(), QStringLiteral("srv"), made);
        QCOMPARE(state.state, McpClient::State::Ready);
        QCOMPARE(state.tools, 2);
        QCOMPARE(state.resources, 1);
        QCOMPARE(state.prompts, 2);
        QVERIFY(state.added.isEmpty() && state.changed.isEmpty() && state.removed.isEmpty());
        const auto described = m_session->describeTools(QStringLiteral("srv"), made);
        QVERIFY(described.ok());
        QCOMPARE(int(described->size()), 2);
        QCOMPARE(described->front().name, QStringLiteral("srv__one"));

        // The person switches one off and gives the other a policy; then the server changes.
        const QJsonObject policy{{QStringLiteral("approval"), QStringLiteral("never")}};
        QJsonValue edited = json::with(made, QStringLiteral("/config/tools/0/enabled"), false);
        edited = json::with(edited, QStringLiteral("/config/tools/1/policy"), policy);
        made = edited.toObject();
        QCOMPARE(int(m_session->describeTools(QStringLiteral("srv"), made)->size()), 1);
        offer({tool(QStringLiteral("one"), QStringLiteral("First.")), tool(QStringLiteral("two"), QStringLiteral("Now sends mail.")), tool(QStringLiteral("three"), QStringLiteral("New."))});
        const auto again = await(m_session->mcp().refreshed(QStringLiteral("srv"), made, CancelToken()));
        QVERIFY(again.ok());
        const McpServerState later = m_session->mcp().stateOf(ArtifactId(), QStringLiteral("srv"), made);
        QCOMPARE(later.added, QStringList{QStringLiteral("three")});
        QCOMPARE(later.changed, QStringList{QStringLiteral("two")});
        QVERIFY(later.removed.isEmpty());
        const auto functions = toolFunctions(*again);
        QCOMPARE(int(functions.size()), 3);
        QCOMPARE(functions[0].enabled, false);
        QCOMPARE(functions[1].policy, policy);
        QCOMPARE(functions[1].description, QStringLiteral("Now sends mail."));
        QCOMPARE(functions[2].enabled, true);
        QCOMPARE(pids().size(), 1); // one connection for all of it
    }

    void aChangedToolIsNotCalled()
    {
        const QJsonObject made = approved();
        QCOMPARE(called(made, "two"), QStringLiteral("called two"));
        offer({tool(QStringLiteral("one"), QStringLiteral("First.")), tool(QStringLiteral("two"), QStringLiteral("Now sends mail."))});
        await(m_session->mcp().reconnect(QStringLiteral("srv"), made));
        const QString refused = called(made, "two");
        QVERIFY2(refused.contains(QStringLiteral("chang")), qPrintable(refused));
        QCOMPARE(called(made, "one"), QStringLiteral("called one"));
    }

    void secretsReachTheProgramAndNothingElse()
    {
        m_secrets.values.insert(QStringLiteral("MY_TOKEN"), QStringLiteral("tok-123456789"));
        qputenv("LATHE_TEST_ENVIRONMENT", "leak");
        offer({tool(QStringLiteral("secret"), QStringLiteral("Tells."))});
        const QJsonObject made = approved({{QStringLiteral("env"), QJsonObject{{QStringLiteral("TOKEN"), QStringLiteral("{{secret:MY_TOKEN}}")}}}});
        QVERIFY(!json::compactString(made).contains(QLatin1String("tok-123456789")));
        const auto trial = await(m_session->tryTool(QStringLiteral("srv"), made, QStringLiteral("secret"), QStringLiteral("{}"), CancelToken()));
        QVERIFY(trial.ok());
        QVERIFY2(trial->request.contains(QLatin1String("tools/call")) && trial->response.contains(QLatin1String("[secret")), qPrintable(trial->request + trial->response));
        QVERIFY(!trial->response.contains(QLatin1String("tok-123456789")));
        const QString text = trial->outcome.text;
        QVERIFY2(text.startsWith(QLatin1String("[secret")), qPrintable(text)); // it came, and is hidden again
        QVERIFY2(!text.contains(QLatin1String("LATHE_TEST_ENVIRONMENT")), qPrintable(text));
        bool seen = false;
        QTRY_VERIFY_WITH_TIMEOUT(([&] {
            for (const McpLogLine &line : m_session->mcp().log(QStringLiteral("srv"), made)) {
                if (line.text.contains(QLatin1String("tok-123456789")))
                    qFatal("a secret in the log: %s", qPrintable(line.text));
                seen = seen || line.text.contains(QLatin1String("my token is [secret"));
            }
            return seen;
        }()), 20'000);
        qunsetenv("LATHE_TEST_ENVIRONMENT");
    }

    void questionsWaitForThePerson()
    {
        offer({tool(QStringLiteral("ask"), QStringLiteral("Asks."))});
        const QJsonObject made = approved();
        // Nobody listens: it is not kept waiting.
        QCOMPARE(called(made, "ask"), QStringLiteral("{\"action\": \"cancel\"}"));

        QSignalSpy asked(&m_session->mcp(), &McpHub::questionsChanged);
        auto trial = m_session->tryTool(QStringLiteral("srv"), made, QStringLiteral("ask"), QStringLiteral("{}"), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(int(m_session->mcp().questions().size()), 1, 20'000);
        const McpQuestion question = m_session->mcp().questions().front();
        QCOMPARE(question.server, QStringLiteral("srv"));
        QCOMPARE(question.request.message, QStringLiteral("Which colour?"));
        QVERIFY(question.request.type == PersonRequest::Type::Form);
        PersonReply reply;
        reply.action = PersonReply::Action::Accept;
        reply.content = QJsonObject{{QStringLiteral("colour"), QStringLiteral("red")}};
        m_session->mcp().answer(question.id, reply);
        const auto done = await(std::move(trial));
        QVERIFY(done.ok());
        QCOMPARE(done->outcome.text, QStringLiteral("{\"action\": \"accept\", \"content\": {\"colour\": \"red\", \"size\": 7}}")); // with its default
        QVERIFY(m_session->mcp().questions().empty());
        QVERIFY(asked.size() >= 2);
        m_session->mcp().answer(question.id, reply); // twice: nothing

        // Cancelled while it waits: the question goes away.
        CancelSource stop;
        auto second = m_session->tryTool(QStringLiteral("srv"), made, QStringLiteral("ask"), QStringLiteral("{}"), stop.token());
        QTRY_COMPARE_WITH_TIMEOUT(int(m_session->mcp().questions().size()), 1, 20'000);
        stop.cancel();
        const auto stopped = await(std::move(second));
        QVERIFY(!stopped.ok() || stopped->outcome.isError);
        QTRY_VERIFY_WITH_TIMEOUT(m_session->mcp().questions().empty(), 20'000);
    }

    void samplingTakesConsentAndTheNamedModel()
    {
        offer({tool(QStringLiteral("sample"), QStringLiteral("Asks a model."))});
        const QJsonObject without = approved();
        QVERIFY2(called(without, "sample").contains(QStringLiteral("code")), "refused without a model");
        const QJsonObject made = approved({{QStringLiteral("sampling_model"), QStringLiteral("offline/extractive")}});
        QSignalSpy asked(&m_session->mcp(), &McpHub::questionsChanged);
        for (const PersonReply::Action action : {PersonReply::Action::Decline, PersonReply::Action::Accept}) {
            auto trial = m_session->tryTool(QStringLiteral("srv"), made, QStringLiteral("sample"), QStringLiteral("{}"), CancelToken());
            QTRY_COMPARE_WITH_TIMEOUT(int(m_session->mcp().questions().size()), 1, 20'000);
            const McpQuestion question = m_session->mcp().questions().front();
            QVERIFY(question.request.type == PersonRequest::Type::Sampling);
            QVERIFY(json::compactString(question.request.params).contains(QStringLiteral("Say hello")));
            PersonReply reply;
            reply.action = action;
            m_session->mcp().answer(question.id, reply);
            const auto done = await(std::move(trial));
            QVERIFY(done.ok());
            const bool answered = done->outcome.text.contains(QStringLiteral("\"role\": \"assistant\""));
            QVERIFY2(answered == (action == PersonReply::Action::Accept), qPrintable(done->outcome.text));
        }
    }

    // What is compared with the approved tools is never a list that the server has called outdated.
    void aListThatChangesMeanwhileIsReadAgain()
    {
        const auto client = await(m_session->mcp().open(QStringLiteral("srv"), body(), CancelToken()));
        QVERIFY2(client.ok(), client ? "" : qPrintable(client.error().message));
        QFile next(m_tools + QStringLiteral(".next"));
        QVERIFY(next.open(QIODevice::WriteOnly));
        next.write(json::compact(QJsonValue(QJsonArray{tool(QStringLiteral("one"), QStringLiteral("Another one."))})));
        next.close();
        const auto tools = await(m_session->mcp().currentTools(*client, CancelToken()));
        QVERIFY2(tools.ok(), tools ? "" : qPrintable(tools.error().message));
        QCOMPARE(tools->size(), size_t(1));
        QCOMPARE(tools->front().description, QStringLiteral("Another one."));
    }

    void manyAskForTheToolsAndOneListingAnswers()
    {
        const QJsonObject made = body();
        const auto client = await(m_session->mcp().open(QStringLiteral("srv"), made, CancelToken()));
        QVERIFY2(client.ok(), client ? "" : qPrintable(client.error().message));
        CancelSource gone;
        std::vector<Task<Result<std::vector<McpTool>>>> asking;
        for (int i = 0; i < 5; ++i)
            asking.push_back(m_session->mcp().currentTools(*client, i == 2 ? gone.token() : CancelToken()));
        gone.cancel();
        int answered = 0, cancelled = 0;
        for (auto &one : asking) {
            const auto tools = await(std::move(one));
            answered += tools && tools->size() == 2 ? 1 : 0;
            cancelled += !tools && tools.error().kind == ErrorKind::Cancelled ? 1 : 0;
        }
        QCOMPARE(answered, 4);
        QCOMPARE(cancelled, 1);
        int lists = 0;
        for (const McpLogLine &line : (*client)->log())
            lists += line.source == McpLogLine::Source::Sent && line.text.contains(QLatin1String("tools/list")) ? 1 : 0;
        QCOMPARE(lists, 1);
    }

    void aSessionThatEndsInTheMiddleOfAStartLeavesNothing()
    {
        const QJsonObject made = body({{QStringLiteral("env"), QJsonObject{{QStringLiteral("NEVER_ANSWERS"), QStringLiteral("1")}}}});
        auto opening = m_session->mcp().open(QStringLiteral("srv"), made, CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(pids().size(), 1, 20'000);
        const qint64 pid = pids().front();
        QVERIFY(isRunning(pid));
        m_session.reset();
        const auto ended = await(std::move(opening));
        QVERIFY(!ended.ok());
        QTRY_VERIFY_WITH_TIMEOUT(!isRunning(pid), 20'000);
    }

    void aSessionThatEndsInTheMiddleOfACallLeavesNothing()
    {
        offer({tool(QStringLiteral("ask"), QStringLiteral("Asks."))});
        const QJsonObject made = approved();
        QSignalSpy asked(&m_session->mcp(), &McpHub::questionsChanged);
        auto trial = m_session->tryTool(QStringLiteral("srv"), made, QStringLiteral("ask"), QStringLiteral("{}"), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(int(m_session->mcp().questions().size()), 1, 20'000);
        m_session.reset();
        QVERIFY(!await(std::move(trial)).ok());
        QTRY_VERIFY_WITH_TIMEOUT(!isRunning(pids().front()), 20'000);
    }

    void aConnectionClosedUnderACallEndsTheCall()
    {
        offer({tool(QStringLiteral("ask"), QStringLiteral("Asks."))});
        const QJsonObject made = approved();
        QSignalSpy asked(&m_session->mcp(), &McpHub::questionsChanged);
        auto trial = m_session->tryTool(QStringLiteral("srv"), made, QStringLiteral("ask"), QStringLiteral("{}"), CancelToken());
        QTRY_COMPARE_WITH_TIMEOUT(m_session->mcp().questions().size(), size_t(1), 30'000);
        await(m_session->mcp().disconnect(QStringLiteral("srv"), made));
        const auto ended = await(std::move(trial));
        QVERIFY2(ended.ok(), ended ? "" : qPrintable(ended.error().message));
        QVERIFY(ended->outcome.isError);
        QVERIFY2(ended->outcome.text.contains(QLatin1String("was closed")), qPrintable(ended->outcome.text));
        QVERIFY(m_session->mcp().questions().empty());
    }

    void disconnectsAndComesBack()
    {
        const QJsonObject made = approved();
        await(m_session->mcp().disconnect(QStringLiteral("srv"), made));
        QCOMPARE(m_session->mcp().stateOf(ArtifactId(), QStringLiteral("srv"), made).state, McpClient::State::Closed);
        QTRY_VERIFY_WITH_TIMEOUT(!isRunning(pids().front()), 20'000);
        QCOMPARE(called(made, "one"), QStringLiteral("called one")); // starts it anew
        QCOMPARE(pids().size(), 2);
    }

    void whatCannotStartSaysSo()
    {
        QJsonObject made = body({{QStringLiteral("command"), QStringLiteral("no-such-program-lathe")}});
        const auto failed = await(m_session->mcp().refreshed(QStringLiteral("srv"), made, CancelToken()));
        QVERIFY(!failed.ok());
        QVERIFY2(failed.error().message.contains(QStringLiteral("no-such-program-lathe")), qPrintable(failed.error().message));
        const McpServerState state = m_session->mcp().stateOf(ArtifactId(), QStringLiteral("srv"), made);
        QCOMPARE(state.state, McpClient::State::Failed);
        QVERIFY(state.error.has_value());
        QVERIFY(!await(m_session->mcp().open(QStringLiteral("srv"), QJsonObject(), CancelToken())).ok());
    }

    void argumentsAreCheckedForForms()
    {
        const auto schema = json::parseObject("{\"type\":\"object\",\"required\":[\"a/b\"],\"properties\":{\"n\":{\"type\":\"integer\"}}}");
        QVERIFY(schema.ok());
        const auto problems = Session::checkArguments(*schema, QJsonObject{{QStringLiteral("n"), QStringLiteral("x")}});
        QCOMPARE(int(problems.size()), 2);
        QHash<QString, QString> codes;
        for (const Problem &problem : problems)
            codes.insert(problem.pointer, problem.code);
        QCOMPARE(codes.value(QStringLiteral("/a~1b")), QStringLiteral("required"));
        QCOMPARE(codes.value(QStringLiteral("/n")), QStringLiteral("schema"));
        QVERIFY(Session::checkArguments(QJsonObject{{QStringLiteral("type"), 7}}, QJsonObject()).empty());
    }
};

QTEST_GUILESS_MAIN(TestMcpHub)
#include "tst_McpHub.moc"
