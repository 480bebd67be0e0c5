// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/Tokens.h"

#include <QRectF>

class QPainter;

namespace lathe {

// How something stands. Each has its own shape besides its colour.
enum class Status { None, Idle, Queued, Running, Waiting, Ok, Warning, Error, Cancelled };

ColorToken statusColor(Status status);
// One word for people and screen readers: "running", "failed", ...
QString statusWord(Status status);
// A 12 px glyph centred in `rect`.
void paintStatus(QPainter &painter, const QRectF &rect, Status status, const Tokens &tokens);

} // namespace lathe
Q_DECLARE_METATYPE(lathe::Status)
