// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/Commands.h"
#include "core/server/RunPublisher.h"

namespace lathe::cli {

// Lets others watch the session's runs; `where` is HOST:PORT or less.
Result<std::unique_ptr<RunPublisher>> publish(const CommandLine &line, Session *session, const QString &where);
// What --publish[=HOST:PORT] of `run` asks for, null without it: tells where to watch and, with --wait-for-watcher[=SECONDS], waits for somebody.
// Shared, so that it can come out of a coroutine.
Task<Result<std::shared_ptr<RunPublisher>>> beginPublishing(CommandLine line, Session *session, CancelToken interrupt);
// Gives watchers the rest. Null: nothing to do.
Task<> endPublishing(RunPublisher *publisher);

} // namespace lathe::cli
