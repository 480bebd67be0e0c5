// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/StepWords.h"

#include "core/base/Json.h"

#include <algorithm>

namespace lathe {

QString callArguments(const Step &step)
{
    const auto edited = std::find_if(step.notes.rbegin(), step.notes.rend(), [](const StepNote &note) { return note.name == QLatin1String("arguments_edited"); });
    if (edited != step.notes.rend() && edited->attributes.value(QLatin1String("arguments")).isObject())
        return json::compactString(edited->attributes.value(QLatin1String("arguments")));
    const QJsonValue asked = step.attributes.value(QLatin1String("gen_ai.tool.call.arguments"));
    if (asked.isUndefined())
        return step.toolArguments;
    const QString text = asked.isString() ? asked.toString() : json::compactString(asked);
    return text.isEmpty() ? step.toolArguments : text;
}

QString approvalWords(const Step &step)
{
    const QJsonValue approved = step.attributes.value(QLatin1String("approved"));
    if (step.kind != StepKind::Human || !approved.isBool())
        return {};
    for (const StepNote &note : step.notes) { // a form or a question is answered, not approved
        if (note.name == QLatin1String("approval_requested") && note.attributes.value(QLatin1String("type")).toString() != QLatin1String("approval"))
            return {};
    }
    QString words;
    if (!approved.toBool())
        words = step.text.isEmpty() ? QStringLiteral("denied") : QStringLiteral("denied: %1").arg(step.text.simplified());
    else if (step.attributes.value(QLatin1String("arguments")).isObject())
        words = step.attributes.value(QLatin1String("for_run")).toBool() ? QStringLiteral("edited and approved for this run") : QStringLiteral("edited and approved");
    else
        words = step.attributes.value(QLatin1String("for_run")).toBool() ? QStringLiteral("approved for this run") : QStringLiteral("approved");
    if (!step.attributes.value(QLatin1String("unattended")).toString().isEmpty())
        words += QStringLiteral(" (nobody was there)");
    return words;
}

} // namespace lathe
