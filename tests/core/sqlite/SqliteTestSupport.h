// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sqlite/SqliteStore.h"

#include <QTemporaryDir>

#include <sys/mount.h>

#include <memory>

// What the tests of core/sqlite share.
namespace lathe::test {

using Mode = Database::Mode;
inline const QByteArray endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

// Runs one statement to its end; the error or nothing.
inline std::optional<Error> failure(Database &db, const QByteArray &sql)
{
    auto stmt = db.prepare(sql);
    if (!stmt)
        return stmt.error();
    auto done = stmt->run();
    if (!done)
        return done.error();
    return std::nullopt;
}

inline QVariant one(Database &db, const QByteArray &sql)
{
    auto stmt = db.prepare(sql);
    if (!stmt)
        return QStringLiteral("error: ") + stmt.error().message;
    auto row = stmt->step();
    if (!row)
        return QStringLiteral("error: ") + row.error().message;
    return *row ? stmt->value(0) : QVariant();
}

inline bool isSentence(const QString &text)
{
    return text.size() > 10 && text.endsWith(QLatin1Char('.'));
}

inline std::unique_ptr<Database> memoryDatabase()
{
    auto db = Database::openMemory();
    return db ? std::move(*db) : nullptr;
}

// A file system of its own that tests may fill or close; false without the right to mount.
class SmallDisk
{
public:
    explicit SmallDisk(const char *options)
    {
        m_mounted = m_dir.isValid() && ::mount("none", qPrintable(m_dir.path()), "tmpfs", 0, options) == 0;
    }
    ~SmallDisk()
    {
        if (m_mounted)
            ::umount2(qPrintable(m_dir.path()), MNT_DETACH);
    }
    bool isMounted() const { return m_mounted; }
    bool makeReadOnly() const { return ::mount("none", qPrintable(m_dir.path()), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0; }
    QString filePath(const QString &name) const { return m_dir.filePath(name); }

private:
    QTemporaryDir m_dir;
    bool m_mounted = false;
};

} // namespace lathe::test
