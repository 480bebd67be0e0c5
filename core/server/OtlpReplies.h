// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/httpd/HttpServer.h"

namespace lathe::otlp {

extern const QByteArray jsonType;  // "application/json"
extern const QByteArray protoType; // "application/x-protobuf"
bool isJson(const QByteArray &contentType);

// An answer other than 200: a google.rpc.Status in the encoding of the request (JSON when that is none of the two). Any thread.
HttpServerAnswer failure(int status, const QString &message, const QByteArray &requestContentType);
// 200 with a response message.
HttpServerAnswer success(QByteArray body, const QByteArray &requestContentType);

} // namespace lathe::otlp
