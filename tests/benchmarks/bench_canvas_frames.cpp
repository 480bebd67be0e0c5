// SPDX-License-Identifier: GPL-3.0-or-later
#include "Measure.h"
#include "ui/canvas/CanvasArea.h"
#include "ui/canvas/CanvasView.h"

#include <QApplication>
#include <QPainter>

#include <cmath>
#include <ctime>
#include <functional>

// What a frame of the canvas costs while it is panned and zoomed, with 1,000 and 5,000 nodes, and
// how long a team of 5,000 takes to open. Every frame paints the whole viewport of 1280x800; the
// figure is the CPU time of the UI thread from the gesture to the painted window. The floor is a
// bare widget that fills as many rectangles and draws as many lines as the canvas shows.
using namespace lathe;

namespace {

// getrusage() counts in ticks of the scheduler, which a frame is shorter than.
double threadMs()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

QJsonObject point(double x, double y)
{
    return QJsonObject{{QStringLiteral("x"), x}, {QStringLiteral("y"), y}};
}

// Columns of nodes, each connected to two of the column before.
QJsonObject team(int count)
{
    static const char *const kinds[] = {"agent", "transform", "tool", "memory_write", "check"};
    const int rows = int(std::ceil(std::sqrt(count)));
    QJsonObject nodes, edges, places;
    int edge = 0;
    for (int i = 0; i < count; ++i) {
        const QString id = QStringLiteral("n%1").arg(i + 1);
        nodes.insert(
            id, QJsonObject{{QStringLiteral("kind"), QLatin1String(kinds[i % 5])},
                            {QStringLiteral("name"), QStringLiteral("Node number %1").arg(i + 1)},
                            {QStringLiteral("settings"),
                             QJsonObject{{QStringLiteral("agent"), QStringLiteral("triage")}}}});
        places.insert(id, point(i / rows * 312, i % rows * 128));
        for (const int back : {rows, rows - 3}) {
            const int from = i - back;
            if (i < rows || from < 0)
                continue;
            edges.insert(
                QStringLiteral("e%1").arg(++edge),
                QJsonObject{{QStringLiteral("from"), QStringLiteral("n%1").arg(from + 1)},
                            {QStringLiteral("from_port"),
                             from % 5 == 4 ? QStringLiteral("pass") : QStringLiteral("out")},
                            {QStringLiteral("to"), id},
                            {QStringLiteral("to_port"), QStringLiteral("in")}});
        }
    }
    return QJsonObject{{QStringLiteral("job"), QStringLiteral("a large team")},
                       {QStringLiteral("nodes"), nodes},
                       {QStringLiteral("edges"), edges},
                       {QStringLiteral("layout"), QJsonObject{{QStringLiteral("nodes"), places}}}};
}

class Bare : public QWidget
{
public:
    int rects = 0, lines = 0;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), palette().color(QPalette::Window));
        painter.setPen(palette().color(QPalette::WindowText));
        for (int i = 0; i < lines; ++i)
            painter.drawLine(i * 37 % width(), i * 11 % height(), i * 37 % width() + 60,
                             i * 11 % height() + 20);
        const QSize size = rects > 400 ? QSize(12, 4) : QSize(180, 50);
        for (int i = 0; i < rects; ++i)
            painter.fillRect(QRect(QPoint(i * 53 % width(), i * 29 % height()), size),
                             palette().color(QPalette::Button));
    }
};

struct Frames {
    std::vector<double> ms;
    double at(double share)
    {
        std::sort(ms.begin(), ms.end());
        return ms.empty() ? 0 : ms[std::min(ms.size() - 1, size_t(share * double(ms.size())))];
    }
};

Frames frames(int count, const std::function<void(int)> &change, QWidget *painted)
{
    Frames result;
    for (int i = 0; i < count; ++i) {
        const double start = threadMs();
        change(i);
        painted->repaint();
        result.ms.push_back(threadMs() - start);
    }
    return result;
}

void settle()
{
    for (int i = 0; i < 3; ++i)
        QCoreApplication::processEvents();
}

