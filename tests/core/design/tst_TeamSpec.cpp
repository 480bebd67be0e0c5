// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/TeamReader.h"
#include "tests/support/JsonText.h"

#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
TeamNode node(NodeKind kind, const char *settings = "{}")
{
    TeamNode result;
    result.id = QStringLiteral("n1");
    result.kind = kind;
    result.name = QStringLiteral("Node");
    result.settings = object(settings);
    return result;
}

// "in! results*<" : ! required, * many, < returns, > body, then the type unless any.
QString shown(const std::vector<Port> &ports)
{
    QStringList list;
    for (const Port &port : ports)
        list.append(port.id + (port.required ? QStringLiteral("!") : QString())
                    + (port.many ? QStringLiteral("*") : QString())
                    + (port.returns ? QStringLiteral("<") : QString())
                    + (port.body ? QStringLiteral(">") : QString())
                    + (port.type == PortType::Any ? QString() : QLatin1Char(':') + portTypeName(port.type)));
    return list.join(QLatin1Char(' '));
}
} // namespace
Q_DECLARE_METATYPE(lathe::NodeKind)

class TestTeamSpec : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyKindIsDescribed()
    {
        QSet<QString> names, titles;
        for (const NodeKindInfo &info : nodeKinds()) {
            const QString name = nodeKindName(info.kind);
            QVERIFY2(!name.isEmpty(), qPrintable(info.title));
            QCOMPARE(nodeKindFromName(name), std::optional<NodeKind>(info.kind));
            QCOMPARE(nodeKindInfo(info.kind).title, info.title);
            QVERIFY(!names.contains(name) && !titles.contains(info.title));
            names.insert(name);
            titles.insert(info.title);
            QVERIFY(info.about.endsWith(QLatin1Char('.')));
            static const QStringList groups{QStringLiteral("Flow"), QStringLiteral("Agents"),
                                            QStringLiteral("Tools and memory"), QStringLiteral("People"),
                                            QStringLiteral("Ends")};
            QVERIFY2(groups.contains(info.group), qPrintable(info.group));
            static const QStringList colors{QStringLiteral("agent"),  QStringLiteral("control"),
                                            QStringLiteral("tool"),   QStringLiteral("memory"),
                                            QStringLiteral("human"),  QStringLiteral("model")};
            QVERIFY2(colors.contains(info.color), qPrintable(info.color));
            QVERIFY(!info.icon.isEmpty() && !info.naming.isEmpty());
        }
        QCOMPARE(names.size(), 17);
        QVERIFY(!nodeKindFromName(QStringLiteral("Agent")));
        QVERIFY(!nodeKindFromName(QString()));
    }

    // The table of core/runtime/TEAMS.md.
    void portsAreThoseOfTheKind_data()
    {
        QTest::addColumn<NodeKind>("kind");
        QTest::addColumn<QByteArray>("settings");
        QTest::addColumn<QString>("in");
        QTest::addColumn<QString>("out");
        const auto row = [](const char *name, NodeKind kind, const char *settings, const char *in, const char *out) {
            QTest::newRow(name) << kind << QByteArray(settings) << QString::fromLatin1(in) << QString::fromLatin1(out);
        };
        row("input", NodeKind::Input, "{}", "", "out:text");
        row("output", NodeKind::Output, "{}", "in!*", "");
        row("agent", NodeKind::Agent, R"({"agent":"a"})", "in!", "out");
        row("agent in place", NodeKind::Agent, R"({"inline":{}})", "in!", "out:text");
        row("agent with a schema", NodeKind::Agent,
            R"({"inline":{"output":{"format":"json_schema","schema":{"type":"object"}}}})", "in!", "out:JSON");
        row("agent that lists", NodeKind::Agent,
            R"({"inline":{"output":{"format":"json_schema","schema":{"type":"array"}}}})", "in!", "out:list");
        row("coordinator", NodeKind::Coordinator, "{}", "in! results*<", "out workers>:text");
        row("router", NodeKind::Router, R"({"routes":[{"id":"r1"},{"id":"r2"}]})", "in!", "r1 r2");
        row("router, bad routes", NodeKind::Router, R"({"routes":[{"id":"r1"},{"id":"r1"},{},7,{"id":3}]})", "in!", "r1");
        row("router, no routes", NodeKind::Router, R"({"routes":"x"})", "in!", "");
        row("parallel", NodeKind::Parallel, "{}", "in!", "out");
        row("join all", NodeKind::Join, "{}", "in!*", "out:list");
        row("join majority", NodeKind::Join, R"({"mode":"majority"})", "in!*", "out");
        row("map", NodeKind::Map, "{}", "in!:list collect*<", "each> out:list");
        row("map by expression", NodeKind::Map, R"({"items":"input.rows"})", "in! collect*<", "each> out:list");
        row("loop", NodeKind::Loop, "{}", "in! again*<", "body> out");
        row("handoff", NodeKind::Handoff, "{}", "in!", "out agents>:control");
        row("tool", NodeKind::Tool, "{}", "in!", "out");
        row("memory read", NodeKind::MemoryRead, "{}", "in", "out");
        row("memory write", NodeKind::MemoryWrite, "{}", "in!", "out");
        row("check", NodeKind::Check, "{}", "in!", "pass fail:JSON");
        row("approval", NodeKind::Human, "{}", "in!", "approved denied");
        row("form", NodeKind::Human, R"({"mode":"form"})", "in!", "out:JSON");
        row("team", NodeKind::Team, "{}", "in!", "out");
        row("transform", NodeKind::Transform, "{}", "in!", "out");
    }
    void portsAreThoseOfTheKind()
    {
        QFETCH(NodeKind, kind);
        QFETCH(QByteArray, settings);
        TeamNode one = node(kind, settings.constData());
        QTEST(shown(inputPorts(one)), "in");
        QTEST(shown(outputPorts(one)), "out");
        // With a fallback there is one way more out, but for the end.
        one.onError.then = ErrorPolicy::Then::Fallback;
        const Port *error = findPort(outputPorts(one), QStringLiteral("error"));
        QCOMPARE(error != nullptr, kind != NodeKind::Output);
    }

    void aRouteMayBeCalledError()
    {
        TeamNode router = node(NodeKind::Router, R"({"routes":[{"id":"error","title":"Bug"}]})");
        router.onError.then = ErrorPolicy::Then::Fallback;
        const auto ports = outputPorts(router);
        QCOMPARE(ports.size(), size_t(1));
        QCOMPARE(ports.front().title, QStringLiteral("Bug"));
    }

    void typesFit()
    {
        for (const PortType type : {PortType::Text, PortType::Json, PortType::List, PortType::Number,
                                    PortType::Boolean, PortType::Control}) {
            QVERIFY(portsFit(type, type) && portsFit(type, PortType::Any) && portsFit(PortType::Any, type));
            QVERIFY(!portTypeName(type).isEmpty());
        }
        QVERIFY(portsFit(PortType::List, PortType::Json));
        QVERIFY(portsFit(PortType::Number, PortType::Json));
        QVERIFY(!portsFit(PortType::Json, PortType::List));
        QVERIFY(!portsFit(PortType::Text, PortType::Json));
        QVERIFY(!portsFit(PortType::Text, PortType::List));
        QVERIFY(!portsFit(PortType::Control, PortType::Text));
    }

    void formsAreSound()
    {
        for (const NodeKindInfo &info : nodeKinds()) {
            QSet<QString> keys;
            for (const FormFieldInfo &field : nodeForm(info.kind)) {
                const QByteArray at = (info.title + QLatin1Char('/') + field.key).toUtf8();
                const char *where = at.constData();
                QVERIFY2(!field.key.isEmpty() && !field.title.isEmpty() && !keys.contains(field.key), where);
                keys.insert(field.key);
                QCOMPARE(field.choices.size(), field.choiceTitles.size());
                if (field.type == FormFieldInfo::Type::Choice)
                    QVERIFY2(field.choices.contains(field.absent.toString()), where);
                if (field.type == FormFieldInfo::Type::Number) {
                    QVERIFY2(field.absent.toDouble() >= field.least && field.absent.toDouble() <= field.most, where);
                }
                if (!field.onlyIfKey.isEmpty()) {
                    // What a field hangs on stands in the same form, before it.
                    QVERIFY2(keys.contains(field.onlyIfKey), where);
                }
            }
            // What a new node is given can be seen and changed.
            for (const QString &key : info.settings.keys())
                QVERIFY2(keys.contains(key), qPrintable(info.title + QLatin1Char('/') + key));
        }
    }

    void summariesFitOnACard_data()
    {
        QTest::addColumn<NodeKind>("kind");
        QTest::addColumn<QByteArray>("settings");
        QTest::addColumn<QString>("line");
        const auto row = [](const char *line, NodeKind kind, const char *settings) {
            QTest::newRow(line) << kind << QByteArray(settings) << QString::fromUtf8(line);
        };
        row("text", NodeKind::Input, "{}");
        row("text and 1 variable", NodeKind::Input, R"({"fields":[{"name":"a"}]})");
        row("the value as it comes", NodeKind::Output, "{}");
        row("triage@3", NodeKind::Agent, R"({"agent":"triage@3"})");
        row("no agent chosen", NodeKind::Agent, "{}");
        row("offline/extractive, 2 tools", NodeKind::Agent,
            R"({"inline":{"model":{"connection":"offline","model":"extractive"},"tools":[{},{}]}})");
        row("lead, 4 tasks at most, results as a list", NodeKind::Coordinator,
            R"({"agent":"lead","max_tasks":4,"merge":"join"})");
        row("lead, 6 tasks at most, merged by itself", NodeKind::Coordinator, R"({"agent":"lead"})");
        row("3 routes by rules", NodeKind::Router, R"({"routes":[{},{},{}]})");
        row("1 route by offline/extractive", NodeKind::Router,
            R"({"mode":"model","routes":[{}],"model":{"connection":"offline","model":"extractive"}})");
        row("what most say", NodeKind::Join, R"({"mode":"majority"})");
        row("each of input.rows, 2 at once", NodeKind::Map, R"({"items":"input.rows","at_once":2})");
        row("until score > 0.8, at most 4", NodeKind::Loop, R"({"until":"score > 0.8","at_most":4})");
        row("5 rounds", NodeKind::Loop, "{}");
        row("begins with Desk, 6 hand-offs at most", NodeKind::Handoff, R"({"start":"Desk"})");
        row("no tool chosen", NodeKind::Tool, R"({"tool":" "})");
        row("reads findings", NodeKind::MemoryRead, R"({"key":"findings"})");
        row("findings = input.title", NodeKind::MemoryWrite, R"({"key":"findings","value":"input.title"})");
        row("fits a JSON Schema", NodeKind::Check, R"({"mode":"schema"})");
        row("May this be sent?", NodeKind::Human, R"({"question":"May this\n be sent?"})");
        row("input.a", NodeKind::Transform, R"({"expression":"  input.a "})");
        row("no expression", NodeKind::Transform, R"({"expression":7})");
    }
    void summariesFitOnACard()
    {
        QFETCH(NodeKind, kind);
        QFETCH(QByteArray, settings);
        QTEST(nodeSummary(node(kind, settings.constData())), "line");
    }

    void longTextsAreCut()
    {
        TeamNode one = node(NodeKind::Transform);
        one.settings = {{QStringLiteral("expression"), QString(1'000'000, QLatin1Char('x'))}};
        QVERIFY(nodeSummary(one).size() <= 61);
        const QString smile = QString::fromUtf8("😀");
        one.settings = {{QStringLiteral("expression"), smile.repeated(100)}};
        const QString cut = nodeSummary(one);
        QVERIFY(cut.size() <= 61 && cut.endsWith(QChar(0x2026)));
        QVERIFY(!cut.at(cut.size() - 2).isHighSurrogate()); // no half of one
    }

    void roundTrips()
    {
        TeamSpec spec;
        spec.job = QStringLiteral("Answer feedback");
        spec.limits.steps = 100;
        spec.atOnce = 3;
        spec.state = {{QStringLiteral("findings"), QStringLiteral("append"), QJsonArray()},
                      {QStringLiteral("count"), QStringLiteral("add"), 0},
                      {QStringLiteral("last"), QStringLiteral("replace"), QJsonValue::Null}};
        for (int i = 1; i <= 12; ++i) {
            TeamNode item = node(nodeKinds()[size_t(i)].kind);
            item.id = QStringLiteral("n%1").arg(i);
            item.name = QString::fromUtf8("Knoten 🦊 مرحبا %1").arg(i);
            item.settings = nodeKinds()[size_t(i)].settings;
            item.onError = {i % 3, i % 2 ? ErrorPolicy::Then::Fallback : ErrorPolicy::Then::Fail};
            spec.nodes.push_back(item);
            spec.edges.push_back({QStringLiteral("e%1").arg(i), item.id, QStringLiteral("out"), QStringLiteral("nowhere"),
                                  QStringLiteral("in"), i == 2 ? QStringLiteral("on") : QString()});
        }
        const QJsonObject body = spec.toJson();
        const auto read = TeamSpec::fromJson(body);
        QVERIFY2(read.ok(), read ? "" : qPrintable(read.error().message));
        QCOMPARE(*read, spec); // dangling edges are kept
        QCOMPARE(read->toJson(), body);
        QCOMPARE(read->nodes[1].id, QStringLiteral("n2")); // before n10
        QCOMPARE(read->node(QStringLiteral("n10"))->name, spec.nodes[9].name);
        QCOMPARE(read->node(QStringLiteral("n77")), nullptr);
        std::reverse(spec.nodes.begin(), spec.nodes.end());
        QCOMPARE(spec.node(QStringLiteral("n3"))->id, QStringLiteral("n3")); // in no order
    }

    void layoutIsNotExecuted()
    {
        QJsonObject body = object(R"({"nodes":{"n1":{"kind":"input","name":"In"}},"layout":{"nodes":{"n1":{"x":1,"y":2}}}})");
        const QJsonObject before = TeamSpec::executable(body);
        body.insert(QStringLiteral("layout"), object(R"({"nodes":{"n1":{"x":9,"y":9}},"frames":{"f1":{}}})"));
        QCOMPARE(json::hash(TeamSpec::executable(body)), json::hash(before));
        QVERIFY(!before.contains(QStringLiteral("layout")));
        QVERIFY(before.contains(QStringLiteral("nodes")));
    }

    void naturalOrderIsTotal()
    {
        const QStringList sorted{QString(), QStringLiteral("1"), QStringLiteral("e1"), QStringLiteral("n"),
                                 QStringLiteral("n01"), QStringLiteral("n1"), QStringLiteral("n1a"), QStringLiteral("n2"),
                                 QStringLiteral("n10"), QStringLiteral("n99999999999999999999999"), QStringLiteral("x")};
        for (qsizetype i = 0; i < sorted.size(); ++i) {
            for (qsizetype j = 0; j < sorted.size(); ++j)
                QCOMPARE(naturalLess(sorted[i], sorted[j]), i < j);
        }
    }

    void wrongBodiesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("pointer");
        const auto row = [](const char *body, const char *pointer) {
            QTest::newRow(body) << QByteArray(body) << QString::fromLatin1(pointer);
        };
        row(R"({"job":7})", "/job");
        row(R"({"limits":[]})", "/limits");
        row(R"({"limits":{"steps":"many"}})", "/limits/steps");
        row(R"({"at_once":"many"})", "/at_once");
        row(R"({"state":{}})", "/state");
        row(R"({"state":[{"name":1}]})", "/state/0/name");
        row(R"({"nodes":[]})", "/nodes");
        row(R"({"nodes":{"n1":7}})", "/nodes/n1");
        row(R"({"nodes":{"n1":{}}})", "/nodes/n1/kind");
        row(R"({"nodes":{"n1":{"kind":"wizard"}}})", "/nodes/n1/kind");
        row(R"({"nodes":{"a/b~c":{"kind":"wizard"}}})", "/nodes/a~1b~0c/kind");
        row(R"({"nodes":{"n1":{"kind":"input","name":[]}}})", "/nodes/n1/name");
        row(R"({"nodes":{"n1":{"kind":"input","settings":"x"}}})", "/nodes/n1/settings");
        row(R"({"nodes":{"n1":{"kind":"input","on_error":{"then":"explode"}}}})", "/nodes/n1/on_error/then");
        row(R"({"edges":{"e1":"n1"}})", "/edges/e1");
        row(R"({"edges":{"e1":{"from":1}}})", "/edges/e1/from");
    }
    void wrongBodiesAreRefused()
    {
        QFETCH(QByteArray, body);
        const auto read = TeamSpec::fromJson(object(body.constData()));
        QVERIFY(!read.ok());
        QCOMPARE(read.error().kind, ErrorKind::InvalidInput);
        QTEST(read.error().cause, "pointer");
        QVERIFY(read.error().message.endsWith(QLatin1Char('.')));
    }

    void numbersAreBroughtHome()
    {
        const auto read = TeamSpec::fromJson(object(
            R"({"at_once":100000,"nodes":{"n1":{"kind":"tool","on_error":{"retries":2000000000}},"n2":{"kind":"tool","on_error":{"retries":-1}}}})"));
        QVERIFY(read.ok());
        QCOMPARE(read->atOnce, 64);
        QCOMPARE(read->nodes[0].onError.retries, 10);
        QCOMPARE(read->nodes[1].onError.retries, 0);
        QCOMPARE(read->nodes[0].name, QStringLiteral("n1")); // a node without a name is called by its id
    }

    void emptyBodiesAreTeams()
    {
        const auto read = TeamSpec::fromJson(QJsonObject());
        QVERIFY(read.ok());
        QCOMPARE(*read, TeamSpec());
    }

    void templatesAreScanned_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("found");
        const auto row = [](const char *text, const char *found) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(found);
        };
        row("plain } { text", "");
        row("{{input}} and {{ state.findings }}", "input state.findings");
        row("{{{raw}}} {{&also}}", "raw also");
        row("{{! a comment {{ }}{{x}}", "x");
        row("{{! to the first {{x}}", "");
        row("{{! never closed {{x", "? ?x");
        row("{{#list}}{{name}}{{/list}}{{after}}", "list (name) after");
        row("{{^none}}{{x}}{{/none}}", "none (x)");
        row("{{open", "?open");
        row("{{a\n}}", "?a");
        row("{{}}", "?");
        row("{{a b}}", "?a b");
        row("{{größe}} {{名前}} {{😀}}", "größe 名前 😀");
        row("{{/closed}}{{x}}", "x");
        row("{{{x}}", "?x");
    }
    void templatesAreScanned()
    {
        QFETCH(QString, text);
        QStringList found;
        for (const TemplateUse &use : scanTemplate(text)) {
            QVERIFY(use.from >= 0 && use.length >= 2 && use.from + use.length <= text.size());
            found.append(use.broken ? QLatin1Char('?') + use.name
                                    : use.inSection ? QLatin1Char('(') + use.name + QLatin1Char(')') : use.name);
        }
        QTEST(found.join(QLatin1Char(' ')), "found");
    }

    void scanningIsLinear()
    {
        // Each of these would take minutes if every tag looked to the end of the text.
        for (const char *part : {"{{!", "{{", "{{a", "{{#a}}", "}}{{{"}) {
            const QString text = QString::fromLatin1(part).repeated(300'000);
            QVERIFY(scanTemplate(text).size() > 0);
        }
    }

    void membersOfExpressions_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("found");
        const auto row = [](const char *text, const char *found) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(found);
        };
        row("state.a + state.b.c", "a b");
        row("state", "");
        row("input.state.a", "");
        row("mystate.a + state2.b", "");
        row("'state.a' + \"state.b\" + state . c", "c");
        row("state?.größe", "größe");
        row("state.a.state.b", "a");
        row("'it\\'s state.a' + state.b", "b");
        row("'open state.a", "");
        row("state.", "");
    }
    void membersOfExpressions()
    {
        QFETCH(QString, text);
        QTEST(membersRead(text, QStringLiteral("state")).join(QLatin1Char(' ')), "found");
    }
};

QTEST_GUILESS_MAIN(TestTeamSpec)
#include "tst_TeamSpec.moc"
