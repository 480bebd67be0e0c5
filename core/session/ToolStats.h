// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/project/Project.h"

namespace lathe {

// How one function of one revision of a tool was used.
struct ToolUsage {
    QString artifact; // name of the tool artifact; empty: none of the project (an imported trace, a renamed one)
    QString function; // of a set; empty: it has only one
    QString tool;     // as models name it: what `tool:NAME` in the run log finds
    int revision = -1; // number; 0: the draft; -1: not known
    int calls = 0;
    int failed = 0;
    int refused = 0;          // in all, of them:
    int invalidArguments = 0;
    QMap<QString, int> errors;   // of the failed: error kind ("timeout", "unreachable"...), "tool": the tool itself said so
    QMap<QString, int> refusals; // by code: "denied", "limit", "invalid_arguments", "host", "path", "changed", "unknown_tool", ...
    qint64 p50Us = -1, p95Us = -1; // of those that ran, without waiting for a person; -1: none did
    RunId lastRun;
    qint64 lastUs = 0;
    ToolUsage() = default;
};

struct ToolUsageQuery {
    QString artifact; // name; empty: all tools
    qint64 sinceUs = 0; // runs that began since then
    bool byRevision = true; // else all revisions together (revision -1)
    ToolUsageQuery() = default;
};

// Most called first. Main thread; reads on the reader thread. `project` must outlive the task.
Task<Result<std::vector<ToolUsage>>> toolUsage(Project *project, ToolUsageQuery query, CancelToken cancel);

} // namespace lathe
