// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunRows.h"

#include "core/project/Payload.h"
#include "core/project/RunPacking.h"
#include "core/project/Sql.h"
#include "core/project/StepSummary.h"

namespace lathe {

namespace {
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

// Parameters 1 to 19: what changes while a run goes on.
Result<void> bindMutable(Statement &s, const RunRow &row)
{
    const RunInfo &info = row.info;
    const Usage &usage = info.usage;
    s.bindText(1, runStatusName(info.status).toUtf8()).bind(2, info.startUs);
    bindUs(s, 3, info.endUs);
    s.bind(4, info.pid)
        .bindText(5, row.owner.toUtf8())
        .bind(6, info.stepCount)
        .bindText(7, info.models.toUtf8());
    s.bind(8, usage.inputTokens).bind(9, usage.outputTokens).bind(10, usage.cacheReadTokens);
    s.bind(11, usage.cacheWriteTokens).bind(12, usage.reasoningTokens);
    if (usage.costKnown)
        s.bind(13, usage.costUsd);
    else
        s.bindNull(13);
    bindError(s, 14, info.error);
    if (row.startAttributes && row.startIsNew)
        s.bindText(15, packStartAttributes(*row.startAttributes, info));
    else
        s.bindNull(15);
    if (row.endAttributes.isEmpty())
        s.bindNull(16);
    else
        s.bindText(16, json::compact(row.endAttributes));
    s.bindText(19, info.error ? errorKindName(info.error->kind).toUtf8() : QByteArray(""));
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
    auto s =
        db.prepare(QByteArrayLiteral("INSERT INTO runs(status, start_us, end_us, pid, owner, "
                                     "step_count, models, input_tokens, output_tokens,"
                                     " cache_read_tokens, cache_write_tokens, reasoning_tokens, "
                                     "cost_usd, error, start_attributes, end_attributes, output,"
                                     " output_zstd, error_kind, id, artifact, agent, revision, indexed, "
                                     "snapshot, revisions, input, input_zstd, input_json, source, source_id)"
                                     " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?"
                                     "16,?17,?18,?19,?20,?21,?22,?23,0,?24,?25,?26,?27,?28,?29,?30)"));
    if (!s)
        return s.error();
    if (auto bound = bindMutable(*s, row); !bound)
        return bound;
    s->bind(20, info.id.value);
    if (info.artifact.isValid())
        s->bind(21, info.artifact.value);
    s->bindText(22, info.agentName.toUtf8()).bind(23, info.revisionNumber);
    if (!row.snapshotHash.isEmpty())
        s->bindText(24, row.snapshotHash);
    s->bindText(25, json::compact(info.revisions));
    if (auto bound = bindText(*s, 26, 27, info.input); !bound)
        return bound;
    if (const QByteArray inputJson = packInputJson(info.inputJson, info.input); !inputJson.isNull())
        s->bindText(28, inputJson);
    s->bindText(29, info.source.toUtf8()).bindText(30, info.sourceId.toUtf8());
    if (auto done = s->run(); !done)
        return done;
    if (row.fork) {
        if (auto put = insertFork(db, *row.fork); !put)
            return put;
    }
    for (const auto &[prompt, number] : promptsOf(info.revisions)) {
        auto put = execute(db, QByteArrayLiteral("INSERT OR IGNORE INTO run_prompts(prompt, run, revision) VALUES(?,?,?)"), Text(prompt), info.id,
                           number);
        if (!put)
            return put;
    }
    for (const QString &tag : info.tags) {
        auto put = execute(db, QByteArrayLiteral("INSERT OR IGNORE INTO run_tags(tag, run) VALUES(?,?)"), Text(tag), info.id);
        if (!put)
            return put;
    }
    return {};
}

Result<void> updateRow(Database &db, const RunRow &row)
{
    static const QByteArray rest =
        QByteArrayLiteral("status=?1, end_us=?3, pid=?4, owner=?5, "
                          "step_count=?6, models=?7, input_tokens=?8,"
                          " output_tokens=?9, cache_read_tokens=?10, cache_write_tokens=?11, "
                          "reasoning_tokens=?12, cost_usd=?13, error=?14,"
                          " start_attributes=coalesce(?15, start_attributes), end_attributes=?16, "
                          "output=?17, output_zstd=?18, error_kind=?19 WHERE id=?20");
    static const QByteArray withTime = "UPDATE runs SET start_us=?2, " + rest, withoutTime = "UPDATE runs SET " + rest;
    auto s = db.prepare(row.timeIsNew ? withTime : withoutTime);
    if (!s)
        return s.error();
    if (auto bound = bindMutable(*s, row); !bound)
        return bound;
    s->bind(20, row.info.id.value);
    return s->run();
}

QByteArray packNotes(const std::vector<StepNote> &notes)
{
    QJsonArray list;
    for (const StepNote &note : notes) {
        QJsonObject item{{QStringLiteral("time_us"), note.timeUs},
                         {QStringLiteral("name"), note.name}};
        if (!note.attributes.isEmpty())
            item.insert(QStringLiteral("attributes"), note.attributes);
        list.append(item);
    }
    return json::compact(list);
}

Result<void> putStep(Database &db, RunId run, const StepRow &row)
{
    auto s = db.prepare(QByteArrayLiteral(
        "INSERT INTO steps(run, path, parent, position, kind, name, status, start_us, end_us, "
        "first_delta_us, attributes,"
        " notes, error, text, reasoning, tool_arguments, model, tool, input_tokens, output_tokens, cost_usd, error_kind, marks, bodies)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(run, path) DO UPDATE SET parent=excluded.parent, position=excluded.position, "
        "kind=excluded.kind,"
        " name=excluded.name, status=excluded.status, start_us=excluded.start_us, "
        "end_us=excluded.end_us,"
        " first_delta_us=excluded.first_delta_us, attributes=excluded.attributes, "
        "notes=excluded.notes,"
        " error=excluded.error, text=excluded.text, reasoning=excluded.reasoning,"
        " tool_arguments=excluded.tool_arguments, model=excluded.model, tool=excluded.tool, input_tokens=excluded.input_tokens,"
        " output_tokens=excluded.output_tokens, cost_usd=excluded.cost_usd, error_kind=excluded.error_kind, marks=excluded.marks,"
        " bodies=excluded.bodies"));
    if (!s)
        return s.error();
    const Step &step = row.step;
    s->bind(1, run.value)
        .bindText(2, step.path.toUtf8())
        .bindText(3, step.parent.toUtf8())
        .bind(4, row.position);
    if (step.begun)
        s->bindText(5, stepKindName(step.kind).toUtf8());
    s->bindText(6, step.name.toUtf8())
        .bindText(7, stepStatusName(step.status).toUtf8())
        .bind(8, step.startUs);
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
    bindSummary(*s, 17, summaryOf(step));
    return s->run();
}

Result<void> putTool(Database &db, RunId run, const ToolRow &row)
{
    if (row.calls <= 0) // what was told of it was corrected
        return execute(db, QByteArrayLiteral("DELETE FROM run_tools WHERE tool=? AND run=?"), Text(row.tool), run);
    return execute(db,
                   QByteArrayLiteral("INSERT INTO run_tools(tool, run, calls, errors) VALUES(?,?,?,?)"
                                     " ON CONFLICT(tool, run) DO UPDATE SET calls=excluded.calls, errors=excluded.errors"),
                   Text(row.tool), run, row.calls, row.errors);
}

Result<void> putEntry(Database &db, RunId run, const StoredEntry &entry)
{
    auto s = db.prepare(QByteArrayLiteral(
        "INSERT INTO journal(run, step, kind, done, started_us, ended_us, request_hash, request, "
        "outcome)"
        " VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(run, step) DO UPDATE SET kind=excluded.kind,"
        " done=excluded.done, started_us=excluded.started_us, ended_us=excluded.ended_us,"
        " request_hash=excluded.request_hash, request=excluded.request, outcome=excluded.outcome"));
    if (!s)
        return s.error();
    s->bind(1, run.value).bindText(2, entry.step.toUtf8()).bindText(3, entry.kind.toUtf8());
    s->bind(4, entry.done).bind(5, entry.startedUs).bind(6, entry.endedUs);
    s->bindText(7, entry.requestHash);
    if (auto bound = bindPayload(*s, 8, entry.request); !bound)
        return bound;
    if (entry.done) {
        const QByteArray outcome = entry.outcomeText.isEmpty() ? json::compact(entry.outcome) : entry.outcomeText;
        if (auto bound = bindPayload(*s, 9, outcome); !bound)
            return bound;
    }
    return s->run();
}
} // namespace

Result<void> insertFork(Database &db, const RunFork &fork)
{
    return execute(db, QByteArrayLiteral("INSERT INTO forks(run, parent, step, changes) VALUES(?,?,?,?)"), fork.run, fork.parent, Text(fork.step),
                   Text(json::compact(fork.changes)));
}

Result<void> amendRow(Database &db, RunId run, const RunInfo &facts)
{
    if (!facts.agentName.isEmpty()) {
        if (auto done = execute(db, QByteArrayLiteral("UPDATE runs SET agent=? WHERE id=?"), Text(facts.agentName), run); !done)
            return done;
    }
    if (!facts.models.isEmpty()) {
        if (auto done = execute(db, QByteArrayLiteral("UPDATE runs SET models=? WHERE id=?"), Text(facts.models), run); !done)
            return done;
    }
    if (facts.startUs > 0) { // an end before it was of the same clock, and not known better
        auto done = execute(db, QByteArrayLiteral("UPDATE runs SET start_us=?1, end_us=max(end_us, ?1) WHERE id=?2"), facts.startUs, run);
        if (!done)
            return done;
    }
    if (!facts.input.isEmpty()) {
        auto s = db.prepare(QByteArrayLiteral("UPDATE runs SET input=?1, input_zstd=?2, input_json=?3 WHERE id=?4"));
        if (!s)
            return s.error();
        if (auto bound = bindText(*s, 1, 2, facts.input); !bound)
            return bound;
        const QByteArray inputJson = facts.inputJson.isEmpty() ? QByteArray() : packInputJson(facts.inputJson, facts.input);
        if (inputJson.isNull())
            s->bindNull(3);
        else
            s->bindText(3, inputJson);
        s->bind(4, run.value);
        if (auto done = s->run(); !done)
            return done;
    }
    for (const QString &tag : facts.tags) {
        if (auto done = execute(db, QByteArrayLiteral("INSERT OR IGNORE INTO run_tags(tag, run) VALUES(?,?)"), Text(tag), run); !done)
            return done;
    }
    return {};
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
    for (const ToolRow &tool : batch.tools) {
        if (auto done = putTool(db, batch.row.info.id, tool); !done)
            return done;
    }
    for (const StoredEntry &entry : batch.entries) {
        if (auto done = putEntry(db, batch.row.info.id, entry); !done)
            return done;
    }
    return batch.update ? updateRow(db, batch.row) : Result<void>();
}

} // namespace lathe
