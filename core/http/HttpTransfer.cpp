// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/HttpTransfer.h"

#include "core/http/HttpErrors.h"
#include "core/http/HttpThread.h"

#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <limits>
#include <sys/socket.h>

namespace lathe {

namespace {
constexpr qint64 never = std::numeric_limits<qint64>::max() / 2;
constexpr qint64 maxHeadBytes = 256 * 1024;
constexpr qsizetype smallBody = 64 * 1024; // sent together with the head
constexpr qint64 uploadLookUs = 500'000;

QString addressText(const sockaddr *address)
{
    char text[INET6_ADDRSTRLEN] = {};
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in *>(address)->sin_addr, text,
                  sizeof text);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6 *>(address)->sin6_addr, text,
                  sizeof text);
    return QString::fromLatin1(text);
}

// The host of a URL as libcurl reads it, so that a guard and the connection cannot understand it differently.
QString curlHost(const QByteArray &url)
{
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
    char *host = nullptr;
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.constData(), 0) != CURLUE_OK
        || curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return {};
    QString text = QString::fromUtf8(host);
    curl_free(host);
    if (text.startsWith(QLatin1Char('[')) && text.endsWith(QLatin1Char(']')))
        text = text.mid(1, text.size() - 2);
    return text;
}

bool isAddress(const QString &host)
{
    in6_addr buffer;
    const QByteArray text = host.toLatin1();
    return inet_pton(AF_INET, text.constData(), &buffer) == 1
           || inet_pton(AF_INET6, text.constData(), &buffer) == 1;
}

// Scheme, host and port: what a credential was meant for.
QByteArray originOf(const QString &url)
{
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
    if (!parsed
        || curl_url_set(parsed.get(), CURLUPART_URL, url.toUtf8().constData(), 0) != CURLUE_OK)
        return {};
    QByteArray origin;
    for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
        char *text = nullptr;
        if (curl_url_get(parsed.get(), part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK)
            origin += QByteArray(text).toLower();
        curl_free(text);
        origin += ' ';
    }
    return origin;
}

// This computer itself: never asked of a proxy.
bool isLoopback(const QByteArray &url)
{
    const QByteArray lower = url.left(64).toLower();
    const qsizetype begin = lower.indexOf("://") + 3;
    qsizetype end = begin;
    while (end < lower.size() && !strchr("/?#", lower[end]))
        ++end;
    const QByteArray authority = lower.mid(begin, end - begin);
    const auto isHost = [&](QByteArrayView host) {
        return authority.startsWith(host)
               && (authority.size() == host.size() || authority[host.size()] == ':');
    };
    return isHost("localhost") || isHost("127.0.0.1") || isHost("[::1]");
}

bool holdsSecret(const QByteArray &name)
{
    const QByteArray lower = name.toLower();
    for (const char *word : {"auth", "key", "token", "secret", "cookie", "credential"}) {
        if (lower.contains(word))
            return true;
    }
    return false;
}

bool dueAt(qint64 sinceUs, qint64 limitMs, qint64 nowUs)
{
    return limitMs > 0 && nowUs >= sinceUs + limitMs * 1000;
}
} // namespace

qint64 steadyUs()
{
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

HttpTransfer::HttpTransfer(HttpThread &thread, quint64 id, HttpRequest request, bool stream,
                           qint64 startedUs)
    : m_thread(thread),
      m_id(id),
      m_request(std::move(request)),
      m_stream(stream),
      m_startedUs(startedUs)
{
}

std::optional<Error> HttpTransfer::begin(CURL *easy)
{
    m_easy = easy;
    m_response = HttpResponse();
    m_headBytes = m_bodyBytes = 0;
    m_sentUs = m_receivedUs = 0;
    m_uploading = m_request.body.size() > smallBody;
    m_uploaded = 0;
    m_headDone = m_framed = false;
    m_deniedAddress.clear();
    m_detail[0] = 0;

    const auto set = [easy](CURLoption option, auto value) {
        curl_easy_setopt(easy, option, value);
    };
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, m_detail);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L); // cancelling does not wait for a name to be resolved
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS,
        long(std::clamp<qint64>(m_request.connectTimeoutMs, 0, 86'400'000)));
    set(CURLOPT_USERAGENT, "Lathe/" LATHE_VERSION);
    set(CURLOPT_HEADERFUNCTION, &headerCallback);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &bodyCallback);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_PREREQFUNCTION, &connectedCallback);
    set(CURLOPT_PREREQDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &openSocketCallback);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_CLOSESOCKETFUNCTION, &HttpThread::closeSocketCallback);
    set(CURLOPT_CLOSESOCKETDATA, &m_thread);
    if (!m_stream && headerValue(m_request.headers, "accept-encoding").isEmpty())
        set(CURLOPT_ACCEPT_ENCODING, ""); // all that libcurl can decode
    setMethod();
    if (auto problem = setHeaders())
        return problem;
    return setUrl();
}

