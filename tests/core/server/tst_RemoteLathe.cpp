// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/RemoteLathe.h"
#include "core/server/EventLog.h"
#include "core/server/RunPublisher.h"
#include "core/server/TraceDifference.h"
#include "core/session/ForeignRuns.h"
#include "core/session/Session.h"
#include "core/trace/TraceCompare.h"
#include "tests/support/Await.h"

#include <QSignalSpy>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace lathe;
using namespace lathe::test;

namespace {
// Passes bytes between a watcher and a publisher, until it is told to cut.
class Proxy : public QObject
{
public:
    explicit Proxy(quint16 target) : m_target(target)
    {
        m_server.listen(QHostAddress::LocalHost);
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *client = m_server.nextPendingConnection();
            auto *server = new QTcpSocket(client);
            server->connectToHost(QHostAddress::LocalHost, m_target);
            client->setParent(this);
            ++connections;
            connect(client, &QTcpSocket::readyRead, this, [=, this] { pass(client, server, nullptr); });
            connect(server, &QTcpSocket::readyRead, this, [=, this] { pass(server, client, &m_left); });
            connect(client, &QTcpSocket::disconnected, server, [=] { server->abort(); });
            connect(server, &QTcpSocket::disconnected, client, [=] { client->disconnectFromHost(); });
        });
    }
    quint16 port() const { return m_server.serverPort(); }
    // After so many bytes to the watcher the connection is cut, also in the middle of a message.
    void cutAfter(qint64 bytes) { m_left = bytes; }
    void cutAll()
    {
        for (QTcpSocket *socket : findChildren<QTcpSocket *>(QString(), Qt::FindDirectChildrenOnly)) {
            socket->abort();
            socket->deleteLater();
        }
    }
    int connections = 0;
    int cuts = 0;

private:
    void pass(QTcpSocket *from, QTcpSocket *to, qint64 *left)
    {
        QByteArray bytes = from->readAll();
        if (left && *left >= 0) {
            bytes.truncate(*left);
            *left -= bytes.size();
        }
        to->write(bytes);
        if (left && *left == 0) {
            *left = -1;
            ++cuts;
            to->flush();
            QTimer::singleShot(0, this, [this] { cutAll(); });
        }
    }
    QTcpServer m_server;
    quint16 m_target;
    qint64 m_left = -1;
};

// Random but sensible events of a run: nested steps that stream, wait, are retried and end, also some that were never begun.
class EventMaker
{
public:
    explicit EventMaker(unsigned seed) : m_random(seed) {}
    RunEvent next()
    {
        if (m_timeUs == 0) {
            RunEvent event = make(RunEventKind::RunStarted, QString());
            event.attributes = QJsonObject{{QStringLiteral("input"), QStringLiteral("What do they want?")}};
            return event;
        }
        const unsigned dice = m_random() % 20;
        if (m_open.isEmpty() || (dice < 3 && m_open.size() < 12)) {
            const QString parent = m_open.isEmpty() || dice == 0 ? QString() : m_open[qsizetype(m_random() % unsigned(m_open.size()))];
            const QString path = parent.isEmpty() ? QString::number(++m_children[parent])
                                                  : QStringLiteral("%1.%2").arg(parent).arg(++m_children[parent]);
            m_open.append(path);
            RunEvent event = make(RunEventKind::StepStarted, path);
            event.stepKind = StepKind(m_random() % 6);
            event.name = QStringLiteral("step %1").arg(path);
            event.attributes = QJsonObject{{QStringLiteral("n"), qint64(m_random())}, {QStringLiteral("deep"), QJsonArray{1, QStringLiteral("ü")}}};
            return event;
        }
        const QString step = m_open[qsizetype(m_random() % unsigned(m_open.size()))];
        if (dice == 4) {
            m_open.removeAll(step);
            RunEvent event = make(RunEventKind::StepEnded, step);
            event.stepStatus = m_random() % 4 ? StepStatus::Ok : StepStatus::Failed;
            if (event.stepStatus == StepStatus::Failed)
                event.error = Error(ErrorKind::Provider, QStringLiteral("It broke."));
            event.attributes = QJsonObject{{QStringLiteral("gen_ai.usage.input_tokens"), int(m_random() % 100)}};
            return event;
        }
        if (dice == 5) {
            RunEvent event = make(RunEventKind::StepNote, step);
            static const char *const names[] = {"retry", "approval_requested", "approval_given", "restart"};
            event.name = QLatin1String(names[m_random() % 4]);
            event.attributes = QJsonObject{{QStringLiteral("after_ms"), int(m_random() % 1000)}};
            return event;
        }
        RunEvent event = make(RunEventKind::StepDelta, step);
        event.channel = DeltaChannel(m_random() % 3);
        event.text = QStringLiteral("<%1 %2>").arg(++m_pieces).arg(QString(int(m_random() % 30), QChar(0x00e9)));
        return event;
    }
    RunEvent end()
    {
        RunEvent event = make(RunEventKind::RunEnded, QString());
        event.runStatus = RunStatus::Done;
        event.text = QStringLiteral("the answer");
        return event;
    }

private:
    RunEvent make(RunEventKind kind, const QString &step)
    {
        RunEvent event;
        event.kind = kind;
        event.step = step;
        event.timeUs = 1'800'000'000'000'000 + (m_timeUs += 1000);
        return event;
    }
    std::mt19937 m_random;
    qint64 m_timeUs = 0;
    int m_pieces = 0;
    QStringList m_open;
    QHash<QString, int> m_children;
};

