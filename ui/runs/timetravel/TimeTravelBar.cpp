// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/timetravel/TimeTravelBar.h"

#include "ui/itemmodels/Format.h"
#include "ui/runs/timetravel/TimeTravelSlider.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ElidedLabel.h"
#include "ui/widgets/IconButton.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>

#include <algorithm>

namespace lathe {

namespace {
constexpr int frameMs = 16;
constexpr double longestGapMs = 1000; // of the run's time: nobody waits for a rate limit twice
constexpr int mostPerFrame = 4000;
constexpr int longHistory = 20'000; // events
const double speeds[] = {0.25, 0.5, 1, 2, 4, 16, 64};

QString speedText(double factor)
{
    return QStringLiteral("%1\u00d7").arg(factor);
}

// A chevron against a bar: the way to an end.
class EndButton : public IconButton
{
public:
    EndButton(Theme *theme, bool last, const QString &tip, QWidget *parent)
        : IconButton(theme, last ? QStringLiteral("chevron-right") : QStringLiteral("chevron-left"), tip, parent), m_theme(theme), m_last(last)
    {
    }

protected:
    void paintEvent(QPaintEvent *event) override
    {
        IconButton::paintEvent(event);
        QPainter painter(this);
        const double x = width() / 2.0 + (m_last ? 5 : -6.5);
        painter.fillRect(QRectF(x, height() / 2.0 - 5, 1.5, 10), isEnabled() ? m_theme->tokens().text2 : m_theme->tokens().text3);
    }

private:
    Theme *m_theme;
    bool m_last;
};

// Plays, or two bars while it does.
class PlayButton : public IconButton
{
public:
    PlayButton(Theme *theme, QWidget *parent) : IconButton(theme, QStringLiteral("run"), QString(), parent), m_theme(theme) { setCheckable(true); }

protected:
    void nextCheckState() override {} // the bar decides
    void paintEvent(QPaintEvent *event) override
    {
        if (!isChecked())
            return IconButton::paintEvent(event);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Tokens &t = m_theme->tokens();
        paint::roundedBox(painter, QRectF(rect()), metrics::Radius, t.selection);
        const double x = width() / 2.0, y = height() / 2.0;
        painter.fillRect(QRectF(x - 4, y - 5, 3, 10), t.accent);
        painter.fillRect(QRectF(x + 1, y - 5, 3, 10), t.accent);
        if (hasFocus())
            paint::focusRing(painter, QRectF(rect()), metrics::Radius, t.accent);
    }

private:
    Theme *m_theme;
};
}

TimeTravelBar::TimeTravelBar(Theme *theme, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_first(new EndButton(theme, false, tr("Before the run (Home)"), this)),
      m_previous(new IconButton(theme, QStringLiteral("chevron-left"), tr("Previous step (Left)"), this)), m_play(new PlayButton(theme, this)),
      m_next(new IconButton(theme, QStringLiteral("chevron-right"), tr("Next step (Right)"), this)),
      m_last(new EndButton(theme, true, tr("End of the run (End)"), this)), m_slider(new TimeTravelSlider(theme, this)),
      m_what(new ElidedLabel(theme, QString(), Qt::ElideRight, this)), m_time(new ElidedLabel(theme, QString(), Qt::ElideRight, this)),
      m_speedButton(new Button(QString(), ButtonRole::Ghost, this)), m_fork(new Button(tr("Fork from here"), ButtonRole::Secondary, this)),
      m_close(new IconButton(theme, QStringLiteral("close"), tr("Show the whole run (Esc)"), this))
{
    setObjectName(QStringLiteral("time-travel"));
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Time travel"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(metrics::GapLarge, 5, metrics::Margin, 5);
    layout->setSpacing(2);
    for (IconButton *button : {m_first, m_previous, m_play, m_next, m_last}) {
        button->setFocusPolicy(Qt::TabFocus);
        layout->addWidget(button);
    }
    layout->addSpacing(metrics::Gap);
    layout->addWidget(m_slider, 3);
    layout->addSpacing(metrics::Gap);
    layout->addWidget(m_time);
    layout->addWidget(m_speedButton);
    layout->addSpacing(metrics::Gap);
    layout->addWidget(m_what, 2);
    layout->addWidget(m_fork);
    layout->addWidget(m_close);
    m_first->setObjectName(QStringLiteral("time-first"));
    m_previous->setObjectName(QStringLiteral("time-previous"));
    m_play->setObjectName(QStringLiteral("time-play"));
    m_next->setObjectName(QStringLiteral("time-next"));
    m_last->setObjectName(QStringLiteral("time-last"));
    m_what->setObjectName(QStringLiteral("time-what"));
    m_time->setObjectName(QStringLiteral("time-time"));
    m_time->setTabular(true);
    m_time->setColor(ColorToken::Text2);
    m_time->setMinimumWidth(132);
    m_time->setAlignment(Qt::AlignRight);
    m_speedButton->setObjectName(QStringLiteral("time-speed"));
    m_speedButton->setToolTip(tr("Pace of playing; waits of more than a second are shortened"));
    m_fork->setObjectName(QStringLiteral("time-fork"));
    m_fork->setIcon(theme->icon(QStringLiteral("fork")));
    m_fork->setToolTip(tr("Run on from the step that happened last, with something changed"));
    m_close->setObjectName(QStringLiteral("time-close"));
    auto *menu = new QMenu(m_speedButton);
    for (const double factor : speeds)
        menu->addAction(speedText(factor), this, [this, factor] { setSpeed(factor); });
    m_speedButton->setMenu(menu);
    setSpeed(1);
    connect(m_first, &IconButton::clicked, this, [this] { setPosition(0); });
    connect(m_previous, &IconButton::clicked, this, [this] { setPosition(m_history.previousStop(m_position)); });
    connect(m_next, &IconButton::clicked, this, [this] { setPosition(m_history.nextStop(m_position)); });
    connect(m_last, &IconButton::clicked, this, [this] { setPosition(m_history.count()); });
    connect(m_play, &IconButton::clicked, this, [this] { setPlaying(!isPlaying()); });
    connect(m_slider, &TimeTravelSlider::dragged, this, [this](int position) {
        setPlaying(false);
        setPosition(position);
    });
    connect(m_fork, &Button::clicked, this, [this] {
        if (m_position > 0 && !m_history.isEmpty())
            Q_EMIT forkRequested(m_history.eventBefore(m_position).step);
    });
    connect(m_close, &IconButton::clicked, this, [this] {
        setPlaying(false);
        Q_EMIT closeRequested();
    });
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    m_clock.setInterval(frameMs);
    connect(&m_clock, &QTimer::timeout, this, &TimeTravelBar::tick);
    m_later.setSingleShot(true);
    connect(&m_later, &QTimer::timeout, this, &TimeTravelBar::tellMoved);
    hide();
}

void TimeTravelBar::setTrace(const Trace &trace)
{
    setHistory(TraceHistory(trace), trace);
}

void TimeTravelBar::setHistory(TraceHistory history, const Trace &trace)
{
    setPlaying(false);
    m_later.stop();
    m_history = std::move(history);
    m_position = m_history.count();
    m_slider->setTrace(&m_history, trace);
    refresh();
}

void TimeTravelBar::setPosition(int position)
{
    position = std::clamp(position, 0, m_history.count());
    if (position == m_position)
        return;
    m_position = position;
    if (m_history.count() < longHistory)
        return tellMoved();
    m_slider->setPosition(position);
    if (!m_later.isActive())
        m_later.start(0);
}

void TimeTravelBar::tellMoved()
{
    m_later.stop();
    refresh();
    Q_EMIT moved(m_position);
}

void TimeTravelBar::goToStep(const QString &step)
{
    if (const int position = m_history.positionOf(step, false); position >= 0)
        setPosition(position);
}

void TimeTravelBar::setSpeed(double factor)
{
    m_speed = std::clamp(factor, 0.25, 64.0);
    m_speedButton->setText(speedText(m_speed));
    m_speedButton->setAccessibleName(tr("Speed: %1").arg(speedText(m_speed)));
}

void TimeTravelBar::setPlaying(bool playing)
{
    playing = playing && !m_history.isEmpty();
    if (playing == isPlaying())
        return;
    if (playing) {
        if (m_position >= m_history.count())
            setPosition(0);
        m_dueMs = 0;
        m_clock.start();
    } else {
        m_clock.stop();
    }
    m_play->setChecked(playing);
    m_play->setTip(playing ? tr("Pause (Space)") : tr("Play (Space)"));
}

void TimeTravelBar::tick()
{
    m_dueMs -= frameMs * m_speed;
    int position = m_position;
    for (int moves = 0; m_dueMs <= 0 && position < m_history.count() && moves < mostPerFrame; ++moves) {
        ++position;
        if (position < m_history.count())
            m_dueMs += std::min(longestGapMs, double(m_history.timeAt(position + 1) - m_history.timeAt(position)) / 1000);
    }
    setPosition(position);
    if (position >= m_history.count())
        setPlaying(false);
}

void TimeTravelBar::refresh()
{
    m_slider->setPosition(m_position);
    m_what->setText(m_history.sentence(m_position));
    m_time->setText(QStringLiteral("%1 / %2").arg(format::duration(m_history.timeAt(m_position)), format::duration(m_history.durationUs())));
    m_time->setToolTip(tr("Event %1 of %2").arg(format::number(m_position), format::number(m_history.count())));
    m_first->setEnabled(m_position > 0);
    m_previous->setEnabled(m_position > 0);
    m_next->setEnabled(m_position < m_history.count());
    m_last->setEnabled(m_position < m_history.count());
    m_play->setEnabled(!m_history.isEmpty());
    if (!isPlaying())
        m_play->setTip(tr("Play (Space)"));
    m_fork->setEnabled(m_position > 0 && !m_history.isEmpty() && !m_history.eventBefore(m_position).step.isEmpty());
    update();
}

bool TimeTravelBar::handleKey(QKeyEvent *event)
{
    const bool single = event->modifiers() & Qt::ControlModifier;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_BracketLeft:
        setPlaying(false);
        setPosition(single ? m_position - 1 : m_history.previousStop(m_position));
        return true;
    case Qt::Key_Right:
    case Qt::Key_BracketRight:
        setPlaying(false);
        setPosition(single ? m_position + 1 : m_history.nextStop(m_position));
        return true;
    case Qt::Key_Home:
        setPlaying(false);
        setPosition(0);
        return true;
    case Qt::Key_End:
        setPlaying(false);
        setPosition(m_history.count());
        return true;
    case Qt::Key_Space:
        setPlaying(!isPlaying());
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Minus: {
        const auto at = std::find(std::begin(speeds), std::end(speeds), m_speed) - std::begin(speeds);
        setSpeed(speeds[std::clamp<qsizetype>(at + (event->key() == Qt::Key_Plus ? 1 : -1), 0, std::size(speeds) - 1)]);
        return true;
    }
    case Qt::Key_Escape:
        setPlaying(false);
        Q_EMIT closeRequested();
        return true;
    default:
        return false;
    }
}

void TimeTravelBar::keyPressEvent(QKeyEvent *event)
{
    if (!handleKey(event))
        QWidget::keyPressEvent(event);
}

void TimeTravelBar::paintEvent(QPaintEvent *)
{
    const Tokens &t = m_theme->tokens();
    QPainter painter(this);
    // Brass over the whole strip says that what is below is not the end of the run.
    painter.fillRect(rect(), isInPast() ? mix(t.surface, t.accent, t.dark ? 0.10 : 0.08) : t.surface);
    painter.fillRect(QRect(0, height() - 1, width(), 1), isInPast() ? mix(t.line, t.accent, 0.5) : t.line);
    if (hasFocus())
        paint::focusRing(painter, QRectF(rect()), 0, t.accent);
}

} // namespace lathe
