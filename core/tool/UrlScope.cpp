// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/UrlScope.h"

#include <QDir>
#include <QJsonArray>
#include <QRegularExpression>
#include <QSet>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace {
constexpr int deepest = 200;

// "filePath", "file_path" and "FILE-PATH" are one name.
QString plainName(const QString &key)
{
    QString name;
    for (const QChar c : key) {
        if (c.isLetterOrNumber())
            name += c.toLower();
    }
    return name;
}

bool endsWithAny(const QString &name, std::initializer_list<const char *> ends)
{
    return std::any_of(ends.begin(), ends.end(), [&name](const char *end) { return name.endsWith(QLatin1String(end)); });
}

// Names under which a text is a path, whatever it looks like.
bool namesPath(const QString &name)
{
    return endsWithAny(name, {"path", "paths", "file", "files", "filename", "filenames", "folder", "folders", "dir", "dirs", "directory",
                              "directories", "cwd"});
}

// Names under which a text may be a path.
bool mayNamePath(const QString &name)
{
    return endsWithAny(name, {"source", "src", "target", "destination", "dest", "dst", "location", "root", "from", "to", "input", "output", "uri"});
}

bool looksLikePath(const QString &text)
{
    static const QRegularExpression drive(QStringLiteral("\\A[A-Za-z]:[\\\\/]"));
    return text.contains(QLatin1Char('/')) || text.contains(QLatin1Char('\\')) || text.startsWith(QLatin1Char('~')) || text == QLatin1String("..")
           || drive.match(text).hasMatch();
}

bool namesHost(const QString &name)
{
    return endsWithAny(name, {"url", "urls", "uri", "uris", "host", "hosts", "hostname", "domain", "endpoint", "server", "href", "link", "website"});
}

// As browsers and many libraries read a URL: control characters around it, and tabs and line ends anywhere in it, are not there.
QString withoutBreaks(const QString &text)
{
    QString plain = text;
    plain.removeIf([](QChar c) { return c == QLatin1Char('\t') || c == QLatin1Char('\n') || c == QLatin1Char('\r'); });
    qsizetype from = 0, end = plain.size();
    while (from < end && plain[from].unicode() <= 0x20)
        ++from;
    while (end > from && plain[end - 1].unicode() <= 0x20)
        --end;
    return plain.mid(from, end - from);
}

// Of a text that begins with a URL: all that the most lenient parser takes for its host, with a name before it. Empty: it does not begin so.
QString widestAuthority(const QString &plain)
{
    static const QRegularExpression start(QStringLiteral("\\A(?:(?:https?|wss?|ftp):[\\\\/]*|[A-Za-z][A-Za-z0-9+.-]{0,30}:[\\\\/]{2,})([^/?#\\\\]+)"),
                                          QRegularExpression::CaseInsensitiveOption);
    return start.match(plain).captured(1);
}

// The same up to where the words around a URL go on.
QString hostOf(const QString &authority)
{
    static const QString ends = QStringLiteral(".,;:!?)]}>\"'`*_");
    qsizetype end = 0;
    while (end < authority.size() && !authority[end].isSpace())
        ++end;
    while (end > 0 && ends.contains(authority[end - 1]) && !(authority[end - 1] == QLatin1Char(']') && authority[0] == QLatin1Char('[')))
        --end;
    return authority.left(end);
}

QString shortened(const QString &text)
{
    return text.size() > 120 ? text.left(120) + QChar(0x2026) : text;
}
} // namespace

UrlScope::UrlScope(const QStringList &hosts, const QStringList &paths)
    : m_bindsHosts(!hosts.isEmpty()), m_bindsPaths(!paths.isEmpty()), m_hosts(hosts)
{
    for (const QString &entry : paths) {
        QString clean = QDir::cleanPath(QDir::fromNativeSeparators(entry.trimmed()));
        if (entry.trimmed().isEmpty() || clean == QLatin1String("..") || clean.startsWith(QLatin1String("../")))
            continue;
        while (clean.size() > 1 && clean.endsWith(QLatin1Char('/')))
            clean.chop(1);
        m_paths.push_back(Path{clean, clean.startsWith(QLatin1Char('/'))});
    }
}

std::optional<UrlScope::Refusal> UrlScope::check(const QJsonObject &arguments) const
{
    std::optional<Refusal> refusal;
    if (!isEmpty())
        checkValue(arguments, QString(), QString(), 0, &refusal);
    return refusal;
}

void UrlScope::checkValue(const QJsonValue &value, const QString &key, const QString &pointer, int depth, std::optional<Refusal> *refusal) const
{
    if (*refusal)
        return;
    if (depth > deepest) {
        *refusal = Refusal{m_bindsHosts ? QStringLiteral("host") : QStringLiteral("path"),
                           QStringLiteral("The arguments are nested too deep to be looked through.")};
    } else if (value.isString()) {
        checkText(value.toString(), key, pointer, refusal);
    } else if (value.isArray()) {
        const QJsonArray items = value.toArray();
        for (qsizetype i = 0; i < items.size() && !*refusal; ++i)
            checkValue(items.at(i), key, pointer + QLatin1Char('/') + QString::number(i), depth + 1, refusal);
    } else if (value.isObject()) {
        const QJsonObject members = value.toObject();
        for (auto member = members.begin(); member != members.end() && !*refusal; ++member) {
            checkText(member.key(), QString(), pointer, refusal);
            checkValue(member.value(), member.key(), pointer + QLatin1Char('/') + member.key(), depth + 1, refusal);
        }
    }
}

