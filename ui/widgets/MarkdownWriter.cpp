// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/MarkdownWriter.h"

#include "ui/widgets/SoftBreaks.h"

#include <QTextBlock>
#include <QTextTable>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <cstring>

namespace lathe {

namespace {

constexpr int IndentStep = 22;
constexpr int DeepestIndent = 8;       // deeper levels stay here: a screen is only so wide
constexpr int LongestParagraph = 6000; // characters
constexpr int MostColumns = 64;
constexpr int MostRows = 2000;

QString literal(cmark_node *node)
{
    const char *text = cmark_node_get_literal(node);
    return text ? QString::fromUtf8(text) : QString();
}

bool is(cmark_node *node, const char *type)
{
    return std::strcmp(cmark_node_get_type_string(node), type) == 0;
}

} // namespace

bool isLinkAllowed(const QString &url)
{
    for (const char *scheme : {"https://", "http://", "mailto:", "lathe:"}) {
        if (url.startsWith(QLatin1String(scheme), Qt::CaseInsensitive))
            return true;
    }
    return false;
}

MarkdownWriter::MarkdownWriter(const Theme &theme, const QTextCursor &cursor, bool fresh)
    : m_theme(theme), m_cursor(cursor), m_fresh(fresh)
{
    QTextCharFormat base;
    base.setFont(theme.uiFont());
    base.setForeground(theme.tokens().text);
    m_formats.push_back(base);
    resetBlockFormat();
}

int MarkdownWriter::listIndent() const
{
    return std::min(static_cast<int>(m_lists.size()), DeepestIndent);
}

void MarkdownWriter::resetBlockFormat()
{
    m_block = QTextBlockFormat();
    m_block.setLineHeight(138, QTextBlockFormat::ProportionalHeight);
    const int quotes = std::min(m_quotes, DeepestIndent);
    m_block.setLeftMargin(listIndent() * IndentStep + quotes * markdownformat::QuoteIndent);
    const bool tight = !m_lists.empty() && m_lists.back().tight;
    m_block.setBottomMargin(tight ? 2 : 8);
    if (quotes > 0)
        m_block.setProperty(markdownformat::QuoteLevel, quotes);
}

QTextCharFormat MarkdownWriter::currentFormat() const
{
    return m_formats.back();
}

void MarkdownWriter::push(const QTextCharFormat &change)
{
    QTextCharFormat format = m_formats.back();
    format.merge(change);
    m_formats.push_back(format);
}

void MarkdownWriter::newBlock()
{
    if (m_fresh) {
        m_cursor.setBlockFormat(m_block);
        m_cursor.setBlockCharFormat(currentFormat());
        m_fresh = false;
    } else {
        m_cursor.insertBlock(m_block, currentFormat());
    }
}

void MarkdownWriter::startFreshBlock()
{
    if (!m_fresh)
        m_cursor.insertBlock(QTextBlockFormat(), m_formats.front());
    m_fresh = true;
}

void MarkdownWriter::trimEnd()
{
    QTextBlock last = m_cursor.document()->lastBlock();
    if (!last.isValid() || last.length() <= 1)
        return;
    QTextBlockFormat format = last.blockFormat();
    format.setBottomMargin(0);
    QTextCursor(last).setBlockFormat(format);
}

void MarkdownWriter::insertText(const QString &text)
{
    QString rest = text;
    rest.replace(QLatin1Char('\n'), QChar::LineSeparator);
    while (!rest.isEmpty()) {
        const int used = m_cursor.positionInBlock();
        const int room = LongestParagraph - used;
        if (room <= 0 && !m_inCell) {
            QTextBlockFormat continued = m_block;
            continued.setTextIndent(0);
            m_cursor.insertBlock(continued, currentFormat());
            continue;
        }
        // A cell cannot be cut into blocks without end; it is shortened.
        const QString piece = rest.left(std::max(1, room));
        m_cursor.insertText(piece, currentFormat());
        if (m_inCell && room <= 0)
            return;
        rest.remove(0, piece.size());
    }
}

void MarkdownWriter::writeBlock(cmark_node *node)
{
    cmark_iter *iter = cmark_iter_new(node);
    for (cmark_event_type event = cmark_iter_next(iter); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(iter)) {
        cmark_node *at = cmark_iter_get_node(iter);
        if (event == CMARK_EVENT_EXIT) {
            leave(at);
            continue;
        }
        if (is(at, "table")) {
            insertTable(at);
            cmark_iter_reset(iter, at, CMARK_EVENT_EXIT);
            continue;
        }
        enter(at);
    }
    cmark_iter_free(iter);
}

void MarkdownWriter::enter(cmark_node *node)
{
    const Tokens &t = m_theme.tokens();
    QTextCharFormat change;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE:
        ++m_quotes;
        change.setForeground(t.text2);
        push(change);
        resetBlockFormat();
        return;
    case CMARK_NODE_LIST: {
        List list;
        list.ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
        list.tight = cmark_node_get_list_tight(node) != 0;
        list.next = cmark_node_get_list_start(node);
        list.delimiter = cmark_node_get_list_delim(node) == CMARK_PAREN_DELIM ? ')' : '.';
        m_lists.push_back(list);
        resetBlockFormat();
        return;
    }
    case CMARK_NODE_ITEM: {
        if (m_lists.empty())
            return;
        List &list = m_lists.back();
        if (is(node, "tasklist"))
            m_marker = cmark_gfm_extensions_get_tasklist_item_checked(node)
                           ? QStringLiteral("\u2611")
                           : QStringLiteral("\u2610");
        else if (list.ordered)
            m_marker = QString::number(list.next++) + QLatin1Char(list.delimiter);
        else
            m_marker = m_lists.size() % 2 ? QStringLiteral("\u2022") : QStringLiteral("\u25e6");
        return;
    }
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING: {
        resetBlockFormat();
        if (cmark_node_get_type(node) == CMARK_NODE_HEADING) {
            const int level = cmark_node_get_heading_level(node);
            m_block.setTopMargin(level <= 2 ? 12 : 8);
            m_block.setBottomMargin(6);
            m_block.setHeadingLevel(level);
            change.setFont(level == 1   ? m_theme.titleFont()
                           : level == 2 ? m_theme.headingFont()
                                        : m_theme.strongFont());
            if (m_cursor.document()->isEmpty() || (m_fresh && m_cursor.position() == 0))
                m_block.setTopMargin(0);
        }
        push(change);
        if (!m_marker.isEmpty()) {
            const double wide = QFontMetricsF(m_theme.uiFont()).horizontalAdvance(m_marker) + 8;
            const double hang = std::max<double>(IndentStep - 4, wide);
            m_block.setTextIndent(-hang);
            m_block.setTabPositions(
                {QTextOption::Tab(hang, QTextOption::LeftTab)}); // counted from the line's start
            newBlock();
            QTextCharFormat quiet = currentFormat();
            quiet.setForeground(t.text2);
            m_cursor.insertText(m_marker + QLatin1Char('\t'), quiet);
            m_marker.clear();
        } else {
            newBlock();
        }
        return;
    }
    case CMARK_NODE_CODE_BLOCK:
        insertCode(node);
        return;
    case CMARK_NODE_HTML_BLOCK: // shown as what it is, never interpreted
        resetBlockFormat();
        newBlock();
        insertText(literal(node).trimmed());
        return;
    case CMARK_NODE_THEMATIC_BREAK:
        resetBlockFormat();
        m_block.setProperty(markdownformat::Rule, true);
        newBlock();
        m_cursor.insertText(QString(QChar::Nbsp),
                            currentFormat()); // an empty block after a table has no height
        return;
    case CMARK_NODE_TEXT:
    case CMARK_NODE_HTML_INLINE:
        insertText(literal(node));
        return;
    case CMARK_NODE_SOFTBREAK:
        insertText(QStringLiteral(" "));
        return;
    case CMARK_NODE_LINEBREAK:
        insertText(QStringLiteral("\n"));
        return;
    case CMARK_NODE_CODE: {
        QFont code = m_theme.codeFont();
        code.setPixelSize(12);
        change.setFont(code);
        change.setBackground(mix(t.surface, t.text, t.dark ? 0.11 : 0.07));
        push(change);
        insertText(literal(node));
        m_formats.pop_back();
        return;
    }
    case CMARK_NODE_EMPH:
        change.setFontItalic(true);
        push(change);
        return;
    case CMARK_NODE_STRONG:
        change.setFontWeight(QFont::DemiBold);
        push(change);
        return;
    case CMARK_NODE_LINK: {
        const QString url = QString::fromUtf8(cmark_node_get_url(node));
        if (isLinkAllowed(url)) {
            change.setAnchor(true);
            change.setAnchorHref(url);
            change.setForeground(t.accent);
            change.setFontUnderline(true);
            change.setToolTip(url.left(300).toHtmlEscaped());
        }
        push(change);
        return;
    }
    case CMARK_NODE_IMAGE: // never loaded: a picture's address can tell tales
        change.setForeground(t.text2);
        push(change);
        insertText(QStringLiteral("[image: "));
        return;
    default:
        if (is(node, "strikethrough")) {
            change.setFontStrikeOut(true);
            push(change);
        }
    }
}

