// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tool/SqlAnswer.h"

#include "core/base/Json.h"
#include "core/tool/ToolSchema.h"
#include "core/tool/ToolText.h"

namespace lathe {

namespace {
constexpr qsizetype maxCellChars = 4000;

QString cellText(const QJsonValue &value)
{
    if (value.isNull())
        return QStringLiteral("NULL");
    if (!value.isString())
        return json::compactString(value);
    QString text = value.toString();
    text.replace(QLatin1String("\r\n"), QLatin1String(" ")).replace(u'\n', u' ').replace(u'\r', u' ');
    return text.replace(u'|', QLatin1String("\\|"));
}

QJsonValue boundedCell(const QJsonValue &value)
{
    if (!value.isString())
        return value;
    QString text = value.toString();
    if (text.size() > maxCellChars)
        text = text.left(maxCellChars) + QStringLiteral("… (%1 characters)").arg(text.size());
    return cleanText(text);
}
} // namespace

SqlAnswer::SqlAnswer(const QStringList &columns, int maxRows, qint64 maxBytes) : m_maxRows(maxRows), m_maxBytes(maxBytes)
{
    QStringList header, rule;
    for (const QString &column : columns) {
        m_columns.append(cleanText(column));
        header += cellText(m_columns.last());
        rule += QStringLiteral("---");
    }
    m_text = QStringLiteral("| %1 |\n| %2 |\n").arg(header.join(QStringLiteral(" | ")), rule.join(QStringLiteral(" | ")));
}

void SqlAnswer::addRow(const QJsonArray &cells)
{
    QJsonArray row;
    QStringList words;
    for (const QJsonValue &cell : cells) {
        row.append(boundedCell(cell));
        words += cellText(row.last());
    }
    m_text += QStringLiteral("| ") + words.join(QStringLiteral(" | ")) + QStringLiteral(" |\n");
    m_rows.append(row);
}

ToolOutcome SqlAnswer::finish(bool truncated) const
{
    ToolOutcome outcome;
    outcome.text = m_text;
    if (truncated)
        outcome.text += QStringLiteral("(the first %1 rows; there are more: aggregate, filter or use LIMIT and OFFSET)").arg(m_rows.size());
    else
        outcome.text += m_rows.size() == 1 ? QStringLiteral("(1 row)") : QStringLiteral("(%1 rows)").arg(m_rows.size());
    outcome.truncated = truncated;
    outcome.structured = QJsonObject{{QStringLiteral("columns"), m_columns}, {QStringLiteral("rows"), m_rows}, {QStringLiteral("truncated"), truncated}};
    return outcome;
}

ToolOutcome changedOutcome(qint64 affected, const QString &command)
{
    ToolOutcome outcome;
    if (affected >= 0) {
        outcome.text = affected == 1 ? QStringLiteral("1 row changed.") : QStringLiteral("%1 rows changed.").arg(affected);
        outcome.structured = QJsonObject{{QStringLiteral("affected"), affected}};
    } else {
        outcome.text = QStringLiteral("Done: %1.").arg(cleanText(command));
        outcome.structured = QJsonObject{{QStringLiteral("command"), cleanText(command)}};
    }
    return outcome;
}

QJsonObject sqlArguments(const QString &about)
{
    QJsonObject sql = schemaProperty("string", about);
    sql.insert(QStringLiteral("minLength"), 1);
    sql.insert(QStringLiteral("maxLength"), maxSqlChars);
    return objectSchema({{QStringLiteral("sql"), sql}}, {QStringLiteral("sql")});
}

} // namespace lathe
