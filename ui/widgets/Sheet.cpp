// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/Sheet.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/ConfirmPopover.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QBoxLayout>
#include <QKeyEvent>

#include <algorithm>

namespace lathe {

Sheet::Sheet(Theme *theme, QWidget *anchor, const QString &title, int width)
    : Overlay(theme, anchor),
      m_panel(new QWidget(this)),
      m_title(new Label(theme, title, Label::Style::Heading)),
      m_width(width)
{
    setScrim(true);
    setAccessibleName(title);
    m_body = new QVBoxLayout(m_panel);
    m_body->setContentsMargins(20, 14, 20, 20);
    m_body->setSpacing(metrics::GapLarge);
    auto *top = new QHBoxLayout;
    top->addWidget(m_title, 1);
    auto *close = new IconButton(theme, QStringLiteral("close"), tr("Close"));
    top->addWidget(close);
    m_body->addLayout(top);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(metrics::Gap);
    m_buttons->addStretch(1);
    m_body->addLayout(m_buttons);
    connect(close, &IconButton::clicked, this, &Overlay::leave);
}

void Sheet::setContent(QWidget *content)
{
    delete m_content;
    m_content = content;
    m_body->insertWidget(1, content, 1);
    if (isOpen())
        arrange();
}

Button *Sheet::addButton(const QString &text, ButtonRole role)
{
    auto *button = new Button(text, role);
    m_buttons->addWidget(button);
    if (role == ButtonRole::Primary || role == ButtonRole::Danger)
        m_primary = button;
    return button;
}

Button *Sheet::addCancel(const QString &text)
{
    Button *button = addButton(text.isEmpty() ? tr("Cancel") : text, ButtonRole::Secondary);
    connect(button, &Button::clicked, this, &Overlay::leave);
    return button;
}

QRect Sheet::panelRect() const
{
    return m_panel->geometry();
}

int Sheet::buttonsTop() const
{
    return m_panel->y() + m_buttons->geometry().top();
}

void Sheet::arrange()
{
    const int width = std::min(m_width, rect().width() - 32);
    m_body->activate();
    const int wanted = m_panel->hasHeightForWidth() ? m_panel->heightForWidth(width)
                                                    : m_panel->sizeHint().height();
    const int height =
        std::min(std::max(wanted, m_panel->minimumSizeHint().height()), rect().height() - 32);
    // A little above the middle, where the eye rests.
    m_panel->setGeometry((rect().width() - width) / 2,
                         std::max(16, (rect().height() - height) * 2 / 5), width, height);
    update();
}

QWidget *Sheet::firstFocus() const
{
    if (m_content) {
        const auto children = m_content->findChildren<QWidget *>();
        if (m_content->focusPolicy() & Qt::TabFocus)
            return m_content;
        for (QWidget *child : children) {
            if (child->focusPolicy() & Qt::TabFocus && child->isEnabled()
                && child->isVisibleTo(m_content) && !child->focusProxy())
                return child;
        }
    }
    return m_primary;
}

void Sheet::leave()
{
    if (!m_isChanged || !m_isChanged())
        return dismiss();
    auto *ask = new ConfirmPopover(theme(), m_primary ? static_cast<QWidget *>(m_primary) : m_panel, tr("Throw away what you changed?"),
                                   tr("Throw away"), [self = QPointer<Sheet>(this)] {
        if (self)
            self->dismiss();
    }, tr("Keep editing"));
    ask->setObjectName(QStringLiteral("sheet-leave"));
    ask->open();
}

void Sheet::keyPressEvent(QKeyEvent *event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && m_primary && m_primary->isEnabled()) {
        event->accept();
        m_primary->click();
        return;
    }
    Overlay::keyPressEvent(event);
}

} // namespace lathe
