// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/AgentTool.h"

#include "core/base/Json.h"
#include "core/session/TeamResolver.h"
#include "core/tool/ToolSchema.h"

namespace lathe {

namespace {
const QString inputName = QStringLiteral("input");

QJsonObject schemaOf(const ToolSpec &spec)
{
    QJsonObject properties = spec.config.value(QStringLiteral("parameters")).toObject();
    QStringList required = properties.keys();
    if (!properties.contains(inputName)) {
        properties.insert(inputName, schemaProperty("string", QStringLiteral("The task, with all that is needed to do it.")));
        required.append(inputName);
    }
    // A parameter with a default may be left out.
    for (auto it = properties.begin(); it != properties.end(); ++it) {
        if (it->toObject().contains(QLatin1String("default")))
            required.removeAll(it.key());
    }
    return objectSchema(properties, required);
}

// What the calling model may read and mend; the rest ends the run, as it would without a call in between.
bool isForTheCaller(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Timeout:
    case ErrorKind::InvalidInput:
    case ErrorKind::NotFound:
    case ErrorKind::Auth:
    case ErrorKind::RateLimited:
    case ErrorKind::Provider:
    case ErrorKind::Unreachable:
    case ErrorKind::Protocol:
        return true;
    default:
        return false;
    }
}
}

Result<QString> delegateReference(const QString &toolName, const ToolSpec &spec)
{
    const QString reference = spec.config.value(spec.type).toString();
    if (reference.isEmpty()) {
        const QString kind = spec.type == QLatin1String("team") ? QStringLiteral("a team") : QStringLiteral("an agent");
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool \"%1\" stands for %2, but none is chosen; choose one in its settings.")
                                                  .arg(toolName, kind));
    }
    return reference;
}

AgentTool::AgentTool(QString name, const ToolSpec &spec, std::shared_ptr<const AgentBlueprint> agent,
                     std::shared_ptr<const TeamBlueprint> team)
    : m_name(std::move(name)), m_purpose(spec.purpose.trimmed()), m_schema(schemaOf(spec)), m_agent(std::move(agent)),
      m_team(std::move(team))
{
    if (m_purpose.isEmpty() && m_agent)
        m_purpose = m_agent->spec.job;
    if (m_purpose.isEmpty())
        m_purpose = QStringLiteral("Give a task to %1.").arg(spec.config.value(spec.type).toString());
}

Task<Result<ToolOutcome>> AgentTool::run(RunContext *context, QJsonObject arguments, QString step, CancelToken)
{
    RunInput input;
    for (auto it = arguments.begin(); it != arguments.end(); ++it) {
        if (it.key() == inputName)
            input.text = it->isString() ? it->toString() : QString::fromUtf8(json::compact(it.value()));
        else
            input.variables.insert(it.key(), it.value());
    }
    // The blueprints are shared by calls and outlive this tool; each call counts its tools' calls anew.
    const auto agent = m_agent;
    const auto team = m_team;
    const QString name = m_name;
    std::optional<Result<QString>> answer;
    if (agent) {
        const std::shared_ptr<const PreparedAgent> prepared = agent->instantiate();
        auto given = co_await runAgent(context, prepared, std::move(input), step);
        answer.emplace(std::move(given));
    } else if (team) {
        const std::shared_ptr<const PreparedTeam> prepared = team->instantiate();
        auto given = co_await runTeam(context, prepared, std::move(input), step, TeamRunOptions());
        answer.emplace(std::move(given));
    } else {
        co_return Error(ErrorKind::Internal, QStringLiteral("The tool %1 was made to be described, not to be run.").arg(name));
    }
    if (!*answer) {
        const Error error = answer->error();
        if (!isForTheCaller(error.kind))
            co_return error;
        co_return ToolOutcome::failure(QStringLiteral("%1 could not do it: %2").arg(name, error.message));
    }
    ToolOutcome outcome;
    outcome.text = std::move(**answer);
    const auto value = json::parse(outcome.text.toUtf8());
    if (value && (value->isObject() || value->isArray()))
        outcome.structured = *value;
    co_return outcome;
}

} // namespace lathe
