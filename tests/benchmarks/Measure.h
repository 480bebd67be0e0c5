// SPDX-License-Identifier: GPL-3.0-or-later
// Clocks, memory and the lines that packaging/bench makes its table of.
#pragma once

#include <QByteArray>
#include <QFile>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace lathe::bench {

// User and system time in microseconds: RUSAGE_SELF of all threads, RUSAGE_THREAD of this one.
inline double cpuUs(int who = RUSAGE_SELF)
{
    rusage usage{};
    getrusage(who, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

inline double wallUs()
{
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Cost {
    double wallUs = 0;
    double cpuUs = 0;     // all threads of this process
    double mainCpuUs = 0; // the calling thread
};

// Per operation.
template<typename F>
Cost measure(int operations, F work)
{
    const double wall = wallUs(), cpu = cpuUs(), mainCpu = cpuUs(RUSAGE_THREAD);
    work();
    return {(wallUs() - wall) / operations, (cpuUs() - cpu) / operations, (cpuUs(RUSAGE_THREAD) - mainCpu) / operations};
}

inline double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// Memory of the process that no file backs, in KB: what a leak would show in. 0 when /proc cannot be read.
inline qint64 anonymousKb(const QByteArray &process = "self", const char *field = "RssAnon:")
{
    QFile status(QStringLiteral("/proc/%1/status").arg(QString::fromLatin1(process)));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    const auto lines = status.readAll().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith(field))
            return line.mid(qsizetype(qstrlen(field))).simplified().split(' ').first().toLongLong();
    }
    return 0;
}

inline void check(bool ok, const char *what)
{
    if (ok)
        return;
    std::fprintf(stderr, "benchmark: %s\n", what);
    std::exit(1);
}

enum class Better { Higher, Lower };

// One line of the table: our figure, the floor's in the same run, their ratio, and the aim. `judged` is what the aim speaks of.
inline void report(const char *figure, const QByteArray &ours, const QByteArray &floor, double ratio, double judged, double aim,
                   Better better, const char *aimUnit)
{
    const bool met = better == Better::Higher ? judged >= aim : judged <= aim;
    std::printf("@ %s | %s | %s | %.2f | %s %g%s | %s\n", figure, ours.constData(), floor.constData(), ratio,
                better == Better::Higher ? "at least" : "at most", aim, aimUnit, met ? "met" : "missed");
    std::fflush(stdout);
}

inline QByteArray text(double value, const char *unit, int digits = 1)
{
    return QByteArray::number(value, 'f', digits) + ' ' + unit;
}

// How busy the machine was, for the reader of the figures.
inline void printLoad()
{
    double load[3] = {0, 0, 0};
    if (getloadavg(load, 3) == 3)
        std::printf("load average %.1f %.1f %.1f\n", load[0], load[1], load[2]);
}

} // namespace lathe::bench
