// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runtime/DelegateTool.h"
#include "core/session/RunBlueprint.h"

namespace lathe {

struct AgentBlueprint;
struct TeamBlueprint;

// An agent or a team as a tool of another agent: it gets a task and gives its answer, and its steps stand beneath the call's. What it shares
// with the caller is the run: budgets, journal, the person who answers. Config: {agent | team: reference, parameters?: JSON Schema properties
// beside "input", whose values become variables of its prompt}.
class AgentTool : public DelegateTool
{
public:
    // Null blueprints: only to be described.
    AgentTool(QString name, const ToolSpec &spec, std::shared_ptr<const AgentBlueprint> agent, std::shared_ptr<const TeamBlueprint> team);
    QString name() const override { return m_name; }
    QString description() const override { return m_purpose; }
    QJsonObject schema() const override { return m_schema; }
    // What its own tools do is asked for there, by their policies.
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return true; }
    Task<Result<ToolOutcome>> run(RunContext *context, QJsonObject arguments, QString step, CancelToken cancel) override;

private:
    QString m_name, m_purpose;
    QJsonObject m_schema;
    std::shared_ptr<const AgentBlueprint> m_agent;
    std::shared_ptr<const TeamBlueprint> m_team;
};

// The reference in the configuration of a tool of the type "agent" or "team"; InvalidInput when there is none.
Result<QString> delegateReference(const QString &toolName, const ToolSpec &spec);

} // namespace lathe
