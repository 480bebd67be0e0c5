// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/TraceReader.h"

#include "tests/core/project/ProjectSample.h"

#include <QRandomGenerator>

using namespace lathe;
using namespace lathe::test;

namespace {
TraceOutline wholeOutline(Project &project, RunId run, int part)
{
    TraceOutline all;
    for (int from = 0; from >= 0;) {
        const auto some = await(project.runs().outline(run, from, part, CancelToken()));
        if (!some)
            qFatal("%s", qPrintable(some.error().message));
        all.steps.insert(all.steps.end(), some->steps.begin(), some->steps.end());
        all.bodies.insert(all.bodies.end(), some->bodies.begin(), some->bodies.end());
        all.total = some->total;
        if (some->next >= 0 && some->next <= from)
            qFatal("the outline does not go on");
        from = some->next;
    }
    return all;
}

// The outline says the same of each step as the trace, but for what it leaves out; single steps are whole.
void compareOutline(Project &project, const TraceOutline &outline, const Trace &trace)
{
    QCOMPARE(outline.steps.size(), trace.steps().size());
    QCOMPARE(outline.bodies.size(), outline.steps.size());
    for (size_t i = 0; i < outline.steps.size(); ++i) {
        const Step &light = outline.steps[i];
        const Step &whole = trace.steps()[i];
        QCOMPARE(light.path, whole.path);
        QCOMPARE(light.parent, whole.parent);
        QCOMPARE(light.begun, whole.begun);
        QCOMPARE(light.kind, whole.kind);
        QCOMPARE(light.name, whole.name);
        QCOMPARE(light.status, whole.status);
        QCOMPARE(light.startUs, whole.startUs);
        QCOMPARE(light.endUs, whole.endUs);
        QCOMPARE(light.firstDeltaUs, whole.firstDeltaUs);
        QCOMPARE(light.usage().totalTokens(), whole.kind == StepKind::Model ? whole.usage().totalTokens() : 0);
        QCOMPARE(light.usage().costUsd, whole.kind == StepKind::Model ? whole.usage().costUsd : 0.0);
        QCOMPARE(light.error.has_value(), whole.error.has_value());
        if (whole.error)
            QCOMPARE(light.error->kind, whole.error->kind);
        QCOMPARE(light.notes.size(), whole.notes.size());
        for (size_t n = 0; n < light.notes.size(); ++n) {
            QCOMPARE(light.notes[n].name, whole.notes[n].name);
            QCOMPARE(light.notes[n].timeUs, whole.notes[n].timeUs);
        }
        QVERIFY(light.text.isEmpty() && light.toolArguments.isEmpty());
        QCOMPARE(outline.bodies[i], quint8((whole.text.isEmpty() ? 0 : 1) | (whole.reasoning.isEmpty() ? 0 : 2) | (whole.toolArguments.isEmpty() ? 0 : 4)));
        auto step = await(project.runs().step(trace.run(), whole.path, CancelToken()));
        QVERIFY2(step, step ? "" : qPrintable(step.error().message));
        step->children = whole.children;
        compareSteps(*step, whole);
        if (QTest::currentTestFailed()) {
            qWarning("in step %s", qPrintable(whole.path));
            return;
        }
    }
}

void playConversation(Player &p)
{
    p.started({{QStringLiteral("input"), QStringLiteral("hello")}});
    p.begin(QStringLiteral("1"), StepKind::Agent, QStringLiteral("invoke_agent triage"));
    for (int i = 1; i <= 6; ++i) {
        const QString path = QStringLiteral("1.%1").arg(i);
        if (i % 3 == 0) {
            p.begin(path, StepKind::Tool, QStringLiteral("execute_tool sql"), {{QStringLiteral("gen_ai.tool.name"), QStringLiteral("sql")}});
            const QString rows = QStringLiteral("Zeile %1 ").arg(i).repeated(500);
            if (!p.entry(path, QStringLiteral("execute_tool"), {{QStringLiteral("tool"), QStringLiteral("sql")}, {QStringLiteral("arguments"), QStringLiteral("needle")}},
                         true, toolOutcome(rows)))
                qFatal("entry");
            p.stepEnd(path, i == 6 ? StepStatus::Failed : StepStatus::Ok, rows, {}, i == 6 ? std::optional<Error>(Error(ErrorKind::Timeout, QStringLiteral("too late"))) : std::nullopt);
        } else {
            p.begin(path, StepKind::Model, QStringLiteral("chat extractive"), {{QStringLiteral("gen_ai.request.model"), QStringLiteral("extractive")}});
            p.note(path, QStringLiteral("rate_limited"), {{QStringLiteral("wait_ms"), 500}});
            p.note(path, QStringLiteral("retry"), {{QStringLiteral("attempt"), 2}});
            const QString text = QStringLiteral("Antwort %1 退款").arg(i);
            p.delta(path, DeltaChannel::Reasoning, QStringLiteral("think"));
            p.delta(path, DeltaChannel::Text, text);
            if (!p.entry(path, QStringLiteral("chat"), {{QStringLiteral("model"), QStringLiteral("extractive")}, {QStringLiteral("messages"), QStringLiteral("needle")}},
                         true, chatOutcome(text, QStringLiteral("think"))))
                qFatal("entry");
            p.stepEnd(path, StepStatus::Ok, text, modelEnd(10 * i, i));
        }
    }
    p.stepEnd(QStringLiteral("1"), StepStatus::Ok);
}

// Events as another program's exporter may send them: children before parents, ends before begins, twice, mixed.
std::vector<RunEvent> foreignEvents(QRandomGenerator &random, int steps)
{
    std::vector<RunEvent> events;
    const qint64 startUs = 1'600'000'000'000'000;
    for (int i = 0; i < steps; ++i) {
        const QString path = i % 5 == 0 ? QString::number(i / 5 + 1) : QStringLiteral("%1.%2").arg(i / 5 + 1).arg(i % 5);
        RunEvent begin;
        begin.kind = RunEventKind::StepStarted;
        begin.step = path;
        begin.timeUs = startUs + i * 1000;
        begin.stepKind = i % 5 == 0 ? StepKind::Agent : i % 2 ? StepKind::Model : StepKind::Tool;
        begin.name = QStringLiteral("step %1").arg(i);
        if (begin.stepKind == StepKind::Tool)
            begin.attributes = {{QStringLiteral("gen_ai.tool.name"), i % 4 ? QStringLiteral("sql") : QStringLiteral("SQL")}};
        RunEvent end;
        end.kind = RunEventKind::StepEnded;
        end.step = path;
        end.timeUs = begin.timeUs + 500;
        end.stepStatus = i % 7 == 0 ? StepStatus::Failed : StepStatus::Ok;
        end.text = QStringLiteral("text %1").arg(i);
        if (begin.stepKind == StepKind::Model)
            end.attributes = {{QStringLiteral("gen_ai.usage.input_tokens"), i}, {QStringLiteral("gen_ai.usage.output_tokens"), 1}};
        events.push_back(begin);
        events.push_back(end);
        if (random.bounded(4) == 0)
            events.push_back(end);
    }
    for (size_t i = events.size(); i > 1; --i)
        std::swap(events[i - 1], events[size_t(random.bounded(int(i)))]);
    return events;
}
} // namespace

