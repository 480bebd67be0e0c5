// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/RemoteMessages.h"

#include "core/base/Json.h"

namespace lathe::remote {

namespace {
constexpr qsizetype excerptMax = 500;
}

QByteArray message(const char *type, QJsonObject fields)
{
    fields.insert(QStringLiteral("type"), QString::fromLatin1(type));
    return json::compact(fields);
}

QString typeOf(const QJsonObject &message)
{
    return message.value(QLatin1String("type")).toString();
}

qint64 number(const QJsonObject &message, QLatin1String key)
{
    const QJsonValue value = message.value(key);
    const double approximate = value.toDouble(-1);
    return approximate >= 0 && approximate < 9e18 ? value.toInteger(-1) : -1;
}

QJsonObject runToJson(const RunInfo &info, RunStatus status)
{
    return QJsonObject{{QStringLiteral("run"), info.id.value},
                       {QStringLiteral("agent"), info.agentName},
                       {QStringLiteral("input"), info.input.left(excerptMax)},
                       {QStringLiteral("models"), info.models},
                       {QStringLiteral("revisions"), info.revisions},
                       {QStringLiteral("status"), runStatusName(status)},
                       {QStringLiteral("start_us"), info.startUs},
                       {QStringLiteral("end_us"), info.endUs}};
}

QJsonArray eventsToJson(const std::vector<RunEvent> &events)
{
    QJsonArray array;
    for (const RunEvent &event : events)
        array.append(event.toJson());
    return array;
}

Result<std::vector<RunEvent>> eventsFromJson(const QJsonArray &array)
{
    std::vector<RunEvent> events;
    events.reserve(size_t(array.size()));
    for (const QJsonValue &value : array) {
        auto event = RunEvent::fromJson(value.toObject());
        if (!event)
            return Error(ErrorKind::Protocol,
                         QStringLiteral("The other Lathe told something this one does not understand; use the same version on both sides."),
                         event.error().message);
        events.push_back(std::move(*event));
    }
    return events;
}

QJsonObject questionToJson(const HumanQuestion &question)
{
    QJsonObject json = question.toJson();
    json.insert(QStringLiteral("step"), question.step);
    return json;
}

Result<HumanQuestion> questionFromJson(const QJsonObject &json)
{
    auto question = HumanQuestion::fromJson(json);
    const QString step = json.value(QLatin1String("step")).toString();
    if (!question || step.isEmpty())
        return Error(ErrorKind::Protocol,
                     QStringLiteral("The other Lathe asks something this one does not understand; use the same version on both sides."));
    question->step = step;
    return question;
}

} // namespace lathe::remote
