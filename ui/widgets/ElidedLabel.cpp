// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/ElidedLabel.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QMenu>
#include <QPainter>
#include <QToolTip>

#include <cmath>

namespace lathe {

ElidedLabel::ElidedLabel(Theme *theme, const QString &text, Qt::TextElideMode mode, QWidget *parent)
    : QWidget(parent), m_theme(theme), m_mode(mode)
{
    setFont(theme->uiFont());
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    setText(text);
}

void ElidedLabel::setText(const QString &text)
{
    QString line = text;
    line.replace(QLatin1Char('\n'), QLatin1Char(' '));
    if (line == m_text)
        return;
    m_text = line;
    setAccessibleName(line);
    updateGeometry();
    update();
}

void ElidedLabel::setColor(ColorToken color)
{
    m_color = color;
    update();
}

void ElidedLabel::setTextFont(const QFont &font)
{
    setFont(font);
    if (m_tabular)
        m_tabular.emplace(font);
    updateGeometry();
}

void ElidedLabel::setAlignment(Qt::Alignment alignment)
{
    m_alignment = alignment;
    update();
}

void ElidedLabel::setTabular(bool tabular)
{
    if (tabular)
        m_tabular.emplace(font());
    else
        m_tabular.reset();
    updateGeometry();
}

double ElidedLabel::textWidth() const
{
    return m_tabular ? m_tabular->width(m_text) : QFontMetricsF(font()).horizontalAdvance(m_text);
}

bool ElidedLabel::isElided() const
{
    return std::ceil(textWidth()) > width();
}

QSize ElidedLabel::sizeHint() const
{
    return QSize(static_cast<int>(std::ceil(textWidth())) + 1, fontMetrics().height() + 2);
}

QSize ElidedLabel::minimumSizeHint() const
{
    return QSize(std::min(sizeHint().width(), fontMetrics().averageCharWidth() * 4),
                 sizeHint().height());
}

void ElidedLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setFont(font());
    painter.setPen(isEnabled() ? m_theme->color(m_color) : m_theme->tokens().text3);
    if (m_tabular && !isElided()) {
        m_tabular->draw(painter, rect(), m_alignment, m_text);
        return;
    }
    const QString shown = isElided() ? fontMetrics().elidedText(m_text, m_mode, width()) : m_text;
    painter.drawText(rect(), static_cast<int>(m_alignment | Qt::AlignVCenter) | Qt::TextSingleLine,
                     shown);
}

bool ElidedLabel::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
        if (isElided())
            QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(),
                               m_text.toHtmlEscaped(), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void ElidedLabel::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    connect(menu->addAction(tr("Copy")), &QAction::triggered, this,
            [this] { QGuiApplication::clipboard()->setText(m_text); });
    menu->popup(event->globalPos());
}

} // namespace lathe
