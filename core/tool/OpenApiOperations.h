// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/OpenApiImport.h"
#include "core/tool/OpenApiSchema.h"

namespace lathe {

// Makes functions of the operations of one document. ToolFunction::request, which OpenApiTool reads:
// {method, path, server?, params:[{arg, name, in, style?, explode?, reserved?, json?}],
//  body?: {type, arg} or {type, members:{arg: name}, encoding?: {name:{style?, explode?, type?}}, files?: [name]}, accept?}
// `server`: URL or path that stands in for the base URL's path, of operations that have servers of their own.
class OpenApiOperationReader
{
public:
    // `schemas` must outlive the reader.
    OpenApiOperationReader(OpenApiSchemas *schemas, std::vector<OpenApiSecurity> security, QString server);
    void readPath(const QString &path, const QJsonObject &item, std::vector<OpenApiOperation> *out);

private:
    struct Draft; // of one operation
    QString uniqueName(const QString &wanted, const QString &method, const QString &path);
    void readOperation(const QString &method, const QString &path, const QJsonObject &item, const QJsonObject &operation,
                       OpenApiOperation *out);
    void readServers(const QJsonObject &item, const QJsonObject &operation, Draft *draft);
    void readParameters(const QJsonArray &shared, const QJsonArray &own, Draft *draft);
    void readParameter(const QJsonObject &parameter, Draft *draft);
    void readBody(const QJsonObject &body, Draft *draft);
    bool mergeBody(const QJsonObject &schema, const QString &type, const QJsonObject &media, bool required, Draft *draft);
    void readAnswer(const QJsonObject &operation, Draft *draft);
    bool isCredential(const QString &in, const QString &name) const;

    OpenApiSchemas *m_schemas;
    const std::vector<OpenApiSecurity> m_security;
    const QString m_server;
    QSet<QString> m_names;
};

} // namespace lathe
