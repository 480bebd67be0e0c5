// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/ChatModel.h"
#include "core/llm/ConnectionRules.h"

#include <QUrl>

#include <cmath>

namespace lathe {

namespace {
constexpr double longestSeconds = 24 * 3600;
constexpr int mostAttempts = 20;

bool isHeaderName(const QString &name)
{
    for (const QChar c : name) {
        if (c.unicode() <= 0x20 || c.unicode() >= 0x7f
            || QLatin1String("()<>@,;:\\\"/[]?={}").contains(c))
            return false;
    }
    return !name.isEmpty();
}

bool isHeaderValue(const QString &value)
{
    for (const QChar c : value) {
        if (c.unicode() < 0x20 && c != QLatin1Char('\t'))
            return false;
    }
    return true;
}

// What `secret` is when the connection does not say: the provider's own address needs its key, others mostly none.
QString defaultSecret(const ConnectionSpec &connection)
{
    return rules::isProvidersOwn(connection) ? ConnectionSpec::conventionalSecret(connection.api)
                                             : QString();
}
} // namespace

QStringList ConnectionSpec::knownApis()
{
    return {QStringLiteral("offline"), QStringLiteral("openai_chat"),
            QStringLiteral("openai_responses"), QStringLiteral("anthropic"),
            QStringLiteral("gemini")};
}

QString ConnectionSpec::defaultBaseUrl(const QString &api)
{
    if (api.startsWith(QLatin1String("openai")))
        return QStringLiteral("https://api.openai.com/v1");
    if (api == QLatin1String("anthropic"))
        return QStringLiteral("https://api.anthropic.com/v1");
    if (api == QLatin1String("gemini"))
        return QStringLiteral("https://generativelanguage.googleapis.com/v1beta");
    return QString();
}

QString ConnectionSpec::conventionalSecret(const QString &api)
{
    if (api.startsWith(QLatin1String("openai")))
        return QStringLiteral("OPENAI_API_KEY");
    if (api == QLatin1String("anthropic"))
        return QStringLiteral("ANTHROPIC_API_KEY");
    if (api == QLatin1String("gemini"))
        return QStringLiteral("GEMINI_API_KEY");
    return QString();
}

Result<ConnectionSpec> ConnectionSpec::fromJson(const QString &name, const QJsonObject &body)
{
    const auto bad = [&name](const QString &what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("Connection %1: %2").arg(name, what));
    };
    ConnectionSpec spec;
    spec.name = name;
    spec.api = body.value(QLatin1String("api")).toString();
    if (!knownApis().contains(spec.api)) {
        return bad(QStringLiteral("the API \"%1\" is not known; choose one of %2.")
                       .arg(spec.api.left(60), knownApis().join(QLatin1String(", "))));
    }
    spec.baseUrl = body.value(QLatin1String("base_url")).toString().trimmed();
    if (!spec.baseUrl.isEmpty()) {
        const QString withScheme = spec.baseUrl.contains(QLatin1String("://"))
                                       ? spec.baseUrl
                                       : QLatin1String("http://") + spec.baseUrl;
        const QUrl url(withScheme, QUrl::StrictMode);
        const bool web =
            url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
        if (!url.isValid() || !web || url.host().isEmpty()) {
            return bad(QStringLiteral(
                           "\"%1\" is no web address; write one such as http://127.0.0.1:8080/v1.")
                           .arg(spec.baseUrl.left(200)));
        }
        if (!url.userInfo().isEmpty())
            return bad(QStringLiteral("the base URL holds a password; name a secret instead."));
    }
    spec.provider = body.value(QLatin1String("provider")).toString();
    const QJsonValue local = body.value(QLatin1String("local"));
    if (!local.isUndefined() && !local.isNull() && !local.isBool())
        return bad(QStringLiteral("\"local\" must be true or false."));
    spec.local = local.toBool();
    const QJsonValue price = body.value(QLatin1String("price"));
    if (!price.isUndefined() && !price.isNull()) {
        spec.price = TokenPrice::fromJson(price.toObject());
        if (!spec.price) {
            return bad(QStringLiteral("its price needs \"input\" and \"output\" in dollars for a million tokens, none of them "
                                      "negative."));
        }
    }
    const QJsonValue secret = body.value(QLatin1String("secret"));
    spec.secretName = secret.isString() ? secret.toString().trimmed() : defaultSecret(spec);

