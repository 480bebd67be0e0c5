// SPDX-License-Identifier: GPL-3.0-or-later
// Error answers of OpenAI, Anthropic, Gemini, llama-server, Ollama, vLLM, Mistral and FastAPI servers as sentences.
#include "core/llm/CodecSupport.h"
#include "core/llm/ConnectionRules.h"

#include <QDateTime>
#include <QJsonDocument>

namespace lathe::codec {

namespace {
constexpr int reasonLength = 240; // of the provider's own words in a sentence

QString scalarText(const QJsonValue &value)
{
    if (value.isString())
        return value.toString();
    return value.isDouble() ? QString::number(value.toInteger()) : QString();
}

// google.rpc.RetryInfo: "34.5s".
qint64 googleDelayMs(const QJsonArray &details)
{
    for (const QJsonValue &detail : details) {
        const QString delay = detail.toObject().value(QLatin1String("retryDelay")).toString();
        if (!delay.endsWith(QLatin1Char('s')))
            continue;
        bool ok = false;
        const double seconds = delay.chopped(1).toDouble(&ok);
        if (ok && seconds >= 0 && seconds < 1e6)
            return qint64(seconds * 1000);
    }
    return -1;
}

ErrorBody fromObject(const QJsonObject &object)
{
    ErrorBody out;
    const QJsonValue error = object.value(QLatin1String("error"));
    const QJsonObject inner = error.isObject() ? error.toObject() : object;
    out.message = scalarText(inner.value(QLatin1String("message")));
    if (out.message.isEmpty() && error.isString()) // Ollama, LM Studio
        out.message = error.toString();
    const QJsonValue detail = inner.value(QLatin1String("detail")); // FastAPI, Mistral
    if (out.message.isEmpty() && detail.isString())
        out.message = detail.toString();
    if (out.message.isEmpty() && detail.isArray())
        out.message = detail.toArray().first().toObject().value(QLatin1String("msg")).toString();
    for (const char *key : {"code", "type", "status", "param"}) {
        const QString value = scalarText(inner.value(QLatin1String(key)));
        if (!value.isEmpty())
            out.code += (out.code.isEmpty() ? QString() : QStringLiteral(" ")) + value;
    }
    const QJsonArray details = inner.value(QLatin1String("details")).toArray();
    for (const QJsonValue &item : details) {
        const QString reason = item.toObject().value(QLatin1String("reason")).toString();
        if (!reason.isEmpty())
            out.code += QLatin1Char(' ') + reason;
    }
    out.retryAfterMs = googleDelayMs(details);
    out.promptTokens = inner.value(QLatin1String("n_prompt_tokens")).toInteger();
    out.contextTokens = inner.value(QLatin1String("n_ctx")).toInteger();
    // OpenRouter hides the provider's own words in metadata.raw.
    const QString raw =
        inner.value(QLatin1String("metadata")).toObject().value(QLatin1String("raw")).toString();
    if (!raw.isEmpty())
        out.message += QLatin1String(" (") + raw + QLatin1Char(')');
    return out;
}

bool has(const QString &text, std::initializer_list<const char *> words)
{
    for (const char *word : words) {
        if (text.contains(QLatin1String(word), Qt::CaseInsensitive))
            return true;
    }
    return false;
}

bool isTooLong(const ErrorBody &body)
{
    return has(body.code, {"context_length_exceeded", "exceed_context_size"})
           || has(body.message,
                  {"maximum context length", "prompt is too long", "context window", "context size",
                   "input token count", "too many tokens", "context length"});
}

bool isUnknownModel(int status, const ErrorBody &body)
{
    if (has(body.code, {"model_not_found", "invalid_model", "model_not_exist"}))
        return true;
    const bool named = has(body.message, {"model"}) || has(body.code, {"model"});
    if (status == 404)
        return named || has(body.code, {"not_found_error", "NOT_FOUND"});
    return (status == 400 || status == 422)
           && has(body.message,
                  {"model not found", "invalid model", "unknown model", "model does not exist",
                   "not a valid model", "model not exist", "no such model"});
}

// What a status or an error object means; `status` 0 for errors inside a stream.
Error classify(int status, const ErrorBody &body, const QString &who, const QString &where,
               const QString &secretName, const QString &model, const QString &url)
{
    const QString reason = excerpt(body.message.toUtf8(), reasonLength);
    const QString because = reason.isEmpty() ? QString() : QLatin1String(": ") + reason;
    const QString stop = reason.endsWith(QLatin1Char('.')) ? QString() : QStringLiteral(".");
    Error error;
    error.httpStatus = status;
    error.retryAfterMs = body.retryAfterMs;
    const auto say = [&error](ErrorKind kind, const QString &sentence) {
        error.kind = kind;
        error.message = sentence;
        return error;
    };

    const bool keyRefused = has(body.code, {"authentication_error", "invalid_api_key",
                                            "API_KEY_INVALID", "UNAUTHENTICATED"})
                            || has(body.message, {"api key not valid", "invalid api key"});
    if (status == 401 || (keyRefused && status < 500)) {
        const QString remedy =
            secretName.isEmpty()
                ? QStringLiteral("Choose a secret for the connection in Connections.")
                : QStringLiteral("Check the secret %1 in Connections.").arg(secretName);
        return say(ErrorKind::Auth, QStringLiteral("%1 refused the key (%2)%3. %4")
                                        .arg(who)
                                        .arg(status)
                                        .arg(where, remedy));
    }
    if (status == 403) {
        const QString key = secretName.isEmpty() ? QStringLiteral("its secret")
                                                 : QLatin1String("the secret ") + secretName;
        return say(
            ErrorKind::Auth,
            QStringLiteral(
                "%1 refused access (403)%2%3%4 Check %5 in Connections and what it is allowed "
                "to use.")
                .arg(who, where, because, stop, key));
    }
    if (status == 402
        || has(body.code, {"insufficient_quota", "insufficient_credits", "billing_error"})) {
        return say(
            ErrorKind::Denied,
            QStringLiteral(
                "The account at %1 has no credit left (%2)%3%4%5 Top it up or choose another "
                "connection.")
                .arg(who)
                .arg(status)
                .arg(where, because, stop));
    }
    if (status < 500 && status != 429 && isTooLong(body)) {
        QString size;
        if (body.promptTokens > 0 && body.contextTokens > 0)
            size = QStringLiteral(" (%1 tokens of at most %2)")
                       .arg(body.promptTokens)
                       .arg(body.contextTokens);
        return say(ErrorKind::InvalidInput,
                   QStringLiteral("The conversation is too long for %1%2%3. Shorten the input or "
                                  "the memory, or choose a model "
                                  "with a larger context window.")
                       .arg(model, size, size.isEmpty() ? because : QString()));
    }
    if (isUnknownModel(status, body)) {
        return say(ErrorKind::NotFound,
                   QStringLiteral("%1 does not know the model \"%2\"%3. Choose another model.")
                       .arg(who, model, where));
    }
    if (status == 404) {
        return say(ErrorKind::NotFound,
                   QStringLiteral("There is nothing at %1 (404) to ask the model \"%2\" of. Check "
                                  "the base URL and the API%3.")
                       .arg(url, model, where));
    }
    if (status == 429 || has(body.code, {"rate_limit", "RESOURCE_EXHAUSTED"})) {
        return say(ErrorKind::RateLimited,
                   QStringLiteral("%1 is asked too often or too much at once (429)%2%3%4 Wait, "
                                  "lower the number of parallel runs, "
                                  "or choose another model.")
                       .arg(who, where, because, stop));
    }
    if (status == 413) {
        return say(
            ErrorKind::InvalidInput,
            QStringLiteral(
                "The request is too large for %1 (413)%2. Shorten the input or leave out images.")
                .arg(who, where));
    }
    if (status >= 500 || status == 408 || status == 409 || status == 425) {
        return say(
            ErrorKind::Provider,
            QStringLiteral("%1 has a problem (%2)%3%4%5 Try again later or choose another model.")
                .arg(who)
                .arg(status)
                .arg(where, because, stop));
    }
    if (status >= 300 && status < 400) {
        return say(ErrorKind::Protocol,
                   QStringLiteral("%1 leads elsewhere (%2). Check the base URL%3.")
                       .arg(url)
                       .arg(status)
                       .arg(where));
    }
    return say(ErrorKind::InvalidInput,
               QStringLiteral("%1 did not accept the request for %2 (%3)%4%5%6")
                   .arg(who, model)
                   .arg(status)
                   .arg(where, because, stop));
}

bool looksLikeMarkup(const QByteArray &body)
{
    return body.trimmed().startsWith('<');
}
} // namespace

ErrorBody parseErrorBody(const QByteArray &body)
{
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (document.isObject())
        return fromObject(document.object());
    if (document.isArray()
        && document.array().first().isObject()) // Gemini's stream endpoint without alt=sse
        return fromObject(document.array().first().toObject());
    ErrorBody out;
    if (!looksLikeMarkup(body))
        out.message = excerpt(body, reasonLength);
    return out;
}

Error decodeHttpError(const HttpResponse &response, const ConnectionSpec &connection,
                      const QString &model)
{
    const ErrorBody body = parseErrorBody(response.body);
    const QString where = connection.name.isEmpty()
                              ? QString()
                              : QStringLiteral(" for connection %1").arg(connection.name);
    const QString url = response.effectiveUrl.isEmpty()
                            ? rules::apiRoot(connection)
                            : response.effectiveUrl.section(QLatin1Char('?'), 0, 0);
    Error error = classify(response.status, body, rules::displayName(connection), where,
                           connection.secretName, model, url);
    error.cause =
        QStringLiteral("HTTP %1: %2").arg(response.status).arg(excerpt(response.body, 280));
    const qint64 asked =
        parseRetryAfter(response.headers, QDateTime::currentMSecsSinceEpoch() * 1000);
    if (asked >= 0)
        error.retryAfterMs = asked;
    return error;
}

Error streamError(const QJsonObject &object, const QString &model)
{
    const ErrorBody body = fromObject(object);
    // The status the provider would have answered with, so that retries follow the same rules.
    int status = body.code.section(QLatin1Char(' '), 0, 0).toInt();
    if (status < 400 || status > 599) {
        if (has(body.code, {"overloaded"}))
            status = 529;
        else if (has(body.code, {"rate_limit", "RESOURCE_EXHAUSTED"}))
            status = 429;
        else if (has(body.code, {"invalid_request", "exceed_context_size", "context_length",
                                 "INVALID_ARGUMENT", "not_supported"}))
            status = 400;
        else if (has(body.code, {"authentication"}))
            status = 401;
        else if (has(body.code, {"not_found"}))
            status = 404;
        else
            status = 500;
    }
    Error error = classify(status, body, QStringLiteral("The provider of %1").arg(model), QString(),
                           QString(), model, QString());
    error.cause = QStringLiteral("error in the stream: %1")
                      .arg(excerpt(QJsonDocument(object).toJson(QJsonDocument::Compact), 280));
    return error;
}

} // namespace lathe::codec
