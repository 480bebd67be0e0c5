// SPDX-License-Identifier: GPL-3.0-or-later
// How tools were used, over all runs: what the analytics of tools show.
#include "core/base/Json.h"
#include "core/project/ReadValue.h"
#include "core/project/RunFilterSql.h"
#include "core/project/RunReader.h"
#include "core/project/RunRepository.h"
#include "core/project/Sql.h"
#include "core/project/StepSummary.h"

#include <QJsonDocument>

#include <map>

namespace lathe {

namespace {
// Notes of a call that was not carried out (core/runtime/RunContextTools.cpp).
bool isRefusal(const QString &note)
{
    static const QSet<QString> refusals{QStringLiteral("denied"), QStringLiteral("limit"), QStringLiteral("invalid_arguments"),
                                        QStringLiteral("host"), QStringLiteral("path"), QStringLiteral("unknown_tool"),
                                        QStringLiteral("changed"), QStringLiteral("cost"), QStringLiteral("depth")};
    return refusals.contains(note);
}

// How long persons took for what was asked while the call was under way.
qint64 answeringUs(const std::vector<StepNote> &notes)
{
    qint64 sum = 0, askedUs = 0;
    for (const StepNote &note : notes) {
        if (note.name == QLatin1String("question_asked")) {
            askedUs = note.timeUs;
        } else if (note.name == QLatin1String("question_answered") && askedUs > 0) {
            sum += std::max<qint64>(note.timeUs - std::exchange(askedUs, 0), 0);
        }
    }
    return sum;
}

class Tallies
{
public:
    void add(Statement &row)
    {
        ToolCallTally &tally = of(row.text(0), row.bytes(1));
        ++tally.calls;
        const RunId run(row.int64(6));
        if (const qint64 startUs = row.int64(5); startUs >= tally.lastUs) {
            tally.lastUs = startUs;
            tally.lastRun = run;
        }
        QString refusal;
        const std::vector<StepNote> notes = unpackMarks(row.bytes(4));
        for (const StepNote &note : notes) {
            if (isRefusal(note.name))
                refusal = note.name;
        }
        if (!refusal.isEmpty()) {
            ++tally.refusals[refusal];
            return;
        }
        // The call itself is in the journal; of what has none there (agents, foreign runs) the step but for its approval.
        const qint64 wholeUs = row.isNull(8) ? row.int64(7) - row.int64(5) - row.int64(9) : row.int64(8);
        tally.durationsUs.push_back(std::max<qint64>(wholeUs - answeringUs(notes), 0));
        if (row.text(2) != QLatin1String("failed"))
            return;
        ++tally.failed;
        const QString kind = row.text(3);
        ++tally.errors[kind.isEmpty() ? QStringLiteral("tool") : kind];
    }
    std::vector<ToolCallTally> take()
    {
        std::vector<ToolCallTally> all;
        for (auto &[key, tally] : m_tallies) {
            std::sort(tally.durationsUs.begin(), tally.durationsUs.end());
            tally.revisions = QJsonDocument::fromJson(key.second).object();
            all.push_back(std::move(tally));
        }
        return all;
    }

private:
    ToolCallTally &of(const QString &tool, const QByteArray &revisions)
    {
        // Rows come run by run, so the last one is nearly always the one.
        if (m_last && m_lastTool == tool && m_lastRevisions == revisions)
            return *m_last;
        m_last = &m_tallies[std::make_pair(tool, revisions)];
        m_last->tool = m_lastTool = tool;
        m_lastRevisions = revisions;
        return *m_last;
    }
    std::map<std::pair<QString, QByteArray>, ToolCallTally> m_tallies;
    ToolCallTally *m_last = nullptr;
    QString m_lastTool;
    QByteArray m_lastRevisions;
};

Result<std::vector<ToolCallTally>> readCalls(Database &db, const QStringList &tools, qint64 sinceUs)
{
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    if (*format < 4)
        return Error(ErrorKind::ProjectFile,
                     QStringLiteral("This project was made by an older Lathe and is open for reading only, so calls of tools are not counted."));
    BoundSql sql;
    sql += "SELECT s.tool, r.revisions, s.status, s.error_kind, s.marks, s.start_us, s.run, s.end_us,"
           " (SELECT j.ended_us - j.started_us FROM journal j WHERE j.run = s.run AND j.step = s.path AND j.kind = 'execute_tool' AND j.done = 1),"
           " (SELECT h.end_us - h.start_us FROM steps h WHERE h.run = s.run AND h.path = s.path || '.1' AND h.kind = 'human') FROM runs r CROSS JOIN steps s"
           " WHERE s.run = r.id AND r.in_bin = 0 AND s.kind = 'tool' AND s.end_us IS NOT NULL AND r.start_us >= ";
    sql.bind(sinceUs);
    if (!tools.isEmpty()) {
        sql += " AND r.id IN (SELECT run FROM run_tools WHERE tool IN (";
        for (qsizetype i = 0; i < tools.size(); ++i) {
            sql += i > 0 ? ", " : "";
            sql.bind(tools[i]);
        }
        sql += ")) AND s.tool COLLATE NOCASE IN (";
        for (qsizetype i = 0; i < tools.size(); ++i) {
            sql += i > 0 ? ", " : "";
            sql.bind(tools[i]);
        }
        sql += ")";
    }
    auto statement = sql.prepare(db);
    if (!statement)
        return statement.error();
    Tallies tallies;
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return row.error();
        if (!*row)
            return tallies.take();
        tallies.add(*statement);
    }
}
}

Task<Result<std::vector<ToolCallTally>>> RunRepository::toolCalls(QStringList tools, qint64 sinceUs, CancelToken cancel) const
{
    std::function<Result<std::vector<ToolCallTally>>(Database &)> find = [tools, sinceUs](Database &db) {
        return readCalls(db, tools, sinceUs);
    };
    auto found = co_await readValue(m_store, std::move(find), cancel);
    co_return found;
}

} // namespace lathe
