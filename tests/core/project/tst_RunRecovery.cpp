// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunRepository.h"
#include "tests/core/project/RunPlayer.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QSignalSpy>

#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace {
// What this program does when the test starts it again as a child.
void beChild(const QString &role, const QString &path)
{
    SystemClock clock;
    auto project = Project::open(path, Project::Mode::ReadWrite, &clock);
    if (!project)
        qFatal("child: %s", qPrintable(project.error().message));
    const auto say = [](const QString &text) {
        const QByteArray line = "\nchild: " + text.toUtf8() + '\n';
        if (::write(STDOUT_FILENO, line.constData(), size_t(line.size())) < 0)
            ::_exit(3);
    };
    if (role == QLatin1String("kill")) { // dies in the middle of a run
        Player p(**project, someRun(QStringLiteral("to be interrupted")));
        p.started({{QStringLiteral("agent"), QStringLiteral("triage")}});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent triage"));
        p.begin(QStringLiteral("1.1"), StepKind::Model, QStringLiteral("chat m"));
        QJsonObject outcome = chatOutcome(QStringLiteral("safe"));
        const QJsonObject retry{
            {QStringLiteral("name"), QStringLiteral("retry")},
            {QStringLiteral("attributes"), QJsonObject{{QStringLiteral("time_us"), 5}}}};
        outcome.insert(QStringLiteral("notices"), QJsonArray{retry});
        const auto safe = p.entry(QStringLiteral("1.1"), QStringLiteral("chat"),
                                  {{QStringLiteral("model"), QStringLiteral("m")}}, true, outcome);
        const auto begun = p.entry(QStringLiteral("1.2"), QStringLiteral("execute_tool"),
                                   {{QStringLiteral("tool"), QStringLiteral("mail")}}, false);
        say(QStringLiteral("%1 %2").arg(p.run.value).arg(safe.ok() && begun.ok()));
        ::kill(::getpid(), SIGKILL);
    } else if (role == QLatin1String("wait")) { // dies while a person is asked
        Player p(**project, someRun(QStringLiteral("waits for a person")));
        p.started({{QStringLiteral("agent"), QStringLiteral("mailer")}});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent mailer"));
        p.begin(QStringLiteral("1.1"), StepKind::Tool, QStringLiteral("execute_tool email"),
                {{QStringLiteral("gen_ai.tool.name"), QStringLiteral("email")}});
        p.begin(QStringLiteral("1.1.1"), StepKind::Human, QStringLiteral("approve email"));
        RunEvent event;
        event.kind = RunEventKind::StepNote;
        event.run = p.run;
        event.step = QStringLiteral("1.1.1");
        event.name = QStringLiteral("waiting");
        event.stepStatus = StepStatus::Waiting;
        p.emitEvent(event);
        const bool safe = await((*project)->flush()).ok();
        say(QStringLiteral("%1 %2").arg(p.run.value).arg(safe));
        ::kill(::getpid(), SIGKILL);
    } else if (role == QLatin1String("hold")) { // a live run until it is told to stop
        Player p(**project, someRun(QStringLiteral("in another program")));
        p.started({});
        const bool safe = await((*project)->flush()).ok();
        say(QStringLiteral("%1 %2").arg(p.run.value).arg(safe));
        char c = 0;
        if (::read(STDIN_FILENO, &c, 1) != 1)
            ::_exit(4);
        p.ended(RunStatus::Done, QStringLiteral("ended there"));
    } else if (role == QLatin1String("full")) { // the disk fills up
        ::signal(SIGXFSZ, SIG_IGN);
        std::vector<Error> handled;
        (*project)->setErrorHandler([&handled](const Error &error) { handled.push_back(error); });
        Player p(**project, someRun(QStringLiteral("fills the disk")));
        p.started({});
        int safe = 0;
        QString message;
        const rlimit limit{3'000'000, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        for (int i = 1; i < 100 && message.isEmpty(); ++i) {
            QByteArray noise(100'000, Qt::Uninitialized); // does not compress
            for (char &c : noise)
                c = char('0' + QRandomGenerator::global()->bounded(64));
            const auto written = p.entry(QStringLiteral("1.%1").arg(i), QStringLiteral("chat"),
                                         {{QStringLiteral("model"), QString::fromLatin1(noise)}},
                                         true, chatOutcome(QStringLiteral("ok")));
            if (written)
                safe = i;
            else
                message = written.error().message;
        }
        const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &none);
        // The program goes on: the end of the run can be written when there is space again.
        p.ended(RunStatus::Failed, QString(), Error(ErrorKind::ProjectFile, message));
        say(QStringLiteral("%1 %2 %3").arg(p.run.value).arg(safe).arg(message));
    }
    project->reset();
    ::_exit(0);
}
} // namespace

