// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/Trace.h"
#include "core/trace/import/OtlpSpan.h"

#include <optional>
#include <span>

namespace lathe {

// A span recorded elsewhere, told in Lathe's words whatever its dialect was.
//
// WHERE THE CONVERSATION STANDS. A model step of an own run has a journal entry {request, outcome}; a foreign step has none. Its attributes
// hold the same instead, in the shape of the current conventions, always as structured JSON (never as a JSON text):
//   gen_ai.system_instructions  [{"type":"text","content":"..."}]                      may be absent
//   gen_ai.input.messages       [{"role":"system|user|assistant|tool","parts":[...]}]   oldest first; system messages may stand here, too
//   gen_ai.output.messages      [{"role":"assistant","parts":[...],"finish_reason":"stop"}]  one a choice
//   gen_ai.tool.definitions     [{"type":"function","name":..,"description":..,"parameters":{JSON Schema}}]
// Parts (the same as Message::toJson(), so MessageView shows them as they are):
//   {"type":"text","content":".."} {"type":"reasoning","content":".."}
//   {"type":"tool_call","id":"..","name":"..","arguments":".."}   arguments: JSON TEXT as the model wrote it
//   {"type":"tool_call_response","id":"..","name":"..","response":".."}  response: text
//   {"type":"blob","mime_type":"image/png","content":"<base64>"} {"type":"uri","uri":"https://..","mime_type":".."} other types: unchanged
// Request settings are gen_ai.request.*; model: gen_ai.request.model, gen_ai.response.model and lathe.model (what the run log lists).
// Usage is gen_ai.usage.*; cost, when the recorder told one or a price is known, lathe.cost_usd.
// Step::text is the answer's text (first choice); Step::reasoning and Step::toolArguments as in own runs.
// A tool step has gen_ai.tool.name, gen_ai.tool.call.id, gen_ai.tool.call.arguments (JSON text) and its result in Step::text.
// Any step may have lathe.input and lathe.output (text or JSON): what went in and came out, of agents, chains, retrievers.
// Retrievers have gen_ai.retrieval.documents [{id, score, content, metadata}] and gen_ai.retrieval.query.text.
// lathe.dialect says which dialect it was. All attributes Lathe does not know stay under their own names; what was translated is not kept
// twice. lathe.foreign.kind, lathe.foreign.scope, lathe.foreign.id (span id), lathe.foreign.service keep where it came from.
// Notes: the span's events ("exception" with exception.type, exception.message, exception.stacktrace; "retry", "fallback",
// "rate_limit_wait" as in own runs where the dialect tells them; "import" with `about`: what is odd about the step).
struct ForeignStep {
    QString traceId;
    QString id;
    QString parentId; // empty: a root
    QString dialect;  // "gen_ai", "gen_ai.system", "ai", "openinference", "traceloop", "mcp", "lathe", "langfuse", "langsmith", "openai", "other"
    StepKind kind = StepKind::Control;
    QString name; // "chat gpt-5", "execute_tool search", "invoke_agent triage", else as it was
    StepStatus status = StepStatus::Ok; // Running: it has not ended yet
    qint64 startUs = 0;
    qint64 endUs = 0;        // 0: still under way
    qint64 firstTextUs = 0;  // when the answer began to stream; 0: not known
    QJsonObject attributes;
    QString text, reasoning, toolArguments;
    std::vector<StepNote> notes;
    std::optional<Error> error;
    // What it tells of the whole run, when it is its first step.
    QString agent;   // name of the agent, workflow or function
    QString service; // service.name of the resource
    QString input, output;
    QString session, user; // conversation and person
    QStringList tags;
    bool partial = false; // only adds to a step told before or after (a log record, an update)

    qint64 bytes() const; // about what it takes in memory
};

// What a mapping could not interpret.
struct MappingNotes {
    ImportTallies dialects, unknownKeys;
};

// Translates a span with the log records that belong to it (older instrumentations tell messages that way). Pure, any thread.
ForeignStep stepFromSpan(const OtlpSpan &span, std::span<const OtlpLogRecord> logs = {}, MappingNotes *notes = nullptr);
// The title of a dialect: "OpenTelemetry GenAI", "AI SDK", "OpenInference"...
QString dialectTitle(const QString &dialect);

} // namespace lathe
