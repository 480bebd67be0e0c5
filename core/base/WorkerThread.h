// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Cancel.h"
#include "core/base/Mailbox.h"
#include "core/base/Task.h"

#include <atomic>
#include <condition_variable>
#include <thread>

namespace lathe {

// A thread for work that takes over 5 ms, started with its first job; jobs run in order. Created and destroyed on the main
// thread.
class WorkerThread
{
public:
    WorkerThread();
    // Drops jobs that wait; joins. `interrupt` of the running job is called again and again until
    // it has ended.
    ~WorkerThread();
    Q_DISABLE_COPY_MOVE(WorkerThread)

    void post(std::function<void()> job);
    // For work that can be interrupted: called on the main thread by the destructor. Set before the
    // first post.
    void setInterrupt(std::function<void()> interrupt) { m_interrupt = std::move(interrupt); }
    Mailbox &mailbox() { return *m_mailbox; }
    // True in a job that should end because the thread is being destroyed.
    bool isStopping() const { return m_stopping; }

private:
    void loop();
    std::unique_ptr<Mailbox> m_mailbox;
    std::function<void()> m_interrupt;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::function<void()>> m_jobs;
    bool m_running = false;
    std::atomic<bool> m_stopping{false};
    std::thread m_thread;
};

// Runs `work` on the thread, which the caller keeps until this has ended. (It holds no share of it:
// this coroutine may be freed after its caller, which must be the one to stop the thread.) Ends at
// once when cancelled, though the work may go on until it looks at its token.
template<typename T>
Task<Result<T>> runOnWorker(WorkerThread *thread, std::function<Result<T>(const CancelToken &)> work, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    Completion<Result<T>> done;
    Mailbox *mailbox = &thread->mailbox(); // outlives the job: the thread is joined before
    thread->post([work = std::move(work), done, cancel, mailbox] {
        auto result = std::make_shared<Result<T>>(Error::cancelled());
        if (!cancel.isCancelled()) {
            try {
                *result = work(cancel);
            } catch (const std::exception &e) {
                *result =
                    Error(ErrorKind::Internal,
                          QStringLiteral("The work ran out of memory or failed unexpectedly; try it with less."),
                          QString::fromUtf8(e.what()));
            }
        }
        mailbox->post([done, result] { done.complete(std::move(*result)); });
    });
    const auto registration = cancel.onCancelled([done] { done.complete(Error::cancelled()); });
    Result<T> result = co_await done;
    co_return result;
}

} // namespace lathe
