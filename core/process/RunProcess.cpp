// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/process/RunProcess.h"

#include <QDir>
#include <QFile>
#include <QTimer>

#include <unistd.h>

namespace lathe {

namespace {
constexpr int memoryLookMs = 100;

QByteArray smallFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(64 * 1024) : QByteArray(); // procfs tells no size
}

struct Run {
    std::shared_ptr<ChildProcess> process;
    ProcessRun result;
    RunBounds bounds;
    bool cancelled = false;
    void stop(ProcessRun::End why)
    {
        if (result.end == ProcessRun::End::Exited && process->isRunning())
            result.end = why;
        process->kill();
    }
};

Task<bool> collectOutput(std::shared_ptr<Run> run)
{
    for (;;) {
        QByteArray bytes = co_await run->process->readOutput();
        if (bytes.isEmpty())
            co_return true;
        const qint64 room = run->bounds.maxOutput > 0 ? run->bounds.maxOutput - run->result.output.size() : bytes.size();
        run->result.output += bytes.left(room);
        if (bytes.size() > room) {
            run->result.end = ProcessRun::End::Output;
            run->process->kill();
            co_return true;
        }
    }
}

Task<bool> collectErrors(std::shared_ptr<Run> run)
{
    for (;;) {
        QByteArray bytes = co_await run->process->readErrors();
        if (bytes.isEmpty())
            co_return true;
        QByteArray &errors = run->result.errors;
        errors += bytes;
        const qint64 most = run->bounds.maxErrors;
        if (most > 0 && errors.size() > 2 * most)
            errors = errors.right(most);
    }
}

Task<bool> feed(std::shared_ptr<Run> run, QByteArray input)
{
    // A program need not read its input.
    const Result<void> written = co_await run->process->write(std::move(input));
    run->process->closeInput();
    co_return written.ok();
}
} // namespace

qint64 residentMemory(qint64 processId)
{
    static const qint64 pageSize = ::sysconf(_SC_PAGESIZE);
    qint64 total = 0;
    std::vector<qint64> todo{processId};
    for (size_t i = 0; i < todo.size() && i < 20'000; ++i) {
        const QString folder = QStringLiteral("/proc/%1/").arg(todo[i]);
        total += smallFile(folder + QStringLiteral("statm")).split(' ').value(1).toLongLong() * pageSize;
        const QStringList threads = QDir(folder + QStringLiteral("task")).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        for (const QString &thread : threads) {
            const QByteArray children = smallFile(folder + QStringLiteral("task/") + thread + QStringLiteral("/children"));
            for (const QByteArray &child : children.split(' ')) {
                if (const qint64 id = child.trimmed().toLongLong(); id > 0)
                    todo.push_back(id);
            }
        }
    }
    return total;
}

Task<Result<ProcessRun>> runProcess(ProcessSpec spec, QByteArray input, RunBounds bounds, CancelToken cancel)
{
    if (cancel.isCancelled())
        co_return Error::cancelled();
    auto started = ChildProcess::start(spec);
    if (!started)
        co_return started.error();
    const auto run = std::make_shared<Run>();
    run->process = std::move(*started);
    run->bounds = bounds;
    QObject context; // of the timers; destroyed with this coroutine
    if (bounds.timeoutMs > 0) {
        QTimer::singleShot(std::chrono::milliseconds(bounds.timeoutMs), &context, [run] { run->stop(ProcessRun::End::Timeout); });
    }
    QTimer memory;
    if (bounds.maxMemory > 0) {
        QObject::connect(&memory, &QTimer::timeout, &context, [run] {
            if (residentMemory(run->process->processId()) > run->bounds.maxMemory)
                run->stop(ProcessRun::End::Memory);
        });
        memory.start(memoryLookMs);
    }
    const auto registration = cancel.onCancelled([run] {
        run->cancelled = true;
        run->process->kill();
    });
    auto feeding = feed(run, std::move(input));
    auto output = collectOutput(run);
    auto errors = collectErrors(run);
    const ProcessExit how = co_await run->process->exited();
    memory.stop();
    co_await output;
    co_await errors;
    co_await feeding;
    if (run->cancelled)
        co_return Error::cancelled();
    run->result.exit = how;
    if (bounds.maxErrors > 0)
        run->result.errors = run->result.errors.right(bounds.maxErrors);
    ProcessRun result = std::move(run->result);
    co_return result;
}

} // namespace lathe
