// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/project/Project.h"
#include "tests/support/Await.h"

#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// Plays a run the way core/runtime/RunContext.cpp does: the same events in the same order go to the repository and to a live trace.
class Player
{
public:
    Player(Project &project, RunInfo info) : m_project(project)
    {
        const auto id = await(project.runs().create(std::move(info)));
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
    void begin(const QString &step, StepKind kind, const QString &name,
               const QJsonObject &attributes = {})
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
    void stepEnd(const QString &step, StepStatus status, const QString &text = {},
                 const QJsonObject &attributes = {}, std::optional<Error> error = {})
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
    Result<void> entry(const QString &step, const QString &kind, const QJsonObject &request,
                       bool done, const QJsonObject &outcome = {})
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
        return await(m_project.runs().writeEntry(run, stored));
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
        const auto safe = await(m_project.runs().end(run, status, output, error, live.usage()));
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

inline QJsonObject chatOutcome(const QString &text, const QString &reasoning = {},
                               const QJsonArray &calls = {})
{
    QJsonArray parts;
    if (!reasoning.isEmpty())
        parts.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("reasoning")},
                                 {QStringLiteral("content"), reasoning}});
    if (!text.isEmpty())
        parts.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("text")},
                                 {QStringLiteral("content"), text}});
    for (const QJsonValue &call : calls)
        parts.append(call);
    return {{QStringLiteral("connection"), QStringLiteral("offline")},
            {QStringLiteral("model"), QStringLiteral("extractive")},
            {QStringLiteral("response"),
             QJsonObject{{QStringLiteral("message"),
                          QJsonObject{{QStringLiteral("role"), QStringLiteral("assistant")},
                                      {QStringLiteral("parts"), parts}}},
                         {QStringLiteral("finish_reason"), QStringLiteral("stop")}}}};
}

inline QJsonObject toolOutcome(const QString &text)
{
    return {{QStringLiteral("outcome"), QJsonObject{{QStringLiteral("text"), text}}}};
}

inline QJsonObject modelEnd(int input, int output)
{
    return {{QStringLiteral("gen_ai.provider.name"), QStringLiteral("lathe.offline")},
            {QStringLiteral("lathe.connection"), QStringLiteral("offline")},
            {QStringLiteral("lathe.model"), QStringLiteral("extractive")},
            {QStringLiteral("gen_ai.usage.input_tokens"), input},
            {QStringLiteral("gen_ai.usage.output_tokens"), output},
            {QStringLiteral("lathe.cost_usd"), 0.25}};
}

inline RunInfo someRun(const QString &input)
{
    RunInfo info;
    info.agentName = QStringLiteral("triage");
    info.revisionNumber = 3;
    info.input = input;
    info.inputJson = {{QStringLiteral("text"), input}};
    info.revisions = {{QStringLiteral("agent"), QStringLiteral("triage@3")}};
    info.snapshot = {{QStringLiteral("agent"),
                      QJsonObject{{QStringLiteral("job"), QStringLiteral("sort feedback")}}}};
    info.models = QStringLiteral("offline/extractive");
    return info;
}

inline QByteArray canonical(const QJsonObject &object)
{
    return json::compact(object);
}

inline void compareSteps(const Step &got, const Step &wanted)
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

inline void compareTraces(const Trace &got, const Trace &wanted)
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

inline void compareEntries(const std::vector<StoredEntry> &got,
                           const std::vector<StoredEntry> &wanted)
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

// Project files of one test program. Failures are fatal: no test can go on without its file.
class Files
{
public:
    QString newFile()
    {
        const QString path = m_dir.filePath(QStringLiteral("project %1.lathe").arg(++m_count));
        auto project = Project::open(path, Project::Mode::Create, &clock);
        if (!project)
            qFatal("%s", qPrintable(project.error().message));
        return path;
    }
    std::unique_ptr<Project> open(const QString &path,
                                  Project::Mode mode = Project::Mode::ReadWrite)
    {
        auto project = Project::open(path, mode, &clock);
        if (!project)
            qFatal("%s", qPrintable(project.error().message));
        return std::move(*project);
    }
    QString filePath(const QString &name) const { return m_dir.filePath(name); }

    SystemClock clock;

private:
    QTemporaryDir m_dir;
    int m_count = 0;
};

inline StoredRun load(Project &project, RunId id)
{
    auto run = await(project.runs().load(id, CancelToken()));
    if (!run)
        qFatal("%s", qPrintable(run.error().message));
    return std::move(*run);
}

inline std::vector<RunInfo> query(Project &project, const RunQuery &query)
{
    auto runs = await(project.runs().query(query, CancelToken()));
    if (!runs)
        qFatal("%s", qPrintable(runs.error().message));
    return std::move(*runs);
}

} // namespace lathe::test
