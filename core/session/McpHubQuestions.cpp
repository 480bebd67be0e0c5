// SPDX-License-Identifier: GPL-3.0-or-later
// What servers ask outside of runs: values for a form, an address to open, a model's answer, a sign-in.
#include "core/session/McpHubPrivate.h"
#include "core/tool/McpQuestions.h"

#include <QMetaMethod>

#include <algorithm>

namespace lathe {

namespace {
constexpr size_t maxQuestions = 50; // waiting at once; more are declined, so that a server cannot flood the person

// Parts of one message's content: a block, or a list of them.
Result<std::vector<MessagePart>> partsOf(const QJsonValue &content)
{
    const QJsonArray blocks = content.isArray() ? content.toArray() : QJsonArray{content};
    std::vector<MessagePart> parts;
    for (const QJsonValue &value : blocks) {
        const QJsonObject block = value.toObject();
        const QString type = block.value(QLatin1String("type")).toString();
        if (type == QLatin1String("text")) {
            parts.push_back(MessagePart::fromText(block.value(QLatin1String("text")).toString()));
        } else if (type == QLatin1String("image")) {
            MessagePart part;
            part.type = MessagePart::Type::Image;
            part.mimeType = block.value(QLatin1String("mimeType")).toString();
            part.bytes = QByteArray::fromBase64(block.value(QLatin1String("data")).toString().toLatin1());
            parts.push_back(std::move(part));
        } else {
            return Error(ErrorKind::InvalidInput, QStringLiteral("The server sent content of the type \"%1\", which cannot be given to a model here.").arg(type.left(40)));
        }
    }
    return parts;
}

Result<ChatRequest> chatRequestOf(const QJsonObject &request, const QString &model)
{
    ChatRequest chat;
    chat.model = model;
    chat.stream = false;
    const QString system = request.value(QLatin1String("systemPrompt")).toString();
    if (!system.isEmpty())
        chat.messages.emplace_back(Role::System, system);
    const QJsonArray messages = request.value(QLatin1String("messages")).toArray();
    for (const QJsonValue &value : messages) {
        const QJsonObject message = value.toObject();
        auto parts = partsOf(message.value(QLatin1String("content")));
        if (!parts)
            return parts.error();
        Message made;
        made.role = message.value(QLatin1String("role")).toString() == QLatin1String("assistant") ? Role::Assistant : Role::User;
        made.parts = std::move(*parts);
        chat.messages.push_back(std::move(made));
    }
    if (messages.isEmpty())
        return Error(ErrorKind::InvalidInput, QStringLiteral("The server asked a model without a message."));
    const qint64 tokens = request.value(QLatin1String("maxTokens")).toInteger(0);
    chat.maxTokens = tokens > 0 ? tokens : 1000;
    if (request.value(QLatin1String("temperature")).isDouble())
        chat.temperature = request.value(QLatin1String("temperature")).toDouble();
    chat.stop = json::toStringList(request.value(QLatin1String("stopSequences")));
    return chat;
}
}

bool McpHub::Private::somebodyListens() const
{
    static const QMetaMethod changed = QMetaMethod::fromSignal(&McpHub::questionsChanged);
    return hub && hub->isSignalConnected(changed);
}

Task<Result<PersonReply>> McpHub::Private::ask(std::shared_ptr<Private> d, QString server, PersonRequest request, CancelToken cancel)
{
    PersonReply nobody; // Cancel: neither yes nor no
    if (!d->somebodyListens() || d->asked.size() >= maxQuestions)
        co_return nobody;
    Asked asked;
    asked.question.id = ++d->lastId;
    asked.question.server = std::move(server);
    asked.question.request = std::move(request);
    const Completion<PersonReply> reply = asked.reply;
    const quint64 id = asked.question.id;
    d->asked.push_back(std::move(asked));
    Q_EMIT d->hub->questionsChanged();
    PersonReply answer;
    {
        const auto registered = cancel.onCancelled([reply] { reply.complete(PersonReply()); });
        answer = co_await reply;
    }
    const auto still = std::find_if(d->asked.begin(), d->asked.end(), [id](const Asked &one) { return one.question.id == id; });
    if (still != d->asked.end()) { // given up, not answered
        d->asked.erase(still);
        if (d->hub)
            Q_EMIT d->hub->questionsChanged();
    }
    if (cancel.isCancelled())
        co_return Error::cancelled();
    co_return answer;
}

std::vector<McpQuestion> McpHub::questions() const
{
    std::vector<McpQuestion> all;
    for (const Private::Asked &one : d->asked)
        all.push_back(one.question);
    return all;
}

void McpHub::answer(quint64 id, const PersonReply &reply)
{
    const auto held = d;
    const auto found = std::find_if(held->asked.begin(), held->asked.end(), [id](const Private::Asked &one) { return one.question.id == id; });
    if (found == held->asked.end())
        return; // given up meanwhile
    const Completion<PersonReply> waiting = found->reply;
    held->asked.erase(found);
    waiting.complete(reply); // may end the hub
    if (held->hub)
        Q_EMIT held->hub->questionsChanged();
}

AskPerson McpHub::Private::asker(std::shared_ptr<Private> d, const QString &server)
{
    return [d, server](PersonRequest request, CancelToken cancel) { return ask(d, server, std::move(request), std::move(cancel)); };
}

Task<Result<QJsonObject>> McpHub::Private::sampledOutside(std::shared_ptr<Private> d, McpServerConfig config, QJsonObject request, CancelToken cancel)
{
    auto answer = co_await sample(std::move(d), std::move(config), std::move(request), std::move(cancel));
    if (!answer)
        co_return answer.error();
    co_return std::move(answer->result);
}

Task<Result<McpSampled>> McpHub::Private::sample(std::shared_ptr<Private> d, McpServerConfig config, QJsonObject request, CancelToken cancel)
{
    const qsizetype slash = config.samplingModel.indexOf(u'/');
    if (slash <= 0)
        co_return Error(ErrorKind::Denied,
                        QStringLiteral("The server %1 may not use a model; name one in its settings (\"Model for the server\") to allow it.").arg(config.name));
    if (!d->resolver)
        co_return Error::cancelled();
    ModelChoice choice;
    choice.connection = config.samplingModel.left(slash);
    choice.model = config.samplingModel.mid(slash + 1);
    const auto chat = chatRequestOf(request, choice.model);
    if (!chat)
        co_return chat.error();
    const auto named = d->resolver->namedConnection(choice.connection);
    if (!named)
        co_return named.error();
    const ModelBinding binding = co_await d->resolver->bindModel(choice, *named);
    const auto model = binding.make();
    if (!model)
        co_return model.error();
    McpSampled sampled;
    sampled.connection = choice.connection;
    sampled.provider = binding.provider.isEmpty() ? (*model)->providerName() : binding.provider;
    sampled.startUs = d->options.clock ? d->options.clock->nowUs() : 0;
    const auto answer = co_await (*model)->chat(*chat, ChatSinks(), cancel);
    if (!answer)
        co_return answer.error();
    sampled.endUs = d->options.clock ? d->options.clock->nowUs() : 0;
    sampled.model = choice.model;
    sampled.usage = answer->usage.toJson();
    const QString reason = answer->finishReason == FinishReason::Length ? QStringLiteral("maxTokens")
                           : answer->finishReason == FinishReason::Stop ? QStringLiteral("endTurn") : finishReasonName(answer->finishReason);
    sampled.result = QJsonObject{{QStringLiteral("role"), QStringLiteral("assistant")},
                                 {QStringLiteral("content"), QJsonObject{{QStringLiteral("type"), QStringLiteral("text")},
                                                                         {QStringLiteral("text"), answer->message.text()}}},
                                 {QStringLiteral("model"), answer->model.isEmpty() ? choice.model : answer->model},
                                 {QStringLiteral("stopReason"), reason}};
    co_return sampled;
}

Task<Result<McpSampled>> McpHub::sampled(McpServerConfig config, QJsonObject request, CancelToken cancel)
{
    return Private::sample(d, std::move(config), std::move(request), std::move(cancel));
}

Task<Result<QUrl>> McpHub::Private::signIn(std::shared_ptr<Private> d, OauthSignIn wanted, CancelToken cancel)
{
    const QString host = QUrl(wanted.issuer).host();
    PersonRequest asked;
    asked.type = PersonRequest::Type::Url;
    asked.who = wanted.server;
    asked.url = wanted.authorizationUrl.toString(QUrl::FullyEncoded);
    asked.message = QStringLiteral("%1 (%2) needs you to sign in at %3 in your browser.")
                        .arg(wanted.server, QUrl(wanted.serverUrl).host(), host.isEmpty() ? wanted.authorizationUrl.host() : host);
    if (!wanted.scopes.isEmpty())
        asked.message += QStringLiteral(" It asks for: %1.").arg(wanted.scopes.join(QStringLiteral(", ")));
    asked.params = QJsonObject{{QStringLiteral("sign_in"), true},
                               {QStringLiteral("server_url"), wanted.serverUrl},
                               {QStringLiteral("issuer"), wanted.issuer},
                               {QStringLiteral("redirect_uri"), wanted.redirectUri.toString()}};
    const bool attended = d->somebodyListens();
    const auto reply = co_await ask(d, wanted.server, std::move(asked), cancel);
    if (!reply)
        co_return reply.error();
    if (reply->action != PersonReply::Action::Accept)
        co_return Error(ErrorKind::Denied,
                        attended ? QStringLiteral("You did not sign in at %1, so the server %2 cannot be used.").arg(host, wanted.server)
                                 : QStringLiteral("The server %1 needs a sign-in at %2, and nobody is here to do it; connect it once in the window.")
                                       .arg(wanted.server, host));
    const QString pasted = reply->content.value(QLatin1String("redirect")).toString().trimmed();
    co_return pasted.isEmpty() ? QUrl() : QUrl(pasted, QUrl::StrictMode);
}

} // namespace lathe
