// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/postgres/PostgresClient.h"
#include "core/tool/Tool.h"

namespace lathe {

// SQL on a PostgreSQL server, read-only unless told otherwise (core/postgres/PostgresClient.h).
class PostgresTool : public Tool
{
public:
    struct Setup {
        QString name;
        QString purpose;
        PostgresServer server;  // without the password
        QString passwordSecret; // name; empty: none
        QString tables;         // what the model is told of them
        bool mayWrite = false;
        int maxRows = 100;
        double seconds = 30;
        qint64 maxBytes = 256 * 1024;
        std::optional<bool> isIdempotent;
        std::function<QString(const QString &)> secret;
    };
    explicit PostgresTool(Setup setup);
    QString name() const override;
    QString description() const override;
    QJsonObject schema() const override;
    SideEffect sideEffect(const QJsonObject &arguments) const override;
    bool idempotent(const QJsonObject &arguments) const override;
    QString preview(const QJsonObject &arguments) const override;
    QString objection(const QJsonObject &arguments) const override;
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;
    // Tables and columns that the role can read, one table a line, at most about `maxChars` characters, for config.tables. Errors as of
    // PostgresClient.
    Task<Result<QString>> describeTables(int maxChars, CancelToken cancel);

private:
    struct State;
    static Task<Result<ToolOutcome>> run(std::shared_ptr<State> state, QString sql, CancelToken cancel);
    static Task<Result<QString>> tables(std::shared_ptr<State> state, int maxChars, CancelToken cancel);
    std::shared_ptr<State> m_state; // shared with calls under way
};

// config: {source: "postgres", host, port?, database, user?, password?: "{{secret:NAME}}", sslmode?, tables?, mode?, max_rows?}. Reaches
// nobody. Errors: InvalidInput.
Result<std::shared_ptr<Tool>> makePostgresTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);

// Asks the server of such a configuration for its tables, to be kept in config.tables.
Task<Result<QString>> describePostgresTables(ToolSpec spec, ToolEnvironment environment, CancelToken cancel);

} // namespace lathe
