// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewText.h"

#include "core/prompt/PromptSpec.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/CodeEditor.h"
#include "ui/widgets/JsonTokenizer.h"

#include <QAbstractTextDocumentLayout>
#include <QRegularExpression>
#include <QTextBlock>

namespace lathe::formview {

Tokenizer templateTokenizer(const Theme *theme)
{
    return [theme](const QString &line) {
        std::vector<Span> spans;
        if (!line.contains(QLatin1String("{{")))
            return spans;
        const Tokens &t = theme->tokens();
        for (const TemplateToken &token : tokenizeTemplate(line)) {
            if (token.type == TemplateToken::Type::Text)
                continue;
            const bool broken = token.type == TemplateToken::Type::Broken || token.type == TemplateToken::Type::Partial;
            spans.push_back(colouredSpan(token.from, token.length, broken ? t.error : t.accent, !broken));
        }
        return spans;
    };
}

Tokenizer expressionTokenizer(const Theme *theme)
{
    static const QRegularExpression parts(QStringLiteral(
        R"re((//.*$)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|\b(\d[\d.]*)\b|\b(return|const|let|var|if|else|for|of|in|while|function|new|typeof|true|false|null|undefined)\b|(?<![.\w$])(input|inputs|values|state|variables|item|index|iteration)\b)re"));
    return [theme](const QString &line) {
        std::vector<Span> spans;
        const Tokens &t = theme->tokens();
        const QColor colors[] = {t.text3, t.ok, t.model, t.control, t.accent};
        auto matches = parts.globalMatch(line);
        while (matches.hasNext()) {
            const QRegularExpressionMatch match = matches.next();
            for (int group = 1; group <= 5; ++group) {
                if (match.capturedLength(group) > 0)
                    spans.push_back(colouredSpan(match.capturedStart(group), match.capturedLength(group), colors[group - 1], group == 5));
            }
        }
        return spans;
    };
}

void fitHeight(CodeEditor *editor, int least, int most)
{
    int lines = 0;
    for (QTextBlock block = editor->document()->begin(); block.isValid() && lines <= most; block = block.next()) {
        editor->document()->documentLayout()->blockBoundingRect(block); // lays it out
        lines += std::max(1, block.lineCount());
    }
    editor->setAutoHeight(least, most);
}

} // namespace lathe::formview
