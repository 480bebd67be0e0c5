// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>

#include <vector>

namespace lathe {

// One thing that differs between two bodies of a tool, in words.
struct ToolChange {
    enum class Area { Purpose, Settings, Functions, Policy, Examples };
    enum class Kind { Added, Removed, Changed };
    Area area = Area::Settings;
    Kind kind = Kind::Changed;
    QString function;      // Functions: whose
    QString what;          // "Approval", "argument city", "description"
    QString before, after; // empty: was not, or is no more
    bool isText = false;   // long texts: to be shown as a diff of words
    bool looser = false;   // lets more through than before
    bool operator==(const ToolChange &) const = default;
};

// In the order of the areas; at most some thousand.
std::vector<ToolChange> toolChanges(const QJsonObject &before, const QJsonObject &after);

// What differs between two schemas, by member: "city: text -> one of 3", "required: city". `what` holds "argument PATH".
std::vector<ToolChange> schemaChanges(const QJsonObject &before, const QJsonObject &after, const QString &noun);

// A schema's kind in words: "text", "one of 3", "list of whole numbers".
QString schemaWords(const QJsonValue &schema, const QJsonObject &root);

} // namespace lathe
