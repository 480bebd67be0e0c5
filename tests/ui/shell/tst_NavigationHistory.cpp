// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/NavigationHistory.h"

#include <QTest>

using namespace lathe;

class TestNavigationHistory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void walks()
    {
        NavigationHistory history;
        QVERIFY(!history.back() && !history.forward());
        const Location a = Location::page(Location::Kind::Design), b = Location::ofRun(RunId{1}), c = Location::ofArtifact(ArtifactId{2});
        history.visit(a);
        history.visit(a);
        QVERIFY(!history.canGoBack());
        history.visit(b);
        history.visit(c);
        QCOMPARE(*history.back(), b);
        QCOMPARE(*history.back(), a);
        QCOMPARE(*history.forward(), b);
        history.visit(a); // drops c
        QVERIFY(!history.canGoForward());
        QCOMPARE(*history.back(), b);
    }
    void isBounded()
    {
        NavigationHistory history;
        for (int i = 1; i < 1000; ++i)
            history.visit(Location::ofRun(RunId{i}));
        int steps = 0;
        while (history.back())
            ++steps;
        QCOMPARE(steps, NavigationHistory::maxPlaces - 1);
    }
    void locationsSurviveTheFile()
    {
        Location location = Location::ofRun(RunId{7}, QStringLiteral("1.2"));
        location.query = QStringLiteral("status:failed");
        QCOMPARE(Location::fromJson(location.toJson()), location);
        QCOMPARE(Location::fromJson(QJsonObject{{QStringLiteral("kind"), 999}}).kind, Location::Kind::Design);
    }
};

QTEST_GUILESS_MAIN(TestNavigationHistory)
#include "tst_NavigationHistory.moc"
