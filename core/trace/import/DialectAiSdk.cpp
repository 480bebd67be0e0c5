// SPDX-License-Identifier: GPL-3.0-or-later
// The AI SDK (npm "ai", versions 3 to 6): spans ai.generateText > ai.generateText.doGenerate, ai.toolCall; attributes ai.*.
#include "core/base/Json.h"
#include "core/trace/import/SpanReading.h"

namespace lathe {

namespace {
using L = QLatin1String;
using shapes::textOf;

// "openai.chat" is the provider openai, "google.generative-ai" google.
QString providerOf(const QString &name)
{
    const QString first = name.section(u'.', 0, 0);
    return first == L("google") ? QStringLiteral("gcp.gemini") : first;
}

QJsonObject answerOf(SpanReading &r)
{
    QJsonArray parts;
    if (const QString reasoning = r.takeText("ai.response.reasoning"); !reasoning.isEmpty())
        parts.append(QJsonObject{{QStringLiteral("type"), QStringLiteral("reasoning")}, {QStringLiteral("content"), reasoning}});
    QString text = r.takeText("ai.response.text");
    if (text.isEmpty())
        text = r.takeText("ai.result.text"); // version 3
    const QString object = r.takeText("ai.response.object");
    if (text.isEmpty())
        text = object.isEmpty() ? r.takeText("ai.result.object") : object;
    if (!text.isEmpty())
        parts.append(shapes::textPart(text));
    for (const char *key : {"ai.response.toolCalls", "ai.result.toolCalls"}) {
        const QJsonArray calls = shapes::unpacked(r.take(key)).toArray();
        for (const QJsonValue &item : calls) {
            const QJsonObject call = item.toObject();
            const QJsonValue arguments = call.contains(L("input")) ? call.value(L("input")) : call.value(L("args"));
            parts.append(shapes::toolCallPart(call.value(L("toolCallId")).toString(), call.value(L("toolName")).toString(), arguments));
        }
    }
    if (parts.isEmpty())
        return {};
    return {{QStringLiteral("role"), QStringLiteral("assistant")}, {QStringLiteral("parts"), parts}};
}
} // namespace

void readAiSdk(SpanReading &r)
{
    if (!r.has("ai.operationId") && !r.hasPrefix("ai.model.") && !r.hasPrefix("ai.toolCall.") && !r.hasPrefix("ai.prompt"))
        return;
    r.setDialect("ai");
    QString operation = r.takeText("ai.operationId");
    if (operation.isEmpty())
        operation = r.span.name.section(u' ', 0, 0);
    r.take("operation.name"); // the same with the function's name
    r.take("resource.name");
    const bool inner = operation.endsWith(L(".doGenerate")) || operation.endsWith(L(".doStream"));
    if (operation == L("ai.toolCall")) {
        r.setKind(StepKind::Tool, "execute_tool");
        r.rename("ai.toolCall.name", "gen_ai.tool.name");
        r.rename("ai.toolCall.id", "gen_ai.tool.call.id");
        r.put("gen_ai.tool.call.arguments", r.takeText("ai.toolCall.args"));
        r.put("gen_ai.tool.call.arguments", r.takeText("ai.toolCall.input"));
        r.step.text = r.takeText("ai.toolCall.result");
        if (r.step.text.isEmpty())
            r.step.text = r.takeText("ai.toolCall.output");
    } else if (operation.endsWith(L(".doEmbed")) || operation.endsWith(L(".doRerank"))) {
        r.setKind(StepKind::Model, "embeddings");
        QJsonValue values = r.take("ai.values");
        if (values.isUndefined())
            values = r.take("ai.value");
        r.put("lathe.input", values);
        for (const char *key : {"ai.embeddings", "ai.embedding"}) { // vectors of thousands of numbers: their count says enough
            const QJsonValue vectors = r.take(key);
            if (!vectors.isUndefined())
                r.put("lathe.embeddings", vectors.isArray() ? vectors.toArray().size() : 1);
        }
    } else if (inner) {
        r.setKind(StepKind::Model, "chat");
    } else {
        r.setKind(StepKind::Agent, "invoke_agent");
    }

    r.put("gen_ai.provider.name", providerOf(r.peek("gen_ai.system").toString()));
    if (!r.attribute("gen_ai.provider.name").isEmpty())
        r.take("gen_ai.system");
    r.put("gen_ai.provider.name", providerOf(r.takeText("ai.model.provider")));
    r.rename("gen_ai.request.model", "gen_ai.request.model");
    r.rename("ai.model.id", "gen_ai.request.model");
    r.rename("gen_ai.response.model", "gen_ai.response.model");
    r.rename("ai.response.model", "gen_ai.response.model");
    r.rename("gen_ai.response.id", "gen_ai.response.id");
    r.rename("ai.response.id", "gen_ai.response.id");
    if (r.has("gen_ai.response.finish_reasons"))
        r.take("ai.response.finishReason");
    if (const QString reason = r.takeText("ai.response.finishReason"); !reason.isEmpty())
        r.put("gen_ai.response.finish_reasons", QJsonArray{reason});

    const auto usage = [&r](const char *name, std::initializer_list<const char *> keys) {
        for (const char *key : keys)
            r.putUsage(name, r.take(key));
    };
    usage("input_tokens", {"gen_ai.usage.input_tokens", "ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens"});
    usage("output_tokens", {"gen_ai.usage.output_tokens", "ai.usage.outputTokens", "ai.usage.completionTokens"});
    usage("cache_read.input_tokens", {"ai.usage.cachedInputTokens", "ai.usage.inputTokenDetails.cacheReadTokens"});
    usage("cache_creation.input_tokens", {"ai.usage.inputTokenDetails.cacheWriteTokens"});
    usage("reasoning.output_tokens", {"ai.usage.reasoningTokens", "ai.usage.outputTokenDetails.reasoningTokens"});
    for (const char *key : {"ai.usage.totalTokens", "ai.usage.inputTokenDetails.noCacheTokens", "ai.usage.outputTokenDetails.textTokens"})
        r.take(key);

    for (const char *key : {"ai.response.msToFirstChunk", "ai.stream.msToFirstChunk"}) {
        const double ms = r.take(key).toDouble();
        if (ms > 0 && ms < 1e9) {
            r.step.firstTextUs = r.step.startUs + qint64(ms * 1000);
            r.put("gen_ai.response.time_to_first_chunk", ms / 1000);
        }
    }
    std::erase_if(r.step.notes, [&r](const StepNote &note) { // says the same
        if (note.name != L("ai.stream.firstChunk"))
            return false;
        if (r.step.firstTextUs == 0)
            r.step.firstTextUs = note.timeUs;
        return true;
    });

    QJsonObject settings;
    for (const auto &[key, value] : r.takePrefix("ai.settings.")) {
        if (key == L("maxRetries") || key == L("maxSteps") || key == L("mode") || key == L("output") || key == L("context"))
            r.put(("ai.settings." + key.toLatin1()).constData(), value);
        else
            settings.insert(key, value);
    }
    r.putRequestSettings(settings);
    if (r.tools.isEmpty())
        r.tools = shapes::toolDefinitions(r.take("ai.prompt.tools"));
    r.rename("ai.prompt.toolChoice", "gen_ai.request.tool_choice");
    if (r.has("ai.prompt.messages"))
        r.addInput(shapes::messages(r.take("ai.prompt.messages"), QStringLiteral("user")));
    if (r.has("ai.prompt"))
        r.addInput(shapes::messages(r.take("ai.prompt"), QStringLiteral("user")));
    const QJsonObject answer = answerOf(r);
    if (!answer.isEmpty())
        r.addOutput(QJsonArray{answer});
    if (!inner && r.step.kind == StepKind::Agent) {
        r.step.agent = r.takeText("ai.telemetry.functionId");
        r.put("gen_ai.agent.name", r.step.agent);
    } else {
        r.rename("ai.telemetry.functionId", "gen_ai.agent.name");
    }
    for (const auto &[key, value] : r.takePrefix("ai.telemetry.metadata.")) {
        if (key == L("sessionId") || key == L("session_id"))
            r.step.session = textOf(value);
        else if (key == L("userId") || key == L("user_id"))
            r.step.user = textOf(value);
        else if (key == L("tags") && value.isArray())
            r.step.tags = json::toStringList(value);
        r.put(("lathe.metadata." + key.toLatin1()).constData(), value);
    }
    for (const char *key : {"ai.response.timestamp", "ai.response.msToFinish", "ai.response.avgOutputTokensPerSecond",
                            "ai.response.avgCompletionTokensPerSecond", "ai.response.providerMetadata"})
        r.rename(key, key);
    for (const auto &[key, value] : r.takePrefix("ai.request.headers."))
        r.put(("http.request.header." + key.toLatin1()).constData(), value);
}

} // namespace lathe
