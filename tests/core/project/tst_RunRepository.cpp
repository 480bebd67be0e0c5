// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunRepository.h"
#include "tests/core/project/RunPlayer.h"

#include <QRandomGenerator>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {
// A run with all that a runner does: thoughts, parallel calls, approval, a retry after text, failures, partial answers.
void playEverything(Player &p, const QString &longText)
{
    p.started({{QStringLiteral("agent"), QStringLiteral("triage")},
               {QStringLiteral("input"), QStringLiteral("sort this")},
               {QStringLiteral("revisions"),
                QJsonObject{{QStringLiteral("agent"), QStringLiteral("triage@3")}}},
               {QStringLiteral("variables"),
                QJsonObject{{QStringLiteral("tone"), QStringLiteral("dry")}}},
               {QStringLiteral("more"), 7}});
    p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent triage"),
            {{QStringLiteral("lathe.pattern"), QStringLiteral("tool_loop")}});

    // A chat that streams reasoning, begins an answer, is restarted, then calls two tools.
    const QJsonObject request{{QStringLiteral("model"), QStringLiteral("extractive")},
                              {QStringLiteral("messages"), longText}};
    p.begin(QStringLiteral("1.1"), StepKind::Model, QStringLiteral("chat extractive"),
            {{QStringLiteral("gen_ai.request.temperature"), 0.5}});
    p.delta(QStringLiteral("1.1"), DeltaChannel::Text, QStringLiteral("I will"));
    p.note(QStringLiteral("1.1"), QStringLiteral("retry"), {{QStringLiteral("delay_ms"), 200}});
    p.note(QStringLiteral("1.1"), QStringLiteral("restart"));
    p.delta(QStringLiteral("1.1"), DeltaChannel::Reasoning, QStringLiteral("Think "));
    p.delta(QStringLiteral("1.1"), DeltaChannel::Reasoning, QStringLiteral("hard."));
    p.delta(QStringLiteral("1.1"), DeltaChannel::ToolArguments, QStringLiteral("{\"sql\":"));
    p.delta(QStringLiteral("1.1"), DeltaChannel::ToolArguments, QStringLiteral("\"SELECT 1\"}"));
    p.delta(QStringLiteral("1.1"), DeltaChannel::ToolArguments, QStringLiteral("{broken"));
    const QJsonArray calls{
        QJsonObject{{QStringLiteral("type"), QStringLiteral("tool_call")},
                    {QStringLiteral("name"), QStringLiteral("sql")},
                    {QStringLiteral("arguments"),
                     QJsonObject{{QStringLiteral("sql"), QStringLiteral("SELECT 1")}}}},
        QJsonObject{{QStringLiteral("type"), QStringLiteral("tool_call")},
                    {QStringLiteral("name"), QStringLiteral("web")},
                    {QStringLiteral("arguments"), QStringLiteral("{broken")}}};
    QVERIFY(p.entry(QStringLiteral("1.1"), QStringLiteral("chat"), request, true,
                    chatOutcome(QString(), QStringLiteral("Think hard."), calls)));
    p.stepEnd(QStringLiteral("1.1"), StepStatus::Ok, QString(), modelEnd(100, 20));

    // Two calls at once: the first asks a person, the second fails.
    p.begin(QStringLiteral("1.2"), StepKind::Tool, QStringLiteral("execute_tool sql"));
    p.begin(QStringLiteral("1.3"), StepKind::Tool, QStringLiteral("execute_tool web"));
    p.begin(QStringLiteral("1.2.1"), StepKind::Human, QStringLiteral("approve sql"));
    p.note(QStringLiteral("1.2.1"), QStringLiteral("approval_requested"),
           {{QStringLiteral("tool"), QStringLiteral("sql")}});
    p.note(QStringLiteral("1.3"), QStringLiteral("invalid_arguments"),
           {{QStringLiteral("reason"), QStringLiteral("no JSON")}});
    p.stepEnd(QStringLiteral("1.3"), StepStatus::Failed,
              QStringLiteral("The arguments are no JSON."), {},
              Error(ErrorKind::Provider, QStringLiteral("no JSON")));
    QVERIFY(p.entry(QStringLiteral("1.2.1"), QStringLiteral("human"),
                    {{QStringLiteral("tool"), QStringLiteral("sql")}}, true,
                    {{QStringLiteral("answer"),
                      QJsonObject{{QStringLiteral("approved"), true},
                                  {QStringLiteral("text"), QStringLiteral("fine")}}}}));
    p.stepEnd(QStringLiteral("1.2.1"), StepStatus::Ok, QStringLiteral("fine"),
              {{QStringLiteral("approved"), true}});
    QVERIFY(p.entry(QStringLiteral("1.2"), QStringLiteral("execute_tool"),
                    {{QStringLiteral("tool"), QStringLiteral("sql")}}, false));
    p.written.pop_back();
    p.delta(QStringLiteral("1.2"), DeltaChannel::ToolOutput, QStringLiteral("row"));
    QVERIFY(p.entry(QStringLiteral("1.2"), QStringLiteral("execute_tool"),
                    {{QStringLiteral("tool"), QStringLiteral("sql")}}, true,
                    toolOutcome(longText)));
    p.stepEnd(QStringLiteral("1.2"), StepStatus::Ok, longText);

    // A container with thoughts of its own, a chat that was not streamed, one that breaks off.
    p.begin(QStringLiteral("1.4"), StepKind::Control, QStringLiteral("critique"));
    p.delta(QStringLiteral("1.4"), DeltaChannel::Text, QStringLiteral("not good"));
    p.begin(QStringLiteral("1.4.1"), StepKind::Model, QStringLiteral("chat extractive"));
    QVERIFY(p.entry(QStringLiteral("1.4.1"), QStringLiteral("chat"),
                    {{QStringLiteral("model"), QStringLiteral("b")}}, true,
                    chatOutcome(QStringLiteral("Said at once."), QStringLiteral("unseen"))));
    p.stepEnd(QStringLiteral("1.4.1"), StepStatus::Ok, QStringLiteral("Said at once."),
              modelEnd(10, 5));
    p.stepEnd(QStringLiteral("1.4"), StepStatus::Ok);
    p.begin(QStringLiteral("1.5"), StepKind::Model, QStringLiteral("chat extractive"));
    p.delta(QStringLiteral("1.5"), DeltaChannel::Reasoning, QStringLiteral("hm"));
    p.delta(QStringLiteral("1.5"), DeltaChannel::Text, QStringLiteral("partial answer that br"));
    Error cut(ErrorKind::Unreachable, QStringLiteral("The connection was cut."),
              QStringLiteral("curl 56"));
    cut.httpStatus = 200;
    cut.retryAfterMs = 1500;
    QVERIFY(p.entry(QStringLiteral("1.5"), QStringLiteral("chat"),
                    {{QStringLiteral("model"), QStringLiteral("c")}}, true,
                    {{QStringLiteral("error"),
                      QJsonObject{{QStringLiteral("message"), QStringLiteral("cut")}}}}));
    p.stepEnd(QStringLiteral("1.5"), StepStatus::Failed, QStringLiteral("partial answer that br"),
              {}, cut);
    // Left open: the end of the run ends it.
    p.begin(QStringLiteral("1.6"), StepKind::Tool, QStringLiteral("execute_tool slow"));
    p.ended(RunStatus::Failed, QStringLiteral("partial answer that br"), cut);
}
} // namespace

