// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/ForeignStep.h"

#include "core/base/Json.h"
#include "core/trace/import/SpanReading.h"
#include "core/trace/import/StepFinish.h"

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;

ErrorKind kindOfError(const QString &type, const QString &message)
{
    static const QHash<QString, ErrorKind> known{{QStringLiteral("401"), ErrorKind::Auth},
                                                 {QStringLiteral("403"), ErrorKind::Auth},
                                                 {QStringLiteral("429"), ErrorKind::RateLimited},
                                                 {QStringLiteral("408"), ErrorKind::Timeout},
                                                 {QStringLiteral("504"), ErrorKind::Timeout}};
    if (const auto found = known.constFind(type); found != known.constEnd())
        return *found;
    for (const ErrorKind kind : {ErrorKind::Cancelled, ErrorKind::Timeout, ErrorKind::InvalidInput, ErrorKind::NotFound, ErrorKind::Denied,
                                 ErrorKind::Auth, ErrorKind::RateLimited, ErrorKind::Provider, ErrorKind::Unreachable, ErrorKind::Protocol,
                                 ErrorKind::LimitReached, ErrorKind::Diverged}) {
        if (errorKindName(kind) == type) // one of ours
            return kind;
    }
    const QString both = (type + u' ' + message.left(500)).toLower();
    const auto says = [&both](std::initializer_list<const char *> words) {
        return std::any_of(words.begin(), words.end(), [&both](const char *word) { return both.contains(L(word)); });
    };
    if (says({"ratelimit", "rate limit", "rate_limit", "too many requests"}))
        return ErrorKind::RateLimited;
    if (says({"timeout", "timed out", "deadline"}))
        return ErrorKind::Timeout;
    if (says({"abort", "cancel"}))
        return ErrorKind::Cancelled;
    if (says({"unauthorized", "authentication", "api key", "permission"}))
        return ErrorKind::Auth;
    if (says({"econnrefused", "connection", "enotfound"}))
        return ErrorKind::Unreachable;
    return ErrorKind::Provider;
}

void readEvents(const OtlpSpan &span, ForeignStep *step)
{
    for (const OtlpEvent &event : span.events) {
        QString name = event.name;
        const QString lower = name.toLower();
        if (lower.contains(L("rate_limit")) || lower.contains(L("ratelimit")))
            name = QStringLiteral("rate_limit_wait");
        else if (lower == L("retry") || lower.endsWith(L(".retry")) || lower.startsWith(L("retry.")) || lower == L("llm.retry"))
            name = QStringLiteral("retry");
        else if (lower == L("fallback") || lower.endsWith(L(".fallback")))
            name = QStringLiteral("fallback");
        step->notes.push_back({event.timeNs / 1000, name, event.attributes});
    }
    std::stable_sort(step->notes.begin(), step->notes.end(), [](const StepNote &a, const StepNote &b) { return a.timeUs < b.timeUs; });
}

void readError(const OtlpSpan &span, ForeignStep *step)
{
    const QString type = span.attributes.value(L("error.type")).toString();
    if (span.status != OtlpSpan::Status::Error && (type.isEmpty() || span.status == OtlpSpan::Status::Ok))
        return;
    QString message = span.statusMessage;
    QString what = type;
    for (auto note = step->notes.rbegin(); note != step->notes.rend(); ++note) {
        if (note->name != L("exception"))
            continue;
        if (message.isEmpty())
            message = note->attributes.value(L("exception.message")).toString();
        if (what.isEmpty())
            what = note->attributes.value(L("exception.type")).toString();
        break;
    }
    if (message.isEmpty())
        message =
            what.isEmpty() ? QStringLiteral("The recorder says that it failed, not why.") : QStringLiteral("Failed with %1.").arg(what);
    if (step->dialect != L("lathe") || step->status == StepStatus::Ok) // which tells cancelled from failed
        step->status = StepStatus::Failed;
    step->error = Error(kindOfError(what, message), message, what);
    if (!what.isEmpty() && !step->attributes.contains(L("error.type")))
        step->attributes.insert(QStringLiteral("error.type"), what);
}

