// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/OpenApiOperations.h"

#include "core/base/Json.h"
#include "core/tool/HttpGuard.h"
#include "core/tool/HttpToolCall.h"

#include <QRegularExpression>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype maxDescription = 2000;
constexpr qsizetype maxParameters = 200;
using Use = OpenApiSchemas::Use;

bool isJsonType(const QString &type)
{
    return type == QLatin1String("application/json") || type.endsWith(QLatin1String("+json")) || type == QLatin1String("*/*")
           || type == QLatin1String("text/json");
}

// "application/json; charset=utf-8" -> "application/json"
QString plainType(const QString &type)
{
    return type.section(u';', 0, 0).trimmed().toLower();
}

// The media type that is easiest to write.
QString chosenType(const QJsonObject &content)
{
    QString best;
    int bestRank = 99;
    for (auto it = content.begin(); it != content.end(); ++it) {
        const QString type = plainType(it.key());
        const int rank = type == QLatin1String("application/json")                    ? 0
                         : isJsonType(type)                                           ? 1
                         : type == QLatin1String("application/x-www-form-urlencoded") ? 2
                         : type == QLatin1String("multipart/form-data")               ? 3
                         : type.startsWith(QLatin1String("text/"))                    ? 4
                                                                                      : 5;
        if (rank < bestRank) {
            bestRank = rank;
            best = it.key();
        }
    }
    return best;
}

// What model providers take as the name of a property.
QString argumentName(const QString &name)
{
    QString out;
    for (const QChar c : name) {
        const ushort u = c.unicode();
        const bool plain = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '_' || u == '-' || u == '.';
        if (plain)
            out += c;
        else if (!out.isEmpty() && !out.endsWith(u'_'))
            out += u'_';
    }
    while (out.size() > 1 && out.endsWith(u'_'))
        out.chop(1);
    return out.isEmpty() ? QStringLiteral("value") : out.left(56);
}

QString sentences(const QJsonObject &operation, const QString &method, const QString &path)
{
    const QString summary = operation.value(QLatin1String("summary")).toString().simplified();
    QString text = operation.value(QLatin1String("description")).toString().trimmed();
    if (!summary.isEmpty() && !text.startsWith(summary))
        text = text.isEmpty() ? summary : summary + (summary.endsWith(u'.') ? QStringLiteral("\n") : QStringLiteral(".\n")) + text;
    if (text.isEmpty())
        text = method + u' ' + path;
    if (operation.value(QLatin1String("deprecated")).toBool())
        text += QStringLiteral("\nDeprecated.");
    return text.left(maxDescription);
}

// Why a path template cannot be used; empty: it can.
QString pathProblem(const QString &path)
{
    static const QRegularExpression odd(QStringLiteral("[?#\\\\\\x00-\\x20\\x7f]"));
    static const QRegularExpression dots(QStringLiteral("(\\A|/)(\\.|%2e){1,2}(/|\\z)"), QRegularExpression::CaseInsensitiveOption);
    if (!path.startsWith(u'/') || path.startsWith(QLatin1String("//")) || path.size() > 2000)
        return QStringLiteral("Its path does not begin with a single \"/\".");
    if (path.contains(odd) || path.contains(dots))
        return QStringLiteral("Its path holds what a path must not hold.");
    return {};
}

