// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

// How alike two texts are, by counting. Pure; any thread.
namespace lathe {

// Edits (insert, remove, replace one UTF-16 unit) that make one text of the other. Time grows with the product of the
// lengths / 64.
qsizetype levenshteinDistance(QStringView a, QStringView b);

// Words as the Penn Treebank cuts them: punctuation stands alone, "don't" is "do" and "n't".
QStringList treebankWords(const QString &text);

// ROUGE-N recall (Lin 2004): the share of the reference's n-grams that the candidate has, each counted at most as often as it has it.
// Upper and lower case differ. 0 when the reference is shorter than n words.
double rougeN(const QString &candidate, const QString &reference, int n = 1);

// BLEU of one sentence (Papineni 2002): geometric mean of the clipped 1- to 4-gram precisions times the brevity penalty against the
// reference of closest length. Words are cut at spaces, case does not count; a precision of 0 counts as 1e-7.
double bleuScore(const QString &candidate, const QStringList &references);

} // namespace lathe
