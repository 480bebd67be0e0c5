// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/design/TeamGraph.h"
#include "core/design/TeamReader.h"

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

namespace {
// "n1 input, n2 agent | n1>n2, n1.out>n2.in": nodes with kinds (called as their ids), edges e1, e2... in the order they stand in.
TeamSpec team(const QString &text)
{
    TeamSpec spec;
    const QStringList halves = text.split(QLatin1Char('|'));
    for (const QString &item : halves[0].split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        const QStringList words = item.simplified().split(QLatin1Char(' '));
        TeamNode node;
        node.id = node.name = words[0];
        node.kind = nodeKindFromName(words.value(1)).value_or(NodeKind::Transform);
        node.settings = nodeKindInfo(node.kind).settings;
        spec.nodes.push_back(node);
    }
    const QStringList edges = halves.value(1).split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString &item : edges) {
        const QStringList ends = item.simplified().remove(QLatin1Char(' ')).split(QLatin1Char('>'));
        TeamEdge edge;
        edge.id = QStringLiteral("e%1").arg(spec.edges.size() + 1);
        edge.from = ends[0].section(QLatin1Char('.'), 0, 0);
        edge.fromPort = ends[0].section(QLatin1Char('.'), 1, 1);
        edge.to = ends.value(1).section(QLatin1Char('.'), 0, 0);
        edge.toPort = ends.value(1).section(QLatin1Char('.'), 1, 1);
        if (edge.fromPort.isEmpty())
            edge.fromPort = QStringLiteral("out");
        if (edge.toPort.isEmpty())
            edge.toPort = QStringLiteral("in");
        spec.edges.push_back(edge);
    }
    return spec;
}

QString names(const TeamGraph &graph, const std::vector<int> &nodes)
{
    QStringList list;
    for (const int node : nodes)
        list.append(graph.spec().nodes[size_t(node)].id);
    return list.join(QLatin1Char(' '));
}

QString edgeNames(const TeamGraph &graph, const std::vector<int> &edges)
{
    QStringList list;
    for (const int edge : edges)
        list.append(graph.spec().edges[size_t(edge)].id);
    return list.join(QLatin1Char(' '));
}

// "code@pointer", in order.
QString problems(const TeamGraph &graph)
{
    QStringList list;
    for (const Problem &problem : graph.problems())
        list.append(problem.code + QLatin1Char('@') + problem.pointer);
    return list.join(QLatin1Char(' '));
}

// "top: n1 n2; n2: n3", scopes by the order of their containers.
QString scopes(const TeamGraph &graph)
{
    QStringList list{QStringLiteral("top: ") + names(graph, graph.scopeOrder(-1))};
    for (int node = 0; node < int(graph.spec().nodes.size()); ++node) {
        if (!graph.scopeOrder(node).empty())
            list.append(graph.spec().nodes[size_t(node)].id + QStringLiteral(": ") + names(graph, graph.scopeOrder(node)));
    }
    return list.join(QStringLiteral("; "));
}
} // namespace

