// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/Tool.h"

namespace lathe {

// What is left of a text when nothing in it can act on a model or on whoever sees it, other than by its words: no links (their words stay),
// images, HTML tags and comments, and no characters that do not show (zero-width, direction marks, tags). Takes time in proportion to the text.
QString strippedText(const QString &text);

// The text between marks that say whose it is, and that it is data. Whatever looks like such a mark within the text is broken up, so that
// the text cannot pretend to end.
QString delimitedText(const QString &tool, const QString &text);

// The fields of a result hidden: in the data, in a text that is JSON, and wherever the text repeats a hidden value of the data or a part of one
// (text or number). A text with too many of them becomes the data that is left, as JSON.
// `pointers` lead into the result, "" is all of it.
ToolOutcome redactedOutcome(ToolOutcome outcome, const QStringList &pointers);

// Bounds of what is handed on: mended and cut text, data of at most four times that size.
ToolOutcome boundedOutcome(ToolOutcome outcome, qint64 maxBytes);

} // namespace lathe
