// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QHash>
#include <QStringList>

namespace lathe::cli {

enum ExitCode { ExitOk = 0, ExitFailed = 1, ExitUsage = 2, ExitProject = 3, ExitUnreachable = 4, ExitCancelled = 130 };
ExitCode exitCodeFor(const Error &error);

// What was typed: a command, its positional arguments and options. Options may stand anywhere; "--" ends them.
struct CommandLine {
    QString command;
    QStringList arguments;
    QHash<QString, QStringList> options; // long names without dashes; flags have an empty list entry
    bool has(const QString &name) const { return options.contains(name); }
    QString value(const QString &name, const QString &fallback = QString()) const;
    // Error: unknown command or option, missing value, wrong number of arguments; the message says what to type.
    static Result<CommandLine> parse(const QStringList &words);
};

QString usageText();
QString usageText(const QString &command);

} // namespace lathe::cli
