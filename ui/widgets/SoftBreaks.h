// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

// A text widget chokes on one line of a megabyte, so the editor shows long lines in pieces: after
// each piece stand U+FDD5, which no text carries (U+FDD0 and FDD1 mean frames to QTextDocument),
// and a line feed. Both leave again when the text is read.
namespace lathe::softbreaks {

constexpr QChar Marker{u'\xFDD5'};
constexpr qsizetype LongLine = 4000; // lines over this are cut ...
constexpr qsizetype Piece = 2000;    // ... into pieces of about this, at a space when one is near

// Text to what is shown. Marker characters in `text` are dropped.
QString wrap(QString text);
// What is shown to text.
QString unwrap(QString shown);
// Where to cut a line that is too long: offset of the next piece, or -1 when it fits.
qsizetype cutAt(QStringView line);

} // namespace lathe::softbreaks
