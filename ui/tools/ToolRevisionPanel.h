// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/theme/Theme.h"

#include <QWidget>

class QComboBox;
class QListView;

namespace lathe {

class Button;
class Label;
class RevisionListModel;
class ToolDiffView;

// The revisions of a tool with their notes, and what one of them changed: against the one before it, any other, or the draft.
class ToolRevisionPanel : public QWidget
{
    Q_OBJECT
public:
    ToolRevisionPanel(Session *session, Theme *theme, ArtifactId tool, QWidget *parent = nullptr);
    void showRevision(int number); // 0: the draft
    // Compares two; 0 is the draft.
    void compare(int before, int after);
    ToolDiffView *diff() const { return m_diff; }

Q_SIGNALS:
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

private:
    void refresh();
    void fillBase();
    QJsonObject bodyOf(int number) const;
    int current() const;
    void restore();
    void showMenu(const QPoint &pos);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_tool;
    RevisionListModel *m_model;
    QListView *m_view;
    QComboBox *m_base;
    Label *m_summary;
    Button *m_restore;
    ToolDiffView *m_diff;
};

} // namespace lathe
