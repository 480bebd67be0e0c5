// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceCosts.h"
#include "tests/core/trace/TraceRandom.h"

#include <QTest>

#include <ctime>

using namespace lathe;
using namespace lathe::test;

namespace {
const CostRow *find(const std::vector<CostRow> &rows, const char *key)
{
    for (const CostRow &row : rows) {
        if (row.key == QLatin1String(key))
            return &row;
    }
    return nullptr;
}
} // namespace

class TestTraceCosts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void agentsWithinAgents()
    {
        Script s;
        s.runStarted(R"({"agent":"boss"})");
        s.started("1", 0, StepKind::Agent, "invoke_agent boss", R"({"gen_ai.agent.name":"boss"})");
        s.started("1.1", 10, StepKind::Model, "chat large", R"({"gen_ai.request.model":"large"})");
        s.ended("1.1", 110, StepStatus::Ok, R"({"gen_ai.usage.input_tokens":100,"gen_ai.usage.output_tokens":10,"lathe.cost_usd":0.03})");
        s.started("1.2", 120, StepKind::Agent, "invoke_agent helper", R"({"gen_ai.agent.name":"helper"})");
        s.started("1.2.1", 130, StepKind::Model, "chat small", R"({"gen_ai.request.model":"small"})");
        s.ended("1.2.1", 180, StepStatus::Ok, R"({"gen_ai.usage.input_tokens":50,"gen_ai.usage.output_tokens":5,"lathe.cost_usd":0.01})");
        s.started("1.2.2", 180, StepKind::Agent, "invoke_agent boss", R"({"gen_ai.agent.name":"boss"})"); // itself, deeper
        s.started("1.2.2.1", 180, StepKind::Tool, "execute_tool sql", R"({"gen_ai.tool.name":"sql"})");
        s.ended("1.2.2.1", 220, StepStatus::Failed);
        s.ended("1.2.2", 230);
        s.ended("1.2", 240);
        s.ended("1", 250);
        s.runEnded(250, RunStatus::Done);
        const TraceCosts costs = traceCosts(traceOf(s.events));
        const CostRow *boss = find(costs.byAgent, "boss"), *helper = find(costs.byAgent, "helper");
        QVERIFY(boss && helper);
        QCOMPARE(boss->steps, 2);
        QCOMPARE(boss->own.costUsd, 0.03);
        QCOMPARE(boss->total.costUsd, 0.04);
        QCOMPARE(boss->totalUs, 250); // the inner call is within
        QCOMPARE(boss->ownUs, (10 + 10 + 10 + 100) + (10 + 40)); // gaps of 1, chat 1.1; 1.2.2 and its tool
        QCOMPARE(helper->own.totalTokens(), 55);
        QCOMPARE(helper->ownUs, 10 + 10 + 50);
        QCOMPARE(helper->totalUs, 120);
        QCOMPARE(boss->share, 0.75);
        QCOMPARE(costs.byAgent.front().key, QStringLiteral("boss"));
        QCOMPARE(find(costs.byTool, "sql")->failed, 1);
        QCOMPARE(find(costs.byModel, "large")->ownUs, 100);
        QCOMPARE(find(costs.byKind, "agent")->totalUs, 250);
        QCOMPARE(find(costs.byKind, "model")->share, 1.0);
        QCOMPARE(costs.run.own.costUsd, 0.04);
        QCOMPARE(costs.run.steps, 6);
        QCOMPARE(costs.run.key, QStringLiteral("boss"));
    }

    void waits_data()
    {
        QTest::addColumn<QByteArray>("notes"); // lines: time name attributes; the step lasts from 0 to 1,000,000
        QTest::addColumn<bool>("human");
        QTest::addColumn<QString>("expected"); // kind from-to, ...
        QTest::newRow("none") << QByteArray() << false << "";
        QTest::newRow("retry") << QByteArray(R"(100000 retry {"attempt":2,"delay_ms":300,"error.type":"provider","http.response.status_code":503})")
                               << false << "lost_work 0-100000, retry 100000-400000";
        QTest::newRow("rate limit") << QByteArray(R"(100000 retry {"delay_ms":300,"error.type":"rate_limited"}
600000 retry {"delay_ms":100,"http.response.status_code":429})")
                                    << false << "lost_work 0-100000, rate_limit 100000-400000, lost_work 400000-600000, rate_limit 600000-700000";
        QTest::newRow("longer than the step") << QByteArray(R"(900000 retry {"delay_ms":30000})") << false << "lost_work 0-900000, retry 900000-1000000";
        QTest::newRow("hostile delay") << QByteArray(R"(900000 retry {"delay_ms":1e300})") << false << "lost_work 0-900000, retry 900000-1000000";
        QTest::newRow("negative delay") << QByteArray(R"(500000 retry {"delay_ms":-9})") << false << "lost_work 0-500000";
        QTest::newRow("fallback") << QByteArray(R"(250000 restart {}
250000 fallback {"from":"a/b","to":"c/d","reason":"down"})")
                                  << false << "lost_work 0-250000";
        QTest::newRow("question") << QByteArray(R"(200000 question_asked {"text":"Which?"}
700000 question_answered {"text":"A"})") << false
                                  << "question 200000-700000";
        QTest::newRow("unanswered") << QByteArray(R"(200000 question_asked {})") << false << "question 200000-1000000";
        QTest::newRow("approval") << QByteArray(R"(1 approval_requested {"type":"approval"})") << true << "approval 0-1000000";
        QTest::newRow("form") << QByteArray(R"(1 approval_requested {"type":"form"})") << true << "question 0-1000000";
        QTest::newRow("before the step") << QByteArray(R"(-5000 retry {"delay_ms":1})") << false << "";
    }
    void waits()
    {
        QFETCH(QByteArray, notes);
        QFETCH(bool, human);
        QFETCH(QString, expected);
        Script s;
        s.started("1", 0, human ? StepKind::Human : StepKind::Model, human ? "approve send" : "chat m");
        for (const QByteArray &line : notes.split('\n')) {
            const int first = int(line.indexOf(' ')), second = int(line.indexOf(' ', first + 1));
            if (first > 0)
                s.note("1", line.left(first).toLongLong(), line.mid(first + 1, second - first - 1).constData(), line.mid(second + 1).constData());
        }
        s.ended("1", 1'000'000);
        Trace trace = traceOf(s.events);
        const TraceCosts costs = traceCosts(trace);
        QStringList told;
        qint64 sum = 0;
        for (const CostWait &wait : costs.waits) {
            told.append(QStringLiteral("%1 %2-%3").arg(waitKindName(wait.kind)).arg(wait.fromUs - t0).arg(wait.toUs - t0));
            sum += wait.toUs - wait.fromUs;
        }
        QCOMPARE(told.join(QStringLiteral(", ")), expected);
        QCOMPARE(costs.run.waitUs, sum);
        QCOMPARE(costs.run.ownUs, 1'000'000 - sum);
        qint64 rows = 0;
        for (const CostRow &row : costs.byWait)
            rows += row.ownUs;
        QCOMPARE(rows, sum);
    }

    void sums()
    {
        std::mt19937 random(5);
        for (int round = 0; round < 200; ++round) {
            RandomShape shape;
            shape.steps = 1 + int(random() % 40);
            shape.clocksDiffer = round % 2 == 1;
            const Trace trace = randomTrace(random, shape);
            const TraceTimes times = traceTimes(trace);
            const TraceCosts costs = traceCosts(trace, times, criticalPath(trace, times));
            qint64 self = 0, kinds = 0, path = 0, known = 0;
            int steps = 0;
            for (const qint64 us : times.selfUs)
                self += us;
            double share = 0;
            for (const CostRow &row : costs.byKind) {
                kinds += row.ownUs + row.waitUs;
                path += row.pathUs;
                steps += row.steps;
                share += row.share;
                QVERIFY(row.ownUs >= 0 && row.waitUs >= 0 && row.totalUs >= 0);
            }
            QCOMPARE(kinds, self);
            QCOMPARE(costs.run.ownUs + costs.run.waitUs, self);
            QCOMPARE(steps, int(trace.steps().size()));
            for (const PathSegment &segment : criticalPath(trace).segments)
                known += segment.step < 0 ? 0 : segment.toUs - segment.fromUs;
            QCOMPARE(path, known);
            if (self > 0)
                QVERIFY(qAbs(share - 1) < 1e-9);
        }
    }

    void large()
    {
        const Trace trace = largeTrace(100'000, 1);
        const std::clock_t begin = std::clock();
        const TraceCosts costs = traceCosts(trace);
        qInfo("costs of %zu steps: %.1f ms CPU", trace.steps().size(), double(std::clock() - begin) * 1000 / CLOCKS_PER_SEC);
        QCOMPARE(find(costs.byModel, "m")->own, trace.usage());
        QCOMPARE(costs.run.total, trace.usage());
    }
};

QTEST_GUILESS_MAIN(TestTraceCosts)
#include "tst_TraceCosts.moc"
