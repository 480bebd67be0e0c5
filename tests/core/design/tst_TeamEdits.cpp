// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/TeamEdits.h"
#include "core/design/TeamGraph.h"
#include "tests/support/JsonText.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

#include <limits>

using namespace lathe;
using namespace lathe::test;

namespace {
// Draws as a person would: adds a node and gives its id.
QString draw(QJsonObject *body, NodeKind kind, QPointF at = QPointF(), const QJsonObject &settings = QJsonObject())
{
    const AddedNode added = addNode(*body, kind, at, settings);
    *body = applyChanges(*body, added.changes);
    return added.id;
}

// Connects "n1.out>n2.in", when it may be, and says why not.
QString joinUp(QJsonObject *body, const QString &edge)
{
    const QString from = edge.section(QLatin1Char('>'), 0, 0), to = edge.section(QLatin1Char('>'), 1);
    const auto port = [](const QString &end, const char *absent) {
        return end.contains(QLatin1Char('.')) ? end.section(QLatin1Char('.'), 1) : QString::fromLatin1(absent);
    };
    const QString a = from.section(QLatin1Char('.'), 0, 0), b = to.section(QLatin1Char('.'), 0, 0);
    if (const auto why = whyNotConnect(*body, a, port(from, "out"), b, port(to, "in")))
        return *why;
    *body = applyChanges(*body, connectNodes(*body, a, port(from, "out"), b, port(to, "in")));
    return QString();
}

// From the input, without going into bodies.
bool isReached(const TeamGraph &graph, int node)
{
    QSet<int> seen;
    std::vector<int> open{node};
    while (!open.empty()) {
        const int here = open.back();
        open.pop_back();
        if (graph.spec().nodes[size_t(here)].kind == NodeKind::Input)
            return true;
        for (const int edge : graph.inEdges(here)) {
            const int from = graph.indexOf(graph.spec().edges[size_t(edge)].from);
            if (!seen.contains(from))
                open.push_back(from);
            seen.insert(from);
        }
    }
    return false;
}

QString nameIn(const QJsonObject &body, const QString &id)
{
    return json::at(body, QStringLiteral("/nodes/%1/name").arg(id)).toString();
}

// Input, Loop with two body nodes, Output.
QJsonObject loopTeam()
{
    QJsonObject body{{QStringLiteral("job"), QStringLiteral("Test")}};
    for (const NodeKind kind : {NodeKind::Input, NodeKind::Loop, NodeKind::Agent, NodeKind::Check, NodeKind::Output})
        draw(&body, kind, QPointF(10, 20));
    for (const char *edge : {"n1>n2", "n2.body>n3", "n3>n4", "n4.pass>n2.again", "n2>n5"})
        joinUp(&body, QString::fromLatin1(edge));
    return body;
}
} // namespace

