// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/httpd/BodyInflater.h"
#include "core/httpd/HttpServer.h"

#include <QTimer>

#include <microhttpd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace lathe {

using SteadyClock = std::chrono::steady_clock;

// The body of an answer that comes bit by bit. Shared between the server's thread, which reads, and those that write.
struct AnswerStream {
    std::mutex *mutex = nullptr; // Private::mutex
    quint64 id = 0;
    MHD_Connection *connection = nullptr;
    const bool *stopping = nullptr;
    // Under it.
    QByteArray waiting;
    bool ended = false;
    bool suspended = false;
};

// One request and its answer. Made, used and freed on the server's thread; while the connection is suspended it is in `waiting` and
// answer() may write `answer`.
struct Exchange {
    quint64 id = 0;
    MHD_Connection *connection = nullptr;
    HttpServerRequest request;
    std::unique_ptr<BodyInflater> inflater;
    std::optional<HttpRefusal> refusal;
    std::optional<HttpServerAnswer> answer;
    qint64 accounted = 0;  // its share of queuedBytes
    bool queued = false;   // counted in queuedRequests
    bool complete = false; // its body came whole
    bool handedOver = false;
    std::shared_ptr<AnswerStream> stream;
};

class HttpServer::Private
{
public:
    struct Connection {
        int fd = -1;
        SteadyClock::time_point since = SteadyClock::now(); // it connected, or its last request was answered
        bool waits = false; // for the handler: not the client's fault
    };

    Private();
    static void ignoreLog(void *, const char *, va_list) {}
    static MHD_Result onRequest(void *self, MHD_Connection *connection, const char *url, const char *method, const char *version,
                                const char *data, size_t *size, void **context);
    static void onCompleted(void *self, MHD_Connection *connection, void **context, MHD_RequestTerminationCode code);
    static void onConnection(void *self, MHD_Connection *connection, void **context, MHD_ConnectionNotificationCode code);

    // On the server's thread (HttpExchange.cpp).
    MHD_Result begin(Exchange *exchange, const char *url, const char *method);
    MHD_Result receive(Exchange *exchange, const char *data, size_t size);
    MHD_Result finish(Exchange *exchange);
    MHD_Result handOver(Exchange *exchange);
    MHD_Result send(Exchange *exchange, const HttpServerAnswer &answer);
    MHD_Result sendRefusal(Exchange *exchange);
    MHD_Response *streamOf(Exchange *exchange, const HttpServerAnswer &answer);
    static ssize_t readStream(void *stream, uint64_t position, char *to, size_t most);
    static void freeStream(void *stream);
    std::optional<HttpRefusal> check(Exchange *exchange, const char *method);
    void refuse(Exchange *exchange, HttpRefusal refusal);
    bool account(Exchange *exchange);
    void release(Exchange *exchange);
    void setWaits(MHD_Connection *connection, bool waits);
    void cutOverdue();

    HttpServerOptions options;
    Handler handler;
    MHD_Daemon *daemon = nullptr;
    quint16 port = 0;
    QTimer watchdog; // main thread
    quint64 nextId = 1;

    std::mutex mutex; // waiting, stopping; taken before any lock of MHD
    std::unordered_map<quint64, Exchange *> waiting;
    std::unordered_map<quint64, std::shared_ptr<AnswerStream>> streams;
    bool stopping = false;

    std::mutex connectionsMutex;
    std::unordered_map<MHD_Connection *, std::unique_ptr<Connection>> connections;

    std::atomic<bool> closing{false};
    std::atomic<qint64> requests{0}, bytes{0}, queuedBytes{0}, queuedPeak{0};
    std::atomic<int> queuedRequests{0}, connectionCount{0};
    std::atomic<qint64> refused[httpRefusalKinds] = {};
};

} // namespace lathe
