// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/HttpToolCall.h"

#include "core/base/Json.h"
#include "core/http/RetryPolicy.h"
#include "core/tool/HttpText.h"
#include "core/tool/ToolText.h"

#include <QDateTime>
#include <QRegularExpression>

#include <algorithm>

namespace lathe {

namespace {
constexpr qsizetype minRedactedLength = 4; // shorter "secrets" would black out ordinary words

const QRegularExpression &secretMark()
{
    static const QRegularExpression mark(QStringLiteral("\\{\\{\\s*secret:([^{}]{1,200}?)\\s*\\}\\}"));
    return mark;
}

Error refused(const QString &message)
{
    return Error(ErrorKind::Denied, message);
}

// The URL an answer sends on to; empty when it does not.
QString redirectTarget(const HttpResponse &response)
{
    static constexpr int statuses[] = {301, 302, 303, 307, 308};
    if (std::find(std::begin(statuses), std::end(statuses), response.status) == std::end(statuses))
        return QString();
    return QString::fromUtf8(headerValue(response.headers, "location").trimmed());
}

// What the gate reads to decide about another try.
void setTransient(ToolOutcome &outcome, bool transient, qint64 retryAfterMs)
{
    outcome.transient = transient;
    outcome.retryAfterMs = transient ? retryAfterMs : -1;
}
} // namespace

const QStringList &httpToolMethods()
{
    static const QStringList methods{QStringLiteral("GET"),   QStringLiteral("HEAD"),   QStringLiteral("POST"),   QStringLiteral("PUT"),
                                     QStringLiteral("PATCH"), QStringLiteral("DELETE"), QStringLiteral("OPTIONS")};
    return methods;
}

bool isHeaderName(const QByteArray &name)
{
    static const QByteArray others = "!#$%&'*+.^_`|~-";
    return !name.isEmpty() && name.size() <= 200 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.contains(c);
    });
}

bool isHeaderValue(const QString &value)
{
    return value.size() <= 8000
           && std::none_of(value.begin(), value.end(), [](QChar c) { return c.unicode() < 0x20 || c.unicode() == 0x7f; });
}

bool isConnectionHeader(const QByteArray &lower)
{
    static const QByteArrayList names{"host",   "content-length", "transfer-encoding", "connection", "upgrade",  "te", "trailer",
                                      "expect", "keep-alive",     "accept-encoding",   "via",        "forwarded"};
    return names.contains(lower) || lower.startsWith("proxy-");
}

bool mentionsSecret(const QString &text)
{
    return secretMark().match(text).hasMatch();
}

void UsedSecrets::addForm(const QString &name, const QString &form)
{
    if (form.size() < minRedactedLength)
        return;
    const auto same = [&form](const auto &entry) { return entry.first == form; };
    if (std::any_of(m_shown.begin(), m_shown.end(), same))
        return;
    const auto longer = [&form](const auto &entry) { return entry.first.size() < form.size(); };
    m_shown.emplace(std::find_if(m_shown.begin(), m_shown.end(), longer), form, QStringLiteral("[secret %1]").arg(name));
}

void UsedSecrets::add(const QString &name, const QString &value)
{
    addForm(name, value);
    const QByteArray bytes = value.toUtf8();
    const QByteArray percent = bytes.toPercentEncoding();
    addForm(name, QString::fromLatin1(percent));
    addForm(name, QString::fromLatin1(percent).replace(QLatin1String("%20"), QLatin1String("+")));
    // Servers write the hex digits as they like.
    static const QRegularExpression hex(QStringLiteral("%[0-9A-F]{2}"));
    QString lower = QString::fromLatin1(percent);
    for (auto found = hex.globalMatch(lower); found.hasNext();) {
        const auto match = found.next();
        lower.replace(match.capturedStart(), 3, match.captured().toLower());
    }
    addForm(name, lower);
    const QString quoted = json::compactString(value);
    addForm(name, quoted.mid(1, quoted.size() - 2));
    if (bytes.size() >= 8) // of less there may be words that look like it
        addForm(name, QString::fromLatin1(bytes.toBase64(QByteArray::OmitTrailingEquals)));
}

QString UsedSecrets::redacted(QString text) const
{
    for (const auto &[form, shown] : m_shown)
        text.replace(form, shown);
    return text;
}

QJsonValue UsedSecrets::redacted(const QJsonValue &value) const
{
    if (m_shown.empty())
        return value;
    if (value.isString())
        return redacted(value.toString());
    if (value.isArray()) {
        QJsonArray list;
        for (const QJsonValue &item : value.toArray())
            list.append(redacted(item));
        return list;
    }
    if (value.isObject()) {
        QJsonObject object;
        const QJsonObject old = value.toObject();
        for (auto it = old.begin(); it != old.end(); ++it)
            object.insert(redacted(it.key()), redacted(QJsonValue(it.value())));
        return object;
    }
    return value;
}

