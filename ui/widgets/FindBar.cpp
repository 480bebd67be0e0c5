// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/FindBar.h"

#include "ui/theme/Metrics.h"
#include "ui/theme/Paint.h"
#include "ui/widgets/Button.h"
#include "ui/widgets/IconButton.h"
#include "ui/widgets/Label.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

namespace lathe {

FindBar::FindBar(Theme *theme, QWidget *parent)
    : QFrame(parent),
      m_theme(theme),
      m_field(new QLineEdit),
      m_count(new Label(theme, QString(), Label::Style::Caption)),
      m_previous(new IconButton(theme, QStringLiteral("chevron-left"), tr("Previous match"))),
      m_next(new IconButton(theme, QStringLiteral("chevron-right"), tr("Next match"))),
      m_expand(new IconButton(theme, QStringLiteral("chevron-right"), tr("Replace (Ctrl+H)"))),
      m_replaceRow(new QWidget),
      m_replacement(new QLineEdit),
      m_replace(new Button(tr("Replace"), ButtonRole::Secondary)),
      m_replaceAll(new Button(tr("All"), ButtonRole::Secondary))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(4, 4, 4, 4);
    column->setSpacing(4);
    auto *layout = new QHBoxLayout;
    layout->setSpacing(4);
    column->addLayout(layout);
    m_field->setObjectName(QStringLiteral("find-text"));
    m_expand->setObjectName(QStringLiteral("find-expand"));
    m_expand->setCompact(true);
    layout->addWidget(m_expand);
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
    auto *second = new QHBoxLayout(m_replaceRow);
    second->setContentsMargins(28, 0, 0, 0); // under the field above
    second->setSpacing(4);
    m_replacement->setObjectName(QStringLiteral("replace-text"));
    m_replacement->setPlaceholderText(tr("Replace with"));
    m_replacement->setAccessibleName(tr("Replace with"));
    m_replace->setObjectName(QStringLiteral("replace-one"));
    m_replace->setToolTip(tr("Replace this match and go to the next (Enter)"));
    m_replaceAll->setObjectName(QStringLiteral("replace-all"));
    m_replaceAll->setToolTip(tr("Replace all matches; one undo takes it back (Ctrl+Enter)"));
    second->addWidget(m_replacement, 1);
    second->addWidget(m_replace);
    second->addWidget(m_replaceAll);
    column->addWidget(m_replaceRow);
    m_replaceRow->hide();
    connect(m_expand, &IconButton::clicked, this, [this] {
        setReplaceShown(!isReplaceShown());
        (isReplaceShown() ? m_replacement : m_field)->setFocus(Qt::OtherFocusReason);
    });
    connect(m_replace, &QAbstractButton::clicked, this, &FindBar::replaceRequested);
    connect(m_replaceAll, &QAbstractButton::clicked, this, &FindBar::replaceAllRequested);
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

void FindBar::setReplaceAllowed(bool allowed)
{
    m_expand->setVisible(allowed);
    if (!allowed)
        setReplaceShown(false);
}

void FindBar::setReplaceShown(bool shown)
{
    if (shown == isReplaceShown())
        return;
    m_replaceRow->setVisible(shown);
    m_expand->setIconName(shown ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"));
    Q_EMIT heightChanged();
}

bool FindBar::isReplaceShown() const
{
    return !m_replaceRow->isHidden();
}

QString FindBar::replacement() const
{
    return m_replacement->text();
}

void FindBar::setReplaced(int count)
{
    m_count->setText(tr("%1 replaced").arg(count));
    m_count->setColor(ColorToken::Text2);
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
    m_replace->setEnabled(total > 0);
    m_replaceAll->setEnabled(total > 0);
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
        if (m_replacement->hasFocus() && event->modifiers() & Qt::ControlModifier)
            Q_EMIT replaceAllRequested();
        else if (m_replacement->hasFocus())
            Q_EMIT replaceRequested();
        else if (event->modifiers() & Qt::ShiftModifier)
            Q_EMIT previousRequested();
        else
            Q_EMIT nextRequested();
        return;
    case Qt::Key_H:
        if (event->modifiers() == Qt::ControlModifier && !m_expand->isHidden())
            return m_expand->click();
        return QFrame::keyPressEvent(event);
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
