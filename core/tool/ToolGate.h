// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tool/SchemaCheck.h"
#include "core/tool/Tool.h"

namespace lathe {

// What a person is asked before a call runs, and what they may answer.
struct ApprovalRequest {
    QString tool;
    QString purpose;
    QJsonObject arguments;
    SideEffect sideEffect = SideEffect::Read;
};
struct ApprovalAnswer {
    bool approved = false;
    QString reason;                      // of a denial, told to the model
    std::optional<QJsonObject> arguments; // edited arguments
};

// How a tool shows itself to models, made once.
struct ToolInterface {
    QString description;
    QJsonObject schema;
    QByteArray schemaText; // compact
    Result<std::shared_ptr<const CompiledSchema>> compiled;
};

// A tool attached to an agent under a policy: the one way to a call. Keeps count per run.
class ToolGate
{
public:
    ToolGate(std::shared_ptr<Tool> tool, ToolSpec spec, ToolAttachment attachment);
    const Tool &tool() const { return *m_tool; }
    const ToolSpec &spec() const { return m_spec; }
    const ToolInterface &interface() const;
    Approval approval() const;
    int callsLeft() const;

    // Parses and checks the arguments as the model wrote them. An outcome instead of arguments says what is wrong, for the
    // model (broken JSON with its place, schema violations, refused by policy, no calls left).
    struct Checked {
        QJsonObject arguments;
        std::optional<ToolOutcome> refusal;
        QString refusalCode; // "invalid_arguments", "limit", "denied"
    };
    Checked check(const QString &argumentsText) const;
    // Runs the call under the limits of time and size; counts it. Time-outs are outcomes with isError.
    Task<Result<ToolOutcome>> run(QJsonObject arguments, Clock *clock, CancelToken cancel);
    // A call that the journal answered counts too.
    void countRecorded() { ++m_calls; }

private:
    std::shared_ptr<Tool> m_tool;
    ToolSpec m_spec;
    ToolAttachment m_attachment;
    int m_calls = 0;
};

} // namespace lathe
