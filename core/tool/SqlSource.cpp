// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SqlSource.h"

#include "core/base/Json.h"

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSet>

#include <cmath>

namespace lathe {

namespace {
constexpr qsizetype sampleRows = 2000;
constexpr qint64 sampleCsvBytes = 256 * 1024;
constexpr int sampleMs = 150; // of the main thread, for a look into an SQLite file
constexpr qsizetype maxValueLength = 60;
constexpr int maxColumns = 500;
constexpr int maxDescribedTables = 40;

enum class ColumnType { Integer, Real, Text };

QByteArray quoted(const QString &name)
{
    QString text = name;
    return '"' + text.replace(u'"', QStringLiteral("\"\"")).toUtf8() + '"';
}

// A number as a person writes it; "007", "1e5" and "+1" stay text, for they may be keys.
bool asNumber(const QString &text, bool *isInteger, double *number)
{
    if (text.isEmpty() || text.size() > 24)
        return false;
    qsizetype at = text[0] == u'-' ? 1 : 0;
    const qsizetype first = at;
    bool point = false;
    for (; at < text.size(); ++at) {
        if (text[at] == u'.' && !point && at > first)
            point = true;
        else if (text[at] < u'0' || text[at] > u'9')
            return false;
    }
    const qsizetype digits = at - first;
    if (digits == 0 || text.endsWith(u'.')
        || (digits > 1 && text[first] == u'0' && text[first + 1] != u'.'))
        return false;
    *isInteger = !point && digits <= 18;
    *number = text.toDouble();
    return point || digits <= 18;
}

ColumnType typeOf(const Dataset &dataset, size_t column)
{
    bool any = false, real = false;
    const size_t rows = std::min(dataset.rows.size(), size_t(sampleRows));
    for (size_t row = 0; row < rows; ++row) {
        if (column >= dataset.rows[row].size())
            continue;
        const QJsonValue &value = dataset.rows[row][column];
        if (value.isNull() || value.isUndefined())
            continue;
        if (value.isString()) {
            bool isInteger = false;
            double number = 0;
            if (value.toString().isEmpty())
                continue;
            if (!asNumber(value.toString(), &isInteger, &number))
                return ColumnType::Text;
            real |= !isInteger;
        } else if (value.isDouble()) {
            real |= value.toDouble() != std::floor(value.toDouble())
                    || std::abs(value.toDouble()) > 9e15;
        } else if (!value.isBool()) {
            return ColumnType::Text;
        }
        any = true;
    }
    if (!any)
        return ColumnType::Text;
    return real ? ColumnType::Real : ColumnType::Integer;
}

QString typeText(ColumnType type)
{
    switch (type) {
    case ColumnType::Integer:
        return QStringLiteral("INTEGER");
    case ColumnType::Real:
        return QStringLiteral("REAL");
    case ColumnType::Text:
        break;
    }
    return QStringLiteral("TEXT");
}

// SQLite compares names without case, so "Name" and "name" cannot stand side by side.
QStringList columnNames(const Dataset &dataset)
{
    QStringList names;
    QSet<QString> used;
    for (qsizetype i = 0; i < dataset.columns.size(); ++i) {
        QString base = dataset.columns[i].simplified().left(120);
        base.remove(QChar(0));
        if (base.isEmpty())
            base = QStringLiteral("column_%1").arg(i + 1);
        QString name = base;
        for (int n = 2; used.contains(name.toLower()); ++n)
            name = QStringLiteral("%1_%2").arg(base).arg(n);
        used.insert(name.toLower());
        names += name;
    }
    return names;
}

SqlTable describeDataset(const Dataset &dataset, const QString &name, bool isSample, bool withValues)
{
    SqlTable table;
    table.name = name;
    if (!isSample)
        table.rows = qint64(dataset.rows.size());
    const QStringList names = columnNames(dataset);
    for (qsizetype i = 0; i < names.size(); ++i) {
        const ColumnType type = typeOf(dataset, size_t(i));
        SqlColumn column{names[i], typeText(type), {}};
        if (withValues && type == ColumnType::Text) {
            QSet<QString> values;
            for (size_t row = 0; row < dataset.rows.size(); ++row) {
                if (size_t(i) >= dataset.rows[row].size())
                    continue;
                const QJsonValue &value = dataset.rows[row][size_t(i)];
                if (!value.isString() || value.toString().isEmpty())
                    continue;
                values.insert(value.toString());
                if (values.size() > SqlSource::maxValues
                    || value.toString().size() > maxValueLength) {
                    values.clear();
                    break;
                }
            }
            column.values = QStringList(values.begin(), values.end());
            column.values.sort();
        }
        table.columns.push_back(std::move(column));
    }
    return table;
}

void bindCell(Statement &statement, int index, const QJsonValue &value, ColumnType type)
{
    switch (value.type()) {
    case QJsonValue::Null:
    case QJsonValue::Undefined:
        statement.bindNull(index);
        return;
    case QJsonValue::Bool:
        statement.bind(index, value.toBool());
        return;
    case QJsonValue::Double: {
        const double number = value.toDouble();
        if (number == std::floor(number) && std::abs(number) <= 9e15)
            statement.bind(index, qint64(number));
        else
            statement.bind(index, number);
        return;
    }
    case QJsonValue::String: {
        const QString text = value.toString();
        bool isInteger = false;
        double number = 0;
        if (type == ColumnType::Text)
            statement.bindText(index, text.toUtf8());
        else if (text.isEmpty())
            statement.bindNull(index);
        else if (asNumber(text, &isInteger, &number) && isInteger)
            statement.bind(index, text.toLongLong());
        else if (asNumber(text, &isInteger, &number))
            statement.bind(index, number);
        else
            statement.bindText(index, text.toUtf8());
        return;
    }
    case QJsonValue::Array:
    case QJsonValue::Object:
        statement.bindText(index, json::compact(value));
        return;
    }
}

Result<std::unique_ptr<Database>> build(const Dataset &dataset, const QString &tableName)
{
    const QStringList names = columnNames(dataset);
    if (names.isEmpty())
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The table %1 has no columns.").arg(tableName));
    if (names.size() > maxColumns) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The table %1 has %2 columns; at most %3 can be queried.")
                         .arg(tableName)
                         .arg(names.size())
                         .arg(maxColumns));
    }
    auto opened = Database::openMemory();
    if (!opened)
        return opened.error();
    Database &db = **opened;
    QByteArray create = "CREATE TABLE " + quoted(tableName) + " (";
    QByteArray insert = "INSERT INTO " + quoted(tableName) + " VALUES (";
    std::vector<ColumnType> types;
    for (qsizetype i = 0; i < names.size(); ++i) {
        types.push_back(typeOf(dataset, size_t(i)));
        create += (i ? ", " : "") + quoted(names[i]) + ' ' + typeText(types.back()).toLatin1();
        insert += i ? ",?" : "?";
    }
    if (auto made = db.exec((create + ')').constData()); !made)
        return made.error();
    Transaction transaction(db);
    if (auto begun = transaction.begin(); !begun)
        return begun.error();
    {
        auto statement = db.prepare(insert + ')');
        if (!statement)
            return statement.error();
        for (const auto &row : dataset.rows) {
            for (size_t i = 0; i < types.size(); ++i)
                bindCell(*statement, int(i) + 1, i < row.size() ? row[i] : QJsonValue(), types[i]);
            if (auto added = statement->run(); !added)
                return added.error();
        }
    }
    if (auto committed = transaction.commit(); !committed)
        return committed.error();
    return std::move(*opened);
}

