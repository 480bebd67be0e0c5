// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/SectionHeader.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Label.h"

#include <QHBoxLayout>
#include <QKeyEvent>

namespace lathe {

namespace {

Label::Style styleOf(SectionHeader::Level level)
{
    switch (level) {
    case SectionHeader::Level::Section:
        return Label::Style::Heading;
    case SectionHeader::Level::Page:
        return Label::Style::Title;
    case SectionHeader::Level::Panel:
        break;
    }
    return Label::Style::Strong;
}

} // namespace

SectionHeader::SectionHeader(Theme *theme, const QString &title, Level level, QWidget *parent)
    : QWidget(parent),
      m_theme(theme),
      m_layout(new QHBoxLayout(this)),
      m_title(new Label(theme, title, styleOf(level))),
      m_detail(new Label(theme, QString(), Label::Style::Caption))
{
    m_layout->setContentsMargins(level == Level::Panel ? metrics::Margin : 0, 0,
                                 level == Level::Panel ? metrics::GapSmall : 0, 0);
    m_layout->setSpacing(metrics::GapSmall);
    m_layout->addWidget(m_title);
    m_layout->addSpacing(metrics::GapSmall);
    m_layout->addWidget(m_detail);
    m_layout->addStretch(1);
    m_detail->hide();
    setFixedHeight(level == Level::Page ? 40 : 36);
    setTitle(title);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void SectionHeader::setTitle(const QString &title)
{
    m_title->setText(title);
    setAccessibleName(title);
}

QString SectionHeader::title() const
{
    return m_title->text();
}

void SectionHeader::setDetail(const QString &detail)
{
    m_detail->setText(detail);
    m_detail->setVisible(!detail.isEmpty());
}

void SectionHeader::addAction(QWidget *button)
{
    m_layout->addWidget(button);
}

void SectionHeader::setCollapsible(bool collapsible)
{
    m_collapsible = collapsible;
    setFocusPolicy(collapsible ? Qt::TabFocus : Qt::NoFocus);
    QMargins margins = m_layout->contentsMargins();
    margins.setLeft(collapsible ? 24 : metrics::Margin);
    m_layout->setContentsMargins(margins);
    setCursor(collapsible ? Qt::PointingHandCursor : Qt::ArrowCursor);
    update();
}

void SectionHeader::setExpanded(bool expanded)
{
    if (m_expanded == expanded)
        return;
    m_expanded = expanded;
    setAccessibleDescription(expanded ? tr("expanded") : tr("collapsed"));
    update();
    Q_EMIT expandedChanged(expanded);
}

void SectionHeader::paintEvent(QPaintEvent *)
{
    if (!m_collapsible)
        return;
    QPainter painter(this);
    const Tokens &tokens = m_theme->tokens();
    paint::chevron(painter, QRectF(4, 0, 16, height()), m_expanded ? Qt::DownArrow : Qt::RightArrow,
                   tokens.text2, 7);
    if (hasFocus())
        paint::focusRing(painter, QRectF(rect()).adjusted(1, 3, -1, -3), metrics::Radius,
                         tokens.accent);
}

void SectionHeader::mouseReleaseEvent(QMouseEvent *event)
{
    if (m_collapsible && event->button() == Qt::LeftButton
        && rect().contains(event->position().toPoint()))
        setExpanded(!m_expanded);
}

void SectionHeader::keyPressEvent(QKeyEvent *event)
{
    if (!m_collapsible)
        return QWidget::keyPressEvent(event);
    switch (event->key()) {
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        return setExpanded(!m_expanded);
    case Qt::Key_Left:
        return setExpanded(false);
    case Qt::Key_Right:
        return setExpanded(true);
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace lathe
