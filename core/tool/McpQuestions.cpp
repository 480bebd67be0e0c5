// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/McpQuestions.h"

#include "core/tool/ToolText.h"

#include <QUrl>

namespace lathe {

namespace {
constexpr qsizetype maxMessage = 4000; // characters of what a server says

// Gives the defaults of a form's schema to what was not filled in.
QJsonObject withDefaults(QJsonObject content, const QJsonObject &schema)
{
    const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
    for (auto it = properties.begin(); it != properties.end(); ++it) {
        const QJsonObject property = it.value().toObject();
        if (!content.contains(it.key()) && property.contains(QLatin1String("default")))
            content.insert(it.key(), property.value(QLatin1String("default")));
    }
    return content;
}

bool isWebAddress(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    return url.isValid() && !url.host().isEmpty() && (url.scheme() == QLatin1String("https") || url.scheme() == QLatin1String("http"));
}
}

Task<Result<QJsonObject>> mcpElicited(AskPerson ask, QString server, QJsonObject params, CancelToken cancel)
{
    PersonRequest request;
    const bool byUrl = params.value(QLatin1String("mode")).toString() == QLatin1String("url");
    request.type = byUrl ? PersonRequest::Type::Url : PersonRequest::Type::Form;
    request.who = server;
    request.message = cleanText(params.value(QLatin1String("message")).toString().left(maxMessage));
    if (byUrl)
        request.url = params.value(QLatin1String("url")).toString();
    else
        request.schema = params.value(QLatin1String("requestedSchema")).toObject();
    if (byUrl && !isWebAddress(request.url))
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The server %1 wants an address opened that is no web address.").arg(server));
    if (!ask) {
        const QJsonObject declined{{QStringLiteral("action"), personActionName(PersonReply::Action::Decline)}};
        co_return declined;
    }
    const QJsonObject schema = request.schema;
    const auto reply = co_await ask(std::move(request), std::move(cancel));
    if (!reply)
        co_return reply.error();
    QJsonObject result{{QStringLiteral("action"), personActionName(reply->action)}};
    if (reply->action == PersonReply::Action::Accept && !byUrl)
        result.insert(QStringLiteral("content"), withDefaults(reply->content, schema));
    co_return result;
}

Task<Result<QJsonObject>> mcpSampled(AskPerson ask, McpServerConfig config, QJsonObject params, McpSampler model, CancelToken cancel)
{
    const Error denied(ErrorKind::Denied, QStringLiteral("The person did not allow the server to use a model."));
    if (!ask)
        co_return denied;
    PersonRequest request;
    request.type = PersonRequest::Type::Sampling;
    request.who = config.name;
    request.message = QStringLiteral("%1 wants the model %2 to answer.").arg(config.name, config.samplingModel);
    request.params = params;
    const auto reply = co_await ask(std::move(request), cancel);
    if (!reply)
        co_return reply.error();
    if (reply->action != PersonReply::Action::Accept)
        co_return denied;
    if (cancel.isCancelled()) // whoever has the model may be gone
        co_return Error::cancelled();
    auto answer = co_await model(std::move(config), std::move(params), std::move(cancel));
    co_return answer;
}

} // namespace lathe
