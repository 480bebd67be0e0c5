// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

#include <QByteArray>

namespace lathe {

// Texts made to be pasted elsewhere. Pure functions of values.

using CopyHeaders = std::vector<std::pair<QByteArray, QByteArray>>; // as HttpHeaders
// A curl command for a POSIX shell. Everything is quoted; values of headers that carry secrets (Authorization, x-api-key, cookies, ...) and
// of such query parameters become "$NAME": `secretName`, else one made from the header's name and the host (OPENAI_API_KEY for
// api.openai.com). A body over 100 KB, which no command line takes, comes in a here document.
QString toCurl(const QByteArray &method, const QString &url, const CopyHeaders &headers, const QByteArray &body,
               const QString &secretName = QString());
// Whether what stands under this name, of a header or a query parameter, is a secret.
bool isSecretName(const QString &name);
// A word as a POSIX shell reads it back unchanged, single-quoted when it must be.
QString shellQuoted(const QString &word);

// One line of a JSON Lines dataset: {"input": ..., variables..., "expected": ...}. Variables named input or expected do not hide those.
QByteArray toExampleLine(const QString &input, const QJsonObject &variables, const QString &expected);

// What a run did as text that stays the same when it does the same again: steps with names, arguments, status and results (long ones as
// size and hash), without times, ids and costs. For pinned tests and for diff tools.
QString toPinnedText(const Trace &trace);

} // namespace lathe
