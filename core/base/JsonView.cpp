// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/JsonView.h"

#include <QJsonArray>
#include <QJsonObject>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace lathe::json {

namespace {
using Type = View::Type;
constexpr int maxDepth = 512;
constexpr qsizetype maxSize = 1'000'000'000;

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = char(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

class Parser
{
public:
    Parser(const QByteArray &text, std::vector<View::Node> &nodes)
        : m_begin(text.constData()), m_at(m_begin), m_end(m_begin + text.size()), m_nodes(nodes)
    {
    }
    bool run()
    {
        skipBlanks();
        if (m_at == m_end || (*m_at != '{' && *m_at != '['))
            return false;
        View::Node root;
        if (!value(root, 0))
            return false;
        skipBlanks();
        return m_at == m_end;
    }

private:
    quint32 place() const { return quint32(m_at - m_begin); }
    void skipBlanks()
    {
        while (m_at != m_end && (*m_at == ' ' || *m_at == '\n' || *m_at == '\r' || *m_at == '\t'))
            ++m_at;
    }
    bool take(char wanted)
    {
        if (m_at == m_end || *m_at != wanted)
            return false;
        ++m_at;
        return true;
    }
    bool word(const char *text, qsizetype size)
    {
        if (m_end - m_at < size || std::memcmp(m_at, text, size_t(size)) != 0)
            return false;
        m_at += size;
        return true;
    }

    // `node` holds the key already; it gets its number here.
    bool value(View::Node node, int depth)
    {
        if (m_at == m_end)
            return false;
        node.begin = place();
        bool good = false;
        switch (*m_at) {
        case '{':
        case '[':
            m_nodes.push_back(node);
            return container(m_nodes.size() - 1, *m_at == '{' ? Type::Object : Type::Array, *m_at == '{' ? '}' : ']', depth);
        case '"':
            node.type = Type::String;
            good = string(node.begin, node.size, node.escaped);
            break;
        case 't':
            node.type = Type::True;
            good = word("true", 4);
            break;
        case 'f':
            node.type = Type::False;
            good = word("false", 5);
            break;
        case 'n':
            node.type = Type::Null;
            good = word("null", 4);
            break;
        default:
            node.type = Type::Number;
            good = skipNumber();
            node.size = place() - node.begin;
        }
        node.after = quint32(m_nodes.size() + 1);
        m_nodes.push_back(node);
        return good;
    }

    bool container(size_t number, Type type, char close, int depth)
    {
        if (depth >= maxDepth)
            return false;
        m_nodes[number].type = type;
        ++m_at;
        skipBlanks();
        if (!take(close)) {
            do {
                skipBlanks();
                View::Node child;
                if (type == Type::Object) {
                    if (!string(child.key, child.keySize, child.keyEscaped))
                        return false;
                    skipBlanks();
                    if (!take(':'))
                        return false;
                    skipBlanks();
                }
                if (!value(child, depth + 1))
                    return false;
                skipBlanks();
            } while (take(','));
            if (!take(close))
                return false;
        }
        m_nodes[number].size = place() - m_nodes[number].begin;
        m_nodes[number].after = quint32(m_nodes.size());
        return true;
    }

    // To the next quote, backslash or control character, or not far from the end of the text.
    void skipPlain(bool &ascii)
    {
#if defined(__SSE2__)
        const __m128i space = _mm_set1_epi8(' '), quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
        while (m_end - m_at >= 16) {
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(m_at));
            const __m128i noControl = _mm_cmpeq_epi8(_mm_max_epu8(bytes, space), bytes);
            const __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
            const unsigned mask = unsigned(_mm_movemask_epi8(stop)) | (~unsigned(_mm_movemask_epi8(noControl)) & 0xffff);
            const int plain = mask ? std::countr_zero(mask) : 16;
            ascii = ascii && (unsigned(_mm_movemask_epi8(bytes)) & ((1u << plain) - 1)) == 0;
            m_at += plain;
            if (mask)
                return;
        }
#else
        Q_UNUSED(ascii)
#endif
    }

    bool string(quint32 &begin, quint32 &size, bool &escaped)
    {
        if (!take('"'))
            return false;
#if defined(__SSE2__)
        if (m_end - m_at >= 16) { // most are short and plain
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(m_at));
            const __m128i notPlain = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')); // controls; as signed bytes beyond ASCII too
            const __m128i stop = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
            const unsigned mask = unsigned(_mm_movemask_epi8(_mm_or_si128(notPlain, stop)));
            const int plain = std::countr_zero(mask | 0x10000u);
            if (plain < 16 && m_at[plain] == '"') {
                begin = place();
                size = quint32(plain);
                m_at += plain + 1;
                return true;
            }
        }
#endif
        return anyString(begin, size, escaped);
    }

    bool anyString(quint32 &begin, quint32 &size, bool &escaped)
    {
        const char *const first = m_at;
        bool ascii = true;
        for (;; ++m_at) {
            skipPlain(ascii);
            if (m_at == m_end || *m_at == '"')
                break;
            const uchar c = uchar(*m_at);
            if (c < 0x20)
                return false;
            ascii = ascii && c < 0x80;
            if (c != '\\')
                continue;
            escaped = true;
            if (!escape())
                return false;
        }
        if (m_at == m_end)
            return false;
        begin = quint32(first - m_begin);
        size = quint32(m_at - first);
        ++m_at;
        return ascii || QByteArrayView(first, qsizetype(size)).isValidUtf8();
    }

