// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <QRegularExpression>

#include <optional>

namespace lathe {

// The keywords of one schema node that look at one value only. valijson walks the structure and
// asks these at each node: its own scalar checks use 32-bit integers and std::regex, which hangs or
// overflows the stack on hostile text.
struct SchemaRule {
    enum Type {
        Null = 1,
        Boolean = 2,
        Integer = 4,
        Number = 8,
        String = 16,
        Array = 32,
        Object = 64
    };

    bool never = false; // the schema `false`
    int types = 0;      // bits of Type, 0: any
    bool hasAllowed = false;
    QJsonArray allowed; // enum, or const as an enum of one
    std::optional<double> minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf;
    std::optional<double> minLength, maxLength;
    QString patternText;
    QRegularExpression pattern; // bounded by PCRE's match limit
    QString format;
    bool uniqueItems = false;
    bool closed = false; // additionalProperties: false without patternProperties
    QStringList properties;
    bool hasPatternProperties = false;

    // Reads the keywords of `node`; the error says what is wrong, not where.
    static Result<SchemaRule> read(const QJsonObject &node);
    // What is wrong with the value, as ends of a sentence about it. `name` is shown for a property
    // name.
    QStringList check(const QJsonValue &value) const;
};

// "integer or null".
QString schemaTypesText(int types);
// The value as short JSON, for messages.
QString shortJson(const QJsonValue &value);

} // namespace lathe