class TestTraceReader : public QObject
{
    Q_OBJECT
    Files m_files;

private Q_SLOTS:
    void outlineAndStepsSayWhatTheTraceSays()
    {
        auto project = m_files.open(m_files.newFile());
        Player p(*project, someRun(QStringLiteral("hello")));
        playConversation(p);
        compareOutline(*project, wholeOutline(*project, p.run, 3), p.live); // under way
        p.ended(RunStatus::Done, QStringLiteral("done"));
        for (const int part : {1, 2, 100}) {
            compareOutline(*project, wholeOutline(*project, p.run, part), load(*project, p.run).trace);
            if (QTest::currentTestFailed())
                return;
        }
        QCOMPARE(wholeOutline(*project, p.run, 5).total, 7);
        const auto rates = wholeOutline(*project, p.run, 100).steps[1];
        QCOMPARE(rates.attributes.value(QStringLiteral("gen_ai.request.model")).toString(), QStringLiteral("extractive"));
        QCOMPARE(await(project->runs().outline(RunId{99}, 0, 5, CancelToken())).error().kind, ErrorKind::NotFound);
        QCOMPARE(await(project->runs().step(p.run, QStringLiteral("9.9"), CancelToken())).error().kind, ErrorKind::NotFound);
        QCOMPARE(await(project->runs().outline(p.run, 1'000'000, std::numeric_limits<int>::max(), CancelToken()))->next, -1);
        QVERIFY(await(project->runs().outline(p.run, std::numeric_limits<int>::max(), 5, CancelToken()))->steps.empty());
        QVERIFY(await(project->runs().outline(p.run, -5, -5, CancelToken())));
    }

