// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/HttpClient.h"

#include "core/base/Mailbox.h"
#include "core/http/HttpErrors.h"
#include "core/http/HttpThread.h"

#include <unordered_map>

namespace lathe {

// The main thread's side: who waits for which id. What the http thread still sends for an id that is no longer here
// (it was cancelled) is dropped.
class HttpClient::Private
{
public:
    struct Exchange {
        HeadSink head;
        SseSink sink;
        Completion<Result<HttpResponse>> completion;
    };

    Task<Result<HttpResponse>> run(HttpRequest request, HeadSink head, SseSink sink, bool stream,
                                   CancelToken cancel);
    void cancel(quint64 id);
    void drain();
    void close();

    Mailbox mailbox; // outlives the thread, which posts to it
    std::unique_ptr<HttpThread> thread;
    std::unordered_map<quint64, std::shared_ptr<Exchange>> exchanges;
    quint64 lastId = 0;
    bool closing = false;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

Task<Result<HttpResponse>> HttpClient::Private::run(HttpRequest request, HeadSink head, SseSink sink, bool stream,
                                                    CancelToken token)
{
    if (closing || token.isCancelled())
        co_return Error::cancelled();
    if (auto problem = requestProblem(request))
        co_return std::move(*problem);
    if (!thread)
        thread = std::make_unique<HttpThread>([this] { mailbox.post([this] { drain(); }); });
    const quint64 id = ++lastId;
    const auto exchange = std::make_shared<Exchange>();
    exchange->head = std::move(head);
    exchange->sink = std::move(sink);
    exchanges.emplace(id, exchange);
    thread->start(id, std::move(request), stream);
    // The client ends all exchanges before it goes, so this coroutine and the registration never outlive it.
    const auto registration = token.onCancelled([this, id] { cancel(id); });
    auto result = co_await exchange->completion;
    co_return result;
}

void HttpClient::Private::cancel(quint64 id)
{
    const auto it = exchanges.find(id);
    if (it == exchanges.end())
        return;
    const auto exchange = std::move(it->second);
    exchanges.erase(it);
    thread->cancel(id);
    exchange->completion.complete(Error::cancelled()); // may delete the client
}

void HttpClient::Private::drain()
{
    const std::weak_ptr<bool> self = alive;
    auto deliveries = thread->takeOutbox();
    for (auto &delivery : deliveries) {
        auto it = exchanges.find(delivery.id);
        if (it == exchanges.end())
            continue;
        const auto exchange = it->second;
        if (delivery.head && exchange->head) {
            exchange->head(*delivery.head);
            if (self.expired())
                return;
            if (!exchanges.contains(delivery.id)) // it was cancelled there
                continue;
        }
        if (!delivery.events.empty() && exchange->sink) {
            exchange->sink(std::move(delivery.events));
            if (self.expired())
                return;
        }
        if (!delivery.result)
            continue;
        it = exchanges.find(delivery.id); // the sink may have cancelled it
        if (it == exchanges.end())
            continue;
        exchanges.erase(it);
        exchange->completion.complete(std::move(*delivery.result));
        if (self.expired())
            return;
    }
}

void HttpClient::Private::close()
{
    closing = true;
    thread.reset();
    const auto waiting = std::exchange(exchanges, {});
    for (const auto &[id, exchange] : waiting)
        exchange->completion.complete(Error::cancelled());
}

HttpClient::HttpClient() : d(std::make_unique<Private>()) {}

HttpClient::~HttpClient()
{
    d->close();
}

Task<Result<HttpResponse>> HttpClient::fetch(HttpRequest request, CancelToken cancel)
{
    return d->run(std::move(request), HeadSink(), SseSink(), false, std::move(cancel));
}

Task<Result<HttpResponse>> HttpClient::stream(HttpRequest request, SseSink sink, CancelToken cancel)
{
    return d->run(std::move(request), HeadSink(), std::move(sink), true, std::move(cancel));
}

Task<Result<HttpResponse>> HttpClient::stream(HttpRequest request, HeadSink head, SseSink sink, CancelToken cancel)
{
    return d->run(std::move(request), std::move(head), std::move(sink), true, std::move(cancel));
}

int HttpClient::active() const
{
    return int(d->exchanges.size());
}

} // namespace lathe
