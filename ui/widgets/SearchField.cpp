// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/SearchField.h"

#include <QAction>
#include <QKeyEvent>

namespace lathe {

SearchField::SearchField(Theme *theme, const QString &placeholder, QWidget *parent)
    : QLineEdit(parent),
      m_clear(new QAction(theme->icon(QStringLiteral("close")), tr("Clear"), this))
{
    setPlaceholderText(placeholder);
    setAccessibleName(placeholder);
    addAction(theme->icon(QStringLiteral("search"), ColorToken::Text3), QLineEdit::LeadingPosition);
    addAction(m_clear, QLineEdit::TrailingPosition);
    m_clear->setVisible(false);
    m_timer.setSingleShot(true);
    setDelay(120);
    connect(&m_timer, &QTimer::timeout, this, &SearchField::flush);
    connect(this, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_clear->setVisible(!text.isEmpty());
        if (text.isEmpty())
            flush();
        else
            m_timer.start();
    });
    connect(m_clear, &QAction::triggered, this, [this] {
        clear();
        setFocus(Qt::OtherFocusReason);
    });
}

void SearchField::setDelay(int msecs)
{
    m_timer.setInterval(msecs);
}

void SearchField::flush()
{
    m_timer.stop();
    if (text() == m_last)
        return;
    m_last = text();
    Q_EMIT searchChanged(m_last);
}

void SearchField::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Escape:
        if (text().isEmpty()) {
            event->ignore();
            return;
        }
        clear();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        flush();
        Q_EMIT accepted();
        return;
    case Qt::Key_Down:
        flush();
        Q_EMIT moveDown();
        return;
    case Qt::Key_Up:
        flush();
        Q_EMIT moveUp();
        return;
    default:
        QLineEdit::keyPressEvent(event);
    }
}

} // namespace lathe
