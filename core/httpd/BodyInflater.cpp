// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/httpd/BodyInflater.h"

namespace lathe {

namespace {
constexpr qint64 pieceBytes = 64 << 10;
constexpr qint64 freeBytes = 1 << 20; // small bodies may expand as they like
}

BodyInflater::BodyInflater(qint64 maxBytes, qint64 maxRatio) : m_maxBytes(maxBytes), m_maxRatio(maxRatio)
{
    m_ready = inflateInit2(&m_stream, 15 + 32) == Z_OK; // 32: gzip or zlib, as the header says
}

BodyInflater::~BodyInflater()
{
    if (m_ready)
        inflateEnd(&m_stream);
}

BodyInflater::Status BodyInflater::fail(Status status)
{
    m_failed = true;
    m_status = status;
    return status;
}

BodyInflater::Status BodyInflater::add(const char *data, size_t size, QByteArray *out)
{
    if (m_failed)
        return m_status;
    if (!m_ready)
        return fail(Status::Damaged);
    m_in += qint64(size);
    m_stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(data));
    m_stream.avail_in = uInt(size);
    char piece[pieceBytes];
    bool full = false; // the last call filled the piece: there may be more to come out
    while (m_stream.avail_in > 0 || full) {
        if (m_ended) {
            if (m_stream.avail_in == 0)
                break;
            if (inflateReset(&m_stream) != Z_OK)
                return fail(Status::Damaged);
            m_ended = false;
        }
        m_stream.next_out = reinterpret_cast<Bytef *>(piece);
        m_stream.avail_out = uInt(pieceBytes);
        const int code = inflate(&m_stream, Z_NO_FLUSH);
        const qint64 got = pieceBytes - qint64(m_stream.avail_out);
        if (out->size() + got > m_maxBytes)
            return fail(Status::TooLarge);
        if (out->size() + got > freeBytes + m_in * m_maxRatio)
            return fail(Status::Bomb);
        out->append(piece, got);
        full = m_stream.avail_out == 0;
        if (code == Z_STREAM_END)
            m_ended = true;
        else if (code == Z_BUF_ERROR && m_stream.avail_in == 0)
            break; // wants more input
        else if (code != Z_OK)
            return fail(Status::Damaged);
    }
    return Status::Ok;
}

} // namespace lathe
