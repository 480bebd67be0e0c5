// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineFacts.h"
#include "core/llm/OfflineLexicon.h"
#include "core/llm/OfflineSql.h"
#include "core/llm/OfflineText.h"

#include <QHash>

namespace lathe::offline {

namespace {

QRegularExpression pattern(const QString &text)
{
    return keptExpression(text);
}

// Where the words of `value` stand one after another in the text, whatever their endings; -1 when they do not.
qsizetype valueAt(const std::vector<Word> &words, const QString &value, const QSet<QString> &columnStems)
{
    const std::vector<Word> wanted = wordsOf(value);
    if (wanted.empty())
        return -1;
    for (size_t i = 0; i + wanted.size() <= words.size(); ++i) {
        bool same = true;
        for (size_t k = 0; k < wanted.size() && same; ++k)
            same = words[i + k].stem == wanted[k].stem;
        if (same)
            return words[i].from;
    }
    // "mobile" says "Mobile app" when the word is no column's name.
    if (wanted.size() > 1 && wanted.front().lower.size() > 3 && !wanted.front().isStop
        && !columnStems.contains(wanted.front().stem)) {
        for (const Word &word : words) {
            if (word.stem == wanted.front().stem)
                return word.from;
        }
    }
    return -1;
}

void valueFilters(const QString &text, const SqlTable &table, const QSet<QString> &banned,
                  std::vector<SqlFilter> &filters)
{
    const std::vector<Word> words = wordsOf(text);
    QSet<QString> columnStems;
    for (const SqlColumn &column : table.columns)
        columnStems += stemsOf(QString(column.name).replace(u'_', u' '));
    for (const SqlColumn &column : table.columns) {
        if (banned.contains(column.name.toLower()))
            continue;
        QStringList found;
        qsizetype first = -1;
        for (const QString &value : column.values) {
            const qsizetype at = valueAt(words, value, columnStems);
            if (at < 0)
                continue;
            // "search for ..." is an order, not the value Search.
            const QString after = text.mid(at, 24).toLower();
            if (value.compare(QLatin1String("search"), Qt::CaseInsensitive) == 0
                && after.startsWith(QLatin1String("search for ")))
                continue;
            found.append(sqlText(value));
            first = first < 0 ? at : std::min(first, at);
        }
        if (found.isEmpty())
            continue;
        const QString name = sqlName(column.name);
        const bool negated =
            pattern(QStringLiteral(
                        "\\b(?:not|except|excluding|other than|without)\\s+(?:for\\s+|the\\s+|in\\s+)?$"))
                .match(text.left(first))
                .hasMatch();
        if (found.size() == 1)
            filters.push_back(
                {column.name,
                 QStringLiteral("%1 %2 %3")
                     .arg(name, negated ? QStringLiteral("<>") : QStringLiteral("="), found.first()),
                 first, 1});
        else
            filters.push_back({column.name,
                               QStringLiteral("%1 %2 (%3)")
                                   .arg(name, negated ? QStringLiteral("NOT IN") : QStringLiteral("IN"),
                                        found.join(QLatin1String(", "))),
                               first, int(found.size())});
    }
}

QString comparison(const QString &words)
{
    const QString lower = words.toLower().simplified();
    const auto has = [&](const char *text) { return lower.contains(QLatin1String(text)); };
    if (has("at most") || has("no more than") || has("up to") || has("or less") || has("or lower")
        || has("or below") || has("<="))
        return QStringLiteral("<=");
    if (has("at least") || has("no less than") || has("or more") || has("or higher") || has("or above")
        || has(">="))
        return QStringLiteral(">=");
    if (has("below") || has("under") || has("less") || has("lower") || has("fewer") || has("smaller")
        || has("<"))
        return QStringLiteral("<");
    if (has("above") || has("over") || has("more") || has("greater") || has("higher") || has("larger")
        || has("exceed") || has(">"))
        return QStringLiteral(">");
    return QStringLiteral("=");
}

void numberFilters(const QString &text, const SqlTable &table, const QSet<QString> &banned,
                   std::vector<SqlFilter> &filters)
{
    for (const SqlColumn &column : table.columns) {
        if (banned.contains(column.name.toLower()) || !(column.isNumeric() || column.isId()))
            continue;
        const QString name = sqlName(column.name);
        QString spoken = QRegularExpression::escape(column.name.toLower().replace(u'_', u' '));
        const bool rating = table.ratingColumn() == &column;
        if (rating)
            spoken += QStringLiteral("s?|rated|stars?|score[ds]?");
        if (column.isId())
            spoken += QStringLiteral("|number|no\\.|message|row|#");
        const QString number =
            QStringLiteral("(\\d{1,9}(?:\\.\\d{1,6})?|one|two|three|four|five|six|seven|eight|nine|ten)");
        const QString between =
            QStringLiteral("\\b(?:%1)[^.,;\\d]{0,16}?\\bbetween %2 and %2\\b").arg(spoken, number);
        const auto value = [](const QString &digits) {
            const int word = numberFromWord(digits.toLower());
            return word >= 0 && !digits.front().isDigit() ? QString::number(word) : digits;
        };
        if (const auto match = pattern(between).match(text); match.hasMatch()) {
            filters.push_back({column.name,
                               QStringLiteral("%1 BETWEEN %2 AND %3")
                                   .arg(name, value(match.captured(1)), value(match.captured(2))),
                               match.capturedStart(), 1});
            continue;
        }
        const QString compare =
            QStringLiteral("((?:\\s*(?:is|are|was|were|of|=|<=|>=|<|>|equal to|equals|at most|at "
                           "least|below|under|above|over|less than|lower than|fewer than|more than|greater "
                           "than|higher than|no more than|up to)\\s*){0,3})");
        const QString after =
            QStringLiteral("(?:^|[^\\w])(?:%1)s?%2\\s*%3(?![\\d/-]|\\s*(?:stars?|%|percent))((?: or "
                           "(?:less|lower|below|more|higher|above))?)")
                .arg(spoken, compare, number);
        const QString before =
            QStringLiteral("\\b((?:at most|at least|below|under|above|over|less than|fewer than|more "
                           "than|greater than|no more than|up to)?)\\s*%1[ -](?:%2)\\b((?: or "
                           "(?:less|lower|below|more|higher|above))?)")
                .arg(number,
                     rating ? QStringLiteral("stars?|star ratings?|ratings?") : QStringLiteral("~"));
        if (const auto match = pattern(after).match(text); match.hasMatch()) {
            filters.push_back({column.name,
                               QStringLiteral("%1 %2 %3")
                                   .arg(name, comparison(match.captured(1) + match.captured(3)),
                                        value(match.captured(2))),
                               match.capturedStart(), 1});
        } else if (const auto star = pattern(before).match(text); rating && star.hasMatch()) {
            filters.push_back(
                {column.name,
                 QStringLiteral("%1 %2 %3")
                     .arg(name, comparison(star.captured(1) + star.captured(3)), value(star.captured(2))),
                 star.capturedStart(), 1});
        } else if (rating) {
            static const auto bad = pattern(QStringLiteral(
                "\\b(?:complain(?:t|ts|ed|ing|s)?|negative(?:ly)?|unhappy|dissatisfied|angry|bad "
                "(?:feedback|ratings?|messages?|reviews?)|low ratings?|unsatisfied|frustrated)\\b"));
            static const auto good =
                pattern(QStringLiteral("\\b(?:prais(?:e|es|ed)|positive(?:ly)?|happy|satisfied|compliments?"
                                       "|good (?:feedback|ratings?|messages?|reviews?)|high ratings?)\\b"));
            // The middle of a scale of 1 to 5, the usual one, decides; the data may tell another.
            const auto badMatch = bad.match(text);
            const auto goodMatch = good.match(text);
            if (badMatch.hasMatch() && !goodMatch.hasMatch())
                filters.push_back(
                    {column.name, QStringLiteral("%1 <= 2").arg(name), badMatch.capturedStart(), 1});
            else if (goodMatch.hasMatch() && !badMatch.hasMatch())
                filters.push_back(
                    {column.name, QStringLiteral("%1 >= 4").arg(name), goodMatch.capturedStart(), 1});
        }
    }
}

void dateFilters(const QString &text, const SqlTable &table, const QSet<QString> &banned,
                 std::vector<SqlFilter> &filters)
{
    const SqlColumn *column = table.dateColumn();
    if (!column || banned.contains(column->name.toLower()))
        return;
    const QString name = sqlName(column->name);
    const auto add = [&](const QString &condition, qsizetype at, int values = 1) {
        filters.push_back({column->name, condition, at, values});
    };
    static const auto yearPattern = pattern(QStringLiteral("\\b(20\\d\\d)\\b(?!-)"));
    const auto yearMatch = yearPattern.match(text);
    const QString year = yearMatch.hasMatch() ? yearMatch.captured(1) : QString();
    static const auto span = pattern(QStringLiteral("\\b(?:between|from)\\s+(\\d{4}-\\d{2}-\\d{2})\\s+(?:"
                                                    "and|to|until|till)\\s+(\\d{4}-\\d{2}-\\d{2})"));
    static const auto bound = pattern(QStringLiteral(
        "\\b(since|after|from|before|until|till|by|on|up to)\\s+(\\d{4}-\\d{2}(?:-\\d{2})?)\\b"));
    if (const auto match = span.match(text); match.hasMatch()) {
        add(QStringLiteral("%1 BETWEEN '%2' AND '%3'").arg(name, match.captured(1), match.captured(2)),
            match.capturedStart());
        return;
    }
    bool bounded = false;
    for (auto matches = bound.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        const QString word = match.captured(1).toLower();
        const QString sign = word == QLatin1String("since") || word == QLatin1String("from")
                                 ? QStringLiteral(">=")
                             : word == QLatin1String("after")  ? QStringLiteral(">")
                             : word == QLatin1String("before") ? QStringLiteral("<")
                             : word == QLatin1String("on")     ? QStringLiteral("=")
                                                               : QStringLiteral("<=");
        add(QStringLiteral("%1 %2 '%3'").arg(name, sign, match.captured(2)), match.capturedStart());
        bounded = true;
    }
    static const auto isoMonth = pattern(QStringLiteral("\\b(20\\d\\d-\\d{2})\\b(?!-)"));
    if (const auto match = isoMonth.match(text); !bounded && match.hasMatch()) {
        add(QStringLiteral("%1 LIKE '%2-%'").arg(name, match.captured(1)), match.capturedStart());
        return;
    }
    static const auto quarter = pattern(QStringLiteral("\\bQ([1-4])\\b"));
    std::vector<std::pair<int, qsizetype>> months;
    if (const auto match = quarter.match(text); match.hasMatch()) {
        for (int i = 1; i <= 3; ++i)
            months.push_back({(match.captured(1).toInt() - 1) * 3 + i, match.capturedStart()});
    } else {
        for (const Word &word : wordsOf(text)) {
            if (const int month = monthFromWord(text.mid(word.from, word.length)); month > 0)
                months.push_back({month, word.from});
        }
    }
    if (bounded)
        return;
    if (months.empty()) {
        if (!year.isEmpty())
            add(QStringLiteral("%1 LIKE '%2-%'").arg(name, year), yearMatch.capturedStart());
        return;
    }
    const qsizetype at = months.front().second;
    const QString lead = text.mid(std::max<qsizetype>(0, at - 10), std::min<qsizetype>(10, at)).toLower();
    const auto twoDigits = [](int month) {
        return QStringLiteral("%1").arg(month, 2, 10, QLatin1Char('0'));
    };
    const QString monthOf = QStringLiteral("substr(%1, 6, 2)").arg(name);
    const bool range = months.size() == 2
                       && (lead.contains(QLatin1String("between")) || lead.contains(QLatin1String("from")));
    QString condition;
    if (range && months[0].first < months[1].first) {
        condition = QStringLiteral("%1 BETWEEN '%2' AND '%3'")
                        .arg(monthOf, twoDigits(months[0].first), twoDigits(months[1].first));
    } else if (months.size() == 1
               && (lead.endsWith(QLatin1String("since ")) || lead.endsWith(QLatin1String("after "))
                   || lead.endsWith(QLatin1String("before ")))) {
        const QString sign = lead.endsWith(QLatin1String("since "))   ? QStringLiteral(">=")
                             : lead.endsWith(QLatin1String("after ")) ? QStringLiteral(">")
                                                                      : QStringLiteral("<");
        condition = QStringLiteral("%1 %2 '%3'").arg(monthOf, sign, twoDigits(months[0].first));
    } else if (months.size() == 1) {
        if (!year.isEmpty()) {
            add(QStringLiteral("%1 LIKE '%2-%3-%'").arg(name, year, twoDigits(months[0].first)), at);
            return;
        }
        condition = QStringLiteral("%1 = '%2'").arg(monthOf, twoDigits(months[0].first));
    } else {
        QStringList list;
        for (const auto &[month, from] : months) {
            if (const QString text2 = u'\'' + twoDigits(month) + u'\''; !list.contains(text2))
                list.append(text2);
        }
        condition = QStringLiteral("%1 IN (%2)").arg(monthOf, list.join(QLatin1String(", ")));
    }
    if (!year.isEmpty())
        condition += QStringLiteral(" AND %1 LIKE '%2-%'").arg(name, year);
    add(condition, at, int(range ? 1 : months.size()));
}

void textFilters(const QString &text, const SqlTable &table, const QSet<QString> &banned,
                 std::vector<SqlFilter> &filters)
{
    const SqlColumn *column = table.textColumn();
    if (!column || banned.contains(column->name.toLower()))
        return;
    QSet<QString> known; // words that other filters or columns use
    for (const SqlColumn &other : table.columns) {
        known += stemsOf(QString(other.name).replace(u'_', u' '));
        for (const QString &value : other.values)
            known += stemsOf(value);
    }
    const auto add = [&](const QString &wanted, qsizetype at) {
        if (wanted.size() < 2 || wanted.size() > 80)
            return;
        QString literal = wanted;
        literal.remove(u'%').remove(u'_');
        filters.push_back(
            {column->name,
             QStringLiteral("%1 LIKE %2").arg(sqlName(column->name), sqlText(u'%' + literal + u'%')), at,
             1});
    };
    for (const QString &quoted : findQuoted(text)) {
        if (overlap(stemsOf(quoted), known) < 1.0)
            add(quoted, text.indexOf(quoted));
    }
    if (std::any_of(filters.begin(), filters.end(),
                    [&](const SqlFilter &f) { return f.column == column->name; }))
        return;
    static const auto mention = pattern(QStringLiteral(
        "\\b(?:mention(?:s|ed|ing)?|contain(?:s|ed|ing)?|includ(?:e|es|ing) the word|with the "
        "words?|say(?:s|ing)?|talk(?:s|ing)? about|complain(?:s|ed|ing)? about|complaints? "
        "about|(?:messages?|feedback|comments?|tickets?|anything|something|word) about|about the "
        "word|regarding|refer(?:s|ring)? to)\\s+((?:the |a |an |any |their |our )?[\\w'-]+(?: "
        "[\\w'-]+){0,3})"));
    for (auto matches = mention.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        QStringList wanted;
        for (const Word &word : wordsOf(match.captured(1))) {
            if (known.contains(word.stem)
                || monthFromWord(match.captured(1).mid(word.from, word.length)) > 0)
                break;
            if (word.isStop || isRequestVerb(word.lower)) {
                if (wanted.isEmpty())
                    continue;
                break;
            }
            wanted.append(match.captured(1).mid(word.from, word.length));
            if (wanted.size() == 2)
                break;
        }
        if (!wanted.isEmpty())
            add(wanted.join(u' '), match.capturedStart());
    }
}

} // namespace

QString sqlName(const QString &name)
{
    static const QRegularExpression simple = expression(QStringLiteral("^[A-Za-z_][A-Za-z0-9_]*$"), true);
    static const QSet<QString> reserved{
        QStringLiteral("order"), QStringLiteral("group"),  QStringLiteral("select"),
        QStringLiteral("from"),  QStringLiteral("where"),  QStringLiteral("table"),
        QStringLiteral("index"), QStringLiteral("values"), QStringLiteral("limit"),
        QStringLiteral("to"),    QStringLiteral("case"),   QStringLiteral("check")};
    if (simple.match(name).hasMatch() && !reserved.contains(name.toLower()))
        return name;
    return u'"' + QString(name).replace(u'"', QLatin1String("\"\"")) + u'"';
}

QString sqlText(const QString &value)
{
    return u'\'' + QString(value).replace(u'\'', QLatin1String("''")) + u'\'';
}

std::vector<SqlFilter> filtersIn(const QString &text, const SqlTable &table, const QSet<QString> &banned)
{
    const QString scanned = capped(text, 4000);
    std::vector<SqlFilter> filters;
    valueFilters(scanned, table, banned, filters);
    numberFilters(scanned, table, banned, filters);
    dateFilters(scanned, table, banned, filters);
    textFilters(scanned, table, banned, filters);
    return filters;
}

} // namespace lathe::offline
