// SPDX-License-Identifier: GPL-3.0-or-later
// Forks, their tree, replays with proof, pinned runs as tests and requests as sent, in a project file.
#include "core/session/ForkOptions.h"
#include "core/session/RequestDiff.h"
#include "core/session/RunLineage.h"
#include "core/session/RunTests.h"
#include "core/session/Session.h"
#include "core/session/WireRequest.h"
#include "tests/support/Await.h"

#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QXmlStreamReader>

using namespace lathe;
using namespace lathe::test;

namespace {
// Everything the file holds of a run.
QByteArray bytesOf(Session &session, RunId run)
{
    const auto stored = await(session.project().runs().load(run, CancelToken()));
    if (!stored)
        qFatal("%s", qPrintable(stored.error().message));
    const RunInfo &info = stored->info;
    QByteArray bytes = runStatusName(info.status).toUtf8() + info.input.toUtf8() + info.output.toUtf8() + QByteArray::number(info.startUs) + ' '
                       + QByteArray::number(info.endUs) + json::compact(info.snapshot) + json::compact(info.revisions)
                       + json::compact(info.inputJson) + json::compact(info.usage.toJson());
    for (const StoredEntry &entry : stored->journal) {
        bytes += '\n' + entry.step.toUtf8() + entry.kind.toUtf8() + entry.requestHash + entry.request + (entry.done ? "done" : "begun")
                 + json::compact(entry.outcome) + QByteArray::number(entry.startedUs) + ' ' + QByteArray::number(entry.endedUs);
    }
    for (const RunEvent &event : stored->trace.toEvents())
        bytes += '\n' + json::compact(event.toJson());
    return bytes;
}

std::vector<ForkChanges> changesAt(const ForkOptions &options)
{
    std::vector<ForkChanges> list;
    list.emplace_back().again = true;
    if (options.canEditCalls) {
        list.emplace_back().instructions = options.instructions + QStringLiteral("\nWrite in one sentence.");
        ForkChanges &other = list.emplace_back();
        other.model = ModelChoice{QStringLiteral("second"), QStringLiteral("extractive")};
        other.parameters = QJsonObject{{QStringLiteral("temperature"), 0.1}, {QStringLiteral("seed"), 3}};
        other.scope = ForkScope::Run;
        list.emplace_back().prompt = QJsonObject{{QStringLiteral("text"), QStringLiteral("Answer the question.")}};
    }
    if (options.canEditMessages) {
        ForkChanges &edited = list.emplace_back();
        edited.messages = options.messages;
        edited.messages->back().parts.push_back(MessagePart::fromText(QStringLiteral(" Only for Billing.")));
    }
    if (options.canEditAnswer)
        list.emplace_back().answer = Message(Role::Assistant, QStringLiteral("I would rather not say."));
    if (options.canEditArguments)
        list.emplace_back().argumentsText = QStringLiteral("{\"query\":\"SELECT 1 AS one\"}");
    if (options.canEditResult)
        list.emplace_back().result = QStringLiteral("one\n42");
    if (options.canEditHumanAnswer)
        list.emplace_back().humanAnswer = HumanAnswer().toJson();
    return list;
}
}

