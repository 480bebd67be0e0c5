// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/process/ChildProcess.h"

namespace lathe {

// How much one run of a program may take; 0: no bound.
struct RunBounds {
    qint64 timeoutMs = 0;
    qint64 maxOutput = 1024 * 1024; // bytes; a program that prints more is ended
    qint64 maxErrors = 64 * 1024;   // the last bytes of standard error are kept
    qint64 maxMemory = 0;           // resident bytes of the program and all it started, looked at several times a second
    RunBounds() = default;
};

struct ProcessRun {
    enum class End { Exited, Timeout, Output, Memory }; // what ended it
    End end = End::Exited;
    ProcessExit exit;
    QByteArray output; // at most maxOutput
    QByteArray errors; // the end of it
};

// Runs a program to its end. Errors: of ChildProcess::start(), and Cancelled; the program and all it started are gone then.
Task<Result<ProcessRun>> runProcess(ProcessSpec spec, QByteArray input, RunBounds bounds, CancelToken cancel);

// Resident memory in bytes of a process and of all its descendants.
qint64 residentMemory(qint64 processId);

} // namespace lathe
