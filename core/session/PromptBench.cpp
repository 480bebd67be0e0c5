// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/PromptBench.h"

#include "core/design/AgentSpec.h"
#include "core/llm/ChatModel.h"
#include "core/llm/Prices.h"
#include "core/tool/SchemaCheck.h"

#include <QFile>
#include <QSet>

#include <algorithm>

namespace lathe {

namespace {

constexpr int mostGathered = 300; // prompts looked at for one

QString nameOf(const QString &reference)
{
    return reference.section(QLatin1Char('@'), 0, 0).trimmed();
}

// Every value of a string member with one of the names, at any depth.
void collect(const QJsonValue &value, const QStringList &keys, QStringList *found, int depth = 0)
{
    if (depth > 40)
        return;
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (it->isString()) {
                if (keys.contains(it.key()) && !it->toString().isEmpty())
                    found->append(it->toString());
            } else {
                collect(*it, keys, found, depth + 1);
            }
        }
    } else if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array) {
            if (!item.isString())
                collect(item, keys, found, depth + 1);
        }
    }
}

// The body that is edited and the one that runs.
std::vector<QJsonObject> bodiesOf(const Session &session, const ArtifactInfo &info)
{
    std::vector<QJsonObject> bodies;
    if (const auto draft = session.draft(info.id))
        bodies.push_back(draft->body);
    if (info.hasDraft && info.latestNumber > 0) {
        if (const auto newest = session.project().artifacts().revision(info.id, info.latestNumber))
            bodies.push_back(newest->body);
    }
    return bodies;
}

// Prompts that hold a text of what `refersAtAll` speaks of, directly or through others.
QSet<QString> promptsWith(const Session &session, ArtifactId own, const std::function<bool(const QString &)> &refersAtAll,
                          std::vector<PromptUser> *users)
{
    std::vector<std::pair<ArtifactInfo, QStringList>> all;
    for (const ArtifactInfo &info : session.project().artifacts().list(ArtifactKind::Prompt)) {
        if (info.id == own)
            continue; // it may be long, and a circle is said elsewhere
        for (const QJsonObject &body : bodiesOf(session, info)) {
            const auto spec = PromptSpec::fromJson(body);
            const QStringList partials = spec ? templatePartials(*spec) : QStringList();
            if (!partials.isEmpty())
                all.emplace_back(info, partials);
        }
    }
    QSet<QString> holding;
    for (int level = 0, before = -1; level < maxPartialDepth && before != holding.size(); ++level) {
        before = int(holding.size());
        for (const auto &[info, partials] : all) {
            if (holding.contains(info.name))
                continue;
            for (const QString &reference : partials) {
                if (!refersAtAll(reference) && !holding.contains(nameOf(reference)))
                    continue;
                holding.insert(info.name);
                PromptUser user;
                user.kind = ArtifactKind::Prompt;
                user.id = info.id;
                user.name = info.name;
                user.reference = reference;
                users->push_back(std::move(user));
                break;
            }
        }
    }
    return holding;
}

std::vector<PromptUser> usersWhere(const Session &session, ArtifactId own, const std::function<bool(const QString &)> &refersDirectly,
                                   bool agentsOnly)
{
    std::vector<PromptUser> users, holders;
    const QSet<QString> holding = promptsWith(session, own, refersDirectly, &holders);
    const auto refers = [&](const QString &reference) { return refersDirectly(reference) || holding.contains(nameOf(reference)); };
    QSet<QString> agents;
    for (const ArtifactInfo &info : session.project().artifacts().list(ArtifactKind::Agent)) {
        for (const QJsonObject &body : bodiesOf(session, info)) {
            const QString reference = body.value(QStringLiteral("prompt")).toString();
            if (!refers(reference))
                continue;
            PromptUser user;
            user.id = info.id;
            user.name = info.name;
            user.reference = reference;
            for (const QJsonValue &tool : body.value(QStringLiteral("tools")).toArray())
                user.tools.append(nameOf(tool[QLatin1String("tool")].toString()));
            const QJsonValue model = body.value(QStringLiteral("model"));
            user.model = {model[QLatin1String("connection")].toString(), model[QLatin1String("model")].toString()};
            users.push_back(std::move(user));
            agents.insert(info.name);
            break;
        }
    }
    if (agentsOnly)
        return users;
    for (const ArtifactInfo &info : session.project().artifacts().list(ArtifactKind::Team)) {
        for (const QJsonObject &body : bodiesOf(session, info)) {
            QStringList prompts, members;
            const QJsonValue nodes = body.value(QStringLiteral("nodes"));
            collect(nodes, {QStringLiteral("prompt")}, &prompts);
            collect(nodes, {QStringLiteral("agent")}, &members);
            QString reference;
            for (const QString &prompt : std::as_const(prompts)) {
                if (refers(prompt))
                    reference = prompt;
            }
            for (const QString &agent : std::as_const(members)) {
                if (reference.isEmpty() && agents.contains(nameOf(agent)))
                    reference = agent;
            }
            if (reference.isEmpty())
                continue;
            PromptUser user;
            user.kind = ArtifactKind::Team;
            user.id = info.id;
            user.name = info.name;
            user.reference = reference;
            users.push_back(std::move(user));
            break;
        }
    }
    users.insert(users.end(), holders.begin(), holders.end());
    return users;
}

