// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/MockTool.h"

#include "tests/core/tool/ToolTesting.h"
#include "tests/support/FakeClock.h"

using namespace lathe;
using namespace lathe::test;

namespace {
std::shared_ptr<Tool> mock(const QByteArray &answers, Clock *clock = nullptr)
{
    ToolEnvironment environment;
    environment.clock = clock;
    const auto list = json::parse(answers);
    if (!list)
        qFatal("%s", qPrintable(list.error().message));
    auto tool = makeMockTool(QStringLiteral("m"), toolSpec("mock", {{QStringLiteral("answers"), *list}}), environment);
    if (!tool)
        qFatal("%s", qPrintable(tool.error().message));
    return *tool;
}
}

class TestMockTool : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void answers_data();
    void answers();
    void delay();
    void boundOfTheAnswer();
    void wrongConfiguration();
    void standsForAnother();
};

void TestMockTool::answers_data()
{
    QTest::addColumn<QByteArray>("list");
    QTest::addColumn<QByteArray>("arguments");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isError");
    const auto add = [](const char *name, const char *list, const char *arguments, const char *text, bool isError = false) {
        QTest::newRow(name) << QByteArray(list).replace('\'', '"') << QByteArray(arguments).replace('\'', '"') << QString::fromUtf8(text).replace(u'\'', u'"')
                            << isError;
    };
    add("plain", "[{'result':'sunny'}]", "{'city':'Oslo'}", "sunny");
    add("template", "[{'result':'It rains in {{arguments.city}}.'}]", "{'city':'Oslo'}", "It rains in Oslo.");
    add("missing value", "[{'result':'[{{arguments.none}}]'}]", "{}", "[]");
    add("nested and list", "[{'result':'{{ arguments.a.b.1.c }}'}]", "{'a':{'b':[0,{'c':'deep'}]}}", "deep");
    add("all", "[{'result':'got {{arguments}}'}]", "{'a':1}", "got {'a':1}");
    add("number", "[{'result':'n={{arguments.n}}'}]", "{'n':3}", "n=3");
    add("calculated", "[{'result':'total {{= arguments.n * 2 + 1 }}'}]", "{'n':20}", "total 41");
    add("calculated of text", "[{'result':'{{=arguments.n/4}}!'}]", "{'n':'10'}", "2.5!");
    add("no number", "[{'result':'{{= arguments.n + 1}}'}]", "{'n':'ten'}", "The mock cannot calculate 'arguments.n + 1': arguments.n is no number.", true);
    add("no injection into the calculation", "[{'result':'{{= arguments.n + 1}}'}]", "{'n':'1) * (99'}",
        "The mock cannot calculate 'arguments.n + 1': arguments.n is no number.", true);
    add("values are not filled again", "[{'result':'{{arguments.t}}!'}]", "{'t':'{{arguments.secret}}','secret':'x'}", "{{arguments.secret}}!");
    add("other braces stay", "[{'result':'{{name}} {x} {{}}'}]", "{}", "{{name}} {x} {{}}");
    add("by arguments", "[{'arguments':{'city':'Bergen'},'result':'rain'},{'result':'sun'}]", "{'city':'Bergen','days':3}", "rain");
    add("else", "[{'arguments':{'city':'Bergen'},'result':'rain'},{'result':'sun'}]", "{'city':'Oslo'}", "sun");
    add("part of an object", "[{'arguments':{'where':{'city':'Oslo'}},'result':'yes'}]", "{'where':{'city':'Oslo','zip':1}}", "yes");
    add("whole list", "[{'arguments':{'l':[1]},'result':'one'},{'result':'other'}]", "{'l':[1,2]}", "other");
    add("rules", "[{'when':[{'pointer':'/n','op':'greater','value':10}],'result':'big'},{'result':'small'}]", "{'n':11}", "big");
    add("rules do not fit", "[{'when':[{'pointer':'/n','op':'greater','value':10}],'result':'big'},{'result':'small'}]", "{'n':9}", "small");
    add("none fits", "[{'arguments':{'n':1},'result':'x'}]", "{'n':2}", "The mock m has no answer for these arguments; add one to its settings.", true);
    add("error", "[{'error':'No such city: {{arguments.city}}'}]", "{'city':'X'}", "No such city: X", true);
}

