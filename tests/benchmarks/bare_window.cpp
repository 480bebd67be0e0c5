// SPDX-License-Identifier: GPL-3.0-or-later
// The floor of bench_window: an empty main window of the same size. Prints a line after its first paint; with the argument
// "stay" it stays open. Built by packaging/bench with Qt Widgets only.
#include <QApplication>
#include <QMainWindow>
#include <QTimer>

#include <cstdio>

class Window : public QMainWindow
{
protected:
    void paintEvent(QPaintEvent *event) override
    {
        QMainWindow::paintEvent(event);
        if (std::exchange(m_painted, true))
            return;
        QTimer::singleShot(0, this, [] {
            std::puts("painted");
            std::fflush(stdout);
            if (QCoreApplication::arguments().size() < 2)
                QCoreApplication::quit();
        });
    }

private:
    bool m_painted = false;
};

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    Window window;
    window.resize(1440, 900);
    window.show();
    return QApplication::exec();
}
