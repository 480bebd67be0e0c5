// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/HumanDesk.h"

#include "core/base/Json.h"

namespace lathe {

namespace {
const char *const typeNames[] = {"approval", "question", "unfinished", "form", "elicitation", "open_url", "sampling"};
constexpr qsizetype longestText = 1'000'000; // of a question that comes from elsewhere
}

QJsonObject HumanQuestion::identity() const
{
    QJsonObject json{{QStringLiteral("type"), QString::fromLatin1(typeNames[int(type)])}, {QStringLiteral("text"), text}};
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

QJsonObject HumanQuestion::toJson() const
{
    QJsonObject json = identity();
    const auto add = [&json](const char *key, const QString &value) {
        if (!value.isEmpty())
            json.insert(QLatin1String(key), value);
    };
    add("purpose", purpose);
    add("reason", reason);
    add("why", why);
    add("preview", preview);
    add("who", who);
    add("url", url);
    if (!schema.isEmpty())
        json.insert(QStringLiteral("schema"), schema);
    if (tool.isEmpty() && !arguments.isEmpty()) // of a server's request
        json.insert(QStringLiteral("arguments"), arguments);
    return json;
}

Result<HumanQuestion> HumanQuestion::fromJson(const QJsonObject &json)
{
    HumanQuestion question;
    const QString type = json.value(QLatin1String("type")).toString();
    int found = -1;
    for (int i = 0; i < int(std::size(typeNames)); ++i) {
        if (type == QLatin1String(typeNames[i]))
            found = i;
    }
    if (found < 0)
        return Error(ErrorKind::InvalidInput, QStringLiteral("\"%1\" is no kind of question that this Lathe knows.").arg(type.left(60)));
    const auto text = [&json](const char *key) { return json.value(QLatin1String(key)).toString().left(longestText); };
    question.type = Type(found);
    question.text = text("text");
    question.choices = json::toStringList(json.value(QLatin1String("choices")));
    question.fields = json.value(QLatin1String("fields")).toArray();
    question.tool = text("tool");
    question.arguments = json.value(QLatin1String("arguments")).toObject();
    const QString effect = text("side_effect");
    // What is not known is taken for the worst.
    question.sideEffect = question.tool.isEmpty() || effect == sideEffectName(SideEffect::Read) ? SideEffect::Read
                          : effect == sideEffectName(SideEffect::Write)                          ? SideEffect::Write
                                                                                                 : SideEffect::External;
    question.purpose = text("purpose");
    question.reason = text("reason");
    question.why = text("why");
    question.preview = text("preview");
    question.who = text("who");
    question.url = text("url");
    question.schema = json.value(QLatin1String("schema")).toObject();
    return question;
}

QJsonObject HumanAnswer::toJson() const
{
    QJsonObject json{{QStringLiteral("approved"), approved}, {QStringLiteral("text"), text}};
    if (arguments)
        json[QStringLiteral("arguments")] = *arguments;
    if (forRun)
        json[QStringLiteral("for_run")] = true;
    if (!unattended.isEmpty())
        json[QStringLiteral("unattended")] = unattended;
    return json;
}

HumanAnswer HumanAnswer::fromJson(const QJsonObject &json)
{
    HumanAnswer answer;
    answer.approved = json.value(QStringLiteral("approved")).toBool();
    answer.text = json.value(QStringLiteral("text")).toString();
    if (json.contains(QStringLiteral("arguments")))
        answer.arguments = json.value(QStringLiteral("arguments")).toObject();
    answer.forRun = json.value(QStringLiteral("for_run")).toBool();
    answer.unattended = json.value(QStringLiteral("unattended")).toString();
    return answer;
}

} // namespace lathe
