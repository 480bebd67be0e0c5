// SPDX-License-Identifier: GPL-3.0-or-later
// How placed steps become events, and what they tell of the run.
#include "core/trace/import/TraceTree.h"

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;
constexpr qint64 toleranceUs = 2'000; // clocks of one machine differ by less
constexpr int modelsMax = 10;
} // namespace

RunEvent &TraceTree::event(RunEventKind kind, const QString &path, qint64 timeUs)
{
    m_events.emplace_back();
    RunEvent &made = m_events.back();
    made.kind = kind;
    made.step = path;
    made.timeUs = timeUs;
    return made;
}

void TraceTree::note(const QString &path, qint64 timeUs, const QString &about)
{
    RunEvent &made = event(RunEventKind::StepNote, path, timeUs);
    made.name = QStringLiteral("import");
    made.attributes = {{QStringLiteral("about"), about}};
}

void TraceTree::place(ForeignStep &step, int parent, const QString &about)
{
    const size_t hash = hashOf(step); // of what was told, before a price is added
    if (m_options->price && step.kind == StepKind::Model)
        m_options->price(&step);
    QString odd = about;
    while (parent >= 0 && m_nodes[size_t(parent)].depth >= depthMax) {
        parent = m_nodes[size_t(parent)].parent;
        odd = QStringLiteral("step deeper than %1 levels, shown higher up").arg(depthMax);
    }
    Node node;
    node.parent = parent;
    node.number = parent < 0 ? ++m_tops : ++m_nodes[size_t(parent)].children;
    node.depth = parent < 0 ? 0 : quint16(m_nodes[size_t(parent)].depth + 1);
    node.hash = hash;
    node.startUs = step.startUs;
    node.endUs = step.endUs;
    node.status = step.status;
    node.notes = int(step.notes.size());
    const int index = int(m_nodes.size());
    m_nodes.push_back(node);
    m_index.insert(step.id, index);
    const QString where = path(index);
    RunEvent &started = event(RunEventKind::StepStarted, where, step.startUs);
    started.stepKind = step.kind;
    started.name = step.name.isEmpty() ? QStringLiteral("(no name)") : step.name;
    started.attributes = step.attributes;
    if (!odd.isEmpty()) {
        m_odd->add(odd.startsWith(L("Its parent")) ? QStringLiteral("parent never came") : odd, step.name);
        note(where, step.startUs, odd);
    }
    if (parent >= 0 && !m_nodes[size_t(parent)].placeholder) {
        const Node &above = m_nodes[size_t(parent)];
        if (step.startUs + toleranceUs < above.startUs || (above.endUs > 0 && step.endUs > above.endUs + toleranceUs)) {
            m_odd->add(QStringLiteral("step outside the time of its parent"), step.name);
            note(where, step.startUs,
                 step.startUs + toleranceUs < above.startUs ? QStringLiteral("By its clock it began before its parent.")
                                                            : QStringLiteral("It ended after its parent."));
        }
    }
    emitContent(step, where, 0);
    if (step.endUs > 0) {
        emitEnd(index, step, where);
    } else {
        ++m_running;
        if (!step.text.isEmpty() && step.firstTextUs == 0) {
            RunEvent &delta = event(RunEventKind::StepDelta, where, step.startUs);
            delta.channel = step.kind == StepKind::Tool ? DeltaChannel::ToolOutput : DeltaChannel::Text;
            delta.text = step.text;
        }
    }
    learn(step, index);
}

void TraceTree::emitContent(const ForeignStep &step, const QString &where, int notesFrom)
{
    for (size_t i = size_t(std::max(notesFrom, 0)); i < step.notes.size(); ++i) {
        RunEvent &made = event(RunEventKind::StepNote, where, step.notes[i].timeUs > 0 ? step.notes[i].timeUs : step.startUs);
        made.name = step.notes[i].name;
        made.attributes = step.notes[i].attributes;
    }
    // At the start when it is not known when text came: then no one is told a time to the first token.
    const qint64 at = step.firstTextUs > 0 ? std::max(step.firstTextUs, step.startUs) : step.startUs;
    const auto stream = [&](DeltaChannel channel, const QString &text) {
        if (text.isEmpty())
            return;
        RunEvent &made = event(RunEventKind::StepDelta, where, at);
        made.channel = channel;
        made.text = text;
    };
    stream(DeltaChannel::Reasoning, step.reasoning);
    stream(DeltaChannel::ToolArguments, step.toolArguments);
    if (step.firstTextUs > 0)
        stream(step.kind == StepKind::Tool ? DeltaChannel::ToolOutput : DeltaChannel::Text, step.text);
}

