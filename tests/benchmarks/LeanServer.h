// SPDX-License-Identifier: GPL-3.0-or-later
// A model server without latency, in a process of its own so that its CPU time is not counted: one epoll loop that answers with
// bytes made beforehand. The wire format is that of tests/support (OpenAI chat, streamed). The first word of the path chooses:
//   /tools/...  a call of the calculator, and words once the request holds a tool's result
//   /flood/...  `tokens` words as fast as the socket takes them
//   /brief/...  a dozen words at once; /seen/1 gives its newest body too
//   /paced/...  `pacedTokens` words, `tokensPerSecond`; the streams of a hundred do not tick together
//   /seen/1, /seen/2 (GET)  the newest body of a first and of a second request of /tools
#pragma once

#include "tests/support/ProviderServers.h"

#include <QHash>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>

namespace lathe::bench {

class LeanServer
{
public:
    struct Script {
        int tokens = 2000;
        int pacedTokens = 250;
        double tokensPerSecond = 50;
    };
    static QString callArguments() { return QStringLiteral("{\"expression\":\"(1250 - 300) * 15 / 100\"}"); }
    static QString finalAnswer() { return QStringLiteral("The reduction comes to 142.5 euros, which is 15 % of the difference."); }

    // Forks: to be made before any thread is.
    explicit LeanServer(const Script &script)
    {
        int ends[2];
        if (pipe(ends) != 0)
            return;
        m_child = fork();
        if (m_child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            close(ends[0]);
            serve(script, ends[1]);
            _exit(1);
        }
        close(ends[1]);
        if (read(ends[0], &m_port, sizeof m_port) != sizeof m_port)
            m_port = 0;
        close(ends[0]);
    }
    ~LeanServer()
    {
        if (m_child > 0) {
            kill(m_child, SIGKILL);
            waitpid(m_child, nullptr, 0);
        }
    }
    Q_DISABLE_COPY_MOVE(LeanServer)
    quint16 port() const { return m_port; } // 0: it could not start
    QByteArray base(const char *which) const { return "http://127.0.0.1:" + QByteArray::number(m_port) + '/' + which; }

private:
    struct Connection {
        QByteArray in, out;
        qsizetype sent = 0;
        int left = 0; // words of a paced answer still to send
    };
    using Due = std::multimap<std::chrono::steady_clock::time_point, int>;

    static QByteArray chunk(const QByteArray &bytes) { return QByteArray::number(bytes.size(), 16) + "\r\n" + bytes + "\r\n"; }
    static QByteArray head()
    {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
               "Transfer-Encoding: chunked\r\n\r\n";
    }
    static QList<QByteArray> events(const test::ScriptedAnswer &answer)
    {
        return test::wireEvents(test::WireFormat::OpenAiChat, answer, QStringLiteral("bench-model"));
    }
    static QByteArray whole(const test::ScriptedAnswer &answer)
    {
        QByteArray bytes = head();
        for (const QByteArray &event : events(answer))
            bytes += chunk(event);
        return bytes + "0\r\n\r\n";
    }
    static test::ScriptedAnswer words(int count)
    {
        test::ScriptedAnswer answer;
        for (int i = 0; i < count; ++i)
            answer.text.append(QStringLiteral(" word%1").arg(i % 10));
        return answer;
    }

    static void serve(const Script &script, int tell)
    {
        const QByteArray call = whole(test::ScriptedAnswer::call(QStringLiteral("calculator"), callArguments(), QStringLiteral("call_1")));
        const QByteArray answer = whole(test::ScriptedAnswer::say(finalAnswer()));
        const QByteArray flood = whole(words(script.tokens)), brief = whole(words(12));
        const QList<QByteArray> one = events(words(1)); // role, word, finish, usage, [DONE]
        QByteArray pacedEnd;
        for (qsizetype i = 2; i < one.size(); ++i)
            pacedEnd += chunk(one[i]);
        pacedEnd += "0\r\n\r\n";
        const QByteArray pacedBegin = head() + chunk(one[0]), pacedWord = chunk(one[1]);
        const auto tick = std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(1 / script.tokensPerSecond));
        QByteArray seen[2];

        const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (bind(listener, reinterpret_cast<sockaddr *>(&address), length) != 0 || listen(listener, 512) != 0
            || getsockname(listener, reinterpret_cast<sockaddr *>(&address), &length) != 0)
            return;
        const quint16 port = ntohs(address.sin_port);
        if (write(tell, &port, sizeof port) != sizeof port)
            return;
        close(tell);

