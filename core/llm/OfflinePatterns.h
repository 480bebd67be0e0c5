// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineTools.h"

namespace lathe::offline {

// The steps that a task asks for, in its order: its sentences and clauses, each beginning with a verb.
QStringList stepsOf(const QString &task);
// What a rule that can be checked (lengths, bullets, headings) says about a text; empty: kept, or not checkable.
QString brokenRule(const Wishes &rule, const QString &draft);
// A numbered plan: the task split into its sentences and clauses.
QString planFor(const Reading &reading);
// What is left of a plan, renumbered, or "DONE".
QString planLeft(const Reading &reading);
// "VERDICT: pass", or "VERDICT: revise" and points. Limits, headings and figures are checked; the rest is judged by overlap.
QString critiqueOf(const Reading &reading);
// The draft written anew with the review's points in view.
QString revisedDraft(const Reading &reading);
// A turn in the text protocol: thought and action, or thought and final answer.
QString reactTurn(const std::vector<Call> &calls, const QString &finalAnswer);

} // namespace lathe::offline
