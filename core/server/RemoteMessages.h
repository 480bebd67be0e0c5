// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"
#include "core/session/SessionTypes.h"

namespace lathe::remote {

// What publisher and watcher say to each other; documented in README.md. Both check what they get: the other side may be anybody.
constexpr int protocolVersion = 1;
constexpr quint64 maxMessageBytes = 64ull << 20;      // to a watcher: an event may hold a large text
constexpr quint64 maxCommandBytes = 4ull << 20;       // to a publisher

QByteArray message(const char *type, QJsonObject fields);
QString typeOf(const QJsonObject &message);

QJsonObject runToJson(const RunInfo &info, RunStatus status);
QJsonArray eventsToJson(const std::vector<RunEvent> &events);
// Protocol error when one of them is none.
Result<std::vector<RunEvent>> eventsFromJson(const QJsonArray &array);
QJsonObject questionToJson(const HumanQuestion &question);
Result<HumanQuestion> questionFromJson(const QJsonObject &json);
// A number of a run, an event...; -1 when there is none.
qint64 number(const QJsonObject &message, QLatin1String key);

} // namespace lathe::remote
