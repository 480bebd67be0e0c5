// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/MarkdownView.h"
#include "ui/widgets/MarkdownWriter.h"
#include "WidgetTest.h"

#include <QAbstractButton>
#include <QAbstractTextDocumentLayout>
#include <QClipboard>
#include <QElapsedTimer>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QTextBlock>
#include <QTextTable>
#include <ctime>

using namespace lathe;

class TestMarkdownView : public QObject
{
    Q_OBJECT

private:
    // Text and formats of a document, block by block, to compare two ways of making it.
    static QStringList dump(const QTextDocument *document)
    {
        QStringList lines;
        for (QTextBlock block = document->begin(); block.isValid(); block = block.next()) {
            QString line = QStringLiteral("m%1 q%2 b%3 h%4|")
                               .arg(block.blockFormat().leftMargin())
                               .arg(block.blockFormat().intProperty(markdownformat::QuoteLevel))
                               .arg(block.blockFormat().bottomMargin())
                               .arg(block.blockFormat().headingLevel());
            for (auto it = block.begin(); !it.atEnd(); ++it) {
                const QTextCharFormat format = it.fragment().charFormat();
                line +=
                    QStringLiteral("<%1%2%3%4%5 %6>")
                        .arg(format.fontWeight() > QFont::Medium ? QStringLiteral("B") : QString(),
                             format.fontItalic() ? QStringLiteral("I") : QString(),
                             format.fontStrikeOut() ? QStringLiteral("S") : QString(),
                             format.font().families().value(0).left(3), format.anchorHref(),
                             it.fragment().text());
            }
            QTextCursor cursor(block);
            if (QTextTable *table = cursor.currentTable())
                line.prepend(QStringLiteral("T%1x%2 ").arg(table->rows()).arg(table->columns()));
            lines.append(line);
        }
        return lines;
    }

    static QString sample()
    {
        return QStringLiteral(
            "# Title\n\nText with **bold**, *italic*, ~~gone~~, `code` and [a "
            "link](https://example.org/x).\n\n"
            "1. one\n2. two\n   - inner\n\n> quoted\n> twice\n\n```sql\nselect 1;\n\nselect "
            "2;\n```\n\n"
            "| a | b |\n|--|--:|\n| 1 | 2 |\n\n- [x] done\n\nlast paragraph\nof two lines\n");
    }

private Q_SLOTS:
    void rendersTheUsualThings()
    {
        MarkdownView view(testTheme());
        view.setMarkdownText(sample());
        const QString all = dump(view.document()).join(QLatin1Char('\n'));
        QVERIFY(all.contains(QStringLiteral("h1|<BInt Title>")));
        QVERIFY(all.contains(QStringLiteral("<BInt bold>")));
        QVERIFY(all.contains(QStringLiteral("<IInt italic>")));
        QVERIFY(all.contains(QStringLiteral("<SInt gone>")));
        QVERIFY(all.contains(QStringLiteral("<Jet code>")));
        QVERIFY(all.contains(QStringLiteral("<Inthttps://example.org/x a link>")));
        QVERIFY(all.contains(QStringLiteral("<Int 1.\t><Int one>"))
                || all.contains(QStringLiteral("<Int 1.\t")));
        QVERIFY(all.contains(QStringLiteral("q1")));
        QVERIFY(all.contains(QStringLiteral("T1x1")));
        QVERIFY(all.contains(QStringLiteral("T2x2")));
        QVERIFY(all.contains(QChar(0x2611)));
        QVERIFY(all.contains(QStringLiteral("last paragraph of two lines")));
    }

