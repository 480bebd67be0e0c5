// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/compare/ColumnDiffView.h"

#include "ui/itemmodels/UiTask.h"
#include "ui/theme/Paint.h"

#include <QCoreApplication>
#include <QPainter>
#include <QScrollBar>
#include <QThreadPool>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype atOnce = 20'000;    // characters compared without the pool
constexpr int padding = 10;
constexpr int rowPadding = 1;

Task<Result<ColumnDiff>> compareInPool(QStringList texts)
{
    Completion<ColumnDiff> done;
    QThreadPool::globalInstance()->start([texts, done] {
        auto diff = std::make_shared<ColumnDiff>(diffColumns(texts));
        QMetaObject::invokeMethod(qApp, [diff, done] { done.complete(std::move(*diff)); }, Qt::QueuedConnection);
    });
    ColumnDiff diff = co_await done;
    co_return diff;
}
}

ColumnDiffView::ColumnDiffView(Theme *theme, QWidget *parent) : DiffArea(theme, parent)
{
    setObjectName(QStringLiteral("compare-texts"));
    setAccessibleName(tr("Texts of the step"));
    setToolTip(tr("F8: next difference, Shift+F8: previous difference, Ctrl+C: copy"));
}

ColumnDiffView::~ColumnDiffView() = default;

void ColumnDiffView::setTexts(const QStringList &texts, const QStringList &titles, const std::vector<bool> &absent)
{
    m_titles = titles;
    const bool again = texts == m_texts && absent == m_absent;
    m_texts = texts;
    m_absent = absent;
    if (again)
        return viewport()->update();
    const quint64 generation = ++m_generation;
    qsizetype size = 0;
    for (const QString &text : texts)
        size += text.size();
    if (size <= atOnce)
        return show(diffColumns(texts));
    runTask(this, compareInPool(texts), [this, generation](ColumnDiff diff) {
        if (generation == m_generation)
            show(std::move(diff));
    }, [](const Error &) {});
}

void ColumnDiffView::show(ColumnDiff diff)
{
    m_diff = std::move(diff);
    m_rows.clear();
    m_rows.resize(m_diff.rows.size());
    for (size_t i = 0; i < m_rows.size(); ++i) {
        for (size_t column = 0; column < m_diff.rows[i].size(); ++column) {
            const auto &cell = m_diff.rows[i][column];
            const bool absent = column < m_absent.size() && m_absent[column];
            m_rows[i].place.changed = m_rows[i].place.changed || (!absent && (cell.differs || (!cell.present && m_diff.rows[i].size() > 1)));
        }
    }
    verticalScrollBar()->setValue(0);
    arrangeAnew();
    Q_EMIT compared();
}

int ColumnDiffView::columnWidth() const
{
    return viewport()->width() / std::max(1, int(m_texts.size()));
}

int ColumnDiffView::estimate(const ColumnDiff::Cell &cell) const
{
    qsizetype length = 0;
    for (const DiffPiece &piece : cell.pieces)
        length += piece.text.size();
    length = std::min(length, longestLine);
    const QFontMetrics metrics(theme()->codeFont());
    const int perLine = std::max(4, (columnWidth() - 2 * padding) / std::max(1, metrics.horizontalAdvance(QLatin1Char('0'))));
    return int((length + perLine - 1) / perLine) * metrics.height();
}

void ColumnDiffView::arrange()
{
    const int width = viewport()->width();
    if (width < 40)
        return;
    if (width != m_arrangedWidth) {
        m_arrangedWidth = width;
        const int least = QFontMetrics(theme()->codeFont()).height();
        for (size_t i = 0; i < m_rows.size(); ++i) {
            m_rows[i].layouts.clear();
            int height = least;
            for (const auto &cell : m_diff.rows[i])
                height = std::max(height, estimate(cell));
            m_rows[i].place.height = height + 2 * rowPadding;
        }
    }
    int top = 6;
    for (Row &row : m_rows) {
        row.place.top = top;
        top += row.place.height;
    }
    setTotalHeight(top + 8);
}

