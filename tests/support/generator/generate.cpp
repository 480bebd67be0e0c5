// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a project with as many runs and steps as asked, for looking at Lathe at scale:
//     lathe-generate FILE [--runs N] [--steps-per-run X] [--long-run N] [--seed N]
#include "tests/support/generator/ProjectGenerator.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QElapsedTimer>

#include <cstdio>

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("the project to make"));
    const auto option = [&parser](const char *name, const char *value) {
        parser.addOption({QString::fromLatin1(name), QString(), QStringLiteral("N"), QString::fromLatin1(value)});
    };
    option("runs", "1000");
    option("steps-per-run", "9");
    option("long-run", "0");
    option("seed", "1");
    parser.addHelpOption();
    parser.process(app);
    if (parser.positionalArguments().size() != 1)
        parser.showHelp(2);
    lathe::test::ProjectShape shape;
    shape.runs = parser.value(QStringLiteral("runs")).toInt();
    shape.stepsPerRun = parser.value(QStringLiteral("steps-per-run")).toDouble();
    shape.longRun = parser.value(QStringLiteral("long-run")).toInt();
    shape.seed = parser.value(QStringLiteral("seed")).toULongLong();
    QElapsedTimer timer;
    timer.start();
    const auto facts = lathe::test::generateProject(parser.positionalArguments().front(), shape, [&](int done) {
        if (done % 10'000 == 0)
            std::fprintf(stderr, "%d runs, %.0f s\n", done, double(timer.elapsed()) / 1000);
    });
    std::printf("%d runs, %lld steps, the long one is run %lld; %.1f s\n", facts.runs, static_cast<long long>(facts.steps),
                static_cast<long long>(facts.longRun.value), double(timer.elapsed()) / 1000);
    return 0;
}
