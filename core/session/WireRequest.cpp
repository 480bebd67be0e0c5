// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/WireRequest.h"

#include "core/llm/ProviderCodec.h"
#include "core/trace/CopyAs.h"

#include <QUrl>

namespace lathe {

namespace {
using L = QLatin1String;

Error invalid(const char *what)
{
    return Error(ErrorKind::InvalidInput, QStringLiteral("The recorded request cannot be read: %1.").arg(L(what)));
}

// The body of a connection that a run's snapshot keeps under a name: of an agent, or of those of a team.
QJsonObject connectionIn(const QJsonObject &snapshot, const QString &reference, int depth)
{
    const QJsonObject own = snapshot.value(L("bodies")).toObject().value(QStringLiteral("connection:") + reference).toObject();
    if (!own.isEmpty() || depth > 32)
        return own;
    for (const char *part : {"agents", "teams"}) {
        const QJsonObject members = snapshot.value(L(part)).toObject();
        for (auto it = members.begin(); it != members.end(); ++it) {
            const QJsonObject found = connectionIn(it->toObject(), reference, depth + 1);
            if (!found.isEmpty())
                return found;
        }
    }
    return {};
}

const QLatin1String hidden("[secret]");

// What a person wrote into the address of a connection: name and password, keys in the query.
QString withoutSecrets(const QString &url, const QString &placeholder)
{
    QString out = url;
    const qsizetype host = out.indexOf(L("://")) + 3;
    qsizetype end = host;
    while (end < out.size() && !QStringView(u"/?#").contains(out[end]))
        ++end;
    const qsizetype at = host >= 3 ? out.left(end).lastIndexOf(QLatin1Char('@')) : -1;
    if (at >= host)
        out.replace(host, at - host, hidden);
    const qsizetype question = out.indexOf(QLatin1Char('?'));
    if (question < 0)
        return out;
    QStringList pairs = out.mid(question + 1).split(QLatin1Char('&'));
    for (QString &pair : pairs) {
        const qsizetype equals = pair.indexOf(QLatin1Char('='));
        const bool ours = !placeholder.isEmpty() && QUrl::fromPercentEncoding(pair.mid(equals + 1).toUtf8()) == placeholder;
        if (equals > 0 && equals + 1 < pair.size() && !ours && isSecretName(QUrl::fromPercentEncoding(pair.left(equals).toUtf8())))
            pair = pair.left(equals + 1) + hidden;
    }
    return out.left(question + 1) + pairs.join(QLatin1Char('&'));
}

QJsonObject connectionOf(const StoredRun &run, const ForkRecord &forks, const ModelChoice &used)
{
    for (auto layer = forks.layers.rbegin(); layer != forks.layers.rend(); ++layer) {
        if (layer->changes.model == used && !layer->connection.isEmpty())
            return layer->connection;
    }
    return connectionIn(run.info.snapshot, used.connection, 0);
}
}

Result<ChatRequest> chatRequestFromJson(const QJsonObject &json)
{
    ChatRequest request;
    if (!json.value(L("model")).isString() || !json.value(L("messages")).isArray())
        return invalid("it is no request to a model");
    request.model = json.value(L("model")).toString();
    const QJsonArray messages = json.value(L("messages")).toArray();
    for (const QJsonValue &value : messages) {
        auto message = Message::fromJson(value.toObject());
        if (!message)
            return message.error();
        request.messages.push_back(std::move(*message));
    }
    const QJsonArray tools = json.value(L("tools")).toArray();
    for (const QJsonValue &value : tools) {
        ToolDescription tool;
        tool.name = value[L("name")].toString();
        tool.description = value[L("description")].toString();
        tool.schema = value[L("parameters")].toObject();
        request.tools.push_back(std::move(tool));
    }
    const QString choice = json.value(L("tool_choice")).toString();
    if (choice == L("none"))
        request.toolChoice = ChatRequest::ToolChoice::None;
    else if (choice == L("required"))
        request.toolChoice = ChatRequest::ToolChoice::Required;
    if (json.contains(L("output_schema"))) {
        request.outputSchema = OrderedObject(json.value(L("output_schema")).toObject());
        request.outputName = json.value(L("output_name")).toString();
    }
    const auto number = [&json](const char *name, auto *to) {
        const QJsonValue value = json.value(L(name));
        if (!value.isDouble())
            return;
        if constexpr (std::is_same_v<std::remove_pointer_t<decltype(to)>, std::optional<double>>)
            *to = value.toDouble();
        else
            *to = value.toInteger();
    };
    number("temperature", &request.temperature);
    number("top_p", &request.topP);
    number("max_tokens", &request.maxTokens);
    number("seed", &request.seed);
    request.stop = json::toStringList(json.value(L("stop")));
    return request;
}

Result<WireRequest> wireRequest(const StoredRun &run, const ForkRecord &forks, const QString &step)
{
    const auto entry = std::find_if(run.journal.begin(), run.journal.end(),
                                    [&](const StoredEntry &one) { return one.step == step && one.kind == L("chat"); });
    if (entry == run.journal.end()) {
        return Error(ErrorKind::NotFound, QStringLiteral("Step %1 of run %2 is no model call whose request was recorded.").arg(step).arg(run.info.id.value));
    }
    const auto parsed = json::parseObject(entry->request);
    if (!parsed)
        return parsed.error();
    auto request = chatRequestFromJson(*parsed);
    if (!request)
        return request.error();
    ModelChoice used{entry->outcome.value(L("connection")).toString(), entry->outcome.value(L("model")).toString()};
    WireRequest wire;
    wire.connection = used.connection;
    wire.model = used.model.isEmpty() ? request->model : used.model;
    request->model = wire.model; // a fallback asks with its own
    const QJsonObject stub = connectionOf(run, forks, used);
    const auto spec = ConnectionSpec::fromJson(stub.value(L("name")).toString(), stub.value(L("body")).toObject());
    if (!spec)
        return spec.error();
    wire.api = spec->api;
    const QJsonArray notices = entry->outcome.value(L("notices")).toArray();
    for (const QJsonValue &notice : notices) {
        const QString adapted = notice[L("attributes")][L("adapted")].toString();
        if (!adapted.isEmpty())
            wire.note = QStringLiteral("The provider refused this request and was asked again in another way: %1").arg(adapted);
    }
    const auto codec = makeProviderCodec(spec->api);
    if (!codec) // offline
        return wire;
    wire.secretName = spec->secretName;
    const QString placeholder = spec->secretName.isEmpty() ? QString() : QLatin1Char('$') + spec->secretName;
    HttpRequest http = codec->encode(*request, *spec, placeholder);
    wire.method = http.method;
    wire.url = withoutSecrets(http.url, placeholder);
    wire.headers = std::move(http.headers);
    for (auto &[name, value] : wire.headers) { // a person may have written a key into the connection itself
        const bool ours = !placeholder.isEmpty() && value.contains(placeholder.toUtf8());
        if (!ours && !value.isEmpty() && isSecretName(QString::fromLatin1(name)))
            value = QByteArray(hidden.data(), hidden.size());
    }
    wire.body = std::move(http.body);
    return wire;
}

} // namespace lathe
