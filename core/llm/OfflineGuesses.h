// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QString>

// Values for tool arguments that are told by the words around them.
namespace lathe::offline {

// An IANA name or an offset, or that of a city or country named in the text; empty when there is none.
QString zoneIn(const QString &text);
// The words after "in", "for" or "at" when they look like a name: "the weather in New York tomorrow".
QString placeIn(const QString &text);
// What to search for: quoted text, or the words that carry the request. The tool's own name is no search word.
QString searchWords(const QString &part, const QString &tool);
// The enum value that the words speak for, else the first; `found` says which. A description may tell what goes with a value
// ("read: first line").
QString matchedEnum(const QJsonArray &values, const QString &part, const QString &description, bool *found);

} // namespace lathe::offline
