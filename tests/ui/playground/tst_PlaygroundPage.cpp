// SPDX-License-Identifier: GPL-3.0-or-later
#include "PlaygroundFixture.h"
#include "tests/support/ProviderServers.h"
#include "ui/playground/AnswerText.h"
#include "ui/playground/BlindBar.h"
#include "ui/playground/FigureStrip.h"
#include "ui/playground/RowPicker.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/StarRating.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTreeView>

using namespace lathe;
using test::PlaygroundBench;
using test::ScriptedAnswer;

namespace {
const QString triage = QStringLiteral("triage");
const QStringList twoRevisions{QStringLiteral("triage-prompt@1"), QStringLiteral("triage-prompt@2")};
const QString complaint = QStringLiteral("The CSV export stops at 10,000 rows. We need it for an audit.");
}

class TestPlaygroundPage : public QObject
{
    Q_OBJECT

    static bool over(PlaygroundBench &b) { return !b.playground().running(); }
    static const PlaygroundAnswer &newest(PlaygroundBench &b, int column, int row = 0) { return b.playground().answers(column, row).back(); }
    static QString problem(PlaygroundBench &b)
    {
        for (auto *line : b.page->input()->findChildren<ProblemLine *>()) {
            if (line->hasProblem())
                return line->text();
        }
        return {};
    }
    static void pickRows(PlaygroundBench &b, const QString &rows)
    {
        QTest::mouseClick(b.child<Button>("input-rows"), Qt::LeftButton);
        auto *picker = b.page->input()->rows();
        picker->show(QStringLiteral("feedback"), rows);
        Q_EMIT picker->changed();
        QCOMPARE(b.playground().dataset(), QStringLiteral("feedback"));
    }
    // A connection to a scripted provider; its name is "test".
    static void connectTo(PlaygroundBench &b, test::ProviderServer &server)
    {
        const ConnectionSpec spec = server.connectionSpec();
        qputenv(spec.secretName.toLatin1().constData(), server.secret().toUtf8());
        QVERIFY(test::await(b.session->createArtifact(ArtifactKind::Connection, QStringLiteral("test"), spec.toJson())));
    }

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
        QTRY_VERIFY(over(b));
        QVERIFY(!empty->isVisible());
        for (int column : {0, 1}) {
            QCOMPARE(newest(b, column).status, RunStatus::Done);
            QVERIFY(!newest(b, column).output.isEmpty());
            QVERIFY(b.card(0, column)->isVisible());
            QTRY_COMPARE(PlaygroundBench::in<AnswerText>(b.card(0, column), "answer-text")->text(), newest(b, column).output);
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
        QTRY_VERIFY(b.playground().running());
        // both grow at the same time
        QTRY_VERIFY(!b.playground().answers(0, 0).empty() && !newest(b, 0).output.isEmpty() && !newest(b, 1).output.isEmpty() && b.playground().running());
        QTRY_VERIFY(!PlaygroundBench::in<AnswerText>(b.card(0, 0), "answer-text")->text().isEmpty());
        QTRY_VERIFY(!PlaygroundBench::in<AnswerText>(b.card(0, 1), "answer-text")->text().isEmpty());
        QVERIFY(b.child<Button>("stop-button")->isVisible());
        b.shoot(QStringLiteral("streaming"));
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 60'000);
        QVERIFY(!b.child<Button>("stop-button")->isVisible());
        for (int column : {0, 1}) {
            const auto &answer = newest(b, column);
            QCOMPARE(answer.status, RunStatus::Done);
            QVERIFY(answer.firstTokenUs >= 0 && answer.firstTokenUs <= answer.totalUs);
            auto *figures = PlaygroundBench::in<FigureStrip>(b.card(0, column), "figures");
            QTRY_VERIFY(figures->isVisible());
            QTRY_VERIFY(!figures->figures()[1].value.isEmpty());
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
        QTRY_VERIFY(b.playground().answers(1, 0).size() == 1 && over(b));
        const RunId left = newest(b, 0).run;
        const RunId right = newest(b, 1).run;
        auto *again = PlaygroundBench::in<IconButton>(b.card(0, 1), "answer-again");
        QTRY_VERIFY(again->isVisible());
        QTest::mouseClick(again, Qt::LeftButton);
        QTRY_VERIFY(over(b) && newest(b, 1).run != right);
        QCOMPARE(newest(b, 0).run, left);
        QCOMPARE(newest(b, 1).status, RunStatus::Done);
        QCOMPARE(b.playground().answers(1, 0).size(), size_t(1));
    }

    void repeatsAndShowsTheSpread()
    {
        PlaygroundBench b;
        test::ProviderServer server(test::WireFormat::OpenAiChat);
        connectTo(b, server);
        b.columns(QStringLiteral("reply"), {QString()}, QStringLiteral("test/test-model"));
        server.enqueue(ScriptedAnswer::say(QStringLiteral("We are sorry and look into it today.")));
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(b.playground().answers(0, 0).size() == 1 && over(b));
        for (const char *said : {"We are sorry and look into it today.", "We are sorry and look into it tomorrow.", "We are sorry and look into it today."})
            server.enqueue(ScriptedAnswer::say(QString::fromLatin1(said)));
        auto *more = PlaygroundBench::in<IconButton>(b.card(0, 0), "answer-menu-button");
        QTRY_VERIFY(more->isVisible());
        QTest::mouseClick(more, Qt::LeftButton);
        PlaygroundBench::trigger(b.card(0, 0), "answer-menu", "answer-repeat-3");
        QTRY_VERIFY(b.playground().answers(0, 0).size() == 4 && over(b));
        auto *spread = PlaygroundBench::in<QWidget>(b.card(0, 0), "spread");
        QTRY_VERIFY(spread->isVisible());
        QTRY_COMPARE(PlaygroundBench::in<Label>(spread, "spread-title")->text(), QStringLiteral("4 answers, 2 distinct"));
        QVERIFY(!PlaygroundBench::in<Label>(spread, "spread-total-median")->text().isEmpty());
        auto *second = PlaygroundBench::in<LinkLabel>(spread, "spread-output-1");
        QTest::mouseClick(second, Qt::LeftButton);
        auto *difference = PlaygroundBench::in<QWidget>(spread, "spread-difference");
        QVERIFY(difference->isVisible());
        b.shoot(QStringLiteral("spread"));
        // one of four can be looked at
        QTest::mouseClick(PlaygroundBench::in<IconButton>(b.card(0, 0), "answer-previous"), Qt::LeftButton);
        QCOMPARE(b.card(0, 0)->answer()->run, b.playground().answers(0, 0)[2].run);
    }

    void blindHidesShufflesAndReveals()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        pickRows(b, QStringLiteral("1-6"));
        QTest::keyClick(b.page.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(b.playground().answers(1, 5).size() == 1 && over(b));
        b.shoot(QStringLiteral("rows"));
        QTest::mouseClick(b.child<Button>("blind-toggle"), Qt::LeftButton);
        QVERIFY(b.playground().blind());
        QVERIFY(b.child<QWidget>("blind-bar")->isVisible());
        QVERIFY(!PlaygroundBench::in<QWidget>(b.page->head(0), "variant-subject")->isVisible());
        QVERIFY(!PlaygroundBench::in<QWidget>(b.card(0, 0), "figures")->isVisible());
        QVERIFY(!PlaygroundBench::in<QWidget>(b.card(0, 0), "answer-menu-button")->isVisible());
        // a card shows the answer of the column that stands there in this row
        for (int row = 0; row < 6; ++row) {
            for (int position : {0, 1})
                QCOMPARE(b.card(row, position)->column(), b.playground().order(row)[size_t(position)]);
        }
        QTest::qWait(50);
        b.shoot(QStringLiteral("blind"));
        int wins[2] = {0, 0};
        for (const Qt::Key key : {Qt::Key_1, Qt::Key_2, Qt::Key_1, Qt::Key_1, Qt::Key_0, Qt::Key_2}) {
            const int at = b.page->grid()->currentRow();
            QVERIFY(at >= 0);
            if (key != Qt::Key_0)
                ++wins[b.playground().order(at)[key == Qt::Key_1 ? 0 : 1]];
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : b.page.get(), key);
            QVERIFY(b.playground().choice(at).has_value());
        }
        QCOMPARE(b.child<Label>("blind-text")->text(), QStringLiteral("6 of 6 judged"));
        QTest::mouseClick(b.child<Button>("blind-reveal"), Qt::LeftButton);
        QVERIFY(!b.playground().blind());
        auto *tally = b.child<TallyView>("blind-tally");
        QVERIFY(tally->isVisible());
        QVERIFY2(tally->accessibleName().contains(QStringLiteral("%1 won, %2 lost, 1 ties").arg(wins[0]).arg(wins[1])), qPrintable(tally->accessibleName()));
        QVERIFY2(tally->accessibleName().contains(QStringLiteral("%1 won, %2 lost, 1 ties").arg(wins[1]).arg(wins[0])), qPrintable(tally->accessibleName()));
        QVERIFY(PlaygroundBench::in<QWidget>(b.page->head(0), "variant-subject")->isVisible());
        b.shoot(QStringLiteral("reveal"));
    }

