// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/WorkerThread.h"

#include <QJsonArray>

namespace lathe {

// How to reach a database. Nothing of it is logged; the password appears in no error.
struct PostgresServer {
    QString host; // name, address, or the folder of a Unix socket
    int port = 5432;
    QString database, user, password;
    QString sslMode = QStringLiteral("prefer"); // as libpq names them
    int connectMs = 15'000;
    PostgresServer() = default;
};

// One statement that somebody else wrote.
struct PostgresQuery {
    QByteArray sql;
    std::vector<std::optional<QByteArray>> parameters; // $1, $2, ...: as text; nullopt: NULL
    bool mayWrite = false;
    int maxRows = 100;
    qint64 maxBytes = 1024 * 1024; // of the values of all rows together; at least one row is given, its values cut at 1 MB
    qint64 timeoutMs = 30'000;
    PostgresQuery() = default;
};

struct PostgresRows {
    QStringList columns;
    QJsonArray rows;        // of arrays: null, true and false, numbers that are exact as such, else text as the server writes it
    bool truncated = false; // there are more
    QString command;        // the server's word for what it did: "SELECT 3", "UPDATE 12"
    qint64 affected = -1;   // rows that were changed; -1: not of this kind
    PostgresRows() = default;
};

// One connection to a PostgreSQL server through libpq, made with the first query and again when it was lost, on a thread of its own. Queries
// run one after the other. All members on the main thread.
//
// A query runs in a transaction of its own. Without mayWrite the server is told to keep it read-only, only statements that read are
// sent at all (SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN), and it is rolled back. Statements go through the extended protocol,
// which takes one at a time. Roles that may do everything (superusers) are refused: to them read-only means nothing.
//
// Rows come one by one and are not asked for beyond the bounds; but libpq keeps each one whole, up to the protocol's 1 GB.
//
// Errors: Unreachable, Auth, InvalidInput (the server's words about the SQL), Denied (it would write), Timeout, Cancelled, Provider.
class PostgresClient
{
public:
    explicit PostgresClient(PostgresServer server);
    ~PostgresClient();
    Q_DISABLE_COPY_MOVE(PostgresClient)

    Task<Result<PostgresRows>> query(PostgresQuery query, CancelToken cancel);
    // Whether query() would send such a statement, as far as can be told without the server. Errors: InvalidInput, Denied.
    static Result<void> mayRun(const QByteArray &sql, bool mayWrite);

private:
    struct State;
    std::shared_ptr<State> m_state; // shared with queries under way
};

} // namespace lathe
