// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/DatasetText.h"

#include <QStringDecoder>

#include <algorithm>
#include <optional>

namespace lathe {

namespace {
// Length of the valid UTF-8 sequence at `at`, 0 when there is none.
qsizetype sequenceAt(QByteArrayView bytes, qsizetype at)
{
    const auto byte = [&](qsizetype i) { return i < bytes.size() ? uchar(bytes[i]) : uchar(0); };
    const uchar first = byte(at);
    const qsizetype length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
    return length > 0 && bytes.size() - at >= length && bytes.sliced(at, length).isValidUtf8()
               ? length
               : 0;
}

QByteArray fromWindows(QByteArrayView bytes)
{
    static const char16_t upper[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    QByteArray utf8;
    utf8.reserve(bytes.size() + bytes.size() / 8);
    for (const char c : bytes) {
        const uchar byte = uchar(c);
        if (byte < 0x80)
            utf8 += c;
        else
            utf8 += QString(QChar(byte < 0xA0 ? upper[byte - 0x80] : char16_t(byte))).toUtf8();
    }
    return utf8;
}

// UTF-16 without a mark: of ordinary text nearly every second byte is 0.
std::optional<QStringConverter::Encoding> unmarkedUtf16(const QByteArray &bytes)
{
    const qsizetype size = std::min<qsizetype>(bytes.size(), 2000) & ~qsizetype(1);
    qsizetype zeros[2] = {0, 0};
    for (qsizetype i = 0; i < size; ++i)
        zeros[i % 2] += bytes[i] == '\0';
    if (size < 8)
        return std::nullopt;
    if (zeros[1] * 10 > size / 2 * 8 && zeros[0] * 10 < size / 2)
        return QStringConverter::Utf16LE;
    if (zeros[0] * 10 > size / 2 * 8 && zeros[1] * 10 < size / 2)
        return QStringConverter::Utf16BE;
    return std::nullopt;
}
} // namespace

DatasetText DatasetText::from(const QByteArray &bytes)
{
    DatasetText text;
    if (bytes.startsWith("\xEF\xBB\xBF")) {
        text.utf8 = bytes.mid(3);
        return text;
    }
    std::optional<QStringConverter::Encoding> encoding;
    if (bytes.startsWith("\xFF\xFE") || bytes.startsWith("\xFE\xFF"))
        encoding = QStringConverter::Utf16;
    else
        encoding = unmarkedUtf16(bytes);
    if (encoding) {
        QStringDecoder decoder(*encoding);
        const QString decoded = decoder(bytes);
        text.utf8 = decoded.toUtf8();
        return text;
    }
    text.utf8 = bytes;
    if (bytes.isValidUtf8())
        return text;
    qsizetype line = 1;
    for (qsizetype at = 0; at < bytes.size(); ++at) {
        const char c = bytes[at];
        if (c == '\n' || (c == '\r' && (at + 1 >= bytes.size() || bytes[at + 1] != '\n')))
            ++line;
        if (uchar(c) < 0x80)
            continue;
        if (sequenceAt(bytes, at) > 0)
            return {bytes, 0}; // some of it is UTF-8, so the rest is damage
        if (text.windowsLine == 0)
            text.windowsLine = line;
    }
    text.utf8 = fromWindows(bytes);
    return text;
}

} // namespace lathe
