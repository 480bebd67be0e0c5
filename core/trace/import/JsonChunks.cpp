// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/import/JsonChunks.h"

#include <algorithm>

namespace lathe {

namespace {
bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
constexpr qsizetype compactAt = 4 << 20; // bytes handed out that are worth moving the rest
}

void JsonChunks::drop(qsizetype bytes)
{
    m_line += std::count(m_buffer.begin() + m_start, m_buffer.begin() + m_start + bytes, '\n');
    m_start += bytes;
    m_scanned = m_start;
    if (m_start > compactAt) {
        m_buffer.remove(0, m_start);
        m_scanned = m_start = 0;
    }
}

// By the first line: an array, a whole value (lines), or the begin of a value that spans lines.
void JsonChunks::chooseMode()
{
    qsizetype at = m_start;
    if (m_start == 0 && m_buffer.startsWith("\xef\xbb\xbf")) { // a byte order mark
        drop(3);
        at = m_start;
    }
    while (at < m_buffer.size() && isSpace(m_buffer[at]))
        ++at;
    if (at == m_buffer.size())
        return;
    drop(at - m_start);
    if (m_buffer[m_start] == '[') {
        m_mode = Mode::Array;
        drop(1);
        return;
    }
    const qsizetype end = m_buffer.indexOf('\n', m_start);
    if (end < 0) {
        if (m_over)
            m_mode = Mode::Values;
        else if (m_buffer.size() - m_start > m_chunkMax)
            m_mode = Mode::Lines;
        return;
    }
    int depth = 0;
    bool inString = false, escaped = false;
    for (qsizetype i = m_start; i < end; ++i) {
        const char c = m_buffer[i];
        if (inString) {
            if (escaped)
                escaped = false;
            else if (c == '\\')
                escaped = true;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    if (depth <= 0 && !inString) {
        m_mode = Mode::Lines;
        return;
    }
    // Not whole: a broken first line of many, or the first of a value over several? The latter goes on with a member, or after , : [ {.
    qsizetype next = end;
    while (next < m_buffer.size() && isSpace(m_buffer[next]))
        ++next;
    if (next == m_buffer.size() && !m_over)
        return;
    qsizetype last = end - 1;
    while (last > m_start && isSpace(m_buffer[last]))
        --last;
    const bool goesOn = QByteArrayView(",:[{").contains(m_buffer[last]) && !inString;
    m_mode = !goesOn && next < m_buffer.size() && m_buffer[next] == '{' ? Mode::Lines : Mode::Values;
}

std::optional<JsonChunks::Chunk> JsonChunks::next()
{
    if (m_mode == Mode::Unknown)
        chooseMode();
    if (m_mode == Mode::Unknown)
        return std::nullopt;
    return m_mode == Mode::Lines ? nextLine() : nextValue();
}

std::optional<JsonChunks::Chunk> JsonChunks::nextLine()
{
    for (;;) {
        m_scanned = std::max(m_scanned, m_start);
        qsizetype end = m_buffer.indexOf('\n', m_scanned);
        if (end < 0) {
            if (m_skipping) { // only its end matters
                drop(m_buffer.size() - m_start);
                return std::nullopt;
            }
            if (!m_over) {
                m_scanned = m_buffer.size();
                if (m_buffer.size() - m_start <= m_chunkMax)
                    return std::nullopt;
                Chunk chunk{m_buffer.mid(m_start, 1000), m_line, true};
                drop(m_buffer.size() - m_start);
                m_skipping = true;
                return chunk;
            }
            end = m_buffer.size();
            if (m_start >= end)
                return std::nullopt;
        }
        if (std::exchange(m_skipping, false)) {
            drop(std::min(end + 1, m_buffer.size()) - m_start);
            continue;
        }
        Chunk chunk{m_buffer.mid(m_start, end - m_start).trimmed(), m_line, false};
        drop(std::min(end + 1, m_buffer.size()) - m_start);
        if (!chunk.bytes.isEmpty())
            return chunk;
    }
}

std::optional<JsonChunks::Chunk> JsonChunks::nextValue()
{
    if (m_depth == 0 && !m_inString && m_scanned == m_start) { // between values
        qsizetype at = m_start;
        while (at < m_buffer.size() && (isSpace(m_buffer[at]) || m_buffer[at] == ',' || m_buffer[at] == ']' || m_buffer[at] == '}'))
            ++at;
        drop(at - m_start);
    }
    for (qsizetype i = m_scanned; i < m_buffer.size(); ++i) {
        const char c = m_buffer[i];
        bool ends = false;
        if (m_inString) {
            if (m_escaped)
                m_escaped = false;
            else if (c == '\\')
                m_escaped = true;
            else if (c == '"')
                ends = !(m_inString = false) && m_depth == 0;
        } else if (c == '"') {
            m_inString = true;
        } else if (c == '{' || c == '[') {
            ++m_depth;
        } else if (c == '}' || c == ']') {
            ends = --m_depth <= 0;
        } else if (m_depth == 0 && (c == ',' || isSpace(c))) { // behind a number or word
            ends = true;
        }
        if (ends) {
            m_depth = 0;
            Chunk chunk{m_buffer.mid(m_start, i + 1 - m_start), m_line, false};
            if ((c == ',' || c == ']') && chunk.bytes[0] != '[') // what follows a number or word
                chunk.bytes.chop(1);
            drop(i + 1 - m_start);
            if (std::exchange(m_skipping, false))
                return nextValue();
            return chunk;
        }
    }
    m_scanned = m_buffer.size();
    if (m_skipping) {
        drop(m_buffer.size() - m_start);
        return std::nullopt;
    }
    const bool tooLong = m_buffer.size() - m_start > m_chunkMax;
    if (m_start < m_buffer.size() && (m_over || tooLong)) {
        Chunk chunk{m_over && !tooLong ? m_buffer.mid(m_start) : m_buffer.mid(m_start, 1000), m_line, m_depth > 0 || m_inString || tooLong};
        drop(m_buffer.size() - m_start);
        m_skipping = !m_over;
        return chunk;
    }
    return std::nullopt;
}

} // namespace lathe
