// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/StepTreeView.h"

#include "ui/runs/BandTree.h"
#include "ui/runs/StepTreeDelegate.h"
#include "ui/runs/WaterfallHeader.h"
#include "ui/theme/Metrics.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QScopedValueRollback>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <cmath>

namespace lathe {

namespace {
constexpr int mostOpened = 2000; // rows opened by themselves
constexpr int fewRows = 40;      // as long as fewer are seen, one more level is opened whatever its size
}

StepTreeView::StepTreeView(Theme *theme, FlameSource *source, QWidget *parent)
    : QWidget(parent), m_model(source->model()), m_source(source), m_view(new BandTree(theme, this)),
      m_delegate(new StepTreeDelegate(theme, source, m_view))
{
    setMinimumWidth(280);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::Margin, 0, 0, 0);
    layout->addWidget(m_view, 1);
    m_view->setObjectName(QStringLiteral("step-tree"));
    m_view->setAccessibleName(tr("Steps"));
    auto *header = new WaterfallHeader(theme, source->axis(), m_view);
    m_view->setHeader(header);
    m_view->setItemDelegate(m_delegate);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setAllColumnsShowFocus(true);
    m_view->setIndentation(16);
    m_view->setExpandsOnDoubleClick(true);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->ensurePolished(); // or uniform rows keep the height of the unstyled view
    m_view->setUniformRowHeights(true);
    m_view->setModel(m_model);
    header->setStretchLastSection(true);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setMinimumSectionSize(44);
    setColumns({});
    openFirst();
    m_view->installEventFilter(this);
    m_view->viewport()->installEventFilter(this);
    setFocusProxy(m_view);
    connect(header, &QHeaderView::sectionResized, this, [this](int section) {
        if (section == StepTreeModel::Waterfall || m_view->header()->isSectionHidden(section))
            return;
        if (section < m_widths.size())
            m_widths[section] = m_view->header()->sectionSize(section);
        Q_EMIT columnsChanged();
    });
    connect(m_model, &QAbstractItemModel::rowsInserted, this, &StepTreeView::onInserted);
    connect(m_model, &QAbstractItemModel::modelReset, this, &StepTreeView::openFirst);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &now) {
        if (now.isValid())
            Q_EMIT currentChanged(now.data(StepTreeModel::PathRole).toString(), !m_selecting);
    });
    const auto repaintBars = [this] {
        const int left = m_view->columnViewportPosition(StepTreeModel::Waterfall);
        m_view->viewport()->update(left, 0, m_view->viewport()->width() - left, m_view->viewport()->height());
    };
    connect(source->axis(), &TimeAxis::changed, this, repaintBars);
    connect(source, &FlameSource::ticked, this, repaintBars);
    connect(source, &FlameSource::litChanged, this, [this] { m_view->viewport()->update(); });
}

// Level by level, as long as not too many rows come to light.
void StepTreeView::openFirst()
{
    m_open = m_model->rowCount();
    std::vector<QModelIndex> level;
    for (int row = 0; row < std::min(m_open, mostOpened); ++row)
        level.push_back(m_model->index(row, 0));
    while (!level.empty()) {
        qint64 below = 0;
        for (const QModelIndex &index : level)
            below += m_model->rowCount(index);
        if (below == 0 || (m_open + below > mostOpened && m_open >= fewRows))
            break;
        m_open += int(std::min<qint64>(below, 1'000'000));
        std::vector<QModelIndex> next;
        for (const QModelIndex &index : level) {
            const int children = m_model->rowCount(index);
            if (children > 0)
                m_view->expand(index);
            for (int row = 0; row < children && int(next.size()) <= mostOpened; ++row)
                next.push_back(m_model->index(row, 0, index));
        }
        level = std::move(next);
    }
}

