// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/AnswerCard.h"

#include "tests/ui/widgets/WidgetTest.h"
#include "ui/widgets/Button.h"

#include <QLineEdit>
#include <QShortcut>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

namespace {
class TestCard : public AnswerCard
{
public:
    explicit TestCard(QWidget *parent, const PendingQuestion &pending = PendingQuestion())
        : AnswerCard(testTheme(), pending, QStringLiteral("test-card"), parent), m_yes(new Button(QStringLiteral("Yes"))),
          m_why(new QLineEdit)
    {
        addTitle(pending.question.text);
        auto *no = new Button(QStringLiteral("No"));
        body()->addWidget(m_why);
        addButtons({m_yes, no});
        connect(m_yes, &QAbstractButton::clicked, this, [this] { approve(QStringLiteral("fine")); });
        connect(no, &QAbstractButton::clicked, this, [this] { refuse(m_why->text()); });
        m_no = no;
        takesFocusItself();
    }
    using AnswerCard::approve;
    using AnswerCard::isSent;
    using AnswerCard::refuse;
    using AnswerCard::whoAsks;
    Button *m_yes;
    Button *m_no = nullptr;
    QLineEdit *m_why;
};
}

// One answer, given once, and never by what was meant for something else.
class TestAnswerCard : public QObject
{
    Q_OBJECT

    std::unique_ptr<QWidget> m_window;

    // As a person finds it: shown, and there for a while.
    TestCard *shown(bool rested)
    {
        auto *card = new TestCard(m_window.get());
        card->setGeometry(20, 20, 400, 160);
        m_window->show();
        if (!QTest::qWaitForWindowActive(m_window.get()))
            qFatal("no window");
        if (rested)
            rest();
        return card;
    }
    static void rest() { QTest::qWait(QApplication::doubleClickInterval() * 3 / 2 + 200); }

private Q_SLOTS:
    void initTestCase() { QApplication::setDoubleClickInterval(400); }
    void init()
    {
        m_window = std::make_unique<QWidget>();
        m_window->resize(600, 400);
    }
    void cleanup() { m_window.reset(); }

    void oneAnswerOnce()
    {
        TestCard *card = shown(true);
        QSignalSpy answered(card, &AnswerCard::answered);
        card->m_why->setText(QStringLiteral("too late"));
        QTest::mouseClick(card->m_no, Qt::LeftButton);
        QCOMPARE(answered.size(), 1);
        const auto answer = answered.first().first().value<HumanAnswer>();
        QVERIFY(!answer.approved);
        QCOMPARE(answer.text, QStringLiteral("too late"));
        QVERIFY(card->isSent() && !card->isEnabled());
        card->approve(QStringLiteral("after all")); // a second one, however it comes
        card->refuse(QString());
        QCOMPARE(answered.size(), 1);
    }

    // The one who hears the answer may take the card away at once.
    void mayGoWhileItAnswers()
    {
        QPointer<TestCard> card = shown(true);
        connect(card, &AnswerCard::answered, m_window.get(), [&card] { delete card; });
        card->approve();
        QVERIFY(!card);
    }

    // Just after it appears: no click on a button, no Enter, no Space on a button, no shortcut; but one can type.
    void restsWhenItAppears()
    {
        TestCard *card = shown(false);
        card->hide();
        card->show();
        QSignalSpy answered(card, &AnswerCard::answered);
        auto *shortcut = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return), card);
        connect(shortcut, &QShortcut::activated, card, [card] { card->approve(); });
        QTest::mouseClick(card->m_yes, Qt::LeftButton);
        QTest::mouseDClick(card->m_yes, Qt::LeftButton);
        card->m_yes->setFocus();
        QTest::keyClick(card->m_yes, Qt::Key_Space);
        QTest::keyClick(card->m_yes, Qt::Key_Return);
        QTest::keyClick(card->m_yes, Qt::Key_Return, Qt::ControlModifier);
        card->m_why->setFocus();
        QTest::keyClicks(card->m_why, QStringLiteral("as asked"));
        QCOMPARE(card->m_why->text(), QStringLiteral("as asked"));
        QCOMPARE(answered.size(), 0);
        rest();
        QTest::mouseClick(card->m_yes, Qt::LeftButton);
        QCOMPARE(answered.size(), 1);
    }

    // What moves under the pointer rests again.
    void restsWhenItMoves()
    {
        TestCard *card = shown(true);
        QSignalSpy answered(card, &AnswerCard::answered);
        card->move(20, 120);
        QTest::mouseClick(card->m_yes, Qt::LeftButton);
        QCOMPARE(answered.size(), 0);
        rest();
        QTest::mouseClick(card->m_yes, Qt::LeftButton);
        QCOMPARE(answered.size(), 1);
    }

    // Only its own: a button beside it works while it rests; and a card that goes while it rests leaves nothing behind.
    void othersWorkMeanwhile()
    {
        auto *other = new Button(QStringLiteral("Other"), ButtonRole::Secondary, m_window.get());
        other->setGeometry(20, 300, 120, 30);
        QSignalSpy clicked(other, &QAbstractButton::clicked);
        TestCard *card = shown(false);
        card->hide();
        card->show();
        QTest::mouseClick(other, Qt::LeftButton);
        QCOMPARE(clicked.size(), 1);
        delete card;
        QTest::mouseClick(other, Qt::LeftButton);
        QCOMPARE(clicked.size(), 2);
    }

    // The card has the focus first, so that Enter meant for the field before answers nothing.
    void focusIsTheCards()
    {
        TestCard *card = shown(true);
        QSignalSpy answered(card, &AnswerCard::answered);
        card->setFocus();
        QVERIFY(card->hasFocus());
        QTest::keyClick(card, Qt::Key_Return);
        QTest::keyClick(card, Qt::Key_Space);
        QCOMPARE(answered.size(), 0);
    }

    void whoAsks_data()
    {
        QTest::addColumn<QString>("who");
        QTest::addColumn<QString>("agent");
        QTest::addColumn<QString>("expected");
        QTest::newRow("server") << QStringLiteral("travel") << QStringLiteral("planner") << QStringLiteral("travel");
        QTest::newRow("agent") << QString() << QStringLiteral("planner") << QStringLiteral("planner");
        QTest::newRow("long") << QString(5000, QLatin1Char('x')) << QString() << QString(80, QLatin1Char('x'));
    }
    void whoAsks()
    {
        QFETCH(QString, who);
        QFETCH(QString, agent);
        PendingQuestion pending;
        pending.question.who = who;
        pending.agent = agent;
        QTEST(TestCard::whoAsks(pending), "expected");
    }
};

QTEST_MAIN(TestAnswerCard)
#include "tst_AnswerCard.moc"
