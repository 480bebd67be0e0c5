// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

namespace lathe {

// A 2 px progress line at the edge of a panel. It keeps its height when idle, so nothing jumps, and
// wakes the event loop only while it is busy and visible.
class BusyBar : public QWidget
{
    Q_OBJECT
public:
    explicit BusyBar(Theme *theme, QWidget *parent = nullptr);
    bool isBusy() const { return m_busy; }
    // Busy without a known end.
    void setBusy(bool busy);
    // Busy with a known share done, 0..1; below 0 the share is unknown.
    void setProgress(double share);

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void updateTimer();

    Theme *m_theme;
    QTimer m_timer;
    bool m_busy = false;
    double m_share = -1;
    int m_phase = 0;
};

} // namespace lathe
