// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/JsonTokenizer.h"

#include <QRegularExpression>

namespace lathe {

Span colouredSpan(qsizetype from, qsizetype length, const QColor &color, bool strong)
{
    Span made;
    made.from = int(from);
    made.length = int(length);
    made.format.setForeground(color);
    if (strong)
        made.format.setFontWeight(QFont::DemiBold);
    return made;
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
                spans.push_back(colouredSpan(match.capturedStart(1), match.capturedLength(1), match.capturedLength(2) > 0 ? t.text2 : t.ok));
            else if (match.capturedLength(3) > 0)
                spans.push_back(colouredSpan(match.capturedStart(3), match.capturedLength(3), t.model));
            else
                spans.push_back(colouredSpan(match.capturedStart(4), match.capturedLength(4), t.control));
        }
        return spans;
    };
}

} // namespace lathe
