// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/SchemaCheck.h"
#include "core/tool/ToolBudget.h"
#include "core/tool/UrlScope.h"

namespace lathe {

// How a tool shows itself to models, made once.
struct ToolInterface {
    QString description;
    QJsonObject schema;
    QByteArray schemaText; // compact
    Result<std::shared_ptr<const CompiledSchema>> compiled;
    std::shared_ptr<const CompiledSchema> output; // null: nothing is promised, or what is cannot be checked
};

// A tool attached to an agent under a policy: the one way to a call. One per run and attachment.
//
// A call goes: read() -> mayCall() -> admit() -> (approval, journal: RunContext) -> run(). What run() does: cache, turn of the minute,
// the call under limits of time and size, again after a failure that may pass, check of the output, redaction, stripping.
class ToolGate
{
public:
    // The policy is the specification's, with the attachment's over it. (A function's own is in the specification already.)
    ToolGate(std::shared_ptr<Tool> tool, ToolSpec spec, ToolAttachment attachment);
    const Tool &tool() const { return *m_tool; }
    std::shared_ptr<const Tool> sharedTool() const { return m_tool; }
    const ToolSpec &spec() const { return m_spec; } // with the attachment's policy
    const ToolPolicy &policy() const { return m_spec; }
    const ToolInterface &interface() const;
    Approval approval() const { return m_spec.approval; }
    int callsLeft() const;

    // The artifact and revision, for the trace: "github@3".
    void setRevision(QString revision) { m_revision = std::move(revision); }
    const QString &revision() const { return m_revision; }
    // Shared by gates; null: nothing is kept.
    void setCache(std::shared_ptr<ToolCache> cache) { m_cache = std::move(cache); }
    // Of several gates of one tool in a run. Each has its own else.
    void setBudget(std::shared_ptr<ToolBudget> budget) { m_budget = std::move(budget); }
    ToolBudget &budget() const { return *m_budget; }

    SideEffect sideEffect(const QJsonObject &arguments) const { return m_spec.sideEffect.value_or(m_tool->sideEffect(arguments)); }
    bool idempotent(const QJsonObject &arguments) const { return m_spec.idempotent.value_or(m_tool->idempotent(arguments)); }
    // What it gives was written by strangers.
    bool isUntrusted() const { return m_untrusted; }
    // "function", "extension" or "datastore", as gen_ai.tool.type.
    QString otelType() const;

    // Parses and checks the arguments as the model wrote them. An outcome instead of arguments says what is wrong, for the model (broken
    // JSON with its place, schema violations, a host or path that is not allowed, refused by policy).
    struct Checked {
        QJsonObject arguments;
        std::optional<ToolOutcome> refusal;
        QString refusalCode; // "invalid_arguments", "denied", "host", "path", "limit"
    };
    // All but the limits.
    Checked read(const QString &argumentsText) const;
    // The same of arguments that a person has edited.
    Checked readEdited(const QJsonObject &arguments) const;
    // Whether the bounds of a run (calls, cost) let another call in; refusalCode "limit" if not.
    Checked mayCall() const;
    // read() and mayCall() in one, for those who call outside of a run (a person who tries the tool).
    Checked check(const QString &argumentsText) const;
    // Counts a call; once for each, before anybody is asked.
    void admit() { m_budget->admit(); }

    // Whether a person must be asked about these arguments, when nothing has been granted yet; `why` becomes a sentence. `granted`: what
    // has been. Rules about arguments that are redacted always match: a replay, which does not know them, must decide alike.
    bool asks(const QJsonObject &arguments, ToolBudget::Grant granted, QString *why) const;

    // --- Redaction. Arguments are hidden wherever they are recorded or shown; only the live call gets them. So a replay, and a resume, see
    // "[redacted]" in their place, and a call that was not made before the program stopped cannot be made after.
    bool hidesArguments() const { return !m_hidden.isEmpty(); }
    QJsonObject shown(const QJsonObject &arguments) const;
    // Of the text a model wrote: as JSON with the fields hidden; all of it when it is no JSON.
    QString shownText(const QString &argumentsText) const;

    // Runs an admitted call. Time-outs are outcomes with isError. `scope.ask` stops the tool's time while a person is asked.
    Task<Result<ToolOutcome>> run(QJsonObject arguments, ToolCallScope scope, Clock *clock, CancelToken cancel) const;
    // Counts the call and runs it, outside of a run.
    Task<Result<ToolOutcome>> run(QJsonObject arguments, Clock *clock, CancelToken cancel);
    // What run() does with an outcome: checks it against the output schema, hides, strips, cuts. For tools that delegate(). A mismatch is
    // told to `note`.
    ToolOutcome finish(ToolOutcome outcome, const std::function<void(const QString &name, const QJsonObject &attributes)> &note) const;
    // As the model gets the text of an outcome: between marks, where the policy says so.
    QString presented(const ToolOutcome &outcome) const;

private:
    Checked checkValue(const QJsonObject &arguments) const;

    std::shared_ptr<Tool> m_tool;
    ToolSpec m_spec;
    QString m_revision;
    UrlScope m_scope;
    QStringList m_hidden;       // pointers into the arguments
    QStringList m_hiddenResult; // into the result
    bool m_untrusted = false;
    std::shared_ptr<ToolBudget> m_budget = std::make_shared<ToolBudget>();
    std::shared_ptr<ToolCache> m_cache;
};

} // namespace lathe
