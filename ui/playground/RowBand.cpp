// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playground/RowBand.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"

#include <QKeyEvent>
#include <QMouseEvent>

namespace lathe {

namespace {
constexpr int Height = 28;
constexpr int NumberWidth = 40;
constexpr qsizetype mostShown = 2000;
constexpr int mostLines = 12;
}

RowBand::RowBand(Theme *theme, QWidget *parent) : QWidget(parent), m_theme(theme)
{
    setObjectName(QStringLiteral("row-band"));
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    setFont(theme->uiFont());
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::TabFocus);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void RowBand::show(const QString &number, const QString &text, const QString &verdict)
{
    if (number == m_number && text == m_text && verdict == m_verdict)
        return;
    m_number = number;
    m_verdict = verdict;
    if (text != m_text) {
        m_text = text;
        m_line = format::oneLine(text, 400);
        setToolTip(text.size() > 60 ? text.left(1200).toHtmlEscaped() : QString());
        updateGeometry();
    }
    setAccessibleName(QStringLiteral("%1 %2 %3").arg(number, m_line, verdict));
    update();
}

void RowBand::setCurrent(bool current)
{
    m_current = current;
    update();
}

QRect RowBand::textRect(int width) const
{
    const int right = m_verdict.isEmpty() ? 4 : fontMetrics().horizontalAdvance(m_verdict) + 24;
    return QRect(NumberWidth, 5, std::max(20, width - NumberWidth - right), Height - 10);
}

int RowBand::heightForWidth(int width) const
{
    if (!m_open)
        return Height;
    const QRect box = textRect(width);
    const int height =
        fontMetrics()
            .boundingRect(QRect(0, 0, box.width(), 10'000), Qt::TextWordWrap, m_text.left(mostShown))
            .height();
    return std::clamp(height + 10, Height, fontMetrics().lineSpacing() * mostLines + 10);
}

QSize RowBand::sizeHint() const
{
    return QSize(300, heightForWidth(width()));
}

QSize RowBand::minimumSizeHint() const
{
    return QSize(80, heightForWidth(width()));
}

void RowBand::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    if (m_current)
        paint::roundedBox(painter, rect(), metrics::Radius, t.selection);
    else if (underMouse())
        paint::roundedBox(painter, rect(), metrics::Radius, t.hover);
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text3);
    if (m_number.isEmpty())
        m_theme->paintIcon(painter, QRectF(8, 0, 16, Height), QStringLiteral("input"), t.text3);
    else
        painter.drawText(QRect(8, 0, NumberWidth - 8, Height), Qt::AlignVCenter | Qt::AlignLeft, m_number);
    painter.setFont(font());
    const QRect box = textRect(width());
    painter.setPen(t.text);
    if (m_open)
        painter.drawText(box.adjusted(0, 0, 0, height() - Height), Qt::TextWordWrap,
                         m_text.left(mostShown));
    else
        painter.drawText(box, Qt::AlignVCenter | Qt::TextSingleLine,
                         fontMetrics().elidedText(m_line, Qt::ElideRight, box.width()));
    painter.setPen(t.text2);
    painter.drawText(QRect(0, 0, width() - 8, Height), Qt::AlignVCenter | Qt::AlignRight, m_verdict);
    if (hasFocus())
        paint::focusRing(painter, rect(), metrics::Radius, t.accent);
}

void RowBand::toggle()
{
    m_open = !m_open;
    updateGeometry();
    update();
}

void RowBand::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint()))
        toggle();
}

void RowBand::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Space || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        return toggle();
    QWidget::keyPressEvent(event);
}

} // namespace lathe