    void streamingEndsLikeTheWhole_data()
    {
        QTest::addColumn<QString>("markdown");
        QTest::addColumn<int>("piece");
        const QString odd = QStringLiteral(
            "a\n===\n\nb\n---\n\n* * *\n\n- x\n\n- y\n\n      code\n\ntext\n#tag\n\npara\n1.5 of "
            "it\n\n| a |\n|-|\n| 1 |\n|\n\n```\nopen fence");
        const QString late = QStringLiteral("see [x] first\n\nmore\n\n[x]: https://example.org\n");
        for (const int piece : {1, 3, 7, 50}) {
            QTest::addRow("sample by %d", piece) << sample() << piece;
            QTest::addRow("odd by %d", piece) << odd << piece;
            QTest::addRow("late by %d", piece) << late << piece;
            QTest::addRow("crlf by %d", piece)
                << QString(sample()).replace(QLatin1String("\n"), QLatin1String("\r\n")) << piece;
        }
    }

    void streamingEndsLikeTheWhole()
    {
        QFETCH(QString, markdown);
        QFETCH(int, piece);
        QTextDocument whole;
        MarkdownDocument(testTheme(), &whole).setSource(markdown);
        QTextDocument document;
        MarkdownDocument streamed(testTheme(), &document);
        for (qsizetype at = 0; at < markdown.size(); at += piece) {
            streamed.append(markdown.mid(at, piece));
            streamed.update();
        }
        streamed.finish();
        QCOMPARE(dump(&document), dump(&whole));
        QCOMPARE(document.toPlainText(), whole.toPlainText());
        document.setTextWidth(400);
        whole.setTextWidth(400);
        QCOMPARE(document.size(), whole.size());
    }

    void finishedBlocksAreLeftAlone()
    {
        QTextDocument document;
        document.documentLayout(); // changes are told only to a layout
        MarkdownDocument streamed(testTheme(), &document);
        streamed.append(QStringLiteral("first paragraph\n\nsecond paragraph\n\nthird"));
        streamed.update();
        QList<int> touched;
        connect(&document, &QTextDocument::contentsChange, this,
                [&touched](int position, int, int) { touched.append(position); });
        streamed.append(QStringLiteral(" goes on"));
        streamed.update();
        QVERIFY(!touched.isEmpty());
        for (const int position : std::as_const(touched))
            QVERIFY2(position >= 15,
                     qPrintable(QString::number(position))); // the first paragraph stays
        QVERIFY(document.toPlainText().endsWith(QStringLiteral("third goes on")));
        document.disconnect(this);
    }

