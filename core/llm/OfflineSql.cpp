// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineSql.h"
#include "core/llm/OfflineSqlWords.h"
#include "core/llm/OfflineText.h"

#include <QHash>

#include <optional>

namespace lathe::offline {

namespace {

class Builder
{
public:
    Builder(const SqlQuestion &question, const SqlTable &table)
        : m_text(capped(question.text, 4000)), m_table(table), m_banned(question.banned)
    {
        m_stems = stemsOf(m_text);
        m_filters = filtersIn(m_text, table, m_banned);
        static const auto pronoun = words(QStringLiteral(
            "their|them|those|these|they|its|it|(?:that|this) (?:area|tier|group|month|one)|the same"));
        if (!question.context.isEmpty() && says(m_text, pronoun)) {
            for (SqlFilter &filter : filtersIn(question.context, table, m_banned)) {
                const bool have = std::any_of(m_filters.begin(), m_filters.end(), [&](const SqlFilter &f) {
                    return f.column == filter.column;
                });
                if (!have)
                    m_filters.push_back(std::move(filter));
            }
        }
    }

    // Share of the request's words that the table knows, for choosing tables and tools.
    double fit() const
    {
        QSet<QString> known = stemsOf(QString(m_table.name).replace(u'_', u' '));
        for (const SqlColumn &column : m_table.columns) {
            known += nameStems(column);
            for (const QString &value : column.values)
                known += stemsOf(value);
        }
        if (m_table.ratingColumn())
            known +=
                stemsOf(QStringLiteral("complaint complain negative positive praise unhappy happy star"));
        if (m_table.dateColumn())
            known += stemsOf(QStringLiteral(
                "month january february march april june july august september october november december"));
        if (m_table.textColumn())
            known += stemsOf(QStringLiteral("message customer mention user"));
        return overlap(m_stems, known);
    }

    QString build()
    {
        readWishes();
        if (m_share)
            return shareQuery();
        if (!m_groups.isEmpty() && (m_count || !m_aggregate.isEmpty() || !m_rows))
            return groupQuery();
        if (!m_aggregate.isEmpty())
            return QStringLiteral("SELECT %1 FROM %2%3")
                .arg(aggregateColumn(), sqlName(m_table.name), where());
        if (m_distinct)
            return QStringLiteral("SELECT count(DISTINCT %1) AS number FROM %2%3")
                .arg(sqlName(m_distinct->name), sqlName(m_table.name), where());
        if (m_count && !m_rows)
            return QStringLiteral("SELECT count(*) AS number FROM %1%2")
                .arg(sqlName(m_table.name), where());
        return rowQuery();
    }

private:
    const SqlColumn *mentioned(bool numeric) const
    {
        for (const SqlColumn &column : m_table.columns) {
            if (column.isId() || column.isNumeric() != numeric || m_banned.contains(column.name.toLower()))
                continue;
            if (overlap(nameStems(column), m_stems) > 0)
                return &column;
        }
        return nullptr;
    }

