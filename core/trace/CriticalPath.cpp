// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/CriticalPath.h"

#include <algorithm>
#include <numeric>

namespace lathe {

namespace {
qint64 lastKnownUs(const Trace &trace)
{
    qint64 last = trace.endUs();
    for (const Step &step : trace.steps()) {
        last = std::max({last, step.startUs, step.endUs, step.firstDeltaUs});
        if (!step.notes.empty())
            last = std::max(last, step.notes.back().timeUs);
    }
    return last;
}

// The children of each step, and of the run, by when they end; with what lets a search begin anywhere among them.
class ChildrenByEnd
{
public:
    ChildrenByEnd(const Trace &trace, const TraceTimes &times) : m_times(times)
    {
        const auto &steps = trace.steps();
        m_begin.reserve(steps.size() + 2);
        m_order.reserve(steps.size());
        for (const Step &step : steps)
            add(step.children);
        add(trace.roots());
        m_begin.push_back(int(m_order.size()));
        m_earliest.resize(m_order.size());
        for (size_t group = 0; group + 1 < m_begin.size(); ++group) {
            int best = -1; // among this one and those that end later
            for (int i = m_begin[group + 1] - 1; i >= m_begin[group]; --i) {
                const int child = m_order[size_t(i)];
                if (best < 0 || start(child) < start(best))
                    best = child;
                m_earliest[size_t(i)] = best;
            }
        }
    }
    // Group of a step's children; of the roots: the number of steps.
    // Position behind the last child that ends at `us` or before.
    int endingBy(size_t group, qint64 us) const
    {
        const auto first = m_order.begin() + m_begin[group], last = m_order.begin() + m_begin[group + 1];
        return int(std::upper_bound(first, last, us, [this](qint64 time, int child) { return time < m_times.endUs[size_t(child)]; })
                   - m_order.begin());
    }
    // The child before that position, -1: none.
    int before(size_t group, int position) const { return position > m_begin[group] ? m_order[size_t(position - 1)] : -1; }
    // Of the children from that position on the one that began first, -1: none.
    int earliestFrom(size_t group, int position) const
    {
        return position < m_begin[group + 1] ? m_earliest[size_t(position)] : -1;
    }

private:
    qint64 start(int step) const { return m_times.startUs[size_t(step)]; }
    void add(const std::vector<int> &children)
    {
        m_begin.push_back(int(m_order.size()));
        for (const int child : children) {
            if (start(child) < m_times.endUs[size_t(child)]) // one that took no time decides nothing
                m_order.push_back(child);
        }
        const auto less = [this](int a, int b) {
            const qint64 endA = m_times.endUs[size_t(a)], endB = m_times.endUs[size_t(b)];
            if (endA != endB)
                return endA < endB;
            return start(a) != start(b) ? start(a) > start(b) : a < b; // the longest is taken first
        };
        const auto first = m_order.begin() + m_begin.back();
        if (!std::is_sorted(first, m_order.end(), less))
            std::sort(first, m_order.end(), less);
    }
    const TraceTimes &m_times;
    std::vector<int> m_begin, m_order, m_earliest;
};

// Walks from the end backwards, so segments come last first.
class Walker
{
public:
    Walker(const TraceTimes &times, const ChildrenByEnd &children, CriticalPath *path) : m_times(times), m_children(children), m_path(path) {}

