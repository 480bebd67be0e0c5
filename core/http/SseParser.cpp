// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/SseParser.h"

#include <algorithm>
#include <cstring>

namespace lathe {

SseParser::SseParser(qint64 maxEventBytes) : m_maxEventBytes(maxEventBytes) {}

// m_buffer holds the beginning of a line whose end has not come. Whole lines inside a piece are parsed in place.
Result<void> SseParser::feed(QByteArrayView piece, std::vector<SseEvent> &out)
{
    const char *at = piece.data();
    const char *const end = at + piece.size();
    const auto find = [end](char wanted, const char *from) {
        const void *found = std::memchr(from, wanted, size_t(end - from));
        return found ? static_cast<const char *>(found) : end;
    };
    const char *newline = at < end ? find('\n', at) : end;
    const char *carriageReturn = at < end ? find('\r', at) : end;
    while (at < end && !m_tooLong) {
        if (std::exchange(m_lastWasCr, false) && *at == '\n') {
            ++at;
            continue;
        }
        // The end of the line is at the first \n or \r. Neither is looked for twice, however short the lines are.
        if (newline < at)
            newline = find('\n', at);
        if (carriageReturn < at)
            carriageReturn = find('\r', at);
        const char *const stop = std::min(newline, carriageReturn);
        const QByteArrayView text(at, stop - at);
        if (m_buffer.size() + text.size() + m_event.data.size() + m_event.event.size()
            > m_maxEventBytes) {
            m_tooLong = true;
            break;
        }
        if (stop == end) {
            m_buffer.append(text);
            break;
        }
        m_lastWasCr = *stop == '\r';
        if (m_buffer.isEmpty()) {
            line(text, out);
        } else {
            m_buffer.append(text);
            line(m_buffer, out);
            m_buffer.clear();
        }
        at = stop + 1;
    }
    if (!m_tooLong)
        return {};
    m_buffer.clear();
    m_event = SseEvent();
    return Error(ErrorKind::Protocol,
                 QStringLiteral("The event stream holds an event longer than %1 bytes.")
                     .arg(m_maxEventBytes));
}

void SseParser::line(QByteArrayView text, std::vector<SseEvent> &out)
{
    if (std::exchange(m_start, false) && text.startsWith("\xEF\xBB\xBF"))
        text = text.sliced(3);
    if (text.isEmpty()) {
        if (m_hasData) {
            m_event.data.chop(1); // the line end that the last data line added
            out.push_back(SseEvent{std::move(m_event.event), std::move(m_event.data), m_event.id, std::exchange(m_retryMs, -1)});
        }
        // The id stays in force for the events that follow.
        m_event.event = QByteArray();
        m_event.data = QByteArray();
        m_hasData = false;
        return;
    }
    const qsizetype colon = text.indexOf(':');
    if (colon == 0)
        return; // a comment
    const QByteArrayView name = colon < 0 ? text : text.first(colon);
    QByteArrayView value = colon < 0 ? QByteArrayView() : text.sliced(colon + 1);
    if (value.startsWith(' '))
        value = value.sliced(1);
    if (name == "data") {
        if (!m_hasData)
            m_event.data.reserve(value.size()
                                 + 1); // one allocation for the usual event of one line
        m_event.data.append(value);
        m_event.data.append('\n');
        m_hasData = true;
    } else if (name == "event") {
        m_event.event = value == "message" ? QByteArray() : value.toByteArray();
    } else if (name == "id" && !value.contains('\0')) {
        m_event.id = value.toByteArray();
    } else if (name == "retry") {
        const bool digits = !value.isEmpty() && value.size() <= 15 && std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (digits)
            m_retryMs = value.toByteArray().toLongLong();
    }
}

bool SseParser::hasPartialEvent() const
{
    return m_hasData || !m_buffer.isEmpty();
}

} // namespace lathe
