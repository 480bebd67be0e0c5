// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/AgentResolver.h"

#include "core/design/ToolPolicyRules.h"
#include "core/llm/OfflineModel.h"
#include "core/prompt/PromptPartials.h"
#include "core/session/AgentTool.h"
#include "core/session/TeamResolver.h"
#include "core/tool/ToolBudget.h"
#include "core/session/VariantModel.h"

#include <QDateTime>
#include <QFileInfo>
#include <QRegularExpression>

namespace lathe {

namespace {
// The instructions of an agent: its prompt, what it holds inline, or its job.
Result<PromptSpec> instructionsOf(const AgentSpec &spec, const QJsonObject &agentBody, const QJsonObject &promptBody)
{
    if (!spec.prompt.isEmpty())
        return PromptSpec::fromJson(promptBody);
    const QJsonValue instructions = agentBody.value(QStringLiteral("instructions"));
    if (instructions.isObject())
        return PromptSpec::fromJson(instructions.toObject());
    PromptSpec plain;
    plain.text = instructions.toString().isEmpty() ? spec.job : instructions.toString();
    return plain;
}

// Names in "{{secret:NAME}}" anywhere in a value.
void collectSecretNames(const QJsonValue &value, QStringList *names)
{
    if (value.isString()) {
        static const QRegularExpression reference(QStringLiteral("\\{\\{\\s*secret:([^{}]*)\\}\\}"));
        for (auto found = reference.globalMatch(value.toString()); found.hasNext();)
            names->append(found.next().captured(1).trimmed());
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (const QJsonValue &item : object)
            collectSecretNames(item, names);
    } else if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array)
            collectSecretNames(item, names);
    }
}

// A name that two tools have for models ("My tool" and "my_tool"); empty: none.
QString sameNamed(const std::vector<AgentBlueprint::AttachedTool> &tools)
{
    QSet<QString> names;
    for (const AgentBlueprint::AttachedTool &attached : tools) {
        const QString name = attached.tool->name();
        if (names.contains(name))
            return name;
        names.insert(name);
    }
    return QString();
}

// A policy that cannot be read is none: what it was to forbid would be allowed.
Result<void> checkPolicies(const QString &tool, const ToolSpec &spec, const ToolAttachment &attachment)
{
    std::vector<Problem> problems;
    const auto functions = toolFunctions(spec.config);
    for (const ToolFunction &function : functions)
        spec.overriddenBy(function.policy, QStringLiteral("/config/tools/%1/policy").arg(function.name), &problems);
    const ToolPolicy attached = spec.overriddenBy(attachment.policy, QStringLiteral("/tools/%1/policy").arg(attachment.tool), &problems);
    if (!problems.empty()) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The policy of the tool \"%1\" cannot be read at %2: %3")
                                                  .arg(tool, problems.front().pointer, problems.front().message));
    }
    if (!attachment.approval.isEmpty() && !approvalFromName(attachment.approval)) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The agent's approval of the tool \"%1\" is \"%2\", which is none; choose another.")
                                                  .arg(tool, attachment.approval.left(40)));
    }
    // Its steps record what an agent is told and says, and must, to be executed again.
    if ((spec.type == QLatin1String("agent") || spec.type == QLatin1String("team")) && !attached.redact.isEmpty()) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool \"%1\" is an agent or a team, of which nothing can be hidden, for its steps are "
                                                             "recorded; take the hidden fields out of its policy.")
                                                  .arg(tool));
    }
    return {};
}

QString bodyKey(const QString &kind, const QString &reference)
{
    return kind + QLatin1Char(':') + reference;
}

// A prompt used in another one, from the bodies that the run keeps.
Result<PromptPartial> partialOf(const QJsonObject &bodies, const QString &reference)
{
    const QJsonObject stored = bodies.value(bodyKey(QStringLiteral("prompt"), reference)).toObject();
    auto spec = PromptSpec::fromJson(stored.value(QStringLiteral("body")).toObject());
    if (!spec)
        return spec.error();
    PromptPartial partial;
    partial.name = stored.value(QStringLiteral("name")).toString();
    partial.text = std::move(spec->text);
    partial.variables = std::move(spec->variables);
    return partial;
}
}

