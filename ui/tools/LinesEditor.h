// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace lathe {

class BodyBinding;
class CodeEditor;
class Theme;

// An editor of a list of texts, one a line, bound to a place of a body. Empty lines are no items.
CodeEditor *makeLinesEditor(Theme *theme, BodyBinding *binding, const QString &pointer, const QString &name, const QString &what,
                            bool removeEmpty = false);

} // namespace lathe
