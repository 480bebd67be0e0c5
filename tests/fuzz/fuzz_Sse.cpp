// SPDX-License-Identifier: GPL-3.0-or-later
// Event streams, cut anywhere: the pieces make no difference and memory stays bounded.
// fuzzed: core/http/SseParser.cpp
#include "core/http/SseParser.h"

#include <cstdint>
#include <cstdlib>

using namespace lathe;

namespace {
constexpr qint64 maxEvent = 4096;

void check(bool holds)
{
    if (!holds)
        std::abort();
}

struct Parsed {
    std::vector<SseEvent> events;
    bool failed = false;
    bool partial = false;
    Parsed(QByteArrayView bytes, qsizetype step)
    {
        SseParser parser(maxEvent);
        for (qsizetype at = 0; at < bytes.size() && !failed; at += step)
            failed = !parser.feed(bytes.sliced(at, std::min(step, bytes.size() - at)), events);
        partial = parser.hasPartialEvent();
    }
};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const QByteArrayView bytes(reinterpret_cast<const char *>(data + 1), qsizetype(size - 1));
    const Parsed whole(bytes, std::max<qsizetype>(bytes.size(), 1));
    const Parsed pieces(bytes, 1 + data[0] % 64);
    check(whole.failed == pieces.failed);
    if (!whole.failed)
        check(whole.partial == pieces.partial && whole.events.size() == pieces.events.size());
    for (size_t i = 0; i < std::min(whole.events.size(), pieces.events.size()); ++i) {
        const SseEvent &a = whole.events[i], &b = pieces.events[i];
        check(a.event == b.event && a.data == b.data && a.id == b.id && a.retryMs == b.retryMs);
        check(a.data.size() <= maxEvent && !a.id.contains('\n') && !a.event.contains('\n'));
        check(a.retryMs >= -1);
    }
    return 0;
}
