// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/tool/Tool.h"

#include <QHash>

#include <deque>
#include <list>

namespace lathe {

// What a tool has used up of what it may within one run: calls, money, calls of this minute, and what a person allowed for all of the run.
// One per gate, or shared by gates of the same tool. Main thread.
class ToolBudget
{
public:
    int calls() const { return m_calls; }
    // Nothing, or a sentence for the model that says which bound is reached. 0 in the limits: unbounded.
    std::optional<QString> refusal(const QString &tool, const ToolLimits &limits, double costPerCallUsd) const;
    // A call is let in: counted before anybody is asked and before it runs, so that calls made at once cannot slip past together. Calls of
    // a replay, and such that a person then denies, count as well: the count is the same whenever the run is executed again.
    void admit() { ++m_calls; }
    // A call is tried again: it costs as much as the first time, but is no other call. Those of a recorded call are counted when it is told.
    void countRetries(int retries) { m_retries += retries; }
    // Whether the money is enough for another try.
    bool mayRetry(const ToolLimits &limits, double costPerCallUsd) const;
    // Waits until another call is within so many a minute. Cancelled when cancelled.
    Task<Result<void>> turn(int callsPerMinute, Clock *clock, CancelToken cancel);

    // What a person has said of the tool in this run.
    enum class Grant {
        None,
        First,  // has approved a call
        ForRun, // has approved all calls to come
    };
    // `inherited`: said in the run that this one is a fork of. It answers for what was recorded there, and for nothing new.
    void grant(Grant grant, bool inherited);
    Grant granted(bool withInherited) const { return withInherited ? std::max(m_own, m_inherited) : m_own; }
    // One call at a time asks for the first approval; the others wait for the answer.
    const AsyncSemaphore &asking() const { return m_asking; }

private:
    double spent(int more, double costPerCallUsd) const { return (double(m_calls) + m_retries + more) * costPerCallUsd; }

    int m_calls = 0, m_retries = 0;
    Grant m_own = Grant::None, m_inherited = Grant::None;
    std::shared_ptr<std::deque<qint64>> m_begunUs = std::make_shared<std::deque<qint64>>(); // of the last minute, ascending; shared with waiting calls
    AsyncSemaphore m_asking{1};
};

// Outcomes of reads that may be given again for a while (ToolPolicy::cacheSeconds). Shared by the gates of a program; holds a bounded number
// of bytes, the ones used last. Main thread.
class ToolCache
{
public:
    explicit ToolCache(qint64 mostBytes = 32 * 1024 * 1024) : m_mostBytes(mostBytes) {}
    // How long ago it was put in goes to `ageUs`.
    std::optional<ToolOutcome> find(const QByteArray &key, qint64 nowUs, qint64 *ageUs);
    void insert(const QByteArray &key, const ToolOutcome &outcome, qint64 nowUs, qint64 untilUs);
    void clear();
    qint64 bytes() const { return m_bytes; }

private:
    struct Entry {
        QByteArray key;
        ToolOutcome outcome;
        qint64 atUs, untilUs, bytes;
    };
    using Entries = std::list<Entry>;
    void remove(Entries::iterator entry);
    Entries m_entries; // used last at the front
    QHash<QByteArray, Entries::iterator> m_index;
    qint64 m_bytes = 0;
    qint64 m_mostBytes;
};

} // namespace lathe
