// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/prompts/PromptHighlight.h"

#include "core/prompt/PromptSpec.h"
#include "ui/widgets/JsonTokenizer.h"

namespace lathe::prompthighlight {

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
                spans.push_back(colouredSpan(token.from, token.length, t.accent, true));
                break;
            case TemplateToken::Type::SectionOpen:
            case TemplateToken::Type::InvertedOpen:
            case TemplateToken::Type::SectionClose:
                spans.push_back(colouredSpan(token.from, token.length, t.control, true));
                break;
            case TemplateToken::Type::Comment:
                spans.push_back(colouredSpan(token.from, token.length, t.text3));
                break;
            case TemplateToken::Type::Partial:
                spans.push_back(colouredSpan(token.from, token.length, t.model, true));
                break;
            case TemplateToken::Type::Broken: {
                // One line alone cannot tell whether a section is closed; that is said by an underline.
                const QString text = line.mid(token.from, token.length);
                const bool section = text.endsWith(QLatin1String("}}")) && text.size() > 4
                    && QStringLiteral("#^/").contains(text.at(2));
                const bool comment = text.startsWith(QLatin1String("{{!"));
                spans.push_back(comment ? colouredSpan(token.from, line.size() - token.from, t.text3)
                                        : colouredSpan(token.from, token.length, section ? t.control : t.error, section));
                break;
            }
            }
        }
        return spans;
    };
}

} // namespace lathe::prompthighlight
