// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/WholeTrace.h"

#include <QSet>

#include <algorithm>

namespace lathe {

namespace {
bool lacks(const Step &live, const Step &stored)
{
    const bool over = live.status != StepStatus::Running && live.status != StepStatus::Waiting;
    return over
           && (live.text.size() < stored.text.size() || live.reasoning.size() < stored.reasoning.size()
               || live.toolArguments.size() < stored.toolArguments.size() || live.attributes.size() < stored.attributes.size());
}
} // namespace

Trace wholeTrace(const Trace &live, const Trace &stored)
{
    QSet<QString> lost;
    for (const Step &step : live.steps()) {
        const int index = stored.indexOf(step.path);
        if (index >= 0 && lacks(step, stored.steps()[size_t(index)]))
            lost.insert(step.path);
    }
    if (lost.isEmpty())
        return live;
    std::vector<RunEvent> ofRun, ofSteps;
    for (RunEvent &event : live.toEvents()) {
        if (event.step.isEmpty())
            ofRun.push_back(std::move(event));
        else if (!lost.contains(event.step))
            ofSteps.push_back(std::move(event));
    }
    for (RunEvent &event : stored.toEvents()) {
        if (lost.contains(event.step))
            ofSteps.push_back(std::move(event));
    }
    std::stable_sort(ofSteps.begin(), ofSteps.end(), [](const RunEvent &a, const RunEvent &b) {
        return a.timeUs != b.timeUs ? a.timeUs < b.timeUs : stepPathLess(a.step, b.step);
    });
    Trace whole;
    const auto apply = [&](const RunEvent &event) { whole.apply(event); };
    const auto ended = std::find_if(ofRun.begin(), ofRun.end(), [](const RunEvent &event) { return event.kind == RunEventKind::RunEnded; });
    std::for_each(ofRun.begin(), ended, apply);
    std::for_each(ofSteps.begin(), ofSteps.end(), apply);
    std::for_each(ended, ofRun.end(), apply);
    return whole;
}

} // namespace lathe
