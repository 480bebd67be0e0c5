// SPDX-License-Identifier: GPL-3.0-or-later
#include "CanvasSamples.h"
#include "core/base/Json.h"
#include "ui/canvas/CanvasPalette.h"
#include "ui/canvas/CanvasTextEditor.h"
#include "ui/canvas/Minimap.h"
#include "ui/canvas/QuickAdd.h"
#include "ui/widgets/FilterableList.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QListView>
#include <QMimeData>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

// The canvas under real mouse drags; its owner applies what it asks for.
class TestCanvasView : public QObject
{
    Q_OBJECT

private:
    static QString s(const char *text) { return QString::fromUtf8(text); }
    static void drop(CanvasOwner &owner, QPoint at, QMimeData *data)
    {
        QDragEnterEvent enter(at, Qt::CopyAction, data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(owner.port(), &enter);
        if (enter.isAccepted()) {
            QDropEvent dropped(at, Qt::CopyAction, data, Qt::LeftButton, Qt::NoModifier);
            QApplication::sendEvent(owner.port(), &dropped);
        }
        delete data;
    }

private Q_SLOTS:
    void addByDrop()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        const QPoint where(300, 600);
        drop(owner, where, canvasmime::make(NodeKind::Tool, {{s("tool"), s("sql")}}));
        QCOMPARE(owner.nodes().size(), 4);
        QCOMPARE(owner.view->selection(), QStringList(s("n4")));
        const QJsonObject made = owner.nodes().value(s("n4")).toObject();
        QCOMPARE(made.value(s("kind")).toString(), s("tool"));
        QCOMPARE(made.value(s("settings")).toObject().value(s("tool")).toString(), s("sql"));
        QVERIFY(owner.scene()->node(s("n4"))->cardRect().contains(owner.area()->mapToScene(where)));
        QCOMPARE(std::fmod(owner.scene()->node(s("n4"))->x(), 8), 0.0);
        QCOMPARE(owner.whats, QStringList(s("Add Tool")));
        // What is no node is not taken, nor anything while read only.
        auto *other = new QMimeData;
        other->setText(s("hello"));
        drop(owner, where, other);
        auto *bad = new QMimeData;
        bad->setData(QLatin1String(canvasmime::type), "{\"kind\":\"weasel\"}");
        drop(owner, where, bad);
        owner.view->setReadOnly(true);
        drop(owner, where, canvasmime::make(NodeKind::Agent));
        QCOMPARE(owner.nodes().size(), 4);
        QCOMPARE(owner.difference(), QString());
    }

