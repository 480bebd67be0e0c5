// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>

namespace lathe::test {

// A recorded body of tests/data/traces.
inline QByteArray fileBytes(const QString &name)
{
    QFile file(QStringLiteral(LATHE_TEST_DATA "/traces/") + name);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s is missing", qPrintable(name));
    return file.readAll();
}

} // namespace lathe::test
