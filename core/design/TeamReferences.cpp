// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamChecks.h"
#include "core/design/ToolDangers.h"
#include "core/design/ToolReader.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr int mostTeams = 1000; // looked at for one reference

QString nameOfRef(const QString &ref)
{
    return ref.section(QLatin1Char('@'), 0, 0);
}

QString doing(SideEffect effect)
{
    return effect == SideEffect::External ? QStringLiteral("acts outside this computer")
                                          : QStringLiteral("writes to this computer");
}

ToolAttachment attachmentOf(const QJsonObject &json)
{
    ToolAttachment attachment;
    attachment.tool = json.value(QStringLiteral("tool")).toString();
    attachment.approval = json.value(QStringLiteral("approval")).toString();
    attachment.policy = json.value(QStringLiteral("policy")).toObject();
    return attachment;
}
} // namespace

bool TeamChecks::exists(ArtifactKind kind, const QString &ref)
{
    if (!m_lookup.design.exists)
        return true;
    const QString key = artifactKindName(kind) + QLatin1Char('/') + ref;
    const auto known = m_exists.constFind(key);
    if (known != m_exists.constEnd())
        return *known;
    return *m_exists.insert(key, m_lookup.design.exists(kind, ref));
}

const QJsonObject &TeamChecks::toolBody(const QString &ref)
{
    const auto known = m_tools.constFind(ref);
    if (known != m_tools.constEnd())
        return *known;
    return *m_tools.insert(ref, m_lookup.design.toolBody ? m_lookup.design.toolBody(ref) : QJsonObject());
}

bool TeamChecks::checkReference(int node, ArtifactKind kind, const QString &key, const QString &ref)
{
    const QString kindName = artifactKindName(kind);
    const QString code = kindName + QStringLiteral(".unknown");
    if (auto parsed = ArtifactRef::parse(ref); !parsed) {
        m_list->error(pointer(node, key), qPrintable(code),
                      QStringLiteral("%1: %2").arg(name(node), parsed.error().message),
                      QStringLiteral("Choose a %1 from the list.").arg(kindName));
        return false;
    }
    if (!exists(kind, ref)) {
        m_list->error(pointer(node, key), qPrintable(code),
                      QStringLiteral("%1 uses the %2 %3, which this project does not have.")
                          .arg(name(node), kindName, quoted(ref)),
                      QStringLiteral("Choose another %1, or make this one.").arg(kindName));
        return false;
    }
    return true;
}

std::vector<TeamChecks::Effect> TeamChecks::unaskedTools(const QJsonArray &attachments)
{
    std::vector<Effect> effects;
    for (const QJsonValue &item : attachments) {
        const QString ref = item.toObject().value(QStringLiteral("tool")).toString();
        const QJsonObject &body = toolBody(ref);
        const ToolTypeInfo *type = toolType(body.value(QStringLiteral("type")).toString());
        if (!type || type->type == QLatin1String("ask_human"))
            continue; // asking a person is its own approval
        const ToolAttachment attachment = attachmentOf(item.toObject());
        std::vector<Problem> ofTool; // said where the tool is
        const ToolPolicy policy = policyOf(readTool(body, &ofTool), attachment);
        const SideEffect effect = policy.sideEffect.value_or(type->sideEffectOf(body.value(QStringLiteral("config")).toObject()));
        const bool asked = policy.approval != Approval::Always && policy.unattended != Unattended::Allow;
        if (effect != SideEffect::Read && !asked && policy.approval != Approval::Never)
            effects.push_back({nameOfRef(ref), effect});
    }
    return effects;
}

void TeamChecks::blameEffects(int node, const std::vector<Effect> &effects, bool approved)
{
    const int repeats = m_where[size_t(node)].repeats;
    if (repeats < 0 || approved)
        return;
    const bool itself = at(node).kind == NodeKind::Tool;
    for (const Effect &effect : effects) {
        m_list->warning(pointer(node), "tool.repeated_unasked",
                        QStringLiteral("%1 may call the tool %2 again and again in %3; it %4, and nobody is asked.")
                            .arg(name(node), quoted(effect.tool), name(repeats), doing(effect.effect)),
                        itself ? QStringLiteral("Set the approval of the tool to ask, or put a Human node before it.")
                               : QStringLiteral("Set the approval of the tool to ask, or take it from the agent."));
    }
}

