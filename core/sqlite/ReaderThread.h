// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Mailbox.h"
#include "core/sqlite/SqliteStore.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace lathe {

// Prepares a connection that only reads.
inline constexpr const char *readerPragmas =
    "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728";

// The reader of a SqliteStore: a thread with a read-only connection, both started with the first read. For core/sqlite
// only; members are called on the main thread.
class ReaderThread
{
public:
    struct Job {
        SqliteStore::Work work;
        Completion<Result<void>> done; // completed and read on the main thread only
        std::atomic<bool> cancelled{false};
    };

    ReaderThread(QString path, Mailbox *mailbox);
    ~ReaderThread();
    void add(std::shared_ptr<Job> job);
    // Stops the running read, ends the thread and closes the connection; what had not ended is then cancelled by
    // cancelAll().
    void finish();
    void cancelAll();

private:
    void loop();
    Result<void> run(const std::shared_ptr<Job> &job);
    void handBack(std::shared_ptr<Job> job, Result<void> result);

    const QString m_path;
    Mailbox *m_mailbox;
    std::unique_ptr<Database> m_db; // reader thread
    std::mutex m_mutex;             // for the rest
    std::condition_variable m_wake;
    std::deque<std::shared_ptr<Job>> m_queue;
    std::vector<std::shared_ptr<Job>> m_unfinished; // main thread: started or queued
    std::shared_ptr<Job> m_current;
    bool m_stop = false;
    std::thread m_thread;
};

} // namespace lathe