void report(const QByteArray &name, Frames found, int rects, int lines)
{
    Bare bare;
    bare.rects = rects;
    bare.lines = lines;
    bare.resize(1280, 800);
    bare.show();
    settle();
    Frames floor = frames(
        100, [](int) {}, &bare);
    const double p99 = found.at(0.99), below = std::max(0.001, floor.at(0.99));
    std::printf("  %s: p50 %.2f ms, p99 %.2f ms, worst %.2f ms\n", name.constData(), found.at(0.5),
                p99, found.at(1));
    bench::report((name + ", frame p99").constData(), bench::text(p99, "ms", 2),
                  bench::text(below, "ms", 2), p99 / below, p99, 16.7, bench::Better::Lower, " ms");
}
} // namespace

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    Theme theme;
    theme.install();
    bench::printLoad();
    for (const int count : {1000, 5000}) {
        const QJsonObject body = team(count);
        std::vector<double> opened;
        for (int run = 0; run < 5; ++run) {
            CanvasView fresh(&theme);
            fresh.resize(1280, 800);
            fresh.show();
            settle();
            const double start = threadMs();
            fresh.setBody(body);
            fresh.repaint();
            opened.push_back(threadMs() - start);
        }
        CanvasView view(&theme);
        view.resize(1280, 800);
        view.show();
        settle();
        view.setBody(body);
        auto *area = view.findChild<CanvasArea *>();
        bench::check(area && area->canvas()->nodes().size() == count,
                     "the canvas did not open the team");
        settle();
        const int edges = int(area->canvas()->edges().size());
        const QByteArray name = QByteArray::number(count) + " nodes";
        // Opening is compared with reading the same body as a value.
        const auto reading = bench::measure(
            3, [&] { bench::check(bool(TeamSpec::fromJson(body)), "the team is not sound"); });
        const double open = bench::median(opened);
        bench::report((name + ", opened").constData(), bench::text(open, "ms"),
                      bench::text(reading.cpuUs / 1000, "ms read"), open * 1000 / reading.cpuUs,
                      open, 300, bench::Better::Lower, " ms");

        QWidget *port = area->viewport();
        const QPointF middle(port->rect().center());
        const auto pan = [area](int i) {
            area->panBy(i % 80 < 40 ? QPoint(-9, -4) : QPoint(9, 4));
        };
        report(name + ", pan over all of it", frames(240, pan, port), count, edges);
        for (const double zoom : {0.36, 0.6, 1.0}) {
            view.setZoom(zoom);
            settle();
            const int seen = int(port->width() / zoom / 312 * port->height() / zoom / 128);
            report(name + ", pan at " + QByteArray::number(zoom * 100) + " %",
                   frames(240, pan, port), std::min(seen, count), std::min(2 * seen, edges));
        }
        view.fit();
        settle();
        report(name + ", zoom in and out",
               frames(
                   240,
                   [area, middle](int i) {
                       area->setZoom(area->zoom() * (i % 80 < 40 ? 1.11 : 1 / 1.11), middle);
                   },
                   port),
               count, edges);
        view.setZoom(1);
        settle();
        // One node is dragged: the body changes at the end only.
        const QString dragged = area->canvas()->hit(area->visibleRect().center(), 60).id;
        const QString id =
            area->canvas()->node(dragged) ? dragged : QStringLiteral("n%1").arg(count / 2);
        view.reveal(id);
        const QPointF from = area->canvas()->node(id)->pos();
        report(
            name + ", drag a node",
            frames(
                240, [&](int i) { area->canvas()->moveItem(id, from + QPointF(i, i / 2)); }, port),
            60, 120);
        // An edit of one node, as undo and typing bring it.
        std::vector<double> edited;
        for (int i = 0; i < 20; ++i) {
            const QJsonObject next = applyChanges(
                body, {{QStringLiteral("/nodes/n7/name"), QStringLiteral("Renamed %1").arg(i)}});
            const double start = threadMs();
            view.setBody(next);
            port->repaint();
            edited.push_back(threadMs() - start);
        }
        bench::report((name + ", one edit mirrored and painted").constData(),
                      bench::text(bench::median(edited), "ms", 2),
                      bench::text(reading.cpuUs / 1000, "ms read"),
                      bench::median(edited) * 1000 / reading.cpuUs, bench::median(edited), 16.7,
                      bench::Better::Lower, " ms");
    }
    return 0;
}
