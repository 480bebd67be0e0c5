// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/runs/timetravel/TraceHistory.h"
#include "ui/theme/Theme.h"

#include <QTimer>
#include <QWidget>

namespace lathe {

class Button;
class ElidedLabel;
class IconButton;
class TimeTravelSlider;

// The strip that moves through a run's time: first, previous, play, next, last, a slider with the steps as marks, the speed, and what
// happened last. It changes nothing itself: moved() says where the person stands, and the owner shows the trace as it was then:
//     connect(bar, &TimeTravelBar::moved, this, [this, bar](int position) { m_model->setTrace(bar->history().at(position)); });
//     connect(bar, &TimeTravelBar::closeRequested, this, [this, bar] { bar->hide(); showWholeTrace(); });
// Hidden while nothing is set. Keys while it has the focus: Left and Right one stop, Ctrl+Left and Ctrl+Right one event, Home, End,
// Space plays, Escape closes. handleKey() does the same for an owner that passes keys on ([ and ] too).
class TimeTravelBar : public QWidget
{
    Q_OBJECT
public:
    explicit TimeTravelBar(Theme *theme, QWidget *parent = nullptr);
    // Of a run that is over (or of what is there of one). Stands at the end.
    void setTrace(const Trace &trace);
    void setHistory(TraceHistory history, const Trace &trace); // the same, made elsewhere
    const TraceHistory &history() const { return m_history; }
    int position() const { return m_position; }
    // What the owner shows: false at the end, where nothing is left out.
    bool isInPast() const { return m_position < m_history.count(); }
    // Emits moved() when it changes; in a long run when the events before are handled, so that held keys and drags do not pile up.
    void setPosition(int position);
    void goToStep(const QString &step); // to where it began
    bool isPlaying() const { return m_clock.isActive(); }
    void setPlaying(bool playing);
    void setSpeed(double factor); // 0.25 to 64 times the run's own pace; long waits are shortened to a second
    double speed() const { return m_speed; }
    bool handleKey(QKeyEvent *event); // true: taken

Q_SIGNALS:
    void moved(int position);
    void forkRequested(const QString &step); // "Fork from here" at the step that happened last
    void closeRequested();

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void refresh();
    void tellMoved();
    void tick();
    Theme *m_theme;
    TraceHistory m_history;
    IconButton *m_first;
    IconButton *m_previous;
    IconButton *m_play;
    IconButton *m_next;
    IconButton *m_last;
    TimeTravelSlider *m_slider;
    ElidedLabel *m_what;
    ElidedLabel *m_time;
    Button *m_speedButton;
    Button *m_fork;
    IconButton *m_close;
    QTimer m_clock; // while it plays
    QTimer m_later;
    double m_speed = 1;
    double m_dueMs = 0; // of wall time, until the next event
    int m_position = 0;
};

} // namespace lathe
