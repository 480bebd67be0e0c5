// SPDX-License-Identifier: GPL-3.0-or-later
// Tools, prompts and completion; resources: McpServerResources.cpp.
#include "core/server/McpServerOffer.h"

#include "core/base/Json.h"
#include "core/design/AgentSpec.h"
#include "core/design/TeamSpec.h"
#include "core/prompt/PromptPartials.h"
#include "core/session/PromptBench.h"
#include "core/session/Session.h"

#include <QPointer>
#include <QSet>
#include <QUrl>

#include <algorithm>

namespace lathe {

namespace mcpserver {
QJsonObject textResult(const QString &text, bool isError)
{
    QJsonObject result{{QStringLiteral("content"), QJsonArray{QJsonObject{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("text"), text}}}}};
    if (isError)
        result.insert(QStringLiteral("isError"), true);
    return result;
}

QString bounded(const QString &text, qsizetype most)
{
    if (text.size() <= most)
        return text;
    return text.left(most) + QStringLiteral("\n[%1 more characters were cut]").arg(text.size() - most);
}

QString cursorOf(const QString &list, qint64 at)
{
    return QString::fromLatin1((list + QLatin1Char(':') + QString::number(at)).toUtf8().toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
}

Result<qint64> placeOf(const QString &list, const QString &cursor)
{
    if (cursor.isEmpty())
        return qint64(0);
    const QByteArray text = QByteArray::fromBase64(cursor.toLatin1(), QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    bool ok = false;
    const qint64 at = text.startsWith(list.toUtf8() + ':') ? text.mid(list.toUtf8().size() + 1).toLongLong(&ok) : 0;
    if (!ok || at <= 0)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The cursor is not one that this list gave."));
    return at;
}
}

namespace {
using namespace mcpserver;

constexpr int pageSize = 100;
constexpr int maxCompletions = 100; // of MCP

// One page of a list.
QJsonObject page(const char *member, const QJsonArray &all, qint64 from)
{
    QJsonArray part;
    for (qsizetype i = from; i < all.size() && part.size() < pageSize; ++i)
        part.append(all[i]);
    QJsonObject result{{QLatin1String(member), part}};
    if (from + part.size() < all.size())
        result.insert(QStringLiteral("nextCursor"), cursorOf(QLatin1String(member), from + part.size()));
    return result;
}

QJsonObject textField(const QString &title, const QString &description)
{
    QJsonObject field{{QStringLiteral("type"), QStringLiteral("string")}};
    if (!title.isEmpty())
        field.insert(QStringLiteral("title"), title);
    if (!description.isEmpty())
        field.insert(QStringLiteral("description"), description);
    return field;
}

// "Feedback desk" -> "feedback_desk", as tools of agents are named.
QString toolName(const QString &artifact)
{
    QString name;
    for (const QChar c : artifact.normalized(QString::NormalizationForm_KD).toLower()) {
        const ushort u = c.unicode();
        if ((u >= 'a' && u <= 'z') || (u >= '0' && u <= '9') || u == '-')
            name += c;
        else if (!c.isMark() && !name.isEmpty() && !name.endsWith(u'_'))
            name += u'_';
    }
    while (name.endsWith(u'_'))
        name.chop(1);
    if (name.isEmpty())
        name = QStringLiteral("agent_") + QString::fromLatin1(json::sha256(artifact.toUtf8()).first(8));
    return name.left(60);
}

Result<PromptSpec> wholePrompt(const Session *session, const ResolvedArtifact &prompt)
{
    const auto spec = PromptSpec::fromJson(prompt.body);
    if (!spec)
        return spec.error();
    return expandPrompt(*spec, prompt.name, promptPartials(session));
}

// The variables a person gives: those declared, and those only used.
std::vector<PromptVariable> variablesOf(const PromptSpec &spec)
{
    std::vector<PromptVariable> all = spec.variables;
    for (const QString &name : templateVariables(spec)) {
        const bool known = std::any_of(all.begin(), all.end(), [&](const PromptVariable &variable) { return variable.name == name; });
        if (known)
            continue;
        PromptVariable variable;
        variable.name = name;
        variable.required = false;
        all.push_back(std::move(variable));
    }
    return all;
}

std::vector<PromptVariable> variablesOfAgent(const Session *session, const QJsonObject &body)
{
    const auto spec = AgentSpec::fromJson(body);
    if (!spec)
        return {};
    if (!spec->prompt.isEmpty()) {
        const auto prompt = session->project().artifacts().resolve(ArtifactKind::Prompt, spec->prompt);
        const auto whole = prompt ? wholePrompt(session, *prompt) : Result<PromptSpec>(prompt.error());
        return whole ? variablesOf(*whole) : std::vector<PromptVariable>();
    }
    const QJsonValue own = body.value(QLatin1String("instructions"));
    const auto inlined = own.isObject() ? PromptSpec::fromJson(own.toObject()) : Result<PromptSpec>(Error());
    return inlined ? variablesOf(*inlined) : std::vector<PromptVariable>();
}

const QJsonObject &runResultSchema()
{
    static const QJsonObject schema = [] {
        const auto type = [](const char *name) { return QJsonObject{{QStringLiteral("type"), QLatin1String(name)}}; };
        return QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                           {QStringLiteral("properties"),
                            QJsonObject{{QStringLiteral("run"), type("integer")},
                                        {QStringLiteral("status"), type("string")},
                                        {QStringLiteral("output"), type("string")},
                                        {QStringLiteral("duration_ms"), type("integer")},
                                        {QStringLiteral("tokens"), type("integer")},
                                        {QStringLiteral("cost_usd"), type("number")},
                                        {QStringLiteral("error"), type("string")}}},
                           {QStringLiteral("required"), QJsonArray{QStringLiteral("run"), QStringLiteral("status"), QStringLiteral("output")}}};
    }();
    return schema;
}

QJsonObject inspectTool(const char *name, const char *title, const char *description, const QJsonObject &properties, const QStringList &required)
{
    QJsonObject schema{{QStringLiteral("type"), QStringLiteral("object")}, {QStringLiteral("properties"), properties}};
    if (!required.isEmpty())
        schema.insert(QStringLiteral("required"), json::fromStringList(required));
    return QJsonObject{{QStringLiteral("name"), QLatin1String(name)},
                       {QStringLiteral("title"), QLatin1String(title)},
                       {QStringLiteral("description"), QLatin1String(description)},
                       {QStringLiteral("inputSchema"), schema},
                       {QStringLiteral("annotations"), QJsonObject{{QStringLiteral("readOnlyHint"), true}, {QStringLiteral("openWorldHint"), false}}}};
}

QJsonArray inspectTools()
{
    const QJsonObject run{{QStringLiteral("type"), QStringLiteral("integer")}, {QStringLiteral("minimum"), 1}, {QStringLiteral("description"), QStringLiteral("Number of the run.")}};
    const QJsonObject limit{{QStringLiteral("type"), QStringLiteral("integer")}, {QStringLiteral("minimum"), 1}, {QStringLiteral("maximum"), 200}, {QStringLiteral("default"), 20}};
    const QJsonObject format{{QStringLiteral("type"), QStringLiteral("string")},
                             {QStringLiteral("enum"), QJsonArray{QStringLiteral("outline"), QStringLiteral("markdown"), QStringLiteral("json")}},
                             {QStringLiteral("default"), QStringLiteral("markdown")},
                             {QStringLiteral("description"), QStringLiteral("outline: one line a step; markdown: with texts; json: everything.")}};
    return QJsonArray{
        inspectTool("list_runs", "List runs", "Lists recorded runs, newest first. The query is that of Lathe's run log, e.g. "
                                              "'agent:triage status:error cost>0.01 since:2d \"refund\"'; empty finds all.",
                    QJsonObject{{QStringLiteral("query"), textField(QString(), QStringLiteral("Query of the run log."))}, {QStringLiteral("limit"), limit}}, {}),
        inspectTool("get_run", "Get a run", "Tells what a run did: its steps with model and tool calls, times, tokens, cost and errors.",
                    QJsonObject{{QStringLiteral("run"), run}, {QStringLiteral("format"), format}}, {QStringLiteral("run")}),
        inspectTool("replay_run", "Replay a run", "Runs a recorded run again from its journal: free, without network, calling no tool; says whether the same "
                                                  "events came, and else the first difference.",
                    QJsonObject{{QStringLiteral("run"), run}}, {QStringLiteral("run")}),
    };
}
}

McpServerOffer::McpServerOffer(Session *session, QObject *parent) : QObject(parent), m_session(session)
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(200);
    connect(&m_soon, &QTimer::timeout, this, &McpServerOffer::tell);
    ArtifactRepository *artifacts = &session->project().artifacts();
    connect(artifacts, &ArtifactRepository::added, this, &McpServerOffer::artifactChanged);
    connect(artifacts, &ArtifactRepository::changed, this, &McpServerOffer::artifactChanged);
    connect(artifacts, &ArtifactRepository::draftChanged, this, &McpServerOffer::artifactChanged);
    RunRepository *runs = &session->project().runs();
    connect(runs, &RunRepository::added, this, [this](RunId run) { runChanged(run, true); });
    connect(runs, &RunRepository::changed, this, [this](RunId run) { runChanged(run, false); });
    connect(session, &Session::runEnded, this, [this](RunId run) { runChanged(run, false); });
}

