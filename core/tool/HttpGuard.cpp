// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpGuard.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>

namespace lathe {

namespace {
constexpr qsizetype maxUrlLength = 8000;

struct Network4 {
    quint32 address;
    int bits;
};
// IANA's special-purpose registry: all that is not globally reachable.
constexpr Network4 closed4[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
};

bool isPublic4(quint32 address)
{
    return std::none_of(std::begin(closed4), std::end(closed4), [address](const Network4 &network) {
        return ((address ^ network.address) >> (32 - network.bits)) == 0;
    });
}

quint32 word(const std::array<uchar, 16> &bytes, size_t at)
{
    return quint32(bytes[at]) << 24 | quint32(bytes[at + 1]) << 16 | quint32(bytes[at + 2]) << 8
           | bytes[at + 3];
}

bool isPublic6(const std::array<uchar, 16> &a)
{
    const quint32 first = word(a, 0), second = word(a, 4), third = word(a, 8), last = word(a, 12);
    if (first == 0 && second == 0 && third == 0xffff) // ::ffff:1.2.3.4
        return isPublic4(last);
    if (first == 0x0064ff9b && second == 0 && third == 0) // NAT64
        return isPublic4(last);
    if (first >> 16 == 0x2002) // 6to4
        return isPublic4((first & 0xffff) << 16 | second >> 16);
    if (first >> 29 != 1) // only 2000::/3 is global: not ::1, fc00::/7, fe80::/10, ff00::/8
        return false;
    return first != 0x20010000 && first != 0x20010db8 && first >> 4 != 0x2001001
           && first >> 4 != 0x2001002; // Teredo, examples, ORCHID
}

// "Example.COM." -> "example.com"; empty when it is no host name.
QString plainHost(QString host)
{
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.mid(1, host.size() - 2);
    if (host.endsWith(u'.'))
        host.chop(1);
    QUrl url;
    url.setHost(host, QUrl::DecodedMode);
    return url.host(QUrl::FullyEncoded).toLower();
}
} // namespace

HostAllowList::HostAllowList(const QStringList &entries)
{
    for (QString text : entries) {
        text = text.trimmed();
        if (const qsizetype scheme = text.indexOf(QLatin1String("://")); scheme >= 0)
            text = text.mid(scheme + 3).section(u'/', 0, 0);
        Entry entry;
        const qsizetype colon = text.lastIndexOf(u':');
        if (colon > 0
            && (text.indexOf(u':') == colon
                || text.contains(QLatin1String("]:")))) { // else an IPv6 address
            bool ok = false;
            entry.port = text.mid(colon + 1).toInt(&ok);
            if (!ok)
                continue;
            text.truncate(colon);
        }
        if (text == QLatin1String("*")) {
            entry.wildcard = true;
        } else if (text.startsWith(QLatin1String("*."))) {
            entry.wildcard = true;
            const QString rest = plainHost(text.mid(2));
            if (rest.isEmpty())
                continue;
            entry.host = u'.' + rest;
        } else {
            entry.host = plainHost(text);
            if (entry.host.isEmpty())
                continue;
        }
        m_entries.push_back(std::move(entry));
    }
}

bool HostAllowList::allows(const QUrl &url) const
{
    const QString host = plainHost(url.host(QUrl::FullyEncoded));
    const int port = url.port(url.scheme() == QLatin1String("https") ? 443 : 80);
    return !host.isEmpty()
           && std::any_of(m_entries.begin(), m_entries.end(), [&](const Entry &entry) {
                  if (entry.port >= 0 && entry.port != port)
                      return false;
                  return entry.wildcard ? host.endsWith(entry.host) : host == entry.host;
              });
}

QStringList HostAllowList::texts() const
{
    QStringList texts;
    for (const Entry &entry : m_entries) {
        const QString host = entry.wildcard ? u'*' + entry.host : entry.host;
        texts += entry.port < 0 ? host : QStringLiteral("%1:%2").arg(host).arg(entry.port);
    }
    return texts;
}

Result<QUrl> parseHttpUrl(const QString &text)
{
    const QString trimmed = text.trimmed();
    const QString shown = trimmed.left(200);
    if (trimmed.size() > maxUrlLength)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The URL is longer than %1 characters.").arg(maxUrlLength));
    const bool odd = std::any_of(trimmed.begin(), trimmed.end(), [](QChar c) {
        return c.unicode() < 0x20 || c == u'\\' || c.unicode() == 0x7f;
    });
    QUrl url(trimmed, QUrl::TolerantMode);
    if (odd || !url.isValid() || url.host().isEmpty())
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("\"%1\" is no valid URL; write one such as https://example.com/path.")
                .arg(shown));
    if (url.scheme() != QLatin1String("http") && url.scheme() != QLatin1String("https"))
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"%1\" is not an http or https URL.").arg(shown));
    if (url.authority(QUrl::FullyEncoded).contains(u'@'))
        return Error(ErrorKind::Denied,
                     QStringLiteral("User names and passwords in URLs are not allowed."));
    url.setFragment(QString());
    return url;
}

QString originOf(const QUrl &url)
{
    return QStringLiteral("%1://%2:%3")
        .arg(url.scheme(), url.host(QUrl::FullyEncoded).toLower())
        .arg(url.port(url.scheme() == QLatin1String("https") ? 443 : 80));
}

bool isPublicAddress(const QString &ip)
{
    const QByteArray text = ip.section(u'%', 0, 0).toLatin1(); // without the zone
    in_addr v4;
    if (inet_pton(AF_INET, text.constData(), &v4) == 1)
        return isPublic4(ntohl(v4.s_addr));
    in6_addr v6;
    if (inet_pton(AF_INET6, text.constData(), &v6) != 1)
        return false;
    std::array<uchar, 16> bytes;
    std::memcpy(bytes.data(), &v6, bytes.size());
    return isPublic6(bytes);
}

} // namespace lathe
