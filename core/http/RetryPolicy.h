// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/http/HttpTypes.h"

#include <optional>

namespace lathe {

// When and after how long to try a request again: exponential back-off with jitter, honouring Retry-After.
struct RetryPolicy {
    int maxAttempts = 4;        // including the first
    qint64 baseDelayMs = 500;
    qint64 maxDelayMs = 30'000;
    qint64 maxRetryAfterMs = 120'000; // a longer Retry-After is not waited for

    // Whether an answer or failure is worth another try: 408, 409, 425, 429, 5xx but 501, connection lost, time-out.
    static bool isRetryable(const Error &error);
    // Delay before attempt number `attempt` (2 = first retry), nullopt when it should not be made. `random` in [0,1).
    std::optional<qint64> delayMs(int attempt, const Error &error, double random) const;
};

// Retry-After as milliseconds: seconds, an HTTP date (relative to nowUs), or retry-after-ms; -1 when absent or bad.
qint64 parseRetryAfter(const HttpHeaders &headers, qint64 nowUs);

} // namespace lathe