// Empty when the steps show the same.
QString difference(const Trace &a, const Trace &b)
{
    if (a.steps().size() != b.steps().size())
        return QStringLiteral("%1 steps and %2").arg(a.steps().size()).arg(b.steps().size());
    for (const Step &step : a.steps()) {
        const int other = b.indexOf(step.path);
        if (other < 0)
            return step.path + QStringLiteral(" is missing");
        if (!sameStep(step, b.steps()[size_t(other)]))
            return step.path + QStringLiteral(": \"%1\" and \"%2\"").arg(step.text.right(200), b.steps()[size_t(other)].text.right(200));
    }
    if (a.status() != b.status() || a.output() != b.output())
        return QStringLiteral("the ends differ: %1 and %2").arg(runStatusName(a.status()), runStatusName(b.status()));
    return QString();
}
} // namespace

class TestRemoteLathe : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_files = 0;
    std::unique_ptr<Session> m_there, m_here;
    std::map<std::pair<Session *, RunId>, std::shared_ptr<const Trace>> m_traces;

    std::unique_ptr<Session> open(const QString &sample, int tokensPerSecond = 0)
    {
        const QString path = m_folder.filePath(QStringLiteral("p%1.lathe").arg(++m_files));
        const auto made = await(Session::createProject(path, sample));
        if (!made)
            qFatal("%s", qPrintable(made.error().message));
        SessionOptions options;
        options.offlineTokensPerSecond = tokensPerSecond;
        auto session = Session::open(path, options);
        if (!session)
            qFatal("%s", qPrintable(session.error().message));
        return std::move(*session);
    }
    RunId beginForeign(Session &session)
    {
        RunInfo info;
        info.source = QStringLiteral("otlp");
        info.sourceId = QStringLiteral("trace-%1").arg(++m_files);
        info.agentName = QStringLiteral("watched");
        info.input = QStringLiteral("What do they want?");
        info.startUs = 1'800'000'000'000'000;
        const RunId run = *await(session.foreignRuns().begin(std::move(info), true));
        traceOf(session, run);
        return run;
    }
    static RunId localOf(const RemoteLathe &remote, RunId there)
    {
        for (const RemoteRun &run : remote.runs()) {
            if (run.id == there.value)
                return run.local;
        }
        return RunId();
    }
    static QUrl through(const RunPublisher &publisher, const Proxy &proxy)
    {
        QUrl url = publisher.url();
        url.setPort(proxy.port());
        return url;
    }
    // Kept from its first use on: after its end a run's trace is only in the file.
    std::shared_ptr<const Trace> traceOf(Session &session, RunId run)
    {
        auto &kept = m_traces[{&session, run}];
        if (!kept)
            kept = session.project().runs().trace(run);
        return kept;
    }
    QString differenceOf(RunId there, RunId here)
    {
        const auto a = traceOf(*m_there, there);
        const auto b = traceOf(*m_here, here);
        return a && b ? difference(*a, *b) : QStringLiteral("no trace");
    }