// Parts of an allOf that are plain objects, as one object.
QJsonObject flattened(const QJsonObject &schema)
{
    static const QSet<QString> plain{QStringLiteral("type"),  QStringLiteral("properties"), QStringLiteral("required"),
                                     QStringLiteral("title"), QStringLiteral("description"), QStringLiteral("examples"),
                                     QStringLiteral("additionalProperties")};
    if (!schema.contains(QLatin1String("allOf")))
        return schema;
    QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
    QJsonArray required = schema.value(QLatin1String("required")).toArray();
    for (const QJsonValue &item : schema.value(QLatin1String("allOf")).toArray()) {
        const QJsonObject part = flattened(item.toObject());
        for (auto it = part.begin(); it != part.end(); ++it) {
            if (!plain.contains(it.key()))
                return schema;
        }
        const QJsonObject more = part.value(QLatin1String("properties")).toObject();
        for (auto it = more.begin(); it != more.end(); ++it) {
            if (properties.contains(it.key()) && properties.value(it.key()) != it.value())
                return schema;
            properties.insert(it.key(), it.value());
        }
        for (const QJsonValue &name : part.value(QLatin1String("required")).toArray()) {
            if (!required.contains(name))
                required.append(name);
        }
    }
    QJsonObject out = schema;
    out.remove(QStringLiteral("allOf"));
    out.insert(QStringLiteral("type"), QStringLiteral("object"));
    out.insert(QStringLiteral("properties"), properties);
    if (!required.isEmpty())
        out.insert(QStringLiteral("required"), required);
    return out;
}

void describe(QJsonObject *schema, const QString &text)
{
    if (!text.isEmpty())
        schema->insert(QStringLiteral("description"), text.left(1000));
}
} // namespace

struct OpenApiOperationReader::Draft {
    OpenApiOperation *out;
    QJsonObject properties;
    QStringList required;
    QJsonArray params;
    QJsonObject body;
    QSet<QString> needed; // of $defs
    QSet<QString> pathNames; // parameters of the path that are described

    // A name for an argument that no other has; "id" of the query beside "id" of the path is "query_id".
    QString argument(const QString &name, const QString &place)
    {
        QString own = argumentName(name);
        if (properties.contains(own))
            own = argumentName(place + u'_' + name);
        const QString base = own;
        for (int n = 2; properties.contains(own); ++n)
            own = base + u'_' + QString::number(n);
        return own;
    }
    void note(const QString &text)
    {
        if (out->notes.size() < 20 && !out->notes.contains(text))
            out->notes += text;
    }
};

OpenApiOperationReader::OpenApiOperationReader(OpenApiSchemas *schemas, std::vector<OpenApiSecurity> security, QString server)
    : m_schemas(schemas), m_security(std::move(security)), m_server(std::move(server))
{
}

QString OpenApiOperationReader::uniqueName(const QString &wanted, const QString &method, const QString &path)
{
    QString text = wanted.trimmed();
    if (text.isEmpty()) {
        text = method.toLower() + path;
        text.replace(u'{', QLatin1String("by_")).remove(u'}');
    }
    QString name;
    for (const QChar c : text) {
        const ushort u = c.unicode();
        const bool plain = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '-' || u == '_';
        if (plain)
            name += c;
        else if (!name.endsWith(u'_') && !name.isEmpty())
            name += u'_';
    }
    while (name.size() > 1 && name.endsWith(u'_'))
        name.chop(1);
    if (name.isEmpty())
        name = method.toLower();
    name = name.left(60);
    QString unique = name;
    for (int n = 2; m_names.contains(unique); ++n)
        unique = name.left(56) + u'_' + QString::number(n);
    m_names.insert(unique);
    return unique;
}

void OpenApiOperationReader::readPath(const QString &path, const QJsonObject &item, std::vector<OpenApiOperation> *out)
{
    static const char *const methods[] = {"get", "head", "options", "post", "put", "patch", "delete"};
    for (const char *method : methods) {
        const QJsonValue operation = item.value(QLatin1String(method));
        if (!operation.isObject())
            continue;
        OpenApiOperation made;
        readOperation(QString::fromLatin1(method).toUpper(), path, item, operation.toObject(), &made);
        out->push_back(std::move(made));
    }
}