std::shared_ptr<ToolGate> AgentBlueprint::AttachedTool::gate() const
{
    auto made = std::make_shared<ToolGate>(tool, spec, attachment);
    made->setCache(cache);
    made->setRevision(revision);
    return made;
}

std::shared_ptr<PreparedAgent> AgentBlueprint::instantiate() const
{
    auto prepared = std::make_shared<PreparedAgent>();
    prepared->name = artifact.name;
    prepared->spec = spec;
    prepared->prompt = prompt;
    prepared->models = bindings;
    prepared->topP = topP;
    prepared->seed = seed;
    for (const AttachedTool &attached : tools)
        prepared->tools.push_back(attached.gate());
    return prepared;
}

RunBlueprint::Execution AgentBlueprint::prepare() const
{
    return [prepared = instantiate()](RunContext *context, RunInput input, TeamRunOptions) {
        return runAgent(context, prepared, std::move(input), QString());
    };
}

AgentResolver::AgentResolver(Project *project, HttpClient *http, Clock *clock, SecretStore *secrets, Redactor *redactor,
                             int offlineTokensPerSecond)
    : m_project(project), m_http(http), m_clock(clock), m_secrets(secrets), m_redactor(redactor),
      m_offlineTokensPerSecond(offlineTokensPerSecond), m_toolCache(std::make_shared<ToolCache>())
{
    connect(&project->artifacts(), &ArtifactRepository::added, this, &AgentResolver::forget);
    connect(&project->artifacts(), &ArtifactRepository::changed, this, &AgentResolver::forget);
    connect(&project->artifacts(), &ArtifactRepository::draftChanged, this, &AgentResolver::forget);
}

void AgentResolver::forget()
{
    m_blueprints.clear();
    m_toolCache->clear(); // a dataset or a tool may say something else now
}

Result<Dataset> AgentResolver::dataset(const QString &reference) const
{
    const auto resolved = m_project->artifacts().resolve(ArtifactKind::Dataset, reference);
    if (!resolved)
        return resolved.error();
    const auto bytes = m_project->blob(resolved->body.value(QStringLiteral("rows_blob")).toString().toLatin1());
    if (!bytes)
        return bytes.error();
    return Dataset::fromJsonLines(json::toStringList(resolved->body.value(QStringLiteral("columns"))), *bytes);
}

ToolEnvironment AgentResolver::toolEnvironment() const
{
    ToolEnvironment environment;
    environment.http = m_http;
    environment.clock = m_clock;
    environment.mcp = m_mcp;
    environment.projectFile = QFileInfo(m_project->path()).absoluteFilePath();
    environment.projectFolder = QFileInfo(environment.projectFile).absolutePath();
    environment.dataset = [this](const QString &reference) { return dataset(reference); };
    environment.secret = [this](const QString &name) { return m_toolSecrets.value(name); };
    // To be described; a run gives its own (makeAttached).
    environment.delegate = [](const QString &name, const ToolSpec &spec) -> Result<std::shared_ptr<Tool>> {
        if (const auto reference = delegateReference(name, spec); !reference)
            return reference.error();
        return std::shared_ptr<Tool>(std::make_shared<AgentTool>(name, spec, nullptr, nullptr));
    };
    return environment;
}

