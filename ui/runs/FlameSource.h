// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/base/Task.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/FlameLayout.h"

#include <QTimer>

namespace lathe {

// What all pictures of a run share: the time axis kept as long as the run, the lanes of its steps laid out anew when they change (seldom
// when there are many), and which steps stand out.
class FlameSource : public QObject
{
    Q_OBJECT
public:
    FlameSource(StepTreeModel *model, const Clock *clock, QObject *parent = nullptr);
    StepTreeModel *model() const { return m_model; }
    TimeAxis *axis() const { return m_axis; }
    const FlameLayout &layout() const { return m_layout; }
    const TraceRow *row(int index) const;
    qint64 endOf(const TraceRow &row) const; // now while it runs
    void setLive(bool live);                 // the axis grows with the clock
    // The run as it was at a time: steps that ran then end there, and the axis stays as long as the whole run. 0: the present again.
    void setPast(qint64 nowUs, TimeRange whole);

    // Rows that stand out, the others are dimmed; empty: none.
    void setLit(std::vector<char> lit);
    bool isLit(int row) const { return m_lit.empty() || (row < int(m_lit.size()) && m_lit[size_t(row)]); }
    bool hasLit() const { return !m_lit.empty(); }

Q_SIGNALS:
    void layoutChanged();
    void litChanged();
    void ticked(); // time went on, live

private:
    void update();
    Task<> layOut(std::vector<FlameStep> steps); // in the pool
    void soon();
    void updateAxis();
    StepTreeModel *m_model;
    const Clock *m_clock;
    TimeAxis *m_axis;
    FlameLayout m_layout;
    std::vector<char> m_lit;
    QTimer m_soon;
    QTimer m_tick;
    size_t m_laidOut = 0; // rows
    quint64 m_generation = 0; // what is laid out elsewhere for another one comes too late
    bool m_computing = false;
    bool m_again = false; // changed meanwhile
    qint64 m_pastUs = 0;
    TimeRange m_pastWhole;
};

} // namespace lathe
