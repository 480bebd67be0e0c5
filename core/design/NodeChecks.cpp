// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamChecks.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype longestCompared = 40;

int editDistance(const QString &a, const QString &b)
{
    std::vector<int> row(size_t(b.size()) + 1);
    for (size_t j = 0; j < row.size(); ++j)
        row[j] = int(j);
    for (qsizetype i = 0; i < a.size(); ++i) {
        int diagonal = row[0];
        row[0] = int(i) + 1;
        for (qsizetype j = 0; j < b.size(); ++j) {
            const int changed = diagonal + (a[i].toCaseFolded() == b[j].toCaseFolded() ? 0 : 1);
            diagonal = row[size_t(j) + 1];
            row[size_t(j) + 1] = std::min({changed, diagonal + 1, row[size_t(j)] + 1});
        }
    }
    return row.back();
}
} // namespace

QString closestName(const QString &name, const QSet<QString> &names)
{
    if (name.size() > longestCompared || names.size() > 200)
        return QString();
    QString best;
    int distance = std::max(1, int(name.size()) / 3) + 1;
    QStringList sorted(names.begin(), names.end());
    sorted.sort();
    for (const QString &candidate : sorted) {
        if (candidate.isEmpty() || candidate.size() > longestCompared)
            continue;
        const int found = editDistance(name, candidate);
        if (found < distance) {
            distance = found;
            best = candidate;
        }
    }
    return best;
}

void TeamChecks::checkNode(int node)
{
    const QJsonObject &settings = at(node).settings;
    const auto value = [&](const char *key) { return settings.value(QLatin1String(key)); };
    const auto texts = [&](const char *key) { checkTemplates(node, QString::fromLatin1(key), value(key)); };
    switch (at(node).kind) {
    case NodeKind::Input:
        checkFields(node, false);
        break;
    case NodeKind::Output:
        texts("template");
        break;
    case NodeKind::Agent:
        checkAgent(node, QStringLiteral("agent"), true);
        texts("message");
        texts("variables");
        break;
    case NodeKind::Coordinator:
        checkAgent(node, QStringLiteral("agent"), true);
        checkRange(node, "max_tasks", 6, 1, 50, "coordinator.tasks", QStringLiteral("number of tasks"));
        checkChoice(node, "merge", {"agent", "join", "expression"});
        if (setting(node, "merge") == QLatin1String("expression"))
            checkExpression(node, QStringLiteral("expression"), "merge.no_expression");
        else if (!setting(node, "merger").isEmpty() && setting(node, "merge", "agent") == QLatin1String("agent"))
            checkAgent(node, QStringLiteral("merger"), false);
        break;
    case NodeKind::Router:
        checkRouter(node);
        break;
    case NodeKind::Parallel:
        break;
    case NodeKind::Join:
        checkJoin(node);
        break;
    case NodeKind::Map:
        checkExpression(node, QStringLiteral("items"), nullptr);
        checkRange(node, "at_once", 4, 1, 64, "map.at_once", QStringLiteral("number of branches at once"));
        checkChoice(node, "on_error", {"fail", "skip", "null"});
        break;
    case NodeKind::Loop:
        checkRange(node, "at_most", 5, 1, 1000, "loop.bound", QStringLiteral("number of rounds"));
        checkChoice(node, "exhausted", {"done", "fail"});
        if (setting(node, "until").trimmed().isEmpty())
            m_list->warning(pointer(node, QStringLiteral("until")), "loop.no_until",
                            QStringLiteral("%1 has no stop condition, so it always runs as often as it may.")
                                .arg(name(node)),
                            QStringLiteral("Write when it is done, for example iteration >= 2 or input.score > 0.8."));
        else
            checkExpression(node, QStringLiteral("until"), nullptr);
        break;
    case NodeKind::Handoff:
        checkHandoff(node);
        break;
    case NodeKind::Tool:
        checkTool(node);
        texts("arguments");
        break;
    case NodeKind::MemoryRead:
        checkKey(node);
        break;
    case NodeKind::MemoryWrite:
        checkKey(node);
        checkExpression(node, QStringLiteral("value"), nullptr);
        break;
    case NodeKind::Check:
        checkCheck(node);
        break;
    case NodeKind::Human:
        checkChoice(node, "mode", {"approval", "form"});
        if (setting(node, "question").trimmed().isEmpty())
            m_list->warning(pointer(node, QStringLiteral("question")), "human.no_question",
                            QStringLiteral("%1 asks a person nothing.").arg(name(node)),
                            QStringLiteral("Write the question; {{input}} shows what it is about."));
        texts("question");
        if (setting(node, "mode") == QLatin1String("form"))
            checkFields(node, true);
        break;
    case NodeKind::Team:
        checkSubTeam(node);
        texts("input");
        texts("variables");
        break;
    case NodeKind::Transform:
        checkExpression(node, QStringLiteral("expression"), "transform.no_expression");
        break;
    }
}

