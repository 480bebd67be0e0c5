// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/trace/Trace.h"
#include "tests/support/JsonText.h"

// Runs written down for the tests of this folder.
namespace lathe::test {

constexpr qint64 t0 = 1'700'000'000'000'000;

// Events written as in a log: kind, path, time after the start.
struct Script {
    std::vector<RunEvent> events;
    RunEvent &add(RunEventKind kind, const char *step, qint64 us)
    {
        RunEvent event;
        event.kind = kind;
        event.run = RunId{7};
        event.step = QString::fromLatin1(step);
        event.timeUs = t0 + us;
        events.push_back(event);
        return events.back();
    }
    void runStarted(const char *attributes = "{}")
    {
        add(RunEventKind::RunStarted, "", 0).attributes = object(attributes);
    }
    void started(const char *step, qint64 us, StepKind kind, const char *name,
                 const char *attributes = "{}")
    {
        RunEvent &event = add(RunEventKind::StepStarted, step, us);
        event.stepKind = kind;
        event.name = QString::fromUtf8(name);
        event.attributes = object(attributes);
    }
    void delta(const char *step, qint64 us, const char *text,
               DeltaChannel channel = DeltaChannel::Text)
    {
        RunEvent &event = add(RunEventKind::StepDelta, step, us);
        event.text = QString::fromUtf8(text);
        event.channel = channel;
    }
    void note(const char *step, qint64 us, const char *name, const char *attributes = "{}")
    {
        RunEvent &event = add(RunEventKind::StepNote, step, us);
        event.name = QString::fromUtf8(name);
        event.attributes = object(attributes);
    }
    void ended(const char *step, qint64 us, StepStatus status = StepStatus::Ok,
               const char *attributes = "{}")
    {
        RunEvent &event = add(RunEventKind::StepEnded, step, us);
        event.stepStatus = status;
        event.attributes = object(attributes);
    }
    void runEnded(qint64 us, RunStatus status, const char *output = "")
    {
        RunEvent &event = add(RunEventKind::RunEnded, "", us);
        event.runStatus = status;
        event.text = QString::fromUtf8(output);
    }
};

inline Trace traceOf(const std::vector<RunEvent> &events)
{
    Trace trace;
    for (const RunEvent &event : events)
        trace.apply(event);
    return trace;
}

// Two model calls with a failed and a good tool call between them.
inline Script toolLoop()
{
    Script s;
    s.runStarted(R"({"agent":"triage","input":"Which area has the most complaints?"})");
    s.started("1", 10, StepKind::Agent, "invoke_agent triage",
              R"({"gen_ai.operation.name":"invoke_agent","gen_ai.agent.name":"triage"})");
    s.started(
        "1.1", 20, StepKind::Model, "chat extractive",
        R"({"gen_ai.operation.name":"chat","gen_ai.request.model":"extractive","gen_ai.provider.name":"offline","gen_ai.request.temperature":1,"gen_ai.request.max_tokens":500})");
    s.note("1.1", 100'000, "retry", R"({"attempt":1,"status":503})");
    s.delta("1.1", 400'000, "Let me ", DeltaChannel::Reasoning);
    s.delta("1.1", 410'000, "look.", DeltaChannel::Reasoning);
    s.delta("1.1", 420'000, "{\"query\":", DeltaChannel::ToolArguments);
    s.delta("1.1", 430'000, "\"SELECT 1\"}", DeltaChannel::ToolArguments);
    s.ended(
        "1.1", 500'000, StepStatus::Ok,
        R"({"gen_ai.usage.input_tokens":812,"gen_ai.usage.output_tokens":40,"gen_ai.usage.cache_read.input_tokens":100,"lathe.cost_usd":0.0012,"gen_ai.response.finish_reasons":["tool_calls"]})");
    s.started(
        "1.2", 500'010, StepKind::Tool, "execute_tool sql",
        R"({"gen_ai.operation.name":"execute_tool","gen_ai.tool.name":"sql","gen_ai.tool.call.arguments":{"query":"SELECT 1"}})");
    s.ended("1.2", 512'010, StepStatus::Failed);
    s.events.back().error =
        Error(ErrorKind::Timeout, QStringLiteral("The query took over 30 s; ask for less."));
    s.started("1.3", 512'020, StepKind::Tool, "execute_tool sql");
    s.delta("1.3", 512'030, "billing | 41", DeltaChannel::ToolOutput);
    s.ended("1.3", 513'020);
    s.started("1.4", 513'030, StepKind::Model, "chat extractive",
              R"({"gen_ai.request.model":"extractive"})");
    s.delta("1.4", 700'000, "Billing, with ");
    s.delta("1.4", 710'000, "41.");
    s.ended(
        "1.4", 900'000, StepStatus::Ok,
        R"({"gen_ai.usage.input_tokens":900,"gen_ai.usage.output_tokens":10,"lathe.cost_usd":0.0008})");
    s.ended("1", 900'010);
    s.runEnded(900'020, RunStatus::Done, "Billing, with 41.");
    return s;
}

} // namespace lathe::test
