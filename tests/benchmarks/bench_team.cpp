// SPDX-License-Identifier: GPL-3.0-or-later
// What the scheduler of teams costs for each node, against an empty coroutine hop in the same run: 1,000 nodes beside each other and
// 1,000 in a row, which pass their value on and do nothing else, with the events of their steps; and expressions, which hop to a
// thread and back.
// Usage: bench_team [rounds] [nodes]
#include "core/runtime/TeamRunner.h"
#include "tests/benchmarks/Measure.h"
#include "tests/support/Await.h"
#include "tests/support/FakeClock.h"

#include <QCoreApplication>

using namespace lathe;
using namespace lathe::bench;

namespace {
QJsonObject node(const char *kind, const QString &name, const QJsonObject &settings = {})
{
    return {{QStringLiteral("kind"), QLatin1String(kind)}, {QStringLiteral("name"), name}, {QStringLiteral("settings"), settings}};
}

struct Design {
    QJsonObject nodes, edges;
    void edge(const QString &from, const QString &to)
    {
        edges.insert(QStringLiteral("e%1").arg(edges.size() + 1),
                     QJsonObject{{QStringLiteral("from"), from}, {QStringLiteral("from_port"), QStringLiteral("out")},
                                 {QStringLiteral("to"), to}, {QStringLiteral("to_port"), QStringLiteral("in")}});
    }
    std::shared_ptr<const PreparedTeam> prepare() const
    {
        const auto spec = TeamSpec::fromJson(QJsonObject{{QStringLiteral("nodes"), nodes}, {QStringLiteral("edges"), edges}});
        check(spec.ok(), "the design is no team");
        auto team = std::make_shared<PreparedTeam>();
        team->name = QStringLiteral("bench");
        team->graph = std::make_shared<const TeamGraph>(*spec);
        check(team->graph->sound(), "the team is not sound");
        return team;
    }
};

// in -> count nodes (beside each other, or in a row) -> join -> out
std::shared_ptr<const PreparedTeam> makeTeam(int count, bool row, const char *kind, const QJsonObject &settings)
{
    Design design;
    const QString in = QStringLiteral("n1"), join = QStringLiteral("n%1").arg(count + 2), out = QStringLiteral("n%1").arg(count + 3);
    design.nodes.insert(in, node("input", QStringLiteral("In")));
    for (int i = 0; i < count; ++i) {
        const QString id = QStringLiteral("n%1").arg(i + 2);
        design.nodes.insert(id, node(kind, QStringLiteral("Node %1").arg(i), settings));
        design.edge(row && i > 0 ? QStringLiteral("n%1").arg(i + 1) : in, id);
        if (!row || i + 1 == count)
            design.edge(id, join);
    }
    design.nodes.insert(join, node("join", QStringLiteral("Join"), {{QStringLiteral("mode"), QStringLiteral("first")}}));
    design.nodes.insert(out, node("output", QStringLiteral("Out")));
    design.edge(join, out);
    return design.prepare();
}

int runOnce(const std::shared_ptr<const PreparedTeam> &team)
{
    MemoryJournal journal;
    SystemClock clock;
    int begun = 0;
    RunOptions options;
    options.journal = &journal;
    options.clock = &clock;
    options.limits.seconds = 0;
    options.sink = [&begun](const RunEvent &event) { begun += event.kind == RunEventKind::StepStarted; };
    RunContext context(std::move(options), CancelToken());
    RunInput input;
    input.text = QStringLiteral("hello");
    const auto answer = test::await(runTeam(&context, team, input, QString(), TeamRunOptions()));
    check(answer && *answer == input.text, "the team's answer is wrong");
    return begun;
}

// A coroutine that waits for a value, and its being resumed with one.
Task<int> hop(Completion<int> value)
{
    const int got = co_await value;
    co_return got;
}

qint64 hops(int count)
{
    qint64 sum = 0;
    for (int i = 0; i < count; ++i) {
        Completion<int> value;
        auto task = hop(value);
        value.complete(i);
        check(task.isReady(), "the hop did not end");
        ++sum;
    }
    return sum;
}

void compare(const char *figure, int rounds, int nodes, const std::shared_ptr<const PreparedTeam> &team, double aimUs)
{
    check(runOnce(team) == nodes + 4, "not every node has begun"); // warm
    std::vector<double> own, floor;
    for (int round = 0; round < rounds; ++round) {
        floor.push_back(measure(nodes, [&] { check(hops(nodes) == nodes, "hops"); }).cpuUs);
        own.push_back(measure(nodes, [&] { runOnce(team); }).cpuUs);
    }
    report(figure, text(median(own), "us"), text(median(floor), "us", 2), median(own) / median(floor), median(own), aimUs, Better::Lower, " us");
}
}

int main(int argc, char **argv)
{
    qputenv("QT_NO_GLIB", "1");
    QCoreApplication app(argc, argv);
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
    const int nodes = argc > 2 ? std::atoi(argv[2]) : 1000;
    printLoad();
    hops(100'000);
    compare("a team's node, 1,000 beside each other (CPU; floor: a coroutine hop)", rounds, nodes, makeTeam(nodes, false, "parallel", {}), 20);
    compare("a team's node, 1,000 in a row", rounds, nodes, makeTeam(nodes, true, "parallel", {}), 20);
    compare("a transform node with an expression", rounds, nodes,
            makeTeam(nodes, false, "transform", {{QStringLiteral("expression"), QStringLiteral("[input][0]")}}), 60);
    compare("a transform node with an expression, in a row", rounds, nodes,
            makeTeam(nodes, true, "transform", {{QStringLiteral("expression"), QStringLiteral("[input][0]")}}), 120);
    return 0;
}