void StepTreeView::onInserted(const QModelIndex &parent, int first, int last)
{
    const auto open = [this](const QModelIndex &index, int fresh) {
        if (m_open + fresh > mostOpened && m_open >= fewRows)
            return false;
        m_open += fresh;
        m_view->expand(index);
        return true;
    };
    if (parent.isValid() && !m_view->isExpanded(parent) && !open(parent, last - first + 1))
        return;
    // What came with its own children.
    std::vector<QModelIndex> stack;
    for (int row = first; row <= last && int(stack.size()) <= mostOpened; ++row)
        stack.push_back(m_model->index(row, 0, parent));
    while (!stack.empty()) {
        const QModelIndex index = stack.back();
        stack.pop_back();
        const int children = m_model->rowCount(index);
        if (children == 0 || !open(index, children))
            continue;
        for (int row = 0; row < children; ++row)
            stack.push_back(m_model->index(row, 0, index));
    }
}

QString StepTreeView::currentStep() const
{
    return m_view->currentIndex().data(StepTreeModel::PathRole).toString();
}

void StepTreeView::select(const QString &path)
{
    const QModelIndex index = m_model->indexOf(path);
    if (!index.isValid() || index == m_view->currentIndex())
        return;
    const QScopedValueRollback<bool> ours(m_selecting, true);
    m_view->setCurrentIndex(index);
    m_view->scrollTo(index);
}

QList<int> StepTreeView::columns() const
{
    return m_widths;
}

void StepTreeView::setColumns(const QList<int> &widths)
{
    static constexpr int usual[] = {236, 84, 60, 66};
    m_widths.clear();
    for (int i = 0; i < StepTreeModel::Waterfall; ++i) {
        const int kept = widths.value(i);
        m_widths.append(kept >= 44 && kept < 4000 ? kept : usual[i]);
    }
    for (int i = 0; i < StepTreeModel::Waterfall; ++i)
        m_view->header()->resizeSection(i, m_widths.at(i));
    fitColumns();
}

void StepTreeView::fitColumns()
{
    constexpr int leastAxis = 190;
    int room = width() - leastAxis - m_widths.value(StepTreeModel::Name) - m_widths.value(StepTreeModel::Duration);
    for (const int column : {StepTreeModel::Tokens, StepTreeModel::Cost}) {
        room -= m_widths.value(column);
        m_view->setColumnHidden(column, room < 0 && width() > 0);
    }
}

void StepTreeView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitColumns();
}

void StepTreeView::move(int rows)
{
    const QModelIndex at = m_view->currentIndex();
    if (!at.isValid()) {
        m_view->setCurrentIndex(m_model->index(0, 0));
        return;
    }
    const QModelIndex to = rows > 0 ? m_view->indexBelow(at) : m_view->indexAbove(at);
    if (to.isValid())
        m_view->setCurrentIndex(to);
}

bool StepTreeView::axisEvent(QEvent *event)
{
    const int left = m_view->columnViewportPosition(StepTreeModel::Waterfall) + WaterfallHeader::Side;
    const double width = std::max(1, m_view->viewport()->width() - left - WaterfallHeader::Side);
    if (event->type() == QEvent::Wheel) {
        const auto *wheel = static_cast<QWheelEvent *>(event);
        const QPoint delta = wheel->angleDelta();
        if (wheel->modifiers() & Qt::ControlModifier)
            m_source->axis()->zoom(std::pow(0.8, delta.y() / 120.0), std::clamp((wheel->position().x() - left) / width, 0.0, 1.0));
        else if (wheel->modifiers() & Qt::ShiftModifier || std::abs(delta.x()) > std::abs(delta.y()))
            m_source->axis()->pan(-(delta.x() != 0 ? delta.x() : delta.y()) / 1200.0);
        else
            return false;
        return true;
    }
    if (event->type() == QEvent::MouseButtonDblClick) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const TraceRow *row = m_model->row(m_view->indexAt(mouse->pos()));
        if (!row || mouse->pos().x() < left)
            return false;
        m_source->axis()->fit(row->startUs, m_source->endOf(*row));
        return true;
    }
    return false;
}

bool StepTreeView::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_view->viewport() && axisEvent(event)) {
        event->accept();
        return true;
    }
    if (watched != m_view || (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride))
        return QWidget::eventFilter(watched, event);
    const auto *key = static_cast<QKeyEvent *>(event);
    if (key->modifiers() != Qt::NoModifier || (key->key() != Qt::Key_J && key->key() != Qt::Key_K))
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::KeyPress)
        move(key->key() == Qt::Key_J ? 1 : -1);
    event->accept();
    return true;
}

} // namespace lathe