void TeamChecks::checkRouter(int node)
{
    checkChoice(node, "mode", {"rules", "expression", "model"});
    const QString mode = setting(node, "mode", "rules");
    const QJsonArray routes = at(node).settings.value(QStringLiteral("routes")).toArray();
    const QString otherwise = setting(node, "otherwise");
    if (routes.isEmpty()) {
        m_list->error(pointer(node, QStringLiteral("routes")), "router.no_routes",
                      QStringLiteral("%1 has no routes, so nothing can leave it.").arg(name(node)),
                      QStringLiteral("Add two or more routes."));
    }
    QSet<QString> ids;
    for (qsizetype i = 0; i < routes.size(); ++i) {
        const QJsonObject route = routes[i].toObject();
        const QString id = route.value(QStringLiteral("id")).toString();
        const QString title = route.value(QStringLiteral("title")).toString();
        const QString shown = quoted(title.trimmed().isEmpty() ? id : title);
        const QString place = pointer(node, QStringLiteral("routes/%1").arg(i));
        if (id.isEmpty() || ids.contains(id)) {
            m_list->error(place, "route.id",
                          id.isEmpty() ? QStringLiteral("A route of %1 has no id.").arg(name(node))
                                       : QStringLiteral("Two routes of %1 have the id %2.").arg(name(node), quoted(id)),
                          QStringLiteral("Remove the route and add it anew."));
            continue;
        }
        ids.insert(id);
        const bool described = !route.value(QStringLiteral("about")).toString().trimmed().isEmpty();
        const QString rule = route.value(QStringLiteral("rule")).toString();
        if (mode == QLatin1String("model") && !described) {
            m_list->warning(place, "route.no_description",
                            QStringLiteral("The route %1 of %2 has no description, so a model can only guess when to "
                                           "choose it.")
                                .arg(shown, name(node)),
                            QStringLiteral("Say in a sentence what belongs there."));
        } else if (mode == QLatin1String("rules") && rule.trimmed().isEmpty() && id != otherwise) {
            m_list->warning(place, "route.no_rule",
                            QStringLiteral("The route %1 of %2 has no rule, so it is never chosen.")
                                .arg(shown, name(node)),
                            QStringLiteral("Write an expression, or make it the one that is taken otherwise."));
        }
        if (mode == QLatin1String("rules"))
            checkExpression(node, QStringLiteral("routes/%1/rule").arg(i), nullptr);
    }
    if (!otherwise.isEmpty() && !ids.contains(otherwise)) {
        m_list->error(pointer(node, QStringLiteral("otherwise")), "router.otherwise",
                      QStringLiteral("%1 sends what fits nowhere to the route %2, which there is not.")
                          .arg(name(node), quoted(otherwise)),
                      QStringLiteral("Choose one of its routes, or leave it empty."));
    } else if (otherwise.isEmpty() && !routes.isEmpty()) {
        m_list->hint(pointer(node, QStringLiteral("otherwise")), "router.no_otherwise",
                     QStringLiteral("When no route fits, %1 fails.").arg(name(node)),
                     QStringLiteral("Choose the route that is taken otherwise."));
    }
    if (mode == QLatin1String("expression"))
        checkExpression(node, QStringLiteral("expression"), "router.no_expression");
    if (mode == QLatin1String("model")) {
        if (setting(node, "agent").isEmpty())
            checkModel(node, QStringLiteral("model"));
        else
            checkAgent(node, QStringLiteral("agent"), false);
    }
}

void TeamChecks::checkJoin(int node)
{
    checkChoice(node, "mode", {"all", "first", "majority", "best", "expression", "agent"});
    const QString mode = setting(node, "mode", "all");
    if (mode == QLatin1String("best"))
        checkExpression(node, QStringLiteral("scorer"), "join.no_scorer");
    else if (mode == QLatin1String("expression"))
        checkExpression(node, QStringLiteral("expression"), "join.no_expression");
    else if (mode == QLatin1String("agent"))
        checkAgent(node, QStringLiteral("agent"), true);
    if (m_graph.inEdges(node).size() == 1 && mode != QLatin1String("all")) {
        m_list->hint(pointer(node), "join.single",
                     QStringLiteral("Only one branch comes to %1, so there is nothing to join.").arg(name(node)),
                     QStringLiteral("Connect the other branches, or remove it."));
    }
}