class TestRunRecovery : public QObject
{
    Q_OBJECT
    Files m_files;

    static std::unique_ptr<QProcess> child(const QString &role, const QString &path)
    {
        auto process = std::make_unique<QProcess>();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("LATHE_TEST_CHILD"), role);
        environment.insert(QStringLiteral("LATHE_TEST_FILE"), path);
        process->setProcessEnvironment(environment);
        process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
        process->start(QCoreApplication::applicationFilePath(), QStringList());
        return process;
    }
    static QStringList words(QProcess &process)
    {
        for (;;) { // QtTest says hello first
            while (!process.canReadLine() && process.waitForReadyRead(20'000)) {}
            if (!process.canReadLine())
                return {};
            const QString line = QString::fromUtf8(process.readLine()).trimmed();
            if (line.startsWith(QLatin1String("child: ")))
                return line.mid(7).split(QLatin1Char(' '));
        }
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString role = qEnvironmentVariable("LATHE_TEST_CHILD");
        if (!role.isEmpty())
            beChild(role, qEnvironmentVariable("LATHE_TEST_FILE"));
    }

    void killedProgramLeavesAnInterruptedRun()
    {
        const QString path = m_files.newFile();
        auto process = child(QStringLiteral("kill"), path);
        const QStringList said = words(*process);
        QVERIFY(process->waitForFinished());
        QCOMPARE(process->exitStatus(), QProcess::CrashExit);
        QCOMPARE(said.size(), 2);
        QCOMPARE(said[1], QStringLiteral("1"));
        const RunId id{said[0].toLongLong()};

        auto project = m_files.open(path);
        const auto info = project->runs().run(id);
        QVERIFY(info);
        QCOMPARE(runStatusName(info->status), QStringLiteral("interrupted"));
        QVERIFY(info->endUs >= info->startUs);
        auto stored = load(*project, id);
        QCOMPARE(stored.journal.size(), 2u);
        QVERIFY(stored.journal[0].done);
        QVERIFY(!stored.journal[1].done);
        // Effects whose steps never ended are shown by what the journal says of them.
        QCOMPARE(stored.trace.steps().size(), 3u);
        QCOMPARE(stepStatusName(stored.trace.steps()[0].status), QStringLiteral("interrupted"));
        const Step &chat =
            stored.trace.steps()[size_t(stored.trace.indexOf(QStringLiteral("1.1")))];
        QCOMPARE(chat.text, QStringLiteral("safe"));
        QCOMPARE(chat.notes.size(), 1u);
        QCOMPARE(chat.notes[0].name, QStringLiteral("retry"));
        QCOMPARE(chat.notes[0].timeUs, 5);
        QCOMPARE(stepStatusName(chat.status), QStringLiteral("ok"));
        const Step &tool =
            stored.trace.steps()[size_t(stored.trace.indexOf(QStringLiteral("1.2")))];
        QCOMPARE(tool.name, QStringLiteral("execute_tool mail"));
        QCOMPARE(stepStatusName(tool.status), QStringLiteral("interrupted"));
        // It is found by its input, and again after it was finished, by its output too.
        RunQuery search;
        search.filter = RunFilter::ofWords(QStringLiteral("interrupted"));
        QCOMPARE(query(*project, search).size(), 1u);

        // Resume: the same events again, then the rest.
        QVERIFY(await(project->runs().reopen(id)));
        QCOMPARE(runStatusName(project->runs().run(id)->status), QStringLiteral("running"));
        const auto twice = await(project->runs().reopen(id));
        QVERIFY(!twice);
        QCOMPARE(twice.error().kind, ErrorKind::InvalidInput);
        QCOMPARE(query(*project, search).size(), 0u);
        Trace live;
        const auto emitEvent = [&](RunEventKind kind, const QString &step, qint64 timeUs,
                                   const QString &text = {}) {
            RunEvent event;
            event.kind = kind;
            event.run = id;
            event.step = step;
            event.timeUs = timeUs;
            event.name = step;
            event.stepKind = step == QLatin1String("1") ? StepKind::Agent : StepKind::Model;
            event.stepStatus = StepStatus::Ok;
            event.runStatus = RunStatus::Done;
            event.text = text;
            live.apply(event);
            project->runs().record(event);
        };
        emitEvent(RunEventKind::RunStarted, QString(), info->startUs);
        emitEvent(RunEventKind::StepStarted, QStringLiteral("1"), info->startUs + 1);
        emitEvent(RunEventKind::StepStarted, QStringLiteral("1.1"), info->startUs + 2);
        emitEvent(RunEventKind::StepEnded, QStringLiteral("1.1"), info->startUs + 3,
                  QStringLiteral("safe"));
        StoredEntry second = stored.journal[1];
        second.done = true;
        second.outcome = toolOutcome(QStringLiteral("sent"));
        QVERIFY(await(project->runs().writeEntry(id, second)));
        emitEvent(RunEventKind::StepStarted, QStringLiteral("1.2"), info->startUs + 4);
        emitEvent(RunEventKind::StepEnded, QStringLiteral("1.2"), info->startUs + 5,
                  QStringLiteral("sent"));
        emitEvent(RunEventKind::StepEnded, QStringLiteral("1"), info->startUs + 6);
        emitEvent(RunEventKind::RunEnded, QString(), info->startUs + 7,
                  QStringLiteral("finished well"));
        QVERIFY(await(project->runs().end(id, RunStatus::Done, QStringLiteral("finished well"), {},
                                          Usage())));
        stored = load(*project, id);
        compareTraces(stored.trace, live);
        QCOMPARE(stored.journal.size(), 2u);
        QVERIFY(stored.journal[1].done);
        QCOMPARE(query(*project, search).size(), 1u);
        search.filter = RunFilter::ofWords(QStringLiteral("finished wel"));
        QCOMPARE(query(*project, search).size(), 1u);
        const auto report = await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
    }

    // A run that waited for a person when its program was killed still shows for what.
    void whatWaitedIsSeen()
    {
        const QString path = m_files.newFile();
        auto process = child(QStringLiteral("wait"), path);
        const QStringList said = words(*process);
        QVERIFY(process->waitForFinished());
        QCOMPARE(said.size(), 2);
        QCOMPARE(said[1], QStringLiteral("1"));
        auto project = m_files.open(path);
        const RunId id{said[0].toLongLong()};
        const auto stored = load(*project, id);
        QCOMPARE(stored.trace.steps().size(), 3u);
        const char *names[] = {"invoke_agent mailer", "execute_tool email", "approve email"};
        for (size_t i = 0; i < 3; ++i) {
            QCOMPARE(stored.trace.steps()[i].name, QLatin1String(names[i]));
            QCOMPARE(stepStatusName(stored.trace.steps()[i].status), QStringLiteral("interrupted"));
        }
        // It goes on: through the same steps again, and they end.
        QVERIFY(await(project->runs().reopen(id)));
        const auto tell = [&](RunEventKind kind, const Step &step) {
            RunEvent event;
            event.kind = kind;
            event.run = id;
            event.step = step.path;
            event.stepKind = step.kind;
            event.name = step.name;
            event.timeUs = stored.info.startUs + 1'000'000;
            if (kind == RunEventKind::StepStarted)
                event.attributes = step.attributes;
            event.stepStatus = StepStatus::Ok;
            project->runs().record(event);
        };
        for (const Step &step : stored.trace.steps())
            tell(RunEventKind::StepStarted, step);
        for (size_t i = 3; i-- > 0;)
            tell(RunEventKind::StepEnded, stored.trace.steps()[i]);
        QVERIFY(await(project->runs().end(id, RunStatus::Done, QStringLiteral("sent"), {}, Usage())));
        const auto after = load(*project, id);
        QCOMPARE(after.trace.steps().size(), 3u);
        for (const Step &step : after.trace.steps())
            QCOMPARE(stepStatusName(step.status), QStringLiteral("ok"));
        const auto report = await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
    }

    void runOfAnotherLiveProgramStaysRunning()
    {
        const QString path = m_files.newFile();
        auto process = child(QStringLiteral("hold"), path);
        const QStringList said = words(*process);
        QCOMPARE(said.size(), 2);
        QCOMPARE(said[1], QStringLiteral("1"));
        const RunId id{said[0].toLongLong()};
        auto project = m_files.open(path);
        QCOMPARE(runStatusName(project->runs().run(id)->status), QStringLiteral("running"));
        QCOMPARE(project->runs().run(id)->pid, int(process->processId()));
        QCOMPARE(*await(project->runs().markInterrupted()), 0);
        const auto taken = await(project->runs().reopen(id));
        QVERIFY(!taken);
        QVERIFY(taken.error().message.contains(QStringLiteral("another program")));
        // Ours goes on beside it.
        Player p(*project, someRun(QStringLiteral("here")));
        QVERIFY(p.run != id);
        p.ended(RunStatus::Done, QStringLiteral("ended here"));
        const qint64 version = project->dataVersion();
        QCOMPARE(process->write("x"), 1);
        QVERIFY(process->waitForFinished());
        QCOMPARE(process->exitCode(), 0);
        QTRY_VERIFY_WITH_TIMEOUT(project->dataVersion() != version, 30'000);
        QCOMPARE(project->runs().run(id)->output, QStringLiteral("ended there"));
    }

    void killedProgramIsFoundWhileOpen()
    {
        const QString path = m_files.newFile();
        auto process = child(QStringLiteral("hold"), path);
        const RunId id{words(*process).value(0).toLongLong()};
        auto project = m_files.open(path);
        QSignalSpy changed(&project->runs(), &RunRepository::changed);
        process->kill();
        QVERIFY(process->waitForFinished());
        QCOMPARE(*await(project->runs().markInterrupted()), 1);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(runStatusName(project->runs().run(id)->status), QStringLiteral("interrupted"));
    }

    void fullDiskKeepsEverythingBefore()
    {
        const QString path = m_files.newFile();
        auto process = child(QStringLiteral("full"), path);
        const QStringList said = words(*process);
        QVERIFY(process->waitForFinished(60'000));
        QCOMPARE(process->exitCode(), 0);
        const int safe = said.value(1).toInt();
        const QString message = said.mid(2).join(QLatin1Char(' '));
        QVERIFY2(safe >= 5 && safe < 99, qPrintable(said.join(QLatin1Char(' '))));
        QVERIFY2(message.contains(QStringLiteral("full")) && message.endsWith(QLatin1Char('.')),
                 qPrintable(message));
        auto project = m_files.open(path);
        const StoredRun stored = load(*project, RunId{said.value(0).toLongLong()});
        QCOMPARE(stored.journal.size(), size_t(safe));
        QCOMPARE(runStatusName(stored.info.status), QStringLiteral("failed"));
        QVERIFY(stored.info.error);
        QCOMPARE(stored.info.error->message, message);
        const auto report = await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
    }
};

QTEST_GUILESS_MAIN(TestRunRecovery)
#include "tst_RunRecovery.moc"
