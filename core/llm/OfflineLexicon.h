// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QString>
#include <QStringList>

// Word lists of the offline model: what it knows instead of weights.
namespace lathe::offline {

const QSet<QString> &stopWords();

// Sum of the words' feelings, negation turned round ("not good"); above 0 is positive. Reads English, some German and Spanish.
int sentimentOf(const QString &text);
// How pressing a message is, 0 (a wish or praise) to 3 (data lost, nobody can work), and the word that says so.
struct Urgency {
    int level = 1;
    QString because;
};
Urgency urgencyOf(const QString &text);
// Stems that go with a topic named in a label, such as invoice and refund with "Billing".
QStringList relatedStems(const QString &label);
// "en", "de", "es", "fr", or empty when the text is too short to say.
QString languageOf(const QString &text);

// "three" -> 3, "12" -> 12, "a single" is not read; -1 when it is no number.
int numberFromWord(const QString &lower);
// 1-12 for "march" or "mar", 0 for others. "may" counts only as "May".
int monthFromWord(const QString &word);

// Verbs that begin a request ("summarise", "list"), as stems.
bool isRequestVerb(const QString &word);
// "what", "how", "which", ...
bool isQuestionWord(const QString &lower);

} // namespace lathe::offline
