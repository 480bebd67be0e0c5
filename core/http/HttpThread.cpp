// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/HttpThread.h"

#include "core/http/HttpErrors.h"

#include <array>
#include <cerrno>
#include <limits>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace lathe {

namespace {
constexpr qint64 never = std::numeric_limits<qint64>::max() / 2;
constexpr size_t keptHandles = 64;
// Events wait for each other so long, so that many busy streams do not wake the main thread for every token.
constexpr qint64 batchUs = 4000;
// While events wait, sockets are looked at this often: what comes in between is read at one go. Answers that end then are
// late by as much.
constexpr qint64 gatherUs = 1000;

Error noResources()
{
    return Error(ErrorKind::LimitReached,
                 QStringLiteral("No network connection can be opened: too many files and "
                                "connections are open. Close some "
                                "and try again."));
}
}

HttpThread::HttpThread(std::function<void()> notify)
    : m_notify(std::move(notify)),
      m_epoll(epoll_create1(EPOLL_CLOEXEC)),
      m_wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      m_quiet(epoll_create1(EPOLL_CLOEXEC)),
      m_deadlineUs(never),
      m_thread([this] { run(); })
{
}

HttpThread::~HttpThread()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    wake();
    m_thread.join();
    for (const int fd : {m_epoll, m_wake, m_quiet}) {
        if (fd >= 0)
            ::close(fd);
    }
}

void HttpThread::start(quint64 id, HttpRequest request, bool stream)
{
    post(Command{id, std::move(request), stream, steadyUs()});
}

void HttpThread::cancel(quint64 id)
{
    post(Command{id, std::nullopt, false, 0});
}

void HttpThread::post(Command command)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_commands.push_back(std::move(command));
    }
    wake();
}

void HttpThread::wake()
{
    // The counter is never read: the descriptor is watched edge-triggered, each write is an edge.
    if (!m_awake.exchange(true))
        eventfd_write(m_wake, 1);
}

std::vector<HttpThread::Delivery> HttpThread::takeOutbox()
{
    const std::scoped_lock lock(m_outboxMutex);
    ++m_outboxRound;
    return std::exchange(m_outbox, {});
}

// --- Below: http thread only.

void HttpThread::run()
{
    pthread_setname_np(pthread_self(), "lathe-http");
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all,
                    nullptr); // signals are the main thread's; also no SIGPIPE from OpenSSL
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_ALL); });

    m_multi = curl_multi_init();
    if (m_multi && m_epoll >= 0 && m_wake >= 0) {
        curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, 512L);
        curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, &socketCallback);
        curl_multi_setopt(m_multi, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &timerCallback);
        curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, this);
        epoll_event event{};
        event.events = EPOLLIN | EPOLLET;
        event.data.fd = m_wake;
        epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wake, &event);
        epoll_ctl(m_quiet, EPOLL_CTL_ADD, m_wake, &event);
    }
    while (runCommands()) {
        runTimer();
        checkDeadlines();
        reap();
        flush();
        waitForMore();
        waitForEvents();
    }
    for (const auto &[id, transfer] : m_transfers)
        remove(transfer.get());
    m_transfers.clear();
    for (CURL *easy : m_free)
        curl_easy_cleanup(easy);
    if (m_multi)
        curl_multi_cleanup(m_multi);
}

