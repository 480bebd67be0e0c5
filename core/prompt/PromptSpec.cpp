// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/PromptSpec.h"

#include "core/base/Json.h"
#include "core/prompt/TemplateRender.h"

#include <QSet>

namespace lathe {

namespace {

constexpr size_t maxMessages = 200;

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

    const QJsonValue messages = body.value(QLatin1String("messages"));
    if (!messages.isUndefined() && !messages.isNull() && !messages.isArray())
        return badBody(QStringLiteral("“messages” must be a list"));
    for (const QJsonValue &value : messages.toArray()) {
        PromptMessage message;
        message.role = value[QLatin1String("role")].toString();
        message.text = value[QLatin1String("text")].toString();
        if (message.role != QLatin1String("system") && message.role != QLatin1String("user")
            && message.role != QLatin1String("assistant"))
            return badBody(QStringLiteral("message %1 has the role “%2”, which is none of system, user, assistant")
                               .arg(spec.messages.size() + 1)
                               .arg(message.role.left(40)));
        if (spec.messages.size() == maxMessages)
            return badBody(QStringLiteral("it has more than %1 messages").arg(maxMessages));
        spec.messages.push_back(std::move(message));
    }

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
    if (!messages.empty()) {
        QJsonArray turns;
        for (const PromptMessage &message : messages)
            turns.append(QJsonObject{{QStringLiteral("role"), message.role}, {QStringLiteral("text"), message.text}});
        body.insert(QStringLiteral("messages"), turns);
    }
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
void addUndeclaredNames(const QString &text, const QSet<QString> &declared, QStringList &undeclared)
{
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
    addUndeclaredNames(spec.text, declared, rendered.undefined);
    QStringList blocks{instructions->trimmed()};
    qsizetype size = 0;
    for (size_t i = 0; i < spec.messages.size(); ++i) {
        const PromptMessage &message = spec.messages[i];
        const auto text = renderTemplate(message.text, filled);
        if (!text)
            return Error(ErrorKind::InvalidInput, QStringLiteral("In message %1: %2").arg(i + 1).arg(text.error().message));
        size += text->size();
        if (size > maxRenderedBytes)
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The prompt's messages give more than %1 million characters; give them shorter values.")
                             .arg(maxRenderedBytes / 1'000'000));
        addUndeclaredNames(message.text, declared, rendered.undefined);
        if (message.role == QLatin1String("system"))
            blocks.append(text->trimmed());
        else if (!text->trimmed().isEmpty())
            rendered.messages.push_back({message.role, text->trimmed()});
    }
    for (const QString &part : partTexts(spec))
        blocks.append(part.trimmed());
    blocks.removeAll(QString());
    rendered.system = blocks.join(QLatin1String("\n\n"));
    return rendered;
}

} // namespace lathe