    void stepsAreFoundByWhatTheyHold_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QStringList>("paths");
        const auto row = [](const char *words, const char *paths) {
            QTest::newRow(words) << QString::fromUtf8(words) << QString::fromUtf8(paths).split(QLatin1Char(' '), Qt::SkipEmptyParts);
        };
        row("ANTWORT", "1.1 1.2 1.4 1.5");
        row("antwort 退款 think", "1.1 1.2 1.4 1.5");
        row("zeile", "1.3 1.6");
        row("zeile sql too late", "1.6");
        row("needle", "1.3 1.6"); // of the tool's arguments, not of the conversation sent along
        row("rate_limited", "1.1 1.2 1.4 1.5");
        row("invoke_agent", "1");
        row("%", "");
        row("nothing", "");
        row("  ", "");
    }

    void stepsAreFoundByWhatTheyHold()
    {
        QFETCH(const QString, words);
        QFETCH(const QStringList, paths);
        auto project = m_files.open(m_files.newFile());
        Player p(*project, someRun(QStringLiteral("hello")));
        playConversation(p);
        p.ended(RunStatus::Done, QStringLiteral("done"));
        QCOMPARE(await(project->runs().findSteps(p.run, words, 100, CancelToken())).valueOr({QStringLiteral("error")}), paths);
        QCOMPARE(await(project->runs().findSteps(p.run, words, 1, CancelToken())).valueOr({QStringLiteral("error")}), paths.mid(0, 1));
        CancelSource cancel;
        auto pending = project->runs().findSteps(p.run, words, 100, cancel.token());
        cancel.cancel();
        QCOMPARE(await(std::move(pending)).error().kind, ErrorKind::Cancelled);
    }

    void foreignStepsInAnyOrder()
    {
        QRandomGenerator random(3);
        auto project = m_files.open(m_files.newFile());
        for (int round = 0; round < 12; ++round) {
            RunInfo info = someRun(QStringLiteral("foreign %1").arg(round));
            info.snapshot = {};
            info.models.clear();
            info.source = QStringLiteral("otlp");
            info.sourceId = QString::number(round);
            info.startUs = 1'600'000'000'000'000;
            Player p(*project, info);
            int sent = 0;
            for (const RunEvent &event : foreignEvents(random, 60)) {
                p.emitEvent(event);
                if (++sent % 25 == 0) // part of it is written before the rest comes
                    QVERIFY(await(project->runs().flush()));
            }
            RunEvent ended;
            ended.kind = RunEventKind::RunEnded;
            ended.runStatus = RunStatus::Done;
            ended.timeUs = round % 3 == 0 ? 5 : 1'600'000'100'000'000; // a clock that is wrong
            p.emitEvent(ended);
            QVERIFY(await(project->flush()));
            const auto read = project->runs().run(p.run);
            QVERIFY(read);
            QCOMPARE(read->startUs, info.startUs);
            QVERIFY(read->endUs >= read->startUs);
            QCOMPARE(read->stepCount, 60);
            QCOMPARE(read->usage.totalTokens(), p.live.usage().totalTokens());
            const StoredRun stored = load(*project, p.run);
            QCOMPARE(stored.trace.steps().size(), p.live.steps().size());
            for (const Step &step : stored.trace.steps()) {
                Step wanted = p.live.steps()[size_t(p.live.indexOf(step.path))];
                compareSteps(step, wanted);
                QVERIFY(!QTest::currentTestFailed());
            }
            compareOutline(*project, wholeOutline(*project, p.run, 7), stored.trace);
            QVERIFY(!QTest::currentTestFailed());
        }
        const auto report = await(project->doctor(false)); // tools are counted right, whatever came twice
        QVERIFY(report);
        QVERIFY2(report->ok, qPrintable(report->findings.join(QLatin1Char('\n'))));
        QCOMPARE(await(project->runs().values(RunField::Tool, QString(), 10, CancelToken()))->size(), 1);
    }

    void textsOfAForeignRunUnderWayAreBounded()
    {
        auto project = m_files.open(m_files.newFile());
        RunInfo info = someRun(QStringLiteral("large"));
        info.snapshot = {};
        info.source = QStringLiteral("otlp");
        info.sourceId = QStringLiteral("large");
        Player p(*project, info);
        const QString text = QStringLiteral("many words ").repeated(100'000); // 2.2 MB in memory
        constexpr int steps = 60;
        for (int i = 1; i <= steps; ++i) {
            p.begin(QString::number(i), StepKind::Model, QStringLiteral("chat"), {{QStringLiteral("gen_ai.request.model"), QStringLiteral("m")}});
            p.stepEnd(QString::number(i), StepStatus::Ok, text + QString::number(i), modelEnd(i, 1));
            QVERIFY(await(project->runs().flush()));
        }
        const auto live = project->runs().trace(p.run);
        qint64 kept = 0;
        for (const Step &step : live->steps())
            kept += step.text.size();
        QVERIFY2(kept * 2 <= 70'000'000, qPrintable(QString::number(kept)));
        QCOMPARE(live->usage().inputTokens, qint64(steps * (steps + 1) / 2)); // numbers stay
        p.note(QStringLiteral("1"), QStringLiteral("late")); // to one that is forgotten: the file keeps what it has
        p.stepEnd(QStringLiteral("2"), StepStatus::Ok, text + QLatin1Char('2'), modelEnd(2, 1));
        QVERIFY(await(project->runs().flush()));
        QCOMPARE(await(project->runs().step(p.run, QStringLiteral("1"), CancelToken()))->text, text + QLatin1Char('1'));
        p.ended(RunStatus::Done, QString());
        const StoredRun stored = load(*project, p.run);
        QCOMPARE(int(stored.trace.steps().size()), steps);
        for (int i = 1; i <= steps; ++i)
            QVERIFY(stored.trace.steps()[size_t(i - 1)].text == text + QString::number(i));
        QCOMPARE(stored.info.usage.inputTokens, qint64(steps * (steps + 1) / 2));
    }

    void aLongRunIsRecordedAndRead()
    {
        constexpr int steps = 20'000;
        auto project = m_files.open(m_files.newFile());
        RunInfo info = someRun(QStringLiteral("long"));
        info.source = QStringLiteral("otlp");
        info.sourceId = QStringLiteral("long");
        const auto run = await(project->runs().create(info));
        QVERIFY(run);
        for (int i = 0; i < steps; ++i) { // without a pause: all of it is one batch
            RunEvent event;
            event.run = *run;
            event.step = QString::number(i + 1);
            event.timeUs = 1'600'000'000'000'000 + i;
            event.kind = RunEventKind::StepStarted;
            event.stepKind = i % 2 ? StepKind::Tool : StepKind::Model;
            event.name = QStringLiteral("step");
            project->runs().record(event);
            event.kind = RunEventKind::StepEnded;
            event.stepStatus = StepStatus::Ok;
            project->runs().record(event);
        }
        RunEvent ended;
        ended.kind = RunEventKind::RunEnded;
        ended.run = *run;
        ended.runStatus = RunStatus::Done;
        ended.timeUs = 1'700'000'000'000'000;
        project->runs().record(ended);
        QVERIFY(await(project->flush()));
        QCOMPARE(project->runs().run(*run)->stepCount, steps);
        const TraceOutline outline = wholeOutline(*project, *run, 5000);
        QCOMPARE(int(outline.steps.size()), steps);
        QCOMPARE(outline.steps[777].path, QStringLiteral("778"));
        auto db = Database::open(project->path(), Database::Mode::ReadOnly);
        QVERIFY(db);
        auto plan = (*db)->prepare("EXPLAIN QUERY PLAN SELECT path, kind, name, status, start_us, end_us, first_delta_us, model, tool, input_tokens,"
                                   " output_tokens, cost_usd, error_kind, marks, bodies FROM steps INDEXED BY steps_outline WHERE run=1 AND"
                                   " position>=0 AND position<5000 ORDER BY position");
        QVERIFY(plan && plan->step().valueOr(false));
        QVERIFY2(plan->text(3).contains(QLatin1String("COVERING INDEX steps_outline (run=? AND position>? AND position<?)")), qPrintable(plan->text(3)));
        QVERIFY(!plan->step().valueOr(true)); // no sorting
    }
};

QTEST_GUILESS_MAIN(TestTraceReader)
#include "tst_TraceReader.moc"
