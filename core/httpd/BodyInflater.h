// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <zlib.h>

namespace lathe {

// Expands a gzip or zlib body as it comes, never further than allowed. Any one thread.
class BodyInflater
{
public:
    enum class Status { Ok, TooLarge, Bomb, Damaged };

    // `maxBytes`: of what comes out; `maxRatio`: it may be so many times what went in, plus 1 MB.
    BodyInflater(qint64 maxBytes, qint64 maxRatio);
    ~BodyInflater();
    Q_DISABLE_COPY_MOVE(BodyInflater)

    // Appends to `out`. After anything but Ok nothing more is expanded.
    Status add(const char *data, size_t size, QByteArray *out);
    // The stream came to its end.
    bool isComplete() const { return m_ended && !m_failed; }

private:
    Status fail(Status status);
    z_stream m_stream = {};
    qint64 m_maxBytes, m_maxRatio;
    qint64 m_in = 0;
    bool m_ready = false;
    bool m_ended = false; // a member (gzip files may be several joined)
    bool m_failed = false;
    Status m_status = Status::Ok;
};

} // namespace lathe