private Q_SLOTS:
    void init()
    {
        m_there = open(QStringLiteral("feedback-desk"));
        m_here = open(QString());
        for (Session *session : {m_there.get(), m_here.get()})
            connect(session, &Session::runStarted, session, [this, session](RunId run) { traceOf(*session, run); });
    }
    void cleanup()
    {
        m_traces.clear();
        for (auto *session : {&m_there, &m_here}) {
            await((*session)->close());
            session->reset();
        }
    }

    // Pieces joined in the log can be had from any number on.
    void eventLogFromAnyNumber()
    {
        EventMaker maker(7);
        EventLog log(10 << 20), small(20'000);
        std::vector<RunEvent> all;
        for (int i = 0; i < 3000; ++i) {
            all.push_back(maker.next());
            log.append(all.back());
            small.append(all.back());
        }
        QCOMPARE(log.end(), 3000);
        QCOMPARE(small.end(), 3000);
        QVERIFY(small.begin() > 0 && small.bytes() <= 20'000);
        Trace whole;
        for (const RunEvent &event : all)
            whole.apply(event);
        for (const EventLog *one : {&log, &small}) {
            for (qint64 from = one->begin(); from <= one->end(); from += 37) {
                Trace trace;
                for (qint64 i = 0; i < from; ++i)
                    trace.apply(all[size_t(i)]);
                for (qint64 at = from; at < one->end();) {
                    const EventLog::Piece piece = one->read(at, 1 + from * 10);
                    QVERIFY(piece.next > at && !piece.events.empty());
                    for (const RunEvent &event : piece.events)
                        trace.apply(event);
                    at = piece.next;
                }
                QCOMPARE(difference(trace, whole), QString());
            }
        }
    }

    // From any state to any later one.
    void eventsBetweenStates()
    {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            EventMaker maker(seed);
            std::vector<RunEvent> all;
            for (int i = 0; i < 400; ++i)
                all.push_back(maker.next());
            all.push_back(maker.end());
            Trace now;
            for (const RunEvent &event : all)
                now.apply(event);
            Trace known;
            for (size_t i = 0; i < all.size(); ++i) {
                if (i % 29 == 0) {
                    Trace copy = known;
                    const auto news = eventsBetween(known, now);
                    for (const RunEvent &event : news)
                        copy.apply(event);
                    QCOMPARE(difference(copy, now), QString());
                }
                known.apply(all[i]);
            }
            QVERIFY(eventsBetween(now, now).empty());
        }
    }

    void watchesARunLive()
    {
        RunPublisher publisher(m_there.get());
        QVERIFY(publisher.start());
        QVERIFY(publisher.url().toString().startsWith(QStringLiteral("ws://127.0.0.1:")));
        RemoteLathe remote(m_here.get());
        remote.connectTo(publisher.url());
        QCOMPARE(remote.state(), RemoteLathe::State::Connecting);
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Connected, 30'000);
        QCOMPARE(publisher.watchers(), 1);
        QVERIFY(!remote.url().toString().contains(publisher.token()));
        QVERIFY(remote.stateText().contains(QStringLiteral(".lathe")));
        RunRequest request;
        request.agent = QStringLiteral("triage");
        request.input.text = QStringLiteral("The export is slow.");
        const auto run = await(m_there->startRun(std::move(request)));
        QVERIFY(run.ok());
        QVERIFY(await(m_there->finished(*run)).ok());
        QTRY_VERIFY_WITH_TIMEOUT(localOf(remote, *run).isValid(), 30'000);
        const RunId here = localOf(remote, *run);
        QTRY_COMPARE_WITH_TIMEOUT(differenceOf(*run, here), QString(), 30'000);
        QVERIFY(await(m_here->foreignRuns().flush()).ok());
        const auto info = m_here->project().runs().run(here);
        QVERIFY(info.ok());
        QCOMPARE(info->source, QStringLiteral("remote"));
        QCOMPARE(info->status, RunStatus::Done);
        QCOMPARE(info->agentName, QStringLiteral("triage"));
        QVERIFY(info->sourceId.endsWith(QStringLiteral("/%1").arg(run->value)));
        publisher.stop();
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Ended, 30'000);
    }

    void cutsAtRandomPoints_data()
    {
        QTest::addColumn<unsigned>("seed");
        QTest::addColumn<int>("kept");
        for (unsigned seed = 1; seed <= 6; ++seed)
            QTest::addRow("seed %u, %s", seed, seed % 2 ? "all events kept" : "few events kept") << seed << (seed % 2 ? 4 << 20 : 5000);
    }
    void cutsAtRandomPoints()
    {
        QFETCH(unsigned, seed);
        QFETCH(int, kept);
        RunPublisher publisher(m_there.get());
        PublisherOptions options;
        options.keptEventBytes = kept;
        QVERIFY(publisher.start(options));
        Proxy proxy(publisher.address().port);
        RemoteLathe remote(m_here.get());
        remote.connectTo(through(publisher, proxy));
        std::mt19937 random(seed);
        EventMaker makers[2] = {EventMaker(seed * 2), EventMaker(seed * 2 + 1)};
        const RunId there[2] = {beginForeign(*m_there), beginForeign(*m_there)};
        for (int round = 0; round < 60 || (proxy.connections < 2 && round < 5000); ++round) { // a busy machine has not even connected by then
            for (int i = 0; i < 2; ++i) {
                std::vector<RunEvent> events;
                for (unsigned n = 1 + random() % 30; n > 0; --n)
                    events.push_back(makers[i].next());
                QVERIFY(m_there->foreignRuns().record(there[i], events));
                if (const RunId here = localOf(remote, there[i]); here.isValid())
                    traceOf(*m_here, here);
            }
            if (random() % 6 == 0)
                proxy.cutAfter(1 + qint64(random() % 8000));
            QTest::qWait(int(random() % 25));
        }
        proxy.cutAfter(-1);
        for (int i = 0; i < 2; ++i) {
            QTRY_VERIFY_WITH_TIMEOUT(localOf(remote, there[i]).isValid(), 30'000);
            traceOf(*m_here, localOf(remote, there[i]));
            QVERIFY(m_there->foreignRuns().record(there[i], {makers[i].end()}));
            const RunId here = localOf(remote, there[i]);
            QTRY_VERIFY_WITH_TIMEOUT(!m_here->foreignRuns().isUnderWay(here), 30'000);
            QCOMPARE(differenceOf(there[i], here), QString());
        }
        QVERIFY2(proxy.connections > 1, "nothing was ever cut");
        QCOMPARE(m_here->project().runs().count(), 2);
    }

    void attachesToARunUnderWayAndAfterARestart()
    {
        EventMaker maker(99);
        const RunId there = beginForeign(*m_there);
        const auto some = [&](int count) {
            std::vector<RunEvent> events;
            for (int i = 0; i < count; ++i)
                events.push_back(maker.next());
            QVERIFY(m_there->foreignRuns().record(there, events));
        };
        some(100);
        auto publisher = std::make_unique<RunPublisher>(m_there.get());
        QVERIFY(publisher->start());
        auto remote = std::make_unique<RemoteLathe>(m_here.get());
        remote->connectTo(publisher->url());
        QTRY_VERIFY_WITH_TIMEOUT(localOf(*remote, there).isValid(), 30'000);
        const RunId here = localOf(*remote, there);
        some(50);
        QTRY_COMPARE_WITH_TIMEOUT(differenceOf(there, here), QString(), 30'000);
        remote.reset(); // this program ends
        QVERIFY(await(m_here->foreignRuns().flush()).ok());
        QTRY_COMPARE_WITH_TIMEOUT(m_here->project().runs().run(here)->status, RunStatus::Interrupted, 30'000);
        some(50);
        publisher->stop(); // and so does the other one
        QVERIFY(publisher->start());
        remote = std::make_unique<RemoteLathe>(m_here.get());
        remote->connectTo(publisher->url());
        m_traces.erase({m_here.get(), here});
        QTRY_COMPARE_WITH_TIMEOUT(localOf(*remote, there), here, 30'000); // the same run goes on
        QTRY_COMPARE_WITH_TIMEOUT(differenceOf(there, here), QString(), 30'000);
        some(10);
        QVERIFY(m_there->foreignRuns().record(there, {maker.end()}));
        QTRY_VERIFY_WITH_TIMEOUT(!m_here->foreignRuns().isUnderWay(here), 30'000);
        QCOMPARE(differenceOf(there, here), QString());
        QCOMPARE(m_here->project().runs().count(), 1);
        // An ended run is only listed for a new watcher, and can be taken; one that is here is not taken twice.
        auto third = open(QString());
        {
            RemoteLathe other(third.get());
            other.connectTo(publisher->url());
            QTRY_COMPARE_WITH_TIMEOUT(other.runs().size(), size_t(1), 30'000);
            QVERIFY(!other.runs()[0].local.isValid());
            other.take(there.value);
            QTRY_VERIFY_WITH_TIMEOUT(localOf(other, there).isValid(), 30'000);
            const RunId taken = localOf(other, there);
            QTRY_VERIFY_WITH_TIMEOUT(!third->foreignRuns().isUnderWay(taken), 30'000);
            const auto stored = await(third->trace(taken, CancelToken()));
            QVERIFY(stored.ok());
            QCOMPARE(stored->steps().size(), traceOf(*m_there, there)->steps().size());
            QCOMPARE(stored->output(), traceOf(*m_there, there)->output());
        }
        await(third->close());
    }

    // What a run asks is answered from afar, also when the connection is cut before and after the answer.
    void answersQuestionsAndStops()
    {
        RunPublisher publisher(m_there.get());
        QVERIFY(publisher.start());
        Proxy proxy(publisher.address().port);
        RemoteLathe remote(m_here.get());
        remote.connectTo(through(publisher, proxy));
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Connected, 30'000);
        const RunId there = beginForeign(*m_there);
        EventMaker maker(5);
        QVERIFY(m_there->foreignRuns().record(there, {maker.next(), maker.next()}));
        HumanQuestion question;
        question.type = HumanQuestion::Type::Approval;
        question.step = QStringLiteral("1");
        question.text = QStringLiteral("May it delete everything?");
        question.tool = QStringLiteral("delete_all");
        question.arguments = QJsonObject{{QStringLiteral("path"), QStringLiteral("/")}};
        question.sideEffect = SideEffect::External;
        std::optional<HumanAnswer> answered;
        m_there->foreignRuns().ask(there, question, [&](const HumanAnswer &answer) { answered = answer; });
        QTRY_COMPARE_WITH_TIMEOUT(m_here->questions().size(), size_t(1), 30'000);
        const PendingQuestion pending = m_here->questions()[0];
        QCOMPARE(pending.question.toJson(), question.toJson());
        QCOMPARE(pending.question.sideEffect, SideEffect::External);
        proxy.cutAll();
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Waiting, 30'000);
        HumanAnswer answer;
        answer.approved = true;
        answer.text = QStringLiteral("go on");
        answer.arguments = QJsonObject{{QStringLiteral("path"), QStringLiteral("/tmp")}};
        m_here->answer(pending.run, pending.question.step, answer); // while there is no connection
        QTRY_VERIFY_WITH_TIMEOUT(answered.has_value(), 30'000);
        QCOMPARE(answered->toJson(), answer.toJson());
        QTRY_COMPARE_WITH_TIMEOUT(m_here->questions().size(), size_t(0), 30'000);
        bool stopped = false;
        m_there->foreignRuns().setStop(there, [&] { stopped = true; });
        m_here->stop(localOf(remote, there));
        QTRY_VERIFY_WITH_TIMEOUT(stopped, 30'000);
        // A question taken back there is taken back here.
        m_there->foreignRuns().ask(there, question, {});
        QTRY_COMPARE_WITH_TIMEOUT(m_here->questions().size(), size_t(1), 30'000);
        m_there->foreignRuns().withdraw(there, question.step);
        QTRY_COMPARE_WITH_TIMEOUT(m_here->questions().size(), size_t(0), 30'000);
        QVERIFY(m_there->foreignRuns().record(there, {maker.end()}));
        QTRY_VERIFY_WITH_TIMEOUT(!m_here->foreignRuns().isUnderWay(localOf(remote, there)), 30'000);
    }

    void refusals()
    {
        RunPublisher publisher(m_there.get());
        QVERIFY(publisher.start());
        QCOMPARE(publisher.token().size(), 32);
        RemoteLathe remote(m_here.get());
        QUrl wrong = publisher.url();
        wrong.setQuery(QStringLiteral("token=0123"));
        for (const QUrl &url : {wrong, QUrl(publisher.url().adjusted(QUrl::RemoveQuery))}) {
            remote.connectTo(url);
            QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Refused, 30'000);
            QVERIFY(remote.stateText().contains(QStringLiteral("token")));
        }
        remote.connectTo(QUrl(QStringLiteral("nonsense")));
        QCOMPARE(remote.state(), RemoteLathe::State::Refused);
        QCOMPARE(publisher.refused(), 2);
        // A page in a browser sends its origin, and gets nowhere even with the token.
        QTcpSocket page;
        page.connectToHost(QHostAddress::LocalHost, publisher.address().port);
        QVERIFY(page.waitForConnected());
        page.write("GET /?token=" + publisher.token().toLatin1()
                   + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://evil.example\r\n\r\n");
        QByteArray answer;
        connect(&page, &QTcpSocket::readyRead, this, [&] { answer += page.readAll(); });
        QTRY_VERIFY_WITH_TIMEOUT(answer.contains("403"), 30'000);
        QCOMPARE(publisher.refused(), 3);
        // The right one by its own way.
        remote.connectTo(publisher.url().adjusted(QUrl::RemoveQuery), publisher.token());
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Connected, 30'000);
        RunPublisher second(m_there.get());
        PublisherOptions taken;
        taken.address.port = publisher.address().port;
        const auto started = second.start(taken);
        QVERIFY(!started && started.error().message.contains(QStringLiteral("is in use by another program")));
    }

    void waitsForAPublisherThatComesLater()
    {
        RunPublisher publisher(m_there.get());
        QVERIFY(publisher.start());
        PublisherOptions options;
        options.address = publisher.address();
        options.token = publisher.token();
        const QUrl url = publisher.url();
        publisher.stop();
        RemoteLathe remote(m_here.get());
        remote.connectTo(url);
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Waiting, 30'000);
        QVERIFY(remote.waitSeconds() >= 1);
        QVERIFY(remote.error().has_value());
        QVERIFY(publisher.start(options));
        QTRY_COMPARE_WITH_TIMEOUT(remote.state(), RemoteLathe::State::Connected, 30'000);
        QVERIFY(!remote.error());
        remote.disconnectFrom();
        QCOMPARE(remote.state(), RemoteLathe::State::Off);
        QTRY_COMPARE_WITH_TIMEOUT(publisher.watchers(), 0, 30'000);
    }
};

QTEST_GUILESS_MAIN(TestRemoteLathe)
#include "tst_RemoteLathe.moc"
