// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/RunExportFormats.h"

#include "core/base/Json.h"
#include "core/trace/TraceHtml.h"
#include "core/trace/TraceOtlp.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSaveFile>

#include <algorithm>

namespace lathe {

namespace {
using L = QLatin1String;

QString isoTime(qint64 us)
{
    return us > 0 ? QDateTime::fromMSecsSinceEpoch(us / 1000, Qt::UTC).toString(Qt::ISODateWithMs) : QString();
}

QString ratingText(int rating)
{
    return rating < 0    ? QString()
           : rating == 0 ? QStringLiteral("down")
           : rating == 6 ? QStringLiteral("up")
                         : QString::number(rating);
}

QString reference(const RunInfo &info)
{
    if (!info.source.isEmpty())
        return info.agentName;
    return info.agentName + QLatin1Char('@') + (info.revisionNumber > 0 ? QString::number(info.revisionNumber) : QStringLiteral("draft"));
}

// The conventions name what a request held; the journal keeps it as it was asked.
QJsonObject attributesOf(const StoredEntry &entry)
{
    const QJsonObject request = json::parseObject(entry.request).valueOr({});
    QJsonObject attributes;
    QJsonArray system, input;
    const QJsonArray messages = request.value(L("messages")).toArray();
    for (const QJsonValue &message : messages) {
        if (message[L("role")].toString() != L("system")) {
            input.append(message);
            continue;
        }
        const QJsonArray parts = message[L("parts")].toArray();
        for (const QJsonValue &part : parts)
            system.append(part);
    }
    if (!input.isEmpty())
        attributes.insert(QStringLiteral("gen_ai.input.messages"), input);
    if (!system.isEmpty())
        attributes.insert(QStringLiteral("gen_ai.system_instructions"), system);
    QJsonArray tools;
    const QJsonArray described = request.value(L("tools")).toArray();
    for (const QJsonValue &tool : described) {
        QJsonObject definition = tool.toObject();
        definition.insert(QStringLiteral("type"), QStringLiteral("function"));
        tools.append(definition);
    }
    if (!tools.isEmpty())
        attributes.insert(QStringLiteral("gen_ai.tool.definitions"), tools);
    static const std::pair<L, L> parameters[] = {{L("top_p"), L("gen_ai.request.top_p")},
                                                 {L("seed"), L("gen_ai.request.seed")},
                                                 {L("stop"), L("gen_ai.request.stop_sequences")}};
    for (const auto &[name, convention] : parameters) {
        if (request.contains(name))
            attributes.insert(convention, request.value(name));
    }
    if (request.contains(L("output_schema"))) {
        attributes.insert(QStringLiteral("gen_ai.output.type"), QStringLiteral("json"));
        attributes.insert(QStringLiteral("lathe.output_schema"), request.value(L("output_schema")));
    }
    const QJsonObject response = entry.outcome.value(L("response")).toObject();
    if (entry.done && response.contains(L("message"))) {
        QJsonObject answer = response.value(L("message")).toObject();
        QString reason = response.value(L("finish_reason")).toString();
        if (reason == L("tool_calls"))
            reason = QStringLiteral("tool_call"); // as the conventions write it in messages
        answer.insert(QStringLiteral("finish_reason"), reason);
        attributes.insert(QStringLiteral("gen_ai.output.messages"), QJsonArray{answer});
    }
    return attributes;
}
} // namespace

QString exportFormatName(ExportFormat format)
{
    static const char *const names[] = {"otlp", "html", "jsonl", "events", "csv"};
    return QString::fromLatin1(names[int(format)]);
}

std::optional<ExportFormat> exportFormatFromName(const QString &name)
{
    for (const ExportFormat format :
         {ExportFormat::Otlp, ExportFormat::Html, ExportFormat::JsonLines, ExportFormat::EventLines, ExportFormat::Csv}) {
        if (name == exportFormatName(format))
            return format;
    }
    return std::nullopt;
}

QString exportFormatSuffix(ExportFormat format)
{
    static const char *const suffixes[] = {".otlp.jsonl", ".html", ".jsonl", ".events.jsonl", ".csv"};
    return QString::fromLatin1(suffixes[int(format)]);
}

Trace traceWithMessages(const StoredRun &run)
{
    QHash<QString, const StoredEntry *> asked;
    for (const StoredEntry &entry : run.journal) {
        if (entry.kind == L("chat"))
            asked.insert(entry.step, &entry);
    }
    if (asked.isEmpty())
        return run.trace;
    Trace trace;
    for (RunEvent &event : run.trace.toEvents()) {
        const StoredEntry *entry = event.kind == RunEventKind::StepStarted ? asked.value(event.step) : nullptr;
        if (entry) {
            const QJsonObject more = attributesOf(*entry);
            for (auto it = more.begin(); it != more.end(); ++it) {
                if (!event.attributes.contains(it.key()))
                    event.attributes.insert(it.key(), it.value());
            }
        }
        trace.apply(event);
    }
    return trace;
}

QString otlpTraceId(const RunInfo &run)
{
    static const QRegularExpression pattern(QStringLiteral("\\A(?!0{32})[0-9a-f]{32}\\z"));
    if (pattern.match(run.sourceId).hasMatch())
        return run.sourceId;
    const QByteArray seed = QByteArray::number(run.id.value) + ':' + QByteArray::number(run.startUs);
    return QString::fromLatin1(json::sha256(seed).left(32));
}

namespace runexport {

GivenRun givenRun(FoundRun run, bool messages, Redaction *redaction)
{
    GivenRun given;
    given.trace = messages ? traceWithMessages(run.stored) : std::move(run.stored.trace);
    given.info = std::move(run.stored.info);
    given.ratings = std::move(run.ratings);
    run.stored = StoredRun(); // large runs should not be there twice
    for (Rating &rating : given.ratings)
        rating.author.clear();
    if (!redaction || redaction->isEmpty())
        return given;
    given.trace = redaction->trace(given.trace);
    RunInfo &info = given.info;
    for (QString *text : {&info.agentName, &info.input, &info.output, &info.ratingNote, &info.models})
        *text = redaction->text(*text);
    for (QString &tag : info.tags)
        tag = redaction->text(tag);
    for (Rating &rating : given.ratings)
        rating.note = redaction->text(rating.note);
    if (info.error)
        info.error = redaction->error(*info.error);
    info.inputJson = redaction->object(info.inputJson);
    info.revisions = redaction->object(info.revisions);
    return given;
}

Trace traceWithRatings(const GivenRun &run)
{
    Trace trace = run.trace;
    for (const Rating &rating : run.ratings) {
        RunEvent event;
        event.kind = RunEventKind::StepNote;
        event.run = trace.run();
        event.timeUs = rating.createdUs;
        event.step = !rating.step.isEmpty() ? rating.step : trace.roots().empty() ? QString() : trace.steps()[size_t(trace.roots().front())].path;
        if (trace.indexOf(event.step) < 0)
            continue;
        event.name = QStringLiteral("gen_ai.evaluation.result");
        event.attributes = QJsonObject{{QStringLiteral("gen_ai.evaluation.name"), QStringLiteral("lathe.") + rating.kind},
                                       {QStringLiteral("gen_ai.evaluation.score.value"), rating.value},
                                       {QStringLiteral("lathe.rating.of"), rating.step.isEmpty() ? QStringLiteral("run") : QStringLiteral("step")}};
        if (rating.kind == L("thumbs"))
            event.attributes.insert(QStringLiteral("gen_ai.evaluation.score.label"), rating.value > 0 ? QStringLiteral("up") : QStringLiteral("down"));
        if (!rating.note.isEmpty())
            event.attributes.insert(QStringLiteral("gen_ai.evaluation.explanation"), rating.note);
        trace.apply(event);
    }
    return trace;
}

QJsonObject runToJson(const RunInfo &info)
{
    QJsonObject json{{QStringLiteral("run"), info.id.value},
                     {QStringLiteral("agent"), info.agentName},
                     {QStringLiteral("revision"), info.revisionNumber},
                     {QStringLiteral("status"), runStatusName(info.status)},
                     {QStringLiteral("started"), isoTime(info.startUs)},
                     {QStringLiteral("start_us"), info.startUs},
                     {QStringLiteral("end_us"), info.endUs},
                     {QStringLiteral("duration_us"), info.endUs > 0 ? info.endUs - info.startUs : 0},
                     {QStringLiteral("input"), info.input},
                     {QStringLiteral("output"), info.output},
                     {QStringLiteral("models"), info.models},
                     {QStringLiteral("usage"), info.usage.toJson()},
                     {QStringLiteral("step_count"), info.stepCount}};
    const auto insert = [&json](const char *key, const QJsonValue &value, bool given) {
        if (given)
            json.insert(L(key), value);
    };
    insert("variables", info.inputJson.value(L("variables")), !info.inputJson.value(L("variables")).toObject().isEmpty());
    insert("rating", ratingText(info.rating), info.rating >= 0);
    insert("rating_note", info.ratingNote, !info.ratingNote.isEmpty());
    insert("tags", json::fromStringList(info.tags), !info.tags.isEmpty());
    insert("source", info.source, !info.source.isEmpty());
    insert("source_id", info.sourceId, !info.sourceId.isEmpty());
    insert("pinned", true, info.pinned);
    insert("revisions", info.revisions, !info.revisions.isEmpty());
    if (info.error)
        json.insert(QStringLiteral("error"), QJsonObject{{QStringLiteral("kind"), errorKindName(info.error->kind)},
                                                         {QStringLiteral("message"), info.error->message}});
    return json;
}

QJsonObject stepToJson(const Step &step)
{
    QJsonObject json{{QStringLiteral("step"), step.path},
                     {QStringLiteral("kind"), stepKindName(step.kind)},
                     {QStringLiteral("name"), step.name},
                     {QStringLiteral("status"), stepStatusName(step.status)},
                     {QStringLiteral("start_us"), step.startUs},
                     {QStringLiteral("end_us"), step.endUs}};
    const auto insert = [&json](const char *key, const QString &text) {
        if (!text.isEmpty())
            json.insert(L(key), text);
    };
    insert("parent", step.parent);
    insert("text", step.text);
    insert("reasoning", step.reasoning);
    insert("tool_arguments", step.toolArguments);
    if (step.firstDeltaUs > 0)
        json.insert(QStringLiteral("first_text_us"), step.firstDeltaUs);
    if (!step.attributes.isEmpty())
        json.insert(QStringLiteral("attributes"), step.attributes);
    QJsonArray notes;
    for (const StepNote &note : step.notes) {
        notes.append(QJsonObject{{QStringLiteral("time_us"), note.timeUs},
                                 {QStringLiteral("name"), note.name},
                                 {QStringLiteral("attributes"), note.attributes}});
    }
    if (!notes.isEmpty())
        json.insert(QStringLiteral("notes"), notes);
    if (step.error)
        json.insert(QStringLiteral("error"), QJsonObject{{QStringLiteral("kind"), errorKindName(step.error->kind)},
                                                         {QStringLiteral("message"), step.error->message}});
    return json;
}

QByteArray csvCell(const QString &text)
{
    QString cell = text;
    cell.remove(QChar(0));
    // What begins so is computed by spreadsheets; the quote makes it text (OWASP, CSV injection).
    const qsizetype first = std::find_if(cell.begin(), cell.end(), [](QChar c) { return c != u' '; }) - cell.begin();
    if (first < cell.size() && QStringView(u"=+-@\t\r\n|%\uFF1D\uFF0B\uFF0D\uFF20").contains(cell[first]))
        cell.prepend(QLatin1Char('\''));
    const bool quote = std::any_of(cell.begin(), cell.end(), [](QChar c) { return QStringView(u",;\"\r\n\t").contains(c); })
                       || cell.startsWith(u' ') || cell.endsWith(u' ');
    if (!quote)
        return cell.toUtf8();
    cell.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    return '"' + cell.toUtf8() + '"';
}

namespace {
QByteArray csvRow(const RunInfo &info)
{
    const auto cost = info.usage.costKnown ? QByteArray::number(info.usage.costUsd, 'g', 10) : QByteArray();
    const QByteArrayList cells{QByteArray::number(info.id.value),
                               csvCell(info.agentName),
                               info.revisionNumber > 0 ? QByteArray::number(info.revisionNumber) : QByteArray(),
                               runStatusName(info.status).toLatin1(),
                               isoTime(info.startUs).toLatin1(),
                               info.endUs > 0 ? QByteArray::number(double(info.endUs - info.startUs) / 1000, 'f', 3) : QByteArray(),
                               QByteArray::number(info.usage.inputTokens),
                               QByteArray::number(info.usage.outputTokens),
                               cost,
                               QByteArray::number(info.stepCount),
                               ratingText(info.rating).toLatin1(),
                               csvCell(info.ratingNote),
                               csvCell(info.tags.join(QStringLiteral(", "))),
                               csvCell(info.models),
                               csvCell(info.source),
                               csvCell(info.input),
                               csvCell(info.output),
                               csvCell(info.error ? info.error->message : QString())};
    return cells.join(',') + "\r\n";
}

Result<void> writeHtml(const GivenRun &run, bool redacted, const ByteSink &sink)
{
    TraceHtmlHeader header;
    header.title = QStringLiteral("%1, run %2").arg(reference(run.info)).arg(run.info.id.value);
    header.agent = reference(run.info);
    header.input = run.info.input;
    header.tags = run.info.tags.join(QStringLiteral(", "));
    header.rating = ratingText(run.info.rating);
    if (!run.info.ratingNote.isEmpty())
        header.rating += QStringLiteral(": ") + run.info.ratingNote;
    header.madeUs = QDateTime::currentMSecsSinceEpoch() * 1000;
    if (redacted)
        header.note = QStringLiteral("Parts were taken out by redaction rules.");
    Result<void> written;
    writeTraceHtml(run.trace, header, [&](const QByteArray &piece) {
        written = sink(piece);
        return written.ok();
    });
    return written;
}

Result<void> writeOtlp(const GivenRun &run, const ByteSink &sink)
{
    QByteArray text = otlpBegin();
    bool first = true;
    Result<void> written;
    writeOtlpSpans(run.ratings.empty() ? run.trace : traceWithRatings(run), otlpTraceId(run.info), [&](const QByteArray &span) {
        if (!std::exchange(first, false))
            text += ',';
        text += span;
        if (text.size() > 64 * 1024) {
            written = sink(text);
            text.clear();
        }
        return written.ok();
    });
    return written ? sink(text + otlpEnd() + '\n') : written;
}
} // namespace

Result<void> writeBegin(ExportFormat format, const ByteSink &sink)
{
    if (format != ExportFormat::Csv)
        return {};
    return sink(QByteArrayLiteral("run,agent,revision,status,started,duration_ms,input_tokens,output_tokens,cost_usd,steps,rating,rating_note,"
                                  "tags,models,source,input,output,error\r\n"));
}

Result<void> writeRun(ExportFormat format, const GivenRun &run, bool redacted, const ByteSink &sink)
{
    switch (format) {
    case ExportFormat::Otlp:
        return writeOtlp(run, sink);
    case ExportFormat::Html:
        return writeHtml(run, redacted, sink);
    case ExportFormat::Csv:
        return sink(csvRow(run.info));
    case ExportFormat::JsonLines: {
        // Step by step, as a run of 100,000 steps is large.
        QJsonObject json = runToJson(run.info);
        QJsonArray ratings;
        for (const Rating &rating : run.ratings) {
            ratings.append(QJsonObject{{QStringLiteral("step"), rating.step},
                                       {QStringLiteral("kind"), rating.kind},
                                       {QStringLiteral("value"), rating.value},
                                       {QStringLiteral("note"), rating.note},
                                       {QStringLiteral("time_us"), rating.createdUs}});
        }
        if (!ratings.isEmpty())
            json.insert(QStringLiteral("ratings"), ratings);
        QByteArray line = json::compact(json);
        line.chop(1);
        line += ",\"steps\":[";
        bool first = true;
        for (const Step &step : run.trace.steps()) {
            if (!std::exchange(first, false))
                line += ',';
            line += json::compact(stepToJson(step));
            if (line.size() < 64 * 1024)
                continue;
            if (auto written = sink(line); !written)
                return written;
            line.clear();
        }
        return sink(line + "]}\n");
    }
    case ExportFormat::EventLines: {
        QByteArray lines;
        for (const RunEvent &event : run.trace.toEvents()) {
            lines += json::compact(event.toJson()) + '\n';
            if (lines.size() < 64 * 1024)
                continue;
            if (auto written = sink(lines); !written)
                return written;
            lines.clear();
        }
        return sink(lines);
    }
    }
    return {};
}

ExportFile::ExportFile(const QString &path) : m_path(path)
{
    const QFileInfo info(path);
    const bool isDevice = path.startsWith(L("/dev/")) || path.startsWith(L("/proc/")); // /dev/stdout may lead to a file
    m_isSaveFile = !isDevice && (!info.exists() || info.isFile());
    if (m_isSaveFile)
        m_file = std::make_unique<QSaveFile>(path);
    else
        m_file = std::make_unique<QFile>(path);
}

ExportFile::~ExportFile() = default;

Error ExportFile::failure(const QString &doing) const
{
    const QFileDevice::FileError code = m_file->error();
    const QString reason = m_file->errorString();
    if (reason.contains(QStringLiteral("Broken pipe")))
        return Error(ErrorKind::Cancelled, QStringLiteral("What read the output has ended."), reason);
    const bool full = code == QFileDevice::ResourceError || reason.contains(QStringLiteral("No space left")) || reason.contains(QStringLiteral("quota"));
    if (full)
        return Error(ErrorKind::LimitReached,
                     QStringLiteral("The disk is full: \"%1\" could not be written. Free some space or choose another place.").arg(m_path), reason);
    return Error(ErrorKind::Denied, QStringLiteral("\"%1\" cannot be %2: %3. Choose another place.").arg(m_path, doing, reason), reason);
}

Result<void> ExportFile::open()
{
    if (QFileInfo(m_path).isDir())
        return Error(ErrorKind::Denied, QStringLiteral("\"%1\" is a folder; give the name of a file in it.").arg(m_path));
    if (!m_file->open(QIODevice::WriteOnly))
        return failure(QStringLiteral("opened for writing"));
    return {};
}

Result<void> ExportFile::write(const QByteArray &bytes)
{
    if (m_file->write(bytes) != bytes.size())
        return failure(QStringLiteral("written"));
    m_bytes += bytes.size();
    return {};
}

Result<void> ExportFile::flush()
{
    if (!m_file->flush())
        return failure(QStringLiteral("written"));
    return {};
}

Result<void> ExportFile::commit()
{
    if (auto flushed = flush(); !flushed)
        return flushed;
    if (m_isSaveFile) {
        if (!static_cast<QSaveFile *>(m_file.get())->commit())
            return failure(QStringLiteral("written"));
        return {};
    }
    m_file->close();
    return {};
}

} // namespace runexport
} // namespace lathe
