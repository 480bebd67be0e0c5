// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/FindBar.h"

#include <QKeyEvent>
#include <QTextBlock>

#include <algorithm>

namespace lathe {

namespace {

constexpr int Indent = 2;

bool isOwnShortcut(const QKeyEvent &key)
{
    const bool control = key.modifiers() == Qt::ControlModifier;
    return (control && (key.key() == Qt::Key_F || key.key() == Qt::Key_H || key.key() == Qt::Key_Space))
           || key.key() == Qt::Key_F3 || key.key() == Qt::Key_F8;
}

bool isNameCharacter(QChar c)
{
    return c.isLetterOrNumber() || QStringLiteral("_-./#^&> ").contains(c);
}

} // namespace

bool CodeEditor::event(QEvent *event)
{
    // While the text has the focus, its own keys win over the window's.
    if (event->type() == QEvent::ShortcutOverride
        && isOwnShortcut(*static_cast<QKeyEvent *>(event))) {
        event->accept();
        return true;
    }
    return QPlainTextEdit::event(event);
}

bool CodeEditor::focusNextPrevChild(bool next)
{
    if (m_tabLeaves) {
        m_tabLeaves = false;
        return QAbstractScrollArea::focusNextPrevChild(next);
    }
    return QPlainTextEdit::focusNextPrevChild(next);
}

void CodeEditor::focusInEvent(QFocusEvent *event)
{
    m_tabLeaves = false;
    QPlainTextEdit::focusInEvent(event);
    updateSelections();
}

void CodeEditor::focusOutEvent(QFocusEvent *event)
{
    QPlainTextEdit::focusOutEvent(event);
    m_popup->hide();
    updateSelections();
}

void CodeEditor::keyPressEvent(QKeyEvent *event)
{
    const int key = event->key();
    const auto modifiers = event->modifiers();
    if (key != Qt::Key_Tab && key != Qt::Key_Backtab && key != Qt::Key_Escape)
        m_tabLeaves = false;
    if (m_popup->isVisible()) {
        switch (key) {
        case Qt::Key_Down:
            m_popup->move(1);
            return;
        case Qt::Key_Up:
            m_popup->move(-1);
            return;
        case Qt::Key_Escape:
            m_popup->hide();
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Tab:
            acceptCompletion(m_popup->currentText());
            return;
        default:
            break;
        }
    }
    if (modifiers == Qt::ControlModifier && key == Qt::Key_F)
        return openFind();
    if (modifiers == Qt::ControlModifier && key == Qt::Key_H && !isReadOnly())
        return openReplace();
    if (key == Qt::Key_F3)
        return modifiers & Qt::ShiftModifier ? findPrevious() : findNext();
    if (key == Qt::Key_F8)
        return goToNextProblem();
    if (key == Qt::Key_Escape) {
        if (m_findBar->isVisible()) {
            Q_EMIT m_findBar->closed();
            return;
        }
        m_tabLeaves = true;
        event->ignore();
        return;
    }
    if (isReadOnly())
        return QPlainTextEdit::keyPressEvent(event);
    if (modifiers == Qt::ControlModifier && key == Qt::Key_Space)
        return updateCompletion();
    if (key == Qt::Key_Backtab || (key == Qt::Key_Tab && modifiers == Qt::ShiftModifier)) {
        indentSelection(true);
        return;
    }
    if (key == Qt::Key_Tab && modifiers == Qt::NoModifier) {
        if (!indentSelection(false)) {
            const int column = textCursor().positionInBlock();
            textCursor().insertText(QString(Indent - column % Indent, QLatin1Char(' ')));
        }
        return;
    }
    if ((key == Qt::Key_Return || key == Qt::Key_Enter) && modifiers == Qt::NoModifier)
        return insertNewLine();
    if ((key == Qt::Key_Return || key == Qt::Key_Enter) && modifiers & Qt::ControlModifier) {
        event->ignore(); // "send", "run": the view around decides
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
    if (!event->text().isEmpty() && event->text().at(0).isPrint())
        updateCompletion();
}

bool CodeEditor::indentSelection(bool outwards)
{
    QTextCursor cursor = textCursor();
    QTextBlock first = document()->findBlock(cursor.selectionStart());
    QTextBlock last = document()->findBlock(cursor.selectionEnd());
    if (!outwards && first == last)
        return false;
    if (last != first && cursor.selectionEnd() == last.position())
        last = last.previous(); // a line that is only touched stays
    cursor.beginEditBlock();
    for (QTextBlock block = first; block.isValid(); block = block.next()) {
        QTextCursor line(block);
        if (!outwards) {
            line.insertText(QString(Indent, QLatin1Char(' ')));
        } else {
            const QString text = block.text();
            int remove = 0;
            while (remove < Indent && remove < text.size() && text[remove] == QLatin1Char(' '))
                ++remove;
            if (remove == 0 && text.startsWith(QLatin1Char('\t')))
                remove = 1;
            line.setPosition(block.position() + remove, QTextCursor::KeepAnchor);
            line.removeSelectedText();
        }
        if (block == last)
            break;
    }
    cursor.endEditBlock();
    return true;
}

void CodeEditor::insertNewLine()
{
    QTextCursor cursor = textCursor();
    const QString before = cursor.block().text().left(cursor.positionInBlock());
    int spaces = 0;
    while (spaces < before.size() && before[spaces] == QLatin1Char(' '))
        ++spaces;
    cursor.insertText(QLatin1Char('\n') + QString(spaces, QLatin1Char(' ')));
    setTextCursor(cursor);
    ensureCursorVisible();
}

void CodeEditor::setCompletion(const QString &open, const QString &close, CompletionSource source)
{
    m_open = open;
    m_close = close;
    m_completions = std::move(source);
}

QRect CodeEditor::cursorRectInWindow() const
{
    const QRect local = cursorRect();
    return QRect(viewport()->mapTo(window(), local.topLeft()), local.size());
}

void CodeEditor::updateCompletion()
{
    if (!m_completions || isReadOnly()) {
        m_popup->hide();
        return;
    }
    const QTextCursor cursor = textCursor();
    const QString before = cursor.block().text().left(cursor.positionInBlock());
    const auto start = before.lastIndexOf(m_open);
    const QString typed = start < 0 ? QString() : before.mid(start + m_open.size());
    const bool inside =
        start >= 0 && !typed.contains(m_close)
        && std::all_of(typed.begin(), typed.end(), [](QChar c) { return isNameCharacter(c); });
    if (!inside) {
        m_popup->hide();
        return;
    }
    if (m_popup->parentWidget() != window())
        m_popup->setParent(window()); // over the neighbours, not cut off by this editor
    m_popup->showItems(m_completions(typed.trimmed()), cursorRectInWindow());
}

void CodeEditor::acceptCompletion(const QString &text)
{
    m_popup->hide();
    QTextCursor cursor = textCursor();
    const QString line = cursor.block().text();
    const int column = cursor.positionInBlock();
    const auto start = line.left(column).lastIndexOf(m_open);
    if (start < 0)
        return;
    const int nameStart = static_cast<int>(start + m_open.size());
    int leading = 0;
    while (nameStart + leading < column && line[nameStart + leading] == QLatin1Char(' '))
        ++leading;
    // The rest of a name behind the cursor is replaced too.
    int end = column;
    while (end < line.size() && isNameCharacter(line[end]) && line[end] != QLatin1Char(' '))
        ++end;
    const bool closed = line.mid(end).trimmed().startsWith(m_close);
    cursor.beginEditBlock();
    cursor.setPosition(cursor.block().position() + nameStart + leading);
    cursor.setPosition(cursor.block().position() + end, QTextCursor::KeepAnchor);
    cursor.insertText(closed ? text : text + QString(leading, QLatin1Char(' ')) + m_close);
    cursor.endEditBlock();
    setTextCursor(cursor);
    setFocus(Qt::OtherFocusReason);
}

} // namespace lathe
