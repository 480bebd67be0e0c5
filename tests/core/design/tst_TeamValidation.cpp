// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/TeamEdits.h"
#include "core/design/TeamGraph.h"
#include "core/design/TeamReader.h"
#include "tests/support/JsonText.h"

#include <QElapsedTimer>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

namespace {
// Edges are written as a list of "n1>n2" or "n1.pass>n2.in" and become e1, e2... Templates are written «input», «+section»..., as moc
// looks into raw strings and counts braces.
QJsonObject team(QByteArray text)
{
    QJsonObject body = object(text.replace("«+", "{{#").replace("«", "{{").replace("»", "}}"));
    QJsonObject edges;
    for (const QJsonValue &item : body.value(QStringLiteral("edges")).toArray()) {
        const QStringList ends = item.toString().split(QLatin1Char('>'));
        const auto part = [](const QString &end, const char *absent) {
            return end.contains(QLatin1Char('.')) ? end.section(QLatin1Char('.'), 1) : QString::fromLatin1(absent);
        };
        edges.insert(QStringLiteral("e%1").arg(edges.size() + 1),
                     QJsonObject{{QStringLiteral("from"), ends[0].section(QLatin1Char('.'), 0, 0)},
                                 {QStringLiteral("from_port"), part(ends[0], "out")},
                                 {QStringLiteral("to"), ends[1].section(QLatin1Char('.'), 0, 0)},
                                 {QStringLiteral("to_port"), part(ends[1], "in")}});
    }
    body.insert(QStringLiteral("edges"), edges);
    return body;
}

// A project with some artifacts.
TeamLookup project()
{
    static const QJsonObject artifacts = object(R"({
        "agent/writer": {"prompt":"write","model":{"connection":"offline","model":"extractive"}},
        "agent/modelless": {"prompt":"write","model":{"connection":"offline"}},
        "agent/lost": {"prompt":"write","model":{"connection":"gone","model":"m"}},
        "agent/mute": {"model":{"connection":"offline","model":"extractive"}},
        "agent/promptless": {"prompt":"gone","model":{"connection":"offline","model":"extractive"}},
        "agent/topical": {"prompt":"about","model":{"connection":"offline","model":"extractive"}},
        "agent/poster": {"prompt":"write","model":{"connection":"offline","model":"extractive"},"tools":[{"tool":"post"}]},
        "agent/asker": {"prompt":"write","model":{"connection":"offline","model":"extractive"},
                        "tools":[{"tool":"post","approval":"ask"}]},
        "prompt/write": {"text":"Write."},
        "prompt/about": {"text":"Write about {{topic}} in {{tone}} for {{input}}, {{who}}.",
                         "variables":[{"name":"tone","default":"plain"},{"name":"who","required":false},{"name":"topic"}]},
        "connection/offline": {},
        "tool/post": {"type":"http","config":{},"approval":"always"},
        "tool/post carefully": {"type":"http","config":{},"approval":"ask"},
        "tool/files": {"type":"files","config":{"writable":true},"approval":"always"},
        "tool/read": {"type":"files","config":{"writable":false},"approval":"always"},
        "tool/ask": {"type":"ask_human","config":{},"approval":"always"},
        "tool/sums": {"type":"calculator","config":{},"approval":"always"},
        "team/plain": {"nodes":{"n1":{"kind":"input"}}},
        "team/a": {"nodes":{"n1":{"kind":"team","settings":{"team":"b@3"}},"n2":{"kind":"team","settings":{"team":"plain"}}}},
        "team/b": {"nodes":{"n1":{"kind":"team","settings":{"team":"this@draft"}}}},
        "team/x": {"nodes":{"n1":{"kind":"team","settings":{"team":"y"}}}},
        "team/y": {"nodes":{"n1":{"kind":"team","settings":{"team":"x"}}}}
    })");
    const auto find = [](ArtifactKind kind, const QString &ref) {
        return artifacts.value(artifactKindName(kind) + QLatin1Char('/') + ref.section(QLatin1Char('@'), 0, 0));
    };
    TeamLookup lookup;
    lookup.self = QStringLiteral("this");
    lookup.body = [find](ArtifactKind kind, const QString &ref) { return find(kind, ref).toObject(); };
    lookup.design.exists = [find](ArtifactKind kind, const QString &ref) { return !find(kind, ref).isUndefined(); };
    lookup.design.toolBody = [find](const QString &ref) { return find(ArtifactKind::Tool, ref).toObject(); };
    lookup.design.promptVariables = [find](const QString &ref) {
        const QString text = find(ArtifactKind::Prompt, ref).toObject().value(QStringLiteral("text")).toString();
        QStringList names;
        for (const TemplateUse &use : scanTemplate(text))
            names.append(use.name);
        return names;
    };
    return lookup;
}

QString found(const std::vector<Problem> &problems, Problem::Severity least)
{
    QStringList list;
    for (const Problem &problem : problems) {
        if (problem.severity >= least)
            list.append(problem.code + QLatin1Char('@') + problem.pointer);
    }
    list.sort();
    return list.join(QLatin1Char(' '));
}

