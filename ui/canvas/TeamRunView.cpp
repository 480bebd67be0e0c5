// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/TeamRunView.h"

#include "ui/itemmodels/Format.h"

#include <QSet>

#include <algorithm>
#include <limits>
#include <tuple>

namespace lathe {

namespace {
const QString nodeKey = QStringLiteral("lathe.node");

QString nodeOf(const Step &step)
{
    return step.attributes.value(nodeKey).toString();
}

bool isWorkflow(const Step &step)
{
    return step.attributes.value(QLatin1String("gen_ai.operation.name")).toString() == QLatin1String("invoke_workflow");
}

bool isCall(const Step &step)
{
    return step.kind == StepKind::Model || step.kind == StepKind::Tool;
}

// As TEAMS.md says of the reducers of the state.
QJsonValue reduced(const QString &reducer, const QJsonValue &before, const QJsonValue &wrote)
{
    if (reducer == QLatin1String("append")) {
        QJsonArray list = before.toArray();
        list.append(wrote);
        return list;
    }
    if (reducer == QLatin1String("add"))
        return before.toDouble() + wrote.toDouble();
    if (reducer == QLatin1String("max"))
        return before.isDouble() ? std::max(before.toDouble(), wrote.toDouble()) : wrote.toDouble();
    if (reducer == QLatin1String("min"))
        return before.isDouble() ? std::min(before.toDouble(), wrote.toDouble()) : wrote.toDouble();
    if (reducer == QLatin1String("merge") && wrote.isObject()) {
        QJsonObject merged = before.toObject();
        const QJsonObject more = wrote.toObject();
        for (auto it = more.begin(); it != more.end(); ++it)
            merged.insert(it.key(), it.value());
        return merged;
    }
    return wrote;
}

// The ports a value left by: one name, or several.
bool leftBy(const Step &step, const QString &port)
{
    const QJsonValue left = step.attributes.value(QLatin1String("lathe.port"));
    if (left.isArray())
        return left.toArray().contains(port);
    return left.isString() ? left.toString() == port : port == QLatin1String("out");
}
}

void TeamRunView::setTeam(const QJsonObject &body)
{
    const auto same = [&](const char *key) { return body.value(QLatin1String(key)) == m_body.value(QLatin1String(key)); };
    const bool known = same("nodes") && same("edges") && same("state"); // moving a node changes nothing here
    m_body = body;
    if (known)
        return;
    m_read = false;
    if (isEmpty())
        return; // reading a large team for nothing would cost each key press
    index();
    Q_EMIT changed();
}

void TeamRunView::readTeam()
{
    m_read = true;
    m_nodesOfTeam.clear();
    m_edgesOfTeam.clear();
    m_state.clear();
    if (const auto spec = TeamSpec::fromJson(m_body)) {
        for (const TeamNode &node : spec->nodes)
            m_nodesOfTeam.insert(node.id, node);
        m_edgesOfTeam = spec->edges;
        m_state = spec->state;
    }
}

void TeamRunView::setTrace(Trace trace)
{
    m_trace = std::move(trace);
    m_moment = -1;
    index();
    Q_EMIT changed();
}

void TeamRunView::apply(const std::vector<RunEvent> &events)
{
    bool more = false;
    for (const RunEvent &event : events) {
        m_trace.apply(event);
        more = more || event.kind != RunEventKind::StepDelta; // streamed text moves no node
    }
    if (!more)
        return;
    index();
    Q_EMIT changed();
}

bool TeamRunView::isOver() const
{
    return m_trace.status() != RunStatus::Running && m_trace.status() != RunStatus::Waiting;
}

void TeamRunView::index()
{
    const auto &steps = m_trace.steps();
    const size_t count = steps.size();
    if (!m_read && count > 0)
        readTeam();
    m_owner.assign(count, -1);
    m_parent.assign(count, -1);
    m_beginRank.assign(count, -1);
    m_endRank.assign(count, -1);
    m_moments.clear();
    m_dirty = true;
    m_foreign.assign(count, 0);
    // Parents are looked at first: a path is longer than its parent's.
    std::vector<int> order(count);
    for (size_t i = 0; i < count; ++i) {
        order[i] = int(i);
        m_parent[i] = steps[i].parent.isEmpty() ? -1 : m_trace.indexOf(steps[i].parent);
    }
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return steps[size_t(a)].path.size() < steps[size_t(b)].path.size(); });
    for (const int i : order) {
        const Step &step = steps[size_t(i)];
        const int parent = m_parent[size_t(i)];
        const int above = parent < 0 ? -1 : m_owner[size_t(parent)];
        m_foreign[size_t(i)] = parent >= 0 && (m_foreign[size_t(parent)] || (above >= 0 && isWorkflow(step)));
        const bool mine = !m_foreign[size_t(i)] && m_nodesOfTeam.contains(nodeOf(step));
        m_owner[size_t(i)] = mine ? i : above;
        if (!mine)
            continue;
        m_moments.push_back({step.startUs, i, true});
        if (step.endUs > 0)
            m_moments.push_back({std::max(step.endUs, step.startUs), i, false});
    }
    const auto key = [&](const Moment &moment) {
        const Step &step = steps[size_t(moment.step)];
        const bool instant = !moment.begin && step.endUs <= step.startUs;
        // At the same time: what ends makes room for what begins; inner steps end first and begin last.
        const int depth = int(step.path.count(QLatin1Char('.')));
        return std::make_tuple(moment.timeUs, moment.begin || instant ? 1 : 0, moment.begin || instant ? moment.step : -depth,
                               instant ? 1 : 0);
    };
    std::stable_sort(m_moments.begin(), m_moments.end(), [&](const Moment &a, const Moment &b) { return key(a) < key(b); });
    for (size_t i = 0; i < m_moments.size(); ++i)
        (m_moments[i].begin ? m_beginRank : m_endRank)[size_t(m_moments[i].step)] = int(i) + 1;
    m_moment = m_moment > momentCount() ? -1 : m_moment;
}

