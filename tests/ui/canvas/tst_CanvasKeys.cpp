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

#include <QLineEdit>

using namespace lathe;
using namespace lathe::test;

// The canvas by keyboard: commands, clipboard, walking, editing in place.
class TestCanvasKeys : public QObject
{
    Q_OBJECT

private:
    static QString s(const char *text) { return QString::fromUtf8(text); }

private Q_SLOTS:
    void init() { QGuiApplication::clipboard()->clear(); }

    void tabBuildsAChain()
    {
        CanvasOwner owner(
            QJsonObject{{s("nodes"), QJsonObject{{s("n1"), node(s("input"), s("In"))}}}});
        showCanvas(owner);
        owner.view->setSelection({s("n1")});
        for (const char *kind : {"agent", "transform", "output"}) {
            owner.key(Qt::Key_Tab);
            QVERIFY(owner.findChild<QuickAdd *>());
            QTest::keyClicks(QApplication::focusWidget(), s(kind));
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
            QVERIFY(owner.area()->hasFocus());
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        }
        QCOMPARE(owner.nodes().size(), 4);
        QCOMPARE(owner.edges().size(), 3);
        QCOMPARE(owner.view->selection(), QStringList(s("n4")));
        // Cards stand beside each other, in one line.
        QCOMPARE(owner.scene()->node(s("n4"))->y(), owner.scene()->node(s("n1"))->y());
        QVERIFY(owner.scene()->node(s("n2"))->x()
                >= owner.scene()->node(s("n1"))->cardRect().right() + 40);
        // At the end of the walk Tab leaves the canvas: the keyboard is not caught.
        owner.key(Qt::Key_Backtab, Qt::ShiftModifier);
        QCOMPARE(owner.view->selection(), QStringList(s("n3")));
        owner.key(Qt::Key_Tab);
        QCOMPARE(owner.view->selection(), QStringList(s("n4")));
        QLineEdit beside(&owner); // somewhere to go
        beside.show();
        owner.key(Qt::Key_Tab);
        QVERIFY(!owner.area()->hasFocus());
    }

    void keysMoveAndWalk()
    {
        CanvasOwner owner(deskTeam());
        showCanvas(owner);
        owner.view->setSelection({s("n2")});
        owner.key(Qt::Key_Right);
        QCOMPARE(owner.scene()->node(s("n2"))->pos(), QPointF(296, 184));
        owner.key(Qt::Key_Up, Qt::ShiftModifier);
        QCOMPARE(owner.scene()->node(s("n2"))->pos(), QPointF(296, 183));
        QCOMPARE(owner.history.size(), 2);
        // Held down it is one change.
        for (int i = 0; i < 5; ++i)
            QTest::sendKeyEvent(QTest::Press, owner.area(), Qt::Key_Down, QString(),
                                Qt::NoModifier);
        QTest::sendKeyEvent(QTest::Release, owner.area(), Qt::Key_Down, QString(), Qt::NoModifier);
        QCOMPARE(owner.history.size(), 3);
        QCOMPARE(owner.scene()->node(s("n2"))->pos(), QPointF(296, 223));
        QCOMPARE(owner.difference(), QString());
        // Walk: along edges, among the branches, back.
        owner.key(Qt::Key_Right, Qt::ControlModifier);
        QCOMPARE(owner.view->selection(), QStringList(s("n3")));
        owner.key(Qt::Key_Down, Qt::ControlModifier);
        QCOMPARE(owner.view->selection(), QStringList(s("n4")));
        owner.key(Qt::Key_Right, Qt::ControlModifier);
        QCOMPARE(owner.view->selection(), QStringList(s("n8")));
        owner.key(Qt::Key_Left, Qt::ControlModifier);
        owner.key(Qt::Key_Left, Qt::ControlModifier);
        QCOMPARE(owner.view->selection(), QStringList(s("n2")));
        // Its edges, one after the other.
        owner.key(Qt::Key_BracketRight);
        QCOMPARE(owner.view->selection(), QStringList(s("e2")));
        owner.key(Qt::Key_BracketRight);
        QCOMPARE(owner.view->selection(), QStringList(s("e3")));
        QSignalSpy edgeClicked(owner.view, &CanvasView::edgeClicked);
        owner.key(Qt::Key_Return);
        QCOMPARE(edgeClicked.size(), 1);
        QSignalSpy activated(owner.view, &CanvasView::activated);
        owner.key(Qt::Key_Right);
        QCOMPARE(owner.view->selection(), QStringList(s("n4")));
        owner.key(Qt::Key_Return);
        QCOMPARE(activated.size(), 1);
        QCOMPARE(activated[0][0].toString(), s("n4"));
        owner.key(Qt::Key_Escape);
        QVERIFY(owner.view->selection().isEmpty());
    }