// Estimates what a JSON value takes in memory.
qint64 sizeOf(const QJsonValue &value, int depth = 0)
{
    if (value.isString())
        return 24 + value.toString().size() * 2;
    qint64 sum = 24;
    if (depth > 40)
        return sum;
    if (value.isArray()) {
        const QJsonArray list = value.toArray();
        for (const QJsonValue &item : list)
            sum += sizeOf(item, depth + 1);
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            sum += it.key().size() * 2 + 24 + sizeOf(it.value(), depth + 1);
    }
    return sum;
}
} // namespace

qint64 ForeignStep::bytes() const
{
    qint64 sum = 600 + sizeOf(attributes) + (text.size() + reasoning.size() + toolArguments.size() + input.size() + output.size()) * 2;
    for (const StepNote &note : notes)
        sum += 60 + sizeOf(note.attributes);
    return sum;
}

QString dialectTitle(const QString &dialect)
{
    static const QHash<QString, QString> titles{{QStringLiteral("gen_ai"), QStringLiteral("OpenTelemetry GenAI")},
                                                {QStringLiteral("gen_ai.system"), QStringLiteral("OpenTelemetry GenAI, older")},
                                                {QStringLiteral("ai"), QStringLiteral("AI SDK")},
                                                {QStringLiteral("openinference"), QStringLiteral("OpenInference")},
                                                {QStringLiteral("traceloop"), QStringLiteral("Traceloop")},
                                                {QStringLiteral("mcp"), QStringLiteral("MCP")},
                                                {QStringLiteral("lathe"), QStringLiteral("Lathe")},
                                                {QStringLiteral("langfuse"), QStringLiteral("Langfuse")},
                                                {QStringLiteral("langsmith"), QStringLiteral("LangSmith")},
                                                {QStringLiteral("openai"), QStringLiteral("OpenAI-style chat")},
                                                {QStringLiteral("other"), QStringLiteral("other instrumentation")}};
    return titles.value(dialect, dialect);
}

void finishStep(SpanReading &r)
{
    ForeignStep &step = r.step;
    const auto put = [&r](const char *key, const QJsonArray &list) {
        if (!list.isEmpty())
            r.step.attributes.insert(QString::fromLatin1(key), list);
    };
    put("gen_ai.system_instructions", r.system);
    put("gen_ai.input.messages", r.input);
    put("gen_ai.output.messages", r.output);
    put("gen_ai.tool.definitions", r.tools);
    const QJsonObject answer = r.output.first().toObject();
    if (!answer.isEmpty()) {
        if (step.text.isEmpty() && step.kind != StepKind::Tool)
            step.text = shapes::text(answer);
        if (step.reasoning.isEmpty())
            step.reasoning = shapes::reasoning(answer);
        const QStringList calls = shapes::callNames(answer);
        if (!calls.isEmpty() && step.kind == StepKind::Model) {
            if (step.toolArguments.isEmpty())
                step.toolArguments = shapes::callArguments(answer);
            r.put("lathe.tool_calls", json::fromStringList(calls));
        }
        if (const QString reason = answer.value(L("finish_reason")).toString(); !reason.isEmpty() && step.kind == StepKind::Model)
            r.put("gen_ai.response.finish_reasons", QJsonArray{reason});
    }
    // What the run was asked and answered, in the words of this step.
    if (step.input.isEmpty())
        step.input = shapes::lastText(r.input, QStringLiteral("user"));
    if (step.input.isEmpty())
        step.input = inputText(step.attributes.value(L("lathe.input")));
    if (step.output.isEmpty())
        step.output = step.kind == StepKind::Tool ? QString() : step.text;
    if (step.output.isEmpty())
        step.output = outputText(step.attributes.value(L("lathe.output")));
    if (step.text.isEmpty() && step.kind == StepKind::Agent)
        step.text = step.output;
    if (step.kind == StepKind::Model) {
        QString model = r.attribute("gen_ai.response.model");
        if (const QString asked = r.attribute("gen_ai.request.model"); !asked.isEmpty())
            model = asked;
        r.put("lathe.model", model);
        if (step.dialect != L("lathe") && step.dialect != L("gen_ai") && !model.isEmpty()) {
            const QString operation = r.attribute("gen_ai.operation.name");
            r.put("lathe.foreign.name", step.name);
            step.name = (operation.isEmpty() ? QStringLiteral("chat") : operation) + u' ' + model;
        }
    } else if (step.kind == StepKind::Tool && step.dialect != L("lathe")) {
        if (const QString tool = r.attribute("gen_ai.tool.name"); !tool.isEmpty())
            step.name = QStringLiteral("execute_tool ") + tool;
        step.toolArguments.clear();
    }
}