void TeamRunView::setMoment(int moment)
{
    const int wanted = moment >= momentCount() ? -1 : std::max(0, moment);
    if (wanted == m_moment)
        return;
    m_moment = wanted;
    m_dirty = true;
    Q_EMIT changed();
}

QString TeamRunView::momentNode() const
{
    const int at = moment();
    return at < 1 ? QString() : nodeOf(m_trace.steps()[size_t(m_moments[size_t(at) - 1].step)]);
}

QString TeamRunView::momentText() const
{
    const int at = moment();
    if (at < 1)
        return tr("Before the first step");
    const Moment &moment = m_moments[size_t(at) - 1];
    const Step &step = m_trace.steps()[size_t(moment.step)];
    const QString name = m_nodesOfTeam.value(nodeOf(step)).name;
    if (moment.begin)
        return tr("%1 began").arg(name);
    const QString took = format::duration(step.endUs - step.startUs);
    return step.status == StepStatus::Failed      ? tr("%1 failed after %2").arg(name, took)
           : step.status == StepStatus::Cancelled ? tr("%1 was stopped after %2").arg(name, took)
                                                  : tr("%1 ended after %2").arg(name, took);
}

int TeamRunView::momentOf(const QString &step) const
{
    const int at = m_trace.indexOf(step);
    return at < 0 ? -1 : m_beginRank[size_t(at)];
}

bool TeamRunView::begun(int step) const
{
    if (m_moment < 0)
        return true;
    if (m_beginRank[size_t(step)] > 0)
        return m_beginRank[size_t(step)] <= m_moment;
    return m_moment > 0 && m_trace.steps()[size_t(step)].startUs <= m_moments[size_t(m_moment) - 1].timeUs;
}

