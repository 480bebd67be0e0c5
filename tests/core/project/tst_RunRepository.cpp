// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/Project.h"

#include "core/base/Json.h"
#include "tests/support/Await.h"

#include <QProcess>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>
#include <unistd.h>

using namespace lathe;

namespace {
// Plays a run the way core/runtime/RunContext.cpp does: the same events in the same order go to the repository and to a live trace.
class Player
{
public:
    Player(Project &project, RunInfo info) : m_project(project)
    {
        const auto id = test::await(project.runs().create(std::move(info)));
        if (!id)
            qFatal("create: %s", qPrintable(id.error().message));
        run = *id;
    }

    void emitEvent(RunEvent event)
    {
        event.run = run;
        if (event.timeUs == 0)
            event.timeUs = m_clock.nowUs();
        live.apply(event);
        m_project.runs().record(event);
    }
    void started(const QJsonObject &attributes)
    {
        RunEvent event;
        event.kind = RunEventKind::RunStarted;
        event.attributes = attributes;
        emitEvent(event);
    }
    void begin(const QString &step, StepKind kind, const QString &name, const QJsonObject &attributes = {})
    {
        RunEvent event;
        event.kind = RunEventKind::StepStarted;
        event.step = step;
        event.stepKind = kind;
        event.name = name;
        event.attributes = attributes;
        emitEvent(event);
    }
    void delta(const QString &step, DeltaChannel channel, const QString &text)
    {
        RunEvent event;
        event.kind = RunEventKind::StepDelta;
        event.step = step;
        event.channel = channel;
        event.text = text;
        emitEvent(event);
    }
    void note(const QString &step, const QString &name, const QJsonObject &attributes = {})
    {
        RunEvent event;
        event.kind = RunEventKind::StepNote;
        event.step = step;
        event.name = name;
        event.attributes = attributes;
        emitEvent(event);
    }
    void stepEnd(const QString &step, StepStatus status, const QString &text = {}, const QJsonObject &attributes = {},
             std::optional<Error> error = {})
    {
        RunEvent event;
        event.kind = RunEventKind::StepEnded;
        event.step = step;
        event.stepStatus = status;
        event.text = text;
        event.attributes = attributes;
        if (error)
            event.attributes.insert(QStringLiteral("error.type"), errorKindName(error->kind));
        event.error = std::move(error);
        emitEvent(event);
    }
    Result<void> entry(const QString &step, const QString &kind, const QJsonObject &request, bool done, const QJsonObject &outcome = {})
    {
        StoredEntry stored;
        stored.step = step;
        stored.kind = kind;
        stored.request = json::compact(request);
        stored.requestHash = json::sha256(stored.request);
        stored.done = done;
        stored.outcome = outcome;
        stored.startedUs = m_clock.nowUs();
        stored.endedUs = done ? m_clock.nowUs() : 0;
        written.push_back(stored);
        return test::await(m_project.runs().writeEntry(run, stored));
    }
    void ended(RunStatus status, const QString &output, std::optional<Error> error = {})
    {
        RunEvent event;
        event.kind = RunEventKind::RunEnded;
        event.runStatus = status;
        event.text = output;
        event.error = error;
        event.attributes = {{QStringLiteral("usage"), live.usage().toJson()}};
        emitEvent(event);
        const auto safe = test::await(m_project.runs().end(run, status, output, error, live.usage()));
        if (!safe)
            qFatal("end: %s", qPrintable(safe.error().message));
    }

    RunId run;
    Trace live;
    std::vector<StoredEntry> written;

private:
    Project &m_project;
    SystemClock m_clock;
};

QJsonObject chatOutcome(const QString &text, const QString &reasoning = {}, const QJsonArray &calls = {})
{
    QJsonArray parts;
    if (!reasoning.isEmpty())
        parts.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("reasoning")}, {QStringLiteral("content"), reasoning}});
    if (!text.isEmpty())
        parts.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("content"), text}});
    for (const QJsonValue &call : calls)
        parts.append(call);
    return {{QStringLiteral("connection"), QStringLiteral("offline")},
            {QStringLiteral("model"), QStringLiteral("extractive")},
            {QStringLiteral("response"),
             QJsonObject{{QStringLiteral("message"), QJsonObject{{QStringLiteral("role"), QStringLiteral("assistant")},
                                                                 {QStringLiteral("parts"), parts}}},
                         {QStringLiteral("finish_reason"), QStringLiteral("stop")}}}};
}

QJsonObject toolOutcome(const QString &text)
{
    return {{QStringLiteral("outcome"), QJsonObject{{QStringLiteral("text"), text}}}};
}

QJsonObject modelEnd(int input, int output)
{
    return {{QStringLiteral("gen_ai.provider.name"), QStringLiteral("lathe.offline")},
            {QStringLiteral("lathe.connection"), QStringLiteral("offline")},
            {QStringLiteral("lathe.model"), QStringLiteral("extractive")},
            {QStringLiteral("gen_ai.usage.input_tokens"), input},
            {QStringLiteral("gen_ai.usage.output_tokens"), output},
            {QStringLiteral("lathe.cost_usd"), 0.25}};
}

