// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/MarkdownDocument.h"

#include "ui/widgets/MarkdownWriter.h"

#include <QTextCursor>
#include <QTextDocument>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <memory>

namespace lathe {

namespace {

struct NodeFree {
    void operator()(cmark_node *node) const { cmark_node_free(node); }
};
using Node = std::unique_ptr<cmark_node, NodeFree>;

Node parse(const QString &markdown)
{
    cmark_gfm_core_extensions_ensure_registered();
    cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8);
    for (const char *name : {"table", "strikethrough", "autolink", "tasklist"}) {
        if (cmark_syntax_extension *extension = cmark_find_syntax_extension(name))
            cmark_parser_attach_syntax_extension(parser, extension);
    }
    const QByteArray utf8 = markdown.toUtf8();
    cmark_parser_feed(parser, utf8.constData(), static_cast<size_t>(utf8.size()));
    Node root(cmark_parser_finish(parser));
    cmark_parser_free(parser);
    return root;
}

// Offset of the first character of line `line` (from 1).
qsizetype offsetOfLine(QStringView text, int line)
{
    qsizetype at = 0;
    for (int i = 1; i < line; ++i) {
        const auto end = text.indexOf(QLatin1Char('\n'), at);
        if (end < 0)
            return -1;
        at = end + 1;
    }
    return at;
}

} // namespace

MarkdownDocument::MarkdownDocument(const Theme *theme, QTextDocument *document)
    : m_theme(theme), m_document(document)
{
    m_document->setUndoRedoEnabled(false);
    m_document->setDocumentMargin(0);
}

qsizetype MarkdownDocument::hidden() const
{
    return std::max<qsizetype>(0, m_source.size() - MostShown);
}

void MarkdownDocument::setSource(const QString &markdown)
{
    m_source.clear();
    m_pendingReturn = false;
    append(markdown);
    rebuild();
}

void MarkdownDocument::append(const QString &text)
{
    // Lines end with LF here, as the parser counts them.
    if (!text.contains(QLatin1Char('\r')) && !m_pendingReturn) {
        m_source.append(text);
        return;
    }
    for (const QChar c : text) {
        if (!(c == QLatin1Char('\n') && m_pendingReturn))
            m_source.append(c == QLatin1Char('\r') ? QLatin1Char('\n') : c);
        m_pendingReturn = c == QLatin1Char('\r');
    }
}

void MarkdownDocument::rebuild()
{
    m_document->clear();
    m_done = 0;
    m_position = 0;
    m_shown = -1;
    update();
}

void MarkdownDocument::finish()
{
    if (m_source.contains(QLatin1String("]:"))) // [name]: address, which earlier links may use
        rebuild();
    else
        update();
}

void MarkdownDocument::update()
{
    const qsizetype shown = std::min(m_source.size(), MostShown);
    if (shown == m_shown)
        return;
    m_shown = shown;
    const QString tail = m_source.mid(m_done, shown - m_done);
    const Node root = parse(tail);
    if (!root)
        return;

    QTextCursor cursor(m_document);
    cursor.beginEditBlock();
    cursor.setPosition(std::min(m_position, m_document->characterCount() - 1));
    cursor.movePosition(QTextCursor::End, QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
    cursor.setBlockFormat(QTextBlockFormat());
    MarkdownWriter writer(*m_theme, cursor, true);
    // The unfinished last line may turn out to go on with the block before it ("#" becomes "#tag"):
    // a block that starts there finishes nothing.
    cmark_node *open = cmark_node_last_child(root.get());
    const auto completeLines = tail.count(QLatin1Char('\n'));
    if (open && cmark_node_get_start_line(open) > completeLines && cmark_node_previous(open))
        open = cmark_node_previous(open);
    for (cmark_node *node = cmark_node_first_child(root.get()); node;
         node = cmark_node_next(node)) {
        if (node == open && cmark_node_previous(node)) {
            const qsizetype offset = offsetOfLine(tail, cmark_node_get_start_line(node));
            if (offset > 0) {
                writer.startFreshBlock();
                m_position = writer.position();
                m_done += offset;
            }
        }
        writer.writeBlock(node);
    }
    writer.trimEnd();
    cursor.endEditBlock();
}

} // namespace lathe
