// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/DiffView.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextLayout>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {
constexpr int LongestShown = 4000; // characters of a line; the copied patch has all of them
constexpr int SignWidth = 18;
constexpr int RowPadding = 2;
}

DiffView::DiffView(Theme *theme, QWidget *parent) : QAbstractScrollArea(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("prompt-diff"));
    setAccessibleName(tr("Comparison"));
    setToolTip(tr("F8: next change, Shift+F8: previous change, Ctrl+C: copy as a patch"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalScrollBar()->setSingleStep(20);
    // The words that changed carry colours in their layouts.
    connect(theme, &Theme::changed, this, [this] {
        m_arrangedWidth = -1;
        arrange();
        viewport()->update();
    });
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
            row.changed = changed;
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
    m_arrangedWidth = -1;
    arrange();
    viewport()->update();
}

int DiffView::measureGutter() const
{
    int largest = 1;
    for (const DiffLine &line : m_lines)
        largest = std::max({largest, line.oldLine, line.newLine});
    const int digits = std::max(2, int(QString::number(largest).size()));
    return QFontMetrics(m_theme->codeFont()).horizontalAdvance(QLatin1Char('0')) * digits + 16;
}

void DiffView::layOut(Cell &cell, int width)
{
    if (cell.line < 0)
        return;
    const DiffLine &line = m_lines[size_t(cell.line)];
    const Tokens &t = m_theme->tokens();
    QString text;
    QList<QTextLayout::FormatRange> formats;
    bool whole = true; // everything changed: the wash of the line says it
    for (const DiffPiece &piece : line.pieces)
        whole = whole && piece.type != DiffPiece::Type::Same;
    for (const DiffPiece &piece : line.pieces) {
        const int from = int(text.size());
        text += piece.text;
        if (piece.type == DiffPiece::Type::Same || whole)
            continue;
        QTextLayout::FormatRange range;
        range.start = from;
        range.length = int(piece.text.size());
        range.format.setBackground(withAlpha(piece.type == DiffPiece::Type::Added ? t.ok : t.error, t.dark ? 0.38 : 0.26));
        range.format.setFontWeight(QFont::DemiBold);
        formats.append(range);
    }
    text.remove(QLatin1Char('\r'));
    text.replace(QLatin1Char('\t'), QLatin1String("    "));
    if (text.size() > LongestShown)
        text = text.left(LongestShown) + tr(" ... (%1 more characters)").arg(text.size() - LongestShown);
    const bool shaped = Theme::needsShaping(text);
    cell.layout = std::make_unique<QTextLayout>(text, shaped ? m_theme->shapedCodeFont() : m_theme->codeFont());
    QTextOption option(Qt::AlignLeft);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    cell.layout->setTextOption(option);
    cell.layout->setFormats(formats);
    cell.layout->beginLayout();
    double y = 0;
    for (QTextLine shown = cell.layout->createLine(); shown.isValid(); shown = cell.layout->createLine()) {
        shown.setLineWidth(std::max(40, width));
        shown.setPosition(QPointF(0, y));
        y += shown.height();
    }
    cell.layout->endLayout();
    cell.height = int(std::ceil(y));
}

void DiffView::arrange()
{
    const int width = viewport()->width();
    if (width == m_arrangedWidth || width < 40)
        return;
    m_arrangedWidth = width;
    m_gutter = measureGutter();
    const int text = m_sideBySide ? width / 2 - m_gutter - SignWidth - 12 : width - 2 * m_gutter - SignWidth - 12;
    const int least = QFontMetrics(m_theme->codeFont()).height();
    int top = 4;
    for (Row &row : m_rows) {
        layOut(row.left, text);
        layOut(row.right, text);
        row.top = top;
        row.height = std::max({least, row.left.height, row.right.height}) + 2 * RowPadding;
        top += row.height;
    }
    m_total = top + 8;
    verticalScrollBar()->setRange(0, std::max(0, m_total - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
}

void DiffView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    arrange();
    verticalScrollBar()->setRange(0, std::max(0, m_total - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
}

void DiffView::paintCell(QPainter &painter, const Cell &cell, const QRect &rect, bool left) const
{
    const Tokens &t = m_theme->tokens();
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
    painter.setFont(m_theme->codeFont());
    painter.setPen(t.text3);
    const int first = QFontMetrics(m_theme->codeFont()).height() + 2 * RowPadding;
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
        painter.setFont(m_theme->smallFont());
        const int width = painter.fontMetrics().horizontalAdvance(note) + 12;
        const QRect box(rect.right() - width - 4, rect.top() + 1, width, std::min(first - 2, rect.height() - 2));
        painter.fillRect(box, mix(t.surface, t.control, 0.3));
        painter.setPen(t.text);
        painter.drawText(box, Qt::AlignCenter, note);
        painter.setFont(m_theme->codeFont());
    }
    painter.setPen(t.text);
    if (cell.layout)
        cell.layout->draw(&painter, QPointF(x + SignWidth, rect.top() + RowPadding));
}

void DiffView::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    const Tokens &t = m_theme->tokens();
    painter.fillRect(event->rect(), t.surface);
    const int offset = verticalScrollBar()->value();
    const int width = viewport()->width();
    auto row = std::lower_bound(m_rows.begin(), m_rows.end(), offset + event->rect().top(),
                                [](const Row &item, int y) { return item.top + item.height < y; });
    for (; row != m_rows.end() && row->top - offset <= event->rect().bottom(); ++row) {
        const QRect rect(0, row->top - offset, width, row->height);
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

void DiffView::goToChange(int direction)
{
    const int at = verticalScrollBar()->value();
    int target = -1;
    for (size_t i = 0; i < m_rows.size(); ++i) {
        const bool starts = m_rows[i].changed && (i == 0 || !m_rows[i - 1].changed);
        const int place = std::max(0, m_rows[i].top - 24);
        if (starts && direction > 0 && place > at && target < 0)
            target = place;
        if (starts && direction < 0 && place < at)
            target = place;
    }
    if (target >= 0)
        verticalScrollBar()->setValue(target);
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
    const auto row = std::lower_bound(m_rows.begin(), m_rows.end(), y, [](const Row &item, int at) { return item.top + item.height < at; });
    if (row == m_rows.end() || row->top > y)
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
            verticalScrollBar()->setValue(std::max(0, row.top - viewport()->height() / 3));
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

bool DiffView::event(QEvent *event)
{
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        viewport()->update();
    return QAbstractScrollArea::event(event);
}

void DiffView::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_F8)
        return goToChange(event->modifiers() & Qt::ShiftModifier ? -1 : 1);
    if (event->matches(QKeySequence::Copy))
        return QGuiApplication::clipboard()->setText(asPatch());
    if (event->key() == Qt::Key_Home || event->key() == Qt::Key_End) {
        QScrollBar *bar = verticalScrollBar();
        return bar->setValue(event->key() == Qt::Key_Home ? bar->minimum() : bar->maximum());
    }
    QAbstractScrollArea::keyPressEvent(event);
}

} // namespace lathe
