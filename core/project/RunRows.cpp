// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunRows.h"

#include "core/project/Payload.h"
#include "core/project/ProcessOwner.h"
#include "core/project/Sql.h"

namespace lathe {

namespace {
constexpr qsizetype excerptLength = 500;
constexpr qsizetype indexedLengthMax = 100'000; // characters of a text that run_search knows
const QString textKey = QStringLiteral("text");

// Where the attributes of RunStarted stand in the row; only those that differ are stored again.
struct Repeated {
    QLatin1String key;
    QJsonValue value;
};
std::vector<Repeated> repeatedAttributes(const RunInfo &info)
{
    return {{QLatin1String("agent"), info.agentName},
            {QLatin1String("input"), info.input},
            {QLatin1String("revisions"), info.revisions},
            {QLatin1String("variables"), info.inputJson.value(QLatin1String("variables"))}};
}

QByteArray packStartAttributes(QJsonObject attributes, const RunInfo &info)
{
    for (const Repeated &repeated : repeatedAttributes(info)) {
        const auto found = attributes.find(repeated.key);
        if (found != attributes.end() && *found == repeated.value)
            *found = QJsonValue(QJsonValue::Null);
    }
    return json::compact(attributes);
}

QJsonObject unpackStartAttributes(QJsonObject attributes, const RunInfo &info)
{
    for (const Repeated &repeated : repeatedAttributes(info)) {
        const auto found = attributes.find(repeated.key);
        if (found != attributes.end() && found->isNull())
            *found = repeated.value;
    }
    return attributes;
}

// {"text": input} is not stored; elsewhere a missing text is the input, a null one is none.
void bindInputJson(Statement &statement, int index, QJsonObject inputJson, const QString &input)
{
    if (!inputJson.contains(textKey))
        inputJson.insert(textKey, QJsonValue(QJsonValue::Null));
    else if (inputJson.value(textKey) == QJsonValue(input))
        inputJson.remove(textKey);
    if (inputJson.isEmpty())
        statement.bindNull(index);
    else
        statement.bindText(index, json::compact(inputJson));
}

QJsonObject unpackInputJson(const QByteArray &stored, const QString &input)
{
    QJsonObject inputJson = json::parseObject(stored).valueOr({});
    if (!inputJson.contains(textKey))
        inputJson.insert(textKey, input);
    else if (inputJson.value(textKey).isNull())
        inputJson.remove(textKey);
    return inputJson;
}

// The whole text or an excerpt, and the whole compressed or NULL.
Result<void> bindText(Statement &statement, int index, int indexOfWhole, const QString &text)
{
    const QByteArray utf8 = text.toUtf8();
    if (utf8.size() <= payloadInlineMax) {
        statement.bindText(index, utf8).bindNull(indexOfWhole);
        return {};
    }
    const auto frame = compressFrame(utf8);
    if (!frame)
        return frame.error();
    statement.bindText(index, excerpt(text).toUtf8()).bindBlob(indexOfWhole, *frame);
    return {};
}

void bindUs(Statement &statement, int index, qint64 timeUs)
{
    if (timeUs == 0)
        statement.bindNull(index);
    else
        statement.bind(index, timeUs);
}

void bindError(Statement &statement, int index, const std::optional<Error> &error)
{
    if (error)
        statement.bindText(index, packError(*error));
    else
        statement.bindNull(index);
}

// Parameters 1 to 17: what changes while a run goes on.
Result<void> bindMutable(Statement &s, const RunRow &row)
{
    const RunInfo &info = row.info;
    const Usage &usage = info.usage;
    s.bindText(1, runStatusName(info.status).toUtf8()).bind(2, info.startUs);
    bindUs(s, 3, info.endUs);
    s.bind(4, info.pid).bindText(5, row.owner.toUtf8()).bind(6, info.stepCount).bindText(7, info.models.toUtf8());
    s.bind(8, usage.inputTokens).bind(9, usage.outputTokens).bind(10, usage.cacheReadTokens);
    s.bind(11, usage.cacheWriteTokens).bind(12, usage.reasoningTokens);
    if (usage.costKnown)
        s.bind(13, usage.costUsd);
    else
        s.bindNull(13);
    bindError(s, 14, info.error);
    if (row.startAttributes)
        s.bindText(15, packStartAttributes(*row.startAttributes, info));
    else
        s.bindNull(15);
    if (row.endAttributes.isEmpty())
        s.bindNull(16);
    else
        s.bindText(16, json::compact(row.endAttributes));
    return bindText(s, 17, 18, info.output);
}

Result<void> insertRow(Database &db, const RunRow &row)
{
    const RunInfo &info = row.info;
    if (!row.snapshotHash.isEmpty()) {
        auto stored = storeBlob(db, row.snapshotHash, [&] { return json::compact(info.snapshot); });
        if (!stored)
            return stored;
    }
    auto s = db.prepare(QByteArrayLiteral(
        "INSERT INTO runs(status, start_us, end_us, pid, owner, step_count, models, input_tokens, output_tokens,"
        " cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd, error, start_attributes, end_attributes, output,"
        " output_zstd, id, artifact, agent, revision, indexed, snapshot, revisions, input, input_zstd, input_json)"
        " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,0,?23,?24,?25,?26,?27)"));
    if (!s)
        return s.error();
    if (auto bound = bindMutable(*s, row); !bound)
        return bound;
    s->bind(19, info.id.value);
    if (info.artifact.isValid())
        s->bind(20, info.artifact.value);
    s->bindText(21, info.agentName.toUtf8()).bind(22, info.revisionNumber);
    if (!row.snapshotHash.isEmpty())
        s->bindText(23, row.snapshotHash);
    s->bindText(24, json::compact(info.revisions));
    if (auto bound = bindText(*s, 25, 26, info.input); !bound)
        return bound;
    bindInputJson(*s, 27, info.inputJson, info.input);
    return s->run();
}

Result<void> updateRow(Database &db, const RunRow &row)
{
    auto s = db.prepare(QByteArrayLiteral(
        "UPDATE runs SET status=?1, start_us=?2, end_us=?3, pid=?4, owner=?5, step_count=?6, models=?7, input_tokens=?8,"
        " output_tokens=?9, cache_read_tokens=?10, cache_write_tokens=?11, reasoning_tokens=?12, cost_usd=?13, error=?14,"
        " start_attributes=?15, end_attributes=?16, output=?17, output_zstd=?18 WHERE id=?19"));
    if (!s)
        return s.error();
    if (auto bound = bindMutable(*s, row); !bound)
        return bound;
    s->bind(19, row.info.id.value);
    return s->run();
}

QByteArray packNotes(const std::vector<StepNote> &notes)
{
    QJsonArray list;
    for (const StepNote &note : notes) {
        QJsonObject item{{QStringLiteral("time_us"), note.timeUs}, {QStringLiteral("name"), note.name}};
        if (!note.attributes.isEmpty())
            item.insert(QStringLiteral("attributes"), note.attributes);
        list.append(item);
    }
    return json::compact(list);
}

Result<void> putStep(Database &db, RunId run, const StepRow &row)
{
    auto s = db.prepare(QByteArrayLiteral(
        "INSERT INTO steps(run, path, parent, position, kind, name, status, start_us, end_us, first_delta_us, attributes,"
        " notes, error, text, reasoning, tool_arguments) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(run, path) DO UPDATE SET parent=excluded.parent, position=excluded.position, kind=excluded.kind,"
        " name=excluded.name, status=excluded.status, start_us=excluded.start_us, end_us=excluded.end_us,"
        " first_delta_us=excluded.first_delta_us, attributes=excluded.attributes, notes=excluded.notes,"
        " error=excluded.error, text=excluded.text, reasoning=excluded.reasoning,"
        " tool_arguments=excluded.tool_arguments"));
    if (!s)
        return s.error();
    const Step &step = row.step;
    s->bind(1, run.value).bindText(2, step.path.toUtf8()).bindText(3, step.parent.toUtf8()).bind(4, row.position);
    if (step.begun)
        s->bindText(5, stepKindName(step.kind).toUtf8());
    s->bindText(6, step.name.toUtf8()).bindText(7, stepStatusName(step.status).toUtf8()).bind(8, step.startUs);
    bindUs(*s, 9, step.endUs);
    bindUs(*s, 10, step.firstDeltaUs);
    if (auto bound = bindPayload(*s, 11, json::compact(step.attributes)); !bound)
        return bound;
    if (!step.notes.empty()) {
        if (auto bound = bindPayload(*s, 12, packNotes(step.notes)); !bound)
            return bound;
    }
    bindError(*s, 13, step.error);
    if (!row.textsInJournal) {
        int index = 14;
        for (const QString &text : {step.text, step.reasoning, step.toolArguments}) {
            if (auto bound = bindPayload(*s, index++, text.toUtf8()); !bound)
                return bound;
        }
    }
    return s->run();
}

Result<void> putEntry(Database &db, RunId run, const StoredEntry &entry)
{
    auto s = db.prepare(QByteArrayLiteral(
        "INSERT INTO journal(run, step, kind, done, started_us, ended_us, request_hash, request, outcome)"
        " VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(run, step) DO UPDATE SET kind=excluded.kind, done=excluded.done,"
        " started_us=excluded.started_us, ended_us=excluded.ended_us, request_hash=excluded.request_hash,"
        " request=excluded.request, outcome=excluded.outcome"));
    if (!s)
        return s.error();
    s->bind(1, run.value).bindText(2, entry.step.toUtf8()).bindText(3, entry.kind.toUtf8()).bind(4, entry.done);
    s->bind(5, entry.startedUs).bind(6, entry.endedUs).bindText(7, entry.requestHash);
    if (auto bound = bindPayload(*s, 8, entry.request); !bound)
        return bound;
    if (entry.done) {
        if (auto bound = bindPayload(*s, 9, json::compact(entry.outcome)); !bound)
            return bound;
    }
    return s->run();
}

// The texts as run_search got them; the same again when they are taken out.
Result<void> searchTexts(Database &db, RunId id, bool wanted, QByteArray *input, QByteArray *output, bool *found)
{
    *found = false;
    return eachRow(
        db,
        QByteArrayLiteral("SELECT input, output, input_zstd, output_zstd FROM runs"
                          " WHERE id=? AND indexed=? AND status NOT IN ('running', 'waiting')"),
        [&](Statement &row) -> Result<void> {
            for (int i = 0; i < 2; ++i) {
                QByteArray text = row.bytes(i);
                if (!row.isNull(i + 2)) {
                    auto whole = expandFrame(row.bytes(i + 2));
                    if (!whole)
                        return whole.error();
                    text = json::fromUtf8Lossy(*whole).left(indexedLengthMax).toUtf8();
                }
                *(i == 0 ? input : output) = text;
            }
            *found = true;
            return {};
        },
        id, wanted);
}
} // namespace

OutcomeTexts outcomeTexts(const QString &kind, const QJsonObject &outcome)
{
    OutcomeTexts texts;
    if (kind == QLatin1String("chat")) {
        const QJsonArray parts = outcome.value(QLatin1String("response"))
                                     .toObject()
                                     .value(QLatin1String("message"))
                                     .toObject()
                                     .value(QLatin1String("parts"))
                                     .toArray();
        for (const QJsonValue &value : parts) {
            const QJsonObject part = value.toObject();
            const QString type = part.value(QLatin1String("type")).toString();
            if (type == QLatin1String("text")) {
                texts.text += part.value(QLatin1String("content")).toString();
            } else if (type == QLatin1String("reasoning")) {
                texts.reasoning += part.value(QLatin1String("content")).toString();
            } else if (type == QLatin1String("tool_call")) {
                const QJsonValue arguments = part.value(QLatin1String("arguments"));
                texts.toolArguments += arguments.isString() ? arguments.toString() : json::compactString(arguments);
            }
        }
    } else if (kind == QLatin1String("execute_tool")) {
        texts.text = outcome.value(QLatin1String("outcome")).toObject().value(textKey).toString();
    } else if (kind == QLatin1String("human")) {
        texts.text = outcome.value(QLatin1String("answer")).toObject().value(textKey).toString();
    }
    return texts;
}

QByteArray packError(const Error &error)
{
    QJsonObject object{{QStringLiteral("kind"), errorKindName(error.kind)}, {QStringLiteral("message"), error.message}};
    if (!error.cause.isEmpty())
        object.insert(QStringLiteral("cause"), error.cause);
    if (error.retryAfterMs != -1)
        object.insert(QStringLiteral("retry_after_ms"), error.retryAfterMs);
    if (error.httpStatus != 0)
        object.insert(QStringLiteral("http_status"), error.httpStatus);
    return json::compact(object);
}

std::optional<Error> unpackError(const QByteArray &stored)
{
    if (stored.isEmpty())
        return std::nullopt;
    const QJsonObject object = json::parseObject(stored).valueOr({});
    Error error(errorKindFromName(object.value(QLatin1String("kind")).toString()),
                object.value(QLatin1String("message")).toString(), object.value(QLatin1String("cause")).toString());
    error.retryAfterMs = object.value(QLatin1String("retry_after_ms")).toInteger(-1);
    error.httpStatus = object.value(QLatin1String("http_status")).toInt();
    return error;
}

QString excerpt(const QString &text)
{
    QString start = text.left(excerptLength);
    if (!start.isEmpty() && start.back().isHighSurrogate())
        start.chop(1);
    return start;
}

Result<void> writeBatch(Database &db, const RunBatch &batch)
{
    if (batch.insert) {
        if (auto done = insertRow(db, batch.row); !done)
            return done;
    }
    for (const StepRow &step : batch.steps) {
        if (auto done = putStep(db, batch.row.info.id, step); !done)
            return done;
    }
    for (const StoredEntry &entry : batch.entries) {
        if (auto done = putEntry(db, batch.row.info.id, entry); !done)
            return done;
    }
    return batch.update ? updateRow(db, batch.row) : Result<void>();
}

Result<void> indexRuns(Database &db, const std::vector<RunId> &ids)
{
    for (const RunId id : ids) {
        QByteArray input, output;
        bool found = false;
        if (auto read = searchTexts(db, id, false, &input, &output, &found); !read)
            return read;
        if (!found)
            continue;
        auto put = execute(db, QByteArrayLiteral("INSERT INTO run_search(rowid, input, output) VALUES(?,?,?)"), id, Text(input),
                           Text(output));
        if (!put)
            return put;
        if (auto marked = execute(db, QByteArrayLiteral("UPDATE runs SET indexed=1 WHERE id=?"), id); !marked)
            return marked;
    }
    return {};
}

Result<void> unindexRun(Database &db, RunId id)
{
    QByteArray input, output;
    bool found = false;
    if (auto read = searchTexts(db, id, true, &input, &output, &found); !read || !found)
        return read;
    auto taken = execute(db, QByteArrayLiteral("INSERT INTO run_search(run_search, rowid, input, output) VALUES('delete',?,?,?)"),
                         id, Text(input), Text(output));
    if (!taken)
        return taken;
    return execute(db, QByteArrayLiteral("UPDATE runs SET indexed=0 WHERE id=?"), id);
}

Result<std::vector<RunId>> unindexedRuns(Database &db)
{
    std::vector<RunId> ids;
    const auto read = eachRow(
        db, QByteArrayLiteral("SELECT id FROM runs WHERE indexed=0 AND status NOT IN ('running', 'waiting')"),
        [&](Statement &row) { ids.push_back(RunId{row.int64(0)}); });
    if (!read)
        return read.error();
    return ids;
}

Result<std::vector<RunId>> markInterruptedRuns(Database &db)
{
    std::vector<RunId> ids;
    QHash<QString, bool> alive;
    const auto read = eachRow(
        db, QByteArrayLiteral("SELECT id, owner FROM runs WHERE indexed=0 AND status IN ('running', 'waiting')"),
        [&](Statement &row) {
            const QString owner = row.text(1);
            auto known = alive.constFind(owner);
            if (known == alive.constEnd())
                known = alive.insert(owner, isOwnerAlive(owner));
            if (!*known)
                ids.push_back(RunId{row.int64(0)});
        });
    if (!read)
        return read.error();
    for (const RunId id : ids) {
        // Its last sign of life is its end. Usage is what its model steps had recorded.
        Usage usage;
        auto summed = eachRow(
            db, QByteArrayLiteral("SELECT attributes FROM steps WHERE run=? AND kind='model'"),
            [&](Statement &row) -> Result<void> {
                auto attributes = payloadObject(row, 0);
                if (!attributes)
                    return attributes.error();
                Step step;
                step.attributes = std::move(*attributes);
                usage += step.usage();
                return {};
            },
            id);
        if (!summed)
            return summed.error();
        auto marked = execute(
            db,
            QByteArrayLiteral(
                "UPDATE runs SET status='interrupted',"
                " end_us=max(start_us, coalesce((SELECT max(max(start_us, coalesce(end_us, 0))) FROM steps WHERE run=?1), 0),"
                "  coalesce((SELECT max(max(started_us, ended_us)) FROM journal WHERE run=?1), 0)),"
                " step_count=(SELECT count(*) FROM steps WHERE run=?1), input_tokens=?2, output_tokens=?3,"
                " cache_read_tokens=?4, cache_write_tokens=?5, reasoning_tokens=?6, cost_usd=?7 WHERE id=?1"),
            id, usage.inputTokens, usage.outputTokens, usage.cacheReadTokens, usage.cacheWriteTokens, usage.reasoningTokens,
            usage.costUsd);
        if (marked && !usage.costKnown)
            marked = execute(db, QByteArrayLiteral("UPDATE runs SET cost_usd=NULL WHERE id=?"), id);
        if (marked)
            marked = execute(db,
                             QByteArrayLiteral("UPDATE steps SET status='interrupted', end_us=(SELECT end_us FROM runs"
                                               " WHERE id=?1) WHERE run=?1 AND status IN ('running', 'waiting')"),
                             id);
        if (!marked)
            return marked.error();
    }
    return ids;
}

QByteArray runColumns(bool whole)
{
    // 0-20 in both; the rating is the newest that nobody took back.
    static const QByteArray list = QByteArrayLiteral(
        "r.id, r.artifact, r.agent, r.revision, r.status, r.start_us, r.end_us, r.pid, r.step_count, r.models, r.input_tokens,"
        " r.output_tokens, r.cache_read_tokens, r.cache_write_tokens, r.reasoning_tokens, r.cost_usd, r.error,"
        " g.kind, g.value, g.note, r.revisions");
    static const QByteArray from = QByteArrayLiteral(
        " FROM runs r LEFT JOIN ratings g ON g.id=(SELECT max(id) FROM ratings WHERE run=r.id AND step=''"
        " AND removed_us IS NULL AND kind IN ('thumbs', 'stars'))");
    static const QByteArray excerpts = list + ", substr(r.input, 1, 500), substr(r.output, 1, 500)" + from;
    static const QByteArray all =
        list + ", r.input, r.output, r.input_zstd, r.output_zstd, r.input_json, r.snapshot, r.start_attributes, r.end_attributes" + from;
    return whole ? all : excerpts;
}

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
    info.input = row.text(21);
    info.output = row.text(22);
    if (!whole)
        return info;
    for (QString *text : {&info.input, &info.output}) {
        const int column = text == &info.input ? 23 : 24;
        if (row.isNull(column))
            continue;
        const auto bytes = expandFrame(row.bytes(column));
        if (!bytes)
            return bytes.error();
        *text = json::fromUtf8Lossy(*bytes);
    }
    info.inputJson = unpackInputJson(row.bytes(25), info.input);
    if (!row.isNull(26)) {
        const auto bytes = readBlob(db, row.bytes(26));
        if (!bytes)
            return bytes.error();
        info.snapshot = json::parseObject(*bytes).valueOr({});
    }
    return info;
}

