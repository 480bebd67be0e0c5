// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpTool.h"

#include "core/base/Json.h"
#include "core/tool/HttpText.h"
#include "core/tool/ToolSchema.h"
#include "core/tool/ToolText.h"

#include <QRegularExpression>
#include <QUrlQuery>

#include <cmath>

namespace lathe {

namespace {
using SetupPtr = std::shared_ptr<const HttpTool::Setup>;
constexpr qsizetype minRedactedLength = 4; // shorter "secrets" would black out ordinary words
const QStringList allMethods{QStringLiteral("GET"),    QStringLiteral("HEAD"),
                             QStringLiteral("POST"),   QStringLiteral("PUT"),
                             QStringLiteral("PATCH"),  QStringLiteral("DELETE"),
                             QStringLiteral("OPTIONS")};

const QRegularExpression &secretMark()
{
    static const QRegularExpression mark(
        QStringLiteral("\\{\\{\\s*secret:([^{}]{1,200}?)\\s*\\}\\}"));
    return mark;
}

bool isToken(const QByteArray &name)
{
    static const QByteArray others = "!#$%&'*+.^_`|~-";
    return !name.isEmpty() && name.size() <= 200
           && std::all_of(name.begin(), name.end(), [](char c) {
                  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                         || others.contains(c);
              });
}

bool isHeaderValue(const QString &value)
{
    return value.size() <= 8000 && std::none_of(value.begin(), value.end(), [](QChar c) {
               return c.unicode() < 0x20 || c.unicode() == 0x7f;
           });
}

// Headers that are the business of the connection, not of a caller.
bool isReserved(const QByteArray &lower)
{
    static const QByteArrayList names{
        "host",   "content-length", "transfer-encoding", "connection", "upgrade",  "te", "trailer",
        "expect", "keep-alive",     "accept-encoding",   "via",        "forwarded"};
    return names.contains(lower) || lower.startsWith("proxy-");
}

QByteArray headerOf(const HttpHeaders &headers, const char *name)
{
    return headerValue(headers, name).trimmed();
}

QString methodOf(const QJsonObject &arguments, const HttpTool::Setup &setup)
{
    const QString given = arguments.value(QLatin1String("method")).toString().toUpper();
    return given.isEmpty() ? setup.methods.value(0) : given;
}

// The secrets a call used, so that none comes back in a text.
struct UsedSecrets {
    std::vector<std::pair<QString, QString>> nameAndValue;
    QString redacted(QString text) const
    {
        for (const auto &[name, value] : nameAndValue) {
            if (value.size() >= minRedactedLength)
                text.replace(value, QStringLiteral("[secret %1]").arg(name));
        }
        return text;
    }
};

struct Prepared {
    HttpRequest request;
    QUrl url;
    std::vector<QByteArray> secretHeaders; // lower-case names that must stay with their host
    UsedSecrets secrets;
};

Error refused(const QString &message)
{
    return Error(ErrorKind::Denied, message);
}

Result<void> addModelHeaders(const QJsonObject &headers, const HttpTool::Setup &setup,
                             Prepared &out)
{
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        const QByteArray name = it.key().toUtf8();
        const QByteArray lower = name.toLower();
        const QString value =
            it.value().isString() ? it.value().toString() : json::compactString(it.value());
        if (!isToken(name) || !isHeaderValue(value))
            return refused(
                QStringLiteral("The header \"%1\" has a name or value that HTTP does not allow.")
                    .arg(it.key().left(60)));
        if (isReserved(lower))
            return refused(QStringLiteral("The header %1 is set by the connection; leave it out.")
                               .arg(it.key()));
        const bool configured =
            std::any_of(setup.headers.begin(), setup.headers.end(),
                        [&lower](const auto &header) { return header.name.toLower() == lower; });
        if (configured)
            return refused(QStringLiteral("The header %1 is set by the tool itself; leave it out.")
                               .arg(it.key()));
        out.request.headers.emplace_back(name, value.toUtf8());
    }
    return {};
}

Result<void> addConfiguredHeaders(const HttpTool::Setup &setup, Prepared &out)
{
    for (const HttpTool::Header &header : setup.headers) {
        QString value = header.value;
        if (header.hasSecret) {
            if (!setup.secretHosts.allows(out.url))
                continue;
            QString filled;
            qsizetype from = 0;
            auto marks = secretMark().globalMatch(value);
            while (marks.hasNext()) {
                const auto mark = marks.next();
                const QString name = mark.captured(1);
                const QString secret = setup.secret ? setup.secret(name).trimmed() : QString();
                if (secret.isEmpty()) {
                    return Error(ErrorKind::Auth,
                                 QStringLiteral("The tool %1 needs the secret \"%2\", which is not "
                                                "stored; a person must "
                                                "enter it in the settings.")
                                     .arg(setup.name, name));
                }
                out.secrets.nameAndValue.emplace_back(name, secret);
                filled += value.mid(from, mark.capturedStart() - from) + secret;
                from = mark.capturedEnd();
            }
            value = filled + value.mid(from);
            if (!isHeaderValue(value))
                return refused(
                    QStringLiteral(
                        "A secret of the tool %1 holds characters that a header cannot carry.")
                        .arg(setup.name));
            out.secretHeaders.push_back(header.name.toLower());
        }
        out.request.headers.emplace_back(header.name, value.toUtf8());
    }
    return {};
}

Result<void> checkTarget(const QUrl &url, const HttpTool::Setup &setup)
{
    if (setup.hosts.allows(url))
        return {};
    const QStringList allowed = setup.hosts.texts();
    return refused(QStringLiteral("The host %1 is not allowed for this tool; allowed are: %2.")
                       .arg(url.host(), allowed.isEmpty()
                                            ? QStringLiteral("none")
                                            : allowed.mid(0, 20).join(QStringLiteral(", "))));
}

// Aims the request at the URL. The address is judged where the connection is made, after DNS, so
// that a name that changes its address between two look-ups gains nothing.
void aim(Prepared &prepared, const QUrl &url, const HttpTool::Setup &setup)
{
    prepared.url = url;
    prepared.request.url = QString::fromLatin1(url.toEncoded(QUrl::FullyEncoded));
    const QString expected = url.host(QUrl::FullyEncoded).toLower();
    const bool allowPrivate = setup.allowPrivateNetwork;
    prepared.request.allowAddress = [expected, allowPrivate](const QString &host,
                                                             const QString &ip) {
        // Two URL parsers must agree on the host, or the allow-list has judged another one.
        if (!expected.contains(u':') && host.toLower() != expected)
            return false;
        return allowPrivate || isPublicAddress(ip);
    };
}

Result<Prepared> prepare(const HttpTool::Setup &setup, const QJsonObject &arguments)
{
    auto url = parseHttpUrl(arguments.value(QLatin1String("url")).toString());
    if (!url)
        return url.error();
    const QJsonObject query = arguments.value(QLatin1String("query")).toObject();
    if (!query.isEmpty()) {
        QUrlQuery items(*url);
        for (auto it = query.begin(); it != query.end(); ++it) {
            QString value =
                it.value().isString() ? it.value().toString() : json::compactString(it.value());
            // QUrlQuery leaves "+", which servers read as a space.
            items.addQueryItem(QString::fromLatin1(QUrl::toPercentEncoding(it.key())),
                               QString::fromLatin1(QUrl::toPercentEncoding(value)));
        }
        url->setQuery(items);
    }
    if (auto allowed = checkTarget(*url, setup); !allowed)
        return allowed.error();
    const QString method = methodOf(arguments, setup);
    if (!setup.methods.contains(method)) {
        return refused(
            QStringLiteral("The method %1 is not allowed for this tool; allowed are: %2.")
                .arg(method.left(20), setup.methods.join(QStringLiteral(", "))));
    }
    Prepared out;
    aim(out, *url, setup);
    HttpRequest &request = out.request;
    request.method = method.toLatin1();
    if (auto added =
            addModelHeaders(arguments.value(QLatin1String("headers")).toObject(), setup, out);
        !added)
        return added.error();
    if (auto added = addConfiguredHeaders(setup, out); !added)
        return added.error();
    const QJsonValue body = arguments.value(QLatin1String("body"));
    const QByteArray bytes = body.isString()                       ? body.toString().toUtf8()
                             : body.isUndefined() || body.isNull() ? QByteArray()
                                                                   : json::compact(body);
    if (!bytes.isEmpty()) {
        if (method == QLatin1String("GET") || method == QLatin1String("HEAD"))
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("A %1 request carries no body; use \"query\" or another method.")
                    .arg(method));
        request.body = bytes;
        if (headerOf(request.headers, "content-type").isEmpty()) {
            const bool isJson =
                json::parseObject(bytes).ok() || (bytes.startsWith('[') && json::parse(bytes).ok());
            request.headers.emplace_back("Content-Type",
                                         isJson ? "application/json" : "text/plain; charset=utf-8");
        }
    }
    const qint64 totalMs = std::max<qint64>(qint64(setup.seconds * 1000), 1);
    request.totalTimeoutMs = totalMs;
    request.connectTimeoutMs = std::min(request.connectTimeoutMs, totalMs);
    request.firstByteTimeoutMs = std::min(request.firstByteTimeoutMs, totalMs);
    request.maxBodyBytes = setup.maxBodyBytes;
    request.maxRedirects = 0; // followed here, where headers are chosen anew
    return out;
}