std::optional<Error> HttpTransfer::setUrl()
{
    const QByteArray url = m_request.url.toUtf8();
    if (curl_easy_setopt(m_easy, CURLOPT_URL, url.constData()) != CURLE_OK)
        return curlError(CURLE_URL_MALFORMAT);
    if (isLoopback(url))
        curl_easy_setopt(m_easy, CURLOPT_PROXY, "");
    if (!m_request.allowAddress)
        return std::nullopt;
    m_host = curlHost(url);
    if (m_host.isEmpty())
        return curlError(CURLE_URL_MALFORMAT);
    // Behind a proxy only the proxy's address is connected to, so a numeric host is asked about beforehand.
    if (isAddress(m_host) && !allowed(m_host))
        return curlError(CURLE_ABORTED_BY_CALLBACK);
    return std::nullopt;
}

void HttpTransfer::setMethod()
{
    const QByteArray &method = m_request.method;
    const QByteArray &body = m_request.body;
    if (method == "HEAD") {
        curl_easy_setopt(m_easy, CURLOPT_NOBODY, 1L);
        return;
    }
    const bool sendsBody =
        !body.isEmpty() || method == "POST" || method == "PUT" || method == "PATCH";
    if (sendsBody) {
        curl_easy_setopt(m_easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.size()));
        curl_easy_setopt(m_easy, CURLOPT_POSTFIELDS, body.constData()); // not copied
    }
    if (method != (sendsBody ? "POST" : "GET"))
        curl_easy_setopt(m_easy, CURLOPT_CUSTOMREQUEST, method.constData());
}

std::optional<Error> HttpTransfer::setHeaders()
{
    m_headers.reset();
    bool complete = true;
    const auto add = [&](const char *line) {
        curl_slist *longer = curl_slist_append(m_headers.get(), line);
        complete &= longer != nullptr;
        if (longer && !m_headers)
            m_headers.reset(longer);
    };
    bool type = false;
    for (const auto &[name, value] : m_request.headers) {
        type |= name.compare("content-type", Qt::CaseInsensitive) == 0;
        add((value.isEmpty() ? name + ';' : name + ": " + value).constData());
    }
    add("Expect:"); // else large posts wait a second at servers that ignore it
    if (!type)
        add("Content-Type:"); // libcurl would claim a form
    if (!complete)
        return curlError(CURLE_OUT_OF_MEMORY);
    curl_easy_setopt(m_easy, CURLOPT_HTTPHEADER, m_headers.get());
    return std::nullopt;
}

// --- What libcurl calls. Nothing here may throw or call libcurl's multi interface.

size_t HttpTransfer::headerCallback(char *data, size_t, size_t size, void *self)
{
    try {
        return static_cast<HttpTransfer *>(self)->onHeader(QByteArrayView(data, qsizetype(size)))
                   ? size
                   : 0;
    } catch (const std::exception &) {
        return 0; // out of memory; libcurl then ends the transfer
    }
}

size_t HttpTransfer::bodyCallback(char *data, size_t, size_t size, void *self)
{
    try {
        return static_cast<HttpTransfer *>(self)->onBody(QByteArrayView(data, qsizetype(size)))
                   ? size
                   : 0;
    } catch (const std::exception &) {
        return 0;
    }
}