QString inputText(const QJsonValue &value)
{
    const QJsonValue whole = shapes::unpacked(value);
    if (whole.isObject()) {
        const QJsonObject object = whole.toObject();
        for (const char *key : {"messages", "input", "question", "query", "prompt", "text", "content", "message", "chat_input"}) {
            const QJsonValue inner = object.value(L(key));
            if (inner.isString())
                return inner.toString();
            if (inner.isArray() || inner.isObject()) {
                const QJsonArray messages = shapes::messages(inner, QStringLiteral("user"));
                if (const QString found = shapes::lastText(messages, QStringLiteral("user")); !found.isEmpty())
                    return found;
            }
        }
    } else if (whole.isArray()) {
        const QJsonArray messages = shapes::messages(whole, QStringLiteral("user"));
        if (const QString found = shapes::lastText(messages, QStringLiteral("user")); !found.isEmpty())
            return found;
    }
    return shapes::textOf(value);
}

QString outputText(const QJsonValue &value)
{
    const QJsonValue whole = shapes::unpacked(value);
    if (whole.isObject()) {
        const QJsonObject object = whole.toObject();
        for (const char *key : {"output", "answer", "result", "text", "content", "messages", "response", "message"}) {
            const QJsonValue inner = object.value(L(key));
            if (inner.isString())
                return inner.toString();
            if (inner.isArray() || inner.isObject()) {
                const QJsonArray messages = shapes::messages(inner, QStringLiteral("assistant"));
                if (const QString found = shapes::lastText(messages, QStringLiteral("assistant")); !found.isEmpty())
                    return found;
            }
        }
    }
    return shapes::textOf(value);
}

ForeignStep stepFromSpan(const OtlpSpan &span, std::span<const OtlpLogRecord> logs, MappingNotes *notes)
{
    SpanReading r(span);
    ForeignStep &step = r.step;
    step.traceId = span.traceId;
    step.id = span.spanId;
    step.parentId = span.parentId;
    step.name = span.name;
    step.startUs = span.startNs / 1000;
    step.endUs = span.endNs / 1000;
    step.status = span.endNs == 0 ? StepStatus::Running : StepStatus::Ok;
    step.service = span.resource.value(L("service.name")).toString();
    if (step.service.startsWith(L("unknown_service")))
        step.service.clear();
    readEvents(span, &step);
    readLathe(r);
    readLangfuseSpan(r);
    readOpenInference(r);
    readAiSdk(r);
    readMcp(r);
    readTraceloop(r);
    readGenAi(r, logs);
    r.setDialect("other");
    readError(span, &step);
    if (step.session.isEmpty())
        step.session = r.peek("session.id").toString();
    if (step.user.isEmpty())
        step.user = r.has("user.id") ? r.peek("user.id").toString() : r.peek("enduser.id").toString();
    finishStep(r);
    if (const int again = r.peek("http.request.resend_count").toInt(); again > 0)
        step.notes.push_back({step.startUs,
                              QStringLiteral("retry"),
                              {{QStringLiteral("attempt"), again}, {QStringLiteral("reason"), QStringLiteral("sent again")}}});
    r.keepRest(notes);
    r.put("lathe.dialect", step.dialect);
    r.put("lathe.foreign.id", span.spanId);
    r.put("lathe.foreign.scope", span.scope);
    r.put("lathe.foreign.service", step.service);
    if (!span.links.empty()) {
        QJsonArray links;
        for (const OtlpLink &link : span.links)
            links.append(QJsonObject{{QStringLiteral("trace"), link.traceId},
                                     {QStringLiteral("span"), link.spanId},
                                     {QStringLiteral("attributes"), link.attributes}});
        r.put("lathe.foreign.links", links);
    }
    if (step.agent.isEmpty() && step.kind == StepKind::Agent && step.dialect != L("ai"))
        step.agent = step.name.startsWith(L("invoke_agent ")) ? step.name.mid(13) : step.name;
    if (notes)
        notes->dialects.add(dialectTitle(step.dialect), span.name);
    return std::move(r.step);
}

} // namespace lathe
