// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunEvent.h"

#include <QHash>
#include <QJsonArray>

namespace lathe {

// What happened inside a step besides its begin and end.
struct StepNote {
    qint64 timeUs = 0;
    QString name;
    QJsonObject attributes;
};

// One timed operation of a run (a span).
struct Step {
    QString path;
    QString parent;
    StepKind kind = StepKind::Control;
    StepStatus status = StepStatus::Running;
    QString name; // as in OpenTelemetry: "chat gpt-5", "execute_tool sql", "invoke_agent triage"
    qint64 startUs = 0;
    qint64 endUs = 0;       // 0 while it runs
    qint64 firstDeltaUs = 0; // when the first piece of text came; 0: none
    QJsonObject attributes; // gen_ai.* and lathe.*
    QString text;           // streamed text, then the final one
    QString reasoning;
    QString toolArguments; // streamed tool-call arguments
    std::vector<StepNote> notes;
    std::optional<Error> error;
    std::vector<int> children; // indices into Trace::steps()
    bool begun = false; // its StepStarted came; false: made because an event or a child named it

    Usage usage() const; // from gen_ai.usage.* and lathe.cost_usd
};

// The step tree of one run, built from events in any number of batches. A value; cheap to move, copied for other threads.
class Trace
{
public:
    // Applies one event. Events of unknown steps are kept by making the step (a trace never loses anything).
    // Returns the index of the step it touched, -1 for run events.
    int apply(const RunEvent &event);

    RunId run() const { return m_run; }
    RunStatus status() const { return m_status; }
    const std::vector<Step> &steps() const { return m_steps; } // in the order they began
    const std::vector<int> &roots() const { return m_roots; }
    int indexOf(const QString &path) const; // -1 when absent
    QString output() const { return m_output; }
    std::optional<Error> error() const { return m_error; }
    QJsonObject startAttributes() const { return m_startAttributes; }
    qint64 startUs() const { return m_startUs; }
    qint64 endUs() const { return m_endUs; }
    // Sum over the model steps.
    Usage usage() const;

    // The events that rebuild this trace (deltas joined to one a channel), for reading a stored run.
    std::vector<RunEvent> toEvents() const;
    // OTLP/JSON ExportTraceServiceRequest with GenAI semantic conventions. traceId: 32 hex digits.
    QJsonObject toOtlp(const QString &traceId) const;
    // Plain text for a terminal: indented steps with duration, tokens, cost, errors.
    QString toText() const;

private:
    int ensureStep(const QString &path, qint64 timeUs);
    void beginStep(Step &step, const RunEvent &event);
    void setStepStatus(Step &step, StepStatus status); // keeps m_waiting and the run's status right
    void endRun(const RunEvent &event);
    RunId m_run;
    RunStatus m_status = RunStatus::Running;
    qint64 m_startUs = 0;
    qint64 m_endUs = 0;
    QString m_output;
    std::optional<Error> m_error;
    QJsonObject m_startAttributes;
    QJsonObject m_endAttributes;
    std::vector<Step> m_steps;
    std::vector<int> m_roots;
    QHash<QString, int> m_index;
    int m_waiting = 0; // steps that wait for a person
};

} // namespace lathe