int HttpTransfer::connectedCallback(void *self, char *ip, char *, int, int)
{
    auto *transfer = static_cast<HttpTransfer *>(self);
    // Asked again here, for the connection may be a kept one that another request opened.
    if (transfer->m_request.allowAddress && !transfer->allowed(QString::fromLatin1(ip)))
        return CURL_PREREQFUNC_ABORT;
    transfer->m_sentUs = steadyUs();
    transfer->m_thread.noteDeadline(transfer->deadlineUs());
    return CURL_PREREQFUNC_OK;
}

curl_socket_t HttpTransfer::openSocketCallback(void *self, curlsocktype, curl_sockaddr *address)
{
    auto *transfer = static_cast<HttpTransfer *>(self);
    if (transfer->m_request.allowAddress && !transfer->allowed(addressText(&address->addr)))
        return CURL_SOCKET_BAD;
    const curl_socket_t fd =
        ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd != CURL_SOCKET_BAD)
        transfer->m_thread.socketOpened(fd);
    return fd;
}

bool HttpTransfer::allowed(const QString &address)
{
    const QString ip =
        address.startsWith(QLatin1String("::ffff:")) && address.contains(QLatin1Char('.'))
            ? address.mid(7) // an IPv4 address in IPv6 clothes
            : address;
    bool yes = false;
    try {
        yes = m_request.allowAddress(m_host, ip);
    } catch (...) { // a guard that fails does not open the door
    }
    if (!yes)
        m_deniedAddress = ip;
    return yes;
}

bool HttpTransfer::fail(ErrorKind kind, const QString &message)
{
    m_failure = Error(kind, message.arg(serverName(m_request.url)));
    return false;
}

bool HttpTransfer::onHeader(QByteArrayView line)
{
    const bool first = m_receivedUs == 0;
    m_receivedUs = steadyUs();
    if (first) {
        m_response.firstByteUs = m_receivedUs - m_startedUs;
        m_thread.noteDeadline(deadlineUs());
    }
    if (m_headDone)
        return true; // a trailer
    m_headBytes += line.size();
    if (m_headBytes > maxHeadBytes)
        return fail(ErrorKind::Protocol,
                    QStringLiteral("The head of the answer of %1 does not end within 256 KB."));
    const QByteArrayView text = line.trimmed();
    if (text.isEmpty())
        return m_response.status < 200 || onHeadEnd();
    if (text.startsWith("HTTP/")) {
        m_response.headers.clear();
        long status = 0;
        curl_easy_getinfo(m_easy, CURLINFO_RESPONSE_CODE, &status);
        m_response.status = int(status);
        m_framed = text.startsWith("HTTP/2") || text.startsWith("HTTP/3");
        return true;
    }
    const qsizetype colon = text.indexOf(':');
    if (line.startsWith(' ') || line.startsWith('\t')) { // a folded line
        if (!m_response.headers.empty())
            m_response.headers.back().second += ' ' + text.toByteArray();
    } else if (colon > 0) {
        m_response.headers.emplace_back(text.first(colon).toByteArray(),
                                        text.sliced(colon + 1).trimmed().toByteArray());
    }
    return true;
}

bool HttpTransfer::onHeadEnd()
{
    m_headDone = true;
    const QByteArray lengthText = headerValue(m_response.headers, "content-length");
    bool known = false;
    const qint64 length = lengthText.toLongLong(&known);
    m_framed |=
        known || headerValue(m_response.headers, "transfer-encoding").toLower().contains("chunked");
    if (m_request.method == "HEAD")
        return true;
    if (known && length > m_request.maxBodyBytes)
        return tooLarge();
    const bool success = m_response.status >= 200 && m_response.status < 300;
    if (m_stream && success
        && headerValue(m_response.headers, "content-type")
               .trimmed()
               .toLower()
               .startsWith("text/event-stream")) {
        m_parser = std::make_unique<SseParser>();
        m_head = m_response;
        m_thread.noteEvents(this); // the head goes out as events do
    } else if (known && length > 0) {
        m_response.body.reserve(std::min<qint64>(length, 1024 * 1024));
    }
    return true;
}