class TestTimeTravel : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::unique_ptr<Session> m_session;

    static RunRequest request(const QString &agent, const QString &input)
    {
        RunRequest made;
        made.agent = agent;
        made.input.text = input;
        made.unpaced = true;
        return made;
    }
    RunResult run(const QString &agent, const QString &input)
    {
        const auto id = await(m_session->startRun(request(agent, input)));
        if (!id)
            qFatal("%s", qPrintable(id.error().message));
        return *await(m_session->finished(*id));
    }
    Result<RunResult> fork(RunId run, const QString &step, const ForkChanges &changes)
    {
        ForkRequest wanted;
        wanted.run = run;
        wanted.step = step;
        wanted.changes = changes;
        const auto id = await(m_session->fork(wanted));
        if (!id)
            return id.error();
        return await(m_session->finished(*id));
    }
    ArtifactId create(ArtifactKind kind, const char *name, const char *body)
    {
        const auto made = await(m_session->createArtifact(kind, QString::fromUtf8(name), *json::parseObject(body)));
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        if (!await(m_session->commit(*made, QStringLiteral("test"))))
            qFatal("not committed");
        return *made;
    }
    QString firstStep(RunId run, StepKind kind)
    {
        const auto trace = await(m_session->trace(run, CancelToken()));
        for (const Step &step : trace->steps()) {
            if (step.kind == kind)
                return step.path;
        }
        return {};
    }
    // Writes the run once more, as another one.
    RunId copyOf(const StoredRun &run)
    {
        RunRepository &runs = m_session->project().runs();
        RunInfo info = run.info;
        info.id = RunId();
        info.status = RunStatus::Running;
        const auto id = await(runs.create(info));
        bool ok = id.ok();
        for (const StoredEntry &entry : run.journal)
            ok = ok && await(runs.writeEntry(*id, entry)).ok();
        for (RunEvent event : run.trace.toEvents()) {
            event.run = *id;
            runs.record(event);
        }
        if (!ok || !await(runs.end(*id, run.info.status, run.info.output, run.info.error, run.info.usage)))
            qFatal("not copied");
        return *id;
    }
    void everyFork(RunId parent, size_t most);

