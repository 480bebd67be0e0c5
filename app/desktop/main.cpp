// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/FirstPaint.h"
#include "ui/shell/MainWindow.h"
#include "ui/theme/Theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFontDatabase>
#include <QSettings>

#include <dlfcn.h>
#include <latch>
#include <thread>

namespace {
// Reading the fonts of the system takes 7 ms, which another core can spend while the project opens. fontconfig is there (Qt links
// it) and keeps what it read; Qt guards its own list by a lock.
void readFonts(std::latch *applicationMade)
{
    if (const auto initialise = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "FcInit")))
        initialise();
    applicationMade->wait();
    (void)QFontDatabase::families();
}
}

int main(int argc, char **argv)
{
    std::latch applicationMade(1);
    std::jthread fonts(&readFonts, &applicationMade);
    QApplication app(argc, argv);
    applicationMade.count_down();
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
    if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
        fonts.join(); // --help and the like end the program here
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
    std::unique_ptr<FirstPaint> firstPaint;
    if (qEnvironmentVariableIsSet("LATHE_FIRST_PAINT"))
        firstPaint = std::make_unique<FirstPaint>(&window);
    window.show();
    if (fonts.joinable())
        fonts.join();
    return QApplication::exec();
}
