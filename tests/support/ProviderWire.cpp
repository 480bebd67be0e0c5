// SPDX-License-Identifier: GPL-3.0-or-later
// Answers as each provider writes them, after recorded streams of the real services.
#include "core/base/Json.h"
#include "tests/support/ProviderServers.h"

#include <QJsonArray>

namespace lathe::test {

namespace {
using L = QLatin1String;

QByteArray event(const QJsonObject &data, const char *name = nullptr)
{
    QByteArray out;
    if (name)
        out += QByteArray("event: ") + name + '\n';
    return out + "data: " + json::compact(data) + "\n\n";
}

QStringList fragments(const QString &text, int size)
{
    QStringList out;
    for (qsizetype at = 0; at < text.size(); at += size)
        out.append(text.mid(at, size));
    return out;
}

QString idOf(const ScriptedCall &call, const char *prefix, int number)
{
    return call.id.isEmpty()
               ? QStringLiteral("%1Wq7x%2").arg(L(prefix)).arg(number, 20, 10, QLatin1Char('0'))
               : call.id;
}

QJsonObject objectOr(const QString &text, bool *valid)
{
    const auto object = json::parseObject(text.toUtf8());
    *valid = object.ok();
    return object ? *object : QJsonObject();
}

// --- OpenAI Chat Completions

QJsonObject chatUsage(const ScriptedAnswer &a)
{
    return {{L("prompt_tokens"), a.inputTokens},
            {L("completion_tokens"), a.outputTokens},
            {L("total_tokens"), a.inputTokens + a.outputTokens},
            {L("prompt_tokens_details"),
             QJsonObject{{L("cached_tokens"), a.cachedTokens}, {L("audio_tokens"), 0}}},
            {L("completion_tokens_details"),
             QJsonObject{{L("reasoning_tokens"), a.reasoningTokens}, {L("audio_tokens"), 0}}}};
}

QString chatFinish(const ScriptedAnswer &a)
{
    return a.outOfTokens ? L("length") : a.calls.empty() ? L("stop") : L("tool_calls");
}

QList<QByteArray> chatEvents(const ScriptedAnswer &a, const QString &model)
{
    QList<QByteArray> out;
    const auto chunk = [&](const QJsonArray &choices, const QJsonValue &usage) {
        return event({{L("id"), L("chatcmpl-CbX9T2kQ1")},
                      {L("object"), L("chat.completion.chunk")},
                      {L("created"), 1790000000},
                      {L("model"), model},
                      {L("service_tier"), L("default")},
                      {L("system_fingerprint"), L("fp_560af6e559")},
                      {L("choices"), choices},
                      {L("usage"), usage}});
    };
    const auto delta = [&](const QJsonObject &piece, const QJsonValue &finish = QJsonValue::Null) {
        out.append(chunk(QJsonArray{QJsonObject{{L("index"), 0},
                                                {L("delta"), piece},
                                                {L("logprobs"), QJsonValue::Null},
                                                {L("finish_reason"), finish}}},
                         QJsonValue::Null));
    };
    delta({{L("role"), L("assistant")},
           {L("content"), a.calls.empty() ? QJsonValue(QString()) : QJsonValue::Null},
           {L("refusal"), QJsonValue::Null}});
    for (const QString &piece : a.reasoning)
        delta({{L("reasoning_content"), piece}});
    for (const QString &piece : a.text)
        delta({{L("content"), piece}});
    for (size_t i = 0; i < a.calls.size(); ++i) {
        const ScriptedCall &call = a.calls[i];
        delta({{L("tool_calls"), QJsonArray{QJsonObject{
                                     {L("index"), int(i)},
                                     {L("id"), idOf(call, "call_", int(i))},
                                     {L("type"), L("function")},
                                     {L("function"), QJsonObject{{L("name"), call.name},
                                                                 {L("arguments"), QString()}}}}}}});
        for (const QString &piece : fragments(call.arguments, 6))
            delta({{L("tool_calls"), QJsonArray{QJsonObject{
                                         {L("index"), int(i)},
                                         {L("function"), QJsonObject{{L("arguments"), piece}}}}}}});
    }
    delta({}, chatFinish(a));
    out.append(chunk(QJsonArray(), chatUsage(a)));
    out.append("data: [DONE]\n\n");
    return out;
}

QJsonObject chatBody(const ScriptedAnswer &a, const QString &model)
{
    QJsonObject message{{L("role"), L("assistant")},
                        {L("content"), a.text.isEmpty() ? QJsonValue(QJsonValue::Null)
                                                        : QJsonValue(a.text.join(QString()))},
                        {L("refusal"), QJsonValue::Null},
                        {L("annotations"), QJsonArray()}};
    if (!a.reasoning.isEmpty())
        message.insert(L("reasoning_content"), a.reasoning.join(QString()));
    QJsonArray calls;
    for (size_t i = 0; i < a.calls.size(); ++i) {
        calls.append(
            QJsonObject{{L("id"), idOf(a.calls[i], "call_", int(i))},
                        {L("type"), L("function")},
                        {L("function"), QJsonObject{{L("name"), a.calls[i].name},
                                                    {L("arguments"), a.calls[i].arguments}}}});
    }
    if (!calls.isEmpty())
        message.insert(L("tool_calls"), calls);
    return {{L("id"), L("chatcmpl-CbX9T2kQ1")},
            {L("object"), L("chat.completion")},
            {L("created"), 1790000000},
            {L("model"), model},
            {L("choices"), QJsonArray{QJsonObject{{L("index"), 0},
                                                  {L("message"), message},
                                                  {L("logprobs"), QJsonValue::Null},
                                                  {L("finish_reason"), chatFinish(a)}}}},
            {L("usage"), chatUsage(a)},
            {L("service_tier"), L("default")},
            {L("system_fingerprint"), L("fp_560af6e559")}};
}

// --- OpenAI Responses

QJsonArray responseItems(const ScriptedAnswer &a)
{
    QJsonArray items;
    if (!a.reasoning.isEmpty()) {
        const QJsonObject summary{{L("type"), L("summary_text")},
                                  {L("text"), a.reasoning.join(QString())}};
        items.append(QJsonObject{{L("type"), L("reasoning")},
                                 {L("id"), L("rs_68af")},
                                 {L("summary"), QJsonArray{summary}},
                                 {L("encrypted_content"), L("gAAAAABenc")}});
    }
    if (!a.text.isEmpty()) {
        const QJsonObject text{{L("type"), L("output_text")},
                               {L("text"), a.text.join(QString())},
                               {L("annotations"), QJsonArray()},
                               {L("logprobs"), QJsonArray()}};
        items.append(QJsonObject{{L("type"), L("message")},
                                 {L("id"), L("msg_68af")},
                                 {L("role"), L("assistant")},
                                 {L("status"), L("completed")},
                                 {L("content"), QJsonArray{text}}});
    }
    for (size_t i = 0; i < a.calls.size(); ++i) {
        items.append(QJsonObject{{L("type"), L("function_call")},
                                 {L("id"), QStringLiteral("fc_68af%1").arg(i)},
                                 {L("call_id"), idOf(a.calls[i], "call_", int(i))},
                                 {L("name"), a.calls[i].name},
                                 {L("arguments"), a.calls[i].arguments},
                                 {L("status"), L("completed")}});
    }
    return items;
}

QJsonObject responseBody(const ScriptedAnswer &a, const QString &model)
{
    QJsonValue incomplete(QJsonValue::Null);
    if (a.outOfTokens)
        incomplete = QJsonObject{{L("reason"), L("max_output_tokens")}};
    return {{L("id"), L("resp_68af4030592c")},
            {L("object"), L("response")},
            {L("created_at"), 1790000000},
            {L("status"), a.outOfTokens ? L("incomplete") : L("completed")},
            {L("error"), QJsonValue::Null},
            {L("incomplete_details"), incomplete},
            {L("model"), model},
            {L("output"), responseItems(a)},
            {L("parallel_tool_calls"), true},
            {L("store"), false},
            {L("usage"), QJsonObject{{L("input_tokens"), a.inputTokens},
                                     {L("input_tokens_details"),
                                      QJsonObject{{L("cached_tokens"), a.cachedTokens}}},
                                     {L("output_tokens"), a.outputTokens},
                                     {L("output_tokens_details"),
                                      QJsonObject{{L("reasoning_tokens"), a.reasoningTokens}}},
                                     {L("total_tokens"), a.inputTokens + a.outputTokens}}}};
}

QList<QByteArray> responseEvents(const ScriptedAnswer &a, const QString &model)
{
    QList<QByteArray> out;
    int sequence = 0;
    const auto send = [&](const char *type, QJsonObject data) {
        data.insert(L("type"), L(type));
        data.insert(L("sequence_number"), sequence++);
        out.append(event(data, type));
    };
    const QJsonObject whole = responseBody(a, model);
    QJsonObject begun = whole;
    begun.insert(L("status"), L("in_progress"));
    begun.insert(L("output"), QJsonArray());
    begun.insert(L("usage"), QJsonValue::Null);
    send("response.created", {{L("response"), begun}});
    send("response.in_progress", {{L("response"), begun}});
    const QJsonArray items = responseItems(a);
    for (int i = 0; i < items.size(); ++i) {
        const QJsonObject item = items[i].toObject();
        const QString type = item.value(L("type")).toString();
        const QString id = item.value(L("id")).toString();
        const auto piece = [&](const char *name, const QJsonObject &extra) {
            QJsonObject data{{L("item_id"), id}, {L("output_index"), i}};
            for (auto it = extra.begin(); it != extra.end(); ++it)
                data.insert(it.key(), it.value());
            send(name, data);
        };
        QJsonObject empty = item;
        for (const char *key : {"content", "summary"}) {
            if (empty.contains(L(key)))
                empty.insert(L(key), QJsonArray());
        }
        if (empty.contains(L("arguments")))
            empty.insert(L("arguments"), QString());
        empty.remove(L("encrypted_content"));
        send("response.output_item.added", {{L("output_index"), i}, {L("item"), empty}});
        if (type == L("reasoning")) {
            piece(
                "response.reasoning_summary_part.added",
                {{L("summary_index"), 0},
                 {L("part"), QJsonObject{{L("type"), L("summary_text")}, {L("text"), QString()}}}});
            for (const QString &text : a.reasoning)
                piece("response.reasoning_summary_text.delta",
                      {{L("summary_index"), 0}, {L("delta"), text}});
            piece("response.reasoning_summary_text.done",
                  {{L("summary_index"), 0}, {L("text"), a.reasoning.join(QString())}});
        } else if (type == L("message")) {
            piece(
                "response.content_part.added",
                {{L("content_index"), 0},
                 {L("part"), QJsonObject{{L("type"), L("output_text")}, {L("text"), QString()}}}});
            for (const QString &text : a.text)
                piece("response.output_text.delta",
                      {{L("content_index"), 0}, {L("delta"), text}, {L("logprobs"), QJsonArray()}});
            piece("response.output_text.done",
                  {{L("content_index"), 0}, {L("text"), a.text.join(QString())}});
        } else {
            const QString arguments = item.value(L("arguments")).toString();
            for (const QString &text : fragments(arguments, 6))
                piece("response.function_call_arguments.delta", {{L("delta"), text}});
            piece("response.function_call_arguments.done", {{L("arguments"), arguments}});
        }
        send("response.output_item.done", {{L("output_index"), i}, {L("item"), item}});
    }
    send(a.outOfTokens ? "response.incomplete" : "response.completed", {{L("response"), whole}});
    return out;
}

// --- Anthropic Messages

QJsonObject anthropicUsage(const ScriptedAnswer &a)
{
    return {{L("input_tokens"), a.inputTokens - a.cachedTokens},
            {L("cache_creation_input_tokens"), 0},
            {L("cache_read_input_tokens"), a.cachedTokens},
            {L("output_tokens"), a.outputTokens},
            {L("service_tier"), L("standard")}};
}

QString anthropicStop(const ScriptedAnswer &a)
{
    return a.outOfTokens ? L("max_tokens") : a.calls.empty() ? L("end_turn") : L("tool_use");
}

QJsonObject anthropicBody(const ScriptedAnswer &a, const QString &model)
{
    QJsonArray content;
    if (!a.reasoning.isEmpty())
        content.append(QJsonObject{{L("type"), L("thinking")},
                                   {L("thinking"), a.reasoning.join(QString())},
                                   {L("signature"), L("EqQBCgIYAhIM")}});
    if (!a.text.isEmpty())
        content.append(QJsonObject{{L("type"), L("text")}, {L("text"), a.text.join(QString())}});
    for (size_t i = 0; i < a.calls.size(); ++i) {
        bool valid = false;
        content.append(QJsonObject{{L("type"), L("tool_use")},
                                   {L("id"), idOf(a.calls[i], "toolu_01", int(i))},
                                   {L("name"), a.calls[i].name},
                                   {L("input"), objectOr(a.calls[i].arguments, &valid)}});
    }
    return {{L("id"), L("msg_01XFDUDYJgAACzvnptvVoYEL")},
            {L("type"), L("message")},
            {L("role"), L("assistant")},
            {L("model"), model},
            {L("content"), content},
            {L("stop_reason"), anthropicStop(a)},
            {L("stop_sequence"), QJsonValue::Null},
            {L("usage"), anthropicUsage(a)}};
}

QList<QByteArray> anthropicEvents(const ScriptedAnswer &a, const QString &model)
{
    QList<QByteArray> out;
    const auto send = [&](const char *type, QJsonObject data) {
        data.insert(L("type"), L(type));
        out.append(event(data, type));
    };
    QJsonObject begun = anthropicBody(a, model);
    begun.insert(L("content"), QJsonArray());
    begun.insert(L("stop_reason"), QJsonValue::Null);
    QJsonObject usage = anthropicUsage(a);
    usage.insert(L("output_tokens"), 1);
    begun.insert(L("usage"), usage);
    send("message_start", {{L("message"), begun}});
    int index = 0;
    const auto block = [&](const QJsonObject &start, const QList<QJsonObject> &deltas) {
        send("content_block_start", {{L("index"), index}, {L("content_block"), start}});
        if (index == 0)
            send("ping", {});
        for (const QJsonObject &delta : deltas)
            send("content_block_delta", {{L("index"), index}, {L("delta"), delta}});
        send("content_block_stop", {{L("index"), index++}});
    };
    if (!a.reasoning.isEmpty()) {
        QList<QJsonObject> deltas;
        for (const QString &piece : a.reasoning)
            deltas.append({{L("type"), L("thinking_delta")}, {L("thinking"), piece}});
        deltas.append({{L("type"), L("signature_delta")}, {L("signature"), L("EqQBCgIYAhIM")}});
        block({{L("type"), L("thinking")}, {L("thinking"), QString()}, {L("signature"), QString()}},
              deltas);
    }
    if (!a.text.isEmpty()) {
        QList<QJsonObject> deltas;
        for (const QString &piece : a.text)
            deltas.append({{L("type"), L("text_delta")}, {L("text"), piece}});
        block({{L("type"), L("text")}, {L("text"), QString()}}, deltas);
    }
    for (size_t i = 0; i < a.calls.size(); ++i) {
        QList<QJsonObject> deltas{
            {{L("type"), L("input_json_delta")}, {L("partial_json"), QString()}}};
        for (const QString &piece : fragments(a.calls[i].arguments, 6))
            deltas.append({{L("type"), L("input_json_delta")}, {L("partial_json"), piece}});
        block({{L("type"), L("tool_use")},
               {L("id"), idOf(a.calls[i], "toolu_01", int(i))},
               {L("name"), a.calls[i].name},
               {L("input"), QJsonObject()}},
              deltas);
    }
    send("message_delta", {{L("delta"), QJsonObject{{L("stop_reason"), anthropicStop(a)},
                                                    {L("stop_sequence"), QJsonValue::Null}}},
                           {L("usage"), QJsonObject{{L("output_tokens"), a.outputTokens}}}});
    send("message_stop", {});
    return out;
}

// --- Gemini

QJsonObject geminiUsage(const ScriptedAnswer &a)
{
    QJsonObject out{{L("promptTokenCount"), a.inputTokens},
                    {L("candidatesTokenCount"), a.outputTokens - a.reasoningTokens},
                    {L("totalTokenCount"), a.inputTokens + a.outputTokens}};
    if (a.cachedTokens > 0)
        out.insert(L("cachedContentTokenCount"), a.cachedTokens);
    if (a.reasoningTokens > 0)
        out.insert(L("thoughtsTokenCount"), a.reasoningTokens);
    return out;
}

QJsonObject geminiChunk(const QJsonArray &parts, const QJsonValue &finish, const QJsonObject &usage,
                        const QString &model)
{
    QJsonObject candidate{{L("content"), QJsonObject{{L("role"), L("model")}, {L("parts"), parts}}},
                          {L("index"), 0}};
    if (finish.isString())
        candidate.insert(L("finishReason"), finish);
    return {{L("candidates"), QJsonArray{candidate}},
            {L("usageMetadata"), usage},
            {L("modelVersion"), model},
            {L("responseId"), L("Il0taoSYJ5CezLUP")}};
}

// The parts of the answer in order; a call with broken arguments is none.
QList<QJsonObject> geminiParts(const ScriptedAnswer &a, bool joined, bool *malformed)
{
    QList<QJsonObject> out;
    const QStringList thoughts =
        joined && !a.reasoning.isEmpty() ? QStringList{a.reasoning.join(QString())} : a.reasoning;
    for (const QString &piece : thoughts)
        out.append({{L("text"), piece}, {L("thought"), true}});
    const QStringList texts =
        joined && !a.text.isEmpty() ? QStringList{a.text.join(QString())} : a.text;
    for (const QString &piece : texts)
        out.append({{L("text"), piece}});
    for (const ScriptedCall &call : a.calls) {
        bool valid = false;
        QJsonObject function{{L("name"), call.name}, {L("args"), objectOr(call.arguments, &valid)}};
        *malformed |= !valid;
        if (!call.id.isEmpty())
            function.insert(L("id"), call.id);
        if (valid)
            out.append({{L("functionCall"), function}, {L("thoughtSignature"), L("CiQB0e2Kb")}});
    }
    return out;
}

QString geminiFinish(const ScriptedAnswer &a, bool malformed)
{
    return malformed ? L("MALFORMED_FUNCTION_CALL") : a.outOfTokens ? L("MAX_TOKENS") : L("STOP");
}

QList<QByteArray> geminiEvents(const ScriptedAnswer &a, const QString &model)
{
    bool malformed = false;
    const QList<QJsonObject> parts = geminiParts(a, false, &malformed);
    QList<QByteArray> out;
    for (const QJsonObject &part : parts)
        out.append(event(geminiChunk(QJsonArray{part}, QJsonValue(),
                                     {{L("promptTokenCount"), a.inputTokens}}, model)));
    out.append(event(geminiChunk(QJsonArray{QJsonObject{{L("text"), QString()}}},
                                 geminiFinish(a, malformed), geminiUsage(a), model)));
    return out;
}

QJsonObject geminiBody(const ScriptedAnswer &a, const QString &model)
{
    bool malformed = false;
    const QList<QJsonObject> list = geminiParts(a, true, &malformed);
    QJsonArray parts;
    for (const QJsonObject &part : list)
        parts.append(part);
    return geminiChunk(parts, geminiFinish(a, malformed), geminiUsage(a), model);
}
} // namespace

QList<QByteArray> wireEvents(WireFormat format, const ScriptedAnswer &answer, const QString &model)
{
    switch (format) {
    case WireFormat::OpenAiChat:
        return chatEvents(answer, model);
    case WireFormat::OpenAiResponses:
        return responseEvents(answer, model);
    case WireFormat::Anthropic:
        return anthropicEvents(answer, model);
    case WireFormat::Gemini:
        return geminiEvents(answer, model);
    }
    return {};
}

QByteArray wireBody(WireFormat format, const ScriptedAnswer &answer, const QString &model)
{
    switch (format) {
    case WireFormat::OpenAiChat:
        return json::pretty(chatBody(answer, model));
    case WireFormat::OpenAiResponses:
        return json::pretty(responseBody(answer, model));
    case WireFormat::Anthropic:
        return json::compact(anthropicBody(answer, model));
    case WireFormat::Gemini:
        return json::pretty(geminiBody(answer, model));
    }
    return {};
}

QByteArray wireError(WireFormat format, int status, const QByteArray &type,
                     const QByteArray &message)
{
    const QString text = QString::fromUtf8(message);
    const QString name = QString::fromUtf8(type);
    switch (format) {
    case WireFormat::OpenAiChat:
    case WireFormat::OpenAiResponses:
        return json::pretty(QJsonObject{{L("error"), QJsonObject{{L("message"), text},
                                                                 {L("type"), name},
                                                                 {L("param"), QJsonValue::Null},
                                                                 {L("code"), name}}}});
    case WireFormat::Anthropic:
        return json::compact(
            QJsonObject{{L("type"), L("error")},
                        {L("error"), QJsonObject{{L("type"), name}, {L("message"), text}}},
                        {L("request_id"), L("req_011CSHoEeqs5C35K2UUqR7Fy")}});
    case WireFormat::Gemini:
        return json::pretty(QJsonObject{
            {L("error"),
             QJsonObject{{L("code"), status}, {L("message"), text}, {L("status"), name}}}});
    }
    return {};
}

} // namespace lathe::test
