// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tools/McpAttach.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QUrl>

#include <algorithm>

namespace lathe::mcp {

namespace {
QString words(const char *text)
{
    return QCoreApplication::translate("lathe::mcp", text);
}

QString identifier(const QString &text)
{
    QString name;
    for (const QChar c : text.toLower()) {
        const bool fits = c.isLetterOrNumber() && c.unicode() < 128;
        if (fits)
            name += c;
        else if (!name.endsWith(QLatin1Char('_')) && !name.isEmpty())
            name += QLatin1Char('_');
    }
    while (name.endsWith(QLatin1Char('_')))
        name.chop(1);
    return name.left(48);
}

QString textOf(const QJsonObject &block)
{
    const QString type = block.value(QStringLiteral("type")).toString();
    if (type == QLatin1String("text"))
        return block.value(QStringLiteral("text")).toString();
    if (type == QLatin1String("resource")) {
        const QJsonObject resource = block.value(QStringLiteral("resource")).toObject();
        if (resource.contains(QStringLiteral("text")))
            return QStringLiteral("<resource uri=\"%1\">\n%2\n</resource>").arg(resource.value(QStringLiteral("uri")).toString(), resource.value(QStringLiteral("text")).toString());
    }
    if (type == QLatin1String("resource_link"))
        return block.value(QStringLiteral("uri")).toString();
    return words("[%1 left out: prompts hold text]").arg(type.left(40));
}

const QRegularExpression &uriPattern()
{
    static const QRegularExpression pattern(QStringLiteral("\\{([+#./;?&]?)([A-Za-z0-9_.,%*:]+)\\}"));
    return pattern;
}

QString plainName(QString name)
{
    name.remove(QLatin1Char('*'));
    return name.section(QLatin1Char(':'), 0, 0);
}
}

QString attachmentVariable(const QString &server, const McpResource &resource)
{
    QString name = identifier(resource.name.isEmpty() ? QUrl(resource.uri).fileName() : resource.name);
    if (name.isEmpty())
        name = QStringLiteral("resource");
    const QString owner = identifier(server);
    if (!owner.isEmpty() && !name.startsWith(owner))
        name.prepend(owner + QLatin1Char('_'));
    if (name.at(0).isDigit())
        name.prepend(QStringLiteral("r_"));
    return name.left(64);
}

Result<BodyChanges> attachResource(const QJsonObject &promptBody, const QString &server, const McpResource &resource,
                                   const std::vector<McpResourceContent> &contents)
{
    QStringList texts;
    for (const McpResourceContent &content : contents) {
        if (content.blob.isEmpty())
            texts.append(content.text);
    }
    const QString shown = resource.title.isEmpty() ? resource.name.isEmpty() ? resource.uri : resource.name : resource.title;
    if (texts.isEmpty())
        return Error(ErrorKind::InvalidInput, words("%1 is not text, and a prompt holds text. Let a tool of the server read it instead.").arg(shown.left(100)));
    const QString text = texts.join(QStringLiteral("\n\n"));
    if (text.size() > longestAttachment)
        return Error(ErrorKind::InvalidInput, words("%1 has %2 characters; a prompt takes %3 of an attachment. Let a tool of the server read it in parts.")
                                                  .arg(shown.left(100), QString::number(text.size()), QString::number(longestAttachment)));
    auto spec = PromptSpec::fromJson(promptBody);
    if (!spec)
        return spec.error();
    const QString name = attachmentVariable(server, resource);
    const auto known = std::find_if(spec->variables.begin(), spec->variables.end(), [&name](const PromptVariable &variable) { return variable.name == name; });
    if (known == spec->variables.end()) {
        PromptVariable variable;
        variable.name = name;
        variable.description = words("%1 of %2 (%3)").arg(shown.left(100), server, resource.uri.left(300));
        variable.defaultValue = text;
        variable.required = false;
        spec->variables.push_back(variable);
    } else {
        known->defaultValue = text;
    }
    if (!templateVariables(*spec).contains(name)) {
        QString uri = resource.uri;
        uri.replace(QLatin1String("{{"), QLatin1String("{ {")).replace(QLatin1Char('"'), QLatin1String("%22"));
        spec->text = spec->text.trimmed() + QStringLiteral("\n\n<resource uri=\"%1\">\n{{%2}}\n</resource>\n").arg(uri, name);
    }
    const QJsonObject after = spec->toJson();
    return BodyChanges{{QStringLiteral("/text"), after.value(QStringLiteral("text"))}, {QStringLiteral("/variables"), after.value(QStringLiteral("variables"))}};
}

PromptSpec promptFrom(const McpPrompt &prompt, const std::vector<McpPromptMessage> &messages, const QStringList &freeArguments)
{
    PromptSpec spec;
    // Neighbours of one role are one message.
    std::vector<PromptMessage> turns;
    for (const McpPromptMessage &message : messages) {
        const QString role = message.role == QLatin1String("assistant") ? QStringLiteral("assistant") : QStringLiteral("user");
        const QString text = textOf(message.content);
        if (!turns.empty() && turns.back().role == role)
            turns.back().text += QStringLiteral("\n\n") + text;
        else
            turns.push_back({role, text});
    }
    if (!turns.empty() && turns.front().role == QLatin1String("user")) {
        spec.text = turns.front().text;
        turns.erase(turns.begin());
    } else {
        spec.text = prompt.description;
    }
    spec.messages = std::move(turns);
    for (const McpPromptArgument &argument : prompt.arguments) {
        if (!freeArguments.contains(argument.name))
            continue;
        PromptVariable variable;
        variable.name = argument.name;
        variable.description = argument.description.isEmpty() ? argument.title : argument.description;
        variable.required = argument.required;
        spec.variables.push_back(variable);
    }
    return spec;
}

QStringList uriVariables(const QString &uriTemplate)
{
    QStringList names;
    auto it = uriPattern().globalMatch(uriTemplate);
    while (it.hasNext()) {
        for (const QString &name : it.next().captured(2).split(QLatin1Char(','), Qt::SkipEmptyParts)) {
            if (!names.contains(plainName(name)))
                names.append(plainName(name));
        }
    }
    return names;
}

QString expandUri(const QString &uriTemplate, const QJsonObject &values)
{
    QString uri;
    qsizetype at = 0;
    auto it = uriPattern().globalMatch(uriTemplate);
    while (it.hasNext()) {
        const auto match = it.next();
        uri += uriTemplate.mid(at, match.capturedStart() - at);
        at = match.capturedEnd();
        const QString kind = match.captured(1);
        const bool reserved = kind == QLatin1String("+") || kind == QLatin1String("#");
        const bool named = kind == QLatin1String("?") || kind == QLatin1String("&") || kind == QLatin1String(";");
        const QString separator = named ? (kind == QLatin1String(";") ? kind : QStringLiteral("&")) : kind.isEmpty() || reserved ? QStringLiteral(",") : kind;
        QStringList parts;
        for (const QString &name : match.captured(2).split(QLatin1Char(','), Qt::SkipEmptyParts)) {
            const QString value = values.value(plainName(name)).toString();
            if (value.isEmpty())
                continue;
            const QString encoded = QString::fromLatin1(QUrl::toPercentEncoding(value, reserved ? QByteArray(":/?#[]@!$&'()*+,;=") : QByteArray()));
            parts.append(named ? plainName(name) + QLatin1Char('=') + encoded : encoded);
        }
        if (!parts.isEmpty())
            uri += (kind == QLatin1String("+") ? QString() : kind) + parts.join(separator);
    }
    return uri + uriTemplate.mid(at);
}

} // namespace lathe::mcp
