// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Mailbox.h"
#include "core/sqlite/CpuFollower.h"
#include "core/sqlite/SqliteStore.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace lathe {

// The writer of a SqliteStore: takes works from a queue, runs them in group commits on its own thread and hands the
// outcomes back through the store's mailbox. For core/sqlite only; members are called on the main thread.
class WriterThread : public std::enable_shared_from_this<WriterThread>
{
public:
    using Outcome = Completion<Result<void>>;
    using ErrorHandler = std::function<void(const Error &)>;

    WriterThread(std::unique_ptr<Database> db, Mailbox *mailbox);
    ~WriterThread();
    // Without `done` a failure goes to the error handler. An empty work only marks a place in the queue.
    void add(SqliteStore::Work work, std::optional<Outcome> done, SqliteStore::Undo undo);
    // Finishes what is queued, ends the thread. Outcomes are then delivered by deliver(). Nothing may be added afterwards.
    void finish();
    // After finish(): closes the connection.
    void close();
    // Completes what is ready. The program may do anything meanwhile, deleting the store too.
    void deliver();
    int pending() const { return m_pending; }

    ErrorHandler errorHandler;

private:
    using Clock = std::chrono::steady_clock;
    struct Job {
        SqliteStore::Work work;
        std::optional<Outcome> done;
        SqliteStore::Undo undo;
        std::optional<Error> error;
    };

    void loop();
    bool takeQueued(size_t have);
    void runBatch();
    enum class Guard { First, Savepoint, None };
    std::optional<Error> runWork(const SqliteStore::Work &work, Guard guard);
    bool repeatWithout(size_t failed);
    void failAll(size_t count, const Error &error);
    void handBack(size_t count);
    void leaveGap(Clock::time_point batchStart);
    Result<void> step(const char *sql);

    Mailbox *m_mailbox;
    int m_pending = 0;                // main thread
    std::deque<Job> m_ready;          // main thread
    std::unique_ptr<Database> m_db;   // writer thread while it runs
    std::deque<Job> m_jobs;           // writer thread: taken and not yet handed back
    Clock::time_point m_busyFrom{};   // writer thread: since when it writes without a gap
    CpuFollower m_follower;           // writer thread
    std::mutex m_mutex;               // for the rest
    int m_askingCpu = -1;
    std::condition_variable m_wake;
    std::vector<Job> m_queue;
    std::vector<Job> m_done;
    bool m_stop = false;
    std::thread m_thread;
};

} // namespace lathe
