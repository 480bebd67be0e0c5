// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QTextBlockFormat>
#include <QTextCharFormat>
#include <QTextCursor>

#include <vector>

struct cmark_node;

namespace lathe {

// Properties the writer leaves for the view: quote bars and rules are painted, code is copied.
namespace markdownformat {
constexpr int QuoteLevel = QTextFormat::UserProperty + 1; // int, on blocks
constexpr int Rule = QTextFormat::UserProperty + 2;       // bool, on blocks
constexpr int CodeBlock = QTextFormat::UserProperty + 3;  // bool, on tables
constexpr int QuoteIndent = 16;                           // px per level
}

// Writes the nodes of a parsed Markdown text into a QTextDocument, block by block at the cursor.
// Nested quotes and lists become margins, so depth costs nothing; long paragraphs are cut, since
// the layout of one block is not linear.
class MarkdownWriter
{
public:
    // `fresh`: the cursor stands in an empty block that the first node is to use.
    MarkdownWriter(const Theme &theme, const QTextCursor &cursor, bool fresh);
    void writeBlock(cmark_node *node);
    // Makes sure that the cursor stands in an empty block of plain format.
    void startFreshBlock();
    int position() const { return m_cursor.position(); }
    // The last block keeps no margin below: the view ends with its text.
    void trimEnd();

private:
    struct List {
        bool ordered = false;
        bool tight = false;
        int next = 1;
        char delimiter = '.';
    };
    void enter(cmark_node *node);
    void leave(cmark_node *node);
    void newBlock();
    void insertText(const QString &text);
    void insertCode(cmark_node *node);
    void insertTable(cmark_node *node);
    void insertInlines(cmark_node *parent);
    void resetBlockFormat();
    void push(const QTextCharFormat &change);
    int listIndent() const;
    QTextCharFormat currentFormat() const;

    const Theme &m_theme;
    QTextCursor m_cursor;
    bool m_fresh;
    QTextBlockFormat m_block;
    std::vector<QTextCharFormat> m_formats; // the last one is current
    std::vector<List> m_lists;
    int m_quotes = 0;
    QString m_marker; // bullet or number waiting for the first block of its item
    bool m_inCell = false;
};

// QUrl schemes that a link may have; others are shown as text.
bool isLinkAllowed(const QString &url);

} // namespace lathe
