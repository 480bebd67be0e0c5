// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// Collects the rows of a query for a model: a Markdown table and the same as data, bounded in rows and bytes.
class SqlAnswer
{
public:
    SqlAnswer(const QStringList &columns, int maxRows, qint64 maxBytes);
    bool isFull() const { return m_rows.size() >= m_maxRows || m_text.size() > m_maxBytes; }
    void addRow(const QJsonArray &cells); // texts are cut and cleaned here
    ToolOutcome finish(bool truncated) const;

private:
    int m_maxRows;
    qint64 m_maxBytes;
    QString m_text;
    QJsonArray m_columns, m_rows;
};

// "3 rows changed."; with the rows of RETURNING.
ToolOutcome changedOutcome(qint64 affected, const QString &command);

constexpr int maxSqlChars = 20'000;
// The argument {sql}.
QJsonObject sqlArguments(const QString &about);

} // namespace lathe
