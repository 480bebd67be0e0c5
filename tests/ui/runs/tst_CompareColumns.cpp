// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/ColumnDiff.h"

#include "ui/runs/compare/CompareDelegate.h"

#include <QRandomGenerator>
#include <QTest>

using namespace lathe;

class TestCompareColumns : public QObject
{
    Q_OBJECT

    static QString textOf(const ColumnDiff &diff, size_t column)
    {
        QStringList lines;
        for (const auto &row : diff.rows) {
            if (!row[column].present)
                continue;
            QString line;
            for (const DiffPiece &piece : row[column].pieces)
                line += piece.text;
            lines.append(line);
        }
        return lines.join(QLatin1Char('\n'));
    }
    static QString lineOf(const ColumnDiff::Cell &cell)
    {
        QString line;
        for (const DiffPiece &piece : cell.pieces)
            line += piece.text;
        return line;
    }

private Q_SLOTS:
    void words()
    {
        const ColumnDiff diff = diffColumns({QStringLiteral("the cat sat\non the mat"), QStringLiteral("the dog sat\non the mat")});
        QCOMPARE(diff.rows.size(), size_t(2));
        QVERIFY(!diff.same);
        QVERIFY(diff.rows[0][0].differs && diff.rows[0][1].differs);
        QVERIFY(!diff.rows[1][0].differs && !diff.rows[1][1].differs);
        QString added, removed;
        for (const DiffPiece &piece : diff.rows[0][1].pieces)
            added += piece.type == DiffPiece::Type::Added ? piece.text : QString();
        for (const DiffPiece &piece : diff.rows[0][0].pieces)
            removed += piece.type == DiffPiece::Type::Removed ? piece.text : QString();
        QCOMPARE(added, QStringLiteral("dog"));
        QCOMPARE(removed, QStringLiteral("cat"));
    }

    void insertedLinesAlignInAllColumns()
    {
        const ColumnDiff diff = diffColumns({QStringLiteral("a\nb\nc"), QStringLiteral("a\nx\ny\nb\nc"), QStringLiteral("a\nb\nc\nz")});
        // b stands beside b, c beside c, whatever was put between.
        for (const auto &row : diff.rows) {
            if (row[0].present && lineOf(row[0]) == QLatin1String("b")) {
                QCOMPARE(lineOf(row[1]), QStringLiteral("b"));
                QCOMPARE(lineOf(row[2]), QStringLiteral("b"));
            }
        }
        QCOMPARE(diff.rows.size(), size_t(6));
    }

    void empties_data()
    {
        QTest::addColumn<QStringList>("texts");
        QTest::addColumn<bool>("same");
        QTest::newRow("none") << QStringList() << true;
        QTest::newRow("one") << QStringList{QStringLiteral("x")} << true;
        QTest::newRow("both empty") << QStringList{QString(), QString()} << true;
        QTest::newRow("first empty") << QStringList{QString(), QStringLiteral("x\ny")} << false;
        QTest::newRow("second empty") << QStringList{QStringLiteral("x\ny"), QString()} << false;
    }
    void empties()
    {
        QFETCH(QStringList, texts);
        QFETCH(bool, same);
        const ColumnDiff diff = diffColumns(texts);
        QCOMPARE(diff.same, same);
        for (qsizetype i = 0; i < texts.size(); ++i)
            QCOMPARE(textOf(diff, size_t(i)), texts[i]);
    }

    // Whatever the texts: every column holds its whole text in order, and a row is marked exactly when its lines differ.
    void property()
    {
        QRandomGenerator random(7);
        const QStringList words{QStringLiteral("alpha"), QStringLiteral("beta"), QStringLiteral("gamma delta"), QStringLiteral(""), QStringLiteral("eps, zeta")};
        for (int round = 0; round < 300; ++round) {
            QStringList texts;
            const int columns = 2 + random.bounded(5);
            QStringList base;
            for (int i = random.bounded(12); i >= 0; --i)
                base.append(words[random.bounded(int(words.size()))]);
            for (int c = 0; c < columns; ++c) {
                QStringList lines = base;
                for (int edits = random.bounded(4); edits > 0 && !lines.isEmpty(); --edits) {
                    const int at = random.bounded(int(lines.size()));
                    switch (random.bounded(3)) {
                    case 0:
                        lines.removeAt(at);
                        break;
                    case 1:
                        lines.insert(at, words[random.bounded(int(words.size()))] + QString::number(random.bounded(9)));
                        break;
                    default:
                        lines[at] += QStringLiteral(" more");
                    }
                }
                texts.append(lines.join(QLatin1Char('\n')));
            }
            const ColumnDiff diff = diffColumns(texts);
            for (int c = 0; c < columns; ++c)
                QCOMPARE(textOf(diff, size_t(c)), texts[c]);
            for (const auto &row : diff.rows) {
                for (int c = 1; c < columns; ++c) {
                    if (row[0].present && row[size_t(c)].present && !row[size_t(c)].differs)
                        QCOMPARE(lineOf(row[size_t(c)]), lineOf(row[0]));
                    if (row[0].present && row[size_t(c)].present && lineOf(row[size_t(c)]) != lineOf(row[0]))
                        QVERIFY(row[size_t(c)].differs);
                }
            }
        }
    }

    void longTextsAreCut()
    {
        const QString text = QString(QLatin1Char('x')).repeated(5000);
        const ColumnDiff diff = diffColumns({text, text + QLatin1Char('y')}, 1000);
        QVERIFY(diff.cut);
        QVERIFY(!diff.same);
        QCOMPARE(textOf(diff, 0).size(), qsizetype(1000));
    }

    void deltas_data()
    {
        QTest::addColumn<qint64>("delta");
        QTest::addColumn<qint64>("base");
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << qint64(0) << qint64(1'000'000) << QString();
        QTest::newRow("below what clocks tell") << qint64(900) << qint64(1000) << QString();
        QTest::newRow("under two percent") << qint64(15'000) << qint64(1'000'000) << QString();
        QTest::newRow("more") << qint64(1'250'000) << qint64(1'000'000) << QStringLiteral("+1.25 s");
        QTest::newRow("less") << qint64(-250'000) << qint64(1'000'000) << QStringLiteral("\u2212250 ms");
    }
    void deltas()
    {
        QFETCH(qint64, delta);
        QFETCH(qint64, base);
        QFETCH(QString, text);
        QCOMPARE(CompareDelegate::deltaText(delta, base), text);
    }
};

QTEST_GUILESS_MAIN(TestCompareColumns)
#include "tst_CompareColumns.moc"