RunInfo someRun(const QString &input)
{
    RunInfo info;
    info.agentName = QStringLiteral("triage");
    info.revisionNumber = 3;
    info.input = input;
    info.inputJson = {{QStringLiteral("text"), input}};
    info.revisions = {{QStringLiteral("agent"), QStringLiteral("triage@3")}};
    info.snapshot = {{QStringLiteral("agent"), QJsonObject{{QStringLiteral("job"), QStringLiteral("sort feedback")}}}};
    info.models = QStringLiteral("offline/extractive");
    return info;
}

QByteArray canonical(const QJsonObject &object)
{
    return json::compact(object);
}

void compareSteps(const Step &got, const Step &wanted)
{
    QCOMPARE(got.path, wanted.path);
    QCOMPARE(got.parent, wanted.parent);
    QCOMPARE(got.begun, wanted.begun);
    QCOMPARE(stepKindName(got.kind), stepKindName(wanted.kind));
    QCOMPARE(stepStatusName(got.status), stepStatusName(wanted.status));
    QCOMPARE(got.name, wanted.name);
    QCOMPARE(got.startUs, wanted.startUs);
    QCOMPARE(got.endUs, wanted.endUs);
    QCOMPARE(got.firstDeltaUs, wanted.firstDeltaUs);
    QCOMPARE(canonical(got.attributes), canonical(wanted.attributes));
    QCOMPARE(got.text, wanted.text);
    QCOMPARE(got.reasoning, wanted.reasoning);
    QCOMPARE(got.toolArguments, wanted.toolArguments);
    QCOMPARE(got.children, wanted.children);
    QVERIFY(got.error == wanted.error);
    QCOMPARE(got.notes.size(), wanted.notes.size());
    for (size_t i = 0; i < got.notes.size(); ++i) {
        QCOMPARE(got.notes[i].timeUs, wanted.notes[i].timeUs);
        QCOMPARE(got.notes[i].name, wanted.notes[i].name);
        QCOMPARE(canonical(got.notes[i].attributes), canonical(wanted.notes[i].attributes));
    }
}

void compareTraces(const Trace &got, const Trace &wanted)
{
    QCOMPARE(got.run(), wanted.run());
    QCOMPARE(runStatusName(got.status()), runStatusName(wanted.status()));
    QCOMPARE(got.output(), wanted.output());
    QVERIFY(got.error() == wanted.error());
    QCOMPARE(canonical(got.startAttributes()), canonical(wanted.startAttributes()));
    QCOMPARE(got.startUs(), wanted.startUs());
    QCOMPARE(got.endUs(), wanted.endUs());
    QCOMPARE(got.roots(), wanted.roots());
    QCOMPARE(got.steps().size(), wanted.steps().size());
    for (size_t i = 0; i < got.steps().size(); ++i) {
        compareSteps(got.steps()[i], wanted.steps()[i]);
        if (QTest::currentTestFailed()) {
            qWarning("in step %s", qPrintable(wanted.steps()[i].path));
            return;
        }
    }
    // The whole, as views and exports see it.
    const auto gotEvents = got.toEvents();
    const auto wantedEvents = wanted.toEvents();
    QCOMPARE(gotEvents.size(), wantedEvents.size());
    for (size_t i = 0; i < gotEvents.size(); ++i)
        QCOMPARE(canonical(gotEvents[i].toJson()), canonical(wantedEvents[i].toJson()));
}

void compareEntries(const std::vector<StoredEntry> &got, const std::vector<StoredEntry> &wanted)
{
    QCOMPARE(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) {
        QCOMPARE(got[i].step, wanted[i].step);
        QCOMPARE(got[i].kind, wanted[i].kind);
        QCOMPARE(got[i].requestHash, wanted[i].requestHash);
        QCOMPARE(got[i].request, wanted[i].request);
        QCOMPARE(got[i].done, wanted[i].done);
        QCOMPARE(canonical(got[i].outcome), canonical(wanted[i].outcome));
        QCOMPARE(got[i].startedUs, wanted[i].startedUs);
        QCOMPARE(got[i].endedUs, wanted[i].endedUs);
    }
}

