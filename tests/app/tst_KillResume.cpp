// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/KillTesting.h"

class TestKillResume : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void killedAnywhereNothingIsLostAndNothingRepeated() { lathe::test::killAnywhere(QStringLiteral("worker"), 1); }
};

QTEST_GUILESS_MAIN(TestKillResume)
#include "tst_KillResume.moc"
