// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/TraceRow.h"

#include <QAbstractItemModel>

namespace lathe {

// The steps of one run as a tree, live or stored, up to some hundred thousand. Every row is held as a light TraceRow;
// the bodies are in trace() when the run is live or small, else (isOutline) they are read when a step is looked at.
// Event batches and chunks insert rows; only setTrace(), startOutline() and a new filter reset. Main thread.
class StepTreeModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column { Name, Duration, Tokens, Cost, Waterfall, ColumnCount };
    enum Role { PathRole = Qt::UserRole, KindRole, StatusRole, StartRole, EndRole, SummaryRole, NoteCountRole, RowRole };
    explicit StepTreeModel(QObject *parent = nullptr);

    // The whole run, bodies included.
    void setTrace(Trace trace);
    void apply(const std::vector<RunEvent> &events);
    // A run without bodies: rows come by append(), parents before their children (a row whose parent is not known becomes
    // a top row). Of `rows` only place in the tree is filled in here; `parents` names the parent's path of each.
    void startOutline(RunId run, RunStatus status, qint64 startUs, qint64 endUs);
    struct Chunk {
        std::vector<TraceRow> rows;
        QStringList parents;
    };
    void append(Chunk chunk);
    bool isOutline() const { return m_outline; }

    // Of an outline: without steps.
    const Trace &trace() const { return m_trace; }
    // In the order in which the steps began.
    const std::vector<TraceRow> &rows() const { return m_rows; }
    const std::vector<int> &roots() const { return m_roots; }
    int rowIndex(const QString &path) const; // into rows(), -1 when absent
    const TraceRow *row(const QModelIndex &index) const;
    // With its bodies; null in an outline.
    const Step *step(const QModelIndex &index) const;
    QModelIndex indexOf(const QString &path, int column = 0) const;
    QModelIndex indexOfRow(int row, int column = 0) const; // invalid when the filter hides it
    RunStatus status() const { return m_outline ? m_outlineStatus : m_trace.status(); }
    Usage usage() const; // over the model steps

    // Shows only these rows and what leads to them. Rows that come later are not shown until the next filter.
    void setFilter(const std::vector<int> &kept);
    void clearFilter();
    bool isFiltered() const { return m_filtered; }
    bool isShown(int row) const;

    // The span of time of the run and of its steps, microseconds; grows while the run is live. Steps of another program may carry times
    // that have nothing to do with those of the run: then they alone count.
    qint64 startUs() const;
    qint64 endUs(qint64 nowUs) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    bool hasChildren(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void stepTouched(const QString &path);
    // Rows came or changed their times: bars are laid out anew.
    void timesChanged();

private:
    const std::vector<int> &childrenOf(int row) const; // -1: the top ones; only shown ones
    int shownRow(int row) const;
    void link(size_t first); // rows from `first` on get their places, and the tree its new rows
    void refreshRow(int row);
    Trace m_trace;
    std::vector<TraceRow> m_rows;
    std::vector<int> m_roots;
    QHash<QString, int> m_index; // of an outline; else the trace knows
    bool m_outline = false;
    RunStatus m_outlineStatus = RunStatus::Running;
    qint64 m_outlineStartUs = 0;
    qint64 m_outlineEndUs = 0;
    void widen(const TraceRow &row);
    bool timesApart() const;
    qint64 m_firstUs = 0; // earliest begin of any row, 0: no row yet
    qint64 m_lastUs = 0;  // latest begin or end
    bool m_filtered = false;
    std::vector<std::vector<int>> m_shownChildren; // by row, while filtered
    std::vector<int> m_shownRow;                   // by row, -1: hidden
    std::vector<int> m_shownRoots;
};

} // namespace lathe