    void piecesAreGathered()
    {
        MarkdownView view(testTheme());
        view.resize(400, 300);
        view.show();
        int changes = 0;
        connect(view.document(), &QTextDocument::contentsChanged, this, [&changes] { ++changes; });
        for (int i = 0; i < 500; ++i)
            view.appendText(QStringLiteral("word "));
        QCOMPARE(changes, 0); // not before the frame
        QTRY_VERIFY_WITH_TIMEOUT(view.toPlainText().contains(QStringLiteral("word word")), 30'000);
        QVERIFY2(changes <= 4, qPrintable(QString::number(changes)));
        view.disconnect(this);
    }

    void streamingIsCheap()
    {
        MarkdownView view(testTheme());
        view.resize(600, 400);
        view.show();
        // 200 paragraphs in 4000 pieces: the work must not grow with what stands already.
        QTextDocument document;
        MarkdownDocument streamed(testTheme(), &document);
        // The processor's time, which others on the machine do not take part in.
        const auto worked = [] {
            timespec time{};
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
            return qint64(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
        };
        const qint64 begin = worked();
        qint64 firstHalf = 0;
        for (int i = 0; i < 4000; ++i) {
            streamed.append(i % 20 == 19 ? QStringLiteral(".\n\n")
                                         : QStringLiteral(" some **words**"));
            streamed.update();
            if (i == 1999)
                firstHalf = worked() - begin;
        }
        const qint64 second = worked() - begin - firstHalf;
        qInfo("one streamed piece: %.3f ms, then %.3f ms", static_cast<double>(firstHalf) / 2e9,
              static_cast<double>(second) / 2e9);
        QVERIFY(second < firstHalf * 3);
    }

    void rawHtmlAndPicturesAreText()
    {
        MarkdownView view(testTheme());
        view.setMarkdownText(QStringLiteral(
            "<script>alert(1)</script>\n\ninline <b "
            "onclick='x'>bold</b>\n\n![cat](file:///etc/passwd) "
            "[bad](javascript:alert(1)) [file](file:///etc/passwd) <think>why</think>"));
        const QString text = view.toPlainText();
        QVERIFY(text.contains(QStringLiteral("<script>alert(1)</script>")));
        QVERIFY(text.contains(QStringLiteral("<b onclick='x'>bold</b>")));
        QVERIFY(text.contains(QStringLiteral("[image: cat]")));
        QVERIFY(text.contains(QStringLiteral("<think>why</think>")));
        const QString all = dump(view.document()).join(QString());
        QVERIFY(!all.contains(QStringLiteral("javascript:")));
        QVERIFY(!all.contains(QStringLiteral("file:")));
    }

    void linksAreTold()
    {
        auto *view = new MarkdownView(testTheme());
        view->setMarkdownText(QStringLiteral("[run 118](lathe:run/118)"));
        TestWindow window({view});
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QSignalSpy activated(view, &MarkdownView::linkActivated);
        QTest::mouseClick(view->viewport(), Qt::LeftButton, Qt::NoModifier, QPoint(20, 8));
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.first().first().toUrl(), QUrl(QStringLiteral("lathe:run/118")));
        QCOMPARE(view->toPlainText(), QStringLiteral("run 118")); // and nothing was opened here
    }

    void linksAreReachedByKeyboard()
    {
        auto *view = new MarkdownView(testTheme());
        view->setMarkdownText(
            QStringLiteral("see [one](https://example.org/1) and [two](https://example.org/2)"));
        TestWindow window({view});
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QSignalSpy activated(view, &MarkdownView::linkActivated);
        view->setFocus(Qt::TabFocusReason);
        QTest::keyClick(view, Qt::Key_Tab);
        QTest::keyClick(view, Qt::Key_Return);
        QCOMPARE(activated.count(), 1);
    }

    void codeIsCopied()
    {
        auto *view = new MarkdownView(testTheme());
        const QString longLine(9000, QLatin1Char('c'));
        view->setMarkdownText(
            QStringLiteral("text\n\n```\nfirst\n\n  second\n```\n\n```\n%1\n```\n").arg(longLine));
        TestWindow window({view}, QSize(500, 900));
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QCOMPARE(view->codeAt(QPoint(30, 8)), QString());
        QCOMPARE(view->codeAt(QPoint(30, 44)), QStringLiteral("first\n\n  second"));
        QCOMPARE(view->codeAt(QPoint(30, 200)), longLine);
        QTest::mouseMove(view->viewport(), QPoint(29, 43));
        QTest::mouseMove(view->viewport(), QPoint(30, 44));
        auto *button = view->findChild<QAbstractButton *>();
        QVERIFY(button);
        QTRY_VERIFY_WITH_TIMEOUT(button->isVisible(), 30'000);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("first\n\n  second"));
    }

    void isAsTallAsItsText()
    {
        auto *view = new MarkdownView(testTheme());
        QScrollArea area;
        auto *content = new QWidget;
        auto *layout = new QVBoxLayout(content);
        layout->addWidget(view);
        layout->addStretch(1);
        area.setWidget(content);
        area.setWidgetResizable(true);
        area.resize(600, 300);
        area.show();
        QVERIFY(QTest::qWaitForWindowActive(&area));
        view->setMarkdownText(QStringLiteral("one line"));
        const int one = view->height();
        QVERIFY(one >= 18 && one < 40);
        view->setMarkdownText(QStringLiteral("word ").repeated(300));
        QTRY_VERIFY_WITH_TIMEOUT(view->height() > 4 * one, 30'000);
        const int wide = view->height();
        area.resize(300, 300);
        QTRY_VERIFY_WITH_TIMEOUT(view->height() > wide * 3 / 2, 30'000);
        QVERIFY(!view->verticalScrollBar()->isVisible());
        view->setMarkdownText(
            QStringLiteral("```\ncode\n```")); // the empty blocks around a table have no height
        QTRY_VERIFY_WITH_TIMEOUT(view->height() < 80, 30'000);
    }

    void hostileInput_data()
    {
        QTest::addColumn<QString>("markdown");
        QTest::newRow("quotes") << QString(50'000, QLatin1Char('>')) + QStringLiteral(" deep");
        QTest::newRow("lists") << QStringLiteral("- ").repeated(20'000) + QStringLiteral("deep");
        QTest::newRow("stars") << QString(50'000, QLatin1Char('*')) + QLatin1Char('a')
                                      + QString(50'000, QLatin1Char('*'));
        QTest::newRow("emphasis") << QStringLiteral("*a **b ").repeated(10'000);
        QTest::newRow("brackets") << QString(50'000, QLatin1Char('['))
                                         + QString(50'000, QLatin1Char(']'));
        QTest::newRow("one word") << QString(1'000'000, QLatin1Char('w'));
        QTest::newRow("one line") << QStringLiteral("word ").repeated(200'000);
        QTest::newRow("one paragraph") << QStringLiteral("short line\n").repeated(100'000);
        QTest::newRow("one code line")
            << QStringLiteral("```\n") + QString(1'000'000, QLatin1Char('c'));
        QTest::newRow("wide table") << QStringLiteral("|a").repeated(3000) + QStringLiteral("|\n")
                                           + QStringLiteral("|-").repeated(3000)
                                           + QStringLiteral("|\n");
        QTest::newRow("long cell") << QStringLiteral("|a|\n|-|\n|")
                                          + QString(150'000, QLatin1Char('x'))
                                          + QStringLiteral("|\n");
        QTest::newRow("nul") << QStringLiteral("a") + QChar(u'\0') + QStringLiteral("b\n\nc");
        QTest::newRow("surrogate") << QString(QChar(0xd800)) + QStringLiteral(" alone");
    }

    void hostileInput()
    {
        QFETCH(QString, markdown);
        QElapsedTimer clock;
        clock.start();
        MarkdownView view(testTheme());
        view.resize(600, 400);
        view.setMarkdownText(markdown);
        view.show();
        view.grab();
        const qint64 limit = 120'000; // it does not hang
        QVERIFY2(clock.elapsed() < limit, qPrintable(QString::number(clock.elapsed())));
        QVERIFY(view.markdownText().size() >= markdown.size() - 1);
    }

    void longTextSaysWhatIsMissing()
    {
        auto *view = new MarkdownView(testTheme());
        TestWindow window({view});
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        view->setMarkdownText(QStringLiteral("paragraph\n\n").repeated(30'000));
        auto *link = view->findChild<QAbstractButton *>(QString(), Qt::FindDirectChildrenOnly);
        QVERIFY(link);
        QVERIFY(link->isVisible());
        QVERIFY2(link->text().contains(QStringLiteral("130,000")), qPrintable(link->text()));
        QSignalSpy requested(view, &MarkdownView::fullTextRequested);
        link->click();
        QCOMPARE(requested.count(), 1);
        view->setMarkdownText(QStringLiteral("short"));
        QVERIFY(!view->findChild<QAbstractButton *>(QString(), Qt::FindDirectChildrenOnly));
    }

    void followsTheTheme()
    {
        MarkdownView view(testTheme());
        view.setMarkdownText(QStringLiteral("text"));
        const auto colour = [&view] {
            return view.document()->begin().begin().fragment().charFormat().foreground().color();
        };
        QCOMPARE(colour(), Tokens::forDark().text);
        testTheme()->setMode(Theme::Mode::Light);
        QCOMPARE(colour(), Tokens::forLight().text);
        testTheme()->setMode(Theme::Mode::Dark);
        QCOMPARE(view.markdownText(), QStringLiteral("text"));
    }
};

QTEST_MAIN(TestMarkdownView)
#include "tst_MarkdownView.moc"
