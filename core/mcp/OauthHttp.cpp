// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/OauthHttp.h"

#include "core/mcp/OauthMetadata.h"

#include <arpa/inet.h>

namespace lathe::oauth {

namespace {
bool isLinkLocalOrLoopback(const QString &ip)
{
    const QByteArray text = ip.toLatin1();
    in_addr four;
    if (inet_pton(AF_INET, text.constData(), &four) == 1) {
        const quint32 address = ntohl(four.s_addr);
        return (address >> 24) == 127 || (address >> 24) == 0 || (address >> 16) == 0xa9fe;
    }
    in6_addr six;
    if (inet_pton(AF_INET6, text.constData(), &six) != 1)
        return true; // not an address: refuse
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        const quint8 first = six.s6_addr[12];
        return first == 127 || first == 0 || (first == 169 && six.s6_addr[13] == 254);
    }
    return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) || IN6_IS_ADDR_UNSPECIFIED(&six);
}

// Then the address connected to is the proxy's.
bool hasProxy()
{
    for (const char *name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        if (!qEnvironmentVariableIsEmpty(name))
            return true;
    }
    return false;
}
} // namespace

HttpRequest oauthRequest(const McpServerConfig &config, const QString &url)
{
    HttpRequest request;
    request.url = url;
    request.totalTimeoutMs = 30'000;
    request.maxBodyBytes = 1024 * 1024;
    request.maxRedirects = 0;
    if (!isLoopbackHost(QUrl(config.url).host()) && !hasProxy())
        request.allowAddress = [](const QString &, const QString &ip) { return !isLinkLocalOrLoopback(ip); };
    return request;
}

} // namespace lathe::oauth
