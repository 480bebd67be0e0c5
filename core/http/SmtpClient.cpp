// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/SmtpClient.h"

#include "core/base/WorkerThread.h"

#include <curl/curl.h>

#include <array>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

namespace lathe {

namespace {
constexpr qsizetype maxAnswer = 16 * 1024;

bool isLoopback(const QString &host)
{
    return host == QLatin1String("localhost") || host == QLatin1String("127.0.0.1") || host == QLatin1String("::1");
}

// Nothing that could end a line or a word of the dialogue.
bool isPlainAddress(const QString &address)
{
    if (address.size() > 320 || !address.contains(u'@'))
        return false;
    for (const QChar c : address) {
        if (c.unicode() <= 0x20 || c.unicode() == 0x7f || c == u'<' || c == u'>' || (c.unicode() >= 0x80 && c.unicode() < 0xa0))
            return false;
    }
    return true;
}

struct Delivery {
    const SmtpServer &server;
    const SmtpMessage &message;
    qsizetype sent = 0;
    QByteArray answers; // the dialogue's last lines from the server

    static size_t onRead(char *buffer, size_t size, size_t count, void *self)
    {
        auto &delivery = *static_cast<Delivery *>(self);
        const qsizetype left = delivery.message.data.size() - delivery.sent;
        const qsizetype now = std::min<qsizetype>(left, qsizetype(size * count));
        memcpy(buffer, delivery.message.data.constData() + delivery.sent, size_t(now));
        delivery.sent += now;
        return size_t(now);
    }
    static size_t onAnswer(char *bytes, size_t size, size_t count, void *self)
    {
        auto &answers = static_cast<Delivery *>(self)->answers;
        answers.append(bytes, qsizetype(size * count));
        if (answers.size() > maxAnswer)
            answers = answers.right(maxAnswer / 2);
        return size * count;
    }
    static size_t ignore(char *, size_t size, size_t count, void *) { return size * count; }

    // The last thing the server said to the mail, as one line.
    QString lastAnswer(bool refusal) const
    {
        const auto lines = answers.split('\n');
        QStringList words;
        QByteArray code;
        for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
            const QByteArray text = line->trimmed();
            if (text.size() < 3 || (code.isEmpty() && (text.startsWith("221") || (refusal && text[0] != '4' && text[0] != '5'))))
                continue; // "221 Bye" is no answer to the mail
            if (code.isEmpty())
                code = text.left(3);
            else if (text.left(3) != code || text.mid(3, 1) != "-")
                break;
            words.prepend(QString::fromUtf8(text.mid(4)));
        }
        return cleaned(QString::fromLatin1(code) + u' ' + words.join(u' '));
    }
    QString cleaned(QString text) const
    {
        text = text.simplified();
        if (server.password.size() >= 4) {
            text.replace(server.password, QStringLiteral("[password]"));
            text.replace(QString::fromLatin1(server.password.toUtf8().toBase64()), QStringLiteral("[password]"));
        }
        return text.left(500);
    }
    Error error(CURLcode code, long status, const char *detail) const;
};

Error Delivery::error(CURLcode code, long status, const char *detail) const
{
    const QString place = QStringLiteral("%1:%2").arg(server.host).arg(server.port);
    const QString cause = QStringLiteral("curl %1: %2").arg(int(code)).arg(cleaned(QString::fromUtf8(detail)));
    const auto make = [&](ErrorKind kind, const QString &words) {
        Error made(kind, words, cause);
        made.httpStatus = int(status);
        return made;
    };
    switch (code) {
    case CURLE_LOGIN_DENIED:
        return make(ErrorKind::Auth, QStringLiteral("The mail server %1 refuses the login (%2); check user and password.").arg(place, lastAnswer(true)));
    case CURLE_USE_SSL_FAILED:
        return make(ErrorKind::Denied,
                    QStringLiteral("The mail server %1 offers no encryption (STARTTLS), so nothing was sent; use another port or server.").arg(place));
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        return make(ErrorKind::Denied,
                    QStringLiteral("The mail server %1 cannot be trusted, so nothing was sent: %2.").arg(place, cleaned(QString::fromUtf8(detail))));
    case CURLE_COULDNT_RESOLVE_HOST:
        return make(ErrorKind::Unreachable, QStringLiteral("There is no mail server %1; check its name.").arg(server.host));
    case CURLE_COULDNT_CONNECT:
        return make(ErrorKind::Unreachable, QStringLiteral("The mail server %1 cannot be reached; check name, port and network.").arg(place));
    default:
        break;
    }
    const bool whole = sent >= message.data.size();
    if (status >= 400 && code != CURLE_OPERATION_TIMEDOUT) {
        return make(ErrorKind::Provider, QStringLiteral("The mail server %1 refuses the mail: %2").arg(place, lastAnswer(true)));
    }
    const QString unsure = whole ? QStringLiteral(" Whether the mail went out is not known.") : QStringLiteral(" Nothing was sent.");
    if (code == CURLE_OPERATION_TIMEDOUT)
        return make(ErrorKind::Timeout, QStringLiteral("The mail server %1 did not answer in time.").arg(place) + unsure);
    return make(ErrorKind::Unreachable, QStringLiteral("The connection to the mail server %1 was lost.").arg(place) + unsure);
}
} // namespace

