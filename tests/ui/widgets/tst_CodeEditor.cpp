// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FindBar.h"
#include "ui/widgets/SoftBreaks.h"
#include "WidgetTest.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QHelpEvent>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>
#include <QToolTip>

using namespace lathe;

class TestCodeEditor : public QObject
{
    Q_OBJECT

private:
    struct Fixture {
        CodeEditor *editor = new CodeEditor(testTheme());
        QLineEdit *other = new QLineEdit;
        TestWindow window{{editor, other}};
        Fixture()
        {
            window.show();
            QVERIFY(QTest::qWaitForWindowActive(&window));
            editor->setFocus();
        }
    };

    static QList<CompletionItem> variables(const QString &prefix)
    {
        QList<CompletionItem> items;
        for (const char *name : {"message", "max_words", "language"}) {
            if (QString::fromLatin1(name).startsWith(prefix))
                items.append({QString::fromLatin1(name), QString(), QString()});
        }
        return items;
    }

private Q_SLOTS:
    void tabsAreTwoSpaces()
    {
        Fixture f;
        QTest::keyClick(f.editor, Qt::Key_Tab);
        QCOMPARE(f.editor->text(), QStringLiteral("  "));
        QTest::keyClicks(f.editor, QStringLiteral("a"));
        QTest::keyClick(f.editor, Qt::Key_Tab); // to the next even column
        QCOMPARE(f.editor->text(), QStringLiteral("  a "));
        f.editor->setText(QStringLiteral("one\ntwo\nthree"));
        f.editor->select(0, 6);
        QTest::keyClick(f.editor, Qt::Key_Tab);
        QCOMPARE(f.editor->text(), QStringLiteral("  one\n  two\nthree"));
        QTest::keyClick(f.editor, Qt::Key_Backtab);
        QCOMPARE(f.editor->text(), QStringLiteral("one\ntwo\nthree"));
        f.editor->undo();
        QCOMPARE(f.editor->text(), QStringLiteral("  one\n  two\nthree"));
    }

    void enterKeepsTheIndentation()
    {
        Fixture f;
        QTest::keyClicks(f.editor, QStringLiteral("    a"));
        QTest::keyClick(f.editor, Qt::Key_Return);
        QTest::keyClicks(f.editor, QStringLiteral("b"));
        QCOMPARE(f.editor->text(), QStringLiteral("    a\n    b"));
    }

    void escapeThenTabLeaves()
    {
        Fixture f;
        QTest::keyClick(f.editor, Qt::Key_Escape);
        QTest::keyClick(f.editor, Qt::Key_Tab);
        QVERIFY(f.other->hasFocus());
        QCOMPARE(f.editor->text(), QString());
        QTest::keyClick(f.other, Qt::Key_Backtab);
        QVERIFY(f.editor->hasFocus());
        QTest::keyClick(f.editor, Qt::Key_Tab); // back to normal
        QCOMPARE(f.editor->text(), QStringLiteral("  "));
    }

    void editedMeansTextOnly()
    {
        Fixture f;
        QSignalSpy edited(f.editor, &CodeEditor::edited);
        f.editor->setText(QStringLiteral("hello {{ name }}"));
        QCOMPARE(edited.count(), 0);
        f.editor->setTokenizer([](const QString &line) {
            QTextCharFormat format;
            format.setForeground(Qt::red);
            return std::vector<Span>{{0, static_cast<int>(line.size()), format}};
        });
        QTest::qWait(20);
        QCOMPARE(edited.count(), 0);
        QTest::keyClicks(f.editor, QStringLiteral("x"));
        QCOMPARE(edited.count(), 1);
        f.editor->undo();
        QCOMPARE(edited.count(), 2);
        f.editor->replaceText(QStringLiteral("other"));
        QVERIFY(edited.count() > 2);
        f.editor->undo();
        QCOMPARE(f.editor->text(), QStringLiteral("hello {{ name }}"));
    }

    void highlightsOnlyChangedLines()
    {
        Fixture f;
        f.editor->setText(QStringLiteral("line\n").repeated(500));
        int calls = 0;
        f.editor->setTokenizer([&calls](const QString &) {
            ++calls;
            return std::vector<Span>();
        });
        QTest::qWait(10);
        calls = 0;
        QTest::keyClicks(f.editor, QStringLiteral("abc"));
        QVERIFY2(calls >= 1 && calls <= 6, qPrintable(QString::number(calls)));
    }

