// SPDX-License-Identifier: GPL-3.0-or-later
// A run that cannot go on as it was recorded stays interrupted with all that is recorded of it, and says why.
#include "core/session/Session.h"

#include "core/session/TeamPatterns.h"
#include "core/trace/TraceCompare.h"
#include "tests/support/Await.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestResume : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::unique_ptr<Session> m_session;

    RunRepository &runs() { return m_session->project().runs(); }
    StoredRun load(RunId run)
    {
        auto stored = await(runs().load(run, CancelToken()));
        if (!stored)
            qFatal("%s", qPrintable(stored.error().message));
        return std::move(*stored);
    }
    StoredRun record(const char *agent, const QString &input)
    {
        RunRequest request;
        request.agent = QString::fromUtf8(agent);
        request.input.text = input;
        request.unpaced = true;
        const auto id = await(m_session->startRun(request));
        if (!id || await(m_session->finished(*id))->status != RunStatus::Done)
            qFatal("%s did not run", agent);
        return load(*id);
    }
    static StoredEntry tampered(StoredEntry entry)
    {
        entry.request.replace("\"messages\":[", "\"messages\":[{\"parts\":[{\"content\":\"Before.\",\"type\":\"text\"}],\"role\":\"user\"},");
        entry.request.replace("\"arguments\":", "\"former\":1,\"arguments\":");
        entry.requestHash = json::sha256(entry.request);
        return entry;
    }
    // The run once more, as a program leaves it that is killed when this much of it was recorded.
    RunId interrupted(const StoredRun &run, const std::vector<StoredEntry> &entries)
    {
        RunInfo info = run.info;
        info.id = RunId();
        info.status = RunStatus::Running;
        const auto id = await(runs().create(info));
        bool ok = id.ok();
        for (RunEvent event : run.trace.toEvents()) {
            const auto holds = [&event](const StoredEntry &entry) { return entry.step == event.step; };
            const auto below = [&event](const StoredEntry &entry) { return isStepOrBelow(entry.step, event.step); };
            const bool whole = std::any_of(entries.begin(), entries.end(), holds);
            const bool begun = event.kind == RunEventKind::StepStarted && std::any_of(entries.begin(), entries.end(), below);
            event.run = *id;
            if (whole || begun || event.kind == RunEventKind::RunStarted)
                runs().record(event);
        }
        Usage usage;
        if (const auto trace = runs().trace(*id))
            usage = trace->usage();
        for (const StoredEntry &entry : entries)
            ok = ok && await(runs().writeEntry(*id, entry)).ok();
        if (!ok || !await(runs().end(*id, RunStatus::Interrupted, QString(), std::nullopt, usage)))
            qFatal("not recorded");
        return *id;
    }
    // The cause is gone: the run asks what is recorded.
    void mend(RunId run, const StoredEntry &entry)
    {
        QVERIFY(await(runs().reopen(run)).ok());
        QVERIFY(await(runs().writeEntry(run, entry)).ok());
        QVERIFY(await(runs().end(run, RunStatus::Interrupted, QString(), std::nullopt, Usage())).ok());
    }
    Result<RunResult> resume(RunId run)
    {
        const auto id = await(m_session->resume(run, UnfinishedPolicy::Repeat, RunRequest()));
        if (!id)
            return id.error();
        return await(m_session->finished(*id));
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString path = m_folder.filePath(QStringLiteral("r.lathe"));
        QVERIFY(await(Session::createProject(path, QStringLiteral("feedback-desk"))).ok());
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        m_session = std::move(*session);
    }
    void cleanupTestCase() { m_session.reset(); }

    void aRunThatCannotGoOnIsLeftAlone_data()
    {
        QTest::addColumn<int>("recorded");
        QTest::addColumn<int>("differs");
        QTest::newRow("the first model call") << 1 << 0;
        QTest::newRow("the first of two") << 2 << 0;
        QTest::newRow("a tool call") << 2 << 1;
        QTest::newRow("after a tool call") << 3 << 2;
    }
    void aRunThatCannotGoOnIsLeftAlone()
    {
        QFETCH(int, recorded);
        QFETCH(int, differs);
        const StoredRun whole = record("analyst", QStringLiteral("How many messages are about Billing?"));
        QVERIFY(whole.journal.size() >= 3 && whole.info.usage.totalTokens() > 0);
        std::vector<StoredEntry> entries(whole.journal.begin(), whole.journal.begin() + recorded);
        const StoredEntry right = entries[size_t(differs)];
        entries[size_t(differs)] = tampered(right);
        QVERIFY(entries[size_t(differs)].request != right.request);
        const RunId run = interrupted(whole, entries);
        const StoredRun before = load(run);
        QVERIFY(before.info.usage.totalTokens() > 0);
        QSignalSpy started(m_session.get(), &Session::runStarted), changed(&runs(), &RunRepository::changed);
        for (int i = 0; i < 2; ++i) {
            const auto refused = resume(run);
            QVERIFY(!refused.ok());
            QCOMPARE(refused.error().kind, ErrorKind::Diverged);
            QVERIFY2(refused.error().message.contains(QStringLiteral("step %1 ").arg(right.step)), qPrintable(refused.error().message));
            const StoredRun after = load(run);
            QCOMPARE(runStatusName(after.info.status), QStringLiteral("interrupted"));
            QCOMPARE(after.info.usage, before.info.usage);
            QCOMPARE(after.info.stepCount, before.info.stepCount);
            QCOMPARE(after.info.endUs, before.info.endUs);
            QVERIFY(!after.info.error);
            QCOMPARE(after.journal.size(), before.journal.size());
            QCOMPARE(firstDifference(before.trace, after.trace, true), QString());
        }
        QCOMPARE(started.count() + changed.count(), 0);
        mend(run, right);
        const auto done = resume(run);
        QVERIFY2(done.ok(), done ? "" : qPrintable(done.error().message));
        QCOMPARE(runStatusName(done->status), QStringLiteral("done"));
        QCOMPARE(done->output, whole.info.output);
        QCOMPARE(load(run).journal.size(), whole.journal.size());
    }

    // What differs beside a call that is still to be made is seen only then.
    void whatDiffersLaterInterrupts()
    {
        QString input;
        for (const TeamPattern &pattern : teamPatterns()) {
            if (pattern.id == QLatin1String("map-reduce"))
                input = pattern.examples.value(0);
        }
        const StoredRun whole = record("map-reduce", input);
        QVERIFY(whole.journal.size() >= 3);
        std::vector<StoredEntry> entries(whole.journal.begin() + 1, whole.journal.begin() + 2);
        const StoredEntry right = entries.front();
        entries.front() = tampered(right);
        const RunId run = interrupted(whole, entries);
        const StoredRun before = load(run);
        const auto stopped = resume(run);
        QVERIFY2(stopped.ok(), stopped ? "" : qPrintable(stopped.error().message));
        QVERIFY(stopped->error && stopped->error->kind == ErrorKind::Diverged);
        const StoredRun after = load(run);
        QCOMPARE(runStatusName(after.info.status), QStringLiteral("interrupted"));
        QVERIFY(after.info.error);
        QVERIFY(after.info.usage.totalTokens() >= before.info.usage.totalTokens());
        for (const Step &step : after.trace.steps())
            QVERIFY2(step.status != StepStatus::Failed, qPrintable(step.path));
        const auto step = [&right](const StoredRun &of) { return of.trace.steps()[size_t(of.trace.indexOf(right.step))]; };
        QCOMPARE(step(after).text, step(before).text);
        QCOMPARE(stepStatusName(step(after).status), QStringLiteral("ok"));
        mend(run, right);
        const auto done = resume(run);
        QVERIFY2(done.ok(), done ? "" : qPrintable(done.error().message));
        QCOMPARE(runStatusName(done->status), QStringLiteral("done"));
        QCOMPARE(done->output, whole.info.output);
    }
};

QTEST_GUILESS_MAIN(TestResume)
#include "tst_Resume.moc"
