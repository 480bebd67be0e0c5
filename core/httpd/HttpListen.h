// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QByteArrayView>

namespace lathe {

// A listening TCP socket on a literal address or "localhost" (0.0.0.0 and :: are all of this machine's). The caller closes it.
struct ListenSocket {
    int fd = -1;
    quint16 port = 0;
};
// Errors (Unreachable): the port is in use, may not be used, or the address is not this machine's; InvalidInput: no address.
Result<ListenSocket> listenOn(const QString &host, quint16 port);

// A Host header that no web page can have brought about by DNS rebinding: an address, this machine's name, or localhost. Empty: none sent.
bool isOwnHost(QByteArrayView hostHeader, const QString &listenHost);
// In a time that does not depend on where they differ.
bool equalInConstantTime(QByteArrayView a, QByteArrayView b);

} // namespace lathe
