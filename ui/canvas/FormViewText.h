// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/CodeHighlighter.h"

namespace lathe {

class CodeEditor;
class Theme;

// Colours for the texts of forms; they ask the theme each time.
namespace formview {
Tokenizer templateTokenizer(const Theme *theme);   // {{variables}}
Tokenizer expressionTokenizer(const Theme *theme); // JavaScript: strings, numbers, words of the language, names that are given
// Makes an editor that grows with its text look again: it counts lines that are wrapped only once they have been drawn.
void fitHeight(CodeEditor *editor, int least, int most);
}

} // namespace lathe
