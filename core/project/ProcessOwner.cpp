// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/ProcessOwner.h"

#include <QCoreApplication>
#include <QFile>
#include <QStringList>

#include <cerrno>
#include <csignal>

namespace lathe {

namespace {
QByteArray readSmall(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(4096) : QByteArray();
}

// Field 22 of /proc/PID/stat; the name in field 2 may hold spaces and brackets. Empty without /proc.
QString startTime(qint64 pid)
{
    const QByteArray stat = readSmall(QStringLiteral("/proc/%1/stat").arg(pid));
    const QByteArrayList fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie runs nothing any more.
    if (fields.size() < 20 || fields[0] == "Z")
        return {};
    return QString::fromLatin1(fields[19]);
}

QString bootId()
{
    return QString::fromLatin1(
        readSmall(QStringLiteral("/proc/sys/kernel/random/boot_id")).trimmed());
}
} // namespace

QString ownerOfProcess(qint64 pid)
{
    if (pid <= 0 || (::kill(pid_t(pid), 0) != 0 && errno == ESRCH))
        return {};
    return QStringLiteral("%1:%2:%3").arg(pid).arg(startTime(pid), bootId());
}

QString ownerOfThisProcess()
{
    return ownerOfProcess(QCoreApplication::applicationPid());
}

bool isOwnerAlive(const QString &owner)
{
    const qint64 pid = owner.section(QLatin1Char(':'), 0, 0).toLongLong();
    return pid > 0 && ownerOfProcess(pid) == owner;
}

} // namespace lathe
