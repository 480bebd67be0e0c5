// SPDX-License-Identifier: GPL-3.0-or-later
// Runs and prompts as resources, and the tools that look at runs.
#include "core/base/Json.h"
#include "core/server/McpServerOffer.h"
#include "core/session/RunExportFormats.h"
#include "core/session/Session.h"

#include <QDateTime>
#include <QUrl>

namespace lathe {

namespace mcpserver {
QString runUri(RunId run)
{
    return QStringLiteral("lathe://runs/%1").arg(run.value);
}

QJsonObject runSummary(const RunInfo &run)
{
    QJsonObject json{{QStringLiteral("run"), run.id.value},
                     {QStringLiteral("agent"), run.agentName},
                     {QStringLiteral("revision"), run.revisionNumber},
                     {QStringLiteral("status"), runStatusName(run.status)},
                     {QStringLiteral("input"), run.input},
                     {QStringLiteral("output"), run.output},
                     {QStringLiteral("started"), QDateTime::fromMSecsSinceEpoch(run.startUs / 1000, Qt::UTC).toString(Qt::ISODateWithMs)},
                     {QStringLiteral("steps"), run.stepCount},
                     {QStringLiteral("tokens"), run.usage.totalTokens()},
                     {QStringLiteral("models"), run.models}};
    if (run.endUs > 0)
        json.insert(QStringLiteral("duration_ms"), (run.endUs - run.startUs) / 1000);
    if (run.usage.costKnown)
        json.insert(QStringLiteral("cost_usd"), run.usage.costUsd);
    if (run.error)
        json.insert(QStringLiteral("error"), run.error->message);
    if (!run.tags.isEmpty())
        json.insert(QStringLiteral("tags"), json::fromStringList(run.tags));
    return json;
}
}

namespace {
using namespace mcpserver;

constexpr int pageSize = 100;
constexpr qsizetype maxText = 20'000;         // of one text in Markdown
constexpr qsizetype maxWhole = 4'000'000;     // characters of a whole resource

// Where a URI leads.
struct Place {
    enum class Kind { None, RunJson, RunMarkdown, Prompt };
    Kind kind = Kind::None;
    RunId run;
    QString prompt; // reference
};

Place placeOfUri(const QString &uri)
{
    static const QString runs = QStringLiteral("lathe://runs/"), prompts = QStringLiteral("lathe://prompts/");
    Place place;
    if (uri.startsWith(runs)) {
        QString id = uri.mid(runs.size());
        const bool markdown = id.endsWith(QLatin1String(".md"));
        if (markdown)
            id.chop(3);
        bool ok = false;
        const qint64 number = id.toLongLong(&ok);
        if (ok && number > 0) {
            place.kind = markdown ? Place::Kind::RunMarkdown : Place::Kind::RunJson;
            place.run = RunId{number};
        }
    } else if (uri.startsWith(prompts) && uri.size() > prompts.size() && uri.size() < 1000) {
        place.kind = Place::Kind::Prompt;
        place.prompt = QUrl::fromPercentEncoding(uri.mid(prompts.size()).toUtf8());
    }
    return place;
}

// A fence that the text does not hold.
QString fenced(const QString &text, const char *language = "")
{
    QString fence = QStringLiteral("```");
    while (text.contains(fence))
        fence += u'`';
    return fence + QLatin1String(language) + u'\n' + text + u'\n' + fence + QStringLiteral("\n\n");
}

QString markdownOf(const RunInfo &info, const Trace &trace, bool withTexts)
{
    QString text = QStringLiteral("# Run %1: %2\n\n").arg(info.id.value).arg(info.agentName);
    text += QStringLiteral("Status: %1. Steps: %2. Tokens: %3.").arg(runStatusName(info.status)).arg(trace.steps().size()).arg(info.usage.totalTokens());
    if (info.usage.costKnown)
        text += QStringLiteral(" Cost: $%1.").arg(info.usage.costUsd, 0, 'f', 4);
    if (info.endUs > 0)
        text += QStringLiteral(" Time: %1 ms.").arg((info.endUs - info.startUs) / 1000);
    text += QStringLiteral("\n\n");
    if (info.error)
        text += QStringLiteral("Error: %1\n\n").arg(info.error->message);
    text += QStringLiteral("## Input\n\n") + fenced(bounded(info.input, maxText));
    text += QStringLiteral("## Output\n\n") + fenced(bounded(info.output, maxText));
    text += QStringLiteral("## Steps\n\n") + fenced(trace.toText().trimmed());
    if (!withTexts)
        return text;
    for (const Step &step : trace.steps()) {
        if (step.kind != StepKind::Model && step.kind != StepKind::Tool && step.kind != StepKind::Human && !step.error)
            continue;
        if (text.size() > maxWhole)
            return text + QStringLiteral("[further steps were left out; ask for the outline or a step in Lathe]\n");
        text += QStringLiteral("### %1 %2 (%3)\n\n").arg(step.path, step.name, stepStatusName(step.status));
        const QString arguments = step.toolArguments.isEmpty() ? step.attributes.value(QLatin1String("gen_ai.tool.call.arguments")).toString() : step.toolArguments;
        if (!arguments.isEmpty())
            text += QStringLiteral("Arguments:\n\n") + fenced(bounded(arguments, maxText), "json");
        if (!step.text.isEmpty())
            text += fenced(bounded(step.text, maxText));
        for (const StepNote &note : step.notes)
            text += QStringLiteral("- %1 %2\n").arg(note.name, bounded(json::compactString(note.attributes), 500));
        if (step.error)
            text += QStringLiteral("Error: %1\n\n").arg(step.error->message);
    }
    return text;
}

QString jsonOf(const RunInfo &info, const Trace &trace)
{
    QJsonObject whole = runSummary(info);
    whole.insert(QStringLiteral("input"), info.input);
    whole.insert(QStringLiteral("output"), info.output);
    whole.insert(QStringLiteral("revisions"), info.revisions);
    QJsonArray steps;
    qsizetype size = 0;
    for (const Step &step : trace.steps()) {
        const QJsonObject one = runexport::stepToJson(step);
        size += json::compact(one).size();
        if (size > maxWhole) {
            whole.insert(QStringLiteral("steps_left_out"), int(trace.steps().size()) - int(steps.size()));
            break;
        }
        steps.append(one);
    }
    whole.insert(QStringLiteral("trace"), steps);
    return QString::fromUtf8(json::pretty(whole));
}

// The run as it is now: under way too.
Task<Result<std::pair<RunInfo, Trace>>> loadRun(Session *session, RunId run, CancelToken cancel)
{
    const auto info = session->project().runs().run(run);
    if (!info)
        co_return info.error();
    auto trace = co_await session->trace(run, cancel);
    if (!trace)
        co_return trace.error();
    co_return std::pair<RunInfo, Trace>(*info, std::move(*trace));
}

QJsonObject contents(const QString &uri, const QString &type, const QString &text)
{
    return QJsonObject{{QStringLiteral("contents"),
                        QJsonArray{QJsonObject{{QStringLiteral("uri"), uri}, {QStringLiteral("mimeType"), type}, {QStringLiteral("text"), text}}}}};
}

QString promptMarkdown(const ResolvedArtifact &prompt)
{
    return QStringLiteral("# Prompt %1\n\n").arg(prompt.reference()) + fenced(prompt.body.value(QLatin1String("text")).toString())
           + QStringLiteral("## As kept\n\n") + fenced(QString::fromUtf8(json::pretty(prompt.body)), "json");
}
}

bool McpServerOffer::knowsUri(const QString &uri) const
{
    const Place place = placeOfUri(uri);
    if (place.kind == Place::Kind::Prompt)
        return m_session->project().artifacts().resolve(ArtifactKind::Prompt, place.prompt).ok();
    return place.kind != Place::Kind::None && m_session->project().runs().run(place.run).ok();
}

Task<Result<QJsonObject>> McpServerOffer::resources(QString cursor, CancelToken cancel) const
{
    // Prompts first (they are few), then runs, newest first, behind the last one given.
    const auto from = placeOf(QStringLiteral("runs"), cursor);
    if (!from)
        co_return from.error();
    QJsonArray list;
    if (*from == 0) {
        const auto prompts = m_session->project().artifacts().list(ArtifactKind::Prompt);
        for (const ArtifactInfo &info : prompts) {
            if (list.size() >= 1000)
                break;
            list.append(QJsonObject{{QStringLiteral("uri"), QStringLiteral("lathe://prompts/") + QString::fromLatin1(QUrl::toPercentEncoding(info.name))},
                                    {QStringLiteral("name"), info.name},
                                    {QStringLiteral("title"), QStringLiteral("Prompt %1").arg(info.name)},
                                    {QStringLiteral("mimeType"), QStringLiteral("text/markdown")}});
        }
    }
    RunQuery query;
    query.limit = pageSize + 1;
    if (*from > 0) { // ids are never reused and grow, so the last one given marks the place
        RunCursor after;
        const auto last = m_session->project().runs().run(RunId{*from});
        if (!last)
            co_return Error(ErrorKind::InvalidInput, QStringLiteral("The cursor's run is no longer there; list from the beginning."));
        after.run = last->id;
        after.key = QVariant(last->startUs);
        query.after = after;
    }
    auto runs = co_await m_session->project().runs().query(query, cancel);
    if (!runs)
        co_return runs.error();
    const bool more = runs->size() > size_t(pageSize);
    if (more)
        runs->resize(size_t(pageSize));
    for (const RunInfo &run : *runs) {
        list.append(QJsonObject{{QStringLiteral("uri"), runUri(run.id)},
                                {QStringLiteral("name"), QStringLiteral("run %1").arg(run.id.value)},
                                {QStringLiteral("title"), QStringLiteral("Run %1: %2, %3").arg(run.id.value).arg(run.agentName, runStatusName(run.status))},
                                {QStringLiteral("description"), bounded(run.input.simplified(), 200)},
                                {QStringLiteral("mimeType"), QStringLiteral("application/json")}});
    }
    QJsonObject result{{QStringLiteral("resources"), list}};
    if (more)
        result.insert(QStringLiteral("nextCursor"), cursorOf(QStringLiteral("runs"), runs->back().id.value));
    co_return result;
}

QJsonObject McpServerOffer::resourceTemplates() const
{
    const auto form = [](const char *uri, const char *name, const char *title, const char *description, const char *type) {
        return QJsonObject{{QStringLiteral("uriTemplate"), QLatin1String(uri)},
                           {QStringLiteral("name"), QLatin1String(name)},
                           {QStringLiteral("title"), QLatin1String(title)},
                           {QStringLiteral("description"), QLatin1String(description)},
                           {QStringLiteral("mimeType"), QLatin1String(type)}};
    };
    return QJsonObject{{QStringLiteral("resourceTemplates"),
                        QJsonArray{form("lathe://runs/{id}", "run", "Run as JSON", "What a run did, with every step.", "application/json"),
                                   form("lathe://runs/{id}.md", "run-markdown", "Run as Markdown", "What a run did, to be read.", "text/markdown"),
                                   form("lathe://prompts/{name}@{revision}", "prompt", "Prompt", "A revision of a prompt, by number or label.", "text/markdown")}}};
}

Task<Result<QJsonObject>> McpServerOffer::read(QString uri, CancelToken cancel) const
{
    const Place place = placeOfUri(uri);
    const auto missing = [&] {
        return Error(ErrorKind::NotFound, QStringLiteral("There is no resource %1 in this project.").arg(uri.left(200)));
    };
    if (place.kind == Place::Kind::None)
        co_return missing();
    if (place.kind == Place::Kind::Prompt) {
        const auto prompt = m_session->project().artifacts().resolve(ArtifactKind::Prompt, place.prompt);
        if (!prompt)
            co_return missing();
        co_return contents(uri, QStringLiteral("text/markdown"), promptMarkdown(*prompt));
    }
    const auto run = co_await loadRun(m_session, place.run, cancel);
    if (!run && run.error().kind == ErrorKind::NotFound)
        co_return missing();
    if (!run)
        co_return run.error();
    if (place.kind == Place::Kind::RunMarkdown)
        co_return contents(uri, QStringLiteral("text/markdown"), markdownOf(run->first, run->second, true));
    co_return contents(uri, QStringLiteral("application/json"), jsonOf(run->first, run->second));
}

Task<Result<QJsonObject>> McpServerOffer::inspect(QString tool, QJsonObject arguments, CancelToken cancel) const
{
    const QPointer<const McpServerOffer> self(this);
    Session *session = m_session;
    if (tool == QLatin1String("list_runs")) {
        const auto reading = readRunFilter(arguments.value(QLatin1String("query")).toString(), session->clock().nowUs());
        if (!reading.ok())
            co_return textResult(QStringLiteral("The query is wrong at column %1: %2").arg(reading.problems.front().column + 1).arg(reading.problems.front().message), true);
        RunQuery query;
        query.filter = reading.filter;
        query.limit = int(std::clamp<qint64>(arguments.value(QLatin1String("limit")).toInteger(20), 1, 200));
        const auto runs = co_await session->project().runs().query(query, cancel);
        if (!runs)
            co_return runs.error();
        QJsonArray list;
        for (const RunInfo &run : *runs)
            list.append(runSummary(run));
        const QJsonObject structured{{QStringLiteral("runs"), list}};
        QJsonObject result = textResult(QString::fromUtf8(json::pretty(structured)));
        result.insert(QStringLiteral("structuredContent"), structured);
        co_return result;
    }
    if (!inspects(tool))
        co_return Error(ErrorKind::NotFound, QStringLiteral("There is no tool \"%1\".").arg(tool.left(100)));
    const qint64 number = arguments.value(QLatin1String("run")).toInteger(0);
    if (number <= 0)
        co_return textResult(QStringLiteral("Give the number of a run in \"run\"; list_runs tells them."), true);
    const RunId id{number};
    if (tool == QLatin1String("get_run")) {
        const auto run = co_await loadRun(session, id, cancel);
        if (!run)
            co_return textResult(run.error().message, true);
        const QString format = arguments.value(QLatin1String("format")).toString(QStringLiteral("markdown"));
        if (format == QLatin1String("json"))
            co_return textResult(jsonOf(run->first, run->second));
        co_return textResult(markdownOf(run->first, run->second, format != QLatin1String("outline")));
    }
    const auto replayed = co_await session->replay(id, cancel);
    if (!replayed) {
        if (replayed.error().kind == ErrorKind::Cancelled)
            co_return replayed.error();
        co_return textResult(replayed.error().message, true);
    }
    const QJsonObject structured{{QStringLiteral("run"), number},
                                 {QStringLiteral("same"), replayed->same},
                                 {QStringLiteral("events"), replayed->proof.events},
                                 {QStringLiteral("first_difference"), replayed->firstDifference},
                                 {QStringLiteral("output"), replayed->output}};
    QJsonObject result = textResult(replayed->same ? QStringLiteral("The replay gave the same %1 events.").arg(replayed->proof.events)
                                                   : QStringLiteral("The replay differs: %1").arg(replayed->firstDifference),
                                    !replayed->same);
    result.insert(QStringLiteral("structuredContent"), structured);
    co_return result;
}

} // namespace lathe
