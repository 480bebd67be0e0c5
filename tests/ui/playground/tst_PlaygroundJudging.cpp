// SPDX-License-Identifier: GPL-3.0-or-later
#include "PlaygroundFixture.h"
#include "ui/playground/BlindBar.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/SearchField.h"
#include "ui/widgets/StarRating.h"

#include <QLineEdit>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

// What becomes of answers: rated, repeated, judged blind, kept.
class TestPlaygroundJudging : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void repeatsAndShowsTheSpread()
    {
        PlaygroundBench b;
        ProviderServer server(WireFormat::OpenAiChat);
        connectTo(b, server);
        b.columns(QStringLiteral("reply"), {QString()}, QStringLiteral("test/test-model"));
        server.enqueue(ScriptedAnswer::say(QStringLiteral("We are sorry and look into it today.")));
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(0, 0).size() == 1 && over(b), 30'000);
        for (const char *said :
             {"We are sorry and look into it today.", "We are sorry and look into it tomorrow.",
              "We are sorry and look into it today."})
            server.enqueue(ScriptedAnswer::say(QString::fromLatin1(said)));
        auto *more = PlaygroundBench::in<IconButton>(b.card(0, 0), "answer-menu-button");
        QTRY_VERIFY_WITH_TIMEOUT(more->isVisible(), 30'000);
        QTest::mouseClick(more, Qt::LeftButton);
        PlaygroundBench::trigger(b.card(0, 0), "answer-menu", "answer-repeat-3");
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(0, 0).size() == 4 && over(b), 30'000);
        auto *spread = PlaygroundBench::in<QWidget>(b.card(0, 0), "spread");
        QTRY_VERIFY_WITH_TIMEOUT(spread->isVisible(), 30'000);
        QTRY_COMPARE_WITH_TIMEOUT(PlaygroundBench::in<Label>(spread, "spread-title")->text(),
                     QStringLiteral("4 answers, 2 distinct"), 30'000);
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
        QTRY_VERIFY_WITH_TIMEOUT(b.playground().answers(1, 5).size() == 1 && over(b), 30'000);
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
        QVERIFY2(tally->accessibleName().contains(
                     QStringLiteral("%1 won, %2 lost, 1 ties").arg(wins[0]).arg(wins[1])),
                 qPrintable(tally->accessibleName()));
        QVERIFY2(tally->accessibleName().contains(
                     QStringLiteral("%1 won, %2 lost, 1 ties").arg(wins[1]).arg(wins[0])),
                 qPrintable(tally->accessibleName()));
        QVERIFY(PlaygroundBench::in<QWidget>(b.page->head(0), "variant-subject")->isVisible());
        b.shoot(QStringLiteral("reveal"));
    }

    void keepsAnAnswerAsAnExample()
    {
        PlaygroundBench b;
        b.columns(triage, {twoRevisions.last()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(0, 0).empty() && over(b), 30'000);
        b.page->grid()->focusCard(0, 0);
        QTest::keyClick(b.card(0, 0), Qt::Key_D);
        auto *field = b.child<SearchField>("choice-filter");
        QVERIFY(field && field->isVisible());
        QTest::keyClicks(field, QStringLiteral("golden"));
        b.shoot(QStringLiteral("keep"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(b.session->project()
                        .artifacts()
                        .find(ArtifactKind::Dataset, QStringLiteral("golden"))
                        .has_value(), 30'000);
        Result<Dataset> kept = b.session->dataset(QStringLiteral("golden"));
        QTRY_VERIFY_WITH_TIMEOUT((kept = b.session->dataset(QStringLiteral("golden")), kept && kept->rows.size() == 1), 30'000);
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
        QTRY_COMPARE_WITH_TIMEOUT(artifacts.info(*prompt)->latestNumber,
                     before + 1, 30'000); // the former revision is the newest again
        QCOMPARE(artifacts.revisions(*prompt).front().note, QStringLiteral("simpler and as good"));
        QCOMPARE(artifacts.resolve(ArtifactKind::Prompt, QStringLiteral("triage-prompt"))->body, first);
        QTRY_COMPARE_WITH_TIMEOUT(said.count(), 1, 30'000);
        QVERIFY(
            said.first().first().toString().contains(QStringLiteral("triage-prompt@%1").arg(before + 1)));
    }

    void ratesAnAnswer()
    {
        PlaygroundBench b;
        b.columns(triage, {twoRevisions.last()});
        b.type(complaint);
        b.sendByKey();
        QTRY_VERIFY_WITH_TIMEOUT(!b.playground().answers(0, 0).empty() && over(b), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(b.card(0, 0)->findChild<StarRating *>(), 30'000);
        auto *stars = PlaygroundBench::in<StarRating>(b.card(0, 0), "answer-stars");
        stars->setFocus();
        QTest::keyClick(stars, Qt::Key_4);
        const RunId run = newest(b, 0).run;
        QTRY_COMPARE_WITH_TIMEOUT(b.session->project().ratings().ratings(run).size(), size_t(1), 30'000);
        auto *comment = PlaygroundBench::in<QLineEdit>(b.card(0, 0), "answer-comment");
        QTRY_VERIFY_WITH_TIMEOUT(comment->isVisible(), 30'000);
        QTest::keyClicks(comment, QStringLiteral("area is right"));
        QTest::keyClick(comment, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(b.session->project().ratings().ratings(run).front().note,
                     QStringLiteral("area is right"), 30'000);
        QCOMPARE(b.session->project().ratings().ratings(run).front().value, 4.0);
    }

    void asksForAnExperiment()
    {
        PlaygroundBench b;
        b.columns(triage, twoRevisions);
        pickRows(b, QStringLiteral("2-5"));
        std::vector<VariantSpec> variants;
        QString rows;
        connect(b.page.get(), &PlaygroundPage::experimentRequested, this,
                [&](const std::vector<VariantSpec> &asked, const QString &, const QString &which) {
                    variants = asked;
                    rows = which;
                });
        QTest::mouseClick(b.child<Button>("compare-button"), Qt::LeftButton);
        QCOMPARE(variants.size(), size_t(2));
        QCOMPARE(variants.back().prompt, twoRevisions.last());
        QCOMPARE(rows, QStringLiteral("2-5"));
    }
};

QTEST_MAIN(TestPlaygroundJudging)
#include "tst_PlaygroundJudging.moc"
