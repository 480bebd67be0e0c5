// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/postgres/PostgresClient.h"

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

QByteArray firstSqlWord(QByteArrayView sql, bool nestedComments)
{
    qsizetype i = 0;
    const auto at = [&](qsizetype index) { return index < sql.size() ? sql[index] : '\0'; };
    while (i < sql.size()) {
        if (at(i) == '-' && at(i + 1) == '-') {
            while (i < sql.size() && at(i) != '\n' && at(i) != '\r')
                ++i;
        } else if (at(i) == '/' && at(i + 1) == '*') {
            int depth = 1;
            i += 2;
            while (i < sql.size() && depth > 0) {
                if (nestedComments && at(i) == '/' && at(i + 1) == '*') {
                    ++depth;
                    i += 2;
                } else if (at(i) == '*' && at(i + 1) == '/') {
                    --depth;
                    i += 2;
                } else {
                    ++i;
                }
            }
        } else if (at(i) == ' ' || (at(i) >= '\t' && at(i) <= '\r') || at(i) == '(') {
            ++i;
        } else {
            break;
        }
    }
    QByteArray word;
    while (i < sql.size() && word.size() < 32 && ((at(i) >= 'a' && at(i) <= 'z') || (at(i) >= 'A' && at(i) <= 'Z') || at(i) == '_'))
        word += sql[i++];
    return word.toUpper();
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
    if (query.sql.contains('\0'))
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The SQL cannot be run: it holds a NUL character."));
    const QByteArray word = firstSqlWord(query.sql);
    if (word.isEmpty())
        co_return Error(ErrorKind::InvalidInput, QStringLiteral("The SQL cannot be run: it holds no statement."));
    if (!isAllowed(word, query.mayWrite)) {
        co_return Error(ErrorKind::Denied,
                        query.mayWrite ? QStringLiteral("%1 is not allowed here; use SELECT, INSERT, UPDATE, DELETE, MERGE, CREATE, ALTER or DROP.")
                                             .arg(QString::fromLatin1(word))
                                       : QStringLiteral("%1 is not allowed here: only SELECT and other statements that read are.")
                                             .arg(QString::fromLatin1(word)));
    }
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
