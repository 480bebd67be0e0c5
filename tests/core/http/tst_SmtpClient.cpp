// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/SmtpClient.h"

#include "tests/support/Await.h"
#include "tests/support/MailSink.h"

#include <QJsonArray>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace lathe;
using lathe::test::await;
using lathe::test::MailSink;

namespace {
SmtpServer serverOf(const MailSink &sink, SmtpServer::Security security = SmtpServer::Security::None)
{
    SmtpServer server;
    server.host = QStringLiteral("127.0.0.1");
    server.port = sink.port();
    server.security = security;
    server.caFile = security == SmtpServer::Security::None ? QString() : sink.caFile();
    return server;
}

SmtpMessage mail(const QByteArray &body = "Subject: hello\r\n\r\nfirst\r\n.\r\n..second\r\n")
{
    SmtpMessage message;
    message.from = QStringLiteral("ada@example.com");
    message.recipients = {QStringLiteral("bob@example.org"), QStringLiteral("eve@example.org")};
    message.data = body;
    return message;
}
}

// Against a real mail server.
class TestSmtpClient : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void delivers();
    void loginAndEncryption_data();
    void loginAndEncryption();
    void wrongPassword();
    void encryptionIsInsistedOn();
    void strangersCertificate();
    void passwordIsNotEchoed();
    void noLoginInTheClear();
    void refusedRecipient();
    void tooLarge();
    void internationalAddresses();
    void noInjection_data();
    void noInjection();
    void unreachable();
    void silentServer();
    void cancelled();
    void destroyedWhileSending();
};

void TestSmtpClient::delivers()
{
    MailSink sink;
    QVERIFY2(sink.port(), qPrintable(sink.problem()));
    SmtpClient client;
    const auto receipt = await(client.send(serverOf(sink), mail(), CancelToken()));
    QVERIFY2(receipt.ok(), receipt ? "" : qPrintable(receipt.error().message));
    QVERIFY2(receipt->answer.contains(QStringLiteral("queued as SINK-1")), qPrintable(receipt->answer));
    const QJsonObject got = sink.next();
    QCOMPARE(got.value(QLatin1String("from")).toString(), QStringLiteral("ada@example.com"));
    QCOMPARE(got.value(QLatin1String("to")).toArray().size(), 2);
    QCOMPARE(QByteArray::fromBase64(got.value(QLatin1String("data")).toString().toLatin1()), mail().data); // dots and all
    QVERIFY(await(client.send(serverOf(sink), mail(), CancelToken())).ok());                               // again
}

void TestSmtpClient::loginAndEncryption_data()
{
    QTest::addColumn<QString>("option");
    QTest::addColumn<int>("security");
    QTest::newRow("starttls") << QStringLiteral("starttls") << int(SmtpServer::Security::StartTls);
    QTest::newRow("tls") << QStringLiteral("tls") << int(SmtpServer::Security::Tls);
    QTest::newRow("clear, this computer") << QString() << int(SmtpServer::Security::None);
}

void TestSmtpClient::loginAndEncryption()
{
    QFETCH(QString, option);
    QFETCH(int, security);
    QJsonObject options{{QStringLiteral("user"), QStringLiteral("ada")}, {QStringLiteral("password"), QStringLiteral("correct horse")}};
    if (!option.isEmpty())
        options.insert(option, true);
    MailSink sink(options);
    QVERIFY2(sink.port(), qPrintable(sink.problem()));
    SmtpServer server = serverOf(sink, SmtpServer::Security(security));
    server.user = QStringLiteral("ada");
    server.password = QStringLiteral("correct horse");
    SmtpClient client;
    const auto receipt = await(client.send(server, mail(), CancelToken()));
    QVERIFY2(receipt.ok(), receipt ? "" : qPrintable(receipt.error().message + receipt.error().cause));
    const QJsonObject got = sink.next();
    QCOMPARE(got.value(QLatin1String("tls")).toBool(), !option.isEmpty());
    QCOMPARE(got.value(QLatin1String("login")).toString(), QStringLiteral("ada"));
}

void TestSmtpClient::wrongPassword()
{
    MailSink sink({{QStringLiteral("user"), QStringLiteral("ada")}, {QStringLiteral("password"), QStringLiteral("right")}});
    SmtpServer server = serverOf(sink);
    server.user = QStringLiteral("ada");
    server.password = QStringLiteral("wrong-password");
    SmtpClient client;
    const auto receipt = await(client.send(server, mail(), CancelToken()));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Auth);
    const QString all = receipt.error().message + receipt.error().cause;
    QVERIFY2(!all.contains(QStringLiteral("wrong-password")), qPrintable(all));
    QVERIFY(!all.contains(QString::fromLatin1(QByteArray("wrong-password").toBase64())));
    QVERIFY(sink.isEmpty());
}

