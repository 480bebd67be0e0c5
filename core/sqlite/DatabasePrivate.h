// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sqlite/Database.h"

#include <QHash>

#include <atomic>
#include <chrono>

namespace lathe {

// What a connection keeps. For core/sqlite only; used by the connection's thread unless said otherwise.
class Database::Private
{
public:
    using Clock = std::chrono::steady_clock;
    enum class Stopped { No, Deadline, Interrupt, Memory };

    static Result<std::unique_ptr<Database>> openFile(const QString &path, const QByteArray &name, int flags,
                                                      int *code = nullptr);
    void configure();
    Error error(int code, const QString &doing) const;
    // Called before a statement begins: the deadline and a stop asked for earlier count from the first instruction on.
    Result<void> beginRunning();
    Error stoppedError(const QString &cause) const;
    void watchProgress();
    bool mustStop();
    static int onProgress(void *self);
    static int onBusy(void *self, int count);

    sqlite3_stmt *takeIdle(const QByteArray &key);
    void giveBack(const QByteArray &key, sqlite3_stmt *stmt);
    void dropIdle();

    sqlite3 *db = nullptr;
    QByteArray tidyName; // reading alone: the file beside which SQLite would leave an empty -wal and -shm
    QString path;
    QHash<QByteArray, std::vector<sqlite3_stmt *>> idle;
    int idleCount = 0;
    int liveCount = 0;
    qint64 deadlineMs = 0; // 0: none
    Clock::time_point deadline;
    Clock::time_point busySince;
    std::atomic<bool> interrupted{false};          // set by any thread
    const std::atomic<bool> *stopFlag = nullptr;   // owned by ReaderThread's job: sticks for a whole work
    bool watching = false;
    bool restricted = false;
    qint64 memoryAtStart = 0;
    Stopped stopped = Stopped::No;
    QString denied; // what the authorizer refused last
};

} // namespace lathe