const TeamChecks::AgentFacts &TeamChecks::agentFacts(const QString &ref)
{
    const auto found = m_agents.constFind(ref);
    if (found != m_agents.constEnd())
        return *found;
    AgentFacts facts;
    const QJsonObject body = m_lookup.body ? m_lookup.body(ArtifactKind::Agent, ref) : QJsonObject();
    if (!body.isEmpty()) {
        facts.known = true;
        facts.prompt = body.value(QStringLiteral("prompt")).toString();
        const QJsonObject model = body.value(QStringLiteral("model")).toObject();
        const QString connection = model.value(QStringLiteral("connection")).toString();
        if (connection.isEmpty() || model.value(QStringLiteral("model")).toString().trimmed().isEmpty()) {
            facts.trouble = QStringLiteral("has no model");
            facts.fix = QStringLiteral("Open the agent and choose a model; \"offline\" needs no key.");
        } else if (!exists(ArtifactKind::Connection, connection)) {
            facts.trouble = QStringLiteral("uses the connection %1, which this project does not have")
                                .arg(quoted(connection));
            facts.fix = QStringLiteral("Open the agent and choose another connection, or make this one.");
        } else if (facts.prompt.isEmpty() || !exists(ArtifactKind::Prompt, facts.prompt)) {
            facts.trouble = facts.prompt.isEmpty()
                                ? QStringLiteral("has no instructions")
                                : QStringLiteral("uses the prompt %1, which this project does not have")
                                      .arg(quoted(facts.prompt));
            facts.fix = QStringLiteral("Open the agent and choose a prompt.");
        }
        facts.unasked = unaskedTools(body.value(QStringLiteral("tools")).toArray());
    }
    return *m_agents.insert(ref, facts);
}

void TeamChecks::checkAgent(int node, const QString &key, bool orInline)
{
    const QString ref = at(node).settings.value(key).toString();
    if (ref.isEmpty()) {
        const QJsonValue inlined = at(node).settings.value(QStringLiteral("inline"));
        if (orInline && inlined.isObject()) {
            checkInline(node, inlined.toObject());
            return;
        }
        m_list->error(pointer(node, key), "agent.missing", QStringLiteral("%1 has no agent.").arg(name(node)),
                      orInline ? QStringLiteral("Choose an agent of this project, or write one in place.")
                               : QStringLiteral("Choose an agent of this project."));
        return;
    }
    if (!checkReference(node, ArtifactKind::Agent, key, ref))
        return;
    const AgentFacts &facts = agentFacts(ref);
    if (!facts.known)
        return;
    if (!facts.trouble.isEmpty()) {
        m_list->error(pointer(node, key), "agent.unready",
                      QStringLiteral("The agent %1 of %2 %3.").arg(quoted(ref), name(node), facts.trouble),
                      facts.fix);
    }
    if (at(node).kind == NodeKind::Agent)
        checkPromptVariables(node, facts);
    blameEffects(node, facts.unasked, false);
}

// Names that the instructions want and that neither the node nor the run gives. What has a default, or need not be there, is
// no problem.
void TeamChecks::checkPromptVariables(int node, const AgentFacts &agent)
{
    if (!m_lookup.design.promptVariables || agent.prompt.isEmpty() || !exists(ArtifactKind::Prompt, agent.prompt))
        return;
    const QJsonObject given = at(node).settings.value(QStringLiteral("variables")).toObject();
    QSet<QString> spared{QStringLiteral("input")};
    if (m_lookup.body) {
        const QJsonArray declared =
            m_lookup.body(ArtifactKind::Prompt, agent.prompt).value(QStringLiteral("variables")).toArray();
        for (const QJsonValue &item : declared) {
            const QJsonObject variable = item.toObject();
            if (!variable.value(QStringLiteral("default")).toString().isEmpty()
                || !variable.value(QStringLiteral("required")).toBool(true))
                spared.insert(variable.value(QStringLiteral("name")).toString());
        }
    }
    for (const QString &wanted : m_lookup.design.promptVariables(agent.prompt)) {
        if (given.contains(wanted) || m_variables.contains(wanted) || spared.contains(wanted))
            continue;
        m_list->warning(pointer(node, QStringLiteral("variables")), "agent.variable",
                        QStringLiteral("The instructions of %1 use {{%2}}, which nothing gives a value.")
                            .arg(name(node), shortened(wanted, 40)),
                        QStringLiteral("Give it under the variables of the node, or add it to the Input node."));
    }
}

