// SPDX-License-Identifier: GPL-3.0-or-later
#include "CanvasSamples.h"
#include "ui/canvas/CanvasLayoutRunner.h"
#include "ui/canvas/CanvasSearch.h"
#include "ui/widgets/Button.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>

using namespace lathe;
using namespace lathe::test;

// Auto-layout by Graphviz, and search.
class TestCanvasLayout : public QObject
{
    Q_OBJECT

private:
    static QString s(const char *text) { return QString::fromUtf8(text); }
    static void show(CanvasOwner &owner)
    {
        owner.show();
        owner.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&owner));
        owner.area()->setFocus();
    }
    static void needDot()
    {
        if (QStandardPaths::findExecutable(s("dot")).isEmpty())
            QSKIP("graphviz is not installed");
    }

private Q_SLOTS:
    void arranges()
    {
        needDot();
        QJsonObject body = deskTeam(), layout = body.value(s("layout")).toObject();
        QJsonObject places;
        for (const QString &id : body.value(s("nodes")).toObject().keys())
            places.insert(id, at(600, 100)); // all on one heap, in the frame
        layout.insert(s("nodes"), places);
        layout.remove(s("frames"));
        body.insert(s("layout"), layout);
        CanvasOwner owner(body);
        show(owner);
        owner.view->command(s("auto-layout"))->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(owner.history.size(), 1, 20000); // one change
        QCOMPARE(owner.difference(), QString());
        const auto nodes = owner.scene()->nodes().values();
        for (const NodeItem *a : nodes) {
            QCOMPARE(std::fmod(a->x(), 8), 0.0);
            for (const NodeItem *b : nodes)
                QVERIFY2(a == b || !a->cardRect().intersects(b->cardRect()),
                         qPrintable(a->id() + b->id()));
        }
        // The flow goes to the right.
        for (const EdgeItem *e : owner.scene()->edges())
            QVERIFY2(e->returns() || e->source()->x() < e->target()->x(), qPrintable(e->id()));
        // The same again gives the same.
        const QJsonObject once = owner.current;
        owner.view->command(s("auto-layout"))->trigger();
        QTest::qWait(1500);
        QCOMPARE(owner.current.value(s("layout")).toObject().value(s("nodes")),
                 once.value(s("layout")).toObject().value(s("nodes")));
        owner.undo();
        owner.current = body;
    }

    void keepsTheOrderOfPorts()
    {
        needDot();
        // Given in another order than that of the routes they hang on.
        const std::vector<GraphvizLayout::Node> nodes{{s("c"), QSizeF(220, 56), {}, 1},
                                                      {s("a"), QSizeF(220, 56), {}, 1},
                                                      {s("router"), QSizeF(220, 152), {}, 4},
                                                      {s("d"), QSizeF(220, 56), {}, 1},
                                                      {s("b"), QSizeF(220, 56), {}, 1}};
        const std::vector<GraphvizLayout::Edge> edges{{s("router"), s("d"), false, 3},
                                                      {s("router"), s("b"), false, 1},
                                                      {s("router"), s("a"), false, 0},
                                                      {s("router"), s("c"), false, 2}};
        GraphvizLayout layout;
        QSignalSpy finished(&layout, &GraphvizLayout::finished);
        layout.start(nodes, edges);
        QVERIFY(finished.wait(20000));
        const auto places = finished[0][0].value<QHash<QString, QPointF>>();
        QVERIFY(places[s("a")].y() < places[s("b")].y() && places[s("b")].y() < places[s("c")].y()
                && places[s("c")].y() < places[s("d")].y());
        QVERIFY(places[s("router")].x() < places[s("a")].x());
    }

    void framesKeepTheirNodes()
    {
        needDot();
        CanvasOwner owner(deskTeam());
        show(owner);
        QStringList before = owner.scene()->insideFrame(owner.scene()->box(s("f1")));
        before.sort();
        QCOMPARE(before.size(), 5);
        owner.view->command(s("auto-layout"))->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(owner.history.size(), 1, 20000);
        QStringList after = owner.scene()->insideFrame(owner.scene()->box(s("f1")));
        after.sort();
        QVERIFY2(std::includes(after.begin(), after.end(), before.begin(), before.end()),
                 qPrintable(after.join(QLatin1Char(' '))));
        QCOMPARE(owner.scene()->box(s("f1"))->text(), s("Specialists"));
        if (const QString dir = qEnvironmentVariable("LATHE_SHOTS"); !dir.isEmpty()) {
            QTest::qWait(250);
            owner.grab().save(dir + QStringLiteral("/canvas-arranged-dark.png"));
        }
        owner.undo();
        QCOMPARE(owner.current, deskTeam());
    }

    void cancelIsAtOnce()
    {
        // A program that never answers.
        QTemporaryDir dir;
        QFile script(dir.filePath(s("dot")));
        QVERIFY(script.open(QIODevice::WriteOnly));
        script.write("#!/bin/sh\necho $$ > \"$0.pid\"\nexec sleep 60\n");
        script.close();
        script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        CanvasOwner owner(deskTeam());
        show(owner);
        owner.view->setGraphvizProgram(script.fileName());
        owner.view->command(s("auto-layout"))->trigger();
        auto *strip = owner.findChild<CanvasLayoutRunner *>();
        QVERIFY(strip->isVisible());
        QVERIFY(strip->layout()->isRunning());
        QTest::qWait(100);
        if (const QString shots = qEnvironmentVariable("LATHE_SHOTS"); !shots.isEmpty())
            owner.grab().save(shots + QStringLiteral("/canvas-arranging-dark.png"));
        const auto pid = [&script] {
            QFile file(script.fileName() + s(".pid"));
            return file.open(QIODevice::ReadOnly) ? QString::fromLatin1(file.readAll().trimmed())
                                                  : QString();
        };
        QTRY_VERIFY_WITH_TIMEOUT(!pid().isEmpty(), 30'000);
        const QString process = s("/proc/") + pid();
        QVERIFY(QFile::exists(process));
        // One may go on meanwhile.
        owner.view->setSelection({s("n1")});
        owner.key(Qt::Key_Delete);
        QElapsedTimer time;
        time.start();
        strip->findChild<Button *>()->click();
        QVERIFY(time.elapsed() < 120'000);
        QVERIFY(!strip->isVisible());
        QVERIFY(!strip->layout()->isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(process), 30'000); // nothing goes on working behind our back
        QTest::qWait(200);
        QCOMPARE(owner.history.size(), 1);
    }

    void missingOrBrokenProgram()
    {
        CanvasOwner owner(deskTeam());
        show(owner);
        owner.view->setGraphvizProgram(s("/nowhere/dot"));
        owner.view->command(s("auto-layout"))->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(owner.said.contains(s("could not be started")), 30'000);
        QVERIFY(owner.said.contains(s("install it")));
        owner.view->setGraphvizProgram(s("false"));
        owner.view->command(s("auto-layout"))->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(owner.said.contains(s("nothing was moved")), 30'000);
        QVERIFY(owner.history.isEmpty());
    }

    void readsPlainOutput()
    {
        const std::vector<GraphvizLayout::Node> nodes{{s("a"), QSizeF(72, 72), {}, 1},
                                                      {s("b"), QSizeF(144, 72), {}, 1}};
        const auto places =
            GraphvizLayout::readPlain("graph 1 10 5\nnode n0 1 4 1 1 \"\" solid box black "
                                      "lightgrey\nnode n1 5 2 2 1 x\nedge n0 n1 4\nstop\n",
                                      nodes);
        QCOMPARE(places.size(), size_t(2));
        QCOMPARE(places[0], QPointF(36, 36));
        QCOMPARE(places[1], QPointF(288, 180));
        for (const char *bad :
             {"", "graph 1 10 5\nnode n0 1 4 1 1\n", "graph 1 1 1\nnode n0 nan 4\nnode n1 1 1\n",
              "graph\nnode n0 1 1 1\nnode n9 1 1 1\n",
              "graph 1 1 1\nnode n0 1 1 1\nnode n0 1 1 1\n"})
            QVERIFY2(GraphvizLayout::readPlain(bad, nodes).empty(), bad);
        // Names never reach the program.
        const QByteArray text = GraphvizLayout::dotText(
            {{s("x\"]; evil"), QSizeF(10, 10), s("g\""), 2}, {s("y"), QSizeF(10, 10), s("g\""), 1}},
            {{s("x\"]; evil"), s("y"), true, 0},
             {s("x\"]; evil"), s("y"), false, 1},
             {s("y"), s("gone"), false, 0}});
        QVERIFY(!text.contains("evil") && !text.contains("g\"") && !text.contains("gone"));
        QVERIFY(text.contains("n0 -> n1 [constraint=false]"));
        QVERIFY(text.contains("n0:p1:e -> n1;"));
    }

    void fiveHundredNodes()
    {
        needDot();
        GraphvizLayout layout;
        std::vector<GraphvizLayout::Node> nodes;
        std::vector<GraphvizLayout::Edge> edges;
        for (int i = 0; i < 500; ++i) {
            nodes.push_back({QString::number(i), QSizeF(220, 56), {}, 2});
            if (i > 0)
                edges.push_back({QString::number((i - 1) / 2), QString::number(i), false, i % 2});
            if (i > 40)
                edges.push_back({QString::number(i - 37), QString::number(i), false, 0});
        }
        QSignalSpy progress(&layout, &GraphvizLayout::progress),
            finished(&layout, &GraphvizLayout::finished);
        QElapsedTimer time;
        time.start();
        layout.start(nodes, edges);
        QVERIFY(finished.wait(60000));
        qInfo("500 nodes, 962 edges arranged in %lld ms, %lld signs of progress",
              static_cast<long long>(time.elapsed()), static_cast<long long>(progress.size()));
        QVERIFY(progress.size() >= 2);
        double last = 0;
        for (const auto &step : progress) {
            QVERIFY(step[0].toDouble() > last && step[0].toDouble() <= 1);
            last = step[0].toDouble();
        }
    }

    void search()
    {
        CanvasOwner owner(deskTeam());
        show(owner);
        QCOMPARE(CanvasSearch::matches(*owner.scene(), s("reply")),
                 QStringList({s("n11"), s("n13")}));
        QCOMPARE(CanvasSearch::matches(*owner.scene(), s("issues KNOWN")), QStringList(s("n6")));
        QCOMPARE(CanvasSearch::matches(*owner.scene(), s("findings")), QStringList(s("e10")));
        QCOMPARE(CanvasSearch::matches(*owner.scene(), s("unlike")), QStringList(s("t1")));
        QVERIFY(CanvasSearch::matches(*owner.scene(), QString()).isEmpty());
        owner.key(Qt::Key_F, Qt::ControlModifier);
        QWidget *field = QApplication::focusWidget();
        QVERIFY(field != owner.area());
        QTest::keyClicks(field, s("reply"));
        QCOMPARE(owner.view->selection(), QStringList(s("n11")));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(owner.view->selection(), QStringList(s("n13")));
        QVERIFY(owner.area()->visibleRect().contains(owner.scene()->node(s("n13"))->cardRect()));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(owner.view->selection(), QStringList(s("n11")));
        QTest::keyClick(field, Qt::Key_Escape);
        QVERIFY(owner.area()->hasFocus());
        QCOMPARE(owner.nodes().size(), 14); // what was typed went into the field alone
    }
};

QTEST_MAIN(TestCanvasLayout)
#include "tst_CanvasLayout.moc"
