// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/RunLog.h"

#include "core/project/RunFilterSql.h"
#include "core/project/RunReader.h"
#include "core/project/Sql.h"

namespace lathe {

namespace {
constexpr size_t rowsAtOnce = 500; // ids in one statement

// Where the key counts from: what comes behind (key, id) of the cursor.
void addCursor(BoundSql *sql, const RunQuery &query, bool byWords)
{
    const RunCursor &after = *query.after;
    const char *behind = query.ascending ? " > " : " < ";
    if (query.sort == RunSort::Started) {
        *sql += byWords ? " AND s.rowid" : " AND r.id"; // the index of words begins there, too
        *sql += behind;
        sql->bind(after.run.value);
        return;
    }
    const QByteArray key = sortKey(query.sort);
    if (after.key.isNull()) {
        *sql += " AND ";
        *sql += key.constData();
        *sql += " IS NULL AND r.id < ";
        sql->bind(after.run.value);
        return;
    }
    *sql += " AND (";
    *sql += key.constData();
    *sql += behind;
    sql->bind(after.key);
    *sql += " OR (";
    *sql += key.constData();
    *sql += " = ";
    sql->bind(after.key);
    *sql += " AND r.id < ";
    sql->bind(after.run.value);
    *sql += ") OR ";
    *sql += key.constData();
    *sql += " IS NULL)";
}

// FROM and WHERE. In the order of ids words come from the full-text index, which has the same order and stops when a page is full.
BoundSql fromWhere(const RunFilter &filter, bool bin, int format, bool byId, bool byList)
{
    BoundSql sql;
    RunFilter rest = filter;
    const QString words = byId && !byList ? demandedWords(filter, &rest) : QString();
    if (words.isEmpty()) {
        sql += " FROM ";
        sql += runSource(format, true).constData();
        sql += " WHERE r.in_bin = ";
        sql.bind(qint64(bin));
        rest = filter;
    } else {
        sql += " FROM run_search s CROSS JOIN ";
        sql += runSource(format, false).constData();
        sql += " ON r.id = s.rowid WHERE run_search MATCH ";
        sql.bind(words);
        sql += " AND r.in_bin = ";
        sql.bind(qint64(bin));
    }
    if (!rest.isEmpty()) {
        sql += " AND ";
        sql += filterSql(rest, format);
    }
    return sql;
}
} // namespace

Result<RunKeys> findRuns(Database &db, const RunQuery &query, bool limited)
{
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    const bool byId = query.sort == RunSort::Started;
    const QByteArray key = sortKey(query.sort);
    BoundSql sql;
    sql += "SELECT r.id, ";
    sql += key.constData();
    const BoundSql from = fromWhere(query.filter, query.bin, *format, byId, !query.among.empty());
    const bool byWords = from.text.startsWith(" FROM run_search");
    sql += from;
    if (!query.among.empty()) {
        sql += " AND ";
        sql += oneOf("r.id", query.among);
    }
    if (limited && query.after)
        addCursor(&sql, query, byWords);
    sql += " ORDER BY ";
    const char *way = query.ascending ? " ASC" : " DESC";
    if (byId) {
        sql += byWords ? "s.rowid" : "r.id";
        sql += way;
    } else {
        sql += key.constData();
        sql += way;
        sql += " NULLS LAST, r.id DESC";
    }
    if (limited) {
        sql += " LIMIT ";
        sql.bind(qint64(std::clamp(query.limit, 1, runPageMax)));
    }
    auto statement = sql.prepare(db);
    if (!statement)
        return statement.error();
    RunKeys found;
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return row.error();
        if (!*row)
            return found;
        found.runs.push_back(RunId{statement->int64(0)});
        if (limited)
            found.last = statement->value(1);
    }
}

