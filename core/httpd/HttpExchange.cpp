// SPDX-License-Identifier: GPL-3.0-or-later
// What happens to one request, on the server's thread.
#include "core/httpd/HttpListen.h"
#include "core/httpd/HttpServerPrivate.h"

namespace lathe {

namespace {
// A refused body is read to its end, so that the client reads the answer instead of a reset connection; but no further than this.
constexpr qint64 drainBytes = 512ll << 20;
constexpr qint64 overheadBytes = 1 << 20; // what does not compress becomes a little longer

QByteArray header(MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value ? QByteArray(value).trimmed() : QByteArray();
}

int statusOf(HttpRefusal refusal)
{
    switch (refusal) {
    case HttpRefusal::Host:
        return 403;
    case HttpRefusal::Token:
        return 401;
    case HttpRefusal::Path:
        return 404;
    case HttpRefusal::Method:
        return 405;
    case HttpRefusal::ContentType:
    case HttpRefusal::Encoding:
        return 415;
    case HttpRefusal::TooLarge:
    case HttpRefusal::BombGuard:
        return 413;
    case HttpRefusal::Busy:
        return 503;
    case HttpRefusal::Damaged:
    case HttpRefusal::CutOff:
        break;
    }
    return 400;
}

QByteArray allowed(const HttpServerOptions &options)
{
    return QByteArrayList(options.methods.begin(), options.methods.end()).join(", ");
}

QString messageOf(HttpRefusal refusal, const HttpServerOptions &options)
{
    switch (refusal) {
    case HttpRefusal::Host:
        return QStringLiteral("The host name of this request is not this machine's; use its address.");
    case HttpRefusal::Token:
        return QStringLiteral("The token is missing or wrong; send it as \"Authorization: Bearer TOKEN\".");
    case HttpRefusal::Path: {
        QByteArrayList paths(options.paths.begin(), options.paths.end());
        return QStringLiteral("There is nothing at this path; there is %1.").arg(QString::fromLatin1(paths.join(", ")));
    }
    case HttpRefusal::Method:
        return QStringLiteral("Only %1 is understood here.").arg(QString::fromLatin1(allowed(options)));
    case HttpRefusal::ContentType: {
        QByteArrayList types(options.contentTypes.begin(), options.contentTypes.end());
        return QStringLiteral("This content type is not understood; send %1.").arg(QString::fromLatin1(types.join(" or ")));
    }
    case HttpRefusal::Encoding:
        return QStringLiteral("This compression is not understood; send gzip or none.");
    case HttpRefusal::TooLarge:
        return QStringLiteral("The body is over %1 MB; send smaller batches.").arg(options.maxBodyBytes >> 20);
    case HttpRefusal::BombGuard:
        return QStringLiteral("The compressed body expands to over %1 times its size; send it uncompressed.").arg(options.maxRatio);
    case HttpRefusal::Busy:
        return QStringLiteral("The receiver is behind; send this again in %1 s.").arg(options.retryAfterSeconds);
    case HttpRefusal::Damaged:
    case HttpRefusal::CutOff:
        break;
    }
    return QStringLiteral("The compressed body is damaged or incomplete.");
}
} // namespace

std::optional<HttpRefusal> HttpServer::Private::check(Exchange *exchange, const char *method)
{
    MHD_Connection *connection = exchange->connection;
    if (!options.token.isEmpty()) {
        const QByteArray given = header(connection, "Authorization");
        if (given.left(7).toLower() != "bearer " || !equalInConstantTime(given.mid(7).trimmed(), options.token.toUtf8()))
            return HttpRefusal::Token;
    } else if (!isOwnHost(header(connection, "Host"), options.host)) {
        return HttpRefusal::Host; // with a token a rebound name gains nothing
    }
    HttpServerRequest &request = exchange->request;
    if (options.checkOrigin) {
        const QByteArray origin = header(connection, "Origin");
        const qsizetype scheme = origin.indexOf("://");
        if (!origin.isEmpty() && (scheme < 0 || !isOwnHost(origin.mid(scheme + 3), options.host)))
            return HttpRefusal::Host;
    }
    for (const QByteArray &name : options.headers) {
        if (const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name.constData()))
            request.headers.emplace_back(name, QByteArray(value).trimmed());
    }
    if (std::find(options.paths.begin(), options.paths.end(), request.path) == options.paths.end())
        return HttpRefusal::Path;
    if (std::find(options.methods.begin(), options.methods.end(), QByteArray(method)) == options.methods.end())
        return HttpRefusal::Method;
    if (std::strcmp(method, "POST") == 0 && std::find(options.contentTypes.begin(), options.contentTypes.end(), request.contentType) == options.contentTypes.end())
        return HttpRefusal::ContentType;
    const QByteArray encoding = header(connection, "Content-Encoding").toLower();
    const bool compressed = encoding == "gzip" || encoding == "x-gzip" || encoding == "deflate";
    if (!compressed && !encoding.isEmpty() && encoding != "identity")
        return HttpRefusal::Encoding;
    const qint64 length = header(connection, "Content-Length").toLongLong();
    if (length > options.maxBodyBytes + (compressed ? overheadBytes : 0))
        return HttpRefusal::TooLarge;
    if (closing || queuedRequests >= options.maxQueuedRequests || queuedBytes + length > options.maxQueuedBytes)
        return HttpRefusal::Busy;
    if (compressed)
        exchange->inflater = std::make_unique<BodyInflater>(options.maxBodyBytes, options.maxRatio);
    return std::nullopt;
}