Result<PromptPartial> partialFrom(const Session &session, const QString &reference)
{
    // One sees drafts while one edits: a plain name is the draft.
    const QString wanted = reference.contains(QLatin1Char('@')) ? reference : reference + QStringLiteral("@draft");
    const auto found = session.project().artifacts().resolve(ArtifactKind::Prompt, wanted);
    if (!found)
        return found.error();
    auto spec = PromptSpec::fromJson(found->body);
    if (!spec)
        return spec.error();
    return PromptPartial{found->name, std::move(spec->text), std::move(spec->variables)};
}

const Prices &priceTable()
{
    // Constant data of the program, read once.
    static const Prices prices = [] {
        QFile file(QStringLiteral(":/data/prices.json"));
        if (!file.open(QIODevice::ReadOnly))
            return Prices();
        const auto parsed = json::parseObject(file.readAll());
        return parsed ? Prices::fromJson(*parsed).valueOr(Prices()) : Prices();
    }();
    return prices;
}

QString providerOf(const ConnectionSpec &connection)
{
    if (!connection.provider.isEmpty())
        return connection.provider;
    if (connection.api.startsWith(QLatin1String("openai")))
        return QStringLiteral("openai");
    if (connection.api == QLatin1String("gemini"))
        return QStringLiteral("gcp.gemini");
    return connection.api;
}

} // namespace

std::vector<PromptUser> promptUsers(const Session &session, ArtifactId prompt, bool agentsOnly)
{
    const auto own = session.project().artifacts().info(prompt);
    if (!own)
        return {};
    return usersWhere(session, prompt, [name = own->name](const QString &reference) { return nameOf(reference) == name; }, agentsOnly);
}

std::vector<PromptUser> promptLabelUsers(const Session &session, ArtifactId prompt, const QString &label)
{
    const auto own = session.project().artifacts().info(prompt);
    if (!own)
        return {};
    const QString wanted = own->name + QLatin1Char('@') + label;
    return usersWhere(session, prompt, [wanted](const QString &reference) { return reference.trimmed() == wanted; }, false);
}

PartialSource promptPartials(const Session *session)
{
    return [session](const QString &reference) { return partialFrom(*session, reference); };
}

PartialSource promptPartialsCopy(const Session &session, const PromptSpec &spec)
{
    using Known = QHash<QString, Result<PromptPartial>>;
    const auto known = std::make_shared<Known>();
    QStringList open = templatePartials(spec);
    while (!open.isEmpty() && known->size() < mostGathered) {
        const QString reference = open.takeFirst();
        if (known->contains(reference))
            continue;
        auto partial = partialFrom(session, reference);
        if (partial) {
            PromptSpec inner;
            inner.text = partial->text;
            open += templatePartials(inner);
        }
        known->insert(reference, std::move(partial));
    }
    return [known](const QString &reference) -> Result<PromptPartial> {
        const auto found = known->constFind(reference);
        if (found != known->constEnd())
            return *found;
        return Error(ErrorKind::NotFound, QStringLiteral("There is no prompt named %1.").arg(reference.left(100)));
    };
}

PromptLintContext promptLintContext(const Session &session, ArtifactId prompt, const PromptSpec &spec)
{
    PromptLintContext context;
    auto &artifacts = session.project().artifacts();
    if (const auto own = artifacts.info(prompt))
        context.name = own->name;
    for (const PromptUser &user : promptUsers(session, prompt, true))
        context.users.push_back({user.name, user.tools});
    for (const ArtifactInfo &info : artifacts.list(ArtifactKind::Tool))
        context.knownTools.append(info.name);
    for (const ArtifactInfo &info : artifacts.list(ArtifactKind::Prompt)) {
        if (info.name != context.name)
            context.promptNames.append(info.name);
    }
    context.partials = promptPartialsCopy(session, spec);
    context.violations = [](const QJsonValue &schema, const QJsonValue &value) {
        QStringList sentences;
        const auto found = checkSchema(schema, value);
        if (!found)
            return sentences; // the schema itself is wrong: said elsewhere
        for (const SchemaViolation &violation : *found)
            sentences.append(violationsText({violation}));
        return sentences;
    };
    return context;
}

std::optional<double> inputPrice(const Session &session, const ModelChoice &model)
{
    if (model.connection.isEmpty())
        return std::nullopt;
    const auto resolved = session.project().artifacts().resolve(ArtifactKind::Connection, model.connection);
    if (!resolved)
        return std::nullopt;
    const auto spec = ConnectionSpec::fromJson(resolved->name, resolved->body);
    if (!spec)
        return std::nullopt;
    if (spec->price)
        return spec->price->input;
    if (spec->api == QLatin1String("offline") || spec->local)
        return 0.0;
    Usage million;
    million.inputTokens = 1'000'000;
    priceTable().price(providerOf(*spec), model.model, million);
    return million.costKnown ? std::optional<double>(million.costUsd) : std::nullopt;
}

} // namespace lathe
