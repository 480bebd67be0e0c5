// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QStringList>
#include <QUrl>

namespace lathe {

// Which servers the HTTP tool may talk to.
class HostAllowList
{
public:
    HostAllowList() = default;
    // "example.com", "*.example.com" (below it, not itself), each with or without ":port"; "*"
    // allows every host. A pasted URL counts as its host. Entries that are no host are left out.
    explicit HostAllowList(const QStringList &entries);
    bool allows(const QUrl &url) const;
    bool isEmpty() const { return m_entries.empty(); }
    QStringList texts() const;

private:
    struct Entry {
        QString host; // lower case, punycode; of a wildcard the part behind "*"
        int port = -1;
        bool wildcard = false;
    };
    std::vector<Entry> m_entries;
};

// An http(s) URL as it will be sent: encoded, host in lower case, without fragment. Refuses
// (InvalidInput, Denied) other schemes, user names in it, and characters that two URL parsers may
// understand differently.
Result<QUrl> parseHttpUrl(const QString &text);
// Scheme, host and port.
QString originOf(const QUrl &url);
// Whether an address ("93.184.216.34", "2606:2800::1") belongs to the public internet: not private,
// loopback, link-local, multicast or reserved, also when wrapped in IPv6. What cannot be read is
// not public. Any thread.
bool isPublicAddress(const QString &ip);

} // namespace lathe
