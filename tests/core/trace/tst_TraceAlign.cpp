// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/TraceAlign.h"
#include "tests/core/trace/TraceRandom.h"

#include <QTest>

#include <ctime>
#include <set>

using namespace lathe;
using namespace lathe::test;

namespace {
// One step a line: path, kind, name, text; "!" before the path: failed. Arguments behind "|".
Trace traceFrom(const QByteArray &lines, int run = 1)
{
    Script s;
    qint64 now = 0;
    for (QByteArray line : lines.split('\n')) {
        const bool failed = line.startsWith('!');
        line = line.mid(failed ? 1 : 0);
        const QByteArray arguments = line.contains('|') ? line.mid(line.indexOf('|') + 1) : QByteArray();
        const QByteArrayList words = line.left(line.contains('|') ? line.indexOf('|') : line.size()).trimmed().split(' ');
        if (words.size() < 3)
            continue;
        const StepKind kind = stepKindFromName(QString::fromLatin1(words[1]));
        s.started(words[0].constData(), now += 10, kind, QByteArray(words[2]).replace('_', ' ').constData());
        if (!arguments.isEmpty())
            s.events.back().attributes.insert(QStringLiteral("gen_ai.tool.call.arguments"), QString::fromUtf8(arguments));
        s.ended(words[0].constData(), now += 10, failed ? StepStatus::Failed : StepStatus::Ok);
        s.events.back().text = QString::fromUtf8(words.mid(3).join(' '));
    }
    for (RunEvent &event : s.events)
        event.run = RunId{run};
    return traceOf(s.events);
}

QString paths(const std::vector<const Trace *> &traces, const TraceAlignment &alignment)
{
    QStringList lines;
    for (const AlignedRow &row : alignment.rows) {
        QStringList cells;
        for (int t = 0; t < alignment.traces; ++t)
            cells.append(row.steps[size_t(t)] < 0 ? QStringLiteral("-") : traces[size_t(t)]->steps()[size_t(row.steps[size_t(t)])].path);
        lines.append(cells.join(u' '));
    }
    return lines.join(QStringLiteral(", "));
}

// What holds for every alignment.
void check(const std::vector<const Trace *> &traces, const TraceAlignment &alignment)
{
    for (int t = 0; t < alignment.traces; ++t) {
        const auto &steps = traces[size_t(t)]->steps();
        std::vector<int> seen(steps.size(), 0);
        QString previous;
        for (int r = 0; r < int(alignment.rows.size()); ++r) {
            const AlignedRow &row = alignment.rows[size_t(r)];
            const int step = row.steps[size_t(t)];
            if (step < 0)
                continue;
            ++seen[size_t(step)];
            QCOMPARE(alignment.rowOf[size_t(t)][size_t(step)], r);
            const QString &path = steps[size_t(step)].path;
            QVERIFY(previous.isEmpty() || stepPathLess(previous, path)); // tree order in each column
            previous = path;
            const QString parent = steps[size_t(step)].parent;
            QCOMPARE(row.parent < 0, parent.isEmpty());
            if (row.parent >= 0) {
                QVERIFY(row.parent < r);
                const AlignedRow &above = alignment.rows[size_t(row.parent)];
                QCOMPARE(steps[size_t(above.steps[size_t(t)])].path, parent);
                QCOMPARE(row.depth, above.depth + 1);
            }
        }
        for (const int count : seen)
            QCOMPARE(count, 1);
    }
    for (const AlignedRow &row : alignment.rows) {
        std::set<StepKind> kinds;
        bool missing = false, any = false;
        for (int t = 0; t < alignment.traces; ++t) {
            const int step = row.steps[size_t(t)];
            missing = missing || step < 0;
            any = any || step >= 0;
            if (step >= 0)
                kinds.insert(traces[size_t(t)]->steps()[size_t(step)].kind);
        }
        QVERIFY(any);
        QCOMPARE(kinds.size(), size_t(1));
        QCOMPARE(missing, bool(row.differences & RowMissing));
        QCOMPARE(row.differences == 0, row.differing == 0);
    }
}
} // namespace

