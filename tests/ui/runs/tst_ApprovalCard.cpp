// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/ApprovalCard.h"

#include "core/base/Json.h"
#include "core/session/ForeignRuns.h"
#include "tests/ui/runs/RunsFixture.h"
#include "ui/runs/ElicitationCard.h"
#include "ui/runs/OpenUrlCard.h"
#include "ui/runs/QuestionList.h"
#include "ui/runs/SamplingCard.h"
#include "ui/runs/TextBlock.h"
#include "ui/runs/ValuesForm.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/ProblemLine.h"
#include "ui/widgets/ScrollColumn.h"

#include <QApplication>
#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QDesktopServices>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScopeGuard>
#include <QSignalSpy>

using namespace lathe;
using namespace lathe::test;

namespace {
QJsonObject object(const char *text)
{
    const auto parsed = json::parseObject(text);
    if (!parsed)
        qFatal("%s", qPrintable(parsed.error().message));
    return *parsed;
}

PendingQuestion approval()
{
    PendingQuestion pending;
    pending.agent = QStringLiteral("support");
    HumanQuestion &question = pending.question;
    question.type = HumanQuestion::Type::Approval;
    question.step = QStringLiteral("1.2");
    question.text = QStringLiteral("May support call send_mail?");
    question.tool = QStringLiteral("send_mail");
    question.sideEffect = SideEffect::External;
    question.purpose = QStringLiteral("Send an e-mail to a customer.");
    question.reason = QStringLiteral("The customer asked for a copy of the invoice.");
    question.why = QStringLiteral("/to is not one of our own addresses.");
    question.arguments = object("{\"to\":\"ann@example.com\",\"subject\":\"Your invoice\",\"copies\":1}");
    question.schema = object("{\"type\":\"object\",\"properties\":{\"to\":{\"type\":\"string\",\"format\":\"email\",\"minLength\":3},"
                             "\"subject\":{\"type\":\"string\"},\"copies\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":3}},\"required\":[\"to\"]}");
    return pending;
}

PendingQuestion elicitation()
{
    PendingQuestion pending;
    pending.agent = QStringLiteral("traveller");
    pending.question.type = HumanQuestion::Type::Elicitation;
    pending.question.who = QStringLiteral("travel desk");
    pending.question.text = QStringLiteral("To book IC 534 I need a few details.");
    pending.question.schema = object(
        "{\"type\":\"object\",\"required\":[\"name\",\"fare\"],\"properties\":{"
        "\"name\":{\"type\":\"string\",\"title\":\"Traveller\",\"minLength\":2},"
        "\"fare\":{\"type\":\"string\",\"oneOf\":[{\"const\":\"flex\",\"title\":\"Flex\"},{\"const\":\"saver\",\"title\":\"Saver\"}]},"
        "\"tone\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"],\"enumNames\":[\"Warm\",\"Brisk\"],\"default\":\"b\"},"
        "\"seats\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":6,\"default\":2},"
        "\"extras\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"bicycle\",\"meal\"]},\"default\":[\"meal\"]},"
        "\"reminder\":{\"type\":\"boolean\",\"default\":true}}}");
    return pending;
}
}

class TestApprovalCard : public QObject
{
    Q_OBJECT

    Theme m_theme;

