// SPDX-License-Identifier: GPL-3.0-or-later
// OpenInference (Phoenix, Arize): openinference.span.kind, flattened keys such as llm.input_messages.0.message.content.
#include "core/base/Json.h"
#include "core/trace/import/SpanReading.h"

namespace lathe {

namespace {
using L = QLatin1String;
using shapes::textOf;

// [{message: {role, content, contents: [{message_content}], tool_calls: [{tool_call: {id, function}}]}}]
QJsonArray messagesOf(const QJsonValue &tree, const QString &role)
{
    QJsonArray made;
    const QJsonArray list = tree.toArray();
    for (const QJsonValue &item : list) {
        QJsonObject message = item[L("message")].toObject();
        const QJsonArray contents = message.value(L("contents")).toArray();
        if (!contents.isEmpty()) {
            QJsonArray parts;
            for (const QJsonValue &content : contents) {
                QJsonObject part = content[L("message_content")].toObject();
                if (part.value(L("type")).toString() == L("image"))
                    part.insert(QStringLiteral("image"), part.value(L("image"))[L("image")]);
                parts.append(part);
            }
            message.insert(QStringLiteral("content"), parts);
            message.remove(QStringLiteral("contents"));
        }
        if (const QJsonValue name = message.value(L("function_call_name")); name.isString()) {
            message.insert(QStringLiteral("function_call"),
                           QJsonObject{{QStringLiteral("name"), name},
                                       {QStringLiteral("arguments"), message.value(L("function_call_arguments_json"))}});
        }
        made.append(shapes::message(message, role));
    }
    return made;
}

QJsonArray documentsOf(const QJsonValue &tree)
{
    QJsonArray made;
    const QJsonArray list = tree.toArray();
    for (const QJsonValue &item : list) {
        QJsonObject document = item[L("document")].toObject();
        if (document.contains(L("metadata")))
            document.insert(QStringLiteral("metadata"), shapes::unpacked(document.value(L("metadata"))));
        made.append(document);
    }
    return made;
}

void readModel(SpanReading &r)
{
    r.rename("llm.model_name", "gen_ai.request.model");
    r.rename("llm.provider", "gen_ai.provider.name");
    r.rename("llm.system", "gen_ai.provider.name");
    r.putRequestSettings(shapes::unpacked(r.take("llm.invocation_parameters")).toObject());
    if (r.hasPrefix("llm.input_messages."))
        r.addInput(messagesOf(r.takeTree("llm.input_messages."), QStringLiteral("user")));
    if (r.hasPrefix("llm.output_messages."))
        r.addOutput(messagesOf(r.takeTree("llm.output_messages."), QStringLiteral("assistant")));
    if (r.hasPrefix("llm.prompts."))
        r.addInput(shapes::messages(r.takeTree("llm.prompts."), QStringLiteral("user")));
    if (r.hasPrefix("llm.tools.")) {
        QJsonArray schemas;
        const QJsonArray tools = r.takeTree("llm.tools.").toArray();
        for (const QJsonValue &tool : tools) {
            const QJsonValue schema = tool[L("tool")][L("json_schema")];
            schemas.append(schema.isUndefined() ? tool[L("tool")] : schema);
        }
        r.tools = shapes::toolDefinitions(schemas);
    }
    r.putUsage("input_tokens", r.take("llm.token_count.prompt"));
    r.putUsage("output_tokens", r.take("llm.token_count.completion"));
    r.putUsage("cache_read.input_tokens", r.take("llm.token_count.prompt_details.cache_read"));
    r.putUsage("cache_creation.input_tokens", r.take("llm.token_count.prompt_details.cache_write"));
    r.putUsage("reasoning.output_tokens", r.take("llm.token_count.completion_details.reasoning"));
    r.take("llm.token_count.total");
    r.renameNumber("llm.cost.total", "lathe.cost_usd");
    if (const QString reason = r.takeText("llm.finish_reason"); !reason.isEmpty())
        r.put("gen_ai.response.finish_reasons", QJsonArray{reason});
}
} // namespace

void readOpenInference(SpanReading &r)
{
    if (!r.has("openinference.span.kind") && !r.hasPrefix("llm.input_messages.") && !r.has("llm.model_name"))
        return;
    r.setDialect("openinference");
    const QString kind = r.takeText("openinference.span.kind").toUpper();
    r.put("lathe.foreign.kind", kind);
    if (kind == L("LLM") || kind.isEmpty())
        r.setKind(StepKind::Model, "chat");
    else if (kind == L("EMBEDDING"))
        r.setKind(StepKind::Model, "embeddings");
    else if (kind == L("TOOL"))
        r.setKind(StepKind::Tool, "execute_tool");
    else if (kind == L("AGENT"))
        r.setKind(StepKind::Agent, "invoke_agent");
    else if (kind == L("RETRIEVER") || kind == L("RERANKER"))
        r.setKind(StepKind::Memory, "retrieval");
    else
        r.setKind(StepKind::Control, "");
    readModel(r);

    r.rename("agent.name", "gen_ai.agent.name");
    r.step.agent = r.attribute("gen_ai.agent.name");
    if (r.step.agent.isEmpty() && kind == L("AGENT"))
        r.step.agent = r.span.name;
    r.rename("tool.name", "gen_ai.tool.name");
    r.rename("tool.description", "gen_ai.tool.description");
    r.rename("tool.id", "gen_ai.tool.call.id");
    r.rename("tool_call.id", "gen_ai.tool.call.id");
    r.rename("tool_call.function.name", "gen_ai.tool.name");
    r.put("gen_ai.tool.call.arguments", r.takeText("tool_call.function.arguments"));

    const QString input = r.takeText("input.value");
    const QString output = r.takeText("output.value");
    const bool jsonIn = r.takeText("input.mime_type").contains(L("json"));
    const bool jsonOut = r.takeText("output.mime_type").contains(L("json"));
    const auto value = [](const QString &text, bool isJson) { return isJson ? shapes::unpacked(text) : QJsonValue(text); };
    if (r.step.kind == StepKind::Tool) {
        if (r.attribute("gen_ai.tool.name").isEmpty())
            r.put("gen_ai.tool.name", r.span.name);
        r.put("gen_ai.tool.call.arguments", input);
        r.step.text = output;
    } else if (r.step.kind == StepKind::Model && r.attribute("gen_ai.operation.name") == L("chat")) {
        // The request as it was sent and the answer as it came: only needed when the messages were not told.
        if (r.input.isEmpty())
            r.addInput(shapes::messages(value(input, true), QStringLiteral("user")));
        if (r.output.isEmpty() && !output.isEmpty()) {
            const QJsonValue answer = value(output, jsonOut);
            const QJsonValue choices = answer[L("choices")];
            if (choices.isArray())
                r.addOutput(QJsonArray{shapes::message(choices[0][L("message")].toObject(), QStringLiteral("assistant"))});
            else
                r.addOutput(shapes::messages(answer, QStringLiteral("assistant")));
        }
        const QJsonObject answer = jsonOut ? shapes::unpacked(output).toObject() : QJsonObject();
        r.put("gen_ai.response.model", answer.value(L("model")).toString());
        r.put("gen_ai.response.id", answer.value(L("id")).toString());
    } else {
        r.put("lathe.input", value(input, jsonIn));
        r.put("lathe.output", value(output, jsonOut));
    }
    if (r.hasPrefix("retrieval.documents.")) {
        r.put("gen_ai.retrieval.documents", documentsOf(r.takeTree("retrieval.documents.")));
        r.put("gen_ai.retrieval.query.text", input);
    }
    if (r.hasPrefix("reranker.")) {
        r.put("gen_ai.retrieval.query.text", r.takeText("reranker.query"));
        r.rename("reranker.model_name", "gen_ai.request.model");
        r.put("gen_ai.retrieval.documents", documentsOf(r.takeTree("reranker.output_documents.")));
        r.put("lathe.input", documentsOf(r.takeTree("reranker.input_documents.")));
    }
    if (r.hasPrefix("embedding.")) {
        r.rename("embedding.model_name", "gen_ai.request.model");
        QJsonArray texts;
        const QJsonArray list = r.takeTree("embedding.embeddings.").toArray();
        for (const QJsonValue &item : list)
            texts.append(item[L("embedding")][L("text")]);
        if (!texts.isEmpty()) {
            r.put("lathe.input", texts);
            r.put("lathe.embeddings", texts.size());
        }
    }
    r.step.session = r.peek("session.id").toString();
    r.step.user = r.peek("user.id").toString();
    r.put("lathe.metadata", shapes::unpacked(r.take("metadata")));
    r.step.tags = json::toStringList(shapes::unpacked(r.take("tag.tags")));
    for (const char *key :
         {"graph.node.id", "graph.node.name", "graph.node.parent_id", "tool.parameters", "tool.json_schema", "llm.cost.prompt",
          "llm.cost.completion", "llm.prompt_template.template", "llm.prompt_template.variables", "llm.prompt_template.version"})
        r.rename(key, key);
    for (const char *prefix : {"llm.token_count.", "llm.cost.", "llm.choices.", "evaluation.", "annotation."}) {
        for (const auto &[key, rest] : r.takePrefix(prefix))
            r.put((prefix + key.toLatin1()).constData(), rest);
    }
}

} // namespace lathe
