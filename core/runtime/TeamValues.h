// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

namespace lathe {

// A value as text for people and models: a string as it is, nothing as "", else compact JSON.
QString textOf(const QJsonValue &value);
// As the answer of a run: JSON indented.
QString answerText(const QJsonValue &value);
// The value behind a text that holds JSON; the text itself when it holds none, or when a number would lose digits.
QJsonValue valueOfText(const QString &text);

// What JavaScript takes for true.
bool isTrue(const QJsonValue &value);

// Fills a template of a node. `names` are what it may use. InvalidInput for a broken template and for unknown names.
Result<QString> fillTemplate(const QString &text, const QJsonObject &names);
// Fills the texts of a value, deep; a text that is exactly one {{name}} becomes the value with its type.
Result<QJsonValue> fillValue(const QJsonValue &value, const QJsonObject &names);

// A value for the log: cut when it is longer than 64 kB.
QJsonValue forLog(const QJsonValue &value);

} // namespace lathe
