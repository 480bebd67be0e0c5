// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Experiments.h"
#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QAction>
#include <QTimer>
#include <QWidget>

class QTreeView;

namespace lathe {

class EmptyState;
class ExperimentListModel;
class ExperimentLogModel;
class HeaderedSplitter;
class Label;
class SearchField;
class SectionHeader;

// The page behind "Experiments" of the rail: experiments to go on with, and the log of all comparisons that were kept. One field
// searches both. From the log one opens an experiment, or runs the same comparison again.
class ExperimentsPage : public QWidget
{
    Q_OBJECT
public:
    ExperimentsPage(Session *session, Theme *theme, QWidget *parent = nullptr);
    ~ExperimentsPage() override;
    QList<QAction *> commands() const { return m_commands; }
    QTreeView *logView() const { return m_logView; }
    QTreeView *listView() const { return m_listView; }
    void setQuery(const QString &words);
    // A new experiment to start with: two variants of an agent there is, on a dataset there is.
    static QJsonObject newBody(Session *session);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void createRequested(lathe::ArtifactKind kind);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QTreeView *makeView(const QString &name, const QString &title);
    QAction *addCommand(const QString &id, const QString &text, const QKeySequence &key, const QString &icon, std::function<void()> run);
    void askLog();
    void showState();
    void openExperiment(const QModelIndex &index);
    void openEntry(const QModelIndex &index);
    void runAgain();
    void showMenu(const QPoint &pos);
    Session *m_session;
    Theme *m_theme;
    SearchField *m_field;
    SectionHeader *m_header;
    ExperimentListModel *m_list;
    ExperimentLogModel *m_log;
    QTreeView *m_listView;
    QTreeView *m_logView;
    HeaderedSplitter *m_splitter;
    Label *m_noLog;
    EmptyState *m_empty;
    QTimer m_ask;
    quint64 m_generation = 0;
    QList<QAction *> m_commands;
};

} // namespace lathe
