// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/Variants.h"

#include "core/prompt/PromptPartials.h"

namespace lathe {

namespace {
// The snapshot of an agent as what it executes: references replaced with what they stand for.
QJsonValue designOf(const QJsonObject &snapshot);

QJsonObject agentDesign(const QJsonObject &snapshot)
{
    QJsonObject body = snapshot.value(QLatin1String("agent")).toObject().value(QLatin1String("body")).toObject();
    const QJsonObject bodies = snapshot.value(QLatin1String("bodies")).toObject();
    const auto of = [&bodies](const char *kind, const QString &reference, bool withName) {
        const QJsonObject stub = bodies.value(QLatin1String(kind) + QLatin1Char(':') + reference).toObject();
        QJsonObject design{{QStringLiteral("body"), stub.value(QLatin1String("body"))}};
        if (withName)
            design.insert(QStringLiteral("name"), stub.value(QLatin1String("name")));
        return design;
    };
    const QString prompt = body.value(QLatin1String("prompt")).toString();
    if (!prompt.isEmpty())
        body.insert(QStringLiteral("prompt"), of("prompt", prompt, false));
    QJsonArray tools = body.value(QLatin1String("tools")).toArray();
    for (auto tool : tools) {
        QJsonObject attachment = tool.toObject();
        attachment.insert(QStringLiteral("tool"), of("tool", attachment.value(QLatin1String("tool")).toString(), true));
        tool = attachment;
    }
    if (!tools.isEmpty())
        body.insert(QStringLiteral("tools"), tools);
    const auto model = [&of](const QJsonValue &value) {
        QJsonObject choice = value.toObject();
        choice.insert(QStringLiteral("connection"), of("connection", choice.value(QLatin1String("connection")).toString(), false));
        return choice;
    };
    body.insert(QStringLiteral("model"), model(body.value(QLatin1String("model"))));
    QJsonArray fallbacks = body.value(QLatin1String("fallback_models")).toArray();
    for (auto fallback : fallbacks)
        fallback = model(fallback);
    if (!fallbacks.isEmpty())
        body.insert(QStringLiteral("fallback_models"), fallbacks);
    // Partials that the prompt names, and whatever else was put into the snapshot.
    QJsonObject others;
    for (auto it = bodies.begin(); it != bodies.end(); ++it) {
        const QString kind = it.key().section(QLatin1Char(':'), 0, 0);
        if (kind != QLatin1String("revisions") && kind != QLatin1String("tool_revisions") && kind != QLatin1String("tool") && kind != QLatin1String("connection")
            && it.key() != QLatin1String("prompt:") + prompt)
            others.insert(it.key(), it->isObject() ? it->toObject().value(QLatin1String("body")) : *it);
    }
    if (!others.isEmpty())
        body.insert(QStringLiteral("\nothers"), others);
    return body;
}

QJsonValue designOf(const QJsonObject &snapshot)
{
    if (!snapshot.contains(QLatin1String("team")))
        return agentDesign(snapshot);
    QJsonObject design{{QStringLiteral("team"), snapshot.value(QLatin1String("team")).toObject().value(QLatin1String("body"))}};
    for (const char *part : {"agents", "teams", "tools"}) {
        QJsonObject list = snapshot.value(QLatin1String(part)).toObject();
        for (auto it = list.begin(); it != list.end(); ++it) {
            QJsonObject stub = it->toObject();
            if (qstrcmp(part, "tools") == 0)
                stub.remove(QStringLiteral("reference"));
            *it = qstrcmp(part, "tools") == 0 ? QJsonValue(stub) : designOf(stub);
        }
        design.insert(QLatin1String(part), list);
    }
    return design;
}

Result<QJsonObject> withParameters(QJsonObject body, const QJsonObject &parameters)
{
    for (auto it = parameters.begin(); it != parameters.end(); ++it) {
        if (it->isNull() || it->isUndefined())
            continue;
        QString key = it.key();
        if (key == QLatin1String("max_output_tokens"))
            key = QStringLiteral("max_tokens");
        static const QStringList known{QStringLiteral("temperature"), QStringLiteral("top_p"), QStringLiteral("max_tokens"),
                                       QStringLiteral("seed")};
        if (!known.contains(key))
            return Error(ErrorKind::InvalidInput, QStringLiteral("There is no parameter \"%1\"; there are: temperature, top_p, max_output_tokens, seed.")
                                                      .arg(it.key().left(60)));
        if (!it->isDouble())
            return Error(ErrorKind::InvalidInput, QStringLiteral("The parameter %1 must be a number.").arg(it.key()));
        body.insert(key, *it);
    }
    return body;
}
}

RunInput ResolvedVariant::input(const QString &text, const QJsonObject &columns) const
{
    RunInput input;
    input.text = text;
    if (allVariables) {
        input.variables = columns;
        return input;
    }
    for (const QString &name : variables) {
        const auto found = columns.constFind(name);
        if (found != columns.constEnd())
            input.variables.insert(name, *found);
    }
    return input;
}

VariantResolver::VariantResolver(Project *project, AgentResolver *agents) : m_project(project), m_agents(agents), m_teams(project, agents) {}

std::optional<ModelChoice> VariantResolver::parseModel(const QString &text)
{
    const qsizetype slash = text.indexOf(QLatin1Char('/'));
    if (slash <= 0 || slash + 1 >= text.size())
        return std::nullopt;
    return ModelChoice{text.left(slash), text.mid(slash + 1)};
}

std::optional<ModelChoice> VariantResolver::usualModel() const
{
    const auto set = parseModel(m_project->setting(QStringLiteral("default_model")).toString());
    if (set)
        return set;
    for (const ArtifactInfo &info : m_project->artifacts().list(ArtifactKind::Connection)) {
        const auto body = m_project->artifacts().resolve(ArtifactKind::Connection, info.name);
        if (body && body->body.value(QLatin1String("api")).toString() == QLatin1String("offline"))
            return ModelChoice{info.name, QStringLiteral("extractive")};
    }
    return std::nullopt;
}

QString VariantResolver::nameOf(const VariantSpec &variant) const
{
    if (!variant.name.trimmed().isEmpty())
        return variant.name.trimmed();
    QStringList parts;
    for (const QString &part : {variant.agent, variant.prompt, variant.model}) {
        if (!part.isEmpty())
            parts.append(part);
    }
    for (auto it = variant.parameters.begin(); it != variant.parameters.end(); ++it)
        parts.append(it.key() + QLatin1Char('=') + json::compactString(*it));
    if (!parts.isEmpty())
        return parts.join(QStringLiteral(", "));
    return variant.id.isEmpty() ? QStringLiteral("Variant") : QStringLiteral("Variant ") + variant.id.toUpper();
}

QByteArray VariantResolver::trialKey(const ResolvedVariant &variant, const RunInput &input, int repetition)
{
    QByteArray text = variant.design + '\n' + QByteArray::number(repetition) + '\n';
    QJsonObject what = input.toJson();
    if (!input.history.empty()) {
        QJsonArray history;
        for (const Message &message : input.history)
            history.append(message.toJson());
        what.insert(QStringLiteral("history"), history);
    }
    text += json::compact(what);
    return json::sha256(text);
}

ResolvedVariant VariantResolver::finish(std::shared_ptr<const AgentBlueprint> agent) const
{
    ResolvedVariant resolved;
    resolved.design = json::hash(designOf(agent->snapshot));
    resolved.allVariables = usesPartials(agent->prompt);
    const QStringList names = templateVariables(agent->prompt);
    resolved.variables = QSet<QString>(names.begin(), names.end());
    for (const PromptVariable &variable : agent->prompt.variables)
        resolved.variables.insert(variable.name);
    resolved.blueprint = std::move(agent);
    return resolved;
}

Task<Result<ResolvedVariant>> VariantResolver::plain(QString name, QJsonObject body)
{
    ResolvedArtifact agent;
    agent.kind = ArtifactKind::Agent;
    agent.name = std::move(name);
    agent.body = std::move(body);
    auto built = co_await m_agents->resolveBody(std::move(agent), true, std::nullopt);
    if (!built)
        co_return built.error();
    ResolvedVariant resolved = finish(*built);
    resolved.uses = (*built)->models;
    co_return resolved;
}

Task<Result<ResolvedVariant>> VariantResolver::resolve(VariantSpec variant)
{
    std::optional<ModelChoice> model;
    if (!variant.model.isEmpty()) {
        model = parseModel(variant.model);
        if (!model)
            co_return Error(ErrorKind::InvalidInput,
                            QStringLiteral("The model \"%1\" is not written as connection/model; choose one.").arg(variant.model.left(100)));
    }
    const ArtifactRepository &artifacts = m_project->artifacts();
    QStringList uses;
    ResolvedArtifact agent;
    bool draft = false;
    if (!variant.agent.isEmpty()) {
        const auto reference = ArtifactRef::parse(variant.agent);
        if (!reference)
            co_return reference.error();
        draft = reference->label == QLatin1String("draft");
        if (!artifacts.find(ArtifactKind::Agent, reference->name) && artifacts.find(ArtifactKind::Team, reference->name)) {
            if (!variant.prompt.isEmpty() || !variant.parameters.isEmpty())
                co_return Error(ErrorKind::InvalidInput,
                                QStringLiteral("\"%1\" is a team, which has no prompt or parameters of its own; take them out of the "
                                               "variant, or compare an agent.")
                                    .arg(reference->name));
            auto team = co_await m_teams.resolve(variant.agent, model);
            if (!team)
                co_return team.error();
            ResolvedVariant resolved;
            resolved.design = json::hash(designOf((*team)->snapshot));
            resolved.uses = (*team)->artifact.reference() + QStringLiteral(" · ") + (*team)->models;
            resolved.blueprint = *team;
            co_return resolved;
        }
        auto found = artifacts.resolve(ArtifactKind::Agent, variant.agent);
        if (!found)
            co_return found.error();
        agent = std::move(*found);
        draft = draft || agent.number == 0;
        uses.append(agent.reference());
        if (!variant.prompt.isEmpty()) {
            agent.body.insert(QStringLiteral("prompt"), variant.prompt);
            agent.body.remove(QStringLiteral("instructions"));
        }
    } else if (!variant.prompt.isEmpty()) {
        auto prompt = artifacts.resolve(ArtifactKind::Prompt, variant.prompt);
        if (!prompt)
            co_return prompt.error();
        // The run belongs to the prompt: its revisions count it.
        agent = std::move(*prompt);
        agent.kind = ArtifactKind::Agent;
        agent.body = QJsonObject{{QStringLiteral("prompt"), variant.prompt}, {QStringLiteral("pattern"), QStringLiteral("direct")}};
        if (!model)
            model = usualModel();
        if (!model)
            co_return Error(ErrorKind::InvalidInput, QStringLiteral("No model is chosen; choose a connection and a model for this variant."));
    } else {
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("Nothing is chosen here; choose a prompt or an agent."));
    }
    auto body = withParameters(std::move(agent.body), variant.parameters);
    if (!body)
        co_return body.error();
    agent.body = std::move(*body);
    auto built = co_await m_agents->resolveBody(std::move(agent), draft, model);
    if (!built)
        co_return built.error();
    ResolvedVariant resolved = finish(*built);
    const QString prompt = (*built)->revisions.value(QLatin1String("prompt")).toString();
    if (!prompt.isEmpty())
        uses.append(prompt);
    uses.append((*built)->models);
    resolved.uses = uses.join(QStringLiteral(" · "));
    co_return resolved;
}

} // namespace lathe