    void copyPasteDuplicateCut()
    {
        QJsonObject body = smallTeam();
        body.insert(s("edges"), QJsonObject{{s("e1"), edge(s("n1"), s("out"), s("n2"), s("in"))},
                                            {s("e2"), edge(s("n2"), s("out"), s("n3"), s("in"))}});
        CanvasOwner owner(body);
        showCanvas(owner);
        owner.view->setSelection({s("n2"), s("n3")});
        owner.key(Qt::Key_C, Qt::ControlModifier);
        const QString text = QGuiApplication::clipboard()->text();
        const auto part = json::parseObject(text.toUtf8());
        QVERIFY2(part, qPrintable(text));
        QCOMPARE(part->value(s("nodes")).toObject().size(), 2);
        QCOMPARE(part->value(s("edges")).toObject().size(), 1);
        QVERIFY(text.contains(QLatin1Char('\n'))); // for people
        owner.key(Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(owner.nodes().size(), 5);
        QCOMPARE(owner.edges().size(), 3);
        QCOMPARE(owner.view->selection().size() >= 2, true);
        QVERIFY(!owner.view->selection().contains(s("n2")));
        owner.key(Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(owner.nodes().size(), 7);
        QCOMPARE(owner.difference(), QString());
        // Two pastes do not lie on each other.
        QSet<QPair<double, double>> places;
        for (const NodeItem *n : owner.scene()->nodes())
            places.insert({n->x(), n->y()});
        QCOMPARE(places.size(), 7);
        owner.view->setSelection({s("n1")});
        owner.key(Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(owner.nodes().size(), 8);
        owner.key(Qt::Key_X, Qt::ControlModifier);
        QCOMPARE(owner.nodes().size(), 7);
        QGuiApplication::clipboard()->setText(s("no team at all"));
        owner.key(Qt::Key_V, Qt::ControlModifier);
        QVERIFY2(owner.said.contains(s("clipboard")), qPrintable(owner.said));
        QGuiApplication::clipboard()->setText(s("{\"lathe/team-part\":1,\"nodes\":{\"n1\":7}}"));
        owner.said.clear();
        owner.key(Qt::Key_V, Qt::ControlModifier);
        QVERIFY(!owner.said.isEmpty());
        QCOMPARE(owner.nodes().size(), 7);
        while (!owner.history.isEmpty())
            owner.undo();
        QCOMPARE(owner.current, body);
        QCOMPARE(owner.difference(), QString());
    }

    void deleteTakesTheEdges()
    {
        CanvasOwner owner(deskTeam());
        showCanvas(owner);
        owner.view->setSelection({s("n4")});
        owner.key(Qt::Key_Delete);
        QCOMPARE(owner.nodes().size(), 13);
        QCOMPARE(owner.edges().size(), 12);
        QCOMPARE(owner.difference(), QString());
        QCOMPARE(owner.view->selection().size(), 1); // goes on from a neighbour
        // A single edge, by a click on it.
        const EdgeItem *edge = owner.scene()->edge(s("e1"));
        owner.view->reveal(s("n2"));
        QSignalSpy clicked(owner.view, &CanvasView::edgeClicked);
        owner.click(owner.toView(edge->path().pointAtPercent(0.5)));
        QCOMPARE(clicked.size(), 1);
        QCOMPARE(owner.view->selection(), QStringList(s("e1")));
        owner.key(Qt::Key_Backspace);
        QVERIFY(!owner.edges().contains(s("e1")));
        owner.undo();
        owner.undo();
        QCOMPARE(owner.current, deskTeam());
        QCOMPARE(owner.difference(), QString());
    }

    void renameInPlace()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        owner.view->setSelection({s("n2")});
        owner.key(Qt::Key_F2);
        auto *editor = owner.findChild<CanvasTextEditor *>();
        QVERIFY(editor && editor->hasFocus());
        QTest::keyClicks(editor, s("In")); // there is one
        QTest::keyClick(editor, Qt::Key_Return);
        QVERIFY2(owner.said.contains(s("\"In\"")), qPrintable(owner.said));
        QVERIFY(editor->isVisible());
        editor->selectAll();
        QTest::keyClicks(editor, s("Author"));
        QTest::keyClick(editor, Qt::Key_Return);
        QCOMPARE(owner.nodes().value(s("n2")).toObject().value(s("name")).toString(), s("Author"));
        QVERIFY(owner.area()->hasFocus());
        // Escape drops, keys of the canvas do not reach it while one types.
        owner.key(Qt::Key_F2);
        editor = nullptr;
        for (auto *each : owner.findChildren<CanvasTextEditor *>())
            editor = each->isVisible() ? each : editor;
        QVERIFY(editor);
        QTest::keyClicks(editor, s("nmax"));
        QTest::keyClick(editor, Qt::Key_Delete);
        QTest::keyClick(editor, Qt::Key_D, Qt::ControlModifier);
        QTest::keyClick(editor, Qt::Key_Escape);
        QCOMPARE(owner.nodes().size(), 3);
        QCOMPARE(owner.history.size(), 1);
    }

    void frameAndNote()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        owner.view->setSelection({s("n1"), s("n2")});
        owner.key(Qt::Key_G, Qt::ControlModifier);
        QCOMPARE(owner.scene()->boxes().size(), 1);
        const CanvasBox *frame = *owner.scene()->boxes().cbegin();
        QVERIFY(frame->boxRect().contains(owner.scene()->node(s("n1"))->cardRect()));
        QVERIFY(frame->boxRect().contains(owner.scene()->node(s("n2"))->cardRect()));
        auto *editor = owner.findChild<CanvasTextEditor *>();
        QVERIFY(editor);
        QTest::keyClicks(editor, s("Writers"));
        QTest::keyClick(editor, Qt::Key_Return);
        QCOMPARE(frame->text(), s("Writers"));
        owner.key(Qt::Key_N);
        QCOMPARE(owner.scene()->boxes().size(), 2);
        QCOMPARE(owner.difference(), QString());
    }

    void alignCommands()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        owner.view->command(s("align-left"))->trigger();
        QVERIFY(owner.said.contains(s("Select two")));
        owner.key(Qt::Key_A, Qt::ControlModifier);
        owner.view->command(s("align-top"))->trigger();
        QCOMPARE(owner.scene()->node(s("n3"))->y(), 0.0);
        for (QAction *action : owner.view->commands()) {
            QVERIFY(!action->text().isEmpty());
            QCOMPARE(owner.view->command(action->objectName()), action);
        }
        owner.view->setReadOnly(true);
        QVERIFY(!owner.view->command(s("align-top"))->isEnabled());
        QVERIFY(owner.view->command(s("copy"))->isEnabled());
    }

