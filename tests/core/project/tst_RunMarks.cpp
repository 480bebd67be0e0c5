// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunRepository.h"
#include "tests/core/project/RunLogSample.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QSignalSpy>

#include <csignal>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
RunId endedRun(Project &project, const QString &input)
{
    Player p(project, someRun(input));
    p.begin(QStringLiteral("1"), StepKind::Tool, QStringLiteral("execute_tool sql"), {{QStringLiteral("gen_ai.tool.name"), QStringLiteral("sql")}});
    p.stepEnd(QStringLiteral("1"), StepStatus::Ok, QStringLiteral("rows"));
    p.ended(RunStatus::Done, QStringLiteral("answer"));
    return p.run;
}

int countOf(Project &project, const char *text, bool bin = false)
{
    const auto reading = readRunFilter(QString::fromUtf8(text), 0);
    return reading.ok() ? await(project.runs().count(reading.filter, bin, CancelToken())).valueOr(-1) : -2;
}

// What this program does when the test starts it again as a child: marks runs until it is killed, and says what is safe.
void beChild(const QString &path)
{
    SystemClock clock;
    auto project = Project::open(path, Project::Mode::ReadWrite, &clock);
    if (!project)
        qFatal("child: %s", qPrintable(project.error().message));
    const auto say = [](const QByteArray &text) {
        const QByteArray line = "\nchild: " + text + '\n';
        if (::write(STDOUT_FILENO, line.constData(), size_t(line.size())) < 0)
            ::_exit(3);
    };
    std::vector<RunId> runs;
    for (int i = 0; i < 12; ++i)
        runs.push_back(endedRun(**project, QStringLiteral("run %1").arg(i)));
    if (!await((*project)->runs().moveToBin(std::vector<RunId>(runs.begin(), runs.begin() + 6))))
        ::_exit(4);
    if (!await((*project)->runs().addTag(runs, QStringLiteral("safe"))) || !await((*project)->runs().remove({runs[0], runs[1]})))
        ::_exit(5);
    auto emptying = (*project)->runs().emptyBin(); // may or may not come to its end
    say("marked");
    ::kill(::getpid(), SIGKILL);
}
} // namespace

class TestRunMarks : public QObject
{
    Q_OBJECT
    Files m_files;

private Q_SLOTS:
    void tags()
    {
        auto project = m_files.open(m_files.newFile());
        RunRepository &runs = project->runs();
        const RunId a = endedRun(*project, QStringLiteral("a")), b = endedRun(*project, QStringLiteral("b"));
        std::vector<std::vector<RunId>> told;
        connect(&runs, &RunRepository::marked, this, [&told](const std::vector<RunId> &of) { told.push_back(of); });
        QVERIFY(await(runs.addTag({a, b}, QStringLiteral("  to do "))));
        QCOMPARE(told, (std::vector<std::vector<RunId>>{{a, b}}));
        QVERIFY(await(runs.addTag({a}, QStringLiteral("TO DO")))); // the same tag
        QCOMPARE(runs.run(a)->tags, QStringList{QStringLiteral("to do")});
        QCOMPARE(countOf(*project, "tag:\"To Do\""), 2);
        QVERIFY(await(runs.setTags(a, {QStringLiteral("z"), QStringLiteral("A")})));
        QCOMPARE(runs.run(a)->tags, (QStringList{QStringLiteral("A"), QStringLiteral("z")}));
        QVERIFY(await(runs.removeTag({a, b}, QStringLiteral("to DO"))));
        QVERIFY(runs.run(b)->tags.isEmpty());
        // Refused as a whole.
        const size_t before = told.size();
        QCOMPARE(await(runs.addTag({a, RunId{999}}, QStringLiteral("new"))).error().kind, ErrorKind::NotFound);
        QCOMPARE(countOf(*project, "tag:new"), 0);
        for (const QString &bad : {QString(), QStringLiteral("  "), QString(101, QLatin1Char('x')), QStringLiteral("a\nb")})
            QCOMPARE(await(runs.addTag({a}, bad)).error().kind, ErrorKind::InvalidInput);
        QStringList many;
        for (int i = 0; i < 51; ++i)
            many.append(QString::number(i));
        QCOMPARE(await(runs.setTags(a, many)).error().kind, ErrorKind::InvalidInput);
        QCOMPARE(runs.run(a)->tags.size(), 2);
        QCOMPARE(told.size(), before);
    }

