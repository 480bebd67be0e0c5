// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/trace/RunEvent.h"
#include "tests/ui/design/UiFixture.h"
#include "ui/canvas/TeamRunControl.h"

namespace lathe::test {

// Input -> Router (billing, technical) -> two agents -> Join -> Output, with a loop around a check beside it.
inline QJsonObject deskTeam()
{
    const auto body = json::parseObject(R"json({
      "job": "Answer a customer's message by the specialist it concerns.",
      "at_once": 4,
      "limits": {"steps": 40, "seconds": 120, "tokens": 100000, "cost_usd": 0.5},
      "state": [{"name": "findings", "reducer": "append", "initial": []}],
      "nodes": {
        "n1": {"kind": "input", "name": "Message", "settings": {"fields": [{"name": "customer", "type": "text", "about": "Who wrote it"}]}},
        "n2": {"kind": "router", "name": "Desk", "settings": {"mode": "rules", "otherwise": "r2", "routes": [
                 {"id": "r1", "title": "Billing", "about": "Money, invoices, refunds", "rule": "/refund|invoice/i.test(input)"},
                 {"id": "r2", "title": "Technical", "about": "Anything that does not work", "rule": "true"}]}},
        "n3": {"kind": "agent", "name": "Billing", "settings": {"agent": "triage", "message": "{{input}}"}},
        "n4": {"kind": "agent", "name": "Technician", "settings": {"agent": "analyst"}},
        "n5": {"kind": "join", "name": "Collect", "settings": {"mode": "all"}},
        "n6": {"kind": "output", "name": "Answer", "settings": {}},
        "n7": {"kind": "loop", "name": "Polish", "settings": {"until": "input.length < 400", "at_most": 3}},
        "n8": {"kind": "transform", "name": "Shorten", "settings": {"expression": "input.slice(0, 400)"}}
      },
      "edges": {
        "e1": {"from": "n1", "from_port": "out", "to": "n2", "to_port": "in"},
        "e2": {"from": "n2", "from_port": "r1", "to": "n3", "to_port": "in"},
        "e3": {"from": "n2", "from_port": "r2", "to": "n4", "to_port": "in"},
        "e4": {"from": "n3", "from_port": "out", "to": "n5", "to_port": "in"},
        "e5": {"from": "n4", "from_port": "out", "to": "n5", "to_port": "in"},
        "e6": {"from": "n5", "from_port": "out", "to": "n7", "to_port": "in"},
        "e7": {"from": "n7", "from_port": "body", "to": "n8", "to_port": "in"},
        "e8": {"from": "n8", "from_port": "out", "to": "n7", "to_port": "again"},
        "e9": {"from": "n7", "from_port": "out", "to": "n6", "to_port": "in"}
      },
      "layout": {"nodes": {"n1": {"x": 0, "y": 80}, "n2": {"x": 280, "y": 64}, "n3": {"x": 560, "y": 0}, "n4": {"x": 560, "y": 144},
                           "n5": {"x": 840, "y": 72}, "n7": {"x": 1120, "y": 72}, "n8": {"x": 1120, "y": 264}, "n6": {"x": 1400, "y": 72}},
                 "frames": {"f1": {"x": 536, "y": -48, "w": 272, "h": 280, "title": "Specialists", "color": "agent"}},
                 "notes": {"t1": {"x": 280, "y": 200, "w": 200, "h": 72, "text": "Refunds go to a person."}}}
    })json");
    return body ? *body : QJsonObject{{QStringLiteral("broken test data"), body.error().message}};
}

