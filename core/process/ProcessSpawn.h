// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/process/ChildProcess.h"

#include <sys/types.h>

namespace lathe {

// A program that was started; the descriptors are ours, do not block and close on exec. errors is -1 when merged.
struct SpawnedProcess {
    pid_t pid = -1;
    int input = -1, output = -1, errors = -1;
};
// For ChildProcess. Errors as of ChildProcess::start().
Result<SpawnedProcess> spawnProcess(const ProcessSpec &spec);

} // namespace lathe
