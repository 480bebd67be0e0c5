// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CodeEditor.h"

#include "ui/theme/Metrics.h"
#include "ui/widgets/CodeGutter.h"
#include "ui/widgets/FindBar.h"
#include "ui/widgets/SoftBreaks.h"

#include <QAbstractTextDocumentLayout>
#include <QMimeData>
#include <QScrollBar>
#include <QTextBlock>

#include <algorithm>
#include <cmath>

// Text and geometry; CodeEditorKeys.cpp has keys and completion, CodeEditorSearch.cpp find and
// problems.
namespace lathe {

CodeEditor::CodeEditor(Theme *theme, QWidget *parent)
    : QPlainTextEdit(parent),
      m_theme(theme),
      m_highlighter(new CodeHighlighter(document())),
      m_gutter(new CodeGutter(theme, this)),
      m_findBar(new FindBar(theme, this)),
      m_popup(new CompletionPopup(theme, this))
{
    setFont(theme->codeFont());
    setFrameShape(QFrame::StyledPanel);
    setTabStopDistance(QFontMetricsF(font()).horizontalAdvance(QLatin1Char(' ')) * 4);
    document()->setDocumentMargin(8);
    setCursorWidth(2);
    setMinimumHeight(metrics::ControlHeight * 2);
    m_revision = document()->revision();
    connect(this, &QPlainTextEdit::textChanged, this, &CodeEditor::onTextChanged);
    connect(document(), &QTextDocument::contentsChange, this, &CodeEditor::onContentsChange);
    connect(this, &QPlainTextEdit::blockCountChanged, this, &CodeEditor::updateGeometryOfParts);
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        updateSelections();
        m_gutter->update();
        if (m_popup && m_popup->isVisible())
            updateCompletion();
    });
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect &rect, int dy) {
        if (dy != 0)
            m_gutter->scroll(0, dy);
        else
            m_gutter->update(0, rect.y(), m_gutter->width(), rect.height());
    });
    connect(verticalScrollBar(), &QScrollBar::valueChanged, m_popup, &QWidget::hide);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            &CodeEditor::updateAutoHeight);
    connect(m_findBar, &FindBar::queryChanged, this, [this] {
        m_currentMatch = -1;
        updateMatches();
        findNext();
    });
    connect(m_findBar, &FindBar::nextRequested, this, &CodeEditor::findNext);
    connect(m_findBar, &FindBar::previousRequested, this, &CodeEditor::findPrevious);
    connect(m_findBar, &FindBar::replaceRequested, this, &CodeEditor::replaceMatch);
    connect(m_findBar, &FindBar::replaceAllRequested, this, &CodeEditor::replaceAllMatches);
    connect(m_findBar, &FindBar::heightChanged, this, &CodeEditor::updateGeometryOfParts);
    connect(m_findBar, &FindBar::closed, this, [this] {
        m_findBar->hide();
        if (m_currentMatch >= 0 && m_currentMatch < m_matches.size())
            setTextCursor(m_matches[m_currentMatch]);
        m_currentMatch = -1;
        updateMatches();
        setFocus(Qt::OtherFocusReason);
    });
    connect(m_popup, &CompletionPopup::chosen, this, &CodeEditor::acceptCompletion);
    connect(theme, &Theme::changed, this, &CodeEditor::applyTheme);
    updateGeometryOfParts();
}

CodeEditor::~CodeEditor()
{
    delete m_popup;
}

void CodeEditor::applyTheme()
{
    m_highlighter->rehighlight();
    updateSelections();
    m_gutter->update();
}

QString CodeEditor::text() const
{
    return softbreaks::unwrap(toPlainText());
}

void CodeEditor::setText(const QString &text)
{
    m_loading = true;
    const QString shown = softbreaks::wrap(text);
    m_softBreaks = shown.contains(softbreaks::Marker);
    m_shaped = false;
    setFont(m_theme->codeFont());
    m_marks.clear();
    m_problems.clear();
    m_currentMatch = -1;
    setPlainText(shown);
    m_lastShown = toPlainText();
    m_loading = false;
    m_revision = document()->revision();
    updateMatches();
}