    void pins()
    {
        auto project = m_files.open(m_files.newFile());
        RunRepository &runs = project->runs();
        const RunId a = endedRun(*project, QStringLiteral("a")), b = endedRun(*project, QStringLiteral("b"));
        QVERIFY(await(runs.setPinned({b, a}, true, QStringLiteral("why"))));
        QVERIFY(await(runs.setPinned({a}, true, QStringLiteral("because"))));
        const auto pinned = await(runs.pinned(CancelToken()));
        QCOMPARE(int(pinned->size()), 2);
        QCOMPARE((*pinned)[0].id, a);
        QCOMPARE((*pinned)[0].pinNote, QStringLiteral("because"));
        QVERIFY(await(runs.moveToBin({b})));
        QCOMPARE(int(await(runs.pinned(CancelToken()))->size()), 1);
        QVERIFY(await(runs.setPinned({a}, false, QString())));
        QVERIFY(!runs.run(a)->pinned);
    }

    void bin()
    {
        auto project = m_files.open(m_files.newFile());
        RunRepository &runs = project->runs();
        std::vector<RunId> ids;
        for (int i = 0; i < 5; ++i)
            ids.push_back(endedRun(*project, QStringLiteral("word%1 common").arg(i)));
        const auto need = [](const auto &result) {
            if (!result)
                qFatal("%s", qPrintable(result.error().message));
        };
        Rating rating;
        rating.run = ids[0];
        rating.kind = QStringLiteral("thumbs");
        rating.value = 1;
        need(await(project->ratings().rate(rating)));
        RunFork fork;
        fork.run = ids[1];
        fork.parent = ids[0];
        fork.step = QStringLiteral("1");
        need(await(runs.setFork(fork)));
        need(await(runs.setTags(ids[0], {QStringLiteral("t")})));
        need(await(runs.setPinned({ids[0]}, true, QString())));
        Player live(*project, someRun(QStringLiteral("goes on")));
        live.started({});
        QCOMPARE(await(runs.moveToBin({ids[0], live.run})).error().kind, ErrorKind::InvalidInput);
        QCOMPARE(countOf(*project, "", true), 0);

        need(await(runs.moveToBin({ids[0], ids[2], ids[3]})));
        QCOMPARE(countOf(*project, ""), 3);
        QCOMPARE(countOf(*project, "common"), 2);
        QCOMPARE(countOf(*project, "common", true), 3);
        QCOMPARE(await(runs.matches(ids[0], RunFilter(), CancelToken())).valueOr(true), false);
        need(await(runs.restore({ids[3]})));
        QCOMPARE(countOf(*project, "common"), 3);

        std::vector<RunId> gone;
        connect(&runs, &RunRepository::removed, this, [&gone](const std::vector<RunId> &of) { gone.insert(gone.end(), of.begin(), of.end()); });
        QCOMPARE(await(runs.remove({ids[2], ids[4]})).valueOr(-1), 1); // what is not in the bin stays
        QCOMPARE(gone, std::vector<RunId>{ids[2]});
        QCOMPARE(await(runs.emptyBin()).valueOr(-1), 1);
        QCOMPARE(gone, (std::vector<RunId>{ids[2], ids[0]}));
        QCOMPARE(runs.run(ids[0]).error().kind, ErrorKind::NotFound);
        QCOMPARE(countOf(*project, "word0"), 0);
        QCOMPARE(countOf(*project, "common"), 3);
        QCOMPARE(await(runs.forkOf(ids[1])->has_value() ? runs.load(ids[1], CancelToken()) : runs.load(RunId{}, CancelToken())).ok(), true);
        QCOMPARE((*runs.forkOf(ids[1]))->parent, ids[0]);
        QCOMPARE(await(runs.emptyBin()).valueOr(-1), 0);
        live.ended(RunStatus::Done, QString());
        const auto report = await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
    }

