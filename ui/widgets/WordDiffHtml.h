// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/theme/Tokens.h"

#include <QString>

#include <vector>

namespace lathe {

// A text with what was taken away struck through and what came in underlined, as HTML for one label; nothing of the texts is read as markup.
// `Piece` as in core/prompt/TextDiff.h.
template<typename Piece>
QString wordDiffHtml(const std::vector<Piece> &pieces, const Tokens &tokens)
{
    const auto wash = [](const QColor &c, double alpha) { // rich text knows rgba() only
        return QStringLiteral("rgba(%1,%2,%3,%4)").arg(c.red()).arg(c.green()).arg(c.blue()).arg(int(alpha * 255));
    };
    const QString added = wash(tokens.ok, 0.25), removed = wash(tokens.error, 0.22);
    QString html;
    for (const Piece &piece : pieces) {
        const QString text = piece.text.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>"));
        if (piece.type == Piece::Type::Same)
            html += text;
        else if (piece.type == Piece::Type::Added)
            html += QStringLiteral("<span style=\"background-color:%1\"><u>%2</u></span>").arg(added, text);
        else
            html += QStringLiteral("<span style=\"background-color:%1\"><s>%2</s></span>").arg(removed, text);
    }
    return html;
}

} // namespace lathe
