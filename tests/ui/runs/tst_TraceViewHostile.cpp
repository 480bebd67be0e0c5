// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/TraceView.h"

#include "RunsFixture.h"
#include "core/base/Json.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/RunListView.h"
#include "ui/runs/StepDetail.h"
#include "ui/runs/StepTreeView.h"
#include "ui/runs/TextBlock.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/TextWindow.h"

#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTabBar>
#include <QTreeView>

using namespace lathe;
using test::child;

// Traces nobody wished for: huge, broken, unfinished. The window must stay quick and say what is what.
class TestTraceViewHostile : public QObject
{
    Q_OBJECT
    Theme m_theme;

    static RunEvent event(RunEventKind kind, RunId run, const QString &step, qint64 timeUs)
    {
        RunEvent made;
        made.kind = kind;
        made.run = run;
        made.step = step;
        made.timeUs = timeUs;
        return made;
    }
    static RunId create(test::RunsFixture &f)
    {
        RunInfo info;
        info.artifact = f.agent(QStringLiteral("triage"));
        info.agentName = QStringLiteral("triage");
        info.input = QStringLiteral("in");
        info.startUs = f.session->clock().nowUs();
        return *test::await(f.session->project().runs().create(info));
    }
    // One recorded model call with these messages and this answer.
    static RunId oneCall(test::RunsFixture &f, const QString &user, const QString &answer)
    {
        auto &runs = f.session->project().runs();
        const RunId run = create(f);
        RunEvent agent = event(RunEventKind::StepStarted, run, QStringLiteral("1"), 1'000'000);
        agent.stepKind = StepKind::Agent;
        agent.name = QStringLiteral("invoke_agent triage");
        runs.record(agent);
        RunEvent chat = event(RunEventKind::StepStarted, run, QStringLiteral("1.1"), 1'001'000);
        chat.stepKind = StepKind::Model;
        chat.name = QStringLiteral("chat m");
        runs.record(chat);
        const auto part = [](const QString &text) {
            return QJsonArray{QJsonObject{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("content"), text}}};
        };
        StoredEntry entry;
        entry.step = QStringLiteral("1.1");
        entry.kind = QStringLiteral("chat");
        entry.request = json::compact(QJsonObject{
            {QStringLiteral("messages"),
             QJsonArray{QJsonObject{{QStringLiteral("role"), QStringLiteral("user")}, {QStringLiteral("parts"), part(user)}}}}});
        entry.requestHash = json::sha256(entry.request);
        entry.done = true;
        entry.outcome = QJsonObject{
            {QStringLiteral("response"),
             QJsonObject{{QStringLiteral("message"), QJsonObject{{QStringLiteral("role"), QStringLiteral("assistant")},
                                                                 {QStringLiteral("parts"), part(answer)}}}}}};
        entry.startedUs = 1'001'000;
        entry.endedUs = 2'000'000;
        if (!test::await(runs.writeEntry(run, entry)))
            qFatal("the entry was not written");
        RunEvent over = event(RunEventKind::StepEnded, run, QStringLiteral("1.1"), 2'000'000);
        over.stepStatus = StepStatus::Ok;
        over.text = answer;
        runs.record(over);
        over.step = QStringLiteral("1");
        over.text.clear();
        runs.record(over);
        const auto ended = test::await(runs.end(run, RunStatus::Done, answer, std::nullopt, Usage()));
        if (!ended)
            qFatal("%s", qPrintable(ended.error().message));
        return run;
    }
    // Longest stretch the event loop was away while `work` and what it left behind ran, ms.
    template<typename F>
    static qint64 longest(F work)
    {
        QElapsedTimer timer;
        timer.start();
        work();
        qint64 most = timer.restart();
        for (int i = 0; i < 40; ++i) {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
            most = std::max(most, timer.restart());
            QTest::qSleep(2);
            timer.restart();
        }
        return most;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void hostileTexts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("10 MB in one line") << QString(10'000'000, QLatin1Char('x'));
        QTest::newRow("10 MB of lines") << QStringLiteral("a line of text\n").repeated(700'000);
        QTest::newRow("deep JSON") << QString(200'000, QLatin1Char('[')) + QString(200'000, QLatin1Char(']'));
        QTest::newRow("wide JSON") << QLatin1Char('[') + QStringLiteral("1,").repeated(150'000) + QStringLiteral("1]");
        QTest::newRow("deep Markdown") << QStringLiteral("> ").repeated(5000) + QStringLiteral("x\n") + QStringLiteral("**").repeated(5000);
        QTest::newRow("HTML") << QStringLiteral("<img src=\"http://127.0.0.1:1/x.png\"><script>alert(1)</script><a href=\"file:///etc\">x</a>");
        QTest::newRow("controls") << QStringLiteral("a\u202Eb\u0000c\uFDD0\uFFFF\u0007").repeated(1000);
        QTest::newRow("lone surrogates") << QString(7000, QChar(0xD83D));
    }
    void hostileTexts()
    {
        QFETCH(QString, text);
        test::RunsFixture f;
        const RunId run = oneCall(f, text, text);
        TraceView v(f.session.get(), &m_theme, run, nullptr);
        v.resize(1200, 800);
        v.show();
        QTRY_VERIFY_WITH_TIMEOUT(v.model()->trace().steps().size() == 2, 30'000);
        qint64 away = longest([&] { v.selectStep(QStringLiteral("1.1")); });
        QVERIFY2(away < 20'000, qPrintable(QStringLiteral("opening the step took %1 ms").arg(away)));
        auto *tabs = child<QTabBar>(&v, "step-tabs");
        away = longest([&] { tabs->setCurrentIndex(1); });
        QVERIFY2(away < 20'000, qPrintable(QStringLiteral("details took %1 ms").arg(away)));
        away = longest([&] { tabs->setCurrentIndex(2); });
        QVERIFY2(away < 20'000, qPrintable(QStringLiteral("the request took %1 ms").arg(away)));
        tabs->setCurrentIndex(0);
        if (auto *notice = v.findChild<StepDetail *>()->findChild<InlineMessage *>(QString(), Qt::FindChildrenRecursively);
            notice && notice->isVisible() && text.size() > 2'000'000) {
            Q_EMIT notice->actionTriggered();
            QTest::qWait(20);
        }
        test::shoot(&v, &m_theme, QStringLiteral("hostile-") + QString::fromLatin1(QTest::currentDataTag()).replace(QLatin1Char(' '), QLatin1Char('-')));
    }

    void longTextsOpenOnDemand()
    {
        QWidget host;
        TextBlock block(&m_theme, TextBlock::Look::Code, &host);
        host.resize(600, 400);
        host.show();
        block.resize(600, 400);
        block.setText(QStringLiteral("0123456789\n").repeated(2000));
        auto *more = child<LinkLabel>(&block, "show-all");
        QVERIFY(more->text().contains(QStringLiteral("22")));
        QTest::mouseClick(more, Qt::LeftButton);
        QCOMPARE(more->text(), QStringLiteral("Show less"));
        QTest::mouseClick(more, Qt::LeftButton);
        block.setText(QStringLiteral("0123456789\n").repeated(200'000));
        QTest::mouseClick(more, Qt::LeftButton);
        QVERIFY(block.findChild<TextWindow *>());
        // a stream that grows past what is shown live, then starts over
        TextBlock live(&m_theme, TextBlock::Look::Markdown, &host);
        QString text;
        for (int i = 0; i < 300; ++i) {
            text += QStringLiteral("some **more** words of the answer, ").repeated(4);
            live.stream(text);
        }
        QVERIFY(child<LinkLabel>(&live, "show-all"));
        live.stream(QStringLiteral("again"));
        QVERIFY(child<LinkLabel>(&live, "show-all")->isHidden());
        live.setText(QStringLiteral("again and done"));
        QCOMPARE(live.text(), QStringLiteral("again and done"));
    }

    void twoThousandSteps()
    {
        test::RunsFixture f;
        auto &runs = f.session->project().runs();
        const RunId run = create(f);
        RunEvent agent = event(RunEventKind::StepStarted, run, QStringLiteral("1"), 1'000'000);
        agent.stepKind = StepKind::Agent;
        agent.name = QStringLiteral("invoke_agent triage");
        runs.record(agent);
        for (int i = 1; i <= 2000; ++i) {
            RunEvent step = event(RunEventKind::StepStarted, run, QStringLiteral("1.%1").arg(i), 1'000'000 + i * 1000);
            step.stepKind = i % 3 == 0 ? StepKind::Tool : StepKind::Model;
            step.name = i % 3 == 0 ? QStringLiteral("execute_tool search") : QStringLiteral("chat model");
            runs.record(step);
            step.kind = RunEventKind::StepEnded;
            step.stepStatus = i == 1500 ? StepStatus::Failed : StepStatus::Ok;
            step.text = QStringLiteral("result number %1").arg(i);
            step.timeUs += 900;
            if (i == 1500)
                step.error = Error(ErrorKind::Timeout, QStringLiteral("The search took too long."));
            runs.record(step);
        }
        QVERIFY(test::await(runs.end(run, RunStatus::Done, QStringLiteral("done"), std::nullopt, Usage())));
        TraceView v(f.session.get(), &m_theme, run, nullptr);
        v.resize(1240, 820);
        v.show();
        QTRY_COMPARE_WITH_TIMEOUT(v.model()->rows().size(), size_t(2001), 30'000);
        QVERIFY(v.model()->isOutline()); // its bodies stay in the file
        auto *tree = child<QTreeView>(&v, "step-tree");
        QTRY_COMPARE_WITH_TIMEOUT(tree->currentIndex().data(StepTreeModel::PathRole).toString(), QStringLiteral("1.1500"), 30'000); // what failed
        test::shoot(&v, &m_theme, QStringLiteral("trace-2000"));
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < 100; ++i) {
            QTest::keyClick(tree, Qt::Key_J);
            QCoreApplication::processEvents();
        }
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QStringLiteral("100 steps down took %1 ms").arg(timer.elapsed())));
        QCOMPARE(tree->currentIndex().data(StepTreeModel::PathRole).toString(), QStringLiteral("1.1600"));
        timer.restart();
        auto *filter = v.findChild<QLineEdit *>(QStringLiteral("step-filter"));
        filter->setText(QStringLiteral("number 77"));
        QTRY_VERIFY_WITH_TIMEOUT(v.model()->isFiltered(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(v.model()->isShown(v.model()->rowIndex(QStringLiteral("1.77"))), 30'000); // found in texts that are not in memory
        QVERIFY(!v.model()->isShown(v.model()->rowIndex(QStringLiteral("1.76"))));
        QVERIFY(!v.model()->isShown(v.model()->rowIndex(QStringLiteral("1.1500"))));
        filter->clear();
        QTRY_VERIFY_WITH_TIMEOUT(!v.model()->isFiltered(), 30'000);
        v.selectStep(QStringLiteral("1.1234"));
        QTRY_VERIFY_WITH_TIMEOUT(v.findChild<StepDetail *>()->findChild<TextBlock *>(), 30'000); // its body came
    }

    void unfinishedCallIsAsked_data()
    {
        QTest::addColumn<int>("choice");
        QTest::addColumn<RunStatus>("status");
        QTest::newRow("repeat") << 1 << RunStatus::Done;
        QTest::newRow("skip") << 2 << RunStatus::Done;
        QTest::newRow("stop") << 3 << RunStatus::Interrupted;
    }
    void unfinishedCallIsAsked()
    {
        QFETCH(int, choice);
        QFETCH(RunStatus, status);
        test::RunsFixture f;
        const auto tool = f.session->project().artifacts().find(ArtifactKind::Tool, QStringLiteral("feedback_sql"));
        QVERIFY(tool);
        QVERIFY(f.session->edit(*tool, QStringLiteral("/idempotent"), false, QStringLiteral("not idempotent")));
        QVERIFY(test::await(f.session->commit(*tool, QStringLiteral("not idempotent"))));
        const RunId whole = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        // The same run, but the program died while the tool was at work.
        auto &runs = f.session->project().runs();
        const auto stored = test::await(runs.load(whole, CancelToken()));
        QVERIFY(stored);
        const RunId cut = *test::await(runs.create(stored->info));
        for (StoredEntry entry : stored->journal) {
            if (entry.step == QLatin1String("1.1")) {
                QVERIFY(test::await(runs.writeEntry(cut, entry)));
            } else if (entry.step == QLatin1String("1.2")) {
                entry.done = false;
                entry.outcome = QJsonObject();
                QVERIFY(test::await(runs.writeEntry(cut, entry)));
            }
        }
        for (const QString &path : {QStringLiteral("1"), QStringLiteral("1.1")}) { // as a killed program leaves it
            const Step &was = stored->trace.steps()[size_t(stored->trace.indexOf(path))];
            RunEvent begun = event(RunEventKind::StepStarted, cut, path, was.startUs);
            begun.stepKind = was.kind;
            begun.name = was.name;
            begun.attributes = was.attributes;
            runs.record(begun);
        }
        QVERIFY(test::await(runs.end(cut, RunStatus::Interrupted, QString(), std::nullopt, Usage())));
        TraceView v(f.session.get(), &m_theme, cut, nullptr);
        v.resize(1240, 820);
        v.show();
        auto *resume = child<Button>(&v, "resume-button");
        QTRY_VERIFY_WITH_TIMEOUT(resume->isVisible(), 30'000);
        QTest::mouseClick(resume, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(v.findChild<QWidget *>(QStringLiteral("question-card")), 30'000);
        QTest::qWait(50);
        QCOMPARE(child<QLabel>(&v, "run-status")->text(), QStringLiteral("Waiting"));
        test::shoot(&v, &m_theme, QStringLiteral("trace-unfinished"));
        QTest::mouseClick(child<Button>(&v, choice == 1 ? "choice-1" : choice == 2 ? "choice-2" : "choice-3"), Qt::LeftButton);
        const auto result = test::await(f.session->finished(cut));
        QVERIFY(result);
        QCOMPARE(result->status, status);
        QTRY_COMPARE_WITH_TIMEOUT(v.model()->trace().status(), status, 30'000);
        QCOMPARE(resume->isVisible(), status == RunStatus::Interrupted);
    }
};

QTEST_MAIN(TestTraceViewHostile)
#include "tst_TraceViewHostile.moc"
