// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ProjectTypes.h"

// The order of the run log for runs that are not read by a query; the same as sortKey() in RunFilterSql.cpp gives.
namespace lathe {

namespace {
// As SQLite's NOCASE compares the first 100 characters.
QByteArray textKey(const QString &text)
{
    qsizetype end = 0;
    for (int i = 0; i < 100 && end < text.size(); ++i)
        end += text[end].isHighSurrogate() && end + 1 < text.size() ? 2 : 1;
    return text.left(end).toUtf8().toLower();
}

QByteArray textOf(const RunInfo &run, RunSort sort)
{
    switch (sort) {
    case RunSort::Status:
        return runStatusName(run.status).toUtf8();
    case RunSort::Agent:
        return run.agentName.toUtf8().toLower();
    case RunSort::Input:
        return textKey(run.input);
    default:
        return textKey(run.output);
    }
}

std::optional<double> numberOf(const RunInfo &run, RunSort sort)
{
    switch (sort) {
    case RunSort::Latency:
        return run.endUs != 0 ? std::optional<double>(double(run.endUs - run.startUs)) : std::nullopt;
    case RunSort::Tokens:
        return double(run.usage.totalTokens());
    case RunSort::Cost:
        return run.usage.costKnown ? std::optional<double>(run.usage.costUsd) : std::nullopt;
    case RunSort::Rating: // thumbs are the ends of the scale
        return run.rating < 0 ? std::nullopt : std::optional<double>(run.rating == 0 ? 1 : run.rating == 6 ? 5 : run.rating);
    case RunSort::Steps:
        return run.stepCount;
    default:
        return double(run.id.value);
    }
}
} // namespace

bool runSortsBefore(const RunInfo &a, const RunInfo &b, RunSort sort, bool ascending)
{
    if (sort == RunSort::Started)
        return ascending ? a.id < b.id : b.id < a.id;
    if (sort == RunSort::Status || sort == RunSort::Agent || sort == RunSort::Input || sort == RunSort::Output) {
        const QByteArray first = textOf(a, sort), second = textOf(b, sort);
        if (first != second)
            return (first < second) == ascending;
        return b.id < a.id;
    }
    const auto first = numberOf(a, sort), second = numberOf(b, sort);
    if (first.has_value() != second.has_value())
        return first.has_value();
    if (first && *first != *second)
        return (*first < *second) == ascending;
    return b.id < a.id;
}

RunField runGroupField(RunGrouping grouping)
{
    switch (grouping) {
    case RunGrouping::None:
        return RunField::Text;
    case RunGrouping::Agent:
    case RunGrouping::Revision:
        return RunField::Agent;
    case RunGrouping::Experiment:
        return RunField::Experiment;
    case RunGrouping::Day:
        return RunField::Started;
    case RunGrouping::Model:
        return RunField::Model;
    case RunGrouping::Status:
        return RunField::Status;
    case RunGrouping::Source:
        return RunField::Source;
    }
    return RunField::Text;
}

} // namespace lathe