void TeamChecks::checkHandoff(int node)
{
    checkRange(node, "at_most", 6, 1, 100, "handoff.bound", QStringLiteral("number of hand-offs"));
    QSet<QString> agents;
    for (const int inner : m_graph.scopeOrder(node)) {
        if (at(inner).kind == NodeKind::Agent) {
            agents.insert(at(inner).name);
        } else {
            m_list->error(pointer(inner), "handoff.no_agent",
                          QStringLiteral("%1 is among the agents of %2 but is none, so no conversation can be handed "
                                         "to it.")
                              .arg(name(inner), name(node)),
                          QStringLiteral("Put an Agent node in its place."));
        }
    }
    const QString start = setting(node, "start");
    if (!start.isEmpty() && !agents.contains(start)) {
        const QString close = closestName(start, agents);
        m_list->error(pointer(node, QStringLiteral("start")), "handoff.start",
                      QStringLiteral("%1 is to begin with %2, which is not among its agents.")
                          .arg(name(node), quoted(start)),
                      close.isEmpty() ? QStringLiteral("Choose one of its agents, or leave it empty.")
                                      : QStringLiteral("Did you mean %1?").arg(quoted(close)));
    } else if (agents.size() == 1) {
        m_list->hint(pointer(node), "handoff.single",
                     QStringLiteral("%1 has a single agent, which has nobody to hand to.").arg(name(node)),
                     QStringLiteral("Connect more agents to its port \"agents\"."));
    }
}

void TeamChecks::checkCheck(int node)
{
    checkChoice(node, "mode", {"schema", "expression", "model"});
    const QString mode = setting(node, "mode", "expression");
    if (mode == QLatin1String("expression")) {
        checkExpression(node, QStringLiteral("expression"), "check.no_expression");
    } else if (mode == QLatin1String("schema")) {
        const QJsonValue schema = at(node).settings.value(QStringLiteral("schema"));
        if (!schema.isObject())
            m_list->error(pointer(node, QStringLiteral("schema")), "check.schema",
                          schema.isUndefined() || schema.isNull()
                              ? QStringLiteral("%1 has no JSON Schema to check by.").arg(name(node))
                              : QStringLiteral("The JSON Schema of %1 is no object.").arg(name(node)),
                          QStringLiteral("Write a schema such as {\"type\": \"object\", \"required\": [\"title\"]}."));
        else if (schema.toObject().isEmpty())
            m_list->hint(pointer(node, QStringLiteral("schema")), "check.schema_empty",
                         QStringLiteral("The JSON Schema of %1 is empty, so everything passes.").arg(name(node)),
                         QStringLiteral("Say in it what must hold."));
    } else if (mode == QLatin1String("model")) {
        if (setting(node, "rule").trimmed().isEmpty())
            m_list->error(pointer(node, QStringLiteral("rule")), "check.no_rule",
                          QStringLiteral("%1 tells the model no rule to check by.").arg(name(node)),
                          QStringLiteral("Write in words what must hold."));
        checkModel(node, QStringLiteral("model"));
    }
}

void TeamChecks::checkKey(int node)
{
    const QString key = setting(node, "key");
    if (key.trimmed().isEmpty()) {
        m_list->error(pointer(node, QStringLiteral("key")), "memory.no_key",
                      QStringLiteral("%1 has no key of the state.").arg(name(node)),
                      QStringLiteral("Choose a key of the team's state."));
    } else if (!m_stateKeys.contains(key)) {
        const QString close = closestName(key, m_stateKeys);
        m_list->error(pointer(node, QStringLiteral("key")), "memory.unknown_key",
                      QStringLiteral("%1 uses the key %2, which the team's state has not.").arg(name(node), quoted(key)),
                      close.isEmpty() ? QStringLiteral("Add the key to the team's state, or choose another.")
                                      : QStringLiteral("Did you mean %1?").arg(quoted(close)));
    }
}

void TeamChecks::checkFields(int node, bool wanted)
{
    const QJsonArray fields = at(node).settings.value(QStringLiteral("fields")).toArray();
    if (fields.isEmpty() && wanted) {
        m_list->error(pointer(node, QStringLiteral("fields")), "human.no_fields",
                      QStringLiteral("The form of %1 has no fields.").arg(name(node)),
                      QStringLiteral("Add the fields a person is to fill in."));
    }
    QSet<QString> names;
    for (qsizetype i = 0; i < fields.size(); ++i) {
        const QString field = fields[i].toObject().value(QStringLiteral("name")).toString();
        const QString place = pointer(node, QStringLiteral("fields/%1").arg(i));
        if (field.trimmed().isEmpty()) {
            m_list->error(place, "field.no_name", QStringLiteral("A field of %1 has no name.").arg(name(node)),
                          QStringLiteral("Give it a name, or remove it."));
        } else if (names.contains(field)) {
            m_list->error(place, "field.twice",
                          QStringLiteral("%1 has the field %2 twice.").arg(name(node), quoted(field)),
                          QStringLiteral("Remove one of the two."));
        }
        names.insert(field);
    }
}

