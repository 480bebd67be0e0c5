// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/Commands.h"

// What the commands that execute runs share.
namespace lathe::cli {

// --yes, --answer, --attended, --events.
void prepareRequest(const CommandLine &line, Session *session, RunRequest *request);
// Waits for the end of the run, prints its result, and gives the exit code.
Task<int> finishRun(CommandLine line, Session *session, RunId run);

} // namespace lathe::cli
