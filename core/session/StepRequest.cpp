// SPDX-License-Identifier: GPL-3.0-or-later
// What a recorded model step asked and was answered, own or foreign; and what can be made of it.
#include "core/base/Json.h"
#include "core/llm/ConnectionRules.h"
#include "core/prompt/PromptSpec.h"
#include "core/session/ExampleCollection.h"
#include "core/session/TraceImport.h"

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;

void leaveOut(QStringList *leftOut, const QString &sentence)
{
    if (!leftOut->contains(sentence) && leftOut->size() < 20)
        leftOut->append(sentence);
}

// A message whose unknown parts and roles have become text.
Message messageOf(const QJsonObject &json, QStringList *leftOut)
{
    QJsonObject fitting = json;
    const QString role = json.value(L("role")).toString();
    static const QStringList roles{QStringLiteral("system"), QStringLiteral("user"), QStringLiteral("assistant"), QStringLiteral("tool")};
    if (!roles.contains(role)) {
        leaveOut(leftOut, QStringLiteral("A message of the role \"%1\" is sent as the user's.").arg(role.left(40)));
        fitting.insert(QStringLiteral("role"), QStringLiteral("user"));
    }
    static const QStringList types{QStringLiteral("text"), QStringLiteral("reasoning"), QStringLiteral("tool_call"),
                                   QStringLiteral("tool_call_response"), QStringLiteral("blob")};
    QJsonArray parts;
    const QJsonArray given = json.value(L("parts")).toArray();
    for (const QJsonValue &part : given) {
        const QString type = part[L("type")].toString();
        const bool picture = type == L("blob") && part[L("mime_type")].toString().startsWith(L("image/"));
        if (types.contains(type) && (type != L("blob") || picture)) {
            parts.append(part);
            continue;
        }
        const QString uri = part[L("uri")].toString();
        leaveOut(leftOut, QStringLiteral("A part of the kind \"%1\" is sent as text.").arg(type.left(40)));
        parts.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("text")},
                                 {QStringLiteral("content"), uri.isEmpty() ? QStringLiteral("[%1]").arg(type) : uri}});
    }
    fitting.insert(QStringLiteral("parts"), parts);
    return Message::fromJson(fitting).valueOr(Message());
}

void addTools(ChatRequest *request, const QJsonArray &tools)
{
    for (const QJsonValue &tool : tools) {
        const QJsonObject schema = tool[L("parameters")].toObject();
        request->tools.push_back({tool[L("name")].toString(), tool[L("description")].toString(), schema});
    }
}

template<typename Get>
void addSettings(ChatRequest *request, Get get)
{
    if (const QJsonValue value = get("temperature"); value.isDouble())
        request->temperature = value.toDouble();
    if (const QJsonValue value = get("top_p"); value.isDouble())
        request->topP = value.toDouble();
    if (const QJsonValue value = get("max_tokens"); value.isDouble())
        request->maxTokens = value.toInteger(qint64(value.toDouble()));
    if (const QJsonValue value = get("seed"); value.isDouble())
        request->seed = value.toInteger(qint64(value.toDouble()));
}

FinishReason finishOf(const QString &name)
{
    if (name == L("stop") || name == L("end_turn") || name.isEmpty())
        return FinishReason::Stop;
    if (name == L("length") || name == L("max_tokens"))
        return FinishReason::Length;
    if (name.startsWith(L("tool")) || name == L("function_call"))
        return FinishReason::ToolCalls;
    return name.startsWith(L("content")) ? FinishReason::ContentFilter : FinishReason::Other;
}

Error notAModel(const Step &step)
{
    return Error(ErrorKind::InvalidInput, QStringLiteral("Step %1 is no model call; choose a \"chat\" step.").arg(step.path));
}

// What stands in text must not be taken for variables of a template.
QString escaped(const QString &text, bool *used)
{
    if (!text.contains(L("{{")))
        return text;
    *used = true;
    QString safe = text;
    return safe.replace(L("{{"), L("{{open_braces}}"));
}
} // namespace