private Q_SLOTS:
    void initTestCase()
    {
        const QString path = m_folder.filePath(QStringLiteral("t.lathe"));
        QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))).ok());
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        m_session = std::move(*session);
        create(ArtifactKind::Connection, "second", "{\"api\":\"offline\"}");
    }
    void cleanupTestCase() { m_session.reset(); }

    void anAgentForksEverywhere()
    {
        const RunResult first = run(QStringLiteral("analyst"), QStringLiteral("How many messages are about Billing?"));
        QCOMPARE(first.status, RunStatus::Done);
        everyFork(first.run, 1000);
    }
    void aTeamForksEverywhere()
    {
        const RunResult first = run(QStringLiteral("router"), QStringLiteral("I was charged twice for May."));
        if (first.status != RunStatus::Done)
            qFatal("%s", qPrintable(first.error ? first.error->message : QString()));
        everyFork(first.run, 40);
    }

    // A fork of a fork keeps what the first one changed before its step, and drops what it changed behind it.
    void forksOfForks()
    {
        const RunResult first = run(QStringLiteral("analyst"), QStringLiteral("How many messages are about Exports?"));
        const QString chat = firstStep(first.run, StepKind::Model);
        const QString tool = firstStep(first.run, StepKind::Tool);
        ForkChanges cooler;
        cooler.parameters = QJsonObject{{QStringLiteral("temperature"), 0.25}};
        const auto second = fork(first.run, chat, cooler);
        QVERIFY2(second, second ? "" : qPrintable(second.error().message));
        ForkChanges other;
        other.result = QStringLiteral("count\n4711");
        const auto third = fork(second->run, tool, other);
        QVERIFY2(third, third ? "" : qPrintable(third.error().message));
        const auto lastTrace = await(m_session->trace(third->run, CancelToken()));
        int chats = 0;
        for (const Step &step : lastTrace->steps()) {
            if (step.kind != StepKind::Model)
                continue;
            ++chats;
            QCOMPARE(step.attributes.value(QStringLiteral("gen_ai.request.temperature")).toDouble(), 0.25);
        }
        QVERIFY(chats >= 2);
        QVERIFY2(third->output.contains(QLatin1String("4711")), qPrintable(third->output));
        ForkChanges again;
        again.again = true;
        const auto fourth = fork(third->run, chat, again);
        QVERIFY2(fourth, fourth ? "" : qPrintable(fourth.error().message));
        for (const RunId id : {second->run, third->run, fourth->run}) {
            const auto replay = await(m_session->replay(id, CancelToken()));
            QVERIFY2(replay && replay->same, replay ? qPrintable(replay->firstDifference) : qPrintable(replay.error().message));
        }
        const auto lineage = await(m_session->lineage(third->run, CancelToken()));
        QVERIFY(lineage.ok());
        QCOMPARE(lineage->asked, third->run);
        QCOMPARE(int(lineage->nodes.size()), 4);
        QStringList told;
        for (const RunLineage::Node &node : lineage->nodes)
            told.append(QStringLiteral("%1 %2 %3").arg(node.depth).arg(node.step, node.change));
        QCOMPARE(told, QStringList({QStringLiteral("0  "), QStringLiteral("1 %1 Temperature 0.25.").arg(chat),
                                    QStringLiteral("2 %1 Another result of the tool.").arg(tool), QStringLiteral("3 %1 Again.").arg(chat)}));
        QVERIFY(lineage->nodes[1].stepName.startsWith(QLatin1String("chat ")));
        QCOMPARE(lineage->indexOf(fourth->run), 3);
        QVERIFY(!await(m_session->lineage(RunId{99'999}, CancelToken())));
    }

    // What was overwritten in the file behind Lathe's back is found, to the field.
    void aReplayProvesItself()
    {
        const RunResult first = run(QStringLiteral("analyst"), QStringLiteral("How many messages are about Login?"));
        auto report = await(m_session->replay(first.run, CancelToken()));
        QVERIFY(report.ok() && report->same);
        QVERIFY(report->proof.events > 8);
        QCOMPARE(report->proof.recordedHash.size(), 64);
        QCOMPARE(report->proof.recordedHash, report->proof.replayedHash);
        const auto stored = await(m_session->project().runs().load(first.run, CancelToken()));
        const QString tool = firstStep(first.run, StepKind::Tool);
        const auto at = std::find_if(stored->journal.begin(), stored->journal.end(), [&](const StoredEntry &e) { return e.step == tool; });
        QVERIFY(at != stored->journal.end());
        StoredRun forged = *stored;
        StoredEntry &entry = forged.journal[size_t(at - stored->journal.begin())];
        QJsonObject outcome = entry.outcome.value(QStringLiteral("outcome")).toObject();
        outcome.insert(QStringLiteral("text"), QStringLiteral("forged"));
        entry.outcome.insert(QStringLiteral("outcome"), outcome);
        const RunId copy = copyOf(forged);
        report = await(m_session->replay(copy, CancelToken()));
        QVERIFY(report.ok());
        QVERIFY(!report->same);
        // Either the text itself is kept with the step, or the model is asked about another one next.
        QVERIFY2(report->proof.first.has_value(), qPrintable(report->firstDifference));
        QVERIFY2(report->proof.first->recorded != report->proof.first->replayed, qPrintable(report->firstDifference));
        QVERIFY2(report->firstDifference.startsWith(QLatin1String("Event ")), qPrintable(report->firstDifference));
        QVERIFY2(report->firstDifference.contains(QLatin1String("forged")), qPrintable(report->firstDifference));
        QVERIFY(report->proof.recordedHash != report->proof.replayedHash);
    }

    void whatCannotBeReplayedSaysWhy()
    {
        RunInfo foreign;
        foreign.agentName = QStringLiteral("elsewhere");
        foreign.source = QStringLiteral("otlp");
        foreign.startUs = m_session->clock().nowUs();
        const auto id = await(m_session->project().runs().create(foreign));
        QVERIFY(id.ok());
        QVERIFY(await(m_session->project().runs().end(*id, RunStatus::Done, QStringLiteral("x"), std::nullopt, Usage())).ok());
        const auto replay = await(m_session->replay(*id, CancelToken()));
        QVERIFY(!replay.ok());
        QVERIFY2(replay.error().message.contains(QLatin1String("recorded by another program (otlp)")), qPrintable(replay.error().message));
        const auto options = await(m_session->forkOptions(*id, QStringLiteral("1"), CancelToken()));
        QVERIFY(options.ok() && !options->forkable && options->whyNot.contains(QLatin1String("otlp")));
        QVERIFY(!await(m_session->pin(*id, RunExpectation())).ok());
        RunInfo bare;
        bare.agentName = QStringLiteral("bare");
        bare.startUs = foreign.startUs;
        const auto other = await(m_session->project().runs().create(bare));
        QVERIFY(await(m_session->project().runs().end(*other, RunStatus::Done, QString(), std::nullopt, Usage())).ok());
        const auto none = await(m_session->replay(*other, CancelToken()));
        QVERIFY(!none.ok() && none.error().message.contains(QLatin1String("no snapshot")));
        // Nothing is not "the same".
        RunInfo stopped = *m_session->project().runs().run(run(QStringLiteral("triage"), QStringLiteral("The app crashes.")).run);
        stopped.id = RunId();
        const auto early = await(m_session->project().runs().create(stopped));
        QVERIFY(await(m_session->project().runs().end(*early, RunStatus::Cancelled, QString(), std::nullopt, Usage())).ok());
        const auto empty = await(m_session->replay(*early, CancelToken()));
        QVERIFY(!empty.ok());
        QVERIFY2(empty.error().message.contains(QLatin1String("nothing to replay")), qPrintable(empty.error().message));
    }

    void wrongForksAreRefused()
    {
        const RunResult first = run(QStringLiteral("analyst"), QStringLiteral("How many messages are there?"));
        const QString chat = firstStep(first.run, StepKind::Model);
        const QString tool = firstStep(first.run, StepKind::Tool);
        const int before = m_session->project().runs().count();
        ForkChanges answer, result, model, prompt;
        answer.answer = Message(Role::Assistant, QStringLiteral("x"));
        result.result = QStringLiteral("x");
        model.model = ModelChoice{QStringLiteral("nowhere"), QStringLiteral("m")};
        prompt.prompt = QJsonObject{{QStringLiteral("text"), QStringLiteral("{{> no-such-prompt}}")}};
        const std::vector<std::tuple<QString, ForkChanges, const char *>> rows{{tool, answer, "no model call"}, {chat, result, "no tool call"},
                                                                                {chat, model, "nowhere"}, {chat, prompt, "no-such-prompt"},
                                                                                {QStringLiteral("9.9"), answer, "no step"}};
        for (const auto &[step, changes, says] : rows) {
            const auto forked = fork(first.run, step, changes);
            QVERIFY(!forked.ok());
            QVERIFY2(forked.error().message.contains(QLatin1String(says)), qPrintable(forked.error().message));
        }
        QCOMPARE(m_session->project().runs().count(), before);
    }

    void pinnedRunsAreTests()
    {
        const ArtifactId prompt = create(ArtifactKind::Prompt, "tested-prompt", "{\"text\":\"You sort feedback. Name the product area.\"}");
        create(ArtifactKind::Agent, "tested", "{\"job\":\"Sort.\",\"prompt\":\"tested-prompt\",\"pattern\":\"direct\",\"model\":{\"connection\":\"offline\",\"model\":\"extractive\"}}");
        const RunResult first = run(QStringLiteral("tested"), QStringLiteral("The app crashes at login."));
        const RunResult second = run(QStringLiteral("tested"), QStringLiteral("I was billed twice."));
        QCOMPARE(first.status, RunStatus::Done);
        QVERIFY(await(m_session->runTests(TestOptions(), CancelToken()))->empty());
        RunExpectation plain, contains;
        plain.note = QStringLiteral("login");
        CheckSpec check;
        check.type = QStringLiteral("contains");
        check.value = QStringLiteral("no such text in the answer");
        contains.checks.push_back(check);
        contains.note = QStringLiteral("two\nlines");
        QVERIFY(await(m_session->pin(first.run, plain)).ok());
        QVERIFY(await(m_session->pin(second.run, contains)).ok());
        QCOMPARE(m_session->expectation(second.run)->note, contains.note);
        QCOMPARE(m_session->expectation(second.run)->checks.front().value, check.value);
        CheckSpec judged;
        judged.type = QStringLiteral("llm-rubric");
        judged.value = QStringLiteral("is nice");
        RunExpectation unusable;
        unusable.checks.push_back(judged);
        QVERIFY(!await(m_session->pin(first.run, unusable)).ok());

        auto results = await(m_session->runTests(TestOptions(), CancelToken()));
        QVERIFY(results.ok());
        QCOMPARE(int(results->size()), 2);
        QCOMPARE(results->at(0).run, first.run);
        QVERIFY2(results->at(0).passed(), qPrintable(results->at(0).message));
        QVERIFY(results->at(0).proof.same() && results->at(0).proof.events > 3);
        QCOMPARE(results->at(0).note, plain.note);
        QCOMPARE(results->at(1).outcome, TestResult::Outcome::Differs);
        QCOMPARE(int(results->at(1).failedChecks.size()), 1);
        QVERIFY(await(m_session->unpin(second.run)).ok());

        // An edit of the prompt is caught as a draft already, and when it is committed; the recorded design stays what it was.
        TestOptions now, draft;
        now.against = draft.against = TestOptions::Against::Current;
        draft.label = QStringLiteral("draft");
        QVERIFY2(await(m_session->runTests(now, CancelToken()))->front().passed(), "unchanged");
        QVERIFY(m_session->edit(prompt, QStringLiteral("/text"), QStringLiteral("You sort complaints. Name the product area."), QStringLiteral("Edit")).ok());
        QVERIFY(await(m_session->runTests(now, CancelToken()))->front().passed());
        results = await(m_session->runTests(draft, CancelToken()));
        QCOMPARE(results->front().outcome, TestResult::Outcome::Diverged);
        QCOMPARE(results->front().diffOf, QStringLiteral("system message"));
        QVERIFY2(diffText(results->front().diff).contains(QLatin1String("[-feedback-]{+complaints+}")), qPrintable(diffText(results->front().diff)));
        QVERIFY(!results->front().step.isEmpty());
        QVERIFY(await(m_session->commit(prompt, QString())).ok());
        QCOMPARE(await(m_session->runTests(now, CancelToken()))->front().outcome, TestResult::Outcome::Diverged);
        QVERIFY(await(m_session->runTests(TestOptions(), CancelToken()))->front().passed());
        now.label = QStringLiteral("no-such-label");
        results = await(m_session->runTests(now, CancelToken()));
        QCOMPARE(results->front().outcome, TestResult::Outcome::NotRun);

        QXmlStreamReader xml(junitXml(*results, QStringLiteral("a\x01 & b")));
        int cases = 0, errors = 0;
        while (!xml.atEnd()) {
            xml.readNext();
            cases += xml.isStartElement() && xml.name() == QLatin1String("testcase");
            errors += xml.isStartElement() && xml.name() == QLatin1String("error");
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QCOMPARE(cases, 1);
        QCOMPARE(errors, 1);
    }

    // The session goes while something is under way: it ends with an error and touches nothing of it.
    // At any moment: at once, a little later, later still... until it ends by itself.
    void theSessionGoes_data()
    {
        QTest::addColumn<QString>("what");
        for (const char *what : {"lineage", "replay", "fork", "resume", "tests", "wire", "options"})
            QTest::newRow(what) << QString::fromLatin1(what);
    }
    void theSessionGoes()
    {
        QFETCH(QString, what);
        const QString path = m_folder.filePath(what + QStringLiteral(".lathe"));
        QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))).ok());
        auto session = std::move(*Session::open(path, SessionOptions()));
        std::vector<RunId> runs;
        for (int i = 0; i < 3; ++i) {
            const auto id = await(session->startRun(request(QStringLiteral("triage"), QStringLiteral("Run %1").arg(i))));
            QVERIFY(id.ok());
            QVERIFY(await(session->finished(*id)).ok());
            runs.push_back(*id);
        }
        const auto trace = await(session->trace(runs[0], CancelToken()));
        const QString step = trace->steps().back().path;
        for (size_t i = 1; i < runs.size(); ++i) {
            RunFork fork;
            fork.run = runs[i];
            fork.parent = runs[0];
            fork.step = step;
            fork.changes = QJsonObject{{QStringLiteral("again"), true}};
            QVERIFY(await(session->project().runs().setFork(fork)));
        }
        TestOptions tests;
        tests.runs = runs;
        ForkRequest fork;
        fork.run = runs[1];
        fork.step = step;
        fork.again = true;
        bool byItself = false;
        for (int moments = 0; !byItself; ++moments) {
            QVERIFY2(moments < 10'000, "it does not end");
            if (!session)
                session = std::move(*Session::open(path, SessionOptions()));
            std::optional<bool> ended; // well
            const auto keep = [&ended](auto task) -> Task<> {
                const auto result = co_await task;
                ended = result.ok();
            };
            Task<> waiting = what == QStringLiteral("lineage")  ? keep(session->lineage(runs[2], CancelToken()))
                             : what == QStringLiteral("fork")   ? keep(session->fork(fork))
                             : what == QStringLiteral("tests")  ? keep(session->runTests(tests, CancelToken()))
                             : what == QStringLiteral("replay") ? keep(session->replay(runs[1], CancelToken()))
                             : what == QStringLiteral("resume") ? keep(session->resume(runs[1], UnfinishedPolicy::Ask, RunRequest()))
                             : what == QStringLiteral("wire")   ? keep(session->wireRequest(runs[0], step, CancelToken()))
                                                                : keep(session->forkOptions(runs[0], step, CancelToken()));
            for (int i = 0; i < moments && !ended; ++i) {
                QThread::usleep(50);
                QCoreApplication::processEvents();
            }
            byItself = ended.has_value();
            session.reset();
            QVERIFY(ended.has_value());
            QVERIFY2(byItself || !*ended, qPrintable(QStringLiteral("it went on without a session, which went after %1 moments").arg(moments)));
        }
    }

    void aRequestAsItIsSent()
    {
        create(ArtifactKind::Connection, "far", "{\"api\":\"openai_chat\",\"base_url\":\"http://127.0.0.1:9/v1\",\"secret\":\"LATHE_TEST_KEY\",\"headers\":{\"Ocp-Apim-Subscription-Key\":\"written-by-hand\",\"X-Team\":\"red\"},\"retry\":{\"attempts\":1}}");
        create(ArtifactKind::Agent, "caller", "{\"job\":\"Say hello.\",\"pattern\":\"direct\",\"temperature\":0.5,\"top_p\":0.9,\"seed\":11,\"model\":{\"connection\":\"far\",\"model\":\"gpt-x\"}}");
        qputenv("LATHE_TEST_KEY", "sk-very-secret");
        const RunResult failed = run(QStringLiteral("caller"), QStringLiteral("Hello?"));
        QCOMPARE(failed.status, RunStatus::Failed);
        const QString chat = firstStep(failed.run, StepKind::Model);
        const auto wire = await(m_session->wireRequest(failed.run, chat, CancelToken()));
        QVERIFY2(wire, wire ? "" : qPrintable(wire.error().message));
        QCOMPARE(wire->api, QStringLiteral("openai_chat"));
        QCOMPARE(wire->url, QStringLiteral("http://127.0.0.1:9/v1/chat/completions"));
        QCOMPARE(wire->method, QByteArray("POST"));
        QCOMPARE(headerValue(wire->headers, "Authorization"), QByteArray("Bearer $LATHE_TEST_KEY"));
        QCOMPARE(headerValue(wire->headers, "Ocp-Apim-Subscription-Key"), QByteArray("[secret]")); // no session knows it as one
        QCOMPARE(headerValue(wire->headers, "X-Team"), QByteArray("red"));
        const QJsonObject body = *json::parseObject(wire->body);
        QCOMPARE(body.value(QStringLiteral("model")).toString(), QStringLiteral("gpt-x"));
        QCOMPARE(body.value(QStringLiteral("temperature")).toDouble(), 0.5);
        QCOMPARE(body.value(QStringLiteral("top_p")).toDouble(), 0.9); // the journalled request says so
        QCOMPARE(body.value(QStringLiteral("seed")).toInt(), 11);
        QCOMPARE(body.value(QStringLiteral("messages")).toArray().last().toObject().value(QStringLiteral("content")).toString(), QStringLiteral("Hello?"));
        QVERIFY(!wire->body.contains("sk-very-secret"));
        QVERIFY(!await(m_session->wireRequest(failed.run, QStringLiteral("1"), CancelToken())).ok());
        const auto replay = await(m_session->replay(failed.run, CancelToken()));
        QVERIFY2(replay && replay->same, replay ? qPrintable(replay->firstDifference) : qPrintable(replay.error().message));
        // The recorded request reads back to the same canonical text.
        const auto entry = m_session->project().runs().entry(failed.run, chat);
        const auto again = chatRequestFromJson(*json::parseObject(entry->request));
        QVERIFY(again.ok());
        QCOMPARE(again->toCanonicalText(), entry->request);
    }

    // A journal from before requests named top_p and seed replays: its snapshot has no mark, and the request stays as it was.
    void oldJournalsWithSamplingReplay()
    {
        create(ArtifactKind::Agent, "plain", "{\"job\":\"Say hello.\",\"pattern\":\"direct\",\"model\":{\"connection\":\"offline\",\"model\":\"extractive\"}}");
        const RunResult first = run(QStringLiteral("plain"), QStringLiteral("Hello there, who is it?"));
        const auto stored = await(m_session->project().runs().load(first.run, CancelToken()));
        StoredRun old = *stored;
        RunInfo &info = old.info;
        QJsonObject agent = info.snapshot.value(QStringLiteral("agent")).toObject();
        QJsonObject body = agent.value(QStringLiteral("body")).toObject();
        body.insert(QStringLiteral("top_p"), 0.5);
        agent.insert(QStringLiteral("body"), body);
        info.snapshot.insert(QStringLiteral("agent"), agent);
        for (const bool marked : {false, true}) {
            if (marked)
                info.snapshot.insert(QStringLiteral("sampling"), QStringLiteral("request"));
            const auto replay = await(m_session->replay(copyOf(old), CancelToken()));
            QVERIFY(replay.ok());
            QCOMPARE(replay->same, !marked);
            if (marked)
                QVERIFY2(replay->proof.first->field.contains(QLatin1String("top_p")), qPrintable(replay->firstDifference));
            else
                QCOMPARE(replay->firstDifference, QString());
        }
    }

    void requestsAreComparedPartByPart_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QString>("where");
        const auto row = [](const char *name, const char *a, const char *b, const char *where) { QTest::newRow(name) << QByteArray(a) << QByteArray(b) << QString::fromLatin1(where); };
        row("system", "{\"messages\":[{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"content\":\"a\"}]}],\"model\":\"m\"}",
            "{\"messages\":[{\"role\":\"system\",\"parts\":[{\"type\":\"text\",\"content\":\"b\"}]}],\"model\":\"n\"}", "system message");
        row("one more", "{\"messages\":[]}", "{\"messages\":[{\"role\":\"user\",\"parts\":[]}]}", "message 1 (user)");
        row("tool", "{\"messages\":[],\"tools\":[{\"name\":\"x\",\"description\":\"a\"}]}", "{\"messages\":[],\"tools\":[{\"name\":\"x\",\"description\":\"b\"}]}", "tool x");
        row("parameter", "{\"messages\":[],\"temperature\":1}", "{\"messages\":[],\"temperature\":0.5}", "temperature");
        row("gone", "{\"messages\":[],\"seed\":1}", "{\"messages\":[]}", "seed");
        row("arguments", "{\"arguments\":{\"a\":1},\"tool\":\"t\"}", "{\"arguments\":{\"a\":2},\"tool\":\"t\"}", "arguments");
        row("nothing", "", "{\"messages\":[]}", "nothing recorded");
        row("no JSON", "x", "y", "");
    }
    void requestsAreComparedPartByPart()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QFETCH(QString, where);
        QCOMPARE(requestDiff(before, after).where, where);
    }
};

