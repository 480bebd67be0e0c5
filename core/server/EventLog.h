// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/RunEvent.h"

#include <deque>

namespace lathe {

// The events of one run in order, numbered from 0, as far as they fit. Pieces of text that follow each other are kept and sent joined, each
// still counting by itself, so that a watcher that has some of them gets the rest.
class EventLog
{
public:
    explicit EventLog(qint64 maxBytes) : m_maxBytes(maxBytes) {}
    void append(const RunEvent &event);
    qint64 begin() const { return m_begin; } // the first that is still here
    qint64 end() const { return m_end; }
    bool has(qint64 from) const { return from >= m_begin && from <= m_end; }
    qint64 bytes() const { return m_bytes; }

    struct Piece {
        std::vector<RunEvent> events;
        qint64 next = 0; // the number after the last of them
    };
    // From a number that has() on, about maxBytes of text and at least one event, unless there is none.
    Piece read(qint64 from, qint64 maxBytes) const;

private:
    struct Entry {
        qint64 first = 0;
        qint64 bytes = 0;
        RunEvent event;
        std::vector<qint32> ends; // of a joined piece: where each of its events ended
        qint64 count() const { return ends.empty() ? 1 : qint64(ends.size()); }
    };
    std::deque<Entry> m_entries;
    qint64 m_maxBytes;
    qint64 m_bytes = 0;
    qint64 m_begin = 0;
    qint64 m_end = 0;
};

qint64 eventBytes(const RunEvent &event); // about what it takes in memory and on the wire

} // namespace lathe
