// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpText.h"

#include "core/tool/ToolText.h"

#include <QRegularExpression>
#include <QStringDecoder>
#include <QStringList>

#include <cerrno>
#include <iconv.h>
#include <utility>

namespace lathe {

namespace {
// The longest text is a reference such as "&CounterClockwiseContourIntegral;".
constexpr qsizetype maxEntityLength = 32;

bool isBlock(const QString &tag)
{
    static const QStringList blocks{
        QStringLiteral("p"),       QStringLiteral("div"),     QStringLiteral("br"),
        QStringLiteral("li"),      QStringLiteral("ul"),      QStringLiteral("ol"),
        QStringLiteral("tr"),      QStringLiteral("table"),   QStringLiteral("h1"),
        QStringLiteral("h2"),      QStringLiteral("h3"),      QStringLiteral("h4"),
        QStringLiteral("h5"),      QStringLiteral("h6"),      QStringLiteral("pre"),
        QStringLiteral("section"), QStringLiteral("article"), QStringLiteral("header"),
        QStringLiteral("footer"),  QStringLiteral("title"),   QStringLiteral("blockquote"),
        QStringLiteral("hr"),      QStringLiteral("dd"),      QStringLiteral("dt"),
        QStringLiteral("option"),  QStringLiteral("nav"),     QStringLiteral("main")};
    return blocks.contains(tag);
}

bool isText(const QByteArray &type)
{
    return type.startsWith("text/") || type.endsWith("+json") || type.endsWith("+xml")
           || type == "application/json" || type == "application/xml"
           || type == "application/javascript" || type == "application/x-ndjson"
           || type == "application/jsonl" || type == "application/yaml"
           || type == "application/x-yaml" || type == "application/x-www-form-urlencoded"
           || type == "application/graphql" || type == "application/sql";
}

// By the C library, for the encodings Qt does not know; nullopt when it does not know it either.
std::optional<QString> converted(const QByteArray &body, const QByteArray &name)
{
    const iconv_t converter = iconv_open("UTF-16LE", name.constData());
    if (converter == reinterpret_cast<iconv_t>(-1))
        return std::nullopt;
    QString out(body.size() + 16, Qt::Uninitialized); // a byte is at most one unit here, and it grows
    char *in = const_cast<char *>(body.constData()); // iconv does not write to it
    size_t left = size_t(body.size());
    size_t used = 0;
    while (left > 0) {
        char *to = reinterpret_cast<char *>(out.data()) + used;
        size_t room = size_t(out.size()) * sizeof(QChar) - used;
        const size_t before = room;
        const bool failed = iconv(converter, &in, &left, &to, &room) == size_t(-1);
        const int reason = errno;
        used += before - room;
        if (!failed)
            break;
        if (reason == E2BIG || room < 2 * sizeof(QChar)) {
            out.resize(out.size() * 2);
        }
        if (reason != E2BIG) { // what is no character
            reinterpret_cast<QChar *>(out.data())[used / sizeof(QChar)] = QChar(QChar::ReplacementCharacter);
            used += sizeof(QChar);
            ++in;
            --left;
        }
    }
    iconv_close(converter);
    out.truncate(qsizetype(used / sizeof(QChar)));
    return out;
}
} // namespace

QString htmlEntity(QStringView name)
{
    if (name.startsWith(u'#')) {
        const bool hex = name.size() > 1 && (name[1] == u'x' || name[1] == u'X');
        bool ok = false;
        const uint code = name.mid(hex ? 2 : 1).toUInt(&ok, hex ? 16 : 10);
        if (!ok || code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return QString();
        const auto c = char32_t(code);
        return QString::fromUcs4(&c, 1);
    }
    static constexpr std::pair<const char *, char16_t> names[] = {
        {"amp", u'&'},         {"lt", u'<'},         {"gt", u'>'},         {"quot", u'"'},
        {"apos", u'\''},       {"nbsp", u' '},       {"ndash", u'\u2013'}, {"mdash", u'\u2014'},
        {"hellip", u'\u2026'}, {"copy", u'\u00a9'},  {"lsquo", u'\u2018'}, {"rsquo", u'\u2019'},
        {"ldquo", u'\u201c'},  {"rdquo", u'\u201d'}, {"euro", u'\u20ac'},  {"bull", u'\u2022'},
        {"middot", u'\u00b7'}, {"times", u'\u00d7'}, {"deg", u'\u00b0'},
    };
    for (const auto &[text, c] : names) {
        if (name == QLatin1String(text))
            return QString(QChar(c));
    }
    return QString();
}

QString decodedBody(const QByteArray &body, const QByteArray &contentType)
{
    static const QRegularExpression charset(
        QStringLiteral("charset\\s*=\\s*\"?([A-Za-z0-9_:.-]{1,40})"),
        QRegularExpression::CaseInsensitiveOption);
    const auto match = charset.match(QString::fromLatin1(contentType));
    QByteArray name =
        match.hasMatch() ? match.captured(1).toLower().toLatin1() : QByteArrayLiteral("utf-8");
    if (name == "iso-8859-1" || name == "latin1" || name == "us-ascii" || name == "ascii")
        name = "windows-1252"; // as browsers do
    auto encoding = QStringConverter::encodingForData(body);
    if (!encoding)
        encoding = QStringConverter::encodingForName(name.constData());
    if (!encoding || *encoding == QStringConverter::System) {
        if (const auto text = converted(body, name))
            return *text;
        encoding = QStringConverter::Utf8;
    }
    QStringDecoder decoder(*encoding, QStringConverter::Flag::Default);
    return decoder.decode(body);
}

std::optional<QString> bodyText(const QByteArray &body, const QByteArray &contentType)
{
    const QByteArray type =
        contentType
            .left(contentType.indexOf(';') < 0 ? contentType.size() : contentType.indexOf(';'))
            .trimmed()
            .toLower();
    const bool declared = isText(type);
    const bool unknown = type.isEmpty() || type == "application/octet-stream";
    if (!declared && !unknown)
        return std::nullopt;
    const bool utf16 = contentType.toLower().contains("utf-16");
    if (looksBinary(body) && !utf16)
        return std::nullopt;
    const QString text = decodedBody(body, contentType);
    return type == "text/html" || type == "application/xhtml+xml" ? htmlToText(text) : text;
}

QString htmlToText(const QString &html)
{
    QString out;
    const auto newLine = [&out] {
        while (out.endsWith(u' '))
            out.chop(1);
        if (!out.isEmpty() && !out.endsWith(QLatin1String("\n\n")))
            out += u'\n';
    };
    for (qsizetype i = 0; i < html.size();) {
        const QChar c = html[i];
        if (c == u'<') {
            if (QStringView(html).mid(i, 4) == QLatin1String("<!--")) {
                const qsizetype end = html.indexOf(QLatin1String("-->"), i + 4);
                i = end < 0 ? html.size() : end + 3;
                continue;
            }
            const qsizetype end = html.indexOf(u'>', i);
            if (end < 0)
                break;
            qsizetype at = i + 1;
            if (at < end && html[at] == u'/')
                ++at;
            const qsizetype start = at;
            while (at < end && html[at].isLetterOrNumber() && at - start < 20)
                ++at;
            const QString tag = html.mid(start, at - start).toLower();
            i = end + 1;
            const bool opens = html[start - 1] == u'<';
            const bool skips =
                opens
                && (tag == QLatin1String("script") || tag == QLatin1String("style")
                    || tag == QLatin1String("svg") || tag == QLatin1String("noscript"));
            if (skips) {
                const qsizetype close =
                    html.indexOf(QStringLiteral("</") + tag, i, Qt::CaseInsensitive);
                const qsizetype closeEnd = close < 0 ? -1 : html.indexOf(u'>', close);
                i = closeEnd < 0 ? html.size() : closeEnd + 1;
            } else if (isBlock(tag)) {
                newLine();
            } else if (tag == QLatin1String("td") || tag == QLatin1String("th")) {
                if (!out.isEmpty() && !out.back().isSpace())
                    out += u' ';
            }
            continue;
        }
        if (c == u'&') {
            const qsizetype length = QStringView(html).mid(i + 1, maxEntityLength).indexOf(u';');
            const QString decodedText =
                length > 0 ? htmlEntity(QStringView(html).mid(i + 1, length)) : QString();
            out += decodedText.isEmpty() ? QString(c) : decodedText;
            i += decodedText.isEmpty() ? 1 : length + 2;
            continue;
        }
        if (c.isSpace()) {
            if (!out.isEmpty() && !out.back().isSpace())
                out += u' ';
        } else {
            out += c;
        }
        ++i;
    }
    return out.trimmed();
}

} // namespace lathe
