// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/CodeHighlighter.h"

namespace lathe {

class Theme;

// Colours for the texts of forms; they ask the theme each time.
namespace formview {
Tokenizer jsonTokenizer(const Theme *theme);
Tokenizer templateTokenizer(const Theme *theme);   // {{variables}}
Tokenizer expressionTokenizer(const Theme *theme); // JavaScript: strings, numbers, words of the language, names that are given
}

} // namespace lathe