Result<StepRequest> stepRequest(const Step &step)
{
    if (step.kind != StepKind::Model)
        return notAModel(step);
    StepRequest made;
    const auto attribute = [&step](const char *key) { return step.attributes.value(L(key)); };
    const QJsonArray input = attribute("gen_ai.input.messages").toArray();
    const QJsonArray output = attribute("gen_ai.output.messages").toArray();
    if (input.isEmpty() && output.isEmpty()) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("What step %1 asked was not recorded. Most instrumentations record it only when asked to: set "
                                    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true where it ran.")
                         .arg(step.path));
    }
    ChatRequest &request = made.request;
    request.model = attribute("gen_ai.request.model").toString();
    if (request.model.isEmpty())
        request.model = attribute("gen_ai.response.model").toString();
    made.provider = attribute("gen_ai.provider.name").toString();
    const QJsonArray system = attribute("gen_ai.system_instructions").toArray();
    if (!system.isEmpty())
        request.messages.push_back(
            messageOf({{QStringLiteral("role"), QStringLiteral("system")}, {QStringLiteral("parts"), system}}, &made.leftOut));
    for (const QJsonValue &message : input)
        request.messages.push_back(messageOf(message.toObject(), &made.leftOut));
    std::stable_partition(request.messages.begin(), request.messages.end(),
                          [](const Message &message) { return message.role == Role::System; });
    addTools(&request, attribute("gen_ai.tool.definitions").toArray());
    addSettings(&request, [&](const char *name) { return attribute((QByteArrayLiteral("gen_ai.request.") + name).constData()); });
    request.stop = json::toStringList(attribute("gen_ai.request.stop_sequences"));
    if (!output.isEmpty()) {
        ChatResponse response;
        response.message = messageOf(output.first().toObject(), &made.leftOut);
        response.message.role = Role::Assistant;
        response.usage = step.usage();
        response.id = attribute("gen_ai.response.id").toString();
        response.model = attribute("gen_ai.response.model").toString();
        response.finishReason = finishOf(attribute("gen_ai.response.finish_reasons").toArray().first().toString());
        response.timeToFirstTokenUs = step.firstDeltaUs > step.startUs ? step.firstDeltaUs - step.startUs : 0;
        made.response = std::move(response);
        if (output.size() > 1)
            leaveOut(&made.leftOut, QStringLiteral("Only the first of %1 answers is taken.").arg(output.size()));
    }
    return made;
}

Result<StepRequest> stepRequest(const Session &session, RunId run, const Step &step)
{
    if (step.kind != StepKind::Model)
        return notAModel(step);
    const auto entry = session.project().runs().entry(run, step.path);
    if (!entry || entry->kind != L("chat")) {
        auto told = stepRequest(step);
        if (!told && entry)
            return Error(ErrorKind::InvalidInput, QStringLiteral("Step %1 is no chat.").arg(step.path));
        return told;
    }
    const auto json = json::parseObject(entry->request);
    if (!json)
        return json.error();
    StepRequest made;
    ChatRequest &request = made.request;
    request.model = json->value(L("model")).toString();
    const QJsonArray messages = json->value(L("messages")).toArray();
    for (const QJsonValue &message : messages)
        request.messages.push_back(messageOf(message.toObject(), &made.leftOut));
    addTools(&request, json->value(L("tools")).toArray());
    addSettings(&request, [&](const char *name) { return json->value(L(name)); });
    request.stop = json::toStringList(json->value(L("stop")));
    const QString choice = json->value(L("tool_choice")).toString();
    if (!choice.isEmpty())
        request.toolChoice = choice == L("none") ? ChatRequest::ToolChoice::None : ChatRequest::ToolChoice::Required;
    if (const QJsonObject schema = json->value(L("output_schema")).toObject(); !schema.isEmpty()) {
        request.outputSchema = OrderedObject(schema);
        request.outputName = json->value(L("output_name")).toString();
    }
    made.provider = step.attributes.value(L("gen_ai.provider.name")).toString();
    if (entry->done) {
        if (auto response = ChatResponse::fromJson(entry->outcome.value(L("response")).toObject()))
            made.response = std::move(*response);
    }
    return made;
}

