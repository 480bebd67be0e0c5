// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/DiffView.h"

#include "tests/ui/design/UiFixture.h"

#include <QClipboard>
#include <QScrollBar>

using namespace lathe;
using namespace lathe::test;

class TestDiffView : public QObject
{
    Q_OBJECT

    static QString numbered(int count, int changed)
    {
        QString text;
        for (int i = 0; i < count; ++i)
            text += i == changed ? QStringLiteral("line %1 is different here\n").arg(i) : QStringLiteral("line %1 is the same\n").arg(i);
        return text;
    }

private Q_SLOTS:
    void countsAndPatch()
    {
        DiffView view(UiFixture::theme());
        view.setTexts(QStringLiteral("a\nb\nc"), QStringLiteral("a\nB\nc\nd"));
        QCOMPARE(view.addedLines(), 2);
        QCOMPARE(view.removedLines(), 1);
        QCOMPARE(view.asPatch(), QStringLiteral(" a\n-b\n+B\n c\n+d\n"));
        view.setTexts(QStringLiteral("x"), QStringLiteral("x"));
        QCOMPARE(view.addedLines() + view.removedLines(), 0);
    }

    void keysFindChangesAndCopy()
    {
        DiffView view(UiFixture::theme());
        view.resize(700, 300);
        view.show();
        QVERIFY(QTest::qWaitForWindowActive(&view));
        QString after = numbered(200, 60);
        after.replace(QStringLiteral("line 150 is the same"), QStringLiteral("line 150 went"));
        view.setTexts(numbered(200, -1), after);
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_F8);
        const int first = view.verticalScrollBar()->value();
        QVERIFY(first > 0);
        QTest::keyClick(&view, Qt::Key_F8);
        QVERIFY(view.verticalScrollBar()->value() > first);
        QTest::keyClick(&view, Qt::Key_F8, Qt::ShiftModifier);
        QCOMPARE(view.verticalScrollBar()->value(), first);
        QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("+line 150 went")));
        view.setSideBySide(false);
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(view.verticalScrollBar()->value(), view.verticalScrollBar()->maximum());
    }

    // The pictures differ where the texts do, in both themes.
    void changesAreColoured()
    {
        for (const auto mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
            UiFixture::theme()->setMode(mode);
            DiffView view(UiFixture::theme());
            view.resize(500, 120);
            view.show();
            QVERIFY(QTest::qWaitForWindowExposed(&view));
            view.setTexts(QStringLiteral("same\nold words"), QStringLiteral("same\nnew words"));
            const QImage image = view.grab().toImage();
            const int row = QFontMetrics(UiFixture::theme()->codeFont()).height() + 4;
            const QColor left = image.pixelColor(2, 4 + row + row / 2), right = image.pixelColor(view.viewport()->width() / 2 + 4, 4 + row + row / 2);
            QVERIFY(left.red() > left.green());
            QVERIFY(right.green() > right.red());
        }
    }

    void strangeTexts_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::newRow("empty") << QString() << QString();
        QTest::newRow("from nothing") << QString() << QStringLiteral("a\nb");
        QTest::newRow("one line of a megabyte") << QString(1'000'000, QLatin1Char('x')) << QString(1'000'001, QLatin1Char('x'));
        QTest::newRow("line breaks") << QStringLiteral("a\r\nb\r\n") << QStringLiteral("a\nb\n");
        QTest::newRow("scripts") << QString::fromUtf8("السلام عليكم\n👩‍👩‍👧 ok") << QString::fromUtf8("السلام\n👩‍👧 ok\t!");
        QTest::newRow("nothing in common") << QString(QStringLiteral("a b c\n")).repeated(3000) << QString(QStringLiteral("1 2 3\n")).repeated(3000);
    }
    void strangeTexts()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        DiffView view(UiFixture::theme());
        view.resize(600, 400);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QElapsedTimer timer;
        timer.start();
        view.setTexts(before, after);
        view.setSideBySide(false);
        view.resize(300, 400);
        QVERIFY(!view.grab().isNull());
        QVERIFY2(timer.elapsed() < 120'000, qPrintable(QString::number(timer.elapsed())));
        qInfo("%lld ms", timer.elapsed());
    }
};

QTEST_MAIN(TestDiffView)
#include "tst_DiffView.moc"
