// SPDX-License-Identifier: GPL-3.0-or-later
// Chats as OpenAI-style programs write them, one a line: fine-tuning examples {"messages": [...]}, preferences, requests and responses of
// the batch API (joined by custom_id), request and response logs, and sampling events of eval logs.
#include "core/base/Json.h"
#include "core/trace/import/ImportShapes.h"
#include "core/trace/import/SpanReading.h"
#include "core/trace/import/StepFinish.h"

namespace lathe::importing {

namespace {
using L = QLatin1String;
using shapes::textOf;

bool isChat(const QJsonValue &value)
{
    const QJsonArray list = value.toArray();
    return !list.isEmpty() && list.first()[L("role")].isString();
}

// The request {model, messages or input, tools, settings}.
void putRequest(SpanReading &r, const QJsonObject &request)
{
    r.addInput(shapes::messages(request.contains(L("messages")) ? request.value(L("messages")) : request.value(L("input")),
                                QStringLiteral("user")));
    if (r.tools.isEmpty())
        r.tools = shapes::toolDefinitions(request.contains(L("tools")) ? request.value(L("tools")) : request.value(L("functions")));
    QJsonObject settings;
    for (auto it = request.begin(); it != request.end(); ++it) {
        if (it.key() != L("messages") && it.key() != L("input") && it.key() != L("tools") && it.key() != L("functions")
            && it.key() != L("metadata"))
            settings.insert(it.key(), it.value());
    }
    if (const QString instructions = settings.take(QStringLiteral("instructions")).toString(); !instructions.isEmpty())
        r.system = QJsonArray{shapes::textPart(instructions)};
    r.putRequestSettings(settings);
}

// The response {id, model, choices, usage}, or of the responses API {output: [...]}.
void putResponse(SpanReading &r, const QJsonObject &response)
{
    r.put("gen_ai.response.id", response.value(L("id")).toString());
    r.put("gen_ai.response.model", response.value(L("model")).toString());
    putVendorUsage(r, response.value(L("usage")).toObject());
    QJsonArray answers;
    const QJsonArray choices = response.value(L("choices")).toArray();
    for (const QJsonValue &choice : choices) {
        QJsonObject message = choice[L("message")].toObject();
        if (message.isEmpty())
            message = {{QStringLiteral("role"), QStringLiteral("assistant")}, {QStringLiteral("content"), choice[L("text")]}};
        message.insert(QStringLiteral("finish_reason"), choice[L("finish_reason")]);
        answers.append(shapes::message(message, QStringLiteral("assistant")));
    }
    if (answers.isEmpty()) { // one answer in several items
        QJsonArray parts;
        const QJsonArray items = shapes::messages(response.value(L("output")), QStringLiteral("assistant"));
        for (const QJsonValue &item : items) {
            const QJsonArray some = item[L("parts")].toArray();
            for (const QJsonValue &part : some)
                parts.append(part);
        }
        if (!parts.isEmpty())
            answers.append(QJsonObject{{QStringLiteral("role"), QStringLiteral("assistant")}, {QStringLiteral("parts"), parts}});
    }
    if (answers.isEmpty() && response.value(L("content")).isArray()) // Anthropic
        answers.append(shapes::message(response, QStringLiteral("assistant")));
    r.addOutput(answers);
}

void fail(SpanReading &r, ErrorKind kind, const QString &message)
{
    r.step.status = StepStatus::Failed;
    r.step.error = Error(kind, message.isEmpty() ? QStringLiteral("The request failed.") : message);
}

void readBatchLine(SpanReading &r, const QJsonObject &value)
{
    if (const QJsonObject body = value.value(L("body")).toObject(); !body.isEmpty())
        putRequest(r, body);
    const QJsonObject response = value.value(L("response")).toObject();
    if (!response.isEmpty()) {
        const QJsonObject body = response.value(L("body")).toObject();
        putResponse(r, body);
        if (const int status = response.value(L("status_code")).toInt(200); status >= 400)
            fail(r,
                 status == 429   ? ErrorKind::RateLimited
                 : status == 401 ? ErrorKind::Auth
                                 : ErrorKind::Provider,
                 body.value(L("error"))[L("message")].toString());
        if (const qint64 created = timeUs(body.value(L("created"))); created > 0)
            r.step.startUs = r.step.endUs = created;
    }
    if (const QJsonObject error = value.value(L("error")).toObject(); !error.isEmpty())
        fail(r, ErrorKind::Provider, error.value(L("message")).toString());
}

void readChat(SpanReading &r, const QJsonObject &value)
{
    QJsonArray messages = shapes::messages(value.value(L("messages")), QStringLiteral("user"));
    // The last answer is what the example teaches; before it stands what was asked.
    if (!messages.isEmpty() && messages.last()[L("role")].toString() == L("assistant")) {
        r.addOutput(QJsonArray{messages.last()});
        messages.removeLast();
    }
    QJsonObject request = value;
    request.remove(QStringLiteral("messages"));
    for (const char *key : {"response", "completion", "output", "answer"}) {
        const QJsonValue answer = request.take(L(key));
        if (!r.output.isEmpty() || answer.isUndefined() || answer.isNull())
            continue;
        if (answer[L("choices")].isArray())
            putResponse(r, answer.toObject());
        else
            r.addOutput(shapes::messages(answer, QStringLiteral("assistant")));
    }
    r.addInput(messages);
    putVendorUsage(r, request.take(QStringLiteral("usage")).toObject());
    r.put("lathe.metadata", request.take(QStringLiteral("metadata")));
    for (const char *key : {"created", "created_at", "timestamp", "time"}) {
        if (const qint64 at = timeUs(request.value(L(key))); at > 0)
            r.step.startUs = r.step.endUs = at;
        request.remove(L(key));
    }
    r.tools = shapes::toolDefinitions(request.contains(L("tools")) ? request.value(L("tools")) : request.value(L("functions")));
    r.putRequestSettings(request);
}
} // namespace

QString openAiFormat(const QJsonObject &value)
{
    if (value.value(L("custom_id")).isString()
        && (value.value(L("body")).isObject() || value.contains(L("response")) || value.contains(L("error"))))
        return QStringLiteral("openai-batch");
    const bool sampling = value.value(L("type")).toString() == L("sampling") && value.value(L("data")).isObject();
    const bool exchange =
        (value.value(L("request")).isObject() || value.value(L("body")).isObject()) && value.value(L("response")).isObject();
    const bool preference = isChat(value.value(L("input"))[L("messages")]);
    return isChat(value.value(L("messages"))) || sampling || exchange || preference ? QStringLiteral("openai-chat") : QString();
}

void readOpenAi(const QJsonObject &value, const Context &context, Found *found)
{
    OtlpSpan stub;
    SpanReading r(stub);
    ForeignStep &step = r.step;
    r.setDialect("openai");
    r.setKind(StepKind::Model, "chat");
    step.name = QStringLiteral("chat");
    const QString custom = value.value(L("custom_id")).toString();
    // What is in the line tells it from others; the requests and answers of a batch are joined by their custom_id, unique in its file only.
    const QByteArray seed = custom.isEmpty() ? json::compact(value) : context.salt + custom.toUtf8();
    step.traceId = QString::fromLatin1(json::sha256(seed).left(32));
    step.id = custom.isEmpty() ? step.traceId.left(16) : custom;
    step.startUs = step.endUs = context.nowUs + context.line;
    if (!custom.isEmpty()) {
        r.put("lathe.foreign.custom_id", custom);
        readBatchLine(r, value);
    } else if (value.value(L("type")).toString() == L("sampling")) {
        const QJsonObject data = value.value(L("data")).toObject();
        r.addInput(shapes::messages(data.value(L("prompt")), QStringLiteral("user")));
        const QJsonValue sampled = data.value(L("sampled"));
        r.addOutput(shapes::messages(sampled.isArray() ? sampled[0] : sampled, QStringLiteral("assistant")));
        r.put("gen_ai.request.model", data.value(L("model")));
        if (const qint64 at = timeUs(value.value(L("created_at"))); at > 0)
            step.startUs = step.endUs = at;
        r.put("lathe.metadata", QJsonObject{{QStringLiteral("run_id"), value.value(L("run_id"))},
                                            {QStringLiteral("sample_id"), value.value(L("sample_id"))}});
    } else if (value.value(L("input"))[L("messages")].isArray()) {
        putRequest(r, value.value(L("input")).toObject());
        r.addOutput(shapes::messages(value.value(L("preferred_output")), QStringLiteral("assistant")));
        r.put("lathe.non_preferred_output", value.value(L("non_preferred_output")));
    } else if (isChat(value.value(L("messages")))) {
        readChat(r, value);
    } else {
        putRequest(r, value.contains(L("request")) ? value.value(L("request")).toObject() : value.value(L("body")).toObject());
        putResponse(r, value.value(L("response")).toObject());
        for (const char *key : {"created", "created_at", "timestamp", "time", "start_time"}) {
            if (const qint64 at = timeUs(value.value(L(key))); at > 0)
                step.startUs = step.endUs = at;
        }
        if (const qint64 end = timeUs(value.value(L("end_time"))); end > step.startUs)
            step.endUs = end;
    }
    if (r.input.isEmpty() && r.output.isEmpty() && !step.error) {
        found->refused.add(QStringLiteral("line without messages"), json::compactString(value).left(100));
        return;
    }
    finishStep(r);
    r.keepRest(context.notes);
    r.put("lathe.dialect", QStringLiteral("openai"));
    r.put("lathe.foreign.id", step.id);
    step.agent = QStringLiteral("chat");
    if (context.notes)
        context.notes->dialects.add(dialectTitle(QStringLiteral("openai")), step.input.left(80));
    found->steps.push_back(std::move(step));
}

} // namespace lathe::importing
