// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/trace/TraceScript.h"

#include <random>

// Traces made by chance, for properties.
namespace lathe::test {

struct RandomShape {
    int steps = 12;
    qint64 longestUs = 40; // small times, so that ends and starts often meet
    bool clocksDiffer = false; // children may stand outside of their parents
    int names = 3;
};

inline Trace randomTrace(std::mt19937 &random, const RandomShape &shape)
{
    const auto number = [&random](int below) { return int(random() % unsigned(below)); };
    struct Made {
        QString path;
        qint64 from, to;
        int children = 0;
    };
    std::vector<Made> made;
    Trace trace;
    RunEvent run;
    run.kind = RunEventKind::RunStarted;
    run.run = RunId{3};
    run.timeUs = t0;
    trace.apply(run);
    int roots = 0;
    qint64 last = t0;
    for (int i = 0; i < shape.steps; ++i) {
        const int parent = made.empty() || number(8) == 0 ? -1 : number(int(made.size()));
        const qint64 low = parent < 0 ? t0 : made[size_t(parent)].from, high = parent < 0 ? t0 + shape.longestUs : made[size_t(parent)].to;
        Made step;
        step.from = low + number(int(high - low) + 1);
        step.to = step.from + number(int(high - step.from) + 1);
        if (shape.clocksDiffer && number(3) == 0) {
            step.from += number(20) - 10;
            step.to = std::max(step.from, step.to + number(20) - 10);
        }
        step.path = parent < 0 ? QString::number(++roots)
                               : made[size_t(parent)].path + QLatin1Char('.') + QString::number(++made[size_t(parent)].children);
        RunEvent event;
        event.kind = RunEventKind::StepStarted;
        event.run = run.run;
        event.step = step.path;
        event.timeUs = step.from;
        event.stepKind = StepKind(number(4));
        event.name = QStringLiteral("step %1").arg(number(shape.names));
        trace.apply(event);
        event.kind = RunEventKind::StepEnded;
        event.timeUs = step.to;
        event.stepStatus = StepStatus::Ok;
        event.text = QStringLiteral("word%1 word%2").arg(number(5)).arg(number(5));
        trace.apply(event);
        last = std::max(last, step.to);
        made.push_back(step);
    }
    RunEvent end;
    end.kind = RunEventKind::RunEnded;
    end.run = run.run;
    end.timeUs = last + number(5);
    end.runStatus = RunStatus::Done;
    trace.apply(end);
    return trace;
}

// An agent loop of many steps: model calls, tools, some in parallel; with repeated shapes as real runs have.
inline Trace largeTrace(int steps, int seed)
{
    std::mt19937 random{unsigned(seed)};
    Trace trace;
    qint64 now = t0;
    const auto apply = [&](RunEventKind kind, const QString &path, StepKind stepKind, const QString &name, const QString &text, const char *attributes) {
        RunEvent event;
        event.kind = kind;
        event.run = RunId{seed + 1};
        event.step = path;
        event.timeUs = now += 1 + random() % 50;
        event.stepKind = stepKind;
        event.stepStatus = StepStatus::Ok;
        event.name = name;
        event.text = text;
        event.attributes = object(attributes);
        trace.apply(event);
    };
    apply(RunEventKind::StepStarted, QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent big"), {}, "{}");
    for (int made = 1, turn = 1; made < steps; ++turn) {
        const QString agent = QStringLiteral("1.%1").arg(turn);
        apply(RunEventKind::StepStarted, agent, StepKind::Agent, QStringLiteral("invoke_agent part"), {}, R"({"gen_ai.agent.name":"part"})");
        ++made;
        for (int i = 1; i <= 9 && made < steps; ++i, ++made) {
            const QString path = agent + QLatin1Char('.') + QString::number(i);
            const bool model = i % 2 == 1;
            apply(RunEventKind::StepStarted, path, model ? StepKind::Model : StepKind::Tool,
                  model ? QStringLiteral("chat m") : QStringLiteral("execute_tool t%1").arg(i % 3), {},
                  model ? R"({"gen_ai.request.model":"m"})" : R"({"gen_ai.tool.name":"t","gen_ai.tool.call.arguments":{"q":1}})");
            apply(RunEventKind::StepEnded, path, StepKind::Model, {}, QStringLiteral("answer %1 of %2").arg(random() % 100).arg(turn),
                  model ? R"({"gen_ai.usage.input_tokens":100,"gen_ai.usage.output_tokens":7,"lathe.cost_usd":0.001})" : "{}");
        }
        apply(RunEventKind::StepEnded, agent, StepKind::Agent, {}, {}, "{}");
    }
    apply(RunEventKind::StepEnded, QStringLiteral("1"), StepKind::Agent, {}, QStringLiteral("done"), "{}");
    apply(RunEventKind::RunEnded, {}, StepKind::Agent, {}, QStringLiteral("done"), "{}");
    return trace;
}

} // namespace lathe::test