class TestTraceAlign : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void pairs_data()
    {
        QTest::addColumn<QByteArray>("a");
        QTest::addColumn<QByteArray>("b");
        QTest::addColumn<QString>("rows");
        QTest::addColumn<QString>("divergence");
        const QByteArray loop = "1 agent triage done\n1.1 model chat_m look it up\n1.2 tool sql rows|{\"q\":1}\n1.3 model chat_m the answer";
        QTest::newRow("the same") << loop << loop << "1 1, 1.1 1.1, 1.2 1.2, 1.3 1.3" << "";
        QTest::newRow("spaces in arguments") << QByteArray("1 tool sql ok|{\"a\":1,\"b\":2}") << QByteArray("1 tool sql ok|{ \"b\": 2, \"a\": 1}")
                                             << "1 1" << "";
        QTest::newRow("another model") << QByteArray("1 model chat_m hi") << QByteArray("1 model chat_n hi") << "1 1"
                                       << "Step 1 (chat m) of run 1 is \"chat n\" in run 2.";
        QTest::newRow("a retried tool") << loop
                                        << QByteArray("1 agent triage done\n1.1 model chat_m look it up\n!1.2 tool sql failed|{\"q\":1}\n"
                                                      "1.3 tool sql rows|{\"q\":1}\n1.4 model chat_m the answer")
                                        << "1 1, 1.1 1.1, - 1.2, 1.2 1.3, 1.3 1.4" << "Step 1.2 (sql) of run 2 has no counterpart in run 1.";
        QTest::newRow("inserted in front") << QByteArray("1 agent t x\n1.1 model chat_m alpha beta\n1.2 model chat_m gamma delta")
                                           << QByteArray("1 agent t x\n1.1 model chat_m plan first\n1.2 model chat_m alpha beta\n1.3 model chat_m gamma delta")
                                           << "1 1, - 1.1, 1.1 1.2, 1.2 1.3" << "Step 1.1 (chat m) of run 2 has no counterpart in run 1.";
        QTest::newRow("other arguments before another result")
            << QByteArray("1 agent t x\n1.1 tool sql a|{\"q\":1}\n1.2 model chat_m one")
            << QByteArray("1 agent t y\n1.1 tool sql b|{\"q\":2}\n1.2 model chat_m two") << "1 1, 1.1 1.1, 1.2 1.2"
            << "Step 1.1 (sql) has other arguments in run 2 than in run 1.";
        QTest::newRow("the answer of a child comes before its parent's")
            << QByteArray("1 agent t one\n1.1 model chat_m one") << QByteArray("1 agent t two\n1.1 model chat_m two") << "1 1, 1.1 1.1"
            << "Step 1.1 (chat m) gave another result in run 2 than in run 1.";
        QTest::newRow("status") << QByteArray("1 tool sql a") << QByteArray("!1 tool sql a") << "1 1" << "Step 1 (sql) ended as ok in run 1, as failed in run 2.";
        QTest::newRow("another tool") << QByteArray("1 agent t x\n1.1 tool sql a") << QByteArray("1 agent t x\n1.1 tool http a") << "1 1, 1.1 1.1"
                                      << "Step 1.1 (sql) of run 1 is \"http\" in run 2.";
        QTest::newRow("kinds do not mix") << QByteArray("1 tool x a") << QByteArray("1 model x a") << "1 -, - 1"
                                          << "Step 1 (x) of run 1 has no counterpart in run 2.";
        QTest::newRow("swapped") << QByteArray("1 agent t x\n1.1 tool sql a\n1.2 tool http b\n1.3 model chat_m z")
                                 << QByteArray("1 agent t x\n1.1 tool http b\n1.2 tool sql a\n1.3 model chat_m z")
                                 << "1 1, - 1.1, 1.1 1.2, 1.2 -, 1.3 1.3" << "Step 1.1 (http) of run 2 has no counterpart in run 1.";
        QTest::newRow("nothing beside something") << QByteArray() << QByteArray("1 tool x a") << "- 1" << "Step 1 (x) of run 2 has no counterpart in trace 1.";
        QTest::newRow("ten before two") << QByteArray("1 agent t x\n1.2 tool a q\n1.10 tool b q") << QByteArray("1 agent t x\n1.10 tool b q\n1.2 tool a q")
                                        << "1 1, 1.2 1.2, 1.10 1.10" << "";
    }
    void pairs()
    {
        QFETCH(QByteArray, a);
        QFETCH(QByteArray, b);
        QFETCH(QString, rows);
        QFETCH(QString, divergence);
        const Trace one = traceFrom(a, 1), two = traceFrom(b, 2);
        const std::vector<const Trace *> traces{&one, &two};
        const TraceAlignment alignment = alignTraces(traces);
        check(traces, alignment);
        QCOMPARE(paths(traces, alignment), rows);
        QCOMPARE(alignment.firstText, divergence);
        QCOMPARE(alignment.firstDivergence < 0, divergence.isEmpty());
    }

    void many()
    {
        const Trace a = traceFrom("1 agent t x\n1.1 model chat_m one\n1.2 model chat_m end", 1),
                    b = traceFrom("1 agent t x\n1.1 model chat_m one\n1.2 tool sql rows\n1.3 model chat_m end", 2),
                    c = traceFrom("1 agent t x\n1.1 tool sql rows\n1.2 model chat_m end", 3);
        const std::vector<const Trace *> traces{&a, &b, &c, nullptr};
        const TraceAlignment alignment = alignTraces(traces);
        QCOMPARE(alignment.traces, 4);
        QCOMPARE(paths(traces, alignment), QStringLiteral("1 1 1 -, 1.1 1.1 - -, - 1.2 1.1 -, 1.2 1.3 1.2 -"));
        QCOMPARE(int(alignment.rows[3].differing), 8);
        QCOMPARE(alignTraces({}).rows.size(), size_t(0));
        std::vector<const Trace *> tooMany(9, &a);
        QCOMPARE(alignTraces(tooMany).traces, maxAlignedTraces);
    }

    void numbers()
    {
        const Trace a = traceOf(toolLoop().events);
        Script longer = toolLoop();
        for (RunEvent &event : longer.events) {
            if (event.step == QLatin1String("1.4") && event.kind == RunEventKind::StepEnded) {
                event.timeUs += 1000;
                event.attributes.insert(QStringLiteral("lathe.cost_usd"), 0.0018);
                event.attributes.insert(QStringLiteral("gen_ai.usage.output_tokens"), 30);
            }
        }
        const Trace b = traceOf(longer.events);
        const std::vector<const Trace *> traces{&a, &b};
        const TraceAlignment alignment = alignTraces(traces);
        QCOMPARE(alignment.firstDivergence, -1); // numbers are no divergence
        const int row = alignment.rowOf[0][size_t(a.indexOf(QStringLiteral("1.4")))];
        const StepNumbers delta = rowDelta(traces, alignment.rows[size_t(row)], 1);
        QCOMPARE(delta.durationUs, 1000);
        QCOMPARE(delta.tokens, 20);
        QVERIFY(qAbs(delta.costUsd - 0.001) < 1e-12);
        QCOMPARE(rowDelta(traces, alignment.rows[size_t(row)], 5), StepNumbers());
    }

    void properties()
    {
        std::mt19937 random(23);
        for (int round = 0; round < 300; ++round) {
            RandomShape shape;
            shape.steps = int(random() % 25);
            shape.names = 1 + int(random() % 3);
            const Trace a = randomTrace(random, shape), b = randomTrace(random, shape), c = randomTrace(random, shape);

            const std::vector<const Trace *> self{&a, &a};
            const TraceAlignment same = alignTraces(self);
            check(self, same);
            QCOMPARE(same.firstDivergence, -1);
            QCOMPARE(same.rows.size(), a.steps().size());
            for (const AlignedRow &row : same.rows)
                QCOMPARE(row.steps[0], row.steps[1]);

            const std::vector<const Trace *> forth{&a, &b}, back{&b, &a}, three{&a, &b, &c};
            const TraceAlignment one = alignTraces(forth), other = alignTraces(back);
            check(forth, one);
            check(back, other);
            check(three, alignTraces(three));
            std::set<std::pair<int, int>> pairsForth, pairsBack;
            for (const AlignedRow &row : one.rows)
                pairsForth.emplace(row.steps[0], row.steps[1]);
            for (const AlignedRow &row : other.rows)
                pairsBack.emplace(row.steps[1], row.steps[0]);
            QCOMPARE(pairsForth, pairsBack);
            QCOMPARE(one.firstDivergence < 0, other.firstDivergence < 0);
        }
    }

    // 100,000 steps under one parent that have nothing in common but their role, and many parents that differ a bit.
    void large()
    {
        const auto flat = [](int count, int seed, int run) {
            Script s;
            s.started("1", 0, StepKind::Agent, "flat");
            for (int i = 1; i <= count; ++i) {
                const QByteArray path = "1." + QByteArray::number(i);
                s.started(path.constData(), i, (i * 7 + seed) % 3 ? StepKind::Tool : StepKind::Model, (i * seed) % 5 ? "x" : "y");
                s.ended(path.constData(), i);
                s.events.back().text = QString::number(qint64(i) * seed);
            }
            for (RunEvent &event : s.events)
                event.run = RunId{run};
            return traceOf(s.events);
        };
        const auto measure = [](const char *what, const Trace &a, const Trace &b) {
            const std::vector<const Trace *> traces{&a, &b};
            const std::clock_t begin = std::clock();
            const TraceAlignment alignment = alignTraces(traces);
            qInfo("%s, %zu and %zu steps: %.0f ms CPU", what, a.steps().size(), b.steps().size(), double(std::clock() - begin) * 1000 / CLOCKS_PER_SEC);
            check(traces, alignment);
        };
        const Trace a = flat(100'000, 3, 1);
        measure("flat, the same", a, a);
        measure("flat, different", a, flat(90'000, 4, 2));
        measure("tree, texts differ", largeTrace(100'000, 1), largeTrace(100'000, 2));
        int asked = 0;
        const std::vector<const Trace *> traces{&a, &a};
        alignTraces(traces, [&asked] { return ++asked > 3; });
        QCOMPARE(asked, 4); // it stopped when told so
    }
};

QTEST_GUILESS_MAIN(TestTraceAlign)
#include "tst_TraceAlign.moc"