Task<std::shared_ptr<AgentResolver::Connection>> AgentResolver::connection(QString name, QJsonObject body)
{
    const QByteArray key = name.toUtf8() + json::compact(body);
    if (const auto known = m_connections.value(key))
        co_return known;
    auto made = std::make_shared<Connection>();
    auto spec = ConnectionSpec::fromJson(name, body);
    if (!spec) {
        made->problem = spec.error();
        co_return made;
    }
    made->spec = std::move(*spec);
    if (!made->spec.secretName.isEmpty()) {
        const auto secret = co_await m_secrets->read(made->spec.secretName);
        if (secret) {
            made->secret = *secret;
            m_redactor->addSecret(*secret);
        }
    }
    if (made->spec.api == QLatin1String("offline")) {
        made->model = std::make_shared<OfflineModel>(m_clock, m_offlineTokensPerSecond);
    } else {
        auto model = makeChatModel(made->spec, made->secret, m_http, m_clock);
        if (!model) {
            made->problem = model.error(); // not cached: the key may be set any time
            co_return made;
        }
        made->model = std::move(*model);
    }
    m_connections.insert(key, made);
    co_return made;
}

Task<Result<std::shared_ptr<ChatModel>>> AgentResolver::model(QString name)
{
    const auto resolved = m_project->artifacts().resolve(ArtifactKind::Connection, name + QStringLiteral("@draft"));
    if (!resolved)
        co_return resolved.error();
    const auto found = co_await connection(resolved->name, resolved->body);
    // Copies: QCoro 0.8 moves from what co_return names when it has to convert it (CONTRIBUTING.md).
    if (found->problem)
        co_return Error(*found->problem);
    co_return std::shared_ptr<ChatModel>(found->model);
}

Result<QJsonObject> AgentResolver::namedConnection(const QString &reference) const
{
    auto found = m_project->artifacts().resolve(ArtifactKind::Connection, reference);
    if (!found && !reference.contains(QLatin1Char('@')))
        found = m_project->artifacts().resolve(ArtifactKind::Connection, reference + QStringLiteral("@draft")); // never committed
    if (!found)
        return found.error();
    return QJsonObject{{QStringLiteral("name"), found->name}, {QStringLiteral("reference"), found->reference()}, {QStringLiteral("body"), found->body}};
}

Task<ModelBinding> AgentResolver::bindModel(ModelChoice choice, QJsonObject connectionBody)
{
    const auto made = co_await connection(connectionBody.value(QStringLiteral("name")).toString(), connectionBody.value(QStringLiteral("body")).toObject());
    ModelBinding binding;
    binding.choice = std::move(choice);
    binding.provider = made->model ? made->model->providerName() : made->spec.api;
    binding.make = [made]() -> Result<std::shared_ptr<ChatModel>> {
        if (made->problem)
            return *made->problem;
        return made->model;
    };
    co_return binding;
}

Task<Result<std::shared_ptr<const AgentBlueprint>>> AgentResolver::resolve(QString reference, std::optional<ModelChoice> model)
{
    return resolveWithin(std::move(reference), std::move(model), QStringList());
}

Task<Result<std::shared_ptr<const AgentBlueprint>>> AgentResolver::resolveWithin(QString reference, std::optional<ModelChoice> model,
                                                                                 QStringList above)
{
    const QString key = reference + QLatin1Char('\n') + (model ? model->toString() : QString());
    if (const auto known = m_blueprints.constFind(key); known != m_blueprints.constEnd() && known->files.areUnchanged())
        co_return std::shared_ptr<const AgentBlueprint>(known->blueprint);
    const qint64 sinceMs = QDateTime::currentMSecsSinceEpoch(); // the clock of the files
    auto agent = m_project->artifacts().resolve(ArtifactKind::Agent, reference);
    if (!agent)
        co_return agent.error();
    // "NAME@draft" is what one sees while editing: it runs with the drafts of what it refers to as well.
    const auto asked = ArtifactRef::parse(reference);
    const bool draftRun = agent->number == 0 || (asked && asked->label == QLatin1String("draft"));
    auto built = co_await resolveBodyWithin(std::move(*agent), draftRun, model, std::move(above));
    if (built)
        m_blueprints.insert(key, Kept{*built, DescribedFiles((*built)->snapshot, toolEnvironment().projectFolder, sinceMs)});
    co_return built;
}