    void readWishes()
    {
        static const auto count = words(QStringLiteral(
            "how many|how often|count|number of|numbers? by|how much "
            "feedback|most|fewest|least|frequent(?:ly)?|common(?:ly)?|breakdown|distribution"));
        static const auto average = words(QStringLiteral("average|mean|avg|on average"));
        static const auto sum = words(QStringLiteral("total|sum|sums|altogether"));
        static const auto share =
            words(QStringLiteral("share|percentage|percent|proportion|fraction|what part|ratio"));
        static const auto distinct = words(
            QStringLiteral("(?:how many|number of|count) (?:different|distinct|unique)|distinct|unique"));
        static const auto rows = words(
            QStringLiteral("list|show|examples?|quotes?|read|messages "
                           "(?:that|which|from|about|with|in)|latest|newest|most recent|oldest|what "
                           "(?:do|did|does) .{0,40} (?:say|write|complain)|which messages|give me (?:the "
                           "|some |\\d+ |all )?(?:\\w+ )?messages|find (?:the |some |all |\\d+ )?(?:\\w+ "
                           ")?(?:messages|feedback)|search for|wrote|written|look at|verbatim"));
        m_count = says(m_text, count);
        m_share = says(m_text, share) && !m_filters.empty();
        m_rows = says(m_text, rows) && !says(m_text, words(QStringLiteral("how many|count|number of")));
        const SqlColumn *number = mentioned(true);
        if (!number && m_table.ratingColumn()
            && says(m_text, words(QStringLiteral("satisf\\w+|happiest|happy|worst|best|unhappiest"))))
            number = m_table.ratingColumn();
        if (!number && says(m_text, average)) {
            for (const SqlColumn &column : m_table.columns) {
                if (column.isNumeric() && !column.isId() && !m_banned.contains(column.name.toLower())) {
                    number = &column;
                    break;
                }
            }
        }
        m_number = number;
        readGroups();
        static const auto least = words(
            QStringLiteral("lowest|minimum|min|smallest|worst|least|fewest|unhappiest|bottom|rarest"));
        static const auto most =
            words(QStringLiteral("highest|maximum|max|largest|biggest|best|happiest|most|top"));
        m_ascending = says(m_text, least);
        if (number && says(m_text, average)) {
            m_aggregate = QStringLiteral("avg");
        } else if (number && says(m_text, sum) && !number->isId() && number != m_table.ratingColumn()) {
            m_aggregate = QStringLiteral("sum");
        } else if (number && !m_groups.isEmpty() && number == m_table.ratingColumn() && !ratingFiltered()
                   && says(m_text, words(QStringLiteral("lowest|highest|worst|best|happiest|unhappiest|"
                                                        "ratings?|satisf\\w+|fell|dropped|rose|why")))
                   && !says(m_text, words(QStringLiteral("how many|count|number of")))) {
            m_aggregate = QStringLiteral("avg");
        } else if (number && m_groups.isEmpty() && !m_rows
                   && !says(m_text, words(QStringLiteral("how many|count|number of")))) {
            if (m_ascending)
                m_aggregate = QStringLiteral("min");
            else if (says(m_text, most))
                m_aggregate = QStringLiteral("max");
            else if (number == m_table.ratingColumn() && !ratingFiltered()
                     && says(m_text, words(QStringLiteral("what|how|rating"))))
                m_aggregate = QStringLiteral("avg");
        }
        if (says(m_text, distinct)) {
            for (const SqlColumn &column : m_table.columns) {
                if (overlap(nameStems(column), m_stems) > 0 && !m_banned.contains(column.name.toLower()))
                    m_distinct = &column;
            }
            if (m_distinct && !says(m_text, words(QStringLiteral("by|per|each"))))
                m_groups.clear();
        }
    }

    bool ratingFiltered() const
    {
        const SqlColumn *rating = m_table.ratingColumn();
        return rating && std::any_of(m_filters.begin(), m_filters.end(), [&](const SqlFilter &f) {
                   return f.column == rating->name;
               });
    }

    // A column is grouped by when a word like "by", "per" or "which" leads to its name, or several of its values are compared.
    void readGroups()
    {
        for (const SqlColumn &column : m_table.columns) {
            if (m_banned.contains(column.name.toLower()) || column.isId()
                || &column == m_table.textColumn())
                continue;
            const auto filter = std::find_if(m_filters.begin(), m_filters.end(),
                                             [&](const SqlFilter &f) { return f.column == column.name; });
            const bool filtered = filter != m_filters.end();
            if (filtered && filter->values > 1 && !column.isDate()) {
                m_groups.append(sqlName(column.name));
                continue;
            }
            QStringList names;
            for (const QString &stem : nameStems(column))
                names.append(QRegularExpression::escape(stem) + QStringLiteral("\\w{0,4}"));
            names.sort();
            const QRegularExpression grouped = keptExpression(
                QStringLiteral(
                    "\\b(?:by|per|each|every|across|which|what|for all|among(?: the)?|compare(?: "
                    "the)?|between(?: the)?|most (?:common|frequent)|top \\w+|of the|all(?: "
                    "the)?|worst|best|rank(?: "
                    "the)?|different|(?:find|name|identify|determine|show|give|pick|choose)(?: me| out)? "
                    "the|the)"
                    "(?: (?:the|all|each|product|customer|customers['’]?|different|single|\\d+|and|\\w+ "
                    "and))*[ _](?:%1)\\b")
                    .arg(names.join(u'|')));
            const auto match = grouped.match(m_text);
            if (!match.hasMatch() || (filtered && !column.isDate()))
                continue;
            // "the area" alone is no grouping; "the area with the most ..." is.
            if (match.captured().startsWith(QLatin1String("the "), Qt::CaseInsensitive)
                && !says(
                    m_text.mid(match.capturedEnd(), 60),
                    words(QStringLiteral("with|that has|that got|most|fewest|highest|lowest|worst|best"))))
                continue;
            if (column.isNumeric()
                && !says(m_text,
                         words(QStringLiteral("(?:by|per|each) (?:\\w+ )?(?:%1)").arg(names.join(u'|')))))
                continue;
            if (!column.isDate())
                m_groups.append(sqlName(column.name));
        }
        const SqlColumn *date = m_table.dateColumn();
        if (date && !m_banned.contains(date->name.toLower())) {
            if (says(m_text,
                     words(QStringLiteral(
                         "develop(?:ed|ment)?|by month|per month|each month|every month|monthly|which "
                         "month|what month|over time|trend|months? with|month by month|across months"))))
                m_groups.append(QStringLiteral("substr(%1, 1, 7)").arg(sqlName(date->name)));
            else if (says(m_text, words(QStringLiteral("by day|per day|each day|daily|which day"))))
                m_groups.append(QStringLiteral("substr(%1, 1, 10)").arg(sqlName(date->name)));
        }
        if (m_groups.size() > 2)
            m_groups = m_groups.mid(0, 2);
        // "Why" is looked into by the column with a few known values.
        if (m_groups.isEmpty()
            && says(m_text, words(QStringLiteral("why|cause|reason for|what explains|fell|dropped")))) {
            for (const SqlColumn &column : m_table.columns) {
                const bool filtered =
                    std::any_of(m_filters.begin(), m_filters.end(),
                                [&](const SqlFilter &f) { return f.column == column.name; });
                if (!column.values.isEmpty() && !filtered && !m_banned.contains(column.name.toLower())) {
                    m_groups.append(sqlName(column.name));
                    break;
                }
            }
        }
    }

