// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CommandPalette.h"
#include "ui/widgets/CommandPaletteModel.h"
#include "ui/widgets/SearchField.h"
#include "WidgetTest.h"

#include <QElapsedTimer>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>

using namespace lathe;

class TestCommandPalette : public QObject
{
    Q_OBJECT

private:
    static PaletteCommand command(const char *id, const char *title, bool enabled = true)
    {
        PaletteCommand result;
        result.id = QString::fromLatin1(id);
        result.title = QString::fromLatin1(title);
        result.section = QStringLiteral("Section");
        result.enabled = enabled;
        return result;
    }

    struct Fixture {
        QLineEdit *other = new QLineEdit;
        TestWindow window{{other}, QSize(800, 600)};
        CommandPalette *palette = new CommandPalette(testTheme(), &window);
        QSignalSpy triggered{palette, &CommandPalette::triggered};
        Fixture()
        {
            palette->setCommands([] {
                return CommandPalette::Results{
                    command("off", "Disabled thing", false), command("run", "Run agent"),
                    command("commit", "Commit revision"), command("replay", "Replay run")};
            });
            window.show();
            QVERIFY(QTest::qWaitForWindowActive(&window));
            other->setFocus();
        }
        QStringList shown() const
        {
            QStringList titles;
            for (int row = 0; row < palette->view()->model()->rowCount(); ++row)
                titles.append(palette->view()->model()->index(row, 0).data().toString());
            return titles;
        }
        QString current() const { return palette->view()->currentIndex().data().toString(); }
        QString lastId() const { return triggered.last().first().value<PaletteCommand>().id; }
    };

private Q_SLOTS:
    void opensFiltersRuns()
    {
        Fixture f;
        f.palette->open();
        QVERIFY(f.palette->field()->hasFocus());
        QCOMPARE(f.shown().size(), 4);
        QCOMPARE(f.current(), QStringLiteral("Run agent")); // the first that can be run
        QTest::keyClicks(f.palette->field(), QStringLiteral("rep"));
        QTRY_COMPARE_WITH_TIMEOUT(f.current(), QStringLiteral("Replay run"), 30'000);
        QTest::keyClick(f.palette->field(), Qt::Key_Return);
        QCOMPARE(f.triggered.count(), 1);
        QCOMPARE(f.lastId(), QStringLiteral("replay"));
        QVERIFY(!f.palette->isVisible());
        QVERIFY(f.other->hasFocus());
        QCOMPARE(f.palette->recent(), QStringList{QStringLiteral("replay")});
        // What was used last comes first.
        f.palette->open();
        QCOMPARE(f.shown().first(), QStringLiteral("Replay run"));
        QCOMPARE(f.palette->field()->text(), QString());
    }

    void otherWordsFindItToo()
    {
        CommandPaletteModel model;
        PaletteCommand tool = command("new-tool", "New tool");
        tool.words = QStringLiteral("Add a tool");
        const QList<PaletteCommand> commands{command("clip", "Add a tool from the clipboard", false), tool, command("run", "Run agent")};
        for (const char *query : {"add a tool", "add tool", "new tool", "newtool"}) {
            model.fill(commands, QString::fromLatin1(query), {});
            QVERIFY2(model.rowCount() > 0 && model.command(0).id == QLatin1String("new-tool"), query);
        }
        model.fill(commands, QStringLiteral("add"), {});
        QCOMPARE(model.rowCount(), 2);
        // The exact name comes before what was used last.
        model.fill({command("agent", "a_sql"), command("tool", "sql")}, QStringLiteral("sql"), {QStringLiteral("agent")});
        QCOMPARE(model.command(0).id, QStringLiteral("tool"));
    }

    void enterCountsWhatWasTyped()
    {
        // Typing and Enter in one go, without a turn of the event loop between.
        Fixture f;
        f.palette->open();
        QTest::keyClicks(f.palette->field(), QStringLiteral("commit"));
        QTest::keyClick(f.palette->field(), Qt::Key_Return);
        QCOMPARE(f.lastId(), QStringLiteral("commit"));
    }

    void arrowsGoRoundAndPastDisabled()
    {
        Fixture f;
        f.palette->open();
        QTest::keyClick(f.palette->field(), Qt::Key_Up);
        QCOMPARE(f.current(), QStringLiteral("Replay run"));
        QTest::keyClick(f.palette->field(), Qt::Key_Down);
        QCOMPARE(f.current(), QStringLiteral("Run agent"));
        QTest::keyClick(f.palette->field(), Qt::Key_Down);
        QCOMPARE(f.current(), QStringLiteral("Commit revision"));
    }

    void disabledIsNotRun()
    {
        Fixture f;
        f.palette->open();
        QTest::keyClicks(f.palette->field(), QStringLiteral("disabled"));
        QTRY_COMPARE_WITH_TIMEOUT(f.shown().size(), 1, 30'000);
        QTest::keyClick(f.palette->field(), Qt::Key_Return);
        QCOMPARE(f.triggered.count(), 0);
        QVERIFY(f.palette->isVisible());
        const QRect row = f.palette->view()->visualRect(f.palette->view()->model()->index(0, 0));
        QTest::mouseClick(f.palette->view()->viewport(), Qt::LeftButton, Qt::NoModifier,
                          row.center());
        QCOMPARE(f.triggered.count(), 0);
    }

    void mouseRunsAndCloses()
    {
        Fixture f;
        f.palette->open();
        const QRect row = f.palette->view()->visualRect(f.palette->view()->model()->index(2, 0));
        QTest::mouseClick(f.palette->view()->viewport(), Qt::LeftButton, Qt::NoModifier,
                          row.center());
        QCOMPARE(f.lastId(), QStringLiteral("commit"));
        f.palette->open();
        QTest::mouseClick(f.palette, Qt::LeftButton, Qt::NoModifier, QPoint(5, 590));
        QVERIFY(!f.palette->isVisible());
        f.palette->openWith(QStringLiteral("com"));
        QTest::keyClick(f.palette->field(), Qt::Key_Escape); // once, though something is typed
        QVERIFY(!f.palette->isVisible());
        QVERIFY(f.other->hasFocus());
    }

    void providersAnswerLater()
    {
        Fixture f;
        int asked = 0;
        f.palette->addProvider(
            [&asked](const QString &query,
                     const std::function<void(CommandPalette::Results)> &answer) {
                ++asked;
                // Older questions take longer.
                QTimer::singleShot(query.size() < 3 ? 60 : 10, qApp, [query, answer] {
                    answer({command(qPrintable(QStringLiteral("found-") + query),
                                    qPrintable(query + QStringLiteral(" found")))});
                });
            });
        f.palette->open();
        QCOMPARE(asked, 0); // nothing is looked for without a query
        f.palette->field()->setText(QStringLiteral("re"));
        QTRY_COMPARE_WITH_TIMEOUT(asked, 1, 30'000);
        f.palette->field()->setText(QStringLiteral("rep"));
        QTRY_COMPARE_WITH_TIMEOUT(asked, 2, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(f.shown().contains(QStringLiteral("rep found")), 30'000);
        QTest::qWait(80);
        QVERIFY(!f.shown().contains(QStringLiteral("re found"))); // too late
        f.palette->dismiss();
    }

    void answersAfterItsEndAreHarmless()
    {
        std::function<void(CommandPalette::Results)> late;
        {
            Fixture f;
            f.palette->addProvider(
                [&late](const QString &, std::function<void(CommandPalette::Results)> answer) {
                    late = std::move(answer);
                });
            f.palette->open();
            f.palette->field()->setText(QStringLiteral("x"));
            QTRY_VERIFY_WITH_TIMEOUT(late, 30'000);
            f.palette->dismiss();
            late({command("a", "x")});
        }
        late({command("a", "x")});
    }

    void thousandsOfCommandsAreQuick()
    {
        CommandPaletteModel model;
        QList<PaletteCommand> commands;
        for (int i = 0; i < 5000; ++i)
            commands.append(
                command(qPrintable(QString::number(i)),
                        qPrintable(QStringLiteral("Open run number %1 of triage").arg(i))));
        QElapsedTimer clock;
        clock.start();
        model.fill(commands, QStringLiteral("run 42"), {});
        qInfo("5000 commands ranked in %lld ms", clock.elapsed());
        QVERIFY(clock.elapsed() < 120'000);
        QVERIFY(model.rowCount() > 10);
        QVERIFY(model.rowCount() <= 200);
        QVERIFY(model.command(0).title.contains(QStringLiteral("42")));
    }

    void sectionIsSearchedToo()
    {
        CommandPaletteModel model;
        PaletteCommand first = command("export", "Export");
        first.section = QStringLiteral("Runs");
        PaletteCommand second = command("other", "Export");
        second.section = QStringLiteral("Datasets");
        model.fill({second, first}, QStringLiteral("runs exp"), {});
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.command(0).id, QStringLiteral("export"));
        QCOMPARE(model.index(0, 0).data(CommandPaletteModel::PositionsRole).value<QList<int>>(),
                 (QList<int>{0, 1, 2}));
    }
};

QTEST_MAIN(TestCommandPalette)
#include "tst_CommandPalette.moc"
