// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

namespace lathe::test {

// What the JSON in a test says; fatal when it is none. A text without any " may write ' for it.
inline QJsonValue jsonValue(QByteArray text)
{
    if (!text.contains('"'))
        text.replace('\'', '"');
    const auto value = json::parse(text);
    if (!value)
        qFatal("bad JSON in a test: %s", text.constData());
    return *value;
}

inline QJsonObject object(const QByteArray &text)
{
    const QJsonValue value = jsonValue(text);
    if (!value.isObject())
        qFatal("no JSON object in a test: %s", text.constData());
    return value.toObject();
}

} // namespace lathe::test
