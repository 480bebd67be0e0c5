// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/CodeGutter.h"
#include "ui/widgets/FindBar.h"

#include <QHelpEvent>
#include <QTextBlock>
#include <QToolTip>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype MostMatches = 1000;
constexpr qsizetype MostProblems = 500;
}

void CodeEditor::openFind()
{
    QString selected = textCursor().selectedText();
    if (selected.contains(QChar::ParagraphSeparator))
        selected.clear();
    m_findBar->setReplaceAllowed(!isReadOnly());
    updateGeometryOfParts();
    m_findBar->open(selected);
    updateMatches();
}

void CodeEditor::openReplace()
{
    openFind();
    m_findBar->setReplaceShown(true);
}

void CodeEditor::replaceMatch()
{
    if (isReadOnly() || m_matches.isEmpty())
        return;
    if (m_currentMatch < 0)
        return findNext();
    QTextCursor cursor = m_matches[m_currentMatch];
    cursor.insertText(m_findBar->replacement());
    const int behind = cursor.position();
    m_currentMatch = -1;
    updateMatches(); // the text may be as it was: then nothing told of a change
    QTextCursor here = textCursor();
    here.setPosition(behind);
    setTextCursor(here);
    findNext();
}

void CodeEditor::replaceAllMatches()
{
    const QString query = m_findBar->query();
    if (isReadOnly() || query.isEmpty())
        return;
    const QString with = m_findBar->replacement();
    int count = 0;
    QTextCursor block(document());
    block.beginEditBlock(); // one step of undo
    for (QTextCursor found = document()->find(query, 0); !found.isNull(); found = document()->find(query, found)) {
        found.insertText(with); // leaves the cursor behind, so that "a" can become "aa"
        ++count;
    }
    block.endEditBlock();
    m_currentMatch = -1;
    updateMatches();
    m_findBar->setReplaced(count);
}

void CodeEditor::updateMatches()
{
    m_matches.clear();
    m_moreMatches = false;
    const QString query = m_findBar->isVisible() ? m_findBar->query() : QString();
    if (!query.isEmpty()) {
        QTextCursor found(document());
        while (m_matches.size() < MostMatches) {
            found = document()->find(query, found);
            if (found.isNull())
                break;
            m_matches.append(found);
        }
        m_moreMatches = m_matches.size() == MostMatches;
    }
    if (m_currentMatch >= m_matches.size())
        m_currentMatch = -1;
    m_findBar->setCount(m_currentMatch + 1, static_cast<int>(m_matches.size()), m_moreMatches);
    updateSelections();
}

void CodeEditor::goToMatch(int index)
{
    const int count = static_cast<int>(m_matches.size());
    if (count == 0)
        return;
    m_currentMatch = (index + count) % count;
    // Collapsed: the grey selection of a text without focus would hide the match's colour.
    QTextCursor cursor = textCursor();
    cursor.setPosition(m_matches[m_currentMatch].selectionStart());
    setTextCursor(cursor);
    // The bar floats over the first lines.
    if (cursorRect().top() < m_findBar->geometry().bottom()
        && cursorRect().right() > m_findBar->geometry().left())
        centerCursor();
    m_findBar->setCount(m_currentMatch + 1, count, m_moreMatches);
    updateSelections();
}

void CodeEditor::findNext()
{
    if (m_currentMatch >= 0)
        return goToMatch(m_currentMatch + 1);
    // The first one at or behind the cursor.
    const int position = textCursor().selectionStart();
    for (int i = 0; i < m_matches.size(); ++i) {
        if (m_matches[i].selectionStart() >= position)
            return goToMatch(i);
    }
    goToMatch(0);
}

void CodeEditor::findPrevious()
{
    goToMatch(m_currentMatch - 1);
}

void CodeEditor::setProblems(const QList<CodeProblem> &problems)
{
    m_problems = problems.mid(0, MostProblems);
    m_marks.clear();
    for (int i = 0; i < m_problems.size(); ++i) {
        QTextCursor range(document());
        const int from = toShown(m_problems[i].from);
        int to = toShown(m_problems[i].from + m_problems[i].length);
        if (to == from && to < document()->characterCount() - 1)
            ++to; // something to see and to point at
        range.setPosition(from);
        range.setPosition(to, QTextCursor::KeepAnchor);
        m_marks.append({range, i});
    }
    updateSelections();
    m_gutter->update();
}

QColor CodeEditor::problemColor(const QTextBlock &block) const
{
    QColor color;
    for (const Mark &mark : m_marks) {
        const int at = mark.range.selectionStart();
        if (at < block.position() || at >= block.position() + block.length())
            continue;
        const Severity severity = m_problems[mark.problem].severity;
        if (!color.isValid() || severity == Severity::Error)
            color = m_theme->color(severityColor(severity));
    }
    return color;
}

void CodeEditor::updateSelections()
{
    QList<QTextEdit::ExtraSelection> selections;
    const Tokens &t = m_theme->tokens();
    if (hasFocus() && !isReadOnly() && !textCursor().hasSelection() && blockCount() > 1) {
        QTextEdit::ExtraSelection line;
        line.format.setBackground(withAlpha(t.text, t.dark ? 0.045 : 0.035));
        line.format.setProperty(QTextFormat::FullWidthSelection, true);
        line.cursor = textCursor();
        selections.append(line);
    }
    for (int i = 0; i < m_matches.size(); ++i) {
        QTextEdit::ExtraSelection match;
        match.format.setBackground(withAlpha(t.accent, i == m_currentMatch ? 0.5 : 0.22));
        match.cursor = m_matches[i];
        selections.append(match);
    }
    for (const Mark &mark : m_marks) {
        QTextEdit::ExtraSelection problem;
        problem.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        problem.format.setUnderlineColor(t.color(severityColor(m_problems[mark.problem].severity)));
        problem.cursor = mark.range;
        selections.append(problem);
    }
    setExtraSelections(selections);
}

void CodeEditor::goToNextProblem()
{
    if (m_marks.isEmpty())
        return;
    const int position = textCursor().position();
    const Mark *next = nullptr;
    const Mark *first = &m_marks.first();
    for (const Mark &mark : m_marks) {
        const int at = mark.range.selectionStart();
        if (at < first->range.selectionStart())
            first = &mark;
        if (at > position && (!next || at < next->range.selectionStart()))
            next = &mark;
    }
    if (!next)
        next = first;
    QTextCursor cursor = textCursor();
    cursor.setPosition(next->range.selectionStart());
    setTextCursor(cursor);
    ensureCursorVisible();
    const QPoint below = viewport()->mapToGlobal(cursorRect().bottomLeft());
    QToolTip::showText(
        below, QStringLiteral("<p>%1</p>").arg(m_problems[next->problem].message.toHtmlEscaped()),
        this);
}

bool CodeEditor::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QPlainTextEdit::viewportEvent(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int position = cursorForPosition(help->pos()).position();
    QStringList words;
    for (const Mark &mark : std::as_const(m_marks)) {
        if (position >= mark.range.selectionStart() && position <= mark.range.selectionEnd())
            words.append(m_problems[mark.problem].message.toHtmlEscaped());
    }
    if (words.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(),
                           QStringLiteral("<p>%1</p>").arg(words.join(QStringLiteral("<br>"))),
                           viewport());
    return true;
}

} // namespace lathe
