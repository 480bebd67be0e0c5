// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/Session.h"
#include "core/session/ToolStats.h"
#include "tests/support/Await.h"
#include "tests/support/ProviderServers.h"

#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

// Agents and teams as tools of agents: nested steps, replay, circles; and what tools were used for.
class TestAgentTool : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_files = 0;
    ProviderServer m_server{WireFormat::OpenAiChat};

    std::unique_ptr<Session> openNew()
    {
        const QString path = m_folder.filePath(QStringLiteral("t%1.lathe").arg(++m_files));
        if (!await(Session::createProject(path, QString())))
            qFatal("no project");
        auto session = Session::open(path, SessionOptions());
        if (!session)
            qFatal("%s", qPrintable(session.error().message));
        qputenv("TEST_API_KEY", m_server.secret().toUtf8());
        make(**session, ArtifactKind::Connection, "scripted", m_server.connectionSpec().toJson());
        return std::move(*session);
    }
    static void make(Session &session, ArtifactKind kind, const char *name, const QJsonObject &body)
    {
        const auto made = await(session.createArtifact(kind, QString::fromLatin1(name), body));
        if (!made)
            qFatal("%s: %s", name, qPrintable(made.error().message));
    }
    static QJsonObject agentBody(const char *job, const QStringList &tools)
    {
        QJsonArray attached;
        for (const QString &tool : tools)
            attached.append(QJsonObject{{QStringLiteral("tool"), tool}});
        return {{QStringLiteral("job"), QString::fromLatin1(job)},
                {QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), QStringLiteral("scripted")}, {QStringLiteral("model"), QStringLiteral("test-model")}}},
                {QStringLiteral("pattern"), QStringLiteral("tool_loop")},
                {QStringLiteral("tools"), attached}};
    }
    static QJsonObject delegateBody(const char *type, const char *name)
    {
        return {{QStringLiteral("type"), QString::fromLatin1(type)},
                {QStringLiteral("purpose"), QStringLiteral("Ask the specialist.")},
                {QStringLiteral("config"), QJsonObject{{QString::fromLatin1(type), QString::fromLatin1(name)}}}};
    }
    static RunId start(Session &session, const char *agent)
    {
        RunRequest wanted;
        wanted.agent = QString::fromLatin1(agent);
        wanted.input.text = QStringLiteral("How much is it?");
        const auto id = await(session.startRun(wanted));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        return *id;
    }
    // A boss whose tool "ask" is the agent "specialist", which has a calculator.
    void makeBoss(Session &session)
    {
        make(session, ArtifactKind::Tool, "calc", QJsonObject{{QStringLiteral("type"), QStringLiteral("calculator")}, {QStringLiteral("purpose"), QStringLiteral("Compute.")}});
        make(session, ArtifactKind::Agent, "specialist", agentBody("Compute what is asked.", {QStringLiteral("calc")}));
        make(session, ArtifactKind::Tool, "ask", delegateBody("agent", "specialist"));
        make(session, ArtifactKind::Agent, "boss", agentBody("Answer with the help of the specialist.", {QStringLiteral("ask")}));
    }
    void script()
    {
        m_server.enqueue(ScriptedAnswer::call(QStringLiteral("ask"), QStringLiteral("{\"input\":\"6*7\"}")));
        m_server.enqueue(ScriptedAnswer::call(QStringLiteral("calc"), QStringLiteral("{\"expression\":\"6*7\"}")));
        m_server.enqueue(ScriptedAnswer::say(QStringLiteral("It is 42 .")));
        m_server.enqueue(ScriptedAnswer::say(QStringLiteral("The specialist says 42 .")));
    }

