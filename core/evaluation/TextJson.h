// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <optional>
#include <vector>

// JSON as models write it: with prose around it, in code fences, with a comma too many. Pure; any thread.
namespace lathe {

// Every JSON object in a text, in order, outermost only; also a list when it is all of the text or of a code fence.
std::vector<QJsonValue> jsonValuesIn(const QString &text);
// The first object that has one of the members, else nothing. Members are looked up without regard to case.
std::optional<QJsonObject> jsonAnswerIn(const QString &text, const QStringList &members);
// The whole text as JSON, Undefined when it is none.
QJsonValue wholeJson(const QString &text);

} // namespace lathe
