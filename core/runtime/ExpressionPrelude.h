// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lathe {

// JavaScript that turns a fresh engine into the sandbox of expressions: takes out the clock, chance and raw memory, bounds what
// one native call can make (the interrupt of an engine is only looked at between them), and freezes the rest. Its value
// is {parse, call, text}: JSON text to a value, a call that catches, and a value to JSON text.
QString expressionPrelude();

} // namespace lathe