// An operation may have servers of its own. Another server than the document's would get its secrets.
void OpenApiOperationReader::readServers(const QJsonObject &item, const QJsonObject &operation, Draft *draft)
{
    QJsonArray servers = operation.value(QLatin1String("servers")).toArray();
    if (servers.isEmpty())
        servers = item.value(QLatin1String("servers")).toArray();
    if (servers.isEmpty())
        return;
    QString url = servers.first().toObject().value(QLatin1String("url")).toString();
    const QJsonObject variables = servers.first().toObject().value(QLatin1String("variables")).toObject();
    for (auto it = variables.begin(); it != variables.end(); ++it)
        url.replace(u'{' + it.key() + u'}', it.value().toObject().value(QLatin1String("default")).toString());
    if (url.contains(QLatin1String("://"))) {
        const auto own = parseHttpUrl(url);
        const auto base = parseHttpUrl(m_server);
        if (!own || !base || originOf(*own) != originOf(*base)) {
            draft->out->problem =
                QStringLiteral("It is served by %1, another server than the rest; import it on its own with that base URL.")
                    .arg(url.left(100));
            return;
        }
        url = own->path(QUrl::FullyEncoded);
    }
    while (url.endsWith(u'/'))
        url.chop(1);
    if (!url.isEmpty() && !pathProblem(url).isEmpty()) {
        draft->out->problem = QStringLiteral("Its own server \"%1\" is no URL.").arg(url.left(100));
        return;
    }
    QJsonObject request = draft->out->function.request;
    request.insert(QStringLiteral("server"), url);
    draft->out->function.request = request;
}

bool OpenApiOperationReader::isCredential(const QString &in, const QString &name) const
{
    return std::any_of(m_security.begin(), m_security.end(), [&](const OpenApiSecurity &security) {
        return security.type == QLatin1String("apiKey") && security.in == in && security.name.compare(name, Qt::CaseInsensitive) == 0;
    });
}

void OpenApiOperationReader::readParameter(const QJsonObject &parameter, Draft *draft)
{
    static const QStringList ignored{QStringLiteral("accept"), QStringLiteral("content-type"), QStringLiteral("authorization")};
    const QString name = parameter.value(QLatin1String("name")).toString();
    const QString in = parameter.value(QLatin1String("in")).toString();
    const bool header = in == QLatin1String("header");
    if (header && (ignored.contains(name.toLower()) || isConnectionHeader(name.toUtf8().toLower())))
        return;
    if (header && !isHeaderName(name.toUtf8())) {
        draft->note(QStringLiteral("The header \"%1\" has a name that HTTP does not allow, and is left out.").arg(name.left(60)));
        return;
    }
    if (isCredential(in, name)) // sent by the tool, not by the model
        return;
    if (draft->params.size() >= maxParameters) {
        draft->note(QStringLiteral("It has over %1 parameters; the rest was left out.").arg(maxParameters));
        return;
    }
    const bool inPath = in == QLatin1String("path");
    QJsonValue schema = parameter.value(QLatin1String("schema"));
    const QJsonObject content = parameter.value(QLatin1String("content")).toObject();
    const bool asJson = schema.isUndefined() && !content.isEmpty();
    if (asJson)
        schema = m_schemas->follow(content.begin().value()).toObject().value(QLatin1String("schema"));
    const auto part = m_schemas->part(schema, Use::Request);
    draft->needed += part.needed;
    QJsonObject made = part.schema.toObject();
    describe(&made, parameter.value(QLatin1String("description")).toString());
    if (parameter.contains(QLatin1String("example")) && !made.contains(QLatin1String("examples")))
        made.insert(QStringLiteral("examples"), QJsonArray{parameter.value(QLatin1String("example"))});
    const QString argument = draft->argument(name, in);
    draft->properties.insert(argument, made);
    if (inPath || parameter.value(QLatin1String("required")).toBool())
        draft->required += argument;
    QJsonObject how{{QStringLiteral("arg"), argument}, {QStringLiteral("name"), name}, {QStringLiteral("in"), in}};
    const QString style = parameter.value(QLatin1String("style")).toString();
    if (!style.isEmpty())
        how.insert(QStringLiteral("style"), style.left(20));
    if (parameter.value(QLatin1String("explode")).isBool())
        how.insert(QStringLiteral("explode"), parameter.value(QLatin1String("explode")));
    if (parameter.value(QLatin1String("allowReserved")).toBool())
        how.insert(QStringLiteral("reserved"), true);
    if (asJson)
        how.insert(QStringLiteral("json"), true);
    draft->params.append(how);
    if (inPath)
        draft->pathNames.insert(name);
}

