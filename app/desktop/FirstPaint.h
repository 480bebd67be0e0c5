// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/MainWindow.h"

#include <QCoreApplication>
#include <QEvent>
#include <QTimer>

#include <cstdio>
#include <utility>

inline void say(const char *what)
{
    std::puts(what);
    std::fflush(stdout);
}

// For tests/benchmarks/bench_window: says when the frame of the window is on the screen ("painted") and when its whole content is
// ("complete"), and then ends unless it shall "stay".
class FirstPaint : public QObject
{
public:
    explicit FirstPaint(lathe::MainWindow *window)
    {
        window->installEventFilter(this);
        connect(window, &lathe::MainWindow::completed, this, [this, window] {
            m_complete = true;
            window->update(); // so that there is a last picture even when nothing is left to paint
        });
    }
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() != QEvent::Paint)
            return false;
        if (!std::exchange(m_painted, true))
            QTimer::singleShot(0, this, [] { say("painted"); });
        if (m_complete) {
            watched->removeEventFilter(this);
            QTimer::singleShot(0, this, [] {
                say("complete");
                if (qgetenv("LATHE_FIRST_PAINT") != "stay")
                    QCoreApplication::quit();
            });
        }
        return false;
    }

private:
    bool m_painted = false;
    bool m_complete = false;
};
