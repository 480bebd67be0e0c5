// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/HttpErrors.h"

#include <QUrl>

#include <cctype>
#include <cerrno>
#include <cstring>

namespace lathe {

namespace {
QString connectReason(const TransportFailure &f)
{
    switch (f.osError) {
    case ECONNREFUSED:
        return QStringLiteral("connection refused. Is the server running?");
    case ENETUNREACH:
    case ENETDOWN:
        return QStringLiteral("the network cannot be reached. Check the network connection.");
    case EHOSTUNREACH:
        return QStringLiteral(
            "there is no way to this host. Check the address and the network connection.");
    case ETIMEDOUT:
        return QStringLiteral("it did not answer. Check the address and the network connection.");
    case EMFILE:
    case ENFILE:
        return QStringLiteral("too many files and connections are open. Close some and try again.");
    case 0:
        return QStringLiteral(
            "the connection failed. Check the address and the network connection.");
    default:
        return QString::fromLocal8Bit(std::strerror(f.osError)).toLower()
               + QStringLiteral(". Check the address and the network connection.");
    }
}

bool isToken(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c))
               || (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c));
    });
}

bool holdsLineBreak(QByteArrayView text)
{
    return text.contains('\r') || text.contains('\n') || text.contains('\0');
}
} // namespace

QString serverName(const QString &url)
{
    const QUrl parsed(url);
    QString host = parsed.host();
    if (host.isEmpty())
        return QStringLiteral("the server");
    if (host.contains(QLatin1Char(':')))
        host = QLatin1Char('[') + host + QLatin1Char(']');
    return parsed.port() > 0 ? QStringLiteral("%1:%2").arg(host).arg(parsed.port()) : host;
}

QString waitText(qint64 ms)
{
    if (ms < 1000)
        return QStringLiteral("%1 ms").arg(ms);
    return QStringLiteral("%1 s").arg(double(ms) / 1000, 0, 'g', 4);
}

Error transportError(const TransportFailure &f)
{
    ErrorKind kind = ErrorKind::Unreachable;
    QString message;
    switch (f.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        message = QStringLiteral("Could not find %1: there is no such name. Check the address and "
                                 "the network connection.");
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        message = QStringLiteral("Could not reach %1: the proxy's name was not found. Check "
                                 "HTTPS_PROXY and HTTP_PROXY.");
        break;
    case CURLE_COULDNT_CONNECT:
        message = QStringLiteral("Could not connect to %1: ") + connectReason(f);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        kind = ErrorKind::Timeout;
        message = f.detail.contains("SSL")
                      ? QStringLiteral("%1 did not begin a secure connection within ")
                            + waitText(f.connectTimeoutMs)
                            + QStringLiteral(". Does it speak https at this port?")
                      : QStringLiteral("Could not connect to %1 within ")
                            + waitText(f.connectTimeoutMs)
                            + QStringLiteral(". Check the address and the network connection.");
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        kind = ErrorKind::Protocol; // it will not be better at the next try
        message = QStringLiteral("The certificate of %1 cannot be trusted, so nothing was sent. "
                                 "Check the address, the clock "
                                 "of this computer and its certificates.");
        break;
    case CURLE_SSL_CONNECT_ERROR:
        message = QStringLiteral(
            "Could not make a secure connection to %1. Does it speak https at this port?");
        break;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
        kind = ErrorKind::Protocol;
        message = QStringLiteral("The answer of %1 is not HTTP. Check the address and the port.");
        break;
    case CURLE_BAD_CONTENT_ENCODING:
        kind = ErrorKind::Protocol;
        message = QStringLiteral("The compressed answer of %1 is damaged.");
        break;
    case CURLE_URL_MALFORMAT:
        kind = ErrorKind::InvalidInput;
        message = QStringLiteral("The address of %1 is not a valid URL. Check how it is written.");
        break;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2_STREAM:
        if (f.detail.contains("chunked-encod")) {
            kind = ErrorKind::Protocol;
            message =
                QStringLiteral("The answer of %1 is malformed: its pieces have no valid length.");
        } else {
            message =
                f.answered ? QStringLiteral("%1 closed the connection in the middle of its answer.")
                : f.sent   ? QStringLiteral("%1 closed the connection without an answer.")
                         : QStringLiteral("%1 closed the connection before the request was sent.");
        }
        break;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_WRITE_ERROR: // our callbacks give a reason of their own unless memory ran out
        kind = ErrorKind::LimitReached;
        message = QStringLiteral("There was not enough memory for the answer of %1.");
        break;
    default:
        kind = f.sent ? ErrorKind::Protocol : ErrorKind::Unreachable;
        message = QStringLiteral("The request to %1 failed: ")
                  + QString::fromLatin1(curl_easy_strerror(f.code)) + QLatin1Char('.');
        break;
    }
    message = message.arg(f.server);
    message[0] = f.server == QLatin1String("the server") ? message[0].toUpper() : message[0];
    return Error(kind, message,
                 QStringLiteral("curl %1: %2")
                     .arg(int(f.code))
                     .arg(QString::fromUtf8(
                         f.detail.isEmpty() ? QByteArray(curl_easy_strerror(f.code)) : f.detail)));
}

std::optional<Error> requestProblem(const HttpRequest &request)
{
    const auto invalid = [](const QString &message) {
        return Error(ErrorKind::InvalidInput, message);
    };
    if (!isToken(request.method))
        return invalid(QStringLiteral("The HTTP method of the request is not a word."));
    if (!request.url.startsWith(QLatin1String("http://"), Qt::CaseInsensitive)
        && !request.url.startsWith(QLatin1String("https://"), Qt::CaseInsensitive))
        return invalid(
            QStringLiteral("The address of a server must begin with http:// or https://."));
    if (request.url.contains(QChar(0)))
        return invalid(QStringLiteral("The address of the server holds a NUL character."));
    for (const auto &[name, value] : request.headers) {
        if (!isToken(name))
            return invalid(QStringLiteral("A header of the request has an invalid name."));
        if (holdsLineBreak(value))
            return invalid(
                QStringLiteral(
                    "The value of the header \"%1\" holds a line break. Is a key pasted with its "
                    "line end?")
                    .arg(QString::fromLatin1(name)));
    }
    return std::nullopt;
}

} // namespace lathe
