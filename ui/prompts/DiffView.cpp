// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/DiffView.h"

#include "ui/theme/Paint.h"

#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace lathe {

namespace {
constexpr int SignWidth = 18;
constexpr int RowPadding = 2;
}

DiffView::DiffView(Theme *theme, QWidget *parent) : DiffArea(theme, parent)
{
    setObjectName(QStringLiteral("prompt-diff"));
    setAccessibleName(tr("Comparison"));
    setToolTip(tr("F8: next change, Shift+F8: previous change, Ctrl+C: copy as a patch"));
    viewport()->setMouseTracking(true);
}

DiffView::~DiffView() = default;

void DiffView::setTexts(const QString &before, const QString &after)
{
    m_lines = diffLines(before, after);
    m_added = m_removed = m_moved = 0;
    for (const DiffLine &line : m_lines) {
        m_moved = std::max(m_moved, line.moved);
        m_added += line.type == DiffPiece::Type::Added && line.moved == 0;
        m_removed += line.type == DiffPiece::Type::Removed && line.moved == 0;
    }
    setAccessibleDescription(tr("%1 lines added, %2 removed, %3 blocks moved").arg(m_added).arg(m_removed).arg(m_moved));
    verticalScrollBar()->setValue(0);
    buildRows();
}

void DiffView::setSideBySide(bool sideBySide)
{
    if (m_sideBySide == sideBySide)
        return;
    m_sideBySide = sideBySide;
    buildRows();
}

void DiffView::buildRows()
{
    m_rows.clear();
    size_t i = 0;
    while (i < m_lines.size()) {
        const auto add = [this](int left, int right, bool changed) {
            Row row;
            row.left.line = left;
            row.right.line = right;
            row.place.changed = changed;
            m_rows.push_back(std::move(row));
        };
        if (m_lines[i].type == DiffPiece::Type::Same || !m_sideBySide) {
            add(int(i), m_sideBySide ? int(i) : -1, m_lines[i].type != DiffPiece::Type::Same);
            ++i;
            continue;
        }
        // Removed lines stand before the added ones that replace them: the first beside the first, and so on.
        size_t removed = i;
        while (removed < m_lines.size() && m_lines[removed].type == DiffPiece::Type::Removed)
            ++removed;
        size_t added = removed;
        while (added < m_lines.size() && m_lines[added].type == DiffPiece::Type::Added)
            ++added;
        const size_t count = std::max(removed - i, added - removed);
        for (size_t k = 0; k < count; ++k)
            add(i + k < removed ? int(i + k) : -1, removed + k < added ? int(removed + k) : -1, true);
        i = added;
    }
    arrangeAnew();
}

int DiffView::measureGutter() const
{
    int largest = 1;
    for (const DiffLine &line : m_lines)
        largest = std::max({largest, line.oldLine, line.newLine});
    const int digits = std::max(2, int(QString::number(largest).size()));
    return QFontMetrics(theme()->codeFont()).horizontalAdvance(QLatin1Char('0')) * digits + 16;
}

void DiffView::layOutCell(Cell &cell, int width)
{
    if (cell.line < 0)
        return;
    Laid laid = layOutPieces(m_lines[size_t(cell.line)].pieces, true, QStringLiteral("    "), width);
    cell.layout = std::move(laid.layout);
    cell.height = laid.height;
}

void DiffView::arrange()
{
    const int width = viewport()->width();
    if (width == m_arrangedWidth || width < 40)
        return;
    m_arrangedWidth = width;
    m_gutter = measureGutter();
    const int text = m_sideBySide ? width / 2 - m_gutter - SignWidth - 12 : width - 2 * m_gutter - SignWidth - 12;
    const int least = QFontMetrics(theme()->codeFont()).height();
    int top = 4;
    for (Row &row : m_rows) {
        layOutCell(row.left, text);
        layOutCell(row.right, text);
        row.place.top = top;
        row.place.height = std::max({least, row.left.height, row.right.height}) + 2 * RowPadding;
        top += row.place.height;
    }
    setTotalHeight(top + 8);
}

