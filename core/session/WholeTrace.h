// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

// A run that another program executes, as the repository keeps it while it is under way (RunRepository::trace(), which forgets texts that
// are safe in the file when they take too much memory), with those texts as the file has them.
Trace wholeTrace(const Trace &live, const Trace &stored);

} // namespace lathe