    // What decided the time from `fromUs` to `toUs` in a step (-1: the run), in which it ran. Trees are 256 deep at most.
    void walk(int step, qint64 fromUs, qint64 toUs)
    {
        const size_t group = step < 0 ? m_times.startUs.size() : size_t(step);
        qint64 now = toUs;
        while (now > fromUs) {
            const int position = m_children.endingBy(group, now);
            const int ended = m_children.before(group, position); // it was waited for
            const qint64 endedUs = ended < 0 ? fromUs : std::max(fromUs, m_times.endUs[size_t(ended)]);
            if (endedUs < now) {
                // Nothing ended just now. What ran meanwhile and went on is taken for what the step was busy with, else itself.
                const int running = m_children.earliestFrom(group, position);
                if (running >= 0 && m_times.startUs[size_t(running)] < now) {
                    const qint64 since = std::max(endedUs, m_times.startUs[size_t(running)]);
                    walk(running, since, now);
                    now = since;
                }
                if (endedUs < now)
                    add(step, endedUs, now);
                now = endedUs;
            }
            if (ended >= 0 && now > fromUs) {
                const qint64 since = std::max(fromUs, m_times.startUs[size_t(ended)]);
                walk(ended, since, now);
                now = since;
            }
        }
    }

private:
    void add(int step, qint64 fromUs, qint64 toUs)
    {
        auto &segments = m_path->segments;
        if (!segments.empty() && segments.back().step == step && segments.back().fromUs == toUs)
            segments.back().fromUs = fromUs;
        else
            segments.push_back({step, fromUs, toUs});
    }
    const TraceTimes &m_times;
    const ChildrenByEnd &m_children;
    CriticalPath *m_path;
};
} // namespace

TraceTimes traceTimes(const Trace &trace)
{
    const auto &steps = trace.steps();
    TraceTimes times;
    times.startUs.resize(steps.size());
    times.endUs.resize(steps.size());
    times.selfUs.resize(steps.size());
    times.lastUs = lastKnownUs(trace);
    times.firstUs = trace.startUs() ? trace.startUs() : times.lastUs;
    std::vector<std::pair<qint64, qint64>> inside;
    for (size_t i = steps.size(); i-- > 0;) { // children stand behind their parents
        const Step &step = steps[i];
        qint64 startUs = step.startUs;
        qint64 endUs = std::max(step.endUs ? step.endUs : times.lastUs, startUs);
        inside.clear();
        for (const int child : step.children) {
            inside.emplace_back(times.startUs[size_t(child)], times.endUs[size_t(child)]);
            startUs = std::min(startUs, inside.back().first);
            endUs = std::max(endUs, inside.back().second);
        }
        if (!std::is_sorted(inside.begin(), inside.end()))
            std::sort(inside.begin(), inside.end());
        qint64 covered = 0, until = startUs;
        for (const auto &[from, to] : inside) {
            covered += std::max<qint64>(0, to - std::max(from, until));
            until = std::max(until, to);
        }
        times.startUs[i] = startUs;
        times.endUs[i] = endUs;
        times.selfUs[i] = endUs - startUs - covered;
        times.firstUs = std::min(times.firstUs, startUs);
    }
    return times;
}

CriticalPath criticalPath(const Trace &trace)
{
    return criticalPath(trace, traceTimes(trace));
}

CriticalPath criticalPath(const Trace &trace, const TraceTimes &times)
{
    const auto &steps = trace.steps();
    CriticalPath path;
    path.pathUs.resize(steps.size());
    path.onPath.resize(steps.size());
    if (steps.empty())
        return path;
    qint64 beganUs = times.lastUs;
    for (const int root : trace.roots())
        beganUs = std::min(beganUs, times.startUs[size_t(root)]);
    path.idleBeforeUs = beganUs - times.firstUs;
    path.totalUs = times.lastUs - beganUs;
    const ChildrenByEnd children(trace, times);
    Walker(times, children, &path).walk(-1, beganUs, times.lastUs);
    std::reverse(path.segments.begin(), path.segments.end());
    for (const PathSegment &segment : path.segments) {
        if (segment.step >= 0)
            path.pathUs[size_t(segment.step)] += segment.toUs - segment.fromUs;
    }
    qint64 longestUs = 0;
    for (size_t i = steps.size(); i-- > 0;) {
        path.onPath[i] = path.pathUs[i] > 0
                         || std::any_of(steps[i].children.begin(), steps[i].children.end(),
                                        [&path](int child) { return bool(path.onPath[size_t(child)]); });
        if (path.pathUs[i] >= longestUs && path.pathUs[i] > 0) {
            longestUs = path.pathUs[i];
            path.longest = steps[i].path;
        }
    }
    return path;
}

} // namespace lathe