// A server (or somebody on the way) that leaves STARTTLS out gets neither mail nor password.
void TestSmtpClient::encryptionIsInsistedOn()
{
    MailSink sink({{QStringLiteral("user"), QStringLiteral("ada")}, {QStringLiteral("password"), QStringLiteral("right")}});
    SmtpServer server = serverOf(sink);
    server.security = SmtpServer::Security::StartTls;
    server.user = QStringLiteral("ada");
    server.password = QStringLiteral("right");
    SmtpClient client;
    const auto receipt = await(client.send(server, mail(), CancelToken()));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Denied);
    QVERIFY(receipt.error().message.contains(QStringLiteral("STARTTLS")));
    QVERIFY(sink.isEmpty());
}

void TestSmtpClient::strangersCertificate()
{
    for (const char *option : {"starttls", "tls"}) {
        MailSink sink({{QString::fromLatin1(option), true}});
        SmtpServer server = serverOf(sink, QByteArray(option) == "tls" ? SmtpServer::Security::Tls : SmtpServer::Security::StartTls);
        server.caFile.clear();
        SmtpClient client;
        const auto receipt = await(client.send(server, mail(), CancelToken()));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::Denied);
        QVERIFY(sink.isEmpty());
    }
}

// A server that repeats what it was told, as text and as base64.
void TestSmtpClient::passwordIsNotEchoed()
{
    const QString password = QStringLiteral("s3cret-pass");
    const QByteArray base64 = password.toUtf8().toBase64();
    QTcpServer echo;
    QVERIFY(echo.listen(QHostAddress::LocalHost));
    connect(&echo, &QTcpServer::newConnection, this, [&echo, base64, password] {
        QTcpSocket *socket = echo.nextPendingConnection();
        socket->write("220 echo\r\n");
        connect(socket, &QTcpSocket::readyRead, socket, [socket, base64, password] {
            while (socket->canReadLine()) {
                const QByteArray line = socket->readLine().trimmed();
                if (line.startsWith("EHLO"))
                    socket->write("250-echo\r\n250 AUTH LOGIN\r\n");
                else if (line.startsWith("AUTH"))
                    socket->write("334 VXNlcm5hbWU6\r\n");
                else if (line == QByteArray("ada").toBase64())
                    socket->write("334 UGFzc3dvcmQ6\r\n");
                else
                    socket->write("535 wrong: " + password.toUtf8() + " or " + base64 + (line == base64 ? " as sent\r\n" : "\r\n"));
            }
        });
    });
    SmtpServer server;
    server.host = QStringLiteral("127.0.0.1");
    server.port = echo.serverPort();
    server.security = SmtpServer::Security::None;
    server.user = QStringLiteral("ada");
    server.password = password;
    SmtpClient client;
    const auto receipt = await(client.send(server, mail(), CancelToken()));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Auth);
    const QString all = receipt.error().message + receipt.error().cause;
    QVERIFY2(receipt.error().message.contains(QStringLiteral("as sent")), qPrintable(all)); // the server's words are told
    QVERIFY2(!all.contains(password) && !all.contains(QString::fromLatin1(base64)), qPrintable(all));
}

void TestSmtpClient::noLoginInTheClear()
{
    SmtpServer server;
    server.host = QStringLiteral("mail.example.com");
    server.security = SmtpServer::Security::None;
    server.user = QStringLiteral("ada");
    SmtpClient client;
    const auto receipt = await(client.send(server, mail(), CancelToken()));
    QCOMPARE(receipt.error().kind, ErrorKind::Denied);
}

void TestSmtpClient::refusedRecipient()
{
    MailSink sink({{QStringLiteral("refuse"), QStringLiteral("eve@example.org")}});
    SmtpClient client;
    const auto receipt = await(client.send(serverOf(sink), mail(), CancelToken()));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Provider);
    QCOMPARE(receipt.error().httpStatus, 550);
    QVERIFY2(receipt.error().message.contains(QStringLiteral("No such user here")), qPrintable(receipt.error().message));
    QVERIFY2(sink.isEmpty(), "all or nobody");
}

