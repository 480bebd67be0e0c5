// SPDX-License-Identifier: GPL-3.0-or-later
// Lathe's own export, MCP, traceloop (OpenLLMetry) and the spans of Langfuse's SDK.
#include "core/base/Json.h"
#include "core/trace/import/SpanReading.h"

namespace lathe {

namespace {
using L = QLatin1String;
using shapes::textOf;
} // namespace

void readLathe(SpanReading &r)
{
    if (!r.has("lathe.step.kind"))
        return;
    r.setDialect("lathe");
    r.setKind(stepKindFromName(r.takeText("lathe.step.kind")), "");
    r.take("lathe.step.path"); // it gets its own here
    const QString status = r.takeText("lathe.step.status");
    if (!status.isEmpty())
        r.step.status = stepStatusFromName(status);
    if (r.step.status == StepStatus::Running || r.step.status == StepStatus::Waiting)
        r.step.status = StepStatus::Interrupted; // the export ends where the run stood
    r.step.text = r.takeText("lathe.text");
    r.step.reasoning = r.takeText("lathe.reasoning");
    r.step.toolArguments = r.takeText("lathe.tool_arguments");
    r.step.agent = r.peek("lathe.run.agent").toString().section(u'@', 0, 0);
    r.step.input = r.peek("lathe.run.input").toString();
    r.step.output = r.peek("lathe.run.output").toString();
}

void readMcp(SpanReading &r)
{
    if (!r.has("mcp.method.name"))
        return;
    r.setDialect("mcp");
    const QString method = r.peek("mcp.method.name").toString();
    if (method == L("tools/call")) {
        r.setKind(StepKind::Tool, "execute_tool");
        r.rename("mcp.tool.name", "gen_ai.tool.name");
        if (!r.has("gen_ai.tool.name"))
            r.put("gen_ai.tool.name", r.span.name.section(u' ', 1));
        r.put("gen_ai.tool.call.arguments", r.takeText("mcp.request.argument"));
    } else {
        r.setKind(StepKind::Control, "");
    }
}

void readTraceloop(SpanReading &r)
{
    if (!r.hasPrefix("traceloop.") && !r.has("llm.request.type"))
        return;
    r.setDialect("traceloop");
    const QString kind = r.takeText("traceloop.span.kind");
    r.put("lathe.foreign.kind", kind);
    const QString entity = r.peek("traceloop.entity.name").toString();
    const QString type = r.takeText("llm.request.type");
    if (kind == L("tool")) {
        r.setKind(StepKind::Tool, "execute_tool");
        r.put("gen_ai.tool.name", entity);
    } else if (kind == L("agent")) {
        r.setKind(StepKind::Agent, "invoke_agent");
        r.put("gen_ai.agent.name", entity);
    } else if (kind == L("workflow")) {
        r.setKind(StepKind::Agent, "invoke_workflow");
        r.put("gen_ai.workflow.name", entity);
    } else if (kind == L("task")) {
        r.setKind(StepKind::Control, "");
    } else if (type == L("chat") || type == L("completion")) {
        r.setKind(StepKind::Model, "chat");
    } else if (type == L("embedding")) {
        r.setKind(StepKind::Model, "embeddings");
    } else if (type == L("rerank")) {
        r.setKind(StepKind::Memory, "retrieval");
    }
    if (kind == L("agent") || kind == L("workflow"))
        r.step.agent = entity;
    if (r.step.agent.isEmpty())
        r.step.agent = r.peek("traceloop.workflow.name").toString();
    r.put("gen_ai.workflow.name", r.peek("traceloop.workflow.name"));
    r.take("traceloop.workflow.name");
    // {"args": [...], "kwargs": {...}} or what the function returned
    const QJsonValue input = shapes::unpacked(r.take("traceloop.entity.input"));
    const QJsonValue output = shapes::unpacked(r.take("traceloop.entity.output"));
    if (kind == L("tool")) {
        r.put("gen_ai.tool.call.arguments", textOf(input));
        r.step.text = textOf(output);
    } else {
        r.put("lathe.input", input);
        r.put("lathe.output", output);
    }
    r.take("llm.usage.total_tokens");
    r.rename("llm.is_streaming", "gen_ai.request.stream");
    if (r.tools.isEmpty() && r.hasPrefix("llm.request.functions."))
        r.tools = shapes::toolDefinitions(r.takeTree("llm.request.functions."));
    if (r.has("llm.completions.0.content") || r.hasPrefix("llm.completions."))
        r.addOutput(shapes::messages(r.takeTree("llm.completions."), QStringLiteral("assistant")));
    if (r.hasPrefix("llm.prompts."))
        r.addInput(shapes::messages(r.takeTree("llm.prompts."), QStringLiteral("user")));
    for (const auto &[key, value] : r.takePrefix("traceloop.association.properties.")) {
        if (key == L("session_id") || key == L("chat_id"))
            r.step.session = textOf(value);
        else if (key == L("user_id"))
            r.step.user = textOf(value);
        r.put(("lathe.metadata." + key.toLatin1()).constData(), value);
    }
    for (const auto &[key, value] : r.takePrefix("traceloop."))
        r.put(("traceloop." + key.toLatin1()).constData(), value);
}

void readLangfuseSpan(SpanReading &r)
{
    if (!r.hasPrefix("langfuse."))
        return;
    r.setDialect("langfuse");
    const QString type = r.takeText("langfuse.observation.type").toUpper();
    if (type == L("GENERATION"))
        r.setKind(StepKind::Model, "chat");
    else if (type == L("EMBEDDING"))
        r.setKind(StepKind::Model, "embeddings");
    else if (type == L("TOOL"))
        r.setKind(StepKind::Tool, "execute_tool");
    else if (type == L("AGENT"))
        r.setKind(StepKind::Agent, "invoke_agent");
    else if (type == L("RETRIEVER"))
        r.setKind(StepKind::Memory, "retrieval");
    r.put("lathe.foreign.kind", type);
    const QJsonValue input = shapes::unpacked(r.take("langfuse.observation.input"));
    const QJsonValue output = shapes::unpacked(r.take("langfuse.observation.output"));
    if (type == L("GENERATION")) {
        r.addInput(shapes::messages(input, QStringLiteral("user")));
        r.addOutput(shapes::messages(output, QStringLiteral("assistant")));
    } else if (type == L("TOOL")) {
        r.put("gen_ai.tool.name", r.span.name);
        r.put("gen_ai.tool.call.arguments", textOf(input));
        r.step.text = textOf(output);
    } else {
        r.put("lathe.input", input);
        r.put("lathe.output", output);
    }
    r.rename("langfuse.observation.model.name", "gen_ai.request.model");
    r.putRequestSettings(shapes::unpacked(r.take("langfuse.observation.model.parameters")).toObject());
    putVendorUsage(r, shapes::unpacked(r.take("langfuse.observation.usage_details")).toObject());
    r.put("lathe.cost_usd", shapes::unpacked(r.take("langfuse.observation.cost_details"))[L("total")]);
    if (r.peek("langfuse.observation.level").toString() == L("ERROR") && r.step.status == StepStatus::Ok) {
        r.step.status = StepStatus::Failed;
        r.step.error = Error(ErrorKind::Provider, r.peek("langfuse.observation.status_message").toString());
    }
    r.step.agent = r.peek("langfuse.trace.name").toString();
    r.step.session = r.peek("session.id").toString();
    r.step.user = r.peek("user.id").toString();
    r.step.tags = json::toStringList(shapes::unpacked(r.take("langfuse.trace.tags")));
    r.step.input = textOf(r.take("langfuse.trace.input"));
    r.step.output = textOf(r.take("langfuse.trace.output"));
    for (const auto &[key, value] : r.takePrefix("langfuse."))
        r.put(("langfuse." + key.toLatin1()).constData(), value);
}

} // namespace lathe
