// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// kill -9 at random moments of a run: on reopening nothing recorded is lost, the run is shown as interrupted, and resume
// finishes it without repeating a finished call.
#include "tests/app/AppTesting.h"

#include <QRandomGenerator>
#include <QSet>

#include <chrono>
#include <csignal>
#include <thread>

namespace lathe::test {
inline constexpr int rounds = 3; // of tool calls, then the answer

// Model: in round i it calls the calculator and posts to a server with side effects; the answer counts the results.
inline ScriptedAnswer respond(const SeenChat &chat)
{
    const int done = int(chat.toolResults.size()) / 2;
    if (done >= rounds)
        return ScriptedAnswer::say(QStringLiteral("done after %1 results").arg(chat.toolResults.size())).slowHead(3);
    const QString url = chat.lastUserText; // the input is the URL to post to
    return ScriptedAnswer::call(QStringLiteral("calculator"), QStringLiteral("{\"expression\":\"%1+1\"}").arg(done))
        .andCall(QStringLiteral("post"), QStringLiteral("{\"url\":\"%1?n=%2\",\"method\":\"POST\"}").arg(url).arg(done))
        .slowHead(3);
}

struct Finished {
    QSet<QString> steps; // paths of ended leaf steps
    int chats = 0;
    int posts = 0;
};

inline Finished finishedSteps(const std::vector<QJsonObject> &events)
{
    Finished result;
    QHash<QString, QString> names;
    for (const QJsonObject &event : events) {
        const QString step = event.value(QStringLiteral("step")).toString();
        const QString kind = event.value(QStringLiteral("event")).toString();
        if (kind == QLatin1String("step_started"))
            names.insert(step, event.value(QStringLiteral("name")).toString());
        if (kind != QLatin1String("step_ended") || event.value(QStringLiteral("status")).toString() != QLatin1String("ok"))
            continue;
        const QString name = names.value(step);
        if (name.startsWith(QLatin1String("chat")))
            ++result.chats;
        if (name == QLatin1String("execute_tool post"))
            ++result.posts;
        if (name.startsWith(QLatin1String("chat")) || name.startsWith(QLatin1String("execute_tool"))) // effects, no containers
            result.steps.insert(step);
    }
    return result;
}

// The same agent so many times at once.
inline QJsonObject crowd(int width)
{
    QJsonObject nodes{{QStringLiteral("n1"), object("{\"kind\":\"input\",\"name\":\"In\"}")},
                      {QStringLiteral("n2"), object("{\"kind\":\"join\",\"name\":\"All\",\"settings\":{\"mode\":\"all\"}}")},
                      {QStringLiteral("n3"), object("{\"kind\":\"output\",\"name\":\"Out\"}")}};
    QJsonObject edges{{QStringLiteral("e1"), object("{\"from\":\"n2\",\"from_port\":\"out\",\"to\":\"n3\",\"to_port\":\"in\"}")}};
    for (int i = 0; i < width; ++i) {
        const QString id = QStringLiteral("n%1").arg(10 + i);
        nodes.insert(id, QJsonObject{{QStringLiteral("kind"), QStringLiteral("agent")},
                                     {QStringLiteral("name"), QStringLiteral("Worker %1").arg(i)},
                                     {QStringLiteral("settings"), QJsonObject{{QStringLiteral("agent"), QStringLiteral("worker")}}}});
        edges.insert(QStringLiteral("e%1").arg(10 + i), QJsonObject{{QStringLiteral("from"), QStringLiteral("n1")},
                                                                   {QStringLiteral("from_port"), QStringLiteral("out")},
                                                                   {QStringLiteral("to"), id},
                                                                   {QStringLiteral("to_port"), QStringLiteral("in")}});
        edges.insert(QStringLiteral("e%1").arg(100 + i), QJsonObject{{QStringLiteral("from"), id},
                                                                    {QStringLiteral("from_port"), QStringLiteral("out")},
                                                                    {QStringLiteral("to"), QStringLiteral("n2")},
                                                                    {QStringLiteral("to_port"), QStringLiteral("in")}});
    }
    return QJsonObject{{QStringLiteral("job"), QStringLiteral("Counts and posts in a crowd.")},
                       {QStringLiteral("limits"), QJsonObject{{QStringLiteral("steps"), 200}, {QStringLiteral("seconds"), 300}}},
                       {QStringLiteral("nodes"), nodes},
                       {QStringLiteral("edges"), edges}};
}

// Kills runs of `reference`, in which `width` agents work at once. A function of QVERIFYs: look at QTest::currentTestFailed().
inline void killAnywhere(const QString &reference, int width)
{
    ProviderServer model(WireFormat::OpenAiChat);
    model.setResponder(respond);
    ScriptedHttpServer side;
    QVERIFY(side.start() > 0);
    side.setHandler([](const HttpSeen &) { return HttpReply::text(200, "posted").slowHead(1); });

    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("kill.lathe"));
    ProjectBuilder builder(path);
    builder.add(ArtifactKind::Connection, QStringLiteral("local"), model.connectionSpec().toJson());
    builder.add(ArtifactKind::Prompt, QStringLiteral("p"), object("{\"text\":\"Count and post.\"}"));
    builder.add(ArtifactKind::Tool, QStringLiteral("calculator"), object("{\"type\":\"calculator\",\"purpose\":\"Counts.\",\"approval\":\"always\"}"));
    builder.add(ArtifactKind::Tool, QStringLiteral("post"),
                object("{\"type\":\"http\",\"purpose\":\"Posts.\",\"approval\":\"always\",\"config\":{\"allowed_hosts\":[\"127.0.0.1\"],"
                       "\"allowed_methods\":[\"GET\",\"POST\"],\"allow_private_network\":true}}"));
    builder.add(ArtifactKind::Agent, QStringLiteral("worker"),
                object("{\"job\":\"Counts and posts numbers to a server.\",\"prompt\":\"p\",\"pattern\":\"tool_loop\","
                       "\"model\":{\"connection\":\"local\",\"model\":\"test-model\"},"
                       "\"tools\":[{\"tool\":\"calculator\"},{\"tool\":\"post\"}]}"));
    if (width > 1)
        builder.add(ArtifactKind::Team, QStringLiteral("crowd"), crowd(width));
    Cli cli;
    cli.setVariable(QStringLiteral("TEST_API_KEY"), model.secret());

