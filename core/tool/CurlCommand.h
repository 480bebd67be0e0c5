// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QJsonObject>
#include <QStringList>

#include <utility>
#include <vector>

namespace lathe {

// A secret that stood in a command in the clear. The value goes to the keychain if the person wants that, never into a project.
struct CurlSecret {
    QString name;  // "API_EXAMPLE_COM_TOKEN", as it stands in {{secret:NAME}}
    QString value;
    QString where; // "header Authorization"
    bool operator==(const CurlSecret &) const = default;
};

// A curl command as a request. Nothing is executed, no file is read.
struct CurlCommand {
    QString method; // "GET"
    QString url;
    std::vector<std::pair<QString, QString>> headers; // secrets replaced by {{secret:NAME}}
    QString bodyType = QStringLiteral("none");        // as in RequestTool.h
    QString body;
    QString basicAuth; // "user:{{secret:NAME}}"; empty: none
    std::vector<CurlSecret> secrets;
    QStringList notes; // options that were left out, and why
    // The config of a "request" tool. "{name}" and "{{name}}" in the URL become parameters.
    QJsonObject toConfig() const;
    // "get_users": from method and path, for the tool's name.
    QString suggestedName() const;
    bool operator==(const CurlCommand &) const = default;
};

// Understands sh quoting (', ", $'...', \ at line ends), cmd.exe's ^ and PowerShell's ` at line ends. Errors: InvalidInput, with what
// cannot be used: no curl command, no URL, open quote, substitutions such as $(...), several commands.
Result<CurlCommand> parseCurlCommand(const QString &text);
// Whether a text begins like one, for a field where anything may be pasted.
bool looksLikeCurlCommand(const QString &text);

} // namespace lathe
