// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Button.h"
#include "ui/widgets/ConfirmPopover.h"
#include "ui/widgets/ControlReturn.h"
#include "ui/widgets/FormLayout.h"
#include "ui/widgets/Overlay.h"
#include "ui/widgets/Sheet.h"
#include "ui/widgets/ToastHost.h"
#include "WidgetTest.h"

#include <QAction>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;

class TestOverlay : public QObject
{
    Q_OBJECT

private:
    struct Fixture {
        Button *button = new Button(QStringLiteral("Delete"));
        QLineEdit *other = new QLineEdit;
        TestWindow window{{button, other}, QSize(800, 600)};
        Fixture()
        {
            window.show();
            QVERIFY(QTest::qWaitForWindowActive(&window));
            other->setFocus();
        }
    };

private Q_SLOTS:
    void sheetTakesAndGivesBackTheFocus()
    {
        Fixture f;
        auto *sheet = new Sheet(testTheme(), &f.window, QStringLiteral("New agent"));
        auto *form = new FormLayout(testTheme());
        auto *name = new QLineEdit;
        auto *job = new QLineEdit;
        form->addField(QStringLiteral("Name"), name);
        form->addField(QStringLiteral("Job"), job);
        sheet->setContent(form);
        Button *cancel = sheet->addCancel();
        Button *create = sheet->addButton(QStringLiteral("Create"), ButtonRole::Primary);
        QSignalSpy created(create, &Button::clicked);
        QSignalSpy closed(sheet, &Sheet::closed);
        sheet->open();
        QVERIFY(name->hasFocus());
        // Tab stays inside, both ways.
        QSet<QWidget *> visited;
        for (int i = 0; i < 12; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            QVERIFY(sheet->isAncestorOf(QApplication::focusWidget()));
            visited.insert(QApplication::focusWidget());
        }
        QVERIFY(visited.contains(job));
        QVERIFY(visited.contains(cancel));
        QVERIFY(visited.contains(create));
        QCOMPARE(visited.size(), 5); // and the close cross
        for (int i = 0; i < 6; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Backtab);
            QVERIFY(sheet->isAncestorOf(QApplication::focusWidget()));
        }
        // Enter in a field presses the primary button; the sheet stays until told.
        name->setFocus();
        QTest::keyClick(name, Qt::Key_Return);
        QCOMPARE(created.count(), 1);
        QVERIFY(sheet->isOpen());
        QTest::keyClick(name, Qt::Key_Escape);
        QVERIFY(!sheet->isOpen());
        QCOMPARE(closed.count(), 1);
        QVERIFY(f.other->hasFocus());
        sheet->open();
        QTest::mouseClick(cancel, Qt::LeftButton);
        QVERIFY(!sheet->isOpen());
    }

    void sheetFitsTheWindow()
    {
        Fixture f;
        auto *sheet = new Sheet(testTheme(), &f.window, QStringLiteral("Wide"), 2000);
        auto *content = new QWidget;
        content->setMinimumHeight(100);
        sheet->setContent(content);
        sheet->open();
        QVERIFY(f.window.rect().contains(
            content->geometry().translated(content->parentWidget()->pos())));
        f.window.resize(400, 500);
        QTRY_COMPARE_WITH_TIMEOUT(sheet->size(), f.window.size(), 30'000);
        QVERIFY(content->width() < 400);
    }

    void keysDoNotLeakOut()
    {
        class Window : public TestWindow
        {
        public:
            using TestWindow::TestWindow;
            int keys = 0;
            void keyPressEvent(QKeyEvent *) override { ++keys; }
        };
        auto *field = new QLineEdit;
        Window window({field});
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        auto *sheet = new Sheet(testTheme(), &window, QStringLiteral("Title"));
        sheet->setContent(new QLineEdit);
        sheet->open();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_F7);
        QCOMPARE(window.keys, 0);
    }

    // Keys of the window behind rest while something covers it, wherever the focus is; its own work.
    void shortcutsOfTheWindowRest()
    {
        auto *field = new QLineEdit;
        TestWindow window({field}, QSize(800, 600));
        int saved = 0, sent = 0, quit = 0;
        const auto command = [&window](const QKeySequence &keys, int *count) {
            auto *action = new QAction(&window);
            action->setShortcut(keys);
            window.addAction(action);
            connect(action, &QAction::triggered, &window, [count] { ++*count; });
        };
        command(QKeySequence(Qt::CTRL | Qt::Key_S), &saved);
        command(QKeySequence(QKeySequence::Quit), &quit);
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTest::keyClick(field, Qt::Key_S, Qt::ControlModifier);
        QCOMPARE(saved, 1);
        auto *sheet = new Sheet(testTheme(), &window, QStringLiteral("Title"));
        auto *name = new QLineEdit;
        sheet->setContent(name);
        Button *button = sheet->addButton(QStringLiteral("Send"), ButtonRole::Primary);
        onControlReturn(sheet, [&sent] { ++sent; });
        sheet->open();
        for (QWidget *focus : std::initializer_list<QWidget *>{name, button, nullptr}) {
            focus ? focus->setFocus() : QApplication::focusWidget()->clearFocus();
            QWidget *target = focus ? focus : &window;
            QTest::keyClick(target, Qt::Key_S, Qt::ControlModifier);
            QCOMPARE(saved, 1);
        }
        name->setFocus();
        QTest::keyClick(name, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(sent, 1);
        QCOMPARE(saved, 1);
        // A line's own keys stay its own.
        QTest::keyClicks(name, QStringLiteral("abc"));
        QTest::keyClick(name, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(name->text(), QString());
        if (!QKeySequence(QKeySequence::Quit).isEmpty()) {
            QTest::keyClick(name, Qt::Key_Q, Qt::ControlModifier);
            QCOMPARE(quit, 1);
        }
        sheet->dismiss();
        QTest::keyClick(field, Qt::Key_S, Qt::ControlModifier);
        QCOMPARE(saved, 2);
    }

    void whatWasChangedIsNotThrownAwayUnasked()
    {
        Fixture f;
        QPointer<Sheet> sheet = new Sheet(testTheme(), &f.window, QStringLiteral("Title"));
        auto *name = new QLineEdit;
        sheet->setContent(name);
        sheet->addButton(QStringLiteral("Send"), ButtonRole::Primary);
        sheet->setIsChanged([name] { return !name->text().isEmpty(); });
        sheet->open();
        QTest::keyClick(name, Qt::Key_Escape);
        QVERIFY(!sheet->isOpen()); // nothing was written
        sheet->open();
        QTest::keyClicks(name, QStringLiteral("a"));
        const auto asked = [&f] {
            ConfirmPopover *open = nullptr;
            for (ConfirmPopover *one : f.window.findChildren<ConfirmPopover *>(QStringLiteral("sheet-leave")))
                open = one->isOpen() ? one : open;
            return open;
        };
        QTest::keyClick(name, Qt::Key_Escape);
        QVERIFY(sheet->isOpen());
        QVERIFY(asked());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return); // the harmless answer
        QVERIFY(sheet->isOpen());
        QVERIFY(!asked());
        QVERIFY(name->hasFocus());
        QTest::mouseClick(sheet, Qt::LeftButton, Qt::NoModifier, QPoint(3, 3));
        QVERIFY(asked());
        asked()->confirmButton()->click();
        QVERIFY(!sheet->isOpen());
        QVERIFY(f.other->hasFocus());
        delete sheet;
    }

    // What a sheet waits for may be asked in a card that floats: it stays above, and its keys work.
    void floatingCardsStayAbove()
    {
        Fixture f;
        int answered = 0;
        auto *card = new QLineEdit(&f.window);
        card->setGeometry(600, 500, 100, 30);
        card->show();
        Overlay::keepAbove(card);
        onControlReturn(card, [&answered] { ++answered; });
        auto *sheet = new Sheet(testTheme(), &f.window, QStringLiteral("Title"));
        sheet->setContent(new QLineEdit);
        sheet->open();
        QCOMPARE(f.window.childAt(620, 510), card);
        card->setFocus();
        QTest::keyClick(card, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(answered, 1);
        QVERIFY(sheet->isOpen());
    }

    void confirmAsksFirst()
    {
        Fixture f;
        int deleted = 0;
        QPointer<ConfirmPopover> confirm =
            new ConfirmPopover(testTheme(), f.button, QStringLiteral("Delete for good?"),
                               QStringLiteral("Delete"), [&deleted] { ++deleted; });
        confirm->open();
        QVERIFY(confirm->cancelButton()->hasFocus()); // Enter does no harm
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QCOMPARE(deleted, 0);
        QTRY_VERIFY_WITH_TIMEOUT(!confirm, 30'000); // gone by itself
        QVERIFY(f.other->hasFocus());
        confirm = new ConfirmPopover(testTheme(), f.button, QStringLiteral("Delete for good?"),
                                     QStringLiteral("Delete"), [&deleted] { ++deleted; });
        confirm->open();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        QVERIFY(confirm->confirmButton()->hasFocus());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QCOMPARE(deleted, 1);
        confirm = new ConfirmPopover(testTheme(), f.button, QStringLiteral("Delete for good?"),
                                     QStringLiteral("Delete"), [&deleted] { ++deleted; });
        confirm->open();
        QTest::mouseClick(confirm, Qt::LeftButton, Qt::NoModifier, QPoint(700, 500));
        QVERIFY(!confirm || !confirm->isOpen());
        QCOMPARE(deleted, 1);
    }

    void popoverStaysInTheWindow()
    {
        Fixture f;
        auto *popover = new Popover(testTheme(), f.button);
        auto *content = new QWidget;
        content->setMinimumSize(300, 200);
        popover->setContent(content);
        popover->setAnchorRect(QRect(790, 580, 1, 1)); // at the corner
        popover->open();
        QVERIFY(f.window.rect().contains(content->geometry()));
        popover->dismiss();
        delete popover;
    }

    void toastsComeAndGo()
    {
        Fixture f;
        ToastHost *host = new ToastHost(testTheme(), &f.window);
        int undone = 0;
        host->show(Severity::Info, QStringLiteral("Moved triage to the bin."),
                   QStringLiteral("Undo"), [&undone] { ++undone; });
        QVERIFY(f.other->hasFocus());
        QCOMPARE(host->count(), 1);
        Button *undo = nullptr;
        const auto buttons = f.window.findChildren<Button *>();
        for (Button *button : buttons) {
            if (button->text() == QStringLiteral("Undo"))
                undo = button;
        }
        QVERIFY(undo);
        QVERIFY(
            f.window.rect().contains(QRect(undo->mapTo(&f.window, QPoint(0, 0)), undo->size())));
        QTest::mouseClick(undo, Qt::LeftButton);
        QCOMPARE(undone, 1);
        QCOMPARE(host->count(), 0);
        QTest::mouseMove(&f.window, QPoint(5, 5)); // a notice under the mouse waits
        QTest::qWait(10);
        host->show(Severity::Success, QStringLiteral("short"), QString(), {}, 40);
        QTRY_COMPARE_WITH_TIMEOUT(host->count(), 0, 30'000);
        for (int i = 0; i < 10; ++i)
            host->show(Severity::Error, QStringLiteral("number %1").arg(i), QString(), {}, 0);
        QCOMPARE(host->count(), 3);
    }
};

QTEST_MAIN(TestOverlay)
#include "tst_Overlay.moc"