// The URL an answer sends on to; empty when it does not.
QString redirectTarget(const HttpResponse &response)
{
    static constexpr int statuses[] = {301, 302, 303, 307, 308};
    if (std::find(std::begin(statuses), std::end(statuses), response.status) == std::end(statuses))
        return QString();
    return QString::fromUtf8(headerOf(response.headers, "location"));
}

Result<void> follow(Prepared &prepared, const HttpResponse &response, const HttpTool::Setup &setup)
{
    const QString location = redirectTarget(response);
    // Resolved by QUrl, then judged as strictly as a URL of the model.
    auto url = parseHttpUrl(
        prepared.url.resolved(QUrl(location, QUrl::TolerantMode)).toString(QUrl::FullyEncoded));
    if (!url)
        return url.error();
    if (auto allowed = checkTarget(*url, setup); !allowed)
        return Error(ErrorKind::Denied, QStringLiteral("%1 sends the request on. %2")
                                            .arg(prepared.url.host(), allowed.error().message));
    if (prepared.url.scheme() == QLatin1String("https") && url->scheme() == QLatin1String("http"))
        return refused(
            QStringLiteral("%1 sends the request on from https to http, which is not followed.")
                .arg(prepared.url.host()));
    HttpRequest &request = prepared.request;
    if (originOf(*url) != originOf(prepared.url)) {
        std::erase_if(request.headers, [&prepared](const auto &header) {
            const QByteArray lower = header.first.toLower();
            const bool secret =
                std::find(prepared.secretHeaders.begin(), prepared.secretHeaders.end(), lower)
                != prepared.secretHeaders.end();
            return secret || lower == "authorization" || lower == "cookie";
        });
    }
    const bool toGet = (response.status == 303 && request.method != "HEAD")
                       || (response.status < 303 && request.method == "POST");
    if (toGet) {
        if (!setup.methods.contains(QLatin1String("GET")))
            return refused(
                QStringLiteral(
                    "%1 sends the request on as GET, which is not allowed for this tool.")
                    .arg(prepared.url.host()));
        request.method = "GET";
        request.body.clear();
        std::erase_if(request.headers,
                      [](const auto &header) { return header.first.toLower() == "content-type"; });
    }
    aim(prepared, *url, setup);
    return {};
}