bool HttpTransfer::tooLarge()
{
    return fail(
        ErrorKind::LimitReached,
        QStringLiteral("The answer of %1 is larger than the limit of ")
            + QStringLiteral("%L1 bytes, so it was not taken.").arg(m_request.maxBodyBytes));
}

bool HttpTransfer::onBody(QByteArrayView bytes)
{
    m_receivedUs = steadyUs();
    m_bodyBytes += bytes.size(); // after decompression
    if (m_bodyBytes > (m_parser && m_request.maxStreamBytes > 0 ? m_request.maxStreamBytes : m_request.maxBodyBytes))
        return tooLarge();
    if (!m_parser) {
        m_response.body.append(bytes);
        return true;
    }
    const auto parsed = m_parser->feed(bytes, m_events);
    if (!m_events.empty())
        m_thread.noteEvents(this);
    if (!parsed)
        return fail(ErrorKind::Protocol,
                    QStringLiteral("%1 sent a malformed event stream. ") + parsed.error().message);
    return true;
}

// --- The end of a hop.

std::optional<Result<HttpResponse>> HttpTransfer::finish(CURLcode code)
{
    if (m_failure || code != CURLE_OK)
        return Result<HttpResponse>(m_failure ? withStatus(*m_failure) : curlError(code));
    if (!m_headDone)
        return Result<HttpResponse>(
            curlError(CURLE_PARTIAL_FILE)); // libcurl accepts a head that is cut
    if (m_request.maxRedirects > 0 && m_response.status >= 300 && m_response.status < 400) {
        bool followed = false;
        if (auto error = redirect(followed))
            return Result<HttpResponse>(std::move(*error));
        if (followed)
            return std::nullopt;
    }
    if (m_parser) {
        if (auto error = endOfStream())
            return Result<HttpResponse>(std::move(*error));
    }
    m_response.effectiveUrl = m_request.url;
    m_response.totalUs = steadyUs() - m_startedUs;
    return Result<HttpResponse>(std::move(m_response));
}

// Some servers leave out the blank line after the last event. Where the end of the body is marked the event is whole
// all the same; where the end of the connection is the end of the body it was cut.
std::optional<Error> HttpTransfer::endOfStream()
{
    if (!m_parser->hasPartialEvent())
        return std::nullopt;
    if (!m_framed)
        return curlError(CURLE_PARTIAL_FILE);
    if (const auto parsed = m_parser->feed("\n\n", m_events); !parsed)
        return withStatus(parsed.error());
    return std::nullopt;
}

std::optional<Error> HttpTransfer::redirect(bool &followed)
{
    const int status = m_response.status;
    char *target = nullptr;
    curl_easy_getinfo(m_easy, CURLINFO_REDIRECT_URL, &target);
    if (!target
        || (status != 301 && status != 302 && status != 303 && status != 307 && status != 308))
        return std::nullopt; // an answer like others
    const QString url = QString::fromUtf8(target);
    const QString server = serverName(m_request.url);
    if (++m_redirects > m_request.maxRedirects)
        return withStatus(
            Error(ErrorKind::Protocol,
                  QStringLiteral("%1 sends the request on to another address again and again.")
                      .arg(server)));
    if (!url.startsWith(QLatin1String("http://")) && !url.startsWith(QLatin1String("https://")))
        return withStatus(Error(
            ErrorKind::Protocol,
            QStringLiteral("%1 sends the request on to an address that is not http.").arg(server)));
    bool yes = true;
    try {
        yes = !m_request.allowRedirect || m_request.allowRedirect(url);
    } catch (...) {
        yes = false;
    }
    if (!yes)
        return withStatus(
            Error(ErrorKind::Denied,
                  QStringLiteral("%1 sends the request on to %2, which is not allowed.")
                      .arg(server, serverName(url))));
    if (originOf(url) != originOf(m_request.url))
        std::erase_if(m_request.headers,
                      [](const auto &header) { return holdsSecret(header.first); });
    const bool toGet = (status == 303 && m_request.method != "HEAD")
                       || (status < 303 && m_request.method == "POST");
    if (toGet) {
        m_request.method = "GET";
        m_request.body.clear();
        std::erase_if(m_request.headers, [](const auto &header) {
            return header.first.toLower().startsWith("content-");
        });
    }
    m_request.url = url;
    followed = true;
    return std::nullopt;
}

