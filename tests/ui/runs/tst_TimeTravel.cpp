// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/TimeTravelBar.h"

#include "RunsFixture.h"
#include "core/base/Json.h"
#include "core/session/RunLineage.h"
#include "ui/runs/timetravel/ForkEditor.h"
#include "ui/runs/timetravel/LineageModel.h"
#include "ui/runs/timetravel/LineageView.h"
#include "ui/runs/timetravel/ReplayResult.h"
#include "ui/runs/timetravel/TimeTravelSlider.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ConfirmPopover.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/Label.h"

#include <QAbstractItemModelTester>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTabBar>
#include <QTreeView>

using namespace lathe;
using test::child;

class TestTimeTravel : public QObject
{
    Q_OBJECT
    Theme m_theme;

    // A tree of steps with every kind of event, `steps` of them.
    static Trace sample(int steps)
    {
        Trace trace;
        qint64 time = 1'000'000;
        const auto add = [&](RunEventKind kind, const QString &step) {
            RunEvent event;
            event.kind = kind;
            event.run = RunId{7};
            event.step = step;
            event.timeUs = time += 1000;
            return event;
        };
        trace.apply(add(RunEventKind::RunStarted, QString()));
        RunEvent root = add(RunEventKind::StepStarted, QStringLiteral("1"));
        root.stepKind = StepKind::Agent;
        root.name = QStringLiteral("invoke_agent a");
        trace.apply(root);
        for (int i = 1; i <= steps; ++i) {
            const QString path = QStringLiteral("1.%1").arg(i);
            RunEvent begin = add(RunEventKind::StepStarted, path);
            begin.stepKind = i % 2 ? StepKind::Model : StepKind::Tool;
            begin.name = i % 2 ? QStringLiteral("chat m") : QStringLiteral("execute_tool t");
            begin.attributes = {{QStringLiteral("gen_ai.request.model"), QStringLiteral("m")}};
            trace.apply(begin);
            if (i % 3 == 0) {
                RunEvent note = add(RunEventKind::StepNote, path);
                note.name = QStringLiteral("retry");
                trace.apply(note);
            }
            RunEvent delta = add(RunEventKind::StepDelta, path);
            delta.text = QStringLiteral("text %1").arg(i);
            trace.apply(delta);
            RunEvent end = add(RunEventKind::StepEnded, path);
            end.stepStatus = i % 7 ? StepStatus::Ok : StepStatus::Failed;
            end.attributes = {{QStringLiteral("gen_ai.usage.input_tokens"), i}, {QStringLiteral("gen_ai.usage.output_tokens"), 1}};
            trace.apply(end);
        }
        RunEvent over = add(RunEventKind::StepEnded, QStringLiteral("1"));
        over.stepStatus = StepStatus::Ok;
        trace.apply(over);
        RunEvent end = add(RunEventKind::RunEnded, QString());
        end.runStatus = RunStatus::Done;
        end.text = QStringLiteral("done");
        trace.apply(end);
        return trace;
    }
    static QByteArray print(const Trace &trace)
    {
        QByteArray text = runStatusName(trace.status()).toUtf8() + '\n';
        for (const Step &step : trace.steps())
            text += step.path.toUtf8() + ' ' + stepStatusName(step.status).toUtf8() + ' ' + step.text.toUtf8() + ' ' + QByteArray::number(step.notes.size()) + ' '
                    + json::compact(step.attributes) + '\n';
        return text;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    // At any position, however one came there: the trace that the events so far make.
    void anyJump_data()
    {
        QTest::addColumn<int>("steps");
        QTest::newRow("no steps") << 0;
        QTest::newRow("a few") << 9;
        QTest::newRow("many") << 900;
    }
    void anyJump()
    {
        QFETCH(int, steps);
        const TraceHistory history(sample(steps));
        QVERIFY(history.count() > steps);
        QRandomGenerator random(11);
        int at = 0;
        for (int round = 0; round < 80; ++round) {
            at = round % 3 == 0 ? random.bounded(history.count() + 1) : std::clamp(at + random.bounded(7) - 3, 0, history.count());
            Trace fresh;
            for (const RunEvent &event : history.between(0, at))
                fresh.apply(event);
            QCOMPARE(print(history.at(at)), print(fresh));
        }
        QCOMPARE(print(history.at(history.count())), print(sample(steps)));
        QVERIFY(history.at(0).steps().empty());
    }

    // What only the end of a step can have told is not shown before it.
    void numbersComeWithTheEnd()
    {
        const TraceHistory history(sample(3));
        const int begun = history.positionOf(QStringLiteral("1.1"), false);
        const int ended = history.positionOf(QStringLiteral("1.1"), true);
        QVERIFY(begun > 0 && ended > begun);
        const Trace before = history.at(begun);
        QCOMPARE(before.steps()[size_t(before.indexOf(QStringLiteral("1.1")))].usage().totalTokens(), qint64(0));
        QCOMPARE(before.steps()[size_t(before.indexOf(QStringLiteral("1.1")))].status, StepStatus::Running);
        const Trace after = history.at(ended);
        QCOMPARE(after.steps()[size_t(after.indexOf(QStringLiteral("1.1")))].usage().totalTokens(), qint64(2));
        QCOMPARE(history.positionOf(QStringLiteral("9"), false), -1);
    }

    void stopsLeaveOutPiecesOfText()
    {
        const TraceHistory history(sample(4));
        int at = 0;
        QStringList stops;
        while (at < history.count()) {
            const int next = history.nextStop(at);
            QVERIFY(next > at);
            QCOMPARE(history.previousStop(next), at);
            QVERIFY(history.eventBefore(next).kind != RunEventKind::StepDelta);
            at = next;
        }
        QCOMPARE(history.nextStop(history.count()), history.count());
        QCOMPARE(history.positionAtTime(-1), 0);
        QCOMPARE(history.positionAtTime(history.durationUs()), history.count());
    }

    void keysAndSlider()
    {
        TimeTravelBar bar(&m_theme);
        bar.resize(1000, 40);
        bar.setTrace(sample(6));
        bar.show();
        QVERIFY(!bar.isInPast());
        QSignalSpy moved(&bar, &TimeTravelBar::moved);
        QTest::keyClick(&bar, Qt::Key_Home);
        QCOMPARE(bar.position(), 0);
        QTest::keyClick(&bar, Qt::Key_Right);
        QCOMPARE(bar.position(), 1);
        QTest::keyClick(&bar, Qt::Key_Right);
        QTest::keyClick(&bar, Qt::Key_Right); // the first model step has begun
        QCOMPARE(bar.history().eventBefore(bar.position()).step, QStringLiteral("1.1"));
        QSignalSpy fork(&bar, &TimeTravelBar::forkRequested);
        QTest::mouseClick(child<Button>(&bar, "time-fork"), Qt::LeftButton);
        QCOMPARE(fork.takeFirst().first().toString(), QStringLiteral("1.1"));
        QTest::keyClick(&bar, Qt::Key_Right, Qt::ControlModifier); // a piece of text is an event, too
        QCOMPARE(bar.history().eventBefore(bar.position()).kind, RunEventKind::StepDelta);
        QTest::keyClick(&bar, Qt::Key_Left);
        QCOMPARE(bar.history().eventBefore(bar.position()).kind, RunEventKind::StepStarted);
        QTest::keyClick(&bar, Qt::Key_End);
        QVERIFY(!bar.isInPast());
        QTest::keyClick(&bar, Qt::Key_Right); // there is nothing behind the end
        QCOMPARE(bar.position(), bar.history().count());
        QCOMPARE(moved.count(), 7);
        auto *slider = child<TimeTravelSlider>(&bar, "time-slider");
        QTest::mouseClick(slider, Qt::LeftButton, {}, QPoint(0, slider->height() / 2));
        QCOMPARE(bar.position(), 0);
        QTest::mouseClick(slider, Qt::LeftButton, {}, QPoint(slider->width() - 1, slider->height() / 2));
        QCOMPARE(bar.position(), bar.history().count());
        bar.goToStep(QStringLiteral("1.4"));
        QVERIFY(child<ElidedLabel>(&bar, "time-what")->text().contains(QStringLiteral("begins")));
        QSignalSpy closed(&bar, &TimeTravelBar::closeRequested);
        QTest::keyClick(&bar, Qt::Key_Escape);
        QCOMPARE(closed.count(), 1);
    }

    void playsToTheEnd()
    {
        TimeTravelBar bar(&m_theme);
        bar.resize(1000, 40);
        bar.setTrace(sample(20));
        bar.show();
        bar.setSpeed(64);
        QTest::keyClick(&bar, Qt::Key_Space);
        QVERIFY(bar.isPlaying());
        QTRY_VERIFY_WITH_TIMEOUT(!bar.isPlaying(), 30'000);
        QCOMPARE(bar.position(), bar.history().count());
        bar.setTrace(Trace());
        bar.setPlaying(true); // nothing to play
        QVERIFY(!bar.isPlaying());
        QCOMPARE(bar.history().at(3).steps().size(), size_t(0));
    }

    void forkWithAnotherToolResult()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        const auto trace = test::await(f.session->trace(run, CancelToken()));
        QVERIFY(trace);
        QString tool;
        for (const Step &step : trace->steps())
            tool = tool.isEmpty() && step.kind == StepKind::Tool ? step.path : tool;
        QVERIFY(!tool.isEmpty());
        QWidget window;
        window.resize(1300, 860);
        window.show();
        auto *editor = new ForkEditor(f.session.get(), &m_theme, &window, run, tool);
        QSignalSpy opened(editor, &ForkEditor::openRequested);
        editor->open();
        QTRY_VERIFY_WITH_TIMEOUT(editor->findChild<CodeEditor *>(QStringLiteral("fork-result")), 30'000);
        auto *result = child<CodeEditor>(editor, "fork-result");
        QVERIFY(!result->text().isEmpty());
        test::shoot(&window, &m_theme, QStringLiteral("fork-editor"));
        auto *go = child<Button>(editor, "fork-run");
        QTRY_VERIFY_WITH_TIMEOUT(go->isEnabled(), 30'000);
        QCOMPARE(go->text(), QStringLiteral("Run again from here"));
        auto *untouched = new ForkEditor(f.session.get(), &m_theme, &window, run, tool);
        QSignalSpy closed(untouched, &Overlay::closed);
        untouched->open();
        QTRY_VERIFY_WITH_TIMEOUT(untouched->findChild<CodeEditor *>(QStringLiteral("fork-result")), 30'000);
        untouched->leave(); // as by Escape
        QCOMPARE(closed.count(), 1);
        result->replaceText(QStringLiteral("area,average\nSearch,1.1\n"));
        QCOMPARE(go->text(), QStringLiteral("Run fork"));
        editor->leave();
        QVERIFY(editor->isOpen());
        auto *asked = window.findChild<ConfirmPopover *>(QStringLiteral("sheet-leave"));
        QVERIFY(asked && asked->isOpen());
        asked->cancelButton()->click();
        QVERIFY(child<Label>(editor, "fork-paid")->text().contains(QStringLiteral("costs nothing")));
        QTRY_VERIFY_WITH_TIMEOUT(child<Label>(editor, "fork-reused")->text().contains(QStringLiteral("Reused")), 30'000);
        test::shoot(&window, &m_theme, QStringLiteral("fork-editor-changed"));
        QTest::mouseClick(go, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, 30'000);
        const RunId fork = opened.first().first().value<Location>().run;
        QVERIFY(fork.isValid() && fork != run);
        (void)test::await(f.session->finished(fork));
        const auto forked = test::await(f.session->trace(fork, CancelToken()));
        QVERIFY(forked && forked->indexOf(tool) >= 0);
        QVERIFY(forked->steps()[size_t(forked->indexOf(tool))].text.contains(QStringLiteral("Search,1.1"))
                || json::compact(forked->steps()[size_t(forked->indexOf(tool))].attributes).contains("Search,1.1"));
        const auto again = test::await(f.session->trace(run, CancelToken()));
        QCOMPARE(print(*again), print(*trace)); // the original is as it was

        LineageView lineage(f.session.get(), &m_theme, run);
        lineage.resize(900, 200);
        QTRY_VERIFY_WITH_TIMEOUT(lineage.hasForks(), 30'000);
        QVERIFY(lineage.isVisibleTo(nullptr));
        auto *model = lineage.findChild<LineageModel *>();
        QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model->rowCount(), 2);
        QCOMPARE(model->node(0)->run, run);
        QCOMPARE(model->node(1)->run, fork);
        QCOMPARE(model->node(1)->step, tool);
        QVERIFY(!model->node(1)->change.isEmpty());
        test::shoot(&lineage, &m_theme, QStringLiteral("lineage"));
        QSignalSpy toFork(&lineage, &LineageView::openRequested);
        auto *view = child<QTreeView>(&lineage, "lineage-view");
        view->setCurrentIndex(model->index(1));
        QTest::keyClick(view, Qt::Key_Return);
        QCOMPARE(toFork.count(), 1);
        QCOMPARE(toFork.first().first().value<Location>().run, fork);
    }

    void problemsAreSaidBesideTheField()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        const auto trace = test::await(f.session->trace(run, CancelToken()));
        QString model;
        for (const Step &step : trace->steps())
            model = model.isEmpty() && step.kind == StepKind::Model ? step.path : model;
        QWidget window;
        window.resize(1300, 860);
        window.show();
        auto *editor = new ForkEditor(f.session.get(), &m_theme, &window, run, model);
        editor->open();
        QTRY_VERIFY_WITH_TIMEOUT(editor->findChild<QLineEdit *>(QStringLiteral("fork-temperature")), 30'000);
        auto *tabs = child<QTabBar>(editor, "fork-tabs");
        QVERIFY(tabs->count() >= 3);
        for (int i = 0; i < tabs->count(); ++i) {
            tabs->setCurrentIndex(i);
            test::shoot(&window, &m_theme, QStringLiteral("fork-model-%1").arg(i));
        }
        auto *temperature = child<QLineEdit>(editor, "fork-temperature");
        QTest::keyClicks(temperature, QStringLiteral("warm"));
        QVERIFY(!child<Button>(editor, "fork-run")->isEnabled());
        QVERIFY(child<QWidget>(editor, "fork-message")->isVisible());
        temperature->clear();
        QTest::keyClicks(temperature, QStringLiteral("0.2"));
        QVERIFY(child<Button>(editor, "fork-run")->isEnabled());
        QVERIFY(child<Label>(editor, "fork-paid")->text().contains(QStringLiteral("0.2")));
    }

    void replayShowsItsProof()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        const auto report = test::await(f.session->replay(run, CancelToken()));
        QVERIFY(report);
        ReplayResult result(&m_theme);
        result.showReport(*report);
        QCOMPARE(result.severity(), Severity::Success);
        QVERIFY2(result.text().contains(QStringLiteral("same")), qPrintable(result.text()));
        ReplayReport other = *report;
        other.same = false;
        other.firstDifference = QStringLiteral("Step 1.2 has another text.");
        ReplayProof::Difference difference;
        difference.step = QStringLiteral("1.2");
        other.proof.first = difference;
        QSignalSpy asked(&result, &ReplayResult::stepRequested);
        result.showReport(other);
        QCOMPARE(result.severity(), Severity::Warning);
        QTest::mouseClick(result.actionButton(), Qt::LeftButton);
        QCOMPARE(asked.takeFirst().first().toString(), QStringLiteral("1.2"));
    }
};

QTEST_MAIN(TestTimeTravel)
#include "tst_TimeTravel.moc"
