// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineRequest.h"

namespace lathe::offline {

enum class ToolKind { Sql, Calculator, Time, Http, Human, Files, Other };
ToolKind kindOf(const ToolDescription &tool);

struct Call {
    QString tool;
    QJsonObject arguments;
    QString part; // of the request it answers
};

// The request in pieces that can be answered one by one: "count X and tell me the time" gives two.
QStringList requestParts(const QString &ask);

// The calls that are needed now: for each part of the request the tool that fits it best, with arguments by rule. A call that
// was made already is never repeated; one that failed is mended once. Empty: nothing more to call, answer from what is there.
// `required`: the caller insists on a call, so the best one is made even when it fits badly.
std::vector<Call> callsFor(const Reading &reading, bool required);

// How well a tool fits a part of the request; 3 and more is good enough to call it.
double toolScore(const ToolDescription &tool, const QString &part, const Reading &reading);

// The arguments of a tool for a part of the request; nothing when a required one can not be found and `force` is false.
std::optional<QJsonObject> argumentsFor(const ToolDescription &tool, const QString &part,
                                        const Reading &reading, bool force);

} // namespace lathe::offline