void DiffView::paintCell(QPainter &painter, const Cell &cell, const QRect &rect, bool left) const
{
    const Tokens &t = theme()->tokens();
    if (cell.line < 0) {
        painter.fillRect(rect, mix(t.surface, t.base, 0.8));
        return;
    }
    const DiffLine &line = m_lines[size_t(cell.line)];
    const bool added = line.type == DiffPiece::Type::Added;
    const bool removed = line.type == DiffPiece::Type::Removed;
    const bool moved = line.moved > 0;
    const QColor color = moved ? t.control : added ? t.ok : t.error;
    if (added || removed)
        painter.fillRect(rect, withAlpha(color, t.dark ? 0.13 : 0.10));
    painter.setFont(theme()->codeFont());
    painter.setPen(t.text3);
    const int first = QFontMetrics(theme()->codeFont()).height() + 2 * RowPadding;
    int x = rect.left();
    const auto number = [&](int value) {
        if (value > 0)
            painter.drawText(QRect(x, rect.top(), m_gutter - 8, first), Qt::AlignRight | Qt::AlignVCenter, QString::number(value));
        x += m_gutter;
    };
    if (m_sideBySide) {
        number(left ? line.oldLine : line.newLine);
    } else {
        number(line.oldLine);
        number(line.newLine);
    }
    if (added || removed) {
        painter.setPen(color);
        painter.drawText(QRect(x, rect.top(), SignWidth, first), Qt::AlignCenter,
                         moved ? QStringLiteral("\u2195") : added ? QStringLiteral("+") : QStringLiteral("\u2212"));
    }
    if (moved && startsMove(cell.line)) {
        // Where the block went or came from, at the right end of its first line.
        const QString note = added ? tr("from line %1").arg(line.movedTo) : tr("to line %1").arg(line.movedTo);
        painter.setFont(theme()->smallFont());
        const int width = painter.fontMetrics().horizontalAdvance(note) + 12;
        const QRect box(rect.right() - width - 4, rect.top() + 1, width, std::min(first - 2, rect.height() - 2));
        painter.fillRect(box, mix(t.surface, t.control, 0.3));
        painter.setPen(t.text);
        painter.drawText(box, Qt::AlignCenter, note);
        painter.setFont(theme()->codeFont());
    }
    painter.setPen(t.text);
    if (cell.layout)
        cell.layout->draw(&painter, QPointF(x + SignWidth, rect.top() + RowPadding));
}

void DiffView::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    const Tokens &t = theme()->tokens();
    painter.fillRect(event->rect(), t.surface);
    const int offset = verticalScrollBar()->value();
    const int width = viewport()->width();
    auto row = std::lower_bound(m_rows.begin(), m_rows.end(), offset + event->rect().top(),
                                [](const Row &item, int y) { return item.place.top + item.place.height < y; });
    for (; row != m_rows.end() && row->place.top - offset <= event->rect().bottom(); ++row) {
        const QRect rect(0, row->place.top - offset, width, row->place.height);
        if (m_sideBySide) {
            paintCell(painter, row->left, QRect(0, rect.top(), width / 2, rect.height()), true);
            paintCell(painter, row->right, QRect(width / 2, rect.top(), width - width / 2, rect.height()), false);
        } else {
            paintCell(painter, row->left, rect, true);
        }
    }
    if (m_sideBySide)
        painter.fillRect(QRect(width / 2, 0, 1, viewport()->height()), t.line);
    if (hasFocus())
        paint::focusRing(painter, viewport()->rect(), 0, t.accent);
}

bool DiffView::startsMove(int line) const
{
    const DiffLine &own = m_lines[size_t(line)];
    if (line == 0)
        return true;
    const DiffLine &before = m_lines[size_t(line) - 1];
    return before.moved != own.moved || before.type != own.type;
}

const DiffLine *DiffView::movedAt(const QPoint &pos) const
{
    const int y = pos.y() + verticalScrollBar()->value();
    const auto row = std::lower_bound(m_rows.begin(), m_rows.end(), y, [](const Row &item, int at) { return item.place.top + item.place.height < at; });
    if (row == m_rows.end() || row->place.top > y)
        return nullptr;
    const Cell &cell = m_sideBySide && pos.x() >= viewport()->width() / 2 ? row->right : row->left;
    if (cell.line < 0 || m_lines[size_t(cell.line)].moved == 0)
        return nullptr;
    return &m_lines[size_t(cell.line)];
}

bool DiffView::goToPartner(const QPoint &pos)
{
    const DiffLine *line = movedAt(pos);
    if (!line)
        return false;
    const auto isPartner = [&](const Cell &cell) {
        if (cell.line < 0)
            return false;
        const DiffLine &other = m_lines[size_t(cell.line)];
        return other.moved == line->moved && other.type != line->type
               && (other.type == DiffPiece::Type::Added ? other.newLine : other.oldLine) == line->movedTo;
    };
    for (const Row &row : m_rows) {
        if (isPartner(row.left) || isPartner(row.right)) {
            verticalScrollBar()->setValue(std::max(0, row.place.top - viewport()->height() / 3));
            return true;
        }
    }
    return false;
}

void DiffView::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !goToPartner(event->position().toPoint()))
        QAbstractScrollArea::mouseReleaseEvent(event);
}

void DiffView::mouseMoveEvent(QMouseEvent *event)
{
    const DiffLine *line = movedAt(event->position().toPoint());
    viewport()->setCursor(line ? Qt::PointingHandCursor : Qt::ArrowCursor);
    QAbstractScrollArea::mouseMoveEvent(event);
}

QString DiffView::asPatch() const
{
    QString text;
    for (const DiffLine &line : m_lines) {
        text += line.type == DiffPiece::Type::Added ? QLatin1Char('+') : line.type == DiffPiece::Type::Removed ? QLatin1Char('-') : QLatin1Char(' ');
        for (const DiffPiece &piece : line.pieces)
            text += piece.text;
        text += QLatin1Char('\n');
    }
    return text;
}

} // namespace lathe