Task<Result<std::shared_ptr<const AgentBlueprint>>> AgentResolver::resolveInline(QString name, QJsonObject body, bool draft,
                                                                                 std::optional<ModelChoice> model, QStringList above)
{
    ResolvedArtifact agent;
    agent.kind = ArtifactKind::Agent;
    agent.name = std::move(name);
    agent.body = std::move(body);
    return resolveBodyWithin(std::move(agent), draft, std::move(model), std::move(above));
}

Task<Result<std::shared_ptr<const AgentBlueprint>>> AgentResolver::resolveBody(ResolvedArtifact agent, bool draftRun,
                                                                               std::optional<ModelChoice> model)
{
    return resolveBodyWithin(std::move(agent), draftRun, std::move(model), QStringList());
}

Task<Result<std::shared_ptr<const AgentBlueprint>>> AgentResolver::resolveBodyWithin(ResolvedArtifact agent, bool draftRun,
                                                                                     std::optional<ModelChoice> model, QStringList above)
{
    const QString self = QStringLiteral("agent ") + agent.name;
    const bool circle = above.contains(self);
    above.append(self);
    if (circle) {
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The agents use each other as tools in a circle: %1. Take one of the uses out.")
                                                     .arg(above.join(QStringLiteral(" -> "))));
    }
    if (model) {
        agent.body.insert(QStringLiteral("model"), QJsonObject{{QStringLiteral("connection"), model->connection},
                                                                {QStringLiteral("model"), model->model}});
        agent.body.remove(QStringLiteral("fallback_models"));
    }
    const auto spec = AgentSpec::fromJson(agent.body);
    if (!spec)
        co_return spec.error();
    // Every reference is looked up once and its body kept: the run executes these and nothing else.
    QJsonObject bodies;
    QJsonObject revisions{{QStringLiteral("agent"), agent.reference()}};
    const auto lookUp = [&](ArtifactKind kind, const QString &ref) -> Result<QString> {
        const bool plain = !ref.contains(QLatin1Char('@'));
        auto found = m_project->artifacts().resolve(kind, draftRun && plain ? ref + QStringLiteral("@draft") : ref);
        if (!found)
            return found.error();
        bodies.insert(bodyKey(artifactKindName(kind), ref),
                      QJsonObject{{QStringLiteral("name"), found->name},
                                  {QStringLiteral("reference"), found->reference()},
                                  {QStringLiteral("body"), found->body}});
        return found->reference();
    };
    if (!spec->prompt.isEmpty()) {
        const auto used = lookUp(ArtifactKind::Prompt, spec->prompt);
        if (!used)
            co_return used.error();
        revisions.insert(QStringLiteral("prompt"), *used);
    }
    // The texts of the prompts that the prompt uses are kept as well, so that the run replays after any change of them.
    const QJsonObject promptBody = bodies.value(bodyKey(QStringLiteral("prompt"), spec->prompt)).toObject().value(QStringLiteral("body")).toObject();
    const auto instructions = instructionsOf(*spec, agent.body, promptBody);
    if (!instructions)
        co_return instructions.error();
    if (usesPartials(*instructions)) {
        QJsonArray partials;
        const PartialSource keep = [&](const QString &ref) -> Result<PromptPartial> {
            const auto used = lookUp(ArtifactKind::Prompt, ref);
            if (!used)
                return used.error();
            partials.append(*used);
            return partialOf(bodies, ref);
        };
        const auto whole = expandPrompt(*instructions, ArtifactRef::parse(spec->prompt).valueOr(ArtifactRef()).name, keep);
        if (!whole)
            co_return whole.error();
        revisions.insert(QStringLiteral("partials"), partials);
    }
    QJsonArray tools;
    QJsonObject delegates;
    for (const ToolAttachment &attachment : spec->tools) {
        const auto used = lookUp(ArtifactKind::Tool, attachment.tool);
        if (!used)
            co_return used.error();
        tools.append(*used);
        const QJsonObject stub = bodies.value(bodyKey(QStringLiteral("tool"), attachment.tool)).toObject();
        const auto inner = co_await innerSnapshot(stub.value(QStringLiteral("name")).toString(), stub.value(QStringLiteral("body")).toObject(),
                                                  draftRun, model, above);
        if (!inner)
            co_return inner.error();
        if (!inner->isEmpty()) {
            bodies.insert(bodyKey(QStringLiteral("delegate"), attachment.tool), *inner);
            delegates.insert(*used, inner->value(QStringLiteral("revisions")));
        }
    }
    QJsonArray connections;
    std::vector<ModelChoice> choices = spec->fallbackModels;
    choices.insert(choices.begin(), spec->model);
    for (const ModelChoice &choice : choices) {
        if (choice.connection.isEmpty())
            co_return Error(ErrorKind::InvalidInput,
                            QStringLiteral("The agent \"%1\" has no model; choose a connection and a model in its settings.").arg(agent.name));
        const auto used = lookUp(ArtifactKind::Connection, choice.connection);
        if (!used)
            co_return used.error();
        connections.append(*used);
    }
    revisions.insert(QStringLiteral("tools"), tools);
    bodies.insert(QStringLiteral("tool_revisions"), true); // steps say which revision of a tool they called
    if (!delegates.isEmpty())
        revisions.insert(QStringLiteral("delegates"), delegates);
    revisions.insert(QStringLiteral("connections"), connections);
    bodies.insert(QStringLiteral("revisions"), revisions);
    auto built = co_await build(std::move(agent), bodies, true);
    if (built) {
        if (const QString twice = sameNamed((*built)->tools); !twice.isEmpty()) {
            co_return Error(ErrorKind::InvalidInput,
                            QStringLiteral("Two tools of the agent are \"%1\" to a model; rename one of the tools.").arg(twice));
        }
    }
    co_return built;
}