struct SmtpClient::State {
    State()
    {
        thread->setInterrupt([this] {
            stopping = true;
            stopRunning();
        });
    }
    ~State()
    {
        thread.reset(); // it may be at work still
        if (multi)
            curl_multi_cleanup(multi);
    }
    // Any thread: ends the delivery under way if it is to end. libcurl says goodbye to a server and waits for its answer, whatever it is told;
    // that ends with the connection.
    void stopRunning()
    {
        const std::scoped_lock lock(mutex);
        if (!stopping && !running.isCancelled())
            return;
        hangUp();
        if (multi)
            curl_multi_wakeup(multi);
    }
    void hangUp()
    {
        if (socket >= 0)
            ::shutdown(socket, SHUT_RDWR);
    }
    static int onSocket(void *self, curl_socket_t fd, curlsocktype)
    {
        auto &state = *static_cast<State *>(self);
        const std::scoped_lock lock(state.mutex);
        state.socket = fd;
        return CURL_SOCKOPT_OK;
    }
    static int onClose(void *self, curl_socket_t fd)
    {
        auto &state = *static_cast<State *>(self);
        const std::scoped_lock lock(state.mutex);
        if (state.socket == fd)
            state.socket = -1;
        return ::close(fd);
    }
    Result<SmtpReceipt> deliver(const SmtpServer &server, const SmtpMessage &message, const CancelToken &cancel);

    std::atomic<bool> stopping{false};
    std::mutex mutex; // of the next three
    CURLM *multi = nullptr;
    int socket = -1;
    CancelToken running;
    std::unique_ptr<WorkerThread> thread = std::make_unique<WorkerThread>();
};