void TestMockTool::answers()
{
    QFETCH(QByteArray, list);
    QFETCH(QByteArray, arguments);
    QFETCH(QString, text);
    QFETCH(bool, isError);
    const auto tool = mock(list);
    const ToolOutcome outcome = callTool(*tool, object(arguments.constData()));
    QCOMPARE(outcome.text, text);
    QCOMPARE(outcome.isError, isError);
}

void TestMockTool::delay()
{
    FakeClock clock;
    const auto tool = mock("[{\"result\":\"late\",\"delay_ms\":5000}]", &clock);
    LaterOutcome call;
    call.start(tool->call({}, CancelToken()));
    QVERIFY(!call);
    clock.advance(4999);
    QVERIFY(!call);
    clock.advance(2);
    QTRY_VERIFY_WITH_TIMEOUT(call.isDone(), 30'000);
    QCOMPARE((*call)->text, QStringLiteral("late"));
    CancelSource cancel;
    LaterOutcome stopped;
    stopped.start(tool->call({}, cancel.token()));
    cancel.cancel();
    QTRY_VERIFY_WITH_TIMEOUT(stopped.isDone(), 30'000);
    QVERIFY(!*stopped);
    QCOMPARE(stopped->error().kind, ErrorKind::Cancelled);
}

void TestMockTool::boundOfTheAnswer()
{
    QString text;
    for (int i = 0; i < 1000; ++i)
        text += QStringLiteral("{{arguments.t}} ");
    const QByteArray list = json::compact(QJsonArray{QJsonObject{{QStringLiteral("result"), text}}});
    const auto tool = mock(list);
    const ToolOutcome outcome = callTool(*tool, {{QStringLiteral("t"), QString(100'000, u'x')}});
    QVERIFY(outcome.isError);
    QVERIFY(outcome.text.contains(QStringLiteral("too long")));
}

void TestMockTool::wrongConfiguration()
{
    QByteArray deep = "1";
    for (int i = 0; i < 200; ++i)
        deep = "[" + deep + "]";
    const QByteArray lists[]{"[]", "[{}]", "[{\"result\":1,\"when\":[{\"pointer\":\"/a\",\"op\":\"like\"}]}]", "[{\"result\":" + deep + "}]"};
    for (const QByteArray &list : lists) {
        const auto tool = makeMockTool(QStringLiteral("m"), toolSpec("mock", {{QStringLiteral("answers"), *json::parse(list)}}), ToolEnvironment());
        QVERIFY2(!tool && tool.error().kind == ErrorKind::InvalidInput, list.left(60).constData());
    }
}

// What was tried with a tool can be kept as a mock of it.
void TestMockTool::standsForAnother()
{
    auto calculator = makeTool(QStringLiteral("calc"), toolSpec("calculator", {}), ToolEnvironment());
    QVERIFY(calculator.ok());
    MockedCall call;
    call.arguments = {{QStringLiteral("expression"), QStringLiteral("1+1")}};
    call.outcome = callTool(**calculator, call.arguments);
    QVERIFY(!call.outcome.isError);
    MockedCall odd;
    odd.arguments = {{QStringLiteral("expression"), QStringLiteral("odd")}};
    odd.outcome = ToolOutcome::failure(QStringLiteral("{{arguments.expression}} is odd"));
    const QJsonObject body = mockBody(**calculator, {call, odd});
    const auto spec = ToolSpec::fromJson(body);
    QVERIFY2(spec.ok(), spec ? "" : qPrintable(spec.error().message));
    const auto tool = makeTool(QStringLiteral("calc"), *spec, ToolEnvironment());
    QVERIFY(tool.ok());
    QCOMPARE((*tool)->schema(), (*calculator)->schema());
    QCOMPARE((*tool)->description(), (*calculator)->description());
    const ToolOutcome outcome = callTool(**tool, call.arguments);
    QVERIFY(!outcome.isError);
    QVERIFY(outcome.text.contains(u'2'));
    const ToolOutcome error = callTool(**tool, odd.arguments);
    QVERIFY(error.isError);
    QVERIFY(!error.text.contains(QStringLiteral("odd is odd"))); // a recorded text is no template
}

QTEST_GUILESS_MAIN(TestMockTool)
#include "tst_MockTool.moc"