class TestTeamGraph : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void scopesAndOrder_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *text, const char *expected) {
            QTest::newRow(name) << QString::fromLatin1(text) << QString::fromLatin1(expected);
        };
        row("a chain", "n1 input, n2 agent, n3 output | n1>n2, n2>n3", "top: n1 n2 n3");
        row("ties by id, n2 before n10", "n1 input, n2 agent, n10 agent, n11 output | n1>n10, n1>n2, n10>n11, n2>n11",
            "top: n1 n2 n10 n11");
        row("dependencies before ids", "n1 agent, n2 input, n3 output | n2>n1, n1>n3", "top: n2 n1 n3");
        row("a loop", "n1 input, n2 loop, n3 agent, n4 check, n5 output | n1>n2, n2.body>n3, n3>n4, n4.pass>n2.again, n2>n5",
            "top: n1 n2 n5; n2: n3 n4");
        row("a body node that leads nowhere comes back", "n1 input, n2 map, n3 agent, n4 output | n1>n2, n2.each>n3, n2>n4",
            "top: n1 n2 n4; n2: n3");
        row("a map in a loop",
            "n1 input, n2 loop, n3 map, n4 agent, n5 join, n6 output | n1>n2, n2.body>n3, n3.each>n4, n4>n3.collect, n3>n5, "
            "n5>n2.again, n2>n6",
            "top: n1 n2 n6; n2: n3 n5; n3: n4");
        row("the inner body given first",
            "n1 input, n2 map, n3 loop, n4 agent, n5 output | n1>n3, n3.body>n2, n2.each>n4, n3>n5",
            "top: n1 n3 n5; n2: n4; n3: n2");
        row("workers", "n1 input, n2 coordinator, n3 agent, n4 agent, n5 output | n1>n2, n2.workers>n4, n2.workers>n3, "
                       "n3>n2.results, n4>n2.results, n2>n5",
            "top: n1 n2 n5; n2: n3 n4");
        row("a diamond in a body",
            "n1 input, n2 map, n3 parallel, n4 agent, n5 agent, n6 join, n7 output | n1>n2, n2.each>n3, n3>n4, n3>n5, n4>n6, "
            "n5>n6, n6>n2.collect, n2>n7",
            "top: n1 n2 n7; n2: n3 n4 n5 n6");
        row("a state read first in a body", "n1 input, n2 loop, n3 memory_read, n4 output | n1>n2, n2.body>n3, n2>n4",
            "top: n1 n2 n4; n2: n3");
    }
    void scopesAndOrder()
    {
        QFETCH(QString, text);
        const TeamGraph graph(team(text));
        QCOMPARE(problems(graph), QString());
        QVERIFY(graph.sound());
        QTEST(scopes(graph), "expected");
    }

    void edgesAreSorted()
    {
        const TeamGraph graph(team(QStringLiteral(
            "n1 input, n2 loop, n3 agent, n4 agent, n5 join, n6 output | n1>n2, n2.body>n4, n2.body>n3, n3>n5, n4>n5, "
            "n5>n2.again, n2>n6")));
        QVERIFY(graph.sound());
        const int loop = graph.indexOf(QStringLiteral("n2")), join = graph.indexOf(QStringLiteral("n5"));
        QCOMPARE(edgeNames(graph, graph.bodyEntries(loop)), QStringLiteral("e2 e3"));
        QCOMPARE(edgeNames(graph, graph.bodyReturns(loop)), QStringLiteral("e6"));
        QCOMPARE(edgeNames(graph, graph.inEdges(loop)), QStringLiteral("e1"));   // not what comes back
        QCOMPARE(edgeNames(graph, graph.outEdges(loop)), QStringLiteral("e7"));  // not what opens the body
        QCOMPARE(edgeNames(graph, graph.inEdges(join)), QStringLiteral("e4 e5"));
        QCOMPARE(edgeNames(graph, graph.outEdges(join)), QString());
        QCOMPARE(graph.scopeOf(join), loop);
        QCOMPARE(graph.scopeOf(loop), -1);
        QCOMPARE(graph.indexOf(QStringLiteral("n9")), -1);
        QVERIFY(graph.scopeOrder(join).empty() && graph.bodyEntries(join).empty());
        QVERIFY(graph.roleOf(1) == TeamGraph::EdgeRole::Body && graph.roleOf(5) == TeamGraph::EdgeRole::Return);
        QCOMPARE(graph.outputs(loop).size(), size_t(2));
        QCOMPARE(graph.inputs(loop).size(), size_t(2));
    }

    void whatIsWrongIsNamed_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *text, const char *expected) {
            QTest::newRow(name) << QString::fromLatin1(text) << QString::fromLatin1(expected);
        };
        row("empty", "", "team.empty@/nodes");
        row("no input", "n1 agent, n2 output | n1>n2", "team.no_input@/nodes");
        row("no output", "n1 input, n2 agent | n1>n2", "team.no_output@/nodes");
        row("two inputs", "n1 input, n2 input, n3 output | n1>n3, n2>n3", "team.two_inputs@/nodes/n2");
        row("dangling at the end", "n1 input, n2 output | n1>n2, n1>n7", "edge.dangling@/edges/e2");
        row("dangling at the start", "n1 input, n2 output | n1>n2, n7>n2", "edge.dangling@/edges/e2");
        row("dangling at both", "n1 input, n2 output | n1>n2, n7>n8", "edge.dangling@/edges/e2");
        row("no such port", "n1 input, n2 output | n1>n2, n1.side>n2", "edge.port@/edges/e2");
        row("no such port to", "n1 input, n2 agent, n3 output | n1>n2, n2>n3, n1>n2.side", "edge.port@/edges/e3");
        row("out of the end", "n1 input, n2 output | n1>n2, n2>n1", "edge.port@/edges/e2");
        row("twice", "n1 input, n2 output | n1>n2, n1>n2", "edge.twice@/edges/e2");
        row("twice to a port for one", "n1 input, n2 agent, n3 output | n1>n2, n1>n2, n2>n3", "edge.twice@/edges/e2");
        row("taken", "n1 input, n2 agent, n3 agent, n4 output | n1>n2, n1>n3, n2>n4, n2>n3, n3>n4", "edge.taken@/edges/e4");
        row("to itself", "n1 input, n2 agent, n3 output | n1>n3, n2>n2", "loop.unbounded@/nodes/n2");
        row("a circle", "n1 input, n2 join, n3 agent, n4 check, n5 output | n1>n2, n2>n3, n3>n4, n4.fail>n2, n4.pass>n5",
            "loop.unbounded@/nodes/n2");
        row("two circles",
            "n1 input, n2 join, n3 agent, n4 join, n5 agent, n6 output | n1>n2, n2>n3, n3>n2, n3>n4, n4>n5, n5>n4, n5>n6",
            "loop.unbounded@/nodes/n2 loop.unbounded@/nodes/n4");
        row("a body back to the front door", "n1 loop, n2 agent, n3 input, n4 output | n1.body>n2, n2>n1.in, n1>n4, n3>n4",
            "loop.unbounded@/nodes/n1");
        row("no body", "n1 input, n2 loop, n3 output | n1>n2, n2>n3", "container.empty@/nodes/n2");
        row("straight back", "n1 input, n2 loop, n3 output | n1>n2, n2.body>n2.again, n2>n3",
            "edge.return@/edges/e2 container.empty@/nodes/n2");
        row("out of a body", "n1 input, n2 loop, n3 agent, n4 output | n1>n2, n2.body>n3, n3>n4, n2>n4",
            "edge.leaves_body@/edges/e3");
        row("out of a body to what follows the loop",
            "n1 input, n2 loop, n3 agent, n4 join, n5 output | n1>n2, n2.body>n3, n3>n4, n2>n4, n4>n5",
            "edge.leaves_body@/edges/e3");
        row("into a body", "n1 input, n2 map, n3 join, n4 output | n1>n2, n2.each>n3, n1>n3, n2>n4",
            "edge.enters_body@/edges/e3");
        row("into the middle of a body",
            "n1 input, n2 map, n3 agent, n4 join, n5 output | n1>n2, n2.each>n3, n3>n4, n1>n4, n4>n2.collect, n2>n5",
            "edge.enters_body@/edges/e4");
        row("back from outside", "n1 input, n2 loop, n3 agent, n4 agent, n5 output | n1>n2, n2.body>n3, n1>n4, n4>n2.again, n2>n5",
            "edge.return@/edges/e4");
        row("its own way out comes back", "n1 input, n2 loop, n3 agent, n4 output | n1>n2, n2.body>n3, n2>n2.again, n2>n4",
            "edge.return@/edges/e3");
        row("an output in a body", "n1 input, n2 loop, n3 output | n1>n2, n2.body>n3, n2>n3",
            "edge.body@/edges/e2 container.empty@/nodes/n2");
        row("of two bodies",
            "n1 input, n2 loop, n3 loop, n4 agent, n5 output, n6 agent | n1>n2, n1>n3, n2.body>n4, n3.body>n4, n2>n5, n3.body>n6",
            "edge.taken@/edges/e4");
        row("of two bodies, through a join",
            "n1 input, n2 loop, n3 loop, n4 join, n5 output, n6 agent | n1>n2, n1>n3, n2.body>n4, n3.body>n4, n2>n5, n3.body>n6",
            "edge.body@/edges/e4");
        row("inner body to outer", // the inner body's end leads on in the outer one
            "n1 input, n2 loop, n3 map, n4 agent, n5 join, n6 output | n1>n2, n2.body>n3, n3.each>n4, n3>n5, n4>n5, "
            "n5>n2.again, n2>n6",
            "edge.leaves_body@/edges/e5");
    }
    void whatIsWrongIsNamed()
    {
        QFETCH(QString, text);
        const TeamGraph graph(team(text));
        QTEST(problems(graph), "expected");
        bool error = false;
        for (const Problem &problem : graph.problems()) {
            QVERIFY(!problem.fix.isEmpty() && problem.message.endsWith(QLatin1Char('.')));
            error = error || problem.severity == Problem::Severity::Error;
            // The sentence names the node.
            const QString id = problem.pointer.section(QLatin1Char('/'), 2, 2);
            if (problem.pointer.startsWith(QLatin1String("/nodes/")))
                QVERIFY2(problem.message.contains(quoted(id)), qPrintable(problem.message));
        }
        QCOMPARE(graph.sound(), !error);
    }

    void namesAreUnique()
    {
        TeamSpec spec = team(QStringLiteral("n1 input, n2 agent, n3 output | n1>n2, n2>n3"));
        spec.nodes[1].name = QStringLiteral("Same");
        spec.nodes[2].name = QStringLiteral(" Same ");
        QCOMPARE(problems(TeamGraph(spec)), QStringLiteral("node.name_twice@/nodes/n3"));
    }

    void namesOfAnyScript()
    {
        TeamSpec spec = team(QStringLiteral("n1 input, n2 loop, n3 output | n1>n2, n2>n3"));
        for (const char *name : {"باحث 🕵️", "חוקר", "研究者", "a\"b\n\tc", "👩‍👩‍👧‍👦", "%1 %2 %3"}) {
            spec.nodes[1].name = QString::fromUtf8(name);
            const TeamGraph graph(spec);
            QCOMPARE(problems(graph), QStringLiteral("container.empty@/nodes/n2"));
            QVERIFY(graph.problems()[0].message.contains(quoted(spec.nodes[1].name)));
            QVERIFY(!graph.problems()[0].message.contains(QLatin1Char('\n')));
        }
        // A name from right to left is set apart, so that the sentence around it keeps its direction.
        QVERIFY(quoted(QString::fromUtf8("חוקר")).contains(QChar(0x2068)));
        QVERIFY(!quoted(QStringLiteral("Research")).contains(QChar(0x2068)));
    }

    // Whatever the edges, what the graph gives keeps its promises.
    void anyGraphIsTaken()
    {
        QRandomGenerator random(7);
        for (int round = 0; round < 400; ++round) {
            TeamSpec spec;
            const int count = 1 + int(random.bounded(14));
            for (int i = 0; i < count; ++i) {
                TeamNode node;
                node.id = node.name = QStringLiteral("n%1").arg(i + 1);
                node.kind = nodeKinds()[random.bounded(quint32(nodeKinds().size()))].kind;
                node.settings = nodeKindInfo(node.kind).settings;
                spec.nodes.push_back(node);
            }
            const int edges = int(random.bounded(quint32(3 * count)));
            for (int i = 0; i < edges; ++i) {
                const TeamNode &from = spec.nodes[random.bounded(quint32(count))];
                const TeamNode &to = spec.nodes[random.bounded(quint32(count))];
                const auto outs = outputPorts(from);
                const auto ins = inputPorts(to);
                TeamEdge edge;
                edge.id = QStringLiteral("e%1").arg(i + 1);
                edge.from = from.id;
                edge.to = random.bounded(20) == 0 ? QStringLiteral("gone") : to.id;
                edge.fromPort = outs.empty() ? QStringLiteral("none") : outs[random.bounded(quint32(outs.size()))].id;
                edge.toPort = ins.empty() ? QStringLiteral("none") : ins[random.bounded(quint32(ins.size()))].id;
                spec.edges.push_back(edge);
            }
            const TeamGraph graph(spec);
            std::vector<int> place(size_t(count), -1);
            int ordered = 0;
            for (int scope = -1; scope < count; ++scope) {
                for (const int node : graph.scopeOrder(scope)) {
                    QCOMPARE(graph.scopeOf(node), scope);
                    QCOMPARE(place[size_t(node)], -1);
                    place[size_t(node)] = ordered++;
                }
            }
            for (int node = 0; node < count; ++node) {
                QCOMPARE(place[size_t(node)] < 0, graph.inCircle(node));
                int up = node;
                for (int steps = 0; up >= 0; ++steps) {
                    QVERIFY(steps <= count); // no container is within itself
                    up = graph.scopeOf(up);
                }
                for (const int edge : graph.outEdges(node)) {
                    const int to = graph.indexOf(spec.edges[size_t(edge)].to);
                    QCOMPARE(graph.scopeOf(to), graph.scopeOf(node));
                    if (place[size_t(node)] >= 0 && place[size_t(to)] >= 0)
                        QVERIFY(place[size_t(node)] < place[size_t(to)]);
                }
                for (const int edge : graph.bodyEntries(node))
                    QCOMPARE(graph.scopeOf(graph.indexOf(spec.edges[size_t(edge)].to)), node);
                for (const int edge : graph.bodyReturns(node))
                    QCOMPARE(graph.scopeOf(graph.indexOf(spec.edges[size_t(edge)].from)), node);
            }
            // Every edge counts once, or is broken.
            int settled = 0;
            for (int node = 0; node < count; ++node)
                settled += int(graph.outEdges(node).size() + graph.bodyEntries(node).size() + graph.bodyReturns(node).size());
            int broken = 0;
            for (int edge = 0; edge < edges; ++edge)
                broken += graph.roleOf(edge) == TeamGraph::EdgeRole::Broken ? 1 : 0;
            QCOMPARE(settled + broken, edges);
            // What the graph calls sound has no circle and no broken edge but doubles.
            if (graph.sound())
                QCOMPARE(ordered, count);
        }
    }

    void largeTeams_data()
    {
        QTest::addColumn<QString>("shape");
        for (const char *shape : {"chain", "circle", "nest", "star", "nested circle", "dangling"})
            QTest::newRow(shape) << QString::fromLatin1(shape);
    }
    void largeTeams()
    {
        QFETCH(QString, shape);
        constexpr int count = 5000;
        TeamSpec spec;
        const bool nest = shape.startsWith(QLatin1String("nest"));
        const auto connect = [&](int from, const char *fromPort, int to, const char *toPort) {
            spec.edges.push_back({QStringLiteral("e%1").arg(spec.edges.size() + 1), QStringLiteral("n%1").arg(from),
                                  QString::fromLatin1(fromPort), QStringLiteral("n%1").arg(to),
                                  QString::fromLatin1(toPort), QString()});
        };
        for (int i = 1; i <= count; ++i) {
            TeamNode node;
            node.id = node.name = QStringLiteral("n%1").arg(i);
            node.kind = i == 1 ? NodeKind::Input : i == count ? NodeKind::Output : nest ? NodeKind::Loop : NodeKind::Join;
            spec.nodes.push_back(node);
            if (i == 1)
                continue;
            if (shape == QLatin1String("star"))
                connect(i == count ? 2 : 1, "out", i, "in");
            else if (shape == QLatin1String("dangling"))
                connect(i - 1, "out", i + count, "in");
            else if (nest && i > 2 && i < count)
                connect(i - 1, "body", i, "in");
            else
                connect(i == count && nest ? 2 : i - 1, "out", i, "in");
        }
        if (shape == QLatin1String("circle"))
            connect(count - 1, "out", 2, "in");
        if (shape == QLatin1String("nested circle"))
            connect(count - 1, "out", 2, "in");
        QElapsedTimer timer;
        timer.start();
        const TeamGraph graph(spec);
        qInfo("%d nodes, %s: %lld ms", count, qPrintable(shape), timer.elapsed());
        if (shape == QLatin1String("chain") || shape == QLatin1String("star")) {
            QVERIFY(graph.sound());
            QCOMPARE(graph.scopeOrder(-1).size(), size_t(count));
        } else if (shape == QLatin1String("circle")) {
            QCOMPARE(problems(graph), QStringLiteral("loop.unbounded@/nodes/n2"));
        } else if (shape == QLatin1String("nest")) {
            QCOMPARE(problems(graph), QStringLiteral("container.empty@/nodes/n4999")); // the innermost has no body
            QCOMPARE(graph.scopeOf(count - 2), count - 3);
        } else if (shape == QLatin1String("dangling")) {
            QCOMPARE(graph.problems().size(), size_t(count - 1));
        } else {
            QVERIFY(!graph.sound());
        }
    }
};

QTEST_GUILESS_MAIN(TestTeamGraph)
#include "tst_TeamGraph.moc"