    void killedWhileItDeletes()
    {
        const QString path = m_files.newFile();
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--child"), path});
        QVERIFY(child.waitForFinished(60'000));
        QVERIFY(child.readAllStandardOutput().contains("child: marked"));
        auto project = m_files.open(path);
        const int kept = countOf(*project, "tag:safe");
        QCOMPARE(kept, 6);
        const int binned = countOf(*project, "tag:safe", true);
        QVERIFY2(binned == 4 || binned == 0, qPrintable(QString::number(binned))); // all of it or none
        const auto report = await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
        QCOMPARE(await(project->runs().emptyBin()).valueOr(-1), binned);
    }

    void savedViews()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        ViewRepository &views = project->views();
        QSignalSpy changed(&views, &ViewRepository::changed);
        SavedView view;
        view.name = QStringLiteral(" slow ");
        view.query = QStringLiteral("latency>2s");
        view.sort = RunSort::Latency;
        QVERIFY(await(views.save(view)));
        view.name = QStringLiteral("große");
        view.grouping = RunGrouping::Source;
        QVERIFY(await(views.save(view)));
        view.name = QStringLiteral("slow");
        view.ascending = true;
        QVERIFY(await(views.save(view))); // over the first
        QCOMPARE(int(changed.count()), 3);
        QCOMPARE(int(views.all()->size()), 2);
        QVERIFY((*views.all())[0] == view);
        QCOMPARE(await(views.rename(QStringLiteral("slow"), QStringLiteral("große"))).error().kind, ErrorKind::InvalidInput);
        QCOMPARE(await(views.rename(QStringLiteral("nothing"), QStringLiteral("x"))).error().kind, ErrorKind::NotFound);
        QVERIFY(await(views.rename(QStringLiteral("slow"), QStringLiteral("late"))));
        QVERIFY(await(views.remove(QStringLiteral("große"))));
        QCOMPARE(await(views.remove(QStringLiteral("große"))).error().kind, ErrorKind::NotFound);
        view.name.clear();
        QCOMPARE(await(views.save(view)).error().kind, ErrorKind::InvalidInput);
        view.name = QStringLiteral("x");
        view.query = QString(4097, QLatin1Char('x'));
        QCOMPARE(await(views.save(view)).error().kind, ErrorKind::InvalidInput);
        project.reset();
        project = m_files.open(path, Project::Mode::ReadOnly);
        QCOMPARE(int(project->views().all()->size()), 1);
        QCOMPARE((*project->views().all())[0].name, QStringLiteral("late"));
        view.query.clear();
        QVERIFY(!await(project->views().save(view)));
    }

    // A tool that was told under another name first counts under the last one only.
    void correctedToolsAreCountedOnce()
    {
        auto project = m_files.open(m_files.newFile());
        RunInfo info = someRun(QStringLiteral("told twice"));
        info.snapshot = {};
        info.source = QStringLiteral("otlp");
        Player p(*project, info);
        for (const char *tool : {"http", "sql"}) {
            const QString name = QString::fromLatin1(tool);
            p.begin(QStringLiteral("1"), StepKind::Tool, QStringLiteral("execute_tool ") + name, {{QStringLiteral("gen_ai.tool.name"), name}});
            p.stepEnd(QStringLiteral("1"), StepStatus::Ok, QStringLiteral("rows"));
            QVERIFY(await(project->runs().flush()));
        }
        p.ended(RunStatus::Done, QStringLiteral("answer"));
        QCOMPARE(countOf(*project, "tool:sql"), 1);
        QCOMPARE(countOf(*project, "tool:http"), 0);
        const auto report = await(project->doctor(false));
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
    }

    // No crash in between leaves a fork that looks like a run of its own: it would be resumed with all its effects.
    void forksStandWithTheirRow()
    {
        auto project = m_files.open(m_files.newFile());
        RunRepository &runs = project->runs();
        const RunId parent = endedRun(*project, QStringLiteral("parent"));
        bool noted = false;
        connect(&runs, &RunRepository::added, this, [&](RunId run) { noted = runs.forkOf(run)->has_value(); });
        const auto id = await(runs.create(someRun(QStringLiteral("fork"))));
        RunFork fork;
        fork.run = *id;
        fork.parent = parent;
        fork.step = QStringLiteral("1");
        fork.changes = QJsonObject{{QStringLiteral("again"), true}};
        QVERIFY(await(runs.setFork(fork)));
        QVERIFY(noted);
        QCOMPARE(runs.forkOf(*id)->value().parent, parent);
        QCOMPARE(runs.forksFrom(parent)->size(), size_t(1));
        QVERIFY(!await(runs.setFork(fork)).ok()); // it is one already
        RunFork late; // of a run whose row is there
        late.run = endedRun(*project, QStringLiteral("late"));
        late.parent = parent;
        QVERIFY(await(runs.setFork(late)));
        QCOMPARE(runs.forksFrom(parent)->size(), size_t(2));
    }

    void goesOnOnlyWithWhatIsThere()
    {
        auto project = m_files.open(m_files.newFile());
        RunRepository &runs = project->runs();
        Player p(*project, someRun(QStringLiteral("slow")));
        p.ended(RunStatus::Interrupted, QString(), Error(ErrorKind::Timeout, QStringLiteral("too slow")));
        QCOMPARE(countOf(*project, "error:timeout"), 1);
        QVERIFY(await(runs.reopen(p.run)));
        QCOMPARE(countOf(*project, "error:timeout"), 0);
        QCOMPARE(countOf(*project, "has:error"), 0);
        const RunId gone = endedRun(*project, QStringLiteral("gone"));
        QVERIFY(await(runs.moveToBin({gone})));
        auto removed = runs.remove({gone});
        auto reopened = runs.reopen(gone); // both are on their way
        QCOMPARE(*await(std::move(removed)), 1);
        QCOMPARE(await(std::move(reopened)).error().kind, ErrorKind::NotFound);
        QCOMPARE(runs.trace(gone), nullptr);
    }

    void foreignRunsAreFoundAndAmended()
    {
        auto project = m_files.open(m_files.newFile());
        RunRepository &runs = project->runs();
        RunInfo info = someRun(QStringLiteral("not known yet"));
        info.snapshot = {};
        info.source = QStringLiteral("otlp");
        info.sourceId = QStringLiteral("trace 1");
        info.startUs = 1'700'000'000'000'000;
        Player p(*project, info);
        const auto find = [&](const char *source, const char *id) {
            return runs.findForeign(QString::fromUtf8(source), QString::fromUtf8(id))->value_or(RunId());
        };
        QCOMPARE(find("otlp", "trace 1"), p.run); // not written yet
        QVERIFY(await(runs.flush()));
        QCOMPARE(find("otlp", "trace 1"), p.run);
        QCOMPARE(find("otlp", "trace 2"), RunId());
        QCOMPARE(find("langfuse", "trace 1"), RunId());
        QCOMPARE(find("", ""), RunId());
        RunInfo facts;
        facts.agentName = QStringLiteral("shop");
        facts.input = QStringLiteral("Where is my parcel? ").repeated(200);
        facts.startUs = 1'699'999'999'000'000;
        facts.tags = QStringList{QStringLiteral("prod")};
        QSignalSpy changed(&runs, &RunRepository::changed);
        QVERIFY(await(runs.amendForeign(p.run, facts)));
        QCOMPARE(int(changed.count()), 1);
        p.ended(RunStatus::Done, QStringLiteral("there"));
        QCOMPARE(countOf(*project, "agent:shop parcel tag:prod"), 1);
        facts.input = QStringLiteral("in the end a letter");
        QVERIFY(await(runs.amendForeign(p.run, facts))); // when it has ended
        QCOMPARE(countOf(*project, "parcel"), 0);
        QCOMPARE(countOf(*project, "letter source:otlp"), 1);
        const auto read = runs.run(p.run);
        QCOMPARE(read->input, facts.input);
        QCOMPARE(read->startUs, facts.startUs);
        QCOMPARE(read->models, info.models);
        const RunId own = endedRun(*project, QStringLiteral("own"));
        QCOMPARE(await(runs.amendForeign(own, facts)).error().kind, ErrorKind::InvalidInput);
        QCOMPARE(await(runs.amendForeign(RunId{999}, facts)).error().kind, ErrorKind::NotFound);
        const auto several = runs.findForeign(QStringLiteral("otlp"), QStringList{QStringLiteral("trace 1"), QStringLiteral("x\"]")});
        QCOMPARE(int(several->size()), 1);
        QCOMPARE(project->runs().usageSince(0).totalTokens(), 0);
        QVERIFY(await(project->doctor(false))->ok);
    }
};

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (app.arguments().size() == 3 && app.arguments()[1] == QLatin1String("--child")) {
        beChild(app.arguments()[2]);
        return 0;
    }
    TestRunMarks test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_RunMarks.moc"
