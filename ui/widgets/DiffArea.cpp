// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/DiffArea.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QScrollBar>

#include <algorithm>
#include <cmath>

namespace lathe {

DiffArea::DiffArea(Theme *theme, QWidget *parent) : QAbstractScrollArea(parent), m_theme(theme)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    verticalScrollBar()->setSingleStep(20);
    connect(theme, &Theme::changed, this, &DiffArea::arrangeAnew); // the marks carry colours
}

void DiffArea::arrangeAnew()
{
    m_arrangedWidth = -1;
    arrange();
    viewport()->update();
}

void DiffArea::setTotalHeight(int height)
{
    m_total = height;
    setRange();
}

void DiffArea::setRange()
{
    verticalScrollBar()->setRange(0, std::max(0, m_total - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
}

QTextLayout::FormatRange DiffArea::mark(int from, int length, bool added, bool strong) const
{
    const Tokens &t = m_theme->tokens();
    QTextLayout::FormatRange range;
    range.start = from;
    range.length = length;
    range.format.setBackground(withAlpha(added ? t.ok : t.error, t.dark ? 0.38 : 0.26));
    if (strong)
        range.format.setFontWeight(QFont::DemiBold);
    return range;
}

DiffArea::Laid DiffArea::layOut(QString text, const QList<QTextLayout::FormatRange> &marks, const QString &tab, int width) const
{
    text.remove(QLatin1Char('\r'));
    text.replace(QLatin1Char('\t'), tab);
    if (text.size() > longestLine)
        text = text.left(longestLine) + tr(" ... (%1 more characters)").arg(text.size() - longestLine);
    Laid laid;
    laid.layout = std::make_unique<QTextLayout>(text, Theme::needsShaping(text) ? m_theme->shapedCodeFont() : m_theme->codeFont());
    QTextOption option(Qt::AlignLeft);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    laid.layout->setTextOption(option);
    laid.layout->setFormats(marks);
    laid.layout->beginLayout();
    double y = 0;
    for (QTextLine line = laid.layout->createLine(); line.isValid(); line = laid.layout->createLine()) {
        line.setLineWidth(std::max(40, width));
        line.setPosition(QPointF(0, y));
        y += line.height();
    }
    laid.layout->endLayout();
    laid.height = int(std::ceil(y));
    return laid;
}

void DiffArea::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    arrange();
    setRange();
}

void DiffArea::goToChange(int direction)
{
    const int at = verticalScrollBar()->value();
    int target = -1;
    for (int i = 0; i < rowCount(); ++i) {
        const bool starts = rowPlace(i).changed && (i == 0 || !rowPlace(i - 1).changed);
        const int place = std::max(0, rowPlace(i).top - 24);
        if (starts && direction > 0 && place > at && target < 0)
            target = place;
        if (starts && direction < 0 && place < at)
            target = place;
    }
    if (target >= 0)
        verticalScrollBar()->setValue(target);
}

void DiffArea::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_F8)
        return goToChange(event->modifiers() & Qt::ShiftModifier ? -1 : 1);
    if (event->matches(QKeySequence::Copy))
        return QGuiApplication::clipboard()->setText(copied());
    if (event->key() == Qt::Key_Home || event->key() == Qt::Key_End) {
        QScrollBar *bar = verticalScrollBar();
        return bar->setValue(event->key() == Qt::Key_Home ? bar->minimum() : bar->maximum());
    }
    QAbstractScrollArea::keyPressEvent(event);
}

bool DiffArea::event(QEvent *event)
{
    if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)
        viewport()->update();
    return QAbstractScrollArea::event(event);
}

} // namespace lathe
