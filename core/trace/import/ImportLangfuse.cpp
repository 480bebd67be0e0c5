// SPDX-License-Identifier: GPL-3.0-or-later
// Langfuse: a trace with observations as its API and its UI give it out (versions 2 and 3), lists of traces or observations, and the batches
// its SDKs send.
#include "core/base/Json.h"
#include "core/trace/import/ImportShapes.h"
#include "core/trace/import/SpanReading.h"
#include "core/trace/import/StepFinish.h"

#include <QSet>

namespace lathe::importing {

namespace {
using L = QLatin1String;
using shapes::textOf;

// What of an observation is translated; the rest is kept as attributes.
bool isKnown(const QString &key)
{
    static const QSet<QString> known = [] {
        QSet<QString> names;
        for (const char *name : {"id",
                                 "traceId",
                                 "trace_id",
                                 "projectId",
                                 "project_id",
                                 "type",
                                 "name",
                                 "startTime",
                                 "start_time",
                                 "endTime",
                                 "end_time",
                                 "completionStartTime",
                                 "completion_start_time",
                                 "model",
                                 "modelParameters",
                                 "model_parameters",
                                 "input",
                                 "output",
                                 "usage",
                                 "usageDetails",
                                 "usage_details",
                                 "costDetails",
                                 "cost_details",
                                 "parentObservationId",
                                 "parent_observation_id",
                                 "level",
                                 "statusMessage",
                                 "status_message",
                                 "metadata",
                                 "calculatedTotalCost",
                                 "calculatedInputCost",
                                 "calculatedOutputCost",
                                 "totalCost",
                                 "inputCost",
                                 "outputCost",
                                 "totalPrice",
                                 "inputPrice",
                                 "outputPrice",
                                 "promptTokens",
                                 "completionTokens",
                                 "totalTokens",
                                 "inputUsage",
                                 "outputUsage",
                                 "totalUsage",
                                 "unit",
                                 "latency",
                                 "timeToFirstToken",
                                 "modelId",
                                 "internalModelId",
                                 "createdAt",
                                 "updatedAt",
                                 "created_at",
                                 "updated_at",
                                 "timestamp",
                                 "providedModelName",
                                 "providedUsageDetails",
                                 "providedCostDetails",
                                 "scores",
                                 "traceName",
                                 "sessionId",
                                 "userId",
                                 "tags",
                                 "children",
                                 "observations"})
            names.insert(QString::fromLatin1(name));
        return names;
    }();
    return known.contains(key);
}

QJsonObject rest(const QJsonObject &object)
{
    QJsonObject left;
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (!isKnown(it.key()) && !it.value().isNull())
            left.insert(QStringLiteral("langfuse.") + it.key(), it.value());
    }
    return left;
}

double firstNumber(const QJsonObject &object, std::initializer_list<const char *> keys)
{
    for (const char *key : keys) {
        const QJsonValue value = object.value(L(key));
        const double number = value.isString() ? value.toString().toDouble() : value.toDouble();
        if (number > 0)
            return number;
    }
    return 0;
}

void putUsage(SpanReading &r, const QJsonObject &observation)
{
    for (const char *key : {"usageDetails", "usage", "providedUsageDetails"})
        putVendorUsage(r, member(observation, key).toObject());
    r.putUsage("input_tokens", observation.value(L("promptTokens")));
    r.putUsage("output_tokens", observation.value(L("completionTokens")));
    r.putUsage("input_tokens", observation.value(L("inputUsage")));
    r.putUsage("output_tokens", observation.value(L("outputUsage")));
    const QJsonObject cost = member(observation, "costDetails").toObject();
    double total = firstNumber(cost, {"total"});
    if (total <= 0)
        total = firstNumber(observation, {"calculatedTotalCost", "totalCost", "totalPrice"});
    if (total <= 0)
        total = firstNumber(observation.value(L("usage")).toObject(), {"totalCost", "total_cost"});
    if (total <= 0)
        total = firstNumber(cost, {"input"}) + firstNumber(cost, {"output"});
    if (total > 0)
        r.put("lathe.cost_usd", total);
}

ForeignStep stepOf(const QJsonObject &observation, const QString &traceId, const Context &context)
{
    const QString type = textMember(observation, "type").toUpper();
    OtlpSpan stub;
    stub.attributes = rest(observation);
    SpanReading r(stub);
    ForeignStep &step = r.step;
    r.setDialect("langfuse");
    step.traceId = traceId;
    step.id = textMember(observation, "id");
    step.parentId = textMember(observation, "parentObservationId");
    step.name = textMember(observation, "name");
    step.startUs = timeUs(member(observation, "startTime"));
    if (step.startUs == 0)
        step.startUs = timeUs(observation.value(L("timestamp")));
    step.endUs = timeUs(member(observation, "endTime"));
    if (step.endUs == 0 && type == L("EVENT"))
        step.endUs = step.startUs;
    step.status = step.endUs == 0 ? StepStatus::Running : StepStatus::Ok;
    r.put("lathe.foreign.kind", type);
    const QJsonValue input = shapes::unpacked(observation.value(L("input")));
    const QJsonValue output = shapes::unpacked(observation.value(L("output")));
    QString model = textMember(observation, "model");
    if (model.isEmpty())
        model = textMember(observation, "providedModelName");
    if (type == L("GENERATION") || (type.isEmpty() && !model.isEmpty())) {
        r.setKind(StepKind::Model, "chat");
        r.addInput(shapes::messages(input, QStringLiteral("user")));
        const QJsonArray calls = input[L("tools")].toArray();
        if (!calls.isEmpty())
            r.tools = shapes::toolDefinitions(calls);
        const QJsonValue choices = output[L("choices")];
        r.addOutput(choices.isArray() ? QJsonArray{shapes::message(choices[0][L("message")].toObject(), QStringLiteral("assistant"))}
                                      : shapes::messages(output, QStringLiteral("assistant")));
    } else if (type == L("EMBEDDING")) {
        r.setKind(StepKind::Model, "embeddings");
        r.put("lathe.input", input);
    } else if (type == L("TOOL")) {
        r.setKind(StepKind::Tool, "execute_tool");
        r.put("gen_ai.tool.name", step.name);
        r.put("gen_ai.tool.call.arguments", textOf(input));
        step.text = textOf(output);
    } else {
        if (type == L("AGENT"))
            r.setKind(StepKind::Agent, "invoke_agent");
        else if (type == L("RETRIEVER"))
            r.setKind(StepKind::Memory, "retrieval");
        else
            r.setKind(StepKind::Control, ""); // SPAN, EVENT, CHAIN, EVALUATOR, GUARDRAIL
        r.put("lathe.input", input);
        r.put("lathe.output", output);
        if (type == L("AGENT")) {
            step.agent = step.name;
            r.put("gen_ai.agent.name", step.name);
        }
    }
    r.put("gen_ai.request.model", model);
    r.putRequestSettings(shapes::unpacked(member(observation, "modelParameters")).toObject());
    putUsage(r, observation);
    step.firstTextUs = timeUs(member(observation, "completionStartTime"));
    if (step.firstTextUs > step.startUs)
        r.put("gen_ai.response.time_to_first_chunk", double(step.firstTextUs - step.startUs) / 1e6);
    else
        step.firstTextUs = 0;
    r.put("lathe.metadata", shapes::unpacked(observation.value(L("metadata"))));
    const QString message = textMember(observation, "statusMessage");
    if (textMember(observation, "level").toUpper() == L("ERROR")) {
        step.status = StepStatus::Failed;
        step.error = Error(ErrorKind::Provider, message.isEmpty() ? QStringLiteral("The recorder says that it failed, not why.") : message);
    } else if (!message.isEmpty()) {
        step.notes.push_back({step.startUs,
                              QStringLiteral("status"),
                              {{QStringLiteral("level"), textMember(observation, "level")}, {QStringLiteral("message"), message}}});
    }
    finishStep(r);
    r.keepRest(context.notes);
    r.put("lathe.dialect", QStringLiteral("langfuse"));
    r.put("lathe.foreign.id", step.id);
    if (context.notes)
        context.notes->dialects.add(dialectTitle(QStringLiteral("langfuse")), step.name);
    return std::move(r.step);
}

void addScores(const QJsonValue &list, const QString &traceId, Found *found)
{
    const QJsonArray scores = list.toArray();
    for (const QJsonValue &item : scores) {
        const QJsonObject of = item.toObject();
        Score score;
        score.traceId = textMember(of, "traceId");
        if (score.traceId.isEmpty())
            score.traceId = traceId;
        score.stepId = textMember(of, "observationId");
        score.name = textMember(of, "name");
        score.value = of.value(L("value"));
        if (textMember(of, "dataType") == L("BOOLEAN") && score.value.isDouble())
            score.value = score.value.toDouble() != 0;
        if (!score.value.isDouble() && !score.value.isBool())
            score.value = member(of, "stringValue");
        score.comment = textMember(of, "comment");
        score.timeUs = timeUs(of.value(L("timestamp")));
        found->scores.push_back(std::move(score));
    }
}

// A trace with or without its observations.
void addTrace(const QJsonObject &trace, const QJsonArray &observations, const Context &context, Found *found)
{
    const QString id = textMember(trace, "id");
    if (id.isEmpty()) {
        found->refused.add(QStringLiteral("trace without an id"), textMember(trace, "name"));
        return;
    }
    std::vector<size_t> tops;
    const size_t first = found->steps.size();
    for (const QJsonValue &item : observations) {
        ForeignStep step = stepOf(item.toObject(), id, context);
        if (step.id.isEmpty()) {
            found->refused.add(QStringLiteral("observation without an id"), step.name);
            continue;
        }
        if (step.parentId == id) // some give the trace as the parent
            step.parentId.clear();
        if (step.parentId.isEmpty())
            tops.push_back(found->steps.size());
        found->steps.push_back(std::move(step));
    }
    const QString name = textMember(trace, "name");
    // The trace itself becomes the first step, unless one observation is all of it.
    const QString topName =
        tops.size() == 1 ? found->steps[tops.front()].attributes.value(L("lathe.foreign.name")).toString(found->steps[tops.front()].name)
                         : QString();
    const bool single = tops.size() == 1 && (name.isEmpty() || topName == name || topName == QStringLiteral("execute_tool ") + name);
    ForeignStep root;
    if (!single) {
        OtlpSpan stub;
        stub.attributes = rest(trace);
        SpanReading r(stub);
        r.setDialect("langfuse");
        r.setKind(StepKind::Agent, "invoke_agent");
        r.step.traceId = id;
        r.step.id = id;
        r.step.name = name.isEmpty() ? QStringLiteral("trace") : name;
        r.put("gen_ai.agent.name", name);
        r.put("lathe.input", shapes::unpacked(trace.value(L("input"))));
        r.put("lathe.output", shapes::unpacked(trace.value(L("output"))));
        r.put("lathe.metadata", shapes::unpacked(trace.value(L("metadata"))));
        r.put("lathe.dialect", QStringLiteral("langfuse"));
        r.put("lathe.foreign.id", id);
        r.step.startUs = timeUs(trace.value(L("timestamp")));
        for (size_t i = first; i < found->steps.size(); ++i) {
            r.step.startUs = r.step.startUs == 0 ? found->steps[i].startUs : std::min(r.step.startUs, found->steps[i].startUs);
            r.step.endUs = std::max({r.step.endUs, found->steps[i].endUs, found->steps[i].startUs});
        }
        if (const double latency = trace.value(L("latency")).toDouble(); latency > 0 && latency < 1e7)
            r.step.endUs = std::max(r.step.endUs, r.step.startUs + qint64(latency * 1e6));
        r.step.endUs = std::max(r.step.endUs, r.step.startUs);
        finishStep(r);
        r.keepRest(context.notes);
        root = std::move(r.step);
        for (const size_t top : tops)
            found->steps[top].parentId = id;
    }
    ForeignStep &facts = single ? found->steps[tops.front()] : root;
    if (!name.isEmpty())
        facts.agent = name;
    const QJsonValue input = trace.value(L("input")), output = trace.value(L("output"));
    if (!input.isNull() && !input.isUndefined())
        facts.input = inputText(input);
    if (!output.isNull() && !output.isUndefined())
        facts.output = outputText(output);
    facts.session = textMember(trace, "sessionId");
    facts.user = textMember(trace, "userId");
    facts.tags = json::toStringList(trace.value(L("tags")));
    if (!single)
        found->steps.push_back(std::move(root));
    addScores(trace.value(L("scores")), id, found);
}

// {batch: [{type: "generation-create", body}]}: what the SDKs of version 2 send. Updates are merged into what was created.
void addBatch(const QJsonArray &batch, const Context &context, Found *found)
{
    QHash<QString, QJsonObject> traces, observations;
    QStringList traceOrder, order;
    for (const QJsonValue &item : batch) {
        const QString type = item[L("type")].toString();
        QJsonObject body = item[L("body")].toObject();
        if (type == L("score-create")) {
            addScores(QJsonArray{body}, QString(), found);
            continue;
        }
        const QString id = textMember(body, "id");
        const bool trace = type == L("trace-create");
        if (id.isEmpty() || (!trace && !type.contains(L("-create")) && !type.contains(L("-update")))) {
            found->refused.add(QStringLiteral("event of an unknown kind"), type);
            continue;
        }
        if (!trace && !body.contains(L("type")))
            body.insert(QStringLiteral("type"), type.section(u'-', 0, 0).toUpper());
        QJsonObject &into = (trace ? traces : observations)[id];
        if (into.isEmpty())
            (trace ? traceOrder : order).append(id);
        for (auto it = body.begin(); it != body.end(); ++it) {
            if (!it.value().isNull())
                into.insert(it.key(), it.value());
        }
    }
    QHash<QString, QJsonArray> byTrace;
    for (const QString &id : std::as_const(order)) {
        const QJsonObject &of = observations[id];
        byTrace[textMember(of, "traceId")].append(of);
    }
    for (const QString &id : std::as_const(traceOrder))
        addTrace(traces[id], byTrace.take(id), context, found);
    for (auto it = byTrace.cbegin(); it != byTrace.cend(); ++it) {
        for (const QJsonValue &of : *it)
            found->steps.push_back(stepOf(of.toObject(), it.key(), context));
    }
}

bool isObservation(const QJsonObject &value)
{
    return !textMember(value, "traceId").isEmpty() && !textMember(value, "id").isEmpty() && !member(value, "startTime").isUndefined();
}

bool isTrace(const QJsonObject &value)
{
    if (value.value(L("observations")).isArray())
        return true;
    return value.contains(L("timestamp")) && value.contains(L("id"))
           && (value.contains(L("projectId")) || value.contains(L("sessionId")) || value.contains(L("userId"))
               || value.contains(L("htmlPath")) || value.contains(L("release")));
}
} // namespace

