// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/StepSummary.h"

#include "core/project/Payload.h"
#include "core/project/RunPacking.h"
#include "core/project/Sql.h"
#include "core/project/TraceReader.h"

#include <QSet>

namespace lathe {

namespace {
constexpr qsizetype nameLengthMax = 200;
constexpr size_t marksMax = 50;
constexpr size_t promptsMax = 200;

QString shortName(const QString &name)
{
    return name.left(nameLengthMax);
}

QString firstOf(const QJsonObject &attributes, std::initializer_list<const char *> keys)
{
    for (const char *key : keys) {
        const QString value = attributes.value(QLatin1String(key)).toString();
        if (!value.isEmpty())
            return shortName(value);
    }
    return {};
}

QByteArray packMarks(const std::vector<StepNote> &notes)
{
    QByteArray marks;
    for (size_t i = 0; i < notes.size() && i < marksMax; ++i) {
        QString name = notes[i].name.left(60).simplified();
        name.replace(QLatin1Char(' '), QLatin1Char('_')).replace(QLatin1Char(';'), QLatin1Char('_'));
        if (!marks.isEmpty())
            marks += ';';
        marks += name.toUtf8() + ' ' + QByteArray::number(notes[i].timeUs);
    }
    return marks;
}

void findPrompts(const QJsonValue &value, bool prompts, int depth, QSet<QString> *found)
{
    if (value.isString()) {
        if (prompts && found->size() < qsizetype(promptsMax))
            found->insert(value.toString());
        return;
    }
    if (depth > 20)
        return;
    if (value.isObject()) {
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            // Tools, datasets and connections may have the same name; "prompt" and "partials" hold prompts.
            const bool prompt = it.key() == QLatin1String("prompt") || it.key() == QLatin1String("partials");
            if (prompt || it->isObject() || it->isArray())
                findPrompts(*it, prompt, depth + 1, found);
        }
    } else if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array)
            findPrompts(item, prompts, depth + 1, found);
    }
}
} // namespace

QString toolOf(const Step &step)
{
    if (step.kind != StepKind::Tool)
        return {};
    QString tool = firstOf(step.attributes, {"gen_ai.tool.name"});
    const QLatin1String prefix("execute_tool ");
    if (tool.isEmpty())
        tool = shortName(step.name.startsWith(prefix) ? step.name.mid(prefix.size()) : step.name);
    return tool;
}

StepSummary summaryOf(const Step &step)
{
    StepSummary summary;
    if (step.kind == StepKind::Model) {
        summary.model = firstOf(step.attributes, {"gen_ai.request.model", "lathe.model", "gen_ai.response.model"});
        const Usage usage = step.usage();
        if (step.attributes.contains(QLatin1String("gen_ai.usage.input_tokens")))
            summary.inputTokens = usage.inputTokens;
        if (step.attributes.contains(QLatin1String("gen_ai.usage.output_tokens")))
            summary.outputTokens = usage.outputTokens;
        if (usage.costKnown && step.attributes.contains(QLatin1String("lathe.cost_usd")))
            summary.costUsd = usage.costUsd;
    }
    summary.tool = toolOf(step);
    if (step.error)
        summary.errorKind = errorKindName(step.error->kind);
    summary.marks = packMarks(step.notes);
    summary.bodies = quint8((step.text.isEmpty() ? 0 : TraceOutline::HasText) | (step.reasoning.isEmpty() ? 0 : TraceOutline::HasReasoning)
                            | (step.toolArguments.isEmpty() ? 0 : TraceOutline::HasToolArguments));
    return summary;
}

std::vector<StepNote> unpackMarks(const QByteArray &marks)
{
    std::vector<StepNote> notes;
    if (marks.isEmpty())
        return notes;
    for (const QByteArray &mark : marks.split(';')) {
        const qsizetype space = mark.indexOf(' ');
        notes.push_back({mark.mid(space + 1).toLongLong(), QString::fromUtf8(mark.left(std::max<qsizetype>(space, 0))), QJsonObject()});
    }
    return notes;
}

void bindSummary(Statement &statement, int index, const StepSummary &summary)
{
    const auto text = [&](int at, const QByteArray &utf8) {
        if (utf8.isEmpty())
            statement.bindNull(at);
        else
            statement.bindText(at, utf8);
    };
    const auto count = [&](int at, qint64 value) {
        if (value < 0)
            statement.bindNull(at);
        else
            statement.bind(at, value);
    };
    text(index, summary.model.toUtf8());
    text(index + 1, summary.tool.toUtf8());
    count(index + 2, summary.inputTokens);
    count(index + 3, summary.outputTokens);
    if (summary.costUsd < 0)
        statement.bindNull(index + 4);
    else
        statement.bind(index + 4, summary.costUsd);
    text(index + 5, summary.errorKind.toUtf8());
    text(index + 6, summary.marks);
    statement.bind(index + 7, int(summary.bodies));
}