void MarkdownWriter::leave(cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE:
        --m_quotes;
        m_formats.pop_back();
        return;
    case CMARK_NODE_LIST:
        m_lists.pop_back();
        m_marker.clear();
        if (m_lists.empty()) { // the air between list and what follows
            QTextBlockFormat last = m_cursor.blockFormat();
            last.setBottomMargin(8);
            if (!m_fresh)
                m_cursor.setBlockFormat(last);
        }
        return;
    case CMARK_NODE_ITEM:
        if (!m_marker.isEmpty()) { // an item without text still shows its marker
            resetBlockFormat();
            m_block.setTextIndent(-(IndentStep - 4));
            newBlock();
            insertText(m_marker);
            m_marker.clear();
        }
        return;
    case CMARK_NODE_IMAGE:
        insertText(QStringLiteral("]"));
        m_formats.pop_back();
        return;
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
    case CMARK_NODE_EMPH:
    case CMARK_NODE_STRONG:
    case CMARK_NODE_LINK:
        m_formats.pop_back();
        return;
    default:
        if (is(node, "strikethrough"))
            m_formats.pop_back();
    }
}

void MarkdownWriter::insertCode(cmark_node *node)
{
    const Tokens &t = m_theme.tokens();
    QString code = literal(node);
    if (code.endsWith(QLatin1Char('\n')))
        code.chop(1);
    resetBlockFormat();
    if (!m_marker.isEmpty()) {
        newBlock();
        insertText(m_marker);
        m_marker.clear();
    }
    QTextTableFormat format;
    format.setProperty(markdownformat::CodeBlock, true);
    format.setBorder(1);
    format.setBorderBrush(t.line);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    format.setBorderCollapse(true);
    format.setCellPadding(10);
    format.setCellSpacing(0);
    format.setLeftMargin(m_block.leftMargin());
    format.setTopMargin(2);
    format.setBottomMargin(10);
    format.setWidth(QTextLength(QTextLength::PercentageLength, 100));
    startFreshBlock(); // without height in front of a table
    QTextTable *table = m_cursor.insertTable(1, 1, format);
    QTextTableCellFormat cell;
    cell.setBackground(t.base);
    table->cellAt(0, 0).setFormat(cell);
    QTextCursor inside = table->firstCursorPosition();
    QTextCharFormat chars;
    chars.setFont(Theme::needsShaping(code) ? m_theme.shapedCodeFont() : m_theme.codeFont());
    chars.setForeground(t.text);
    QTextBlockFormat lines;
    lines.setLineHeight(118, QTextBlockFormat::ProportionalHeight);
    inside.setBlockFormat(lines);
    inside.mergeBlockCharFormat(chars); // the first block's format holds the cell's background
    QTextCharFormat hidden = chars;     // the cuts of long lines, which copying takes out again
    hidden.setForeground(Qt::transparent);
    const QString shown = softbreaks::wrap(code);
    for (qsizetype at = 0; at < shown.size();) {
        const qsizetype cut = shown.indexOf(softbreaks::Marker, at);
        inside.insertText(shown.mid(at, cut < 0 ? -1 : cut - at), chars);
        if (cut < 0)
            break;
        inside.insertText(QString(softbreaks::Marker), hidden);
        at = cut + 1;
    }
    // Behind the table Qt keeps an empty block: the next node's.
    m_cursor = table->lastCursorPosition();
    m_cursor.movePosition(QTextCursor::NextBlock);
    m_fresh = true;
}