Result<QByteArray> readCsv(const QString &path, qint64 atMost, bool *whole)
{
    const QFileInfo info(path);
    if (!info.isFile()) // a FIFO would block
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("%1 is no regular file; choose a CSV file.").arg(path));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return Error(
            ErrorKind::NotFound,
            QStringLiteral("The file %1 cannot be read (%2); choose another file or change its "
                           "permissions.")
                .arg(path, file.errorString()));
    }
    QByteArray bytes = file.read(atMost);
    *whole = file.atEnd();
    return bytes;
}

Result<std::vector<SqlTable>> describeSqlite(const QString &path, bool withValues)
{
    auto opened = Database::open(path, Database::Mode::ReadOnly);
    if (!opened)
        return opened.error();
    Database &db = **opened;
    db.setDeadline(sampleMs);
    std::vector<SqlTable> tables;
    {
        auto list = db.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND "
                               "name NOT LIKE 'sqlite\\_%' "
                               "ESCAPE '\\' ORDER BY name");
        if (!list)
            return list.error();
        for (;;) {
            const auto row = list->step();
            if (!row)
                return row.error();
            if (!*row || tables.size() > 500)
                break;
            tables.push_back(SqlTable{list->text(0), {}, -1});
        }
    }
    auto columns = db.prepare("SELECT name, type FROM pragma_table_info(?1)");
    if (!columns)
        return columns.error();
    for (size_t i = 0; i < tables.size() && i < size_t(maxDescribedTables); ++i) {
        columns->bind(1, tables[i].name);
        while (columns->step().valueOr(false))
            tables[i].columns.push_back(SqlColumn{columns->text(0), columns->text(1), {}});
        columns->reset();
    }
    if (!withValues)
        return tables;
    // From here on views of a stranger may run: reads only, and no longer than the deadline.
    db.restrictToReading();
    db.setDeadline(sampleMs);
    for (SqlTable &table : tables) {
        for (SqlColumn &column : table.columns) {
            const QString type = column.type.toUpper();
            if (!type.isEmpty() && !type.contains(QLatin1String("CHAR"))
                && !type.contains(QLatin1String("TEXT")))
                continue;
            const QByteArray name = quoted(column.name);
            auto distinct = db.prepare(
                "SELECT DISTINCT " + name + " FROM (SELECT " + name + " FROM " + quoted(table.name)
                + " LIMIT 5000) WHERE typeof(" + name + ") = 'text' LIMIT 13");
            if (!distinct) {
                if (distinct.error().kind == ErrorKind::Timeout)
                    return tables;
                continue;
            }
            QStringList values;
            for (;;) {
                const auto row = distinct->step();
                if (!row && row.error().kind == ErrorKind::Timeout)
                    return tables; // the values are a help, not a need
                if (!row || !*row)
                    break;
                values += distinct->text(0);
                if (values.size() > SqlSource::maxValues || values.last().size() > maxValueLength) {
                    values.clear();
                    break;
                }
            }
            values.sort();
            column.values = values;
        }
    }
    return tables;
}
} // namespace

