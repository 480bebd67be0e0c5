// SPDX-License-Identifier: GPL-3.0-or-later
#include "CanvasSamples.h"
#include "ui/canvas/QuickAdd.h"
#include "ui/widgets/FindBar.h"

#include <QDir>

using namespace lathe;
using namespace lathe::test;

// Draws the canvas as people see it in both themes and checks what a program can see of it; with
// LATHE_SHOTS=DIR the pictures are kept.
class TestCanvasPictures : public QObject
{
    Q_OBJECT

private:
    static int colours(const QImage &image, const QColor &wanted)
    {
        int count = 0;
        for (int y = 0; y < image.height(); y += 1) {
            for (int x = 0; x < image.width(); x += 1)
                count += image.pixelColor(x, y) == wanted;
        }
        return count;
    }
    // One picture a theme; gives the dark one.
    static QImage shoot(CanvasOwner &owner, const QString &name)
    {
        QImage dark;
        for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
            testTheme()->setMode(mode);
            QTest::qWait(220); // the small map, and quick mode's end
            dark = owner.grab().toImage();
            if (const QString dir = qEnvironmentVariable("LATHE_SHOTS"); !dir.isEmpty()) {
                QDir().mkpath(dir);
                dark.save(
                    QStringLiteral("%1/canvas-%2-%3%4.png")
                        .arg(dir, name,
                             mode == Theme::Mode::Dark ? QStringLiteral("dark")
                                                       : QStringLiteral("light"),
                             owner.devicePixelRatio() > 1 ? QStringLiteral("@2x") : QString()));
            }
        }
        return dark;
    }
    static void show(CanvasOwner &owner)
    {
        owner.show();
        owner.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&owner));
        owner.area()->setFocus();
    }

private Q_SLOTS:
    void editing()
    {
        CanvasOwner owner(deskTeam(), QSize(1440, 860));
        show(owner);
        const QImage fit = shoot(owner, QStringLiteral("fit"));
        const Tokens t = Tokens::forDark();
        for (const QColor &kind : {t.agent, t.control, t.tool, t.memory, t.human})
            QVERIFY2(colours(fit, kind) > 20, qPrintable(kind.name()));
        owner.view->setZoom(1);
        owner.area()->centreOn(QPointF(720, 330));
        owner.view->setSelection({QStringLiteral("n4")});
        std::vector<Problem> problems(2);
        problems[0].severity = Problem::Severity::Error;
        problems[0].pointer = QStringLiteral("/nodes/n6/settings/tool");
        problems[0].message = QStringLiteral("The tool \"search\" is missing.");
        problems[0].fix = QStringLiteral("Choose another tool.");
        problems[1].pointer = QStringLiteral("/nodes/n3");
        problems[1].message = QStringLiteral("Nothing tells of a model.");
        owner.view->setProblems(problems);
        owner.view->setBreakpoints({QStringLiteral("n5")});
        const QImage near = shoot(owner, QStringLiteral("editing"));
        QVERIFY(colours(near, t.accent) > 200); // border and ring of what is selected
        QVERIFY(colours(near, t.error) > 60);   // badge and breakpoint
        owner.view->setZoom(2);
        owner.area()->centreOn(QPointF(720, 260));
        shoot(owner, QStringLiteral("near"));
        owner.view->setZoom(0.5);
        owner.area()->centreOn(QPointF(1200, 330));
        shoot(owner, QStringLiteral("middle"));
        owner.view->setZoom(0.25);
        shoot(owner, QStringLiteral("far"));
    }

    void running()
    {
        CanvasOwner owner(deskTeam(), QSize(1440, 860));
        show(owner);
        owner.area()->centreOn(QPointF(720, 330));
        owner.view->setZoom(1);
        owner.area()->centreOn(QPointF(720, 330));
        owner.view->setReadOnly(true);
        const QSizeF before = owner.view->nodeSize(QStringLiteral("n4"));
        owner.view->setRunState(deskRun());
        owner.view->setEdgeFlow(deskFlow());
        QCOMPARE(owner.view->nodeSize(QStringLiteral("n4")).height(),
                 before.height() + NodeCardGeometry::footer);
        shoot(owner, QStringLiteral("running"));
        // It moves: two moments differ around the running nodes, and nothing is repainted once the
        // run is over.
        const QImage first = owner.area()->grab().toImage();
        QTRY_VERIFY_WITH_TIMEOUT(owner.area()->grab().toImage() != first, 30'000);
        QVERIFY(owner.view->toolTipOf(QStringLiteral("n6")).contains(QStringLiteral("503")));
        owner.view->setRunState({});
        owner.view->setEdgeFlow({});
        QCOMPARE(owner.view->nodeSize(QStringLiteral("n4")), before);
    }

    void difference()
    {
        CanvasOwner owner(deskTeam(), QSize(1440, 860));
        show(owner);
        owner.view->setReadOnly(true);
        owner.view->setDifference({{QStringLiteral("n5"), DiffMark::Added},
                                   {QStringLiteral("e5"), DiffMark::Added},
                                   {QStringLiteral("n7"), DiffMark::Removed},
                                   {QStringLiteral("e4"), DiffMark::Removed},
                                   {QStringLiteral("e11"), DiffMark::Removed},
                                   {QStringLiteral("n2"), DiffMark::Changed}});
        owner.view->setZoom(1);
        owner.area()->centreOn(QPointF(720, 330));
        const QImage image = shoot(owner, QStringLiteral("difference"));
        QVERIFY(colours(image, Tokens::forDark().ok) > 300);
    }

    void gestures()
    {
        CanvasOwner owner(deskTeam(), QSize(1440, 860));
        show(owner);
        owner.view->setZoom(1);
        owner.area()->centreOn(QPointF(620, 330));
        // While an edge is drawn.
        const QPoint from = owner.portOf(QStringLiteral("n7"), QStringLiteral("out"), true);
        owner.press(from);
        owner.moveTo(from + QPoint(40, -20));
        owner.moveTo(owner.portOf(QStringLiteral("n6"), QStringLiteral("in"), false)
                     + QPoint(-60, 90));
        shoot(owner, QStringLiteral("connecting"));
        QTest::mouseRelease(owner.port(), Qt::LeftButton, Qt::NoModifier,
                            owner.portOf(QStringLiteral("n6"), QStringLiteral("in"), false)
                                + QPoint(-60, 90));
        QTRY_VERIFY_WITH_TIMEOUT(owner.findChild<QuickAdd *>(), 30'000);
        shoot(owner, QStringLiteral("quick-add"));
        owner.findChild<QuickAdd *>()->dismiss();
        // While nodes are moved, with a guide.
        owner.area()->setFocus();
        const QPoint grip = owner.middleOf(QStringLiteral("n3"));
        owner.press(grip);
        owner.moveTo(grip + QPoint(10, 10));
        owner.moveTo(grip + QPoint(-318, 40));
        shoot(owner, QStringLiteral("moving"));
        QTest::mouseRelease(owner.port(), Qt::LeftButton, Qt::NoModifier, grip + QPoint(-318, 40));
        owner.view->command(QStringLiteral("search"))->trigger();
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("search"));
        shoot(owner, QStringLiteral("search"));
        QVERIFY(owner.view->selection().size() == 1);
    }

    void empty()
    {
        CanvasOwner owner({}, QSize(960, 600));
        show(owner);
        shoot(owner, QStringLiteral("empty"));
    }
};

QTEST_MAIN(TestCanvasPictures)
#include "tst_CanvasPictures.moc"
