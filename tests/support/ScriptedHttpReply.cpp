// SPDX-License-Identifier: GPL-3.0-or-later
// The factories and refinements of HttpReply.
#include "tests/support/ScriptedHttpServer.h"

namespace lathe::test {

HttpReply HttpReply::text(int status_, QByteArray body_, QByteArray type)
{
    HttpReply reply;
    reply.status = status_;
    reply.headers.emplace_back("Content-Type", std::move(type));
    reply.body = std::move(body_);
    return reply;
}

HttpReply HttpReply::json(QByteArray body_, int status_)
{
    return text(status_, std::move(body_), "application/json");
}

HttpReply HttpReply::chunks(QList<QByteArray> pieces_, int delayMs)
{
    HttpReply reply;
    reply.chunked = true;
    for (auto &piece : pieces_)
        reply.pieces.push_back({std::move(piece), delayMs});
    return reply;
}

HttpReply HttpReply::sse(QList<QByteArray> pieces_, int delayMs)
{
    return chunks(std::move(pieces_), delayMs).withHeader("Content-Type", "text/event-stream");
}

HttpReply HttpReply::redirect(QByteArray location, int status_)
{
    return text(status_, "moved").withHeader("Location", std::move(location));
}

HttpReply HttpReply::huge(qint64 bytes)
{
    HttpReply reply;
    reply.generated = bytes;
    return reply;
}

HttpReply HttpReply::rawBytes(QByteArray bytes)
{
    HttpReply reply;
    reply.raw = std::move(bytes);
    reply.ending = Ending::Close;
    return reply;
}

HttpReply HttpReply::garbageChunks()
{
    HttpReply reply = chunks({"some bytes"});
    reply.badChunkSizes = true;
    reply.ending = Ending::Close;
    return reply;
}

HttpReply HttpReply::stallAfterHead()
{
    return chunks({"never sent"}).cutAfterPieces(0, Ending::Stall);
}

HttpReply &&HttpReply::withHeader(QByteArray name, QByteArray value) &&
{
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
}

HttpReply &&HttpReply::slowHead(int delayMs, int perByteMs) &&
{
    headDelayMs = delayMs;
    headByteDelayMs = perByteMs;
    return std::move(*this);
}

HttpReply &&HttpReply::claimingLength(qint64 bytes) &&
{
    contentLength = bytes;
    return std::move(*this);
}

HttpReply &&HttpReply::cutAfterBytes(qint64 bytes, Ending how) &&
{
    cutBytes = bytes;
    ending = how;
    return std::move(*this);
}

HttpReply &&HttpReply::cutAfterPieces(int count, Ending how) &&
{
    cutPieces = count;
    ending = how;
    return std::move(*this);
}

HttpReply &&HttpReply::thenClose() &&
{
    ending = Ending::Close;
    return std::move(*this);
}

} // namespace lathe::test
