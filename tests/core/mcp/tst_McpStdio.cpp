// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/mcp/McpTesting.h"

#include <QElapsedTimer>

#include <sys/types.h>

using namespace lathe;
using namespace lathe::test;

// Programs that start slowly, end early or say odd things. They are shell scripts: `ID` in what they print is the id of the line they read.
namespace {
const char *prelude = "id() { printf '%s' \"$line\" | sed 's/.*\"id\":\\([0-9]*\\).*/\\1/'; }\n"
                      "say() { printf '%s\\n' \"$1\" | sed \"s/ID/$(id)/\"; }\n"
                      "initialized='{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},"
                      "\"serverInfo\":{\"name\":\"sh\",\"version\":\"1\"}}}'\n"
                      "unknown='{\"jsonrpc\":\"2.0\",\"id\":ID,\"error\":{\"code\":-32601,\"message\":\"unknown\"}}'\n"
                      "ok='{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}}'\n";

// `cases`: branches of a case over the line read.
McpServerConfig shell(const QByteArray &cases, const QByteArray &before = QByteArray())
{
    McpServerConfig config;
    config.name = QStringLiteral("Shell");
    config.command = QStringLiteral("/bin/sh");
    config.args = QStringList{QStringLiteral("-c"), QString::fromUtf8(prelude + before + "\nwhile read -r line; do case \"$line\" in\n" + cases + "\nesac; done\n")};
    return config;
}
const QByteArray usual = "*server/discover*) say \"$unknown\" ;;\n*'\"initialize\"'*) say \"$initialized\" ;;\n";
}

