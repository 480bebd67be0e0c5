// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lathe {

// The options of curl 8, by their long names.

// "data" of 'd'; empty when there is none.
QString curlOptionName(QChar letter);
bool curlOptionTakesValue(const QString &name);
// Whether it takes no value and changes nothing for a request of ours.
bool curlOptionIsQuiet(const QString &name);
// The sentence that says why an option is not kept; empty when nobody needs to know.
QString curlOptionLoss(const QString &option);

} // namespace lathe
