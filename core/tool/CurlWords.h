// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QStringList>

namespace lathe {

// The words of a command as a shell would make them; nothing is expanded or executed.
struct CurlWords {
    QStringList words; // "$NAME" in them as a mark: see variable()
    QStringList notes; // what was left out

    // A variable of the shell within a word: U+E000, its name, U+E001.
    static constexpr char16_t variableBegin = 0xe000, variableEnd = 0xe001;
    // Errors: InvalidInput: open quote, $(...) and the like.
    static Result<CurlWords> parse(const QString &text);
};

} // namespace lathe
