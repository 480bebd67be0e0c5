// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/design/AgentSpec.h"
#include "core/runtime/HumanDesk.h"
#include "core/runtime/Journal.h"
#include "core/runtime/ModelChain.h"
#include "core/tool/ToolGate.h"
#include "core/trace/Redactor.h"
#include "core/trace/RunEvent.h"

namespace lathe {

// What a run may do when the journal does not answer.
enum class RunMode {
    Live,   // a new run, or the continuation of an interrupted one: answered from the journal where it can, else live
    Replay, // only the journal; anything else is Diverged
};

// How a call with side effects that had begun but not finished is treated on resume, when no person is asked.
enum class UnfinishedPolicy { Ask, Repeat, Skip };

struct RunOptions {
    RunId run;
    RunMode mode = RunMode::Live;
    UnfinishedPolicy unfinished = UnfinishedPolicy::Ask;
    Limits limits;
    Journal *journal = nullptr;
    Clock *clock = nullptr;
    HumanDesk *human = nullptr;    // null: nobody is there
    const Prices *prices = nullptr; // null: costs are unknown
    const Redactor *redactor = nullptr;
    std::function<void(const RunEvent &)> sink;
    qint64 startUs = 0;   // when the run first began; 0: now
    qint64 elapsedUs = 0; // running time already used before a resume
    std::optional<Error> recordedEnd; // Replay: how the recorded run ended when it did not end well
    RunOptions() = default;
};

// The only way from agent code to the world. Every effect is written to the journal before its outcome is handed on, so
// the same code over the same journal gives the same run. Main thread; must outlive the tasks it gave.
class RunContext
{
public:
    RunContext(RunOptions options, CancelToken cancel);
    ~RunContext();
    Q_DISABLE_COPY_MOVE(RunContext)

    // Container steps (agent, plan, critique...). `parent` empty: a top step. Returns the path.
    QString beginStep(const QString &parent, StepKind kind, const QString &name, const QJsonObject &attributes);
    void endStep(const QString &step, StepStatus status, const QJsonObject &attributes, std::optional<Error> error);
    void note(const QString &step, const QString &name, const QJsonObject &attributes);
    void delta(const QString &step, DeltaChannel channel, const QString &text);

    // A model call under `parent`; tries the chain in order.
    Task<Result<ChatResponse>> chat(QString parent, std::vector<ModelBinding> chain, ChatRequest request);
    // A tool call under `parent`: check, approval, journal, run. `gate` null: the tool is unknown. What the model can mend
    // is an outcome with isError, not an error.
    // `unknownHint` is told to the model when the tool is unknown (the names there are).
    Task<Result<ToolOutcome>> callTool(QString parent, ToolGate *gate, MessagePart call, QString unknownHint);

    // Bounds. checkLimits() is LimitReached when the next effect would exceed one.
    Result<void> checkLimits() const;
    const Usage &usage() const { return m_usage; }
    int effects() const { return m_effects; }
    // The run's own time: when the last outcome was recorded. The same on replay.
    qint64 nowUs() const { return m_logicalUs; }
    CancelToken cancelToken() const { return m_cancel.token(); }
    RunMode mode() const { return m_options.mode; }
    void emitEvent(RunEvent event);

private:
    // The recorded entry of a step, null when it must run live; Diverged when the journal holds something else.
    Result<const JournalEntry *> recorded(const QString &step, const QString &kind, const QByteArray &hash) const;
    Task<Result<HumanAnswer>> askHuman(QString parent, HumanQuestion question, QString name);
    Task<Result<ToolOutcome>> performTool(QString step, ToolGate *gate, QJsonObject arguments, bool unfinished,
                                          std::vector<ChatNotice> *notices);
    Task<Result<bool>> mayRepeatUnfinished(QString step, ToolGate *gate, QJsonObject arguments, std::vector<ChatNotice> *notices);
    // A note that happened while an effect was under way: goes with its outcome into the journal, so that a replay shows it.
    void keepNote(const QString &step, const QString &name, QJsonObject attributes, std::vector<ChatNotice> *notices);
    Task<Result<void>> record(JournalEntry entry);
    Result<ChatResponse> endChat(const QString &step, const ChainAnswer &answer, qint64 endUs);
    ToolOutcome endTool(const QString &step, const ToolOutcome &outcome, qint64 endUs);
    // What stopped an effect: the person or the deadline.
    Error stopReason() const;
    bool stopped(const Error &error) const;
    qint64 eventTime(const QString &step, bool end) const;
    void emitEnd(const QString &step, StepStatus status, QJsonObject attributes, std::optional<Error> error, QString text,
                 qint64 timeUs);
    template<typename T>
    T redacted(const T &value) const;
    Task<> watchDeadline(qint64 ms);

    RunOptions m_options;
    CancelSource m_cancel;       // follows the caller's token; also fired by the deadline
    CancelSource m_deadlineStop; // ends the watch
    bool m_deadlineHit = false;
    qint64 m_logicalUs = 0;
    int m_effects = 0;
    Usage m_usage;
    QHash<QString, int> m_children; // how many steps each has begun
};

} // namespace lathe
