// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/JsonWriter.h"

#include "core/base/Json.h"

#include <QJsonDocument>
#include <QLocale>

#include <bit>
#include <charconv>
#include <cmath>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace lathe::json {

namespace {
constexpr qsizetype leastRoom = 64; // beyond one byte a character, before more must be asked for
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

// Copies plain ASCII and stops at the first character that needs more; may write up to 16 bytes beyond what it gives back.
char *copyPlain(char *to, QStringView text, qsizetype &i)
{
#if defined(__SSE2__)
    const __m128i space = _mm_set1_epi8(' '), quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    while (text.size() - i >= 16) {
        const auto *from = reinterpret_cast<const __m128i *>(text.utf16() + i);
        // Saturated, so that what is no byte becomes 0 or 255; as signed bytes both are below a space.
        const __m128i bytes = _mm_packus_epi16(_mm_loadu_si128(from), _mm_loadu_si128(from + 1));
        const __m128i special =
            _mm_or_si128(_mm_cmplt_epi8(bytes, space), _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
        _mm_storeu_si128(reinterpret_cast<__m128i *>(to), bytes);
        const unsigned mask = unsigned(_mm_movemask_epi8(special));
        const int plain = mask ? std::countr_zero(mask) : 16;
        to += plain;
        i += plain;
        if (mask)
            return to;
    }
#endif
    while (i < text.size()) {
        const char16_t c = text[i].unicode();
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            break;
        *to++ = char(c);
        ++i;
    }
    return to;
}
}

Writer &Writer::string(QStringView text)
{
    separate();
    m_out.append('"');
    qsizetype room = leastRoom;
    for (qsizetype i = 0; i < text.size();) {
        const qsizetype rest = text.size() - i;
        const qsizetype before = m_out.size();
        m_out.resize(before + rest + room);
        char *const start = m_out.data() + before;
        const char *const full = start + rest + room - 16 - 6;
        char *to = start;
        // There always is place for the rest as plain text; what is longer takes from the room.
        for (;;) {
            to = copyPlain(to, text, i);
            if (i == text.size() || to + (text.size() - i) > full)
                break;
            to = writeSpecial(to, text[i].unicode(), text, i);
            ++i;
        }
        m_out.truncate(before + (to - start));
        room = std::min(room * 4, leastRoom + (text.size() - i) * 5);
    }
    m_out.append('"');
    return *this;
}

Writer &Writer::key(const QString &name)
{
    string(name);
    m_out.append(':');
    m_comma = false;
    return *this;
}

Writer &Writer::number(qint64 value)
{
    separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    m_out.append(digits, end - digits);
    return *this;
}

Writer &Writer::writeObject(const QJsonObject &object)
{
    beginObject();
    for (auto member = object.begin(); member != object.end(); ++member) {
        key(member.key());
        value(member.value());
    }
    return endObject();
}

Writer &Writer::value(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::String:
        return string(value.toString());
    case QJsonValue::Bool:
        return boolean(value.toBool());
    case QJsonValue::Object:
        return writeObject(value.toObject());
    case QJsonValue::Array: {
        const QJsonArray array = value.toArray();
        beginArray();
        for (const QJsonValue &item : array)
            this->value(item);
        return endArray();
    }
    case QJsonValue::Double:
        return writeNumber(value);
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        break;
    }
    return null();
}

QJsonObject Writer::takeObject()
{
    return QJsonDocument::fromJson(take()).object();
}

Writer &Writer::writeNumber(const QJsonValue &value)
{
    // QJsonValue keeps integers as such, as far as a double is sure of them; outside of that Qt knows which it was.
    constexpr qint64 exact = 1ll << 53;
    const double real = value.toDouble();
    const qint64 integer = value.toInteger(exact + 1);
    if (integer <= exact && integer >= -exact && !(integer == 0 && std::signbit(real)))
        return number(integer);
    if (std::isfinite(real) && real != std::trunc(real))
        return raw(QByteArray::number(real, 'g', QLocale::FloatingPointShortest));
    const QByteArray text = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return raw(QByteArrayView(text).sliced(1, text.size() - 2));
}

} // namespace lathe::json
