// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>

#include <optional>

namespace lathe::offline {

// What a value is filled from.
struct JsonSource {
    QString text;         // the input, tool results included
    QString instructions; // may say what belongs to a label ("- urgent: data lost"), and the rubric
    QString judged;       // the text a score is about, when it is not the input
    QString rubric = {};  // what is judged by; empty: the instructions
};

// A value by JSON Schema, read off the source by rule: enums by matching words, sentiment, urgency, dates, numbers, addresses,
// summaries, keywords, lists. It is valid against type, enum, const, required, bounds, lengths, items, anyOf/oneOf/allOf and
// local $ref; a `pattern` is met when something in the text or the schema's examples does.
QJsonValue filledBySchema(const QJsonObject &schema, const JsonSource &source);

// The value brought within the schema's bounds: numbers clamped and rounded, texts cut, types converted.
QJsonValue clampedTo(const QJsonValue &value, const QJsonObject &schema);

// A schema told in the instructions: between <schema> tags, as a JSON Schema anywhere, as an example object ({"area": "...",
// "priority": "low|high"}), or as "JSON with the keys a, b and c". Empty when no JSON is asked for.
std::optional<QJsonObject> schemaInText(const QString &instructions);

// One of the labels by overlap with the text, what the instructions say about each label, and related words. `score` is 0
// when nothing speaks for any; then a label such as "other" is taken, or the first.
QString chosenLabel(const QStringList &labels, const QString &text, const QString &instructions,
                    double *score = nullptr);

} // namespace lathe::offline
