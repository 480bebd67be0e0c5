// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/ResultGrid.h"

#include "ui/playground/ResultCard.h"
#include "ui/theme/Metrics.h"
#include "ui/widgets/Silence.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int frameMs = 16;
constexpr int budgetMs = 8; // of a frame that goes into bringing cards up to date
constexpr int leastColumn = 220;
}

ResultGrid::ResultGrid(Session *session, Playground *playground, Theme *theme, QWidget *parent)
    : QWidget(parent),
      m_session(session),
      m_playground(playground),
      m_theme(theme),
      m_clip(new QWidget(this)),
      m_head(new QWidget(m_clip)),
      m_headLine(new QHBoxLayout(m_head)),
      m_area(new QScrollArea(this)),
      m_content(new QWidget),
      m_list(new QVBoxLayout(m_content))
{
    setObjectName(QStringLiteral("result-grid"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_clip);
    layout->addWidget(m_area, 1);
    m_headLine->setContentsMargins(metrics::Margin, metrics::GapSmall, metrics::Margin, metrics::GapSmall);
    m_headLine->setSpacing(metrics::Gap);
    m_clip->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_area->setObjectName(QStringLiteral("result-area"));
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidgetResizable(true);
    m_area->setFocusPolicy(Qt::NoFocus);
    m_area->viewport()->setAutoFillBackground(false);
    m_content->setAutoFillBackground(false);
    m_area->setWidget(m_content);
    m_list->setContentsMargins(metrics::Margin, metrics::GapSmall, metrics::Margin, metrics::Margin);
    m_list->setSpacing(metrics::GapSmall);
    m_list->addStretch(1);
    m_frame.setSingleShot(true);
    m_frame.setInterval(frameMs);
    connect(&m_frame, &QTimer::timeout, this, &ResultGrid::flush);
    m_clock.setInterval(100);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        for (ResultRow *row : m_rows) {
            if (row->isMade() && isShown(row))
                row->tick();
        }
    });
    connect(m_area->verticalScrollBar(), &QScrollBar::valueChanged, this, [this] { m_frame.start(0); });
    connect(m_area->verticalScrollBar(), &QScrollBar::rangeChanged, this, [this](int, int most) {
        if (m_follow)
            m_area->verticalScrollBar()->setValue(most);
        m_frame.start(0);
    });
    connect(m_area->horizontalScrollBar(), &QScrollBar::valueChanged, this, &ResultGrid::placeHead);
    m_content->installEventFilter(this);
    m_area->installEventFilter(this); // it would scroll by the arrows
    m_head->installEventFilter(this);
}

ResultGrid::~ResultGrid()
{
    silence(this);
}

void ResultGrid::setHeads(const std::vector<QWidget *> &heads)
{
    while (QLayoutItem *item = m_headLine->takeAt(0))
        delete item;
    for (QWidget *head : heads) {
        head->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        m_headLine->addWidget(head, 1);
        head->show();
    }
    const int columns = std::max(1, int(heads.size()));
    m_content->setMinimumWidth(columns * leastColumn + (columns - 1) * metrics::Gap + 2 * metrics::Margin);
    placeHead();
}

void ResultGrid::setEmpty(QWidget *empty)
{
    m_empty = empty;
    static_cast<QVBoxLayout *>(layout())->addWidget(empty, 1);
}

bool ResultGrid::hasAnswers() const
{
    for (int column = 0; column < int(m_playground->columns().size()); ++column) {
        for (int row = 0; row < int(m_playground->rows().size()); ++row) {
            if (!m_playground->answers(column, row).empty())
                return true;
        }
    }
    return false;
}

void ResultGrid::rebuild()
{
    const int columns = int(m_playground->columns().size());
    int turns = -1;
    if (m_playground->conversation()) {
        turns = 0;
        for (int column = 0; column < columns; ++column) {
            for (const PlaygroundAnswer &answer : m_playground->answers(column, 0))
                turns = std::max(turns, answer.turn + 1);
        }
    }
    const bool typed = m_playground->dataset().isEmpty();
    const bool any = hasAnswers() || m_playground->running() || (!typed && columns > 0);
    const int wanted = !any ? 0 : turns >= 0 ? turns : int(m_playground->rows().size());
    while (int(m_rows.size()) > wanted) {
        m_rows.back()->hide();
        m_rows.back()->deleteLater();
        m_rows.pop_back();
    }
    const int before = int(m_rows.size());
    while (int(m_rows.size()) < wanted) {
        auto *row = new ResultRow(m_session, m_playground, m_theme, m_content);
        connect(row, &ResultRow::cardMade, this, &ResultGrid::cardMade);
        connect(row, &ResultRow::preferRequested, this, &ResultGrid::preferRequested);
        m_list->insertWidget(int(m_rows.size()), row);
        row->show();
        m_rows.push_back(row);
    }
    for (int i = 0; i < wanted; ++i)
        m_rows[size_t(i)]->setPlace(turns >= 0 ? 0 : i, turns >= 0 ? i : -1, wanted > 1 && turns < 0);
    m_follow = turns > 1 && wanted > before;
    if (m_current >= wanted)
        m_current = -1;
    m_area->setVisible(wanted > 0);
    if (m_empty)
        m_empty->setVisible(wanted == 0);
    m_clip->setVisible(columns > 0);
    refreshAll();
}

void ResultGrid::refreshAll()
{
    for (ResultRow *row : m_rows)
        row->markDirty();
    flush();
    m_frame.start(0); // geometry settles once the event loop has run
}