void TraceTree::emitEnd(int node, const ForeignStep &step, const QString &where)
{
    RunEvent &ended = event(RunEventKind::StepEnded, where, step.endUs);
    ended.stepStatus = step.status == StepStatus::Running ? StepStatus::Ok : step.status;
    ended.error = step.error;
    ended.text = step.firstTextUs > 0 ? QString() : step.text;
    m_nodes[size_t(node)].status = ended.stepStatus;
    if (step.error)
        m_errors.insert(node, *step.error);
    else
        m_errors.remove(node);
}

void TraceTree::placePlaceholder(const QString &id, qint64 timeUs)
{
    Node node;
    node.number = ++m_tops;
    node.startUs = timeUs;
    node.placeholder = true;
    const int index = int(m_nodes.size());
    m_nodes.push_back(node);
    m_index.insert(id, index);
    RunEvent &started = event(RunEventKind::StepStarted, path(index), timeUs);
    started.stepKind = StepKind::Control;
    started.name = QStringLiteral("(not told yet)");
    started.attributes = {{QStringLiteral("lathe.placeholder"), true}, {QStringLiteral("lathe.foreign.id"), id}};
    m_odd->add(QStringLiteral("parent that comes after its children"), id);
}

void TraceTree::fill(int index, ForeignStep &step)
{
    Node &node = m_nodes[size_t(index)];
    node.placeholder = false;
    node.hash = hashOf(step);
    if (m_options->price && step.kind == StepKind::Model)
        m_options->price(&step);
    node.startUs = step.startUs;
    node.endUs = step.endUs;
    node.status = step.status;
    node.notes = int(step.notes.size());
    const QString where = path(index);
    RunEvent &started = event(RunEventKind::StepStarted, where, step.startUs);
    started.stepKind = step.kind;
    started.name = step.name.isEmpty() ? QStringLiteral("(no name)") : step.name;
    started.attributes = step.attributes;
    if (!step.parentId.isEmpty() && step.parentId != step.id) {
        m_odd->add(QStringLiteral("step shown above its parent, which came later"), step.name);
        note(where, step.startUs, QStringLiteral("It stands at the top because its parent came after it was shown."));
    }
    emitContent(step, where, 0);
    if (step.endUs > 0)
        emitEnd(index, step, where);
    else
        ++m_running;
    learn(step, index);
}

void TraceTree::update(int index, ForeignStep &step)
{
    Node &node = m_nodes[size_t(index)];
    const size_t hash = hashOf(step);
    if (hash == node.hash) {
        m_odd->add(QStringLiteral("step sent twice"), step.name);
        return;
    }
    if (m_options->price && step.kind == StepKind::Model)
        m_options->price(&step);
    m_odd->add(QStringLiteral("step told in several parts"), step.name);
    node.hash = hash;
    const QString where = path(index);
    const int notesBefore = node.notes;
    node.notes = std::max(node.notes, int(step.notes.size()));
    const bool wasOver = node.endUs > 0;
    if (!wasOver && step.endUs > 0)
        --m_running;
    node.endUs = std::max(node.endUs, step.endUs);
    for (size_t i = size_t(notesBefore); i < step.notes.size(); ++i) {
        RunEvent &made = event(RunEventKind::StepNote, where, step.notes[i].timeUs > 0 ? step.notes[i].timeUs : step.startUs);
        made.name = step.notes[i].name;
        made.attributes = step.notes[i].attributes;
    }
    if (node.endUs > 0) {
        step.endUs = node.endUs;
        step.firstTextUs = 0; // the whole text takes the place of what was streamed
        emitEnd(index, step, where);
        m_events.back().attributes = step.attributes;
    }
    learn(step, index);
}

