// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/ArtifactTreeModel.h"
#include "ui/itemmodels/RevisionListModel.h"

#include "ModelsFixture.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

class TestArtifactModels : public QObject
{
    Q_OBJECT
    using Mode = QAbstractItemModelTester::FailureReportingMode;

    static QStringList names(const ArtifactTreeModel &model, ArtifactKind kind)
    {
        QStringList list;
        const QModelIndex group = model.kindIndex(kind);
        for (int row = 0; row < model.rowCount(group); ++row)
            list.append(model.index(row, 0, group).data().toString());
        return list;
    }

private Q_SLOTS:
    void treeFollowsTheProject()
    {
        test::ModelsFixture f;
        ArtifactTreeModel model(f.session.get(), {ArtifactKind::Agent, ArtifactKind::Prompt, ArtifactKind::Connection});
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(names(model, ArtifactKind::Connection), QStringList{QStringLiteral("offline")});
        const ArtifactId b = f.agent(QStringLiteral("beta"));
        const ArtifactId a = f.agent(QStringLiteral("alpha"));
        QCOMPARE(names(model, ArtifactKind::Agent), (QStringList{QStringLiteral("alpha"), QStringLiteral("beta")}));
        QVERIFY(test::await(f.session->project().artifacts().rename(b, QStringLiteral("aardvark"))));
        QCOMPARE(names(model, ArtifactKind::Agent), (QStringList{QStringLiteral("aardvark"), QStringLiteral("alpha")}));
        QCOMPARE(model.artifactAt(model.indexOf(a)), a);
        QVERIFY(!model.indexOf(a).data(ArtifactTreeModel::DraftRole).toBool());
        QVERIFY(f.session->edit(a, QStringLiteral("/job"), QStringLiteral("Sort mail by topic."), QStringLiteral("job")));
        QTRY_VERIFY_WITH_TIMEOUT(model.indexOf(a).data(ArtifactTreeModel::DraftRole).toBool(), 30'000);
        f.commit(a);
        QTRY_VERIFY_WITH_TIMEOUT(!model.indexOf(a).data(ArtifactTreeModel::DraftRole).toBool(), 30'000);
        QCOMPARE(model.indexOf(a).data(ArtifactTreeModel::NumberRole).toInt(), 2);
        QVERIFY(test::await(f.session->project().artifacts().moveToBin(b, true)));
        QCOMPARE(names(model, ArtifactKind::Agent), QStringList{QStringLiteral("alpha")});
        QVERIFY(!model.indexOf(b).isValid());
        QVERIFY(test::await(f.session->project().artifacts().moveToBin(b, false)));
        QCOMPARE(names(model, ArtifactKind::Agent), (QStringList{QStringLiteral("aardvark"), QStringLiteral("alpha")}));
        QCOMPARE(resets.count(), 0);
    }

    void revisionsFollowDraftAndCommit()
    {
        test::ModelsFixture f;
        const ArtifactId a = f.agent(QStringLiteral("alpha"));
        RevisionListModel model(f.session.get(), a);
        QAbstractItemModelTester tester(&model, Mode::QtTest);
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.index(0, 0).data(RevisionListModel::NumberRole).toInt(), 1);
        QCOMPARE(model.rowOf(0), -1);
        QVERIFY(f.session->edit(a, QStringLiteral("/job"), QStringLiteral("Sort mail by topic."), QStringLiteral("job")));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 30'000);
        QVERIFY(model.index(0, 0).data(RevisionListModel::IsDraftRole).toBool());
        QCOMPARE(model.rowOf(1), 1);
        f.commit(a);
        QTRY_COMPARE_WITH_TIMEOUT(model.rowOf(0), -1, 30'000);
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.index(0, 0).data(RevisionListModel::NumberRole).toInt(), 2);
        QVERIFY(test::await(f.session->project().artifacts().setLabel(a, QStringLiteral("production"), 1)));
        QTRY_COMPARE_WITH_TIMEOUT(model.index(1, 0).data(RevisionListModel::LabelsRole).toStringList(), QStringList{QStringLiteral("production")}, 30'000);
        // an edit that is taken back leaves no draft
        QVERIFY(f.session->edit(a, QStringLiteral("/pattern"), QStringLiteral("reflexion"), QStringLiteral("pattern")));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 3, 30'000);
        QVERIFY(f.session->undo(a));
        QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 30'000);
    }
};

QTEST_GUILESS_MAIN(TestArtifactModels)
#include "tst_ArtifactModels.moc"