// At every step with every change: the parent stays as it is, byte for byte, and the fork replays with proof.
void TestTimeTravel::everyFork(RunId parent, size_t most)
{
    const QByteArray before = bytesOf(*m_session, parent);
    const auto trace = await(m_session->trace(parent, CancelToken()));
    size_t forks = 0, edits = 0;
    for (const Step &step : trace->steps()) {
        const auto options = await(m_session->forkOptions(parent, step.path, CancelToken()));
        QVERIFY(options.ok());
        QVERIFY2(options->forkable, qPrintable(options->whyNot));
        if (step.kind == StepKind::Model) {
            QCOMPARE(options->kind, ForkOptions::Kind::Model);
            QVERIFY(!options->messages.empty() && options->answer && !options->model.isEmpty() && !options->instructions.isEmpty());
            QVERIFY(options->messages.front().text().startsWith(options->instructions));
        }
        if (options->kind == ForkOptions::Kind::Tool)
            QVERIFY(options->result && !options->tool.isEmpty() && json::parse(options->argumentsText.toUtf8()).ok());
        for (const ForkChanges &changes : changesAt(*options)) {
            if (forks == most)
                break;
            const QByteArray where = QStringLiteral("%1 at %2 %3").arg(changes.summary(), step.path, step.name).toUtf8();
            const qint64 begunUs = m_session->clock().nowUs();
            const auto result = fork(parent, step.path, changes);
            QVERIFY2(result, (where + ": " + (result ? QByteArray() : result.error().message.toUtf8())).constData());
            ++forks;
            edits += changes.replacesOutcome();
            const auto stored = await(m_session->project().runs().load(result->run, CancelToken()));
            QVERIFY(stored.ok());
            const int at = stored->trace.indexOf(step.path);
            QVERIFY2(at >= 0, where.constData());
            const Step &forked = stored->trace.steps()[size_t(at)];
            const auto isEdited = [](const StepNote &note) { return note.name == QLatin1String("edited"); };
            QCOMPARE(std::any_of(forked.notes.begin(), forked.notes.end(), isEdited), changes.replacesOutcome());
            if (changes.answer || changes.model || changes.result || (changes.again && step.kind != StepKind::Agent && step.kind != StepKind::Control))
                QVERIFY2(!(step.kind == StepKind::Model || step.kind == StepKind::Tool) || forked.startUs >= begunUs, (where + ": time").constData());
            for (const Step &one : stored->trace.steps())
                QVERIFY2(one.endUs == 0 || (one.startUs <= one.endUs && one.startUs >= stored->info.startUs), qPrintable(QStringLiteral("%1: times of %2: %3 to %4, run from %5").arg(QString::fromUtf8(where), one.path).arg(one.startUs).arg(one.endUs).arg(stored->info.startUs)));
            const auto replay = await(m_session->replay(result->run, CancelToken()));
            QVERIFY2(replay, (where + ": " + (replay ? QByteArray() : replay.error().message.toUtf8())).constData());
            QVERIFY2(replay->same, (where + ": " + replay->firstDifference.toUtf8()).constData());
            QCOMPARE(replay->output, result->output);
        }
    }
    QVERIFY2(bytesOf(*m_session, parent) == before, "the parent changed");
    qInfo("%zu steps, %zu forks, %zu edited outcomes", trace->steps().size(), forks, edits);
    QVERIFY(forks >= 12 && edits >= 2);
}

QTEST_GUILESS_MAIN(TestTimeTravel)
#include "tst_TimeTravel.moc"