void McpServerOffer::artifactChanged(ArtifactId id)
{
    const auto info = m_session->project().artifacts().info(id);
    const ArtifactKind kind = info ? info->kind : ArtifactKind::Agent;
    m_tools = m_tools || kind == ArtifactKind::Agent || kind == ArtifactKind::Team || kind == ArtifactKind::Prompt; // a prompt's variables are a tool's
    if (kind == ArtifactKind::Prompt) {
        m_prompts = m_resources = true;
        if (info) {
            const QString uri = QStringLiteral("lathe://prompts/") + QString::fromLatin1(QUrl::toPercentEncoding(info->name));
            if (!m_updated.contains(uri))
                m_updated.append(uri);
        }
    }
    if (!m_soon.isActive())
        m_soon.start();
}

void McpServerOffer::runChanged(RunId id, bool isNew)
{
    m_resources = m_resources || isNew;
    const QString uri = runUri(id);
    for (const QString &form : {uri, uri + QStringLiteral(".md")}) {
        if (!m_updated.contains(form))
            m_updated.append(form);
    }
    if (!m_soon.isActive())
        m_soon.start();
}

void McpServerOffer::tell()
{
    const QStringList updated = std::exchange(m_updated, {});
    const bool tools = std::exchange(m_tools, false), prompts = std::exchange(m_prompts, false), resources = std::exchange(m_resources, false);
    const QPointer<McpServerOffer> self(this);
    if (tools)
        Q_EMIT toolsChanged();
    if (self && prompts)
        Q_EMIT promptsChanged();
    if (self && resources)
        Q_EMIT resourcesChanged();
    for (const QString &uri : updated) {
        if (self)
            Q_EMIT resourceUpdated(uri);
    }
}

