// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a program and takes the time from exec to the first and to the last line on its standard output.
#pragma once

#include "tests/benchmarks/Measure.h"

#include <QList>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace lathe::bench {

struct Spawned {
    double firstLineUs = 0;
    double lastLineUs = 0;
    double exitUs = 0;
    double cpuUs = 0; // of the program until it ended
    int exitCode = -1;
    QByteArray out;
};

// What it writes to standard error is dropped.
inline Spawned spawn(const QList<QByteArray> &command)
{
    Spawned result;
    int ends[2];
    check(pipe2(ends, O_CLOEXEC) == 0, "no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    std::vector<char *> arguments;
    for (const QByteArray &word : command)
        arguments.push_back(const_cast<char *>(word.constData()));
    arguments.push_back(nullptr);
    pid_t child = -1;
    const double begin = wallUs();
    check(posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0, "the program does not start");
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    char buffer[4096];
    for (;;) {
        const ssize_t count = read(ends[0], buffer, sizeof buffer);
        if (count <= 0)
            break;
        if (result.firstLineUs == 0)
            result.firstLineUs = wallUs() - begin;
        result.lastLineUs = wallUs() - begin;
        result.out.append(buffer, count);
    }
    close(ends[0]);
    int status = 0;
    rusage used{};
    wait4(child, &status, 0, &used);
    result.exitUs = wallUs() - begin;
    result.cpuUs = double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + double(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    result.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

// The program that does nothing but what any would: built by packaging/bench beside the benchmarks.
inline QByteArray bareProgram(const QByteArray &benchmark, const char *name)
{
    const QByteArray path = benchmark.left(benchmark.lastIndexOf('/') + 1) + name;
    if (access(path.constData(), X_OK) == 0)
        return path;
    std::fprintf(stderr, "%s is not there; run packaging/bench, which builds it\n", path.constData());
    std::exit(1);
}

} // namespace lathe::bench