MHD_Result HttpServer::Private::begin(Exchange *exchange, const char *url, const char *method)
{
    MHD_Connection *connection = exchange->connection;
    {
        const std::scoped_lock lock(connectionsMutex);
        if (const auto found = connections.find(connection); found != connections.end())
            found->second->since = SteadyClock::now();
    }
    exchange->request.method = method;
    exchange->request.path = url;
    QByteArray type = header(connection, "Content-Type");
    if (const qsizetype semicolon = type.indexOf(';'); semicolon >= 0)
        type.truncate(semicolon);
    exchange->request.contentType = type.trimmed().toLower();
    if (const auto refusal = check(exchange, method)) {
        refuse(exchange, *refusal);
        // Asked before the body is sent, or too much to read for nothing: answered at once.
        const bool asks = header(connection, "Expect").toLower() == "100-continue";
        if (asks || header(connection, "Content-Length").toLongLong() > drainBytes)
            return sendRefusal(exchange);
        return MHD_YES;
    }
    ++queuedRequests;
    exchange->queued = true;
    return MHD_YES;
}

void HttpServer::Private::refuse(Exchange *exchange, HttpRefusal refusal)
{
    exchange->refusal = refusal;
    exchange->request.body = QByteArray();
    exchange->inflater.reset();
    release(exchange);
}

// Takes what the body has grown by from the queue's allowance; false: there is no more.
bool HttpServer::Private::account(Exchange *exchange)
{
    const qint64 grown = exchange->request.body.capacity() - exchange->accounted;
    if (grown <= 0)
        return true;
    exchange->accounted += grown;
    const qint64 now = queuedBytes += grown;
    if (now > queuedPeak)
        queuedPeak = now; // only this thread raises it
    return now <= options.maxQueuedBytes;
}

void HttpServer::Private::release(Exchange *exchange)
{
    queuedBytes -= std::exchange(exchange->accounted, 0);
    if (std::exchange(exchange->queued, false))
        --queuedRequests;
}

MHD_Result HttpServer::Private::receive(Exchange *exchange, const char *data, size_t size)
{
    HttpServerRequest &request = exchange->request;
    request.wireBytes += qint64(size);
    if (exchange->refusal)
        return request.wireBytes > drainBytes ? MHD_NO : MHD_YES;
    if (exchange->inflater && request.wireBytes > options.maxBodyBytes + overheadBytes) {
        refuse(exchange, HttpRefusal::TooLarge); // empty members without end
    } else if (exchange->inflater) {
        switch (exchange->inflater->add(data, size, &request.body)) {
        case BodyInflater::Status::Ok:
            break;
        case BodyInflater::Status::TooLarge:
            refuse(exchange, HttpRefusal::TooLarge);
            return MHD_YES;
        case BodyInflater::Status::Bomb:
            refuse(exchange, HttpRefusal::BombGuard);
            return MHD_YES;
        case BodyInflater::Status::Damaged:
            refuse(exchange, HttpRefusal::Damaged);
            return MHD_YES;
        }
    } else if (request.body.size() + qint64(size) > options.maxBodyBytes) {
        refuse(exchange, HttpRefusal::TooLarge);
        return MHD_YES;
    } else {
        request.body.append(data, qsizetype(size));
    }
    if (!account(exchange))
        refuse(exchange, HttpRefusal::Busy);
    return MHD_YES;
}

