// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/CodeHighlighter.h"

namespace lathe {

// Names, texts, numbers and words of JSON. Asks the theme each time, so a theme change needs only a rehighlight.
Tokenizer jsonTokenizer(const Theme *theme);

// For tokenizers: a stretch in one colour.
Span colouredSpan(qsizetype from, qsizetype length, const QColor &color, bool strong = false);

} // namespace lathe
