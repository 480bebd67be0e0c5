// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/app/KillTesting.h"

class TestKillResumeTeam : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void killedInParallelBranchesNothingIsLostAndNothingRepeated() { lathe::test::killAnywhere(QStringLiteral("crowd"), 3); }
};

QTEST_GUILESS_MAIN(TestKillResumeTeam)
#include "tst_KillResumeTeam.moc"
