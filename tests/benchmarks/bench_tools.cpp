// SPDX-License-Identifier: GPL-3.0-or-later
// What the one way of a tool call costs (check, policy, budget, journal, trace): an in-process tool called through a run context, against
// the same tool called directly. With the journal in memory, with a policy that has every guard on, and with the journal in a project file.
// Usage: bench_tools [calls] [repetitions]
#include "core/design/ToolPolicyRules.h"
#include "core/project/Project.h"
#include "core/runtime/RunContext.h"
#include "core/session/ProjectJournal.h"
#include "tests/benchmarks/Measure.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QTemporaryDir>

using namespace lathe;

namespace {
class AddTool : public Tool
{
public:
    QString name() const override { return QStringLiteral("add"); }
    QString description() const override { return QStringLiteral("Adds two numbers."); }
    QJsonObject schema() const override
    {
        return json::parseObject("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"},\"b\":{\"type\":\"number\"},\"note\":{\"type\":\"string\"}},"
                                 "\"required\":[\"a\",\"b\"],\"additionalProperties\":false}")
            .valueOr({});
    }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return true; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken) override
    {
        ToolOutcome outcome;
        outcome.text = QString::number(arguments.value(QLatin1String("a")).toDouble() + arguments.value(QLatin1String("b")).toDouble());
        co_return outcome;
    }
};

const QString argumentsText = QStringLiteral("{\"a\":1.5,\"b\":2,\"note\":\"a short text, as models write them\"}");

Task<> direct(Tool *tool, int calls, bool *done)
{
    for (int i = 0; i < calls; ++i) {
        const auto arguments = json::parseObject(argumentsText.toUtf8());
        const auto outcome = co_await tool->call(*arguments, CancelToken());
        bench::check(outcome.ok(), "the tool failed");
    }
    *done = true;
}

Task<> through(RunContext *context, ToolGate *gate, int calls, bool *done)
{
    const MessagePart call = MessagePart::toolCall(QStringLiteral("call_1"), QStringLiteral("add"), argumentsText);
    const QString hint;
    const QString step = context->beginStep(QString(), StepKind::Agent, QStringLiteral("bench"), QJsonObject());
    for (int i = 0; i < calls; ++i) {
        const auto outcome = co_await context->callTool(step, gate, call, hint);
        bench::check(outcome.ok() && !outcome->isError, "the call failed");
    }
    *done = true;
}

void waitFor(const bool *done)
{
    while (!*done)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

// Writes what a run writes and forgets it.
class ForgetfulJournal : public Journal
{
public:
    const JournalEntry *find(const QString &) const override { return nullptr; }
    std::optional<StepTimes> times(const QString &) const override { return std::nullopt; }
    Task<Result<void>> begin(JournalEntry) override { co_return Result<void>(); }
    Task<Result<void>> finish(JournalEntry) override { co_return Result<void>(); }
};

ToolSpec guarded()
{
    ToolSpec spec;
    spec.type = QStringLiteral("mcp");
    spec.approval = Approval::AskWhen;
    ArgumentRule rule;
    rule.pointer = QStringLiteral("/a");
    rule.op = QStringLiteral("greater");
    rule.value = 100;
    spec.askWhen = {rule};
    spec.allowedHosts = QStringList{QStringLiteral("api.example.com")};
    spec.allowedPaths = QStringList{QStringLiteral("/srv/data")};
    spec.redact = QStringList{QStringLiteral("/result/secret")};
    spec.results = ResultHandling::Stripped;
    return spec;
}
} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const int calls = argc > 1 ? atoi(argv[1]) : 5000;
    const int repetitions = argc > 2 ? atoi(argv[2]) : 5;
    SystemClock clock;
    const auto tool = std::make_shared<AddTool>();
    const auto run = [&](ToolSpec spec, Journal *journal, const std::function<void(const RunEvent &)> &sink) {
        spec.limits.callsPerRun = std::numeric_limits<int>::max();
        spec.purpose = QStringLiteral("Add.");
        return bench::measure(calls, [&] {
            RunOptions options;
            options.journal = journal;
            options.clock = &clock;
            options.limits.steps = 0;
            options.limits.seconds = 0;
            options.sink = sink;
            RunContext context(std::move(options), CancelToken());
            ToolGate gate(tool, spec, ToolAttachment());
            bool done = false;
            through(&context, &gate, calls, &done);
            waitFor(&done);
        });
    };
    std::vector<double> floor, memory, guards, file, fileCpu;
    for (int i = 0; i < repetitions; ++i) {
        floor.push_back(bench::measure(calls, [&] {
                            bool done = false;
                            direct(tool.get(), calls, &done);
                            waitFor(&done);
                        }).mainCpuUs);
        ForgetfulJournal journal;
        memory.push_back(run(ToolSpec(), &journal, [](const RunEvent &) {}).mainCpuUs);
        guards.push_back(run(guarded(), &journal, [](const RunEvent &) {}).mainCpuUs);
        QTemporaryDir folder;
        auto project = Project::open(folder.filePath(QStringLiteral("bench.lathe")), Project::Mode::Create, &clock);
        bench::check(project.ok(), "no project file");
        RunInfo info;
        info.agentName = QStringLiteral("bench");
        info.startUs = clock.nowUs();
        RunId id;
        bool created = false;
        const auto create = [](Project *in, RunInfo of, RunId *to, bool *done) -> Task<> {
            const auto made = co_await in->runs().create(of);
            bench::check(made.ok(), "no run");
            *to = *made;
            *done = true;
        };
        create(project->get(), info, &id, &created);
        waitFor(&created);
        ProjectJournal kept(&(*project)->runs(), id);
        const auto cost = run(ToolSpec(), &kept, [&](const RunEvent &event) {
            RunEvent recorded = event;
            recorded.run = id;
            (*project)->runs().record(recorded);
        });
        file.push_back(cost.wallUs);
        fileCpu.push_back(cost.mainCpuUs);
    }
    const double base = bench::median(floor), ours = bench::median(memory), all = bench::median(guards), durable = bench::median(fileCpu);
    std::printf("%d calls, %d repetitions; calls/s: direct %.0f, through the run context %.0f, with every guard %.0f, recorded in a project file (wall, one "
                "at a time, each durable before the next) %.0f\n",
                calls, repetitions, 1e6 / base, 1e6 / ours, 1e6 / all, 1e6 / bench::median(file));
    const auto line = [&](const char *figure, double value) {
        bench::report(figure, bench::text(value, "us"), bench::text(base, "us"), value / base, value - base, 100, bench::Better::Lower, " us more than direct");
    };
    line("tool call: check, policy, budget, journal, trace", ours);
    line("tool call with every guard on (rules, hosts, paths, redaction, stripping)", all);
    line("tool call recorded in a project file (CPU of the main thread)", durable);
    bench::printLoad();
    return 0;
}
