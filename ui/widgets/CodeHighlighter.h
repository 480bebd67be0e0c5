// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSyntaxHighlighter>

#include <functional>
#include <vector>

namespace lathe {

// A stretch of one line and how it looks.
struct Span {
    int from = 0; // in the line
    int length = 0;
    QTextCharFormat format;
};

// Given one line, says how its parts look. Called for changed lines only; keep it free of state.
using Tokenizer = std::function<std::vector<Span>(const QString &line)>;

// Colours lines as they change; markers of long lines are made invisible.
class CodeHighlighter : public QSyntaxHighlighter
{
    Q_OBJECT
public:
    using QSyntaxHighlighter::QSyntaxHighlighter;
    void setTokenizer(Tokenizer tokenizer);

protected:
    void highlightBlock(const QString &text) override;

private:
    Tokenizer m_tokenizer;
};

} // namespace lathe
