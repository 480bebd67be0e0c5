// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/canvas/FormViewText.h"

#include "core/prompt/PromptSpec.h"
#include "ui/theme/Theme.h"
#include "ui/widgets/CodeEditor.h"

#include <QAbstractTextDocumentLayout>
#include <QRegularExpression>
#include <QTextBlock>

namespace lathe::formview {

namespace {
Span span(qsizetype from, qsizetype length, const QColor &color, bool strong = false)
{
    Span made;
    made.from = int(from);
    made.length = int(length);
    made.format.setForeground(color);
    if (strong)
        made.format.setFontWeight(QFont::DemiBold);
    return made;
}
}

Tokenizer jsonTokenizer(const Theme *theme)
{
    static const QRegularExpression parts(QStringLiteral(R"re(("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b)re"));
    return [theme](const QString &line) {
        std::vector<Span> spans;
        const Tokens &t = theme->tokens();
        auto matches = parts.globalMatch(line);
        while (matches.hasNext()) {
            const QRegularExpressionMatch match = matches.next();
            if (match.capturedLength(1) > 0)
                spans.push_back(span(match.capturedStart(1), match.capturedLength(1), match.capturedLength(2) > 0 ? t.text2 : t.ok));
            else if (match.capturedLength(3) > 0)
                spans.push_back(span(match.capturedStart(3), match.capturedLength(3), t.model));
            else
                spans.push_back(span(match.capturedStart(4), match.capturedLength(4), t.control));
        }
        return spans;
    };
}

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
            spans.push_back(span(token.from, token.length, broken ? t.error : t.accent, !broken));
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
                    spans.push_back(span(match.capturedStart(group), match.capturedLength(group), colors[group - 1], group == 5));
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
