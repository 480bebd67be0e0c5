// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "ui/itemmodels/Location.h"
#include "ui/theme/Theme.h"

#include <QAction>
#include <QWidget>

class QLineEdit;
class QTableView;

namespace lathe {

struct ImportedRows;
class BusyBar;
class Chip;
class DatasetTableModel;
class EmptyState;
class ImportPanel;
class InlineMessage;
class Label;
class NameField;
class SearchField;

// A dataset: its rows as a table that filters as one types and whose cells can be edited; CSV and JSON files come in by button or
// drag and drop, with a report of what was wrong. Each change is an edit of the draft and can be undone.
class DatasetPage : public QWidget
{
    Q_OBJECT
public:
    DatasetPage(Session *session, Theme *theme, ArtifactId dataset, QWidget *parent = nullptr);
    ~DatasetPage() override;
    QList<QAction *> commands() const { return m_commands; }
    DatasetTableModel *model() const { return m_model; }
    QTableView *view() const { return m_view; }
    bool isSaving() const { return m_saving; }
    void importFile(const QString &path);

Q_SIGNALS:
    void openRequested(const lathe::Location &location);
    void statusMessage(const QString &text);
    void errorRaised(const lathe::Error &error);

protected:
    void paintEvent(QPaintEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dragLeaveEvent(QDragLeaveEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QAction *addCommand(const QString &id, const QString &text, const QKeySequence &key, const QString &icon, std::function<void()> run);
    void reload();
    void showRows(Result<Dataset> rows);
    void showState();
    void save(const QString &what);
    void takeRows(const ImportedRows &rows);
    void copyRows();
    void removeRows();
    void addEmptyRow();
    void exportCsv();
    void undo(bool redo);
    Session *m_session;
    Theme *m_theme;
    ArtifactId m_dataset;
    NameField *m_name;
    Label *m_count;
    Chip *m_draft;
    SearchField *m_filter;
    ImportPanel *m_import;
    InlineMessage *m_message;
    BusyBar *m_busy;
    DatasetTableModel *m_model;
    QTableView *m_view;
    EmptyState *m_empty;
    QList<QAction *> m_commands;
    QString m_blob;        // of the rows shown
    QString m_pendingWhat; // an edit that waits while another is written
    bool m_saving = false;
    bool m_dropping = false;
    quint64 m_generation = 0;
};

} // namespace lathe
