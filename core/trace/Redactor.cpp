// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/Redactor.h"

#include <QJsonArray>
#include <QJsonObject>

#include <algorithm>

namespace lathe {

namespace {
constexpr int minSecret = 6;
const QString mask = QStringLiteral("[secret]");

int hexDigit(QChar c)
{
    const char16_t u = c.unicode();
    if (u >= u'0' && u <= u'9')
        return u - u'0';
    if (u >= u'a' && u <= u'f')
        return u - u'a' + 10;
    if (u >= u'A' && u <= u'F')
        return u - u'A' + 10;
    return -1;
}

// The end of one byte "%2F" at `at`, also encoded again ("%252F"); -1: there is none.
qsizetype percentByte(QStringView text, qsizetype at, uchar byte)
{
    if (at >= text.size() || text[at] != u'%')
        return -1;
    ++at;
    while (at + 1 < text.size()) {
        const int value = hexDigit(text[at]) * 16 + hexDigit(text[at + 1]);
        if (hexDigit(text[at]) >= 0 && hexDigit(text[at + 1]) >= 0 && value == byte)
            return at + 2;
        if (text[at] != u'2' || text[at + 1] != u'5')
            return -1;
        at += 2;
    }
    return -1;
}

// Where the character of `secret` at `*s` ends in the text when it stands at `at` in any of its forms, else -1. Moves
// `*s` behind what was matched.
qsizetype matchOne(QStringView text, qsizetype at, QStringView secret, qsizetype *s)
{
    const QChar wanted = secret[*s];
    if (wanted == u'%'
        && !secret.mid(*s + 1).startsWith(u"25")) { // "%25" starts with the sign that it stands for
        if (const qsizetype end = percentByte(text, at, '%'); end >= 0) {
            ++*s;
            return end;
        }
    }
    // JSON escapes; any number of backslashes, as JSON inside JSON doubles them.
    qsizetype escaped = at;
    while (escaped < text.size() && text[escaped] == u'\\')
        ++escaped;
    const bool slashBefore =
        *s > 0 && secret[*s - 1] == u'\\'; // took the backslash of this escape too
    if (wanted == u'\\') {
        if (escaped > at) {
            while (*s < secret.size() && secret[*s] == u'\\')
                ++*s;
            return escaped;
        }
    } else if (at < text.size() && text[at] == wanted) {
        ++*s;
        return at + 1;
    } else if ((escaped > at || slashBefore) && escaped < text.size()) {
        const QChar c = text[escaped];
        const char16_t named = c == u'n'   ? u'\n'
                               : c == u't' ? u'\t'
                               : c == u'r' ? u'\r'
                               : c == u'b' ? u'\b'
                               : c == u'f' ? u'\f'
                                           : char16_t(0);
        const bool bySelf = c == wanted && (c == u'"' || c == u'/' || c == u'\'');
        if (bySelf || (named && wanted == QChar(named))) {
            ++*s;
            return escaped + 1;
        }
        if (c == u'u' && escaped + 4 < text.size()) {
            int value = 0;
            for (int i = 1; i <= 4; ++i) {
                const int digit = hexDigit(text[escaped + i]);
                value = digit < 0 || value < 0 ? -1 : value * 16 + digit;
            }
            if (value == wanted.unicode()) {
                ++*s;
                return escaped + 5;
            }
        }
    }
    if (at < text.size() && text[at] == u'+' && wanted == u' ') {
        ++*s;
        return at + 1;
    }
    if (at < text.size() && text[at] == u'%') {
        const bool pair = wanted.isHighSurrogate() && *s + 1 < secret.size();
        qsizetype end = at;
        const QByteArray utf8 = secret.mid(*s, pair ? 2 : 1).toUtf8();
        for (const char byte : utf8) {
            end = percentByte(text, end, uchar(byte));
            if (end < 0)
                return -1;
        }
        *s += pair ? 2 : 1;
        return end;
    }
    return -1;
}

// The end of the secret that stands at `at`, -1 when another text does.
qsizetype matchAt(QStringView text, qsizetype at, QStringView secret)
{
    qsizetype s = 0;
    while (s < secret.size()) {
        at = matchOne(text, at, secret, &s);
        if (at < 0)
            return -1;
    }
    return at;
}
} // namespace

void Redactor::addSecret(const QString &secret)
{
    // A key that was read from a file may have a line end that is not used with it.
    const QString needle = secret.trimmed();
    if (needle.size() < minSecret || m_needles.contains(needle))
        return;
    const auto place = std::find_if(m_needles.begin(), m_needles.end(), [&](const QString &other) {
        return other.size() < needle.size();
    });
    m_needles.insert(place, needle);
}

QString Redactor::redact(const QString &text) const
{
    if (m_needles.isEmpty() || text.size() < minSecret)
        return text;
    bool startsSecret[128] = {}; // characters worth a closer look
    bool beyondAscii = false;
    for (const QString &needle : m_needles) {
        const char16_t first = needle[0].unicode();
        if (first < 128)
            startsSecret[first] = true;
        else
            beyondAscii = true;
    }
    startsSecret[uchar('%')] = startsSecret[uchar('\\')] = true;

    QString out;
    qsizetype copied = 0;
    for (qsizetype at = 0; at < text.size();) {
        const char16_t c = text[at].unicode();
        qsizetype end = -1;
        if (c < 128 ? startsSecret[c] : beyondAscii) {
            for (const QString &needle : m_needles) {
                end = matchAt(text, at, needle);
                if (end >= 0)
                    break;
            }
        }
        if (end < 0) {
            // A run of backslashes is tried once, at its first: a long one must not cost its square.
            do
                ++at;
            while (c == u'\\' && at < text.size() && text[at] == u'\\');
            continue;
        }
        out += QStringView(text).mid(copied, at - copied);
        out += mask;
        at = copied = end;
    }
    if (copied == 0)
        return text;
    out += QStringView(text).mid(copied);
    return out;
}

QJsonValue Redactor::redact(const QJsonValue &value) const
{
    if (m_needles.isEmpty())
        return value;
    switch (value.type()) {
    case QJsonValue::String: {
        const QString text = value.toString();
        const QString redacted = redact(text);
        return redacted == text ? value : QJsonValue(redacted);
    }
    case QJsonValue::Array: {
        QJsonArray array;
        const QJsonArray source = value.toArray();
        for (const QJsonValue &item : source)
            array.append(redact(item));
        return array;
    }
    case QJsonValue::Object: {
        QJsonObject object;
        const QJsonObject source = value.toObject();
        for (auto it = source.begin(); it != source.end(); ++it) {
            QString key = redact(it.key());
            if (key != it.key()) { // two keys may become the same one
                const QString base = key;
                for (int n = 2; object.contains(key) || source.contains(key); ++n)
                    key = QStringLiteral("%1 %2").arg(base).arg(n);
            }
            object.insert(key, redact(it.value()));
        }
        return object;
    }
    case QJsonValue::Double: {
        // A secret of digits may stand as a number.
        const qint64 number = value.toInteger(-1);
        const bool hit = number > 0 && m_needles.contains(QString::number(number));
        return hit ? QJsonValue(mask) : value;
    }
    case QJsonValue::Null:
    case QJsonValue::Bool:
    case QJsonValue::Undefined:
        break;
    }
    return value;
}

} // namespace lathe
