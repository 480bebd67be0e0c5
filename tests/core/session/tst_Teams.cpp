// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/Session.h"
#include "core/session/TeamPatterns.h"
#include "tests/support/Await.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject object(const char *text)
{
    return *json::parseObject(text);
}

// The names of the nodes that ran, in the order they began.
QStringList nodesOf(const Trace &trace)
{
    QStringList names;
    for (const Step &step : trace.steps()) {
        if (step.attributes.contains(QStringLiteral("lathe.node")))
            names.append(step.name);
    }
    return names;
}
}

// Teams in a project: the shipped ones run offline, replay, fork, and stop at breakpoints.
class TestTeams : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::unique_ptr<Session> m_session;

    RunResult run(const QString &team, const QString &input, bool attended = false)
    {
        RunRequest request;
        request.agent = team;
        request.input.text = input;
        request.attended = attended;
        const auto id = await(m_session->startRun(std::move(request)));
        if (!id)
            qFatal("%s: %s", qPrintable(team), qPrintable(id.error().message));
        return *await(m_session->finished(*id));
    }
    ArtifactId team(const QString &name) const { return *m_session->project().artifacts().find(ArtifactKind::Team, name); }

private Q_SLOTS:
    void initTestCase()
    {
        const QString path = m_folder.filePath(QStringLiteral("teams.lathe"));
        QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))));
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session);
        m_session = std::move(*session);
    }
    void cleanupTestCase() { m_session.reset(); }

    void shippedTeamsRunOfflineAndReplay_data()
    {
        QTest::addColumn<QString>("team");
        QTest::addColumn<QString>("input");
        for (const TeamPattern &pattern : teamPatterns()) {
            for (int i = 0; i < pattern.examples.size(); ++i)
                QTest::addRow("%s %d", qPrintable(pattern.id), i) << pattern.id << pattern.examples[i];
        }
    }

    void shippedTeamsRunOfflineAndReplay()
    {
        QFETCH(QString, team);
        QFETCH(QString, input);
        const std::vector<Problem> problems = m_session->problems(ArtifactKind::Team, m_session->draft(this->team(team))->body);
        for (const Problem &problem : problems)
            QVERIFY2(problem.severity != Problem::Severity::Error, qPrintable(problem.pointer + QLatin1Char(' ') + problem.message));
        const RunResult result = run(team, input);
        QVERIFY2(!result.error, qPrintable(result.error.value_or(Error()).message));
        QCOMPARE(result.status, RunStatus::Done);
        QVERIFY2(result.output.size() > 20, qPrintable(result.output));
        qInfo("%s", qPrintable(result.output));
        const auto replay = await(m_session->replay(result.run, CancelToken()));
        QVERIFY2(replay, qPrintable(replay ? QString() : replay.error().message));
        QVERIFY2(replay->same, qPrintable(replay->firstDifference));
        QCOMPARE(replay->output, result.output);
    }

    void aRunSaysWhatItUsed()
    {
        const RunResult result = run(QStringLiteral("router"), QStringLiteral("We were charged twice, please refund."));
        const auto info = m_session->project().runs().run(result.run);
        QVERIFY(info);
        QCOMPARE(info->revisions.value(QLatin1String("team")).toString(), QStringLiteral("router@1"));
        QCOMPARE(info->models, QStringLiteral("offline/extractive"));
        QVERIFY(!info->snapshot.value(QLatin1String("team")).toObject().value(QLatin1String("body")).toObject().contains(QLatin1String("layout")));
    }

    void runsFromHereLeaveTheOriginalAlone()
    {
        const RunResult first = run(QStringLiteral("pipeline"), QStringLiteral("The export is broken.\nThe board is fast, thank you!\nThe invoice is wrong."));
        const auto trace = await(m_session->trace(first.run, CancelToken()));
        QVERIFY(trace);
        QString summary;
        for (const Step &step : trace->steps()) {
            if (step.name == QLatin1String("Summary"))
                summary = step.path;
        }
        QVERIFY(!summary.isEmpty());
        ForkRequest request;
        request.run = first.run;
        request.step = summary;
        request.overrides.inputs.insert(summary, QJsonObject{{QStringLiteral("in"), QStringLiteral("- The search finds nothing.")}});
        const auto fork = await(m_session->fork(request));
        QVERIFY2(fork, qPrintable(fork ? QString() : fork.error().message));
        const auto result = await(m_session->finished(*fork));
        QVERIFY(result);
        QCOMPARE(result->status, RunStatus::Done);
        QVERIFY2(result->output.contains(QStringLiteral("search"), Qt::CaseInsensitive), qPrintable(result->output));
        const auto forked = await(m_session->trace(*fork, CancelToken()));
        QCOMPARE(nodesOf(*forked), nodesOf(*trace));
        const auto noted = m_session->project().runs().forkOf(*fork);
        QVERIFY(noted && *noted);
        QCOMPARE((*noted)->parent, first.run);
        QCOMPARE(m_session->project().runs().run(first.run)->output, first.output);
        for (const RunId id : {first.run, *fork}) {
            const auto replay = await(m_session->replay(id, CancelToken()));
            QVERIFY2(replay, qPrintable(replay ? QString() : replay.error().message));
            QVERIFY2(replay->same, qPrintable(replay->firstDifference));
        }
    }

    void waitsAtABreakpointAndGoesOn()
    {
        const ArtifactId pipeline = team(QStringLiteral("pipeline"));
        QString node;
        const QJsonObject nodes = m_session->draft(pipeline)->body.value(QLatin1String("nodes")).toObject();
        for (auto it = nodes.begin(); it != nodes.end(); ++it) {
            if (it->toObject().value(QLatin1String("name")).toString() == QLatin1String("Summary"))
                node = it.key();
        }
        m_session->setBreakpoints(pipeline, {node});
        QSignalSpy paused(m_session.get(), &Session::pausedChanged);
        RunRequest request;
        request.agent = QStringLiteral("pipeline");
        request.input.text = QStringLiteral("The export is broken.");
        request.attended = true;
        const auto id = await(m_session->startRun(std::move(request)));
        QVERIFY(id);
        QTRY_COMPARE(paused.size(), 1);
        const auto waiting = m_session->paused(*id);
        QVERIFY(waiting);
        QCOMPARE(waiting->nodes.size(), 1u);
        QCOMPARE(waiting->nodes.front().node, node);
        QVERIFY(waiting->nodes.front().inputs.value(QLatin1String("in")).toString().contains(QStringLiteral("export")));
        // Going on differently is another run.
        ForkRequest fork;
        fork.run = *id;
        fork.step = waiting->nodes.front().step;
        fork.overrides.inputs.insert(fork.step, QJsonObject{{QStringLiteral("in"), QStringLiteral("- The mobile app crashes.")}});
        const auto other = await(m_session->fork(fork));
        QVERIFY2(other, qPrintable(other ? QString() : other.error().message));
        QVERIFY(await(m_session->finished(*other))->output.contains(QStringLiteral("mobile"), Qt::CaseInsensitive));
        m_session->continueRun(*id);
        const auto result = await(m_session->finished(*id));
        QCOMPARE(result->status, RunStatus::Done);
        QVERIFY(!m_session->paused(*id));
        m_session->setBreakpoints(pipeline, {});
        // Stopping while it waits ends it.
        m_session->setBreakpoints(pipeline, {node});
        RunRequest again;
        again.agent = QStringLiteral("pipeline");
        again.input.text = QStringLiteral("The export is broken.");
        again.attended = true;
        const auto second = await(m_session->startRun(std::move(again)));
        QTRY_VERIFY(m_session->paused(*second));
        m_session->stop(*second);
        QCOMPARE(await(m_session->finished(*second))->status, RunStatus::Cancelled);
        m_session->setBreakpoints(pipeline, {});
    }

    void teamsThatUseEachOtherAreRefused()
    {
        const auto body = [](const char *team) {
            QJsonObject body = object(R"({"job":"Asks another team.","nodes":{"n1":{"kind":"input","name":"In"},"n2":{"kind":"team","name":"Other","settings":{}},
                "n3":{"kind":"output","name":"Out"}},"edges":{"e1":{"from":"n1","from_port":"out","to":"n2","to_port":"in"},
                "e2":{"from":"n2","from_port":"out","to":"n3","to_port":"in"}}})");
            return json::with(body, QStringLiteral("/nodes/n2/settings/team"), QString::fromLatin1(team)).toObject();
        };
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Team, QStringLiteral("left"), body("right"))));
        QVERIFY(await(m_session->createArtifact(ArtifactKind::Team, QStringLiteral("right"), body("left"))));
        RunRequest request;
        request.agent = QStringLiteral("left@draft");
        const auto run = await(m_session->startRun(std::move(request)));
        QVERIFY(!run);
        QVERIFY2(run.error().message.contains(QStringLiteral("left -> right -> left")), qPrintable(run.error().message));
    }

    void aGestureIsOneEntryOfTheUndoHistory()
    {
        const ArtifactId id = *await(m_session->createArtifact(ArtifactKind::Team, QStringLiteral("gestures"), object(R"({"job":"x","nodes":{},"edges":{}})")));
        const QJsonObject before = m_session->draft(id)->body;
        QVERIFY(m_session->edit(id, BodyChanges{{QStringLiteral("/nodes/n1"), object(R"({"kind":"input","name":"In"})")},
                                                {QStringLiteral("/layout/nodes/n1"), object(R"({"x":1,"y":2})")}},
                                QStringLiteral("Add Input")));
        QCOMPARE(m_session->draft(id)->history.undoText(), QStringLiteral("Add Input"));
        QVERIFY(m_session->undo(id));
        QCOMPARE(m_session->draft(id)->body, before);
        QVERIFY(!m_session->canUndo(id));
        QVERIFY(m_session->redo(id));
        QVERIFY(m_session->draft(id)->body.value(QLatin1String("layout")).toObject().contains(QLatin1String("nodes")));
    }
};

QTEST_GUILESS_MAIN(TestTeams)
#include "tst_Teams.moc"
