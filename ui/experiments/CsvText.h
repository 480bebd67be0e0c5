// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QStringList>

namespace lathe {

// RFC 4180: cells with a comma, quote or line break are quoted. UTF-8.
QByteArray csvText(const QStringList &header, const QList<QStringList> &lines);

} // namespace lathe
