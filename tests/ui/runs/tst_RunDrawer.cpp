// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunDrawer.h"

#include "RunsFixture.h"
#include "ui/runs/RunConversation.h"
#include "ui/runs/RunInputBox.h"
#include "ui/runs/StepCard.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/StarRating.h"

#include <QClipboard>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>

using namespace lathe;
using test::child;

class TestRunDrawer : public QObject
{
    Q_OBJECT
    Theme m_theme;

    std::unique_ptr<RunDrawer> drawer(test::RunsFixture &f, const QString &agent)
    {
        auto made = std::make_unique<RunDrawer>(f.session.get(), &m_theme, nullptr);
        made->setAgent(f.agent(agent));
        made->resize(480, 860);
        made->show();
        return made;
    }
    static CodeEditor *box(QWidget *of) { return child<CodeEditor>(of, "run-text"); }
    static Button *runButton(QWidget *of) { return child<Button>(of, "run-button"); }
    // A tool that acts outside and asks, attached to the agent.
    static void askBeforeTool(test::RunsFixture &f, const QString &tool)
    {
        const auto id = f.session->project().artifacts().find(ArtifactKind::Tool, tool);
        QVERIFY(id);
        QVERIFY(f.session->edit(*id, QStringLiteral("/approval"), QStringLiteral("ask"), QStringLiteral("ask")));
        QVERIFY(test::await(f.session->commit(*id, QStringLiteral("ask"))));
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void emptyShowsExample()
    {
        test::RunsFixture f;
        auto d = drawer(f, QStringLiteral("analyst"));
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-empty"));
        auto *link = child<LinkLabel>(d.get(), "example-link");
        QVERIFY(link->isVisible());
        QTest::mouseClick(link, Qt::LeftButton);
        QVERIFY(box(d.get())->text().contains(QStringLiteral("complaints")));
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>(d.get(), "answer-panel")->isVisible(), 30'000);
    }

    void emptyInputIsAProblem()
    {
        test::RunsFixture f;
        auto d = drawer(f, QStringLiteral("analyst"));
        d->run();
        QCOMPARE(d->currentRun(), RunId());
        const auto lines = d->findChildren<ProblemLine *>();
        QVERIFY(std::any_of(lines.begin(), lines.end(), [](ProblemLine *line) { return line->hasProblem(); }));
    }

    void runsByKeyAndShowsSteps()
    {
        test::RunsFixture f;
        auto d = drawer(f, QStringLiteral("analyst"));
        QSignalSpy opened(d.get(), &RunDrawer::openRequested);
        QTest::keyClicks(box(d.get()), QStringLiteral("Which product area has the lowest average rating?"));
        QTest::keyClick(box(d.get()), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>(d.get(), "answer-panel")->isVisible(), 30'000);
        auto *conversation = d->findChild<RunConversation *>();
        QVERIFY2(conversation->cardCount() >= 3, qPrintable(QString::number(conversation->cardCount())));
        QVERIFY(conversation->card(QStringLiteral("1.1")));
        const auto info = f.session->project().runs().run(d->currentRun());
        QVERIFY(info);
        QCOMPARE(info->status, RunStatus::Done);
        QVERIFY(!runButton(d.get())->isHidden());
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-done"));
        // a tool card opens on a click
        StepCard *tool = nullptr;
        for (StepCard *card : conversation->findChildren<StepCard *>()) {
            if (card->objectName().startsWith(QLatin1String("step-1.2")))
                tool = card;
        }
        QVERIFY(tool);
        const int before = tool->height();
        auto *header = tool->findChild<QAbstractButton *>();
        QTest::mouseClick(header, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(tool->height() > before + 40, 30'000);
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-tool-open"));
        QTest::mouseClick(child<LinkLabel>(d.get(), "open-trace"), Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.first().first().value<Location>(), Location::ofRun(d->currentRun()));
        QTest::mouseClick(child<QAbstractButton>(d.get(), "copy-answer"), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), info->output);
    }

    void ratesAndComments()
    {
        test::RunsFixture f;
        auto d = drawer(f, QStringLiteral("triage"));
        box(d.get())->setText(QStringLiteral("The export is broken since yesterday"));
        QTest::mouseClick(runButton(d.get()), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>(d.get(), "answer-panel")->isVisible(), 30'000);
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-json"));
        auto *comment = child<QLineEdit>(d.get(), "rating-comment");
        QVERIFY(!comment->isEnabled());
        auto *stars = child<StarRating>(d.get(), "stars");
        stars->setFocus();
        QTest::keyClick(stars, Qt::Key_4);
        QTRY_VERIFY_WITH_TIMEOUT(comment->isEnabled(), 30'000);
        QTest::keyClicks(comment, QStringLiteral("nearly"));
        QTest::keyClick(comment, Qt::Key_Return);
        const auto newest = [&] { return f.session->project().ratings().ratings(d->currentRun()); };
        QTRY_COMPARE_WITH_TIMEOUT(newest().size(), size_t(1), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(newest().front().note, QStringLiteral("nearly"), 30'000);
        QCOMPARE(newest().front().value, 4.0);
        QTest::keyClick(stars, Qt::Key_0);
        QTRY_COMPARE_WITH_TIMEOUT(newest().size(), size_t(0), 30'000);
    }

    void stopsWithin100ms()
    {
        test::RunsFixture f(QStringLiteral("feedback-desk"), 20); // slow stream
        auto d = drawer(f, QStringLiteral("digest"));
        QString text;
        for (int i = 0; i < 30; ++i)
            text += QStringLiteral("The board loads slowly since the last update, please fix it number %1.\n").arg(i);
        box(d.get())->setText(text);
        QTest::keyClick(d.get(), Qt::Key_F5);
        auto *stop = child<Button>(d.get(), "stop-button");
        QTRY_VERIFY_WITH_TIMEOUT(stop->isVisible(), 30'000);
        auto *conversation = d->findChild<RunConversation *>();
        QTRY_VERIFY_WITH_TIMEOUT(conversation->cardCount() >= 1, 30'000);
        QTest::qWait(700);
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-running"));
        QElapsedTimer timer;
        timer.start();
        QTest::keyClick(d.get(), Qt::Key_F5, Qt::ShiftModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!stop->isVisible(), 30'000);
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(test::await(f.session->finished(d->currentRun()))->status, RunStatus::Cancelled);
        QVERIFY(child<InlineMessage>(d.get(), "run-error")->isVisible());
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-stopped"));
    }

    void approvalEditDeny_data()
    {
        QTest::addColumn<QString>("how");
        QTest::newRow("approve") << "approve";
        QTest::newRow("edit") << "edit";
        QTest::newRow("deny") << "deny";
    }
    void approvalEditDeny()
    {
        QFETCH(QString, how);
        test::RunsFixture f;
        askBeforeTool(f, QStringLiteral("feedback_sql"));
        auto d = drawer(f, QStringLiteral("analyst"));
        box(d.get())->setText(QStringLiteral("Which product area has the lowest average rating?"));
        d->run();
        QTRY_VERIFY_WITH_TIMEOUT(d->findChild<QWidget *>(QStringLiteral("approval-card")), 30'000);
        auto *approve = child<Button>(d.get(), "approve-button");
        QTRY_VERIFY_WITH_TIMEOUT(approve->isVisible(), 30'000);
        QCOMPARE(f.session->questions().size(), size_t(1));
        if (how == QLatin1String("approve")) {
            QTest::qWait(80);
            test::shoot(d.get(), &m_theme, QStringLiteral("drawer-approval"));
            QTest::mouseClick(approve, Qt::LeftButton);
        } else if (how == QLatin1String("edit")) {
            QTest::mouseClick(child<Button>(d.get(), "edit-arguments-button"), Qt::LeftButton);
            if (auto *json = d->findChild<QAbstractButton *>(QStringLiteral("edit-json-switch")))
                json->click();
            auto *editor = child<CodeEditor>(d.get(), "arguments-editor");
            editor->setText(QStringLiteral("{ not json"));
            QTest::mouseClick(approve, Qt::LeftButton);
            QCOMPARE(f.session->questions().size(), size_t(1)); // refused here, nothing sent
            test::shoot(d.get(), &m_theme, QStringLiteral("drawer-approval-edit"));
            editor->setText(QStringLiteral("{\"sql\": \"SELECT count(*) AS n FROM feedback\"}"));
            QTest::mouseClick(approve, Qt::LeftButton);
        } else {
            auto *deny = child<Button>(d.get(), "deny-button");
            QTest::mouseClick(deny, Qt::LeftButton);
            QTest::keyClicks(child<QLineEdit>(d.get(), "deny-reason"), QStringLiteral("not today"));
            QTest::mouseClick(deny, Qt::LeftButton);
        }
        // whatever the agent asks next is approved
        QElapsedTimer timer;
        timer.start();
        while (!child<QWidget>(d.get(), "answer-panel")->isVisible() && timer.elapsed() < 20'000) {
            for (const PendingQuestion &pending : f.session->questions()) {
                if (pending.question.step.startsWith(QLatin1String("1.2.")))
                    continue; // the first one was answered by hand
                HumanAnswer yes;
                yes.approved = true;
                f.session->answer(pending.run, pending.question.step, yes);
            }
            QTest::qWait(20);
        }
        QVERIFY(child<QWidget>(d.get(), "answer-panel")->isVisible());
        const auto trace = test::await(f.session->trace(d->currentRun(), CancelToken()));
        QVERIFY(trace);
        const Step &tool = trace->steps()[size_t(trace->indexOf(QStringLiteral("1.2")))];
        QStringList notes;
        for (const StepNote &note : tool.notes)
            notes.append(note.name);
        QCOMPARE(notes.contains(QStringLiteral("denied")), how == QLatin1String("deny"));
        QCOMPARE(notes.contains(QStringLiteral("arguments_edited")), how == QLatin1String("edit"));
        QVERIFY(!d->findChild<QWidget *>(QStringLiteral("approval-card"))
                || !d->findChild<QWidget *>(QStringLiteral("approval-card"))->isVisible());
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-after-") + how);
    }

    // In a low panel: what is edited can be seen, and after the last answer the keyboard is where the next run is asked for.
    void theKeyboardStaysWithTheQuestions()
    {
        test::RunsFixture f;
        askBeforeTool(f, QStringLiteral("feedback_sql"));
        auto d = drawer(f, QStringLiteral("analyst"));
        d->resize(480, 460);
        QVERIFY(QTest::qWaitForWindowActive(d.get()));
        box(d.get())->setText(QStringLiteral("Which product area has the lowest average rating?"));
        d->run();
        QElapsedTimer timer;
        timer.start();
        int answered = 0;
        while (!child<QWidget>(d.get(), "answer-panel")->isVisible() && timer.elapsed() < 60'000) {
            QWidget *card = nullptr;
            for (QWidget *one : d->findChildren<QWidget *>(QStringLiteral("approval-card"))) {
                if (one->isVisible() && one->isEnabled())
                    card = one;
            }
            if (card && f.session->questions().size() == 1) {
                card->setFocus();
                QTest::keyClick(card, Qt::Key_E, Qt::ControlModifier);
                QTest::qWait(50);
                const QWidget *focus = QApplication::focusWidget();
                QVERIFY(focus && card->isAncestorOf(focus));
                QVERIFY2(!focus->visibleRegion().isEmpty(), qPrintable(focus->objectName()));
                test::shoot(d.get(), &m_theme, QStringLiteral("drawer-low-edit"));
                QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::ControlModifier);
                ++answered;
            }
            QTest::qWait(20);
        }
        QVERIFY(answered > 0);
        QTRY_VERIFY_WITH_TIMEOUT(QApplication::focusWidget() && (box(d.get()) == QApplication::focusWidget() || box(d.get())->isAncestorOf(QApplication::focusWidget())),
                                 30'000);
    }

    void startErrorIsInline()
    {
        test::RunsFixture f;
        const ArtifactId agent = f.agent(QStringLiteral("triage"));
        QVERIFY(f.session->edit(agent, QStringLiteral("/prompt"), QStringLiteral("nowhere"), QStringLiteral("break")));
        auto d = drawer(f, QStringLiteral("triage"));
        box(d.get())->setText(QStringLiteral("x"));
        d->run();
        QTRY_VERIFY_WITH_TIMEOUT(child<InlineMessage>(d.get(), "start-error")->isVisible(), 30'000);
        QVERIFY(child<InlineMessage>(d.get(), "start-error")->text().contains(QStringLiteral("nowhere")));
        QVERIFY(runButton(d.get())->isVisible());
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-start-error"));
    }

    void menuOffersExamplesAndRecent()
    {
        test::RunsFixture f;
        f.run(QStringLiteral("triage"), QStringLiteral("My invoice & the seats are wrong"));
        auto d = drawer(f, QStringLiteral("triage"));
        QMenu *menu = nullptr;
        QAction *recent = nullptr;
        const auto offered = [&] { // once the log is read
            if (menu)
                menu->close();
            QTest::mouseClick(child<QAbstractButton>(d.get(), "run-examples"), Qt::LeftButton);
            const auto menus = d->findChildren<QMenu *>(QStringLiteral("examples-menu"));
            menu = menus.isEmpty() ? nullptr : menus.last(); // the one before may still be on its way out
            for (QAction *action : menu ? menu->actions() : QList<QAction *>()) {
                if (action->text().contains(QStringLiteral("invoice &&")))
                    recent = action;
            }
            return recent != nullptr;
        };
        QTRY_VERIFY_WITH_TIMEOUT(offered(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(menu->isVisible(), 30'000);
        QVERIFY(menu->actions().size() >= 5);
        recent->trigger();
        QCOMPARE(box(d.get())->text(), QStringLiteral("My invoice & the seats are wrong"));
        menu->close();
    }

    void variablesAreFieldsAndTabLeavesTheBox()
    {
        test::RunsFixture f;
        auto d = drawer(f, QStringLiteral("triage"));
        auto *field = child<QLineEdit>(d.get(), "variable-product");
        QVERIFY(field && field->isVisible());
        QCOMPARE(field->text(), QStringLiteral("Corkboard"));
        QVERIFY(QTest::qWaitForWindowActive(d.get()));
        box(d.get())->setFocus();
        QTest::keyClick(box(d.get()), Qt::Key_Tab);
        QVERIFY(!box(d.get())->hasFocus());
        QVERIFY(box(d.get())->text().isEmpty());
    }

    void mayBeClosedAtAnyTime()
    {
        test::RunsFixture f(QStringLiteral("feedback-desk"), 200);
        askBeforeTool(f, QStringLiteral("feedback_sql"));
        for (const int ms : {-1, 0, 5, 30, 120}) {
            auto d = drawer(f, QStringLiteral("analyst"));
            box(d.get())->setText(QStringLiteral("Which product area has the lowest average rating?"));
            d->run();
            if (ms >= 0)
                QTest::qWait(ms);
            d.reset();
            QTest::qWait(20);
        }
        QTRY_VERIFY_WITH_TIMEOUT(f.session->running().size() <= 5, 30'000);
        for (const RunId run : f.session->running())
            f.session->stop(run);
        QTRY_COMPARE_WITH_TIMEOUT(f.session->running().size(), size_t(0), 30'000);
    }

    void anotherAgentStartsAfresh()
    {
        test::RunsFixture f;
        auto d = drawer(f, QStringLiteral("triage"));
        box(d.get())->setText(QStringLiteral("The export is broken"));
        d->run();
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>(d.get(), "answer-panel")->isVisible(), 30'000);
        const RunId first = d->currentRun();
        d->run(); // once more on the same input
        QTRY_VERIFY_WITH_TIMEOUT(d->currentRun().isValid() && d->currentRun() != first, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>(d.get(), "answer-panel")->isVisible(), 30'000);
        d->setAgent(f.agent(QStringLiteral("reply")));
        QVERIFY(!child<QWidget>(d.get(), "answer-panel")->isVisible());
        QCOMPARE(d->findChild<RunConversation *>()->cardCount(), 0);
        QVERIFY(d->findChild<QWidget *>(QStringLiteral("variable-facts")));
    }

    void replyScreenshot()
    {
        test::RunsFixture f;
        auto d = drawer(f, QStringLiteral("reply"));
        test::shoot(d.get(), &m_theme, QStringLiteral("drawer-reply"));
    }
};

QTEST_MAIN(TestRunDrawer)
#include "tst_RunDrawer.moc"
