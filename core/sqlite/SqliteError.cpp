// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/SqliteError.h"

#include <QFileInfo>

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace lathe {

namespace {
QString cannotOpen(const QString &path, int systemErrno)
{
    const QFileInfo info(path);
    const QFileInfo folder(info.absolutePath());
    if (info.isDir())
        return QStringLiteral("%1 is a folder, not a project file; choose a file in it.").arg(path);
    if (!folder.isDir())
        return QStringLiteral("%1 cannot be opened: the folder %2 does not exist; create it or check the name.")
            .arg(path, folder.filePath());
    if (!info.exists() && !folder.isWritable())
        return QStringLiteral("There is no %1 and it cannot be made: the folder %2 is read-only; choose another folder.")
            .arg(path, folder.filePath());
    if (!info.exists())
        return QStringLiteral("There is no file %1; check its name and folder.").arg(path);
    if (info.exists() && !info.isReadable())
        return QStringLiteral("You may not read %1; ask its owner for permission or open a copy.").arg(path);
    QString why = QStringLiteral("SQLite could not open it or its journal");
    if (systemErrno)
        why = QString::fromLocal8Bit(std::strerror(systemErrno));
    return QStringLiteral("%1 cannot be opened: %2; check that you may write to the folder %3, or open it for reading only.")
        .arg(path, why, folder.filePath());
}

QString readOnly(const QString &path, int code)
{
    if (code == SQLITE_READONLY_DBMOVED)
        return QStringLiteral("%1 was moved or deleted while it was open; put it back or save a copy elsewhere.").arg(path);
    if (code == SQLITE_READONLY_DIRECTORY || code == SQLITE_READONLY_CANTINIT || code == SQLITE_READONLY_RECOVERY)
        return QStringLiteral("%1 cannot be used because its folder is read-only; copy it to a folder you may write to.")
            .arg(path);
    return QStringLiteral("%1 is read-only; make it writable or work on a copy.").arg(path);
}

bool isNoSpace(int systemErrno)
{
    return systemErrno == ENOSPC || systemErrno == EDQUOT || systemErrno == EFBIG;
}

QString diskFull(const QString &path)
{
    return QStringLiteral("The disk that holds %1 is full; free some space and try again. Nothing already saved is lost.")
        .arg(path);
}
} // namespace

Error sqliteError(const SqliteFailure &failure, const QString &doing)
{
    const QString path = failure.path.isEmpty() ? QStringLiteral("the database in memory") : failure.path;
    QString cause = QStringLiteral("SQLite error %1 (%2): %3")
                        .arg(failure.code)
                        .arg(QLatin1String(sqlite3_errstr(failure.code)), failure.words);
    if (failure.systemErrno)
        cause += QStringLiteral("; system: %1").arg(QString::fromLocal8Bit(std::strerror(failure.systemErrno)));
    if (!doing.isEmpty())
        cause = doing + QStringLiteral(": ") + cause;
    const auto project = [&](const QString &message) { return Error(ErrorKind::ProjectFile, message, cause); };

    switch (failure.code & 0xff) {
    case SQLITE_FULL:
        return project(diskFull(path));
    case SQLITE_IOERR:
        if (isNoSpace(failure.systemErrno))
            return project(diskFull(path));
        return project(QStringLiteral("%1 cannot be read or written (%2); check the disk, then try again. "
                                      "Nothing already saved is lost.")
                           .arg(path,
                                failure.systemErrno ? QString::fromLocal8Bit(std::strerror(failure.systemErrno))
                                                    : failure.words));
    case SQLITE_READONLY:
        return project(readOnly(path, failure.code));
    case SQLITE_PERM:
        return project(QStringLiteral("You have no permission to use %1; ask its owner or open a copy.").arg(path));
    case SQLITE_CANTOPEN:
        if (isNoSpace(failure.systemErrno))
            return project(diskFull(path));
        return project(cannotOpen(path, failure.systemErrno));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return project(QStringLiteral("Another program is writing to %1 and has not finished; try again in a moment, "
                                      "or close that program.")
                           .arg(path));
    case SQLITE_NOTADB:
        return project(QStringLiteral("%1 is not a Lathe project (or any SQLite database); choose another file.").arg(path));
    case SQLITE_CORRUPT:
        return project(QStringLiteral("%1 is damaged: %2; run lathe-cli doctor %1 to check and repair it.")
                           .arg(path, failure.words));
    case SQLITE_NOMEM:
        return project(QStringLiteral("There is not enough memory to work on %1; close other programs and try again.")
                           .arg(path));
    case SQLITE_TOOBIG:
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("A value or statement is too big for %1; use a smaller one.").arg(path), cause);
    case SQLITE_AUTH:
        return Error(ErrorKind::Denied, QStringLiteral("This query may only read %1: %2.").arg(path, failure.words), cause);
    case SQLITE_CONSTRAINT:
        return Error(ErrorKind::InvalidInput,
                     QStringLiteral("The change does not fit what %1 holds: %2.").arg(path, failure.words), cause);
    case SQLITE_INTERRUPT:
        return Error(ErrorKind::Cancelled, Error::cancelled().message, cause);
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE: {
        const QString at = failure.sqlOffset >= 0 ? QStringLiteral(" (character %1)").arg(failure.sqlOffset + 1) : QString();
        return Error(ErrorKind::InvalidInput, QStringLiteral("The SQL cannot be run: %1%2.").arg(failure.words, at), cause);
    }
    case SQLITE_MISUSE:
        return Error(ErrorKind::Internal, QStringLiteral("Lathe used %1 wrongly; please report this.").arg(path), cause);
    default:
        return project(QStringLiteral("%1 cannot be used: %2.").arg(path, failure.words));
    }
}

} // namespace lathe
