// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

#include <functional>
#include <optional>

class QAction;
class QListView;
class QMimeData;

namespace lathe {

class EmptyState;
class Label;
class SearchField;
class SectionHeader;
class ToolCatalogModel;

// The start page of Tools: all tools of the project by groups, filtered as one types. Enter opens, F5 opens to try, Delete moves to the bin,
// Ctrl+D duplicates; a tool can be dragged onto an agent where the shell says how. "New tool" opens AddToolSheet.
class ToolCatalogPage : public QWidget
{
    Q_OBJECT
public:
    ToolCatalogPage(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~ToolCatalogPage() override; // stops the query of use
    void tryCurrent();           // F5
    void addTool(const QString &input = QString()); // as if pasted into the sheet
    QList<QAction *> commands() const { return m_commands; } // for the palette
    // What a dragged tool carries (the canvas' own format, which this folder does not know); null: tools cannot be dragged.
    using MimeSource = std::function<QMimeData *(const QString &toolName)>;
    void setMimeSource(MimeSource source);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);
    void binned(lathe::ArtifactId id, const QString &name); // can be taken back

protected:
    void showEvent(QShowEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void updateEmpty();
    void refreshUsage();
    void open(const QModelIndex &index);
    void showMenu(const QPoint &pos);
    void duplicate(ArtifactId id);
    void moveToBin(ArtifactId id, const QString &name);
    ArtifactId currentTool() const;
    void move(int rows);
    Session *m_session;
    Theme *m_theme;
    ToolCatalogModel *m_model;
    class Filter;
    Filter *m_filter;
    SectionHeader *m_header;
    SearchField *m_search;
    QListView *m_view;
    EmptyState *m_empty;
    Label *m_nothing;
    QList<QAction *> m_commands;
    std::optional<CancelSource> m_cancel;
    QTimer m_usageSoon;
    bool m_usageStale = true;
    int m_query = 0;
};

} // namespace lathe
