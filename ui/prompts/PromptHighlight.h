// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Theme.h"
#include "ui/widgets/CodeHighlighter.h"

// Colours for the texts of this screen. They look at the theme each time, so a theme change needs only a rehighlight.
namespace lathe::prompthighlight {

Tokenizer promptTokenizer(const Theme *theme); // {{variables}}, sections, comments

} // namespace lathe::prompthighlight