    template<typename CardType>
    std::unique_ptr<CardType> open(const PendingQuestion &pending)
    {
        auto card = std::make_unique<CardType>(&m_theme, pending);
        card->resize(480, 10);
        card->adjustSize();
        card->show();
        if (!QTest::qWaitForWindowActive(card.get()))
            qFatal("no window");
        return card;
    }
    template<typename CardType>
    static HumanAnswer answerOf(const QSignalSpy &spy, CardType *)
    {
        return spy.isEmpty() ? HumanAnswer() : spy.first().first().template value<HumanAnswer>();
    }

public Q_SLOTS:
    void takeUrl(const QUrl &url) { m_opened.append(url); }

private:
    QList<QUrl> m_opened;

private Q_SLOTS:
    // No button is cut or hidden behind another down to a drawer of 280 px.
    void narrowCardsBreakTheirRows_data()
    {
        QTest::addColumn<int>("width");
        for (const int width : {280, 340, 427, 700})
            QTest::newRow(qPrintable(QString::number(width))) << width;
    }
    void narrowCardsBreakTheirRows()
    {
        QFETCH(int, width);
        PendingQuestion page = elicitation();
        page.question.type = HumanQuestion::Type::OpenUrl;
        page.question.url = QStringLiteral("http://127.0.0.1:8910/authorize?response_type=code&client_id=%1&redirect_uri=http%3A%2F%2F127.0.0.1%3A40123%2Fcallback&code_challenge=%1")
                                .arg(QString(43, QLatin1Char('x')));
        PendingQuestion sampling = elicitation();
        sampling.question.type = HumanQuestion::Type::Sampling;
        PendingQuestion unfinished = approval();
        unfinished.question.type = HumanQuestion::Type::Unfinished;
        unfinished.question.choices = {QStringLiteral("repeat"), QStringLiteral("skip"), QStringLiteral("stop")};
        for (const PendingQuestion &pending : {approval(), elicitation(), page, sampling, unfinished}) {
            QScrollArea area; // as drawer and window hold it
            QWidget *card = makeQuestionCard(&m_theme, pending, nullptr, [](const HumanAnswer &) {});
            fillScrollColumn(&area, card);
            area.resize(width, 700);
            area.show();
            QVERIFY(QTest::qWaitForWindowExposed(&area));
            QVERIFY2(card->width() <= width, qPrintable(QStringLiteral("%1 wants %2").arg(card->objectName()).arg(card->width())));
            std::vector<QRect> places;
            for (const QAbstractButton *button : card->findChildren<QAbstractButton *>()) {
                if (!button->isVisible() || !qobject_cast<const QPushButton *>(button))
                    continue;
                const QRect place(button->mapTo(card, QPoint()), button->size());
                QVERIFY2(card->rect().contains(place) && place.width() >= button->sizeHint().width(), qPrintable(button->text()));
                for (const QRect &other : places)
                    QVERIFY2(!place.intersects(other), qPrintable(button->text()));
                places.push_back(place);
            }
            QVERIFY(places.size() >= 2);
        }
    }

    void initTestCase()
    {
        qRegisterMetaType<HumanAnswer>();
        QApplication::setDoubleClickInterval(0); // cards take an answer at once (whatIsNewTakesNoAnswerMeantForAnother)
        m_theme.install();
        QDesktopServices::setUrlHandler(QStringLiteral("https"), this, "takeUrl");
        QDesktopServices::setUrlHandler(QStringLiteral("http"), this, "takeUrl");
        QDesktopServices::setUrlHandler(QStringLiteral("file"), this, "takeUrl");
    }

    void showsAllThatIsNeededToDecide()
    {
        const auto card = open<ApprovalCard>(approval());
        QCOMPARE(child<QLabel>(card.get(), "approval-purpose")->text(), QStringLiteral("Send an e-mail to a customer."));
        QCOMPARE(child<TextBlock>(card.get(), "approval-reason")->text(), QStringLiteral("The customer asked for a copy of the invoice."));
        QVERIFY(child<QLabel>(card.get(), "approval-why")->text().contains(QStringLiteral("not one of our own")));
        QCOMPARE(child<QAbstractButton>(card.get(), "approval-effect")->text(), QStringLiteral("acts outside"));
        QStringList shown;
        for (const QLabel *label : child<QWidget>(card.get(), "approval-arguments")->findChildren<QLabel *>())
            shown.append(label->text());
        for (const char *text : {"to", "ann@example.com", "subject", "Your invoice", "copies", "1"})
            QVERIFY2(shown.contains(QLatin1String(text)), text);
        shoot(card.get(), &m_theme, QStringLiteral("approval"));
    }

    void aPreviewStandsFirstAndTheArgumentsAClickAway()
    {
        PendingQuestion pending = approval();
        pending.question.preview = QStringLiteral("To: ann@example.com\nSubject: Your invoice\n\nDear Ann");
        const auto card = open<ApprovalCard>(pending);
        QVERIFY(child<TextBlock>(card.get(), "approval-preview")->text().contains(QStringLiteral("Dear Ann")));
        QLabel *argument = nullptr;
        for (QLabel *label : card->findChildren<QLabel *>())
            argument = label->text() == QLatin1String("ann@example.com") ? label : argument;
        QVERIFY(argument && !argument->isVisible());
        child<QAbstractButton>(card.get(), "approval-raw")->click();
        QVERIFY(argument->isVisible());
    }

