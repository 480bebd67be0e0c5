// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/OpenApiSwagger.h"

#include "core/base/Json.h"
#include "core/tool/OpenApiSchema.h"

namespace lathe {

namespace {
constexpr qsizetype maxParameters = 400; // of one operation

class Converter
{
public:
    explicit Converter(const QJsonObject &document) : m_document(document), m_schemas(document) {}

    QJsonObject convert()
    {
        QJsonObject out = m_document; // with "definitions" and all else that references point to
        out.remove(QStringLiteral("swagger"));
        out.insert(QStringLiteral("openapi"), QStringLiteral("3.0.3"));
        out.insert(QStringLiteral("servers"), servers());
        out.insert(QStringLiteral("components"), QJsonObject{{QStringLiteral("securitySchemes"), security()}});
        QJsonObject paths;
        const QJsonObject given = m_document.value(QLatin1String("paths")).toObject();
        for (auto it = given.begin(); it != given.end(); ++it)
            paths.insert(it.key(), path(m_schemas.follow(it.value()).toObject()));
        out.insert(QStringLiteral("paths"), paths);
        return out;
    }

private:
    QString text(const char *key) const { return m_document.value(QLatin1String(key)).toString(); }

    QJsonArray servers() const
    {
        const QString host = text("host");
        const QString base = text("basePath");
        const QStringList schemes = json::toStringList(m_document.value(QLatin1String("schemes")));
        QString url = base.isEmpty() ? QStringLiteral("/") : base;
        if (!host.isEmpty())
            url = (schemes.contains(QLatin1String("https")) || schemes.isEmpty() ? QStringLiteral("https") : schemes.first()) + QStringLiteral("://") + host
                  + (base == QLatin1String("/") ? QString() : base);
        return {QJsonObject{{QStringLiteral("url"), url}}};
    }

    QJsonObject security() const
    {
        QJsonObject out;
        const QJsonObject given = m_document.value(QLatin1String("securityDefinitions")).toObject();
        for (auto it = given.begin(); it != given.end(); ++it) {
            QJsonObject scheme = it.value().toObject();
            if (scheme.value(QLatin1String("type")) == QLatin1String("basic")) {
                scheme.insert(QStringLiteral("type"), QStringLiteral("http"));
                scheme.insert(QStringLiteral("scheme"), QStringLiteral("basic"));
            }
            out.insert(it.key(), scheme);
        }
        return out;
    }

    // The members of a 2.0 parameter (or item) that are those of a schema.
    static QJsonObject schemaOf(const QJsonObject &parameter)
    {
        QJsonObject schema = parameter;
        for (const char *key : {"name", "in", "required", "description", "collectionFormat", "allowEmptyValue"})
            schema.remove(QLatin1String(key));
        if (schema.value(QLatin1String("type")) == QLatin1String("file")) {
            schema.insert(QStringLiteral("type"), QStringLiteral("string"));
            schema.insert(QStringLiteral("format"), QStringLiteral("binary"));
        }
        return schema;
    }

    static QJsonObject parameterOf(const QJsonObject &given)
    {
        QJsonObject out;
        for (const char *key : {"name", "in", "required", "description"})
            out.insert(QLatin1String(key), given.value(QLatin1String(key)));
        out.insert(QStringLiteral("schema"), schemaOf(given));
        const QString format = given.value(QLatin1String("collectionFormat")).toString();
        const bool query = given.value(QLatin1String("in")) == QLatin1String("query");
        if (given.value(QLatin1String("type")) == QLatin1String("array") && query) {
            out.insert(QStringLiteral("explode"), format == QLatin1String("multi"));
            out.insert(QStringLiteral("style"), format == QLatin1String("ssv")     ? QStringLiteral("spaceDelimited")
                                                : format == QLatin1String("pipes") ? QStringLiteral("pipeDelimited")
                                                                                   : QStringLiteral("form"));
        }
        return out;
    }

