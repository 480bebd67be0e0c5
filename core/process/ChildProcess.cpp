// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/ChildProcess.h"

#include "core/process/ProcessSpawn.h"

#include <QSocketNotifier>
#include <QTimer>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace lathe {

namespace {
constexpr qsizetype batchBytes = 64 * 1024;
// A reader of a flood lets the rest of the program have its turn after so many batches.
constexpr int batchesPerTurn = 16;

// A notifier must not be deleted within its own signal.
using Notifier = std::unique_ptr<QSocketNotifier, void (*)(QSocketNotifier *)>;
void dropNotifier(QSocketNotifier *notifier)
{
    notifier->setEnabled(false);
    notifier->disconnect();
    notifier->deleteLater();
}
Notifier noNotifier()
{
    return Notifier(nullptr, &dropNotifier);
}

void closeFd(int &fd)
{
    if (fd >= 0)
        ::close(fd);
    fd = -1;
}

// write() to a program that has gone: an error, never a signal, whatever the rest of Lathe does about SIGPIPE.
ssize_t writeQuietly(int fd, const char *bytes, size_t count)
{
    sigset_t pipeOnly, before, pending;
    sigemptyset(&pipeOnly);
    sigaddset(&pipeOnly, SIGPIPE);
    ::sigpending(&pending);
    const bool wasPending = sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipeOnly, &before);
    const ssize_t written = ::write(fd, bytes, count);
    const int error = errno;
    if (written < 0 && error == EPIPE && !wasPending) {
        const timespec atOnce{};
        while (::sigtimedwait(&pipeOnly, nullptr, &atOnce) < 0 && errno == EINTR) {
        }
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return written;
}

Error inputClosed()
{
    return Error(ErrorKind::Unreachable, QStringLiteral("The program no longer takes input: it has ended or closed its standard input."));
}
} // namespace

QString ProcessExit::describe() const
{
    if (signal != 0)
        return QStringLiteral("was stopped by signal %1 (%2)").arg(signal).arg(QString::fromLocal8Bit(strsignal(signal)));
    return QStringLiteral("ended with code %1").arg(code);
}

struct ChildProcess::State {
    struct Stream {
        int fd = -1;
        Notifier notifier = noNotifier();
        std::optional<Completion<QByteArray>> reader;
        int batches = 0; // read without a turn of the event loop
    };
    struct Write {
        QByteArray bytes;
        qsizetype done = 0;
        Completion<Result<void>> result;
        quint64 id = 0;
    };

    pid_t pid = -1;
    int pidFd = -1;
    Notifier exitNotifier = noNotifier();
    std::unique_ptr<QTimer> exitPoll; // where there is no pidfd
    std::optional<ProcessExit> exit;
    std::vector<std::function<void()>> exitWaiters;
    Stream output, errors;
    int input = -1;
    Notifier inputNotifier = noNotifier();
    std::deque<Write> writes;
    qint64 pendingInput = 0, maxPendingInput = 0;
    quint64 nextWrite = 1;
    bool closeWhenWritten = false;

    void watch(const std::shared_ptr<State> &self);
    void signalGroup(int number) const
    {
        // Until it was waited for, no other process can have this id.
        if (pid > 0 && !exit)
            ::kill(-pid, number);
    }
    // Of what is there now; nullopt: nothing yet. Empty: the end.
    std::optional<QByteArray> take(Stream &stream);
    void readable(Stream &stream);
    void endReader(Stream &stream, QByteArray bytes);
    void writeSome();
    void endWrites();
    void closeInputNow();
    bool reap(bool wait);
    void ended();
    void shutDown();
};

void ChildProcess::State::watch(const std::shared_ptr<State> &self)
{
    const std::weak_ptr<State> weak = self;
    const auto notifier = [&](int fd, QSocketNotifier::Type type, auto handler) {
        Notifier made(new QSocketNotifier(fd, type), &dropNotifier);
        made->setEnabled(false);
        QObject::connect(made.get(), &QSocketNotifier::activated, [weak, handler] {
            if (const auto state = weak.lock())
                handler(*state);
        });
        return made;
    };
    output.notifier = notifier(output.fd, QSocketNotifier::Read, [](State &s) { s.readable(s.output); });
    if (errors.fd >= 0)
        errors.notifier = notifier(errors.fd, QSocketNotifier::Read, [](State &s) { s.readable(s.errors); });
    inputNotifier = notifier(input, QSocketNotifier::Write, [](State &s) { s.writeSome(); });
    const auto look = [](State &s) {
        if (s.reap(false))
            s.ended();
    };
    pidFd = int(::syscall(SYS_pidfd_open, pid, 0)); // closed on exec by itself
    if (pidFd >= 0) {
        exitNotifier = notifier(pidFd, QSocketNotifier::Read, look);
        exitNotifier->setEnabled(true);
        return;
    }
    exitPoll = std::make_unique<QTimer>();
    QObject::connect(exitPoll.get(), &QTimer::timeout, [weak, look] {
        if (const auto state = weak.lock())
            look(*state);
    });
    exitPoll->start(20);
}