MHD_Result HttpServer::Private::finish(Exchange *exchange)
{
    if (exchange->handedOver) { // resumed by answer() or by stop()
        std::optional<HttpServerAnswer> answer;
        {
            const std::scoped_lock lock(mutex);
            if (stopping)
                return MHD_NO;
            answer = std::move(exchange->answer);
        }
        setWaits(exchange->connection, answer && answer->stream);
        return answer ? send(exchange, *answer) : MHD_NO;
    }
    exchange->complete = true;
    if (!exchange->refusal && exchange->inflater && !exchange->inflater->isComplete())
        refuse(exchange, HttpRefusal::Damaged);
    if (exchange->refusal)
        return sendRefusal(exchange);
    return handOver(exchange);
}

MHD_Result HttpServer::Private::handOver(Exchange *exchange)
{
    exchange->inflater.reset();
    HttpServerRequest request = std::move(exchange->request);
    exchange->request.wireBytes = request.wireBytes;
    exchange->request.contentType = request.contentType;
    exchange->handedOver = true;
    const quint64 id = exchange->id;
    setWaits(exchange->connection, true);
    {
        const std::scoped_lock lock(mutex);
        if (stopping)
            return MHD_NO;
        waiting.emplace(id, exchange);
        MHD_suspend_connection(exchange->connection);
    }
    handler(id, std::move(request)); // may be answered, and freed, from now on
    return MHD_YES;
}

void HttpServer::Private::setWaits(MHD_Connection *connection, bool waits)
{
    const std::scoped_lock lock(connectionsMutex);
    if (const auto found = connections.find(connection); found != connections.end()) {
        found->second->waits = waits;
        found->second->since = SteadyClock::now();
    }
}

MHD_Result HttpServer::Private::sendRefusal(Exchange *exchange)
{
    const HttpRefusal refusal = *exchange->refusal;
    const QString message = messageOf(refusal, options);
    HttpServerAnswer answer(statusOf(refusal), "text/plain; charset=utf-8", message.toUtf8() + '\n');
    if (options.refuse)
        answer = options.refuse(answer.status, message, exchange->request.contentType);
    if (refusal == HttpRefusal::Busy)
        answer.retryAfterSeconds = options.retryAfterSeconds;
    if (refusal == HttpRefusal::Method)
        answer.allow = allowed(options);
    return send(exchange, answer);
}

MHD_Response *HttpServer::Private::streamOf(Exchange *exchange, const HttpServerAnswer &)
{
    // Kept by the exchange; the library's own reference ends with the response.
    auto *held = new std::shared_ptr<AnswerStream>(exchange->stream);
    MHD_Response *response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16 * 1024, &Private::readStream, held, &Private::freeStream);
    if (!response)
        delete held;
    return response;
}

// On the server's thread. With nothing to send the connection sleeps until there is.
ssize_t HttpServer::Private::readStream(void *held, uint64_t, char *to, size_t most)
{
    AnswerStream &stream = **static_cast<std::shared_ptr<AnswerStream> *>(held);
    const std::scoped_lock lock(*stream.mutex);
    if (!stream.waiting.isEmpty()) {
        const size_t size = std::min(most, size_t(stream.waiting.size()));
        std::memcpy(to, stream.waiting.constData(), size);
        stream.waiting.remove(0, qsizetype(size));
        return ssize_t(size);
    }
    if (stream.ended || *stream.stopping)
        return MHD_CONTENT_READER_END_OF_STREAM;
    stream.suspended = true;
    MHD_suspend_connection(stream.connection);
    return 0;
}

void HttpServer::Private::freeStream(void *held)
{
    delete static_cast<std::shared_ptr<AnswerStream> *>(held);
}

MHD_Result HttpServer::Private::send(Exchange *exchange, const HttpServerAnswer &answer)
{
    // The library only reads it, in spite of the type.
    MHD_Response *response = answer.stream ? streamOf(exchange, answer)
                                           : MHD_create_response_from_buffer(size_t(answer.body.size()), const_cast<char *>(answer.body.constData()),
                                                             MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    if (!answer.contentType.isEmpty())
        MHD_add_response_header(response, "Content-Type", answer.contentType.constData());
    for (const auto &[name, value] : answer.headers)
        MHD_add_response_header(response, name.constData(), value.constData());
    if (answer.retryAfterSeconds > 0)
        MHD_add_response_header(response, "Retry-After", QByteArray::number(answer.retryAfterSeconds).constData());
    if (!answer.allow.isEmpty())
        MHD_add_response_header(response, "Allow", answer.allow.constData());
    if (answer.status == 401)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    const MHD_Result result = MHD_queue_response(exchange->connection, unsigned(answer.status), response);
    MHD_destroy_response(response);
    return result;
}

} // namespace lathe