void TeamChecks::checkInline(int node, const QJsonObject &agent)
{
    const QString start = QStringLiteral("inline");
    const QJsonValue instructions = agent.value(QStringLiteral("instructions")); // a text, or a body as a prompt's
    const QString text = instructions.isObject() ? instructions.toObject().value(QStringLiteral("text")).toString() : instructions.toString();
    if (text.trimmed().isEmpty()) {
        m_list->error(pointer(node, start + QStringLiteral("/instructions")), "agent.no_instructions",
                      QStringLiteral("The agent %1 has no instructions.").arg(name(node)),
                      QStringLiteral("Write what it must do."));
    }
    const int scope = m_graph.scopeOf(node);
    const bool worker = scope >= 0 && at(scope).kind == NodeKind::Coordinator;
    const bool jobless = agent.value(QStringLiteral("job")).toString().trimmed().isEmpty();
    if (jobless && worker) {
        m_list->warning(pointer(node, start + QStringLiteral("/job")), "agent.no_job",
                        QStringLiteral("Nothing tells the coordinator %1 what its worker %2 is for.")
                            .arg(name(scope), name(node)),
                        QStringLiteral("Write the job of the worker in one sentence."));
    }
    for (Problem problem : validateAgent(agent, m_lookup.design)) {
        // It has instructions in place of a prompt, and a job only when it wants one.
        if (problem.code.startsWith(QLatin1String("prompt."))
            || (jobless && problem.code.startsWith(QLatin1String("job."))))
            continue;
        problem.pointer = pointer(node, start + problem.pointer);
        problem.message = QStringLiteral("%1: %2").arg(name(node), problem.message);
        m_list->problems.push_back(std::move(problem));
    }
    blameEffects(node, unaskedTools(agent.value(QStringLiteral("tools")).toArray()), false);
}

void TeamChecks::checkModel(int node, const QString &key)
{
    const QJsonObject model = at(node).settings.value(key).toObject();
    const QString connection = model.value(QStringLiteral("connection")).toString();
    if (connection.isEmpty() || model.value(QStringLiteral("model")).toString().trimmed().isEmpty()) {
        m_list->error(pointer(node, key), "model.missing",
                      QStringLiteral("No model is chosen for %1.").arg(name(node)),
                      QStringLiteral("Choose a model; the connection \"offline\" needs no key."));
    } else if (!exists(ArtifactKind::Connection, connection)) {
        m_list->error(pointer(node, key), "model.unknown_connection",
                      QStringLiteral("%1 uses the connection %2, which this project does not have.")
                          .arg(name(node), quoted(connection)),
                      QStringLiteral("Choose another connection, or make this one."));
    }
}

void TeamChecks::checkTool(int node)
{
    const QString key = QStringLiteral("tool");
    const QString ref = setting(node, "tool");
    if (ref.isEmpty()) {
        m_list->error(pointer(node, key), "tool.missing", QStringLiteral("%1 has no tool.").arg(name(node)),
                      QStringLiteral("Choose a tool of this project."));
        return;
    }
    const QJsonValue arguments = at(node).settings.value(QStringLiteral("arguments"));
    if (!arguments.isUndefined() && !arguments.isNull() && !arguments.isObject()) {
        m_list->error(pointer(node, QStringLiteral("arguments")), "tool.arguments",
                      QStringLiteral("The arguments of %1 are no object.").arg(name(node)),
                      QStringLiteral("Write them as {\"name\": value}."));
    }
    if (checkReference(node, ArtifactKind::Tool, key, ref))
        blameEffects(node, unaskedTools({QJsonObject{{key, ref}}}), m_approved[size_t(node)]);
}

