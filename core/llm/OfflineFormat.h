// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace lathe::offline {

// What instructions say about the form of the answer. 0 or empty: nothing said.
struct Wishes {
    int points = 0; // bullets
    bool pointsExact = false;
    bool list = false; // bullets wanted
    bool numbered = false;
    int words = 0;      // at most, of the whole
    int pointWords = 0; // at most, of each bullet
    int sentences = 0;  // of the whole
    int characters = 0; // at most
    bool markdown = false;
    bool plain = false; // no Markdown
    bool title = false; // starts with a heading
    bool table = false;
    QStringList headings;
    QStringList labels;  // "answer with one of: a, b, c"
    bool letter = false; // a reply with greeting and sign-off
    QString signAs;
    QString startsWith;
    QString endsWith;
    bool citations = false; // numbers of passages in brackets
    bool showQuery = false; // the query used is to be shown
    bool keywords = false;  // keywords or topics only
    bool counts = false;    // figures about the text itself ("how many words")
    bool urgentFirst = false; // the most urgent comes first
    bool note = false;        // a note, memo or update: nothing is left out that there is room for
    // What `other` says goes before what this says.
    void override(const Wishes &other);
};

Wishes wishesOf(const QString &instructions);

// The points as text in the wished form: bullets, numbers or sentences, within the limits of words and characters.
QString shaped(const QStringList &points, const Wishes &wishes);
// How many points a text in the wished form may have.
int wishedPoints(const Wishes &wishes, int usual);
// Cuts whole lines or sentences from the end, at last words, until the limits hold; adds the wished beginning and end.
QString fitted(const QString &text, const Wishes &wishes);
// Breaks long points at a comma, "but" or "and" until there are `count`, or none can be broken sensibly.
QStringList brokenUp(QStringList points, int count);

} // namespace lathe::offline
