// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/Session.h"
#include "core/trace/import/ImportReport.h"
#include "core/trace/import/TraceAssembler.h"

namespace lathe {

// Brings in runs that other programs recorded and kept in files: OTLP JSON (an object, an array, or one a line), Langfuse traces, LangSmith
// runs, OpenAI-style chats (JSON lines). The format is found by content. Each trace becomes one run without journal, not live; one that is in
// the project already (same source and id) is not taken again. Main thread; reading and translating happen on a pool. The session must
// outlive its tasks.
class TraceImport
{
public:
    // Bytes read of all bytes; at most 20 times a second.
    using Progress = std::function<void(qint64 done, qint64 total)>;
    explicit TraceImport(Session *session);

    // NotFound, InvalidInput (no such file, not one of the formats: the sentence names what was found). When cancelled, traces that were
    // taken stay and the report says so.
    Task<Result<ImportReport>> importFile(QString path, Progress progress, CancelToken cancel);
    // The same of bytes someone dropped or pasted; `name` is for the report.
    Task<Result<ImportReport>> importBytes(QByteArray bytes, QString name, Progress progress, CancelToken cancel);

private:
    Session *m_session;
};

// A run of another program as the project keeps it, ready for ForeignRuns::begin(). `source`: "otlp", "langfuse", "langsmith", "openai".
RunInfo foreignRunInfo(const TraceFacts &facts, const QString &source);
// Sets lathe.cost_usd of model steps whose model has a known price; for AssemblerOptions::price.
std::function<void(ForeignStep *)> foreignPricing(const Session &session);

// What a recorded model step asked, own (journal) or foreign (attributes), as a request that the playground or a fork can send.
struct StepRequest {
    ChatRequest request;     // system messages first; model as the recorder named it
    std::optional<ChatResponse> response; // what came back
    QString provider;        // "openai"; empty: not told
    QStringList leftOut;     // sentences: what could not be carried over
    StepRequest() = default;
};
// InvalidInput: the step is no model call, or its content was not recorded (the sentence says how to have it recorded).
Result<StepRequest> stepRequest(const Step &step);                              // foreign, from attributes
Result<StepRequest> stepRequest(const Session &session, RunId run, const Step &step); // the journal when it has it, else the attributes
// "Open in playground": the request as an ad-hoc variant with prompt text, and the last user message as its input.
// (Own name, so that nobody mistakes it for the design: it refers to no agent.)
struct PlaygroundSeed {
    QJsonObject promptBody; // PromptSpec as JSON: system text, and the earlier turns as messages of the prompt
    QString input;          // the last user message
    ModelChoice model;      // a connection of the project for the provider, else the first; the recorded model's name
    std::optional<double> temperature;
    std::optional<qint64> maxTokens;
    QStringList leftOut;
    PlaygroundSeed() = default;
};
PlaygroundSeed playgroundSeed(const Session &session, const StepRequest &step);

// Rows for a dataset from model steps (input: the last user message; expected: the answer), own or foreign. Whole runs: collectRuns() of
// core/session/ExampleCollection.h does it for foreign runs, too.
Task<Result<RevisionInfo>> toDatasetExamples(Session *session, QString dataset, RunId run, QStringList steps, CancelToken cancel);

} // namespace lathe