// Worker thread.
Result<SmtpReceipt> SmtpClient::State::deliver(const SmtpServer &server, const SmtpMessage &message, const CancelToken &cancel)
{
    {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_ALL); });
        const std::scoped_lock lock(mutex);
        if (!multi)
            multi = curl_multi_init();
        running = cancel;
    }
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(), &curl_easy_cleanup);
    if (!multi || !easy)
        return Error(ErrorKind::LimitReached, QStringLiteral("No connection to the mail server can be opened: out of memory."));
    Delivery delivery{server, message, 0, {}};
    std::array<char, CURL_ERROR_SIZE> detail{};
    const auto set = [&easy](CURLoption option, auto value) { curl_easy_setopt(easy.get(), option, value); };
    const bool tls = server.security == SmtpServer::Security::Tls;
    const QString host = server.host.contains(u':') ? u'[' + server.host + u']' : server.host;
    const QByteArray url = QStringLiteral("%1://%2:%3/localhost").arg(tls ? QStringLiteral("smtps") : QStringLiteral("smtp"), host).arg(server.port).toUtf8();
    set(CURLOPT_URL, url.constData());
    set(CURLOPT_PROTOCOLS_STR, tls ? "smtps" : "smtp");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, detail.data());
    set(CURLOPT_CONNECTTIMEOUT_MS, long(server.connectMs));
    set(CURLOPT_TIMEOUT_MS, long(server.timeoutMs));
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, long(std::max(1, server.timeoutMs / 1000)));
    set(CURLOPT_USE_SSL, long(server.security == SmtpServer::Security::None ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
    const QByteArray ca = server.caFile.toLocal8Bit(), user = server.user.toUtf8(), password = server.password.toUtf8(),
                     from = '<' + message.from.toUtf8() + '>';
    if (!ca.isEmpty())
        set(CURLOPT_CAINFO, ca.constData());
    if (!user.isEmpty()) {
        set(CURLOPT_USERNAME, user.constData());
        set(CURLOPT_PASSWORD, password.constData());
    }
    set(CURLOPT_MAIL_FROM, from.constData());
    curl_slist *list = nullptr;
    for (const QString &recipient : message.recipients)
        list = curl_slist_append(list, ('<' + recipient.toUtf8() + '>').constData());
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(list, &curl_slist_free_all);
    set(CURLOPT_MAIL_RCPT, recipients.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_INFILESIZE_LARGE, curl_off_t(message.data.size()));
    set(CURLOPT_READFUNCTION, &Delivery::onRead);
    set(CURLOPT_READDATA, &delivery);
    set(CURLOPT_HEADERFUNCTION, &Delivery::onAnswer);
    set(CURLOPT_HEADERDATA, &delivery);
    set(CURLOPT_WRITEFUNCTION, &Delivery::ignore);
    set(CURLOPT_SOCKOPTFUNCTION, &State::onSocket);
    set(CURLOPT_SOCKOPTDATA, this);
    set(CURLOPT_CLOSESOCKETFUNCTION, &State::onClose);
    set(CURLOPT_CLOSESOCKETDATA, this);

    if (curl_multi_add_handle(multi, easy.get()) != CURLM_OK)
        return Error(ErrorKind::LimitReached, QStringLiteral("No connection to the mail server can be opened: out of memory."));
    CURLcode code = CURLE_OK;
    bool done = false, stopped = false;
    while (!done && !stopped) {
        int busy = 0, left = 0;
        curl_multi_perform(multi, &busy);
        while (const CURLMsg *said = curl_multi_info_read(multi, &left)) {
            if (said->msg == CURLMSG_DONE) {
                code = said->data.result;
                done = true;
            }
        }
        stopped = !done && (cancel.isCancelled() || stopping);
        if (!done && !stopped)
            curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
    }
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    {
        // The mail is taken or refused. The connection is not kept, and nobody waits for its goodbye.
        const std::scoped_lock lock(mutex);
        hangUp();
        running = CancelToken();
    }
    curl_multi_remove_handle(multi, easy.get());
    if (stopped || (code != CURLE_OK && cancel.isCancelled()))
        return Error::cancelled();
    if (code != CURLE_OK)
        return delivery.error(code, status, detail.data());
    return SmtpReceipt{delivery.lastAnswer(false)};
}

SmtpClient::SmtpClient() : m_state(std::make_shared<State>()) {}

SmtpClient::~SmtpClient() = default;

Task<Result<SmtpReceipt>> SmtpClient::send(SmtpServer server, SmtpMessage message, CancelToken cancel)
{
    const auto state = m_state;
    bool plain = isPlainAddress(message.from) && !message.recipients.isEmpty();
    for (const QString &recipient : message.recipients)
        plain = plain && isPlainAddress(recipient);
    if (!plain)
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The mail cannot be sent: an address is missing or is none."));
    if (server.security == SmtpServer::Security::None && !server.user.isEmpty() && !isLoopback(server.host)) {
        co_return Error(ErrorKind::Denied,
                        QStringLiteral("The login to the mail server %1 would cross the network unencrypted; use starttls or tls.").arg(server.host));
    }
    const auto registration = cancel.onCancelled([weak = std::weak_ptr(state)] {
        if (const auto alive = weak.lock())
            alive->stopRunning();
    });
    std::function<Result<SmtpReceipt>(const CancelToken &)> work = [raw = state.get(), server, message](const CancelToken &token) {
        return raw->deliver(server, message, token);
    };
    auto receipt = co_await runOnWorker<SmtpReceipt>(state->thread.get(), std::move(work), cancel);
    co_return receipt;
}

} // namespace lathe