bool TeamRunView::ended(int step) const
{
    const Step &of = m_trace.steps()[size_t(step)];
    if (m_moment < 0)
        return of.endUs > 0;
    if (m_beginRank[size_t(step)] > 0)
        return m_endRank[size_t(step)] > 0 && m_endRank[size_t(step)] <= m_moment;
    return m_moment > 0 && of.endUs > 0 && of.endUs <= m_moments[size_t(m_moment) - 1].timeUs;
}

const QHash<QString, TeamNodeRun> &TeamRunView::nodes() const
{
    fold();
    return m_nodes;
}

const QHash<QString, TeamEdgeRun> &TeamRunView::edges() const
{
    fold();
    return m_edges;
}

void TeamRunView::fold() const
{
    if (!m_dirty)
        return;
    m_dirty = false;
    m_nodes.clear();
    m_edges.clear();
    foldNodes();
    foldSkipped();
    foldEdges();
}

void TeamRunView::foldNodes() const
{
    const auto &steps = m_trace.steps();
    const qint64 now = m_moment < 0    ? (m_trace.endUs() > 0 ? m_trace.endUs() : 0)
                       : m_moment == 0 ? 0
                                       : m_moments[size_t(m_moment) - 1].timeUs;
    qint64 newest = now;
    if (newest == 0) { // still running: as far as events tell
        for (const Step &step : steps)
            newest = std::max({newest, step.startUs, step.endUs});
    }
    for (size_t i = 0; i < steps.size(); ++i) {
        if (m_owner[i] < 0 || !begun(int(i)))
            continue;
        const Step &step = steps[i];
        const bool over = ended(int(i));
        const bool own = m_owner[i] == int(i);
        bool failedBelow = false;
        for (const int child : step.children)
            failedBelow = failedBelow || (begun(child) && ended(child) && steps[size_t(child)].status == StepStatus::Failed);
        const bool failed = over && step.status == StepStatus::Failed && !failedBelow;
        // A step counts for its node and for every container around it.
        for (int owner = m_owner[i]; owner >= 0; owner = m_parent[size_t(owner)] < 0 ? -1 : m_owner[size_t(m_parent[size_t(owner)])]) {
            TeamNodeRun &node = m_nodes[nodeOf(steps[size_t(owner)])];
            node.calls += isCall(step) && !own;
            node.errors += failed && (own || isCall(step) || step.children.empty());
            if (step.kind == StepKind::Model && over)
                node.usage += step.usage();
        }
        if (!own)
            continue;
        TeamNodeRun &node = m_nodes[nodeOf(step)];
        const bool wasRunning = !node.steps.isEmpty() && (node.status == StepStatus::Running || node.status == StepStatus::Waiting);
        const StepStatus status = over                                                 ? step.status
                                  : step.status == StepStatus::Waiting && m_moment < 0 ? StepStatus::Waiting
                                                                                       : StepStatus::Running;
        if (!wasRunning || status == StepStatus::Waiting)
            node.status = status;
        node.steps.append(step.path);
        node.durationUs += std::max<qint64>(0, (over ? step.endUs : newest) - step.startUs);
    }
    // A run that was cut off leaves steps without an end.
    if (m_moment < 0 && isOver()) {
        for (TeamNodeRun &node : m_nodes) {
            if (node.status == StepStatus::Running || node.status == StepStatus::Waiting)
                node.status = m_trace.status() == RunStatus::Interrupted ? StepStatus::Interrupted : StepStatus::Cancelled;
        }
    }
}

