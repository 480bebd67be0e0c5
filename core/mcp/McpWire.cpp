// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpWire.h"

#include "core/base/Json.h"

#include <QSet>
#include <QUrl>

#include <cmath>

namespace lathe::mcpwire {

namespace {
constexpr int maxArguments = 200;
constexpr qsizetype maxName = 1000;

QString text(const QJsonObject &object, const char *key, qsizetype max = 100'000)
{
    return object.value(QLatin1String(key)).toString().left(max);
}

QJsonObject object(const QJsonObject &from, const char *key)
{
    return from.value(QLatin1String(key)).toObject();
}
}

QString clean(const QString &text, qsizetype max)
{
    QString line = text.left(max * 2).simplified();
    for (QChar &c : line) {
        if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format || c.isNonCharacter())
            c = u' ';
    }
    return line.size() > max ? line.left(max) + QChar(0x2026) : line;
}

std::optional<McpTool> toolOf(const QJsonObject &entry)
{
    McpTool tool;
    tool.name = text(entry, "name", maxName);
    if (tool.name.isEmpty())
        return std::nullopt;
    tool.annotations = object(entry, "annotations");
    tool.title = text(entry, "title", maxName);
    if (tool.title.isEmpty())
        tool.title = text(tool.annotations, "title", maxName);
    tool.description = text(entry, "description");
    tool.inputSchema = object(entry, "inputSchema");
    tool.outputSchema = object(entry, "outputSchema");
    tool.taskRequired = object(entry, "execution").value(QLatin1String("taskSupport")) == QJsonValue(QStringLiteral("required"));
    return tool;
}

std::optional<McpResource> resourceOf(const QJsonObject &entry, bool isTemplate)
{
    McpResource resource;
    resource.uri = text(entry, isTemplate ? "uriTemplate" : "uri", 10'000);
    if (resource.uri.isEmpty())
        return std::nullopt;
    resource.name = text(entry, "name", maxName);
    resource.title = text(entry, "title", maxName);
    resource.description = text(entry, "description");
    resource.mimeType = text(entry, "mimeType", 200);
    const QJsonValue size = entry.value(QLatin1String("size"));
    if (size.isDouble() && size.toDouble() >= 0 && size.toDouble() < 9e15)
        resource.size = qint64(size.toDouble());
    resource.isTemplate = isTemplate;
    return resource;
}

std::optional<McpPrompt> promptOf(const QJsonObject &entry)
{
    McpPrompt prompt;
    prompt.name = text(entry, "name", maxName);
    if (prompt.name.isEmpty())
        return std::nullopt;
    prompt.title = text(entry, "title", maxName);
    prompt.description = text(entry, "description");
    const QJsonArray arguments = entry.value(QLatin1String("arguments")).toArray();
    for (const QJsonValue &item : arguments) {
        const QJsonObject json = item.toObject();
        McpPromptArgument argument;
        argument.name = text(json, "name", maxName);
        if (argument.name.isEmpty() || int(prompt.arguments.size()) >= maxArguments)
            continue;
        argument.title = text(json, "title", maxName);
        argument.description = text(json, "description");
        argument.required = json.value(QLatin1String("required")).toBool();
        prompt.arguments.push_back(std::move(argument));
    }
    return prompt;
}

std::vector<McpResourceContent> contentsOf(const QJsonArray &contents)
{
    std::vector<McpResourceContent> out;
    for (const QJsonValue &item : contents) {
        const QJsonObject json = item.toObject();
        McpResourceContent content;
        content.uri = text(json, "uri", 10'000);
        content.mimeType = text(json, "mimeType", 200);
        if (json.contains(QLatin1String("blob")))
            content.blob = QByteArray::fromBase64(json.value(QLatin1String("blob")).toString().toLatin1());
        else
            content.text = json.value(QLatin1String("text")).toString();
        out.push_back(std::move(content));
    }
    return out;
}

Result<McpToolResult> toolResultOf(const QJsonObject &result)
{
    McpToolResult out;
    const QJsonValue content = result.value(QLatin1String("content"));
    const bool structured = result.contains(QLatin1String("structuredContent"));
    // The first revisions sent `content` always; a result of structured content alone is understood all the same.
    if (!content.isArray() && !(content.isUndefined() && structured))
        return Error(ErrorKind::Protocol, QStringLiteral("its result has no list \"content\""));
    out.content = content.toArray();
    for (const QJsonValue &block : std::as_const(out.content)) {
        if (!block.isObject() || !block.toObject().value(QLatin1String("type")).isString())
            return Error(ErrorKind::Protocol, QStringLiteral("its result holds content without a type"));
    }
    if (structured)
        out.structured = result.value(QLatin1String("structuredContent"));
    out.isError = result.value(QLatin1String("isError")).toBool();
    out.meta = object(result, "_meta");
    return out;
}

McpServerInfo serverOf(const QJsonObject &result)
{
    McpServerInfo info;
    QJsonObject server = object(result, "serverInfo");
    if (server.isEmpty()) // 2026-07-28
        server = object(object(result, "_meta"), "io.modelcontextprotocol/serverInfo");
    info.name = clean(text(server, "name"), 200);
    info.title = clean(text(server, "title"), 200);
    info.version = clean(text(server, "version"), 100);
    info.instructions = text(result, "instructions");
    info.capabilities = object(result, "capabilities");
    return info;
}

Error errorOf(const JsonRpcError &error, const QString &server, const QString &what)
{
    const QString words = clean(error.message);
    const QString said = words.isEmpty() ? QStringLiteral("error %1").arg(error.code) : words;
    const auto make = [&](ErrorKind kind, const QString &text) {
        return Error(kind, text, QStringLiteral("JSON-RPC error %1: %2").arg(error.code).arg(words));
    };
    switch (error.code) {
    case jsonrpc::invalidParams:
        return make(ErrorKind::InvalidInput, QStringLiteral("The MCP server %1 does not accept the request for %2: %3").arg(server, what, said));
    case jsonrpc::methodNotFound:
        return make(ErrorKind::Provider, QStringLiteral("The MCP server %1 does not offer what was asked of it for %2: %3").arg(server, what, said));
    case jsonrpc::resourceNotFound:
        return make(ErrorKind::NotFound, QStringLiteral("The MCP server %1 does not have %2: %3").arg(server, what, said));
    case jsonrpc::missingClientCapability:
        return make(ErrorKind::Denied,
                    QStringLiteral("The MCP server %1 needs for %2 something that is not offered to it here (such as asking a person, a "
                                   "model or folders): %3")
                        .arg(server, what, said));
    case jsonrpc::unsupportedProtocolVersion:
        return make(ErrorKind::Protocol,
                    QStringLiteral("The MCP server %1 speaks only versions of the protocol that Lathe does not know: %2")
                        .arg(server, clean(supportedVersions(error).join(QStringLiteral(", ")), 200)));
    case jsonrpc::headerMismatch:
        return make(ErrorKind::Protocol,
                    QStringLiteral("The MCP server %1 did not accept the headers of the request for %2; list its tools again: %3").arg(server, what, said));
    case jsonrpc::parseError:
    case jsonrpc::invalidRequest:
        return make(ErrorKind::Protocol, QStringLiteral("The MCP server %1 did not understand the request for %2: %3").arg(server, what, said));
    default:
        return make(ErrorKind::Provider, QStringLiteral("The MCP server %1 failed at %2: %3").arg(server, what, said));
    }
}

QStringList supportedVersions(const JsonRpcError &error)
{
    return json::toStringList(error.data.toObject().value(QLatin1String("supported"))).mid(0, 50);
}

QJsonObject withDefaults(const QJsonObject &schema, QJsonObject content)
{
    const QJsonObject properties = object(schema, "properties");
    for (auto it = properties.begin(); it != properties.end(); ++it) {
        const QJsonValue value = it.value().toObject().value(QLatin1String("default"));
        if (!value.isUndefined() && !content.contains(it.key()))
            content.insert(it.key(), value);
    }
    return content;
}

// --- Arguments as headers

namespace {
bool isToken(const QString &name)
{
    return std::all_of(name.begin(), name.end(), [](QChar c) {
        const ushort u = c.unicode();
        return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9')
               || (u < 0x80 && QByteArrayView("!#$%&'*+-.^_`|~").contains(char(u)));
    });
}

class HeaderScan
{
public:
    ParamHeaders found;

    // `reachable`: there is a way of `properties` alone from the root.
    void visit(const QJsonValue &node, const QStringList &path, bool reachable, int depth)
    {
        if (!found.problem.isEmpty() || depth > JsonRpcMessage::maxDepth)
            return;
        const QJsonObject schema = node.toObject();
        if (schema.contains(QLatin1String("x-mcp-header")))
            add(schema, path, reachable);
        const QJsonObject properties = object(schema, "properties");
        for (auto it = properties.begin(); it != properties.end(); ++it)
            visit(it.value(), path + QStringList(it.key()), reachable, depth + 1);
        for (const char *keyword : {"items", "prefixItems", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems",
                                    "propertyNames", "oneOf", "anyOf", "allOf", "not", "if", "then", "else"}) {
            const QJsonValue sub = schema.value(QLatin1String(keyword));
            if (sub.isObject())
                visit(sub, path, false, depth + 1);
            const QJsonArray branches = sub.toArray();
            for (const QJsonValue &branch : branches)
                visit(branch, path, false, depth + 1);
        }
        for (const char *keyword : {"patternProperties", "dependentSchemas", "$defs", "definitions"}) {
            const QJsonObject branches = object(schema, keyword);
            for (const QJsonValue &branch : branches)
                visit(branch, path, false, depth + 1);
        }
    }

private:
    void add(const QJsonObject &schema, const QStringList &path, bool reachable)
    {
        const QJsonValue annotation = schema.value(QLatin1String("x-mcp-header"));
        const QString name = annotation.toString();
        const QString type = schema.value(QLatin1String("type")).toString();
        const bool simple = type == QLatin1String("string") || type == QLatin1String("integer") || type == QLatin1String("boolean");
        const QString lower = name.toLower();
        if (!reachable || path.isEmpty())
            found.problem = QStringLiteral("x-mcp-header stands where no plain argument is");
        else if (name.isEmpty() || name.size() > 200 || !isToken(name))
            found.problem = QStringLiteral("x-mcp-header of %1 is no name of a header").arg(path.join(u'.').left(100));
        else if (!simple)
            found.problem = QStringLiteral("x-mcp-header of %1 stands at neither text, integer nor boolean").arg(path.join(u'.').left(100));
        else if (m_names.contains(lower))
            found.problem = QStringLiteral("x-mcp-header has the name %1 twice").arg(name);
        if (!found.problem.isEmpty())
            return;
        m_names.insert(lower);
        found.params.push_back({path, name.toLatin1()});
    }
    QSet<QString> m_names;
};
}

ParamHeaders paramHeaders(const QJsonObject &inputSchema)
{
    HeaderScan scan;
    scan.visit(inputSchema, {}, true, 0);
    return std::move(scan.found);
}

HttpHeaders paramHeaderLines(const ParamHeaders &headers, const QJsonObject &arguments)
{
    HttpHeaders lines;
    for (const ParamHeaders::Param &param : headers.params) {
        QJsonValue value = arguments;
        for (const QString &key : param.path)
            value = value.toObject().value(key);
        QString text;
        if (value.isString()) {
            text = value.toString();
        } else if (value.isBool()) {
            text = value.toBool() ? QStringLiteral("true") : QStringLiteral("false");
        } else if (value.isDouble() && std::isfinite(value.toDouble()) && std::abs(value.toDouble()) <= 9007199254740991.0) {
            text = json::compactString(value);
        } else {
            continue; // not given
        }
        lines.emplace_back("Mcp-Param-" + param.name, headerText(text));
    }
    return lines;
}

QByteArray headerText(const QString &text)
{
    const bool looksEncoded = text.startsWith(QLatin1String("=?base64?")) && text.endsWith(QLatin1String("?="));
    const bool plain = !text.isEmpty() && !looksEncoded && !text.front().isSpace() && !text.back().isSpace()
                       && std::all_of(text.begin(), text.end(), [](QChar c) { return c == u'\t' || (c >= u' ' && c <= u'~'); });
    return plain ? text.toLatin1() : "=?base64?" + text.toUtf8().toBase64() + "?=";
}

HttpHeaders standardHeaders(const JsonRpcMessage &message)
{
    HttpHeaders lines{{"Mcp-Method", headerText(message.method)}};
    const QString &method = message.method;
    const char *source = nullptr;
    if (method == QLatin1String("tools/call") || method == QLatin1String("prompts/get"))
        source = "name";
    else if (method == QLatin1String("resources/read"))
        source = "uri";
    if (source)
        lines.emplace_back("Mcp-Name", headerText(message.params.value(QLatin1String(source)).toString()));
    return lines;
}

QString shownUrl(const QString &url)
{
    return QUrl(url).toDisplayString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment);
}

} // namespace lathe::mcpwire
