// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptPartials.h"

#include "core/prompt/TemplateRender.h"

#include <QHash>
#include <QSet>

namespace lathe {

namespace {

QString chainText(const QStringList &chain)
{
    QStringList parts;
    for (const QString &name : chain)
        parts.append(name.isEmpty() ? QStringLiteral("this prompt") : name);
    return parts.join(QLatin1String(" uses "));
}

class Expander
{
public:
    Expander(const QString &name, const PartialSource &source) : m_source(source), m_chain{name} {}

    Result<QString> expand(const QString &text)
    {
        if (!text.contains(QLatin1String("{{")))
            return text;
        QString out;
        for (const TemplateToken &token : tokenizeTemplate(text)) {
            if (token.type != TemplateToken::Type::Partial) {
                out += QStringView(text).sliced(token.from, token.length);
            } else {
                const auto put = partial(token.name);
                if (!put)
                    return put.error();
                out += *put;
            }
            if (out.size() > maxTemplateLength)
                return Error(ErrorKind::InvalidInput,
                             QStringLiteral("With the prompts it uses the prompt is longer than %1 characters; use fewer of them.")
                                 .arg(maxTemplateLength));
        }
        return out;
    }
    std::vector<PromptVariable> takeVariables() { return std::move(m_variables); }

private:
    Result<QString> partial(const QString &reference)
    {
        if (++m_count > maxPartials)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The prompt uses other prompts more than %1 times; use fewer of them.").arg(maxPartials));
        const auto known = m_known.constFind(reference);
        const auto found = known != m_known.constEnd() ? Result<PromptPartial>(*known) : m_source(reference);
        if (!found)
            return m_chain.size() < 2 ? found.error()
                                      : Error(found.error().kind,
                                              QStringLiteral("%1 (%2)").arg(found.error().message,
                                                                            chainText(m_chain + QStringList(reference))));
        m_known.insert(reference, *found);
        const QStringList chain = m_chain + QStringList(found->name);
        if (m_chain.contains(found->name))
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The prompts use each other in a circle: %1. Take one of the references out.")
                             .arg(chainText(chain.mid(m_chain.indexOf(found->name)))));
        if (m_chain.size() > maxPartialDepth)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("Prompts that use prompts go more than %1 levels deep: %2.")
                             .arg(maxPartialDepth)
                             .arg(chainText(chain)));
        const QString &text = found->text;
        if (text.size() > maxTemplateLength)
            return Error(ErrorKind::InvalidInput, QStringLiteral("The prompt “%1” is longer than %2 characters.")
                                                      .arg(found->name)
                                                      .arg(maxTemplateLength));
        for (const TemplateToken &token : tokenizeTemplate(text)) {
            if (token.type == TemplateToken::Type::Broken)
                return Error(ErrorKind::InvalidInput,
                             QStringLiteral("The prompt “%1”, which is used here, is broken at %2: %3.")
                                 .arg(found->name, placeInText(text, token.from), brokenReason(text, token)));
        }
        for (const PromptVariable &variable : found->variables)
            m_variables.push_back(variable);
        m_chain = chain;
        auto expanded = expand(text);
        m_chain.removeLast();
        return expanded;
    }

    const PartialSource &m_source;
    QStringList m_chain;
    QHash<QString, PromptPartial> m_known;
    std::vector<PromptVariable> m_variables;
    int m_count = 0;
};

} // namespace

bool usesPartials(const PromptSpec &spec)
{
    const auto has = [](const QString &text) {
        // "{{>" but for spaces
        for (qsizetype at = text.indexOf(QLatin1String("{{")); at >= 0; at = text.indexOf(QLatin1String("{{"), at + 2)) {
            qsizetype next = at + 2;
            while (next < text.size() && (text[next] == u' ' || text[next] == u'\t'))
                ++next;
            if (next < text.size() && text[next] == u'>')
                return true;
        }
        return false;
    };
    return has(spec.text)
           || std::any_of(spec.messages.begin(), spec.messages.end(),
                          [&](const PromptMessage &message) { return has(message.text); });
}

QStringList templatePartials(const PromptSpec &spec)
{
    QStringList references;
    if (!usesPartials(spec))
        return references;
    const auto add = [&references](const QString &text) {
        for (const TemplateToken &token : tokenizeTemplate(text)) {
            if (token.type == TemplateToken::Type::Partial && !references.contains(token.name))
                references.append(token.name);
        }
    };
    add(spec.text);
    for (const PromptMessage &message : spec.messages)
        add(message.text);
    return references;
}

Result<PromptSpec> expandPrompt(const PromptSpec &spec, const QString &name, const PartialSource &source)
{
    if (!usesPartials(spec))
        return spec;
    PromptSpec expanded = spec;
    Expander expander(name, source);
    auto text = expander.expand(spec.text);
    if (!text)
        return text.error();
    expanded.text = std::move(*text);
    for (PromptMessage &message : expanded.messages) {
        auto turn = expander.expand(message.text);
        if (!turn)
            return turn.error();
        message.text = std::move(*turn);
    }
    QSet<QString> declared;
    for (const PromptVariable &variable : expanded.variables)
        declared.insert(variable.name);
    for (PromptVariable &variable : expander.takeVariables()) {
        if (declared.contains(variable.name))
            continue; // the prompt's own declaration is the nearer one
        declared.insert(variable.name);
        expanded.variables.push_back(std::move(variable));
    }
    return expanded;
}

} // namespace lathe
