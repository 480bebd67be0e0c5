// SPDX-License-Identifier: GPL-3.0-or-later
// The floor of bench_cli_start: a Qt program without a window that prints one line. Built by packaging/bench with Qt Core only.
#include <QCoreApplication>
#include <QTimer>

#include <cstdio>

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QTimer::singleShot(0, &app, [] {
        std::puts("hello");
        std::fflush(stdout);
        QCoreApplication::quit();
    });
    return QCoreApplication::exec();
}
