// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QJsonValue>

#include <optional>
#include <vector>

// JSON-RPC 2.0 as MCP uses it: one object a message, no batches; requests and answers by id. Values and pure functions; any thread.
namespace lathe {

// Cuts a stream into lines (stdio transport: one message a line, ended by LF or CRLF). Memory is bounded by the longest line.
class JsonRpcFramer
{
public:
    static constexpr qint64 defaultMaxLineBytes = 64 * 1024 * 1024;
    explicit JsonRpcFramer(qint64 maxLineBytes = defaultMaxLineBytes);
    // Takes one piece; complete lines without their ends are appended to `out`, blank ones are left out. Fails (Protocol) when a line is
    // longer than the bound, and from then on.
    Result<void> feed(QByteArrayView piece, std::vector<QByteArray> &out);
    // At the end of the stream: the line that has no end; empty when there is none.
    QByteArray takeRest();

private:
    qint64 m_maxLineBytes;
    QByteArray m_buffer;
    bool m_tooLong = false;
};

// Codes of JSON-RPC and of MCP, both eras.
namespace jsonrpc {
inline constexpr int parseError = -32700;
inline constexpr int invalidRequest = -32600;
inline constexpr int methodNotFound = -32601;
inline constexpr int invalidParams = -32602;
inline constexpr int internalError = -32603;
inline constexpr int resourceNotFound = -32002;         // legacy
inline constexpr int urlElicitationRequired = -32042;   // legacy
inline constexpr int headerMismatch = -32020;           // modern
inline constexpr int missingClientCapability = -32021;  // modern
inline constexpr int unsupportedProtocolVersion = -32022; // modern
}

struct JsonRpcError {
    int code = 0;
    QString message; // the other side's words, at most 4,000 characters
    QJsonValue data;
    JsonRpcError() = default;
    JsonRpcError(int code_, QString message_, QJsonValue data_ = QJsonValue(QJsonValue::Undefined))
        : code(code_), message(std::move(message_)), data(std::move(data_))
    {
    }
    QJsonObject toJson() const;
    bool operator==(const JsonRpcError &) const = default;
};

struct JsonRpcMessage {
    enum class Kind { Request, Notification, Answer };
    Kind kind = Kind::Notification;
    QJsonValue id; // of a request: a number or a string; of an answer also null (an error that belongs to no request)
    QString method;
    QJsonObject params;
    QJsonObject result; // of an answer without error
    std::optional<JsonRpcError> error;
    JsonRpcMessage() = default;

    static constexpr int maxDepth = 128;
    // Protocol: what is wrong with it (no JSON, a batch, deeper than maxDepth, larger than the bound, neither request nor answer, ...).
    static Result<JsonRpcMessage> parse(QByteArrayView text, qint64 maxBytes = JsonRpcFramer::defaultMaxLineBytes);
    // Of a text that parse() refused: the id of the request that it looks like an answer to; Undefined when it does not.
    static QJsonValue idOfBroken(QByteArrayView text);
    static JsonRpcMessage request(QJsonValue id, const QString &method, const QJsonObject &params);
    static JsonRpcMessage notification(const QString &method, const QJsonObject &params = QJsonObject());
    static JsonRpcMessage answer(QJsonValue id, const QJsonObject &result);
    static JsonRpcMessage failure(QJsonValue id, const JsonRpcError &error);
    // Compact, on one line, without a line end.
    QByteArray toText() const;
    QJsonObject toJson() const;
    bool operator==(const JsonRpcMessage &) const = default;
};

// An id as a key of tables: 7 and "7" differ.
QByteArray jsonRpcIdKey(const QJsonValue &id);

} // namespace lathe
