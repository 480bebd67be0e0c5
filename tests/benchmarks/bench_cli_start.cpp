// SPDX-License-Identifier: GPL-3.0-or-later
// lathe-cli from exec to the first answer on its standard output: the sample project with the offline model, and an agent on a
// local server without latency. Against a Qt program that prints one line. In turns; the median.
// Usage: bench_cli_start [rounds]
#include "tests/benchmarks/BenchProject.h"
#include "tests/benchmarks/Spawn.h"

#include <QCoreApplication>
#include <QTemporaryDir>

using namespace lathe;
using namespace lathe::bench;

namespace {
struct Times {
    std::vector<double> answer, cpu;
    Spawned last;
    void take(const QList<QByteArray> &command)
    {
        last = spawn(command);
        check(last.exitCode == 0 && !last.out.isEmpty(), "the program failed");
        answer.push_back(last.firstLineUs / 1000);
        cpu.push_back(last.cpuUs / 1000);
    }
};
}

int main(int argc, char **argv)
{
    const LeanServer server((LeanServer::Script()));
    check(server.port() != 0, "the server did not start");
    QCoreApplication app(argc, argv);
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 40;
    const QList<QByteArray> bare = {bareProgram(QCoreApplication::applicationFilePath().toLocal8Bit(), "bare_core")};
    printLoad();

    QTemporaryDir folder;
    const QString sample = folder.filePath(QStringLiteral("sample.lathe")), local = folder.filePath(QStringLiteral("local.lathe"));
    check(wait(Session::createProject(sample, QStringLiteral("feedback-desk"))).ok(), "the sample was not made");
    makeProject(local, server);
    const QByteArray cli(LATHE_BIN_DIR "/lathe-cli");
    const QList<QByteArray> offline = {cli, "run", sample.toLocal8Bit(), "triage", "--input", "I was charged twice this month, please refund me!"};
    const QList<QByteArray> served = {cli, "run", local.toLocal8Bit(), "solver", "--input", "What is 15 % of 1250 less 300?"};

    Times floor, sampleRun, localRun;
    for (int round = -2; round < rounds; ++round) {
        if (round == 0)
            floor = sampleRun = localRun = Times(); // the first two fill the caches
        floor.take(bare);
        sampleRun.take(offline);
        localRun.take(served);
    }
    check(localRun.last.out.trimmed() == LeanServer::finalAnswer().toUtf8(), "the answer is not the server's");
    check(sampleRun.last.out.contains("Billing"), "the sample's answer is not right");
    const double bareMs = median(floor.answer);
    std::printf("CPU until the end: %.1f ms offline, %.1f ms on the server, %.1f ms bare\n", median(sampleRun.cpu), median(localRun.cpu),
                median(floor.cpu));
    report("lathe-cli to the first answer, offline sample", text(median(sampleRun.answer), "ms"), text(bareMs, "ms"),
           median(sampleRun.answer) / bareMs, median(sampleRun.answer), 35, Better::Lower, " ms");
    report("lathe-cli to the first answer, local server", text(median(localRun.answer), "ms"), text(bareMs, "ms"),
           median(localRun.answer) / bareMs, median(localRun.answer), 35, Better::Lower, " ms");
    return 0;
}