Result<QString> SecretSource::filled(const QString &text, UsedSecrets *used) const
{
    QString out;
    qsizetype from = 0;
    for (auto marks = secretMark().globalMatch(text); marks.hasNext();) {
        const auto mark = marks.next();
        const QString name = mark.captured(1).trimmed();
        const QString value = secret ? secret(name).trimmed() : QString();
        if (value.isEmpty())
            return Error(ErrorKind::Auth,
                         QStringLiteral("The tool %1 needs the secret \"%2\", which is not stored; a person must enter it in the settings.")
                             .arg(tool, name));
        used->add(name, value);
        out += text.mid(from, mark.capturedStart() - from) + (encode ? encode(value) : value);
        from = mark.capturedEnd();
    }
    return out + text.mid(from);
}

SecretSource SecretSource::withoutValues() const
{
    SecretSource out = *this;
    out.secret = [](const QString &name) { return QStringLiteral("value of %1").arg(name); };
    return out;
}

Result<void> HttpToolCall::checkTarget(const QUrl &target) const
{
    const bool within = policyHosts.isEmpty() || policyHosts.allows(target);
    if (within && hosts.allows(target))
        return {};
    const QStringList allowed = within ? hosts.texts() : policyHosts.texts();
    return refused(QStringLiteral("The host %1 is not allowed for this tool; allowed are: %2.")
                       .arg(target.host(), allowed.isEmpty() ? QStringLiteral("none") : allowed.mid(0, 20).join(QStringLiteral(", "))));
}

void HttpToolCall::aim(const QUrl &target)
{
    url = target;
    request.url = QString::fromLatin1(target.toEncoded(QUrl::FullyEncoded));
    request.maxRedirects = 0; // followed here, where headers are chosen anew
    const QString expected = target.host(QUrl::FullyEncoded).toLower();
    const bool allowPrivate = allowPrivateNetwork;
    request.allowAddress = [expected, allowPrivate](const QString &host, const QString &ip) {
        // Two URL parsers must agree on the host, or the allow-list has judged another one.
        if (!expected.contains(u':') && host.toLower() != expected)
            return false;
        return allowPrivate || isPublicAddress(ip);
    };
}

Result<void> HttpToolCall::follow(const HttpResponse &response)
{
    // Resolved by QUrl, then judged as strictly as a URL of the model.
    const QUrl location(redirectTarget(response), QUrl::TolerantMode);
    auto target = parseHttpUrl(url.resolved(location).toString(QUrl::FullyEncoded));
    if (!target)
        return target.error();
    const QString host = url.host();
    if (auto allowed = checkTarget(*target); !allowed)
        return refused(QStringLiteral("%1 sends the request on. %2").arg(host, allowed.error().message));
    if (url.scheme() == QLatin1String("https") && target->scheme() == QLatin1String("http"))
        return refused(QStringLiteral("%1 sends the request on from https to http, which is not followed.").arg(host));
    const bool toGet = (response.status == 303 && request.method != "HEAD")
                       || (response.status < 303 && request.method == "POST");
    if (toGet) {
        if (!methods.contains(QLatin1String("GET")))
            return refused(QStringLiteral("%1 sends the request on as GET, which is not allowed for this tool.").arg(host));
        request.method = "GET";
        request.body.clear();
        std::erase_if(request.headers, [](const auto &header) { return header.first.toLower() == "content-type"; });
    }
    if (originOf(*target) != originOf(url)) {
        if (bodyIsSecret && !request.body.isEmpty())
            return refused(QStringLiteral("%1 sends the request on to %2, which must not get the secret in it.").arg(host, target->host()));
        std::erase_if(request.headers, [this](const auto &header) {
            const QByteArray lower = header.first.toLower();
            return std::find(secretHeaders.begin(), secretHeaders.end(), lower) != secretHeaders.end() || lower == "authorization" || lower == "cookie";
        });
    }
    aim(*target);
    return {};
}

void HttpToolCall::limit(double seconds, qint64 maxBodyBytes)
{
    const qint64 totalMs = std::max<qint64>(qint64((seconds > 0 ? seconds : 3600) * 1000), 1);
    request.totalTimeoutMs = totalMs;
    request.connectTimeoutMs = std::min(request.connectTimeoutMs, totalMs);
    request.firstByteTimeoutMs = std::min(request.firstByteTimeoutMs, totalMs);
    request.maxBodyBytes = maxBodyBytes;
}

Result<void> HttpToolCall::addHeader(const QByteArray &name, const QString &value, const SecretSource &source)
{
    auto filled = source.filled(value, &secrets);
    if (!filled)
        return filled.error();
    if (!isHeaderValue(*filled))
        return refused(QStringLiteral("A secret of the tool %1 holds characters that a header cannot carry.").arg(source.tool));
    if (mentionsSecret(value))
        secretHeaders.push_back(name.toLower());
    request.headers.emplace_back(name, filled->toUtf8());
    return {};
}

