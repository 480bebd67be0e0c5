// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/TraceRow.h"

#include "core/trace/StepWords.h"
#include "ui/itemmodels/Format.h"

#include <QCoreApplication>

#include <algorithm>

namespace lathe {

namespace {
QString afterWord(const QString &name, QLatin1String word)
{
    return name.startsWith(word) ? name.mid(word.size()) : name;
}
}

QString stepTitle(StepKind kind, const QString &name, const QString &path, const QJsonObject &attributes)
{
    switch (kind) {
    case StepKind::Agent:
        return afterWord(afterWord(name, QLatin1String("invoke_agent ")), QLatin1String("invoke_workflow "));
    case StepKind::Model: {
        const QString used = attributes.value(QLatin1String("lathe.model")).toString();
        return used.isEmpty() ? afterWord(name, QLatin1String("chat ")) : used;
    }
    case StepKind::Tool:
        return afterWord(name, QLatin1String("execute_tool "));
    default:
        return name.isEmpty() ? QCoreApplication::translate("lathe::stepstyle", "step %1").arg(path) : name;
    }
}

std::optional<TraceMarkKind> traceMarkKind(const QString &name)
{
    if (name == QLatin1String("retry"))
        return TraceMarkKind::Retry;
    if (name == QLatin1String("rate_limit_wait"))
        return TraceMarkKind::RateLimit;
    if (name == QLatin1String("fallback"))
        return TraceMarkKind::Fallback;
    if (name == QLatin1String("approval_requested") || name == QLatin1String("question_asked"))
        return TraceMarkKind::Approval;
    if (name == QLatin1String("denied"))
        return TraceMarkKind::Denied;
    if (name == QLatin1String("output_invalid") || name == QLatin1String("invalid_arguments")
        || name == QLatin1String("unknown_tool"))
        return TraceMarkKind::Invalid;
    return std::nullopt;
}

void updateSummary(TraceRow *row, const Step &step)
{
    const QString decided = step.error ? step.error->message : approvalWords(step);
    row->summary = format::oneLine(decided.isEmpty() ? step.text : decided, TraceSummaryLength);
}

TraceRow traceRow(const Step &step)
{
    TraceRow row;
    row.path = step.path;
    row.name = step.name;
    row.title = stepTitle(step.kind, step.name, step.path, step.attributes);
    row.startUs = step.startUs;
    row.endUs = step.endUs;
    const Usage usage = step.usage();
    row.tokens = usage.totalTokens();
    row.costUsd = usage.costKnown ? usage.costUsd : -1;
    row.kind = step.kind;
    row.status = step.status;
    row.untrusted = step.attributes.value(QLatin1String("lathe.untrusted")).toBool();
    row.cancelled = step.error && step.error->kind == ErrorKind::Cancelled;
    for (const StepNote &note : step.notes) {
        const auto kind = traceMarkKind(note.name);
        if (kind && int(row.marks.size()) < MostTraceMarks)
            row.marks.push_back({note.timeUs, *kind});
    }
    updateSummary(&row, step);
    return row;
}

bool traceRowMatches(const TraceRow &row, const QStringList &words)
{
    return std::all_of(words.begin(), words.end(), [&](const QString &word) {
        return row.title.contains(word, Qt::CaseInsensitive) || row.name.contains(word, Qt::CaseInsensitive)
            || row.summary.contains(word, Qt::CaseInsensitive)
            || stepKindName(row.kind).contains(word, Qt::CaseInsensitive);
    });
}

} // namespace lathe
