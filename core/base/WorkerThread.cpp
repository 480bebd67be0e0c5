// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/WorkerThread.h"

#include <chrono>

namespace lathe {

WorkerThread::WorkerThread() : m_mailbox(std::make_unique<Mailbox>()) {}

WorkerThread::~WorkerThread()
{
    m_stopping = true;
    {
        std::unique_lock lock(m_mutex);
        m_jobs.clear();
        m_changed.notify_all();
        // An interrupt between two statements hits nothing, so it is repeated.
        while (m_running) {
            if (m_interrupt)
                m_interrupt();
            m_changed.wait_for(lock, std::chrono::milliseconds(10), [this] { return !m_running; });
        }
    }
    if (m_thread.joinable())
        m_thread.join();
}

void WorkerThread::post(std::function<void()> job)
{
    const std::scoped_lock lock(m_mutex);
    m_jobs.push_back(std::move(job));
    if (!m_thread.joinable())
        m_thread = std::thread([this] { loop(); });
    m_changed.notify_all();
}

void WorkerThread::loop()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [this] { return m_stopping || !m_jobs.empty(); });
        if (m_stopping)
            return;
        auto job = std::move(m_jobs.front());
        m_jobs.pop_front();
        m_running = true;
        lock.unlock();
        job();
        job = nullptr; // what it holds dies here, not under the lock
        lock.lock();
        m_running = false;
        m_changed.notify_all();
    }
}

} // namespace lathe
