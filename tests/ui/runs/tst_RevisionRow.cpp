// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RevisionRow.h"
#include "ui/widgets/LinkLabel.h"

#include <QApplication>
#include <QMenu>
#include <QTest>

using namespace lathe;

class TestRevisionRow : public QObject
{
    Q_OBJECT

private:
    Theme m_theme;

    static QList<LinkLabel *> shown(const RevisionRow &row)
    {
        QList<LinkLabel *> links;
        for (LinkLabel *link : row.findChildren<LinkLabel *>(QRegularExpression(QStringLiteral("^revision-")))) {
            if (link->isVisible())
                links.append(link);
        }
        return links;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
    }

    // At any width: what is shown is whole and within the row, the others are counted, and each of them opens.
    void asManyAsFit()
    {
        RevisionRow row(&m_theme);
        QStringList opened;
        std::vector<RevisionRow::Entry> entries;
        for (int i = 0; i < 10; ++i) {
            const QString reference = QStringLiteral("agent-number-%1@%2").arg(i).arg(i + 20);
            entries.push_back({i < 5 ? ArtifactKind::Agent : ArtifactKind::Prompt, reference, QString(), [&opened, reference] { opened.append(reference); }});
        }
        row.setEntries(entries);
        row.resize(2400, 28);
        row.show();
        auto *more = row.findChild<LinkLabel *>(QStringLiteral("revisions-more"));
        QCOMPARE(shown(row).size(), 10);
        QVERIFY(!more->isVisible());
        qsizetype before = 10;
        for (int width = 2400; width > 260; width -= 37) {
            row.resize(width, 28);
            const auto links = shown(row);
            QVERIFY(!links.isEmpty() && links.size() <= before);
            before = links.size();
            for (const LinkLabel *link : links) {
                QVERIFY2(link->geometry().right() < width, qPrintable(link->text()));
                QVERIFY(link->width() >= link->sizeHint().width());
            }
            QCOMPARE(more->isVisible(), links.size() < 10);
            if (more->isVisible()) {
                QCOMPARE(more->text(), QStringLiteral("+%1").arg(10 - links.size()));
                QVERIFY(more->geometry().right() < width && more->x() > links.last()->geometry().right());
            }
        }
        QVERIFY(before < 4);
        more->click();
        auto *menu = row.findChild<QMenu *>(QStringLiteral("revisions-menu"));
        QVERIFY(menu);
        QCOMPARE(menu->actions().size(), 10 - before);
        menu->actions().last()->trigger();
        QCOMPARE(opened, QStringList{QStringLiteral("agent-number-9@29")});
    }

    void aCutNameKeepsItsNumber()
    {
        RevisionRow row(&m_theme);
        row.setEntries({{ArtifactKind::Agent, QString(90, QLatin1Char('w')) + QStringLiteral("@17"), QString(), nullptr},
                        {ArtifactKind::Tool, QStringLiteral("clock@2"), QString(), nullptr}});
        row.resize(600, 28);
        row.show();
        QCOMPARE(shown(row).size(), 2);
        const QString first = shown(row).first()->text();
        QVERIFY2(first.size() < 60 && first.endsWith(QStringLiteral("@17")), qPrintable(first));
        QVERIFY(!shown(row).first()->isEnabled()); // there is nothing to open
    }
};

QTEST_MAIN(TestRevisionRow)
#include "tst_RevisionRow.moc"
