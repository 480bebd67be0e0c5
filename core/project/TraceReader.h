// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

class Database;

// A part of a trace without bodies, so that a run of 100,000 steps is shown before any of its texts is read. A `Step` here has: path,
// parent, kind, begun, name, status, times; of `attributes` only gen_ai.request.model or lathe.model (model steps), gen_ai.tool.name,
// gen_ai.usage.input_tokens and output_tokens and lathe.cost_usd, so that Step::usage() is right but for cached tokens; its `notes` have
// time and name, no attributes; its `error` has its kind and no message. `children` is empty: parents come before their children (a
// parent may be missing while the run is under way).
struct TraceOutline {
    enum Body : quint8 { HasText = 1, HasReasoning = 2, HasToolArguments = 4 };
    std::vector<Step> steps;      // by position
    std::vector<quint8> bodies;   // of each: which texts RunRepository::step() will give
    int next = -1;                // from where the next part begins, -1: this was the last
    int total = 0;                // one above the highest position in the file
    TraceOutline() = default;
};

// For works on a reader; an interrupted connection ends them.
Result<TraceOutline> readOutline(Database &db, RunId run, int from, int count);
Result<Step> readStep(Database &db, RunId run, const QString &path);
Result<QStringList> findStepsWith(Database &db, RunId run, const QString &words, int limit);

} // namespace lathe
