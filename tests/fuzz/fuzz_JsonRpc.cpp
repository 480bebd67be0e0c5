// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of a stdio server, cut anywhere: the pieces make no difference, memory stays bounded, and what was understood can be said again.
// fuzzed: core/mcp/JsonRpc.cpp
#include "core/mcp/JsonRpc.h"

#include <cstdint>
#include <cstdlib>

using namespace lathe;

namespace {
constexpr qint64 maxLine = 4096;

void check(bool holds)
{
    if (!holds)
        std::abort();
}

// All lines of `bytes`, fed in pieces of at most `step` bytes.
struct Framed {
    std::vector<QByteArray> lines;
    bool failed = false;
    QByteArray rest;
    Framed(QByteArrayView bytes, qsizetype step)
    {
        JsonRpcFramer framer(maxLine);
        for (qsizetype at = 0; at < bytes.size() && !failed; at += step)
            failed = !framer.feed(bytes.sliced(at, std::min(step, bytes.size() - at)), lines);
        rest = framer.takeRest();
    }
};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const QByteArrayView bytes(reinterpret_cast<const char *>(data + 1), qsizetype(size - 1));
    const Framed whole(bytes, std::max<qsizetype>(bytes.size(), 1));
    const Framed pieces(bytes, 1 + data[0] % 64);
    check(whole.lines == pieces.lines && whole.failed == pieces.failed && whole.rest == pieces.rest);
    for (const QByteArray &line : whole.lines) {
        check(line.size() <= maxLine && !line.contains('\n') && !line.trimmed().isEmpty());
        const auto message = JsonRpcMessage::parse(line, maxLine);
        if (!message) {
            check(message.error().kind == ErrorKind::Protocol && !message.error().message.isEmpty());
            continue;
        }
        check(message->kind == JsonRpcMessage::Kind::Answer ? message->method.isEmpty() : !message->method.isEmpty());
        const QByteArray text = message->toText();
        check(!text.contains('\n'));
        const auto again = JsonRpcMessage::parse(text);
        check(again.ok() && again->toText() == text);
        jsonRpcIdKey(message->id);
    }
    return 0;
}
