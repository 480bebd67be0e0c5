// SPDX-License-Identifier: GPL-3.0-or-later
// The window: `lathe SAMPLE.lathe` from exec to its first paint and until its whole content is painted, and its memory when it
// idles, against an empty QMainWindow of the same size on the same platform (offscreen unless QT_QPA_PLATFORM says otherwise). In
// turns; the median. The first paint shows the frame of the window: bars, panels, the tab with its name; explorer and document
// follow from the event loop, and only the second figure counts them.
// Usage: bench_window [rounds]
#include "tests/benchmarks/BenchProject.h"
#include "tests/benchmarks/Spawn.h"

#include <QCoreApplication>
#include <QProcess>
#include <QTemporaryDir>

using namespace lathe;
using namespace lathe::bench;

namespace {
struct Memory {
    double residentMb = 0; // with what libraries and files back
    double ownMb = 0;
};

// A second after the first paint.
Memory idleMemory(const QString &program, const QStringList &arguments)
{
    QProcess process;
    process.start(program, arguments);
    check(process.waitForReadyRead(20'000) && process.readAll().contains("painted"), "the window was not painted");
    usleep(1'000'000);
    const QByteArray id = QByteArray::number(process.processId());
    const Memory memory{double(anonymousKb(id, "VmRSS:")) / 1024, double(anonymousKb(id)) / 1024};
    process.kill();
    process.waitForFinished();
    return memory;
}

Memory medianMemory(const QString &program, const QStringList &arguments)
{
    std::vector<double> resident, own;
    for (int i = 0; i < 3; ++i) {
        const Memory memory = idleMemory(program, arguments);
        resident.push_back(memory.residentMb);
        own.push_back(memory.ownMb);
    }
    return {median(resident), median(own)};
}
}

int main(int argc, char **argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("LATHE_FIRST_PAINT", "quit");
    QTemporaryDir folder;
    for (const char *home : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"})
        qputenv(home, folder.path().toLocal8Bit()); // not the person's settings
    QCoreApplication app(argc, argv);
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
    const QByteArray bare = bareProgram(QCoreApplication::applicationFilePath().toLocal8Bit(), "bare_window");
    const QByteArray lathe(LATHE_BIN_DIR "/lathe");
    check(access(lathe.constData(), X_OK) == 0, "the window was not built");
    printLoad();

    const QString sample = folder.filePath(QStringLiteral("sample.lathe"));
    check(wait(Session::createProject(sample, QStringLiteral("feedback-desk"))).ok(), "the sample was not made");
    std::vector<double> floor, ours, complete, floorCpu, oursCpu, ratio, completeRatio;
    for (int round = -2; round < rounds; ++round) {
        const Spawned empty = spawn({bare}), full = spawn({lathe, sample.toLocal8Bit()});
        check(empty.exitCode == 0 && empty.out == "painted\n", "the bare window failed");
        check(full.exitCode == 0 && full.out == "painted\ncomplete\n", "the window failed");
        if (round < 0)
            continue; // fills the caches
        floor.push_back(empty.firstLineUs / 1000);
        ours.push_back(full.firstLineUs / 1000);
        complete.push_back(full.lastLineUs / 1000);
        floorCpu.push_back(empty.cpuUs / 1000);
        oursCpu.push_back(full.cpuUs / 1000);
        ratio.push_back(full.firstLineUs / empty.firstLineUs);
        completeRatio.push_back(full.lastLineUs / empty.firstLineUs);
    }
    std::printf("CPU until the end: %.1f ms, bare window %.1f ms\n", median(oursCpu), median(floorCpu));
    report("window to the first paint", text(median(ours), "ms"), text(median(floor), "ms"), median(ratio), median(ratio), 2, Better::Lower, "x");
    report("window to its whole content", text(median(complete), "ms"), text(median(floor), "ms"), median(completeRatio), median(complete), 200,
           Better::Lower, " ms");

    qputenv("LATHE_FIRST_PAINT", "stay");
    const Memory mine = medianMemory(QString::fromLocal8Bit(lathe), {sample});
    const Memory empty = medianMemory(QString::fromLocal8Bit(bare), {QStringLiteral("stay")});
    std::printf("resident: %.1f MB, bare window %.1f MB\n", mine.residentMb, empty.residentMb);
    report("idle memory of the window (not shared)", text(mine.ownMb, "MB"), text(empty.ownMb, "MB"), mine.ownMb / empty.ownMb,
           mine.residentMb / empty.residentMb, 2, Better::Lower, "x resident");
    return 0;
}
