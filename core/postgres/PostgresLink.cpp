// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/postgres/PostgresLink.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace lathe {

namespace {
constexpr int maxCellBytes = 1024 * 1024; // more is cut
constexpr auto drainTime = std::chrono::seconds(5);

// Numbers of types in pg_type, which never change.
enum TypeId : Oid { boolType = 16, byteaType = 17, int8Type = 20, int2Type = 21, int4Type = 23, oidType = 26, float4Type = 700, float8Type = 701 };

QJsonValue cell(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column))
        return QJsonValue::Null;
    const char *text = PQgetvalue(result, row, column);
    const int length = PQgetlength(result, row, column);
    switch (PQftype(result, column)) {
    case boolType:
        return *text == 't';
    case int2Type:
    case int4Type:
    case oidType:
        return qint64(std::strtoll(text, nullptr, 10));
    case int8Type: {
        const qint64 number = std::strtoll(text, nullptr, 10);
        if (std::llabs(number) <= 9007199254740992LL) // JSON numbers are doubles
            return number;
        break;
    }
    case float4Type:
    case float8Type: {
        bool ok = false;
        const double number = QByteArray(text).toDouble(&ok);
        if (ok && std::isfinite(number))
            return number;
        break;
    }
    case byteaType: // "\x6162"
        return QStringLiteral("<%1 bytes of binary data>").arg(std::max(0, length - 2) / 2);
    default:
        break;
    }
    return QString::fromUtf8(text, std::min(length, maxCellBytes));
}
} // namespace

PostgresLink::PostgresLink(PostgresServer server) : m_server(std::move(server)), m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

PostgresLink::~PostgresLink()
{
    drop();
    if (m_wake >= 0)
        ::close(m_wake);
}

void PostgresLink::wake()
{
    ::eventfd_write(m_wake, 1);
}

void PostgresLink::drop()
{
    if (m_connection)
        PQfinish(m_connection);
    m_connection = nullptr;
}

// libpq's words without line ends, and never with the password.
QString PostgresLink::cleaned(const char *text) const
{
    QString words = QString::fromUtf8(text ? text : "").simplified();
    if (m_server.password.size() >= 4)
        words.replace(m_server.password, QStringLiteral("[password]"));
    return words.left(1000);
}

Error PostgresLink::connectionError(const QString &doing) const
{
    const QString words = m_connection ? cleaned(PQerrorMessage(m_connection)) : QString();
    const bool auth = words.contains(QLatin1String("authentication failed")) || words.contains(QLatin1String("no password supplied"))
                      || words.contains(QLatin1String("role \"")) || words.contains(QLatin1String("pg_hba.conf"));
    return Error(auth ? ErrorKind::Auth : ErrorKind::Unreachable,
                 QStringLiteral("The PostgreSQL server at %1:%2 %3: %4").arg(m_server.host).arg(m_server.port).arg(doing, words));
}