// What the agents of a team read, they tell each other: private data, what strangers wrote and a way out come together in the team, though no
// agent of it has all three. (One that has is blamed itself.)
void TeamChecks::checkDangers()
{
    DesignLookup lookup = m_lookup.design;
    lookup.toolBody = [this](const QString &ref) { return toolBody(ref); };
    if (!lookup.body)
        lookup.body = m_lookup.body;
    ToolDangers all;
    for (const TeamNode &node : m_spec.nodes) {
        ToolDangers own;
        const QString ref = node.settings.value(QStringLiteral("agent")).toString();
        QJsonObject body = node.settings.value(QStringLiteral("inline")).toObject();
        if (!ref.isEmpty())
            body = m_lookup.body ? m_lookup.body(ArtifactKind::Agent, ref) : QJsonObject();
        QJsonArray tools = body.value(QStringLiteral("tools")).toArray();
        if (const QString tool = node.settings.value(QStringLiteral("tool")).toString(); !tool.isEmpty())
            tools.append(QJsonObject{{QStringLiteral("tool"), tool}});
        for (const QJsonValue &item : std::as_const(tools)) {
            const ToolAttachment attachment = attachmentOf(item.toObject());
            all.add(attachment, lookup);
            own.add(attachment, lookup);
        }
        if (own.combination())
            return;
    }
    if (const auto combined = all.combination())
        m_list->warning(QStringLiteral("/nodes"), "tools.trifecta",
                        QStringLiteral("The team brings together what no agent of it has alone: %1").arg(combined->message()), combined->fix());
}

// Walks what the team uses. Gives the first way that comes back to this team, or to one on the way, as names.
const QString &TeamChecks::teamCircle(const QString &start)
{
    const auto known = m_circles.constFind(start);
    if (known != m_circles.constEnd())
        return *known;
    struct Frame {
        QString ref;
        QStringList uses;
        qsizetype next = 0;
    };
    const auto open = [this](const QString &ref) {
        Frame frame;
        frame.ref = ref;
        const QJsonObject nodes = m_lookup.body(ArtifactKind::Team, ref).value(QStringLiteral("nodes")).toObject();
        for (const QJsonValue &item : nodes) {
            const QJsonObject node = item.toObject();
            const QString used =
                node.value(QStringLiteral("settings")).toObject().value(QStringLiteral("team")).toString();
            if (node.value(QStringLiteral("kind")).toString() == QLatin1String("team") && !used.isEmpty())
                frame.uses.append(used);
        }
        frame.uses.removeDuplicates();
        return frame;
    };
    QString circle;
    const auto found = [&](const std::vector<Frame> &path, const QString &last) {
        QStringList names;
        for (const Frame &frame : path)
            names.append(quoted(nameOfRef(frame.ref)));
        names.append(quoted(nameOfRef(last)));
        if (names.size() > 8)
            names = names.mid(0, 4) + QStringList{QString(QChar(0x2026))} + names.mid(names.size() - 3);
        circle = names.join(QStringLiteral(", "));
    };
    std::vector<Frame> path{open(start)};
    QSet<QString> seen{start}, onPath{start};
    while (!path.empty() && circle.isEmpty()) {
        Frame &frame = path.back();
        if (frame.next >= frame.uses.size()) {
            onPath.remove(frame.ref);
            path.pop_back();
            continue;
        }
        const QString used = frame.uses[frame.next++];
        if (onPath.contains(used) || (!m_lookup.self.isEmpty() && nameOfRef(used) == m_lookup.self)) {
            found(path, used);
        } else if (!seen.contains(used) && seen.size() < mostTeams) {
            seen.insert(used);
            onPath.insert(used);
            path.push_back(open(used));
        }
    }
    return *m_circles.insert(start, circle);
}

void TeamChecks::checkSubTeam(int node)
{
    const QString key = QStringLiteral("team");
    const QString ref = setting(node, "team");
    const QString fix = QStringLiteral("Use another team here, or move what both need into a team of its own.");
    if (ref.isEmpty()) {
        m_list->error(pointer(node, key), "team.missing", QStringLiteral("%1 has no team.").arg(name(node)),
                      QStringLiteral("Choose a team of this project."));
        return;
    }
    if (!m_lookup.self.isEmpty() && nameOfRef(ref) == m_lookup.self) {
        m_list->error(pointer(node, key), "team.circle",
                      QStringLiteral("%1 uses this team itself, so it would never end.").arg(name(node)), fix);
        return;
    }
    if (!checkReference(node, ArtifactKind::Team, key, ref) || !m_lookup.body)
        return;
    const QString &circle = teamCircle(ref);
    if (!circle.isEmpty()) {
        m_list->error(pointer(node, key), "team.circle",
                      QStringLiteral("%1 uses teams that use each other, so it would never end: %2.")
                          .arg(name(node), circle),
                      fix);
    }
}

} // namespace lathe
