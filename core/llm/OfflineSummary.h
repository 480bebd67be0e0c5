// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QString>
#include <QStringList>

// Choosing sentences: nothing is written that is not in the text.
namespace lathe::offline {

struct Focus {
    QSet<QString>
        stems; // sentences with these count more (the job's own words, a question, points of a review)
    double weight = 1.0;
};

// The n sentences that stand best for the text, in the text's order; near doubles are left out.
QStringList bestSentences(const QString &text, int count, const Focus &focus = {});
// The sentences that answer a question, best first; empty when none has a good part of the question's words.
QStringList answeringSentences(const QString &question, const QString &text, int count);
// The words that stand for the text, most telling first, as they are written.
QStringList keywordsOf(const QString &text, int count);

} // namespace lathe::offline
