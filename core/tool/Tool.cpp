// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/Tool.h"

#include "core/base/Json.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/AskHumanTool.h"
#include "core/tool/CalculatorTool.h"
#include "core/tool/CurrentTimeTool.h"
#include "core/tool/EmailTool.h"
#include "core/tool/FilesTool.h"
#include "core/tool/HttpTool.h"
#include "core/tool/McpTool.h"
#include "core/tool/MockTool.h"
#include "core/tool/OpenApiTool.h"
#include "core/tool/RequestTool.h"
#include "core/tool/ScriptTool.h"
#include "core/tool/SqlTool.h"
#include "core/tool/WebPageTool.h"
#include "core/tool/WebhookTool.h"

namespace lathe {

ToolOutcome ToolOutcome::failure(QString message)
{
    ToolOutcome outcome;
    outcome.text = std::move(message);
    outcome.isError = true;
    return outcome;
}

QString personActionName(PersonReply::Action action)
{
    switch (action) {
    case PersonReply::Action::Accept: return QStringLiteral("accept");
    case PersonReply::Action::Decline: return QStringLiteral("decline");
    case PersonReply::Action::Cancel: break;
    }
    return QStringLiteral("cancel");
}

QJsonObject ToolOutcome::toJson() const
{
    QJsonObject json{{QStringLiteral("text"), text}};
    if (!structured.isUndefined() && !structured.isNull())
        json.insert(QStringLiteral("structured"), structured);
    if (isError)
        json.insert(QStringLiteral("is_error"), true);
    if (truncated)
        json.insert(QStringLiteral("truncated"), true);
    return json;
}

ToolOutcome ToolOutcome::fromJson(const QJsonObject &json)
{
    ToolOutcome outcome;
    outcome.text = json.value(QLatin1String("text")).toString();
    if (json.contains(QLatin1String("structured")))
        outcome.structured = json.value(QLatin1String("structured"));
    outcome.isError = json.value(QLatin1String("is_error")).toBool();
    outcome.truncated = json.value(QLatin1String("truncated")).toBool();
    return outcome;
}

QString toolNameForModel(const QString &artifactName)
{
    QString name;
    // Decomposed, "é" is "e" and a mark; the mark goes.
    const QString plain = artifactName.normalized(QString::NormalizationForm_KD).toLower();
    for (const QChar c : plain) {
        const ushort u = c.unicode();
        if ((u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u == '-')
            name += c;
        else if (c.isMark())
            continue;
        else if (!name.isEmpty() && !name.endsWith(u'_'))
            name += u'_';
    }
    while (name.endsWith(u'_'))
        name.chop(1);
    if (name.isEmpty()) // nothing Latin in it
        name = QStringLiteral("tool_")
               + QString::fromLatin1(json::sha256(artifactName.toUtf8()).first(8));
    return name.left(64);
}

QString functionNameForModel(const QString &artifactName, const QString &function)
{
    QString name = toolNameForModel(artifactName) + QStringLiteral("__");
    for (const QChar c : function) {
        const ushort u = c.unicode();
        const bool plain = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '-' || u == '_';
        name += plain ? c : QChar(u'_');
    }
    if (name.size() <= 64)
        return name;
    const QByteArray whole = (artifactName + QChar(u'\n') + function).toUtf8();
    return name.left(55) + u'_' + QString::fromLatin1(json::sha256(whole).first(8));
}

Task<Result<ToolOutcome>> Tool::callWithin(QJsonObject arguments, ToolCallScope, CancelToken cancel)
{
    return call(std::move(arguments), std::move(cancel));
}

namespace {
using One = Result<std::shared_ptr<Tool>>;
using Several = Result<std::vector<std::shared_ptr<Tool>>>;

One makeSingle(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    using Factory = One (*)(const QString &, const ToolSpec &, const ToolEnvironment &);
    static const QHash<QString, Factory> factories{
        {QStringLiteral("sql"), &makeSqlTool},
        {QStringLiteral("http"), &makeHttpTool},
        {QStringLiteral("files"), &makeFilesTool},
        {QStringLiteral("current_time"), &makeCurrentTimeTool},
        {QStringLiteral("request"), &makeRequestTool},
        {QStringLiteral("webhook"), &makeWebhookTool},
        {QStringLiteral("web_page"), &makeWebPageTool},
        {QStringLiteral("email"), &makeEmailTool},
        {QStringLiteral("script"), &makeScriptTool},
        {QStringLiteral("mock"), &makeMockTool},
    };
    if (spec.type == QLatin1String("calculator"))
        return std::shared_ptr<Tool>(std::make_shared<CalculatorTool>(name, spec));
    if (spec.type == QLatin1String("ask_human"))
        return std::shared_ptr<Tool>(std::make_shared<AskHumanTool>(name, spec));
    if (spec.type == QLatin1String("agent") || spec.type == QLatin1String("team")) {
        if (!environment.delegate)
            return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 runs an agent, which can only be done within a run.").arg(name));
        return environment.delegate(name, spec);
    }
    if (const Factory factory = factories.value(spec.type))
        return factory(name, spec, environment);
    return Error(ErrorKind::NotFound,
                 QStringLiteral("The tool %1 is of the type \"%2\", which this Lathe does not know; choose a type from the list.")
                     .arg(name, spec.type.left(60)));
}
}

Several makeTools(const QString &name, const ToolSpec &given, const ToolEnvironment &environment)
{
    ToolSpec spec = given;
    spec.limits = keptLimits(spec.limits);
    if (spec.type == QLatin1String("mcp"))
        return makeMcpTools(name, spec, environment);
    if (spec.type == QLatin1String("openapi"))
        return makeOpenApiTools(name, spec, environment);
    auto tool = makeSingle(toolNameForModel(name), spec, environment);
    if (!tool)
        return tool.error();
    std::vector<std::shared_ptr<Tool>> tools;
    tools.push_back(std::move(*tool));
    return tools;
}

One makeTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    auto tools = makeTools(name, spec, environment);
    if (!tools)
        return tools.error();
    if (tools->empty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 has no function that is switched on.").arg(name));
    return std::shared_ptr<Tool>(tools->front());
}

} // namespace lathe
