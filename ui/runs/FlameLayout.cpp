// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/FlameLayout.h"

#include <algorithm>
#include <queue>
#include <tuple>

namespace lathe {

namespace {
struct Extent {
    qint64 startUs = 0;
    qint64 endUs = 0;
    int height = 1; // lanes of the step and all below it
};

// Puts siblings into tracks whose members do not overlap: the longest-free track first. Gives the track of each and the count of tracks.
int assignTracks(std::span<const int> siblings, const std::vector<Extent> &extents, std::vector<int> *order, std::vector<int> *track)
{
    order->resize(siblings.size());
    for (size_t i = 0; i < siblings.size(); ++i)
        (*order)[i] = int(i);
    std::sort(order->begin(), order->end(), [&](int a, int b) {
        const Extent &of = extents[size_t(siblings[size_t(a)])];
        const Extent &other = extents[size_t(siblings[size_t(b)])];
        return std::tie(of.startUs, of.endUs, a) < std::tie(other.startUs, other.endUs, b);
    });
    track->assign(siblings.size(), 0);
    using Busy = std::pair<qint64, int>; // until when, which
    std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy;
    std::priority_queue<int, std::vector<int>, std::greater<>> idle; // lowest first: sequential work stays on top
    int tracks = 0;
    for (const int i : *order) {
        const Extent &of = extents[size_t(siblings[size_t(i)])];
        while (!busy.empty() && busy.top().first <= of.startUs) {
            idle.push(busy.top().second);
            busy.pop();
        }
        int chosen = tracks;
        if (idle.empty()) {
            ++tracks;
        } else {
            chosen = idle.top();
            idle.pop();
        }
        (*track)[size_t(i)] = chosen;
        busy.emplace(of.endUs, chosen);
    }
    return tracks;
}
}

std::vector<FlameStep> flameSteps(const std::vector<TraceRow> &rows, qint64 nowUs)
{
    std::vector<FlameStep> steps;
    steps.reserve(rows.size());
    for (const TraceRow &row : rows) {
        const qint64 end = row.endUs > 0 ? row.endUs : row.isOver() ? row.startUs : nowUs;
        steps.push_back({row.startUs, std::max(end, row.startUs), row.parent, row.kind, row.isFailed()});
    }
    return steps;
}

FlameLayout::FlameLayout(const std::vector<FlameStep> &steps)
{
    const size_t count = steps.size();
    std::vector<Extent> extents(count);
    std::vector<int> offset(count, 0); // lanes below the parent's own, 0: right below
    std::vector<int> order, track, heights;
    // The children of a step (the top steps first of all) in one list, from begins[parent + 1].
    std::vector<int> begins(count + 2, 0), children(count);
    for (const FlameStep &step : steps)
        ++begins[size_t(step.parent + 2)];
    for (size_t i = 1; i < begins.size(); ++i)
        begins[i] += begins[i - 1];
    std::vector<int> next(begins.begin(), begins.end() - 1);
    for (size_t i = 0; i < count; ++i)
        children[size_t(next[size_t(steps[i].parent + 1)]++)] = int(i);
    const auto childrenOf = [&](int parent) {
        const int from = begins[size_t(parent + 1)];
        return std::span<const int>(children).subspan(size_t(from), size_t(begins[size_t(parent + 2)] - from));
    };
    // Siblings side by side: height of all of them.
    const auto place = [&](std::span<const int> siblings) {
        const int tracks = assignTracks(siblings, extents, &order, &track);
        heights.assign(size_t(tracks) + 1, 0);
        for (size_t i = 0; i < siblings.size(); ++i) {
            int &height = heights[size_t(track[i]) + 1];
            height = std::max(height, extents[size_t(siblings[i])].height);
        }
        for (size_t i = 1; i < heights.size(); ++i)
            heights[i] += heights[i - 1];
        for (size_t i = 0; i < siblings.size(); ++i)
            offset[size_t(siblings[i])] = heights[size_t(track[i])];
        return heights.back();
    };
    // Children come after their parents, so backwards all of a step's children are done before it.
    for (size_t i = count; i-- > 0;) {
        Extent &of = extents[i];
        of.startUs = steps[i].startUs;
        of.endUs = steps[i].endUs;
        const auto below = childrenOf(int(i));
        for (const int child : below) {
            of.startUs = std::min(of.startUs, extents[size_t(child)].startUs);
            of.endUs = std::max(of.endUs, extents[size_t(child)].endUs);
        }
        of.height = 1 + (below.empty() ? 0 : place(below));
    }
    const int height = place(childrenOf(-1));
    m_lanes.resize(size_t(height));
    m_lane.assign(count, 0);
    for (size_t i = 0; i < count; ++i) {
        m_lane[i] = offset[i] + (steps[i].parent < 0 ? 0 : m_lane[size_t(steps[i].parent)] + 1);
        m_lanes[size_t(m_lane[i])].rows.push_back(int(i));
    }
    for (Lane &lane : m_lanes) {
        const auto before = [&](int a, int b) {
            const FlameStep &of = steps[size_t(a)];
            const FlameStep &other = steps[size_t(b)];
            return std::tie(of.startUs, of.endUs, a) < std::tie(other.startUs, other.endUs, b);
        };
        if (!std::is_sorted(lane.rows.begin(), lane.rows.end(), before))
            std::sort(lane.rows.begin(), lane.rows.end(), before);
        const size_t size = lane.rows.size();
        lane.startUs.resize(size);
        lane.endUs.resize(size);
        lane.kinds.resize(size + 1);
        lane.failed.resize(size + 1);
        lane.kinds[0] = {};
        lane.failed[0] = 0;
        for (size_t i = 0; i < size; ++i) {
            const FlameStep &step = steps[size_t(lane.rows[i])];
            lane.startUs[i] = step.startUs;
            lane.endUs[i] = step.endUs;
            lane.kinds[i + 1] = lane.kinds[i];
            ++lane.kinds[i + 1][size_t(step.kind)];
            lane.failed[i + 1] = lane.failed[i] + int(step.failed);
        }
    }
}

int FlameLayout::rowAt(int lane, qint64 timeUs, qint64 slackUs) const
{
    if (lane < 0 || lane >= int(m_lanes.size()))
        return -1;
    const Lane &of = m_lanes[size_t(lane)];
    const auto next = size_t(std::upper_bound(of.startUs.begin(), of.startUs.end(), timeUs) - of.startUs.begin());
    if (next > 0 && of.endUs[next - 1] >= timeUs)
        return of.rows[next - 1];
    const qint64 before = next > 0 ? timeUs - of.endUs[next - 1] : slackUs + 1;
    const qint64 after = next < of.rows.size() ? of.startUs[next] - timeUs : slackUs + 1;
    if (std::min(before, after) > slackUs)
        return -1;
    return before <= after ? of.rows[next - 1] : of.rows[next];
}

std::vector<FlameBar> flameBars(const FlameLayout::Lane &lane, const std::vector<TraceRow> &rows, TimeRange visible, double width)
{
    std::vector<FlameBar> bars;
    if (width < 1 || visible.length() < 1)
        return bars;
    const size_t size = lane.rows.size();
    size_t i = size_t(std::lower_bound(lane.endUs.begin(), lane.endUs.end(), visible.startUs) - lane.endUs.begin());
    const double usPerPixel = double(visible.length()) / width;
    double free = 0; // the first pixel nothing was drawn on
    while (i < size && lane.startUs[i] <= visible.endUs) {
        FlameBar bar;
        bar.row = lane.rows[i];
        bar.x0 = std::clamp(timeaxis::position(lane.startUs[i], visible, width), free, width);
        bar.x1 = std::clamp(timeaxis::position(lane.endUs[i], visible, width), bar.x0, width);
        size_t next = i + 1;
        if (bar.x1 - bar.x0 < 1) {
            // All that begins within this pixel goes with it, unless it is wide itself.
            bar.x1 = std::min(width, bar.x0 + 1);
            const qint64 pixelEnd = visible.startUs + qint64(bar.x1 * usPerPixel);
            next = size_t(std::lower_bound(lane.startUs.begin() + qsizetype(next), lane.startUs.end(), pixelEnd) - lane.startUs.begin());
            const auto wide = [&](size_t at) { return double(lane.endUs[at] - lane.startUs[at]) >= usPerPixel; };
            if (next > i + 1 && wide(next - 1))
                --next;
            if (bar.x1 >= width) // the edge: nothing could be drawn after it
                next = size_t(std::upper_bound(lane.startUs.begin() + qsizetype(i), lane.startUs.end(), visible.endUs) - lane.startUs.begin());
        }
        bar.count = int(next - i);
        bar.failed = lane.failed[next] - lane.failed[i];
        if (bar.count == 1) {
            bar.kind = rows[size_t(bar.row)].kind;
        } else {
            int most = -1;
            for (int kind = 0; kind < FlameLayout::Kinds; ++kind) {
                const int of = lane.kinds[next][size_t(kind)] - lane.kinds[i][size_t(kind)];
                if (of > most) {
                    most = of;
                    bar.kind = StepKind(kind);
                }
            }
        }
        free = bar.x1;
        bars.push_back(bar);
        i = next;
    }
    return bars;
}

} // namespace lathe
