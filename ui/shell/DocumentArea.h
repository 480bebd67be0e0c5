// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/PageFactory.h"

#include <QStackedWidget>
#include <QTabBar>

namespace lathe {

class EmptyDesk;

// The tabs of the window. A page is made when first shown, so that remembered tabs cost nothing at start.
class DocumentArea : public QWidget
{
    Q_OBJECT
public:
    DocumentArea(PageFactory factory, Theme *theme, QWidget *parent = nullptr);
    // Shows the place: its tab, or a new one. False when the place does not exist.
    bool open(const Location &location);
    void close(int index);
    void closePage(const QString &key);
    Page *current() const;
    QJsonArray remembered() const; // locations of the tabs
    // Tabs whose place does not exist any more are left out. Makes no page: see buildCurrent().
    void restore(const QJsonArray &tabs, const QString &currentKey);
    // While held, tabs come and go but no page is made; buildCurrent() ends that and makes the page of the current tab.
    void hold() { m_held = true; }
    void buildCurrent();
    // The current tab, also while its page is not made.
    Location currentLocation() const;
    ArtifactId currentArtifact() const;
    QString currentKey() const;
    void setTitle(const QString &key, const QString &title);
    int count() const { return m_tabs->count(); }
    EmptyDesk *desk() const { return m_desk; } // shown while no tab is open

Q_SIGNALS:
    void currentChanged();
    void pageMade(lathe::Page *page);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void showTab(int index);
    void showDesk();
    Page *makePage(const Location &location); // null: the place does not exist
    struct Tab {
        Location location;
        Page *page = nullptr; // null until first shown
        bool seen = false;
    };
    PageFactory m_factory;
    Theme *m_theme;
    QTabBar *m_tabs;
    QStackedWidget *m_stack;
    std::vector<Tab> m_documents;
    std::vector<Location> m_closed; // newest first
    EmptyDesk *m_desk;
    bool m_held = false;
};

} // namespace lathe