    // Nobody approves what is not shown, also after an edit.
    void theEditedCallIsPreviewed()
    {
        PendingQuestion pending = approval();
        const auto mail = [](const QJsonObject &arguments) { return QStringLiteral("To: %1").arg(arguments.value(QStringLiteral("to")).toString()); };
        pending.question.preview = mail(pending.question.arguments);
        pending.question.previewOf = mail;
        const auto card = open<ApprovalCard>(pending);
        child<QAbstractButton>(card.get(), "edit-arguments-button")->click();
        auto *preview = child<TextBlock>(card.get(), "approval-edited-preview");
        QCOMPARE(preview->text(), QStringLiteral("To: ann@example.com"));
        auto *to = child<QLineEdit>(card.get(), "value-to");
        to->selectAll();
        QTest::keyClicks(to, QStringLiteral("bob@example.com"));
        QCOMPARE(preview->text(), QStringLiteral("To: bob@example.com"));
        shoot(card.get(), &m_theme, QStringLiteral("approval-edit-preview"));
        child<QAbstractButton>(card.get(), "edit-arguments-button")->click(); // as it was
        QVERIFY(card->findChild<TextBlock *>(QStringLiteral("approval-preview"))->isVisible());
    }

    void answers_data()
    {
        QTest::addColumn<QString>("how");
        for (const char *how : {"click", "ctrl-return", "always", "deny"})
            QTest::newRow(how) << QString::fromLatin1(how);
    }
    void answers()
    {
        QFETCH(QString, how);
        const auto card = open<ApprovalCard>(approval());
        QSignalSpy answered(card.get(), &ApprovalCard::answered);
        if (how == QLatin1String("click")) {
            QTest::mouseClick(child<QWidget>(card.get(), "approve-button"), Qt::LeftButton);
        } else if (how == QLatin1String("ctrl-return")) {
            card->setFocus();
            QTest::keyClick(card.get(), Qt::Key_Return, Qt::ControlModifier);
        } else if (how == QLatin1String("always")) {
            QTest::mouseClick(child<QWidget>(card.get(), "always-button"), Qt::LeftButton);
        } else {
            QTest::mouseClick(child<QWidget>(card.get(), "deny-button"), Qt::LeftButton);
            QCOMPARE(answered.size(), 0);
            QTest::keyClicks(child<QLineEdit>(card.get(), "deny-reason"), QStringLiteral("wrong customer"));
            QTest::keyClick(child<QLineEdit>(card.get(), "deny-reason"), Qt::Key_Return);
        }
        QCOMPARE(answered.size(), 1);
        const HumanAnswer answer = answerOf(answered, card.get());
        QCOMPARE(answer.approved, how != QLatin1String("deny"));
        QCOMPARE(answer.forRun, how == QLatin1String("always"));
        QVERIFY(!answer.arguments);
        QCOMPARE(answer.text, how == QLatin1String("deny") ? QStringLiteral("wrong customer") : QString());
        QVERIFY(!card->isEnabled()); // once
    }

    // A refusal that was begun can be taken back, and meanwhile nothing approves.
    void aRefusalCanBeTakenBack()
    {
        const auto card = open<ApprovalCard>(approval());
        QSignalSpy answered(card.get(), &ApprovalCard::answered);
        auto *approve = child<QWidget>(card.get(), "approve-button");
        auto *reason = child<QLineEdit>(card.get(), "deny-reason");
        for (const char *how : {"escape", "back"}) {
            QTest::mouseClick(child<QWidget>(card.get(), "deny-button"), Qt::LeftButton);
            QVERIFY(reason->isVisible() && !approve->isVisible());
            if (qstrcmp(how, "escape") == 0)
                QTest::keyClick(reason, Qt::Key_Escape);
            else
                QTest::mouseClick(child<QWidget>(card.get(), "deny-back"), Qt::LeftButton);
            QVERIFY(!reason->isVisible() && approve->isVisible());
            QCOMPARE(answered.size(), 0);
        }
        QVERIFY2(card->minimumSizeHint().width() <= 440, qPrintable(QString::number(card->minimumSizeHint().width()))); // the run drawer is narrow
    }