ToolOutcome outcomeOf(const Prepared &prepared, const HttpResponse &response)
{
    ToolOutcome outcome;
    outcome.isError = response.status >= 400;
    QString text = QStringLiteral("HTTP %1 from %2\n")
                       .arg(response.status)
                       .arg(prepared.request.url.left(500));
    QJsonObject headers;
    for (const char *name :
         {"Content-Type", "Location", "Last-Modified", "ETag", "Retry-After", "Link"}) {
        const QByteArray value = headerOf(response.headers, name).left(1000);
        if (value.isEmpty())
            continue;
        text += QStringLiteral("%1: %2\n").arg(QLatin1String(name), json::fromUtf8Lossy(value));
        headers.insert(QLatin1String(name), prepared.secrets.redacted(json::fromUtf8Lossy(value)));
    }
    const QByteArray type = headerOf(response.headers, "content-type");
    QJsonObject structured{{QStringLiteral("status"), response.status},
                           {QStringLiteral("headers"), headers},
                           {QStringLiteral("bytes"), response.body.size()}};
    if (!response.body.isEmpty()) {
        if (const auto body = bodyText(response.body, type)) {
            text += u'\n' + *body;
            if (type.contains("json")) {
                const QString clean = prepared.secrets.redacted(*body);
                if (const auto value = json::parse(clean.toUtf8()))
                    structured.insert(QStringLiteral("json"), *value);
            }
        } else {
            text += QStringLiteral("\n[binary content, %1, not shown]")
                        .arg(sizeText(response.body.size()));
        }
    }
    outcome.text = prepared.secrets.redacted(text);
    outcome.structured = structured;
    return outcome;
}

