// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/trace/RunEvent.h"

#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

namespace {
bool same(const RunEvent &a, const RunEvent &b)
{
    return a.kind == b.kind && a.run == b.run && a.timeUs == b.timeUs && a.step == b.step
           && a.stepKind == b.stepKind && a.stepStatus == b.stepStatus && a.runStatus == b.runStatus
           && a.channel == b.channel && a.name == b.name && a.text == b.text
           && a.attributes == b.attributes && a.error == b.error;
}

RunEvent eventOf(RunEventKind kind, const QString &step = QString())
{
    RunEvent event;
    event.kind = kind;
    event.run = RunId{1};
    event.timeUs = 1'700'000'000'123'456;
    event.step = step;
    return event;
}
} // namespace

class TestRunEvent : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void namesGoBothWays()
    {
        for (const auto kind : {StepKind::Agent, StepKind::Model, StepKind::Tool, StepKind::Memory,
                                StepKind::Control, StepKind::Human})
            QCOMPARE(stepKindFromName(stepKindName(kind)), kind);
        for (const auto status :
             {StepStatus::Running, StepStatus::Waiting, StepStatus::Ok, StepStatus::Failed,
              StepStatus::Cancelled, StepStatus::Interrupted})
            QCOMPARE(stepStatusFromName(stepStatusName(status)), status);
        for (const auto status : {RunStatus::Running, RunStatus::Waiting, RunStatus::Done,
                                  RunStatus::Failed, RunStatus::Cancelled, RunStatus::Interrupted})
            QCOMPARE(runStatusFromName(runStatusName(status)), status);
        QCOMPARE(stepKindName(StepKind::Human), QStringLiteral("human"));
        QCOMPARE(runStatusName(RunStatus::Done), QStringLiteral("done"));
        QCOMPARE(deltaChannelName(DeltaChannel::ToolArguments), QStringLiteral("tool_arguments"));
        QCOMPARE(runEventKindName(RunEventKind::StepDelta), QStringLiteral("step_delta"));
        QCOMPARE(stepKindFromName(QStringLiteral("nonsense")), StepKind::Control);
        QCOMPARE(runStatusFromName(QString()), RunStatus::Interrupted);
    }

    void writesOnlyWhatIsThere_data()
    {
        QTest::addColumn<RunEvent>("event");
        QTest::addColumn<QByteArray>("expected");
        RunEvent event = eventOf(RunEventKind::StepStarted, QStringLiteral("1.1"));
        event.stepKind = StepKind::Model;
        event.name = QStringLiteral("chat extractive");
        event.attributes = {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("chat")}};
        QTest::newRow("step_started")
            << event
            << QByteArray(
                   R"({"event":"step_started","time_us":1700000000123456,"run":1,"step":"1.1","kind":"model","name":"chat extractive","attributes":{"gen_ai.operation.name":"chat"}})");
        event = eventOf(RunEventKind::StepDelta, QStringLiteral("1.1"));
        event.text = QStringLiteral("Hel");
        QTest::newRow("step_delta")
            << event
            << QByteArray(
                   R"({"event":"step_delta","time_us":1700000000123456,"run":1,"step":"1.1","channel":"text","text":"Hel"})");
        event = eventOf(RunEventKind::StepNote, QStringLiteral("1.1"));
        event.name = QStringLiteral("retry");
        QTest::newRow("step_note")
            << event
            << QByteArray(
                   R"({"event":"step_note","time_us":1700000000123456,"run":1,"step":"1.1","name":"retry"})");
        event = eventOf(RunEventKind::StepEnded, QStringLiteral("1.1"));
        event.stepStatus = StepStatus::Failed;
        event.error = Error(ErrorKind::RateLimited, QStringLiteral("Too many requests."));
        event.error->retryAfterMs = 2000;
        event.error->httpStatus = 429;
        QTest::newRow("step_ended")
            << event
            << QByteArray(
                   R"({"event":"step_ended","time_us":1700000000123456,"run":1,"step":"1.1","status":"failed","error":{"kind":"rate_limited","message":"Too many requests.","retry_after_ms":2000,"http_status":429}})");
        event = eventOf(RunEventKind::RunEnded);
        event.runStatus = RunStatus::Done;
        event.text = QStringLiteral("42");
        QTest::newRow("run_ended")
            << event
            << QByteArray(
                   R"({"event":"run_ended","time_us":1700000000123456,"run":1,"status":"done","text":"42"})");
        event = RunEvent();
        event.kind = RunEventKind::RunStarted;
        QTest::newRow("bare") << event << QByteArray(R"({"event":"run_started","time_us":0})");
    }
    void writesOnlyWhatIsThere()
    {
        QFETCH(RunEvent, event);
        QFETCH(QByteArray, expected);
        QCOMPARE(event.toJson(), *json::parseObject(expected));
        const auto back = RunEvent::fromJson(*json::parseObject(expected));
        QVERIFY(back.ok());
        QVERIFY(same(*back, event));
    }

    // Any combination of fields, even one no kind uses, comes back as it was, through bytes.
    void randomEventsRoundTrip()
    {
        QRandomGenerator random(11);
        const auto pick = [&random](int count) { return int(random.bounded(quint32(count))); };
        for (int i = 0; i < 2000; ++i) {
            RunEvent event;
            event.kind = RunEventKind(pick(6));
            event.run.value = pick(3) ? qint64(random.generate64() >> 12) : 0;
            event.timeUs = qint64(random.generate64() >> 12);
            event.step = QStringLiteral("%1.%2").arg(pick(9) + 1).arg(pick(99) + 1);
            event.stepKind = StepKind(pick(6));
            event.stepStatus = StepStatus(pick(6));
            event.runStatus = RunStatus(pick(6));
            event.channel = DeltaChannel(pick(4));
            event.name = pick(2) ? QStringLiteral("chat \u00e4\"\n\u6f22") : QString();
            event.text = pick(2) ? QString(pick(40), QLatin1Char('x')) + QChar(0) : QString();
            if (pick(2)) {
                event.attributes = {
                    {QStringLiteral("i"), qint64(random.generate64() >> 10)},
                    {QStringLiteral("d"), random.generateDouble()},
                    {QStringLiteral("o"),
                     QJsonObject{{QStringLiteral("a"), QJsonArray{1, QJsonValue(), true}}}}};
            }
            if (pick(2)) {
                event.error = Error(ErrorKind(pick(15)), QStringLiteral("m"),
                                    pick(2) ? QStringLiteral("c") : QString());
                event.error->retryAfterMs = pick(3) - 1;
                event.error->httpStatus = pick(2) * 503;
            }
            const QByteArray bytes = json::compact(event.toJson());
            const auto back = RunEvent::fromJson(*json::parseObject(bytes));
            QVERIFY2(back.ok(), bytes.constData());
            QVERIFY2(same(*back, event), bytes.constData());
            QCOMPARE(json::compact(back->toJson()), bytes);
        }
    }

    void refusesWrongTypesByName_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("field");
        const auto row = [](const char *name, const char *text, const char *field) {
            QTest::newRow(name) << QByteArray(text) << QString::fromLatin1(field);
        };
        row("no event", R"({"time_us":1})", "event");
        row("unknown event", R"({"event":"step_exploded","time_us":1,"step":"1"})", "event");
        row("event is a number", R"({"event":3})", "event");
        row("time is text", R"({"event":"run_started","time_us":"1"})", "time_us");
        row("time is no whole number", R"({"event":"run_started","time_us":1.5})", "time_us");
        row("step without path", R"({"event":"step_note","time_us":1,"name":"x"})", "step");
        row("unknown status", R"({"event":"step_ended","time_us":1,"step":"1","status":"fine"})",
            "status");
        row("unknown channel", R"({"event":"step_delta","time_us":1,"step":"1","channel":"smell"})",
            "channel");
        row("attributes are a list",
            R"({"event":"step_note","time_us":1,"step":"1","attributes":[]})", "attributes");
        row("error is text",
            R"({"event":"step_ended","time_us":1,"step":"1","status":"ok","error":"x"})", "error");
        row("error message is a number",
            R"({"event":"run_ended","time_us":1,"error":{"kind":"auth","message":1}})", "message");
    }
    void refusesWrongTypesByName()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, field);
        const auto event = RunEvent::fromJson(*json::parseObject(text));
        QVERIFY(!event.ok());
        QCOMPARE(event.error().kind, ErrorKind::InvalidInput);
        QVERIFY2(event.error().message.contains(QLatin1Char('"') + field + QLatin1Char('"')),
                 qPrintable(event.error().message));
    }

    void unknownKeysAreSkipped()
    {
        const auto event = RunEvent::fromJson(
            *json::parseObject(R"({"event":"run_started","time_us":5,"later":{"x":1}})"));
        QVERIFY(event.ok());
        QCOMPARE(event->timeUs, 5);
    }

    void usageAddsAndTravels()
    {
        Usage a{100, 20, 50, 5, 7, 0.25, true};
        const Usage b{1, 2, 3, 4, 5, 0.5, true};
        QCOMPARE(Usage::fromJson(a.toJson()), a);
        a += b;
        QCOMPARE(a, (Usage{101, 22, 53, 9, 12, 0.75, true}));
        QCOMPARE(a.totalTokens(), 123);
        const Usage unknown{10, 1, 0, 0, 0, 0, false};
        QVERIFY(!unknown.toJson().contains(QStringLiteral("cost_usd")));
        QCOMPARE(Usage::fromJson(unknown.toJson()), unknown);
        a += unknown;
        QVERIFY(!a.costKnown);
        QCOMPARE(a.costUsd, 0.75);
        QCOMPARE(Usage::fromJson({}), Usage());
        QCOMPARE(Usage::fromJson(*json::parseObject(
                     R"({"input_tokens":-5,"output_tokens":"x","cost_usd":-1})")),
                 (Usage{0, 0, 0, 0, 0, 0, false}));
    }

    void pathsSortByNumber()
    {
        QStringList paths{QStringLiteral("2"),   QStringLiteral("1.10"),
                          QStringLiteral("1.2"), QStringLiteral("10"),
                          QStringLiteral("1"),   QStringLiteral("1.2.1"),
                          QStringLiteral("1.1"), QStringLiteral("99999999999999999999"),
                          QStringLiteral("1.x")};
        std::sort(paths.begin(), paths.end(), stepPathLess);
        QCOMPARE(paths.join(QLatin1Char(' ')),
                 QStringLiteral("1 1.1 1.2 1.2.1 1.10 1.x 2 10 99999999999999999999"));
        QCOMPARE(parentStep(QStringLiteral("1.2.10")), QStringLiteral("1.2"));
        QCOMPARE(parentStep(QStringLiteral("3")), QString());
    }

    // std::sort needs a strict order whatever the paths are.
    void orderIsStrictForAnyPath()
    {
        const QStringList paths{QString(),
                                QStringLiteral("."),
                                QStringLiteral(".."),
                                QStringLiteral("1"),
                                QStringLiteral("1."),
                                QStringLiteral(".1"),
                                QStringLiteral("01"),
                                QStringLiteral("1.01"),
                                QStringLiteral("1.1"),
                                QStringLiteral("a"),
                                QStringLiteral("1.a.2")};
        for (const QString &a : paths) {
            QVERIFY(!stepPathLess(a, a));
            for (const QString &b : paths) {
                if (a != b)
                    QVERIFY2(stepPathLess(a, b) != stepPathLess(b, a),
                             qPrintable(a + QLatin1Char('|') + b));
                for (const QString &c : paths) {
                    if (stepPathLess(a, b) && stepPathLess(b, c))
                        QVERIFY(stepPathLess(a, c));
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestRunEvent)
#include "tst_RunEvent.moc"