void OpenApiOperationReader::readParameters(const QJsonArray &shared, const QJsonArray &own, Draft *draft)
{
    static const QRegularExpression variable(QStringLiteral("\\{([^{}/]{1,200})\\}"));
    static const QStringList places{QStringLiteral("path"), QStringLiteral("query"), QStringLiteral("header"), QStringLiteral("cookie")};
    // An operation's own parameter replaces the shared one of the same name and place.
    std::vector<QJsonObject> all;
    for (const QJsonArray &list : {shared, own}) {
        for (const QJsonValue &item : list) {
            const QJsonObject parameter = m_schemas->follow(item).toObject();
            const QJsonValue name = parameter.value(QLatin1String("name")), in = parameter.value(QLatin1String("in"));
            if (!name.isString() || name.toString().isEmpty() || !places.contains(in.toString())) {
                draft->note(QStringLiteral("A parameter without name or place, or that the document does not hold, is left out."));
                continue;
            }
            const auto same = std::find_if(all.begin(), all.end(), [&](const QJsonObject &other) {
                return other.value(QLatin1String("name")) == name && other.value(QLatin1String("in")) == in;
            });
            if (same != all.end())
                *same = parameter;
            else if (all.size() < 2 * size_t(maxParameters))
                all.push_back(parameter);
        }
    }
    QStringList inPath;
    for (auto found = variable.globalMatch(draft->out->path); found.hasNext();)
        inPath += found.next().captured(1);
    // Those of the path keep their names when others clash with them.
    for (const bool first : {true, false}) {
        for (const QJsonObject &parameter : all) {
            const bool path = parameter.value(QLatin1String("in")) == QLatin1String("path");
            if (path == first && (!path || inPath.contains(parameter.value(QLatin1String("name")).toString())))
                readParameter(parameter, draft);
        }
        if (!first)
            continue;
        for (const QString &name : inPath) {
            if (draft->pathNames.contains(name))
                continue;
            draft->note(QStringLiteral("The document does not describe {%1} of the path; it is taken as text.").arg(name.left(60)));
            readParameter({{QStringLiteral("name"), name},
                           {QStringLiteral("in"), QStringLiteral("path")},
                           {QStringLiteral("schema"), QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}}}},
                          draft);
        }
    }
}

