// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/screenshots/Photographer.h"

namespace lathe::test {

// Adding tools of three kinds, a real server's panel with its log, an approval, a server's question.
void shootMcp(WindowBench *bench, Photographer *camera);

} // namespace lathe::test
