// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/Location.h"
#include "core/session/Session.h"

#include <QAction>
#include <QWidget>

namespace lathe {

class SourceHub;
class Theme;

// A document of the window: one view behind a tab. Made by PageFactory, the only place that knows the feature views.
class Page : public QWidget
{
    Q_OBJECT
public:
    using QWidget::QWidget;
    ~Page() override { qDeleteAll(findChildren<QWidget *>(Qt::FindDirectChildrenOnly)); } // what speaks to a page may do so to its end
    QString title;
    QString icon;
    Location location;
    ArtifactId artifact; // what Commit, Undo and Redo act on; invalid: nothing
    std::function<void(const Location &)> show; // goes to a place inside (a step, a revision)
    std::function<void()> run;                  // F5; null: nothing to run
    std::function<void()> stop;
    std::function<QList<QAction *>()> commands; // its own, for the command palette; null: none

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    void createRequested(lathe::ArtifactKind kind);
    void binned(lathe::ArtifactId id, const QString &name); // can be taken back
    // The person changed what the page shows (the runs of a comparison): its tab remembers the new place.
    void locationChanged(const lathe::Location &location);
};

class PageFactory
{
public:
    PageFactory(Session *session, Theme *theme, SourceHub *hub) : m_session(session), m_theme(theme), m_hub(hub) {}
    // Null when the place does not exist (any more).
    Page *make(const Location &location, QWidget *parent) const;
    // What the tab of a place shows, without making the page; empty when the place does not exist.
    struct Face {
        QString title;
        QString icon;
        ArtifactId artifact;
    };
    Face face(const Location &location) const;
    // Locations that share a page have the same key.
    static QString key(const Location &location);

private:
    QWidget *makePlayground(Page *page) const;
    Page *makeArtifact(const Location &location, QWidget *parent) const;
    Session *m_session;
    Theme *m_theme;
    SourceHub *m_hub;
};

} // namespace lathe
