// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/PostgresTool.h"

#include "core/base/SqlScan.h"
#include "core/design/ToolPolicyRules.h"
#include "core/tool/SqlAnswer.h"
#include "core/tool/ToolSchema.h"
#include "core/tool/ToolText.h"

#include <QRegularExpression>

namespace lathe {

namespace {
constexpr int maxTableChars = 12'000;

const char *const tablesQuery =
    "SELECT n.nspname, c.relname, c.reltuples::bigint, "
    "string_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
    "AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') "
    "GROUP BY n.nspname, c.relname, c.reltuples ORDER BY n.nspname <> 'public', n.nspname, c.relname";

QString plainName(const QString &name)
{
    bool plain = !name.isEmpty() && !name.at(0).isDigit();
    for (const QChar c : name)
        plain = plain && (c == u'_' || c.isDigit() || (c >= u'a' && c <= u'z'));
    return plain ? name : u'"' + QString(name).replace(u'"', QStringLiteral("\"\"")) + u'"';
}
} // namespace

struct PostgresTool::State {
    Setup setup;
    std::unique_ptr<PostgresClient> client; // made with the first call: the password is asked for then

    Result<PostgresClient *> reach()
    {
        if (client)
            return client.get();
        PostgresServer server = setup.server;
        if (!setup.passwordSecret.isEmpty()) {
            const auto password = storedSecret(setup.name, setup.passwordSecret, setup.secret);
            if (!password)
                return password.error();
            server.password = *password;
        }
        client = std::make_unique<PostgresClient>(std::move(server));
        return client.get();
    }
};

PostgresTool::PostgresTool(Setup setup) : m_state(std::make_shared<State>())
{
    m_state->setup = std::move(setup);
}

QString PostgresTool::name() const
{
    return m_state->setup.name;
}

QString PostgresTool::description() const
{
    const Setup &setup = m_state->setup;
    QString text = setup.mayWrite
                       ? QStringLiteral("Runs one PostgreSQL statement, which may change data; returns at most %1 rows.").arg(setup.maxRows)
                       : QStringLiteral("Runs one read-only PostgreSQL SELECT and returns at most %1 rows; count and group in SQL.").arg(setup.maxRows);
    text += setup.tables.isEmpty() ? QStringLiteral(" Find tables and columns in information_schema.columns.")
                                   : QStringLiteral(" Tables:\n") + setup.tables;
    return cleanText(joinedSentences(setup.purpose, text));
}

QJsonObject PostgresTool::schema() const
{
    return sqlArguments(m_state->setup.mayWrite ? QStringLiteral("One PostgreSQL statement.") : QStringLiteral("One PostgreSQL SELECT statement."));
}

SideEffect PostgresTool::sideEffect(const QJsonObject &arguments) const
{
    if (!m_state->setup.mayWrite)
        return SideEffect::Read;
    // SELECT, VALUES and TABLE ... UNION may call functions that write.
    const QByteArray sql = arguments.value(QLatin1String("sql")).toString().toUtf8();
    return scanSql(sql, SqlDialect::Postgres).firstWord == "SHOW" ? SideEffect::Read : SideEffect::Write;
}

bool PostgresTool::idempotent(const QJsonObject &arguments) const
{
    return m_state->setup.isIdempotent.value_or(sideEffect(arguments) == SideEffect::Read);
}

QString PostgresTool::preview(const QJsonObject &arguments) const
{
    return m_state->setup.mayWrite ? cleanText(arguments.value(QLatin1String("sql")).toString()) : QString();
}

QString PostgresTool::objection(const QJsonObject &arguments) const
{
    const auto may = PostgresClient::mayRun(arguments.value(QLatin1String("sql")).toString().toUtf8(), m_state->setup.mayWrite);
    return may ? QString() : may.error().message;
}

Task<Result<ToolOutcome>> PostgresTool::call(QJsonObject arguments, CancelToken cancel)
{
    return run(m_state, arguments.value(QLatin1String("sql")).toString(), std::move(cancel));
}

Task<Result<ToolOutcome>> PostgresTool::run(std::shared_ptr<State> state, QString sql, CancelToken cancel)
{
    const Setup &setup = state->setup;
    if (sql.size() > maxSqlChars)
        co_return ToolOutcome::failure(QStringLiteral("The SQL is longer than %1 characters.").arg(maxSqlChars));
    const auto client = state->reach();
    if (!client)
        co_return ToolOutcome::failure(client.error().message);
    PostgresQuery query;
    query.sql = sql.toUtf8();
    query.mayWrite = setup.mayWrite;
    query.maxRows = setup.maxRows;
    query.maxBytes = setup.maxBytes;
    query.timeoutMs = std::clamp<qint64>(qint64(setup.seconds * 1000), 1, 3'600'000);
    const auto rows = co_await (*client)->query(std::move(query), cancel);
    if (!rows) {
        const Error &error = rows.error();
        if (error.kind == ErrorKind::Cancelled)
            co_return error;
        QString text = error.message;
        if (error.kind == ErrorKind::InvalidInput && !setup.tables.isEmpty() && text.contains(QLatin1String("does not exist")))
            text += QStringLiteral(" The tables are:\n") + setup.tables.left(2000);
        ToolOutcome outcome = ToolOutcome::failure(cleanText(text));
        outcome.transient = error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
        co_return outcome;
    }
    if (rows->columns.isEmpty())
        co_return changedOutcome(rows->affected, rows->command);
    SqlAnswer answer(rows->columns, setup.maxRows, setup.maxBytes);
    bool cut = rows->truncated;
    for (const QJsonValue &row : rows->rows) {
        if (answer.isFull()) {
            cut = true;
            break;
        }
        answer.addRow(row.toArray());
    }
    co_return answer.finish(cut);
}

Task<Result<QString>> PostgresTool::tables(std::shared_ptr<State> state, int maxChars, CancelToken cancel)
{
    const auto client = state->reach();
    if (!client)
        co_return client.error();
    PostgresQuery query;
    query.sql = tablesQuery;
    query.maxRows = 1000;
    query.maxBytes = qint64(maxChars) * 4;
    const auto rows = co_await (*client)->query(std::move(query), cancel);
    if (!rows)
        co_return rows.error();
    QString text;
    for (const QJsonValue &row : rows->rows) {
        const QJsonArray cells = row.toArray();
        QString line = cells.at(0).toString() == QLatin1String("public") ? QString() : plainName(cells.at(0).toString()) + u'.';
        line += plainName(cells.at(1).toString());
        if (cells.at(2).toInteger(-1) > 0)
            line += QStringLiteral(" (about %1 rows)").arg(cells.at(2).toInteger());
        line += QStringLiteral(": ") + cells.at(3).toString().simplified() + u'\n';
        if (text.size() + line.size() > maxChars) {
            text += QStringLiteral("… (more: query information_schema.columns)\n");
            break;
        }
        text += line;
    }
    co_return cleanText(text);
}

Task<Result<QString>> PostgresTool::describeTables(int maxChars, CancelToken cancel)
{
    return tables(m_state, maxChars, std::move(cancel));
}

Result<std::shared_ptr<Tool>> makePostgresTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment)
{
    const QJsonObject &config = spec.config;
    const auto text = [&](const char *key) { return config.value(QLatin1String(key)).toString().trimmed(); };
    const auto invalid = [&](const QString &what) {
        return Error(ErrorKind::InvalidInput, QStringLiteral("The tool %1 cannot reach its database: %2").arg(name, what));
    };
    PostgresTool::Setup setup;
    setup.name = name;
    setup.purpose = spec.purpose;
    setup.secret = environment.secret;
    PostgresServer &server = setup.server;
    server.host = text("host");
    server.port = int(std::clamp<qint64>(config.value(QLatin1String("port")).toInteger(5432), 1, 65535));
    server.database = text("database");
    server.user = text("user");
    if (server.host.isEmpty() || server.database.isEmpty())
        return invalid(QStringLiteral("server or database are not named; write them in the tool's settings."));
    if (const QString ssl = text("sslmode"); !ssl.isEmpty())
        server.sslMode = ssl;
    static const QStringList modes{QStringLiteral("disable"), QStringLiteral("allow"),     QStringLiteral("prefer"),
                                   QStringLiteral("require"), QStringLiteral("verify-ca"), QStringLiteral("verify-full")};
    if (!modes.contains(server.sslMode))
        return invalid(QStringLiteral("\"%1\" is no way to encrypt; use %2.").arg(server.sslMode.left(60), modes.join(QStringLiteral(", "))));
    static const QRegularExpression reference(QStringLiteral("\\A\\{\\{\\s*secret:([^{}]{1,200}?)\\s*\\}\\}\\z"));
    if (const QString password = text("password"); !password.isEmpty()) {
        const auto match = reference.match(password);
        if (!match.hasMatch())
            return invalid(QStringLiteral("its password stands in the settings; put it into the keychain and write {{secret:NAME}} there."));
        setup.passwordSecret = match.captured(1);
    }
    const QString mode = config.value(QLatin1String("mode")).toString(QStringLiteral("read"));
    if (mode != QLatin1String("read") && mode != QLatin1String("write"))
        return invalid(QStringLiteral("\"%1\" is no way to use it; use read or write.").arg(mode.left(60)));
    setup.mayWrite = mode == QLatin1String("write");
    setup.tables = text("tables").left(maxTableChars);
    setup.maxRows = std::clamp(config.value(QLatin1String("max_rows")).toInt(100), 1, 10'000);
    setup.seconds = keptLimits(spec.limits).seconds;
    setup.maxBytes = keptLimits(spec.limits).maxBytes;
    setup.isIdempotent = spec.idempotent;
    return std::shared_ptr<Tool>(std::make_shared<PostgresTool>(std::move(setup)));
}

Task<Result<QString>> describePostgresTables(ToolSpec spec, ToolEnvironment environment, CancelToken cancel)
{
    const auto made = makePostgresTool(QStringLiteral("database"), spec, environment);
    if (!made)
        co_return made.error();
    const auto tool = std::static_pointer_cast<PostgresTool>(*made);
    auto text = co_await tool->describeTables(maxTableChars, cancel);
    co_return text;
}

} // namespace lathe