PlaygroundSeed playgroundSeed(const Session &session, const StepRequest &step)
{
    PlaygroundSeed seed;
    seed.leftOut = step.leftOut;
    const ChatRequest &request = step.request;
    bool braces = false;
    // The last thing the person said is the input; what stands between it and the instructions is part of the prompt.
    size_t last = request.messages.size();
    for (size_t i = request.messages.size(); i-- > 0;) {
        if (request.messages[i].role == Role::User) {
            last = i;
            break;
        }
    }
    PromptSpec spec;
    for (size_t i = 0; i < request.messages.size(); ++i) {
        const Message &message = request.messages[i];
        const QString text = message.text();
        if (i == last) {
            seed.input = text;
        } else if (message.role == Role::System) {
            spec.text += (spec.text.isEmpty() ? QString() : QStringLiteral("\n\n")) + escaped(text, &braces);
        } else if (message.role == Role::Tool || !message.toolCalls().empty()) {
            leaveOut(
                &seed.leftOut,
                QStringLiteral("Tool calls and their results are not part of a prompt; fork the run, or run an agent that has the tools."));
        } else if (i > last) {
            leaveOut(&seed.leftOut, QStringLiteral("What was said after the last input is left out."));
        } else if (!text.isEmpty()) {
            spec.messages.push_back({roleName(message.role), escaped(text, &braces)});
        }
        for (const MessagePart &part : message.parts) {
            if (part.type == MessagePart::Type::Image)
                leaveOut(&seed.leftOut, QStringLiteral("Images are left out."));
        }
    }
    if (braces) {
        PromptVariable variable;
        variable.name = QStringLiteral("open_braces");
        variable.description = QStringLiteral("Two braces as they stood in the recorded text");
        variable.defaultValue = QStringLiteral("{{");
        variable.required = false;
        spec.variables.push_back(variable);
    }
    if (!request.tools.empty())
        leaveOut(&seed.leftOut, QStringLiteral("The tools that were offered are left out."));
    if (request.outputSchema) {
        spec.outputFormat = QStringLiteral("json_schema");
        spec.outputSchema = *request.outputSchema;
    }
    seed.promptBody = spec.toJson();
    seed.temperature = request.temperature;
    seed.maxTokens = request.maxTokens;
    // The project's connection to the same provider; without one the first, whose models may be other ones.
    QString first;
    const auto connections = session.project().artifacts().list(ArtifactKind::Connection);
    for (const ArtifactInfo &info : connections) {
        const auto body = session.project().artifacts().resolve(ArtifactKind::Connection, info.name);
        const auto connection = body ? ConnectionSpec::fromJson(info.name, body->body) : Result<ConnectionSpec>(Error());
        if (!connection)
            continue;
        if (first.isEmpty())
            first = info.name;
        if (seed.model.connection.isEmpty() && !step.provider.isEmpty() && rules::providerId(*connection) == step.provider)
            seed.model.connection = info.name;
    }
    if (seed.model.connection.isEmpty()) {
        seed.model.connection = first;
        if (!step.provider.isEmpty())
            leaveOut(&seed.leftOut,
                     QStringLiteral("The project has no connection to \"%1\"; choose another model.").arg(step.provider.left(60)));
    }
    seed.model.model = request.model;
    return seed;
}

Task<Result<RevisionInfo>> toDatasetExamples(Session *session, QString dataset, RunId run, QStringList steps, CancelToken cancel)
{
    const auto trace = co_await session->trace(run, cancel);
    if (!trace)
        co_return trace.error();
    std::vector<CollectedExample> examples;
    for (const QString &path : steps) {
        const int at = trace->indexOf(path);
        if (at < 0)
            co_return Error(ErrorKind::NotFound, QStringLiteral("Run %1 has no step %2.").arg(run.value).arg(path));
        const auto request = stepRequest(*session, run, trace->steps()[size_t(at)]);
        if (!request)
            co_return request.error();
        CollectedExample example;
        example.input = playgroundSeed(*session, *request).input;
        if (request->response)
            example.output = request->response->message.text();
        examples.push_back(std::move(example));
    }
    const QString note = QStringLiteral("From run %1, step %2").arg(run.value).arg(steps.join(QStringLiteral(", ")).left(100));
    auto kept = co_await collectExamples(session, dataset, std::move(examples), QString(), QString(), note);
    co_return kept;
}

} // namespace lathe
