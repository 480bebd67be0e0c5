// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RunExport.h"
#include "tests/screenshots/Photographer.h"
#include "ui/runs/ExportSheet.h"
#include "ui/runs/TraceView.h"
#include "ui/runs/timetravel/ForkEditor.h"
#include "ui/runs/timetravel/TimeTravelBar.h"
#include "ui/sources/SourceHub.h"
#include "ui/widgets/CodeEditor.h"

#include <QCheckBox>
#include <QTabBar>
#include <QTcpServer>

namespace lathe::test {

namespace {
RunId execute(WindowBench *bench, const QString &agent, const QString &input)
{
    RunRequest request;
    request.agent = agent;
    request.input.text = input;
    const auto run = await(bench->session().startRun(request));
    if (!run)
        qFatal("%s", qPrintable(run.error().message));
    (void)await(bench->session().finished(*run));
    return *run;
}

QString firstStep(WindowBench *bench, RunId run, StepKind kind)
{
    const auto trace = await(bench->session().trace(run, CancelToken()));
    if (trace) {
        for (const Step &step : trace->steps()) {
            if (step.kind == kind)
                return step.path;
        }
    }
    return {};
}

void press(WindowBench *bench, Qt::Key key)
{
    if (Page *page = bench->window->workspace()->currentPage()) {
        if (auto *view = page->findChild<TraceView *>())
            QTest::keyClick(view, key);
    }
    QTest::qWait(300);
}

void shootTrace(WindowBench *bench, Photographer *camera, RunId run)
{
    bench->window->workspace()->go(Location::ofRun(run, firstStep(bench, run, StepKind::Tool)));
    QTest::qWait(500);
    press(bench, Qt::Key_1);
    camera->shoot("trace-tree");
    press(bench, Qt::Key_2);
    camera->shoot("trace-waterfall");
    press(bench, Qt::Key_3);
    camera->shoot("trace-flame");
    press(bench, Qt::Key_1);
    press(bench, Qt::Key_T);
    if (auto *bar = bench->find<TimeTravelBar>("time-travel")) {
        bar->setPosition(bar->history().count() * 2 / 3);
        camera->shoot("time-travel");
        QTest::keyClick(bar, Qt::Key_Escape);
    }
    bench->click("replay-button");
    QTest::qWait(500);
    camera->shoot("replay-proof");
}

RunId shootFork(WindowBench *bench, Photographer *camera, RunId run)
{
    const QString tool = firstStep(bench, run, StepKind::Tool);
    auto *editor = new ForkEditor(&bench->session(), &bench->theme, bench->window->workspace(), run, tool);
    QSignalSpy opened(editor, &ForkEditor::openRequested);
    editor->open();
    QTest::qWait(400);
    if (auto *result = editor->findChild<CodeEditor *>(QStringLiteral("fork-result"))) {
        result->replaceText(QStringLiteral("product_area,average\nSearch,1.1\nBilling,2.4\n"));
        camera->shoot("fork");
        if (auto *go = editor->findChild<QAbstractButton *>(QStringLiteral("fork-run")))
            go->click();
        for (int i = 0; i < 200 && opened.isEmpty(); ++i)
            QTest::qWait(20);
    } else {
        editor->dismiss();
    }
    if (opened.isEmpty())
        return {};
    const RunId fork = opened.first().first().value<Location>().run;
    (void)await(bench->session().finished(fork));
    bench->window->workspace()->go(Location::ofRun(fork));
    QTest::qWait(500);
    camera->shoot("fork-lineage");
    return fork;
}

void shootExport(WindowBench *bench, Photographer *camera, RunId run)
{
    auto *sheet = new ExportSheet(&bench->session(), &bench->theme, bench->window->workspace(), {run});
    sheet->open();
    QTest::qWait(300);
    for (const char *preset : {"redact-email", "redact-phone", "redact-pseudonyms"}) {
        if (auto *box = sheet->findChild<QCheckBox *>(QString::fromLatin1(preset)))
            box->setChecked(true);
    }
    camera->shoot("export");
    sheet->dismiss();
}

void shootSources(WindowBench *bench, Photographer *camera, RunId run)
{
    Workspace *workspace = bench->window->workspace();
    workspace->go(Location::page(Location::Kind::Sources));
    camera->shoot("sources");
    QTcpServer free;
    free.listen(QHostAddress::LocalHost);
    const quint16 port = free.serverPort();
    free.close();
    if (workspace->sources()->startReceiver(port))
        camera->shoot("sources-receiving");
    workspace->sources()->stopReceiver();
    // What Lathe gives out, and what real exporters recorded, comes in again.
    const QString path = bench->folder.filePath(QStringLiteral("yesterday.otlp.jsonl"));
    ExportSelection selection;
    selection.runs = {run};
    (void)await(exportRuns(&bench->session(), selection, ExportFormat::Otlp, path, {}, CancelToken()));
    QSignalSpy ended(workspace->sources(), &SourceHub::importEnded);
    QStringList files{path};
#ifdef LATHE_TEST_DATA
    for (const char *recorded : {"ai7.json", "openinference.json", "oldDialect.json"})
        files.append(QString::fromUtf8(LATHE_TEST_DATA) + QStringLiteral("/traces/") + QString::fromLatin1(recorded));
#endif
    workspace->importFiles(files);
    for (int i = 0; i < 300 && ended.isEmpty(); ++i)
        QTest::qWait(20);
    camera->shoot("import-report");
    const auto &imports = workspace->sources()->imports();
    for (const auto &entry : imports) {
        if (entry.report.runs.empty())
            continue;
        workspace->go(Location::ofRun(entry.report.runs.front()));
        QTest::qWait(400);
        camera->shoot("trace-foreign");
        break;
    }
}
}

void shootRuns(WindowBench *bench, Photographer *camera)
{
    Workspace *workspace = bench->window->workspace();
    const RunId one = execute(bench, QStringLiteral("analyst"), QStringLiteral("Which product area has the lowest average rating, and how many complaints does it have?"));
    const RunId two = execute(bench, QStringLiteral("analyst"), QStringLiteral("Which product area has the highest average rating, and how many complaints does it have?"));
    workspace->go(Location::page(Location::Kind::Runs));
    QTest::qWait(400);
    camera->shoot("run-log");
    const RunId planner = execute(bench, QStringLiteral("planner"), QStringLiteral("Count the feedback per product area, then find the average rating of the worst area and summarise"));
    shootTrace(bench, camera, planner);
    const RunId fork = shootFork(bench, camera, one);
    std::vector<RunId> runs{one, two};
    workspace->go(Location::ofComparison(runs));
    QTest::qWait(500);
    camera->shoot("compare");
    if (fork.isValid()) {
        workspace->go(Location::ofComparison({one, fork, two}));
        QTest::qWait(500);
        camera->shoot("compare-three");
    }
    shootExport(bench, camera, one);
    shootSources(bench, camera, two);
}

} // namespace lathe::test