Task<Result<ToolOutcome>> perform(SetupPtr setup, QJsonObject arguments, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    auto prepared = prepare(*setup, arguments);
    if (!prepared)
        co_return ToolOutcome::failure(prepared.error().message);
    for (int hop = 0;; ++hop) {
        HttpRequest request = prepared->request;
        const auto response = co_await setup->http->fetch(std::move(request), cancel);
        if (!response && (response.error().kind == ErrorKind::Cancelled || cancel.isCancelled()))
            co_return Error::cancelled();
        if (!response)
            co_return ToolOutcome::failure(prepared->secrets.redacted(response.error().message));
        if (redirectTarget(*response).isEmpty())
            co_return outcomeOf(*prepared, *response);
        if (hop >= HttpTool::maxRedirects)
            co_return ToolOutcome::failure(
                QStringLiteral("%1 sends the request on again and again.")
                    .arg(prepared->url.host()));
        if (const auto followed = follow(*prepared, *response, *setup); !followed)
            co_return ToolOutcome::failure(followed.error().message);
    }
}
} // namespace

HttpTool::HttpTool(Setup setup) : m_setup(std::make_shared<const Setup>(std::move(setup))) {}

QString HttpTool::description() const
{
    return joinedSentences(
        m_setup->purpose,
        QStringLiteral(
            "Sends one HTTP request (%1) to an allowed host (%2) and returns status and body.")
            .arg(m_setup->methods.join(QStringLiteral(", ")),
                 m_setup->hosts.texts().mid(0, 20).join(QStringLiteral(", "))));
}

QJsonObject HttpTool::schema() const
{
    QJsonObject url = schemaProperty("string", QStringLiteral("The whole URL, http or https."));
    url.insert(QStringLiteral("minLength"), 1);
    QJsonObject method = schemaProperty(
        "string", QStringLiteral("%1 when left out.").arg(m_setup->methods.value(0)));
    method.insert(QStringLiteral("enum"), json::fromStringList(m_setup->methods));
    QJsonObject query =
        schemaProperty("object", QStringLiteral("Parameters added to the URL, encoded for you."));
    query.insert(QStringLiteral("additionalProperties"),
                 QJsonObject{{QStringLiteral("type"),
                              QJsonArray{QStringLiteral("string"), QStringLiteral("number"),
                                         QStringLiteral("boolean")}}});
    QJsonObject headers = schemaProperty("object", QStringLiteral("Further request headers."));
    headers.insert(QStringLiteral("additionalProperties"),
                   QJsonObject{{QStringLiteral("type"), QStringLiteral("string")}});
    QJsonObject properties{{QStringLiteral("url"), url},
                           {QStringLiteral("method"), method},
                           {QStringLiteral("query"), query},
                           {QStringLiteral("headers"), headers}};
    const bool takesBody =
        std::any_of(m_setup->methods.begin(), m_setup->methods.end(), [](const QString &name) {
            return name != QLatin1String("GET") && name != QLatin1String("HEAD");
        });
    if (takesBody)
        properties.insert(
            QStringLiteral("body"),
            schemaProperty("string", QStringLiteral("The body; JSON is recognised.")));
    return objectSchema(properties, {QStringLiteral("url")});
}

