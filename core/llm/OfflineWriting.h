// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineRequest.h"
#include "core/llm/OfflineSummary.h"

namespace lathe::offline {

// The text of an answer in the wished form: a label, a reply, figures from tools, sentences that answer, a digest under
// headings, a summary; or the fallback when there is nothing to answer from. `focus` draws sentences towards its words.
QString writtenAnswer(const Reading &reading, const Focus &focus = {});

// What to say when the job can not be done: the prompt's fallback, or a plain word about what this model is.
QString fallbackText(const Reading &reading);

// The text that the job is about: the material, or the message itself when it is no order.
QString workText(const Reading &reading);

// A reply to a customer's message with greeting, concern, known facts, next step and sign-off, in the message's language
// (English, German, Spanish).
QString replyTo(const QString &message, const Reading &reading);

// A Markdown digest: the headings, each with the sentences that belong under it.
QString digestOf(const QString &text, const Reading &reading, const Focus &focus);

} // namespace lathe::offline
