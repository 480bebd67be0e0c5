// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/httpd/HttpServer.h"

#include <QTcpSocket>

#include <zlib.h>

namespace lathe::test {

// gzip (windowBits 31) or zlib (15) of some bytes.
inline QByteArray compressed(const QByteArray &bytes, int windowBits = 31)
{
    z_stream stream = {};
    deflateInit2(&stream, 9, Z_DEFLATED, windowBits, 9, Z_DEFAULT_STRATEGY);
    QByteArray out(qsizetype(deflateBound(&stream, uLong(bytes.size()))) + 64, Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.constData()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = uInt(out.size());
    deflate(&stream, Z_FINISH);
    out.truncate(qsizetype(stream.total_out));
    deflateEnd(&stream);
    return out;
}

inline QByteArray inChunks(const QByteArray &body, qsizetype size = 1000)
{
    QByteArray out;
    for (qsizetype i = 0; i < body.size(); i += size) {
        const QByteArray piece = body.mid(i, size);
        out += QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n";
    }
    return out + "0\r\n\r\n";
}

struct HttpReplySeen {
    int status = 0; // 0: the connection was closed without an answer
    QByteArray head, body;
    QByteArray header(const QByteArray &name) const
    {
        for (const QByteArray &line : head.split('\n')) {
            if (line.toLower().startsWith(name.toLower() + ':'))
                return line.mid(name.size() + 1).trimmed();
        }
        return QByteArray();
    }
};

// A client that writes the bytes it is told to. Blocking: the server must answer on a thread of its own.
class RawClient
{
public:
    explicit RawClient(quint16 port)
    {
        m_socket.connectToHost(QStringLiteral("127.0.0.1"), port);
        m_socket.waitForConnected(5000);
    }
    void write(const QByteArray &bytes)
    {
        m_socket.write(bytes);
        while (m_socket.bytesToWrite() > 0 && m_socket.state() == QAbstractSocket::ConnectedState && m_socket.waitForBytesWritten(5000)) {
        }
    }
    // The next answer on this connection.
    HttpReplySeen read(int timeoutMs = 20'000)
    {
        HttpReplySeen reply;
        qsizetype end = -1;
        qint64 length = -1;
        for (;;) {
            m_in += m_socket.readAll();
            if (end < 0 && (end = m_in.indexOf("\r\n\r\n")) >= 0) {
                reply.head = m_in.left(end);
                reply.status = reply.head.mid(9, 3).toInt();
                length = reply.header("Content-Length").toLongLong();
                m_in.remove(0, end + 4);
                if (reply.status == 100) { // go on, it says
                    end = -1;
                    continue;
                }
            }
            if (end >= 0 && m_in.size() >= length) {
                reply.body = m_in.left(length);
                m_in.remove(0, length);
                return reply;
            }
            if (!m_socket.waitForReadyRead(timeoutMs) && m_socket.bytesAvailable() == 0)
                return reply;
        }
    }
    HttpReplySeen ask(const QByteArray &bytes)
    {
        write(bytes);
        return read();
    }
    // The server has closed it (waits for that).
    bool isClosed(int timeoutMs = 20'000)
    {
        while (m_socket.state() != QAbstractSocket::UnconnectedState) {
            if (!m_socket.waitForReadyRead(timeoutMs) && m_socket.state() == QAbstractSocket::ConnectedState)
                return false;
            m_socket.readAll();
        }
        return true;
    }
    void cut() { m_socket.abort(); }

private:
    QTcpSocket m_socket;
    QByteArray m_in;
};

inline QByteArray post(const QByteArray &body, const QByteArray &headers = {}, const QByteArray &type = "application/json",
                       const QByteArray &path = "/v1/traces", const QByteArray &host = "127.0.0.1")
{
    QByteArray text = "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: " + type + "\r\n" + headers;
    if (!headers.toLower().contains("transfer-encoding") && !headers.toLower().contains("content-length"))
        text += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

} // namespace lathe::test