    void keepsAnAnswerAsAnExample()
    {
        PlaygroundBench b;
        b.columns(triage, {twoRevisions.last()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(!b.playground().answers(0, 0).empty() && over(b));
        b.page->grid()->focusCard(0, 0);
        QTest::keyClick(b.card(0, 0), Qt::Key_D);
        auto *field = b.child<SearchField>("choice-filter");
        QVERIFY(field && field->isVisible());
        QTest::keyClicks(field, QStringLiteral("golden"));
        b.shoot(QStringLiteral("keep"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY(b.session->project().artifacts().find(ArtifactKind::Dataset, QStringLiteral("golden")).has_value());
        Result<Dataset> kept = b.session->dataset(QStringLiteral("golden"));
        QTRY_VERIFY((kept = b.session->dataset(QStringLiteral("golden")), kept && kept->rows.size() == 1));
        bool input = false;
        bool output = false;
        for (const QJsonValue &value : kept->rows.front()) {
            input = input || value.toString() == complaint;
            output = output || value.toString() == newest(b, 0).output;
        }
        QVERIFY(input);
        QVERIFY(output);
    }

    void keepsAVariantAsARevision()
    {
        PlaygroundBench b;
        b.columns(triage, {QStringLiteral("triage-prompt@1")});
        auto &artifacts = b.session->project().artifacts();
        const auto prompt = artifacts.find(ArtifactKind::Prompt, QStringLiteral("triage-prompt"));
        QVERIFY(prompt);
        const int before = artifacts.info(*prompt)->latestNumber;
        QVERIFY(before >= 2);
        const QJsonObject first = artifacts.revision(*prompt, 1)->body;
        QSignalSpy said(b.page.get(), &PlaygroundPage::statusMessage);
        QTest::mouseClick(PlaygroundBench::in<IconButton>(b.page->head(0), "variant-more"), Qt::LeftButton);
        PlaygroundBench::trigger(b.page->head(0), "variant-menu", "variant-commit");
        auto *note = b.child<QLineEdit>("keep-note");
        QTest::keyClicks(note, QStringLiteral("simpler and as good"));
        b.shoot(QStringLiteral("keep-variant"));
        QTest::keyClick(note, Qt::Key_Return);
        QTRY_COMPARE(artifacts.info(*prompt)->latestNumber, before + 1); // the former revision is the newest again
        QCOMPARE(artifacts.revisions(*prompt).front().note, QStringLiteral("simpler and as good"));
        QCOMPARE(artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("triage-prompt"))->body, first);
        QTRY_COMPARE(said.count(), 1);
        QVERIFY(said.first().first().toString().contains(QStringLiteral("triage-prompt@%1").arg(before + 1)));
    }

    void escapeStopsWithin100ms()
    {
        PlaygroundBench b(5);
        b.columns(QStringLiteral("reply"), {QString(), QString(), QString()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(b.playground().running() && !b.playground().answers(2, 0).empty() && !newest(b, 2).output.isEmpty());
        QElapsedTimer clock;
        clock.start();
        QTest::keyClick(b.input(), Qt::Key_Escape);
        while (!over(b) && clock.elapsed() < 5000)
            QTest::qWait(1);
        const qint64 took = clock.elapsed();
        QVERIFY2(took < 100, qPrintable(QStringLiteral("%1 ms").arg(took)));
        for (int column : {0, 1, 2})
            QCOMPARE(newest(b, column).status, RunStatus::Cancelled);
        QTRY_COMPARE(PlaygroundBench::in<ElidedLabel>(b.card(0, 0), "answer-state")->text(), QStringLiteral("Stopped"));
    }

    void oneColumnStopsAlone()
    {
        PlaygroundBench b(10);
        b.columns(QStringLiteral("reply"), {QString(), QString()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(!b.playground().answers(0, 0).empty() && !newest(b, 0).output.isEmpty());
        auto *stop = PlaygroundBench::in<IconButton>(b.page->head(0), "variant-stop");
        QTRY_VERIFY(stop->isVisible());
        QTest::mouseClick(stop, Qt::LeftButton);
        QTRY_COMPARE(newest(b, 0).status, RunStatus::Cancelled);
        QCOMPARE(newest(b, 1).status, RunStatus::Running);
        b.page->stop();
        QTRY_VERIFY(over(b));
    }

    void anErrorSaysWhatToDo()
    {
        PlaygroundBench b;
        test::ProviderServer server(test::WireFormat::OpenAiChat);
        connectTo(b, server);
        qputenv(server.connectionSpec().secretName.toLatin1().constData(), "wrong");
        b.columns(QStringLiteral("reply"), {QString(), QString()}, QString());
        VariantSpec broken = b.playground().columns()[1].variant;
        broken.model = QStringLiteral("test/test-model");
        QVERIFY(b.playground().setColumn(1, broken));
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(!b.playground().answers(1, 0).empty() && over(b));
        QCOMPARE(newest(b, 0).status, RunStatus::Done);
        QCOMPARE(newest(b, 1).status, RunStatus::Failed);
        auto *error = PlaygroundBench::in<InlineMessage>(b.card(0, 1), "answer-error");
        QTRY_VERIFY(error->isVisible());
        QCOMPARE(error->text(), newest(b, 1).error->message);
        b.shoot(QStringLiteral("error"));
        QSignalSpy opened(b.page.get(), &PlaygroundPage::openRequested);
        QTest::mouseClick(error->actionButton(), Qt::LeftButton);
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened.first().first().value<Location>(), Location::page(Location::Kind::Connections));
    }

    void ratesAnAnswer()
    {
        PlaygroundBench b;
        b.columns(triage, {twoRevisions.last()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(!b.playground().answers(0, 0).empty() && over(b));
        QTRY_VERIFY(b.card(0, 0)->findChild<StarRating *>());
        auto *stars = PlaygroundBench::in<StarRating>(b.card(0, 0), "answer-stars");
        stars->setFocus();
        QTest::keyClick(stars, Qt::Key_4);
        const RunId run = newest(b, 0).run;
        QTRY_COMPARE(b.session->project().ratings().ratings(run).size(), size_t(1));
        auto *comment = PlaygroundBench::in<QLineEdit>(b.card(0, 0), "answer-comment");
        QTRY_VERIFY(comment->isVisible());
        QTest::keyClicks(comment, QStringLiteral("area is right"));
        QTest::keyClick(comment, Qt::Key_Return);
        QTRY_COMPARE(b.session->project().ratings().ratings(run).front().note, QStringLiteral("area is right"));
        QCOMPARE(b.session->project().ratings().ratings(run).front().value, 4.0);
    }

    void conversationGoesOnInEachColumn()
    {
        PlaygroundBench b;
        test::ProviderServer server(test::WireFormat::OpenAiChat);
        connectTo(b, server);
        server.setResponder([](const test::SeenChat &chat) { return ScriptedAnswer::say(QStringLiteral("You said: %1").arg(chat.lastUserText.left(40))); });
        b.columns(QStringLiteral("reply"), {QString(), QString()}, QStringLiteral("test/test-model"));
        QTest::mouseClick(b.child<Button>("conversation-toggle"), Qt::LeftButton);
        QVERIFY(b.playground().conversation());
        b.type(QStringLiteral("Where is my invoice?"));
        b.sendByKey();
        QTRY_VERIFY(b.playground().answers(1, 0).size() == 1 && over(b));
        QVERIFY(b.input()->text().isEmpty());
        b.type(QStringLiteral("And the one of May?"));
        b.sendByKey();
        QTRY_VERIFY(b.playground().answers(1, 0).size() == 2 && over(b));
        QCOMPARE(b.page->grid()->rowCount(), 2);
        QCOMPARE(b.card(1, 0)->answer()->turn, 1);
        const auto chats = server.chats();
        QCOMPARE(chats.size(), size_t(4));
        QVERIFY(chats.back().messages >= chats.front().messages + 2); // what was said before, and the answer to it
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
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Backspace, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(b.playground().columns().size(), size_t(2));
        QCOMPARE(b.playground().columns()[1].variant.agent, triage);
        QCOMPARE(b.page->head(1)->variant().agent, triage);
    }

    void parametersFoldAndReachTheModel()
    {
        PlaygroundBench b;
        test::ProviderServer server(test::WireFormat::OpenAiChat);
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
        QCOMPARE(b.playground().columns()[0].variant.parameters.value(QLatin1String("temperature")).toDouble(), 0.5);
        QTest::keyClicks(temperature, QStringLiteral("9")); // 0.59 is still fine
        QTest::keyClicks(temperature, QStringLiteral("x"));
        QCOMPARE(b.playground().columns()[0].variant.parameters.value(QLatin1String("temperature")).toDouble(), 0.59);
        QTest::qWait(50);
        b.shoot(QStringLiteral("parameters"));
        server.enqueue(ScriptedAnswer::say(QStringLiteral("Yes.")));
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(!b.playground().answers(0, 0).empty() && over(b));
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
        QTRY_VERIFY(list->model()->rowCount() > 2 && list->model()->rowCount() < 100);
        QTest::keyClick(filter, Qt::Key_Down);
        QVERIFY(list->hasFocus());
        QTest::keyClick(list, Qt::Key_Space);
        QTest::keyClick(list, Qt::Key_Down);
        QTest::keyClick(list, Qt::Key_Space);
        QCOMPARE(picker->pickedCount(), 2);
        QTRY_COMPARE(b.playground().rows().size(), size_t(2));
        QVERIFY(b.playground().rows().front().input.contains(QStringLiteral("invoice"), Qt::CaseInsensitive));
        b.shoot(QStringLiteral("pick"));
        QTest::keyClick(list, Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY(b.playground().answers(1, 1).size() == 1 && over(b));
        QCOMPARE(b.page->grid()->rowCount(), 2);
        QTest::mouseClick(b.child<Button>("input-type"), Qt::LeftButton);
        QVERIFY(b.playground().dataset().isEmpty());
    }

    void aMissingVariableIsSaid()
    {
        PlaygroundBench b;
        const auto made = test::await(b.session->createArtifact(
            ArtifactKind::Prompt, QStringLiteral("greeting"),
            QJsonObject{{QStringLiteral("text"), QStringLiteral("Greet {{customer}} in {{language}}.")},
                        {QStringLiteral("variables"), QJsonArray{QJsonObject{{QStringLiteral("name"), QStringLiteral("customer")}, {QStringLiteral("required"), true}},
                                                                 QJsonObject{{QStringLiteral("name"), QStringLiteral("language")}, {QStringLiteral("default"), QStringLiteral("German")},
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
        QTRY_VERIFY(!b.playground().answers(0, 0).empty() && over(b));
        QCOMPARE(newest(b, 0).status, RunStatus::Done);
        const auto run = b.session->project().runs().run(newest(b, 0).run);
        QVERIFY(run);
        QCOMPARE(run->inputJson.value(QLatin1String("variables")).toObject().value(QLatin1String("customer")).toString(), QStringLiteral("Katrin"));
    }

    void everythingComesBack()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(b.playground().answers(1, 0).size() == 1 && over(b));
        const QString output = newest(b, 1).output;
        b.close();
        b.open();
        QCOMPARE(b.playground().columns().size(), size_t(2));
        QCOMPARE(b.input()->text(), complaint);
        QTRY_VERIFY(!b.playground().answers(1, 0).empty());
        QTRY_COMPARE(newest(b, 1).output, output);
        QTRY_COMPARE(PlaygroundBench::in<AnswerText>(b.card(0, 1), "answer-text")->text(), output);
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
        QTRY_COMPARE(PlaygroundBench::in<AnswerText>(b.card(99, 1), "answer-text")->text(), newest(b, 1, 99).output);
    }

    void fourColumnsStandSideBySide()
    {
        PlaygroundBench b(40);
        b.columns(QStringLiteral("reply"), {QString(), QStringLiteral("reply-prompt@1"), QStringLiteral("triage-prompt@1"), QStringLiteral("digest-prompt@1")});
        QVERIFY(!b.child<Button>("add-variant")->isEnabled());
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY(!b.playground().answers(3, 0).empty() && newest(b, 3).output.size() > 30);
        QTest::qWait(200);
        b.shoot(QStringLiteral("four-streaming"));
        QTRY_VERIFY_WITH_TIMEOUT(over(b), 60'000);
        QTest::qWait(100);
        for (int column = 1; column < 4; ++column) { // heads stand over their cards
            QCOMPARE(b.page->head(column)->mapTo(b.page.get(), QPoint()).x(), b.card(0, column)->mapTo(b.page.get(), QPoint()).x());
            QCOMPARE(b.page->head(column)->width(), b.card(0, column)->width());
        }
        b.shoot(QStringLiteral("four"));
    }

    void asksForAnExperiment()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        pickRows(b, QStringLiteral("2-5"));
        std::vector<VariantSpec> variants;
        QString rows;
        connect(b.page.get(), &PlaygroundPage::experimentRequested, this, [&](const std::vector<VariantSpec> &asked, const QString &, const QString &which) {
            variants = asked;
            rows = which;
        });
        QTest::mouseClick(b.child<Button>("compare-button"), Qt::LeftButton);
        QCOMPARE(variants.size(), size_t(2));
        QCOMPARE(variants.back().prompt, twoRevisions.last());
        QCOMPARE(rows, QStringLiteral("2-5"));
    }
};

QTEST_MAIN(TestPlaygroundPage)
#include "tst_PlaygroundPage.moc"