    QJsonObject path(const QJsonObject &item) const
    {
        static const char *const methods[] = {"get", "head", "options", "post", "put", "patch", "delete"};
        QJsonObject out = item;
        out.remove(QStringLiteral("parameters"));
        for (const char *method : methods) {
            if (item.value(QLatin1String(method)).isObject())
                out.insert(QLatin1String(method), operation(item.value(QLatin1String(method)).toObject(), item.value(QLatin1String("parameters")).toArray()));
        }
        return out;
    }

    QJsonObject operation(const QJsonObject &given, const QJsonArray &shared) const
    {
        const auto types = [&](const char *key) {
            QStringList list = json::toStringList(given.value(QLatin1String(key)));
            return list.isEmpty() ? json::toStringList(m_document.value(QLatin1String(key))) : list;
        };
        QJsonObject out = given;
        QJsonArray parameters;
        QJsonObject form, body;
        QJsonArray formRequired;
        bool file = false;
        for (const QJsonArray &list : {shared, given.value(QLatin1String("parameters")).toArray()}) {
            for (const QJsonValue &item : list) {
                const QJsonObject parameter = m_schemas.follow(item).toObject();
                const QString in = parameter.value(QLatin1String("in")).toString();
                if (in == QLatin1String("body")) {
                    body = parameter;
                } else if (in == QLatin1String("formData")) {
                    const QString name = parameter.value(QLatin1String("name")).toString();
                    file |= parameter.value(QLatin1String("type")) == QLatin1String("file");
                    QJsonObject schema = schemaOf(parameter);
                    schema.insert(QStringLiteral("description"), parameter.value(QLatin1String("description")));
                    form.insert(name, schema);
                    if (parameter.value(QLatin1String("required")).toBool())
                        formRequired.append(name);
                } else if (parameters.size() < maxParameters) {
                    parameters.append(parameterOf(parameter));
                }
            }
        }
        out.insert(QStringLiteral("parameters"), parameters);
        const QStringList consumes = types("consumes");
        if (!form.isEmpty()) {
            const bool multipart = file || consumes.contains(QLatin1String("multipart/form-data"));
            const QJsonObject schema{{QStringLiteral("type"), QStringLiteral("object")}, {QStringLiteral("properties"), form}, {QStringLiteral("required"), formRequired}};
            out.insert(QStringLiteral("requestBody"),
                       bodyOf(multipart ? QStringLiteral("multipart/form-data") : QStringLiteral("application/x-www-form-urlencoded"), schema, !formRequired.isEmpty()));
        } else if (!body.isEmpty()) {
            const bool asJson = consumes.isEmpty() || consumes.contains(QLatin1String("application/json"));
            QJsonObject made = bodyOf(asJson ? QStringLiteral("application/json") : consumes.first(), body.value(QLatin1String("schema")),
                                      body.value(QLatin1String("required")).toBool());
            made.insert(QStringLiteral("description"), body.value(QLatin1String("description")));
            out.insert(QStringLiteral("requestBody"), made);
        }
        QJsonObject responses;
        const QJsonObject answers = given.value(QLatin1String("responses")).toObject();
        const QStringList produces = types("produces");
        for (auto it = answers.begin(); it != answers.end(); ++it) {
            const QJsonValue schema = m_schemas.follow(it.value()).toObject().value(QLatin1String("schema"));
            const bool asJson = produces.isEmpty() || produces.contains(QLatin1String("application/json"));
            if (schema.isObject())
                responses.insert(it.key(), QJsonObject{{QStringLiteral("content"), QJsonObject{{asJson ? QStringLiteral("application/json") : produces.first(),
                                                                                                QJsonObject{{QStringLiteral("schema"), schema}}}}}});
        }
        out.insert(QStringLiteral("responses"), responses);
        return out;
    }

    static QJsonObject bodyOf(const QString &type, const QJsonValue &schema, bool required)
    {
        return {{QStringLiteral("required"), required},
                {QStringLiteral("content"), QJsonObject{{type, QJsonObject{{QStringLiteral("schema"), schema}}}}}};
    }

    const QJsonObject m_document;
    const OpenApiSchemas m_schemas;
};
} // namespace

QJsonObject openApiFromSwagger2(const QJsonObject &document)
{
    return Converter(document).convert();
}

} // namespace lathe
