// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RatingRepository.h"
#include "tests/core/project/RunPlayer.h"

#include <QSignalSpy>

#include <limits>

using namespace lathe;
using namespace lathe::test;

class TestRatingRepository : public QObject
{
    Q_OBJECT
    Files m_files;

    static Rating rating(RunId run, const QString &kind, double value,
                         const QString &author = QStringLiteral("ann"), const QString &step = {})
    {
        Rating made;
        made.run = run;
        made.kind = kind;
        made.value = value;
        made.author = author;
        made.step = step;
        made.note = QStringLiteral("note %1").arg(value);
        return made;
    }
    static RunId someEndedRun(Project &project)
    {
        Player player(project, someRun(QStringLiteral("x")));
        player.started({});
        player.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("a"));
        player.stepEnd(QStringLiteral("1"), StepStatus::Ok);
        player.ended(RunStatus::Done, QStringLiteral("y"));
        return player.run;
    }

private Q_SLOTS:
    void newestOfItsKindIsShownAndHistoryIsKept()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        const RunId run = someEndedRun(*project);
        RatingRepository &ratings = project->ratings();
        QSignalSpy changed(&ratings, &RatingRepository::changed);
        QCOMPARE(project->runs().run(run)->rating, -1);
        QVERIFY(await(ratings.rate(rating(run, QStringLiteral("stars"), 2))));
        QCOMPARE(changed.size(), 1);
        const auto better = await(ratings.rate(rating(run, QStringLiteral("stars"), 5)));
        QVERIFY(better);
        QVERIFY(
            await(ratings.rate(rating(run, QStringLiteral("stars"), 3, QStringLiteral("bob")))));
        const auto step = await(ratings.rate(
            rating(run, QStringLiteral("thumbs"), 0, QStringLiteral("ann"), QStringLiteral("1"))));
        QVERIFY(step);
        auto list = ratings.ratings(run);
        QCOMPARE(list.size(), 3u);
        QCOMPARE(list[0].step, QStringLiteral("1")); // newest first
        QCOMPARE(list[0].value, 0.0);
        QCOMPARE(list[1].author, QStringLiteral("bob"));
        QCOMPARE(list[2].value, 5.0);
        QCOMPARE(list[2].note, QStringLiteral("note 5"));
        QCOMPARE(list[2].id, *better);
        QVERIFY(list[2].createdUs > 0);
        // A rating of a step is none of the run; the newest of the run counts.
        QCOMPARE(project->runs().run(run)->rating, 3);
        QCOMPARE(project->runs().run(run)->ratingNote, QStringLiteral("note 3"));
        QVERIFY(await(ratings.rate(rating(run, QStringLiteral("thumbs"), 1))));
        QCOMPARE(query(*project, RunQuery())[0].rating, 6);
        QVERIFY(await(ratings.rate(rating(run, QStringLiteral("thumbs"), 0))));
        QCOMPARE(query(*project, RunQuery())[0].rating, 0);

        // What is taken back does not bring its predecessor back.
        QVERIFY(await(ratings.remove(*better)));
        list = ratings.ratings(run);
        QCOMPARE(list.size(), 3u);
        QVERIFY(std::none_of(list.begin(), list.end(), [](const Rating &r) {
            return r.kind == QLatin1String("stars") && r.author == QLatin1String("ann");
        }));
        const auto again = await(ratings.remove(*better));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::NotFound);
        project.reset();
        auto db = Database::open(path, Database::Mode::ReadOnly);
        QVERIFY(db);
        auto count = (*db)->prepare("SELECT count(*) FROM ratings");
        QVERIFY(count && count->step().valueOr(false));
        QCOMPARE(count->int64(0), 6);
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<double>("value");
        QTest::newRow("no stars") << "stars" << 0.0;
        QTest::newRow("six stars") << "stars" << 6.0;
        QTest::newRow("half a star") << "stars" << 2.5;
        QTest::newRow("no number") << "stars" << std::numeric_limits<double>::quiet_NaN();
        QTest::newRow("thumbs in between") << "thumbs" << 0.5;
        QTest::newRow("two thumbs") << "thumbs" << 2.0;
        QTest::newRow("unknown kind") << "hearts" << 1.0;
        QTest::newRow("no kind") << "" << 1.0;
    }

    void refusals()
    {
        QFETCH(const QString, kind);
        QFETCH(const double, value);
        auto project = m_files.open(m_files.newFile());
        const RunId run = someEndedRun(*project);
        const auto rated = await(project->ratings().rate(rating(run, kind, value)));
        QVERIFY(!rated);
        QCOMPARE(rated.error().kind, ErrorKind::InvalidInput);
        QVERIFY(rated.error().message.endsWith(QLatin1Char('.')));
        QVERIFY(project->ratings().ratings(run).empty());
    }

    void unknownRunStepAndReadOnly()
    {
        const QString path = m_files.newFile();
        auto project = m_files.open(path);
        const auto noRun =
            await(project->ratings().rate(rating(RunId{77}, QStringLiteral("stars"), 1)));
        QVERIFY(!noRun);
        QCOMPARE(noRun.error().message, QStringLiteral("There is no run 77 to rate."));
        const RunId run = someEndedRun(*project);
        const auto noStep = await(project->ratings().rate(
            rating(run, QStringLiteral("stars"), 1, QString(), QStringLiteral("9.9"))));
        QVERIFY(!noStep);
        QCOMPARE(noStep.error().kind, ErrorKind::NotFound);
        QVERIFY(await(project->ratings().rate(rating(run, QStringLiteral("stars"), 1, QString()))));
        project = m_files.open(path, Project::Mode::ReadOnly);
        QCOMPARE(project->ratings().ratings(run).size(), 1u);
        const auto refused =
            await(project->ratings().rate(rating(run, QStringLiteral("stars"), 1)));
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::ProjectFile);
    }
};

QTEST_GUILESS_MAIN(TestRatingRepository)
#include "tst_RatingRepository.moc"
