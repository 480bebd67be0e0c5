// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QMenu;

namespace lathe {

class Button;
class IconButton;
class Theme;

// Project menu, Back and Forward, the field that opens the command palette, the theme switch.
class TopBar : public QWidget
{
    Q_OBJECT
public:
    explicit TopBar(Theme *theme, QWidget *parent = nullptr);
    void setProject(const QString &title, const QString &toolTip);
    void setHistory(bool canGoBack, bool canGoForward);
    QMenu *projectMenu() const { return m_menu; }

Q_SIGNALS:
    void backRequested();
    void forwardRequested();
    void paletteRequested();
    void themeToggled();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void updateThemeButton();
    Theme *m_theme;
    Button *m_project;
    QMenu *m_menu;
    IconButton *m_back;
    IconButton *m_forward;
    IconButton *m_themeButton;
};

} // namespace lathe
