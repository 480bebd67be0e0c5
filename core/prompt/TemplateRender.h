// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QJsonObject>
#include <QString>

namespace lathe {

struct TemplateToken;

// Private to core/prompt: fills a Mustache template. Strings go in verbatim; empty strings, false, null and empty lists make a
// section false; `true` renders as "true"; numbers render as JSON writes them; "{{.}}" is the item of a list.
// Errors: InvalidInput for a broken template (with line and column) and for output or work beyond the bounds below.
Result<QString> renderTemplate(const QString &text, const QJsonObject &values);

// What is wrong with a Broken token of `text`, as the end of a sentence: "the section "x" is never closed".
QString brokenReason(const QString &text, const TemplateToken &token);
// "line 3, column 7" of an offset, both from 1.
QString placeInText(const QString &text, qsizetype offset);

constexpr qsizetype maxTemplateLength = 1'000'000;       // characters of a template
constexpr qsizetype maxRenderedBytes = 32 * 1024 * 1024; // UTF-8 bytes of the result
constexpr int maxSectionDepth = 40;

} // namespace lathe
