// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunDrawer.h"

#include "RunsFixture.h"
#include "tests/support/ProviderServers.h"
#include "ui/runs/RunConversation.h"
#include "ui/runs/StepCard.h"
#include "ui/runs/StepHeader.h"
#include "ui/runs/TextBlock.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"

#include <QLineEdit>
#include <QSignalSpy>

using namespace lathe;
using test::child;
using test::ScriptedAnswer;

// The drawer against a provider that speaks a real wire format, and one that misbehaves.
class TestRunDrawerProvider : public QObject
{
    Q_OBJECT
    Theme m_theme;

    struct Bench {
        test::ProviderServer server{test::WireFormat::OpenAiChat};
        test::RunsFixture f;
        std::unique_ptr<RunDrawer> drawer;
    };
    std::unique_ptr<Bench> bench(const QString &agent, const QByteArray &key = QByteArray())
    {
        auto made = std::make_unique<Bench>();
        const ConnectionSpec spec = made->server.connectionSpec();
        qputenv(spec.secretName.toLatin1().constData(), key.isEmpty() ? made->server.secret().toUtf8() : key);
        Session *session = made->f.session.get();
        const auto connection = test::await(session->createArtifact(ArtifactKind::Connection, QStringLiteral("test"), spec.toJson()));
        if (!connection)
            qFatal("%s", qPrintable(connection.error().message));
        const auto edited = session->edit(made->f.agent(agent), QStringLiteral("/model"),
                                          QJsonObject{{QStringLiteral("connection"), QStringLiteral("test")},
                                                      {QStringLiteral("model"), QStringLiteral("test-model")}},
                                          QStringLiteral("model"));
        if (!edited)
            qFatal("%s", qPrintable(edited.error().message));
        made->drawer = std::make_unique<RunDrawer>(session, &m_theme, nullptr);
        made->drawer->setAgent(made->f.agent(agent));
        made->drawer->resize(480, 860);
        made->drawer->show();
        return made;
    }
    static void run(Bench &b, const QString &text)
    {
        child<CodeEditor>(b.drawer.get(), "run-text")->setText(text);
        b.drawer->run();
    }
    static bool over(Bench &b) { return child<QWidget>(b.drawer.get(), "answer-panel")->isVisible(); }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void streamsThoughtsCallsAndRetries()
    {
        auto b = bench(QStringLiteral("analyst"));
        b->server.enqueue(ScriptedAnswer::serverError(500));
        b->server.enqueue(ScriptedAnswer::call(QStringLiteral("feedback_sql"), QStringLiteral("{\"sql\":\"SELECT count(*) AS n FROM feedback\"}"))
                              .thinking(QStringLiteral("First I count the rows of the table. "))
                              .paced(5));
        b->server.enqueue(ScriptedAnswer::say(QStringLiteral("There are **300** messages.\n\n- in one table\n- from June to November\n"))
                              .thinking(QStringLiteral("Now I can say it, since the count is known and nothing else was asked for. "))
                              .paced(40));
        run(*b, QStringLiteral("How many messages are there?"));
        auto *conversation = b->drawer->findChild<RunConversation *>();
        QTRY_VERIFY_WITH_TIMEOUT(conversation->card(QStringLiteral("1.3")), 30'000);
        StepCard *last = conversation->card(QStringLiteral("1.3"));
        // Text is on screen before the answer is complete.
        QTRY_VERIFY_WITH_TIMEOUT(last->findChild<TextBlock *>(QStringLiteral("text")), 30'000);
        QVERIFY(!over(*b));
        QTest::qWait(120);
        test::shoot(b->drawer.get(), &m_theme, QStringLiteral("provider-streaming"));
        QTRY_VERIFY_WITH_TIMEOUT(over(*b), 30'000);
        test::shoot(b->drawer.get(), &m_theme, QStringLiteral("provider-done"));
        const auto info = b->f.session->project().runs().run(b->drawer->currentRun());
        QCOMPARE(info->status, RunStatus::Done);
        StepCard *first = conversation->card(QStringLiteral("1.1"));
        const auto notes = first->findChildren<NoteLine *>();
        QCOMPARE(notes.size(), 1);
        QVERIFY2(notes.first()->accessibleName().contains(QStringLiteral("Trying again, attempt 2")), qPrintable(notes.first()->accessibleName()));
        // thoughts are folded once the step is over, and open on a click
        auto *thinking = child<QAbstractButton>(first, "thinking");
        QVERIFY(thinking->text().contains(QStringLiteral("characters")));
        QTest::mouseClick(thinking, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(first->height() > 80, 30'000);
    }

    void refusedKeyLeadsToConnections()
    {
        auto b = bench(QStringLiteral("triage"), QByteArrayLiteral("wrong-key-entirely"));
        QSignalSpy opened(b->drawer.get(), &RunDrawer::openRequested);
        run(*b, QStringLiteral("The export is broken"));
        QTRY_VERIFY_WITH_TIMEOUT(over(*b) || child<InlineMessage>(b->drawer.get(), "start-error")->isVisible(), 30'000);
        auto *error = over(*b) ? child<InlineMessage>(b->drawer.get(), "run-error") : child<InlineMessage>(b->drawer.get(), "start-error");
        QVERIFY(error->isVisible());
        QVERIFY(!error->text().contains(QStringLiteral("wrong-key-entirely")));
        test::shoot(b->drawer.get(), &m_theme, QStringLiteral("provider-wrong-key"));
        QVERIFY(error->actionButton()->isVisible());
        QTest::mouseClick(error->actionButton(), Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.first().first().value<Location>(), Location::page(Location::Kind::Connections));
    }

    void fallbackIsSaid()
    {
        auto b = bench(QStringLiteral("triage"));
        b->server.enqueue(ScriptedAnswer::unknownModel());
        QVERIFY(b->f.session->edit(b->f.agent(QStringLiteral("triage")), QStringLiteral("/fallback_models"),
                                   QJsonArray{QJsonObject{{QStringLiteral("connection"), QStringLiteral("offline")},
                                                          {QStringLiteral("model"), QStringLiteral("extractive")}}},
                                   QStringLiteral("fallback")));
        run(*b, QStringLiteral("The export is broken"));
        QTRY_VERIFY_WITH_TIMEOUT(over(*b), 30'000);
        const auto notes = b->drawer->findChildren<NoteLine *>();
        QVERIFY(std::any_of(notes.begin(), notes.end(),
                            [](NoteLine *line) { return line->accessibleName().contains(QStringLiteral("extractive")); }));
        test::shoot(b->drawer.get(), &m_theme, QStringLiteral("provider-fallback"));
    }

    void cutStreamShowsWhatCame()
    {
        auto b = bench(QStringLiteral("digest"));
        for (int i = 0; i < 6; ++i)
            b->server.enqueue(ScriptedAnswer::say(QStringLiteral("Half of this is lost on the way to you.")).cutAfter(4));
        run(*b, QStringLiteral("Good.\nBad."));
        QTRY_VERIFY_WITH_TIMEOUT(over(*b), 30'000);
        QVERIFY(child<InlineMessage>(b->drawer.get(), "run-error")->isVisible());
        QVERIFY(child<Button>(b->drawer.get(), "run-button")->isVisible());
        test::shoot(b->drawer.get(), &m_theme, QStringLiteral("provider-cut"));
    }

    void hugeAnswerDoesNotFreeze()
    {
        auto b = bench(QStringLiteral("reply"));
        b->server.enqueue(ScriptedAnswer::huge(10'000'000));
        run(*b, QStringLiteral("Write a lot"));
        QElapsedTimer timer;
        qint64 worst = 0;
        QElapsedTimer whole;
        whole.start();
        while (!over(*b) && whole.elapsed() < 120'000) {
            timer.start();
            QCoreApplication::processEvents(QEventLoop::AllEvents, 2);
            worst = std::max(worst, timer.elapsed());
            QTest::qSleep(1);
        }
        QVERIFY(over(*b));
        QVERIFY2(worst < 20000, qPrintable(QStringLiteral("the window stood still for %1 ms").arg(worst)));
        test::shoot(b->drawer.get(), &m_theme, QStringLiteral("provider-huge"));
    }

    void questionsAreAskedInline()
    {
        auto b = bench(QStringLiteral("planner"));
        QVERIFY(b->f.session->edit(b->f.agent(QStringLiteral("planner")), QStringLiteral("/pattern"), QStringLiteral("tool_loop"), QStringLiteral("p")));
        b->server.enqueue(ScriptedAnswer::call(QStringLiteral("ask_human"),
                                               QStringLiteral("{\"question\":\"Which month do you mean?\",\"choices\":[\"October\",\"November & later\"]}")));
        b->server.setResponder([](const test::SeenChat &chat) {
            return ScriptedAnswer::say(QStringLiteral("You said: ") + chat.toolResults.join(QLatin1Char(' ')));
        });
        run(*b, QStringLiteral("How many complaints?"));
        QTRY_VERIFY_WITH_TIMEOUT(b->drawer->findChild<QWidget *>(QStringLiteral("question-card")), 30'000);
        QTest::qWait(50);
        test::shoot(b->drawer.get(), &m_theme, QStringLiteral("provider-question"));
        QTest::mouseClick(child<Button>(b->drawer.get(), "choice-2"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(over(*b), 30'000);
        QCOMPARE(b->f.session->project().runs().run(b->drawer->currentRun())->output, QStringLiteral("You said: November & later"));
        // and in words of one's own
        b->server.enqueue(ScriptedAnswer::call(QStringLiteral("ask_human"), QStringLiteral("{\"question\":\"Which one?\"}")));
        b->drawer->run();
        QTRY_VERIFY_WITH_TIMEOUT(b->drawer->findChild<QLineEdit *>(QStringLiteral("answer-field"))
                    && b->drawer->findChild<QLineEdit *>(QStringLiteral("answer-field"))->isVisible(), 30'000);
        auto *field = child<QLineEdit>(b->drawer.get(), "answer-field");
        QTest::keyClicks(field, QStringLiteral("the last"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(over(*b), 30'000);
        QCOMPARE(b->f.session->project().runs().run(b->drawer->currentRun())->output, QStringLiteral("You said: the last"));
    }
};

QTEST_MAIN(TestRunDrawerProvider)
#include "tst_RunDrawerProvider.moc"