int HttpThread::waitMs() const
{
    qint64 until = m_deadlineUs;
    if (m_timerUs >= 0)
        until = std::min(until, m_timerUs);
    if (m_flushUs >= 0)
        until = std::min(until, m_flushUs);
    if (until >= never)
        return -1;
    // Rounded up: libcurl forgets a timer that is reported too early.
    const qint64 leftUs = until - steadyUs();
    return leftUs <= 0 ? 0 : int(std::min<qint64>((leftUs + 999) / 1000, 60'000));
}

// Many streams that trickle would wake this thread for every piece, and for nothing: their events are held back anyway.
void HttpThread::waitForMore()
{
    if (m_flushUs < 0 || m_quiet < 0)
        return;
    const qint64 leftUs = std::min(gatherUs, m_flushUs - steadyUs());
    if (leftUs <= 0)
        return;
    timespec time{};
    time.tv_nsec = long(leftUs * 1000);
    epoll_event event;
    epoll_pwait2(m_quiet, &event, 1, &time, nullptr); // a command ends it
}

void HttpThread::waitForEvents()
{
    std::array<epoll_event, 64> events;
    const int count = epoll_wait(m_epoll, events.data(), int(events.size()), waitMs());
    if (count < 0 && errno != EINTR) {
        // No epoll at all (see startTransfer): only commands are answered, and no wake-up can be waited for.
        ::usleep(10'000);
        return;
    }
    for (int i = 0; i < count; ++i) {
        const int fd = events[size_t(i)].data.fd;
        if (fd == m_wake)
            continue; // runCommands() comes next anyway
        const Socket &known = socket(fd);
        if (known.wanted == 0) {
            // A kept connection that its peer closed; libcurl finds out when it wants it.
            epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
            socket(fd).registered = 0;
            continue;
        }
        const quint32 what = events[size_t(i)].events;
        const int mask = (what & EPOLLIN ? CURL_CSELECT_IN : 0)
                         | (what & EPOLLOUT ? CURL_CSELECT_OUT : 0)
                         | (what & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        int running = 0;
        curl_multi_socket_action(m_multi, fd, mask, &running);
    }
}

// False when the thread is to end.
bool HttpThread::runCommands()
{
    m_awake = false;
    std::vector<Command> commands;
    {
        const std::scoped_lock lock(m_mutex);
        if (m_stop)
            return false;
        commands.swap(m_commands);
    }
    for (Command &command : commands) {
        if (command.request) {
            startTransfer(std::move(command));
        } else if (const auto it = m_transfers.find(command.id); it != m_transfers.end()) {
            remove(it->second.get());
            m_transfers.erase(it);
        }
    }
    return true;
}

void HttpThread::runTimer()
{
    // A few rounds, since libcurl often asks to be called again at once.
    for (int i = 0; i < 8 && m_timerUs >= 0 && steadyUs() >= m_timerUs; ++i) {
        m_timerUs = -1;
        int running = 0;
        curl_multi_socket_action(m_multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

void HttpThread::checkDeadlines()
{
    if (m_deadlineUs >= never)
        return;
    const qint64 now = steadyUs();
    if (now < m_deadlineUs)
        return;
    // A look at all transfers; rare, since each is looked at again only when a limit of its own could have passed.
    m_deadlineUs = never;
    std::vector<std::pair<HttpTransfer *, Error>> expired;
    for (const auto &[id, transfer] : m_transfers) {
        if (auto error = transfer->checkTime(now))
            expired.emplace_back(transfer.get(), std::move(*error));
        else
            noteDeadline(transfer->deadlineUs());
    }
    for (auto &[transfer, error] : expired) {
        remove(transfer);
        deliver(transfer, std::move(error));
    }
}

void HttpThread::reap()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = message->data.result;
        HttpTransfer *transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        auto result = transfer->finish(code);
        remove(transfer);
        if (result)
            deliver(transfer, std::move(*result));
        else
            hop(transfer);
    }
}

void HttpThread::startTransfer(Command command)
{
    auto owned = std::make_unique<HttpTransfer>(*this, command.id, std::move(*command.request),
                                                command.stream, command.startedUs);
    HttpTransfer *transfer = owned.get();
    m_transfers.emplace(command.id, std::move(owned));
    if (!m_multi || m_epoll < 0 || m_wake < 0)
        deliver(transfer, noResources());
    else
        hop(transfer);
}

void HttpThread::hop(HttpTransfer *transfer)
{
    CURL *easy = nullptr;
    if (m_free.empty()) {
        easy = curl_easy_init();
    } else {
        easy = m_free.back();
        m_free.pop_back();
    }
    if (!easy) {
        deliver(transfer, noResources());
        return;
    }
    auto problem = transfer->begin(easy);
    if (!problem && curl_multi_add_handle(m_multi, easy) != CURLM_OK)
        problem = noResources();
    if (problem) {
        remove(transfer);
        deliver(transfer, std::move(*problem));
        return;
    }
    noteDeadline(transfer->deadlineUs());
}

void HttpThread::remove(HttpTransfer *transfer)
{
    if (std::exchange(transfer->queuedForFlush, false))
        std::erase(m_withEvents, transfer);
    CURL *easy = transfer->takeEasy();
    if (!easy)
        return;
    curl_multi_remove_handle(m_multi,
                             easy); // closes the connection when the answer is not complete
    if (m_free.size() >= keptHandles) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    m_free.push_back(easy);
}

void HttpThread::deliver(HttpTransfer *transfer, Result<HttpResponse> result)
{
    m_results.push_back(
        Outgoing{Delivery{transfer->id(), transfer->takeHead(), transfer->takeEvents(), std::move(result)},
                 transfer->outboxRound, transfer->outboxIndex});
    m_transfers.erase(transfer->id());
}

void HttpThread::noteDeadline(qint64 deadlineUs)
{
    m_deadlineUs = std::min(m_deadlineUs, deadlineUs);
}

void HttpThread::noteEvents(HttpTransfer *transfer)
{
    if (!std::exchange(transfer->queuedForFlush, true))
        m_withEvents.push_back(transfer);
}

void HttpThread::flush()
{
    if (m_withEvents.empty() && m_results.empty())
        return;
    if (m_results.empty()) {
        const qint64 now = steadyUs();
        const bool first = std::any_of(m_withEvents.begin(), m_withEvents.end(),
                                       [](const HttpTransfer *t) { return t->outboxRound == 0; });
        if (!first && now < m_lastFlushUs + batchUs) {
            m_flushUs = m_lastFlushUs + batchUs;
            return;
        }
        m_lastFlushUs = now;
    }
    m_flushUs = -1;
    bool wasEmpty = false;
    {
        const std::scoped_lock lock(m_outboxMutex);
        wasEmpty = m_outbox.empty();
        // Joins what the main thread has not fetched yet.
        const auto place = [this](quint64 round, size_t index, quint64 id) -> size_t {
            if (round == m_outboxRound)
                return index;
            m_outbox.emplace_back().id = id;
            return m_outbox.size() - 1;
        };
        const auto append = [this](size_t index, std::vector<SseEvent> events) {
            auto &all = m_outbox[index].events;
            if (all.empty())
                all = std::move(events);
            else
                all.insert(all.end(), std::move_iterator(events.begin()),
                           std::move_iterator(events.end()));
        };
        for (HttpTransfer *transfer : m_withEvents) {
            transfer->outboxIndex =
                place(transfer->outboxRound, transfer->outboxIndex, transfer->id());
            transfer->outboxRound = m_outboxRound;
            transfer->queuedForFlush = false;
            if (auto head = transfer->takeHead())
                m_outbox[transfer->outboxIndex].head = std::move(head);
            append(transfer->outboxIndex, transfer->takeEvents());
        }
        for (Outgoing &out : m_results) {
            const size_t index = place(out.round, out.index, out.delivery.id);
            if (out.delivery.head)
                m_outbox[index].head = std::move(out.delivery.head);
            append(index, std::move(out.delivery.events));
            m_outbox[index].result = std::move(out.delivery.result);
        }
    }
    m_withEvents.clear();
    m_results.clear();
    if (wasEmpty)
        m_notify();
}

// --- Sockets and libcurl's timer.

HttpThread::Socket &HttpThread::socket(curl_socket_t fd)
{
    if (size_t(fd) >= m_sockets.size())
        m_sockets.resize(size_t(fd) + 64);
    return m_sockets[size_t(fd)];
}

void HttpThread::socketOpened(curl_socket_t fd)
{
    socket(fd) = Socket{0, 0, true};
}

int HttpThread::closeSocketCallback(void *self, curl_socket_t fd)
{
    static_cast<HttpThread *>(self)->socket(fd) = Socket{}; // closing takes it out of epoll, too
    return ::close(fd);
}

int HttpThread::socketCallback(CURL *, curl_socket_t fd, int what, void *self, void *)
{
    const quint32 wanted =
        what == CURL_POLL_REMOVE
            ? 0
            : quint32((what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0));
    static_cast<HttpThread *>(self)->watch(fd, wanted);
    return 0;
}

void HttpThread::watch(curl_socket_t fd, quint32 wanted)
{
    Socket &known = socket(fd);
    known.wanted = wanted;
    // A connection that goes to the pool stays watched for input: most often it is used again next, and nothing needs
    // to be told to the kernel. Not so for descriptors that libcurl closes without telling us.
    if (known.registered == wanted || (wanted == 0 && known.ours && known.registered == EPOLLIN))
        return;
    epoll_event event{};
    event.events = wanted;
    event.data.fd = fd;
    if (wanted == 0) {
        epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
    } else if (epoll_ctl(m_epoll, known.registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event)
               != 0) {
        epoll_ctl(m_epoll, errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    }
    known.registered = wanted;
}

int HttpThread::timerCallback(CURLM *, long timeoutMs, void *self)
{
    static_cast<HttpThread *>(self)->m_timerUs =
        timeoutMs < 0 ? -1 : steadyUs() + qint64(timeoutMs) * 1000;
    return 0;
}

} // namespace lathe