// Events of a run, a millisecond apart.
class RunScript
{
public:
    explicit RunScript(RunId run = RunId{7}) : m_run(run)
    {
        RunEvent event = make(RunEventKind::RunStarted, QString());
        m_events.push_back(event);
        begin(QStringLiteral("1"), StepKind::Agent, {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("invoke_workflow")}});
    }
    RunScript &begin(const QString &step, StepKind kind, const QJsonObject &attributes)
    {
        RunEvent event = make(RunEventKind::StepStarted, step);
        event.stepKind = kind;
        event.name = attributes.value(QStringLiteral("name")).toString(step);
        event.attributes = attributes;
        m_events.push_back(event);
        return *this;
    }
    RunScript &node(const QString &step, const QString &id, const QJsonValue &input)
    {
        return begin(step, StepKind::Control, {{QStringLiteral("lathe.node"), id}, {QStringLiteral("lathe.input"), QJsonObject{{QStringLiteral("in"), input}}}});
    }
    RunScript &end(const QString &step, const QJsonObject &attributes = {}, StepStatus status = StepStatus::Ok, const QString &error = QString())
    {
        RunEvent event = make(RunEventKind::StepEnded, step);
        event.stepStatus = status;
        event.attributes = attributes;
        if (!error.isEmpty())
            event.error = Error(ErrorKind::Provider, error);
        m_events.push_back(event);
        return *this;
    }
    RunScript &left(const QString &step, const QJsonValue &output, const QString &port = QStringLiteral("out"), const QJsonObject &state = {})
    {
        QJsonObject attributes{{QStringLiteral("lathe.output"), output}, {QStringLiteral("lathe.port"), port}};
        if (!state.isEmpty())
            attributes.insert(QStringLiteral("lathe.state"), state);
        return end(step, attributes);
    }
    // A model call below a step.
    RunScript &call(const QString &step, int in, int out, double cost)
    {
        begin(step, StepKind::Model, {{QStringLiteral("name"), QStringLiteral("chat extractive")}});
        return end(step, {{QStringLiteral("gen_ai.usage.input_tokens"), in}, {QStringLiteral("gen_ai.usage.output_tokens"), out}, {QStringLiteral("lathe.cost_usd"), cost}});
    }
    RunScript &note(const QString &step, const QString &name, const QJsonObject &attributes)
    {
        RunEvent event = make(RunEventKind::StepNote, step);
        event.name = name;
        event.attributes = attributes;
        m_events.push_back(event);
        return *this;
    }
    RunScript &over(RunStatus status = RunStatus::Done)
    {
        RunEvent event = make(RunEventKind::RunEnded, QString());
        event.runStatus = status;
        m_events.push_back(event);
        return *this;
    }
    const std::vector<RunEvent> &events() const { return m_events; }
    Trace trace() const
    {
        Trace made;
        for (const RunEvent &event : m_events)
            made.apply(event);
        return made;
    }
    std::vector<RunEvent> take() { return std::exchange(m_events, {}); } // for the next batch

private:
    RunEvent make(RunEventKind kind, const QString &step)
    {
        RunEvent event;
        event.kind = kind;
        event.run = m_run;
        event.step = step;
        event.timeUs = m_now += 1000;
        return event;
    }
    RunId m_run;
    qint64 m_now = 1'700'000'000'000'000;
    std::vector<RunEvent> m_events;
};

// A run of deskTeam() through the branch "Technical"; the loop goes round twice.
inline RunScript deskRun(RunId run = RunId{7})
{
    RunScript script(run);
    const auto s = [](const char *text) { return QString::fromLatin1(text); };
    const QString message = s("The app crashes when I open a report.");
    script.node(s("1.1"), s("n1"), message).left(s("1.1"), message);
    script.node(s("1.2"), s("n2"), message).left(s("1.2"), message, s("r2"));
    script.note(s("1"), s("skipped"), {{s("nodes"), QJsonArray{s("n3")}}});
    script.node(s("1.3"), s("n4"), message);
    script.call(s("1.3.1"), 400, 60, 0.001);
    script.begin(s("1.3.2"), StepKind::Tool, {{s("name"), s("execute_tool search")}}).end(s("1.3.2"), {}, StepStatus::Failed, s("No such page."));
    script.call(s("1.3.3"), 700, 80, 0.002);
    const QJsonObject answer{{s("answer"), s("Clear the cache, then open it again.")}, {s("steps"), QJsonArray{1, 2}}};
    script.left(s("1.3"), answer, s("out"), {{s("findings"), s("cache")}});
    script.node(s("1.4"), s("n5"), answer).left(s("1.4"), QJsonArray{answer});
    script.node(s("1.5"), s("n7"), QJsonArray{answer});
    for (int i = 0; i < 2; ++i) {
        const QString at = QStringLiteral("1.5.%1").arg(i + 1), below = at + s(".1");
        script.begin(at, StepKind::Control, {{s("lathe.iteration"), i}});
        script.node(below, s("n8"), QStringLiteral("draft %1").arg(i)).left(below, QStringLiteral("shorter %1").arg(i), s("out"), {{s("findings"), QStringLiteral("round %1").arg(i)}});
        script.end(at);
    }
    script.left(s("1.5"), s("shorter 1"));
    script.node(s("1.6"), s("n6"), s("shorter 1")).left(s("1.6"), s("shorter 1"));
    script.end(s("1"));
    return script.over();
}

// What the shell would connect to the session.
class FakeRunControl : public TeamRunControl
{
public:
    using TeamRunControl::TeamRunControl;
    void setBreakpoints(ArtifactId team, const QStringList &nodes) override { breakpoints.insert(team.value, nodes); }
    std::optional<PausedTeam> paused(RunId run) const override { return waiting && waiting->run == run ? waiting : std::nullopt; }
    void continueRun(RunId run) override
    {
        continued.append(run);
        waiting.reset();
        Q_EMIT pausedChanged(run);
    }
    Task<Result<RunId>> fork(TeamForkRequest request) override
    {
        forks.push_back(request);
        if (refusal)
            co_return *refusal;
        co_return forked;
    }
    void pause(const PausedTeam &at)
    {
        waiting = at;
        Q_EMIT pausedChanged(at.run);
    }
    QHash<qint64, QStringList> breakpoints;
    std::optional<PausedTeam> waiting;
    QList<RunId> continued;
    std::vector<TeamForkRequest> forks;
    std::optional<Error> refusal;
    RunId forked;
};

} // namespace lathe::test
