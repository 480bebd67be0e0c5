// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SqlTool.h"

#include "core/base/Json.h"
#include "core/base/SqlScan.h"
#include "core/base/WorkerThread.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/PostgresTool.h"
#include "core/tool/SqlAnswer.h"
#include "core/tool/ToolSchema.h"
#include "core/tool/ToolText.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <cmath>

namespace lathe {

namespace {
constexpr qsizetype maxDescription = 12'000;

QJsonValue cellJson(const QVariant &value)
{
    if (!value.isValid())
        return QJsonValue::Null;
    if (value.typeId() == QMetaType::LongLong) {
        const qint64 number = value.toLongLong();
        if (std::abs(number) > 9007199254740992LL) // JSON numbers are doubles
            return QString::number(number);
        return number;
    }
    if (value.typeId() == QMetaType::Double)
        return value.toDouble();
    if (value.typeId() == QMetaType::QByteArray)
        return QStringLiteral("<%1 of binary data>").arg(sizeText(value.toByteArray().size()));
    return value.toString();
}

SqlScan scanOf(const QJsonObject &arguments)
{
    return scanSql(arguments.value(QLatin1String("sql")).toString().toUtf8(), SqlDialect::Sqlite);
}

QString tableNames(const std::vector<SqlTable> &tables)
{
    QStringList names;
    for (const SqlTable &table : tables)
        names += table.name;
    return names.mid(0, 100).join(QStringLiteral(", "));
}

// What SQLite says, and what would help to mend it.
QString failureText(const Error &error, const std::vector<SqlTable> &tables)
{
    QString text = error.message;
    if (text.contains(QLatin1String("no such table"))) {
        text += QStringLiteral(" The tables are: %1.").arg(tableNames(tables));
    } else if (text.contains(QLatin1String("no such column"))) {
        QStringList all;
        for (const SqlTable &table : tables) {
            QStringList columns;
            for (const SqlColumn &column : table.columns)
                columns += column.name;
            all += QStringLiteral("%1 (%2)").arg(table.name,
                                                 columns.mid(0, 60).join(QStringLiteral(", ")));
        }
        text +=
            QStringLiteral(" The columns are: %1.").arg(all.mid(0, 20).join(QStringLiteral("; ")));
    }
    return text;
}
} // namespace

struct SqlTool::State {
    Setup setup;
    std::mutex mutex; // of the next two
    Database *running = nullptr;
    CancelToken runningToken;
    std::unique_ptr<Database> database; // of the worker thread, built with the first call
    std::unique_ptr<WorkerThread> thread = std::make_unique<WorkerThread>();