// The members of an object body as arguments beside the parameters: one level less for the model to get wrong.
bool OpenApiOperationReader::mergeBody(const QJsonObject &schema, const QString &type, const QJsonObject &media, bool required,
                                       Draft *draft)
{
    static const QSet<QString> plain{QStringLiteral("type"),        QStringLiteral("properties"), QStringLiteral("required"),
                                     QStringLiteral("title"),       QStringLiteral("description"), QStringLiteral("examples"),
                                     QStringLiteral("additionalProperties"), QStringLiteral("deprecated"), QStringLiteral("default")};
    const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
    const QJsonValue extra = schema.value(QLatin1String("additionalProperties"));
    const QJsonValue kind = schema.value(QLatin1String("type"));
    const bool form = type == QLatin1String("application/x-www-form-urlencoded") || type == QLatin1String("multipart/form-data");
    const bool object = kind.isUndefined() || kind == QLatin1String("object");
    const bool open = extra.isObject() ? !extra.toObject().isEmpty() || !form : extra.toBool();
    if (!object || properties.isEmpty() || open || !(isJsonType(type) || form))
        return false;
    for (auto it = schema.begin(); it != schema.end(); ++it) {
        if (!plain.contains(it.key()))
            return false;
    }
    const QStringList wanted = json::toStringList(schema.value(QLatin1String("required")));
    if (!required && !wanted.isEmpty()) // no body at all must stay possible
        return false;
    QJsonObject members;
    QJsonArray files;
    for (auto it = properties.begin(); it != properties.end(); ++it) {
        const QString argument = draft->argument(it.key(), QStringLiteral("body"));
        const QJsonObject property = it.value().toObject();
        draft->properties.insert(argument, it.value());
        members.insert(argument, it.key());
        if (wanted.contains(it.key()))
            draft->required += argument;
        if (property.value(QLatin1String("format")) == QLatin1String("binary") || property.contains(QLatin1String("contentMediaType")))
            files.append(it.key());
    }
    draft->body.insert(QStringLiteral("members"), members);
    if (!files.isEmpty())
        draft->body.insert(QStringLiteral("files"), files);
    QJsonObject encoding;
    const QJsonObject given = media.value(QLatin1String("encoding")).toObject();
    for (auto it = given.begin(); it != given.end(); ++it) {
        QJsonObject how;
        const QJsonObject item = it.value().toObject();
        if (item.value(QLatin1String("style")).isString())
            how.insert(QStringLiteral("style"), item.value(QLatin1String("style")));
        if (item.value(QLatin1String("explode")).isBool())
            how.insert(QStringLiteral("explode"), item.value(QLatin1String("explode")));
        if (item.value(QLatin1String("contentType")).isString())
            how.insert(QStringLiteral("type"), item.value(QLatin1String("contentType")).toString().left(100));
        if (properties.contains(it.key()) && !how.isEmpty())
            encoding.insert(it.key(), how);
    }
    if (!encoding.isEmpty())
        draft->body.insert(QStringLiteral("encoding"), encoding);
    return true;
}

void OpenApiOperationReader::readBody(const QJsonObject &body, Draft *draft)
{
    const QJsonObject content = body.value(QLatin1String("content")).toObject();
    if (content.isEmpty())
        return;
    if (draft->out->method == QLatin1String("GET") || draft->out->method == QLatin1String("HEAD")) {
        draft->note(QStringLiteral("The body of a %1 request is left out.").arg(draft->out->method));
        return;
    }
    const QString key = chosenType(content);
    const QString type = plainType(key) == QLatin1String("*/*") ? QStringLiteral("application/json") : plainType(key);
    const QJsonObject media = m_schemas->follow(content.value(key)).toObject();
    const bool required = body.value(QLatin1String("required")).toBool();
    draft->body = QJsonObject{{QStringLiteral("type"), type.left(100)}};
    const auto part = m_schemas->part(media.value(QLatin1String("schema")), Use::Request);
    draft->needed += part.needed;
    QJsonObject schema = part.schema.toObject();
    if (mergeBody(flattened(schema), type, media, required, draft))
        return;
    const bool structured =
        isJsonType(type) || type == QLatin1String("application/x-www-form-urlencoded") || type == QLatin1String("multipart/form-data");
    if (!structured)
        schema = QJsonObject{{QStringLiteral("type"), QStringLiteral("string")},
                             {QStringLiteral("description"), QStringLiteral("The body as %1.").arg(type.left(100))}};
    const QString own = schema.value(QLatin1String("description")).toString();
    const QString text = body.value(QLatin1String("description")).toString();
    describe(&schema, !text.isEmpty() ? text : own.isEmpty() ? QStringLiteral("The body of the request.") : own);
    const QString argument = draft->argument(QStringLiteral("body"), QStringLiteral("request"));
    draft->properties.insert(argument, schema);
    if (required)
        draft->required += argument;
    draft->body.insert(QStringLiteral("arg"), argument);
}

