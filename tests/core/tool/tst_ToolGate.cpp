// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SchemaCheck.h"
#include "core/tool/ToolGate.h"
#include "tests/core/tool/EveryTool.h"
#include "tests/core/tool/ToolTesting.h"
#include "tests/support/FakeClock.h"

#include <limits>
#include <stdexcept>

using namespace lathe;

namespace {
// A tool that answers when the test says so.
class PuppetTool : public Tool
{
public:
    QString name() const override { return QStringLiteral("puppet"); }
    QString description() const override { return QString(); }
    QJsonObject schema() const override { return m_schema; }
    SideEffect sideEffect(const QJsonObject &) const override { return SideEffect::Read; }
    bool idempotent(const QJsonObject &) const override { return true; }
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override
    {
        ++calls;
        given = arguments;
        if (throws)
            throw std::runtime_error("boom");
        token = cancel;
        if (instant) {
            const Result<ToolOutcome> now = *instant;
            co_return now;
        }
        CancelRegistration registration;
        if (heedsCancel) {
            const auto copy = answer;
            registration = cancel.onCancelled([copy] { copy.complete(Error::cancelled()); });
        }
        auto result = co_await answer;
        ++ended;
        co_return result;
    }
    QJsonObject m_schema = test::object(
        R"({"type":"object","properties":{"n":{"type":"integer","maximum":9}},"additionalProperties":false})");
    std::optional<Result<ToolOutcome>> instant;
    Completion<Result<ToolOutcome>> answer;
    QJsonObject given;
    CancelToken token;
    bool heedsCancel = true;
    bool throws = false;
    int calls = 0, ended = 0;
};

ToolOutcome textOutcome(const QString &text)
{
    ToolOutcome outcome;
    outcome.text = text;
    return outcome;
}
} // namespace

class TestToolGate : public QObject
{
    Q_OBJECT

    std::shared_ptr<PuppetTool> m_tool;
    ToolSpec m_spec;
    test::FakeClock m_clock;

    ToolGate gate(ToolAttachment attachment = {})
    {
        return ToolGate(m_tool, m_spec, std::move(attachment));
    }

    ToolOutcome run(const Result<ToolOutcome> &answer)
    {
        m_tool->instant = answer;
        auto g = gate();
        auto result = test::await(g.run(QJsonObject(), &m_clock, {}));
        return result ? *result
                      : ToolOutcome::failure(QStringLiteral("error: ")
                                             + errorKindName(result.error().kind));
    }

private Q_SLOTS:
    void init()
    {
        m_tool = std::make_shared<PuppetTool>();
        m_spec = ToolSpec();
    }

    void goodArguments()
    {
        const auto g = gate();
        const auto checked = g.check(QStringLiteral(" {\"n\": 3}"));
        QVERIFY(!checked.refusal);
        QCOMPARE(checked.arguments, test::object("{\"n\":3}"));
        for (const char *empty : {"", "  \n", "{}"}) {
            const auto none = g.check(QLatin1String(empty));
            QVERIFY(!none.refusal);
            QVERIFY(none.arguments.isEmpty());
        }
        QCOMPARE(m_tool->calls, 0);
    }

