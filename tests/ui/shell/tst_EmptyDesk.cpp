// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/EmptyDesk.h"

#include "tests/ui/widgets/WidgetTest.h"

#include <QAbstractButton>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

class TestEmptyDesk : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void offersWhatToDo()
    {
        EmptyDesk desk(testTheme());
        QSignalSpy agent(&desk, &EmptyDesk::newAgentRequested), opened(&desk, &EmptyDesk::openRequested);
        desk.resize(800, 600);
        desk.show();
        desk.findChild<QAbstractButton *>(QStringLiteral("desk-new-agent"))->click();
        QCOMPARE(agent.size(), 1);
        desk.setRecent({{Location::ofRun(RunId{7}), QStringLiteral("Run 7"), QStringLiteral("runs")}, {Location::ofRun(RunId{8}), QStringLiteral("Run 8"), QStringLiteral("runs")}});
        desk.findChild<QAbstractButton *>(QStringLiteral("desk-recent-2"))->click();
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.first().first().value<Location>().run.value, 8);
        desk.setReadOnly(true); // nothing can be made in a project that is only read
        QVERIFY(!desk.findChild<QAbstractButton *>(QStringLiteral("desk-new-agent"))->isVisible());
        QVERIFY(desk.findChild<QAbstractButton *>(QStringLiteral("desk-search"))->isVisible());
    }
};

QTEST_MAIN(TestEmptyDesk)
#include "tst_EmptyDesk.moc"
