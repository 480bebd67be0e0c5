// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sqlite/WriterThread.h"

#include "core/base/Assert.h"

namespace lathe {

namespace {
constexpr size_t batchWorksMax = 1000;
constexpr auto batchTimeMax = std::chrono::milliseconds(8);
// Another program waits for the lock by looking every 0.7 ms (Database::Private::onBusy). A writer that never lets go for
// longer than that would starve it, so it leaves a gap now and then; costs at most 2 % and only under full load.
constexpr auto busyMax = std::chrono::milliseconds(50);
constexpr auto gap = std::chrono::milliseconds(1);
}

WriterThread::WriterThread(std::unique_ptr<Database> db, Mailbox *mailbox)
    : m_mailbox(mailbox), m_db(std::move(db)), m_thread([this] { loop(); })
{
}

WriterThread::~WriterThread()
{
    finish();
}

void WriterThread::add(SqliteStore::Work work, std::optional<Outcome> done, SqliteStore::Undo undo)
{
    ++m_pending;
    bool wake = false;
    {
        const std::scoped_lock lock(m_mutex);
        wake = m_queue.empty();
        m_queue.push_back(Job{std::move(work), std::move(done), undo, {}});
        m_askingCpu = CpuFollower::currentCpu();
    }
    if (wake)
        m_wake.notify_one();
}

void WriterThread::finish()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

void WriterThread::close()
{
    m_db.reset();
}

void WriterThread::deliver()
{
    const auto keep = shared_from_this();
    {
        const std::scoped_lock lock(m_mutex);
        std::move(m_done.begin(), m_done.end(), std::back_inserter(m_ready));
        m_done.clear();
    }
    QString lastPosted; // a full disk fails a thousand posted works alike: said once
    while (!m_ready.empty()) {
        Job job = std::move(m_ready.front());
        m_ready.pop_front();
        --m_pending;
        if (job.done) {
            Result<void> result;
            if (job.error)
                result = std::move(*job.error);
            job.done->complete(std::move(result));
        } else if (job.error && job.error->message != lastPosted) {
            lastPosted = job.error->message;
            const auto handler = errorHandler;
            if (handler)
                handler(*job.error);
            else
                qWarning("Writing failed: %s (%s)", qPrintable(job.error->message), qPrintable(job.error->cause));
        }
    }
}

// Moves what was queued meanwhile behind the taken works; whether there are more than `have` now.
bool WriterThread::takeQueued(size_t have)
{
    const std::scoped_lock lock(m_mutex);
    std::move(m_queue.begin(), m_queue.end(), std::back_inserter(m_jobs));
    m_queue.clear();
    return m_jobs.size() > have;
}

void WriterThread::loop()
{
    for (;;) {
        int askingCpu = -1;
        if (m_jobs.empty()) {
            std::unique_lock lock(m_mutex);
            if (m_queue.empty())
                m_busyFrom = {};
            m_wake.wait(lock, [this] { return m_stop || !m_queue.empty(); });
            if (m_queue.empty())
                return;
            askingCpu = m_askingCpu;
        }
        takeQueued(0);
        m_follower.beforeBatch(m_jobs.size(), askingCpu);
        runBatch();
    }
}

Result<void> WriterThread::step(const char *sql)
{
    auto statement = m_db->prepare(QByteArray::fromRawData(sql, qsizetype(std::strlen(sql))));
    if (!statement)
        return statement.error();
    return statement->run();
}

// Runs works from the front of m_jobs in one transaction and hands them back.
void WriterThread::runBatch()
{
    if (std::all_of(m_jobs.begin(), m_jobs.end(), [](const Job &job) { return !job.work; })) {
        handBack(m_jobs.size());
        return;
    }
    const auto start = Clock::now();
    if (auto begun = step("BEGIN IMMEDIATE"); !begun) {
        const size_t count = std::min(m_jobs.size(), batchWorksMax);
        failAll(count, begun.error());
        handBack(count);
        return;
    }
    size_t ran = 0;
    bool holdsWork = false; // something that a roll back of the whole transaction would undo
    bool repeatable = true; // all of that may run again
    while (ran < batchWorksMax && (ran == 0 || Clock::now() - start < batchTimeMax)) {
        if (ran == m_jobs.size() && !takeQueued(ran))
            break;
        Job &job = m_jobs[ran++];
        if (!job.work)
            continue;
        // The first work needs no savepoint: when it fails, all of the transaction is undone.
        const bool repeat = repeatable && job.undo == SqliteStore::Undo::Repeat;
        job.error = runWork(job.work, !holdsWork ? Guard::First : repeat ? Guard::None : Guard::Savepoint);
        if (job.error && holdsWork && repeat && m_db->inTransaction()) {
            repeatable = false; // once is enough: savepoints from here on
            if (!repeatWithout(ran - 1)) {
                handBack(ran);
                return;
            }
        }
        if (!m_db->inTransaction()) {
            // Undone as a whole: by us for the first work, or by SQLite (disk full, out of memory, ...).
            if (holdsWork)
                failAll(ran, *job.error);
            handBack(ran);
            return;
        }
        holdsWork = holdsWork || !job.error;
        repeatable = repeatable && job.undo == SqliteStore::Undo::Repeat;
    }
    if (auto committed = step("COMMIT"); !committed) {
        if (m_db->inTransaction())
            static_cast<void>(step("ROLLBACK"));
        failAll(ran, committed.error());
    }
    handBack(ran);
    leaveGap(start);
}

// A work without a guard failed: undoes the whole transaction and runs those before it again, now in savepoints. False when
// there is no transaction any more; all of them have failed then.
bool WriterThread::repeatWithout(size_t failed)
{
    auto begun = step("ROLLBACK");
    if (begun)
        begun = step("BEGIN IMMEDIATE");
    if (!begun) {
        failAll(failed, begun.error());
        return false;
    }
    for (size_t i = 0; i < failed; ++i) {
        Job &job = m_jobs[i];
        if (!job.work || job.error)
            continue;
        job.error = runWork(job.work, Guard::Savepoint);
        if (!m_db->inTransaction()) {
            failAll(failed, *job.error);
            return false;
        }
    }
    return true;
}

// Without an error the transaction is open and holds the work; with one, it is open without it or rolled back. Without a guard a
// failing work leaves its traces in the transaction.
std::optional<Error> WriterThread::runWork(const SqliteStore::Work &work, Guard guard)
{
    if (guard == Guard::Savepoint) {
        if (auto marked = step("SAVEPOINT lathe_work"); !marked)
            return marked.error();
    }
    Result<void> result;
    try {
        result = work(*m_db);
    } catch (const std::exception &e) {
        result = Error(ErrorKind::Internal, QStringLiteral("Writing to %1 failed; please report this.").arg(m_db->path()),
                       QString::fromUtf8(e.what()));
    }
    if (!m_db->inTransaction()) {
        // SQLite rolled back; a work that reports success then has overlooked an error or ended the transaction itself.
        LATHE_ASSERT(!result.ok(), return Error(ErrorKind::Internal, QStringLiteral("A change of %1 was lost; please report this.")
                                                                         .arg(m_db->path())));
        return result.error();
    }
    if (guard != Guard::Savepoint) {
        if (result)
            return std::nullopt;
        if (guard == Guard::First)
            static_cast<void>(step("ROLLBACK"));
        return result.error();
    }
    if (!result)
        static_cast<void>(step("ROLLBACK TO lathe_work"));
    if (auto released = step("RELEASE lathe_work"); !released) {
        static_cast<void>(step("ROLLBACK")); // never leave a half-done work in the transaction
        return result ? released.error() : result.error();
    }
    if (result)
        return std::nullopt;
    return result.error();
}

void WriterThread::failAll(size_t count, const Error &error)
{
    for (size_t i = 0; i < count; ++i) {
        // A work that failed by itself keeps its own reason.
        if (!m_jobs[i].error)
            m_jobs[i].error = error;
    }
}

void WriterThread::handBack(size_t count)
{
    const auto end = m_jobs.begin() + qptrdiff(count);
    for (auto job = m_jobs.begin(); job != end; ++job)
        job->work = nullptr;
    {
        const std::scoped_lock lock(m_mutex);
        std::move(m_jobs.begin(), end, std::back_inserter(m_done));
    }
    m_jobs.erase(m_jobs.begin(), end);
    m_mailbox->post([this] { deliver(); });
}

void WriterThread::leaveGap(Clock::time_point batchStart)
{
    if (m_busyFrom == Clock::time_point{})
        m_busyFrom = batchStart;
    if (Clock::now() - m_busyFrom < busyMax)
        return;
    std::this_thread::sleep_for(gap);
    m_busyFrom = {};
}

} // namespace lathe
