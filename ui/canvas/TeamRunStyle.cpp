// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamRunStyle.h"

#include "core/base/Json.h"
#include "ui/itemmodels/Format.h"
#include "ui/widgets/StatusOf.h"

#include <QCoreApplication>

namespace lathe::runstyle {

namespace {
QString tr(const char *text)
{
    return QCoreApplication::translate("lathe::runstyle", text);
}

Status statusOf(StepStatus status)
{
    switch (status) {
    case StepStatus::Running:
        return Status::Running;
    case StepStatus::Waiting:
        return Status::Waiting;
    case StepStatus::Ok:
        return Status::Ok;
    case StepStatus::Failed:
        return Status::Error;
    case StepStatus::Cancelled:
        return Status::Cancelled;
    case StepStatus::Interrupted:
        return Status::Warning;
    }
    return Status::None;
}

QString shortText(const QJsonValue &value)
{
    return format::oneLine(value.isString() ? value.toString() : json::compactString(value), 80);
}
}

Status status(const TeamNodeRun &node)
{
    if (node.steps.isEmpty())
        return node.skipped ? Status::Cancelled : Status::Idle;
    return statusOf(node.status);
}

Status status(RunStatus status)
{
    return statusOfRun(status);
}

QString line(const TeamNodeRun &node)
{
    QStringList parts{format::statusText(node.status)};
    if (node.calls > 0)
        parts.append(format::count(node.calls, tr("call"), tr("calls")));
    if (node.usage.totalTokens() > 0) {
        parts.append(tr("%1 tok").arg(format::number(node.usage.totalTokens())));
        parts.append(format::cost(node.usage));
    }
    if (node.durationUs > 0)
        parts.append(format::duration(node.durationUs));
    if (node.errors > 0)
        parts.append(format::count(node.errors, tr("error"), tr("errors")));
    parts.removeAll(QString());
    return parts.join(QLatin1String(", "));
}

QString where(const Trace &trace, const QString &step)
{
    QStringList words;
    for (QString path = step; !path.isEmpty(); path = parentStep(path)) {
        const int at = trace.indexOf(path);
        if (at < 0)
            break;
        const QJsonObject &a = trace.steps()[size_t(at)].attributes;
        const QJsonValue branch = a.value(QLatin1String("lathe.branch")), iteration = a.value(QLatin1String("lathe.iteration"));
        const auto text = [](const QJsonValue &value) { return value.isDouble() ? QString::number(value.toInt()) : value.toString(); };
        if (!iteration.isUndefined())
            words.prepend(tr("iteration %1").arg(text(iteration)));
        else if (!branch.isUndefined())
            words.prepend(tr("branch %1").arg(text(branch)));
    }
    return words.isEmpty() ? tr("step %1").arg(step) : words.join(QLatin1String(", "));
}

QHash<QString, NodeRunState> nodeStates(const TeamRunView &run, const QSet<QString> &pending)
{
    QHash<QString, NodeRunState> states;
    const auto &nodes = run.nodes();
    for (auto it = nodes.begin(); it != nodes.end(); ++it) {
        NodeRunState state;
        state.status = status(*it);
        state.calls = int(it->steps.size());
        state.errors = it->errors;
        state.usage = it->usage;
        state.durationUs = it->steps.isEmpty() ? -1 : it->durationUs;
        if (it->skipped)
            state.detail = tr("Skipped: nothing reached it");
        const int last = it->steps.isEmpty() ? -1 : run.trace().indexOf(it->steps.last());
        if (last >= 0 && run.trace().steps()[size_t(last)].error && it->status == StepStatus::Failed)
            state.detail = run.trace().steps()[size_t(last)].error->message;
        states.insert(it.key(), state);
    }
    for (const QString &node : pending) {
        states[node].status = Status::Waiting;
        states[node].detail = tr("Waits at a breakpoint");
    }
    return states;
}

QHash<QString, EdgeFlow> edgeFlows(const TeamRunView &run, const std::vector<TeamEdge> &edges)
{
    QHash<QString, EdgeFlow> flows;
    if (run.isEmpty())
        return flows;
    const auto &nodes = run.nodes();
    const auto &taken = run.edges();
    for (const TeamEdge &edge : edges) {
        EdgeFlow flow;
        const auto it = taken.constFind(edge.id);
        if (it != taken.constEnd()) {
            flow.state = EdgeFlow::State::Taken;
            flow.active = it->active;
            flow.values = int(it->values.size());
            flow.preview = shortText(it->values.back().value);
        } else {
            const auto source = nodes.constFind(edge.from);
            const bool over = source != nodes.constEnd()
                              && (source->skipped
                                  || (!source->steps.isEmpty() && source->status != StepStatus::Running
                                      && source->status != StepStatus::Waiting));
            if (over)
                flow.state = EdgeFlow::State::Dead;
        }
        flows.insert(edge.id, flow);
    }
    return flows;
}

} // namespace lathe::runstyle
