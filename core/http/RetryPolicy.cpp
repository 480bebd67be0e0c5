// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/RetryPolicy.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace lathe {

namespace {
// A plain decimal number ("1.5"; no sign, no exponent), times `scale`; -1 when it is none. Bounded to a year.
qint64 scaled(const QByteArray &text, double scale)
{
    const auto plain = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
    if (text.isEmpty() || !std::all_of(text.begin(), text.end(), plain))
        return -1;
    constexpr double year = 365.0 * 86'400'000.0;
    if (text.size() > 20 && !text.contains('.'))
        return qint64(year);
    bool ok = false;
    const double number = text.toDouble(&ok);
    return ok ? qint64(std::min(std::ceil(number * scale), year)) : -1;
}
} // namespace

bool RetryPolicy::isRetryable(const Error &error)
{
    switch (error.kind) {
    case ErrorKind::Cancelled:
    case ErrorKind::Denied:
    case ErrorKind::Auth:
    case ErrorKind::
        LimitReached: // money or tokens are used up, or the answer is too large: it will be again
        return false;
    default:
        break;
    }
    const int status = error.httpStatus;
    if (status >= 400) {
        const bool passing = status == 408 || status == 409 || status == 425 || status == 429;
        return passing || (status >= 500 && status != 501);
    }
    return error.kind == ErrorKind::Timeout || error.kind == ErrorKind::Unreachable
           || error.kind == ErrorKind::RateLimited;
}

std::optional<qint64> RetryPolicy::delayMs(int attempt, const Error &error, double random) const
{
    if (attempt > maxAttempts || !isRetryable(error))
        return std::nullopt;
    random = std::clamp(random, 0.0, 1.0);
    if (error.retryAfterMs > 0) {
        if (error.retryAfterMs > maxRetryAfterMs)
            return std::nullopt;
        // Never sooner than asked; spread, since others were told the same moment.
        return error.retryAfterMs
               + qint64(random * double(std::min(baseDelayMs, error.retryAfterMs / 4)));
    }
    const int doublings = std::clamp(attempt - 2, 0, 40);
    const double full = std::min(double(maxDelayMs), std::ldexp(double(baseDelayMs), doublings));
    return qint64(full / 2 + random * full / 2);
}

qint64 parseRetryAfter(const HttpHeaders &headers, qint64 nowUs)
{
    const qint64 ms = scaled(headerValue(headers, "retry-after-ms").trimmed(), 1);
    if (ms >= 0)
        return ms;
    const QByteArray value = headerValue(headers, "retry-after").trimmed();
    const qint64 seconds = scaled(value, 1000);
    if (seconds >= 0)
        return seconds;
    // Every form of date begins with the name of a day; curl_getdate would take much else for one.
    if (value.isEmpty() || value.size() > 64 || !std::isalpha(static_cast<unsigned char>(value[0]))
        || !value.contains(':'))
        return -1;
    const time_t at = curl_getdate(value.constData(), nullptr);
    if (at < 0)
        return -1;
    return std::max<qint64>(0, qint64(at) * 1000 - nowUs / 1000);
}

} // namespace lathe