    const QJsonObject headers = body.value(QLatin1String("headers")).toObject();
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        if (!isHeaderName(it.key()) || !it.value().isString()
            || !isHeaderValue(it.value().toString()))
            return bad(QStringLiteral("the header \"%1\" cannot be sent; check its name and value.")
                           .arg(it.key().left(60)));
        spec.headers.emplace_back(it.key().toLatin1(), it.value().toString().toUtf8());
    }

    const QJsonObject timeouts = body.value(QLatin1String("timeouts")).toObject();
    for (const auto &[key, target] : {std::pair{"connect", &spec.connectTimeoutMs},
                                      std::pair{"first_byte", &spec.firstByteTimeoutMs},
                                      std::pair{"idle", &spec.idleTimeoutMs}}) {
        const QJsonValue value = timeouts.value(QLatin1String(key));
        if (value.isUndefined() || value.isNull())
            continue;
        const double seconds = value.toDouble(-1);
        if (!(seconds > 0 && seconds <= longestSeconds)) {
            return bad(
                QStringLiteral(
                    "the time-out \"%1\" must be a number of seconds above 0 and at most %2.")
                    .arg(QLatin1String(key))
                    .arg(int(longestSeconds)));
        }
        *target = std::max<qint64>(1, std::llround(seconds * 1000));
    }
    const QJsonValue attempts =
        body.value(QLatin1String("retry")).toObject().value(QLatin1String("attempts"));
    if (!attempts.isUndefined() && !attempts.isNull()) {
        const int count = attempts.toInt(-1);
        if (count < 1 || count > mostAttempts)
            return bad(QStringLiteral("retry.attempts must be a whole number from 1 to %1.")
                           .arg(mostAttempts));
        spec.retry.maxAttempts = count;
    }
    return spec;
}

bool ConnectionSpec::isNearby() const
{
    return rules::isNearby(*this);
}

QJsonObject ConnectionSpec::toJson() const
{
    const ConnectionSpec defaults;
    QJsonObject out{{QStringLiteral("api"), api}};
    if (!baseUrl.isEmpty())
        out.insert(QStringLiteral("base_url"), baseUrl);
    if (!provider.isEmpty())
        out.insert(QStringLiteral("provider"), provider);
    if (local)
        out.insert(QStringLiteral("local"), true);
    if (price)
        out.insert(QStringLiteral("price"), price->toJson());
    if (secretName != defaultSecret(*this) || !secretName.isEmpty())
        out.insert(QStringLiteral("secret"), secretName);
    if (!headers.empty()) {
        QJsonObject object;
        for (const auto &[key, value] : headers)
            object.insert(QString::fromLatin1(key), QString::fromUtf8(value));
        out.insert(QStringLiteral("headers"), object);
    }
    QJsonObject timeouts;
    if (connectTimeoutMs != defaults.connectTimeoutMs)
        timeouts.insert(QStringLiteral("connect"), double(connectTimeoutMs) / 1000);
    if (firstByteTimeoutMs != defaults.firstByteTimeoutMs)
        timeouts.insert(QStringLiteral("first_byte"), double(firstByteTimeoutMs) / 1000);
    if (idleTimeoutMs != defaults.idleTimeoutMs)
        timeouts.insert(QStringLiteral("idle"), double(idleTimeoutMs) / 1000);
    if (!timeouts.isEmpty())
        out.insert(QStringLiteral("timeouts"), timeouts);
    if (retry.maxAttempts != defaults.retry.maxAttempts)
        out.insert(QStringLiteral("retry"),
                   QJsonObject{{QStringLiteral("attempts"), retry.maxAttempts}});
    return out;
}

} // namespace lathe
