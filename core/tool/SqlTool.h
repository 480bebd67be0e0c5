// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/SqlSource.h"
#include "core/tool/Tool.h"

namespace lathe {

// SQL queries on an SQLite file, a CSV file or a dataset, read-only unless the source is writable. Queries run on a thread of the tool.
class SqlTool : public Tool
{
public:
    struct Setup {
        QString name;
        QString purpose;
        SqlSource source;
        std::vector<SqlTable> tables;
        int maxRows = 100;
        double seconds = 30;
        qint64 maxBytes = 256 * 1024;
        std::optional<bool> isIdempotent;
    };
    explicit SqlTool(Setup setup);
    ~SqlTool() override;
    QString name() const override;
    QString description() const override { return m_description; }
    qsizetype designedDescription() const override { return m_designed; }
    QJsonObject schema() const override;
    SideEffect sideEffect(const QJsonObject &arguments) const override;
    QString preview(const QJsonObject &arguments) const override;
    QString objection(const QJsonObject &arguments) const override;
    bool idempotent(const QJsonObject &) const override;
    Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) override;

private:
    struct State;
    static Result<ToolOutcome> query(State &state, const QString &sql, const CancelToken &cancel);
    static Task<Result<ToolOutcome>> run(std::shared_ptr<State> state, QString sql,
                                         CancelToken cancel);
    std::shared_ptr<State> m_state; // shared with calls under way
    QString m_description;
    qsizetype m_designed = 0;
};

// config: {source: "file" | "dataset" | "postgres", path: of an SQLite or CSV file, dataset: reference, mode?: "read" | "write",
// max_rows?, example_values?: true when the values of short text columns may be told to models}; of a server also what PostgresTool.h names. Errors: NotFound, InvalidInput.
Result<std::shared_ptr<Tool>> makeSqlTool(const QString &name, const ToolSpec &spec,
                                          const ToolEnvironment &environment);

} // namespace lathe
