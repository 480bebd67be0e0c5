// SPDX-License-Identifier: GPL-3.0-or-later
// Tasks through a tool-loop agent: two streamed chats and one call of the calculator each, recorded durably in a project file,
// against raw libcurl sending the same two bodies to the same server. One task at a time and 32 at once, in turns with the
// floor, so that other load on the machine hits both; the median of the rounds. Then CPU time a task, and memory over 2,000.
// Usage: bench_tasks [rounds] [tasks a round] [tasks for the memory]
#include "tests/benchmarks/BenchProject.h"
#include "tests/benchmarks/RawCurl.h"

#include <QCoreApplication>
#include <QTemporaryDir>

using namespace lathe;
using namespace lathe::bench;

namespace {
struct Figures {
    std::vector<double> wall, cpu, mainCpu, floorWall, floorCpu, ratio;
};

Figures compare(int rounds, int tasks, const std::function<void()> &floor, const std::function<void()> &ours)
{
    Figures figures;
    for (int round = 0; round < rounds; ++round) {
        const Cost raw = measure(tasks, floor), own = measure(tasks, ours);
        figures.wall.push_back(own.wallUs);
        figures.cpu.push_back(own.cpuUs);
        figures.mainCpu.push_back(own.mainCpuUs);
        figures.floorWall.push_back(raw.wallUs);
        figures.floorCpu.push_back(raw.cpuUs);
        figures.ratio.push_back(raw.wallUs / own.wallUs);
    }
    return figures;
}

void print(const char *name, const char *rateName, const char *cpuName, const Figures &f)
{
    const double wall = median(f.wall), cpu = median(f.cpu), floorWall = median(f.floorWall), floorCpu = median(f.floorCpu);
    std::printf("%s: %.0f us wall, %.0f us CPU (main thread %.0f, http and writer %.0f) a task; raw libcurl %.0f us wall, %.0f us CPU\n", name,
                wall, cpu, median(f.mainCpu), cpu - median(f.mainCpu), floorWall, floorCpu);
    report(rateName, text(1e6 / wall, "tasks/s", 0), text(1e6 / floorWall, "tasks/s", 0), median(f.ratio), median(f.ratio), 0.5, Better::Higher, "");
    report(cpuName, text(cpu, "us", 0), text(floorCpu, "us", 0), cpu / floorCpu, cpu / 1000, 0.3, Better::Lower, " ms");
}
}

int main(int argc, char **argv)
{
    const LeanServer server((LeanServer::Script()));
    check(server.port() != 0, "the server did not start");
    qputenv("QT_NO_GLIB", "1"); // as lathe-cli does
    QCoreApplication app(argc, argv);
    curl_global_init(CURL_GLOBAL_ALL);
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
    const int tasks = argc > 2 ? std::atoi(argv[2]) : 400;
    const int memoryTasks = argc > 3 ? std::atoi(argv[3]) : 2000;
    printLoad();

    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("tasks.lathe"));
    makeProject(path, server);
    auto session = Session::open(path, SessionOptions());
    check(session.ok(), "the project does not open");
    const QString answer = runAll(session->get(), "solver", 200, 8); // warm
    check(answer == LeanServer::finalAnswer(), "the answer is not the server's");
    const std::vector<QByteArray> bodies = {RawCurl::get(server.base("seen/1")), RawCurl::get(server.base("seen/2"))};
    check(bodies[0].size() > 500 && bodies[1].contains("\"tool_call_id\"") && bodies[1].contains("142.5"), "the tool was not called");
    std::printf("requests of %lld and %lld bytes\n", qlonglong(bodies[0].size()), qlonglong(bodies[1].size()));

    RawCurl raw(server.base("tools/v1/chat/completions"));
    raw.sequential(50, bodies);
    print("one at a time", "tasks per second, one at a time", "CPU a task, one at a time",
          compare(rounds, tasks, [&] { raw.sequential(tasks, bodies); }, [&] { runAll(session->get(), "solver", tasks, 1); }));
    raw.parallel(64, 32, bodies);
    print("32 at once", "tasks per second, 32 at once", "CPU a task, 32 at once",
          compare(rounds, tasks, [&] { raw.parallel(tasks, 32, bodies); }, [&] { runAll(session->get(), "solver", tasks, 32); }));

    qint64 first = 0, last = 0;
    runAll(session->get(), "solver", memoryTasks / 2, 32); // caches have a size of their own
    std::printf("anonymous memory in KB after every %d tasks:", memoryTasks / 4);
    for (int i = 0; i <= 4; ++i) {
        if (i > 0)
            runAll(session->get(), "solver", memoryTasks / 4, 32);
        last = anonymousKb();
        if (i == 0)
            first = last;
        std::printf(" %lld", qlonglong(last));
    }
    std::printf("\n");
    report("memory growth over 2,000 tasks", text(double(last - first), "KB", 0), text(double(first), "KB before", 0),
           double(last) / double(first), double(last - first), 1024, Better::Lower, " KB");

    const int recorded = 200 + 2 * rounds * tasks + memoryTasks / 2 + 4 * (memoryTasks / 4);
    check(wait((*session)->project().flush()).ok(), "the journal was not written");
    check((*session)->project().runs().count() == recorded, "not every run was recorded");
    const auto newest = wait((*session)->project().runs().load((*session)->project().runs().newest(), CancelToken()));
    check(newest.ok() && newest->journal.size() == 3 && newest->journal.back().done, "a journal is incomplete");
    return 0;
}