// The schema of the JSON of success, when there is one for all ways to succeed.
void OpenApiOperationReader::readAnswer(const QJsonObject &operation, Draft *draft)
{
    const QJsonObject answers = operation.value(QLatin1String("responses")).toObject();
    QStringList types;
    std::optional<QJsonObject> schema;
    bool several = false;
    for (auto it = answers.begin(); it != answers.end(); ++it) {
        if (!it.key().startsWith(u'2'))
            continue;
        const QJsonObject content = m_schemas->follow(it.value()).toObject().value(QLatin1String("content")).toObject();
        for (auto media = content.begin(); media != content.end(); ++media) {
            const QString type = plainType(media.key());
            if (!types.contains(type) && types.size() < 5 && !type.contains(QRegularExpression(QStringLiteral("[^a-z0-9.+*/-]"))))
                types += type;
            if (!isJsonType(type))
                continue;
            const auto part = m_schemas->part(m_schemas->follow(media.value()).toObject().value(QLatin1String("schema")), Use::Response);
            QJsonObject own = part.schema.toObject();
            const QJsonObject definitions = m_schemas->definitions(part.needed, Use::Response);
            if (!definitions.isEmpty())
                own.insert(QStringLiteral("$defs"), definitions);
            several |= schema && *schema != own;
            schema = own;
        }
    }
    if (schema && !several && !schema->isEmpty())
        draft->out->function.outputSchema = *schema;
    std::stable_sort(types.begin(), types.end(), [](const QString &a, const QString &b) { return isJsonType(a) && !isJsonType(b); });
    if (!types.isEmpty()) {
        QJsonObject request = draft->out->function.request;
        request.insert(QStringLiteral("accept"), types.join(QStringLiteral(", ")));
        draft->out->function.request = request;
    }
}

void OpenApiOperationReader::readOperation(const QString &method, const QString &path, const QJsonObject &item,
                                           const QJsonObject &operation, OpenApiOperation *out)
{
    out->method = method;
    out->path = path;
    out->summary = operation.value(QLatin1String("summary")).toString().simplified().left(300);
    out->tags = json::toStringList(operation.value(QLatin1String("tags"))).mid(0, 10);
    out->deprecated = operation.value(QLatin1String("deprecated")).toBool();
    out->problem = pathProblem(path);
    ToolFunction &function = out->function;
    function.name = uniqueName(operation.value(QLatin1String("operationId")).toString(), method, path);
    function.title = out->summary;
    function.description = sentences(operation, method, path);
    function.request = QJsonObject{{QStringLiteral("method"), method}, {QStringLiteral("path"), path}};
    const bool reads = method == QLatin1String("GET") || method == QLatin1String("HEAD") || method == QLatin1String("OPTIONS");
    function.annotations.insert(QStringLiteral("readOnlyHint"), reads);
    if (!reads) {
        function.annotations.insert(QStringLiteral("idempotentHint"), method == QLatin1String("PUT") || method == QLatin1String("DELETE"));
        function.annotations.insert(QStringLiteral("destructiveHint"), method != QLatin1String("POST"));
    }
    Draft draft;
    draft.out = out;
    readServers(item, operation, &draft);
    readParameters(item.value(QLatin1String("parameters")).toArray(), operation.value(QLatin1String("parameters")).toArray(), &draft);
    readBody(m_schemas->follow(operation.value(QLatin1String("requestBody"))).toObject(), &draft);
    function.inputSchema = QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                                       {QStringLiteral("properties"), draft.properties},
                                       {QStringLiteral("additionalProperties"), false}};
    if (!draft.required.isEmpty())
        function.inputSchema.insert(QStringLiteral("required"), json::fromStringList(draft.required));
    const QJsonObject definitions = m_schemas->definitions(draft.needed, Use::Request);
    if (!definitions.isEmpty())
        function.inputSchema.insert(QStringLiteral("$defs"), definitions);
    readAnswer(operation, &draft);
    function.request.insert(QStringLiteral("params"), draft.params);
    if (!draft.body.isEmpty())
        function.request.insert(QStringLiteral("body"), draft.body);
    for (const QString &text : m_schemas->takeNotes())
        draft.note(text);
    function.enabled = out->problem.isEmpty() && !out->deprecated;
}

} // namespace lathe
