// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RequestDiff.h"

#include "core/base/Json.h"

namespace lathe {

namespace {
using L = QLatin1String;

QString textOf(const QJsonValue &value)
{
    return value.isUndefined() ? QString() : value.isString() ? value.toString() : json::compactString(value);
}

// A message as text: its words, and JSON of what is no text.
QString messageText(const QJsonObject &message)
{
    QStringList parts;
    const QJsonArray list = message.value(L("parts")).toArray();
    for (const QJsonValue &part : list) {
        const bool text = part[L("type")].toString() == L("text");
        parts.append(text ? part[L("content")].toString() : json::compactString(part));
    }
    return parts.join(QLatin1Char('\n'));
}

QString messageName(const QJsonObject &message, qsizetype index)
{
    const QString role = message.value(L("role")).toString();
    if (role == L("system"))
        return QStringLiteral("system message");
    return QStringLiteral("message %1 (%2)").arg(index + 1).arg(role);
}

RequestDiff made(const QString &where, const QString &recorded, const QString &asked)
{
    return RequestDiff{where, recorded, asked, diffWords(recorded, asked)};
}
}

RequestDiff requestDiff(const QByteArray &recordedText, const QByteArray &askedText)
{
    const QJsonObject asked = json::parseObject(askedText).valueOr({});
    if (recordedText.isEmpty())
        return RequestDiff{QStringLiteral("nothing recorded"), QString(), QString::fromUtf8(askedText), {}};
    const QJsonObject recorded = json::parseObject(recordedText).valueOr({});
    const QJsonArray before = recorded.value(L("messages")).toArray();
    const QJsonArray after = asked.value(L("messages")).toArray();
    for (qsizetype i = 0; i < std::max(before.size(), after.size()); ++i) {
        if (i < before.size() && i < after.size() && before[i] == after[i])
            continue;
        const QJsonObject x = i < before.size() ? before[i].toObject() : QJsonObject();
        const QJsonObject y = i < after.size() ? after[i].toObject() : QJsonObject();
        return made(messageName(x.isEmpty() ? y : x, i), messageText(x), messageText(y));
    }
    const QJsonArray toolsBefore = recorded.value(L("tools")).toArray();
    const QJsonArray toolsAfter = asked.value(L("tools")).toArray();
    for (qsizetype i = 0; i < std::max(toolsBefore.size(), toolsAfter.size()); ++i) {
        if (i < toolsBefore.size() && i < toolsAfter.size() && toolsBefore[i] == toolsAfter[i])
            continue;
        const QJsonObject x = i < toolsBefore.size() ? toolsBefore[i].toObject() : QJsonObject();
        const QJsonObject y = i < toolsAfter.size() ? toolsAfter[i].toObject() : QJsonObject();
        const QString name = (x.isEmpty() ? y : x).value(L("name")).toString();
        const auto text = [](const QJsonObject &tool) { return tool.isEmpty() ? QString() : QString::fromUtf8(json::pretty(tool)); };
        return made(QStringLiteral("tool ") + name, text(x), text(y));
    }
    QStringList keys = recorded.keys() + asked.keys();
    keys.removeDuplicates();
    for (const QString &key : std::as_const(keys)) {
        if (recorded.value(key) != asked.value(key))
            return made(key, textOf(recorded.value(key)), textOf(asked.value(key)));
    }
    return made(QString(), QString::fromUtf8(recordedText), QString::fromUtf8(askedText));
}

} // namespace lathe
