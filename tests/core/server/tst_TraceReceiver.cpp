// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/TraceReceiver.h"

#include "core/session/ForeignRuns.h"
#include "core/session/Session.h"
#include "tests/core/httpd/HttpdTesting.h"
#include "tests/support/Await.h"
#include "tests/support/ProtoWire.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace lathe;
using namespace lathe::test;

namespace {
QByteArray attribute(const QByteArray &key, const QByteArray &text)
{
    return field(1, key) + field(2, field(1, text));
}

constexpr quint64 startNs = 1'800'000'000'000'000'000;

QByteArray spanId(quint32 number)
{
    QByteArray id(8, '\0');
    for (int i = 0; i < 4; ++i)
        id[7 - i] = char(number >> (8 * i));
    return id;
}
QByteArray traceId(quint32 number)
{
    return QByteArray(8, '\x42') + spanId(number);
}
QByteArray protoSpan(quint32 trace, quint32 span, quint32 parent, const QByteArray &text = "hello")
{
    return field(1, traceId(trace)) + field(2, spanId(span)) + (parent ? field(4, spanId(parent)) : QByteArray())
           + field(5, parent ? "chat gpt-5" : "invoke_agent desk") + fixed64(7, startNs + span * 1000) + fixed64(8, startNs + span * 1000 + 500)
           + field(9, attribute("gen_ai.operation.name", parent ? "chat" : "invoke_agent")) + field(9, attribute("gen_ai.request.model", "gpt-5"))
           + field(9, attribute("gen_ai.agent.name", "desk")) + field(9, attribute("note", text));
}
QByteArray protoBody(const QByteArrayList &spans)
{
    QByteArray scope;
    for (const QByteArray &span : spans)
        scope += field(2, span);
    return field(1, field(1, field(1, attribute("service.name", "test"))) + field(2, scope));
}
QByteArray jsonBody(quint32 trace, quint32 count, const QByteArray &more = {})
{
    QByteArrayList spans;
    for (quint32 i = count; i >= 1; --i) { // children first, as exporters do
        spans.append("{\"traceId\":\"" + traceId(trace).toHex() + "\",\"spanId\":\"" + spanId(i).toHex() + "\","
                     + (i > 1 ? "\"parentSpanId\":\"" + spanId(1).toHex() + "\"," : QByteArray())
                     + "\"name\":\"" + (i > 1 ? "chat gpt-5" : "invoke_agent desk") + "\",\"startTimeUnixNano\":\"" + QByteArray::number(startNs + i * 1000)
                     + "\",\"endTimeUnixNano\":\"" + QByteArray::number(startNs + i * 1000 + 500)
                     + "\",\"attributes\":[{\"key\":\"gen_ai.agent.name\",\"value\":{\"stringValue\":\"desk\"}}]" + more + "}");
    }
    return "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" + spans.join(',') + "]}]}]}";
}

const QByteArray proto = "application/x-protobuf";
const QByteArray json_ = "application/json";
} // namespace

class TestTraceReceiver : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    int m_files = 0;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<TraceReceiver> m_receiver;

    // Sends from another thread, while the event loop of this one works.
    std::vector<HttpReplySeen> ask(const std::vector<QByteArray> &requests, quint16 port = 0)
    {
        if (port == 0)
            port = quint16(m_receiver->url().port());
        std::vector<HttpReplySeen> replies;
        std::atomic<bool> over{false};
        std::thread sender([&] {
            RawClient client(port);
            for (const QByteArray &request : requests)
                replies.push_back(client.ask(request));
            over = true;
        });
        while (!over)
            QTest::qWait(1);
        sender.join();
        return replies;
    }
    HttpReplySeen ask(const QByteArray &request) { return ask(std::vector<QByteArray>{request})[0]; }
    void start(ReceiverOptions options = ReceiverOptions())
    {
        options.address.port = 0;
        const auto started = m_receiver->start(options);
        QVERIFY2(started.ok(), started ? "" : qPrintable(started.error().message));
    }
    void stop()
    {
        await(m_receiver->stop());
    }
    std::optional<RunInfo> runOf(quint32 trace)
    {
        const auto id = m_session->project().runs().findForeign(QStringLiteral("otlp"), QString::fromLatin1(traceId(trace).toHex()));
        if (!id || !*id)
            return std::nullopt;
        const auto info = m_session->project().runs().run(**id);
        return info ? std::optional<RunInfo>(*info) : std::nullopt;
    }
    size_t stepsOf(quint32 trace)
    {
        const auto info = runOf(trace);
        if (!info)
            return 0;
        const auto whole = await(m_session->trace(info->id, CancelToken()));
        return whole ? whole->steps().size() : 0;
    }

