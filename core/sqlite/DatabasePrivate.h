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

    // The statements prepared from one text. Found by the address of the text first: most are constants of the program, and this
    // keeps a reference, so that no other text can come to stand there.
    struct Prepared {
        QByteArray sql;
        std::vector<sqlite3_stmt *> idle;
        int borrowed = 0;
    };
    Prepared *prepared(const QByteArray &sql); // null: not known
    Prepared *remember(const QByteArray &sql);
    void giveBack(Prepared *prepared, sqlite3_stmt *stmt);
    void dropIdle();

    sqlite3 *db = nullptr;
    QByteArray tidyName; // reading alone: the file beside which SQLite would leave an empty -wal and -shm
    QString path;
    QHash<QByteArray, std::shared_ptr<Prepared>> byText;
    QHash<const char *, Prepared *> byAddress;
    int idleCount = 0;
    int liveCount = 0;
    qint64 deadlineMs = 0; // 0: none
    Clock::time_point deadline;
    Clock::time_point busySince;
    std::atomic<bool> interrupted{false};          // set by any thread
    const std::atomic<bool> *stopFlag = nullptr;   // owned by ReaderThread's job: sticks for a whole work
    bool watching = false;
    bool restricted = false;
    bool mayWrite = false; // of restricted
    qint64 memoryAtStart = 0;
    Stopped stopped = Stopped::No;
    QString denied; // what the authorizer refused last
};

} // namespace lathe
