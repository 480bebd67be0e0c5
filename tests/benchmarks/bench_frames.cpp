// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/RunConversation.h"
#include "ui/runs/StepTreeView.h"
#include "ui/theme/Theme.h"

#include <QAbstractEventDispatcher>
#include <QApplication>
#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QPainter>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <ctime>

// How long the UI thread is busy at a stretch while 100 model calls stream 100 tokens a second each into the step tree and
// the conversation, both shown. Every stretch of the event loop between two waits counts as one frame. Prints percentiles and
// compares with a window whose whole content is painted anew each frame by one bare widget.
using namespace lathe;

namespace {
constexpr int streams = 100;
constexpr int tokensPerSecond = 100;
constexpr int frameMs = 16;

double cpuMs()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

// Stretches of work between two waits of the event loop, wall and CPU time of the main thread.
class FrameMeter : public QObject
{
public:
    FrameMeter()
    {
        auto *loop = QAbstractEventDispatcher::instance();
        connect(loop, &QAbstractEventDispatcher::awake, this, [this] {
            m_busy = true;
            m_wall.start();
            m_cpuStart = cpuMs();
        });
        connect(loop, &QAbstractEventDispatcher::aboutToBlock, this, [this] {
            if (!m_busy)
                return;
            m_busy = false;
            if (cpuMs() - m_cpuStart < 0.1)
                return; // woken for nothing: no frame
            wall.push_back(double(m_wall.nsecsElapsed()) / 1e6);
            cpu.push_back(cpuMs() - m_cpuStart);
        });
    }
    void report(const char *name)
    {
        const auto at = [](std::vector<double> &values, double share) {
            std::sort(values.begin(), values.end());
            return values.empty() ? 0.0 : values[std::min(values.size() - 1, size_t(share * double(values.size())))];
        };
        std::printf("%-28s %6zu frames  wall p50 %6.2f  p99 %6.2f  max %6.2f ms   cpu p50 %6.2f  p99 %6.2f  max %6.2f ms\n", name,
                    wall.size(), at(wall, 0.5), at(wall, 0.99), at(wall, 1), at(cpu, 0.5), at(cpu, 0.99), at(cpu, 1));
        std::fflush(stdout);
    }
    std::vector<double> wall;
    std::vector<double> cpu;

private:
    QElapsedTimer m_wall;
    double m_cpuStart = 0;
    bool m_busy = false;
};

class Bare : public QWidget
{
protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), palette().color(QPalette::Window));
        painter.setPen(palette().color(QPalette::WindowText));
        for (int y = 20; y < height(); y += 28)
            painter.drawText(12, y, QStringLiteral("A line of text as wide as a row of a table, number %1").arg(y));
    }
};

RunEvent event(RunEventKind kind, const QString &step)
{
    RunEvent made;
    made.kind = kind;
    made.run = RunId{1};
    made.step = step;
    made.timeUs = QDateTime::currentMSecsSinceEpoch() * 1000;
    return made;
}

void spin(int ms)
{
    QEventLoop loop;
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
}
}

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    const int seconds = argc > 1 ? std::max(1, atoi(argv[1])) : 10;
    Theme theme;
    theme.install();
    {
        Bare bare;
        bare.resize(1240, 860);
        bare.show();
        spin(300);
        QTimer repaint;
        repaint.setTimerType(Qt::PreciseTimer);
        repaint.callOnTimeout([&bare] { bare.update(); });
        FrameMeter meter;
        repaint.start(frameMs);
        spin(3000);
        meter.report("bare repaint 1240x860");
    }

    QWidget window;
    auto *layout = new QHBoxLayout(&window);
    StepTreeModel model;
    SystemClock clock;
    StepTreeView tree(&theme, &model, &clock);
    RunConversation conversation(&theme);
    layout->addWidget(&tree, 3);
    layout->addWidget(&conversation, 2);
    conversation.setSource([&model] { return &model.trace(); });
    window.resize(1240, 860);
    window.show();
    std::vector<RunEvent> batch;
    batch.push_back(event(RunEventKind::RunStarted, QString()));
    batch.push_back(event(RunEventKind::StepStarted, QStringLiteral("1")));
    batch.back().stepKind = StepKind::Control;
    batch.back().name = QStringLiteral("parallel");
    for (int i = 1; i <= streams; ++i) {
        batch.push_back(event(RunEventKind::StepStarted, QStringLiteral("1.%1").arg(i)));
        batch.back().stepKind = StepKind::Model;
        batch.back().name = QStringLiteral("chat model-%1").arg(i);
    }
    model.apply(batch);
    conversation.note(batch);
    tree.setLive(true);
    spin(800);

    static const char *const words[] = {"the ", "board ", "loads ", "slowly ", "since ", "**October** ", "and ", "`export` ",
                                        "stops.\n\n", "- a point\n", "with ", "figures ", "in ", "it ", "again "};
    QTimer feed;
    feed.setTimerType(Qt::PreciseTimer);
    QElapsedTimer time;
    qint64 sent = 0;
    feed.callOnTimeout([&] {
        std::vector<RunEvent> events;
        const qint64 due = time.elapsed() * tokensPerSecond / 1000;
        for (; sent < due; ++sent) {
            for (int i = 1; i <= streams; ++i) {
                events.push_back(event(RunEventKind::StepDelta, QStringLiteral("1.%1").arg(i)));
                events.back().text = QString::fromLatin1(words[(sent + i * 7) % qint64(std::size(words))]);
            }
        }
        model.apply(events);
        conversation.note(events);
    });
    FrameMeter meter;
    time.start();
    feed.start(frameMs);
    spin(seconds * 1000);
    feed.stop();
    meter.report("100 streams x 100 tokens/s");
    std::sort(meter.wall.begin(), meter.wall.end());
    const double p99 = meter.wall.empty() ? 0 : meter.wall[size_t(0.99 * double(meter.wall.size() - 1))];
    std::printf("tokens shown: %lld in %d s; p99 %.2f ms %s 16.7 ms\n", static_cast<long long>(sent * streams), seconds, p99,
                p99 < 16.7 ? "is under" : "EXCEEDS");
    return p99 < 16.7 ? 0 : 1;
}