void UrlScope::checkText(const QString &text, const QString &key, const QString &pointer, std::optional<Refusal> *refusal) const
{
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty() || *refusal)
        return;
    const QString name = plainName(key);
    // With or without both slashes, of either kind: parsers differ in what they take for a URL, so all of it is one.
    static const QRegularExpression url(QStringLiteral("(?:(?:https?|wss?|ftp):[\\\\/]*|[A-Za-z][A-Za-z0-9+.-]{0,30}:[\\\\/]{2})[^\\s\"'<>`|^{}]{1,4000}"),
                                        QRegularExpression::CaseInsensitiveOption);
    bool whole = false; // the text is one URL
    for (auto found = url.globalMatch(trimmed); found.hasNext() && !*refusal;) {
        const auto match = found.next();
        QString address = match.captured();
        whole = whole || match.capturedLength() == trimmed.size();
        static const QString ends = QStringLiteral(".,;:!?)]");
        while (match.capturedLength() < trimmed.size() && ends.contains(address.back())) // of a sentence around it
            address.chop(1);
        const bool file = address.startsWith(QLatin1String("file:"), Qt::CaseInsensitive);
        if (file ? m_bindsPaths && !allowsPath(QUrl(address).path(QUrl::FullyDecoded)) : m_bindsHosts && !allowsUrl(address)) {
            *refusal = file ? Refusal{QStringLiteral("path"), QStringLiteral("At %1: \"%2\" is not beneath an allowed path.").arg(pointer, shortened(address))}
                            : Refusal{QStringLiteral("host"), QStringLiteral("At %1: the host of \"%2\" is not allowed.").arg(pointer, shortened(address))};
        } else if (file && m_bindsHosts && !m_bindsPaths) {
            *refusal = Refusal{QStringLiteral("host"), QStringLiteral("At %1: \"%2\" is on no allowed host.").arg(pointer, shortened(address))};
        }
    }
    if (*refusal || whole)
        return;
    const QString plain = m_bindsHosts ? withoutBreaks(text) : QString();
    // What ended the URL above need not end it for the tool: "https://allowed.example\t.evil.example", "https://allowed.example^@evil.example".
    if (const QString authority = widestAuthority(plain); !authority.isEmpty() && !plain.startsWith(QLatin1String("file:"), Qt::CaseInsensitive)) {
        if (authority.contains(QLatin1Char('@')) || !allowsUrl(QStringLiteral("http://") + hostOf(authority))) {
            *refusal = Refusal{QStringLiteral("host"), QStringLiteral("At %1: the host of \"%2\" is not allowed.").arg(pointer, shortened(trimmed))};
            return;
        }
    }
    // A tool that wants a URL may put the scheme before it.
    static const QRegularExpression space(QStringLiteral("\\s"));
    const bool slashes = plain.startsWith(QLatin1String("//")) || plain.startsWith(QLatin1String("\\\\"));
    if (m_bindsHosts && (slashes || namesHost(name)) && !plain.isEmpty() && !plain.contains(space)) {
        const bool inner = plain.startsWith(QLatin1Char('/')) && !slashes; // a path on a server that is not chosen here
        if (!inner && !allowsUrl(QStringLiteral("http://") + (slashes ? plain.mid(2) : plain))) {
            *refusal = Refusal{QStringLiteral("host"), QStringLiteral("At %1: the host of \"%2\" is not allowed.").arg(pointer, shortened(trimmed))};
            return;
        }
    }
    if (m_bindsPaths && !key.isEmpty() && (namesPath(name) || (mayNamePath(name) && looksLikePath(trimmed))) && !allowsPath(text)) {
        *refusal = Refusal{QStringLiteral("path"), QStringLiteral("At %1: \"%2\" is not beneath an allowed path.").arg(pointer, shortened(trimmed))};
    }
}

bool UrlScope::allowsUrl(const QString &text) const
{
    static const QRegularExpression start(QStringLiteral("\\A([A-Za-z][A-Za-z0-9+.-]*):[\\\\/]*"));
    QString plain = text;
    plain.replace(start, QStringLiteral("\\1://"));
    if (plain.contains(QLatin1Char('\\')))
        return false; // a path to one parser, a part of the name to another
    const QUrl url(plain, QUrl::TolerantMode);
    // A name before @ is how one host is made to look like another.
    return url.isValid() && !url.host().isEmpty() && url.userInfo().isEmpty() && m_hosts.allows(url);
}

bool UrlScope::allowsPath(const QString &given) const
{
    const auto within = [this](QString text) {
        text.replace(QLatin1Char('\\'), QLatin1Char('/'));
        if (text.contains(QChar(0)) || text.startsWith(QLatin1Char('~')))
            return false;
        const QString clean = QDir::cleanPath(text.trimmed());
        if (clean == QLatin1String("..") || clean.startsWith(QLatin1String("../")))
            return false;
        const bool absolute = clean.startsWith(QLatin1Char('/'));
        return std::any_of(m_paths.begin(), m_paths.end(), [&](const Path &allowed) {
            if (allowed.absolute != absolute)
                return false;
            const bool everything = allowed.text == QLatin1String("/") || allowed.text == QLatin1String(".");
            return everything || clean == allowed.text || clean.startsWith(allowed.text + QLatin1Char('/'));
        });
    };
    // As it is, and as a tool that decodes it would see it.
    const QString decoded = QUrl::fromPercentEncoding(given.toUtf8());
    return within(given) && (decoded == given || within(decoded));
}

} // namespace lathe