Task<Result<std::shared_ptr<const AgentBlueprint>>> AgentResolver::fromSnapshot(QJsonObject snapshot)
{
    ResolvedArtifact agent;
    agent.kind = ArtifactKind::Agent;
    const QJsonObject stored = snapshot.value(QStringLiteral("agent")).toObject();
    agent.name = stored.value(QStringLiteral("name")).toString();
    agent.body = stored.value(QStringLiteral("body")).toObject();
    agent.number = stored.value(QStringLiteral("number")).toInt();
    if (agent.name.isEmpty())
        co_return Error(ErrorKind::ProjectFile, QStringLiteral("The run holds no snapshot of its agent, so it cannot be executed again."));
    auto built = co_await build(std::move(agent), snapshot.value(QStringLiteral("bodies")).toObject(),
                                snapshot.value(QStringLiteral("sampling")).toString() == QLatin1String("request"));
    co_return built;
}

Task<bool> AgentResolver::readToolSecrets(QJsonObject config)
{
    QStringList names;
    collectSecretNames(config, &names);
    bool all = true;
    for (const QString &name : std::as_const(names)) {
        const auto secret = co_await m_secrets->read(name);
        if (secret) {
            if (m_toolSecrets.value(name, *secret) != *secret)
                m_toolCache->clear(); // what another key was shown is not for this one
            m_toolSecrets.insert(name, *secret);
            m_redactor->addSecret(*secret);
        }
        all = all && secret;
    }
    co_return all;
}

Task<Result<QJsonObject>> AgentResolver::innerSnapshot(QString name, QJsonObject body, bool draftRun, std::optional<ModelChoice> model,
                                                      QStringList above)
{
    const QString type = body.value(QStringLiteral("type")).toString();
    const bool isTeam = type == QLatin1String("team");
    if (!isTeam && type != QLatin1String("agent"))
        co_return QJsonObject();
    const auto spec = ToolSpec::fromJson(body);
    if (!spec)
        co_return spec.error();
    auto reference = delegateReference(name, *spec);
    if (!reference)
        co_return reference.error();
    if (draftRun && !reference->contains(QLatin1Char('@')))
        reference->append(QStringLiteral("@draft"));
    std::shared_ptr<const RunBlueprint> inner;
    std::optional<Error> problem;
    if (isTeam) {
        TeamResolver teams(m_project, this);
        const auto found = co_await teams.resolveWithin(*reference, model, above);
        if (found)
            inner = *found;
        else
            problem = found.error();
    } else {
        const auto found = co_await resolveWithin(*reference, model, above);
        if (found)
            inner = *found;
        else
            problem = found.error();
    }
    if (problem) {
        problem->message = QStringLiteral("Tool \"%1\": %2").arg(name, problem->message);
        co_return Error(*problem);
    }
    co_return QJsonObject{{QStringLiteral("body"), inner->snapshot}, {QStringLiteral("revisions"), inner->revisions}};
}

