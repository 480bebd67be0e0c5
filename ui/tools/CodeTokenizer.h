// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/CodeHighlighter.h"

namespace lathe {

// Colours of one line of code: comments, texts, numbers, words of the language ("python", "sh", "sql", "json"; else only texts and numbers).
// Strings over several lines are coloured by line.
Tokenizer codeTokenizer(Theme *theme, const QString &language);

} // namespace lathe
