// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/Trace.h"

#include "core/base/Assert.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
// Real trees are some ten deep. A deeper path in a damaged file becomes a root, so that building the tree stays linear.
constexpr int maxDepth = 256;

qint64 tokenCount(const QJsonObject &attributes, QLatin1String key)
{
    const QJsonValue value = attributes.value(key);
    const double number = value.toDouble();
    return number > 0 && number < 9e18 ? value.toInteger(qint64(number)) : 0;
}

void merge(QJsonObject *into, const QJsonObject &from)
{
    if (into->isEmpty()) {
        *into = from;
        return;
    }
    // Inserting is dear: few into many.
    QJsonObject merged = into->size() > from.size() ? *into : from;
    const bool intoIsBase = into->size() > from.size();
    const QJsonObject &few = intoIsBase ? from : *into;
    for (auto it = few.begin(); it != few.end(); ++it) {
        if (intoIsBase || !merged.contains(it.key()))
            merged.insert(it.key(), it.value());
    }
    *into = merged;
}

bool isOver(StepStatus status)
{
    return status != StepStatus::Running && status != StepStatus::Waiting;
}
} // namespace

Usage Step::usage() const
{
    Usage usage;
    usage.inputTokens = tokenCount(attributes, QLatin1String("gen_ai.usage.input_tokens"));
    usage.outputTokens = tokenCount(attributes, QLatin1String("gen_ai.usage.output_tokens"));
    usage.cacheReadTokens =
        tokenCount(attributes, QLatin1String("gen_ai.usage.cache_read.input_tokens"));
    usage.cacheWriteTokens =
        tokenCount(attributes, QLatin1String("gen_ai.usage.cache_creation.input_tokens"));
    usage.reasoningTokens =
        tokenCount(attributes, QLatin1String("gen_ai.usage.reasoning.output_tokens"));
    const double cost = attributes.value(QLatin1String("lathe.cost_usd")).toDouble(-1);
    if (std::isfinite(cost) && cost >= 0)
        usage.costUsd = cost;
    else
        usage.costKnown = usage.totalTokens() == 0;
    return usage;
}

int Trace::indexOf(const QString &path) const
{
    return m_index.value(path, -1);
}

Usage Trace::usage() const
{
    Usage sum;
    for (const Step &step : m_steps) {
        if (step.kind == StepKind::Model)
            sum += step.usage();
    }
    return sum;
}

int Trace::ensureStep(const QString &path, qint64 timeUs)
{
    if (const int known = indexOf(path); known >= 0) {
        Step &step = m_steps[size_t(known)];
        if (!step.begun)
            step.startUs = std::min(step.startUs, timeUs);
        return known;
    }
    QStringList missing{path}; // the step, then its ancestors upwards
    int parent = -1;
    if (path.count(QLatin1Char('.')) < maxDepth) {
        QString above = parentStep(path);
        while (!above.isEmpty() && (parent = indexOf(above)) < 0) {
            missing.append(above);
            above = parentStep(above);
        }
    }
    for (auto it = missing.crbegin(); it != missing.crend(); ++it) {
        const int index = int(m_steps.size());
        Step step;
        step.path = *it;
        step.startUs = timeUs;
        if (parent >= 0) {
            step.parent = m_steps[size_t(parent)].path;
            m_steps[size_t(parent)].children.push_back(index);
        } else {
            m_roots.push_back(index);
        }
        m_index.insert(step.path, index);
        m_steps.push_back(std::move(step));
        parent = index;
    }
    return parent;
}

void Trace::setStepStatus(Step &step, StepStatus status)
{
    m_waiting += int(status == StepStatus::Waiting) - int(step.status == StepStatus::Waiting);
    step.status = status;
    if (m_status == RunStatus::Running || m_status == RunStatus::Waiting)
        m_status = m_waiting > 0 ? RunStatus::Waiting : RunStatus::Running;
}

void Trace::beginStep(Step &step, const RunEvent &event)
{
    if (step.begun) { // a resumed run goes through the step again: what it showed before is history of the journal
        step.text.clear();
        step.reasoning.clear();
        step.toolArguments.clear();
        step.notes.clear();
        step.error.reset();
        step.attributes = event.attributes;
        step.firstDeltaUs = 0;
        step.endUs = 0;
        setStepStatus(step, StepStatus::Running);
    } else { // late: what came before it stays, and is newer
        QJsonObject attributes = event.attributes;
        merge(&attributes, step.attributes);
        step.attributes = attributes;
        step.begun = true;
    }
    step.kind = event.stepKind;
    step.name = event.name;
    step.startUs = event.timeUs;
}

void Trace::endRun(const RunEvent &event)
{
    const StepStatus left =
        event.runStatus == RunStatus::Interrupted ? StepStatus::Interrupted : StepStatus::Cancelled;
    for (Step &step : m_steps) {
        if (isOver(step.status))
            continue;
        setStepStatus(step, left);
        step.endUs = event.timeUs;
    }
    m_status = event.runStatus;
    m_endUs = event.timeUs;
    m_output = event.text;
    m_error = event.error;
    m_endAttributes = event.attributes;
}

