// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

// A little of protobuf's wire format.
namespace lathe::test {

inline QByteArray varint(quint64 value)
{
    QByteArray bytes;
    for (; value >= 0x80; value >>= 7)
        bytes.append(char(value | 0x80));
    bytes.append(char(value));
    return bytes;
}

inline QByteArray field(int number, const QByteArray &bytes)
{
    return varint(quint64(number) << 3 | 2) + varint(quint64(bytes.size())) + bytes;
}

inline QByteArray fixed64(int number, quint64 value)
{
    QByteArray bytes = varint(quint64(number) << 3 | 1);
    for (int i = 0; i < 8; ++i)
        bytes.append(char(value >> (8 * i)));
    return bytes;
}

} // namespace lathe::test