void TeamRunView::foldSkipped() const
{
    const auto &steps = m_trace.steps();
    QHash<QString, QString> ids; // the note may name them
    const qint64 until = m_moment < 0 ? std::numeric_limits<qint64>::max() : m_moment == 0 ? 0 : m_moments[size_t(m_moment) - 1].timeUs;
    for (size_t i = 0; i < steps.size(); ++i) {
        for (const StepNote &note : steps[i].notes) {
            if (m_foreign[i] || note.timeUs > until || !note.name.contains(QLatin1String("skipped")))
                continue;
            const QJsonValue named = note.attributes.contains(QLatin1String("nodes")) ? note.attributes.value(QLatin1String("nodes"))
                                                                                      : note.attributes.value(QLatin1String("node"));
            if (ids.isEmpty()) {
                for (const TeamNode &node : m_nodesOfTeam)
                    ids.insert(node.name, node.id);
            }
            const QJsonArray list = named.isArray() ? named.toArray() : QJsonArray{named};
            for (const QJsonValue &item : list) {
                const QString id = ids.value(item.toString(), item.toString());
                if (m_nodesOfTeam.contains(id) && !m_nodes.contains(id))
                    m_nodes[id].skipped = true;
            }
        }
    }
}

void TeamRunView::foldEdges() const
{
    const auto &steps = m_trace.steps();
    for (const TeamEdge &edge : m_edgesOfTeam) {
        const TeamNode source = m_nodesOfTeam.value(edge.from);
        const auto ports = outputPorts(source);
        const Port *port = findPort(ports, edge.fromPort);
        const bool body = port && port->body;
        TeamEdgeRun flow;
        for (const QString &path : m_nodes.value(body ? edge.to : edge.from).steps) {
            const int at = m_trace.indexOf(path);
            const Step &step = steps[size_t(at)];
            if (body) { // each time the body is entered
                const QJsonObject inputs = step.attributes.value(QLatin1String("lathe.input")).toObject();
                if (inputs.contains(edge.toPort))
                    flow.values.push_back({path, step.startUs, inputs.value(edge.toPort)});
            } else if (ended(at) && step.attributes.contains(QLatin1String("lathe.output")) && leftBy(step, edge.fromPort)) {
                flow.values.push_back({path, step.endUs, step.attributes.value(QLatin1String("lathe.output"))});
            }
        }
        const auto target = m_nodes.constFind(edge.to);
        flow.active = !flow.values.empty() && target != m_nodes.constEnd() && !target->steps.isEmpty()
            && (target->status == StepStatus::Running || target->status == StepStatus::Waiting);
        if (!flow.values.empty())
            m_edges.insert(edge.id, std::move(flow));
    }
}

QJsonObject TeamRunView::inputOf(const QString &step) const
{
    const int at = m_trace.indexOf(step);
    return at < 0 ? QJsonObject() : m_trace.steps()[size_t(at)].attributes.value(QLatin1String("lathe.input")).toObject();
}

QJsonValue TeamRunView::outputOf(const QString &step) const
{
    const int at = m_trace.indexOf(step);
    return at < 0 || !ended(at) ? QJsonValue(QJsonValue::Undefined)
                                : m_trace.steps()[size_t(at)].attributes.value(QLatin1String("lathe.output"));
}

QJsonObject TeamRunView::stateOf(const QString &step) const
{
    const int at = m_trace.indexOf(step);
    return at < 0 || !ended(at) ? QJsonObject() : m_trace.steps()[size_t(at)].attributes.value(QLatin1String("lathe.state")).toObject();
}

QJsonObject TeamRunView::state() const
{
    QJsonObject all;
    QHash<QString, QString> reducers;
    for (const StateKey &key : m_state) {
        all.insert(key.name, key.initial);
        reducers.insert(key.name, key.reducer);
    }
    const int until = moment();
    for (int i = 0; i < until; ++i) {
        const Moment &moment = m_moments[size_t(i)];
        if (moment.begin)
            continue;
        const QJsonObject wrote = stateOf(m_trace.steps()[size_t(moment.step)].path);
        for (auto it = wrote.begin(); it != wrote.end(); ++it)
            all.insert(it.key(), reduced(reducers.value(it.key()), all.value(it.key()), it.value()));
    }
    return all;
}

} // namespace lathe
