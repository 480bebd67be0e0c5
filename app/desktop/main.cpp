// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/FirstPaint.h"
#include "ui/shell/MainWindow.h"
#include "ui/theme/FontPreload.h"
#include "ui/theme/Theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>

int main(int argc, char **argv)
{
    lathe::FontPreload fonts;
    QApplication app(argc, argv);
    fonts.applicationMade();
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
        fonts.wait(); // --help and the like end the program here
    parser.process(app);

    lathe::Theme theme;
    theme.setFontPreload(&fonts);
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
    return QApplication::exec();
}
