// SPDX-License-Identifier: GPL-3.0-or-later
#include "PlaygroundFixture.h"
#include "ui/playground/AnswerText.h"
#include "ui/playground/FigureStrip.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SearchField.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTreeView>

using namespace lathe;
using namespace lathe::test;

// Columns, sending, streaming, stopping, errors.
class TestPlaygroundPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void emptyTeachesAndFillsFromTheSample()
    {
        PlaygroundBench b;
        auto *empty = b.child<EmptyState>("playground-empty");
        QVERIFY(empty->isVisible());
        b.shoot(QStringLiteral("empty"));
        auto *link = b.child<LinkLabel>("sample-link");
        QVERIFY(link->isVisible());
        QTest::mouseClick(link, Qt::LeftButton);
        QCOMPARE(b.playground().columns().size(), size_t(2));
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 30'000);
        QVERIFY(!empty->isVisible());
        for (int column : {0, 1}) {
            QCOMPARE(newest(b, column).status, RunStatus::Done);
            QVERIFY(!newest(b, column).output.isEmpty());
            QVERIFY(b.card(0, column)->isVisible());
            QTRY_COMPARE_WITH_TIMEOUT(PlaygroundBench::in<AnswerText>(b.card(0, column), "answer-text")->text(),
                         newest(b, column).output, 30'000);
        }
        QTest::qWait(100);
        b.shoot(QStringLiteral("sample"));
    }

    void twoColumnsStreamAndEnd()
    {
        PlaygroundBench b(30);
        b.columns(QStringLiteral("reply"), {QString(), QString()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().running(), 30'000);
        // both grow at the same time
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(0, 0).empty() && !newest(b, 0).output.isEmpty()
                    && !newest(b, 1).output.isEmpty() && b.playground().running(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!PlaygroundBench::in<AnswerText>(b.card(0, 0), "answer-text")->text().isEmpty(), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!PlaygroundBench::in<AnswerText>(b.card(0, 1), "answer-text")->text().isEmpty(), 30'000);
        QVERIFY(b.child<Button>("stop-button")->isVisible());
        b.shoot(QStringLiteral("streaming"));
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 60'000);
        QVERIFY(!b.child<Button>("stop-button")->isVisible());
        for (int column : {0, 1}) {
            const auto &answer = newest(b, column);
            QCOMPARE(answer.status, RunStatus::Done);
            QVERIFY(answer.firstTokenUs >= 0 && answer.firstTokenUs <= answer.totalUs);
            auto *figures = PlaygroundBench::in<FigureStrip>(b.card(0, column), "figures");
            QTRY_VERIFY_WITH_TIMEOUT(figures->isVisible(), 30'000);
            QTRY_VERIFY_WITH_TIMEOUT(!figures->figures()[1].value.isEmpty(), 30'000);
            QVERIFY(!figures->figures()[2].value.isEmpty());
        }
        b.shoot(QStringLiteral("two"));
        // copy by key
        b.page->grid()->focusCard(0, 0);
        QTest::keyClick(b.card(0, 0), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), newest(b, 0).output);
        QTest::keyClick(b.card(0, 0), Qt::Key_Right);
        QVERIFY(b.card(0, 1)->hasFocus());
        QSignalSpy opened(b.page.get(), &PlaygroundPage::openRequested);
        QTest::keyClick(b.card(0, 1), Qt::Key_T);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.first().first().value<Location>(), Location::ofRun(newest(b, 1).run));
    }

    void regeneratesOne()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(1, 0).size() == 1 && over(b), 30'000);
        const RunId left = newest(b, 0).run;
        const RunId right = newest(b, 1).run;
        auto *again = PlaygroundBench::in<IconButton>(b.card(0, 1), "answer-again");
        QTRY_VERIFY_WITH_TIMEOUT(again->isVisible(), 30'000);
        QTest::mouseClick(again, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(over(b) && newest(b, 1).run != right, 30'000);
        QCOMPARE(newest(b, 0).run, left);
        QCOMPARE(newest(b, 1).status, RunStatus::Done);
        QCOMPARE(b.playground().answers(1, 0).size(), size_t(1));
    }

    void escapeStops()
    {
        PlaygroundBench b(5);
        b.columns(QStringLiteral("reply"), {QString(), QString(), QString()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().running() && !b.playground().answers(2, 0).empty()
                    && !newest(b, 2).output.isEmpty(), 30'000);
        QTest::keyClick(b.input(), Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 30'000);
        for (int column : {0, 1, 2})
            QCOMPARE(newest(b, column).status, RunStatus::Cancelled);
        QTRY_COMPARE_WITH_TIMEOUT(PlaygroundBench::in<ElidedLabel>(b.card(0, 0), "answer-state")->text(),
                     QStringLiteral("Stopped"), 30'000);
    }

    void oneColumnStopsAlone()
    {
        PlaygroundBench b(10);
        b.columns(QStringLiteral("reply"), {QString(), QString()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(0, 0).empty() && !newest(b, 0).output.isEmpty(), 30'000);
        auto *stop = PlaygroundBench::in<IconButton>(b.page->head(0), "variant-stop");
        QTRY_VERIFY_WITH_TIMEOUT(stop->isVisible(), 30'000);
        QTest::mouseClick(stop, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(newest(b, 0).status, RunStatus::Cancelled, 30'000);
        QCOMPARE(newest(b, 1).status, RunStatus::Running);
        b.page->stop();
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 30'000);
    }

    void anErrorSaysWhatToDo()
    {
        PlaygroundBench b;
        ProviderServer server(WireFormat::OpenAiChat);
        connectTo(b, server);
        qputenv(server.connectionSpec().secretName.toLatin1().constData(), "wrong");
        b.columns(QStringLiteral("reply"), {QString(), QString()}, QString());
        VariantSpec broken = b.playground().columns()[1].variant;
        broken.model = QStringLiteral("test/test-model");
        QVERIFY(b.playground().setColumn(1, broken));
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(1, 0).empty() && over(b), 30'000);
        QCOMPARE(newest(b, 0).status, RunStatus::Done);
        QCOMPARE(newest(b, 1).status, RunStatus::Failed);
        auto *error = PlaygroundBench::in<InlineMessage>(b.card(0, 1), "answer-error");
        QTRY_VERIFY_WITH_TIMEOUT(error->isVisible(), 30'000);
        QCOMPARE(error->text(), newest(b, 1).error->message);
        b.shoot(QStringLiteral("error"));
        QSignalSpy opened(b.page.get(), &PlaygroundPage::openRequested);
        QTest::mouseClick(error->actionButton(), Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.first().first().value<Location>(), Location::page(Location::Kind::Connections));
    }

    void conversationGoesOnInEachColumn()
    {
        PlaygroundBench b;
        ProviderServer server(WireFormat::OpenAiChat);
        connectTo(b, server);
        server.setResponder([](const SeenChat &chat) {
            return ScriptedAnswer::say(QStringLiteral("You said: %1").arg(chat.lastUserText.left(40)));
        });
        b.columns(QStringLiteral("reply"), {QString(), QString()}, QStringLiteral("test/test-model"));
        QTest::mouseClick(b.child<Button>("conversation-toggle"), Qt::LeftButton);
        QVERIFY(b.playground().conversation());
        b.type(QStringLiteral("Where is my invoice?"));
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(1, 0).size() == 1 && over(b), 30'000);
        QVERIFY(b.input()->text().isEmpty());
        b.type(QStringLiteral("And the one of May?"));
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(1, 0).size() == 2 && over(b), 30'000);
        QCOMPARE(b.page->grid()->rowCount(), 2);
        QCOMPARE(b.card(1, 0)->answer()->turn, 1);
        const auto chats = server.chats();
        QCOMPARE(chats.size(), size_t(4));
        QVERIFY(chats.back().messages
                >= chats.front().messages + 2); // what was said before, and the answer to it
        QTest::qWait(80);
        b.shoot(QStringLiteral("conversation"));
        QTest::mouseClick(b.child<Button>("conversation-restart"), Qt::LeftButton);
        QCOMPARE(b.page->grid()->rowCount(), 0);
    }

    void columnsByKeyboard()
    {
        PlaygroundBench b;
        b.columns(triage, {twoRevisions.first()});
        QTest::keyClick(b.page.get(), Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(b.playground().columns().size(), size_t(2));
        auto *filter = b.child<SearchField>("choice-filter"); // the new column asks what it runs
        QVERIFY(filter && filter->isVisible());
        b.shoot(QStringLiteral("choose"));
        QTest::keyClicks(filter, QStringLiteral("reply-prompt draft"));
        QTest::keyClick(filter, Qt::Key_Return);
        const auto second = [&] { return b.playground().columns()[1].variant; };
        QCOMPARE(second().prompt, QStringLiteral("reply-prompt@draft"));
        QCOMPARE(second().agent, QString());
        QVERIFY2(second().model.contains(QLatin1Char('/')), qPrintable(second().model));
        QTest::keyClick(b.page.get(), Qt::Key_2, Qt::AltModifier);
        auto *subject = PlaygroundBench::in<QWidget>(b.page->head(1), "variant-subject");
        QVERIFY(subject->hasFocus());
        QTest::keyClick(subject, Qt::Key_Left, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(b.playground().columns()[0].variant.prompt, QStringLiteral("reply-prompt@draft"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(b.playground().columns().size(), size_t(3));
        QCOMPARE(b.playground().columns()[1].variant.prompt, QStringLiteral("reply-prompt@draft"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Backspace,
                        Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(b.playground().columns().size(), size_t(2));
        QCOMPARE(b.playground().columns()[1].variant.agent, triage);
        QCOMPARE(b.page->head(1)->variant().agent, triage);
    }

    void parametersFoldAndReachTheModel()
    {
        PlaygroundBench b;
        ProviderServer server(WireFormat::OpenAiChat);
        connectTo(b, server);
        b.columns(QStringLiteral("reply"), {QString()}, QStringLiteral("test/test-model"));
        auto *fields = PlaygroundBench::in<QWidget>(b.page->head(0), "parameters");
        QVERIFY(!fields->isVisible());
        QTest::mouseClick(PlaygroundBench::in<IconButton>(b.page->head(0), "variant-fold"), Qt::LeftButton);
        QVERIFY(fields->isVisible());
        auto *temperature = PlaygroundBench::in<QLineEdit>(fields, "parameter-temperature");
        QVERIFY(temperature->hasFocus());
        QTest::keyClicks(temperature, QStringLiteral("0.5"));
        QTest::keyClicks(PlaygroundBench::in<QLineEdit>(fields, "parameter-seed"), QStringLiteral("7"));
        QCOMPARE(
            b.playground().columns()[0].variant.parameters.value(QLatin1String("temperature")).toDouble(),
            0.5);
        QTest::keyClicks(temperature, QStringLiteral("9")); // 0.59 is still fine
        QTest::keyClicks(temperature, QStringLiteral("x"));
        QCOMPARE(
            b.playground().columns()[0].variant.parameters.value(QLatin1String("temperature")).toDouble(),
            0.59);
        QTest::qWait(50);
        b.shoot(QStringLiteral("parameters"));
        server.enqueue(ScriptedAnswer::say(QStringLiteral("Yes.")));
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(0, 0).empty() && over(b), 30'000);
        QVERIFY(!server.chats().empty());
        QCOMPARE(server.chats().front().body.value(QLatin1String("temperature")).toDouble(), 0.59);
        QCOMPARE(server.chats().front().body.value(QLatin1String("seed")).toInt(), 7);
    }

    void rowsArePickedByFilter()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        QTest::keyClick(b.page.get(), Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
        auto *picker = b.page->input()->rows();
        QVERIFY(picker->isVisible());
        b.page->send();
        QVERIFY(problem(b).contains(QStringLiteral("No row is picked")));
        QTest::mouseClick(b.child<QAbstractButton>("row-dataset"), Qt::LeftButton);
        QTest::keyClick(b.child<SearchField>("choice-filter"), Qt::Key_Down);
        QTest::keyClick(b.child<SearchField>("choice-filter"), Qt::Key_Return);
        QCOMPARE(picker->dataset(), QStringLiteral("feedback"));
        QCOMPARE(picker->inputColumn(), QStringLiteral("message"));
        auto *filter = b.child<SearchField>("row-filter");
        QTest::keyClicks(filter, QStringLiteral("invoice"));
        QTest::keyClick(filter, Qt::Key_Return);
        auto *list = b.child<QTreeView>("row-list");
        QTRY_VERIFY_WITH_TIMEOUT(list->model()->rowCount() > 2 && list->model()->rowCount() < 100, 30'000);
        QTest::keyClick(filter, Qt::Key_Down);
        QVERIFY(list->hasFocus());
        QTest::keyClick(list, Qt::Key_Space);
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Space);
        QCOMPARE(picker->pickedCount(), 2);
        QTRY_COMPARE_WITH_TIMEOUT(b.playground().rows().size(), size_t(2), 30'000);
        QVERIFY(
            b.playground().rows().front().input.contains(QStringLiteral("invoice"), Qt::CaseInsensitive));
        QVERIFY2(problem(b).isEmpty(), qPrintable(problem(b)));
        b.shoot(QStringLiteral("pick"));
        QTest::keyClick(list, Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(1, 1).size() == 1 && over(b), 30'000);
        QCOMPARE(b.page->grid()->rowCount(), 2);
        QTest::mouseClick(b.child<Button>("input-type"), Qt::LeftButton);
        QVERIFY(b.playground().dataset().isEmpty());
    }

    void aMissingVariableIsSaid()
    {
        PlaygroundBench b;
        const auto made = await(b.session->createArtifact(
            ArtifactKind::Prompt, QStringLiteral("greeting"),
            QJsonObject{{QStringLiteral("text"), QStringLiteral("Greet {{customer}} in {{language}}.")},
                        {QStringLiteral("variables"),
                         QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("customer")},
                                                {QStringLiteral("required"), true}},
                                    QJsonObject{{QStringLiteral("name"), QStringLiteral("language")},
                                                {QStringLiteral("default"), QStringLiteral("German")},
                                                {QStringLiteral("required"), false}}}}}));
        QVERIFY(made);
        while (!b.playground().columns().empty())
            b.playground().removeColumn(0);
        VariantSpec variant;
        variant.prompt = QStringLiteral("greeting@draft");
        b.page->addVariant(variant);
        QCOMPARE(b.playground().columns().size(), size_t(1));
        QVERIFY(!b.playground().columns().front().variant.model.isEmpty());
        auto *customer = b.child<QLineEdit>("variable-customer");
        QVERIFY(customer->isVisible());
        QCOMPARE(b.child<QLineEdit>("variable-language")->text(), QStringLiteral("German"));
        b.type(QStringLiteral("Hello"));
        b.sendByKey();
        QVERIFY2(problem(b).contains(QStringLiteral("{{customer}}")), qPrintable(problem(b)));
        QVERIFY(customer->hasFocus());
        QVERIFY(!b.playground().running());
        QTest::keyClicks(customer, QStringLiteral("Katrin"));
        QVERIFY(problem(b).isEmpty());
        QTest::keyClick(customer, Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(0, 0).empty() && over(b), 30'000);
        QCOMPARE(newest(b, 0).status, RunStatus::Done);
        const auto run = b.session->project().runs().run(newest(b, 0).run);
        QVERIFY(run);
        QCOMPARE(run->inputJson.value(QLatin1String("variables"))
                     .toObject()
                     .value(QLatin1String("customer"))
                     .toString(),
                 QStringLiteral("Katrin"));
    }

    void everythingComesBack()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(1, 0).size() == 1 && over(b), 30'000);
        const QString output = newest(b, 1).output;
        b.close();
        b.open();
        QCOMPARE(b.playground().columns().size(), size_t(2));
        QCOMPARE(b.input()->text(), complaint);
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(1, 0).empty(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(newest(b, 1).output, output, 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(PlaygroundBench::in<AnswerText>(b.card(0, 1), "answer-text")->text(), output, 30'000);
    }

    void manyRowsMakeOnlyTheCardsInView()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        pickRows(b, QStringLiteral("1-100"));
        b.page->send();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(1, 99).size() == 1 && over(b), 120'000);
        QTest::qWait(100);
        const auto cards = b.page->findChildren<ResultCard *>();
        QVERIFY2(cards.size() >= 2 && cards.size() <= 40, qPrintable(QString::number(cards.size())));
        QCOMPARE(b.page->grid()->rowCount(), 100);
        b.page->grid()->focusCard(99, 1);
        QTRY_COMPARE_WITH_TIMEOUT(PlaygroundBench::in<AnswerText>(b.card(99, 1), "answer-text")->text(),
                     newest(b, 1, 99).output, 30'000);
    }

    void fourColumnsStandSideBySide()
    {
        PlaygroundBench b(40);
        b.columns(QStringLiteral("reply"),
                  {QString(), QStringLiteral("reply-prompt@1"), QStringLiteral("triage-prompt@1"),
                   QStringLiteral("digest-prompt@1")});
        QVERIFY(!b.child<Button>("add-variant")->isEnabled());
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(3, 0).empty() && newest(b, 3).output.size() > 30, 30'000);
        QTest::qWait(200);
        b.shoot(QStringLiteral("four-streaming"));
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 60'000);
        QTest::qWait(100);
        for (int column = 1; column < 4; ++column) { // heads stand over their cards
            QCOMPARE(b.page->head(column)->mapTo(b.page.get(), QPoint()).x(),
                     b.card(0, column)->mapTo(b.page.get(), QPoint()).x());
            QCOMPARE(b.page->head(column)->width(), b.card(0, column)->width());
        }
        b.shoot(QStringLiteral("four"));
    }

    // A hundred answers stream at once while the window stays awake.
    void theLoopStaysFreeWhileManyStream()
    {
        PlaygroundBench b(60);
        b.columns(QStringLiteral("reply"), {QString(), QString()});
        pickRows(b, QStringLiteral("1-50"));
        QElapsedTimer clock;
        std::vector<double> gaps; // ms between two turns of the event loop
        QTimer pulse;
        pulse.setInterval(0);
        clock.start();
        connect(&pulse, &QTimer::timeout, this, [&] {
            gaps.push_back(double(clock.nsecsElapsed()) / 1e6);
            clock.start();
        });
        pulse.start();
        b.page->send();
        const auto streaming = [&b] {
            int count = 0;
            for (int row = 0; row < 50; ++row) {
                for (int column : {0, 1})
                    count += !b.playground().answers(column, row).empty() && !newest(b, column, row).output.isEmpty() ? 1 : 0;
            }
            return count;
        };
        QTRY_VERIFY_WITH_TIMEOUT(streaming() >= 16, 120'000);
        pulse.stop();
        b.shoot(QStringLiteral("many-streaming"));
        b.page->stop();
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 30'000);
        std::sort(gaps.begin(), gaps.end());
        const double p99 = gaps[gaps.size() * 99 / 100];
        qInfo("%d answers began; %zu turns, p99 %.1f ms, longest %.1f ms", streaming(), gaps.size(), p99, gaps.back());
        QVERIFY2(gaps.back() < 20'000, qPrintable(QString::number(gaps.back()))); // it does not hang
    }

    void thePageClosesWhileItStreams()
    {
        PlaygroundBench b(20);
        b.columns(QStringLiteral("reply"), {QString(), QString()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(1, 0).empty() && !newest(b, 1).output.isEmpty(), 30'000);
        b.page.reset(); // another tab closes it; the answers go on
        QVERIFY(b.playground().running());
        b.show();
        QTRY_VERIFY_WITH_TIMEOUT(!PlaygroundBench::in<AnswerText>(b.card(0, 1), "answer-text")->text().isEmpty(), 30'000);
        QVERIFY(b.child<Button>("stop-button")->isVisible());
        b.close(); // the session stops them
        b.open();
        QCOMPARE(newest(b, 0).status, RunStatus::Cancelled);
    }

    void aHugeAnswerIsCut()
    {
        PlaygroundBench b;
        ProviderServer server(WireFormat::OpenAiChat);
        connectTo(b, server);
        b.columns(QStringLiteral("reply"), {QString()}, QStringLiteral("test/test-model"));
        server.enqueue(ScriptedAnswer::huge(1'000'000));
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(0, 0).empty() && over(b), 60'000);
        QCOMPARE(newest(b, 0).status, RunStatus::Done);
        auto *text = PlaygroundBench::in<AnswerText>(b.card(0, 0), "answer-text");
        QTRY_COMPARE_WITH_TIMEOUT(text->text().size(), newest(b, 0).output.size(), 30'000);
        auto *more = PlaygroundBench::in<LinkLabel>(text, "answer-more"); // the rest opens in a window
        QVERIFY(more && more->isVisible() && more->text().contains(QStringLiteral("Open all")));
    }
};

QTEST_MAIN(TestPlaygroundPage)
#include "tst_PlaygroundPage.moc"
