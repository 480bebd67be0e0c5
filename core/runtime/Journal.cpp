// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/Journal.h"

namespace lathe {

bool isStopped(const JournalEntry &entry)
{
    const QJsonValue error = entry.outcome.value(QStringLiteral("error"));
    const auto kind = errorKindFromName(error[QLatin1String("type")].toString());
    return error.isObject() && (kind == ErrorKind::Cancelled || kind == ErrorKind::LimitReached);
}

void MemoryJournal::add(JournalEntry entry)
{
    const QString step = entry.step;
    m_entries.insert(step, std::move(entry));
}

void MemoryJournal::addTimes(const QString &step, StepTimes times)
{
    m_times.insert(step, times);
}

const JournalEntry *MemoryJournal::find(const QString &step) const
{
    const auto found = m_entries.constFind(step);
    return found == m_entries.constEnd() ? nullptr : &*found;
}

std::optional<StepTimes> MemoryJournal::times(const QString &step) const
{
    const auto found = m_times.constFind(step);
    return found == m_times.constEnd() ? std::nullopt : std::optional<StepTimes>(*found);
}

Task<Result<void>> MemoryJournal::begin(JournalEntry entry)
{
    m_written.push_back(std::move(entry));
    co_return Result<void>();
}

Task<Result<void>> MemoryJournal::finish(JournalEntry entry)
{
    if (!entry.outcomeText.isEmpty())
        entry.outcome = json::parseObject(std::exchange(entry.outcomeText, {})).valueOr({});
    m_written.push_back(std::move(entry));
    co_return Result<void>();
}

} // namespace lathe
