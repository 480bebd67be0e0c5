// SPDX-License-Identifier: GPL-3.0-or-later
#include "ShellTesting.h"
#include "core/session/RunExport.h"
#include "ui/runs/compare/CompareModel.h"
#include "ui/runs/compare/ComparePage.h"
#include "ui/sources/SourcesPage.h"
#include "ui/widgets/CommandPalette.h"
#include "ui/widgets/LinkLabel.h"
#include "ui/widgets/Toast.h"

#include <QDragEnterEvent>
#include <QDragLeaveEvent>
#include <QDropEvent>
#include <QFile>
#include <QMimeData>
#include <QTabBar>
#include <QTcpServer>

using namespace lathe;
using test::await;

class TestSourcesInWindow : public QObject
{
    Q_OBJECT

    static RunId execute(test::WindowBench &bench, const QString &input)
    {
        RunRequest request;
        request.agent = QStringLiteral("triage");
        request.input.text = input;
        request.unpaced = true;
        const auto run = await(bench.session().startRun(request));
        if (!run)
            qFatal("%s", qPrintable(run.error().message));
        (void)await(bench.session().finished(*run));
        return *run;
    }

private Q_SLOTS:
    void droppedFilesBecomeRuns()
    {
        test::WindowBench bench;
        bench.openSample();
        const RunId run = execute(bench, QStringLiteral("Search finds nothing since Monday"));
        const QString path = bench.folder.filePath(QStringLiteral("given.otlp.jsonl"));
        ExportSelection selection;
        selection.runs = {run};
        QVERIFY(await(exportRuns(&bench.session(), selection, ExportFormat::Otlp, path, {}, CancelToken())).ok());
        const int before = bench.session().project().runs().count();
        Workspace *workspace = bench.window->workspace();
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(700, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(bench.window.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(700, 400), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(bench.window.get(), &drop);
        QTRY_COMPARE_WITH_TIMEOUT(bench.session().project().runs().count(), before + 1, 30'000);
        // It is told where one is, with a way to the report.
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<Toast>("") || !bench.window->findChildren<Toast *>().isEmpty(), 30'000);
        const auto buttons = bench.window->findChildren<QAbstractButton *>();
        QAbstractButton *report = nullptr;
        for (QAbstractButton *button : buttons)
            report = button->text() == QStringLiteral("Show the report") ? button : report;
        QVERIFY(report);
        report->click();
        QVERIFY(workspace->currentPage()->findChild<SourcesPage *>());
        QCOMPARE(workspace->sources()->imports().size(), size_t(1));
        // Text that is dragged is no file.
        QMimeData text;
        text.setText(QStringLiteral("hello"));
        QDragEnterEvent other(QPoint(700, 400), Qt::CopyAction, &text, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(bench.window.get(), &other);
        QVERIFY(!other.isAccepted());
    }

    void comparisonKeepsItsPlace()
    {
        test::WindowBench bench;
        bench.openSample();
        const RunId one = execute(bench, QStringLiteral("Search finds nothing since Monday"));
        const RunId two = execute(bench, QStringLiteral("I was charged twice this month"));
        const RunId three = execute(bench, QStringLiteral("Love the new mobile app!"));
        Workspace *workspace = bench.window->workspace();
        workspace->go(Location::ofComparison({one, two}));
        auto *page = workspace->currentPage()->findChild<ComparePage *>();
        QVERIFY(page);
        QTRY_COMPARE_WITH_TIMEOUT(page->findChild<CompareModel *>()->runCount(), 2, 30'000);
        workspace->go(Location::ofRun(one));
        workspace->go(Location::ofComparison({one, two})); // the same place is the same tab
        QCOMPARE(workspace->currentPage()->findChild<ComparePage *>(), page);
        // What the person adds changes the tab's name and what is remembered.
        page->setRuns({one, two, three});
        Q_EMIT page->runsChanged(page->runs());
        auto *tabs = bench.find<QTabBar>("document-tabs");
        QVERIFY(tabs->tabText(tabs->currentIndex()).contains(QString::number(three.value)));
        workspace->go(Location::ofComparison({one, two, three}));
        QCOMPARE(workspace->currentPage()->findChild<ComparePage *>(), page);
        workspace->saveLayout();
        const QJsonArray kept = bench.session().project().setting(QStringLiteral("ui/shell/tabs")).toArray();
        bool found = false;
        for (const QJsonValue &tab : kept)
            found = found || Location::fromJson(tab.toObject()) == Location::ofComparison({one, two, three});
        QVERIFY(found);
        bool offered = false;
        workspace->go(Location::ofRun(one));
        const auto actions = workspace->actions();
        for (QAction *action : actions)
            offered = offered || action->objectName() == QLatin1String("compare-run");
        QVERIFY(offered);
        for (QAction *action : actions) {
            if (action->objectName() == QLatin1String("compare-run"))
                action->trigger();
        }
        QVERIFY(workspace->currentPage()->findChild<ComparePage *>() != page);
    }

    // The strip says what listens; closing the project ends it.
    void receiverInTheStatusStrip()
    {
        test::WindowBench bench;
        bench.openSample();
        QTcpServer free;
        QVERIFY(free.listen(QHostAddress::LocalHost));
        const quint16 port = free.serverPort();
        free.close();
        Workspace *workspace = bench.window->workspace();
        workspace->complete();
        QVERIFY(!bench.find<LinkLabel>("status-sources"));
        QVERIFY(workspace->sources()->startReceiver(port).ok());
        QTRY_VERIFY_WITH_TIMEOUT(bench.find<LinkLabel>("status-sources"), 30'000);
        QVERIFY(bench.find<LinkLabel>("status-sources")->text().contains(QString::number(port)));
        bench.find<LinkLabel>("status-sources")->click();
        QVERIFY(workspace->currentPage()->findChild<SourcesPage *>());
        bench.window->closeProject();
        QTRY_VERIFY_WITH_TIMEOUT(!bench.window->workspace(), 30'000);
        QTcpServer again; // the port is free again
        QVERIFY(again.listen(QHostAddress::LocalHost, port));
    }
};

QTEST_MAIN(TestSourcesInWindow)
#include "tst_SourcesInWindow.moc"
