// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/DiffArea.h"

#include "tests/ui/widgets/WidgetTest.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QScrollBar>
#include <QTest>

using namespace lathe;

namespace {
struct Piece { // as core/prompt/TextDiff.h has it
    enum class Type { Same, Added, Removed };
    Type type = Type::Same;
    QString text;
};

// Rows of 20 pixels, those marked with '*' changed.
class Area : public DiffArea
{
public:
    explicit Area(const QByteArray &rows) : DiffArea(testTheme(), nullptr)
    {
        for (int i = 0; i < rows.size(); ++i)
            m_rows.push_back({i * 20, 20, rows[i] == '*'});
        resize(300, 100);
    }
    using DiffArea::arrangeAnew;
    using DiffArea::layOut;
    using DiffArea::layOutPieces;
    using DiffArea::longestLine;
    int arranged = 0;

protected:
    int rowCount() const override { return int(m_rows.size()); }
    const RowPlace &rowPlace(int row) const override { return m_rows[size_t(row)]; }
    void arrange() override
    {
        if (m_arrangedWidth == viewport()->width())
            return;
        m_arrangedWidth = viewport()->width();
        ++arranged;
        setTotalHeight(int(m_rows.size()) * 20);
    }
    QString copied() const override { return QStringLiteral("all of it"); }

private:
    std::vector<RowPlace> m_rows;
};
}

class TestDiffArea : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // F8 goes to where a group of changed rows begins, with a bit of what is before it, and never round.
    void f8WalksTheChanges()
    {
        Area area(QByteArray("....................") + "**" + "...................." + "*" + "...................." + "***" + "....................");
        area.show();
        QVERIFY(QTest::qWaitForWindowExposed(&area));
        QScrollBar *bar = area.verticalScrollBar();
        const auto press = [&](Qt::KeyboardModifiers with = {}) {
            QTest::keyClick(&area, Qt::Key_F8, with);
            return bar->value();
        };
        const int first = 20 * 20 - 24, second = 42 * 20 - 24, third = 63 * 20 - 24;
        QCOMPARE(press(Qt::ShiftModifier), 0); // none before
        QCOMPARE(press(), first);
        QCOMPARE(press(), second);
        QCOMPARE(press(), third);
        QCOMPARE(press(), third); // none behind
        QCOMPARE(press(Qt::ShiftModifier), second);
        QCOMPARE(press(Qt::ShiftModifier), first);
        QTest::keyClick(&area, Qt::Key_End);
        QCOMPARE(bar->value(), bar->maximum());
        QCOMPARE(press(Qt::ShiftModifier), third);
        QTest::keyClick(&area, Qt::Key_Home);
        QCOMPARE(bar->value(), 0);
    }

    void nothingChanged()
    {
        Area area("...........");
        area.show();
        area.goToChange(1);
        area.goToChange(-1);
        QCOMPARE(area.verticalScrollBar()->value(), 0);
        Area none("");
        none.show();
        none.goToChange(1);
        QCOMPARE(none.verticalScrollBar()->maximum(), 0);
    }

    void scrollsWhatDoesNotFit()
    {
        Area area(QByteArray(50, '.'));
        area.show();
        QVERIFY(QTest::qWaitForWindowExposed(&area));
        QCOMPARE(area.verticalScrollBar()->maximum(), 50 * 20 - area.viewport()->height());
        area.resize(300, 400);
        QTRY_COMPARE_WITH_TIMEOUT(area.verticalScrollBar()->maximum(), 50 * 20 - area.viewport()->height(), 30'000);
        area.resize(300, 2000);
        QTRY_COMPARE_WITH_TIMEOUT(area.verticalScrollBar()->maximum(), 0, 30'000);
        const int before = area.arranged;
        testTheme()->setMode(Theme::Mode::Light); // the marks carry colours
        testTheme()->setMode(Theme::Mode::Dark);
        QVERIFY(area.arranged > before);
    }

    void copies()
    {
        Area area("*");
        area.show();
        QTest::keyClick(&area, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("all of it"));
    }

    // The words that differ are marked; where nothing is the same none is.
    void marksWords_data()
    {
        QTest::addColumn<QString>("pieces"); // "+added", "-removed", "=same", by '|'
        QTest::addColumn<QString>("marked"); // what carries a mark, by '|'
        QTest::newRow("words") << QStringLiteral("=the |+quick|= brown |-lazy|= fox") << QStringLiteral("quick|lazy");
        QTest::newRow("whole line") << QStringLiteral("+all of it| is new").replace(QStringLiteral("| "), QStringLiteral("|+")) << QString();
        QTest::newRow("same") << QStringLiteral("=nothing") << QString();
        QTest::newRow("empty") << QString() << QString();
    }
    void marksWords()
    {
        QFETCH(QString, pieces);
        std::vector<Piece> list;
        QString whole;
        for (const QString &one : pieces.split(QLatin1Char('|'), Qt::SkipEmptyParts)) {
            const Piece::Type type = one[0] == u'+' ? Piece::Type::Added : one[0] == u'-' ? Piece::Type::Removed : Piece::Type::Same;
            list.push_back({type, one.mid(1)});
            whole += one.mid(1);
        }
        Area area("");
        const auto laid = area.layOutPieces(list, false, QStringLiteral("    "), 200);
        QCOMPARE(laid.layout->text(), whole);
        QStringList marked;
        for (const auto &range : laid.layout->formats())
            marked.append(whole.mid(range.start, range.length));
        QTEST(marked.join(QLatin1Char('|')), "marked");
    }

    // What is shown of a hostile line stays bounded; words wrap, tabs take their places, no carriage return is drawn.
    void linesAreLaidOut()
    {
        Area area("");
        const auto one = area.layOut(QStringLiteral("a\tb\r"), {}, QStringLiteral("    "), 400);
        QCOMPARE(one.layout->text(), QStringLiteral("a    b"));
        QCOMPARE(one.layout->lineCount(), 1);
        const auto narrow = area.layOut(QStringLiteral("one two three four five six seven eight"), {}, QString(), 60);
        QVERIFY(narrow.layout->lineCount() > 3);
        QVERIFY(narrow.height > 2 * one.height);
        const auto endless = area.layOut(QString(3'000'000, QLatin1Char('x')), {}, QString(), 400);
        QVERIFY(endless.layout->text().size() < Area::longestLine + 100);
        QVERIFY2(endless.layout->text().endsWith(QStringLiteral("(2996000 more characters)")), qPrintable(endless.layout->text().right(40)));
        const auto nowhere = area.layOut(QStringLiteral("words"), {}, QString(), -20); // narrower than nothing
        QVERIFY(nowhere.height > 0);
    }
};

QTEST_MAIN(TestDiffArea)
#include "tst_DiffArea.moc"