void CodeEditor::replaceText(const QString &text)
{
    const QString shown = softbreaks::wrap(text);
    m_softBreaks = m_softBreaks || shown.contains(softbreaks::Marker);
    QTextCursor cursor(document());
    cursor.select(QTextCursor::Document);
    cursor.insertText(shown);
}

void CodeEditor::setTokenizer(Tokenizer tokenizer)
{
    m_highlighter->setTokenizer(std::move(tokenizer));
}

void CodeEditor::rehighlight()
{
    m_highlighter->rehighlight();
}

void CodeEditor::setLineNumbersVisible(bool visible)
{
    m_lineNumbers = visible;
    updateGeometryOfParts();
}

void CodeEditor::onTextChanged()
{
    // The highlighter's colours arrive here too, and look like edits to the document's revision.
    if (m_revision == document()->revision())
        return;
    m_revision = document()->revision();
    QString shown = toPlainText();
    if (shown == m_lastShown)
        return;
    m_lastShown = std::move(shown);
    if (m_findBar->isVisible())
        updateMatches();
    if (!m_loading && !m_splitting)
        Q_EMIT edited();
}

void CodeEditor::onContentsChange(int position, int, int added)
{
    if (added <= 0)
        return;
    const int end = std::min(position + added, std::max(0, document()->characterCount() - 1));
    if (!m_shaped && end > position) {
        QTextCursor cursor(document());
        cursor.setPosition(position);
        cursor.setPosition(end, QTextCursor::KeepAnchor);
        updateFont(cursor.selectedText());
    }
    if (m_splitPending || m_loading)
        return;
    for (QTextBlock block = document()->findBlock(position);
         block.isValid() && block.position() <= end; block = block.next()) {
        if (block.length() - 1 > softbreaks::LongLine) {
            m_splitPending = true;
            // The document must not be changed while it tells of a change.
            QMetaObject::invokeMethod(this, &CodeEditor::splitLongLines, Qt::QueuedConnection);
            return;
        }
    }
}

void CodeEditor::splitLongLines()
{
    m_splitPending = false;
    m_splitting = true;
    m_softBreaks = true;
    QTextCursor cursor(document());
    cursor.joinPreviousEditBlock(); // undo takes the typing and the cut back together
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        if (block.length() - 1 <= softbreaks::LongLine)
            continue;
        const auto cut = softbreaks::cutAt(block.text());
        if (cut <= 0)
            continue;
        cursor.setPosition(block.position() + static_cast<int>(cut));
        cursor.insertText(QString(softbreaks::Marker) + QLatin1Char('\n'));
    }
    cursor.endEditBlock();
    m_splitting = false;
}

void CodeEditor::updateFont(const QString &added)
{
    // Scripts that cannot be drawn letter by letter switch the whole text to the shaped font,
    // ligatures included.
    if (m_shaped || !Theme::needsShaping(added))
        return;
    m_shaped = true;
    QMetaObject::invokeMethod(
        this, [this] { setFont(m_theme->shapedCodeFont()); }, Qt::QueuedConnection);
}

int CodeEditor::lineNumber(const QTextBlock &block) const
{
    if (!m_softBreaks)
        return block.blockNumber() + 1;
    if (m_lineNumbersRevision != document()->revision()) {
        m_lineNumbersRevision = document()->revision();
        m_lineNumbersCache.clear();
        int line = 0;
        bool continued = false;
        for (QTextBlock b = document()->begin(); b.isValid(); b = b.next()) {
            m_lineNumbersCache.push_back(continued ? 0 : ++line);
            continued =
                b.length() >= 2
                && document()->characterAt(b.position() + b.length() - 2) == softbreaks::Marker;
        }
    }
    const auto index = static_cast<size_t>(block.blockNumber());
    return index < m_lineNumbersCache.size() ? m_lineNumbersCache[index] : 0;
}

int CodeEditor::lineCount() const
{
    return blockCount();
}

QRectF CodeEditor::blockRect(const QTextBlock &block) const
{
    return blockBoundingGeometry(block).translated(contentOffset());
}

