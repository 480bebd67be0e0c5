// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptSpec.h"
#include "core/prompt/TemplateRender.h"

#include <QSet>

namespace lathe {

namespace {

constexpr qsizetype maxTagLength = 200; // of a tag that is no comment

bool isName(QStringView name)
{
    if (name.isEmpty())
        return false;
    for (const QChar c : name) {
        if (!c.isLetterOrNumber() && c != u'_' && c != u'-' && c != u'.' && !c.isSurrogate() && !c.isMark())
            return false;
    }
    return true;
}

// The name of a prompt, with a revision number or label behind "@" or without: names of artifacts may hold spaces.
bool isReference(QStringView reference)
{
    const qsizetype at = reference.indexOf(u'@');
    QString name = (at < 0 ? reference : reference.first(at)).toString();
    return isName(QString(name).remove(u' ')) && name == name.trimmed() && (at < 0 || isName(reference.sliced(at + 1)));
}

// Reads the tag that starts at `from` (where "{{" stands). `commentsEnd` becomes false once no "}}" follows at all.
TemplateToken readTag(const QString &text, qsizetype from, bool &commentsEnd)
{
    TemplateToken token;
    token.from = from;
    token.type = TemplateToken::Type::Broken;
    const qsizetype size = text.size();
    if (from + 2 < size && text[from + 2] == u'!') {
        const qsizetype end = commentsEnd ? text.indexOf(QLatin1String("}}"), from + 3) : -1;
        if (end >= 0) {
            token.type = TemplateToken::Type::Comment;
            token.length = end + 2 - from;
            return token;
        }
        commentsEnd = false;
        token.length = 3;
        return token;
    }
    const bool triple = from + 2 < size && text[from + 2] == u'{';
    const qsizetype start = from + (triple ? 3 : 2);
    const qsizetype limit = std::min(size, start + maxTagLength);
    qsizetype end = start;
    while (end < limit && text[end] != u'\n' && text[end] != u'{' && text[end] != u'}')
        ++end;
    const QStringView close = triple ? QStringView(u"}}}") : QStringView(u"}}");
    if (!QStringView(text).sliced(end).startsWith(close)) {
        token.length = std::max<qsizetype>(end - from, 2);
        return token;
    }
    token.length = end + close.size() - from;
    QStringView name = QStringView(text).sliced(start, end - start).trimmed();
    auto type = TemplateToken::Type::Variable;
    if (!triple && !name.isEmpty()) {
        const QChar sign = name.front();
        if (sign == u'#')
            type = TemplateToken::Type::SectionOpen;
        else if (sign == u'^')
            type = TemplateToken::Type::InvertedOpen;
        else if (sign == u'/')
            type = TemplateToken::Type::SectionClose;
        else if (sign == u'>')
            type = TemplateToken::Type::Partial;
        if (type != TemplateToken::Type::Variable || sign == u'&')
            name = name.sliced(1).trimmed();
    }
    token.name = name.toString();
    if (type == TemplateToken::Type::Partial ? isReference(name) : isName(name))
        token.type = type;
    return token;
}

// Sections must nest: those that do not are marked Broken.
void checkSections(std::vector<TemplateToken> &tokens)
{
    std::vector<size_t> open;
    for (size_t i = 0; i < tokens.size(); ++i) {
        TemplateToken &token = tokens[i];
        if (token.type == TemplateToken::Type::SectionOpen
            || token.type == TemplateToken::Type::InvertedOpen) {
            if (int(open.size()) >= maxSectionDepth)
                token.type = TemplateToken::Type::Broken;
            else
                open.push_back(i);
        } else if (token.type == TemplateToken::Type::SectionClose) {
            auto match = std::find_if(open.rbegin(), open.rend(),
                                      [&](size_t at) { return tokens[at].name == token.name; });
            if (match == open.rend()) {
                token.type = TemplateToken::Type::Broken;
                continue;
            }
            for (auto inner = open.rbegin(); inner != match; ++inner)
                tokens[*inner].type = TemplateToken::Type::Broken;
            open.erase(match.base() - 1, open.end());
        }
    }
    for (const size_t at : open)
        tokens[at].type = TemplateToken::Type::Broken;
}

} // namespace

std::vector<TemplateToken> tokenizeTemplate(const QString &text)
{
    std::vector<TemplateToken> tokens;
    bool commentsEnd = true;
    qsizetype at = 0;
    while (at < text.size()) {
        const qsizetype tag = text.indexOf(QLatin1String("{{"), at);
        if (tag != at) {
            TemplateToken plain;
            plain.from = at;
            plain.length = (tag < 0 ? text.size() : tag) - at;
            tokens.push_back(plain);
        }
        if (tag < 0)
            break;
        tokens.push_back(readTag(text, tag, commentsEnd));
        at = tag + tokens.back().length;
    }
    checkSections(tokens);
    return tokens;
}

namespace {

void addVariables(const QString &text, QStringList &names, QSet<QString> &seen)
{
    for (const TemplateToken &token : tokenizeTemplate(text)) {
        if (token.type != TemplateToken::Type::Variable && token.type != TemplateToken::Type::SectionOpen
            && token.type != TemplateToken::Type::InvertedOpen)
            continue;
        const QString name = token.name.section(u'.', 0, 0);
        if (name.isEmpty() || seen.contains(name)) // "{{.}}" is the item of a list
            continue;
        seen.insert(name);
        names.append(name);
    }
}

} // namespace

QStringList templateVariables(const QString &text)
{
    QStringList names;
    QSet<QString> seen;
    addVariables(text, names, seen);
    return names;
}

QStringList templateVariables(const PromptSpec &spec)
{
    QStringList names;
    QSet<QString> seen;
    addVariables(spec.text, names, seen);
    for (const PromptMessage &message : spec.messages)
        addVariables(message.text, names, seen);
    return names;
}

QString placeInText(const QString &text, qsizetype offset)
{
    const QStringView before = QStringView(text).first(std::clamp<qsizetype>(offset, 0, text.size()));
    const qsizetype line = before.count(u'\n') + 1;
    const qsizetype column = before.size() - (before.lastIndexOf(u'\n') + 1) + 1;
    return QStringLiteral("line %1, column %2").arg(line).arg(column);
}

QString brokenReason(const QString &text, const TemplateToken &token)
{
    const QStringView tag = QStringView(text).sliced(token.from, token.length);
    if (token.type == TemplateToken::Type::Partial)
        return QStringLiteral("“{{> %1}}” includes another prompt, whose text was not put in").arg(token.name);
    if (tag.startsWith(u"{{!"))
        return QStringLiteral("the comment is never closed with “}}”");
    if (!tag.endsWith(u"}}"))
        return QStringLiteral("“{{” is not closed with “}}” on the same line");
    if (tag.startsWith(u"{{="))
        return QStringLiteral("other delimiters than “{{” and “}}” can not be set");
    if (token.name.isEmpty())
        return QStringLiteral("a name is missing between “{{” and “}}”");
    if (tag.sliced(2).trimmed().startsWith(u'>') && !isReference(token.name))
        return QStringLiteral("“%1” is no reference to a prompt: write its name, or name@3, or name@label").arg(token.name);
    if (!tag.sliced(2).trimmed().startsWith(u'>') && !isName(token.name))
        return QStringLiteral("“%1” is no name: use letters, digits, “_”, “-” and “.”").arg(token.name);
    if (tag.sliced(2).trimmed().startsWith(u'/'))
        return QStringLiteral("“{{/%1}}” closes a section that is not open").arg(token.name);
    const QStringView before = QStringView(text).first(token.from);
    if (before.count(QLatin1String("{{#")) + before.count(QLatin1String("{{^")) < maxSectionDepth)
        return QStringLiteral("the section “%1” is never closed").arg(token.name);
    return QStringLiteral("the section “%1” is never closed, or sections are nested more than %2 deep")
        .arg(token.name)
        .arg(maxSectionDepth);
}

} // namespace lathe
