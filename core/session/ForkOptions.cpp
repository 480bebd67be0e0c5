// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/ForkOptions.h"

#include "core/prompt/PromptSpec.h"
#include "core/runtime/ModelChain.h"
#include "core/session/ForkRecord.h"
#include "core/session/WireRequest.h"

namespace lathe {

namespace {
const StoredEntry *entryOf(const StoredRun &run, const QString &step)
{
    for (const StoredEntry &entry : run.journal) {
        if (entry.step == step)
            return &entry;
    }
    return nullptr;
}

// The chat of the agent that stands nearest before the step, else the first one behind it.
const StoredEntry *nearestChat(const StoredRun &run, const QString &step, const QString &agent)
{
    const StoredEntry *before = nullptr;
    const StoredEntry *behind = nullptr;
    for (const StoredEntry &entry : run.journal) {
        if (entry.kind != QLatin1String("chat") || (!agent.isEmpty() && agentOfStep(run.trace, entry.step) != agent))
            continue;
        if (stepPathLess(entry.step, step)) {
            if (!before || stepPathLess(before->step, entry.step))
                before = &entry;
        } else if (!behind || stepPathLess(entry.step, behind->step)) {
            behind = &entry;
        }
    }
    return before ? before : behind;
}

// The prompt's part of a system message: without what patterns add below it.
QString ownInstructions(const QString &system)
{
    qsizetype end = system.size();
    for (const char *name : {"patterns/react", "patterns/team_handoff"}) {
        const QString added = promptText(QString::fromLatin1(name), QJsonObject());
        const qsizetype at = system.indexOf(QStringLiteral("\n\n") + added.section(QLatin1Char('\n'), 0, 0));
        if (at >= 0 && !added.isEmpty())
            end = std::min(end, at);
    }
    return system.left(end);
}

void readRequest(const StoredEntry &entry, ForkOptions *options)
{
    const auto parsed = json::parseObject(entry.request);
    auto request = parsed ? chatRequestFromJson(*parsed) : Result<ChatRequest>(parsed.error());
    if (!request)
        return;
    const QJsonObject outcome = entry.outcome;
    options->connection = outcome.value(QStringLiteral("connection")).toString();
    options->model = request->model;
    if (!request->messages.empty() && request->messages.front().role == Role::System)
        options->instructions = ownInstructions(request->messages.front().text());
    for (const char *name : {"temperature", "max_tokens", "top_p", "seed"}) {
        const QJsonValue value = parsed->value(QLatin1String(name));
        if (!value.isUndefined())
            options->parameters.insert(QLatin1String(name), value);
    }
    options->messages = std::move(request->messages);
    options->tools = std::move(request->tools);
}

// The schema of a tool as a request of the agent described it.
QJsonObject schemaOf(const ForkOptions &options, const QString &tool)
{
    for (const ToolDescription &offered : options.tools) {
        if (offered.name == tool)
            return offered.schema;
    }
    return {};
}

void readModel(const StoredEntry *entry, ForkOptions *options)
{
    options->kind = ForkOptions::Kind::Model;
    options->canEditAnswer = true;
    if (!entry)
        return;
    readRequest(*entry, options);
    options->canEditMessages = !options->messages.empty();
    if (entry->done) {
        const ChainAnswer answer = ChainAnswer::fromJson(entry->outcome);
        if (answer.response)
            options->answer = answer.response->message;
    }
}

void readTool(const Step &step, const StoredEntry *entry, ForkOptions *options)
{
    options->kind = ForkOptions::Kind::Tool;
    options->tool = step.attributes.value(QStringLiteral("gen_ai.tool.name")).toString();
    options->argumentsText = step.attributes.value(QStringLiteral("gen_ai.tool.call.arguments")).toString();
    options->sideEffect = step.attributes.value(QStringLiteral("lathe.side_effect")).toString();
    options->toolSchema = schemaOf(*options, options->tool);
    options->canEditArguments = options->canEditResult = true;
    if (entry && entry->done && entry->outcome.contains(QStringLiteral("outcome"))) {
        const ToolOutcome outcome = ToolOutcome::fromJson(entry->outcome.value(QStringLiteral("outcome")).toObject());
        options->result = outcome.text;
        options->resultIsError = outcome.isError;
    } else if (!entry && (step.status == StepStatus::Ok || step.status == StepStatus::Failed)) { // refused before it was called
        options->result = step.text;
        options->resultIsError = step.status == StepStatus::Failed;
    }
}

void readHuman(const StoredEntry *entry, ForkOptions *options)
{
    options->kind = ForkOptions::Kind::Human;
    options->canEditHumanAnswer = true;
    if (!entry)
        return;
    options->question = HumanQuestion::fromJson(json::parseObject(entry->request).valueOr({})).valueOr(HumanQuestion());
    options->question->step = options->step;
    if (entry->done && entry->outcome.contains(QStringLiteral("answer")))
        options->humanAnswer = HumanAnswer::fromJson(entry->outcome.value(QStringLiteral("answer")).toObject());
}
}

QString whyNotExecutable(const RunInfo &info)
{
    if (!info.source.isEmpty()) {
        return QStringLiteral("Run %1 was recorded by another program (%2). It has no journal and no design here, so it can be neither "
                              "replayed nor forked; open its model calls in the playground instead.")
            .arg(info.id.value)
            .arg(info.source);
    }
    if (info.snapshot.isEmpty()) {
        return QStringLiteral("Run %1 holds no snapshot of what it executed, so it can be neither replayed nor forked; run the agent again.")
            .arg(info.id.value);
    }
    return {};
}

bool isSampledStep(const Trace &trace, const QString &step)
{
    const int index = trace.indexOf(step), above = trace.indexOf(parentStep(step));
    return index >= 0 && above >= 0 && trace.steps()[size_t(index)].kind == StepKind::Model && trace.steps()[size_t(above)].kind == StepKind::Tool;
}

ForkOptions forkOptions(const StoredRun &run, const QString &step)
{
    ForkOptions options;
    options.run = run.info.id;
    options.step = step;
    options.whyNot = whyNotExecutable(run.info);
    const int index = run.trace.indexOf(step);
    if (options.whyNot.isEmpty() && run.info.status == RunStatus::Running) {
        options.whyNot = QStringLiteral("Run %1 is still under way; fork it when it has ended or waits at a breakpoint.").arg(run.info.id.value);
    }
    if (options.whyNot.isEmpty() && index < 0)
        options.whyNot = QStringLiteral("Run %1 has no step %2 to go on from.").arg(run.info.id.value).arg(step);
    if (options.whyNot.isEmpty() && isSampledStep(run.trace, step)) {
        options.whyNot = QStringLiteral("Step %1 is a model that a server used during a call; fork at the call, step %2.").arg(step, parentStep(step));
    }
    options.forkable = options.whyNot.isEmpty();
    if (index < 0)
        return options;
    const Step &at = run.trace.steps()[size_t(index)];
    options.title = at.name;
    options.agent = agentOfStep(run.trace, step);
    options.error = at.error;
    const StoredEntry *entry = entryOf(run, step);
    if (at.kind != StepKind::Model) {
        if (const StoredEntry *chat = nearestChat(run, step, options.agent))
            readRequest(*chat, &options);
    }
    if (at.kind == StepKind::Model)
        readModel(entry, &options);
    else if (at.kind == StepKind::Tool && at.attributes.contains(QStringLiteral("gen_ai.tool.name")))
        readTool(at, entry, &options);
    else if (at.kind == StepKind::Human && (entry || !at.attributes.contains(QStringLiteral("lathe.node"))))
        readHuman(entry, &options);
    if (at.attributes.contains(QStringLiteral("lathe.node"))) {
        options.nodeInputs = at.attributes.value(QStringLiteral("lathe.input")).toObject();
        options.canEditNodeInputs = at.attributes.contains(QStringLiteral("lathe.input"));
    }
    options.canEditCalls = options.kind == ForkOptions::Kind::Model || !options.model.isEmpty();
    if (!options.forkable) {
        options.canEditMessages = options.canEditAnswer = options.canEditArguments = options.canEditResult = false;
        options.canEditHumanAnswer = options.canEditNodeInputs = options.canEditCalls = false;
    }
    return options;
}

} // namespace lathe