// A run with all that a runner does: thoughts, parallel calls, approval, a retry after text, failures, partial answers.
void playEverything(Player &p, const QString &longText)
{
    p.started({{QStringLiteral("agent"), QStringLiteral("triage")},
               {QStringLiteral("input"), QStringLiteral("sort this")},
               {QStringLiteral("revisions"), QJsonObject{{QStringLiteral("agent"), QStringLiteral("triage@3")}}},
               {QStringLiteral("variables"), QJsonObject{{QStringLiteral("tone"), QStringLiteral("dry")}}},
               {QStringLiteral("more"), 7}});
    p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent triage"), {{QStringLiteral("lathe.pattern"), QStringLiteral("tool_loop")}});

    // A chat that streams reasoning, begins an answer, is restarted, then calls two tools.
    const QJsonObject request{{QStringLiteral("model"), QStringLiteral("extractive")}, {QStringLiteral("messages"), longText}};
    p.begin(QStringLiteral("1.1"), StepKind::Model, QStringLiteral("chat extractive"), {{QStringLiteral("gen_ai.request.temperature"), 0.5}});
    p.delta(QStringLiteral("1.1"), DeltaChannel::Text, QStringLiteral("I will"));
    p.note(QStringLiteral("1.1"), QStringLiteral("retry"), {{QStringLiteral("delay_ms"), 200}});
    p.note(QStringLiteral("1.1"), QStringLiteral("restart"));
    p.delta(QStringLiteral("1.1"), DeltaChannel::Reasoning, QStringLiteral("Think "));
    p.delta(QStringLiteral("1.1"), DeltaChannel::Reasoning, QStringLiteral("hard."));
    p.delta(QStringLiteral("1.1"), DeltaChannel::ToolArguments, QStringLiteral("{\"sql\":"));
    p.delta(QStringLiteral("1.1"), DeltaChannel::ToolArguments, QStringLiteral("\"SELECT 1\"}"));
    p.delta(QStringLiteral("1.1"), DeltaChannel::ToolArguments, QStringLiteral("{broken"));
    const QJsonArray calls{QJsonObject{{QStringLiteral("type"), QStringLiteral("tool_call")},
                                       {QStringLiteral("name"), QStringLiteral("sql")},
                                       {QStringLiteral("arguments"), QJsonObject{{QStringLiteral("sql"), QStringLiteral("SELECT 1")}}}},
                           QJsonObject{{QStringLiteral("type"), QStringLiteral("tool_call")},
                                       {QStringLiteral("name"), QStringLiteral("web")},
                                       {QStringLiteral("arguments"), QStringLiteral("{broken")}}};
    QVERIFY(p.entry(QStringLiteral("1.1"), QStringLiteral("chat"), request, true, chatOutcome(QString(), QStringLiteral("Think hard."), calls)));
    p.stepEnd(QStringLiteral("1.1"), StepStatus::Ok, QString(), modelEnd(100, 20));

    // Two calls at once: the first asks a person, the second fails.
    p.begin(QStringLiteral("1.2"), StepKind::Tool, QStringLiteral("execute_tool sql"));
    p.begin(QStringLiteral("1.3"), StepKind::Tool, QStringLiteral("execute_tool web"));
    p.begin(QStringLiteral("1.2.1"), StepKind::Human, QStringLiteral("approve sql"));
    p.note(QStringLiteral("1.2.1"), QStringLiteral("approval_requested"), {{QStringLiteral("tool"), QStringLiteral("sql")}});
    p.note(QStringLiteral("1.3"), QStringLiteral("invalid_arguments"), {{QStringLiteral("reason"), QStringLiteral("no JSON")}});
    p.stepEnd(QStringLiteral("1.3"), StepStatus::Failed, QStringLiteral("The arguments are no JSON."), {}, Error(ErrorKind::Provider, QStringLiteral("no JSON")));
    QVERIFY(p.entry(QStringLiteral("1.2.1"), QStringLiteral("human"), {{QStringLiteral("tool"), QStringLiteral("sql")}}, true,
                    {{QStringLiteral("answer"), QJsonObject{{QStringLiteral("approved"), true}, {QStringLiteral("text"), QStringLiteral("fine")}}}}));
    p.stepEnd(QStringLiteral("1.2.1"), StepStatus::Ok, QStringLiteral("fine"), {{QStringLiteral("approved"), true}});
    QVERIFY(p.entry(QStringLiteral("1.2"), QStringLiteral("execute_tool"), {{QStringLiteral("tool"), QStringLiteral("sql")}}, false));
    p.written.pop_back();
    p.delta(QStringLiteral("1.2"), DeltaChannel::ToolOutput, QStringLiteral("row"));
    QVERIFY(p.entry(QStringLiteral("1.2"), QStringLiteral("execute_tool"), {{QStringLiteral("tool"), QStringLiteral("sql")}}, true, toolOutcome(longText)));
    p.stepEnd(QStringLiteral("1.2"), StepStatus::Ok, longText);

    // A container with thoughts of its own, a chat that was not streamed, one that breaks off.
    p.begin(QStringLiteral("1.4"), StepKind::Control, QStringLiteral("critique"));
    p.delta(QStringLiteral("1.4"), DeltaChannel::Text, QStringLiteral("not good"));
    p.begin(QStringLiteral("1.4.1"), StepKind::Model, QStringLiteral("chat extractive"));
    QVERIFY(p.entry(QStringLiteral("1.4.1"), QStringLiteral("chat"), {{QStringLiteral("model"), QStringLiteral("b")}}, true, chatOutcome(QStringLiteral("Said at once."), QStringLiteral("unseen"))));
    p.stepEnd(QStringLiteral("1.4.1"), StepStatus::Ok, QStringLiteral("Said at once."), modelEnd(10, 5));
    p.stepEnd(QStringLiteral("1.4"), StepStatus::Ok);
    p.begin(QStringLiteral("1.5"), StepKind::Model, QStringLiteral("chat extractive"));
    p.delta(QStringLiteral("1.5"), DeltaChannel::Reasoning, QStringLiteral("hm"));
    p.delta(QStringLiteral("1.5"), DeltaChannel::Text, QStringLiteral("partial answer that br"));
    Error cut(ErrorKind::Unreachable, QStringLiteral("The connection was cut."), QStringLiteral("curl 56"));
    cut.httpStatus = 200;
    cut.retryAfterMs = 1500;
    QVERIFY(p.entry(QStringLiteral("1.5"), QStringLiteral("chat"), {{QStringLiteral("model"), QStringLiteral("c")}}, true, {{QStringLiteral("error"), QJsonObject{{QStringLiteral("message"), QStringLiteral("cut")}}}}));
    p.stepEnd(QStringLiteral("1.5"), StepStatus::Failed, QStringLiteral("partial answer that br"), {}, cut);
    // Left open: the end of the run ends it.
    p.begin(QStringLiteral("1.6"), StepKind::Tool, QStringLiteral("execute_tool slow"));
    p.ended(RunStatus::Failed, QStringLiteral("partial answer that br"), cut);
}

