// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/ServerAddress.h"

#include <QTest>

using namespace lathe;

class TestServerAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("host"); // empty: refused
        QTest::addColumn<int>("port");
        const auto row = [](const char *text, const char *host, int port) { QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(host) << port; };
        row("", "10.0.0.7", 4318); // nothing said: as it is otherwise
        row("  ", "10.0.0.7", 4318);
        row("5000", "10.0.0.7", 5000);
        row(":5000", "10.0.0.7", 5000);
        row(" :0 ", "10.0.0.7", 0); // any free one
        row("65535", "10.0.0.7", 65535);
        row("127.0.0.1:80", "127.0.0.1", 80);
        row("0.0.0.0", "0.0.0.0", 4318);
        row("localhost", "localhost", 4318);
        row("localhost:", "localhost", 4318);
        row("[::1]:5000", "::1", 5000);
        row("[::1]", "::1", 4318);
        row("::1", "::1", 4318);
        row("2001:db8::5000", "2001:db8::5000", 4318); // its end is no port
        row("65536", "", 0);
        row("127.0.0.1:65536", "", 0);
        row("127.0.0.1:-1", "", 0);
        row("127.0.0.1:http", "", 0);
        row("99999999999999999999", "", 0);
        row("[::1]:x", "", 0);
    }
    void parses()
    {
        QFETCH(QString, text);
        QFETCH(QString, host);
        QFETCH(int, port);
        const ServerAddress otherwise{QStringLiteral("10.0.0.7"), 4318};
        const auto address = ServerAddress::parse(text, otherwise);
        QCOMPARE(address.ok(), !host.isEmpty());
        if (address) {
            QCOMPARE(address->host, host);
            QCOMPARE(int(address->port), port);
        } else {
            QCOMPARE(address.error().kind, ErrorKind::InvalidInput);
            QVERIFY(address.error().message.contains(QStringLiteral("HOST:PORT")));
        }
    }

    // Without a token only this computer is served: what is no address of it must not look like one.
    void loopback_data()
    {
        QTest::addColumn<QString>("host");
        QTest::addColumn<bool>("loopback");
        for (const char *host : {"127.0.0.1", "127.0.0.2", "127.255.255.254", "localhost", "::1"})
            QTest::newRow(host) << QString::fromUtf8(host) << true;
        for (const char *host : {"0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "1270.0.0.1", "localhost.example.com", "127.example.com", "127.0.0.1.example.com", "::2", "*", ""})
            QTest::newRow(*host ? host : "none") << QString::fromUtf8(host) << false;
    }
    void loopback()
    {
        QFETCH(QString, host);
        QFETCH(bool, loopback);
        QCOMPARE((ServerAddress{host, 1}).isLoopback(), loopback);
    }
};

QTEST_GUILESS_MAIN(TestServerAddress)
#include "tst_ServerAddress.moc"
