// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/benchmarks/FrameMeter.h"
#include "ui/itemmodels/StepTreeModel.h"
#include "ui/runs/FlameSource.h"
#include "ui/runs/RunConversation.h"
#include "ui/runs/StepTreeView.h"
#include "ui/theme/Theme.h"

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
using namespace lathe::bench;

namespace {
constexpr int streams = 100;
constexpr int tokensPerSecond = 100;
constexpr int frameMs = 16;

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
    FlameSource source(&model, &clock);
    StepTreeView tree(&theme, &source);
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
    source.setLive(true);
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
