// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ProcessOwner.h"
#include "tests/core/project/ExperimentSample.h"

#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

class TestExperimentRepository : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    SystemClock m_clock;

    std::unique_ptr<Project> open(const QString &path, Project::Mode mode)
    {
        auto project = Project::open(path, mode, &m_clock);
        if (!project)
            qFatal("%s", qPrintable(project.error().message));
        return std::move(*project);
    }
    static FoundTrial claim(Project &project, const char *key)
    {
        const auto claimed = await(project.trials().claim({{QByteArray(key), ArtifactId(), QStringLiteral("v")}}));
        if (!claimed)
            qFatal("%s", qPrintable(claimed.error().message));
        return claimed->front();
    }

private Q_SLOTS:
    void whatIsWrittenComesBack()
    {
        const QString path = m_folder.filePath(QStringLiteral("a.lathe"));
        {
            auto project = open(path, Project::Mode::Create);
            fillSample(*project);
            fillExperiments(*project);
            checkExperiments(*project);
        }
        auto project = open(path, Project::Mode::ReadOnly);
        checkSample(*project);
        checkExperiments(*project);
    }

    // Written by version 3 of the format, opened by every later one.
    void versionThreeStillOpens()
    {
        const QString path = m_folder.filePath(QStringLiteral("v3.lathe"));
        QVERIFY(QFile::copy(QStringLiteral(LATHE_TEST_DATA "/projects/v3.lathe"), path));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner));
        checkExperiments(*open(path, Project::Mode::ReadOnly));
        auto project = open(path, Project::Mode::ReadWrite);
        checkExperiments(*project);
        QVERIFY(await(project->doctor(false))->ok);
    }

    void anOlderFileForReadingHasNone()
    {
        auto project = open(QStringLiteral(LATHE_TEST_DATA "/projects/v1.lathe"), Project::Mode::ReadOnly);
        const auto found = await(project->trials().find({{QByteArrayLiteral("x"), {}}}, CancelToken()));
        QVERIFY(found);
        QVERIFY(!found->front().trial.id.isValid());
        QVERIFY(await(project->experiments().verdicts(ArtifactId{1}, CancelToken()))->empty());
        QVERIFY(await(project->experiments().log(QString(), CancelToken()))->empty());
        QVERIFY(!await(project->trials().claim({{QByteArrayLiteral("x"), ArtifactId(), QString()}})));
    }

    void claimsKeepOthersAway()
    {
        const QString path = m_folder.filePath(QStringLiteral("claims.lathe"));
        open(path, Project::Mode::Create).reset();
        TrialId id;
        {
            auto project = open(path, Project::Mode::ReadWrite);
            const FoundTrial first = claim(*project, "k1");
            QVERIFY(first.trial.id.isValid() && !first.elsewhere && !first.run);
            id = first.trial.id;
            QCOMPARE(claim(*project, "k1").trial.id, id); // our own
            project->trials().release({claim(*project, "k2").trial.id});
            QVERIFY(await(project->flush()));
            QCOMPARE(project->trials().count(), 1); // what was not begun is gone
        }
        const QByteArray other = ownerOfProcess(::getppid()).toUtf8();
        QVERIFY(!other.isEmpty());
        const QByteArray steal = "UPDATE trials SET owner='" + other + "'";
        sql(path, steal.constData());
        {
            auto project = open(path, Project::Mode::ReadWrite);
            QVERIFY(claim(*project, "k1").elsewhere);
        }
        sql(path, "UPDATE trials SET owner='1:0:long ago'"); // a program that is gone
        auto project = open(path, Project::Mode::ReadWrite);
        const FoundTrial mine = claim(*project, "k1");
        QVERIFY(!mine.elsewhere);
        QCOMPARE(mine.trial.id, id);
        // A run that was never written counts as not begun.
        project->trials().begin(id, RunId{4711});
        QVERIFY(await(project->flush()));
        QVERIFY(!claim(*project, "k1").run);
        QVERIFY(!claim(*project, "k1").trial.run.isValid());
    }

    void verdictsAreTakenBackAndKept()
    {
        const QString path = m_folder.filePath(QStringLiteral("verdicts.lathe"));
        auto project = open(path, Project::Mode::Create);
        const auto experiment = await(project->artifacts().create(ArtifactKind::Experiment, QStringLiteral("e"), {}));
        QVERIFY(experiment);
        Verdict verdict;
        verdict.experiment = *experiment;
        verdict.judge = QStringLiteral("me");
        verdict.kind = QStringLiteral("human");
        verdict.shown = {TrialId{1}, TrialId{2}};
        const auto id = await(project->experiments().add(verdict));
        QVERIFY(id);
        auto list = await(project->experiments().verdicts(*experiment, CancelToken()));
        QCOMPARE(list->size(), 1u);
        QVERIFY(!list->front().author.isEmpty());
        QVERIFY(list->front().createdUs > 0);
        QVERIFY(await(project->experiments().remove(*id)));
        const auto again = await(project->experiments().remove(*id));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::NotFound);
        QVERIFY(await(project->experiments().verdicts(*experiment, CancelToken()))->empty());
        verdict.experiment = ArtifactId{999};
        QVERIFY(!await(project->experiments().add(verdict))); // no such experiment
    }
};

QTEST_GUILESS_MAIN(TestExperimentRepository)
#include "tst_ExperimentRepository.moc"
