// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/RunTable.h"

#include "ui/itemmodels/Format.h"
#include "ui/itemmodels/RunListModel.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/theme/TabularFont.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace lathe {

namespace {
constexpr int lookMs = 12;         // while one scrolls, what is visible is told this often
constexpr size_t mostKept = 5000;  // selected runs that a new query keeps
constexpr int side = 8;            // as cells have it
}

RunTable::RunTable(Theme *theme, RunListModel *model, QWidget *parent) : QTreeView(parent), m_theme(theme), m_model(model)
{
    setRootIsDecorated(false);
    setItemsExpandable(false);
    setIndentation(0);
    setAllColumnsShowFocus(true);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setDragEnabled(true);
    setDragDropMode(QAbstractItemView::DragOnly);
    verticalScrollBar()->setSingleStep(metrics::RowHeight);
    m_look.setSingleShot(true);
    m_look.setInterval(lookMs);
    connect(&m_look, &QTimer::timeout, this, &RunTable::look);
    m_selectedTimer.setSingleShot(true);
    m_selectedTimer.setInterval(0);
    connect(&m_selectedTimer, &QTimer::timeout, this, &RunTable::selectedChanged);
    connect(model, &RunListModel::aboutToReplace, this, &RunTable::keepPlace);
    connect(model, &RunListModel::replaced, this, &RunTable::findPlace);
}

int RunTable::rowPixels() const
{
    return std::max(1, rowHeight(m_model->index(0, 0)));
}

