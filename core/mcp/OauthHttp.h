// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpClient.h"
#include "core/mcp/McpTypes.h"

namespace lathe::oauth {

// A request on behalf of a server's sign-in: small, quick, no redirects, and no way from a server elsewhere to services on this machine
// or its link (SSRF by what metadata names).
HttpRequest oauthRequest(const McpServerConfig &config, const QString &url);

} // namespace lathe::oauth