    QString joined(const std::vector<SqlFilter> &filters) const
    {
        QStringList conditions;
        for (const SqlFilter &filter : filters)
            conditions.append(filter.condition.contains(QLatin1String(" OR "))
                                  ? u'(' + filter.condition + u')'
                                  : filter.condition);
        return conditions.join(QLatin1String(" AND "));
    }
    QString where(const std::vector<SqlFilter> &filters) const
    {
        return filters.empty() ? QString() : QStringLiteral(" WHERE ") + joined(filters);
    }
    QString where() const { return where(m_filters); }

    int wishedLimit(int usual) const { return offline::wishedLimit(m_text, usual); }

    QString aggregateColumn() const
    {
        const QString name = sqlName(m_number->name);
        const QString alias = m_aggregate == QLatin1String("avg")   ? QStringLiteral("average_")
                              : m_aggregate == QLatin1String("sum") ? QStringLiteral("total_")
                              : m_aggregate == QLatin1String("min") ? QStringLiteral("lowest_")
                                                                    : QStringLiteral("highest_");
        const QString call = QStringLiteral("%1(%2)").arg(m_aggregate, name);
        return QStringLiteral("%1 AS %2")
            .arg(m_aggregate == QLatin1String("avg") ? QStringLiteral("round(%1, 2)").arg(call) : call,
                 sqlName(alias + m_number->name));
    }

    QString groupQuery() const
    {
        QStringList selected;
        for (const QString &group : m_groups)
            selected.append(group.startsWith(QLatin1String("substr"))
                                ? group
                                      + (group.endsWith(QLatin1String("7)")) ? QStringLiteral(" AS month")
                                                                             : QStringLiteral(" AS day"))
                                : group);
        const bool time = m_groups.first().startsWith(QLatin1String("substr"));
        QString order;
        if (!m_aggregate.isEmpty()) {
            const QString column = aggregateColumn();
            selected.append(column);
            selected.append(QStringLiteral("count(*) AS number"));
            static const auto up =
                words(QStringLiteral("lowest|worst|least|unhappiest|smallest|why|fell|dropped"));
            order = column.section(QLatin1String(" AS "), -1)
                    + (says(m_text, up) ? QStringLiteral(" ASC") : QStringLiteral(" DESC"));
        } else {
            selected.append(QStringLiteral("count(*) AS number"));
            order = m_ascending ? QStringLiteral("number ASC") : QStringLiteral("number DESC");
        }
        static const auto ranked = words(QStringLiteral("most|least|highest|lowest|top|best|worst|fewest"));
        if (time && !says(m_text, ranked))
            order = QStringLiteral("1");
        return QStringLiteral("SELECT %1 FROM %2%3 GROUP BY %4 ORDER BY %5 LIMIT %6")
            .arg(selected.join(QLatin1String(", ")), sqlName(m_table.name), where(),
                 m_groups.join(QLatin1String(", ")), order)
            .arg(wishedLimit(20));
    }