std::optional<QByteArray> ChildProcess::State::take(Stream &stream)
{
    if (stream.fd < 0)
        return QByteArray();
    QByteArray bytes(batchBytes, Qt::Uninitialized);
    for (;;) {
        const ssize_t count = ::read(stream.fd, bytes.data(), size_t(bytes.size()));
        if (count > 0) {
            bytes.truncate(count);
            if (bytes.capacity() > 4 * bytes.size())
                bytes.squeeze();
            return bytes;
        }
        if (count < 0 && errno == EINTR)
            continue;
        // Something that left the group may hold the other end for ever; the end of the program counts.
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && !exit)
            return std::nullopt;
        stream.notifier.reset();
        closeFd(stream.fd);
        return QByteArray();
    }
}

void ChildProcess::State::readable(Stream &stream)
{
    stream.batches = 0;
    if (!stream.reader) {
        if (stream.notifier)
            stream.notifier->setEnabled(false);
        return;
    }
    if (auto bytes = take(stream))
        endReader(stream, std::move(*bytes));
}

void ChildProcess::State::endReader(Stream &stream, QByteArray bytes)
{
    if (stream.notifier)
        stream.notifier->setEnabled(false);
    const auto reader = std::exchange(stream.reader, std::nullopt);
    if (reader)
        reader->complete(std::move(bytes));
}

void ChildProcess::State::writeSome()
{
    std::vector<Completion<Result<void>>> done;
    while (!writes.empty()) {
        Write &first = writes.front();
        const ssize_t count = writeQuietly(input, first.bytes.constData() + first.done, size_t(first.bytes.size() - first.done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (count < 0) {
            endWrites();
            return;
        }
        first.done += count;
        pendingInput -= count;
        if (first.done < first.bytes.size())
            continue;
        done.push_back(first.result);
        writes.pop_front();
    }
    if (inputNotifier)
        inputNotifier->setEnabled(!writes.empty());
    if (writes.empty() && closeWhenWritten)
        closeInputNow();
    for (const auto &one : done)
        one.complete(Result<void>());
}

void ChildProcess::State::closeInputNow()
{
    inputNotifier.reset();
    closeFd(input);
}

void ChildProcess::State::endWrites()
{
    closeInputNow();
    pendingInput = 0;
    for (const Write &write : std::exchange(writes, {}))
        write.result.complete(Result<void>(inputClosed()));
}

// True when the program has ended (and was waited for).
bool ChildProcess::State::reap(bool wait)
{
    if (exit)
        return true;
    siginfo_t info{};
    int failed = 0;
    do {
        failed = ::waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG));
    } while (failed != 0 && errno == EINTR);
    if (failed == 0 && info.si_pid == 0)
        return false;
    ::kill(-pid, SIGKILL); // what it leaves behind; while it is not waited for, the id is its own
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    ProcessExit how;
    if (failed == 0 && WIFEXITED(status))
        how.code = WEXITSTATUS(status);
    else if (failed == 0 && WIFSIGNALED(status))
        how.signal = WTERMSIG(status);
    exit = how;
    return true;
}

void ChildProcess::State::ended()
{
    exitNotifier.reset();
    exitPoll.reset();
    closeFd(pidFd);
    endWrites();
    for (Stream *stream : {&output, &errors}) {
        if (!stream->reader)
            continue;
        if (auto bytes = take(*stream))
            endReader(*stream, std::move(*bytes));
    }
    for (const auto &waiter : std::exchange(exitWaiters, {}))
        waiter();
}

void ChildProcess::State::shutDown()
{
    if (!exit) {
        signalGroup(SIGKILL);
        pollfd wanted{pidFd, POLLIN, 0};
        if (pidFd >= 0)
            ::poll(&wanted, 1, 50);
        if (!reap(false)) {
            // Rare: it hangs in the kernel. Somebody has to wait for it.
            std::thread([pid = pid] {
                int status = 0;
                while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
                }
            }).detach();
            ProcessExit killed;
            killed.signal = SIGKILL;
            exit = killed;
        }
    }
    ended();
    for (Stream *stream : {&output, &errors}) {
        stream->notifier.reset();
        closeFd(stream->fd);
        endReader(*stream, QByteArray());
    }
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const ProcessSpec &spec)
{
    auto spawned = spawnProcess(spec);
    if (!spawned)
        return spawned.error();
    const auto state = std::make_shared<State>();
    state->pid = spawned->pid;
    state->input = spawned->input;
    state->output.fd = spawned->output;
    state->errors.fd = spawned->errors;
    state->maxPendingInput = spec.maxPendingInput;
    state->watch(state);
    return std::unique_ptr<ChildProcess>(new ChildProcess(state));
}

ChildProcess::ChildProcess(std::shared_ptr<State> state) : m_state(std::move(state)) {}

ChildProcess::~ChildProcess()
{
    const auto state = m_state;
    state->shutDown();
}