    void breakpoints()
    {
        CanvasOwner owner(smallTeam());
        showCanvas(owner);
        connect(owner.view, &CanvasView::breakpointToggled, &owner,
                [&owner](const QString &id, bool on) {
                    owner.view->setBreakpoints(on ? QSet<QString>{id} : QSet<QString>{});
                });
        owner.view->setSelection({s("n2")});
        owner.key(Qt::Key_F9);
        QVERIFY(owner.scene()->node(s("n2"))->visual().breakpoint);
        owner.key(Qt::Key_F9);
        QVERIFY(!owner.scene()->node(s("n2"))->visual().breakpoint);
    }

    void readOnlyChangesNothing()
    {
        CanvasOwner owner(deskTeam());
        showCanvas(owner);
        owner.view->setReadOnly(true);
        owner.drag(owner.middleOf(s("n8")), owner.middleOf(s("n8")) + QPoint(90, 90));
        owner.drag(owner.portOf(s("n8"), s("out"), true), owner.middleOf(s("n11")));
        owner.view->setSelection({s("n8")});
        for (const int key : {int(Qt::Key_Delete), int(Qt::Key_Right), int(Qt::Key_F2),
                              int(Qt::Key_N), int(Qt::Key_Tab)})
            owner.key(key);
        owner.view->setSelection({s("n8")});
        owner.key(Qt::Key_X, Qt::ControlModifier);
        QVERIFY(owner.history.isEmpty());
        QCOMPARE(owner.difference(), QString());
        QVERIFY(!owner.findChild<QuickAdd *>());
    }

    void ownerThatRefusesPutsBack()
    {
        CanvasView view(testTheme());
        view.resize(800, 600);
        view.setBody(smallTeam());
        view.show();
        auto *area = view.findChild<CanvasArea *>();
        QSignalSpy asked(&view, &CanvasView::changesRequested);
        view.setSelection({s("n2")});
        QTest::keyClick(area, Qt::Key_Right);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(area->canvas()->node(s("n2"))->pos(), QPointF(320, 0));
    }

    void emptyCanvasLetsTheKeyboardGo()
    {
        CanvasOwner owner;
        showCanvas(owner);
        owner.key(Qt::Key_Tab);
        QVERIFY(!owner.area()->hasFocus());
        QVERIFY(!owner.findChild<QuickAdd *>());
        // the button of the empty canvas
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QVERIFY(owner.findChild<QuickAdd *>());
        QTest::keyClicks(QApplication::focusWidget(), s("input"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QCOMPARE(owner.nodes().size(), 1);
    }
};

QTEST_MAIN(TestCanvasKeys)
#include "tst_CanvasKeys.moc"