QJsonObject McpServerOffer::info() const
{
    return QJsonObject{{QStringLiteral("name"), QStringLiteral("lathe")}, {QStringLiteral("title"), QStringLiteral("Lathe")}, {QStringLiteral("version"), QStringLiteral(LATHE_VERSION)}};
}

QString McpServerOffer::instructions() const
{
    const QString reason = m_session->project().readOnlyReason();
    QString text = QStringLiteral("The agents, prompts and runs of a Lathe project. Each agent and team is a tool that takes an input and gives its answer with the number of "
                                  "the run. list_runs and get_run show what runs did, step by step; replay_run runs one again from its journal, for free.");
    if (!reason.isEmpty())
        text += QStringLiteral(" The project cannot be written now, so its agents are not offered.");
    return text;
}

QJsonObject McpServerOffer::capabilities() const
{
    const QJsonObject changes{{QStringLiteral("listChanged"), true}};
    return QJsonObject{{QStringLiteral("tools"), changes},
                       {QStringLiteral("prompts"), changes},
                       {QStringLiteral("resources"), QJsonObject{{QStringLiteral("listChanged"), true}, {QStringLiteral("subscribe"), true}}},
                       {QStringLiteral("completions"), QJsonObject()}};
}

std::vector<McpServerOffer::Runnable> McpServerOffer::runnables() const
{
    std::vector<Runnable> all;
    if (!m_session->project().readOnlyReason().isEmpty())
        return all;
    QSet<QString> taken;
    for (const QJsonValue &tool : inspectTools())
        taken.insert(tool.toObject().value(QLatin1String("name")).toString());
    const ArtifactRepository &artifacts = m_session->project().artifacts();
    for (const ArtifactKind kind : {ArtifactKind::Agent, ArtifactKind::Team}) {
        for (const ArtifactInfo &info : artifacts.list(kind)) {
            const auto found = artifacts.resolve(kind, info.name);
            if (!found)
                continue;
            Runnable runnable;
            runnable.kind = kind;
            runnable.artifact = info.id;
            runnable.reference = info.name;
            runnable.title = info.name;
            const QString wish = toolName(info.name);
            runnable.tool = wish;
            for (int i = 2; taken.contains(runnable.tool); ++i)
                runnable.tool = kind == ArtifactKind::Team && i == 2 ? wish + QStringLiteral("_team") : QStringLiteral("%1_%2").arg(wish).arg(i);
            taken.insert(runnable.tool);
            const QString job = found->body.value(QLatin1String("job")).toString().trimmed();
            const QString what = kind == ArtifactKind::Agent ? QStringLiteral("agent") : QStringLiteral("team of agents");
            runnable.description = job.isEmpty() ? QStringLiteral("Runs the %1 \"%2\".").arg(what, info.name) : job;
            runnable.description += QStringLiteral(" (%1 of this Lathe project, %2)").arg(what, found->reference());

            QJsonObject properties;
            QStringList required;
            const std::vector<PromptVariable> variables = kind == ArtifactKind::Agent ? variablesOfAgent(m_session, found->body) : std::vector<PromptVariable>();
            for (const PromptVariable &variable : variables) {
                QJsonObject field = textField(QString(), variable.description);
                if (!variable.defaultValue.isEmpty())
                    field.insert(QStringLiteral("default"), variable.defaultValue);
                properties.insert(variable.name, field);
                runnable.variables.append(variable.name);
                if (variable.required && variable.defaultValue.isEmpty())
                    required.append(variable.name);
            }
            if (!properties.contains(QStringLiteral("input")))
                properties.insert(QStringLiteral("input"), textField(QString(), QStringLiteral("What to work on.")));
            if (required.isEmpty() || variables.empty())
                required = QStringList{QStringLiteral("input")};
            required.removeDuplicates();
            runnable.inputSchema = QJsonObject{{QStringLiteral("type"), QStringLiteral("object")},
                                               {QStringLiteral("properties"), properties},
                                               {QStringLiteral("required"), json::fromStringList(required)}};
            all.push_back(std::move(runnable));
        }
    }
    return all;
}

