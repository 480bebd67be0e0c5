// SPDX-License-Identifier: GPL-3.0-or-later
// Servers that misbehave (tests/support/mcp/bad_server.py): each ends in a clear error or is borne, within a bound; nothing is left behind; and
// the client works afterwards.
#include "core/http/HttpClient.h"
#include "core/mcp/McpClient.h"
#include "tests/support/Await.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace lathe;
using namespace lathe::test;

namespace {
const QString fine = QStringLiteral("fine"); // in place of an error's kind

QString kindOf(const Error &error)
{
    return errorKindName(error.kind);
}
} // namespace

class TestMcpMisbehaviour : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        python = QStandardPaths::findExecutable(QStringLiteral("python3"));
        QVERIFY2(!python.isEmpty(), "python3 is missing; run packaging/install test");
    }
    void init()
    {
        folder = std::make_unique<QTemporaryDir>();
        http = std::make_unique<HttpClient>();
        elicited = elicitedNow = elicitedAtOnce = 0;
    }
    void cleanup()
    {
        client.reset();
        QTRY_VERIFY2_WITH_TIMEOUT(leftProcesses().isEmpty(), qPrintable(leftProcesses().join(QLatin1Char(' '))), 20'000);
        webServer.reset();
        QTRY_COMPARE_WITH_TIMEOUT(http->active(), 0, 20'000);
        http.reset();
    }

    // --- Starting and connecting

    void connecting_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("words");
        QTest::newRow("silent") << 2 << QStringLiteral("timeout") << QStringLiteral("not ready within 2 s");
        QTest::newRow("deaf") << 2 << QStringLiteral("timeout") << QStringLiteral("not ready");
        QTest::newRow("dies") << 60 << QStringLiteral("unreachable") << QStringLiteral("npm error 404 no such package");
        QTest::newRow("odd-version") << 60 << QStringLiteral("protocol") << QStringLiteral("1999-01-01");
        QTest::newRow("odd-initialize") << 60 << QStringLiteral("protocol") << QStringLiteral("version");
        QTest::newRow("slow-start") << 60 << fine << QString();
        QTest::newRow("twice") << 60 << fine << QString();
    }
    void connecting()
    {
        QFETCH(int, seconds);
        QFETCH(QString, kind);
        QFETCH(QString, words);
        start(QString::fromLatin1(QTest::currentDataTag()), seconds);
        const auto info = test::await(client->connectNow(CancelToken()));
        QCOMPARE(info ? fine : kindOf(info.error()), kind);
        if (info) {
            QCOMPARE(info->name, QStringLiteral("bad"));
            QCOMPARE(text("echo", {{QStringLiteral("n"), 1}}), QStringLiteral("{\"n\": 1}"));
            QCOMPARE(text("echo", {{QStringLiteral("n"), 2}}), QStringLiteral("{\"n\": 2}"));
            if (qstrcmp(QTest::currentDataTag(), "twice") == 0)
                QVERIFY(logHolds("once more"));
        } else {
            QVERIFY2(info.error().message.contains(words), qPrintable(info.error().message));
            QCOMPARE(client->state(), McpClient::State::Failed);
            // Gone already, not only when the client goes.
            QTRY_VERIFY_WITH_TIMEOUT(leftProcesses().isEmpty(), 20'000);
        }
    }
    void noSuchProgram()
    {
        McpServerConfig config = configFor(QStringLiteral("silent"), 10);
        config.command = QStringLiteral("/nonexistent/mcp-server");
        make(config);
        const auto info = test::await(client->connectNow(CancelToken()));
        QVERIFY(!info);
        QCOMPARE(info.error().kind, ErrorKind::Unreachable);
        QVERIFY2(info.error().message.contains(QLatin1String("/nonexistent/mcp-server")), qPrintable(info.error().message));
    }
    void cancelledWhileConnecting()
    {
        start(QStringLiteral("silent"), 60);
        CancelSource source;
        auto task = client->connectNow(source.token());
        QTRY_VERIFY_WITH_TIMEOUT(!leftProcesses().isEmpty(), 20'000);
        source.cancel();
        const auto info = test::await(std::move(task));
        QVERIFY(!info && info.error().kind == ErrorKind::Cancelled);
    }
    void deletedWhileConnecting()
    {
        start(QStringLiteral("silent"), 60);
        auto task = client->connectNow(CancelToken());
        QTRY_VERIFY_WITH_TIMEOUT(!leftProcesses().isEmpty(), 20'000);
        client.reset();
        const auto info = test::await(std::move(task));
        QVERIFY(!info && info.error().kind == ErrorKind::Cancelled);
    }

    // --- Lists

    void lists_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("words");
        QTest::newRow("endless-pages") << QStringLiteral("protocol") << QStringLiteral("1000 pages");
        QTest::newRow("same-page") << QStringLiteral("protocol") << QStringLiteral("repeats");
        QTest::newRow("empty-cursor") << fine << QStringLiteral("echo bad");
        QTest::newRow("many-tools") << QStringLiteral("protocol") << QStringLiteral("20,000");
        QTest::newRow("no-list") << QStringLiteral("protocol") << QStringLiteral("no list");
        QTest::newRow("odd-tools") << fine << QStringLiteral("echo x y z");
    }
    void lists()
    {
        QFETCH(QString, kind);
        QFETCH(QString, words);
        start(QString::fromLatin1(QTest::currentDataTag()));
        const auto tools = test::await(client->listTools(CancelToken()));
        QCOMPARE(tools ? fine : kindOf(tools.error()), kind);
        QStringList names;
        for (const McpTool &tool : tools ? *tools : std::vector<McpTool>())
            names.append(tool.name);
        const QString said = tools ? names.join(QLatin1Char(' ')) : tools.error().message;
        QVERIFY2(tools ? said == words : said.contains(words), qPrintable(said));
        QCOMPARE(text("echo"), QStringLiteral("{}"));
    }

    // --- Calls over stdio

    void calls_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("words"); // of the error, the result, or after "log: " of a line of the log
        const auto row = [](const char *mode, int seconds, const char *kind, const char *words) {
            QTest::newRow(mode) << seconds << QString::fromLatin1(kind) << QString::fromLatin1(words);
        };
        row("silent-call", 2, "timeout", "no sign of life for 2 s");
        row("crash", 60, "unreachable", "the disk is full");
        row("killed", 60, "unreachable", "signal 11");
        row("half-answer", 60, "protocol|unreachable", "");
        row("closes-output", 60, "unreachable", "closed its output");
        row("grandchild", 60, "unreachable", "ended");
        row("malformed", 60, "protocol", "cannot be read");
        row("wrong-id", 2, "timeout", "log: never made");
        row("text-id", 2, "timeout", "log: never made");
        row("null-id", 2, "timeout", "log: could not parse");
        row("batch", 2, "timeout|protocol", "log: batch");
        row("both", 60, "protocol", "cannot be read");
        row("no-result", 60, "protocol", "cannot be read");
        row("odd-error", 60, "protocol", "cannot be read");
        row("odd-content", 60, "protocol", "no result");
        row("deep", 60, "protocol", "deeper");
        row("huge-line", 60, "protocol", "bytes");
        row("huge-error", 60, "provider", "EEE");
        row("notification-flood", 60, "fine", "{}");
        row("progress-flood", 60, "fine", "{}");
        row("changed-flood", 60, "fine", "{}");
        row("stderr-flood", 60, "fine", "{}");
        row("ping-flood", 60, "fine", "{}");
        row("odd-requests", 60, "fine", "{}");
        row("elicitation-flood", 60, "fine", "{}");
        row("junk", 60, "fine", "log: Welcome");
        row("junk-flood", 60, "protocol", "no messages");
        row("modern-endless-input", 60, "protocol", "after 10 rounds");
        row("modern-endless-state", 60, "protocol", "after 10 rounds");
        row("modern-much-input", 60, "protocol", "1000 things at once");
        row("modern-odd-input", 60, "denied", "tools/call");
        row("modern-no-input", 60, "protocol", "does not say what");
        row("modern-odd-type", 60, "protocol", "partial");
    }
    void calls()
    {
        QFETCH(int, seconds);
        QFETCH(QString, kind);
        QFETCH(QString, words);
        const QString mode = QString::fromLatin1(QTest::currentDataTag());
        start(mode);
        const auto [got, said] = bad(seconds);
        QVERIFY2(kind.split(QLatin1Char('|')).contains(got), qPrintable(got + QStringLiteral(": ") + said));
        if (words.startsWith(QLatin1String("log: ")))
            QVERIFY2(logHolds(words.mid(5).toUtf8().constData()), qPrintable(words));
        else
            QVERIFY2(said.contains(words), qPrintable(said));
        QVERIFY2(said.size() < 5000, qPrintable(QString::number(said.size())));
        QVERIFY(client->log().size() <= 2000);

        // Its output ended, its process perhaps not yet: a call right now may still meet the end.
        if (mode == QLatin1String("half-answer"))
            QTRY_VERIFY_WITH_TIMEOUT(client->state() == McpClient::State::Failed, 20'000);
        // It works afterwards, on a new process when the old one had to go.
        QCOMPARE(text("echo", {{QStringLiteral("after"), mode}}), QStringLiteral("{\"after\": \"%1\"}").arg(mode));
        if (mode == QLatin1String("silent-call"))
            QVERIFY(got_(QStringLiteral("notifications/cancelled")));
        if (mode == QLatin1String("elicitation-flood"))
            QVERIFY2(elicited > 0 && elicitedAtOnce <= 32, qPrintable(QStringLiteral("%1, %2 at once").arg(elicited).arg(elicitedAtOnce)));
        if (mode == QLatin1String("modern-endless-input"))
            QCOMPARE(elicited, 10);
        if (mode == QLatin1String("odd-requests"))
            QCOMPARE(elicited, 0); // neither the file nor what has no schema came before a person
        if (mode == QLatin1String("crash") || mode == QLatin1String("huge-line"))
            QCOMPARE(pids().size(), 2);
        else if (mode.startsWith(QLatin1String("modern-")))
            QCOMPARE(pids().size(), 1);
    }
    // Over stdio nothing says which call a question belongs to: when the one that was taken for it is answered, the other's person is asked.
    void askedForAnotherCall()
    {
        start(QStringLiteral("asks-late"));
        QVERIFY(test::await(client->connectNow(CancelToken())));
        auto bad = client->callTool(QStringLiteral("bad"), {}, McpCallOptions(), CancelToken());
        QVERIFY(got_(QStringLiteral("tools/call")));
        int silent = 0;
        McpCallOptions nobody;
        nobody.handlers.elicit = [&silent](QJsonObject, CancelToken cancel) { return wait(&silent, std::move(cancel)); };
        const auto echo = test::await(client->callTool(QStringLiteral("echo"), {}, nobody, CancelToken()));
        QVERIFY(echo && echo->text() == QLatin1String("{}"));
        const auto result = test::await(std::move(bad));
        QVERIFY2(result.ok(), result ? "" : qPrintable(result.error().message));
        QCOMPARE(result->text(), QStringLiteral("accept"));
        QCOMPARE(silent, 1);
        QCOMPARE(elicited, 1);
    }
    void askedWhileItCrashes() // several calls at once, none of them lost
    {
        start(QStringLiteral("crash"));
        QVERIFY(test::await(client->connectNow(CancelToken())));
        std::vector<Task<Result<McpToolResult>>> tasks;
        for (int i = 0; i < 20; ++i)
            tasks.push_back(client->callTool(i == 10 ? QStringLiteral("bad") : QStringLiteral("echo"), {}, McpCallOptions(), CancelToken()));
        int good = 0, lost = 0;
        for (auto &task : tasks) {
            const auto result = test::await(std::move(task));
            good += result ? 1 : 0;
            lost += !result && result.error().kind == ErrorKind::Unreachable ? 1 : 0;
        }
        QCOMPARE(good + lost, 20);
        QVERIFY(good >= 10 && lost >= 1);
        QCOMPARE(text("echo"), QStringLiteral("{}"));
    }

    // --- The end

    void ends_data()
    {
        QTest::addColumn<bool>("inOrder");
        QTest::addColumn<int>("processes");
        for (const bool inOrder : {true, false}) {
            const QByteArray how = inOrder ? " closed" : " deleted";
            QTest::newRow(("well" + how).constData()) << inOrder << 1;
            QTest::newRow(("stubborn" + how).constData()) << inOrder << 1;
            QTest::newRow(("stubborn-grandchild" + how).constData()) << inOrder << 2;
        }
    }
    void ends()
    {
        QFETCH(bool, inOrder);
        QFETCH(int, processes);
        start(QString::fromLatin1(QTest::currentDataTag()).section(QLatin1Char(' '), 0, 0));
        QCOMPARE(text("echo"), QStringLiteral("{}"));
        QTRY_COMPARE_WITH_TIMEOUT(int(leftProcesses().size()), processes, 20'000);
        if (inOrder) {
            test::await(client->close());
            QCOMPARE(client->state(), McpClient::State::Closed);
        } else {
            client.reset();
        }
        QTRY_VERIFY_WITH_TIMEOUT(leftProcesses().isEmpty(), 20'000);
    }
    void deletedDuringACall()
    {
        start(QStringLiteral("silent-call"));
        QCOMPARE(text("echo"), QStringLiteral("{}"));
        auto task = client->callTool(QStringLiteral("bad"), {}, McpCallOptions(), CancelToken());
        client.reset();
        const auto result = test::await(std::move(task));
        QVERIFY(!result && result.error().kind == ErrorKind::Cancelled);
    }

    // --- Calls over HTTP

    void httpCalls_data()
    {
        QTest::addColumn<int>("seconds");
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("words");
        const auto row = [](const char *mode, int seconds, const char *kind, const char *words) {
            QTest::newRow(mode) << seconds << QString::fromLatin1(kind) << QString::fromLatin1(words);
        };
        row("silent-call", 2, "timeout", "no sign of life for 2 s");
        row("wrong-id", 60, "protocol", "wrong id");
        row("malformed", 60, "protocol", "cannot be read");
        row("page", 60, "protocol", "no MCP server");
        row("broken", 60, "provider", "HTTP 500");
        row("moved", 60, "denied|unreachable", "");
        row("nothing", 60, "protocol", "no answer");
        row("cut", 60, "unreachable", "");
        row("gzip-bomb", 60, "limit_reached|protocol", "");
        row("endless-body", 60, "limit_reached", "");
        row("silent-stream", 2, "timeout", "no sign of life for 2 s");
        row("stream-ends", 60, "unreachable|protocol", "before it had answered");
        row("stream-twice", 60, "fine", "{}");
        row("stream-flood", 60, "fine", "{}");
        row("stream-junk", 60, "protocol", "no messages|cannot be read");
        row("stream-huge-event", 60, "protocol", "");
        row("stream-goes-on", 60, "fine", "{}");
        row("odd-session", 60, "fine", "{}");
        row("modern-endless-input", 60, "protocol", "after 10 rounds");
        row("modern-odd-type", 60, "protocol", "partial");
    }
    void httpCalls()
    {
        QFETCH(int, seconds);
        QFETCH(QString, kind);
        QFETCH(QString, words);
        const QString mode = QString::fromLatin1(QTest::currentDataTag());
        startWeb(mode);
        const auto [got, said] = bad(seconds);
        QVERIFY2(kind.split(QLatin1Char('|')).contains(got), qPrintable(got + QStringLiteral(": ") + said));
        const QStringList choices = words.split(QLatin1Char('|'));
        QVERIFY2(std::any_of(choices.begin(), choices.end(), [&](const QString &choice) { return said.contains(choice); }), qPrintable(said));
        QVERIFY(said.size() < 5000 && client->log().size() <= 2000);
        QCOMPARE(text("echo", {{QStringLiteral("after"), mode}}), QStringLiteral("{\"after\": \"%1\"}").arg(mode));
        // What pours without end was cut off: the server noticed it.
        if (mode == QLatin1String("endless-body") || mode == QLatin1String("stream-goes-on") || mode == QLatin1String("stream-huge-event"))
            QTRY_VERIFY_WITH_TIMEOUT(notes().contains(QLatin1String("poured")), 30'000);
    }
    // A call that another request's 404 took the session from may have been done: it is not sent again.
    void aCallUnderWayIsNotRepeated()
    {
        startWeb(QStringLiteral("session-ends"));
        QVERIFY(test::await(client->connectNow(CancelToken())));
        auto bad = client->callTool(QStringLiteral("bad"), {}, McpCallOptions(), CancelToken());
        QTRY_VERIFY_WITH_TIMEOUT(notes().contains(QLatin1String("did bad")), 20'000);
        QCOMPARE(text("echo"), QStringLiteral("{}")); // in a new session
        const auto result = test::await(std::move(bad));
        QVERIFY(!result);
        QVERIFY2(result.error().message.contains(QLatin1String("is not known")), qPrintable(result.error().message));
        QCOMPARE(text("echo"), QStringLiteral("{}"));
        QCOMPARE(notes().count(QStringLiteral("did bad")), 1);
    }
    void nobodyListens()
    {
        McpServerConfig config;
        config.name = QStringLiteral("tracker");
        config.transport = McpServerConfig::Transport::Http;
        config.url = QStringLiteral("http://127.0.0.1:1/mcp");
        make(config);
        const auto info = test::await(client->connectNow(CancelToken()));
        QVERIFY(!info);
        QCOMPARE(info.error().kind, ErrorKind::Unreachable);
        QVERIFY2(info.error().message.contains(QLatin1String("127.0.0.1:1")), qPrintable(info.error().message));
    }

private:
    QString notesPath() const { return folder->filePath(QStringLiteral("notes")); }
    QStringList notes() const
    {
        QFile file(notesPath());
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()).split(QLatin1Char('\n')) : QStringList();
    }
    // That the server got a message of the method.
    bool got_(const QString &method) const
    {
        return QTest::qWaitFor([&] { return notes().contains(QStringLiteral("got ") + method); }, 20'000);
    }
    QStringList pids() const
    {
        QStringList found;
        for (const QString &line : notes()) {
            if (line.startsWith(QLatin1String("pid ")))
                found.append(line.mid(4));
        }
        return found;
    }
    QStringList leftProcesses() const
    {
        QStringList left = pids();
        left.removeIf([](const QString &pid) { return ::kill(pid.toInt(), 0) != 0; });
        return left;
    }
    McpServerConfig configFor(const QString &mode, int connectSeconds) const
    {
        McpServerConfig config;
        config.name = QStringLiteral("tracker");
        config.command = python;
        config.args = {QStringLiteral(LATHE_SOURCE_DIR "/tests/support/mcp/bad_server.py"), mode, notesPath()};
        config.connectSeconds = connectSeconds;
        config.samplingModel.clear();
        return config;
    }
    void start(const QString &mode, int connectSeconds = 60) { make(configFor(mode, connectSeconds)); }
    void startWeb(const QString &mode)
    {
        webServer = std::make_unique<WebServer>();
        webServer->setProcessChannelMode(QProcess::ForwardedChannels);
        const McpServerConfig stdio = configFor(mode, 60);
        webServer->start(python, stdio.args + QStringList(QStringLiteral("--http")));
        QVERIFY(QTest::qWaitFor([&] { return !notes().value(0).isEmpty() && notes().size() > 1; }, 30'000));
        McpServerConfig config;
        config.name = QStringLiteral("tracker");
        config.transport = McpServerConfig::Transport::Http;
        config.url = QStringLiteral("http://127.0.0.1:%1/mcp").arg(notes().value(0).mid(5));
        make(config);
    }
    void make(const McpServerConfig &config)
    {
        McpClientOptions options;
        options.http = http.get();
        options.clock = &clock;
        options.handlers.elicit = [this](QJsonObject, CancelToken cancel) { return elicit(std::move(cancel)); };
        client = std::make_unique<McpClient>(config, options);
    }
    static Task<Result<QJsonObject>> wait(int *asked, CancelToken cancel) // for a person who never answers
    {
        ++*asked;
        co_await test::untilCancelled(cancel);
        co_return Error::cancelled();
    }
    Task<Result<QJsonObject>> elicit(CancelToken cancel)
    {
        ++elicited;
        elicitedAtOnce = std::max(elicitedAtOnce, ++elicitedNow);
        const auto slept = co_await clock.sleep(20, cancel);
        --elicitedNow;
        if (!slept)
            co_return slept.error();
        const QJsonObject answer{{QStringLiteral("action"), QStringLiteral("accept")}, {QStringLiteral("content"), QJsonObject()}};
        co_return answer;
    }
    Result<McpToolResult> call(const char *tool, const QJsonObject &arguments, int seconds)
    {
        McpCallOptions options;
        options.seconds = seconds;
        return test::await(client->callTool(QString::fromLatin1(tool), arguments, options, CancelToken()), 240'000);
    }
    // What a call of the tool "bad" came to, and its words.
    std::pair<QString, QString> bad(int seconds)
    {
        const auto result = call("bad", {}, seconds);
        return result ? std::pair(fine, result->text()) : std::pair(kindOf(result.error()), result.error().message);
    }
    QString text(const char *tool, const QJsonObject &arguments = {})
    {
        const auto result = call(tool, arguments, 60);
        return result ? result->text() : QStringLiteral("error: ") + result.error().message;
    }
    bool logHolds(const char *words) const
    {
        const auto lines = client->log();
        return std::any_of(lines.begin(), lines.end(), [&](const McpLogLine &line) { return line.text.contains(QLatin1String(words)); });
    }

    struct WebServer : QProcess {
        ~WebServer() override
        {
            kill();
            waitForFinished(20'000);
        }
    };
    QString python;
    SystemClock clock;
    std::unique_ptr<QTemporaryDir> folder;
    std::unique_ptr<HttpClient> http;
    std::unique_ptr<QProcess> webServer;
    std::unique_ptr<McpClient> client;
    int elicited = 0, elicitedNow = 0, elicitedAtOnce = 0;
};

QTEST_GUILESS_MAIN(TestMcpMisbehaviour)
#include "tst_McpMisbehaviour.moc"
