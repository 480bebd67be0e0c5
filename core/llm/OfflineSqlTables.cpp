// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/llm/OfflineSqlTables.h"

#include "core/llm/OfflineExpression.h"
#include "core/llm/OfflineText.h"

namespace lathe::offline {

namespace {

constexpr int maxTables = 40;
constexpr int maxColumns = 120;

// Splits at commas outside brackets and quotes.
QStringList topLevelItems(const QString &text)
{
    QStringList items;
    QString item;
    int depth = 0;
    QChar quote;
    for (const QChar c : text) {
        if (!quote.isNull()) {
            if (c == quote)
                quote = QChar();
        } else if (c == u'\'' || c == u'"' || c == u'`') {
            quote = c;
        } else if (c == u'(') {
            ++depth;
        } else if (c == u')') {
            --depth;
        } else if (c == u',' && depth <= 0) {
            items.append(item.trimmed());
            item.clear();
            continue;
        }
        item += c;
    }
    items.append(item.trimmed());
    items.removeAll(QString());
    return items;
}

QString unquoted(QString text)
{
    text = text.trimmed();
    while (text.size() >= 2 && QStringView(u"'\"`").contains(text.front()) && text.back() == text.front())
        text = text.mid(1, text.size() - 2);
    return text;
}

// "tier TEXT ('free', 'pro')", "tier", "\"odd name\" INTEGER NOT NULL".
std::optional<SqlColumn> columnIn(const QString &item)
{
    static const QRegularExpression pattern =
        expression(QStringLiteral("(?s)^(\"[^\"]{1,64}\"|`[^`]{1,64}`|[A-Za-z_][A-Za-z0-9_]{0,63})(?:\\s+(["
                                  "A-Za-z]{2,16})\\b[^(]*)?\\s*(?:\\((.*)\\))?.{0,80}$"),
                   true);
    static const QSet<QString> noColumns{QStringLiteral("primary"),    QStringLiteral("foreign"),
                                         QStringLiteral("unique"),     QStringLiteral("check"),
                                         QStringLiteral("constraint"), QStringLiteral("and"),
                                         QStringLiteral("or")};
    const auto match = pattern.match(item.left(2000));
    if (!match.hasMatch() || noColumns.contains(match.captured(1).toLower()))
        return std::nullopt;
    SqlColumn column;
    column.name = unquoted(match.captured(1));
    column.type = match.captured(2).toUpper();
    const QStringList values = topLevelItems(match.captured(3));
    for (const QString &value : values) {
        const QString plain = unquoted(value);
        bool number = false;
        plain.toDouble(&number);
        if (!number && !plain.isEmpty() && plain.size() <= 60 && values.size() >= 2
            && countWords(plain) <= 5)
            column.values.append(plain);
    }
    return column;
}

bool isType(const QString &type)
{
    static const QSet<QString> types{
        QStringLiteral("TEXT"),      QStringLiteral("INTEGER"), QStringLiteral("INT"),
        QStringLiteral("REAL"),      QStringLiteral("NUMERIC"), QStringLiteral("DATE"),
        QStringLiteral("DATETIME"),  QStringLiteral("VARCHAR"), QStringLiteral("BOOLEAN"),
        QStringLiteral("BLOB"),      QStringLiteral("FLOAT"),   QStringLiteral("DOUBLE"),
        QStringLiteral("TIMESTAMP"), QStringLiteral("BIGINT"),  QStringLiteral("CHAR"),
        QStringLiteral("DECIMAL")};
    return types.contains(type);
}

// Columns when every item reads as one; `sure` when the text says that they are columns.
std::vector<SqlColumn> columnsIn(const QString &list, bool sure)
{
    std::vector<SqlColumn> columns;
    int typed = 0;
    const QStringList items = topLevelItems(list);
    for (const QString &item : items) {
        auto column = columnIn(item);
        if (!column) {
            if (!sure)
                return {};
            continue;
        }
        if (isType(column->type))
            ++typed;
        else if (!column->type.isEmpty() && !sure)
            return {};
        else
            column->type.clear();
        columns.push_back(std::move(*column));
        if (int(columns.size()) >= maxColumns)
            break;
    }
    return columns.size() >= 1 && (typed > 0 || sure) ? columns : std::vector<SqlColumn>();
}

// The text in the brackets that open at `open`.
QString bracketed(const QString &text, qsizetype open)
{
    int depth = 0;
    for (qsizetype i = open; i < text.size() && i - open < 20'000; ++i) {
        if (text[i] == u'(')
            ++depth;
        else if (text[i] == u')' && --depth == 0)
            return text.mid(open + 1, i - open - 1);
    }
    return {};
}

void addTable(std::vector<SqlTable> &tables, const QString &name, std::vector<SqlColumn> columns)
{
    const bool known = std::any_of(tables.begin(), tables.end(), [&](const SqlTable &t) {
        return t.name.compare(name, Qt::CaseInsensitive) == 0;
    });
    if (!columns.empty() && !known && int(tables.size()) < maxTables)
        tables.push_back({name, std::move(columns)});
}

// "product_area is one of A, B, C" or "tier (free, team)" in prose.
void addValues(SqlColumn &column, const QString &notes)
{
    if (!column.values.isEmpty() || column.isNumeric())
        return;
    for (qsizetype at = indexOfPhrase(notes, column.name); at >= 0;
         at = indexOfPhrase(notes, column.name, at + 1)) {
        const QString after = notes.mid(at + column.name.size(), 600);
        static const QRegularExpression values = expression(
            QStringLiteral("^[\"'`]?\\s*(?:\\([A-Z]+\\))?\\s*(?:is one of|one of|in|values|can be|is "
                           "either|:|\\(|=)+\\s*(?:one of|values)?:?\\s*([^.\\n;)]{3,500})"),
            true);
        const auto match = values.match(after);
        if (!match.hasMatch())
            continue;
        static const QRegularExpression comma =
            expression(QStringLiteral("\\s*(?:,\\s*(?:or|and)\\s+|,|\\bor\\b|\\band\\b|/|\\|)\\s*"), true);
        QStringList found;
        for (const QString &value : match.captured(1).split(comma, Qt::SkipEmptyParts)) {
            const QString plain = unquoted(value);
            if (countWords(plain) > 4 || plain.isEmpty())
                break;
            found.append(plain);
        }
        if (found.size() >= 2) {
            column.values = found;
            return;
        }
    }
}

bool nameHas(const SqlColumn &column, std::initializer_list<const char *> words)
{
    const QString name = column.name.toLower();
    return std::any_of(words.begin(), words.end(),
                       [&](const char *word) { return name.contains(QLatin1String(word)); });
}

} // namespace

bool SqlColumn::isNumeric() const
{
    if (type.startsWith(QLatin1String("INT")) || type == QLatin1String("REAL")
        || type == QLatin1String("NUMERIC") || type == QLatin1String("FLOAT")
        || type == QLatin1String("DOUBLE") || type == QLatin1String("DECIMAL")
        || type == QLatin1String("BIGINT"))
        return true;
    return type.isEmpty() && values.isEmpty()
           && nameHas(*this,
                      {"rating", "score", "stars", "amount", "price", "count", "total", "quantity", "age"});
}

bool SqlColumn::isDate() const
{
    return type.startsWith(QLatin1String("DATE")) || type == QLatin1String("TIMESTAMP")
           || nameHas(*this, {"date", "_at", "time", "created"})
           || name.compare(QLatin1String("day"), Qt::CaseInsensitive) == 0;
}

bool SqlColumn::isId() const
{
    return name.compare(QLatin1String("id"), Qt::CaseInsensitive) == 0
           || name.endsWith(QLatin1String("_id"), Qt::CaseInsensitive);
}

const SqlColumn *SqlTable::column(const QString &wanted) const
{
    for (const SqlColumn &candidate : columns) {
        if (candidate.name.compare(wanted, Qt::CaseInsensitive) == 0)
            return &candidate;
    }
    return nullptr;
}

const SqlColumn *SqlTable::textColumn() const
{
    for (const SqlColumn &candidate : columns) {
        if (!candidate.isNumeric() && candidate.values.isEmpty()
            && nameHas(candidate, {"message", "text", "body", "comment", "description", "content", "note",
                                   "review", "feedback"}))
            return &candidate;
    }
    for (auto it = columns.rbegin(); it != columns.rend(); ++it) {
        if (!it->isNumeric() && !it->isDate() && !it->isId() && it->values.isEmpty())
            return &*it;
    }
    return nullptr;
}

const SqlColumn *SqlTable::dateColumn() const
{
    for (const SqlColumn &candidate : columns) {
        if (candidate.isDate())
            return &candidate;
    }
    return nullptr;
}

const SqlColumn *SqlTable::idColumn() const
{
    for (const SqlColumn &candidate : columns) {
        if (candidate.isId())
            return &candidate;
    }
    return nullptr;
}

const SqlColumn *SqlTable::ratingColumn() const
{
    for (const SqlColumn &candidate : columns) {
        if (candidate.isNumeric()
            && nameHas(candidate, {"rating", "stars", "score", "satisfaction", "nps"}))
            return &candidate;
    }
    return nullptr;
}

static std::vector<SqlTable> readTables(const QString &description, const QString &notes)
{
    std::vector<SqlTable> tables;
    const QString text = capped(description, 20'000);
    static const QRegularExpression create = expression(
        QStringLiteral("\\bCREATE\\s+TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?[\"`]?(\\w{1,64})[\"`]?\\s*\\("));
    for (auto matches = create.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        addTable(tables, match.captured(1), columnsIn(bracketed(text, match.capturedEnd() - 1), true));
    }
    // A line, or what follows "table" or "tables:", with a name, a colon and the columns.
    static const QRegularExpression line = expression(QStringLiteral(
        "(?:^|\\n|\\btables?:?\\s)\\s*[-*]?\\s*(?:table\\s+)?[\"`]?([A-Za-z_]\\w{0,63})[\"`]?\\s*(?:\\(\\d+"
        " rows?\\))?\\s*(?::|\\bwith(?: the)? columns:?|\\bhas(?: the)? columns:?)\\s*([^\\n]{2,8000})"));
    for (auto matches = line.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        const bool sure = match.captured(0).contains(QLatin1String("table "), Qt::CaseInsensitive)
                          || match.captured(0).contains(QLatin1String("columns"), Qt::CaseInsensitive);
        QString list = match.captured(2);
        if (const qsizetype stop = list.indexOf(QLatin1String(". ")); stop > 0)
            list.truncate(stop);
        if (list.endsWith(u'.'))
            list.chop(1);
        addTable(tables, match.captured(1), columnsIn(list, sure));
    }
    static const QRegularExpression call =
        expression(QStringLiteral("(\\btables?\\b[:\\s]*(?:\\w+\\([^)]{1,2000}\\)[,;]?\\s*(?:and\\s+)?){0,"
                                  "8})?[\"`]?\\b([A-Za-z_]\\w{0,63})[\"`]?\\s?\\("));
    if (tables.empty()) {
        for (auto matches = call.globalMatch(text); matches.hasNext();) {
            const auto match = matches.next();
            const QString list = bracketed(text, match.capturedEnd() - 1);
            const bool sure = !match.captured(1).isEmpty() || list.contains(u'_');
            if (list.contains(u','))
                addTable(tables, match.captured(2), columnsIn(list, sure));
        }
    }
    const QString prose = capped(notes, 20'000) + u'\n' + text;
    for (SqlTable &table : tables) {
        for (SqlColumn &column : table.columns)
            addValues(column, prose);
    }
    return tables;
}

std::vector<SqlTable> tablesIn(const QString &description, const QString &notes)
{
    // One answer asks for the same tables several times, and an agent's turns again.
    struct Kept {
        QString description, notes;
        std::vector<SqlTable> tables;
    };
    thread_local std::vector<Kept> kept;
    for (const Kept &entry : kept) {
        if (entry.description == description && entry.notes == notes)
            return entry.tables;
    }
    if (kept.size() >= 8)
        kept.erase(kept.begin());
    kept.push_back({description.left(20'001), notes.left(20'001), readTables(description, notes)});
    return kept.back().tables;
}

} // namespace lathe::offline
