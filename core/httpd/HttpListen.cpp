// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/httpd/HttpListen.h"

#include <QString>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lathe {

namespace {
Error listenError(int code, const QString &host, quint16 port)
{
    const QString cause = QString::fromLocal8Bit(std::strerror(code));
    switch (code) {
    case EADDRINUSE:
        return Error(ErrorKind::Unreachable,
                     QStringLiteral("Port %1 is in use by another program; choose another.").arg(port), cause);
    case EACCES:
        return Error(ErrorKind::Unreachable,
                     QStringLiteral("Port %1 is reserved for the system; choose one above 1023.").arg(port), cause);
    case EADDRNOTAVAIL:
        return Error(ErrorKind::Unreachable,
                     QStringLiteral("%1 is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all.").arg(host), cause);
    default:
        return Error(ErrorKind::Unreachable,
                     QStringLiteral("Could not listen on %1, port %2: %3.").arg(host).arg(port).arg(cause), cause);
    }
}

bool isAddress(const QByteArray &host)
{
    in6_addr address;
    return inet_pton(AF_INET, host.constData(), &address) == 1 || inet_pton(AF_INET6, host.constData(), &address) == 1;
}
} // namespace

Result<ListenSocket> listenOn(const QString &host, quint16 port)
{
    const QByteArray name = host == QLatin1String("localhost") ? QByteArray("127.0.0.1") : host.toLatin1();
    addrinfo hints = {};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (name.isEmpty() || getaddrinfo(name.constData(), QByteArray::number(port).constData(), &hints, &found) != 0)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" is no address to listen on; use 127.0.0.1, or 0.0.0.0 for all networks.").arg(host));
    ListenSocket result;
    result.fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failed = result.fd < 0 ? errno : 0;
    if (!failed) {
        const int on = 1;
        ::setsockopt(result.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // a port just left may be taken again
        if (::bind(result.fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(result.fd, 128) != 0)
            failed = errno;
    }
    freeaddrinfo(found);
    if (failed) {
        if (result.fd >= 0)
            ::close(result.fd);
        return listenError(failed, host, port);
    }
    sockaddr_storage got = {};
    socklen_t size = sizeof got;
    ::getsockname(result.fd, reinterpret_cast<sockaddr *>(&got), &size);
    result.port = ntohs(got.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6 *>(&got)->sin6_port
                                                  : reinterpret_cast<sockaddr_in *>(&got)->sin_port);
    return result;
}

bool isOwnHost(QByteArrayView hostHeader, const QString &listenHost)
{
    QByteArray host = hostHeader.toByteArray().trimmed().toLower();
    if (host.isEmpty())
        return true; // HTTP/1.0; every browser sends one
    if (host.startsWith('[')) {
        const qsizetype end = host.indexOf(']');
        return end > 0 && isAddress(host.mid(1, end - 1));
    }
    if (const qsizetype colon = host.indexOf(':'); colon >= 0)
        host.truncate(colon);
    if (host == "localhost" || host.endsWith(".localhost") || isAddress(host) || host == listenHost.toLatin1().toLower())
        return true;
    char own[256] = {};
    if (::gethostname(own, sizeof own - 1) != 0)
        return false;
    const QByteArray mine = QByteArray(own).toLower();
    // host.docker.internal: how a container calls its host.
    return host == mine || host == mine + ".local" || host == "host.docker.internal";
}

bool equalInConstantTime(QByteArrayView a, QByteArrayView b)
{
    unsigned difference = unsigned(a.size() ^ b.size()) != 0;
    for (qsizetype i = 0; i < a.size(); ++i)
        difference |= unsigned(uchar(a[i])) ^ unsigned(uchar(b.isEmpty() ? '\0' : b[i % b.size()]));
    return difference == 0;
}

} // namespace lathe