void ColumnDiffView::layOutRow(size_t index)
{
    Row &row = m_rows[index];
    if (!row.layouts.empty())
        return;
    int height = QFontMetrics(theme()->codeFont()).height();
    for (const auto &cell : m_diff.rows[index]) {
        // A tab is one character: the marks stay where they are.
        Laid laid = layOutPieces(cell.pieces, false, QStringLiteral(" "), columnWidth() - 2 * padding);
        height = std::max(height, laid.height);
        row.layouts.push_back(std::move(laid.layout));
    }
    row.place.height = height + 2 * rowPadding;
}

void ColumnDiffView::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    const Tokens &t = theme()->tokens();
    painter.fillRect(event->rect(), t.surface);
    const int width = columnWidth();
    const int offset = verticalScrollBar()->value();
    const auto firstAt = [this](int y) {
        return size_t(std::lower_bound(m_rows.begin(), m_rows.end(), y, [](const Row &row, int at) { return row.place.top + row.place.height <= at; }) - m_rows.begin());
    };
    // What comes into sight gets its true height; what is above stays where it is.
    const size_t first = firstAt(offset);
    int seen = 0;
    bool moved = false;
    for (size_t i = first; i < m_rows.size() && seen < viewport()->height() + 40; ++i) {
        const int before = m_rows[i].place.height;
        layOutRow(i);
        moved = moved || before != m_rows[i].place.height;
        seen += m_rows[i].place.height;
    }
    if (moved)
        arrange();
    for (size_t i = first; i < m_rows.size() && m_rows[i].place.top - offset <= viewport()->height(); ++i) {
        const Row &row = m_rows[i];
        for (size_t column = 0; column < row.layouts.size(); ++column) {
            const auto &cell = m_diff.rows[i][column];
            const QRect rect(int(column) * width, row.place.top - offset, width, row.place.height);
            const bool absent = column < m_absent.size() && m_absent[column];
            if (absent || !cell.present) {
                painter.fillRect(rect, mix(t.surface, t.base, 0.8));
                continue;
            }
            if (cell.differs && m_rows[i].place.changed) {
                const QColor color = column == 0 ? t.error : t.ok;
                painter.fillRect(rect, withAlpha(column == 0 && m_texts.size() > 2 ? t.text3 : color, t.dark ? 0.13 : 0.10));
            }
            painter.setPen(t.text);
            painter.save();
            painter.setClipRect(rect.adjusted(0, 0, -4, 0));
            row.layouts[column]->draw(&painter, QPointF(rect.left() + padding, rect.top() + rowPadding));
            painter.restore();
        }
    }
    for (int column = 0; column < int(m_texts.size()); ++column) {
        if (column > 0)
            painter.fillRect(QRect(column * width, 0, 1, viewport()->height()), t.line);
        if (size_t(column) < m_absent.size() && m_absent[size_t(column)]) {
            painter.fillRect(QRect(column * width + (column > 0), 0, width, viewport()->height()), mix(t.surface, t.base, 0.8));
            painter.setPen(t.text3);
            painter.setFont(theme()->smallFont());
            painter.drawText(QRect(column * width, 8, width, 20), Qt::AlignHCenter, tr("This run has no such step"));
        } else if (m_texts[column].isEmpty()) {
            painter.setPen(t.text3);
            painter.setFont(theme()->smallFont());
            painter.drawText(QRect(column * width + padding, 6, width, 20), Qt::AlignLeft | Qt::AlignVCenter, tr("(nothing)"));
        }
    }
    if (hasFocus())
        paint::focusRing(painter, QRectF(viewport()->rect()), 0, t.accent);
}

void ColumnDiffView::scrollContentsBy(int, int)
{
    viewport()->update();
}

QString ColumnDiffView::copied() const
{
    QString text;
    for (qsizetype i = 0; i < m_texts.size(); ++i)
        text += QStringLiteral("== %1\n%2\n\n").arg(m_titles.value(i), m_texts[i]);
    return text;
}

} // namespace lathe