Task<Result<std::vector<AgentBlueprint::AttachedTool>>> AgentResolver::makeAttached(QJsonObject stub, ToolAttachment attachment,
                                                                                    QJsonObject inner, bool withRevision)
{
    const QString name = stub.value(QStringLiteral("name")).toString();
    const QString revision = withRevision ? stub.value(QStringLiteral("reference")).toString() : QString();
    auto spec = ToolSpec::fromJson(stub.value(QStringLiteral("body")).toObject());
    if (!spec)
        co_return spec.error();
    if (auto sound = checkPolicies(name, *spec, attachment); !sound)
        co_return sound.error();
    co_await readToolSecrets(spec->config);
    ToolEnvironment environment = toolEnvironment();
    if (!inner.isEmpty()) {
        const QJsonObject snapshot = inner.value(QStringLiteral("body")).toObject();
        std::shared_ptr<const AgentBlueprint> agent;
        std::shared_ptr<const TeamBlueprint> team;
        if (snapshot.contains(QStringLiteral("team"))) {
            TeamResolver teams(m_project, this);
            const auto made = co_await teams.fromSnapshot(snapshot);
            if (!made)
                co_return made.error();
            team = *made;
        } else {
            const auto made = co_await fromSnapshot(snapshot);
            if (!made)
                co_return made.error();
            agent = *made;
        }
        environment.delegate = [agent, team](const QString &toolName, const ToolSpec &own) -> Result<std::shared_ptr<Tool>> {
            return std::shared_ptr<Tool>(std::make_shared<AgentTool>(toolName, own, agent, team));
        };
    }
    QHash<QString, QJsonObject> policies;
    const auto functions = toolFunctions(spec->config);
    for (const ToolFunction &function : functions)
        policies.insert(function.name, function.policy);
    // Tools keep their own time, too: the most that any of their gates may give. And they follow redirects, which no gate sees.
    ToolSpec widest = *spec;
    const ToolPolicy attachedPolicy = policyOf(*spec, attachment);
    widest.limits = keptLimits(attachedPolicy.limits);
    widest.allowedHosts = attachedPolicy.allowedHosts;
    for (const QJsonObject &policy : std::as_const(policies)) {
        const ToolLimits own = keptLimits(policyOf(spec->overriddenBy(policy), attachment).limits);
        widest.limits.seconds = std::max(widest.limits.seconds, own.seconds);
        widest.limits.maxBytes = std::max(widest.limits.maxBytes, own.maxBytes);
    }
    auto tools = makeTools(name, widest, environment);
    if (!tools)
        co_return tools.error();
    std::vector<AgentBlueprint::AttachedTool> attached;
    QStringList missing = attachment.only;
    for (std::shared_ptr<Tool> &tool : *tools) {
        const QString function = tool->function();
        if (!attachment.only.isEmpty() && !function.isEmpty() && missing.removeAll(function) == 0)
            continue;
        ToolSpec own = *spec;
        static_cast<ToolPolicy &>(own) = spec->overriddenBy(policies.value(function));
        attached.push_back(AgentBlueprint::AttachedTool{std::move(tool), std::move(own), attachment, revision, m_toolCache});
    }
    if (isToolSet(spec->type) && !missing.isEmpty()) {
        co_return Error(ErrorKind::NotFound, QStringLiteral("The tool \"%1\" has no function \"%2\", or it is switched off; choose another.")
                                                 .arg(name, missing.first()));
    }
    if (attached.empty()) {
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The tool \"%1\" has no function that is switched on; list its functions, and "
                                                                "switch on what the agent needs.")
                                                     .arg(name));
    }
    co_return std::move(attached);
}