    void badArguments_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const QString &text, const char *expected) {
            QTest::newRow(name) << text << QString::fromUtf8(expected);
        };
        row("cut off", QStringLiteral("{\"n\": 3"), "line 1, column 8");
        row("cut off hint", QStringLiteral("{\"n\": 3"), "the closing brace is missing");
        row("place in line 2", QStringLiteral("{\n\"n\": oops}"), "line 2, column");
        row("excerpt", QStringLiteral("{\"a\": 1, \"n\": oops}"), "oops");
        row("fence", QStringLiteral("```json\n{}\n```"), "without a Markdown fence");
        row("chatter", QStringLiteral("Sure: {\"n\": 3}"), "no words around it");
        row("single quotes", QStringLiteral("{'n': 3}"), "double quotes");
        row("trailing comma", QStringLiteral("{\"n\": 3,}"), "comma before a closing bracket");
        row("python", QStringLiteral("{\"n\": None}"), "true, false and null in lower case");
        row("list", QStringLiteral("[1]"), "must be a JSON object");
        row("number", QStringLiteral("7"), "must be a JSON object");
        row("JSON in a text", QStringLiteral("\"{\\\"n\\\": 3}\""), "not a text that holds one");
        row("schema", QStringLiteral("{\"n\": 12}"), "At /n: 12 is greater than the maximum 9.");
        row("unknown property", QStringLiteral("{\"m\": 1}"), "\"m\" is not allowed; known are: n");
        row("two at once", QStringLiteral("{\"m\": 1, \"n\": \"x\"}"), "At /n: expected integer");
        row("huge", QStringLiteral("{\"n\": \"") + QString(5 << 20, u'x') + QStringLiteral("\"}"),
            "more than the limit");
        row("deep", QString(900, u'[') + QString(900, u']'), "must be a JSON object");
        row("too deep to parse", QStringLiteral("{\"n\":") + QString(100000, u'['), "valid JSON");
    }
    void badArguments()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto g = gate();
        const auto checked = g.check(text);
        QVERIFY(checked.refusal.has_value());
        QCOMPARE(checked.refusalCode, QStringLiteral("invalid_arguments"));
        QVERIFY(checked.refusal->isError);
        QVERIFY2(checked.refusal->text.contains(expected), qPrintable(checked.refusal->text));
        QVERIFY(checked.refusal->text.contains(QLatin1String("puppet")));
        QVERIFY(checked.refusal->text.size() < 2000);
    }

    void approvalNever()
    {
        m_spec.approval = Approval::Never;
        QCOMPARE(gate().check(QString()).refusalCode, QStringLiteral("denied"));
        QVERIFY(gate().check(QString()).refusal->isError);
    }

    void attachmentOverridesApproval()
    {
        m_spec.approval = Approval::Always;
        ToolAttachment attachment;
        QCOMPARE(gate(attachment).approval(), Approval::Always);
        attachment.approval = QStringLiteral("ask");
        QCOMPARE(gate(attachment).approval(), Approval::Ask);
        attachment.approval = QStringLiteral("never");
        QCOMPARE(gate(attachment).check(QString()).refusalCode, QStringLiteral("denied"));
        attachment.approval = QStringLiteral("whatever");
        QCOMPARE(gate(attachment).approval(), Approval::Always);
    }

    void callsAreCounted()
    {
        m_spec.limits.callsPerRun = 3;
        m_tool->instant = textOutcome(QStringLiteral("ok"));
        auto g = gate();
        QCOMPARE(g.callsLeft(), 3);
        g.admit();
        QCOMPARE(g.callsLeft(), 2);
        QVERIFY(test::await(g.run(QJsonObject(), &m_clock, {})).ok());
        QCOMPARE(g.callsLeft(), 1);
        m_tool->instant = ToolOutcome::failure(QStringLiteral("no")); // failures count too
        QVERIFY(test::await(g.run(QJsonObject(), &m_clock, {})).ok());
        QCOMPARE(g.callsLeft(), 0);
        const auto checked = g.check(QStringLiteral("{}"));
        QCOMPARE(checked.refusalCode, QStringLiteral("limit"));
        QVERIFY2(checked.refusal->text.contains(QLatin1String("3 times")),
                 qPrintable(checked.refusal->text));

        ToolAttachment attachment;
        attachment.callsPerRun = 7;
        QCOMPARE(gate(attachment).callsLeft(), 7);
        for (const int none : {0, -5}) { // a slip, not a way out: the check refuses it as well
            m_spec.limits.callsPerRun = none;
            QCOMPARE(gate().callsLeft(), ToolLimits().callsPerRun);
        }
    }

    void passesArgumentsAndOutcome()
    {
        m_tool->instant = textOutcome(QStringLiteral("hello"));
        auto g = gate();
        const auto result = test::await(g.run(test::object("{\"n\":5}"), &m_clock, {}));
        QVERIFY(result.ok());
        QCOMPARE(result->text, QStringLiteral("hello"));
        QVERIFY(!result->truncated);
        QCOMPARE(m_tool->given, test::object("{\"n\":5}"));
    }

    void laterAnswer()
    {
        auto g = gate();
        test::LaterOutcome later;
        later.start(g.run(QJsonObject(), &m_clock, {}));
        QVERIFY(!later);
        m_tool->answer.complete(textOutcome(QStringLiteral("late")));
        QVERIFY(later && later->ok());
        QCOMPARE((*later)->text, QStringLiteral("late"));
        m_clock.advance(1000000); // the time-out of a finished call does nothing
        QCOMPARE((*later)->text, QStringLiteral("late"));
    }

    void timeOut_data()
    {
        QTest::addColumn<bool>("heedsCancel");
        QTest::newRow("tool that stops") << true;
        QTest::newRow("tool that does not") << false;
    }
    void timeOut()
    {
        QFETCH(bool, heedsCancel);
        m_tool->heedsCancel = heedsCancel;
        m_spec.limits.seconds = 2;
        auto g = gate();
        test::LaterOutcome later;
        later.start(g.run(QJsonObject(), &m_clock, {}));
        m_clock.advance(1999);
        QVERIFY(!later);
        QVERIFY(!m_tool->token.isCancelled());
        m_clock.advance(1);
        QVERIFY(later.isDone());
        QVERIFY(later->ok());
        QVERIFY((*later)->isError);
        QVERIFY2((*later)->text.contains(QLatin1String("did not answer within 2 s")),
                 qPrintable((*later)->text));
        QVERIFY2(m_tool->token.isCancelled(), "the tool goes on although nobody waits for it");
        QCOMPARE(m_tool->ended, heedsCancel ? 1 : 0);
        QCOMPARE(g.callsLeft(), 49);
        m_tool->answer.complete(textOutcome(QStringLiteral("too late")));
        QCOMPARE(m_tool->ended, 1);
        QVERIFY((*later)->isError);
    }

    void cancelled_data() { timeOut_data(); }
    void cancelled()
    {
        QFETCH(bool, heedsCancel);
        m_tool->heedsCancel = heedsCancel;
        auto g = gate();
        CancelSource source;
        test::LaterOutcome later;
        later.start(g.run(QJsonObject(), &m_clock, source.token()));
        QVERIFY(!later);
        source.cancel();
        QVERIFY(later.isDone());
        QVERIFY(!later->ok());
        QCOMPARE(later->error().kind, ErrorKind::Cancelled);
        QVERIFY(m_tool->token.isCancelled());
        m_tool->answer.complete(textOutcome(QString()));
    }

    void alreadyCancelled()
    {
        auto g = gate();
        CancelSource source;
        source.cancel();
        const auto result = test::await(g.run(QJsonObject(), &m_clock, source.token()));
        QCOMPARE(result.error().kind, ErrorKind::Cancelled);
        QCOMPARE(m_tool->calls, 0);
    }

    void toolOutlivesItsGate()
    {
        std::weak_ptr<PuppetTool> weak = m_tool;
        const auto answer = m_tool->answer;
        m_tool->heedsCancel = false;
        m_spec.limits.seconds = 1;
        test::LaterOutcome later;
        {
            auto g = gate();
            later.start(g.run(QJsonObject(), &m_clock, {}));
        }
        m_tool.reset();
        QVERIFY(!weak.expired());
        m_clock.advance(1000);
        QVERIFY(later.isDone());
        QVERIFY(!weak.expired()); // still at work
        answer.complete(textOutcome(QString()));
        QVERIFY(weak.expired());
    }

    void exceptionsStopHere()
    {
        m_tool->throws = true;
        auto g = gate();
        const auto result = test::await(g.run(QJsonObject(), &m_clock, {}));
        QVERIFY(!result.ok());
        QCOMPARE(result.error().kind, ErrorKind::Internal);
        QCOMPARE(result.error().cause, QStringLiteral("boom"));
    }

    void otherErrorsPass()
    {
        QCOMPARE(run(Error(ErrorKind::Internal, QStringLiteral("x"))).text,
                 QStringLiteral("error: internal"));
    }

    void resultIsCutAtACharacter()
    {
        m_spec.limits.maxBytes = 10;
        QCOMPARE(run(textOutcome(QString(10, u'a'))).text, QString(10, u'a'));
        const auto ascii = run(textOutcome(QString(11, u'a')));
        QCOMPARE(ascii.text, QString(10, u'a') + QStringLiteral("\n[cut: 10 of 11 bytes shown]"));
        QVERIFY(ascii.truncated);
        // Four bytes each: the third does not fit whole.
        const QString smile = QString::fromUtf8("\xf0\x9f\x98\x80");
        QCOMPARE(run(textOutcome(smile.repeated(3))).text,
                 smile.repeated(2) + QStringLiteral("\n[cut: 8 of 12 bytes shown]"));
        const QString e = QString(QChar(0x20ac)); // three bytes
        QCOMPARE(run(textOutcome(e.repeated(4))).text,
                 e.repeated(3) + QStringLiteral("\n[cut: 9 of 12 bytes shown]"));
    }

    void hugeDataIsDropped()
    {
        m_spec.limits.maxBytes = 1000;
        auto outcome = textOutcome(QStringLiteral("rows"));
        QJsonArray rows;
        for (int i = 0; i < 3000; ++i)
            rows.append(QStringLiteral("row"));
        outcome.structured = rows;
        const auto given = run(outcome);
        QVERIFY(given.structured.isNull());
        QVERIFY(given.truncated);
        outcome.structured = QJsonArray{1, 2};
        QCOMPARE(run(outcome).structured, QJsonValue(QJsonArray{1, 2}));
    }

    void invalidTextIsMended()
    {
        const QString bad = QStringLiteral("a") + QChar(0xd800) + QStringLiteral("b") + QChar(0)
                            + QStringLiteral("c\t\n") + QChar(0x1b) + QChar(0xdc00);
        const QChar mark(QChar::ReplacementCharacter);
        QCOMPARE(run(textOutcome(bad)).text, QStringLiteral("a") + mark + QStringLiteral("b") + mark
                                                 + QStringLiteral("c\t\n") + mark + mark);
        const QString smile = QString::fromUtf8("\xf0\x9f\x98\x80");
        QCOMPARE(run(textOutcome(smile)).text, smile);
    }

    // What forms write as a tool's configuration is what the tools read.
    void everyTypeCanBeMade()
    {
        test::ToolWorld world(&m_clock);
        world.environment.delegate = [this](const QString &, const ToolSpec &) -> Result<std::shared_ptr<Tool>> { return std::shared_ptr<Tool>(m_tool); };
        for (const ToolTypeInfo &type : toolTypes()) {
            ToolSpec spec;
            const auto tool = world.make(type, &spec);
            QVERIFY2(tool.ok(), qPrintable(tool ? QString() : type.type + QStringLiteral(": ") + tool.error().message));
            const auto example = test::exampleOf(type.type);
            for (auto it = example->config.begin(); it != example->config.end(); ++it)
                QVERIFY2(isToolSet(type.type) || spec.config.contains(it.key()), qPrintable(it.key()));
            const auto violations = checkSchema((*tool)->schema(), QJsonObject());
            QVERIFY2(violations.ok(),
                     qPrintable(violations ? QString() : violations.error().message));
            const bool delegate = type.type == QLatin1String("agent") || type.type == QLatin1String("team"); // the test's
            QVERIFY2(delegate || !(*tool)->description().isEmpty(), qPrintable(type.type));
            if (delegate)
                continue;
            // What is required is missing, and with the example nothing is.
            const ToolGate gate(*tool, spec, {});
            const auto empty = gate.check(QString());
            QVERIFY2(empty.refusal.has_value() == !example->arguments.isEmpty(), qPrintable(type.type + (empty.refusal ? empty.refusal->text : QString())));
            const auto checked = gate.check(lathe::json::compactString(example->arguments));
            QVERIFY2(!checked.refusal, qPrintable(type.type + QStringLiteral(": ") + (checked.refusal ? checked.refusal->text : QString())));
        }
    }

    void outcomeJsonRoundTrip()
    {
        ToolOutcome outcome = ToolOutcome::failure(QStringLiteral("bad"));
        outcome.truncated = true;
        outcome.structured = test::object("{\"a\":[1]}");
        const auto copy = ToolOutcome::fromJson(outcome.toJson());
        QCOMPARE(copy.text, outcome.text);
        QCOMPARE(copy.structured, outcome.structured);
        QVERIFY(copy.isError && copy.truncated);
        QVERIFY(!ToolOutcome::fromJson(textOutcome(QStringLiteral("x")).toJson()).isError);
    }
};

QTEST_GUILESS_MAIN(TestToolGate)
#include "tst_ToolGate.moc"
