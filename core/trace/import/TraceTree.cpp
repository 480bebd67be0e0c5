// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/TraceTree.h"

#include "core/base/Json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <queue>

namespace lathe {

namespace {
// Texts that only the other telling of a step knows.
void fillEmpty(ForeignStep *into, const ForeignStep &other)
{
    for (QString ForeignStep::*text : {&ForeignStep::text, &ForeignStep::reasoning, &ForeignStep::toolArguments, &ForeignStep::input,
                                       &ForeignStep::output, &ForeignStep::agent, &ForeignStep::session, &ForeignStep::user}) {
        if ((into->*text).isEmpty())
            into->*text = other.*text;
    }
}
} // namespace

size_t hashOf(const ForeignStep &step)
{
    return qHashMulti(0, step.parentId, step.name, step.startUs, step.endUs, step.text, step.notes.size(), step.attributes);
}

qint64 bytesOf(const OtlpLogRecord &record)
{
    return 300 + json::compact(record.body).size() * 2;
}

TraceTree::TraceTree(QString traceId, const AssemblerOptions *options, ImportTallies *odd)
    : m_traceId(std::move(traceId)), m_options(options), m_odd(odd)
{
    m_facts.traceId = m_traceId;
}

qint64 TraceTree::oldestUs() const
{
    qint64 oldest = std::numeric_limits<qint64>::max();
    for (const Waiting &waiting : m_waiting)
        oldest = std::min(oldest, waiting.sinceUs);
    for (const Logs &logs : m_logs)
        oldest = std::min(oldest, logs.sinceUs);
    return oldest;
}

QString TraceTree::path(int node) const
{
    std::array<int, depthMax + 2> numbers;
    size_t count = 0;
    for (; node >= 0 && count < numbers.size(); node = m_nodes[size_t(node)].parent)
        numbers[count++] = m_nodes[size_t(node)].number;
    QString text;
    while (count-- > 0) {
        text += QString::number(numbers[count]);
        if (count > 0)
            text += u'.';
    }
    return text;
}

void TraceTree::add(ForeignStep step, qint64 nowUs)
{
    m_lastUs = nowUs;
    if (step.startUs <= 0) {
        step.startUs = step.endUs > 0 ? step.endUs : nowUs;
        m_odd->add(QStringLiteral("step without a start"), step.name);
    }
    if (step.endUs > 0 && step.endUs < step.startUs) {
        m_odd->add(QStringLiteral("step that ends before it starts"), step.name);
        step.endUs = step.startUs;
    }
    if (const auto logs = m_logs.constFind(step.id); logs != m_logs.constEnd() && !step.partial) {
        // The messages came before their span.
        OtlpSpan stub;
        stub.traceId = step.traceId;
        stub.spanId = step.id;
        stub.startNs = step.startUs * 1000;
        ForeignStep told = stepFromSpan(stub, logs->records);
        told.partial = true;
        for (const OtlpLogRecord &record : logs->records)
            m_heldBytes -= bytesOf(record);
        m_logs.erase(logs);
        add(std::move(step), nowUs);
        addPartial(std::move(told), nowUs);
        return;
    }
    if (step.partial)
        return addPartial(std::move(step), nowUs);
    if (const int node = placedAt(step.id); node >= 0) {
        if (m_nodes[size_t(node)].placeholder)
            fill(node, step);
        else
            update(node, step);
        return;
    }
    if (const auto same = m_waiting.find(step.id); same != m_waiting.end()) {
        if (hashOf(same->step) == hashOf(step)) {
            m_odd->add(QStringLiteral("step sent twice"), step.name);
            return;
        }
        // The later telling wins; what only the earlier one knew is kept.
        for (auto it = same->step.attributes.begin(); it != same->step.attributes.end(); ++it) {
            if (!step.attributes.contains(it.key()))
                step.attributes.insert(it.key(), it.value());
        }
        fillEmpty(&step, same->step);
        m_odd->add(QStringLiteral("step told in several parts"), step.name);
        m_heldBytes -= same->bytes;
        m_waiting.erase(same);
    }
    Waiting waiting;
    waiting.sinceUs = nowUs;
    waiting.bytes = step.bytes();
    waiting.order = m_order++;
    m_heldBytes += waiting.bytes;
    m_children[step.parentId].append(step.id);
    m_fresh.append(step.id);
    const QString id = step.id;
    waiting.step = std::move(step);
    m_waiting.insert(id, std::move(waiting));
}

void TraceTree::addPartial(ForeignStep step, qint64 nowUs)
{
    const auto merge = [&step](ForeignStep &into) {
        for (auto it = step.attributes.begin(); it != step.attributes.end(); ++it) {
            if (!into.attributes.contains(it.key()))
                into.attributes.insert(it.key(), it.value());
        }
        fillEmpty(&into, step);
        into.notes.insert(into.notes.end(), step.notes.begin(), step.notes.end());
    };
    const auto found = m_waiting.find(step.id);
    if (found != m_waiting.end()) {
        merge(found->step);
        const qint64 bytes = found->step.bytes();
        m_heldBytes += bytes - found->bytes;
        found->bytes = bytes;
        return;
    }
    const int at = placedAt(step.id);
    if (at < 0) { // it never came: stands for itself
        step.partial = false;
        step.name = QStringLiteral("log records");
        step.endUs = step.startUs;
        step.status = StepStatus::Ok;
        add(std::move(step), nowUs);
        return;
    }
    Node &node = m_nodes[size_t(at)];
    const QString where = path(at);
    // What the span itself told wins; only what it did not know is added.
    for (const char *key : {"lathe.dialect", "lathe.foreign.id", "gen_ai.operation.name", "lathe.foreign.scope"})
        step.attributes.remove(QLatin1String(key));
    if (node.endUs == 0) { // under way: only its end can add attributes
        RunEvent &told = event(RunEventKind::StepNote, where, step.startUs);
        told.name = QStringLiteral("log");
        told.attributes = step.attributes;
        return;
    }
    emitContent(step, where, 0);
    node.notes += int(step.notes.size());
    RunEvent &ended = event(RunEventKind::StepEnded, where, node.endUs);
    ended.stepStatus = node.status;
    ended.attributes = step.attributes;
    ended.text = step.firstTextUs > 0 ? QString() : step.text;
    if (const auto error = m_errors.constFind(at); error != m_errors.constEnd())
        ended.error = *error;
    learn(step, at);
}

void TraceTree::addLogs(std::vector<OtlpLogRecord> records, qint64 nowUs)
{
    m_lastUs = nowUs;
    const QString spanId = records.front().spanId;
    const int at = placedAt(spanId);
    if (m_waiting.contains(spanId) || (at >= 0 && !m_nodes[size_t(at)].placeholder)) {
        OtlpSpan stub;
        stub.traceId = m_traceId;
        stub.spanId = spanId;
        stub.startNs = records.front().timeNs;
        ForeignStep told = stepFromSpan(stub, records);
        told.partial = true;
        addPartial(std::move(told), nowUs);
        return;
    }
    Logs &logs = m_logs[spanId];
    if (logs.records.empty())
        logs.sinceUs = nowUs;
    for (OtlpLogRecord &record : records) {
        m_heldBytes += bytesOf(record);
        logs.records.push_back(std::move(record));
    }
}

QStringList TraceTree::takeChildren(const QString &parent)
{
    QStringList ids = m_children.take(parent);
    ids.removeIf([&](const QString &id) {
        const auto waiting = m_waiting.constFind(id);
        return waiting == m_waiting.constEnd() || waiting->step.parentId != parent;
    });
    return ids;
}

void TraceTree::placeReady(std::vector<QString> ready, const QString &odd)
{
    struct Item {
        qint64 startUs;
        quint64 order;
        QString id;
        bool operator<(const Item &other) const { return startUs != other.startUs ? startUs > other.startUs : order > other.order; }
    };
    std::priority_queue<Item> queue;
    const auto push = [&](const QString &id) {
        if (const auto waiting = m_waiting.constFind(id); waiting != m_waiting.constEnd())
            queue.push({waiting->step.startUs, waiting->order, id});
    };
    const QSet<QString> given(ready.begin(), ready.end());
    for (const QString &id : ready)
        push(id);
    while (!queue.empty()) {
        const QString id = queue.top().id;
        queue.pop();
        const auto found = m_waiting.find(id);
        if (found == m_waiting.end())
            continue;
        ForeignStep step = std::move(found->step);
        m_heldBytes -= found->bytes;
        m_waiting.erase(found);
        const int parent = step.parentId.isEmpty() || step.parentId == id ? -1 : placedAt(step.parentId);
        QString about;
        if (step.parentId == id)
            about = QStringLiteral("step that names itself as its parent");
        else if (!odd.isEmpty() && parent < 0 && !step.parentId.isEmpty() && given.contains(id))
            about = odd;
        place(step, parent, about);
        const QStringList children = takeChildren(id);
        for (const QString &child : children)
            push(child);
    }
}

void TraceTree::settle()
{
    if (m_options->placeAtEnd && !m_endNow)
        return;
    std::vector<QString> ready;
    const auto takeAll = [&](const QString &parent) {
        const QStringList ids = takeChildren(parent);
        ready.insert(ready.end(), ids.begin(), ids.end());
    };
    const QStringList fresh = std::exchange(m_fresh, {});
    for (const QString &id : fresh) {
        const auto waiting = m_waiting.constFind(id);
        if (waiting == m_waiting.constEnd())
            continue;
        const QString parent = waiting->step.parentId;
        if (parent.isEmpty() || parent == id || placedAt(parent) >= 0)
            takeAll(parent);
    }
    placeReady(std::move(ready), QString());
}
} // namespace lathe
