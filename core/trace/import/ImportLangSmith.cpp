// SPDX-License-Identifier: GPL-3.0-or-later
// LangSmith: runs as its API gives them out, one tree (child_runs) or a flat list (parent_run_id, dotted_order).
#include "core/base/Json.h"
#include "core/trace/import/ImportShapes.h"
#include "core/trace/import/SpanReading.h"
#include "core/trace/import/StepFinish.h"

#include <QSet>

namespace lathe::importing {

namespace {
using L = QLatin1String;
using shapes::textOf;
constexpr int depthMax = 500; // of child_runs

bool isKnown(const QString &key)
{
    static const QSet<QString> known = [] {
        QSet<QString> names;
        for (const char *name : {"id",
                                 "trace_id",
                                 "parent_run_id",
                                 "parent_run_ids",
                                 "dotted_order",
                                 "name",
                                 "run_type",
                                 "start_time",
                                 "end_time",
                                 "status",
                                 "error",
                                 "inputs",
                                 "outputs",
                                 "extra",
                                 "serialized",
                                 "events",
                                 "tags",
                                 "feedback_stats",
                                 "child_runs",
                                 "child_run_ids",
                                 "direct_child_run_ids",
                                 "total_tokens",
                                 "prompt_tokens",
                                 "completion_tokens",
                                 "total_cost",
                                 "prompt_cost",
                                 "completion_cost",
                                 "first_token_time",
                                 "session_id",
                                 "session_name",
                                 "app_path",
                                 "execution_order",
                                 "inputs_preview",
                                 "outputs_preview",
                                 "inputs_s3_urls",
                                 "outputs_s3_urls",
                                 "s3_urls",
                                 "manifest_id",
                                 "manifest_s3_id",
                                 "share_token",
                                 "trace_tier",
                                 "trace_first_received_at",
                                 "ttl_seconds",
                                 "trace_upgrade",
                                 "thread_id",
                                 "last_queued_at",
                                 "in_dataset",
                                 "price_model_id",
                                 "parent_run",
                                 "metadata",
                                 "prompt_token_details",
                                 "completion_token_details",
                                 "prompt_cost_details",
                                 "completion_cost_details",
                                 "reference_dataset_id",
                                 "trace_min_start_time",
                                 "trace_max_start_time"})
            names.insert(QString::fromLatin1(name));
        return names;
    }();
    return known.contains(key);
}

// The trace and the parent stand in "20240101T..Z<trace>.20240101T..Z<parent>.20240101T..Z<run>".
QStringList idsOf(const QString &dottedOrder)
{
    QStringList ids;
    const QStringList parts = dottedOrder.split(u'.', Qt::SkipEmptyParts);
    for (const QString &part : parts) {
        const qsizetype at = part.indexOf(u'Z');
        ids.append(at > 0 ? part.mid(at + 1) : part);
    }
    return ids;
}

// What a model call answered: {generations: [[{message}]]}, {choices: [{message}]}, {messages}, {output}, a message.
QJsonArray answerOf(const QJsonValue &outputs)
{
    const QJsonValue generations = outputs[L("generations")];
    if (generations.isArray()) {
        const QJsonValue first = generations[0].isArray() ? generations[0][0] : generations[0];
        if (first[L("message")].isObject())
            return {shapes::message(first[L("message")].toObject(), QStringLiteral("assistant"))};
        return shapes::messages(first[L("text")], QStringLiteral("assistant"));
    }
    if (outputs[L("choices")].isArray())
        return {shapes::message(outputs[L("choices")][0][L("message")].toObject(), QStringLiteral("assistant"))};
    for (const char *key : {"message", "output", "messages", "content"}) {
        const QJsonValue value = outputs[L(key)];
        if (outputs[L("role")].isUndefined() && !value.isUndefined() && !value.isNull())
            return shapes::messages(value, QStringLiteral("assistant"));
    }
    return outputs.toObject().isEmpty() ? QJsonArray() : shapes::messages(outputs, QStringLiteral("assistant"));
}

// Tokens stand in the run, in llm_output, in the message's usage_metadata, or in the provider's usage.
void putUsage(SpanReading &r, const QJsonObject &run, const QJsonValue &outputs)
{
    const QJsonValue generation = outputs[L("generations")][0].isArray() ? outputs[L("generations")][0][0] : outputs[L("generations")][0];
    const QJsonValue kwargs = generation[L("message")][L("kwargs")];
    for (const QJsonValue &usage :
         {kwargs[L("usage_metadata")], generation[L("message")][L("usage_metadata")], outputs[L("usage_metadata")], outputs[L("usage")],
          outputs[L("llm_output")][L("token_usage")], outputs[L("llm_output")][L("usage")],
          kwargs[L("response_metadata")][L("token_usage")], kwargs[L("response_metadata")][L("usage")], QJsonValue(run)})
        putVendorUsage(r, usage.toObject());
    for (const QJsonValue &metadata : {kwargs[L("response_metadata")], outputs[L("llm_output")], outputs}) {
        for (const char *key : {"model_name", "model"}) {
            if (metadata[L(key)].isString())
                r.put("gen_ai.response.model", metadata[L(key)]);
        }
        if (const QString reason = metadata[L("finish_reason")].toString(); !reason.isEmpty())
            r.put("gen_ai.response.finish_reasons", QJsonArray{reason});
    }
    const QJsonValue cost = run.value(L("total_cost"));
    const double dollars = cost.isString() ? cost.toString().toDouble() : cost.toDouble(-1);
    if (dollars > 0 || (dollars == 0 && cost.isDouble()))
        r.put("lathe.cost_usd", dollars);
}

void readEvents(const QJsonObject &run, ForeignStep *step)
{
    const QJsonArray events = run.value(L("events")).toArray();
    for (const QJsonValue &event : events) {
        const QString name = event[L("name")].toString();
        const qint64 at = timeUs(event[L("time")]);
        if (name == L("new_token")) {
            if (step->firstTextUs == 0)
                step->firstTextUs = at;
            continue;
        }
        if (name == L("start") || name == L("end") || name.isEmpty())
            continue; // the step says so itself
        QJsonObject attributes = event.toObject();
        attributes.remove(QStringLiteral("name"));
        attributes.remove(QStringLiteral("time"));
        step->notes.push_back({at, name == L("retry") ? QStringLiteral("retry") : name, attributes});
    }
}

void addRun(const QJsonObject &run, const QString &parent, const QString &trace, int depth, const Context &context, Found *found)
{
    OtlpSpan stub;
    for (auto it = run.begin(); it != run.end(); ++it) {
        if (!isKnown(it.key()) && !it.value().isNull())
            stub.attributes.insert(QStringLiteral("langsmith.") + it.key(), it.value());
    }
    SpanReading r(stub);
    ForeignStep &step = r.step;
    r.setDialect("langsmith");
    const QStringList ids = idsOf(textMember(run, "dottedOrder"));
    step.id = textMember(run, "id");
    if (step.id.isEmpty() && !ids.isEmpty())
        step.id = ids.last();
    step.parentId = textMember(run, "parentRunId");
    if (step.parentId.isEmpty() && ids.size() > 1)
        step.parentId = ids[ids.size() - 2];
    if (step.parentId.isEmpty())
        step.parentId = parent;
    step.traceId = textMember(run, "traceId");
    if (step.traceId.isEmpty())
        step.traceId = !ids.isEmpty() ? ids.first() : !trace.isEmpty() ? trace : step.id;
    if (step.id.isEmpty()) {
        found->refused.add(QStringLiteral("run without an id"), textMember(run, "name"));
        return;
    }
    step.name = textMember(run, "name");
    step.startUs = timeUs(member(run, "startTime"));
    step.endUs = timeUs(member(run, "endTime"));
    step.status = step.endUs == 0 ? StepStatus::Running : StepStatus::Ok;
    const QString type = textMember(run, "runType");
    r.put("lathe.foreign.kind", type);
    const QJsonValue inputs = run.value(L("inputs"));
    const QJsonValue outputs = run.value(L("outputs"));
    const QJsonObject extra = run.value(L("extra")).toObject();
    const QJsonObject metadata = extra.value(L("metadata")).toObject();
    readEvents(run, &step);
    if (type == L("llm")) {
        r.setKind(StepKind::Model, "chat");
        r.addInput(
            shapes::messages(inputs[L("messages")].isUndefined() && !inputs[L("prompts")].isUndefined() ? inputs[L("prompts")] : inputs,
                             QStringLiteral("user")));
        r.addOutput(answerOf(outputs));
        QJsonObject settings = extra.value(L("invocation_params")).toObject();
        if (r.tools.isEmpty())
            r.tools = shapes::toolDefinitions(inputs[L("tools")]);
        for (const char *key : {"_type", "stream", "stream_options"})
            settings.remove(L(key));
        r.put("gen_ai.provider.name", metadata.value(L("ls_provider")));
        r.put("gen_ai.request.model", metadata.value(L("ls_model_name")));
        r.put("gen_ai.request.temperature", metadata.value(L("ls_temperature")));
        r.put("gen_ai.request.max_tokens", metadata.value(L("ls_max_tokens")));
        r.putRequestSettings(settings);
        r.put("gen_ai.request.model", inputs[L("model")]);
        putUsage(r, run, outputs);
        if (const qint64 first = timeUs(member(run, "firstTokenTime")); first > 0)
            step.firstTextUs = first;
        if (step.firstTextUs > step.startUs)
            r.put("gen_ai.response.time_to_first_chunk", double(step.firstTextUs - step.startUs) / 1e6);
        else
            step.firstTextUs = 0;
    } else if (type == L("tool")) {
        r.setKind(StepKind::Tool, "execute_tool");
        r.put("gen_ai.tool.name", step.name);
        const QJsonValue input = inputs[L("input")];
        r.put("gen_ai.tool.call.arguments", textOf(input.isUndefined() || inputs.toObject().size() > 1 ? inputs : input));
        const QJsonValue output = outputs[L("output")];
        const QJsonValue result = output.isUndefined() || outputs.toObject().size() > 1 ? outputs : output;
        const QJsonValue content = result[L("kwargs")][L("content")];
        step.text = textOf(content.isString() ? content : result[L("content")].isString() ? result[L("content")] : result);
        r.put("gen_ai.tool.call.id", result[L("kwargs")][L("tool_call_id")]);
    } else if (type == L("retriever")) {
        r.setKind(StepKind::Memory, "retrieval");
        r.put("gen_ai.retrieval.query.text", inputs[L("query")]);
        QJsonArray documents;
        const QJsonArray list = outputs[L("documents")].toArray();
        for (const QJsonValue &document : list) {
            const QJsonValue of = document[L("kwargs")].isObject() ? document[L("kwargs")] : document;
            documents.append(
                QJsonObject{{QStringLiteral("content"), of[L("page_content")]}, {QStringLiteral("metadata"), of[L("metadata")]}});
        }
        if (!documents.isEmpty())
            r.put("gen_ai.retrieval.documents", documents);
        r.put("lathe.input", inputs);
    } else if (type == L("embedding")) {
        r.setKind(StepKind::Model, "embeddings");
        r.put("lathe.input", inputs);
        r.put("gen_ai.request.model", metadata.value(L("ls_model_name")));
    } else {
        // chain, prompt, parser: the outermost one is what was run
        const bool root = step.parentId.isEmpty();
        r.setKind(root ? StepKind::Agent : StepKind::Control, root ? "invoke_agent" : "");
        r.put("lathe.input", inputs);
        r.put("lathe.output", outputs);
        if (root) {
            step.agent = step.name;
            r.put("gen_ai.agent.name", step.name);
        }
    }
    if (!metadata.isEmpty())
        r.put("lathe.metadata", metadata);
    r.put("lathe.foreign.serialized", run.value(L("serialized"))[L("name")]);
    for (const char *key : {"thread_id", "session_id", "conversation_id"}) {
        if (step.session.isEmpty())
            step.session = metadata.value(L(key)).toString();
    }
    step.user = metadata.value(L("user_id")).toString();
    step.tags = json::toStringList(run.value(L("tags")));
    step.tags.removeIf(
        [](const QString &tag) { return tag.startsWith(L("seq:")) || tag.startsWith(L("graph:")) || tag.startsWith(L("map:")); });
    if (const QString error = textMember(run, "error"); !error.isEmpty() || textMember(run, "status") == L("error")) {
        const QString firstLine = error.section(u'\n', 0, 0).left(2000);
        step.status = StepStatus::Failed;
        step.error =
            Error(ErrorKind::Provider, firstLine.isEmpty() ? QStringLiteral("The recorder says that it failed, not why.") : firstLine,
                  error.left(20'000));
        step.endUs = std::max(step.endUs, step.startUs);
    }
    const QJsonObject feedback = member(run, "feedbackStats").toObject();
    for (auto it = feedback.begin(); it != feedback.end(); ++it) {
        Score score;
        score.traceId = step.traceId;
        score.stepId = step.parentId.isEmpty() ? QString() : step.id;
        score.name = it.key();
        score.value = it.value()[L("avg")];
        score.comment = it.value()[L("comments")][0].toString();
        score.timeUs = step.endUs;
        if (score.value.isDouble())
            found->scores.push_back(std::move(score));
        else
            found->refused.add(QStringLiteral("feedback without a number"), it.key());
    }
    finishStep(r);
    r.keepRest(context.notes);
    r.put("lathe.dialect", QStringLiteral("langsmith"));
    r.put("lathe.foreign.id", step.id);
    if (context.notes)
        context.notes->dialects.add(dialectTitle(QStringLiteral("langsmith")), step.name);
    const QString id = step.id, traceId = step.traceId;
    found->steps.push_back(std::move(step));
    const QJsonArray children = run.value(L("child_runs")).toArray();
    if (depth >= depthMax && !children.isEmpty()) {
        found->refused.add(QStringLiteral("runs nested deeper than %1").arg(depthMax), id);
        return;
    }
    for (const QJsonValue &child : children)
        addRun(child.toObject(), id, traceId, depth + 1, context, found);
}
} // namespace

bool isLangSmith(const QJsonObject &value)
{
    if (value.contains(L("run_type")) || value.contains(L("dotted_order")))
        return true;
    const QJsonArray runs = value.value(L("runs")).toArray();
    return !runs.isEmpty() && (runs.first().toObject().contains(L("run_type")) || runs.first().toObject().contains(L("dotted_order")));
}

void readLangSmith(const QJsonObject &value, const Context &context, Found *found)
{
    if (value.value(L("runs")).isArray() && !value.contains(L("run_type"))) {
        const QJsonArray runs = value.value(L("runs")).toArray();
        for (const QJsonValue &run : runs)
            addRun(run.toObject(), QString(), QString(), 0, context, found);
        return;
    }
    addRun(value, QString(), QString(), 0, context, found);
}

} // namespace lathe::importing