// A team around one node "n2" called Middle: input, it, output. `more`: further members of the body.
QByteArray around(const char *node, const char *more = "", const char *edges = "")
{
    return QByteArray(R"({"job":"Answer feedback of customers","state":[{"name":"findings","reducer":"append"}],"nodes":{
        "n1":{"kind":"input","name":"Start","settings":{"fields":[{"name":"topic"}]}},"n2":)")
           + node + (*more ? "," : "") + more + R"(,"n9":{"kind":"output","name":"End"}},"edges":["n1>n2",)"
           + (*edges ? QByteArray(edges) : QByteArray(R"("n2>n9")")) + "]}";
}
} // namespace

class TestTeamValidation : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // Teams with nothing to say about, however closely one looks.
    void goodTeamsHaveNoProblems_data()
    {
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char *name, const QByteArray &body) { QTest::newRow(name) << body; };
        row("agent", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer@3","message":"«input» «state.findings» «variables.topic»"}})"));
        row("agent in place", around(R"({"kind":"agent","name":"Middle","settings":{"inline":{"job":"Summarise feedback of customers",
            "instructions":"Summarise.","model":{"connection":"offline","model":"extractive"}}}})"));
        row("variables of a prompt", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"topical"}})"));
        row("given variables", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"topical","variables":{"topic":"x"}}})"));
        row("coordinator", around(R"({"kind":"coordinator","name":"Middle","settings":{"agent":"writer","merge":"join"}})",
                                  R"("n3":{"kind":"agent","name":"Worker","settings":{"agent":"writer","message":"«task» «request»"}})",
                                  R"("n2>n9","n2.workers>n3","n3>n2.results")"));
        row("router by rules", around(R"({"kind":"router","name":"Middle","settings":{"mode":"rules","otherwise":"r2",
            "routes":[{"id":"r1","title":"Bug","rule":"input === 'bug'"},{"id":"r2","title":"Other"}]}})", "",
            R"("n2.r1>n9","n2.r2>n9")"));
        row("router by a model", around(R"({"kind":"router","name":"Middle","settings":{"mode":"model","otherwise":"r2",
            "model":{"connection":"offline","model":"extractive"},
            "routes":[{"id":"r1","title":"Bug","about":"Something is broken"},{"id":"r2","title":"Other","about":"The rest"}]}})", "",
            R"("n2.r1>n9","n2.r2>n9")"));
        row("map and item", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.split(',') || []"}})",
                                   R"("n3":{"kind":"agent","name":"Each","settings":{"agent":"writer","message":"«item.text» «index»"}})",
                                   R"("n2>n9","n2.each>n3")"));
        row("loop and iteration", around(R"({"kind":"loop","name":"Middle","settings":{"until":"state.findings.length > 2 || iteration > 3"}})",
                                         R"("n3":{"kind":"agent","name":"Try","settings":{"agent":"writer","message":"«iteration»: «+input»«text»«/input»"}})",
                                         R"("n2>n9","n2.body>n3","n3>n2.again")"));
        row("handoff", around(R"({"kind":"handoff","name":"Middle","settings":{"start":"Desk"}})",
                              R"("n3":{"kind":"agent","name":"Desk","settings":{"agent":"writer"}},"n4":{"kind":"agent","name":"Expert","settings":{"agent":"writer"}})",
                              R"("n2>n9","n2.agents>n3","n2.agents>n4")"));
        row("tool", around(R"({"kind":"tool","name":"Middle","settings":{"tool":"post","arguments":{"url":"«input»","list":[{"a":"«state.findings»"}]}}})"));
        row("memory", around(R"({"kind":"memory_write","name":"Middle","settings":{"key":"findings","value":"input"}})"));
        row("memory read at the start", around(R"({"kind":"transform","name":"Middle","settings":{"expression":"input"}})",
                                    R"("n3":{"kind":"memory_read","name":"Read","settings":{"key":"findings"}})", R"("n2>n9","n3>n9")"));
        row("check by a schema", around(R"({"kind":"check","name":"Middle","settings":{"mode":"schema","schema":{"type":"object"}}})", "",
                            R"("n2.pass>n9","n2.fail>n9")"));
        row("check by a model", around(R"({"kind":"check","name":"Middle","settings":{"mode":"model","rule":"It is polite","model":{"connection":"offline","model":"m"}}})",
                            "", R"("n2.pass>n9","n2.fail>n9")"));
        row("approval", around(R"({"kind":"human","name":"Middle","settings":{"question":"Send «input»?"}})", "", R"("n2.approved>n9")"));
        row("form", around(R"({"kind":"human","name":"Middle","settings":{"mode":"form","question":"Who?","fields":[{"name":"who"}]}})"));
        row("team", around(R"({"kind":"team","name":"Middle","settings":{"team":"plain"}})"));
        row("approved tool in a map", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.list"}})",
                            R"("n3":{"kind":"human","name":"May I","settings":{"question":"Post?"}},"n4":{"kind":"tool","name":"Post","settings":{"tool":"post"}})",
                            R"("n2>n9","n2.each>n3","n3.approved>n4","n4>n2.collect")"));
        row("careful tools in a loop", around(R"({"kind":"loop","name":"Middle","settings":{"until":"input"}})",
                            R"("n3":{"kind":"tool","name":"Post","settings":{"tool":"post carefully"}},"n4":{"kind":"tool","name":"Read","settings":{"tool":"read"}},
                               "n5":{"kind":"tool","name":"Ask","settings":{"tool":"ask"}},"n6":{"kind":"agent","name":"Asker","settings":{"agent":"asker"}},"n7":{"kind":"tool","name":"Sum","settings":{"tool":"sums"}})",
                            R"("n2>n9","n2.body>n3","n3>n4","n4>n5","n5>n6","n6>n7")"));
    }
    void goodTeamsHaveNoProblems()
    {
        QFETCH(QByteArray, body);
        const auto problems = validateTeam(team(body), project());
        QVERIFY2(problems.empty(), qPrintable(found(problems, Problem::Severity::Hint)));
    }

    void problemsAreFound_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("expected"); // hints only when it is of them
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const QByteArray &body, const char *expected, const char *says = "") {
            QTest::newRow(name) << body << QString::fromLatin1(expected) << QString::fromUtf8(says);
        };
        // Types.
        row("text into a map", around(R"({"kind":"map","name":"Middle"})", R"("n3":{"kind":"agent","name":"Each","settings":{"agent":"writer"}})",
                                      R"("n2>n9","n2.each>n3")"),
            "edge.type@/edges/e1", "\"Start\" gives text, but \"Middle\" takes list.");
        // Ways.
        row("nothing leads there", around(R"({"kind":"parallel","name":"Middle"})", R"("n3":{"kind":"agent","name":"Alone","settings":{"agent":"writer"}})",
                                          R"("n2>n9","n3>n9")"),
            "node.unreachable@/nodes/n3", "Nothing leads to \"Alone\"");
        row("nothing leads there at the second glance",
            around(R"({"kind":"parallel","name":"Middle"})", R"("n3":{"kind":"parallel","name":"A"},"n4":{"kind":"parallel","name":"Far"})",
                   R"("n2>n9","n3>n4","n4>n9")"),
            "node.unreachable@/nodes/n3 node.unreachable@/nodes/n4", "No way leads from the input to \"Far\"");
        row("the answer is not reached", around(R"({"kind":"parallel","name":"Middle"})", "", R"("n1>n1")"),
            "edge.port@/edges/e2 node.unused@/nodes/n2 team.no_answer@/nodes/n9", "No way leads from the input to \"End\"");
        row("not used", around(R"({"kind":"parallel","name":"Middle"})", "", R"("n1>n9")"), "node.unused@/nodes/n2", "What \"Middle\" gives is not used.");
        row("a way out is lost", around(R"({"kind":"check","name":"Middle","settings":{"expression":"true"}})", "", R"("n2.pass>n9")"),
            "port.unused@/nodes/n2", "What leaves \"Middle\" by \"fail\" is lost.");
        row("a circle", around(R"({"kind":"join","name":"Middle"})", R"("n3":{"kind":"agent","name":"Round","settings":{"agent":"writer"}})", R"("n2>n3","n3>n2","n3>n9")"),
            "loop.unbounded@/nodes/n2", "\"Middle\" leads back to itself through \"Round\"");
        // Loops and maps.
        row("no stop condition", around(R"({"kind":"loop","name":"Middle"})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.body>n3")"),
            "loop.no_until@/nodes/n2/settings/until", "\"Middle\" has no stop condition");
        row("no bound", around(R"({"kind":"loop","name":"Middle","settings":{"until":"true","at_most":0}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.body>n3")"),
            "loop.bound@/nodes/n2/settings/at_most", "The number of rounds of \"Middle\" must be");
        row("a bound of words", around(R"({"kind":"loop","name":"Middle","settings":{"until":"true","at_most":"many"}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.body>n3")"),
            "loop.bound@/nodes/n2/settings/at_most");
        row("half a round", around(R"({"kind":"loop","name":"Middle","settings":{"until":"true","at_most":2.5}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.body>n3")"),
            "loop.bound@/nodes/n2/settings/at_most");
        row("an astronomical bound", around(R"({"kind":"loop","name":"Middle","settings":{"until":"true","at_most":1e300}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.body>n3")"),
            "loop.bound@/nodes/n2/settings/at_most");
        row("too many at once", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.a","at_once":1000,"on_error":"panic"}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.each>n3")"),
            "map.at_once@/nodes/n2/settings/at_once setting.choice@/nodes/n2/settings/on_error", "\"on_error\" of \"Middle\" is \"panic\"");
        row("empty body", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.a"}})"), "container.empty@/nodes/n2", "\"Middle\"");
        // Routers.
        row("no routes", around(R"({"kind":"router","name":"Middle","settings":{"routes":[]}})", "", R"("n1>n9")"), "router.no_routes@/nodes/n2/settings/routes");
        row("route without rule", around(R"({"kind":"router","name":"Middle","settings":{"otherwise":"r2","routes":[{"id":"r1","title":"Bug"},{"id":"r2"}]}})", "", R"("n2.r1>n9","n2.r2>n9")"),
            "route.no_rule@/nodes/n2/settings/routes/0", "The route \"Bug\" of \"Middle\" has no rule");
        row("route without description", around(R"({"kind":"router","name":"Middle","settings":{"mode":"model","agent":"writer","otherwise":"r2","routes":[{"id":"r1","title":"Bug"},{"id":"r2","about":"Rest"}]}})", "", R"("n2.r1>n9","n2.r2>n9")"),
            "route.no_description@/nodes/n2/settings/routes/0", "The route \"Bug\" of \"Middle\" has no description");
        row("route twice", around(R"({"kind":"router","name":"Middle","settings":{"otherwise":"r1","routes":[{"id":"r1"},{"id":"r1","rule":"true"},{"rule":"true"}]}})", "", R"("n2.r1>n9")"),
            "route.id@/nodes/n2/settings/routes/1 route.id@/nodes/n2/settings/routes/2");
        row("otherwise nowhere", around(R"({"kind":"router","name":"Middle","settings":{"otherwise":"r7","routes":[{"id":"r1","rule":"true"}]}})", "", R"("n2.r1>n9")"),
            "router.otherwise@/nodes/n2/settings/otherwise", "\"Middle\" sends what fits nowhere to the route \"r7\"");
        row("nothing otherwise", around(R"({"kind":"router","name":"Middle","settings":{"routes":[{"id":"r1","rule":"true"}]}})", "", R"("n2.r1>n9")"),
            "router.no_otherwise@/nodes/n2/settings/otherwise");
        row("router without model", around(R"({"kind":"router","name":"Middle","settings":{"mode":"model","otherwise":"r1","routes":[{"id":"r1","about":"All"}]}})", "", R"("n2.r1>n9")"),
            "model.missing@/nodes/n2/settings/model", "No model is chosen for \"Middle\".");
        row("router without expression", around(R"({"kind":"router","name":"Middle","settings":{"mode":"expression","otherwise":"r1","routes":[{"id":"r1"}]}})", "", R"("n2.r1>n9")"),
            "router.no_expression@/nodes/n2/settings/expression", "\"Middle\" has no expression.");
        row("mode that is none", around(R"({"kind":"join","name":"Middle","settings":{"mode":"vote"}})"), "join.single@/nodes/n2 setting.choice@/nodes/n2/settings/mode",
            "Use one of: all, first, majority, best, expression, agent.");
        // Joins, checks, people, transforms.
        row("no scorer", around(R"({"kind":"join","name":"Middle","settings":{"mode":"best"}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n1>n3","n3>n2","n2>n9")"), "join.no_scorer@/nodes/n2/settings/scorer");
        row("no merging expression", around(R"({"kind":"join","name":"Middle","settings":{"mode":"expression"}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n1>n3","n3>n2","n2>n9")"), "join.no_expression@/nodes/n2/settings/expression");
        row("no merging agent", around(R"({"kind":"join","name":"Middle","settings":{"mode":"agent"}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n1>n3","n3>n2","n2>n9")"), "agent.missing@/nodes/n2/settings/agent", "\"Middle\" has no agent.");
        row("no transform", around(R"({"kind":"transform","name":"Middle"})"), "transform.no_expression@/nodes/n2/settings/expression");
        row("expression is no text", around(R"({"kind":"transform","name":"Middle","settings":{"expression":[1]}})"), "expression.text@/nodes/n2/settings/expression");
        row("schema is no object", around(R"({"kind":"check","name":"Middle","settings":{"mode":"schema","schema":["x"]}})", "", R"("n2.pass>n9","n2.fail>n9")"), "check.schema@/nodes/n2/settings/schema", "The JSON Schema of \"Middle\" is no object.");
        row("no schema", around(R"({"kind":"check","name":"Middle","settings":{"mode":"schema"}})", "", R"("n2.pass>n9","n2.fail>n9")"), "check.schema@/nodes/n2/settings/schema");
        row("empty schema", around(R"({"kind":"check","name":"Middle","settings":{"mode":"schema","schema":{}}})", "", R"("n2.pass>n9","n2.fail>n9")"), "check.schema_empty@/nodes/n2/settings/schema");
        row("no check", around(R"({"kind":"check","name":"Middle"})", "", R"("n2.pass>n9","n2.fail>n9")"), "check.no_expression@/nodes/n2/settings/expression");
        row("no rule", around(R"({"kind":"check","name":"Middle","settings":{"mode":"model","model":{"connection":"nowhere","model":"m"}}})", "", R"("n2.pass>n9","n2.fail>n9")"),
            "check.no_rule@/nodes/n2/settings/rule model.unknown_connection@/nodes/n2/settings/model");
        row("no question", around(R"({"kind":"human","name":"Middle"})", "", R"("n2.approved>n9")"), "human.no_question@/nodes/n2/settings/question");
        row("no fields", around(R"({"kind":"human","name":"Middle","settings":{"mode":"form","question":"?"}})"), "human.no_fields@/nodes/n2/settings/fields");
        row("fields twice", around(R"({"kind":"human","name":"Middle","settings":{"mode":"form","question":"?","fields":[{"name":"a"},{"name":"a"},{}]}})"),
            "field.no_name@/nodes/n2/settings/fields/2 field.twice@/nodes/n2/settings/fields/1");
        // References.
        row("no agent", around(R"({"kind":"agent","name":"Middle"})"), "agent.missing@/nodes/n2/settings/agent", "\"Middle\" has no agent.");
        row("unknown agent", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"nobody"}})"), "agent.unknown@/nodes/n2/settings/agent", "\"Middle\" uses the agent \"nobody\"");
        row("a reference that is none", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"a/b@@"}})"), "agent.unknown@/nodes/n2/settings/agent");
        row("agent without model", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"modelless"}})"), "agent.unready@/nodes/n2/settings/agent", "The agent \"modelless\" of \"Middle\" has no model.");
        row("agent of a lost connection", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"lost"}})"), "agent.unready@/nodes/n2/settings/agent", "the connection \"gone\"");
        row("agent without prompt", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"mute"}})"), "agent.unready@/nodes/n2/settings/agent", "has no instructions");
        row("agent of a lost prompt", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"promptless"}})"), "agent.unready@/nodes/n2/settings/agent", "the prompt \"gone\"");
        row("agent in place, unfinished", around(R"({"kind":"agent","name":"Middle","settings":{"inline":{}}})"),
            "agent.no_instructions@/nodes/n2/settings/inline/instructions model.missing@/nodes/n2/settings/inline/model/model model.no_connection@/nodes/n2/settings/inline/model/connection", "\"Middle\": No model is chosen.");
        row("worker without a job", around(R"({"kind":"coordinator","name":"Middle","settings":{"agent":"writer"}})",
            R"("n3":{"kind":"agent","name":"Worker","settings":{"inline":{"instructions":"Work.","model":{"connection":"offline","model":"m"}}}})", R"("n2>n9","n2.workers>n3")"),
            "agent.no_job@/nodes/n3/settings/inline/job", "what its worker \"Worker\" is for");
        row("coordinator", around(R"({"kind":"coordinator","name":"Middle","settings":{"merge":"agent","merger":"nobody","max_tasks":0}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.workers>n3")"),
            "agent.missing@/nodes/n2/settings/agent agent.unknown@/nodes/n2/settings/merger coordinator.tasks@/nodes/n2/settings/max_tasks");
        row("merge without expression", around(R"({"kind":"coordinator","name":"Middle","settings":{"agent":"writer","merge":"expression"}})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n2.workers>n3")"),
            "merge.no_expression@/nodes/n2/settings/expression");
        row("no tool", around(R"({"kind":"tool","name":"Middle"})"), "tool.missing@/nodes/n2/settings/tool", "\"Middle\" has no tool.");
        row("deleted tool", around(R"({"kind":"tool","name":"Middle","settings":{"tool":"deleted","arguments":[]}})"), "tool.arguments@/nodes/n2/settings/arguments tool.unknown@/nodes/n2/settings/tool", "\"Middle\" uses the tool \"deleted\", which this project does not have.");
        row("no team", around(R"({"kind":"team","name":"Middle"})"), "team.missing@/nodes/n2/settings/team");
        row("unknown team", around(R"({"kind":"team","name":"Middle","settings":{"team":"nowhere"}})"), "team.unknown@/nodes/n2/settings/team");
        row("itself", around(R"({"kind":"team","name":"Middle","settings":{"team":"this@2"}})"), "team.circle@/nodes/n2/settings/team", "\"Middle\" uses this team itself");
        row("itself through others", around(R"({"kind":"team","name":"Middle","settings":{"team":"a"}})"), "team.circle@/nodes/n2/settings/team", "\"a\", \"b\", \"this\"");
        row("a circle that it is not in", around(R"({"kind":"team","name":"Middle","settings":{"team":"x"}})"), "team.circle@/nodes/n2/settings/team", "\"x\", \"y\", \"x\"");
        row("prompt variable", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"topical","variables":{}}})").replace("\"topic\"", "\"other\""),
            "agent.variable@/nodes/n2/settings/variables", "The instructions of \"Middle\" use {{topic}}");
        // Templates and expressions.
        row("state key", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer","message":"«state.findigns»"}})"), "template.state@/nodes/n2/settings/message", "Did you mean {{state.findings}}?");
        row("variable", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer","message":"«variables.topics»"}})"), "template.variable@/nodes/n2/settings/message", "Did you mean {{variables.topic}}?");
        row("state key in a section", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer","message":"«+input»«state.nothing»«name»«/input»"}})"), "template.state@/nodes/n2/settings/message");
        row("bare variable", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer","message":"«topic»"}})"), "template.unknown@/nodes/n2/settings/message", "Write {{variables.topic}}.");
        row("item outside", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer","message":"«item» «index»"}})"), "template.item@/nodes/n2/settings/message template.item@/nodes/n2/settings/message", "\"Middle\" uses {{item}}, but is in the body of no map.");
        row("task outside", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer","message":"«task»"}})"), "template.unknown@/nodes/n2/settings/message");
        row("iteration outside", around(R"({"kind":"human","name":"Middle","settings":{"question":"«iteration»"}})", "", R"("n2.approved>n9")"), "template.iteration@/nodes/n2/settings/question");
        row("broken", around(R"({"kind":"agent","name":"Middle","settings":{"agent":"writer","message":"«input"}})"), "template.broken@/nodes/n2/settings/message");
        row("in arguments", around(R"({"kind":"tool","name":"Middle","settings":{"tool":"sums","arguments":{"a/b":[{"c":"«state.x»"}]}}})"), "template.state@/nodes/n2/settings/arguments/a~1b/0/c");
        row("in an output", around(R"({"kind":"parallel","name":"Middle"})").replace(R"("name":"End")", R"("name":"End","settings":{"template":"«nope»"})"), "template.unknown@/nodes/n9/settings/template", "\"End\" uses {{nope}}");
        row("in a sub-team", around(R"({"kind":"team","name":"Middle","settings":{"team":"plain","input":"«state.a»","variables":{"v":"«state.b»"}}})"), "template.state@/nodes/n2/settings/input template.state@/nodes/n2/settings/variables/v");
        row("expression", around(R"({"kind":"transform","name":"Middle","settings":{"expression":"[state.findngs, variables.tpoic]"}})"),
            "expression.state@/nodes/n2/settings/expression expression.variable@/nodes/n2/settings/expression", "Did you mean state.findings?");
        row("no key", around(R"({"kind":"memory_write","name":"Middle"})"), "memory.no_key@/nodes/n2/settings/key");
        row("unknown key", around(R"({"kind":"memory_read","name":"Middle","settings":{"key":"finding"}})"), "memory.unknown_key@/nodes/n2/settings/key", "Did you mean \"findings\"?");
        // Hand-offs.
        row("start that is none", around(R"({"kind":"handoff","name":"Middle","settings":{"start":"desk"}})",
            R"("n3":{"kind":"agent","name":"Desk","settings":{"agent":"writer"}},"n4":{"kind":"agent","name":"Expert","settings":{"agent":"writer"}})", R"("n2>n9","n2.agents>n3","n2.agents>n4")"),
            "handoff.start@/nodes/n2/settings/start", "Did you mean \"Desk\"?");
        row("start outside", around(R"({"kind":"handoff","name":"Middle","settings":{"start":"Out","at_most":-1}})",
            R"("n3":{"kind":"agent","name":"Desk","settings":{"agent":"writer"}},"n4":{"kind":"agent","name":"Out","settings":{"agent":"writer"}})", R"("n2>n4","n2.agents>n3","n4>n9")"),
            "handoff.bound@/nodes/n2/settings/at_most handoff.start@/nodes/n2/settings/start");
        row("no agent to hand to", around(R"({"kind":"handoff","name":"Middle"})",
            R"("n3":{"kind":"agent","name":"Desk","settings":{"agent":"writer"}},"n4":{"kind":"parallel","name":"Crowd"},"n5":{"kind":"agent","name":"Expert","settings":{"agent":"writer"}})", R"("n2>n9","n2.agents>n3","n2.agents>n4","n2.agents>n5")"),
            "handoff.no_agent@/nodes/n4", "\"Crowd\" is among the agents of \"Middle\"");
        row("a single agent", around(R"({"kind":"handoff","name":"Middle"})", R"("n3":{"kind":"agent","name":"Desk","settings":{"agent":"writer"}})", R"("n2>n9","n2.agents>n3")"), "handoff.single@/nodes/n2");
        // Side effects.
        row("external in a map", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.a"}})", R"("n3":{"kind":"tool","name":"Post it","settings":{"tool":"post"}})", R"("n2>n9","n2.each>n3")"),
            "tool.repeated_unasked@/nodes/n3", "\"Post it\" may call the tool \"post\" again and again in \"Middle\"; it acts outside this computer");
        row("writing in a loop", around(R"({"kind":"loop","name":"Middle","settings":{"until":"true"}})", R"("n3":{"kind":"tool","name":"Save","settings":{"tool":"files"}})", R"("n2>n9","n2.body>n3")"),
            "tool.repeated_unasked@/nodes/n3", "it writes to this computer");
        row("an agent's tool", around(R"({"kind":"loop","name":"Middle","settings":{"until":"true"}})", R"("n3":{"kind":"agent","name":"Poster","settings":{"agent":"poster"}})", R"("n2>n9","n2.body>n3")"),
            "tool.repeated_unasked@/nodes/n3", "take it from the agent");
        row("deep within", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.a"}})",
            R"("n3":{"kind":"coordinator","name":"Lead","settings":{"agent":"writer"}},"n4":{"kind":"tool","name":"Post","settings":{"tool":"post"}})", R"("n2>n9","n2.each>n3","n3.workers>n4")"),
            "tool.repeated_unasked@/nodes/n4", "in \"Middle\"");
        row("approved once is not approved for each", around(R"({"kind":"human","name":"Middle","settings":{"question":"?"}})",
            R"("n3":{"kind":"map","name":"Each","settings":{"items":"input.a"}},"n4":{"kind":"tool","name":"Post","settings":{"tool":"post"}})", R"("n2.approved>n3","n3>n9","n3.each>n4")"),
            "tool.repeated_unasked@/nodes/n4");
        row("denied is not approved", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.a"}})",
            R"("n3":{"kind":"human","name":"May I","settings":{"question":"?"}},"n4":{"kind":"tool","name":"Post","settings":{"tool":"post"}})", R"("n2>n9","n2.each>n3","n3.denied>n4")"),
            "tool.repeated_unasked@/nodes/n4");
        row("a way around the person", around(R"({"kind":"map","name":"Middle","settings":{"items":"input.a"}})",
            R"("n3":{"kind":"human","name":"May I","settings":{"question":"?"}},"n4":{"kind":"join","name":"J"},"n5":{"kind":"tool","name":"Post","settings":{"tool":"post"}},"n6":{"kind":"parallel","name":"P"})",
            R"("n2>n9","n2.each>n6","n6>n3","n6>n4","n3.approved>n4","n4>n5")"),
            "tool.repeated_unasked@/nodes/n5");
        // The team.
        row("state", QByteArray(around(R"({"kind":"parallel","name":"Middle"})")).replace(R"([{"name":"findings","reducer":"append"}])",
            R"([{"name":"a","reducer":"sum"},{"name":"a"},{},{"name":"b","reducer":"append","initial":0},{"name":"c","reducer":"add","initial":[]},{"name":"d","reducer":"merge","initial":"x"},{"name":"e","reducer":"max","initial":"x"}])"),
            "state.initial@/state/3 state.initial@/state/4 state.initial@/state/5 state.no_name@/state/2 state.reducer@/state/0 state.twice@/state/1");
        row("limits", QByteArray(around(R"({"kind":"parallel","name":"Middle"})")).replace(R"({"job":)", R"({"limits":{"steps":0,"seconds":0,"tokens":-1,"cost_usd":0},"at_once":0,"job":)"),
            "limits.none@/limits limits.steps@/limits/steps team.range@/at_once");
        row("job", QByteArray(around(R"({"kind":"parallel","name":"Middle"})")).replace("Answer feedback of customers", ""), "job.missing@/job");
        row("too many retries", around(R"({"kind":"parallel","name":"Middle","on_error":{"retries":11}})"), "team.range@/nodes/n2/on_error/retries", "The number of retries of \"Middle\" is 11");
        row("unknown kind", around(R"({"kind":"wizard","name":"Middle"})", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n1>n3","n3>n9")"), "body.type@/nodes/n2/kind", "The node \"Middle\" is of the kind \"wizard\"");
        row("no node at all", around("7", R"("n3":{"kind":"parallel","name":"P"})", R"("n2>n9","n1>n3","n3>n9")"), "body.type@/nodes/n2");
        row("dangling", around(R"({"kind":"parallel","name":"Middle"})", "", R"("n2>n9","n2>n7")"), "edge.dangling@/edges/e3", "An edge from \"Middle\" leads to a node that there is not.");
        row("same name", around(R"({"kind":"parallel","name":"End"})"), "node.name_twice@/nodes/n9", "Two nodes are called \"End\"");
        row("right to left", around(R"({"kind":"agent","name":"كاتب 🖋️"})"), "agent.missing@/nodes/n2/settings/agent", "كاتب 🖋️");
    }
    void problemsAreFound()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, expected);
        QFETCH(QString, says);
        const QJsonObject json = team(body);
        QVERIFY2(json.contains(QStringLiteral("nodes")), body.constData());
        const auto problems = validateTeam(json, project());
        QCOMPARE(found(problems, Problem::Severity::Hint), expected);
        bool said = says.isEmpty();
        Problem::Severity last = Problem::Severity::Error;
        for (const Problem &problem : problems) {
            QVERIFY2(!problem.fix.isEmpty() || problem.code == QLatin1String("body.type"), qPrintable(problem.message));
            QVERIFY(problem.severity <= last); // the worst first
            last = problem.severity;
            said = said || problem.message.contains(says) || problem.fix.contains(says);
            // The sentence names the node it is about.
            const QString id = problem.pointer.section(QLatin1Char('/'), 2, 2);
            const QString name = json.value(QStringLiteral("nodes")).toObject().value(id).toObject().value(QStringLiteral("name")).toString();
            if (problem.pointer.startsWith(QLatin1String("/nodes/")) && !name.isEmpty())
                QVERIFY2(problem.message.contains(quoted(name)), qPrintable(problem.message));
        }
        QVERIFY2(said, problems.empty() ? "nothing said" : qPrintable(problems.front().message + problems.front().fix));
    }

    void anEmptyLookupAsksNothing()
    {
        const auto problems = validateTeam(team(around(R"({"kind":"agent","name":"Middle","settings":{"agent":"anybody"}})")), TeamLookup());
        QCOMPARE(found(problems, Problem::Severity::Hint), QString());
        const auto used = validateTeam(team(around(R"({"kind":"team","name":"Middle","settings":{"team":"any"}})")), TeamLookup());
        QCOMPARE(found(used, Problem::Severity::Hint), QString());
    }

    void everyBodyIsLookedAt()
    {
        for (const char *text : {"{}", R"({"nodes":[],"edges":7,"state":"x","limits":3,"at_once":"x","job":[]})",
                                 R"({"nodes":{"":{"kind":"input"},"/":{"kind":"output"}},"edges":{"":{"from":"","to":"/"}}})",
                                 R"({"nodes":{"n1":{"kind":"input","settings":{"fields":[1,null,{}]}},"n2":{"kind":"router","settings":{"routes":[null,[],{"id":[]}]}}}})"}) {
            const auto problems = validateTeam(object(text), project());
            QVERIFY(!problems.empty());
            for (const Problem &problem : problems)
                QVERIFY(!problem.message.isEmpty());
        }
    }

    // What is asked of the project is asked once for each reference, however many nodes share it.
    void lookupsAreFew()
    {
        QJsonObject nodes{{QStringLiteral("n1"), object(R"({"kind":"input","name":"In"})")}};
        QJsonArray edges;
        for (int i = 2; i <= 200; ++i) {
            QJsonObject node = object(i % 2 ? R"({"kind":"agent","settings":{"agent":"poster"}})"
                                            : R"({"kind":"team","settings":{"team":"a"}})");
            node.insert(QStringLiteral("name"), QStringLiteral("N%1").arg(i));
            nodes.insert(QStringLiteral("n%1").arg(i), node);
            edges.append(QStringLiteral("n%1>n%2").arg(i - 1).arg(i));
        }
        const QByteArray body =
            json::compact(QJsonObject{{QStringLiteral("nodes"), nodes}, {QStringLiteral("edges"), edges}});
        TeamLookup lookup = project();
        int asked = 0;
        lookup.body = [&asked, inner = project().body](ArtifactKind kind, const QString &ref) {
            ++asked;
            return inner(kind, ref);
        };
        lookup.design.exists = [&asked, inner = project().design.exists](ArtifactKind kind, const QString &ref) {
            ++asked;
            return inner(kind, ref);
        };
        const auto problems = validateTeam(team(body), lookup);
        QVERIFY(problems.size() >= 100); // the circle of teams at each
        QVERIFY2(asked < 320, qPrintable(QString::number(asked)));
    }

    // A thousand teams that use each other in a chain and all of them the first again.
    void longChainsOfTeams()
    {
        TeamLookup lookup;
        int asked = 0, made = 0;
        lookup.body = [&](ArtifactKind, const QString &) {
            ++asked;
            QJsonObject nodes;
            for (int i = 1; i <= 3; ++i)
                nodes.insert(QStringLiteral("n%1").arg(i),
                             QJsonObject{{QStringLiteral("kind"), QStringLiteral("team")},
                                         {QStringLiteral("settings"), QJsonObject{{QStringLiteral("team"), QStringLiteral("t%1").arg(++made)}}}});
            return QJsonObject{{QStringLiteral("nodes"), nodes}};
        };
        const auto problems = validateTeam(team(around(R"({"kind":"team","name":"Middle","settings":{"team":"t0"}})")), lookup);
        QCOMPARE(found(problems, Problem::Severity::Hint), QString());
        QVERIFY2(asked <= 1000, qPrintable(QString::number(asked))); // it never ends by itself
    }

    void largeTeams_data()
    {
        QTest::addColumn<bool>("inlined");
        QTest::newRow("references") << false;
        QTest::newRow("agents in place") << true;
    }
    void largeTeams()
    {
        QFETCH(bool, inlined);
        const QJsonObject inPlace = object(R"({"inline":{"job":"Summarise the feedback of customers","instructions":"Summarise {{input}}.","model":{"connection":"offline","model":"extractive"}}})");
        const QJsonObject byName = object(R"({"agent":"writer","message":"Regarding «input» and «state.findings»: go on."})");
        QJsonObject nodes, edges, places;
        constexpr int count = 5000;
        for (int i = 1; i <= count; ++i) {
            const QString id = QStringLiteral("n%1").arg(i);
            const QString kind = i == 1 ? QStringLiteral("input") : i == count ? QStringLiteral("output") : QStringLiteral("agent");
            nodes.insert(id, QJsonObject{{QStringLiteral("kind"), kind},
                                         {QStringLiteral("name"), QStringLiteral("Node %1 🦊").arg(i)},
                                         {QStringLiteral("settings"), kind == QLatin1String("agent") ? (inlined ? inPlace : byName) : QJsonObject()}});
            places.insert(id, QJsonObject{{QStringLiteral("x"), i}, {QStringLiteral("y"), 0}});
            if (i > 1)
                edges.insert(QStringLiteral("e%1").arg(i),
                             QJsonObject{{QStringLiteral("from"), QStringLiteral("n%1").arg(std::max(1, i == count ? i - 1 : i / 3))},
                                         {QStringLiteral("from_port"), QStringLiteral("out")},
                                         {QStringLiteral("to"), id},
                                         {QStringLiteral("to_port"), QStringLiteral("in")}});
        }
        const QJsonObject body{{QStringLiteral("job"), QStringLiteral("Answer feedback of customers")},
                               {QStringLiteral("state"), object(R"({"s":[{"name":"findings"}]})").value(QStringLiteral("s"))},
                               {QStringLiteral("nodes"), nodes},
                               {QStringLiteral("edges"), edges},
                               {QStringLiteral("layout"), QJsonObject{{QStringLiteral("nodes"), places}}}};
        QElapsedTimer timer;
        timer.start();
        const auto spec = TeamSpec::fromJson(body);
        const double read = double(timer.nsecsElapsed()) / 1e6;
        QVERIFY(spec.ok());
        timer.restart();
        const TeamGraph graph(*spec);
        const double built = double(timer.nsecsElapsed()) / 1e6;
        timer.restart();
        const auto problems = validateTeam(body, project());
        const double checked = double(timer.nsecsElapsed()) / 1e6;
        timer.restart();
        const auto no = whyNotConnect(body, QStringLiteral("n3"), QStringLiteral("out"), QStringLiteral("n2"), QStringLiteral("in"));
        const double asked = double(timer.nsecsElapsed()) / 1e6;
        qInfo("%d nodes: read %.1f ms, graph %.1f ms, validate %.1f ms, whyNotConnect %.1f ms", count, read, built, checked, asked);
        QVERIFY(graph.sound());
        QCOMPARE(found(problems, Problem::Severity::Warning), QString());
        QVERIFY(no.has_value()); // the port is taken
    }
};

QTEST_GUILESS_MAIN(TestTeamValidation)
#include "tst_TeamValidation.moc"