void CodeEditor::updateGeometryOfParts()
{
    const int gutter = m_lineNumbers ? m_gutter->wantedWidth() : 0;
    m_gutter->setVisible(m_lineNumbers);
    setViewportMargins(gutter, 0, 0, 0);
    const QRect content = contentsRect();
    m_gutter->setGeometry(content.left(), content.top(), gutter, content.height());
    const int width = std::min(400, content.width() - 24);
    const int bar = verticalScrollBar()->isVisible() ? verticalScrollBar()->width() : 0;
    m_findBar->setGeometry(content.right() - width - bar - 6, content.top() + 6, width,
                           m_findBar->sizeHint().height());
}

void CodeEditor::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    updateGeometryOfParts();
    updateAutoHeight(); // lines may wrap elsewhere now; the document does not say so
}

void CodeEditor::setAutoHeight(int minimumLines, int maximumLines)
{
    m_minimumLines = minimumLines;
    m_maximumLines = maximumLines;
    if (maximumLines <= 0) {
        setMinimumHeight(metrics::ControlHeight * 2);
        setMaximumHeight(QWIDGETSIZE_MAX);
    }
    updateAutoHeight();
}

void CodeEditor::updateAutoHeight()
{
    if (m_maximumLines <= 0)
        return;
    // Lines as they wrap now; what was not seen yet is laid out when it is asked for.
    int lines = 0;
    for (QTextBlock block = document()->begin(); block.isValid() && lines <= m_maximumLines;
         block = block.next()) {
        document()->documentLayout()->blockBoundingRect(block);
        lines += block.isVisible() ? std::max(1, block.lineCount()) : 0;
    }
    const int shown = std::clamp(lines, m_minimumLines, m_maximumLines);
    const double text = QFontMetricsF(font()).lineSpacing() * shown;
    setFixedHeight(static_cast<int>(std::ceil(text + 2 * document()->documentMargin()))
                   + 2 * frameWidth());
    setVerticalScrollBarPolicy(lines > m_maximumLines ? Qt::ScrollBarAsNeeded
                                                      : Qt::ScrollBarAlwaysOff);
}

// Offsets of text() and positions in the document differ by the markers in front.
int CodeEditor::toShown(int offset) const
{
    if (!m_softBreaks)
        return std::clamp(offset, 0, std::max(0, document()->characterCount() - 1));
    int left = std::max(0, offset);
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        const int length = block.length() - 1;
        const bool cut =
            length > 0
            && document()->characterAt(block.position() + length - 1) == softbreaks::Marker;
        const int own = cut ? length - 1 : length;
        if (left < own || (left == own && !cut) || !block.next().isValid())
            return block.position() + std::min(left, own);
        left -= cut ? own : own + 1;
    }
    return 0;
}

int CodeEditor::fromShown(int position) const
{
    if (!m_softBreaks)
        return position;
    int offset = 0;
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        const int length = block.length() - 1;
        const bool cut =
            length > 0
            && document()->characterAt(block.position() + length - 1) == softbreaks::Marker;
        const int own = cut ? length - 1 : length;
        if (position < block.position() + block.length())
            return offset + std::min(position - block.position(), own);
        offset += cut ? own : own + 1;
    }
    return offset;
}

int CodeEditor::cursorOffset() const
{
    return fromShown(textCursor().position());
}

void CodeEditor::select(int from, int length)
{
    QTextCursor cursor = textCursor();
    cursor.setPosition(toShown(from));
    cursor.setPosition(toShown(from + length), QTextCursor::KeepAnchor);
    setTextCursor(cursor);
    ensureCursorVisible();
}

QMimeData *CodeEditor::createMimeDataFromSelection() const
{
    auto *data = new QMimeData;
    QString selected = textCursor().selectedText();
    selected.replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
    selected.replace(QChar::LineSeparator, QLatin1Char('\n'));
    data->setText(softbreaks::unwrap(selected));
    return data;
}

void CodeEditor::insertFromMimeData(const QMimeData *source)
{
    if (isReadOnly() || !source->hasText())
        return;
    QString pasted = source->text();
    pasted.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    const QString shown = softbreaks::wrap(pasted);
    m_softBreaks = m_softBreaks || shown.contains(softbreaks::Marker);
    textCursor().insertText(shown);
    ensureCursorVisible();
}

} // namespace lathe
