// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunQueryBar.h"

#include "RunsFixture.h"
#include "ui/runs/RunQueryHelp.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/ProblemLine.h"

#include <QListView>
#include <QSignalSpy>
#include <QVBoxLayout>

using namespace lathe;
using test::child;

class TestRunQueryBar : public QObject
{
    Q_OBJECT
    Theme m_theme;

    struct Window {
        QWidget window;
        RunQueryBar *bar;
        QPointer<RunQueryField> field;
        Window(test::RunsFixture &f, Theme *theme)
        {
            auto *layout = new QVBoxLayout(&window);
            bar = new RunQueryBar(f.session.get(), theme, &window);
            layout->addWidget(bar);
            layout->addStretch(1);
            field = bar->field();
            window.resize(900, 500);
            window.show();
            bar->field()->setFocus();
        }
        QStringList choices() const
        {
            QStringList list;
            if (!field->isCompleting())
                return list;
            const auto *model = field->popup()->findChild<QListView *>()->model();
            for (int i = 0; i < model->rowCount(); ++i)
                list.append(model->index(i, 0).data().toString());
            return list;
        }
        void type(const QString &text) { QTest::keyClicks(field, text); }
        void press(Qt::Key key) { QTest::keyClick(field, key); }
    };

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void completesFieldsAndValues()
    {
        test::RunsFixture f;
        f.run(QStringLiteral("triage"), QStringLiteral("The export is broken"));
        Window w(f, &m_theme);
        QVERIFY(QTest::qWaitForWindowActive(&w.window));
        QSignalSpy changed(w.bar, &RunQueryBar::queryChanged);
        w.type(QStringLiteral("ag"));
        QVERIFY(w.choices().contains(QStringLiteral("agent:")));
        w.press(Qt::Key_Tab);
        QCOMPARE(w.field->text(), QStringLiteral("agent:"));
        QVERIFY(w.field->hasFocus()); // Tab was taken by the list
        QTRY_VERIFY_WITH_TIMEOUT(w.choices().contains(QStringLiteral("triage")), 30'000); // of the project
        auto *problem = w.bar->findChild<ProblemLine *>(QStringLiteral("run-query-problem"));
        QTest::qWait(1200);
        QVERIFY(!problem->isVisible()); // while values are offered none is missed
        w.press(Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(problem->isVisible(), 30'000);
        w.type(QStringLiteral("tri"));
        QTRY_VERIFY_WITH_TIMEOUT(!w.choices().isEmpty(), 30'000);
        QCOMPARE(w.choices().first(), QStringLiteral("triage"));
        w.press(Qt::Key_Return); // a value that was begun is meant
        QCOMPARE(w.field->text().trimmed(), QStringLiteral("agent:triage"));
        QVERIFY(!w.field->isCompleting());
        QTRY_COMPARE_WITH_TIMEOUT(w.bar->query(), QStringLiteral("agent:triage"), 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(!changed.isEmpty(), 30'000);
        w.type(QStringLiteral(" word")); // the value brought its space
        QCOMPARE(w.field->text(), QStringLiteral("agent:triage word"));
        // values the language knows, chosen with the arrows
        w.field->setText(QString());
        w.type(QStringLiteral("status:"));
        QVERIFY(w.choices().size() >= 4);
        const QString second = w.choices().at(1);
        w.press(Qt::Key_Down);
        w.press(Qt::Key_Return);
        QCOMPARE(w.field->text().trimmed(), QStringLiteral("status:") + second);
    }

    void wordsStayWords()
    {
        test::RunsFixture f;
        Window w(f, &m_theme);
        QVERIFY(QTest::qWaitForWindowActive(&w.window));
        QSignalSpy accepted(w.bar, &RunQueryBar::accepted);
        w.type(QStringLiteral("tool")); // begins as a field does
        QVERIFY(w.field->isCompleting());
        w.press(Qt::Key_Return);
        QCOMPARE(w.field->text(), QStringLiteral("tool"));
        QCOMPARE(accepted.count(), 1);
        QCOMPARE(w.bar->query(), QStringLiteral("tool"));
        QVERIFY(!w.field->isCompleting());
        // Escape closes the list first, then clears
        w.type(QStringLiteral(" sta"));
        QVERIFY(w.field->isCompleting());
        w.press(Qt::Key_Escape);
        QVERIFY(!w.field->isCompleting());
        QCOMPARE(w.field->text(), QStringLiteral("tool sta"));
        w.press(Qt::Key_Escape);
        QVERIFY(w.field->text().isEmpty());
        QCOMPARE(w.bar->query(), QString());
        // what was asked is offered again
        QTest::keyClick(w.field, Qt::Key_Space, Qt::ControlModifier);
        QVERIFY(w.field->isCompleting());
        QCOMPARE(w.choices().first(), QStringLiteral("tool"));
        w.press(Qt::Key_Return); // nothing chosen yet
        QVERIFY(w.field->text().isEmpty());
        QTest::keyClick(w.field, Qt::Key_Space, Qt::ControlModifier);
        w.press(Qt::Key_Tab);
        QCOMPARE(w.field->text(), QStringLiteral("tool"));
        // a second window of the project knows it too
        Window again(f, &m_theme);
        QVERIFY(QTest::qWaitForWindowActive(&again.window));
        QTest::keyClick(again.field, Qt::Key_Space, Qt::ControlModifier);
        QVERIFY(again.choices().contains(QStringLiteral("tool")));
    }

    void saysWhatIsWrongAndWhere()
    {
        test::RunsFixture f;
        Window w(f, &m_theme);
        auto *problem = child<ProblemLine>(w.bar, "run-query-problem");
        w.bar->setQuery(QStringLiteral("agent:triage status:sleepy"));
        QVERIFY(problem->hasProblem());
        QVERIFY2(problem->text().startsWith(QStringLiteral("Column ")), qPrintable(problem->text()));
        QVERIFY(problem->text().contains(QStringLiteral("sleepy")));
        QCOMPARE(w.bar->query(), QStringLiteral("agent:triage status:sleepy")); // the rest still counts
        // the wave stands under the wrong part
        QVERIFY(w.field->columnX(13) < w.field->columnX(20));
        QVERIFY(w.field->columnX(20) < w.field->width());
        test::shoot(&w.window, &m_theme, QStringLiteral("run-query-problem"));
        w.bar->setQuery(QStringLiteral("agent:triage"));
        QVERIFY(!problem->hasProblem());
        // while it is being typed nothing is called wrong; when typing rests it is
        QVERIFY(QTest::qWaitForWindowActive(&w.window));
        w.field->setFocus();
        w.field->setText(QString());
        w.type(QStringLiteral("status:slee"));
        QVERIFY(!problem->hasProblem());
        QTRY_VERIFY_WITH_TIMEOUT(problem->hasProblem(), 30'000);
    }

    void cellsToggleTerms()
    {
        test::RunsFixture f;
        Window w(f, &m_theme);
        QSignalSpy changed(w.bar, &RunQueryBar::queryChanged);
        w.bar->toggleTerm(RunField::Agent, QStringLiteral("triage"));
        QCOMPARE(w.bar->query(), QStringLiteral("agent:triage"));
        w.bar->toggleTerm(RunField::Tag, QStringLiteral("two words"));
        QVERIFY(w.bar->query().contains(QStringLiteral("\"two words\"")));
        w.bar->toggleTerm(RunField::Agent, QStringLiteral("triage"));
        QVERIFY(!w.bar->query().contains(QStringLiteral("triage")));
        QCOMPARE(changed.count(), 3);
        QCOMPARE(w.field->text(), w.bar->query());
    }

    void helpTeaches()
    {
        test::RunsFixture f;
        Window w(f, &m_theme);
        w.bar->showHelp();
        auto *help = w.window.findChild<RunQueryHelp *>();
        QVERIFY(help && help->isVisible());
        test::shoot(&w.window, &m_theme, QStringLiteral("run-query-help"));
        const auto links = help->findChildren<LinkLabel *>();
        QVERIFY(links.size() >= 12);
        for (const LinkLabel *link : links) // every example reads
            QVERIFY2(readRunFilter(link->text(), 1'790'000'000'000'000).ok(), qPrintable(link->text()));
        const QString first = links.first()->text();
        links.first()->click();
        QCOMPARE(w.field->text(), first);
        QTRY_COMPARE_WITH_TIMEOUT(w.bar->query(), first, 30'000);
    }

    void hostileTyping_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("quotes") << QStringLiteral("\"\"\"agent:\"");
        QTest::newRow("parentheses") << QString(60, QLatin1Char('('));
        QTest::newRow("controls") << QStringLiteral("a%1b%2").arg(QChar(0)).arg(QChar(0x2028));
        QTest::newRow("surrogates") << QString(QChar(0xd83d)) + QStringLiteral("agent:") + QChar(0xde00);
        QTest::newRow("long") << QStringLiteral("status:done or ").repeated(400);
    }
    void hostileTyping()
    {
        QFETCH(QString, text);
        test::RunsFixture f;
        Window w(f, &m_theme);
        w.field->setText(text);
        for (int at = 0; at <= std::min(40, int(w.field->text().size())); ++at) {
            w.field->setCursorPosition(at);
            w.field->complete(true);
            QVERIFY(w.field->columnX(at) > -20000);
        }
        w.bar->setQuery(text);
        w.window.grab();
        QVERIFY(w.field->text().size() <= 4096);
    }
};

QTEST_MAIN(TestRunQueryBar)
#include "tst_RunQueryBar.moc"
