// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/TeamReader.h"

namespace lathe {

namespace {
constexpr qsizetype maxTagLength = 200;

bool isNamePart(QChar c)
{
    return c.isLetterOrNumber() || c == u'_' || c == u'-' || c == u'.' || c.isSurrogate() || c.isMark();
}

bool isName(QStringView name)
{
    return !name.isEmpty() && std::all_of(name.begin(), name.end(), isNamePart);
}

bool isIdentifierPart(QChar c)
{
    return c.isLetterOrNumber() || c == u'_' || c == u'$' || c.isSurrogate() || c.isMark();
}

qsizetype afterSpaces(QStringView text, qsizetype at)
{
    while (at < text.size() && text[at].isSpace())
        ++at;
    return at;
}

// Behind the quoted text that begins at `at`.
qsizetype afterQuoted(QStringView text, qsizetype at)
{
    const QChar quote = text[at++];
    while (at < text.size() && text[at] != quote)
        at += text[at] == u'\\' ? 2 : 1;
    return std::min(at + 1, text.size());
}
} // namespace

std::vector<TemplateUse> scanTemplate(const QString &text)
{
    std::vector<TemplateUse> uses;
    qsizetype depth = 0;
    bool commentsEnd = true; // once no "}}" follows, looking again would make this quadratic
    qsizetype at = text.indexOf(QLatin1String("{{"));
    while (at >= 0) {
        TemplateUse use;
        use.from = at;
        use.inSection = depth > 0;
        const QStringView rest = QStringView(text).sliced(at + 2);
        if (rest.startsWith(u'!')) {
            const qsizetype end = commentsEnd ? text.indexOf(QLatin1String("}}"), at + 3) : -1;
            commentsEnd = end >= 0;
            if (end < 0) {
                use.broken = true;
                use.length = 3;
                uses.push_back(use);
            }
            at = text.indexOf(QLatin1String("{{"), end < 0 ? at + 3 : end + 2);
            continue;
        }
        const bool triple = rest.startsWith(u'{');
        const qsizetype start = at + (triple ? 3 : 2);
        const qsizetype limit = std::min(text.size(), start + maxTagLength);
        qsizetype end = start;
        while (end < limit && text[end] != u'\n' && text[end] != u'{' && text[end] != u'}')
            ++end;
        const QStringView close = triple ? QStringView(u"}}}") : QStringView(u"}}");
        const bool closed = QStringView(text).sliced(end).startsWith(close);
        use.length = closed ? end + close.size() - at : std::max<qsizetype>(end - at, 2);
        QStringView name = QStringView(text).sliced(start, end - start).trimmed();
        const QChar sign = triple || name.isEmpty() ? QChar() : name.front();
        const bool opens = sign == u'#' || sign == u'^';
        if (opens || sign == u'/' || sign == u'&')
            name = name.sliced(1).trimmed();
        use.broken = !closed || !isName(name);
        use.name = name.toString();
        if (sign == u'/' && !use.broken) {
            depth = std::max<qsizetype>(depth - 1, 0);
        } else {
            uses.push_back(use);
            depth += opens && !use.broken ? 1 : 0;
        }
        at = text.indexOf(QLatin1String("{{"), at + use.length);
    }
    return uses;
}

QStringList membersRead(const QString &expression, const QString &object)
{
    QStringList members;
    const QStringView text(expression);
    qsizetype at = 0;
    QChar before;
    while (at < text.size()) {
        const QChar c = text[at];
        if (c == u'"' || c == u'\'') {
            at = afterQuoted(text, at);
            before = c;
            continue;
        }
        if (!isIdentifierPart(c)) {
            if (!c.isSpace())
                before = c;
            ++at;
            continue;
        }
        const qsizetype start = at;
        while (at < text.size() && isIdentifierPart(text[at]))
            ++at;
        const bool whole = before != u'.' && text.sliced(start, at - start) == object;
        before = text[at - 1];
        if (!whole)
            continue;
        qsizetype next = afterSpaces(text, at);
        if (next < text.size() && text[next] == u'?')
            ++next;
        if (next >= text.size() || text[next] != u'.')
            continue;
        next = afterSpaces(text, next + 1);
        const qsizetype from = next;
        while (next < text.size() && isIdentifierPart(text[next]))
            ++next;
        if (next > from) {
            members.append(text.sliced(from, next - from).toString());
            before = text[next - 1];
            at = next;
        }
    }
    members.removeDuplicates();
    return members;
}

} // namespace lathe
