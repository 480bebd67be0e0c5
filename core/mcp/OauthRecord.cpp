// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mcp/OauthRecord.h"

#include "core/base/Json.h"
#include "core/mcp/OauthMetadata.h"

#include <QRegularExpression>

#include <algorithm>

namespace lathe::oauth {

namespace {
QString kindName(Registration::Kind kind)
{
    switch (kind) {
    case Registration::Kind::Configured: return QStringLiteral("configured");
    case Registration::Kind::MetadataDocument: return QStringLiteral("metadata_document");
    case Registration::Kind::Dynamic: return QStringLiteral("dynamic");
    case Registration::Kind::None: break;
    }
    return QString();
}

Registration::Kind kindOf(const QString &name)
{
    for (const auto kind : {Registration::Kind::Configured, Registration::Kind::MetadataDocument, Registration::Kind::Dynamic}) {
        if (kindName(kind) == name)
            return kind;
    }
    return Registration::Kind::None;
}

// {{secret:NAME}} by its value.
Result<QString> withSecrets(const QString &text, const QString &server, const std::function<QString(const QString &)> &secret)
{
    static const QRegularExpression reference(QStringLiteral("\\{\\{\\s*secret:([^}\\s]+)\\s*\\}\\}"));
    QString out;
    qsizetype at = 0;
    for (auto it = reference.globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        const QString name = match.captured(1);
        const QString value = secret ? secret(name) : QString();
        if (value.isEmpty()) {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The secret %1 that the sign-in of %2 uses is not stored. Store it in the settings.").arg(name, server));
        }
        out += text.mid(at, match.capturedStart() - at) + value;
        at = match.capturedEnd();
    }
    return out + text.mid(at);
}
} // namespace

QByteArray Record::toJson() const
{
    QJsonObject object{
        {QStringLiteral("issuer"), issuer},
        {QStringLiteral("token_endpoint"), tokenEndpoint},
        {QStringLiteral("revocation_endpoint"), revocationEndpoint},
        {QStringLiteral("resource"), resource},
        {QStringLiteral("requested"), json::fromStringList(requested)},
        {QStringLiteral("granted"), json::fromStringList(granted)},
        {QStringLiteral("client"), kindName(registration.kind)},
        {QStringLiteral("client_id"), registration.id},
        {QStringLiteral("auth_method"), registration.authMethod},
        {QStringLiteral("redirect_port"), registration.redirectPort},
        {QStringLiteral("secret_expires_us"), double(registration.secretExpiresUs)},
        {QStringLiteral("access_token"), access},
        {QStringLiteral("refresh_token"), refresh},
        {QStringLiteral("expires_us"), double(expiresUs)},
    };
    if (registration.kind == Registration::Kind::Dynamic) // a configured one is the person's secret, kept elsewhere
        object.insert(QStringLiteral("client_secret"), registration.secret);
    return json::compact(object);
}

Record Record::fromJson(const QByteArray &text)
{
    Record record;
    const auto object = json::parseObject(text);
    if (!object)
        return record;
    const auto string = [&](const char *name) { return object->value(QLatin1String(name)).toString(); };
    record.issuer = string("issuer");
    record.tokenEndpoint = string("token_endpoint");
    record.resource = string("resource");
    if (record.issuer.isEmpty() || !urlProblem(record.tokenEndpoint, QString()).isEmpty())
        return Record();
    record.revocationEndpoint = string("revocation_endpoint");
    record.requested = json::toStringList(object->value(QLatin1String("requested")));
    record.granted = json::toStringList(object->value(QLatin1String("granted")));
    record.registration.kind = kindOf(string("client"));
    record.registration.id = string("client_id");
    record.registration.secret = string("client_secret");
    record.registration.authMethod = string("auth_method");
    record.registration.redirectPort = std::clamp(object->value(QLatin1String("redirect_port")).toInt(), 0, 65535);
    record.registration.secretExpiresUs = object->value(QLatin1String("secret_expires_us")).toInteger();
    record.access = string("access_token");
    record.refresh = string("refresh_token");
    record.expiresUs = object->value(QLatin1String("expires_us")).toInteger();
    return record;
}

void Record::dropTokens()
{
    access.clear();
    refresh.clear();
    granted.clear();
    expiresUs = 0;
}

Result<Settings> Settings::of(const McpServerConfig &config, const std::function<QString(const QString &)> &secret)
{
    Settings settings;
    const std::pair<const char *, QString *> texts[] = {
        {"client_id", &settings.clientId},
        {"client_secret", &settings.clientSecret},
        {"issuer", &settings.issuer},
        {"client_metadata_url", &settings.metadataUrl},
        {"token_endpoint_auth_method", &settings.authMethod},
    };
    for (const auto &[name, target] : texts) {
        const QJsonValue value = config.auth.value(QLatin1String(name));
        if (value.isUndefined() || value.isNull())
            continue;
        if (!value.isString()) {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("\"%1\" in the sign-in settings of %2 must be a text.").arg(QLatin1String(name), config.name));
        }
        auto text = withSecrets(value.toString(), config.name, secret);
        if (!text)
            return text.error();
        *target = std::move(*text);
    }
    const QJsonValue scopes = config.auth.value(QLatin1String("scopes"));
    settings.scopes = scopeList(scopes.isArray() ? json::toStringList(scopes).join(QLatin1Char(' ')) : scopes.toString());
    settings.redirectPort = config.auth.value(QLatin1String("redirect_port")).toInt();
    if (settings.redirectPort < 0 || settings.redirectPort > 65535) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("\"redirect_port\" in the sign-in settings of %1 must be a port from 1 to 65535.").arg(config.name));
    }
    const QString grant = config.auth.value(QLatin1String("grant")).toString(QStringLiteral("authorization_code"));
    settings.ownAccount = grant == QLatin1String("client_credentials");
    if (!settings.ownAccount && grant != QLatin1String("authorization_code")) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("\"grant\" in the sign-in settings of %1 must be authorization_code or "
                                                             "client_credentials.").arg(config.name));
    }
    if (settings.ownAccount && (settings.clientId.isEmpty() || settings.clientSecret.isEmpty())) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The grant client_credentials needs client_id and client_secret in the sign-in "
                                                             "settings of %1.").arg(config.name));
    }
    const QStringList methods{QString(), QStringLiteral("none"), QStringLiteral("client_secret_basic"), QStringLiteral("client_secret_post")};
    if (!methods.contains(settings.authMethod)) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("\"token_endpoint_auth_method\" in the sign-in settings of %1 must be none, "
                                                             "client_secret_basic or client_secret_post.").arg(config.name));
    }
    return settings;
}

QString recordName(const McpServerConfig &config)
{
    const QByteArray identity = config.url.toUtf8() + '\n' + json::compact(config.auth);
    return QStringLiteral("mcp-oauth-%1-%2").arg(QUrl(config.url).host(), QString::fromLatin1(json::sha256(identity).left(16)));
}

} // namespace lathe::oauth
