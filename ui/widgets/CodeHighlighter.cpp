// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/CodeHighlighter.h"

#include "ui/widgets/SoftBreaks.h"

namespace lathe {

void CodeHighlighter::setTokenizer(Tokenizer tokenizer)
{
    m_tokenizer = std::move(tokenizer);
    rehighlight();
}

void CodeHighlighter::highlightBlock(const QString &text)
{
    if (m_tokenizer && !text.isEmpty()) {
        const auto spans = m_tokenizer(text);
        for (const Span &span : spans)
            setFormat(span.from, span.length, span.format);
    }
    if (text.endsWith(softbreaks::Marker)) {
        QTextCharFormat hidden;
        hidden.setForeground(Qt::transparent);
        setFormat(static_cast<int>(text.size()) - 1, 1, hidden);
    }
}

} // namespace lathe
