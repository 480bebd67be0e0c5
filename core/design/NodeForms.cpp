// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamReader.h"

namespace lathe {

namespace {
using Type = FormFieldInfo::Type;

FormFieldInfo field(Type type, const char *key, const char *title, const char *about = "",
                    const QJsonValue &absent = QJsonValue())
{
    FormFieldInfo result;
    result.type = type;
    result.key = QString::fromLatin1(key);
    result.title = QString::fromLatin1(title);
    result.about = QString::fromLatin1(about);
    result.absent = absent;
    return result;
}

FormFieldInfo number(const char *key, const char *title, const char *about, int absent, double least, double most)
{
    FormFieldInfo result = field(Type::Number, key, title, about, absent);
    result.least = least;
    result.most = most;
    return result;
}

FormFieldInfo reference(ArtifactKind kind, const char *key, const char *title, const char *about = "")
{
    FormFieldInfo result = field(Type::Reference, key, title, about, QString());
    result.reference = kind;
    return result;
}

// Pairs of value and title; the first is what holds when nothing is set.
FormFieldInfo choice(const char *key, const char *title,
                     std::initializer_list<std::pair<const char *, const char *>> choices)
{
    FormFieldInfo result = field(Type::Choice, key, title);
    for (const auto &[value, shown] : choices) {
        result.choices.append(QString::fromLatin1(value));
        result.choiceTitles.append(QString::fromLatin1(shown));
    }
    result.absent = result.choices.first();
    return result;
}

FormFieldInfo onlyIf(FormFieldInfo result, const char *key, const char *value)
{
    result.onlyIfKey = QString::fromLatin1(key);
    result.onlyIfValue = QString::fromLatin1(value);
    return result;
}

void addAgent(std::vector<FormFieldInfo> *form, const char *about)
{
    form->push_back(reference(ArtifactKind::Agent, "agent", "Agent", about));
    const auto add = [form](FormFieldInfo item) { form->push_back(onlyIf(std::move(item), "agent", "")); };
    add(field(Type::Line, "inline/job", "Job", "One sentence: what this agent is for."));
    add(field(Type::Text, "inline/instructions", "Instructions", "What the model is told before the message."));
    add(field(Type::ModelChoice, "inline/model", "Model"));
    FormFieldInfo pattern = field(Type::Choice, "inline/pattern", "Pattern", "", AgentSpec().pattern);
    for (const AgentSpec::PatternInfo &item : AgentSpec::patterns()) {
        pattern.choices.append(item.id);
        pattern.choiceTitles.append(item.title);
    }
    add(pattern);
    FormFieldInfo tools = field(Type::List, "inline/tools", "Tools", "", QJsonArray());
    tools.reference = ArtifactKind::Tool;
    add(tools);
}

QString text(const TeamNode &node, const char *key, const QString &absent = QString())
{
    return node.settings.value(QLatin1String(key)).toString(absent);
}

int whole(const TeamNode &node, const char *key, int absent)
{
    return node.settings.value(QLatin1String(key)).toInt(absent);
}

QString counted(qsizetype count, const char *one, const char *several)
{
    return count == 1 ? QStringLiteral("1 ") + QLatin1String(one)
                      : QString::number(count) + QLatin1Char(' ') + QLatin1String(several);
}

QString modelText(const QJsonValue &value)
{
    const QJsonObject model = value.toObject();
    const ModelChoice choice{model.value(QStringLiteral("connection")).toString(),
                             model.value(QStringLiteral("model")).toString()};
    return choice.model.isEmpty() ? QString() : shortened(choice.toString(), 40);
}

// "triage@3", or of an agent that is written in place its model and how many tools it has.
QString agentText(const TeamNode &node)
{
    const QString ref = text(node, "agent");
    if (!ref.isEmpty())
        return shortened(ref, 40);
    const QJsonValue inlined = node.settings.value(QStringLiteral("inline"));
    if (!inlined.isObject())
        return QStringLiteral("no agent chosen");
    const QString model = modelText(inlined.toObject().value(QStringLiteral("model")));
    const qsizetype tools = inlined.toObject().value(QStringLiteral("tools")).toArray().size();
    QString line = model.isEmpty() ? QStringLiteral("no model chosen") : model;
    if (tools > 0)
        line += QStringLiteral(", ") + counted(tools, "tool", "tools");
    return line;
}

QString orElse(const QString &value, const char *absent)
{
    return value.trimmed().isEmpty() ? QString::fromLatin1(absent) : shortened(value);
}

QString routerText(const TeamNode &node)
{
    const QString routes =
        counted(node.settings.value(QStringLiteral("routes")).toArray().size(), "route", "routes");
    const QString mode = text(node, "mode", QStringLiteral("rules"));
    if (mode == QLatin1String("expression"))
        return routes + QStringLiteral(" by an expression");
    if (mode != QLatin1String("model"))
        return routes + QStringLiteral(" by rules");
    const QString agent = text(node, "agent");
    const QString by = agent.isEmpty() ? modelText(node.settings.value(QStringLiteral("model")))
                                       : shortened(agent, 40);
    return routes + QStringLiteral(" by ") + (by.isEmpty() ? QStringLiteral("a model") : by);
}

QString joinText(const TeamNode &node)
{
    const QString mode = text(node, "mode", QStringLiteral("all"));
    if (mode == QLatin1String("first"))
        return QStringLiteral("the first that comes");
    if (mode == QLatin1String("majority"))
        return QStringLiteral("what most say");
    if (mode == QLatin1String("best"))
        return QStringLiteral("the best by ") + orElse(text(node, "scorer"), "a score");
    if (mode == QLatin1String("expression"))
        return orElse(text(node, "expression"), "no expression");
    if (mode == QLatin1String("agent"))
        return QStringLiteral("merged by ") + agentText(node);
    return QStringLiteral("all, as a list");
}

QString checkText(const TeamNode &node)
{
    const QString mode = text(node, "mode", QStringLiteral("expression"));
    if (mode == QLatin1String("schema"))
        return QStringLiteral("fits a JSON Schema");
    if (mode == QLatin1String("model"))
        return orElse(text(node, "rule"), "no rule");
    return orElse(text(node, "expression"), "no expression");
}
} // namespace

std::vector<FormFieldInfo> nodeForm(NodeKind kind)
{
    std::vector<FormFieldInfo> form;
    switch (kind) {
    case NodeKind::Input:
        form = {field(Type::Fields, "fields", "Variables",
                      "What a run is asked for besides its text; used as {{variables.name}}.", QJsonArray())};
        break;
    case NodeKind::Output:
        form = {field(Type::Template, "template", "Text", "Empty: the value as it comes.",
                      QStringLiteral("{{input}}"))};
        break;
    case NodeKind::Agent:
        addAgent(&form, "Empty: an agent that is written here.");
        form.push_back(field(Type::Template, "message", "Message", "What the agent is sent.",
                             QStringLiteral("{{input}}")));
        form.push_back(field(Type::Json, "variables", "Variables",
                             "Values of the variables of its instructions, by name; templates.", QJsonObject()));
        form.push_back(field(Type::Flag, "conversation", "Go on with the conversation",
                             "The agent sees what was said before, not only the message.", false));
        break;
    case NodeKind::Coordinator:
        addAgent(&form, "Makes the plan. Empty: an agent that is written here.");
        form.push_back(number("max_tasks", "Tasks at most", "", 6, 1, 50));
        form.push_back(choice("merge", "Merge results",
                              {{"agent", "By an agent"}, {"join", "As a list"}, {"expression", "By an expression"}}));
        form.push_back(onlyIf(reference(ArtifactKind::Agent, "merger", "Merging agent",
                                        "Empty: the coordinator's own agent."),
                              "merge", "agent"));
        form.push_back(onlyIf(field(Type::Expression, "expression", "Expression",
                                    "input is the list of {task, worker, result}."),
                              "merge", "expression"));
        break;
    case NodeKind::Router:
        form = {choice("mode", "Choose",
                       {{"rules", "By rules"}, {"expression", "By an expression"}, {"model", "By a model"}}),
                field(Type::Routes, "routes", "Routes", "In rules mode the first rule that is true wins.",
                      QJsonArray()),
                onlyIf(field(Type::Expression, "expression", "Expression", "Gives the id or title of a route."),
                       "mode", "expression"),
                onlyIf(field(Type::ModelChoice, "model", "Model", "Chooses by the descriptions of the routes."),
                       "mode", "model"),
                onlyIf(reference(ArtifactKind::Agent, "agent", "Agent", "Instead of a model: an agent that chooses."),
                       "mode", "model"),
                field(Type::Line, "otherwise", "Otherwise",
                      "The id of the route when nothing fits. Empty: the node fails then.", QString())};
        break;
    case NodeKind::Parallel:
        break;
    case NodeKind::Join:
        form = {choice("mode", "Take",
                       {{"all", "All, as a list"},
                        {"first", "The first"},
                        {"majority", "What most say"},
                        {"best", "The best by a score"},
                        {"expression", "By an expression"},
                        {"agent", "Merged by an agent"}}),
                onlyIf(field(Type::Expression, "scorer", "Score", "A number for item; the highest wins."), "mode",
                       "best"),
                onlyIf(field(Type::Expression, "expression", "Expression", "values is the list."), "mode",
                       "expression"),
                onlyIf(reference(ArtifactKind::Agent, "agent", "Agent"), "mode", "agent")};
        break;
    case NodeKind::Map:
        form = {field(Type::Expression, "items", "List",
                      "An expression that gives the list. Empty: what comes in is the list.",
                      QStringLiteral("input")),
                number("at_once", "At once", "Branches that run at the same time.", 4, 1, 64),
                choice("on_error", "When a branch fails",
                       {{"fail", "The node fails"}, {"skip", "Leave it out"}, {"null", "Put null in its place"}})};
        break;
    case NodeKind::Loop:
        form = {field(Type::Expression, "until", "Until",
                      "Read after each round; input is its value, iteration counts from 0."),
                number("at_most", "Rounds at most", "", 5, 1, 1000),
                choice("exhausted", "When it never holds",
                       {{"done", "Go on with the last value"}, {"fail", "The node fails"}})};
        break;
    case NodeKind::Handoff:
        form = {field(Type::Line, "start", "Begins with",
                      "The name of one of its agents. Empty: the first.", QString()),
                number("at_most", "Hand-offs at most", "", 6, 1, 100)};
        break;
    case NodeKind::Tool:
        form = {reference(ArtifactKind::Tool, "tool", "Tool"),
                field(Type::Json, "arguments", "Arguments",
                      "By name; texts are templates. Exactly one {{...}} keeps the type of its value.",
                      QJsonObject())};
        break;
    case NodeKind::MemoryRead:
        form = {field(Type::Line, "key", "Key", "One of the state of the team."),
                field(Type::Json, "absent", "When there is nothing", "", QJsonValue())};
        break;
    case NodeKind::MemoryWrite:
        form = {field(Type::Line, "key", "Key", "One of the state of the team."),
                field(Type::Expression, "value", "Value", "Empty: what comes in.", QStringLiteral("input"))};
        break;
    case NodeKind::Check:
        form = {choice("mode", "By",
                       {{"expression", "An expression"}, {"schema", "A JSON Schema"}, {"model", "A model"}}),
                onlyIf(field(Type::Expression, "expression", "Expression", "True passes."), "mode", "expression"),
                onlyIf(field(Type::Json, "schema", "Schema", "", QJsonObject()), "mode", "schema"),
                onlyIf(field(Type::Text, "rule", "Rule", "What must hold, in words."), "mode", "model"),
                onlyIf(field(Type::ModelChoice, "model", "Model"), "mode", "model")};
        break;
    case NodeKind::Human:
        form = {choice("mode", "Ask for", {{"approval", "Approval"}, {"form", "A form"}}),
                field(Type::Template, "question", "Question"),
                onlyIf(field(Type::Fields, "fields", "Fields", "", QJsonArray()), "mode", "form")};
        break;
    case NodeKind::Team:
        form = {reference(ArtifactKind::Team, "team", "Team"),
                field(Type::Template, "input", "Input", "What the team is given.", QStringLiteral("{{input}}")),
                field(Type::Json, "variables", "Variables", "By name; templates.", QJsonObject())};
        break;
    case NodeKind::Transform:
        form = {field(Type::Expression, "expression", "Expression", "JavaScript; input is what comes in.")};
        break;
    }
    return form;
}

QString nodeSummary(const TeamNode &node)
{
    switch (node.kind) {
    case NodeKind::Input: {
        const qsizetype fields = node.settings.value(QStringLiteral("fields")).toArray().size();
        return fields == 0 ? QStringLiteral("text")
                           : QStringLiteral("text and ") + counted(fields, "variable", "variables");
    }
    case NodeKind::Output:
        return orElse(text(node, "template"), "the value as it comes");
    case NodeKind::Agent:
        return agentText(node);
    case NodeKind::Coordinator: {
        const QString merge = text(node, "merge", QStringLiteral("agent"));
        const QString how = merge == QLatin1String("join")         ? QStringLiteral("results as a list")
                            : merge == QLatin1String("expression") ? QStringLiteral("merged by an expression")
                            : text(node, "merger").isEmpty()
                                ? QStringLiteral("merged by itself")
                                : QStringLiteral("merged by ") + shortened(text(node, "merger"), 40);
        return QStringLiteral("%1, %2 at most, %3")
            .arg(agentText(node), counted(whole(node, "max_tasks", 6), "task", "tasks"), how);
    }
    case NodeKind::Router:
        return routerText(node);
    case NodeKind::Parallel:
        return QStringLiteral("the same to each");
    case NodeKind::Join:
        return joinText(node);
    case NodeKind::Map:
        return QStringLiteral("each of %1, %2 at once")
            .arg(orElse(text(node, "items"), "the list"))
            .arg(whole(node, "at_once", 4));
    case NodeKind::Loop: {
        const QString until = text(node, "until").trimmed();
        const int most = whole(node, "at_most", 5);
        return until.isEmpty() ? counted(most, "round", "rounds")
                               : QStringLiteral("until %1, at most %2").arg(shortened(until)).arg(most);
    }
    case NodeKind::Handoff: {
        const QString start = text(node, "start");
        const QString most = counted(whole(node, "at_most", 6), "hand-off", "hand-offs") + QStringLiteral(" at most");
        return start.isEmpty() ? most
                               : QStringLiteral("begins with %1, %2").arg(shortened(start, 40), most);
    }
    case NodeKind::Tool:
        return orElse(text(node, "tool"), "no tool chosen");
    case NodeKind::MemoryRead:
        return QStringLiteral("reads ") + orElse(text(node, "key"), "nothing yet");
    case NodeKind::MemoryWrite: {
        const QString value = text(node, "value").trimmed();
        const QString key = orElse(text(node, "key"), "nothing yet");
        return value.isEmpty() ? QStringLiteral("writes ") + key
                               : QStringLiteral("%1 = %2").arg(key, shortened(value));
    }
    case NodeKind::Check:
        return checkText(node);
    case NodeKind::Human: {
        const QString question = text(node, "question").trimmed();
        if (!question.isEmpty())
            return shortened(question);
        const bool form = text(node, "mode") == QLatin1String("form");
        return form ? QStringLiteral("a form") : QStringLiteral("approval");
    }
    case NodeKind::Team:
        return orElse(text(node, "team"), "no team chosen");
    case NodeKind::Transform:
        return orElse(text(node, "expression"), "no expression");
    }
    return QString();
}

} // namespace lathe
