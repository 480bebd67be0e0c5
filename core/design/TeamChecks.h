// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/ProblemList.h"
#include "core/design/TeamGraph.h"
#include "core/design/TeamReader.h"
#include "core/design/ToolSpec.h"

namespace lathe {

// One validation of a team: what validateTeam() puts together. Lives for one call; what is looked up is asked once for each reference.
class TeamChecks
{
public:
    TeamChecks(const TeamGraph &graph, const TeamLookup &lookup, ProblemList *list);
    void run(const QJsonObject &body);

private:
    // A tool that does something, as an agent or a node has it.
    struct Effect {
        QString tool;
        SideEffect effect = SideEffect::Read;
    };
    // What is wrong with a referenced agent, and what it does, worked out once for all nodes that use it.
    struct AgentFacts {
        bool known = false;
        QString prompt;
        QString trouble, fix; // no model, no connection...
        std::vector<Effect> unasked;
    };
    struct Where {
        bool map = false, loop = false, coordinator = false; // somewhere around the node
        int repeats = -1;               // the innermost map or loop around it
    };

    // TeamValidation.cpp: the team as a whole.
    void checkTeam(const QJsonObject &body);
    void checkState();
    void findWhere();
    void checkReached();
    void checkTypes();
    void checkLooseEnds();
    void findApproved();

    // NodeChecks.cpp: settings by kind.
    void checkNode(int node);
    void checkRouter(int node);
    void checkJoin(int node);
    void checkHandoff(int node);
    void checkCheck(int node);
    void checkKey(int node);
    void checkFields(int node, bool wanted);
    void checkTemplate(int node, const QString &key, const QString &text);
    void checkTemplates(int node, const QString &key, const QJsonValue &value);
    void checkExpression(int node, const QString &key, const char *missing);
    void checkRange(int node, const char *key, int absent, int least, int most, const char *code, const QString &what);
    void checkChoice(int node, const char *key, std::initializer_list<const char *> values);

    // TeamReferences.cpp: agents, models, tools, teams.
    void checkAgent(int node, const QString &key, bool orInline);
    void checkInline(int node, const QJsonObject &agent);
    void checkModel(int node, const QString &key);
    void checkTool(int node);
    void checkSubTeam(int node);
    bool checkReference(int node, ArtifactKind kind, const QString &key, const QString &ref);
    void checkPromptVariables(int node, const AgentFacts &agent);
    void checkDangers();
    void blameEffects(int node, const std::vector<Effect> &effects, bool approved);
    std::vector<Effect> unaskedTools(const QJsonArray &attachments);
    bool exists(ArtifactKind kind, const QString &ref);
    const QJsonObject &toolBody(const QString &ref);
    const AgentFacts &agentFacts(const QString &ref);
    const QString &teamCircle(const QString &ref);

    const TeamNode &at(int node) const { return m_spec.nodes[size_t(node)]; }
    QString name(int node) const { return quoted(at(node).name); }
    QString pointer(int node, const QString &key = QString()) const;
    QString setting(int node, const char *key, const char *absent = "") const;

    const TeamGraph &m_graph;
    const TeamSpec &m_spec;
    const TeamLookup &m_lookup;
    ProblemList *m_list;
    QSet<QString> m_stateKeys, m_variables;
    std::vector<Where> m_where;
    std::vector<bool> m_reached, m_approved;
    QHash<QString, bool> m_exists;
    QHash<QString, QJsonObject> m_tools;
    QHash<QString, AgentFacts> m_agents;
    QHash<QString, QString> m_circles; // team reference -> "A, B, A", empty: none
};

// "findings" for "findigns": the closest of the names, or nothing when none is close.
QString closestName(const QString &name, const QSet<QString> &names);

} // namespace lathe
