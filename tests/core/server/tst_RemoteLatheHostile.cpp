// SPDX-License-Identifier: GPL-3.0-or-later
// The other side of a connection as the test wants it: without end, without sense, without reading.
#include "core/server/RemoteLathe.h"
#include "core/server/Watcher.h"
#include "core/session/ForeignRuns.h"
#include "core/session/Session.h"
#include "tests/support/Await.h"

#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWebSocket>
#include <QWebSocketServer>

using namespace lathe;
using namespace lathe::test;

namespace {
// A publisher that says what the test wants.
class FakePublisher : public QObject
{
public:
    FakePublisher() : m_server(QStringLiteral("fake"), QWebSocketServer::NonSecureMode)
    {
        m_server.listen(QHostAddress::LocalHost);
        connect(&m_server, &QWebSocketServer::newConnection, this, [this] {
            socket = m_server.nextPendingConnection();
            socket->setParent(this);
            ++connections;
            connect(socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) { heard += text; });
            tell({{QStringLiteral("type"), QStringLiteral("hello")}, {QStringLiteral("protocol"), 1}, {QStringLiteral("publisher"), QStringLiteral("p")},
                  {QStringLiteral("epoch"), QStringLiteral("e")}, {QStringLiteral("project"), QStringLiteral("fake.lathe")}});
            if (greeted)
                greeted();
        });
    }
    QUrl url() const { return m_server.serverUrl(); }
    void tell(const QJsonObject &message) { socket->sendTextMessage(QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact))); }
    void tellOfRun(qint64 run, const char *status = "running")
    {
        tell({{QStringLiteral("type"), QStringLiteral("run")}, {QStringLiteral("run"), run}, {QStringLiteral("agent"), QStringLiteral("a")},
              {QStringLiteral("status"), QLatin1String(status)}, {QStringLiteral("start_us"), qint64(1'800'000'000'000'000)}});
    }
    void tellEvents(qint64 run, qint64 from, const std::vector<RunEvent> &events, const char *type = "events", bool first = false)
    {
        QJsonArray array;
        for (const RunEvent &event : events)
            array.append(event.toJson());
        QJsonObject message{{QStringLiteral("type"), QLatin1String(type)}, {QStringLiteral("run"), run}, {QStringLiteral("events"), array}};
        if (qstrcmp(type, "events") == 0) {
            message.insert(QStringLiteral("from"), from);
            message.insert(QStringLiteral("next"), from + qint64(events.size()));
        } else if (first) {
            message.insert(QStringLiteral("first"), true);
        }
        tell(message);
    }
    QWebSocket *socket = nullptr;
    std::function<void()> greeted;
    QStringList heard;
    int connections = 0;

private:
    QWebSocketServer m_server;
};

// Gives whole traces when it is told to, and counts how many are wanted at a time.
class SlowHost : public WatcherHost
{
public:
    PublishedRun *published(RunId) override { return nullptr; }
    void wholeRun(RunId run, WholeRun done) override
    {
        wanted.emplace_back(run, std::move(done));
        most = std::max(most, wanted.size());
    }
    void command(QObject *, const QJsonObject &, std::function<void(const QString &)>) override {}
    std::vector<std::pair<RunId, WholeRun>> wanted;
    size_t most = 0;
};
} // namespace

class TestRemoteLatheHostile : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_files = 0;
    std::unique_ptr<Session> m_here;

    static RunId localOf(const RemoteLathe &remote, RunId there)
    {
        for (const RemoteRun &run : remote.runs()) {
            if (run.id == there.value)
                return run.local;
        }
        return RunId();
    }

private Q_SLOTS:
    void init()
    {
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_files));
        QVERIFY(await(Session::createProject(path, QString())));
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session);
        m_here = std::move(*session);
    }
    void cleanup()
    {
        await(m_here->close());
        m_here.reset();
    }

    // A publisher that talks without end fills no memory; what it told before is kept, and so are its other runs.
    void aRunWithoutEndIsCutShort_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::newRow("events") << QByteArray("events");
        QTest::newRow("parts of a trace") << QByteArray("trace");
    }
    void aRunWithoutEndIsCutShort()
    {
        QFETCH(QByteArray, type);
        FakePublisher fake;
        RemoteLathe remote(m_here.get());
        RemoteLathe::Limits limits;
        limits.run = 1 << 20;
        limits.unwritten = 64 << 20;
        remote.setLimits(limits);
        QSignalSpy failures(&remote, &RemoteLathe::failed);
        fake.greeted = [&] {
            fake.tellOfRun(1);
            fake.tellOfRun(2);
        };
        remote.connectTo(fake.url());
        QTRY_COMPARE_WITH_TIMEOUT(fake.heard.filter(QStringLiteral("follow")).size(), 2, 30'000);
        RunEvent begun;
        begun.kind = RunEventKind::StepStarted;
        begun.step = QStringLiteral("1");
        begun.timeUs = 1'800'000'000'000'001;
        RunEvent piece;
        piece.kind = RunEventKind::StepDelta;
        piece.step = begun.step;
        piece.timeUs = begun.timeUs;
        piece.text = QString(50'000, QLatin1Char('x'));
        fake.tellEvents(1, 0, {begun}, type.constData(), true);
        for (int i = 1; i < 100; ++i)
            fake.tellEvents(1, i, {piece}, type.constData());
        QTRY_COMPARE_WITH_TIMEOUT(failures.size(), 1, 30'000);
        QVERIFY(qvariant_cast<Error>(failures[0][0]).message.contains(QStringLiteral("more than 1 MB")));
        QTRY_COMPARE_WITH_TIMEOUT(fake.heard.filter(QStringLiteral("unfollow")).size(), 1, 30'000);
        QCOMPARE(remote.state(), RemoteLathe::State::Connected);
        const RunId local = localOf(remote, RunId{1});
        QVERIFY(!m_here->foreignRuns().isUnderWay(local));
        QTRY_COMPARE_WITH_TIMEOUT(m_here->project().runs().run(local)->status, RunStatus::Interrupted, 30'000);
        // It is told of again and not taken again; the other goes on to its end.
        fake.tellOfRun(1);
        RunEvent over;
        over.kind = RunEventKind::RunEnded;
        over.runStatus = RunStatus::Done;
        over.timeUs = begun.timeUs + 1;
        fake.tellEvents(2, 0, {begun, over});
        const RunId other = localOf(remote, RunId{2});
        QTRY_VERIFY_WITH_TIMEOUT(!m_here->foreignRuns().isUnderWay(other), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(m_here->project().runs().run(other)->status, RunStatus::Done, 30'000);
        QVERIFY(!m_here->foreignRuns().isUnderWay(local));
        QCOMPARE(failures.size(), 1);
    }

    // What cannot be written as fast as it is told waits on the other side.
    void toldFasterThanWritten()
    {
        FakePublisher fake;
        RemoteLathe remote(m_here.get());
        RemoteLathe::Limits limits;
        limits.unwritten = 100'000;
        remote.setLimits(limits);
        fake.greeted = [&] { fake.tellOfRun(1); };
        remote.connectTo(fake.url());
        QTRY_COMPARE_WITH_TIMEOUT(fake.heard.filter(QStringLiteral("follow")).size(), 1, 30'000);
        RunEvent begun;
        begun.kind = RunEventKind::StepStarted;
        begun.step = QStringLiteral("1");
        begun.timeUs = 1'800'000'000'000'001;
        begun.attributes = QJsonObject{{QStringLiteral("long"), QString(60'000, QLatin1Char('x'))}};
        fake.tellEvents(1, 0, {begun});
        QTRY_COMPARE_WITH_TIMEOUT(fake.connections, 2, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Connected, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(fake.heard.filter(QStringLiteral("\"have\":1")).size(), 1, 30'000); // goes on where it was
        QVERIFY(m_here->foreignRuns().isUnderWay(localOf(remote, RunId{1})));
    }

    void nonsenseIsAskedForLessAndLess()
    {
        FakePublisher fake;
        RemoteLathe remote(m_here.get());
        fake.greeted = [&] { fake.socket->sendTextMessage(QStringLiteral("not JSON")); };
        remote.connectTo(fake.url());
        QTRY_COMPARE_WITH_TIMEOUT(fake.connections, 4, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Waiting, 30'000);
        QVERIFY2(remote.waitSeconds() >= 2, qPrintable(remote.stateText()));
        QVERIFY(remote.error() && remote.error()->kind == ErrorKind::Protocol);
    }

    // A watcher that asks for everything and more, and reads nothing.
    void wholeTracesComeOneAfterTheOther()
    {
        QWebSocketServer server(QStringLiteral("watched"), QWebSocketServer::NonSecureMode);
        QVERIFY(server.listen(QHostAddress::LocalHost));
        QWebSocket client;
        QMap<qint64, int> got;
        connect(&client, &QWebSocket::textMessageReceived, this, [&](const QString &text) {
            const QJsonObject message = QJsonDocument::fromJson(text.toUtf8()).object();
            if (message.value(QLatin1String("type")).toString() == QLatin1String("trace") && message.contains(QLatin1String("next")))
                ++got[message.value(QLatin1String("run")).toInteger()];
        });
        client.open(server.serverUrl());
        QTRY_VERIFY_WITH_TIMEOUT(server.hasPendingConnections(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(client.state(), QAbstractSocket::ConnectedState, 30'000); // what is sent before is dropped
        SlowHost host;
        Watcher watcher(&host, server.nextPendingConnection(), QStringLiteral("e"), 8 << 20, nullptr);
        for (int round = 0; round < 20; ++round) {
            for (int run = 1; run <= 50; ++run)
                client.sendTextMessage(QStringLiteral("{\"type\":\"follow\",\"run\":%1}").arg(run));
        }
        RunEvent begun;
        begun.kind = RunEventKind::StepStarted;
        begun.step = QStringLiteral("1");
        const auto events = std::make_shared<const std::vector<RunEvent>>(3, begun);
        while (got.size() < 50) {
            QTRY_VERIFY2_WITH_TIMEOUT(!host.wanted.empty() || got.size() == 50, qPrintable(QString::number(got.size())), 30'000);
            for (const auto &[run, done] : std::exchange(host.wanted, {}))
                done(events, 3);
        }
        QCOMPARE(host.most, size_t(1));
    }

    // What is recorded here already is shown as such, also to a new attachment.
    void knowsWhatItHas()
    {
        FakePublisher fake;
        fake.greeted = [&] { fake.tellOfRun(1); };
        RunEvent over;
        over.kind = RunEventKind::RunEnded;
        over.runStatus = RunStatus::Done;
        over.timeUs = 1'800'000'000'000'001;
        RunId local;
        {
            RemoteLathe remote(m_here.get());
            remote.connectTo(fake.url());
            QTRY_COMPARE_WITH_TIMEOUT(fake.heard.filter(QStringLiteral("follow")).size(), 1, 30'000);
            local = localOf(remote, RunId{1});
            fake.tellEvents(1, 0, {over});
            QTRY_VERIFY_WITH_TIMEOUT(!m_here->foreignRuns().isUnderWay(local), 30'000);
        }
        fake.heard.clear();
        fake.greeted = [&] {
            fake.tellOfRun(1, "done");
            fake.tellOfRun(2, "done");
        };
        RemoteLathe again(m_here.get());
        again.connectTo(fake.url());
        QTRY_COMPARE_WITH_TIMEOUT(again.runs().size(), size_t(2), 30'000);
        QCOMPARE(localOf(again, RunId{1}), local);
        QVERIFY(!localOf(again, RunId{2}).isValid());
        QVERIFY(fake.heard.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestRemoteLatheHostile)
#include "tst_RemoteLatheHostile.moc"