Result<void> PostgresLink::awaitSocket(short events, const Limits &limits)
{
    for (;;) {
        if (isOver(limits))
            return Error::cancelled();
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limits.deadline - Clock::now()).count();
        if (left <= 0)
            return Error(ErrorKind::Timeout, QStringLiteral("The PostgreSQL server at %1:%2 did not answer in time.").arg(m_server.host).arg(m_server.port));
        pollfd fds[2]{{PQsocket(m_connection), events, 0}, {m_wake, POLLIN, 0}};
        const int ready = ::poll(fds, 2, int(std::min<qint64>(left + 1, 60'000)));
        if (ready < 0 && errno != EINTR)
            return Error(ErrorKind::Internal, QStringLiteral("The connection to the PostgreSQL server cannot be watched."), QString::fromLocal8Bit(strerror(errno)));
        if (fds[1].revents) {
            eventfd_t count = 0;
            ::eventfd_read(m_wake, &count);
        }
        if (ready > 0 && fds[0].revents)
            return {};
    }
}

Result<void> PostgresLink::connect(const Limits &limits)
{
    if (m_connection && PQstatus(m_connection) == CONNECTION_OK)
        return {};
    drop();
    const QByteArray host = m_server.host.toUtf8(), port = QByteArray::number(m_server.port), database = m_server.database.toUtf8(),
                     user = m_server.user.toUtf8(), ssl = m_server.sslMode.toUtf8();
    // Without one of its own libpq would take a password from our environment or home and offer it to this server.
    const QByteArray password = m_server.password.isEmpty() ? QByteArray("-") : m_server.password.toUtf8();
    std::vector<const char *> keys, values;
    const auto set = [&](const char *key, const char *value) {
        keys.push_back(key);
        values.push_back(value);
    };
    set("host", host.constData());
    set("port", port.constData());
    set("dbname", database.constData()); // expand_dbname is off: a name, never a connection string
    if (!user.isEmpty())
        set("user", user.constData());
    set("password", password.constData());
    set("sslmode", ssl.constData());
    set("gssencmode", "disable");
    set("client_encoding", "UTF8");
    set("application_name", "Lathe");
    set("options", "-c DateStyle=ISO -c standard_conforming_strings=on"); // the second: what scanSql() takes for a text is one
    keys.push_back(nullptr);
    values.push_back(nullptr);
    Limits mine = limits;
    mine.deadline = std::min(limits.deadline, Clock::now() + std::chrono::milliseconds(m_server.connectMs));
    m_connection = PQconnectStartParams(keys.data(), values.data(), 0);
    if (!m_connection)
        return Error(ErrorKind::Internal, QStringLiteral("There is not enough memory to connect to the PostgreSQL server."));
    PQsetNoticeProcessor(m_connection, [](void *, const char *) {}, nullptr);
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (PQstatus(m_connection) != CONNECTION_BAD && status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        auto waited = awaitSocket(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, mine);
        if (!waited) {
            drop();
            if (waited.error().kind == ErrorKind::Timeout)
                waited.error().kind = ErrorKind::Unreachable;
            return waited;
        }
        status = PQconnectPoll(m_connection);
    }
    if (PQstatus(m_connection) != CONNECTION_OK) {
        const Error error = connectionError(QStringLiteral("cannot be reached or refuses the login"));
        drop();
        return error;
    }
    PQsetnonblocking(m_connection, 1);
    const char *super = PQparameterStatus(m_connection, "is_superuser");
    if (super && strcmp(super, "on") == 0) {
        drop();
        return Error(ErrorKind::Denied,
                     QStringLiteral("The role \"%1\" is a superuser of the PostgreSQL server, whom nothing keeps from files and programs of the server; "
                                    "use a role that may do no more than this tool needs.")
                         .arg(m_server.user));
    }
    return {};
}

Result<PostgresLink::ResultPtr> PostgresLink::nextResult(const Limits &limits)
{
    for (;;) {
        const int unsent = PQflush(m_connection);
        if (unsent < 0)
            return connectionError(QStringLiteral("was lost"));
        if (!PQisBusy(m_connection))
            return ResultPtr(PQgetResult(m_connection), &PQclear);
        if (auto waited = awaitSocket(short(POLLIN | (unsent ? POLLOUT : 0)), limits); !waited)
            return waited.error();
        if (!PQconsumeInput(m_connection))
            return connectionError(QStringLiteral("was lost"));
    }
}

Error PostgresLink::resultError(const PGresult *result, const Limits &limits) const
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const QByteArray code(state ? state : "");
    if (isOver(limits))
        return Error::cancelled();
    QString words = cleaned(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    if (words.isEmpty())
        words = cleaned(PQresultErrorMessage(result));
    for (const int field : {PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT}) {
        if (const char *more = PQresultErrorField(result, field))
            words += u' ' + cleaned(more);
    }
    if (const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION))
        words += QStringLiteral(" (at character %1)").arg(QLatin1String(position));
    ErrorKind kind = ErrorKind::Provider;
    if (code.startsWith("25") || code == "42501")
        kind = ErrorKind::Denied;
    else if (code == "57014")
        kind = ErrorKind::Timeout;
    else if (code.startsWith("42") || code.startsWith("22") || code.startsWith("23"))
        kind = ErrorKind::InvalidInput;
    else if (code.startsWith("08") || code.startsWith("57P"))
        kind = ErrorKind::Unreachable;
    return Error(kind, QStringLiteral("The server says: %1").arg(words), QString::fromLatin1(code));
}

Result<void> PostgresLink::command(const QByteArray &sql, const Limits &limits)
{
    if (!PQsendQuery(m_connection, sql.constData()))
        return connectionError(QStringLiteral("was lost"));
    std::optional<Error> failed;
    for (;;) {
        auto result = nextResult(limits);
        if (!result)
            return result.error();
        if (!*result)
            break;
        const ExecStatusType status = PQresultStatus(result->get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !failed)
            failed = resultError(result->get(), limits);
    }
    if (failed)
        return *failed;
    return {};
}

void PostgresLink::addRow(const PGresult *result, const PostgresQuery &query, qint64 *bytes, PostgresRows *rows)
{
    const int columns = PQnfields(result);
    for (int row = 0; row < PQntuples(result); ++row) {
        qint64 size = 0;
        for (int i = 0; i < columns; ++i)
            size += std::min(PQgetlength(result, row, i), maxCellBytes);
        if (rows->rows.size() >= query.maxRows || (!rows->rows.isEmpty() && *bytes + size > query.maxBytes)) {
            rows->truncated = true;
            return;
        }
        *bytes += size;
        QJsonArray cells;
        for (int i = 0; i < columns; ++i)
            cells.append(cell(result, row, i));
        rows->rows.append(cells);
    }
}

Result<PostgresRows> PostgresLink::statement(const PostgresQuery &query, const Limits &limits)
{
    std::vector<const char *> values;
    for (const auto &parameter : query.parameters)
        values.push_back(parameter ? parameter->constData() : nullptr);
    if (!PQsendQueryParams(m_connection, query.sql.constData(), int(values.size()), nullptr, values.data(), nullptr, nullptr, 0))
        return connectionError(QStringLiteral("was lost"));
    PQsetSingleRowMode(m_connection);
    PostgresRows rows;
    qint64 bytes = 0;
    std::optional<Error> failed;
    Limits draining = limits;
    const bool stops = !query.mayWrite; // what is stopped is undone as a whole: of a change only its rows are left out
    for (;;) {
        auto result = nextResult(draining);
        if (!result) {
            if (stops && rows.truncated && result.error().kind == ErrorKind::Timeout)
                drop(); // it would not be stopped; what came is good
            else
                return result.error();
            break;
        }
        if (!*result)
            break;
        const PGresult *got = result->get();
        switch (PQresultStatus(got)) {
        case PGRES_SINGLE_TUPLE:
        case PGRES_TUPLES_OK:
            if (rows.columns.isEmpty()) {
                for (int i = 0; i < PQnfields(got); ++i)
                    rows.columns += QString::fromUtf8(PQfname(got, i));
            }
            if (!rows.truncated) {
                addRow(got, query, &bytes, &rows);
                if (rows.truncated && stops) {
                    cancelQuery();
                    draining.deadline = Clock::now() + drainTime;
                }
            }
            [[fallthrough]];
        case PGRES_COMMAND_OK:
            rows.command = QString::fromUtf8(PQcmdStatus(const_cast<PGresult *>(got)));
            break;
        case PGRES_EMPTY_QUERY:
            failed = Error(ErrorKind::InvalidInput, QStringLiteral("The SQL holds no statement."));
            break;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
            drop(); // PostgresClient::mayRun() lets no COPY through
            return Error(ErrorKind::Denied, QStringLiteral("COPY is not allowed here."));
        default:
            if (!failed && !(stops && rows.truncated))
                failed = resultError(got, limits);
            break;
        }
    }
    if (failed)
        return *failed;
    const QString verb = rows.command.section(u' ', 0, 0);
    static const QStringList changing{QStringLiteral("INSERT"), QStringLiteral("UPDATE"), QStringLiteral("DELETE"), QStringLiteral("MERGE")};
    if (changing.contains(verb))
        rows.affected = rows.command.section(u' ', -1).toLongLong();
    return rows;
}

// A request to stop goes over a connection of its own, which libpq makes without any time-out: on a thread that may take its time.
void PostgresLink::cancelQuery()
{
    PGcancel *cancel = m_connection ? PQgetCancel(m_connection) : nullptr;
    if (!cancel)
        return;
    m_stopSent = std::make_shared<std::atomic<bool>>(false);
    std::thread([cancel, sent = m_stopSent] {
        char words[256];
        PQcancel(cancel, words, sizeof words); // back when the server has done it
        PQfreeCancel(cancel);
        *sent = true;
    }).detach();
}

Result<PostgresRows> PostgresLink::run(const PostgresQuery &query, const CancelToken &cancel)
{
    Limits limits{Clock::now() + std::chrono::milliseconds(query.timeoutMs), cancel};
    // A request to stop the query before that is still under way would stop this one.
    if (const auto sent = std::exchange(m_stopSent, nullptr); sent && !*sent)
        drop();
    if (auto connected = connect(limits); !connected)
        return connected.error();
    const QByteArray timeout = QByteArray::number(std::clamp<qint64>(query.timeoutMs, 1, 24 * 3600 * 1000LL));
    const QByteArray begin = QByteArray("BEGIN ") + (query.mayWrite ? "READ WRITE" : "READ ONLY") + "; SET LOCAL statement_timeout = " + timeout
                             + "; SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL lock_timeout = '10s'";
    auto begun = command(begin, limits);
    if (!begun && begun.error().kind == ErrorKind::Unreachable) {
        // An idle connection that the server closed meanwhile; nothing was done over it yet.
        drop();
        if (auto connected = connect(limits); !connected)
            return connected.error();
        begun = command(begin, limits);
    }
    if (!begun) {
        drop();
        return begun.error();
    }
    // The server's own time-out should be heard before ours.
    Limits running = limits;
    running.deadline += std::chrono::seconds(2);
    Result<PostgresRows> rows = statement(query, running);
    if (!m_connection)
        return rows;
    if (!rows && (PQtransactionStatus(m_connection) == PQTRANS_ACTIVE || PQstatus(m_connection) != CONNECTION_OK)) {
        cancelQuery(); // the server stops and rolls back; nobody waits for it
        drop();
        return rows;
    }
    Limits ending{Clock::now() + drainTime, CancelToken()};
    const bool commit = query.mayWrite && rows.ok();
    // A session's locks outlive a transaction.
    const auto ended = command(commit ? "COMMIT" : "ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all()", ending);
    if (!ended) {
        drop();
        if (commit) {
            return Error(ended.error().kind == ErrorKind::Timeout ? ErrorKind::Unreachable : ended.error().kind,
                         QStringLiteral("Whether the change was made is not known. %1").arg(ended.error().message), ended.error().cause);
        }
    }
    return rows;
}

} // namespace lathe
