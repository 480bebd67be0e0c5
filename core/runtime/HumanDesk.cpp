// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/HumanDesk.h"

#include "core/base/Json.h"

namespace lathe {

QJsonObject HumanQuestion::toJson() const
{
    static const char *const names[] = {"approval", "question", "unfinished", "form"};
    QJsonObject json{{QStringLiteral("type"), QString::fromLatin1(names[int(type)])}, {QStringLiteral("text"), text}};
    if (!choices.isEmpty())
        json[QStringLiteral("choices")] = json::fromStringList(choices);
    if (!fields.isEmpty())
        json[QStringLiteral("fields")] = fields;
    if (!tool.isEmpty()) {
        json[QStringLiteral("tool")] = tool;
        json[QStringLiteral("arguments")] = arguments;
        json[QStringLiteral("side_effect")] = sideEffectName(sideEffect);
    }
    return json;
}

QJsonObject HumanAnswer::toJson() const
{
    QJsonObject json{{QStringLiteral("approved"), approved}, {QStringLiteral("text"), text}};
    if (arguments)
        json[QStringLiteral("arguments")] = *arguments;
    return json;
}

HumanAnswer HumanAnswer::fromJson(const QJsonObject &json)
{
    HumanAnswer answer;
    answer.approved = json.value(QStringLiteral("approved")).toBool();
    answer.text = json.value(QStringLiteral("text")).toString();
    if (json.contains(QStringLiteral("arguments")))
        answer.arguments = json.value(QStringLiteral("arguments")).toObject();
    return answer;
}

} // namespace lathe
