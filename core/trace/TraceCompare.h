// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"

namespace lathe {

// The first difference of two traces as a sentence, empty when they tell the same story: same steps with the same names, kinds,
// status, attributes, texts, notes, errors and output. With `times`, also the same times.
QString firstDifference(const Trace &recorded, const Trace &replayed, bool times);

} // namespace lathe
