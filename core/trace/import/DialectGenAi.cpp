// SPDX-License-Identifier: GPL-3.0-or-later
// OpenTelemetry's GenAI conventions: the current ones, and those before (gen_ai.system; messages as events of the span or as log records;
// gen_ai.prompt.N.* and gen_ai.completion.N.* of the first instrumentations).
#include "core/base/Json.h"
#include "core/trace/import/SpanReading.h"

namespace lathe {

namespace {
using L = QLatin1String;
using shapes::textOf;

void setKindOfOperation(SpanReading &r, const QString &operation)
{
    if (operation == L("chat") || operation == L("generate_content") || operation == L("text_completion") || operation == L("embeddings")
        || operation == L("completion") || operation == L("rerank"))
        r.setKind(StepKind::Model, "");
    else if (operation == L("execute_tool"))
        r.setKind(StepKind::Tool, "");
    else if (operation == L("invoke_agent") || operation == L("create_agent") || operation == L("invoke_workflow"))
        r.setKind(StepKind::Agent, "");
    else if (operation == L("retrieval") || operation.endsWith(L("_memory")) || operation.endsWith(L("_memory_store")))
        r.setKind(StepKind::Memory, "");
    else
        r.setKind(StepKind::Control, "");
}

// The body of a message event: {role, content, tool_calls, ...}, however it was packed.
QJsonObject eventBody(const QJsonObject &attributes, const QJsonValue &body)
{
    QJsonObject content = shapes::unpacked(body).toObject();
    if (body.isString() && content.isEmpty() && !body.toString().isEmpty())
        content.insert(QStringLiteral("content"), body);
    if (content.isEmpty())
        content = shapes::unpacked(attributes.value(L("gen_ai.event.content"))).toObject();
    for (const char *key : {"content", "role", "tool_calls", "id", "name", "message", "index", "finish_reason", "toolCalls"}) {
        const QJsonValue value = attributes.value(L(key));
        if (!value.isUndefined() && !content.contains(L(key)))
            content.insert(QString::fromLatin1(key), shapes::unpacked(value));
    }
    return content;
}

// True: the event was a message and is part of the conversation now.
bool readMessageEvent(SpanReading &r, const QString &name, const QJsonObject &attributes, const QJsonValue &body, QJsonArray *input,
                      QJsonArray *output)
{
    static const QHash<QString, QString> roles{{QStringLiteral("gen_ai.system.message"), QStringLiteral("system")},
                                               {QStringLiteral("gen_ai.user.message"), QStringLiteral("user")},
                                               {QStringLiteral("gen_ai.assistant.message"), QStringLiteral("assistant")},
                                               {QStringLiteral("gen_ai.tool.message"), QStringLiteral("tool")}};
    if (const auto role = roles.constFind(name); role != roles.constEnd()) {
        QJsonObject content = eventBody(attributes, body);
        if (!content.contains(L("role")))
            content.insert(QStringLiteral("role"), *role);
        if (*role == L("tool") && content.contains(L("id")) && !content.contains(L("tool_call_id")))
            content.insert(QStringLiteral("tool_call_id"), content.value(L("id")));
        input->append(shapes::message(content, *role));
        return true;
    }
    if (name == L("gen_ai.choice")) {
        const QJsonObject content = eventBody(attributes, body);
        QJsonObject message = content.value(L("message")).toObject();
        if (message.isEmpty() && content.value(L("message")).isString())
            message.insert(QStringLiteral("content"), content.value(L("message")));
        if (message.isEmpty())
            message = content;
        for (const char *key : {"tool_calls", "finish_reason"}) { // beside the message in some versions
            if (content.contains(L(key)) && !message.contains(L(key)))
                message.insert(QString::fromLatin1(key), content.value(L(key)));
        }
        if (!message.contains(L("role")))
            message.insert(QStringLiteral("role"), QStringLiteral("assistant"));
        output->append(shapes::message(message, QStringLiteral("assistant")));
        return true;
    }
    if (name == L("gen_ai.content.prompt") || name == L("gen_ai.content.completion")) {
        const bool prompt = name.endsWith(L("prompt"));
        const QJsonValue content = attributes.value(prompt ? L("gen_ai.prompt") : L("gen_ai.completion"));
        QJsonArray &into = prompt ? *input : *output;
        const QJsonArray messages = shapes::messages(content, prompt ? QStringLiteral("user") : QStringLiteral("assistant"));
        for (const QJsonValue &message : messages)
            into.append(message);
        return true;
    }
    if (name == L("gen_ai.client.inference.operation.details")) {
        const QJsonObject &of = attributes.contains(L("gen_ai.input.messages")) || attributes.contains(L("gen_ai.output.messages"))
                                    ? attributes
                                    : body.toObject();
        *input = shapes::messages(of.value(L("gen_ai.input.messages")), QStringLiteral("user"));
        *output = shapes::messages(of.value(L("gen_ai.output.messages")), QStringLiteral("assistant"));
        if (r.system.isEmpty())
            r.system = shapes::parts(shapes::unpacked(of.value(L("gen_ai.system_instructions"))));
        if (r.tools.isEmpty())
            r.tools = shapes::toolDefinitions(of.value(L("gen_ai.tool.definitions")));
        return true;
    }
    return false;
}

// gen_ai.prompt.0.role, .content, .tool_calls.0.name: messages of traceloop and others.
QJsonArray flattened(const QJsonValue &tree, const QString &role)
{
    QJsonArray made;
    const QJsonArray list = tree.toArray();
    for (const QJsonValue &item : list) {
        QJsonObject object = item.toObject();
        if (object.contains(L("content")))
            object.insert(QStringLiteral("content"), shapes::unpacked(object.value(L("content"))));
        made.append(shapes::message(object, role));
    }
    return made;
}
} // namespace

void readGenAi(SpanReading &r, std::span<const OtlpLogRecord> logs)
{
    const bool old = r.has("gen_ai.system") && !r.has("gen_ai.provider.name");
    if (!r.hasPrefix("gen_ai.") && logs.empty())
        return;
    if (r.has("gen_ai.operation.name") || r.has("gen_ai.provider.name") || r.has("gen_ai.system") || r.has("gen_ai.request.model")
        || !logs.empty())
        r.setDialect(old ? "gen_ai.system" : "gen_ai");
    const QString operation = r.peek("gen_ai.operation.name").toString();
    r.rename("gen_ai.operation.name", "gen_ai.operation.name");
    if (!operation.isEmpty())
        setKindOfOperation(r, operation);
    else if (r.has("gen_ai.tool.name") && !r.has("gen_ai.request.model"))
        r.setKind(StepKind::Tool, "execute_tool");
    else if (r.has("gen_ai.request.model") || r.has("gen_ai.response.model"))
        r.setKind(StepKind::Model, "chat");
    for (const char *key :
         {"gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model", "gen_ai.tool.name", "gen_ai.agent.name"})
        r.rename(key, key);
    r.rename("gen_ai.system", "gen_ai.provider.name");
    for (const char *key : {"gen_ai.request.temperature", "gen_ai.request.top_p", "gen_ai.request.top_k", "gen_ai.request.max_tokens"})
        r.renameNumber(key, key);
    r.rename("gen_ai.openai.request.seed", "gen_ai.request.seed");

    r.putUsage("input_tokens", r.take("gen_ai.usage.input_tokens"));
    r.putUsage("output_tokens", r.take("gen_ai.usage.output_tokens"));
    r.putUsage("input_tokens", r.take("gen_ai.usage.prompt_tokens"));
    r.putUsage("output_tokens", r.take("gen_ai.usage.completion_tokens"));
    r.putUsage("cache_read.input_tokens", r.take("gen_ai.usage.cache_read.input_tokens"));
    r.putUsage("cache_read.input_tokens", r.take("gen_ai.usage.cache_read_input_tokens"));
    r.putUsage("cache_creation.input_tokens", r.take("gen_ai.usage.cache_creation.input_tokens"));
    r.putUsage("cache_creation.input_tokens", r.take("gen_ai.usage.cache_creation_input_tokens"));
    r.putUsage("reasoning.output_tokens", r.take("gen_ai.usage.reasoning.output_tokens"));
    r.putUsage("reasoning.output_tokens", r.take("gen_ai.usage.reasoning_tokens"));
    for (const char *key : {"gen_ai.usage.cost", "gen_ai.usage.total_cost"})
        r.renameNumber(key, "lathe.cost_usd");

    if (const QJsonValue reasons = shapes::unpacked(r.take("gen_ai.response.finish_reasons")); reasons.isArray())
        r.put("gen_ai.response.finish_reasons", reasons);
    else if (!textOf(reasons).isEmpty())
        r.put("gen_ai.response.finish_reasons", QJsonArray{textOf(reasons)});
    for (const char *key :
         {"gen_ai.response.time_to_first_chunk", "gen_ai.response.time_to_first_token", "gen_ai.server.time_to_first_token"}) {
        const double seconds = r.peek(key).toDouble();
        if (seconds > 0 && seconds < 1e6 && r.step.firstTextUs == 0)
            r.step.firstTextUs = r.step.startUs + qint64(seconds * 1e6);
        if (seconds > 0)
            r.rename(key, "gen_ai.response.time_to_first_chunk");
    }

    if (r.has("gen_ai.input.messages"))
        r.addInput(shapes::messages(r.take("gen_ai.input.messages"), QStringLiteral("user")));
    if (r.has("gen_ai.output.messages"))
        r.addOutput(shapes::messages(r.take("gen_ai.output.messages"), QStringLiteral("assistant")));
    if (r.system.isEmpty())
        r.system = shapes::parts(shapes::unpacked(r.take("gen_ai.system_instructions")));
    if (r.tools.isEmpty())
        r.tools = shapes::toolDefinitions(r.take("gen_ai.tool.definitions"));
    for (const char *key : {"gen_ai.request.tools", "gen_ai.agent.tools"}) {
        if (r.tools.isEmpty() && r.has(key))
            r.tools = shapes::toolDefinitions(r.take(key));
    }
    if (r.hasPrefix("gen_ai.prompt.") && !r.has("gen_ai.prompt.name"))
        r.addInput(flattened(r.takeTree("gen_ai.prompt."), QStringLiteral("user")));
    if (r.hasPrefix("gen_ai.completion."))
        r.addOutput(flattened(r.takeTree("gen_ai.completion."), QStringLiteral("assistant")));
    if (r.has("gen_ai.prompt"))
        r.addInput(shapes::messages(r.take("gen_ai.prompt"), QStringLiteral("user")));
    if (r.has("gen_ai.completion"))
        r.addOutput(shapes::messages(r.take("gen_ai.completion"), QStringLiteral("assistant")));

    QJsonArray input, output;
    std::erase_if(r.step.notes,
                  [&](const StepNote &note) { return readMessageEvent(r, note.name, note.attributes, QJsonValue(), &input, &output); });
    for (const OtlpLogRecord &record : logs) {
        if (!readMessageEvent(r, record.eventName, record.attributes, record.body, &input, &output)) {
            QJsonObject attributes = record.attributes;
            if (!record.body.isNull() && !record.body.isUndefined())
                attributes.insert(QStringLiteral("body"), record.body);
            if (!record.severity.isEmpty())
                attributes.insert(QStringLiteral("severity"), record.severity);
            r.step.notes.push_back(
                {record.timeNs / 1000, record.eventName.isEmpty() ? QStringLiteral("log") : record.eventName, attributes});
        }
    }
    if (!logs.empty()) {
        r.put("gen_ai.provider.name", logs.front().attributes.value(L("gen_ai.provider.name")));
        r.put("gen_ai.provider.name", logs.front().attributes.value(L("gen_ai.system")));
    }
    if (!input.isEmpty() || !output.isEmpty())
        r.setKind(StepKind::Model, "chat");
    r.addInput(input);
    r.addOutput(output);

    if (r.step.kind == StepKind::Tool && r.kindKnown) {
        r.put("gen_ai.tool.call.arguments", textOf(r.take("gen_ai.tool.call.arguments")));
        for (const char *key : {"gen_ai.tool.call.result", "gen_ai.tool.message", "gen_ai.tool.output"}) {
            if (r.step.text.isEmpty())
                r.step.text = r.takeText(key);
        }
        for (const char *key : {"gen_ai.tool.input", "tool_arguments"})
            r.put("gen_ai.tool.call.arguments", textOf(r.take(key)));
    }
    if (r.step.agent.isEmpty())
        r.step.agent = r.peek("gen_ai.agent.name").toString();
    if (r.step.agent.isEmpty() && operation == L("invoke_workflow"))
        r.step.agent = r.peek("gen_ai.workflow.name").toString();
    if (r.step.session.isEmpty())
        r.step.session = r.peek("gen_ai.conversation.id").toString();
}

} // namespace lathe