std::vector<RunId> RunTable::selectedRuns() const
{
    std::vector<int> rows;
    for (const QItemSelectionRange &range : selectionModel()->selection()) {
        for (int row = range.top(); row <= range.bottom(); ++row)
            rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    std::vector<RunId> runs;
    runs.reserve(rows.size());
    for (const int row : rows) {
        const RunId run = m_model->runAt(row);
        if (run.isValid())
            runs.push_back(run);
    }
    return runs;
}

RunId RunTable::currentRun() const
{
    return m_model->runAt(currentIndex().row());
}

void RunTable::selectRuns(const std::vector<RunId> &runs)
{
    std::vector<RunId> wanted = runs;
    std::sort(wanted.begin(), wanted.end());
    QItemSelection selection;
    const int last = m_model->columnCount() - 1;
    for (int row = 0, count = m_model->rowCount(); row < count && !wanted.empty(); ++row) {
        if (std::binary_search(wanted.begin(), wanted.end(), m_model->runAt(row)))
            selection.append(QItemSelectionRange(m_model->index(row, 0), m_model->index(row, last)));
    }
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

void RunTable::toTop()
{
    verticalScrollBar()->setValue(0);
}

// --- The place

void RunTable::keepPlace(bool)
{
    if (m_depth++ > 0)
        return;
    const int value = verticalScrollBar()->value();
    const int height = rowPixels();
    m_atTop = value == 0;
    m_anchorRow = value / height;
    m_anchorPixels = value % height;
    for (int row = m_anchorRow; row < m_model->rowCount() && row < m_anchorRow + 3; ++row) { // past headers
        m_anchor = m_model->runAt(row);
        m_anchorPixels -= (row - m_anchorRow) * height;
        m_anchorRow = row;
        if (m_anchor.isValid())
            break;
    }
    m_current = currentRun();
    m_selected = selectedRuns();
    m_selected.insert(m_selected.end(), m_late.begin(), m_late.end());
    if (m_selected.size() > mostKept)
        m_selected.clear();
}

void RunTable::findPlace(bool fresh)
{
    if (m_depth > 1) {
        --m_depth;
        return;
    }
    executeDelayedItemsLayout();
    updateGeometries();
    // What was replaced rather than moved has lost its mark.
    m_late.clear();
    if (!m_selected.empty() && selectedRuns().size() < m_selected.size()) {
        selectRuns(m_selected);
        if (!m_model->isComplete()) { // the first page is there, the rest follows
            for (const RunId run : m_selected) {
                if (m_model->rowOf(run) < 0)
                    m_late.push_back(run);
            }
        }
    }
    if (m_current.isValid() && currentRun() != m_current) {
        if (const int row = m_model->rowOf(m_current); row >= 0)
            selectionModel()->setCurrentIndex(m_model->index(row, 0), QItemSelectionModel::NoUpdate);
    }
    if (fresh) {
        verticalScrollBar()->setValue(0);
        setNewAbove(0);
    } else if (!m_atTop) {
        if (const int row = m_model->rowOf(m_anchor); row >= 0) {
            verticalScrollBar()->setValue(row * rowPixels() + m_anchorPixels);
            if (row > m_anchorRow)
                setNewAbove(m_newAbove + row - m_anchorRow);
        }
    }
    m_depth = 0;
    m_look.start();
    m_selectedTimer.start();
}

void RunTable::setNewAbove(int count)
{
    if (count == m_newAbove)
        return;
    m_newAbove = count;
    Q_EMIT newAboveChanged();
}

void RunTable::look()
{
    const int height = rowPixels();
    const int first = verticalScrollBar()->value() / height;
    m_model->look(first, first + viewport()->height() / height + 1);
}

void RunTable::scrollContentsBy(int dx, int dy)
{
    QTreeView::scrollContentsBy(dx, dy);
    if (dy == 0)
        return;
    if (m_depth == 0 && verticalScrollBar()->value() == 0)
        setNewAbove(0);
    if (!m_look.isActive())
        m_look.start();
}

void RunTable::resizeEvent(QResizeEvent *event)
{
    QTreeView::resizeEvent(event);
    m_look.start();
}

void RunTable::selectionChanged(const QItemSelection &selected, const QItemSelection &deselected)
{
    QTreeView::selectionChanged(selected, deselected);
    if (m_depth > 0)
        return;
    m_late.clear(); // a person chose anew
    m_selectedTimer.start();
}

// --- Headers of groups

void RunTable::mousePressEvent(QMouseEvent *event)
{
    const QModelIndex index = indexAt(event->position().toPoint());
    if (event->button() != Qt::LeftButton || !m_model->isGroup(index.row()))
        return QTreeView::mousePressEvent(event);
    selectionModel()->setCurrentIndex(index.siblingAtColumn(0), QItemSelectionModel::Clear);
    m_model->setOpen(index.row(), !m_model->isOpen(index.row()));
}

void RunTable::mouseDoubleClickEvent(QMouseEvent *event)
{
    const QModelIndex index = indexAt(event->position().toPoint());
    if (m_model->isGroup(index.row()))
        return;
    QTreeView::mouseDoubleClickEvent(event);
    if (index.isValid() && event->button() == Qt::LeftButton)
        Q_EMIT opened(index);
}

void RunTable::keyPressEvent(QKeyEvent *event)
{
    const int row = currentIndex().row();
    const bool group = m_model->isGroup(row);
    const int key = event->key();
    if (group && (key == Qt::Key_Space || key == Qt::Key_Return || key == Qt::Key_Enter))
        return m_model->setOpen(row, !m_model->isOpen(row));
    if (group && (key == Qt::Key_Left || key == Qt::Key_Right) && m_model->isOpen(row) == (key == Qt::Key_Left))
        return m_model->setOpen(row, key == Qt::Key_Right);
    if (!group && row >= 0 && (key == Qt::Key_Return || key == Qt::Key_Enter))
        return Q_EMIT opened(currentIndex());
    if (!group && key == Qt::Key_Left && m_model->ask().grouping != RunGrouping::None) {
        for (int up = row; up >= 0; --up) { // to the header
            if (m_model->isGroup(up))
                return setCurrentIndex(m_model->index(up, 0));
        }
    }
    if (key == Qt::Key_Escape) {
        if (selectionModel()->selectedRows().size() > 1)
            return selectionModel()->clearSelection();
        return event->ignore();
    }
    QTreeView::keyPressEvent(event);
}

void RunTable::drawRow(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    if (m_model->isGroup(index.row()))
        drawGroup(*painter, option, index.row());
    else
        QTreeView::drawRow(painter, option, index);
}

void RunTable::drawGroup(QPainter &painter, const QStyleOptionViewItem &option, int row) const
{
    const RunGroup &group = *m_model->groupAt(row);
    const Tokens &t = m_theme->tokens();
    const QRect band(0, option.rect.top(), viewport()->width(), option.rect.height());
    painter.fillRect(band, mix(t.surface, t.text, 0.04));
    if (band.contains(viewport()->mapFromGlobal(QCursor::pos())))
        painter.fillRect(band, t.hover);
    painter.fillRect(QRect(band.left(), band.bottom(), band.width(), 1), t.line);
    const bool current = currentIndex().row() == row && hasFocus();
    if (current)
        painter.fillRect(QRect(0, band.top(), 2, band.height()), t.accent);

    // Numbers stand under their headings; the title has what is left of the first of them.
    int right = band.right() - side;
    const TabularFont tabular(m_theme->uiFont());
    for (const int column : {RunListModel::Duration, RunListModel::Tokens, RunListModel::Cost, RunListModel::Rating}) {
        if (isColumnHidden(column))
            continue;
        const QRect cell(columnViewportPosition(column) + side, band.top(), columnWidth(column) - 2 * side, band.height());
        right = std::min(right, cell.left() - 2 * side);
        const QString text = m_model->index(row, column).data().toString();
        painter.setPen(t.text2);
        const bool digits = column != RunListModel::Rating;
        if (digits && tabular.width(text) <= cell.width()) {
            tabular.draw(painter, cell, Qt::AlignRight, text);
        } else {
            painter.setFont(m_theme->uiFont());
            painter.drawText(cell, int((digits ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter), text);
        }
    }
    for (const int column : {RunListModel::Started, RunListModel::Steps, RunListModel::Tags, RunListModel::Models, RunListModel::Source}) {
        if (!isColumnHidden(column) && columnViewportPosition(column) > band.left() + 300)
            right = std::min(right, columnViewportPosition(column) - side);
    }
    paint::chevron(painter, QRectF(band.left() + side, band.top(), 12, band.height()),
                   m_model->isOpen(row) ? Qt::DownArrow : Qt::RightArrow, t.text2);
    int x = band.left() + side + 20;
    // At least `place` wide, so that the sums of groups stand below each other.
    const auto draw = [&](const QString &text, const QFont &font, const QColor &color, int place) {
        const QFontMetrics metrics(font);
        const int width = std::min(metrics.horizontalAdvance(text) + 2, right - x);
        if (right - x < 12)
            return;
        painter.setFont(font);
        painter.setPen(color);
        painter.drawText(QRect(x, band.top(), width, band.height()), Qt::AlignVCenter | Qt::TextSingleLine,
                         metrics.elidedText(text, Qt::ElideRight, width));
        x += std::max(width + 2 * side, place);
    };
    draw(group.title, m_theme->strongFont(), t.text, 150);
    draw(format::count(group.runs, tr("run"), tr("runs")), m_theme->uiFont(), t.text2, 100);
    draw(group.failed > 0 ? tr("%1 failed").arg(format::number(group.failed)) : QString(), m_theme->uiFont(), t.error, 100);
    if (group.latencyP95Us > 0)
        draw(tr("p50 %1, p95 %2").arg(format::duration(group.latencyP50Us), format::duration(group.latencyP95Us)), m_theme->uiFont(), t.text2, 0);
}

} // namespace lathe
