// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QString>
#include <QStringList>

#include <vector>

// The offline model's reading of text: words, stems, sentences. Everything here is linear in its input.
namespace lathe::offline {

struct Word {
    qsizetype from = 0;
    qsizetype length = 0;
    QString lower;
    QString stem;
    bool isStop = false; // says nothing about the topic ("the", "is", "please")
    bool isNumber = false;
};

// Words of letters and digits; signs and "_" part them. "don't" is one word.
std::vector<Word> wordsOf(const QString &text);
// Lower case, without the usual English endings: "invoices", "invoicing" and "invoice" are one. Other languages pass.
QString stemOf(const QString &word);
bool isStopWord(const QString &lower);
// Stems that say something, without doubles.
QSet<QString> stemsOf(const QString &text);
// The same in order of first use.
QStringList stemList(const QString &text);
// How much of `part` occurs in `whole`, 0 to 1.
double overlap(const QSet<QString> &part, const QSet<QString> &whole);

// Sentences and list items, trimmed, without bullets; empty ones are left out. At most `limit`.
QStringList sentencesOf(const QString &text, int limit = 2000);
// The words of a text counted as a person does, by spaces.
int countWords(const QString &text);
// Words and signs: what the offline model counts as tokens.
qint64 countTokens(const QString &text);

// The first n words, with "…" when cut; ends of lines are kept.
QString firstWords(const QString &text, int words);
// At most n characters, cut between words, with "…" when cut.
QString firstCharacters(const QString &text, int characters);
// First letter upper case.
QString capitalised(const QString &text);
// Ends with a full stop unless it ends with a sign.
QString asSentence(const QString &text);
// White space runs to one space.
QString oneLine(const QString &text);
// True when `phrase` stands in `text` between word borders, whatever the case.
bool containsPhrase(const QString &text, const QString &phrase);
qsizetype indexOfPhrase(const QString &text, const QString &phrase, qsizetype from = 0);
// The middle of very long text is left out, so that nothing is analysed without bound.
QString capped(const QString &text, qsizetype characters);

} // namespace lathe::offline
