// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunLog.h"

#include "core/project/RunFilterSql.h"
#include "tests/core/project/RunLogModel.h"
#include "tests/core/project/RunLogSample.h"

using namespace lathe;
using namespace lathe::test;

class TestRunLog : public QObject
{
    Q_OBJECT
    Files m_files;

private Q_SLOTS:
    void everyFilterFindsWhatItSays()
    {
        auto project = m_files.open(m_files.newFile());
        Log log(*project, 160, 20261123);
        int found = 0, none = 0;
        for (int i = 0; i < 1500; ++i) {
            const RunFilter filter = randomFilter(log.random, log, 1 + log.random.bounded(3));
            const bool bin = i % 7 == 0;
            std::vector<RunId> wanted;
            for (auto fact = log.facts.rbegin(); fact != log.facts.rend(); ++fact) {
                if (fact->info.inBin == bin && holds(*fact, filter))
                    wanted.push_back(fact->info.id);
            }
            RunQuery query(filter, 10'000);
            query.bin = bin;
            const auto got = await(project->runs().ids(query, CancelToken()));
            QVERIFY2(got, got ? "" : qPrintable(got.error().message + got.error().cause));
            if (*got != wanted)
                qWarning("%s: %d instead of %d", qPrintable(filter.toText()), int(got->size()), int(wanted.size()));
            QVERIFY(*got == wanted);
            QCOMPARE(await(project->runs().count(filter, bin, CancelToken())).valueOr(-1), int(wanted.size()));
            query.sort = RunSort::Steps; // words by the other way
            QCOMPARE(await(project->runs().ids(query, CancelToken())).valueOr({}).size(), wanted.size());
            if (i % 10 == 0) {
                const Fact &fact = one(log.random, log.facts);
                QCOMPARE(await(project->runs().matches(fact.info.id, filter, CancelToken())).valueOr(false),
                         !fact.info.inBin && holds(fact, filter));
            }
            (wanted.empty() ? none : found) += 1;
        }
        QVERIFY2(found > 500 && none > 100, qPrintable(QStringLiteral("%1 %2").arg(found).arg(none)));
    }

    void pagesOfEverySortJoinToTheWhole()
    {
        auto project = m_files.open(m_files.newFile());
        Log log(*project, 120, 7);
        for (int sort = 0; sort <= int(RunSort::Steps); ++sort) {
            for (const bool ascending : {false, true}) {
                for (const char *text : {"", "status:done,failed", "refund"}) {
                    RunQuery query(readRunFilter(QString::fromUtf8(text), 0).filter, 7);
                    query.sort = RunSort(sort);
                    query.ascending = ascending;
                    const auto all = await(project->runs().ids(query, CancelToken()));
                    QVERIFY(all);
                    std::vector<RunInfo> joined;
                    for (;;) {
                        const auto page = await(project->runs().page(query, CancelToken()));
                        QVERIFY(page);
                        joined.insert(joined.end(), page->runs.begin(), page->runs.end());
                        if (!page->next)
                            break;
                        query.after = page->next;
                    }
                    QCOMPARE(joined.size(), all->size());
                    for (size_t i = 0; i < joined.size(); ++i) {
                        QCOMPARE(joined[i].id, (*all)[i]);
                        if (i > 0) {
                            QVERIFY(runSortsBefore(joined[i - 1], joined[i], query.sort, ascending));
                            QVERIFY(!runSortsBefore(joined[i], joined[i - 1], query.sort, ascending));
                        }
                    }
                }
            }
        }
        // What a row says.
        const auto infos = await(project->runs().infos({log.facts[3].info.id, RunId{99'999}, log.facts[1].info.id}, CancelToken()));
        QVERIFY(infos);
        QCOMPARE(int(infos->size()), 2);
        QCOMPARE((*infos)[0].id, log.facts[3].info.id);
        for (const Fact &fact : log.facts) {
            const auto info = project->runs().run(fact.info.id);
            QVERIFY(info);
            QCOMPARE(info->source, fact.info.source);
            QCOMPARE(info->sourceId, fact.info.sourceId);
            QCOMPARE(info->tags, fact.info.tags);
            QCOMPARE(info->pinned, fact.info.pinned);
            QCOMPARE(info->inBin, fact.info.inBin);
            QCOMPARE(info->rating, fact.info.rating);
        }
    }

    void theLogIsReadFromItsIndex()
    {
        auto project = m_files.open(m_files.newFile());
        auto db = Database::open(project->path(), Database::Mode::ReadOnly);
        QVERIFY(db);
        for (int sort = 0; sort <= int(RunSort::Steps); ++sort) {
            if (RunSort(sort) == RunSort::Input || RunSort(sort) == RunSort::Output)
                continue; // they read the texts
            const QByteArray sql = "EXPLAIN QUERY PLAN SELECT r.id, " + sortKey(RunSort(sort)) + " FROM " + runSource(4, true)
                                   + " WHERE r.in_bin=0 AND (r.end_us - r.start_us) > 5 AND r.models LIKE 'x%' ORDER BY " + sortKey(RunSort(sort))
                                   + " DESC, r.id DESC LIMIT 100";
            auto plan = (*db)->prepare(sql);
            QVERIFY(plan);
            QString lines;
            while (plan->step().valueOr(false))
                lines += plan->text(3) + QLatin1Char('\n');
            QVERIFY2(lines.contains(QLatin1String("COVERING INDEX runs_log")), qPrintable(lines));
            QVERIFY2(RunSort(sort) != RunSort::Started || !lines.contains(QLatin1String("TEMP")), qPrintable(lines));
        }
    }

    void groupsSumUp()
    {
        auto project = m_files.open(m_files.newFile());
        Log log(*project, 150, 99);
        const RunFilter filter = readRunFilter(QStringLiteral("-status:cancelled"), 0).filter;
        for (int grouping = 0; grouping <= int(RunGrouping::Source); ++grouping) {
            const auto groups = await(project->runs().groups(filter, RunGrouping(grouping), CancelToken()));
            QVERIFY(groups);
            std::map<QString, std::vector<const Fact *>> wanted;
            for (const Fact &fact : log.facts) {
                if (fact.info.inBin || !holds(fact, filter))
                    continue;
                QStringList keys{QString()};
                const QString which = fact.info.revisionNumber > 0 ? QString::number(fact.info.revisionNumber) : QStringLiteral("draft");
                switch (RunGrouping(grouping)) {
                case RunGrouping::None:
                    break;
                case RunGrouping::Agent:
                    keys = QStringList{fact.info.agentName};
                    break;
                case RunGrouping::Revision:
                    keys = QStringList{fact.info.agentName + QLatin1Char('@') + which};
                    break;
                case RunGrouping::Experiment:
                    keys = QStringList{fact.experiment};
                    break;
                case RunGrouping::Day:
                    keys = QStringList{QDateTime::fromMSecsSinceEpoch(fact.info.startUs / 1000).date().toString(Qt::ISODate)};
                    break;
                case RunGrouping::Model:
                    keys = fact.info.models.split(QStringLiteral(", "));
                    break;
                case RunGrouping::Status:
                    keys = QStringList{runStatusName(fact.info.status)};
                    break;
                case RunGrouping::Source:
                    keys = QStringList{fact.info.source.isEmpty() ? QStringLiteral("lathe") : fact.info.source};
                    break;
                }
                for (const QString &key : keys)
                    wanted[key].push_back(&fact);
            }
            QCOMPARE(groups->size(), wanted.size());
            for (const RunGroup &group : *groups) {
                const auto &members = wanted[group.key];
                QCOMPARE(group.runs, int(members.size()));
                std::vector<qint64> latencies;
                int failed = 0, rated = 0;
                double ratings = 0;
                qint64 tokens = 0;
                RunId newest;
                for (const Fact *fact : members) {
                    failed += fact->info.status == RunStatus::Failed;
                    tokens += fact->info.usage.totalTokens();
                    newest = std::max(newest, fact->info.id);
                    if (fact->info.endUs)
                        latencies.push_back(fact->info.endUs - fact->info.startUs);
                    if (const auto rating = numberOf(*fact, RunField::Rating)) {
                        ++rated;
                        ratings += *rating;
                    }
                }
                std::sort(latencies.begin(), latencies.end());
                QCOMPARE(group.failed, failed);
                QCOMPARE(group.usage.totalTokens(), tokens);
                QCOMPARE(group.newest, newest);
                QCOMPARE(group.rated, rated);
                if (rated > 0)
                    QCOMPARE(group.meanRating, ratings / rated);
                if (!latencies.empty()) {
                    QCOMPARE(group.latencyP50Us, latencies[(latencies.size() + 1) / 2 - 1]);
                    QCOMPARE(group.latencyP95Us, latencies[size_t(std::ceil(0.95 * double(latencies.size()))) - 1]);
                }
                // A click on the group leads to its runs.
                if (RunGrouping(grouping) == RunGrouping::None)
                    continue;
                const QString text = toggleRunFilterTerm(QStringLiteral("-status:cancelled"), runGroupField(RunGrouping(grouping)), group.key);
                const auto reading = readRunFilter(text, 0);
                QVERIFY2(reading.ok(), qPrintable(text));
                QCOMPARE(await(project->runs().count(reading.filter, false, CancelToken())).valueOr(-1), group.runs);
            }
        }
    }

    void valuesForCompletion()
    {
        auto project = m_files.open(m_files.newFile());
        Log log(*project, 100, 5);
        const auto values = [&](RunField field, const char *prefix) {
            return await(project->runs().values(field, QString::fromUtf8(prefix), 20, CancelToken())).valueOr({QStringLiteral("error")});
        };
        const QStringList tri = values(RunField::Agent, "TRI");
        QVERIFY(tri.contains(QStringLiteral("triage")) && tri.contains(QStringLiteral("Triage two")) && tri.contains(QStringLiteral("triage@2")));
        QVERIFY(!tri.contains(QStringLiteral("100%")));
        QCOMPARE(values(RunField::Agent, "two")[0], QStringLiteral("Triage two")); // holds it
        QStringList tools = values(RunField::Tool, "");
        tools.sort();
        QCOMPARE(tools, (QStringList{QStringLiteral("Calculator"), QStringLiteral("http"), QStringLiteral("sql")}));
        QVERIFY(values(RunField::Model, "openai").contains(QStringLiteral("openai/gpt-5")));
        QCOMPARE(values(RunField::Tag, "to"), QStringList{QStringLiteral("to do")});
        QCOMPARE(values(RunField::Experiment, ""), QStringList{QStringLiteral("tone")});
        QVERIFY(values(RunField::Source, "").contains(QStringLiteral("lathe")));
        QVERIFY(values(RunField::Prompt, "greeting@").contains(QStringLiteral("greeting@1")));
        QVERIFY(values(RunField::Error, "time").contains(QStringLiteral("timeout")));
        QVERIFY(values(RunField::Latency, "").isEmpty());
        QCOMPARE(int(await(project->runs().values(RunField::Agent, QString(), 2, CancelToken())).valueOr({}).size()), 2);
    }

    void whatIsWrittenComesBack()
    {
        const QString path = m_files.newFile();
        {
            auto project = m_files.open(path);
            fillSample(*project);
            fillRunLog(*project);
            checkRunLog(*project);
        }
        checkRunLog(*m_files.open(path, Project::Mode::ReadOnly));
    }

    // Written by version 4 of the format, opened by every later one.
    void versionFourStillOpens()
    {
        const QString path = m_files.filePath(QStringLiteral("v4.lathe"));
        QVERIFY(QFile::copy(QStringLiteral(LATHE_TEST_DATA "/projects/v4.lathe"), path));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner));
        checkRunLog(*m_files.open(path, Project::Mode::ReadOnly));
        auto project = m_files.open(path);
        checkRunLog(*project);
        QVERIFY(await(project->doctor(false))->ok);
    }

    // Older files are asked the same when they are open for reading only, and know what they hold when they are brought up to date.
    void olderFiles_data()
    {
        QTest::addColumn<int>("version");
        QTest::addColumn<bool>("readOnly");
        for (int version = 1; version <= 3; ++version) {
            QTest::addRow("version %d", version) << version << false;
            QTest::addRow("version %d for reading", version) << version << true;
        }
    }

    void olderFiles()
    {
        QFETCH(const int, version);
        QFETCH(const bool, readOnly);
        const QString path = m_files.filePath(QStringLiteral("old %1 %2.lathe").arg(version).arg(readOnly));
        QVERIFY(QFile::copy(QStringLiteral(LATHE_TEST_DATA "/projects/v%1.lathe").arg(version), path));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner));
        auto project = m_files.open(path, readOnly ? Project::Mode::ReadOnly : Project::Mode::ReadWrite);
        const std::pair<const char *, int> asked[] = {
            {"agent:triage@1", 1}, {"status:done", 1}, {"rating:4", 1},  {"rating<3", 0},    {"tokens>40", 1},  {"exports", 1},
            {"tag:x", 0},          {"tool:sql", 0},    {"is:pinned", 0}, {"source:otlp", 0}, {"source:lathe", 1}, {"has:error", 0},
            {"fork:1", 0},         {"experiment:x", 0}, {"model:extractive", 1}};
        for (const auto &[text, count] : asked)
            QCOMPARE(std::make_pair(QByteArray(text), await(project->runs().count(readRunFilter(QString::fromUtf8(text), 0).filter, false, CancelToken())).valueOr(-1)),
                     std::make_pair(QByteArray(text), count));
        for (int sort = 0; sort <= int(RunSort::Steps); ++sort) {
            RunQuery query;
            query.sort = RunSort(sort);
            QCOMPARE(await(project->runs().query(query, CancelToken())).valueOr({}).size(), 1u);
        }
        for (int grouping = 0; grouping <= int(RunGrouping::Source); ++grouping)
            QCOMPARE(await(project->runs().groups(RunFilter(), RunGrouping(grouping), CancelToken())).valueOr({}).size(), 1u);
        QVERIFY(await(project->runs().values(RunField::Tag, QString(), 5, CancelToken()))->isEmpty());
        QVERIFY(await(project->runs().pinned(CancelToken()))->empty());
        QVERIFY(project->views().all()->empty());
        QVERIFY(!*project->runs().findForeign(QStringLiteral("otlp"), QStringLiteral("x")));
        const RunId run = project->runs().newest();
        const auto outline = await(project->runs().outline(run, 0, 100, CancelToken()));
        QVERIFY(outline);
        const StoredRun whole = load(*project, run);
        QCOMPARE(outline->steps.size(), whole.trace.steps().size());
        for (size_t i = 0; i < outline->steps.size(); ++i) {
            QCOMPARE(outline->steps[i].path, whole.trace.steps()[i].path);
            QCOMPARE(outline->steps[i].usage().outputTokens, whole.trace.steps()[i].usage().outputTokens);
            QCOMPARE(bool(outline->bodies[i] & TraceOutline::HasText), !whole.trace.steps()[i].text.isEmpty());
        }
    }

    void queriesEndWhateverHappens()
    {
        auto project = m_files.open(m_files.newFile());
        CancelSource cancel;
        cancel.cancel();
        QCOMPARE(await(project->runs().page(RunQuery(), cancel.token())).error().kind, ErrorKind::Cancelled);
        QCOMPARE(await(project->runs().groups(RunFilter(), RunGrouping::Agent, cancel.token())).error().kind, ErrorKind::Cancelled);
        CancelSource later;
        auto pending = project->runs().ids(RunQuery(), later.token());
        later.cancel();
        QCOMPARE(await(std::move(pending)).error().kind, ErrorKind::Cancelled);
        auto page = project->runs().page(RunQuery(RunFilter::ofWords(QStringLiteral("x"))), CancelToken());
        auto groups = project->runs().groups(RunFilter(), RunGrouping::Day, CancelToken());
        auto outline = project->runs().outline(RunId{1}, 0, 5, CancelToken());
        auto tagged = project->runs().addTag({RunId{1}}, QStringLiteral("x"));
        project.reset();
        static_cast<void>(await(std::move(page))); // either outcome, but they end
        static_cast<void>(await(std::move(groups)));
        static_cast<void>(await(std::move(outline)));
        static_cast<void>(await(std::move(tagged)));
    }
};

QTEST_GUILESS_MAIN(TestRunLog)
#include "tst_RunLog.moc"