const char *const entryColumns = "step, kind, done, started_us, ended_us, request_hash, request, outcome FROM journal";

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

namespace {
struct StoredStep {
    Step step;
    std::array<bool, 3> inJournal{}; // text, reasoning, tool arguments
};

Result<StoredStep> stepFromRow(const Statement &row)
{
    StoredStep stored;
    Step &step = stored.step;
    step.path = row.text(0);
    step.begun = !row.isNull(1);
    step.kind = stepKindFromName(row.text(1));
    step.name = row.text(2);
    step.status = stepStatusFromName(row.text(3));
    step.startUs = row.int64(4);
    step.endUs = row.int64(5);
    step.firstDeltaUs = row.int64(6);
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
            step.notes.push_back({item[QLatin1String("time_us")].toInteger(), item[QLatin1String("name")].toString(),
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
        stream(step.kind == StepKind::Tool ? DeltaChannel::ToolOutput : DeltaChannel::Text, step.text);
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

// A step whose effect is recorded but whose end never was, because the program stopped in between.
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
        step.attributes = {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("chat")},
                           {QStringLiteral("gen_ai.request.model"), request.value(QLatin1String("model"))}};
        const Usage usage = Usage::fromJson(
            entry.outcome.value(QLatin1String("response")).toObject().value(QLatin1String("usage")).toObject());
        if (usage.totalTokens() > 0) {
            step.attributes.insert(QStringLiteral("gen_ai.usage.input_tokens"), usage.inputTokens);
            step.attributes.insert(QStringLiteral("gen_ai.usage.output_tokens"), usage.outputTokens);
            if (usage.costKnown)
                step.attributes.insert(QStringLiteral("lathe.cost_usd"), usage.costUsd);
        }
    } else if (entry.kind == QLatin1String("execute_tool")) {
        step.kind = StepKind::Tool;
        step.name = QStringLiteral("execute_tool ") + request.value(QLatin1String("tool")).toString();
        step.attributes = {{QStringLiteral("gen_ai.operation.name"), QStringLiteral("execute_tool")},
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
    const bool toolFailed =
        entry.outcome.value(QLatin1String("outcome")).toObject().value(QLatin1String("is_error")).toBool();
    step.status = error.isEmpty() && !toolFailed ? StepStatus::Ok : StepStatus::Failed;
    if (!error.isEmpty())
        step.error = Error(errorKindFromName(error.value(QLatin1String("type")).toString()),
                           error.value(QLatin1String("message")).toString(), error.value(QLatin1String("cause")).toString());
    step.text = outcomeTexts(entry.kind, entry.outcome).text;
    return step;
}
} // namespace

Result<StoredRun> loadRun(Database &db, RunId id)
{
    StoredRun run;
    bool found = false;
    QJsonObject endAttributes;
    std::optional<QJsonObject> startAttributes;
    const QByteArray sql = "SELECT " + runColumns(true) + " WHERE r.id=?";
    auto read = eachRow(
        db, sql,
        [&](Statement &row) -> Result<void> {
            auto info = runFromRow(db, row, true);
            if (!info)
                return info.error();
            run.info = std::move(*info);
            if (!row.isNull(27))
                startAttributes = unpackStartAttributes(json::parseObject(row.bytes(27)).valueOr({}), run.info);
            endAttributes = json::parseObject(row.bytes(28)).valueOr({});
            found = true;
            return {};
        },
        id);
    if (!read)
        return read.error();
    if (!found)
        return Error(ErrorKind::NotFound, QStringLiteral("There is no run %1 in this project.").arg(id.value));

    QHash<QString, int> entries;
    static const QByteArray journalSql = QByteArrayLiteral("SELECT ") + entryColumns + " WHERE run=? ORDER BY id";
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
    read = eachRow(
        db,
        QByteArrayLiteral("SELECT path, kind, name, status, start_us, end_us, first_delta_us, attributes, notes, error, text,"
                          " reasoning, tool_arguments FROM steps WHERE run=? ORDER BY position, start_us, path"),
        [&](Statement &row) -> Result<void> {
            auto stored = stepFromRow(row);
            if (!stored)
                return stored.error();
            const auto entry = entries.constFind(stored->step.path);
            if (entry != entries.constEnd()) {
                const StoredEntry &of = run.journal[size_t(*entry)];
                const OutcomeTexts texts = outcomeTexts(of.kind, of.outcome);
                if (stored->inJournal[0])
                    stored->step.text = texts.text;
                if (stored->inJournal[1])
                    stored->step.reasoning = texts.reasoning;
                if (stored->inJournal[2])
                    stored->step.toolArguments = texts.toolArguments;
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