void TraceTree::learn(const ForeignStep &step, int index)
{
    const Node &node = m_nodes[size_t(index)];
    const bool root = node.parent < 0;
    if (m_facts.startUs == 0 || step.startUs < m_facts.startUs)
        m_facts.startUs = step.startUs;
    m_endUs = std::max({m_endUs, step.startUs, step.endUs});
    const auto agent = [&](const QString &name, int rank) {
        if (!name.isEmpty() && rank > m_agentRank) {
            m_agentRank = rank;
            m_facts.agent = name.left(200);
        }
    };
    agent(QStringLiteral("trace"), 0);
    agent(step.name, root ? 2 : 1);
    agent(step.service, 3);
    agent(step.agent, root ? 1000 : 900 - std::min<int>(node.depth, 200)); // the outermost
    const bool model = step.kind == StepKind::Model;
    const int inputRank = root && !step.input.isEmpty() ? 3 : step.kind == StepKind::Agent ? 2 : model ? 1 : -1;
    if (!step.input.isEmpty() && inputRank >= 0 && (inputRank > m_inputRank || (inputRank == m_inputRank && step.startUs < m_inputUs))) {
        m_inputRank = inputRank;
        m_inputUs = step.startUs;
        m_facts.input = step.input;
    }
    if (!step.output.isEmpty() && inputRank >= 0 && (inputRank > m_outputRank || (inputRank == m_outputRank && step.endUs >= m_outputUs))) {
        m_outputRank = inputRank;
        m_outputUs = step.endUs;
        m_facts.output = step.output;
    }
    if (const QString name = step.attributes.value(L("lathe.model")).toString();
        model && !name.isEmpty() && m_models.size() < modelsMax && !m_models.contains(name)) {
        m_models.append(name);
        m_facts.models = m_models.join(QStringLiteral(", "));
    }
    if (m_facts.session.isEmpty())
        m_facts.session = step.session;
    if (m_facts.user.isEmpty())
        m_facts.user = step.user;
    for (const QString &tag : step.tags) {
        if (!tag.isEmpty() && !m_facts.tags.contains(tag) && m_facts.tags.size() < 50)
            m_facts.tags.append(tag);
    }
    std::sort(m_facts.tags.begin(), m_facts.tags.end());
    if (root && !step.partial) {
        if (step.parentId.isEmpty() || step.parentId == step.id) {
            m_rootCame = true;
            m_rootEnded = node.endUs > 0;
        }
        if (m_status != RunStatus::Done) {
            // one that failed is enough
        } else if (node.status == StepStatus::Failed) {
            m_status = RunStatus::Failed;
            m_error = step.error;
        } else if (node.status == StepStatus::Cancelled) {
            m_status = RunStatus::Cancelled;
            m_error = step.error;
        } else if (node.status == StepStatus::Interrupted) {
            m_status = RunStatus::Interrupted;
        }
    }
}

std::optional<TraceUpdate> TraceTree::takeUpdate()
{
    if (m_events.empty())
        return std::nullopt;
    TraceUpdate update;
    update.traceId = m_traceId;
    update.isNew = !m_began;
    update.reopens = std::exchange(m_reopens, false);
    update.hasEnded = m_ended;
    update.facts = m_facts;
    if (update.facts.agent.isEmpty())
        update.facts.agent = QStringLiteral("trace");
    if (!m_began) {
        m_began = true;
        RunEvent started;
        started.kind = RunEventKind::RunStarted;
        started.timeUs = m_facts.startUs;
        started.attributes = {{QStringLiteral("agent"), update.facts.agent}, {QStringLiteral("input"), m_facts.input}};
        if (!m_facts.session.isEmpty())
            started.attributes.insert(QStringLiteral("gen_ai.conversation.id"), m_facts.session);
        if (!m_facts.user.isEmpty())
            started.attributes.insert(QStringLiteral("user.id"), m_facts.user);
        update.events.reserve(m_events.size() + 1);
        update.events.push_back(std::move(started));
        std::move(m_events.begin(), m_events.end(), std::back_inserter(update.events));
        m_events.clear();
    } else {
        update.factsChanged = !(m_facts == m_told);
        update.events = std::exchange(m_events, {});
    }
    m_told = m_facts;
    return update;
}

} // namespace lathe
