// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/http/HttpTypes.h"
#include "core/mcp/JsonRpc.h"
#include "core/mcp/McpTypes.h"

#include <functional>
#include <memory>

namespace lathe {

// Carries messages to one MCP server and back. Internal to this folder. Main thread; held by shared_ptr, its own coroutines hold it too.
class McpTransport
{
public:
    struct Events {
        // `about`: the id key of the request on whose stream it came; empty when that cannot be told.
        std::function<void(JsonRpcMessage message, QByteArray about)> message;
        // What came in place of a message.
        std::function<void(QByteArray text, Error why)> unreadable;
        std::function<void(McpLogLine::Source source, QString text)> log;
        std::function<void(Error error)> lost; // once; never after close() or abort()
        std::function<void(QString token)> token; // of a sign-in: goes out now, and is to be shown nowhere
    };
    virtual ~McpTransport() = default;

    virtual Task<Result<void>> open(CancelToken cancel) = 0;
    // Over stdio it ends when the message was handed over. Over HTTP, of a request, when its answer has come (by Events) or cannot come any
    // more, which is an error. `headers`: for HTTP. Cancelling a request closes the stream of its answer.
    virtual Task<Result<void>> send(JsonRpcMessage message, HttpHeaders headers, CancelToken cancel) = 0;
    // What was agreed with the server; of the legacy era the transport then opens the stream for messages that belong to no request.
    virtual void agreed(McpEra era, const QString &version) = 0;
    virtual bool isHttp() const = 0;
    // True while a person signs in: no time counts.
    virtual bool isAsking() const { return false; }
    // True when the server has said that it does not know the session any more.
    virtual bool sessionEnded() const { return false; }
    // When the other side is already known to be ending, says so by Events::lost now.
    virtual void settle() {}
    virtual Task<> close() = 0; // in order
    virtual void abort() = 0;   // at once; no events come afterwards
};

// Lets the event loop have its turn, so that a flood of messages does not keep everything else waiting.
Task<> nextTurn();

} // namespace lathe