Task<Result<std::shared_ptr<const AgentBlueprint>>> AgentResolver::build(ResolvedArtifact agent, QJsonObject bodies, bool sampling)
{
    auto spec = AgentSpec::fromJson(agent.body);
    if (!spec)
        co_return spec.error();
    auto blueprint = std::make_shared<AgentBlueprint>();
    blueprint->spec = std::move(*spec);
    blueprint->revisions = bodies.value(QStringLiteral("revisions")).toObject();
    const auto stored = [&bodies](const QString &kind, const QString &reference) {
        return bodies.value(bodyKey(kind, reference)).toObject();
    };
    const QJsonObject promptStub = stored(QStringLiteral("prompt"), blueprint->spec.prompt);
    auto instructions = instructionsOf(blueprint->spec, agent.body, promptStub.value(QStringLiteral("body")).toObject());
    if (!instructions)
        co_return instructions.error();
    const PartialSource kept = [&bodies](const QString &ref) { return partialOf(bodies, ref); };
    auto whole = expandPrompt(*instructions, promptStub.value(QStringLiteral("name")).toString(), kept);
    if (!whole)
        co_return whole.error();
    blueprint->prompt = std::move(*whole);
    const bool revisions = bodies.value(QStringLiteral("tool_revisions")).toBool();
    for (const ToolAttachment &attachment : blueprint->spec.tools) {
        const QJsonObject stub = stored(QStringLiteral("tool"), attachment.tool);
        const QJsonObject inner = stored(QStringLiteral("delegate"), attachment.tool);
        auto attached = co_await makeAttached(stub, attachment, inner, revisions);
        if (!attached)
            co_return attached.error();
        for (AgentBlueprint::AttachedTool &tool : *attached)
            blueprint->tools.push_back(std::move(tool));
    }
    // Where the recording was made before requests said so, the model is wrapped, and the journal's requests are what they were.
    const Sampling wanted = Sampling::of(agent.body);
    const Sampling wrapped = sampling ? Sampling() : wanted;
    if (sampling) {
        blueprint->topP = wanted.topP;
        blueprint->seed = wanted.seed;
    }
    std::vector<ModelChoice> choices = blueprint->spec.fallbackModels;
    choices.insert(choices.begin(), blueprint->spec.model);
    for (const ModelChoice &choice : choices) {
        const QJsonObject stub = stored(QStringLiteral("connection"), choice.connection);
        const auto made = co_await connection(stub.value(QStringLiteral("name")).toString(), stub.value(QStringLiteral("body")).toObject());
        ModelBinding binding;
        binding.choice = choice;
        binding.provider = made->model ? made->model->providerName() : made->spec.api;
        binding.make = [made, wrapped]() -> Result<std::shared_ptr<ChatModel>> {
            if (made->problem)
                return *made->problem;
            return wrapped.applied(made->model);
        };
        blueprint->bindings.push_back(std::move(binding));
    }
    blueprint->snapshot = QJsonObject{{QStringLiteral("agent"), QJsonObject{{QStringLiteral("name"), agent.name},
                                                                             {QStringLiteral("number"), agent.number},
                                                                             {QStringLiteral("body"), agent.body}}},
                                      {QStringLiteral("bodies"), bodies}};
    if (blueprint->topP || blueprint->seed)
        blueprint->snapshot.insert(QStringLiteral("sampling"), QStringLiteral("request"));
    blueprint->limits = blueprint->spec.limits;
    blueprint->models = blueprint->spec.model.toString();
    blueprint->artifact = std::move(agent);
    co_return std::shared_ptr<const AgentBlueprint>(blueprint);
}

} // namespace lathe