Result<std::vector<RunInfo>> readRuns(Database &db, const std::vector<RunId> &runs)
{
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    std::vector<RunInfo> infos;
    infos.reserve(runs.size());
    const QByteArray select = "SELECT " + runColumns(false, *format) + " FROM runs r" + ratingJoin + " WHERE ";
    for (size_t from = 0; from < runs.size(); from += rowsAtOnce) {
        const std::vector<RunId> part(runs.begin() + qptrdiff(from), runs.begin() + qptrdiff(std::min(runs.size(), from + rowsAtOnce)));
        BoundSql sql;
        sql += select.constData();
        sql += oneOf("r.id", part);
        auto statement = sql.prepare(db);
        if (!statement)
            return statement.error();
        QHash<RunId, RunInfo> found;
        for (;;) {
            const auto row = statement->step();
            if (!row)
                return row.error();
            if (!*row)
                break;
            auto info = runFromRow(db, *statement, false);
            if (!info)
                return info.error();
            const RunId id = info->id;
            found.insert(id, std::move(*info));
        }
        for (const RunId id : part) {
            const auto info = found.constFind(id);
            if (info != found.constEnd())
                infos.push_back(*info);
        }
    }
    return infos;
}

Result<int> countRuns(Database &db, const RunFilter &filter, bool bin)
{
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    BoundSql sql;
    sql += "SELECT count(*)";
    sql += fromWhere(filter, bin, *format, false, false);
    auto statement = sql.prepare(db);
    if (!statement)
        return statement.error();
    const auto row = statement->step();
    if (!row)
        return row.error();
    return *row ? int(statement->int64(0)) : 0;
}

namespace {
struct Tally {
    RunGroup group;
    double ratings = 0;
    std::vector<qint64> latencies;
};

// Nearest rank.
qint64 quantile(std::vector<qint64> *values, double share)
{
    if (values->empty())
        return 0;
    const size_t rank = std::min(values->size() - 1, size_t(std::ceil(share * double(values->size()))) - 1);
    std::nth_element(values->begin(), values->begin() + qptrdiff(rank), values->end());
    return (*values)[rank];
}

const char *groupColumn(RunGrouping grouping)
{
    switch (grouping) {
    case RunGrouping::Model:
        return "r.models";
    case RunGrouping::Status:
        return "r.status";
    case RunGrouping::Source:
        return "r.source";
    case RunGrouping::Experiment:
        return "(SELECT json_group_array(name) FROM (SELECT DISTINCT a.name FROM trials t JOIN artifacts a ON a.id = t.experiment"
               " WHERE t.run = r.id))";
    default:
        return "r.agent";
    }
}

// Days are local; most runs stand beside others of their day.
class Days
{
public:
    QString of(qint64 startUs)
    {
        if (startUs < m_from || startUs >= m_to) {
            const QDate date = QDateTime::fromMSecsSinceEpoch(startUs / 1000).date();
            m_from = date.startOfDay().toMSecsSinceEpoch() * 1000;
            m_to = date.addDays(1).startOfDay().toMSecsSinceEpoch() * 1000;
            m_text = date.toString(Qt::ISODate);
        }
        return m_text;
    }

private:
    qint64 m_from = 0, m_to = 0;
    QString m_text;
};

QStringList groupKeys(const Statement &row, RunGrouping grouping, Days *days)
{
    const QString value = row.text(10);
    switch (grouping) {
    case RunGrouping::None:
        return {QString()};
    case RunGrouping::Revision:
        return {row.int64(9) > 0 ? value + QLatin1Char('@') + QString::number(row.int64(9)) : value + QLatin1String("@draft")};
    case RunGrouping::Day:
        return {days->of(row.int64(2))};
    case RunGrouping::Source:
        return {value.isEmpty() ? QStringLiteral("lathe") : value};
    case RunGrouping::Model:
        return value.split(QLatin1String(", "));
    case RunGrouping::Experiment: {
        QStringList names;
        const QJsonArray list = json::parse(row.bytes(10)).valueOr({}).toArray();
        for (const QJsonValue &name : list)
            names.append(name.toString());
        return names.isEmpty() ? QStringList{QString()} : names;
    }
    default:
        return {value};
    }
}

QString emptyTitle(RunGrouping grouping)
{
    return grouping == RunGrouping::Experiment ? QStringLiteral("No experiment")
           : grouping == RunGrouping::Model    ? QStringLiteral("No model")
           : grouping == RunGrouping::None     ? QStringLiteral("All runs")
                                               : QStringLiteral("No name");
}
} // namespace

