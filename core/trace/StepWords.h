// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

// JSON text of the arguments that a tool was called with: as a person changed them before approving, else as the model asked. Empty: none known.
QString callArguments(const Step &step);

// How a call was decided, from the step of its approval: "approved", "approved for this run", "edited and approved", "denied: REASON", and
// whether a rule did it because nobody was there. Empty: the step is no approval, or not over.
QString approvalWords(const Step &step);

} // namespace lathe