std::vector<std::pair<QString, int>> promptsOf(const QJsonObject &revisions)
{
    QSet<QString> references;
    findPrompts(revisions, false, 0, &references);
    std::vector<std::pair<QString, int>> prompts;
    for (const QString &reference : std::as_const(references)) {
        const qsizetype at = reference.lastIndexOf(QLatin1Char('@'));
        if (at <= 0)
            continue;
        const QString which = reference.mid(at + 1);
        bool ok = which == QLatin1String("draft");
        const int number = ok ? 0 : which.toInt(&ok);
        if (ok)
            prompts.emplace_back(shortName(reference.left(at)), number);
    }
    return prompts;
}

Result<void> recountTools(Database &db, RunId run)
{
    if (auto cleared = execute(db, QByteArrayLiteral("DELETE FROM run_tools WHERE run=?"), run); !cleared)
        return cleared;
    return execute(db,
                   QByteArrayLiteral("INSERT INTO run_tools(tool, run, calls, errors) SELECT min(tool), run, count(*), sum(status='failed') FROM steps"
                                     " WHERE run=? AND tool IS NOT NULL AND status NOT IN ('running', 'waiting') GROUP BY tool COLLATE NOCASE"),
                   run);
}

Result<void> rebuildRunTables(Database &db)
{
    for (const char *sql :
         {"DELETE FROM run_tools", "DELETE FROM run_prompts",
          "INSERT INTO run_tools(tool, run, calls, errors) SELECT min(tool), run, count(*), sum(status='failed') FROM steps"
          " WHERE tool IS NOT NULL AND run IN (SELECT id FROM runs) AND status NOT IN ('running', 'waiting') GROUP BY run, tool COLLATE NOCASE"}) {
        if (auto done = db.exec(sql); !done)
            return done;
    }
    return eachRow(db, QByteArrayLiteral("SELECT id, revisions FROM runs WHERE revisions LIKE '%\"p%'"), [&](Statement &row) -> Result<void> {
        for (const auto &[prompt, number] : promptsOf(json::parseObject(row.bytes(1)).valueOr({}))) {
            auto put = execute(db, QByteArrayLiteral("INSERT OR IGNORE INTO run_prompts(prompt, run, revision) VALUES(?,?,?)"), Text(prompt),
                               row.int64(0), number);
            if (!put)
                return put;
        }
        return {};
    });
}

Result<void> summarizeSteps(Database &db, bool missingOnly)
{
    // In the order of the rows, which an update does not change.
    const QByteArray which = missingOnly ? " WHERE kind IN ('model', 'tool') AND model IS NULL AND tool IS NULL AND bodies=0" : "";
    return eachRow(
        db,
        "SELECT rowid, kind, name, attributes, notes, error, text IS NULL, length(text), length(reasoning), length(tool_arguments), status"
        " FROM steps" + which + " ORDER BY rowid",
        [&](Statement &row) -> Result<void> {
            Step step;
            step.kind = stepKindFromName(row.text(1));
            step.name = row.text(2);
            step.attributes = payloadObject(row, 3).valueOr({}); // a damaged text must not keep the project from opening
            const QJsonArray notes = json::parse(payload(row, 4).valueOr({})).valueOr({}).toArray();
            for (const QJsonValue &note : notes)
                step.notes.push_back({note[QLatin1String("time_us")].toInteger(), note[QLatin1String("name")].toString(), QJsonObject()});
            step.error = unpackError(row.bytes(5));
            StepSummary summary = summaryOf(step);
            const bool inJournal = row.int64(6) != 0;
            const bool container = step.kind == StepKind::Agent || step.kind == StepKind::Control;
            if (inJournal && !container && row.text(10) == QLatin1String("ok"))
                summary.bodies = TraceOutline::HasText;
            else
                summary.bodies = quint8((row.int64(7) > 0 ? TraceOutline::HasText : 0) | (row.int64(8) > 0 ? TraceOutline::HasReasoning : 0)
                                        | (row.int64(9) > 0 ? TraceOutline::HasToolArguments : 0));
            auto update = db.prepare(QByteArrayLiteral("UPDATE steps SET model=?, tool=?, input_tokens=?, output_tokens=?, cost_usd=?,"
                                                       " error_kind=?, marks=?, bodies=? WHERE rowid=?"));
            if (!update)
                return update.error();
            bindSummary(*update, 1, summary);
            update->bind(stepSummaryColumns + 1, row.int64(0));
            return update->run();
        });
}

} // namespace lathe
