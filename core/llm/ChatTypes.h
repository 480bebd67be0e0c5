// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OrderedObject.h"
#include "core/trace/RunEvent.h"

#include <QJsonArray>
#include <QJsonObject>

#include <functional>
#include <optional>
#include <vector>

namespace lathe {

enum class Role { System, User, Assistant, Tool };
QString roleName(Role role); // "system", "user", "assistant", "tool"

// A part of a message (OpenTelemetry GenAI: text, reasoning, tool_call, tool_call_response, blob).
struct MessagePart {
    enum class Type { Text, Reasoning, ToolCall, ToolResult, Image };
    Type type = Type::Text;
    QString text;          // Text, Reasoning, ToolResult: the content
    QString id;            // ToolCall, ToolResult: the call's id
    QString name;          // ToolCall, ToolResult: the tool's name
    QString argumentsText; // ToolCall: JSON text exactly as the model wrote it, may be broken
    bool isError = false;  // ToolResult
    QString signature;     // Reasoning: opaque provider data that must be sent back unchanged
    QString mimeType;      // Image
    QByteArray bytes;      // Image
    static MessagePart fromText(QString text);
    static MessagePart toolCall(QString id, QString name, QString argumentsText);
    static MessagePart toolResult(QString id, QString name, QString text, bool isError);
    bool operator==(const MessagePart &) const = default;
};

struct Message {
    Role role = Role::User;
    std::vector<MessagePart> parts;
    Message() = default;
    Message(Role role_, QString text);
    QString text() const;                          // the text parts joined
    std::vector<MessagePart> toolCalls() const;
    QJsonObject toJson() const;                    // {role, parts: [{type, ...}]} as in gen_ai.input.messages
    static Result<Message> fromJson(const QJsonObject &json);
    bool operator==(const Message &) const = default;
};

// A tool as the model is told of it.
struct ToolDescription {
    QString name;        // [a-zA-Z0-9_-]{1,64}
    QString description;
    QJsonObject schema;  // JSON Schema of the arguments object
    QByteArray schemaText = {}; // its compact text, kept by who sends it often; empty: made when needed
};

// A part of a request that was read from outside, so that it may be another one when the same is asked again (the tables of a database).
struct LiveText {
    QString text;
    qsizetype designed = 0; // so many characters at its beginning were not
};

struct ChatRequest {
    QString model;
    std::vector<Message> messages; // system messages first
    std::vector<ToolDescription> tools;
    enum class ToolChoice { Auto, None, Required };
    ToolChoice toolChoice = ToolChoice::Auto;
    std::optional<OrderedObject> outputSchema; // structured output by JSON Schema; providers get it in the order it was written in
    QString outputName;
    std::optional<double> temperature;
    std::optional<double> topP;
    std::optional<qint64> maxTokens;
    std::optional<qint64> seed;
    QStringList stop;
    bool stream = true;
    bool unpaced = false; // nobody watches: the offline model need not take its time; no part of what is asked
    std::vector<LiveText> live; // within messages and tools; no part of what is asked
    ChatRequest() = default;
    // Canonical form: the journal hashes it, the trace shows it. The order of a schema's members does not count.
    QJsonObject toJson() const;
    // The same as text, as json::compact(toJson()) gives it, without making the object.
    QByteArray toCanonicalText() const;
};

// Whether two requests, as canonical text, are the same but for what `asked` holds of `live`.
bool sameButForLive(const QByteArray &recorded, const QByteArray &asked, const std::vector<LiveText> &live);

enum class FinishReason { Stop, Length, ToolCalls, ContentFilter, Other };
QString finishReasonName(FinishReason reason); // "stop", "length", "tool_calls", "content_filter", "other"

struct ChatResponse {
    Message message;
    FinishReason finishReason = FinishReason::Stop;
    Usage usage;
    QString id;
    QString model; // as the provider names it
    qint64 timeToFirstTokenUs = 0;
    QJsonObject toJson() const;
    // The same as text, as json::compact(toJson()) gives it, without making the object.
    QByteArray toCanonicalText() const;
    static Result<ChatResponse> fromJson(const QJsonObject &json);
};

// A piece of a streamed answer.
struct ChatDelta {
    DeltaChannel channel = DeltaChannel::Text;
    QString text;
    int callIndex = -1; // ToolArguments: which call
    QString callName;   // ToolArguments: set with the first piece
};

// Something the adapter did besides asking once; becomes a step note. name: "retry", "fallback", "rate_limit_wait".
struct ChatNotice {
    QString name;
    QJsonObject attributes; // attempt, delay_ms, reason, from_model, to_model
};

struct ChatSinks {
    std::function<void(const ChatDelta &)> delta;
    std::function<void(const ChatNotice &)> notice;
    // A retry or fallback after text had begun to stream: what was shown so far is void.
    std::function<void()> restart;
};

} // namespace lathe
