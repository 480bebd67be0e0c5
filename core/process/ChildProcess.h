// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Cancel.h"
#include "core/base/Task.h"

#include <QByteArray>
#include <QMap>
#include <QStringList>

#include <memory>
#include <utility>
#include <vector>

namespace lathe {

using ProcessEnvironment = QMap<QString, QString>;

// What every child process gets of our environment, and all it gets: PATH, HOME, USER, LOGNAME, SHELL, TERM, LANG, LANGUAGE, LC_*, TZ,
// TMPDIR and XDG_RUNTIME_DIR. Keys, tokens and whatever else stands in ours stays here.
ProcessEnvironment basicEnvironment();

// The executable file that a name stands for in the PATH of `environment` (an absolute path, or one with a slash beneath `folder`,
// stands for itself). Errors: NotFound with what to do.
Result<QString> findProgram(const QString &program, const ProcessEnvironment &environment, const QString &folder = QString());

// How to start a program. No shell has a part in it: arguments arrive as they are.
struct ProcessSpec {
    QString program;        // a name in PATH, or a path
    QStringList arguments;  // without the program's name
    QString folder;         // working folder; empty: ours
    ProcessEnvironment environment = basicEnvironment(); // exactly this; add to it with insert()
    bool mergeErrors = false; // standard error comes with standard output
    // Bytes that may wait for the program to read them; a write beyond is refused.
    qint64 maxPendingInput = 64 * 1024 * 1024;
    std::vector<std::pair<int, quint64>> limits; // (RLIMIT_..., value), soft and hard
    std::optional<std::pair<quint32, quint32>> runAs; // user and group id; only when we are root
    ProcessSpec() = default;
};

// How a program ended.
struct ProcessExit {
    int code = -1;  // of exit(); -1 when a signal ended it
    int signal = 0; // that ended it; 0: none
    bool ok() const { return code == 0; }
    QString describe() const; // "ended with code 3", "was stopped by signal 9 (Killed)"
};

// A running program, in a process group of its own. Main thread (which must be the thread that started it: the program is killed when
// that thread ends, however Lathe dies). The destructor kills the whole group at once and leaves no zombie.
class ChildProcess
{
public:
    // Blocks for as long as the system needs to start the program (milliseconds). Errors: NotFound (no such program or folder), Denied
    // (may not be run), Internal (out of processes or memory).
    static Result<std::unique_ptr<ChildProcess>> start(const ProcessSpec &spec);
    ~ChildProcess();
    Q_DISABLE_COPY_MOVE(ChildProcess)

    qint64 processId() const; // the group's id as well; remains known after its end

    // The next bytes of standard output (standard error), 1 byte to 64 KiB, as soon as there are any; empty at its end: closed, or the
    // program has ended and all it wrote was read, or this object is gone, or `cancel`. One reader each at a time. Nothing is read
    // ahead of the reader: beyond what a pipe holds (64 KiB) a program that floods waits for whoever should read.
    Task<QByteArray> readOutput(CancelToken cancel = CancelToken());
    Task<QByteArray> readErrors(CancelToken cancel = CancelToken());

    // Returns when the bytes were handed to the system; writes keep their order. Errors: Unreachable (the program has closed its input or
    // ended, or this object is gone), LimitReached (more than maxPendingInput would wait; nothing was taken), Cancelled (nothing of it
    // is written, or all of it will be: what was begun is not torn).
    Task<Result<void>> write(QByteArray bytes, CancelToken cancel = CancelToken());
    // After what waits to be written.
    void closeInput();

    bool isRunning() const;
    // Returns when the program has ended (what it wrote may still be read).
    Task<ProcessExit> exited();
    // An orderly end: closes the input; after `inputMs` SIGTERM, after `termMs` more SIGKILL, all to the whole group, what is left of the
    // group included when the program itself has ended.
    Task<ProcessExit> stop(qint64 inputMs = 2000, qint64 termMs = 2000);
    void terminate(); // SIGTERM to the group
    void kill();      // SIGKILL to the group

    struct State;

private:
    explicit ChildProcess(std::shared_ptr<State> state);
    std::shared_ptr<State> m_state;
};

} // namespace lathe
