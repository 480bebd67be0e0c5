// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/TraceDifference.h"

#include <QSet>

namespace lathe {

namespace {
bool isOver(const Trace &trace)
{
    return trace.status() != RunStatus::Running && trace.status() != RunStatus::Waiting;
}
} // namespace

bool sameStep(const Step &a, const Step &b)
{
    const auto sameNote = [](const StepNote &x, const StepNote &y) {
        return x.timeUs == y.timeUs && x.name == y.name && x.attributes == y.attributes;
    };
    return a.path == b.path && a.kind == b.kind && a.status == b.status && a.name == b.name && a.startUs == b.startUs
           && a.endUs == b.endUs && a.begun == b.begun && a.text == b.text && a.reasoning == b.reasoning
           && a.toolArguments == b.toolArguments && a.error == b.error && a.attributes == b.attributes
           && std::equal(a.notes.begin(), a.notes.end(), b.notes.begin(), b.notes.end(), sameNote);
}

std::vector<RunEvent> eventsBetween(const Trace &known, const Trace &now)
{
    QSet<QString> same;
    for (const Step &step : now.steps()) {
        const int index = known.indexOf(step.path);
        if (index >= 0 && sameStep(known.steps()[size_t(index)], step))
            same.insert(step.path);
    }
    const bool begun = known.startUs() == now.startUs() && known.startAttributes() == now.startAttributes() && !isOver(known);
    const bool ended = isOver(known) && known.status() == now.status() && known.endUs() == now.endUs();
    std::vector<RunEvent> events = now.toEvents();
    std::erase_if(events, [&](const RunEvent &event) {
        if (event.kind == RunEventKind::RunStarted)
            return begun || ended;
        if (event.kind == RunEventKind::RunEnded)
            return ended;
        return same.contains(event.step);
    });
    return events;
}

} // namespace lathe
