// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>

#include <vector>

namespace lathe {

// What a form needs to know of one JSON Schema (2020-12 and draft 7, as tools use them). References inside the document, allOf and
// "or null" are resolved; every schema gives something, also a broken or recursive one (bounded; what cannot be drawn is Any: raw JSON).
struct SchemaFacts {
    enum class Kind { Text, LongText, Number, Integer, Boolean, Choice, Checks, List, Object, Variants, Any };
    struct Choice {
        QJsonValue value;
        QString title; // as the schema names it, else the value
        QString about;
    };
    Kind kind = Kind::Any;
    QJsonObject schema; // resolved: own members, allOf merged
    bool nullable = false;
    std::vector<Choice> choices;       // Choice; of Checks: of each element
    std::vector<QJsonObject> variants; // Variants: one schema each, what all share merged in
    QString title() const { return schema.value(QLatin1String("title")).toString(); }
    QString description() const;  // at most 600 characters
    QString help() const;         // description and the bounds as sentences
    QJsonValue first() const;     // the default, else the first example; Undefined
    std::vector<QJsonValue> examples() const;
};

SchemaFacts readSchema(const QJsonValue &schema, const QJsonObject &root);
// What one would call a variant: its title, the constant that tells it apart, or its kind.
QString variantTitle(const QJsonObject &schema, const QJsonObject &root, int number);
// How well a value fits, for choosing among variants: higher is better, below 0 not at all.
int fitness(const SchemaFacts &facts, const QJsonValue &value, const QJsonObject &root);

} // namespace lathe
