// SPDX-License-Identifier: GPL-3.0-or-later
// How the run log of 100,000 runs and a trace of 100,000 steps scroll, and how soon they are painted first. A frame is a stretch of the
// event loop between two waits. Beside a bare QTreeView over a trivial model of as many rows.
// Usage: bench_log_frames [FILE made by lathe-generate]
#include "core/session/Session.h"
#include "tests/benchmarks/FrameMeter.h"
#include "tests/benchmarks/Measure.h"
#include "tests/support/Await.h"
#include "tests/support/generator/ProjectGenerator.h"
#include "ui/runs/RunListView.h"
#include "ui/runs/TraceView.h"
#include "ui/theme/Theme.h"

#include <QAbstractScrollArea>
#include <QAbstractTableModel>
#include <QApplication>
#include <QEventLoop>
#include <QFile>
#include <QScrollBar>
#include <QTimer>
#include <QTreeView>

using namespace lathe;
using namespace lathe::bench;
using test::await;

namespace {
constexpr int rowsTotal = 100'000;
constexpr int frames = 400;

class BareModel : public QAbstractTableModel
{
public:
    int rowCount(const QModelIndex &parent) const override { return parent.isValid() ? 0 : rowsTotal; }
    int columnCount(const QModelIndex &) const override { return 10; }
    QVariant data(const QModelIndex &index, int role) const override
    {
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("cell %1, %2").arg(index.row()).arg(index.column())) : QVariant();
    }
};

void spin(int ms) // processEvents() with a time never blocks, so that no frame would end
{
    QEventLoop loop;
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
}

// The list of the widget: its tallest scroll area with something to scroll.
QScrollBar *barOf(QWidget *widget)
{
    QScrollBar *best = nullptr;
    int height = 0;
    auto areas = widget->findChildren<QAbstractScrollArea *>();
    if (auto *self = qobject_cast<QAbstractScrollArea *>(widget))
        areas.prepend(self);
    for (auto *area : areas) {
        if (area->isVisible() && area->height() > height && area->verticalScrollBar()->maximum() > 0) {
            best = area->verticalScrollBar();
            height = area->height();
        }
    }
    return best;
}

double p99(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[std::min(values.size() - 1, size_t(0.99 * double(values.size())))];
}

// Wheel-like steps, then leaps over the whole length. The 99th percentile of the stretches of work.
double scroll(QWidget *widget, const char *name)
{
    QScrollBar *bar = barOf(widget);
    check(bar != nullptr, "nothing to scroll");
    FrameMeter meter;
    for (int i = 0; i < frames; ++i) {
        bar->setValue(bar->value() + 3 * bar->singleStep());
        spin(4);
    }
    for (int i = 0; i < frames / 4; ++i) {
        bar->setValue(int(double(bar->maximum()) * double((i * 37) % 100) / 100));
        spin(8);
    }
    meter.report(name);
    check(meter.wall.size() > 50, "no frames were counted");
    return p99(meter.wall);
}

class FirstPaint : public QObject
{
public:
    explicit FirstPaint(QWidget *window) { window->installEventFilter(this); }
    bool painted = false;

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        painted = painted || event->type() == QEvent::Paint;
        return false;
    }
};

}

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    const QString path = argc > 1 ? QString::fromLocal8Bit(argv[1]) : QStringLiteral("million.lathe");
    if (!QFile::exists(path)) {
        test::ProjectShape shape;
        shape.runs = rowsTotal;
        shape.longRun = 100'000;
        test::generateProject(path, shape);
    }
    printLoad();
    Theme theme(&app);
    theme.setMode(Theme::Mode::Dark);
    theme.install();
    auto opened = Session::open(path, SessionOptions());
    check(opened.ok(), opened ? "" : qPrintable(opened.error().message));
    Session *session = opened->get();

    BareModel model;
    QTreeView bare;
    bare.setUniformRowHeights(true);
    bare.setModel(&model);
    bare.resize(1200, 840);
    bare.show();
    spin(300);
    const double floor = scroll(&bare, "bare tree view");
    bare.hide();

    {
        QElapsedTimer timer;
        timer.start();
        RunListView log(session, &theme, nullptr);
        log.resize(1200, 840);
        log.show();
        while (!barOf(&log) && timer.elapsed() < 20'000)
            spin(1);
        spin(0);
        std::printf("run log: rows stand after %.1f ms\n", double(timer.nsecsElapsed()) / 1e6);
        spin(500);
        const double ours = scroll(&log, "run log, 100,000 runs");
        report("log: scroll frame, 99th percentile", text(ours, "ms", 2), text(floor, "ms", 2), ours / floor, ours, 16.7, Better::Lower, " ms");
        spin(100);
    }
    RunQuery longest(RunFilter(), 1);
    longest.sort = RunSort::Steps;
    const RunId big = await(session->project().runs().page(longest, CancelToken()))->runs.front().id;
    {
        QElapsedTimer timer;
        timer.start();
        TraceView trace(session, &theme, big, nullptr);
        trace.resize(1400, 860);
        trace.show();
        while (!barOf(&trace) && timer.elapsed() < 30'000)
            spin(1);
        FirstPaint paint(&trace);
        trace.update();
        while (!paint.painted)
            spin(1);
        const double first = double(timer.nsecsElapsed()) / 1e6;
        report("trace: 100,000 steps, first paint with steps", text(first, "ms"), text(floor, "ms", 2), first / floor, first, 300, Better::Lower, " ms");
        spin(4000); // the rest arrives
        const double ours = scroll(&trace, "trace, 100,000 steps");
        report("trace: scroll frame, 99th percentile", text(ours, "ms", 2), text(floor, "ms", 2), ours / floor, ours, 16.7, Better::Lower, " ms");
        std::printf("memory: %.0f MB with log and trace shown\n", double(anonymousKb()) / 1024);
    }
    await(session->close());
    return 0;
}
