// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/AgentSpec.h"

#include "core/base/Json.h"
#include "core/design/ToolDangers.h"
#include "core/design/ToolPolicyRules.h"
#include "core/design/ToolReader.h"

#include <QSet>

#include <algorithm>

namespace lathe {

namespace {
ModelChoice readModel(BodyReader reader)
{
    ModelChoice choice;
    choice.connection = reader.string(QStringLiteral("connection"));
    choice.model = reader.string(QStringLiteral("model"));
    return choice;
}

AgentSpec readAgent(const QJsonObject &body, std::vector<Problem> *problems)
{
    BodyReader reader(body, QString(), problems);
    AgentSpec spec;
    spec.job = reader.string(QStringLiteral("job"));
    spec.prompt = reader.string(QStringLiteral("prompt"));
    spec.model = readModel(reader.child(QStringLiteral("model")));
    for (const BodyReader &item : reader.children(QStringLiteral("fallback_models")))
        spec.fallbackModels.push_back(readModel(item));
    if (reader.has(QStringLiteral("temperature")))
        spec.temperature = reader.number(QStringLiteral("temperature"), 0);
    if (reader.has(QStringLiteral("max_tokens")))
        spec.maxTokens = reader.integer(QStringLiteral("max_tokens"), 0);
    spec.pattern = reader.string(QStringLiteral("pattern"), spec.pattern);
    for (BodyReader &item : reader.children(QStringLiteral("tools"))) {
        ToolAttachment attachment;
        attachment.tool = item.string(QStringLiteral("tool"));
        attachment.approval = item.string(QStringLiteral("approval"));
        attachment.callsPerRun = item.small(QStringLiteral("calls_per_run"), 0);
        const QJsonArray only = item.array(QStringLiteral("only"));
        for (qsizetype i = 0; i < only.size(); ++i) {
            if (only[i].isString())
                attachment.only.append(only[i].toString());
            else
                item.wrong(QStringLiteral("only/%1").arg(i), QStringLiteral("text"));
        }
        attachment.policy = item.object(QStringLiteral("policy"));
        spec.tools.push_back(attachment);
    }
    BodyReader limits = reader.child(QStringLiteral("limits"));
    spec.limits.steps = limits.small(QStringLiteral("steps"), spec.limits.steps);
    spec.limits.seconds = limits.number(QStringLiteral("seconds"), spec.limits.seconds);
    spec.limits.tokens = limits.integer(QStringLiteral("tokens"), spec.limits.tokens);
    spec.limits.costUsd = limits.number(QStringLiteral("cost_usd"), spec.limits.costUsd);
    return spec;
}

QJsonObject modelToJson(const ModelChoice &choice)
{
    return {{QStringLiteral("connection"), choice.connection},
            {QStringLiteral("model"), choice.model}};
}

void checkModel(const ModelChoice &choice, const QString &pointer, const DesignLookup &lookup,
                ProblemList *list)
{
    if (choice.connection.isEmpty()) {
        list->error(pointer + QStringLiteral("/connection"), "model.no_connection",
                    QStringLiteral("No connection is chosen, so no model can answer."),
                    QStringLiteral("Choose a connection; \"offline\" needs no key."));
    } else if (lookup.exists && !lookup.exists(ArtifactKind::Connection, choice.connection)) {
        list->error(
            pointer + QStringLiteral("/connection"), "model.unknown_connection",
            QStringLiteral("There is no connection \"%1\" in this project.").arg(choice.connection),
            QStringLiteral("Choose another connection, or make this one."));
    }
    if (choice.model.trimmed().isEmpty()) {
        list->error(pointer + QStringLiteral("/model"), "model.missing",
                    QStringLiteral("No model is chosen."),
                    QStringLiteral("Choose a model of the connection."));
    }
}

void checkReference(ArtifactKind kind, const QString &ref, const QString &pointer, const char *code,
                    const DesignLookup &lookup, ProblemList *list)
{
    const QString kindName = artifactKindName(kind);
    if (auto parsed = ArtifactRef::parse(ref); !parsed) {
        list->error(pointer, code, parsed.error().message,
                    QStringLiteral("Choose a %1 from the list.").arg(kindName));
    } else if (lookup.exists && !lookup.exists(kind, ref)) {
        list->error(pointer, code,
                    QStringLiteral("There is no %1 \"%2\" in this project.").arg(kindName, ref),
                    QStringLiteral("Choose another %1, or make this one.").arg(kindName));
    }
}

void checkModels(const AgentSpec &spec, const DesignLookup &lookup, ProblemList *list)
{
    checkModel(spec.model, QStringLiteral("/model"), lookup, list);
    std::vector<ModelChoice> seen{spec.model};
    for (size_t i = 0; i < spec.fallbackModels.size(); ++i) {
        const ModelChoice &choice = spec.fallbackModels[i];
        const QString pointer = QStringLiteral("/fallback_models/%1").arg(i);
        checkModel(choice, pointer, lookup, list);
        if (choice == spec.model) {
            list->warning(
                pointer, "fallback.same",
                QStringLiteral(
                    "This fallback is the model itself, so it fails when the model fails."),
                QStringLiteral("Choose another model, best of another connection, or remove it."));
        } else if (std::find(seen.begin(), seen.end(), choice) != seen.end()) {
            list->warning(
                pointer, "fallback.twice",
                QStringLiteral("\"%1\" is in the list of fallbacks twice.").arg(choice.toString()),
                QStringLiteral("Remove one of the two."));
        }
        seen.push_back(choice);
    }
    if (spec.temperature && *spec.temperature < 0) {
        list->error(QStringLiteral("/temperature"), "temperature.range",
                    QStringLiteral("The temperature is below 0; no provider takes that."),
                    QStringLiteral("Use a value from 0 to 2, or leave it empty."));
    } else if (spec.temperature && *spec.temperature > 2) {
        list->warning(QStringLiteral("/temperature"), "temperature.range",
                      QStringLiteral("The temperature is over 2; most providers refuse that."),
                      QStringLiteral("Use a value from 0 to 2, or leave it empty."));
    }
    if (spec.maxTokens && *spec.maxTokens < 1) {
        list->error(QStringLiteral("/max_tokens"), "max_tokens.range",
                    QStringLiteral("An answer of %1 tokens says nothing.").arg(*spec.maxTokens),
                    QStringLiteral("Use 1 or more, or leave it empty for the model's own limit."));
    }
}

// What the attachment makes of the tool. `body` is empty when the tool is not known.
void checkAttached(const ToolAttachment &attachment, const QString &pointer, const QString &name, const QJsonObject &body, ProblemList *list)
{
    const ToolTypeInfo *type = toolType(body.value(QStringLiteral("type")).toString());
    const QJsonObject config = body.value(QStringLiteral("config")).toObject();
    std::vector<Problem> ofTool; // said where the tool is
    const ToolSpec spec = readTool(body, &ofTool);
    if (!attachment.policy.isEmpty())
        checkPolicyOverride(spec, attachment.policy, type, config, pointer + QStringLiteral("/policy"), list);
    if (!attachment.only.isEmpty() && type) {
        QSet<QString> known;
        for (const ToolFunction &function : toolFunctions(config)) {
            if (function.enabled)
                known.insert(function.name);
        }
        for (qsizetype i = 0; i < attachment.only.size(); ++i) {
            const QString at = pointer + QStringLiteral("/only/%1").arg(i);
            if (!isToolSet(type->type)) {
                list->warning(at, "tool.only", QStringLiteral("\"%1\" has one function, so there is nothing to choose from.").arg(name),
                              QStringLiteral("Remove the choice."));
                break;
            }
            if (!known.contains(attachment.only[i])) {
                list->error(at, "tool.function",
                            QStringLiteral("\"%1\" has no function \"%2\" that is switched on.").arg(name, attachment.only[i].left(80)),
                            QStringLiteral("Choose from its functions, or switch this one on in the tool."));
            }
        }
    }
    if (!type || type->type == QLatin1String("ask_human"))
        return; // asking a person is its own approval
    // What the agent itself says; what the tool says is blamed there.
    const bool says = approvalFromName(attachment.approval).has_value() || attachment.policy.contains(QLatin1String("approval"));
    const ToolPolicy policy = policyOf(spec, attachment);
    const SideEffect effect = policy.sideEffect.value_or(type->sideEffectOf(config));
    if (effect == SideEffect::External && says && policy.approval == Approval::Always) {
        list->warning(
            pointer + QStringLiteral("/approval"), "tool.external_unasked",
            QStringLiteral("\"%1\" acts outside this computer, and here it runs without asking anybody.").arg(name),
            QStringLiteral("Set the approval to ask, or be sure that its allowed hosts can do no harm."));
    }
}

// Private data, what strangers wrote, and a way out that nobody watches: together they are how data gets stolen.
void checkDangers(const AgentSpec &spec, const DesignLookup &lookup, ProblemList *list)
{
    if (spec.pattern == QLatin1String("direct"))
        return; // never calls them
    ToolDangers dangers;
    for (const ToolAttachment &attachment : spec.tools)
        dangers.add(attachment, lookup);
    if (const auto combined = dangers.combination()) {
        list->warning(QStringLiteral("/tools"), "tools.trifecta", combined->message(), combined->fix());
    }
    if (spec.pattern != QLatin1String("react") || !lookup.toolBody)
        return;
    for (size_t i = 0; i < spec.tools.size(); ++i) {
        std::vector<Problem> ofTool;
        const ToolSpec tool = readTool(lookup.toolBody(spec.tools[i].tool), &ofTool);
        if (redactedPointers(policyOf(tool, spec.tools[i]), QStringLiteral("arguments")).isEmpty())
            continue;
        list->warning(QStringLiteral("/tools/%1").arg(i), "redact.react",
                      QStringLiteral("With the pattern ReAct the model writes arguments as plain text, so those of \"%1\" cannot be hidden in the trace.")
                          .arg(spec.tools[i].tool),
                      QStringLiteral("Choose the pattern \"Tool loop\"."));
    }
}

void checkTools(const AgentSpec &spec, const DesignLookup &lookup, ProblemList *list)
{
    if (!spec.tools.empty() && spec.pattern == QLatin1String("direct")) {
        list->warning(
            QStringLiteral("/pattern"), "pattern.ignores_tools",
            QStringLiteral("The pattern \"Direct\" answers in one call and never uses the tools."),
            QStringLiteral("Choose \"Tool loop\", or remove the tools."));
    }
    if (spec.tools.empty() && spec.pattern == QLatin1String("react")) {
        list->hint(
            QStringLiteral("/pattern"), "pattern.wants_tools",
            QStringLiteral("ReAct goes between thoughts and tools, and this agent has no tools."),
            QStringLiteral("Add a tool, or choose \"Direct\"."));
    }
    QSet<QString> names;
    for (size_t i = 0; i < spec.tools.size(); ++i) {
        const ToolAttachment &attachment = spec.tools[i];
        const QString pointer = QStringLiteral("/tools/%1").arg(i);
        if (attachment.tool.isEmpty()) {
            list->error(pointer + QStringLiteral("/tool"), "tool.missing",
                        QStringLiteral("No tool is chosen in this row."),
                        QStringLiteral("Choose a tool, or remove the row."));
            continue;
        }
        checkReference(ArtifactKind::Tool, attachment.tool, pointer + QStringLiteral("/tool"),
                       "tool.unknown", lookup, list);
        const QString name = attachment.tool.section(QLatin1Char('@'), 0, 0);
        if (names.contains(name)) {
            list->error(
                pointer + QStringLiteral("/tool"), "tool.twice",
                QStringLiteral(
                    "The tool \"%1\" is attached twice; a model could not tell the two apart.")
                    .arg(name),
                QStringLiteral("Remove one of the two."));
        }
        names.insert(name);
        const auto approval = approvalFromName(attachment.approval);
        if (!attachment.approval.isEmpty() && !approval) {
            list->error(pointer + QStringLiteral("/approval"), "tool.approval",
                        QStringLiteral("\"%1\" is no approval policy.").arg(attachment.approval),
                        QStringLiteral("Use always, ask, ask_first, ask_when or never, or leave it as the tool says."));
        }
        if (attachment.callsPerRun < 0) {
            list->error(
                pointer + QStringLiteral("/calls_per_run"), "tool.calls",
                QStringLiteral("A tool cannot be called %1 times.").arg(attachment.callsPerRun),
                QStringLiteral("Use 1 or more, or 0 for as many as the tool says."));
        }
        checkAttached(attachment, pointer, name, lookup.toolBody ? lookup.toolBody(attachment.tool) : QJsonObject(), list);
    }
    checkDangers(spec, lookup, list);
}

void checkLimits(const AgentSpec &spec, ProblemList *list)
{
    const Limits &limits = spec.limits;
    const QString steps = QStringLiteral("/limits/steps");
    if (list->hasErrorAt(steps)) {
        // named already
    } else if (limits.steps < 1) {
        list->error(
            steps, "limits.steps",
            QStringLiteral(
                "The number of steps must have a bound of 1 or more; a loop could go on for ever."),
            QStringLiteral("24 suits most agents."));
    } else if (limits.steps > 1000) {
        list->warning(
            steps, "limits.steps",
            QStringLiteral(
                "%1 steps is more than any sensible run takes; a looping agent would spend a lot.")
                .arg(limits.steps),
            QStringLiteral("24 suits most agents; use 100 for long research."));
    } else if (limits.steps < 3
               && (!spec.tools.empty() || spec.pattern == QLatin1String("plan_execute")
                   || spec.pattern == QLatin1String("reflexion"))) {
        list->warning(steps, "limits.steps",
                      QStringLiteral("%1 steps leave no room for a call, its result and an answer.")
                          .arg(limits.steps),
                      QStringLiteral("Use 3 or more."));
    }
    if (limits.seconds <= 0 && limits.tokens <= 0 && limits.costUsd <= 0) {
        list->warning(QStringLiteral("/limits"), "limits.none",
                      QStringLiteral("Neither time, tokens nor money have a bound."),
                      QStringLiteral("Bound at least one of them."));
    }
    if (limits.seconds > 24 * 3600.0) {
        list->warning(QStringLiteral("/limits/seconds"), "limits.seconds",
                      QStringLiteral("A run may last over a day."),
                      QStringLiteral("300 seconds suit most agents."));
    } else if (limits.seconds > 0 && limits.seconds < 1) {
        list->warning(QStringLiteral("/limits/seconds"), "limits.seconds",
                      QStringLiteral("Hardly any model answers in under a second."),
                      QStringLiteral("300 seconds suit most agents."));
    }
    if (limits.tokens > 100'000'000) {
        list->warning(QStringLiteral("/limits/tokens"), "limits.tokens",
                      QStringLiteral("A run may use over 100 million tokens."),
                      QStringLiteral("200 000 suit most agents."));
    } else if (limits.tokens > 0 && spec.maxTokens && *spec.maxTokens > limits.tokens) {
        list->warning(QStringLiteral("/limits/tokens"), "limits.tokens",
                      QStringLiteral("One answer may be longer than the tokens of the whole run."),
                      QStringLiteral("Raise this bound, or lower the tokens of an answer."));
    }
    if (limits.costUsd > 1000) {
        list->warning(QStringLiteral("/limits/cost_usd"), "limits.cost",
                      QStringLiteral("One run may cost over $1000."),
                      QStringLiteral("$1 suits most agents."));
    }
}
} // namespace

Result<AgentSpec> AgentSpec::fromJson(const QJsonObject &body)
{
    std::vector<Problem> problems;
    AgentSpec spec = readAgent(body, &problems);
    if (!problems.empty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The agent cannot be read: ") + problems.front().message);
    return spec;
}

QJsonObject AgentSpec::toJson() const
{
    QJsonArray fallbacks;
    for (const ModelChoice &choice : fallbackModels)
        fallbacks.append(modelToJson(choice));
    QJsonArray attachments;
    for (const ToolAttachment &attachment : tools) {
        QJsonObject item{{QStringLiteral("tool"), attachment.tool}};
        if (!attachment.approval.isEmpty())
            item.insert(QStringLiteral("approval"), attachment.approval);
        if (attachment.callsPerRun != 0)
            item.insert(QStringLiteral("calls_per_run"), attachment.callsPerRun);
        if (!attachment.only.isEmpty())
            item.insert(QStringLiteral("only"), json::fromStringList(attachment.only));
        if (!attachment.policy.isEmpty())
            item.insert(QStringLiteral("policy"), attachment.policy);
        attachments.append(item);
    }
    QJsonObject body{
        {QStringLiteral("job"), job},
        {QStringLiteral("prompt"), prompt},
        {QStringLiteral("model"), modelToJson(model)},
        {QStringLiteral("fallback_models"), fallbacks},
        {QStringLiteral("pattern"), pattern},
        {QStringLiteral("tools"), attachments},
        {QStringLiteral("limits"), QJsonObject{{QStringLiteral("steps"), limits.steps},
                                               {QStringLiteral("seconds"), limits.seconds},
                                               {QStringLiteral("tokens"), limits.tokens},
                                               {QStringLiteral("cost_usd"), limits.costUsd}}}};
    if (temperature)
        body.insert(QStringLiteral("temperature"), *temperature);
    if (maxTokens)
        body.insert(QStringLiteral("max_tokens"), *maxTokens);
    return body;
}

const std::vector<AgentSpec::PatternInfo> &AgentSpec::patterns()
{
    static const std::vector<PatternInfo> all{
        {QStringLiteral("direct"), QStringLiteral("Direct"),
         QStringLiteral("One call, one answer; no tools.")},
        {QStringLiteral("tool_loop"), QStringLiteral("Tool loop"),
         QStringLiteral(
             "The model calls tools, several at once if it likes, until it can answer.")},
        {QStringLiteral("react"), QStringLiteral("ReAct"),
         QStringLiteral(
             "Thought, action and observation in plain text, for models without tool calling.")},
        {QStringLiteral("plan_execute"), QStringLiteral("Plan and execute"),
         QStringLiteral(
             "Writes a plan, works through it step by step and plans again when a step fails.")},
        {QStringLiteral("reflexion"), QStringLiteral("Reflexion"),
         QStringLiteral("Drafts an answer, criticises it and revises it before giving it.")}};
    return all;
}

std::vector<Problem> validateAgent(const QJsonObject &body, const DesignLookup &lookup)
{
    ProblemList list;
    const AgentSpec spec = readAgent(body, &list.problems);
    if (!list.hasErrorAt(QStringLiteral("/job"))) {
        const std::vector<Problem> ofJob = lintJob(spec.job);
        list.problems.insert(list.problems.end(), ofJob.begin(), ofJob.end());
    }
    if (!list.hasErrorAt(QStringLiteral("/prompt"))) {
        if (spec.prompt.isEmpty()) {
            list.error(QStringLiteral("/prompt"), "prompt.missing",
                       QStringLiteral("The agent has no instructions."),
                       QStringLiteral("Choose a prompt, or make one from a template."));
        } else {
            checkReference(ArtifactKind::Prompt, spec.prompt, QStringLiteral("/prompt"),
                           "prompt.unknown", lookup, &list);
        }
    }
    const auto &patterns = AgentSpec::patterns();
    if (std::none_of(patterns.begin(), patterns.end(),
                     [&](const auto &pattern) { return pattern.id == spec.pattern; })) {
        list.error(QStringLiteral("/pattern"), "pattern.unknown",
                   QStringLiteral("\"%1\" is no reasoning pattern of this version of Lathe.")
                       .arg(spec.pattern),
                   QStringLiteral("Choose one from the list, for example \"Tool loop\"."));
    }
    checkModels(spec, lookup, &list);
    checkTools(spec, lookup, &list);
    checkLimits(spec, &list);
    return std::move(list.problems);
}

} // namespace lathe
