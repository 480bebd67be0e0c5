// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lathe {

// What a person typed as an FTS5 expression: every word must occur, or a word that begins so. Empty when there is nothing to find.
QString searchExpression(const QString &text);
// The same for words that must stand beside each other.
QString phraseExpression(const QString &text);

} // namespace lathe