        const int poll = epoll_create1(EPOLL_CLOEXEC);
        const auto watch = [poll](int fd, quint32 what, int operation) {
            epoll_event event{};
            event.events = what;
            event.data.fd = fd;
            epoll_ctl(poll, operation, fd, &event);
        };
        watch(listener, EPOLLIN, EPOLL_CTL_ADD);
        QHash<int, Connection> connections;
        Due due;
        int phase = 0;

        const auto flush = [&](int fd, Connection &to) {
            const bool waited = to.sent > 0;
            while (to.sent < to.out.size()) {
                const ssize_t count = send(fd, to.out.constData() + to.sent, size_t(to.out.size() - to.sent), MSG_NOSIGNAL);
                if (count <= 0)
                    break;
                to.sent += count;
            }
            if (to.sent >= to.out.size()) {
                to.out.clear();
                to.sent = 0;
                if (waited)
                    watch(fd, EPOLLIN, EPOLL_CTL_MOD);
            } else if (!waited) {
                watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            }
        };
        const auto respond = [&](int fd, Connection &to, QByteArrayView path, QByteArrayView body) {
            if (path.startsWith("/tools/")) {
                const bool second = body.contains("\"role\":\"tool\"");
                seen[second] = body.toByteArray();
                to.out = second ? answer : call; // shared, not copied
            } else if (path.startsWith("/flood/")) {
                to.out = flood;
            } else if (path.startsWith("/brief/")) {
                seen[0] = body.toByteArray();
                to.out = brief;
            } else if (path.startsWith("/paced/")) {
                to.out = pacedBegin;
                to.left = script.pacedTokens;
                due.emplace(std::chrono::steady_clock::now() + tick * (phase++ % 100) / 100, fd);
            } else if (path.startsWith("/seen/")) {
                const QByteArray &what = seen[path.endsWith('2')];
                to.out = "HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(what.size()) + "\r\n\r\n" + what;
            } else {
                to.out = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            }
            flush(fd, to);
        };
        const auto readFrom = [&](int fd) {
            Connection &from = connections[fd];
            std::array<char, 64 * 1024> buffer;
            const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
            if (count <= 0) {
                if (count < 0 && errno == EAGAIN)
                    return;
                std::erase_if(due, [fd](const auto &entry) { return entry.second == fd; });
                connections.remove(fd);
                close(fd);
                return;
            }
            from.in.append(buffer.data(), count);
            const qsizetype end = from.in.indexOf("\r\n\r\n");
            if (end < 0)
                return;
            const QByteArray lower = from.in.left(end).toLower();
            const qsizetype at = lower.indexOf("\r\ncontent-length:");
            qsizetype bodySize = 0;
            if (at >= 0)
                bodySize = lower.mid(at + 17, lower.indexOf('\r', at + 17) < 0 ? -1 : lower.indexOf('\r', at + 17) - at - 17).trimmed().toLongLong();
            if (from.in.size() < end + 4 + bodySize)
                return;
            const qsizetype space = from.in.indexOf(' ');
            const QByteArray path = from.in.mid(space + 1, from.in.indexOf(' ', space + 1) - space - 1);
            const QByteArray body = from.in.mid(end + 4, bodySize);
            from.in.remove(0, end + 4 + bodySize);
            respond(fd, from, path, body);
        };

        for (;;) {
            timespec wait{};
            timespec *until = nullptr;
            if (!due.empty()) {
                const auto left = std::max(due.begin()->first - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero());
                wait.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(left).count();
                wait.tv_nsec = (left % std::chrono::seconds(1)).count();
                until = &wait;
            }
            std::array<epoll_event, 128> ready;
            const int count = until ? epoll_pwait2(poll, ready.data(), int(ready.size()), until, nullptr)
                                    : epoll_wait(poll, ready.data(), int(ready.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int fd = ready[size_t(i)].data.fd;
                if (fd == listener) {
                    const int accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
                    if (accepted < 0)
                        continue;
                    const int yes = 1;
                    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                    connections.insert(accepted, Connection());
                    watch(accepted, EPOLLIN, EPOLL_CTL_ADD);
                    continue;
                }
                if (ready[size_t(i)].events & EPOLLOUT)
                    flush(fd, connections[fd]);
                if (ready[size_t(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                    readFrom(fd);
            }
            const auto now = std::chrono::steady_clock::now();
            while (!due.empty() && due.begin()->first <= now) {
                const auto [at, fd] = *due.begin();
                due.erase(due.begin());
                Connection &to = connections[fd];
                to.out += to.left > 0 ? pacedWord : pacedEnd;
                flush(fd, to);
                if (--to.left >= 0)
                    due.emplace(at + tick, fd);
            }
        }
    }

    pid_t m_child = -1;
    quint16 m_port = 0;
};

} // namespace lathe::bench
