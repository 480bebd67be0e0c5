// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/itemmodels/TraceRow.h"
#include "ui/runs/TimeAxis.h"

#include <array>
#include <span>

namespace lathe {

// What a layout needs of a step; light enough to be copied for a thread.
struct FlameStep {
    qint64 startUs = 0;
    qint64 endUs = 0; // at least the begin
    int parent = -1;  // smaller than its own index
    StepKind kind = StepKind::Control;
    bool failed = false;
};
// `nowUs`: the end of steps that still run.
std::vector<FlameStep> flameSteps(const std::vector<TraceRow> &rows, qint64 nowUs);

// Where each step of a run lies in a flame graph: below its parent, in a lane of its own where siblings overlap in time. A value made
// from rows in O(n log n); no two steps of a lane overlap, whatever the clocks of the steps say.
class FlameLayout
{
public:
    static constexpr int Kinds = 6;
    struct Lane {
        std::vector<int> rows;        // by begin; they do not overlap, so by end as well
        std::vector<qint64> startUs;  // of rows
        std::vector<qint64> endUs;    // of rows, at least the begin
        // Sums over the rows before each index, for what is too narrow to be drawn by itself.
        std::vector<std::array<int, Kinds>> kinds;
        std::vector<int> failed;
    };
    FlameLayout() = default;
    explicit FlameLayout(const std::vector<FlameStep> &steps); // on any thread

    const std::vector<Lane> &lanes() const { return m_lanes; }
    int laneOf(int row) const { return row >= 0 && row < int(m_lane.size()) ? m_lane[size_t(row)] : -1; }
    // The step of a lane at a time, or the nearest within `slackUs`; -1: none.
    int rowAt(int lane, qint64 timeUs, qint64 slackUs) const;

private:
    std::vector<Lane> m_lanes;
    std::vector<int> m_lane; // by row
};

// What is drawn of a lane: single steps, and runs of steps too narrow to tell apart.
struct FlameBar {
    double x0 = 0, x1 = 0; // pixels, clipped to 0..width
    int row = -1;          // the only or the first step
    int count = 1;
    int failed = 0;        // of them
    StepKind kind = StepKind::Control; // of the only one or of most
};
// Bars from left to right that do not overlap (each at least a pixel wide, but for the last at the edge); every step of the lane that
// touches the visible time is in exactly one of them.
std::vector<FlameBar> flameBars(const FlameLayout::Lane &lane, const std::vector<TraceRow> &rows, TimeRange visible, double width);

} // namespace lathe
