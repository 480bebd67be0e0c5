// SPDX-License-Identifier: GPL-3.0-or-later
// What waited too long, and the end of the trace.
#include "core/trace/import/TraceTree.h"

#include <algorithm>
#include <limits>

namespace lathe {

void TraceTree::placeOverdue(qint64 beforeUs)
{
    if (m_waiting.isEmpty())
        return;
    m_endNow = m_endNow || m_options->placeAtEnd; // only called under pressure of memory then
    settle();
    std::vector<QString> missing;
    for (auto it = m_children.cbegin(); it != m_children.cend(); ++it) {
        if (it.key().isEmpty() || m_waiting.contains(it.key()) || placedAt(it.key()) >= 0)
            continue;
        const bool due = std::any_of(it->begin(), it->end(), [&](const QString &id) {
            const auto waiting = m_waiting.constFind(id);
            return waiting != m_waiting.constEnd() && waiting->sinceUs <= beforeUs;
        });
        if (due)
            missing.push_back(it.key());
    }
    std::sort(missing.begin(), missing.end());
    for (const QString &id : missing) {
        const QStringList children = takeChildren(id);
        if (children.isEmpty())
            continue;
        qint64 firstUs = std::numeric_limits<qint64>::max();
        for (const QString &child : children)
            firstUs = std::min(firstUs, m_waiting.constFind(child)->step.startUs);
        placePlaceholder(id, firstUs);
        placeReady(std::vector<QString>(children.begin(), children.end()), QString());
    }
    breakCycles(beforeUs);
}

// What still waits and is overdue has a waiting ancestor that is its own descendant: it begins where the earliest of the ring begins.
void TraceTree::breakCycles(qint64 beforeUs)
{
    enum : char { Seen = 1, Done = 2 };
    QHash<QString, char> state;
    QStringList breaks;
    for (auto it = m_waiting.cbegin(); it != m_waiting.cend(); ++it) {
        if (it->sinceUs > beforeUs || state.contains(it.key()))
            continue;
        QStringList way;
        QString id = it.key();
        while (m_waiting.contains(id) && !state.contains(id)) {
            state.insert(id, Seen);
            way.append(id);
            id = m_waiting.constFind(id)->step.parentId;
        }
        if (state.value(id) == Seen) { // met the way itself
            QString first = id;
            for (QString at = m_waiting.constFind(id)->step.parentId; at != id; at = m_waiting.constFind(at)->step.parentId) {
                const qint64 startUs = m_waiting.constFind(at)->step.startUs, firstUs = m_waiting.constFind(first)->step.startUs;
                if (startUs < firstUs || (startUs == firstUs && at < first))
                    first = at;
            }
            breaks.append(first);
        }
        for (const QString &done : way)
            state.insert(done, Done);
    }
    for (const QString &id : breaks) {
        placeReady({id}, QStringLiteral("step that is an ancestor of its own parent; the ring is opened there"));
    }
}

void TraceTree::placeLogs(qint64 nowUs)
{
    const auto logs = std::exchange(m_logs, {});
    for (auto it = logs.cbegin(); it != logs.cend(); ++it) {
        for (const OtlpLogRecord &record : it->records)
            m_heldBytes -= bytesOf(record);
        OtlpSpan stub;
        stub.traceId = m_traceId;
        stub.spanId = it.key().isEmpty() ? QStringLiteral("logs") : it.key();
        stub.startNs = it->records.front().timeNs;
        stub.resource = it->records.front().resource;
        stub.scope = it->records.front().scope;
        ForeignStep told = stepFromSpan(stub, it->records);
        told.partial = true;
        m_odd->add(QStringLiteral("log records whose span never came"), it->records.front().eventName);
        addPartial(std::move(told), nowUs);
    }
}

bool TraceTree::isDue(qint64 nowUs) const
{
    if (m_ended)
        return false;
    const qint64 quiet = nowUs - m_lastUs;
    if (m_rootEnded && quiet >= m_options->quietUs && m_running == 0)
        return true;
    if (!m_rootCame && m_running == 0 && quiet >= m_options->rootlessUs)
        return true;
    return quiet >= m_options->idleUs;
}

void TraceTree::end(qint64 nowUs)
{
    if (m_ended)
        return;
    m_endNow = true;
    settle();
    placeLogs(nowUs);
    settle();
    // Parents that never came: their children begin at the top.
    std::vector<QString> orphans;
    const QStringList parents = m_children.keys();
    for (const QString &parent : parents) {
        if (m_waiting.contains(parent))
            continue;
        const QStringList children = takeChildren(parent);
        orphans.insert(orphans.end(), children.begin(), children.end());
    }
    placeReady(std::move(orphans), QStringLiteral("Its parent was not recorded."));
    breakCycles(std::numeric_limits<qint64>::max());
    bool open = false;
    for (size_t i = 0; i < m_nodes.size(); ++i) {
        Node &node = m_nodes[i];
        if (node.placeholder && node.status == StepStatus::Running) {
            node.status = StepStatus::Ok;
            const QString where = path(int(i));
            m_odd->add(QStringLiteral("parent never came"), where);
            note(where, node.startUs, QStringLiteral("This step was never recorded; only those below it were."));
            RunEvent &ended = event(RunEventKind::StepEnded, where, std::max(m_endUs, node.startUs));
            ended.stepStatus = StepStatus::Ok;
        } else if (node.endUs == 0 && !node.placeholder) {
            open = true;
        }
    }
    for (size_t i = 0; i < m_nodes.size() && m_status == RunStatus::Done; ++i) { // below a parent that never came
        const int parent = m_nodes[i].parent;
        if (parent >= 0 && m_nodes[size_t(parent)].placeholder && m_nodes[i].status == StepStatus::Failed) {
            m_status = RunStatus::Failed;
            m_error = m_errors.value(int(i));
        }
    }
    RunEvent &ended = event(RunEventKind::RunEnded, QString(), std::max(m_endUs, m_facts.startUs));
    ended.runStatus = open && m_status == RunStatus::Done ? RunStatus::Interrupted : m_status;
    ended.text = m_facts.output;
    if (m_status == RunStatus::Failed || m_status == RunStatus::Cancelled)
        ended.error = m_error;
    m_ended = true;
    m_endNow = false;
    m_index.squeeze();
}

void TraceTree::reopen()
{
    m_ended = false;
    m_reopens = true;
}

} // namespace lathe
