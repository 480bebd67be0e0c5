// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"

#include <QAbstractTableModel>
#include <QTimer>

namespace lathe {

// Runs, newest first, loaded page by page as the view asks (fetchMore); new runs appear at the top without losing the place.
class RunListModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Status, Number, Agent, Input, Output, Duration, Tokens, Cost, Rating, Started, ColumnCount };
    enum Role { IdRole = Qt::UserRole, StatusRole, RatingRole };
    explicit RunListModel(Session *session, QObject *parent = nullptr);
    ~RunListModel() override;

    // Filter: words searched in inputs and outputs; agent: and status: narrow. Loads anew.
    void setFilter(const QString &text);
    QString filter() const { return m_filter; }
    bool isLoading() const { return m_loading; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QStringList mimeTypes() const override; // application/x-lathe-run: {"run": 12}
    QMimeData *mimeData(const QModelIndexList &indexes) const override; // of the first
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;
    RunId runAt(int row) const;
    int rowOf(RunId run) const;

    static RunQuery parseFilter(const QString &text, QString *problem);

Q_SIGNALS:
    void loaded();
    void problem(const QString &message); // the filter or the query; empty: none

private:
    void load(bool more);
    void insertNewest(RunId run);
    void refresh(RunId run);
    bool fits(const RunInfo &info) const;    // agent and status
    bool matches(const RunInfo &info) const; // and the words
    RunStatus statusOf(const RunInfo &info) const; // waiting is only known of live runs
    void removeRow(int row);
    Session *m_session;
    QString m_filter;
    RunQuery m_query;
    std::vector<RunInfo> m_rows;
    std::vector<RunInfo> m_arrived; // runs that began while the first page was under way
    bool m_loading = false;
    bool m_complete = false;
    quint64 m_generation = 0; // stale pages die
    CancelSource m_cancel;
    QTimer m_tick; // durations of running runs
};

} // namespace lathe
