// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QString>

namespace lathe {

// Where a server of Lathe listens. Loopback unless a person says otherwise.
struct ServerAddress {
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 0; // 0: any free one
    QString toString() const { return QStringLiteral("%1:%2").arg(host).arg(port); }
    // "4318", ":4318", "127.0.0.1:4318", "0.0.0.0", "[::1]:4318", "localhost". What is not said is as in `otherwise`.
    static Result<ServerAddress> parse(const QString &text, const ServerAddress &otherwise);
    bool isLoopback() const; // never of a name but localhost, whatever it begins with
};

} // namespace lathe