    // "What share of enterprise feedback is negative": what stands between "of" and the verb is the whole, the rest the part.
    QString shareQuery() const
    {
        static const QRegularExpression whole = expression(
            QStringLiteral("\\b(?:of|among)\\b(.{0,120}?)\\b(?:is|are|was|were|comes?|came|mentions?|"
                           "mentioned|rated|has|have|had|concerns?|belongs?|gave|about)\\b"));
        const auto match = whole.match(m_text);
        std::vector<SqlFilter> base, part;
        for (const SqlFilter &filter : m_filters) {
            const bool inside =
                match.hasMatch() && filter.at >= match.capturedStart(1) && filter.at < match.capturedEnd(1);
            (inside ? base : part).push_back(filter);
        }
        if (part.empty()) {
            part.push_back(base.back());
            base.pop_back();
        }
        const QString condition = joined(part);
        const QString numbers =
            QStringLiteral("round(100.0 * sum(CASE WHEN %1 THEN 1 ELSE 0 END) / count(*), 1) AS percent, "
                           "sum(CASE WHEN %1 THEN 1 ELSE 0 END) AS matching, count(*) AS total")
                .arg(condition);
        QStringList groups;
        for (const QString &group : m_groups) {
            if (!condition.contains(group))
                groups.append(group);
        }
        if (groups.isEmpty())
            return QStringLiteral("SELECT %1 FROM %2%3").arg(numbers, sqlName(m_table.name), where(base));
        return QStringLiteral("SELECT %1, %2 FROM %3%4 GROUP BY %1 ORDER BY percent DESC LIMIT %5")
            .arg(groups.join(QLatin1String(", ")), numbers, sqlName(m_table.name), where(base))
            .arg(wishedLimit(20));
    }

    QString rowQuery() const
    {
        QStringList columns;
        for (const SqlColumn &column : m_table.columns) {
            if (!m_banned.contains(column.name.toLower())
                && (columns.size() < 7 || &column == m_table.textColumn()))
                columns.append(sqlName(column.name));
        }
        QString order;
        const SqlColumn *date = m_table.dateColumn();
        const SqlColumn *rating = m_table.ratingColumn();
        if (rating && says(m_text, words(QStringLiteral("worst|lowest|angriest|unhappiest"))))
            order = sqlName(rating->name) + QStringLiteral(" ASC");
        else if (rating && says(m_text, words(QStringLiteral("best|highest|happiest"))))
            order = sqlName(rating->name) + QStringLiteral(" DESC");
        if (date && !m_banned.contains(date->name.toLower())) {
            const bool oldest = says(m_text, words(QStringLiteral("oldest|earliest|first")));
            order += (order.isEmpty() ? QString() : QStringLiteral(", ")) + sqlName(date->name)
                     + (oldest ? QStringLiteral(" ASC") : QStringLiteral(" DESC"));
        }
        return QStringLiteral("SELECT %1 FROM %2%3%4 LIMIT %5")
            .arg(columns.isEmpty() ? QStringLiteral("*") : columns.join(QLatin1String(", ")),
                 sqlName(m_table.name), where(),
                 order.isEmpty() ? QString() : QStringLiteral(" ORDER BY ") + order)
            .arg(wishedLimit(says(m_text, words(QStringLiteral("all"))) ? 50 : 10));
    }

    QString m_text;
    const SqlTable &m_table;
    QSet<QString> m_banned, m_stems;
    std::vector<SqlFilter> m_filters;
    QStringList m_groups;
    QString m_aggregate; // avg, sum, min, max
    const SqlColumn *m_number = nullptr;
    const SqlColumn *m_distinct = nullptr;
    bool m_count = false, m_share = false, m_rows = false, m_ascending = false;
};

} // namespace

QString sqlFor(const SqlQuestion &question, const std::vector<SqlTable> &tables, double *fits)
{
    std::optional<Builder> best;
    double bestFit = -1;
    for (const SqlTable &table : tables) {
        if (question.banned.contains(table.name.toLower()))
            continue;
        Builder builder(question, table);
        const double fit = builder.fit() + (containsPhrase(question.text, table.name) ? 0.5 : 0.0);
        if (fit > bestFit) {
            best.emplace(std::move(builder));
            bestFit = fit;
        }
    }
    if (fits) {
        *fits = best ? std::clamp(bestFit, 0.0, 1.0) : 0;
        return {}; // only asked how well it fits
    }
    return best ? best->build() : QString();
}

} // namespace lathe::offline
