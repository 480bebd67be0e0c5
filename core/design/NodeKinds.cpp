// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamSpec.h"

#include <QSet>

#include <algorithm>

namespace lathe {

namespace {
struct KindName {
    NodeKind kind;
    const char *name;
};
constexpr KindName kindNames[] = {
    {NodeKind::Input, "input"},
    {NodeKind::Output, "output"},
    {NodeKind::Agent, "agent"},
    {NodeKind::Coordinator, "coordinator"},
    {NodeKind::Router, "router"},
    {NodeKind::Parallel, "parallel"},
    {NodeKind::Join, "join"},
    {NodeKind::Map, "map"},
    {NodeKind::Loop, "loop"},
    {NodeKind::Handoff, "handoff"},
    {NodeKind::Tool, "tool"},
    {NodeKind::MemoryRead, "memory_read"},
    {NodeKind::MemoryWrite, "memory_write"},
    {NodeKind::Check, "check"},
    {NodeKind::Human, "human"},
    {NodeKind::Team, "team"},
    {NodeKind::Transform, "transform"},
};

Port port(const char *id, PortType type = PortType::Any)
{
    Port result;
    result.id = QString::fromLatin1(id);
    result.title = result.id;
    result.type = type;
    return result;
}

Port entry(PortType type = PortType::Any)
{
    Port result = port("in", type);
    result.required = true;
    return result;
}

Port entryOfMany()
{
    Port result = entry();
    result.many = true;
    return result;
}

// Several ends of a body may come back: the branches of a router within it, or all workers.
Port comingBack(const char *id)
{
    Port result = port(id);
    result.returns = true;
    result.many = true;
    return result;
}

Port opening(const char *id, PortType type = PortType::Any)
{
    Port result = port(id, type);
    result.body = true;
    return result;
}

QString mode(const TeamNode &node, const char *absent)
{
    return node.settings.value(QStringLiteral("mode")).toString(QString::fromLatin1(absent));
}

// What an agent's answer is. A reference's prompt is not known here, so its answer may be anything.
PortType answerOf(const TeamNode &node)
{
    const QJsonValue inlined = node.settings.value(QStringLiteral("inline"));
    if (!node.settings.value(QStringLiteral("agent")).toString().isEmpty() || !inlined.isObject())
        return PortType::Any;
    const QJsonObject output = inlined.toObject().value(QStringLiteral("output")).toObject();
    if (output.value(QStringLiteral("format")).toString() != QLatin1String("json_schema"))
        return PortType::Text;
    const QString type =
        output.value(QStringLiteral("schema")).toObject().value(QStringLiteral("type")).toString();
    return type == QLatin1String("array") ? PortType::List : PortType::Json;
}

std::vector<Port> routePorts(const TeamNode &node)
{
    std::vector<Port> ports;
    QSet<QString> seen;
    const QJsonArray routes = node.settings.value(QStringLiteral("routes")).toArray();
    for (const QJsonValue &item : routes) {
        const QJsonObject route = item.toObject();
        Port result;
        result.id = route.value(QStringLiteral("id")).toString();
        result.title = route.value(QStringLiteral("title")).toString();
        if (result.title.trimmed().isEmpty())
            result.title = result.id;
        if (result.id.isEmpty() || seen.contains(result.id))
            continue; // the validation names it
        seen.insert(result.id);
        ports.push_back(result);
    }
    return ports;
}

NodeKindInfo info(NodeKind kind, const char *title, const char *group, const char *color, const char *icon,
                  const char *about, const QJsonObject &settings = QJsonObject())
{
    NodeKindInfo result;
    result.kind = kind;
    result.title = QString::fromLatin1(title);
    result.about = QString::fromLatin1(about);
    result.group = QString::fromLatin1(group);
    result.color = QString::fromLatin1(color);
    result.icon = QString::fromLatin1(icon);
    result.naming = result.title;
    result.settings = settings;
    return result;
}

QJsonObject route(const char *id, const char *title)
{
    return {{QStringLiteral("id"), QString::fromLatin1(id)},
            {QStringLiteral("title"), QString::fromLatin1(title)},
            {QStringLiteral("about"), QString()},
            {QStringLiteral("rule"), QString()}};
}
} // namespace

QString nodeKindName(NodeKind kind)
{
    for (const KindName &item : kindNames) {
        if (item.kind == kind)
            return QString::fromLatin1(item.name);
    }
    return QString();
}

std::optional<NodeKind> nodeKindFromName(const QString &name)
{
    for (const KindName &item : kindNames) {
        if (name == QLatin1String(item.name))
            return item.kind;
    }
    return std::nullopt;
}

QString portTypeName(PortType type)
{
    switch (type) {
    case PortType::Any:
        return QStringLiteral("any");
    case PortType::Text:
        return QStringLiteral("text");
    case PortType::Json:
        return QStringLiteral("JSON");
    case PortType::List:
        return QStringLiteral("list");
    case PortType::Number:
        return QStringLiteral("number");
    case PortType::Boolean:
        return QStringLiteral("yes or no");
    case PortType::Control:
        return QStringLiteral("control");
    }
    return QString();
}

bool portsFit(PortType from, PortType to)
{
    if (from == to || from == PortType::Any || to == PortType::Any)
        return true;
    return to == PortType::Json
           && (from == PortType::List || from == PortType::Number || from == PortType::Boolean);
}

std::vector<Port> inputPorts(const TeamNode &node)
{
    switch (node.kind) {
    case NodeKind::Input:
        return {};
    case NodeKind::Output:
    case NodeKind::Join:
        return {entryOfMany()};
    case NodeKind::Coordinator:
        return {entry(), comingBack("results")};
    case NodeKind::Map: {
        const bool chosen = !node.settings.value(QStringLiteral("items")).toString().trimmed().isEmpty();
        return {entry(chosen ? PortType::Any : PortType::List), comingBack("collect")};
    }
    case NodeKind::Loop:
        return {entry(), comingBack("again")};
    case NodeKind::MemoryRead: {
        // The value that comes is not used; the edge says after what the state is read.
        Port after = port("in");
        after.title = QStringLiteral("after");
        return {after};
    }
    case NodeKind::Agent:
    case NodeKind::Router:
    case NodeKind::Parallel:
    case NodeKind::Handoff:
    case NodeKind::Tool:
    case NodeKind::MemoryWrite:
    case NodeKind::Check:
    case NodeKind::Human:
    case NodeKind::Team:
    case NodeKind::Transform:
        return {entry()};
    }
    return {};
}

std::vector<Port> outputPorts(const TeamNode &node)
{
    std::vector<Port> ports;
    switch (node.kind) {
    case NodeKind::Output:
        return {};
    case NodeKind::Input:
        ports = {port("out", PortType::Text)};
        break;
    case NodeKind::Agent:
        ports = {port("out", answerOf(node))};
        break;
    case NodeKind::Coordinator:
        ports = {port("out"), opening("workers", PortType::Text)};
        break;
    case NodeKind::Router:
        ports = routePorts(node);
        break;
    case NodeKind::Join:
        ports = {port("out", mode(node, "all") == QLatin1String("all") ? PortType::List : PortType::Any)};
        break;
    case NodeKind::Map:
        ports = {opening("each"), port("out", PortType::List)};
        break;
    case NodeKind::Loop:
        ports = {opening("body"), port("out")};
        break;
    case NodeKind::Handoff:
        ports = {port("out"), opening("agents", PortType::Control)};
        break;
    case NodeKind::Check:
        ports = {port("pass"), port("fail", PortType::Json)};
        break;
    case NodeKind::Human:
        if (mode(node, "approval") == QLatin1String("form"))
            ports = {port("out", PortType::Json)};
        else
            ports = {port("approved"), port("denied")};
        break;
    case NodeKind::Parallel:
    case NodeKind::Tool:
    case NodeKind::MemoryRead:
    case NodeKind::MemoryWrite:
    case NodeKind::Team:
    case NodeKind::Transform:
        ports = {port("out")};
        break;
    }
    const QString error = QStringLiteral("error");
    if (node.onError.then == ErrorPolicy::Then::Fallback && !findPort(ports, error))
        ports.push_back(port("error", PortType::Json));
    return ports;
}

const Port *findPort(const std::vector<Port> &ports, const QString &id)
{
    const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port &item) { return item.id == id; });
    return found == ports.end() ? nullptr : &*found;
}