Result<std::vector<SqlTable>> SqlSource::describe() const
{
    if (kind == Kind::SqliteFile)
        return describeSqlite(path, exampleValues);
    if (kind == Kind::Dataset)
        return std::vector<SqlTable>{describeDataset(*dataset, tableName, false, exampleValues)};
    bool whole = false;
    auto bytes = readCsv(path, sampleCsvBytes, &whole);
    if (!bytes)
        return bytes.error();
    if (!whole) {
        // Up to the last whole line; a quoted line end there costs one row of the sample.
        const qsizetype end = bytes->lastIndexOf('\n');
        if (end > 0)
            bytes->truncate(end + 1);
    }
    std::vector<Problem> problems;
    const auto sample = Dataset::importCsv(*bytes, &problems);
    if (!sample)
        return sample.error();
    return std::vector<SqlTable>{describeDataset(*sample, tableName, !whole, exampleValues)};
}

Result<std::unique_ptr<Database>> SqlSource::open() const
{
    Result<std::unique_ptr<Database>> opened = Error();
    if (kind == Kind::SqliteFile) {
        opened = Database::open(path, writable ? Database::Mode::ReadWrite : Database::Mode::ReadOnly);
    } else if (kind == Kind::Dataset) {
        opened = build(*dataset, tableName);
    } else {
        bool whole = false;
        const auto bytes = readCsv(path, maxCsvBytes, &whole);
        if (!bytes)
            return bytes.error();
        if (!whole) {
            return Error(
                ErrorKind::LimitReached,
                QStringLiteral("The file %1 is larger than %2 MB; turn it into an SQLite file.")
                    .arg(path)
                    .arg(maxCsvBytes / 1024 / 1024));
        }
        std::vector<Problem> problems;
        const auto imported = Dataset::importCsv(*bytes, &problems);
        if (!imported)
            return imported.error();
        opened = build(*imported, tableName);
    }
    if (opened && writable)
        (*opened)->restrictToData();
    else if (opened)
        (*opened)->restrictToReading();
    return opened;
}

// A name as it must be written in SQL.
static QString shownName(const QString &name)
{
    static const QRegularExpression plain(QStringLiteral("\\A[A-Za-z_][A-Za-z0-9_]*\\z"));
    return plain.match(name).hasMatch() ? name : QString::fromUtf8(quoted(name.simplified()));
}

QString describeTable(const SqlTable &table)
{
    QStringList columns;
    for (const SqlColumn &column : table.columns) {
        QString text = shownName(column.name);
        if (!column.type.isEmpty())
            text += u' ' + column.type.simplified().left(40);
        if (!column.values.isEmpty()) {
            QStringList values;
            for (QString value : column.values)
                values += u'\'' + value.replace(u'\'', QStringLiteral("''")).simplified() + u'\'';
            text += QStringLiteral(" (%1)").arg(values.join(QStringLiteral(", ")));
        }
        columns += text;
    }
    QString text = shownName(table.name);
    if (table.rows >= 0)
        text += QStringLiteral(" (%1 rows)").arg(table.rows);
    return columns.isEmpty() ? text
                             : text + QStringLiteral(": ") + columns.join(QStringLiteral(", "));
}

} // namespace lathe