class TestMcpStdio : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void usualServer()
    {
        TestClient test(shell(usual + "*tools/call*) say \"$ok\" ;;"));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QCOMPARE(test.client->server().name, QStringLiteral("sh"));
    }

    // Some servers end at anything before initialize: they are started once more.
    void endsAtTheProbe()
    {
        TestClient test(shell("*'\"initialize\"'*) say \"$initialized\" ;;\n*tools/call*) say \"$ok\" ;;\n*server/discover*) echo 'no such thing' >&2; exit 3 ;;"));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QVERIFY(test.logHolds("started again"));
    }

    // Others say nothing to it.
    void silentAtTheProbe()
    {
        TestClient test(shell("*'\"initialize\"'*) say \"$initialized\" ;;\n*tools/call*) say \"$ok\" ;;"));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QCOMPARE(test.client->server().era, McpEra::Legacy);
    }

    // A slow start of a modern server finds server/discover and initialize in its input: it is modern all the same.
    void slowModernServer()
    {
        McpServers servers;
        QVERIFY2(servers.prepare(), "the packages of tests/support/mcp are missing; run packaging/install");
        McpServerConfig config;
        config.name = QStringLiteral("Slow");
        config.command = QStringLiteral("/bin/sh");
        config.args = QStringList{"-c", "echo fetching >&2; sleep 6; exec \"$0\" \"$1\" stdio", nodeProgram(), servers.script("modern.mjs")};
        TestClient test(config);
        QCOMPARE(test.text("echo", {{"text", "hello"}}), QStringLiteral("hello"));
        QCOMPARE(test.client->server().era, McpEra::Modern);
        QVERIFY(test.logHolds("fetching"));
    }

    void neverReady()
    {
        McpServerConfig config = shell("x) ;;", "echo 'still fetching' >&2; echo $$ > \"$PID_FILE\"; sleep 1000 &");
        QTemporaryDir folder;
        config.env = QJsonObject{{"PID_FILE", folder.filePath("pid")}};
        config.connectSeconds = 2;
        TestClient test(config);
        QElapsedTimer time;
        time.start();
        const auto result = test.call("t");
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Timeout);
        QVERIFY2(time.elapsed() < 120'000, "it hung");
        QVERIFY(test.logHolds("still fetching"));
        QCOMPARE(test.client->state(), McpClient::State::Failed);
        QVERIFY(ended(folder.filePath("pid")));
    }

    void cannotStart()
    {
        McpServerConfig config;
        config.name = QStringLiteral("None");
        config.command = QStringLiteral("lathe-no-such-program");
        TestClient test(config);
        const auto result = test.call("t");
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Unreachable);
        QVERIFY2(result.error().message.contains("lathe-no-such-program"), qPrintable(result.error().message));
    }

    void endsInTheMiddle()
    {
        TestClient test(shell(usual + "*crash*) echo 'Traceback: it broke' >&2; exit 7 ;;\n*later*) say \"$ok\"; sleep 0.3; kill -9 $$ ;;\n*tools/call*) say \"$ok\" ;;"));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        const auto crashed = test.call("crash");
        QVERIFY(!crashed);
        QCOMPARE(crashed.error().kind, ErrorKind::Unreachable);
        QVERIFY2(crashed.error().message.contains("code 7") && crashed.error().message.contains("Traceback: it broke"), qPrintable(crashed.error().message));
        QCOMPARE(test.client->state(), McpClient::State::Failed);
        QCOMPARE(test.text("t"), QStringLiteral("ok")); // with the next use
        // It ends with nothing under way.
        QCOMPARE(test.text("later"), QStringLiteral("ok"));
        QTRY_COMPARE_WITH_TIMEOUT(test.client->state(), McpClient::State::Failed, 30'000);
        QVERIFY(test.client->error()->message.contains("signal 9"));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
    }

    void oddOutput()
    {
        TestClient test(shell(usual
                              + "*tools/call*) echo 'Listening on stdio...'; echo '[1,2]'; echo '{\"level\":30}'; "
                                "echo '{\"jsonrpc\":\"2.0\",\"id\":9999,\"result\":{}}'; say \"$ok\"; say \"$ok\" ;;"));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QTRY_VERIFY_WITH_TIMEOUT(test.logHolds("once more"), 30'000);
        QVERIFY(test.logHolds("Listening on stdio"));
        QVERIFY(test.logHolds("batch"));
        QVERIFY(test.logHolds("never made"));
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
    }

    void brokenAnswer_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("cut") << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":");
        QTest::newRow("result no object") << QByteArray("{\"jsonrpc\":\"2.0\",\"id\":ID,\"result\":[]}");
        QTest::newRow("version") << QByteArray("{\"id\":ID,\"result\":{}}");
    }
    void brokenAnswer()
    {
        QFETCH(QByteArray, line);
        TestClient test(shell(usual + "*tools/call*) say '" + line + "' ;;"));
        const auto result = test.call("t");
        QVERIFY(!result);
        QCOMPARE(result.error().kind, ErrorKind::Protocol);
    }

    void closesInOrder()
    {
        QTemporaryDir folder;
        McpServerConfig config = shell(usual + "*tools/call*) say \"$ok\" ;;", "echo $$ > \"$FILE\"");
        config.args[1] += QStringLiteral("echo bye > \"$FILE.bye\"\n"); // at the end of its input
        config.env = QJsonObject{{"FILE", folder.filePath("pid")}};
        TestClient test(config);
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        await(test.client->close());
        QVERIFY(QFile::exists(folder.filePath("pid.bye")));
        QVERIFY(ended(folder.filePath("pid")));
    }

    void destroyingKillsTheGroup()
    {
        QTemporaryDir folder;
        McpServerConfig config = shell(usual + "*tools/call*) say \"$ok\" ;;", "(trap '' TERM; echo $(exec sh -c 'echo $PPID') > \"$FILE\"; sleep 1000) &");
        config.env = QJsonObject{{"FILE", folder.filePath("pid")}};
        TestClient test(config);
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(folder.filePath("pid")), 30'000);
        test.client.reset();
        QVERIFY(ended(folder.filePath("pid")));
    }

    void secretsInArguments()
    {
        McpServerConfig config = shell(usual + "*tools/call*) say \"$ok\"; echo \"got $0\" >&2 ;;");
        config.args.append(QStringLiteral("--key={{secret:KEY}}"));
        TestClient test(config, [](McpClientOptions &options) { options.secret = [](const QString &) { return QStringLiteral("abcdefgh"); }; });
        QCOMPARE(test.text("t"), QStringLiteral("ok"));
        QTRY_VERIFY_WITH_TIMEOUT(test.logHolds("got --key=[secret KEY]"), 30'000);
        QVERIFY(!test.logHolds("abcdefgh"));
    }

private:
    static bool ended(const QString &pidFile)
    {
        QFile file(pidFile);
        if (!file.open(QIODevice::ReadOnly))
            return false;
        const pid_t pid = pid_t(file.readAll().trimmed().toLongLong());
        for (int i = 0; pid > 1 && i < 600; ++i) {
            QFile state(QStringLiteral("/proc/%1/stat").arg(pid));
            if (!state.open(QIODevice::ReadOnly) || state.readAll().contains(") Z "))
                return true;
            QTest::qWait(50);
        }
        return false;
    }
};

QTEST_GUILESS_MAIN(TestMcpStdio)
#include "tst_McpStdio.moc"
