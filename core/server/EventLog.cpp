// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/EventLog.h"

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype joinedMax = 4096; // characters

qint64 jsonBytes(const QJsonValue &value)
{
    qint64 bytes = 16;
    if (value.isString())
        bytes += 2 * value.toString().size();
    else if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            bytes += jsonBytes(item);
    } else if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            bytes += 2 * it.key().size() + jsonBytes(it.value());
    }
    return bytes;
}
} // namespace

qint64 eventBytes(const RunEvent &event)
{
    return qint64(sizeof(RunEvent)) + 2 * (event.step.size() + event.name.size() + event.text.size()) + jsonBytes(event.attributes);
}

void EventLog::append(const RunEvent &event)
{
    if (event.kind == RunEventKind::StepDelta && !m_entries.empty()) {
        Entry &last = m_entries.back();
        RunEvent &before = last.event;
        if (before.kind == RunEventKind::StepDelta && before.step == event.step && before.channel == event.channel && !before.text.isEmpty()
            && !event.text.isEmpty() && before.text.size() + event.text.size() <= joinedMax) {
            if (last.ends.empty())
                last.ends.push_back(qint32(before.text.size()));
            before.text += event.text;
            last.ends.push_back(qint32(before.text.size()));
            last.bytes += 2 * event.text.size() + 4;
            m_bytes += 2 * event.text.size() + 4;
            ++m_end;
            return;
        }
    }
    Entry entry;
    entry.first = m_end++;
    entry.event = event;
    entry.bytes = eventBytes(event);
    m_bytes += entry.bytes;
    m_entries.push_back(std::move(entry));
    while (m_bytes > m_maxBytes && !m_entries.empty()) {
        m_bytes -= m_entries.front().bytes;
        m_begin = m_entries.front().first + m_entries.front().count();
        m_entries.pop_front();
    }
}

EventLog::Piece EventLog::read(qint64 from, qint64 maxBytes) const
{
    Piece piece;
    piece.next = from;
    auto it = std::partition_point(m_entries.begin(), m_entries.end(),
                                   [from](const Entry &entry) { return entry.first + entry.count() <= from; });
    for (qint64 bytes = 0; it != m_entries.end() && bytes < maxBytes; ++it) {
        RunEvent event = it->event;
        if (from > it->first) // has the beginning of the joined piece
            event.text = event.text.mid(it->ends[size_t(from - it->first - 1)]);
        bytes += it->bytes;
        piece.next = from = it->first + it->count();
        piece.events.push_back(std::move(event));
    }
    return piece;
}

} // namespace lathe