bool HttpTool::idempotent(const QJsonObject &arguments) const
{
    const QString method = methodOf(arguments, *m_setup);
    return m_setup->isIdempotent.value_or(method != QLatin1String("POST")
                                          && method != QLatin1String("PATCH"));
}

Task<Result<ToolOutcome>> HttpTool::call(QJsonObject arguments, CancelToken cancel)
{
    return perform(m_setup, std::move(arguments), std::move(cancel));
}

Result<std::shared_ptr<Tool>> makeHttpTool(const QString &name, const ToolSpec &spec,
                                           const ToolEnvironment &environment)
{
    const auto invalid = [&name](const QString &what) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The tool %1 cannot be used: %2").arg(name, what));
    };
    HttpTool::Setup setup;
    setup.name = name;
    setup.purpose = spec.purpose;
    const QStringList hosts = json::toStringList(spec.config.value(QLatin1String("allowed_hosts")));
    setup.hosts = HostAllowList(hosts);
    if (setup.hosts.isEmpty())
        return invalid(
            QStringLiteral("no host is allowed; add one such as api.example.com in its settings."));
    if (qsizetype(setup.hosts.texts().size()) != hosts.size())
        return invalid(QStringLiteral(
            "an allowed host is no host name; write api.example.com or *.example.com."));
    const QStringList secretHosts =
        json::toStringList(spec.config.value(QLatin1String("secret_hosts")));
    setup.secretHosts = HostAllowList(secretHosts.isEmpty() ? hosts.mid(0, 1) : secretHosts);
    for (const QString &text :
         json::toStringList(spec.config.value(QLatin1String("allowed_methods")))) {
        const QString method = text.trimmed().toUpper();
        if (!allMethods.contains(method))
            return invalid(QStringLiteral("the method \"%1\" is unknown; there are %2.")
                               .arg(text.left(20), allMethods.join(QStringLiteral(", "))));
        if (!setup.methods.contains(method))
            setup.methods += method;
    }
    if (setup.methods.isEmpty())
        setup.methods = QStringList{QStringLiteral("GET")};
    const QJsonObject headers = spec.config.value(QLatin1String("headers")).toObject();
    for (auto it = headers.begin(); it != headers.end(); ++it) {
        HttpTool::Header header{it.key().trimmed().toUtf8(), it.value().toString(), false};
        if (!isToken(header.name) || !isHeaderValue(header.value)
            || isReserved(header.name.toLower()))
            return invalid(
                QStringLiteral("the header \"%1\" cannot be sent; change its name or value.")
                    .arg(it.key().left(60)));
        header.hasSecret = secretMark().match(header.value).hasMatch();
        setup.headers.push_back(std::move(header));
    }
    const bool hasSecret = std::any_of(setup.headers.begin(), setup.headers.end(),
                                       [](const auto &header) { return header.hasSecret; });
    if (hasSecret && setup.secretHosts.texts().contains(QStringLiteral("*")))
        return invalid(QStringLiteral("a header holds a secret, but every host is allowed; put the "
                                      "host the secret is for first."));
    if (!environment.http)
        return Error(ErrorKind::Internal,
                     QStringLiteral("The tool %1 was given no HTTP client.").arg(name));
    setup.allowPrivateNetwork = spec.config.value(QLatin1String("allow_private_network")).toBool();
    setup.seconds = spec.limits.seconds > 0 ? spec.limits.seconds : 3600;
    const qint64 shown = spec.limits.maxBytes > 0 ? spec.limits.maxBytes : 256 * 1024;
    const qint64 byDefault = std::max<qint64>(4 * shown, 1024 * 1024);
    setup.maxBodyBytes =
        std::clamp<qint64>(spec.config.value(QLatin1String("max_body_bytes")).toInteger(byDefault),
                           1, 64 * 1024 * 1024);
    setup.isIdempotent = spec.idempotent;
    setup.http = environment.http;
    setup.secret = environment.secret;
    return std::shared_ptr<Tool>(std::make_shared<HttpTool>(std::move(setup)));
}

} // namespace lathe
