// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/SessionTypes.h"
#include "core/trace/TraceAlign.h"

#include <QAbstractTableModel>

#include <memory>

namespace lathe {

// One run of a comparison.
struct ComparedRun {
    RunInfo info;
    std::shared_ptr<const Trace> trace;
};

// The aligned steps of 2 to 6 runs, a row each in tree order, a column per run behind the column of names. Cells are made when they are
// painted, so that rows cost nothing.
class CompareModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;
    void setComparison(std::vector<ComparedRun> runs, std::shared_ptr<const TraceAlignment> alignment);
    void setOnlyDifferences(bool only); // the ancestors of what differs stay
    bool onlyDifferences() const { return m_only; }

    int runCount() const { return int(m_runs.size()); }
    const ComparedRun &run(int index) const { return m_runs[size_t(index)]; }
    const TraceAlignment &alignment() const { return *m_alignment; }
    int differingRows() const { return m_differing; }
    const AlignedRow *row(int shown) const;
    const Step *step(int shown, int run) const; // null: the run lacks it
    StepNumbers numbers(int shown, int run) const;
    StepNumbers delta(int shown, int run) const; // against the first run
    bool isFirstDivergence(int shown) const;
    int shownRow(int alignedRow) const; // -1: hidden
    QString divergenceText() const; // a sentence with the runs' own numbers; empty: they tell the same story
    int firstDivergence() const { return shownRow(m_alignment->firstDivergence); }
    // The next or previous row that differs, from a shown row (-1: from the start); -1: none.
    int nextDifference(int from, int direction) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

    static QString differenceWords(quint16 differences); // "input, output"

private:
    void rebuild();
    std::vector<ComparedRun> m_runs;
    std::vector<const Trace *> m_traces;
    std::shared_ptr<const TraceAlignment> m_alignment = std::make_shared<TraceAlignment>();
    std::vector<int> m_shown; // rows of the alignment
    int m_differing = 0;
    bool m_only = false;
};

} // namespace lathe
