// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/JsonWriter.h"

#include "core/base/Json.h"

namespace lathe::json {

namespace {
constexpr qsizetype pieceSize = 4096; // so that the room kept for the worst case stays small
constexpr char hex[] = "0123456789abcdef";

// Writes one character other than plain ASCII; gives the place behind it. May take a second unit of `text`.
char *writeSpecial(char *to, char16_t c, QStringView text, qsizetype &i)
{
    if (c < 0x80) {
        *to++ = '\\';
        switch (c) {
        case '"': *to++ = '"'; return to;
        case '\\': *to++ = '\\'; return to;
        case '\b': *to++ = 'b'; return to;
        case '\f': *to++ = 'f'; return to;
        case '\n': *to++ = 'n'; return to;
        case '\r': *to++ = 'r'; return to;
        case '\t': *to++ = 't'; return to;
        default: break;
        }
    } else if (c < 0x800) {
        *to++ = char(0xc0 | c >> 6);
        *to++ = char(0x80 | (c & 0x3f));
        return to;
    } else if (!QChar::isSurrogate(c)) {
        *to++ = char(0xe0 | c >> 12);
        *to++ = char(0x80 | (c >> 6 & 0x3f));
        *to++ = char(0x80 | (c & 0x3f));
        return to;
    } else if (QChar::isHighSurrogate(c) && i + 1 < text.size() && text[i + 1].isLowSurrogate()) {
        const char32_t point = QChar::surrogateToUcs4(c, text[++i].unicode());
        *to++ = char(0xf0 | point >> 18);
        *to++ = char(0x80 | (point >> 12 & 0x3f));
        *to++ = char(0x80 | (point >> 6 & 0x3f));
        *to++ = char(0x80 | (point & 0x3f));
        return to;
    } else { // half a character is no UTF-8
        *to++ = '\\';
    }
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *to++ = hex[c >> shift & 0xf];
    return to;
}
}

Writer &Writer::string(QStringView text)
{
    separate();
    m_out.append('"');
    for (qsizetype i = 0; i < text.size();) {
        const qsizetype end = std::min(text.size(), i + pieceSize);
        const qsizetype before = m_out.size();
        m_out.resize(before + (end - i) * 6 + 6);
        char *const start = m_out.data() + before;
        char *to = start;
        for (; i < end; ++i) {
            const char16_t c = text[i].unicode();
            if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\')
                *to++ = char(c);
            else
                to = writeSpecial(to, c, text, i);
        }
        m_out.truncate(before + (to - start));
    }
    m_out.append('"');
    return *this;
}

Writer &Writer::value(const QJsonValue &value)
{
    if (value.isString())
        return string(value.toString());
    return raw(value.isUndefined() ? QByteArrayLiteral("null") : compact(value));
}

} // namespace lathe::json
