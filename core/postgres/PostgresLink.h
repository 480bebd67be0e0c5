// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/postgres/PostgresClient.h"

#include <postgresql/libpq-fe.h>

#include <chrono>

namespace lathe {

// The connection and what is done over it, on the worker thread. Every wait ends with the deadline, with the token, or with `stopping`.
class PostgresLink
{
public:
    using Clock = std::chrono::steady_clock;
    struct Limits {
        Clock::time_point deadline;
        CancelToken cancel;
    };
    explicit PostgresLink(PostgresServer server);
    ~PostgresLink();
    Q_DISABLE_COPY_MOVE(PostgresLink)

    // Any thread: looks at its token again.
    void wake();
    void setStopping() { m_stopping = true; }

    Result<PostgresRows> run(const PostgresQuery &query, const CancelToken &cancel);

private:
    using ResultPtr = std::unique_ptr<PGresult, decltype(&PQclear)>;
    Result<void> connect(const Limits &limits);
    // Waits for the socket; an error says why it is over.
    Result<void> awaitSocket(short events, const Limits &limits);
    Result<void> command(const QByteArray &sql, const Limits &limits); // ours, without rows
    Result<PostgresRows> statement(const PostgresQuery &query, const Limits &limits);
    Result<ResultPtr> nextResult(const Limits &limits); // null: no more
    void addRow(const PGresult *result, const PostgresQuery &query, qint64 *bytes, PostgresRows *rows);
    void cancelQuery();
    void drop();
    bool isOver(const Limits &limits) const { return m_stopping || limits.cancel.isCancelled(); }
    Error resultError(const PGresult *result, const Limits &limits) const;
    Error connectionError(const QString &doing) const;
    QString cleaned(const char *text) const;

    PostgresServer m_server;
    PGconn *m_connection = nullptr;
    int m_wake = -1;
    std::shared_ptr<std::atomic<bool>> m_stopSent; // of the last query that was stopped; shared with the thread that asks for it
    std::atomic<bool> m_stopping{false};
};

} // namespace lathe
