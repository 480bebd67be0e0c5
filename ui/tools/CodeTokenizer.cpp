// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/CodeTokenizer.h"

#include <QSet>

#include <algorithm>

namespace lathe {

namespace {
QSet<QString> wordsOf(const QString &language)
{
    const char *words = "";
    if (language == QLatin1String("python"))
        words = "and as assert async await break class continue def del elif else except finally for from global if import in is lambda None nonlocal "
                "not or pass raise return True False try while with yield";
    else if (language == QLatin1String("sh") || language == QLatin1String("shell"))
        words = "if then else elif fi for in do done while until case esac function return exit export local set unset echo read cd test";
    else if (language == QLatin1String("sql"))
        words = "select from where group by order having limit offset join left right inner outer on as and or not null is in like between distinct "
                "count sum avg min max union all case when then else end with insert update delete into values set create table";
    else if (language == QLatin1String("json"))
        words = "true false null";
    const QStringList list = QString::fromLatin1(words).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return QSet<QString>(list.begin(), list.end());
}
}

Tokenizer codeTokenizer(Theme *theme, const QString &language)
{
    QTextCharFormat comment, text, number, word;
    comment.setForeground(theme->color(ColorToken::Text3));
    text.setForeground(theme->color(ColorToken::Tool));
    number.setForeground(theme->color(ColorToken::Control));
    word.setForeground(theme->color(ColorToken::Agent));
    const QSet<QString> words = wordsOf(language);
    const bool sql = language == QLatin1String("sql");
    const bool hash = language == QLatin1String("python") || language == QLatin1String("sh") || language == QLatin1String("shell");
    return [=](const QString &line) {
        std::vector<Span> spans;
        const int size = int(std::min<qsizetype>(line.size(), 4000)); // a longer line stays plain
        for (int i = 0; i < size;) {
            const QChar c = line[i];
            const bool comments = (hash && c == QLatin1Char('#') && (i == 0 || line[i - 1].isSpace()))
                || (sql && c == QLatin1Char('-') && i + 1 < size && line[i + 1] == QLatin1Char('-'));
            if (comments) {
                spans.push_back({i, size - i, comment});
                break;
            }
            int end = i + 1;
            if (c == QLatin1Char('"') || c == QLatin1Char('\'')) {
                while (end < size && line[end] != c)
                    end += line[end] == QLatin1Char('\\') ? 2 : 1;
                end = std::min(end + 1, size);
                spans.push_back({i, end - i, text});
            } else if (c.isLetter() || c == QLatin1Char('_')) {
                while (end < size && (line[end].isLetterOrNumber() || line[end] == QLatin1Char('_')))
                    ++end;
                const QString found = line.mid(i, end - i);
                if (words.contains(sql ? found.toLower() : found))
                    spans.push_back({i, end - i, word});
            } else if (c.isDigit()) {
                while (end < size && (line[end].isLetterOrNumber() || line[end] == QLatin1Char('.')))
                    ++end;
                spans.push_back({i, end - i, number});
            }
            i = end;
        }
        return spans;
    };
}

} // namespace lathe