    void paletteGivesWhatIsDropped()
    {
        CanvasPalette palette(testTheme());
        auto *list = palette.findChild<FilterableList *>();
        QVERIFY(list->view()->dragEnabled());
        const QAbstractItemModel *model = list->view()->model();
        QCOMPARE(model->rowCount(), int(nodeKinds().size()));
        for (int row = 0; row < model->rowCount(); ++row) {
            const std::unique_ptr<QMimeData> data(model->mimeData({model->index(row, 0)}));
            const auto read = canvasmime::read(data.get());
            QVERIFY(read);
            QCOMPARE(nodeKindInfo(read->first).title, model->index(row, 0).data().toString());
        }
        QSignalSpy chosen(&palette, &CanvasPalette::chosen);
        palette.show();
        QTest::keyClicks(palette.focusProxy() ? palette.focusProxy() : list->focusProxy(),
                         s("coord"));
        QTest::keyClick(list->focusProxy(), Qt::Key_Return);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].value<NodeKind>(), NodeKind::Coordinator);
    }

    void connectByDrag()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        owner.drag(owner.portOf(s("n1"), s("out"), true), owner.portOf(s("n2"), s("in"), false));
        QCOMPARE(owner.edges().size(), 1);
        const QJsonObject edge = owner.edges().begin().value().toObject();
        QCOMPARE(edge.value(s("from")).toString(), s("n1"));
        QCOMPARE(edge.value(s("to_port")).toString(), s("in"));
        // Backwards, from the input, and onto the card instead of the port.
        owner.drag(owner.portOf(s("n3"), s("in"), false), owner.middleOf(s("n2")));
        QCOMPARE(owner.edges().size(), 2);
        QCOMPARE(owner.difference(), QString());
        QVERIFY(owner.whats.last().contains(s("Writer")));
        owner.undo();
        QCOMPARE(owner.edges().size(), 1);
        QCOMPARE(owner.difference(), QString());
    }

    void highlightsWhatFits()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        const QPoint from = owner.portOf(s("n1"), s("out"), true);
        owner.press(from);
        owner.moveTo(from + QPoint(10, 30));
        QCOMPARE(owner.scene()->node(s("n2"))->visual().fitting,
                 std::vector<PortRef>({PortRef{0, false}}));
        QVERIFY(owner.scene()->node(s("n1"))->visual().fitting.empty());
        owner.key(Qt::Key_Escape);
        QVERIFY(!owner.scene()->node(s("n2"))->visual().connecting);
        QTest::mouseRelease(owner.port(), Qt::LeftButton, Qt::NoModifier, from + QPoint(10, 30));
        QVERIFY(owner.history.isEmpty());
        QVERIFY(!owner.findChild<QuickAdd *>());
    }

    void refusesWithASentence()
    {
        QJsonObject body = smallTeam();
        body.insert(s("edges"), QJsonObject{{s("e1"), edge(s("n1"), s("out"), s("n2"), s("in"))},
                                            {s("e2"), edge(s("n2"), s("out"), s("n3"), s("in"))}});
        CanvasOwner owner(body);
        showCanvas(owner);
        drop(owner, QPoint(300, 600), canvasmime::make(NodeKind::Transform));
        owner.history.clear();
        // The agent's only input is taken.
        owner.drag(owner.portOf(s("n4"), s("out"), true), owner.portOf(s("n2"), s("in"), false));
        QVERIFY(owner.history.isEmpty());
        QVERIFY2(owner.said.endsWith(QLatin1Char('.')), qPrintable(owner.said));
        QCOMPARE(
            owner.said,
            whyNotConnect(owner.current, s("n4"), s("out"), s("n2"), s("in")).value_or(QString()));
        // An input has no input to draw to.
        owner.said.clear();
        owner.drag(owner.portOf(s("n4"), s("out"), true), owner.middleOf(s("n1")));
        QVERIFY(owner.said.contains(s("\"In\" has no input")));
        QCOMPARE(owner.edges().size(), 2);
    }

    void takesAnEdgeUpAtItsEnd()
    {
        QJsonObject body = smallTeam();
        body.insert(s("edges"), QJsonObject{{s("e1"), edge(s("n1"), s("out"), s("n2"), s("in"))}});
        CanvasOwner owner(body);
        showCanvas(owner);
        owner.drag(owner.portOf(s("n2"), s("in"), false), owner.portOf(s("n3"), s("in"), false));
        QCOMPARE(owner.edges().size(), 1);
        QCOMPARE(owner.edges().begin().value().toObject().value(s("to")).toString(), s("n3"));
        QCOMPARE(owner.history.size(), 1); // one change: one undo
        // Let go over nothing it is gone.
        owner.undo();
        owner.drag(owner.portOf(s("n2"), s("in"), false),
                   owner.portOf(s("n2"), s("in"), false) + QPoint(-40, 200));
        QCOMPARE(owner.edges().size(), 0);
        QVERIFY(!owner.findChild<QuickAdd *>());
        // Put back where it was, nothing changes.
        owner.undo();
        const QPoint end = owner.portOf(s("n2"), s("in"), false);
        owner.drag(end, end + QPoint(3, 3));
        owner.press(end);
        owner.moveTo(end - QPoint(40, 0));
        owner.moveTo(end);
        QTest::mouseRelease(owner.port(), Qt::LeftButton, Qt::NoModifier, end);
        QCOMPARE(owner.current, body);
        QVERIFY(owner.history.isEmpty());
    }

    void quickAddFromADraggedPort()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        const QPoint from = owner.portOf(s("n2"), s("out"), true), to = from + QPoint(60, 220);
        owner.drag(from, to);
        auto *popup = owner.findChild<QuickAdd *>();
        QVERIFY(popup && popup->isOpen());
        QVERIFY(owner.history.isEmpty());
        QTest::keyClicks(QApplication::focusWidget(), s("check"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QCOMPARE(owner.nodes().size(), 4);
        QCOMPARE(owner.edges().size(), 1);
        QCOMPARE(owner.history.size(), 1);
        QCOMPARE(owner.nodes().value(s("n4")).toObject().value(s("kind")).toString(), s("check"));
        // Its input is where the line was let go, within the snap.
        QVERIFY((owner.portOf(s("n4"), s("in"), false) - to).manhattanLength() <= 10);
        QVERIFY(owner.area()->hasFocus());
        QCOMPARE(owner.difference(), QString());
        // Escape adds nothing.
        owner.drag(owner.portOf(s("n4"), s("pass"), true),
                   owner.portOf(s("n4"), s("pass"), true) + QPoint(60, 90));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QCOMPARE(owner.history.size(), 1);
        QVERIFY(owner.area()->hasFocus());
    }

    void moveWithSnap()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        const QPoint grip = owner.middleOf(s("n2"));
        owner.drag(grip, grip + QPoint(37, 213));
        // 357, 213 to the grid of 8
        QCOMPARE(owner.scene()->node(s("n2"))->pos(), QPointF(360, 216));
        QCOMPARE(owner.whats, QStringList(s("Move Writer")));
        QCOMPARE(owner.difference(), QString());
        // Near the line of another card it takes that: 640 is the left edge of n3.
        owner.undo();
        const QPoint again = owner.middleOf(s("n1"));
        owner.drag(again, again + QPoint(637, 300));
        QCOMPARE(owner.scene()->node(s("n1"))->x(), 640.0);
        owner.undo();
        // With Alt to the pixel.
        owner.drag(owner.middleOf(s("n2")), owner.middleOf(s("n2")) + QPoint(37, 213),
                   Qt::AltModifier);
        QCOMPARE(owner.scene()->node(s("n2"))->pos(), QPointF(357, 213));
        // Escape puts it back.
        const QPoint third = owner.middleOf(s("n2"));
        const QJsonObject before = owner.current;
        owner.press(third);
        owner.moveTo(third + QPoint(80, 80));
        QVERIFY(owner.scene()->node(s("n2"))->pos() != QPointF(357, 213));
        owner.key(Qt::Key_Escape);
        QTest::mouseRelease(owner.port(), Qt::LeftButton, Qt::NoModifier, third + QPoint(80, 80));
        QCOMPARE(owner.scene()->node(s("n2"))->pos(), QPointF(357, 213));
        QCOMPARE(owner.current, before);
    }

    void edgesFollowWhileMoving()
    {
        CanvasOwner owner(deskTeam());
        showCanvas(owner);
        const QPoint grip = owner.middleOf(s("n8"));
        owner.press(grip);
        owner.moveTo(grip + QPoint(30, 60));
        const EdgeItem *edge = owner.scene()->edge(s("e12"));
        QCOMPARE(edge->straight().p1(), owner.scene()->node(s("n8"))->portPos(PortRef{0, true}));
        QTest::mouseRelease(owner.port(), Qt::LeftButton, Qt::NoModifier, grip + QPoint(30, 60));
        QCOMPARE(owner.difference(), QString());
    }

    void framesMoveTheirContents()
    {
        CanvasOwner owner(deskTeam());
        showCanvas(owner);
        owner.area()->centreOn(QPointF(760, 300));
        const QPointF inner = owner.scene()->node(s("n5"))->pos(),
                      outer = owner.scene()->node(s("n2"))->pos();
        const QPoint title = owner.toView(owner.scene()->box(s("f1"))->pos() + QPointF(300, 10));
        owner.drag(title, title + QPoint(0, 64));
        QCOMPARE(owner.scene()->node(s("n5"))->pos(), inner + QPointF(0, 64));
        QCOMPARE(owner.scene()->node(s("n2"))->pos(), outer);
        QCOMPARE(owner.history.size(), 1);
        QCOMPARE(owner.difference(), QString());
        // The corner resizes, to the grid.
        const QSizeF size = owner.scene()->box(s("f1"))->boxRect().size();
        const QPoint corner =
            owner.toView(owner.scene()->box(s("f1"))->boxRect().bottomRight() - QPointF(4, 4));
        owner.drag(corner, corner + QPoint(42, 20));
        QCOMPARE(owner.scene()->box(s("f1"))->boxRect().size(),
                 QSizeF(size.width() + 40, size.height() + 24));
        QCOMPARE(owner.current.value(s("layout"))
                     .toObject()
                     .value(s("frames"))
                     .toObject()
                     .value(s("f1"))
                     .toObject()
                     .value(s("title"))
                     .toString(),
                 s("Specialists"));
    }

    void rubberBandAndShift()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        QSignalSpy changed(owner.view, &CanvasView::selectionChanged);
        owner.drag(owner.toView(QPointF(-60, -60)), owner.toView(QPointF(420, 90)));
        QCOMPARE(owner.view->selection(), QStringList({s("n1"), s("n2")}));
        QVERIFY(!changed.isEmpty());
        owner.click(owner.middleOf(s("n3")), Qt::ShiftModifier);
        QCOMPARE(owner.view->selection().size(), 3);
        owner.click(owner.middleOf(s("n1")), Qt::ShiftModifier);
        QCOMPARE(owner.view->selection(), QStringList({s("n2"), s("n3")}));
        // Dragging one of several moves all; a click leaves that one.
        owner.drag(owner.middleOf(s("n2")), owner.middleOf(s("n2")) + QPoint(16, 240),
                   Qt::AltModifier);
        QCOMPARE(owner.scene()->node(s("n3"))->pos(), QPointF(656, 400));
        QCOMPARE(owner.whats, QStringList(s("Move 2 items")));
        owner.click(owner.middleOf(s("n2")));
        QCOMPARE(owner.view->selection(), QStringList(s("n2")));
        owner.click(owner.toView(QPointF(100, 300)));
        QVERIFY(owner.view->selection().isEmpty());
        owner.key(Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(owner.view->selection().size(), 3);
    }

    void zoomAndPan()
    {
        CanvasOwner owner(deskTeam());
        showCanvas(owner);
        const QPointF mouse(300, 200);
        const QPointF under = owner.area()->mapToScene(mouse.toPoint());
        QWheelEvent in(mouse, owner.port()->mapToGlobal(mouse), QPoint(), QPoint(0, 120),
                       Qt::NoButton, Qt::ControlModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(owner.port(), &in);
        QCOMPARE(owner.view->zoom(), 1.2);
        // what is under the mouse stays there
        QVERIFY(QLineF(owner.area()->mapToScene(mouse.toPoint()), under).length() < 2);
        owner.key(Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(owner.view->zoom(), 1.0);
        owner.key(Qt::Key_Minus, Qt::ControlModifier);
        QVERIFY(owner.view->zoom() < 1);
        owner.view->fit();
        QVERIFY(owner.area()->visibleRect().contains(owner.scene()->contentRect()));
        for (const int one : {int(Qt::Key_1), int(Qt::Key_Exclam)}) { // as keyboards say it
            owner.view->setZoom(2);
            owner.key(one, Qt::ShiftModifier);
            QVERIFY(owner.view->zoom() < 1);
        }
        owner.view->setZoom(1);
        const QPointF before = owner.area()->visibleRect().center();
        QTest::keyPress(owner.area(), Qt::Key_Space);
        owner.drag(QPoint(400, 300), QPoint(350, 330));
        QTest::keyRelease(owner.area(), Qt::Key_Space);
        QVERIFY(QLineF(owner.area()->visibleRect().center(), before + QPointF(50, -30)).length()
                < 2);
        owner.drag(QPoint(400, 300), QPoint(450, 270), Qt::NoModifier, Qt::MiddleButton);
        QVERIFY(QLineF(owner.area()->visibleRect().center(), before).length() < 2);
        QVERIFY(owner.history.isEmpty());
        // The small map's rectangle is dragged.
        auto *map = owner.findChild<Minimap *>();
        QVERIFY(map->isVisible());
        QTest::qWait(250);
        const QPoint grip = map->viewRect().center().toPoint();
        QTest::mousePress(map, Qt::LeftButton, Qt::NoModifier, grip);
        QMouseEvent move(QEvent::MouseMove, QPointF(grip + QPoint(20, 0)),
                         map->mapToGlobal(QPointF(grip + QPoint(20, 0))), Qt::NoButton,
                         Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(map, &move);
        QVERIFY(owner.area()->visibleRect().center().x() > before.x() + 100);
    }

    void endsInTheMiddleOfAGesture()
    {
        auto owner = std::make_unique<CanvasOwner>(deskTeam());
        showCanvas(*owner);
        const QPoint from = owner->portOf(s("n7"), s("out"), true);
        owner->press(from);
        owner->moveTo(from + QPoint(20, 40));
        QVERIFY(owner->area()->hasGesture());
        owner.reset();
        // The same as a window of its own, with the focus, while something glows.
        auto view = std::make_unique<CanvasView>(testTheme());
        view->setBody(deskTeam());
        view->show();
        view->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(view.get()));
        view->setFocus();
        view->setRunState(deskRun());
        view->setEdgeFlow(deskFlow());
        QTest::qWait(100);
        view.reset();
    }

    void tooltipsForAll()
    {
        CanvasOwner owner(deskTeam());
        for (const NodeItem *n : owner.scene()->nodes())
            QVERIFY(owner.view->toolTipOf(n->id()).contains(n->model().title()));
        for (const EdgeItem *e : owner.scene()->edges())
            QVERIFY(owner.view->toolTipOf(e->id()).contains(s("&rarr;")));
        std::vector<Problem> problems(1);
        problems[0].pointer = s("/nodes/n6/settings/tool");
        problems[0].message = s("The tool <b> is missing.");
        owner.view->setProblems(problems);
        QVERIFY(owner.view->toolTipOf(s("n6")).contains(s("The tool &lt;b&gt; is missing.")));
        owner.view->setProblems({});
        QVERIFY(!owner.view->toolTipOf(s("n6")).contains(s("missing")));
    }

    void hostileBodies()
    {
        const QString longName = QString(200'000, QLatin1Char('x'));
        const QString rtl = QString::fromUtf8("\u202Eאבג 😀\u0000🏳️‍🌈");
        QJsonArray routes;
        for (int i = 0; i < 2000; ++i)
            routes.append(QJsonObject{{s("id"), QStringLiteral("r%1").arg(i)}, {s("title"), rtl}});
        const QJsonObject body{
            {s("nodes"),
             QJsonObject{{s("n1"), node(s("weasel"), longName)},
                         {s("n2"), 7},
                         {s("n3"), node(s("agent"), rtl)},
                         {s("a/b~c"), node(s("router"), s("Many"),
                                           {{s("mode"), s("rules")}, {s("routes"), routes}})},
                         {QString(), node(s("output"), QString())}}},
            {s("edges"), QJsonObject{{s("e1"), edge(s("n1"), s("out"), s("n3"), s("in"))},
                                     {s("e2"), edge(s("n3"), s("out"), s("gone"), s("in"))},
                                     {s("e3"), edge(s("n3"), s("out"), s("n3"), s("in"), longName)},
                                     {s("e4"), QJsonArray{1}},
                                     {s("n3"), edge(s("n3"), s("out"), s("a/b~c"), s("in"))}}},
            {s("layout"),
             QJsonObject{
                 {s("nodes"), QJsonObject{{s("n1"), at(1e300, -1e300)},
                                          {s("n2"), s("x")},
                                          {s("n3"), at(0, 0)}}},
                 {s("frames"), QJsonObject{{s("f1"), QJsonObject{{s("w"), -5}, {s("h"), 1e300}}}}},
                 {s("notes"),
                  QJsonObject{{s("t1"), QJsonObject{{s("text"), longName}}}, {s("f1"), 3}}}}}};
        CanvasOwner owner(body, QSize(900, 600));
        showCanvas(owner);
        for (const double zoom : {0.05, 0.4, 1.0, 4.0}) {
            owner.view->setZoom(zoom);
            owner.area()->centreOn(QPointF(100, 30));
            QVERIFY(!owner.grab().isNull());
        }
        owner.view->setZoom(1);
        owner.area()->centreOn(QPointF(100, 30));
        for (const QString &id :
             {s("n1"), s("n2"), s("n3"), s("e1"), s("e3"), s("e4"), s("f1"), s("t1")})
            owner.view->toolTipOf(id);
        owner.key(Qt::Key_A, Qt::ControlModifier);
        owner.view->fit();
        QVERIFY(!owner.grab().isNull());
        owner.view->setBody({});
        owner.view->setBody(
            QJsonObject{{s("nodes"), s("none")}, {s("edges"), 3}, {s("layout"), QJsonArray()}});
        QVERIFY(owner.scene()->nodes().isEmpty());
    }

    void fiveThousandNodes()
    {
        const QJsonObject body = gridTeam(5000, 70);
        CanvasOwner owner({}, QSize(1280, 800));
        showCanvas(owner);
        QElapsedTimer time;
        time.start();
        owner.view->setBody(body);
        owner.grab();
        const qint64 opened = time.elapsed();
        // the aim of 300 ms is measured by bench_canvas_frames
        QVERIFY2(opened < 120'000, qPrintable(QString::number(opened)));
        owner.current = body;
        QCOMPARE(owner.difference(), QString());
        // One node more touches one item.
        const NodeItem *kept = owner.scene()->node(s("n2500"));
        owner.view->addNodeOfKind(NodeKind::Agent);
        QCOMPARE(owner.nodes().size(), 5001);
        QCOMPARE(owner.scene()->node(s("n2500")), kept);
        owner.key(Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(owner.view->selection().size(), 5001);
        owner.key(Qt::Key_Delete);
        QCOMPARE(owner.scene()->nodes().size(), 0);
        owner.undo();
        owner.undo();
        QCOMPARE(owner.difference(), QString());
    }
};

QTEST_MAIN(TestCanvasView)
#include "tst_CanvasView.moc"