void MarkdownWriter::insertInlines(cmark_node *parent)
{
    for (cmark_node *child = cmark_node_first_child(parent); child;
         child = cmark_node_next(child)) {
        cmark_iter *iter = cmark_iter_new(child);
        for (auto event = cmark_iter_next(iter); event != CMARK_EVENT_DONE;
             event = cmark_iter_next(iter)) {
            if (event == CMARK_EVENT_ENTER)
                enter(cmark_iter_get_node(iter));
            else
                leave(cmark_iter_get_node(iter));
        }
        cmark_iter_free(iter);
    }
}

void MarkdownWriter::insertTable(cmark_node *node)
{
    const Tokens &t = m_theme.tokens();
    const int columns = std::min<int>(cmark_gfm_extensions_get_table_columns(node), MostColumns);
    const uint8_t *alignments = cmark_gfm_extensions_get_table_alignments(node);
    int rows = 0;
    for (cmark_node *row = cmark_node_first_child(node); row && rows < MostRows;
         row = cmark_node_next(row))
        ++rows;
    if (rows == 0 || columns == 0)
        return;
    resetBlockFormat();
    QTextTableFormat format;
    format.setBorder(1);
    format.setBorderBrush(t.line);
    format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
    format.setBorderCollapse(true);
    format.setCellPadding(6);
    format.setCellSpacing(0);
    format.setLeftMargin(m_block.leftMargin());
    format.setTopMargin(2);
    format.setBottomMargin(10);
    format.setHeaderRowCount(1);
    startFreshBlock();
    QTextTable *table = m_cursor.insertTable(rows, columns, format);
    m_inCell = true;
    int r = 0;
    for (cmark_node *row = cmark_node_first_child(node); row && r < rows;
         row = cmark_node_next(row), ++r) {
        int c = 0;
        for (cmark_node *cell = cmark_node_first_child(row); cell && c < columns;
             cell = cmark_node_next(cell), ++c) {
            QTextCharFormat change;
            if (r == 0) {
                change.setFontWeight(QFont::DemiBold);
                QTextTableCellFormat head = table->cellAt(r, c).format().toTableCellFormat();
                head.setBackground(mix(t.surface, t.text, 0.04));
                table->cellAt(r, c).setFormat(head);
            }
            push(change);
            m_cursor = table->cellAt(r, c).firstCursorPosition();
            QTextBlockFormat block;
            const char alignment = alignments ? static_cast<char>(alignments[c]) : 0;
            block.setAlignment(alignment == 'r'   ? Qt::AlignRight
                               : alignment == 'c' ? Qt::AlignHCenter
                                                  : Qt::AlignLeft);
            m_cursor.setBlockFormat(block);
            m_cursor.mergeBlockCharFormat(currentFormat());
            insertInlines(cell);
            m_formats.pop_back();
        }
    }
    m_inCell = false;
    m_cursor = table->lastCursorPosition();
    m_cursor.movePosition(QTextCursor::NextBlock);
    m_fresh = true;
}

} // namespace lathe
