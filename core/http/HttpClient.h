// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Task.h"
#include "core/http/HttpTypes.h"

#include <memory>

namespace lathe {

// HTTP over libcurl on a thread of its own that is started with the first request. All members are called on the main
// thread; sinks run there too, in batches. Keep-alive connections are pooled. HTTPS_PROXY and NO_PROXY are honoured.
// Transport failures are errors (Unreachable, Timeout, Protocol, LimitReached, Denied, Cancelled) whose message names
// host and reason; any HTTP status is a response, not an error.
class HttpClient
{
public:
    HttpClient();
    ~HttpClient(); // cancels what is under way and joins the thread
    Q_DISABLE_COPY_MOVE(HttpClient)

    Task<Result<HttpResponse>> fetch(HttpRequest request, CancelToken cancel);

    // Events of a 2xx answer of type text/event-stream go to `sink` as they arrive (batched, main thread); the task ends
    // with the stream. Any other answer is collected in HttpResponse::body. A connection cut mid-stream is an error of
    // kind Unreachable (the events before it were delivered).
    using SseSink = std::function<void(std::vector<SseEvent> events)>;
    Task<Result<HttpResponse>> stream(HttpRequest request, SseSink sink, CancelToken cancel);

    // The same; the status and headers of an answer whose events go to `sink` are given to `head` before the first event, and before there
    // is one.
    using HeadSink = std::function<void(const HttpResponse &head)>;
    Task<Result<HttpResponse>> stream(HttpRequest request, HeadSink head, SseSink sink, CancelToken cancel);

    // Requests under way, for tests and the status bar.
    int active() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace lathe
