// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonValue>
#include <QString>

namespace lathe {

struct SpanReading;

// Puts what was collected into the step: messages, texts, name, model. Internal to core/trace/import.
void finishStep(SpanReading &reading);
// What a person would call the input or output in a value of a chain: {"messages": [...]}, {"question": ".."}, a text ...
QString inputText(const QJsonValue &value);
QString outputText(const QJsonValue &value);

} // namespace lathe
