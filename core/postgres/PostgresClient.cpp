// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/postgres/PostgresClient.h"

#include "core/base/SqlScan.h"
#include "core/postgres/PostgresLink.h"

namespace lathe {

namespace {
bool isAllowed(const QByteArray &word, bool mayWrite)
{
    static const QList<QByteArray> reading{"SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN"};
    static const QList<QByteArray> writing{"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "COMMENT", "ANALYZE", "REFRESH"};
    return reading.contains(word) || (mayWrite && writing.contains(word));
}
} // namespace

Result<void> PostgresClient::mayRun(const QByteArray &sql, bool mayWrite)
{
    if (sql.contains('\0'))
        return Error(ErrorKind::InvalidInput, QStringLiteral("The SQL cannot be run: it holds a NUL character."));
    const SqlScan scan = scanSql(sql, SqlDialect::Postgres);
    if (scan.statements == 0)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The SQL cannot be run: it holds no statement."));
    if (scan.statements > 1)
        return Error(ErrorKind::InvalidInput, QStringLiteral("The SQL cannot be run: it holds more than one statement; send them one by one."));
    if (!isAllowed(scan.firstWord, mayWrite)) {
        const QString word = scan.firstWord.isEmpty() ? QStringLiteral("What does not begin with a word") : QString::fromUtf8(scan.firstWord);
        return Error(ErrorKind::Denied,
                     mayWrite ? QStringLiteral("%1 is not allowed here; use SELECT, INSERT, UPDATE, DELETE, MERGE, CREATE, ALTER or DROP.").arg(word)
                              : QStringLiteral("%1 is not allowed here: only SELECT and other statements that read are.").arg(word));
    }
    return {};
}

struct PostgresClient::State {
    explicit State(PostgresServer server) : link(std::move(server))
    {
        thread.setInterrupt([this] {
            link.setStopping();
            link.wake();
        });
    }
    PostgresLink link;
    WorkerThread thread; // joined before the link goes
};

PostgresClient::PostgresClient(PostgresServer server) : m_state(std::make_shared<State>(std::move(server))) {}

PostgresClient::~PostgresClient() = default;

namespace {
template<typename State>
Task<Result<PostgresRows>> runQuery(std::shared_ptr<State> state, PostgresQuery query, CancelToken cancel)
{
    if (const auto may = PostgresClient::mayRun(query.sql, query.mayWrite); !may)
        co_return may.error();
    const auto registration = cancel.onCancelled([weak = std::weak_ptr(state)] {
        if (const auto alive = weak.lock())
            alive->link.wake();
    });
    std::function<Result<PostgresRows>(const CancelToken &)> work = [raw = state.get(), query](const CancelToken &token) {
        return raw->link.run(query, token);
    };
    auto rows = co_await runOnWorker<PostgresRows>(&state->thread, std::move(work), cancel);
    co_return rows;
}
} // namespace

Task<Result<PostgresRows>> PostgresClient::query(PostgresQuery query, CancelToken cancel)
{
    return runQuery(m_state, std::move(query), std::move(cancel));
}

} // namespace lathe
