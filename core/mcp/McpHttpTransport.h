// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/mcp/McpTransport.h"

namespace lathe {

class HttpClient;
class McpAuthorizer;

// A server behind a URL ("streamable HTTP"): each message is a POST, whose answer is JSON or an event stream; in the legacy era there are
// sessions, a GET stream for messages of the server's own, and streams that are taken up again after a cut.
class McpHttpTransport : public McpTransport, public std::enable_shared_from_this<McpHttpTransport>
{
public:
    struct Setup {
        McpServerConfig config;
        QString url; // secrets filled in
        HttpHeaders headers; // of the configuration, secrets filled in
        HttpClient *http = nullptr;
        Clock *clock = nullptr;
        McpAuthorizer *authorizer = nullptr; // may be null
        Setup() = default;
    };
    McpHttpTransport(Setup setup, Events events);

    Task<Result<void>> open(CancelToken cancel) override;
    Task<Result<void>> send(JsonRpcMessage message, HttpHeaders headers, CancelToken cancel) override;
    void agreed(McpEra era, const QString &version) override;
    bool isHttp() const override { return true; }
    bool isAsking() const override { return m_asking > 0; }
    bool sessionEnded() const override { return m_sessionEnded; }
    Task<> close() override;
    void abort() override;

private:
    // One message under way and the streams its answer comes on.
    struct Exchange;
    Task<Result<HttpRequest>> request(QByteArray method, HttpHeaders headers, CancelToken cancel);
    Task<Result<HttpResponse>> authorized(QByteArray method, HttpHeaders headers, QByteArray body, std::shared_ptr<Exchange> exchange, CancelToken cancel);
    Task<Result<void>> resume(std::shared_ptr<Exchange> exchange, CancelToken cancel);
    static Task<> listen(std::shared_ptr<McpHttpTransport> self);
    static Task<> endSession(std::shared_ptr<McpHttpTransport> self);
    static Task<> letEnd(std::shared_ptr<McpHttpTransport> self, std::shared_ptr<Exchange> exchange);
    void takeEvents(const std::shared_ptr<Exchange> &exchange, std::vector<SseEvent> events);
    void takeHead(const std::shared_ptr<Exchange> &exchange, const HttpResponse &head);
    Result<void> takeAnswer(const std::shared_ptr<Exchange> &exchange, const HttpResponse &response);
    Result<QString> redirected(const HttpResponse &response) const;
    Error refusal(const HttpResponse &response) const;
    void deliver(JsonRpcMessage message, const QByteArray &about);
    void log(McpLogLine::Source source, const QString &text);

    Setup m_setup;
    const QString m_name, m_shownUrl;
    std::shared_ptr<Events> m_events; // null: nobody listens any more
    CancelSource m_stop;
    McpEra m_era = McpEra::Unknown;
    QByteArray m_version, m_session;
    int m_asking = 0;
    bool m_sessionEnded = false;
    bool m_listening = false;
};

} // namespace lathe
