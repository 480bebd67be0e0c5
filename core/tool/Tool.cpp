// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/Tool.h"

#include "core/base/Json.h"
#include "core/tool/AskHumanTool.h"
#include "core/tool/CalculatorTool.h"
#include "core/tool/CurrentTimeTool.h"
#include "core/tool/FilesTool.h"
#include "core/tool/HttpTool.h"
#include "core/tool/SqlTool.h"

namespace lathe {

ToolOutcome ToolOutcome::failure(QString message)
{
    ToolOutcome outcome;
    outcome.text = std::move(message);
    outcome.isError = true;
    return outcome;
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

Result<std::shared_ptr<Tool>> makeTool(const QString &name, const ToolSpec &spec,
                                       const ToolEnvironment &environment)
{
    const QString modelName = toolNameForModel(name);
    if (spec.type == QLatin1String("sql"))
        return makeSqlTool(modelName, spec, environment);
    if (spec.type == QLatin1String("http"))
        return makeHttpTool(modelName, spec, environment);
    if (spec.type == QLatin1String("files"))
        return makeFilesTool(modelName, spec, environment);
    if (spec.type == QLatin1String("calculator"))
        return std::shared_ptr<Tool>(std::make_shared<CalculatorTool>(modelName, spec));
    if (spec.type == QLatin1String("current_time"))
        return makeCurrentTimeTool(modelName, spec, environment);
    if (spec.type == QLatin1String("ask_human"))
        return std::shared_ptr<Tool>(std::make_shared<AskHumanTool>(modelName, spec));
    return Error(
        ErrorKind::NotFound,
        QStringLiteral("The tool %1 is of the type \"%2\", which this Lathe does not know; choose "
                       "a type from the list.")
            .arg(name, spec.type.left(60)));
}

} // namespace lathe