std::optional<McpServerOffer::Runnable> McpServerOffer::runnable(const QString &tool) const
{
    for (Runnable &runnable : runnables()) {
        if (runnable.tool == tool)
            return std::move(runnable);
    }
    return std::nullopt;
}

Result<QJsonObject> McpServerOffer::tools(const QString &cursor) const
{
    const auto from = placeOf(QStringLiteral("tools"), cursor);
    if (!from)
        return from.error();
    QJsonArray all;
    for (const Runnable &runnable : runnables()) {
        all.append(QJsonObject{{QStringLiteral("name"), runnable.tool},
                               {QStringLiteral("title"), runnable.title},
                               {QStringLiteral("description"), runnable.description},
                               {QStringLiteral("inputSchema"), runnable.inputSchema},
                               {QStringLiteral("outputSchema"), runResultSchema()},
                               {QStringLiteral("annotations"), QJsonObject{{QStringLiteral("readOnlyHint"), false}, {QStringLiteral("openWorldHint"), true}}}});
    }
    for (const QJsonValue &tool : inspectTools())
        all.append(tool);
    return page("tools", all, *from);
}

bool McpServerOffer::inspects(const QString &tool)
{
    return tool == QLatin1String("list_runs") || tool == QLatin1String("get_run") || tool == QLatin1String("replay_run");
}

Result<QJsonObject> McpServerOffer::prompts(const QString &cursor) const
{
    const auto from = placeOf(QStringLiteral("prompts"), cursor);
    if (!from)
        return from.error();
    const ArtifactRepository &artifacts = m_session->project().artifacts();
    QJsonArray all;
    for (const ArtifactInfo &info : artifacts.list(ArtifactKind::Prompt)) {
        const auto found = artifacts.resolve(ArtifactKind::Prompt, info.name);
        const auto spec = found ? wholePrompt(m_session, *found) : Result<PromptSpec>(found.error());
        if (!spec)
            continue;
        QJsonArray arguments;
        for (const PromptVariable &variable : variablesOf(*spec)) {
            QJsonObject argument{{QStringLiteral("name"), variable.name}, {QStringLiteral("required"), variable.required && variable.defaultValue.isEmpty()}};
            if (!variable.description.isEmpty())
                argument.insert(QStringLiteral("description"), variable.description);
            arguments.append(argument);
        }
        all.append(QJsonObject{{QStringLiteral("name"), info.name},
                               {QStringLiteral("title"), info.name},
                               {QStringLiteral("description"), QStringLiteral("Prompt %1 of this Lathe project.").arg(found->reference())},
                               {QStringLiteral("arguments"), arguments}});
    }
    return page("prompts", all, *from);
}

