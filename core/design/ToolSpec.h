// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/AgentSpec.h"

#include <QJsonArray>

namespace lathe {

enum class SideEffect { Read, Write, External };
QString sideEffectName(SideEffect effect); // "read", "write", "external"
// When a person decides about a call. Names in bodies: "always" (runs at once), "ask" (each call), "ask_first" (the first call of a run,
// then the same tool may go on), "ask_when" (when one of the rules matches the arguments), "never" (refused).
enum class Approval { Always, Ask, AskFirst, AskWhen, Never };
QString approvalName(Approval approval);
std::optional<Approval> approvalFromName(const QString &name);

// What a call that needs a person gets when nobody attends the run: "deny" (the model is told), "allow", "stop" (the run ends).
enum class Unattended { Deny, Allow, Stop };
// How a result reaches the model: "as_is", "delimited" (between marks that say it is data, not instructions), "stripped" (text only: no
// links, images, HTML comments, invisible characters; then delimited).
enum class ResultHandling { AsIs, Delimited, Stripped };
QString unattendedName(Unattended value);
QString resultHandlingName(ResultHandling value);

// A condition on the arguments of a call. Body: {pointer, op, value}; op: "exists", "equals", "not_equals", "contains", "matches" (regular
// expression), "greater", "less".
struct ArgumentRule {
    QString pointer; // JSON pointer into the arguments; "*" in it stands for any element
    QString op = QStringLiteral("exists");
    QJsonValue value;
    bool operator==(const ArgumentRule &) const = default;
};

// The first three bound every call: 0 and less is no bound there, but a slip that the check refuses (checkPolicy) and a run answers with
// the default (keptLimits). 0 of the others is no bound.
struct ToolLimits {
    int callsPerRun = 50;
    double seconds = 30;
    qint64 maxBytes = 256 * 1024; // of the result text given to the model; more is cut with a note that says so
    int callsPerMinute = 0;       // 0: no bound. A call over it waits for its turn, and so does a retry
    double costUsd = 0;           // of all calls and retries of a run together, by costPerCallUsd; 0: no bound
    bool operator==(const ToolLimits &) const = default;
};

// How a tool may be used. Part of a tool's body; a function of a set and an attachment may override single members of it by an object with
// the same keys.
struct ToolPolicy {
    Approval approval = Approval::Always;
    std::vector<ArgumentRule> askWhen; // of Approval::AskWhen
    Unattended unattended = Unattended::Deny;
    std::optional<SideEffect> sideEffect; // empty: the type's own
    std::optional<bool> idempotent;       // empty: the type's own
    ToolLimits limits;
    double costPerCallUsd = 0; // of each try
    int retries = 0;      // after a failure that may pass (unreachable, time-out, 429, 5xx); only where idempotent
    int cacheSeconds = 0; // the same call gives the same answer again that long, in this program; only reads
    QStringList allowedHosts, allowedPaths; // beyond the tool's own: every URL (path) in the arguments must be beneath one; empty: all
    QStringList redact;   // JSON pointers into arguments and result ("/arguments/token", "/result/ssn"): hidden in trace and journal
    ResultHandling results = ResultHandling::AsIs;
    // Members that `override` names replace these. What it has of a wrong kind is left alone; problems, when given, say so.
    ToolPolicy overriddenBy(const QJsonObject &override, const QString &pointer = QString(),
                            std::vector<Problem> *problems = nullptr) const;
    // Only what differs from the default, so that bodies stay short.
    QJsonObject toJson() const;
    bool operator==(const ToolPolicy &) const = default;
};

// A tool as a designed thing. Body JSON: {type, purpose, config:{...}, side_effect?, approval, approval_when?:[rule], unattended?,
//  idempotent?, limits:{calls_per_run,seconds,max_bytes,calls_per_minute?,cost_usd?}, cost_per_call_usd?, retries?, cache_seconds?,
//  allowed_hosts?, allowed_paths?, redact?, results?, examples?:[{name,arguments}]}
struct ToolSpec : ToolPolicy {
    QString type;    // "sql", "http", "mcp", ...: toolTypes()
    QString purpose; // one sentence, given to the model as the description
    QJsonObject config;
    QJsonArray examples; // calls a person kept: {name, arguments}
    static Result<ToolSpec> fromJson(const QJsonObject &body);
    QJsonObject toJson() const;
    bool operator==(const ToolSpec &) const = default;
};

// One function of a tool that has several (an MCP server, an OpenAPI document). Kept in config.tools of the body, as it was when a person
// approved it, so that a run needs no server to know it, a diff shows changed schemas, and a changed description is noticed. JSON:
// {name, title?, description, input_schema, output_schema?, annotations?, enabled?, policy?, request?}
struct ToolFunction {
    QString name; // as the server knows it
    QString title;
    QString description;
    QJsonObject inputSchema;
    QJsonObject outputSchema; // empty: none declared
    QJsonObject annotations;  // as the server says (MCP ToolAnnotations): hints, not to be trusted
    bool enabled = true;
    QJsonObject policy;  // override
    QJsonObject request; // of OpenAPI: how to send it
    static ToolFunction fromJson(const QJsonObject &json);
    QJsonObject toJson() const;
    // What a person approves: SHA-256 in hex of name, title, description, schemas and annotations as canonical JSON.
    QByteArray fingerprint() const;
    bool operator==(const ToolFunction &) const = default;
};
// The functions of a tool of the types "mcp" and "openapi"; others have none. What their schemas share (config.schemas) is in each.
std::vector<ToolFunction> toolFunctions(const QJsonObject &config);
// Puts them into config.tools. A definition that the schemas of several have alike stands once, in config.schemas: {KEY: schema}, and their
// "$defs" hold its KEY in its place.
void setToolFunctions(QJsonObject *config, const std::vector<ToolFunction> &functions);
bool isToolSet(const QString &type);

// One field of a settings form, described as data and drawn by ui.
struct SettingField {
    enum class Type {
        Text, MultiLine, Code, Number, Integer, Bool, Choice, StringList, File, Folder, Json, Dataset,
        Agent, Team, // reference to an artifact
    };
    QString pointer; // into the body
    QString label;
    QString help;
    Type type = Type::Text;
    QStringList choices; // Choice
    QJsonValue defaultValue;
    double minimum = 0, maximum = 0; // Number, Integer; equal: unbounded
    QString language;    // Code: "python", "sh", "sql", "json"; empty: plain
    QString shownWhen;   // pointer into the body: the field counts only when that value is one of `shownIs`; empty: always
    QJsonArray shownIs;
};

struct ToolTypeInfo {
    QString type;
    QString title;
    QString about; // one sentence
    SideEffect sideEffect = SideEffect::Read;
    bool idempotent = true;
    std::vector<SettingField> fields; // of config
    QJsonObject defaultBody;
    QString group; // where the catalogue shows it: "Data", "Web", "Messages", "Code", "Agents", "Servers", "Basics"
    // With this config: a writable folder makes the files tool write.
    SideEffect sideEffectOf(const QJsonObject &config) const;
};
// The built-in types, in the order a list shows them.
const std::vector<ToolTypeInfo> &toolTypes();
const ToolTypeInfo *toolType(const QString &type);

// What makes a combination of tools dangerous: private data, content that strangers wrote, and a way out. Of a whole tool body.
struct ToolTraits {
    bool readsPrivate = false;
    bool readsUntrusted = false;
    bool sendsOut = false;
};
ToolTraits toolTraits(const QJsonObject &body);

std::vector<Problem> validateTool(const QJsonObject &body, const DesignLookup &lookup);

} // namespace lathe
