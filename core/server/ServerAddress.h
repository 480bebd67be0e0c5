// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lathe {

// Where a server of Lathe listens. Loopback unless a person says otherwise.
struct ServerAddress {
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 0; // 0: any free one
    QString toString() const { return QStringLiteral("%1:%2").arg(host).arg(port); }
};

} // namespace lathe
