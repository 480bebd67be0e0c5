// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/Session.h"

#include "core/trace/TraceCompare.h"
#include "tests/support/Await.h"
#include "tests/support/ProviderServers.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestSession : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_files = 0;

    std::unique_ptr<Session> openSample()
    {
        const QString path = m_folder.filePath(QStringLiteral("s%1.lathe").arg(++m_files));
        const auto made = await(Session::createProject(path, QStringLiteral("feedback-desk")));
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        auto session = Session::open(path, SessionOptions());
        if (!session)
            qFatal("%s", qPrintable(session.error().message));
        return std::move(*session);
    }
    static ArtifactId find(Session &session, ArtifactKind kind, const char *name)
    {
        return session.project().artifacts().find(kind, QString::fromUtf8(name)).value_or(ArtifactId());
    }
    static RunRequest request(const char *agent, const char *input)
    {
        RunRequest made;
        made.agent = QString::fromUtf8(agent);
        made.input.text = QString::fromUtf8(input);
        return made;
    }
    static RunResult run(Session &session, const RunRequest &wanted)
    {
        const auto id = await(session.startRun(wanted));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        return *await(session.finished(*id));
    }

private Q_SLOTS:
    void editingMakesADraftThatCanBeUndoneAndCommitted()
    {
        auto session = openSample();
        const ArtifactId id = find(*session, ArtifactKind::Agent, "triage");
        QVERIFY(id.isValid());
        const QJsonObject before = session->draft(id)->body;
        QVERIFY(!session->draft(id)->differs);
        QVERIFY(session->edit(id, QStringLiteral("/job"), QStringLiteral("Sort incoming feedback by area."), QStringLiteral("Change job")).ok());
        QVERIFY(session->edit(id, QStringLiteral("/limits/steps"), 7, QStringLiteral("Change limit")).ok());
        QVERIFY(session->draft(id)->differs);
        QVERIFY(session->canUndo(id));
        QVERIFY(session->undo(id).ok());
        QVERIFY(session->undo(id).ok());
        QCOMPARE(session->draft(id)->body, before);
        QVERIFY(!session->draft(id)->differs);
        QVERIFY(session->redo(id).ok());
        QVERIFY(session->redo(id).ok());
        const auto revision = await(session->commit(id, QStringLiteral("shorter")));
        QVERIFY(revision.ok());
        QCOMPARE(revision->number, 2);
        QCOMPARE(revision->note, QStringLiteral("shorter"));
        QVERIFY(!session->draft(id)->differs);
        const auto again = await(session->commit(id, QString()));
        QCOMPARE(again->number, 2); // nothing changed
        QVERIFY(await(session->project().artifacts().restore(id, 1)).ok());
        QCOMPARE(session->draft(id)->body, before);
    }

    // Undo after a commit goes back to what was committed, although the typing went on at once; also when the file was reopened.
    void aCommitPartsWhatIsTyped_data()
    {
        QTest::addColumn<bool>("reopened");
        QTest::newRow("at once") << false;
        QTest::newRow("reopened") << true;
    }
    void aCommitPartsWhatIsTyped()
    {
        QFETCH(bool, reopened);
        auto session = openSample();
        const QString path = session->project().path();
        const ArtifactId id = find(*session, ArtifactKind::Agent, "triage");
        const auto job = [&] { return session->draft(id)->body.value(QStringLiteral("job")).toString(); };
        const QString before = job();
        const auto type = [&](const char *text) {
            QVERIFY(session->edit(id, QStringLiteral("/job"), QString::fromLatin1(text), QStringLiteral("Change job")).ok());
        };
        type("Sort");
        type("Sort it");
        QCOMPARE(await(session->commit(id, QString()))->number, 2);
        if (reopened) {
            const auto closing = [](Session *s) -> Task<Result<void>> { co_await s->close(); co_return Result<void>(); };
            QVERIFY(await(closing(session.get())).ok());
            session.reset();
            session = std::move(*Session::open(path, SessionOptions()));
        }
        type("Sort it well");
        type("Sort it very well");
        QVERIFY(session->undo(id).ok());
        QCOMPARE(job(), QStringLiteral("Sort it"));
        QVERIFY(!session->draft(id)->differs);
        QVERIFY(session->undo(id).ok());
        QCOMPARE(job(), before);
    }

    void undoSurvivesReopening()
    {
        auto session = openSample();
        const QString path = session->project().path();
        const ArtifactId id = find(*session, ArtifactKind::Agent, "triage");
        const QJsonObject before = session->draft(id)->body;
        QVERIFY(session->edit(id, QStringLiteral("/job"), QStringLiteral("Another job for it."), QStringLiteral("Change job")).ok());
        const auto closing = [](Session *s) -> Task<Result<void>> { co_await s->close(); co_return Result<void>(); };
        QVERIFY(await(closing(session.get())).ok());
        session.reset();
        auto reopened = Session::open(path, SessionOptions());
        QVERIFY(reopened.ok());
        QCOMPARE((*reopened)->draft(id)->body.value(QStringLiteral("job")).toString(), QStringLiteral("Another job for it."));
        QVERIFY((*reopened)->undo(id).ok());
        QCOMPARE((*reopened)->draft(id)->body, before);
    }

    void runsAreRecordedRatedAndReplayed()
    {
        auto session = openSample();
        QSignalSpy started(session.get(), &Session::runStarted);
        QSignalSpy ended(session.get(), &Session::runEnded);
        std::vector<RunEvent> events;
        connect(session.get(), &Session::runEvents, this, [&](RunId, const std::vector<RunEvent> &batch) {
            events.insert(events.end(), batch.begin(), batch.end());
        });
        const RunResult result = run(*session, request("analyst", "How many messages are about Billing?"));
        QVERIFY2(result.status == RunStatus::Done, qPrintable(result.error ? result.error->message : QString()));
        QCOMPARE(started.count(), 1);
        QCOMPARE(ended.count(), 1);
        Trace live;
        for (const RunEvent &event : events)
            live.apply(event);
        QVERIFY(live.steps().size() >= 4);
        // What the file holds is what was shown.
        const auto stored = await(session->project().runs().load(result.run, CancelToken()));
        QVERIFY(stored.ok());
        QCOMPARE(firstDifference(live, stored->trace, true), QString());
        QCOMPARE(stored->info.revisions.value(QStringLiteral("agent")).toString(), QStringLiteral("analyst@1"));
        const auto report = await(session->replay(result.run, CancelToken()));
        QVERIFY(report.ok());
        QCOMPARE(report->firstDifference, QString());
        QVERIFY(report->same);
        Rating rating;
        rating.run = result.run;
        rating.kind = QStringLiteral("stars");
        rating.value = 5;
        rating.note = QStringLiteral("right number");
        QVERIFY(await(session->rate(rating)).ok());
        QCOMPARE(session->project().ratings().ratings(result.run).front().note, QStringLiteral("right number"));
        rating.value = 9;
        QVERIFY(!await(session->rate(rating)).ok());
        rating.run = RunId{4711};
        rating.value = 3;
        QVERIFY(!await(session->rate(rating)).ok());
    }

    // The file says of a run's begin and end what its events said, to the microsecond; also when a stopped one was resumed.
    void whatIsStoredIsWhatWasSeen()
    {
        auto session = openSample();
        std::vector<RunEvent> seen;
        RunRequest wanted = request("triage", "Exports time out since Monday.");
        wanted.sink = [&seen](const RunEvent &event) { seen.push_back(event); };
        const auto id = await(session->startRun(wanted));
        QVERIFY(id.ok());
        const Trace *live = session->liveTrace(*id);
        QVERIFY(live != nullptr);
        const auto ended = await(session->finished(*id));
        QVERIFY(ended.ok());
        QCOMPARE(ended->status, RunStatus::Done);
        QCOMPARE(seen.front().kind, RunEventKind::RunStarted);
        QCOMPARE(seen.back().kind, RunEventKind::RunEnded);
        const auto stored = await(session->project().runs().load(*id, CancelToken()));
        QVERIFY(stored.ok());
        for (const Trace *trace : {live, &stored->trace}) {
            QCOMPARE(trace->startAttributes(), seen.front().attributes);
            QCOMPARE(trace->startUs(), seen.front().timeUs);
            QCOMPARE(trace->endUs(), seen.back().timeUs);
            QCOMPARE(trace->output(), seen.back().text);
            QCOMPARE(trace->toEvents().back().attributes, seen.back().attributes);
        }
        QCOMPARE(stored->info.startUs, seen.front().timeUs);
        QCOMPARE(stored->info.endUs, seen.back().timeUs);
        QCOMPARE(ended->durationUs, seen.back().timeUs - seen.front().timeUs);
        QVERIFY(seen.front().attributes.contains(QStringLiteral("revisions")));
    }
    void aResumedRunKeepsItsBegin()
    {
        auto session = openSample();
        ProviderServer server(WireFormat::OpenAiChat);
        int wait = 200;
        server.setResponder([&wait](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("a b c d e f g h")).paced(wait); });
        qputenv("TEST_API_KEY", server.secret().toUtf8());
        QVERIFY(await(session->createArtifact(ArtifactKind::Connection, QStringLiteral("slow"), server.connectionSpec().toJson())).ok());
        RunRequest wanted = request("digest", "text");
        wanted.model = ModelChoice{QStringLiteral("slow"), QStringLiteral("test-model")};
        const auto id = await(session->startRun(wanted));
        QVERIFY(id.ok());
        session->stop(*id);
        wait = 0;
        const auto stopped = await(session->finished(*id));
        QVERIFY(stopped.ok());
        QCOMPARE(stopped->status, RunStatus::Cancelled);
        const auto first = await(session->project().runs().load(*id, CancelToken()));
        QVERIFY(first.ok());
        for (const Step &step : first->trace.steps())
            QVERIFY2(step.status == StepStatus::Cancelled || step.status == StepStatus::Ok, qPrintable(step.name));
        const auto resumed = await(session->resume(*id, UnfinishedPolicy::Ask, RunRequest()));
        QVERIFY(resumed.ok());
        QCOMPARE(await(session->finished(*id))->status, RunStatus::Done);
        const auto second = await(session->project().runs().load(*id, CancelToken()));
        QVERIFY(second.ok());
        QCOMPARE(second->info.startUs, first->info.startUs);
        QCOMPARE(second->trace.startAttributes(), first->trace.startAttributes());
        QVERIFY(second->info.endUs > first->info.endUs);
    }

    void aReplayIsIndependentOfLaterEdits()
    {
        auto session = openSample();
        const RunResult result = run(*session, request("triage", "Export fails with an error"));
        QCOMPARE(result.status, RunStatus::Done);
        const ArtifactId prompt = find(*session, ArtifactKind::Prompt, "triage-prompt");
        QVERIFY(session->edit(prompt, QStringLiteral("/text"), QStringLiteral("Something else."), QString()).ok());
        QVERIFY(await(session->commit(prompt, QString())).ok());
        QVERIFY(await(session->project().artifacts().moveToBin(find(*session, ArtifactKind::Agent, "triage"), true)).ok());
        const auto report = await(session->replay(result.run, CancelToken()));
        QVERIFY2(report.ok(), report ? "" : qPrintable(report.error().message));
        QVERIFY(report->same);
        QCOMPARE(report->output, result.output);
    }

    void aDraftRunsWithTheDraftsItRefersTo()
    {
        auto session = openSample();
        const ArtifactId prompt = find(*session, ArtifactKind::Prompt, "reply-prompt");
        const ArtifactId agent = find(*session, ArtifactKind::Agent, "reply");
        QVERIFY(prompt.isValid() && agent.isValid());
        // the sample may refer by label; a draft run follows plain references only
        QVERIFY(session->edit(agent, QStringLiteral("/prompt"), QStringLiteral("reply-prompt"), QString()).ok());
        QVERIFY(session->edit(prompt, QStringLiteral("/text"), QStringLiteral("Answer in one sentence."), QString()).ok());
        const RunResult draft = run(*session, request("reply@draft", "I cannot log in."));
        QCOMPARE(draft.status, RunStatus::Done);
        const auto info = session->project().runs().run(draft.run);
        QCOMPARE(info->revisions.value(QStringLiteral("prompt")).toString(), QStringLiteral("reply-prompt@draft"));
    }

    void wrongReferencesSayWhatThereIs()
    {
        auto session = openSample();
        const auto missing = await(session->startRun(request("nobody", "x")));
        QVERIFY(!missing);
        QVERIFY2(missing.error().message.contains(QStringLiteral("triage")), qPrintable(missing.error().message));
        const auto revision = await(session->startRun(request("triage@99", "x")));
        QVERIFY(!revision);
        QVERIFY2(revision.error().message.contains(QStringLiteral("99")), qPrintable(revision.error().message));
    }

    void stoppingTakesUnderATenthOfASecond()
    {
        auto session = openSample();
        ProviderServer server(WireFormat::Anthropic);
        server.setResponder([](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("a b c d e f g h")).paced(200); });
        qputenv("TEST_API_KEY", server.secret().toUtf8());
        QVERIFY(await(session->createArtifact(ArtifactKind::Connection, QStringLiteral("slow"), server.connectionSpec().toJson())).ok());
        RunRequest wanted = request("digest", "text");
        wanted.model = ModelChoice{QStringLiteral("slow"), QStringLiteral("test-model")};
        QString streamed;
        wanted.sink = [&](const RunEvent &event) {
            if (event.kind == RunEventKind::StepDelta)
                streamed += event.text;
        };
        const auto id = await(session->startRun(wanted));
        QVERIFY(id.ok());
        QTRY_VERIFY_WITH_TIMEOUT(!streamed.isEmpty(), 30'000);
        QElapsedTimer timer;
        timer.start();
        session->stop(*id);
        const auto result = await(session->finished(*id));
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(result->status, RunStatus::Cancelled);
        // What had streamed is kept.
        const auto trace = await(session->trace(*id, CancelToken()));
        QVERIFY(trace->steps().back().text.startsWith(QStringLiteral("a")));
    }

    void approvalsWaitForThePerson()
    {
        auto session = openSample();
        const ArtifactId agent = find(*session, ArtifactKind::Agent, "analyst");
        QJsonArray tools = session->draft(agent)->body.value(QStringLiteral("tools")).toArray();
        for (qsizetype i = 0; i < tools.size(); ++i) {
            QJsonObject tool = tools[i].toObject();
            tool.insert(QStringLiteral("approval"), QStringLiteral("ask"));
            tools[i] = tool;
        }
        QVERIFY(session->edit(agent, QStringLiteral("/tools"), tools, QString()).ok());
        RunRequest wanted = request("analyst@draft", "How many messages are about Search?");
        wanted.attended = true;
        const auto id = await(session->startRun(wanted));
        QVERIFY(id.ok());
        QTRY_COMPARE_WITH_TIMEOUT(session->questions().size(), size_t(1), 30'000);
        const PendingQuestion question = session->questions().front();
        QCOMPARE(question.question.type, HumanQuestion::Type::Approval);
        HumanAnswer yes;
        yes.approved = true;
        session->answer(question.run, question.question.step, yes);
        QTRY_VERIFY_WITH_TIMEOUT(session->running().empty() || !session->questions().empty(), 30'000);
        while (!session->questions().empty()) {
            session->answer(*id, session->questions().front().question.step, yes);
            QTest::qWait(1);
        }
        const auto result = await(session->finished(*id));
        QVERIFY2(result->status == RunStatus::Done, qPrintable(result->error ? result->error->message : QString()));
        QVERIFY(await(session->replay(*id, CancelToken()))->same);
        // Nobody attending: the call is refused, and the agent goes on without it.
        wanted.attended = false;
        const RunResult alone = run(*session, wanted);
        QVERIFY(alone.status == RunStatus::Done);
        const auto trace = await(session->trace(alone.run, CancelToken()));
        bool denied = false;
        for (const Step &step : trace->steps()) {
            for (const StepNote &note : step.notes)
                denied = denied || note.name == QLatin1String("denied");
        }
        QVERIFY(denied);
    }

    void triesATool()
    {
        auto session = openSample();
        const auto body = session->draft(find(*session, ArtifactKind::Tool, "feedback_sql"))->body;
        const auto good = await(session->tryTool(QStringLiteral("feedback_sql"), body,
                                                 QStringLiteral("{\"sql\":\"SELECT count(*) FROM feedback\"}"), CancelToken()));
        QVERIFY(good.ok());
        QVERIFY2(!good->outcome.isError && good->outcome.text.contains(QStringLiteral("300")), qPrintable(good->outcome.text));
        const auto bad = await(session->tryTool(QStringLiteral("feedback_sql"), body, QStringLiteral("{\"nope\":1}"), CancelToken()));
        QVERIFY(bad.ok() && bad->outcome.isError);
        const auto described = session->describeTool(QStringLiteral("feedback_sql"), body);
        QVERIFY(described.ok() && described->description.contains(QStringLiteral("feedback")));
    }

    void fallsBackToAnotherProvider()
    {
        auto session = openSample();
        ProviderServer first(WireFormat::OpenAiResponses), second(WireFormat::Gemini);
        first.setResponder([](const SeenChat &) { return ScriptedAnswer::serverError(503); });
        second.setResponder([](const SeenChat &) { return ScriptedAnswer::say(QStringLiteral("from the second")); });
        qputenv("TEST_API_KEY", first.secret().toUtf8());
        QVERIFY(await(session->createArtifact(ArtifactKind::Connection, QStringLiteral("one"), first.connectionSpec().toJson())).ok());
        QVERIFY(await(session->createArtifact(ArtifactKind::Connection, QStringLiteral("two"), second.connectionSpec().toJson())).ok());
        const ArtifactId agent = find(*session, ArtifactKind::Agent, "digest");
        QVERIFY(session->edit(agent, QStringLiteral("/pattern"), QStringLiteral("direct"), QString()).ok());
        QVERIFY(session->edit(agent, QStringLiteral("/model"), QJsonObject{{QStringLiteral("connection"), QStringLiteral("one")}, {QStringLiteral("model"), QStringLiteral("test-model")}}, QString()).ok());
        QVERIFY(session->edit(agent, QStringLiteral("/fallback_models"),
                              QJsonArray{QJsonObject{{QStringLiteral("connection"), QStringLiteral("two")}, {QStringLiteral("model"), QStringLiteral("test-model")}}}, QString()).ok());
        const RunResult result = run(*session, request("digest@draft", "text"));
        QVERIFY2(result.status == RunStatus::Done, qPrintable(result.error ? result.error->message : QString()));
        QCOMPARE(result.output, QStringLiteral("from the second"));
        const auto trace = await(session->trace(result.run, CancelToken()));
        QStringList notes;
        for (const StepNote &note : trace->steps().back().notes)
            notes.append(note.name);
        QVERIFY2(notes.contains(QStringLiteral("retry")) && notes.contains(QStringLiteral("fallback")), qPrintable(notes.join(QLatin1Char(' '))));
        QVERIFY(await(session->replay(result.run, CancelToken()))->same);
    }
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_Session.moc"
