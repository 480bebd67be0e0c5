// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

#include <QAbstractItemModel>

namespace lathe {

// The step tree of one run, live or stored. Event batches insert and change rows; nothing is reset but by setTrace().
class StepTreeModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column { Name, Duration, Tokens, Cost, Waterfall, ColumnCount };
    enum Role { PathRole = Qt::UserRole, KindRole, StatusRole, StartRole, EndRole, SummaryRole, NoteCountRole };
    explicit StepTreeModel(QObject *parent = nullptr);

    void setTrace(Trace trace);
    void apply(const std::vector<RunEvent> &events);
    const Trace &trace() const { return m_trace; }
    const Step *step(const QModelIndex &index) const;
    QModelIndex indexOf(const QString &path, int column = 0) const;
    // The span of time the waterfall shows, microseconds; grows while the run is live.
    qint64 startUs() const;
    qint64 endUs(qint64 nowUs) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void stepTouched(const QString &path);

private:
    int rowOf(int step) const;
    Trace m_trace;
};

} // namespace lathe