    void coloursByTheTokenizer()
    {
        Fixture f;
        f.editor->setTokenizer([](const QString &line) {
            QTextCharFormat format;
            format.setForeground(Qt::green);
            const auto at = line.indexOf(QStringLiteral("{{"));
            return at < 0 ? std::vector<Span>()
                          : std::vector<Span>{{static_cast<int>(at), 2, format}};
        });
        f.editor->setText(QStringLiteral("a {{ b"));
        QTRY_VERIFY_WITH_TIMEOUT(!f.editor->document()->firstBlock().layout()->formats().isEmpty(), 30'000);
        const auto range = f.editor->document()->firstBlock().layout()->formats().first();
        QCOMPARE(range.start, 2);
        QCOMPARE(range.length, 2);
        QCOMPARE(range.format.foreground().color(), QColor(Qt::green));
    }

    void completesVariables()
    {
        Fixture f;
        f.editor->setCompletion(QStringLiteral("{{"), QStringLiteral("}}"),
                                &TestCodeEditor::variables);
        QTest::keyClicks(f.editor, QStringLiteral("Hi {"));
        QVERIFY(!f.editor->completionPopup()->isVisible());
        QTest::keyClicks(f.editor, QStringLiteral("{"));
        QVERIFY(f.editor->completionPopup()->isVisible());
        QVERIFY(f.editor->hasFocus());
        QCOMPARE(f.editor->completionPopup()->count(), 3);
        QTest::keyClicks(f.editor, QStringLiteral("m"));
        QCOMPARE(f.editor->completionPopup()->count(), 2);
        QTest::keyClick(f.editor, Qt::Key_Down);
        QTest::keyClick(f.editor, Qt::Key_Return);
        QCOMPARE(f.editor->text(), QStringLiteral("Hi {{max_words}}"));
        QVERIFY(!f.editor->completionPopup()->isVisible());
        QTest::keyClicks(f.editor, QStringLiteral("!"));
        QCOMPARE(f.editor->text(), QStringLiteral("Hi {{max_words}}!"));
        // A space in front is kept at the end too; an end that is there already is not doubled.
        f.editor->setText(QString());
        QTest::keyClicks(f.editor, QStringLiteral("{{ la"));
        QTest::keyClick(f.editor, Qt::Key_Tab);
        QCOMPARE(f.editor->text(), QStringLiteral("{{ language }}"));
        f.editor->setText(QStringLiteral("{{ mes }}"));
        f.editor->select(6, 0);
        QTest::keyClick(f.editor, Qt::Key_Space, Qt::ControlModifier);
        QVERIFY(f.editor->completionPopup()->isVisible());
        QTest::keyClick(f.editor, Qt::Key_Return);
        QCOMPARE(f.editor->text(), QStringLiteral("{{ message }}"));
        // Nothing fits, Escape, leaving: no popup.
        f.editor->setText(QString());
        QTest::keyClicks(f.editor, QStringLiteral("{{zzz"));
        QVERIFY(!f.editor->completionPopup()->isVisible());
        f.editor->setText(QString());
        QTest::keyClicks(f.editor, QStringLiteral("{{"));
        QVERIFY(f.editor->completionPopup()->isVisible());
        QTest::keyClick(f.editor, Qt::Key_Escape);
        QVERIFY(!f.editor->completionPopup()->isVisible());
        QTest::keyClicks(f.editor, QStringLiteral("m"));
        QVERIFY(f.editor->completionPopup()->isVisible());
        f.other->setFocus();
        QVERIFY(!f.editor->completionPopup()->isVisible());
    }

    void popupOutlivesNothing()
    {
        auto *window = new TestWindow({});
        auto *editor = new CodeEditor(testTheme());
        window->layout()->addWidget(editor);
        window->show();
        QVERIFY(QTest::qWaitForWindowActive(window));
        editor->setFocus();
        editor->setCompletion(QStringLiteral("{{"), QStringLiteral("}}"),
                              &TestCodeEditor::variables);
        QTest::keyClicks(editor, QStringLiteral("{{"));
        QPointer<CompletionPopup> popup = editor->completionPopup();
        QVERIFY(popup->isVisible());
        delete editor;
        QVERIFY(!popup);
        delete window;
    }

    void finds()
    {
        Fixture f;
        f.editor->setText(QStringLiteral("one two one\nOne"));
        QTest::keyClick(f.editor, Qt::Key_F, Qt::ControlModifier);
        QVERIFY(f.editor->findBar()->isVisible());
        QWidget *field = QApplication::focusWidget();
        QVERIFY(f.editor->findBar()->isAncestorOf(field));
        QTest::keyClicks(field, QStringLiteral("one"));
        QCOMPARE(f.editor->cursorOffset(), 0);
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(f.editor->cursorOffset(), 8);
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(f.editor->cursorOffset(), 12);
        QTest::keyClick(field, Qt::Key_Return); // round the end
        QCOMPARE(f.editor->cursorOffset(), 0);
        QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(f.editor->cursorOffset(), 12);
        QTest::keyClick(field, Qt::Key_Escape);
        QVERIFY(!f.editor->findBar()->isVisible());
        QVERIFY(f.editor->hasFocus());
        QCOMPARE(f.editor->textCursor().selectedText(), QStringLiteral("One"));
    }

    void problemsStayAtTheirText()
    {
        Fixture f;
        f.editor->setText(QStringLiteral("say {{policy}} now"));
        f.editor->setProblems({{4, 10, Severity::Error, QStringLiteral("policy is not defined")}});
        QTextCursor cursor = f.editor->textCursor();
        cursor.setPosition(0);
        cursor.insertText(QStringLiteral("Please "));
        bool found = false;
        const auto selections = f.editor->extraSelections();
        for (const auto &selection : selections) {
            if (selection.format.underlineStyle() == QTextCharFormat::WaveUnderline) {
                QCOMPARE(selection.cursor.selectedText(), QStringLiteral("{{policy}}"));
                found = true;
            }
        }
        QVERIFY(found);
        cursor.setPosition(0);
        f.editor->setTextCursor(cursor);
        QTest::keyClick(f.editor, Qt::Key_F8);
        QCOMPARE(f.editor->cursorOffset(), 11);
        QTRY_VERIFY_WITH_TIMEOUT(QToolTip::text().contains(QStringLiteral("not defined")), 30'000);
        QToolTip::hideText();
        // By mouse too.
        const QPoint at = f.editor->cursorRect().center() + QPoint(10, 0);
        QHelpEvent help(QEvent::ToolTip, at, f.editor->viewport()->mapToGlobal(at));
        QApplication::sendEvent(f.editor->viewport(), &help);
        QVERIFY(QToolTip::text().contains(QStringLiteral("not defined")));
        QToolTip::hideText();
    }

    void hostileProblemsAreHarmless()
    {
        Fixture f;
        f.editor->setText(QStringLiteral("ab"));
        f.editor->setProblems({{-5, 2, Severity::Error, QStringLiteral("a")},
                               {1, 1'000'000, Severity::Error, QStringLiteral("b")},
                               {99, 0, Severity::Warning, QStringLiteral("c")}});
        f.editor->grab();
        f.editor->setText(QString());
        f.editor->setProblems({{0, 0, Severity::Error, QStringLiteral("empty")}});
        f.editor->grab();
    }

    void longLinesAreSafeAndUnchanged()
    {
        Fixture f;
        QString text = QStringLiteral("start\n");
        for (int i = 0; text.size() < 1'000'000; ++i)
            text += QStringLiteral("{\"key%1\":\"value\"},").arg(i);
        text += QStringLiteral("\nend");
        QElapsedTimer clock;
        clock.start();
        f.editor->setText(text);
        f.editor->grab();
        QVERIFY2(clock.elapsed() < 120'000, qPrintable(QString::number(clock.elapsed())));
        QCOMPARE(f.editor->text(), text);
        QVERIFY(f.editor->document()->blockCount() > 200);
        // Line numbers count lines, not pieces.
        QCOMPARE(f.editor->lineNumber(f.editor->document()->findBlockByNumber(1)), 2);
        QCOMPARE(f.editor->lineNumber(f.editor->document()->findBlockByNumber(2)), 0);
        QCOMPARE(f.editor->lineNumber(f.editor->document()->lastBlock()), 3);
        // Offsets count the text, not what is shown.
        const int at = static_cast<int>(text.indexOf(QStringLiteral("\"key9999\"")));
        f.editor->select(at, 9);
        QCOMPARE(f.editor->textCursor()
                     .selectedText()
                     .remove(softbreaks::Marker)
                     .remove(QChar::ParagraphSeparator),
                 QStringLiteral("\"key9999\""));
        QCOMPARE(f.editor->cursorOffset(), at + 9);
        f.editor->selectAll();
        f.editor->copy();
        QCOMPARE(QApplication::clipboard()->text(), text);
    }

    void pastingAndTypingLongLines()
    {
        Fixture f;
        const QString text(50'000, QLatin1Char('p'));
        QApplication::clipboard()->setText(text);
        f.editor->paste();
        QCOMPARE(f.editor->text(), text);
        f.editor->undo();
        QCOMPARE(f.editor->text(), QString());
        f.editor->setText(QString(softbreaks::LongLine - 2, QLatin1Char('t')));
        f.editor->moveCursor(QTextCursor::End);
        QTest::keyClicks(f.editor, QStringLiteral("abcdef"));
        QTRY_COMPARE_WITH_TIMEOUT(f.editor->document()->blockCount(), 2, 30'000);
        QCOMPARE(f.editor->text(),
                 QString(softbreaks::LongLine - 2, QLatin1Char('t')) + QStringLiteral("abcdef"));
        QTest::keyClicks(f.editor, QStringLiteral("!")); // the cursor stayed at its place
        QVERIFY(f.editor->text().endsWith(QStringLiteral("abcdef!")));
    }

    void bigTextIsSmooth()
    {
        Fixture f;
        QString text;
        while (text.size() < 100'000)
            text += QStringLiteral("Answer in {{ language }}, at most {{ max_words }} words, and "
                                   "never promise dates.\n");
        f.editor->setTokenizer([](const QString &line) {
            QTextCharFormat format;
            format.setForeground(Qt::yellow);
            std::vector<Span> spans;
            for (auto at = line.indexOf(QStringLiteral("{{")); at >= 0;
                 at = line.indexOf(QStringLiteral("{{"), at + 2))
                spans.push_back({static_cast<int>(at), 10, format});
            return spans;
        });
        f.editor->setText(text);
        f.editor->select(static_cast<int>(text.size() / 2), 0);
        QTest::qWait(50);
        QElapsedTimer clock;
        clock.start();
        const int keys = 60;
        for (int i = 0; i < keys; ++i) {
            QTest::keyClick(f.editor, Qt::Key_A);
            f.editor->repaint();
        }
        const double each = static_cast<double>(clock.nsecsElapsed()) / 1e6 / keys;
        qInfo("key press to painted glyph in a text of 100 kB: %.2f ms", each);
        QVERIFY2(each < 10'000, qPrintable(QString::number(each))); // it does not hang
    }

    void scriptsThatNeedShapingGetIt()
    {
        Fixture f;
        f.editor->setText(QStringLiteral("a != b"));
        QVERIFY(f.editor->font().styleStrategy() & QFont::PreferNoShaping);
        QTest::keyClicks(f.editor, QStringLiteral("x"));
        QVERIFY(f.editor->font().styleStrategy() & QFont::PreferNoShaping);
        f.editor->insertPlainText(QStringLiteral("\u0645\u0631\u062d\u0628\u0627"));
        QTRY_VERIFY_WITH_TIMEOUT(!(f.editor->font().styleStrategy() & QFont::PreferNoShaping), 30'000);
    }

    void growsWithItsText()
    {
        auto *editor = new CodeEditor(testTheme());
        editor->setLineNumbersVisible(false);
        editor->setAutoHeight(2, 5);
        TestWindow window({editor}, QSize(300, 400));
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        const int two = editor->height();
        editor->setText(QStringLiteral("1\n2\n3\n4"));
        QTRY_VERIFY_WITH_TIMEOUT(editor->height() > two, 30'000);
        const int four = editor->height();
        editor->setText(QStringLiteral("1\n").repeated(50));
        QTRY_VERIFY_WITH_TIMEOUT(editor->height() > four, 30'000);
        QVERIFY(editor->height() < four + 40);
        editor->setText(QString());
        QTRY_COMPARE_WITH_TIMEOUT(editor->height(), two, 30'000);
    }

    void ownKeysBeatTheWindow()
    {
        Fixture f;
        auto *action = new QAction(&f.window);
        action->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_F));
        f.window.addAction(action);
        QSignalSpy triggered(action, &QAction::triggered);
        QTest::keyClick(f.window.windowHandle(), Qt::Key_F, Qt::ControlModifier);
        QCOMPARE(triggered.count(), 0);
        QVERIFY(f.editor->findBar()->isVisible());
    }
};

QTEST_MAIN(TestCodeEditor)
#include "tst_CodeEditor.moc"