Result<std::vector<RunGroup>> groupRuns(Database &db, const RunFilter &filter, RunGrouping grouping)
{
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    BoundSql sql;
    sql += "SELECT r.id, r.status, r.start_us, r.end_us, r.input_tokens, r.output_tokens, r.cost_usd, r.rating, r.step_count, r.revision, ";
    sql += grouping == RunGrouping::Experiment && *format < 3 ? "NULL" : groupColumn(grouping);
    sql += fromWhere(filter, false, *format, false, false);
    auto statement = sql.prepare(db);
    if (!statement)
        return statement.error();
    QHash<QString, Tally> tallies;
    Days days;
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return row.error();
        if (!*row)
            break;
        for (const QString &key : groupKeys(*statement, grouping, &days)) {
            Tally &tally = tallies[key];
            RunGroup &group = tally.group;
            group.newest = std::max(group.newest, RunId{statement->int64(0)});
            ++group.runs;
            group.failed += int(statement->text(1) == QLatin1String("failed"));
            if (!statement->isNull(3))
                tally.latencies.push_back(statement->int64(3) - statement->int64(2));
            Usage usage;
            usage.inputTokens = statement->int64(4);
            usage.outputTokens = statement->int64(5);
            usage.costKnown = !statement->isNull(6);
            usage.costUsd = statement->real(6);
            group.usage += usage;
            if (!statement->isNull(7)) {
                ++group.rated;
                tally.ratings += statement->real(7);
            }
        }
    }
    std::vector<RunGroup> groups;
    for (auto it = tallies.begin(); it != tallies.end(); ++it) {
        RunGroup &group = it->group;
        group.key = it.key();
        group.title = group.key.isEmpty() ? emptyTitle(grouping) : group.key;
        if (group.rated > 0)
            group.meanRating = it->ratings / group.rated;
        group.latencyP50Us = quantile(&it->latencies, 0.5);
        group.latencyP95Us = quantile(&it->latencies, 0.95);
        groups.push_back(std::move(group));
    }
    std::sort(groups.begin(), groups.end(), [grouping](const RunGroup &a, const RunGroup &b) {
        if (grouping == RunGrouping::Day)
            return a.key > b.key;
        return a.runs != b.runs ? a.runs > b.runs : a.key < b.key;
    });
    return groups;
}

namespace {
struct Counted {
    QString text;
    qint64 count = 0, newest = 0;
};

// Those that begin so before those that hold it; then the most frequent.
QStringList chosen(std::vector<Counted> values, const QString &prefix, int limit)
{
    std::erase_if(values, [&](const Counted &value) { return value.text.isEmpty() || !value.text.contains(prefix, Qt::CaseInsensitive); });
    const auto begins = [&](const Counted &value) { return value.text.startsWith(prefix, Qt::CaseInsensitive); };
    std::sort(values.begin(), values.end(), [&](const Counted &a, const Counted &b) {
        return std::make_tuple(begins(b), b.count, b.newest, a.text) < std::make_tuple(begins(a), a.count, a.newest, b.text);
    });
    QStringList texts;
    for (const Counted &value : values) {
        if (texts.size() >= limit)
            break;
        texts.append(value.text);
    }
    return texts;
}
} // namespace

