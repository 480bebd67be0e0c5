// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/tool/OpenApiImport.h"

#include <QFile>
#include <QTest>

// What the tests of OpenAPI share.
namespace lathe::test {

inline QByteArray openApiSample(const char *name)
{
    QFile file(QStringLiteral(LATHE_TEST_DATA "/openapi/") + QLatin1String(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no sample %s", name);
    return file.readAll();
}

inline const OpenApiOperation &operationOf(const OpenApiDocument &document, const char *name)
{
    for (const OpenApiOperation &operation : document.operations) {
        if (operation.function.name == QLatin1String(name))
            return operation;
    }
    qFatal("no operation %s", name);
}

// A document of one operation: `operation` of `method` at `path`, with components.
inline QJsonObject oneOperation(const QString &method, const QString &path, const QJsonObject &operation, const QJsonObject &components = {})
{
    return {{QStringLiteral("openapi"), QStringLiteral("3.1.0")},
            {QStringLiteral("info"), QJsonObject{{QStringLiteral("title"), QStringLiteral("One")}, {QStringLiteral("version"), QStringLiteral("1")}}},
            {QStringLiteral("servers"), QJsonArray{QJsonObject{{QStringLiteral("url"), QStringLiteral("https://one.example")}}}},
            {QStringLiteral("paths"), QJsonObject{{path, QJsonObject{{method, operation}}}}},
            {QStringLiteral("components"), components}};
}

// A body of JSON with that schema.
inline QJsonObject jsonBody(const QJsonValue &schema)
{
    return {{QStringLiteral("required"), true},
            {QStringLiteral("content"), QJsonObject{{QStringLiteral("application/json"), QJsonObject{{QStringLiteral("schema"), schema}}}}}};
}

} // namespace lathe::test
