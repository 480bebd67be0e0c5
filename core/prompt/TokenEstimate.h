// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lathe {

// About how many tokens a model makes of a text. Every model cuts differently; by classes of characters (words of Latin letters,
// other alphabets, ideographs, digits, signs, space) this is nearer than "characters / 4", which is far too low for Chinese, JSON
// and other scripts. A rule of thumb: say "about". Linear, no allocation.
qint64 estimateTokens(QStringView text);

} // namespace lathe