private Q_SLOTS:
    void init()
    {
        const QString path = m_folder.filePath(QStringLiteral("r%1.lathe").arg(++m_files));
        QVERIFY(await(Session::createProject(path, QString())).ok());
        auto session = Session::open(path, SessionOptions());
        QVERIFY(session.ok());
        m_session = std::move(*session);
        m_receiver = std::make_unique<TraceReceiver>(m_session.get());
        QCOMPARE(m_receiver->state(), TraceReceiver::State::Off);
        QVERIFY(m_receiver->url().isEmpty());
    }
    void cleanup()
    {
        m_receiver.reset();
        await(m_session->close());
        m_session.reset();
    }

    void answers_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("type"); // of the answer
        QTest::addColumn<QByteArray>("body"); // part of the answer, or all of it after "="
        QTest::addColumn<int>("steps");
        const QByteArray whole = protoBody({protoSpan(1, 2, 1), protoSpan(1, 1, 0)});
        const QByteArray broken = whole.left(whole.size() - 40);
        const auto row = [](const char *name, const QByteArray &bytes, int status, const QByteArray &type, const QByteArray &body, int steps = 0) {
            QTest::newRow(name) << bytes << status << type << body << steps;
        };
        row("protobuf", post(whole, {}, proto), 200, proto, "=", 2);
        row("protobuf, gzip, chunked", post(inChunks(compressed(whole)), "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", proto), 200, proto, "=", 2);
        row("JSON", post(jsonBody(1, 3)), 200, json_, "{", 3);
        row("JSON, unknown members", post(jsonBody(1, 2, ",\"flags\":256,\"future\":{\"a\":[1]}")), 200, json_, "{", 2);
        row("empty protobuf", post("", {}, proto), 200, proto, "=", 0);
        row("empty JSON", post("{}"), 200, json_, "{", 0);
        row("one span without ids", post(protoBody({protoSpan(1, 1, 0), field(5, "no ids")}), {}, proto), 200, proto, "", 1);
        row("truncated protobuf", post(broken, {}, proto), 200, proto, "", 1);
        row("protobuf of nothing", post("\xff\xff\xff\xff hello", {}, proto), 400, proto, "\x08\x03\x12");
        row("truncated JSON", post(jsonBody(1, 3).left(200)), 400, json_, "\"code\":3");
        row("JSON of something else", post("[1,2,3]"), 400, json_, "\"message\"");
        row("protobuf said to be JSON", post(whole), 400, json_, "\"code\":3");
        row("metrics", post("{\"resourceMetrics\":[]}", {}, json_, "/v1/metrics"), 200, json_, "={}");
        row("metrics, protobuf", post("", {}, proto, "/v1/metrics"), 200, proto, "=");
        row("logs", post("{\"resourceLogs\":[]}", {}, json_, "/v1/logs"), 200, json_, "{");
        row("wrong path", post("{}", {}, json_, "/v1/trace"), 404, json_, "\"code\":5");
        row("wrong path, protobuf", post("", {}, proto, "/api/v2/spans"), 404, proto, QByteArray("\x08\x05\x12"));
        row("wrong type", post("{}", {}, "text/plain"), 415, json_, "application/x-protobuf");
        row("too large", post(QByteArray(3 << 20, ' '), {}, proto), 413, proto, QByteArray("\x08\x08\x12"));
        row("gzip bomb", post(compressed(QByteArray(200 << 20, '\0')), "Content-Encoding: gzip\r\n", proto), 413, proto, QByteArray("\x08\x08\x12"));
    }
    void answers()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, body);
        QFETCH(int, steps);
        ReceiverOptions options;
        options.maxBodyBytes = 2 << 20;
        start(options);
        const HttpReplySeen reply = ask(bytes);
        QCOMPARE(reply.status, status);
        QCOMPARE(reply.header("Content-Type"), type);
        if (body.startsWith('='))
            QCOMPARE(reply.body, body.mid(1));
        else
            QVERIFY2(reply.body.contains(body), reply.body.toHex(' ').constData());
        const ReceiverCounters counters = m_receiver->counters();
        QCOMPARE(counters.spansTaken, steps);
        // Counted when the answer has gone out.
        QTRY_COMPARE_WITH_TIMEOUT(m_receiver->counters().refusedRequests.total(), status == 200 ? 0 : 1, 30'000);
        stop();
        QCOMPARE(m_receiver->state(), TraceReceiver::State::Off);
        QCOMPARE(int(stepsOf(1)), steps);
        // What was refused of a request is told to the sender, and counted.
        if (QByteArray(QTest::currentDataTag()).startsWith("one span")) {
            QVERIFY2(!reply.body.isEmpty(), "no partial_success");
            QCOMPARE(m_receiver->counters().refusedSpans.total(), 1);
        }
    }

    void showsUpLive()
    {
        start();
        QSignalSpy started(m_session.get(), &Session::runStarted);
        QSignalSpy changed(m_receiver.get(), &TraceReceiver::countersChanged);
        QCOMPARE(ask(post(protoBody({protoSpan(7, 1, 0)}), {}, proto)).status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, 30'000);
        QCOMPARE(m_receiver->openTraces(), 1);
        const auto info = runOf(7);
        QVERIFY(info.has_value());
        QCOMPARE(info->status, RunStatus::Running);
        QCOMPARE(info->agentName, QStringLiteral("desk"));
        QCOMPARE(m_session->foreignRuns().underWay(), std::vector<RunId>{info->id});
        QTRY_VERIFY_WITH_TIMEOUT(!changed.isEmpty(), 30'000);
        QCOMPARE(ask(post(protoBody({protoSpan(7, 2, 1), protoSpan(7, 3, 1)}), {}, proto)).status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(m_session->liveTrace(info->id)->steps().size(), size_t(3), 30'000);
        stop();
        QCOMPARE(runOf(7)->status, RunStatus::Done);
        QCOMPARE(m_receiver->counters().runs, 1);
        QCOMPARE(m_receiver->counters().dropped, 0);
        QVERIFY(m_receiver->counters().lastUs > 0);
        // The same again, after a restart: it is here already, and is not taken twice.
        start();
        QCOMPARE(ask(post(protoBody({protoSpan(7, 1, 0), protoSpan(8, 1, 0)}), {}, proto)).status, 200);
        stop();
        QCOMPARE(m_receiver->counters().refusedSpans.total(), 1);
        QCOMPARE(stepsOf(7), size_t(3));
        QCOMPARE(stepsOf(8), size_t(1));
        QCOMPARE(m_session->project().runs().count(), 2);
    }

    void endsWhenItIsQuiet()
    {
        ReceiverOptions options;
        options.quietMs = 200;
        start(options);
        QCOMPARE(ask(post(protoBody({protoSpan(1, 1, 0)}), {}, proto)).status, 200);
        QTRY_VERIFY_WITH_TIMEOUT(runOf(1) && runOf(1)->status == RunStatus::Done, 20'000);
        QCOMPARE(m_receiver->openTraces(), 0);
    }

    void tokenAndPort()
    {
        ReceiverOptions options;
        options.token = QStringLiteral("open sesame");
        start(options);
        QCOMPARE(ask(post("{}")).status, 401);
        QCOMPARE(ask(post("{}", "Authorization: Bearer open sesame\r\n")).status, 200);
        TraceReceiver second(m_session.get());
        ReceiverOptions same;
        same.address.port = quint16(m_receiver->url().port());
        QSignalSpy changed(&second, &TraceReceiver::stateChanged);
        const auto started = second.start(same);
        QVERIFY(!started);
        QCOMPARE(started.error().message, QStringLiteral("Port %1 is in use by another program; choose another.").arg(same.address.port));
        QCOMPARE(second.state(), TraceReceiver::State::Failed);
        QCOMPARE(second.error(), started.error());
        QCOMPARE(changed.size(), 1);
        QCOMPARE(ask(post("{}", "Authorization: Bearer open sesame\r\n")).status, 200); // the first goes on
    }

    void hugeAttribute()
    {
        ReceiverOptions options;
        options.maxBodyBytes = 160 << 20;
        start(options);
        const QByteArray huge(100 << 20, 'x');
        QCOMPARE(ask(post(protoBody({protoSpan(1, 2, 1, huge), protoSpan(1, 1, 0), protoSpan(2, 1, 0)}), {}, proto)).status, 200);
        stop();
        QCOMPARE(stepsOf(1), size_t(2)); // cut, not lost
        QCOMPARE(stepsOf(2), size_t(1));
        QVERIFY(m_receiver->counters().refusedSpans.total() + m_receiver->counters().odd.total() > 0);
    }

    // Many senders at once, ten times what it may hold: what is answered with 200 is in the file, the rest was told to come again.
    void flood()
    {
        ReceiverOptions options;
        options.maxQueuedRequests = 8;
        options.maxQueuedBytes = 4 << 20;
        start(options);
        const quint16 port = quint16(m_receiver->url().port());
        constexpr int senders = 80, each = 5;
        std::atomic<int> taken{0}, busy{0}, other{0}, over{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < senders; ++i) {
            threads.emplace_back([&, i] {
                RawClient client(port);
                for (int n = 0; n < each; ++n) {
                    const quint32 trace = quint32(1 + i * each + n);
                    const HttpReplySeen reply = client.ask(post(protoBody({protoSpan(trace, 2, 1), protoSpan(trace, 1, 0)}), {}, proto));
                    ++(reply.status == 200 ? taken : reply.status == 503 && !reply.header("Retry-After").isEmpty() ? busy : other);
                }
                ++over;
            });
        }
        while (over < senders)
            QTest::qWait(5);
        for (std::thread &thread : threads)
            thread.join();
        qInfo("%d taken, %d told to come again", taken.load(), busy.load());
        QCOMPARE(other.load(), 0);
        QCOMPARE(taken + busy, senders * each);
        QVERIFY(taken > 0);
        stop();
        const ReceiverCounters counters = m_receiver->counters();
        QCOMPARE(counters.requests, senders * each);
        QCOMPARE(counters.refusedRequests.count(QStringLiteral("busy")), qint64(busy));
        QCOMPARE(counters.spansTaken, taken * 2);
        QCOMPARE(counters.dropped, 0);
        QCOMPARE(counters.queuedBytes, 0);
        QCOMPARE(m_session->project().runs().count(), taken.load());
    }

    void stopsWhileRequestsCome()
    {
        start();
        const quint16 port = quint16(m_receiver->url().port());
        std::atomic<bool> over{false};
        std::atomic<int> taken{0};
        std::thread sender([&] {
            RawClient client(port);
            for (quint32 trace = 1; trace < 100'000; ++trace) {
                if (client.ask(post(protoBody({protoSpan(trace, 1, 0)}), {}, proto)).status != 200)
                    break;
                ++taken;
            }
            over = true;
        });
        while (taken < 20)
            QTest::qWait(1);
        stop();
        while (!over)
            QTest::qWait(1);
        sender.join();
        // What was answered is there. Of the last request only the answer may have been lost: it would be sent again, and is not taken twice.
        const int there = m_session->project().runs().count();
        QVERIFY2(there == taken || there == taken + 1, qPrintable(QStringLiteral("%1 there, %2 answered").arg(there).arg(taken)));
        QVERIFY(m_session->foreignRuns().underWay().empty());
        // And simply going away.
        start();
        QCOMPARE(ask(post(protoBody({protoSpan(200'000, 1, 0)}), {}, proto)).status, 200);
        m_receiver = std::make_unique<TraceReceiver>(m_session.get());
        QVERIFY(m_session->foreignRuns().underWay().empty());
        QTRY_COMPARE_WITH_TIMEOUT(runOf(200'000)->status, RunStatus::Interrupted, 30'000);
    }
};

QTEST_GUILESS_MAIN(TestTraceReceiver)
#include "tst_TraceReceiver.moc"