qint64 ChildProcess::processId() const
{
    return m_state->pid;
}

bool ChildProcess::isRunning() const
{
    return !m_state->exit;
}

namespace {
Task<QByteArray> readStream(std::shared_ptr<ChildProcess::State> state, ChildProcess::State::Stream *stream, CancelToken cancel)
{
    if (cancel.isCancelled() || stream->reader)
        co_return QByteArray();
    // At the end of the program what is left is bounded by the pipe.
    if (stream->fd < 0 || state->exit || ++stream->batches < batchesPerTurn) {
        if (auto bytes = state->take(*stream)) {
            QByteArray now = std::move(*bytes);
            co_return now;
        }
    }
    const Completion<QByteArray> arrived;
    stream->reader = arrived;
    stream->notifier->setEnabled(true);
    const auto registration = cancel.onCancelled([weak = std::weak_ptr(state), stream] {
        if (const auto alive = weak.lock())
            alive->endReader(*stream, QByteArray());
    });
    QByteArray bytes = co_await arrived;
    co_return bytes;
}

Task<Result<void>> writeTo(std::shared_ptr<ChildProcess::State> state, QByteArray bytes, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    if (state->input < 0 || state->closeWhenWritten)
        co_return inputClosed();
    if (bytes.isEmpty())
        co_return Result<void>();
    if (state->pendingInput + bytes.size() > state->maxPendingInput) {
        co_return Error(ErrorKind::LimitReached,
                        QStringLiteral("The program does not read its input: %1 MB wait already.").arg(state->pendingInput / 1'000'000));
    }
    ChildProcess::State::Write write;
    write.id = state->nextWrite++;
    write.bytes = std::move(bytes);
    const quint64 id = write.id;
    const auto written = write.result;
    state->pendingInput += write.bytes.size();
    state->writes.push_back(std::move(write));
    if (state->writes.size() == 1)
        state->writeSome();
    const auto registration = cancel.onCancelled([weak = std::weak_ptr(state), id, written] {
        const auto alive = weak.lock();
        if (!alive)
            return;
        // One that was begun goes on, so that what follows is not torn.
        auto &writes = alive->writes;
        const auto mine = std::find_if(writes.begin(), writes.end(), [id](const auto &one) { return one.id == id; });
        if (mine != writes.end() && mine->done == 0) {
            alive->pendingInput -= mine->bytes.size();
            writes.erase(mine);
        }
        written.complete(Result<void>(Error::cancelled()));
    });
    Result<void> result = co_await written;
    co_return result;
}

// True: it has ended.
Task<bool> endsWithin(std::shared_ptr<ChildProcess::State> state, qint64 ms)
{
    if (state->exit)
        co_return true;
    const Completion<bool> first;
    state->exitWaiters.push_back([first] { first.complete(true); });
    QTimer::singleShot(std::chrono::milliseconds(std::clamp<qint64>(ms, 0, 600'000)), [first] { first.complete(false); });
    const bool ended = co_await first;
    co_return ended;
}

Task<ProcessExit> untilExit(std::shared_ptr<ChildProcess::State> state)
{
    if (!state->exit) {
        const Completion<bool> ended;
        state->exitWaiters.push_back([ended] { ended.complete(true); });
        co_await ended;
    }
    const ProcessExit how = *state->exit;
    co_return how;
}

Task<ProcessExit> stopOrderly(std::shared_ptr<ChildProcess::State> state, qint64 inputMs, qint64 termMs)
{
    bool ended = co_await endsWithin(state, inputMs);
    if (!ended) {
        state->signalGroup(SIGTERM);
        state->signalGroup(SIGCONT); // a stopped program gets it, too
        ended = co_await endsWithin(state, termMs);
    }
    if (!ended)
        state->signalGroup(SIGKILL);
    const ProcessExit how = co_await untilExit(state);
    co_return how;
}
} // namespace

Task<QByteArray> ChildProcess::readOutput(CancelToken cancel)
{
    return readStream(m_state, &m_state->output, std::move(cancel));
}

Task<QByteArray> ChildProcess::readErrors(CancelToken cancel)
{
    return readStream(m_state, &m_state->errors, std::move(cancel));
}

Task<Result<void>> ChildProcess::write(QByteArray bytes, CancelToken cancel)
{
    return writeTo(m_state, std::move(bytes), std::move(cancel));
}

void ChildProcess::closeInput()
{
    m_state->closeWhenWritten = true;
    if (m_state->writes.empty())
        m_state->closeInputNow();
}

Task<ProcessExit> ChildProcess::exited()
{
    return untilExit(m_state);
}

Task<ProcessExit> ChildProcess::stop(qint64 inputMs, qint64 termMs)
{
    closeInput();
    return stopOrderly(m_state, inputMs, termMs);
}

void ChildProcess::terminate()
{
    m_state->signalGroup(SIGTERM);
}

void ChildProcess::kill()
{
    m_state->signalGroup(SIGKILL);
}

} // namespace lathe
