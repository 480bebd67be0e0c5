// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/ChatModel.h"

// What follows from a connection's address: URLs, the provider behind it and its name for people. Pure, any thread.
namespace lathe::rules {

// Base URL without a trailing slash, with the version ("/v1", "/v1beta") when the user left the path out.
QString apiRoot(const ConnectionSpec &connection);
// apiRoot() + path; a query of the base URL stays at the end.
QString endpoint(const ConnectionSpec &connection, const QString &path);
// Host of the base URL in lower case.
QString host(const ConnectionSpec &connection);
// Whether the connection leads to the company that the API is named for (and so needs its key).
bool isProvidersOwn(const ConnectionSpec &connection);
// Whether the server is on this machine or this network: a model server, or a gateway to a provider that wants money.
bool isNearby(const ConnectionSpec &connection);
// Value of gen_ai.provider.name: the connection's own, else by host ("mistral_ai"), "local" for what is marked as a local model
// server (and so is free), "custom" for others nearby, else that of the API.
QString providerId(const ConnectionSpec &connection);
// For sentences: "OpenAI", "Anthropic", or host and port of a server that has no well-known name.
QString displayName(const ConnectionSpec &connection);
// A request with the time-outs and headers of the connection; its own headers replace `headers` of the same name.
HttpRequest makeRequest(const ConnectionSpec &connection, const QByteArray &method,
                        const QString &path, HttpHeaders headers, QByteArray body = QByteArray());

} // namespace lathe::rules
