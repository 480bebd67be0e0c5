// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/llm/OfflineRequest.h"

#include <optional>

// What the nodes of a team ask for (prompts/patterns/team_*.md, resources/data/teams), read and done by rule.
namespace lathe::offline {

// A JSON list of {worker, task}: the <request> in its steps, each given to the one of the <workers> whose job fits it
// best. A step that refers back ("its", "those") stays with the one before, as workers do not see each other's results.
QString workerPlan(const Reading &reading);

// A task that goes on with what its first part finds ("find the area with the most complaints, then count its complaints"):
// the first part alone until there is a result, then all of it with the finding put for "its". Others stay as they are.
QString chained(const QString &task, const std::vector<Exchange> &exchanges);

// One answer from the <results> of tasks: each under what it is about, every figure kept, open tasks named.
QString mergedResults(const Reading &reading);

// What a team's node asks for with its own words or tags: merging, uniting <contributions>, the reasons for or against a
// proposal, weighing reasons <for> and <against>. Nothing when it is other work.
std::optional<QString> teamAnswer(const Reading &reading);

// The reasons of one side: sentences and clauses of the text by what they say about the proposal in it, strongest first.
QStringList reasonsOf(const QString &text, bool inFavour, int most);
// Which of two lists of reasons is stronger, in sentences that quote the strongest of each.
QStringList weighed(const QString &inFavour, const QString &against);

// How well a reply meets criteria that can be told by rule: names the problem, says the next step, is polite, names the
// amounts, is signed, keeps its length. Nothing when the criteria name fewer than two of them.
struct Review {
    double share = 0; // met, 0 to 1; at most a half when a length is broken
    QString advice;   // what to change first; empty when there is nothing
};
std::optional<Review> reviewOf(const QString &criteria, const QString &message, const QString &reply);

// The sentence of a message that tells what troubles, or pleases, its writer.
QString concernOf(const QString &message);

enum class MessageKind { Complaint, Praise, Wish, Question, Other };
MessageKind kindOfMessage(const QString &text);
// "List the complaints" and the like: the lines or sentences of the text of that kind, in its order. Nothing when the
// instructions ask for no kind.
std::optional<QStringList> messagesOfKind(const QString &instructions, const QString &text);
// The items of a bulleted list in that many sentences, those about one topic together; empty when the text is no list
// or has no more items than that.
QStringList groupedItems(const QString &text, int sentences);

} // namespace lathe::offline
