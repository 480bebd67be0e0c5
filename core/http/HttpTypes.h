// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QByteArray>
#include <QString>

#include <functional>
#include <utility>
#include <vector>

namespace lathe {

using HttpHeaders = std::vector<std::pair<QByteArray, QByteArray>>;

// One header's value by case-insensitive name, empty when absent.
QByteArray headerValue(const HttpHeaders &headers, QByteArrayView name);

struct HttpRequest {
    QByteArray method = "GET";
    QString url;
    HttpHeaders headers;
    QByteArray body;
    qint64 connectTimeoutMs = 10'000;
    qint64 firstByteTimeoutMs = 120'000; // from sent to the first byte of the answer's head
    qint64 idleTimeoutMs = 60'000;       // between two pieces of the body
    qint64 totalTimeoutMs = 0;           // 0: none
    qint64 maxBodyBytes = 64 * 1024 * 1024; // more is an error (ErrorKind::LimitReached), nothing is cut silently
    qint64 maxStreamBytes = 0; // of an event stream instead of maxBodyBytes; 0: that
    int maxRedirects = 0;
    // Asked (on the http thread) with the address about to be connected to, in text form ("127.0.0.1"); false refuses
    // (ErrorKind::Denied). Empty allows all. Guards against SSRF by DNS and redirects.
    std::function<bool(const QString &host, const QString &ip)> allowAddress;
    // Asked (http thread) before each redirect is followed, with the new URL.
    std::function<bool(const QString &url)> allowRedirect;
    HttpRequest() = default;
};

struct HttpResponse {
    int status = 0;
    HttpHeaders headers;
    QByteArray body; // empty when it was delivered as SSE events
    QString effectiveUrl;
    qint64 firstByteUs = 0; // from start to the first byte of the head, microseconds
    qint64 totalUs = 0;
};

// One event of a server-sent event stream (WHATWG HTML, 9.2).
struct SseEvent {
    QByteArray event; // "message" is left empty
    QByteArray data;  // lines joined by \n
    QByteArray id;
    qint64 retryMs = -1; // the time to wait before coming back, when it was said since the event before
};

} // namespace lathe
