// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/ComparePage.h"

#include "RunsFixture.h"
#include "ui/runs/RedactionEditor.h"
#include "ui/runs/ExportSheet.h"
#include "ui/runs/compare/ColumnDiffView.h"
#include "ui/runs/compare/CompareDetail.h"
#include "ui/runs/compare/CompareModel.h"
#include "ui/runs/compare/RunCard.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/InlineMessage.h"
#include "ui/widgets/Label.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QFile>
#include <QLineEdit>
#include <QMimeData>
#include <QSignalSpy>
#include <QTabBar>
#include <QTreeView>

using namespace lathe;
using test::child;

class TestComparePage : public QObject
{
    Q_OBJECT
    Theme m_theme;

    std::unique_ptr<ComparePage> page(test::RunsFixture &f, std::vector<RunId> runs)
    {
        auto made = std::make_unique<ComparePage>(f.session.get(), &m_theme, std::move(runs));
        made->resize(1240, 780);
        made->show();
        return made;
    }
    static void drop(QWidget *on, const QByteArray &json)
    {
        QMimeData data;
        data.setData(QStringLiteral("application/x-lathe-run"), json);
        QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(on, &enter);
        if (!enter.isAccepted())
            return;
        QDropEvent event(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(on, &event);
    }
    static Trace longTrace(int steps, int changed)
    {
        Trace trace;
        const auto apply = [&](RunEventKind kind, const QString &path, const QString &name, const QString &text) {
            RunEvent event;
            event.kind = kind;
            event.step = path;
            event.timeUs = 1000;
            event.stepKind = StepKind::Tool;
            event.stepStatus = StepStatus::Ok;
            event.name = name;
            event.text = text;
            trace.apply(event);
        };
        for (int i = 1; i <= steps; ++i) {
            const QString path = QString::number(i);
            apply(RunEventKind::StepStarted, path, QStringLiteral("execute_tool t%1").arg(i % 10), QString());
            apply(RunEventKind::StepEnded, path, QString(), i == changed ? QStringLiteral("other") : QStringLiteral("same"));
        }
        return trace;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_theme.install();
        m_theme.setMode(Theme::Mode::Dark);
    }

    void twoRuns()
    {
        test::RunsFixture f;
        const RunId one = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating?"));
        const RunId two = f.run(QStringLiteral("analyst"), QStringLiteral("Which product area has the highest average rating?"));
        auto v = page(f, {one, two});
        auto *model = v->findChild<CompareModel *>();
        QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QTRY_VERIFY_WITH_TIMEOUT(model->rowCount() > 2, 30'000);
        QCOMPARE(model->runCount(), 2);
        auto *view = child<QTreeView>(v.get(), "compare-steps");
        // It opens at the first divergence.
        QVERIFY(model->firstDivergence() >= 0);
        QTRY_COMPARE_WITH_TIMEOUT(view->currentIndex().row(), model->firstDivergence(), 30'000);
        QVERIFY(child<Label>(v.get(), "compare-summary")->text().contains(QStringLiteral("differ")));
        QVERIFY(!child<Label>(v.get(), "compare-verdict")->text().isEmpty());
        test::shoot(v.get(), &m_theme, QStringLiteral("compare"));

        // Keys go from difference to difference and stop at the ends.
        QVERIFY(QTest::qWaitForWindowActive(v.get()));
        view->setFocus();
        std::vector<int> expected;
        for (int row = 0; row < model->rowCount(); ++row) {
            if (model->row(row)->differences != 0)
                expected.push_back(row);
        }
        QVERIFY(!expected.empty());
        view->setCurrentIndex(model->index(expected.front(), 0));
        for (size_t i = 1; i < expected.size(); ++i) {
            QTest::keyClick(view, i % 2 ? Qt::Key_N : Qt::Key_F7);
            QCOMPARE(view->currentIndex().row(), expected[i]);
        }
        QTest::keyClick(view, Qt::Key_N);
        QCOMPARE(view->currentIndex().row(), expected.back());
        for (size_t i = expected.size() - 1; i > 0; --i) {
            if (i % 2)
                QTest::keyClick(view, Qt::Key_P);
            else
                QTest::keyClick(view, Qt::Key_F7, Qt::ShiftModifier);
            QCOMPARE(view->currentIndex().row(), expected[i - 1]);
        }

        // What is the same can be hidden; what differs keeps its ancestors.
        const int all = model->rowCount();
        QTest::keyClick(view, Qt::Key_H);
        QVERIFY(child<QCheckBox>(v.get(), "compare-only")->isChecked());
        QVERIFY(model->rowCount() <= all && model->rowCount() >= int(expected.size()));
        for (int row = 0; row < model->rowCount(); ++row) {
            const AlignedRow *of = model->row(row);
            if (of->parent >= 0)
                QVERIFY(model->shownRow(of->parent) >= 0);
        }
        child<QCheckBox>(v.get(), "compare-only")->setChecked(false);
        QCOMPARE(model->rowCount(), all);

        // The input of the runs' root step as a word diff.
        auto *detail = v->findChild<CompareDetail *>();
        view->setCurrentIndex(model->index(0, 0));
        detail->tabs()->setCurrentIndex(1);
        detail->showRow(-1);
        detail->tabs()->setCurrentIndex(1);
        QString added;
        for (const auto &row : detail->texts()->diff().rows) {
            for (const DiffPiece &piece : row[1].pieces)
                added += piece.type == DiffPiece::Type::Added ? piece.text : QString();
        }
        QCOMPARE(added.trimmed(), QStringLiteral("highest"));

        // Enter opens the step in its run.
        QSignalSpy opened(v.get(), &ComparePage::openRequested);
        view->setCurrentIndex(model->index(0, 2));
        Q_EMIT view->activated(model->index(0, 2));
        QCOMPARE(opened.takeFirst().first().value<Location>().run, two);
    }

    void baselineAddAndRemove()
    {
        test::RunsFixture f;
        std::vector<RunId> runs;
        for (int i = 0; i < 7; ++i)
            runs.push_back(f.run(QStringLiteral("triage"), QStringLiteral("The CSV export stops at %1 rows").arg(i * 1000)));
        auto v = page(f, {runs[0], runs[1], runs[1]}); // twice the same is once
        auto *model = v->findChild<CompareModel *>();
        QTRY_COMPARE_WITH_TIMEOUT(model->runCount(), 2, 30'000);
        QSignalSpy changed(v.get(), &ComparePage::runsChanged);
        auto *second = child<RunCard>(v.get(), "compare-card-1");
        QTest::mouseClick(child<QAbstractButton>(second, "compare-baseline"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(model->runCount() > 0 ? model->run(0).info.id : RunId(), runs[1], 30'000);
        QCOMPARE(changed.count(), 1);
        drop(v.get(), "{\"run\": 1, \"runs\": [" + QByteArray::number(runs[2].value) + "," + QByteArray::number(runs[3].value) + "]}");
        QTRY_COMPARE_WITH_TIMEOUT(model->runCount(), 4, 30'000);
        drop(v.get(), "{\"run\": " + QByteArray::number(runs[4].value) + "}");
        QTRY_COMPARE_WITH_TIMEOUT(model->runCount(), 5, 30'000);
        drop(v.get(), "{\"runs\": [" + QByteArray::number(runs[5].value) + "," + QByteArray::number(runs[6].value) + "]}");
        QTRY_COMPARE_WITH_TIMEOUT(model->runCount(), 6, 30'000); // the seventh has no place
        test::shoot(v.get(), &m_theme, QStringLiteral("compare-six"));
        QTest::mouseClick(child<QAbstractButton>(child<RunCard>(v.get(), "compare-card-5"), "compare-remove"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(model->runCount(), 5, 30'000);
        QCOMPARE(v->runs().size(), size_t(5));
        drop(v.get(), "nonsense");
        drop(v.get(), "{\"runs\": [\"x\", -4, 999999]}"); // no such run: said, not crashed
        QTRY_VERIFY_WITH_TIMEOUT(child<InlineMessage>(v.get(), "compare-message")->isVisible(), 30'000);
        QCOMPARE(model->runCount(), 5);
    }

    void nothingToCompare()
    {
        test::RunsFixture f;
        auto v = page(f, {});
        test::shoot(v.get(), &m_theme, QStringLiteral("compare-empty"));
        const RunId run = f.run(QStringLiteral("triage"), QStringLiteral("Search finds nothing"));
        v->setRuns({run});
        auto *model = v->findChild<CompareModel *>();
        QTRY_COMPARE_WITH_TIMEOUT(model->runCount(), 1, 30'000);
        QVERIFY(!child<Button>(v.get(), "compare-first")->isEnabled());
        QCOMPARE(model->differingRows(), 0);
        test::shoot(v.get(), &m_theme, QStringLiteral("compare-one"));
    }

    // 100,000 steps are rows of a model, not widgets: the page shows and steps through them.
    void hugeRuns()
    {
        const auto one = std::make_shared<const Trace>(longTrace(100'000, 0));
        const auto two = std::make_shared<const Trace>(longTrace(100'000, 77'777));
        auto aligned = std::make_shared<const TraceAlignment>(alignTraces({one.get(), two.get()}));
        CompareModel model;
        model.setComparison({{RunInfo(), one}, {RunInfo(), two}}, aligned);
        QCOMPARE(model.rowCount(), 100'000);
        QCOMPARE(model.differingRows(), 1);
        QCOMPARE(model.nextDifference(-1, 1), 77'776);
        QCOMPARE(model.firstDivergence(), 77'776);
        model.setOnlyDifferences(true);
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(model.nextDifference(0, 1), -1);
    }

    void exportRedacts()
    {
        test::RunsFixture f;
        const RunId run = f.run(QStringLiteral("triage"), QStringLiteral("Please call jane.doe@example.com about ticket ACME-4711"));
        QWidget window;
        window.resize(1240, 800);
        window.show();
        auto *sheet = new ExportSheet(f.session.get(), &m_theme, &window, {run});
        QPointer<ExportSheet> alive(sheet);
        sheet->open();
        auto *preview = child<CodeEditor>(sheet, "redact-preview");
        QTRY_VERIFY_WITH_TIMEOUT(preview->text().contains(QStringLiteral("jane.doe@example.com")), 30'000);
        test::shoot(&window, &m_theme, QStringLiteral("export"));
        QTest::mouseClick(child<QCheckBox>(sheet, "redact-email"), Qt::LeftButton, {}, QPoint(8, 8));
        QTRY_VERIFY_WITH_TIMEOUT(!preview->text().contains(QStringLiteral("jane.doe@example.com")), 30'000);
        auto *editor = sheet->findChild<RedactionEditor *>();
        QTest::mouseClick(child<QAbstractButton>(editor, "redact-add"), Qt::LeftButton);
        auto *pattern = qobject_cast<QLineEdit *>(QApplication::focusWidget());
        QVERIFY(pattern);
        QTest::keyClicks(pattern, QStringLiteral("ACME-(\\d+"));
        QVERIFY(editor->hasProblems()); // a parenthesis is open
        QVERIFY(!child<Button>(sheet, "export-go")->isEnabled());
        test::shoot(&window, &m_theme, QStringLiteral("export-problem"));
        QTest::keyClicks(pattern, QStringLiteral(")"));
        QVERIFY(!editor->hasProblems());
        QTRY_VERIFY_WITH_TIMEOUT(!preview->text().contains(QStringLiteral("ACME-4711")), 30'000);
        QVERIFY(child<Label>(sheet, "redact-count")->text().contains(QStringLiteral("taken out")));
        test::shoot(&window, &m_theme, QStringLiteral("export-redacted"));
        auto *format = child<QComboBox>(sheet, "export-format");
        format->setCurrentIndex(2); // JSON Lines
        const QString path = f.dir.filePath(QStringLiteral("out.jsonl"));
        child<QLineEdit>(sheet, "export-path")->setText(path);
        QTest::mouseClick(child<Button>(sheet, "export-go"), Qt::LeftButton);
        auto *message = child<InlineMessage>(sheet, "export-message");
        QTRY_VERIFY2_WITH_TIMEOUT(message->severity() == Severity::Success || message->severity() == Severity::Error, qPrintable(message->text()), 30'000);
        QCOMPARE(message->severity(), Severity::Success);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        QVERIFY(bytes.size() > 100);
        QVERIFY(!bytes.contains("jane.doe") && !bytes.contains("ACME-4711"));
        auto *go = child<Button>(sheet, "export-go");
        QCOMPARE(go->text(), QStringLiteral("Done"));
        child<QCheckBox>(sheet, "redact-phone")->click(); // the file is not what is asked for any more
        QCOMPARE(go->text(), QStringLiteral("Replace"));
        QVERIFY(!message->isVisible());
        child<QLineEdit>(sheet, "export-path")->setText(f.session->project().path());
        QTest::mouseClick(go, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(message->severity(), Severity::Error, 30'000); // the project is not written over
        QVERIFY2(message->text().contains(QStringLiteral("the project itself")), qPrintable(message->text()));
        child<QLineEdit>(sheet, "export-path")->setText(path);
        QTest::mouseClick(go, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(go->text(), QStringLiteral("Done"), 30'000);
        QTest::mouseClick(go, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!alive, 30'000);
        // The next one begins with these rules.
        auto *again = new ExportSheet(f.session.get(), &m_theme, &window, {run, run});
        again->open();
        QVERIFY(child<QCheckBox>(again, "redact-email")->isChecked());
        QCOMPARE(again->findChild<RedactionEditor *>()->rules().rules.size(), size_t(3)); // e-mail, phone, ACME
    }
};

QTEST_MAIN(TestComparePage)
#include "tst_ComparePage.moc"
