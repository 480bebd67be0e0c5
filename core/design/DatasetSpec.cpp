// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/DatasetSpec.h"

#include "core/base/Assert.h"
#include "core/base/Json.h"

namespace lathe {

QJsonObject Dataset::rowObject(int row) const
{
    LATHE_ASSERT(row >= 0 && size_t(row) < rows.size(), return {});
    const auto &values = rows[size_t(row)];
    QJsonObject object;
    for (qsizetype i = 0; i < columns.size() && size_t(i) < values.size(); ++i)
        object.insert(columns[i], values[size_t(i)]);
    return object;
}

QByteArray Dataset::rowsToJsonLines() const
{
    QByteArray lines;
    for (const auto &row : rows) {
        QJsonArray array;
        for (const QJsonValue &value : row)
            array.append(value);
        lines += json::compact(array);
        lines += '\n';
    }
    return lines;
}

Result<Dataset> Dataset::fromJsonLines(const QStringList &columns, const QByteArray &lines)
{
    Dataset dataset;
    dataset.columns = columns;
    qsizetype number = 0;
    for (qsizetype from = 0; from < lines.size();) {
        ++number;
        qsizetype end = lines.indexOf('\n', from);
        if (end < 0)
            end = lines.size();
        const QByteArrayView line = QByteArrayView(lines).sliced(from, end - from);
        from = end + 1;
        if (line.trimmed().isEmpty())
            continue;
        const auto value = json::parse(line);
        if (!value || !value->isArray() || value->toArray().size() != columns.size()) {
            return Error(
                ErrorKind::InvalidInput,
                QStringLiteral("Row %1 of the dataset is damaged: it must be a list of %2 values.")
                    .arg(number)
                    .arg(columns.size()),
                value ? QString() : value.error().message);
        }
        const QJsonArray array = value->toArray();
        dataset.rows.emplace_back(array.begin(), array.end());
    }
    return dataset;
}

} // namespace lathe
