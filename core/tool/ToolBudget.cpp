// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/ToolBudget.h"

#include "core/base/Json.h"

namespace lathe {

namespace {
constexpr qint64 minuteUs = 60'000'000;

QString money(double dollars)
{
    return QString::number(dollars, 'f', dollars >= 0.1 ? 2 : 6);
}

Task<Result<void>> waitForTurn(std::shared_ptr<std::deque<qint64>> begun, int callsPerMinute, Clock *clock, CancelToken cancel)
{
    for (;;) {
        const qint64 now = clock->nowUs();
        while (!begun->empty() && begun->front() <= now - minuteUs)
            begun->pop_front();
        if (qsizetype(begun->size()) < callsPerMinute) {
            begun->push_back(now);
            co_return Result<void>();
        }
        const qint64 freeUs = (*begun)[begun->size() - size_t(callsPerMinute)] + minuteUs;
        const qint64 ms = std::max<qint64>((freeUs - now + 999) / 1000, 1);
        const auto slept = co_await clock->sleep(ms, cancel);
        if (!slept)
            co_return slept.error();
    }
}
} // namespace

std::optional<QString> ToolBudget::refusal(const QString &tool, const ToolLimits &limits, double costPerCallUsd) const
{
    if (limits.callsPerRun > 0 && m_calls >= limits.callsPerRun) {
        return QStringLiteral("The tool %1 has been called %2 times, which is its limit for this run. Answer with what you have.").arg(tool).arg(m_calls);
    }
    if (!mayRetry(limits, costPerCallUsd)) {
        return QStringLiteral("The tool %1 has cost $%2 in this run, and another call would exceed its limit of $%3. Answer with what you have.")
            .arg(tool)
            .arg(money(spent(0, costPerCallUsd)), money(limits.costUsd));
    }
    return std::nullopt;
}

bool ToolBudget::mayRetry(const ToolLimits &limits, double costPerCallUsd) const
{
    // A hair of tolerance: ten calls of 0.1 make 1.
    return limits.costUsd <= 0 || costPerCallUsd <= 0 || spent(1, costPerCallUsd) <= limits.costUsd * (1 + 1e-9);
}

Task<Result<void>> ToolBudget::turn(int callsPerMinute, Clock *clock, CancelToken cancel)
{
    return waitForTurn(m_begunUs, callsPerMinute, clock, std::move(cancel)); // no coroutine itself: the budget may go meanwhile
}

void ToolBudget::grant(Grant grant, bool inherited)
{
    Grant &known = inherited ? m_inherited : m_own;
    known = std::max(known, grant);
}

void ToolCache::remove(Entries::iterator entry)
{
    m_bytes -= entry->bytes;
    m_index.remove(entry->key);
    m_entries.erase(entry);
}

std::optional<ToolOutcome> ToolCache::find(const QByteArray &key, qint64 nowUs, qint64 *ageUs)
{
    const auto known = m_index.constFind(key);
    if (known == m_index.constEnd())
        return std::nullopt;
    const Entries::iterator entry = *known;
    if (entry->untilUs <= nowUs || entry->atUs > nowUs) {
        remove(entry);
        return std::nullopt;
    }
    m_entries.splice(m_entries.begin(), m_entries, entry);
    *ageUs = nowUs - entry->atUs;
    return entry->outcome;
}

void ToolCache::insert(const QByteArray &key, const ToolOutcome &outcome, qint64 nowUs, qint64 untilUs)
{
    if (const auto known = m_index.constFind(key); known != m_index.constEnd())
        remove(*known);
    const qint64 size = 2 * outcome.text.size() + json::compact(outcome.structured).size() + key.size() + 200;
    if (size > m_mostBytes / 4)
        return;
    m_entries.push_front(Entry{key, outcome, nowUs, untilUs, size});
    m_index.insert(key, m_entries.begin());
    m_bytes += size;
    while (m_bytes > m_mostBytes)
        remove(std::prev(m_entries.end()));
}

void ToolCache::clear()
{
    m_entries.clear();
    m_index.clear();
    m_bytes = 0;
}

} // namespace lathe
