// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptHighlight.h"

#include "core/prompt/PromptSpec.h"

#include <QRegularExpression>

namespace lathe::prompthighlight {

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

Tokenizer promptTokenizer(const Theme *theme)
{
    return [theme](const QString &line) {
        std::vector<Span> spans;
        if (!line.contains(QLatin1String("{{")))
            return spans;
        const Tokens &t = theme->tokens();
        for (const TemplateToken &token : tokenizeTemplate(line)) {
            switch (token.type) {
            case TemplateToken::Type::Text:
                break;
            case TemplateToken::Type::Variable:
                spans.push_back(span(token.from, token.length, t.accent, true));
                break;
            case TemplateToken::Type::SectionOpen:
            case TemplateToken::Type::InvertedOpen:
            case TemplateToken::Type::SectionClose:
                spans.push_back(span(token.from, token.length, t.control, true));
                break;
            case TemplateToken::Type::Comment:
                spans.push_back(span(token.from, token.length, t.text3));
                break;
            case TemplateToken::Type::Partial:
                spans.push_back(span(token.from, token.length, t.model, true));
                break;
            case TemplateToken::Type::Broken: {
                // One line alone cannot tell whether a section is closed; that is said by an underline.
                const QString text = line.mid(token.from, token.length);
                const bool section = text.endsWith(QLatin1String("}}")) && text.size() > 4
                    && QStringLiteral("#^/").contains(text.at(2));
                const bool comment = text.startsWith(QLatin1String("{{!"));
                spans.push_back(comment ? span(token.from, line.size() - token.from, t.text3)
                                        : span(token.from, token.length, section ? t.control : t.error, section));
                break;
            }
            }
        }
        return spans;
    };
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

} // namespace lathe::prompthighlight