Result<QStringList> runValues(Database &db, RunField field, const QString &prefix, int limit)
{
    const auto format = formatOf(db);
    if (!format)
        return format.error();
    const bool log = *format >= runLogFormat;
    // While nothing is typed, what the newest runs had is offered; then the whole log is looked through.
    QString typed = prefix.section(QLatin1Char('@'), 0, 0);
    typed.replace(QLatin1Char('\\'), QLatin1String("\\\\")).replace(QLatin1Char('%'), QLatin1String("\\%")).replace(QLatin1Char('_'), QLatin1String("\\_"));
    const auto source = [&](const char *column) {
        QByteArray from = "(SELECT r.id, r.agent, r.revision, r.models, r.source, r.error_kind FROM " + runSource(*format, true) + " WHERE r.in_bin=0";
        if (prefix.isEmpty() || field == RunField::Source)
            from += " ORDER BY r.id DESC LIMIT 30000";
        else
            from += QByteArray(" AND r.") + column + " LIKE ?1 ESCAPE '\\'";
        return from + ") r";
    };
    QByteArray sql; // text, number, count, newest; ?1: what must be in it
    switch (field) {
    case RunField::Agent:
        sql = "SELECT r.agent, r.revision, count(*), max(r.id) FROM " + source("agent") + " GROUP BY r.agent, r.revision";
        break;
    case RunField::Model:
        sql = "SELECT r.models, NULL, count(*), max(r.id) FROM " + source("models") + " GROUP BY r.models";
        break;
    case RunField::Source:
        sql = "SELECT iif(r.source='', 'lathe', r.source), NULL, count(*), max(r.id) FROM " + source("source") + " GROUP BY r.source";
        break;
    case RunField::Error:
        sql = "SELECT r.error_kind, NULL, count(*), max(r.id) FROM " + source("error_kind") + " GROUP BY r.error_kind";
        break;
    case RunField::Tool:
        sql = log ? "SELECT tool, NULL, count(*), 0 FROM run_tools GROUP BY tool" : "";
        break;
    case RunField::Tag:
        sql = log ? "SELECT tag, NULL, count(*), 0 FROM run_tags GROUP BY tag" : "";
        break;
    case RunField::Prompt:
        sql = log ? "SELECT prompt, revision, count(*), 0 FROM run_prompts GROUP BY prompt, revision" : "";
        break;
    case RunField::Experiment:
        sql = *format < 3 ? "" : "SELECT a.name, NULL, count(*), max(t.run) FROM trials t JOIN artifacts a ON a.id=t.experiment GROUP BY a.id";
        break;
    default:
        break;
    }
    if (sql.isEmpty())
        return QStringList();
    QHash<QString, Counted> names;
    std::vector<Counted> references;
    const auto add = [&](const QString &name, const Statement &row) {
        Counted &value = names[name];
        value.text = name;
        value.count += row.int64(2);
        value.newest = std::max(value.newest, row.int64(3));
    };
    auto statement = db.prepare(sql);
    if (!statement)
        return statement.error();
    if (sql.contains("?1"))
        statement->bindText(1, QString(QLatin1Char('%') + typed + QLatin1Char('%')).toUtf8());
    const auto take = [&](Statement &row) {
        const QString text = row.text(0);
        if (field != RunField::Model) {
            add(text, row);
        } else {
            for (const QString &name : text.split(QLatin1String(", ")))
                add(name, row);
        }
        if (!row.isNull(1)) {
            const QString which = row.int64(1) > 0 ? QString::number(row.int64(1)) : QStringLiteral("draft");
            references.push_back({text + QLatin1Char('@') + which, row.int64(1), row.int64(3)}); // newest revision first
        }
    };
    for (;;) {
        const auto row = statement->step();
        if (!row)
            return row.error();
        if (!*row)
            break;
        take(*statement);
    }
    std::vector<Counted> plain(names.cbegin(), names.cend());
    limit = std::clamp(limit, 1, 1000);
    QStringList texts = chosen(std::move(plain), prefix, limit);
    texts += chosen(std::move(references), prefix, limit - int(texts.size()));
    return texts;
}

} // namespace lathe