class TestTeamEdits : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nodesAreAdded()
    {
        QJsonObject body;
        QCOMPARE(draw(&body, NodeKind::Agent, QPointF(3, 4)), QStringLiteral("n1"));
        QCOMPARE(draw(&body, NodeKind::Agent), QStringLiteral("n2"));
        QCOMPARE(draw(&body, NodeKind::Loop, QPointF(), {{QStringLiteral("at_most"), 9}}), QStringLiteral("n3"));
        QCOMPARE(nameIn(body, QStringLiteral("n1")), QStringLiteral("Agent"));
        QCOMPARE(nameIn(body, QStringLiteral("n2")), QStringLiteral("Agent 2"));
        QCOMPARE(nodePosition(body, QStringLiteral("n1")), QPointF(3, 4));
        QCOMPARE(nodePosition(body, QStringLiteral("n9")), QPointF());
        QCOMPARE(json::at(body, QStringLiteral("/nodes/n3/settings/at_most")).toInt(), 9);
        QCOMPARE(json::at(body, QStringLiteral("/nodes/n3/settings/exhausted")).toString(), QStringLiteral("done"));
        // The smallest free id, and name, come again.
        body = applyChanges(body, removeItems(body, {QStringLiteral("n1")}));
        QCOMPARE(draw(&body, NodeKind::Agent), QStringLiteral("n1"));
        QCOMPARE(nameIn(body, QStringLiteral("n1")), QStringLiteral("Agent"));
        for (const NodeKindInfo &info : nodeKinds())
            draw(&body, info.kind);
        QVERIFY(TeamSpec::fromJson(body).ok());
    }

    void newNodesCatchNoEdges()
    {
        QJsonObject body = object(R"({"nodes":{"n2":{"kind":"output"}},"edges":{"e1":{"from":"n1","to":"n2"},"e2":{"from":"n2","to":"n3"}}})");
        QCOMPARE(addNode(body, NodeKind::Input, QPointF()).id, QStringLiteral("n4"));
    }

    void theSameGesturesGiveTheSameBody()
    {
        QCOMPARE(json::compact(loopTeam()), json::compact(loopTeam()));
        QVERIFY(TeamGraph(*TeamSpec::fromJson(loopTeam())).sound());
    }

    void wrongEdgesAreExplained_data()
    {
        QTest::addColumn<QString>("edge");
        QTest::addColumn<QString>("why");
        const auto row = [](const char *edge, const char *why) { QTest::newRow(edge) << QString::fromLatin1(edge) << QString::fromLatin1(why); };
        // n1 input, n2 loop (n3 agent, n4 check), n5 output; loose: n6 agent, n7 map, n8 agent, n9 loop, n10 hand-off, n11 router; after n2: n12 join.
        row("n1>n3", "takes one edge");
        row("n1>n5", "");
        row("n2>n5", "connected already");
        row("n3>n5", "go on to \"Output\" from the port \"out\" of \"Loop\"");
        row("n4.fail>n5", "go on to \"Output\"");
        row("n4.fail>n3", "go round for ever");
        row("n4.fail>n2", "comes back by its port \"again\"");
        row("n4.fail>n2.again", "");
        row("n6>n2.again", "");        // it may come into the body later
        row("n1>n2.again", "Only nodes of its body lead back");
        row("n12>n2.again", "Only nodes of its body lead back");
        row("n2>n2.again", "cannot lead to itself");
        row("n6>n6", "cannot lead to itself");
        row("n6>n12", "");
        row("n1>n7", "\"Input\" gives text, but \"Map\" takes list");
        row("n6>n7", "");
        row("n6>n1", "no port");
        row("n5>n6", "no port");
        row("n6.side>n8", "no port \"side\"");
        row("n77>n6", "no such node");
        row("n2.body>n6", "");
        row("n2.body>n12", "cannot be in the body");
        row("n2.body>n5", "an output is given once");
        row("n9.body>n2.again", "cannot lead straight back");
        row("n9.body>n2", "takes one edge");
        row("n9.body>n5", "an output is given once");
        row("n9.body>n12", "cannot be in the body of \"Loop 2\": it stands outside of it");
        row("n10.agents>n6", "");
        row("n10.agents>n11", "is no agent");
        row("n3>n8", "");              // n8 comes into the body
        row("n3>n12", "go on to \"Join\" from the port \"out\" of \"Loop\"");
        row("n12>n8", "");
        row("n12>n9", "");
        row("n12>n4", "takes one edge");
        row("n11.r1>n8", "");
    }
    void wrongEdgesAreExplained()
    {
        QJsonObject body = loopTeam();
        for (const NodeKind kind : {NodeKind::Agent, NodeKind::Map, NodeKind::Agent, NodeKind::Loop, NodeKind::Handoff,
                                    NodeKind::Router, NodeKind::Join})
            draw(&body, kind);
        QCOMPARE(joinUp(&body, QStringLiteral("n2>n12")), QString());
        QFETCH(QString, edge);
        QFETCH(QString, why);
        const QString said = joinUp(&body, edge);
        QCOMPARE(said.isEmpty(), why.isEmpty());
        QVERIFY2(said.contains(why), qPrintable(said));
        if (!said.isEmpty())
            QVERIFY(said.endsWith(QLatin1Char('.')));
    }

    void bodiesMayBeDrawnBackwards()
    {
        QJsonObject body;
        for (const NodeKind kind : {NodeKind::Output, NodeKind::Loop, NodeKind::Agent, NodeKind::Agent, NodeKind::Input})
            draw(&body, kind);
        for (const char *edge : {"n2>n1", "n4>n2.again", "n3>n4", "n2.body>n3", "n5>n2"})
            QCOMPARE(joinUp(&body, QString::fromLatin1(edge)), QString());
        const TeamGraph graph(*TeamSpec::fromJson(body));
        QVERIFY(graph.sound());
        QCOMPARE(graph.scopeOf(graph.indexOf(QStringLiteral("n4"))), graph.indexOf(QStringLiteral("n2")));
    }

    void whatFollowsDecides()
    {
        // n6 leads to the top already, so it cannot follow a node of the body.
        QJsonObject body = loopTeam();
        draw(&body, NodeKind::Agent);
        draw(&body, NodeKind::Join);
        QCOMPARE(joinUp(&body, QStringLiteral("n2>n7")), QString());
        QCOMPARE(joinUp(&body, QStringLiteral("n6>n7")), QString());
        const QString why = joinUp(&body, QStringLiteral("n3>n6"));
        QVERIFY2(why.contains(QStringLiteral("\"Agent 2\" leads on to \"Join\"")), qPrintable(why));
    }

    // What may be connected never makes an edge that the graph calls wrong.
    void whatMayBeConnectedIsRight()
    {
        QRandomGenerator random(11);
        int made = 0;
        for (int round = 0; round < 60; ++round) {
            QJsonObject body;
            QStringList ids{draw(&body, NodeKind::Input), draw(&body, NodeKind::Output)};
            for (int i = 0; i < 8; ++i)
                ids.append(draw(&body, nodeKinds()[2 + random.bounded(quint32(nodeKinds().size() - 2))].kind));
            for (int i = 0; i < 60; ++i) {
                const TeamGraph graph(*TeamSpec::fromJson(body));
                const QString from = ids[random.bounded(ids.size())], to = ids[random.bounded(ids.size())];
                const auto outs = graph.outputs(graph.indexOf(from)), ins = graph.inputs(graph.indexOf(to));
                if (outs.empty() || ins.empty())
                    continue;
                const QString out = outs[random.bounded(quint32(outs.size()))].id, in = ins[random.bounded(quint32(ins.size()))].id;
                if (whyNotConnect(graph, from, out, to, in))
                    continue;
                ++made;
                body = applyChanges(body, connectNodes(body, from, out, to, in));
                const TeamGraph after(*TeamSpec::fromJson(body));
                for (const Problem &problem : after.problems()) {
                    // In the middle of drawing a node may lead into a body, or back, before it is reached from anywhere.
                    const int start = after.indexOf(json::at(body, problem.pointer + QStringLiteral("/from")).toString());
                    if ((problem.code == QLatin1String("edge.return") || problem.code == QLatin1String("edge.enters_body"))
                        && after.scopeOf(start) < 0 && !isReached(after, start))
                        continue;
                    QVERIFY2(!problem.code.startsWith(QLatin1String("edge.")) && problem.code != QLatin1String("loop.unbounded"),
                             qPrintable(problem.code + QLatin1Char(' ') + problem.message + QString::fromUtf8(json::compact(body))));
                }
            }
        }
        QVERIFY2(made > 300, qPrintable(QString::number(made)));
    }

    void itemsAreRemoved()
    {
        QJsonObject body = loopTeam();
        QString frame, note;
        body = applyChanges(body, addFrame(body, QRectF(10, 10, -5, 20), QStringLiteral("Group"), &frame));
        body = applyChanges(body, addNote(body, QRectF(1, 2, 3, 4), QStringLiteral("Remember"), &note));
        QCOMPARE(frame, QStringLiteral("f1"));
        QCOMPARE(note, QStringLiteral("t1"));
        QCOMPARE(json::at(body, QStringLiteral("/layout/frames/f1")).toObject(),
                 object(R"({"x":5,"y":10,"w":5,"h":20,"title":"Group"})"));
        const QJsonObject before = body;
        QVERIFY(removeItems(body, {}).empty());
        QVERIFY(removeItems(body, {QStringLiteral("nothing")}).empty());
        body = applyChanges(body, removeItems(body, {QStringLiteral("n2"), QStringLiteral("e3"), frame, note}));
        QCOMPARE(body.value(QStringLiteral("nodes")).toObject().keys(), (QStringList{QStringLiteral("n1"), QStringLiteral("n3"), QStringLiteral("n4"), QStringLiteral("n5")}));
        QVERIFY(body.value(QStringLiteral("edges")).toObject().isEmpty());
        QVERIFY(json::at(body, QStringLiteral("/layout/nodes/n2")).isUndefined());
        QVERIFY(json::at(body, QStringLiteral("/layout/nodes/n3")).isObject());
        QVERIFY(json::at(body, QStringLiteral("/layout/frames")).toObject().isEmpty());
        QVERIFY(json::at(body, QStringLiteral("/layout/notes")).toObject().isEmpty());
        QVERIFY(before != body);
    }

    void itemsAreMoved()
    {
        QJsonObject body = loopTeam();
        body = applyChanges(body, addFrame(body, QRectF(0, 0, 10, 10), QStringLiteral("G"), nullptr));
        const double nan = std::numeric_limits<double>::quiet_NaN(), huge = std::numeric_limits<double>::infinity();
        const BodyChanges changes = moveNodes(body, {{QStringLiteral("n1"), QPointF(10, 20)}, // where it is
                                                     {QStringLiteral("n2"), QPointF(nan, huge)},
                                                     {QStringLiteral("f1"), QPointF(7, 8)},
                                                     {QStringLiteral("nothing"), QPointF(1, 1)}});
        QCOMPARE(changes.size(), size_t(2));
        body = applyChanges(body, changes);
        QCOMPARE(nodePosition(body, QStringLiteral("n2")), QPointF(0, 0));
        QCOMPARE(json::at(body, QStringLiteral("/layout/frames/f1")).toObject(), object(R"({"x":7,"y":8,"w":10,"h":10,"title":"G"})"));
        QVERIFY(TeamSpec::executable(body) == TeamSpec::executable(loopTeam()));
    }

    void nodesAreAligned_data()
    {
        QTest::addColumn<int>("how");
        QTest::addColumn<QString>("places"); // of n1 (0,0 10x10), n2 (50,30 20x40), n3 (100,200 30x20)
        const auto row = [](const char *name, Alignment how, const char *places) { QTest::newRow(name) << int(how) << QString::fromLatin1(places); };
        row("left", Alignment::Left, "0,0 0,30 0,200");
        row("right", Alignment::Right, "120,0 110,30 100,200");
        row("centre", Alignment::HCenter, "60,0 55,30 50,200");
        row("top", Alignment::Top, "0,0 50,0 100,0");
        row("bottom", Alignment::Bottom, "0,210 50,180 100,200");
        row("middle", Alignment::VCenter, "0,105 50,90 100,100");
        row("spread across", Alignment::DistributeH, "0,0 45,30 100,200");
        row("spread down", Alignment::DistributeV, "0,0 50,85 100,200");
    }
    void nodesAreAligned()
    {
        QFETCH(int, how);
        QJsonObject body;
        draw(&body, NodeKind::Agent, QPointF(0, 0));
        draw(&body, NodeKind::Agent, QPointF(50, 30));
        draw(&body, NodeKind::Agent, QPointF(100, 200));
        const QHash<QString, QSizeF> sizes{{QStringLiteral("n1"), QSizeF(10, 10)}, {QStringLiteral("n2"), QSizeF(20, 40)}, {QStringLiteral("n3"), QSizeF(30, 20)}};
        QVERIFY(alignNodes(body, {QStringLiteral("n2"), QStringLiteral("n2"), QStringLiteral("x")}, sizes, Alignment(how)).empty());
        body = applyChanges(body, alignNodes(body, {QStringLiteral("n3"), QStringLiteral("n1"), QStringLiteral("n2")}, sizes, Alignment(how)));
        QStringList places;
        for (const char *id : {"n1", "n2", "n3"}) {
            const QPointF at = nodePosition(body, QString::fromLatin1(id));
            places.append(QStringLiteral("%1,%2").arg(at.x()).arg(at.y()));
        }
        QTEST(places.join(QLatin1Char(' ')), "places");
    }

    void partsAreCopiedAndPasted()
    {
        QJsonObject body = loopTeam();
        body = applyChanges(body, {{QStringLiteral("/nodes/n3/name"), QString::fromUtf8("باحث 🦊")}});
        body = applyChanges(body, addFrame(body, QRectF(0, 0, 10, 10), QStringLiteral("G"), nullptr));
        const QJsonObject part = copyItems(body, {QStringLiteral("n2"), QStringLiteral("n3"), QStringLiteral("n4"), QStringLiteral("f1"), QStringLiteral("n99")});
        QCOMPARE(part.value(QStringLiteral("edges")).toObject().keys(), (QStringList{QStringLiteral("e2"), QStringLiteral("e3"), QStringLiteral("e4")}));
        QCOMPARE(part.value(QStringLiteral("lathe/team-part")).toInt(), 1);
        // Through text, as the clipboard has it.
        const auto text = json::parseObject(json::pretty(part));
        QVERIFY(text.ok());
        const auto pasted = pasteItems(body, *text, QPointF(40, 40));
        QVERIFY(pasted.ok());
        QCOMPARE(pasted->ids, (QStringList{QStringLiteral("n6"), QStringLiteral("n7"), QStringLiteral("n8"), QStringLiteral("f2")}));
        const QJsonObject after = applyChanges(body, pasted->changes);
        QCOMPARE(nameIn(after, QStringLiteral("n6")), QStringLiteral("Loop 2"));
        QCOMPARE(nameIn(after, QStringLiteral("n7")), QString::fromUtf8("باحث 🦊 2"));
        QCOMPARE(nodePosition(after, QStringLiteral("n6")), QPointF(50, 60));
        QCOMPARE(json::at(after, QStringLiteral("/layout/frames/f2/x")).toInt(), 40);
        QCOMPARE(json::at(after, QStringLiteral("/edges/e6")).toObject(),
                 object(R"({"from":"n6","from_port":"body","to":"n7","to_port":"in"})"));
        // The copy is as sound as what it came from; nothing of the old changed.
        const TeamGraph graph(*TeamSpec::fromJson(after));
        QVERIFY(graph.sound());
        QCOMPARE(graph.scopeOf(graph.indexOf(QStringLiteral("n8"))), graph.indexOf(QStringLiteral("n6")));
        QJsonObject rest = applyChanges(after, removeItems(after, pasted->ids));
        QCOMPARE(rest, body);
        // Into an empty project it comes out the same but for ids and place.
        const auto fresh = pasteItems(QJsonObject(), *text, QPointF());
        QVERIFY(fresh.ok());
        const QJsonObject alone = applyChanges(QJsonObject(), fresh->changes);
        QCOMPARE(nameIn(alone, QStringLiteral("n2")), QString::fromUtf8("باحث 🦊"));
        const QJsonObject again = copyItems(alone, fresh->ids);
        QCOMPARE(json::compact(copyItems(applyChanges(QJsonObject(), pasteItems(QJsonObject(), again, QPointF())->changes), fresh->ids)), json::compact(again));
    }

    void pastedHandoffsFindTheirAgents()
    {
        QJsonObject body;
        draw(&body, NodeKind::Handoff, QPointF(), {{QStringLiteral("start"), QStringLiteral("Agent")}});
        draw(&body, NodeKind::Agent);
        joinUp(&body, QStringLiteral("n1.agents>n2"));
        const auto pasted = pasteItems(body, copyItems(body, {QStringLiteral("n1"), QStringLiteral("n2")}), QPointF());
        const QJsonObject after = applyChanges(body, pasted->changes);
        QCOMPARE(nameIn(after, QStringLiteral("n4")), QStringLiteral("Agent 2"));
        QCOMPARE(json::at(after, QStringLiteral("/nodes/n3/settings/start")).toString(), QStringLiteral("Agent 2"));
    }

    void strangeClipboardsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("part");
        for (const char *part : {"{}", R"({"nodes":{}})", R"({"lathe/team-part":1})", R"({"lathe/team-part":2,"nodes":{"n1":{"kind":"agent"}}})",
                                 R"({"lathe/team-part":1,"nodes":[]})", R"({"lathe/team-part":1,"nodes":{"n1":7}})",
                                 R"({"lathe/team-part":1,"nodes":{"n1":{"kind":"wizard"}}})", R"({"lathe/team-part":1,"nodes":{"n1":{"kind":"agent","settings":[]}}})",
                                 R"({"lathe/team-part":1,"edges":{"e1":[]}})", R"({"lathe/team-part":1,"layout":{"frames":{"f1":"x"}}})"})
            QTest::newRow(part) << QByteArray(part);
    }
    void strangeClipboardsAreRefused()
    {
        QFETCH(QByteArray, part);
        const auto pasted = pasteItems(loopTeam(), object(part), QPointF());
        QVERIFY(!pasted.ok());
        QCOMPARE(pasted.error().kind, ErrorKind::InvalidInput);
        QVERIFY(pasted.error().message.startsWith(QStringLiteral("This cannot be pasted into a team")));
    }

    void foreignPartsAreTamed()
    {
        const QJsonObject part = object(R"({"lathe/team-part":1,"nodes":{"a/b":{"kind":"agent"},"~":{"kind":"tool","name":"T"}},
            "edges":{"x":{"from":"a/b","to":"~"},"y":{"from":"a/b","to":"gone"}},"layout":{"nodes":{"~":{"x":1e300,"y":"z"}},"notes":{"q":{"text":"hi"}}}})");
        const auto pasted = pasteItems(loopTeam(), part, QPointF(1, 1));
        QVERIFY(pasted.ok());
        QCOMPARE(pasted->ids.size(), 3);
        const QJsonObject after = applyChanges(loopTeam(), pasted->changes);
        QCOMPARE(nameIn(after, QStringLiteral("n6")), QStringLiteral("a/b"));
        QCOMPARE(nodePosition(after, QStringLiteral("n7")), QPointF(1e6, 1));
        QCOMPARE(after.value(QStringLiteral("edges")).toObject().size(), 6); // the dangling one stays behind
    }

    void hostileIdsAreEdited()
    {
        // Ids of a hand-written file: with what JSON pointers escape.
        QJsonObject body = object(R"({"nodes":{"a/b":{"kind":"input","name":"A"},"~1":{"kind":"output","name":"B"}},"edges":{"e/":{"from":"a/b","to":"~1"}}})");
        const QJsonObject before = body;
        body = applyChanges(body, moveNodes(body, {{QStringLiteral("a/b"), QPointF(1, 2)}}));
        QCOMPARE(nodePosition(body, QStringLiteral("a/b")), QPointF(1, 2));
        QCOMPARE(body.value(QStringLiteral("nodes")), before.value(QStringLiteral("nodes")));
        body = applyChanges(body, removeItems(body, {QStringLiteral("a/b")}));
        QCOMPARE(body.value(QStringLiteral("nodes")).toObject().keys(), QStringList{QStringLiteral("~1")});
        QVERIFY(body.value(QStringLiteral("edges")).toObject().isEmpty());
    }

    void fittingKindsConnect()
    {
        QJsonObject body = loopTeam();
        for (const NodeKindInfo &info : nodeKinds())
            draw(&body, info.kind);
        const TeamGraph graph(*TeamSpec::fromJson(body));
        for (int node = 0; node < int(graph.spec().nodes.size()); ++node) {
            const QString id = graph.spec().nodes[size_t(node)].id;
            for (const bool output : {true, false}) {
                for (const Port &port : output ? graph.outputs(node) : graph.inputs(node)) {
                    const auto kinds = fittingKinds(body, id, port.id, output);
                    QVERIFY(!kinds.empty());
                    bool taken = false; // an input that has its edge fits to nothing any more
                    for (const TeamEdge &edge : graph.spec().edges)
                        taken = taken || (!output && edge.to == id && edge.toPort == port.id && !port.many);
                    for (const auto &[kind, other] : kinds) {
                        const AddedNode added = addNode(body, kind, QPointF());
                        const QJsonObject with = applyChanges(body, added.changes);
                        const auto why = output ? whyNotConnect(with, id, port.id, added.id, other) : whyNotConnect(with, added.id, other, id, port.id);
                        if (!taken)
                            QVERIFY2(!why, why ? qPrintable(id + QLatin1Char('.') + port.id + QLatin1Char(' ') + nodeKindName(kind) + QLatin1Char(' ') + *why) : "");
                    }
                }
            }
        }
        QCOMPARE(fittingKinds(body, QStringLiteral("n1"), QStringLiteral("out"), true).front().first, NodeKind::Agent);
        QVERIFY(fittingKinds(body, QStringLiteral("n1"), QStringLiteral("side"), true).empty());
        QVERIFY(fittingKinds(body, QStringLiteral("n99"), QStringLiteral("out"), true).empty());
    }

    void listsFitMapsFirst()
    {
        QJsonObject body;
        draw(&body, NodeKind::Join);
        QCOMPARE(fittingKinds(body, QStringLiteral("n1"), QStringLiteral("out"), true).front(), std::pair(NodeKind::Map, QStringLiteral("in")));
        draw(&body, NodeKind::Map);
        const auto before = fittingKinds(body, QStringLiteral("n2"), QStringLiteral("in"), false);
        QVERIFY(before.front().first == NodeKind::Map || before.front().first == NodeKind::Join);
    }

    // Whatever is done is undone to the very start, and redone to the very end.
    void randomEditsAreUndoneExactly_data()
    {
        QTest::addColumn<quint32>("seed");
        QTest::addColumn<QByteArray>("start");
        QTest::newRow("from nothing") << quint32(1) << QByteArray("{}");
        QTest::newRow("from a team") << quint32(2) << json::compact(loopTeam());
        QTest::newRow("from a file without layout") << quint32(3) << json::compact(TeamSpec::executable(loopTeam()));
        QTest::newRow("from strange places") << quint32(4)
            << QByteArray(R"({"nodes":{"a/b":{"kind":"agent","name":"x","extra":[1,{"y":null}]}},"edges":{"~":{"from":"a/b","to":"?"}},"layout":{"nodes":7,"frames":{"f1":{}},"zoom":2},"more":"kept"})");
    }
    void randomEditsAreUndoneExactly()
    {
        QFETCH(quint32, seed);
        QFETCH(QByteArray, start);
        QRandomGenerator random(seed);
        QJsonObject body = object(start);
        const QJsonObject first = body;
        std::vector<Edit> edits;
        std::vector<QJsonObject> states{body};
        int changed = 0;
        const auto point = [&] { return QPointF(random.bounded(1000), random.bounded(1000)); };
        const auto someIds = [&] {
            QStringList all = body.value(QStringLiteral("nodes")).toObject().keys() + body.value(QStringLiteral("edges")).toObject().keys()
                              + json::at(body, QStringLiteral("/layout/frames")).toObject().keys() + json::at(body, QStringLiteral("/layout/notes")).toObject().keys();
            QStringList some;
            for (int i = 0; i < 3 && !all.isEmpty(); ++i)
                some.append(all.takeAt(random.bounded(all.size())));
            return some;
        };
        for (int i = 0; i < 300; ++i) {
            BodyChanges changes;
            const auto nodes = body.value(QStringLiteral("nodes")).toObject().keys();
            switch (random.bounded(9)) {
            case 0:
            case 1:
                changes = addNode(body, nodeKinds()[random.bounded(quint32(nodeKinds().size()))].kind, point()).changes;
                break;
            case 2:
            case 3: {
                if (nodes.isEmpty())
                    continue;
                const TeamGraph graph(*TeamSpec::fromJson(body));
                const int from = int(random.bounded(quint32(graph.spec().nodes.size()))), to = int(random.bounded(quint32(graph.spec().nodes.size())));
                const auto &outs = graph.outputs(from);
                const auto &ins = graph.inputs(to);
                if (outs.empty() || ins.empty())
                    continue;
                changes = connectNodes(body, graph.spec().nodes[size_t(from)].id, outs[random.bounded(quint32(outs.size()))].id, graph.spec().nodes[size_t(to)].id,
                                       ins[random.bounded(quint32(ins.size()))].id);
                break;
            }
            case 4: {
                QHash<QString, QPointF> to;
                for (const QString &id : someIds())
                    to.insert(id, point());
                changes = moveNodes(body, to);
                break;
            }
            case 5:
                changes = removeItems(body, someIds());
                break;
            case 6: {
                const auto pasted = pasteItems(body, copyItems(body, nodes.mid(0, 40)), point());
                if (!pasted.ok())
                    continue;
                changes = pasted->changes;
                if (nodes.size() > 60)
                    changes = removeItems(body, nodes.mid(5));
                break;
            }
            case 7:
                changes = alignNodes(body, nodes, {}, Alignment(random.bounded(8)));
                break;
            default:
                changes = random.bounded(2) ? addFrame(body, QRectF(point(), point()), QString::fromUtf8("مجموعة"), nullptr)
                                            : addNote(body, QRectF(point(), point()), QString::fromUtf8("📝"), nullptr);
            }
            const QJsonObject wanted = applyChanges(body, changes);
            // As the session does it: gathered, each with its exact inverse.
            for (const BodyChange &change : gathered(body, changes)) {
                edits.push_back(Edit::of(body, change.pointer, change.after, QString(), 0));
                body = edits.back().applied(body);
                states.push_back(body);
            }
            QCOMPARE(body, wanted);
            changed += changes.empty() ? 0 : 1;
        }
        QVERIFY2(changed > 150, qPrintable(QString::number(changed)));
        const QJsonObject last = body;
        for (size_t i = edits.size(); i-- > 0;) {
            body = edits[i].undone(body);
            QCOMPARE(body, states[i]);
        }
        QCOMPARE(json::compact(body), json::compact(first));
        for (const Edit &edit : edits)
            body = edit.applied(body);
        QCOMPARE(json::compact(body), json::compact(last));
    }

    void largeTeamsAreEdited()
    {
        QJsonObject nodes, edges, places;
        constexpr int count = 5000;
        QStringList ids;
        for (int i = 1; i <= count; ++i) {
            const QString id = QStringLiteral("n%1").arg(i);
            ids.append(id);
            nodes.insert(id, object(R"({"kind":"agent","settings":{}})"));
            places.insert(id, object(R"({"x":1,"y":2})"));
            if (i > 1)
                edges.insert(QStringLiteral("e%1").arg(i), QJsonObject{{QStringLiteral("from"), QStringLiteral("n%1").arg(i - 1)}, {QStringLiteral("to"), id}});
        }
        const QJsonObject body{{QStringLiteral("nodes"), nodes}, {QStringLiteral("edges"), edges}, {QStringLiteral("layout"), QJsonObject{{QStringLiteral("nodes"), places}}}};
        QElapsedTimer timer;
        timer.start();
        const AddedNode added = addNode(body, NodeKind::Agent, QPointF());
        const qint64 add = timer.restart();
        QHash<QString, QPointF> to;
        for (const QString &id : ids)
            to.insert(id, QPointF(5, 6));
        QJsonObject moved = applyChanges(body, moveNodes(body, to));
        const qint64 move = timer.restart();
        const auto pasted = pasteItems(body, copyItems(body, ids), QPointF(10, 10));
        QVERIFY(pasted.ok());
        const QJsonObject doubled = applyChanges(body, pasted->changes);
        const qint64 paste = timer.restart();
        const QJsonObject emptied = applyChanges(doubled, removeItems(doubled, pasted->ids));
        const qint64 remove = timer.restart();
        qInfo("%d nodes: add %lld ms, move all %lld ms, copy and paste all %lld ms, remove half of twice as many %lld ms", count, add, move, paste, remove);
        QCOMPARE(added.id, QStringLiteral("n5001"));
        QCOMPARE(nodePosition(moved, QStringLiteral("n4711")), QPointF(5, 6));
        QCOMPARE(doubled.value(QStringLiteral("nodes")).toObject().size(), 2 * count);
        QCOMPARE(doubled.value(QStringLiteral("edges")).toObject().size(), 2 * (count - 1));
        QCOMPARE(emptied, body);
    }

    void aRenamedSpeakerIsStillTheFirst()
    {
        const auto node = [](const char *kind, const char *name, const QJsonObject &settings) {
            return QJsonObject{{QStringLiteral("kind"), QLatin1String(kind)},
                               {QStringLiteral("name"), QLatin1String(name)},
                               {QStringLiteral("settings"), settings}};
        };
        const QJsonObject body{{QStringLiteral("nodes"),
                                QJsonObject{{QStringLiteral("a"), node("agent", "Triage", {})},
                                            {QStringLiteral("h"), node("handoff", "Talk", {{QStringLiteral("start"), QStringLiteral("Triage")}})},
                                            {QStringLiteral("i"), node("handoff", "Other", {{QStringLiteral("start"), QStringLiteral("Sales")}})}}}};
        const QJsonObject renamed = applyChanges(body, renameNode(body, QStringLiteral("a"), QStringLiteral("Front desk")));
        const QJsonObject nodes = renamed.value(QStringLiteral("nodes")).toObject();
        const auto start = [&nodes](const char *id) {
            return nodes.value(QLatin1String(id)).toObject().value(QStringLiteral("settings")).toObject().value(QStringLiteral("start")).toString();
        };
        QCOMPARE(nodes.value(QStringLiteral("a")).toObject().value(QStringLiteral("name")).toString(), QStringLiteral("Front desk"));
        QCOMPARE(start("h"), QStringLiteral("Front desk"));
        QCOMPARE(start("i"), QStringLiteral("Sales"));
    }
};

QTEST_GUILESS_MAIN(TestTeamEdits)
#include "tst_TeamEdits.moc"