// What this program does when the test starts it again as a child.
void beChild(const QString &role, const QString &path)
{
    SystemClock clock;
    auto project = Project::open(path, Project::Mode::ReadWrite, &clock);
    if (!project)
        qFatal("child: %s", qPrintable(project.error().message));
    const auto say = [](const QString &text) {
        const QByteArray line = text.toUtf8() + '\n';
        if (::write(STDOUT_FILENO, line.constData(), size_t(line.size())) < 0)
            ::_exit(3);
    };
    if (role == QLatin1String("kill")) { // dies in the middle of a run
        Player p(**project, someRun(QStringLiteral("to be interrupted")));
        p.started({{QStringLiteral("agent"), QStringLiteral("triage")}});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent triage"));
        p.begin(QStringLiteral("1.1"), StepKind::Model, QStringLiteral("chat m"));
        const auto safe = p.entry(QStringLiteral("1.1"), QStringLiteral("chat"), {{QStringLiteral("model"), QStringLiteral("m")}}, true, chatOutcome(QStringLiteral("safe")));
        const auto begun = p.entry(QStringLiteral("1.2"), QStringLiteral("execute_tool"), {{QStringLiteral("tool"), QStringLiteral("mail")}}, false);
        say(QStringLiteral("%1 %2").arg(p.run.value).arg(safe.ok() && begun.ok()));
        ::kill(::getpid(), SIGKILL);
    } else if (role == QLatin1String("hold")) { // a live run until it is told to stop
        Player p(**project, someRun(QStringLiteral("in another program")));
        p.started({});
        const bool safe = test::await((*project)->flush()).ok();
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
            const auto written = p.entry(QStringLiteral("1.%1").arg(i), QStringLiteral("chat"), {{QStringLiteral("model"), QString::fromLatin1(noise)}}, true, chatOutcome(QStringLiteral("ok")));
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

class TestRunRepository : public QObject
{
    Q_OBJECT
    QTemporaryDir m_dir;
    SystemClock m_clock;
    int m_files = 0;

    QString newFile()
    {
        const QString path = m_dir.filePath(QStringLiteral("project %1.lathe").arg(++m_files));
        auto project = Project::open(path, Project::Mode::Create, &m_clock);
        if (!project)
            qFatal("%s", qPrintable(project.error().message));
        return path;
    }
    std::unique_ptr<Project> open(const QString &path, Project::Mode mode = Project::Mode::ReadWrite)
    {
        auto project = Project::open(path, mode, &m_clock);
        if (!project)
            qFatal("%s", qPrintable(project.error().message));
        return std::move(*project);
    }
    static StoredRun load(Project &project, RunId id)
    {
        auto run = test::await(project.runs().load(id, CancelToken()));
        if (!run)
            qFatal("%s", qPrintable(run.error().message));
        return std::move(*run);
    }
    static std::vector<RunInfo> query(Project &project, const RunQuery &query)
    {
        auto runs = test::await(project.runs().query(query, CancelToken()));
        if (!runs)
            qFatal("%s", qPrintable(runs.error().message));
        return std::move(*runs);
    }
    std::unique_ptr<QProcess> child(const QString &role, const QString &path)
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
        while (!process.canReadLine() && process.waitForReadyRead(20'000)) { }
        return QString::fromUtf8(process.readLine()).trimmed().split(QLatin1Char(' '));
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString role = qEnvironmentVariable("LATHE_TEST_CHILD");
        if (!role.isEmpty())
            beChild(role, qEnvironmentVariable("LATHE_TEST_FILE"));
        QVERIFY(m_dir.isValid());
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
        const QString path = newFile();
        auto project = open(path);
        RunInfo info = someRun(QStringLiteral("sort this"));
        info.inputJson.insert(QStringLiteral("variables"), QJsonObject{{QStringLiteral("tone"), QStringLiteral("dry")}});
        Player p(*project, info);
        playEverything(p, longText);
        if (QTest::currentTestFailed())
            return;
        compareTraces(load(*project, p.run).trace, p.live);
        // The same after closing and opening, where nothing is in memory.
        project.reset();
        QVERIFY(!QFileInfo::exists(path + QStringLiteral("-wal")));
        project = open(path, Project::Mode::ReadOnly);
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
        const QString path = newFile();
        auto project = open(path);
        Player p(*project, someRun(QStringLiteral("q")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Model, QStringLiteral("chat m"));
        p.delta(QStringLiteral("1"), DeltaChannel::Text, QStringLiteral("unmistakable-answer"));
        QVERIFY(p.entry(QStringLiteral("1"), QStringLiteral("chat"), {}, true, chatOutcome(QStringLiteral("unmistakable-answer"))));
        p.stepEnd(QStringLiteral("1"), StepStatus::Ok, QStringLiteral("unmistakable-answer"));
        p.ended(RunStatus::Done, QStringLiteral("done"));
        QVERIFY(test::await(project->flush()));
        compareTraces(load(*project, p.run).trace, p.live);
        project.reset();
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count("unmistakable-answer"), 1);
    }

    void awaitedCreationsGiveDenseIdsThatNobodyElseGets()
    {
        const QString path = newFile();
        auto first = open(path);
        auto second = open(path);
        QSet<qint64> ids;
        for (int i = 0; i < 200; ++i) {
            for (Project *project : {first.get(), second.get()}) {
                const auto id = test::await(project->runs().create(someRun(QString::number(i))));
                QVERIFY(id);
                QVERIFY(!ids.contains(id->value));
                ids.insert(id->value);
                QVERIFY(test::await(project->runs().end(*id, RunStatus::Done, QString(), {}, Usage())));
            }
        }
        QCOMPARE(first->runs().count(), 400);
        QCOMPARE(second->runs().count(), 400);
        const qint64 newest = first->runs().newest().value;
        QVERIFY2(newest <= 600, qPrintable(QString::number(newest)));
        first.reset();
        second.reset();
        // A single run takes the next number; unused ones were given back by whoever closed last.
        auto third = open(path);
        const auto next = test::await(third->runs().create(someRun(QStringLiteral("x"))));
        QVERIFY(next);
        QVERIFY(next->value > newest);
        QVERIFY(next->value <= newest + 64);
        third.reset();
        auto fourth = open(path);
        const auto afterThat = test::await(fourth->runs().create(someRun(QStringLiteral("x"))));
        QVERIFY(afterThat);
        QCOMPARE(afterThat->value, next->value + 1);
    }

    void manyCreationsAtOnce()
    {
        auto project = open(newFile());
        std::vector<Task<Result<RunId>>> tasks;
        for (int i = 0; i < 300; ++i)
            tasks.push_back(project->runs().create(someRun(QString::number(i))));
        QSet<qint64> ids;
        for (auto &task : tasks) {
            const auto id = test::await(std::move(task));
            QVERIFY(id);
            ids.insert(id->value);
        }
        QCOMPARE(ids.size(), 300);
        QVERIFY(test::await(project->flush()));
        QCOMPARE(project->runs().count(), 300);
    }

    void signalsFollowTheCommit()
    {
        auto project = open(newFile());
        QSignalSpy added(&project->runs(), &RunRepository::added);
        QSignalSpy changed(&project->runs(), &RunRepository::changed);
        auto other = open(project->path(), Project::Mode::ReadOnly);
        connect(&project->runs(), &RunRepository::added, this, [&](RunId id) { QVERIFY(other->runs().run(id)); });
        connect(&project->runs(), &RunRepository::changed, this, [&](RunId id) {
            const auto seen = other->runs().run(id);
            QVERIFY(seen);
            QCOMPARE(runStatusName(seen->status), QStringLiteral("done"));
        });
        Player p(*project, someRun(QStringLiteral("q")));
        QCOMPARE(added.size(), 0);
        QVERIFY(project->runs().run(p.run)); // known at once in this program
        QVERIFY(test::await(project->runs().flush()));
        QCOMPARE(added.size(), 1);
        p.ended(RunStatus::Done, QStringLiteral("a"));
        QCOMPARE(changed.size(), 1);
        disconnect(&project->runs(), nullptr, this, nullptr);
    }

    void runUnderWayIsSeen()
    {
        auto project = open(newFile());
        Player p(*project, someRun(QStringLiteral("live")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("a"));
        p.begin(QStringLiteral("1.1"), StepKind::Human, QStringLiteral("approve"));
        p.note(QStringLiteral("1.1"), QStringLiteral("approval_requested"));
        const auto list = query(*project, RunQuery());
        QCOMPARE(list.size(), 1u);
        QCOMPARE(runStatusName(list[0].status), QStringLiteral("waiting"));
        QCOMPARE(list[0].stepCount, 2);
        // Containers are in the file when they begin, and so is that it waits.
        auto other = open(project->path());
        QVERIFY(test::await(project->flush()));
        const StoredRun seen = load(*other, p.run);
        QCOMPARE(runStatusName(seen.info.status), QStringLiteral("waiting"));
        QCOMPARE(seen.trace.steps().size(), 1u);
        QCOMPARE(stepStatusName(seen.trace.steps()[0].status), QStringLiteral("running"));
        p.stepEnd(QStringLiteral("1.1"), StepStatus::Ok);
        QCOMPARE(runStatusName(project->runs().run(p.run)->status), QStringLiteral("running"));
        p.ended(RunStatus::Done, QStringLiteral("done"));
        compareTraces(load(*other, p.run).trace, p.live);
    }

    void endWithoutEventAndEventAfterEnd()
    {
        auto project = open(newFile());
        Player p(*project, someRun(QStringLiteral("q")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("a"));
        Usage usage;
        usage.inputTokens = 5;
        QVERIFY(test::await(project->runs().end(p.run, RunStatus::Cancelled, QStringLiteral("so far"), Error::cancelled(), usage)));
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
        QVERIFY(test::await(project->flush()));
        QCOMPARE(load(*project, p.run).info.endUs, late.timeUs);
        const auto again = test::await(project->runs().end(p.run, RunStatus::Done, QString(), {}, Usage()));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::InvalidInput);
    }

    void closingInterruptsWhatIsUnderWay()
    {
        const QString path = newFile();
        auto project = open(path);
        Player p(*project, someRun(QStringLiteral("q")));
        p.started({});
        p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("a"));
        project.reset();
        project = open(path);
        const auto stored = load(*project, p.run);
        QCOMPARE(runStatusName(stored.info.status), QStringLiteral("interrupted"));
        QCOMPARE(stepStatusName(stored.trace.steps()[0].status), QStringLiteral("interrupted"));
    }

    void killedProgramLeavesAnInterruptedRun()
    {
        const QString path = newFile();
        auto process = child(QStringLiteral("kill"), path);
        const QStringList said = words(*process);
        QVERIFY(process->waitForFinished());
        QCOMPARE(process->exitStatus(), QProcess::CrashExit);
        QCOMPARE(said.size(), 2);
        QCOMPARE(said[1], QStringLiteral("1"));
        const RunId id{said[0].toLongLong()};

        auto project = open(path);
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
        const Step &chat = stored.trace.steps()[size_t(stored.trace.indexOf(QStringLiteral("1.1")))];
        QCOMPARE(chat.text, QStringLiteral("safe"));
        QCOMPARE(stepStatusName(chat.status), QStringLiteral("ok"));
        const Step &tool = stored.trace.steps()[size_t(stored.trace.indexOf(QStringLiteral("1.2")))];
        QCOMPARE(tool.name, QStringLiteral("execute_tool mail"));
        QCOMPARE(stepStatusName(tool.status), QStringLiteral("interrupted"));
        // It is found by its input, and again after it was finished, by its output too.
        RunQuery search;
        search.text = QStringLiteral("interrupted");
        QCOMPARE(query(*project, search).size(), 1u);

        // Resume: the same events again, then the rest.
        QVERIFY(test::await(project->runs().reopen(id)));
        QCOMPARE(runStatusName(project->runs().run(id)->status), QStringLiteral("running"));
        const auto twice = test::await(project->runs().reopen(id));
        QVERIFY(!twice);
        QCOMPARE(twice.error().kind, ErrorKind::InvalidInput);
        QCOMPARE(query(*project, search).size(), 0u);
        Trace live;
        const auto emitEvent = [&](RunEventKind kind, const QString &step, qint64 timeUs, const QString &text = {}) {
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
        emitEvent(RunEventKind::StepEnded, QStringLiteral("1.1"), info->startUs + 3, QStringLiteral("safe"));
        StoredEntry second = stored.journal[1];
        second.done = true;
        second.outcome = toolOutcome(QStringLiteral("sent"));
        QVERIFY(test::await(project->runs().writeEntry(id, second)));
        emitEvent(RunEventKind::StepStarted, QStringLiteral("1.2"), info->startUs + 4);
        emitEvent(RunEventKind::StepEnded, QStringLiteral("1.2"), info->startUs + 5, QStringLiteral("sent"));
        emitEvent(RunEventKind::StepEnded, QStringLiteral("1"), info->startUs + 6);
        emitEvent(RunEventKind::RunEnded, QString(), info->startUs + 7, QStringLiteral("finished well"));
        QVERIFY(test::await(project->runs().end(id, RunStatus::Done, QStringLiteral("finished well"), {}, Usage())));
        stored = load(*project, id);
        compareTraces(stored.trace, live);
        QCOMPARE(stored.journal.size(), 2u);
        QVERIFY(stored.journal[1].done);
        QCOMPARE(query(*project, search).size(), 1u);
        search.text = QStringLiteral("finished wel");
        QCOMPARE(query(*project, search).size(), 1u);
        const auto report = test::await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
    }

    void runOfAnotherLiveProgramStaysRunning()
    {
        const QString path = newFile();
        auto process = child(QStringLiteral("hold"), path);
        const QStringList said = words(*process);
        QCOMPARE(said.size(), 2);
        QCOMPARE(said[1], QStringLiteral("1"));
        const RunId id{said[0].toLongLong()};
        auto project = open(path);
        QCOMPARE(runStatusName(project->runs().run(id)->status), QStringLiteral("running"));
        QCOMPARE(project->runs().run(id)->pid, int(process->processId()));
        QCOMPARE(*test::await(project->runs().markInterrupted()), 0);
        const auto taken = test::await(project->runs().reopen(id));
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
        QTRY_VERIFY(project->dataVersion() != version);
        QCOMPARE(project->runs().run(id)->output, QStringLiteral("ended there"));
    }

    void killedProgramIsFoundWhileOpen()
    {
        const QString path = newFile();
        auto process = child(QStringLiteral("hold"), path);
        const RunId id{words(*process).value(0).toLongLong()};
        auto project = open(path);
        QSignalSpy changed(&project->runs(), &RunRepository::changed);
        process->kill();
        QVERIFY(process->waitForFinished());
        QCOMPARE(*test::await(project->runs().markInterrupted()), 1);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(runStatusName(project->runs().run(id)->status), QStringLiteral("interrupted"));
    }

    void fullDiskKeepsEverythingBefore()
    {
        const QString path = newFile();
        auto process = child(QStringLiteral("full"), path);
        const QStringList said = words(*process);
        QVERIFY(process->waitForFinished(60'000));
        QCOMPARE(process->exitCode(), 0);
        const int safe = said.value(1).toInt();
        const QString message = said.mid(2).join(QLatin1Char(' '));
        QVERIFY2(safe >= 5 && safe < 99, qPrintable(said.join(QLatin1Char(' '))));
        QVERIFY2(message.contains(QStringLiteral("full")) && message.endsWith(QLatin1Char('.')), qPrintable(message));
        auto project = open(path);
        const StoredRun stored = load(*project, RunId{said.value(0).toLongLong()});
        QCOMPARE(stored.journal.size(), size_t(safe));
        QCOMPARE(runStatusName(stored.info.status), QStringLiteral("failed"));
        QVERIFY(stored.info.error);
        QCOMPARE(stored.info.error->message, message);
        const auto report = test::await(project->doctor(false));
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
    }

    void hugeTexts()
    {
        const QString path = newFile();
        auto project = open(path);
        QString text;
        text.reserve(10'000'000);
        for (int i = 0; text.size() < 10'000'000; ++i)
            text += QStringLiteral("Zeile %1 — 你好 🙂\n").arg(i);
        RunInfo info = someRun(text);
        Player p(*project, info);
        p.started({{QStringLiteral("input"), text}});
        p.begin(QStringLiteral("1"), StepKind::Model, QStringLiteral("chat m"));
        QVERIFY(p.entry(QStringLiteral("1"), QStringLiteral("chat"), {{QStringLiteral("model"), text}}, true, chatOutcome(text)));
        p.stepEnd(QStringLiteral("1"), StepStatus::Ok, text, {{QStringLiteral("gen_ai.tool.call.arguments"), text}});
        p.ended(RunStatus::Done, text);
        project.reset();
        QVERIFY2(QFileInfo(path).size() < 20'000'000, qPrintable(QString::number(QFileInfo(path).size())));
        project = open(path);
        const auto list = query(*project, RunQuery());
        QCOMPARE(list.size(), 1u);
        QCOMPARE(list[0].input, text.left(500));
        QCOMPARE(list[0].output, text.left(500));
        QVERIFY(project->runs().run(p.run)->output == text);
        const StoredRun stored = load(*project, p.run);
        QVERIFY(stored.info.input == text);
        QCOMPARE(stored.info.inputJson.value(QStringLiteral("text")).toString().size(), text.size());
        compareTraces(stored.trace, p.live);
        compareEntries(stored.journal, p.written);
        RunQuery search;
        search.text = QStringLiteral("zeile 17");
        QCOMPARE(query(*project, search).size(), 1u);
    }

    void oddTexts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("empty") << QString();
        QTest::newRow("zero byte") << QStringLiteral("a") + QChar(0) + QStringLiteral("b");
        QTest::newRow("emoji at the cut") << QStringLiteral("x").repeated(499) + QStringLiteral("🙂") + QStringLiteral("y").repeated(3000);
        QTest::newRow("like a frame") << QStringLiteral("(\u00b5/\u00fd text");
        QTest::newRow("quotes") << QStringLiteral("'; DROP TABLE runs; -- \"%1\"");
    }

    void oddTexts()
    {
        QFETCH(const QString, text);
        auto project = open(newFile());
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

    void search_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("found");
        QTest::newRow("word of the input") << "refund" << 2;
        QTest::newRow("begin of a word, other case") << "REFU" << 2;
        QTest::newRow("word of the output") << "apology" << 1;
        QTest::newRow("all words") << "refund apology" << 1;
        QTest::newRow("accents") << "cafe" << 1;
        QTest::newRow("chinese") << "退款" << 1;
        QTest::newRow("none") << "nothing-like-this" << 0;
        QTest::newRow("syntax is text") << "refund OR NOT (" << 0;
        QTest::newRow("quotes") << "\"refund\" *" << 2;
        QTest::newRow("signs only") << "--- ***" << 0;
        QTest::newRow("emoji only") << "🙂" << 0;
    }

    void search()
    {
        QFETCH(const QString, text);
        QFETCH(const int, found);
        auto project = open(newFile());
        const std::pair<const char *, const char *> texts[] = {{"Where is my refund?", "An apology."},
                                                               {"refunds late", "ok"},
                                                               {"Un café, s'il vous plaît", "oui"},
                                                               {"退款 在哪里", "好"}};
        for (const auto &[input, output] : texts) {
            Player p(*project, someRun(QString::fromUtf8(input)));
            p.ended(RunStatus::Done, QString::fromUtf8(output));
        }
        RunQuery wanted;
        wanted.text = text;
        QCOMPARE(int(query(*project, wanted).size()), found);
    }

    void filtersAndKeysetPages()
    {
        constexpr int total = 5000;
        auto project = open(newFile());
        const auto agent = test::await(project->artifacts().create(ArtifactKind::Agent, QStringLiteral("große 代理"), {}));
        QVERIFY(agent);
        for (int i = 0; i < total; ++i) {
            RunInfo info = someRun(QStringLiteral("input %1").arg(i));
            if (i % 10 == 0) {
                info.artifact = *agent;
                info.agentName = QStringLiteral("große 代理");
            }
            const auto id = test::await(project->runs().create(info));
            QVERIFY(id);
            RunEvent ended;
            ended.kind = RunEventKind::RunEnded;
            ended.run = *id;
            ended.timeUs = m_clock.nowUs();
            ended.runStatus = i % 100 == 0 ? RunStatus::Failed : RunStatus::Done;
            project->runs().record(ended);
        }
        QVERIFY(test::await(project->flush()));
        QCOMPARE(project->runs().count(), total);
        const auto pages = [&](RunQuery wanted) {
            QSet<qint64> seen;
            qint64 last = std::numeric_limits<qint64>::max();
            wanted.limit = 70;
            for (;;) {
                const auto page = query(*project, wanted);
                for (const RunInfo &info : page) {
                    if (info.id.value >= last)
                        return -1;
                    last = info.id.value;
                    seen.insert(last);
                }
                if (page.size() < 70)
                    return int(seen.size());
                wanted.before = page.back().id;
            }
        };
        RunQuery wanted;
        QCOMPARE(pages(wanted), total);
        wanted.agent = QStringLiteral("große 代理");
        QCOMPARE(pages(wanted), total / 10);
        wanted.status = RunStatus::Failed;
        QCOMPARE(pages(wanted), total / 100);
        wanted.text = QStringLiteral("input 100");
        QCOMPARE(pages(wanted), 2); // "input 100" and "input 1000"
        wanted = RunQuery();
        wanted.text = QStringLiteral("input");
        QCOMPARE(pages(wanted), total);
        wanted = RunQuery();
        wanted.agent = QStringLiteral("triage"); // no artifact of that name
        QCOMPARE(pages(wanted), total - total / 10);
    }

    void queriesAreCancelledAndSurviveTheProject()
    {
        auto project = open(newFile());
        CancelSource cancel;
        cancel.cancel();
        const auto cancelled = test::await(project->runs().query(RunQuery(), cancel.token()));
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().kind, ErrorKind::Cancelled);
        CancelSource later;
        auto pending = project->runs().query(RunQuery(), later.token());
        later.cancel();
        QCOMPARE(test::await(std::move(pending)).error().kind, ErrorKind::Cancelled);
        const auto none = test::await(project->runs().load(RunId{999}, CancelToken()));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        // The project goes while tasks wait: all of them end.
        auto created = project->runs().create(someRun(QStringLiteral("x")));
        auto listed = project->runs().query(RunQuery(), CancelToken());
        auto loaded = project->runs().load(RunId{1}, CancelToken());
        auto flushed = project->flush();
        project.reset();
        const auto created2 = test::await(std::move(created));
        QVERIFY(!created2);
        QVERIFY(!test::await(std::move(listed)) || true); // either outcome, but it ends
        static_cast<void>(test::await(std::move(loaded)));
        static_cast<void>(test::await(std::move(flushed)));
    }

    void usageSinceSums()
    {
        auto project = open(newFile());
        Usage usage;
        usage.inputTokens = 7;
        usage.costUsd = 0.5;
        for (int i = 0; i < 3; ++i) {
            RunInfo info = someRun(QStringLiteral("x"));
            info.startUs = 1000 + i;
            const auto id = test::await(project->runs().create(info));
            QVERIFY(id);
            QVERIFY(test::await(project->runs().end(*id, RunStatus::Done, QString(), {}, usage)));
        }
        QCOMPARE(project->runs().usageSince(1001).inputTokens, 14);
        QCOMPARE(project->runs().usageSince(1001).costUsd, 1.0);
        QCOMPARE(project->runs().usageSince(0).inputTokens, 21);
        QCOMPARE(project->runs().usageSince(5000).inputTokens, 0);
    }

    void sharedSnapshotIsStoredOnce()
    {
        const QString path = newFile();
        auto project = open(path);
        RunInfo info = someRun(QStringLiteral("x"));
        QByteArray noise;
        for (int i = 0; i < 2000; ++i)
            noise += QByteArray::number(QRandomGenerator::global()->generate(), 36);
        info.snapshot.insert(QStringLiteral("noise"), QString::fromLatin1(noise));
        for (int i = 0; i < 50; ++i)
            Player(*project, info).ended(RunStatus::Done, QString());
        QCOMPARE(canonical(load(*project, project->runs().newest()).info.snapshot), canonical(info.snapshot));
        project.reset();
        QVERIFY2(QFileInfo(path).size() < 250'000, qPrintable(QString::number(QFileInfo(path).size())));
    }

    void readOnlyProjectRecordsNothing()
    {
        const QString path = newFile();
        auto project = open(path, Project::Mode::ReadOnly);
        const auto created = test::await(project->runs().create(someRun(QStringLiteral("x"))));
        QVERIFY(!created);
        QCOMPARE(created.error().kind, ErrorKind::ProjectFile);
        QVERIFY(created.error().message.contains(QStringLiteral("reading only")));
        QCOMPARE(*test::await(project->runs().markInterrupted()), 0);
        QVERIFY(test::await(project->flush()));
    }
};

QTEST_GUILESS_MAIN(TestRunRepository)
#include "tst_RunRepository.moc"
