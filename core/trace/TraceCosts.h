// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/CriticalPath.h"

namespace lathe {

// Where time, tokens and money of a run went. Times in microseconds. Parallel steps each count, so the sum of own times can be more than
// the clock on the wall showed; `pathUs` (own time on the critical path) sums to the run's duration.
struct CostRow {
    QString key;      // "model", "gpt-5", "sql", "triage", "retry"
    int steps = 0;
    int failed = 0;   // failed, cancelled or interrupted
    int retries = 0, fallbacks = 0;
    qint64 ownUs = 0;   // time in the steps themselves, without that of their children and without waits
    qint64 waitUs = 0;  // of these steps: waits for retries, rate limits and people, and attempts in vain
    qint64 totalUs = 0; // with children; a step inside another of the same row counts once
    qint64 pathUs = 0;
    Usage own;        // tokens and money of the steps themselves (of an agent: of its own model calls, without those of agents it called)
    Usage total;      // with what is below
    double share = 0; // 0-1. byKind, byModel, byAgent: of the run's money when any is known, else of its tokens, else as the others: of
                      // all own and waiting time
};

// Why a run stood still or did things again.
enum class WaitKind { Retry, RateLimit, Approval, Question, LostWork };
// "retry" (back-off), "rate_limit" (429 or the provider said when), "approval", "question", "lost_work" (attempts that failed or streamed in vain)
QString waitKindName(WaitKind kind);

struct CostWait {
    WaitKind kind = WaitKind::Retry;
    int step = -1;
    qint64 fromUs = 0;
    qint64 toUs = 0;
    QString reason; // as noted
};

struct TraceCosts {
    CostRow run;                  // key: agent's name; totalUs = duration of the run
    std::vector<CostRow> byKind;  // key: stepKindName; all kinds that occur
    std::vector<CostRow> byModel; // key: gen_ai.response.model, else requested one
    std::vector<CostRow> byTool;
    std::vector<CostRow> byAgent; // own: what was done in its name; total: with the agents it called
    std::vector<CostRow> byWait;  // key: waitKindName; steps: how often, ownUs: how long
    std::vector<CostWait> waits;  // in order of time
    int retries = 0, fallbacks = 0, approvals = 0;
    // Each list: largest share first.
};

TraceCosts traceCosts(const Trace &trace);
TraceCosts traceCosts(const Trace &trace, const TraceTimes &times, const CriticalPath &path);

} // namespace lathe
