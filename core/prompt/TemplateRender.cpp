// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/TemplateRender.h"

#include "core/base/Json.h"
#include "core/prompt/PromptSpec.h"

#include <kainjow/mustache.hpp>

namespace lathe {

namespace {

namespace ms = kainjow::mustache;

struct TooMuch {
};

ms::data toMustache(const QJsonValue &value, int depth = 0)
{
    switch (value.type()) {
    case QJsonValue::String:
        if (value.toString().isEmpty())
            return ms::data(false);
        return ms::data(value.toString().toStdString());
    case QJsonValue::Double:
        return ms::data(json::compactString(value).toStdString());
    case QJsonValue::Bool:
        return value.toBool() ? ms::data(std::string("true")) : ms::data(false);
    case QJsonValue::Array: {
        ms::data list(ms::data::type::list);
        if (depth < maxSectionDepth) {
            for (const QJsonValue &item : value.toArray())
                list.push_back(toMustache(item, depth + 1));
        }
        return list;
    }
    case QJsonValue::Object: {
        ms::data object(ms::data::type::object);
        const QJsonObject members = value.toObject();
        if (depth < maxSectionDepth) {
            for (auto it = members.begin(); it != members.end(); ++it)
                object.set(it.key().toStdString(), toMustache(it.value(), depth + 1));
        }
        return object;
    }
    default:
        return ms::data(false);
    }
}

// Looks values up like the library's own context and throws when the output must become too large: each turn of a section
// can give at most the template's own text once, each lookup the value's text.
class BoundedContext : public ms::context<std::string>
{
public:
    BoundedContext(const ms::data *data, size_t templateBytes)
        : context(data), m_perTurn(templateBytes + 16)
    {
    }
    void push(const ms::data *data) override
    {
        spend(m_perTurn);
        context::push(data);
    }
    const ms::data *get(const std::string &name) const override
    {
        const ms::data *found = context::get(name);
        spend(found && found->is_string() ? found->string_value().size() : 1);
        return found;
    }

private:
    void spend(size_t bytes) const
    {
        m_spent += bytes;
        if (m_spent > size_t(maxRenderedBytes) * 4)
            throw TooMuch();
    }
    size_t m_perTurn;
    mutable size_t m_spent = 0;
};

// Comments go; one that stands alone on its line takes the line with it.
QString withoutComments(const QString &text, const std::vector<TemplateToken> &tokens)
{
    QString out;
    out.reserve(text.size());
    qsizetype copied = 0;
    for (const TemplateToken &token : tokens) {
        if (token.type != TemplateToken::Type::Comment)
            continue;
        qsizetype from = token.from;
        qsizetype to = token.from + token.length;
        qsizetype lineStart = from;
        while (lineStart > copied && (text[lineStart - 1] == u' ' || text[lineStart - 1] == u'\t'))
            --lineStart;
        qsizetype lineEnd = to;
        while (lineEnd < text.size()
               && (text[lineEnd] == u' ' || text[lineEnd] == u'\t' || text[lineEnd] == u'\r'))
            ++lineEnd;
        const bool startsLine = lineStart == 0 || text[lineStart - 1] == u'\n';
        const bool endsLine = lineEnd == text.size() || text[lineEnd] == u'\n';
        if (startsLine && endsLine) {
            from = lineStart;
            to = std::min(lineEnd + 1, text.size());
        }
        out += QStringView(text).sliced(copied, from - copied);
        copied = to;
    }
    out += QStringView(text).sliced(copied);
    return out;
}

Error tooMuch()
{
    return Error(ErrorKind::InvalidInput,
                 QStringLiteral("The prompt's template gives more than %1 MB of text; give it shorter "
                                "values or fewer nested sections.")
                     .arg(maxRenderedBytes / (1024 * 1024)));
}

} // namespace

Result<QString> renderTemplate(const QString &text, const QJsonObject &values)
{
    if (text.size() > maxTemplateLength)
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The prompt's template is longer than %1 characters; shorten it.")
                         .arg(maxTemplateLength));
    if (!text.contains(QLatin1String("{{")))
        return text; // parsing costs a hundred times more
    const std::vector<TemplateToken> tokens = tokenizeTemplate(text);
    for (const TemplateToken &token : tokens) {
        if (token.type == TemplateToken::Type::Broken || token.type == TemplateToken::Type::Partial)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The prompt's template is broken at %1: %2.")
                             .arg(placeInText(text, token.from), brokenReason(text, token)));
    }
    try {
        const std::string source = withoutComments(text, tokens).toStdString();
        ms::mustache parsed(source);
        if (!parsed.is_valid())
            return Error(ErrorKind::InvalidInput, QStringLiteral("The prompt's template is broken: %1.")
                                                      .arg(QString::fromStdString(parsed.error_message())));
        parsed.set_custom_escape([](const std::string &value) { return value; });
        const ms::data data = toMustache(values);
        BoundedContext context(&data, source.size());
        const std::string rendered = parsed.render(context);
        if (qsizetype(rendered.size()) > maxRenderedBytes)
            return tooMuch();
        return QString::fromStdString(rendered);
    } catch (const TooMuch &) {
        return tooMuch();
    } catch (const std::exception &problem) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The prompt's template could not be filled; simplify it."),
                     QString::fromUtf8(problem.what()));
    }
}

} // namespace lathe