bool isLangfuse(const QJsonObject &value)
{
    if (isTrace(value) || isObservation(value) || value.value(L("trace")).isObject())
        return true;
    const QJsonArray data = value.value(L("data")).toArray();
    if (!data.isEmpty())
        return isTrace(data.first().toObject()) || isObservation(data.first().toObject());
    const QJsonArray batch = value.value(L("batch")).toArray();
    return !batch.isEmpty() && batch.first()[L("body")].isObject();
}

void readLangfuse(const QJsonObject &value, const Context &context, Found *found)
{
    if (value.value(L("batch")).isArray())
        return addBatch(value.value(L("batch")).toArray(), context, found);
    if (value.value(L("data")).isArray()) {
        const QJsonArray data = value.value(L("data")).toArray();
        for (const QJsonValue &item : data)
            readLangfuse(item.toObject(), context, found);
        return;
    }
    if (const QJsonObject trace = value.value(L("trace")).toObject(); !trace.isEmpty()) {
        QJsonArray observations = value.value(L("observations")).toArray();
        if (observations.isEmpty())
            observations = trace.value(L("observations")).toArray();
        addTrace(trace, observations, context, found);
        addScores(value.value(L("scores")), textMember(trace, "id"), found);
        return;
    }
    if (isTrace(value))
        return addTrace(value, value.value(L("observations")).toArray(), context, found);
    if (isObservation(value)) {
        ForeignStep step = stepOf(value, textMember(value, "traceId"), context);
        if (step.agent.isEmpty())
            step.agent = textMember(value, "traceName");
        step.session = textMember(value, "sessionId");
        step.user = textMember(value, "userId");
        found->steps.push_back(std::move(step));
        addScores(value.value(L("scores")), textMember(value, "traceId"), found);
        return;
    }
    found->refused.add(QStringLiteral("value that is neither a trace nor an observation"),
                       QStringList(value.keys().mid(0, 5)).join(QStringLiteral(", ")));
}

} // namespace lathe::importing
