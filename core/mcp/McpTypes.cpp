// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/McpTypes.h"

#include "core/base/Json.h"

#include <QRegularExpression>
#include <QUrl>

namespace lathe {

namespace {
constexpr int maxConnectSeconds = 3600;

Error invalid(const QString &name, const QString &what)
{
    return Error(ErrorKind::InvalidInput, QStringLiteral("The MCP server %1 cannot be reached as it is written: %2").arg(name.left(100), what));
}

QString shortText(const QJsonValue &value, qsizetype max = 200)
{
    return value.toString().simplified().left(max);
}

QString sizeOfBase64(const QJsonValue &data)
{
    const qint64 bytes = data.toString().size() / 4 * 3;
    return bytes < 1024 ? QStringLiteral("%1 bytes").arg(bytes) : QStringLiteral("%1 KB").arg((bytes + 512) / 1024);
}

QString lineOf(const QJsonObject &block)
{
    const QString type = block.value(QLatin1String("type")).toString();
    if (type == QLatin1String("text"))
        return block.value(QLatin1String("text")).toString();
    const QString mime = shortText(block.value(QLatin1String("mimeType")), 100);
    if (type == QLatin1String("image") || type == QLatin1String("audio"))
        return QStringLiteral("[%1: %2, %3]").arg(type, mime, sizeOfBase64(block.value(QLatin1String("data"))));
    if (type == QLatin1String("resource_link")) {
        const QString title = shortText(block.value(QLatin1String(block.contains(QLatin1String("title")) ? "title" : "name")));
        return QStringLiteral("[link to the resource %1: %2]").arg(title, shortText(block.value(QLatin1String("uri")), 2000));
    }
    if (type == QLatin1String("resource")) {
        const QJsonObject resource = block.value(QLatin1String("resource")).toObject();
        const QString uri = shortText(resource.value(QLatin1String("uri")), 2000);
        if (resource.contains(QLatin1String("text")))
            return QStringLiteral("[resource %1]\n").arg(uri) + resource.value(QLatin1String("text")).toString();
        return QStringLiteral("[resource %1: %2, %3]")
            .arg(uri, shortText(resource.value(QLatin1String("mimeType")), 100), sizeOfBase64(resource.value(QLatin1String("blob"))));
    }
    return QStringLiteral("[content of the unknown type \"%1\"]").arg(type.simplified().left(60));
}

void setIfAny(QJsonObject &json, const char *key, const QJsonValue &value, bool any)
{
    if (any)
        json.insert(QLatin1String(key), value);
}
}

Result<McpServerConfig> McpServerConfig::fromJson(const QString &name, const QJsonObject &config)
{
    McpServerConfig server;
    server.name = name;
    server.command = config.value(QLatin1String("command")).toString().trimmed();
    server.args = json::toStringList(config.value(QLatin1String("args")));
    server.env = config.value(QLatin1String("env")).toObject();
    server.folder = config.value(QLatin1String("folder")).toString();
    server.url = config.value(QLatin1String("url")).toString().trimmed();
    server.headers = config.value(QLatin1String("headers")).toObject();
    server.auth = config.value(QLatin1String("auth")).toObject();
    server.roots = json::toStringList(config.value(QLatin1String("roots")));
    server.samplingModel = config.value(QLatin1String("sampling_model")).toString();
    server.connectSeconds = std::clamp(config.value(QLatin1String("connect_seconds")).toInt(server.connectSeconds), 1, maxConnectSeconds);
    const QString transport = config.value(QLatin1String("transport")).toString();
    if (transport == QLatin1String("http") || (transport.isEmpty() && server.command.isEmpty() && !server.url.isEmpty()))
        server.transport = Transport::Http;
    else if (!transport.isEmpty() && transport != QLatin1String("stdio"))
        return invalid(name, QStringLiteral("the transport \"%1\" is neither stdio nor http.").arg(transport.left(40)));
    for (const QJsonObject &texts : {server.env, server.headers}) {
        for (auto it = texts.begin(); it != texts.end(); ++it) {
            if (!it.value().isString())
                return invalid(name, QStringLiteral("the value of \"%1\" is no text.").arg(it.key().left(60)));
        }
    }
    if (server.transport == Transport::Stdio) {
        if (server.command.isEmpty())
            return invalid(name, QStringLiteral("the program to start is missing; enter a command."));
        for (auto it = server.env.begin(); it != server.env.end(); ++it) {
            if (it.key().isEmpty() || it.key().contains(u'=') || it.key().contains(QChar(0)))
                return invalid(name, QStringLiteral("\"%1\" is no name of an environment variable.").arg(it.key().left(60)));
        }
        return server;
    }
    static const QRegularExpression secret(QStringLiteral("\\{\\{\\s*secret:[^{}]+\\}\\}"));
    const QUrl url(QString(server.url).replace(secret, QStringLiteral("secret")), QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || (url.scheme() != QLatin1String("http") && url.scheme() != QLatin1String("https")))
        return invalid(name, QStringLiteral("its address must begin with http:// or https:// and name a server."));
    return server;
}

QJsonObject McpServerConfig::toJson() const
{
    const bool http = transport == Transport::Http;
    QJsonObject json{{QStringLiteral("transport"), http ? QStringLiteral("http") : QStringLiteral("stdio")}};
    setIfAny(json, "command", command, !command.isEmpty());
    setIfAny(json, "args", json::fromStringList(args), !args.isEmpty());
    setIfAny(json, "env", env, !env.isEmpty());
    setIfAny(json, "folder", folder, !folder.isEmpty());
    setIfAny(json, "url", url, !url.isEmpty());
    setIfAny(json, "headers", headers, !headers.isEmpty());
    setIfAny(json, "auth", auth, !auth.isEmpty());
    setIfAny(json, "roots", json::fromStringList(roots), !roots.isEmpty());
    setIfAny(json, "connect_seconds", connectSeconds, connectSeconds != McpServerConfig().connectSeconds);
    setIfAny(json, "sampling_model", samplingModel, !samplingModel.isEmpty());
    return json;
}

QByteArray McpServerConfig::key() const
{
    return json::hash(toJson());
}

QString McpToolResult::text() const
{
    QStringList lines;
    for (const QJsonValue &block : content)
        lines.append(lineOf(block.toObject()));
    if (lines.isEmpty() && !structured.isUndefined() && !structured.isNull())
        lines.append(json::compactString(structured));
    return lines.join(u'\n');
}

} // namespace lathe
