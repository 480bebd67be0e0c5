// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/DatasetRows.h"

#include "core/base/Json.h"
#include "ui/itemmodels/InPool.h"

#include <QFile>
#include <QFileInfo>

namespace lathe {

namespace {
constexpr size_t inlineRows = 2000; // fewer are written out at once
constexpr qint64 mostBytes = 512 * 1024 * 1024;

QString suffixOf(const QString &path)
{
    return QFileInfo(path).suffix().toLower();
}

Result<ImportedRows> readFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::InvalidInput, QObject::tr("%1 could not be read: %2.").arg(QFileInfo(path).fileName(), file.errorString()));
    if (file.size() > mostBytes)
        return Error(ErrorKind::InvalidInput,
                     QObject::tr("%1 has more than 512 MB; split it, or import a part of it.").arg(QFileInfo(path).fileName()));
    const QByteArray bytes = file.readAll();
    ImportedRows rows;
    rows.path = path;
    const QString suffix = suffixOf(path);
    const bool json = suffix == QLatin1String("json") || suffix == QLatin1String("jsonl") || suffix == QLatin1String("ndjson");
    auto dataset = json ? Dataset::importJson(bytes, &rows.problems) : Dataset::importCsv(bytes, &rows.problems);
    if (!dataset)
        return Error(dataset.error().kind, QFileInfo(path).fileName() + QStringLiteral(": ") + dataset.error().message, dataset.error().cause);
    rows.dataset = std::move(*dataset);
    return rows;
}
}

QString rowFileFilter()
{
    return QObject::tr("Data (*.csv *.tsv *.jsonl *.ndjson *.json);;All files (*)");
}

bool looksLikeRows(const QString &path)
{
    static const QStringList known{QStringLiteral("csv"), QStringLiteral("tsv"), QStringLiteral("txt"), QStringLiteral("json"), QStringLiteral("jsonl"), QStringLiteral("ndjson")};
    return known.contains(suffixOf(path));
}

Task<Result<ImportedRows>> readRows(QString path)
{
    const auto work = [path] { return readFile(path); };
    auto rows = co_await inPool(work);
    co_return rows;
}

Task<Result<QString>> putRows(Session *session, ArtifactId id, Dataset dataset, QString what)
{
    const QPointer<Session> alive(session);
    const QJsonArray columns = json::fromStringList(dataset.columns);
    const int count = int(dataset.rows.size());
    QByteArray bytes;
    if (dataset.rows.size() <= inlineRows) {
        bytes = dataset.rowsToJsonLines();
    } else {
        const auto shared = std::make_shared<const Dataset>(std::move(dataset));
        const auto work = [shared] { return shared->rowsToJsonLines(); };
        bytes = co_await inPool(work);
        if (!alive)
            co_return Error::cancelled();
    }
    const auto hash = co_await session->project().putBlob(bytes);
    if (!alive)
        co_return Error::cancelled();
    if (!hash)
        co_return hash.error();
    const QString blob = QString::fromLatin1(*hash);
    BodyChanges changes;
    changes.push_back(BodyChange{QStringLiteral("/columns"), columns});
    changes.push_back(BodyChange{QStringLiteral("/row_count"), count});
    changes.push_back(BodyChange{QStringLiteral("/rows_blob"), blob});
    const auto edited = session->edit(id, changes, what);
    if (!edited)
        co_return edited.error();
    co_return blob;
}

Task<Result<QString>> addRow(Session *session, ArtifactId id, QJsonObject row, QString what)
{
    const auto info = session->project().artifacts().info(id);
    if (!info)
        co_return info.error();
    auto dataset = session->dataset(info->name + QStringLiteral("@draft"));
    if (!dataset)
        co_return dataset.error();
    for (auto it = row.begin(); it != row.end(); ++it) {
        if (!dataset->columns.contains(it.key())) {
            dataset->columns.append(it.key());
            for (auto &one : dataset->rows)
                one.push_back(QJsonValue(QString()));
        }
    }
    std::vector<QJsonValue> values;
    for (const QString &column : std::as_const(dataset->columns))
        values.push_back(row.contains(column) ? row.value(column) : QJsonValue(QString()));
    dataset->rows.push_back(std::move(values));
    auto put = co_await putRows(session, id, std::move(*dataset), what);
    co_return put;
}

} // namespace lathe