// Any text within the value; texts may stand in lists and objects of any depth.
void TeamChecks::checkTemplates(int node, const QString &key, const QJsonValue &value)
{
    std::vector<std::pair<QString, QJsonValue>> open{{key, value}};
    while (!open.empty()) {
        const auto [place, item] = open.back();
        open.pop_back();
        if (item.isString()) {
            checkTemplate(node, place, item.toString());
        } else if (item.isArray()) {
            const QJsonArray items = item.toArray();
            for (qsizetype i = items.size() - 1; i >= 0; --i)
                open.emplace_back(place + QLatin1Char('/') + QString::number(i), items[i]);
        } else if (item.isObject()) {
            const QJsonObject members = item.toObject();
            for (auto it = members.end(); it != members.begin();) {
                --it;
                open.emplace_back(place + QLatin1Char('/') + escapedKey(it.key()), it.value());
            }
        }
    }
}

void TeamChecks::checkTemplate(int node, const QString &key, const QString &text)
{
    static const QSet<QString> roots{QStringLiteral("input"), QStringLiteral("inputs"), QStringLiteral("values"),
                                     QStringLiteral("state"), QStringLiteral("variables"), QStringLiteral("item"),
                                     QStringLiteral("index"), QStringLiteral("iteration")};
    if (!text.contains(QLatin1String("{{")))
        return;
    const Where &where = m_where[size_t(node)];
    QSet<QString> blamed;
    const auto blame = [&](const TemplateUse &use, Problem::Severity severity, const char *code,
                           const QString &why, const QString &fix) {
        if (blamed.contains(use.name) || blamed.size() >= 10)
            return;
        blamed.insert(use.name);
        Problem problem;
        problem.severity = severity;
        problem.pointer = pointer(node, key);
        problem.code = QString::fromLatin1(code);
        problem.message = why;
        problem.fix = fix;
        problem.from = use.from;
        problem.length = use.length;
        m_list->problems.push_back(std::move(problem));
    };
    for (const TemplateUse &use : scanTemplate(text)) {
        const QString shown = QStringLiteral("{{%1}}").arg(shortened(use.name, 40));
        if (use.broken) {
            blame(use, Problem::Severity::Error, "template.broken",
                  QStringLiteral("A text of %1 has a broken {{...}}: it is not closed, or holds no name.").arg(name(node)),
                  QStringLiteral("Close it with }} on the same line; a name has letters, digits, _, - and dots."));
            continue;
        }
        const QString root = use.name.section(QLatin1Char('.'), 0, 0);
        const QString member = use.name.section(QLatin1Char('.'), 1, 1);
        const bool state = root == QLatin1String("state"), variable = root == QLatin1String("variables");
        if (root.isEmpty() || (use.inSection && !((state || variable) && !member.isEmpty())))
            continue; // "{{.}}", and what may be a member of the section's value
        if (state && !member.isEmpty() && !m_stateKeys.contains(member)) {
            const QString close = closestName(member, m_stateKeys);
            blame(use, Problem::Severity::Error, "template.state",
                  QStringLiteral("%1 uses %2, but the team's state has no such key.").arg(name(node), shown),
                  close.isEmpty() ? QStringLiteral("Add the key to the team's state.")
                                  : QStringLiteral("Did you mean {{state.%1}}?").arg(close));
        } else if (variable && !member.isEmpty() && !m_variables.contains(member)) {
            const QString close = closestName(member, m_variables);
            blame(use, Problem::Severity::Warning, "template.variable",
                  QStringLiteral("%1 uses %2, but the input has no such variable.").arg(name(node), shown),
                  close.isEmpty() ? QStringLiteral("Add the variable to the Input node.")
                                  : QStringLiteral("Did you mean {{variables.%1}}?").arg(close));
        } else if ((root == QLatin1String("item") || root == QLatin1String("index")) && !where.map) {
            blame(use, Problem::Severity::Error, "template.item",
                  QStringLiteral("%1 uses %2, but is in the body of no map.").arg(name(node), shown),
                  QStringLiteral("Use {{input}}, or put the node into the body of a Map."));
        } else if (root == QLatin1String("iteration") && !where.loop) {
            blame(use, Problem::Severity::Error, "template.iteration",
                  QStringLiteral("%1 uses %2, but is in the body of no loop.").arg(name(node), shown),
                  QStringLiteral("Put the node into the body of a Loop, or leave it out."));
        } else if (where.coordinator && (root == QLatin1String("task") || root == QLatin1String("request"))) {
            continue; // what a worker is told
        } else if (!roots.contains(root)) {
            const bool known = m_variables.contains(root), key2 = m_stateKeys.contains(root);
            const QString close = closestName(root, roots);
            blame(use, Problem::Severity::Error, "template.unknown",
                  QStringLiteral("%1 uses %2, which nothing gives a value.").arg(name(node), shown),
                  known             ? QStringLiteral("Write {{variables.%1}}.").arg(root)
                  : key2            ? QStringLiteral("Write {{state.%1}}.").arg(root)
                  : close.isEmpty() ? QStringLiteral("Use {{input}}, {{state.KEY}} or {{variables.NAME}}.")
                                    : QStringLiteral("Did you mean {{%1}}?").arg(close));
        }
    }
}