const std::vector<NodeKindInfo> &nodeKinds()
{
    static const std::vector<NodeKindInfo> all{
        info(NodeKind::Input, "Input", "Ends", "control", "input",
             "What the run is given: its text, and variables that you name.",
             {{QStringLiteral("fields"), QJsonArray()}}),
        info(NodeKind::Output, "Output", "Ends", "control", "output", "The answer of the team."),
        info(NodeKind::Agent, "Agent", "Agents", "agent", "agent",
             "An agent of this project, or one that is written here, answers what comes in."),
        info(NodeKind::Coordinator, "Coordinator", "Agents", "agent", "coordinator",
             "Makes a plan, hands its tasks to the workers in its body and merges their results.",
             {{QStringLiteral("max_tasks"), 6}, {QStringLiteral("merge"), QStringLiteral("agent")}}),
        info(NodeKind::Handoff, "Hand-off", "Agents", "agent", "handoff",
             "The agents in its body hand the conversation to each other until one answers.",
             {{QStringLiteral("at_most"), 6}}),
        info(NodeKind::Team, "Team", "Agents", "agent", "team",
             "Another team of this project, under the limits of this one."),
        info(NodeKind::Router, "Router", "Flow", "control", "router",
             "Sends the value down one of its routes: by rules, by an expression, or as a model chooses.",
             {{QStringLiteral("mode"), QStringLiteral("rules")},
              {QStringLiteral("routes"), QJsonArray{route("r1", "Route 1"), route("r2", "Otherwise")}},
              {QStringLiteral("otherwise"), QStringLiteral("r2")}}),
        info(NodeKind::Parallel, "Parallel", "Flow", "control", "parallel",
             "Gives the same value to several nodes, which run at the same time."),
        info(NodeKind::Join, "Join", "Flow", "control", "join",
             "Brings branches together: all, the first, the majority, the best, or merged.",
             {{QStringLiteral("mode"), QStringLiteral("all")}}),
        info(NodeKind::Map, "Map", "Flow", "control", "map",
             "Runs its body once for each element of a list, several at a time.",
             {{QStringLiteral("at_once"), 4}, {QStringLiteral("on_error"), QStringLiteral("fail")}}),
        info(NodeKind::Loop, "Loop", "Flow", "control", "loop",
             "Runs its body again until a condition holds, but only so many times.",
             {{QStringLiteral("until"), QString()},
              {QStringLiteral("at_most"), 5},
              {QStringLiteral("exhausted"), QStringLiteral("done")}}),
        info(NodeKind::Check, "Check", "Flow", "control", "check",
             "Looks whether the value is as it must be: by a JSON Schema, an expression, or a model.",
             {{QStringLiteral("mode"), QStringLiteral("expression")}}),
        info(NodeKind::Transform, "Transform", "Flow", "control", "transform",
             "Makes another value by a JavaScript expression.",
             {{QStringLiteral("expression"), QStringLiteral("input")}}),
        info(NodeKind::Tool, "Tool", "Tools and memory", "tool", "tool",
             "Calls a tool with arguments that you set, without a model.",
             {{QStringLiteral("arguments"), QJsonObject()}}),
        info(NodeKind::MemoryRead, "Memory read", "Tools and memory", "memory", "memory",
             "Reads a key of the state that the nodes of the run share."),
        info(NodeKind::MemoryWrite, "Memory write", "Tools and memory", "memory", "memory",
             "Writes a key of the state that the nodes of the run share; the value goes on."),
        info(NodeKind::Human, "Human", "People", "human", "human",
             "Asks a person: to approve, or to fill in a form.",
             {{QStringLiteral("mode"), QStringLiteral("approval")}, {QStringLiteral("question"), QString()}}),
    };
    return all;
}

const NodeKindInfo &nodeKindInfo(NodeKind kind)
{
    const auto &all = nodeKinds();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto &item) { return item.kind == kind; });
    return found == all.end() ? all.front() : *found;
}

} // namespace lathe