void TestSmtpClient::tooLarge()
{
    MailSink sink({{QStringLiteral("size"), 10'000}});
    SmtpClient client;
    const auto receipt = await(client.send(serverOf(sink), mail("Subject: x\r\n\r\n" + QByteArray(20'000, 'x').replace("xxxxxxxxxx", "xxxxxxxx\r\n")), CancelToken()));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Provider);
    QCOMPARE(receipt.error().httpStatus, 552);
    QVERIFY(sink.isEmpty());
}

void TestSmtpClient::internationalAddresses()
{
    SmtpMessage message = mail();
    message.recipients = {QStringLiteral("jörg@example.org")};
    {
        MailSink sink;
        SmtpClient client;
        const auto receipt = await(client.send(serverOf(sink), message, CancelToken()));
        QVERIFY2(receipt.ok(), receipt ? "" : qPrintable(receipt.error().message));
        const QJsonObject got = sink.next();
        QCOMPARE(got.value(QLatin1String("to")).toArray().at(0).toString(), QStringLiteral("jörg@example.org"));
        QVERIFY(got.value(QLatin1String("options")).toArray().contains(QStringLiteral("SMTPUTF8")));
    }
    MailSink old({{QStringLiteral("smtputf8"), false}});
    SmtpClient client;
    QVERIFY(!await(client.send(serverOf(old), message, CancelToken())));
    QVERIFY(old.isEmpty());
}

void TestSmtpClient::noInjection_data()
{
    QTest::addColumn<QString>("address");
    QTest::newRow("line end") << QStringLiteral("a@b.c>\r\nRCPT TO:<eve@example.org");
    QTest::newRow("bracket") << QStringLiteral("a@b.c> SIZE=1");
    QTest::newRow("nul") << QString(QStringLiteral("a@b.c") + QChar(u'\0'));
    QTest::newRow("blank") << QStringLiteral("a b@c.d");
    QTest::newRow("none") << QString();
    QTest::newRow("no at") << QStringLiteral("postmaster");
}

void TestSmtpClient::noInjection()
{
    QFETCH(QString, address);
    MailSink sink;
    SmtpClient client;
    for (const bool asSender : {true, false}) {
        SmtpMessage message = mail();
        (asSender ? message.from : message.recipients.first()) = address;
        const auto receipt = await(client.send(serverOf(sink), message, CancelToken()));
        QVERIFY(!receipt);
        QCOMPARE(receipt.error().kind, ErrorKind::InvalidInput);
    }
    QVERIFY(sink.isEmpty());
}

void TestSmtpClient::unreachable()
{
    SmtpServer server;
    server.host = QStringLiteral("127.0.0.1");
    server.port = 1;
    server.security = SmtpServer::Security::None;
    SmtpClient client;
    QCOMPARE(await(client.send(server, mail(), CancelToken())).error().kind, ErrorKind::Unreachable);
    server.host = QStringLiteral("no-such-host.invalid");
    QCOMPARE(await(client.send(server, mail(), CancelToken())).error().kind, ErrorKind::Unreachable);
}

void TestSmtpClient::silentServer()
{
    MailSink sink({{QStringLiteral("silent"), true}});
    SmtpServer server = serverOf(sink);
    server.timeoutMs = 300;
    SmtpClient client;
    const auto receipt = await(client.send(server, mail(), CancelToken()));
    QVERIFY(!receipt);
    QCOMPARE(receipt.error().kind, ErrorKind::Timeout);
    QVERIFY(receipt.error().message.contains(QStringLiteral("Nothing was sent")));
}

void TestSmtpClient::cancelled()
{
    MailSink sink({{QStringLiteral("silent"), true}});
    SmtpClient client;
    CancelSource cancel;
    QTimer::singleShot(100, [&] { cancel.cancel(); });
    QCOMPARE(await(client.send(serverOf(sink), mail(), cancel.token())).error().kind, ErrorKind::Cancelled);
    QCOMPARE(await(client.send(serverOf(sink), mail(), cancel.token())).error().kind, ErrorKind::Cancelled);
}

void TestSmtpClient::destroyedWhileSending()
{
    MailSink sink({{QStringLiteral("silent"), true}});
    auto client = std::make_unique<SmtpClient>();
    CancelSource cancel;
    auto task = client->send(serverOf(sink), mail(), cancel.token());
    QTest::qWait(100);
    client.reset();
    cancel.cancel();
    QCOMPARE(await(std::move(task)).error().kind, ErrorKind::Cancelled);
}

QTEST_GUILESS_MAIN(TestSmtpClient)
#include "tst_SmtpClient.moc"
