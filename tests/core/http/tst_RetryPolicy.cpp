// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/RetryPolicy.h"

#include <QTest>

using namespace lathe;

namespace {
Error withStatus(int status, ErrorKind kind = ErrorKind::Provider)
{
    Error error(kind, QStringLiteral("The server failed."));
    error.httpStatus = status;
    return error;
}

Error waiting(qint64 retryAfterMs)
{
    Error error = withStatus(429, ErrorKind::RateLimited);
    error.retryAfterMs = retryAfterMs;
    return error;
}
constexpr qint64 nowUs = 1'790'000'000'000'000; // Mon, 21 Sep 2026 14:13:20 GMT
} // namespace

class TestRetryPolicy : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void retryable_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("again");
        const auto row = [](ErrorKind kind, int status, bool again) {
            QTest::addRow("%s %d", qPrintable(errorKindName(kind)), status)
                << int(kind) << status << again;
        };
        for (const int status : {408, 409, 425, 500, 502, 503, 504, 529})
            row(ErrorKind::Provider, status, true);
        for (const int status : {0, 200, 400, 404, 405, 413, 422, 501})
            row(ErrorKind::Provider, status, false);
        row(ErrorKind::RateLimited, 429, true);
        row(ErrorKind::RateLimited, 0, true);
        row(ErrorKind::Unreachable, 0, true);
        row(ErrorKind::Unreachable, 200, true); // lost in the middle of the answer
        row(ErrorKind::Timeout, 0, true);
        row(ErrorKind::Auth, 401, false);
        row(ErrorKind::NotFound, 404, false);
        row(ErrorKind::InvalidInput, 0, false);
        row(ErrorKind::Cancelled, 0, false);
        row(ErrorKind::Cancelled, 503, false);
        row(ErrorKind::LimitReached, 429, false);
        row(ErrorKind::Denied, 0, false);
        row(ErrorKind::Protocol, 200, false);
        row(ErrorKind::Internal, 0, false);
    }
    void retryable()
    {
        QFETCH(int, kind);
        QFETCH(int, status);
        QFETCH(bool, again);
        QCOMPARE(RetryPolicy::isRetryable(withStatus(status, ErrorKind(kind))), again);
        QCOMPARE(RetryPolicy().delayMs(2, withStatus(status, ErrorKind(kind)), 0.5).has_value(),
                 again);
    }
    void delaysDoubleWithinBounds()
    {
        const RetryPolicy policy{10, 500, 3000, 120'000};
        const Error error = withStatus(503);
        QCOMPARE(policy.delayMs(2, error, 0.0), 250);
        QCOMPARE(policy.delayMs(2, error, 0.999999), 499);
        QCOMPARE(policy.delayMs(3, error, 0.0), 500);
        QCOMPARE(policy.delayMs(4, error, 0.0), 1000);
        QCOMPARE(policy.delayMs(5, error, 0.0), 1500); // half of the longest
        QCOMPARE(policy.delayMs(10, error, 0.0), 1500);
        for (int attempt = 2; attempt <= 10; ++attempt) {
            for (const double random : {0.0, 0.3, 0.7, 0.9999, 17.0, -3.0}) {
                const auto delay = policy.delayMs(attempt, error, random);
                QVERIFY(delay && *delay >= 250 && *delay <= 3000);
            }
        }
    }
    void attemptsEnd()
    {
        const RetryPolicy policy;
        QVERIFY(policy.delayMs(4, withStatus(500), 0));
        QVERIFY(!policy.delayMs(5, withStatus(500), 0));
        const RetryPolicy endless{2'000'000'000, 500, 30'000, 1000};
        QCOMPARE(endless.delayMs(1'999'999'999, withStatus(500), 1.0), 30'000);
    }
    void serverSaysWhen()
    {
        const RetryPolicy policy;
        QCOMPARE(policy.delayMs(2, waiting(2000), 0), 2000);
        const auto spread = policy.delayMs(2, waiting(2000), 0.99);
        QVERIFY(spread && *spread > 2000 && *spread <= 2500); // never sooner, and not all at once
        QCOMPARE(policy.delayMs(2, waiting(120'000), 0), 120'000);
        QVERIFY(!policy.delayMs(2, waiting(120'001), 0));
        QCOMPARE(policy.delayMs(2, waiting(0), 0), 250);
        QVERIFY(!policy.delayMs(5, waiting(10), 0));
    }
    void retryAfterHeader_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<qint64>("ms");
        const auto row = [](const char *name, const QByteArray &value, qint64 ms) {
            QTest::addRow("%s: %s", name, value.constData()) << QByteArray(name) << value << ms;
        };
        row("X-Other", "3", -1);
        row("Retry-After", "3", 3000);
        row("retry-after", " 3 ", 3000);
        row("RETRY-AFTER", "0", 0);
        row("Retry-After", "1.5", 1500);
        row("Retry-After", "0.0004", 1);
        row("retry-after-ms", "250", 250);
        row("Retry-After", "-1", -1);
        row("Retry-After", "", -1);
        row("Retry-After", "soon", -1);
        row("Retry-After", "nan", -1);
        row("Retry-After", "1e9", -1);
        row("Retry-After", "3 seconds", -1);
        row("Retry-After", "1.2.3", -1);
        row("Retry-After", QByteArray(400, '9'), 365LL * 86'400'000);
        row("Retry-After", "Mon, 21 Sep 2026 14:13:50 GMT", 30'000);
        row("Retry-After", "Monday, 21-Sep-26 14:14:20 GMT", 60'000);
        row("Retry-After", "Mon Sep 21 14:13:21 2026", 1000);
        row("Retry-After", "Mon, 21 Sep 2026 14:13:00 GMT", 0); // past
        row("Retry-After", "Mon, 99 Foo 2026 14:13:00 GMT", -1);
    }
    void retryAfterHeader()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        QFETCH(qint64, ms);
        const HttpHeaders headers{{"Content-Type", "text/plain"}, {name, value}};
        QCOMPARE(parseRetryAfter(headers, nowUs), ms);
    }
    void millisecondsWin()
    {
        QCOMPARE(parseRetryAfter({{"Retry-After", "2"}, {"Retry-After-Ms", "1250"}}, nowUs), 1250);
        QCOMPARE(parseRetryAfter({{"Retry-After", "2"}, {"Retry-After-Ms", "what"}}, nowUs), 2000);
    }
};

QTEST_GUILESS_MAIN(TestRetryPolicy)
#include "tst_RetryPolicy.moc"
