// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunConversation.h"

#include "ui/runs/StepCard.h"
#include "ui/runs/StepStyle.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/LinkLabel.h"

#include <QApplication>
#include <QDateTime>
#include <QElapsedTimer>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int frameMs = 16;
constexpr int budgetMs = 5;      // of a frame, for bringing cards up to date
constexpr size_t mostCards = 120; // older ones are in the trace
constexpr int newCardsAFrame = 6;
constexpr int updatesAFrame = 3; // rendering and painting a text cost as much again as handing it on

qint64 now()
{
    return QDateTime::currentMSecsSinceEpoch() * 1000;
}

// The agent at the top is the run itself.
bool hasCard(const Step &step)
{
    if (step.kind == StepKind::Human && !stepstyle::isOver(step.status))
        return false; // its question stands below
    return step.kind != StepKind::Agent || !step.parent.isEmpty();
}
}

RunConversation::RunConversation(Theme *theme, QWidget *parent)
    : QScrollArea(parent), m_theme(theme), m_earlier(new LinkLabel(theme, QString()))
{
    setObjectName(QStringLiteral("conversation"));
    setAccessibleName(tr("Steps of the run"));
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    auto *content = new QWidget(this);
    m_layout = new QVBoxLayout(content);
    m_layout->setContentsMargins(metrics::Margin, metrics::Gap, metrics::Margin, metrics::Margin);
    m_layout->setSpacing(metrics::Gap);
    m_layout->addWidget(m_earlier, 0, Qt::AlignLeft);
    m_cardsLayout = new QVBoxLayout;
    m_cardsLayout->setSpacing(metrics::Gap);
    m_layout->addLayout(m_cardsLayout);
    m_layout->addStretch(1);
    setWidget(content);
    m_earlier->hide();
    m_earlier->setObjectName(QStringLiteral("earlier-steps"));
    connect(m_earlier, &LinkLabel::clicked, this, [this] { Q_EMIT openStep(QString()); });
    m_frame.setSingleShot(true);
    m_frame.setInterval(frameMs);
    m_frame.setTimerType(Qt::PreciseTimer);
    connect(&m_frame, &QTimer::timeout, this, &RunConversation::flush);
    m_clock.setInterval(250);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        const Trace *trace = m_source ? m_source() : nullptr;
        if (!trace)
            return;
        bool running = false;
        for (const QString &path : m_order) {
            const int index = trace->indexOf(path);
            if (index < 0 || stepstyle::isOver(trace->steps()[size_t(index)].status))
                continue;
            running = true;
            if (StepCard *of = m_cards.value(path); isShown(of))
                of->tick(trace->steps()[size_t(index)], now());
        }
        if (!running)
            m_clock.stop();
    });
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (!m_dirty.empty())
            schedule();
        m_follow = value >= verticalScrollBar()->maximum() - 32;
    });
    connect(verticalScrollBar(), &QScrollBar::rangeChanged, this, [this](int, int maximum) {
        if (m_pinned && m_pinned->isVisible())
            showPinned();
        else if (m_follow)
            verticalScrollBar()->setValue(maximum);
    });
    connect(verticalScrollBar(), &QScrollBar::actionTriggered, this, [this] { m_pinned = nullptr; }); // a person scrolls
}