int Trace::apply(const RunEvent &event)
{
    if (event.run.isValid())
        m_run = event.run;
    if (event.kind == RunEventKind::RunStarted) {
        m_status = m_waiting > 0 ? RunStatus::Waiting : RunStatus::Running;
        m_startUs = event.timeUs;
        m_endUs = 0;
        m_output.clear();
        m_error.reset();
        m_endAttributes = QJsonObject();
        m_startAttributes = event.attributes;
        return -1;
    }
    if (event.kind == RunEventKind::RunEnded) {
        endRun(event);
        return -1;
    }
    LATHE_ASSERT(!event.step.isEmpty(), return -1);
    if (m_startUs == 0)
        m_startUs = event.timeUs;
    const int index = ensureStep(event.step, event.timeUs);
    Step &step = m_steps[size_t(index)];
    switch (event.kind) {
    case RunEventKind::StepStarted:
        beginStep(step, event);
        break;
    case RunEventKind::StepDelta:
        if (step.firstDeltaUs == 0 && !event.text.isEmpty())
            step.firstDeltaUs = event.timeUs;
        (event.channel == DeltaChannel::Reasoning       ? step.reasoning
         : event.channel == DeltaChannel::ToolArguments ? step.toolArguments
                                                        : step.text) += event.text;
        if (step.status == StepStatus::Waiting)
            setStepStatus(step, StepStatus::Running);
        break;
    case RunEventKind::StepNote:
        if (event.name == QLatin1String("restart")) { // a retry streams the answer from its start
            step.text.clear();
            step.reasoning.clear();
            step.toolArguments.clear();
            step.firstDeltaUs = 0;
        }
        step.notes.push_back({event.timeUs, event.name, event.attributes});
        if (!isOver(step.status)) {
            const bool waits = event.stepStatus == StepStatus::Waiting
                               || event.name == QLatin1String("approval_requested");
            setStepStatus(step, waits ? StepStatus::Waiting : StepStatus::Running);
        }
        break;
    case RunEventKind::StepEnded:
        merge(&step.attributes, event.attributes);
        if (!event.text.isEmpty())
            step.text = event.text;
        step.error = event.error;
        step.endUs = event.timeUs;
        setStepStatus(step, event.stepStatus);
        break;
    case RunEventKind::RunStarted:
    case RunEventKind::RunEnded:
        break;
    }
    return index;
}

std::vector<RunEvent> Trace::toEvents() const
{
    std::vector<RunEvent> events;
    events.reserve(m_steps.size() * 3 + 2);
    const auto make = [this](RunEventKind kind, qint64 timeUs, const Step &step) {
        RunEvent event;
        event.kind = kind;
        event.run = m_run;
        event.timeUs = timeUs;
        event.step = step.path;
        return event;
    };
    for (const Step &step : m_steps) {
        const bool over = isOver(step.status);
        if (step.begun || (!over && !step.attributes.isEmpty())) {
            RunEvent event = make(RunEventKind::StepStarted, step.startUs, step);
            event.stepKind = step.kind;
            event.name = step.name;
            event.attributes = step.attributes;
            events.push_back(std::move(event));
        }
        qint64 streamedFrom = step.firstDeltaUs ? step.firstDeltaUs : step.startUs;
        for (size_t i = 0; i < step.notes.size(); ++i) {
            const StepNote &note = step.notes[i];
            RunEvent event = make(RunEventKind::StepNote, note.timeUs, step);
            event.name = note.name;
            event.attributes = note.attributes;
            if (step.status == StepStatus::Waiting && i + 1 == step.notes.size())
                event.stepStatus = StepStatus::Waiting;
            if (note.name == QLatin1String("restart"))
                streamedFrom =
                    std::max(streamedFrom, note.timeUs); // what stands was streamed after it
            events.push_back(std::move(event));
        }
        const bool onlyAtEnd = over && step.firstDeltaUs == 0;
        const auto stream = [&](DeltaChannel channel, const QString &text) {
            if (text.isEmpty())
                return;
            RunEvent event = make(RunEventKind::StepDelta, streamedFrom, step);
            event.channel = channel;
            event.text = text;
            // A delta wakes a waiting step, so it goes before the note that made it wait.
            const bool wakes = step.status == StepStatus::Waiting && !step.notes.empty();
            events.insert(wakes ? events.end() - 1 : events.end(), std::move(event));
        };
        stream(DeltaChannel::Reasoning, step.reasoning);
        stream(DeltaChannel::ToolArguments, step.toolArguments);
        if (!onlyAtEnd)
            stream(step.kind == StepKind::Tool ? DeltaChannel::ToolOutput : DeltaChannel::Text,
                   step.text);
        const bool asked =
            !step.notes.empty() && step.notes.back().name == QLatin1String("approval_requested");
        if (step.status == StepStatus::Running
            && asked) // went on by streaming: an empty piece says so
            events.push_back(make(RunEventKind::StepDelta, step.notes.back().timeUs, step));
        if (over) {
            RunEvent event = make(RunEventKind::StepEnded, step.endUs, step);
            event.stepStatus = step.status;
            event.error = step.error;
            if (onlyAtEnd)
                event.text = step.text;
            if (!step.begun)
                event.attributes = step.attributes;
            events.push_back(std::move(event));
        }
    }
    std::stable_sort(events.begin(), events.end(), [](const RunEvent &a, const RunEvent &b) {
        return a.timeUs != b.timeUs ? a.timeUs < b.timeUs : stepPathLess(a.step, b.step);
    });
    const bool ended = m_status != RunStatus::Running && m_status != RunStatus::Waiting;
    if (m_startUs != 0 || !m_startAttributes.isEmpty() || ended) {
        RunEvent event;
        event.kind = RunEventKind::RunStarted;
        event.run = m_run;
        event.timeUs = m_startUs;
        event.attributes = m_startAttributes;
        events.insert(events.begin(), std::move(event));
    }
    if (ended) {
        RunEvent event;
        event.kind = RunEventKind::RunEnded;
        event.run = m_run;
        event.timeUs = m_endUs;
        event.runStatus = m_status;
        event.text = m_output;
        event.error = m_error;
        event.attributes = m_endAttributes;
        events.push_back(std::move(event));
    }
    return events;
}

} // namespace lathe
