// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

// The events that turn what is known of a run into what it is now, an earlier and a later state of the same run. A step that went on is
// told again from its start (which clears it); steps that are as they were are not told.
std::vector<RunEvent> eventsBetween(const Trace &known, const Trace &now);
// Whether a step shows the same in both; when its first text came is not compared.
bool sameStep(const Step &a, const Step &b);

} // namespace lathe
