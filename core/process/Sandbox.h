// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/process/RunProcess.h"

namespace lathe {

// What a program that is not trusted may use. It sees the system's programs and libraries (/usr, read-only), its own /proc, /dev, an empty
// /tmp, `folder` as /work (its working folder and home), and what readOnly names; no home folder, no settings, no other process, no
// network unless allowed, no variable of ours. It has no rights beyond a user's and cannot get any.
struct SandboxSpec {
    QString program; // within the sandbox, e.g. "/usr/bin/python3"
    QStringList arguments;
    QString folder; // ours; the only place it can write to that outlives it
    std::vector<std::pair<QString, QString>> readOnly; // (ours, its)
    ProcessEnvironment environment; // beyond PATH, HOME, LANG and TMPDIR
    bool network = false;
    qint64 memoryBytes = 512LL * 1024 * 1024; // address space of each process; of all together: RunBounds::maxMemory
    qint64 fileBytes = 64LL * 1024 * 1024;    // of each file it writes
    qint64 temporaryBytes = 64LL * 1024 * 1024; // of /tmp and of /dev/shm
    int processes = 32; // and threads, at one time
    int cpuSeconds = 600; // of each process
    int openFiles = 256;
    SandboxSpec() = default;
};

// The command that runs it through bubblewrap. As root, which the limits do not bind, the program runs as the owner of the folder. Errors:
// NotFound (bubblewrap is missing, the folder is missing), Denied (as root: the folder belongs to root). Never a command without sandbox.
Result<ProcessSpec> sandboxed(const SandboxSpec &spec);

// Whether a sandbox like that can be made here, found out by making one. Errors: Denied with bubblewrap's words and what to do.
Task<Result<void>> trySandbox(SandboxSpec spec, CancelToken cancel);

// The user and group that a sandbox runs as when we are root and the folder is one that we made for it.
constexpr quint32 nobodyId = 65534;

} // namespace lathe
