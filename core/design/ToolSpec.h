// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/AgentSpec.h"

namespace lathe {

enum class SideEffect { Read, Write, External };
QString sideEffectName(SideEffect effect); // "read", "write", "external"
enum class Approval { Always, Ask, Never };
QString approvalName(Approval approval); // "always", "ask", "never"
std::optional<Approval> approvalFromName(const QString &name);

struct ToolLimits {
    int callsPerRun = 50;
    double seconds = 30;
    qint64 maxBytes = 256 * 1024; // of the result text given to the model; more is cut with a note that says so
    bool operator==(const ToolLimits &) const = default;
};

// A tool as a designed thing. Body JSON: {type, purpose, config:{...}, side_effect?, approval, idempotent?,
//  limits:{calls_per_run,seconds,max_bytes}}
struct ToolSpec {
    QString type;    // "sql", "http", "files", "calculator", "current_time", "ask_human"
    QString purpose; // one sentence, given to the model as the description
    QJsonObject config;
    Approval approval = Approval::Always;
    std::optional<bool> idempotent; // empty: the type's own
    ToolLimits limits;
    static Result<ToolSpec> fromJson(const QJsonObject &body);
    QJsonObject toJson() const;
    bool operator==(const ToolSpec &) const = default;
};

// One field of a settings form, described as data and drawn by ui.
struct SettingField {
    enum class Type { Text, MultiLine, Number, Integer, Bool, Choice, StringList, File, Folder, Json, Dataset };
    QString pointer; // into the body
    QString label;
    QString help;
    Type type = Type::Text;
    QStringList choices; // Choice
    QJsonValue defaultValue;
    double minimum = 0, maximum = 0; // Number, Integer; equal: unbounded
};

struct ToolTypeInfo {
    QString type;
    QString title;
    QString about; // one sentence
    SideEffect sideEffect = SideEffect::Read;
    bool idempotent = true;
    std::vector<SettingField> fields; // of config
    QJsonObject defaultBody;
    // With this config: a writable folder makes the files tool write.
    SideEffect sideEffectOf(const QJsonObject &config) const;
};
// The built-in types, in the order a list shows them.
const std::vector<ToolTypeInfo> &toolTypes();
const ToolTypeInfo *toolType(const QString &type);

std::vector<Problem> validateTool(const QJsonObject &body, const DesignLookup &lookup);

} // namespace lathe