class TestRunRepository : public QObject
{
    Q_OBJECT
    Files m_files;

private Q_SLOTS:
    void forksKnowTheirParent()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        Player parent(*project, someRun(QStringLiteral("first")));
        Player child(*project, someRun(QStringLiteral("again")));
        const QJsonObject changes{{QStringLiteral("again"), true}};
        QVERIFY(await(project->runs().setFork(RunFork{child.run, parent.run, QStringLiteral("1.2"), changes})));
        project.reset();
        project = m_files.open(path);
        const auto fork = project->runs().forkOf(child.run);
        QVERIFY(fork && *fork);
        QCOMPARE((*fork)->parent, parent.run);
        QCOMPARE((*fork)->step, QStringLiteral("1.2"));
        QCOMPARE((*fork)->changes, changes);
        QVERIFY(!*project->runs().forkOf(parent.run));
        const auto forks = project->runs().forksFrom(parent.run);
        QVERIFY(forks);
        QCOMPARE(forks->size(), 1u);
        QCOMPARE(forks->front().run, child.run);
        QVERIFY(!await(project->runs().setFork(RunFork{RunId{999}, parent.run, QString(), {}})));
    }

    void loadsWhatWasLive_data()
    {
        QTest::addColumn<QString>("longText");
        QTest::newRow("small") << QStringLiteral("short");
        QTest::newRow("compressed") << QStringLiteral("ä long text, ").repeated(1000);
    }

    void loadsWhatWasLive()
    {
        QFETCH(const QString, longText);
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        RunInfo info = someRun(QStringLiteral("sort this"));
        info.inputJson.insert(QStringLiteral("variables"),
                              QJsonObject{{QStringLiteral("tone"), QStringLiteral("dry")}});
        Player p(*project, info);
        playEverything(p, longText);
        if (QTest::currentTestFailed())
            return;
        compareTraces(load(*project, p.run).trace, p.live);
        // The same after closing and opening, where nothing is in memory.
        project.reset();
        QVERIFY(!QFileInfo::exists(path + QStringLiteral("-wal")));
        project = m_files.open(path, Project::Mode::ReadOnly);
        const StoredRun stored = load(*project, p.run);
        compareTraces(stored.trace, p.live);
        compareEntries(stored.journal, p.written);
        QCOMPARE(stored.info.agentName, info.agentName);
        QCOMPARE(stored.info.revisionNumber, 3);
        QCOMPARE(stored.info.input, info.input);
        QCOMPARE(canonical(stored.info.inputJson), canonical(info.inputJson));
        QCOMPARE(canonical(stored.info.revisions), canonical(info.revisions));
        QCOMPARE(canonical(stored.info.snapshot), canonical(info.snapshot));
        QCOMPARE(stored.info.models, info.models);
        QCOMPARE(runStatusName(stored.info.status), QStringLiteral("failed"));
        QCOMPARE(stored.info.stepCount, int(p.live.steps().size()));
        QVERIFY(stored.info.usage == p.live.usage());
        QCOMPARE(stored.info.usage.inputTokens, 110);
        QVERIFY(stored.info.error == p.live.error());
        QCOMPARE(stored.info.endUs, p.live.endUs());
        QCOMPARE(stored.info.pid, int(QCoreApplication::applicationPid()));
        const auto entry = project->runs().entry(p.run, QStringLiteral("1.1"));
        QVERIFY(entry);
        QCOMPARE(entry->request, p.written.front().request);
        const auto none = project->runs().entry(p.run, QStringLiteral("9"));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
    }

    // Texts of good model and tool steps are not stored twice.
    void textsStandOnceInTheFile()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        Player p(*project, someRun(QStringLiteral("q")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Model, QStringLiteral("chat m"));
        p.delta(QStringLiteral("1"), DeltaChannel::Text, QStringLiteral("unmistakable-answer"));
        QVERIFY(p.entry(QStringLiteral("1"), QStringLiteral("chat"), {}, true,
                        chatOutcome(QStringLiteral("unmistakable-answer"))));
        p.stepEnd(QStringLiteral("1"), StepStatus::Ok, QStringLiteral("unmistakable-answer"));
        p.ended(RunStatus::Done, QStringLiteral("done"));
        QVERIFY(await(project->flush()));
        compareTraces(load(*project, p.run).trace, p.live);
        project.reset();
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count("unmistakable-answer"), 1);
    }

    void awaitedCreationsGiveDenseIdsThatNobodyElseGets()
    {
        const QString path = m_files.newFile();
        auto first = m_files.open(path);
        auto second = m_files.open(path);
        QSet<qint64> ids;
        for (int i = 0; i < 200; ++i) {
            for (Project *project : {first.get(), second.get()}) {
                const auto id = await(project->runs().create(someRun(QString::number(i))));
                QVERIFY(id);
                QVERIFY(!ids.contains(id->value));
                ids.insert(id->value);
                QVERIFY(await(project->runs().end(*id, RunStatus::Done, QString(), {}, Usage())));
            }
        }
        QCOMPARE(first->runs().count(), 400);
        QCOMPARE(second->runs().count(), 400);
        const qint64 newest = first->runs().newest().value;
        QVERIFY2(newest <= 600, qPrintable(QString::number(newest)));
        first.reset();
        second.reset();
        // A single run takes the next number; unused ones were given back by whoever closed last.
        auto third = m_files.open(path);
        const auto next = await(third->runs().create(someRun(QStringLiteral("x"))));
        QVERIFY(next);
        QVERIFY(next->value > newest);
        QVERIFY(next->value <= newest + 64);
        third.reset();
        auto fourth = m_files.open(path);
        const auto afterThat = await(fourth->runs().create(someRun(QStringLiteral("x"))));
        QVERIFY(afterThat);
        QCOMPARE(afterThat->value, next->value + 1);
    }

    void manyCreationsAtOnce()
    {
        auto project = m_files.open(m_files.newFile());
        std::vector<Task<Result<RunId>>> tasks;
        for (int i = 0; i < 300; ++i)
            tasks.push_back(project->runs().create(someRun(QString::number(i))));
        QSet<qint64> ids;
        for (auto &task : tasks) {
            const auto id = await(std::move(task));
            QVERIFY(id);
            ids.insert(id->value);
        }
        QCOMPARE(ids.size(), 300);
        QVERIFY(await(project->flush()));
        QCOMPARE(project->runs().count(), 300);
    }

    void signalsFollowTheCommit()
    {
        auto project = m_files.open(m_files.newFile());
        QSignalSpy added(&project->runs(), &RunRepository::added);
        QSignalSpy changed(&project->runs(), &RunRepository::changed);
        auto other = m_files.open(project->path(), Project::Mode::ReadOnly);
        connect(&project->runs(), &RunRepository::added, this,
                [&](RunId id) { QVERIFY(other->runs().run(id)); });
        connect(&project->runs(), &RunRepository::changed, this, [&](RunId id) {
            const auto seen = other->runs().run(id);
            QVERIFY(seen);
            QCOMPARE(runStatusName(seen->status), QStringLiteral("done"));
        });
        Player p(*project, someRun(QStringLiteral("q")));
        QCOMPARE(added.size(), 0);
        QVERIFY(project->runs().run(p.run)); // known at once in this program
        QVERIFY(await(project->runs().flush()));
        QCOMPARE(added.size(), 1);
        p.ended(RunStatus::Done, QStringLiteral("a"));
        QCOMPARE(changed.size(), 1);
        disconnect(&project->runs(), nullptr, this, nullptr);
    }

    void runUnderWayIsSeen()
    {
        auto project = m_files.open(m_files.newFile());
        Player p(*project, someRun(QStringLiteral("live")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("a"));
        p.begin(QStringLiteral("1.1"), StepKind::Human, QStringLiteral("approve"));
        p.note(QStringLiteral("1.1"), QStringLiteral("approval_requested"));
        const auto list = query(*project, RunQuery());
        QCOMPARE(list.size(), 1u);
        QCOMPARE(runStatusName(list[0].status), QStringLiteral("waiting"));
        QCOMPARE(list[0].stepCount, 2);
        // Containers are in the file when they begin, and so is that it waits, and for what.
        auto other = m_files.open(project->path());
        QVERIFY(await(project->flush()));
        const StoredRun seen = load(*other, p.run);
        QCOMPARE(runStatusName(seen.info.status), QStringLiteral("waiting"));
        QCOMPARE(seen.trace.steps().size(), 2u);
        QCOMPARE(stepStatusName(seen.trace.steps()[0].status), QStringLiteral("running"));
        QCOMPARE(stepStatusName(seen.trace.steps()[1].status), QStringLiteral("waiting"));
        p.stepEnd(QStringLiteral("1.1"), StepStatus::Ok);
        QCOMPARE(runStatusName(project->runs().run(p.run)->status), QStringLiteral("running"));
        p.ended(RunStatus::Done, QStringLiteral("done"));
        compareTraces(load(*other, p.run).trace, p.live);
    }

    void endWithoutEventAndEventAfterEnd()
    {
        auto project = m_files.open(m_files.newFile());
        Player p(*project, someRun(QStringLiteral("q")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("a"));
        Usage usage;
        usage.inputTokens = 5;
        QVERIFY(await(project->runs().end(p.run, RunStatus::Cancelled, QStringLiteral("so far"),
                                          Error::cancelled(), usage)));
        auto stored = load(*project, p.run);
        QCOMPARE(runStatusName(stored.info.status), QStringLiteral("cancelled"));
        QCOMPARE(stored.info.usage.inputTokens, 5);
        QCOMPARE(stepStatusName(stored.trace.steps()[0].status), QStringLiteral("cancelled"));
        RunEvent late;
        late.kind = RunEventKind::RunEnded;
        late.run = p.run;
        late.runStatus = RunStatus::Cancelled;
        late.timeUs = stored.info.endUs + 77;
        project->runs().record(late);
        QVERIFY(await(project->flush()));
        QCOMPARE(load(*project, p.run).info.endUs, late.timeUs);
        const auto again =
            await(project->runs().end(p.run, RunStatus::Done, QString(), {}, Usage()));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::InvalidInput);
    }

    void closingInterruptsWhatIsUnderWay()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        Player p(*project, someRun(QStringLiteral("q")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("a"));
        project.reset();
        project = m_files.open(path);
        const auto stored = load(*project, p.run);
        QCOMPARE(runStatusName(stored.info.status), QStringLiteral("interrupted"));
        QCOMPARE(stepStatusName(stored.trace.steps()[0].status), QStringLiteral("interrupted"));
    }

    void hugeTexts()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        QString text;
        text.reserve(10'000'000);
        for (int i = 0; text.size() < 10'000'000; ++i)
            text += QStringLiteral("Zeile %1 — 你好 🙂\n").arg(i);
        RunInfo info = someRun(text);
        Player p(*project, info);
        p.started({{QStringLiteral("input"), text}});
        p.begin(QStringLiteral("1"), StepKind::Model, QStringLiteral("chat m"));
        QVERIFY(p.entry(QStringLiteral("1"), QStringLiteral("chat"),
                        {{QStringLiteral("model"), text}}, true, chatOutcome(text)));
        p.stepEnd(QStringLiteral("1"), StepStatus::Ok, text,
                  {{QStringLiteral("gen_ai.tool.call.arguments"), text}});
        p.ended(RunStatus::Done, text);
        project.reset();
        QVERIFY2(QFileInfo(path).size() < 20'000'000,
                 qPrintable(QString::number(QFileInfo(path).size())));
        project = m_files.open(path);
        const auto list = query(*project, RunQuery());
        QCOMPARE(list.size(), 1u);
        QCOMPARE(list[0].input, text.left(500));
        QCOMPARE(list[0].output, text.left(500));
        QVERIFY(project->runs().run(p.run)->output == text);
        const StoredRun stored = load(*project, p.run);
        QVERIFY(stored.info.input == text);
        QCOMPARE(stored.info.inputJson.value(QStringLiteral("text")).toString().size(),
                 text.size());
        compareTraces(stored.trace, p.live);
        compareEntries(stored.journal, p.written);
        RunQuery search;
        search.filter = RunFilter::ofWords(QStringLiteral("zeile 17"));
        QCOMPARE(query(*project, search).size(), 1u);
    }

    void oddTexts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("empty") << QString();
        QTest::newRow("zero byte") << QStringLiteral("a") + QChar(0) + QStringLiteral("b");
        QTest::newRow("emoji at the cut") << QStringLiteral("x").repeated(499)
                                                 + QStringLiteral("🙂")
                                                 + QStringLiteral("y").repeated(3000);
        QTest::newRow("like a frame") << QStringLiteral("(\u00b5/\u00fd text");
        QTest::newRow("quotes") << QStringLiteral("'; DROP TABLE runs; -- \"%1\"");
    }

    void oddTexts()
    {
        QFETCH(const QString, text);
        auto project = m_files.open(m_files.newFile());
        Player p(*project, someRun(text));
        p.started({{QStringLiteral("input"), text}});
        p.begin(QStringLiteral("1"), StepKind::Control, text);
        p.delta(QStringLiteral("1"), DeltaChannel::Text, text);
        p.stepEnd(QStringLiteral("1"), StepStatus::Ok);
        p.ended(RunStatus::Done, text);
        const StoredRun stored = load(*project, p.run);
        compareTraces(stored.trace, p.live);
        QCOMPARE(stored.info.input, text);
        QCOMPARE(stored.info.output, text);
    }

    void sharedSnapshotIsStoredOnce()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        RunInfo info = someRun(QStringLiteral("x"));
        QByteArray noise;
        for (int i = 0; i < 2000; ++i)
            noise += QByteArray::number(QRandomGenerator::global()->generate(), 36);
        info.snapshot.insert(QStringLiteral("noise"), QString::fromLatin1(noise));
        for (int i = 0; i < 50; ++i)
            Player(*project, info).ended(RunStatus::Done, QString());
        QCOMPARE(canonical(load(*project, project->runs().newest()).info.snapshot),
                 canonical(info.snapshot));
        project.reset();
        QVERIFY2(QFileInfo(path).size() < 300'000,
                 qPrintable(QString::number(QFileInfo(path).size())));
    }

    void readOnlyProjectRecordsNothing()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path, Project::Mode::ReadOnly);
        const auto created = await(project->runs().create(someRun(QStringLiteral("x"))));
        QVERIFY(!created);
        QCOMPARE(created.error().kind, ErrorKind::ProjectFile);
        QVERIFY(created.error().message.contains(QStringLiteral("reading only")));
        QCOMPARE(*await(project->runs().markInterrupted()), 0);
        QVERIFY(await(project->flush()));
    }
};

QTEST_GUILESS_MAIN(TestRunRepository)
#include "tst_RunRepository.moc"
