// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

// What stands out inside a step, drawn on its bar.
enum class TraceMarkKind : quint8 { Retry, RateLimit, Fallback, Approval, Denied, Invalid };
struct TraceMark {
    qint64 timeUs = 0; // 0: not known, drawn at the bar's begin
    TraceMarkKind kind = TraceMarkKind::Retry;
};

// One step as the views of a whole run need it: its place in the tree, times, numbers and one line of text. Bodies are
// elsewhere. Some 250 bytes, so that a run of 100 000 steps fits into 25 MB.
struct TraceRow {
    QString path;
    QString name;    // as in OpenTelemetry: "execute_tool sql"
    QString title;   // as people call it: "sql"
    QString summary; // start of the text or of the error, one line
    qint64 startUs = 0;
    qint64 endUs = 0; // 0: it runs
    qint64 tokens = 0;
    double costUsd = 0; // -1: no price is known
    int parent = -1;    // index of the row, -1: a top step
    int row = 0;        // among its siblings
    int depth = 0;
    StepKind kind = StepKind::Control;
    StepStatus status = StepStatus::Running;
    bool cancelled = false; // failed because it was stopped
    bool untrusted = false; // its result was written by strangers
    std::vector<TraceMark> marks; // at most MostTraceMarks
    std::vector<int> children;

    bool isOver() const { return status != StepStatus::Running && status != StepStatus::Waiting; }
    bool isFailed() const { return status == StepStatus::Failed && !cancelled; }
};
constexpr int MostTraceMarks = 64;
constexpr int TraceSummaryLength = 120;

// What a person calls a step: the model's or the tool's own name instead of "execute_tool sql".
QString stepTitle(StepKind kind, const QString &name, const QString &path, const QJsonObject &attributes);
// Nothing when the note is not worth a mark.
std::optional<TraceMarkKind> traceMarkKind(const QString &noteName);
// Everything but parent, row, depth and children.
TraceRow traceRow(const Step &step);
// Only what a streaming piece changes.
void updateSummary(TraceRow *row, const Step &step);

// Whether all words occur in title, name, kind or line.
bool traceRowMatches(const TraceRow &row, const QStringList &words);

} // namespace lathe
