// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Id.h"
#include "core/base/Result.h"

#include <QJsonObject>
#include <QString>

#include <vector>

namespace lathe {

// What kind of operation a step is; decides its colour everywhere.
enum class StepKind { Agent, Model, Tool, Memory, Control, Human };
enum class StepStatus { Running, Waiting, Ok, Failed, Cancelled, Interrupted };
enum class RunStatus { Running, Waiting, Done, Failed, Cancelled, Interrupted };

QString stepKindName(StepKind kind);       // "agent", "model", "tool", "memory", "control", "human"
StepKind stepKindFromName(const QString &name);
QString stepStatusName(StepStatus status); // "running", "waiting", "ok", "failed", "cancelled", "interrupted"
StepStatus stepStatusFromName(const QString &name);
QString runStatusName(RunStatus status);   // "running", "waiting", "done", "failed", "cancelled", "interrupted"
RunStatus runStatusFromName(const QString &name);

// Tokens as providers count them; input includes cached ones (gen_ai.usage.*). Money in US dollars, -1 when no price is known.
struct Usage {
    qint64 inputTokens = 0;
    qint64 outputTokens = 0;
    qint64 cacheReadTokens = 0;
    qint64 cacheWriteTokens = 0;
    qint64 reasoningTokens = 0;
    double costUsd = 0;
    bool costKnown = true;
    Usage &operator+=(const Usage &other);
    qint64 totalTokens() const { return inputTokens + outputTokens; }
    bool operator==(const Usage &) const = default;
    QJsonObject toJson() const; // input_tokens, output_tokens, ..., cost_usd (absent when not known)
    static Usage fromJson(const QJsonObject &json);
};

// The closed vocabulary. Live view, run log, wire, export and replay all consume these and nothing else.
enum class RunEventKind {
    RunStarted,  // attributes: agent, revisions, input, variables
    StepStarted, // stepKind, name, attributes (gen_ai.operation.name, gen_ai.request.model, gen_ai.tool.name, ...)
    StepDelta,   // channel, text: a piece of what streams
    StepNote,    // name: retry, fallback, invalid_arguments, approval_requested, approval_given, output_invalid, ...; attributes
    StepEnded,   // status, attributes to merge, error
    RunEnded,    // runStatus, text = output, error, attributes: usage
};
QString runEventKindName(RunEventKind kind); // "run_started", "step_started", "step_delta", "step_note", "step_ended", "run_ended"

enum class DeltaChannel { Text, Reasoning, ToolArguments, ToolOutput };
QString deltaChannelName(DeltaChannel channel); // "text", "reasoning", "tool_arguments", "tool_output"

// One event of a run. Steps are named by their path in the tree: "1" is the first step of the run, "1.2" its second
// child; children are numbered in the order their parent started them, so the same code gives the same paths on replay
// even when branches run concurrently.
struct RunEvent {
    RunEventKind kind = RunEventKind::StepNote;
    RunId run;
    qint64 timeUs = 0;
    QString step; // path, empty for run_started and run_ended
    StepKind stepKind = StepKind::Control;
    StepStatus stepStatus = StepStatus::Running;
    RunStatus runStatus = RunStatus::Running;
    DeltaChannel channel = DeltaChannel::Text;
    QString name;
    QString text;
    QJsonObject attributes;
    std::optional<Error> error;

    QJsonObject toJson() const;
    static Result<RunEvent> fromJson(const QJsonObject &json);
};

// Path of the parent step, empty for a top step.
QString parentStep(const QString &path);
// Numeric order of paths: 1, 1.1, 1.2, 1.10, 2.
bool stepPathLess(const QString &a, const QString &b);

} // namespace lathe
Q_DECLARE_METATYPE(lathe::RunEvent)
