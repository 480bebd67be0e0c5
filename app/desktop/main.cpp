// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/MainWindow.h"
#include "ui/theme/Theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <QTimer>

#include <cstdio>

namespace {
// For tests/benchmarks/bench_window: says when the window has been painted, and ends unless it shall "stay".
class FirstPaint : public QObject
{
public:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Paint) {
            watched->removeEventFilter(this);
            QTimer::singleShot(0, this, [] {
                std::puts("painted");
                std::fflush(stdout);
                if (qgetenv("LATHE_FIRST_PAINT") != "stay")
                    QCoreApplication::quit();
            });
        }
        return false;
    }
};
}

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("lathe"));
    QApplication::setApplicationDisplayName(QStringLiteral("Lathe"));
    QApplication::setApplicationVersion(QStringLiteral(LATHE_VERSION));
    QApplication::setOrganizationName(QStringLiteral("Lathe"));
    QGuiApplication::setDesktopFileName(QStringLiteral("lathe"));

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Design, run and inspect AI agents."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("project"), QStringLiteral("A *.lathe file to open."));
    const QCommandLineOption themeOption(QStringLiteral("theme"), QStringLiteral("light, dark or system"), QStringLiteral("name"));
    parser.addOption(themeOption);
    parser.process(app);

    lathe::Theme theme;
    const QString wanted = parser.isSet(themeOption) ? parser.value(themeOption) : QSettings().value(QStringLiteral("theme")).toString();
    if (wanted == QLatin1String("light"))
        theme.setMode(lathe::Theme::Mode::Light);
    else if (wanted == QLatin1String("dark"))
        theme.setMode(lathe::Theme::Mode::Dark);
    theme.install();

    lathe::MainWindow window(&theme);
    const QStringList files = parser.positionalArguments();
    if (!files.isEmpty())
        window.openProject(files.first());
    FirstPaint firstPaint;
    if (qEnvironmentVariableIsSet("LATHE_FIRST_PAINT"))
        window.installEventFilter(&firstPaint);
    window.show();
    return QApplication::exec();
}
