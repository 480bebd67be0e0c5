// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace lathe {

// True when a value that stands under `name` (a header, an environment variable, a query parameter) is most likely a key, token or password,
// which must not reach a project file. False for values that are {{secret:NAME}} already.
bool looksLikeSecret(const QString &name, const QString &value);
// "{{secret:NAME}}".
QString secretReference(const QString &name);
// A name for it: "GITHUB_TOKEN" of ("github", "GITHUB_TOKEN"), "GITHUB_AUTHORIZATION" of ("github", "Authorization").
QString secretNameFor(const QString &owner, const QString &name);

} // namespace lathe
