// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/Doctor.h"
#include "tests/core/project/ExperimentSample.h"
#include "tests/core/project/RunLogSample.h"

#include <QFileInfo>
#include <QRandomGenerator>

using namespace lathe;
using namespace lathe::test;

class TestDoctor : public QObject
{
    Q_OBJECT
    Files m_files;

private Q_SLOTS:
    void findsAndMends()
    {
        const QString path = m_files.newFile();
        RunId run;
        QByteArray bytes;
        {
            auto project = m_files.open(path);
            run = fillSample(*project);
            const auto report = await(project->doctor(false));
            QVERIFY(report);
            QVERIFY2(report->ok && report->findings.isEmpty(),
                     qPrintable(report->findings.join(QLatin1Char('\n'))));
            QCOMPARE(report->runs, 1);
            QCOMPARE(report->artifacts, 2);
            QCOMPARE(report->revisions, 2);
            QCOMPARE(report->steps, 2);
            QVERIFY(report->bytesBefore > 0);
            // Named by a body they are kept.
            const QByteArray named = *await(project->putBlob("picture"));
            QVERIFY(await(project->putBlob("used by nothing")));
            QVERIFY(await(project->artifacts().create(
                ArtifactKind::Dataset, QStringLiteral("d"),
                {{QStringLiteral("image"), QString::fromLatin1(named)}})));
        }
        sql(path,
            "PRAGMA foreign_keys=OFF; INSERT INTO journal(run, step, kind, done, started_us, "
            "ended_us, request_hash, request)"
            " VALUES(999, '1', 'chat', 1, 1, 1, '', '{}'); UPDATE runs SET indexed=0;"
            " UPDATE runs SET snapshot='gone'; INSERT INTO blobs VALUES('wrong', 3, x'28b52ffd')");
        auto project = m_files.open(path);
        auto report = await(project->doctor(false));
        QVERIFY(report);
        QVERIFY(!report->ok);
        const QString all = report->findings.join(QLatin1Char('\n'));
        QVERIFY2(all.contains(QStringLiteral("journal has 1 entry without its run")),
                 qPrintable(all));
        QVERIFY2(all.contains(QStringLiteral("snapshot of 1 run is missing")), qPrintable(all));
        QVERIFY2(all.contains(QStringLiteral("1 blob is damaged")), qPrintable(all));
        QVERIFY2(all.contains(QStringLiteral("blobs are used by nothing")), qPrintable(all));
        for (const QString &finding : report->findings)
            QVERIFY(finding.endsWith(QLatin1Char('.')));
        QVERIFY(report->repairs.isEmpty());
        report = await(project->doctor(true));
        QVERIFY(report);
        QVERIFY(report->repairs.contains(QStringLiteral("Compacted the file.")));
        QVERIFY(!report->ok); // a lost snapshot cannot be mended
        report = await(project->doctor(false));
        QCOMPARE(report->findings,
                 QStringList{QStringLiteral(
                     "The snapshot of 1 run is missing; such a run cannot be replayed.")});
        QCOMPARE(*project->blob(json::sha256("picture")), QByteArrayLiteral("picture"));
        RunQuery search;
        search.filter = RunFilter::ofWords(QStringLiteral("exports"));
        QCOMPARE(query(*project, search).size(), 1u);
        QCOMPARE(project->artifacts().searchPrompts(QStringLiteral("politely"), 5).size(), 1u);
        QVERIFY(project->blob(json::sha256("attached bytes")));
        QVERIFY(!project->blob(json::sha256("used by nothing")));
    }

