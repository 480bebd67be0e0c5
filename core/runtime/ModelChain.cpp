// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/ModelChain.h"

#include "core/base/Json.h"
#include "core/base/JsonWriter.h"

#include <algorithm>

namespace lathe {

namespace {
// Another model may do what this one could not, unless the person or a limit stopped it.
bool worthFallback(const Error &error)
{
    return error.kind != ErrorKind::Cancelled && error.kind != ErrorKind::LimitReached && error.kind != ErrorKind::Internal;
}
}

QJsonObject errorToJson(const Error &error)
{
    QJsonObject json{{QStringLiteral("type"), errorKindName(error.kind)}, {QStringLiteral("message"), error.message}};
    if (!error.cause.isEmpty())
        json[QStringLiteral("cause")] = error.cause;
    if (error.httpStatus)
        json[QStringLiteral("http_status")] = error.httpStatus;
    return json;
}

Error errorFromJson(const QJsonObject &json)
{
    Error error(errorKindFromName(json.value(QStringLiteral("type")).toString()),
                json.value(QStringLiteral("message")).toString(), json.value(QStringLiteral("cause")).toString());
    error.httpStatus = json.value(QStringLiteral("http_status")).toInt();
    return error;
}

QJsonArray noticesToJson(const std::vector<ChatNotice> &notices)
{
    QJsonArray list;
    for (const ChatNotice &notice : notices)
        list.append(QJsonObject{{QStringLiteral("name"), notice.name}, {QStringLiteral("attributes"), notice.attributes}});
    return list;
}

std::vector<ChatNotice> noticesFromJson(const QJsonArray &json)
{
    std::vector<ChatNotice> notices;
    for (const QJsonValue &notice : json)
        notices.push_back(ChatNotice{notice[QLatin1String("name")].toString(), notice[QLatin1String("attributes")].toObject()});
    return notices;
}

int retriesIn(const std::vector<ChatNotice> &notices)
{
    return int(std::count_if(notices.begin(), notices.end(), [](const ChatNotice &notice) { return notice.name == QLatin1String("retry"); }));
}

QJsonObject ChainAnswer::toJson() const
{
    QJsonObject json{{QStringLiteral("connection"), used.connection},
                     {QStringLiteral("model"), used.model},
                     {QStringLiteral("provider"), provider}};
    if (response)
        json[QStringLiteral("response")] = response->toJson();
    if (error)
        json[QStringLiteral("error")] = errorToJson(*error);
    if (!notices.empty())
        json[QStringLiteral("notices")] = noticesToJson(notices);
    if (!partialText.isEmpty())
        json[QStringLiteral("partial_text")] = partialText;
    return json;
}

QByteArray ChainAnswer::toText() const
{
    using L = QLatin1String;
    json::Writer out;
    out.beginObject().key(L("connection")).string(used.connection);
    if (error)
        out.key(L("error")).value(errorToJson(*error));
    out.key(L("model")).string(used.model);
    if (!notices.empty())
        out.key(L("notices")).value(noticesToJson(notices));
    if (!partialText.isEmpty())
        out.key(L("partial_text")).string(partialText);
    out.key(L("provider")).string(provider);
    if (response)
        out.key(L("response")).raw(response->toCanonicalText());
    return out.endObject().take();
}

ChainAnswer ChainAnswer::fromJson(const QJsonObject &json)
{
    ChainAnswer answer;
    answer.used = ModelChoice{json.value(QStringLiteral("connection")).toString(), json.value(QStringLiteral("model")).toString()};
    answer.provider = json.value(QStringLiteral("provider")).toString();
    answer.notices = noticesFromJson(json.value(QStringLiteral("notices")).toArray());
    answer.partialText = json.value(QStringLiteral("partial_text")).toString();
    if (json.contains(QStringLiteral("response"))) {
        auto response = ChatResponse::fromJson(json.value(QStringLiteral("response")).toObject());
        if (response)
            answer.response = std::move(*response);
        else
            answer.error = response.error();
    } else {
        answer.error = errorFromJson(json.value(QStringLiteral("error")).toObject());
    }
    return answer;
}

Task<ChainAnswer> chatOverChain(std::vector<ModelBinding> chain, ChatRequest request, ChatSinks sinks, CancelToken cancel)
{
    ChainAnswer answer;
    ChatSinks inner = sinks;
    inner.notice = [&answer, &sinks](const ChatNotice &notice) {
        answer.notices.push_back(notice);
        if (sinks.notice)
            sinks.notice(notice);
    };
    bool streamed = false;
    inner.delta = [&sinks, &streamed](const ChatDelta &delta) {
        streamed = true;
        if (sinks.delta)
            sinks.delta(delta);
    };
    if (chain.empty())
        answer.error = Error(ErrorKind::InvalidInput, QStringLiteral("The agent has no model; choose one in its settings."));
    for (size_t i = 0; i < chain.size(); ++i) {
        const ModelBinding &binding = chain[i];
        answer.used = binding.choice;
        answer.provider = binding.provider;
        answer.error.reset();
        auto model = binding.make();
        if (model) {
            if (answer.provider.isEmpty())
                answer.provider = (*model)->providerName();
            request.model = binding.choice.model;
            auto response = co_await (*model)->chat(request, inner, cancel);
            if (response) {
                answer.response = std::move(*response);
                break;
            }
            answer.error = response.error();
        } else {
            answer.error = model.error();
        }
        if (!worthFallback(*answer.error) || cancel.isCancelled() || i + 1 == chain.size())
            break;
        if (std::exchange(streamed, false) && sinks.restart)
            sinks.restart();
        inner.notice(ChatNotice{QStringLiteral("fallback"),
                                QJsonObject{{QStringLiteral("from"), binding.choice.toString()},
                                            {QStringLiteral("to"), chain[i + 1].choice.toString()},
                                            {QStringLiteral("error.type"), errorKindName(answer.error->kind)},
                                            {QStringLiteral("reason"), answer.error->message}}});
    }
    co_return answer;
}

} // namespace lathe
