// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/CommandLine.h"
#include "core/session/Session.h"

namespace lathe::cli {

// Executes the command and gives the exit code. Ctrl+C fires `interrupt`.
Task<int> execute(CommandLine line, CancelToken interrupt);

// One coroutine per command; each prints its result and its errors.
Task<int> commandNew(CommandLine line);
Task<int> commandLs(CommandLine line, Session *session);
Task<int> commandShow(CommandLine line, Session *session);
Task<int> commandRun(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandBatch(CommandLine line, Session *session, CancelToken interrupt); // run --inputs
Task<int> commandServe(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandResume(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandFork(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandEval(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandEvalConfig(CommandLine line, CancelToken interrupt); // eval --config
Task<int> commandLog(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandTrace(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandReplay(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandForks(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandPin(CommandLine line, Session *session); // and unpin
Task<int> commandTest(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandRate(CommandLine line, Session *session);
Task<int> commandExportRuns(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandImport(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandMcp(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandTools(CommandLine line, Session *session);
Task<int> commandTool(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandMcpAdd(CommandLine line, Session *session, CancelToken interrupt);
Task<int> commandDoctor(CommandLine line, Session *session);

int fail(const Error &error); // prints it and gives its exit code
Result<RunId> parseRunId(const QString &text, const Session &session); // a number, or "last"

} // namespace lathe::cli