Error HttpTransfer::withStatus(Error error) const
{
    if (m_headDone)
        error.httpStatus = m_response.status;
    return error;
}

Error HttpTransfer::curlError(CURLcode code)
{
    TransportFailure failure;
    failure.server = serverName(m_request.url);
    if (!m_deniedAddress.isEmpty()
        && (code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK)) {
        const QString shown = m_host == m_deniedAddress
                                  ? failure.server
                                  : failure.server + QStringLiteral(" (%1)").arg(m_deniedAddress);
        return Error(ErrorKind::Denied,
                     QStringLiteral("Connecting to %1 is not allowed.").arg(shown));
    }
    failure.code = code;
    failure.detail = m_detail;
    failure.sent = m_sentUs > 0;
    failure.answered = m_receivedUs > 0;
    failure.connectTimeoutMs = m_request.connectTimeoutMs;
    long osError = 0;
    if (curl_easy_getinfo(m_easy, CURLINFO_OS_ERRNO, &osError) == CURLE_OK)
        failure.osError = int(osError);
    return withStatus(transportError(failure));
}

CURL *HttpTransfer::takeEasy()
{
    return std::exchange(m_easy, nullptr);
}

// --- Time limits. libcurl keeps the one for connecting.

qint64 HttpTransfer::deadlineUs() const
{
    const auto limit = [](qint64 sinceUs, qint64 ms) {
        return ms > 0 ? sinceUs + ms * 1000 : never;
    };
    qint64 deadline = limit(m_startedUs, m_request.totalTimeoutMs);
    if (m_receivedUs > 0)
        deadline = std::min(deadline, limit(m_receivedUs, m_request.idleTimeoutMs));
    else if (m_sentUs > 0)
        deadline = std::min(deadline, limit(m_sentUs, m_request.firstByteTimeoutMs));
    if (m_uploading && m_sentUs > 0)
        deadline = std::min(deadline, m_lookedUs + uploadLookUs);
    return deadline;
}

std::optional<Error> HttpTransfer::checkTime(qint64 nowUs)
{
    const auto timeout = [this](const QString &text, qint64 ms) {
        return withStatus(
            Error(ErrorKind::Timeout, text.arg(serverName(m_request.url), waitText(ms))));
    };
    if (dueAt(m_startedUs, m_request.totalTimeoutMs, nowUs))
        return timeout(QStringLiteral("The request to %1 took longer than %2."),
                       m_request.totalTimeoutMs);
    if (m_receivedUs > 0) {
        if (dueAt(m_receivedUs, m_request.idleTimeoutMs, nowUs))
            return timeout(
                QStringLiteral("%1 stopped in the middle of its answer: nothing came for %2."),
                m_request.idleTimeoutMs);
        return std::nullopt;
    }
    if (m_uploading && m_sentUs > 0) {
        // The limit for the first byte counts from the last byte sent.
        m_lookedUs = nowUs;
        curl_off_t uploaded = 0;
        curl_easy_getinfo(m_easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
        if (uploaded > m_uploaded)
            m_sentUs = nowUs;
        m_uploaded = uploaded;
        m_uploading = uploaded < m_request.body.size();
    }
    if (m_sentUs > 0 && dueAt(m_sentUs, m_request.firstByteTimeoutMs, nowUs))
        return timeout(m_uploading ? QStringLiteral(
                           "%1 stopped taking the request: nothing could be sent for %2.")
                                   : QStringLiteral("%1 did not answer within %2."),
                       m_request.firstByteTimeoutMs);
    return std::nullopt;
}

} // namespace lathe
