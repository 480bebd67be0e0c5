// SPDX-License-Identifier: GPL-3.0-or-later
// import: runs that other programs recorded.
#include "app/cli/Commands.h"

#include "app/cli/Output.h"
#include "core/session/TraceImport.h"

namespace lathe::cli {

// One report a file; a file that cannot be used does not keep the others from being read.
Task<int> commandImport(CommandLine line, Session *session, CancelToken interrupt)
{
    TraceImport import(session);
    int code = ExitOk;
    for (qsizetype i = 1; i < line.arguments.size(); ++i) {
        const auto report = co_await import.importFile(line.arguments[i], TraceImport::Progress(), interrupt);
        if (!report) {
            code = fail(report.error());
            if (report.error().kind == ErrorKind::ProjectFile)
                break;
            continue;
        }
        if (line.has(QStringLiteral("json")))
            printJson(report->toJson());
        else
            printLine(report->toText().trimmed());
        if (report->cancelled) {
            code = ExitCancelled;
            break;
        }
    }
    co_return code;
}

} // namespace lathe::cli
