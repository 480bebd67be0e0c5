// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptSpec.h"

#include "core/base/Json.h"
#include "core/prompt/TemplateRender.h"

#include <QSet>

namespace lathe {

namespace {

Error badBody(const QString &what)
{
    return Error(ErrorKind::InvalidInput, QStringLiteral("The prompt can not be read: %1.").arg(what));
}

Result<QString> textAt(const QJsonObject &object, const char *key, const QString &fallback = QString())
{
    const QJsonValue value = object.value(QLatin1String(key));
    if (value.isUndefined() || value.isNull())
        return fallback;
    if (!value.isString())
        return badBody(QStringLiteral("“%1” must be a text").arg(QLatin1String(key)));
    return value.toString();
}

Result<PromptVariable> variableFromJson(const QJsonValue &value, qsizetype index)
{
    const QJsonObject object = value.toObject();
    PromptVariable variable;
    variable.name = object.value(QLatin1String("name")).toString().trimmed();
    if (variable.name.isEmpty())
        return badBody(QStringLiteral("variable %1 has no name").arg(index + 1));
    variable.description = object.value(QLatin1String("description")).toString();
    const QJsonValue standard = object.value(QLatin1String("default"));
    if (standard.isString())
        variable.defaultValue = standard.toString();
    else if (!standard.isUndefined() && !standard.isNull())
        variable.defaultValue = json::compactString(standard);
    variable.required = object.value(QLatin1String("required")).toBool(true);
    return variable;
}

} // namespace

Result<PromptSpec> PromptSpec::fromJson(const QJsonObject &body)
{
    PromptSpec spec;
    const auto instructions = textAt(body, "text");
    if (!instructions)
        return instructions.error();
    spec.text = *instructions;

    const QJsonValue variables = body.value(QLatin1String("variables"));
    if (!variables.isUndefined() && !variables.isNull() && !variables.isArray())
        return badBody(QStringLiteral("“variables” must be a list"));
    for (const QJsonValue &value : variables.toArray()) {
        auto variable = variableFromJson(value, qsizetype(spec.variables.size()));
        if (!variable)
            return variable.error();
        spec.variables.push_back(std::move(*variable));
    }

    const QJsonValue output = body.value(QLatin1String("output"));
    if (!output.isUndefined() && !output.isNull() && !output.isObject())
        return badBody(QStringLiteral("“output” must be an object with a “format”"));
    const auto format = textAt(output.toObject(), "format", spec.outputFormat);
    if (!format)
        return format.error();
    spec.outputFormat = *format;
    static const QStringList formats{QStringLiteral("text"), QStringLiteral("markdown"),
                                     QStringLiteral("json_schema")};
    if (!formats.contains(spec.outputFormat))
        return badBody(QStringLiteral("the output format “%1” is none of text, markdown, json_schema")
                           .arg(spec.outputFormat));
    const QJsonValue schema = output.toObject().value(QLatin1String("schema"));
    if (!schema.isUndefined() && !schema.isNull()) {
        auto written = OrderedObject::fromValue(schema);
        if (!written)
            return badBody(QStringLiteral("the output's “schema” must be a JSON Schema object"));
        spec.outputSchema = std::move(*written);
    }

    const auto tone = textAt(body, "tone");
    const auto fallback = textAt(body, "fallback");
    const auto templateName = textAt(body, "template");
    for (const auto *text : {&tone, &fallback, &templateName}) {
        if (!*text)
            return text->error();
    }
    spec.tone = *tone;
    spec.fallback = *fallback;
    spec.templateName = *templateName;
    const QJsonValue criteria = body.value(QLatin1String("success_criteria"));
    if (!criteria.isUndefined() && !criteria.isNull() && !criteria.isArray())
        return badBody(QStringLiteral("“success_criteria” must be a list of sentences"));
    spec.successCriteria = json::toStringList(criteria);
    const QJsonValue attempts =
        body.value(QLatin1String("retry")).toObject().value(QLatin1String("attempts"));
    spec.retryAttempts = std::clamp(attempts.toInt(1), 0, 10);
    return spec;
}

QJsonObject PromptSpec::toJson() const
{
    QJsonArray list;
    for (const PromptVariable &variable : variables) {
        list.append(QJsonObject{{QStringLiteral("name"), variable.name},
                                {QStringLiteral("description"), variable.description},
                                {QStringLiteral("default"), variable.defaultValue},
                                {QStringLiteral("required"), variable.required}});
    }
    QJsonObject output{{QStringLiteral("format"), outputFormat}};
    if (!outputSchema.isEmpty())
        output.insert(QStringLiteral("schema"), outputSchema.toValue());
    QJsonObject body{{QStringLiteral("text"), text},
                     {QStringLiteral("variables"), list},
                     {QStringLiteral("output"), output},
                     {QStringLiteral("tone"), tone},
                     {QStringLiteral("success_criteria"), json::fromStringList(successCriteria)},
                     {QStringLiteral("fallback"), fallback},
                     {QStringLiteral("retry"), QJsonObject{{QStringLiteral("attempts"), retryAttempts}}}};
    if (!templateName.isEmpty())
        body.insert(QStringLiteral("template"), templateName);
    return body;
}

namespace {

bool isGiven(const QJsonValue &value)
{
    return !value.isUndefined() && !value.isNull() && !(value.isString() && value.toString().isEmpty());
}

// Names inside a section may be members of the section's items, so only those outside are held against the declarations.
QStringList undeclaredNames(const QString &text, const QSet<QString> &declared)
{
    QStringList undeclared;
    int depth = 0;
    for (const TemplateToken &token : tokenizeTemplate(text)) {
        using Type = TemplateToken::Type;
        const bool opens = token.type == Type::SectionOpen;
        if (opens || token.type == Type::Variable || token.type == Type::InvertedOpen) {
            const QString name = token.name.section(u'.', 0, 0);
            if (depth == 0 && !name.isEmpty() && !declared.contains(name) && !undeclared.contains(name))
                undeclared.append(name);
        }
        if (opens || token.type == Type::InvertedOpen)
            ++depth;
        else if (token.type == Type::SectionClose)
            --depth;
    }
    return undeclared;
}

QStringList partTexts(const PromptSpec &spec)
{
    QStringList parts;
    if (spec.outputFormat == QLatin1String("json_schema")) {
        const QString schema = spec.outputSchema.isEmpty() ? QString() : spec.outputSchema.text().trimmed();
        parts << promptText(QStringLiteral("parts/output_json"), {{QStringLiteral("schema"), schema}});
    } else if (spec.outputFormat == QLatin1String("markdown")) {
        parts << promptText(QStringLiteral("parts/output_markdown"), {});
    } else {
        parts << promptText(QStringLiteral("parts/output_text"), {});
    }
    if (!spec.tone.trimmed().isEmpty())
        parts << promptText(QStringLiteral("parts/tone"), {{QStringLiteral("tone"), spec.tone.trimmed()}});
    if (!spec.successCriteria.isEmpty())
        parts << promptText(QStringLiteral("parts/success_criteria"),
                            {{QStringLiteral("criteria"), json::fromStringList(spec.successCriteria)}});
    if (!spec.fallback.trimmed().isEmpty())
        parts << promptText(QStringLiteral("parts/fallback"),
                            {{QStringLiteral("fallback"), spec.fallback.trimmed()}});
    return parts;
}

} // namespace

Result<RenderedPrompt> renderPrompt(const PromptSpec &spec, const QJsonObject &values)
{
    RenderedPrompt rendered;
    QJsonObject filled = values;
    QSet<QString> declared;
    for (const PromptVariable &variable : spec.variables) {
        declared.insert(variable.name);
        if (isGiven(filled.value(variable.name)))
            continue;
        if (!variable.defaultValue.isEmpty())
            filled.insert(variable.name, variable.defaultValue);
        else if (variable.required)
            rendered.missing.append(variable.name);
    }
    const auto instructions = renderTemplate(spec.text, filled);
    if (!instructions)
        return instructions.error();
    rendered.undefined = undeclaredNames(spec.text, declared);
    QStringList blocks{instructions->trimmed()};
    for (const QString &part : partTexts(spec))
        blocks.append(part.trimmed());
    blocks.removeAll(QString());
    rendered.system = blocks.join(QLatin1String("\n\n"));
    return rendered;
}

} // namespace lathe
