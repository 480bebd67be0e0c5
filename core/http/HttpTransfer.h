// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTypes.h"
#include "core/http/SseParser.h"

#include <curl/curl.h>

#include <memory>
#include <optional>

namespace lathe {

class HttpThread;

// Microseconds of a clock that only goes forward.
qint64 steadyUs();

// One request on the http thread, through all its redirects: sets up an easy handle for each hop, collects the answer,
// keeps the time limits. Lives and dies on the http thread.
class HttpTransfer
{
public:
    HttpTransfer(HttpThread &thread, quint64 id, HttpRequest request, bool stream,
                 qint64 startedUs);

    quint64 id() const { return m_id; }
    CURL *easy() const { return m_easy; }
    // Prepares `easy` for the request or its next redirect. The transfer does not own it.
    std::optional<Error> begin(CURL *easy);
    // libcurl is through with this hop. nullopt: a redirect is to be followed, begin() again.
    std::optional<Result<HttpResponse>> finish(CURLcode code);
    CURL *takeEasy();

    // When checkTime() has to be asked next, as steadyUs(); a far future when nothing limits it.
    qint64 deadlineUs() const;
    // The time-out error when one of the limits is passed.
    std::optional<Error> checkTime(qint64 nowUs);

    // Events that came since the last call.
    std::vector<SseEvent> takeEvents() { return std::exchange(m_events, {}); }
    bool hasEvents() const { return !m_events.empty(); }
    // The head of an event stream, the first time it is asked for.
    std::optional<HttpResponse> takeHead() { return std::exchange(m_head, std::nullopt); }

    // Places of HttpThread: in its list of transfers with events, and in the outbox.
    bool queuedForFlush = false;
    quint64 outboxRound = 0;
    size_t outboxIndex = 0;

private:
    static size_t headerCallback(char *data, size_t, size_t size, void *self);
    static size_t bodyCallback(char *data, size_t, size_t size, void *self);
    static int connectedCallback(void *self, char *ip, char *, int, int);
    static curl_socket_t openSocketCallback(void *self, curlsocktype purpose,
                                            curl_sockaddr *address);

    bool onHeader(QByteArrayView line);
    bool onHeadEnd();
    bool onBody(QByteArrayView bytes);
    bool tooLarge();
    bool allowed(const QString &address);
    std::optional<Error> setUrl();
    void setMethod();
    std::optional<Error> setHeaders();
    std::optional<Error> redirect(bool &followed);
    std::optional<Error> endOfStream();
    bool fail(ErrorKind kind, const QString &message);
    Error curlError(CURLcode code);
    Error withStatus(Error error) const;

    struct FreeList {
        void operator()(curl_slist *list) const { curl_slist_free_all(list); }
    };

    HttpThread &m_thread;
    const quint64 m_id;
    HttpRequest m_request; // its body stays alive here while libcurl sends it
    const bool m_stream;
    const qint64 m_startedUs;
    CURL *m_easy = nullptr;
    std::unique_ptr<curl_slist, FreeList> m_headers;
    QString m_host;          // only known when allowAddress is to be asked
    QString m_deniedAddress; // the last one that allowAddress refused
    int m_redirects = 0;
    std::optional<Error> m_failure; // why a callback stopped libcurl
    char m_detail[CURL_ERROR_SIZE] = {};

    // Of this hop.
    HttpResponse m_response;
    qint64 m_headBytes = 0;
    qint64 m_bodyBytes = 0;
    qint64 m_sentUs = 0;       // connected and sending; 0 while connecting
    bool m_uploading = false;  // a large body may still be on its way
    curl_off_t m_uploaded = 0; // bytes of it sent at the last look
    qint64 m_lookedUs = 0;
    qint64 m_receivedUs = 0; // last sign of the answer; 0 before the first
    bool m_headDone = false;
    bool m_framed = false; // the end of the body is marked, so a cut is noticed by libcurl
    std::unique_ptr<SseParser> m_parser;
    std::vector<SseEvent> m_events;
    std::optional<HttpResponse> m_head;
};

} // namespace lathe
