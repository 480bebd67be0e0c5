// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTypes.h"

namespace lathe {

// Incremental parser of text/event-stream (WHATWG HTML, 9.2.6): LF, CRLF and CR line ends, a BOM, comments, multi-line
// data, pieces cut anywhere. An event without data is dropped, as the standard says. Any thread, one at a time.
class SseParser
{
public:
    // `maxEventBytes`: a longer event makes feed() fail (ErrorKind::Protocol).
    explicit SseParser(qint64 maxEventBytes = 16 * 1024 * 1024);
    // Parses one piece; complete events are appended to `out`.
    Result<void> feed(QByteArrayView piece, std::vector<SseEvent> &out);
    // At the end of the stream: true when an unfinished event (no blank line after it) was left.
    bool hasPartialEvent() const;

private:
    void line(QByteArrayView text, std::vector<SseEvent> &out);
    qint64 m_maxEventBytes;
    QByteArray m_buffer;
    SseEvent m_event;
    bool m_hasData = false;
    qint64 m_retryMs = -1;
    bool m_lastWasCr = false;
    bool m_start = true;
    bool m_tooLong = false; // feed() fails from then on
};

} // namespace lathe