    // Stands on the backslash; leaves on the last character of the escape.
    bool escape()
    {
        if (++m_at == m_end)
            return false;
        if (*m_at != 'u')
            return std::strchr("\"\\/bfnrt", *m_at) != nullptr && *m_at != 0;
        if (m_end - m_at < 5)
            return false;
        for (int i = 0; i < 4; ++i) {
            if (hexDigit(*++m_at) < 0)
                return false;
        }
        return true;
    }

    bool digits()
    {
        const char *const first = m_at;
        while (m_at != m_end && *m_at >= '0' && *m_at <= '9')
            ++m_at;
        return m_at != first;
    }
    bool skipNumber()
    {
        const char *const first = m_at;
        take('-');
        if (!take('0') && !digits())
            return false;
        if (take('.') && !digits())
            return false;
        if (m_at != m_end && (*m_at | 0x20) == 'e') {
            ++m_at;
            if (!take('-'))
                take('+');
            double number = 0; // in the range of a double, please
            return digits() && std::from_chars(first, m_at, number).ec == std::errc();
        }
        return m_at - first < 300;
    }

    const char *m_begin;
    const char *m_at;
    const char *m_end;
    std::vector<View::Node> &m_nodes;
};

QString decoded(QByteArrayView bytes, bool escaped)
{
    if (!escaped)
        return QString::fromUtf8(bytes.data(), bytes.size());
    QString out;
    out.reserve(bytes.size());
    qsizetype copied = 0;
    for (qsizetype i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != '\\')
            continue;
        out += QUtf8StringView(bytes.data() + copied, i - copied).toString();
        const char c = bytes[++i];
        switch (c) {
        case 'b': out += QLatin1Char('\b'); break;
        case 'f': out += QLatin1Char('\f'); break;
        case 'n': out += QLatin1Char('\n'); break;
        case 'r': out += QLatin1Char('\r'); break;
        case 't': out += QLatin1Char('\t'); break;
        case 'u':
            out += QChar(char16_t(hexDigit(bytes[i + 1]) << 12 | hexDigit(bytes[i + 2]) << 8 | hexDigit(bytes[i + 3]) << 4
                                  | hexDigit(bytes[i + 4])));
            i += 4;
            break;
        default: out += QLatin1Char(c);
        }
        copied = i + 1;
    }
    out += QUtf8StringView(bytes.data() + copied, bytes.size() - copied).toString();
    return out;
}
} // namespace

std::optional<Document> Document::parse(QByteArray text)
{
    if (text.size() > maxSize)
        return std::nullopt;
    Document document;
    document.m_text = std::move(text);
    document.m_nodes.reserve(32);
    if (!Parser(document.m_text, document.m_nodes).run())
        return std::nullopt;
    return document;
}

QString View::toString() const
{
    return isString() ? decoded(bytes(), node().escaped) : QString();
}

bool View::operator==(QLatin1String text) const
{
    if (!isString())
        return false;
    return node().escaped ? toString() == text : bytes() == QByteArrayView(text.data(), text.size());
}

double View::toDouble(double otherwise) const
{
    if (!isNumber())
        return otherwise;
    double number = 0;
    const auto result = std::from_chars(bytes().begin(), bytes().end(), number);
    return result.ec == std::errc() ? number : otherwise; // out of range
}

qint64 View::toInteger(qint64 otherwise) const
{
    if (!isNumber())
        return otherwise;
    qint64 integer = 0;
    const auto result = std::from_chars(bytes().begin(), bytes().end(), integer);
    if (result.ec == std::errc() && result.ptr == bytes().end())
        return integer;
    const double number = toDouble(std::numeric_limits<double>::infinity());
    if (std::abs(number) < 9.2e18 && number == std::trunc(number))
        return qint64(number);
    return otherwise;
}

int View::toInt(int otherwise) const
{
    const qint64 number = toInteger(std::numeric_limits<qint64>::max());
    return number >= std::numeric_limits<int>::min() && number <= std::numeric_limits<int>::max() ? int(number) : otherwise;
}

View View::value(QLatin1String key) const
{
    View found;
    if (!isObject())
        return found;
    const QByteArrayView wanted(key.data(), key.size());
    for (const View member : *this) {
        const QByteArrayView name = member.key();
        if (member.node().keyEscaped ? decoded(name, true) == key : name == wanted)
            found = member;
    }
    return found;
}

QJsonValue View::toJson() const
{
    switch (type()) {
    case Type::Null:
        return QJsonValue(QJsonValue::Null);
    case Type::False:
    case Type::True:
        return type() == Type::True;
    case Type::Number: {
        qint64 integer = 0;
        const auto result = std::from_chars(bytes().begin(), bytes().end(), integer);
        const bool exact = result.ec == std::errc() && result.ptr == bytes().end() && bytes() != "-0";
        return exact ? QJsonValue(integer) : QJsonValue(toDouble());
    }
    case Type::String:
        return toString();
    case Type::Array: {
        QJsonArray array;
        for (const View element : *this)
            array.append(element.toJson());
        return array;
    }
    case Type::Object: {
        QJsonObject object;
        for (const View member : *this)
            object.insert(decoded(member.key(), member.node().keyEscaped), member.toJson());
        return object;
    }
    case Type::Undefined:
        break;
    }
    return QJsonValue(QJsonValue::Undefined);
}

} // namespace lathe::json
