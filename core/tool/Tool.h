// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Clock.h"
#include "core/design/DatasetSpec.h"
#include "core/design/ToolSpec.h"
#include "core/http/HttpClient.h"
#include "core/trace/RunEvent.h"

#include <memory>

namespace lathe {

// What a call gave. A failed call is an outcome too: the model is told and may mend it. Result errors are for what the
// model cannot mend (cancelled, a bug).
struct ToolOutcome {
    QString text;         // for the model
    QJsonValue structured; // the same as data, when there is any
    bool isError = false;
    bool truncated = false;
    // A failure that may pass (unreachable, time-out, 429, 5xx): the gate may try again, where that is harmless. Not kept.
    bool transient = false;
    qint64 retryAfterMs = -1; // of a transient one: how long the other side asked to wait; -1: it did not say. Not kept.
    // Why it failed, for a note of the step: "changed" (the server's tool is not the approved one any more). "timeout" becomes
    // the error's kind instead. Not kept.
    QString code;
    // The tool gave it, rather than a rule or a person that refused the call. Set by RunContext; not kept.
    bool ran = false;
    static ToolOutcome failure(QString message);
    QJsonObject toJson() const;
    static ToolOutcome fromJson(const QJsonObject &json);
};

struct ToolInterface; // ToolGate.h

// Something a tool asks a person while a call is under way (MCP elicitation and sampling).
struct PersonRequest {
    enum class Type {
        Form,     // values for `schema`, a flat object schema; defaults are to be applied
        Url,      // open `url` in a browser, and say when done
        Sampling, // may this request go to a model? `params` is what would be asked
    };
    Type type = Type::Form;
    QString who;     // the server's name
    QString message; // what it says; written by a stranger
    QJsonObject schema;
    QString url;
    QJsonObject params;
    PersonRequest() = default;
};
struct PersonReply {
    enum class Action { Accept, Decline, Cancel };
    Action action = Action::Cancel;
    QJsonObject content;
    PersonReply() = default;
};
QString personActionName(PersonReply::Action action); // "accept", "decline", "cancel"
using AskPerson = std::function<Task<Result<PersonReply>>(PersonRequest request, CancelToken cancel)>;

// A model's answer that a tool used while it was called, at the expense of whoever called it.
struct ModelUse {
    QString connection, provider, model;
    Usage usage; // without a cost when the price is not known there
    qint64 startUs = 0, endUs = 0;
    QJsonArray input; // as gen_ai.input.messages: [{role, parts: [{type: "text", content}]}], bounded
    QString answer;   // bounded
    ModelUse() = default;
};

// What a call may use beyond its arguments. All functions may be empty. Main thread.
struct ToolCallScope {
    QString traceparent; // W3C trace context of the step
    std::function<void(double progress, std::optional<double> total, const QString &message)> progress;
    // A note in the step's trace; kept with the outcome, so that a replay shows it.
    std::function<void(const QString &name, const QJsonObject &attributes)> note;
    // Counts what a model was used for the call, once it has answered.
    std::function<void(const ModelUse &use)> used;
    // Empty: nobody is there.
    AskPerson ask;
    ToolCallScope() = default;
};

// Something an agent can do. Main thread; slow work goes to threads of its owners. Call only through a ToolGate.
class Tool
{
public:
    virtual ~Tool() = default;
    virtual QString name() const = 0;        // as the model sees it: [a-zA-Z0-9_-]{1,64}
    virtual QString description() const = 0; // purpose and what a caller must know (e.g. the tables); the same at any time
    // How much of description() belongs to the design; what follows was read from outside when the tool was made (the tables of a database), so
    // that it may be another one when a recorded run goes on. -1: all of it.
    virtual qsizetype designedDescription() const { return -1; }
    virtual QJsonObject schema() const = 0;  // JSON Schema of the arguments, type object; the same at any time
    virtual SideEffect sideEffect(const QJsonObject &arguments) const = 0;
    virtual bool idempotent(const QJsonObject &arguments) const = 0;
    // Arguments have been checked against the schema.
    virtual Task<Result<ToolOutcome>> call(QJsonObject arguments, CancelToken cancel) = 0;
    // The same with what a call may use; call() for tools that use none of it.
    virtual Task<Result<ToolOutcome>> callWithin(QJsonObject arguments, ToolCallScope scope, CancelToken cancel);
    // JSON Schema of ToolOutcome::structured, empty when nothing is promised. What does not fit is an outcome with isError.
    virtual QJsonObject outputSchema() const { return {}; }
    // Plain text of what a call with these arguments would do, for whoever decides about it (the mail as it would go out, the SQL); empty:
    // the arguments say it all.
    virtual QString preview(const QJsonObject &arguments) const
    {
        Q_UNUSED(arguments)
        return {};
    }
    // Why a call with these arguments cannot be made although they fit the schema (somebody who may not be written to), as a sentence for the
    // model, which may mend it; empty: nothing is known against it. The gate asks before it asks a person. The same at any time.
    virtual QString objection(const QJsonObject &arguments) const
    {
        Q_UNUSED(arguments)
        return {};
    }
    // Of a tool that is one of several functions of its artifact: the function's name as the server knows it.
    virtual QString function() const { return {}; }
    // True: it does not act by itself, it asks a person (ask_human); the caller routes the question.
    virtual bool asksHuman() const { return false; }
    // True: it is an agent or a team (core/runtime/DelegateTool.h); its steps are recorded beneath the call's, not the call as one.
    virtual bool delegates() const { return false; }

private:
    friend class ToolGate;
    mutable std::shared_ptr<const ToolInterface> m_interface; // shared by all gates of the tool; null: not made yet
};

class McpConnector; // core/mcp/McpConnector.h

// What tools may need from outside. All must outlive the tools.
struct ToolEnvironment {
    HttpClient *http = nullptr;
    Clock *clock = nullptr;
    QString projectFolder; // relative paths in tool configurations start here
    QString projectFile;   // absolute: out of reach of what writes files; empty: there is none
    std::function<Result<Dataset>(const QString &datasetRef)> dataset;
    std::function<QString(const QString &secretName)> secret; // empty when unknown
    McpConnector *mcp = nullptr; // reaches MCP servers
    // The tools of the types "agent" and "team", which know how to run them.
    std::function<Result<std::shared_ptr<Tool>>(const QString &name, const ToolSpec &spec)> delegate;
    std::function<qint64()> nowUs; // the run's clock, so that current_time replays; null: clock
};

// Makes the tools of a specification: one, or the enabled functions of a set. `name` is the artifact's name; the model-facing names are
// derived from it. Reaches nobody: what it needs to know of a server stands in the specification.
// Errors: NotFound or InvalidInput with what is wrong in the configuration.
Result<std::vector<std::shared_ptr<Tool>>> makeTools(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);
// The first of them; InvalidInput when there is none.
Result<std::shared_ptr<Tool>> makeTool(const QString &name, const ToolSpec &spec, const ToolEnvironment &environment);
// "github" and "create_issue" -> "github__create_issue"; at most 64 characters, a longer one ends in a part of its hash.
QString functionNameForModel(const QString &artifactName, const QString &function);
// Letters, digits, _ and -: "Feedback SQL" -> "feedback_sql".
QString toolNameForModel(const QString &artifactName);

} // namespace lathe
