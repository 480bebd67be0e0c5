// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/Await.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/Workspace.h"
#include "ui/theme/Theme.h"

#include <QAbstractButton>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace lathe::test {

// The real window on a copy of the sample project, driven by the names of its widgets.
struct WindowBench {
    QTemporaryDir folder;
    Theme theme;
    std::unique_ptr<MainWindow> window;

    WindowBench()
    {
        // Settings and data of its own: other tests run beside it.
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder.filePath(QStringLiteral("config")));
        qputenv("XDG_DATA_HOME", folder.filePath(QStringLiteral("data")).toUtf8());
        QCoreApplication::setOrganizationName(QStringLiteral("LatheTest"));
        QCoreApplication::setApplicationName(QStringLiteral("lathe-test"));
        theme.setMode(Theme::Mode::Dark);
        theme.install();
    }
    QString samplePath() const { return folder.filePath(QStringLiteral("Feedback desk.lathe")); }
    void open()
    {
        window = std::make_unique<MainWindow>(&theme);
        window->setDataFolder(folder.path());
        window->resize(1440, 900);
        window->show();
        window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(window.get()));
    }
    void openSample()
    {
        open();
        window->openSample(QStringLiteral("feedback-desk"));
        QTRY_VERIFY_WITH_TIMEOUT(window->workspace() && window->workspace()->isComplete(), 30'000);
    }
    template<typename Widget>
    Widget *find(const char *name) const
    {
        const auto all = window->findChildren<Widget *>(QString::fromLatin1(name));
        for (Widget *widget : all) {
            if (widget->isVisible())
                return widget;
        }
        return nullptr;
    }
    void click(const char *name) const
    {
        auto *button = find<QAbstractButton>(name);
        QVERIFY2(button, name);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    Session &session() const { return *window->session(); }
    ArtifactId artifact(ArtifactKind kind, const char *name) const
    {
        return session().project().artifacts().find(kind, QString::fromUtf8(name)).value_or(ArtifactId());
    }
};

} // namespace lathe::test
