// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunRepository.h"
#include "tests/core/project/RunPlayer.h"

using namespace lathe;
using namespace lathe::test;

class TestRunQuery : public QObject
{
    Q_OBJECT
    Files m_files;

private Q_SLOTS:
    void search_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("found");
        QTest::newRow("word of the input") << "refund" << 2;
        QTest::newRow("begin of a word, other case") << "REFU" << 2;
        QTest::newRow("word of the output") << "apology" << 1;
        QTest::newRow("all words") << "refund apology" << 1;
        QTest::newRow("accents") << "cafe" << 1;
        QTest::newRow("chinese") << "退款" << 1;
        QTest::newRow("none") << "nothing-like-this" << 0;
        QTest::newRow("syntax is text") << "refund OR NOT (" << 0;
        QTest::newRow("quotes") << "\"refund\" *" << 2;
        QTest::newRow("signs only") << "--- ***" << 0;
        QTest::newRow("emoji only") << "🙂" << 0;
    }

    void search()
    {
        QFETCH(const QString, text);
        QFETCH(const int, found);
        auto project = m_files.open(m_files.newFile());
        const std::pair<const char *, const char *> texts[] = {
            {"Where is my refund?", "An apology."},
            {"refunds late", "ok"},
            {"Un café, s'il vous plaît", "oui"},
            {"退款 在哪里", "好"}};
        for (const auto &[input, output] : texts) {
            Player p(*project, someRun(QString::fromUtf8(input)));
            p.ended(RunStatus::Done, QString::fromUtf8(output));
        }
        const RunQuery wanted(RunFilter::ofWords(text));
        QCOMPARE(int(query(*project, wanted).size()), found);
    }

    void filtersAndKeysetPages()
    {
        constexpr int total = 5000;
        auto project = m_files.open(m_files.newFile());
        const auto agent = await(
            project->artifacts().create(ArtifactKind::Agent, QStringLiteral("große 代理"), {}));
        QVERIFY(agent);
        for (int i = 0; i < total; ++i) {
            RunInfo info = someRun(QStringLiteral("input %1").arg(i));
            if (i % 10 == 0) {
                info.artifact = *agent;
                info.agentName = QStringLiteral("große 代理");
            }
            const auto id = await(project->runs().create(info));
            QVERIFY(id);
            RunEvent ended;
            ended.kind = RunEventKind::RunEnded;
            ended.run = *id;
            ended.timeUs = m_files.clock.nowUs();
            ended.runStatus = i % 100 == 0 ? RunStatus::Failed : RunStatus::Done;
            project->runs().record(ended);
        }
        QVERIFY(await(project->flush()));
        QCOMPARE(project->runs().count(), total);
        const auto pages = [&](RunQuery wanted) {
            QSet<qint64> seen;
            qint64 last = std::numeric_limits<qint64>::max();
            wanted.limit = 70;
            for (;;) {
                const auto page = await(project->runs().page(wanted, CancelToken()));
                if (!page)
                    return -2;
                for (const RunInfo &info : page->runs) {
                    if (info.id.value >= last)
                        return -1;
                    last = info.id.value;
                    seen.insert(last);
                }
                if (!page->next)
                    return int(seen.size());
                wanted.after = page->next;
            }
        };
        const auto asked = [&](const char *text) {
            const auto reading = readRunFilter(QString::fromUtf8(text), 0);
            return reading.ok() ? pages(RunQuery(reading.filter)) : -3;
        };
        QCOMPARE(asked(""), total);
        QCOMPARE(asked("agent:\"große 代理\""), total / 10);
        QCOMPARE(asked("agent:\"große 代理\" status:failed"), total / 100);
        QCOMPARE(asked("agent:\"große 代理\" status:failed input 100"), 2); // "input 100" and "input 1000"
        QCOMPARE(asked("input"), total);
        QCOMPARE(asked("agent:triage"), total - total / 10); // no artifact of that name
    }

    void queriesAreCancelledAndSurviveTheProject()
    {
        auto project = m_files.open(m_files.newFile());
        CancelSource cancel;
        cancel.cancel();
        const auto cancelled = await(project->runs().query(RunQuery(), cancel.token()));
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().kind, ErrorKind::Cancelled);
        CancelSource later;
        auto pending = project->runs().query(RunQuery(), later.token());
        later.cancel();
        QCOMPARE(await(std::move(pending)).error().kind, ErrorKind::Cancelled);
        const auto none = await(project->runs().load(RunId{999}, CancelToken()));
        QVERIFY(!none);
        QCOMPARE(none.error().kind, ErrorKind::NotFound);
        // The project goes while tasks wait: all of them end.
        auto created = project->runs().create(someRun(QStringLiteral("x")));
        auto listed = project->runs().query(RunQuery(), CancelToken());
        auto loaded = project->runs().load(RunId{1}, CancelToken());
        auto flushed = project->flush();
        project.reset();
        const auto created2 = await(std::move(created));
        QVERIFY(!created2);
        static_cast<void>(await(std::move(listed))); // either outcome, but it ends
        static_cast<void>(await(std::move(loaded)));
        static_cast<void>(await(std::move(flushed)));
    }

    void usageSinceSums()
    {
        auto project = m_files.open(m_files.newFile());
        Usage usage;
        usage.inputTokens = 7;
        usage.costUsd = 0.5;
        for (int i = 0; i < 3; ++i) {
            RunInfo info = someRun(QStringLiteral("x"));
            info.startUs = 1000 + i;
            const auto id = await(project->runs().create(info));
            QVERIFY(id);
            QVERIFY(await(project->runs().end(*id, RunStatus::Done, QString(), {}, usage)));
        }
        QCOMPARE(project->runs().usageSince(1001).inputTokens, 14);
        QCOMPARE(project->runs().usageSince(1001).costUsd, 1.0);
        QCOMPARE(project->runs().usageSince(0).inputTokens, 21);
        QCOMPARE(project->runs().usageSince(5000).inputTokens, 0);
    }
};

QTEST_GUILESS_MAIN(TestRunQuery)
#include "tst_RunQuery.moc"
