// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/TextDiff.h"

#include <QJsonObject>

namespace lathe {

// The first part in which two requests of a journal differ.
struct RequestDiff {
    QString where;           // "system message", "message 3 (user)", "tool sql", "temperature", "arguments", ...
    QString recorded, asked; // as text
    std::vector<DiffPiece> words;
};
// Canonical JSON texts; an empty one: nothing was recorded.
RequestDiff requestDiff(const QByteArray &recorded, const QByteArray &asked);

} // namespace lathe
