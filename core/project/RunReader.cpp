// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunReader.h"

#include "core/project/Payload.h"
#include "core/project/RunPacking.h"
#include "core/project/Sql.h"

namespace lathe {

namespace {
// Of formats before 4, in the place of what they do not have.
const QByteArray newColumns =
    QByteArrayLiteral(", r.source, r.source_id, r.in_bin, (SELECT json_group_array(tag) FROM (SELECT tag FROM run_tags WHERE run=r.id"
                      " ORDER BY tag)), (SELECT note FROM pins WHERE run=r.id)");
const QByteArray noNewColumns = QByteArrayLiteral(", '', '', 0, NULL, NULL");
constexpr int firstText = 26;
} // namespace

Result<int> formatOf(Database &db)
{
    const auto version = queryInt(db, QByteArrayLiteral("PRAGMA user_version"));
    if (!version)
        return version.error();
    return int(*version);
}

QByteArray runColumns(bool whole, int format)
{
    // 0-25 in both.
    static const QByteArray list =
        QByteArrayLiteral("r.id, r.artifact, r.agent, r.revision, r.status, r.start_us, r.end_us, "
                          "r.pid, r.step_count, r.models, r.input_tokens,"
                          " r.output_tokens, r.cache_read_tokens, r.cache_write_tokens, "
                          "r.reasoning_tokens, r.cost_usd, r.error,"
                          " g.kind, g.value, g.note, r.revisions");
    const QByteArray known = list + (format >= runLogFormat ? newColumns : noNewColumns);
    if (!whole)
        return known + ", substr(r.input, 1, 500), substr(r.output, 1, 500)";
    return known + ", r.input, r.output, r.input_zstd, r.output_zstd, r.input_json, r.snapshot, r.start_attributes, r.end_attributes";
}

const char *const ratingJoin =
    " LEFT JOIN ratings g ON g.id=(SELECT max(id) FROM ratings WHERE run=r.id AND step=''"
    " AND removed_us IS NULL AND kind IN ('thumbs', 'stars'))";

Result<RunInfo> runFromRow(Database &db, const Statement &row, bool whole)
{
    RunInfo info;
    info.id = RunId{row.int64(0)};
    info.artifact = ArtifactId{row.int64(1)};
    info.agentName = row.text(2);
    info.revisionNumber = int(row.int64(3));
    info.status = runStatusFromName(row.text(4));
    info.startUs = row.int64(5);
    info.endUs = row.int64(6);
    info.pid = int(row.int64(7));
    info.stepCount = int(row.int64(8));
    info.models = row.text(9);
    info.usage.inputTokens = row.int64(10);
    info.usage.outputTokens = row.int64(11);
    info.usage.cacheReadTokens = row.int64(12);
    info.usage.cacheWriteTokens = row.int64(13);
    info.usage.reasoningTokens = row.int64(14);
    info.usage.costKnown = !row.isNull(15);
    info.usage.costUsd = row.real(15);
    info.error = unpackError(row.bytes(16));
    if (!row.isNull(17)) {
        const int value = qRound(row.real(18));
        info.rating = row.text(17) == QLatin1String("thumbs") && value == 1 ? 6 : value;
        info.ratingNote = row.text(19);
    }
    info.revisions = json::parseObject(row.bytes(20)).valueOr({});
    info.source = row.text(21);
    info.sourceId = row.text(22);
    info.inBin = row.int64(23) != 0;
    const QJsonArray tags = json::parse(row.bytes(24)).valueOr({}).toArray();
    for (const QJsonValue &tag : tags)
        info.tags.append(tag.toString());
    info.pinned = !row.isNull(25);
    info.pinNote = row.text(25);
    info.input = row.text(firstText);
    info.output = row.text(firstText + 1);
    if (!whole)
        return info;
    for (QString *text : {&info.input, &info.output}) {
        const int column = firstText + (text == &info.input ? 2 : 3);
        if (row.isNull(column))
            continue;
        const auto bytes = expandFrame(row.bytes(column));
        if (!bytes)
            return bytes.error();
        *text = json::fromUtf8Lossy(*bytes);
    }
    info.inputJson = unpackInputJson(row.bytes(firstText + 4), info.input);
    if (!row.isNull(firstText + 5)) {
        const auto bytes = readBlob(db, row.bytes(firstText + 5));
        if (!bytes)
            return bytes.error();
        info.snapshot = json::parseObject(*bytes).valueOr({});
    }
    return info;
}

const char *const entryColumns =
    "step, kind, done, started_us, ended_us, request_hash, request, outcome FROM journal";

Result<StoredEntry> entryFromRow(const Statement &row)
{
    StoredEntry entry;
    entry.step = row.text(0);
    entry.kind = row.text(1);
    entry.done = row.int64(2) != 0;
    entry.startedUs = row.int64(3);
    entry.endedUs = row.int64(4);
    entry.requestHash = row.bytes(5);
    auto request = payload(row, 6);
    if (!request)
        return request.error();
    entry.request = std::move(*request);
    auto outcome = payloadObject(row, 7);
    if (!outcome)
        return outcome.error();
    entry.outcome = std::move(*outcome);
    return entry;
}

const char *const stepColumns = "path, kind, name, status, start_us, end_us, first_delta_us, attributes, notes, error, text, reasoning,"
                                " tool_arguments FROM steps";

Step stepHeadFromRow(const Statement &row)
{
    Step step;
    step.path = row.text(0);
    step.begun = !row.isNull(1);
    step.kind = stepKindFromName(row.text(1));
    step.name = row.text(2);
    step.status = stepStatusFromName(row.text(3));
    step.startUs = row.int64(4);
    step.endUs = row.int64(5);
    step.firstDeltaUs = row.int64(6);
    return step;
}

Result<StoredStep> stepFromRow(const Statement &row)
{
    StoredStep stored;
    Step &step = stored.step;
    step = stepHeadFromRow(row);
    auto attributes = payloadObject(row, 7);
    if (!attributes)
        return attributes.error();
    step.attributes = std::move(*attributes);
    const auto notes = payload(row, 8);
    if (!notes)
        return notes.error();
    if (!notes->isEmpty()) {
        const QJsonArray list = json::parse(*notes).valueOr({}).toArray();
        for (const QJsonValue &item : list) {
            step.notes.push_back({item[QLatin1String("time_us")].toInteger(),
                                  item[QLatin1String("name")].toString(),
                                  item[QLatin1String("attributes")].toObject()});
        }
    }
    step.error = unpackError(row.bytes(9));
    int column = 10;
    for (QString *text : {&step.text, &step.reasoning, &step.toolArguments}) {
        stored.inJournal[size_t(column - 10)] = row.isNull(column);
        auto whole = payloadText(row, column);
        if (!whole)
            return whole.error();
        *text = std::move(*whole);
        ++column;
    }
    return stored;
}

void takeTexts(StoredStep *stored, const StoredEntry &entry)
{
    OutcomeTexts texts = outcomeTexts(entry.kind, entry.outcome);
    if (stored->inJournal[0])
        stored->step.text = std::move(texts.text);
    if (stored->inJournal[1])
        stored->step.reasoning = std::move(texts.reasoning);
    if (stored->inJournal[2])
        stored->step.toolArguments = std::move(texts.toolArguments);
}

namespace {
// Gives the events that make `step` as it was: one more time through the only code that builds traces.
void applyStep(Trace &trace, const Step &step, RunId run)
{
    const auto make = [&](RunEventKind kind, qint64 timeUs) {
        RunEvent event;
        event.kind = kind;
        event.run = run;
        event.timeUs = timeUs;
        event.step = step.path;
        return event;
    };
    const auto stream = [&](DeltaChannel channel, const QString &text) {
        if (text.isEmpty())
            return;
        RunEvent event = make(RunEventKind::StepDelta, step.firstDeltaUs);
        event.channel = channel;
        event.text = text;
        trace.apply(event);
    };
    const bool waits = step.status == StepStatus::Waiting;
    const bool over = !waits && step.status != StepStatus::Running;
    if (step.begun) {
        RunEvent event = make(RunEventKind::StepStarted, step.startUs);
        event.stepKind = step.kind;
        event.name = step.name;
        event.attributes = step.attributes;
        trace.apply(event);
    }
    const auto streamAll = [&] {
        stream(DeltaChannel::Reasoning, step.reasoning);
        stream(DeltaChannel::ToolArguments, step.toolArguments);
        stream(step.kind == StepKind::Tool ? DeltaChannel::ToolOutput : DeltaChannel::Text,
               step.text);
    };
    // "restart" takes back what had streamed, so notes come first; what waits, waits because of its last note.
    if (waits && step.firstDeltaUs)
        streamAll();
    for (size_t i = 0; i < step.notes.size(); ++i) {
        RunEvent event = make(RunEventKind::StepNote, step.notes[i].timeUs);
        event.name = step.notes[i].name;
        event.attributes = step.notes[i].attributes;
        if (waits && i + 1 == step.notes.size())
            event.stepStatus = StepStatus::Waiting;
        trace.apply(event);
    }
    if (!waits && step.firstDeltaUs)
        streamAll();
    if (over) {
        RunEvent event = make(RunEventKind::StepEnded, step.endUs);
        event.stepStatus = step.status;
        event.error = step.error;
        if (!step.begun)
            event.attributes = step.attributes;
        event.text = step.firstDeltaUs ? QString() : step.text;
        trace.apply(event);
    }
}

} // namespace

Step stepOfEntry(const StoredEntry &entry)
{
    Step step;
    step.path = entry.step;
    step.begun = true;
    step.startUs = entry.startedUs;
    const QJsonObject request = json::parseObject(entry.request).valueOr({});
    if (entry.kind == QLatin1String("chat")) {
        step.kind = StepKind::Model;
        step.name = QStringLiteral("chat ") + request.value(QLatin1String("model")).toString();
        step.attributes = {
            {QStringLiteral("gen_ai.operation.name"), QStringLiteral("chat")},
            {QStringLiteral("gen_ai.request.model"), request.value(QLatin1String("model"))}};
        const Usage usage = Usage::fromJson(entry.outcome.value(QLatin1String("response"))
                                                .toObject()
                                                .value(QLatin1String("usage"))
                                                .toObject());
        if (usage.totalTokens() > 0) {
            step.attributes.insert(QStringLiteral("gen_ai.usage.input_tokens"), usage.inputTokens);
            step.attributes.insert(QStringLiteral("gen_ai.usage.output_tokens"),
                                   usage.outputTokens);
            if (usage.costKnown)
                step.attributes.insert(QStringLiteral("lathe.cost_usd"), usage.costUsd);
        }
    } else if (entry.kind == QLatin1String("execute_tool")) {
        step.kind = StepKind::Tool;
        step.name =
            QStringLiteral("execute_tool ") + request.value(QLatin1String("tool")).toString();
        step.attributes = {
            {QStringLiteral("gen_ai.operation.name"), QStringLiteral("execute_tool")},
            {QStringLiteral("gen_ai.tool.name"), request.value(QLatin1String("tool"))},
            {QStringLiteral("gen_ai.tool.call.arguments"),
             json::compactString(request.value(QLatin1String("arguments")))}};
    } else {
        step.kind = StepKind::Human;
        step.name = entry.kind;
    }
    if (!entry.done)
        return step;
    step.endUs = entry.endedUs;
    const QJsonObject error = entry.outcome.value(QLatin1String("error")).toObject();
    const bool toolFailed = entry.outcome.value(QLatin1String("outcome"))
                                .toObject()
                                .value(QLatin1String("is_error"))
                                .toBool();
    step.status = error.isEmpty() && !toolFailed ? StepStatus::Ok : StepStatus::Failed;
    if (!error.isEmpty())
        step.error = Error(errorKindFromName(error.value(QLatin1String("type")).toString()),
                           error.value(QLatin1String("message")).toString(),
                           error.value(QLatin1String("cause")).toString());
    step.text = outcomeTexts(entry.kind, entry.outcome).text;
    if (step.text.isEmpty()) // of a failure: what had streamed before it
        step.text = entry.outcome.value(QLatin1String("partial_text")).toString();
    const QJsonArray notices = entry.outcome.value(QLatin1String("notices")).toArray();
    for (const QJsonValue &notice : notices) {
        const QJsonObject attributes = notice[QLatin1String("attributes")].toObject();
        step.notes.push_back({attributes.value(QLatin1String("time_us")).toInteger(entry.startedUs),
                              notice[QLatin1String("name")].toString(), attributes});
    }
    return step;
}

Result<StoredRun> loadRun(Database &db, RunId id)
{
    StoredRun run;
    bool found = false;
    QJsonObject endAttributes;
    std::optional<QJsonObject> startAttributes;
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    const QByteArray sql = "SELECT " + runColumns(true, *format) + " FROM runs r" + ratingJoin + " WHERE r.id=?";
    auto read = eachRow(
        db, sql,
        [&](Statement &row) -> Result<void> {
            auto info = runFromRow(db, row, true);
            if (!info)
                return info.error();
            run.info = std::move(*info);
            if (!row.isNull(firstText + 6))
                startAttributes = unpackStartAttributes(json::parseObject(row.bytes(firstText + 6)).valueOr({}), run.info);
            endAttributes = json::parseObject(row.bytes(firstText + 7)).valueOr({});
            found = true;
            return {};
        },
        id);
    if (!read)
        return read.error();
    if (!found)
        return Error(ErrorKind::NotFound,
                     QStringLiteral("There is no run %1 in this project.").arg(id.value));

    QHash<QString, int> entries;
    static const QByteArray journalSql =
        QByteArrayLiteral("SELECT ") + entryColumns + " WHERE run=? ORDER BY id";
    read = eachRow(
        db, journalSql,
        [&](Statement &row) -> Result<void> {
            auto entry = entryFromRow(row);
            if (!entry)
                return entry.error();
            entries.insert(entry->step, int(run.journal.size()));
            run.journal.push_back(std::move(*entry));
            return {};
        },
        id);
    if (!read)
        return read.error();

    RunEvent event;
    event.run = id;
    if (startAttributes || run.info.startUs > 0) {
        event.kind = RunEventKind::RunStarted;
        event.timeUs = run.info.startUs;
        event.attributes = startAttributes.value_or(QJsonObject());
        run.trace.apply(event);
    }
    static const QByteArray stepSql = QByteArrayLiteral("SELECT ") + stepColumns + " WHERE run=? ORDER BY position, start_us, path";
    read = eachRow(
        db, stepSql,
        [&](Statement &row) -> Result<void> {
            auto stored = stepFromRow(row);
            if (!stored)
                return stored.error();
            const auto entry = entries.constFind(stored->step.path);
            if (entry != entries.constEnd()) {
                takeTexts(&*stored, run.journal[size_t(*entry)]);
            }
            applyStep(run.trace, stored->step, id);
            return {};
        },
        id);
    if (!read)
        return read.error();
    for (const StoredEntry &entry : run.journal) {
        if (run.trace.indexOf(entry.step) < 0)
            applyStep(run.trace, stepOfEntry(entry), id);
    }
    if (run.info.status != RunStatus::Running && run.info.status != RunStatus::Waiting) {
        event.kind = RunEventKind::RunEnded;
        event.timeUs = run.info.endUs;
        event.runStatus = run.info.status;
        event.text = run.info.output;
        event.error = run.info.error;
        event.attributes = endAttributes;
        run.trace.apply(event);
    }
    return run;
}

} // namespace lathe
