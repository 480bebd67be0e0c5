// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/Session.h"
#include "core/session/TeamPatterns.h"
#include "core/sqlite/Database.h"
#include "tests/support/Await.h"
#include "tests/support/JsonText.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
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
    static QString example(const char *name, int number = 0)
    {
        for (const TeamPattern &pattern : teamPatterns()) {
            if (pattern.id == QLatin1String(name))
                return pattern.examples.value(number);
        }
        return {};
    }
    // An attribute of the run's steps, where they have it.
    QList<QJsonValue> attributes(RunId run, const QString &name)
    {
        QList<QJsonValue> values;
        const auto trace = await(m_session->trace(run, CancelToken()));
        for (const Step &step : trace->steps()) {
            if (step.attributes.contains(name) && (name != QLatin1String("lathe.plan") || step.name == QLatin1String("plan")))
                values.append(step.attributes.value(name));
        }
        return values;
    }
    QString outputOf(RunId run, const QString &node)
    {
        const auto trace = await(m_session->trace(run, CancelToken()));
        for (const Step &step : trace->steps()) {
            if (step.name == node && step.attributes.contains(QStringLiteral("lathe.node")))
                return step.attributes.value(QStringLiteral("lathe.output")).toString();
        }
        return {};
    }
    // The sample's rows, asked in SQL that no model wrote: first and second column of each row.
    QList<std::pair<QString, QString>> counted(const QByteArray &sql)
    {
        const auto data = m_session->dataset(QStringLiteral("feedback"));
        auto database = Database::openMemory();
        if (!data || !database || !(*database)->exec("CREATE TABLE feedback (id INTEGER, date TEXT, product_area TEXT, tier TEXT, rating INTEGER, message TEXT)"))
            return {};
        for (int row = 0; row < int(data->rows.size()); ++row) {
            const QJsonObject line = data->rowObject(row);
            auto insert = (*database)->prepare("INSERT INTO feedback (product_area, tier, rating) VALUES (?, ?, ?)");
            if (!insert || !insert->bindAll(line.value(QLatin1String("product_area")).toString(), line.value(QLatin1String("tier")).toString(),
                                            line.value(QLatin1String("rating")).toVariant().toInt()).run())
                return {};
        }
        QList<std::pair<QString, QString>> found;
        auto query = (*database)->prepare(sql);
        while (query) {
            const auto more = query->step();
            if (!more || !*more)
                break;
            found.append({query->text(0), query->text(1)});
        }
        return found;
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
        // An answer for people: no JSON, no tags, no placeholder of a template.
        for (const auto part : {QLatin1String("[\""), QLatin1String("{\""), QLatin1String("</"), QLatin1String("{{"), QLatin1String("can not do this")})
            QVERIFY2(!result.output.contains(part), qPrintable(result.output));
        const auto replay = await(m_session->replay(result.run, CancelToken()));
        QVERIFY2(replay, qPrintable(replay ? QString() : replay.error().message));
        QVERIFY2(replay->same, qPrintable(replay->firstDifference));
        QCOMPARE(replay->output, result.output);
    }

    // What each pattern's answer must hold, told by the data and not by what the model happens to write.
    void theCoordinatorsFiguresAreThoseOfTheData()
    {
        const RunResult result = run(QStringLiteral("coordinator"), example("coordinator"));
        const auto plans = attributes(result.run, QStringLiteral("lathe.plan"));
        QVERIFY(!plans.isEmpty());
        QStringList workers;
        const QJsonArray plan = plans.first().toArray();
        for (const QJsonValue &task : plan)
            workers.append(task[QLatin1String("worker")].toString());
        QCOMPARE(workers, QStringList({QStringLiteral("Research"), QStringLiteral("Analysis")}));
        const auto areas = counted("SELECT product_area, count(*) FROM feedback WHERE rating <= 2 GROUP BY product_area");
        QCOMPARE(areas.size(), 8);
        for (const auto &[area, count] : areas)
            QVERIFY2(result.output.contains(QStringLiteral("%1: %2").arg(area, count)), qPrintable(result.output));
        const auto lowest = counted("SELECT tier, round(avg(rating), 2) AS a FROM feedback GROUP BY tier ORDER BY a LIMIT 1");
        QVERIFY2(result.output.contains(QStringLiteral("%1 comes first: average rating %2").arg(lowest[0].first, lowest[0].second)), qPrintable(result.output));
        // Another question, other figures.
        const RunResult other = run(QStringLiteral("coordinator"), QStringLiteral("How many Billing complaints came from team customers?"));
        const auto billing = counted("SELECT 'n', count(*) FROM feedback WHERE rating <= 2 AND product_area = 'Billing' AND tier = 'team'");
        QVERIFY2(other.output.contains(billing[0].second + QStringLiteral(" Billing complaints")), qPrintable(other.output));
    }

    void laterStepsOfAPlanBuildOnEarlierOnes()
    {
        const RunResult result = run(QStringLiteral("plan-and-execute"), example("plan-and-execute"));
        const auto first = counted("SELECT product_area, count(*) AS n FROM feedback WHERE rating <= 2 GROUP BY product_area ORDER BY n DESC LIMIT 1");
        QVERIFY2(result.output.contains(QStringLiteral("%1 comes first with %2").arg(first[0].first, first[0].second)), qPrintable(result.output));
        const QString sql = QStringLiteral("SELECT tier, count(*) FROM feedback WHERE rating <= 2 AND product_area = '%1' GROUP BY tier").arg(first[0].first);
        for (const auto &[tier, count] : counted(sql.toUtf8()))
            QVERIFY2(result.output.contains(QStringLiteral("%1: %2").arg(tier, count)), qPrintable(result.output));
        QCOMPARE(result.output.count(QStringLiteral("(id ")), 3); // three messages, each of that area and rated 1
        QCOMPARE(result.output.count(QStringLiteral(", %1, ").arg(first[0].first)), 3);
        QCOMPARE(result.output.count(QStringLiteral("rating 1)")), 3);
    }

    void theRouterRepliesByTheRightSpecialist_data()
    {
        QTest::addColumn<int>("number");
        QTest::addColumn<QString>("specialist");
        QTest::addColumn<QStringList>("says");
        QTest::newRow("billing") << 0 << QStringLiteral("Billing") << QStringList{QStringLiteral("INV-20418"), QStringLiteral("240 EUR"), QStringLiteral("charged twice")};
        QTest::newRow("problem") << 1 << QStringLiteral("Support") << QStringList{QStringLiteral("CSV export stops at 10,000 rows"), QStringLiteral("looks into it")};
        QTest::newRow("praise") << 2 << QStringLiteral("Thanks") << QStringList{QStringLiteral("Thank you"), QStringLiteral("calendar reminder")};
    }
    void theRouterRepliesByTheRightSpecialist()
    {
        QFETCH(int, number);
        QFETCH(QString, specialist);
        QFETCH(QStringList, says);
        const RunResult result = run(QStringLiteral("router"), example("router", number));
        const auto trace = await(m_session->trace(result.run, CancelToken()));
        QCOMPARE(nodesOf(*trace), QStringList({QStringLiteral("Message"), QStringLiteral("Route"), specialist, QStringLiteral("Reply")}));
        for (const QString &part : says)
            QVERIFY2(result.output.contains(part), qPrintable(result.output));
        QVERIFY2(QRegularExpression(QStringLiteral("The (billing|support|product) team$")).match(result.output).hasMatch(), qPrintable(result.output));
    }

    void thePipelineLosesNoComplaint()
    {
        const RunResult result = run(QStringLiteral("pipeline"), example("pipeline"));
        for (const auto part : {QLatin1String("12 seconds"), QLatin1String("charged twice"), QLatin1String("25 seats"), QLatin1String("10,000 rows"),
                                QLatin1String("half a minute")})
            QVERIFY2(result.output.contains(part), qPrintable(result.output));
        QVERIFY2(!result.output.contains(QStringLiteral("in a blink")), qPrintable(result.output)); // praise
        QVERIFY(result.output.simplified().split(QLatin1Char(' ')).size() <= 75);
        QVERIFY2(result.output.indexOf(QStringLiteral("charged twice")) < result.output.indexOf(QStringLiteral("12 seconds")), qPrintable(result.output));
    }

    void mapReduceCountsTheSixMessages()
    {
        const RunResult result = run(QStringLiteral("map-reduce"), example("map-reduce"));
        QCOMPARE(result.output, QStringLiteral("Messages by product area:\n- Billing: 2 negative, 0 neutral, 0 positive\n"
                                               "- Export: 1 negative, 0 neutral, 0 positive\n- Performance: 2 negative, 0 neutral, 1 positive"));
    }

    void theLoopEndsWithAGoodReplyOrAtItsBound()
    {
        const RunResult result = run(QStringLiteral("evaluator-optimiser"), example("evaluator-optimiser"));
        const auto rounds = attributes(result.run, QStringLiteral("lathe.until"));
        QVERIFY2(rounds.size() >= 2 && rounds.size() <= 3, qPrintable(QString::number(rounds.size()))); // the first draft is too long
        QVERIFY(!rounds.first().toBool());
        QVERIFY(rounds.last().toBool() || rounds.size() == 3);
        for (const auto part : {QLatin1String("Hello Katrin"), QLatin1String("CSV export stops at 10,000 rows"), QLatin1String("will answer you")})
            QVERIFY2(result.output.contains(part), qPrintable(result.output));
        QVERIFY2(result.output.endsWith(QStringLiteral("The Feedback desk")), qPrintable(result.output));
        QVERIFY(result.output.simplified().split(QLatin1Char(' ')).size() <= 55);
    }

    void theVerdictQuotesAReasonOfEachSide()
    {
        for (int number = 0; number < 2; ++number) {
            const RunResult result = run(QStringLiteral("debate"), example("debate", number));
            const QStringList sides{outputOf(result.run, QStringLiteral("For")), outputOf(result.run, QStringLiteral("Against"))};
            QVERIFY2(sides[0] != sides[1], qPrintable(sides.join(QLatin1Char('\n'))));
            for (const QString &side : sides) {
                bool quoted = false;
                const QStringList reasons = side.split(QLatin1Char('\n'));
                for (QString reason : reasons) {
                    reason.remove(QRegularExpression(QStringLiteral("^- |\\.$")));
                    QVERIFY2(!reason.contains(QLatin1Char('?')), qPrintable(side)); // the question is no reason
                    QCOMPARE(sides.join(QLatin1Char('\n')).count(QStringLiteral("- ") + reason + QLatin1Char('.')), 1);
                    quoted = quoted || result.output.contains(QStringLiteral("“%1”").arg(reason));
                }
                QVERIFY2(quoted, qPrintable(side + QLatin1Char('\n') + result.output));
            }
            QVERIFY2(result.output.contains(QStringLiteral("stronger")) || result.output.contains(QStringLiteral("equally strong")), qPrintable(result.output));
        }
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
        QTRY_COMPARE_WITH_TIMEOUT(paused.size(), 1, 30'000);
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
        QTRY_VERIFY_WITH_TIMEOUT(m_session->paused(*second), 30'000);
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
