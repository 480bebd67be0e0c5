// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/OtlpReplies.h"

#include "core/base/Json.h"

namespace lathe::otlp {

const QByteArray jsonType = QByteArrayLiteral("application/json");
const QByteArray protoType = QByteArrayLiteral("application/x-protobuf");

namespace {
// google.rpc.Code
int rpcCode(int status)
{
    switch (status) {
    case 401:
        return 16; // UNAUTHENTICATED
    case 403:
        return 7; // PERMISSION_DENIED
    case 404:
        return 5; // NOT_FOUND
    case 405:
        return 12; // UNIMPLEMENTED
    case 413:
        return 8; // RESOURCE_EXHAUSTED
    case 503:
        return 14; // UNAVAILABLE
    case 500:
        return 13; // INTERNAL
    default:
        return 3; // INVALID_ARGUMENT
    }
}

void appendVarint(QByteArray *bytes, quint64 value)
{
    for (; value >= 0x80; value >>= 7)
        bytes->append(char(value | 0x80));
    bytes->append(char(value));
}
} // namespace

bool isJson(const QByteArray &contentType)
{
    return contentType == jsonType;
}

HttpServerAnswer failure(int status, const QString &message, const QByteArray &requestContentType)
{
    const bool proto = requestContentType == protoType || requestContentType == "application/protobuf";
    if (!proto)
        return HttpServerAnswer(status, jsonType, json::compact(QJsonObject{{QStringLiteral("code"), rpcCode(status)},
                                                                            {QStringLiteral("message"), message}}));
    QByteArray body;
    body.append('\x08'); // 1: code
    appendVarint(&body, quint64(rpcCode(status)));
    const QByteArray text = message.toUtf8();
    body.append('\x12'); // 2: message
    appendVarint(&body, quint64(text.size()));
    body.append(text);
    return HttpServerAnswer(status, requestContentType, body);
}

HttpServerAnswer success(QByteArray body, const QByteArray &requestContentType)
{
    return HttpServerAnswer(200, requestContentType, std::move(body));
}

} // namespace lathe::otlp
