// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QStringList>

namespace lathe {

// Small builders of the argument schemas of the built-in tools.
inline QJsonObject schemaProperty(const char *type, const QString &description)
{
    return {{QStringLiteral("type"), QLatin1String(type)},
            {QStringLiteral("description"), description}};
}

inline QJsonObject objectSchema(const QJsonObject &properties, const QStringList &required = {})
{
    QJsonObject schema{{QStringLiteral("type"), QStringLiteral("object")},
                       {QStringLiteral("properties"), properties},
                       {QStringLiteral("additionalProperties"), false}};
    if (!required.isEmpty())
        schema.insert(QStringLiteral("required"), QJsonArray::fromStringList(required));
    return schema;
}

// The purpose a person wrote and what the tool itself adds, as sentences.
inline QString joinedSentences(const QString &purpose, const QString &rest)
{
    QString first = purpose.trimmed();
    if (first.isEmpty())
        return rest;
    if (!first.endsWith(u'.') && !first.endsWith(u'!') && !first.endsWith(u'?'))
        first += u'.';
    return first + u' ' + rest;
}

} // namespace lathe
