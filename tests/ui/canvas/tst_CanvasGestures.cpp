// SPDX-License-Identifier: GPL-3.0-or-later
#include "CanvasSamples.h"
#include "ui/canvas/CanvasTextEditor.h"
#include "ui/canvas/QuickAdd.h"

#include <QMimeData>
#include <QRandomGenerator>

using namespace lathe;
using namespace lathe::test;

// Random gestures, whatever comes of them: items and body agree after each, and undo leads back to
// the exact start.
class TestCanvasGestures : public QObject
{
    Q_OBJECT

private:
    struct Hand {
        CanvasOwner &owner;
        QRandomGenerator &random;
        int below(int n) { return n > 0 ? random.bounded(n) : 0; }
        QPoint somewhere()
        {
            return QPoint(20 + below(owner.port()->width() - 40),
                          20 + below(owner.port()->height() - 40));
        }
        QString node()
        {
            QStringList ids = owner.nodes().keys();
            return ids.isEmpty() ? QString() : ids[below(int(ids.size()))];
        }
        QPoint port(const QString &id, bool output)
        {
            const NodeItem *n = owner.scene()->node(id);
            const auto &ports = output ? n->model().outputs : n->model().inputs;
            return ports.empty() ? owner.middleOf(id)
                                 : owner.toView(n->portPos({below(int(ports.size())), output}));
        }
        // What opened is answered or dropped.
        void settle()
        {
            for (auto *popup : owner.findChildren<QuickAdd *>()) {
                if (popup->isOpen())
                    QTest::keyClick(QApplication::focusWidget(),
                                    below(3) ? Qt::Key_Return : Qt::Key_Escape);
            }
            for (auto *editor : owner.findChildren<CanvasTextEditor *>()) {
                if (editor->isVisible()) {
                    QTest::keyClicks(editor, QStringLiteral("text %1").arg(below(50)));
                    QTest::keyClick(editor, below(3) ? Qt::Key_Return : Qt::Key_Escape,
                                    Qt::ControlModifier);
                    if (editor->isVisible())
                        QTest::keyClick(editor, Qt::Key_Escape);
                }
            }
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            owner.area()->setFocus();
        }
        QString gesture()
        {
            const QString id = node();
            switch (below(id.isEmpty() ? 3 : 15)) {
            case 0:
                for (auto *data :
                     {canvasmime::make(nodeKinds()[size_t(below(int(nodeKinds().size())))].kind)}) {
                    const QPoint at = somewhere();
                    QDragEnterEvent enter(at, Qt::CopyAction, data, Qt::LeftButton, Qt::NoModifier);
                    QApplication::sendEvent(owner.port(), &enter);
                    QDropEvent drop(at, Qt::CopyAction, data, Qt::LeftButton, Qt::NoModifier);
                    QApplication::sendEvent(owner.port(), &drop);
                    delete data;
                }
                return QStringLiteral("drop");
            case 1:
                owner.drag(somewhere(), somewhere(), below(2) ? Qt::ShiftModifier : Qt::NoModifier);
                return QStringLiteral("drag anywhere");
            case 2:
                owner.key(Qt::Key_V, Qt::ControlModifier);
                return QStringLiteral("paste");
            case 3:
            case 4:
                owner.drag(owner.middleOf(id),
                           owner.middleOf(id) + QPoint(below(300) - 150, below(300) - 150));
                return QStringLiteral("move ") + id;
            case 5:
            case 6:
            case 7:
                owner.drag(port(id, true), port(node(), false));
                return QStringLiteral("connect ") + id;
            case 8:
                owner.drag(port(id, below(2)), somewhere());
                return QStringLiteral("pull from ") + id;
            case 9:
                owner.view->setSelection({id, node()});
                owner.key(below(2) ? Qt::Key_D : Qt::Key_C, Qt::ControlModifier);
                return QStringLiteral("duplicate or copy");
            case 10:
                owner.click(owner.middleOf(id));
                if (below(3) == 0)
                    owner.key(Qt::Key_Delete);
                return QStringLiteral("delete ") + id;
            case 11:
                owner.view->setSelection({id, node(), node()});
                owner.key(below(2) ? Qt::Key_G : Qt::Key_X, Qt::ControlModifier);
                return QStringLiteral("frame or cut");
            case 12:
                owner.view->setSelection({id});
                owner.key(below(2) ? Qt::Key_Tab : Qt::Key_Left);
                return QStringLiteral("tab or left ") + id;
            case 13:
                owner.view->setSelection({id});
                owner.key(below(2) ? Qt::Key_F2 : Qt::Key_N);
                return QStringLiteral("rename or note");
            default:
                owner.view->selection();
                owner.key(Qt::Key_A, Qt::ControlModifier);
                owner.view
                    ->command(below(2) ? QStringLiteral("align-left")
                                       : QStringLiteral("distribute-v"))
                    ->trigger();
                return QStringLiteral("align all");
            }
        }
    };

private Q_SLOTS:
    void inStep_data()
    {
        QTest::addColumn<quint32>("seed");
        QTest::addColumn<double>("zoom");
        QTest::newRow("from a team") << 1u << 1.0;
        QTest::newRow("from afar") << 20263u << 0.3;
        QTest::newRow("half way") << 77u << 0.55;
    }

    void inStep()
    {
        QFETCH(quint32, seed);
        QFETCH(double, zoom);
        QRandomGenerator random(seed);
        const QJsonObject start = deskTeam();
        CanvasOwner owner(start);
        showCanvas(owner, zoom);
        Hand hand{owner, random};
        QStringList done;
        for (int i = 0; i < 200; ++i) {
            done.append(hand.gesture());
            hand.settle();
            const QString wrong = owner.difference();
            QVERIFY2(
                wrong.isEmpty(),
                qPrintable(QStringLiteral("gesture %1 (%2): %3").arg(i).arg(done.last(), wrong)));
            QVERIFY(!owner.area()->hasGesture());
            if (random.bounded(10) == 0 && !owner.history.isEmpty()) {
                owner.undo();
                QCOMPARE(owner.difference(), QString());
            }
            for (const QString &id : owner.view->selection())
                QVERIFY(owner.scene()->item(id));
        }
        // they did something
        QVERIFY2(owner.whats.size() > 60, qPrintable(QString::number(owner.whats.size())));
        QVERIFY(QSet<QString>(owner.whats.begin(), owner.whats.end()).size() > 15);
        // Back to the start and forth again.
        const QJsonObject end = owner.current;
        QList<QJsonObject> ahead;
        while (!owner.history.isEmpty()) {
            ahead.append(owner.current);
            owner.undo();
            QCOMPARE(owner.difference(), QString());
        }
        QCOMPARE(owner.current, start);
        while (!ahead.isEmpty()) {
            owner.current = ahead.takeLast();
            owner.view->setBody(owner.current);
            QCOMPARE(owner.difference(), QString());
        }
        QCOMPARE(owner.current, end);
    }
};

QTEST_MAIN(TestCanvasGestures)
#include "tst_CanvasGestures.moc"