QString HttpToolCall::shown() const
{
    constexpr qsizetype most = 4000;
    const QString type = json::fromUtf8Lossy(headerValue(request.headers, "content-type"));
    const QString boundary = type.contains(QLatin1String("boundary=")) ? type.section(QLatin1String("boundary="), 1) : QString();
    QString text = QString::fromLatin1(request.method) + u' ' + request.url + u'\n';
    for (const auto &[name, value] : request.headers)
        text += json::fromUtf8Lossy(name) + QStringLiteral(": ") + json::fromUtf8Lossy(value) + u'\n';
    if (!request.body.isEmpty())
        text += u'\n' + json::fromUtf8Lossy(request.body);
    if (!boundary.isEmpty()) // a random one
        text.replace(boundary, QStringLiteral("boundary"));
    text = cleanText(secrets.redacted(text));
    return text.size() > most ? text.left(most) + QStringLiteral("\n[cut: %1 characters in all]").arg(text.size()) : text;
}

ToolOutcome HttpToolAnswer::outcome(bool showUrl) const
{
    ToolOutcome outcome;
    outcome.isError = response.status >= 400;
    setTransient(outcome, mayPass(response.status), parseRetryAfter(response.headers, QDateTime::currentMSecsSinceEpoch() * 1000));
    QString text = QStringLiteral("HTTP %1").arg(response.status);
    if (showUrl)
        text += QStringLiteral(" from %1").arg(secrets.redacted(QString::fromLatin1(url.toEncoded(QUrl::FullyEncoded))).left(500));
    text += u'\n';
    QJsonObject headers;
    for (const char *name : {"Content-Type", "Location", "Last-Modified", "ETag", "Retry-After", "Link"}) {
        // Hidden before it is cut: half of a secret would not be found.
        const QString value = secrets.redacted(json::fromUtf8Lossy(header(name))).left(1000);
        if (value.isEmpty())
            continue;
        text += QStringLiteral("%1: %2\n").arg(QLatin1String(name), value);
        headers.insert(QLatin1String(name), value);
    }
    const QByteArray type = header("content-type");
    QJsonObject structured{{QStringLiteral("status"), response.status},
                           {QStringLiteral("headers"), headers},
                           {QStringLiteral("bytes"), response.body.size()}};
    if (!response.body.isEmpty()) {
        if (const auto body = bodyText(response.body, type)) {
            text += u'\n' + *body;
            if (type.toLower().contains("json")) {
                if (const auto value = json::parse(body->toUtf8()))
                    structured.insert(QStringLiteral("json"), secrets.redacted(*value));
            }
        } else {
            text += QStringLiteral("\n[binary content, %1, not shown]").arg(sizeText(response.body.size()));
        }
    }
    outcome.text = secrets.redacted(text);
    outcome.structured = structured;
    return outcome;
}

Task<Result<HttpToolAnswer>> sendToolCall(HttpClient *http, HttpToolCall call, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    for (int hop = 0;; ++hop) {
        HttpRequest request = call.request;
        auto response = co_await http->fetch(std::move(request), cancel);
        if (!response && (response.error().kind == ErrorKind::Cancelled || cancel.isCancelled()))
            co_return Error::cancelled();
        if (!response) {
            Error error = response.error();
            error.message = call.secrets.redacted(error.message);
            error.cause = call.secrets.redacted(error.cause);
            if (error.kind == ErrorKind::Denied && !call.allowPrivateNetwork)
                error.message += QStringLiteral(" It is this computer or in its local network; \"Private network\" in the tool's settings allows that.");
            co_return error;
        }
        if (redirectTarget(*response).isEmpty()) {
            HttpToolAnswer answer;
            answer.response = std::move(*response);
            answer.url = call.url;
            answer.secrets = std::move(call.secrets);
            co_return answer;
        }
        if (hop >= maxToolRedirects)
            co_return Error(ErrorKind::Protocol, QStringLiteral("%1 sends the request on again and again.").arg(call.url.host()));
        if (const auto followed = call.follow(*response); !followed) {
            Error error = followed.error();
            error.message = call.secrets.redacted(error.message);
            co_return error;
        }
    }
}

ToolOutcome failedCall(const Error &error)
{
    ToolOutcome outcome = ToolOutcome::failure(error.message);
    setTransient(outcome, error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout, error.retryAfterMs);
    return outcome;
}

bool mayPass(int status)
{
    return status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600 && status != 501 && status != 505);
}

Task<Result<ToolOutcome>> performToolCall(HttpClient *http, Result<HttpToolCall> made, std::function<ToolOutcome(const HttpToolAnswer &answer)> outcomeOf,
                                          CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    if (!made)
        co_return ToolOutcome::failure(made.error().message);
    HttpToolCall call = std::move(*made);
    const auto answer = co_await sendToolCall(http, std::move(call), std::move(cancel));
    if (!answer && answer.error().kind == ErrorKind::Cancelled)
        co_return Error::cancelled();
    if (!answer)
        co_return failedCall(answer.error());
    co_return outcomeOf(*answer);
}

} // namespace lathe
