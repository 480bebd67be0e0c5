// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/Commands.h"

#include "app/cli/Output.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>
#include <unistd.h>

namespace {

int signalPipe[2] = {-1, -1};

void onSignal(int)
{
    const char byte = 1;
    if (::write(signalPipe[1], &byte, 1) < 0)
        ::_exit(130);
}

lathe::Task<> run(lathe::cli::CommandLine line, lathe::CancelToken interrupt)
{
    const int code = co_await lathe::cli::execute(std::move(line), interrupt);
    QCoreApplication::exit(code);
}

} // namespace

int main(int argc, char **argv)
{
    using namespace lathe::cli;
    qputenv("QT_NO_GLIB", "1"); // the plain poll loop starts quicker and wakes cheaper
    std::signal(SIGPIPE, SIG_IGN);
    QCoreApplication app(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("lathe-cli"));
    QCoreApplication::setApplicationVersion(QStringLiteral(LATHE_VERSION));

    const auto line = CommandLine::parse(app.arguments().mid(1));
    if (!line) {
        printError(line.error());
        return ExitUsage;
    }
    if (line->has(QStringLiteral("version"))) {
        printLine(QStringLiteral("lathe-cli " LATHE_VERSION));
        return ExitOk;
    }
    if (line->has(QStringLiteral("help"))) {
        printLine(usageText(line->command).trimmed());
        return ExitOk;
    }

    // Ctrl+C stops the run, which is kept as cancelled; a second one ends the program at once.
    lathe::CancelSource interrupt;
    if (::pipe(signalPipe) != 0)
        return ExitFailed;
    QSocketNotifier notifier(signalPipe[0], QSocketNotifier::Read);
    QObject::connect(&notifier, &QSocketNotifier::activated, &app, [&] {
        notifier.setEnabled(false);
        std::signal(SIGINT, SIG_DFL);
        std::signal(SIGTERM, SIG_DFL);
        interrupt.cancel();
    });
    std::signal(SIGINT, onSignal);
    std::signal(SIGTERM, onSignal);

    QMetaObject::invokeMethod(&app, [&] { run(*line, interrupt.token()); }, Qt::QueuedConnection);
    return app.exec();
}
