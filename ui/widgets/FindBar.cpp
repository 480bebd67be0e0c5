// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FindBar.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>

namespace lathe {

FindBar::FindBar(Theme *theme, QWidget *parent)
    : QFrame(parent),
      m_theme(theme),
      m_field(new QLineEdit),
      m_count(new Label(theme, QString(), Label::Style::Caption)),
      m_previous(new IconButton(theme, QStringLiteral("chevron-left"), tr("Previous match"))),
      m_next(new IconButton(theme, QStringLiteral("chevron-right"), tr("Next match")))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(4, 4, 4, 4);
    layout->setSpacing(4);
    m_field->setPlaceholderText(tr("Find"));
    m_field->setAccessibleName(tr("Find in text"));
    m_field->setMinimumWidth(120);
    m_count->setMinimumWidth(64);
    m_count->setAlignment(Qt::AlignCenter);
    auto *close = new IconButton(theme, QStringLiteral("close"), tr("Close"));
    layout->addWidget(m_field, 1);
    layout->addWidget(m_count);
    layout->addWidget(m_previous);
    layout->addWidget(m_next);
    layout->addWidget(close);
    setCursor(Qt::ArrowCursor);
    setFont(theme->uiFont()); // not the code font of the editor around it
    hide();
    connect(m_field, &QLineEdit::textChanged, this, &FindBar::queryChanged);
    connect(m_next, &IconButton::clicked, this, &FindBar::nextRequested);
    connect(m_previous, &IconButton::clicked, this, &FindBar::previousRequested);
    connect(close, &IconButton::clicked, this, &FindBar::closed);
    connect(theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

QString FindBar::query() const
{
    return m_field->text();
}

void FindBar::open(const QString &query)
{
    show();
    raise();
    if (!query.isEmpty())
        m_field->setText(query);
    m_field->selectAll();
    m_field->setFocus(Qt::ShortcutFocusReason);
}

void FindBar::setCount(int current, int total, bool more)
{
    if (query().isEmpty())
        m_count->setText(QString());
    else if (total == 0)
        m_count->setText(tr("No match"));
    else
        m_count->setText(
            tr("%1 of %2%3").arg(current).arg(total).arg(more ? QStringLiteral("+") : QString()));
    m_count->setColor(total == 0 && !query().isEmpty() ? ColorToken::Error : ColorToken::Text2);
    m_next->setEnabled(total > 0);
    m_previous->setEnabled(total > 0);
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Escape:
        Q_EMIT closed();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (event->modifiers() & Qt::ShiftModifier)
            Q_EMIT previousRequested();
        else
            Q_EMIT nextRequested();
        return;
    default:
        QFrame::keyPressEvent(event);
    }
}

void FindBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paint::roundedBox(painter, rect(), metrics::Radius, m_theme->tokens().raised,
                      m_theme->tokens().lineStrong);
}

} // namespace lathe
