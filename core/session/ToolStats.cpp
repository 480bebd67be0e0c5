// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ToolStats.h"

#include "core/tool/Tool.h"

#include <cmath>
#include <map>

namespace lathe {

namespace {
struct Known {
    QString artifact;
    QString function;
};

// What models call the tools of the project, by lower-case name: drafts and newest revisions.
QHash<QString, Known> knownTools(Project *project, const QString &only)
{
    QHash<QString, Known> known;
    for (const ArtifactInfo &info : project->artifacts().list(ArtifactKind::Tool)) {
        if (!only.isEmpty() && info.name != only)
            continue;
        for (const char *at : {"", "@draft"}) {
            const auto resolved = project->artifacts().resolve(ArtifactKind::Tool, info.name + QLatin1String(at));
            if (!resolved)
                continue;
            const auto functions = toolFunctions(resolved->body.value(QStringLiteral("config")).toObject());
            if (!isToolSet(resolved->body.value(QStringLiteral("type")).toString())) {
                known.insert(toolNameForModel(info.name).toLower(), Known{info.name, QString()});
                continue;
            }
            for (const ToolFunction &function : functions)
                known.insert(functionNameForModel(info.name, function.name).toLower(), Known{info.name, function.name});
        }
    }
    return known;
}

// The number of a tool's revision in what a run used: in the lists "tools" of its agents, at any depth. 0: its draft; -1: not there.
int revisionIn(const QJsonObject &revisions, const QString &artifact)
{
    const auto numberOf = [&artifact](const QJsonValue &reference) {
        const auto ref = ArtifactRef::parse(reference.toString());
        return ref && ref->name.compare(artifact, Qt::CaseInsensitive) == 0 ? ref->number : -1;
    };
    int found = -1;
    for (auto it = revisions.begin(); it != revisions.end(); ++it) {
        const bool tools = it.key() == QLatin1String("tools");
        if (tools && it->isArray()) {
            const QJsonArray list = it->toArray();
            for (const QJsonValue &item : list)
                found = std::max(found, numberOf(item));
        } else if (it->isObject()) {
            const QJsonObject members = it->toObject();
            for (const QJsonValue &member : members) { // a team's tools by reference; agents, teams and delegates
                if (tools && member.isString())
                    found = std::max(found, numberOf(member));
                else if (member.isObject())
                    found = std::max(found, revisionIn(member.toObject(), artifact));
            }
        }
    }
    return found;
}

struct Sum {
    ToolUsage usage;
    std::vector<qint64> durations;
};

void add(Sum &sum, const ToolCallTally &tally)
{
    ToolUsage &usage = sum.usage;
    usage.tool = tally.tool;
    usage.calls += tally.calls;
    usage.failed += tally.failed;
    for (auto it = tally.errors.begin(); it != tally.errors.end(); ++it)
        usage.errors[it.key()] += it.value();
    for (auto it = tally.refusals.begin(); it != tally.refusals.end(); ++it) {
        usage.refusals[it.key()] += it.value();
        usage.refused += it.value();
        if (it.key() == QLatin1String("invalid_arguments"))
            usage.invalidArguments += it.value();
    }
    if (tally.lastUs >= usage.lastUs) {
        usage.lastUs = tally.lastUs;
        usage.lastRun = tally.lastRun;
    }
    sum.durations.insert(sum.durations.end(), tally.durationsUs.begin(), tally.durationsUs.end());
}

// Nearest rank.
qint64 percentile(const std::vector<qint64> &sorted, double share)
{
    if (sorted.empty())
        return -1;
    const auto rank = size_t(std::ceil(share * double(sorted.size())));
    return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}
}

Task<Result<std::vector<ToolUsage>>> toolUsage(Project *project, ToolUsageQuery query, CancelToken cancel)
{
    const QHash<QString, Known> known = knownTools(project, query.artifact);
    if (!query.artifact.isEmpty() && known.isEmpty())
        co_return std::vector<ToolUsage>();
    const QStringList names = query.artifact.isEmpty() ? QStringList() : known.keys();
    auto tallies = co_await project->runs().toolCalls(names, query.sinceUs, cancel);
    if (!tallies)
        co_return tallies.error();
    std::map<std::pair<QString, int>, Sum> sums; // by name and revision
    for (const ToolCallTally &tally : *tallies) {
        const Known what = known.value(tally.tool.toLower());
        const int revision = query.byRevision && !what.artifact.isEmpty() ? revisionIn(tally.revisions, what.artifact) : -1;
        Sum &sum = sums[std::make_pair(tally.tool.toLower(), revision)];
        sum.usage.artifact = what.artifact;
        sum.usage.function = what.function;
        sum.usage.revision = revision;
        add(sum, tally);
    }
    std::vector<ToolUsage> usages;
    for (auto &[key, sum] : sums) {
        std::sort(sum.durations.begin(), sum.durations.end());
        sum.usage.p50Us = percentile(sum.durations, 0.5);
        sum.usage.p95Us = percentile(sum.durations, 0.95);
        usages.push_back(std::move(sum.usage));
    }
    std::sort(usages.begin(), usages.end(), [](const ToolUsage &a, const ToolUsage &b) {
        return a.calls != b.calls ? a.calls > b.calls : std::tie(a.tool, b.revision) < std::tie(b.tool, a.revision);
    });
    co_return usages;
}

} // namespace lathe
