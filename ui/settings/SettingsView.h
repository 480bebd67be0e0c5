// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"

#include <QWidget>

class QListWidget;
class QStackedWidget;

namespace lathe {

class Theme;

// Appearance, connections, the project file, shortcuts and what this program is.
class SettingsView : public QWidget
{
    Q_OBJECT
public:
    SettingsView(Session *session, Theme *theme, QWidget *parent = nullptr);
    void showSection(const QString &id); // "appearance", "connections", "project", "keyboard", "about"

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void addSection(const QString &id, const QString &title, const QString &icon, QWidget *page);
    QWidget *buildAppearance();
    QWidget *buildAbout();
    Session *m_session;
    Theme *m_theme;
    QListWidget *m_sections;
    QStackedWidget *m_pages;
};

} // namespace lathe