    enum class Which { Any, Cancelled };
    // Any thread. Calls may run side by side, so cancelling one must not stop another.
    void interrupt(Which which)
    {
        const std::scoped_lock lock(mutex);
        if (running && (which == Which::Any || runningToken.isCancelled()))
            running->interrupt();
    }
    ~State() { thread.reset(); } // joins while the database is still there
};

SqlTool::SqlTool(Setup setup) : m_state(std::make_shared<State>())
{
    m_state->setup = std::move(setup);
    m_state->thread->setInterrupt([state = m_state.get()] { state->interrupt(State::Which::Any); });
    const auto &tables = m_state->setup.tables;
    QString text = joinedSentences(
        m_state->setup.purpose,
        (m_state->setup.source.writable ? QStringLiteral("Runs one SQLite statement, which may change data; returns at most %1 rows. Tables:")
                                        : QStringLiteral("Runs one read-only SQLite SELECT and returns at most %1 rows; count and group in "
                                                         "SQL. Tables:"))
            .arg(m_state->setup.maxRows));
    m_designed = text.size();
    for (const SqlTable &table : tables) {
        text += u'\n' + describeTable(table);
        if (text.size() > maxDescription) {
            text = text.left(maxDescription) + QStringLiteral("… (more: query sqlite_schema)");
            break;
        }
    }
    m_description = cleanText(text);
}

SqlTool::~SqlTool() = default;

QString SqlTool::name() const
{
    return m_state->setup.name;
}

bool SqlTool::idempotent(const QJsonObject &arguments) const
{
    return m_state->setup.isIdempotent.value_or(sideEffect(arguments) == SideEffect::Read);
}

QJsonObject SqlTool::schema() const
{
    return sqlArguments(m_state->setup.source.writable ? QStringLiteral("One SQLite statement: SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER or DROP.")
                                                       : QStringLiteral("One SQLite SELECT statement."));
}

SideEffect SqlTool::sideEffect(const QJsonObject &arguments) const
{
    if (!m_state->setup.source.writable)
        return SideEffect::Read;
    // Of a SELECT nobody need be asked twice; anything else, and WITH, may change data.
    return scanOf(arguments).firstWord == "SELECT" ? SideEffect::Read : SideEffect::Write;
}

QString SqlTool::preview(const QJsonObject &arguments) const
{
    return sideEffect(arguments) == SideEffect::Read ? QString() : cleanText(arguments.value(QLatin1String("sql")).toString());
}

// SQLite would refuse the same, but only after a person was asked.
QString SqlTool::objection(const QJsonObject &arguments) const
{
    switch (scanOf(arguments).statements) {
    case 0:
        return QStringLiteral("The SQL holds no statement.");
    case 1:
        return QString();
    default:
        return QStringLiteral("The SQL holds more than one statement; send them one by one.");
    }
}

Task<Result<ToolOutcome>> SqlTool::call(QJsonObject arguments, CancelToken cancel)
{
    return run(m_state, arguments.value(QLatin1String("sql")).toString(), std::move(cancel));
}

Task<Result<ToolOutcome>> SqlTool::run(std::shared_ptr<State> state, QString sql,
                                       CancelToken cancel)
{
    // A query whose cancellation fell between two statements still runs and would keep this one
    // waiting.
    state->interrupt(State::Which::Cancelled);
    const auto registration =
        cancel.onCancelled([state] { state->interrupt(State::Which::Cancelled); });
    // The pointer is good: the state joins its thread before it goes.
    std::function<Result<ToolOutcome>(const CancelToken &)> work =
        [raw = state.get(), sql](const CancelToken &token) { return query(*raw, sql, token); };
    auto outcome =
        co_await runOnWorker<ToolOutcome>(state->thread.get(), std::move(work), cancel);
    co_return outcome;
}

// Worker thread.
Result<ToolOutcome> SqlTool::query(State &state, const QString &sql, const CancelToken &cancel)
{
    const Setup &setup = state.setup;
    if (sql.size() > maxSqlChars)
        return ToolOutcome::failure(
            QStringLiteral("The SQL is longer than %1 characters.").arg(maxSqlChars));
    if (!state.database) {
        auto opened = setup.source.open();
        if (!opened)
            return ToolOutcome::failure(opened.error().message);
        state.database = *std::move(opened);
    }
    Database &db = *state.database;
    {
        const std::scoped_lock lock(state.mutex);
        state.running = &db;
        state.runningToken = cancel;
    }
    struct NotRunning {
        State &state;
        ~NotRunning()
        {
            const std::scoped_lock lock(state.mutex);
            state.running = nullptr;
            state.runningToken = CancelToken();
        }
    } notRunning{state};
    db.setDeadline(std::clamp<qint64>(qint64(setup.seconds * 1000), 1, 3'600'000));
    const auto failed = [&](const Error &error) -> Result<ToolOutcome> {
        if (error.kind == ErrorKind::Cancelled || cancel.isCancelled())
            return Error::cancelled();
        return ToolOutcome::failure(failureText(error, setup.tables));
    };

    auto statement = db.prepare(sql.toUtf8());
    if (!statement)
        return failed(statement.error());
    const int columns = statement->columnCount();
    if (!setup.source.writable && (!statement->isReadOnly() || columns == 0))
        return ToolOutcome::failure(QStringLiteral("Only SELECT statements are run here."));

    QStringList names;
    for (int i = 0; i < columns; ++i)
        names += statement->columnName(i);
    SqlAnswer answer(names, setup.maxRows, setup.maxBytes);
    bool truncated = false;
    for (;;) {
        if (cancel.isCancelled())
            return Error::cancelled();
        const auto row = statement->step();
        if (!row)
            return failed(row.error());
        if (!*row)
            break;
        if (answer.isFull()) {
            truncated = true;
            // The rows of RETURNING are all made before the first is given: the change is whole.
            break;
        }
        QJsonArray cells;
        for (int i = 0; i < columns; ++i)
            cells.append(cellJson(statement->value(i)));
        answer.addRow(cells);
    }
    const bool wrote = !statement->isReadOnly();
    if (columns > 0)
        return answer.finish(truncated);
    const QString word = QString::fromUtf8(scanSql(sql.toUtf8(), SqlDialect::Sqlite).firstWord);
    static const QStringList counting{QStringLiteral("INSERT"), QStringLiteral("REPLACE"), QStringLiteral("UPDATE"), QStringLiteral("DELETE"),
                                      QStringLiteral("WITH")};
    return changedOutcome(wrote && counting.contains(word) ? db.changes() : -1, word);
}

Result<std::shared_ptr<Tool>> makeSqlTool(const QString &name, const ToolSpec &spec,
                                          const ToolEnvironment &environment)
{
    const QString dataset = spec.config.value(QLatin1String("dataset")).toString().trimmed();
    const QString file = spec.config.value(QLatin1String("path")).toString().trimmed();
    const QString kind =
        spec.config.value(QLatin1String("source")).toString(QStringLiteral("file"));
    if (kind == QLatin1String("postgres"))
        return makePostgresTool(name, spec, environment);
    const QString mode = spec.config.value(QLatin1String("mode")).toString(QStringLiteral("read"));
    if (mode != QLatin1String("read") && mode != QLatin1String("write"))
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 cannot use its source to \"%2\"; use read or write.").arg(name, mode.left(60)));
    SqlTool::Setup setup;
    SqlSource &source = setup.source;
    const auto tableName = [](const QString &of) {
        return toolNameForModel(of).replace(u'-', u'_');
    };
    if (kind == QLatin1String("dataset") && !dataset.isEmpty()) {
        if (!environment.dataset)
            return Error(
                ErrorKind::NotFound,
                QStringLiteral(
                    "The tool %1 queries the dataset %2, but no datasets are at hand here.")
                    .arg(name, dataset));
        auto found = environment.dataset(dataset);
        if (!found) {
            return Error(found.error().kind,
                         QStringLiteral("The tool %1 cannot query the dataset %2: %3")
                             .arg(name, dataset, found.error().message),
                         found.error().cause);
        }
        source.kind = SqlSource::Kind::Dataset;
        source.tableName = tableName(dataset.section(u'@', 0, 0));
        source.dataset = std::make_shared<const Dataset>(*std::move(found));
    } else if (kind == QLatin1String("file") && !file.isEmpty()) {
        const QFileInfo info(QDir(environment.projectFolder), file);
        source.path = info.absoluteFilePath();
        if (!info.exists()) {
            return Error(
                ErrorKind::NotFound,
                QStringLiteral(
                    "The tool %1 queries the file %2, which does not exist; choose another "
                    "in the tool's settings.")
                    .arg(name, source.path));
        }
        if (!info.isFile()) {
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("The tool %1 queries %2, which is no file; choose an SQLite or CSV "
                               "file in the tool's settings.")
                    .arg(name, source.path));
        }
        QFile opened(source.path);
        const QByteArray head = opened.open(QIODevice::ReadOnly) ? opened.read(100) : QByteArray();
        const bool sqlite = head.startsWith(QByteArray("SQLite format 3", 16));
        // A project keeps its runs' journals there: no model may edit what it did.
        if (mode == QLatin1String("write") && sqlite && head.mid(68, 4) == "LATH") {
            return Error(ErrorKind::InvalidInput,
                         QStringLiteral("The tool %1 may change data, but %2 is a project of Lathe, which can only be read.").arg(name, source.path));
        }
        source.kind = sqlite ? SqlSource::Kind::SqliteFile : SqlSource::Kind::CsvFile;
        source.tableName = tableName(info.completeBaseName());
    } else {
        return Error(
            ErrorKind::InvalidInput,
            QStringLiteral("The tool %1 has nothing to query; choose a dataset or an SQLite or CSV "
                           "file in its settings.")
                .arg(name));
    }
    source.writable = mode == QLatin1String("write");
    // Only a plain "true" is somebody's consent.
    source.exampleValues = spec.config.value(QLatin1String("example_values")).toBool();
    if (source.writable && source.kind != SqlSource::Kind::SqliteFile) {
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The tool %1 may change data, but a dataset or CSV file can only be read; set it to read, or use an SQLite file.")
                         .arg(name));
    }
    auto tables = source.describe();
    if (!tables) {
        return Error(tables.error().kind == ErrorKind::NotFound ? ErrorKind::NotFound
                                                                : ErrorKind::InvalidInput,
                     QStringLiteral("The tool %1 cannot query its source: %2")
                         .arg(name, tables.error().message),
                     tables.error().cause);
    }
    setup.name = name;
    setup.purpose = spec.purpose;
    setup.tables = *std::move(tables);
    setup.maxRows = std::clamp(spec.config.value(QLatin1String("max_rows")).toInt(100), 1, 10'000);
    setup.seconds = keptLimits(spec.limits).seconds;
    setup.maxBytes = keptLimits(spec.limits).maxBytes;
    setup.isIdempotent = spec.idempotent;
    return std::shared_ptr<Tool>(std::make_shared<SqlTool>(std::move(setup)));
}

} // namespace lathe
