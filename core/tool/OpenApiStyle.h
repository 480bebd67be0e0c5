// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonValue>
#include <QStringList>

#include <optional>

namespace lathe {

// How OpenAPI writes the value of a parameter; everything encoded, so that a value stays a value.
struct OpenApiStyle {
    QString name;
    QString style; // empty: as the place has it
    std::optional<bool> explode;
    bool reserved = false; // leave characters such as / and : as they are; never & # + = and what is no character of a URL
    bool json = false;     // the value as JSON
};

// "3,4" of simple, ".3.4" of label, ";id=3;id=4" of matrix.
QString pathText(const OpenApiStyle &how, const QJsonValue &value);
// "id=3", "id=4"; forms: form, spaceDelimited, pipeDelimited, deepObject. Form bodies are written so too.
QStringList queryPairs(const OpenApiStyle &how, const QJsonValue &value);
// Not encoded: the caller checks what a header may hold.
QString headerText(const OpenApiStyle &how, const QJsonValue &value);

} // namespace lathe