Result<QJsonObject> McpServerOffer::prompt(const QString &name, const QJsonObject &arguments) const
{
    const auto found = m_session->project().artifacts().resolve(ArtifactKind::Prompt, name);
    if (!found)
        return Error(ErrorKind::InvalidInput, found.error().message);
    const auto spec = wholePrompt(m_session, *found);
    if (!spec)
        return spec.error();
    QJsonObject values;
    for (const PromptVariable &variable : variablesOf(*spec)) {
        const QJsonValue given = arguments.value(variable.name);
        if (!given.isUndefined() && !given.isString())
            return Error(ErrorKind::InvalidInput, QStringLiteral("The argument \"%1\" must be text.").arg(variable.name));
        values.insert(variable.name, given.isUndefined() ? variable.defaultValue : given.toString());
        if (given.isUndefined() && variable.defaultValue.isEmpty() && variable.required)
            return Error(ErrorKind::InvalidInput, QStringLiteral("The argument \"%1\" is missing.").arg(variable.name));
    }
    const auto rendered = renderPrompt(*spec, values);
    if (!rendered)
        return rendered.error();
    const auto message = [](const QString &role, const QString &text) {
        return QJsonObject{{QStringLiteral("role"), role},
                           {QStringLiteral("content"), QJsonObject{{QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("text"), text}}}};
    };
    QJsonArray messages{message(QStringLiteral("user"), rendered->system)};
    for (const PromptMessage &turn : rendered->messages)
        messages.append(message(turn.role == QLatin1String("assistant") ? turn.role : QStringLiteral("user"), turn.text));
    return QJsonObject{{QStringLiteral("description"), QStringLiteral("Prompt %1").arg(found->reference())}, {QStringLiteral("messages"), messages}};
}

Task<Result<QJsonObject>> McpServerOffer::complete(QJsonObject params, CancelToken cancel) const
{
    const QJsonObject reference = params.value(QLatin1String("ref")).toObject();
    const QJsonObject argument = params.value(QLatin1String("argument")).toObject();
    const QString name = argument.value(QLatin1String("name")).toString();
    const QString typed = argument.value(QLatin1String("value")).toString();
    const QString type = reference.value(QLatin1String("type")).toString();
    if (name.isEmpty() || (type != QLatin1String("ref/prompt") && type != QLatin1String("ref/resource")))
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("A completion needs ref (ref/prompt or ref/resource) and an argument with name and value."));
    Session *const session = m_session; // outlives this
    const ArtifactRepository &artifacts = session->project().artifacts();
    QStringList values;
    if (type == QLatin1String("ref/prompt")) {
        const auto found = artifacts.resolve(ArtifactKind::Prompt, reference.value(QLatin1String("name")).toString());
        if (!found)
            co_return Error(ErrorKind::InvalidInput, found.error().message);
        const auto spec = wholePrompt(session, *found);
        for (const PromptVariable &variable : spec ? variablesOf(*spec) : std::vector<PromptVariable>()) {
            if (variable.name == name && !variable.defaultValue.isEmpty())
                values.append(variable.defaultValue);
        }
        // What was given before, newest first.
        RunQuery query;
        query.limit = 200;
        query.filter = RunFilter::of(RunField::Prompt, found->name);
        const auto used = co_await session->project().runs().query(query, cancel);
        if (used) {
            for (const RunInfo &listed : *used) {
                const auto run = session->project().runs().run(listed.id);
                const QJsonValue value = run ? run->inputJson.value(QLatin1String("variables")).toObject().value(name) : QJsonValue();
                if (value.isString() && !value.toString().isEmpty() && value.toString().size() <= 200)
                    values.append(value.toString());
            }
        }
    } else if (name == QLatin1String("id")) {
        const auto ids = co_await session->project().runs().ids(RunQuery(RunFilter(), 1000), cancel);
        if (ids) {
            for (const RunId id : *ids)
                values.append(QString::number(id.value));
        }
    } else if (name == QLatin1String("name")) {
        for (const ArtifactInfo &info : artifacts.list(ArtifactKind::Prompt))
            values.append(info.name);
    } else if (name == QLatin1String("revision")) {
        const QString prompt = params.value(QLatin1String("context")).toObject().value(QLatin1String("arguments")).toObject().value(QLatin1String("name")).toString();
        if (const auto id = artifacts.find(ArtifactKind::Prompt, prompt)) {
            if (const auto info = artifacts.info(*id)) {
                for (const auto &[label, number] : info->labels)
                    values.append(label);
            }
            for (const RevisionInfo &revision : artifacts.revisions(*id))
                values.append(QString::number(revision.number));
        }
    }
    values.removeDuplicates();
    values.erase(std::remove_if(values.begin(), values.end(), [&](const QString &value) { return !value.startsWith(typed, Qt::CaseInsensitive); }), values.end());
    QJsonObject completion{{QStringLiteral("values"), json::fromStringList(values.mid(0, maxCompletions))}, {QStringLiteral("total"), int(values.size())}};
    completion.insert(QStringLiteral("hasMore"), values.size() > maxCompletions);
    co_return QJsonObject{{QStringLiteral("completion"), completion}};
}

} // namespace lathe
