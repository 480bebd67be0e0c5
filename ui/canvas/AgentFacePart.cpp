// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/AgentFacePart.h"

#include "ui/itemmodels/Format.h"
#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/InlineMessage.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QTextLayout>

namespace lathe {

namespace {
constexpr int Stripe = 4, IconLeft = 14, TextLeft = 38, Padding = 12;
}

AgentFacePart::AgentFacePart(Theme *theme, const QString &icon, ColorToken color, QWidget *parent)
    : QAbstractButton(parent), m_theme(theme), m_icon(icon), m_color(color)
{
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void AgentFacePart::setTexts(const QString &title, const QString &line)
{
    m_title = title;
    m_line = line;
    setAccessibleName(line.isEmpty() ? title : QStringLiteral("%1: %2").arg(title, line));
    setToolTip(line);
    update();
}

void AgentFacePart::setProblem(const Problem *problem)
{
    m_problemColor = !problem ? ColorToken::Count : problem->severity == Problem::Severity::Error ? ColorToken::Error : ColorToken::Warning;
    setToolTip(problem ? (problem->fix.isEmpty() ? problem->message : problem->message + QLatin1Char(' ') + problem->fix) : m_line);
    setAccessibleDescription(problem ? problem->message : QString());
    update();
}

void AgentFacePart::setSelected(bool selected)
{
    m_selected = selected;
    update();
}

void AgentFacePart::setReceiving(bool receiving)
{
    m_receiving = receiving;
    update();
}

void AgentFacePart::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        return click();
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)
        return Q_EMIT removeRequested();
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Right || event->key() == Qt::Key_Up || event->key() == Qt::Key_Left) {
        const bool on = event->key() == Qt::Key_Down || event->key() == Qt::Key_Right;
        if (parentWidget() && nextInFocusChain()) {
            // Parts stand in the order of Tab.
            QWidget *at = this;
            do
                at = on ? at->nextInFocusChain() : at->previousInFocusChain();
            while (at != this && !(qobject_cast<AgentFacePart *>(at) && at->parentWidget() == parentWidget() && at->isVisible()));
            at->setFocus(Qt::TabFocusReason);
        }
        return;
    }
    QAbstractButton::keyPressEvent(event);
}

void AgentFacePart::mouseDoubleClickEvent(QMouseEvent *event)
{
    QAbstractButton::mouseDoubleClickEvent(event);
    if (event->button() == Qt::LeftButton)
        Q_EMIT opened();
}

void AgentFacePart::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens &t = m_theme->tokens();
    const QRectF box = QRectF(rect());
    const bool hot = underMouse() || m_receiving;
    if (m_ghost) {
        QPen pen(m_receiving ? t.accent : hot ? t.text3 : t.lineStrong, 1, Qt::DashLine);
        painter.setPen(pen);
        painter.setBrush(hot ? QBrush(t.hover) : Qt::NoBrush);
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), metrics::Radius, metrics::Radius);
    } else {
        const QColor border = m_selected || m_receiving ? t.accent : hot ? t.lineStrong : t.line;
        paint::roundedBox(painter, box, metrics::Radius, t.dark && !hot ? t.surface : t.raised, border, m_selected || m_receiving ? 2 : 1);
        QPainterPath clip;
        clip.addRoundedRect(box, metrics::Radius, metrics::Radius);
        painter.save();
        painter.setClipPath(clip);
        painter.fillRect(QRectF(0, 0, Stripe, box.height()), t.color(m_color));
        painter.restore();
    }
    const QColor ink = m_ghost ? t.text2 : t.text;
    m_theme->paintIcon(painter, QRectF(IconLeft, 12, 16, 16), m_icon, m_ghost ? t.text2 : t.color(m_color));
    const int right = m_problemColor == ColorToken::Count ? Padding : Padding + 20;
    const QRectF title(TextLeft, 10, box.width() - TextLeft - right, 20);
    painter.setFont(m_theme->strongFont());
    painter.setPen(ink);
    painter.drawText(title, Qt::AlignLeft | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(m_title, Qt::ElideRight, int(title.width())));
    painter.setFont(m_theme->smallFont());
    painter.setPen(t.text2);
    const QRectF line(TextLeft, 30, box.width() - TextLeft - Padding, box.height() - 38);
    if (box.height() > 60) { // the agent itself: its job in two lines
        const QFontMetrics metrics(painter.font());
        QTextLayout layout(format::oneLine(m_line, 300), painter.font());
        layout.beginLayout();
        QTextLine first = layout.createLine();
        first.setLineWidth(line.width());
        const QString rest = layout.text().mid(first.textLength());
        layout.endLayout();
        painter.drawText(line, Qt::AlignLeft | Qt::AlignTop, layout.text().left(first.textLength()));
        painter.drawText(line.adjusted(0, metrics.lineSpacing(), 0, 0), Qt::AlignLeft | Qt::AlignTop,
                         metrics.elidedText(rest, Qt::ElideRight, int(line.width())));
    } else {
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(m_line, Qt::ElideRight, int(line.width())));
    }
    if (m_problemColor != ColorToken::Count) {
        const QString icon = severityIcon(m_problemColor == ColorToken::Error ? Severity::Error : Severity::Warning);
        m_theme->paintIcon(painter, QRectF(box.width() - Padding - 16, 12, 16, 16), icon, t.color(m_problemColor));
    }
    if (hasFocus())
        paint::focusRing(painter, box, metrics::Radius, t.accent);
}

} // namespace lathe
