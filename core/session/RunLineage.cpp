// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RunLineage.h"

#include "core/session/ForkRecord.h"
#include "core/session/RunService.h"

#include <QPointer>

namespace lathe {

namespace {
constexpr int longest = 500; // characters of an output

// Where a run's descent begins. A parent that was deleted, or a file whose forks go in a circle, ends the way up.
Result<RunId> rootOf(const RunRepository &runs, RunId run)
{
    QSet<RunId> seen;
    for (RunId at = run;;) {
        seen.insert(at);
        const auto fork = runs.forkOf(at);
        if (!fork)
            return fork.error();
        if (!*fork || seen.contains((*fork)->parent) || !runs.run((*fork)->parent))
            return at;
        at = (*fork)->parent;
    }
}
}

int RunLineage::indexOf(RunId run) const
{
    const auto found = std::find_if(nodes.begin(), nodes.end(), [run](const Node &node) { return node.run == run; });
    return found == nodes.end() ? -1 : int(found - nodes.begin());
}

QString forkSentence(const QJsonObject &changes)
{
    QStringList parts;
    const TeamOverrides team = TeamOverrides::fromJson(changes);
    if (!team.inputs.isEmpty())
        parts.append(QStringLiteral("other input of a node"));
    if (!team.state.isEmpty())
        parts.append(QStringLiteral("another state of the team"));
    const auto own = ForkChanges::fromJson(changes);
    if (own && (!own->isEmpty() || parts.isEmpty()))
        parts.append(own->summary());
    if (!own)
        parts.append(QStringLiteral("changes that this version of Lathe does not know"));
    QString sentence = parts.join(QStringLiteral(", "));
    sentence[0] = sentence[0].toUpper();
    return sentence + QLatin1Char('.');
}

Task<Result<RunLineage>> RunService::lineage(RunId run, CancelToken cancel)
{
    const QPointer<RunService> self(this); // the session may go meanwhile
    const RunRepository &runs = m_project->runs();
    if (const auto asked = runs.run(run); !asked)
        co_return asked.error();
    const auto root = rootOf(runs, run);
    if (!root)
        co_return root.error();
    RunLineage lineage;
    lineage.asked = run;
    // What is still to be placed, the next one last.
    struct Waiting {
        RunFork fork;
        int parent;
    };
    std::vector<Waiting> waiting;
    RunFork first;
    first.run = *root;
    waiting.push_back({first, -1});
    QSet<RunId> seen;
    while (!waiting.empty()) {
        if (cancel.isCancelled())
            co_return Error::cancelled();
        const Waiting next = waiting.back();
        waiting.pop_back();
        if (seen.contains(next.fork.run))
            continue;
        if (int(lineage.nodes.size()) == RunLineage::most) {
            lineage.truncated = true;
            break;
        }
        seen.insert(next.fork.run);
        const auto info = runs.run(next.fork.run);
        if (!info)
            continue; // deleted meanwhile
        RunLineage::Node node;
        node.run = info->id;
        node.parent = next.fork.parent;
        node.parentIndex = next.parent;
        node.agent = info->agentName;
        node.status = info->status;
        node.startUs = info->startUs;
        node.endUs = info->endUs;
        node.usage = info->usage;
        node.output = info->output.left(longest);
        node.pinned = info->pinned;
        if (next.parent >= 0) {
            node.depth = lineage.nodes[size_t(next.parent)].depth + 1;
            node.step = next.fork.step;
            node.change = forkSentence(next.fork.changes);
            const auto step = co_await m_project->runs().step(next.fork.parent, next.fork.step, cancel);
            if (!self)
                co_return Error::cancelled();
            if (step)
                node.stepName = step->name;
            lineage.nodes[size_t(next.parent)].children.push_back(int(lineage.nodes.size()));
        }
        const int index = int(lineage.nodes.size());
        lineage.nodes.push_back(std::move(node));
        const auto children = runs.forksFrom(next.fork.run);
        if (!children)
            co_return children.error();
        for (auto child = children->rbegin(); child != children->rend(); ++child)
            waiting.push_back({*child, index});
    }
    co_return lineage;
}

} // namespace lathe
