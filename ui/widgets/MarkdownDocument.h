// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"

#include <QString>

class QTextDocument;

namespace lathe {

// Keeps a QTextDocument equal to a growing Markdown text. Only the last top-level block is parsed
// and written again when text is appended; what stands before it is final. Raw HTML is shown, not
// run; pictures are not loaded.
class MarkdownDocument
{
public:
    // Neither is owned.
    MarkdownDocument(const Theme *theme, QTextDocument *document);
    void setSource(const QString &markdown);
    // Cheap: call update() to see it.
    void append(const QString &text);
    void update();
    // After the last piece: renders once more in whole where a late definition could have changed
    // earlier text.
    void finish();
    // All again, after a theme change.
    void rebuild();
    const QString &source() const { return m_source; }
    // Characters that are not shown because the text is too long for a rendered view.
    qsizetype hidden() const;
    // At most this many characters are rendered.
    static constexpr qsizetype MostShown = 200'000;

private:
    const Theme *m_theme;
    QTextDocument *m_document;
    QString m_source;
    qsizetype m_done = 0;         // characters of the source whose blocks are final
    int m_position = 0;           // where the unfinished block starts in the document
    qsizetype m_shown = 0;        // characters of the source that are in the document
    bool m_pendingReturn = false; // the last piece ended between CR and LF
};

} // namespace lathe
