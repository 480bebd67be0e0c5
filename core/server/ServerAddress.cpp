// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/ServerAddress.h"

#include <arpa/inet.h>

namespace lathe {

bool ServerAddress::isLoopback() const
{
    in_addr v4{};
    if (inet_pton(AF_INET, host.toLatin1().constData(), &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return host == QLatin1String("localhost") || host == QLatin1String("::1");
}

Result<ServerAddress> ServerAddress::parse(const QString &text, const ServerAddress &otherwise)
{
    ServerAddress address = otherwise;
    const QString trimmed = text.trimmed();
    QString host = trimmed, port;
    const qsizetype bracket = trimmed.indexOf(QLatin1Char(']'));
    const qsizetype colon = trimmed.lastIndexOf(QLatin1Char(':'));
    if (trimmed.startsWith(QLatin1Char('[')) && bracket > 0) {
        host = trimmed.mid(1, bracket - 1);
        port = colon > bracket ? trimmed.mid(colon + 1) : QString();
    } else if (colon >= 0 && trimmed.count(QLatin1Char(':')) == 1) {
        host = trimmed.left(colon);
        port = trimmed.mid(colon + 1);
    } else if (!trimmed.isEmpty() && std::all_of(trimmed.begin(), trimmed.end(), [](QChar c) { return c.isDigit(); })) {
        host.clear();
        port = trimmed;
    }
    if (!host.isEmpty())
        address.host = host;
    if (!port.isEmpty()) {
        bool ok = false;
        const int number = port.toInt(&ok);
        if (!ok || number < 0 || number > 65535)
            return Error(ErrorKind::InvalidInput, QStringLiteral("\"%1\" is no address; write HOST:PORT, for example 127.0.0.1:%2.")
                                                      .arg(text)
                                                      .arg(otherwise.port ? otherwise.port : 4318));
        address.port = quint16(number);
    }
    return address;
}

} // namespace lathe
