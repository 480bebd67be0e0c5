// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/CanvasTextEditor.h"

#include "ui/theme/Paint.h"

#include <QKeyEvent>
#include <QPainter>

namespace lathe {

CanvasTextEditor::CanvasTextEditor(Theme *theme, QWidget *viewport, const QString &text, bool lines)
    : QPlainTextEdit(viewport), m_theme(theme), m_lines(lines)
{
    setFrameShape(QFrame::NoFrame);
    setFont(theme->uiFont());
    setPlainText(text);
    setAccessibleName(lines ? tr("Text of the note") : tr("Name"));
    setTabChangesFocus(true);
    setVerticalScrollBarPolicy(lines ? Qt::ScrollBarAsNeeded : Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setLineWrapMode(lines ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
    document()->setDocumentMargin(4);
}

void CanvasTextEditor::begin(const QRect &where)
{
    const QSize least = m_lines ? QSize(160, 64) : QSize(160, 28);
    setGeometry(QRect(where.topLeft(), where.size().expandedTo(least)));
    selectAll();
    show();
    setFocus(Qt::OtherFocusReason);
}

bool CanvasTextEditor::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride) { // commands of the canvas rest while one types
        const auto *key = static_cast<QKeyEvent *>(event);
        const bool letter =
            key->modifiers() & Qt::ControlModifier
            && (key->key() == Qt::Key_D || key->key() == Qt::Key_G || key->key() == Qt::Key_A);
        if (letter || key->key() == Qt::Key_F2 || key->key() == Qt::Key_F9) {
            event->accept();
            return true;
        }
    }
    return QPlainTextEdit::event(event);
}

void CanvasTextEditor::keyPressEvent(QKeyEvent *event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape)
        finish();
    else if (enter && (!m_lines || event->modifiers() & Qt::ControlModifier))
        accept(false);
    else
        QPlainTextEdit::keyPressEvent(event);
}

void CanvasTextEditor::focusOutEvent(QFocusEvent *event)
{
    QPlainTextEdit::focusOutEvent(event);
    if (event->reason() != Qt::PopupFocusReason && event->reason() != Qt::ActiveWindowFocusReason)
        accept(true);
}

void CanvasTextEditor::accept(bool leave)
{
    if (m_done)
        return;
    bool taken = true;
    Q_EMIT accepted(toPlainText(), &taken);
    if (taken || leave)
        finish();
}

void CanvasTextEditor::finish()
{
    if (std::exchange(m_done, true))
        return;
    const bool focused = hasFocus();
    QWidget *area = parentWidget()->parentWidget();
    hide();
    if (focused)
        area->setFocus(Qt::OtherFocusReason);
    deleteLater();
}

void CanvasTextEditor::paintEvent(QPaintEvent *event)
{
    QPlainTextEdit::paintEvent(event);
    QPainter painter(viewport());
    paint::focusRing(painter, viewport()->rect(), 4, m_theme->tokens().accent);
}

} // namespace lathe