    // What does not fit the schema cannot be approved, in the form and as JSON, and is said while one types.
    void editedArgumentsAreChecked()
    {
        const auto card = open<ApprovalCard>(approval());
        QSignalSpy answered(card.get(), &ApprovalCard::answered);
        QTest::mouseClick(child<QWidget>(card.get(), "edit-arguments-button"), Qt::LeftButton);
        auto *copies = child<QLineEdit>(card.get(), "value-copies");
        QVERIFY(copies && copies->isVisible());
        QCOMPARE(copies->text(), QStringLiteral("1"));
        copies->setFocus();
        copies->selectAll();
        QTest::keyClicks(copies, QStringLiteral("40"));
        auto *problem = child<ProblemLine>(card.get(), "approval-problem");
        QVERIFY(problem->hasProblem());
        shoot(card.get(), &m_theme, QStringLiteral("approval-edit"));
        QTest::keyClick(copies, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(answered.size(), 0);
        copies->selectAll();
        QTest::keyClicks(copies, QStringLiteral("2"));
        QVERIFY(!problem->hasProblem());
        // The JSON has what the form had; what is no JSON stays here.
        child<QAbstractButton>(card.get(), "edit-json-switch")->click();
        auto *editor = child<CodeEditor>(card.get(), "arguments-editor");
        QCOMPARE(json::parseObject(editor->text().toUtf8())->value(QStringLiteral("copies")).toInt(), 2);
        for (const char *bad : {"{ not json", "{}", "{\"to\": 5}"}) {
            editor->replaceText(QLatin1String(bad));
            QTest::mouseClick(child<QWidget>(card.get(), "approve-button"), Qt::LeftButton);
            QCOMPARE(answered.size(), 0);
            QVERIFY(problem->hasProblem());
        }
        editor->replaceText(QStringLiteral("{\"to\": \"bob@example.com\", \"copies\": 3}"));
        child<QAbstractButton>(card.get(), "edit-json-switch")->click();
        QCOMPARE(copies->text(), QStringLiteral("3"));
        QTest::mouseClick(child<QWidget>(card.get(), "approve-button"), Qt::LeftButton);
        QCOMPARE(answered.size(), 1);
        const HumanAnswer answer = answerOf(answered, card.get());
        QVERIFY(answer.approved && answer.arguments);
        QCOMPARE(answer.arguments->value(QStringLiteral("to")).toString(), QStringLiteral("bob@example.com"));
    }

    // What a person did not change stays as the agent asked it: no default is added, nothing is said to be edited.
    void anEditThatChangesNothingIsNoEdit()
    {
        PendingQuestion pending = approval();
        QJsonObject properties = pending.question.schema.value(QStringLiteral("properties")).toObject();
        properties.insert(QStringLiteral("silent"), object("{\"type\": \"boolean\", \"default\": false}"));
        properties.insert(QStringLiteral("mood"), object("{\"enum\": [\"kind\", \"stern\"], \"default\": \"kind\"}"));
        pending.question.schema.insert(QStringLiteral("properties"), properties);
        const auto card = open<ApprovalCard>(pending);
        QSignalSpy answered(card.get(), &ApprovalCard::answered);
        QTest::mouseClick(child<QWidget>(card.get(), "edit-arguments-button"), Qt::LeftButton);
        QCOMPARE(child<QComboBox>(card.get(), "value-mood")->currentText(), QStringLiteral("kind"));
        QTest::mouseClick(child<QWidget>(card.get(), "approve-button"), Qt::LeftButton);
        QCOMPARE(answered.size(), 1);
        QVERIFY(!answered.first().first().value<HumanAnswer>().arguments);
        // A change is only that change.
        const auto other = open<ApprovalCard>(pending);
        QSignalSpy edited(other.get(), &ApprovalCard::answered);
        QTest::mouseClick(child<QWidget>(other.get(), "edit-arguments-button"), Qt::LeftButton);
        child<QCheckBox>(other.get(), "value-silent")->setChecked(true);
        QTest::mouseClick(child<QWidget>(other.get(), "approve-button"), Qt::LeftButton);
        QCOMPARE(edited.size(), 1);
        QJsonObject expected = pending.question.arguments;
        expected.insert(QStringLiteral("silent"), true);
        QCOMPARE(*edited.first().first().value<HumanAnswer>().arguments, expected);
    }

    // The second half of a double click, or keys held down, must not answer the card that came where the first one was.
    void whatIsNewTakesNoAnswerMeantForAnother()
    {
        const auto guard = qScopeGuard([] { QApplication::setDoubleClickInterval(0); });
        QApplication::setDoubleClickInterval(1'000'000); // it rests until this test says otherwise
        const auto card = open<ApprovalCard>(approval());
        QSignalSpy answered(card.get(), &ApprovalCard::answered);
        for (const char *name : {"approve-button", "always-button", "deny-button"}) {
            QTest::mouseClick(child<QWidget>(card.get(), name), Qt::LeftButton);
            QTest::mouseDClick(child<QWidget>(card.get(), name), Qt::LeftButton);
        }
        QTest::keyClick(card.get(), Qt::Key_Return, Qt::ControlModifier);
        QTest::keyClick(card.get(), Qt::Key_Backspace, Qt::ControlModifier);
        child<QWidget>(card.get(), "approve-button")->setFocus();
        QTest::keyClick(child<QWidget>(card.get(), "approve-button"), Qt::Key_Space);
        QCOMPARE(answered.size(), 0);
        QVERIFY(!child<QWidget>(card.get(), "deny-reason")->isVisible());

        QApplication::setDoubleClickInterval(20);
        card->setFolded(true);
        card->setFolded(false); // it comes anew, and rests for 30 ms
        QTRY_VERIFY_WITH_TIMEOUT((QTest::mouseClick(child<QWidget>(card.get(), "approve-button"), Qt::LeftButton), answered.size() == 1), 30'000);
    }

    void aFoldedCardCannotBeApproved()
    {
        const auto card = open<ApprovalCard>(approval());
        QSignalSpy answered(card.get(), &ApprovalCard::answered);
        QSignalSpy unfold(card.get(), &ApprovalCard::unfoldRequested);
        card->setFolded(true);
        QVERIFY(!child<QWidget>(card.get(), "approve-button")->isVisible());
        card->setFocus();
        QTest::keyClick(card.get(), Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(answered.size(), 0);
        QTest::mouseClick(card.get(), Qt::LeftButton);
        QVERIFY(!unfold.isEmpty());
    }

    // Several calls at once: one is open, the others are a line each; answering one opens the next.
    void severalWaitReadably()
    {
        RunsFixture bench;
        RunInfo info;
        info.agentName = QStringLiteral("support");
        info.source = QStringLiteral("remote");
        info.status = RunStatus::Running;
        info.startUs = 1'000'000;
        const auto run = await(bench.session->foreignRuns().begin(std::move(info), true));
        QVERIFY2(run.ok(), run ? "" : qPrintable(run.error().message));
        QuestionList list(bench.session.get(), &m_theme);
        list.resize(520, 700);
        list.setRun(*run);
        QStringList answeredSteps;
        for (const char *step : {"1.1", "1.2", "1.3"}) {
            HumanQuestion question = approval().question;
            question.step = QLatin1String(step);
            bench.session->foreignRuns().ask(*run, question, [&answeredSteps, step](const HumanAnswer &answer) {
                answeredSteps.append(QLatin1String(step) + (answer.approved ? QLatin1String("+") : QLatin1String("-")));
            });
        }
        list.show();
        QVERIFY(QTest::qWaitForWindowActive(&list));
        QCOMPARE(list.count(), 3);
        QVERIFY(child<QLabel>(&list, "questions-title")->text().startsWith(QStringLiteral("3 calls")));
        const auto opened = [&list] {
            QList<ApprovalCard *> open;
            for (ApprovalCard *card : list.findChildren<ApprovalCard *>()) {
                if (card->isVisible() && !card->isFolded())
                    open.append(card);
            }
            return open;
        };
        QCOMPARE(opened().size(), 1);
        shoot(&list, &m_theme, QStringLiteral("approvals"));
        QTest::mouseClick(list.findChildren<ApprovalCard *>().at(2), Qt::LeftButton, {}, QPoint(40, 20)); // looks at the third
        QCOMPARE(opened(), QList<ApprovalCard *>{list.findChildren<ApprovalCard *>().at(2)});
        QTest::keyClick(opened().first(), Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(answeredSteps, QStringList{QStringLiteral("1.3+")});
        QTRY_COMPARE_WITH_TIMEOUT(opened().size(), 1, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(opened().first()->hasFocus(), 30'000); // goes on with the keyboard
        QTest::keyClick(opened().first(), Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(answeredSteps, (QStringList{QStringLiteral("1.3+"), QStringLiteral("1.1+")}));
        QTRY_COMPARE_WITH_TIMEOUT(list.count(), 1, 30'000);
        QVERIFY(!child<QLabel>(&list, "questions-title")->isVisible());
    }

    void elicitationFillsDefaultsChecksAndSends()
    {
        const auto card = open<ElicitationCard>(elicitation());
        QSignalSpy answered(card.get(), &ElicitationCard::answered);
        QCOMPARE(child<QLineEdit>(card.get(), "value-seats")->text(), QStringLiteral("2"));
        QCOMPARE(child<QComboBox>(card.get(), "value-tone")->currentText(), QStringLiteral("Brisk"));
        QVERIFY(child<QCheckBox>(card.get(), "value-reminder")->isChecked());
        QVERIFY(child<QCheckBox>(card.get(), "value-extras-2")->isChecked());
        shoot(card.get(), &m_theme, QStringLiteral("elicitation"));
        auto *accept = child<QAbstractButton>(card.get(), "elicitation-accept");
        QTest::mouseClick(accept, Qt::LeftButton);
        QCOMPARE(answered.size(), 0); // name and fare are missing
        auto *name = child<QLineEdit>(card.get(), "value-name");
        QTest::keyClicks(name, QStringLiteral("A"));
        child<QComboBox>(card.get(), "value-fare")->setCurrentIndex(2);
        QTest::mouseClick(accept, Qt::LeftButton);
        QCOMPARE(answered.size(), 0); // too short
        QTest::keyClicks(name, QStringLiteral("nn"));
        QTest::mouseClick(child<QCheckBox>(card.get(), "value-extras-1"), Qt::LeftButton, {}, QPoint(8, 8));
        QTest::mouseClick(accept, Qt::LeftButton);
        QCOMPARE(answered.size(), 1);
        const HumanAnswer answer = answerOf(answered, card.get());
        QVERIFY(answer.approved && answer.arguments);
        QCOMPARE(*answer.arguments, object("{\"name\":\"Ann\",\"fare\":\"saver\",\"tone\":\"b\",\"seats\":2,\"extras\":[\"bicycle\",\"meal\"],\"reminder\":true}"));
    }

    void elicitationIsDeclinedAndCancelled()
    {
        for (const char *how : {"decline", "cancel"}) {
            const auto card = open<ElicitationCard>(elicitation());
            QSignalSpy answered(card.get(), &ElicitationCard::answered);
            child<QAbstractButton>(card.get(), (QByteArray("elicitation-") + how).constData())->click();
            QCOMPARE(answered.size(), 1);
            QVERIFY(!answerOf(answered, card.get()).approved);
            QCOMPARE(answerOf(answered, card.get()).text, QString::fromLatin1(how));
        }
    }

    void addressesAreNamedAndRefused_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<bool>("refused");
        QTest::addColumn<bool>("warned");
        QTest::addColumn<QString>("bold");
        const auto row = [](const char *url, bool refused, bool warned, const char *bold) { QTest::newRow(url) << QString::fromUtf8(url) << refused << warned << QString::fromUtf8(bold); };
        row("https://login.example.com/authorize?a=1&b=2", false, false, "<b>login.example.com</b>");
        row("https://login.example.com/<x>", true, true, "");
        row("http://example.com/", false, true, "<b>example.com</b>");
        row("https://good.example.com@evil.example.net/good.example.com", false, true, "@<b>evil.example.net</b>/");
        row("https://127.0.0.1:8080/x", false, true, "<b>127.0.0.1</b>");
        row("https://xn--80ak6aa92e.com/", false, true, "");
        row("file:///etc/passwd", true, true, "");
        row("javascript:alert(1)", true, true, "");
        row("https:///no-host", true, true, "");
        row("vscode://open", true, true, "");
    }
    void addressesAreNamedAndRefused()
    {
        QFETCH(QString, url);
        QFETCH(bool, refused);
        QFETCH(bool, warned);
        QFETCH(QString, bold);
        bool isRefused = false;
        QCOMPARE(!OpenUrlCard::warning(url, &isRefused).isEmpty(), warned);
        QCOMPARE(isRefused, refused);
        const QString html = OpenUrlCard::emphasised(url);
        QVERIFY2(html.contains(bold), qPrintable(html));
        QVERIFY(!html.contains(QStringLiteral("<x>")));
        // Nothing opens by itself, and what is refused never.
        m_opened.clear();
        PendingQuestion pending;
        pending.question.type = HumanQuestion::Type::OpenUrl;
        pending.question.who = QStringLiteral("desk");
        pending.question.url = url;
        const auto card = open<OpenUrlCard>(pending);
        QCOMPARE(m_opened.size(), 0);
        QSignalSpy answered(card.get(), &OpenUrlCard::answered);
        child<QAbstractButton>(card.get(), "open-url-open")->click();
        QCOMPARE(m_opened.size(), refused ? 0 : 1);
        QCOMPARE(answered.size(), 0);
        if (refused)
            return;
        child<QAbstractButton>(card.get(), "open-url-done")->click();
        QVERIFY(answerOf(answered, card.get()).approved);
    }

    void aSignInTakesTheAddressWhereItEnded()
    {
        PendingQuestion pending;
        pending.question.type = HumanQuestion::Type::OpenUrl;
        pending.question.url = QStringLiteral("https://login.example.com/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A4567%2Fcallback");
        const auto card = open<OpenUrlCard>(pending);
        QSignalSpy answered(card.get(), &OpenUrlCard::answered);
        child<QAbstractButton>(card.get(), "open-url-open")->click();
        auto *back = child<QLineEdit>(card.get(), "open-url-back");
        QVERIFY(back && back->isVisible());
        QTest::keyClicks(back, QStringLiteral("http://127.0.0.1:4567/callback?code=x"));
        child<QAbstractButton>(card.get(), "open-url-done")->click();
        QCOMPARE(answerOf(answered, card.get()).arguments->value(QStringLiteral("redirect")).toString(), QStringLiteral("http://127.0.0.1:4567/callback?code=x"));
    }

    void samplingShowsEverythingThatWouldBeSent()
    {
        PendingQuestion pending;
        pending.question.type = HumanQuestion::Type::Sampling;
        pending.question.who = QStringLiteral("desk");
        pending.question.arguments = object("{\"systemPrompt\":\"Be brief.\",\"maxTokens\":200,\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"Sum up <b>this</b>\"}}]}");
        const auto card = open<SamplingCard>(pending);
        QStringList texts;
        for (const TextBlock *block : card->findChildren<TextBlock *>())
            texts.append(block->text());
        QVERIFY(texts.contains(QStringLiteral("Be brief.")) && texts.contains(QStringLiteral("Sum up <b>this</b>")));
        shoot(card.get(), &m_theme, QStringLiteral("sampling"));
        QSignalSpy answered(card.get(), &SamplingCard::answered);
        child<QAbstractButton>(card.get(), "sampling-refuse")->click();
        QVERIFY(!answerOf(answered, card.get()).approved);
    }

    void cleanupTestCase()
    {
        for (const char *scheme : {"https", "http", "file"})
            QDesktopServices::unsetUrlHandler(QString::fromLatin1(scheme));
    }

    // Schemas that nobody wrote in good faith.
    void hostileSchemas()
    {
        for (const char *text : {"{\"properties\":{\"a\":5,\"b\":{\"type\":7},\"c\":{\"enum\":[[1],{\"x\":2},null]},\"d\":{\"oneOf\":[1,{\"const\":2}]},\"e\":{\"type\":[\"null\"]}}}", "{\"properties\":[]}", "{}",
                                 "{\"properties\":{\"\":{\"type\":\"string\",\"default\":5,\"pattern\":\"(((\"}},\"required\":[\"\",\"nowhere\"]}"}) {
            ValuesForm form(&m_theme, object(text));
            (void)form.values();
            (void)form.check(true);
        }
        QJsonObject many;
        for (int i = 0; i < 5000; ++i)
            many.insert(QStringLiteral("m%1").arg(i), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}});
        ValuesForm form(&m_theme, QJsonObject{{QStringLiteral("properties"), many}});
        QVERIFY(form.findChildren<QLineEdit *>().size() <= 60);
    }
};

QTEST_MAIN(TestApprovalCard)
#include "tst_ApprovalCard.moc"
