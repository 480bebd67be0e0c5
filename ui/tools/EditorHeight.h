// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace lathe {

class CodeEditor;

// The editor is as high as its text, from `least` to `most` lines, also after its width changed and the lines wrap anew.
void growWithText(CodeEditor *editor, int least, int most);

} // namespace lathe