void RunConversation::pin(QWidget *footer)
{
    const bool was = !m_pinned.isNull();
    m_pinned = footer;
    if (footer)
        QTimer::singleShot(0, this, &RunConversation::showPinned); // once it has its place
    else if (was) // whoever has scrolled elsewhere stays there
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void RunConversation::showPinned()
{
    if (!m_pinned || !m_pinned->isVisible())
        return;
    constexpr int above = 12;
    if (m_pinned->height() > viewport()->height())
        verticalScrollBar()->setValue(m_pinned->mapTo(widget(), QPoint()).y() - above);
    else
        ensureWidgetVisible(m_pinned, 0, above);
    if (QWidget *focus = QApplication::focusWidget(); focus && focus != m_pinned && m_pinned->isAncestorOf(focus) && focus->focusPolicy() != Qt::TabFocus)
        ensureWidgetVisible(focus, 0, above);
}

void RunConversation::setSource(std::function<const Trace *()> source)
{
    m_source = std::move(source);
}

void RunConversation::clear()
{
    m_frame.stop();
    m_clock.stop();
    qDeleteAll(m_cards);
    m_cards.clear();
    m_order.clear();
    m_dirty.clear();
    m_dirtySet.clear();
    m_dropped = 0;
    m_follow = true;
    m_pinned = nullptr;
    m_earlier->hide();
}

void RunConversation::addFooter(QWidget *widget)
{
    m_layout->insertWidget(m_layout->count() - 1, widget);
}

void RunConversation::note(const std::vector<RunEvent> &events)
{
    for (const RunEvent &event : events) {
        if (event.step.isEmpty() || m_dirtySet.contains(event.step))
            continue;
        m_dirtySet.insert(event.step);
        m_dirty.push_back(event.step);
    }
    schedule();
}

void RunConversation::showAll()
{
    const Trace *trace = m_source ? m_source() : nullptr;
    if (!trace)
        return;
    for (const Step &step : trace->steps()) {
        if (m_dirtySet.contains(step.path))
            continue;
        m_dirtySet.insert(step.path);
        m_dirty.push_back(step.path);
    }
    schedule();
}

void RunConversation::schedule()
{
    if (!m_dirty.empty() && !m_frame.isActive())
        m_frame.start();
}

bool RunConversation::isShown(const QWidget *card) const
{
    if (!card || !isVisible())
        return false;
    const int top = card->mapTo(viewport(), QPoint()).y();
    return top < viewport()->height() && top + card->height() > 0;
}

void RunConversation::makeCard(const Step &step)
{
    auto *made = new StepCard(m_theme, step.path, widget());
    connect(made, &StepCard::openStep, this, &RunConversation::openStep);
    m_cardsLayout->addWidget(made);
    m_cards.insert(step.path, made);
    m_order.push_back(step.path);
    made->show(step, now());
    if (m_order.size() > mostCards) {
        delete m_cards.take(m_order.front());
        m_order.erase(m_order.begin());
        ++m_dropped;
        m_earlier->setText(tr("%1 before these: open the trace").arg(stepstyle::stepCount(m_dropped)));
        m_earlier->show();
    }
    if (!m_clock.isActive())
        m_clock.start();
}

void RunConversation::flush()
{
    const Trace *trace = m_source ? m_source() : nullptr;
    if (!trace)
        return;
    QElapsedTimer spent;
    spent.start();
    int made = 0;
    int updated = 0;
    bool more = false; // something on screen is still behind
    std::vector<QString> left;
    // What changed last waits longest: each visible card gets its turn.
    for (const QString &path : m_dirty) {
        const int index = trace->indexOf(path);
        if (index < 0) {
            m_dirtySet.remove(path);
            continue;
        }
        const Step &step = trace->steps()[size_t(index)];
        StepCard *of = m_cards.value(path);
        const bool over = spent.elapsed() >= budgetMs || updated >= updatesAFrame;
        if (!of) {
            if (!hasCard(step)) {
                m_dirtySet.remove(path);
            } else if (over || made >= newCardsAFrame) {
                left.push_back(path);
                more = true;
            } else {
                makeCard(step);
                ++made;
                m_dirtySet.remove(path);
            }
            continue;
        }
        if (!isShown(of)) {
            left.push_back(path);
            continue;
        }
        if (over) {
            left.push_back(path);
            more = true;
            continue;
        }
        of->show(step, now());
        ++updated;
        m_dirtySet.remove(path);
    }
    m_dirty = std::move(left);
    if (more)
        schedule();
}

void RunConversation::finish()
{
    m_frame.stop();
    const Trace *trace = m_source ? m_source() : nullptr;
    if (!trace)
        return;
    for (const Step &step : trace->steps()) {
        if (!hasCard(step))
            continue;
        if (StepCard *of = m_cards.value(step.path))
            of->show(step, now());
        else if (m_dirtySet.contains(step.path))
            makeCard(step);
    }
    m_dirty.clear();
    m_dirtySet.clear();
    m_clock.stop();
    // The error stands below, and so does the answer; their model calls need not say them again.
    for (const Step &step : trace->steps()) {
        StepCard *of = m_cards.value(step.path);
        if (of && step.error && trace->error() && step.error->message == trace->error()->message)
            of->hideError();
    }
    for (auto path = m_order.rbegin(); path != m_order.rend(); ++path) {
        const int index = trace->indexOf(*path);
        if (index < 0 || trace->steps()[size_t(index)].kind != StepKind::Model)
            continue;
        const Step &last = trace->steps()[size_t(index)];
        if (!trace->output().isEmpty() && !last.text.isEmpty())
            m_cards.value(*path)->foldText();
        break;
    }
}

void RunConversation::resizeEvent(QResizeEvent *event)
{
    QScrollArea::resizeEvent(event);
    schedule();
}

} // namespace lathe
