// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CodeGutter.h"

#include "ui/theme/Paint.h"
#include "ui/widgets/CodeEditor.h"

#include <QCoreApplication>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTextBlock>

#include <algorithm>

namespace lathe {

namespace {

QFont gutterFont(const Theme *theme)
{
    QFont font = theme->codeFont();
    font.setPixelSize(12);
    return font;
}

} // namespace

CodeGutter::CodeGutter(Theme *theme, CodeEditor *editor)
    : QWidget(editor), m_theme(theme), m_editor(editor), m_font(gutterFont(theme))
{
    setCursor(Qt::ArrowCursor);
}

int CodeGutter::wantedWidth() const
{
    const QString widest(
        std::max(2, static_cast<int>(QString::number(m_editor->lineCount()).size())),
        QLatin1Char('8'));
    return static_cast<int>(m_font.width(widest)) + 20;
}

void CodeGutter::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    const Tokens &t = m_theme->tokens();
    painter.fillRect(event->rect(), m_editor->palette().color(QPalette::Base));
    const int current = m_editor->textCursor().blockNumber();
    const double lineHeight = QFontMetricsF(m_editor->font()).lineSpacing();
    for (QTextBlock block = m_editor->firstShownBlock(); block.isValid(); block = block.next()) {
        const QRectF rect = m_editor->blockRect(block);
        if (rect.top() > event->rect().bottom())
            break;
        const QColor problem = m_editor->problemColor(block);
        if (problem.isValid())
            paint::roundedBox(painter, QRectF(3, rect.top() + lineHeight / 2 - 3, 6, 6), 3,
                              problem);
        const int number = m_editor->lineNumber(block);
        if (number <= 0)
            continue;
        painter.setPen(block.blockNumber() == current ? t.text2 : t.text3);
        m_font.draw(painter, QRectF(0, rect.top(), width() - 8, lineHeight), Qt::AlignRight,
                    QString::number(number));
    }
}

void CodeGutter::mousePressEvent(QMouseEvent *event)
{
    for (QTextBlock block = m_editor->firstShownBlock(); block.isValid(); block = block.next()) {
        const QRectF rect = m_editor->blockRect(block);
        if (event->position().y() > rect.bottom())
            continue;
        QTextCursor cursor(block);
        cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        m_editor->setTextCursor(cursor);
        m_editor->setFocus(Qt::MouseFocusReason);
        return;
    }
}

void CodeGutter::wheelEvent(QWheelEvent *event)
{
    QCoreApplication::sendEvent(m_editor->verticalScrollBar(), event);
}

} // namespace lathe
