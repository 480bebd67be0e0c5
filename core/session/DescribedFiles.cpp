// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/DescribedFiles.h"

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>

namespace lathe {

namespace {
constexpr qint64 restMs = 2000; // more than the coarsest times that file systems keep

// Bodies of tools stand at several depths: of agents, of teams' nodes, of agents that are tools.
void collectFiles(const QJsonValue &value, const QDir &folder, QStringList *files)
{
    if (value.isArray()) {
        const QJsonArray array = value.toArray();
        for (const QJsonValue &item : array)
            collectFiles(item, folder, files);
    }
    if (!value.isObject())
        return;
    const QJsonObject object = value.toObject();
    if (object.value(QLatin1String("type")).toString() == QLatin1String("sql")) {
        const QString path = object.value(QLatin1String("config"))[QLatin1String("path")].toString().trimmed();
        if (!path.isEmpty())
            files->append(QFileInfo(folder, path).absoluteFilePath());
    }
    for (const QJsonValue &item : object)
        collectFiles(item, folder, files);
}

// The time of the last change of whatever kind: nobody can set it back, and a file moved here has a new one.
qint64 changedMs(const QFileInfo &info)
{
    return info.metadataChangeTime().toMSecsSinceEpoch();
}
}

DescribedFiles::DescribedFiles(const QJsonObject &snapshot, const QString &folder, qint64 sinceMs)
{
    collectFiles(snapshot, QDir(folder), &m_files);
    m_files.removeDuplicates();
    const QStringList databases = m_files;
    for (const QString &file : databases)
        m_files.append(file + QStringLiteral("-wal")); // where SQLite keeps what is not yet in the file
    m_state = state();
    for (const QString &file : std::as_const(m_files)) {
        const QFileInfo info(file);
        m_settled = m_settled && (!info.exists() || changedMs(info) < sinceMs - restMs);
    }
}

bool DescribedFiles::areUnchanged() const
{
    return m_settled && state() == m_state;
}

QByteArray DescribedFiles::state() const
{
    QByteArray text;
    for (const QString &file : m_files) {
        const QFileInfo info(file);
        text += info.exists() ? QByteArray::number(changedMs(info)) + ' ' + QByteArray::number(info.size()) : QByteArray("none");
        text += '\n';
    }
    return text;
}

} // namespace lathe
