// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/ExpressionEngine.h"

#include <QFile>

#include <sched.h>
#include <time.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <unistd.h>

namespace lathe {

namespace {
using SteadyClock = std::chrono::steady_clock;
constexpr auto tick = std::chrono::milliseconds(2);
constexpr int idleTicks =
    25; // the watching thread looks a little longer than one expression takes, so that many short
        // ones do not each wake it
constexpr auto patience = std::chrono::milliseconds(500); // with an evaluation that was told to stop

// Memory of the process in bytes, -1 when it cannot be told. An engine has no figure of its own.
qint64 residentBytes(int file)
{
    char text[96];
    const ssize_t size = file < 0 ? -1 : pread(file, text, sizeof text - 1, 0);
    if (size <= 0)
        return -1;
    text[size] = '\0';
    long long total = 0, resident = 0;
    return sscanf(text, "%lld %lld", &total, &resident) == 2 ? resident * sysconf(_SC_PAGESIZE) : -1;
}

qint64 threadCpuMs(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return qint64(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}
} // namespace

struct ExpressionEngine::Job {
    QString source;
    QJsonObject names;
    CancelToken cancel;
    Completion<Result<QJsonValue>> done;
};

// The thread that evaluates, and the one that looks after it: an evaluation that lasts longer than a tick is measured at every
// tick until it has ended. One that cannot be stopped (a regular expression may take for ever between two looks at the
// interrupt) is abandoned with its thread, which goes on when nothing else has to; another worker takes over.
struct ExpressionEngine::Worker {
    Worker(ExpressionBounds limits, Mailbox *to)
        : bounds(limits), statm(QStringLiteral("/proc/self/statm")), mailbox(to)
    {
        if (!statm.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
            statm.close();
    }

    static void evaluateJobs(std::shared_ptr<Worker> self)
    {
        ExpressionSandbox sandbox; // lives and dies in its thread
        std::unique_lock lock(self->mutex);
        self->sandbox = &sandbox;
        for (;;) {
            self->changed.wait(lock, [&] { return self->ending || !self->jobs.empty(); });
            if (self->ending)
                break;
            const auto job = self->jobs.front();
            self->jobs.pop_front();
            pthread_getcpuclockid(pthread_self(), &self->cpuClock);
            self->cpuAtStart = threadCpuMs(self->cpuClock);
            self->startedAt = SteadyClock::now();
            self->memoryAtStart = -1;
            self->stopAskedAt.reset();
            self->current = job;
            if (self->watcherSleeps)
                self->changed.notify_all();
            lock.unlock();
            auto result = std::make_shared<Result<QJsonValue>>(sandbox.evaluate(job->source, job->names));
            lock.lock();
            if (self->abandoned)
                break;
            self->current.reset();
            if (self->ending)
                break;
            self->mailbox->post([done = job->done, result] { done.complete(std::move(*result)); });
        }
        self->current.reset();
        self->sandbox = nullptr;
        self->changed.notify_all();
    }

    static void watch(std::shared_ptr<Worker> self)
    {
        std::unique_lock lock(self->mutex);
        int idle = 0;
        while (!self->abandoned && (!self->ending || self->current)) {
            if (!self->current && idle > idleTicks) {
                self->watcherSleeps = true;
                self->changed.wait(lock, [&] { return self->ending || self->current; });
                self->watcherSleeps = false;
            }
            lock.unlock();
            std::this_thread::sleep_for(tick);
            lock.lock();
            idle = self->current ? 0 : idle + 1;
            if (self->current)
                self->look();
        }
    }

    void look() // locked
    {
        const auto now = SteadyClock::now();
        if (stopAskedAt && now - *stopAskedAt > patience) {
            abandon();
            return;
        }
        const qint64 wallMs =
            std::chrono::duration_cast<std::chrono::milliseconds>(now - startedAt).count();
        const qint64 memory = residentBytes(statm.handle());
        if (memoryAtStart < 0)
            memoryAtStart = memory; // at its first tick: most expressions end before it
        std::optional<Error> reason;
        if (ending || current->cancel.isCancelled()) {
            reason = Error::cancelled();
        } else if (wallMs > bounds.wallMs || threadCpuMs(cpuClock) - cpuAtStart > bounds.cpuMs) {
            reason = timeout();
        } else if (memoryAtStart >= 0 && memory - memoryAtStart > bounds.memoryBytes) {
            reason = Error(ErrorKind::InvalidInput,
                           QStringLiteral("The expression was stopped because it took more than %1 MB of "
                                          "memory. Make smaller values.")
                               .arg(bounds.memoryBytes / (1024 * 1024)));
        }
        if (!reason)
            return;
        if (!stopAskedAt)
            stopAskedAt = now;
        sandbox->stop(*reason);
    }

    void abandon() // locked
    {
        abandoned = true;
        if (!ending) {
            mailbox->post([done = current->done, reason = timeout()] { done.complete(reason); });
            for (const auto &job : jobs) // somebody else's turn
                mailbox->post([done = job->done] { done.complete(Error(ErrorKind::Internal, QString())); });
        }
        jobs.clear();
        ending = true;
#ifdef SCHED_IDLE
        const sched_param none{};
        pthread_setschedparam(evaluating.native_handle(), SCHED_IDLE, &none);
#endif
    }

    Error timeout() const
    {
        return Error(
            ErrorKind::Timeout,
            QStringLiteral("The expression was stopped after %1 ms. It may never end; make it do less.")
                .arg(bounds.cpuMs));
    }

    const ExpressionBounds bounds;
    QFile statm;
    std::mutex mutex; // of all below
    std::condition_variable changed;
    std::deque<std::shared_ptr<Job>> jobs;
    std::shared_ptr<Job> current;
    ExpressionSandbox *sandbox = nullptr;
    Mailbox *mailbox; // used while neither ending nor abandoned
    bool ending = false, abandoned = false, watcherSleeps = false;
    clockid_t cpuClock{};
    qint64 cpuAtStart = 0, memoryAtStart = -1;
    SteadyClock::time_point startedAt;
    std::optional<SteadyClock::time_point> stopAskedAt;
    std::thread evaluating, watching; // main thread
};

ExpressionEngine::ExpressionEngine() : ExpressionEngine(ExpressionBounds()) {}
ExpressionEngine::ExpressionEngine(ExpressionBounds bounds) : m_bounds(bounds) {}

ExpressionEngine::~ExpressionEngine()
{
    if (!m_worker)
        return;
    {
        const std::scoped_lock lock(m_worker->mutex);
        m_worker->ending = true;
        m_worker->changed.notify_all();
    }
    m_worker->watching.join(); // has seen the end of the last evaluation, or given it up
    if (m_worker->abandoned)
        m_worker->evaluating.detach();
    else
        m_worker->evaluating.join();
}

Task<Result<QJsonValue>> ExpressionEngine::evaluate(QString source, QJsonObject names, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    if (source.size() > m_bounds.sourceLength) {
        co_return Error(ErrorKind::InvalidInput,
                        QStringLiteral("The expression is longer than %1 characters; shorten it.")
                            .arg(m_bounds.sourceLength));
    }
    if (!m_mailbox)
        m_mailbox = std::make_unique<Mailbox>();
    for (;;) {
        const auto job = std::make_shared<Job>();
        job->source = source;
        job->names = names;
        job->cancel = cancel;
        std::shared_ptr<Worker> worker = m_worker;
        bool fresh = !worker;
        if (worker) {
            const std::scoped_lock lock(worker->mutex);
            fresh = worker->abandoned;
        }
        if (fresh) {
            if (worker) {
                worker->watching.join();
                worker->evaluating.detach();
            }
            worker = m_worker = std::make_shared<Worker>(m_bounds, m_mailbox.get());
            worker->evaluating = std::thread(&Worker::evaluateJobs, worker);
            worker->watching = std::thread(&Worker::watch, worker);
        }
        {
            const std::scoped_lock lock(worker->mutex);
            worker->jobs.push_back(job);
            worker->changed.notify_all();
        }
        const auto registration =
            cancel.onCancelled([done = job->done] { done.complete(Error::cancelled()); });
        Result<QJsonValue> result = co_await job->done;
        if (!result && result.error().kind == ErrorKind::Internal && result.error().message.isEmpty())
            continue; // it waited behind one that never ended
        co_return result;
    }
}

} // namespace lathe
