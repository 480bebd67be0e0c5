// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The semantics of TEAMS.md as a table of test data: design + scripted replies -> answer and story; a row for each rule.
#include "tests/core/runtime/TeamTesting.h"

namespace lathe::test {

using Setup = std::function<void(TeamBench &)>;

inline std::unique_ptr<TeamBench> build(const Setup &setup, Turns::Order order, quint32 seed = 1)
{
    auto bench = std::make_unique<TeamBench>();
    *bench->turns = Turns(order, seed);
    setup(*bench);
    return bench;
}

inline Reply json_(const char *text)
{
    return Reply::say(text);
}

// in -> the node -> out, for kinds with one way through.
inline void through(TeamBench &b, const char *kind, const char *settings)
{
    b.node("n1", "input", "In").node("n2", kind, "Node", settings).node("n3", "output", "Out").edges_({"n1>n2", "n2>n3"});
}

inline void teamStories()
{
    QTest::addColumn<Setup>("setup");
    QTest::addColumn<QString>("answer"); // or "kind: message"
    QTest::addColumn<QString>("expected"); // the story; empty: not looked at
    QTest::addColumn<bool>("anyOrder");    // the story is the same whichever branch ends first
    const auto row = [](const char *name, Setup setup, const char *answer, const char *expected = "", bool anyOrder = true) {
        QTest::newRow(name) << setup << QString::fromUtf8(answer) << QString::fromUtf8(expected) << anyOrder;
    };

    // --- ends, agents
    row("straight through", [](TeamBench &b) { b.node("n1", "input", "In").node("n2", "output", "Out").edge("n1>n2"); }, "hello",
        "invoke_workflow team ok\n In ok\n Out ok");
    row("agent", [](TeamBench &b) {
        through(b, "agent", "{}");
        b.echo("n2");
    }, "Node(hello)", "invoke_workflow team ok\n In ok\n Node ok\n  invoke_agent Node ok\n   chat m ok | Node(hello)\n Out ok");
    row("agent with a message and variables", [](TeamBench &b) {
        through(b, "agent", R"({"message": "{{variables.topic}}/{{input}}", "variables": {"who": "{{input}}"}})");
        b.input.variables = QJsonObject{{QStringLiteral("topic"), QStringLiteral("tea")}};
        b.echo("n2")->prompt.text = QStringLiteral("For {{who}} about {{topic}}.");
        for (const char *name : {"who", "topic"}) {
            PromptVariable variable;
            variable.name = QString::fromUtf8(name);
            b.agents[QStringLiteral("n2")]->prompt.variables.push_back(variable);
        }
    }, "Node(tea/hello)");
    row("agent whose answer is JSON", [](TeamBench &b) {
        through(b, "agent", "{}");
        b.node("n4", "transform", "Sum", R"({"expression": "input.a + input.b"})").edges = {};
        b.edges_({"n1>n2", "n2>n4", "n4>n3"});
        PreparedAgent *agent = b.agent("n2", {json_(R"({"a": 1, "b": 2})")});
        agent->prompt.outputFormat = QStringLiteral("json_schema");
        agent->prompt.outputSchema = QJsonObject{{QStringLiteral("type"), QStringLiteral("object")}};
    }, "3");
    row("output template", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "output", "Out", R"({"template": "Answer: {{input}}!"})").edge("n1>n2");
    }, "Answer: hello!");
    row("several outputs", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "output", "A").node("n3", "output", "B").edges_({"n1>n2", "n1>n3"});
    }, "{\n    \"A\": \"hello\",\n    \"B\": \"hello\"\n}");
    row("one output that takes several", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "transform", "X", R"({"expression": "1"})").node("n3", "transform", "Y", R"({"expression": "2"})");
        b.node("n4", "output", "Out").edges_({"n1>n2", "n1>n3", "n2>n4", "n3>n4"});
    }, "[\n    1,\n    2\n]");
    row("no output is reached", [](TeamBench &b) {
        through(b, "router", R"({"routes": [{"id": "a", "title": "A", "rule": "true"}, {"id": "out", "title": "B"}]})");
    }, "invalid_input: The team \"team\" gave no answer, because none of its outputs was reached. Lead every route to an output.",
        "invoke_workflow team failed !skipped\n In ok\n Node ok");
    row("an agent that sees what was said", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "loop", "Talk", R"({"at_most": 2})").node("n3", "agent", "Writer", R"({"conversation": true})");
        b.node("n4", "agent", "Critic").node("n5", "output", "Out").edges_({"n1>n2", "n2.body>n3", "n3>n4", "n4>n2.again", "n2>n5"});
        b.agent("n3", [](const ChatRequest &request, int) {
            QStringList texts;
            for (const Message &message : request.messages)
                texts.append(roleName(message.role).left(1) + QLatin1Char('=') + message.text().section(QLatin1Char('\n'), 0, 0));
            return Reply::say(qPrintable(texts.mid(1).join(QLatin1Char('|'))));
        });
        b.agent("n4", {Reply::say("weak"), Reply::say("fine")});
        b.node("n6", "output", "Draft").node("n7", "memory_write", "Keep", R"({"key": "draft"})").state("draft", "replace");
        b.node("n8", "memory_read", "Read", R"({"key": "draft"})");
        b.edges = {};
        b.edges_({"n1>n2", "n2.body>n3", "n3>n7", "n7>n4", "n4>n2.again", "n2>n5", "n2>n8", "n8>n6"});
    }, "{\n    \"Draft\": \"u=hello|a=u=hello|u=Critic: weak|u=weak\",\n    \"Out\": \"fine\"\n}");

    // --- parallel, joins
    const auto fan = [](const char *join) {
        return [join](TeamBench &b) {
            b.node("n1", "input", "In").node("n2", "parallel", "Split").node("n3", "agent", "A").node("n4", "agent", "B");
            b.node("n5", "agent", "C").node("n6", "join", "Join", join).node("n10", "output", "Out");
            b.edges_({"n1>n2", "n2>n3", "n2>n4", "n2>n5", "n3>n6", "n4>n6", "n5>n6", "n6>n10"});
            b.agent("n3", {Reply::say("yes")});
            b.agent("n4", {Reply::say("No.")});
            b.agent("n5", {Reply::say(" YES ")});
        };
    };
    row("join all", fan(R"({"mode": "all"})"), "[\n    \"yes\",\n    \"No.\",\n    \" YES \"\n]",
        "invoke_workflow team ok\n In ok\n Split ok\n A ok\n  invoke_agent A ok\n   chat m ok | yes\n B ok\n  invoke_agent B ok\n   chat m ok | No.\n"
        " C ok\n  invoke_agent C ok\n   chat m ok | YES\n Join ok\n Out ok");
    row("join majority", fan(R"({"mode": "majority"})"), "yes");
    row("join best", fan(R"({"mode": "best", "scorer": "item.length"})"), " YES ");
    row("join best without a number", fan(R"({"mode": "best", "scorer": "item"})"),
        "invalid_input: Node \"Join\": The score of value 1 is \"yes\"; it must be a number.");
    row("join by an expression", fan(R"x({"mode": "expression", "expression": "values.join('+')"})x"), "yes+No.+ YES ");
    row("join by an agent", [fan](TeamBench &b) {
        fan(R"({"mode": "agent"})")(b);
        b.agent("n6", [](const ChatRequest &request, int) {
            const QString text = lastText(request);
            return Reply::say(text.indexOf(QStringLiteral("yes")) < text.indexOf(QStringLiteral("No.")) && text.contains(QStringLiteral("number=\"3\""))
                                  ? "judged" : "wrong order");
        });
    }, "judged");
    row("join first does not wait for what is longer", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "agent", "Short").node("n3", "agent", "Long 1").node("n4", "agent", "Long 2");
        b.node("n5", "agent", "Long 3").node("n6", "join", "Join", R"({"mode": "first"})").node("n7", "output", "Out");
        b.edges_({"n1>n2", "n1>n3", "n3>n4", "n4>n5", "n2>n6", "n5>n6", "n6>n7"});
        for (const char *id : {"n2", "n3"})
            b.echo(id);
        b.agent("n4", std::vector<Reply>()); // is never asked: it leads only to the join
        b.agent("n5", std::vector<Reply>());
    }, "Short(hello)",
        "invoke_workflow team ok !skipped\n In ok\n Short ok\n  invoke_agent Short ok\n   chat m ok | Short(hello)\n"
        " Long 1 ok\n  invoke_agent Long 1 ok\n   chat m ok | Long 1(hello)\n Join ok\n Out ok");
    row("join first of one superstep takes the first in order", [fan](TeamBench &b) { fan(R"({"mode": "first"})")(b); }, "yes");
    row("join of routes waits for those that are alive", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "router", "Route", R"({"routes": [{"id": "a", "title": "A", "rule": "input == 'bye'"},
            {"id": "b", "title": "B", "rule": "input == 'hello'"}]})");
        b.node("n3", "agent", "For A").node("n4", "agent", "For B").node("n5", "join", "Join").node("n6", "output", "Out");
        b.edges_({"n1>n2", "n2.a>n3", "n2.b>n4", "n3>n5", "n4>n5", "n5>n6"});
        b.echo("n3");
        b.echo("n4");
    }, "[\n    \"For B(hello)\"\n]",
        "invoke_workflow team ok !skipped\n In ok\n Route ok\n For B ok\n  invoke_agent For B ok\n   chat m ok | For B(hello)\n Join ok\n Out ok");

    // --- routers
    row("router by an expression", [](TeamBench &b) {
        through(b, "router", R"({"mode": "expression", "expression": "input.length > 3 ? 'Long text' : 'x'", "routes": [
            {"id": "x", "title": "Short"}, {"id": "out", "title": "Long text"}]})");
    }, "hello");
    row("router otherwise", [](TeamBench &b) {
        through(b, "router", R"({"routes": [{"id": "x", "title": "Short", "rule": "false"}, {"id": "out", "title": "Rest"}], "otherwise": "out"})");
    }, "hello");
    row("nothing fits", [](TeamBench &b) {
        through(b, "router", R"({"routes": [{"id": "out", "title": "Short", "rule": "false"}]})");
    }, "invalid_input: Node \"Node\": No route fits the input, and none is set for that case. Set the route for \"otherwise\".",
        "invoke_workflow team failed\n In ok\n Node failed");
    row("a rule that fails", [](TeamBench &b) {
        through(b, "router", R"({"routes": [{"id": "out", "title": "Short", "rule": "input.a.b"}]})");
    }, "invalid_input: Node \"Node\": The rule of route \"Short\": The expression failed in line 1: TypeError: Cannot read property 'b' of undefined");
    row("router by a model", [](TeamBench &b) {
        through(b, "router", R"({"mode": "model", "routes": [{"id": "x", "title": "Bills", "about": "Money."}, {"id": "out", "title": "Praise", "about": "Thanks."}]})");
        b.agent("n2", [](const ChatRequest &request, int) {
            return json_(lastText(request).contains(QStringLiteral("- Praise: Thanks.")) ? R"({"route": "Praise"})" : "?");
        });
    }, "hello");
    row("a model that chooses no route", [](TeamBench &b) {
        through(b, "router", R"({"mode": "model", "routes": [{"id": "x", "title": "Bills"}, {"id": "out", "title": "Rest"}], "otherwise": "out"})");
        b.agent("n2", [](const ChatRequest &request, int) {
            return json_(lastText(request).contains(QStringLiteral("- none:")) ? R"({"route": "none"})" : "?");
        });
    }, "hello");
    row("a model that invents a route", [](TeamBench &b) {
        through(b, "router", R"({"mode": "model", "routes": [{"id": "x", "title": "Bills"}, {"id": "out", "title": "Rest"}]})");
        b.agent("n2", [](const ChatRequest &, int) { return json_(R"({"route": "Else"})"); });
    }, "protocol: Node \"Node\": The model's answer does not follow the prompt's output format after 2 attempt(s): "
       "At /route: \"Else\" is not one of \"Bills\", \"Rest\".");
    row("router by a model that mends its answer", [](TeamBench &b) {
        through(b, "router", R"({"mode": "model", "routes": [{"id": "x", "title": "Bills"}, {"id": "out", "title": "Praise"}]})");
        b.agent("n2", {Reply::say("I would say praise."), json_(R"({"route": "Praise"})")});
    }, "hello", "invoke_workflow team ok\n In ok\n Node ok\n  invoke_agent Node ok !output_invalid\n   chat m ok | I would say praise.\n"
                "   chat m ok | {\"route\": \"Praise\"}\n Out ok");

    // --- containers
    row("map", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "map", "Each", R"({"items": "['a','b','c','d','e']", "at_once": 2})");
        b.node("n3", "agent", "Worker", R"({"message": "{{index}}:{{item}}"})").node("n4", "output", "Out");
        b.edges_({"n1>n2", "n2.each>n3", "n3>n2.collect", "n2>n4"});
        b.echo("n3");
    }, "[\n    \"Worker(0:a)\",\n    \"Worker(1:b)\",\n    \"Worker(2:c)\",\n    \"Worker(3:d)\",\n    \"Worker(4:e)\"\n]");
    const auto mapWithBadItem = [](const char *settings) {
        return [settings](TeamBench &b) {
            b.node("n1", "input", "In").node("n2", "map", "Each", settings);
            b.node("n3", "agent", "Worker").node("n4", "output", "Out").edges_({"n1>n2", "n2.each>n3", "n2>n4"}); // implicit return
            b.agent("n3", [](const ChatRequest &request, int) {
                return lastText(request) == QLatin1String("b") ? Reply::fail(ErrorKind::Provider, "Bad b.")
                                                               : Reply::say(qPrintable(lastText(request).toUpper()));
            });
        };
    };
    row("map leaves out what fails", mapWithBadItem(R"({"items": "['a','b','c']", "on_error": "skip"})"), "[\n    \"A\",\n    \"C\"\n]");
    row("map puts null for what fails", mapWithBadItem(R"({"items": "['a','b','c']", "on_error": "null"})"), "[\n    \"A\",\n    null,\n    \"C\"\n]",
        "invoke_workflow team ok\n In ok\n Each ok\n  item 1 ok\n   Worker ok\n    invoke_agent Worker ok\n     chat m ok | A\n"
        "  item 2 failed\n   Worker failed\n    invoke_agent Worker failed\n     chat m failed\n"
        "  item 3 ok\n   Worker ok\n    invoke_agent Worker ok\n     chat m ok | C\n Out ok");
    row("map fails with a branch", mapWithBadItem(R"({"items": "['a','b','c','d','e','f','g','h']", "at_once": 3})"),
        "provider: Node \"Each\", item 2: Node \"Worker\": Bad b.", "", false);
    row("map of nothing", mapWithBadItem(R"({"items": "[]"})"), "[]", "invoke_workflow team ok\n In ok\n Each ok\n Out ok");
    row("map of what is no list", mapWithBadItem("{}"),
        "invalid_input: Node \"Each\": There is no list to go through, but a single value. Say in its settings how to make a list of it.");
    row("map branches with several nodes", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "map", "Each", R"({"items": "[1,2,3]"})").node("n3", "transform", "Twice", R"({"expression": "input * 2"})");
        b.node("n4", "agent", "Say", R"({"message": "{{item}}->{{input}}"})").node("n5", "transform", "Plus", R"({"expression": "input + index"})");
        b.node("n6", "output", "Out").edges_({"n1>n2", "n2.each>n3", "n3>n4", "n3>n5", "n2>n6"});
        b.echo("n4");
    }, R"x([
    {
        "Plus": 2,
        "Say": "Say(1->2)"
    },
    {
        "Plus": 5,
        "Say": "Say(2->4)"
    },
    {
        "Plus": 8,
        "Say": "Say(3->6)"
    }
])x");
    row("loop until", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "loop", "Again", R"({"until": "input.length > 20", "at_most": 9})").node("n3", "agent", "Grow");
        b.node("n4", "output", "Out").edges_({"n1>n2", "n2.body>n3", "n3>n2.again", "n2>n4"});
        b.echo("n3");
    }, "Grow(Grow(Grow(hello)))");
    row("loop that is exhausted", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "loop", "Again", R"({"until": "false", "at_most": 2})").node("n3", "transform", "Add", R"({"expression": "input + iteration"})");
        b.node("n4", "output", "Out").edges_({"n1>n2", "n2.body>n3", "n3>n2.again", "n2>n4"});
    }, "hello01", "invoke_workflow team ok\n In ok\n Again ok\n  round 1 ok\n   Add ok\n  round 2 ok\n   Add ok\n Out ok");
    row("loop that may not be exhausted", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "loop", "Again", R"({"until": "false", "at_most": 2, "exhausted": "fail"})").node("n3", "transform", "Add");
        b.node("n4", "output", "Out").edges_({"n1>n2", "n2.body>n3", "n2>n4"});
    }, "invalid_input: Node \"Again\": The condition to stop did not hold after 2 rounds. Allow more rounds, or change the condition.");
    row("map in a loop in a map", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "map", "Outer", R"({"items": "['p','q']"})").node("n3", "loop", "Loop", R"({"at_most": 2})");
        b.node("n4", "map", "Inner", R"x({"items": "[1,2].map(i => (Array.isArray(input) ? input[i - 1] : input) + i)"})x");
        b.node("n5", "agent", "Leaf", R"({"message": "{{iteration}}{{item}}"})").node("n6", "output", "Out");
        b.edges_({"n1>n2", "n2.each>n3", "n3.body>n4", "n4.each>n5", "n5>n4.collect", "n4>n3.again", "n3>n2.collect", "n2>n6"});
        b.agent("n5", [](const ChatRequest &request, int) { return Reply::say(qPrintable(lastText(request))); });
    }, "[\n    [\n        \"10p11\",\n        \"10p22\"\n    ],\n    [\n        \"10q11\",\n        \"10q22\"\n    ]\n]");
    const auto coordinator = [](const char *settings) {
        return [settings](TeamBench &b) {
            b.node("n1", "input", "In").node("n2", "coordinator", "Boss", settings).node("n3", "agent", "Research").node("n4", "agent", "Analysis");
            b.node("n5", "output", "Out").edges_({"n1>n2", "n2.workers>n3", "n2.workers>n4", "n4>n2.results", "n3>n2.results", "n2>n5"});
            const auto work = [](const ChatRequest &request, int) {
                return Reply::say(qPrintable(lastText(request).section(QStringLiteral("<task>\n"), 1).section(QLatin1Char('\n'), 0, 0).toUpper()));
            };
            b.agent("n3", work);
            b.agent("n4", work);
            b.agent("n2", [](const ChatRequest &request, int) {
                const QString text = lastText(request);
                if (text.contains(QStringLiteral("- Research: Job of Research.")))
                    return json_(R"(Here: [{"worker": "research", "task": "find x"}, {"worker": "Analysis", "task": "weigh x"}, {"worker": "Research", "task": "find y"}])");
                return Reply::say(text.contains(QStringLiteral("task=\"find y\">\nFIND Y")) ? "merged" : "not merged");
            });
        };
    };
    row("coordinator", coordinator("{}"), "merged",
        "invoke_workflow team ok\n In ok\n Boss ok\n  plan ok\n   invoke_agent Boss ok\n    chat m ok | Here: [{\"worker\": \"research\", \"task\": \"find x\"}, {\"worker\":\n"
        "  task 1: Research ok\n   Research ok\n    invoke_agent Research ok\n     chat m ok | FIND X\n"
        "  task 2: Analysis ok\n   Analysis ok\n    invoke_agent Analysis ok\n     chat m ok | WEIGH X\n"
        "  task 3: Research ok\n   Research ok\n    invoke_agent Research ok\n     chat m ok | FIND Y\n"
        "  merge ok\n   invoke_agent Boss ok\n    chat m ok | merged\n Out ok");
    row("coordinator with few tasks and an expression", coordinator(R"x({"max_tasks": 2, "merge": "expression", "expression": "request + ':' + input.map(r => r.worker + '=' + r.result).join()"})x"),
        "hello:Research=FIND X,Analysis=WEIGH X");
    row("coordinator that joins", coordinator(R"({"max_tasks": 1, "merge": "join"})"),
        "[\n    {\n        \"result\": \"FIND X\",\n        \"task\": \"find x\",\n        \"worker\": \"Research\"\n    }\n]");
    row("coordinator with a merger", [coordinator](TeamBench &b) {
        coordinator("{}")(b);
        b.mergers.insert(QStringLiteral("n2"), b.prepareAgent(QStringLiteral("Editor"), QStringLiteral("merger"), [](const ChatRequest &, int) {
            return Reply::say("edited");
        }));
    }, "edited");
    row("coordinator whose plan is mended", [coordinator](TeamBench &b) {
        coordinator(R"({"merge": "join"})")(b);
        b.agent("n2", {json_(R"([{"worker": "Nobody", "task": "x"}])"), json_(R"({"tasks": [{"worker": "Analysis", "task": "look"}]})")});
    }, "[\n    {\n        \"result\": \"LOOK\",\n        \"task\": \"look\",\n        \"worker\": \"Analysis\"\n    }\n]");
    row("coordinator whose plan stays broken", [coordinator](TeamBench &b) {
        coordinator("{}")(b);
        b.agent("n2", {Reply::say("No plan."), json_("[]")});
    }, "protocol: Node \"Boss\": The plan cannot be used: The plan has no tasks.",
        "invoke_workflow team failed\n In ok\n Boss failed\n  plan failed !output_invalid\n   invoke_agent Boss ok\n    chat m ok | No plan.\n"
        "   invoke_agent Boss ok\n    chat m ok | []");
    row("coordinator with a worker that fails", [coordinator](TeamBench &b) {
        coordinator("{}")(b);
        b.agent("n4", {Reply::fail(ErrorKind::Provider, "Broken.")});
    }, "provider: Node \"Analysis\": Broken.", "", false);
    row("hand-off", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "handoff", "Desk").node("n3", "agent", "Front desk").node("n4", "agent", "Billing");
        b.node("n5", "output", "Out").edges_({"n1>n2", "n2.agents>n3", "n2.agents>n4", "n2>n5"});
        b.agent("n3", [](const ChatRequest &request, int) {
            const bool offered = request.tools.size() == 1 && request.tools[0].name == QLatin1String("transfer_to_billing");
            return offered ? Reply::call("transfer_to_billing", "{}") : Reply::say("not offered");
        });
        b.agent("n4", [](const ChatRequest &request, int) {
            QStringList roles;
            for (const Message &message : request.messages)
                roles.append(roleName(message.role));
            return Reply::say(qPrintable(request.messages[0].text().section(QLatin1Char('\n'), 0, 0) + roles.join(QLatin1Char(','))));
        });
    }, "You are Billing.system,user,assistant,tool",
        "invoke_workflow team ok\n In ok\n Desk ok\n  Front desk ok\n   invoke_agent Front desk ok\n    chat m ok\n  Billing ok\n   invoke_agent Billing ok\n"
        "    chat m ok | You are Billing.system,user,assistant,tool\n Out ok");
    row("hand-offs that are used up", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "handoff", "Desk", R"({"at_most": 2, "start": "B"})").node("n3", "agent", "A").node("n4", "agent", "B");
        b.node("n5", "output", "Out").edges_({"n1>n2", "n2.agents>n3", "n2.agents>n4", "n2>n5"});
        b.agent("n3", [](const ChatRequest &, int) { return Reply::call("transfer_to_b", "{}"); });
        b.agent("n4", {Reply::call("transfer_to_a", "{}"), Reply::call("transfer_to_a", "{}"), Reply::say("I answer.")});
    }, "I answer.",
        "invoke_workflow team ok\n In ok\n Desk ok\n  B ok\n   invoke_agent B ok\n    chat m ok\n  A ok\n   invoke_agent A ok\n    chat m ok\n"
        "  B ok\n   invoke_agent B ok\n    chat m ok\n    chat m ok | I answer.\n Out ok");
    row("hand-off beside tools of the agent's own", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "handoff", "Desk").node("n3", "agent", "A").node("n4", "agent", "B");
        b.node("n5", "output", "Out").edges_({"n1>n2", "n2.agents>n3", "n2.agents>n4", "n2>n5"});
        auto look = std::make_shared<TeamTool>(QStringLiteral("look"), [](const QJsonObject &, int) { return TeamBench::gives(QStringLiteral("seen")); },
                                               b.turns.get(), SideEffect::Read);
        b.agent("n3", {Reply::calls_({{"look", "{}"}, {"transfer_to_b", "{}"}, {"look", "{}"}, {"nope", "{}"}})})
            ->tools.push_back(std::make_shared<ToolGate>(look, ToolSpec(), ToolAttachment()));
        b.agent("n4", [](const ChatRequest &request, int) {
            QStringList results;
            for (const Message &message : request.messages) {
                if (message.role == Role::Tool)
                    results.append(message.parts.front().text.section(QLatin1Char(' '), 0, 3));
            }
            return Reply::say(qPrintable(results.join(QLatin1Char('|'))));
        });
    }, "seen|The conversation is now|seen|There is no tool");

    // --- tools, state, checks, people
    row("tool", [](TeamBench &b) {
        through(b, "tool", R"({"arguments": {"q": "{{input}}", "n": "{{variables.n}}", "text": "n is {{variables.n}}"}})");
        b.input.variables = QJsonObject{{QStringLiteral("n"), 3}};
        b.tool("n2", [](const QJsonObject &arguments, int) { return TeamBench::gives(json::compactString(arguments)); });
    }, "{\n    \"n\": 3,\n    \"q\": \"hello\",\n    \"text\": \"n is 3\"\n}",
        "invoke_workflow team ok\n In ok\n Node ok\n  execute_tool tool_n2 ok | {\"n\":3,\"q\":\"hello\",\"text\":\"n is 3\"}\n Out ok");
    row("tool that fails", [](TeamBench &b) {
        through(b, "tool", "{}");
        b.tool("n2", [](const QJsonObject &, int) { return Result<ToolOutcome>(ToolOutcome::failure(QStringLiteral("No table."))); });
    }, "provider: Node \"Node\": The tool \"tool_n2\" failed: No table.", "invoke_workflow team failed\n In ok\n Node failed\n  execute_tool tool_n2 failed | No table.");
    row("tool that needs approval nobody gives", [](TeamBench &b) {
        through(b, "tool", "{}");
        b.tool("n2", [](const QJsonObject &, int) { return TeamBench::gives(QStringLiteral("done")); }, SideEffect::External, Approval::Ask);
    }, "provider: Node \"Node\": The tool \"tool_n2\" failed: The call was not approved. Nobody is attending this run to approve it.");
    row("state is merged at the barrier in node order", [](TeamBench &b) {
        b.state("log", "append").state("sum", "add", 10).state("last", "replace");
        b.node("n1", "input", "In").node("n2", "agent", "A").node("n3", "agent", "B");
        b.node("n4", "memory_write", "Log A", R"({"key": "log"})").node("n5", "memory_write", "Log B", R"({"key": "log"})");
        b.node("n6", "memory_write", "Sum", R"({"key": "sum", "value": "input.length"})").node("n7", "memory_write", "Last", R"({"key": "last", "value": "state.log"})");
        b.node("n8", "join", "Join").node("n9", "output", "Out", R"({"template": "{{state.log}} {{state.sum}} {{state.last}}"})");
        b.edges_({"n1>n2", "n1>n3", "n2>n4", "n3>n5", "n3>n6", "n3>n7", "n4>n8", "n5>n8", "n6>n8", "n7>n8", "n8>n9"});
        b.agent("n2", {Reply::say("a")});
        b.agent("n3", {Reply::say("bbb")});
    }, "[\"a\",\"bbb\"] 13 "); // "last" saw the state as it was before the others of its superstep wrote
    row("state written in branches of a map", [](TeamBench &b) {
        b.state("log", "append");
        b.node("n1", "input", "In").node("n2", "map", "Each", R"({"items": "['x','y','z']", "at_once": 3})").node("n3", "agent", "A");
        b.node("n4", "memory_write", "Log", R"({"key": "log"})").node("n5", "memory_read", "Read", R"({"key": "log"})").node("n6", "output", "Out");
        b.edges_({"n1>n2", "n2.each>n3", "n3>n4", "n2>n5", "n5>n6"});
        b.echo("n3");
    }, "[\n    \"A(x)\",\n    \"A(y)\",\n    \"A(z)\"\n]");
    row("state in a loop is seen by the next round", [](TeamBench &b) {
        b.state("n", "add", 0);
        b.node("n1", "input", "In").node("n2", "loop", "Loop", R"({"until": "state.n >= 3", "at_most": 9})").node("n3", "memory_write", "Count", R"({"key": "n", "value": "1"})");
        b.node("n4", "output", "Out", R"({"template": "{{state.n}}"})").edges_({"n1>n2", "n2.body>n3", "n2>n4"});
    }, "3");
    row("memory read of nothing", [](TeamBench &b) {
        b.state("k", "replace");
        through(b, "memory_read", R"({"key": "k", "absent": "nothing yet"})");
    }, "nothing yet");
    row("memory write that does not fit", [](TeamBench &b) {
        b.state("k", "add");
        through(b, "memory_write", R"({"key": "k"})");
    }, "invalid_input: Node \"Node\": text cannot be written to \"k\", which holds nothing and merges by \"add\".",
        "invoke_workflow team failed\n In ok\n Node failed");
    row("memory write to an unknown key", [](TeamBench &b) { through(b, "memory_write", R"({"key": "k"})"); },
        "invalid_input: Node \"Node\": the team's state has no key \"k\"; add it to the state, or choose another key.");
    const auto check = [](const char *settings) {
        return [settings](TeamBench &b) {
            b.node("n1", "input", "In").node("n2", "check", "Check", settings).node("n3", "output", "Good").node("n4", "output", "Bad");
            b.edges_({"n1>n2", "n2.pass>n3", "n2.fail>n4"});
        };
    };
    row("check passes", check(R"({"expression": "input.length > 2"})"), "hello");
    row("check fails", check(R"({"expression": "input.length > 9"})"),
        "{\n    \"problem\": \"The check \\\"input.length > 9\\\" does not hold.\",\n    \"value\": \"hello\"\n}");
    row("check says what is wrong", check(R"({"expression": "input.length > 9 || 'Too short.'"})"), "{\n    \"problem\": \"Too short.\",\n    \"value\": \"hello\"\n}");
    row("check by schema", check(R"({"mode": "schema", "schema": {"type": "string", "maxLength": 3}})"),
        "{\n    \"problem\": \"At the top level: has 5 characters, more than the maximum 3.\",\n    \"value\": \"hello\"\n}");
    row("check of JSON text by schema", [check](TeamBench &b) {
        check(R"({"mode": "schema", "schema": {"type": "object", "required": ["a"]}})")(b);
        b.input.text = QStringLiteral(" {\"a\": 1}");
    }, " {\"a\": 1}");
    row("check by a model", [check](TeamBench &b) {
        check(R"({"mode": "model", "rule": "Be polite."})")(b);
        b.agent("n2", [](const ChatRequest &request, int) {
            return lastText(request).contains(QStringLiteral("Be polite.")) ? json_(R"({"pass": false, "problem": "Rude."})") : json_(R"({"pass": true})");
        });
    }, "{\n    \"problem\": \"Rude.\",\n    \"value\": \"hello\"\n}");
    row("check that fails with no way out", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "check", "Check", R"({"expression": "false"})").node("n3", "output", "Out").edges_({"n1>n2", "n2.pass>n3"});
    }, "invalid_input: Node \"Check\": The check \"false\" does not hold.");
    const auto approval = [](bool attended, bool yes) {
        return [attended, yes](TeamBench &b) {
            b.node("n1", "input", "In").node("n2", "human", "Person", R"({"question": "Send {{input}}?"})").node("n3", "output", "Yes").node("n4", "output", "No");
            b.edges_({"n1>n2", "n2.approved>n3", "n2.denied>n4"});
            b.attended = attended;
            HumanAnswer answer;
            answer.approved = yes;
            answer.text = QStringLiteral("Because.");
            b.human.answers = {answer};
        };
    };
    row("approval", approval(true, true), "hello",
        "invoke_workflow team ok !skipped\n In ok\n Person ok\n  ask Person ok !approval_requested\n Yes ok");
    row("denial", approval(true, false), "{\n    \"reason\": \"Because.\",\n    \"value\": \"hello\"\n}");
    row("approval nobody gives", approval(false, false), "{\n    \"reason\": \"Nobody is attending this run to approve it.\",\n    \"value\": \"hello\"\n}");
    row("form", [](TeamBench &b) {
        through(b, "human", R"({"mode": "form", "question": "Which?", "fields": [{"name": "tier", "type": "text"}, {"name": "n", "type": "number"}]})");
        b.attended = true;
        HumanAnswer answer;
        answer.approved = true;
        answer.arguments = QJsonObject{{QStringLiteral("tier"), QStringLiteral("pro")}, {QStringLiteral("n"), 2}, {QStringLiteral("other"), 1}};
        b.human.answers = {answer};
    }, "{\n    \"n\": 2,\n    \"tier\": \"pro\"\n}");
    row("form nobody fills in", [](TeamBench &b) { through(b, "human", R"({"mode": "form", "question": "Which?", "fields": [{"name": "tier"}]})"); },
        "invalid_input: Node \"Node\": The form was not filled in: Nobody is attending this run to approve it.");
    row("sub-team", [](TeamBench &b) {
        through(b, "team", R"({"input": "about {{input}}", "variables": {"v": "{{input}}"}})");
        TeamBench inner;
        inner.name = QStringLiteral("inner");
        inner.node("n1", "input", "Begin").node("n2", "agent", "Worker", R"({"message": "{{variables.v}} {{input}}"})").node("n3", "output", "End").edges_({"n1>n2", "n2>n3"});
        inner.turns.reset(new Turns); // its model takes its turns from the outer bench
        inner.agents.insert(QStringLiteral("n2"), b.prepareAgent(QStringLiteral("Worker"), QStringLiteral("inner"), [](const ChatRequest &request, int) {
            return Reply::say(qPrintable(QStringLiteral("<") + lastText(request) + QStringLiteral(">")));
        }));
        b.teams.insert(QStringLiteral("n2"), inner.prepare());
    }, "<hello about hello>",
        "invoke_workflow team ok\n In ok\n Node ok\n  invoke_workflow inner ok\n   Begin ok\n   Worker ok\n    invoke_agent Worker ok\n"
        "     chat m ok | <hello about hello>\n   End ok\n Out ok");

    // --- failure
    row("retries", [](TeamBench &b) {
        through(b, "agent", "{}");
        b.onError("n2", 2, "fail");
        b.agent("n2", [](const ChatRequest &, int call) { return call < 2 ? Reply::fail(ErrorKind::Provider, "Not now.") : Reply::say("At last."); });
    }, "At last.",
        "invoke_workflow team ok\n In ok\n Node ok\n  attempt 1 failed\n   invoke_agent Node failed\n    chat m failed\n"
        "  attempt 2 failed\n   invoke_agent Node failed\n    chat m failed\n  attempt 3 ok\n   invoke_agent Node ok\n    chat m ok | At last.\n Out ok");
    row("retries that do not help", [](TeamBench &b) {
        through(b, "agent", "{}");
        b.onError("n2", 1, "fail");
        b.agent("n2", [](const ChatRequest &, int) { return Reply::fail(ErrorKind::Unreachable, "Nobody answers."); });
    }, "unreachable: Node \"Node\": Nobody answers.");
    row("fallback", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "agent", "Node").node("n3", "output", "Out").node("n4", "transform", "Mend", R"({"expression": "input.type + '/' + input.error + '/' + input.input"})");
        b.edges_({"n1>n2", "n2>n3", "n2.error>n4", "n4>n3"});
        b.onError("n2", 0, "fallback");
        b.agent("n2", {Reply::fail(ErrorKind::Provider, "Broken.")});
    }, "provider/Broken./hello", "invoke_workflow team ok\n In ok\n Node failed\n  invoke_agent Node failed\n   chat m failed\n Mend ok\n Out ok");
    row("a failure stops the nodes beside it", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "agent", "Slow").node("n3", "agent", "Bad").node("n4", "agent", "Also slow").node("n5", "join", "Join").node("n6", "output", "Out");
        b.edges_({"n1>n2", "n1>n3", "n1>n4", "n2>n5", "n3>n5", "n4>n5", "n5>n6"});
        b.agent("n2", {Reply::hang()});
        b.agent("n3", {Reply::fail(ErrorKind::Provider, "Broken.")});
        b.agent("n4", {Reply::hang()});
    }, "provider: Node \"Bad\": Broken.",
        "invoke_workflow team failed\n In ok\n Slow cancelled\n  invoke_agent Slow cancelled\n   chat m cancelled\n"
        " Bad failed\n  invoke_agent Bad failed\n   chat m failed\n Also slow cancelled\n  invoke_agent Also slow cancelled\n   chat m cancelled");
    row("a failure stops tools and questions beside it", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "tool", "Read").node("n3", "tool", "Send").node("n4", "tool", "Asks first").node("n5", "human", "Person");
        b.node("n6", "agent", "Bad").node("n7", "join", "Join").node("n8", "output", "Out");
        b.edges_({"n1>n2", "n1>n3", "n1>n4", "n1>n5", "n1>n6", "n2>n7", "n3>n7", "n4>n7", "n5.approved>n7", "n6>n7", "n7>n8"});
        const auto work = [](const QJsonObject &, int) { return TeamBench::gives(QStringLiteral("done")); };
        b.tool("n2", work)->hangs = true;
        b.tool("n3", work, SideEffect::External)->hangs = true;
        b.tool("n4", work, SideEffect::External, Approval::Ask);
        b.attended = b.human.hangs = true;
        b.agent("n6", {Reply::fail(ErrorKind::Provider, "Broken.")});
    }, "provider: Node \"Bad\": Broken.",
        "invoke_workflow team failed\n In ok\n Read cancelled\n  execute_tool tool_n2 cancelled\n Send cancelled\n  execute_tool tool_n3 cancelled\n"
        " Asks first cancelled\n  execute_tool tool_n4 cancelled\n   approve tool_n4 cancelled !approval_requested\n"
        " Person cancelled\n  ask Person cancelled !approval_requested\n Bad failed\n  invoke_agent Bad failed\n   chat m failed");
    row("what waits for a place when a node beside it fails is not asked", [](TeamBench &b) {
        b.body.insert(QStringLiteral("at_once"), 1);
        b.node("n1", "input", "In").node("n2", "agent", "Bad").node("n3", "agent", "B").node("n4", "tool", "C").node("n5", "join", "Join").node("n6", "output", "Out");
        b.edges_({"n1>n2", "n1>n3", "n1>n4", "n2>n5", "n3>n5", "n4>n5", "n5>n6"});
        b.agent("n2", {Reply::fail(ErrorKind::Provider, "Broken.")});
        b.agent("n3", [](const ChatRequest &, int) -> Reply { qFatal("asked"); });
        b.tool("n4", [](const QJsonObject &, int) -> Result<ToolOutcome> { qFatal("called"); });
    }, "provider: Node \"Bad\": Broken.",
        "invoke_workflow team failed\n In ok\n Bad failed\n  invoke_agent Bad failed\n   chat m failed\n B cancelled\n  invoke_agent B cancelled\n"
        "   chat m cancelled\n C cancelled\n  execute_tool tool_n4 cancelled");
    row("a failure stops what is deep beside it", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "map", "Each", R"({"items": "[1,2,3]", "at_once": 2})").node("n3", "agent", "Slow").node("n4", "agent", "Bad");
        b.node("n5", "join", "Join").node("n6", "output", "Out").edges_({"n1>n2", "n2.each>n3", "n1>n4", "n2>n5", "n4>n5", "n5>n6"});
        b.agent("n3", [](const ChatRequest &, int) { return Reply::hang(); });
        b.agent("n4", {Reply::fail(ErrorKind::Provider, "Broken.")});
    }, "provider: Node \"Bad\": Broken.", "", false);
    row("a failure in one branch is stopped there", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "map", "Each", R"({"items": "['a','b','c']", "on_error": "skip"})");
        b.node("n3", "agent", "Bad").node("n4", "agent", "Slow").node("n5", "join", "Both", R"x({"mode": "expression", "expression": "values.join()"})x");
        b.node("n6", "output", "Out").edges_({"n1>n2", "n2.each>n3", "n2.each>n4", "n3>n5", "n4>n5", "n2>n6"});
        b.agent("n3", [](const ChatRequest &request, int) {
            return lastText(request) == QLatin1String("b") ? Reply::fail(ErrorKind::Provider, "Broken.") : Reply::say("good");
        });
        b.agent("n4", [](const ChatRequest &request, int) {
            return lastText(request) == QLatin1String("b") ? Reply::hang() : Reply::say("slow");
        });
    }, "[\n    \"good,slow\",\n    \"good,slow\"\n]");
    row("two failures at once: the first in order is told", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "transform", "X", R"({"expression": "input.a.b"})").node("n3", "transform", "Y", R"({"expression": "+*"})");
        b.node("n4", "join", "Join").node("n5", "output", "Out").edges_({"n1>n2", "n1>n3", "n2>n4", "n3>n4", "n4>n5"});
    }, "invalid_input: Node \"X\": The expression failed in line 1: TypeError: Cannot read property 'b' of undefined");
    row("an expression that never ends", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "transform", "Endless", R"({"expression": "for (;;) ; return 1"})").node("n3", "output", "Out").edges_({"n1>n2", "n2>n3"});
    }, "timeout: Node \"Endless\": The expression was stopped after 250 ms. It may never end; make it do less.");
    row("an unsound team does not run", [](TeamBench &b) {
        b.node("n1", "input", "In").node("n2", "transform", "A").node("n3", "transform", "B").node("n4", "output", "Out").edges_({"n2>n3", "n3>n2", "n1>n4"});
    }, "invalid_input: The team \"team\" cannot run: \"A\" leads back to itself through \"B\" with no loop around it, so it would never end. "
       "Add a Loop node: connect its port \"body\" to the first of these nodes, and the last of them to its port \"again\".",
        "invoke_workflow team failed");
    row("a limit reached inside of a map ends the run", [](TeamBench &b) {
        b.body.insert(QStringLiteral("limits"), QJsonObject{{QStringLiteral("steps"), 5}, {QStringLiteral("seconds"), 100}});
        b.node("n1", "input", "In").node("n2", "map", "Each", R"({"items": "[1,2,3,4,5,6,7,8]", "at_once": 2, "on_error": "skip"})").node("n3", "agent", "Worker");
        b.onError("n3", 3, "fail");
        b.node("n4", "output", "Out").edges_({"n1>n2", "n2.each>n3", "n2>n4"});
        b.echo("n3");
    }, "limit_reached: The run reached its limit of 5 steps. Raise it in the settings, or make the task smaller.", "", false);
    row("a token limit counts over all branches", [](TeamBench &b) {
        b.body.insert(QStringLiteral("limits"), QJsonObject{{QStringLiteral("steps"), 100}, {QStringLiteral("tokens"), 40}, {QStringLiteral("seconds"), 100}});
        b.node("n1", "input", "In").node("n2", "map", "Each", R"({"items": "[1,2,3,4,5,6]", "at_once": 2})").node("n3", "agent", "Worker");
        b.node("n4", "output", "Out").edges_({"n1>n2", "n2.each>n3", "n2>n4"});
        b.echo("n3");
    }, "limit_reached: The run reached its limit of 40 tokens. Raise it in the settings, or make the task smaller.", "", false);
    row("names in any script", [](TeamBench &b) {
        b.node("n1", "input", "قهوة").node("n2", "transform", "Ünïcödé 👍", R"({"expression": "input + ' שלום'"})").node("n3", "output", "出力").edges_({"n1>n2", "n2>n3"});
    }, "hello שלום");
}

} // namespace lathe::test
Q_DECLARE_METATYPE(lathe::test::Setup)