void ResultGrid::note(const std::vector<CellId> &cells)
{
    const bool turns = m_playground->conversation();
    bool unknown = m_rows.empty() && !cells.empty();
    for (const CellId &cell : cells) {
        if (turns) {
            int most = -1;
            for (const PlaygroundAnswer &answer : m_playground->answers(cell.variant, 0))
                most = std::max(most, answer.turn);
            unknown = unknown || most >= int(m_rows.size());
            if (!m_rows.empty())
                m_rows.back()->markDirty();
        } else if (cell.example < int(m_rows.size())) {
            m_rows[size_t(cell.example)]->markDirty();
        }
    }
    if (unknown || (turns && m_rows.empty()))
        return rebuild();
    if (!m_frame.isActive())
        m_frame.start(0); // the playground batches by frames already
}

bool ResultGrid::isShown(const QWidget *row) const
{
    const QRect area(0, m_area->verticalScrollBar()->value(), 1, m_area->viewport()->height());
    const QRect box(0, row->y(), 1, std::max(1, row->height()));
    return area.adjusted(0, -80, 0, 80).intersects(box);
}

void ResultGrid::flush()
{
    QElapsedTimer clock;
    clock.start();
    bool running = false;
    for (ResultRow *row : m_rows) {
        if (!isShown(row))
            continue;
        if (clock.elapsed() > budgetMs) {
            m_frame.start(frameMs);
            break;
        }
        if (!row->isMade()) {
            row->make();
            row->markDirty();
        }
        if (row->isDirty())
            row->refresh();
    }
    running = m_playground->running();
    if (running != m_clock.isActive())
        running ? m_clock.start() : m_clock.stop();
}

ResultCard *ResultGrid::card(int row, int position)
{
    if (row < 0 || row >= rowCount())
        return nullptr;
    ResultRow *at = m_rows[size_t(row)];
    if (!at->isMade())
        at->make();
    if (at->isDirty())
        at->refresh();
    return position >= 0 && position < int(at->cards().size()) ? at->cards()[size_t(position)] : nullptr;
}

void ResultGrid::setCurrentRow(int index)
{
    if (m_current >= 0 && m_current < rowCount())
        m_rows[size_t(m_current)]->setCurrent(false);
    m_current = index;
    if (index < 0 || index >= rowCount())
        return;
    m_follow = false;
    m_rows[size_t(index)]->setCurrent(true);
    card(index, 0);
    m_content->layout()->activate();
    m_area->ensureWidgetVisible(m_rows[size_t(index)], 0, 8);
}

int ResultGrid::nextUnjudged(int from) const
{
    for (int step = 0; step < rowCount(); ++step) {
        const int at = (from + step + rowCount()) % rowCount();
        if (m_rows[size_t(at)]->hasEnded() && !m_playground->choice(m_rows[size_t(at)]->row()))
            return at;
    }
    return -1;
}

void ResultGrid::focusCard(int row, int position)
{
    if (ResultCard *to = card(row, position)) {
        to->setFocus(Qt::OtherFocusReason);
        m_area->ensureWidgetVisible(to, 8, 8);
    }
}

std::pair<int, int> ResultGrid::focused() const
{
    const QWidget *focus = QApplication::focusWidget();
    for (size_t row = 0; row < m_rows.size(); ++row) {
        const auto &cards = m_rows[row]->cards();
        for (size_t position = 0; position < cards.size(); ++position) {
            if (focus && (cards[position] == focus || cards[position]->isAncestorOf(focus)))
                return {int(row), int(position)};
        }
    }
    return {-1, -1};
}

bool ResultGrid::moveFocus(const QKeyEvent &event)
{
    const auto [row, position] = focused();
    if (row < 0 || (event.modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier)
        return false;
    switch (event.key()) {
    case Qt::Key_Left:
        focusCard(row, std::max(0, position - 1));
        return true;
    case Qt::Key_Right:
        focusCard(row, std::min(int(m_playground->columns().size()) - 1, position + 1));
        return true;
    case Qt::Key_Up:
        moveTo(std::max(0, row - 1), position);
        return true;
    case Qt::Key_Down:
        moveTo(std::min(rowCount() - 1, row + 1), position);
        return true;
    default:
        return false;
    }
}

void ResultGrid::moveTo(int row, int position)
{
    if (m_playground->blind())
        setCurrentRow(row); // the row that the keys judge
    focusCard(row, position);
}

void ResultGrid::placeHead()
{
    const int width = m_area->isVisible() ? std::max(m_content->width(), m_content->minimumWidth())
                                          : std::max(m_clip->width(), m_content->minimumWidth());
    m_headLine->activate();
    const int height = m_head->hasHeightForWidth() ? std::max(m_head->heightForWidth(width), 0)
                                                   : m_head->sizeHint().height();
    m_clip->setFixedHeight(height);
    m_head->setGeometry(m_area->isVisible() ? -m_area->horizontalScrollBar()->value() : 0, 0, width,
                        height);
}

void ResultGrid::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    placeHead();
    m_frame.start(0);
}

bool ResultGrid::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_area && event->type() == QEvent::KeyPress
        && moveFocus(*static_cast<QKeyEvent *>(event)))
        return true;
    if ((watched == m_content && event->type() == QEvent::Resize)
        || (watched == m_head && event->type() == QEvent::LayoutRequest))
        QMetaObject::invokeMethod(this, &ResultGrid::placeHead, Qt::QueuedConnection);
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
