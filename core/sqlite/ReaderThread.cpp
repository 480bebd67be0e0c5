// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/ReaderThread.h"

#include "core/sqlite/DatabasePrivate.h"

namespace lathe {

ReaderThread::ReaderThread(QString path, Mailbox *mailbox) : m_path(std::move(path)), m_mailbox(mailbox) {}

ReaderThread::~ReaderThread()
{
    finish();
}

void ReaderThread::add(std::shared_ptr<Job> job)
{
    m_unfinished.push_back(job);
    {
        const std::scoped_lock lock(m_mutex);
        m_queue.push_back(std::move(job));
    }
    if (!m_thread.joinable())
        m_thread = std::thread([this] { loop(); });
    m_wake.notify_one();
}

void ReaderThread::finish()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
        if (m_current)
            m_current->cancelled = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
    m_db.reset();
}

void ReaderThread::cancelAll()
{
    const auto unfinished = std::exchange(m_unfinished, {});
    for (const auto &job : unfinished)
        job->done.complete(Error::cancelled());
}

void ReaderThread::loop()
{
    for (;;) {
        std::shared_ptr<Job> job;
        {
            std::unique_lock lock(m_mutex);
            m_current.reset();
            m_wake.wait(lock, [this] { return m_stop || !m_queue.empty(); });
            if (m_stop)
                return;
            job = std::move(m_queue.front());
            m_queue.pop_front();
            m_current = job;
        }
        Result<void> result = Error::cancelled();
        if (!job->cancelled)
            result = run(job);
        job->work = nullptr; // what it owns ends on the thread that used it
        handBack(std::move(job), std::move(result));
    }
}

// One read sees one state of the file, whatever is written meanwhile.
Result<void> ReaderThread::run(const std::shared_ptr<Job> &job)
{
    if (!m_db) {
        auto db = Database::open(m_path, Database::Mode::ReadOnly);
        if (!db)
            return db.error();
        if (auto tuned = (*db)->exec(readerPragmas); !tuned)
            return tuned;
        m_db = std::move(*db);
    }
    Database::Private *d = m_db->d.get();
    d->stopFlag = &job->cancelled;
    d->watchProgress();
    Result<void> result = m_db->exec("BEGIN");
    if (result) {
        try {
            result = job->work(*m_db);
        } catch (const std::exception &e) {
            result = Error(ErrorKind::Internal, QStringLiteral("Reading the project failed; please report this."),
                           QString::fromUtf8(e.what()));
        }
    }
    d->stopFlag = nullptr;
    m_db->setDeadline(0); // one that the work set was for itself
    if (m_db->inTransaction()) {
        const auto ended = m_db->exec("ROLLBACK");
        if (result && !ended)
            return ended;
    }
    return result;
}

void ReaderThread::handBack(std::shared_ptr<Job> job, Result<void> result)
{
    m_mailbox->post([this, job = std::move(job), result = std::move(result)] {
        std::erase(m_unfinished, job);
        job->done.complete(result);
    });
}

} // namespace lathe
