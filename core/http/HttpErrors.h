// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTypes.h"

#include <curl/curl.h>

#include <optional>

namespace lathe {

// The server of a URL as "host" or "host:port", for messages. Never user info, path or query: they may hold keys.
QString serverName(const QString &url);

// A duration for people: "250 ms", "2 s", "1.5 s".
QString waitText(qint64 ms);

// What is known about a transfer that libcurl gave up.
struct TransportFailure {
    CURLcode code = CURLE_OK;
    int osError = 0;       // errno of the connect, 0 when none
    QByteArray detail;     // libcurl's own words
    QString server;        // serverName()
    bool sent = false;     // a connection was there and the request went out
    bool answered = false; // the first line of the answer had come
    qint64 connectTimeoutMs = 0;
};

// The error with its sentence for the user.
Error transportError(const TransportFailure &failure);

// Why a request cannot be sent at all (method, URL or headers), nullopt when it can.
std::optional<Error> requestProblem(const HttpRequest &request);

} // namespace lathe
