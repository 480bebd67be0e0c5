// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/screenshots/Photographer.h"

namespace lathe::test {

// Catalogue, trying a function of a server, what changed, policy, use.
void shootTools(WindowBench *bench, Photographer *camera);

} // namespace lathe::test
