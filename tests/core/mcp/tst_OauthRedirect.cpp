// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/HttpClient.h"
#include "core/mcp/OauthRedirect.h"
#include "tests/support/Await.h"
#include "tests/support/FakeClock.h"

#include <QTcpSocket>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
// Sends bytes and gives what comes back until the other side closes.
QByteArray talk(quint16 port, const QByteArray &bytes)
{
    QTcpSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    QByteArray answer;
    QObject::connect(&socket, &QTcpSocket::connected, &socket, [&] { socket.write(bytes); });
    QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [&] { answer += socket.readAll(); });
    bool closed = false;
    QObject::connect(&socket, &QTcpSocket::disconnected, &socket, [&] { closed = true; });
    [[maybe_unused]] const bool done = QTest::qWaitFor([&] { return closed; }, 20'000);
    return answer;
}

QByteArray get(quint16 port, const QByteArray &target, const QByteArray &host = QByteArray())
{
    return "GET " + target + " HTTP/1.1\r\nHost: " + (host.isEmpty() ? "127.0.0.1:" + QByteArray::number(port) : host) + "\r\n\r\n";
}
} // namespace

class TestOauthRedirect : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        auto listening = OauthRedirect::listen();
        QVERIFY(listening);
        redirect = std::move(*listening);
        outcome.reset();
    }

    void redirected()
    {
        note(redirect->wait(QStringLiteral("s t"), 60'000, &clock, CancelToken()));
        const QByteArray page = talk(redirect->port(), get(redirect->port(), "/callback?code=c%2B1&state=s%20t&iss=x"));
        QVERIFY(page.startsWith("HTTP/1.1 200 OK") && page.contains("Signed in"));
        QTRY_VERIFY_WITH_TIMEOUT(outcome, 20'000);
        QVERIFY(*outcome);
        QCOMPARE((*outcome)->query(QUrl::FullyEncoded), QStringLiteral("code=c%2B1&state=s%20t&iss=x"));
    }

    // Nothing of this ends the wait; the true answer still does.
    void junk()
    {
        note(redirect->wait(QStringLiteral("good"), 60'000, &clock, CancelToken()));
        const quint16 port = redirect->port();
        const std::vector<std::pair<QByteArray, QByteArray>> requests = {
            {get(port, "/callback?code=c&state=bad"), "403"},
            {get(port, "/callback?code=c"), "403"},
            {get(port, "/callback?state=GOOD&code=c"), "403"},
            {get(port, "/?state=good&code=c"), "404"},
            {get(port, "/favicon.ico"), "404"},
            {get(port, "http://evil.example/callback?state=good"), "404"},
            {get(port, "/callback?state=good&code=c", "evil.example"), "403"},
            {get(port, "/callback?state=good&code=c", "localhost:" + QByteArray::number(port)), "403"},
            {"GET /callback?state=good&code=c HTTP/1.1\r\n\r\n", "403"},
            {"POST /callback?state=good&code=c HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(port) + "\r\n\r\n", "405"},
            {"\x16\x03\x01\x02 junk\r\n\r\n", "400"},
            {"GET\r\n\r\n", "400"},
            {"\n\n", "400"},
            {QByteArray(17 * 1024, 'x'), "431"},
        };
        for (const auto &[bytes, status] : requests) {
            const QByteArray answer = talk(port, bytes);
            QVERIFY2(answer.startsWith("HTTP/1.1 " + status) || (status == "431" && answer.isEmpty()), (bytes.left(60) + " -> " + answer.left(60)).constData());
            QVERIFY(!outcome);
        }
        talk(port, get(port, "/callback?state=good&error=access_denied"));
        QTRY_VERIFY_WITH_TIMEOUT(outcome, 20'000);
        QVERIFY(*outcome);
    }

    void silentConnectionsDoNotBlock()
    {
        note(redirect->wait(QStringLiteral("good"), 60'000, &clock, CancelToken()));
        std::vector<std::unique_ptr<QTcpSocket>> silent;
        for (int i = 0; i < 20; ++i) {
            silent.push_back(std::make_unique<QTcpSocket>());
            silent.back()->connectToHost(QStringLiteral("127.0.0.1"), redirect->port());
            QVERIFY(QTest::qWaitFor([&] { return silent.back()->state() == QAbstractSocket::ConnectedState; }, 20'000));
        }
        QVERIFY(talk(redirect->port(), get(redirect->port(), "/callback?state=good&code=c")).startsWith("HTTP/1.1 200"));
        QTRY_VERIFY_WITH_TIMEOUT(outcome, 20'000);
        QVERIFY(*outcome);
    }

    void byteByByte()
    {
        note(redirect->wait(QStringLiteral("good"), 60'000, &clock, CancelToken()));
        QTcpSocket socket;
        socket.connectToHost(QStringLiteral("127.0.0.1"), redirect->port());
        QVERIFY(QTest::qWaitFor([&] { return socket.state() == QAbstractSocket::ConnectedState; }, 20'000));
        const QByteArray request = get(redirect->port(), "/callback?state=good&code=c");
        for (const char c : request) {
            socket.write(&c, 1);
            socket.flush();
            QTest::qWait(1);
        }
        QTRY_VERIFY_WITH_TIMEOUT(outcome, 20'000);
        QVERIFY(*outcome);
    }

    void timeOut()
    {
        note(redirect->wait(QStringLiteral("good"), 60'000, &clock, CancelToken()));
        clock.advance(59'999);
        QVERIFY(!outcome);
        clock.advance(1);
        QVERIFY(outcome && !*outcome);
        QCOMPARE(outcome->error().kind, ErrorKind::Timeout);
    }
    void cancelled()
    {
        CancelSource source;
        note(redirect->wait(QStringLiteral("good"), 60'000, &clock, source.token()));
        source.cancel();
        QVERIFY(outcome && !*outcome);
        QCOMPARE(outcome->error().kind, ErrorKind::Cancelled);
    }
    void gone()
    {
        note(redirect->wait(QStringLiteral("good"), 60'000, &clock, CancelToken()));
        redirect.reset();
        QVERIFY(outcome && !*outcome);
        QCOMPARE(outcome->error().kind, ErrorKind::Cancelled);
    }
    void takenPort()
    {
        const auto second = OauthRedirect::listen(redirect->port());
        QVERIFY(!second);
        QVERIFY(second.error().message.contains(QString::number(redirect->port())));
        const quint16 port = redirect->port();
        redirect.reset();
        QVERIFY(OauthRedirect::listen(port)); // free again
    }

private:
    void note(Task<Result<QUrl>> task)
    {
        const auto keep = [](Task<Result<QUrl>> one, std::optional<Result<QUrl>> *out) -> Task<> {
            auto result = co_await one;
            out->emplace(std::move(result));
        };
        keep(std::move(task), &outcome);
    }

    FakeClock clock;
    std::unique_ptr<OauthRedirect> redirect;
    std::optional<Result<QUrl>> outcome;
};

QTEST_GUILESS_MAIN(TestOauthRedirect)
#include "tst_OauthRedirect.moc"