private Q_SLOTS:
    // What a policy was to forbid must not be allowed because it cannot be read.
    void policiesThatCannotBeRead_data()
    {
        QTest::addColumn<QString>("tool");
        QTest::addColumn<QByteArray>("attachment");
        QTest::addColumn<bool>("runs");
        const auto row = [](const char *tool, const char *attachment, bool runs) { QTest::addRow("%s", attachment) << tool << QByteArray(attachment) << runs; };
        row("calc", "{\"policy\":{\"approval\":\"nevr\"}}", false);
        row("calc", "{\"policy\":{\"allowed_hosts\":\"a.example\"}}", false);
        row("calc", "{\"policy\":{\"approval\":\"ask_when\",\"approval_when\":\"always\"}}", false);
        row("calc", "{\"approval\":\"nevr\"}", false);
        row("calc", "{\"approval\":\"\",\"policy\":{\"limits\":{\"seconds\":1e300}}}", true);
        row("ask", "{\"policy\":{\"redact\":[\"/arguments/input\"]}}", false); // its steps would tell
    }
    void policiesThatCannotBeRead()
    {
        QFETCH(QString, tool);
        QFETCH(QByteArray, attachment);
        QFETCH(bool, runs);
        auto session = openNew();
        makeBoss(*session);
        QJsonObject body = agentBody("Try it.", {});
        QJsonObject attached = json::parseObject(attachment).valueOr(QJsonObject());
        attached.insert(QStringLiteral("tool"), tool);
        body.insert(QStringLiteral("tools"), QJsonArray{attached});
        make(*session, ArtifactKind::Agent, "tester", body);
        if (runs)
            m_server.enqueue(ScriptedAnswer::say(QStringLiteral("Done.")));
        RunRequest wanted;
        wanted.agent = QStringLiteral("tester");
        wanted.input.text = QStringLiteral("Go.");
        const auto id = await(session->startRun(wanted));
        QCOMPARE(id.ok(), runs);
        if (runs)
            QCOMPARE(await(session->finished(*id))->output, QStringLiteral("Done."));
        else
            QVERIFY2(id.error().kind == ErrorKind::InvalidInput && id.error().message.contains(tool), qPrintable(id.error().message));
    }

    void anAgentRunsBeneathTheCallAndReplays()
    {
        auto session = openNew();
        makeBoss(*session);
        script();
        const RunId run = start(*session, "boss");
        const auto result = await(session->finished(run));
        QCOMPARE(result->output, QStringLiteral("The specialist says 42 ."));
        const auto trace = await(session->trace(run, CancelToken()));
        QVERIFY(trace.ok());
        QStringList names;
        for (const Step &step : trace->steps())
            names.append(step.path + QLatin1Char(' ') + step.name);
        QVERIFY2(names.contains(QStringLiteral("1.2 execute_tool ask")), qPrintable(names.join(QLatin1String("; "))));
        QVERIFY2(names.contains(QStringLiteral("1.2.1.2 execute_tool calc")), qPrintable(names.join(QLatin1String("; "))));
        // The tool and the agent behind it may change: the run executes what it recorded.
        const ArtifactId ask = *session->project().artifacts().find(ArtifactKind::Tool, QStringLiteral("ask"));
        QVERIFY(session->edit(ask, QStringLiteral("/config/agent"), QStringLiteral("nobody"), QStringLiteral("x")).ok());
        const auto replay = await(session->replay(run, CancelToken()));
        QVERIFY2(replay.ok(), replay.ok() ? "" : qPrintable(replay.error().message));
        QVERIFY(replay->same);

        // What was used, by revision.
        const auto usage = await(toolUsage(&session->project(), ToolUsageQuery(), CancelToken()));
        QVERIFY(usage.ok());
        QCOMPARE(usage->size(), size_t(2));
        for (const ToolUsage &use : *usage) {
            QCOMPARE(use.calls, 1);
            QCOMPARE(use.failed, 0);
            QCOMPARE(use.revision, 0); // drafts
            QVERIFY(use.p50Us >= 0);
            QCOMPARE(use.artifact, use.tool);
        }
    }
    void whatItDidWrongIsTheCallersToMend()
    {
        auto session = openNew();
        makeBoss(*session);
        m_server.enqueue(ScriptedAnswer::call(QStringLiteral("ask"), QStringLiteral("{\"input\":\"6*7\"}")));
        m_server.enqueue(ScriptedAnswer::wrongKey());
        m_server.enqueue(ScriptedAnswer::call(QStringLiteral("ask"), QStringLiteral("{}")));
        m_server.enqueue(ScriptedAnswer::say(QStringLiteral("Nobody knows .")));
        const RunId run = start(*session, "boss");
        const auto result = await(session->finished(run));
        QCOMPARE(result->output, QStringLiteral("Nobody knows ."));
        const QStringList told = m_server.chats().back().toolResults;
        QCOMPARE(told.size(), 2);
        QVERIFY2(told[0].contains(QStringLiteral("ask could not do it")), qPrintable(told[0]));
        QVERIFY2(told[1].contains(QStringLiteral("input")), qPrintable(told[1]));
        QVERIFY(await(session->replay(run, CancelToken()))->same);
        const auto usage = await(toolUsage(&session->project(), ToolUsageQuery(), CancelToken()));
        QCOMPARE(usage->size(), size_t(1));
        QCOMPARE(usage->front().calls, 2);
        QCOMPARE(usage->front().failed, 1);
        QCOMPARE(usage->front().invalidArguments, 1);
        QCOMPARE(usage->front().refused, 1);
    }
    void circlesAreFound_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("agents") << QStringLiteral("agent");
        QTest::newRow("through a team") << QStringLiteral("team");
    }
    void circlesAreFound()
    {
        QFETCH(QString, kind);
        auto session = openNew();
        const bool team = kind == QLatin1String("team");
        if (team) {
            const QJsonObject node{{QStringLiteral("kind"), QStringLiteral("agent")},
                                   {QStringLiteral("name"), QStringLiteral("a")},
                                   {QStringLiteral("settings"), QJsonObject{{QStringLiteral("agent"), QStringLiteral("one")}}}};
            make(*session, ArtifactKind::Team, "two", QJsonObject{{QStringLiteral("nodes"), QJsonObject{{QStringLiteral("a"), node}}}});
        } else {
            make(*session, ArtifactKind::Tool, "back", delegateBody("agent", "one"));
            make(*session, ArtifactKind::Agent, "two", agentBody("Ask on.", {QStringLiteral("back")}));
        }
        make(*session, ArtifactKind::Tool, "on", delegateBody(kind.toLatin1().constData(), "two"));
        make(*session, ArtifactKind::Agent, "one", agentBody("Ask on.", {QStringLiteral("on")}));
        RunRequest wanted;
        wanted.agent = QStringLiteral("one");
        const auto id = await(session->startRun(wanted));
        QVERIFY(!id.ok());
        QVERIFY2(id.error().message.contains(QStringLiteral("circle")), qPrintable(id.error().message));
    }
};

QTEST_GUILESS_MAIN(TestAgentTool)
#include "tst_AgentTool.moc"