// Whether it can be read at all is for the runtime to say, which has the engine.
void TeamChecks::checkExpression(int node, const QString &key, const char *missing)
{
    QJsonValue value = at(node).settings;
    for (const QString &part : key.split(QLatin1Char('/')))
        value = value.isArray() ? value.toArray().at(part.toInt()) : value.toObject().value(part);
    if (!value.isString() && !value.isUndefined() && !value.isNull()) {
        m_list->error(pointer(node, key), "expression.text",
                      QStringLiteral("An expression of %1 is no text.").arg(name(node)),
                      QStringLiteral("Write it as JavaScript."));
        return;
    }
    const QString text = value.toString();
    if (text.trimmed().isEmpty()) {
        if (missing)
            m_list->error(pointer(node, key), missing, QStringLiteral("%1 has no expression.").arg(name(node)),
                          QStringLiteral("Write one in JavaScript; input is what comes in."));
        return;
    }
    for (const QString &member : membersRead(text, QStringLiteral("state"))) {
        if (m_stateKeys.contains(member))
            continue;
        const QString close = closestName(member, m_stateKeys);
        m_list->warning(pointer(node, key), "expression.state",
                        QStringLiteral("%1 reads state.%2, but the team's state has no such key.")
                            .arg(name(node), shortened(member, 40)),
                        close.isEmpty() ? QStringLiteral("Add the key to the team's state.")
                                        : QStringLiteral("Did you mean state.%1?").arg(close));
    }
    for (const QString &member : membersRead(text, QStringLiteral("variables"))) {
        if (m_variables.contains(member))
            continue;
        const QString close = closestName(member, m_variables);
        m_list->warning(pointer(node, key), "expression.variable",
                        QStringLiteral("%1 reads variables.%2, but the input has no such variable.")
                            .arg(name(node), shortened(member, 40)),
                        close.isEmpty() ? QStringLiteral("Add the variable to the Input node.")
                                        : QStringLiteral("Did you mean variables.%1?").arg(close));
    }
}

void TeamChecks::checkRange(int node, const char *key, int absent, int least, int most, const char *code,
                            const QString &what)
{
    const QJsonValue value = at(node).settings.value(QLatin1String(key));
    if (value.isUndefined() || value.isNull())
        return;
    const double number = value.toDouble();
    if (value.isDouble() && number >= least && number <= most && number == double(int(number)))
        return;
    m_list->error(pointer(node, QString::fromLatin1(key)), code,
                  QStringLiteral("The %1 of %2 must be a whole number from %3 to %4.")
                      .arg(what, name(node))
                      .arg(least)
                      .arg(most),
                  QStringLiteral("%1 suits most.").arg(absent));
}

void TeamChecks::checkChoice(int node, const char *key, std::initializer_list<const char *> values)
{
    const QJsonValue value = at(node).settings.value(QLatin1String(key));
    if (value.isUndefined() || value.isNull())
        return;
    QStringList all;
    for (const char *item : values)
        all.append(QString::fromLatin1(item));
    if (value.isString() && all.contains(value.toString()))
        return;
    m_list->error(pointer(node, QString::fromLatin1(key)), "setting.choice",
                  QStringLiteral("\"%1\" of %2 is %3, which is none of its choices.")
                      .arg(QString::fromLatin1(key), name(node), quoted(value.toVariant().toString())),
                  QStringLiteral("Use one of: %1.").arg(all.join(QStringLiteral(", "))));
}

} // namespace lathe
