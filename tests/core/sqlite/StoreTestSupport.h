// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sqlite/SqliteStore.h"
#include "tests/core/sqlite/SqliteTestSupport.h"

#include <QDir>
#include <QFileInfo>
#include <QStringList>

#include <future>
#include <memory>

// What the tests of SqliteStore share.
namespace lathe::test {

inline const char *const schema = "CREATE TABLE IF NOT EXISTS row(n INTEGER PRIMARY KEY, lane INTEGER, v BLOB)";

inline Result<std::unique_ptr<SqliteStore>> openStore(const QString &path)
{
    return SqliteStore::open(path, Mode::Create, [](Database &db) {
        Transaction t(db);
        if (auto begun = t.begin(); !begun)
            return begun;
        if (auto made = db.exec(schema); !made)
            return made;
        return t.commit();
    });
}

inline Result<void> insertRow(Database &db, qint64 n, qint64 lane)
{
    auto stmt = db.prepare(QByteArrayLiteral("INSERT INTO row(n, lane) VALUES(?, ?)"));
    if (!stmt)
        return stmt.error();
    return stmt->bindAll(n, lane).run();
}

inline SqliteStore::Work inserting(qint64 n, qint64 lane = 0)
{
    return [n, lane](Database &db) { return insertRow(db, n, lane); };
}

inline qint64 number(Database &db, const QByteArray &sql)
{
    auto stmt = db.prepare(sql);
    if (!stmt || !stmt->step().valueOr(false))
        return -1;
    return stmt->int64(0);
}

inline QString text(Database &db, const QByteArray &sql)
{
    auto stmt = db.prepare(sql);
    if (!stmt || !stmt->step().valueOr(false))
        return QStringLiteral("?");
    return stmt->text(0);
}

// Outcomes of tasks, in the order in which they ended.
struct Log {
    QStringList ended;
    QString all() const { return ended.join(QLatin1Char(' ')); }
};

inline Task<> note(Task<Result<void>> task, QString name, std::shared_ptr<Log> log)
{
    const auto result = co_await task;
    log->ended.append(name + QLatin1Char('=') + (result ? QStringLiteral("ok") : errorKindName(result.error().kind)));
}

// Holds the writer or reader thread until released, so that what comes after shares one batch.
class Gate
{
public:
    SqliteStore::Work work() const
    {
        return [future = m_future, entered = m_entered](Database &) {
            entered->set_value();
            future.wait();
            return Result<void>();
        };
    }
    void waitEntered() { m_entered->get_future().wait(); }
    void open() { m_promise.set_value(); }

private:
    std::promise<void> m_promise;
    std::shared_future<void> m_future = m_promise.get_future().share();
    std::shared_ptr<std::promise<void>> m_entered = std::make_shared<std::promise<void>>();
};

// Stores in a folder of their own.
class StoreFixture : public QObject
{
protected:
    QTemporaryDir m_dir;
    int m_files = 0;
    QString newPath() { return m_dir.filePath(QStringLiteral("p%1.lathe").arg(++m_files)); }
    static std::unique_ptr<SqliteStore> newStore(const QString &path)
    {
        auto store = openStore(path);
        if (!store)
            qWarning("%s", qPrintable(store.error().message));
        return store ? std::move(*store) : nullptr;
    }
};

inline QStringList filesOf(const QString &path)
{
    const QFileInfo info(path);
    return QDir(info.path()).entryList({info.fileName() + QLatin1Char('*')}, QDir::Files);
}

} // namespace lathe::test