    void looksAtTheRunLogAndTheExperiments()
    {
        const QString path = m_files.newFile();
        {
            auto project = m_files.open(path);
            fillSample(*project);
            fillExperiments(*project);
            fillRunLog(*project);
            Player p(*project, someRun(QStringLiteral("calls")));
            p.begin(QStringLiteral("1"), StepKind::Tool, QStringLiteral("execute_tool sql"), {{QStringLiteral("gen_ai.tool.name"), QStringLiteral("sql")}});
            p.stepEnd(QStringLiteral("1"), StepStatus::Ok, QStringLiteral("rows"));
            p.ended(RunStatus::Done, QString());
            Player failed(*project, someRun(QStringLiteral("fails")));
            failed.ended(RunStatus::Failed, QString(), Error(ErrorKind::Timeout, QStringLiteral("too slow")));
            QVERIFY(await(project->doctor(false))->ok);
        }
        sql(path, "UPDATE steps SET tool=NULL, bodies=0 WHERE tool='sql'; UPDATE runs SET error_kind='' WHERE error_kind<>''"); // as an older Lathe writes
        sql(path, "PRAGMA foreign_keys=OFF; UPDATE run_tools SET calls=7; INSERT INTO run_tools VALUES('http', 1, 1, 0);"
                  " UPDATE runs SET rating=2 WHERE id=1; INSERT INTO run_tags VALUES('lost', 99); UPDATE experiment_log SET result='{';"
                  " UPDATE scores SET result='x'; UPDATE trials SET run=99, owner='gone'; INSERT INTO pins VALUES(99, '', 1)");
        auto project = m_files.open(path);
        auto report = await(project->doctor(false));
        QVERIFY(report);
        const QString all = report->findings.join(QLatin1Char('\n'));
        for (const char *part : {"counted wrong in ", "kind of error in the row of", "The summary of ", "rating in the row of 1 row", "Table run_tags has 1 row", "(table experiment_log)", "(table scores)",
                                 "The run of 1 trial is gone", "Table pins has 1 row"})
            QVERIFY2(all.contains(QLatin1String(part)), qPrintable(all));
        QVERIFY(await(project->doctor(true)));
        report = await(project->doctor(false));
        QCOMPARE(report->findings, QStringList{QStringLiteral("What 1 row concludes cannot be read (table experiment_log).")}); // nothing can mend that
        QCOMPARE(project->runs().run(RunId{1})->rating, 4);
        QCOMPARE(await(project->runs().count(RunFilter::of(RunField::Error, QStringLiteral("timeout")), false, CancelToken())).valueOr(-1), 1);
        const RunFilter calls = RunFilter::of(RunField::Tool, QStringLiteral("sql"));
        QCOMPARE(await(project->runs().count(calls, false, CancelToken())).valueOr(-1), 1);
        QCOMPARE(await(project->runs().count(RunFilter::of(RunField::Tool, QStringLiteral("http")), false, CancelToken())).valueOr(-1), 0);
        checkRunLog(*project);
    }

    void mendsSearchAndCompacts()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        for (int i = 0; i < 30; ++i) {
            QByteArray noise(50'000, Qt::Uninitialized);
            for (char &c : noise)
                c = char(QRandomGenerator::global()->bounded(256));
            QVERIFY(await(project->putBlob(noise)));
        }
        Player(*project, someRun(QStringLiteral("find me"))).ended(RunStatus::Done, QString());
        project.reset();
        sql(path, "INSERT INTO run_search(run_search) VALUES('delete-all')");
        project = m_files.open(path);
        RunQuery search;
        search.filter = RunFilter::ofWords(QStringLiteral("find"));
        QCOMPARE(query(*project, search).size(), 0u);
        auto other = m_files.open(path); // another program does not keep it from it
        auto report = await(project->doctor(true));
        QVERIFY2(report.ok(), report ? "" : qPrintable(report.error().message));
        QVERIFY2(report->findings.join(QLatin1Char(' '))
                     .contains(QStringLiteral("knows 0 runs where it should know 1")),
                 qPrintable(report->findings.join(QLatin1Char(' '))));
        QVERIFY(report->ok);
        QCOMPARE(query(*project, search).size(), 1u);
        QVERIFY2(
            report->bytesAfter < 300'000 && report->bytesBefore > 1'500'000,
            qPrintable(QStringLiteral("%1 %2").arg(report->bytesBefore).arg(report->bytesAfter)));
        other.reset();
        project = m_files.open(path, Project::Mode::ReadOnly);
        QVERIFY(await(project->doctor(false))->ok);
        const auto refused = await(project->doctor(true));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::ProjectFile);
        // Closing while it works ends it.
        auto pending = project->doctor(false);
        project.reset();
        static_cast<void>(await(std::move(pending)));
    }
};

QTEST_GUILESS_MAIN(TestDoctor)
#include "tst_Doctor.moc"