    // How long an undisturbed run takes, from its first event to its last, decides where the knife falls.
    const CliResult whole = cli.run({QStringLiteral("run"), path, reference, QStringLiteral("--input"), side.url(), QStringLiteral("--json")});
    QVERIFY2(whole.exitCode == 0, whole.err.constData());
    const QString answer = whole.lines().front().value(QStringLiteral("output")).toString();
    QCOMPARE(answer.count(QStringLiteral("done after 6 results")), width);
    qint64 typicalUs = whole.lines().front().value(QStringLiteral("duration_us")).toInteger();

    const int points = qEnvironmentVariableIntValue("LATHE_KILL_POINTS") > 0 ? qEnvironmentVariableIntValue("LATHE_KILL_POINTS") : 200;
    const quint32 seed = 20261122;
    QRandomGenerator random(seed);
    int interrupted = 0, unfinishedCalls = 0, finishedBefore = 0;
    int tries = 0;
    for (int point = 0; point < points && tries < 3 * points; ++tries) {
        const qint64 chatsBefore = qint64(model.chats().size());
        const qint64 postsBefore = side.requestCount();
        auto child = cli.start({QStringLiteral("run"), path, reference, QStringLiteral("--input"), side.url(), QStringLiteral("--events")});
        QVERIFY(child->waitForStarted());
        QVERIFY(child->waitForReadyRead(60'000)); // it has begun
        std::this_thread::sleep_for(std::chrono::microseconds(random.bounded(typicalUs)));
        ::kill(pid_t(child->processId()), SIGKILL);
        QVERIFY(child->state() == QProcess::NotRunning || child->waitForFinished(60'000));
        CliResult killed;
        killed.out = child->readAllStandardOutput();
        const Finished before = finishedSteps(killed.lines());
        const std::vector<QJsonObject> events = killed.lines();
        if (events.empty())
            continue; // it had not begun
        const QString run = QString::number(events.front().value(QStringLiteral("run")).toInteger());

        // What was announced as finished is in the file.
        const CliResult trace = cli.run({QStringLiteral("trace"), path, run, QStringLiteral("--json")});
        if (trace.exitCode != 0 && before.steps.isEmpty())
            continue; // it had announced itself, and no outcome: not even the run was recorded
        QVERIFY2(trace.exitCode == 0, trace.err.constData());
        const Finished stored = finishedSteps(trace.lines());
        QVERIFY2(stored.steps.contains(before.steps), qPrintable(QStringLiteral("point %1 lost a step").arg(point)));
        finishedBefore += int(before.steps.size());
        const CliResult log = cli.run({QStringLiteral("log"), path, QStringLiteral("--limit"), QStringLiteral("1"), QStringLiteral("--json")});
        const auto rows = log.lines();
        QCOMPARE(int(rows.size()), 1);
        const QString status = rows.front().value(QStringLiteral("status")).toString();
        if (status == QLatin1String("done")) { // it was quicker than the knife: the machine is less busy than it was
            typicalUs = std::max<qint64>(1000, typicalUs * 7 / 8);
            continue;
        }
        QVERIFY2(status == QLatin1String("interrupted") || status == QLatin1String("running"), qPrintable(status));
        typicalUs += typicalUs / 32; // and may be busier again
        ++interrupted;
        ++point;

        const qint64 chatsAtKill = qint64(model.chats().size());
        const qint64 postsAtKill = side.requestCount();
        const CliResult resumed =
            cli.run({QStringLiteral("resume"), path, run, QStringLiteral("--skip-unfinished"), QStringLiteral("--json")});
        QVERIFY2(resumed.exitCode == 0, qPrintable(QStringLiteral("point %1: %2").arg(point).arg(QString::fromUtf8(resumed.err))));
        QCOMPARE(resumed.lines().front().value(QStringLiteral("output")).toString(), answer);
        // Each model call asks once: those recorded before the kill are not asked again.
        const qint64 chatsAfter = qint64(model.chats().size()) - chatsAtKill;
        QCOMPARE(chatsAfter, qint64(width * (rounds + 1) - stored.chats));
        QVERIFY(chatsAtKill - chatsBefore <= stored.chats + width);
        // A post is made at most once, ever.
        const qint64 posts = side.requestCount() - postsBefore;
        QVERIFY2(posts <= width * rounds, qPrintable(QStringLiteral("point %1: %2 posts").arg(point).arg(posts)));
        if (posts < width * rounds || side.requestCount() - postsAtKill < width * rounds - stored.posts)
            ++unfinishedCalls;
        const CliResult replay = cli.run({QStringLiteral("replay"), path, run});
        QVERIFY2(replay.exitCode == 0, qPrintable(QStringLiteral("point %1: %2").arg(point).arg(QString::fromUtf8(replay.err))));
    }
    qInfo("%d kills, %d of them inside a run, which was resumed; %d with an unfinished call; %d steps recorded before the kill", tries,
          interrupted, unfinishedCalls, finishedBefore);
    QVERIFY2(interrupted >= points, "the knife fell too seldom inside of runs");
    const CliResult doctor = cli.run({QStringLiteral("doctor"), path});
    QVERIFY2(doctor.exitCode == 0, doctor.out.constData());
}

} // namespace lathe::test
