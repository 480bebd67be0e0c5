// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QAbstractTableModel>
#include <QCache>
#include <QSet>
#include <QTimer>

namespace lathe {

// The run log as rows: all runs a query finds, or groups of them that open to their runs. It knows the ids of all rows (8 bytes each) and
// loads what is looked at by ranges, so that 100,000 rows have a true scroll bar. data() never reads the file. New and changed runs
// take their places by themselves; where the place is not known (sorted by a column of which most is not loaded) they wait, counted.
// A new query replaces the rows only when its first rows are there. Main thread.
class RunListModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Status, Number, Agent, Input, Output, Duration, Tokens, Cost, Rating, Started, Steps, Tags, Models, Source, ColumnCount };
    enum Role {
        IdRole = Qt::UserRole, // RunId; invalid for headers of groups
        StatusRole,            // int: RunStatus
        RatingRole,            // int: as RunInfo::rating
        LoadedRole,            // bool: false: a placeholder
        TagsRole,              // QStringList
        SourceRole,            // QString: who recorded it, empty: Lathe
        PinnedRole,            // bool
        ForkRole,              // bool
        GroupRole,             // bool: the header of a group
    };
    struct Ask {
        RunFilter filter;
        RunSort sort = RunSort::Started;
        bool ascending = false;
        bool bin = false;
        RunGrouping grouping = RunGrouping::None; // not of the bin
        bool operator==(const Ask &) const = default;
    };
    explicit RunListModel(Session *session, QObject *parent = nullptr);
    ~RunListModel() override;

    void setAsk(const Ask &ask); // loads when it is another one
    const Ask &ask() const { return m_ask; }
    void reload(); // the same again: what waits takes its place
    // A query as text; what can be understood of it. problem() tells what is wrong, or nothing.
    void setFilter(const QString &text);
    QString filter() const { return m_filter; }
    bool isLoading() const { return m_loading; }
    bool isComplete() const { return m_complete; } // all ids are known
    int total() const;   // runs, those of closed groups included
    int groupCount() const { return grouped() ? int(m_sections.size()) : 0; }
    QString text(const RunInfo &run, int column) const; // as the cell has it
    int waiting() const { return int(m_waiting.size()); } // runs that fit and have no row yet
    // Which rows are visible, so that they are loaded, then those around them. An earlier load of others ends.
    void look(int first, int last);

    bool isGroup(int row) const;
    bool isOpen(int row) const;           // a group
    void setOpen(int row, bool open);     // a group; its runs come when they are loaded
    const RunGroup *groupAt(int row) const; // null: a run
    // Null: a header, or not loaded. Valid until the next call of this model.
    const RunInfo *infoAt(int row) const;
    RunId runAt(int row) const;           // invalid: a header
    int rowOf(RunId run) const;           // the first, -1: none
    RunStatus statusOf(const RunInfo &info) const; // waiting is only known of live runs
    static std::optional<RunSort> sortOf(int column);
    static int columnOf(RunSort sort);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QStringList mimeTypes() const override; // application/x-lathe-run: {"run": 12, "runs": [12, 13]}
    QMimeData *mimeData(const QModelIndexList &indexes) const override;

Q_SIGNALS:
    void loaded();
    void problem(const QString &message); // the filter or the query; empty: none
    void waitingChanged();
    // Around every change of rows, so that a view can keep its place. `fresh`: the answer to another query.
    void aboutToReplace(bool fresh);
    void replaced(bool fresh);

private:
    struct Section {
        RunGroup group;
        bool open = false;
        bool known = false;   // its ids
        std::vector<RunId> ids;
        quint64 generation = 0;
    };
    bool grouped() const { return m_shown.grouping != RunGrouping::None; }
    RunQuery queryOf(const Ask &ask) const;
    RunFilter filterOf(const RunGroup &group) const;
    void load();
    void loadIds(quint64 generation);
    void loadGroups(quint64 generation);
    void takeGroups(std::vector<RunGroup> groups, bool fresh);
    void loadSection(const QString &key);
    void fetch(std::vector<RunId> wanted);
    void askForks(const std::vector<RunInfo> &infos);
    void keep(const std::vector<RunInfo> &infos);
    void touch(RunId run);
    void update();
    void takeUpdate(const std::vector<RunId> &asked, const std::vector<RunInfo> &found);
    bool place(const RunInfo &info, std::vector<RunId> *ids) const; // false: where is not known
    void drop(const std::vector<RunId> &runs);
    void setIds(size_t section, std::vector<RunId> now);
    void begin(bool fresh = false);
    void end(bool fresh = false);
    void fail(const Error &error);
    int rowsOf(const Section &section) const;
    int firstRow(size_t section) const; // of its header, or of its first run without groups
    void restart();                     // m_starts
    std::pair<size_t, int> at(int row) const; // section and index of the run, -1: header
    QVariant groupData(const RunGroup &group, int column, int role) const;
    QVariant runData(const RunInfo &run, int column) const;
    void tick();

    Session *m_session;
    QString m_filter;
    Ask m_ask;   // what is wanted
    Ask m_shown; // what the rows answer
    std::vector<Section> m_sections; // one without groups
    std::vector<int> m_starts;       // first rows of sections, and the end
    mutable QCache<qint64, RunInfo> m_infos;
    QSet<qint64> m_forks;
    std::vector<RunId> m_fetching; // sorted
    int m_first = 0, m_last = 60;  // looked at
    QSet<qint64> m_touched;
    QSet<qint64> m_waiting;
    bool m_updating = false;
    bool m_loading = false;
    bool m_complete = false;
    quint64 m_generation = 0; // stale answers die
    qint64 m_regroupMs = 1000;
    CancelSource m_cancel;
    CancelSource m_fetchCancel;
    QTimer m_tick;    // durations of running runs
    QTimer m_touch;   // changes are read together
    QTimer m_regroup; // sums of groups follow slowly
};

} // namespace lathe
